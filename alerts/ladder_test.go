package alerts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail"
	"handrail/alerts"
	"handrail/bot"
	"handrail/store/records/recordstest"
)

// Every hour of a week an alert is raised. Nobody takes it on for two hours and a half: every step comes at its minute, once,
// and the calls end when somebody does (K6).
func TestLadder_K6_EveryHourOfTheWeek(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a whole week in one goroutine, which the race detector makes ten times as long; left out of -short")
	}
	d := newDesk(t, recordstest.Memory, nil)
	type raised struct {
		alert handrail.Alert
		ref   string
		at    time.Time
		taken bool
	}
	var all []*raised
	zone := london(t)
	for h := range 7 * 24 {
		at := begins().Add(time.Duration(h) * time.Hour)
		for _, r := range all {
			if end := r.at.Add(149 * time.Minute); !r.taken && !end.After(at) {
				d.run(end)
				d.take(r.alert)
				r.taken = true
			}
		}
		d.run(at)
		p, ref := d.patient()
		a, told := d.danger(p)
		if !told {
			t.Fatalf("%v: nobody is told", at)
		}
		all = append(all, &raised{alert: a, ref: ref, at: at})
	}
	d.run(begins().Add(7*24*time.Hour + 90*time.Minute))
	wrong := 0
	for _, r := range all {
		var want string
		switch local := r.at.In(zone); {
		case !r.taken:
			continue // the week's end came first
		case !(office{}).Open(local):
			// E-mail at once, and again with its own step; no further round before somebody is there.
			want = "0 duty@surgery.example, 0 lee, 0 maya, 5 duty@surgery.example, 15 rao, 30 ada"
			if opens := opening(local); opens < 149 && opens >= 90 {
				want += fmt.Sprintf(", %d ada, %d duty@surgery.example, %d lee, %d maya, %d rao", opens, opens, opens, opens, opens)
			} else if opens < 90 {
				want += ", 90 ada, 90 duty@surgery.example, 90 lee, 90 maya, 90 rao"
			}
		case !(office{}).Open(local.Add(90 * time.Minute)):
			want = "0 lee, 0 maya, 5 duty@surgery.example, 15 rao, 30 ada"
		default:
			want = "0 lee, 0 maya, 5 duty@surgery.example, 15 rao, 30 ada, 90 ada, 90 duty@surgery.example, 90 lee, 90 maya, 90 rao"
		}
		if got := timetable(r.at, about(d.chat.all(), r.ref), about(d.mail.all(), r.ref)); got != want {
			wrong++
			t.Errorf("raised %s:\nwant %s\ngot  %s", r.at.In(zone).Format("Mon 15:04"), want, got)
		}
	}
	t.Logf("%d alerts over a week, %d chat messages, %d e-mails, %d timetables wrong", len(all), len(d.chat.all()), len(d.mail.all()), wrong)
}

// opening is how many minutes later the surgery opens.
func opening(local time.Time) int {
	for m := range 8 * 24 * 60 {
		if (office{}).Open(local.Add(time.Duration(m) * time.Minute)) {
			return m
		}
	}
	return 0
}

