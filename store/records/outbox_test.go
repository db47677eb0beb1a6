package records_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func (w *world) claim(lease time.Duration, max int) []bot.Posting {
	w.t.Helper()
	return must(w.Claim(w.ctx, w.clock.Now(), lease, max))(w.t)
}

func keys(all []bot.Posting) []string {
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = p.Envelope.Key
	}
	return out
}

func (w *world) claims(why string, want ...string) []bot.Posting {
	w.t.Helper()
	got := w.claim(time.Minute, 100)
	if !slices.Equal(keys(got), want) {
		w.t.Errorf("%s: want %q, got %q", why, want, keys(got))
	}
	return got
}

func (w *world) state(key string) bot.Settlement {
	w.t.Helper()
	return must(w.Settled(w.ctx, key))(w.t)
}

func to(e bot.Envelope, name string) bot.Envelope { e.To.Chat = name; return e }

func TestOutbox_PutOnce(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		e := w.envelope("k", bot.ClassReminder)
		e.Job, e.Subject, e.Permission = "day_before", "att_1", handrail.PurposeChat
		e.NotBefore, e.NotAfter = w.clock.Now(), w.clock.Now().Add(time.Hour)
		e.Message.Options = []bot.Option{{Label: "Yes", Press: &bot.Press{Dialog: "d", Subject: "s", Answer: "yes"}}}
		added := race(t, 8, func(int) (int, error) { return w.Put(w.ctx, e) })
		sum := 0
		for _, n := range added {
			sum += n
		}
		if sum != 1 {
			t.Errorf("put %d times", sum)
		}
		other := e
		other.Message.Text = bot.Para("other words")
		if must(w.Put(w.ctx, other, w.envelope("k2", bot.ClassReply)))(t) != 1 {
			t.Error("a second envelope with the same key counts")
		}
		got := must(w.Posting(w.ctx, "k"))(t)
		want := bot.Posting{Envelope: e, State: bot.SendQueued, PutAt: w.clock.Now()}
		if fmt.Sprintf("%#v", got.Envelope.Message) == "" || got.Envelope.Message.Text.Plain() != "words of k" ||
			got.Envelope.Message.Options[0].Press.Answer != "yes" {
			t.Errorf("message: %+v", got.Envelope.Message)
		}
		got.Envelope.Message, want.Envelope.Message = bot.Message{}, bot.Message{}
		if fmt.Sprintf("%+v %s", got, got.Envelope.To.Key()) != fmt.Sprintf("%+v %s", want, want.Envelope.To.Key()) {
			t.Errorf("want %+v, got %+v", want, got)
		}
		for _, bad := range []bot.Envelope{{Key: "x"}, {To: chat("a", "frank")}} {
			if _, err := w.Put(w.ctx, w.envelope("before", bot.ClassReply), bad); !handrail.IsKind(err, handrail.KindInvalid) {
				t.Errorf("a bad envelope: %v", err)
			}
		}
		if _, err := w.Posting(w.ctx, "before"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Error("half of a put stands")
		}
	})
}

