package house_test

import (
	"testing"
	"time"

	"handrail/house"
	"handrail/house/housetest"
)

// A clock that is moved by days stops where a job notes something though it sends nothing: who says nothing of a visit is put
// down for the next meeting on the morning on which a server would do it, and is reminded of it in time.
func TestHouse_T4_AdvanceKeeps(t *testing.T) {
	w := newWard(t, housetest.Options{})
	p, ref := w.patient("PATIENT")
	w.visit(p, ref, time.Date(2026, 11, 3, 10, 30, 0, 0, time.UTC))
	w.ok(w.Advance(t.Context(), time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC))) // in one go
	visits, err := w.Rec.VisitsOf(t.Context(), house.CastPractice, p.ID)
	w.ok(err)
	if len(visits) != 2 {
		t.Fatalf("%d visits, want the next one too", len(visits))
	}
	next := visits[1].Attendance
	if want := time.Date(2026, 11, 5, 9, 15, 0, 0, time.UTC); !next.PlannedAt.Equal(want) {
		t.Errorf("it was planned at %s, want %s", next.PlannedAt, want)
	}
	if at := next.Occurrence.Local; at != "2026-11-10T10:30" {
		t.Errorf("the next one is at %s", at)
	}
}
