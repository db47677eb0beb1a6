package house

import (
	"context"

	"handrail/bot"
)

// Inbox hands updates to whichever house stands now: the demo builds a new one when its story starts again, while its
// channel runs on.
type Inbox struct{ House func() *House }

// Deliver implements bot.Inbox.
func (i Inbox) Deliver(ctx context.Context, u bot.Update) error {
	return i.House().Bot.Deliver(ctx, u)
}
