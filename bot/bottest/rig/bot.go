package rig

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/outbox"
	"handrail/store/records"
)

// Practice is whose bot it is.
const Practice = handrail.PracticeID("hilltop")

// Options are what a Bot is made of; Dir and Channel are required.
type Options struct {
	Dir     string // where its records are kept, on disk
	Channel bot.Channel
	Dialogs func(*records.Records) []bot.Dialog
	Words   map[string]string // besides bottest's
	// States keeps the conversations; nil: the records do.
	States bot.States
	// Lease and SendTimeout are the outbox's; 0 is what it has by itself.
	Lease, SendTimeout time.Duration
	// Around stands between the channel and the bot's inbox; nil: nothing does.
	Around func(bot.Inbox) bot.Inbox
	Log    *slog.Logger // nil: silent
}

// Bot is a bot of one channel, wired as house wires one, with its records on disk.
type Bot struct {
	*bot.Bot
	Records *records.Records
	sender  *outbox.Sender
	channel bot.Channel
	around  func(bot.Inbox) bot.Inbox
}

// OpenRecords opens the records in a folder, and makes the practice.
func OpenRecords(ctx context.Context, dir string) (*records.Records, error) {
	rec, err := records.Open(ctx, records.Options{URL: "sqlite://" + filepath.Join(dir, "handrail.db"), Now: Clock{}.Now, Key: []byte("a key for tests, which is no secret at all")})
	if err != nil {
		return nil, fmt.Errorf("open the records: %w", err)
	}
	if err := rec.SavePractice(ctx, handrail.Practice{ID: Practice, Name: "Hilltop", Zone: "Europe/London"}, handrail.ActorSystem); err != nil {
		_ = rec.Close() // of no use
		return nil, fmt.Errorf("make the practice: %w", err)
	}
	return rec, nil
}

// NewBot makes a bot. Close ends it.
func NewBot(ctx context.Context, o Options) (*Bot, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	rec, err := OpenRecords(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	b := &Bot{Records: rec, channel: o.Channel, around: o.Around}
	if o.States == nil {
		o.States = rec.States()
	}
	var dialogs []bot.Dialog
	if o.Dialogs != nil {
		dialogs = o.Dialogs(rec)
	}
	signer, err := bot.NewSigner(make([]byte, 32))
	if err == nil {
		b.sender, err = outbox.New(outbox.Options{
			Store: rec, Channels: map[string]bot.Channel{o.Channel.Name(): o.Channel}, Words: bottest.NewWords(o.Words), Clock: Clock{}, Log: o.Log,
			Lease: o.Lease, SendTimeout: o.SendTimeout,
		})
	}
	if err == nil {
		b.Bot, err = bot.New(bot.Options{
			Ledger: rec, States: o.States, Words: bottest.NewWords(o.Words), Dialogs: dialogs, Channels: []bot.Channel{o.Channel},
			Scanner: Calm{}, Signer: signer, Clock: Clock{}, Log: o.Log, Express: b.sender,
		})
	}
	if err != nil {
		_ = rec.Close() // of no use
		return nil, err
	}
	return b, nil
}

// Run receives, thinks and sends until ctx ends. What the process before it was at is taken over at once, and not when its
// leases end.
func (b *Bot) Run(ctx context.Context) error {
	run, err := b.Records.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	in := bot.Inbox(b.Bot)
	if b.around != nil {
		in = b.around(in)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var parts sync.WaitGroup
	errs := make(chan error, 2)
	parts.Go(func() { defer cancel(); errs <- b.channel.Run(ctx, in) })
	parts.Go(func() { defer cancel(); errs <- b.sender.Run(ctx, b.Records.NotifyPosts()) })
	parts.Go(func() { b.Bot.Run(ctx, 4, b.Records.NotifyTurns()) })
	parts.Wait()
	for range 2 {
		if wrong := <-errs; wrong != nil {
			err = wrong
		}
	}
	if wrong := run.End(context.WithoutCancel(ctx)); err == nil {
		err = wrong
	}
	return err
}

// Close closes the records, once Run has returned.
func (b *Bot) Close() error { return b.Records.Close() }
