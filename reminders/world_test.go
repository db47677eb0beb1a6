package reminders_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests, like the program, need no zone data of the system

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/dialogs/text"
	"handrail/directory/calendar"
	"handrail/house"
	"handrail/reminders"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func TestMain(m *testing.M) { os.Exit(recordstest.Main(m)) }

const (
	practice = handrail.PracticeID("pra_test")
	gp       = handrail.StaffID("sta_rao")
	worker   = handrail.StaffID("sta_maya")
	by       = handrail.Actor("staff:sta_maya")
	group    = handrail.ActivityID("act_walk")
)

func chat(name string) handrail.Address {
	return handrail.Address{Practice: practice, Channel: "web", Chat: name}
}

// world is real records with a practice in them, a clock that is moved by hand, and what planners and jobs need.
type world struct {
	*records.Records
	t      testing.TB
	ctx    context.Context
	clock  *bottest.Clock
	london *time.Location
	deps   reminders.Deps
	n      int
}

// when reads a London wall time.
func when(t testing.TB, wall string) time.Time {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, london)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func newWorld(t testing.TB, wall string) *world {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	words, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: context.Background(), clock: bottest.NewClock(when(t, wall)), london: london}
	w.Records = recordstest.Memory(t, records.Options{Now: w.clock.Now})
	w.deps = reminders.Deps{Facts: w.Records, Words: words, Zone: london, Meetings: calendar.New().Meetings,
		AskLink: func(handrail.Ask) string { return "" }}
	w.ok(w.SavePractice(w.ctx, handrail.Practice{ID: practice, Name: "The Surgery", Zone: "Europe/London"}, by))
	w.ok(w.SaveStaff(w.ctx, handrail.Staff{ID: gp, Practice: practice, Name: "Dr Rao", Active: true, Roles: []handrail.Role{handrail.RoleGP}, Address: chat("gp")}, by))
	w.ok(w.SaveStaff(w.ctx, handrail.Staff{ID: worker, Practice: practice, Name: "Maya", Active: true, Roles: []handrail.Role{handrail.RoleLinkWorker}, Address: chat("maya")}, by))
	_, err = w.ReplaceActivities(w.ctx, "test", []handrail.Activity{{ID: group, Source: "test", Name: "Riverside Walk",
		Venue: handrail.Venue{Name: "The Loft", Street: "14 Hatters Row", Town: "Luton", Postcode: "LU1 2EX"}}}, by)
	w.ok(err)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// patient adds a patient who joined, with their referral and their choice.
func (w *world) patient() (handrail.Patient, handrail.Referral, handrail.Enrolment) {
	w.t.Helper()
	w.n++
	p, err := w.AddPatient(w.ctx, handrail.Patient{Practice: practice, Name: "Frank", Surname: "Okafor", BirthYear: 1950,
		Language: "en", Address: chat(fmt.Sprint("patient", w.n))}, by)
	w.ok(err)
	r, err := w.AddReferral(w.ctx, handrail.Referral{Practice: practice, Patient: p.ID, By: gp, LinkWorker: worker, State: handrail.ReferralActive}, by)
	w.ok(err)
	e, err := w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: p.ID, Referral: r.ID, Activity: group}, by)
	w.ok(err)
	_, err = w.AnswerPermission(w.ctx, practice, p.ID, handrail.PurposeChat, "chat/1", "May we write?", true, handrail.Actor("patient:"+p.ID))
	w.ok(err)
	return p, r, e
}

// visit plans a visit of a choice: from a wall time, so many minutes long, planned at an instant.
func (w *world) visit(e handrail.Enrolment, local string, minutes int, planned time.Time) handrail.Attendance {
	w.t.Helper()
	wall, err := time.Parse(handrail.LocalLayout, local)
	w.ok(err)
	start := handrail.WallTime(wall.Year(), wall.Month(), wall.Day(), handrail.At(wall.Hour(), wall.Minute()), w.london)
	a, err := w.AddAttendance(w.ctx, handrail.Attendance{Practice: practice, Patient: e.Patient, Enrolment: e.ID, PlannedAt: planned,
		Occurrence: handrail.Occurrence{Activity: e.Activity, Local: local, Zone: "Europe/London", Start: start, End: start.Add(time.Duration(minutes) * time.Minute)}}, by)
	w.ok(err)
	return a
}

// planned is a visit of a patient of its own, planned now.
func (w *world) planned(local string, minutes int) handrail.Attendance {
	w.t.Helper()
	_, _, e := w.patient()
	return w.visit(e, local, minutes, w.clock.Now())
}

func (w *world) change(id handrail.AttendanceID, fn func(*handrail.Attendance) error) {
	w.t.Helper()
	_, err := w.ChangeAttendance(w.ctx, practice, id, by, fn)
	w.ok(err)
}

func (w *world) came(id handrail.AttendanceID) {
	w.t.Helper()
	w.change(id, func(a *handrail.Attendance) error { return a.Came(w.clock.Now()) })
}

func (w *world) missed(id handrail.AttendanceID) {
	w.t.Helper()
	w.change(id, func(a *handrail.Attendance) error { return a.Missed(w.clock.Now()) })
}

