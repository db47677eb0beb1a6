package reminders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
)

// at asks a job just before a wall time, 14 minutes early, as the planner does.
func (w *world) at(job, wall string) []bot.Envelope {
	w.t.Helper()
	at := when(w.t, wall)
	return w.due(job, at.Add(-time.Hour), at.Add(time.Second), at.Add(-14*time.Minute))
}

// The news of an end comes 28 and 7 dates before the last day, at eleven by the wall clock, through both changes.
func TestEnding_T2_Table(t *testing.T) {
	for _, c := range []struct{ last, first, second string }{
		{"2026-12-15", "2026-11-17 11:00", "2026-12-08 11:00"},
		{"2027-04-04", "2027-03-07 11:00", "2027-03-28 11:00"}, // the second on the day of the change
		{"2027-04-25", "2027-03-28 11:00", "2027-04-18 11:00"},
		{"2027-11-07", "2027-10-10 11:00", "2027-10-31 11:00"},
		{"2027-11-28", "2027-10-31 11:00", "2027-11-21 11:00"},
		{"2028-03-28", "2028-02-29 11:00", "2028-03-21 11:00"},
		{"2029-01-05", "2028-12-08 11:00", "2028-12-29 11:00"},
	} {
		w := newWorld(t, "2026-01-02 09:00")
		w.ends(t, c.last)
		_, _, e := w.patient()
		for wall, words := range map[string]string{c.first: "comes to an end soon", c.second: "has its last day soon"} {
			got := about(w.at("ending", wall), string(e.ID))
			if len(got) != 1 || w.wall(got[0].NotBefore) != wall+":00" || !strings.Contains(got[0].Message.Text.Plain(), words) || len(got[0].Message.Options) != 4 {
				t.Errorf("last on %s: at %s came %+v", c.last, wall, got)
				continue
			}
			if first := got[0].Message.Text.Plain()[:100]; strings.Contains(first, "Walk") || strings.Contains(first, "Loft") {
				t.Errorf("a locked phone shows %q", first)
			}
			if why, err := w.job("ending").Still(w.ctx, got[0]); why != "" || err != nil {
				t.Errorf("it is held back: %q %v", why, err)
			}
		}
	}
}

// Who chose later is not told of weeks that were gone; who has something lined up is told once; and what was put is looked
// at again.
func TestEnding_T5(t *testing.T) {
	w := newWorld(t, "2026-11-01 09:00")
	w.ends(t, "2026-12-15")
	_, _, early := w.patient()
	p, r, settled := w.patient()
	_, _, resting := w.patient()
	_, err := w.ChangeEnrolment(w.ctx, practice, resting.ID, by, func(e *handrail.Enrolment) error { return e.Pause() })
	w.ok(err)
	_, err = w.ReplaceActivities(w.ctx, "other", []handrail.Activity{{ID: "act_sing", Source: "other", Name: "Songbirds"}}, by)
	w.ok(err)
	w.clock.Set(when(t, "2026-11-20 09:00"))
	_, _, late := w.patient()
	if got := w.at("ending", "2026-11-17 11:00"); len(about(got, string(late.ID))) != 0 || len(about(got, string(resting.ID))) != 0 || len(got) != 2 {
		t.Errorf("%d are told four weeks before, want the two who go", len(got))
	}
	_, err = w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: p.ID, Referral: r.ID, Activity: "act_sing"}, by)
	w.ok(err)
	last := w.at("ending", "2026-12-08 11:00")
	if len(about(last, string(settled.ID))) != 0 || len(about(last, string(late.ID))) != 1 || len(about(last, string(early.ID))) != 1 {
		t.Errorf("a week before: %+v", last)
	}
	still := func(e bot.Envelope, want string) {
		t.Helper()
		if got, err := w.job("ending").Still(w.ctx, e); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", e.Key, got, err, want)
		}
	}
	one := about(last, string(early.ID))[0]
	still(one, "")
	lined := one
	lined.Patient, lined.Subject = p.ID, string(settled.ID)
	still(lined, "answered")
	w.ends(t, "2027-06-30")
	still(one, "moved")
	w.ends(t, "2026-12-15")
	still(one, "")
	_, err = w.ChangeEnrolment(w.ctx, practice, early.ID, by, func(e *handrail.Enrolment) error { return e.End("stopped", w.clock.Now()) })
	w.ok(err)
	still(one, "answered")
	one.Subject = "enr_none"
	still(one, "gone")
}

