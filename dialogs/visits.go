package dialogs

import (
	"cmp"
	"context"
	"slices"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// visits is what going, how-was-it and what's-next ask of the records.
type visits interface {
	Visit(ctx context.Context, practice handrail.PracticeID, id handrail.AttendanceID) (handrail.Visit, error)
	VisitsOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Visit, error)
	ChangeAttendance(ctx context.Context, practice handrail.PracticeID, id handrail.AttendanceID, by handrail.Actor, change func(*handrail.Attendance) error) (handrail.Attendance, error)
	AddFeedback(ctx context.Context, f handrail.Feedback, by handrail.Actor) error
}

// ownVisit is a visit of the patient who talks; another patient's is not found (C8).
func (k *kit) ownVisit(ctx context.Context, who bot.Who, id handrail.AttendanceID) (handrail.Visit, error) {
	v, err := k.Records.Visit(ctx, who.Practice, id)
	if err != nil {
		return handrail.Visit{}, err
	}
	if v.Patient.ID != handrail.PatientID(who.ID) {
		return handrail.Visit{}, handrail.Errorf(handrail.KindNotFound, k.line("bot.moved_on"), "visit: of another patient")
	}
	return v, nil
}

// planNext puts the patient down for the first meeting after `after` that lies ahead of now; nil when the listing has
// no times. A second call plans the same one.
func (k *kit) planNext(ctx context.Context, v handrail.Visit, after, now time.Time, by handrail.Actor) (*handrail.Attendance, error) {
	if after.Before(now) {
		after = now
	}
	if v.Activity.Status != handrail.ActivityActive {
		return nil, nil
	}
	next, err := k.Finder.Meetings(v.Activity, after.Add(time.Minute), after.Add(planAhead))
	if next = undoubted(next); err != nil || len(next) == 0 {
		return nil, err
	}
	// The same day and time of the week as last time, when there is one: a habit is easier than a timetable.
	weekday := v.Attendance.Occurrence.Start.In(k.Zone).Weekday()
	slices.SortStableFunc(next, func(a, b handrail.Occurrence) int {
		return cmp.Compare(notOn(weekday, a, k.Zone), notOn(weekday, b, k.Zone))
	})
	for _, o := range next {
		a, err := k.Records.AddAttendance(ctx, handrail.Attendance{
			Practice: v.Patient.Practice, Enrolment: v.Enrolment.ID, Patient: v.Patient.ID, Occurrence: o, State: handrail.AttendancePlanned,
			First: v.Enrolment.State == handrail.EnrolmentChosen, PlannedAt: now, ChangedAt: now,
		}, by)
		if err != nil {
			return nil, err
		}
		if a.State.Ahead() {
			return &a, nil
		}
		// That one was called off before: it comes back as it is, and is not the next.
	}
	return nil, nil
}

// notOn is 0 for an occurrence on that day of the week and 1 for any other.
func notOn(d time.Weekday, o handrail.Occurrence, zone *time.Location) int {
	if o.Start.In(zone).Weekday() == d {
		return 0
	}
	return 1
}

// next shows what is planned, with what can be done about it.
func (k *kit) next() bot.Dialog {
	return bot.Dialog{Name: "next", Title: "next.title", Opens: "next.opens", May: patientOnly, Light: true, Script: func(t *bot.Talk) error {
		who, now := t.Who(), t.Now()
		type planned struct {
			ID, When, Name, Venue, Buddy string
			Wanted                       bool
		}
		plans := bot.Look(t, "plans", func(ctx context.Context) ([]planned, error) {
			all, err := k.Records.VisitsOf(ctx, who.Practice, handrail.PatientID(who.ID))
			if err != nil {
				return nil, err
			}
			var out []planned
			for _, v := range all {
				if !v.Attendance.State.Ahead() || v.Attendance.Occurrence.Start.Before(now) {
					continue
				}
				p := planned{ID: string(v.Attendance.ID), When: k.dayTime(v.Attendance.Occurrence.Start, now), Name: v.Activity.Name, Venue: v.Activity.Venue.Line()}
				if v.Accompaniment != nil {
					switch v.Accompaniment.State {
					case handrail.AccompanimentAgreed:
						p.Buddy = v.Buddy.Name
					case handrail.AccompanimentWanted, handrail.AccompanimentAsked:
						p.Wanted = true
					}
				}
				out = append(out, p)
			}
			return out, nil
		})
		if len(plans) == 0 {
			t.Say(t.Words("next.none"))
			return nil
		}
		t.Say(t.Words("next.head"))
		for _, p := range plans {
			body := t.Words("next.line", "when", p.When, "name", p.Name, "venue", p.Venue)
			if p.Buddy != "" {
				body = append(body, t.Words("next.line.buddy", "buddy", p.Buddy)...)
			} else if p.Wanted {
				body = append(body, t.Words("next.line.wanted")...)
			}
			t.Send(bot.Message{Text: body, Options: []bot.Option{
				press(t.Line("next.where"), "going", p.ID, "where"), press(t.Line("next.cancel"), "going", p.ID, "no"),
			}})
		}
		return nil
	}}
}

