package bottest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// Ledger is a bot.Ledger in memory, with the meaning of the SQL one and switches to make it fail. What an effect writes
// goes through Note and Put with the context it was given, so that it commits and rolls back with the effect.
//
//	l := bottest.NewLedger()
//	l.Know(address, bot.Who{Kind: bot.WhoStaff, ID: "s1"})
//	l.Everybody(true) // leases are granted to whoever asks
//
// It is safe for use by several goroutines.
type Ledger struct {
	mu        sync.Mutex
	updates   map[string]bool
	rows      []*row // unfinished, in the order of acceptance
	convs     map[string]*conversation
	once      map[string][]byte
	outbox    map[string]bool
	out       []bot.Envelope
	notes     []string
	people    map[handrail.Address]bot.Who
	everybody bool
	fail      func(point string) error
}

var _ bot.Ledger = (*Ledger)(nil)

type row struct {
	turn     bot.Turn
	stored   []byte // the update, through JSON as in SQL
	leased   time.Time
	until    time.Time
	finished bool
}

type conversation struct {
	rows      []*row // unfinished
	last      int64
	lastState int64
	open      string
	closed    int64
}

// NewLedger makes an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{
		updates: map[string]bool{}, convs: map[string]*conversation{}, once: map[string][]byte{},
		outbox: map[string]bool{}, people: map[handrail.Address]bot.Who{},
	}
}

// Know says who writes from an address; everybody else is unknown.
func (l *Ledger) Know(a handrail.Address, who bot.Who) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.people[a] = who
}

// Everybody makes the ledger grant a row to whoever asks, leased or not; only the epoch then tells who holds it.
func (l *Ledger) Everybody(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.everybody = on
}

// FailWith sets what is asked at every point: "accept", "lease", "release", "finish", "once" and "who" before anything is
// done, and each but "who" with " done" behind it when it is committed and only the answer can still be lost. An error
// is what the caller then gets. Nil asks nothing.
func (l *Ledger) FailWith(fail func(point string) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = fail
}

func (l *Ledger) at(point string) error {
	l.mu.Lock()
	fail := l.fail
	l.mu.Unlock()
	if fail == nil {
		return nil
	}
	return fail(point)
}

// tx is what an effect has written so far.
type tx struct {
	notes []string
	puts  []bot.Envelope
}

type txKey struct{}

// Note writes a line, in the transaction that ctx carries or at once.
func (l *Ledger) Note(ctx context.Context, line string) {
	if t, ok := ctx.Value(txKey{}).(*tx); ok {
		t.notes = append(t.notes, line)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, line)
}

// Put puts an envelope into the outbox, in the transaction that ctx carries or at once. A second one with its key does
// nothing.
func (l *Ledger) Put(ctx context.Context, e bot.Envelope) {
	if t, ok := ctx.Value(txKey{}).(*tx); ok {
		t.puts = append(t.puts, e)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.put(e)
}

func (l *Ledger) put(e bot.Envelope) {
	if !l.outbox[e.Key] {
		l.outbox[e.Key] = true
		l.out = append(l.out, e)
	}
}

// Notes are the lines that were committed.
func (l *Ledger) Notes() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.notes...)
}

// Out is everything that was ever put into the outbox, in order.
func (l *Ledger) Out() []bot.Envelope {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]bot.Envelope(nil), l.out...)
}

// Waiting is how many rows are not finished.
func (l *Ledger) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rows)
}

// Stored is everything that a table of updates would hold now: what must not be in it is not stored.
func (l *Ledger) Stored() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []byte
	for _, r := range l.rows {
		all = append(append(all, r.stored...), '\n')
	}
	return string(all)
}

// ConversationOf is the key of the conversation at an address.
func ConversationOf(a handrail.Address) string {
	sum := sha256.Sum256([]byte("conversation\x00" + a.Key()))
	return hex.EncodeToString(sum[:12])
}

// ConversationKey is ConversationOf, as the records have it.
func (l *Ledger) ConversationKey(a handrail.Address) string { return ConversationOf(a) }

// Accept commits an update.
func (l *Ledger) Accept(ctx context.Context, u bot.Update, at time.Time) (bool, error) {
	if err := l.at("accept"); err != nil {
		return false, err
	}
	fresh, err := l.accept(ctx, u, at)
	if err != nil {
		return false, err
	}
	if err := l.at("accept done"); err != nil {
		return false, err
	}
	return fresh, nil
}

