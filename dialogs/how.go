package dialogs

import (
	"context"
	"slices"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// how takes how it was: one tap, and words if they like.
func (k *kit) how() bot.Dialog {
	return bot.Dialog{Name: "how", Title: "how.title", May: patientOnly, Script: k.howScript}
}

func (k *kit) howScript(t *bot.Talk) error {
	return k.saidHow(t, handrail.AttendanceID(t.Subject()), handrail.Verdict(t.Pressed()), "")
}

// saidHow takes how a visit was. words are what they typed to say so; empty when they pressed a button, and are asked
// whether they would like to say more.
func (k *kit) saidHow(t *bot.Talk, id handrail.AttendanceID, verdict handrail.Verdict, words string) error {
	who, now := t.Who(), t.Now()
	type result struct {
		Already    bool
		Next       string
		LinkWorker string
	}
	r := bot.Do(t, "verdict", "how.undo", func(ctx context.Context) (result, error) {
		v, err := k.ownVisit(ctx, who, id)
		if err != nil {
			return result{}, err
		}
		if v.Feedback != nil || v.Attendance.State == handrail.AttendanceCancelled || now.Before(v.Attendance.Occurrence.Start) {
			return result{Already: true}, nil
		}
		out := result{}
		if verdict == handrail.VerdictClosed {
			return out, k.stoodBeforeADoor(ctx, who, v, now)
		}
		if out.LinkWorker, err = k.carerName(ctx, who.Practice, v.Patient.ID); err != nil {
			return result{}, err
		}
		next, err := k.saveVerdict(ctx, who, v, verdict, now)
		if err != nil || next == nil {
			return out, err
		}
		out.Next = k.dayTimeIn(who.Language, next.Occurrence.Start, now)
		return out, nil
	})
	if r.Already {
		t.Say(t.Words("how.already"))
		return nil
	}
	body := t.Words("how.said." + string(verdict))
	if r.Next != "" {
		body = append(body, t.Words("how.next", "when", r.Next)...)
	}
	t.Say(body)
	switch verdict {
	case handrail.VerdictMissed:
		return nil // one kind question comes later, by itself
	case handrail.VerdictClosed:
		return nil // the organiser and the link worker are asked, not the patient
	}
	if words == "" {
		words = t.TextOr("words", bot.Message{
			Text: t.Words("how.words", "link_worker", r.LinkWorker), Options: []bot.Option{{Answer: "-", Label: t.Line("how.words.skip")}},
		})
	}
	if words != "-" {
		said := t.Now()
		bot.Do(t, "words-kept", "how.undo", func(ctx context.Context) (bool, error) {
			err := k.Records.AddFeedback(ctx, handrail.Feedback{
				Practice: who.Practice, Patient: handrail.PatientID(who.ID), Attendance: id, Verdict: verdict, Words: words, At: said,
			}, actor(who))
			if err != nil {
				return false, err
			}
			return true, k.tellThemes(ctx, who, id, words, said)
		})
	}
	t.Say(t.Words("how.thanks"))
	return k.mayTell(t)
}

// mayTell asks whether the referrer may hear how they get on, where that was never asked: once, and only of somebody who
// was referred.
func (k *kit) mayTell(t *bot.Talk) error {
	who, patient := t.Who(), handrail.PatientID(t.Who().ID)
	ask := bot.Look(t, "never-asked", func(ctx context.Context) (bool, error) {
		if _, err := k.Records.OpenReferral(ctx, who.Practice, patient); err != nil {
			if handrail.IsKind(err, handrail.KindNotFound) {
				return false, nil
			}
			return false, err
		}
		all, err := k.Records.Permissions(ctx, who.Practice, patient)
		return !slices.ContainsFunc(all, func(p handrail.Permission) bool {
			return p.Purpose == handrail.PurposeFeedback && p.State != handrail.PermissionAsked
		}), err
	})
	if !ask {
		return nil
	}
	if k.permission(t, who.Practice, patient, handrail.PurposeFeedback) {
		t.Say(t.Words("how.told.yes"))
	} else {
		t.Say(t.Words("how.told.no"))
	}
	return nil
}

// tellThemes tells the link worker what the patient's words are about. The words themselves stay in the records: a
// workplace's chat is no place for them (G12).
func (k *kit) tellThemes(ctx context.Context, who bot.Who, id handrail.AttendanceID, words string, now time.Time) error {
	themes := k.Finder.ReadThemes(words)
	if len(themes) == 0 {
		return nil
	}
	for i, theme := range themes {
		themes[i] = k.line("theme." + theme)
	}
	p, err := k.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return err
	}
	return k.tellCarer(ctx, p, "themes:"+string(id), now, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: k.words("referral.themes", "who", p.Initials(), "ref", ref.Ref, "themes", text.List(themes))}
	})
}

