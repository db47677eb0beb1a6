package bot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"

	"pgregory.net/rapid"
)

// move is one thing that somebody does in a random story: words, or a press of a button they were shown.
type move struct {
	role    string
	words   string
	message int // from the newest, when it is a press
	button  int
}

func anyMoves(t *rapid.T) []move {
	one := rapid.Custom(func(t *rapid.T) move {
		m := move{role: rapid.SampledFrom([]string{"PATIENT", "GP"}).Draw(t, "role")}
		if rapid.IntRange(0, 2).Draw(t, "how") == 0 {
			m.message, m.button = rapid.IntRange(0, 4).Draw(t, "message"), rapid.IntRange(0, 2).Draw(t, "button")
			return m
		}
		m.words = rapid.SampledFrom([]string{
			"stop", "buttons", "trip Leeds", "1", "-", "yes", "trip", "plan a trip York", "tell", "tell Joan", "menu", "secret",
			"yes", "no", "back", "change", "cancel", "2", "Joan", "nowhere", "Leeds", "I like tea", "👍", "",
		}).Draw(t, "words")
		return m
	})
	moves := rapid.SliceOfN(one, 1, 12).Draw(t, "moves")
	if rapid.Bool().Draw(t, "an effect") { // enough of the stories change the world, whatever else they draw
		moves = append(moves, move{role: "PATIENT", words: "stop"}, move{role: "PATIENT", words: "buttons"}, move{role: "PATIENT", button: 3})
	}
	return moves
}

// do makes the move's update, as the person's phone would at this time.
func (m move) update(h *bottest.House, i int) bot.Update {
	u := text(fmt.Sprint(i), m.words)
	if m.words != "" || m.message == 0 && m.button == 0 {
		return u
	}
	var with []bot.Message
	for _, s := range h.Channel.Shown(bottest.Address(m.role)) {
		if len(s.Message.Options) > 0 {
			with = append(with, s.Message)
		}
	}
	if m.message >= len(with) {
		return u
	}
	options := with[len(with)-1-m.message].Options
	if o := options[m.button%len(options)]; o.Payload != "" {
		return bot.Update{ID: u.ID, Kind: bot.UpdatePress, Choice: o.Payload}
	}
	return u
}

// tell plays a story, ten minutes between its moves. settle brings the house to rest.
func tellStory(t *rapid.T, h *bottest.House, moves []move, deliver func(role string, u bot.Update) error, settle func() error) {
	start := h.Now()
	for i, m := range moves {
		h.Clock.Set(start.Add(time.Duration(i) * 10 * time.Minute))
		u := m.update(h, i)
		u.At = h.Now()
		if err := deliver(m.role, u); err != nil {
			t.Fatal(err)
		}
		if err := settle(); err != nil {
			t.Fatal(err)
		}
		if n := h.Ledger.Waiting(); n != 0 {
			t.Fatalf("move %d (%+v): %d rows wait", i, m, n)
		}
	}
}

// told is everything that somebody was shown, and the records.
func toldBy(h *bottest.House) string {
	return strings.Join(h.Heard(), "\n") + "\nrecords: " + strings.Join(h.Ledger.Notes(), "; ")
}

// The story as it goes when nothing fails.
func calmly(t *rapid.T, tb testing.TB, moves []move) string {
	h := newHouse(tb, bottest.Roomy(), nil)
	tellStory(t, h, moves, func(role string, u bot.Update) error { return h.Deliver(tb.Context(), role, u) },
		func() error { return h.Settle(tb.Context()) })
	return toldBy(h)
}

// F1: the process is killed at random arrows of random turns, stores fail before and after they committed, and
// updates are delivered again. In the end people were shown the same and the records are the same: nothing is lost, no
// effect happens twice, no reply comes twice.
func TestTurn_F1_CrashAnywhere(t *testing.T) {
	fired := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		moves := anyMoves(rt)
		want := calmly(rt, t, moves)

		crashes := 0
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		crash := func(point string) error {
			if crashes < 12 && random.IntN(4) == 0 { // not for ever: a story must end
				crashes++
				fired[point]++
				return handrail.Errorf(handrail.KindUnavailable, "", "%w", errCrash)
			}
			return nil
		}
		h := newHouse(t, bottest.Roomy(), func(o *bot.Options) { o.Fail = crash })
		h.Ledger.FailWith(func(point string) error {
			if point == "lease" || point == "who" || point == "release" || point == "once" {
				return nil // what is not begun leaves nothing behind
			}
			return crash(point)
		})
		deliver := func(role string, u bot.Update) error {
			for range 40 { // the network delivers until it is told that the update arrived
				if h.Deliver(t.Context(), role, u) == nil {
					return nil
				}
			}
			return errors.New("never accepted")
		}
		settle := func() error {
			for range 100 {
				if err := quietly(t.Context(), h); err != nil {
					return err
				}
				if h.Ledger.Waiting() == 0 {
					return nil
				}
				h.Clock.Advance(5 * time.Second)
			}
			return errors.New("never done")
		}
		tellStory(rt, h, moves, deliver, settle)
		if got := toldBy(h); got != want {
			rt.Fatalf("with crashes:\n%s\nwithout:\n%s", got, want)
		}
	})
	if testing.Short() {
		return // rapid plays a fifth of the stories then, too few to be sure of every point
	}
	for _, point := range []string{"leased", "guarded", "thought", "saved", "finished", "accept", "accept done", "lease done", "finish", "finish done", "once done"} {
		if fired[point] == 0 {
			t.Errorf("nothing ever failed at %q: the test proves nothing about it", point)
		}
	}
}

