package records_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func TestNouns_ComeBackAsStored(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		same := func(what string, want, got any, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if !reflect.DeepEqual(want, got) {
				t.Errorf("%s:\nwant %+v\ngot  %+v", what, want, got)
			}
		}
		gp, err := w.Staff(w.ctx, "a", w.gp.ID)
		same("staff", w.gp, gp, err)
		// The alert's hold came and went.
		p, err := w.Patient(w.ctx, "a", w.patient.ID)
		same("patient", w.patient, p, err)
		b, err := w.Buddy(w.ctx, "a", w.buddy.ID)
		same("buddy", w.buddy, b, err)
		x, err := w.Referral(w.ctx, "a", w.referral.ID)
		same("referral", w.referral, x, err)
		e, err := w.Enrolment(w.ctx, "a", w.enrolment.ID)
		same("enrolment", w.enrolment, e, err)
		c, err := w.Accompaniment(w.ctx, "a", w.accompaniment.ID)
		same("accompaniment", w.accompaniment, c, err)
		al, err := w.Alert(w.ctx, "a", w.alert.ID)
		same("alert", w.alert, al, err)
		v, err := w.Visit(w.ctx, "a", w.attendance.ID)
		same("visit", handrail.Visit{Attendance: w.attendance, Enrolment: w.enrolment, Patient: w.patient,
			Activity: handrail.Activity{ID: "walk"}, Accompaniment: &w.accompaniment, Feedback: &handrail.Feedback{
				Practice: "a", Patient: w.patient.ID, Attendance: w.attendance.ID, Verdict: handrail.VerdictGood,
				Words: "lovely", At: w.clock.Now()}}, v, err)
		all, err := w.Practices(w.ctx)
		if err != nil || len(all) != 1 || all[0].At == nil || all[0].At.Lat != 51.88 {
			t.Errorf("practices: %+v, %v", all, err)
		}
		found, err := w.FindPatients(w.ctx, "a", "  FRANK ", 1950)
		same("find patients", []handrail.Patient{w.patient}, found, err)
		for name, year := range map[string]int{"Fran": 1950, "Frank": 1951} {
			if found, err := w.FindPatients(w.ctx, "a", name, year); err != nil || len(found) != 0 {
				t.Errorf("find %s %d: %v, %v", name, year, found, err)
			}
		}
		staff, err := w.StaffWith(w.ctx, "a", handrail.RoleCoordinator)
		same("staff with", []handrail.Staff{w.worker}, staff, err)
		gone := w.worker
		gone.Active = false
		w.ok(w.SaveStaff(w.ctx, gone, by))
		if staff, err := w.StaffWith(w.ctx, "a", handrail.RoleCoordinator); err != nil || len(staff) != 0 {
			t.Errorf("somebody who left is still offered: %v, %v", staff, err)
		}
	})
}