// Overnight and over the weekend the ladder climbs once; on Monday when the surgery opens everybody is called again, and then
// each hour, for as long as nobody takes it on.
func TestLadder_K6_UntilSomebodyTakesIt(t *testing.T) {
	d := newDesk(t, recordstest.Memory, nil)
	d.run(time.Date(2026, 11, 6, 23, 30, 0, 0, time.UTC)) // Friday night
	p, ref := d.patient()
	a, _ := d.danger(p)
	from := d.clock.Now()
	d.run(time.Date(2026, 11, 9, 11, 30, 0, 0, time.UTC))
	want := "0 duty@surgery.example, 0 lee, 0 maya, 5 duty@surgery.example, 15 rao, 30 ada"
	for _, m := range []int{3390, 3450, 3510, 3570} { // 8.00, 9.00, 10.00, 11.00 on Monday
		want += fmt.Sprintf(", %d ada, %d duty@surgery.example, %d lee, %d maya, %d rao", m, m, m, m, m)
	}
	if got := timetable(from, about(d.chat.all(), ref), about(d.mail.all(), ref)); got != want {
		t.Errorf("\nwant %s\ngot  %s", want, got)
	}
	d.take(a)
	n := len(d.chat.all()) + len(d.mail.all())
	d.run(time.Date(2026, 11, 10, 17, 0, 0, 0, time.UTC))
	if more := len(d.chat.all()) + len(d.mail.all()) - n; more != 0 {
		t.Errorf("%d calls after somebody took it on", more)
	}
	for _, s := range d.mail.all() {
		if strings.Contains(s.text, "F.R.") || strings.Contains(s.text, "Frank") || strings.Contains(s.text, "Reed") {
			t.Errorf("an e-mail says who it is about: %q", s.text)
		}
		if !strings.HasPrefix(s.text, "A person may need help now. Open Handrail: "+ref) {
			t.Errorf("an e-mail says %q", s.text)
		}
	}
	first := about(d.chat.all(), ref)[0].text
	if strings.Contains(first, "Frank") || !strings.Contains(first, "F.R. ("+ref+")") || !strings.Contains(first, "Nobody is expected to be here") || strings.Contains(first, "Still waiting") {
		t.Errorf("the first call says %q", first)
	}
	if last := about(d.chat.all(), ref); !strings.Contains(last[len(last)-1].text, "Still waiting, from Friday at 11.30pm.") {
		t.Errorf("a later call says %q", last[len(last)-1].text)
	}
}

// The chat is down for half an hour: e-mail goes out within two minutes, the ladder climbs on, and when the chat is back the
// first call arrives late and is not doubled (F11).
func TestLadder_F11_ChatDown(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		d := newDesk(t, open, nil)
		p, ref := d.patient()
		d.chat.cut(later())
		_, told := d.danger(p)
		d.run(begins().Add(2 * time.Minute))
		if got := about(d.mail.all(), ref); !told || len(got) != 1 || got[0].at.Sub(begins()) >= 2*time.Minute {
			t.Fatalf("told %v, after two minutes %v", told, got)
		}
		d.run(begins().Add(30 * time.Minute))
		d.chat.cut(nil)
		d.run(begins().Add(33 * time.Minute))
		got := map[string]int{}
		for _, s := range about(d.chat.all(), ref) {
			got[s.to]++
		}
		if got["maya"] != 1 || got["lee"] != 1 || got["rao"] != 1 || got["ada"] != 1 {
			t.Errorf("once the chat is back: %v", got)
		}
		if n := len(about(d.mail.all(), ref)); n != 2 { // in place of the chat, and its own step
			t.Errorf("%d e-mails", n)
		}
	})
}

// Where the chat delivers or somebody takes it on in the first minute, no e-mail is sent in its place.
func TestLadder_F11_NoMailWhenTheChatDelivers(t *testing.T) {
	d := newDesk(t, recordstest.Memory, nil)
	p, _ := d.patient()
	d.danger(p)
	d.run(begins().Add(4 * time.Minute))
	if got := d.mail.all(); len(got) != 0 {
		t.Errorf("%v", got)
	}
	d.chat.cut(later())
	q, _ := d.patient()
	a, _ := d.danger(q)
	d.take(a)
	d.run(begins().Add(8 * time.Minute))
	if got := d.mail.all(); len(got) != 1 { // the first one's own step
		t.Errorf("%v", got)
	}
}

// The e-mail server is away for an hour: the messages wait and arrive, each once.
func TestLadder_F11_MailDown(t *testing.T) {
	d := newDesk(t, recordstest.Memory, nil)
	p, ref := d.patient()
	d.mail.cut(later())
	d.danger(p)
	d.run(begins().Add(time.Hour))
	d.mail.cut(nil)
	d.run(begins().Add(70 * time.Minute))
	if n := len(about(d.mail.all(), ref)); n != 1 {
		t.Errorf("%d e-mails", n)
	}
}

// Run puts each step at its time by itself, looks every few seconds for alerts that another process raised, and ends with its
// context (K6, F17).
func TestLadder_K6_Run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, recordstest.Memory, nil)
		p, ref := d.patient()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); d.ladder.Run(ctx) }()
		for at := begins(); !at.After(begins().Add(31 * time.Minute)); at = at.Add(15 * time.Second) {
			synctest.Wait() // until the loop waits
			d.clock.Set(at)
			synctest.Wait()
			if at.Equal(begins()) {
				// Raised elsewhere, by a process that died before it called anybody.
				_, _, err := d.rec.RaiseAlert(ctx, practice, p.ID, "general", handrail.Actor("patient:"+p.ID))
				d.ok(err)
			}
			if _, err := d.sender.Step(ctx); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		<-ended
		if got := timetable(begins(), about(d.chat.all(), ref), about(d.mail.all(), ref)); got != "0 lee, 0 maya, 5 duty@surgery.example, 15 rao, 30 ada" {
			t.Errorf("called: %s", got)
		}
	})
}

