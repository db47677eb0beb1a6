package house

import (
	"context"
	"fmt"

	"handrail"
	"handrail/bot"
)

// Home is what somebody sees when they open the app and ask nothing, for a channel that has such a page: see
// dialogs.Home. Its buttons are sealed for the address.
func (h *House) Home(ctx context.Context, at handrail.Address) (bot.Message, error) {
	who, err := h.records.Who(ctx, at)
	if err != nil {
		return bot.Message{}, fmt.Errorf("make a home: %w", err)
	}
	now := h.clock.Now()
	m, err := h.home(ctx, who, now)
	if err != nil {
		return bot.Message{}, fmt.Errorf("make a home: %w", err)
	}
	m = m.Clone()
	if err := h.signer.Seal(&m, at, now); err != nil {
		return bot.Message{}, fmt.Errorf("make a home: %w", err)
	}
	return m, nil
}
