package dialogs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// plan is a link worker changing what a patient goes to, with a reason: another group, another day, or nothing for now.
// The patient is told where they permit it.
func (k *kit) plan() bot.Dialog {
	return bot.Dialog{Name: "plan", Title: "plan.title", May: carers, Script: k.planScript}
}

// planned is what a patient goes to now, as far as changing it needs.
type planned struct {
	Enrolment handrail.EnrolmentID  `json:"enrolment"`
	Activity  handrail.ActivityID   `json:"activity"`
	Name      string                `json:"name"`
	Next      handrail.AttendanceID `json:"next,omitempty"` // the next visit that is ahead
	When      string                `json:"when,omitempty"`
}

// planSeen is what the first question of a plan needs.
type planSeen struct {
	Who   string    `json:"who"`
	Not   string    `json:"not,omitempty"` // why nothing can be changed
	Plans []planned `json:"plans,omitempty"`
}

func (k *kit) planScript(t *bot.Talk) error {
	who, id := t.Who(), handrail.ReferralID(t.Subject())
	seen := bot.Look(t, "plans", func(ctx context.Context) (planSeen, error) { return k.plansOf(ctx, who, id, t.Now()) })
	if seen.Not != "" {
		t.Say(t.Words("plan.not."+seen.Not, "who", seen.Who))
		return nil
	}
	body := t.Words("plan.now.none", "who", seen.Who)
	if len(seen.Plans) > 0 {
		body = t.Words("plan.now", "who", seen.Who)
		for _, p := range seen.Plans {
			item := t.Words("plan.line", "group", p.Name, "when", orElse(p.When, t.Line("plan.nodate")))
			item[0].Item = true
			body = append(body, item...)
		}
	}
	var options []bot.Option
	for i, p := range seen.Plans {
		n := strconv.Itoa(i)
		options = append(options, bot.Option{Answer: "day " + n, Label: t.Line("plan.day", "group", p.Name)}, bot.Option{Answer: "stop " + n, Label: t.Line("plan.stop", "group", p.Name)})
	}
	options = append(options, bot.Option{Answer: "group", Label: t.Line("plan.group")}, bot.Option{Answer: "leave", Label: t.Line("plan.leave")})
	what, which, _ := strings.Cut(t.ChooseFrom("what", bot.Message{Text: body, Options: options, Private: true}), " ")
	at, _ := strconv.Atoi(which) // one of the options
	var from *planned
	if at < len(seen.Plans) && len(seen.Plans) > 0 {
		from = &seen.Plans[at]
	}
	switch what {
	case "leave":
		return nil
	case "stop":
		why := t.Text("why", t.Words("plan.why"), k.brief(t, 300))
		now := t.Now()
		bot.Do(t, "stop", "plan.undo", func(ctx context.Context) (bool, error) { return true, k.planStop(ctx, who, id, *from, why, now) })
		t.Say(t.Words("plan.done.stop", "who", seen.Who, "group", from.Name))
		return nil
	case "day":
		return k.planDay(t, id, seen.Who, from, listedGroup{ID: from.Activity, Name: from.Name})
	}
	g, ok := k.planGroup(t)
	if !ok {
		return nil
	}
	// A new group takes the place of what they went to, where that was one; of several, the others stay.
	if len(seen.Plans) == 1 {
		from = &seen.Plans[0]
	} else {
		from = nil
	}
	return k.planDay(t, id, seen.Who, from, g)
}

// plansOf reads what a patient goes to.
func (k *kit) plansOf(ctx context.Context, who bot.Who, id handrail.ReferralID, now time.Time) (planSeen, error) {
	r, p, err := k.openCase(ctx, who, id)
	if err != nil {
		return planSeen{}, err
	}
	out := planSeen{Who: k.shortName(handrail.Case{Referral: r, Patient: p})}
	switch {
	case p.Deceased || p.Halt != nil:
		out.Not = "halted"
		return out, nil
	case r.State != handrail.ReferralAccepted && r.State != handrail.ReferralActive:
		out.Not = "state"
		return out, nil
	}
	going, err := k.Records.Enrolments(ctx, who.Practice, p.ID)
	if err != nil {
		return planSeen{}, err
	}
	visits, err := k.Records.VisitsOf(ctx, who.Practice, p.ID)
	if err != nil {
		return planSeen{}, err
	}
	for _, e := range going {
		if e.State == handrail.EnrolmentEnded || len(out.Plans) == 4 {
			continue
		}
		a, err := k.Finder.Activity(ctx, e.Activity)
		if err != nil {
			return planSeen{}, err
		}
		x := planned{Enrolment: e.ID, Activity: e.Activity, Name: a.Name}
		for _, v := range visits {
			if v.Enrolment.ID == e.ID && v.Attendance.State.Ahead() && v.Attendance.Occurrence.Start.After(now) {
				x.Next, x.When = v.Attendance.ID, k.dayTime(v.Attendance.Occurrence.Start, now)
				break
			}
		}
		out.Plans = append(out.Plans, x)
	}
	return out, nil
}

