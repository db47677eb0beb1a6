package handrail_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
)

// What each role may do, in one table: a change of it is a change of this table (C7).
func TestStaff_C7_WhatRolesMayDo(t *testing.T) {
	type may struct{ open, own, halt, lift, liftDeath, manage bool }
	all := map[handrail.Role]may{
		handrail.RoleGP:            {open: true, own: true, halt: true, lift: true, liftDeath: true},
		handrail.RoleNurse:         {open: true, own: true, halt: true, lift: true},
		handrail.RolePharmacist:    {open: true, own: true, halt: true},
		handrail.RoleReceptionist:  {own: true, halt: true},
		handrail.RoleLinkWorker:    {open: true, own: true, halt: true, lift: true},
		handrail.RoleCoordinator:   {open: true, own: true, halt: true, lift: true},
		handrail.RoleChampion:      {own: true},
		handrail.RoleManager:       {own: true, halt: true, lift: true, liftDeath: true},
		handrail.RoleAdministrator: {own: true, manage: true},
		"":                         {},
	}
	if len(all) != len(handrail.Roles())+1 {
		t.Fatalf("%d roles in the table, there are %d", len(all)-1, len(handrail.Roles()))
	}
	others, mine := handrail.Referral{Practice: "a", By: "sta_2"}, handrail.Referral{Practice: "a", By: "sta_1"}
	for role, want := range all {
		s := handrail.Staff{ID: "sta_1", Practice: "a"}
		if role != "" {
			s.Roles = []handrail.Role{role}
		}
		got := may{s.MayOpen(others), s.MayOpen(mine), s.MayHalt(), s.MayLift(handrail.HaltHospital), s.MayLift(handrail.HaltDied), s.MayManage()}
		if got != want {
			t.Errorf("%q may %+v, want %+v", role, got, want)
		}
		if foreign := (handrail.Referral{Practice: "b", By: "sta_1"}); s.MayOpen(foreign) {
			t.Errorf("%q may open another practice's record", role)
		}
	}
}

// A death stays, whatever else is pressed, until somebody who may says that it was wrong (B27, H12).
func TestPatient_B27_Halt(t *testing.T) {
	at := time.Date(2026, 11, 5, 10, 0, 0, 0, time.UTC)
	gp, nurse := handrail.Staff{Roles: []handrail.Role{handrail.RoleGP}}, handrail.Staff{Roles: []handrail.Role{handrail.RoleNurse}}
	var p handrail.Patient
	p.Address = handrail.Address{Practice: "a", Channel: "web", Chat: "x"}
	step := func(err error, ok bool, why string) {
		t.Helper()
		reachable, got := p.Reachable(at)
		if (err == nil) != ok || got != why || reachable != (why == "") {
			t.Errorf("error %v, reachable %v because %q, want %v and %q", err, reachable, got, ok, why)
		}
	}
	step(p.PutHalt("bored", "sta_1", at), false, "")
	step(p.PutHalt(handrail.HaltHospital, "", at), false, "")
	step(p.PutHalt(handrail.HaltHospital, "sta_1", at), true, "halted")
	step(p.LiftHalt(handrail.Staff{Roles: []handrail.Role{handrail.RoleChampion}}), false, "halted")
	step(p.LiftHalt(nurse), true, "")
	step(p.LiftHalt(nurse), true, "") // nothing to undo
	step(p.PutHalt(handrail.HaltDied, "sta_1", at), true, "deceased")
	step(p.PutHalt(handrail.HaltMoved, "sta_1", at), true, "deceased")
	step(p.LiftHalt(nurse), false, "deceased")
	step(p.LiftHalt(gp), true, "")
	// The patient's own stop is nobody else's to lift.
	p.Stopped = &at
	step(p.PutHalt(handrail.HaltUnsafe, "sta_1", at), true, "halted")
	step(p.LiftHalt(gp), true, "stopped")
}

func TestLeave(t *testing.T) {
	l := handrail.Leave{Staff: "a", Cover: "b", From: "2026-12-24", To: "2027-01-01"}
	for day, want := range map[handrail.Date]bool{"2026-12-23": false, "2026-12-24": true, "2026-12-31": true, "2027-01-01": true, "2027-01-02": false} {
		if l.On(day) != want {
			t.Errorf("on %s: %v", day, l.On(day))
		}
	}
	for _, wrong := range []handrail.Leave{{Staff: "a"}, {Staff: "a", Cover: "a"}, {Staff: "a", Cover: "b", From: "2026-12-02", To: "2026-12-01"}} {
		if wrong.Check() == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}

// Whoever covers is never away themselves, unless everybody is: then a patient stays with whoever they were with, and no
// ring of covers is followed for ever.
func TestCoverFor_EndsSomewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := []handrail.StaffID{"a", "b", "c", "d"}
		var leaves []handrail.Leave
		away := map[handrail.StaffID]bool{}
		for _, p := range people {
			if !rapid.Bool().Draw(t, "away") {
				continue
			}
			cover := rapid.SampledFrom(people).Draw(t, "cover")
			on := rapid.Bool().Draw(t, "now")
			l := handrail.Leave{Staff: p, Cover: cover, From: "2026-12-01", To: "2026-12-02"}
			if !on {
				l.From, l.To = "2026-12-05", "2026-12-06"
			}
			if l.Check() == nil {
				leaves = append(leaves, l)
				away[p] = away[p] || on
			}
		}
		for _, p := range people {
			cover, gone := handrail.CoverFor(leaves, p, "2026-12-01")
			switch {
			case !away[p] && (gone || cover != p):
				t.Fatalf("%s is here, and %s covers", p, cover)
			case away[p] && !gone:
				t.Fatalf("%s is away, and counts as here", p)
			case away[p] && cover != p && away[cover]:
				t.Fatalf("%s covers for %s and is away", cover, p)
			}
		}
	})
}

// The weeks of a chart are calendar weeks of the wall, over both changes of the clocks (T3).
func TestWeeksOf_T3(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	visit := func(local string, s handrail.AttendanceState) handrail.Attendance {
		at, err := time.ParseInLocation(handrail.LocalLayout, local, london)
		if err != nil {
			t.Fatal(err)
		}
		return handrail.Attendance{State: s, Occurrence: handrail.Occurrence{Start: at.UTC()}}
	}
	cases := []handrail.Case{{Visits: []handrail.Attendance{
		visit("2026-10-18T23:30", handrail.AttendanceCame), // a Sunday, in summer time
		visit("2026-10-19T00:30", handrail.AttendanceCame),
		visit("2026-10-25T23:30", handrail.AttendanceMissed), // the clocks went back that night
		visit("2026-10-26T00:30", handrail.AttendanceCame),
		visit("2026-10-27T10:00", handrail.AttendancePlanned),
		visit("2026-09-01T10:00", handrail.AttendanceCame),
	}}}
	got := handrail.WeeksOf(cases, 3, time.Date(2026, 10, 28, 12, 0, 0, 0, time.UTC), london)
	want := []handrail.WeekCount{{Monday: "2026-10-12", Came: 1}, {Monday: "2026-10-19", Came: 1, Missed: 1}, {Monday: "2026-10-26", Came: 1}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("week %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}
