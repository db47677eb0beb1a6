package loopback_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/bot/bottest/loopback"
)

// told is a test that keeps what it is told.
type told struct {
	mu   sync.Mutex
	said []string
}

func (t *told) Helper() {}
func (t *told) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

func TestHost(t *testing.T) {
	var test told
	var host *loopback.Host
	var acted atomic.Int32
	host = loopback.NewHost("an api", &test, func(w http.ResponseWriter, r *http.Request) {
		drop := map[string]loopback.Drop{"/before": loopback.DropBefore, "/after": loopback.DropAfter}[r.URL.Path]
		if !host.Break(w, r, drop, r.URL.Path == "/hang", func() { acted.Add(1) }) {
			host.Wake()
		}
	})
	get := func(path string) error {
		resp, err := host.Client.Get(host.URL() + path)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	changed := host.Changed()
	if err := get("/"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Error("nobody was woken")
	}
	if get("/before") == nil || acted.Load() != 0 || get("/after") == nil || acted.Load() == 0 {
		t.Errorf("a connection that breaks is answered, or acted on %d times", acted.Load())
	}
	n := 0
	if host.Until(time.Minute, func() bool {
		if n++; n < 3 {
			host.Wake()
		}
		return n == 3
	}); n != 3 {
		t.Errorf("looked %d times", n)
	}
	if host.Until(time.Millisecond, func() bool { return false }) {
		t.Error("what never happens has happened")
	}
	host.Violation("a call without a token")
	hung, paused := make(chan error, 1), make(chan bool, 1)
	host.Go(func() { hung <- get("/hang") })
	host.Go(func() { paused <- host.Pause(time.Hour) })
	order := ""
	host.Close(func() { order += "first " })
	host.Close(func() { order += "again" })
	if <-hung; <-paused || order != "first " {
		t.Errorf("closed in the order %q, and a pause went on", order)
	}
	host.Violation("a call after the test")
	host.Go(func() { t.Error("something was begun after the end") })
	if !slices.Equal(test.said, []string{"an api: a call without a token"}) {
		t.Errorf("said %q", test.said)
	}
}

func TestPlan(t *testing.T) {
	type fault struct {
		method string
		skip   int
	}
	var p loopback.Plan[fault]
	p.Add(fault{"send", 1}, fault{"edit", 0}, fault{"send", 0})
	var got []string
	for _, method := range []string{"send", "edit", "edit", "send", "send", "send"} {
		_, ok := p.Take(func(f fault) bool { return f.method == method }, func(f *fault) bool { f.skip--; return f.skip >= 0 })
		got = append(got, fmt.Sprint(method, ok))
	}
	if want := "sendfalse edittrue editfalse sendtrue sendtrue sendfalse"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
	calls := []fault{{"a", 1}, {"b", 2}, {"a", 3}}
	name := func(f fault) string { return f.method }
	if all, some := loopback.Named(calls, name, nil), loopback.Named(calls, name, []string{"a"}); len(all) != 3 || len(some) != 2 || some[1].skip != 3 {
		t.Errorf("%v and %v", all, some)
	}
}