// going takes the answer to a reminder: yes, no, or not sure. None of them is reproached.
func (k *kit) going() bot.Dialog {
	return bot.Dialog{Name: "going", Title: "going.title", May: patientOnly, Script: k.goingScript}
}

func (k *kit) goingScript(t *bot.Talk) error {
	who, id, now := t.Who(), handrail.AttendanceID(t.Subject()), t.Now()
	if t.Pressed() == "where" {
		place := bot.Look(t, "place", func(ctx context.Context) (*bot.Place, error) {
			v, err := k.ownVisit(ctx, who, id)
			if err != nil {
				return nil, err
			}
			if pin := pinOf(v.Activity); pin != nil {
				return pin, nil
			}
			return &bot.Place{Name: v.Activity.NeutralName(), Address: v.Activity.Venue.Line()}, nil
		})
		if place.At == (handrail.Point{}) {
			t.Say(bot.Para(place.Name + ", " + place.Address))
		} else {
			t.Send(bot.Message{Text: t.Words("choose.map.here"), Place: place})
		}
		return nil
	}
	type result struct {
		Past, Off         bool
		Time, Buddy, Next string
	}
	r := bot.Do(t, "answer", "", func(ctx context.Context) (result, error) {
		v, err := k.ownVisit(ctx, who, id)
		if err != nil {
			return result{}, err
		}
		out := result{Time: text.Time(v.Attendance.Occurrence.Start, k.Zone)}
		if !now.Before(v.Attendance.Occurrence.End) {
			out.Past = true
			return out, nil
		}
		if v.Attendance.State == handrail.AttendanceCancelled {
			out.Off = true
			return out, nil
		}
		if v.Accompaniment != nil && v.Accompaniment.State == handrail.AccompanimentAgreed {
			out.Buddy = v.Buddy.Name
		}
		switch t.Pressed() {
		case "yes":
			if v.Attendance.State != handrail.AttendancePlanned {
				return out, nil // said before
			}
			_, err = k.Records.ChangeAttendance(ctx, who.Practice, id, actor(who), func(a *handrail.Attendance) error { return a.Going(now) })
			return out, err
		case "no":
			out.Next, err = k.cannotCome(ctx, who, v, now)
			return out, err
		}
		return out, nil
	})
	switch {
	case r.Past:
		t.Say(t.Words("going.past"))
	case r.Off:
		t.Say(t.Words("going.off"))
	case t.Pressed() == "yes":
		body := t.Words("going.said.yes", "time", r.Time)
		if r.Buddy != "" {
			body = append(body, t.Words("going.said.yes.buddy", "buddy", r.Buddy)...)
		}
		t.Send(bot.Message{Text: body, Options: []bot.Option{press(t.Line("going.place"), "going", string(id), "where")}})
	case t.Pressed() == "no":
		body := t.Words("going.said.no")
		if r.Buddy != "" {
			body = append(body, t.Words("going.said.no.buddy", "buddy", r.Buddy)...)
		}
		if r.Next != "" {
			body = append(body, t.Words("going.said.no.next", "when", r.Next)...)
		}
		t.Say(body)
	default:
		t.Send(bot.Message{Text: t.Words("going.said.unsure"), Options: []bot.Option{
			press(t.Line("going.yes"), "going", string(id), "yes"), press(t.Line("going.no"), "going", string(id), "no"),
		}})
	}
	return nil
}

// cannotCome cancels a visit, tells the buddy, and plans the next one.
func (k *kit) cannotCome(ctx context.Context, who bot.Who, v handrail.Visit, now time.Time) (next string, err error) {
	a, err := k.cancelVisit(ctx, v, actor(who), now)
	if err != nil || a == nil {
		return "", err
	}
	return k.dayTime(a.Occurrence.Start, now), nil
}

