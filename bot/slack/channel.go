package slack

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/wire"
)

// Name is the channel's name in addresses.
const Name = "slack"

// Options is what a channel is made of. Clock, one way to receive (AppToken or SigningSecret) and one way to send
// (BotToken or Installations) are required.
type Options struct {
	// AppToken opens Socket Mode; nil: events come by HTTP.
	AppToken bot.Secret
	// SigningSecret proves that a request comes from Slack; nil: every request by HTTP is refused.
	SigningSecret bot.Secret
	// BotToken is that of the one workspace of Practice; nil where workspaces install the app by themselves.
	BotToken bot.Secret
	// Practice is whose workspace BotToken's is.
	Practice handrail.PracticeID
	// Installations keeps the workspaces that installed the app; may be nil with a BotToken.
	Installations Installations
	// Install lets workspaces install the app; the zero Install does not.
	Install Install
	// Admin is the user id of the first administrator in the workspace of BotToken; empty: none.
	Admin string
	// Administrator makes somebody an administrator of the practice of the address. It must be safe to call twice. Called
	// for Admin at the start, and for whoever installs the app.
	Administrator func(ctx context.Context, who handrail.Address, name string) error
	// APIURL is where the Web API answers; empty is https://slack.com/api/.
	APIURL string
	Clock  bot.Clock
	// Log gets what goes wrong, without tokens, ids or words of people; nil drops it.
	Log *slog.Logger
	// Client carries the calls; nil is one with its own connections.
	Client *http.Client
	// Connections is how many Socket Mode connections are held; 0 is 2, so that one is there while the other is renewed.
	Connections int
	// Spent says of a button's payload whether its message has had its answer when it is pressed: the buttons then go.
	// nil: buttons stay.
	Spent func(payload string) bool
	// Home makes the home tab of one person, its buttons sealed for the address; nil: a line of how to begin.
	Home func(ctx context.Context, who handrail.Address) (bot.Message, error)
	// Commands are what each slash command says to the engine; nil is DefaultCommands.
	Commands map[string]string
	// Texts are the channel's own words; the zero Texts is DefaultTexts.
	Texts Texts
}

// Channel is one Slack app, in one workspace or many, as a bot.Channel. It is safe for use by several goroutines.
type Channel struct {
	api           *client
	app           Token
	signing       bot.Secret
	single        *single // nil without a bot token in the settings
	installed     *installed
	install       Install
	admin         string
	administrator func(context.Context, handrail.Address, string) error
	clock         bot.Clock
	log           *slog.Logger
	connections   int
	spent         func(string) bool
	home          func(context.Context, handrail.Address) (bot.Message, error)
	commands      map[string]string
	texts         Texts

	chores   chan func(context.Context)
	ready    chan struct{} // closed once Run has begun
	begun    sync.Once
	shut     wire.Gate
	lines    lines
	triggers triggers
	threads  threads
	owns     owns
	homes    homes
	running  wire.Running
}

var (
	_ bot.Channel  = (*Channel)(nil)
	_ bot.Editor   = (*Channel)(nil)
	_ bot.Recaller = (*Channel)(nil)
)

