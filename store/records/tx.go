package records

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"handrail"
)

// querier runs statements: a transaction, or the pool.
type querier interface {
	exec(ctx context.Context, query string, args []any) (sql.Result, error)
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
}

// tx is one transaction, as it travels in a context.
type tx struct {
	querier
	name   string
	writes int   // statements that may have written
	doomed error // a part failed after it had written: nothing may be committed
	wake   work  // who has something to do after the commit
}

// txKey finds the transaction of one Records in a context; two Records never share one.
type txKey struct{ r *Records }

func (r *Records) tx(ctx context.Context) *tx {
	t, _ := ctx.Value(txKey{r}).(*tx)
	return t
}

// InTx runs fn in one transaction: every method called with the context that fn gets takes part. An error or a panic
// rolls back, and the error is returned as it is. Inside another InTx it joins that one; when such an inner part fails
// after it wrote something, the whole can no longer be committed, even if its error is swallowed.
//
// On PostgreSQL a transaction that lost to another one is run again, so fn may run more than once; what it did outside
// the records must stand that. fn must not wait for a network, and must not call a method that writes with any other
// context than its own: SQLite has one writer, so the call would wait for the transaction that it is part of.
func (r *Records) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	return r.in(ctx, "InTx", fn)
}

// tries is how often a transaction is run that loses to others.
const tries = 5

func (r *Records) in(ctx context.Context, name string, fn func(ctx context.Context) error) error {
	if t := r.tx(ctx); t != nil {
		before := t.writes
		err := fn(ctx)
		if err != nil && t.writes != before && t.doomed == nil {
			t.doomed = err
		}
		return err
	}
	for try := 1; ; try++ {
		err := r.attempt(ctx, name, fn)
		if err == nil || try == tries || !r.kind.retry(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(try*try) * time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

func (r *Records) attempt(ctx context.Context, name string, fn func(ctx context.Context) error) error {
	s, err := r.begin(ctx, name)
	if err != nil {
		return r.wrap("begin "+name, err)
	}
	open := true
	defer func() {
		if open { // an error, or a panic on its way up
			s.rollback()
		}
	}()
	t := &tx{querier: s, name: name}
	if err := fn(context.WithValue(ctx, txKey{r}, t)); err != nil {
		return err
	}
	if t.doomed != nil {
		return fmt.Errorf("commit %s: a part of it had failed: %w", name, t.doomed)
	}
	if err := r.failAt(name + ":before"); err != nil {
		return err
	}
	open = false // commit gives the connection back whatever comes of it
	if err := s.commit(ctx); err != nil {
		return r.wrap("commit "+name, err)
	}
	if t.wake != 0 {
		r.tell(t.wake)
	}
	return r.failAt(name + ":after")
}

func (r *Records) failAt(point string) error {
	if r.fail == nil {
		return nil
	}
	return r.fail(point)
}

// session is a querier that ends.
type session interface {
	querier
	commit(ctx context.Context) error
	rollback()
}

func (r *Records) begin(ctx context.Context, name string) (session, error) {
	if r.writer != nil {
		return r.writer.begin(ctx, shares(name))
	}
	t, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return pgSession{t}, nil
}

// pgSession is a transaction of PostgreSQL; pgx keeps its prepared statements by itself.
type pgSession struct{ t *sql.Tx }

func (s pgSession) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	return s.t.ExecContext(ctx, query, args...)
}

func (s pgSession) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return s.t.QueryContext(ctx, query, args...)
}

func (s pgSession) commit(context.Context) error { return s.t.Commit() }
func (s pgSession) rollback()                    { _ = s.t.Rollback() }

// statements keeps the prepared statements of SQLite's readers.
type statements struct {
	db *sql.DB
	mu sync.Mutex
	by map[string]*sql.Stmt
}

func newStatements(db *sql.DB) *statements { return &statements{db: db, by: map[string]*sql.Stmt{}} }

func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.by[query]; ok {
		return st, nil
	}
	st, err := s.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.by[query] = st
	return st, nil
}

