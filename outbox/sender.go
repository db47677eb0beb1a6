package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// Store is what the sender asks of the records. Every method stands on its own: a sender may die between any two, and
// several senders may use one store. bot.ErrStale says that the posting is somebody else's by now, or was suppressed.
type Store interface {
	// Claim leases up to max due postings to the caller, in the order in which they are to go.
	Claim(ctx context.Context, now time.Time, lease time.Duration, max int) ([]bot.Posting, error)
	// Sending commits that a request for this posting is about to be written, and counts it.
	Sending(ctx context.Context, key string, epoch int64, now time.Time, lease time.Duration) error
	// Settle commits how a posting ended, or puts it back.
	Settle(ctx context.Context, key string, epoch int64, s bot.Settlement) error
	// Stranded leases to the caller postings whose sender died while it was sending; nobody knows how those ended.
	Stranded(ctx context.Context, now time.Time, max int) ([]bot.Posting, error)
	// NextDue is the earliest moment at which Claim or Stranded may find something; false when there is none.
	NextDue(ctx context.Context, now time.Time) (time.Time, bool, error)
	// MaySend says why the envelope may not go now; "" when it may (G1). "held" is special: an urgent alert waits for a
	// person, and the message waits with it (K8).
	MaySend(ctx context.Context, e bot.Envelope) (reason string, err error)
	// CloseChat unbinds an address that is gone and suppresses what waits for it. It is safe to call twice.
	CloseChat(ctx context.Context, to handrail.Address, reason string) error
}

// Facts says whether what a message rests on still holds just before it is sent (T5): the visit that was cancelled
// after its reminder was put is not spoken of.
type Facts interface {
	// Still returns "" while the facts hold, otherwise the reason for the record: one word or a short phrase without
	// identifiers. It is asked only of envelopes that name a job.
	Still(ctx context.Context, e bot.Envelope) (reason string, err error)
}

// Clock is where the sender has the time from.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Options are what a Sender needs. Store, Channels, Words and Clock are required.
type Options struct {
	Store    Store
	Channels map[string]bot.Channel // by Name
	Rates    map[string]Rate        // by channel name; a channel that is absent has no limit
	// Pace keeps the rates for all processes; nil: this one is alone. ChatKey names a chat to it without saying whose it is;
	// required with a Pace.
	Pace    Pace
	ChatKey func(to handrail.Address) string
	// Fit makes a message fit a channel; nil is bot.Fit.
	Fit   func(bot.Message, bot.Limits) []bot.Message
	Facts Facts     // nil: facts always hold
	Words bot.Words // the keys bot.late, bot.delayed and masked.kept are used
	// Language is what those words are said in; nil or an empty answer is English.
	Language func(ctx context.Context, e bot.Envelope) string
	// OnGone is called when the network says that the person blocked the bot or left, before their chat is closed: to
	// make the link worker's task. It may be called twice for one person and must then do nothing more.
	OnGone func(ctx context.Context, e bot.Envelope) error
	Clock  Clock
	Rand   *rand.Rand   // for jitter in the backoff; nil: none
	Log    *slog.Logger // nil: silent
	// Lease is how long a claim holds without a word from its sender; 0 is a minute. It must be longer than
	// SendTimeout, or a slow request would be taken for a dead sender.
	Lease time.Duration
	// SendTimeout bounds one request; 0 is 8 seconds, so that a graceful stop ends within 10 (F17).
	SendTimeout time.Duration
	// Workers is how many requests Run has in flight at most; 0 is 16, and more than 64 is 64.
	Workers int
	// Fail is for tests that kill the sender: called at "claimed", "sending", "sent" and "settled".
	Fail func(point string)
}

