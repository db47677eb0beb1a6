package records

import (
	"context"
	"reflect"
	"slices"
	"time"

	"handrail"
)

// ChangeStanding changes what is known of a listing here with the function change, and returns the listing as it is now.
// CreatedAt and ModifiedAt are the records' own. Where change changes nothing, nothing is written; an error from it is
// returned as it is. KindNotFound when there is no such listing.
func (r *Records) ChangeStanding(ctx context.Context, id handrail.ActivityID, by handrail.Actor,
	change func(*handrail.Standing) error,
) (handrail.Activity, error) {
	var is handrail.Activity
	err := r.in(ctx, "ChangeStanding", func(ctx context.Context) error {
		if err := r.lockDirectory(ctx); err != nil {
			return err
		}
		was, err := r.Activity(ctx, id)
		if err != nil {
			return err
		}
		is = was
		is.Standing = ownStanding(was.Standing)
		if err := change(&is.Standing); err != nil {
			return err
		}
		is.Standing = ownStanding(is.Standing)
		is.Standing.CreatedAt, is.Standing.ModifiedAt = was.Standing.CreatedAt, was.Standing.ModifiedAt
		if reflect.DeepEqual(was.Standing, is.Standing) {
			return nil
		}
		is.Standing.ModifiedAt = stored(r.now())
		n, err := r.changes(ctx, 1)
		if err != nil {
			return err
		}
		if err := r.saveStanding(ctx, is.ID, is.Standing, n); err != nil {
			return err
		}
		return r.audit(ctx, "", by, whatStands(was.Standing, is.Standing), "activity", string(is.ID))
	})
	if err != nil {
		return handrail.Activity{}, err
	}
	return is, nil
}

func (r *Records) saveStanding(ctx context.Context, id handrail.ActivityID, s handrail.Standing, n int64) error {
	text, err := encodeStanding(s)
	if err != nil {
		return err
	}
	_, err = r.exec(ctx, "save what is known of a listing",
		"UPDATE activities SET standing = $1, created_at = $2, modified_at = $3, ask_at = $4, change = $5 WHERE id = $6",
		text, micros(s.CreatedAt), micros(s.ModifiedAt), micros(s.DueAt()), n, string(id))
	return err
}

// ownStanding is a standing that shares nothing with s, with its instants as they will come back.
func ownStanding(s handrail.Standing) handrail.Standing {
	if s.Assured != nil {
		a := *s.Assured
		a.At = stored(a.At)
		s.Assured = &a
	}
	for _, p := range []**time.Time{&s.AskedAt, &s.AnsweredAt, &s.ReportedClosed, &s.AttendedAt} {
		*p = orNil(orZero(*p))
	}
	s.Cancelled = slices.Clone(s.Cancelled)
	for i := range s.Cancelled {
		s.Cancelled[i].At = stored(s.Cancelled[i].At)
	}
	if len(s.Cancelled) == 0 {
		s.Cancelled = nil
	}
	return s
}

// whatStands is the audit trail's word for a change of a standing: the first that fits.
func whatStands(was, is handrail.Standing) string {
	switch {
	case !reflect.DeepEqual(was.Assured, is.Assured):
		return "assured"
	case is.ReportedClosed != nil && was.ReportedClosed == nil:
		return "reported closed"
	case is.Paused && !was.Paused:
		return "paused"
	case !is.Paused && was.Paused:
		return "no longer paused"
	case len(is.Cancelled) > len(was.Cancelled):
		return "meeting cancelled"
	case !reflect.DeepEqual(was.AskedAt, is.AskedAt):
		return "asked"
	case !reflect.DeepEqual(was.AttendedAt, is.AttendedAt):
		return "attended"
	}
	return "standing changed"
}

