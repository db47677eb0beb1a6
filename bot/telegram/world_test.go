package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/botapi"
	"handrail/bot/telegram"
)

const (
	practice = handrail.PracticeID("hilltop")
	annChat  = 1001
	secret   = "s3cret_of-the-webhook"
	patience = 10 * time.Second
)

// hidden is a secret as the settings have it.
type hidden string

func (h hidden) Reveal() string { return string(h) }

// machine is the machine's clock, with pauses cut to a hundredth so that nobody waits for politeness.
type machine struct{}

func (machine) Now() time.Time                         { return time.Now() }
func (machine) After(d time.Duration) <-chan time.Time { return time.After(d / 100) }

// world is a bot with its Telegram.
type world struct {
	t       testing.TB
	api     *botapi.Server
	ann     *botapi.Person
	channel *telegram.Channel
	front   *httptest.Server // nil when polling
	log     *logged
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
func ways() map[string]bool { return map[string]bool{"polling": false, "webhook": true} }

type setting func(*telegram.Options)

func newWorld(t testing.TB, webhook bool, apiOptions botapi.Options, settings ...setting) *world {
	t.Helper()
	w := &world{t: t, api: botapi.New(t, apiOptions), log: &logged{}}
	t.Cleanup(w.api.Close)
	w.ann = w.api.Person(annChat)
	o := telegram.Options{
		Token: hidden(w.api.Token()), APIURL: w.api.URL(), Practice: practice, Clock: machine{}, PollTime: 5 * time.Second,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		// Every test has connections of its own.
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	var handler http.Handler
	if webhook {
		w.front = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
		o.WebhookURL, o.WebhookSecret = w.front.URL+"/telegram", hidden(secret)
		t.Cleanup(func() { w.api.Close(); w.front.Close() }) // Telegram stops first
	}
	for _, set := range settings {
		set(&o)
	}
	var err error
	if w.channel, err = telegram.New(o); err != nil {
		t.Fatal(err)
	}
	handler = w.channel.Handler()
	return w
}

// run runs the channel for the length of the test, and waits until it has introduced itself.
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

func (w *world) address() handrail.Address {
	return handrail.Address{Practice: practice, Channel: "telegram", Chat: "1001"}
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

// inbox keeps what is delivered.
type inbox struct {
	mu      sync.Mutex
	updates []bot.Update
	fail    func(bot.Update) bool
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

func (i *inbox) all() []bot.Update {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]bot.Update(nil), i.updates...)
}

// drop is an inbox that takes everything and keeps nothing.
type drop struct{}

func (drop) Deliver(context.Context, bot.Update) error { return nil }
