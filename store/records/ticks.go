package records

import (
	"context"
	"time"
)

// LastTick returns the latest tick of the job that was claimed; false when none was.
func (r *Records) LastTick(ctx context.Context, job string) (time.Time, bool, error) {
	us, ok, err := one(ctx, r, "read the last tick", value[int64], "SELECT last_tick FROM ticks WHERE job = $1", job)
	return instant(us), ok, err
}

// ClaimTick reports whether this tick of the job is the caller's: true once for each tick, even when two race, and only
// in order, so that a tick before the latest one is nobody's any more. Claimed inside a transaction, the tick stands or
// falls with what the job did in it.
func (r *Records) ClaimTick(ctx context.Context, job string, tick time.Time) (bool, error) {
	var mine bool
	err := r.in(ctx, "ClaimTick", func(ctx context.Context) error {
		n, err := r.exec(ctx, "claim a tick", `INSERT INTO ticks (job, last_tick) VALUES ($1, $2)
			ON CONFLICT (job) DO UPDATE SET last_tick = excluded.last_tick WHERE ticks.last_tick < excluded.last_tick`,
			job, micros(tick))
		mine = n == 1
		return err
	})
	return mine && err == nil, err
}
