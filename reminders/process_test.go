package reminders_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/outbox"
	"handrail/reminders"
)

// phones are where messages arrive, with the time at which they did.
type phones struct {
	*bottest.Fake
	clock *bottest.Clock
	got   []arrival
}

type arrival struct {
	at   time.Time
	to   handrail.Address
	text string
}

func (p *phones) Send(ctx context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	ref, err := p.Fake.Send(ctx, to, m)
	if err == nil {
		p.got = append(p.got, arrival{p.clock.Now(), to, m.Text.Plain()})
	}
	return ref, err
}

func (w *world) phones() *phones {
	return &phones{Fake: bottest.NewFake(w.t, "web", bottest.Roomy()), clock: w.clock}
}

// process is a planner and a sender, as a process that was just started has them.
type process struct {
	w       *world
	planner *reminders.Planner
	sender  *outbox.Sender
}

func (w *world) process(to *phones) *process {
	w.t.Helper()
	planner, _ := w.planner()
	sender, err := outbox.New(outbox.Options{Store: w.Records, Channels: map[string]bot.Channel{"web": to}, Words: w.deps.Words, Facts: planner, Clock: w.clock})
	w.ok(err)
	return &process{w, planner, sender}
}

// live plans and sends until then, event by event.
func (p *process) live(until time.Time) {
	w := p.w
	w.t.Helper()
	for {
		w.step(p.planner)
		for {
			did, err := p.sender.Step(w.ctx)
			w.ok(err)
			if did == 0 {
				break
			}
		}
		now := w.clock.Now()
		next, ok := p.planner.Next(now)
		due, waiting, err := p.sender.Next(w.ctx)
		w.ok(err)
		if waiting && due.After(now) && (!ok || due.Before(next)) {
			next = due
		}
		if next.After(until) {
			w.clock.Set(until)
			return
		}
		w.clock.Set(next)
	}
}

// count is how many messages with these words arrived at the chat.
func (p *phones) count(to handrail.Address, words string) (n int, last time.Time) {
	for _, a := range p.got {
		if a.to == to && strings.Contains(a.text, words) {
			n, last = n+1, a.at
		}
	}
	return n, last
}

// A process that stood still for a while says what may still be said, nothing that is too late, and one list.
func TestPlanner_T4_MissedTicks(t *testing.T) {
	for _, down := range []time.Duration{time.Minute, time.Hour, 5 * time.Hour, 24 * time.Hour, 10 * 24 * time.Hour} {
		t.Run(down.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "2026-11-23 07:00")
			to := w.phones()
			type planned struct {
				handrail.Attendance
				chat handrail.Address
			}
			var visits []planned
			for day := range 14 {
				p, _, e := w.patient()
				local := fmt.Sprintf("%s14:00", time.Date(2026, 11, 23+day, 0, 0, 0, 0, time.UTC).Format("2006-01-02T"))
				visits = append(visits, planned{w.visit(e, local, 60, w.clock.Now()), p.Address})
			}
			_, _, err := w.RaiseAlert(w.ctx, practice, "", "general", handrail.ActorSystem) // so that no morning is quiet
			w.ok(err)
			w.process(to).live(when(t, "2026-11-24 09:40"))
			gone := w.clock.Now()
			back := gone.Add(down)
			w.clock.Set(back)
			before := len(to.got)
			again := w.process(to)
			again.live(back)
			lists := 0
			for _, a := range to.got[before:] {
				if a.to == chat("maya") && strings.Contains(a.text, "This needs a person") { // its cards are messages here
					lists++
				}
			}
			if missed := down > 20*time.Hour; lists > 1 || missed && lists != 1 {
				t.Errorf("%d lists at once after %s", lists, down)
			}
			end := back.AddDate(0, 0, 5)
			again.live(end)

			// A moment within the standstill is made up for at its end, where that is not too late.
			late := func(at time.Time) time.Time {
				if at.After(gone) && at.Before(back) {
					return back
				}
				return at
			}
			check := func(v planned, what, words string, at, until time.Time) int {
				want, from := 0, late(at)
				if at.After(when(t, "2026-11-23 07:00")) && from.Before(until) && !from.After(end) {
					want = 1
				}
				n, last := to.count(v.chat, words)
				if n != want {
					t.Errorf("%s: %s came %d times, want %d", v.Occurrence.Local, what, n, want)
				}
				if n > 0 && (!last.Equal(from) || !last.Before(until)) {
					t.Errorf("%s: %s came at %s, want %s", v.Occurrence.Local, what, w.wall(last), w.wall(from))
				}
				return n
			}
			for _, v := range visits {
				start := v.Occurrence.Start
				said := check(v, "the day before", "tomorrow", start.Add(-28*time.Hour), start.Add(-14*time.Hour))
				said += check(v, "the day itself", "just to say: today", start.Add(-3*time.Hour), start)
				check(v, "how it was", "how was it", start.Add(90*time.Minute), start.Add(90*time.Minute+24*time.Hour))
				if stood := start.After(gone) && start.Before(back); said == 0 && !stood && start.Before(end) {
					t.Errorf("%s: nobody reminded them", v.Occurrence.Local)
				}
			}
			days := map[string]int{}
			for _, a := range to.got {
				if a.to == chat("maya") && strings.Contains(a.text, "This needs a person") { // its cards are messages here
					days[a.at.Format("2006-01-02")]++
				}
			}
			for day, n := range days {
				if n != 1 {
					t.Errorf("%d lists on %s", n, day)
				}
			}
		})
	}
}

