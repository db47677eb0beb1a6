package reminders_test

import (
	"context"
	"testing"
	"time"

	"handrail"
)

// Who says nothing of a visit is still put down for the next; after two in a row it ends, and the link worker hears of it.
func TestOnward(t *testing.T) {
	w := newWorld(t, "2026-11-20 09:00")
	planned := map[handrail.PatientID]int{}
	w.deps.PlanNext = func(ctx context.Context, v handrail.Visit, now time.Time) error {
		planned[v.Patient.ID]++
		o := v.Attendance.Occurrence
		o.Start, o.End = o.Start.AddDate(0, 0, 7), o.End.AddDate(0, 0, 7) // no clocks change
		o.Local = o.Start.In(w.london).Format(handrail.LocalLayout)
		_, err := w.AddAttendance(ctx, handrail.Attendance{Practice: practice, Patient: v.Patient.ID, Enrolment: v.Enrolment.ID, Occurrence: o, PlannedAt: now}, by)
		return err
	}
	to := w.phones()
	pr := w.process(to)
	pr.live(w.clock.Now())
	visits := map[string]handrail.Attendance{}
	for _, who := range []string{"silent", "said", "stopped", "left it", "cancelled", "silent, then not"} {
		p, _, e := w.patient()
		a := w.visit(e, "2026-11-23T14:00", 60, w.clock.Now())
		visits[who] = a
		switch who {
		case "stopped":
			w.ok(w.Stop(w.ctx, practice, p.ID, by))
		case "left it":
			_, err := w.ChangeEnrolment(w.ctx, practice, e.ID, by, func(e *handrail.Enrolment) error { return e.End("stopped", w.clock.Now()) })
			w.ok(err)
		case "cancelled":
			w.change(a.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })
		}
	}
	pr.live(when(t, "2026-11-23 16:00"))
	w.came(visits["said"].ID)
	pr.live(when(t, "2026-11-24 20:00"))
	if len(planned) != 0 {
		t.Errorf("a day had not passed, and %v were planned", planned)
	}
	pr.live(when(t, "2026-11-25 12:00"))
	for who, a := range visits {
		want := 0
		if who == "silent" || who == "silent, then not" {
			want = 1
		}
		if planned[a.Patient] != want {
			t.Errorf("%s: %d were planned, want %d", who, planned[a.Patient], want)
		}
	}
	// The one in between says how the second was: the third silence is the first in a row again.
	pr.live(when(t, "2026-11-30 16:00"))
	second, err := w.VisitsOf(w.ctx, practice, visits["silent, then not"].Patient)
	w.ok(err)
	w.came(second[1].Attendance.ID)
	pr.live(when(t, "2026-12-10 12:00"))
	if n := planned[visits["silent"].Patient]; n != 1 {
		t.Errorf("silent twice, and %d were planned", n)
	}
	if n, at := to.count(chat("maya"), "twice in a row"); n != 1 || w.wall(at) != "2026-12-02 09:15:00" {
		t.Errorf("the link worker heard of it %d times, at %s", n, w.wall(at))
	}
	for who, a := range visits {
		v, err := w.Visit(w.ctx, practice, a.ID)
		if done := who == "silent" || who == "silent, then not"; err != nil || v.Attendance.NextDone != done {
			t.Errorf("%s: settled is %v, error %v", who, v.Attendance.NextDone, err)
		}
	}
}

// After a standstill of any length, over a change of the clocks too, it is made up for, once.
func TestOnward_T4_Standstill(t *testing.T) {
	for _, days := range []int{1, 3, 10} {
		w := newWorld(t, "2027-03-26 09:00")
		n := 0
		w.deps.PlanNext = func(context.Context, handrail.Visit, time.Time) error { n++; return nil }
		to := w.phones()
		w.process(to).live(w.clock.Now())
		w.planned("2027-03-26T14:00", 60) // the clocks go forward two nights later
		w.clock.Set(when(t, "2027-03-26 20:00").AddDate(0, 0, days))
		back := w.process(to)
		back.live(w.clock.Now().Add(48 * time.Hour))
		if n != 1 {
			t.Errorf("after %d days: planned %d times, want once", days, n)
		}
	}
}
