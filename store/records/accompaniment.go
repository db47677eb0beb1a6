package records

import (
	"context"
	"reflect"
	"slices"

	"handrail"
)

const accompanimentColumns = "id, practice, patient, attendance, COALESCE(buddy, ''), matched_by, state, refused, wanted_at, changed_at"

// liveLast orders the accompaniments of a visit so that the one that counts comes last: cancelled ones before the one
// that is not, and the latest last.
const liveLast = "CASE WHEN state = 'cancelled' THEN 0 ELSE 1 END, wanted_at, id"

func scanAccompaniment(row scanner) (handrail.Accompaniment, error) {
	var a handrail.Accompaniment
	var refused string
	var wanted, changed int64
	err := row.Scan(&a.ID, &a.Practice, &a.Patient, &a.Attendance, &a.Buddy, &a.MatchedBy, &a.State, &refused, &wanted, &changed)
	a.Refused, a.WantedAt, a.ChangedAt = split[handrail.BuddyID](refused), instant(wanted), instant(changed)
	return a, err
}

func (r *Records) accompaniments(ctx context.Context, query string, args ...any) ([]handrail.Accompaniment, error) {
	return list(ctx, r, "read accompaniments", scanAccompaniment,
		"SELECT "+accompanimentColumns+" FROM accompaniments WHERE "+query, args...)
}

// AddAccompaniment records that somebody is wanted for a visit and returns it as stored. A visit has at most one
// accompaniment that is not cancelled: where there is one, that one is returned as it is, so it is safe to call twice.
// An empty ID gets one; an empty state is wanted, zero WantedAt and ChangedAt are now. Another practice's patient, visit
// or buddy is KindNotFound.
func (r *Records) AddAccompaniment(ctx context.Context, a handrail.Accompaniment, by handrail.Actor) (handrail.Accompaniment, error) {
	if a.State == "" {
		a.State = handrail.AccompanimentWanted
	}
	if a.WantedAt.IsZero() {
		a.WantedAt = r.now()
	}
	if a.ChangedAt.IsZero() {
		a.ChangedAt = a.WantedAt
	}
	a.WantedAt, a.ChangedAt = stored(a.WantedAt), stored(a.ChangedAt)
	err := r.in(ctx, "AddAccompaniment", func(ctx context.Context) error {
		if err := setID(r, &a.ID, "acc_"); err != nil {
			return err
		}
		n, err := r.exec(ctx, "add accompaniment", `INSERT INTO accompaniments
			(id, practice, patient, attendance, buddy, matched_by, state, refused, wanted_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (attendance) WHERE state <> 'cancelled' DO NOTHING`,
			string(a.ID), string(a.Practice), string(a.Patient), string(a.Attendance), orNull(a.Buddy), string(a.MatchedBy),
			string(a.State), joined(a.Refused), micros(a.WantedAt), micros(a.ChangedAt))
		if err != nil {
			return err
		}
		if n == 0 {
			have, err := r.AccompanimentOf(ctx, a.Practice, a.Attendance)
			a = have
			return err
		}
		return r.audit(ctx, a.Practice, by, "added", "accompaniment", string(a.ID))
	})
	if err != nil {
		return handrail.Accompaniment{}, err
	}
	return a, nil
}

// Accompaniment returns one accompaniment; KindNotFound when the practice has none of that id.
func (r *Records) Accompaniment(ctx context.Context, practice handrail.PracticeID, id handrail.AccompanimentID) (handrail.Accompaniment, error) {
	return r.accompaniment(ctx, practice, id, "")
}

func (r *Records) accompaniment(ctx context.Context, practice handrail.PracticeID, id handrail.AccompanimentID, lock string) (handrail.Accompaniment, error) {
	all, err := r.accompaniments(ctx, "practice = $1 AND id = $2"+lock, string(practice), string(id))
	if err != nil {
		return handrail.Accompaniment{}, err
	}
	if len(all) == 0 {
		return handrail.Accompaniment{}, notFound("accompaniment")
	}
	return all[0], nil
}

// AccompanimentOf returns the accompaniment of a visit: the one that is not cancelled, or else the latest. KindNotFound
// when nobody was ever wanted.
func (r *Records) AccompanimentOf(ctx context.Context, practice handrail.PracticeID, attendance handrail.AttendanceID) (handrail.Accompaniment, error) {
	all, err := r.accompaniments(ctx, "practice = $1 AND attendance = $2 ORDER BY "+liveLast, string(practice), string(attendance))
	if err != nil {
		return handrail.Accompaniment{}, err
	}
	if len(all) == 0 {
		return handrail.Accompaniment{}, notFound("accompaniment")
	}
	return all[len(all)-1], nil
}

// AccompanimentsIn returns the practice's accompaniments in any of the states, those wanted longest first. No state
// finds nothing.
func (r *Records) AccompanimentsIn(ctx context.Context, practice handrail.PracticeID, states ...handrail.AccompanimentState) ([]handrail.Accompaniment, error) {
	if len(states) == 0 {
		return nil, nil
	}
	args := []any{string(practice)}
	for _, s := range states {
		args = append(args, string(s))
	}
	return r.accompaniments(ctx, "practice = $1 AND state IN ("+marks(2, len(states))+") ORDER BY wanted_at, id", args...)
}

// ChangeAccompaniment lets fn change the accompaniment in one transaction and returns it as stored. ChangedAt is fn's
// to set (the steps of the life cycle do). Where fn changes nothing, nothing is written; an error from fn is returned
// as it is.
func (r *Records) ChangeAccompaniment(ctx context.Context, practice handrail.PracticeID, id handrail.AccompanimentID, by handrail.Actor,
	fn func(*handrail.Accompaniment) error,
) (handrail.Accompaniment, error) {
	var is handrail.Accompaniment
	err := r.in(ctx, "ChangeAccompaniment", func(ctx context.Context) error {
		was, err := r.accompaniment(ctx, practice, id, r.kind.forUpdate())
		if err != nil {
			return err
		}
		is = was
		is.Refused = slices.Clone(was.Refused)
		if err := fn(&is); err != nil {
			return err
		}
		is.WantedAt, is.ChangedAt = stored(is.WantedAt), stored(is.ChangedAt)
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("accompaniment", is.ID == was.ID && is.Practice == was.Practice && is.Patient == was.Patient &&
			is.Attendance == was.Attendance); err != nil {
			return err
		}
		_, err = r.exec(ctx, "change accompaniment", `UPDATE accompaniments SET buddy = $1, matched_by = $2, state = $3,
			refused = $4, wanted_at = $5, changed_at = $6 WHERE practice = $7 AND id = $8`, orNull(is.Buddy),
			string(is.MatchedBy), string(is.State), joined(is.Refused), micros(is.WantedAt), micros(is.ChangedAt),
			string(practice), string(id))
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, change(was.State, is.State), "accompaniment", string(id))
	})
	if err != nil {
		return handrail.Accompaniment{}, err
	}
	return is, nil
}
