package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/wire"
)

// Name is the channel's name in addresses.
const Name = "telegram"

// Options is what a channel is made of. Token, Practice and Clock are required.
type Options struct {
	// Token is the bot's, as BotFather gave it.
	Token bot.Secret
	// APIURL is where the Bot API answers; empty is https://api.telegram.org.
	APIURL string
	// WebhookURL is the public address of Handler; empty: long polling.
	WebhookURL string
	// WebhookSecret proves that a webhook request comes from Telegram; required with a WebhookURL.
	WebhookSecret bot.Secret
	// Practice is whose bot it is.
	Practice handrail.PracticeID
	Clock    bot.Clock
	// Log gets what goes wrong, without tokens, addresses or words of people; nil drops it.
	Log *slog.Logger
	// Client carries the calls; nil is one with its own connections. Its time-out must be longer than PollTime, and its
	// redirects are not followed.
	Client *http.Client
	// PollTime is how long Telegram holds a poll open while there is nothing; 0 is 50 seconds.
	PollTime time.Duration
	// Profiles are the bot's commands and description by language; nil is DefaultProfiles. An empty list leaves them as
	// they are.
	Profiles []Profile
	// Spent says of a button's payload whether its message has had its answer when it is pressed: the message then shows
	// what was chosen, and its buttons go. nil: buttons stay.
	Spent func(payload string) bool
}

// Channel is one bot on Telegram as a bot.Channel. It is safe for use by several goroutines.
type Channel struct {
	api      *client
	botID    string // the part of the token before the colon, which is the bot's public number
	practice handrail.PracticeID
	clock    bot.Clock
	log      *slog.Logger
	pollTime time.Duration
	profiles []Profile
	spent    func(string) bool

	hookURL    string
	hookSecret bot.Secret

	username atomic.Pointer[string] // known once getMe was answered
	chores   chan chore
	shut     wire.Gate
	albums   albums
	running  wire.Running
}

var (
	_ bot.Channel = (*Channel)(nil)
	_ bot.Editor  = (*Channel)(nil)
	_ bot.Eraser  = (*Channel)(nil)
)

