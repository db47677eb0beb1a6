package house_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house"
	"handrail/house/housetest"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"
	"handrail/store/records"
)

// redisWorld is a whole house with its conversations in a real Redis.
type redisWorld struct {
	*housetest.World
	t      *testing.T
	server *redistest.Server
	n      int
}

func newRedisWorld(t *testing.T) *redisWorld {
	t.Helper()
	server := redistest.Start(t)
	w := &redisWorld{t: t, server: server}
	w.World = housetest.New(t, housetest.Options{States: func(*records.Records) bot.States {
		store, err := conversations.Open(t.Context(), server.URL())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}})
	if err := w.Start(t.Context(), time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	return w
}

// say delivers what a role typed and returns what everybody was shown by then. A state store that is away makes Settle
// fail and keeps the update for later; that is not the test's failure.
func (w *redisWorld) say(role, words string) string {
	w.t.Helper()
	w.n++
	u := bot.Update{ID: "u" + strings.Repeat("i", w.n), At: w.Now(), Kind: bot.UpdateText, Text: words}
	if err := w.Deliver(context.Background(), role, u); err != nil {
		w.t.Fatalf("deliver: %v", err)
	}
	return w.settle()
}

func (w *redisWorld) settle() string {
	for range 4 {
		if err := w.Settle(context.Background()); err == nil {
			break
		}
		w.Clock.Advance(2 * time.Second) // the next try of what was put off
	}
	return text(w.Sent())
}

func text(sent []bottest.Sent) string {
	var b strings.Builder
	for _, s := range sent {
		b.WriteString(s.Role + ": " + s.Message.Text.Plain() + "\n")
	}
	return b.String()
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%q was not said in:\n%s", want, got)
	}
}

// Emptied in the middle of a dialog: one plain sentence, nothing read as an answer, and it works again.
func TestHouse_F3_RedisEmptied(t *testing.T) {
	w := newRedisWorld(t)
	wantText(t, w.say("NEWCOMER", "I could come along"), "What is your first name?")
	w.server.Flush()
	got := w.say("NEWCOMER", "Sol")
	wantText(t, got, "I lost my place")
	if strings.Contains(got, "postcode") {
		t.Errorf("the words were read as an answer:\n%s", got)
	}
	wantText(t, w.say("NEWCOMER", "I could come along"), "What is your first name?")
	wantText(t, w.say("NEWCOMER", "Sol"), "Where are you based?")
}

// Rolled back by a turn: the old question must not take the new answer.
func TestHouse_F3_RedisRolledBack(t *testing.T) {
	w := newRedisWorld(t)
	w.say("NEWCOMER", "I could come along")
	w.server.Snapshot()
	wantText(t, w.say("NEWCOMER", "Sol"), "Where are you based?")
	w.server.Rollback()
	got := w.say("NEWCOMER", "LU4")
	wantText(t, got, "I lost my place")
	if strings.Contains(got, "How will somebody know you") || strings.Contains(got, "Where are you based") {
		t.Errorf("an answer was read against an older question:\n%s", got)
	}
}

// Away: danger is answered at once, other updates wait, and go on in order when it returns. Nothing is lost.
func TestHouse_F3_K4_RedisAway(t *testing.T) {
	w := newRedisWorld(t)
	wantText(t, w.say("NEWCOMER", "I could come along"), "What is your first name?")
	w.server.Stop()
	if got := w.say("NEWCOMER", "Sol"); got != "" {
		t.Errorf("something was said without a state:\n%s", got)
	}
	got := w.say("NEWCOMER", "I want to kill myself")
	wantText(t, got, "NEWCOMER: Thank you for telling me.")
	wantText(t, got, "LINKWORKER: Urgent")
	wantText(t, w.say("PATIENT", "help"), "PATIENT: Hello. I am a computer helper")
	w.server.Restart()
	w.Clock.Advance(time.Minute)
	// The answer that waited is read now. Redis came back from its append-only file, so the place was kept.
	wantText(t, w.settle(), "Where are you based?")
}

// A stop while Redis is away closes the dialog, even though the state still says it is open.
func TestHouse_B16_StopWhileRedisIsAway(t *testing.T) {
	w := newRedisWorld(t)
	ctx := context.Background()
	p, err := w.Rec.AddPatient(ctx, handrail.Patient{Practice: house.CastPractice, Name: "Ann", BirthYear: 1950, Postcode: "LU1 2AB",
		Address: house.CastAddress(housetest.Channel, house.ChatPatient)}, handrail.ActorSystem)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, w.say("PATIENT", "choose"), "Does one of these sound good?")
	w.server.Stop()
	wantText(t, w.say("PATIENT", "stop"), "OK, I've stopped.")
	w.server.Restart()
	got := w.say("PATIENT", "1")
	if strings.Contains(got, "Would you like to try it?") {
		t.Errorf("the closed dialog took an answer:\n%s", got)
	}
	now, err := w.Rec.Patient(ctx, p.Practice, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if now.Stopped == nil {
		t.Error("the stop was not kept")
	}
}

// A card for somebody in danger goes out even when the records cannot take the message, and claims nothing; when they
// can again, the redelivered message raises the alert.
func TestHouse_K4_K7_RecordsAway(t *testing.T) {
	w := housetest.New(t)
	ctx := context.Background()
	if err := w.Start(ctx, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	u := bot.Update{ID: "danger", At: w.Now(), Kind: bot.UpdateText, Text: "i want to kill myself"}
	gone, cancel := context.WithCancel(ctx)
	cancel() // every statement fails
	if err := w.Deliver(gone, "PATIENT", u); err == nil {
		t.Fatal("an update that was not committed was acknowledged")
	}
	got := text(w.Sent())
	wantText(t, got, "999")
	if strings.Contains(got, "passing this to your practice") {
		t.Errorf("the card claims that somebody was told:\n%s", got)
	}
	if err := w.Deliver(ctx, "PATIENT", u); err != nil {
		t.Fatal(err)
	}
	if err := w.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	wantText(t, text(w.Sent()), "LINKWORKER: Urgent")
	alerts, err := w.Rec.OpenAlerts(ctx, house.CastPractice)
	if err != nil || len(alerts) != 1 {
		t.Errorf("alerts: %d, %v", len(alerts), err)
	}
}
