package bottest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
)

// Network is what an adapter lends to Channels: the channel, and the world outside that it talks with (a server that
// plays the chat network, a browser).
type Network interface {
	// Channel is the channel under test, over a network where nothing has happened yet.
	Channel() bot.Channel
	// Address is that of one person who can be written to.
	Address() handrail.Address
	// Text makes that person write words. What it returns is closed once the network takes them for delivered; until
	// then it delivers them again, in its own way and its own time.
	Text(words string) <-chan struct{}
	// Press makes them press option i of the message that Send returned ref for, and Submit send its form in.
	Press(ref bot.Ref, i int) <-chan struct{}
	Submit(ref bot.Ref, fields map[string]string) <-chan struct{}
	// Shown is what that person sees, in order: what the network was given, with the network's markup read as the
	// person's phone reads it. Styles don't count.
	Shown() []bot.Message
}

// patience is how long a suite waits for what must happen.
const patience = 10 * time.Second

// Channels is the suite that every channel must pass: it acknowledges only what was delivered, shows messages to the
// letter, brings payloads back byte for byte, can carry what its limits promise, sends from several goroutines at once,
// and ends when it is told to. open makes a new network for each part.
func Channels(t *testing.T, open func(t *testing.T) Network) {
	for name, part := range map[string]func(*testing.T, Network){
		"limits": channelLimits, "acknowledges": channelAcknowledges, "verbatim": channelVerbatim, "heard": channelHears,
		"payloads": channelPayloads, "form": channelForm, "most": channelMost, "files and places": channelThings,
		"concurrent": channelConcurrent, "ends": channelEnds,
	} {
		t.Run(name, func(t *testing.T) { part(t, open(t)) })
	}
}

// recorder is an Inbox that keeps what was delivered and fails as it is told.
type recorder struct {
	mu      sync.Mutex
	updates []bot.Update
	fail    int
	got     chan bot.Update // every try
	hold    chan struct{}   // when set, a try waits for it
}

func newRecorder() *recorder { return &recorder{got: make(chan bot.Update, 256)} }

func (r *recorder) Deliver(ctx context.Context, u bot.Update) error {
	r.mu.Lock()
	hold := r.hold
	r.mu.Unlock()
	r.got <- u
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail > 0 {
		r.fail--
		return errors.New("the inbox is away")
	}
	r.updates = append(r.updates, u)
	return nil
}

// runChannel runs a channel for the length of the test.
func runChannel(t *testing.T, n Network, in bot.Inbox) bot.Channel {
	t.Helper()
	c := n.Channel()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, in) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("run: %v; want nil when the context ends", err)
			}
		case <-time.After(patience):
			t.Error("run did not end when the context ended")
		}
	})
	return c
}

func await[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited %s in vain for %s", patience, what)
	}
	return v
}

func channelLimits(t *testing.T, n Network) {
	l := n.Channel().Limits()
	if n.Channel().Name() == "" || n.Channel().Name() != n.Address().Channel {
		t.Errorf("the channel is named %q and the address says %q", n.Channel().Name(), n.Address().Channel)
	}
	if l.TextChars < 100 {
		t.Errorf("a message of %d characters is too short for the urgent-help card's lines", l.TextChars)
	}
	if l.Options > 0 && (l.LabelChars < 1 || l.PayloadBytes < 64) {
		t.Errorf("buttons with labels of %d characters and payloads of %d bytes: the engine needs 64 bytes", l.LabelChars, l.PayloadBytes)
	}
}

func channelAcknowledges(t *testing.T, n Network) {
	in := newRecorder()
	in.fail, in.hold = 2, make(chan struct{})
	runChannel(t, n, in)
	acked := n.Text("hello")
	for i := range 3 {
		await(t, fmt.Sprintf("delivery %d of an update that was not acknowledged", i+1), in.got)
		select {
		case <-acked:
			t.Fatal("the update was acknowledged before Deliver returned")
		default:
		}
		in.hold <- struct{}{}
	}
	await(t, "the acknowledgement", acked)
	again := n.Text("hello")
	await(t, "the next update", in.got)
	in.hold <- struct{}{}
	await(t, "its acknowledgement", again)
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.updates) != 2 {
		t.Fatalf("%d updates were committed, want 2", len(in.updates))
	}
	if in.updates[0].ID == "" || in.updates[0].ID == in.updates[1].ID {
		t.Errorf("two updates have the ids %q and %q", in.updates[0].ID, in.updates[1].ID)
	}
	close(in.got)
	for u := range in.got {
		t.Errorf("an update too many: %q", u.ID)
	}
}

