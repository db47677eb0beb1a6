package house

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handrail"
	"handrail/store/records"
)

// Summary is where a practice's records stand, a line each, in an order that is always the same and without ids: for
// the end of a transcript.
func Summary(ctx context.Context, rec *records.Records, practice handrail.PracticeID) ([]string, error) {
	var out []string
	var cases []handrail.Case
	for _, role := range []handrail.Role{handrail.RoleGP, handrail.RoleLinkWorker} {
		staff, err := rec.StaffWith(ctx, practice, role)
		if err != nil {
			return nil, fmt.Errorf("summary: %w", err)
		}
		for _, s := range staff {
			more, err := rec.CasesBy(ctx, practice, s.ID, time.Time{})
			if err != nil {
				return nil, fmt.Errorf("summary: %w", err)
			}
			cases = append(cases, more...)
		}
	}
	for _, c := range cases {
		line := fmt.Sprintf("referral of %s: %s", c.Patient.Name, c.Referral.State)
		if c.Referral.Reason != "" {
			line += " (" + string(c.Referral.Reason) + ")"
		}
		out = append(out, line)
		perms, err := rec.Permissions(ctx, practice, c.Patient.ID)
		if err != nil {
			return nil, fmt.Errorf("summary: %w", err)
		}
		for _, p := range perms {
			out = append(out, fmt.Sprintf("permission of %s for %s: %s", c.Patient.Name, p.Purpose, p.State))
		}
		measures, err := rec.Measures(ctx, practice, c.Patient.ID)
		if err != nil {
			return nil, fmt.Errorf("summary: %w", err)
		}
		for _, m := range measures {
			line := fmt.Sprintf("measure of %s, %s, %s:", c.Patient.Name, m.Version, m.Round)
			for _, a := range m.Answers {
				if line += " " + a.Item; a.Skipped {
					line += " skipped"
				} else {
					line += fmt.Sprintf(" %d", a.Code)
				}
			}
			out = append(out, line)
		}
		visits, err := rec.VisitsOf(ctx, practice, c.Patient.ID)
		if err != nil {
			return nil, fmt.Errorf("summary: %w", err)
		}
		for _, v := range visits {
			line := fmt.Sprintf("visit of %s to %s on %s: %s", c.Patient.Name, v.Activity.Name, v.Attendance.Occurrence.Local, v.Attendance.State)
			if v.Feedback != nil {
				line += ", said " + string(v.Feedback.Verdict)
			}
			out = append(out, line)
			if v.Accompaniment != nil {
				with := ""
				if v.Buddy != nil {
					with = " with " + v.Buddy.Name
				}
				out = append(out, fmt.Sprintf("company for %s%s: %s", c.Patient.Name, with, v.Accompaniment.State))
			}
		}
	}
	alerts, err := rec.OpenAlerts(ctx, practice)
	if err != nil {
		return nil, fmt.Errorf("summary: %w", err)
	}
	for _, a := range alerts {
		out = append(out, fmt.Sprintf("alert: %s", a.State))
	}
	for _, state := range []handrail.BuddyState{handrail.BuddyApplied, handrail.BuddyCleared, handrail.BuddyLeft} {
		buddies, err := rec.Buddies(ctx, practice, state)
		if err != nil {
			return nil, fmt.Errorf("summary: %w", err)
		}
		for _, b := range buddies {
			out = append(out, fmt.Sprintf("buddy %s: %s", b.Name, b.State))
		}
	}
	slices.Sort(out)
	return out, nil
}
