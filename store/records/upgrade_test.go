package records

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"handrail"
)

// TestUpgrade_F13 opens a database that an older version filled: its listings are there as they were, and the next copy
// of their source finds them.
func TestUpgrade_F13(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := provider(db, sqlite)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	const old = `{"name":"Walk","organiser":{"phone":"01632 960001"},"venue":{"postcode":"ZZ1 1AB"},"times":[{"day":2,"start":600,"end":660,"every":2}]}`
	for _, id := range []string{"a", "b"} {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO activities (id, practice, source, status, listing) VALUES ($1, '', 's', 'active', $2)", id, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	r, err := Open(t.Context(), Options{URL: "sqlite://" + path, Now: func() time.Time { return now }, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	all, err := r.Activities(t.Context())
	if err != nil || len(all) != 2 || len(all[0].Times) != 1 || all[0].Times[0].Every != 2 || all[0].Times[0].Start != handrail.At(10, 0) || !all[0].Standing.CreatedAt.IsZero() {
		t.Fatalf("%+v %v", all, err)
	}
	if due, err := r.ListingsToAsk(t.Context(), now, 10); err != nil || len(due) != 2 || !due[0].Standing.Due(now) {
		t.Errorf("%d to ask about: %v", len(due), err)
	}
	same := all[0]
	changed := all[1]
	changed.Organiser.Phone, changed.Description = "0906 1", "New words."
	take := func(want handrail.Imported) {
		t.Helper()
		got, err := r.TakeFeed(t.Context(), "s", handrail.FeedCopy{Changed: []handrail.Activity{same, changed}, Full: true}, "system")
		if err != nil || got != want {
			t.Errorf("want %+v, got %+v %v", want, got, err)
		}
	}
	take(handrail.Imported{Changed: 2, Held: 1}) // nothing was known of how the old copies looked, so both are looked at
	take(handrail.Imported{Same: 2})
	if a, err := r.Activity(t.Context(), "b"); err != nil || a.Organiser.Phone != "01632 960001" || a.Description != "New words." {
		t.Errorf("%+v %v", a, err)
	}
}

// TestDowngrade takes the newest migration back and applies it again, on SQLite.
func TestDowngrade(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	p, err := provider(db, sqlite)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { _, err := p.Up(t.Context()); return err },
		func() error { _, err := p.DownTo(t.Context(), 2); return err },
		func() error { _, err := p.Up(t.Context()); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}
