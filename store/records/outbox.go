package records

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"handrail"
	"handrail/bot"
)

const postingColumns = `key, practice, address, patient, class, permission, job, subject, not_before, not_after, held,
	message, state, epoch, attempts, parts, put_at, reason, rank, seq`

// posting is a row of the outbox, with what orders it and the reference to its address.
type posting struct {
	bot.Posting
	address string
	rank    int
	seq     int64
}

func (r *Records) scanPosting(row scanner) (posting, error) {
	var p posting
	var before, after, put int64
	var held int
	var message []byte
	e := &p.Envelope
	err := row.Scan(&e.Key, &e.To.Practice, &p.address, &e.Patient, &e.Class, &e.Permission, &e.Job, &e.Subject, &before, &after,
		&held, &message, &p.State, &p.Epoch, &p.Attempts, &p.Parts, &put, &p.Reason, &p.rank, &p.seq)
	if err != nil {
		return p, err
	}
	e.NotBefore, e.NotAfter, e.Held, p.PutAt = instant(before), instant(after), held == 1, instant(put)
	plain, err := r.open(place("outbox", e.Key, "message"), message)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(plain, &e.Message); err != nil {
		return p, fmt.Errorf("read a stored message: %w", err)
	}
	return p, nil
}

// addressed fills in to whom each posting goes.
func (r *Records) addressed(ctx context.Context, rows []posting) ([]bot.Posting, error) {
	keys := make([]string, len(rows))
	for i, p := range rows {
		keys[i] = p.address
	}
	to, err := r.chats(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]bot.Posting, len(rows))
	for i, p := range rows {
		out[i] = p.Posting
		out[i].Envelope.To = to[p.address]
	}
	return out, nil
}

