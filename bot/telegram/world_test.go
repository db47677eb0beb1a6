package telegram_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/botapi"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
)

const (
	practice = rig.Practice
	annChat  = 1001
	secret   = "s3cret_of-the-webhook"
)

// world is a bot with its Telegram.
type world struct {
	t       testing.TB
	api     *botapi.Server
	ann     *botapi.Person
	channel *telegram.Channel
	front   *httptest.Server // nil when polling
	log     *rig.Log
}

// ways are the two ways of receiving.
func ways() map[string]bool { return map[string]bool{"polling": false, "webhook": true} }

type setting func(*telegram.Options)

func newWorld(t testing.TB, webhook bool, apiOptions botapi.Options, settings ...setting) *world {
	t.Helper()
	w := &world{t: t, api: botapi.New(t, apiOptions), log: &rig.Log{}}
	t.Cleanup(w.api.Close)
	w.ann = w.api.Person(annChat)
	o := telegram.Options{
		Token: rig.Secret(w.api.Token()), APIURL: w.api.URL(), Practice: practice, Clock: rig.Hurried{}, PollTime: 5 * time.Second,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		// Every test has connections of its own.
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	var handler http.Handler
	if webhook {
		w.front = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
		o.WebhookURL, o.WebhookSecret = w.front.URL+"/telegram", rig.Secret(secret)
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
	return rig.Start(w.t, w.channel, in)
}

func (w *world) address() handrail.Address {
	return handrail.Address{Practice: practice, Channel: "telegram", Chat: "1001"}
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	rig.Until(w.t, w.api, w.log, what, ok)
}

func (w *world) done(what string, c <-chan struct{}) {
	w.t.Helper()
	rig.Done(w.t, w.log, what, c)
}