// New makes a channel. It reaches no network: a start must not fail because Telegram is away. It fails when something
// required is missing, and never says what a secret was.
func New(o Options) (*Channel, error) {
	if o.Token == nil || o.Practice == "" || o.Clock == nil {
		return nil, errors.New("make the telegram channel: token, practice and clock are all needed")
	}
	id, rest, ok := strings.Cut(o.Token.Reveal(), ":")
	if _, err := strconv.ParseInt(id, 10, 64); err != nil || !ok || rest == "" || strings.ContainsFunc(rest, notOfToken) {
		return nil, errors.New("make the telegram channel: that is not a token; BotFather's look like 123456:ABC-def")
	}
	if o.WebhookURL != "" && (o.WebhookSecret == nil || o.WebhookSecret.Reveal() == "") {
		return nil, errors.New("make the telegram channel: a webhook needs a secret")
	}
	if o.APIURL == "" {
		o.APIURL = "https://api.telegram.org"
	}
	base, err := url.Parse(o.APIURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("make the telegram channel: the address of the Bot API is not a web address")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.PollTime == 0 {
		o.PollTime = 50 * time.Second
	}
	if o.Profiles == nil {
		o.Profiles = DefaultProfiles()
	}
	return &Channel{
		api: newClient(o.Client, strings.TrimRight(o.APIURL, "/"), o.Token), botID: id, practice: o.Practice, clock: o.Clock,
		log: o.Log.With("channel", Name), pollTime: o.PollTime, profiles: o.Profiles, spent: o.Spent,
		hookURL: o.WebhookURL, hookSecret: o.WebhookSecret, chores: make(chan chore, 256),
	}, nil
}

func notOfToken(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-'
}

// String names the channel; nothing of the bot is in it.
func (c *Channel) String() string { return Name }

// GoString is String: %#v must not walk to the token either.
func (c *Channel) GoString() string { return Name }

// Name is "telegram".
func (c *Channel) Name() string { return Name }

// Limits says what a message on Telegram may be. A message may have a hundred buttons there; a person may not want to
// look through more than a dozen and the way to urgent help, and labels of more than 40 characters are cut off on a small phone.
func (c *Channel) Limits() bot.Limits {
	return bot.Limits{TextChars: textChars, Options: 13, LabelChars: 40, PayloadBytes: 64, Files: true, Places: true}
}

// Telegram's own limits, in UTF-16 code units, as its phones count.
const (
	textChars    = 4096
	captionChars = 1024
)

// Link is the address that opens a chat with the bot and hands it a one-time code, which then comes as "/start CODE". It
// is "" as long as the bot's name is not known (Telegram has not answered since the start) and for a code that a link
// cannot carry: 1 to 64 of A-Z a-z 0-9 _ and -.
func (c *Channel) Link(code string) string {
	name := c.username.Load()
	if name == nil || code == "" || len(code) > 64 || strings.ContainsFunc(code, notOfToken) {
		return ""
	}
	return "https://t.me/" + *name + "?start=" + code
}

// Run receives updates until ctx ends, and then returns nil. Trouble with Telegram never ends it: it waits and tries
// again. It fails at once when it is running already.
func (c *Channel) Run(ctx context.Context, in bot.Inbox) error {
	if !c.running.Begin(ctx, in) {
		return errors.New("run the telegram channel: it is running already")
	}
	var work sync.WaitGroup
	defer func() {
		c.running.End()
		work.Wait()
	}()
	for range choreWorkers {
		work.Go(func() { c.doChores(ctx) })
	}
	work.Go(func() { c.introduce(ctx) })
	if c.hookURL != "" {
		c.persist(ctx, "set the webhook", c.setWebhook)
		<-ctx.Done()
		return nil
	}
	c.persist(ctx, "take the webhook away", c.deleteWebhook)
	c.poll(ctx)
	return nil
}

// persist does something at the start until it works or ctx ends.
func (c *Channel) persist(ctx context.Context, what string, do func(context.Context) error) {
	_ = wire.Persist(ctx, c.clock, do, func(err error) time.Duration { // what failed last was told
		c.trouble(ctx, what, err)
		return askedFor(err)
	})
}

// askedFor is how long to wait before the next try of what receives: as long as Telegram asked; while the token is
// refused, so that its owner need not wait long once it is mended, and Telegram is not pestered.
func askedFor(err error) time.Duration {
	if isRevoked(err) {
		return wire.LongestPause
	}
	return wire.AskedFor(err)
}

// trouble tells the operator that something went wrong. That the token was refused is told once, until it works again
// (F9): everything fails then.
func (c *Channel) trouble(ctx context.Context, what string, err error) {
	if isRevoked(err) {
		c.revoked(ctx)
		return
	}
	c.log.WarnContext(ctx, "telegram: trouble", "doing", what, "error", err)
}

func (c *Channel) revoked(ctx context.Context) {
	if c.shut.Close() {
		c.log.ErrorContext(ctx, "telegram refuses the bot's token; nothing is received or sent until it is mended, and what is to be sent waits")
	}
}

func (c *Channel) works(ctx context.Context) {
	if c.shut.Open() {
		c.log.InfoContext(ctx, "telegram takes the bot's token again")
	}
}

// address is a person's.
func (c *Channel) address(chat int64) handrail.Address {
	return handrail.Address{Practice: c.practice, Channel: Name, Chat: strconv.FormatInt(chat, 10)}
}

// updateID is the id of an update in the inbox. The numbers of another bot, of the same practice, may be the same: the
// bot's own is part of it.
func (c *Channel) updateID(n int64) string { return fmt.Sprintf("%s:%d", c.botID, n) }
