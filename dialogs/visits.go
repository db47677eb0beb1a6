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
	// Permissions are where each of the patient's permissions stands.
	Permissions(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Permission, error)
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
	if err != nil {
		return nil, err
	}
	last, ends, err := k.lastDay(ctx, v)
	if err != nil {
		return nil, err
	}
	if next = undoubted(next); ends {
		next = slices.DeleteFunc(next, func(o handrail.Occurrence) bool { return o.Date() > last })
	}
	if len(next) == 0 {
		return nil, nil
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

// PlanNext puts a patient down for the next meeting after a visit of which they said nothing: after the rest they asked
// for, if they did. It is for a transaction, and safe to call twice.
func PlanNext(d Deps) func(ctx context.Context, v handrail.Visit, now time.Time) error {
	k := &kit{Deps: d}
	return func(ctx context.Context, v handrail.Visit, now time.Time) error {
		after := v.Attendance.Occurrence.Start
		if rest := v.Patient.PausedUntil; rest != nil && rest.After(after) {
			after = *rest
		}
		_, err := k.planNext(ctx, v, after, now, handrail.ActorSystem)
		return err
	}
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
			ID, When, Name, Venue, Buddy, Been string
			Wanted, Said, Today                bool
		}
		plans := bot.Look(t, "plans", func(ctx context.Context) ([]planned, error) {
			all, err := k.Records.VisitsOf(ctx, who.Practice, handrail.PatientID(who.ID))
			if err != nil {
				return nil, err
			}
			been := map[handrail.EnrolmentID]int{}
			var out []planned
			for _, v := range all {
				if v.Attendance.State == handrail.AttendanceCame {
					been[v.Enrolment.ID]++
				}
				start := v.Attendance.Occurrence.Start
				if !v.Attendance.State.Ahead() || start.Before(now) {
					continue
				}
				p := planned{
					ID: string(v.Attendance.ID), When: k.dayTimeIn(who.Language, start, now), Name: v.Activity.Name, Venue: v.Activity.Venue.Line(),
					Said: v.Attendance.State == handrail.AttendanceGoing, Today: handrail.DateOf(start, k.Zone) == handrail.DateOf(now, k.Zone),
				}
				if n := been[v.Enrolment.ID]; n > 1 {
					p.Been = k.times(n)
				}
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
			if p.Been != "" { // a fact, and never a row that could break
				body = append(body, t.Words("next.line.been", "count", p.Been)...)
			}
			var options []bot.Option
			if !p.Said {
				options = append(options, press(t.Line("going.yes"), "going", p.ID, "yes"))
			}
			if p.Today {
				options = append(options, press(t.Line("going.late"), "going", p.ID, "late"))
			}
			t.Send(bot.Message{Text: body, Options: append(options, press(t.Line("next.where"), "going", p.ID, "where"),
				press(t.Line("next.cancel"), "going", p.ID, "no"), press(t.Line("going.calendar"), "going", p.ID, "calendar"))})
		}
		return nil
	}}
}

// going takes the answer to a reminder: yes, no, or not sure. None of them is reproached.
func (k *kit) going() bot.Dialog {
	return bot.Dialog{Name: "going", Title: "going.title", May: patientOnly, Script: k.goingScript}
}

func (k *kit) goingScript(t *bot.Talk) error {
	id := handrail.AttendanceID(t.Subject())
	switch t.Pressed() {
	case "late":
		return k.runningLate(t, id)
	case "calendar":
		return k.calendarEntry(t, id)
	case "where":
		return k.showPlace(t, id)
	}
	return k.saidGoing(t, id, t.Pressed())
}

// showPlace shows where a visit is: a pin where one is known.
func (k *kit) showPlace(t *bot.Talk, id handrail.AttendanceID) error {
	who := t.Who()
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

// saidGoing takes whether somebody goes: "yes", "no", and anything else is not sure.
func (k *kit) saidGoing(t *bot.Talk, id handrail.AttendanceID, said string) error {
	who, now := t.Who(), t.Now()
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
		switch said {
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
	case said == "yes":
		body := t.Words("going.said.yes", "time", r.Time)
		if r.Buddy != "" {
			body = append(body, t.Words("going.said.yes.buddy", "buddy", r.Buddy)...)
		}
		t.Send(bot.Message{Text: body, Options: []bot.Option{press(t.Line("going.place"), "going", string(id), "where")}})
	case said == "no":
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

// calendarEntry hands a visit over for the patient's own calendar.
func (k *kit) calendarEntry(t *bot.Talk, id handrail.AttendanceID) error {
	who := t.Who()
	type entry struct {
		Visit handrail.Visit
		Off   bool
	}
	e := bot.Look(t, "calendar", func(ctx context.Context) (entry, error) {
		v, err := k.ownVisit(ctx, who, id)
		// Only what the entry needs is kept with the conversation.
		kept := handrail.Visit{Attendance: v.Attendance, Activity: handrail.Activity{Name: v.Activity.Name, Venue: v.Activity.Venue, Sensitive: v.Activity.Sensitive}}
		return entry{kept, !v.Attendance.State.Ahead()}, err
	})
	if e.Off {
		t.Say(t.Words("going.off"))
		return nil
	}
	body := t.Words("going.calendar.here")
	if e.Visit.Activity.Sensitive {
		body = append(body, t.Words("going.calendar.neutral")...)
	}
	t.Send(bot.Message{Text: body, Files: []bot.File{calendarFile(e.Visit, capital(e.Visit.Activity.NeutralName()), t.Now())}})
	return nil
}

// cannotCome cancels a visit, tells the buddy, and plans the next one.
func (k *kit) cannotCome(ctx context.Context, who bot.Who, v handrail.Visit, now time.Time) (next string, err error) {
	a, err := k.cancelVisit(ctx, v, actor(who), now)
	if err != nil || a == nil {
		return "", err
	}
	return k.dayTimeIn(who.Language, a.Occurrence.Start, now), nil
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
