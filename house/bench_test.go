package house_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house"
	"handrail/house/housetest"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"
	"handrail/store/records"
)

// BenchmarkTurn is one turn of a real dialog through the whole house on a SQLite file with fsync: accepted, leased,
// thought, saved and finished, with the state in the same SQLite or in a real Redis; "sent" adds the outbox to a channel
// in memory. The engine alone, with its state through JSON, is BenchmarkTurn of package bot.
func BenchmarkTurn(b *testing.B) {
	for _, c := range []struct {
		name        string
		redis, sent bool
	}{{"sqlite", false, false}, {"redis", true, false}, {"sqlite-sent", false, true}, {"redis-sent", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			redisURL := ""
			if c.redis {
				redisURL = redistest.Start(b).URL()
			}
			h := benchHouse(b, redisURL)
			steps := []string{"I could come along", "Sol", "LU4", "Skip this", "No"}
			b.ResetTimer()
			for i := range b.N {
				u := bot.Update{
					ID: fmt.Sprint(i), From: house.CastAddress(housetest.Channel, "newcomer"), At: time.Now(), Kind: bot.UpdateText, Text: steps[i%len(steps)],
				}
				if err := h.Bot.Deliver(context.Background(), u); err != nil {
					b.Fatal(err)
				}
				if !c.sent {
					if did, err := h.Bot.Step(context.Background()); err != nil || !did {
						b.Fatal(did, err)
					}
					continue
				}
				if err := h.Settle(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// realClock is the machine's clock, for timing.
type realClock struct{}

func (realClock) Now() time.Time                         { return time.Now().UTC() }
func (realClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func benchHouse(b *testing.B, redisURL string) *house.House {
	b.Helper()
	ctx := context.Background()
	rec, err := records.Open(ctx, records.Options{
		URL: "sqlite://" + filepath.Join(b.TempDir(), "handrail.db"), Now: realClock{}.Now, Key: housetest.Key(),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = rec.Close() })
	if err := house.SaveCast(ctx, rec, housetest.Channel, time.Now()); err != nil {
		b.Fatal(err)
	}
	states := bot.States(rec.States())
	if redisURL != "" {
		store, err := conversations.Open(ctx, redisURL)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = store.Close() })
		states = store
	}
	h, err := house.New(ctx, house.Options{
		Records: rec, States: states, Channels: []bot.Channel{bottest.NewFake(b, housetest.Channel, bottest.Roomy())}, Clock: realClock{},
		Key: housetest.Key(), Zone: time.UTC, Nation: "england", Invitation: func(c string) string { return c }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	return h
}
