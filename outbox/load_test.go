package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/outbox"

	"pgregory.net/rapid"
)

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestOutbox_L1_L2_MorningSpike(t *testing.T) {
	const reminders = 500 // the whole spike of 5,000 is measured end to end; here the memory store is quadratic
	r := newRig(t, func(o *outbox.Options) { o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 30, PerChat: 1}} })
	for n := range reminders {
		e := letter(bot.ClassReminder, fmt.Sprint(n))
		e.To, e.NotAfter = to(fmt.Sprint(n)), start.Add(2*time.Hour)
		r.store.put(e)
	}
	put := map[string]time.Time{}
	for sec := range 15 {
		r.settle(start.Add(time.Duration(sec) * time.Second))
		r.clock.set(start.Add(time.Duration(sec) * time.Second))
		for n := range 5 {
			e := letter(bot.ClassReply, fmt.Sprint("reply", sec, "-", n))
			e.To = to(e.Key)
			put[e.Key] = r.clock.Now()
			r.store.put(e)
		}
		r.step()
	}
	r.settle(start.Add(5 * time.Minute))
	for key := range r.store.rows {
		r.want(key, bot.SendSent, "")
		if n := r.chat.count(key); n != 1 {
			t.Fatalf("%s arrived %d times", key, n)
		}
	}
	for key, at := range put {
		if late := r.chat.when(key)[0].Sub(at); late > 2*time.Second {
			t.Errorf("%s waited %v behind bulk (L2)", key, late)
		}
	}
	checkWindow(t, r.chat.asked, 30)
	last := r.chat.asked[len(r.chat.asked)-1].Sub(start)
	t.Logf("%d reminders and %d replies in %v", reminders, len(put), last)
	if perSecond := float64(len(r.chat.asked)) / last.Seconds(); perSecond < 5000/300.0 {
		t.Errorf("%.1f a second: 5,000 would take more than five minutes", perSecond)
	}
}

// checkWindow finds a stretch of a second with more than n requests.
func checkWindow(t *testing.T, asked []time.Time, n int) {
	t.Helper()
	for i := n; i < len(asked); i++ {
		if asked[i].Sub(asked[i-n]) < time.Second {
			t.Fatalf("more than %d requests within a second at %v", n, asked[i].Sub(asked[0]))
		}
	}
}

func TestOutbox_PerChatRate(t *testing.T) {
	r := newRig(t, func(o *outbox.Options) { o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 30, PerChat: 1}} })
	for n := range 20 {
		r.store.put(letter(bot.ClassReply, fmt.Sprintf("%02d", n)))
	}
	r.settle(start.Add(time.Minute))
	got := r.chat.texts()
	if len(got) != 20 {
		t.Fatalf("%d arrived", len(got))
	}
	for i := range got {
		if got[i] != fmt.Sprintf("%02d", i) {
			t.Errorf("order %v", got)
			break
		}
	}
	checkWindow(t, r.chat.asked, 1)
}

func TestOutbox_L6_Storm(t *testing.T) {
	r := newRig(t)
	for n := range 300 {
		class := []bot.Class{bot.ClassNotice, bot.ClassReminder, bot.ClassCard}[n%3]
		e := letter(class, fmt.Sprint(n))
		e.To = to(fmt.Sprint(n))
		r.store.put(e)
	}
	var shut time.Time
	early, closed := 0, 0
	r.chat.answer = func(int, handrail.Address, bot.Message) (bool, error) {
		now := r.clock.Now()
		if now.Before(shut) {
			early++
		}
		if now.Before(start.Add(5 * time.Minute)) {
			closed++
			shut = now.Add(30 * time.Second)
			return false, &bot.SendError{Outcome: bot.OutcomeRetry, After: 30 * time.Second, Err: errors.New("429")}
		}
		return true, nil
	}
	r.settle(start.Add(time.Hour))
	// A card tries in spite of a window that something else closed; refused as well, it closes it for cards too.
	if early > closed/2 {
		t.Errorf("%d of %d refused requests inside a window that the network closed", early, closed)
	}
	for key := range r.store.rows {
		r.want(key, bot.SendSent, "")
	}
	if asked := len(r.chat.asked); asked > 300+24 {
		t.Errorf("%d requests: the storm was fed", asked)
	}
}

