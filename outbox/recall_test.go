package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/outbox"
)

// marking is a chat whose network keeps marks, and can be asked for them.
type marking struct {
	*chat
	marks map[string]bot.Ref
	looks []time.Time
	// blind is what a look is answered with instead; nil looks.
	blind func(n int) (bot.Recalled, error)
}

func (m *marking) SendMarked(ctx context.Context, to handrail.Address, mark string, msg bot.Message) (bot.Ref, error) {
	before := len(m.arrived)
	ref, err := m.Send(ctx, to, msg)
	if len(m.arrived) > before {
		m.marks[mark] = ref
	}
	return ref, err
}

func (m *marking) Recall(_ context.Context, _ handrail.Address, mark string, _ bot.Message, since time.Time) (bot.Recalled, bot.Ref, error) {
	m.looks = append(m.looks, m.clock.Now())
	if since.After(m.clock.Now()) || since.IsZero() {
		return "", "", errors.New("nothing can have been sent since then")
	}
	if m.blind != nil {
		if found, err := m.blind(len(m.looks)); found != "" || err != nil {
			return found, "", err
		}
	}
	if ref, ok := m.marks[mark]; ok {
		return bot.RecallArrived, ref, nil
	}
	return bot.RecallAbsent, "", nil
}

func newMarkingRig(t testing.TB, with ...func(*outbox.Options)) (*rig, *marking) {
	var m *marking
	r := newRig(t, append(with, func(o *outbox.Options) {
		m = &marking{chat: o.Channels["fake"].(*chat), marks: map[string]bot.Ref{}}
		o.Channels = map[string]bot.Channel{"fake": m}
	})...)
	return r, m
}

// Where the network lets us look, a request whose answer was lost is settled by looking, whatever the class: it arrives
// once, and is known to have.
func TestOutbox_F2_SettledByLooking(t *testing.T) {
	for _, class := range classes {
		for _, arrived := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%v", class, arrived), func(t *testing.T) {
				r, m := newMarkingRig(t)
				e := letter(class, "k")
				if class == bot.ClassReminder {
					e.NotAfter = start.Add(2 * time.Hour) // in doubt it would not be sent again
				}
				r.store.put(e)
				m.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
					if n == 1 {
						return arrived, unknown()
					}
					return true, nil
				}
				r.settle(start.Add(24 * time.Hour))
				r.want("k", bot.SendSent, "")
				if got := m.count("k"); got != 1 {
					t.Errorf("arrived %d times", got)
				}
				if len(m.looks) != 1 {
					t.Errorf("looked %d times", len(m.looks))
				}
				if wait := m.looks[0].Sub(start); class == bot.ClassReply && wait > 3*time.Second || class == bot.ClassNudge && wait < 30*time.Second {
					t.Errorf("looked after %v", wait)
				}
			})
		}
	}
}

// A sender that dies anywhere costs nothing and doubles nothing where the network lets us look (F1).
func TestOutbox_F1_KilledAnywhere_SettledByLooking(t *testing.T) {
	for _, class := range classes {
		for _, point := range []string{"claimed", "sending", "sent", "settled"} {
			for nth := 1; nth <= 3; nth++ {
				t.Run(fmt.Sprintf("%s/%s/%d", class, point, nth), func(t *testing.T) {
					r, m := newMarkingRig(t, func(o *outbox.Options) { o.Fit = byParagraph })
					e := letter(class, "k")
					e.Message.Text = append(append(bot.Para("one"), bot.Para("two")...), bot.Para("three")...)
					e.NotAfter = start.Add(5 * time.Hour)
					r.store.put(e)
					seen := 0
					r.o.Fail = func(at string) {
						if at == point {
							if seen++; seen == nth {
								panic(killed{})
							}
						}
					}
					r.restart()
					if !kill(func() { r.settle(start) }) {
						t.Fatal("the fail point was not reached")
					}
					r.o.Fail = nil
					r.restart()
					r.settle(start.Add(4 * time.Hour))
					for _, part := range []string{"one", "two", "three"} {
						if got := m.count(part); got != 1 {
							t.Errorf("part %q arrived %d times", part, got)
						}
					}
					r.want("k", bot.SendSent, "")
				})
			}
		}
	}
}

