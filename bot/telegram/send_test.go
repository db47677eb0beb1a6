package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/botapi"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
)

// canary is in everything that must not be in a log or an error.
const canary = "CANARY"

func secretToken(o *botapi.Options) { o.Token = "123456:" + canary + "-token" }

// How each failure is to be understood (F2, F8, F9, L6), and that none of them tells the token, the chat or the words
// (C5): the error, everything beneath it, and the log.
func TestSend_C5_Failures(t *testing.T) {
	refused := func(status int, description string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			w.api.Faults(botapi.Fault{Status: status, Description: description})
		}
	}
	const moved = -100777
	tests := []struct {
		name    string
		arrange func(*testing.T, *world)
		outcome bot.Outcome
		after   time.Duration
		shown   int // that the person sees all the same
		chat    string
	}{
		{name: "blocked", arrange: func(t *testing.T, w *world) { w.done("the block", block(w)) }, outcome: bot.OutcomeGone},
		{name: "deactivated", arrange: func(_ *testing.T, w *world) { w.ann.Deactivate() }, outcome: bot.OutcomeGone},
		{name: "another 403", arrange: refused(403, "Forbidden: "+canary), outcome: bot.OutcomeGone},
		{name: "no such chat", arrange: func(*testing.T, *world) {}, chat: "424242", outcome: bot.OutcomeGone},
		{name: "moved", arrange: func(_ *testing.T, w *world) { w.api.Group(moved).Migrate(-100778) }, chat: fmt.Sprint(moved), outcome: bot.OutcomeGone},
		{name: "too many", arrange: func(_ *testing.T, w *world) {
			w.api.Faults(botapi.Fault{Status: 429, Description: "Too Many Requests: retry after 17", RetryAfter: 17})
		}, outcome: bot.OutcomeRetry, after: 17 * time.Second},
		{name: "token revoked", arrange: func(_ *testing.T, w *world) { w.api.Revoke(true) }, outcome: bot.OutcomeRetry, after: 5 * time.Minute},
		{name: "another 400", arrange: refused(400, "Bad Request: strange "+canary), outcome: bot.OutcomeRefused},
		{name: "button refused", arrange: refused(400, "Bad Request: BUTTON_DATA_INVALID"), outcome: bot.OutcomeRefused},
		{name: "500", arrange: refused(500, "Internal Server Error "+canary), outcome: bot.OutcomeUnknown},
		{name: "a proxy's page", arrange: func(_ *testing.T, w *world) {
			w.api.Faults(botapi.Fault{Status: 502, Body: "<html>" + canary})
		}, outcome: bot.OutcomeUnknown},
		{name: "a page that says 200", arrange: func(_ *testing.T, w *world) {
			w.api.Faults(botapi.Fault{Status: 200, Body: "<html>" + canary})
		}, outcome: bot.OutcomeUnknown},
		{name: "a page that says unavailable", arrange: func(_ *testing.T, w *world) {
			w.api.Faults(botapi.Fault{Status: 503, Body: "<html>" + canary})
		}, outcome: bot.OutcomeRetry},
		{name: "a redirect", arrange: func(_ *testing.T, w *world) {
			w.api.Faults(botapi.Fault{Status: 302, Body: "elsewhere " + canary})
		}, outcome: bot.OutcomeUnknown},
		{name: "reply lost (F2)", arrange: func(_ *testing.T, w *world) { w.api.Faults(botapi.Fault{Drop: botapi.DropAfter}) }, outcome: bot.OutcomeUnknown, shown: 1},
		{name: "connection broke", arrange: func(_ *testing.T, w *world) { w.api.Faults(botapi.Fault{Drop: botapi.DropBefore}) }, outcome: bot.OutcomeUnknown},
		{name: "hangs", arrange: func(_ *testing.T, w *world) { w.api.Faults(botapi.Fault{Hang: true}) }, outcome: bot.OutcomeUnknown},
		{name: "nobody listens", arrange: func(_ *testing.T, w *world) { w.api.Close() }, outcome: bot.OutcomeRetry},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var o botapi.Options
			secretToken(&o)
			w := newWorld(t, false, o)
			test.arrange(t, w)
			to := w.address()
			if test.chat != "" {
				to.Chat = test.chat
			}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := w.channel.Send(ctx, to, bot.Message{Text: bot.Para("words that are " + canary)})
			outcome, after := bot.OutcomeOf(err)
			if err == nil || outcome != test.outcome || after != test.after {
				t.Errorf("understood as %q after %v, want %q after %v; %v", outcome, after, test.outcome, test.after, err)
			}
			silent(t, w, err, to.Chat)
			if n := len(w.ann.Seen()); n != test.shown {
				t.Errorf("the person sees %d messages, want %d", n, test.shown)
			}
		})
	}
}

