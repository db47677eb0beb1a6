package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"handrail"
)

// Clock is the time, passed in so that a test or the demo can move it. Now is UTC.
type Clock interface {
	Now() time.Time
	// After returns a channel that gets the time once d has passed on this clock.
	After(d time.Duration) <-chan time.Time
}

// Options is what a Bot is made of.
type Options struct {
	Ledger   Ledger
	States   States
	Words    Words
	Ear      Ear      // nil: only buttons, labels and the catalogue's words for yes and no
	Dialogs  []Dialog // in the order in which they may take a message
	Guards   []Guard  // in the order in which they see an update
	Channels []Channel
	Scanner  Scanner
	// Mask takes identifiers out of what staff type before it is stored; nil masks nothing.
	Mask func(text string) string
	// Masked is what somebody is told, before anything else, whose message something was taken out of. It must be pure. Nil
	// says nothing.
	Masked func(u Update, who Who) []Message
	// Below are buttons that work on their own, to stand last under what is said with buttons to a person; nil is none.
	Below  func(who Who) []Option
	Signer Signer
	Clock  Clock
	Log    *slog.Logger
	// Express takes a turn's first reply straight from the commit that puts it; nil: every reply is claimed from the
	// outbox.
	Express Express
	// Lease is how long a worker may think about one turn; 0 is 30 seconds.
	Lease time.Duration
	// Keep is how long a conversation's state is kept after its last turn; 0 is 60 days.
	Keep time.Duration
	// Silence is how long a pause must be before the person is welcomed back; 0 is 7 days.
	Silence time.Duration
	// PlayTwice plays every turn twice and fails it when the second play differs. For tests.
	PlayTwice bool
	// Fail, when set, is called at every arrow of a turn with its name; an error stops the turn there as a crash would.
	// For tests.
	Fail func(point string) error
}

// Bot is the engine: it accepts updates and thinks about them, one turn at a time in each conversation. Its methods
// are safe for use by several goroutines, and by several processes on one ledger.
type Bot struct {
	ledger   Ledger
	states   States
	words    Words
	ear      Ear
	dialogs  []Dialog
	byName   map[string]*Dialog
	guards   []Guard
	channels map[string]Channel
	scanner  Scanner
	mask     func(string) string
	masked   func(Update, Who) []Message
	below    func(Who) []Option
	signer   Signer
	clock    Clock
	log      *slog.Logger
	lease    time.Duration
	keep     time.Duration
	silence  time.Duration
	twice    bool
	fail     func(string) error
	tries    tries // turns that could not be thought
	ahead    tries // turns that found a state of a later turn
	rescued  once  // updates that were answered past the stores
	express  Express
	straight straight // turns that are thought straight after they were accepted
	recent   recent   // states that were saved just now
}

const (
	// maxText is how much of a message is kept; all of it is scanned for danger first (B1).
	maxText = 8000
	// maxFields is how many fields of a form are kept; a form of ours has seven at most.
	maxFields = 32
	// maxTries is how often a turn may fail in this process before it is taken for poison and isolated (F12). A store
	// that is away is not the turn's fault and does not count.
	maxTries = 5
	// rescueTime is how long sending the card past the stores may take.
	rescueTime = 10 * time.Second
	// retryAfter is how long a turn waits when a store was away.
	retryAfter = time.Second
)

