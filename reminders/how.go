package reminders

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// Quiet hours are 20:00 to 09:00 by the patient's wall clock (section 1 of the requirements); what would fall in them
// waits until half past nine.
const (
	quietFrom  = handrail.Clock(20 * 60)
	quietUntil = handrail.Clock(9 * 60)
	afterQuiet = handrail.Clock(9*60 + 30)
)

// awake moves an instant out of the quiet hours, forwards.
func (k *kit) awake(t time.Time) time.Time {
	local := t.In(k.Zone)
	switch c := handrail.At(local.Hour(), local.Minute()); {
	case c < quietUntil:
		return k.at(t, 0, afterQuiet)
	case c >= quietFrom:
		return k.at(t, 1, afterQuiet)
	}
	return t
}

// late is when a thing for at is said in fact: then, or, where that has passed since the process was stopped, as soon as
// it may be heard.
func (k *kit) late(at time.Time, s Span) time.Time {
	if s.Now.After(at) {
		return k.awake(s.Now)
	}
	return at
}

// how asks how it was, half an hour after the end, or the next morning after an evening.
func (k *kit) how() Job {
	return Job{Name: "how", Spec: often, Still: k.howStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		visits, err := k.Facts.VisitsEnding(ctx, s.From.Add(-24*time.Hour), s.To)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for _, v := range visits {
			end := v.Attendance.Occurrence.End
			at := k.awake(end.Add(30 * time.Minute))
			from, until := k.late(at, s), at.Add(24*time.Hour)
			if !v.Attendance.State.Ahead() || !s.Holds(at) || !from.Before(until) {
				continue
			}
			body := k.to(v.Patient).words("how.ask", "name", v.Patient.Name)
			if end.In(k.Zone).YearDay() != from.In(k.Zone).YearDay() {
				body = k.to(v.Patient).words("how.ask.yesterday", "name", v.Patient.Name, "day", end.In(k.Zone).Format("Monday"))
			}
			id := string(v.Attendance.ID)
			var options []bot.Option
			for _, verdict := range []handrail.Verdict{handrail.VerdictGood, handrail.VerdictOK, handrail.VerdictNotForMe, handrail.VerdictMissed, handrail.VerdictClosed} {
				options = append(options, press(k.to(v.Patient).line("how."+string(verdict)), "how", id, string(verdict)))
			}
			out = append(out, bot.Envelope{
				Key: "how:" + id, To: v.Patient.Address, Patient: v.Patient.ID, Class: bot.ClassNudge, Permission: handrail.PurposeChat,
				Subject: id, NotBefore: from, NotAfter: until, Message: bot.Message{Text: body, Options: append(options, k.urgent(v.Patient))},
			})
		}
		return out, nil
	}}
}

func (k *kit) howStill(ctx context.Context, e bot.Envelope) (string, error) {
	v, err := k.Facts.Visit(ctx, e.To.Practice, handrail.AttendanceID(e.Subject))
	if err != nil {
		return "", err
	}
	if !v.Attendance.State.Ahead() {
		return "answered", nil
	}
	return "", nil
}

// nudgeAt is when, on the day after a visit was missed, the one kind question comes.
const nudgeAt = handrail.Clock(11 * 60)

// nudge asks one kind question after a missed visit, and never again about the same one. No reproach.
func (k *kit) nudge() Job {
	return Job{Name: "nudge", Spec: often, Still: k.nudgeStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		visits, err := k.Facts.VisitsChanged(ctx, handrail.AttendanceMissed, s.From.Add(-36*time.Hour), s.To)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for _, v := range visits {
			at := k.at(v.Attendance.ChangedAt, 1, nudgeAt)
			from, until := k.late(at, s), at.Add(24*time.Hour)
			if !s.Holds(at) || !from.Before(until) || v.Enrolment.State == handrail.EnrolmentEnded {
				continue
			}
			id := string(v.Attendance.ID)
			day := text.Near(v.Attendance.Occurrence.Start, from, k.Zone)
			options := []bot.Option{
				press(k.to(v.Patient).line("nudge.again"), "nudge", id, "again"), press(k.to(v.Patient).line("nudge.other"), "nudge", id, "other"),
				press(k.to(v.Patient).line("nudge.company"), "nudge", id, "company"), press(k.to(v.Patient).line("nudge.rest"), "nudge", id, "rest"), press(k.to(v.Patient).line("nudge.enough"), "nudge", id, "enough"),
			}
			out = append(out, bot.Envelope{
				Key: "nudge:" + id, To: v.Patient.Address, Patient: v.Patient.ID, Class: bot.ClassNudge, Permission: handrail.PurposeChat,
				Subject: id, NotBefore: from, NotAfter: until,
				Message: bot.Message{Text: k.to(v.Patient).words("nudge.ask", "name", v.Patient.Name, "day", day), Options: append(options, k.urgent(v.Patient))},
			})
		}
		return out, nil
	}}
}

func (k *kit) nudgeStill(ctx context.Context, e bot.Envelope) (string, error) {
	v, err := k.Facts.Visit(ctx, e.To.Practice, handrail.AttendanceID(e.Subject))
	if err != nil {
		return "", err
	}
	if v.Attendance.State != handrail.AttendanceMissed || v.Enrolment.State == handrail.EnrolmentEnded {
		return "answered", nil
	}
	return "", nil
}
