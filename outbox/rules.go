package outbox

import (
	"context"
	"time"

	"handrail/bot"
)

// The rules of section 1, and nothing else: pure functions of a posting and the time.

// isLate reports whether a posting's time has passed.
func isLate(p bot.Posting, now time.Time) bool {
	end := p.Envelope.NotAfter
	switch p.Envelope.Class {
	case bot.ClassCard, bot.ClassAlert, bot.ClassNote:
		return false // never too late to be sent as they are
	case bot.ClassReply:
		end = orAfter(end, p.PutAt, replyLate)
	case bot.ClassNudge:
		end = orAfter(end, p.PutAt, nudgeLate)
	case bot.ClassDigest:
		end = orAfter(end, p.PutAt, digestLate)
	}
	return !end.IsZero() && !now.Before(end)
}

func orAfter(end, put time.Time, d time.Duration) time.Time {
	if end.IsZero() && !put.IsZero() {
		return put.Add(d)
	}
	return end
}

// drops reports whether a class is dropped when it is late. A notice is late only where it says until when it means
// anything: a question to a buddy, until the visit.
func drops(c bot.Class) bool {
	return c == bot.ClassReminder || c == bot.ClassNudge || c == bot.ClassNotice
}

// resends reports whether a posting in doubt may be sent again. tries counts the requests of this part so far. Where an
// earlier request was refused for the moment and the second was lost, a reply, a notice or a reminder is not sent a third time:
// the store keeps no note of which was which, and a duplicate is worse.
func resends(p bot.Posting, tries int, now time.Time) bool {
	switch p.Envelope.Class {
	case bot.ClassCard, bot.ClassAlert:
		return tries < maxDoubts
	case bot.ClassReply, bot.ClassNotice:
		return tries < 2
	case bot.ClassReminder:
		return tries < 2 && p.Envelope.NotAfter.Sub(now) > reminderLeft
	default:
		return false
	}
}

// doubt settles a request of which nobody knows how it ended. Where its network lets us look, that's done before anything is
// repeated or given up.
func (s *Sender) doubt(p bot.Posting, why string, now time.Time) bot.Settlement {
	if _, ok := s.o.Channels[p.Envelope.To.Channel].(bot.Recaller); ok {
		return back(p, s.lookAt(p, now), why)
	}
	if resends(p, tries(p), now) {
		return back(p, now.Add(s.backoff(p)), why)
	}
	return bot.Settlement{State: bot.SendUnknown, Reason: why, Parts: p.Parts}
}

// again settles a request that was certainly not sent and may work later. after is what the network asked for.
func (s *Sender) again(ctx context.Context, p bot.Posting, after time.Duration, now time.Time) bot.Settlement {
	l, need := s.lanes[p.Envelope.To.Channel], needOf(p)
	s.mu.Lock()
	l.pause(now, after, need)
	s.mu.Unlock()
	s.pauseShared(ctx, l, after, now)
	limit := maxAttempts
	if need == pressing {
		limit, after = maxUrgent, min(after, longestBar)
	}
	if tries(p) >= limit {
		return bot.Settlement{State: bot.SendFailed, Reason: "gave up", Parts: p.Parts}
	}
	return back(p, now.Add(max(after, s.backoff(p))), "try again")
}

// backoff doubles from a second to five minutes (half a minute for cards and alerts); the upper half is jitter.
func (s *Sender) backoff(p bot.Posting) time.Duration {
	most := 5 * time.Minute
	if p.Envelope.Class.Rank() <= bot.ClassAlert.Rank() {
		most = 30 * time.Second
	}
	d := min(time.Second<<min(max(tries(p)-1, 0), 20), most)
	if s.o.Rand == nil {
		return d
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return d/2 + time.Duration(s.o.Rand.Int64N(int64(d/2)+1))
}

// tries is how many requests were written for the part that is being sent: every part that is known to be sent took
// one that succeeded.
func tries(p bot.Posting) int { return max(1, p.Attempts-p.Parts) }

// back puts a posting back into the queue with what is known of its parts. That it is in doubt isn't forgotten for a lesser
// reason.
func back(p bot.Posting, at time.Time, reason string) bot.Settlement {
	if doubtful(p) {
		reason = p.Reason
	}
	return bot.Settlement{State: bot.SendQueued, Reason: reason, Parts: p.Parts, RetryAt: at}
}

// place is the not-before that keeps a posting where it stands in the queue.
func place(p bot.Posting) time.Time {
	if p.Envelope.NotBefore.IsZero() {
		return p.PutAt
	}
	return p.Envelope.NotBefore
}

// Reasons for which a posting is put back without having been tried.
const (
	reasonHeld      = "held"        // the store's word: a person must look first (K8)
	reasonNoChannel = "no channel"  // not on this process, or not yet
	reasonUnchecked = "not checked" // the permission or the facts could not be read
)

// holdsUp reports whether what follows a posting, to its address and in its class, must wait for it: when it was tried
// or is half said. One that could not even be checked keeps nobody else.
func holdsUp(end bot.Settlement) bool {
	switch end.Reason {
	case reasonHeld, reasonNoChannel, reasonUnchecked:
		return false
	}
	return end.State == bot.SendQueued
}
