package loopback

import (
	"net/http"
	"sync"
)

// Drop is when a connection breaks.
type Drop int

// When a connection breaks.
const (
	DropNever  Drop = iota
	DropBefore      // before the call is acted on
	DropAfter       // after it was acted on, before the answer: the reply is lost (F2)
)

// Plan is how coming calls go wrong, one fault a call, in order. The zero Plan has none. It is safe for use by several
// goroutines.
type Plan[F any] struct {
	mu     sync.Mutex
	faults []F
}

// Add puts faults behind those that are there.
func (p *Plan[F]) Add(faults ...F) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// Take uses up the first fault that is meant, and returns it. skips may change a fault and say that this call goes past it,
// and past all that follow; nil skips none.
func (p *Plan[F]) Take(meant func(F) bool, skips func(*F) bool) (F, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, f := range p.faults {
		if !meant(f) {
			continue
		}
		if skips != nil && skips(&p.faults[i]) {
			break
		}
		p.faults = append(p.faults[:i:i], p.faults[i+1:]...)
		return f, true
	}
	var none F
	return none, false
}

// Break breaks the connection of a call as a fault says, having acted on it where it says so, or keeps the bot waiting until
// it gives up. It reports whether it did.
func (h *Host) Break(w http.ResponseWriter, r *http.Request, drop Drop, hang bool, act func()) bool {
	switch {
	case drop == DropBefore:
		h.hangUp(w)
	case hang:
		select {
		case <-r.Context().Done():
		case <-h.closing:
		}
	case drop == DropAfter:
		act()
		h.hangUp(w)
	default:
		return false
	}
	return true
}

// hangUp breaks the connection without an answer.
func (h *Host) hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		h.Violation("hang up: " + err.Error())
		return
	}
	_ = conn.Close() // breaking it is the point
}