// New makes a Bot. It returns an error for what only a programmer can mend: a name used twice, something missing.
func New(o Options) (*Bot, error) {
	if o.Ledger == nil || o.States == nil || o.Words == nil || o.Clock == nil || o.Scanner == nil || o.Log == nil {
		return nil, errors.New("new bot: ledger, states, words, clock, scanner and log are all needed")
	}
	if err := checkDialogs(o.Dialogs); err != nil {
		return nil, fmt.Errorf("new bot: %w", err)
	}
	b := &Bot{
		ledger: o.Ledger, states: o.States, words: o.Words, ear: o.Ear, dialogs: o.Dialogs, guards: o.Guards,
		scanner: o.Scanner, mask: o.Mask, masked: o.Masked, below: o.Below, signer: o.Signer, clock: o.Clock, log: o.Log,
		lease: orDefault(o.Lease, 30*time.Second), keep: orDefault(o.Keep, 60*24*time.Hour),
		silence: orDefault(o.Silence, 7*24*time.Hour), twice: o.PlayTwice, fail: o.Fail,
		byName: map[string]*Dialog{}, channels: map[string]Channel{}, express: o.Express,
	}
	for i := range b.dialogs {
		b.byName[b.dialogs[i].Name] = &b.dialogs[i]
	}
	for _, c := range o.Channels {
		if _, twice := b.channels[c.Name()]; twice {
			return nil, fmt.Errorf("new bot: two channels are named %q", c.Name())
		}
		b.channels[c.Name()] = c
	}
	return b, nil
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// Deliver is the Inbox that adapters get: see there. Before it commits, the whole message is scanned for danger; what
// must never be stored is dropped; a shared position is made coarse; a long text is cut; identifiers in staff text are
// masked. When nothing can be committed and the person may be in danger, the fixed card goes out at once all the same.
func (b *Bot) Deliver(ctx context.Context, u Update) error {
	if u.Kind == UpdateGroup {
		return nil // never stored (B11)
	}
	u = b.tidy(u)
	if err := b.accept(ctx, u); err != nil {
		b.rescue(ctx, u)
		return fmt.Errorf("deliver an update: %w", err)
	}
	return nil
}

// rescue sends the fixed card past every store, and then lets a human be told past them too.
func (b *Bot) rescue(ctx context.Context, u Update) {
	// Whoever delivers may be giving up at this very moment: the card still goes.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rescueTime)
	defer cancel()
	for _, g := range b.guards {
		r, ok := g.(Rescuer)
		if !ok || !g.Sees(u, Who{Kind: WhoUnknown, Practice: u.From.Practice}) {
			continue
		}
		if c, ok := b.channels[u.From.Channel]; ok {
			b.rescueCard(ctx, c, u, r.Rescue(u))
		}
		if r, ok := g.(Raiser); ok {
			r.Raise(ctx, u)
		}
		return
	}
}

// rescueCard sends the card straight to the channel: once for an update, however often its network delivers it again while
// the stores are away.
func (b *Bot) rescueCard(ctx context.Context, c Channel, u Update, card []Message) {
	key := string(u.From.Practice) + "\x1f" + u.From.Channel + "\x1f" + u.ID
	if !b.rescued.first(key) {
		return
	}
	sent := false
	b.log.Error("a message that may mean danger could not be committed; its card goes past the stores")
	for _, m := range card {
		for _, part := range Fit(m, c.Limits()) {
			if err := b.signer.Seal(&part, u.From, b.clock.Now()); err != nil {
				part.Options = nil // the words matter more than a button
			}
			if _, err := c.Send(ctx, u.From, part); err != nil {
				b.log.Error("urgent card could not be sent past the stores", "error", err)
				continue
			}
			sent = true
		}
	}
	if !sent {
		b.rescued.again(key) // the next delivery may get through
	}
}

// Step thinks about one update, if one is waiting, and reports whether it did. An error means that the update was left
// as it was and will be taken again.
func (b *Bot) Step(ctx context.Context) (bool, error) {
	now := b.clock.Now()
	t, ok, err := b.ledger.Lease(ctx, now, b.lease)
	if err != nil {
		return false, fmt.Errorf("lease a turn: %w", err)
	}
	if !ok {
		return false, nil
	}
	return true, b.leased(ctx, t, nil)
}

// Run thinks about updates with so many workers until ctx ends. wake tells that something was accepted; without it the
// inbox is looked at every second. While it runs, an update before which nothing waits is thought straight after it was
// accepted, beside the workers.
func (b *Bot) Run(ctx context.Context, workers int, wake <-chan struct{}) {
	b.straight.open()
	defer b.straight.close()
	done := make(chan struct{})
	token := make(chan struct{}, workers)
	for range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			for {
				did, err := b.Step(context.WithoutCancel(ctx))
				if err != nil {
					b.log.Error("turn", "error", err)
				}
				if ctx.Err() != nil {
					return
				}
				if did {
					// There may be more than one worker can do. A turn that failed was put off, so it is not what comes
					// next: danger behind it is not kept waiting.
					select {
					case token <- struct{}{}:
					default:
					}
					continue
				}
				select {
				case <-ctx.Done():
					return
				case <-wake:
				case <-token:
				case <-b.clock.After(retryAfter):
				}
			}
		}()
	}
	for range workers {
		<-done
	}
}

func (b *Bot) at(point string) error {
	if b.fail == nil {
		return nil
	}
	return b.fail(point)
}