// A network counts by method, chat or workspace, and says only how long to wait. Whatever was refused, help goes at once.
func TestOutbox_L6_AlertPassesA429(t *testing.T) {
	for _, shared := range []bool{false, true} {
		r := newRig(t, func(o *outbox.Options) {
			o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 30, PerChat: 1}}
			if shared {
				o.Pace, o.ChatKey = &outbox.Local{}, func(to handrail.Address) string { return to.Chat }
			}
		})
		r.chat.answer = func(_ int, _ handrail.Address, m bot.Message) (bool, error) {
			if m.Text.Plain() == "words of digest" && r.clock.Now().Before(start.Add(10*time.Minute)) {
				return false, &bot.SendError{Outcome: bot.OutcomeRetry, After: 10 * time.Minute, Err: errors.New("429")}
			}
			return true, nil
		}
		put := func(class bot.Class) {
			e := letter(class, string(class))
			e.To = to(e.Key)
			e.Message.Text = bot.Para("words of " + e.Key)
			r.store.put(e)
		}
		put(bot.ClassDigest)
		r.settle(start)
		for _, class := range []bot.Class{bot.ClassNotice, bot.ClassReply, bot.ClassAlert, bot.ClassCard} {
			put(class)
		}
		r.settle(start.Add(time.Second))
		for class, want := range map[bot.Class]int{bot.ClassCard: 1, bot.ClassAlert: 1, bot.ClassReply: 0, bot.ClassNotice: 0} {
			if got := r.chat.count("words of " + string(class)); got != want {
				t.Errorf("shared %t: %s arrived %d times within a second, want %d", shared, class, got, want)
			}
		}
		r.settle(start.Add(11 * time.Minute))
		for _, class := range []bot.Class{bot.ClassDigest, bot.ClassNotice, bot.ClassReply} {
			if got := r.chat.count("words of " + string(class)); got != 1 {
				t.Errorf("shared %t: %s arrived %d times in the end", shared, class, got)
			}
		}
	}
}

func TestOutbox_L11_ColdStartClaimsPages(t *testing.T) {
	r := newRig(t)
	for n := range 1200 {
		e := letter(bot.ClassNudge, fmt.Sprint(n))
		e.To = to(fmt.Sprint(n))
		r.store.put(e)
	}
	r.clock.add(72 * time.Hour)
	r.step()
	for key := range r.store.rows {
		r.want(key, bot.SendSuppressed, "too late")
	}
	if r.store.biggest > 500 {
		t.Errorf("a page of %d", r.store.biggest)
	}
}

// bubble is the clock of a synctest bubble.
type bubble struct{}

func (bubble) Now() time.Time                         { return time.Now() }
func (bubble) After(d time.Duration) <-chan time.Time { return time.After(d) }

func inBubble(t *testing.T, f func(t *testing.T, m *memory, c *chat, o outbox.Options)) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory(bubble{}), &chat{clock: bubble{}, limits: bot.Limits{TextChars: 4096}}
		f(t, m, c, outbox.Options{Store: m, Channels: map[string]bot.Channel{"fake": c}, Words: words{}, Clock: bubble{}})
	})
}

func run(t *testing.T, o outbox.Options, wake <-chan struct{}) (stop func()) {
	t.Helper()
	s, err := outbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx, wake) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestOutbox_F17_GracefulStop(t *testing.T) {
	inBubble(t, func(t *testing.T, m *memory, c *chat, o outbox.Options) {
		c.answer = func(int, handrail.Address, bot.Message) (bool, error) {
			time.Sleep(3 * time.Second) // the bubble's time: a slow network
			return true, nil
		}
		for n := range 100 {
			e := letter(bot.ClassReply, fmt.Sprint(n))
			e.To = to(fmt.Sprint(n % 40))
			m.put(e)
		}
		o.Workers = 32
		stop := run(t, o, nil)
		time.Sleep(4 * time.Second) // in the middle of the second round
		before := time.Now()
		stop()
		if took := time.Since(before); took > 10*time.Second {
			t.Errorf("the stop took %v", took)
		}
		for key, r := range m.rows {
			switch n := c.count(key); {
			case r.p.State == bot.SendSent && n == 1, r.p.State == bot.SendQueued && n == 0:
			default:
				t.Errorf("%s is %s and arrived %d times", key, r.p.State, n)
			}
		}
		stop = run(t, o, nil)
		time.Sleep(time.Minute)
		stop()
		for key := range m.rows {
			if s, _ := m.state(key); s != bot.SendSent || c.count(key) != 1 {
				t.Errorf("%s is %s, arrived %d times", key, s, c.count(key))
			}
		}
	})
}

