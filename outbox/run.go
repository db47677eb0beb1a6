package outbox

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// Run sends until ctx ends. It wakes when something is put (wake; may be nil), when something becomes due on the clock,
// and when a rate allows more. When ctx ends it claims nothing more, lets the requests in flight finish (at most
// SendTimeout each), gives back what it had claimed, and returns nil (F17). Errors of the store are logged and the loop
// goes on: the store may come back.
func (s *Sender) Run(ctx context.Context, wake <-chan struct{}) error {
	r := &round{s: s, ended: make(chan ended, s.workers), waiting: map[handrail.Address][]bot.Posting{}}
	defer r.drain(ctx)
	s.places.setOpen(true)
	defer s.places.setOpen(false)
	var nextStrand time.Time
	for ctx.Err() == nil {
		now := s.clock.Now()
		wait, progress := time.Duration(-1), false
		var wrong error
		if !now.Before(nextStrand) || nextStrand.Sub(now) > strandedTick { // the second: the clock was put back
			_, wrong = s.strand(ctx)
			nextStrand = now.Add(strandedTick)
		}
		if free := s.workers - r.held; free > 0 && wrong == nil {
			progress, wrong = r.fill(ctx, free)
			if wrong == nil && !progress {
				wait, wrong = s.pause(ctx)
			}
		}
		if wrong != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "the outbox could not work", "err", wrong)
			wait = time.Second
		}
		if progress {
			continue
		}
		var alarm <-chan time.Time
		if wait >= 0 {
			alarm = s.clock.After(wait)
		}
		select {
		case <-ctx.Done():
		case _, open := <-wake:
			if !open {
				wake = nil
			}
		case e := <-r.ended:
			r.next(ctx, e)
		case <-s.places.more:
		case <-alarm:
		}
	}
	return nil
}

// pause is how long there is nothing to claim; at most the time until the next look for dead senders.
func (s *Sender) pause(ctx context.Context) (time.Duration, error) {
	next, ok, err := s.Next(ctx)
	if err != nil {
		return 0, err
	}
	if !ok {
		return strandedTick, nil
	}
	// Never nothing: a row that is due but waits behind another would otherwise spin.
	return min(max(next.Sub(s.clock.Now()), idleFloor), strandedTick), nil
}

// round is what one Run has in its hands. Only Run's goroutine touches it.
type round struct {
	s       *Sender
	held    int // claimed postings, in flight or waiting
	ended   chan ended
	waiting map[handrail.Address][]bot.Posting // behind the one in flight to that address; the key is there while one is
}

// ended is a worker's word that it is done.
type ended struct {
	p   bot.Posting
	end bot.Settlement
}

// fill claims up to free postings and starts them.
func (r *round) fill(ctx context.Context, free int) (progress bool, err error) {
	free = r.s.places.claim(free)
	used := 0
	defer func() { r.s.places.giveBack(free - used) }()
	page, err := r.s.claim(ctx, free)
	back := waits{}
	for _, p := range page {
		if went, err := r.s.admitOrPutBack(ctx, p, back); err != nil {
			return false, err
		} else if !went {
			continue
		}
		r.held++
		used++
		if queue, busy := r.waiting[p.Envelope.To]; busy {
			r.waiting[p.Envelope.To] = append(queue, p)
			continue
		}
		r.start(ctx, p)
	}
	return len(page) > 0, err
}

// start sends one posting in a goroutine of its own; at most workers are held at a time.
func (r *round) start(ctx context.Context, p bot.Posting) {
	if _, busy := r.waiting[p.Envelope.To]; !busy {
		r.waiting[p.Envelope.To] = nil
	}
	go func() {
		end, err := r.s.post(ctx, p)
		if err != nil && ctx.Err() == nil {
			r.s.log.ErrorContext(ctx, "a posting was not settled", "class", p.Envelope.Class, "err", err)
		}
		r.ended <- ended{p, end}
	}()
}

// next starts what waited behind a posting, unless that was put back: then what follows it in its class goes back too,
// so that nothing overtakes.
func (r *round) next(ctx context.Context, e ended) {
	r.free()
	to := e.p.Envelope.To
	queue := r.waiting[to]
	delete(r.waiting, to)
	var stay []bot.Posting
	for _, p := range queue {
		at := place(p)
		overtakes := holdsUp(e.end) && p.Envelope.Class == e.p.Envelope.Class
		if !overtakes && ctx.Err() == nil {
			stay = append(stay, p)
			continue
		}
		if overtakes && e.end.RetryAt.After(at) {
			at = e.end.RetryAt
		}
		r.free()
		if err := r.s.putBack(ctx, p, at, ""); err != nil {
			r.s.log.ErrorContext(ctx, "a posting was not given back", "err", err)
		}
	}
	if len(stay) > 0 {
		r.waiting[to] = stay[1:]
		r.start(ctx, stay[0])
	}
}

// free counts one less in hand.
func (r *round) free() {
	r.held--
	r.s.places.giveBack(1)
}

// drain waits for what is in flight and gives the rest back.
func (r *round) drain(ctx context.Context) {
	for r.held > 0 {
		r.next(ctx, <-r.ended)
	}
}
