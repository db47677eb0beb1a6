package outbox_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/outbox"
)

// memory is a Store that keeps its promises and nothing else: what a sender's memory may lose is not in here.
type memory struct {
	mu    sync.Mutex
	rows  map[string]*row
	order int
	no    map[handrail.PatientID]string // why a patient may not be written to
	may   func(bot.Envelope) (string, error)
	gone  map[handrail.Address]bool
	// everybody grants every claim, leased already or not (F4).
	everybody bool
	grace     time.Duration // but not within this time of the last claim: two that run at once would only steal
	clock     outbox.Clock
	claims    int
	biggest   int // page ever claimed
}

type row struct {
	p         bot.Posting
	reason    string
	notBefore time.Time
	lease     time.Time
	order     int
	settled   int // how often for good
}

func newMemory(clock outbox.Clock) *memory {
	return &memory{rows: map[string]*row{}, no: map[handrail.PatientID]string{}, gone: map[handrail.Address]bool{}, clock: clock}
}

func (m *memory) put(envs ...bot.Envelope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range envs {
		if m.rows[e.Key] != nil {
			continue
		}
		m.order++
		now := m.clock.Now()
		if e.NotBefore.IsZero() {
			e.NotBefore = now
		}
		m.rows[e.Key] = &row{p: bot.Posting{Envelope: e, State: bot.SendQueued, PutAt: now}, notBefore: e.NotBefore, order: m.order}
	}
}

func (m *memory) Claim(_ context.Context, now time.Time, lease time.Duration, limit int) ([]bot.Posting, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.claims++
	var due []*row
	for _, r := range m.rows {
		queued := r.p.State == bot.SendQueued && !r.p.Envelope.Held && !r.notBefore.After(now)
		expired := r.p.State == bot.SendClaimed && (!r.lease.After(now) || m.everybody && !r.lease.Add(m.grace-lease).After(now))
		if (queued || expired) && !m.blocked(r, now) {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.p.Envelope.Class.Rank(), b.p.Envelope.Class.Rank()),
			a.notBefore.Compare(b.notBefore), cmp.Compare(a.order, b.order))
	})
	var page []bot.Posting
	for _, r := range due[:min(limit, len(due))] {
		r.p.State, r.lease = bot.SendClaimed, now.Add(lease)
		r.p.Epoch++
		page = append(page, r.p)
	}
	m.biggest = max(m.biggest, len(page))
	return page, nil
}

// blocked says that an earlier posting to the same address, in the same class, is under way.
func (m *memory) blocked(r *row, now time.Time) bool {
	for _, o := range m.rows {
		if o.order >= r.order || o.p.Envelope.To != r.p.Envelope.To || o.p.Envelope.Class != r.p.Envelope.Class {
			continue
		}
		switch o.p.State {
		case bot.SendSending:
			return true
		case bot.SendClaimed:
			if o.lease.After(now) && !m.everybody {
				return true
			}
		case bot.SendQueued:
			if o.p.Attempts > 0 || o.reason == bot.ReasonRate {
				return true
			}
		}
	}
	return false
}

func (m *memory) Sending(_ context.Context, key string, epoch int64, now time.Time, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[key]
	if r == nil || r.p.Epoch != epoch || r.p.State != bot.SendClaimed {
		return bot.ErrStale
	}
	r.p.State, r.lease = bot.SendSending, now.Add(lease)
	r.p.Attempts++
	return nil
}

func (m *memory) Settle(_ context.Context, key string, epoch int64, s bot.Settlement) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[key]
	if r == nil || r.p.Epoch != epoch || (r.p.State != bot.SendClaimed && r.p.State != bot.SendSending) {
		return bot.ErrStale
	}
	r.p.State, r.reason, r.p.Parts, r.p.Reason = s.State, s.Reason, s.Parts, s.Reason
	if s.State == bot.SendQueued {
		r.notBefore = s.RetryAt
	} else {
		r.settled++
	}
	return nil
}

func (m *memory) Stranded(_ context.Context, now time.Time, limit int) ([]bot.Posting, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []bot.Posting
	for _, r := range m.rows {
		if r.p.State == bot.SendSending && !r.lease.After(now) && len(page) < limit {
			r.p.Epoch++
			r.lease = now.Add(time.Minute)
			page = append(page, r.p)
		}
	}
	slices.SortFunc(page, func(a, b bot.Posting) int { return cmp.Compare(a.Envelope.Key, b.Envelope.Key) })
	return page, nil
}

func (m *memory) NextDue(_ context.Context, now time.Time) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var next time.Time
	for _, r := range m.rows {
		at := r.lease
		switch {
		case r.p.State != bot.SendSending && m.blocked(r, now): // what blocks it is due before it
			continue
		case r.p.State == bot.SendQueued && !r.p.Envelope.Held:
			at = r.notBefore
		case r.p.State == bot.SendClaimed, r.p.State == bot.SendSending:
		default:
			continue
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, !next.IsZero(), nil
}

func (m *memory) MaySend(_ context.Context, e bot.Envelope) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.may != nil {
		return m.may(e)
	}
	if e.Class == bot.ClassCard {
		return "", nil
	}
	return m.no[e.Patient], nil
}

func (m *memory) CloseChat(_ context.Context, to handrail.Address, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone[to] = true
	for _, r := range m.rows {
		if r.p.Envelope.To == to && (r.p.State == bot.SendQueued || r.p.State == bot.SendClaimed) {
			r.p.State, r.reason = bot.SendSuppressed, reason
			r.p.Epoch++
			r.settled++
		}
	}
	return nil
}

