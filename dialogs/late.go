package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// late is somebody on their way who is not there in time: they type it, or press it under the word on the day.
func (k *kit) late() bot.Dialog {
	return bot.Dialog{Name: "late", Title: "going.title", Opens: "late.opens", May: patientOnly, Light: true, Script: func(t *bot.Talk) error {
		who, now := t.Who(), t.Now()
		id := bot.Look(t, "today", func(ctx context.Context) (handrail.AttendanceID, error) {
			all, err := k.Records.VisitsOf(ctx, who.Practice, handrail.PatientID(who.ID))
			if err != nil {
				return "", err
			}
			for _, v := range all { // in order of their start
				o := v.Attendance.Occurrence
				if v.Attendance.State.Ahead() && now.Before(o.End) && handrail.DateOf(o.Start, k.Zone) == handrail.DateOf(now, k.Zone) {
					return v.Attendance.ID, nil
				}
			}
			return "", nil
		})
		if id == "" {
			t.Say(t.Words("late.none"))
			return nil
		}
		return k.runningLate(t, id)
	}}
}

// runningLate says that it is fine, and tells whoever waits for them.
func (k *kit) runningLate(t *bot.Talk, id handrail.AttendanceID) error {
	who, now := t.Who(), t.Now()
	type result struct {
		Past, Off bool
		Buddy     string
	}
	r := bot.Do(t, "late", "going.undo", func(ctx context.Context) (result, error) {
		v, err := k.ownVisit(ctx, who, id)
		if err != nil {
			return result{}, err
		}
		switch {
		case !now.Before(v.Attendance.Occurrence.End):
			return result{Past: true}, nil
		case !v.Attendance.State.Ahead():
			return result{Off: true}, nil
		}
		if v.Attendance.State == handrail.AttendancePlanned { // whoever is late is coming
			if _, err := k.Records.ChangeAttendance(ctx, who.Practice, id, actor(who), func(a *handrail.Attendance) error { return a.Going(now) }); err != nil {
				return result{}, err
			}
		}
		if v.Accompaniment == nil || v.Accompaniment.State != handrail.AccompanimentAgreed || v.Buddy == nil || v.Buddy.Address.IsZero() {
			return result{}, nil
		}
		return result{Buddy: v.Buddy.Name}, k.tellLate(ctx, v, now)
	})
	switch {
	case r.Past:
		t.Say(t.Words("going.past"))
	case r.Off:
		t.Say(t.Words("going.off"))
	case r.Buddy != "":
		t.Say(append(t.Words("late.fine"), t.Words("late.buddy", "buddy", r.Buddy)...))
	default:
		t.Say(t.Words("late.fine"))
	}
	return nil
}

// tellLate tells the buddy, once for a visit, by first name and time and nothing else (V2).
func (k *kit) tellLate(ctx context.Context, v handrail.Visit, now time.Time) error {
	return k.Post.Post(ctx, bot.Envelope{
		Key: "late:" + string(v.Attendance.ID), To: v.Buddy.Address, Patient: v.Patient.ID, Class: bot.ClassNotice,
		Permission: handrail.PurposeBuddy, NotBefore: now, NotAfter: v.Attendance.Occurrence.End,
		Message: bot.Message{Text: k.words("remind.buddy.late", "name", v.Patient.Name, "time", text.Time(v.Attendance.Occurrence.Start, k.Zone))},
	})
}
