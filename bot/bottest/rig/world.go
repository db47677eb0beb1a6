package rig

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest"
)

// Patience is how long a test waits for what must happen.
const Patience = 10 * time.Second

// Secret is a secret as the settings have it.
type Secret string

// Reveal returns it.
func (s Secret) Reveal() string { return string(s) }

// Clock is the machine's clock as it is.
type Clock struct{}

// Now implements bot.Clock.
func (Clock) Now() time.Time { return time.Now().UTC() }

// After implements bot.Clock.
func (Clock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Hurried is the machine's clock, with pauses cut to a hundredth so that nobody waits for politeness. Long ones are as they
// are: they watch over what is alive.
type Hurried struct{ Clock }

// After implements bot.Clock.
func (Hurried) After(d time.Duration) <-chan time.Time {
	if d >= time.Minute {
		return time.After(d)
	}
	return time.After(d / 100)
}

// Moved is a clock that a test moves; its pauses are Hurried's.
type Moved struct{ *bottest.Clock }

// NewMoved makes a clock that shows at.
func NewMoved(at time.Time) *Moved { return &Moved{bottest.NewClock(at)} }

// After implements bot.Clock.
func (*Moved) After(d time.Duration) <-chan time.Time { return Hurried{}.After(d) }

// Calm is a scanner that finds no danger in anything.
type Calm struct{}

// Scan implements bot.Scanner.
func (Calm) Scan(string) string { return "" }

// Log is what was logged, for looking through. The zero Log is empty.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Count is how often these words are in it.
func (l *Log) Count(words string) int { return strings.Count(l.String(), words) }

// Start runs a channel until stop is called, which waits until Run has returned. That it returned an error fails the test.
func Start(t testing.TB, c bot.Channel, in bot.Inbox) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, in) }()
	return sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(Patience):
			t.Error("run did not end")
		}
	})
}

// Until waits on a network until ok says so, and ends the test where that is in vain.
func Until(t testing.TB, net interface {
	Until(patience time.Duration, ok func() bool) bool
}, log *Log, what string, ok func() bool) {
	t.Helper()
	if !net.Until(Patience, ok) {
		t.Fatalf("waited in vain for %s; the log says:\n%s", what, log)
	}
}

// Done waits until c is closed, and ends the test where that is in vain.
func Done(t testing.TB, log *Log, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(Patience):
		t.Fatalf("waited in vain for %s; the log says:\n%s", what, log)
	}
}
