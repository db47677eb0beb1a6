package web

import (
	"time"

	"handrail"
	"handrail/bot"
)

// entry is one line of the file: something on one person's phone, said by them or to them. Exactly one of Said and
// Message is set. A line looks like this:
//
//	{"n":2,"order":2,"at":"2026-11-02T09:00:00Z","chat":"frank","message":{"text":[{"spans":[{"text":"Hello"}]}]}}
type entry struct {
	// N counts the lines from 1: the order in which the channel learned of things, and what an event stream resumes by.
	N int64 `json:"n"`
	// Order is where the entry stands in the chat. A person's own message takes its place when it arrives, though it
	// is only written down once it was delivered; so an answer that overtakes that moment still stands below it.
	Order int64     `json:"order"`
	At    time.Time `json:"at"` // UTC, by the story's clock
	Chat  string    `json:"chat"`
	// ID is the id of the update that a person's entry became.
	ID      string       `json:"id,omitempty"`
	Said    *said        `json:"said,omitempty"`
	Message *bot.Message `json:"message,omitempty"`
}

// said is what a person did.
type said struct {
	Kind bot.UpdateKind `json:"kind"` // text, press, form or place
	Text string         `json:"text,omitempty"`
	// On is the N of the message whose button was pressed or whose form was filled in; 0 when it is not known.
	On int64 `json:"on,omitempty"`
	// Choice is the payload of the button and Picked its label, as the channel's own record has it.
	Choice string            `json:"choice,omitempty"`
	Picked string            `json:"picked,omitempty"`
	Form   string            `json:"form,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	Near   *handrail.Point   `json:"near,omitempty"`
}
