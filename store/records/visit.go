package records

import (
	"context"
	"time"

	"handrail"
)

// Visit returns one visit with all that is needed to speak about it; KindNotFound when the practice has none of that
// id. An activity that is no longer in the directory's table leaves Activity empty but for its ID.
func (r *Records) Visit(ctx context.Context, practice handrail.PracticeID, id handrail.AttendanceID) (handrail.Visit, error) {
	all, err := r.visits(ctx, "practice = $1 AND id = $2", string(practice), string(id))
	if err != nil {
		return handrail.Visit{}, err
	}
	if len(all) == 0 {
		return handrail.Visit{}, notFound("visit")
	}
	return all[0], nil
}

// VisitsOf returns every visit of the patient, whatever its state, in order of their start.
func (r *Records) VisitsOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Visit, error) {
	return r.visits(ctx, "practice = $1 AND patient = $2 ORDER BY start_at, id", string(practice), string(patient))
}

// VisitsStarting returns the visits of all practices that start in [from, to), in whatever state, in order of their
// start. Like its two siblings it takes a few statements however many there are, and one when there are none.
func (r *Records) VisitsStarting(ctx context.Context, from, to time.Time) ([]handrail.Visit, error) {
	return r.visits(ctx, "start_at >= $1 AND start_at < $2 ORDER BY start_at, id", micros(from), micros(to))
}

// VisitsEnding returns the visits of all practices that end in [from, to), in whatever state, in order of their end.
func (r *Records) VisitsEnding(ctx context.Context, from, to time.Time) ([]handrail.Visit, error) {
	return r.visits(ctx, "end_at >= $1 AND end_at < $2 ORDER BY end_at, id", micros(from), micros(to))
}

// VisitsChanged returns the visits of all practices that are in the state and whose ChangedAt lies in [from, to), in
// order of it.
func (r *Records) VisitsChanged(ctx context.Context, state handrail.AttendanceState, from, to time.Time) ([]handrail.Visit, error) {
	return r.visits(ctx, "state = $1 AND changed_at >= $2 AND changed_at < $3 ORDER BY changed_at, id",
		string(state), micros(from), micros(to))
}

func (r *Records) visits(ctx context.Context, query string, args ...any) ([]handrail.Visit, error) {
	all, err := r.attendances(ctx, query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make([]handrail.Visit, len(all))
	ids := make([]handrail.AttendanceID, len(all))
	enrolments := make([]handrail.EnrolmentID, len(all))
	patients := make([]handrail.PatientID, len(all))
	activities := make([]handrail.ActivityID, len(all))
	for i, a := range all {
		out[i].Attendance = a
		ids[i], enrolments[i], patients[i], activities[i] = a.ID, a.Enrolment, a.Patient, a.Occurrence.Activity
	}
	people, err := r.patientsByID(ctx, patients)
	if err != nil {
		return nil, err
	}
	chosen, err := batch(ctx, r, "read enrolments", scanEnrolment, enrolments, func(marks string) string {
		return "SELECT " + enrolmentColumns + " FROM enrolments WHERE id IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	enrolled := make(map[handrail.EnrolmentID]handrail.Enrolment, len(chosen))
	for _, e := range chosen {
		enrolled[e.ID] = e
	}
	listed, err := r.activitiesByID(ctx, activities)
	if err != nil {
		return nil, err
	}
	said, err := batch(ctx, r, "read feedback", r.scanFeedback, ids, func(marks string) string {
		return "SELECT " + feedbackColumns + " FROM feedback WHERE attendance IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	feedback := make(map[handrail.AttendanceID]*handrail.Feedback, len(said))
	for _, f := range said {
		feedback[f.Attendance] = &f
	}
	company, buddies, err := r.companyOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range out {
		v := &out[i]
		v.Patient, v.Enrolment, v.Feedback = people[patients[i]], enrolled[enrolments[i]], feedback[ids[i]]
		v.Activity.ID = activities[i]
		if a, ok := listed[activities[i]]; ok {
			v.Activity = a
		}
		if c, ok := company[ids[i]]; ok {
			v.Accompaniment = &c
			if b, ok := buddies[c.Buddy]; ok {
				v.Buddy = &b
			}
		}
	}
	return out, nil
}

// companyOf returns, for each visit, the accompaniment that counts, and the buddies of them all.
func (r *Records) companyOf(ctx context.Context, visits []handrail.AttendanceID) (
	map[handrail.AttendanceID]handrail.Accompaniment, map[handrail.BuddyID]handrail.Buddy, error,
) {
	found, err := batch(ctx, r, "read accompaniments", scanAccompaniment, visits, func(marks string) string {
		return "SELECT " + accompanimentColumns + " FROM accompaniments WHERE attendance IN (" + marks + ") ORDER BY " + liveLast
	})
	if err != nil {
		return nil, nil, err
	}
	company := make(map[handrail.AttendanceID]handrail.Accompaniment, len(found))
	var ids []handrail.BuddyID
	for _, a := range found {
		company[a.Attendance] = a
		ids = append(ids, a.Buddy)
	}
	all, err := batch(ctx, r, "read buddies", scanBuddy, ids, func(marks string) string {
		return "SELECT " + buddyColumns + " FROM buddies WHERE id IN (" + marks + ")"
	})
	if err != nil {
		return nil, nil, err
	}
	if err := r.identifyBuddies(ctx, all); err != nil {
		return nil, nil, err
	}
	buddies := make(map[handrail.BuddyID]handrail.Buddy, len(all))
	for _, b := range all {
		buddies[b.ID] = b
	}
	return company, buddies, nil
}
