package records

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"handrail/bot"
)

// Finish commits the replies under their keys and the row as finished, and erases its words, in one transaction.
// bot.ErrStale, and nothing done, when the epoch has passed or the row is finished.
func (r *Records) Finish(ctx context.Context, t bot.Turn, f bot.Finish) error {
	return r.in(ctx, "Finish", func(ctx context.Context) error {
		if err := r.finish(ctx, t, f); err != nil {
			return err
		}
		_, err := r.Put(ctx, f.Out...)
		return err
	})
}

// FinishSending is Finish for a caller who writes the request of the first reply as soon as this returns: that one is
// committed as being sent, which Claim, MaySend and Sending would do in two more commits, with a lease until now+lease.
// Where it may not go, where an earlier message of its class to the same address is on its way, or where the key exists
// already, sending is false and the reply waits in the outbox as any other. behind is the key of an earlier message that
// the caller has on its way and waits for.
func (r *Records) FinishSending(ctx context.Context, t bot.Turn, f bot.Finish, behind string, now time.Time, lease time.Duration) (p bot.Posting, sending bool, err error) {
	if p, sending, err := r.finishTogether(ctx, t, f, behind, now, lease); err == nil {
		return p, sending, nil
	}
	err = r.in(ctx, "Finish", func(ctx context.Context) error {
		p, sending = bot.Posting{}, false
		if err := r.finish(ctx, t, f); err != nil {
			return err
		}
		if len(f.Out) == 0 {
			return nil
		}
		reason, err := r.MaySend(ctx, f.Out[0])
		if err != nil {
			return err
		}
		if reason == "" {
			if p, sending, err = r.putSending(ctx, f.Out[0], behind, now, lease); err != nil {
				return err
			}
		}
		rest := f.Out[1:]
		if !sending {
			rest = f.Out
		}
		_, err = r.Put(ctx, rest...)
		return err
	})
	if err != nil {
		return bot.Posting{}, false, err
	}
	return p, sending, nil
}

func (r *Records) finish(ctx context.Context, t bot.Turn, f bot.Finish) error {
	more, found, err := one(ctx, r, "finish the turn", value[int], `UPDATE inbox SET finished_at = $1, payload = NULL, guarded = 1
		WHERE conversation = $2 AND number = $3 AND epoch = $4 AND finished_at IS NULL
		RETURNING CASE WHEN EXISTS (SELECT 1 FROM inbox e WHERE e.conversation = inbox.conversation AND e.finished_at IS NULL
			AND e.number <> inbox.number) THEN 1 ELSE 0 END`,
		micros(f.At), t.Conversation, t.Number, t.Epoch)
	if err != nil {
		return err
	}
	if !found {
		return bot.ErrStale
	}
	if more == 1 || r.mayWait() { // the conversation's next update may be leased now
		r.tx(ctx).wake |= workTurns
	}
	if f.UsedState {
		_, err := r.exec(ctx, "remember the turn", "UPDATE conversations SET last_state_turn = $1, open_dialog = $2 WHERE conversation = $3",
			t.Number, f.OpenDialog, t.Conversation)
		if err != nil {
			return err
		}
	}
	if f.CloseDialogs {
		_, err := r.exec(ctx, "close the dialogs", "UPDATE conversations SET closed_before = $1 WHERE conversation = $2 AND closed_before < $1",
			t.Number, t.Conversation)
		if err != nil {
			return err
		}
	}
	return nil
}

// putSending puts an envelope as being sent by the caller, unless something is in front of it.
func (r *Records) putSending(ctx context.Context, e bot.Envelope, behind string, now time.Time, lease time.Duration) (bot.Posting, bool, error) {
	address := r.ConversationKey(e.To) // the turn came from there, so it is stored
	plain, err := json.Marshal(e.Message)
	if err != nil {
		return bot.Posting{}, false, fmt.Errorf("put envelope: encode the message: %w", err)
	}
	message, err := r.seal(place("outbox", e.Key, "message"), plain)
	if err != nil {
		return bot.Posting{}, false, err
	}
	put := instant(micros(r.now()))
	if e.NotBefore.IsZero() {
		e.NotBefore = put
	}
	n, err := r.exec(ctx, "put envelope", `INSERT INTO outbox (key, practice, address, patient, class, rank, permission, job,
		subject, not_before, not_after, held, message, state, epoch, attempts, parts, lease_until, reason, put_at, owner)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 'sending', 1, 1, 0, $13, '', $14, $15
		WHERE NOT EXISTS (SELECT 1 FROM outbox b WHERE b.address = $3 AND b.rank = $6 AND b.state IN ('queued', 'claimed', 'sending')
			AND b.key <> $16)
		ON CONFLICT (key) DO NOTHING`, e.Key, string(e.To.Practice), address, string(e.Patient), string(e.Class),
		e.Class.Rank(), string(e.Permission), e.Job, e.Subject, micros(e.NotBefore), micros(e.NotAfter),
		message, micros(now.Add(lease)), micros(put), r.run.Load(), behind)
	if err != nil || n == 0 {
		return bot.Posting{}, false, err
	}
	e.NotBefore = instant(micros(e.NotBefore))
	return bot.Posting{Envelope: e, State: bot.SendSending, Epoch: 1, Attempts: 1, PutAt: put}, true, nil
}
