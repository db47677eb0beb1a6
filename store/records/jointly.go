package records

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// On PostgreSQL each statement is a journey and each commit waits for the disk, whatever it holds; on SQLite a statement
// costs as much to begin and to end as a row costs to write. So the three commits of a turn are made for many conversations
// at once: who comes while one is under way goes with the next. A batch does only what goes smoothly; where anything is wrong
// with it, it is rolled back and each of its callers goes alone.

// maxTogether is how many callers share one commit at most.
const maxTogether = 64

// batchTime bounds a batch; who waited so long goes alone.
const batchTime = 10 * time.Second

// errAlone tells a caller to go alone.
var errAlone = errors.New("the batch was rolled back")

// jointly runs many callers' work as one.
type jointly[A, R any] struct {
	// key keeps two of the same apart: the second goes with the next batch.
	key func(A) string
	run func(ctx context.Context, all []A) ([]R, error)

	mu    sync.Mutex
	busy  bool
	queue []*errand[A, R]
}

type errand[A, R any] struct {
	what A
	got  R
	err  error
	done chan struct{}
}

// do waits until the work is committed, or until ctx ends; any error means that it is not, or that nobody knows. What has not
// begun by then is not begun.
func (t *jointly[A, R]) do(ctx context.Context, what A) (R, error) {
	e := &errand[A, R]{what: what, done: make(chan struct{})}
	t.mu.Lock()
	t.queue = append(t.queue, e)
	if !t.busy {
		t.busy = true
		go t.work()
	}
	t.mu.Unlock()
	select {
	case <-e.done:
		return e.got, e.err
	case <-ctx.Done():
		t.mu.Lock()
		t.queue = slices.DeleteFunc(t.queue, func(o *errand[A, R]) bool { return o == e })
		t.mu.Unlock()
		var none R
		return none, ctx.Err()
	}
}

func (t *jointly[A, R]) work() {
	for {
		// Those whom the last commit let go are about to come: whoever can run does so first. Nobody waits for it otherwise.
		runtime.Gosched()
		batch := t.next()
		if len(batch) == 0 {
			return
		}
		all := make([]A, len(batch))
		for i, e := range batch {
			all[i] = e.what
		}
		ctx, cancel := context.WithTimeout(context.Background(), batchTime)
		got, err := t.run(ctx, all)
		cancel()
		for i, e := range batch {
			if e.err = err; err == nil {
				e.got = got[i]
			}
			close(e.done)
		}
	}
}

// next takes a batch out of the queue, in order of the keys: two processes that lock the same rows do so in one order.
func (t *jointly[A, R]) next() []*errand[A, R] {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken := map[string]bool{}
	var batch, rest []*errand[A, R]
	for _, e := range t.queue {
		if k := t.key(e.what); len(batch) < maxTogether && !taken[k] {
			taken[k] = true
			batch = append(batch, e)
			continue
		}
		rest = append(rest, e)
	}
	t.queue = rest
	t.busy = len(batch) > 0
	slices.SortFunc(batch, func(a, b *errand[A, R]) int { return cmp.Compare(t.key(a.what), t.key(b.what)) })
	return batch
}

// batches are the three commits of a turn, for many. Nil in tests that fail at a commit. On SQLite a batch shares its commit
// with whoever else writes at that moment; see writer.
type batches struct {
	take   jointly[arrival, taken]
	finish jointly[finishing, finished]
	settle jointly[settlement, bool]
}

func newBatches(r *Records) *batches {
	b := &batches{}
	b.take.key, b.take.run = func(t arrival) string { return t.conversation }, r.takeAll
	b.finish.key, b.finish.run = func(f finishing) string { return f.turn.Conversation }, r.finishAll
	b.settle.key, b.settle.run = func(s settlement) string { return s.key }, r.settleAll
	if r.kind == sqlite {
		b.take.run, b.finish.run, b.settle.run = r.takeRows, r.finishRows, r.settleRows
	}
	return b
}

// alone says whether a call must go alone: it is part of a transaction, or there are no batches.
func (r *Records) alone(ctx context.Context) bool { return r.batches == nil || r.tx(ctx) != nil }

type arrival struct {
	u            bot.Update // without address and handle
	from         handrail.Address
	conversation string
	plain        []byte
	at           time.Time
	lease        time.Duration
}

type taken struct {
	turn bot.Turn
	who  bot.Who
	ok   bool
}

