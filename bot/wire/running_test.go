package wire_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/wire"
)

type nobody struct{}

func (nobody) Deliver(context.Context, bot.Update) error { return nil }

// What was borrowed is given back before Run may return, and nothing is lent while it doesn't run.
func TestRunning(t *testing.T) {
	var r wire.Running
	if _, _, _, ok := r.Borrow(); ok {
		t.Error("lent before it runs")
	}
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "Run's")
	if !r.Begin(ctx, nobody{}) || r.Begin(ctx, nobody{}) {
		t.Error("it runs once at a time")
	}
	got, in, giveBack, ok := r.Borrow()
	if !ok || in != (nobody{}) || got.Value(key{}) != "Run's" {
		t.Fatalf("%v, %v", in, ok)
	}
	ended := make(chan struct{})
	go func() { r.End(); close(ended) }()
	for { // until it lends nothing more
		if _, _, again, ok := r.Borrow(); ok {
			again()
			continue
		}
		break
	}
	select {
	case <-ended:
		t.Error("it ended with its inbox lent")
	default:
	}
	giveBack()
	<-ended
	if !r.Begin(ctx, nobody{}) {
		t.Error("it cannot run again")
	}
}

// Each pause is twice the one before it, or as long as the network asked.
func TestPersist(t *testing.T) {
	clock := bottest.NewClock(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))
	tries, away := 0, errors.New("away")
	began := clock.Now()
	var at []time.Duration
	err := wire.Persist(t.Context(), ahead{clock}, func(context.Context) error {
		at = append(at, clock.Now().Sub(began))
		if tries++; tries < 6 {
			return away
		}
		return nil
	}, func(err error) time.Duration {
		if !errors.Is(err, away) {
			t.Error(err)
		}
		if tries == 3 {
			return 20 * time.Second
		}
		return 0
	})
	want := []int64{0, 200, 600, 20600, 22200, 25400} // milliseconds
	if err != nil || len(at) != len(want) {
		t.Fatalf("%v after %d tries", err, len(at))
	}
	for i := range want {
		if at[i].Milliseconds() != want[i] {
			t.Errorf("try %d after %v, want %d ms", i+1, at[i], want[i])
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	err = wire.Persist(ctx, ahead{clock}, func(context.Context) error { stop(); return away }, func(error) time.Duration {
		t.Error("a stop is no failure")
		return 0
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped with %v", err)
	}
}

// ahead is a clock that moves on by as much as is waited for.
type ahead struct{ *bottest.Clock }

func (a ahead) After(d time.Duration) <-chan time.Time {
	a.Advance(d)
	c := make(chan time.Time, 1)
	c <- a.Now()
	return c
}

// That a token is refused is told once, and that it works again once (F9).
func TestGate_F9(t *testing.T) {
	var g wire.Gate
	var told []bool
	for _, step := range []func() bool{g.Open, g.Close, g.Close, g.Open, g.Open, g.Close} {
		told = append(told, step())
	}
	for i, want := range []bool{false, true, false, true, false, true} {
		if told[i] != want {
			t.Errorf("step %d is told: %v", i+1, told[i])
		}
	}
}

// No body is read past a megabyte (C11), and none of what isn't posted.
func TestBody_C11(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		length int
		status int
	}{
		"a word":            {http.MethodPost, 4, http.StatusOK},
		"a megabyte":        {http.MethodPost, wire.MaxBody, http.StatusOK},
		"one byte too many": {http.MethodPost, wire.MaxBody + 1, http.StatusRequestEntityTooLarge},
		"not posted":        {http.MethodGet, 4, http.StatusMethodNotAllowed},
	} {
		w := httptest.NewRecorder()
		raw, ok := wire.Body(w, httptest.NewRequestWithContext(t.Context(), c.method, "/", strings.NewReader(strings.Repeat("x", c.length))))
		if w.Code != c.status || ok != (c.status == http.StatusOK) || ok && len(raw) != c.length {
			t.Errorf("%s: %d, %v, %d bytes", name, w.Code, ok, len(raw))
		}
	}
	w := httptest.NewRecorder()
	broken := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", readFails{})
	if _, ok := wire.Body(w, broken); ok || w.Code != http.StatusBadRequest {
		t.Errorf("a body that breaks: %d", w.Code)
	}
}

type readFails struct{}

func (readFails) Read([]byte) (int, error) { return 0, errors.New("the connection broke") }
