// Package loopback is what the strict local networks of the tests have in common: a server that ends with everything it has
// begun, a bell that tells who waits that something has changed, and a plan of how coming calls go wrong. What a network
// says and holds a bot to is its own package's.
//
//	type Server struct {
//		host   *loopback.Host
//		faults loopback.Plan[Fault]
//	}
//
//	s.host = loopback.NewHost("slack api", t, s.serve)
//	defer s.host.Close(nil)
//	s.host.Until(time.Second, func() bool { return s.seen() > 0 })
package loopback

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// TB is what a network asks of a test; *testing.T, *testing.B and *rapid.T are one.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Host is a server on loopback, and everything that goes on beside it. It is safe for use by several goroutines.
type Host struct {
	// Client carries what the network delivers by itself.
	Client *http.Client

	name    string
	t       TB
	http    *httptest.Server
	closing chan struct{}

	mu      sync.Mutex
	closed  bool
	workers sync.WaitGroup
	changed chan struct{} // closed when there is something to look at
}

// NewHost starts a server. name begins what it says of a bot that does what no careful bot does.
func NewHost(name string, t TB, serve http.HandlerFunc) *Host {
	h := &Host{
		name: name, t: t, closing: make(chan struct{}), changed: make(chan struct{}),
		Client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 100}},
	}
	h.http = httptest.NewServer(serve)
	return h
}

// Close ends the server, what Go has begun, and every request that is open; first is done before any of it is waited for,
// and may be nil. Safe to call twice.
func (h *Host) Close(first func()) {
	h.mu.Lock()
	was := h.closed
	h.closed = true
	h.mu.Unlock()
	if was {
		return
	}
	close(h.closing)
	if first != nil {
		first()
	}
	h.workers.Wait()
	h.http.CloseClientConnections()
	h.http.Close()
	h.Client.CloseIdleConnections()
}

// URL is the server's address, without a slash at the end.
func (h *Host) URL() string { return h.http.URL }

// Closing is closed when the server is about to end.
func (h *Host) Closing() <-chan struct{} { return h.closing }

// Go does something beside, which Close waits for; nothing once the server ends.
func (h *Host) Go(do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.workers.Go(do)
	}
}

// Pause waits; false when the server ends before.
func (h *Host) Pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.closing:
		return false
	}
}

// Violation fails the test: the bot did what no careful bot does.
func (h *Host) Violation(what string) {
	select {
	case <-h.closing: // the test may be over
	default:
		h.t.Errorf("%s: %s", h.name, what)
	}
}

// Errorf fails the test, which asked for what cannot be.
func (h *Host) Errorf(format string, args ...any) { h.t.Errorf(h.name+": "+format, args...) }

// Wake tells whoever waits that something changed.
func (h *Host) Wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.changed)
	h.changed = make(chan struct{})
}

// Changed is closed at the next Wake.
func (h *Host) Changed() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed
}

// Until waits until ok says so, looking whenever something changed; false when it was in vain.
func (h *Host) Until(patience time.Duration, ok func() bool) bool {
	over := time.NewTimer(patience)
	defer over.Stop()
	for {
		changed := h.Changed()
		if ok() {
			return true
		}
		select {
		case <-changed:
		case <-over.C:
			return ok()
		}
	}
}

// Named are the calls of these methods, or all of them where no method is named.
func Named[C any](calls []C, method func(C) string, methods []string) []C {
	var out []C
	for _, c := range calls {
		wanted := len(methods) == 0
		for _, m := range methods {
			wanted = wanted || m == method(c)
		}
		if wanted {
			out = append(out, c)
		}
	}
	return out
}
