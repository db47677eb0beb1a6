package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"handrail/bot"
)

// Records is what the engine asks of SQL.
var _ bot.Ledger = (*Records)(nil)

func inboxID(conversation string, number int64) string {
	return fmt.Sprintf("%s:%d", conversation, number)
}

// earlier is the condition that the conversation of a row has an unfinished update before it; row is what the query
// calls the table.
func earlier(row string) string {
	return "EXISTS (SELECT 1 FROM inbox e WHERE e.conversation = " + row + ".conversation AND e.finished_at IS NULL AND e.number < " +
		row + ".number)"
}

// nextTurn finds the row to lease at $1. The + keeps SQLite from the index on due_at, by which it would sort the whole
// backlog for each lease: it walks inbox_waiting instead and stops at the first row that will do.
func nextTurn() string {
	return "SELECT seq FROM inbox i WHERE finished_at IS NULL AND +due_at <= $1 AND (guarded = 0 OR NOT " + earlier("i") +
		") ORDER BY guarded, seq LIMIT 1"
}

// Lease gives one unfinished update to the caller until now+lease, with a new epoch; false when there is none. First come
// those that the guards have not seen, whatever their place in their conversation; then the oldest of each conversation.
// What was put off with Release waits.
func (r *Records) Lease(ctx context.Context, now time.Time, lease time.Duration) (bot.Turn, bool, error) {
	var turn bot.Turn
	var found bool
	err := r.in(ctx, "Lease", func(ctx context.Context) error {
		var err error
		turn, found, err = one(ctx, r, "lease a turn", r.scanTurn, `UPDATE inbox SET epoch = epoch + 1, due_at = $2, owner = $3
			WHERE seq = (`+nextTurn()+r.kind.skipLocked()+`) AND finished_at IS NULL AND due_at <= $1
			RETURNING conversation, number, epoch, guarded, accepted_at, payload,
			CASE WHEN `+earlier("inbox")+` THEN 0 ELSE 1 END,
			(SELECT c.value FROM identities c WHERE c.kind = 'chat' AND c.owner = inbox.conversation AND c.field = 'address'
				AND c.practice = inbox.practice),
			(SELECT c.last_state_turn FROM conversations c WHERE c.conversation = inbox.conversation),
			(SELECT c.open_dialog FROM conversations c WHERE c.conversation = inbox.conversation),
			(SELECT c.closed_before FROM conversations c WHERE c.conversation = inbox.conversation)`,
			micros(now), micros(now.Add(lease)), r.run.Load())
		return err
	})
	if err != nil {
		return bot.Turn{}, false, err
	}
	return turn, found, nil
}

func (r *Records) scanTurn(row scanner) (bot.Turn, error) {
	var t bot.Turn
	var guarded, oldest int
	var accepted int64
	var payload, address []byte
	err := row.Scan(&t.Conversation, &t.Number, &t.Epoch, &guarded, &accepted, &payload, &oldest, &address,
		&t.LastStateTurn, &t.OpenDialog, &t.ClosedBefore)
	if err != nil {
		return t, err
	}
	t.Guarded, t.Oldest, t.AcceptedAt = guarded == 1, oldest == 1, instant(accepted)
	plain, err := r.open(place("inbox", inboxID(t.Conversation, t.Number), "payload"), payload)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(plain, &t.Update); err != nil {
		return t, errors.New("read a stored update")
	}
	t.Update.From, err = r.openAddress(t.Conversation, address)
	return t, err
}

// Release gives the turn back unfinished; guarded says that the guards let it pass, and it isn't leased again before
// until. bot.ErrStale when it is no longer ours.
func (r *Records) Release(ctx context.Context, t bot.Turn, guarded bool, until time.Time) error {
	return r.in(ctx, "Release", func(ctx context.Context) error {
		n, err := r.exec(ctx, "release the turn", `UPDATE inbox SET due_at = $1, owner = 0, guarded = CASE WHEN guarded = 1 THEN 1 ELSE $2 END
			WHERE conversation = $3 AND number = $4 AND epoch = $5 AND finished_at IS NULL`,
			micros(until), flag(guarded), t.Conversation, t.Number, t.Epoch)
		if err != nil {
			return err
		}
		if n == 0 {
			return bot.ErrStale
		}
		r.waits()
		r.tx(ctx).wake |= workTurns
		return nil
	})
}

// NextTurn returns the earliest moment, now or later, at which Lease may find something; false when nothing waits. What
// waits behind an earlier update of its conversation does not count: finishing that one wakes the workers.
func (r *Records) NextTurn(ctx context.Context, now time.Time) (time.Time, bool, error) {
	due, found, err := one(ctx, r, "look for the next turn", value[int64], `SELECT due_at FROM inbox i
		WHERE finished_at IS NULL AND (guarded = 0 OR NOT `+earlier("i")+`) ORDER BY due_at LIMIT 1`)
	if err != nil || !found {
		return time.Time{}, false, err
	}
	return instant(max(due, micros(now))), true, nil
}

// InboxCounts is how many updates wait and how many are finished.
type InboxCounts struct {
	Waiting, Finished int
}

// InboxCounts counts the inbox, for metrics and tests.
func (r *Records) InboxCounts(ctx context.Context) (InboxCounts, error) {
	c, _, err := one(ctx, r, "count the inbox", func(row scanner) (InboxCounts, error) {
		var c InboxCounts
		err := row.Scan(&c.Waiting, &c.Finished)
		return c, err
	}, "SELECT COUNT(*) - COUNT(finished_at), COUNT(finished_at) FROM inbox")
	return c, err
}