func TestOutbox_L2_Order(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		now := w.clock.Now()
		at := func(e bot.Envelope, d time.Duration) bot.Envelope { e.NotBefore = now.Add(d); return e }
		held := to(w.envelope("held", bot.ClassCard), "3")
		held.Held = true
		w.put(
			to(w.envelope("note", bot.ClassNote), "1"), to(w.envelope("nudge", bot.ClassNudge), "2"),
			at(w.envelope("reminder late", bot.ClassReminder), -time.Minute), at(w.envelope("reminder early", bot.ClassReminder), -time.Hour),
			w.envelope("reply 1", bot.ClassReply), w.envelope("reply 2", bot.ClassReply), w.envelope("notice", bot.ClassNotice),
			w.envelope("alert", bot.ClassAlert), w.envelope("card", bot.ClassCard), held,
			at(w.envelope("tomorrow", bot.ClassReply), 24*time.Hour),
		)
		if got := keys(w.claim(time.Minute, 3)); !slices.Equal(got, []string{"card", "alert", "reply 1"}) {
			t.Errorf("the first three: %q", got)
		}
		// reply 1 is on its way to the same chat: reply 2 waits for it, whoever asks.
		w.claims("the rest", "reminder early", "reminder late", "notice", "nudge", "note")
		w.claims("nothing is left")
		next, ok, err := w.NextDue(w.ctx, now)
		if !ok || err != nil || !next.Equal(now.Add(time.Minute)) {
			t.Errorf("next due when the leases end: %v %v %v", next, ok, err)
		}
		w.ok(w.Settle(w.ctx, "reply 1", 1, bot.Settlement{State: bot.SendSent, Ref: "77", Parts: 1}))
		w.claims("after reply 1", "reply 2")
		w.ok(w.Unhold(w.ctx, "held"))
		w.claims("let go", "held")
		// Leases end: taken back, with a new epoch, in the same order.
		w.clock.Add(time.Minute)
		again := w.claim(time.Minute, 100)
		if got := keys(again); !slices.Equal(got, []string{"card", "held", "alert", "reply 2", "reminder early", "reminder late", "notice", "nudge", "note"}) {
			t.Errorf("after the leases: %q", got)
		}
		if again[0].Epoch != 2 {
			t.Errorf("epoch %d", again[0].Epoch)
		}
		w.clock.Add(24 * time.Hour)
		if got := w.state("reply 1"); got != (bot.Settlement{State: bot.SendSent, Ref: "77", Parts: 1}) {
			t.Errorf("settled: %+v", got)
		}
		if got := must(w.Posting(w.ctx, "reply 1"))(t); got.Envelope.Message.Text.Plain() != "words of reply 1" {
			t.Error("no copy of what was sent is kept")
		}
	})
}

// TestNextDue_Behind holds the sender to rest: an envelope whose lease has run out, but which waits behind an earlier one
// that is being sent, is due when that one's lease ends and not at once.
func TestNextDue_Behind(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.put(w.envelope("one", bot.ClassReply), w.envelope("two", bot.ClassReply))
		both := w.claims("both at once", "one", "two")
		w.ok(w.Sending(w.ctx, "one", both[0].Epoch, w.clock.Now(), time.Hour))
		ends := w.clock.Now().Add(time.Hour)
		w.clock.Add(2 * time.Minute) // the sender died: the other's lease is over
		w.claims("what waits behind it is not given away")
		next, ok, err := w.NextDue(w.ctx, w.clock.Now())
		if err != nil || !ok || !next.Equal(ends) {
			t.Errorf("next due %v, want %v: %v %v", next, ends, ok, err)
		}
		w.clock.Add(time.Hour)
		left := must(w.Stranded(w.ctx, w.clock.Now(), 10))(t)
		w.ok(w.Settle(w.ctx, "one", left[0].Epoch, bot.Settlement{State: bot.SendUnknown}))
		if next, ok, err = w.NextDue(w.ctx, w.clock.Now()); err != nil || !ok || !next.Equal(w.clock.Now()) {
			t.Errorf("next due %v, want now: %v %v", next, ok, err)
		}
		w.claims("and then it is", "two")
	})
}

