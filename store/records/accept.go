package records

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"handrail"
	"handrail/bot"
)

// Accept commits the update in the inbox and returns whether it is new; a duplicate (same practice, channel and id)
// changes nothing. The update is numbered within its conversation. Its handle isn't stored, and its address only as a
// reference.
func (r *Records) Accept(ctx context.Context, u bot.Update, at time.Time) (fresh bool, err error) {
	_, fresh, err = r.accept(ctx, u, at, 0)
	return fresh, err
}

// Take is Accept, and Lease and Who in the same commit where the update is new and nothing of its conversation waits
// before it: then taken is true, and the turn is the caller's until at+lease.
func (r *Records) Take(ctx context.Context, u bot.Update, at time.Time, lease time.Duration) (t bot.Turn, who bot.Who, taken bool, err error) {
	if !r.alone(ctx) && u.ID != "" && u.From.Practice != "" {
		bare, plain, err := strip(u)
		if err != nil {
			return bot.Turn{}, bot.Who{}, false, err
		}
		got, err := r.batches.take.do(ctx, arrival{bare, u.From, r.ConversationKey(u.From), plain, at, lease})
		if err == nil {
			if !got.ok {
				return bot.Turn{}, bot.Who{}, false, nil
			}
			return got.turn, got.who, true, nil
		}
	}
	err = r.in(ctx, "Accept", func(ctx context.Context) error {
		var err error
		if t, _, err = r.accept(ctx, u, at, lease); err != nil {
			return err
		}
		if taken = t.Epoch > 0; taken {
			who, err = r.Who(ctx, u.From)
		}
		return err
	})
	if err != nil {
		return bot.Turn{}, bot.Who{}, false, err
	}
	return t, who, taken, nil
}

// seat is an update's place in its conversation.
type seat struct {
	number, lastStateTurn, closedBefore int64
	openDialog                          string
	known                               bool // the address is stored
}

// accept commits the update; the turn has an epoch when it was leased.
func (r *Records) accept(ctx context.Context, u bot.Update, at time.Time, lease time.Duration) (t bot.Turn, fresh bool, err error) {
	if u.ID == "" || u.From.Practice == "" {
		return t, false, handrail.Errorf(handrail.KindInvalid, "", "accept update: it has no id or no practice")
	}
	bare, plain, err := strip(u)
	if err != nil {
		return t, false, err
	}
	conversation, practice := r.ConversationKey(u.From), string(u.From.Practice)
	hash := r.hash(u.From.Practice, "update", string(plain))
	err = r.in(ctx, "Accept", func(ctx context.Context) error {
		// The conversation's row is locked from here to the commit, so numbers are given in the order of the commits.
		s, _, err := one(ctx, r, "number the update", scanSeat, `INSERT INTO conversations
			(conversation, practice, last_number, last_state_turn, open_dialog, closed_before) VALUES ($1, $2, 1, 0, '', 0)
			ON CONFLICT (conversation) DO UPDATE SET last_number = conversations.last_number + 1
			RETURNING last_number, last_state_turn, open_dialog, closed_before,
			CASE WHEN EXISTS (SELECT 1 FROM identities c WHERE c.kind = 'chat' AND c.owner = conversations.conversation
				AND c.field = 'address' AND c.practice = conversations.practice) THEN 1 ELSE 0 END`, conversation, practice)
		if err != nil {
			return err
		}
		if !s.known {
			if _, err := r.ensureChat(ctx, u.From); err != nil {
				return err
			}
		}
		sealed, err := r.sealUpdate(conversation, s.number, plain)
		if err != nil {
			return err
		}
		// Whether something waits before it is looked up here and not above: on PostgreSQL the statement above sees the
		// inbox as it was before it waited for the row's lock.
		leased, due := int64(0), int64(0)
		if lease > 0 {
			leased, due = 1, micros(at.Add(lease))
		}
		var epoch int64
		epoch, fresh, err = one(ctx, r, "accept update", value[int64], `INSERT INTO inbox (practice, channel, update_id, conversation,
			number, sent_at, accepted_at, payload, hash, guarded, epoch, due_at, owner)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 0, CASE WHEN w.waits THEN 0 ELSE CAST($10 AS BIGINT) END,
			CASE WHEN w.waits THEN 0 ELSE CAST($11 AS BIGINT) END, $12
			FROM (SELECT EXISTS (SELECT 1 FROM inbox e WHERE e.conversation = $4 AND e.finished_at IS NULL) AS waits) w
			WHERE 1 = 1 ON CONFLICT (practice, channel, update_id) DO NOTHING RETURNING epoch`, practice, u.From.Channel, u.ID,
			conversation, s.number, micros(u.At), micros(at), sealed, hash, leased, due, r.run.Load())
		if err != nil {
			return err
		}
		if fresh {
			if epoch == 0 {
				r.waits()
				r.tx(ctx).wake |= workTurns
			}
			t = bot.Turn{
				Update: bare, Conversation: conversation, Number: s.number, Epoch: epoch, Oldest: epoch > 0,
				LastStateTurn: s.lastStateTurn, OpenDialog: s.openDialog, ClosedBefore: s.closedBefore, AcceptedAt: instant(micros(at)),
			}
			t.Update.From = u.From
			return nil
		}
		t = bot.Turn{}
		// A duplicate gives its number back; nobody else can have taken the next one.
		_, err = r.exec(ctx, "give the number back", "UPDATE conversations SET last_number = last_number - 1 WHERE conversation = $1", conversation)
		return err
	})
	if err != nil {
		return bot.Turn{}, false, err
	}
	return t, fresh, nil
}

// strip leaves out of an update what isn't stored with it, and encodes it.
func strip(u bot.Update) (bare bot.Update, plain []byte, err error) {
	bare = u
	bare.From, bare.Handle = handrail.Address{}, ""
	plain, err = json.Marshal(bare)
	if err != nil {
		return bare, nil, errors.New("accept update: encode it") // the cause may repeat the words
	}
	return bare, plain, nil
}

func (r *Records) sealUpdate(conversation string, number int64, plain []byte) ([]byte, error) {
	return r.seal(place("inbox", inboxID(conversation, number), "payload"), plain)
}

func scanSeat(row scanner) (seat, error) {
	var s seat
	var known int
	err := row.Scan(&s.number, &s.lastStateTurn, &s.openDialog, &s.closedBefore, &known)
	s.known = known == 1
	return s, err
}

// waits notes that an update of this process waits for a worker. A Finish beside it may not see it yet; those of the next
// second wake a worker all the same.
func (r *Records) waits() { r.waited.Store(micros(r.now())) }

// mayWait says whether an update of this process began to wait within the last second.
func (r *Records) mayWait() bool {
	d := micros(r.now()) - r.waited.Load()
	return d <= 1_000_000 && d >= -1_000_000
}
