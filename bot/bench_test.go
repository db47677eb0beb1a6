package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest"
)

// A turn of a dialog through the engine alone, its state through JSON: accept, lease, guards, replay, save, finish. The
// bar is 60 microseconds.
func BenchmarkTurn(b *testing.B) {
	h := newHouse(b, bottest.Roomy(), func(o *bot.Options) { o.PlayTwice = false })
	words := []string{"trip", "Leeds", "1", "Joan", "Maya", "-", "no"}
	ctx := b.Context()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		u := bot.Update{ID: fmt.Sprint(i), From: bottest.Address(patient), Kind: bot.UpdateText, Text: words[i%len(words)]}
		if err := h.Bot.Deliver(ctx, u); err != nil {
			b.Fatal(err)
		}
		if did, err := h.Bot.Step(ctx); !did || err != nil {
			b.Fatal(did, err)
		}
	}
}

// The longest message that is taken, scanned whole (B1: less than 20 milliseconds).
func BenchmarkDeliver_B1_OneMegabyte(b *testing.B) {
	h := newHouse(b, bottest.Roomy(), nil)
	long := strings.Repeat("words ", 170_000) + "danger"
	b.SetBytes(int64(len(long)))
	for i := 0; b.Loop(); i++ {
		if err := h.Deliver(b.Context(), patient, text(fmt.Sprint(i), long)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	var m bot.Message
	for i := range 5 {
		m.Text = append(m.Text, bot.Block{Item: true, Spans: []bot.Span{{Text: "Gardening for all, ", Strong: true}, {Text: "Tuesdays at 10am, Stockwood Park, free"}}})
		m.Options = append(m.Options, bot.Option{Label: fmt.Sprintf("Tell me about number %d", i), Payload: "q~1~abc~1"})
	}
	for name, l := range map[string]bot.Limits{"roomy": bottest.Roomy(), "split": {TextChars: 100, LabelChars: 20, Options: 10, PayloadBytes: 64}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bot.Fit(m, l)
			}
		})
	}
}

func BenchmarkSigner(b *testing.B) {
	s := bottest.TestSigner(b)
	p, to := bot.Press{Dialog: "visit", Subject: "v1234567", Answer: "yes"}, bottest.Address(patient)
	payload, err := s.Payload(p, to, signedAt())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Payload(p, to, signedAt()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Open(payload, to, signedAt()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
