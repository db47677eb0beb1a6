package reminders

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// finished is the reason of an enrolment whose group came to its end in its time.
const finished = "finished"

// ended is the morning after the last day: what somebody went to is over, nothing of it is reminded of any more, and where
// nothing is lined up the link worker is told.
func (k *kit) ended() Job {
	return Job{Name: "ended", Spec: "30 9 * * *", AtTick: true,
		Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
			over, all, err := k.over(ctx, s)
			if err != nil {
				return nil, err
			}
			var out []bot.Envelope
			for _, v := range over {
				free, err := k.freeBuddies(ctx, v.Visit, s)
				if err != nil {
					return nil, err
				}
				out = append(out, free...)
				if k.linedUp(all, v.Visit, v.last) {
					continue
				}
				more, err := k.alarm(ctx, v.Visit, s)
				if err != nil {
					return nil, err
				}
				out = append(out, more...)
			}
			return out, nil
		},
		Keep: func(ctx context.Context, s Span) error {
			over, _, err := k.over(ctx, s)
			if err != nil {
				return err
			}
			for _, v := range over {
				if err := k.finish(ctx, v.Visit, s); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// overVisit is an enrolment whose last day has passed.
type overVisit struct {
	handrail.Visit
	last handrail.Date
}

// over are the enrolments whose last day lies before today, and all that are live.
func (k *kit) over(ctx context.Context, s Span) (over []overVisit, all []handrail.Visit, err error) {
	if all, err = k.Facts.LiveEnrolments(ctx); err != nil {
		return nil, nil, err
	}
	today := handrail.DateOf(s.Now, k.Zone)
	for _, v := range all {
		last, ends, err := k.lastDay(ctx, v)
		if err != nil {
			return nil, nil, err
		}
		if ends && last < today {
			over = append(over, overVisit{v, last})
		}
	}
	return over, all, nil
}

// alarm tells whoever looks after the patient that nothing is lined up.
func (k *kit) alarm(ctx context.Context, v handrail.Visit, s Span) ([]bot.Envelope, error) {
	p := v.Patient
	if p.Deceased {
		return nil, nil
	}
	var ref handrail.Referral
	if v.Enrolment.Referral != "" {
		var err error
		if ref, err = k.Facts.Referral(ctx, p.Practice, v.Enrolment.Referral); err != nil {
			return nil, err
		}
	}
	m := bot.Message{Text: k.words("ending.alarm", "who", p.Initials(), "ref", ref.Ref, "group", v.Activity.Name)}
	if ok, _ := p.Reachable(s.Now); !ok {
		m.Text = append(m.Text, k.words("ending.alarm.untold")...)
	}
	if ref.ID != "" {
		m.Options = []bot.Option{press(k.line("referral.contact"), "contacted", string(ref.ID), "yes")}
	}
	return k.toCarerOf(ctx, ref, p.Practice, "ended:"+string(v.Enrolment.ID)+":alarm", s.Now, m)
}

// toCarerOf is a message for whoever accepted a referral, and for all of the practice's link workers where nobody did or
// where that one has no chat.
func (k *kit) toCarerOf(ctx context.Context, ref handrail.Referral, practice handrail.PracticeID, key string, at time.Time, m bot.Message) ([]bot.Envelope, error) {
	if ref.LinkWorker != "" {
		own, err := k.Facts.Staff(ctx, practice, ref.LinkWorker)
		if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
			return nil, err
		}
		if err == nil && own.Active && !own.Address.IsZero() {
			return k.toStaff(ctx, practice, []handrail.Staff{own}, key, at, m)
		}
	}
	return k.toCarers(ctx, practice, key, at, m)
}

// freeBuddies tells whoever would have gone along after the last day "not this time", and no more.
func (k *kit) freeBuddies(ctx context.Context, v handrail.Visit, s Span) ([]bot.Envelope, error) {
	all, err := k.Facts.VisitsOf(ctx, v.Patient.Practice, v.Patient.ID)
	if err != nil {
		return nil, err
	}
	var out []bot.Envelope
	for _, other := range all {
		if !afterTheEnd(other, v, s) || other.Accompaniment == nil || other.Buddy == nil || !other.Accompaniment.State.Open() {
			continue
		}
		o := other.Attendance.Occurrence
		out = append(out, bot.Envelope{
			Key: "off:" + string(other.Accompaniment.ID), To: other.Buddy.Address, Class: bot.ClassNotice, NotBefore: s.Now, NotAfter: o.End,
			Message: bot.Message{Text: k.words("remind.buddy.off", "when", text.DayTime(o.Start, s.Now, k.Zone))},
		})
	}
	return out, nil
}

// afterTheEnd reports whether a visit is one of an enrolment that is over, and was still to come.
func afterTheEnd(other, v handrail.Visit, s Span) bool {
	return other.Enrolment.ID == v.Enrolment.ID && other.Attendance.State.Ahead() && other.Attendance.Occurrence.Start.After(s.Now)
}

// finish ends an enrolment, and whatever visit of it is planned after the last day.
func (k *kit) finish(ctx context.Context, v handrail.Visit, s Span) error {
	_, err := k.Facts.ChangeEnrolment(ctx, v.Patient.Practice, v.Enrolment.ID, handrail.ActorSystem, func(e *handrail.Enrolment) error {
		if e.State == handrail.EnrolmentEnded {
			return nil
		}
		return e.End(finished, s.Now)
	})
	if err != nil {
		return err
	}
	all, err := k.Facts.VisitsOf(ctx, v.Patient.Practice, v.Patient.ID)
	if err != nil {
		return err
	}
	for _, other := range all {
		if !afterTheEnd(other, v, s) {
			continue
		}
		if acc := other.Accompaniment; acc != nil && acc.State.Open() {
			_, err := k.Facts.ChangeAccompaniment(ctx, v.Patient.Practice, acc.ID, handrail.ActorSystem, func(a *handrail.Accompaniment) error { return a.Cancel(s.Now) })
			if err != nil {
				return err
			}
		}
		_, err := k.Facts.ChangeAttendance(ctx, v.Patient.Practice, other.Attendance.ID, handrail.ActorSystem, func(a *handrail.Attendance) error { return a.Cancel(s.Now) })
		if err != nil {
			return err
		}
	}
	return nil
}
