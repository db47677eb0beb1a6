package reminders

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

const (
	// sameDayBefore is how long before the start the short word on the day comes.
	sameDayBefore = 3 * time.Hour
	// sameDayNotBefore is the earliest wall time at which it comes.
	sameDayNotBefore = handrail.Clock(8 * 60)
	// sameDayLeast is what must be left until the start: a word that finds nobody at home any more is none.
	sameDayLeast = 30 * time.Minute
)

// sameDayAt is when the word on the day comes for a visit that starts then.
func (k *kit) sameDayAt(start time.Time) time.Time {
	at := start.Add(-sameDayBefore)
	if morning := k.at(start, 0, sameDayNotBefore); at.Before(morning) {
		return morning
	}
	return at
}

// sameDay is the short word on the day.
func (k *kit) sameDay() Job {
	return Job{Name: "sameday", Spec: often, Still: k.sameDayStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		visits, err := k.around(ctx, s)
		if err != nil {
			return nil, err
		}
		days := k.daily(visits)
		var out []bot.Envelope
		for _, v := range visits {
			start := v.Attendance.Occurrence.Start
			at := k.sameDayAt(start)
			if !v.Attendance.State.Ahead() || !s.Holds(at) || v.Attendance.PlannedAt.After(at) || start.Sub(at) < sameDayLeast || !alone(days, v, at, k.Zone, false) {
				continue
			}
			id := string(v.Attendance.ID)
			options := []bot.Option{
				press(k.to(v.Patient).line("going.no"), "going", id, "no"), press(k.to(v.Patient).line("going.late"), "going", id, "late"),
				press(k.to(v.Patient).line("going.place"), "going", id, "where"),
			}
			if v.Attendance.State == handrail.AttendancePlanned {
				options = append([]bot.Option{press(k.to(v.Patient).line("going.yes"), "going", id, "yes")}, options...)
			}
			out = append(out, bot.Envelope{
				Key: "sameday:" + id + changedSince(v, at) + ":" + v.Attendance.Occurrence.Local, To: v.Patient.Address, Patient: v.Patient.ID,
				Class: bot.ClassReminder, Permission: handrail.PurposeChat, Subject: id, NotBefore: at, NotAfter: start,
				Message: bot.Message{Text: k.sameDayWords(v), Options: append(options, k.urgent(v.Patient))},
			})
		}
		return out, nil
	}}
}

func (k *kit) sameDayWords(v handrail.Visit) bot.Text {
	body := k.to(v.Patient).words("remind.sameday", "name", v.Patient.Name, "time", text.Time(v.Attendance.Occurrence.Start, k.Zone))
	body = append(body, k.to(v.Patient).words("remind.open")...)
	body = append(body, k.to(v.Patient).words("remind.sameday.what", "group", v.Activity.Name, "venue", v.Activity.Venue.Line())...)
	if agreed(v) {
		body = append(body, k.to(v.Patient).words("remind.sameday.buddy", "buddy", v.Buddy.Name, "about", about(v.Buddy.About))...)
	}
	return body
}

// sameDayStill also looks whether what is said of their company is still so.
func (k *kit) sameDayStill(ctx context.Context, e bot.Envelope) (string, error) {
	v, err := k.Facts.Visit(ctx, e.To.Practice, handrail.AttendanceID(e.Subject))
	if err != nil {
		return "", err
	}
	if k.promisesAnother("remind.sameday.buddy", v, e) {
		return "other buddy", nil
	}
	return k.stillAhead(ctx, e)
}
