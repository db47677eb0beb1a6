package dialogs

import (
	"context"
	"errors"
	"time"

	"handrail"
	"handrail/bot"
)

// halt stops everything for a patient in one press and a reason: what waits is suppressed in that transaction, what was
// planned is called off, and a buddy hears "not this time" and nothing else.
func (k *kit) halt() bot.Dialog {
	may := func(who bot.Who) bool { return staffOnly(who) && asStaff(who).MayHalt() }
	return bot.Dialog{Name: "halt", Title: "halt.title", May: may, Script: func(t *bot.Talk) error {
		who, id := t.Who(), handrail.ReferralID(t.Subject())
		name := bot.Look(t, "who", func(ctx context.Context) (string, error) {
			r, err := k.Records.Referral(ctx, who.Practice, id)
			if err != nil {
				return "", err
			}
			p, err := k.Records.Patient(ctx, who.Practice, r.Patient)
			return k.shortName(handrail.Case{Referral: r, Patient: p}), err
		})
		var options []bot.Option
		for _, r := range handrail.HaltReasons() {
			options = append(options, bot.Option{Answer: string(r), Label: t.Line("halt." + string(r))})
		}
		options = append(options, bot.Option{Answer: "no", Label: t.Line("halt.no")})
		reason := handrail.HaltReason(t.ChooseFrom("reason", bot.Message{Text: t.Words("halt.ask", "who", name), Options: options, Private: true}))
		if !reason.Valid() {
			t.Say(t.Words("halt.left"))
			return nil
		}
		now := t.Now()
		bot.Do(t, "halt", "halt.undo", func(ctx context.Context) (bool, error) { return true, k.haltPatient(ctx, who, id, reason, now) })
		k.refresh(t)
		t.Send(bot.Message{Text: t.Words("halt.done", "who", name), Private: true, Options: []bot.Option{press(t.Line("record.open"), "record", string(id), "open")}})
		return nil
	}}
}

// haltPatient does all that a stop means, in the transaction of the Do that calls it.
func (k *kit) haltPatient(ctx context.Context, who bot.Who, id handrail.ReferralID, reason handrail.HaltReason, now time.Time) error {
	by := actor(who)
	r, err := k.Records.Referral(ctx, who.Practice, id)
	if err != nil {
		return err
	}
	// What waits goes first: what is said from here on is news, and must not be taken back with it.
	p, err := k.Records.Halt(ctx, who.Practice, r.Patient, reason, handrail.StaffID(who.ID))
	if err != nil {
		return err
	}
	if err := k.haltVisits(ctx, by, p, now); err != nil {
		return err
	}
	going, err := k.Records.Enrolments(ctx, who.Practice, p.ID)
	if err != nil {
		return err
	}
	for _, e := range going {
		_, err := k.Records.ChangeEnrolment(ctx, who.Practice, e.ID, by, func(e *handrail.Enrolment) error {
			switch {
			case e.State == handrail.EnrolmentEnded:
				return nil
			case reason.Ends():
				return e.End(string(reason), now)
			case e.State == handrail.EnrolmentPaused:
				return nil
			}
			return e.Pause()
		})
		if err != nil {
			return err
		}
	}
	if err := k.note(ctx, who, r.ID, handrail.NoteHalt, k.line("halt.reason."+string(reason)), now); err != nil {
		return err
	}
	carers, err := k.linkWorkers(ctx, who.Practice, r.LinkWorker)
	if err != nil {
		return err
	}
	// No reason in the post: it is in the record (G12). It names no patient for the outbox, whose messages are stopped.
	m := bot.Message{Text: k.words("halt.task", "who", k.shortName(handrail.Case{Referral: r, Patient: p}), "by", who.Name), Options: []bot.Option{
		press(k.line("record.open"), "record", string(r.ID), "open"),
	}}
	if err := k.tell(ctx, without(carers, who), "halt:"+string(r.ID)+":"+stamp(now), bot.ClassNotice, "", now, m); err != nil {
		return err
	}
	if !reason.Ends() {
		return nil
	}
	outcome := handrail.OutcomeMoved
	if reason == handrail.HaltDied {
		outcome = handrail.OutcomeDied
	}
	_, err = k.Records.ChangeReferral(ctx, who.Practice, r.ID, by, func(r *handrail.Referral) error {
		var step *handrail.StepError
		if err := r.Close(outcome); !errors.As(err, &step) {
			return err
		}
		return nil // declined or closed before
	})
	return err
}

