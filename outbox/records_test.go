package outbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/outbox"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// onRecords is a sender over a real database, writing to one member of staff.
func onRecords(t testing.TB, open func(testing.TB, records.Options) *records.Records) (*handClock, *records.Records, *chat, outbox.Options) {
	clock := &handClock{now: start}
	db := open(t, records.Options{Now: clock.Now})
	ctx := context.Background()
	if err := db.SavePractice(ctx, handrail.Practice{ID: "pra_a", Name: "A", Zone: "Europe/London"}, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	staff := handrail.Staff{ID: "sta_1", Practice: "pra_a", Name: "Dr A", Roles: []handrail.Role{handrail.RoleGP}, Address: to("1"), Active: true}
	if err := db.SaveStaff(ctx, staff, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	c := &chat{clock: clock, limits: bot.Limits{TextChars: 4096}}
	return clock, db, c, outbox.Options{Store: db, Channels: map[string]bot.Channel{"fake": c}, Words: words{}, Clock: clock}
}

// rest steps until nothing is left before the end.
func rest(t testing.TB, o outbox.Options, clock *handClock, end time.Time) {
	t.Helper()
	ctx := context.Background()
	s, err := outbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for range 10_000 {
		if _, err := s.Step(ctx); err != nil {
			t.Fatal(err)
		}
		next, ok, err := s.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || next.After(end) {
			return
		}
		if next.After(clock.Now()) {
			clock.set(next)
		}
	}
	t.Fatal("the outbox never comes to rest")
}

func TestOutbox_F1_OnRecords(t *testing.T) {
	for _, class := range []bot.Class{bot.ClassCard, bot.ClassReply, bot.ClassReminder, bot.ClassNudge} {
		for _, point := range []string{"claimed", "sending", "sent", "settled"} {
			t.Run(fmt.Sprint(class, "/", point), func(t *testing.T) {
				clock, db, c, o := onRecords(t, recordstest.Memory)
				o.Fit = byParagraph
				ctx := context.Background()
				e := letter(class, "k")
				e.Patient = ""
				e.Message.Text = append(bot.Para("one"), bot.Para("two")...)
				if class == bot.ClassReminder {
					e.NotAfter = start.Add(5 * time.Hour)
				}
				other := letter(class, "other")
				other.Patient, other.NotAfter = "", e.NotAfter
				if _, err := db.Put(ctx, e, other); err != nil {
					t.Fatal(err)
				}
				once := true
				o.Fail = func(at string) {
					if at == point && once {
						once = false
						panic(killed{})
					}
				}
				if !kill(func() { rest(t, o, clock, start) }) {
					t.Fatal("not killed")
				}
				o.Fail = nil
				rest(t, o, clock, start.Add(4*time.Hour))
				again := class == bot.ClassCard || class == bot.ClassAlert || class == bot.ClassReply || class == bot.ClassReminder
				one, two, state := 1, 1, bot.SendSent
				if point == "sending" && !again {
					one, two, state = 0, 0, bot.SendUnknown
				}
				if point == "sent" && !again {
					two, state = 0, bot.SendUnknown
				}
				if point == "sent" && again {
					one = 2
				}
				if c.count("one") != one || c.count("two") != two || c.count("other") != 1 {
					t.Errorf("arrived %d, %d and %d times, want %d, %d and 1", c.count("one"), c.count("two"), c.count("other"), one, two)
				}
				for key, want := range map[string]bot.SendState{"k": state, "other": bot.SendSent} {
					if p, err := db.Posting(ctx, key); err != nil || p.State != want {
						t.Errorf("%s is %s, want %s (error %v)", key, p.State, want, err)
					}
				}
			})
		}
	}
}

func TestOutbox_F8_OnRecords(t *testing.T) {
	clock, db, c, o := onRecords(t, recordstest.Memory)
	ctx := context.Background()
	for _, key := range []string{"a", "b"} {
		e := letter(bot.ClassNotice, key)
		e.Patient = ""
		if _, err := db.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	c.answer = func(int, handrail.Address, bot.Message) (bool, error) {
		return false, &bot.SendError{Outcome: bot.OutcomeGone}
	}
	rest(t, o, clock, start.Add(time.Hour))
	for _, key := range []string{"a", "b"} {
		if s, err := db.Settled(ctx, key); err != nil || s.State != bot.SendSuppressed || s.Reason != "gone" {
			t.Errorf("%s is %s (%s), error %v", key, s.State, s.Reason, err)
		}
	}
	if len(c.asked) != 1 {
		t.Errorf("%d requests", len(c.asked))
	}
}

func BenchmarkStepOnSQLite(b *testing.B) {
	clock, db, _, o := onRecords(b, recordstest.SQLite)
	ctx := context.Background()
	s, err := outbox.New(o)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		e := letter(bot.ClassNotice, fmt.Sprint(n))
		e.Patient = ""
		n++
		if _, err := db.Put(ctx, e); err != nil {
			b.Fatal(err)
		}
		if did, err := s.Step(ctx); did != 1 || err != nil {
			b.Fatal(did, err)
		}
	}
	_ = clock
}
