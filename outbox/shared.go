package outbox

import (
	"context"
	"sync"
	"time"

	"handrail"
)

// Pace is the rates of channels, kept for all processes that send through them. store/conversations keeps it in Redis;
// Local is one for a single process. The clock is the caller's.
type Pace interface {
	// Place takes a place for one request to a chat, of so many requests a second in all and to that chat (0: no limit),
	// where more than keep places are free. until is now when the place is taken; otherwise nothing is, and until is when
	// one may be free; whole says that it is the whole channel that must wait, and not this chat alone. chat names a chat
	// without saying whose it is. With InSpite for keep nothing is kept and no pause is heeded.
	Place(ctx context.Context, channel, chat string, perSecond, perChat float64, keep int, now time.Time) (until time.Time, whole bool, err error)
	// Pause closes a channel for everybody for d from now: the network asked for it (L6). A longer pause stands.
	Pause(ctx context.Context, channel string, d time.Duration, now time.Time) error
}

// InSpite is the keep of an alert or a card: it takes any place that is free, even while the network has asked to wait.
const InSpite = -1

const (
	// awayShare is the part of the rates that a process allows itself while the shared ones cannot be asked: right for three
	// processes, careful for fewer.
	awayShare = 1.0 / 3
	// awayAsk is how long a process waits after a failure before it asks the shared rates again.
	awayAsk = time.Second
	// awayBoth is how long after a failure it keeps to its own part as well: others may not know yet that they are back.
	awayBoth = 3 * time.Second
)

// away is how a lane goes on while the shared rates cannot be asked.
type away struct {
	failed time.Time // last; zero: never
	own    *lane
}

// within says whether the last failure is less than d ago; a clock that was put back must not prolong it.
func (a *away) within(d time.Duration, now time.Time) bool {
	since := now.Sub(a.failed)
	return !a.failed.IsZero() && since < d && since > -d
}

// share makes a rate smaller; no limit stays none.
func (r Rate) share(part float64) Rate {
	return Rate{PerSecond: r.PerSecond * part, PerChat: r.PerChat * part}
}

// shares says whether the lane's rates are shared with other processes.
func (s *Sender) shares(l *lane) bool {
	return s.o.Pace != nil && (l.rate.PerSecond > 0 || l.rate.PerChat > 0)
}

// placeShared takes a place in the shared rates, or in the process's own part of them while they are away. The Sender's
// mutex is not held: asking takes a journey.
func (s *Sender) placeShared(ctx context.Context, l *lane, to handrail.Address, now time.Time, need need) (until time.Time, whole bool) {
	s.mu.Lock()
	if l.away.within(awayBoth, now) {
		if l.away.own == nil {
			l.away.own = newLane(l.ch, l.rate.share(awayShare))
		}
		own := l.away.own
		if at := own.when(now, to, need); at.After(now) {
			s.mu.Unlock()
			return at, own.opens(now, need).After(now)
		}
		own.take(now, to)
		if l.away.within(awayAsk, now) {
			s.mu.Unlock()
			return now, false
		}
	}
	s.mu.Unlock()
	until, whole, err := s.o.Pace.Place(ctx, l.ch.Name(), s.o.ChatKey(to), l.rate.PerSecond, l.rate.PerChat, need.keeps(l), now)
	if err == nil {
		return until, whole
	}
	s.mu.Lock()
	first := !l.away.within(awayBoth, now)
	l.away.failed = now
	s.mu.Unlock()
	if !first {
		return now, false // its place in the process's own part is taken already
	}
	s.log.WarnContext(ctx, "the shared rates cannot be asked: this process keeps to its part of them", "channel", l.ch.Name(), "err", err)
	return s.placeShared(ctx, l, to, now, need)
}

// pauseShared tells the other processes that the network asked to wait.
func (s *Sender) pauseShared(ctx context.Context, l *lane, d time.Duration, now time.Time) {
	if d <= 0 || !s.shares(l) {
		return
	}
	if err := s.o.Pace.Pause(ctx, l.ch.Name(), d, now); err != nil {
		s.log.WarnContext(ctx, "the other processes cannot be told that a network asked to wait", "channel", l.ch.Name(), "err", err)
	}
}

// Local is the Pace of one process, or of several senders in one. The zero value is ready.
type Local struct {
	mu    sync.Mutex
	lanes map[string]*lane
}

var _ Pace = (*Local)(nil)

// Place implements Pace.
func (p *Local) Place(_ context.Context, channel, chat string, perSecond, perChat float64, keep int, now time.Time) (time.Time, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lane(channel)
	if rate := (Rate{PerSecond: perSecond, PerChat: perChat}); l.rate != rate {
		shut := l.shut
		*l = *newLane(nil, rate)
		l.shut = shut
	}
	need := bulk
	if l.keep = max(0, keep); keep == InSpite {
		need = pressing
	}
	if at := l.opens(now, need); at.After(now) {
		return at, true, nil
	}
	to := handrail.Address{Chat: chat}
	if c := l.chats[to]; c != nil {
		if at := c.opens(now, 0); at.After(now) {
			return at, false, nil
		}
	}
	l.take(now, to)
	return now, false, nil
}

// Pause implements Pace.
func (p *Local) Pause(_ context.Context, channel string, d time.Duration, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lane(channel).pause(now, d, bulk)
	return nil
}

func (p *Local) lane(channel string) *lane {
	if p.lanes == nil {
		p.lanes = map[string]*lane{}
	}
	if p.lanes[channel] == nil {
		p.lanes[channel] = newLane(nil, Rate{})
	}
	return p.lanes[channel]
}
