package records_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// Everything stops in one transaction: what waits is taken back, unused codes die, and a fault leaves all as it was. A
// somebody who died is never written to again, not even in answer, but for the card when danger is written of (B27, H12).
func TestHalt_B27_H12(t *testing.T) {
	fail := ""
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{Fail: func(point string) error {
			if point == fail {
				return errBoom
			}
			return nil
		}})
		code := must(w.NewInvite(w.ctx, "a", w.patient.ID, time.Hour, by))(t)
		for _, c := range []bot.Class{bot.ClassReminder, bot.ClassNudge, bot.ClassNotice, bot.ClassNote, bot.ClassReply, bot.ClassCard} {
			w.put(w.envelope(string(c), c))
		}
		fail = "Halt:before"
		if _, err := w.Halt(w.ctx, "a", w.patient.ID, handrail.HaltUnsafe, w.gp.ID); !errors.Is(err, errBoom) {
			t.Fatalf("want the fault, got %v", err)
		}
		fail = ""
		if p := must(w.Patient(w.ctx, "a", w.patient.ID))(t); p.Halt != nil || w.state("nudge").State != bot.SendQueued {
			t.Error("half of it stands")
		}
		for range 2 { // twice is once
			p := must(w.Halt(w.ctx, "a", w.patient.ID, handrail.HaltUnsafe, w.gp.ID))(t)
			if p.Halt == nil || *p.Halt != (handrail.Halt{Reason: handrail.HaltUnsafe, By: w.gp.ID, At: recordstest.Epoch()}) || p.Deceased {
				t.Errorf("%+v", p.Halt)
			}
			w.clock.Add(time.Minute)
		}
		for key, want := range map[string]bot.SendState{
			"reminder": bot.SendSuppressed, "nudge": bot.SendSuppressed, "notice": bot.SendSuppressed, "note": bot.SendSuppressed,
			"reply": bot.SendQueued, "card": bot.SendQueued,
		} {
			if got := w.state(key); got.State != want || want == bot.SendSuppressed && got.Reason != "halted" {
				t.Errorf("%s: %+v, want %s", key, got, want)
			}
		}
		if got := must(w.InviteStatus(w.ctx, "a", code))(t); got != handrail.InviteExpired {
			t.Errorf("the code is %s", got)
		}
		may := func(class bot.Class) string { return must(w.MaySend(w.ctx, w.envelope("x", class)))(t) }
		if may(bot.ClassReminder) != "halted" || may(bot.ClassReply) != "" || may(bot.ClassCard) != "" {
			t.Errorf("a reminder: %q, an answer: %q, urgent help: %q", may(bot.ClassReminder), may(bot.ClassReply), may(bot.ClassCard))
		}
		if _, err := w.LiftHalt(w.ctx, "a", w.patient.ID, "sta_nobody"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("nobody lifted it: %v", err)
		}
		if p := must(w.LiftHalt(w.ctx, "a", w.patient.ID, w.worker.ID))(t); p.Halt != nil {
			t.Errorf("%+v", p.Halt)
		}
		must(w.Halt(w.ctx, "a", w.patient.ID, handrail.HaltDied, w.worker.ID))(t)
		for _, c := range []bot.Class{bot.ClassCard, bot.ClassReply, bot.ClassReminder, bot.ClassNudge, bot.ClassNotice} {
			want := "deceased"
			if c == bot.ClassCard { // whoever writes of danger is alive
				want = ""
			}
			if got := may(c); got != want {
				t.Errorf("%s to somebody who died: %q, want %q", c, got, want)
			}
		}
		if _, err := w.LiftHalt(w.ctx, "a", w.patient.ID, w.worker.ID); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("a link worker undid a death: %v", err)
		}
		if p := must(w.LiftHalt(w.ctx, "a", w.patient.ID, w.gp.ID))(t); p.Deceased || p.Halt != nil {
			t.Errorf("put right by a GP: %+v", p)
		}
		trail := w.actions("patient", string(w.patient.ID))
		if want := []string{"halted: unsafe", "4 messages suppressed: halted", "halt lifted", "halted: died", "halt lifted"}; !slices.Equal(trail[len(trail)-5:], want) {
			t.Errorf("trail: %q", trail)
		}
	})
}