func (l *Ledger) accept(ctx context.Context, u bot.Update, at time.Time) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("accept an update: %w", err)
	}
	raw, err := json.Marshal(u)
	if err != nil {
		return false, fmt.Errorf("accept an update: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	id := string(u.From.Practice) + "\x1f" + u.From.Channel + "\x1f" + u.ID
	if l.updates[id] {
		return false, nil
	}
	l.updates[id] = true
	key := ConversationOf(u.From)
	c := l.convs[key]
	if c == nil {
		c = &conversation{}
		l.convs[key] = c
	}
	c.last++
	r := &row{stored: raw, turn: bot.Turn{Conversation: key, Number: c.last, AcceptedAt: at.UTC()}}
	c.rows = append(c.rows, r)
	l.rows = append(l.rows, r)
	return true, nil
}

// Lease gives a row to the caller: first one that the guards have not seen, then the oldest of a conversation.
func (l *Ledger) Lease(ctx context.Context, now time.Time, lease time.Duration) (bot.Turn, bool, error) {
	if err := l.at("lease"); err != nil {
		return bot.Turn{}, false, err
	}
	t, ok, err := l.take(ctx, now, lease)
	if err != nil || !ok {
		return bot.Turn{}, false, err
	}
	if err := l.at("lease done"); err != nil {
		return bot.Turn{}, false, err
	}
	return t, true, nil
}

func (l *Ledger) take(ctx context.Context, now time.Time, lease time.Duration) (bot.Turn, bool, error) {
	if err := ctx.Err(); err != nil {
		return bot.Turn{}, false, fmt.Errorf("lease a row: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var found *row
	for _, r := range l.rows {
		if r.until.After(now) || (r.leased.After(now) && !l.everybody) {
			continue
		}
		if !r.turn.Guarded {
			found = r
			break
		}
		if found == nil && l.convs[r.turn.Conversation].rows[0] == r {
			found = r
		}
	}
	if found == nil {
		return bot.Turn{}, false, nil
	}
	c := l.convs[found.turn.Conversation]
	found.leased = now.Add(lease)
	found.turn.Epoch++
	t := found.turn
	if err := json.Unmarshal(found.stored, &t.Update); err != nil {
		return bot.Turn{}, false, fmt.Errorf("lease a row: %w", err)
	}
	t.Oldest = c.rows[0] == found
	t.LastStateTurn, t.OpenDialog, t.ClosedBefore = c.lastState, c.open, c.closed
	return t, true, nil
}

// ours finds the row of a turn that is still the caller's. The lock is held.
func (l *Ledger) ours(t bot.Turn) (*conversation, *row, error) {
	c := l.convs[t.Conversation]
	if c == nil {
		return nil, nil, bot.ErrStale
	}
	for _, r := range c.rows {
		if r.turn.Number == t.Number && r.turn.Epoch == t.Epoch && !r.leased.IsZero() {
			return c, r, nil
		}
	}
	return nil, nil, bot.ErrStale
}

// Release gives a row back.
func (l *Ledger) Release(_ context.Context, t bot.Turn, guarded bool, until time.Time) error {
	if err := l.at("release"); err != nil {
		return err
	}
	if err := l.release(t, guarded, until); err != nil {
		return err
	}
	return l.at("release done")
}

func (l *Ledger) release(t bot.Turn, guarded bool, until time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, r, err := l.ours(t)
	if err != nil {
		return err
	}
	r.turn.Guarded = r.turn.Guarded || guarded
	r.leased, r.until = time.Time{}, until
	return nil
}

// Finish ends a row.
func (l *Ledger) Finish(_ context.Context, t bot.Turn, f bot.Finish) error {
	if err := l.at("finish"); err != nil {
		return err
	}
	if err := l.finish(t, f); err != nil {
		return err
	}
	return l.at("finish done")
}

func (l *Ledger) finish(t bot.Turn, f bot.Finish) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, r, err := l.ours(t)
	if err != nil {
		return err
	}
	for _, e := range f.Out {
		l.put(e)
	}
	if f.UsedState {
		c.lastState, c.open = t.Number, f.OpenDialog
	}
	if f.CloseDialogs {
		c.closed = max(c.closed, t.Number)
	}
	r.finished = true
	c.rows = without(c.rows, r)
	l.rows = without(l.rows, r)
	return nil
}

func without(rows []*row, r *row) []*row {
	for i := range rows {
		if rows[i] == r {
			return append(rows[:i:i], rows[i+1:]...)
		}
	}
	return rows
}

// Once runs fn and commits what it wrote with its result. Of two at the same time, one commits; the other's writes are
// rolled back and it gets the first one's result.
func (l *Ledger) Once(ctx context.Context, run, key string, fn func(ctx context.Context) ([]byte, error)) ([]byte, error) {
	if err := l.at("once"); err != nil {
		return nil, err
	}
	id := run + "\x1f" + key
	l.mu.Lock()
	result, done := l.once[id]
	l.mu.Unlock()
	if done {
		return result, nil
	}
	t := &tx{}
	result, err := fn(context.WithValue(ctx, txKey{}, t))
	if err != nil {
		return nil, err
	}
	result = l.commit(id, result, t)
	if err := l.at("once done"); err != nil {
		return nil, err
	}
	return result, nil
}

func (l *Ledger) commit(id string, result []byte, t *tx) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if earlier, done := l.once[id]; done {
		return earlier
	}
	l.once[id] = result
	l.notes = append(l.notes, t.notes...)
	for _, e := range t.puts {
		l.put(e)
	}
	return result
}

// Who says who writes from an address.
func (l *Ledger) Who(_ context.Context, from handrail.Address) (bot.Who, error) {
	if err := l.at("who"); err != nil {
		return bot.Who{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if who, ok := l.people[from]; ok {
		return who, nil
	}
	return bot.Who{Kind: bot.WhoUnknown, Practice: from.Practice}, nil
}

// due is when the next row that is leased or put off can be had again.
func (l *Ledger) due(now time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var at time.Time
	for _, r := range l.rows {
		t := r.until
		if r.leased.After(t) {
			t = r.leased
		}
		if t.After(now) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at, !at.IsZero()
}
