package outbox

import (
	"context"
	"strconv"
	"time"

	"handrail/bot"
)

// Reasons of a request that may have arrived. They stay with a posting that is put back, until somebody has looked or its
// next request is written: a process that starts anew knows from them what to look for.
const (
	reasonLost    = "answer lost"
	reasonStopped = "sender stopped"
	reasonPanic   = "panic"
)

const (
	// What was on its way is there by now, or never will be: an answer that somebody waits for is looked for sooner.
	lookReply = 3 * time.Second
	lookOther = 30 * time.Second
	lookAgain = 30 * time.Second // when a look could not be made
)

// lookFor is for how long, from when a posting was put, a look that cannot be made is waited for; then the rule of its class
// stands in for it. A card or an alert doesn't wait at all.
func lookFor(c bot.Class) time.Duration {
	switch c {
	case bot.ClassCard, bot.ClassAlert:
		return 0
	case bot.ClassReply:
		return replyLate
	default:
		return 3 * time.Hour
	}
}

// doubtful reports whether nobody knows how the last request for a posting ended.
func doubtful(p bot.Posting) bool {
	return p.Attempts > 0 && (p.Reason == reasonLost || p.Reason == reasonStopped || p.Reason == reasonPanic)
}

// mark is what a part of a posting is found by.
func mark(p bot.Posting) string { return p.Envelope.Key + "#" + strconv.Itoa(p.Parts) }

// lookAt is when a doubtful posting is looked for. A card or an alert waits for nothing: it goes again if it isn't there yet.
func (s *Sender) lookAt(p bot.Posting, now time.Time) time.Time {
	switch p.Envelope.Class {
	case bot.ClassCard, bot.ClassAlert:
		return now.Add(s.backoff(p))
	case bot.ClassReply:
		return now.Add(lookReply)
	default:
		return now.Add(lookOther)
	}
}

// recall finds out what became of the last request of a doubtful posting, where its network lets us look, and otherwise
// goes by the rule of its class. settled says that there's nothing more to do with it now; else its part is to be sent.
func (s *Sender) recall(ctx context.Context, p bot.Posting, ch bot.Channel, now time.Time) (end bot.Settlement, settled bool) {
	found, ref, after, parts := s.look(ctx, p, ch)
	switch {
	case ctx.Err() != nil:
		return back(p, place(p), "stopped in time"), true
	case found == bot.RecallArrived:
		s.log.InfoContext(ctx, "a message that was in doubt has arrived", "channel", p.Envelope.To.Channel, "class", p.Envelope.Class)
		p.Parts++
		if p.Parts < parts {
			p.Reason = ""
			end = back(p, place(p), "")
			end.Ref = ref
			return end, true
		}
		return bot.Settlement{State: bot.SendSent, Ref: ref, Parts: p.Parts}, true
	case found == bot.RecallAbsent && tries(p) < maxDoubts:
		return bot.Settlement{}, false
	case found == "" && now.Sub(begun(p)) < lookFor(p.Envelope.Class):
		return back(p, now.Add(max(after, lookAgain)), p.Reason), true
	case resends(p, tries(p), now):
		return bot.Settlement{}, false
	}
	return bot.Settlement{State: bot.SendUnknown, Reason: p.Reason, Parts: p.Parts}, true
}

// begun is the earliest moment at which a posting can have been sent: one that was put in the evening for the morning has not
// been in doubt all night.
func begun(p bot.Posting) time.Time {
	if p.Envelope.NotBefore.After(p.PutAt) {
		return p.Envelope.NotBefore
	}
	return p.PutAt
}

// look asks the network. It finds nothing ("") when it cannot be asked just now; parts is how many the message has.
func (s *Sender) look(ctx context.Context, p bot.Posting, ch bot.Channel) (found bot.Recalled, ref bot.Ref, after time.Duration, parts int) {
	recaller, ok := ch.(bot.Recaller)
	if !ok {
		return bot.RecallUnclear, "", 0, 0
	}
	all, err := s.parts(ctx, p, false, ch.Limits())
	if err != nil || p.Parts >= len(all) { // the ordinary way meets that again, and deals with it
		return bot.RecallUnclear, "", 0, 0
	}
	err = func() (err error) {
		ctx, cancel := context.WithTimeout(ctx, s.o.SendTimeout)
		defer cancel()
		defer catch(&err)
		found, ref, err = recaller.Recall(ctx, p.Envelope.To, mark(p), all[p.Parts], p.PutAt)
		return err
	}()
	if err == nil {
		return found, ref, 0, len(all)
	}
	outcome, after := bot.OutcomeOf(err)
	if outcome == bot.OutcomeRefused || outcome == bot.OutcomeGone {
		return bot.RecallUnclear, "", 0, 0
	}
	s.log.WarnContext(ctx, "a message in doubt could not be looked for", "channel", p.Envelope.To.Channel, "class", p.Envelope.Class, "err", err)
	return "", "", after, 0
}
