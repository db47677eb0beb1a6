package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"handrail"
	"handrail/bot"
)

// name is the channel's name in addresses.
const name = "web"

// Options is what a channel is made of.
type Options struct {
	// Dir is where the file of the chats lives; it is made when it is not there. One process at a time.
	Dir string
	// People are those who have a chat, from left to right.
	People []Person
	// Practice is whose people they are.
	Practice handrail.PracticeID
	// Clock is the story's clock; nil takes Stage.Now.
	Clock func() time.Time
	// Zone is the zone in which times are shown; nil is Europe/London.
	Zone *time.Location
	// Stage moves the clock and starts the story again; may be nil.
	Stage Stage
	// Hosts are names under which the page may be asked for besides the loopback ones, without a port. Any other name
	// is refused, so that a foreign page cannot have its own name point here and read the chats.
	Hosts []string
	// Log gets what goes wrong, without names or words of people; nil drops it.
	Log *slog.Logger
}

// Channel is the demo page as a bot.Channel. It is safe for use by several goroutines.
type Channel struct {
	people   []Person
	practice handrail.PracticeID
	clock    func() time.Time
	zone     *time.Location
	stage    Stage
	hosts    map[string]bool
	log      *slog.Logger
	phones   *phones
	assets   map[string]asset

	// moving is held while the clock moves or the story starts again: one at a time.
	moving sync.Mutex
	// clockVersion grows whenever the page should look at the clock again; shownMinute is the minute it was told last.
	clockVersion atomic.Int64
	shownMinute  atomic.Int64

	mu        sync.Mutex
	inbox     bot.Inbox       // nil unless Run is running
	life      context.Context // of Run
	deliver   sync.WaitGroup  // deliveries under way
	streams   chan struct{}   // closed to end every event stream
	streaming bool
}

var _ bot.Channel = (*Channel)(nil)

// New makes a channel and reads what was said before. It fails when the people make no sense, when there is no clock, or
// when the file of the chats cannot be read.
func New(o Options) (*Channel, error) {
	if err := checkPeople(o.People); err != nil {
		return nil, fmt.Errorf("make the web channel: %w", err)
	}
	if o.Dir == "" {
		return nil, errors.New("make the web channel: no directory for the chats")
	}
	if o.Clock == nil && o.Stage != nil {
		o.Clock = o.Stage.Now
	}
	if o.Clock == nil {
		return nil, errors.New("make the web channel: no clock")
	}
	if o.Zone == nil {
		zone, err := time.LoadLocation("Europe/London")
		if err != nil {
			return nil, fmt.Errorf("make the web channel: %w", err)
		}
		o.Zone = zone
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	assets, err := loadAssets()
	if err != nil {
		return nil, fmt.Errorf("make the web channel: %w", err)
	}
	p, err := openPhones(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("make the web channel: %w", err)
	}
	c := &Channel{
		people: append([]Person(nil), o.People...), practice: o.Practice, clock: o.Clock, zone: o.Zone, stage: o.Stage,
		hosts: map[string]bool{}, log: o.Log, phones: p, assets: assets,
		streams: make(chan struct{}), streaming: true,
	}
	for _, h := range o.Hosts {
		c.hosts[strings.ToLower(h)] = true
	}
	return c, nil
}

// Close lets the file of the chats go. Call it after Run has returned and the server is down; a Send after it is refused
// for now (bot.OutcomeRetry). Safe to call twice.
func (c *Channel) Close() error { return c.phones.close() }

// Name is "web".
func (c *Channel) Name() string { return name }

// Limits says what a message on the page may be.
func (c *Channel) Limits() bot.Limits {
	return bot.Limits{TextChars: 4096, Options: 13, LabelChars: 64, PayloadBytes: 64, Forms: true, Files: true, Places: true}
}

// Run lends the inbox to the page until ctx ends; it then waits for the deliveries under way, ends the event streams and
// returns nil. It fails at once when it is running already.
func (c *Channel) Run(ctx context.Context, in bot.Inbox) error {
	c.mu.Lock()
	if c.inbox != nil {
		c.mu.Unlock()
		return errors.New("run the web channel: it is running already")
	}
	c.inbox, c.life = in, ctx
	if !c.streaming {
		c.streams, c.streaming = make(chan struct{}), true
	}
	c.mu.Unlock()

	<-ctx.Done()

	c.mu.Lock()
	c.inbox, c.life = nil, nil
	c.mu.Unlock()
	c.deliver.Wait()
	c.endStreams()
	return nil
}

// borrow returns the inbox and how to give it back, or false when Run is not running.
func (c *Channel) borrow() (in bot.Inbox, giveBack func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inbox == nil {
		return nil, nil, false
	}
	c.deliver.Add(1) // under mu, so that Run's Wait comes after it
	return c.inbox, c.deliver.Done, true
}

// lasting is a context for what must not end with the request that asked for it: it ends with Run.
func (c *Channel) lasting(r *http.Request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	c.mu.Lock()
	life := c.life
	c.mu.Unlock()
	if life == nil {
		return ctx, cancel
	}
	stop := context.AfterFunc(life, cancel)
	return ctx, func() { stop(); cancel() }
}

// endStreams ends every event stream, so that a server can shut down.
func (c *Channel) endStreams() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.streaming {
		close(c.streams)
		c.streaming = false
	}
}

// ended is closed when event streams must end.
func (c *Channel) ended() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.streams
}

// Send puts the message on the person's phone; when it returns nil the message is on the disk. A message to somebody who
// is not of this story is refused for good.
func (c *Channel) Send(ctx context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	fail := func(o bot.Outcome, err error) (bot.Ref, error) { return "", &bot.SendError{Outcome: o, Err: err} }
	if err := ctx.Err(); err != nil {
		return fail(bot.OutcomeRetry, err)
	}
	if _, ok := c.person(to.Chat); !ok || to.Channel != name || to.Practice != c.practice || to.Thread != "" {
		return fail(bot.OutcomeRefused, errors.New("nobody here has this address"))
	}
	n, err := c.phones.add("", entry{At: c.clock(), Chat: to.Chat, Message: &m})
	switch {
	case errors.Is(err, errDoubt):
		return fail(bot.OutcomeUnknown, err)
	case err != nil:
		return fail(bot.OutcomeRetry, err)
	}
	c.noteClock()
	return bot.Ref(strconv.FormatInt(n, 10)), nil
}

// Reset empties every phone and tells every open page. It does not call the stage. Safe to call twice.
func (c *Channel) Reset() error { return c.phones.reset() }

func (c *Channel) person(chat string) (Person, bool) {
	for _, p := range c.people {
		if p.Chat == chat {
			return p, true
		}
	}
	return Person{}, false
}

// noteClock tells the pages when the clock shows another minute than the one they know.
func (c *Channel) noteClock() {
	minute := c.clock().Unix() / 60
	if c.shownMinute.Swap(minute) != minute {
		c.clockMoved()
	}
}

// clockMoved tells the pages to look at the clock.
func (c *Channel) clockMoved() {
	c.clockVersion.Add(1)
	c.phones.nudge()
}
