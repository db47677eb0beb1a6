package records

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"handrail/bot"
)

// ranks is how many ranks bot.Class.Rank gives: 0 to 6.
const ranks = 7

// strandedLease is how long a posting that Stranded hands out is the caller's to settle.
const strandedLease = 30 * time.Second

// behind is the condition that an earlier message of the same class to the same address is on its way, was tried and is to
// be tried again, or waits for its place in the rates: then this one waits, so that a person reads things in the order in
// which they were said. One that is only planned for later holds nothing up. $1 is now.
const behind = `EXISTS (SELECT 1 FROM outbox b WHERE b.address = a.address AND b.rank = a.rank AND b.seq < a.seq
	AND b.state IN ('queued', 'claimed', 'sending')
	AND (b.state = 'sending' OR (b.state = 'claimed' AND b.lease_until > $1)
		OR (b.state = 'queued' AND (b.attempts > 0 OR b.reason = '` + bot.ReasonRate + `'))))`

// candidates finds what may be claimed at $1, at most $2: each class has its own walk along the index outbox_due, so
// that neither what is due later nor a heap of lower classes is looked at. The + 0 after each limit keeps SQLite from
// planning with its value: it would prepare the statement anew for each claim, which takes longer than the claim.
func candidates() string {
	var b strings.Builder
	for rank := range ranks {
		if rank > 0 {
			b.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&b, `SELECT seq, rank, not_before FROM (SELECT seq, rank, not_before FROM outbox a
			WHERE state = 'queued' AND held = 0 AND rank = %d AND not_before <= $1 AND NOT %s
			ORDER BY not_before, seq LIMIT $2 + 0) r%d`, rank, behind, rank)
	}
	b.WriteString(` UNION ALL SELECT seq, rank, not_before FROM outbox a
		WHERE state IN ('claimed', 'sending') AND state = 'claimed' AND lease_until <= $1 AND NOT ` + behind)
	return "SELECT seq FROM (" + b.String() + ") c ORDER BY rank, not_before, seq LIMIT $2 + 0"
}

// Claim leases up to max postings that may go now to the caller, until now+lease: queued ones that are due and not held,
// and claimed ones whose lease has run out. Higher classes come first, then what was due first, then what was put first;
// of one address and class none comes before an earlier one that is still on its way. Each claim has a new epoch.
func (r *Records) Claim(ctx context.Context, now time.Time, lease time.Duration, max int) ([]bot.Posting, error) {
	var out []bot.Posting
	err := r.in(ctx, "Claim", func(ctx context.Context) error {
		out = nil
		if r.kind == postgres {
			// Two claims at once would not see each other's leases, and the order within an address would break.
			if _, err := r.exec(ctx, "take the lock of claims", "SELECT pg_advisory_xact_lock(4826001)"); err != nil {
				return err
			}
		}
		rows, err := list(ctx, r, "claim envelopes", r.scanPosting, `UPDATE outbox SET state = 'claimed', epoch = epoch + 1, lease_until = $3, owner = $4
			WHERE seq IN (SELECT seq FROM outbox WHERE seq IN (`+candidates()+`)`+r.kind.skipLocked()+`)
			AND ((state = 'queued' AND held = 0) OR (state = 'claimed' AND lease_until <= $1))
			RETURNING `+postingColumns, micros(now), max, micros(now.Add(lease)), r.run.Load())
		if err != nil || len(rows) == 0 {
			return err
		}
		inOrder(rows)
		out, err = r.addressed(ctx, rows)
		return err
	})
	return out, err
}

// inOrder sorts rows as the sender takes them: RETURNING promises no order.
func inOrder(rows []posting) {
	slices.SortFunc(rows, func(a, b posting) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), a.Envelope.NotBefore.Compare(b.Envelope.NotBefore), cmp.Compare(a.seq, b.seq))
	})
}

// Sending commits that a request is about to be written: from here the outcome may be unknown. It is called before each
// request, so also before each part of a message, and counts the attempt. bot.ErrStale when the posting was claimed
// again, settled or suppressed meanwhile: then nothing may be sent.
func (r *Records) Sending(ctx context.Context, key string, epoch int64, now time.Time, lease time.Duration) error {
	return r.in(ctx, "Sending", func(ctx context.Context) error {
		n, err := r.exec(ctx, "mark the envelope as being sent", `UPDATE outbox SET state = 'sending', attempts = attempts + 1,
			lease_until = $1 WHERE key = $2 AND epoch = $3 AND state IN ('claimed', 'sending')`,
			micros(now.Add(lease)), key, epoch)
		if err == nil && n == 0 {
			err = bot.ErrStale
		}
		return err
	})
}