// TestNouns_Audit walks each life cycle and reads what the audit trail says of it.
func TestNouns_Audit(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		now := w.clock.Now()
		must(w.ChangeReferral(w.ctx, "a", w.referral.ID, by, (*handrail.Referral).Send))(t)
		must(w.ChangeReferral(w.ctx, "a", w.referral.ID, by, func(x *handrail.Referral) error { return x.Accept(w.worker.ID) }))(t)
		must(w.ChangeEnrolment(w.ctx, "a", w.enrolment.ID, by, (*handrail.Enrolment).Begin))(t)
		must(w.ChangeAttendance(w.ctx, "a", w.attendance.ID, by, func(a *handrail.Attendance) error { return a.Going(now) }))(t)
		must(w.ChangeAttendance(w.ctx, "a", w.attendance.ID, by, func(a *handrail.Attendance) error { a.NextDone = true; return nil }))(t)
		cleared := must(w.ChangeBuddy(w.ctx, "a", w.buddy.ID, by, func(b *handrail.Buddy) error { return b.Clear(w.worker.ID, now) }))(t)
		must(w.ChangeAccompaniment(w.ctx, "a", w.accompaniment.ID, by, func(c *handrail.Accompaniment) error {
			return c.Ask(cleared, w.worker.ID, now)
		}))(t)
		declined := must(w.ChangeAccompaniment(w.ctx, "a", w.accompaniment.ID, by, func(c *handrail.Accompaniment) error { return c.Decline(now) }))(t)
		if !slices.Equal(declined.Refused, []handrail.BuddyID{w.buddy.ID}) {
			t.Errorf("refused: %v", declined.Refused)
		}
		w.ok(w.AddFeedback(w.ctx, handrail.Feedback{Practice: "a", Patient: w.patient.ID, Attendance: w.attendance.ID,
			Verdict: handrail.VerdictOK}, by))
		for _, c := range []struct {
			noun, id string
			want     []string
		}{
			{"referral", string(w.referral.ID), []string{"added", "offered -> sent", "sent -> accepted"}},
			{"enrolment", string(w.enrolment.ID), []string{"added", "chosen -> active"}},
			{"attendance", string(w.attendance.ID), []string{"added", "planned -> going", "changed"}},
			{"buddy", string(w.buddy.ID), []string{"added", "applied -> cleared"}},
			{"accompaniment", string(w.accompaniment.ID), []string{"added", "wanted -> asked", "asked -> wanted"}},
			{"feedback", string(w.attendance.ID), []string{"added", "replaced"}},
			{"alert", string(w.alert.ID), []string{"raised", "raised -> resolved"}},
			{"patient", string(w.patient.ID), []string{"added", "held", "hold ended"}},
			{"permission", string(w.patient.ID), []string{"chat: asked -> given"}},
			{"practice", "a", []string{"added"}},
		} {
			if got := w.actions(c.noun, c.id); !slices.Equal(got, c.want) {
				t.Errorf("%s: want %q, got %q", c.noun, c.want, got)
			}
		}
	})
}

// TestNouns_F1_FaultAtCommit makes each commit fail: neither the change nor its line of the trail may stand.
func TestNouns_F1_FaultAtCommit(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		var point string
		w := newWorld(t, open, records.Options{Fail: func(at string) error {
			if at == point {
				return errBoom
			}
			return nil
		}})
		send := func() error {
			_, err := w.ChangeReferral(w.ctx, "a", w.referral.ID, by, (*handrail.Referral).Send)
			return err
		}
		point = "ChangeReferral:before"
		if err := send(); !errors.Is(err, errBoom) {
			t.Fatalf("want the fault, got %v", err)
		}
		if x := must(w.Referral(w.ctx, "a", w.referral.ID))(t); x.State != handrail.ReferralOffered {
			t.Errorf("the change stands: %s", x.State)
		}
		if got := w.actions("referral", string(w.referral.ID)); !slices.Equal(got, []string{"added"}) {
			t.Errorf("the trail stands: %q", got)
		}
		point = "ChangeReferral:after"
		if err := send(); !errors.Is(err, errBoom) {
			t.Fatalf("want the fault, got %v", err)
		}
		point = ""
		if x := must(w.Referral(w.ctx, "a", w.referral.ID))(t); x.State != handrail.ReferralSent {
			t.Errorf("what was committed is gone: %s", x.State)
		}
		if got := w.actions("referral", string(w.referral.ID)); !slices.Equal(got, []string{"added", "offered -> sent"}) {
			t.Errorf("trail: %q", got)
		}
		if err := send(); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("an illegal step: %v", err)
		}
	})
}