func TestOutbox_RunInFlightBounds(t *testing.T) {
	inBubble(t, func(t *testing.T, m *memory, c *chat, o outbox.Options) {
		c.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
			time.Sleep(time.Duration(n%7) * 10 * time.Millisecond)
			return true, nil
		}
		for n := range 400 {
			e := letter(bot.ClassReply, fmt.Sprintf("%d/%03d", n%100, n))
			e.To = to(fmt.Sprint(n % 100))
			m.put(e)
		}
		o.Workers = 500
		stop := run(t, o, nil)
		time.Sleep(time.Minute)
		stop()
		if c.most > 64 || c.most < 32 {
			t.Errorf("%d requests in flight at once, want many and at most 64", c.most)
		}
		last := map[handrail.Address]string{}
		for _, a := range c.arrived { // the chat itself refuses a second request in flight to one address
			if a.text < last[a.to] {
				t.Errorf("%q came after %q", a.text, last[a.to])
			}
			last[a.to] = a.text
		}
		if len(c.arrived) != 400 {
			t.Errorf("%d arrived", len(c.arrived))
		}
	})
}

func TestOutbox_RunWakes(t *testing.T) {
	inBubble(t, func(t *testing.T, m *memory, c *chat, o outbox.Options) {
		wake := make(chan struct{}, 1)
		stop := run(t, o, wake)
		defer stop()
		synctest.Wait()
		m.put(letter(bot.ClassReply, "now"))
		wake <- struct{}{}
		synctest.Wait()
		if c.count("now") != 1 {
			t.Error("a wake-up was not heeded at once")
		}
		began := time.Now()
		e := letter(bot.ClassReminder, "later")
		e.NotBefore = began.Add(3 * time.Second)
		m.put(e)
		wake <- struct{}{}
		time.Sleep(3*time.Second + time.Millisecond)
		synctest.Wait()
		if at := c.when("later"); len(at) != 1 || at[0].Sub(began) < 3*time.Second {
			t.Errorf("the due moment was missed: %v", at)
		}
		claims := func() int {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.claims
		}
		calls := claims()
		time.Sleep(time.Hour)
		if idle := claims() - calls; idle > 3600 {
			t.Errorf("%d claims in an idle hour", idle)
		}
	})
}

func TestOutbox_F4_TwoRunningSenders(t *testing.T) {
	inBubble(t, func(t *testing.T, m *memory, c *chat, o outbox.Options) {
		m.everybody, m.grace = true, time.Millisecond
		c.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
			time.Sleep(time.Duration(n%5) * time.Millisecond)
			return true, nil
		}
		for n := range 300 {
			e := letter(bot.ClassNudge, fmt.Sprint(n))
			e.To = to(fmt.Sprint(n))
			m.put(e)
		}
		stopA, stopB := run(t, o, nil), run(t, o, nil)
		time.Sleep(time.Minute)
		stopA()
		stopB()
		for key := range m.rows {
			if n := c.count(key); n != 1 {
				t.Errorf("%s arrived %d times", key, n)
			}
		}
	})
}

// brokenStore fails for a while.
type brokenStore struct {
	*memory
	until time.Time
}

func (b *brokenStore) Claim(ctx context.Context, now time.Time, lease time.Duration, n int) ([]bot.Posting, error) {
	if now.Before(b.until) {
		return nil, errors.New("the database is locked")
	}
	return b.memory.Claim(ctx, now, lease, n)
}

func TestOutbox_F6_StoreComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T, m *memory, c *chat, o outbox.Options) {
		o.Store = &brokenStore{m, time.Now().Add(time.Minute)}
		m.put(letter(bot.ClassAlert, "k"))
		stop := run(t, o, nil)
		time.Sleep(2 * time.Minute)
		stop()
		if c.count("k") != 1 {
			t.Error("the store came back and nothing was sent")
		}
	})
}

