package model

import (
	"sync"
	"time"
)

// When the endpoint is left alone, and for how long: after some failures in a row for half a minute, then one trial; each
// trial that fails doubles the rest.
const (
	failuresToRest = 3
	firstRest      = 30 * time.Second
	longestRest    = 10 * time.Minute
)

// breaker leaves an endpoint alone that fails. Its zero value asks.
type breaker struct {
	mu       sync.Mutex
	failures int
	rest     time.Duration
	until    time.Time
	trial    bool
}

// may reports whether the endpoint may be asked at t. A caller that may must call done.
func (b *breaker) may(t time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failures < failuresToRest:
		return true
	case t.Before(b.until) || b.trial:
		return false
	}
	b.trial = true
	return true
}

// outcome of a question, for the breaker.
type outcome int

const (
	answered outcome = iota
	failed
	neither // the caller went away: it says nothing about the endpoint
)

// done records how a question that may told of went at t.
func (b *breaker) done(o outcome, t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trial = false
	switch o {
	case answered:
		b.failures, b.rest = 0, 0
	case failed:
		b.failures++
		if b.failures >= failuresToRest {
			b.rest = min(max(2*b.rest, firstRest), longestRest)
			b.until = t.Add(b.rest)
		}
	case neither:
	}
}
