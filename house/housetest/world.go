// Package housetest plays transcripts on the whole house: real records in a temporary database, the real engine, outbox,
// reminders and directory, and one channel that keeps what each person was shown.
//
//	bottest.Run(t, "testdata/refer.txt", housetest.New(t))
package housetest

import (
	"context"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/directory/demo"
	"handrail/house"
	"handrail/meaning/model"
	"handrail/store/records"
)

// Channel is the name of the channel in a World.
const Channel = "fake"

// World is a whole house with the cast in it. It implements bottest.World.
type World struct {
	Rec     *records.Records
	House   *house.House
	Channel *bottest.Fake
	Clock   *bottest.Clock
	// Checked is when the numbers on the cards were checked; Start sets it to its time.
	Checked time.Time

	t      testing.TB
	opts   Options
	shown  *timed
	editor *editor
	seen   int
}

// timed is the channel, with the time at which each message was shown.
type timed struct {
	*bottest.Fake
	clock  *bottest.Clock
	work   bool
	around func(to handrail.Address, m bot.Message, send func() (bot.Ref, error)) (bot.Ref, error)
	mu     sync.Mutex
	sent   []bottest.Sent
}

// Send implements bot.Channel.
func (c *timed) Send(ctx context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	send := func() (bot.Ref, error) { return c.Fake.Send(ctx, to, m) }
	if c.around != nil {
		whole := send
		send = func() (bot.Ref, error) { return c.around(to, m, whole) }
	}
	ref, err := send()
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sent = append(c.sent, bottest.Sent{Role: roleOf(to.Chat), Message: m, At: c.clock.Now()})
	}
	return ref, err
}

// Workplace implements bot.Workplace.
func (c *timed) Workplace() bool { return c.work }

// editor is the channel where posts can be changed.
type editor struct {
	*timed
	edits  map[bot.Ref][]bot.Message
	erased []bot.Ref
}

// Erase implements bot.Eraser.
func (e *editor) Erase(_ context.Context, _ handrail.Address, ref bot.Ref) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.erased = append(e.erased, ref)
	return nil
}

// Erased are the people's own messages that were taken away, in order; nil where Options.Edits is not set.
func (w *World) Erased() []bot.Ref {
	if w.editor == nil {
		return nil
	}
	w.editor.mu.Lock()
	defer w.editor.mu.Unlock()
	return slices.Clone(w.editor.erased)
}

// Edit implements bot.Editor.
func (e *editor) Edit(_ context.Context, _ handrail.Address, ref bot.Ref, m bot.Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.edits[ref] = append(e.edits[ref], m)
	return nil
}

// Edits are what the post of that reference was changed to, in order; nil where Options.Edits is not set.
func (w *World) Edits(ref bot.Ref) []bot.Message {
	if w.editor == nil {
		return nil
	}
	w.editor.mu.Lock()
	defer w.editor.mu.Unlock()
	return slices.Clone(w.editor.edits[ref])
}

// Options change a World before it starts. The zero value is the cast on SQLite with conversation state in SQL.
type Options struct {
	// URL of the records; empty is a temporary SQLite database.
	URL string
	// States makes the conversation store; nil is the records'.
	States func(*records.Records) bot.States
	// Fail is the engine's failpoint, SendFail the sender's.
	Fail     func(point string) error
	SendFail func(point string)
	// Limits of the channel; the zero value is bottest.Roomy.
	Limits bot.Limits
	// Alerts is the ladder; the zero value is the house's own.
	Alerts house.Alerts
	// Edits makes the channel one where posts can be changed and what people wrote be taken away, and that has cards.
	Edits bool
	// Workplace makes the channel one to which only staff can write.
	Workplace bool
	// Empty leaves the cast out.
	Empty bool
	// Around, when set, is called in place of every send, and may call send to do it: to look at the records at that very
	// moment, or to let it fail.
	Around func(to handrail.Address, m bot.Message, send func() (bot.Ref, error)) (bot.Ref, error)
	// Model makes the language model with the World's clock; nil is none.
	Model func(clock house.Clock) *model.Client
	// Log is where the house and its records log; nil discards.
	Log *slog.Logger
	// Jitter makes the pauses between tries come out the same on every run; nil draws them.
	Jitter *mathrand.Rand
}

// New makes a World; Start opens it.
func New(t testing.TB, o ...Options) *World {
	w := &World{t: t}
	if len(o) > 0 {
		w.opts = o[0]
	}
	return w
}

// Key is the key of every World.
func Key() []byte { return []byte("a key for transcripts, no secret at all") }

