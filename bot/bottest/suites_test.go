package bottest_test

import (
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

// fakeNetwork lends Fake to the suite.
type fakeNetwork struct {
	fake *bottest.Fake
	ids  int
}

func (n *fakeNetwork) Channel() bot.Channel      { return n.fake }
func (n *fakeNetwork) Address() handrail.Address { return bottest.Address("patient") }

func (n *fakeNetwork) happen(u bot.Update) <-chan struct{} {
	n.ids++
	u.ID, u.From, u.At = string(rune('a'+n.ids)), n.Address(), time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	return n.fake.Happen(u)
}

func (n *fakeNetwork) Text(words string) <-chan struct{} {
	return n.happen(bot.Update{Kind: bot.UpdateText, Text: words})
}

func (n *fakeNetwork) seen(ref bot.Ref) bot.Message {
	for _, s := range n.fake.All() {
		if s.Ref == ref {
			return s.Message
		}
	}
	return bot.Message{}
}

func (n *fakeNetwork) Press(ref bot.Ref, i int) <-chan struct{} {
	return n.happen(bot.Update{Kind: bot.UpdatePress, Choice: n.seen(ref).Options[i].Payload})
}

func (n *fakeNetwork) Submit(ref bot.Ref, fields map[string]string) <-chan struct{} {
	return n.happen(bot.Update{Kind: bot.UpdateForm, Form: n.seen(ref).Form.Token, Fields: fields})
}

func (n *fakeNetwork) Shown() []bot.Message {
	var out []bot.Message
	for _, s := range n.fake.Shown(n.Address()) {
		out = append(out, s.Message)
	}
	return out
}

func TestFake(t *testing.T) {
	for name, limits := range map[string]bot.Limits{
		"roomy": bottest.Roomy(), "bare": bottest.Bare(), "small": {TextChars: 200, Options: 1, LabelChars: 20, PayloadBytes: 64},
	} {
		t.Run(name, func(t *testing.T) {
			bottest.Channels(t, func(t *testing.T) bottest.Network {
				return &fakeNetwork{fake: bottest.NewFake(t, "fake", limits)}
			})
		})
	}
}

func TestLedger(t *testing.T) {
	bottest.Ledgers(t, func(t *testing.T) bot.Ledger { return bottest.NewLedger() })
}

func TestMemoryStates(t *testing.T) {
	bottest.States(t, func(t *testing.T) bot.States { return bottest.NewMemoryStates() })
}
