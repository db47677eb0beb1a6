package reminders

import (
	"context"
	"time"

	"handrail/bot"
)

// quietFor is how long nothing came from a chat that is nobody's before its address is forgotten: somebody who is just joining,
// or asking what this is, is not forgotten in between.
const quietFor = 24 * time.Hour

// forget sends nothing. At night it forgets the addresses of chats that are nobody's any more, and words that were still on
// their way when somebody had everything deleted (G7).
func (k *kit) forget() Job {
	return Job{
		Name: "forget", Spec: "20 4 * * *", AtTick: true,
		Due: func(context.Context, Span) ([]bot.Envelope, error) { return nil, nil },
		After: func(ctx context.Context, s Span) error {
			_, err := k.Facts.ForgetChats(ctx, s.Now.Add(-quietFor))
			return err
		},
	}
}
