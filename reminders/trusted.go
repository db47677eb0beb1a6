package reminders

import (
	"context"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// trusted reminds the people whom a patient trusts, with the patient's word on the day before and with no more than it
// says: a first name, a time, and where. It goes while the patient permits it and could hear of it too.
func (k *kit) trusted() Job {
	return Job{Name: "trusted", Spec: often, Still: k.stillAhead, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		visits, err := k.around(ctx, s)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for _, v := range visits {
			start := v.Attendance.Occurrence.Start
			at := k.at(start, -1, dayBeforeAt)
			from, midnight := k.late(at, s), k.at(start, 0, 0)
			if !v.Attendance.State.Ahead() || !s.Holds(at) || v.Attendance.PlannedAt.After(at) || !from.Before(midnight) {
				continue
			}
			people, err := k.Facts.TrustedOf(ctx, v.Patient.Practice, v.Patient.ID)
			if err != nil {
				return nil, err
			}
			for _, p := range people {
				if p.State != handrail.TrustedJoined {
					continue
				}
				body := k.words("trusted.remind", "name", p.Name, "patient", v.Patient.Name,
					"day", text.Near(start, from, k.Zone)+start.In(k.Zone).Format(" (Mon)"), "time", text.Time(start, k.Zone))
				body = append(body, k.words("trusted.remind.open")...)
				out = append(out, bot.Envelope{
					Key: "trusted:" + string(p.ID) + ":" + string(v.Attendance.ID) + ":" + v.Attendance.Occurrence.Local, To: p.Address,
					Patient: v.Patient.ID, Class: bot.ClassReminder, Permission: handrail.PurposeTrusted, Subject: string(v.Attendance.ID),
					NotBefore: from, NotAfter: midnight,
					Message: bot.Message{Text: append(body, k.words("trusted.remind.where", "venue", v.Activity.Venue.Line())...)},
				})
			}
		}
		return out, nil
	}}
}
