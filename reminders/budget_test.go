package reminders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/outbox"
	"handrail/reminders"
)

// isReminder tells a reminder from a question by its words.
func isReminder(text string) bool {
	return strings.Contains(text, "you have something on") || strings.Contains(text, "just to say:") || strings.Contains(text, "things on.")
}

// contacts are when somebody was asked something, and when they were reminded.
func (p *phones) contacts(to handrail.Address) (asked, reminded []time.Time) {
	for _, a := range p.got {
		switch {
		case a.to != to:
		case isReminder(a.text):
			reminded = append(reminded, a.at)
		default:
			asked = append(asked, a.at)
		}
	}
	return asked, reminded
}

// G16: in any seven days at most four questions, and on any date at most one reminder.
func tooMuch(asked, reminded []time.Time, zone *time.Location) string {
	for i := handrail.AsksAWeek; i < len(asked); i++ {
		if asked[i].Sub(asked[i-handrail.AsksAWeek]) < handrail.AsksWeek {
			return fmt.Sprintf("five questions in a week: %v", asked[i-handrail.AsksAWeek:i+1])
		}
	}
	for i := 1; i < len(reminded); i++ {
		if handrail.DateOf(reminded[i], zone) == handrail.DateOf(reminded[i-1], zone) {
			return fmt.Sprintf("two reminders on one date: %v", reminded[i-1:i+1])
		}
	}
	return ""
}

// hourly are the real jobs with a tick where the real ones have six, so that months pass quickly.
func (w *world) hourly() []reminders.Job {
	jobs := reminders.All(w.deps)
	for i := range jobs {
		jobs[i].Spec = strings.Replace(jobs[i].Spec, "*/5", "*/30", 1)
	}
	return jobs
}

func (w *world) slowly(to *phones) *process {
	w.t.Helper()
	planner, _ := w.planner(w.hourly()...)
	sender, err := outbox.New(outbox.Options{Store: w.Records, Channels: map[string]bot.Channel{"web": to}, Words: w.deps.Words, Facts: planner, Clock: w.clock})
	w.ok(err)
	return &process{w, planner, sender}
}

// Somebody with something on every day, who answers nothing: they are reminded once a day, and asked four times a week,
// not ten times. What was not answered counts.
func TestBudget_G16_Silent(t *testing.T) {
	w := newWorld(t, "2026-11-22 09:00")
	to := w.phones()
	pr := w.slowly(to)
	pr.live(w.clock.Now())
	p, _, e := w.patient()
	for day := 23; day <= 29; day++ {
		w.visit(e, fmt.Sprintf("2026-11-%dT10:30", day), 60, w.clock.Now())
		w.visit(e, fmt.Sprintf("2026-11-%dT14:00", day), 60, w.clock.Now())
	}
	pr.live(when(t, "2026-12-01 12:00"))
	asked, reminded := to.contacts(p.Address)
	if why := tooMuch(asked, reminded, w.london); why != "" {
		t.Error(why)
	}
	if len(asked) != handrail.AsksAWeek || len(reminded) != 8 {
		t.Errorf("asked %d times and reminded %d times, want 4, and 8: the day before the first and on each day", len(asked), len(reminded))
	}
	// The first is the day before's own, and from then on each says what is on today and tomorrow.
	for _, a := range to.got {
		if a.to == p.Address && isReminder(a.text) && w.wall(a.at) == "2026-11-24 08:00:00" {
			if n := strings.Count(a.text, "Riverside Walk"); n != 4 || strings.Count(a.text, "Today") != 2 || strings.Count(a.text, "Tomorrow") != 2 {
				t.Errorf("it says %q", a.text)
			}
		}
	}
	if len(reminded) > 1 && w.wall(reminded[1]) != "2026-11-23 08:00:00" { // the earlier of the two times
		t.Errorf("the reminder of a day with several comes at %s", w.wall(reminded[1]))
	}
}

// A question that keeps its sense waits for room; one that does not is dropped; a survey leaves room for what is pressing.
func TestBudget_G16_WaitsOrDrops(t *testing.T) {
	w := newWorld(t, "2026-11-22 09:00")
	to := w.phones()
	pr := w.slowly(to)
	pr.live(w.clock.Now())
	p, _, e := w.patient()
	taken := func(n int, at string) {
		for i := range n {
			ok, err := w.TakeContact(w.ctx, handrail.Contact{Key: fmt.Sprint(at, i), Practice: practice, Patient: p.ID, Kind: handrail.ContactAsk, At: when(t, at)}, time.Time{}, 100)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
		}
	}
	w.ends(t, "2026-12-21") // told four weeks before, on Monday 23 November at 11
	taken(4, "2026-11-20 12:00")
	a := w.visit(e, "2026-11-23T14:00", 60, when(t, "2026-11-21 09:00")) // asked at half past three, or not at all
	pr.live(when(t, "2026-11-28 09:00"))
	if n, at := to.count(p.Address, "comes to an end"); n != 1 || w.wall(at) != "2026-11-27 12:00:00" {
		t.Errorf("what waits came %d times, the last at %s, want once as soon as there is room", n, w.wall(at))
	}
	if n, _ := to.count(p.Address, "how was it"); n != 0 {
		t.Errorf("what cannot wait came %d times", n)
	}
	if s, err := w.Settled(w.ctx, "how:"+string(a.ID)); !handrail.IsKind(err, handrail.KindNotFound) {
		t.Errorf("it was put although there was no room: %+v, %v", s, err)
	}
	// With three of four gone the survey waits, and how-was-it does not.
	q, _, f := w.patient()
	p = q
	taken(3, "2026-11-28 08:00")
	first := w.visit(f, "2026-11-28T14:00", 60, when(t, "2026-11-27 09:00"))
	w.change(first.ID, func(a *handrail.Attendance) error { a.First = true; return nil })
	second := w.visit(f, "2026-11-29T15:00", 60, when(t, "2026-11-27 09:00"))
	pr.live(when(t, "2026-11-28 15:10"))
	w.came(first.ID)
	pr.live(when(t, "2026-11-29 18:00"))
	if n, _ := to.count(p.Address, "May I ask"); n != 0 {
		t.Error("the survey took the last place of the week")
	}
	if n, _ := to.count(p.Address, "how was it"); n != 1 {
		t.Errorf("after the second visit they were asked %d times, want 1", n)
	}
	_ = second
}