func TestOutbox_F1_RandomFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, func(o *outbox.Options) { o.Fit = byParagraph })
		faults := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "retry", "lost", "lost before", "429"}), 0, 40).Draw(rt, "faults")
		kills := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "", "", "kill"}), 0, 60).Draw(rt, "kills")
		n := rapid.IntRange(1, 12).Draw(rt, "letters")
		var lost = map[string]int{} // requests per part whose outcome the sender could not know
		r.chat.answer = func(i int, _ handrail.Address, m bot.Message) (bool, error) {
			if i > len(faults) {
				return true, nil
			}
			switch faults[i-1] {
			case "retry":
				return false, &bot.SendError{Outcome: bot.OutcomeRetry, Err: errors.New("busy")}
			case "429":
				return false, &bot.SendError{Outcome: bot.OutcomeRetry, After: 3 * time.Second, Err: errors.New("429")}
			case "lost":
				lost[m.Text.Plain()]++
				return true, unknown()
			case "lost before":
				lost[m.Text.Plain()]++
				return false, unknown()
			}
			return true, nil
		}
		points := 0
		r.o.Fail = func(string) {
			if points++; points <= len(kills) && kills[points-1] == "kill" {
				panic(killed{})
			}
		}
		r.restart()
		type sent struct {
			e     bot.Envelope
			parts []string
		}
		var all []sent
		for i := range n {
			e := letter(rapid.SampledFrom(classes).Draw(rt, "class"), fmt.Sprint("k", i))
			e.To = to(fmt.Sprint(rapid.IntRange(1, 3).Draw(rt, "chat")))
			e.NotBefore = start.Add(time.Duration(rapid.IntRange(0, 600).Draw(rt, "wait")) * time.Second)
			if e.Class == bot.ClassReminder {
				e.NotAfter = start.Add(12 * time.Hour)
			}
			s := sent{e: e}
			for p := range rapid.IntRange(1, 3).Draw(rt, "parts") {
				s.parts = append(s.parts, fmt.Sprint("k", i, ".", p))
			}
			s.e.Message.Text = nil
			for _, p := range s.parts {
				s.e.Message.Text = append(s.e.Message.Text, bot.Para(p)...)
			}
			all = append(all, s)
			r.store.put(s.e)
		}
		deaths := 0
		for kill(func() { r.settle(start.Add(4 * time.Hour)) }) {
			deaths++
			r.restart()
		}
		for _, s := range all {
			state, _ := r.store.state(s.e.Key)
			most := map[bot.Class]int{bot.ClassCard: 99, bot.ClassAlert: 99, bot.ClassReply: 2, bot.ClassReminder: 2, bot.ClassNotice: 2}[s.e.Class]
			for _, p := range s.parts {
				got := r.chat.count(p)
				if got > max(1, most) {
					rt.Fatalf("%s: a part arrived %d times", s.e.Class, got)
				}
				if got > 1 && lost[p] == 0 && deaths == 0 {
					rt.Fatalf("%s: a part arrived %d times and nothing was in doubt", s.e.Class, got)
				}
				if got == 0 && state == bot.SendSent && r.chat.count("(bot.late)") == 0 {
					rt.Fatalf("%s: a part never arrived, yet the message counts as sent", s.e.Class)
				}
			}
			switch state {
			case bot.SendSent:
			case bot.SendUnknown:
				if deaths == 0 && len(lost) == 0 {
					rt.Fatalf("%s: unknown, and nothing was lost", s.e.Class)
				}
			default:
				rt.Fatalf("%s: left %s", s.e.Class, state)
			}
		}
	})
}

func BenchmarkStep1000(b *testing.B) {
	ctx := context.Background()
	for b.Loop() {
		b.StopTimer()
		r := newRig(b)
		quick := &queue{memory: r.store}
		r.o.Store = quick
		r.restart()
		for n := range 1000 {
			e := letter(bot.ClassReminder, fmt.Sprint(n))
			e.To = to(fmt.Sprint(n))
			r.store.put(e)
			quick.due = append(quick.due, e.Key)
		}
		b.StartTimer()
		if did, err := r.s.Step(ctx); did != 1000 || err != nil {
			b.Fatal(did, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/message")
}

// queue hands out rows in constant time, so that the benchmark measures the sender and not the test's store.
type queue struct {
	*memory
	due []string
}

func (q *queue) Claim(_ context.Context, now time.Time, lease time.Duration, n int) ([]bot.Posting, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(n, len(q.due))
	page := make([]bot.Posting, 0, n)
	for _, key := range q.due[:n] {
		r := q.rows[key]
		r.p.State, r.lease = bot.SendClaimed, now.Add(lease)
		r.p.Epoch++
		page = append(page, r.p)
	}
	q.due = q.due[n:]
	return page, nil
}

func (q *queue) Stranded(context.Context, time.Time, int) ([]bot.Posting, error) { return nil, nil }

// What is said to one chat arrives in its order, however many chats wait for their places in the rates.
func TestOutbox_OrderUnderRates(t *testing.T) {
	inBubble(t, func(t *testing.T, m *memory, c *chat, o outbox.Options) {
		o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 30, PerChat: 1}}
		const chats, each = 22, 3
		for chat := range chats {
			for n := range each {
				e := letter(bot.ClassReply, fmt.Sprintf("%02d-%d", chat, n))
				e.To.Chat = fmt.Sprintf("chat-%02d", chat)
				m.put(e)
			}
		}
		stop := run(t, o, nil)
		time.Sleep(5 * time.Minute)
		stop()
		all := c.texts()
		if len(all) != chats*each {
			t.Fatalf("%d arrived, want %d", len(all), chats*each)
		}
		last := map[string]string{}
		for _, text := range all {
			chat, n, _ := strings.Cut(text, "-")
			if n <= last[chat] {
				t.Errorf("to chat %s, %s came after %s", chat, n, last[chat])
			}
			last[chat] = n
		}
	})
}
