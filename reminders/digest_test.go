package reminders_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/reminders"
)

// refer adds a referral of a patient in a state, offered so many days ago; joined says that they have a chat.
func (w *world) refer(name, surname string, state handrail.ReferralState, days int, joined bool, to handrail.StaffID) (handrail.Patient, handrail.Referral) {
	w.t.Helper()
	w.n++
	p := handrail.Patient{Practice: practice, Name: name, Surname: surname, BirthYear: 1950, Language: "en"}
	if joined {
		p.Address = chat(fmt.Sprint("patient", w.n))
	}
	p, err := w.AddPatient(w.ctx, p, by)
	w.ok(err)
	r, err := w.AddReferral(w.ctx, handrail.Referral{Practice: practice, Patient: p.ID, By: gp, LinkWorker: to, State: state, OfferedAt: w.clock.Now().AddDate(0, 0, -days)}, by)
	w.ok(err)
	return p, r
}

func (w *world) list() bot.Message {
	w.t.Helper()
	s, err := w.Staff(w.ctx, practice, worker)
	w.ok(err)
	m, err := reminders.Digest(w.deps)(w.ctx, s, w.clock.Now())
	w.ok(err)
	return m
}

func TestDigest_G12_CountsAndInitials(t *testing.T) {
	w := newWorld(t, "2026-11-24 08:00")
	// Three to accept, one of them another's by now.
	for i := range 2 {
		w.refer("Canaryname", "Canarysurname", handrail.ReferralSent, i, false, "")
	}
	w.ok(w.SaveStaff(w.ctx, handrail.Staff{ID: "sta_other", Practice: practice, Name: "Ola", Roles: []handrail.Role{handrail.RoleLinkWorker}, Active: true}, by))
	w.refer("Canaryname", "Canarysurname", handrail.ReferralAccepted, 30, false, "sta_other")
	// One not in the chat after a week; one within the week; one whom she rang.
	_, late := w.refer("Una", "Canarysurname", handrail.ReferralAccepted, 8, false, worker)
	w.refer("Canaryname", "Canarysurname", handrail.ReferralAccepted, 6, false, worker)
	_, rung := w.refer("Canaryname", "Canarysurname", handrail.ReferralAccepted, 9, false, worker)
	_, err := w.ChangeReferral(w.ctx, practice, rung.ID, by, func(r *handrail.Referral) error {
		at := w.clock.Now().AddDate(0, 0, -1)
		r.ContactedAt = &at
		return nil
	})
	w.ok(err)
	// One who joined and chose nothing; one who missed the last visit, and two who didn't.
	w.refer("Ida", "Canarysurname", handrail.ReferralAccepted, 8, true, worker)
	goes := func(name string, states ...handrail.AttendanceState) {
		p, r := w.refer(name, "Canarysurname", handrail.ReferralActive, 20, true, worker)
		e, err := w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: p.ID, Referral: r.ID, Activity: group}, by)
		w.ok(err)
		for i, s := range states {
			a := w.visit(e, fmt.Sprintf("2026-11-%02dT14:00", 10+i), 60, w.clock.Now())
			w.change(a.ID, func(a *handrail.Attendance) error { a.State = s; return nil })
		}
	}
	goes("Mo", handrail.AttendanceCame, handrail.AttendanceMissed)
	goes("Canaryname", handrail.AttendanceMissed, handrail.AttendanceCame)
	goes("Canaryname", handrail.AttendanceMissed, handrail.AttendancePlanned)
	// One who wants company; of another the visit has begun, so that nobody is needed any more.
	for name, local := range map[string]string{"Bea": "2026-11-24T08:30", "Canaryname": "2026-11-24T08:00"} {
		p, r := w.refer(name, "Canarysurname", handrail.ReferralActive, 20, true, worker)
		e, err := w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: p.ID, Referral: r.ID, Activity: group}, by)
		w.ok(err)
		a := w.visit(e, local, 60, w.clock.Now())
		_, err = w.AddAccompaniment(w.ctx, handrail.Accompaniment{Practice: practice, Patient: a.Patient, Attendance: a.ID}, by)
		w.ok(err)
	}
	for _, name := range []string{"Joan", "Amir"} {
		_, err := w.AddBuddy(w.ctx, handrail.Buddy{Practice: practice, Name: name, State: handrail.BuddyApplied, Address: chat("new " + name)}, by)
		w.ok(err)
	}
	_, _, err = w.RaiseAlert(w.ctx, practice, "", "general", "patient:stranger")
	w.ok(err)

	m := w.list()
	words := m.Text.Plain()
	for _, want := range []string{
		"1 urgent, not settled", "2 to accept: C.C. (R-", "1 not in the chat after a week: U.C. (" + late.Ref + ")", "1 waiting for a buddy: B.C. (R-",
		"1 missed their last visit: M.C. (R-", "1 joined but chose nothing yet: I.C. (R-", "2 new buddy to clear: ",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is missing in\n%s", want, words)
		}
	}
	if !m.Private || len(m.Cards) != 6 || len(m.Options) != 1 || m.Options[0].Press.Dialog != "cases" {
		t.Errorf("private %v, %d cards, want at most 6, and the way to all of them: %+v", m.Private, len(m.Cards), m.Options)
	}
	if len(m.Cards) > 0 && m.Cards[0].Options[0].Press.Dialog != "alert" {
		t.Errorf("the first card is %+v: the urgent one goes first", m.Cards[0])
	}
	all := words
	for _, o := range m.Choices() {
		all += o.Label
	}
	for _, c := range m.Cards {
		all += c.Text.Plain()
	}
	if strings.Contains(all, "anaryname") || strings.Contains(all, "anarysurname") {
		t.Errorf("a name is in it:\n%s", all)
	}
	// The morning's is the same with a greeting.
	got := w.due("digest", w.clock.Now(), w.clock.Now(), w.clock.Now())
	if len(got) != 1 || got[0].To != chat("maya") || got[0].Class != bot.ClassDigest || got[0].Key != "digest:sta_maya:2026-11-24" ||
		!strings.Contains(got[0].Message.Text.Plain(), "Good morning, Maya.") || !strings.Contains(got[0].Message.Text.Plain(), "2 to accept") {
		t.Errorf("%+v", got)
	}
}