// haltVisits calls off what the patient had planned, with no next one.
func (k *kit) haltVisits(ctx context.Context, by handrail.Actor, p handrail.Patient, now time.Time) error {
	visits, err := k.Records.VisitsOf(ctx, p.Practice, p.ID)
	if err != nil {
		return err
	}
	for _, v := range visits {
		if !v.Attendance.State.Ahead() || !v.Attendance.Occurrence.End.After(now) {
			continue
		}
		if _, err := k.Records.ChangeAttendance(ctx, p.Practice, v.Attendance.ID, by, func(a *handrail.Attendance) error { return a.Cancel(now) }); err != nil {
			return err
		}
		if v.Accompaniment != nil && v.Accompaniment.State.Open() {
			if err := k.callOff(ctx, by, v, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// lift undoes a stop, by somebody whose roles allow it. What was paused goes on, with the next meeting; nothing that was
// suppressed comes back.
func (k *kit) lift() bot.Dialog {
	return bot.Dialog{Name: "lift", Title: "halt.title", May: staffOnly, Script: func(t *bot.Talk) error {
		who, id := t.Who(), handrail.ReferralID(t.Subject())
		type halted struct{ Who, Reason string }
		h := bot.Look(t, "who", func(ctx context.Context) (halted, error) {
			r, p, err := k.openCase(ctx, who, id)
			if err != nil {
				return halted{}, err
			}
			out := halted{Who: k.shortName(handrail.Case{Referral: r, Patient: p})}
			if p.Halt != nil {
				out.Reason = string(p.Halt.Reason)
			}
			return out, nil
		})
		if h.Reason == "" {
			t.Say(t.Words("lift.none", "who", h.Who))
			return nil
		}
		if !asStaff(who).MayLift(handrail.HaltReason(h.Reason)) {
			t.Say(t.Words("lift.maynot"))
			return nil
		}
		ask := "lift.ask"
		if handrail.HaltReason(h.Reason) == handrail.HaltDied {
			ask = "lift.ask.died"
		}
		if !t.Confirm("sure", t.Words(ask, "who", h.Who, "reason", t.Line("halt.reason."+h.Reason))) {
			t.Say(t.Words("lift.left"))
			return nil
		}
		now := t.Now()
		next := bot.Do(t, "lift", "lift.undo", func(ctx context.Context) (string, error) { return k.liftHalt(ctx, who, id, now) })
		body := t.Words("lift.done", "who", h.Who)
		if next != "" {
			body = append(body, t.Words("lift.next", "when", next)...)
		}
		t.Send(bot.Message{Text: body, Private: true, Options: []bot.Option{press(t.Line("record.open"), "record", string(id), "open")}})
		return nil
	}}
}

func (k *kit) liftHalt(ctx context.Context, who bot.Who, id handrail.ReferralID, now time.Time) (next string, err error) {
	r, err := k.Records.Referral(ctx, who.Practice, id)
	if err != nil {
		return "", err
	}
	if _, err := k.Records.LiftHalt(ctx, who.Practice, r.Patient, handrail.StaffID(who.ID)); err != nil {
		return "", err
	}
	if err := k.note(ctx, who, id, handrail.NoteHalt, k.line("lift.note"), now); err != nil {
		return "", err
	}
	going, err := k.Records.Enrolments(ctx, who.Practice, r.Patient)
	if err != nil {
		return "", err
	}
	visits, err := k.Records.VisitsOf(ctx, who.Practice, r.Patient)
	if err != nil {
		return "", err
	}
	for _, e := range going {
		if e.State != handrail.EnrolmentPaused {
			continue
		}
		if e, err = k.Records.ChangeEnrolment(ctx, who.Practice, e.ID, actor(who), func(e *handrail.Enrolment) error { return e.Begin() }); err != nil {
			return "", err
		}
		for i := len(visits) - 1; i >= 0; i-- {
			if visits[i].Enrolment.ID != e.ID {
				continue
			}
			v := visits[i]
			v.Enrolment = e
			a, err := k.planNext(ctx, v, now, now, actor(who))
			if err != nil {
				return "", err
			}
			if a != nil {
				next = k.dayTime(a.Occurrence.Start, now)
			}
			break
		}
	}
	return next, nil
}

// without leaves out whoever talks: nobody needs news of what they just did.
func without(staff []handrail.Staff, who bot.Who) []handrail.Staff {
	var out []handrail.Staff
	for _, s := range staff {
		if s.ID != handrail.StaffID(who.ID) {
			out = append(out, s)
		}
	}
	return out
}

// stamp makes a key of an instant.
func stamp(t time.Time) string { return t.UTC().Format("20060102T150405") }
