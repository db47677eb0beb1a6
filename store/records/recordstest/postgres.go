package recordstest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"go.uber.org/goleak"
)

// server is the test binary's own PostgreSQL: started by the first test that wants it, on a socket in a directory of its
// own, stopped by Main.
type server struct {
	names
	once sync.Once
	skip string // why there is none
	dir  string
	ctl  string
	run  func(name string, args ...string) error
	url  func(db string) string
}

// shared is the one server of a test binary. It is the package's only variable: the tests of a binary have no other place
// in common, and a server for each of them would take a second each.
var shared server

// Main runs the tests, stops the server if one was started, and then looks for goroutines that were left behind: they
// make it 1. Call it from TestMain: os.Exit(recordstest.Main(m)).
func Main(m interface{ Run() int }) int {
	code := m.Run()
	shared.stop()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

func theServer(t testing.TB) *server {
	t.Helper()
	shared.once.Do(shared.start)
	if shared.skip != "" {
		t.Skip("PostgreSQL: " + shared.skip)
	}
	return &shared
}

// find returns the path of one of PostgreSQL's programs; Debian keeps them off PATH.
func find(name string) string {
	if p, err := exec.LookPath(name); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return p
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return found[len(found)-1]
}

func (s *server) start() {
	initdb, ctl := find("initdb"), find("pg_ctl")
	if initdb == "" || ctl == "" {
		s.skip = "initdb and pg_ctl are not installed"
		return
	}
	dir, err := os.MkdirTemp("", "hrpg") // short: a socket's path has little room
	if err != nil {
		s.skip = err.Error()
		return
	}
	s.dir, s.ctl = dir, ctl
	as, err := asOther(dir)
	if err != nil {
		s.skip = err.Error()
		return
	}
	s.run = func(name string, args ...string) error {
		var out bytes.Buffer
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = dir, as, &out, &out
		if name == ctl {
			// The server inherits what pg_ctl writes to; a buffer would keep Wait waiting for as long as it runs.
			cmd.Stdout, cmd.Stderr = nil, nil
		}
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out.Bytes())
		}
		return nil
	}
	data := filepath.Join(dir, "data")
	if err := s.run(initdb, "-D", data, "-U", "handrail", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		s.skip = err.Error()
		return
	}
	// No TCP, and no fsync: what is tested here is what we ask of it, not whether it survives a power cut.
	opts := "-c listen_addresses='' -c unix_socket_directories='" + dir + "' -c fsync=off -c max_connections=200"
	if err := s.run(ctl, "-D", data, "-l", filepath.Join(dir, "log"), "-w", "-t", "60", "-o", opts, "start"); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		s.skip = fmt.Sprintf("%v: %s", err, log)
		return
	}
	s.url = func(db string) string {
		return "postgres:///" + db + "?" + url.Values{"host": {dir}, "user": {"handrail"}, "sslmode": {"disable"}}.Encode()
	}
}

// other is the user as whom PostgreSQL runs when we are root, which it refuses to be.
func other() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil {
			return 0, 0, err
		}
		return uid, gid, nil
	}
	return 0, 0, errors.New("we are root, and there is no other user to run it as")
}

func (s *server) stop() {
	if s.dir == "" {
		return
	}
	if s.url != nil {
		_ = s.run(s.ctl, "-D", filepath.Join(s.dir, "data"), "-m", "immediate", "-w", "stop")
	}
	_ = os.RemoveAll(s.dir)
}

// database makes an empty database and returns its URL. It is not dropped: the whole server goes in the end.
func (s *server) database(t testing.TB) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(s.url("postgres"))
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	db := stdlib.OpenDB(*cfg)
	defer closing(t, db)
	name := s.next()
	if _, err := db.ExecContext(context.Background(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("PostgreSQL: make a database: %v", err)
	}
	return s.url(name)
}

func closing(t testing.TB, db *sql.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Errorf("PostgreSQL: close: %v", err)
	}
}
