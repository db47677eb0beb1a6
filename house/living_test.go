package house_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house"
	"handrail/house/housetest"
)

// livingDesk is a desk with a cast that has been through the main path (a visit on Tuesday 10 November, with a buddy), the
// group that was chosen, and somebody who answers for it in a chat.
func livingDesk(t *testing.T, o housetest.Options) (*desk, cast, handrail.Activity, handrail.Address) {
	t.Helper()
	d := newDesk(t, o)
	c := d.enlist(practiceA)
	d.main(c)
	g := d.groupOf(c)
	return d, c, g, d.runs(practiceA, "tess", g.ID)
}

// groupOf is the group that the patient of a cast goes to.
func (d *desk) groupOf(c cast) handrail.Activity {
	d.t.Helper()
	id := d.ask("SELECT activity FROM enrolments WHERE practice = $1 AND state <> 'ended'", string(c.practice))
	a, err := d.Rec.Activity(d.t.Context(), handrail.ActivityID(id))
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

// runs adds somebody who answers for groups in a chat.
func (d *desk) runs(practice handrail.PracticeID, chat string, groups ...handrail.ActivityID) handrail.Address {
	d.t.Helper()
	at := handrail.Address{Practice: practice, Channel: housetest.Channel, Chat: chat}
	_, err := d.Rec.AddOrganiser(d.t.Context(), handrail.OrganiserPerson{Practice: practice, Name: "Tess", Address: at, Groups: groups}, handrail.ActorSystem)
	if err != nil {
		d.t.Fatal(err)
	}
	return at
}

// ends lets an organiser say that their one group has closed, calls lets them call a day off.
func (d *desk) ends(from handrail.Address) {
	d.t.Helper()
	d.say(from, "my groups")
	d.press(from, "It has closed")
	d.press(from, "Yes")
}

func (d *desk) calls(from handrail.Address, day, why string) {
	d.t.Helper()
	d.say(from, "my groups")
	d.press(from, "Not on, one day")
	d.press(from, day)
	d.say(from, why)
	d.press(from, "Yes")
}

// puts asks a question and returns it.
func (d *desk) puts(a handrail.ActivityID, practice handrail.PracticeID, link bool) handrail.Ask {
	d.t.Helper()
	ask := handrail.Ask{ID: handrail.NewAskID(a, handrail.DateOf(d.Now(), time.UTC)), Activity: a, Practice: practice, AskedAt: d.Now(), Link: link}
	if err := d.Rec.PutAsk(d.t.Context(), ask, handrail.ActorSystem); err != nil {
		d.t.Fatal(err)
	}
	return ask
}

// sealed is the payload of a button as that address would be shown it.
func (d *desk) sealed(to handrail.Address, dialog, subject, answer string) string {
	d.t.Helper()
	s, err := bot.NewSigner(housetest.Key())
	if err != nil {
		d.t.Fatal(err)
	}
	p, err := s.Payload(bot.Press{Dialog: dialog, Subject: subject, Answer: answer}, to, d.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *desk) standing(id handrail.ActivityID) handrail.Activity {
	d.t.Helper()
	a, err := d.Rec.Activity(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

// told is what an address was shown that has a text in it.
func (d *desk) told(to handrail.Address, words string) (out []bottest.Seen) {
	for _, s := range d.Channel.Shown(to) {
		if strings.Contains(s.Message.Text.Plain(), words) {
			out = append(out, s)
		}
	}
	return out
}

const (
	saysOff    = "is not on this time"
	saysEnded  = "there is news about something"
	saysAsked  = "Is %s still on?"
	saysReport = "found %s closed"
)

// Nobody answers for a group that is somebody else's, whatever they press: not another organiser with a button of their
// own address, not a patient or a GP, and not a copy or a changed payload.
func TestLiving_C7_C8_OthersButtons(t *testing.T) {
	d, a, g, own := livingDesk(t, housetest.Options{})
	b := d.enlist(practiceB)
	var other handrail.ActivityID
	all, err := d.Rec.Activities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x.ID != g.ID && x.Name != "Tuesday Growers" {
			other = x.ID
		}
	}
	rivals := []handrail.Address{d.runs(practiceA, "rival", other), d.runs(practiceB, "rivalB")}
	ask := d.puts(g.ID, practiceA, false)
	before := d.standing(g.ID)
	same := func(what string) {
		t.Helper()
		now, err := d.Rec.Ask(t.Context(), ask.ID)
		if err != nil || now.AnsweredAt != nil {
			t.Fatalf("%s: the question is answered: %+v, %v", what, now, err)
		}
		if s := d.standing(g.ID); s.Status != before.Status || fmt.Sprint(s.Standing) != fmt.Sprint(before.Standing) {
			t.Fatalf("%s changed the listing: %+v", what, s.Standing)
		}
	}
	for _, answer := range []string{"yes", "paused", "changed", "closed", "nonsense"} {
		good := d.sealed(own, "asked", string(ask.ID), answer)
		for _, from := range append(append(rivals, a.everybody()...), b.everybody()...) {
			d.quiet("forwarded "+answer, from, d.choice(from, good))
			same("forwarded " + answer)
			// Even sealed for their own address, as if the signature had been no help.
			d.choice(from, d.sealed(from, "asked", string(ask.ID), answer))
			d.say(from, "Yes")
			d.say(from, "cancel")
			same("a sealed " + answer + " of " + from.Chat)
		}
		forged := strings.Replace(good, "~"+answer+"~", "~yes~", 1)
		if forged != good {
			d.choice(own, forged)
			same("a forged payload")
		}
	}
	// [Look at the entry]: a copy of A's does nothing for B, and nothing for whoever is no link worker.
	look := d.sealed(a.linkWorker, "listing", string(ask.ID), "edit")
	for _, from := range append([]handrail.Address{own, rivals[0], rivals[1], a.gp, a.patient, a.buddy}, b.everybody()...) {
		shown := d.choice(from, look)
		d.quiet("the entry", from, shown)
		for _, s := range shown {
			if strings.Contains(s.Message.Text.Plain(), g.Name) {
				t.Errorf("%s is shown the entry by a copied button", from.Chat)
			}
		}
	}
	for _, from := range []handrail.Address{own, a.gp, a.patient, a.buddy, b.gp} {
		for _, s := range d.choice(from, d.sealed(from, "listing", string(ask.ID), "edit")) {
			if strings.Contains(s.Message.Text.Plain(), "What would you like to do?") {
				t.Errorf("%s, who is no link worker, may change the entry", from.Chat)
			}
		}
	}
	same("all of it")
	d.choice(own, d.sealed(own, "asked", string(ask.ID), "yes"))
	if now, err := d.Rec.Ask(t.Context(), ask.ID); err != nil || now.AnsweredAt == nil {
		t.Errorf("the one who may answer cannot: %+v, %v", now, err)
	}
}

type livingKill struct{}

// livingTale plays an organiser's word with a kill at the nth passage of a point after they said that they are sure.
func livingTale(t *testing.T, off bool, point string, nth int) (state []string, shown map[string]int, kills int) {
	t.Helper()
	armed, passed := false, 0
	die := func(p string) {
		if armed && p == point {
			if passed++; passed == nth {
				kills++
				panic(livingKill{})
			}
		}
	}
	d, a, g, own := livingDesk(t, housetest.Options{
		Fail: func(p string) error { die("turn:" + p); return nil }, SendFail: func(p string) { die("send:" + p) },
	})
	live := func(f func() error) {
		t.Helper()
		for range 100 {
			killed := func() (killed bool) {
				defer func() {
					if p := recover(); p != nil {
						if _, ok := p.(livingKill); !ok {
							panic(p)
						}
						killed = true
					}
				}()
				if err := f(); err != nil {
					t.Fatal(err)
				}
				return false
			}()
			if !killed {
				return
			}
			if err := d.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		t.Fatal("the house does not come to rest")
	}
	words := []string{"my groups", "5", "yes"}
	if off {
		words = []string{"my groups", "2", "2", "The boiler is broken.", "yes"} // Tuesday 10 November
	}
	from := len(d.Channel.All())
	at := d.Now()
	for i, w := range words {
		armed = i == len(words)-1
		u := bot.Update{ID: "k" + strconv.Itoa(i), From: own, Kind: bot.UpdateText, Text: w, At: d.Now()}
		live(func() error { return d.House.Bot.Deliver(t.Context(), u) })
		live(func() error { return d.Settle(t.Context()) })
		at = at.Add(20 * time.Minute)
		live(func() error {
			if d.Now().After(at) {
				return d.Settle(t.Context())
			}
			return d.Advance(t.Context(), at)
		})
	}
	armed = false
	d.until(at.Add(time.Hour))
	shown = map[string]int{}
	for _, s := range d.Channel.All()[from:] {
		shown[s.To.Chat+": "+s.Message.Text.Plain()]++
	}
	state, err := house.Summary(t.Context(), d.Rec, a.practice)
	if err != nil {
		t.Fatal(err)
	}
	now := d.standing(g.ID)
	return append(state, string(now.Status), fmt.Sprint(len(now.Standing.Cancelled), now.Standing.Answers)), shown, kills
}

// Killed at every arrow while a group is closed or a day called off, everybody is told once all the same.
func TestLiving_F1_KillAtEveryArrow(t *testing.T) {
	for _, off := range []bool{false, true} {
		t.Run(fmt.Sprintf("off=%v", off), func(t *testing.T) {
			wantState, want, _ := livingTale(t, off, "", 0)
			says := saysEnded
			if off {
				says = saysOff
			}
			hears := map[string]bool{}
			for m := range want {
				if strings.Contains(m, says) || strings.Contains(m, "Not this time") || strings.Contains(m, "have been told") {
					hears[strings.SplitN(m, ":", 2)[0]] = true
				}
			}
			if len(hears) != 3 {
				t.Fatalf("the patient, the buddy and the link worker should hear of it: %v", want)
			}
			for _, point := range []string{"turn:leased", "turn:thought", "turn:saved", "turn:finished", "send:claimed", "send:sending", "send:sent", "send:settled"} {
				// One kill each: a notice whose sender died twice is given up, by the rules of the outbox.
				for nth, most := 1, 6; nth <= most; nth++ {
					state, shown, kills := livingTale(t, off, point, nth)
					if kills == 0 {
						if nth == 1 {
							t.Errorf("%s is never passed", point)
						}
						break
					}
					if !slices.Equal(state, wantState) {
						t.Errorf("%s %d: the records differ:\n got %q\nwant %q", point, nth, state, wantState)
					}
					for m, n := range want {
						if got := shown[m]; got == 0 || got > n && point != "send:sent" {
							t.Errorf("%s %d: %d times, not %d: %q", point, nth, got, n, m)
						}
					}
					for m := range shown {
						if want[m] == 0 {
							t.Errorf("%s %d: told only after a kill: %q", point, nth, m)
						}
					}
					if testing.Short() {
						break
					}
				}
			}
		})
	}
}

// Whoever stopped hears nothing, then or later; whoever rests or is held for an alert hears nothing before that has ended.
// Their link worker is told that they do not know.
func TestLiving_G1_G2_K8_NothingToWhoMayNotBeWrittenTo(t *testing.T) {
	for _, off := range []bool{false, true} {
		for _, how := range []string{"stop", "pause", "i want to kill myself"} {
			t.Run(fmt.Sprintf("%s off=%v", how, off), func(t *testing.T) {
				d, a, g, own := livingDesk(t, housetest.Options{})
				d.say(a.patient, how)
				before := len(d.Channel.Shown(a.patient))
				says := saysEnded
				if off {
					says = saysOff
					d.calls(own, "Tuesday 10", "The boiler is broken.")
				} else {
					d.ends(own)
				}
				d.until(d.Now().Add(26 * time.Hour))
				for _, s := range d.Channel.Shown(a.patient)[before:] {
					t.Errorf("they are written to: %q", s.Message.Text.Plain())
				}
				if len(d.told(a.linkWorker, g.Name)) == 0 || len(d.told(a.buddy, "Not this time")) != 1 {
					t.Error("the link worker or the buddy was not told")
				}
				if len(d.told(a.linkWorker, "They have not been told")) != 1 {
					t.Error("the link worker is not told that the patient does not know")
				}
				switch how {
				case "i want to kill myself":
					alerts, err := d.Rec.OpenAlerts(t.Context(), practiceA)
					if err != nil || len(alerts) != 1 {
						t.Fatalf("alerts: %v, %v", alerts, err)
					}
					if _, err := d.Rec.ResolveAlert(t.Context(), practiceA, alerts[0].ID, handrail.StaffID("sta_"+a.letter+"lw")); err != nil {
						t.Fatal(err)
					}
				default:
					d.say(a.patient, "start again")
				}
				d.until(d.Now().Add(26 * time.Hour))
				n := len(d.told(a.patient, says))
				if how == "stop" && n != 0 || how != "stop" && n > 1 {
					t.Errorf("told %d times after it ended", n)
				}
			})
		}
	}
}

// A reminder that is queued for a meeting that is called off is never sent; the next one is reminded of.
func TestLiving_T5_QueuedReminder(t *testing.T) {
	d, a, _, own := livingDesk(t, housetest.Options{})
	d.until(time.Date(2026, 11, 9, 9, 56, 0, 0, time.UTC))
	if n := d.ask("SELECT COUNT(*) FROM outbox WHERE key LIKE 'daybefore:%' AND state = 'queued'"); n == "0" {
		t.Fatal("no reminder is queued: the test proves nothing")
	}
	d.calls(own, "Tuesday 10", "The boiler is broken.")
	d.until(time.Date(2026, 11, 10, 15, 0, 0, 0, time.UTC))
	if got := d.told(a.patient, "you have something on"); len(got) != 0 {
		t.Errorf("reminded of a meeting that is off: %q", got[0].Message.Text.Plain())
	}
	for _, who := range []handrail.Address{a.patient, a.buddy} {
		for _, s := range d.Channel.Shown(who) {
			if w := s.Message.Text.Plain(); strings.Contains(w, "How was") || strings.Contains(w, "today at") {
				t.Errorf("%s hears of it as if it had been on: %q", who.Chat, w)
			}
		}
	}
	d.until(time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC))
	if len(d.told(a.patient, "you have something on")) != 1 {
		t.Error("not reminded of the next one")
	}
}
