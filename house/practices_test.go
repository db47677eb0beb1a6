package house_test

import (
	"database/sql"
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

// desk plays people on the whole house by hand.
type desk struct {
	*housetest.World
	t  *testing.T
	db *sql.DB
	n  int
	// twice presses every button twice, as an impatient thumb does (B13).
	twice bool
}

func newDesk(t *testing.T, o housetest.Options) *desk {
	t.Helper()
	file := t.TempDir() + "/handrail.db"
	o.URL = "sqlite://" + file
	d := &desk{World: housetest.New(t, o), t: t}
	if err := d.Start(t.Context(), time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d.db = db
	return d
}

// deliver hands an update in and returns what was shown to anybody because of it.
func (d *desk) deliver(u bot.Update) []bottest.Seen {
	d.t.Helper()
	before := len(d.Channel.All())
	d.n++
	u.ID, u.At = "d"+strconv.Itoa(d.n), d.Now()
	if err := d.House.Bot.Deliver(d.t.Context(), u); err != nil {
		d.t.Fatal(err)
	}
	if err := d.Settle(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	d.Clock.Advance(time.Second)
	return d.Channel.All()[before:]
}

func (d *desk) say(from handrail.Address, words string) []bottest.Seen {
	d.t.Helper()
	return d.deliver(bot.Update{From: from, Kind: bot.UpdateText, Text: words})
}

func (d *desk) choice(from handrail.Address, payload string) []bottest.Seen {
	d.t.Helper()
	return d.deliver(bot.Update{From: from, Kind: bot.UpdatePress, Choice: payload})
}

// press presses the newest button of that label that somebody was shown.
func (d *desk) press(from handrail.Address, label string) []bottest.Seen {
	d.t.Helper()
	for _, s := range slices.Backward(d.Channel.Shown(from)) {
		for _, o := range s.Message.Options {
			if strings.HasPrefix(o.Label, label) {
				out := d.choice(from, o.Payload)
				if d.twice {
					d.choice(from, o.Payload)
				}
				return out
			}
		}
	}
	d.t.Fatalf("no button %q was shown", label)
	return nil
}

func (d *desk) ask(query string, args ...any) string {
	d.t.Helper()
	var v sql.NullString
	if err := d.db.QueryRow(query, args...).Scan(&v); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	return v.String
}

// cast is the people of one practice of a story.
type cast struct {
	practice                                 handrail.PracticeID
	letter                                   string
	gp, linkWorker, patient, buddy, stranger handrail.Address
}

func (c cast) everybody() []handrail.Address {
	return []handrail.Address{c.gp, c.linkWorker, c.patient, c.buddy, c.stranger}
}

// word is a canary of this cast.
func (c cast) word(what string) string { return what + c.letter + "01" }

// enlist writes a practice with a GP, a link worker and a cleared buddy; the patient is referred by the story.
func (d *desk) enlist(practice handrail.PracticeID) cast {
	d.t.Helper()
	c := cast{practice: practice, letter: letter(practice)}
	at := func(chat string) handrail.Address {
		return handrail.Address{Practice: practice, Channel: housetest.Channel, Chat: "Cha" + c.letter + chat}
	}
	c.gp, c.linkWorker, c.patient, c.buddy, c.stranger = at("gp"), at("lw"), at("pa"), at("bu"), at("st")
	ctx := d.t.Context()
	check := func(err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
	}
	check(d.Rec.SavePractice(ctx, handrail.Practice{ID: practice, Name: c.word("Pra"), Zone: "Europe/London"}, handrail.ActorSystem))
	check(d.Rec.SaveStaff(ctx, handrail.Staff{ID: handrail.StaffID("sta_" + c.letter + "gp"), Practice: practice, Name: c.word("Sta"),
		Roles: []handrail.Role{handrail.RoleGP}, Address: c.gp, Active: true}, handrail.ActorSystem))
	check(d.Rec.SaveStaff(ctx, handrail.Staff{ID: handrail.StaffID("sta_" + c.letter + "lw"), Practice: practice, Name: "Sta" + c.letter + "02",
		Roles: []handrail.Role{handrail.RoleLinkWorker, handrail.RoleCoordinator}, Address: c.linkWorker, Active: true}, handrail.ActorSystem))
	now := d.Now()
	_, err := d.Rec.AddBuddy(ctx, handrail.Buddy{ID: handrail.BuddyID("bud_" + c.letter), Practice: practice, Name: c.word("Bud"), About: c.word("Abo"),
		Postcode: "LU2", Address: c.buddy, State: handrail.BuddyCleared, ClearedBy: "sta_x", ClearedAt: &now}, handrail.ActorSystem)
	check(err)
	return c
}

// refer lets the GP of a cast refer their patient and returns the code.
func (d *desk) refer(c cast) string {
	d.t.Helper()
	shown := d.say(c.gp, "refer")
	form := shown[len(shown)-1].Message.Form
	if form == nil {
		d.t.Fatal("no form was shown")
	}
	shown = d.deliver(bot.Update{From: c.gp, Kind: bot.UpdateForm, Form: form.Token, Fields: map[string]string{"name": c.word("Nam"),
		"surname": c.word("Sur"), "birth_year": "1951", "postcode": "LU1 2AB", "need": "bereavement", "note": c.word("Not"), "agreed": "yes"}})
	code := func() string {
		for _, s := range shown {
			for _, o := range s.Message.Options {
				if code, ok := strings.CutPrefix(o.Link, "#join="); ok {
					return code
				}
			}
		}
		return ""
	}
	if found := code(); found != "" {
		return found
	}
	shown = d.press(c.gp, "New link") // referred before: what is there is shown, and a new code made when it is asked for
	if found := code(); found != "" {
		return found
	}
	d.t.Fatal("no code was shown")
	return ""
}

// main plays the whole path up to the evening before the visit: referred, accepted, joined, chosen, matched, agreed.
func (d *desk) main(c cast) {
	d.t.Helper()
	d.asked(c)
	d.press(c.buddy, "Yes, I can")
}

// asked plays the main path until the buddy is asked.
func (d *desk) asked(c cast) {
	d.t.Helper()
	code := d.refer(c)
	d.press(c.linkWorker, "Accept")
	d.say(c.patient, "/start "+code)
	d.say(c.patient, "1951")
	d.press(c.patient, "Yes")
	d.press(c.patient, "Yes")
	d.say(c.patient, c.word("Mat")+" gardening")
	d.say(c.patient, "1")
	d.press(c.patient, "Yes, I'd like to try")
	d.press(c.patient, "Tuesday 10")
	d.press(c.patient, "Yes please")
	d.press(c.patient, "Yes")
	d.press(c.linkWorker, "Match a buddy")
	d.press(c.linkWorker, c.word("Bud"))
}

func (d *desk) until(at time.Time) {
	d.t.Helper()
	if err := d.Advance(d.t.Context(), at); err != nil {
		d.t.Fatal(err)
	}
}

// state is everything that the records hold of what was done, without inbox and outbox.
func (d *desk) state() string {
	d.t.Helper()
	var b strings.Builder
	rows, err := d.db.Query("SELECT practice, actor, action, noun, id FROM audit WHERE noun <> 'chat' AND action <> 'read' ORDER BY seq")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var f [5]string
		if err := rows.Scan(&f[0], &f[1], &f[2], &f[3], &f[4]); err != nil {
			d.t.Fatal(err)
		}
		fmt.Fprintln(&b, f)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return b.String()
}

// quiet fails when what was shown tells anything to anybody but a plain line to whoever asked.
func (d *desk) quiet(what string, asked handrail.Address, shown []bottest.Seen) {
	d.t.Helper()
	for _, s := range shown {
		if s.To != asked {
			d.t.Errorf("%s: somebody else hears of it: %q", what, s.Message.Text.Plain())
		}
		if hit := canary.FindString(everything(s.Message)); hit != "" {
			d.t.Errorf("%s: discloses %s in %q", what, hit, s.Message.Text.Plain())
		}
	}
}

// TestHouse_C7_C8_ButtonsOfOthers lets everybody press every button that anybody else was shown, copied to the letter:
// nothing happens and nothing is told.
func TestHouse_C7_C8_ButtonsOfOthers(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	casts := []cast{d.enlist(practiceA), d.enlist(practiceB)}
	for _, c := range casts {
		d.main(c)
	}
	d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC)) // reminders and "how was it" too
	all := d.Channel.All()
	before, pressed := d.state(), 0
	for _, c := range casts {
		for _, from := range c.everybody() {
			for _, s := range all {
				if s.To == from {
					continue
				}
				for _, o := range s.Message.Options {
					own := strings.HasPrefix(o.Payload, "p~urgent~") || strings.HasPrefix(o.Payload, "p~stop~")
					if o.Payload == "" || own { // those two are about whoever presses, and work for everybody
						continue
					}
					d.quiet(o.Label, from, d.choice(from, o.Payload))
					pressed++
				}
				if f := s.Message.Form; f != nil {
					d.quiet("a form", from, d.deliver(bot.Update{From: from, Kind: bot.UpdateForm, Form: f.Token, Fields: map[string]string{"name": "X"}}))
				}
			}
		}
	}
	if pressed < 100 {
		t.Fatalf("only %d buttons were there to press", pressed)
	}
	if after := d.state(); after != before {
		t.Errorf("somebody else's button did something:\n%s", strings.TrimPrefix(after, before))
	}
}

// TestHouse_C7_C8_SignedForAnother goes further: the buttons are truly signed for whoever presses them, but are about
// somebody else's records, of their own practice or of another.
func TestHouse_C7_C8_SignedForAnother(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a, b := d.enlist(practiceA), d.enlist(practiceB)
	d.main(a)
	d.main(b)
	d.say(a.patient, "i want to kill myself") // so that there is an alert
	// A second patient, buddy and GP of practice A, who have nothing to do with the first.
	ctx := t.Context()
	second := cast{practice: practiceA, letter: "a"}
	second.patient = handrail.Address{Practice: practiceA, Channel: housetest.Channel, Chat: "second patient"}
	second.buddy = handrail.Address{Practice: practiceA, Channel: housetest.Channel, Chat: "second buddy"}
	if _, err := d.Rec.AddPatient(ctx, handrail.Patient{Practice: practiceA, Name: "Second", BirthYear: 1960, Address: second.patient}, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	now := d.Now()
	if _, err := d.Rec.AddBuddy(ctx, handrail.Buddy{Practice: practiceA, Name: "Second", Address: second.buddy, State: handrail.BuddyCleared,
		ClearedBy: "sta_x", ClearedAt: &now}, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Rec.AddBuddy(ctx, handrail.Buddy{ID: "bud_applied", Practice: practiceA, Name: a.word("Bud"), State: handrail.BuddyApplied}, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	id := func(table string) string {
		return d.ask("SELECT id FROM "+table+" WHERE practice = $1 LIMIT 1", string(practiceA))
	}
	referral, visit, company, alert := id("referrals"), id("attendances"), id("accompaniments"), id("alerts")
	subjects := map[string][]string{
		"accept": {referral, "yes"}, "contacted": {referral, "yes"}, "match": {company, "ask"}, "clear": {"bud_applied", "clear", "refuse"},
		"alert": {alert, "ack", "resume"}, "going": {visit, "yes", "no", "unsure", "where"}, "how": {visit, "good", "ok", "not_for_me", "missed"},
		"nudge": {visit, "again", "rest", "enough"}, "agree": {company, "yes", "no"},
	}
	// Who may truly use each of them; everybody else is an attacker.
	rightful := map[string][]handrail.Address{
		"accept": {a.linkWorker}, "contacted": {a.linkWorker}, "match": {a.linkWorker}, "clear": {a.linkWorker}, "alert": {a.linkWorker, a.gp},
		"going": {a.patient}, "how": {a.patient}, "nudge": {a.patient}, "agree": {a.buddy},
	}
	attackers := append(append(a.everybody(), b.everybody()...), second.patient, second.buddy)
	signer, err := bot.NewSigner(housetest.Key())
	if err != nil {
		t.Fatal(err)
	}
	for dialog, s := range subjects {
		for _, from := range attackers {
			if slices.Contains(rightful[dialog], from) {
				continue
			}
			for _, answer := range s[1:] {
				before := d.state()
				payload, err := signer.Payload(bot.Press{Dialog: dialog, Subject: s[0], Answer: answer}, from, d.Now())
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%s/%s by %s of %s", dialog, answer, from.Chat, from.Practice)
				d.quiet(what, from, d.choice(from, payload))
				d.say(from, "yes") // should a question have been asked, it must lead nowhere
				if after := d.state(); after != before {
					t.Errorf("%s did something: %s", what, strings.TrimPrefix(after, before))
				}
			}
		}
	}
	// Tampered with: the rightful person, another answer, the old signature.
	before := d.state()
	for _, s := range d.Channel.Shown(a.buddy) {
		for _, o := range s.Message.Options {
			d.quiet("a forged button", a.buddy, d.choice(a.buddy, strings.Replace(o.Payload, "~yes~", "~no~", 1)+"A"))
		}
	}
	if after := d.state(); after != before {
		t.Errorf("a forged button did something: %s", strings.TrimPrefix(after, before))
	}
}

// TestHouse_C8_C9_CodesOfOthers types codes where they do not belong.
func TestHouse_C8_C9_CodesOfOthers(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a, b := d.enlist(practiceA), d.enlist(practiceB)
	code := d.refer(a)
	before := d.state()
	for _, from := range []handrail.Address{b.patient, b.stranger, b.buddy, b.gp} {
		d.quiet("the other practice's code", from, d.say(from, "/start "+code))
		d.quiet("the year after it", from, d.say(from, "1951"))
		d.say(from, "cancel")
	}
	if after := d.state(); after != before {
		t.Fatalf("a code of another practice did something: %s", strings.TrimPrefix(after, before))
	}
	// Found on a table in the right practice: five guesses at the year, and nothing is told (C9).
	d.quiet("a found code", a.stranger, d.say(a.stranger, "/start "+code))
	for _, year := range []string{"1950", "1949", "1948", "1947", "1946"} {
		d.quiet("a guess", a.stranger, d.say(a.stranger, year))
	}
	d.quiet("after the lock", a.patient, d.say(a.patient, "/start "+code))
	if shown := d.say(a.patient, "1951"); strings.Contains(text1(shown), a.word("Nam")) {
		t.Errorf("a locked code was used: %s", text1(shown))
	}
	// A new one works, once.
	code = d.refer(a)
	d.say(a.patient, "/start "+code)
	if shown := d.say(a.patient, "1951"); !strings.Contains(text1(shown), "Thank you, "+a.word("Nam")) {
		t.Errorf("the new code does not work: %s", text1(shown))
	}
	d.quiet("a used code", a.stranger, d.say(a.stranger, "/start "+code))
	d.quiet("and the year", a.stranger, d.say(a.stranger, "1951"))
}

func text1(shown []bottest.Seen) string {
	var b strings.Builder
	for _, s := range shown {
		b.WriteString(s.Message.Text.Plain() + "\n")
	}
	return b.String()
}

// TestHouse_C7_SomebodyWhoHasLeft: a member of staff who has left is a stranger, with every button they ever had.
func TestHouse_C7_SomebodyWhoHasLeft(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.main(a)
	d.say(a.patient, "i want to kill myself")
	for _, id := range []string{"gp", "lw"} {
		s, err := d.Rec.Staff(t.Context(), practiceA, handrail.StaffID("sta_a"+id))
		if err != nil {
			t.Fatal(err)
		}
		s.Active = false
		if err := d.Rec.SaveStaff(t.Context(), s, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
	}
	before := d.state()
	for _, from := range []handrail.Address{a.gp, a.linkWorker} {
		for _, words := range []string{"my patients", "today", "refer", "declined", "what's on near LU1 2AB", "help", a.word("Nam")} {
			d.quiet(words, from, d.say(from, words))
			d.say(from, "cancel")
		}
		for _, s := range d.Channel.Shown(from) {
			for _, o := range s.Message.Options {
				if o.Payload != "" && !strings.HasPrefix(o.Payload, "p~urgent~") {
					d.quiet(o.Label, from, d.choice(from, o.Payload))
				}
			}
		}
	}
	if after := d.state(); after != before {
		t.Errorf("somebody who has left did something: %s", strings.TrimPrefix(after, before))
	}
	shown := len(d.Channel.Shown(a.linkWorker)) + len(d.Channel.Shown(a.gp))
	d.until(d.Now().AddDate(0, 0, 7))
	if n := len(d.Channel.Shown(a.linkWorker)) + len(d.Channel.Shown(a.gp)); n > shown {
		t.Errorf("somebody who has left was written to %d times", n-shown)
	}
}

// TestHouse_B13_EveryButtonTwice: a month in which every button is pressed twice ends as one in which it is pressed once.
func TestHouse_B13_EveryButtonTwice(t *testing.T) {
	ends := map[bool][]string{}
	for _, twice := range []bool{false, true} {
		d := newDesk(t, housetest.Options{})
		d.twice = twice
		a := d.enlist(practiceA)
		d.main(a)
		d.until(time.Date(2026, 11, 9, 10, 30, 0, 0, time.UTC))
		d.press(a.patient, "Yes, I'm going")
		d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC))
		d.press(a.patient, "Good")
		d.press(a.patient, "No, that's all")
		d.until(time.Date(2026, 11, 16, 10, 30, 0, 0, time.UTC))
		d.press(a.patient, "I can't make it")
		d.say(a.patient, "i want to kill myself")
		d.press(a.linkWorker, "I'm dealing with this")
		d.press(a.linkWorker, "Messages may go on")
		d.until(time.Date(2026, 11, 20, 10, 30, 0, 0, time.UTC))
		summary, err := house.Summary(t.Context(), d.Rec, practiceA)
		if err != nil {
			t.Fatal(err)
		}
		ends[twice] = append(summary, "audit: "+d.ask("SELECT group_concat(noun || ' ' || action, '; ') FROM (SELECT * FROM audit WHERE noun <> 'chat' ORDER BY seq)"))
	}
	if !slices.Equal(ends[false], ends[true]) {
		t.Errorf("pressed twice it ends otherwise:\n%s\nonce:\n%s", strings.Join(ends[true], "\n"), strings.Join(ends[false], "\n"))
	}
}
