package records

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"
)

// A lease says until when a row is somebody's; a run says whether that somebody is still there. Each process that works
// holds a lock for as long as it lives, which the operating system or the server lets go the moment it dies, however it
// dies: what it had leased is taken over at once and not when the leases end. The lock only saves time. Who has lost it and
// works on meets a newer epoch (F4, F5).

// Run is a working process, as other processes see it: what it leases is marked with its number.
type Run struct {
	r  *Records
	mu sync.Mutex // guards what follows
	id int64
	// held is what holds the lock: a connection of PostgreSQL, or a small SQLite file of its own beside the records.
	held *sql.Conn
	file *sql.DB
}

// Begin makes this process known as one that works, and takes over what dead ones had leased. One Run at a time: what is
// leased from now on is marked as its own.
func (r *Records) Begin(ctx context.Context) (*Run, error) {
	run := &Run{r: r}
	if err := run.register(ctx); err != nil {
		return nil, fmt.Errorf("begin a run: %w", err)
	}
	if _, err := run.Bury(ctx); err != nil {
		return nil, errors.Join(err, run.End(ctx))
	}
	return run, nil
}

func (run *Run) register(ctx context.Context) error {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil { // two processes must differ even where a test gives both the same source
		return fmt.Errorf("draw a number: %w", err)
	}
	id := int64(binary.BigEndian.Uint64(b[:]) >> 2)
	if err := run.lock(ctx, id); err != nil {
		return run.r.wrap("lock the run", err)
	}
	err := run.r.in(ctx, "Begin", func(ctx context.Context) error {
		_, err := run.r.exec(ctx, "enter the run", "INSERT INTO runs (id, began_at) VALUES ($1, $2)", id, micros(run.r.now()))
		return err
	})
	if err != nil {
		return errors.Join(err, run.unlock())
	}
	run.id = id
	run.r.run.Store(id)
	return nil
}

// Bury takes over what dead processes had leased, and says how many there were. It is called now and then. A run whose own
// lock was lost (the connection broke) gets a new one.
func (run *Run) Bury(ctx context.Context) (dead int, err error) {
	run.mu.Lock()
	defer run.mu.Unlock()
	if run.held != nil && run.held.PingContext(ctx) != nil {
		if err := errors.Join(run.unlock(), run.register(ctx)); err != nil {
			return 0, fmt.Errorf("begin the run again: %w", err)
		}
	}
	ids, err := list(ctx, run.r, "look for runs", value[int64], "SELECT id FROM runs WHERE id <> $1", run.id)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		gone, err := run.r.gone(ctx, id)
		if err != nil {
			return dead, run.r.wrap("look whether a run lives", err)
		}
		if !gone {
			continue
		}
		if err := run.r.bury(ctx, id); err != nil {
			return dead, err
		}
		dead++
	}
	return dead, nil
}

// End gives the lock back. What is still leased is anybody's.
func (run *Run) End(ctx context.Context) error {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.r.run.Store(0)
	return errors.Join(run.r.bury(ctx, run.id), run.unlock())
}

// bury makes everything that a run had leased due, and forgets the run.
func (r *Records) bury(ctx context.Context, id int64) error {
	return r.in(ctx, "Bury", func(ctx context.Context) error {
		if _, err := r.exec(ctx, "take over turns", "UPDATE inbox SET due_at = 0, owner = 0 WHERE finished_at IS NULL AND owner = $1", id); err != nil {
			return err
		}
		_, err := r.exec(ctx, "take over envelopes", "UPDATE outbox SET lease_until = 0, owner = 0 WHERE state IN ('claimed', 'sending') AND owner = $1", id)
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "forget the run", "DELETE FROM runs WHERE id = $1", id)
		r.tx(ctx).wake |= workTurns | workPosts
		return err
	})
}

func (run *Run) lock(ctx context.Context, id int64) error {
	if run.r.kind == postgres {
		conn, err := run.r.db.Conn(ctx)
		if err != nil {
			return err
		}
		run.held = conn
		_, err = conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", id)
		if err != nil {
			return errors.Join(err, run.unlock())
		}
		return nil
	}
	file, conn, err := lockFile(ctx, run.r.runFile(id), "rwc")
	if err != nil {
		return err
	}
	run.file, run.held = file, conn
	return nil
}

// lockFile locks a file the way SQLite locks, so that it works wherever the records do.
func lockFile(ctx context.Context, path, mode string) (file *sql.DB, held *sql.Conn, err error) {
	file, err = sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String()+"?mode="+mode+"&_pragma=busy_timeout(0)&_pragma=journal_mode(MEMORY)")
	if err != nil {
		return nil, nil, err
	}
	held, err = file.Conn(ctx)
	if err == nil {
		_, err = held.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if err != nil {
		if held != nil {
			_ = held.Close()
		}
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, held, nil
}

func (run *Run) unlock() error {
	var errs []error
	if run.held != nil {
		if run.r.kind == postgres {
			// A broken connection has lost the lock by itself.
			_, _ = run.held.ExecContext(context.Background(), "SELECT pg_advisory_unlock_all()")
		}
		errs = append(errs, run.held.Close())
		run.held = nil
	}
	if run.file != nil {
		errs = append(errs, run.file.Close(), removed(run.r.runFile(run.id)))
		run.file = nil
	}
	return errors.Join(errs...)
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the lock of a run: %w", pathless(err))
	}
	return nil
}

// runFile is the lock of a run on SQLite.
func (r *Records) runFile(id int64) string { return r.file + "-run-" + strconv.FormatInt(id, 36) }

// gone says whether nobody holds the lock of a run.
func (r *Records) gone(ctx context.Context, id int64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if r.kind == postgres {
		// For the length of one statement: nobody else is kept from it.
		var free bool
		err := r.db.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", id).Scan(&free)
		return free, err
	}
	path := r.runFile(id)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	file, held, err := lockFile(ctx, path, "rw")
	if err != nil {
		return false, nil // it lives, or cannot be looked at: its leases end by themselves
	}
	return true, errors.Join(held.Close(), file.Close(), removed(path))
}