// ends makes the group's listing say when it is paid for until.
func (w *world) ends(t testing.TB, on string) {
	t.Helper()
	_, _, err := w.EditActivity(w.ctx, group, by, w.clock.Now(), func(a *handrail.Activity) error {
		a.Facts = []handrail.Fact{{Kind: handrail.FactFundingEnd, Value: on, On: "2026-11-01"}}
		return nil
	})
	w.ok(err)
}

// Whatever a life brings, visits at any hour, answered, missed or left, cancelled and planned at the last moment, questions
// from conversations that no job knows, a process that stands still: never more than four questions in any seven days, and
// never two reminders on one date.
func TestBudget_G16_Property(t *testing.T) {
	w := newWorld(t, "2026-10-01 06:00") // the clocks go back within the first lives
	to := w.phones()
	pr := w.slowly(to)
	pr.live(w.clock.Now())
	most := map[string]int{}
	lives := 0
	rapid.Check(t, func(t *rapid.T) {
		if lives++; lives > 8 { // each is a fortnight on real records; -rapid.seed plays others
			return
		}
		p, _, e := w.patient()
		begin := handrail.DateOf(w.clock.Now(), w.london).At(handrail.At(6, 0), w.london).In(w.london).AddDate(0, 0, 1)
		const days = 12
		type deed struct {
			at time.Time
			do func()
		}
		var deeds []deed
		used := map[string]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "visits") {
			day := begin.AddDate(0, 0, rapid.IntRange(1, days-1).Draw(t, "day"))
			local := fmt.Sprintf("%sT%02d:%02d", day.Format(time.DateOnly), rapid.IntRange(7, 21).Draw(t, "hour"), 15*rapid.IntRange(0, 3).Draw(t, "quarter"))
			if used[local] {
				continue
			}
			used[local] = true
			start := when(w.t, strings.Replace(local, "T", " ", 1))
			planned := start.Add(-time.Duration(rapid.IntRange(1, 70).Draw(t, "planned before")) * time.Hour)
			fate := rapid.SampledFrom([]string{"silent", "silent", "came", "missed", "cancelled"}).Draw(t, "fate")
			after := time.Duration(rapid.IntRange(-30, 30).Draw(t, "told after")) * time.Hour
			var a handrail.Attendance
			deeds = append(deeds, deed{planned, func() { a = w.visit(e, local, 60, w.clock.Now()) }})
			at := start.Add(after)
			if at.Before(planned) {
				at = planned
			}
			deeds = append(deeds, deed{at.Add(time.Second), func() {
				switch fate {
				case "came":
					w.came(a.ID)
				case "missed":
					w.missed(a.ID)
				case "cancelled":
					w.change(a.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })
				}
			}})
		}
		for i := range rapid.IntRange(0, 6).Draw(t, "questions of conversations") {
			at := begin.Add(time.Duration(rapid.IntRange(10, 24*days).Draw(t, "asked at hour")) * time.Hour)
			key := fmt.Sprintf("conversation:%d:%d", lives, i)
			deeds = append(deeds, deed{at, func() {
				_, err := w.Put(w.ctx, bot.Envelope{Key: key, To: p.Address, Patient: p.ID, Class: bot.ClassNudge, NotBefore: w.clock.Now(), Message: bot.Message{Text: bot.Para("A question.")}})
				w.ok(err)
			}})
		}
		still := rapid.IntRange(0, 40).Draw(t, "hours that the process stands still")
		slices.SortStableFunc(deeds, func(a, b deed) int { return a.at.Compare(b.at) })
		for i, d := range deeds {
			if d.at.After(w.clock.Now()) {
				if i == len(deeds)/2 && still > 0 {
					w.clock.Set(d.at.Add(time.Duration(still) * time.Hour)) // nobody steps meanwhile
				} else {
					pr.live(d.at)
				}
			}
			d.do()
		}
		pr.live(begin.AddDate(0, 0, days+3))
		asked, reminded := to.contacts(p.Address)
		if why := tooMuch(asked, reminded, w.london); why != "" {
			t.Fatal(why)
		}
		most["asked"], most["reminded"] = max(most["asked"], len(asked)), max(most["reminded"], len(reminded))
	})
	t.Logf("%d lives; the most: %v", min(lives, 8), most)
	if most["asked"] < handrail.AsksAWeek || most["reminded"] < 3 {
		t.Errorf("no life was busy enough to show anything: %v", most)
	}
}
