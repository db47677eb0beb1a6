package reminders_test

import (
	"context"
	"testing"
	"time"

	"handrail"
)

// What a job has to tell a link worker goes to whoever covers for them while they are on leave, once, also when that one covers
// for two; before and after, to themselves. A cover who is away too passes it on.
func TestJobs_AlarmsFollowTheCover(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		second         bool // the cover is away as well
		want           string
	}{
		{"at work", "2026-12-03", "2026-12-04", false, "maya"},
		{"away", "2026-12-01", "2026-12-04", false, "ola"},
		{"both away", "2026-12-01", "2026-12-04", true, "gp"},
		{"back again", "2026-11-25", "2026-12-01", false, "maya"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-20 09:00")
			w.deps.PlanNext = func(context.Context, handrail.Visit, time.Time) error { return nil }
			w.ok(w.SaveStaff(w.ctx, handrail.Staff{ID: "sta_ola", Practice: practice, Name: "Ola", Active: true, Roles: []handrail.Role{handrail.RoleLinkWorker}, Address: chat("ola")}, by))
			w.ok(w.AddLeave(w.ctx, handrail.Leave{Practice: practice, Staff: worker, Cover: "sta_ola", From: handrail.Date(c.from), To: handrail.Date(c.to)}, by))
			if c.second {
				w.ok(w.AddLeave(w.ctx, handrail.Leave{Practice: practice, Staff: "sta_ola", Cover: gp, From: handrail.Date(c.from), To: handrail.Date(c.to)}, by))
			}
			p, r, e := w.patient()
			w.visit(e, "2026-11-23T14:00", 60, w.clock.Now())
			w.visit(e, "2026-11-30T14:00", 60, w.clock.Now())
			_, r2, e2 := w.patient() // nobody took this one on: everybody's
			_, err := w.ChangeReferral(w.ctx, practice, r2.ID, by, func(r *handrail.Referral) error { r.LinkWorker = ""; return nil })
			w.ok(err)
			w.visit(e2, "2026-11-23T14:00", 60, w.clock.Now())
			w.visit(e2, "2026-11-30T14:00", 60, w.clock.Now())
			to := w.phones()
			pr := w.process(to)
			pr.live(w.clock.Now())
			pr.live(when(t, "2026-12-02 12:00"))
			for _, who := range []string{"maya", "ola", "gp"} {
				want := 0
				if who == c.want {
					want++ // their own
				}
				switch { // and the one that is everybody's
				case c.want == "maya" && who != "gp", c.want == "ola" && who == "ola", c.want == "gp" && who == "gp":
					want++
				}
				if n, _ := to.count(chat(who), "twice in a row"); n != want {
					t.Errorf("%s heard of %s and %s %d times, want %d", who, p.ID, r.Ref, n, want)
				}
			}
		})
	}
}