// TestOutbox_F1_F5 follows one posting through a sender that stops at each step.
func TestOutbox_F1_F5(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		stale := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, bot.ErrStale) {
				t.Errorf("%s: want stale, got %v", what, err)
			}
		}
		w.put(w.envelope("k", bot.ClassCard))
		one := w.claims("the first claim", "k")[0]
		w.clock.Add(time.Minute) // it dies while it holds the claim
		two := w.claims("the second claim", "k")[0]
		stale("sending", w.Sending(w.ctx, "k", one.Epoch, w.clock.Now(), time.Minute))
		stale("settling", w.Settle(w.ctx, "k", one.Epoch, bot.Settlement{State: bot.SendSent}))
		w.ok(w.Sending(w.ctx, "k", two.Epoch, w.clock.Now(), time.Minute))
		w.ok(w.Settle(w.ctx, "k", two.Epoch, bot.Settlement{State: bot.SendClaimed, Parts: 1}))
		w.ok(w.Sending(w.ctx, "k", two.Epoch, w.clock.Now(), time.Minute)) // part two
		if got := must(w.Stranded(w.ctx, w.clock.Now(), 10))(t); len(got) != 0 {
			t.Error("stranded while its lease runs")
		}
		w.claims("what is being sent cannot be claimed")
		w.clock.Add(time.Minute) // it dies while sending: nobody knows
		w.claims("nor when its lease is over")
		next, ok, err := w.NextDue(w.ctx, w.clock.Now())
		if !ok || err != nil || next.After(w.clock.Now()) {
			t.Errorf("next due: %v %v %v", next, ok, err)
		}
		left := must(w.Stranded(w.ctx, w.clock.Now(), 10))(t)
		if len(left) != 1 || left[0].State != bot.SendSending || left[0].Attempts != 2 || left[0].Parts != 1 ||
			left[0].Epoch != two.Epoch+1 || left[0].Envelope.To != w.patient.Address {
			t.Fatalf("stranded: %+v", left)
		}
		if got := must(w.Stranded(w.ctx, w.clock.Now(), 10))(t); len(got) != 0 {
			t.Error("stranded twice")
		}
		stale("the dead one wakes", w.Settle(w.ctx, "k", two.Epoch, bot.Settlement{State: bot.SendSent}))
		retry := w.clock.Now().Add(time.Minute)
		w.ok(w.Settle(w.ctx, "k", left[0].Epoch, bot.Settlement{State: bot.SendQueued, Reason: "unknown", RetryAt: retry, Parts: 1}))
		w.put(w.envelope("k2", bot.ClassCard))
		w.claims("one to be tried again keeps its place in front")
		next, _, err = w.NextDue(w.ctx, w.clock.Now())
		if err != nil || !next.Equal(retry) {
			t.Errorf("next due %v, want %v: %v", next, retry, err)
		}
		w.clock.Add(time.Minute)
		last := w.claims("then it goes first", "k")
		w.ok(w.Sending(w.ctx, "k", last[0].Epoch, w.clock.Now(), time.Minute))
		w.ok(w.Settle(w.ctx, "k", last[0].Epoch, bot.Settlement{State: bot.SendUnknown, Reason: "reply lost", Parts: 1}))
		stale("settled twice", w.Settle(w.ctx, "k", last[0].Epoch, bot.Settlement{State: bot.SendSent}))
		stale("sending after its end", w.Sending(w.ctx, "k", last[0].Epoch, w.clock.Now(), time.Minute))
		last = w.claims("and then the other", "k2")
		if err := w.Settle(w.ctx, "k2", last[0].Epoch, bot.Settlement{State: "nonsense"}); err == nil {
			t.Error("settled as nonsense")
		}
		w.ok(w.Settle(w.ctx, "k2", last[0].Epoch, bot.Settlement{State: bot.SendFailed, Reason: "refused"}))
		if _, ok, err := w.NextDue(w.ctx, w.clock.Now()); ok || err != nil {
			t.Errorf("nothing is due any more: %v %v", ok, err)
		}
		if got := must(w.OutboxCounts(w.ctx))(t); got != (records.OutboxCounts{Unknown: 1, Failed: 1}) {
			t.Errorf("counts: %+v", got)
		}
	})
}