// cancelVisit cancels a visit that does not happen, tells the buddy "not this time", and plans the next one, with company
// again where it was wanted; nil when there is no next one.
func (k *kit) cancelVisit(ctx context.Context, v handrail.Visit, by handrail.Actor, now time.Time) (*handrail.Attendance, error) {
	practice := v.Patient.Practice
	_, err := k.Records.ChangeAttendance(ctx, practice, v.Attendance.ID, by, func(a *handrail.Attendance) error { return a.Cancel(now) })
	if err != nil {
		return nil, err
	}
	next, err := k.planNext(ctx, v, v.Attendance.Occurrence.Start, now, by)
	if err != nil {
		return nil, err
	}
	if v.Accompaniment == nil || !v.Accompaniment.State.Open() {
		return next, nil
	}
	if err := k.callOff(ctx, by, v, now); err != nil || next == nil {
		return next, err
	}
	// The first visit is still ahead, so company is still wanted.
	fresh, err := k.Records.AddAccompaniment(ctx, handrail.Accompaniment{
		Practice: practice, Patient: v.Patient.ID, Attendance: next.ID, State: handrail.AccompanimentWanted, WantedAt: now, ChangedAt: now,
	}, by)
	if err != nil {
		return nil, err
	}
	nv, err := k.Records.Visit(ctx, practice, next.ID)
	if err != nil {
		return nil, err
	}
	return next, k.wantCompany(ctx, fresh, nv, "company:"+string(fresh.ID), now)
}

// callOff ends an accompaniment and tells a buddy who was asked or had agreed "not this time", and no more.
func (k *kit) callOff(ctx context.Context, by handrail.Actor, v handrail.Visit, now time.Time) error {
	was := v.Accompaniment.State
	_, err := k.Records.ChangeAccompaniment(ctx, v.Patient.Practice, v.Accompaniment.ID, by, func(a *handrail.Accompaniment) error { return a.Cancel(now) })
	if err != nil || v.Buddy == nil || v.Buddy.Address.IsZero() || (was != handrail.AccompanimentAgreed && was != handrail.AccompanimentAsked) {
		return err
	}
	return k.Post.Post(ctx, bot.Envelope{
		Key: "off:" + string(v.Accompaniment.ID), To: v.Buddy.Address, Class: bot.ClassNotice, NotBefore: now, NotAfter: v.Attendance.Occurrence.End,
		Message: bot.Message{Text: k.words("remind.buddy.off", "when", k.dayTime(v.Attendance.Occurrence.Start, now))},
	})
}

// how takes how it was: one tap, and words if they like.
func (k *kit) how() bot.Dialog {
	return bot.Dialog{Name: "how", Title: "how.title", May: patientOnly, Script: k.howScript}
}

func (k *kit) howScript(t *bot.Talk) error {
	who, id, now := t.Who(), handrail.AttendanceID(t.Subject()), t.Now()
	verdict := handrail.Verdict(t.Pressed())
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
		out.Next = k.dayTime(next.Occurrence.Start, now)
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
	words := t.TextOr("words", bot.Message{
		Text: t.Words("how.words", "link_worker", r.LinkWorker), Options: []bot.Option{{Answer: "-", Label: t.Line("how.words.skip")}},
	})
	if words == "-" {
		t.Say(t.Words("how.thanks"))
		return nil
	}
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
	t.Say(t.Words("how.thanks"))
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

// nudge takes the answer to the one kind question after a missed visit.
func (k *kit) nudge() bot.Dialog {
	return bot.Dialog{Name: "nudge", Title: "going.title", May: patientOnly, Script: func(t *bot.Talk) error {
		who, id, now := t.Who(), handrail.AttendanceID(t.Subject()), t.Now()
		pressed := t.Pressed()
		if pressed == "other" {
			return t.Then("choose", nil)
		}
		said := bot.Do(t, "answer", "", func(ctx context.Context) (string, error) {
			v, err := k.ownVisit(ctx, who, id)
			if err != nil {
				return "", err
			}
			switch pressed {
			case "rest":
				until := now.AddDate(0, 0, 14)
				return k.day(until, now), k.Records.Pause(ctx, who.Practice, v.Patient.ID, until, actor(who))
			case "enough":
				if v.Enrolment.State == handrail.EnrolmentEnded {
					return "", nil
				}
				return "", k.endEnrolment(ctx, actor(who), v, "stopped", now)
			}
			a, err := k.planNext(ctx, v, v.Attendance.Occurrence.Start, now, actor(who))
			if err != nil || a == nil {
				return "", err
			}
			return k.dayTime(a.Occurrence.Start, now), nil
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
