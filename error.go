package handrail

import (
	"errors"
	"fmt"
)

// Kind sorts errors by what can be done about them, not by where they came from.
type Kind string

const (
	// KindInvalid is an input that cannot be used as it is; the sentence says what to change.
	KindInvalid Kind = "invalid"
	// KindNotFound is something that is not there, or that this person may not know to be there (requirement C8:
	// another practice's record is not found, never forbidden).
	KindNotFound Kind = "not found"
	// KindConflict is something that has moved on since it was looked at: an illegal step, a code used twice.
	KindConflict Kind = "conflict"
	// KindUnavailable is a store or network that is away; trying again later may work.
	KindUnavailable Kind = "unavailable"
)

// Error is the one kind of error that carries a sentence safe to show to a person. Everything else is internal: its
// text goes to the log and the person gets a polite line instead.
type Error struct {
	Kind Kind
	// Say is plain English, holds no identifier and no cause, and may be sent in a chat. It may be empty: then the
	// person gets the polite line for the kind.
	Say string
	// Err is what happened, for the log. It must hold no identifier either.
	Err error
}

// Error returns the text for the log.
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Kind, e.Say)
	}
	return fmt.Sprintf("%s: %v", e.Kind, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a kind with a sentence for the person; format and args describe the cause and may wrap one
// with %w.
func Errorf(kind Kind, say, format string, args ...any) error {
	return &Error{Kind: kind, Say: say, Err: fmt.Errorf(format, args...)}
}

// IsKind reports whether err is, or wraps, an Error of this kind. An illegal step counts as KindConflict.
func IsKind(err error, kind Kind) bool {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind == kind
	}
	var s *StepError
	return kind == KindConflict && errors.As(err, &s)
}

// Sentence returns what may be shown to the person for err, and whether there is such a sentence.
func Sentence(err error) (string, bool) {
	var e *Error
	if errors.As(err, &e) && e.Say != "" {
		return e.Say, true
	}
	return "", false
}

// StepError is an illegal step in a life cycle. It names the noun and both states.
type StepError struct {
	Noun     string // "referral", "attendance", ...
	From, To string
}

// Error names both states.
func (e *StepError) Error() string {
	return fmt.Sprintf("a %s that is %q cannot become %q", e.Noun, e.From, e.To)
}

// step is the one place where a life cycle is enforced. next lists where each state may go.
func step[S ~string](noun string, from, to S, next func(S) []S) error {
	for _, s := range next(from) {
		if s == to {
			return nil
		}
	}
	return &StepError{Noun: noun, From: string(from), To: string(to)}
}
