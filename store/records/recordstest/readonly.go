package recordstest

import (
	"database/sql"
	"errors"
	"testing"
	"time"
)

// ReadOnly makes the test binary's own PostgreSQL server refuse every write, as a standby does, or take them again; those
// who are connected feel it too. It is for one test at a time. It takes writes again at the test's end.
func ReadOnly(t testing.TB, url string, on bool) {
	t.Helper()
	set := func(value string) error {
		db, err := sql.Open("pgx", url)
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		db.SetMaxOpenConns(1)
		for _, query := range []string{"SET default_transaction_read_only = off", "ALTER SYSTEM SET default_transaction_read_only = " + value, "SELECT pg_reload_conf()"} {
			if _, err := db.Exec(query); err != nil {
				return err
			}
		}
		for range 200 { // the server tells those who are connected before it takes the next one in
			db, err := sql.Open("pgx", url)
			if err != nil {
				return err
			}
			var is string
			err = db.QueryRow("SHOW default_transaction_read_only").Scan(&is)
			_ = db.Close()
			if err != nil || is == value {
				return err
			}
			<-time.After(10 * time.Millisecond)
		}
		return errors.New("the server did not take the setting")
	}
	if !on {
		if err := set("off"); err != nil {
			t.Fatalf("PostgreSQL: make it writable: %v", err)
		}
		return
	}
	if err := set("on"); err != nil {
		t.Fatalf("PostgreSQL: make it read-only: %v", err)
	}
	t.Cleanup(func() {
		if err := set("off"); err != nil {
			t.Errorf("PostgreSQL: make it writable: %v", err)
		}
	})
}
