package house

import (
	"sync"
	"time"
)

// Clock is the time, passed in: the machine's in a server, a Movable in the demo and in transcripts.
type Clock interface {
	Now() time.Time // UTC
	After(d time.Duration) <-chan time.Time
}

// Movable is a clock that somebody can move forwards. Between moves it runs as the clock under it does. It is safe for
// use by several goroutines.
type Movable struct {
	under Clock
	mu    sync.Mutex
	shift time.Duration
}

// NewMovable makes a clock that shows `at` now.
func NewMovable(under Clock, at time.Time) *Movable {
	return &Movable{under: under, shift: at.Sub(under.Now())}
}

// Now is the moved time.
func (m *Movable) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.under.Now().Add(m.shift).UTC()
}

// After waits on the clock under it: whoever waits looks again, and sees the moved time.
func (m *Movable) After(d time.Duration) <-chan time.Time { return m.under.After(d) }

// Set moves the clock to t. It never goes back: a t that is past does nothing.
func (m *Movable) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := t.Sub(m.under.Now()); d > m.shift {
		m.shift = d
	}
}

// Frozen is a clock that stands still, for transcripts.
type Frozen struct{ At time.Time }

// Now is always At.
func (f Frozen) Now() time.Time { return f.At.UTC() }

// After never fires: nothing passes on a clock that stands.
func (f Frozen) After(time.Duration) <-chan time.Time { return nil }

// Restart sets the clock to t even when that is back in time. Only for a story that begins again on empty records: in
// running records time never goes back.
func (m *Movable) Restart(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shift = t.Sub(m.under.Now())
}