// What cannot be looked for goes by the rule of its class, as if the network had nothing to look at; what cannot be looked
// for just now waits, but for cards and alerts.
func TestOutbox_F2_CannotLook(t *testing.T) {
	unclear := func(int) (bot.Recalled, error) { return bot.RecallUnclear, nil }
	away := func(int) (bot.Recalled, error) {
		return "", &bot.SendError{Outcome: bot.OutcomeRetry, After: time.Minute, Err: errors.New("away")}
	}
	refused := func(int) (bot.Recalled, error) {
		return "", &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New("no")}
	}
	broken := func(int) (bot.Recalled, error) { panic("broken") }
	twice := func(n int) (bot.Recalled, error) {
		if n <= 2 {
			return away(n)
		}
		return "", nil
	}
	absent := func(int) (bot.Recalled, error) { return bot.RecallAbsent, nil }
	for name, c := range map[string]struct {
		class    bot.Class
		lost     int
		blind    func(int) (bot.Recalled, error)
		arrivals int
		state    bot.SendState
		looks    int
	}{
		"an unclear card":                   {bot.ClassCard, 1, unclear, 2, bot.SendSent, 1},
		"an unclear reply":                  {bot.ClassReply, 1, unclear, 2, bot.SendSent, 1},
		"an unclear reply, lost twice":      {bot.ClassReply, 99, unclear, 2, bot.SendUnknown, 2},
		"an unclear nudge":                  {bot.ClassNudge, 1, unclear, 1, bot.SendUnknown, 1},
		"an unclear digest":                 {bot.ClassDigest, 1, refused, 1, bot.SendUnknown, 1},
		"an alert while it is away":         {bot.ClassAlert, 1, away, 2, bot.SendSent, 1},
		"a nudge while it is away":          {bot.ClassNudge, 1, twice, 1, bot.SendSent, 3},
		"a digest while it stays away":      {bot.ClassDigest, 1, away, 1, bot.SendUnknown, 181},
		"a notice whose look breaks":        {bot.ClassNotice, 1, broken, 2, bot.SendSent, 360},
		"never there, however often":        {bot.ClassNote, 99, absent, 6, bot.SendUnknown, 6},
		"a card, never there":               {bot.ClassCard, 99, absent, 6, bot.SendUnknown, 6},
		"a reply, away past its quarter of": {bot.ClassReply, 1, away, 1, bot.SendSent, 16},
	} {
		t.Run(name, func(t *testing.T) {
			r, m := newMarkingRig(t)
			m.blind = c.blind
			r.store.put(letter(c.class, "k"))
			m.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
				if n <= c.lost {
					return true, unknown()
				}
				return true, nil
			}
			r.settle(start.Add(5 * time.Hour))
			if got := m.count("k"); got != c.arrivals {
				t.Errorf("arrived %d times, want %d", got, c.arrivals)
			}
			if s, why := r.store.state("k"); s != c.state {
				t.Errorf("state %s (%s), want %s", s, why, c.state)
			}
			if len(m.looks) != c.looks {
				t.Errorf("looked %d times, want %d", len(m.looks), c.looks)
			}
		})
	}
}

// That it is in doubt is not forgotten while it waits for its place, for its channel, or for a process.
func TestOutbox_F2_DoubtIsKept(t *testing.T) {
	r, m := newMarkingRig(t, func(o *outbox.Options) {
		o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 30, PerChat: 1}}
	})
	nudge := letter(bot.ClassNudge, "k")
	r.store.put(nudge)
	m.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
		if n == 1 {
			return true, unknown()
		}
		return true, nil
	}
	r.step()
	r.want("k", bot.SendQueued, "answer lost")
	channels := r.o.Channels
	r.o.Channels = map[string]bot.Channel{}
	r.restart()
	r.clock.add(time.Minute)
	r.step()
	r.want("k", bot.SendQueued, "answer lost")
	r.o.Channels = channels
	r.restart()
	r.clock.add(5 * time.Minute)
	for i := range 3 { // they take the chat's place first
		e := letter(bot.ClassReply, fmt.Sprint("reply ", i))
		e.NotBefore = r.clock.Now()
		r.store.put(e)
	}
	r.step()
	r.want("k", bot.SendQueued, "answer lost")
	r.settle(start.Add(time.Hour))
	r.want("k", bot.SendSent, "")
	if m.count("k") != 1 || len(m.looks) != 1 {
		t.Errorf("arrived %d times, looked %d times", m.count("k"), len(m.looks))
	}
}