func (m *memory) state(key string) (bot.SendState, string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[key].p.State, m.rows[key].reason
}

// chat is a channel that keeps the truth: what arrived, when, and in which order.
type chat struct {
	mu      sync.Mutex
	clock   outbox.Clock
	arrived []arrival
	asked   []time.Time // every request, refused or not
	// answer decides about the nth request (from 1): whether it arrives, and what the sender hears.
	answer func(n int, to handrail.Address, m bot.Message) (arrives bool, err error)
	limits bot.Limits
	flying map[handrail.Address]int
	most   int // requests in flight at once, ever
}

type arrival struct {
	to   handrail.Address
	text string
	at   time.Time
}

func (c *chat) Name() string                         { return "fake" }
func (c *chat) Limits() bot.Limits                   { return c.limits }
func (c *chat) Run(context.Context, bot.Inbox) error { return nil }
func (c *chat) count(text string) (n int)            { return len(c.when(text)) }
func (c *chat) fly(to handrail.Address, by int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flying == nil {
		c.flying = map[handrail.Address]int{}
	}
	c.flying[to] += by
	all := 0
	for _, n := range c.flying {
		all += n
	}
	c.most = max(c.most, all)
	if c.flying[to] > 1 {
		return errors.New("two requests in flight to one address")
	}
	return nil
}

func (c *chat) Send(_ context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	if err := c.fly(to, 1); err != nil {
		return "", &bot.SendError{Outcome: bot.OutcomeRefused, Err: err}
	}
	defer func() { _ = c.fly(to, -1) }()
	c.mu.Lock()
	now := c.clock.Now()
	c.asked = append(c.asked, now)
	n, answer := len(c.asked), c.answer
	c.mu.Unlock()
	arrives, err := true, error(nil)
	if answer != nil {
		arrives, err = answer(n, to, m)
	}
	if arrives {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.arrived = append(c.arrived, arrival{to, m.Text.Plain(), now})
	}
	return bot.Ref(fmt.Sprint(n)), err
}

func (c *chat) when(text string) (at []time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.arrived {
		if a.text == text {
			at = append(at, a.at)
		}
	}
	return at
}

func (c *chat) texts() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.arrived {
		all = append(all, a.text)
	}
	return all
}

// handClock is a clock that is moved by hand.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}
func (c *handClock) After(time.Duration) <-chan time.Time { panic("Step does not wait") }
func (c *handClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}
func (c *handClock) add(d time.Duration) { c.set(c.Now().Add(d)) }

type words struct{}

func (words) Text(_, key string, _ ...string) bot.Text    { return bot.Para("(" + key + ")") }
func (w words) Line(lang, key string, _ ...string) string { return w.Text(lang, key).Plain() }

var start = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

func to(chat string) handrail.Address {
	return handrail.Address{Practice: "pra_a", Channel: "fake", Chat: chat}
}

// letter makes an envelope whose text is its key.
func letter(class bot.Class, key string) bot.Envelope {
	return bot.Envelope{Key: key, To: to("1"), Patient: "pat_1", Class: class, Message: bot.Message{Text: bot.Para(key)}}
}

// rig is a store, a channel and a sender on a clock that is moved by hand.
type rig struct {
	t     testing.TB
	clock *handClock
	store *memory
	chat  *chat
	o     outbox.Options
	s     *outbox.Sender
}

func newRig(t testing.TB, with ...func(*outbox.Options)) *rig {
	clock := &handClock{now: start}
	r := &rig{t: t, clock: clock, store: newMemory(clock), chat: &chat{clock: clock, limits: bot.Limits{TextChars: 4096}}}
	r.o = outbox.Options{
		Store: r.store, Channels: map[string]bot.Channel{"fake": r.chat}, Words: words{}, Clock: clock,
		Rand: rand.New(rand.NewPCG(1, 2)), Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range with {
		f(&r.o)
	}
	r.restart()
	return r
}

// restart is a new process on the same store.
func (r *rig) restart() {
	r.t.Helper()
	s, err := outbox.New(r.o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.s = s
}

func (r *rig) step() int {
	r.t.Helper()
	did, err := r.s.Step(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	return did
}

// settle moves the clock from event to event until nothing is left before the end.
func (r *rig) settle(end time.Time) {
	r.t.Helper()
	for range 100_000 {
		r.step()
		next, ok, err := r.s.Next(context.Background())
		if err != nil {
			r.t.Fatal(err)
		}
		if !ok || next.After(end) {
			return
		}
		if next.After(r.clock.Now()) {
			r.clock.set(next)
		}
	}
	r.t.Fatal("the outbox never comes to rest")
}

func (r *rig) want(key string, state bot.SendState, reason string) {
	r.t.Helper()
	if s, why := r.store.state(key); s != state || why != reason {
		r.t.Errorf("%s is %s (%s), want %s (%s)", key, s, why, state, reason)
	}
}

// killed is what a fail point panics with.
type killed struct{}

// kill runs f and reports whether it was killed on the way.
func kill(f func()) (died bool) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(killed); !ok {
				panic(v)
			}
			died = true
		}
	}()
	f()
	return false
}

func unknown() error {
	return &bot.SendError{Outcome: bot.OutcomeUnknown, Err: errors.New("connection reset")}
}