// stoodBeforeADoor is a patient who went and found nothing on: the visit did not happen, which is nobody's miss, and the
// report counts at once.
func (k *kit) stoodBeforeADoor(ctx context.Context, who bot.Who, v handrail.Visit, now time.Time) error {
	by := actor(who)
	_, err := k.Records.ChangeAttendance(ctx, who.Practice, v.Attendance.ID, by, func(a *handrail.Attendance) error { return a.Cancel(now) })
	if err != nil {
		return err
	}
	if acc := v.Accompaniment; acc != nil && acc.State.Open() {
		_, err := k.Records.ChangeAccompaniment(ctx, who.Practice, acc.ID, by, func(a *handrail.Accompaniment) error {
			if a.State != handrail.AccompanimentAgreed {
				return a.Cancel(now)
			}
			return a.Met(now)
		})
		if err != nil {
			return err
		}
	}
	return k.reportClosed(ctx, who.Practice, v.Activity.ID, by, now)
}

// saveVerdict writes what the patient said of a visit, and what follows from it; it returns the next visit, if one was
// planned.
func (k *kit) saveVerdict(ctx context.Context, who bot.Who, v handrail.Visit, verdict handrail.Verdict, now time.Time) (*handrail.Attendance, error) {
	by := actor(who)
	missed := verdict == handrail.VerdictMissed
	_, err := k.Records.ChangeAttendance(ctx, who.Practice, v.Attendance.ID, by, func(a *handrail.Attendance) error {
		if missed {
			if a.State == handrail.AttendanceMissed {
				return nil
			}
			return a.Missed(now)
		}
		return a.Came(now)
	})
	if err != nil {
		return nil, err
	}
	if acc := v.Accompaniment; acc != nil && acc.State.Open() {
		_, err := k.Records.ChangeAccompaniment(ctx, who.Practice, acc.ID, by, func(a *handrail.Accompaniment) error {
			switch {
			case a.State != handrail.AccompanimentAgreed:
				return a.Cancel(now) // nobody was found in time
			case missed:
				return a.Unmet(now)
			}
			return a.Met(now)
		})
		if err != nil {
			return nil, err
		}
	}
	if missed {
		return nil, nil
	}
	err = k.Records.AddFeedback(ctx, handrail.Feedback{
		Practice: who.Practice, Patient: v.Patient.ID, Attendance: v.Attendance.ID, Verdict: verdict, At: now,
	}, by)
	if err != nil {
		return nil, err
	}
	// Somebody was there: the group ran on that day, whatever its listing says of itself.
	start := v.Attendance.Occurrence.Start
	_, err = k.Records.ChangeStanding(ctx, v.Activity.ID, by, func(s *handrail.Standing) error {
		if s.AttendedAt == nil || s.AttendedAt.Before(start) {
			s.AttendedAt = &start
		}
		if r := s.ReportedClosed; r != nil && r.Before(start) {
			s.ReportedClosed = nil
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if v.Enrolment.State == handrail.EnrolmentEnded {
		return nil, nil
	}
	if verdict == handrail.VerdictNotForMe {
		return nil, k.endEnrolment(ctx, actor(who), v, "not_for_me", now)
	}
	if v.Enrolment.State == handrail.EnrolmentChosen {
		if _, err := k.Records.ChangeEnrolment(ctx, who.Practice, v.Enrolment.ID, by, func(e *handrail.Enrolment) error { return e.Begin() }); err != nil {
			return nil, err
		}
	}
	return k.planNext(ctx, v, v.Attendance.Occurrence.Start, now, by)
}

// endEnrolment takes a patient off what they go to: no visit of it is left ahead, so nothing reminds them of one, and a
// buddy who would have come is told.
func (k *kit) endEnrolment(ctx context.Context, by handrail.Actor, v handrail.Visit, reason string, now time.Time) error {
	_, err := k.Records.ChangeEnrolment(ctx, v.Patient.Practice, v.Enrolment.ID, by, func(e *handrail.Enrolment) error { return e.End(reason, now) })
	if err != nil {
		return err
	}
	all, err := k.Records.VisitsOf(ctx, v.Patient.Practice, v.Patient.ID)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.Enrolment.ID != v.Enrolment.ID || !other.Attendance.State.Ahead() || !other.Attendance.Occurrence.Start.After(now) {
			continue
		}
		_, err := k.Records.ChangeAttendance(ctx, v.Patient.Practice, other.Attendance.ID, by, func(a *handrail.Attendance) error { return a.Cancel(now) })
		if err != nil {
			return err
		}
		if acc := other.Accompaniment; acc != nil && acc.State.Open() {
			if err := k.callOff(ctx, by, other, now); err != nil {
				return err
			}
		}
	}
	return nil
}
