package bottest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Pacer keeps the rates of a channel for all processes; outbox.Pace says what its methods mean.
type Pacer interface {
	Place(ctx context.Context, channel, chat string, perSecond, perChat float64, keep int, now time.Time) (until time.Time, whole bool, err error)
	Pause(ctx context.Context, channel string, d time.Duration, now time.Time) error
}

// Pace is what every keeper of shared rates must pass. open gives the same rates as another process sees them. Each subtest
// uses a channel of its own.
func Pace(t *testing.T, open func(t *testing.T) Pacer) {
	t.Helper()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	ask := func(t testing.TB, p Pacer, channel, chat string, keep int, now time.Time) (time.Time, bool) {
		t.Helper()
		until, whole, err := p.Place(t.Context(), channel, chat, 30, 1, keep, now)
		if err != nil {
			t.Fatal(err)
		}
		if until.Before(now) {
			t.Fatalf("it opens %v ago", now.Sub(until))
		}
		return until, whole
	}

	t.Run("L1_three processes never exceed the rates", func(t *testing.T) {
		processes, n := []Pacer{open(t), open(t), open(t)}, 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			channel, now := fmt.Sprint("l1-", n), at
			var all []time.Time
			chats := map[string][]time.Time{}
			for range rapid.IntRange(50, 150).Draw(rt, "requests") {
				now = now.Add(time.Duration(rapid.IntRange(0, 60_000).Draw(rt, "microseconds")) * time.Microsecond)
				chat := fmt.Sprint(rapid.IntRange(0, 60).Draw(rt, "chat"))
				keep := rapid.SampledFrom([]int{0, 6}).Draw(rt, "keep")
				p := processes[rapid.IntRange(0, 2).Draw(rt, "process")]
				until, _ := ask(t, p, channel, chat, keep, now)
				if until.After(now) {
					continue
				}
				all, chats[chat] = append(all, now), append(chats[chat], now)
			}
			within(rt, all, 30)
			for _, asked := range chats {
				within(rt, asked, 1)
			}
		})
	})
	t.Run("who waits until then is let through", func(t *testing.T) {
		one, two := open(t), open(t)
		now, granted := at, 0
		for range 200 {
			until, _ := ask(t, one, "until", fmt.Sprint(granted), 0, now)
			if !until.After(now) {
				granted++
				continue
			}
			if again, _ := ask(t, two, "until", fmt.Sprint(granted), 0, until); again.After(until) {
				t.Fatalf("told to wait %v, then %v more", until.Sub(now), again.Sub(until))
			}
			now, granted = until, granted+1
		}
		if took := now.Sub(at); took > 8*time.Second {
			t.Errorf("%d requests took %v", granted, took)
		}
	})
	t.Run("one chat keeps nobody else waiting", func(t *testing.T) {
		p := open(t)
		ask(t, p, "chat", "a", 0, at)
		if until, whole := ask(t, p, "chat", "a", 0, at.Add(time.Millisecond)); !until.After(at) || whole {
			t.Errorf("a second request to the chat: %v, the whole channel waits: %t", until.Sub(at), whole)
		}
		if until, _ := ask(t, p, "chat", "b", 0, at.Add(time.Millisecond)); until.After(at.Add(time.Millisecond)) {
			t.Error("another chat waits")
		}
	})
	t.Run("some places are kept", func(t *testing.T) {
		p := open(t)
		granted := func(keep int) (n int) {
			for i := range 40 {
				if until, _ := ask(t, p, "keep", fmt.Sprint(keep, "-", i), keep, at); !until.After(at) {
					n++
				}
			}
			return n
		}
		if bulk, urgent := granted(6), granted(0); bulk != 24 || urgent != 6 {
			t.Errorf("bulk got %d places, what is urgent %d more", bulk, urgent)
		}
	})
	t.Run("L6_a pause holds for every process", func(t *testing.T) {
		one, two := open(t), open(t)
		if err := one.Pause(t.Context(), "pause", 30*time.Second, at); err != nil {
			t.Fatal(err)
		}
		if err := two.Pause(t.Context(), "pause", 5*time.Second, at.Add(time.Second)); err != nil { // a shorter one
			t.Fatal(err)
		}
		if until, whole := ask(t, two, "pause", "a", 0, at.Add(29*time.Second)); until.Before(at.Add(30*time.Second)) || !whole {
			t.Errorf("open after %v", until.Sub(at))
		}
		if until, _ := ask(t, two, "pause", "b", -1, at.Add(29*time.Second)); until.After(at.Add(29 * time.Second)) {
			t.Error("what must go in spite of it waits")
		}
		if until, _ := ask(t, two, "pause", "a", 0, at.Add(30*time.Second)); until.After(at.Add(30 * time.Second)) {
			t.Errorf("still shut after the pause, until %v", until.Sub(at))
		}
	})
	t.Run("F14_a clock that is put back closes nothing for long", func(t *testing.T) {
		p, back := open(t), at.Add(-2*time.Hour)
		for i := range 30 {
			ask(t, p, "back", fmt.Sprint(i), 0, at)
		}
		if err := p.Pause(t.Context(), "back", 10*time.Second, at); err != nil {
			t.Fatal(err)
		}
		if until, _ := ask(t, p, "back", "1", 0, back); until.Sub(back) > 2*time.Second {
			t.Errorf("shut for %v", until.Sub(back))
		}
	})
	t.Run("no limits", func(t *testing.T) {
		p := open(t)
		for range 100 {
			until, _, err := p.Place(t.Context(), "free", "a", 0, 0, 0, at)
			if err != nil || until.After(at) {
				t.Fatal(until, err)
			}
		}
	})
}

// within finds a stretch of a second with more than n requests.
func within(t rapid.TB, asked []time.Time, n int) {
	for i := n; i < len(asked); i++ {
		if asked[i].Sub(asked[i-n]) < time.Second {
			t.Fatalf("more than %d requests within a second", n)
		}
	}
}