// turn is the whole way of one update: guards, state, replay, save, finish. The numbers are those of "a turn over two
// stores" in the house's plan.
func (b *Bot) turn(ctx context.Context, t Turn, known *Who) error {
	if known == nil {
		who, err := b.ledger.Who(ctx, t.Update.From)
		if err != nil && !t.Guarded {
			// The guards have not seen it yet, and must: danger may be in it.
			b.rescue(ctx, t.Update)
			return b.unguarded(ctx, t, fmt.Errorf("who writes: %w", err))
		}
		if err != nil {
			return b.putOff(ctx, t, fmt.Errorf("who writes: %w", err))
		}
		known = &who
	}
	who := *known
	if !t.Guarded {
		handled, err := b.guard(ctx, t, who)
		if handled || err != nil {
			return err
		}
	}
	if !t.Oldest {
		if err := b.ledger.Release(ctx, t, true, b.clock.Now()); err != nil {
			return fmt.Errorf("release a turn that must wait for an earlier one: %w", err)
		}
		return nil
	}
	if b.tries.count(t) >= maxTries {
		return b.isolate(ctx, t, who)
	}
	for {
		s, where, version, err := b.load(ctx, t) // (2)
		if err != nil {
			return b.putOff(ctx, t, fmt.Errorf("load conversation state: %w", err))
		}
		switch where {
		case placeDone: // (3) thought already
			return b.finish(ctx, t, who, s)
		case placeAhead:
			ours, err := b.behind(ctx, t)
			if !ours || err != nil {
				return err
			}
			where = placeLost
		}
		lost := where == placeLost && t.OpenDialog != "" && t.ClosedBefore < t.LastStateTurn
		s, err = b.think(ctx, t, who, s, lost) // (4)
		if err != nil {
			if !handrail.IsKind(err, handrail.KindUnavailable) {
				b.tries.add(t)
			}
			return b.putOff(ctx, t, err)
		}
		b.tries.forget(t)
		if err := b.at("thought"); err != nil {
			return err
		}
		encoded, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("encode conversation state: %w", err)
		}
		version, err = b.states.Save(ctx, t.Conversation, encoded, version, b.keep)
		if errors.Is(err, ErrConflict) {
			continue // another worker saved this turn, or an older one: look again
		}
		if err != nil {
			return b.putOff(ctx, t, fmt.Errorf("save conversation state: %w", err))
		}
		b.recent.put(t.Conversation, s, version)
		if err := b.at("saved"); err != nil {
			return err
		}
		return b.finish(ctx, t, who, s)
	}
}

// load finds where the conversation stands: as this process saved it last, if that is where the turn begins, or else as the
// store has it.
func (b *Bot) load(ctx context.Context, t Turn) (s state, where place, version int64, err error) {
	if last, ok := b.recent.take(t.Conversation); ok {
		if s, where := last.state.stands(t); where == placeHere {
			return s, where, last.version, nil
		}
	}
	raw, version, err := b.states.Load(ctx, t.Conversation)
	if err != nil {
		return state{}, placeLost, 0, err
	}
	s, where = stands(t, raw)
	return s, where, version, nil
}

// place is where a conversation stands, as the state tells it to a turn.
type place int

const (
	placeHere  place = iota // after the last finished turn: the turn can be thought
	placeDone               // this turn was thought already
	placeAhead              // a later turn was thought already: this worker's lease has passed, or SQL went back in time
	placeLost               // anywhere else: gone, unreadable, of another time
)

// stands decides where the conversation stands by the bytes that were saved.
func stands(t Turn, raw []byte) (state, place) {
	empty := state{Version: stateVersion}
	if raw == nil {
		if t.LastStateTurn == 0 {
			return empty, placeHere
		}
		return empty, placeLost
	}
	s, err := decodeState(raw)
	if err != nil {
		return empty, placeLost
	}
	return s.stands(t)
}

// stands decides where the conversation stands by its state.
func (s state) stands(t Turn) (state, place) {
	empty := state{Version: stateVersion}
	switch {
	case s.Applied == t.Number && s.Last.Equal(t.AcceptedAt):
		return s, placeDone
	case s.Applied > t.Number:
		return empty, placeAhead
	case s.Applied != t.LastStateTurn || s.Applied == t.Number:
		return empty, placeLost
	}
	s.closeUpTo(t.ClosedBefore)
	return s, placeHere
}

// behind is asked when the state is ahead of the turn. Nearly always that means that somebody else has finished this
// turn and later ones, and that this worker must not think: it would save an old place over a new one, and no version of
// the state would stop it, for it has just read the newest. So it gives the row back, which fails when the row is no
// longer its own. Where that works the row was its own, and the records are older than the state (restored from a
// backup); the second time round the place counts as lost.
func (b *Bot) behind(ctx context.Context, t Turn) (ours bool, err error) {
	if b.ahead.count(t) > 0 {
		b.ahead.forget(t)
		return true, nil
	}
	if err := b.ledger.Release(ctx, t, true, b.clock.Now().Add(retryAfter)); err != nil {
		return false, fmt.Errorf("give back a turn that is behind the state: %w", err)
	}
	b.ahead.add(t)
	return false, nil
}

// finish commits the replies and the row as done (5).
func (b *Bot) finish(ctx context.Context, t Turn, who Who, s state) error {
	f := Finish{UsedState: true, OpenDialog: s.open(), At: b.clock.Now(), Out: b.envelopes(t, who, s.Out, ClassReply)}
	if err := b.commit(ctx, t, f); err != nil {
		return fmt.Errorf("finish a turn: %w", err)
	}
	return b.at("finished")
}