const (
	maxSending   = 64                     // requests in flight a process: only those can be unknown after a crash
	maxAttempts  = 40                     // of a request that is certainly not sent; with the backoff over 2 h 45 min
	maxUrgent    = 400                    // the same for cards and alerts, over 3 h
	maxDoubts    = 6                      // of a card or alert whose outcome stays unknown
	maxPanics    = 3                      // then a message is put aside as poisonous (F12)
	replyLate    = 15 * time.Minute       // section 1
	nudgeLate    = 24 * time.Hour         // section 1
	digestLate   = time.Hour              // a digest that names no NotAfter
	reminderLeft = 2 * time.Hour          // section 1: a reminder in doubt goes once more only if more than this remains
	heldAgain    = 15 * time.Minute       // how often a held message is looked at
	missingAgain = 5 * time.Minute        // how often a message for a channel that is not there is looked at
	errorAgain   = 30 * time.Second       // when a check could not be made
	probeAgain   = 100 * time.Millisecond // how long something urgent may wait to be found behind bulk that waits
	strandedTick = 5 * time.Second        // how often Run looks for postings of dead senders
	idleFloor    = 50 * time.Millisecond
)

// Sender takes messages out of the store and sends them. It is safe for one Run or any number of Step calls, one after
// another; several Senders, in one process or many, may share a store.
type Sender struct {
	o       Options
	store   Store
	clock   Clock
	log     *slog.Logger
	workers int
	places  room

	mu    sync.Mutex // guards what follows
	lanes map[string]*lane
	// probed is when a claim, made while only the urgent reserve was free, found nothing urgent. Each such claim moves a
	// row of the queue back, so they are made no more often than probeAgain.
	probed time.Time
	// idle is when Step last found nothing to do.
	idle time.Time
}