// Start implements bottest.World.
func (w *World) Start(ctx context.Context, at time.Time) error {
	w.Clock = bottest.NewClock(at)
	if w.Checked.IsZero() {
		w.Checked = at
	}
	limits := w.opts.Limits
	if limits == (bot.Limits{}) {
		limits = bottest.Roomy()
	}
	if w.opts.Edits {
		limits.Cards = 20
	}
	w.Channel = bottest.NewFake(w.t, Channel, limits)
	w.shown, w.seen = &timed{Fake: w.Channel, clock: w.Clock, work: w.opts.Workplace, around: w.opts.Around}, 0
	url := w.opts.URL
	if url == "" {
		url = "sqlite::memory:"
	}
	rec, err := records.Open(ctx, records.Options{
		URL: url, Now: w.Clock.Now, Rand: mathrand.NewChaCha8([32]byte{1}), Key: Key(), Log: w.opts.Log,
	})
	if err != nil {
		return err
	}
	w.t.Cleanup(func() {
		if err := rec.Close(); err != nil {
			w.t.Error(err)
		}
	})
	w.Rec = rec
	if !w.opts.Empty {
		if err := house.SaveCast(ctx, rec, Channel, at); err != nil {
			return err
		}
	}
	return w.Open(ctx)
}

// Open joins the house anew on the records that are there, as a process that was killed and started again does.
func (w *World) Open(ctx context.Context) error {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return err
	}
	channel := bot.Channel(w.shown)
	if w.opts.Edits {
		w.editor = &editor{timed: w.shown, edits: map[bot.Ref][]bot.Message{}}
		channel = w.editor
	}
	states := bot.States(w.Rec.States())
	if w.opts.States != nil {
		states = w.opts.States(w.Rec)
	}
	var m *model.Client
	if w.opts.Model != nil {
		m = w.opts.Model(w.Clock)
	}
	w.House, err = house.New(ctx, house.Options{
		Model:   m,
		Records: w.Rec, States: states, Channels: []bot.Channel{channel}, Clock: w.Clock, Key: Key(), Zone: london, Nation: "england",
		Invitation: func(code string) string { return "#join=" + code }, Places: demo.Places(),
		HelpChecked: w.Checked, Alerts: w.opts.Alerts, Log: w.log(), Jitter: w.opts.Jitter, PlayTwice: true, Fail: w.opts.Fail, SendFail: w.opts.SendFail,
	})
	return err
}

func (w *World) log() *slog.Logger {
	if w.opts.Log != nil {
		return w.opts.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Now implements bottest.World.
func (w *World) Now() time.Time { return w.Clock.Now() }

// Chat is the chat of a role of the transcripts.
func Chat(role string) string {
	switch role {
	case "GP":
		return house.ChatGP
	case "PATIENT":
		return house.ChatPatient
	case "BUDDY":
		return house.ChatBuddy
	case "LINKWORKER":
		return house.ChatLinkWorker
	case "MANAGER":
		return house.ChatManager
	case "ORGANISER":
		return house.ChatOrganiser
	}
	return role
}

func roleOf(chat string) string {
	for _, role := range []string{"GP", "PATIENT", "BUDDY", "LINKWORKER", "ORGANISER", "MANAGER"} {
		if Chat(role) == chat {
			return role
		}
	}
	return chat
}

// Deliver implements bottest.World. "{code}" in what is typed stands for the newest invitation that anybody was shown.
func (w *World) Deliver(ctx context.Context, role string, u bot.Update) error {
	if strings.Contains(u.Text, "{code}") {
		u.Text = strings.ReplaceAll(u.Text, "{code}", w.code())
	}
	u.From = handrail.Address{Practice: house.CastPractice, Channel: Channel, Chat: Chat(role)}
	return w.House.Bot.Deliver(ctx, u)
}

func (w *World) code() string {
	w.shown.mu.Lock()
	defer w.shown.mu.Unlock()
	for _, s := range slices.Backward(w.shown.sent) {
		for _, o := range s.Message.Options {
			if code, ok := strings.CutPrefix(o.Link, "#join="); ok {
				return code
			}
		}
	}
	return "no-code"
}

// Settle implements bottest.World.
func (w *World) Settle(ctx context.Context) error { return w.House.Settle(ctx) }

// Advance implements bottest.World.
func (w *World) Advance(ctx context.Context, to time.Time) error { return w.House.Advance(ctx, to) }

// Next implements bottest.World.
func (w *World) Next(ctx context.Context) (time.Time, string, bool, error) {
	at, job, _, ok, err := w.House.Next(ctx)
	return at, job, ok, err
}

// Sent implements bottest.World.
func (w *World) Sent() []bottest.Sent {
	w.shown.mu.Lock()
	defer w.shown.mu.Unlock()
	out := slices.Clone(w.shown.sent[w.seen:])
	w.seen = len(w.shown.sent)
	return out
}

// Records implements bottest.World.
func (w *World) Records(ctx context.Context) ([]string, error) {
	return house.Summary(ctx, w.Rec, house.CastPractice)
}