// awkward are texts that markup, encodings and links may damage (B3, B5, B18, B19, B20).
func awkward() []string {
	return []string{
		"plain words", "*bold* _slant_ ~gone~ `code` ```block```", "a < b & c > d &amp; &lt;b&gt;", "<b>not bold</b><script>alert(1)</script>",
		"[x](tg://user?id=1) unbalanced *_[ ](", "<!channel> <!here> @here <@U123> <https://evil.example|nhs.uk>", "https://example.org/a?b=c&d=e#f",
		"👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 👍🏽 😭", "Þóra O'Neill-Ng", "مرحبا שלום", "'; DROP TABLE people; --", "{{7*7}} ${jndi:ldap://x} %00 ../../etc/passwd",
		"a\\b \\n \\u0041", "Tuesday 3/4, 2-3pm. (free!) #1 +44 1582 000000 = x|y", "> quoted", "1. first", "- item",
	}
}

func channelVerbatim(t *testing.T, n Network) {
	c := runChannel(t, n, newRecorder())
	var want []string
	for _, s := range awkward() {
		m := bot.Message{Text: bot.Text{
			{Spans: []bot.Span{{Text: s + " "}, {Text: s, Strong: true}}},
			{Item: true, Spans: []bot.Span{{Text: "x " + s}}}, {Item: true, Spans: []bot.Span{{Text: "y"}}},
			{Spans: []bot.Span{{Text: "end"}}},
		}}
		if c.Limits().Options > 0 && len([]rune(s)) <= c.Limits().LabelChars {
			m.Options = []bot.Option{{Label: s, Payload: "q~1~a~0"}}
		}
		for _, part := range bot.Fit(m, c.Limits()) {
			if _, err := c.Send(t.Context(), n.Address(), part); err != nil {
				t.Fatalf("send %q: %v", s, err)
			}
			want = append(want, readable(part))
		}
	}
	compareShown(t, n, want)
}

// readable is what a person can read of a message, whatever the styles.
func readable(m bot.Message) string {
	return strings.Join(ShownEntry("X", m).lines(), "\n")
}

func compareShown(t *testing.T, n Network, want []string) {
	t.Helper()
	var got []string
	for _, m := range n.Shown() {
		got = append(got, readable(m))
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("message %d was not shown: %q", i+1, want[i])
		case i >= len(want):
			t.Errorf("message %d was shown and not sent: %q", i+1, got[i])
		case got[i] != want[i]:
			t.Errorf("message %d was shown as\n%q\nand sent as\n%q", i+1, got[i], want[i])
		}
	}
}

func channelHears(t *testing.T, n Network) {
	in := newRecorder()
	runChannel(t, n, in)
	for _, s := range awkward() {
		acked := n.Text(s)
		u := await(t, fmt.Sprintf("the delivery of %q", s), in.got)
		if u.Text != s || u.Kind != bot.UpdateText || u.From != n.Address() || u.At.IsZero() || u.Danger != "" {
			t.Errorf("%q came in as %q, kind %q, from the right address: %v, at %v, danger %q", s, u.Text, u.Kind, u.From == n.Address(), u.At, u.Danger)
		}
		await(t, "the acknowledgement", acked)
	}
}

func channelPayloads(t *testing.T, n Network) {
	in := newRecorder()
	c := runChannel(t, n, in)
	l := c.Limits()
	if l.Options == 0 {
		t.Skip("the channel has no buttons")
	}
	full := "p~find~" + strings.Repeat("Az09-_", 20)
	payloads := []string{"q~1z141z3~1wqo2vs~0", "l~1~yes", "c~1~0~abc", full[:64]}
	for _, p := range payloads {
		m := bot.Message{Text: bot.Para("Which?"), Options: []bot.Option{{Label: "Other", Payload: "q~other~0"}, {Label: "This", Payload: p}}}
		if l.Options < 2 {
			m.Options = m.Options[1:]
		}
		ref, err := c.Send(t.Context(), n.Address(), m)
		if err != nil {
			t.Fatalf("send: %v", err)
		}
		acked := n.Press(ref, len(m.Options)-1)
		u := await(t, "the press", in.got)
		if u.Kind != bot.UpdatePress || u.Choice != p || u.From != n.Address() || u.ID == "" {
			t.Errorf("a press of %q came in as kind %q, %q", p, u.Kind, u.Choice)
		}
		await(t, "the acknowledgement", acked)
	}
}

