package bot

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Express is a sender that can take the first reply of a turn straight from the commit that puts it in the outbox, so
// that claiming it and marking it as being sent need no commits of their own. outbox.Sender is one.
type Express interface {
	// Book keeps room for the first of a turn's replies. False when it must go the ordinary way: no room, no place in the
	// rates, another class, not allowed. Whoever books must call one of the ticket's methods, once.
	Book(ctx context.Context, out []Envelope) (Ticket, bool)
}

// Ticket is room for one request.
type Ticket interface {
	// Lease is how long the posting is to be leased.
	Lease() time.Duration
	// Behind is the key of the envelope to the same address that is on its way; empty when there is none. Go waits for it, so
	// the ledger need not.
	Behind() string
	// Go writes the request of the posting, which was committed as being sent, and settles it. It does not wait.
	Go(p Posting)
	// Drop gives the room back. queued says that the reply waits in the outbox instead, behind an earlier one.
	Drop(queued bool)
}

// taker is a ledger that can accept and lease an update and say who wrote it in one commit.
type taker interface {
	// Take is Accept, and Lease and Who with it where nothing of the conversation waits before the update: then taken is
	// true.
	Take(ctx context.Context, u Update, at time.Time, lease time.Duration) (t Turn, who Who, taken bool, err error)
}

// finisher is a ledger that can finish a turn and commit its first reply as being sent.
type finisher interface {
	// FinishSending is Finish. Where sending is true the caller must write the request of that posting. behind is the key
	// of one that is on its way and that the caller waits for.
	FinishSending(ctx context.Context, t Turn, f Finish, behind string, now time.Time, lease time.Duration) (p Posting, sending bool, err error)
}

// maxStraight is how many turns are thought at once straight after they were accepted. More wait in the inbox.
const maxStraight = 64

// straight is the room for turns that are thought straight after they were accepted. The zero value is closed.
type straight struct {
	mu   sync.Mutex
	runs bool
	n    int
	work sync.WaitGroup
}

func (s *straight) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = true
}

// close lets nobody in any more and waits for those who are.
func (s *straight) close() {
	s.mu.Lock()
	s.runs = false
	s.mu.Unlock()
	s.work.Wait()
}

func (s *straight) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.runs || s.n >= maxStraight {
		return false
	}
	s.n++
	s.work.Add(1) // under mu, so that close's Wait comes after it
	return true
}

func (s *straight) exit() {
	s.mu.Lock()
	s.n--
	s.mu.Unlock()
	s.work.Done()
}

// accept commits the update and, where there is room and nothing before it, thinks about it without looking for it in the
// inbox again.
func (b *Bot) accept(ctx context.Context, u Update) error {
	quick, ok := b.ledger.(taker)
	if !ok || !b.straight.enter() {
		_, err := b.ledger.Accept(ctx, u, b.clock.Now())
		return err
	}
	t, who, taken, err := quick.Take(ctx, u, b.clock.Now(), b.lease)
	if err != nil || !taken {
		b.straight.exit()
		return err
	}
	// Whoever delivered it is told now; the turn is nobody's but ours.
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer b.straight.exit()
		if err := b.leased(ctx, t, &who); err != nil {
			b.log.Error("turn", "error", err)
		}
	}()
	return nil
}

// leased thinks about a turn that this worker has leased; who is nil when it isn't known yet.
func (b *Bot) leased(ctx context.Context, t Turn, who *Who) error {
	if err := b.at("leased"); err != nil {
		return err
	}
	if err := b.turn(ctx, t, who); !errors.Is(err, ErrStale) { // stale: somebody else has it
		return err
	}
	return nil
}

// commit finishes the turn and hands its first reply to the express sender, if there is one with room.
func (b *Bot) commit(ctx context.Context, t Turn, f Finish) error {
	quick, ok := b.ledger.(finisher)
	if !ok || b.express == nil || len(f.Out) == 0 {
		return b.ledger.Finish(ctx, t, f)
	}
	ticket, ok := b.express.Book(ctx, f.Out)
	if !ok {
		return b.ledger.Finish(ctx, t, f)
	}
	p, sending, err := quick.FinishSending(ctx, t, f, ticket.Behind(), b.clock.Now(), ticket.Lease())
	if err != nil || !sending {
		ticket.Drop(err == nil)
		return err
	}
	ticket.Go(p)
	return nil
}