// TestNouns_C8 asks for everything that practice a has, as practice b. Nothing may be found and nothing changed.
func TestNouns_C8(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		a := newWorld(t, open, records.Options{})
		b := a.fill("b")
		ctx, p := a.ctx, a.patient.ID
		now := a.clock.Now()
		err2 := func(_ any, err error) error { return err }
		for name, ask := range map[string]func() error{
			"Practice": func() error { return err2(a.Practice(ctx, "c")) },
			"Staff":    func() error { return err2(a.Staff(ctx, "b", a.gp.ID)) },
			"Patient":  func() error { return err2(a.Patient(ctx, "b", p)) },
			"ChangePatient": func() error {
				return err2(a.ChangePatient(ctx, "b", p, by, "x", func(*handrail.Patient) error { return nil }))
			},
			"Buddy":       func() error { return err2(a.Buddy(ctx, "b", a.buddy.ID)) },
			"ChangeBuddy": func() error { return err2(a.ChangeBuddy(ctx, "b", a.buddy.ID, by, (*handrail.Buddy).Leave)) },
			"Referral":    func() error { return err2(a.Referral(ctx, "b", a.referral.ID)) },
			"ChangeReferral": func() error {
				return err2(a.ChangeReferral(ctx, "b", a.referral.ID, by, (*handrail.Referral).Send))
			},
			"OpenReferral": func() error { return err2(a.OpenReferral(ctx, "b", p)) },
			"AddReferral": func() error {
				return err2(a.AddReferral(ctx, handrail.Referral{Practice: "b", Patient: p}, by))
			},
			"Enrolment": func() error { return err2(a.Enrolment(ctx, "b", a.enrolment.ID)) },
			"ChangeEnrolment": func() error {
				return err2(a.ChangeEnrolment(ctx, "b", a.enrolment.ID, by, (*handrail.Enrolment).Begin))
			},
			"AddEnrolment": func() error {
				return err2(a.AddEnrolment(ctx, handrail.Enrolment{Practice: "b", Patient: b.patient.ID, Referral: a.referral.ID}, by))
			},
			"Visit": func() error { return err2(a.Visit(ctx, "b", a.attendance.ID)) },
			"ChangeAttendance": func() error {
				return err2(a.ChangeAttendance(ctx, "b", a.attendance.ID, by, func(x *handrail.Attendance) error { return x.Going(now) }))
			},
			"AddAttendance": func() error {
				return err2(a.AddAttendance(ctx, handrail.Attendance{Practice: "b", Patient: p, Enrolment: a.enrolment.ID,
					Occurrence: handrail.Occurrence{Start: now}}, by))
			},
			"AddAttendance again": func() error {
				return err2(a.AddAttendance(ctx, handrail.Attendance{Practice: "b", Patient: p, Enrolment: a.enrolment.ID,
					Occurrence: a.attendance.Occurrence}, by))
			},
			"Accompaniment":   func() error { return err2(a.Accompaniment(ctx, "b", a.accompaniment.ID)) },
			"AccompanimentOf": func() error { return err2(a.AccompanimentOf(ctx, "b", a.attendance.ID)) },
			"ChangeAccompaniment": func() error {
				return err2(a.ChangeAccompaniment(ctx, "b", a.accompaniment.ID, by, func(x *handrail.Accompaniment) error { return x.Cancel(now) }))
			},
			"AddAccompaniment": func() error {
				return err2(a.AddAccompaniment(ctx, handrail.Accompaniment{Practice: "b", Patient: p, Attendance: a.attendance.ID}, by))
			},
			"Alert": func() error { return err2(a.Alert(ctx, "b", a.alert.ID)) },
			"ChangeAlert": func() error {
				return err2(a.ChangeAlert(ctx, "b", a.alert.ID, by, func(x *handrail.Alert) error { return x.Acknowledge("sta", now) }))
			},
			"ResolveAlert": func() error { return err2(a.ResolveAlert(ctx, "b", a.alert.ID, b.worker.ID)) },
			"RaiseAlert":   func() error { _, _, err := a.RaiseAlert(ctx, "b", p, "general", by); return err },
			"AskPermission": func() error {
				return a.AskPermission(ctx, handrail.Permission{Practice: "b", Patient: p, Purpose: handrail.PurposeBuddy}, by)
			},
			"AnswerPermission": func() error {
				return err2(a.AnswerPermission(ctx, "b", p, handrail.PurposeChat, "v", "w", false, by))
			},
			"WithdrawPermission": func() error { return a.WithdrawPermission(ctx, "b", p, handrail.PurposeChat, by) },
			"AddFeedback": func() error {
				return a.AddFeedback(ctx, handrail.Feedback{Practice: "b", Patient: p, Attendance: a.attendance.ID, Verdict: "ok"}, by)
			},
			"NewInvite": func() error { return err2(a.NewInvite(ctx, "b", p, time.Hour, by)) },
			"Stop":      func() error { return a.Stop(ctx, "b", p, by) },
			"Pause":     func() error { return a.Pause(ctx, "b", p, now, by) },
			"Resume":    func() error { return a.Resume(ctx, "b", p, by) },
			"SaveStaff": func() error {
				s := a.gp
				s.Practice, s.Address = "b", handrail.Address{}
				return a.SaveStaff(ctx, s, by)
			},
		} {
			if err := ask(); !handrail.IsKind(err, handrail.KindNotFound) {
				t.Errorf("%s: want not found, got %v", name, err)
			}
		}
		// Lists of the other practice hold nothing of ours.
		if got := must(a.VisitsOf(ctx, "b", p))(t); len(got) != 0 {
			t.Errorf("VisitsOf: %d", len(got))
		}
		if got := must(a.Enrolments(ctx, "b", p))(t); len(got) != 0 {
			t.Errorf("Enrolments: %d", len(got))
		}
		if got := must(a.Permissions(ctx, "b", p))(t); len(got) != 0 {
			t.Errorf("Permissions: %d", len(got))
		}
		if got := must(a.PermissionHistory(ctx, "b", p))(t); len(got) != 0 {
			t.Errorf("PermissionHistory: %d", len(got))
		}
		if got := must(a.Permitted(ctx, "b", p, handrail.PurposeChat))(t); got {
			t.Error("Permitted in another practice")
		}
		if got := must(a.Audits(ctx, "b", "patient", string(p)))(t); len(got) != 0 {
			t.Errorf("Audits: %d", len(got))
		}
		for _, c := range must(a.Caseload(ctx, "b"))(t) {
			if c.Patient.Practice != "b" || len(c.Visits) != 1 || c.Visits[0].Practice != "b" {
				t.Errorf("Caseload of b: %+v", c)
			}
		}
		if got := must(a.FindPatients(ctx, "b", "Frank", 1950))(t); len(got) != 1 || got[0].ID != b.patient.ID {
			t.Errorf("FindPatients: %+v", got)
		}
		// Nothing of a moved.
		if got := must(a.Patient(ctx, "a", p))(t); !reflect.DeepEqual(got, a.patient) {
			t.Errorf("the patient changed: %+v", got)
		}
		if got := must(a.Staff(ctx, "a", a.gp.ID))(t); !reflect.DeepEqual(got, a.gp) {
			t.Errorf("the GP changed: %+v", got)
		}
	})
}