// A course of so many meetings ends after the last of them, counted from somebody's own first one, and later where a
// meeting in between is called off.
func TestEnding_Course(t *testing.T) {
	w := newWorld(t, "2027-02-01 09:00")
	weekly := handrail.Recurrence{Day: time.Tuesday, Start: handrail.At(14, 0), End: handrail.At(15, 0)}
	course := func(cancelled ...handrail.Date) {
		_, _, err := w.EditActivity(w.ctx, group, by, w.clock.Now(), func(a *handrail.Activity) error {
			a.Times = []handrail.Recurrence{weekly}
			a.Facts = []handrail.Fact{{Kind: handrail.FactSessions, Value: "8", On: "2027-01-01"}}
			return nil
		})
		w.ok(err)
		_, err = w.ChangeStanding(w.ctx, group, by, func(s *handrail.Standing) error {
			for _, d := range cancelled {
				s.CallOff(d, "", w.clock.Now())
			}
			return nil
		})
		w.ok(err)
	}
	course()
	_, _, e := w.patient()
	off := w.visit(e, "2027-02-02T14:00", 60, w.clock.Now()) // called off: the course begins a week later
	w.change(off.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })
	w.visit(e, "2027-02-09T14:00", 60, w.clock.Now())
	// The eighth Tuesday from 9 February is 30 March, after the clocks went forward.
	if got := about(w.at("ending", "2027-03-02 11:00"), string(e.ID)); len(got) != 1 || !strings.Contains(got[0].Message.Text.Plain(), "Tuesday 30 March") {
		t.Errorf("%+v", got)
	}
	course("2027-02-23")
	if got := about(w.at("ending", "2027-03-02 11:00"), string(e.ID)); len(got) != 0 {
		t.Errorf("one meeting was called off, and it still ends on 30 March: %+v", got)
	}
	if got := about(w.at("ending", "2027-03-09 11:00"), string(e.ID)); len(got) != 1 || !strings.Contains(got[0].Message.Text.Plain(), "Tuesday 6 April") {
		t.Errorf("%+v", got)
	}
}