// A quiet morning is told by silence; who asks is answered all the same.
func TestDigest_Silence(t *testing.T) {
	w := newWorld(t, "2026-11-20 09:00") // a Friday
	p, out := w.planner()
	w.step(p)
	w.refer("Frank", "Okafor", handrail.ReferralAccepted, 0, false, worker)
	w.run(p, when(t, "2026-11-25 12:00"))
	if len(out.posted) != 0 {
		t.Errorf("on quiet mornings it said %+v", out.posted)
	}
	if words := w.list().Text.Plain(); words != "Nothing needs you now." {
		t.Errorf("she was told %q", words)
	}
	w.run(p, when(t, "2026-12-01 12:00")) // by now he has not joined for more than a week
	if got := keys(out.posted, "digest:"); !slices.Equal(got, []string{"digest:sta_maya:2026-11-30", "digest:sta_maya:2026-12-01"}) {
		t.Errorf("%v: Friday the 27th is a week to the hour before, the 28th a Saturday", got)
	}
}

// However many patients there are, the list takes as many statements.
func TestDigest_StatementsDoNotGrow(t *testing.T) {
	w := newWorld(t, "2026-11-24 08:00")
	add := func(n int) {
		for i := range n {
			w.refer("A", "B", handrail.ReferralSent, 0, false, "")
			w.refer("A", "B", handrail.ReferralAccepted, 9, true, worker)
			a := w.planned("2026-11-23T14:00", 60)
			_, err := w.AddAccompaniment(w.ctx, handrail.Accompaniment{Practice: practice, Patient: a.Patient, Attendance: a.ID}, by)
			w.ok(err)
			_, err = w.AddBuddy(w.ctx, handrail.Buddy{Practice: practice, Name: "Joan", State: handrail.BuddyApplied, Address: chat(fmt.Sprint("b", w.n, i))}, by)
			w.ok(err)
		}
	}
	cost := func() int64 {
		before := w.Statements()
		if m := w.list(); len(m.Options) == 0 {
			t.Fatal("nothing on the list")
		}
		return w.Statements() - before
	}
	add(2)
	few := cost()
	add(40)
	if many := cost(); many != few {
		t.Errorf("%d statements for 6 patients, %d for 126", few, many)
	}
}

