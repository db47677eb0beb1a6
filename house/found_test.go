package house_test

import (
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house/housetest"
)

// What the simulated months found, each told as a short story that failed before it was mended.

func (d *desk) heard(who handrail.Address, words string) int {
	n := 0
	for _, s := range d.Channel.Shown(who) {
		if strings.Contains(s.Message.Text.Plain(), words) {
			n++
		}
	}
	return n
}

// One patient who blocks the bot must not keep the reminders of all the others from being sent.
func TestHouse_F8_OneChatGoneOthersReminded(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a, b := d.enlist(practiceA), d.enlist(practiceB)
	d.main(a)
	d.main(b)
	d.Channel.Fail(bottest.Fault{Outcome: bot.OutcomeGone})
	d.say(a.patient, "what's next")
	d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC))
	for _, words := range []string{"you have something on tomorrow", "just to say: today", "how was it today"} {
		if d.heard(b.patient, words) != 1 {
			t.Errorf("%q was shown %d times to somebody else", words, d.heard(b.patient, words))
		}
		if d.heard(a.patient, words) != 0 {
			t.Errorf("%q was shown to somebody who is gone", words)
		}
	}
}

// A buddy can say yes to somebody whose chat was closed meanwhile: the news to the patient is left out, and no more.
func TestHouse_F8_BuddyAgreesForOneWhoIsGone(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.asked(a)
	d.Channel.Fail(bottest.Fault{Outcome: bot.OutcomeGone})
	d.say(a.patient, "what's next")
	if got := text1(d.press(a.buddy, "Yes, I can")); !strings.Contains(got, "Thank you") || !strings.Contains(got, "agreed to go with") {
		t.Errorf("the buddy and the link worker hear %q", got)
	}
}

// A buddy who says yes after the patient took the permission back is told that it is settled, and no name (G1).
func TestHouse_G1_BuddyAgreesWithoutPermission(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.asked(a)
	id := handrail.PatientID(d.ask("SELECT id FROM patients"))
	if err := d.Rec.WithdrawPermission(t.Context(), practiceA, id, handrail.PurposeBuddy, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	if got := text1(d.press(a.buddy, "Yes, I can")); !strings.Contains(got, "settled") || strings.Contains(got, a.word("Nam")) {
		t.Errorf("the buddy hears %q", got)
	}
}

// A buddy who cannot come after all, in the minutes between the writing of a reminder and its sending, is not promised.
func TestHouse_T5_ReminderDoesNotPromiseWhoCancelled(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.asked(a)
	no := d.Channel.Shown(a.buddy)[len(d.Channel.Shown(a.buddy))-1].Message.Options[1].Payload
	d.press(a.buddy, "Yes, I can")
	d.until(time.Date(2026, 11, 9, 9, 50, 0, 0, time.UTC))
	d.choice(a.buddy, no)
	d.until(time.Date(2026, 11, 9, 10, 30, 0, 0, time.UTC))
	if d.heard(a.patient, "can't come after all") != 1 {
		t.Fatal("the patient was not told")
	}
	for _, s := range d.Channel.Shown(a.patient) {
		if said := s.Message.Text.Plain(); strings.Contains(said, "tomorrow") && strings.Contains(said, a.word("Bud")) {
			t.Errorf("promised all the same: %q", said)
		}
	}
	if d.heard(a.patient, "you have something on tomorrow") != 1 {
		t.Errorf("reminded %d times", d.heard(a.patient, "you have something on tomorrow"))
	}
}

// A volunteer who left and changes their mind is told how to come back: "start again" is no code of an invitation.
func TestHouse_B16_StartAgainOfAVolunteer(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.say(a.buddy, "stop")
	if got := text1(d.say(a.buddy, "start again")); !strings.Contains(got, "I could come along") {
		t.Errorf("the volunteer hears %q", got)
	}
	if got := text1(d.say(a.buddy, "I could come along")); !strings.Contains(got, "What is your first name?") {
		t.Errorf("the volunteer hears %q", got)
	}
}

// A question that an alert held, and that is let go late in the evening, waits for the morning.
func TestHouse_T7_K8_HeldQuestionWaitsForMorning(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.main(a)
	d.until(time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC))
	d.say(a.patient, "i want to kill myself")
	d.until(time.Date(2026, 11, 10, 22, 0, 0, 0, time.UTC))
	d.press(a.linkWorker, "I'm dealing with this")
	d.press(a.linkWorker, "Messages may go on")
	d.until(time.Date(2026, 11, 11, 8, 59, 0, 0, time.UTC))
	if n := d.heard(a.patient, "how was it"); n != 0 {
		t.Fatalf("asked %d times in the quiet hours", n)
	}
	d.until(time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC))
	if n := d.heard(a.patient, "how was it"); n != 1 {
		t.Errorf("asked %d times in the morning", n)
	}
}