// What was missed by day isn't made up for at night: a question waits for the morning, a reminder for the word on the
// day, and "tomorrow" is never read on the day itself.
func TestPlanner_T7_BackAtNight(t *testing.T) {
	for _, back := range []string{"2026-11-24 20:00", "2026-11-24 22:10", "2026-11-25 03:00", "2026-11-25 08:59"} {
		t.Run(back, func(t *testing.T) {
			w := newWorld(t, "2026-11-24 09:00")
			to := w.phones()
			w.process(to).live(w.clock.Now())
			asked, _, e := w.patient()
			w.visit(e, "2026-11-24T14:00", 60, w.clock.Now())
			reminded, _, e := w.patient()
			a := w.visit(e, "2026-11-25T14:00", 60, w.clock.Now())
			_, buddy := w.company(a, "Joan")
			w.clock.Set(when(t, back))
			p := w.process(to)
			p.live(when(t, "2026-11-25 09:29"))
			if len(to.got) != 0 {
				t.Errorf("in the night came %+v", to.got)
			}
			p.live(when(t, "2026-11-25 13:00"))
			if n, at := to.count(asked.Address, "how was it on Tuesday"); n != 1 || w.wall(at) != "2026-11-25 09:30:00" {
				t.Errorf("asked %d times, at %s", n, w.wall(at))
			}
			if n, _ := to.count(reminded.Address, "tomorrow"); n != 0 {
				t.Errorf("told of tomorrow on the day itself: %+v", to.got)
			}
			if n, at := to.count(reminded.Address, "today at 2pm"); n != 1 || w.wall(at) != "2026-11-25 11:00:00" {
				t.Errorf("reminded %d times on the day, at %s", n, w.wall(at))
			}
			if n, at := to.count(buddy.Address, "today at 2pm"); n != 1 || w.wall(at) != "2026-11-25 09:30:00" {
				t.Errorf("the buddy was reminded %d times, at %s: %+v", n, w.wall(at), to.got)
			}
		})
	}
}

// A reminder that an alert held overnight does not speak of tomorrow when a person lets it go on the day (K8).
func TestDayBefore_K8_HeldOvernight(t *testing.T) {
	w := newWorld(t, "2026-11-23 09:00")
	to := w.phones()
	pr := w.process(to)
	pr.live(w.clock.Now())
	p, _, e := w.patient()
	w.visit(e, "2026-11-25T14:00", 60, w.clock.Now())
	pr.live(when(t, "2026-11-24 09:55"))
	alert, _, err := w.RaiseAlert(w.ctx, practice, p.ID, "general", handrail.Actor("patient:"+p.ID))
	w.ok(err)
	pr.live(when(t, "2026-11-25 09:00"))
	_, err = w.ResolveAlert(w.ctx, practice, alert.ID, worker)
	w.ok(err)
	pr.live(when(t, "2026-11-25 13:00"))
	if n, _ := to.count(p.Address, "tomorrow"); n != 0 {
		t.Errorf("told of tomorrow on the day itself: %+v", to.got)
	}
	if n, _ := to.count(p.Address, "today at 2pm"); n != 1 {
		t.Errorf("reminded %d times on the day", n)
	}
}

