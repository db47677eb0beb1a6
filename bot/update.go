package bot

import (
	"context"
	"time"

	"handrail"
)

// Update is what came in, already neutral: no field of it depends on the network it came from.
type Update struct {
	// ID is the network's own id of the update, the same on redelivery; unique within a practice and channel.
	ID   string           `json:"id"`
	From handrail.Address `json:"from"`
	At   time.Time        `json:"at"` // UTC, when the network says it was sent
	Kind UpdateKind       `json:"kind"`
	// Text is what the person typed: the message, the caption, the command with its slash.
	Text string `json:"text,omitempty"`
	// Choice is the payload of the button that was pressed, exactly as the message carried it.
	Choice string `json:"choice,omitempty"`
	// Form is the Token of the form that was sent in, and Fields its values by field name.
	Form   string            `json:"form,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	// Near is where the person shared that they are, already coarse: Deliver rounds it to about a kilometre.
	Near *handrail.Point `json:"near,omitempty"`
	// Danger is what the urgent-help scan found in the whole of it before anything was cut or masked; empty when
	// nothing. Deliver fills it in; a channel leaves it empty.
	Danger string `json:"danger,omitempty"`
	// Masked says that an identifier was taken out of it before it was stored. Deliver fills it in; a channel leaves it
	// false.
	Masked bool `json:"masked,omitempty"`
	// Ref is the network's reference to the person's own message, by which it can be taken away again; empty where there
	// is none to take away: a button, a form, a command that nobody saw.
	Ref Ref `json:"ref,omitempty"`
	// Handle is the network's short-lived handle for answering (a Slack trigger). It is never stored.
	Handle string `json:"-"`
}

// UpdateKind says which part of an Update matters.
type UpdateKind string

// The kinds of update.
const (
	UpdateText     UpdateKind = "text"     // Text
	UpdatePress    UpdateKind = "press"    // Choice
	UpdateForm     UpdateKind = "form"     // Form, Fields
	UpdatePlace    UpdateKind = "place"    // Near
	UpdateEdited   UpdateKind = "edited"   // Text: read for danger, never acted upon (B10)
	UpdateUnread   UpdateKind = "unread"   // a sticker, a voice note, a file: we cannot read it; Text is its caption
	UpdateGroup    UpdateKind = "group"    // from a group chat: never stored (B11)
	UpdateContact  UpdateKind = "contact"  // somebody's contact card: never stored (B8)
	UpdateLeft     UpdateKind = "left"     // the person blocked the bot or left
	UpdateReturned UpdateKind = "returned" // the person unblocked the bot
)

// Inbox is all that an adapter may ask of the house.
type Inbox interface {
	// Deliver returns nil once the update cannot be lost: it is committed, or it is a duplicate, or it is of a kind
	// that must not be stored. Only then may the adapter acknowledge. It returns an error when the update could not be
	// committed; the adapter must then leave it unacknowledged, so that the network delivers it again. It is safe to
	// call twice with one update, and from several goroutines.
	Deliver(ctx context.Context, u Update) error
}
