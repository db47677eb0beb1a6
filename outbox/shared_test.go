package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/outbox"
)

func TestLocalPace(t *testing.T) {
	p := &outbox.Local{}
	bottest.Pace(t, func(*testing.T) bottest.Pacer { return p })
}

// sharing makes several senders on one store, one clock and one network.
func sharing(t *testing.T, n int, pace func(i int) outbox.Pace) (*rig, []*outbox.Sender) {
	t.Helper()
	r := newRig(t)
	senders := make([]*outbox.Sender, n)
	for i := range senders {
		o := r.o
		o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 30, PerChat: 1}}
		o.Pace, o.ChatKey = pace(i), func(to handrail.Address) string { return "key of " + to.Chat }
		s, err := outbox.New(o)
		if err != nil {
			t.Fatal(err)
		}
		senders[i] = s
	}
	return r, senders
}

// play lets the senders take turns, 10 ms at a time.
func play(t *testing.T, r *rig, senders []*outbox.Sender, d time.Duration) {
	t.Helper()
	for end := r.clock.Now().Add(d); r.clock.Now().Before(end); r.clock.add(10 * time.Millisecond) {
		for _, s := range senders {
			if _, err := s.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOutbox_L1_RatesAcrossReplicas(t *testing.T) {
	pace := &outbox.Local{}
	r, senders := sharing(t, 3, func(int) outbox.Pace { return pace })
	for n := range 300 {
		e := letter([]bot.Class{bot.ClassReminder, bot.ClassReply}[n%2], fmt.Sprint(n))
		e.To, e.NotAfter = to(fmt.Sprint(n/2)), start.Add(2*time.Hour) // two to each chat
		r.store.put(e)
	}
	play(t, r, senders, 20*time.Second)
	if got := len(r.chat.arrived); got != 300 {
		t.Fatalf("%d of 300 arrived in 20 s", got)
	}
	checkWindow(t, r.chat.asked, 30)
	chats := map[handrail.Address][]time.Time{}
	for i, a := range r.chat.arrived {
		chats[a.to] = append(chats[a.to], r.chat.asked[i])
	}
	for _, asked := range chats {
		checkWindow(t, asked, 1)
	}
}

func TestOutbox_L6_PauseAcrossReplicas(t *testing.T) {
	pace := &outbox.Local{}
	r, senders := sharing(t, 2, func(int) outbox.Pace { return pace })
	for n := range 20 {
		e := letter(bot.ClassReply, fmt.Sprint(n))
		e.To = to(fmt.Sprint(n))
		r.store.put(e)
	}
	var shut time.Time
	r.chat.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
		if now := r.clock.Now(); now.Before(shut) {
			t.Errorf("request %d inside the window that another process was told of", n)
		}
		if shut.IsZero() {
			shut = r.clock.Now().Add(30 * time.Second)
			return false, &bot.SendError{Outcome: bot.OutcomeRetry, After: 30 * time.Second, Err: errors.New("429")}
		}
		return true, nil
	}
	play(t, r, senders, 40*time.Second)
	if got := len(r.chat.arrived); got != 20 {
		t.Errorf("%d of 20 arrived", got)
	}
}

// broken is a Pace that cannot be asked while it is away.
type broken struct {
	outbox.Local
	away  bool
	asked int
}

func (b *broken) Place(ctx context.Context, channel, chat string, all, each float64, keep int, now time.Time) (time.Time, bool, error) {
	b.asked++
	if b.away {
		return time.Time{}, false, errors.New("away")
	}
	return b.Local.Place(ctx, channel, chat, all, each, keep, now)
}

func TestOutbox_F3_SharedRatesAway(t *testing.T) {
	pace := &broken{away: true}
	r, senders := sharing(t, 3, func(int) outbox.Pace { return pace })
	put := func(from, n int) {
		for i := range n {
			e := letter(bot.ClassReply, fmt.Sprint(from+i))
			e.To = to(e.Key)
			r.store.put(e)
		}
	}
	put(0, 400)
	play(t, r, senders, 10*time.Second)
	if got := len(r.chat.arrived); got < 150 {
		t.Errorf("only %d arrived in 10 s with the shared rates away", got)
	}
	if pace.asked > 100 {
		t.Errorf("the shared rates were asked %d times while they were away", pace.asked)
	}
	pace.away = false
	put(1000, 200)
	play(t, r, senders, 30*time.Second)
	if got := len(r.chat.arrived); got != 600 {
		t.Errorf("%d of 600 arrived after they came back", got)
	}
	checkWindow(t, r.chat.asked, 30) // all the time: away, coming back, and back
}
