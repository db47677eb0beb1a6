package house

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"handrail"
	"handrail/alerts"
	"handrail/bot"
	"handrail/dialogs"
	"handrail/dialogs/text"
	"handrail/directory"
	"handrail/directory/feeds"
	"handrail/directory/onetap"
	"handrail/meaning"
	"handrail/meaning/model"
	"handrail/outbox"
	"handrail/reminders"
	"handrail/store/records"
	"handrail/urgent"
)

// Options is what a House is made of.
type Options struct {
	Records  *records.Records
	States   bot.States // where conversations stand: Redis, or Records.States()
	Channels []bot.Channel
	Clock    Clock
	// Key signs buttons; at least 32 bytes, kept as long as buttons are to work.
	Key  []byte
	Zone *time.Location
	// Measures says which questions how life is going are asked: "verified" (and empty), "all" or "none".
	Measures string
	// Drafts uses catalogues that nobody who grew up with their language has checked.
	Drafts bool
	// Nation chooses the urgent-help cards: "england", "wales", "scotland", "northern_ireland".
	Nation string
	// Childline is its telephone number, once somebody has checked it; empty leaves it out.
	Childline string
	// HelpChecked is when a person here last checked the numbers on the urgent-help cards; the zero time is never. Digests
	// ask for it from then on, and after half a year nobody new can join (K5).
	HelpChecked time.Time
	// Alerts is how staff are called to an alert; the zero value is the default ladder, in chat alone.
	Alerts Alerts
	// Invitation makes the address that a one-time code is opened by.
	Invitation func(code string) string
	// Places are named places the gazetteer knows besides postcodes.
	Places []directory.Place
	// Vocabulary reads what people write; nil is the built-in one.
	Vocabulary *meaning.Vocabulary
	// Model may add to how staff's questions are read; nil is none.
	Model *model.Client
	// PublicURL is where the public listener is reached from outside; empty when it is not, and then an organiser who has
	// no chat cannot be asked by a link.
	PublicURL string
	// Feeds are directories to pull by themselves, with the client that pulls them.
	Feeds      []feeds.Scheduled
	FeedClient *feeds.Client
	// Rates limit what is sent, by channel name.
	Rates map[string]outbox.Rate
	// Workers think about updates side by side in Run; 0 is 4.
	Workers int
	Log     *slog.Logger
	// Jitter spreads the pauses between tries of a send; nil draws a new one. A test that must run the same way twice
	// gives its own.
	Jitter *rand.Rand
	// Dialogs come before the product's own: for tests and for measuring.
	Dialogs []bot.Dialog
	// PlayTwice and Fail are the engine's, for tests.
	PlayTwice bool
	Fail      func(point string) error
	// SendFail is the sender's, for tests.
	SendFail func(point string)
}

// House is everything joined together. Settle, Advance and Next are for one goroutine at a time; Run is for a server.
type House struct {
	Bot      *bot.Bot
	Finder   *Finder
	records  *records.Records
	planner  *reminders.Planner
	ladder   *alerts.Ladder
	sender   *outbox.Sender
	clock    Clock
	opts     Options
	links    *onetap.Links // nil without a public address
	answers  func(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, now time.Time) (bool, error)
	feeds    *feeds.Runner // nil without feeds
	pictures *pictures
	signer   bot.Signer
	home     func(ctx context.Context, who bot.Who, now time.Time) (bot.Message, error)
}

// New joins the rooms. It reads the directory from the records into the search index.
func New(ctx context.Context, o Options) (*House, error) {
	h, err := build(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("new house: %w", err)
	}
	return h, nil
}