// What Peek foretells is what the next steps put, if the facts stay as they are: the first of all, at its time.
func TestPlanner_PeekForetells(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		day := rapid.SampledFrom([]string{"2026-11-23", "2026-11-20", "2027-03-26", "2027-10-29"}).Draw(rt, "day")
		w := newWorld(t, day+" 07:00")
		p, out := w.planner()
		w.step(p)
		monday := w.clock.Now()
		for range rapid.IntRange(0, 4).Draw(rt, "visits") {
			at := monday.Add(time.Duration(rapid.IntRange(2*12, 6*24*12).Draw(rt, "in five minutes")) * 5 * time.Minute).In(w.london)
			a := w.planned(at.Format(handrail.LocalLayout), 60)
			switch rapid.IntRange(0, 3).Draw(rt, "what became of it") {
			case 0:
				w.missed(a.ID)
			case 1:
				w.came(a.ID)
				w.ok(w.AddFeedback(w.ctx, handrail.Feedback{Practice: practice, Patient: a.Patient, Attendance: a.ID, Verdict: handrail.VerdictGood}, by))
			}
		}
		for range rapid.IntRange(0, 2).Draw(rt, "referrals") {
			w.refer("A", "B", handrail.ReferralAccepted, rapid.IntRange(0, 9).Draw(rt, "days ago"), rapid.Bool().Draw(rt, "joined"), worker)
		}
		if rapid.Bool().Draw(rt, "resting") {
			x, _, _ := w.patient()
			w.ok(w.Pause(w.ctx, practice, x.ID, monday.Add(time.Duration(rapid.IntRange(1, 100).Draw(rt, "hours"))*time.Hour), by))
		}
		w.run(p, monday.Add(time.Duration(rapid.IntRange(0, 14*12).Draw(rt, "moved on"))*5*time.Minute))
		now, put := w.clock.Now(), len(keys(out.posted, ""))
		limit := now.Add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "limit"))*time.Hour + 90*time.Second)
		statements := w.Statements()
		said, ok, err := p.Peek(w.ctx, limit)
		w.ok(err)
		if len(keys(out.posted, "")) != put || w.Statements()-statements > 400 {
			rt.Fatalf("peeking put something, or took %d statements", w.Statements()-statements)
		}
		before := keys(out.posted, "")
		w.run(p, limit)
		// The first of those that these steps put, or that had been put ahead of their time before. Only the first envelope
		// of a key counts: a later one changes nothing.
		var first bot.Envelope
		seen := map[string]bool{}
		for _, e := range out.posted {
			if !seen[e.Key] && e.NotBefore.After(now) && !e.NotBefore.After(limit) && (first.Key == "" || e.NotBefore.Before(first.NotBefore)) {
				first = e
			}
			seen[e.Key] = true
		}
		// The note to the GP can be foretold once more on the day after it went: a second put does nothing.
		if ok && said.Job == "gpnote" && slices.Contains(before, said.Key) {
			return
		}
		if ok != (first.Key != "") || ok && !said.NotBefore.Equal(first.NotBefore) {
			rt.Fatalf("at %s, up to %s: Peek says %v %s at %s, and then came %s at %s", w.wall(now), w.wall(limit), ok, said.Key, w.wall(said.NotBefore), first.Key, w.wall(first.NotBefore))
		}
	})
}

// While somebody is away whoever covers gets their patients on the list and they get none; it comes back by itself. What
// somebody who has left had in hand is everybody's.
func TestDigest_Cover(t *testing.T) {
	w := newWorld(t, "2026-11-24 08:00") // a Tuesday
	ola := handrail.Staff{ID: "sta_ola", Practice: practice, Name: "Ola", Roles: []handrail.Role{handrail.RoleLinkWorker}, Address: chat("ola"), Active: true}
	gone := handrail.Staff{ID: "sta_gone", Practice: practice, Name: "Gil", Roles: []handrail.Role{handrail.RoleLinkWorker}, Active: false}
	w.ok(w.SaveStaff(w.ctx, ola, by))
	w.ok(w.SaveStaff(w.ctx, gone, by))
	w.refer("Una", "Hart", handrail.ReferralAccepted, 9, false, worker)
	w.refer("Gus", "Lee", handrail.ReferralAccepted, 9, false, gone.ID)
	w.ok(w.AddLeave(w.ctx, handrail.Leave{Practice: practice, Staff: worker, Cover: ola.ID, From: "2026-11-24", To: "2026-11-25"}, by))
	morning := func(day string) map[handrail.Address]string {
		w.clock.Set(when(t, day+" 08:00"))
		out := map[handrail.Address]string{}
		for _, e := range w.due("digest", w.clock.Now(), w.clock.Now(), w.clock.Now()) {
			out[e.To] = e.Message.Text.Plain()
		}
		return out
	}
	for _, day := range []string{"2026-11-24", "2026-11-25"} {
		got := morning(day)
		if len(got) != 1 || !strings.Contains(got[chat("ola")], "U.H.") || !strings.Contains(got[chat("ola")], "G.L.") {
			t.Errorf("%s, while she is away: %v", day, got)
		}
	}
	got := morning("2026-11-26")
	if len(got) != 2 || !strings.Contains(got[chat("maya")], "U.H.") || strings.Contains(got[chat("ola")], "U.H.") || !strings.Contains(got[chat("ola")], "G.L.") {
		t.Errorf("when she is back: %v", got)
	}
}

