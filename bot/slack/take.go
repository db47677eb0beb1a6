package slack

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// answered is how a delivery is answered: by HTTP with the status, in Socket Mode with an acknowledgement unless the
// status says that it was not taken. body is JSON, or nil.
type answered struct {
	status int
	body   any
}

func taken() answered    { return answered{status: http.StatusOK} }
func notTaken() answered { return answered{status: http.StatusServiceUnavailable} }

var errStopped = errors.New("the channel is not running")

// deliverTime is how long a delivery may take: Slack waits three seconds for an answer.
const deliverTime = 2500 * time.Millisecond

// message is an ephemeral answer to a command.
type brief struct {
	Type    string `json:"response_type"`
	Text    string `json:"text"`
	Replace *bool  `json:"replace_original,omitempty"`
}

func (c *Channel) again() brief {
	keep := false
	return brief{Type: "ephemeral", Text: escape(c.texts.Again), Replace: &keep}
}

// formErrors keeps a form open and says what is wrong in it.
type formErrors struct {
	Action string            `json:"response_action"`
	Errors map[string]string `json:"errors"`
}

// takeEvent takes a request of the Events API.
func (c *Channel) takeEvent(ctx context.Context, e wireEvents) answered {
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	in, ok, err := c.installation(ctx, e.team())
	if err != nil {
		c.trouble(ctx, "find the workspace of an event", err)
		return notTaken()
	}
	if !ok {
		return taken() // a workspace that took the app away: nothing of it is stored
	}
	h := c.readEvent(in, e)
	if h.revoke {
		if err := c.revoke(ctx, in); err != nil {
			c.trouble(ctx, "take note of a workspace that took the app away", err)
			return notTaken()
		}
		return taken()
	}
	if err := c.deliver(ctx, h); err != nil {
		c.untaken(ctx, err)
		return notTaken() // it comes again
	}
	c.after(ctx, in, h)
	return taken()
}

// takeCommand takes a slash command. Slack gives it once: where it cannot be stored, the person is told.
func (c *Channel) takeCommand(ctx context.Context, k wireCommand) answered {
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	in, ok, err := c.installation(ctx, k.Team)
	if err != nil {
		c.trouble(ctx, "find the workspace of a command", err)
		return answered{http.StatusOK, c.again()}
	}
	if !ok {
		return taken()
	}
	h := c.readCommand(in, k)
	if err := c.deliver(ctx, h); err != nil {
		c.untaken(ctx, err)
		return answered{http.StatusOK, c.again()}
	}
	c.after(ctx, in, h)
	return taken()
}

// takeInteraction takes a press, a shortcut or a form. Slack gives these once, too.
func (c *Channel) takeInteraction(ctx context.Context, x wireInteraction) answered {
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	in, ok, err := c.installation(ctx, x.team())
	if err != nil {
		c.trouble(ctx, "find the workspace of an interaction", err)
		return notTaken()
	}
	if !ok {
		return taken()
	}
	h := c.readInteraction(in, x)
	if h.sheet != nil {
		if wrong := c.wrong(*h.sheet, h.typed); wrong != nil {
			return answered{http.StatusOK, formErrors{"errors", wrong}}
		}
	}
	if err := c.deliver(ctx, h); err != nil {
		c.untaken(ctx, err)
		if h.sheet != nil {
			if len(h.typed) > 0 { // the form stays open, with everything in it
				return answered{http.StatusOK, formErrors{"errors", map[string]string{fieldBlock + h.first(): c.texts.Again}}}
			}
		}
		if h.respond != "" {
			c.beside(func(ctx context.Context) {
				if err := c.api.respond(ctx, h.respond, c.again()); err != nil {
					c.trouble(ctx, "say that a press was not taken", err)
				}
			})
		}
		return notTaken()
	}
	c.after(ctx, in, h)
	return taken()
}