func block(w *world) <-chan struct{} {
	done := w.ann.Block()
	in := &rig.Inbox{}
	stop := w.start(in)
	defer stop()
	<-done
	return done
}

// silent fails when the error, anything it wraps, or the log tells what it must not.
func silent(t *testing.T, w *world, err error, never ...string) {
	t.Helper()
	texts := []string{w.log.String(), fmt.Sprintf("%s %v %+v %#v", w.channel, w.channel, w.channel, w.channel)}
	for e := err; e != nil; e = errors.Unwrap(e) {
		texts = append(texts, e.Error(), fmt.Sprintf("%v %+v %#v", e, e, e))
	}
	pointer := regexp.MustCompile(`0x[0-9a-f]+`) // may have any digits in it
	for _, s := range append(never, canary, "123456:", "127.0.0.1") {
		for _, text := range texts {
			if strings.Contains(pointer.ReplaceAllString(text, ""), s) {
				t.Errorf("%q is in %q", s, text)
			}
		}
	}
}

// Connections that cannot be made: nothing was sent, and the errors of the dialler, which print the address, stay here.
func TestSend_C5_NoConnection(t *testing.T) {
	dial := func(err error) *http.Client {
		return &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}}
	}
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	defer tls.Close()
	tls.Config.ErrorLog = nil
	for name, client := range map[string]*http.Client{
		"no such name": dial(&net.DNSError{Err: "no such host " + canary, Name: canary, IsNotFound: true}),
		"refused":      dial(&net.OpError{Op: "dial", Err: errors.New("connection refused " + canary)}),
		"unknown certificate": {Transport: &http.Transport{DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return nil, errors.New("x509: " + canary)
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			log := &rig.Log{}
			c, err := telegram.New(telegram.Options{
				Token: rig.Secret("123456:" + canary), APIURL: "https://" + strings.ToLower(canary) + ".example", Practice: practice, Clock: rig.Hurried{},
				Client: client, Log: slog.New(slog.NewTextHandler(log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Send(t.Context(), handrail.Address{Practice: practice, Channel: "telegram", Chat: "1001"}, bot.Message{Text: bot.Para("hello")})
			if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRetry {
				t.Errorf("understood as %q", outcome)
			}
			silent(t, &world{channel: c, log: log}, err, strings.ToLower(canary), "1001")
		})
	}
}

// A wrong address is refused before anything is called.
func TestSend_NotOurAddress(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	for _, to := range []handrail.Address{
		{}, {Practice: practice, Channel: "web", Chat: "1001"}, {Practice: "other", Channel: "telegram", Chat: "1001"},
		{Practice: practice, Channel: "telegram", Chat: "@somebody"}, {Practice: practice, Channel: "telegram", Chat: "1001", Thread: "1"},
	} {
		_, err := w.channel.Send(t.Context(), to, bot.Message{Text: bot.Para("hello")})
		if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRefused {
			t.Errorf("%q was sent to", to.Key())
		}
		if err := w.channel.Edit(t.Context(), to, "11", bot.Message{Text: bot.Para("hello")}); err == nil {
			t.Errorf("%q was edited", to.Key())
		}
	}
	if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{}); err == nil {
		t.Error("nothing was sent")
	}
	if n := len(w.api.Calls()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

// Markup that Telegram can't read must not keep the words from the person (B19).
func TestSend_B19_PlainInstead(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	w.api.Faults(botapi.Fault{Status: 400, Description: "Bad Request: can't parse entities: Unsupported start tag \"" + canary + "\" at byte offset 5"})
	_, err := w.channel.Send(t.Context(), w.address(), bot.Message{
		Text:    bot.Text{{Spans: []bot.Span{{Text: "a < b & "}, {Text: "bold", Strong: true}}}},
		Options: []bot.Option{{Label: "Yes", Payload: "q~1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := w.ann.Seen()
	if len(seen) != 1 || seen[0].Text != "a < b & bold" || len(seen[0].Entities) != 0 || len(seen[0].Keys) != 1 {
		t.Errorf("the person sees %+v", seen)
	}
	silent(t, w, nil)
}

// A message of several parts: a pause that Telegram asks for between them is waited for, and any other failure after
// the first part is a doubt.
func TestSend_Parts(t *testing.T) {
	place := bot.Message{
		Text: bot.Para("It is here:"), Place: &bot.Place{Name: "Hall", Address: "1 High Street", At: handrail.Point{Lat: 51.88, Lon: -0.42}},
		Options: []bot.Option{{Label: "Thanks", Payload: "q~1"}},
	}
	w := newWorld(t, false, botapi.Options{})
	w.api.Faults(botapi.Fault{Method: "sendVenue", Status: 429, RetryAfter: 2})
	ref, err := w.channel.Send(t.Context(), w.address(), place)
	if err != nil {
		t.Fatal(err)
	}
	seen := w.ann.Seen()
	if len(seen) != 2 || len(seen[0].Keys) != 0 || len(seen[1].Keys) != 1 || fmt.Sprint(seen[1].ID) != string(ref) {
		t.Errorf("the person sees %+v, and the reference is %q", seen, ref)
	}
	for _, f := range []botapi.Fault{{Method: "sendVenue", Status: 429, RetryAfter: 60}, {Method: "sendVenue", Drop: botapi.DropBefore}} {
		w.api.Faults(f)
		_, err := w.channel.Send(t.Context(), w.address(), place)
		if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeUnknown {
			t.Errorf("half a message is %q", outcome)
		}
	}
	w.api.Faults(botapi.Fault{Method: "sendMessage", Status: 429, RetryAfter: 60})
	_, err = w.channel.Send(t.Context(), w.address(), place)
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRetry {
		t.Errorf("nothing of a message is %q", outcome)
	}
}

func TestSend_EmojiBeyondTheLimit(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	text := strings.Repeat("😭 ", 1500) // 3,000 characters, 4,500 units
	if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para(text), Options: []bot.Option{{Label: "Ok", Payload: "x"}}}); err != nil {
		t.Fatal(err)
	}
	n := 0
	seen := w.ann.Seen()
	for _, m := range seen {
		n += strings.Count(m.Text, "😭")
	}
	if n != 1500 || len(seen) != 2 || len(seen[0].Keys) != 0 || len(seen[1].Keys) == 0 {
		t.Errorf("%d of 1500 in %d messages", n, len(seen))
	}
}

func TestEdit(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	first := bot.Message{Text: bot.Para("Well?"), Options: []bot.Option{{Label: "Yes", Payload: "q~1"}}}
	ref, err := w.channel.Send(t.Context(), w.address(), first)
	if err != nil {
		t.Fatal(err)
	}
	second := bot.Message{Text: bot.Text{{Spans: []bot.Span{{Text: "Well? "}, {Text: "Yes <3", Strong: true}}}}}
	for range 2 { // the second time there is nothing to change, which is no error
		if err := w.channel.Edit(t.Context(), w.address(), ref, second); err != nil {
			t.Fatal(err)
		}
	}
	if m := w.ann.Seen()[0]; m.Text != "Well? Yes <3" || len(m.Keys) != 0 || m.Edits != 1 {
		t.Errorf("the person sees %+v", m)
	}
	file := bot.Message{Text: bot.Para("The letter"), Files: []bot.File{{Name: "a.pdf", MIME: "application/pdf", Data: []byte("x")}}, Options: first.Options}
	ref, err = w.channel.Send(t.Context(), w.address(), file)
	if err != nil {
		t.Fatal(err)
	}
	file.Text, file.Options = bot.Para("Your letter"), nil
	if err := w.channel.Edit(t.Context(), w.address(), ref, file); err != nil {
		t.Fatal(err)
	}
	if m := w.ann.Seen()[1]; m.Text != "Your letter" || len(m.Keys) != 0 {
		t.Errorf("the person sees %+v", m)
	}
	if err := w.channel.Edit(t.Context(), w.address(), "99999", second); err == nil {
		t.Error("a message that is not there was edited")
	}
}

// What exactly is written for every kind of message.
func TestSend_Golden(t *testing.T) {
	yes := []bot.Option{{Label: "Yes, please do that for me", Payload: "q~1~a~0", Style: "main"}, {Label: "No", Payload: "q~1~a~1"}}
	picture := bot.File{Name: "hall.png", MIME: "image/png", Data: []byte("PNG"), Alt: "A red door with a ramp"}
	calendar := bot.File{Name: "../../session.ics", MIME: "text/calendar", Data: []byte("BEGIN:VCALENDAR")}
	hall := &bot.Place{Name: "St Mary's <Hall>", Address: "1 High Street & Co", At: handrail.Point{Lat: 51.88, Lon: -0.42}}
	numbers := make([]bot.Option, 11)
	for i := range numbers {
		numbers[i] = bot.Option{Label: fmt.Sprint(i), Payload: fmt.Sprintf("q~%d", i)}
	}
	tests := []struct {
		name string
		m    bot.Message
	}{
		{"words", bot.Message{Text: bot.Text{
			{Spans: []bot.Span{{Text: "Hello <Sam> & \"co\""}}}, {Item: true, Spans: []bot.Span{{Text: "Tai chi", Strong: true}, {Text: ", free"}}},
			{Item: true, Spans: []bot.Span{{Text: "Choir", Link: "https://choir.example/?a=1&b=\"2\""}}}, {Spans: []bot.Span{{Text: "tap", Link: "tg://user?id=1"}}},
		}}},
		{"long labels", bot.Message{Text: bot.Para("Well?"), Options: yes}},
		{"short labels", bot.Message{Text: bot.Para("Well?"), Options: []bot.Option{{Label: "Yes", Payload: "a"}, {Label: "No", Payload: "b"}, {Label: "Urgent help", Payload: "c", Style: "urgent"}}}},
		{"numbers", bot.Message{Text: bot.Para("From 0 to 10?"), Options: numbers}},
		{"a link to press", bot.Message{Text: bot.Para("Map:"), Options: []bot.Option{{Label: "Open", Link: "https://maps.example/?q=1"}, {Label: "dead"}}}},
		{"buttons alone", bot.Message{Options: yes}},
		{"place", bot.Message{Text: bot.Para("It is here:"), Place: hall, Options: yes}},
		{"place alone", bot.Message{Place: hall}},
		{"picture", bot.Message{Text: bot.Para("What it looks like"), Files: []bot.File{picture}, Options: yes}},
		{"picture alone", bot.Message{Files: []bot.File{picture}}},
		{"picture with many words", bot.Message{Text: bot.Para(strings.Repeat("words ", 200)), Files: []bot.File{picture}, Options: yes}},
		{"calendar", bot.Message{Text: bot.Para("For your calendar"), Files: []bot.File{calendar}}},
		{"everything", bot.Message{Text: bot.Para("All of it"), Files: []bot.File{picture, calendar}, Place: hall, Options: yes}},
	}
	var out strings.Builder
	for _, test := range tests {
		fmt.Fprintf(&out, "# %s\n", test.name)
		var requests []string
		api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			requests = append(requests, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]+" "+written(t, r))
			fmt.Fprint(rw, `{"ok": true, "result": {"message_id": 5}}`)
		}))
		c, err := telegram.New(telegram.Options{Token: rig.Secret("1:a"), APIURL: api.URL, Practice: practice, Clock: rig.Hurried{}})
		if err != nil {
			t.Fatal(err)
		}
		to := handrail.Address{Practice: practice, Channel: "telegram", Chat: "1001"}
		if _, err := c.Send(t.Context(), to, test.m); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		api.Close()
		out.WriteString(strings.Join(requests, "\n") + "\n\n")
		// And the strict server takes it.
		w := newWorld(t, false, botapi.Options{})
		if _, err := w.channel.Send(t.Context(), to, test.m); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	const golden = "testdata/send.golden"
	if flag.Lookup("update").Value.String() == "true" { // the transcripts' flag
		if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("written is not as in %s (go test -update writes it anew):\n%s", golden, out.String())
	}
}

// written is a request's body in one line.
func written(t *testing.T, r *http.Request) string {
	kind, args, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if kind == "application/json" {
		return string(body)
	}
	form := multipart.NewReader(bytes.NewReader(body), args["boundary"])
	var parts []string
	for {
		p, err := form.NextPart()
		if err != nil {
			break
		}
		data, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		s := fmt.Sprintf("%s=%q", p.FormName(), data)
		if p.FileName() != "" {
			s += fmt.Sprintf(" (%s, %s)", p.FileName(), p.Header.Get("Content-Type"))
		}
		parts = append(parts, s)
	}
	sort.Strings(parts)
	return strings.Join(slices.Compact(parts), "; ")
}