// Put puts envelopes into the outbox, all or none, and returns how many are new: one whose key exists already, in
// whatever state, changes nothing. A zero NotBefore is now.
func (r *Records) Put(ctx context.Context, envs ...bot.Envelope) (added int, err error) {
	if len(envs) == 0 {
		return 0, nil
	}
	err = r.in(ctx, "Put", func(ctx context.Context) error {
		added = 0
		for _, e := range envs {
			n, err := r.put(ctx, e)
			if err != nil {
				return err
			}
			added += n
		}
		if added > 0 {
			r.tx(ctx).wake |= workPosts
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

func (r *Records) put(ctx context.Context, e bot.Envelope) (int, error) {
	if e.Key == "" || e.To.IsZero() || e.To.Practice == "" {
		return 0, handrail.Errorf(handrail.KindInvalid, "", "put envelope: it has no key or no address")
	}
	address, err := r.ensureChat(ctx, e.To)
	if err != nil {
		return 0, err
	}
	plain, err := json.Marshal(e.Message)
	if err != nil {
		return 0, fmt.Errorf("put envelope: encode the message: %w", err)
	}
	message, err := r.seal(place("outbox", e.Key, "message"), plain)
	if err != nil {
		return 0, err
	}
	now := r.now()
	if e.NotBefore.IsZero() {
		e.NotBefore = now
	}
	n, err := r.exec(ctx, "put envelope", `INSERT INTO outbox (key, practice, address, patient, class, rank, permission, job,
		subject, not_before, not_after, held, message, state, epoch, attempts, parts, lease_until, reason, put_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'queued', 0, 0, 0, 0, '', $14)
		ON CONFLICT (key) DO NOTHING`, e.Key, string(e.To.Practice), address, string(e.Patient), string(e.Class),
		e.Class.Rank(), string(e.Permission), e.Job, e.Subject, micros(e.NotBefore), micros(e.NotAfter), flag(e.Held),
		message, micros(now))
	return int(n), err
}

// Posting returns one envelope and where it stands; KindNotFound when there is none of that key.
func (r *Records) Posting(ctx context.Context, key string) (bot.Posting, error) {
	p, ok, err := one(ctx, r, "read posting", r.scanPosting, "SELECT "+postingColumns+" FROM outbox WHERE key = $1", key)
	if err != nil {
		return bot.Posting{}, err
	}
	if !ok {
		return bot.Posting{}, notFound("message")
	}
	all, err := r.addressed(ctx, []posting{p})
	if err != nil {
		return bot.Posting{}, err
	}
	return all[0], nil
}

// Settled returns how an envelope was settled last: the state it is in, the reason and the network's reference. Where
// it is queued, RetryAt is its not-before. KindNotFound when there is none of that key.
func (r *Records) Settled(ctx context.Context, key string) (bot.Settlement, error) {
	s, ok, err := one(ctx, r, "read settlement", func(row scanner) (bot.Settlement, error) {
		var s bot.Settlement
		var ref []byte
		var before int64
		if err := row.Scan(&s.State, &s.Reason, &ref, &s.Parts, &before); err != nil {
			return s, err
		}
		if s.State == bot.SendQueued {
			s.RetryAt = instant(before)
		}
		plain, err := r.open(place("outbox", key, "ref"), ref)
		s.Ref = bot.Ref(plain)
		return s, err
	}, "SELECT state, reason, ref, parts, not_before FROM outbox WHERE key = $1", key)
	if err == nil && !ok {
		err = notFound("message")
	}
	return s, err
}

// suppressible leaves out what a stop must not stop: urgent help, alerts, and the answer to what was just sent.
const suppressible = "state IN ('queued', 'claimed') AND class NOT IN ('card', 'alert', 'reply')"

// Suppress takes back every message about the patient that waits, except urgent help, alerts and answers, and returns
// how many. One that is being sent at this moment is not taken back: it may have arrived.
func (r *Records) Suppress(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, reason string) (n int, err error) {
	if patient == "" { // it would be every message that is about nobody
		return 0, handrail.Errorf(handrail.KindInvalid, "", "suppress: no patient")
	}
	return r.suppress(ctx, practice, "patient", string(patient), reason, "patient = $4", string(patient))
}

// SuppressJob takes back every message that waits and rests on this job's subject ("day_before", an attendance's id),
// except urgent help, alerts and answers, and returns how many.
func (r *Records) SuppressJob(ctx context.Context, practice handrail.PracticeID, job, subject, reason string) (n int, err error) {
	return r.suppress(ctx, practice, "job", job+" "+subject, reason, "job = $4 AND subject = $5", job, subject)
}

// SuppressSubject takes back every message that waits and rests on this subject, whatever its job, except urgent help,
// alerts and answers, and returns how many.
func (r *Records) SuppressSubject(ctx context.Context, practice handrail.PracticeID, subject, reason string) (n int, err error) {
	if subject == "" { // it would be every message that rests on nothing
		return 0, handrail.Errorf(handrail.KindInvalid, "", "suppress: no subject")
	}
	return r.suppress(ctx, practice, "subject", subject, reason, "subject = $4", subject)
}

func (r *Records) suppress(ctx context.Context, practice handrail.PracticeID, noun, id, reason, which string, args ...any) (n int, err error) {
	err = r.in(ctx, "Suppress", func(ctx context.Context) error {
		changed, err := r.exec(ctx, "suppress messages", "UPDATE outbox SET state = 'suppressed', reason = $1, settled_at = $2 WHERE practice = $3 AND "+
			suppressible+" AND "+which, append([]any{reason, micros(r.now()), string(practice)}, args...)...)
		n = int(changed)
		if err != nil || n == 0 {
			return err
		}
		return r.audit(ctx, practice, handrail.ActorSystem, fmt.Sprintf("%d messages suppressed: %s", n, reason), noun, id)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Unhold lets a held envelope go. It does nothing when there is none of that key or it isn't held.
func (r *Records) Unhold(ctx context.Context, key string) error {
	return r.in(ctx, "Unhold", func(ctx context.Context) error {
		n, err := r.exec(ctx, "let an envelope go", "UPDATE outbox SET held = 0 WHERE key = $1 AND held = 1", key)
		if n > 0 {
			r.tx(ctx).wake |= workPosts
		}
		return err
	})
}

// OutboxCounts is how many envelopes are in each state. Held ones are queued ones that wait for a person's yes, and are
// not counted in Queued.
type OutboxCounts struct {
	Queued, Held, Claimed, Sending, Sent, Unknown, Failed, Suppressed int
}

// OutboxCounts counts the outbox, for metrics and tests.
func (r *Records) OutboxCounts(ctx context.Context) (OutboxCounts, error) {
	var c OutboxCounts
	_, err := list(ctx, r, "count the outbox", func(row scanner) (struct{}, error) {
		var state bot.SendState
		var held, n int
		if err := row.Scan(&state, &held, &n); err != nil {
			return struct{}{}, err
		}
		switch state {
		case bot.SendQueued:
			if held == 1 {
				c.Held += n
			} else {
				c.Queued += n
			}
		case bot.SendClaimed:
			c.Claimed += n
		case bot.SendSending:
			c.Sending += n
		case bot.SendSent:
			c.Sent += n
		case bot.SendUnknown:
			c.Unknown += n
		case bot.SendFailed:
			c.Failed += n
		case bot.SendSuppressed:
			c.Suppressed += n
		}
		return struct{}{}, nil
	}, "SELECT state, held, COUNT(*) FROM outbox GROUP BY state, held")
	return c, err
}

// nullMicros reads the minimum of a column, which is NULL over no rows.
func nullMicros(row scanner) (sql.NullInt64, error) {
	var n sql.NullInt64
	err := row.Scan(&n)
	return n, err
}
