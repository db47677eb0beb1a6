package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// nudge takes the answer to the one kind question after a missed visit.
func (k *kit) nudge() bot.Dialog {
	return bot.Dialog{Name: "nudge", Title: "going.title", May: patientOnly, Script: func(t *bot.Talk) error {
		who, id, now := t.Who(), handrail.AttendanceID(t.Subject()), t.Now()
		pressed := t.Pressed()
		switch pressed {
		case "other":
			return t.Then("choose", nil)
		case "company":
			return k.nextTogether(t, id)
		}
		said := bot.Do(t, "answer", "", func(ctx context.Context) (string, error) {
			v, err := k.ownVisit(ctx, who, id)
			if err != nil {
				return "", err
			}
			switch pressed {
			case "rest":
				until := now.AddDate(0, 0, 14)
				return k.dayIn(who.Language, until, now), k.Records.Pause(ctx, who.Practice, v.Patient.ID, until, actor(who))
			case "enough":
				if v.Enrolment.State == handrail.EnrolmentEnded {
					return "", nil
				}
				return "", k.endEnrolment(ctx, actor(who), v, "stopped", now)
			}
			a, err := k.planNext(ctx, v, v.Attendance.Occurrence.Start, now, actor(who))
			if err != nil {
				return "", err
			}
			if a == nil {
				return "", k.findTimes(ctx, v, now)
			}
			return k.dayTimeIn(who.Language, a.Occurrence.Start, now), nil
		})
		switch {
		case pressed == "rest":
			t.Say(t.Words("nudge.said.rest", "until", said))
		case pressed == "enough":
			t.Say(t.Words("nudge.said.enough"))
		case said == "":
			t.Say(t.Words("nudge.said.again.none"))
		default:
			t.Say(t.Words("nudge.said.again", "when", said))
		}
		return nil
	}}
}

// findTimes asks the link worker when something meets that a patient would go to again.
func (k *kit) findTimes(ctx context.Context, v handrail.Visit, now time.Time) error {
	return k.tellCarer(ctx, v.Patient, "times:"+string(v.Attendance.ID), now, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: k.words("choose.date.task", "who", v.Patient.Initials(), "ref", ref.Ref, "group", v.Activity.Name)}
	})
}

// nextTogether puts somebody who missed a visit down for the next, with company.
func (k *kit) nextTogether(t *bot.Talk, id handrail.AttendanceID) error {
	who := t.Who()
	if !k.permission(t, who.Practice, handrail.PatientID(who.ID), handrail.PurposeBuddy) {
		t.Say(t.Words("choose.buddy.no"))
		return nil
	}
	now := t.Now()
	type result struct{ When, LinkWorker string }
	r := bot.Do(t, "together", "going.undo", func(ctx context.Context) (result, error) {
		v, err := k.ownVisit(ctx, who, id)
		if err != nil {
			return result{}, err
		}
		out := result{}
		if out.LinkWorker, err = k.carerName(ctx, who.Practice, v.Patient.ID); err != nil {
			return result{}, err
		}
		next, err := k.planNext(ctx, v, v.Attendance.Occurrence.Start, now, actor(who))
		if err != nil {
			return out, err
		}
		if next == nil {
			return out, k.findTimes(ctx, v, now)
		}
		out.When = k.dayTimeIn(who.Language, next.Occurrence.Start, now)
		planned, err := k.Records.Visit(ctx, who.Practice, next.ID)
		if err != nil || planned.Accompaniment != nil && planned.Accompaniment.State.Open() {
			return out, err
		}
		a, err := k.Records.AddAccompaniment(ctx, handrail.Accompaniment{
			Practice: who.Practice, Patient: v.Patient.ID, Attendance: next.ID, State: handrail.AccompanimentWanted, WantedAt: now, ChangedAt: now,
		}, actor(who))
		if err != nil {
			return result{}, err
		}
		return out, k.wantCompany(ctx, a, planned, "company:"+string(a.ID), now)
	})
	if r.When == "" {
		t.Say(t.Words("nudge.said.again.none"))
		return nil
	}
	t.Say(append(t.Words("nudge.said.again", "when", r.When), t.Words("choose.buddy", "link_worker", r.LinkWorker)...))
	return nil
}
