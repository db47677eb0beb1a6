package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handrail"
)

// Channel is all that an adapter to a chat network must do. Everything more is an optional interface of one or two
// methods, found by type assertion.
type Channel interface {
	// Name is the channel's name in addresses: stored, so stable.
	Name() string
	// Limits says what a message may be here. It never changes while the process runs.
	Limits() Limits
	// Run receives updates and delivers them to the inbox until ctx ends; it returns nil then, or the reason why it
	// cannot go on. An update is acknowledged to the network only after Deliver returned nil.
	Run(ctx context.Context, in Inbox) error
	// Send sends one message that Fit has made to fit and returns the network's reference to it. An error that is not
	// a *SendError counts as one with the outcome unknown.
	Send(ctx context.Context, to handrail.Address, m Message) (Ref, error)
}

// Ref is the network's own reference to a message that was sent.
type Ref string

// Editor is a channel that can replace a message that was sent.
type Editor interface {
	Edit(ctx context.Context, to handrail.Address, ref Ref, m Message) error
}

// Eraser is a channel that can take away a message that a person wrote to it (Update.Ref). That it is gone already is no
// error; it is safe to call twice.
type Eraser interface {
	Erase(ctx context.Context, from handrail.Address, ref Ref) error
}

// EraseTeller is a channel where only people themselves can take away what they wrote: how they do it, in one sentence.
type EraseTeller interface {
	HowToErase() string
}

// Workplace is a channel to which only a practice's own people can write: whoever is unknown there is a colleague, and no
// patient.
type Workplace interface {
	Workplace() bool
}

// Limits is what a channel can carry, as numbers. The zero value of a number means none of that thing.
type Limits struct {
	TextChars    int  // characters in a message
	Options      int  // buttons under a message; 0: options are numbered in the text
	LabelChars   int  // characters on a button
	PayloadBytes int  // bytes that a button can carry
	Cards        int  // cards in a message; 0: each card becomes a message
	Forms        bool // whether a form can be shown; without, the fields are asked one by one
	Files        bool
	Places       bool
	Pictures     bool // whether a picture is shown by its address (File.Link), so that its bytes need not go with it
}

// SendError is a send that failed, and what that means.
type SendError struct {
	// Outcome says what is known.
	Outcome Outcome
	// After is how long the network asks to wait before trying again; 0 when it did not say.
	After time.Duration
	// Err is the cause; it holds no token and no address.
	Err error
}

// Outcome is what is known of a send that failed.
type Outcome string

// The outcomes. Only OutcomeUnknown may have reached the person.
const (
	OutcomeRetry   Outcome = "retry"   // certainly not sent; may work later
	OutcomeRefused Outcome = "refused" // certainly not sent; this message never will be
	OutcomeGone    Outcome = "gone"    // certainly not sent; the person blocked the bot or left
	OutcomeUnknown Outcome = "unknown" // the request was written, the answer was lost
)

// Error describes the failure for the log.
func (e *SendError) Error() string { return fmt.Sprintf("send: %s: %v", e.Outcome, e.Err) }

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// OutcomeOf says what is known after a send returned err: nothing (OutcomeUnknown) unless the error says otherwise.
func OutcomeOf(err error) (Outcome, time.Duration) {
	var e *SendError
	if errors.As(err, &e) {
		return e.Outcome, e.After
	}
	return OutcomeUnknown, 0
}
