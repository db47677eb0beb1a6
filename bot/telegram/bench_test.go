package telegram_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
)

// echo says what was said.
func echo() bot.Dialog {
	return bot.Dialog{Name: "echo", Title: "echo", Light: true, Hears: func(u bot.Update, _ bot.Who) (bot.Answers, bool) {
		return bot.Answers{"words": u.Text}, true
	}, Script: func(t *bot.Talk) error {
		t.Say(bot.Para("You said: " + t.Seeded("words")))
		return nil
	}}
}

// yes is a network that takes everything, so that what is measured is the channel and not a server beside it.
type yes struct{}

func (yes) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"ok":true,"result":{"message_id":5,"date":1793610000,"chat":{"id":1001,"type":"private"},"text":"hello"}}`)), Request: r}, nil
}

func benchChannel(b *testing.B, t http.RoundTripper) *telegram.Channel {
	b.Helper()
	c, err := telegram.New(telegram.Options{
		Token: rig.Secret("123456:TEST-token"), Practice: practice, Clock: rig.Hurried{}, Profiles: []telegram.Profile{},
		WebhookURL: "https://handrail.example/telegram", WebhookSecret: rig.Secret(secret), Client: &http.Client{Transport: t},
	})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// From the webhook's request to the reply's: read, accept, think, render, send; the records in memory, no network.
func BenchmarkWebhookToReply(b *testing.B) {
	c := benchChannel(b, yes{})
	ledger := bottest.NewLedger()
	words := bottest.NewWords(map[string]string{"echo": "echo"})
	engine, err := bot.New(bot.Options{
		Ledger: ledger, States: bottest.NewMemoryStates(), Words: words, Dialogs: []bot.Dialog{echo()}, Channels: []bot.Channel{c},
		Scanner: rig.Calm{}, Signer: bottest.TestSigner(b), Clock: rig.Clock{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	w := &world{t: b, channel: c, log: &rig.Log{}}
	defer w.start(engine)()
	h := c.Handler()
	to := w.address()
	b.ReportAllocs()
	sent := 0
	for i := 1; b.Loop(); i++ {
		body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"from":{"id":1001,"is_bot":false,"first_name":"Ann","language_code":"en"},"chat":{"id":1001,"first_name":"Ann","type":"private"},"date":1793610000,"text":"word %d"}}`, i, i, i)
		for {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "https://handrail.example/telegram", strings.NewReader(body))
			r.Header.Set(header, secret)
			rw := httptest.NewRecorder()
			h.ServeHTTP(rw, r)
			if rw.Code == http.StatusOK {
				break
			}
			if rw.Code != http.StatusServiceUnavailable || sent > 0 {
				b.Fatalf("answered %d", rw.Code)
			}
		}
		if did, err := engine.Step(b.Context()); !did || err != nil {
			b.Fatal(did, err)
		}
		// What was said, as the ledger has it; asking the ledger would copy all that it ever had.
		if _, err := c.Send(b.Context(), to, bot.Message{Text: bot.Para(fmt.Sprintf("You said: word %d", i))}); err != nil {
			b.Fatal(err)
		}
		sent = i
	}
	if out := ledger.Out(); len(out) != sent || !strings.HasPrefix(out[sent-1].Message.Text.Plain(), "You said: word ") {
		b.Fatal("other replies than were measured")
	}
}

// The channel's own part of an update: the secret, reading, and what it means.
func BenchmarkWebhook(b *testing.B) {
	c := benchChannel(b, yes{})
	w := &world{t: b, channel: c, log: &rig.Log{}}
	defer w.start(rig.Drop{})()
	h := c.Handler()
	body := `{"update_id":7,"message":{"message_id":5,"from":{"id":1001,"is_bot":false,"first_name":"Ann","language_code":"en"},"chat":{"id":1001,"first_name":"Ann","type":"private"},"date":1793610000,"text":"hello"}}`
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "https://handrail.example/telegram", strings.NewReader(body))
		r.Header.Set(header, secret)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// A message with two buttons: rendering, the call, and reading its answer.
func BenchmarkSend(b *testing.B) {
	c := benchChannel(b, yes{})
	w := &world{channel: c}
	m := bot.Message{
		Text:    bot.Text{{Spans: []bot.Span{{Text: "Tai chi", Strong: true}, {Text: " is on Tuesday at 2pm. Shall I put you down for it?"}}}},
		Options: []bot.Option{{Label: "Yes please", Payload: "q~1z141z3~1wqo2vs~0"}, {Label: "Not now", Payload: "q~1z141z3~1wqo2vs~1"}},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Send(b.Context(), w.address(), m); err != nil {
			b.Fatal(err)
		}
	}
}
