package rig

import (
	"context"
	"errors"
	"sync"

	"handrail"
	"handrail/bot"
)

// Inbox keeps what is delivered, and knows the open question. The zero Inbox takes everything. It is safe for use by several
// goroutines.
type Inbox struct {
	// Fail says of an update that it is not taken; nil takes all. One call at a time.
	Fail func(bot.Update) bool
	// Asks is the open question of a conversation; nil: there is none.
	Asks func(handrail.Address) (bot.Message, bool)

	mu      sync.Mutex
	updates []bot.Update
}

// ErrAway is what an Inbox that fails says.
var ErrAway = errors.New("the inbox is away")

// Deliver implements bot.Inbox.
func (i *Inbox) Deliver(_ context.Context, u bot.Update) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.Fail != nil && i.Fail(u) {
		return ErrAway
	}
	i.updates = append(i.updates, u)
	return nil
}

// Question is the open question of a conversation.
func (i *Inbox) Question(_ context.Context, from handrail.Address) (bot.Message, bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.Asks == nil {
		return bot.Message{}, false, nil
	}
	m, ok := i.Asks(from)
	return m, ok, nil
}

// All is what was delivered, in order.
func (i *Inbox) All() []bot.Update {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]bot.Update(nil), i.updates...)
}

// Drop is an inbox that takes everything and keeps nothing.
type Drop struct{}

// Deliver implements bot.Inbox.
func (Drop) Deliver(context.Context, bot.Update) error { return nil }
