package wire

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"handrail/bot"
)

// Error is a call that failed: fixed words and numbers, so that neither a token, nor an address, nor what somebody wrote
// can be in it. It wraps nothing but the context's own errors, for the same reason.
type Error struct {
	Network string // "telegram"
	Method  string
	Status  int // the number of the answer, when that is what was wrong
	Reason  string
	Outcome bot.Outcome
	After   time.Duration // how long the network asked to wait
	Unasked bool          // the wait is our own measure, not the network's: the call was not made
	Done    bool          // it was done all the same: only the answer made no sense
	cause   error         // context.Canceled, context.DeadlineExceeded or nil
}

// Error says what failed.
func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s: %s: answered %d: %s", e.Network, e.Method, e.Status, e.Reason)
	}
	return fmt.Sprintf("%s: %s: %s", e.Network, e.Method, e.Reason)
}

// Unwrap returns why the context ended, if that was it.
func (e *Error) Unwrap() error { return e.cause }

// Lost is a call without an answer. Where the request was written it may have done what it was to do.
func Lost(ctx context.Context, network, method string, err error, wrote bool) *Error {
	e := &Error{Network: network, Method: method, Outcome: bot.OutcomeRetry, Reason: "no connection"}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Reason, e.cause = "given up", context.Canceled
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		e.Reason, e.cause = "no answer in time", context.DeadlineExceeded
	}
	if wrote {
		e.Outcome = bot.OutcomeUnknown
		if e.cause == nil {
			e.Reason = "the connection broke before the answer"
		}
	}
	return e
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// HasReason reports whether a call failed for one of these reasons.
func HasReason(err error, reasons ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(reasons, e.Reason)
}

// WasDone says whether the call did what it was to do, and only its answer could not be read.
func WasDone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Done
}

// AskedFor is how long the network asked to wait; 0 when it did not.
func AskedFor(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.After
	}
	return 0
}