func channelForm(t *testing.T, n Network) {
	in := newRecorder()
	c := runChannel(t, n, in)
	if !c.Limits().Forms {
		t.Skip("the channel has no forms")
	}
	form := &bot.Form{Token: "q~1~form~0", Title: "About you", Submit: "Send", Fields: []bot.Field{
		{Name: "name", Label: "Name", Kind: bot.FieldLine, Required: true, MaxChars: 60},
		{Name: "note", Label: "Anything else?", Kind: bot.FieldWords, MaxChars: 500},
		{Name: "year", Label: "Year of birth", Kind: bot.FieldNumber, Min: 1900, Max: 2010},
		{Name: "day", Label: "Day", Kind: bot.FieldChoice, Options: []bot.Option{{Answer: "tue", Label: "Tuesday"}, {Answer: "wed", Label: "Wednesday"}}},
		{Name: "agree", Label: "I agree", Kind: bot.FieldTick},
	}}
	ref, err := c.Send(t.Context(), n.Address(), bot.Message{Text: bot.Para("Please fill this in."), Form: form})
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	want := map[string]string{"name": "Þóra <b>O'Neill</b> & co", "note": "two\nlines *here*", "year": "1951", "day": "wed", "agree": "yes"}
	acked := n.Submit(ref, want)
	u := await(t, "the form", in.got)
	if u.Kind != bot.UpdateForm || u.Form != form.Token || u.From != n.Address() {
		t.Errorf("the form came in as kind %q with token %q", u.Kind, u.Form)
	}
	for name, v := range want {
		if u.Fields[name] != v {
			t.Errorf("field %s came in as %q, want %q", name, u.Fields[name], v)
		}
	}
	await(t, "the acknowledgement", acked)
}

// channelMost sends the most that the limits promise, as Fit makes it.
func channelMost(t *testing.T, n Network) {
	c := runChannel(t, n, newRecorder())
	l := c.Limits()
	long := bot.Message{Text: bot.Para(strings.Repeat("é", l.TextChars))}
	for i := range l.Options {
		label := fmt.Sprintf("%d ", i+1)
		label += strings.Repeat("ö", max(l.LabelChars-len(label), 0))
		payload := fmt.Sprintf("q~%d~", i)
		payload += strings.Repeat("x", 64-len(payload))
		long.Options = append(long.Options, bot.Option{Label: string([]rune(label)[:min(l.LabelChars, len([]rune(label)))]), Payload: payload})
	}
	huge := bot.Message{Text: bot.Para(strings.Repeat("words and words ", l.TextChars/6)), Options: slices.Clone(long.Options)}
	var want []string
	for _, m := range []bot.Message{long, huge} {
		for _, part := range bot.Fit(m, l) {
			if _, err := c.Send(t.Context(), n.Address(), part); err != nil {
				t.Fatalf("a message within the limits was not sent: %v", err)
			}
			want = append(want, readable(part))
		}
	}
	compareShown(t, n, want)
}

func channelThings(t *testing.T, n Network) {
	c := runChannel(t, n, newRecorder())
	l := c.Limits()
	var want []string
	send := func(m bot.Message) {
		t.Helper()
		if _, err := c.Send(t.Context(), n.Address(), m); err != nil {
			t.Fatalf("send: %v", err)
		}
		want = append(want, readable(m))
	}
	if l.Places {
		send(bot.Message{Text: bot.Para("It is here:"), Place: &bot.Place{Name: "St Mary's <Hall>", Address: "1 High Street & Co, Luton", At: handrail.Point{Lat: 51.88, Lon: -0.42}}})
	}
	if l.Files {
		send(bot.Message{Text: bot.Para("The letter:"), Files: []bot.File{{Name: "letter.pdf", MIME: "application/pdf", Data: []byte("%PDF-1.4\n"), Alt: "A letter"}}})
	}
	compareShown(t, n, want)
}

func channelConcurrent(t *testing.T, n Network) {
	c := runChannel(t, n, newRecorder())
	const many = 16
	refs := make([]bot.Ref, many)
	var senders sync.WaitGroup
	for i := range many {
		senders.Go(func() {
			var err error
			if refs[i], err = c.Send(context.Background(), n.Address(), bot.Message{Text: bot.Para(fmt.Sprintf("message %02d", i))}); err != nil {
				t.Errorf("send: %v", err)
			}
		})
	}
	senders.Wait()
	var shown []string
	for _, m := range n.Shown() {
		shown = append(shown, m.Text.Plain())
	}
	slices.Sort(shown)
	for i := range many {
		if i >= len(shown) || shown[i] != fmt.Sprintf("message %02d", i) {
			t.Fatalf("shown were %q, want each of %d messages once", shown, many)
		}
	}
	slices.Sort(refs)
	if refs[0] == "" || len(slices.Compact(refs)) != many {
		t.Errorf("references are empty or the same: %q", refs)
	}
}

// channelEnds: runChannel's cleanup checks that Run ends; here a send whose time is over is not said to have worked.
func channelEnds(t *testing.T, n Network) {
	c := runChannel(t, n, newRecorder())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Send(ctx, n.Address(), bot.Message{Text: bot.Para("too late")}); err == nil {
		t.Error("a send whose context had ended was said to have worked")
	}
	if len(n.Shown()) != 0 {
		t.Error("a send whose context had ended was shown")
	}
}
