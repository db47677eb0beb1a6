package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/outbox"
)

// sending puts an envelope as the records do that finish a turn: as being sent by the caller.
func (m *memory) sending(e bot.Envelope) bot.Posting {
	m.put(e)
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[e.Key]
	r.p.State, r.p.Epoch, r.p.Attempts, r.lease = bot.SendSending, 1, 1, m.clock.Now().Add(time.Minute)
	return r.p
}

// express books and goes, and reports whether it could.
func express(t *testing.T, s *outbox.Sender, m *memory, e bot.Envelope) bool {
	t.Helper()
	e.NotBefore = m.clock.Now()
	ticket, ok := s.Book(context.Background(), []bot.Envelope{e})
	if ok {
		ticket.Go(m.sending(e))
	}
	return ok
}

// expressing runs a sender in a bubble.
func expressing(t *testing.T, with func(*outbox.Options), f func(t *testing.T, m *memory, c *chat, s *outbox.Sender, stop func())) {
	inBubble(t, func(t *testing.T, m *memory, c *chat, o outbox.Options) {
		if with != nil {
			with(&o)
		}
		s, err := outbox.New(o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		if express(t, s, m, letter(bot.ClassReply, "early")) {
			t.Error("a reply went before Run")
		}
		go func() { done <- s.Run(ctx, nil) }()
		time.Sleep(time.Second) // the bubble's: until Run waits
		var once sync.Once
		stop := func() {
			once.Do(func() {
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		}
		defer stop()
		f(t, m, c, s, stop)
	})
}

func TestExpress_GoesAtOnce(t *testing.T) {
	expressing(t, nil, func(t *testing.T, m *memory, c *chat, s *outbox.Sender, stop func()) {
		if !express(t, s, m, letter(bot.ClassReply, "a")) || !express(t, s, m, letter(bot.ClassCard, "b")) {
			t.Fatal("it has to queue")
		}
		for _, class := range []bot.Class{bot.ClassReminder, bot.ClassNudge, bot.ClassDigest, bot.ClassAlert} {
			if express(t, s, m, letter(class, string(class))) {
				t.Errorf("a %s went past the queue", class)
			}
		}
		time.Sleep(time.Second)
		stop()
		for _, key := range []string{"a", "b"} {
			if state, _ := m.state(key); state != bot.SendSent || c.count(key) != 1 {
				t.Errorf("%s is %s, arrived %d times", key, state, c.count(key))
			}
		}
		if m.claims > 20 {
			t.Errorf("%d claims", m.claims)
		}
	})
}

func TestExpress_FollowsWhatIsOnItsWay(t *testing.T) {
	expressing(t, nil, func(t *testing.T, m *memory, c *chat, s *outbox.Sender, stop func()) {
		c.answer = func(int, handrail.Address, bot.Message) (bool, error) {
			time.Sleep(time.Second)
			return true, nil
		}
		for i := range 5 {
			if !express(t, s, m, letter(bot.ClassReply, fmt.Sprint(i))) { // the chat refuses two requests at once
				t.Fatalf("reply %d has to queue", i)
			}
		}
		time.Sleep(time.Minute)
		stop()
		if got := c.texts(); fmt.Sprint(got) != "[0 1 2 3 4]" {
			t.Errorf("arrived %v", got)
		}
	})
}

func TestExpress_NothingOvertakesWhatIsSentAgain(t *testing.T) {
	expressing(t, nil, func(t *testing.T, m *memory, c *chat, s *outbox.Sender, stop func()) {
		c.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
			time.Sleep(time.Second)
			if n == 1 {
				return false, &bot.SendError{Outcome: bot.OutcomeRetry, Err: errors.New("500")}
			}
			return true, nil
		}
		for i := range 3 {
			express(t, s, m, letter(bot.ClassReply, fmt.Sprint(i)))
		}
		time.Sleep(time.Minute)
		stop()
		if got := c.texts(); fmt.Sprint(got) != "[0 1 2]" {
			t.Errorf("arrived %v", got)
		}
	})
}

func TestExpress_F1_AtMost64InFlight(t *testing.T) {
	expressing(t, nil, func(t *testing.T, m *memory, c *chat, s *outbox.Sender, stop func()) {
		c.answer = func(int, handrail.Address, bot.Message) (bool, error) {
			time.Sleep(10 * time.Millisecond)
			return true, nil
		}
		for n := range 40 { // the queue is busy as well
			e := letter(bot.ClassReminder, fmt.Sprint("queued", n))
			e.To, e.NotAfter = to(e.Key), time.Now().Add(time.Hour)
			m.put(e)
		}
		var wg sync.WaitGroup
		for n := range 300 {
			wg.Go(func() {
				e := letter(bot.ClassReply, fmt.Sprint(n))
				e.To = to(e.Key)
				if !express(t, s, m, e) {
					m.put(e)
				}
			})
		}
		wg.Wait()
		time.Sleep(time.Minute)
		stop()
		if c.most > 64 || c.most < 32 {
			t.Errorf("%d requests in flight at once", c.most)
		}
		if got := len(c.arrived); got != 340 {
			t.Errorf("%d arrived", got)
		}
	})
}

func TestExpress_L1_KeepsToTheRates(t *testing.T) {
	limits := func(o *outbox.Options) { o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 30, PerChat: 1}} }
	expressing(t, limits, func(t *testing.T, m *memory, c *chat, s *outbox.Sender, stop func()) {
		went := 0
		for n := range 60 {
			e := letter(bot.ClassReply, fmt.Sprint(n))
			e.To = to(fmt.Sprint(n % 50))
			if express(t, s, m, e) {
				went++
			} else {
				e.NotBefore = time.Now()
				m.put(e)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if went == 0 || went == 60 {
			t.Errorf("%d of 60 went at once", went)
		}
		time.Sleep(time.Minute)
		stop()
		if got := len(c.arrived); got != 60 {
			t.Errorf("%d arrived", got)
		}
		checkWindow(t, c.asked, 30)
	})
}

func TestExpress_F17_StopWaits(t *testing.T) {
	expressing(t, nil, func(t *testing.T, m *memory, c *chat, s *outbox.Sender, stop func()) {
		c.answer = func(int, handrail.Address, bot.Message) (bool, error) {
			time.Sleep(3 * time.Second)
			return true, nil
		}
		for n := range 10 {
			e := letter(bot.ClassReply, fmt.Sprint(n))
			e.To = to(e.Key)
			express(t, s, m, e)
		}
		stop()
		for n := range 10 {
			if state, _ := m.state(fmt.Sprint(n)); state != bot.SendSent {
				t.Errorf("%d is %s", n, state)
			}
		}
		if express(t, s, m, letter(bot.ClassReply, "late")) {
			t.Error("a reply went after the stop")
		}
	})
}
