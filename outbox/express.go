package outbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// room is how many requests may be in flight: 64 a process, shared by what Run claims from the queue and by replies that
// go straight from the commit that puts them (express).
type room struct {
	mu      sync.Mutex
	open    bool // while Run runs
	queued  int  // claimed by Run, in flight or waiting
	express int
	flying  sync.WaitGroup            // of express
	waits   []chan struct{}           // of those who wait for room
	more    chan struct{}             // tells Run that something may wait behind a reply that went this way
	behind  map[handrail.Address]bool // where something does
	// flights are the last requests to each address, until they are settled. The person may write again as soon as the
	// message is there, before its answer is, let alone its settlement; the next reply follows in line without the queue.
	flights map[handrail.Address]*flight
}

// flight is one request on its way. ok is set before done is closed: the message has arrived, and was the last of its parts.
type flight struct {
	key  string
	done chan struct{}
	ok   bool
}

// wake makes Run look into the queue.
func (x *room) wake() {
	select {
	case x.more <- struct{}{}:
	default:
	}
}

// fly notes that a request is about to be written.
func (x *room) fly(to handrail.Address, key string) *flight {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.flights == nil {
		x.flights = map[handrail.Address]*flight{}
	}
	f := &flight{key: key, done: make(chan struct{})}
	x.flights[to] = f
	return f
}

// land notes how a request ended.
func (f *flight) land(ok bool) {
	f.ok = ok
	close(f.done)
}

// forget notes that a request is settled.
func (x *room) forget(to handrail.Address, f *flight) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.flights[to] == f {
		delete(x.flights, to)
	}
}

// before is the last request to an address that isn't settled; nil when there is none.
func (x *room) before(to handrail.Address) *flight {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.flights[to]
}

// ended tells Run of what waits behind an envelope that went this way.
func (x *room) ended(to handrail.Address, more bool) {
	x.mu.Lock()
	more = more || x.behind[to]
	delete(x.behind, to)
	x.mu.Unlock()
	if more {
		x.wake()
	}
}

// queueRoom is what express leaves free for the queue, always.
const queueRoom = 8

func (x *room) setOpen(open bool) {
	x.mu.Lock()
	x.open = open
	x.mu.Unlock()
	if !open {
		x.flying.Wait()
	}
}

// claim takes room for at most n postings of the queue, and says for how many there was.
func (x *room) claim(n int) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	n = max(0, min(n, maxSending-x.express-x.queued))
	x.queued += n
	return n
}

// giveBack gives room for n postings of the queue back.
func (x *room) giveBack(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.queued -= n
}

// enterWait is how long a reply waits for room: the queue would take longer.
const enterWait = 50 * time.Millisecond

// enter takes room for one reply, and waits a moment for it where there is none.
func (x *room) enter(clock Clock) bool {
	x.mu.Lock()
	if !x.open {
		x.mu.Unlock()
		return false
	}
	if len(x.waits) == 0 && x.free() {
		x.express++
		x.flying.Add(1) // under mu, so that the Wait of setOpen comes after it
		x.mu.Unlock()
		return true
	}
	if len(x.waits) >= maxSending {
		x.mu.Unlock()
		return false
	}
	me := make(chan struct{})
	x.waits = append(x.waits, me)
	x.mu.Unlock()
	select {
	case <-me:
		return true
	case <-clock.After(enterWait):
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.Index(x.waits, me)
	if i < 0 {
		return true // it came at the same moment
	}
	x.waits = slices.Delete(x.waits, i, i+1)
	return false
}

func (x *room) free() bool { return x.open && x.express < maxSending-max(queueRoom, x.queued) }

// exit gives the room back.
func (x *room) exit() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.express--
	for len(x.waits) > 0 && x.free() {
		x.express++
		x.flying.Add(1)
		close(x.waits[0])
		x.waits = x.waits[1:]
	}
	x.flying.Done() // last: the count doesn't reach nothing while somebody enters
}