// On a Monday the week's picture comes as a post of its own, where there is something to see, with what it shows in words.
func TestDigest_G15_WeeksPicture(t *testing.T) {
	w := newWorld(t, "2026-11-23 08:00") // a Monday
	w.refer("Una", "Hart", handrail.ReferralAccepted, 9, false, worker)
	p, r := w.refer("Mo", "Ash", handrail.ReferralActive, 40, true, worker)
	e, err := w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: p.ID, Referral: r.ID, Activity: group}, by)
	w.ok(err)
	pictures := func() []bot.File {
		for _, e := range w.due("digest", w.clock.Now(), w.clock.Now(), w.clock.Now()) {
			if strings.HasPrefix(e.Key, "weeks:") {
				return e.Message.Files
			}
		}
		return nil
	}
	for i, s := range []handrail.AttendanceState{handrail.AttendanceCame, handrail.AttendanceMissed, handrail.AttendanceCame, handrail.AttendanceCame} {
		a := w.visit(e, fmt.Sprintf("2026-11-%02dT14:00", 3+i), 60, w.clock.Now().AddDate(0, 0, -30))
		w.change(a.ID, func(a *handrail.Attendance) error { a.State = s; return nil })
	}
	if got := pictures(); got != nil {
		t.Errorf("four visits are drawn: %v (fewer than %d point at somebody)", got[0].Alt, handrail.FewestShown)
	}
	a := w.visit(e, "2026-11-10T14:00", 60, w.clock.Now().AddDate(0, 0, -30))
	w.change(a.ID, func(a *handrail.Attendance) error { a.State = handrail.AttendanceCame; return nil })
	if got := pictures(); len(got) != 1 || got[0].Alt != "Visits by week. Week of 2 November: 3 went, 1 missed. Week of 9 November: 1 went, 0 missed." {
		t.Errorf("%+v", got)
	}
	w.clock.Set(when(t, "2026-11-24 08:00"))
	if got := pictures(); got != nil {
		t.Error("there is one on a Tuesday")
	}
}

// 200 link workers of 250 patients each: within a minute, and in as many statements as patients ask for, not as link
// workers and patients (L5).
func TestDigest_L5_Statements(t *testing.T) {
	workers, each := 20, 50
	if !testing.Short() {
		workers, each = 60, 100
	}
	w := newWorld(t, "2026-11-24 08:00")
	cost := func() (statements int64, took time.Duration, digests int) {
		before, start := w.Statements(), time.Now()
		digests = len(w.due("digest", w.clock.Now(), w.clock.Now(), w.clock.Now()))
		return w.Statements() - before, time.Since(start), digests
	}
	add := func(from, to int) {
		w.ok(w.InTx(w.ctx, func(ctx context.Context) error {
			for i := from; i < to; i++ {
				id := handrail.StaffID(fmt.Sprint("sta_w", i))
				err := w.SaveStaff(ctx, handrail.Staff{ID: id, Practice: practice, Name: "W", Roles: []handrail.Role{handrail.RoleLinkWorker}, Address: chat(string(id)), Active: true}, by)
				for range each {
					p, err2 := w.AddPatient(ctx, handrail.Patient{Practice: practice, Name: "A", Surname: "B", BirthYear: 1950, Language: "en"}, by)
					_, err3 := w.AddReferral(ctx, handrail.Referral{Practice: practice, Patient: p.ID, By: gp, LinkWorker: id, State: handrail.ReferralAccepted, OfferedAt: w.clock.Now().AddDate(0, 0, -9)}, by)
					if err := errors.Join(err, err2, err3); err != nil {
						return err
					}
				}
			}
			return nil
		}))
	}
	add(0, workers/2)
	few, _, _ := cost()
	add(workers/2, workers)
	many, took, digests := cost()
	if digests != workers {
		t.Fatalf("%d digests for %d link workers", digests, workers)
	}
	// The ids are read 512 at a time: twice the patients are at most twice the statements, and far fewer than patients.
	if many > 2*few+8 || many > int64(workers*each/20) {
		t.Errorf("%d statements for half of them, %d for all", few, many)
	}
	t.Logf("%d link workers of %d patients: %s, %d statements", workers, each, took.Round(time.Millisecond), many)
}