func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.by {
		_ = st.Close()
	}
	clear(s.by)
}

// exec runs a statement that writes. It must be inside a transaction: every public method that writes opens one.
func (r *Records) exec(ctx context.Context, doing, query string, args ...any) (changed int64, err error) {
	t := r.tx(ctx)
	if t == nil {
		return 0, errors.New(doing + ": outside a transaction")
	}
	r.count.Add(1)
	res, err := t.exec(ctx, query, args)
	t.writes++
	if err != nil {
		return 0, r.spoil(t, r.wrap(doing, err))
	}
	changed, err = res.RowsAffected()
	return changed, r.wrap(doing, err)
}

// spoil notes that a statement of t failed, unless the database only refused it by one of its rules: SQLite ends a whole
// transaction by itself after some errors (a full disk), and what came after it would stand alone. So nothing of t is
// committed then, even if its caller overlooks the error.
func (r *Records) spoil(t *tx, err error) error {
	if t != nil && t.doomed == nil && !handrail.IsKind(err, handrail.KindConflict) && !handrail.IsKind(err, handrail.KindNotFound) {
		t.doomed = err
	}
	return err
}

// rows runs a statement that returns rows, in the transaction of ctx when there is one.
func (r *Records) rows(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	r.count.Add(1)
	if t := r.tx(ctx); t != nil {
		if strings.HasPrefix(query, "UPDATE") || strings.HasPrefix(query, "INSERT") {
			t.writes++
		}
		return t.query(ctx, query, args)
	}
	if r.stmts == nil {
		return r.db.QueryContext(ctx, query, args...)
	}
	s, err := r.stmts.get(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// scanner is a row to be read.
type scanner interface{ Scan(dest ...any) error }

// list runs a query and reads every row before it returns, so that no query is ever open inside another.
func list[T any](ctx context.Context, r *Records, doing string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := r.rows(ctx, query, args)
	if err != nil {
		return nil, r.spoil(r.tx(ctx), r.wrap(doing, err))
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, r.wrap(doing, err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, r.spoil(r.tx(ctx), r.wrap(doing, err))
	}
	return out, r.wrap(doing, rows.Close())
}

// one runs a query for at most one row; false when there is none.
func one[T any](ctx context.Context, r *Records, doing string, scan func(scanner) (T, error), query string, args ...any) (T, bool, error) {
	all, err := list(ctx, r, doing, scan, query, args...)
	if err != nil || len(all) == 0 {
		var zero T
		return zero, false, err
	}
	return all[0], true, nil
}

// value reads a row of one column.
func value[T any](row scanner) (T, error) {
	var v T
	err := row.Scan(&v)
	return v, err
}

// batch runs a query for many ids, a few hundred at a time. query gets the placeholders for the ids, which follow the
// len(before) first ones. The number of ids is padded to one of a few sizes, so that the databases keep few statements.
func batch[T any, ID ~string](ctx context.Context, r *Records, doing string, scan func(scanner) (T, error), ids []ID,
	query func(marks string) string, before ...any,
) ([]T, error) {
	seen := make(map[ID]bool, len(ids))
	unique := make([]ID, 0, len(ids))
	for _, id := range ids {
		if id != "" && !seen[id] {
			seen[id] = true
			unique = append(unique, id)
		}
	}
	var out []T
	for len(unique) > 0 {
		size := 512
		for _, s := range []int{1, 8, 64} {
			if len(unique) <= s {
				size = s
				break
			}
		}
		n := min(size, len(unique))
		args := append(make([]any, 0, len(before)+size), before...)
		for i := range size {
			args = append(args, string(unique[min(i, n-1)]))
		}
		got, err := list(ctx, r, doing, scan, query(marks(len(before)+1, size)), args...)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
		unique = unique[n:]
	}
	return out, nil
}

// marks is "$from, ..." for n placeholders.
func marks(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}