// build joins them from the ground up: what reads and words, then the conversations, then what sends and what hears.
func build(ctx context.Context, o Options) (*House, error) {
	load := text.Load
	if o.Drafts {
		load = text.LoadDrafts
	}
	words, err := load()
	if err != nil {
		return nil, err
	}
	signer, err := bot.NewSigner(o.Key)
	if err != nil {
		return nil, err
	}
	go Scanner{}.Scan("") // reads the table of danger words now, and not while somebody waits for the card
	finder, err := NewFinder(ctx, FinderOptions{Records: o.Records, Places: o.Places, Vocabulary: o.Vocabulary, Model: o.Model, Zone: o.Zone})
	if err != nil {
		return nil, err
	}
	links, err := askLinks(o)
	if err != nil {
		return nil, err
	}
	post := Post{Signer: signer, Records: o.Records}
	ladder, err := newLadder(o, post, words)
	if err != nil {
		return nil, err
	}
	h := &House{
		Finder: finder, records: o.Records, ladder: ladder, clock: o.Clock, opts: o, links: links, signer: signer,
		pictures: newPictures(o.FeedClient, o.Records, finder, o.Clock, o.Log),
	}
	h.pictures.base = o.PublicURL
	facts, deps, err := h.deps(words, post)
	if err != nil {
		return nil, err
	}
	h.answers, h.home = dialogs.Answers(deps), dialogs.Home(deps)
	h.planner, err = reminders.New(reminders.Options{
		Jobs: reminders.All(facts), Ticks: o.Records, Contacts: o.Records, Post: post, Clock: o.Clock, Zone: o.Zone, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	if h.sender, err = h.newSender(words, dialogs.Gone(deps)); err != nil {
		return nil, err
	}
	h.Bot, err = bot.New(bot.Options{
		Ledger: o.Records, States: o.States, Channels: o.Channels, Words: words, Signer: signer, Express: h.sender, Clock: o.Clock, Log: o.Log,
		Dialogs: append(slices.Clip(o.Dialogs), dialogs.All(deps)...), Guards: dialogs.Guards(deps), Below: dialogs.Below(deps),
		Scanner: Scanner{}, Ear: ear{o.Zone}, Mask: mask(words), Masked: dialogs.Masked(deps), PlayTwice: o.PlayTwice, Fail: o.Fail,
	})
	if err != nil {
		return nil, err
	}
	if len(o.Feeds) == 0 {
		return h, nil
	}
	h.feeds, err = feeds.New(feeds.Options{
		Feeds: o.Feeds, Store: FeedStore{o.Records}, Clock: o.Clock, Client: o.FeedClient, Log: o.Log,
		Prepare: func(ctx context.Context, list []handrail.Activity) error { return Prepare(ctx, o.Records, list) },
	})
	return h, err
}

// deps is what the jobs and the conversations are made of. Each knows a little of the other: a digest can be asked for in
// the chat, and what to line up next is a conversation's question in a reminder.
func (h *House) deps(words *text.Catalogues, post Post) (reminders.Deps, dialogs.Deps, error) {
	o, nation := h.opts, urgent.Nation(h.opts.Nation)
	cards, err := NewCards(nation)
	if err != nil {
		return reminders.Deps{}, dialogs.Deps{}, err
	}
	asides, err := meaning.NewAsides()
	if err != nil {
		return reminders.Deps{}, dialogs.Deps{}, err
	}
	checked := NewChecked(o.HelpChecked)
	facts := reminders.Deps{
		Facts: o.Records, Words: words, Zone: o.Zone, AskLink: h.askLink, Cards: checked, Meetings: h.Finder.Meetings, NoSurvey: o.Measures == "none",
		StillOn: func(a handrail.Activity, ask handrail.Ask, to handrail.Address) bot.Envelope {
			return dialogs.StillOn(words, a, directory.WhenText(a), ask, to)
		},
	}
	deps := dialogs.Deps{
		Records: o.Records, Finder: h.Finder, Post: post, Words: words, Languages: words.Languages(), Zone: o.Zone, When: directory.WhenText,
		Cards: cards, Alarm: h.ladder, Closed: checked.Closed, Has111: nation != urgent.NorthernIreland, YoungLines: urgent.YoungLines(o.Childline),
		Invitation: o.Invitation, InviteCard: inviteCard, AskLink: h.askLink, Chart: weeksChart, Picture: h.pictures.Picture,
		Digest: reminders.Digest(facts), Digests: reminders.Digests(facts), Writer: newWriter(o.Model), Asides: asides, Unverified: o.Measures == "all",
		Editable: editable(o.Channels), Erase: erasing(o.Channels), Workplace: workplace(o.Channels),
	}
	facts.PlanNext = dialogs.PlanNext(deps)
	return facts, deps, nil
}

// askLink is the link by which an organiser who has no chat answers; empty without a public address.
func (h *House) askLink(ask handrail.Ask) string {
	if h.links == nil {
		return ""
	}
	address, err := h.links.Address(ask)
	if err != nil {
		h.opts.Log.Warn("a link for an organiser could not be made", "error", err)
		return ""
	}
	return address
}

// newSender makes what sends, on every channel and by mail; gone says what a patient's lost chat comes to.
func (h *House) newSender(words bot.Words, gone func(context.Context, bot.Envelope) error) (*outbox.Sender, error) {
	o := h.opts
	if o.Jitter == nil {
		o.Jitter = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	channels := map[string]bot.Channel{}
	for _, c := range o.Channels {
		channels[c.Name()] = c
	}
	if o.Alerts.Mail != nil {
		channels[o.Alerts.Mail.Name()] = o.Alerts.Mail
	}
	return outbox.New(outbox.Options{
		Store: o.Records, Channels: channels, Rates: o.Rates, Pace: sharedPace(o.States), ChatKey: o.Records.ConversationKey, Fit: bot.Fit,
		Facts: stillness{h.planner, h.ladder}, Words: words, OnGone: onGone(gone, h.ladder), Clock: o.Clock, Rand: o.Jitter, Log: o.Log, Fail: o.SendFail,
	})
}

// mask takes NHS numbers out of what is typed before it is stored.
func mask(words bot.Words) func(string) string {
	instead := words.Line(text.Fallback, "guard.masked")
	return func(s string) string { return meaning.MaskNHSNumbers(s, instead) }
}

// Post puts sealed envelopes into the outbox.
type Post struct {
	Signer  bot.Signer
	Records *records.Records
}

// Post seals the buttons of each envelope for its address and puts it, once by its key. Within a transaction of the
// records it takes part. An envelope to somebody who has no chat any more is left out: whoever lost one patient must not
// lose the reminders of all the others with it (F8).
func (p Post) Post(ctx context.Context, envs ...bot.Envelope) error {
	envs = slices.DeleteFunc(slices.Clone(envs), func(e bot.Envelope) bool { return e.To.IsZero() })
	for i := range envs {
		// The message may be shared by several envelopes: each address gets buttons of its own.
		m := envs[i].Message.Clone()
		if err := p.Signer.Seal(&m, envs[i].To, envs[i].NotBefore); err != nil {
			return fmt.Errorf("post %s: %w", envs[i].Class, err)
		}
		envs[i].Message = m
	}
	if _, err := p.Records.Put(ctx, envs...); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	return nil
}

// Settle thinks and sends until nothing can be done at this moment. A turn that has to wait, since the state store is
// away for instance, keeps nothing else waiting: the error tells of it in the end.
func (h *House) Settle(ctx context.Context) error {
	var waits []error
	for {
		planned, err := h.planner.Step(ctx)
		if err != nil {
			waits = append(waits, err) // somebody's danger must not wait for a reminder that cannot be planned
		}
		called, err := h.ladder.Step(ctx)
		if err != nil {
			waits = append(waits, err)
		}
		thought := false
		for {
			did, err := h.Bot.Step(ctx)
			if !did {
				if err != nil {
					return errors.Join(append(waits, err)...)
				}
				break
			}
			if err != nil {
				waits = append(waits, err)
			}
			thought = true
		}
		sent, err := h.sender.Step(ctx)
		if err != nil {
			return err
		}
		if !planned && !called && !thought && sent == 0 {
			return errors.Join(waits...)
		}
	}
}

// lookAhead is how far Next looks.
const lookAhead = 21 * 24 * time.Hour

// Next is when the next thing happens by itself, and the job it belongs to ("daybefore", "digest"; "outbox" for a
// message that waits); false when nothing is planned within three weeks.
func (h *House) Next(ctx context.Context) (at time.Time, job string, to handrail.Address, ok bool, err error) {
	return h.next(ctx, h.clock.Now().Add(lookAhead))
}

func (h *House) next(ctx context.Context, limit time.Time) (at time.Time, job string, to handrail.Address, ok bool, err error) {
	now := h.clock.Now()
	e, found, err := h.planner.Peek(ctx, limit)
	if err != nil {
		return time.Time{}, "", handrail.Address{}, false, err
	}
	if found {
		at, job, to, ok = e.NotBefore, e.Job, e.To, true
	}
	due, waiting, err := h.sender.Next(ctx)
	if err != nil {
		return time.Time{}, "", handrail.Address{}, false, err
	}
	if waiting && due.After(now) && !due.After(limit) && (!ok || due.Before(at)) {
		at, job, to, ok = due, "outbox", handrail.Address{}, true
	}
	call, waiting, err := h.ladder.Next(ctx)
	if err != nil {
		return time.Time{}, "", handrail.Address{}, false, err
	}
	if waiting && call.After(now) && !call.After(limit) && (!ok || call.Before(at)) {
		at, job, to, ok = call, "alert", handrail.Address{}, true
	}
	turn, waiting, err := h.records.NextTurn(ctx, now)
	if err != nil {
		return time.Time{}, "", handrail.Address{}, false, err
	}
	if waiting && turn.After(now) && !turn.After(limit) && (!ok || turn.Before(at)) {
		at, job, to, ok = turn, "inbox", handrail.Address{}, true
	}
	return at, job, to, ok, nil
}

// Advance moves a movable clock to a time, event by event, each settled before the next. It fails on a clock that
// nobody can move.
func (h *House) Advance(ctx context.Context, to time.Time) error {
	clock, ok := h.clock.(interface{ Set(time.Time) })
	if !ok {
		return errors.New("advance: this clock cannot be moved")
	}
	if err := h.Settle(ctx); err != nil {
		return err
	}
	for {
		at, _, _, ok, err := h.next(ctx, to)
		if err != nil {
			return err
		}
		// A job that only notes something sends nothing to wait for, and what it notes decides what is sent next.
		if keep, some := h.planner.NextKeep(h.clock.Now()); some && !keep.After(to) && (!ok || keep.Before(at)) {
			at, ok = keep, true
		}
		if !ok {
			break
		}
		clock.Set(at)
		if err := h.Settle(ctx); err != nil {
			return err
		}
		if !h.clock.Now().After(at) && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	clock.Set(to)
	return h.Settle(ctx)
}

// Run receives, thinks, plans and sends until ctx ends or a channel cannot go on; then everything stops in order, and
// what was under way is finished or given back (F17).
func (h *House) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := h.opts.Workers
	if workers == 0 {
		workers = 4
	}
	look, end := h.alive(ctx)
	defer end()
	var wg sync.WaitGroup
	wg.Go(look)
	errs := make(chan error, len(h.opts.Channels)+2)
	for _, c := range h.opts.Channels {
		wg.Go(func() {
			if err := c.Run(ctx, h.Bot); err != nil {
				errs <- fmt.Errorf("channel %s: %w", c.Name(), err)
				cancel()
			}
		})
	}
	wg.Go(func() { h.Bot.Run(ctx, workers, h.records.NotifyTurns()) })
	wg.Go(func() { h.planner.Run(ctx) })
	wg.Go(func() { h.ladder.Run(ctx) })
	wg.Go(func() { h.Finder.Follow(ctx, h.clock, h.opts.Log) })
	wg.Go(func() { h.pictures.Run(ctx) })
	if h.feeds != nil {
		wg.Go(func() {
			if err := h.feeds.Run(ctx); err != nil {
				errs <- fmt.Errorf("feeds: %w", err)
				cancel()
			}
		})
	}
	wg.Go(func() {
		if err := h.sender.Run(ctx, h.records.NotifyPosts()); err != nil {
			errs <- fmt.Errorf("sender: %w", err)
			cancel()
		}
	})
	wg.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}
