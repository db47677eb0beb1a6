package bottest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
)

// House is a World without records: the engine over the stores in memory, one channel, and a sender that knows nothing
// but order and time. It plays transcripts of dialogs that need nothing else.
//
//	h := bottest.NewHouse(t, bottest.HouseOptions{Dialogs: []bot.Dialog{greet}})
//	bottest.Run(t, "testdata/greet.txt", h)
//
// Its methods are not safe for use by several goroutines; its Bot, Ledger, States and Channel are.
type House struct {
	Bot     *bot.Bot
	Ledger  *Ledger
	States  *MemoryStates
	Channel *Fake
	Clock   *Clock
	Signer  bot.Signer

	t     testing.TB
	roles map[string]bot.Who
	mu    sync.Mutex
	gone  int // envelopes of the outbox that were sent
	late  []bot.Envelope
	seen  int // messages that Sent told of
	at    []time.Time
}

// HouseOptions is what a House is made of. The zero value of everything but Dialogs will do.
type HouseOptions struct {
	Dialogs []bot.Dialog
	Guards  []bot.Guard
	// Words are added to those of the engine.
	Words map[string]string
	// People are who has a chat, by role; others are unknown to the records. Their address is Address(role).
	People  map[string]bot.Who
	Scanner bot.Scanner
	// Limits are the channel's; the zero value is Roomy.
	Limits bot.Limits
	// Change, when set, may change anything before the engine is made.
	Change func(*bot.Options)
}

// Calm is a bot.Scanner that finds the word "danger" and nothing else.
type Calm struct{}

// Scan finds the word "danger".
func (Calm) Scan(text string) string {
	if strings.Contains(text, "danger") {
		return "danger"
	}
	return ""
}

// Address is where a role's chat is in a House.
func Address(role string) handrail.Address {
	return handrail.Address{Practice: "practice", Channel: "fake", Chat: strings.ToLower(role)}
}

// TestSigner signs with a key that is no secret.
func TestSigner(t testing.TB) bot.Signer {
	t.Helper()
	s, err := bot.NewSigner([]byte("a key for tests that is no secret"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// NewHouse makes a house whose clock stands at 2 November 2026, 9 o'clock. Every turn is played twice.
func NewHouse(t testing.TB, o HouseOptions) *House {
	t.Helper()
	if o.Limits == (bot.Limits{}) {
		o.Limits = Roomy()
	}
	if o.Scanner == nil {
		o.Scanner = Calm{}
	}
	h := &House{
		Ledger: NewLedger(), States: NewMemoryStates(), Channel: NewFake(t, "fake", o.Limits),
		Clock: NewClock(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)), Signer: TestSigner(t), t: t, roles: o.People,
	}
	for role, who := range o.People {
		h.Ledger.Know(Address(role), who)
	}
	opts := bot.Options{
		Ledger: h.Ledger, States: h.States, Words: NewWords(o.Words), Dialogs: o.Dialogs, Guards: o.Guards,
		Channels: []bot.Channel{h.Channel}, Scanner: o.Scanner, Signer: h.Signer, Clock: h.Clock,
		Log: slog.New(slog.DiscardHandler), PlayTwice: true,
	}
	if o.Change != nil {
		o.Change(&opts)
	}
	b, err := bot.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	h.Bot = b
	return h
}

var _ World = (*House)(nil)

// Start sets the clock.
func (h *House) Start(_ context.Context, at time.Time) error {
	h.Clock.Set(at)
	return nil
}

// Now is the clock's.
func (h *House) Now() time.Time { return h.Clock.Now() }

// Deliver hands an update in.
func (h *House) Deliver(ctx context.Context, role string, u bot.Update) error {
	u.From = Address(role)
	return h.Bot.Deliver(ctx, u)
}

// Settle thinks and sends until nothing is left to do now. A turn that fails is left for later, as the engine does.
func (h *House) Settle(ctx context.Context) error {
	for range 10_000 {
		did, err := h.Bot.Step(ctx)
		if err != nil {
			h.t.Logf("a turn failed: %v", err)
		}
		if !did {
			return h.post(ctx)
		}
	}
	return errors.New("the house does not come to rest")
}

// post sends what is due.
func (h *House) post(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.Ledger.Out()
	h.late = append(h.late, out[h.gone:]...)
	h.gone = len(out)
	var later []bot.Envelope
	for i, e := range h.late {
		if e.NotBefore.After(h.Clock.Now()) {
			later = append(later, e)
			continue
		}
		if err := h.Signer.Seal(&e.Message, e.To, h.Clock.Now()); err != nil {
			return fmt.Errorf("post: %w", err)
		}
		for _, part := range bot.Fit(e.Message, h.Channel.Limits()) {
			if _, err := h.Channel.Send(ctx, e.To, part); err != nil {
				h.late = append(later, h.late[i:]...)
				return fmt.Errorf("post: %w", err)
			}
			h.at = append(h.at, h.Clock.Now())
		}
	}
	h.late = later
	return nil
}

// Next is when the next envelope is due.
func (h *House) Next(context.Context) (time.Time, string, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var at time.Time
	for _, e := range h.late {
		if at.IsZero() || e.NotBefore.Before(at) {
			at = e.NotBefore
		}
	}
	if due, ok := h.Ledger.due(h.Clock.Now()); ok && (at.IsZero() || due.Before(at)) {
		at = due
	}
	return at, "a message", !at.IsZero(), nil
}

// Advance runs the clock.
func (h *House) Advance(ctx context.Context, to time.Time) error {
	for {
		at, _, ok, err := h.Next(ctx)
		if err != nil {
			return err
		}
		if !ok || at.After(to) {
			h.Clock.Set(to)
			return h.Settle(ctx)
		}
		h.Clock.Set(at)
		if err := h.Settle(ctx); err != nil {
			return err
		}
	}
}

// Sent is what people were shown since the last call.
func (h *House) Sent() []Sent {
	all := h.Channel.All()
	var out []Sent
	for i := h.seen; i < len(all); i++ {
		at := h.Clock.Now()
		if i < len(h.at) {
			at = h.at[i]
		}
		out = append(out, Sent{Role: h.role(all[i].To), Message: all[i].Message, At: at})
	}
	h.seen = len(all)
	return out
}

func (h *House) role(a handrail.Address) string {
	for _, role := range slices.Sorted(maps.Keys(h.roles)) {
		if Address(role) == a {
			return role
		}
	}
	return strings.ToUpper(a.Chat)
}

// Records are the notes that effects wrote.
func (h *House) Records(context.Context) ([]string, error) { return h.Ledger.Notes(), nil }

// Say delivers words from a role and settles; it fails the test when that fails. The id is made of the words' place.
func (h *House) Say(role, id, text string) {
	h.t.Helper()
	h.Happen(role, bot.Update{ID: id, Kind: bot.UpdateText, Text: text})
}

// Happen delivers an update from a role and settles.
func (h *House) Happen(role string, u bot.Update) {
	h.t.Helper()
	u.At = h.Clock.Now()
	if err := h.Deliver(h.t.Context(), role, u); err != nil {
		h.t.Fatal(err)
	}
	if err := h.Settle(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// Heard is what people were shown since the last call of Heard or Sent, as a transcript has it.
func (h *House) Heard() []string {
	var out []string
	for _, s := range h.Sent() {
		lines := ShownEntry(s.Role, s.Message).lines()
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], indent)
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	return out
}