// ListingsToAsk returns up to limit active listings whose organiser is due to be asked at or before the time before, in
// the order in which they became due: what handrail.Standing.Due says of each. A new question (PutAsk) makes a listing
// due later, so that asking in pages comes to an end.
func (r *Records) ListingsToAsk(ctx context.Context, before time.Time, limit int) ([]handrail.Activity, error) {
	rows, err := list(ctx, r, "look whom to ask", scanRaw, toAsk, micros(before), limit)
	if err != nil {
		return nil, err
	}
	out := make([]handrail.Activity, len(rows))
	for i, l := range rows {
		if out[i], err = l.activity(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

const toAsk = "SELECT " + activityColumns + " FROM activities WHERE status = 'active' AND same_as = '' AND ask_at <= $1 ORDER BY ask_at, id LIMIT $2 + 0"

// BookedOn returns the visits ahead (planned, or going) to a listing that start in [from, to), of every practice, in order
// of their start, with patient, enrolment and whoever goes along.
func (r *Records) BookedOn(ctx context.Context, id handrail.ActivityID, from, to time.Time) ([]handrail.Visit, error) {
	now, err := r.resolve(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.visits(ctx, bookedOn(), string(now), micros(from), micros(to))
}

// bookedOn finds visits ahead by their listing; the CASE keeps SQLite from the index by state, which has years of visits.
func bookedOn() string {
	return groupOf("activity", 1) + ` AND start_at >= $2 AND start_at < $3
		AND CASE WHEN state IN ('planned', 'going') THEN 1 ELSE 0 END = 1 ORDER BY start_at, id`
}

// Enrolled returns everybody who goes to a listing or means to, of every practice, in the order in which they chose it:
// a visit each with enrolment, patient and activity, and nothing else.
func (r *Records) Enrolled(ctx context.Context, id handrail.ActivityID) ([]handrail.Visit, error) {
	a, err := r.Activity(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := r.enrolments(ctx, groupOf("activity", 1)+" AND state <> 'ended' ORDER BY chosen_at, id", string(a.ID))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	patients := make([]handrail.PatientID, len(all))
	for i, e := range all {
		patients[i] = e.Patient
	}
	people, err := r.patientsByID(ctx, patients)
	if err != nil {
		return nil, err
	}
	out := make([]handrail.Visit, len(all))
	for i, e := range all {
		out[i] = handrail.Visit{Enrolment: e, Patient: people[e.Patient], Activity: a}
	}
	return out, nil
}

// LastActivityChange is the number of the last change of any listing: 0 before the first. It only grows.
func (r *Records) LastActivityChange(ctx context.Context) (int64, error) {
	n, _, err := one(ctx, r, "read the number of the last change", value[int64], "SELECT n FROM counters WHERE name = 'activities'")
	return n, err
}

// ActivityChanges returns up to limit listings that changed after the change of that number, in order: the active ones
// as they are now, and the ids of those that are no longer to be found. next is the number to go on from; where it is
// after, nothing has changed since. An index that reads LastActivityChange, then Activities, then follows this every
// second misses nothing, whichever process made the change.
func (r *Records) ActivityChanges(ctx context.Context, after int64, limit int) (changed []handrail.Activity, gone []handrail.ActivityID, next int64, err error) {
	type row struct {
		raw
		n int64
	}
	rows, err := list(ctx, r, "follow the directory", func(s scanner) (row, error) {
		var l row
		err := s.Scan(&l.id, &l.source, &l.status, &l.text, &l.created, &l.modified, &l.standing, &l.sameAs, &l.n)
		return l, err
	}, followed, after, limit)
	if err != nil {
		return nil, nil, after, err
	}
	next = after
	for _, l := range rows {
		next = l.n
		if l.status != string(handrail.ActivityActive) || l.sameAs != "" {
			gone = append(gone, handrail.ActivityID(l.id))
			continue
		}
		a, err := l.activity()
		if err != nil {
			return nil, nil, after, err
		}
		changed = append(changed, a)
	}
	return changed, gone, next, nil
}

const followed = "SELECT " + activityColumns + ", change FROM activities WHERE change > $1 ORDER BY change LIMIT $2 + 0"
