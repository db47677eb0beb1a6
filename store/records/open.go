package records

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"handrail"
)

// Options says where the records are and what they stand on.
type Options struct {
	// URL is "sqlite:///absolute/path.db", "postgres://...", or "sqlite::memory:" for tests: a private database that is
	// gone after Close. (It is a temporary file without fsync, so that it behaves in every other way as a file does.)
	URL string
	// Now is the clock. Required.
	Now func() time.Time
	// Rand is where ids and codes come from; nil is crypto/rand. It need not be safe for concurrent use.
	Rand io.Reader
	// Key keys the hashes by which names, addresses and codes are found; at least 32 bytes. With another key nothing
	// that was stored before can be found, so it must be kept with the database and backed up apart from it.
	Key []byte
	// Codec seals what is personal; nil is Plain.
	Codec Codec
	// Log may be nil.
	Log *slog.Logger
	// OnCommit is called after each commit that left work for a worker (an update or an envelope). It must not block
	// and must not call the records. Nil is allowed; see also Notify.
	OnCommit func()
	// Fail is for tests that kill the process at a bad moment. It is called before and after each commit with the name
	// of the outermost method: "Finish:before", "Finish:after". An error from before rolls back; one from after is
	// returned although the commit stands.
	Fail func(point string) error
	// FailKills says that Fail ends the process and never returns an error. Then turns share their commits as they do without
	// it; otherwise each has its own, since an error would be everybody's.
	FailKills bool
}

// Records is the SQL store. It is safe for concurrent use.
type Records struct {
	db     *sql.DB // SQLite: reads; PostgreSQL: everything
	writer *writer // SQLite only: the one connection that writes
	kind   dialect
	now    func() time.Time
	key    []byte
	codec  Codec
	log    *slog.Logger
	commit func()
	fail   func(string) error
	stmts  *statements
	remove string // a directory to remove on Close; empty when there is none

	randMu sync.Mutex
	rand   io.Reader

	wakeMu sync.Mutex
	wakes  []wake

	count  atomic.Int64
	waited atomic.Int64 // when an update began to wait; see waits
	run    atomic.Int64 // the number of this process's Run; 0 when there is none
	file   string       // of SQLite

	batches *batches
}

// maxConns bounds the pool of SQLite's readers: more would only queue for the processors. On PostgreSQL a connection waits
// for the disk most of its time, and commits that wait together reach it together: there are more of those.
const (
	maxConns         = 8
	maxPostgresConns = 16
)

// writerCache is the most memory that SQLite's writer keeps of the file, in KiB.
const writerCache = "32768"

