package records_test

import (
	"fmt"
	"maps"
	"reflect"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// ask is one question to the patient.
func (w *world) ask(key string) handrail.Contact {
	return handrail.Contact{Key: key, Practice: w.practice, Patient: w.patient.ID, Kind: handrail.ContactAsk, At: w.clock.Now()}
}

func TestTakeContact_G16(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		week := func() time.Time { return w.clock.Now().Add(-handrail.AsksWeek) }
		take := func(c handrail.Contact, want bool) {
			t.Helper()
			if got, err := w.TakeContact(w.ctx, c, week(), handrail.AsksAWeek); err != nil || got != want {
				t.Errorf("%s: taken %v, error %v, want %v", c.Key, got, err, want)
			}
		}
		first := w.clock.Now()
		for i := range handrail.AsksAWeek {
			take(w.ask(fmt.Sprint("k", i)), true)
			w.clock.Add(time.Hour)
		}
		take(w.ask("k4"), false)
		take(w.ask("k0"), true) // the same one again is no other
		other := w.ask("r")
		other.Kind = handrail.ContactReminder
		take(other, true) // counts by itself
		b := w.fill("b")
		take(b.ask("b0"), true) // so does somebody else
		if got := must(w.Contacts(w.ctx, []handrail.PatientID{w.patient.ID, b.patient.ID, "pat_none"}, handrail.ContactAsk, week()))(t); !maps.Equal(got, map[handrail.PatientID]int{w.patient.ID: 4, b.patient.ID: 1}) {
			t.Errorf("%v", got)
		}
		// k0 counts from its newest time, k1 from its own: a week after k1, and not before, there is room again.
		w.clock.Add(first.Add(time.Hour + handrail.AsksWeek - time.Microsecond).Sub(w.clock.Now()))
		take(w.ask("k5"), false)
		w.clock.Add(time.Microsecond)
		take(w.ask("k5"), true)
		take(w.ask("k6"), false)
		// Another practice's patient is not there (C8), and no key takes another patient's place.
		stranger := w.ask("s")
		stranger.Practice = "b"
		if _, err := w.TakeContact(w.ctx, stranger, week(), 4); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice: %v", err)
		}
		mine := b.ask("k1")
		take(mine, false)
		for _, c := range []handrail.Contact{{}, {Key: "x"}, {Patient: w.patient.ID}} {
			if _, err := w.TakeContact(w.ctx, c, week(), 4); !handrail.IsKind(err, handrail.KindInvalid) {
				t.Errorf("%+v: %v", c, err)
			}
		}
	})
}

// Several senders at once never take more than the limit together.
func TestTakeContact_F4_Together(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		taken := 0
		for _, ok := range race(t, 12, func(i int) (bool, error) {
			return w.TakeContact(w.ctx, w.ask(fmt.Sprint("k", i)), w.clock.Now().Add(-handrail.AsksWeek), handrail.AsksAWeek)
		}) {
			if ok {
				taken++
			}
		}
		if taken != handrail.AsksAWeek {
			t.Errorf("%d were taken, want %d", taken, handrail.AsksAWeek)
		}
	})
}

// A question that no job makes is counted too, and nothing else is.
func TestMaySend_G16(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		may := func(key string, class bot.Class, job string) string {
			t.Helper()
			e := w.envelope(key, class)
			e.Job = job
			return must(w.MaySend(w.ctx, e))(t)
		}
		for i := range 4 {
			for _, key := range []string{fmt.Sprint("n", i), fmt.Sprint("n", i)} { // tried twice
				if why := may(key, bot.ClassNudge, ""); why != "" {
					t.Errorf("%s: %q", key, why)
				}
			}
		}
		if why := may("n4", bot.ClassNudge, ""); why != records.ReasonBudget {
			t.Errorf("the fifth: %q", why)
		}
		for _, class := range []bot.Class{bot.ClassReminder, bot.ClassNotice, bot.ClassReply, bot.ClassCard} {
			if why := may("x"+string(class), class, ""); why != "" {
				t.Errorf("a %s: %q", class, why)
			}
		}
		if why := may("job", bot.ClassNudge, "how"); why != "" { // the planner asks about these
			t.Errorf("of a job: %q", why)
		}
		w.clock.Add(handrail.AsksWeek)
		if why := may("n5", bot.ClassNudge, ""); why != "" {
			t.Errorf("a week later: %q", why)
		}
	})
}

