// Package recordstest lends tests a records database: SQLite always, PostgreSQL where its programs are installed.
//
//	func TestSomething(t *testing.T) {
//		recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
//			r := open(t, records.Options{Now: clock.Now})
//			...
//		})
//	}
//
// A test binary that uses PostgreSQL calls Main from its TestMain, which stops the server at the end.
package recordstest

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"handrail/store/records"
)

// Open opens an empty database for one test and closes it with the test. Options may leave out everything: URL is set,
// and Now and Key get a value where they have none.
type Open func(t testing.TB, o records.Options) *records.Records

// Epoch is what the clock says when a test gives none: a Tuesday morning in winter.
func Epoch() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }

// Key is a key for tests.
func Key() []byte { return bytes.Repeat([]byte("handrail"), 4) }

func open(t testing.TB, o records.Options) *records.Records {
	t.Helper()
	if o.Now == nil {
		o.Now = Epoch
	}
	if o.Key == nil {
		o.Key = Key()
	}
	r, err := records.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the records: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("close the records: %v", err)
		}
	})
	return r
}

// SQLite opens a database in a file of the test's own directory.
func SQLite(t testing.TB, o records.Options) *records.Records {
	t.Helper()
	if o.URL == "" {
		o.URL = SQLiteURL(t)
	}
	return open(t, o)
}

// SQLiteURL names a database file that does not exist yet.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite://" + filepath.Join(t.TempDir(), "handrail.db")
}

// Memory opens a database that does not sync, for tests that open many.
func Memory(t testing.TB, o records.Options) *records.Records {
	t.Helper()
	o.URL = "sqlite::memory:"
	return open(t, o)
}

// Postgres opens an empty database on the test binary's own PostgreSQL server; the test is skipped where its programs
// are not installed.
func Postgres(t testing.TB, o records.Options) *records.Records {
	t.Helper()
	if o.URL == "" {
		o.URL = PostgresURL(t)
	}
	return open(t, o)
}

// PostgresURL makes an empty database on the test binary's own server and returns its URL.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return theServer(t).database(t)
}

// URLs returns a function that makes URLs of empty databases, by the name of the database, for tests that open one
// database several times.
func URLs() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{"sqlite": SQLiteURL, "postgres": PostgresURL}
}

// Each runs the test once on each database.
func Each(t *testing.T, test func(t *testing.T, open Open)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres) })
}

// EachBench is Each for benchmarks.
func EachBench(b *testing.B, bench func(b *testing.B, open Open)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { bench(b, SQLite) })
	b.Run("postgres", func(b *testing.B) { bench(b, Postgres) })
}

// names numbers the databases of this process.
type names struct{ n atomic.Int64 }

func (n *names) next() string { return fmt.Sprintf("test_%d", n.n.Add(1)) }