// New makes a Sender. It fails when something that it needs is missing.
func New(o Options) (*Sender, error) {
	if o.Store == nil || o.Clock == nil || o.Words == nil {
		return nil, errors.New("outbox: Store, Clock and Words are required")
	}
	if o.Pace != nil && o.ChatKey == nil {
		return nil, errors.New("outbox: a Pace needs a ChatKey")
	}
	if o.Fit == nil {
		o.Fit = bot.Fit
	}
	if o.Lease <= 0 {
		o.Lease = time.Minute
	}
	if o.SendTimeout <= 0 {
		o.SendTimeout = 8 * time.Second
	}
	if o.SendTimeout >= o.Lease {
		return nil, fmt.Errorf("outbox: the send timeout %v must be shorter than the lease %v", o.SendTimeout, o.Lease)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Sender{o: o, store: o.Store, clock: o.Clock, log: o.Log, workers: o.Workers, lanes: map[string]*lane{}}
	s.places.more = make(chan struct{}, 1)
	if s.workers <= 0 {
		s.workers = 16
	}
	s.workers = min(s.workers, maxSending)
	for name, ch := range o.Channels {
		s.lanes[name] = newLane(ch, o.Rates[name])
	}
	return s, nil
}

// Step does everything that can be done at this moment of the clock, in one goroutine and in a set order, and returns
// how many postings it took further. The error joins what went wrong on the way; a posting that could not be checked
// does not keep the others.
func (s *Sender) Step(ctx context.Context) (did int, err error) {
	defer func() {
		if did == 0 {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.idle = s.clock.Now()
		}
	}()
	did, err = s.strand(ctx)
	if err != nil {
		return did, err
	}
	var wrong []error
	for ctx.Err() == nil {
		page, err := s.claim(ctx, maxSending)
		if err != nil {
			return did, errors.Join(append(wrong, err)...)
		}
		if len(page) == 0 {
			return did, errors.Join(wrong...)
		}
		back := waits{}
		for _, p := range page {
			if went, err := s.admitOrPutBack(ctx, p, back); err != nil {
				return did, errors.Join(append(wrong, err)...)
			} else if !went {
				continue
			}
			end, err := s.post(ctx, p)
			if err != nil {
				wrong = append(wrong, err)
			}
			if end.State == "" && err != nil {
				return did, errors.Join(wrong...) // the store does not answer: another row would fare no better
			}
			if holdsUp(end) {
				back[lineOf(p)] = end.RetryAt
			}
			did++
		}
	}
	return did, errors.Join(append(wrong, ctx.Err())...)
}

// Next is the earliest moment at which Step may find something to do; false when the outbox is empty. It may be now or
// earlier: then Step is to be called at once. After a Step that found nothing it is later than now.
func (s *Sender) Next(ctx context.Context) (time.Time, bool, error) {
	now := s.clock.Now()
	due, ok, err := s.store.NextDue(ctx, now)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the next due posting: %w", err)
	}
	if !ok {
		return time.Time{}, false, nil
	}
	if _, opens := s.room(now); opens.After(due) {
		due = opens
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !due.After(now) && s.idle.Equal(now) {
		// What is due waits behind another posting to the same address; a hand that moves the clock must not wait for ever.
		due = now.Add(idleFloor)
	}
	return due, true, nil
}

// line is what stays in order among itself.
type line struct {
	to    handrail.Address
	class bot.Class
}

func lineOf(p bot.Posting) line { return line{p.Envelope.To, p.Envelope.Class} }

// waits is until when each line waits, among postings that were claimed together: what is put back holds what follows
// it, so that nothing overtakes.
type waits map[line]time.Time

// admitOrPutBack takes a place in the rates for the posting, or puts it back until there is one.
func (s *Sender) admitOrPutBack(ctx context.Context, p bot.Posting, back waits) (went bool, err error) {
	at, wait := back[lineOf(p)]
	if !wait {
		at, wait = s.admit(ctx, p)
	}
	if !wait {
		return true, nil
	}
	back[lineOf(p)] = at
	return false, s.putBack(ctx, p, at, bot.ReasonRate)
}

// claim leases as many postings as could be sent now, at most limit: what cannot go yet stays in the store, where
// something more urgent can still be put before it.
func (s *Sender) claim(ctx context.Context, limit int) ([]bot.Posting, error) {
	now := s.clock.Now()
	room, _ := s.room(now)
	if limit = min(limit, room); limit <= 0 {
		return nil, nil
	}
	page, err := s.store.Claim(ctx, now, s.o.Lease, limit)
	if err != nil {
		return nil, fmt.Errorf("claim postings: %w", err)
	}
	return page, nil
}

// room says how many postings are worth claiming at now, and otherwise when the next will be.
func (s *Sender) room(now time.Time) (n int, opens time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var some, few int
	for _, l := range s.lanes {
		some = max(some, l.free(now, bulk))
		few = max(few, l.free(now, urgent), l.free(now, pressing))
	}
	if some > 0 {
		return some, now
	}
	next := bulk
	if few == 0 {
		next = pressing
	}
	for _, l := range s.lanes {
		if at := l.opens(now, next); opens.IsZero() || at.Before(opens) {
			opens = at
		}
	}
	if few == 0 {
		return 0, opens
	}
	again := s.probed.Add(probeAgain)
	if !again.After(now) || again.Sub(now) > probeAgain { // the second: the clock was put back
		return 1, now
	}
	if again.Before(opens) {
		opens = again
	}
	return 0, opens
}

// admit takes a place in the rates for the posting, or says until when it waits.
func (s *Sender) admit(ctx context.Context, p bot.Posting) (until time.Time, waits bool) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[p.Envelope.To.Channel]
	if l == nil {
		return now, false // post puts it back
	}
	need := needOf(p)
	at := l.when(now, p.Envelope.To, need)
	if !at.After(now) && s.shares(l) {
		s.mu.Unlock()
		var whole bool
		at, whole = s.placeShared(ctx, l, p.Envelope.To, now, need)
		s.mu.Lock()
		if whole && need == bulk && at.After(now) {
			l.full = at
			at = l.inLine(at)
		}
	}
	if at.After(now) {
		if need == bulk || l.closedUntil(now, need).After(now) {
			s.probed = now
		}
		return at, true
	}
	l.take(now, p.Envelope.To)
	return now, false
}

// strand settles what dead senders left behind.
func (s *Sender) strand(ctx context.Context) (did int, err error) {
	for {
		now := s.clock.Now()
		page, err := s.store.Stranded(ctx, now, maxSending)
		if err != nil {
			return did, fmt.Errorf("find stranded postings: %w", err)
		}
		for _, p := range page {
			if err := s.settle(ctx, p, s.doubt(p, reasonStopped, now)); err != nil && !errors.Is(err, bot.ErrStale) {
				return did, err
			}
			did++
		}
		if len(page) < maxSending {
			return did, nil
		}
	}
}
