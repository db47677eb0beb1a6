package reminders

import (
	"context"

	"handrail"
	"handrail/bot"
)

// ask and buddy have no schedule of their own: dialogs post these messages at once. They are here so that the facts are
// looked at once more when a message waited. A yearly tick that finds nothing keeps them out of the way.
const never = "0 12 1 1 *"

func nothingDue(context.Context, Span) ([]bot.Envelope, error) { return nil, nil }

// ask is the question to a buddy whether they could go along.
func (k *kit) ask() Job {
	return Job{Name: "ask", Spec: never, Due: nothingDue, Still: func(ctx context.Context, e bot.Envelope) (string, error) {
		return k.accompanimentStill(ctx, e, handrail.AccompanimentAsked)
	}}
}

// buddy is the news to a patient that somebody will come along.
func (k *kit) buddy() Job {
	return Job{Name: "buddy", Spec: never, Due: nothingDue, Still: func(ctx context.Context, e bot.Envelope) (string, error) {
		return k.accompanimentStill(ctx, e, handrail.AccompanimentAgreed)
	}}
}

func (k *kit) accompanimentStill(ctx context.Context, e bot.Envelope, want handrail.AccompanimentState) (string, error) {
	a, err := k.Facts.Accompaniment(ctx, e.To.Practice, handrail.AccompanimentID(e.Subject))
	if err != nil {
		return "", err
	}
	if a.State != want {
		return "moved on", nil
	}
	return "", nil
}
