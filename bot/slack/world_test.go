package slack_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

const (
	practice = handrail.PracticeID("hilltop")
	patience = 10 * time.Second
)

// hidden is a secret as the settings have it.
type hidden string

func (h hidden) Reveal() string { return string(h) }

// machine is the machine's clock, with pauses cut to a hundredth so that nobody waits for politeness. Long ones are as
// they are: they watch over what is alive.
type machine struct{}

func (machine) Now() time.Time { return time.Now() }

func (machine) After(d time.Duration) <-chan time.Time {
	if d >= time.Minute {
		return time.After(d)
	}
	return time.After(d / 100)
}

// world is an app with its Slack.
type world struct {
	t       testing.TB
	api     *slackapi.Server
	team    *slackapi.Team
	rao     *slackapi.Person
	channel *slack.Channel
	front   *httptest.Server // nil in Socket Mode
	log     *logged
	make    func() *slack.Channel
	handler atomic.Pointer[handling]
}

// logged is what was logged, for looking through.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logged) count(words string) int { return strings.Count(l.String(), words) }

// ways are the two ways of receiving.
func ways() map[string]bool { return map[string]bool{"socket": false, "http": true} }

type setting func(*slack.Options)

func newWorld(t testing.TB, overHTTP bool, apiOptions slackapi.Options, settings ...setting) *world {
	t.Helper()
	if apiOptions.Retries == nil {
		apiOptions.Retries = []time.Duration{0, time.Millisecond, 5 * time.Millisecond}
	}
	w := &world{t: t, api: slackapi.New(t, apiOptions), log: &logged{}}
	t.Cleanup(w.api.Close)
	w.team = w.api.Team("T0HILLTOP")
	w.rao = w.team.Person("U0RAO")
	o := slack.Options{
		BotToken: hidden(w.team.Token()), APIURL: w.api.URL(), Practice: practice, Clock: machine{},
		Log:   slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Spent: func(payload string) bool { return strings.HasPrefix(payload, "q~") },
		// Every test has connections of its own.
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	if overHTTP {
		w.front = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.Load().ServeHTTP(rw, r) }))
		o.SigningSecret = hidden(w.api.SigningSecret())
		w.api.SetEndpoint(w.front.URL)
		t.Cleanup(func() { w.api.Close(); w.front.Close() }) // Slack stops first
	} else {
		o.AppToken = hidden(w.api.AppToken())
	}
	for _, set := range settings {
		set(&o)
	}
	w.make = func() *slack.Channel {
		c, err := slack.New(o)
		if err != nil {
			t.Fatal(err)
		}
		w.handler.Store(&handling{c.Handler()})
		return c
	}
	w.channel = w.make()
	return w
}

// handling is who answers now: another one after a restart.
type handling struct{ http.Handler }

// run runs the channel for the length of the test.
func (w *world) run(in bot.Inbox) {
	w.t.Helper()
	stop := w.start(in)
	w.t.Cleanup(stop)
}

func (w *world) start(in bot.Inbox) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.channel.Run(ctx, in) }()
	return sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				w.t.Errorf("run: %v", err)
			}
		case <-time.After(patience):
			w.t.Error("run did not end")
		}
	})
}

func (w *world) address() handrail.Address { return slack.Address(practice, "T0HILLTOP", "U0RAO") }

// in is the address of the same person in a channel.
func (w *world) in(room string) handrail.Address {
	a := w.address()
	a.Thread = room
	return a
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	if !w.api.Until(patience, ok) {
		w.t.Fatalf("waited in vain for %s; the log says:\n%s", what, w.log)
	}
}

func (w *world) done(what string, c <-chan struct{}) {
	w.t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		w.t.Fatalf("waited in vain for %s; the log says:\n%s", what, w.log)
	}
}

// inbox keeps what is delivered, and knows the open question.
type inbox struct {
	mu       sync.Mutex
	updates  []bot.Update
	fail     func(bot.Update) bool
	question func(handrail.Address) (bot.Message, bool)
}

var errAway = errors.New("the inbox is away")

func (i *inbox) Deliver(_ context.Context, u bot.Update) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil && i.fail(u) {
		return errAway
	}
	i.updates = append(i.updates, u)
	return nil
}

func (i *inbox) Question(_ context.Context, from handrail.Address) (bot.Message, bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.question == nil {
		return bot.Message{}, false, nil
	}
	m, ok := i.question(from)
	return m, ok, nil
}

func (i *inbox) all() []bot.Update {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]bot.Update(nil), i.updates...)
}

// drop is an inbox that takes everything and keeps nothing.
type drop struct{}

func (drop) Deliver(context.Context, bot.Update) error { return nil }

// moved is a clock that a test moves; its pauses are the machine's, a hundredth.
type moved struct {
	machine
	mu sync.Mutex
	at time.Time
}

func (m *moved) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *moved) set(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = at
}