// Open opens the records and brings their tables up to date. A database made by a newer version is refused with an
// error that says so, and is left as it was. Several processes may open one database at once.
func Open(ctx context.Context, o Options) (*Records, error) {
	switch {
	case o.Now == nil:
		return nil, errors.New("open records: no clock was given")
	case len(o.Key) < 32:
		return nil, handrail.Errorf(handrail.KindInvalid, "The key for hashes must be at least 32 bytes long.",
			"open records: the key has %d bytes", len(o.Key))
	}
	r := &Records{now: o.Now, rand: o.Rand, key: o.Key, codec: o.Codec, log: o.Log, commit: o.OnCommit, fail: o.Fail}
	if r.rand == nil {
		r.rand = rand.Reader
	}
	if r.codec == nil {
		r.codec = Plain{}
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	var err error
	switch scheme, _, _ := strings.Cut(o.URL, ":"); scheme {
	case "sqlite":
		err = r.openSQLite(ctx, o.URL)
	case "postgres", "postgresql":
		err = r.openPostgres(ctx, o.URL)
	default:
		err = handrail.Errorf(handrail.KindInvalid,
			"The records URL must begin with sqlite:/// or postgres://.", "unknown scheme %q", scheme)
	}
	if err != nil {
		_ = r.Close()
		return nil, fmt.Errorf("open records: %w", err)
	}
	if o.Fail == nil || o.FailKills { // a batch would fail for all of its callers
		r.batches = newBatches(r)
	}
	return r, nil
}

func (r *Records) openSQLite(ctx context.Context, raw string) error {
	r.kind = sqlite
	fsync := "FULL"
	file := ""
	if raw == "sqlite::memory:" {
		dir, err := os.MkdirTemp("", "handrail-")
		if err != nil {
			return fmt.Errorf("make a temporary directory: %w", err)
		}
		r.remove, file, fsync = dir, filepath.Join(dir, "handrail.db"), "OFF"
	} else {
		u, err := url.Parse(raw)
		if err != nil || u.Host != "" || !filepath.IsAbs(u.Path) {
			return handrail.Errorf(handrail.KindInvalid,
				"The records URL must name a file by its whole path: sqlite:///path/handrail.db.", "not an absolute path")
		}
		file = u.Path
		// SQLite gives its -wal and -shm files the mode of the database, so this one call closes all three.
		f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return handrail.Errorf(handrail.KindUnavailable, "The records file could not be opened.", "%w", pathless(err))
		}
		if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
			return fmt.Errorf("make the records file private: %w", pathless(err))
		}
	}
	dsn := func(more string) string {
		return (&url.URL{Scheme: "file", Path: file}).String() +
			"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=synchronous(" + fsync + ")" + more
	}
	r.file = file
	// The version is looked at before anything (the journal mode included) is changed.
	db, err := sql.Open("sqlite", dsn(""))
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	err = refuseNewer(ctx, db, sqlite)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	// The writer has room for what one import touches: with SQLite's own 2 MB it would write pages out and read them in
	// again all the time. It is taken only while it is needed. What savepoints need stays in memory, and the log is moved into
	// the file every 4,000 pages: a page that is written in every turn is then moved but once.
	write, err := sql.Open("sqlite", dsn("&_pragma=journal_mode(WAL)&_pragma=temp_store(2)&_pragma=wal_autocheckpoint(4000)&_pragma=cache_size(-"+writerCache+")&_txlock=immediate"))
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	write.SetMaxOpenConns(1)
	r.writer = newWriter(write)
	if err := migrate(ctx, write, sqlite); err != nil {
		return err
	}
	r.db, err = sql.Open("sqlite", dsn("&_pragma=query_only(1)"))
	if err != nil {
		return fmt.Errorf("open the file for reading: %w", err)
	}
	r.db.SetMaxOpenConns(maxConns)
	r.db.SetMaxIdleConns(maxConns)
	r.stmts = newStatements(r.db)
	return nil
}

// pathless drops the path from an error of package os, since a path may name a person's home.
func pathless(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func (r *Records) openPostgres(ctx context.Context, raw string) error {
	r.kind = postgres
	cfg, err := pgx.ParseConfig(raw)
	if err != nil {
		// The parser's own text repeats parts of the URL.
		return handrail.Errorf(handrail.KindInvalid, "The records URL is not a PostgreSQL URL that can be read.", "parse the URL")
	}
	r.db = stdlib.OpenDB(*cfg)
	r.db.SetMaxOpenConns(maxPostgresConns + 1) // one holds the lock of the Run
	r.db.SetMaxIdleConns(maxPostgresConns)
	r.db.SetConnMaxIdleTime(5 * time.Minute)
	if err := refuseNewer(ctx, r.db, postgres); err != nil {
		return err
	}
	return migrate(ctx, r.db, postgres)
}

// Close gives everything back. Transactions that are under way fail.
func (r *Records) Close() error {
	var errs []error
	if r.stmts != nil {
		r.stmts.close()
	}
	if r.writer != nil {
		errs = append(errs, r.writer.close())
	}
	if r.db != nil {
		errs = append(errs, r.db.Close())
	}
	if r.remove != "" {
		errs = append(errs, os.RemoveAll(r.remove))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close records: %w", err)
	}
	return nil
}

// Ping says whether the database answers.
func (r *Records) Ping(ctx context.Context) error {
	return r.wrap("ping the records", r.db.PingContext(ctx))
}

// Statements is how many SQL statements were run since Open. Tests hold queries to a bounded number with it, and it is
// a metric.
func (r *Records) Statements() int64 { return r.count.Load() }