// first is the name of the form's first field.
func (h heard) first() string {
	if len(h.sheet.Check) > 0 {
		return h.sheet.Check[0].Name
	}
	return slices.Min(slices.Collect(maps.Keys(h.typed)))
}

// team is the workspace of whoever did it.
func (x wireInteraction) team() string {
	switch {
	case x.User.Team != "":
		return x.User.Team
	case x.Team != nil:
		return x.Team.ID
	case x.View != nil:
		return x.View.Team
	}
	return ""
}

// deliver hands an update to the inbox, in its turn among the person's. It returns when the time is over, whatever the
// inbox does: what is committed after that is a duplicate when it comes again (C4).
func (c *Channel) deliver(ctx context.Context, h heard) error {
	if h.update == nil {
		return nil
	}
	select {
	case <-c.ready:
	case <-ctx.Done(): // listened at before Run had begun: it soon does
	}
	_, in, giveBack, ok := c.running.Borrow()
	if !ok {
		return errStopped
	}
	if h.trigger != "" {
		c.triggers.put(h.update.From, h.trigger, c.clock.Now())
	}
	if h.own != "" {
		c.owns.put(h.from.team+"/"+h.from.user, h.own)
	}
	c.threads.put(h.update.From, h.thread, c.clock.Now())
	done := make(chan error, 1)
	turn, leave := c.lines.join(h.from.team + "/" + h.from.user)
	go func() {
		defer giveBack()
		defer leave()
		select {
		case <-turn:
		case <-ctx.Done():
			done <- ctx.Err()
			return
		}
		done <- in.Deliver(ctx, *h.update)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		select {
		case err := <-done: // both came at once
			return err
		default:
			return ctx.Err()
		}
	}
}

// lines keeps what one person does in the order in which it came.
type lines struct {
	mu    sync.Mutex
	tails map[string]chan struct{}
}

// join takes the last place in a line: turn is closed when it is this one's turn, and leave lets the next one go.
func (l *lines) join(key string) (turn <-chan struct{}, leave func()) {
	mine := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tails == nil {
		l.tails = map[string]chan struct{}{}
	}
	before, busy := l.tails[key]
	l.tails[key] = mine
	if !busy {
		before = make(chan struct{})
		close(before)
	}
	end := func() {
		l.mu.Lock()
		if l.tails[key] == mine {
			delete(l.tails, key)
		}
		l.mu.Unlock()
		close(mine)
	}
	return before, func() {
		select {
		case <-before:
			end()
		default: // whoever gave up waiting must not let the next one past those before
			go func() { <-before; end() }()
		}
	}
}

// after starts what is left to do once an update is committed: nobody waits for it and nothing depends on it.
func (c *Channel) after(_ context.Context, in Installation, h heard) {
	switch {
	case h.home:
		c.homes.open(h.from.address(in.Practice))
		c.beside(func(ctx context.Context) { c.publish(ctx, in, h.from) })
	case h.open != "":
		c.beside(func(ctx context.Context) { c.openForm(ctx, in, h) })
	case h.closed != "":
		c.beside(func(ctx context.Context) { c.offerAgain(ctx, in, h) })
	case h.spent != nil && c.spent != nil && c.spent(h.spent.payload):
		c.beside(func(ctx context.Context) { c.takeButtons(ctx, in, *h.spent) })
	}
}

// beside does something after the answer. It never waits: when too much is to be done already, it is left undone.
func (c *Channel) beside(do func(context.Context)) {
	select {
	case c.chores <- do:
	default:
		c.log.Warn("slack: too much to do beside; a button stays, or a form has to be asked for again")
	}
}

const (
	choreWorkers = 4
	choreTime    = 10 * time.Second
)

func (c *Channel) doChores(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case do := <-c.chores:
			ctx, cancel := context.WithTimeout(ctx, choreTime)
			do(ctx)
			cancel()
		}
	}
}

// questions is an inbox that knows the open question of a conversation: a form is drawn from it.
type questions interface {
	Question(ctx context.Context, from handrail.Address) (bot.Message, bool, error)
}
