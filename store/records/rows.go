package records

import (
	"context"
	"strings"

	"handrail/bot"
)

// SQLite has no arrays, so a batch goes to it as rows of VALUES, as many as there are. There is one writer: what a statement
// here has read is still so when the next one writes. None of them makes SQLite open a table of its own for a while, as
// RETURNING and an INSERT from the table that is inserted into would; that costs more than the rows do.

// rows is a statement for many rows, which stand in it where it says ROWS; row is one of them. It must pass over rows of
// NULL: they fill it up to one of a few sizes, so that the database keeps few statements.
type rows struct {
	doing, statement, row string
	n                     int
	args                  func(args []any, i int) []any // appends those of the ith row
	before                []any                         // stand before those of the rows
}

func (q rows) each(do func(statement string, args []any) error) error {
	columns := strings.Count(q.row, "?")
	for from := 0; from < q.n; {
		size := 1
		for size < min(q.n-from, maxTogether) {
			size *= 2
		}
		n := min(size, q.n-from)
		args := append(make([]any, 0, len(q.before)+size*columns), q.before...)
		for i := from; i < from+n; i++ {
			args = q.args(args, i)
		}
		args = append(args, make([]any, (size-n)*columns)...)
		if err := do(strings.Replace(q.statement, "ROWS", q.row+strings.Repeat(","+q.row, size-1), 1), args); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// inRows runs a statement that writes, and returns how many rows it changed.
func (r *Records) inRows(ctx context.Context, q rows) (changed int, err error) {
	err = q.each(func(statement string, args []any) error {
		n, err := r.exec(ctx, q.doing, statement, args...)
		changed += int(n)
		return err
	})
	return changed, err
}

// ofRows runs a query and gives each row that it returns to read.
func (r *Records) ofRows(ctx context.Context, q rows, read func(scanner) error) error {
	return q.each(func(statement string, args []any) error {
		_, err := list(ctx, r, q.doing, func(s scanner) (struct{}, error) { return struct{}{}, read(s) }, statement, args...)
		return err
	})
}

// placed is an arrival's place in its conversation; see seat.
type placed struct {
	seat
	waits, bound bool
}

// seats finds where arrivals stand. One of a conversation that doesn't exist yet begins it.
const seats = `SELECT v.column1, c.last_number, c.last_state_turn, c.open_dialog, c.closed_before,
	EXISTS (SELECT 1 FROM identities a WHERE a.owner = v.column2 AND a.kind = 'chat' AND a.field = 'address' AND a.practice = v.column3),
	EXISTS (SELECT 1 FROM inbox e WHERE e.conversation = v.column2 AND e.finished_at IS NULL),
	EXISTS (SELECT 1 FROM identities b WHERE b.hash = v.column4 AND b.hash <> '' AND b.field = 'address' AND b.kind <> 'chat')
	FROM (VALUES ROWS) v CROSS JOIN conversations c ON c.conversation = v.column2`

// takeRows is Take for many, on SQLite.
func (r *Records) takeRows(ctx context.Context, all []arrival) ([]taken, error) {
	out := make([]taken, len(all))
	err := r.in(ctx, "Accept", func(ctx context.Context) error {
		at := make([]placed, len(all))
		err := r.ofRows(ctx, rows{doing: "number updates", statement: seats, row: "(?,?,?,?)", n: len(all), args: func(args []any, i int) []any {
			return append(args, i, all[i].conversation, string(all[i].from.Practice), r.person(all[i]))
		}}, func(row scanner) error {
			var i int
			var p placed
			err := row.Scan(&i, &p.number, &p.lastStateTurn, &p.openDialog, &p.closedBefore, &p.known, &p.waits, &p.bound)
			if err == nil {
				at[i] = p
			}
			return err
		})
		if err != nil {
			return err
		}
		payloads := make([][]byte, len(all))
		for i, t := range all {
			p := &at[i]
			if p.number == 0 {
				// The people to whom the address is bound may be there before their first message.
				p.bound = true
				if err := r.beginConversation(ctx, t); err != nil {
					return err
				}
			}
			if !p.known {
				if _, err := r.ensureChat(ctx, t.from); err != nil {
					return err
				}
			}
			p.number++
			if payloads[i], err = r.sealUpdate(t.conversation, p.number, t.plain); err != nil {
				return err
			}
		}
		fresh, err := r.acceptRows(ctx, all, at, payloads)
		if err != nil {
			return err
		}
		for i, t := range all {
			switch p := at[i]; {
			case !fresh[i]: // a duplicate
			case p.waits:
				r.waits()
				r.tx(ctx).wake |= workTurns
			default:
				out[i].ok = true
				out[i].turn = bot.Turn{
					Update: t.u, Conversation: t.conversation, Number: p.number, Epoch: 1, Oldest: true, LastStateTurn: p.lastStateTurn,
					OpenDialog: p.openDialog, ClosedBefore: p.closedBefore, AcceptedAt: stored(t.at),
				}
				out[i].turn.Update.From = t.from
				out[i].who = bot.Who{Kind: bot.WhoUnknown, Practice: t.from.Practice}
				if p.bound {
					if out[i].who, err = r.Who(ctx, t.from); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	return out, err
}

func (r *Records) beginConversation(ctx context.Context, t arrival) error {
	_, err := r.exec(ctx, "begin the conversation", `INSERT INTO conversations
		(conversation, practice, last_number, last_state_turn, open_dialog, closed_before) VALUES ($1, $2, 0, 0, '', 0)`,
		t.conversation, string(t.from.Practice))
	return err
}

// acceptRows puts arrivals into the inbox and says which are new. Only those take their number.
func (r *Records) acceptRows(ctx context.Context, all []arrival, at []placed, payloads [][]byte) ([]bool, error) {
	n, err := r.inRows(ctx, rows{doing: "accept updates", statement: `INSERT INTO inbox (practice, channel, update_id, conversation, number, sent_at,
		accepted_at, payload, hash, epoch, due_at, owner, guarded) SELECT * FROM (VALUES ROWS) WHERE column1 IS NOT NULL
		ON CONFLICT (practice, channel, update_id) DO NOTHING`,
		row: "(?,?,?,?,?,?,?,?,?,?,?,?,0)", n: len(all), args: func(args []any, i int) []any {
			t, epoch, due := all[i], 1, micros(all[i].at.Add(all[i].lease))
			if at[i].waits {
				epoch, due = 0, 0
			}
			return append(args, string(t.from.Practice), t.from.Channel, t.u.ID, t.conversation, at[i].number, micros(t.u.At), micros(t.at),
				payloads[i], r.hash(t.from.Practice, "update", string(t.plain)), epoch, due, r.run.Load())
		}})
	if err != nil {
		return nil, err
	}
	fresh := make([]bool, len(all))
	ours := make([]int, 0, len(all))
	for i := range all {
		if n == len(all) {
			ours = append(ours, i)
			continue
		}
		// A duplicate's number is still nobody's.
		_, stands, err := one(ctx, r, "look for duplicates", value[int], "SELECT 1 FROM inbox WHERE conversation = $1 AND number = $2",
			all[i].conversation, at[i].number)
		if err != nil {
			return nil, err
		}
		if stands {
			ours = append(ours, i)
		}
	}
	for _, i := range ours {
		fresh[i] = true
	}
	_, err = r.inRows(ctx, rows{doing: "give numbers", statement: "UPDATE conversations SET last_number = last_number + 1 WHERE conversation IN (ROWS)",
		row: "?", n: len(ours), args: func(args []any, i int) []any { return append(args, all[ours[i]].conversation) }})
	return fresh, err
}

// ending finds turns that are to be finished while they are still the caller's, and what stands in the way of the reply.
const ending = `SELECT v.column1, i.seq,
	EXISTS (SELECT 1 FROM inbox e WHERE e.conversation = v.column2 AND e.finished_at IS NULL AND e.number <> v.column3),
	EXISTS (SELECT 1 FROM identities a WHERE a.hash = v.column2 AND a.hash <> '' AND a.field = 'address' AND a.kind <> 'chat'),
	EXISTS (SELECT 1 FROM outbox b WHERE b.address = v.column2 AND b.rank = v.column5 AND b.state IN ('queued', 'claimed', 'sending')
		AND b.key <> v.column6)
	FROM (VALUES ROWS) v CROSS JOIN inbox i ON i.conversation = v.column2 AND i.number = v.column3
	WHERE i.epoch = v.column4 AND i.finished_at IS NULL`

// finishRows is FinishSending for many, each with one reply that may go, on SQLite.
func (r *Records) finishRows(ctx context.Context, all []finishing) ([]finished, error) {
	out := make([]finished, len(all))
	err := r.in(ctx, "Finish", func(ctx context.Context) error {
		seqs := make([]int64, 0, len(all))
		var bound []int
		wake := r.mayWait()
		err := r.ofRows(ctx, rows{doing: "find turns to finish", statement: ending, row: "(?,?,?,?,?,?)", n: len(all), args: func(args []any, i int) []any {
			f := all[i]
			return append(args, i, f.turn.Conversation, f.turn.Number, f.turn.Epoch, f.finish.Out[0].Class.Rank(), f.behind)
		}}, func(row scanner) error {
			var i int
			var seq int64
			var more, known, inFront bool
			if err := row.Scan(&i, &seq, &more, &known, &inFront); err != nil {
				return err
			}
			seqs = append(seqs, seq)
			if wake = wake || more; known {
				bound = append(bound, i)
			}
			if inFront {
				return errAlone
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(seqs) < len(all) {
			return errAlone // one is stale
		}
		if wake {
			r.tx(ctx).wake |= workTurns
		}
		if err := r.rowsMaySend(ctx, all, bound); err != nil {
			return err
		}
		return r.endRows(ctx, all, seqs, out)
	})
	return out, err
}

// rowsMaySend is MaySend for many, of which those in bound go to somebody who is known; errAlone when one may not.
func (r *Records) rowsMaySend(ctx context.Context, all []finishing, bound []int) error {
	known := make(map[int]bool, len(bound))
	for _, i := range bound {
		known[i] = true
	}
	for i, f := range all {
		e := f.finish.Out[0]
		stranger := e.Patient == "" && e.Permission == "" && !known[i]
		if stranger && (e.Class == bot.ClassReply || e.Class == bot.ClassCard) {
			continue
		}
		reason, err := r.MaySend(ctx, e)
		if err != nil {
			return err
		}
		if reason != "" {
			return errAlone
		}
	}
	return nil
}

// endRows writes what finishing is: the rows of the inbox, the place of each conversation, the replies as being sent.
func (r *Records) endRows(ctx context.Context, all []finishing, seqs []int64, out []finished) error {
	last := all[0].finish.At
	for _, f := range all {
		if f.finish.At.After(last) {
			last = f.finish.At
		}
	}
	_, err := r.inRows(ctx, rows{
		doing: "finish turns", statement: "UPDATE inbox SET finished_at = ?, payload = NULL, guarded = 1 WHERE seq IN (ROWS)",
		before: []any{micros(last)}, row: "?", n: len(seqs), args: func(args []any, i int) []any { return append(args, seqs[i]) },
	})
	if err != nil {
		return err
	}
	for _, f := range all {
		if !f.finish.UsedState {
			continue
		}
		if _, err := r.exec(ctx, "remember the turn", "UPDATE conversations SET last_state_turn = ?, open_dialog = ? WHERE conversation = ?",
			f.turn.Number, f.finish.OpenDialog, f.turn.Conversation); err != nil {
			return err
		}
	}
	n, err := r.inRows(ctx, rows{doing: "put envelopes", statement: `INSERT INTO outbox (key, practice, address, patient, class, rank, permission, subject,
		not_before, not_after, message, lease_until, put_at, owner, job, held, state, epoch, attempts, parts, reason)
		SELECT * FROM (VALUES ROWS) WHERE column1 IS NOT NULL ON CONFLICT (key) DO NOTHING`, row: "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,'',0,'sending',1,1,0,'')", n: len(all), args: func(args []any, i int) []any {
		f, e := all[i], all[i].finish.Out[0]
		return append(args, e.Key, string(e.To.Practice), f.turn.Conversation, string(e.Patient), string(e.Class), e.Class.Rank(),
			string(e.Permission), e.Subject, micros(e.NotBefore), micros(e.NotAfter), f.message, micros(f.lease), micros(f.put), r.run.Load())
	}})
	if err != nil {
		return err
	}
	if n < len(all) {
		return errAlone
	}
	for i := range out {
		out[i].sending = true
	}
	return nil
}

// settleRows is Settle for many that ended, on SQLite.
func (r *Records) settleRows(ctx context.Context, all []settlement) ([]bool, error) {
	out := make([]bool, len(all))
	err := r.in(ctx, "Settle", func(ctx context.Context) error {
		for i, s := range all {
			n, err := r.exec(ctx, "settle envelope", `UPDATE outbox SET state = ?, reason = ?, ref = COALESCE(?, ref), parts = ?, settled_at = ?
				WHERE key = ? AND epoch = ? AND state IN ('claimed', 'sending')`,
				s.state, s.reason, s.ref, s.parts, micros(s.at), s.key, s.epoch)
			if err != nil {
				return err
			}
			out[i] = n == 1
		}
		return nil
	})
	return out, err
}