// envelopes puts replies into envelopes under keys that the same turn makes again.
func (b *Bot) envelopes(t Turn, who Who, out []Message, class Class) []Envelope {
	envs := make([]Envelope, len(out))
	for i, m := range out {
		envs[i] = Envelope{
			Key: fmt.Sprintf("reply:%s:%d:%d", t.Conversation, t.Number, i), To: t.Update.From, Class: class,
			NotBefore: t.AcceptedAt, Message: m,
		}
		if who.Kind == WhoPatient {
			envs[i].Patient = handrail.PatientID(who.ID)
		}
		if who.Kind == WhoStaff {
			envs[i].Message.Private = true
		}
	}
	return envs
}

// putOff leaves the turn for later and returns why.
func (b *Bot) putOff(ctx context.Context, t Turn, why error) error {
	if err := b.ledger.Release(ctx, t, true, b.clock.Now().Add(retryAfter)); err != nil && !errors.Is(err, ErrStale) {
		return errors.Join(why, fmt.Errorf("put a turn off: %w", err))
	}
	return why
}

// unguarded leaves a turn for later that the guards have not let pass, so that they see it again, and returns why.
func (b *Bot) unguarded(ctx context.Context, t Turn, why error) error {
	if err := b.ledger.Release(ctx, t, false, b.clock.Now().Add(retryAfter)); err != nil && !errors.Is(err, ErrStale) {
		return errors.Join(why, fmt.Errorf("put a turn off: %w", err))
	}
	return why
}

// isolate ends a turn that could not be thought, so that the person hears something and later turns flow (F12).
func (b *Bot) isolate(ctx context.Context, t Turn, who Who) error {
	b.tries.forget(t)
	b.log.Error("a turn is given up", "conversation", t.Conversation, "turn", t.Number)
	m := Message{Text: b.words.Text(who.Language, "bot.broken")}
	return b.ledger.Finish(ctx, t, Finish{CloseDialogs: true, At: b.clock.Now(), Out: b.envelopes(t, who, []Message{m}, ClassReply)})
}

// guard lets each guard see the update. The effect and the verdict of the one that takes it commit once.
func (b *Bot) guard(ctx context.Context, t Turn, who Who) (handled bool, err error) {
	for _, g := range b.guards {
		if !g.Sees(t.Update, who) {
			continue
		}
		run := fmt.Sprintf("guard:%s:%d", t.Conversation, t.Number)
		raw, err := b.ledger.Once(ctx, run, g.Name(), func(ctx context.Context) ([]byte, error) {
			v, err := act(ctx, g, t.Update, who)
			if err != nil {
				return nil, err
			}
			return json.Marshal(v)
		})
		if err != nil {
			b.rescue(ctx, t.Update)
			return true, b.unguarded(ctx, t, fmt.Errorf("guard %s: %w", g.Name(), err))
		}
		if err := b.at("guarded"); err != nil {
			return true, err
		}
		var v Verdict
		if err := json.Unmarshal(raw, &v); err != nil {
			return true, fmt.Errorf("guard %s: read verdict: %w", g.Name(), err)
		}
		if v.Pass {
			continue
		}
		class := v.Class
		if class == "" {
			class = ClassReply
		}
		v.Reply = append(v.Reply, b.warning(t.Update, who)...) // after it: the guard's may be the way to help
		for i := range v.Reply {
			if err := b.signer.Seal(&v.Reply[i], t.Update.From, t.AcceptedAt); err != nil {
				return true, fmt.Errorf("guard %s: %w", g.Name(), err)
			}
		}
		if err := b.foot(who, t.Update.From, v.Reply, t.AcceptedAt); err != nil {
			return true, fmt.Errorf("guard %s: %w", g.Name(), err)
		}
		if v.Forget {
			b.recent.take(t.Conversation)
			if err := b.states.Erase(ctx, t.Conversation); err != nil {
				if rel := b.ledger.Release(ctx, t, false, b.clock.Now().Add(retryAfter)); rel != nil && !errors.Is(rel, ErrStale) {
					err = errors.Join(err, rel)
				}
				return true, fmt.Errorf("guard %s: forget the conversation: %w", g.Name(), err) // the effect is kept, and this is tried again
			}
		}
		f := Finish{CloseDialogs: v.Close, At: b.clock.Now(), Out: b.envelopes(t, who, v.Reply, class)}
		if err := b.commit(ctx, t, f); err != nil {
			return true, fmt.Errorf("guard %s: finish: %w", g.Name(), err)
		}
		return true, b.at("finished")
	}
	return false, nil
}

// act is Guard.Act with a panic as an error: one broken guard must not end the process for everybody.
func act(ctx context.Context, g Guard, u Update, who Who) (v Verdict, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{value: p}
		}
	}()
	return g.Act(ctx, u, who)
}