// company gives a visit a buddy who agreed.
func (w *world) company(a handrail.Attendance, name string) (handrail.Accompaniment, handrail.Buddy) {
	w.t.Helper()
	w.n++
	cleared := w.clock.Now()
	b, err := w.AddBuddy(w.ctx, handrail.Buddy{Practice: practice, Name: name, About: "I'll have a green scarf on", Address: chat(fmt.Sprint("buddy", w.n)),
		State: handrail.BuddyCleared, ClearedBy: worker, ClearedAt: &cleared}, by)
	w.ok(err)
	c, err := w.AddAccompaniment(w.ctx, handrail.Accompaniment{Practice: practice, Patient: a.Patient, Attendance: a.ID}, by)
	w.ok(err)
	_, err = w.AnswerPermission(w.ctx, practice, a.Patient, handrail.PurposeBuddy, "buddy/1", "May we tell them?", true, handrail.Actor("patient:"+a.Patient))
	w.ok(err)
	w.match(c.ID, b)
	return c, b
}

func (w *world) match(id handrail.AccompanimentID, b handrail.Buddy) {
	w.t.Helper()
	_, err := w.ChangeAccompaniment(w.ctx, practice, id, by, func(a *handrail.Accompaniment) error {
		if err := a.Ask(b, worker, w.clock.Now()); err != nil {
			return err
		}
		return a.Agree(w.clock.Now())
	})
	w.ok(err)
}

// job is one of the real jobs.
func (w *world) job(name string) reminders.Job {
	w.t.Helper()
	all := reminders.All(w.deps)
	i := slices.IndexFunc(all, func(j reminders.Job) bool { return j.Name == name })
	if i < 0 {
		w.t.Fatalf("there is no job %q", name)
	}
	return all[i]
}

// due asks a job about a span, as long as it likes, looked at from its end: of an appointment as if it were still ahead.
func (w *world) due(name string, from, to, now time.Time) []bot.Envelope {
	w.t.Helper()
	envs, err := w.job(name).Due(w.ctx, reminders.Span{From: from, To: to, Now: now, Tick: now})
	w.ok(err)
	return envs
}

// post is the house's own way into the outbox; it keeps what was posted, those that were there already too.
type post struct {
	to     house.Post
	posted []bot.Envelope
}

func (p *post) Post(ctx context.Context, envs ...bot.Envelope) error {
	p.posted = append(p.posted, envs...)
	return p.to.Post(ctx, envs...)
}

// seldom are the real jobs with a tick where the real ones have three: what is put 15 minutes ahead needs no more, and
// days pass quicker.
func (w *world) seldom() []reminders.Job {
	jobs := reminders.All(w.deps)
	for i := range jobs {
		jobs[i].Spec = strings.Replace(jobs[i].Spec, "*/5", "*/15", 1)
	}
	return jobs
}

// planner makes a planner over the world. jobs empty: all the real ones, seldom.
func (w *world) planner(jobs ...reminders.Job) (*reminders.Planner, *post) {
	w.t.Helper()
	if len(jobs) == 0 {
		jobs = w.seldom()
	}
	signer, err := bot.NewSigner(recordstest.Key())
	w.ok(err)
	out := &post{to: house.Post{Signer: signer, Records: w.Records}}
	p, err := reminders.New(reminders.Options{Jobs: jobs, Ticks: w.Records, Contacts: w.Records, Post: out, Clock: w.clock, Zone: w.london, Log: slog.New(slog.DiscardHandler)})
	w.ok(err)
	return p, out
}

func (w *world) step(p *reminders.Planner) {
	w.t.Helper()
	_, err := p.Step(w.ctx)
	w.ok(err)
}

// run steps at every tick until then, as a process that runs does.
func (w *world) run(p *reminders.Planner, until time.Time) {
	w.t.Helper()
	for {
		next, ok := p.Next(w.clock.Now())
		if !ok || next.After(until) {
			w.clock.Set(until)
			w.step(p)
			return
		}
		w.clock.Set(next)
		w.step(p)
	}
}

// outbox claims everything that is due and returns it by key.
func (w *world) outbox() map[string]bot.Envelope {
	w.t.Helper()
	out := map[string]bot.Envelope{}
	all, err := w.Claim(w.ctx, w.clock.Now().AddDate(1, 0, 0), time.Minute, 1000)
	w.ok(err)
	for _, p := range all {
		out[p.Envelope.Key] = p.Envelope
	}
	return out
}

// keys are the keys of the envelopes whose key begins so, sorted, each once.
func keys(envs []bot.Envelope, prefix string) []string {
	var out []string
	for _, e := range envs {
		if strings.HasPrefix(e.Key, prefix) && !slices.Contains(out, e.Key) {
			out = append(out, e.Key)
		}
	}
	slices.Sort(out)
	return out
}

// about are the envelopes that speak of the subject.
func about(envs []bot.Envelope, subject string) []bot.Envelope {
	return slices.DeleteFunc(slices.Clone(envs), func(e bot.Envelope) bool { return e.Subject != subject })
}

// wall shows an instant as London reads it.
func (w *world) wall(t time.Time) string { return t.In(w.london).Format("2006-01-02 15:04:05") }
