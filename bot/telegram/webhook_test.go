package telegram_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest/botapi"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
)

const header = "X-Telegram-Bot-Api-Secret-Token"

// watched is a body that tells whether it was read.
type watched struct {
	io.Reader
	read atomic.Bool
}

func (w *watched) Read(p []byte) (int, error) {
	w.read.Store(true)
	return w.Reader.Read(p)
}

const hello = `{"update_id": 9, "message": {"message_id": 5, "date": 1793610000, "chat": {"id": 1001, "type": "private"}, "text": "hello"}}`

// Without the secret nothing is read, nothing is delivered, and the answer is 401, whatever else is wrong.
func TestWebhook_C5(t *testing.T) {
	w := newWorld(t, true, botapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.until("the channel to run", func() bool { return len(w.api.Calls("setWebhook")) == 1 })
	tests := []struct {
		name    string
		method  string
		headers []string
		body    string
		status  int
		reads   bool
		takes   bool
	}{
		{name: "right", headers: []string{secret}, body: hello, status: 200, reads: true, takes: true},
		{name: "missing", body: hello, status: 401},
		{name: "empty", headers: []string{""}, body: hello, status: 401},
		{name: "wrong", headers: []string{"wrong"}, body: hello, status: 401},
		{name: "cut", headers: []string{secret[:len(secret)-1]}, body: hello, status: 401},
		{name: "longer", headers: []string{secret + "x"}, body: hello, status: 401},
		{name: "other case", headers: []string{strings.ToUpper(secret)}, body: hello, status: 401},
		{name: "twice", headers: []string{secret, secret}, body: hello, status: 401},
		{name: "right and wrong", headers: []string{"wrong", secret}, body: hello, status: 401},
		{name: "wrong with a body that is none", headers: []string{"wrong"}, body: `{`, status: 401},
		{name: "wrong with GET", method: http.MethodGet, headers: []string{"wrong"}, status: 401},
		{name: "right with GET", method: http.MethodGet, headers: []string{secret}, body: hello, status: 405},
		{name: "right, not an update", headers: []string{secret}, body: `{"hello": 1}`, status: 400, reads: true},
		{name: "right, cut off", headers: []string{secret}, body: hello[:len(hello)-5], status: 400, reads: true},
		{name: "right, too large (C11)", headers: []string{secret}, body: strings.Repeat(" ", 1<<20) + hello, status: 413, reads: true},
		{name: "right, a kind that is not stored", headers: []string{secret}, body: `{"update_id": 10, "inline_query": {"query": "x"}}`, status: 200, reads: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := len(in.All())
			body := &watched{Reader: strings.NewReader(test.body)}
			method := test.method
			if method == "" {
				method = http.MethodPost
			}
			r := httptest.NewRequestWithContext(t.Context(), method, "https://handrail.example/telegram", body)
			for _, h := range test.headers {
				r.Header.Add(header, h)
			}
			rw := httptest.NewRecorder()
			w.channel.Handler().ServeHTTP(rw, r)
			took := len(in.All()) > before
			if rw.Code != test.status || body.read.Load() != test.reads || took != test.takes {
				t.Errorf("answered %d, read: %v, taken: %v; want %d, %v, %v", rw.Code, body.read.Load(), took, test.status, test.reads, test.takes)
			}
		})
	}
	silent(t, w, nil, secret, "hello")
}

// A bot that polls has no webhook: nobody gets in, not even with an empty secret.
func TestWebhook_NoneConfigured(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	w.run(&rig.Inbox{})
	for _, h := range []string{"", secret} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://handrail.example/telegram", strings.NewReader(hello))
		r.Header.Set(header, h)
		rw := httptest.NewRecorder()
		w.channel.Handler().ServeHTTP(rw, r)
		if rw.Code != http.StatusUnauthorized {
			t.Errorf("answered %d", rw.Code)
		}
	}
}

// Before Run and after it nothing is taken: Telegram keeps it.
func TestWebhook_NotRunning(t *testing.T) {
	w := newWorld(t, true, botapi.Options{})
	post := func() int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://handrail.example/telegram", strings.NewReader(hello))
		r.Header.Set(header, secret)
		rw := httptest.NewRecorder()
		w.channel.Handler().ServeHTTP(rw, r)
		return rw.Code
	}
	if code := post(); code != http.StatusServiceUnavailable {
		t.Errorf("before Run: answered %d", code)
	}
	in := &rig.Inbox{}
	stop := w.start(in)
	w.until("an update to be taken", func() bool { return post() == http.StatusOK })
	stop()
	if code := post(); code != http.StatusServiceUnavailable {
		t.Errorf("after Run: answered %d", code)
	}
	if len(in.All()) != 1 {
		t.Errorf("%d updates were taken", len(in.All()))
	}
}

// While the inbox cannot commit, Telegram is told so, and brings it again in the same order (F6).
func TestWebhook_F6_Away(t *testing.T) {
	w := newWorld(t, true, botapi.Options{})
	fails := 5
	in := &rig.Inbox{Fail: func(bot.Update) bool { fails--; return fails >= 0 }}
	w.run(in)
	var last <-chan struct{}
	for _, s := range []string{"one", "two", "three"} {
		last = w.ann.Send(s)
	}
	w.done("the last update", last)
	var got []string
	for _, u := range in.All() {
		got = append(got, u.Text)
	}
	if strings.Join(got, " ") != "one two three" || w.api.HookTries() != 8 {
		t.Errorf("taken were %q in %d tries", got, w.api.HookTries())
	}
	silent(t, w, nil, "one", "two")
}