// The morning after the last day it is over: nothing is reminded of, whoever would have gone along is told, and where
// nothing is lined up the link worker is.
func TestEnded(t *testing.T) {
	w := newWorld(t, "2026-12-10 09:00")
	to := w.phones()
	pr := w.process(to)
	pr.live(w.clock.Now())
	w.ends(t, "2026-12-15")
	_, err := w.ReplaceActivities(w.ctx, "other", []handrail.Activity{{ID: "act_sing", Source: "other", Name: "Songbirds"}}, by)
	w.ok(err)
	w.ok(w.SaveStaff(w.ctx, handrail.Staff{ID: "sta_other", Practice: practice, Name: "Olu", Active: true, Roles: []handrail.Role{handrail.RoleLinkWorker}, Address: chat("olu")}, by))
	p, r, e := w.patient()
	_, err = w.ChangeReferral(w.ctx, practice, r.ID, by, func(r *handrail.Referral) error { r.LinkWorker = worker; return nil })
	w.ok(err)
	last := w.visit(e, "2026-12-15T14:00", 60, w.clock.Now())
	after := w.visit(e, "2026-12-18T14:00", 60, w.clock.Now())
	company, joan := w.company(after, "Joan")
	q, s, f := w.patient()
	_, err = w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: q.ID, Referral: s.ID, Activity: "act_sing"}, by)
	w.ok(err)
	pr.live(when(t, "2026-12-15 20:00"))
	if all, err := w.Enrolments(w.ctx, practice, p.ID); err != nil || all[0].State == handrail.EnrolmentEnded {
		t.Errorf("it is over before its last day is: %+v %v", all, err)
	}
	pr.live(when(t, "2026-12-18 20:00"))
	for _, id := range []handrail.EnrolmentID{e.ID, f.ID} {
		x, err := w.Enrolment(w.ctx, practice, id)
		if err != nil || x.State != handrail.EnrolmentEnded || x.EndReason != "finished" || w.wall(*x.EndedAt) != "2026-12-16 09:30:00" {
			t.Errorf("%+v %v", x, err)
		}
	}
	if v, err := w.Visit(w.ctx, practice, after.ID); err != nil || v.Attendance.State != handrail.AttendanceCancelled || v.Accompaniment != nil && v.Accompaniment.State.Open() {
		t.Errorf("%+v %v", v, err)
	}
	if v, err := w.Visit(w.ctx, practice, last.ID); err != nil || v.Attendance.State == handrail.AttendanceCancelled {
		t.Errorf("the last one was called off: %+v %v", v.Attendance, err)
	}
	if n, _ := to.count(joan.Address, "Not this time"); n != 1 {
		t.Errorf("the buddy was told %d times", n)
	}
	if a, err := w.Accompaniment(w.ctx, practice, company.ID); err != nil || a.State != handrail.AccompanimentCancelled {
		t.Errorf("%+v %v", a, err)
	}
	if n, _ := to.count(p.Address, "Riverside Walk"); n != 2 { // the day before the last one, and on its day
		t.Errorf("they were reminded %d times", n)
	}
	n, at := to.count(chat("maya"), "nothing is lined up")
	if n != 1 || w.wall(at) != "2026-12-16 09:30:00" {
		t.Errorf("the link worker was told %d times, at %s: want once, of the one with nothing lined up", n, w.wall(at))
	}
	if n, _ := to.count(chat("olu"), "nothing is lined up"); n != 0 {
		t.Error("another link worker was told as well")
	}
	for _, a := range to.got {
		if strings.Contains(a.text, "nothing is lined up") && (strings.Contains(a.text, "Frank") || strings.Contains(a.text, "Okafor")) {
			t.Errorf("it names them: %q", a.text)
		}
	}
	// Asking again ends nothing twice.
	if got := w.at("ended", "2026-12-17 09:30"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// How are things: 14 and 42 dates after, at eleven by the wall clock; not of those who have been somewhere since.
func TestSince_T2_Table(t *testing.T) {
	for _, c := range []struct{ ended, two, six string }{
		{"2026-12-16 09:30", "2026-12-30 11:00", "2027-01-27 11:00"},
		{"2027-03-14 09:30", "2027-03-28 11:00", "2027-04-25 11:00"},
		{"2027-10-17 09:30", "2027-10-31 11:00", "2027-11-28 11:00"},
		{"2027-09-19 09:30", "2027-10-03 11:00", "2027-10-31 11:00"},
		{"2028-02-15 09:30", "2028-02-29 11:00", "2028-03-28 11:00"},
	} {
		w := newWorld(t, "2026-11-01 09:00")
		end := func(reason string) (handrail.Enrolment, handrail.Enrolment) {
			p, r, e := w.patient()
			other, err := w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: p.ID, Referral: r.ID, Activity: group}, by)
			w.ok(err)
			_, err = w.ChangeEnrolment(w.ctx, practice, e.ID, by, func(e *handrail.Enrolment) error { return e.End(reason, when(t, c.ended)) })
			w.ok(err)
			return e, other
		}
		e, other := end("finished")
		stopped, _ := end("stopped")
		for _, wall := range []string{c.two, c.six} {
			all := w.at("since", wall)
			got := about(all, string(e.ID))
			if len(got) != 1 || w.wall(got[0].NotBefore) != wall+":00" || !strings.Contains(got[0].Message.Text.Plain(), "How are things?") {
				t.Errorf("ended %s: at %s came %+v", c.ended, wall, got)
				continue
			}
			if len(about(all, string(stopped.ID))) != 0 {
				t.Error("somebody who stopped by themselves was asked")
			}
			if why, err := w.job("since").Still(w.ctx, got[0]); why != "" || err != nil {
				t.Errorf("%q %v", why, err)
			}
		}
		put := w.at("since", c.six)
		day := when(t, c.ended).AddDate(0, 0, 3)
		a := w.visit(other, day.Format("2006-01-02T15:04"), 60, w.clock.Now())
		w.came(a.ID)
		if got := w.at("since", c.six); len(got) != 0 {
			t.Errorf("they have been somewhere since, and are asked: %+v", got)
		}
		if why, err := w.job("since").Still(w.ctx, put[0]); why != "answered" || err != nil {
			t.Errorf("%q %v", why, err)
		}
	}
}

