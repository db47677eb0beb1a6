package records

import (
	"context"
	"database/sql"
	"reflect"

	"handrail"
)

const enrolmentColumns = "id, practice, patient, COALESCE(referral, ''), activity, state, chosen_at, ended_at, end_reason"

func scanEnrolment(row scanner) (handrail.Enrolment, error) {
	var e handrail.Enrolment
	var chosen int64
	var ended sql.NullInt64
	err := row.Scan(&e.ID, &e.Practice, &e.Patient, &e.Referral, &e.Activity, &e.State, &chosen, &ended, &e.EndReason)
	e.ChosenAt, e.EndedAt = instant(chosen), when(ended)
	return e, err
}

func (r *Records) enrolments(ctx context.Context, query string, args ...any) ([]handrail.Enrolment, error) {
	return list(ctx, r, "read enrolments", scanEnrolment, "SELECT "+enrolmentColumns+" FROM enrolments WHERE "+query, args...)
}

// AddEnrolment adds an enrolment and returns it as stored. An empty ID gets one; an empty state is chosen, a zero
// ChosenAt is now. Another practice's patient or referral is KindNotFound.
func (r *Records) AddEnrolment(ctx context.Context, e handrail.Enrolment, by handrail.Actor) (handrail.Enrolment, error) {
	if e.State == "" {
		e.State = handrail.EnrolmentChosen
	}
	if e.ChosenAt.IsZero() {
		e.ChosenAt = r.now()
	}
	e.ChosenAt, e.EndedAt = stored(e.ChosenAt), when(maybe(e.EndedAt))
	err := r.in(ctx, "AddEnrolment", func(ctx context.Context) error {
		if err := setID(r, &e.ID, "enr_"); err != nil {
			return err
		}
		_, err := r.exec(ctx, "add enrolment", `INSERT INTO enrolments
			(id, practice, patient, referral, activity, state, chosen_at, ended_at, end_reason)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			string(e.ID), string(e.Practice), string(e.Patient), orNull(e.Referral), string(e.Activity), string(e.State),
			micros(e.ChosenAt), maybe(e.EndedAt), e.EndReason)
		if err != nil {
			return err
		}
		return r.audit(ctx, e.Practice, by, "added", "enrolment", string(e.ID))
	})
	if err != nil {
		return handrail.Enrolment{}, err
	}
	return e, nil
}

// Enrolment returns one enrolment; KindNotFound when the practice has none of that id.
func (r *Records) Enrolment(ctx context.Context, practice handrail.PracticeID, id handrail.EnrolmentID) (handrail.Enrolment, error) {
	return r.enrolment(ctx, practice, id, "")
}

func (r *Records) enrolment(ctx context.Context, practice handrail.PracticeID, id handrail.EnrolmentID, lock string) (handrail.Enrolment, error) {
	all, err := r.enrolments(ctx, "practice = $1 AND id = $2"+lock, string(practice), string(id))
	if err != nil {
		return handrail.Enrolment{}, err
	}
	if len(all) == 0 {
		return handrail.Enrolment{}, notFound("enrolment")
	}
	return all[0], nil
}

// Enrolments returns every enrolment of the patient, in the order in which they were chosen.
func (r *Records) Enrolments(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Enrolment, error) {
	return r.enrolments(ctx, "practice = $1 AND patient = $2 ORDER BY chosen_at, id", string(practice), string(patient))
}

// ChangeEnrolment lets fn change the enrolment in one transaction and returns it as stored. Where fn changes nothing,
// nothing is written; an error from fn is returned as it is.
func (r *Records) ChangeEnrolment(ctx context.Context, practice handrail.PracticeID, id handrail.EnrolmentID, by handrail.Actor,
	fn func(*handrail.Enrolment) error,
) (handrail.Enrolment, error) {
	var is handrail.Enrolment
	err := r.in(ctx, "ChangeEnrolment", func(ctx context.Context) error {
		was, err := r.enrolment(ctx, practice, id, r.kind.forUpdate())
		if err != nil {
			return err
		}
		is = was
		if err := fn(&is); err != nil {
			return err
		}
		is.ChosenAt, is.EndedAt = stored(is.ChosenAt), when(maybe(is.EndedAt))
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("enrolment", is.ID == was.ID && is.Practice == was.Practice && is.Patient == was.Patient); err != nil {
			return err
		}
		_, err = r.exec(ctx, "change enrolment", `UPDATE enrolments SET referral = $1, activity = $2, state = $3,
			chosen_at = $4, ended_at = $5, end_reason = $6 WHERE practice = $7 AND id = $8`, orNull(is.Referral),
			string(is.Activity), string(is.State), micros(is.ChosenAt), maybe(is.EndedAt), is.EndReason,
			string(practice), string(id))
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, change(was.State, is.State), "enrolment", string(id))
	})
	if err != nil {
		return handrail.Enrolment{}, err
	}
	return is, nil
}