// A step whose transaction fails leaves nothing behind and is put whole the next time; two ladders on one database, and one
// that starts anew after every step, put each step once (F1, F4).
func TestLadder_F1_F4_OnceAndWhole(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		boom := errors.New("killed")
		posts, armed := 0, false
		d := newDesk(t, open, nil)
		d.opts.Post = &post{rec: d.rec, fail: func() error {
			if posts++; armed && posts%3 == 0 { // after the rows were written
				return boom
			}
			return nil
		}}
		d.open()
		p, ref := d.patient()
		d.danger(p)
		armed = true
		ctx := t.Context()
		for m := range 91 {
			d.clock.Set(begins().Add(time.Duration(m) * time.Minute))
			for range 3 {
				d.open() // a new process each time
				if _, err := d.ladder.Step(ctx); err != nil && !errors.Is(err, boom) {
					t.Fatal(err)
				}
			}
			if _, err := d.sender.Step(ctx); err != nil {
				t.Fatal(err)
			}
		}
		want := "0 lee, 0 maya, 5 duty@surgery.example, 15 rao, 30 ada, 90 ada, 90 duty@surgery.example, 90 lee, 90 maya, 90 rao"
		if got := timetable(begins(), about(d.chat.all(), ref), about(d.mail.all(), ref)); got != want {
			t.Errorf("\nwant %s\ngot  %s", want, got)
		}

		d = newDesk(t, open, nil)
		p, ref = d.patient()
		d.danger(p)
		two, err := alerts.New(d.opts)
		d.ok(err)
		for m := range 91 {
			d.clock.Set(begins().Add(time.Duration(m) * time.Minute))
			var wg sync.WaitGroup
			for _, l := range []*alerts.Ladder{d.ladder, two, d.ladder, two} {
				wg.Go(func() {
					if _, err := l.Step(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if _, err := d.sender.Step(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if got := timetable(begins(), about(d.chat.all(), ref), about(d.mail.all(), ref)); got != want {
			t.Errorf("two at once:\nwant %s\ngot  %s", want, got)
		}
	})
}

// A process that stood still for half a day calls the steps it missed, each once, and the rounds it missed not at all.
func TestLadder_T4_StoodStill(t *testing.T) {
	d := newDesk(t, recordstest.Memory, nil)
	p, ref := d.patient()
	d.danger(p)
	d.run(begins().Add(time.Minute))
	back := begins().Add(8 * time.Hour)
	d.clock.Set(back)
	d.run(back.Add(59 * time.Minute))
	want := "0 lee, 0 maya, 480 ada, 480 duty@surgery.example, 480 rao"
	if got := timetable(begins(), about(d.chat.all(), ref), about(d.mail.all(), ref)); got != want {
		t.Errorf("\nwant %s\ngot  %s", want, got)
	}
}

// A step that reaches nobody is stepped over at once; where no step reaches anybody nobody is told, and the ladder says so.
func TestLadder_K7_ReachesNobody(t *testing.T) {
	gone := func(d *desk, ids ...string) {
		for _, id := range ids {
			s, err := d.rec.Staff(t.Context(), practice, handrail.StaffID(id))
			d.ok(err)
			s.Active = false
			d.ok(d.rec.SaveStaff(t.Context(), s, "system"))
		}
	}
	noMail := func(o *alerts.Options) { o.Mail, o.To = nil, nil }
	d := newDesk(t, recordstest.Memory, noMail)
	gone(d, "maya", "lee")
	p, ref := d.patient()
	if _, told := d.danger(p); !told {
		t.Error("the GP is there, and the ladder says nobody is told")
	}
	d.run(begins().Add(31 * time.Minute))
	if got := timetable(begins(), about(d.chat.all(), ref)); got != "0 rao, 30 ada" {
		t.Errorf("without link workers: %s", got)
	}

	d = newDesk(t, recordstest.Memory, noMail)
	gone(d, "maya", "lee", "rao", "ada")
	p, ref = d.patient()
	a, told := d.danger(p)
	if told {
		t.Error("there is nobody, and the ladder says that somebody is told")
	}
	if _, told := d.danger(p); told {
		t.Error("the same at the second message")
	}
	d.staff("maya", handrail.RoleLinkWorker) // back from leave
	d.run(begins().Add(3 * time.Hour))
	if got := about(d.chat.all(), ref); len(got) == 0 {
		t.Errorf("alert %s is forgotten", a.State)
	}

	d = newDesk(t, recordstest.Memory, nil)
	gone(d, "maya", "lee", "rao", "ada")
	p, ref = d.patient()
	if _, told := d.danger(p); !told {
		t.Error("there is e-mail, and the ladder says that nobody is told")
	}
	d.run(begins())
	if got := about(d.mail.all(), ref); len(got) != 1 {
		t.Errorf("with e-mail alone: %v", got)
	}
}

// Many messages of one person: one call, another after each half hour; and once somebody took it on half an hour ago, danger
// written of again begins a new round (K10).
func TestLadder_K10_Repetition(t *testing.T) {
	d := newDesk(t, recordstest.Memory, func(o *alerts.Options) {
		o.Rungs = []alerts.Rung{{Who: handrail.RoleLinkWorker}, {Who: handrail.RoleGP, After: 20 * time.Minute}}
	})
	p, ref := d.patient()
	var a handrail.Alert
	for m := range 20 {
		d.run(begins().Add(time.Duration(m) * 30 * time.Second))
		a, _ = d.danger(p)
	}
	if a.Messages != 20 {
		t.Errorf("%d messages are counted", a.Messages)
	}
	d.run(begins().Add(10 * time.Minute))
	d.take(a)
	if got := timetable(begins(), about(d.chat.all(), ref)); got != "0 lee, 0 maya" {
		t.Errorf("twenty messages call %s", got)
	}
	d.run(begins().Add(25 * time.Minute))
	if b, _ := d.danger(p); b.State != handrail.AlertAcknowledged {
		t.Errorf("a quarter of an hour after somebody took it on it is %s", b.State)
	}
	again := begins().Add(40 * time.Minute)
	d.run(again)
	b, told := d.danger(p)
	if b.State != handrail.AlertRaised || b.ID != a.ID || !told {
		t.Errorf("half an hour after somebody took it on it is %s, told %v", b.State, told)
	}
	d.run(again.Add(25 * time.Minute))
	if got := timetable(again, about(d.chat.all()[2:], ref)); got != "0 lee, 0 maya, 20 rao" {
		t.Errorf("the new round calls %s", got)
	}
}

// Whoever covers for a link worker who is away is called beside them (K6).
func TestLadder_K6_Cover(t *testing.T) {
	d := newDesk(t, recordstest.Memory, func(o *alerts.Options) { o.Mail, o.To = nil, nil })
	d.ok(d.rec.AddLeave(t.Context(), handrail.Leave{Practice: practice, Staff: "maya", Cover: "rao", From: "2026-11-01", To: "2026-11-08"}, "system"))
	p, ref := d.patient()
	d.danger(p)
	d.run(begins().Add(time.Minute))
	if got := timetable(begins(), about(d.chat.all(), ref)); got != "0 lee, 0 maya, 0 rao" {
		t.Errorf("called: %s", got)
	}
}

// A ladder that calls nobody at once, or out of order, is refused; without a step for e-mail, e-mail goes with the second.
func TestNew(t *testing.T) {
	d := newDesk(t, recordstest.Memory, nil)
	for name, rungs := range map[string][]alerts.Rung{
		"empty": {}, "late": {{Who: handrail.RoleGP, After: time.Minute}},
		"backwards": {{Who: handrail.RoleGP}, {Who: handrail.RoleNurse, After: time.Hour}, {Who: handrail.RoleGP, After: time.Minute}},
	} {
		o := d.opts
		o.Rungs = rungs
		if _, err := alerts.New(o); err == nil {
			t.Errorf("a ladder that is %s is taken", name)
		}
	}
	if _, err := alerts.New(alerts.Options{}); err == nil {
		t.Error("nothing at all is taken")
	}
	for _, c := range []struct {
		rungs []alerts.Rung
		want  string
	}{
		{[]alerts.Rung{{Who: handrail.RoleGP}}, "0 rao, 10 duty@surgery.example"},
		{[]alerts.Rung{{Who: handrail.RoleGP}, {Who: handrail.RoleAdministrator, After: 7 * time.Minute}}, "0 rao, 7 ada, 7 duty@surgery.example"},
		{[]alerts.Rung{{Email: true}, {Who: handrail.RoleGP, After: 3 * time.Minute}}, "0 duty@surgery.example, 3 rao"},
	} {
		d := newDesk(t, recordstest.Memory, func(o *alerts.Options) { o.Rungs = c.rungs })
		p, ref := d.patient()
		d.danger(p)
		d.run(begins().Add(20 * time.Minute))
		if got := timetable(begins(), about(d.chat.all(), ref), about(d.mail.all(), ref)); got != c.want {
			t.Errorf("%v: want %s, got %s", c.rungs, c.want, got)
		}
	}
}

// Past every store: one e-mail for a sender in half an hour, again when it could not be sent, and no word of what was
// written or by whom (K4, F6).
func TestLadder_F6_Direct(t *testing.T) {
	d := newDesk(t, recordstest.Memory, nil)
	from := func(chat string) bot.Update {
		return bot.Update{ID: "1", Text: "SECRET words", From: handrail.Address{Practice: practice, Channel: "chat", Chat: chat}}
	}
	ctx := t.Context()
	d.mail.cut(later())
	d.ladder.Direct(ctx, from("CHAT-A"))
	d.mail.cut(nil)
	for range 5 {
		d.ladder.Direct(ctx, from("CHAT-A"))
	}
	d.ladder.Direct(ctx, from("CHAT-B"))
	if n := len(d.mail.all()); n != 2 {
		t.Errorf("%d e-mails about two people", n)
	}
	d.clock.Set(begins().Add(30 * time.Minute))
	d.ladder.Direct(ctx, from("CHAT-A"))
	if n := len(d.mail.all()); n != 3 {
		t.Errorf("%d e-mails after half an hour", n)
	}
	for _, s := range d.mail.all() {
		if strings.Contains(s.text, "SECRET") || strings.Contains(s.text, "CHAT") {
			t.Errorf("it says %q", s.text)
		}
	}
	none := newDesk(t, recordstest.Memory, func(o *alerts.Options) { o.Mail, o.To = nil, nil })
	none.ladder.Direct(ctx, from("CHAT-A")) // must not panic
	if n := len(none.mail.all()); n != 0 {
		t.Error("an e-mail without a second route")
	}
}

// A digest or a task whose reader's chat is closed is told of by e-mail, once a day; a patient's or a buddy's message is not
// (F10).
func TestLadder_F10_StaffGone(t *testing.T) {
	d := newDesk(t, recordstest.Memory, nil)
	maya := handrail.Address{Practice: practice, Channel: "chat", Chat: "maya"}
	d.chat.cut(&bot.SendError{Outcome: bot.OutcomeGone, Err: errors.New("gone")})
	put := func(key string, class bot.Class, to handrail.Address) {
		t.Helper()
		_, err := d.rec.Put(context.Background(), bot.Envelope{Key: key, To: to, Class: class, NotBefore: d.clock.Now(), Message: bot.Message{Text: bot.Para("x")}})
		d.ok(err)
	}
	put("digest:1", bot.ClassDigest, maya)
	d.run(begins().Add(time.Minute))
	d.staff("maya", handrail.RoleLinkWorker) // back, and gone again
	put("digest:2", bot.ClassDigest, maya)
	d.run(begins().Add(2 * time.Minute))
	if got := d.mail.all(); len(got) != 1 || !strings.Contains(got[0].text, "can no longer be reached") {
		t.Errorf("%v", got)
	}
	for _, e := range []bot.Envelope{
		{Class: bot.ClassReminder, Patient: "x", To: maya}, {Class: bot.ClassNotice, Patient: "x", Permission: handrail.PurposeBuddy, To: maya}, {Class: bot.ClassAlert, To: maya},
	} {
		d.clock.Set(d.clock.Now().Add(24 * time.Hour))
		d.ok(d.ladder.Gone(t.Context(), e))
	}
	d.run(d.clock.Now().Add(time.Minute))
	if n := len(d.mail.all()); n != 1 {
		t.Errorf("%d e-mails", n)
	}
}
