package conversations_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	conversations.Quiet()
	goleak.VerifyTestMain(m)
}

// patient makes a client wait for a machine that is busy with other tests: only tests of slowness keep the default.
const patient = "?read_timeout=5s"

func open(t testing.TB, url string) *conversations.Store {
	t.Helper()
	s, err := conversations.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStates(t *testing.T) {
	server := redistest.Start(t)
	bottest.States(t, func(t *testing.T) bot.States { return open(t, server.URL()+patient) })
	for _, key := range server.Keys() { // G3: no value without an end
		if ttl := server.TTL(key); ttl <= 0 {
			t.Errorf("a value is kept for ever: %q", key)
		}
	}
}

func TestOpenRefusesAnAddressWithoutRepeatingIt(t *testing.T) {
	_, err := conversations.Open(context.Background(), "http://:secret@host:6379")
	if !handrail.IsKind(err, handrail.KindInvalid) || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}

func TestSaveNeedsAnEnd(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server.URL())
	if _, err := s.Save(context.Background(), "c", []byte("x"), 0, 0); !handrail.IsKind(err, handrail.KindInvalid) {
		t.Errorf("error %v", err)
	}
	if keys := server.Keys(); len(keys) > 0 {
		t.Errorf("keys %v", keys)
	}
}

// unavailable checks that every method says that Redis is away, and soon.
func unavailable(t *testing.T, s *conversations.Store) {
	t.Helper()
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"load":  func() error { _, _, err := s.Load(ctx, "c"); return err },
		"save":  func() error { _, err := s.Save(ctx, "c", []byte("x"), 0, time.Hour); return err },
		"erase": func() error { return s.Erase(ctx, "c") },
		"ping":  func() error { return s.Ping(ctx) },
	} {
		began := time.Now()
		if err := call(); !handrail.IsKind(err, handrail.KindUnavailable) {
			t.Errorf("%s: error %v", name, err)
		}
		if took := time.Since(began); took > 4*conversations.Timeout {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestConversations_F3_AwayAndBack(t *testing.T) {
	server := redistest.Start(t)
	server.Stop()
	s := open(t, server.URL()+patient) // Redis away at the start is no error
	unavailable(t, s)
	server.Restart()
	ctx := context.Background()
	v, err := s.Save(ctx, "c", []byte("x"), 0, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	unavailable(t, s)
	server.Restart() // the append-only file has it
	if got, have, err := s.Load(ctx, "c"); string(got) != "x" || have != v || err != nil {
		t.Errorf("after a kill: %q, version %d, error %v", got, have, err)
	}
}

func TestConversations_F3_Slow(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server.URL())
	server.Freeze()
	unavailable(t, s)
	server.Thaw()
	for deadline := time.Now().Add(10 * time.Second); s.Ping(context.Background()) != nil; {
		if time.Now().After(deadline) {
			t.Fatal("does not answer after the thaw")
		}
	}
}

func TestConversations_F3_Emptied(t *testing.T) {
	server := redistest.Start(t)
	s, ctx := open(t, server.URL()+patient), context.Background()
	before, err := s.Save(ctx, "c", []byte("x"), 0, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	server.Flush()
	if got, v, err := s.Load(ctx, "c"); got != nil || v != 0 || err != nil {
		t.Errorf("loaded %q, version %d, error %v", got, v, err)
	}
	if _, err := s.Save(ctx, "c", []byte("stale"), before, time.Hour); !errors.Is(err, bot.ErrConflict) {
		t.Errorf("a lost state was saved over: %v", err)
	}
	for name, saver := range map[string]*conversations.Store{"the same process": s, "a new process": open(t, server.URL()+patient)} {
		after, err := saver.Save(ctx, "c-"+name, []byte("new"), 0, time.Hour)
		if err != nil || after == before {
			t.Errorf("%s: version %d again, error %v", name, after, err)
		}
	}
	again, err := s.Save(ctx, "c", []byte("new"), 0, time.Hour)
	if err != nil || again <= before {
		t.Errorf("version %d after %d, error %v", again, before, err)
	}
}

func TestConversations_F3_RolledBackASecond(t *testing.T) {
	server := redistest.Start(t)
	s, ctx := open(t, server.URL()+patient), context.Background()
	v1, err := s.Save(ctx, "c", []byte("one"), 0, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	server.Snapshot()
	v2, err := s.Save(ctx, "c", []byte("two"), v1, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	server.Rollback()
	if got, v, err := s.Load(ctx, "c"); string(got) != "one" || v != v1 || err != nil {
		t.Fatalf("loaded %q, version %d, error %v", got, v, err)
	}
	if _, err := s.Save(ctx, "c", []byte("three"), v2, time.Hour); !errors.Is(err, bot.ErrConflict) {
		t.Errorf("the holder of a version that was rolled back saved: %v", err)
	}
	v3, err := s.Save(ctx, "c", []byte("other"), v1, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if v3 <= v2 {
		t.Errorf("version %d came again as %d: its holder would take another's state for its own", v2, v3)
	}
}

func TestConversations_F3_Full(t *testing.T) {
	server := redistest.Start(t, "--maxmemory", "2mb", "--maxmemory-policy", "noeviction")
	s, ctx := open(t, server.URL()+patient), context.Background()
	state := bytes.Repeat([]byte("x"), 200<<10)
	var failed error
	for i := 0; i < 50 && failed == nil; i++ {
		_, failed = s.Save(ctx, fmt.Sprint(i), state, 0, time.Hour)
	}
	if !handrail.IsKind(failed, handrail.KindUnavailable) {
		t.Errorf("a full Redis: %v", failed)
	}
}

func BenchmarkLoadSave(b *testing.B) {
	server := redistest.Start(b)
	s, ctx := open(b, server.URL()+patient), context.Background()
	state, version := bytes.Repeat([]byte("x"), 2<<10), int64(0)
	for b.Loop() {
		_, v, err := s.Load(ctx, "c")
		if err != nil || v != version {
			b.Fatal(v, err)
		}
		if version, err = s.Save(ctx, "c", state, version, time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}
