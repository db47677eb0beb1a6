package slack_test

import (
	"context"
	"fmt"
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

// The home tab is drawn when it is opened, and again once something was said to the person: once for a turn that says
// several things.
func TestHome(t *testing.T) {
	var made atomic.Int32
	w := newWorld(t, false, slackapi.Options{}, func(o *slack.Options) {
		o.Home = func(_ context.Context, who handrail.Address) (bot.Message, error) {
			m := bot.Message{Text: bot.Para(fmt.Sprintf("Your patients this month (%d)", made.Add(1))), Form: formMessage().Form}
			for i := range 80 { // more than a home can hold
				m.Cards = append(m.Cards, bot.Card{Text: bot.Para(fmt.Sprintf("P.S. %d", i)), Options: []bot.Option{{Label: "Open", Payload: fmt.Sprintf("p~open~%d~x~y~z", i)}}})
			}
			return m, nil
		}
	})
	in := &rig.Inbox{}
	w.run(in)
	w.done("the tab", w.rao.OpenHome())
	w.until("the home", func() bool { _, n := w.rao.Home(); return n == 1 })
	v, _ := w.rao.Home()
	if !strings.HasPrefix(v.Blocks[0].Text, "Your patients this month") || len(v.Blocks) > 100 || len(v.Blocks) < 90 {
		t.Errorf("%d blocks, the first %q", len(v.Blocks), v.Blocks[0].Text)
	}
	for range 3 {
		if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("x")}); err != nil {
			t.Fatal(err)
		}
	}
	w.until("the home drawn again", func() bool { _, n := w.rao.Home(); return n >= 2 })
	ann := w.team.Person("U0ANN")
	if _, err := w.channel.Send(t.Context(), slack.Address(practice, "T0HILLTOP", "U0ANN"), bot.Message{Text: bot.Para("x")}); err != nil {
		t.Fatal(err)
	}
	w.done("a message", ann.Say("hello"))
	if _, n := ann.Home(); n != 0 {
		t.Error("a home was drawn for somebody who has not looked at it")
	}
	if len(in.All()) != 1 {
		t.Errorf("%d updates: looking is nothing to store", len(in.All()))
	}
}

// Without a source, or where it fails, nothing breaks.
func TestHome_Empty(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(&rig.Inbox{})
	w.done("the tab", w.rao.OpenHome())
	w.until("the home", func() bool { _, n := w.rao.Home(); return n == 1 })
	if v, _ := w.rao.Home(); len(v.Blocks) != 1 || !strings.Contains(v.Blocks[0].Text, "Type what") {
		t.Errorf("%+v", v)
	}
	broken := newWorld(t, true, slackapi.Options{}, func(o *slack.Options) {
		o.Home = func(context.Context, handrail.Address) (bot.Message, error) { return bot.Message{}, rig.ErrAway }
	})
	broken.run(&rig.Inbox{})
	broken.done("the tab", broken.rao.OpenHome())
	if !broken.api.Until(rig.Patience, func() bool { return broken.log.Count("home could not be made") == 1 }) {
		// The log is no part of the server: look at it until it is there.
		for end := time.Now().Add(rig.Patience); broken.log.Count("home could not be made") == 0; {
			if time.Now().After(end) {
				t.Fatal("nothing was logged")
			}
		}
	}
}