// TestOutbox_F4_Claimers lets several senders claim at once: no posting is given twice, and in each chat none is given
// before an earlier one is settled.
func TestOutbox_F4_Claimers(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		const chats, each = 6, 10
		for i := range each {
			for c := range chats {
				w.put(to(w.envelope(fmt.Sprintf("%d/%02d", c, i), bot.ClassReply), fmt.Sprint(c)))
			}
		}
		var mu sync.Mutex
		seen := map[string][]string{}
		race(t, 4, func(int) (int, error) {
			for {
				got, err := w.Claim(w.ctx, w.clock.Now(), time.Hour, 5)
				if err != nil {
					return 0, err
				}
				for _, p := range got {
					mu.Lock()
					seen[p.Envelope.To.Chat] = append(seen[p.Envelope.To.Chat], p.Envelope.Key)
					mu.Unlock()
					if err := w.Sending(w.ctx, p.Envelope.Key, p.Epoch, w.clock.Now(), time.Hour); err != nil {
						return 0, err
					}
					if err := w.Settle(w.ctx, p.Envelope.Key, p.Epoch, bot.Settlement{State: bot.SendSent}); err != nil {
						return 0, err
					}
				}
				if c, err := w.OutboxCounts(w.ctx); err != nil || c.Sent == chats*each {
					return 0, err
				}
			}
		})
		for c, got := range seen {
			if len(got) != each || !slices.IsSorted(got) {
				t.Errorf("chat %s: %q", c, got)
			}
		}
	})
}

// everyClass puts one message of each class to and about the patient.
func (w *world) everyClass() {
	w.t.Helper()
	for _, c := range []bot.Class{bot.ClassCard, bot.ClassAlert, bot.ClassReply, bot.ClassReminder, bot.ClassNudge,
		bot.ClassNotice, bot.ClassDigest, bot.ClassNote} {
		w.put(w.envelope(string(c), c))
	}
}

func TestStop_G2(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		fail := ""
		w := newWorld(t, open, records.Options{Fail: func(at string) error {
			if at == fail {
				return errBoom
			}
			return nil
		}})
		w.everyClass()
		other := w.envelope("other", bot.ClassNudge)
		other.Patient = "pat_other"
		w.put(other)
		flying := w.envelope("flying", bot.ClassDigest)
		w.put(to(flying, "elsewhere"))
		for _, p := range w.claim(time.Hour, 100) {
			if p.Envelope.Key == "flying" {
				w.ok(w.Sending(w.ctx, "flying", p.Epoch, w.clock.Now(), time.Hour))
			}
		}
		w.put(w.envelope("queued", bot.ClassReminder))
		me := handrail.Actor("patient:" + w.patient.ID)

		fail = "Stop:before"
		if err := w.Stop(w.ctx, "a", w.patient.ID, me); !errors.Is(err, errBoom) {
			t.Fatalf("want the fault, got %v", err)
		}
		if p := must(w.Patient(w.ctx, "a", w.patient.ID))(t); p.Stopped != nil ||
			!must(w.Permitted(w.ctx, "a", p.ID, handrail.PurposeChat))(t) || w.state("queued").State != bot.SendQueued {
			t.Error("half of a stop stands")
		}
		fail = ""
		w.ok(w.Stop(w.ctx, "a", w.patient.ID, me))
		w.clock.Add(time.Minute)
		w.ok(w.Stop(w.ctx, "a", w.patient.ID, me)) // twice is once
		p := must(w.Patient(w.ctx, "a", w.patient.ID))(t)
		if p.Stopped == nil || !p.Stopped.Equal(w.clock.Now().Add(-time.Minute)) {
			t.Errorf("stopped: %v", p.Stopped)
		}
		if must(w.Permitted(w.ctx, "a", p.ID, handrail.PurposeChat))(t) {
			t.Error("the permission is still live")
		}
		for key, want := range map[string]bot.SendState{
			"card": bot.SendClaimed, "alert": bot.SendClaimed, "reply": bot.SendClaimed, "reminder": bot.SendSuppressed,
			"nudge": bot.SendSuppressed, "notice": bot.SendSuppressed, "digest": bot.SendSuppressed, "note": bot.SendSuppressed,
			"queued": bot.SendSuppressed, "other": bot.SendClaimed, "flying": bot.SendSending,
		} {
			got := w.state(key)
			if got.State != want || (want == bot.SendSuppressed) != (got.Reason == "stopped") {
				t.Errorf("%s: want %s, got %+v", key, want, got)
			}
		}
		if err := w.Sending(w.ctx, "nudge", 1, w.clock.Now(), time.Minute); !errors.Is(err, bot.ErrStale) {
			t.Errorf("a claimed message can still be sent after stop: %v", err)
		}
		if got := w.actions("permission", string(p.ID)); !slices.Equal(got, []string{"chat: asked -> given", "chat: given -> withdrawn"}) {
			t.Errorf("trail: %q", got)
		}
		if v := must(w.Visit(w.ctx, "a", w.attendance.ID))(t); v.Attendance.State != handrail.AttendancePlanned {
			t.Errorf("the visit is %s", v.Attendance.State)
		}
		// A new yes ends the stop.
		must(w.AnswerPermission(w.ctx, "a", p.ID, handrail.PurposeChat, "chat/1", "May we?", true, me))(t)
		if p := must(w.Patient(w.ctx, "a", p.ID))(t); p.Stopped != nil {
			t.Error("a yes to chat leaves the stop")
		}
	})
}

