package dialogs

import (
	"context"
	"slices"
	"time"

	"handrail"
	"handrail/bot"
)

// planAhead is how far ahead a first date is offered.
const planAhead = 21 * 24 * time.Hour

// undoubted are the meetings that nothing speaks against: nobody is sent to a group on a bank holiday, or in the school
// holidays, when its listing does not say that it meets then.
func undoubted(all []handrail.Occurrence) []handrail.Occurrence {
	return slices.DeleteFunc(all, func(o handrail.Occurrence) bool { return o.Doubt != handrail.DoubtNone })
}

// enrol puts the patient down for a first date, and asks whether they would like company.
func (k *kit) enrol(t *bot.Talk, me chooser, g Group) error {
	dates := bot.Look(t, "dates", func(ctx context.Context) ([]handrail.Occurrence, error) {
		a, err := k.Finder.Activity(ctx, g.ID)
		if err != nil {
			return nil, err
		}
		// Not today's within two hours: nobody could be ready for it.
		all, err := k.Finder.Meetings(a, t.Now().Add(2*time.Hour), t.Now().Add(planAhead))
		all = undoubted(all)
		return all[:min(len(all), 3)], err
	})
	if len(dates) == 0 {
		k.askCarer(t, "times", "choose.date.task", me, g.Name)
		t.Say(t.Words("choose.date.none", "link_worker", me.LinkWorker))
		return nil
	}
	pick, err := k.whichDay(t, t.Words("choose.date"), dates)
	if err != nil {
		return err
	}
	alone := t.Choose("company", t.Words("choose.alone"),
		bot.Option{Answer: "yes", Label: t.Line("choose.alone.yes"), Style: "main"},
		bot.Option{Answer: "no", Label: t.Line("choose.alone.no")})
	company := false
	if alone == "yes" {
		who := t.Who()
		if company = k.permission(t, who.Practice, me.Patient, handrail.PurposeBuddy); !company {
			t.Say(t.Words("choose.buddy.no"))
		}
	}
	who, now, occurrence := t.Who(), t.Now(), dates[pick]
	saved := bot.Do(t, "enrol", "choose.undo", func(ctx context.Context) (bool, error) {
		// While they were choosing it may have ended, filled up or called that day off.
		a, err := k.Finder.Activity(ctx, g.ID)
		off := func(c handrail.Cancellation) bool { return c.On == handrail.DateOf(occurrence.Start, k.Zone) }
		if err != nil || a.Status != handrail.ActivityActive || a.Standing.Paused || slices.ContainsFunc(a.Standing.Cancelled, off) {
			return false, err
		}
		return true, k.saveChoice(ctx, who, now, me, g, occurrence, company)
	})
	if !saved {
		t.Say(t.Words("choose.overtaken"))
		return nil
	}
	done := bot.Message{Text: append(t.Words("choose.done", "when", k.dayTimeIn(t.Who().Language, occurrence.Start, now)), t.Words("choose.done.group", "name", g.Name)...)}
	if id := k.visitAt(t, g.ID, occurrence); id != "" {
		done.Options = []bot.Option{press(t.Line("going.calendar"), "going", id, "calendar")}
	}
	t.Send(done)
	if company {
		t.Say(t.Words("choose.buddy", "link_worker", me.LinkWorker))
	}
	return nil
}

// visitAt is the visit that was just planned.
func (k *kit) visitAt(t *bot.Talk, id handrail.ActivityID, o handrail.Occurrence) string {
	who := t.Who()
	return bot.Look(t, "visit", func(ctx context.Context) (string, error) {
		all, err := k.Records.VisitsOf(ctx, who.Practice, handrail.PatientID(who.ID))
		for _, v := range slices.Backward(all) {
			if v.Attendance.State.Ahead() && v.Attendance.Occurrence.Activity == id && v.Attendance.Occurrence.Start.Equal(o.Start) {
				return string(v.Attendance.ID), err
			}
		}
		return "", err
	})
}

// saveChoice writes the enrolment, the first visit and the wish for company, and tells the link worker.
func (k *kit) saveChoice(ctx context.Context, who bot.Who, now time.Time, me chooser, g Group, o handrail.Occurrence, company bool) error {
	by := actor(who)
	ref, err := k.Records.OpenReferral(ctx, who.Practice, me.Patient)
	if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
		return err
	}
	e, err := k.Records.AddEnrolment(ctx, handrail.Enrolment{
		Practice: who.Practice, Patient: me.Patient, Referral: ref.ID, Activity: g.ID, State: handrail.EnrolmentChosen, ChosenAt: now,
	}, by)
	if err != nil {
		return err
	}
	if ref.State == handrail.ReferralAccepted {
		if _, err := k.Records.ChangeReferral(ctx, who.Practice, ref.ID, by, func(r *handrail.Referral) error { return r.Begin() }); err != nil {
			return err
		}
	}
	visit, err := k.Records.AddAttendance(ctx, handrail.Attendance{
		Practice: who.Practice, Enrolment: e.ID, Patient: me.Patient, Occurrence: o, State: handrail.AttendancePlanned, First: true, PlannedAt: now, ChangedAt: now,
	}, by)
	if err != nil {
		return err
	}
	v, err := k.Records.Visit(ctx, who.Practice, visit.ID)
	if err != nil {
		return err
	}
	if v.Patient.PausedUntil != nil && now.Before(*v.Patient.PausedUntil) {
		// Whoever chooses something is back: they were promised a reminder.
		if err := k.Records.Resume(ctx, who.Practice, v.Patient.ID, by); err != nil {
			return err
		}
	}
	err = k.tellCarer(ctx, v.Patient, "chose:"+string(e.ID), now, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: k.words("referral.chose", "who", v.Patient.Initials(), "ref", ref.Ref, "group", g.Name, "when", k.dayTime(o.Start, now))}
	})
	if err != nil || !company {
		return err
	}
	a, err := k.Records.AddAccompaniment(ctx, handrail.Accompaniment{
		Practice: who.Practice, Patient: me.Patient, Attendance: visit.ID, State: handrail.AccompanimentWanted, WantedAt: now, ChangedAt: now,
	}, by)
	if err != nil {
		return err
	}
	return k.wantCompany(ctx, a, v, "company:"+string(a.ID), now)
}