// quietly brings the house to rest and expects turns to fail.
func quietly(ctx context.Context, h *bottest.House) error {
	for {
		did, err := h.Bot.Step(ctx)
		if err != nil && !errors.Is(err, errCrash) {
			return err
		}
		if !did && err == nil {
			break
		}
	}
	return h.Settle(ctx)
}

// F4: three workers, and every lease is granted to everybody: the epoch and the state's version carry it.
func TestTurn_F4_EverybodyGetsEveryLease(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		moves := anyMoves(rt)
		want := calmly(rt, t, moves)
		h := newHouse(t, bottest.Roomy(), nil)
		h.Ledger.Everybody(true)
		settle := func() error {
			var workers sync.WaitGroup
			errs := make(chan error, 3)
			for range 3 {
				workers.Go(func() {
					for h.Ledger.Waiting() > 0 {
						if _, err := h.Bot.Step(t.Context()); err != nil {
							errs <- err
							return
						}
					}
				})
			}
			workers.Wait()
			close(errs)
			return errors.Join(<-errs, h.Settle(t.Context()))
		}
		tellStory(rt, h, moves, func(role string, u bot.Update) error {
			return errors.Join(h.Deliver(t.Context(), role, u), h.Deliver(t.Context(), role, u))
		}, settle)
		if got := toldBy(h); got != want {
			rt.Fatalf("with three workers:\n%s\nwith one:\n%s", got, want)
		}
	})
}

// B16: stop wins from every state, and is confirmed once.
func TestTurn_B16_StopFromEveryState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		moves := append(anyMoves(rt), move{role: "PATIENT", words: "stop"})
		h := newHouse(t, bottest.Roomy(), nil)
		tellStory(rt, h, moves[:len(moves)-1], func(role string, u bot.Update) error { return h.Deliver(t.Context(), role, u) },
			func() error { return h.Settle(t.Context()) })
		h.Heard()
		h.Say("PATIENT", "stop", "Stop")
		h.Say("PATIENT", "after", "Joan")
		if got := h.Heard(); !slices.Equal(got, []string{stopped, dontKnow}) {
			rt.Fatalf("after stop: %q", got)
		}
	})
}

// Updates of one conversation are answered in their order while many conversations go on at once.
func TestRun_OrderInParallel(t *testing.T) {
	const people, each = 20, 20
	var finished sync.WaitGroup
	finished.Add(people * each)
	h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
		o.Dialogs = []bot.Dialog{{Name: "echo", Hears: func(u bot.Update, _ bot.Who) (bot.Answers, bool) {
			return bot.Answers{"words": u.Text}, true
		}, Script: func(t *bot.Talk) error {
			t.Say(bot.Para(t.Text("words", nil)))
			return nil
		}}}
		o.Fail = func(point string) error {
			if point == "finished" {
				finished.Done()
			}
			return nil
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	wake := make(chan struct{}, people*each)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.Bot.Run(ctx, 4, wake)
	}()
	for p := range people {
		go func() {
			for i := range each {
				u := text(fmt.Sprintf("%d-%d", p, i), fmt.Sprint(i))
				if err := h.Deliver(t.Context(), fmt.Sprintf("P%d", p), u); err != nil {
					t.Error(err)
				}
				wake <- struct{}{}
			}
		}()
	}
	finished.Wait()
	stop()
	<-ended
	next := map[handrail.Address]int{}
	for _, e := range h.Ledger.Out() {
		if got, want := e.Message.Text.Plain(), fmt.Sprint(next[e.To]); got != want {
			t.Fatalf("an answer reads %s where %s was due", got, want)
		}
		next[e.To]++
	}
	if len(next) != people {
		t.Fatalf("%d people were answered, want %d", len(next), people)
	}
}