func TestMeasures(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		m := handrail.Measure{Practice: "a", Patient: w.patient.ID, Instrument: handrail.InstrumentONS4, Version: "ons4/1", Round: handrail.RoundStart,
			Answers: []handrail.MeasureAnswer{{Item: "satisfied", Code: 0}, {Item: "worthwhile", Skipped: true}, {Item: "happy", Code: 10}}, At: w.clock.Now()}
		me := handrail.Actor("patient:" + w.patient.ID)
		if added := must(w.AddMeasure(w.ctx, m, me))(t); !added {
			t.Error("the first is not new")
		}
		again := m
		again.Answers, again.Version = []handrail.MeasureAnswer{{Item: "satisfied", Code: 7}}, "ons4/2"
		if added := must(w.AddMeasure(w.ctx, again, me))(t); added {
			t.Error("answers were changed: they are only ever added")
		}
		w.clock.Add(time.Hour)
		lonely := handrail.Measure{Practice: "a", Patient: w.patient.ID, Instrument: handrail.InstrumentLoneliness, Version: "loneliness/1", Round: handrail.RoundStart,
			Answers: []handrail.MeasureAnswer{{Item: "companionship", Code: 3}}, At: w.clock.Now()}
		must(w.AddMeasure(w.ctx, lonely, me))(t)
		got := must(w.Measures(w.ctx, "a", w.patient.ID))(t)
		same(t, got, []handrail.Measure{m, lonely})
		for _, c := range []struct {
			practice handrail.PracticeID
			i        handrail.Instrument
			round    handrail.Round
			want     bool
		}{
			{"a", handrail.InstrumentONS4, handrail.RoundStart, true}, {"a", handrail.InstrumentONS4, handrail.RoundLater, false},
			{"b", handrail.InstrumentONS4, handrail.RoundStart, false}, {"a", handrail.InstrumentLoneliness, handrail.RoundStart, true},
		} {
			if have := must(w.Measured(w.ctx, c.practice, w.patient.ID, c.i, c.round))(t); have != c.want {
				t.Errorf("%+v: %v", c, have)
			}
		}
		started := must(w.MeasuresStarted(w.ctx, handrail.RoundStart, m.At, m.At.Add(time.Microsecond)))(t)
		if len(started) != 1 || started[0].Patient != w.patient.ID || !started[0].At.Equal(m.At) {
			t.Errorf("%+v", started)
		}
		if late := must(w.MeasuresStarted(w.ctx, handrail.RoundStart, lonely.At, lonely.At.Add(time.Hour)))(t); len(late) != 0 {
			t.Errorf("the second instrument counts as a start: %+v", late)
		}
		foreign := m
		foreign.Practice = "b"
		if _, err := w.AddMeasure(w.ctx, foreign, me); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice: %v", err)
		}
		if _, err := w.AddMeasure(w.ctx, handrail.Measure{Practice: "a", Patient: w.patient.ID}, me); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("nothing answered: %v", err)
		}
	})
}

func TestEnrolledIn(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.clock.Add(time.Minute)
		b := w.fill("b")
		ids := func(all []handrail.Visit) (out []handrail.EnrolmentID) {
			for _, v := range all {
				if v.Patient.Name == "" || v.Activity.ID == "" {
					t.Errorf("nobody goes nowhere: %+v", v)
				}
				out = append(out, v.Enrolment.ID)
			}
			return out
		}
		same(t, ids(must(w.LiveEnrolments(w.ctx))(t)), []handrail.EnrolmentID{w.enrolment.ID, b.enrolment.ID})
		at := w.clock.Add(time.Hour)
		must(w.ChangeEnrolment(w.ctx, "a", w.enrolment.ID, by, func(e *handrail.Enrolment) error { return e.End("finished", at) }))(t)
		same(t, ids(must(w.LiveEnrolments(w.ctx))(t)), []handrail.EnrolmentID{b.enrolment.ID})
		same(t, ids(must(w.EnrolledIn(w.ctx, "a", w.patient.ID))(t)), []handrail.EnrolmentID{w.enrolment.ID})
		same(t, ids(must(w.EnrolledIn(w.ctx, "b", w.patient.ID))(t)), []handrail.EnrolmentID(nil))
		same(t, ids(must(w.EnrolmentsEnded(w.ctx, at, at.Add(time.Microsecond)))(t)), []handrail.EnrolmentID{w.enrolment.ID})
		same(t, ids(must(w.EnrolmentsEnded(w.ctx, at.Add(-time.Hour), at))(t)), []handrail.EnrolmentID(nil))
	})
}

func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
