package slack_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

// Slack renews connections all the time, and breaks some: nothing is lost and nothing comes twice under another id.
func TestSocket_Reconnects(t *testing.T) {
	for name, trouble := range map[string]func(*slackapi.Server){
		"warning":           func(s *slackapi.Server) { s.Refresh("warning") },
		"refresh requested": func(s *slackapi.Server) { s.Refresh("refresh_requested") },
		"broken":            func(s *slackapi.Server) { s.Break() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, false, slackapi.Options{AckTime: time.Second, Retries: []time.Duration{0, 10 * time.Millisecond, 500 * time.Millisecond}})
			in := &rig.Inbox{}
			w.run(in)
			w.until("two connections", func() bool { return w.api.Sockets() == 2 })
			const people, each = 8, 12
			var writing sync.WaitGroup
			for p := range people {
				writing.Go(func() {
					who := w.team.Person(fmt.Sprintf("U0P%d", p))
					for i := range each {
						w.done("an acknowledgement", who.Say(fmt.Sprintf("p%d.%d", p, i)))
						if p == 0 && i%3 == 1 {
							trouble(w.api)
						}
					}
				})
			}
			writing.Wait()
			if w.api.Lost() != 0 {
				t.Errorf("%d events were given up", w.api.Lost())
			}
			ids, said := map[string]string{}, map[string]int{}
			last := map[string]int{}
			for _, u := range in.All() {
				if was, again := ids[u.ID]; again && was != u.Text {
					t.Errorf("the id %s is of %q and %q", u.ID, was, u.Text)
				} else if !again {
					said[u.Text]++
					var p, i int
					if _, err := fmt.Sscanf(u.Text, "p%d.%d", &p, &i); err != nil {
						t.Fatal(err)
					}
					if i < last[u.From.Chat] {
						t.Errorf("%s came after %d", u.Text, last[u.From.Chat])
					}
					last[u.From.Chat] = i
				}
				ids[u.ID] = u.Text
			}
			if len(said) != people*each {
				t.Errorf("%d messages of %d arrived", len(said), people*each)
			}
			w.until("two connections again", func() bool { return w.api.Sockets() == 2 })
			if w.api.Opened() < 4 {
				t.Errorf("%d connections in all: none was renewed", w.api.Opened())
			}
		})
	}
}

// Socket Mode turned off in the app's settings: that is said, and tried again in time.
func TestSocket_LinkDisabled(t *testing.T) {
	w := newWorld(t, false, slackapi.Options{})
	w.run(&rig.Inbox{})
	w.until("two connections", func() bool { return w.api.Sockets() == 2 })
	w.api.Refresh("link_disabled")
	w.until("others", func() bool { return w.api.Opened() >= 4 })
	if w.log.Count("Socket Mode is turned off") == 0 {
		t.Errorf("the log says nothing:\n%s", w.log)
	}
}

// Slack away at the start: the channel waits and tries again, and says nothing of a token.
func TestSocket_SlackAwayAtStart(t *testing.T) {
	w := newWorld(t, false, slackapi.Options{})
	for range 3 {
		w.api.Faults(
			slackapi.Fault{Method: "apps.connections.open", Status: 503, Body: "<html>"},
			slackapi.Fault{Method: "apps.connections.open", Error: "internal_error"},
			slackapi.Fault{Method: "auth.test", Drop: slackapi.DropBefore},
		)
	}
	in := &rig.Inbox{}
	w.run(in)
	w.done("a message", w.rao.Say("hello"))
	if len(in.All()) != 1 || strings.Contains(w.log.String(), "xapp") || strings.Contains(w.log.String(), "xoxb") {
		t.Errorf("%d updates; the log:\n%s", len(in.All()), w.log)
	}
}

// A token that is refused is told of once, however much is tried, and told again when it works (F9).
func TestToken_F9(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(&rig.Inbox{})
	w.until("the start", func() bool { return len(w.api.Calls("auth.test")) > 0 })
	send := func() error {
		_, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("x")})
		return err
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	w.team.Refuse("token_revoked")
	for range 5 {
		if outcome, after := bot.OutcomeOf(send()); outcome != bot.OutcomeRetry || after < time.Minute {
			t.Fatal(outcome, after)
		}
	}
	w.team.Refuse("")
	if err := send(); err != nil {
		t.Fatal(err)
	}
	if a, b := w.log.Count("level=ERROR"), w.log.Count("takes the token again"); a != 1 || b != 1 {
		t.Errorf("told %d times that it is refused and %d times that it works:\n%s", a, b, w.log)
	}
}

// Stopped in the middle: what is being taken is taken, and Run ends (F17).
func TestStop_F17(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, overHTTP, slackapi.Options{AckTime: time.Second})
			in := &slow{started: make(chan struct{}, 1), goOn: make(chan struct{})}
			stop := w.start(in)
			acked := w.rao.Say("hello")
			w.done("the delivery", in.started)
			stopped := make(chan struct{})
			go func() { stop(); close(stopped) }()
			select {
			case <-stopped:
				t.Error("Run ended while an update was being taken")
			case <-time.After(20 * time.Millisecond): // timing only: a stop takes less where nothing is under way
			}
			close(in.goOn)
			w.done("the end", stopped)
			w.done("the acknowledgement", acked)
		})
	}
}

// slow is an inbox that takes its time.
type slow struct{ started, goOn chan struct{} }

func (s *slow) Deliver(context.Context, bot.Update) error {
	s.started <- struct{}{}
	<-s.goOn
	return nil
}

// Nobody's connection is left open for ever when the network goes quiet.
func TestSocket_Silence(t *testing.T) {
	// The silence is long; the clock of this test makes it short.
	w := newWorld(t, false, slackapi.Options{}, func(o *slack.Options) { o.Clock = hasty{}; o.Connections = 1 })
	w.run(&rig.Inbox{})
	w.until("another connection", func() bool { return w.api.Opened() >= 3 })
}

// hasty is a clock on which every pause is a moment.
type hasty struct{ rig.Hurried }

func (hasty) After(d time.Duration) <-chan time.Time { return time.After(d / 1000) }