// Settle commits how a posting ended (sent, unknown, failed_permanent, suppressed), or puts it back: queued is not
// claimed before RetryAt; claimed keeps the lease and records the parts that were sent so far. bot.ErrStale when the
// epoch has passed or the posting was settled already. A copy of what was sent stays.
func (r *Records) Settle(ctx context.Context, key string, epoch int64, s bot.Settlement) error {
	if ended := s.State == bot.SendSent || s.State == bot.SendUnknown || s.State == bot.SendFailed || s.State == bot.SendSuppressed; ended && !r.alone(ctx) {
		ref, err := r.seal(place("outbox", key, "ref"), []byte(s.Ref))
		if err != nil {
			return err
		}
		ours, err := r.batches.settle.do(context.WithoutCancel(ctx), settlement{key, string(s.State), s.Reason, epoch, int64(s.Parts), ref, r.now()})
		if err == nil && !ours {
			return bot.ErrStale
		}
		if err == nil {
			return nil
		}
	}
	return r.in(ctx, "Settle", func(ctx context.Context) error {
		ref, err := r.seal(place("outbox", key, "ref"), []byte(s.Ref))
		if err != nil {
			return err
		}
		var settled, retry sql.NullInt64
		switch s.State {
		case bot.SendQueued:
			retry = maybe(&s.RetryAt)
		case bot.SendClaimed:
		case bot.SendSent, bot.SendUnknown, bot.SendFailed, bot.SendSuppressed:
			now := r.now()
			settled = maybe(&now)
		default:
			return fmt.Errorf("settle envelope: it cannot be settled as %q", s.State)
		}
		n, err := r.exec(ctx, "settle envelope", `UPDATE outbox SET state = $1, reason = $2, ref = COALESCE($3, ref), parts = $4,
			settled_at = $5, not_before = COALESCE($6, not_before)
			WHERE key = $7 AND epoch = $8 AND state IN ('claimed', 'sending')`,
			string(s.State), s.Reason, ref, s.Parts, settled, retry, key, epoch)
		if err != nil {
			return err
		}
		if n == 0 {
			return bot.ErrStale
		}
		if s.State == bot.SendQueued {
			r.tx(ctx).wake |= workPosts
		}
		return nil
	})
}

// Stranded leases up to max postings whose sender died while sending: their lease has run out, and nobody knows whether
// they arrived. They keep their state and get a new epoch, for the caller to settle by the rule of their class within half a
// minute.
func (r *Records) Stranded(ctx context.Context, now time.Time, max int) ([]bot.Posting, error) {
	var out []bot.Posting
	err := r.in(ctx, "Stranded", func(ctx context.Context) error {
		out = nil
		rows, err := list(ctx, r, "take over stranded envelopes", r.scanPosting, `UPDATE outbox SET epoch = epoch + 1, lease_until = $3, owner = $4
			WHERE seq IN (SELECT seq FROM outbox WHERE state IN ('claimed', 'sending') AND state = 'sending' AND lease_until <= $1
				ORDER BY rank, not_before, seq LIMIT $2 + 0`+r.kind.skipLocked()+`)
			AND state = 'sending' AND lease_until <= $1
			RETURNING `+postingColumns, micros(now), max, micros(now.Add(strandedLease)), r.run.Load())
		if err != nil || len(rows) == 0 {
			return err
		}
		inOrder(rows)
		out, err = r.addressed(ctx, rows)
		return err
	})
	return out, err
}

// nextDue finds the first envelope that is due and that nothing is in front of.
const nextDue = `SELECT not_before FROM outbox a WHERE state = 'queued' AND held = 0 AND NOT ` + behind +
	` ORDER BY not_before LIMIT 1`

// nextLease finds the first lease to end. One that has ended counts only if Claim would give its envelope away: otherwise
// the sender would look again and again for what waits behind an earlier message.
const nextLease = `SELECT MIN(lease_until) FROM outbox a WHERE state IN ('claimed', 'sending')
	AND (state = 'sending' OR lease_until > $1 OR NOT ` + behind + `)`

// NextDue returns the earliest moment, now or later, at which Claim or Stranded may find something; false when nothing
// waits. What waits behind an earlier message to the same address counts from the moment at which that one's lease ends;
// a sender that settles one looks again by itself.
func (r *Records) NextDue(ctx context.Context, now time.Time) (time.Time, bool, error) {
	queued, found, err := one(ctx, r, "look for the next envelope", value[int64], nextDue, micros(now))
	if err != nil {
		return time.Time{}, false, err
	}
	leased, _, err := one(ctx, r, "look for the next lease to end", nullMicros, nextLease, micros(now))
	if err != nil {
		return time.Time{}, false, err
	}
	next := queued
	if leased.Valid && (!found || leased.Int64 < queued) {
		next, found = leased.Int64, true
	}
	if !found {
		return time.Time{}, false, nil
	}
	return instant(max(next, micros(now))), true, nil
}