// The two ways of receiving do the same with a press: the phone is told once the press is committed, and a message that
// has had its answer shows it (B13).
func TestPress_B13(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webhook, botapi.Options{}, func(o *telegram.Options) {
				o.Spent = func(payload string) bool { return strings.HasPrefix(payload, "q~") }
			})
			in := &rig.Inbox{}
			w.run(in)
			ask := bot.Message{Text: bot.Text{{Spans: []bot.Span{{Text: "Shall I?", Strong: true}}}}, Options: []bot.Option{{Label: "Yes", Payload: "q~1~0"}, {Label: "No", Payload: "q~1~1"}}}
			stays := bot.Message{Text: bot.Para("See you"), Options: []bot.Option{{Label: "Can't come", Payload: "p~visit~1"}}}
			for _, m := range []bot.Message{ask, stays} {
				if _, err := w.channel.Send(t.Context(), w.address(), m); err != nil {
					t.Fatal(err)
				}
			}
			seen := w.ann.Seen()
			first, again := w.ann.Press(seen[0].ID, "Yes"), w.ann.Press(seen[0].ID, "Yes") // within 50 ms
			other := w.ann.Press(seen[1].ID, "Can't come")
			for _, p := range []botapi.Pressed{first, again, other} {
				w.done("a press", p.Done)
				w.until("the answer to a press", func() bool { return p.Answers() == 1 })
			}
			w.until("the buttons to go", func() bool { return len(w.ann.Seen()[0].Keys) == 0 })
			m := w.ann.Seen()[0]
			if m.Text != "Shall I?\n\n» Yes" || len(m.Entities) != 1 || m.Entities[0].Length != len("Shall I?") {
				t.Errorf("the message shows %q with %v", m.Text, m.Entities)
			}
			if len(w.ann.Seen()[1].Keys) != 1 {
				t.Error("a button that stands on its own went")
			}
			if n := len(in.All()); n != 3 {
				t.Errorf("%d presses were delivered", n)
			}
			calls := len(w.api.Calls("answerCallbackQuery"))
			if calls != 3 {
				t.Errorf("%d answers", calls)
			}
		})
	}
}

// A press that could not be committed is not answered: the phone's little clock is the truth.
func TestPress_NotCommittedNotAnswered(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webhook, botapi.Options{})
			tries, let := make(chan bool, 100), make(chan struct{})
			in := &rig.Inbox{Fail: func(bot.Update) bool {
				select {
				case <-let:
					return false
				default:
					tries <- true
					return true
				}
			}}
			w.run(in)
			if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("Well?"), Options: []bot.Option{{Label: "Yes", Payload: "q"}}}); err != nil {
				t.Fatal(err)
			}
			p := w.ann.Press(w.ann.Seen()[0].ID, "Yes")
			for range 3 {
				select {
				case <-tries:
				case <-time.After(rig.Patience):
					t.Fatal("no more tries")
				}
			}
			if p.Answers() != 0 {
				t.Error("the press was answered before it was committed")
			}
			close(let)
			w.done("the press", p.Done)
			w.until("the answer", func() bool { return p.Answers() == 1 })
		})
	}
}

// The bot leaves every group, stores nothing of it, and declines what it did not ask for (B11).
func TestGroup_B11(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webhook, botapi.Options{})
			in := &rig.Inbox{}
			w.run(in)
			w.done("a first word", w.ann.Send("hello")) // from here the kinds of update that the bot wants are known
			first, second := w.api.Group(-1009), w.api.Group(-1010)
			w.done("the invitation", first.Invite())
			w.done("a word in the group", second.Send("/start@handrail_test_bot code"))
			w.done("an inline query", w.ann.Raw("inline_query", `{"id": "1", "from": {"id": 1001, "is_bot": false, "first_name": "x"}, "query": "x", "offset": ""}`))
			w.until("the bot to leave", func() bool { return first.Left() && second.Left() })
			if n := len(in.All()); n != 1 {
				t.Errorf("%d updates were delivered", n)
			}
		})
	}
}

func TestNew(t *testing.T) {
	good := func() telegram.Options {
		return telegram.Options{Token: rig.Secret("123456:ABC-def_9"), Practice: practice, Clock: rig.Hurried{}}
	}
	if _, err := telegram.New(good()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]setting{
		"no token":             func(o *telegram.Options) { o.Token = nil },
		"no practice":          func(o *telegram.Options) { o.Practice = "" },
		"no clock":             func(o *telegram.Options) { o.Clock = nil },
		"not a token":          func(o *telegram.Options) { o.Token = rig.Secret(canary) },
		"a token with a slash": func(o *telegram.Options) { o.Token = rig.Secret("1:" + canary + "/../x") },
		"a webhook without secret": func(o *telegram.Options) {
			o.WebhookURL = "https://h.example/telegram"
		},
		"an empty secret":   func(o *telegram.Options) { o.WebhookURL, o.WebhookSecret = "https://h.example/", rig.Secret("") },
		"not a web address": func(o *telegram.Options) { o.APIURL = "ftp://" + canary },
	} {
		o := good()
		spoil(&o)
		if _, err := telegram.New(o); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	w := newWorld(t, false, botapi.Options{})
	w.run(&rig.Inbox{})
	w.done("a first word", w.ann.Send("hello"))
	if err := w.channel.Run(t.Context(), &rig.Inbox{}); err == nil || errors.Is(err, rig.ErrAway) {
		t.Error("it ran twice at once")
	}
}
