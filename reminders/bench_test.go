package reminders_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"handrail"
	"handrail/reminders"
)

// crowd fills the world with visits: 20,000, spread over 400 days on both sides of now.
func (w *world) crowd(n int) {
	w.t.Helper()
	base := w.clock.Now().AddDate(0, 0, -200)
	w.ok(w.InTx(w.ctx, func(ctx context.Context) error {
		old := w.ctx
		w.ctx = ctx
		defer func() { w.ctx = old }()
		for range n / 100 {
			_, _, e := w.patient()
			for i := range 100 {
				at := base.AddDate(0, 0, i*4).Add(time.Duration(w.n%600) * time.Minute).In(w.london)
				a := w.visit(e, at.Format(handrail.LocalLayout), 60, base)
				if at.Before(w.clock.Now()) {
					state := handrail.AttendanceCame
					if i%5 == 0 {
						state = handrail.AttendanceMissed
					}
					w.change(a.ID, func(a *handrail.Attendance) error {
						a.State, a.ChangedAt = state, a.Occurrence.End
						return nil
					})
				}
			}
		}
		return nil
	}))
}

// BenchmarkDue is one question of the planner to each job, with 20,000 visits of 200 patients in the records.
func BenchmarkDue(b *testing.B) {
	w := newWorld(b, "2026-11-24 10:00")
	w.crowd(20_000)
	now := w.clock.Now()
	for _, j := range reminders.All(w.deps) {
		b.Run(j.Name, func(b *testing.B) {
			found := 0
			for b.Loop() {
				envs, err := j.Due(w.ctx, reminders.Span{From: now.Add(-65 * time.Minute), To: now.Add(15 * time.Minute), Now: now, Tick: now})
				if err != nil {
					b.Fatal(err)
				}
				found = len(envs)
			}
			b.ReportMetric(float64(found), "envelopes")
		})
	}
}

// BenchmarkStep_NothingDue is a look of the planner between two ticks.
func BenchmarkStep_NothingDue(b *testing.B) {
	w := newWorld(b, "2026-11-24 10:00")
	w.crowd(20_000)
	p, _ := w.planner()
	w.step(p)
	for b.Loop() {
		if did, err := p.Step(w.ctx); did || err != nil {
			b.Fatal(did, err)
		}
	}
}

// BenchmarkStep_Tick is a tick of the jobs that look all day, where nothing falls due.
func BenchmarkStep_Tick(b *testing.B) {
	w := newWorld(b, "2026-11-24 07:00")
	p, _ := w.planner(reminders.All(w.deps)...)
	w.step(p)
	for b.Loop() {
		next, ok := p.Next(w.clock.Now())
		if !ok {
			b.Fatal("no tick")
		}
		w.clock.Set(next)
		if _, err := p.Step(w.ctx); err != nil {
			b.Fatal(fmt.Errorf("step: %w", err))
		}
	}
}

// BenchmarkPeek is what the demo's page asks after each turn: what comes next within three weeks.
func BenchmarkPeek(b *testing.B) {
	w := newWorld(b, "2026-11-24 10:00")
	w.crowd(20_000)
	p, _ := w.planner()
	w.step(p)
	for b.Loop() {
		if _, _, err := p.Peek(w.ctx, w.clock.Now().AddDate(0, 0, 21)); err != nil {
			b.Fatal(err)
		}
	}
}
