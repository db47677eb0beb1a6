package records

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
)

// maxGroup is how many transactions share one commit at most.
const maxGroup = 64

// shares says whether a transaction of this name may share its commit with others: the small ones of a turn, of which
// many come at once. Whatever may take long goes alone, so that nobody waits for its end with work of theirs done.
func shares(name string) bool {
	switch name {
	case "Accept", "Lease", "Release", "Finish", "Put", "Claim", "Sending", "Settle", "Stranded", "Once", "Save", "Erase":
		return true
	}
	return false
}

// writer is SQLite's one writing connection. Its statements stay prepared, since to parse one costs more than to run
// it; database/sql would drop them at the end of each transaction, which is why the transaction is begun by hand.
//
// A commit on a disk takes as long as a hundred small statements, so those who wait while another writes share one: each
// has its turn within the open transaction, behind a savepoint so that a failure undoes its own part only, and the last in the row
// commits for all. Nobody is told that their part stands before it is on the disk; where the commit fails it fails for all.
type writer struct {
	db *sql.DB

	mu    sync.Mutex // guards busy and queue
	busy  bool       // somebody has the connection
	queue []*waiter

	// What follows belongs to whoever has the connection.
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	group *group // who shares the open transaction; nil while none is open
}

// waiter is somebody in the row; given is closed when the connection is theirs.
type waiter struct{ given chan struct{} }

// group is the transactions that stand in the open one. err is set before done is closed.
type group struct {
	n    int
	done chan struct{}
	err  error
}

func newWriter(db *sql.DB) *writer { return &writer{db: db, stmts: map[string]*sql.Stmt{}} }

// take waits for the connection. Where ctx ends first the connection isn't the caller's.
func (w *writer) take(ctx context.Context) error {
	w.mu.Lock()
	if !w.busy {
		w.busy = true
		w.mu.Unlock()
		return nil
	}
	me := &waiter{given: make(chan struct{})}
	w.queue = append(w.queue, me)
	w.mu.Unlock()
	select {
	case <-me.given:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	for i, q := range w.queue {
		if q == me {
			w.queue = append(w.queue[:i], w.queue[i+1:]...)
			w.mu.Unlock()
			return ctx.Err()
		}
	}
	w.mu.Unlock()
	<-me.given // it came at the same moment, perhaps with what others have in it
	w.leave()
	return ctx.Err()
}

// pass gives the connection to the next in the row, and reports whether there was one.
func (w *writer) pass() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return false
	}
	next := w.queue[0]
	w.queue = w.queue[1:]
	close(next.given)
	return true
}

// give gives the connection back while no transaction is open.
func (w *writer) give() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		w.busy = false
		return
	}
	next := w.queue[0]
	w.queue = w.queue[1:]
	close(next.given)
}

// leave ends the caller's hold on the connection: the next in the row goes on within the open transaction, or else it is
// committed for all who are in it.
func (w *writer) leave() {
	if w.group != nil && w.group.n < maxGroup && w.pass() {
		return
	}
	w.end()
	w.give()
}

// end commits the open transaction, if there is one, for all who are in it.
func (w *writer) end() {
	g := w.group
	if g == nil {
		return
	}
	w.group = nil
	if _, err := w.exec(context.Background(), "COMMIT", nil); err != nil {
		w.undo()
		g.err = err
	}
	close(g.done)
}

// undo rolls the whole transaction back.
func (w *writer) undo() {
	if _, err := w.exec(context.Background(), "ROLLBACK", nil); err != nil {
		// SQLite rolls back by itself after some errors (a full disk); a fresh connection has no transaction either way.
		w.drop()
	}
}

// part is one transaction within the open one. alone says that it shares with nobody.
type part struct {
	*writer
	alone bool
	saved bool // others are before it: it stands behind a savepoint
}

func (w *writer) begin(ctx context.Context, shared bool) (session, error) {
	if err := w.take(ctx); err != nil {
		return nil, err
	}
	p := part{writer: w, alone: !shared}
	if p.alone {
		w.end()
	}
	if err := p.open(ctx); err != nil {
		w.leave()
		return nil, err
	}
	return p, nil
}

func (p *part) open(ctx context.Context) error {
	w := p.writer
	if w.group != nil {
		p.saved = true
		_, err := w.exec(context.Background(), "SAVEPOINT part", nil)
		return err
	}
	if w.conn == nil {
		conn, err := w.db.Conn(ctx)
		if err != nil {
			return err
		}
		w.conn = conn
	}
	// Immediate: a deferred transaction that reads and then writes fails at once when somebody else writes. That a process
	// beside this one writes is waited for here, for as long as ctx lasts and busy_timeout.
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		// The interrupt of a cancelled context may come after SQLite began: never leave that open.
		w.drop()
		return err
	}
	w.group = &group{done: make(chan struct{})}
	return nil
}

// Statements of a shared transaction don't end with ctx: SQLite would roll everybody back. They are short.
func (p part) during(ctx context.Context) (context.Context, error) {
	if p.alone {
		return ctx, nil
	}
	return context.Background(), ctx.Err()
}

func (p part) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	ctx, err := p.during(ctx)
	if err != nil {
		return nil, err
	}
	return p.writer.exec(ctx, query, args)
}

func (p part) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	ctx, err := p.during(ctx)
	if err != nil {
		return nil, err
	}
	return p.writer.query(ctx, query, args)
}

// commit does not heed the end of ctx once it has begun: half-way through a commit nobody can say what stands.
func (p part) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		p.rollback()
		return err
	}
	w, g := p.writer, p.group
	if p.saved {
		if _, err := w.exec(context.Background(), "RELEASE part", nil); err != nil {
			p.rollback()
			return err
		}
	}
	g.n++
	if p.alone {
		w.end()
		w.give()
		return g.err
	}
	w.leave()
	<-g.done
	return g.err
}

// errTogether is what the others of a group get when SQLite rolled the whole of it back because of one.
var errTogether = errors.New("the transaction was rolled back with another one")

func (p part) rollback() {
	w, g := p.writer, p.group
	if !p.saved {
		w.group = nil
		w.undo()
		w.give()
		return
	}
	_, err := w.exec(context.Background(), "ROLLBACK TO part", nil)
	if err == nil {
		_, err = w.exec(context.Background(), "RELEASE part", nil)
	}
	if err == nil {
		w.leave()
		return
	}
	// There is no savepoint any more: SQLite has rolled back by itself, for everybody.
	w.group = nil
	w.undo()
	g.err = errors.Join(errTogether, err)
	close(g.done)
	w.give()
}

func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	if w.conn == nil {
		return nil, errNoConnection
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// errNoConnection is a statement after the connection was dropped: only in a transaction that failed before.
var errNoConnection = errors.New("the connection was dropped")

func (w *writer) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// drop closes the connection for good; the next transaction takes a new one.
func (w *writer) drop() {
	for _, s := range w.stmts {
		_ = s.Close()
	}
	clear(w.stmts)
	if w.conn != nil {
		_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // tells database/sql not to keep it
		_ = w.conn.Close()
		w.conn = nil
	}
}

func (w *writer) close() error {
	if err := w.take(context.Background()); err != nil {
		return err
	}
	w.end()
	w.drop()
	return w.db.Close()
}
