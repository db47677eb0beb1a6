package slack_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

const practice = rig.Practice

// world is an app with its Slack.
type world struct {
	t       testing.TB
	api     *slackapi.Server
	team    *slackapi.Team
	rao     *slackapi.Person
	channel *slack.Channel
	front   *httptest.Server // nil in Socket Mode
	log     *rig.Log
	make    func() *slack.Channel
	handler atomic.Pointer[handling]
}

// ways are the two ways of receiving.
func ways() map[string]bool { return map[string]bool{"socket": false, "http": true} }

type setting func(*slack.Options)

func newWorld(t testing.TB, overHTTP bool, apiOptions slackapi.Options, settings ...setting) *world {
	t.Helper()
	if apiOptions.Retries == nil {
		apiOptions.Retries = []time.Duration{0, time.Millisecond, 5 * time.Millisecond}
	}
	w := &world{t: t, api: slackapi.New(t, apiOptions), log: &rig.Log{}}
	t.Cleanup(w.api.Close)
	w.team = w.api.Team("T0HILLTOP")
	w.rao = w.team.Person("U0RAO")
	o := slack.Options{
		BotToken: rig.Secret(w.team.Token()), APIURL: w.api.URL(), Practice: practice, Clock: rig.Hurried{},
		Log:   slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Spent: func(payload string) bool { return strings.HasPrefix(payload, "q~") },
		// Every test has connections of its own.
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	if overHTTP {
		w.front = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.Load().ServeHTTP(rw, r) }))
		o.SigningSecret = rig.Secret(w.api.SigningSecret())
		w.api.SetEndpoint(w.front.URL)
		t.Cleanup(func() { w.api.Close(); w.front.Close() }) // Slack stops first
	} else {
		o.AppToken = rig.Secret(w.api.AppToken())
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
	return rig.Start(w.t, w.channel, in)
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
	rig.Until(w.t, w.api, w.log, what, ok)
}

func (w *world) done(what string, c <-chan struct{}) {
	w.t.Helper()
	rig.Done(w.t, w.log, what, c)
}
