package records_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func TestMain(m *testing.M) { os.Exit(recordstest.Main(m)) }

var errBoom = errors.New("boom")

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: recordstest.Epoch()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	return c.t
}

// world is a small practice in which one thing of each kind exists.
type world struct {
	*records.Records
	t     testing.TB
	ctx   context.Context
	clock *clock

	practice      handrail.PracticeID
	gp            handrail.Staff
	worker        handrail.Staff
	patient       handrail.Patient
	buddy         handrail.Buddy
	referral      handrail.Referral
	enrolment     handrail.Enrolment
	attendance    handrail.Attendance
	accompaniment handrail.Accompaniment
	alert         handrail.Alert
}

const by = handrail.Actor("staff:sta_test")

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// newWorld opens a database and fills practice "a".
func newWorld(t testing.TB, open recordstest.Open, o records.Options) *world {
	t.Helper()
	c := newClock()
	o.Now = c.Now
	w := &world{Records: open(t, o), t: t, ctx: t.Context(), clock: c}
	return w.fill("a")
}

func chat(practice handrail.PracticeID, name string) handrail.Address {
	return handrail.Address{Practice: practice, Channel: "web", Chat: name}
}

// fill makes a practice with everything in it and returns a world that looks at it.
func (w *world) fill(practice handrail.PracticeID) *world {
	t := w.t
	t.Helper()
	v := &world{Records: w.Records, t: t, ctx: w.ctx, clock: w.clock, practice: practice}
	now := w.clock.Now()
	w.ok(w.SavePractice(w.ctx, handrail.Practice{ID: practice, Name: "The Surgery", Zone: "Europe/London",
		At: &handrail.Point{Lat: 51.88, Lon: -0.42}}, by))
	v.gp = handrail.Staff{ID: handrail.StaffID("sta_gp_" + practice), Practice: practice, Name: "Dr Rao", Active: true,
		Roles: []handrail.Role{handrail.RoleGP}, Address: chat(practice, "gp")}
	v.worker = handrail.Staff{ID: handrail.StaffID("sta_lw_" + practice), Practice: practice, Name: "Maya", Active: true,
		Roles: []handrail.Role{handrail.RoleLinkWorker, handrail.RoleCoordinator}, Address: chat(practice, "maya")}
	w.ok(w.SaveStaff(w.ctx, v.gp, by))
	w.ok(w.SaveStaff(w.ctx, v.worker, by))
	v.patient = must(w.AddPatient(w.ctx, handrail.Patient{Practice: practice, Name: "Frank", Surname: "Okafor",
		BirthYear: 1950, Postcode: "LU1 2AB", Address: chat(practice, "frank"), Language: "en", Matters: "fishing"}, by))(t)
	v.buddy = must(w.AddBuddy(w.ctx, handrail.Buddy{Practice: practice, Name: "Joan", About: "green scarf",
		Postcode: "LU2", Languages: []string{"en", "cy"}, Address: chat(practice, "joan")}, by))(t)
	v.referral = must(w.AddReferral(w.ctx, handrail.Referral{Practice: practice, Patient: v.patient.ID, By: v.gp.ID,
		Note: "lost his wife"}, by))(t)
	v.enrolment = must(w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: v.patient.ID,
		Referral: v.referral.ID, Activity: "walk"}, by))(t)
	v.attendance = must(w.AddAttendance(w.ctx, handrail.Attendance{Practice: practice, Patient: v.patient.ID,
		Enrolment: v.enrolment.ID, First: true, Occurrence: handrail.Occurrence{Activity: "walk", Local: "2026-11-25T10:00",
			Zone: "Europe/London", Start: now.Add(25 * time.Hour), End: now.Add(26 * time.Hour)}}, by))(t)
	v.accompaniment = must(w.AddAccompaniment(w.ctx, handrail.Accompaniment{Practice: practice, Patient: v.patient.ID,
		Attendance: v.attendance.ID}, by))(t)
	w.ok(w.AddFeedback(w.ctx, handrail.Feedback{Practice: practice, Patient: v.patient.ID, Attendance: v.attendance.ID,
		Verdict: handrail.VerdictGood, Words: "lovely"}, by))
	alert, _, err := w.RaiseAlert(w.ctx, practice, v.patient.ID, "general", by)
	w.ok(err)
	v.alert = must(w.ResolveAlert(w.ctx, practice, alert.ID, v.worker.ID))(t)
	must(w.AnswerPermission(w.ctx, practice, v.patient.ID, handrail.PurposeChat, "chat/1", "May we write to you?", true,
		handrail.Actor("patient:"+v.patient.ID)))(t)
	return v
}

// envelope is a reply to the patient under that key.
func (w *world) envelope(key string, class bot.Class) bot.Envelope {
	return bot.Envelope{Key: key, To: w.patient.Address, Patient: w.patient.ID, Class: class,
		Message: bot.Message{Text: bot.Para("words of " + key)}}
}

func (w *world) put(envs ...bot.Envelope) {
	w.t.Helper()
	must(w.Put(w.ctx, envs...))(w.t)
}

// actions are the actions of a record's audit trail.
func (w *world) actions(noun, id string) []string {
	w.t.Helper()
	var out []string
	for _, a := range must(w.Audits(w.ctx, w.practice, noun, id))(w.t) {
		out = append(out, a.Action)
	}
	return out
}
