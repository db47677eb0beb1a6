package reminders_test

import (
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
)

// oneDays are the reminders of a date with several, asked for just before a wall time.
func (w *world) oneDays(wall string) []bot.Envelope { return w.at("oneday", wall) }

// What is on today and tomorrow is one reminder, at the earlier of the two times by the wall clock, through both changes,
// and the jobs that remind of one thing leave it alone.
func TestOneDay_T2_Table(t *testing.T) {
	for _, c := range []struct{ one, two, want string }{
		{"2026-11-10T10:30", "2026-11-11T12:00", "2026-11-10 08:00"},
		{"2026-11-10T17:00", "2026-11-11T12:00", "2026-11-10 10:00"}, // the day before's time is the earlier
		{"2026-11-10T12:30", "2026-11-10T19:00", "2026-11-09 10:00"}, // both tomorrow
		{"2027-03-28T10:30", "2027-03-29T00:30", "2027-03-28 08:00"},
		{"2027-03-27T18:00", "2027-03-28T10:30", "2027-03-27 10:00"},
		{"2027-10-31T16:00", "2027-11-01T10:00", "2027-10-31 10:00"},
		{"2027-10-31T09:00", "2027-11-01T00:15", "2027-10-31 08:00"},
		{"2028-02-28T18:00", "2028-02-29T18:00", "2028-02-28 10:00"},
	} {
		w := newWorld(t, "2026-01-02 09:00")
		_, _, e := w.patient()
		one, two := w.visit(e, c.one, 60, w.clock.Now()), w.visit(e, c.two, 60, w.clock.Now())
		got := w.oneDays(c.want)
		if len(got) != 1 || w.wall(got[0].NotBefore) != c.want+":00" {
			t.Errorf("%s and %s: %+v, want one at %s", c.one, c.two, got, c.want)
			continue
		}
		if first := got[0].Message.Text.Plain()[:100]; strings.Contains(first, "Walk") || strings.Contains(first, "Loft") {
			t.Errorf("a locked phone shows %q", first)
		}
		day := handrail.DateOf(got[0].NotBefore, w.london).At(0, w.london)
		for _, job := range []string{"daybefore", "sameday"} {
			for _, e := range w.due(job, day, day.Add(23*time.Hour), day) {
				if handrail.DateOf(e.NotBefore, w.london) == handrail.DateOf(day, w.london) {
					t.Errorf("%s and %s: the job %s reminds of %s on the same date", c.one, c.two, job, e.Subject)
				}
			}
		}
		if why, err := w.job("oneday").Still(w.ctx, got[0]); why != "" || err != nil {
			t.Errorf("%q %v", why, err)
		}
		w.change(one.ID, func(a *handrail.Attendance) error { return a.Going(w.clock.Now()) })
		if why, err := w.job("oneday").Still(w.ctx, got[0]); why != "" || err != nil {
			t.Errorf("they said that they go, and it is held back: %q %v", why, err)
		}
		w.change(two.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })
		if why, err := w.job("oneday").Still(w.ctx, got[0]); why != "moved" || err != nil {
			t.Errorf("one of them is off: %q %v", why, err)
		}
	}
}

// What changed between putting and sending is not said: what is left is, once.
func TestOneDay_T5_ChangedAfterPutting(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *world, one, two handrail.Attendance)
		words  string // what the one reminder of the date says
	}{
		{"nothing", func(*world, handrail.Attendance, handrail.Attendance) {}, "2 things"},
		{"today's is off", func(w *world, one, _ handrail.Attendance) {
			w.change(one.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })
		}, "tomorrow (Wed) at 12 noon"},
		{"tomorrow's is off", func(w *world, _, two handrail.Attendance) {
			w.change(two.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })
		}, "today at 10.30am"},
		{"another company", func(w *world, one, _ handrail.Attendance) { w.company(one, "Amir") }, "Amir will meet you there"},
		{"a third is planned", func(w *world, one, _ handrail.Attendance) {
			e, err := w.Enrolment(w.ctx, practice, one.Enrolment)
			w.ok(err)
			w.visit(e, "2026-11-11T17:00", 60, w.clock.Now())
		}, "3 things"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-09 20:00")
			to := w.phones()
			pr := w.process(to)
			pr.live(w.clock.Now())
			p, _, e := w.patient()
			one, two := w.visit(e, "2026-11-10T10:30", 60, when(t, "2026-11-09 19:00")), w.visit(e, "2026-11-11T12:00", 60, when(t, "2026-11-09 19:00"))
			pr.live(when(t, "2026-11-10 07:50"))
			if all, err := w.OutboxCounts(w.ctx); err != nil || all.Queued != 1 {
				t.Fatalf("%+v waits, error %v", all, err)
			}
			c.change(w, one, two)
			pr.live(when(t, "2026-11-10 23:00"))
			var got []string
			for _, a := range to.got {
				if a.to == p.Address && isReminder(a.text) {
					got = append(got, a.text)
				}
			}
			if len(got) != 1 || !strings.Contains(got[0], c.words) {
				t.Errorf("they were reminded %d times: %q", len(got), got)
			}
		})
	}
}