// A code for staff works once, for whoever holds it, and dies with a new one, with time, and with its person's leaving.
func TestStaffInvite_C9(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.ok(w.SaveStaff(w.ctx, handrail.Staff{ID: "sta_new", Practice: "a", Name: "Owen", Roles: []handrail.Role{handrail.RoleNurse}, Active: true}, by))
		try := func(code, name string) handrail.InviteOutcome {
			t.Helper()
			outcome, s, err := w.TryStaffInvite(w.ctx, "a", code, chat("a", name))
			w.ok(err)
			if (outcome == handrail.InviteOK) != (s.ID != "") {
				t.Errorf("%s discloses %+v", outcome, s)
			}
			return outcome
		}
		first := must(w.NewStaffInvite(w.ctx, "a", "sta_new", time.Hour, by))(t)
		second := must(w.NewStaffInvite(w.ctx, "a", "sta_new", time.Hour, by))(t)
		if len(second) < 26 || first == second {
			t.Errorf("codes %q and %q", first, second)
		}
		if _, _, err := w.TryStaffInvite(w.ctx, "a", second, w.gp.Address); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("somebody else's chat: %v", err)
		}
		for _, step := range []struct {
			code string
			want handrail.InviteOutcome
		}{{"nonsense", handrail.InviteUnknown}, {first, handrail.InviteExpired}, {strings.ToUpper(second), handrail.InviteOK}, {second, handrail.InviteUsed}} {
			if got := try(step.code, "owen"); got != step.want {
				t.Errorf("want %s, got %s", step.want, got)
			}
		}
		if who := must(w.Who(w.ctx, chat("a", "owen")))(t); who.Kind != bot.WhoStaff || who.ID != "sta_new" {
			t.Errorf("%+v", who)
		}
		third := must(w.NewStaffInvite(w.ctx, "a", "sta_new", time.Hour, by))(t)
		w.clock.Add(time.Hour)
		if got := try(third, "owen2"); got != handrail.InviteExpired {
			t.Errorf("after its time: %s", got)
		}
		fourth := must(w.NewStaffInvite(w.ctx, "a", "sta_new", time.Hour, by))(t)
		must(w.ChangeStaff(w.ctx, "a", "sta_new", by, func(s *handrail.Staff) error { s.Active = false; return nil }))(t)
		if got := try(fourth, "owen3"); got != handrail.InviteExpired {
			t.Errorf("after they have left: %s", got)
		}
		w.fill("b")
		if outcome, _, err := w.TryStaffInvite(w.ctx, "b", fourth, chat("b", "x")); err != nil || outcome != handrail.InviteUnknown {
			t.Errorf("in another practice: %s %v (C8)", outcome, err)
		}
	})
}

// The last administrator stays one, however they go about it; every change of a role is in the audit trail.
func TestChangeStaff_LastAdministrator(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.ok(w.SaveStaff(w.ctx, handrail.Staff{ID: "sta_adm", Practice: "a", Name: "Pat", Roles: []handrail.Role{handrail.RoleManager, handrail.RoleAdministrator}, Active: true}, by))
		take := func(s *handrail.Staff) error { s.Roles = []handrail.Role{handrail.RoleManager}; return nil }
		leave := func(s *handrail.Staff) error { s.Active = false; return nil }
		for name, change := range map[string]func(*handrail.Staff) error{"role": take, "leaves": leave} {
			if _, err := w.ChangeStaff(w.ctx, "a", "sta_adm", by, change); !handrail.IsKind(err, handrail.KindInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(w.ChangeStaff(w.ctx, "a", w.gp.ID, by, func(s *handrail.Staff) error { s.Roles = append(s.Roles, handrail.RoleAdministrator); return nil }))(t)
		must(w.ChangeStaff(w.ctx, "a", "sta_adm", by, take))(t)
		if _, err := w.ChangeStaff(w.ctx, "a", w.gp.ID, by, leave); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("now the GP is the last one: %v", err)
		}
		if _, err := w.ChangeStaff(w.ctx, "b", w.gp.ID, by, leave); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("from another practice: %v (C8)", err)
		}
		taken := func(s *handrail.Staff) error { s.Address = w.patient.Address; return nil }
		if _, err := w.ChangeStaff(w.ctx, "a", w.gp.ID, by, taken); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("a patient's chat became staff's: %v", err)
		}
		if got := w.actions("staff", "sta_adm"); !slices.Contains(got, "roles: manager,administrator -> manager") {
			t.Errorf("trail: %q", got)
		}
	})
}

