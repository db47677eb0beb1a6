package wire

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"handrail/bot"
)

// Running is a channel's Run while it runs: its inbox, lent to whoever takes an update, and what must be finished before Run
// may return. The zero Running doesn't run. It is safe for use by several goroutines.
type Running struct {
	mu    sync.Mutex
	inbox bot.Inbox       // nil unless Run is running
	ctx   context.Context //nolint:containedctx // what Run was given: work beside ends with it
	work  sync.WaitGroup
}

// Begin says that Run runs, with this inbox; false when it does so already.
func (r *Running) Begin(ctx context.Context, in bot.Inbox) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inbox != nil {
		return false
	}
	r.inbox, r.ctx = in, ctx
	return true
}

// End lends nothing more, and waits until everything is given back.
func (r *Running) End() {
	r.mu.Lock()
	r.inbox, r.ctx = nil, nil
	r.mu.Unlock()
	r.work.Wait()
}

// Borrow returns the inbox and how to give it back, with the context of Run; false when Run is not running.
func (r *Running) Borrow() (ctx context.Context, in bot.Inbox, giveBack func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inbox == nil {
		return nil, nil, nil, false
	}
	r.work.Add(1) // under mu, so that End's Wait comes after it
	return r.ctx, r.inbox, r.work.Done, true
}

// Pauses between tries: each is twice the one before it.
const (
	FirstPause   = 200 * time.Millisecond
	LongestPause = 30 * time.Second
)

// Persist does something until it works or ctx ends, and returns nil once it worked. failed hears of each failure, and says
// how long the network asked to wait.
func Persist(ctx context.Context, clock bot.Clock, do func(context.Context) error, failed func(error) time.Duration) error {
	for pause := FirstPause; ctx.Err() == nil; pause = min(2*pause, LongestPause) {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			Wait(ctx, clock, max(pause, failed(err)))
		}
	}
	return ctx.Err()
}

// Wait waits on the clock, or until ctx ends.
func Wait(ctx context.Context, clock bot.Clock, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-clock.After(d):
	}
}

// Gate remembers whether a network refuses the token, so that it is told once (F9): everything fails then. The zero Gate is
// open.
type Gate struct{ shut atomic.Bool }

// Close shuts the gate; first says that it was open.
func (g *Gate) Close() (first bool) { return !g.shut.Swap(true) }

// Open opens the gate; first says that it was shut.
func (g *Gate) Open() (first bool) { return g.shut.Load() && g.shut.Swap(false) }