func TestPermission_G1_History(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		p, me := w.patient.ID, handrail.Actor("patient:"+w.patient.ID)
		ask := handrail.Permission{Practice: "a", Patient: p, Purpose: handrail.PurposeBuddy, Version: "buddy/1",
			Wording: "May Joan know your first name?", State: handrail.PermissionGiven}
		w.ok(w.AskPermission(w.ctx, ask, by))
		w.ok(w.AskPermission(w.ctx, ask, by))
		if must(w.Permitted(w.ctx, "a", p, handrail.PurposeBuddy))(t) {
			t.Fatal("a question counts as a yes")
		}
		answer := func(version string, yes bool) handrail.PermissionState {
			t.Helper()
			w.clock.Add(time.Minute)
			return must(w.AnswerPermission(w.ctx, "a", p, handrail.PurposeBuddy, version, "words of "+version, yes, me))(t).State
		}
		for i, c := range []struct {
			version string
			yes     bool
			want    handrail.PermissionState
		}{
			{"buddy/1", false, handrail.PermissionRefused},
			{"buddy/1", false, handrail.PermissionRefused}, // again: nothing
			{"buddy/1", true, handrail.PermissionGiven},
			{"buddy/1", true, handrail.PermissionGiven}, // again: nothing
			{"buddy/2", true, handrail.PermissionGiven}, // a new wording
			{"buddy/2", false, handrail.PermissionWithdrawn},
			{"buddy/2", true, handrail.PermissionGiven},
		} {
			if got := answer(c.version, c.yes); got != c.want {
				t.Errorf("answer %d: want %s, got %s", i, c.want, got)
			}
		}
		w.ok(w.WithdrawPermission(w.ctx, "a", p, handrail.PurposeBuddy, by))
		w.ok(w.WithdrawPermission(w.ctx, "a", p, handrail.PurposeBuddy, by))
		var got []string
		for _, h := range must(w.PermissionHistory(w.ctx, "a", p))(t) {
			if h.Purpose == handrail.PurposeBuddy {
				got = append(got, h.Version+" "+string(h.State)+" "+h.Wording)
			}
		}
		want := []string{
			"buddy/1 asked May Joan know your first name?", "buddy/1 refused words of buddy/1", "buddy/1 given words of buddy/1",
			"buddy/2 given words of buddy/2", "buddy/2 withdrawn words of buddy/2", "buddy/2 given words of buddy/2",
			"buddy/2 withdrawn words of buddy/2",
		}
		if !slices.Equal(got, want) {
			t.Errorf("history:\nwant %q\ngot  %q", want, got)
		}
	})
}

