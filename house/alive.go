package house

import (
	"context"
	"time"

	"handrail/bot"
	"handrail/outbox"
)

// buryEvery is how often a process looks for others that have died.
const buryEvery = 5 * time.Second

// alive makes this process known to others on the same records until ctx ends, and takes over at once what dead ones were
// at. end is called when everything else has stopped. Where it does not work, what a dead process was at waits until its
// leases end.
func (h *House) alive(ctx context.Context) (look, end func()) {
	run, err := h.records.Begin(ctx)
	if err != nil {
		h.opts.Log.Warn("other processes cannot see that this one runs", "error", err)
		return func() {}, func() {}
	}
	look = func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-h.clock.After(buryEvery):
			}
			dead, err := run.Bury(ctx)
			switch {
			case ctx.Err() != nil:
			case err != nil:
				h.opts.Log.Warn("could not look for processes that died", "error", err)
			case dead > 0:
				h.opts.Log.Info("what processes that died were at is taken over", "processes", dead)
			}
		}
	}
	return look, func() {
		if err := run.End(context.WithoutCancel(ctx)); err != nil {
			h.opts.Log.Warn("the run could not be ended", "error", err)
		}
	}
}

// sharedPace is the rates of all processes, where the conversations' store keeps them; nil where there is one process only.
func sharedPace(states bot.States) outbox.Pace {
	p, _ := states.(outbox.Pace)
	return p
}
