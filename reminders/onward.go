package reminders

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

const (
	// onwardAfter is how long after the end of a visit nobody waits any longer for how it was, and onwardFor how far behind
	// the last tick we look for those.
	onwardAfter = 24 * time.Hour
	onwardFor   = 5 * 24 * time.Hour
	// silentMost is after how many visits in a row of which nothing was said nobody is reminded of the next.
	silentMost = 2
)

// onward plans the next visit of somebody who did not say how the last one was: who would rather not answer is still
// reminded of what they chose. After two such visits it ends, and whoever looks after them is told.
func (k *kit) onward() Job {
	return Job{Name: "onward", Spec: "15 9 * * *", AtTick: true,
		Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
			all, err := k.unsaid(ctx, s)
			if err != nil {
				return nil, err
			}
			var out []bot.Envelope
			for _, u := range all {
				if !u.quiet {
					continue
				}
				ref := handrail.Referral{}
				if u.Enrolment.Referral != "" {
					if ref, err = k.Facts.Referral(ctx, u.Patient.Practice, u.Enrolment.Referral); err != nil {
						return nil, err
					}
				}
				more, err := k.toCarerOf(ctx, ref, u.Patient.Practice, "quiet:"+string(u.Attendance.ID), s.Now, bot.Message{
					Text: k.words("referral.quiet", "who", u.Patient.Initials(), "ref", ref.Ref, "group", u.Activity.Name),
				})
				if err != nil {
					return nil, err
				}
				out = append(out, more...)
			}
			return out, nil
		},
		Keep: func(ctx context.Context, s Span) error {
			all, err := k.unsaid(ctx, s)
			if err != nil {
				return err
			}
			for _, u := range all {
				if !u.quiet && k.PlanNext != nil {
					if err := k.PlanNext(ctx, u.Visit, s.Now); err != nil {
						return err
					}
				}
				_, err := k.Facts.ChangeAttendance(ctx, u.Patient.Practice, u.Attendance.ID, handrail.ActorSystem, func(a *handrail.Attendance) error {
					a.NextDone = true
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// unsaidVisit is a visit that is over, of which nothing was said; quiet says that nothing was said of the one before either.
type unsaidVisit struct {
	handrail.Visit
	quiet bool
}

// unsaid are those that are to be settled at the tick.
func (k *kit) unsaid(ctx context.Context, s Span) ([]unsaidVisit, error) {
	visits, err := k.Facts.VisitsEnding(ctx, s.From.Add(-onwardFor), s.Now.Add(-onwardAfter))
	if err != nil {
		return nil, err
	}
	var out []unsaidVisit
	for _, v := range visits {
		live := v.Enrolment.State == handrail.EnrolmentChosen || v.Enrolment.State == handrail.EnrolmentActive
		if !v.Attendance.State.Ahead() || v.Attendance.NextDone || !live || v.Patient.Stopped != nil || v.Patient.Deceased {
			continue
		}
		all, err := k.Facts.VisitsOf(ctx, v.Patient.Practice, v.Patient.ID)
		if err != nil {
			return nil, err
		}
		silent := 0
		for _, other := range all { // in order of their start
			if other.Enrolment.ID != v.Enrolment.ID || other.Attendance.Occurrence.Start.After(v.Attendance.Occurrence.Start) || other.Attendance.State == handrail.AttendanceCancelled {
				continue
			}
			if silent++; !other.Attendance.State.Ahead() {
				silent = 0
			}
		}
		out = append(out, unsaidVisit{v, silent >= silentMost})
	}
	return out, nil
}
