package records

import (
	"context"

	"handrail"
	"handrail/bot"
)

// SentAs is the network's reference to the one message that an envelope became at this address, so that a later one can
// take its place; empty when there is none: it was never put, was for somebody else, has not been sent, or was cut into
// several messages.
func (r *Records) SentAs(ctx context.Context, to handrail.Address, key string) (bot.Ref, error) {
	p, err := r.Posting(ctx, key)
	if handrail.IsKind(err, handrail.KindNotFound) {
		return "", nil
	}
	if err != nil || p.Envelope.To != to || p.State != bot.SendSent || p.Parts != 1 {
		return "", err
	}
	s, err := r.Settled(ctx, key)
	return s.Ref, err
}
