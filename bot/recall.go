package bot

import (
	"context"
	"time"

	"handrail"
)

// Recaller is a channel on whose network a message can be marked, and found again by its mark. It settles by looking what
// otherwise nobody could know: a request that was written and whose answer was lost (F2). A channel that is one gets every
// message of the outbox through SendMarked.
type Recaller interface {
	// SendMarked is Send with a mark on the message, which the person doesn't see. A mark is unique to one part of one
	// envelope and the same on every try; it may name things that the network need not know, so what travels is a hash.
	SendMarked(ctx context.Context, to handrail.Address, mark string, m Message) (Ref, error)
	// Recall looks for the message m that SendMarked was given with this mark, and that was put at since or later. It
	// changes nothing. The error, a *SendError, says that it could not look, and when it may be tried again.
	Recall(ctx context.Context, to handrail.Address, mark string, m Message, since time.Time) (Recalled, Ref, error)
}

// Recalled is what a look for a message found.
type Recalled string

// What a look finds. Only the first two settle anything.
const (
	RecallArrived Recalled = "arrived" // it is there, whole, with the reference that Send would have returned
	RecallAbsent  Recalled = "absent"  // it is not there, at a place where it would be seen
	RecallUnclear Recalled = "unclear" // this kind of message cannot be looked for, or not all of it was seen
)
