package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/outbox"
)

var classes = []bot.Class{bot.ClassCard, bot.ClassAlert, bot.ClassReply, bot.ClassReminder, bot.ClassNudge, bot.ClassNotice,
	bot.ClassDigest, bot.ClassNote}

// byParagraph is a Fit that cuts at paragraphs, so that a test can have parts.
func byParagraph(m bot.Message, _ bot.Limits) (parts []bot.Message) {
	for _, b := range m.Text {
		parts = append(parts, bot.Message{Text: bot.Text{b}})
	}
	return parts
}

func TestOutbox_F1_KilledAnywhere(t *testing.T) {
	for _, class := range classes {
		for _, point := range []string{"claimed", "sending", "sent", "settled"} {
			for nth := 1; nth <= 3; nth++ { // the part on which it dies
				t.Run(fmt.Sprintf("%s/%s/%d", class, point, nth), func(t *testing.T) { killAt(t, class, point, nth) })
			}
		}
	}
}

func killAt(t *testing.T, class bot.Class, point string, nth int) {
	r := newRig(t, func(o *outbox.Options) { o.Fit = byParagraph })
	e := letter(class, "k")
	e.Message.Text = append(append(bot.Para("one"), bot.Para("two")...), bot.Para("three")...)
	if class == bot.ClassReminder {
		e.NotAfter = start.Add(5 * time.Hour)
	}
	r.store.put(e, letter(class, "other"))
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
		t.Fatalf("the fail point %s was not reached %d times", point, nth)
	}
	r.o.Fail = nil
	r.restart()
	r.settle(start.Add(4 * time.Hour))

	again := class == bot.ClassCard || class == bot.ClassAlert || class == bot.ClassReply || class == bot.ClassReminder || class == bot.ClassNotice
	dead := []string{"one", "two", "three"}[nth-1]
	for i, part := range []string{"one", "two", "three"} {
		want := 1
		switch {
		case part == dead && point == "sent" && again:
			want = 2
		case part == dead && point == "sending" && !again:
			want = 0
		case i >= nth && !again && (point == "sent" || point == "sending"):
			want = 0 // nothing follows a part of which nobody knows whether it arrived
		}
		if got := r.chat.count(part); got != want {
			t.Errorf("part %q arrived %d times, want %d", part, got, want)
		}
	}
	state, reason := bot.SendSent, ""
	if !again && (point == "sent" || point == "sending") {
		state, reason = bot.SendUnknown, "sender stopped"
	}
	r.want("k", state, reason)
	r.want("other", bot.SendSent, "")
	if n := r.store.rows["k"].settled; n != 1 {
		t.Errorf("settled for good %d times", n)
	}
}

func TestOutbox_F2_ReplyLost(t *testing.T) {
	for _, c := range []struct {
		class    bot.Class
		left     time.Duration // to NotAfter
		lost     int           // how many answers in a row are lost
		arrivals int
		state    bot.SendState
	}{
		{bot.ClassCard, 0, 1, 2, bot.SendSent},
		{bot.ClassCard, 0, 99, 6, bot.SendUnknown},
		{bot.ClassAlert, 0, 3, 4, bot.SendSent},
		{bot.ClassReply, 0, 1, 2, bot.SendSent},
		{bot.ClassReply, 0, 99, 2, bot.SendUnknown},
		{bot.ClassReminder, 2*time.Hour + time.Minute, 1, 2, bot.SendSent},
		{bot.ClassReminder, 2*time.Hour + time.Minute, 99, 2, bot.SendUnknown},
		{bot.ClassReminder, 2 * time.Hour, 99, 1, bot.SendUnknown},
		{bot.ClassNudge, 0, 99, 1, bot.SendUnknown},
		{bot.ClassNotice, 0, 1, 2, bot.SendSent},
		{bot.ClassNotice, 0, 99, 2, bot.SendUnknown},
		{bot.ClassDigest, 0, 99, 1, bot.SendUnknown},
		{bot.ClassNote, 0, 99, 1, bot.SendUnknown},
	} {
		t.Run(fmt.Sprintf("%s/%v/%d", c.class, c.left, c.lost), func(t *testing.T) {
			r := newRig(t)
			e := letter(c.class, "k")
			if c.left > 0 {
				e.NotAfter = start.Add(c.left)
			}
			r.store.put(e)
			r.chat.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
				if n <= c.lost {
					return true, unknown()
				}
				return true, nil
			}
			r.settle(start.Add(24 * time.Hour))
			if got := r.chat.count("k"); got != c.arrivals {
				t.Errorf("arrived %d times, want %d", got, c.arrivals)
			}
			if s, _ := r.store.state("k"); s != c.state {
				t.Errorf("state %s, want %s", s, c.state)
			}
		})
	}
}