func TestSuppressJob_T5(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		e := w.envelope("k", bot.ClassReminder)
		e.Job, e.Subject = "day_before", "att_1"
		f := w.envelope("k2", bot.ClassReminder)
		f.Job, f.Subject = "day_before", "att_2"
		w.put(e, f)
		if n := must(w.SuppressJob(w.ctx, "b", "day_before", "att_1", "moved"))(t); n != 0 {
			t.Error("another practice's job was suppressed (C8)")
		}
		if n := must(w.SuppressJob(w.ctx, "a", "day_before", "att_1", "moved"))(t); n != 1 {
			t.Errorf("suppressed %d", n)
		}
		w.claims("the other one goes", "k2")
		if _, err := w.Suppress(w.ctx, "a", "", "x"); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("suppress nobody: %v", err)
		}
	})
}

func TestCloseChat_F8(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.everyClass()
		w.put(to(w.envelope("to the buddy", bot.ClassReminder), "joan"))
		for range 2 {
			w.ok(w.CloseChat(w.ctx, w.patient.Address, "gone"))
		}
		if p := must(w.Patient(w.ctx, "a", w.patient.ID))(t); !p.Address.IsZero() {
			t.Error("the address is still bound")
		}
		if who := must(w.Who(w.ctx, w.patient.Address))(t); who.Kind != bot.WhoUnknown {
			t.Errorf("who: %+v", who)
		}
		if c := must(w.OutboxCounts(w.ctx))(t); c != (records.OutboxCounts{Suppressed: 8, Queued: 1}) {
			t.Errorf("counts: %+v", c)
		}
		if got := w.actions("chat", w.ConversationKey(w.patient.Address)); !slices.Equal(got, []string{"closed"}) {
			t.Errorf("trail: %q", got)
		}
		if got := must(w.Posting(w.ctx, "card"))(t); got.Envelope.To != w.patient.Address {
			t.Error("it is no longer known where an old message went")
		}
	})
}

