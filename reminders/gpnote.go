package reminders

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// gpNote is the first word to whoever referred, on how their patient got on: once for a referral, after the first visit
// the patient spoke about, and only while they permit it. It holds whether they went and how it was, never their words.
func (k *kit) gpNote() Job {
	return Job{Name: "gpnote", Spec: "30 12 * * MON-FRI", AtTick: true, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		visits, err := k.Facts.VisitsChanged(ctx, handrail.AttendanceCame, s.From, s.Now)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for _, v := range visits {
			if v.Feedback == nil || v.Enrolment.Referral == "" {
				continue
			}
			r, err := k.Facts.Referral(ctx, v.Patient.Practice, v.Enrolment.Referral)
			if err != nil {
				return nil, err
			}
			by, err := k.Facts.Staff(ctx, r.Practice, r.By)
			if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
				return nil, err
			}
			if by.Address.IsZero() {
				continue
			}
			day := v.Attendance.Occurrence.Start
			body := k.words("gpnote.note", "who", v.Patient.Initials(), "ref", r.Ref, "day", text.Day(day, s.Now, k.Zone))
			body = append(body, k.words("gpnote.said."+string(v.Feedback.Verdict))...)
			body = append(body, k.words("gpnote.thanks", "date", text.Day(r.OfferedAt, s.Now, k.Zone))...)
			out = append(out, bot.Envelope{
				Key: "gpnote:" + string(r.ID) + ":1", To: by.Address, Patient: v.Patient.ID, Class: bot.ClassNote,
				Permission: handrail.PurposeFeedback, Subject: string(v.Attendance.ID), NotBefore: s.Tick, NotAfter: s.Tick.Add(14 * 24 * time.Hour),
				Message: bot.Message{Text: body, Private: true},
			})
		}
		return out, nil
	}}
}
