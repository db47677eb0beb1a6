package bot

import (
	"time"

	"handrail"
)

// Envelope is a message for later: what is to be sent to whom, when, on which permission it rests, and under which key
// it can exist only once. Outbox rows are envelopes; replies travel the same way.
type Envelope struct {
	// Key is unique for ever: putting a second envelope with the same key does nothing.
	Key string           `json:"key"`
	To  handrail.Address `json:"to"`
	// Patient is whose business this is; it may be empty. Stop suppresses by it.
	Patient handrail.PatientID `json:"patient,omitempty"`
	Class   Class              `json:"class"`
	// Permission is the purpose that must be live when it is sent; empty for what needs none (an answer to what the
	// person just sent, staff messages, urgent help). For a message to staff or to a buddy about a patient it is the
	// patient's permission that counts.
	Permission handrail.Purpose `json:"permission,omitempty"`
	// Job and Subject name the facts it rests on ("day_before", an attendance's id), checked once more just before it
	// is sent. Empty when it rests on none.
	Job     string `json:"job,omitempty"`
	Subject string `json:"subject,omitempty"`
	// NotBefore and NotAfter bound when it may be sent (UTC); a zero NotAfter never ends.
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after,omitzero"`
	// Held keeps it until a person says yes.
	Held    bool    `json:"held,omitempty"`
	Message Message `json:"message"`
}

// Class is how a message is treated when it is late or its outcome is unknown (requirements, section 1).
type Class string

// The classes, in the order in which the sender takes them.
const (
	ClassCard     Class = "card"     // urgent help to the person: never late, sent again when in doubt, jumps every queue
	ClassAlert    Class = "alert"    // urgent, to staff: never late, sent again when in doubt
	ClassReply    Class = "reply"    // the answer to what was just sent: 15 minutes, then an apology; sent again once
	ClassReminder Class = "reminder" // of something chosen: dropped when it has begun; once more if over 2 h remain
	ClassNudge    Class = "nudge"    // a question or feedback prompt: never sent again; dropped after 24 h
	ClassNotice   Class = "notice"   // work for staff or a buddy (a referral to accept, a visit to agree to): sent late, sent again once
	ClassDigest   Class = "digest"   // to staff: sent late with a "delayed" line
	ClassNote     Class = "note"     // to the referrer, how the patient gets on: once per referral and version, sent late
)

// Rank orders the classes: lower goes first.
func (c Class) Rank() int {
	switch c {
	case ClassCard:
		return 0
	case ClassAlert:
		return 1
	case ClassReply:
		return 2
	case ClassReminder:
		return 3
	case ClassNotice:
		return 4
	case ClassNudge:
		return 5
	default:
		return 6
	}
}

// SendState is where an envelope is on its way out.
type SendState string

// The states of an envelope. Claimed is leased and safe to take back; a row becomes sending in a commit just before
// the request is written, so only sending can become unknown.
const (
	SendQueued     SendState = "queued"
	SendClaimed    SendState = "claimed"
	SendSending    SendState = "sending"
	SendSent       SendState = "sent"
	SendUnknown    SendState = "unknown"
	SendFailed     SendState = "failed_permanent"
	SendSuppressed SendState = "suppressed"
)

// Posting is an envelope on its way out, as the sender holds it.
type Posting struct {
	Envelope Envelope
	State    SendState
	Epoch    int64 // of the lease; grows with every claim
	Attempts int   // requests written so far
	Parts    int   // parts of the message (after Fit) that are known to be sent
	// PutAt is when the envelope was put.
	PutAt time.Time
	// Reason is that of its last Settlement: why it was put back; empty for one that was never settled.
	Reason string
}

// Settlement is how a posting ended, or when it is to be tried again.
type Settlement struct {
	State  SendState // queued puts it back, not before RetryAt
	Reason string    // one word or a short phrase without identifiers: "stopped", "too late", "gone"
	Ref    Ref
	Parts  int
	// RetryAt is the new not-before when State is queued.
	RetryAt time.Time
}

// ReasonRate is the Settlement's reason of a posting that was put back untried, to wait for its place in the rates. What
// was said after it, to the same address and in the same class, waits for it.
const ReasonRate = "rate"