// How life is going: at two on the day after the first visit was confirmed, and three months after it was answered.
func TestSurvey_T2_Table(t *testing.T) {
	for _, c := range []struct{ came, first, answered, later string }{
		{"2026-11-10 12:40", "2026-11-11 14:00", "2026-11-12 10:00", "2027-02-12 14:00"},
		{"2026-11-30 23:50", "2026-12-01 14:00", "2026-12-28 20:00", "2027-03-28 14:00"}, // the day of the change
		{"2027-03-27 16:00", "2027-03-28 14:00", "2027-03-28 14:05", "2027-06-28 14:00"},
		{"2027-10-30 16:00", "2027-10-31 14:00", "2027-11-30 09:00", "2028-03-01 14:00"}, // there is no 30 February
		{"2027-07-30 16:00", "2027-07-31 14:00", "2027-07-31 14:10", "2027-10-31 14:00"},
	} {
		w := newWorld(t, "2026-11-01 09:00")
		p, _, e := w.patient()
		w.clock.Set(when(t, c.came))
		a := w.visit(e, "2026-11-09T10:00", 60, w.clock.Now())
		w.change(a.ID, func(a *handrail.Attendance) error { a.First = true; return a.Came(w.clock.Now()) })
		got := w.at("survey", c.first)
		if len(got) != 1 || w.wall(got[0].NotBefore) != c.first+":00" || got[0].Patient != p.ID || got[0].Subject != "start" || !strings.Contains(got[0].Message.Text.Plain(), "May I ask") {
			t.Errorf("came at %s: %+v, want one at %s", c.came, got, c.first)
			continue
		}
		w.clock.Set(when(t, c.answered))
		w.permit(p.ID, true)
		w.measure(p.ID, handrail.InstrumentONS4)
		if why, err := w.job("survey").Still(w.ctx, got[0]); why != "" || err != nil {
			t.Errorf("the second half is not asked any more: %q %v", why, err)
		}
		w.measure(p.ID, handrail.InstrumentLoneliness)
		if why, err := w.job("survey").Still(w.ctx, got[0]); why != "answered" || err != nil {
			t.Errorf("all is answered: %q %v", why, err)
		}
		later := w.at("survey", c.later)
		if len(later) != 1 || w.wall(later[0].NotBefore) != c.later+":00" || later[0].Subject != "later" {
			t.Errorf("answered at %s: %+v, want one at %s", c.answered, later, c.later)
			continue
		}
		w.permit(p.ID, false)
		if why, err := w.job("survey").Still(w.ctx, later[0]); why != "no_permission" || err != nil {
			t.Errorf("they took it back: %q %v", why, err)
		}
	}
}

func (w *world) permit(p handrail.PatientID, yes bool) {
	w.t.Helper()
	_, err := w.AnswerPermission(w.ctx, practice, p, handrail.PurposeMeasures, "measures/1", "May I?", yes, handrail.Actor("patient:"+p))
	w.ok(err)
}

func (w *world) measure(p handrail.PatientID, i handrail.Instrument) {
	w.t.Helper()
	_, err := w.AddMeasure(w.ctx, handrail.Measure{Practice: practice, Patient: p, Instrument: i, Version: "v", Round: handrail.RoundStart,
		Answers: []handrail.MeasureAnswer{{Item: "x", Code: 1}}, At: w.clock.Now()}, handrail.Actor("patient:"+p))
	w.ok(err)
}

// Those who are not asked: who is too young, who said no, who goes for the second time, and nobody where it is turned off.
func TestSurvey_G1_Who(t *testing.T) {
	w := newWorld(t, "2026-11-09 09:00")
	var want []string
	add := func(asked bool, year int, first bool) handrail.PatientID {
		p, _, e := w.patient()
		_, err := w.ChangePatient(w.ctx, practice, p.ID, by, "year", func(p *handrail.Patient) error { p.BirthYear = year; return nil })
		w.ok(err)
		a := w.visit(e, "2026-11-09T08:00", 60, w.clock.Now())
		w.change(a.ID, func(a *handrail.Attendance) error { a.First = first; return a.Came(w.clock.Now()) })
		if asked {
			want = append(want, "survey:"+string(p.ID)+":start")
		}
		return p.ID
	}
	add(true, 1950, true)
	add(false, 1950, false) // not the first time
	add(true, 0, true)      // nobody knows how old
	add(true, 2009, true)   // sixteen at least
	add(false, 2010, true)  // perhaps fifteen still
	add(false, 2014, true)
	w.permit(add(true, 1950, true), true)
	w.permit(add(false, 1950, true), false)
	slices.Sort(want)
	if got := keys(w.at("survey", "2026-11-10 14:00"), "survey:"); !slices.Equal(got, want) {
		t.Errorf("asked are %v, want %v", got, want)
	}
	w.deps.NoSurvey = true
	if got := w.at("survey", "2026-11-10 14:00"); len(got) != 0 {
		t.Errorf("turned off, and %d are asked", len(got))
	}
}
