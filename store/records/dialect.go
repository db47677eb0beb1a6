package records

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"handrail"
)

//go:embed migrations/*.sql
var migrations embed.FS

// dialect is which of the two databases this is. The queries are the same; what differs is named here.
type dialect int

const (
	sqlite dialect = iota
	postgres
)

// forUpdate ends a SELECT whose rows are about to be changed. SQLite has one writer and needs no such lock.
func (d dialect) forUpdate() string {
	if d == postgres {
		return " FOR UPDATE"
	}
	return ""
}

// skipLocked ends the SELECT of a row to be leased: a row that another process is leasing is passed over.
func (d dialect) skipLocked() string {
	if d == postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// provider knows the migrations: one folder, in which a file named for one database is left out on the other.
func provider(db *sql.DB, d dialect) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	name, other := goose.DialectSQLite3, "*.postgres.sql"
	var opts []goose.ProviderOption
	if d == postgres {
		name, other = goose.DialectPostgres, "*.sqlite.sql"
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, fmt.Errorf("prepare the lock of the migrations: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	leave, err := fs.Glob(files, other)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	opts = append(opts, goose.WithExcludeNames(leave), goose.WithDisableGlobalRegistry(true))
	p, err := goose.NewProvider(name, db, files, opts...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

// refuseNewer looks at the version without changing anything.
func refuseNewer(ctx context.Context, db *sql.DB, d dialect) error {
	exists := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	if d == postgres {
		exists = "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('goose_db_version')"
	}
	var n, have int64
	if err := db.QueryRowContext(ctx, exists).Scan(&n); err != nil {
		return handrail.Errorf(handrail.KindUnavailable, "The records database could not be opened.", "look at its version: %w", err)
	}
	if n == 0 {
		return nil
	}
	if err := db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(&have); err != nil {
		return fmt.Errorf("look at the version of the database: %w", err)
	}
	p, err := provider(db, d)
	if err != nil {
		return err
	}
	all := p.ListSources()
	if known := all[len(all)-1].Version; have > known {
		return handrail.Errorf(handrail.KindConflict,
			"This database was made by a newer version of Handrail. Start that version, or restore a backup that is older.",
			"the database is at version %d, this program knows %d", have, known)
	}
	return nil
}

// migrate brings the tables up to date. PostgreSQL holds a lock meanwhile. On SQLite two processes may both begin: each
// migration is one transaction, and the unique index on the version makes the second to apply one fail as a whole; it
// then looks again and finds it done.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	p, err := provider(db, d)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		_, err = p.Up(ctx)
		if err == nil {
			return nil
		}
		if attempt == 10 || d == postgres || ctx.Err() != nil {
			return fmt.Errorf("bring the database up to date: %w", err)
		}
	}
}

// retry reports whether the transaction lost to another one and would do on a second try.
func (d dialect) retry(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// wrap says what was being done, and sorts what the databases say into the kinds that callers act on. The texts of both
// drivers name tables and constraints and no values.
func (r *Records) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "23503":
			return handrail.Errorf(handrail.KindNotFound, "", "%s: a record that it belongs to is not there: %w", doing, err)
		case pg.Code == "23505":
			return handrail.Errorf(handrail.KindConflict, "", "%s: %w", doing, err)
		case pg.Code[:2] == "08" || pg.Code[:2] == "53" || pg.Code[:2] == "57":
			return handrail.Errorf(handrail.KindUnavailable, "", "%s: %w", doing, err)
		}
		return fmt.Errorf("%s: %w", doing, err)
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		// Its text holds the host and the user.
		return handrail.Errorf(handrail.KindUnavailable, "", "%s: the database does not answer", doing)
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return handrail.Errorf(handrail.KindNotFound, "", "%s: a record that it belongs to is not there: %w", doing, err)
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return handrail.Errorf(handrail.KindConflict, "", "%s: %w", doing, err)
		}
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
			return handrail.Errorf(handrail.KindUnavailable, "", "%s: %w", doing, err)
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// notFound is the answer for a record that is not there or is another practice's: the two are not told apart (C8).
func notFound(noun string) error {
	return handrail.Errorf(handrail.KindNotFound, "I can't find that "+noun+".", "%s is not there", noun)
}