// queues notes that a reply waits, or will wait, in the queue behind one that may be settled at this moment: Run looks now,
// and again when the next one to that address is settled. What is put later wakes it by itself.
func (x *room) queues(to handrail.Address) {
	x.mu.Lock()
	if x.behind == nil || len(x.behind) >= 1024 { // those that were settled in the queue are never asked for
		x.behind = map[handrail.Address]bool{}
	}
	x.behind[to] = true
	x.mu.Unlock()
	x.wake()
}

var _ bot.Express = (*Sender)(nil)

// Book keeps room for the first of a turn's replies, which is about to be committed as being sent; the others follow it
// through the queue. False when it has to queue too: while Run doesn't run, with nothing left in the rates even for what
// isn't urgent (somebody may be waiting for their place). Whether it may go (G1) is asked in the commit itself.
func (s *Sender) Book(ctx context.Context, out []bot.Envelope) (bot.Ticket, bool) {
	if len(out) == 0 {
		return nil, false
	}
	now := s.clock.Now()
	p := bot.Posting{Envelope: out[0], State: bot.SendSending, PutAt: now}
	e := p.Envelope
	ch, ok := s.o.Channels[e.To.Channel]
	if !ok || e.Held || e.Job != "" || e.NotBefore.After(now) || e.Class != bot.ClassReply && e.Class != bot.ClassCard || isLate(p, now) {
		return nil, false
	}
	if !s.places.enter(s.clock) {
		s.places.queues(e.To)
		return nil, false
	}
	t := &ticket{s: s, ch: ch, to: e.To, more: len(out) > 1, before: s.places.before(e.To), ctx: context.WithoutCancel(ctx)}
	var err error
	t.parts, err = s.parts(ctx, p, false, ch.Limits())
	if err != nil || !s.spare(ctx, p, now) { // the ordinary way meets an error again, and deals with it
		s.places.exit()
		s.places.queues(e.To)
		return nil, false
	}
	return t, true
}

// spare takes a place in the rates where there is one that nobody waits for.
func (s *Sender) spare(ctx context.Context, p bot.Posting, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, to := s.lanes[p.Envelope.To.Channel], p.Envelope.To
	if l.free(now, bulk) == 0 || l.when(now, to, urgent).After(now) {
		return false
	}
	if s.shares(l) {
		s.mu.Unlock()
		at, _ := s.placeShared(ctx, l, to, now, bulk)
		s.mu.Lock()
		if at.After(now) {
			return false
		}
	}
	l.take(now, to)
	return true
}

// ticket is room for one request.
type ticket struct {
	s     *Sender
	ctx   context.Context //nolint:containedctx // of the turn, without its end: it carries what the log wants
	ch    bot.Channel
	parts []bot.Message
	to    handrail.Address
	more  bool // others of the same turn follow it
	// before is the request that this one follows; nil when there is none.
	before *flight
}

// Lease implements bot.Ticket.
func (t *ticket) Lease() time.Duration { return t.s.o.Lease }

// Drop implements bot.Ticket. The place in the rates stays taken: it is over in a second.
func (t *ticket) Drop(queued bool) {
	t.s.places.exit()
	if queued {
		t.s.places.queues(t.to)
	}
}

// Behind implements bot.Ticket.
func (t *ticket) Behind() string {
	if t.before == nil {
		return ""
	}
	return t.before.key
}

// Go implements bot.Ticket.
func (t *ticket) Go(p bot.Posting) {
	f := t.s.places.fly(p.Envelope.To, p.Envelope.Key)
	go func() {
		defer t.s.places.exit()
		if err := t.fly(p, f); err != nil {
			t.s.log.ErrorContext(t.ctx, "a posting was not settled", "class", p.Envelope.Class, "err", err)
		}
		t.s.places.ended(t.to, t.more)
	}()
}

func (t *ticket) fly(p bot.Posting, f *flight) error {
	if t.before != nil {
		<-t.before.done // its send has a time-out
		if !t.before.ok {
			// It is said again first. Nothing of this one was written.
			f.land(false)
			defer t.s.places.forget(p.Envelope.To, f)
			_, err := t.s.end(t.ctx, p, back(p, place(p), "behind another"), nil)
			return err
		}
	}
	_, err := t.s.deliver(t.ctx, p, t.ch, t.parts, f)
	return err
}