// listedGroup is a group that was picked by its name.
type listedGroup struct {
	ID   handrail.ActivityID `json:"id"`
	Name string              `json:"name"`
}

// planGroup asks which group; false when none is meant.
func (k *kit) planGroup(t *bot.Talk) (listedGroup, bool) {
	for i := 1; i < 6; i++ {
		n := strconv.Itoa(i)
		name := t.Text("group-"+n, t.Words("plan.which"), k.brief(t, 100))
		groups := bot.Look(t, "named-"+n, func(ctx context.Context) ([]Group, error) {
			all, err := k.Finder.Named(ctx, t.Who().Practice, name, t.Now())
			return all[:min(len(all), 5)], err
		})
		if len(groups) == 0 {
			t.Say(t.Words("listing.none"))
			continue
		}
		options := make([]bot.Option, 0, len(groups)+2)
		for j, g := range groups {
			options = append(options, bot.Option{Answer: "group-" + strconv.Itoa(j), Label: text.Join(g.Name, g.When)})
		}
		options = append(options, bot.Option{Answer: "again", Label: t.Line("listing.again")}, bot.Option{Answer: "leave", Label: t.Line("plan.leave")})
		switch pick := t.Choose("pick-"+n, t.Words("listing.pick"), options...); pick {
		case "leave":
			return listedGroup{}, false
		case "again":
		default:
			j, err := strconv.Atoi(strings.TrimPrefix(pick, "group-"))
			if err == nil && j < len(groups) {
				return listedGroup{ID: groups[j].ID, Name: groups[j].Name}, true
			}
		}
	}
	return listedGroup{}, false
}

// planDay asks for the day and the reason, and makes the change.
func (k *kit) planDay(t *bot.Talk, id handrail.ReferralID, name string, from *planned, g listedGroup) error {
	who := t.Who()
	dates := bot.Look(t, "dates", func(ctx context.Context) ([]handrail.Occurrence, error) {
		a, err := k.Finder.Activity(ctx, g.ID)
		if err != nil || a.Status != handrail.ActivityActive {
			return nil, err
		}
		all, err := k.Finder.Meetings(a, t.Now().Add(2*time.Hour), t.Now().Add(planAhead))
		all = undoubted(all)
		return all[:min(len(all), 5)], err
	})
	if len(dates) == 0 {
		t.Say(t.Words("plan.nodates", "group", g.Name))
		return nil
	}
	pick, err := k.whichDay(t, t.Words("plan.date", "group", g.Name), dates)
	if err != nil {
		return err
	}
	why := t.Text("why", t.Words("plan.why"), k.brief(t, 300))
	now := t.Now()
	type result struct{ Off, Told bool }
	r := bot.Do(t, "plan", "plan.undo", func(ctx context.Context) (result, error) {
		a, err := k.Finder.Activity(ctx, g.ID)
		off := func(c handrail.Cancellation) bool { return c.On == handrail.DateOf(dates[pick].Start, k.Zone) }
		if err != nil || a.Status != handrail.ActivityActive || slices.ContainsFunc(a.Standing.Cancelled, off) {
			return result{Off: true}, err
		}
		told, err := k.planChange(ctx, who, id, from, a, dates[pick], why, now)
		return result{Told: told}, err
	})
	switch {
	case r.Off:
		t.Say(t.Words("plan.overtaken"))
	case r.Told:
		t.Say(t.Words("plan.done", "who", name, "group", g.Name, "when", k.dayTime(dates[pick].Start, now)))
	default:
		t.Say(t.Words("plan.done.untold", "who", name, "group", g.Name, "when", k.dayTime(dates[pick].Start, now)))
	}
	return nil
}

// planStop takes a patient off what they go to.
func (k *kit) planStop(ctx context.Context, who bot.Who, id handrail.ReferralID, from planned, why string, now time.Time) error {
	r, p, err := k.openCase(ctx, who, id)
	if err != nil {
		return err
	}
	if err := k.planEnd(ctx, who, p, from, now); err != nil {
		return err
	}
	return k.note(ctx, who, r.ID, handrail.NotePlan, from.Name+": "+why, now)
}

// planEnd ends one enrolment, with its visits ahead.
func (k *kit) planEnd(ctx context.Context, who bot.Who, p handrail.Patient, from planned, now time.Time) error {
	visits, err := k.Records.VisitsOf(ctx, who.Practice, p.ID)
	if err != nil {
		return err
	}
	for _, v := range visits {
		if v.Enrolment.ID == from.Enrolment {
			return k.endEnrolment(ctx, actor(who), v, "plan_changed", now)
		}
	}
	_, err = k.Records.ChangeEnrolment(ctx, who.Practice, from.Enrolment, actor(who), func(e *handrail.Enrolment) error { return e.End("plan_changed", now) })
	return err
}