// A coordinator who says no to a volunteer hears that it was noted, whatever crashes on the way.
func TestHouse_F1_NotTakenOnThroughACrash(t *testing.T) {
	d := newDesk(t, housetest.Options{}) // every turn is played twice, as after a crash
	a := d.enlist(practiceA)
	for _, words := range []string{"I could come along", "Sol", "LU4"} {
		d.say(a.stranger, words)
	}
	d.press(a.stranger, "Skip this")
	d.press(a.stranger, "Yes")
	if got := text1(d.press(a.linkWorker, "Not taken on")); !strings.Contains(got, "Sol will not be asked") {
		t.Errorf("the coordinator hears %q", got)
	}
	d.Clock.Advance(time.Minute) // within seconds it would be a double tap
	if got := text1(d.press(a.linkWorker, "Not taken on")); !strings.Contains(got, "settled") {
		t.Errorf("the second time the coordinator hears %q", got)
	}
}

// missed plays the main path up to the question after a missed first visit.
func (d *desk) missed(c cast) {
	d.t.Helper()
	d.main(c)
	d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC))
	d.press(c.patient, "I didn't go")
	d.until(time.Date(2026, 11, 11, 11, 30, 0, 0, time.UTC))
}

// A visit that was called off is not promised as the next one.
func TestHouse_T5_NextIsNotOneThatWasCalledOff(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.missed(a)
	if got := text1(d.press(a.patient, "I'll go next time")); !strings.Contains(got, "Tuesday 17 November") {
		t.Fatalf("the patient hears %q", got)
	}
	d.say(a.patient, "what's next")
	if got := text1(d.press(a.patient, "I can't make it")); !strings.Contains(got, "Tuesday 24 November") {
		t.Fatalf("the patient hears %q", got)
	}
	got := text1(d.press(a.patient, "I'll go next time")) // the old button once more
	if strings.Contains(got, "17 November") || !strings.Contains(got, "24 November") {
		t.Errorf("the patient hears %q", got)
	}
}

// Whoever had enough of something is reminded of it no more, though a next visit was planned before.
func TestHouse_G2_EnoughIsEnough(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.missed(a)
	d.press(a.patient, "I'll go next time")
	d.press(a.patient, "No more of this one")
	before := d.heard(a.patient, "you have something on") + d.heard(a.patient, "just to say")
	d.until(time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC))
	if n := d.heard(a.patient, "you have something on") + d.heard(a.patient, "just to say"); n != before {
		t.Errorf("reminded %d times of what they gave up", n-before)
	}
}

// Nobody is looked for any more once a visit is over: the digest is silent about it, and its old button says so.
func TestHouse_V8_NoCompanyForWhatIsOver(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	code := d.refer(a)
	d.press(a.linkWorker, "Accept")
	for _, words := range []string{"/start " + code, "1951", "yes", "yes", "gardening", "1", "1"} {
		d.say(a.patient, words)
	}
	d.press(a.patient, "Tuesday 10")
	d.press(a.patient, "Yes please")
	d.press(a.patient, "Yes")
	d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC)) // and they never say how it was
	if got := text1(d.press(a.linkWorker, "Match a buddy")); !strings.Contains(got, "settled") {
		t.Errorf("the link worker hears %q", got)
	}
	if got := text1(d.say(a.linkWorker, "today")); strings.Contains(got, "waiting for a buddy") {
		t.Errorf("the link worker hears %q", got)
	}
}

// A second cry for help, days after the first and before anybody has settled it, is passed on again: the card says so.
func TestHouse_K7_ASecondCryIsPassedOnAgain(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.main(a)
	d.say(a.patient, "i want to kill myself")
	d.say(a.patient, "i want to kill myself") // at once: the short card, and nobody is told twice
	if n := d.heard(a.linkWorker, "Urgent:"); n != 1 {
		t.Fatalf("the link worker was told %d times", n)
	}
	d.press(a.linkWorker, "I'm dealing with this")
	d.until(d.Now().AddDate(0, 0, 3))
	d.say(a.patient, "i want to kill myself")
	if n := d.heard(a.linkWorker, "Urgent:"); n != 2 {
		t.Errorf("the link worker was told %d times", n)
	}
}