// Several planners on one store: each tick is one planner's.
func TestPlanner_F4_TwoPlanners(t *testing.T) {
	w := newWorld(t, "2026-11-23 07:00")
	var mu sync.Mutex
	ran := map[string]int{}
	counted := func() *reminders.Planner {
		var jobs []reminders.Job
		for _, j := range reminders.All(w.deps) {
			due := j.Due
			j.Due = func(ctx context.Context, s reminders.Span) ([]bot.Envelope, error) {
				mu.Lock()
				ran[j.Name+" "+s.Tick.Format(time.RFC3339)]++
				mu.Unlock()
				return due(ctx, s)
			}
			jobs = append(jobs, j)
		}
		p, _ := w.planner(jobs...)
		return p
	}
	planners := []*reminders.Planner{counted(), counted(), counted()}
	w.step(planners[0])
	for day := 23; day < 27; day++ {
		w.planned(fmt.Sprintf("2026-11-%dT14:00", day), 60)
	}
	for range 150 {
		next, _ := planners[0].Next(w.clock.Now())
		w.clock.Set(next)
		var wg sync.WaitGroup
		for _, p := range planners {
			wg.Go(func() {
				if _, err := p.Step(w.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if len(ran) < 600 {
		t.Errorf("%d ticks ran", len(ran))
	}
	for tick, n := range ran {
		if n != 1 {
			t.Errorf("%s ran %d times", tick, n)
		}
	}
	out := w.outbox()
	if n := len(out); n != 3 { // on Monday: the day before Tuesday's, the word on the day, how it was
		t.Errorf("%d envelopes: %v", n, out)
	}
}

func TestPlanner_FailingJobKeepsItsTick(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:00")
	boom, bang := errors.New("boom"), errors.New("bang")
	fail := true
	var good int
	var spans []reminders.Span
	bad := func(name string, err error) reminders.Job {
		j := jobOf(name, "*/10 7-21 * * *", nil)
		j.Due = func(_ context.Context, s reminders.Span) ([]bot.Envelope, error) {
			if fail {
				return nil, err
			}
			spans = append(spans, s)
			return []bot.Envelope{{Key: name, To: chat("gp"), Class: bot.ClassNotice, NotBefore: s.Now}}, nil
		}
		return j
	}
	p, _ := w.planner(bad("bad", boom), jobOf("good", "*/10 7-21 * * *", func(reminders.Span) { good++ }), bad("worse", bang))
	w.step(p)
	w.clock.Set(when(t, "2026-11-24 09:10"))
	did, err := p.Step(w.ctx)
	if !did || good != 1 || !errors.Is(err, boom) || !errors.Is(err, bang) || !strings.Contains(err.Error(), "job bad") || !strings.Contains(err.Error(), "job worse") {
		t.Fatalf("did %v, the good one ran %d times, error %v", did, good, err)
	}
	w.clock.Set(when(t, "2026-11-24 12:34"))
	fail = false
	w.step(p)
	if len(spans) != 2 || good != 2 {
		t.Fatalf("%d made up for, the good one ran %d times", len(spans), good)
	}
	for _, s := range spans {
		if w.wall(s.Tick) != "2026-11-24 12:30:00" || w.wall(s.Now) != "2026-11-24 12:34:00" || w.wall(s.From) != "2026-11-24 08:00:00" || w.wall(s.To) != "2026-11-24 12:49:00" {
			t.Errorf("the span is %+v", s)
		}
	}
	if did, err := p.Step(w.ctx); did || err != nil || len(spans) != 2 {
		t.Errorf("asked once more: did %v, error %v", did, err)
	}
	if out := w.outbox(); len(out) != 2 || out["bad"].Job != "bad" {
		t.Errorf("the outbox holds %v", out)
	}
}

// failing is a way into the outbox that is shut.
type failing struct{ err error }

func (f failing) Post(context.Context, ...bot.Envelope) error { return f.err }

func TestPlanner_PostFailsAndTheTickIsKept(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:00")
	shut := errors.New("shut")
	o := reminders.Options{Jobs: reminders.All(w.deps), Ticks: w.Records, Post: failing{shut}, Clock: w.clock, Zone: w.london}
	closed, err := reminders.New(o)
	w.ok(err)
	w.step(closed)
	a := w.planned("2026-11-25T14:00", 60)
	w.clock.Set(when(t, "2026-11-24 09:55"))
	if _, err := closed.Step(w.ctx); !errors.Is(err, shut) {
		t.Fatalf("error %v", err)
	}
	open, _ := w.planner()
	w.step(open)
	if _, ok := w.outbox()["daybefore:"+string(a.ID)+":2026-11-25T14:00"]; !ok {
		t.Error("the reminder was lost with the tick")
	}
}

// The first start of all claims the moment and says nothing of what was before.
func TestPlanner_FirstStart(t *testing.T) {
	w := newWorld(t, "2026-11-20 09:00")
	old := w.planned("2026-11-23T14:00", 60)
	tomorrow := w.planned("2026-11-25T14:00", 60)
	w.clock.Set(when(t, "2026-11-24 17:00"))
	p, out := w.planner()
	for range 2 {
		if did, err := p.Step(w.ctx); did || err != nil || len(out.posted) != 0 {
			t.Fatalf("the first step did %v, put %v, error %v", did, out.posted, err)
		}
	}
	w.run(p, when(t, "2026-11-24 23:00"))
	if got := append(about(out.posted, string(old.ID)), about(out.posted, string(tomorrow.ID))...); len(got) != 0 {
		t.Errorf("of what was before the first start it said %+v", got)
	}
	w.run(p, when(t, "2026-11-25 11:00"))
	if got := about(out.posted, string(tomorrow.ID)); len(keys(got, "sameday:")) != 1 {
		t.Errorf("on the day it said %+v", got)
	}
}

// Somebody who blocked the bot, and so has no chat, keeps nobody else's reminders from going out.
func TestPlanner_F8_ClosedChat(t *testing.T) {
	w := newWorld(t, "2026-11-23 09:00")
	p, out := w.planner()
	w.step(p)
	gone, _, e := w.patient()
	lost := w.visit(e, "2026-11-25T14:00", 60, w.clock.Now())
	there := w.planned("2026-11-25T14:00", 60)
	alone := w.planned("2026-11-25T15:00", 60)
	_, b := w.company(alone, "Joan")
	w.ok(w.CloseChat(w.ctx, gone.Address, "gone"))
	w.ok(w.CloseChat(w.ctx, b.Address, "gone"))
	w.run(p, when(t, "2026-11-24 10:00"))
	if len(about(out.posted, string(lost.ID))) != 0 {
		t.Error("something was put for nobody")
	}
	for _, a := range []handrail.Attendance{there, alone} {
		if got := keys(about(out.posted, string(a.ID)), ""); len(got) != 1 {
			t.Errorf("the others got %v", got)
		}
	}
}

// Run steps at once and at every tick, and ends with its context.
func TestPlanner_Run(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:01")
	ran := make(chan time.Time, 10)
	p, _ := w.planner(jobOf("x", "*/5 7-21 * * *", func(s reminders.Span) { ran <- s.Tick }))
	w.step(p)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx)
	}()
	for _, want := range []string{"09:05:00", "09:10:00"} {
		deadline := time.Now().Add(10 * time.Second)
		var got time.Time
		for got.IsZero() && time.Now().Before(deadline) {
			w.clock.Advance(10 * time.Second) // whenever it waits, what it waits for comes
			select {
			case got = <-ran:
			case <-time.After(time.Millisecond):
			}
		}
		if s := got.In(w.london).Format("15:04:05"); s < want {
			t.Fatalf("it ran at %s, want %s", s, want)
		}
	}
	cancel()
	<-ended
}
