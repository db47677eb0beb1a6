package records

import (
	"context"
	"time"

	"handrail"
)

// Caseload returns every referral of the practice that is neither declined nor closed, with its patient and visits, the
// oldest offer first. However many there are, it takes a few statements.
func (r *Records) Caseload(ctx context.Context, practice handrail.PracticeID) ([]handrail.Case, error) {
	return r.cases(ctx, "practice = $1 AND "+openReferrals+" ORDER BY offered_at, id", string(practice))
}

// CasesBy returns what this member of staff referred or offered at or after since, in whatever state, the newest first.
func (r *Records) CasesBy(ctx context.Context, practice handrail.PracticeID, staff handrail.StaffID, since time.Time) ([]handrail.Case, error) {
	return r.cases(ctx, "practice = $1 AND referrer = $2 AND offered_at >= $3 ORDER BY offered_at DESC, id DESC",
		string(practice), string(staff), micros(since))
}

func (r *Records) cases(ctx context.Context, query string, args ...any) ([]handrail.Case, error) {
	refs, err := list(ctx, r, "read referrals", r.scanReferral, "SELECT "+referralColumns+" FROM referrals WHERE "+query, args...)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	out := make([]handrail.Case, len(refs))
	ids := make([]handrail.ReferralID, len(refs))
	patients := make([]handrail.PatientID, len(refs))
	for i, x := range refs {
		out[i].Referral, ids[i], patients[i] = x, x.ID, x.Patient
	}
	known, err := r.patientsByID(ctx, patients)
	if err != nil {
		return nil, err
	}
	used, err := batch(ctx, r, "read used invites", value[handrail.PatientID], patients, func(marks string) string {
		return "SELECT DISTINCT patient FROM invites WHERE used_at IS NOT NULL AND patient IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	joined := make(map[handrail.PatientID]bool, len(used))
	for _, id := range used {
		joined[id] = true
	}
	type visit struct {
		referral handrail.ReferralID
		handrail.Attendance
	}
	visits, err := batch(ctx, r, "read visits", func(row scanner) (visit, error) {
		var v visit
		a, err := scanAttendance(row, &v.referral)
		v.Attendance = a
		return v, err
	}, ids, func(marks string) string {
		return "SELECT " + attendanceColumnsOf("a") + `, e.referral FROM enrolments e JOIN attendances a ON a.enrolment = e.id
			WHERE e.referral IN (` + marks + `) ORDER BY a.start_at, a.id`
	})
	if err != nil {
		return nil, err
	}
	byReferral := map[handrail.ReferralID][]handrail.Attendance{}
	for _, v := range visits {
		byReferral[v.referral] = append(byReferral[v.referral], v.Attendance)
	}
	for i := range out {
		p := known[patients[i]]
		out[i].Patient, out[i].Visits = p, byReferral[ids[i]]
		out[i].Joined = joined[p.ID] || !p.Address.IsZero()
	}
	return out, nil
}
