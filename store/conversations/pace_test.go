package conversations_test

import (
	"context"
	"testing"
	"time"

	"handrail"
	"handrail/bot/bottest"
	"handrail/outbox"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"
)

var _ outbox.Pace = (*conversations.Store)(nil)

func TestPace(t *testing.T) {
	server := redistest.Start(t)
	bottest.Pace(t, func(t *testing.T) bottest.Pacer { return open(t, server.URL()+patient) })
	for _, key := range server.Keys() { // G3: no value without an end
		if ttl := server.TTL(key); ttl == -1 { // -2 is one that has just ended
			t.Errorf("a value is kept for ever: %q", key)
		}
	}
}

func TestPace_F3_Away(t *testing.T) {
	server := redistest.Start(t)
	server.Stop()
	s := open(t, server.URL())
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	if _, _, err := s.Place(context.Background(), "telegram", "c", 30, 1, 0, now); !handrail.IsKind(err, handrail.KindUnavailable) {
		t.Errorf("place: %v", err)
	}
	if err := s.Pause(context.Background(), "telegram", time.Second, now); !handrail.IsKind(err, handrail.KindUnavailable) {
		t.Errorf("pause: %v", err)
	}
}

func BenchmarkPlace(b *testing.B) {
	server := redistest.Start(b)
	s, ctx, now := open(b, server.URL()+patient), context.Background(), time.Now()
	for b.Loop() {
		now = now.Add(time.Second / 20)
		if _, _, err := s.Place(ctx, "telegram", "c", 30, 1, 0, now); err != nil {
			b.Fatal(err)
		}
	}
}