func TestAlert_K8_K10(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		p := w.patient.ID
		first, fresh, err := w.RaiseAlert(w.ctx, "a", p, "general", "patient:x")
		w.ok(err)
		second, again, err := w.RaiseAlert(w.ctx, "a", p, "abuse", "patient:x")
		w.ok(err)
		if !fresh || again || second.ID != first.ID || second.Messages != 2 {
			t.Errorf("a second message does not join: %+v, %+v", first, second)
		}
		if got := must(w.Patient(w.ctx, "a", p))(t); got.HeldSince == nil {
			t.Error("the patient is not held")
		}
		// Somebody unknown joins their own and nobody else's.
		x, fresh1, err := w.RaiseAlert(w.ctx, "a", "", "general", "unknown:1")
		w.ok(err)
		y, fresh2, err := w.RaiseAlert(w.ctx, "a", "", "general", "unknown:1")
		w.ok(err)
		z, fresh3, err := w.RaiseAlert(w.ctx, "a", "", "general", "unknown:2")
		w.ok(err)
		if !fresh1 || fresh2 || !fresh3 || x.ID != y.ID || x.ID == z.ID {
			t.Errorf("strangers: %v %v %v", x, y, z)
		}
		if got := must(w.OpenAlerts(w.ctx, "a"))(t); len(got) != 3 {
			t.Errorf("open alerts: %d", len(got))
		}
		must(w.ChangeAlert(w.ctx, "a", first.ID, by, func(a *handrail.Alert) error { return a.Acknowledge(w.worker.ID, w.clock.Now()) }))(t)
		must(w.ResolveAlert(w.ctx, "a", first.ID, w.worker.ID))(t)
		if got := must(w.Patient(w.ctx, "a", p))(t); got.HeldSince != nil {
			t.Error("the patient is still held")
		}
		if _, err := w.ResolveAlert(w.ctx, "a", first.ID, w.worker.ID); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("resolved twice: %v", err)
		}
	})
}

// TestAttendance_Unique plans the same visit from several goroutines: there is one.
func TestAttendance_Unique(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		start := w.clock.Now().Add(72 * time.Hour)
		ids := race(t, 8, func(int) (handrail.AttendanceID, error) {
			a, err := w.AddAttendance(w.ctx, handrail.Attendance{Practice: "a", Patient: w.patient.ID,
				Enrolment: w.enrolment.ID, Occurrence: handrail.Occurrence{Activity: "walk", Start: start, End: start}}, by)
			return a.ID, err
		})
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("two visits: %v", ids)
			}
		}
		refs := race(t, 8, func(int) (string, error) {
			x, err := w.AddReferral(w.ctx, handrail.Referral{Practice: "a", Patient: w.patient.ID}, by)
			return x.Ref, err
		})
		slices.Sort(refs)
		if len(slices.Compact(refs)) != 8 {
			t.Errorf("references repeat: %v", refs)
		}
	})
}