func TestMaySend(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		p := w.patient.ID
		change := func(fn func(*handrail.Patient)) {
			t.Helper()
			must(w.ChangePatient(w.ctx, "a", p, by, "test", func(p *handrail.Patient) error { fn(p); return nil }))(t)
		}
		steps := []struct {
			name string
			do   func()
			// The reason for each of: a card, a reply, a reminder resting on chat, a nudge resting on nothing, one resting
			// on the buddy permission, and to the buddy: a notice, a reminder resting on the buddy permission.
			want [7]string
		}{
			{"all is well", func() {}, [7]string{"", "", "", "", "no_permission", "", "no_permission"}},
			{"may tell the buddy", func() {
				must(w.AnswerPermission(w.ctx, "a", p, handrail.PurposeBuddy, "v", "w", true, by))(t)
			}, [7]string{"", "", "", "", "", "", ""}},
			{"held", func() { now := w.clock.Now(); change(func(p *handrail.Patient) { p.HeldSince = &now }) },
				[7]string{"", "", "held", "held", "held", "", ""}},
			{"paused", func() {
				w.ok(w.Pause(w.ctx, "a", p, w.clock.Now().Add(time.Hour), by))
				change(func(p *handrail.Patient) { p.HeldSince = nil })
			}, [7]string{"", "", "paused", "paused", "paused", "", ""}},
			{"the pause is over", func() { w.clock.Add(time.Hour) }, [7]string{"", "", "", "", "", "", ""}},
			{"chat withdrawn", func() { w.ok(w.WithdrawPermission(w.ctx, "a", p, handrail.PurposeChat, by)) },
				[7]string{"", "", "no_permission", "no_permission", "", "", ""}},
			{"stopped", func() { w.ok(w.Stop(w.ctx, "a", p, by)) }, [7]string{"", "", "stopped", "stopped", "stopped", "", ""}},
			{"buddy left", func() {
				must(w.ChangeBuddy(w.ctx, "a", w.buddy.ID, by, (*handrail.Buddy).Leave))(t)
			}, [7]string{"", "", "stopped", "stopped", "stopped", "left", "left"}},
			{"chat closed", func() { change(func(p *handrail.Patient) { p.Stopped, p.Address = nil, handrail.Address{} }) },
				[7]string{"", "", "no_chat", "no_chat", "no_chat", "left", "left"}},
			{"died, chat closed", func() { change(func(p *handrail.Patient) { p.Deceased = true }) },
				[7]string{"", "deceased", "deceased", "deceased", "deceased", "left", "left"}},
			{"died", func() { change(func(p *handrail.Patient) { p.Address = w.patient.Address }) },
				[7]string{"", "deceased", "deceased", "deceased", "deceased", "left", "left"}},
		}
		envelope := func(class bot.Class, purpose handrail.Purpose, chat string) bot.Envelope {
			e := to(w.envelope("k", class), chat)
			e.Permission = purpose
			return e
		}
		for _, s := range steps {
			s.do()
			for i, e := range []bot.Envelope{
				envelope(bot.ClassCard, "", "frank"), envelope(bot.ClassReply, "", "frank"),
				envelope(bot.ClassReminder, handrail.PurposeChat, "frank"), envelope(bot.ClassNudge, "", "frank"),
				envelope(bot.ClassNotice, handrail.PurposeBuddy, "frank"), envelope(bot.ClassNotice, "", "joan"),
				envelope(bot.ClassReminder, handrail.PurposeBuddy, "joan"),
			} {
				if got := must(w.MaySend(w.ctx, e))(t); got != s.want[i] {
					t.Errorf("%s, %d: want %q, got %q", s.name, i, s.want[i], got)
				}
			}
		}
		for _, c := range []struct {
			name string
			e    bot.Envelope
			want string
		}{
			{"a digest to staff", bot.Envelope{To: w.gp.Address, Class: bot.ClassDigest}, ""},
			{"a note to the GP without the patient's yes", bot.Envelope{To: w.gp.Address, Patient: p, Class: bot.ClassNote,
				Permission: handrail.PurposeFeedback}, records.ReasonNoPermission},
			{"a reply to a stranger", bot.Envelope{To: chat("a", "x"), Class: bot.ClassReply}, ""},
			{"a reminder to a stranger", bot.Envelope{To: chat("a", "x"), Class: bot.ClassReminder}, records.ReasonNobody},
			{"about another practice's patient", bot.Envelope{To: chat("b", "x"), Patient: p, Class: bot.ClassCard}, records.ReasonNobody},
		} {
			if got := must(w.MaySend(w.ctx, c.e))(t); got != c.want {
				t.Errorf("%s: want %q, got %q", c.name, c.want, got)
			}
		}
		gone := w.gp
		gone.Active = false
		w.ok(w.SaveStaff(w.ctx, gone, by))
		if got := must(w.MaySend(w.ctx, bot.Envelope{To: w.gp.Address, Class: bot.ClassReply}))(t); got != records.ReasonInactive {
			t.Errorf("somebody who left: %q", got)
		}
	})
}

