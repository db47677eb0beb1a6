package records

import (
	"context"
	"time"

	"handrail"
)

// LiveEnrolments is everybody, of every practice, who goes to something or means to, each with their enrolment, and no
// visit: in the order in which they chose.
func (r *Records) LiveEnrolments(ctx context.Context) ([]handrail.Visit, error) {
	return r.enrolled(ctx, "state <> 'ended' ORDER BY chosen_at, id")
}

// EnrolledIn is all that the patient goes to, went to or means to go to, each with its patient and activity and no visit,
// in the order in which they chose.
func (r *Records) EnrolledIn(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Visit, error) {
	return r.enrolled(ctx, "practice = $1 AND patient = $2 ORDER BY chosen_at, id", string(practice), string(patient))
}

// EnrolmentsEnded are those that ended in [from, to), of every practice, each with its patient and no visit.
func (r *Records) EnrolmentsEnded(ctx context.Context, from, to time.Time) ([]handrail.Visit, error) {
	return r.enrolled(ctx, "state = 'ended' AND ended_at >= $1 AND ended_at < $2 ORDER BY ended_at, id", micros(from), micros(to))
}

func (r *Records) enrolled(ctx context.Context, query string, args ...any) ([]handrail.Visit, error) {
	all, err := r.enrolments(ctx, query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	patients := make([]handrail.PatientID, len(all))
	activities := make([]handrail.ActivityID, len(all))
	for i, e := range all {
		patients[i], activities[i] = e.Patient, e.Activity
	}
	people, err := r.patientsByID(ctx, patients)
	if err != nil {
		return nil, err
	}
	listed, err := r.activitiesByID(ctx, activities)
	if err != nil {
		return nil, err
	}
	out := make([]handrail.Visit, len(all))
	for i, e := range all {
		out[i] = handrail.Visit{Enrolment: e, Patient: people[e.Patient], Activity: handrail.Activity{ID: e.Activity}}
		if a, ok := listed[e.Activity]; ok {
			out[i].Activity = a
		}
	}
	return out, nil
}
