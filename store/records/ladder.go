package records

import (
	"context"
	"database/sql"
	"time"

	"handrail"
)

// What the calling of staff to an alert needs: see package alerts.

// AlertsToCall returns the alerts of every practice that nobody has taken on and whose next step is due at or before a
// time, those due longest first.
func (r *Records) AlertsToCall(ctx context.Context, before time.Time) ([]handrail.Alert, error) {
	return r.alerts(ctx, "state = 'raised' AND next_at <= $1 ORDER BY next_at, id", micros(before))
}

// NextCall is when the next step of any alert is due; false when none is waiting for somebody to take it on.
func (r *Records) NextCall(ctx context.Context) (time.Time, bool, error) {
	n, _, err := one(ctx, r, "find the next call", nullMicros, "SELECT MIN(next_at) FROM alerts WHERE state = 'raised'")
	return instant(n.Int64), n.Valid, err
}

// AlertsWaiting is how many alerts of all practices nobody has taken on, and since when the oldest of them is called for.
func (r *Records) AlertsWaiting(ctx context.Context) (n int, since time.Time, err error) {
	type waiting struct {
		n     int
		since sql.NullInt64
	}
	w, _, err := one(ctx, r, "count alerts that wait", func(row scanner) (w waiting, err error) {
		err = row.Scan(&w.n, &w.since)
		return w, err
	}, "SELECT COUNT(*), MIN(called_at) FROM alerts WHERE state = 'raised'")
	return w.n, instant(w.since.Int64), err
}

// ClimbLadder notes that one step more was put and when the next one is due, and reports whether this call did: false when
// the alert was taken on, was called for anew, or somebody else put that step. Give it the alert as it was read, in the
// transaction that puts the step.
func (r *Records) ClimbLadder(ctx context.Context, a handrail.Alert, next time.Time) (bool, error) {
	n, err := r.exec(ctx, "climb the ladder", `UPDATE alerts SET steps = steps + 1, next_at = $1
		WHERE practice = $2 AND id = $3 AND state = 'raised' AND called_at = $4 AND steps = $5`,
		micros(next), string(a.Practice), string(a.ID), micros(a.CalledAt), a.Steps)
	return n == 1, err
}

// AlertArrived reports whether a message of an alert, put since then under this job, is known to have been sent to anybody.
func (r *Records) AlertArrived(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, job string, since time.Time) (bool, error) {
	_, found, err := one(ctx, r, "look whether an alert arrived", value[int],
		"SELECT 1 FROM outbox WHERE class = 'alert' AND practice = $1 AND subject = $2 AND job = $3 AND state = 'sent' AND put_at >= $4 LIMIT 1",
		string(practice), string(id), job, micros(since))
	return found, err
}

// CountAlerts counts a practice's alerts that were raised, and misses that were told of, since then.
func (r *Records) CountAlerts(ctx context.Context, practice handrail.PracticeID, since time.Time) (handrail.AlertCounts, error) {
	var c handrail.AlertCounts
	all, err := r.alerts(ctx, "practice = $1 AND raised_at >= $2 ORDER BY raised_at, id", string(practice), micros(since))
	if err != nil {
		return c, err
	}
	for _, a := range all {
		c.MessagesInAll += a.Messages
		if a.State == handrail.AlertResolved {
			c.Settled++
		} else {
			c.Open++
		}
		switch a.Mark {
		case handrail.AlertRight:
			c.Right++
		case handrail.AlertWrong:
			c.Wrong++
		}
		if a.AcknowledgedAt != nil {
			c.LongestUntilAck = max(c.LongestUntilAck, a.AcknowledgedAt.Sub(a.RaisedAt))
		}
	}
	n, _, err := one(ctx, r, "count misses", value[int], "SELECT COUNT(*) FROM misses WHERE practice = $1 AND told_at >= $2",
		string(practice), micros(since))
	c.Missed = n
	return c, err
}

// MarkedWrong returns a practice's alerts since then that staff marked as wrong, the oldest first, for whoever looks after
// the words that mean danger.
func (r *Records) MarkedWrong(ctx context.Context, practice handrail.PracticeID, since time.Time) ([]handrail.Alert, error) {
	return r.alerts(ctx, "practice = $1 AND raised_at >= $2 AND mark = 'wrong' ORDER BY raised_at, id", string(practice), micros(since))
}

// TellMiss notes that a message meant danger and raised no alert: that there was one, and never what it said.
func (r *Records) TellMiss(ctx context.Context, practice handrail.PracticeID, by handrail.StaffID) error {
	return r.in(ctx, "TellMiss", func(ctx context.Context) error {
		id, err := r.newID("mis_")
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "tell of a miss", "INSERT INTO misses (id, practice, told_by, told_at) VALUES ($1, $2, $3, $4)",
			id, string(practice), string(by), micros(r.now()))
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, handrail.Actor("staff:"+string(by)), "told of", "miss", id)
	})
}