// New makes a channel. It reaches no network: a start must not fail because Slack is away. It fails when something
// required is missing, and never says what a secret was.
func New(o Options) (*Channel, error) {
	if o.Clock == nil {
		return nil, errors.New("make the slack channel: a clock is needed")
	}
	if o.AppToken == nil && o.SigningSecret == nil {
		return nil, errors.New("make the slack channel: an app token or a signing secret is needed to receive anything")
	}
	if o.BotToken == nil && o.Installations == nil {
		return nil, errors.New("make the slack channel: a bot token, or a place to keep installations, is needed")
	}
	if o.BotToken != nil && o.Practice == "" {
		return nil, errors.New("make the slack channel: a bot token belongs to a practice")
	}
	if o.Admin != "" && !isID(o.Admin) {
		return nil, errors.New("make the slack channel: the administrator is not a user id; they look like U024BE7LH")
	}
	if o.APIURL == "" {
		o.APIURL = "https://slack.com/api/"
	}
	base, err := url.Parse(o.APIURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("make the slack channel: the address of the Web API is not a web address")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Connections == 0 {
		o.Connections = 2
	}
	if o.Commands == nil {
		o.Commands = DefaultCommands()
	}
	if o.Texts == (Texts{}) {
		o.Texts = DefaultTexts()
	}
	if o.Install.on() {
		if err := o.Install.check(); err != nil {
			return nil, err
		}
	}
	c := &Channel{
		api: newClient(o.Client, strings.TrimRight(o.APIURL, "/")+"/", o.Clock), signing: o.SigningSecret,
		installed: &installed{store: o.Installations, clock: o.Clock}, install: o.Install, admin: o.Admin, administrator: o.Administrator,
		clock: o.Clock, log: o.Log.With("channel", Name), connections: min(o.Connections, 10), spent: o.Spent, home: o.Home,
		commands: o.Commands, texts: o.Texts, chores: make(chan func(context.Context), 256), ready: make(chan struct{}),
	}
	if o.AppToken != nil {
		c.app = Token(o.AppToken.Reveal())
	}
	if o.BotToken != nil {
		c.single = &single{in: Installation{Practice: o.Practice, Token: Token(o.BotToken.Reveal())}}
	}
	return c, nil
}

// String names the channel; nothing of the app is in it.
func (c *Channel) String() string { return Name }

// GoString is String: %#v must not walk to a token either.
func (c *Channel) GoString() string { return Name }

// Name is "slack".
func (c *Channel) Name() string { return Name }

// Run receives until ctx ends, and then returns nil. Trouble with Slack never ends it: it waits and tries again. It fails
// at once when it is running already.
func (c *Channel) Run(ctx context.Context, in bot.Inbox) error {
	if !c.running.Begin(ctx, in) {
		return errors.New("run the slack channel: it is running already")
	}
	c.begun.Do(func() { close(c.ready) })

	var own sync.WaitGroup
	defer func() {
		own.Wait()
		c.running.End()
	}()
	for range choreWorkers {
		own.Go(func() { c.doChores(ctx) })
	}
	if c.single != nil {
		own.Go(func() { c.begin(ctx) })
	}
	if c.app != "" {
		for range c.connections {
			own.Go(func() { c.listen(ctx) })
		}
	}
	<-ctx.Done()
	return nil
}

// begin finds out whose token it is, and makes the first administrator.
func (c *Channel) begin(ctx context.Context) {
	c.persist(ctx, "find out which workspace it is", c.learn)
	in, known := c.single.get()
	if !known || c.admin == "" || c.administrator == nil {
		return
	}
	c.persist(ctx, "make the first administrator", func(ctx context.Context) error {
		return c.administrator(ctx, Address(in.Practice, in.Team, c.admin), c.nameOf(ctx, in, c.admin))
	})
}

// nameOf is how a person is called in the workspace; a plain word where Slack does not say.
func (c *Channel) nameOf(ctx context.Context, in Installation, user string) string {
	var out struct {
		User struct {
			Name    string `json:"real_name"`
			Profile struct {
				Name    string `json:"real_name"`
				Display string `json:"display_name"`
			} `json:"profile"`
		} `json:"user"`
	}
	if err := c.api.call(ctx, in.Token, "users.info", url.Values{"user": {user}}, &out); err != nil {
		c.trouble(ctx, "ask for a name", err)
	}
	for _, name := range []string{out.User.Name, out.User.Profile.Name, out.User.Profile.Display} {
		if name = strings.TrimSpace(valid(name)); name != "" {
			return cut(name, 80)
		}
	}
	return "Administrator"
}

// persist does something until it works or ctx ends.
func (c *Channel) persist(ctx context.Context, what string, do func(context.Context) error) {
	failed := false
	err := wire.Persist(ctx, c.clock, do, func(err error) time.Duration {
		failed = true
		c.trouble(ctx, what, err)
		return min(wire.AskedFor(err), wire.LongestPause)
	})
	if failed { // what went well at once says nothing of a token that was refused meanwhile
		c.works(ctx, err)
	}
}

// trouble tells the operator that something went wrong. That a token was refused is told once, until one works again (F9):
// everything fails then.
func (c *Channel) trouble(ctx context.Context, what string, err error) {
	if wire.HasReason(err, reasonRevoked) {
		if c.shut.Close() {
			c.log.ErrorContext(ctx, "slack refuses a token; what is to be sent waits until it is mended", "doing", what, "error", err)
		}
		return
	}
	c.log.WarnContext(ctx, "slack: trouble", "doing", what, "error", err)
}

func (c *Channel) untaken(ctx context.Context, err error) {
	if !errors.Is(err, errStopped) {
		c.log.ErrorContext(ctx, "slack: an update was not taken", "error", err)
	}
}

func (c *Channel) works(ctx context.Context, err error) {
	if err == nil && c.shut.Open() {
		c.log.InfoContext(ctx, "slack takes the token again")
	}
}

// revoke forgets the token of a workspace that took the app away.
func (c *Channel) revoke(ctx context.Context, in Installation) error {
	c.log.ErrorContext(ctx, "a workspace took the app away; what is to be sent there waits")
	c.installed.forget(in.Team)
	if c.installed.store == nil {
		return nil
	}
	return c.installed.store.Revoke(ctx, in.Team, c.clock.Now())
}