// takeAll is Take for many.
func (r *Records) takeAll(ctx context.Context, all []arrival) ([]taken, error) {
	out := make([]taken, len(all))
	place := make(map[string]int, len(all))
	conversations, practices := make([]string, len(all)), make([]string, len(all))
	for i, t := range all {
		conversations[i], practices[i], place[t.conversation] = t.conversation, string(t.from.Practice), i
	}
	err := r.in(ctx, "Accept", func(ctx context.Context) error {
		type numbered struct {
			conversation string
			seat
		}
		seats, err := list(ctx, r, "number updates", func(row scanner) (numbered, error) {
			var n numbered
			var known int
			err := row.Scan(&n.conversation, &n.number, &n.lastStateTurn, &n.openDialog, &n.closedBefore, &known)
			n.known = known == 1
			return n, err
		}, `INSERT INTO conversations (conversation, practice, last_number, last_state_turn, open_dialog, closed_before)
			SELECT c, p, 1, 0, '', 0 FROM unnest($1::text[], $2::text[]) AS t (c, p)
			ON CONFLICT (conversation) DO UPDATE SET last_number = conversations.last_number + 1
			RETURNING conversation, last_number, last_state_turn, open_dialog, closed_before,
			CASE WHEN EXISTS (SELECT 1 FROM identities c WHERE c.kind = 'chat' AND c.owner = conversations.conversation
				AND c.field = 'address' AND c.practice = conversations.practice) THEN 1 ELSE 0 END`, conversations, practices)
		if err != nil {
			return err
		}
		var channels, ids, hashes []string
		var numbers, sent, accepted, due []int64
		var payloads [][]byte
		var keys, of []string
		for _, s := range seats {
			i := place[s.conversation]
			t := all[i]
			if !s.known {
				if _, err := r.ensureChat(ctx, t.from); err != nil {
					return err
				}
			}
			sealed, err := r.sealUpdate(t.conversation, s.number, t.plain)
			if err != nil {
				return err
			}
			keys, of = append(keys, t.conversation), append(of, string(t.from.Practice))
			channels, ids = append(channels, t.from.Channel), append(ids, t.u.ID)
			hashes = append(hashes, r.hash(t.from.Practice, "update", string(t.plain)))
			numbers, sent, accepted = append(numbers, s.number), append(sent, micros(t.u.At)), append(accepted, micros(t.at))
			due, payloads = append(due, micros(t.at.Add(t.lease))), append(payloads, sealed)
			out[i].turn = bot.Turn{
				Update: t.u, Conversation: t.conversation, Number: s.number, Epoch: 1, Oldest: true, LastStateTurn: s.lastStateTurn,
				OpenDialog: s.openDialog, ClosedBefore: s.closedBefore, AcceptedAt: instant(micros(t.at)),
			}
			out[i].turn.Update.From = t.from
		}
		type row struct {
			conversation string
			epoch        int64
		}
		rows, err := list(ctx, r, "accept updates", func(s scanner) (row, error) {
			var got row
			err := s.Scan(&got.conversation, &got.epoch)
			return got, err
		}, `INSERT INTO inbox (practice, channel, update_id, conversation, number, sent_at, accepted_at, payload, hash, guarded,
			epoch, due_at, owner)
			SELECT p, ch, id, c, n, s, a, pay, h, 0, CASE WHEN w THEN 0 ELSE 1 END, CASE WHEN w THEN 0 ELSE d END, $11
			FROM (SELECT t.*, EXISTS (SELECT 1 FROM inbox e WHERE e.conversation = t.c AND e.finished_at IS NULL) AS w
				FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[],
					$9::text[], $10::bigint[]) AS t (p, ch, id, c, n, s, a, pay, h, d)) q
			ON CONFLICT (practice, channel, update_id) DO NOTHING RETURNING conversation, epoch`, of, channels, ids, keys,
			numbers, sent, accepted, payloads, hashes, due, r.run.Load())
		if err != nil {
			return err
		}
		fresh := make(map[string]bool, len(rows))
		for _, got := range rows {
			i := place[got.conversation]
			fresh[got.conversation] = true
			if out[i].ok = got.epoch == 1; !out[i].ok {
				r.waits()
				r.tx(ctx).wake |= workTurns
			}
		}
		if len(rows) < len(all) {
			// Duplicates give their numbers back; nobody else can have taken the next ones.
			again := slices.DeleteFunc(slices.Clone(keys), func(c string) bool { return fresh[c] })
			if _, err := r.exec(ctx, "give numbers back", "UPDATE conversations SET last_number = last_number - 1 WHERE conversation = ANY($1::text[])", again); err != nil {
				return err
			}
		}
		return r.whoAll(ctx, all, out)
	})
	return out, err
}

// person is the key of the address as people have it: a thread is a place, and whoever writes there is known by their own
// conversation.
func (r *Records) person(t arrival) string {
	if t.from.Thread == "" {
		return t.conversation
	}
	t.from.Thread = ""
	return r.ConversationKey(t.from)
}

