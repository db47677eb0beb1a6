package bottest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// Fake is a channel in memory. It keeps what each person saw, hands out references, holds every message to its limits,
// and can be told how the next sends fail. Its network delivers an update again until it is acknowledged. It is safe for
// use by several goroutines.
type Fake struct {
	t      testing.TB
	name   string
	limits bot.Limits

	mu     sync.Mutex
	shown  []Seen
	refs   int
	faults []Fault
	sends  int

	line chan outside // what people do, one after the other as a network delivers
}

// Seen is a message on a person's phone.
type Seen struct {
	Ref     bot.Ref
	To      handrail.Address
	Message bot.Message
}

// Fault is how one send goes wrong.
type Fault struct {
	// Outcome is what the channel says; empty lets the send succeed (to let some through before a fault).
	Outcome bot.Outcome
	After   time.Duration // how long the network asks to wait
	// Accepted says that the person got the message all the same: the reply was lost. Only with OutcomeUnknown.
	Accepted bool
	// Bare makes the error one that is not a *bot.SendError, as a careless adapter would.
	Bare bool
	// Wait, when set, makes the send sleep until it is closed or the context ends; the outcome is then unknown.
	Wait <-chan struct{}
}

type outside struct {
	update bot.Update
	acked  chan struct{}
}

var _ bot.Channel = (*Fake)(nil)

// NewFake makes a channel. A message that does not fit the limits is an error of the test.
func NewFake(t testing.TB, name string, limits bot.Limits) *Fake {
	return &Fake{t: t, name: name, limits: limits, line: make(chan outside, 1024)}
}

// Roomy are limits like those of a chat network with everything.
func Roomy() bot.Limits {
	return bot.Limits{TextChars: 4096, Options: 13, LabelChars: 64, PayloadBytes: 64, Forms: true, Files: true, Places: true}
}

// Bare are limits like those of a network that carries words only.
func Bare() bot.Limits { return bot.Limits{TextChars: 1000} }

// Name is the channel's name.
func (f *Fake) Name() string { return f.name }

// Limits are the channel's.
func (f *Fake) Limits() bot.Limits { return f.limits }

// Fail says how the next sends go wrong, one fault each.
func (f *Fake) Fail(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, faults...)
}

// Shown is what the person at an address was shown, in order.
func (f *Fake) Shown(to handrail.Address) []Seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Seen
	for _, s := range f.shown {
		if s.To == to {
			out = append(out, s)
		}
	}
	return out
}

// All is what everybody was shown, in order.
func (f *Fake) All() []Seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Seen(nil), f.shown...)
}

// Sends is how many sends were tried.
func (f *Fake) Sends() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sends
}

// Send shows the message, or fails as Fail said.
func (f *Fake) Send(ctx context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	if to.Channel != f.name {
		f.t.Errorf("channel %s was given a message for channel %s", f.name, to.Channel)
	}
	if err := Misfit(m, f.limits); err != nil {
		f.t.Errorf("channel %s was given a message that does not fit: %v", f.name, err)
		return "", &bot.SendError{Outcome: bot.OutcomeRefused, Err: err}
	}
	fault := f.fault()
	if fault.Wait != nil {
		select {
		case <-fault.Wait:
		case <-ctx.Done():
			return "", &bot.SendError{Outcome: bot.OutcomeUnknown, Err: ctx.Err()}
		}
	}
	if err := ctx.Err(); err != nil {
		return "", &bot.SendError{Outcome: bot.OutcomeRetry, Err: err}
	}
	if fault.Outcome != "" && !fault.Accepted {
		return "", fault.err()
	}
	ref := f.show(to, m)
	if fault.Outcome != "" {
		return "", fault.err()
	}
	return ref, nil
}

func (f *Fake) fault() Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sends++
	if len(f.faults) == 0 {
		return Fault{}
	}
	fault := f.faults[0]
	f.faults = f.faults[1:]
	return fault
}

func (f Fault) err() error {
	err := errors.New("the fake network said so")
	if f.Bare {
		return err
	}
	return &bot.SendError{Outcome: f.Outcome, After: f.After, Err: err}
}

func (f *Fake) show(to handrail.Address, m bot.Message) bot.Ref {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refs++
	ref := bot.Ref("m" + strconv.Itoa(f.refs))
	f.shown = append(f.shown, Seen{Ref: ref, To: to, Message: m})
	return ref
}

// Happen makes an update happen in the world outside. The channel that is returned is closed once it was acknowledged;
// until then the network delivers it again and again while Run runs.
func (f *Fake) Happen(u bot.Update) <-chan struct{} {
	acked := make(chan struct{})
	f.line <- outside{update: u, acked: acked}
	return acked
}

// Run delivers what happens until ctx ends.
func (f *Fake) Run(ctx context.Context, in bot.Inbox) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case o := <-f.line:
			for in.Deliver(ctx, o.update) != nil {
				select {
				case <-ctx.Done():
					return nil
				case <-time.After(time.Millisecond): // the network's own pause before it tries again
				}
			}
			close(o.acked)
		}
	}
}

// Misfit says why a message does not fit a channel with these limits; nil when it fits.
func Misfit(m bot.Message, l bot.Limits) error {
	if n := utf8.RuneCountInString(m.Text.Plain()); n > l.TextChars {
		return fmt.Errorf("it has %d characters, %d are allowed", n, l.TextChars)
	}
	if m.Text.Plain() == "" && len(m.Options) == 0 && m.Form == nil && m.Place == nil && len(m.Files) == 0 && len(m.Cards) == 0 {
		return errors.New("it says nothing")
	}
	if len(m.Cards) > l.Cards {
		return fmt.Errorf("it has %d cards, %d are allowed", len(m.Cards), l.Cards)
	}
	for i, c := range m.Cards {
		if err := Misfit(bot.Message{Text: append(bot.Para("."), c.Text...), Options: c.Options}, bot.Limits{
			TextChars: l.TextChars + 3, Options: l.Options, LabelChars: l.LabelChars, PayloadBytes: l.PayloadBytes,
		}); err != nil {
			return fmt.Errorf("card %d: %w", i+1, err)
		}
	}
	if len(m.Options) > l.Options {
		return fmt.Errorf("it has %d options, %d are allowed", len(m.Options), l.Options)
	}
	for i, o := range m.Options {
		switch {
		case o.Label == "":
			return fmt.Errorf("option %d has no label", i+1)
		case utf8.RuneCountInString(o.Label) > l.LabelChars:
			return fmt.Errorf("the label of option %d has more than %d characters", i+1, l.LabelChars)
		case len(o.Payload) > l.PayloadBytes:
			return fmt.Errorf("the payload of option %d has more than %d bytes", i+1, l.PayloadBytes)
		case o.Payload == "" && o.Link == "":
			return fmt.Errorf("option %d has no payload and no link: it would do nothing", i+1)
		}
	}
	switch {
	case m.Form != nil && !l.Forms:
		return errors.New("it has a form")
	case m.Form != nil && m.Form.Token == "":
		return errors.New("its form has no token")
	case m.Form != nil && len(m.Form.Fields) > 7:
		return errors.New("its form has more than seven fields")
	case len(m.Files) > 0 && !l.Files:
		return errors.New("it has files")
	case m.Place != nil && !l.Places:
		return errors.New("it has a place")
	}
	return nil
}
