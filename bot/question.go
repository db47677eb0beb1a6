package bot

import (
	"context"
	"fmt"
	"slices"

	"handrail"
)

// Question is the open question of a conversation, as it would be asked now, buttons and form filled in; false when none
// is open, or the person may not have it any more. It changes nothing and sends nothing. A channel draws from it what it
// could not show at once: a form whose network lets it open only for a moment after a press.
func (b *Bot) Question(ctx context.Context, from handrail.Address) (Message, bool, error) {
	keys, ok := b.ledger.(interface {
		ConversationKey(addr handrail.Address) string
	})
	if !ok {
		return Message{}, false, nil
	}
	who, err := b.ledger.Who(ctx, from)
	if err != nil {
		return Message{}, false, fmt.Errorf("read the open question: who asks: %w", err)
	}
	key := keys.ConversationKey(from)
	raw, _, err := b.states.Load(ctx, key)
	if err != nil {
		return Message{}, false, fmt.Errorf("read the open question: load conversation state: %w", err)
	}
	if raw == nil {
		return Message{}, false, nil
	}
	s, err := decodeState(raw)
	if err != nil || len(s.Runs) == 0 {
		return Message{}, false, nil //nolint:nilerr // a state of another time: the place is lost, and the next turn says so
	}
	d := b.byName[s.open()]
	if d == nil || d.May != nil && !d.May(who) {
		return Message{}, false, nil
	}
	// A replay without an answer ends at the question. The state it is made on is a copy and is dropped.
	th := &thought{
		b: b, ctx: ctx, who: who, s: &s,
		turn: Turn{Update: Update{From: from}, Conversation: key, Number: s.Applied, AcceptedAt: s.Last},
	}
	th.u = &th.turn.Update
	if c, ok := b.channels[from.Channel]; ok {
		th.limits = c.Limits()
	}
	asked, err := th.play(len(s.Runs)-1, nil)
	if err != nil {
		return Message{}, false, fmt.Errorf("read the open question: %w", err)
	}
	if !asked || len(th.out) == 0 {
		return Message{}, false, nil
	}
	return slices.Clone(th.out)[len(th.out)-1], true, nil
}