// whoAll fills in who wrote; of strangers that is one question for all.
func (r *Records) whoAll(ctx context.Context, all []arrival, out []taken) error {
	keys := make([]string, len(all))
	for i, t := range all {
		keys[i] = r.person(t)
	}
	known, err := r.bound(ctx, keys)
	if err != nil {
		return err
	}
	for i, t := range all {
		out[i].who = bot.Who{Kind: bot.WhoUnknown, Practice: t.from.Practice}
		if slices.Contains(known, keys[i]) {
			if out[i].who, err = r.Who(ctx, t.from); err != nil {
				return err
			}
		}
	}
	return nil
}

type finishing struct {
	turn    bot.Turn
	finish  bot.Finish // with one reply
	behind  string
	message []byte
	put     time.Time
	lease   time.Time
}

type finished struct {
	stale, sending bool
}

// finishAll is FinishSending for many, each with one reply that may go.
func (r *Records) finishAll(ctx context.Context, all []finishing) ([]finished, error) {
	out := make([]finished, len(all))
	place := make(map[string]int, len(all))
	var conversations []string
	var numbers, epochs, at []int64
	for i, f := range all {
		place[f.turn.Conversation] = i
		conversations = append(conversations, f.turn.Conversation)
		numbers, epochs, at = append(numbers, f.turn.Number), append(epochs, f.turn.Epoch), append(at, micros(f.finish.At))
		out[i].stale = true
	}
	err := r.in(ctx, "Finish", func(ctx context.Context) error {
		type row struct {
			conversation string
			more         bool
		}
		rows, err := list(ctx, r, "finish turns", func(s scanner) (row, error) {
			var got row
			err := s.Scan(&got.conversation, &got.more)
			return got, err
		}, `UPDATE inbox SET finished_at = t.a, payload = NULL, guarded = 1
			FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS t (c, n, e, a)
			WHERE inbox.conversation = t.c AND inbox.number = t.n AND inbox.epoch = t.e AND inbox.finished_at IS NULL
			RETURNING inbox.conversation, EXISTS (SELECT 1 FROM inbox o WHERE o.conversation = inbox.conversation
				AND o.finished_at IS NULL AND o.number <> inbox.number)`, conversations, numbers, epochs, at)
		if err != nil {
			return err
		}
		if len(rows) < len(all) {
			return errAlone // one is stale
		}
		wake := r.mayWait()
		for _, got := range rows {
			out[place[got.conversation]].stale = false
			wake = wake || got.more
		}
		if wake {
			r.tx(ctx).wake |= workTurns
		}
		var used, dialogs []string
		var turns []int64
		for _, f := range all {
			if f.finish.UsedState {
				used, turns, dialogs = append(used, f.turn.Conversation), append(turns, f.turn.Number), append(dialogs, f.finish.OpenDialog)
			}
		}
		if len(used) > 0 {
			if _, err := r.exec(ctx, "remember turns", `UPDATE conversations SET last_state_turn = t.n, open_dialog = t.d
				FROM unnest($1::text[], $2::bigint[], $3::text[]) AS t (c, n, d) WHERE conversations.conversation = t.c`, used, turns, dialogs); err != nil {
				return err
			}
		}
		if err := r.mayAllSend(ctx, all); err != nil {
			return err
		}
		return r.putAllSending(ctx, all, out)
	})
	return out, err
}

// mayAllSend is MaySend for many; to strangers that is one question for all. errAlone when one may not.
func (r *Records) mayAllSend(ctx context.Context, all []finishing) error {
	keys := make([]string, len(all))
	for i, f := range all {
		keys[i] = f.turn.Conversation
	}
	known, err := r.bound(ctx, keys)
	if err != nil {
		return err
	}
	for _, f := range all {
		e := f.finish.Out[0]
		stranger := e.Patient == "" && e.Permission == "" && !slices.Contains(known, f.turn.Conversation)
		if stranger && (e.Class == bot.ClassReply || e.Class == bot.ClassCard) {
			continue
		}
		if reason, err := r.MaySend(ctx, e); err != nil || reason != "" {
			return cmp.Or(err, errAlone)
		}
	}
	return nil
}

// bound says which of these addresses are somebody's.
func (r *Records) bound(ctx context.Context, keys []string) ([]string, error) {
	return list(ctx, r, "look whose addresses they are", value[string],
		"SELECT DISTINCT hash FROM identities WHERE hash = ANY($1::text[]) AND hash <> '' AND field = 'address' AND kind <> 'chat'", keys)
}