// race runs fn n times at once and returns what each made.
func race[T any](t testing.TB, n int, fn func(i int) (T, error)) []T {
	t.Helper()
	type result struct {
		v   T
		err error
	}
	start, results := make(chan struct{}), make(chan result)
	for i := range n {
		go func() {
			<-start
			v, err := fn(i)
			results <- result{v, err}
		}()
	}
	close(start)
	var out []T
	for range n {
		r := <-results
		if r.err != nil {
			t.Error(r.err)
			continue
		}
		out = append(out, r.v)
	}
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// TestInstants stores instants given in any zone: they come back as the same instant, in UTC, whatever the clocks did.
func TestInstants(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		zones := []*time.Location{time.UTC, time.FixedZone("east", 14*3600), time.FixedZone("west", -11*3600)}
		if london, err := time.LoadLocation("Europe/London"); err == nil {
			zones = append(zones, london)
		}
		rapid.Check(t, func(rt *rapid.T) {
			at := time.UnixMicro(rapid.Int64Range(1, 4102444800_000_000).Draw(rt, "us")).In(rapid.SampledFrom(zones).Draw(rt, "zone"))
			w.ok(w.Pause(w.ctx, "a", w.patient.ID, at, by))
			got := must(w.Patient(w.ctx, "a", w.patient.ID))(t)
			if !got.PausedUntil.Equal(at) || got.PausedUntil.Location() != time.UTC {
				rt.Fatalf("want %v, got %v", at, got.PausedUntil)
			}
		})
	})
}

func TestWho(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		who := func(a handrail.Address) bot.Who { t.Helper(); return must(w.Who(w.ctx, a))(t) }
		if got := who(w.gp.Address); got.Kind != bot.WhoStaff || got.ID != string(w.gp.ID) || got.Name != "Dr Rao" || len(got.Roles) != 1 {
			t.Errorf("staff: %+v", got)
		}
		if got := who(w.patient.Address); got.Kind != bot.WhoPatient || got.Language != "en" {
			t.Errorf("patient: %+v", got)
		}
		if got := who(w.buddy.Address); got.Kind != bot.WhoBuddy || got.Name != "Joan" {
			t.Errorf("buddy: %+v", got)
		}
		if got := who(chat("a", "stranger")); !reflect.DeepEqual(got, bot.Who{Kind: bot.WhoUnknown, Practice: "a"}) {
			t.Errorf("stranger: %+v", got)
		}
		if got := who(chat("b", "frank")); got.Kind != bot.WhoUnknown || got.Practice != "b" {
			t.Errorf("the same chat of another practice's bot: %+v", got)
		}
		gone := w.gp
		gone.Active = false
		w.ok(w.SaveStaff(w.ctx, gone, by))
		if got := who(w.gp.Address); got.Kind != bot.WhoUnknown || got.ID != "" {
			t.Errorf("somebody who left: %+v", got)
		}
	})
}

func TestInTx(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		send := func(ctx context.Context) error {
			_, err := w.ChangeReferral(ctx, "a", w.referral.ID, by, (*handrail.Referral).Send)
			return err
		}
		still := func(why string) {
			t.Helper()
			if x := must(w.Referral(w.ctx, "a", w.referral.ID))(t); x.State != handrail.ReferralOffered {
				t.Errorf("%s: the change stands", why)
			}
		}
		err := w.InTx(w.ctx, func(ctx context.Context) error { return errors.Join(send(ctx), errBoom) })
		if !errors.Is(err, errBoom) {
			t.Errorf("want the error of fn, got %v", err)
		}
		still("an error")
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = w.InTx(w.ctx, func(ctx context.Context) error { _ = send(ctx); panic("boom") })
		}()
		still("a panic")
		err = w.InTx(w.ctx, func(ctx context.Context) error {
			_ = w.InTx(ctx, func(ctx context.Context) error { return errors.Join(send(ctx), errBoom) })
			return nil // swallowed
		})
		if !errors.Is(err, errBoom) {
			t.Errorf("half of a nested part was committed: %v", err)
		}
		still("a nested error")
		err = w.InTx(w.ctx, func(ctx context.Context) error {
			if _, err := w.Referral(ctx, "a", "ref_none"); !handrail.IsKind(err, handrail.KindNotFound) {
				return err
			}
			if err := w.InTx(ctx, func(context.Context) error { return errBoom }); !errors.Is(err, errBoom) {
				return err
			}
			return send(ctx)
		})
		if err != nil {
			t.Errorf("a nested part that wrote nothing dooms the rest: %v", err)
		}
		ctx, cancel := context.WithCancel(w.ctx)
		cancel()
		if err := w.InTx(ctx, send); err == nil {
			t.Error("a cancelled context commits")
		}
		w.put(w.envelope("after", bot.ClassReply)) // the connection still works
	})
}