func TestInvite_C9(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		b := w.fill("b")
		p := must(w.AddPatient(w.ctx, handrail.Patient{Practice: "a", Name: "Sam", BirthYear: 1960}, by))(t)
		invite := func() string { t.Helper(); return must(w.NewInvite(w.ctx, "a", p.ID, 7*24*time.Hour, by))(t) }
		try := func(code string, year int) handrail.InviteTry {
			t.Helper()
			got := must(w.TryInvite(w.ctx, "a", code, year, chat("a", "sam")))(t)
			if got.Outcome != handrail.InviteOK && got.Patient.ID != "" {
				t.Errorf("%s discloses the patient", got.Outcome)
			}
			return got
		}
		want := func(what string, got handrail.InviteTry, outcome handrail.InviteOutcome, left int) {
			t.Helper()
			if got.Outcome != outcome || got.TriesLeft != left {
				t.Errorf("%s: want %s and %d left, got %s and %d", what, outcome, left, got.Outcome, got.TriesLeft)
			}
		}
		first := invite()
		if len(first) != 26 {
			t.Errorf("the code has %d characters", len(first))
		}
		code := invite()
		want("replaced", try(first, 1960), handrail.InviteExpired, 0)
		want("unknown", try("nonsense", 1960), handrail.InviteUnknown, 0)
		other := must(w.TryInvite(w.ctx, "b", code, 1960, chat("b", "sam")))(t)
		want("another practice", other, handrail.InviteUnknown, 0)
		for left := 4; left > 0; left-- {
			want("wrong year", try(code, 1961), handrail.InviteWrongYear, left)
		}
		want("the fifth", try(code, 1961), handrail.InviteLocked, 0)
		want("the right year, too late", try(code, 1960), handrail.InviteLocked, 0)
		if got := must(w.InviteStatus(w.ctx, "a", code))(t); got != handrail.InviteLocked {
			t.Errorf("status: %s", got)
		}
		code = invite()
		if got := must(w.InviteStatus(w.ctx, "a", code))(t); got != handrail.InviteOK {
			t.Errorf("status: %s", got)
		}
		if _, err := w.TryInvite(w.ctx, "a", code, 1960, w.patient.Address); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("somebody else's chat: %v", err)
		}
		if _, err := w.TryInvite(w.ctx, "a", code, 1960, b.patient.Address); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("another practice's chat: %v", err)
		}
		// As people copy it. Only one of two at once gets it.
		copied := fmt.Sprintf(" %s-%s ", code[:10], code[10:])
		outcomes := race(t, 4, func(int) (handrail.InviteOutcome, error) {
			got, err := w.TryInvite(w.ctx, "a", copied, 1960, chat("a", "sam"))
			return got.Outcome, err
		})
		slices.Sort(outcomes)
		if !slices.Equal(outcomes, []handrail.InviteOutcome{"ok", "used", "used", "used"}) {
			t.Errorf("outcomes: %v", outcomes)
		}
		if got := must(w.Patient(w.ctx, "a", p.ID))(t); got.Address != chat("a", "sam") {
			t.Error("the chat is not bound")
		}
		late := invite()
		w.clock.Add(7 * 24 * time.Hour)
		want("expired", try(late, 1960), handrail.InviteExpired, 0)
		// The same chat again is theirs.
		want("again", try(invite(), 1960), handrail.InviteOK, 5)
	})
}

// TestOutbox_PutInsideEffect puts within an effect: both or neither.
func TestOutbox_PutInsideEffect(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		must(w.Once(w.ctx, "r", "k", func(ctx context.Context) ([]byte, error) {
			n, err := w.Put(ctx, w.envelope("k", bot.ClassNotice))
			return fmt.Append(nil, n), err
		}))(t)
		w.claims("it is there", "k")
	})
}
