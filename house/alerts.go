package house

import (
	"context"
	"time"

	"handrail/alerts"
	"handrail/bot"
	"handrail/reminders"
)

// Alerts is how staff are called to somebody who may be in danger: see package alerts.
type Alerts struct {
	Rungs []alerts.Rung
	Hours alerts.Hours
	Again time.Duration
	// Mail is the second route, and To its addresses.
	Mail bot.Channel
	To   []string
}

func newLadder(o Options, post Post, words bot.Words) (*alerts.Ladder, error) {
	return alerts.New(alerts.Options{
		Records: o.Records, Post: post, Words: words, Zone: o.Zone, Clock: o.Clock, Log: o.Log,
		Rungs: o.Alerts.Rungs, Hours: o.Alerts.Hours, Again: o.Alerts.Again, Mail: o.Alerts.Mail, To: o.Alerts.To,
	})
}

// stillness is the last look at the facts before a message is sent: the ladder's at its own, the planner's at everything
// else.
type stillness struct {
	planner *reminders.Planner
	ladder  *alerts.Ladder
}

// Still implements outbox.Facts.
func (s stillness) Still(ctx context.Context, e bot.Envelope) (string, error) {
	if reason, mine, err := s.ladder.Still(ctx, e); mine {
		return reason, err
	}
	return s.planner.Still(ctx, e)
}

// onGone is what happens when a chat turns out to be closed: a patient's is their link worker's task, staff's is told by
// e-mail.
func onGone(patients func(ctx context.Context, e bot.Envelope) error, staff *alerts.Ladder) func(ctx context.Context, e bot.Envelope) error {
	return func(ctx context.Context, e bot.Envelope) error {
		if err := patients(ctx, e); err != nil {
			return err
		}
		return staff.Gone(ctx, e)
	}
}