func TestLeaves(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{}) // it is 24 November, 09:00 UTC
		w.fill("b")
		add := func(from, to handrail.Date) error {
			return w.AddLeave(w.ctx, handrail.Leave{Practice: "a", Staff: w.worker.ID, Cover: w.gp.ID, From: from, To: to}, by)
		}
		read := func(zone *time.Location) []handrail.Leave {
			all, _, err := w.Leaves(w.ctx, "a", zone)
			w.ok(err)
			return all
		}
		w.ok(add("2026-11-20", "2026-11-23"))
		w.ok(add("2026-11-24", "2026-11-26"))
		w.ok(add("2026-12-24", "2026-12-31"))
		w.ok(add("2026-11-25", "2026-11-27")) // in the place of the second, which it overlaps
		got := read(time.UTC)
		if len(got) != 2 || got[0].From != "2026-11-25" || got[1].From != "2026-12-24" || got[0].Cover != w.gp.ID {
			t.Errorf("%+v", got)
		}
		// The day is the wall's: in Honolulu it is still the 23rd.
		if _, today, err := w.Leaves(w.ctx, "a", time.FixedZone("far", -10*3600)); err != nil || today != "2026-11-23" {
			t.Errorf("today is %s %v", today, err)
		}
		if err := add("2026-12-02", "2026-12-01"); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("it ends before it begins: %v", err)
		}
		err := w.AddLeave(w.ctx, handrail.Leave{Practice: "a", Staff: w.worker.ID, Cover: "sta_gp_b", From: "2026-12-01", To: "2026-12-02"}, by)
		if !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice covers: %v (C8)", err)
		}
		w.ok(w.EndLeave(w.ctx, "a", w.worker.ID, "2026-11-26", by))
		if got := read(time.UTC); len(got) != 0 {
			t.Errorf("they are back, and away: %+v", got)
		}
	})
}

// What staff wrote of a patient is sealed, belongs to one referral of one practice, and stays out of the audit trail.
func TestNotes_C8_G3(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		note := handrail.CaseNote{Practice: "a", Referral: w.referral.ID, By: w.gp.ID, Kind: handrail.NotePlan, Words: "'; DROP TABLE case_notes; -- canary"}
		w.ok(w.AddNote(w.ctx, note, by))
		got := must(w.Notes(w.ctx, "a", w.referral.ID))(t)
		if len(got) != 1 || got[0].Words != note.Words || got[0].By != w.gp.ID || !got[0].At.Equal(recordstest.Epoch()) {
			t.Errorf("%+v", got)
		}
		w.fill("b")
		note.Practice = "b"
		if err := w.AddNote(w.ctx, note, by); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("on another practice's referral: %v", err)
		}
		if got := must(w.Notes(w.ctx, "b", w.referral.ID))(t); len(got) != 0 {
			t.Errorf("another practice reads %+v", got)
		}
		w.ok(w.NoteRead(w.ctx, "a", by, "patient", string(w.patient.ID)))
		if got := w.actions("patient", string(w.patient.ID)); got[len(got)-1] != "read" {
			t.Errorf("trail: %q", got)
		}
		if got := strings.Join(w.actions("referral", string(w.referral.ID)), " "); strings.Contains(got, "canary") || !strings.Contains(got, "noted: plan") {
			t.Errorf("trail: %q", got)
		}
	})
}