// planChange puts the patient down for another meeting of the same group, or for another group in its place, and tells
// them where they said yes to messages; told says whether that was so.
func (k *kit) planChange(ctx context.Context, who bot.Who, id handrail.ReferralID, from *planned, a handrail.Activity, o handrail.Occurrence, why string, now time.Time) (told bool, err error) {
	by := actor(who)
	r, p, err := k.openCase(ctx, who, id)
	if err != nil {
		return false, err
	}
	if p.Deceased || p.Halt != nil || !r.State.Open() {
		return false, k.notThere()
	}
	enrolment, first, company := handrail.EnrolmentID(""), true, false
	if from != nil {
		visits, err := k.Records.VisitsOf(ctx, who.Practice, p.ID)
		if err != nil {
			return false, err
		}
		for _, v := range visits {
			if v.Enrolment.ID != from.Enrolment || !v.Attendance.State.Ahead() || !v.Attendance.Occurrence.End.After(now) {
				continue
			}
			company = company || v.Accompaniment != nil && v.Accompaniment.State.Open()
			if _, err := k.Records.ChangeAttendance(ctx, who.Practice, v.Attendance.ID, by, func(a *handrail.Attendance) error { return a.Cancel(now) }); err != nil {
				return false, err
			}
			if v.Accompaniment != nil && v.Accompaniment.State.Open() {
				if err := k.callOff(ctx, by, v, now); err != nil {
					return false, err
				}
			}
		}
		if from.Activity == a.ID {
			enrolment = from.Enrolment
			e, err := k.Records.ChangeEnrolment(ctx, who.Practice, enrolment, by, func(e *handrail.Enrolment) error {
				if e.State == handrail.EnrolmentPaused {
					return e.Begin()
				}
				return nil
			})
			if err != nil {
				return false, err
			}
			first = e.State == handrail.EnrolmentChosen
		} else if err := k.planEnd(ctx, who, p, *from, now); err != nil {
			return false, err
		}
	}
	if enrolment == "" {
		e, err := k.Records.AddEnrolment(ctx, handrail.Enrolment{
			Practice: who.Practice, Patient: p.ID, Referral: r.ID, Activity: a.ID, State: handrail.EnrolmentChosen, ChosenAt: now,
		}, by)
		if err != nil {
			return false, err
		}
		enrolment = e.ID
	}
	if r.State == handrail.ReferralAccepted {
		if _, err := k.Records.ChangeReferral(ctx, who.Practice, r.ID, by, func(r *handrail.Referral) error { return r.Begin() }); err != nil {
			return false, err
		}
	}
	visit, err := k.Records.AddAttendance(ctx, handrail.Attendance{
		Practice: who.Practice, Enrolment: enrolment, Patient: p.ID, Occurrence: o, State: handrail.AttendancePlanned, First: first, PlannedAt: now, ChangedAt: now,
	}, by)
	if err != nil {
		return false, err
	}
	if err := k.note(ctx, who, r.ID, handrail.NotePlan, a.Name+": "+why, now); err != nil {
		return false, err
	}
	if company {
		if err := k.planCompany(ctx, who, visit, now); err != nil {
			return false, err
		}
	}
	return k.planTell(ctx, who, p, visit, a, now)
}

// planCompany asks for company again, where it was wanted.
func (k *kit) planCompany(ctx context.Context, who bot.Who, visit handrail.Attendance, now time.Time) error {
	acc, err := k.Records.AddAccompaniment(ctx, handrail.Accompaniment{
		Practice: who.Practice, Patient: visit.Patient, Attendance: visit.ID, State: handrail.AccompanimentWanted, WantedAt: now, ChangedAt: now,
	}, actor(who))
	if err != nil {
		return err
	}
	v, err := k.Records.Visit(ctx, who.Practice, visit.ID)
	if err != nil {
		return err
	}
	return k.wantCompany(ctx, acc, v, "company:"+string(acc.ID), now)
}

// planTell tells the patient, in the day and only where they permit it.
func (k *kit) planTell(ctx context.Context, who bot.Who, p handrail.Patient, visit handrail.Attendance, a handrail.Activity, now time.Time) (bool, error) {
	permitted, err := k.Records.Permitted(ctx, who.Practice, p.ID, handrail.PurposeChat)
	if ok, _ := p.Reachable(now); err != nil || !permitted || !ok {
		return false, err
	}
	id, in := string(visit.ID), k.in(p.Language)
	body := in.words("plan.patient", "name", p.Name)
	body = append(body, in.words("plan.patient.what", "link_worker", who.Name, "group", a.Name, "when", k.dayTimeIn(p.Language, visit.Occurrence.Start, now), "venue", a.Venue.Line())...)
	return true, k.Post.Post(ctx, bot.Envelope{
		Key: "plan:" + id, To: p.Address, Patient: p.ID, Class: bot.ClassReminder, Permission: handrail.PurposeChat, Subject: id,
		NotBefore: k.awake(now), NotAfter: visit.Occurrence.Start,
		Message: bot.Message{Text: body, Options: []bot.Option{
			press(in.line("going.yes"), "going", id, "yes"), press(in.line("going.no"), "going", id, "no"), press(in.line("next.where"), "going", id, "where"),
			k.urgentTo(p.Language),
		}},
	})
}