// putAllSending puts the replies as being sent. One that must wait for another sends its batch apart.
func (r *Records) putAllSending(ctx context.Context, all []finishing, out []finished) error {
	var b struct {
		key, practice, address, patient, class, permission, subject, answered []string
		rank, before, after, lease, put                                       []int64
		message                                                               [][]byte
	}
	for _, f := range all {
		e := f.finish.Out[0]
		b.key, b.practice, b.address = append(b.key, e.Key), append(b.practice, string(e.To.Practice)), append(b.address, f.turn.Conversation)
		b.patient, b.class = append(b.patient, string(e.Patient)), append(b.class, string(e.Class))
		b.permission, b.subject = append(b.permission, string(e.Permission)), append(b.subject, e.Subject)
		b.answered, b.rank = append(b.answered, f.behind), append(b.rank, int64(e.Class.Rank()))
		b.before, b.after = append(b.before, micros(e.NotBefore)), append(b.after, micros(e.NotAfter))
		b.lease, b.put, b.message = append(b.lease, micros(f.lease)), append(b.put, micros(f.put)), append(b.message, f.message)
	}
	n, err := r.exec(ctx, "put envelopes", `INSERT INTO outbox (key, practice, address, patient, class, rank, permission, job,
		subject, not_before, not_after, held, message, state, epoch, attempts, parts, lease_until, reason, put_at, owner)
		SELECT k, p, a, pat, cl, rk::smallint, perm, '', sub, nb, na, 0, m, 'sending', 1, 1, 0, l, '', put, $15
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::bigint[],
			$10::bigint[], $11::bytea[], $12::bigint[], $13::bigint[], $14::text[])
			AS t (k, p, a, pat, cl, rk, perm, sub, nb, na, m, l, put, ans)
		WHERE NOT EXISTS (SELECT 1 FROM outbox b WHERE b.address = t.a AND b.rank = t.rk
			AND b.state IN ('queued', 'claimed', 'sending') AND b.key <> t.ans)
		ON CONFLICT (key) DO NOTHING`, b.key, b.practice, b.address, b.patient, b.class, b.rank, b.permission, b.subject, b.before,
		b.after, b.message, b.lease, b.put, b.answered, r.run.Load())
	if err != nil {
		return err
	}
	if int(n) < len(all) {
		return errAlone
	}
	for i := range out {
		out[i].sending = true
	}
	return nil
}

// finishTogether is FinishSending in a batch; errAlone when it isn't for one.
func (r *Records) finishTogether(ctx context.Context, t bot.Turn, f bot.Finish, behind string, now time.Time, lease time.Duration) (bot.Posting, bool, error) {
	if r.alone(ctx) || len(f.Out) != 1 || f.CloseDialogs || f.Out[0].Job != "" || r.ConversationKey(f.Out[0].To) != t.Conversation {
		return bot.Posting{}, false, errAlone
	}
	e := f.Out[0]
	put := instant(micros(r.now()))
	if e.NotBefore.IsZero() {
		e.NotBefore = put
	}
	e.NotBefore = instant(micros(e.NotBefore))
	plain, err := json.Marshal(e.Message)
	if err != nil {
		return bot.Posting{}, false, errAlone
	}
	message, err := r.seal(place("outbox", e.Key, "message"), plain)
	if err != nil {
		return bot.Posting{}, false, errAlone
	}
	f.Out = []bot.Envelope{e}
	got, err := r.batches.finish.do(context.WithoutCancel(ctx), finishing{t, f, behind, message, put, now.Add(lease)})
	if err != nil || got.stale || !got.sending {
		return bot.Posting{}, false, errAlone
	}
	return bot.Posting{Envelope: e, State: bot.SendSending, Epoch: 1, Attempts: 1, PutAt: put}, true, nil
}

type settlement struct {
	key, state, reason string
	epoch, parts       int64
	ref                []byte
	at                 time.Time
}

// settleAll is Settle for many that ended; each gets whether it was still the caller's.
func (r *Records) settleAll(ctx context.Context, all []settlement) ([]bool, error) {
	var keys, states, reasons []string
	var epochs, parts, at []int64
	var refs [][]byte
	for _, s := range all {
		keys, states, reasons = append(keys, s.key), append(states, s.state), append(reasons, s.reason)
		epochs, parts, at, refs = append(epochs, s.epoch), append(parts, s.parts), append(at, micros(s.at)), append(refs, s.ref)
	}
	var done []string
	err := r.in(ctx, "Settle", func(ctx context.Context) error {
		var err error
		done, err = list(ctx, r, "settle envelopes", value[string], `UPDATE outbox SET state = t.s, reason = t.r, ref = COALESCE(t.ref, outbox.ref),
			parts = t.p, settled_at = t.a
			FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[]) AS t (k, s, r, e, p, a, ref)
			WHERE outbox.key = t.k AND outbox.epoch = t.e AND outbox.state IN ('claimed', 'sending') RETURNING outbox.key`,
			keys, states, reasons, epochs, parts, at, refs)
		return err
	})
	out := make([]bool, len(all))
	for i, s := range all {
		out[i] = slices.Contains(done, s.key)
	}
	return out, err
}
