package bottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"handrail/bot"
)

// States is what every conversation store must pass. open makes a store; it may hold other conversations already. Each
// subtest uses conversations of its own.
func States(t *testing.T, open func(t *testing.T) bot.States) {
	t.Helper()
	const keep = time.Hour
	ctx := context.Background()
	save := func(t *testing.T, s bot.States, c, state string, prev int64) int64 {
		t.Helper()
		v, err := s.Save(ctx, c, []byte(state), prev, keep)
		if err != nil {
			t.Fatalf("save over version %d: %v", prev, err)
		}
		if v <= prev {
			t.Fatalf("saving over version %d gave version %d: versions must grow", prev, v)
		}
		return v
	}
	want := func(t *testing.T, s bot.States, c, state string, version int64) {
		t.Helper()
		got, v, err := s.Load(ctx, c)
		if err != nil {
			t.Fatalf("load: %v", err)
		}
		if string(got) != state || v != version {
			t.Fatalf("loaded %d bytes of version %d, want %d bytes of version %d", len(got), v, len(state), version)
		}
	}
	conflict := func(t *testing.T, s bot.States, c string, prev int64) {
		t.Helper()
		if v, err := s.Save(ctx, c, []byte("stale"), prev, keep); !errors.Is(err, bot.ErrConflict) {
			t.Fatalf("save over version %d that is not there: version %d, error %v; want ErrConflict", prev, v, err)
		}
	}

	t.Run("nothing saved", func(t *testing.T) {
		s := open(t)
		if got, v, err := s.Load(ctx, "states-none"); got != nil || v != 0 || err != nil {
			t.Fatalf("loaded %v, version %d, error %v; want nil, 0 and no error", got, v, err)
		}
		conflict(t, s, "states-none", 7)
	})
	t.Run("save and load", func(t *testing.T) {
		s := open(t)
		v1 := save(t, s, "states-save", "one", 0)
		want(t, s, "states-save", "one", v1)
		v2 := save(t, s, "states-save", "two", v1)
		want(t, s, "states-save", "two", v2)
	})
	t.Run("any bytes", func(t *testing.T) {
		s := open(t)
		state := string([]byte{0, 1, 0xff, 0xfe, '\r', '\n', 0})
		want(t, s, "states-bytes", state, save(t, s, "states-bytes", state, 0))
	})
	t.Run("conversations apart", func(t *testing.T) {
		s := open(t)
		a, b := save(t, s, "states-a", "a", 0), save(t, s, "states-b", "b", 0)
		if err := s.Erase(ctx, "states-a"); err != nil {
			t.Fatal(err)
		}
		want(t, s, "states-a", "", 0)
		want(t, s, "states-b", "b", b)
		conflict(t, s, "states-a", a)
	})
	t.Run("conflict changes nothing", func(t *testing.T) {
		s := open(t)
		v1 := save(t, s, "states-conflict", "one", 0)
		conflict(t, s, "states-conflict", 0)
		v2 := save(t, s, "states-conflict", "two", v1)
		conflict(t, s, "states-conflict", v1)
		conflict(t, s, "states-conflict", v2+1)
		want(t, s, "states-conflict", "two", v2)
	})
	t.Run("erase twice", func(t *testing.T) {
		s := open(t)
		save(t, s, "states-erase", "one", 0)
		for range 2 {
			if err := s.Erase(ctx, "states-erase"); err != nil {
				t.Fatal(err)
			}
		}
		want(t, s, "states-erase", "", 0)
	})
	t.Run("versions grow over an erasure", func(t *testing.T) {
		// Somebody who still holds a version from before must not overwrite what came after.
		s := open(t)
		before := save(t, s, "states-grow", "one", 0)
		if err := s.Erase(ctx, "states-grow"); err != nil {
			t.Fatal(err)
		}
		after := save(t, s, "states-grow", "new", 0)
		if after <= before {
			t.Fatalf("version %d before the erasure and %d after it", before, after)
		}
		conflict(t, s, "states-grow", before)
		want(t, s, "states-grow", "new", after)
	})
	t.Run("one of many savers wins", func(t *testing.T) {
		s := open(t)
		for round := range 10 {
			c := fmt.Sprint("states-race-", round)
			prev := int64(0)
			if round%2 == 1 {
				prev = save(t, s, c, "before", 0)
			}
			const savers = 8
			versions, failures := make([]int64, savers), make([]error, savers)
			begin := make(chan struct{})
			var all sync.WaitGroup
			for i := range savers {
				all.Go(func() {
					<-begin
					versions[i], failures[i] = s.Save(ctx, c, []byte{byte(i)}, prev, keep)
				})
			}
			close(begin)
			all.Wait()
			winner := -1
			for i := range savers {
				switch {
				case failures[i] == nil && winner >= 0:
					t.Fatalf("savers %d and %d both won", winner, i)
				case failures[i] == nil:
					winner = i
				case !errors.Is(failures[i], bot.ErrConflict):
					t.Fatalf("saver %d: %v", i, failures[i])
				}
			}
			if winner < 0 {
				t.Fatal("nobody won")
			}
			want(t, s, c, string([]byte{byte(winner)}), versions[winner])
		}
	})
	t.Run("a large state", func(t *testing.T) {
		s := open(t)
		state := string(bytes.Repeat([]byte("0123456789"), 20*1024)) // 200 KB
		v := save(t, s, "states-large", state, 0)
		want(t, s, "states-large", state, v)
		want(t, s, "states-large", "small", save(t, s, "states-large", "small", v))
	})
	t.Run("kept at least as long as asked", func(t *testing.T) {
		s := open(t)
		v, err := s.Save(ctx, "states-keep", []byte("kept"), 0, 2*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		// A later save may keep it longer: the time counts from the last one.
		v, err = s.Save(ctx, "states-keep", []byte("longer"), v, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		want(t, s, "states-keep", "longer", v)
	})
	t.Run("a context that has ended", func(t *testing.T) {
		s := open(t)
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if _, _, err := s.Load(ended, "states-ended"); err == nil {
			t.Error("load went on")
		}
		if _, err := s.Save(ended, "states-ended", []byte("x"), 0, keep); err == nil {
			t.Error("save went on")
		}
	})
}