func TestOutbox_F4_EveryLeaseGrantedToEverybody(t *testing.T) {
	for _, point := range []string{"claimed", "sending", "sent", "settled"} {
		t.Run(point, func(t *testing.T) {
			r := newRig(t)
			r.store.everybody = true
			other, err := outbox.New(r.o)
			if err != nil {
				t.Fatal(err)
			}
			busy := false
			r.o.Fail = func(at string) { // at this point of the one the other does everything it can
				if at == point && !busy {
					busy = true
					if _, err := other.Step(context.Background()); err != nil {
						t.Error(err)
					}
					busy = false
				}
			}
			r.restart()
			for i, class := range classes {
				for n := range 5 {
					e := letter(class, fmt.Sprint(class, n))
					e.To = to(fmt.Sprint(i, n))
					r.store.put(e)
				}
			}
			r.settle(start.Add(time.Hour))
			for key := range r.store.rows {
				r.want(key, bot.SendSent, "")
				if n := r.chat.count(key); n != 1 {
					t.Errorf("%s arrived %d times", key, n)
				}
			}
		})
	}
}

func TestOutbox_F5_HolderPausesPastItsLease(t *testing.T) {
	r := newRig(t)
	other, err := outbox.New(r.o)
	if err != nil {
		t.Fatal(err)
	}
	r.o.Fail = func(at string) {
		if at == "sent" { // the process stands still for a minute; another takes over and finds the row stranded
			r.clock.add(time.Minute)
			if _, err := other.Step(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
	r.restart()
	r.store.put(letter(bot.ClassNudge, "k"))
	r.settle(start.Add(time.Hour))
	r.want("k", bot.SendUnknown, "sender stopped") // the late answer of the first does not overwrite it
	if n := r.chat.count("k"); n != 1 {
		t.Errorf("arrived %d times", n)
	}
}

func TestOutbox_F8_Gone(t *testing.T) {
	var tasks []string
	fails := 1
	r := newRig(t, func(o *outbox.Options) {
		o.OnGone = func(_ context.Context, e bot.Envelope) error {
			if fails--; fails >= 0 {
				return errors.New("the records are away")
			}
			tasks = append(tasks, string(e.Patient))
			return nil
		}
	})
	r.chat.answer = func(int, handrail.Address, bot.Message) (bool, error) {
		return false, &bot.SendError{Outcome: bot.OutcomeGone, Err: errors.New("403")}
	}
	r.store.put(letter(bot.ClassReminder, "a"), letter(bot.ClassNudge, "b"), letter(bot.ClassReply, "c"))
	if _, err := r.s.Step(context.Background()); err == nil {
		t.Error("an error of the hook is not told")
	}
	r.clock.add(time.Minute)
	r.settle(start.Add(time.Hour))
	for _, key := range []string{"a", "b", "c"} {
		r.want(key, bot.SendSuppressed, "gone")
	}
	if !r.store.gone[to("1")] {
		t.Error("the chat is still open")
	}
	if want := []string{"pat_1"}; !slices.Equal(tasks, want) {
		t.Errorf("tasks %v, want %v", tasks, want)
	}
	if n := len(r.chat.asked); n != 2 {
		t.Errorf("%d requests to somebody who is gone, want the first and its repetition", n)
	}
}

func TestOutbox_F9_ChannelAwayHoldsTheQueue(t *testing.T) {
	r := newRig(t)
	e := letter(bot.ClassNotice, "k")
	e.To.Channel = "elsewhere"
	r.store.put(e, letter(bot.ClassNotice, "other"))
	r.step()
	r.want("k", bot.SendQueued, "no channel")
	r.want("other", bot.SendSent, "")
}

func TestOutbox_F12_PoisonIsIsolated(t *testing.T) {
	for name, where := range map[string]func(*rig){
		"in Fit": func(r *rig) {
			r.o.Fit = func(m bot.Message, l bot.Limits) []bot.Message {
				if m.Text.Plain() == "poison" {
					panic("somebody's words")
				}
				return bot.Fit(m, l)
			}
		},
		"in Send": func(r *rig) {
			r.chat.answer = func(_ int, _ handrail.Address, m bot.Message) (bool, error) {
				if m.Text.Plain() == "poison" {
					panic("somebody's words")
				}
				return true, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			r := newRig(t, func(o *outbox.Options) { o.Log = textLog(&log) })
			where(r)
			r.restart()
			r.store.put(letter(bot.ClassAlert, "poison"))
			for n := range 10 {
				e := letter(bot.ClassAlert, fmt.Sprint("fine", n))
				e.To = to("2")
				r.store.put(e)
			}
			for range 20 { // a restart each time: the count must not live in memory
				r.restart()
				r.step()
				r.clock.add(time.Minute)
			}
			r.want("poison", bot.SendFailed, "poison")
			for n := range 10 {
				r.want(fmt.Sprint("fine", n), bot.SendSent, "")
			}
			if strings.Contains(log.String(), "somebody's words") {
				t.Error("the log holds what the panic said")
			}
		})
	}
}

func TestOutbox_F14_ClockJumps(t *testing.T) {
	r := newRig(t, func(o *outbox.Options) { o.Rates = map[string]outbox.Rate{"fake": {PerSecond: 5, PerChat: 1}} })
	for n := range 20 {
		e := letter(bot.ClassReminder, fmt.Sprint(n))
		e.To = to(fmt.Sprint(n))
		r.store.put(e)
	}
	r.step()
	r.clock.add(-2 * time.Hour) // the clock is put right
	late := letter(bot.ClassReply, "reply")
	late.To = to("new")
	r.store.put(late)
	r.settle(start)
	r.want("reply", bot.SendSent, "")
	if at := r.chat.when("reply"); len(at) != 1 || at[0].After(start.Add(-2*time.Hour+time.Minute)) {
		t.Errorf("a reply waited for the clock: %v", at)
	}
}

func TestOutbox_T4_LateRules(t *testing.T) {
	for _, c := range []struct {
		class    bot.Class
		late     time.Duration // how long nothing ran
		notAfter time.Duration // from start; 0: none
		sent     string        // "" when nothing is
		state    bot.SendState
		reason   string
	}{
		{bot.ClassCard, 240 * time.Hour, time.Hour, "k", bot.SendSent, ""},
		{bot.ClassAlert, 240 * time.Hour, time.Hour, "k", bot.SendSent, ""},
		{bot.ClassReply, 14 * time.Minute, 0, "k", bot.SendSent, ""},
		{bot.ClassReply, 15 * time.Minute, 0, "(bot.late)", bot.SendSent, ""},
		{bot.ClassReply, 240 * time.Hour, 0, "(bot.late)", bot.SendSent, ""},
		{bot.ClassReminder, time.Hour, 2 * time.Hour, "k", bot.SendSent, ""},
		{bot.ClassReminder, 2 * time.Hour, 2 * time.Hour, "", bot.SendSuppressed, "too late"},
		{bot.ClassReminder, 240 * time.Hour, 2 * time.Hour, "", bot.SendSuppressed, "too late"},
		{bot.ClassNudge, 23 * time.Hour, 0, "k", bot.SendSent, ""},
		{bot.ClassNudge, 24 * time.Hour, 0, "", bot.SendSuppressed, "too late"},
		{bot.ClassNudge, 2 * time.Hour, time.Hour, "", bot.SendSuppressed, "too late"},
		{bot.ClassNotice, 240 * time.Hour, 0, "k", bot.SendSent, ""},
		{bot.ClassNotice, time.Hour, time.Hour, "", bot.SendSuppressed, "too late"},
		{bot.ClassNote, 240 * time.Hour, time.Hour, "k", bot.SendSent, ""},
		{bot.ClassDigest, time.Minute, 0, "k", bot.SendSent, ""},
		{bot.ClassDigest, time.Hour, 0, "(bot.delayed)\n\nk", bot.SendSent, ""},
		{bot.ClassDigest, 240 * time.Hour, time.Hour, "(bot.delayed)\n\nk", bot.SendSent, ""},
	} {
		t.Run(fmt.Sprintf("%s/%v", c.class, c.late), func(t *testing.T) {
			r := newRig(t)
			e := letter(c.class, "k")
			if c.notAfter > 0 {
				e.NotAfter = start.Add(c.notAfter)
			}
			r.store.put(e)
			r.clock.add(c.late)
			r.step()
			r.want("k", c.state, c.reason)
			if got := strings.Join(r.chat.texts(), "|"); got != c.sent {
				t.Errorf("sent %q, want %q", got, c.sent)
			}
		})
	}
}

func TestOutbox_T4_LateInTheMiddle(t *testing.T) {
	// The process dies between two parts and is away for an hour: no part comes twice, and a reply ends in the apology.
	for class, want := range map[bot.Class]string{
		bot.ClassReply:  "one|(bot.late)",
		bot.ClassDigest: "one|two",
		bot.ClassNotice: "one|two",
	} {
		r := newRig(t, func(o *outbox.Options) { o.Fit = byParagraph })
		e := letter(class, "k")
		e.Message.Text = append(bot.Para("one"), bot.Para("two")...)
		r.store.put(e)
		r.o.Fail = func(at string) {
			if at == "settled" {
				panic(killed{})
			}
		}
		r.restart()
		kill(func() { r.step() })
		r.o.Fail = nil
		r.restart()
		r.clock.add(2 * time.Hour)
		r.step()
		if got := strings.Join(r.chat.texts(), "|"); got != want {
			t.Errorf("%s: sent %q, want %q", class, got, want)
		}
	}
}

func TestOutbox_T5_FactsAskedOnceMore(t *testing.T) {
	r := newRig(t, func(o *outbox.Options) { o.Facts = facts{"att_1": "cancelled"} })
	for _, subject := range []string{"att_1", "att_2"} {
		e := letter(bot.ClassReminder, subject)
		e.Job, e.Subject = "day_before", subject
		r.store.put(e)
	}
	r.step()
	r.want("att_1", bot.SendSuppressed, "cancelled")
	r.want("att_2", bot.SendSent, "")
}

type facts map[string]string

func (f facts) Still(_ context.Context, e bot.Envelope) (string, error) {
	if f[e.Subject] == "broken" {
		return "", errors.New("broken")
	}
	return f[e.Subject], nil
}

func TestOutbox_FactsThatCannotBeReadKeepNobodyElse(t *testing.T) {
	r := newRig(t, func(o *outbox.Options) { o.Facts = facts{"att_1": "broken"} })
	for _, subject := range []string{"att_1", "att_2"} {
		e := letter(bot.ClassReminder, subject)
		e.Job, e.Subject = "day_before", subject
		r.store.put(e)
	}
	if _, err := r.s.Step(context.Background()); err == nil {
		t.Error("no error")
	}
	r.want("att_1", bot.SendQueued, "not checked")
	r.want("att_2", bot.SendSent, "")
}

func TestOutbox_G1_PermissionWithdrawnAfterPut(t *testing.T) {
	for _, class := range classes {
		r := newRig(t)
		r.store.put(letter(class, "k"))
		// Between the claim and the last check: the latest moment at which a withdrawal can still be seen.
		r.o.Fail = func(at string) {
			if at == "claimed" {
				r.store.mu.Lock()
				r.store.no["pat_1"] = "no_permission"
				r.store.mu.Unlock()
			}
		}
		r.restart()
		r.step()
		if class == bot.ClassCard {
			r.want("k", bot.SendSent, "")
			continue
		}
		r.want("k", bot.SendSuppressed, "no_permission")
		if len(r.chat.asked) > 0 {
			t.Errorf("%s was sent", class)
		}
	}
}

func TestOutbox_G2_StoppedBetweenCheckAndRequest(t *testing.T) {
	r := newRig(t)
	r.store.put(letter(bot.ClassReminder, "k"))
	r.store.may = func(e bot.Envelope) (string, error) { // stop commits right after the check
		row := r.store.rows[e.Key]
		row.p.State, row.reason = bot.SendSuppressed, "stopped"
		row.p.Epoch++
		return "", nil
	}
	r.step()
	r.want("k", bot.SendSuppressed, "stopped")
	if len(r.chat.asked) > 0 {
		t.Error("it was sent")
	}
}

func TestOutbox_K8_HeldWaitsForAPerson(t *testing.T) {
	r := newRig(t)
	r.store.no["pat_1"] = "held"
	soon, later := letter(bot.ClassReminder, "soon"), letter(bot.ClassReminder, "later")
	soon.NotAfter, later.NotAfter = start.Add(time.Hour), start.Add(8*time.Hour)
	r.store.put(soon, later)
	r.settle(start.Add(2 * time.Hour))
	r.want("soon", bot.SendSuppressed, "too late")
	r.want("later", bot.SendQueued, "held")
	if len(r.chat.asked) > 0 {
		t.Error("something was sent while held")
	}
	r.store.no["pat_1"] = "" // a person resumes
	r.settle(start.Add(3 * time.Hour))
	r.want("later", bot.SendSent, "")
}

func TestOutbox_OutcomesSettle(t *testing.T) {
	for outcome, want := range map[bot.Outcome]struct {
		state  bot.SendState
		reason string
		asked  int
	}{
		bot.OutcomeRefused: {bot.SendFailed, "refused", 1},
		bot.OutcomeRetry:   {bot.SendFailed, "gave up", 40},
	} {
		r := newRig(t)
		r.chat.answer = func(int, handrail.Address, bot.Message) (bool, error) {
			return false, &bot.SendError{Outcome: outcome, Err: errors.New("no")}
		}
		r.store.put(letter(bot.ClassNotice, "k"))
		r.settle(start.Add(24 * time.Hour))
		r.want("k", want.state, want.reason)
		if n := len(r.chat.asked); n != want.asked {
			t.Errorf("%s: %d requests, want %d", outcome, n, want.asked)
		}
	}
}

func TestOutbox_OrderUrgentFirstThenAsPut(t *testing.T) {
	r := newRig(t)
	var want []string
	for i := len(classes) - 1; i >= 0; i-- {
		for n := range 3 {
			r.store.put(letter(classes[i], fmt.Sprint(classes[i], n)))
		}
	}
	for _, class := range []bot.Class{"card", "alert", "reply", "reminder", "notice", "nudge"} {
		for n := range 3 {
			want = append(want, fmt.Sprint(class, n))
		}
	}
	want = append(want, "note0", "note1", "note2", "digest0", "digest1", "digest2") // one rank: as put
	r.settle(start)
	if got := r.chat.texts(); !slices.Equal(got, want) {
		t.Errorf("order\n%v, want\n%v", got, want)
	}
}

func TestOutbox_FIFOHoldsWhenTheFirstIsPutBack(t *testing.T) {
	r := newRig(t)
	r.chat.answer = func(n int, _ handrail.Address, _ bot.Message) (bool, error) {
		if n <= 2 {
			return false, &bot.SendError{Outcome: bot.OutcomeRetry, Err: errors.New("busy")}
		}
		return true, nil
	}
	r.store.put(letter(bot.ClassReply, "a"), letter(bot.ClassReply, "b"), letter(bot.ClassReply, "c"))
	r.settle(start.Add(time.Minute))
	if got, want := r.chat.texts(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := newRig(t).o
	for name, spoil := range map[string]func(*outbox.Options){
		"no store":            func(o *outbox.Options) { o.Store = nil },
		"no clock":            func(o *outbox.Options) { o.Clock = nil },
		"no words":            func(o *outbox.Options) { o.Words = nil },
		"lease under timeout": func(o *outbox.Options) { o.Lease, o.SendTimeout = time.Second, time.Second },
	} {
		o := good
		spoil(&o)
		if _, err := outbox.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
