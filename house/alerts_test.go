package house_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house"
	"handrail/house/housetest"
)

const (
	cardLine = "please talk to a person now"
	toldLine = "I'm passing this to your practice team"
	danger   = "I want to kill myself"
)

// The matrix: in every state of every conversation, carried by whatever can carry words, with the state store or the records
// away and sends that end in doubt, danger is answered with the card at once. Where the records are there an alert is made;
// and "I'm passing this on" is said only then, and only to a patient of the practice (K4, K7).
func TestHouse_K4_K7_Matrix(t *testing.T) {
	if testing.Short() {
		t.Skip("two hundred people in one goroutine; left out of -short")
	}
	fault := bottest.Fault{Outcome: bot.OutcomeUnknown, Accepted: true}
	for _, net := range []struct {
		name   string
		limits bot.Limits
	}{{"buttons", bottest.Roomy()}, {"words alone", bottest.Bare()}} {
		t.Run(net.name, func(t *testing.T) {
			w := newWard(t, housetest.Options{Limits: net.limits})
			states := map[string][]string{
				"nothing open": nil, "help": {"help"}, "choosing": {"choose"}, "a group": {"choose", "1"}, "which day": {"choose", "1", "1"}, "what next": {"what's next"},
				"stopped": {"stop"}, "paused": {"pause"}, "deleting": {"delete my data"}, "searching": {"what's on near LU1 2AB"}, "matters": {"what matters"}, "held": {danger}, "misread": {danger, "only joking"},
				"lost": {"back", "change", "cancel"},
			}
			strangers := map[string][]string{
				"nobody": nil, "volunteer's name": {"I could come along"}, "volunteer's place": {"I could come along", "Sol"}, "a code": {"/start nosuchcode"}, "start again": {"start again"},
			}
			carriers := map[string]func(words string) bot.Update{
				"text":    func(s string) bot.Update { return bot.Update{Kind: bot.UpdateText, Text: s} },
				"caption": func(s string) bot.Update { return bot.Update{Kind: bot.UpdateUnread, Text: s} },
				"edit":    func(s string) bot.Update { return bot.Update{Kind: bot.UpdateEdited, Text: s} },
				"field": func(s string) bot.Update {
					return bot.Update{Kind: bot.UpdateForm, Form: "f", Fields: map[string]string{"note": s}}
				},
				"long": func(s string) bot.Update {
					return bot.Update{Kind: bot.UpdateText, Text: strings.Repeat("We had tea. ", 900) + s}
				},
				"hidden": func(s string) bot.Update {
					return bot.Update{Kind: bot.UpdateText, Text: strings.ReplaceAll(s, "k", "k\u200b")}
				},
				"relayed": func(s string) bot.Update {
					return bot.Update{Kind: bot.UpdateText, Text: "He asked me to pass this on: \"" + s + "\""}
				},
			}
			faults := []string{"", "states", "records", "sender"}
			n := 0
			covered := map[string]bool{}
			rapid.Check(t, func(rt *rapid.T) {
				known := rapid.Bool().Draw(rt, "known")
				path := states
				if !known {
					path = strangers
				}
				state := rapid.SampledFrom(keys(path)).Draw(rt, "state")
				carrier := rapid.SampledFrom(keys(carriers)).Draw(rt, "carrier")
				broken := rapid.SampledFrom(faults).Draw(rt, "fault")
				covered[state+"/"+carrier], covered[state+"/"+broken], covered[carrier+"/"+broken] = true, true, true
				n++
				role := fmt.Sprintf("P%d", n)
				if known {
					w.patient(role)
				}
				for _, words := range path[state] {
					w.say(role, words)
				}
				was := len(w.openAlerts())
				held := state == "held" || state == "misread"
				if held {
					w.ok(w.Advance(t.Context(), w.Now().Add(31*time.Minute))) // so that the card is due in full
					w.Sent()
				}
				at := w.Now()
				switch broken {
				case "states":
					w.away = true
				case "records":
					w.exec("ALTER TABLE inbox RENAME TO inbox_away")
				case "sender":
					w.Channel.Fail(fault)
				}
				mails := w.mail.count()
				got := to(role, w.deliver(role, carriers[carrier](danger)))
				switch broken {
				case "states":
					w.away = false
				case "records":
					w.exec("ALTER TABLE inbox_away RENAME TO inbox")
				}
				if broken == "sender" && got == "" {
					// Accepted, and the answer lost: they have it, though the sender does not know.
					for _, s := range w.Channel.Shown(house.CastAddress(housetest.Channel, role)) {
						got += role + ": " + s.Message.Text.Plain() + "\n"
					}
				}
				if !strings.Contains(got, cardLine) {
					rt.Fatalf("known %v, %s, by %s, fault %q: no card in\n%s", known, state, carrier, broken, got)
				}
				if w.Now().Sub(at) > 2*time.Second {
					rt.Fatalf("the card took %v", w.Now().Sub(at))
				}
				made := len(w.openAlerts()) - was
				told := strings.Contains(got, toldLine)
				switch {
				case broken == "records" && (made != 0 || told || w.mail.count() != mails+1):
					rt.Fatalf("records away: %d alerts, told %v, %d e-mails", made, told, w.mail.count()-mails)
				case broken != "records" && !held && made != 1:
					rt.Fatalf("known %v, %s, by %s, fault %q: %d alerts are made", known, state, carrier, broken, made)
				case told && !known:
					rt.Fatalf("%s: a stranger reads that their practice team is told", state)
				case !told && known && broken != "records" && broken != "sender":
					rt.Fatalf("%s by %s: a patient does not read that it is passed on", state, carrier)
				}
				// The retry of what ended in doubt, and everything else, before the next.
				w.ok(w.Advance(t.Context(), w.Now().Add(2*time.Minute)))
				w.Sent()
			})
			t.Logf("%d runs, %d pairs of state, carrier and fault", n, len(covered))
		})
	}
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	// rapid needs the same order every time
	for i := range out {
		for j := i; j > 0 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// Whatever table breaks while the alert is made: the card goes out and claims nothing, the second route is told once, the
// message is not lost, and when the records are whole again the alert is raised and then, and only then, the card says so (K7,
// F6).
func TestHouse_K7_F6_CannotCommit(t *testing.T) {
	for _, table := range []string{"inbox", "alerts", "outbox", "patients", "audit", "effects"} {
		t.Run(table, func(t *testing.T) {
			w := newWard(t, housetest.Options{})
			w.patient("PATIENT")
			w.exec("ALTER TABLE " + table + " RENAME TO away")
			u := bot.Update{ID: "one", At: w.Now(), Kind: bot.UpdateText, Text: danger}
			refused := w.Deliver(t.Context(), "PATIENT", u) != nil
			if refused != (table == "inbox" || table == "audit" && refused) {
				t.Errorf("refused: %v", refused)
			}
			for range 3 { // the network, or the engine itself, tries again
				_ = w.Settle(t.Context())
				if refused {
					_ = w.Deliver(t.Context(), "PATIENT", u)
				}
				w.Clock.Advance(2 * time.Second)
			}
			got := text(w.Sent())
			if n := strings.Count(got, cardLine); n != 1 {
				t.Errorf("%d cards:\n%s", n, got)
			}
			if strings.Contains(got, toldLine) || strings.Contains(got, "LINKWORKER") {
				t.Errorf("something is claimed, or half done:\n%s", got)
			}
			if w.mail.count() != 1 {
				t.Errorf("%d e-mails past the stores", w.mail.count())
			}
			w.exec("ALTER TABLE away RENAME TO " + table)
			if refused {
				w.ok(w.Deliver(t.Context(), "PATIENT", u))
			}
			w.Clock.Advance(5 * time.Second)
			w.ok(w.Settle(t.Context()))
			got = text(w.Sent())
			if !strings.Contains(to("PATIENT", got), toldLine) || !strings.Contains(to("LINKWORKER", got), "Urgent: F.R.") || len(w.openAlerts()) != 1 {
				t.Errorf("afterwards:\n%s", got)
			}
		})
	}
}

// While an alert is open nothing goes to that patient by itself: no reminder, no nudge, no question, over ten days. The alert
// asks about the planned visit. Only a person lets messages go on, and then they do (K8). Buddies hear nothing of it (K18).
func TestHouse_K8_K18_Held(t *testing.T) {
	w := newWard(t, housetest.Options{})
	p, ref := w.patient("PATIENT")
	w.visit(p, ref, time.Date(2026, 11, 4, 10, 30, 0, 0, time.UTC))
	w.visit(p, ref, time.Date(2026, 11, 17, 10, 30, 0, 0, time.UTC))
	got := w.say("PATIENT", danger)
	if !strings.Contains(to("LINKWORKER", got), "They have a visit planned on Wednesday 4 November at 10.30am. Please decide whether it goes ahead.") {
		t.Errorf("the alert does not ask about the visit:\n%s", got)
	}
	all := got
	w.ok(w.Advance(t.Context(), time.Date(2026, 11, 12, 9, 0, 0, 0, time.UTC)))
	later := text(w.Sent())
	all += later
	if mine := to("PATIENT", later); mine != "" {
		t.Errorf("while held the patient is sent:\n%s", mine)
	}
	if n := strings.Count(to("LINKWORKER", later), "Still waiting"); n < 20 {
		t.Errorf("over ten days the link worker is called again %d times", n)
	}
	w.press("LINKWORKER", "I'm dealing with this")
	w.ok(w.Advance(t.Context(), time.Date(2026, 11, 13, 9, 0, 0, 0, time.UTC)))
	if mine := to("PATIENT", text(w.Sent())); mine != "" {
		t.Errorf("taken on, not settled, and the patient is sent:\n%s", mine)
	}
	if got := w.press("LINKWORKER", "Messages may go on"); !strings.Contains(got, "Was it right to call you?") {
		t.Errorf("nobody asks whether it was right:\n%s", got)
	}
	w.press("LINKWORKER", "No, a false alarm")
	w.ok(w.Advance(t.Context(), time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC)))
	all2 := text(w.Sent())
	if mine := to("PATIENT", all2); !strings.Contains(mine, "tomorrow") {
		t.Errorf("after a person let messages go on, no reminder:\n%s", mine)
	}
	c, err := w.Rec.CountAlerts(t.Context(), house.CastPractice, time.Time{})
	if err != nil || c.Wrong != 1 || c.Right != 0 || c.Settled != 1 || c.Open != 0 {
		t.Errorf("the mark: %+v, %v", c, err)
	}
	if mine := to("LINKWORKER", all2); !strings.Contains(mine, "0 right, 1 false alarms, 0 missed") {
		t.Errorf("Monday's list does not say how alerts were marked (K17):\n%s", mine)
	}
	buddy := to("BUDDY", all+all2)
	for _, bad := range []string{"rgent", "danger", "alert", "help now", "kill", "hold", "F.R."} {
		if strings.Contains(buddy, bad) {
			t.Errorf("the buddy reads %q in:\n%s", bad, buddy)
		}
	}
}

// The link worker decides about the visit from the alert: it stands, or it is called off and the buddy hears "not this time".
func TestHouse_K8_VisitByAPerson(t *testing.T) {
	w := newWard(t, housetest.Options{})
	p, ref := w.patient("PATIENT")
	a := w.visit(p, ref, time.Date(2026, 11, 4, 10, 30, 0, 0, time.UTC))
	w.say("PATIENT", danger)
	w.press("LINKWORKER", "I'm dealing with this")
	w.press("LINKWORKER", "The planned visit")
	if got := w.press("LINKWORKER", "It goes ahead"); !strings.Contains(got, "It stands") {
		t.Errorf("%s", got)
	}
	w.press("LINKWORKER", "The planned visit")
	got := w.press("LINKWORKER", "Call it off")
	v, err := w.Rec.Visit(t.Context(), house.CastPractice, a.ID)
	if err != nil || v.Attendance.State != handrail.AttendanceCancelled {
		t.Errorf("the visit is %s, %v", v.Attendance.State, err)
	}
	if !strings.Contains(to("BUDDY", got), "Not this time") || to("PATIENT", got) != "" {
		t.Errorf("told:\n%s", got)
	}
}

// "You misunderstood" and "only joking": no card is repeated for it, staff are told that it was said, and the alert stays
// until a person settles it. Danger in the same breath is danger (K9).
func TestHouse_K9_Misread(t *testing.T) {
	w := newWard(t, housetest.Options{})
	w.patient("PATIENT")
	if got := w.say("PATIENT", "only joking"); strings.Contains(got, "LINKWORKER") {
		t.Errorf("with no alert open:\n%s", got)
	}
	w.say("PATIENT", danger)
	for i, words := range []string{"only joking", "You misunderstood.", "it was a figure of speech"} {
		got := w.say("PATIENT", words)
		if mine := to("PATIENT", got); !strings.Contains(mine, "That's fine") || strings.Contains(mine, "999") {
			t.Errorf("%q is answered:\n%s", words, mine)
		}
		if told := strings.Contains(to("LINKWORKER", got), "was not meant that way"); told != (i == 0) {
			t.Errorf("%q: the link worker is told %v", words, told)
		}
		if open := w.openAlerts(); len(open) != 1 || open[0].State != handrail.AlertRaised || open[0].Messages != 1 {
			t.Errorf("%q: the alert is %+v", words, open)
		}
	}
	if got := w.say("PATIENT", "only joking, no, "+danger); !strings.Contains(to("PATIENT", got), "999") || w.openAlerts()[0].Messages != 2 {
		t.Errorf("danger in the same breath:\n%s", got)
	}
}

// The same person, many messages: the card in full once in half an hour, the short form between, each message counted; a card
// of another kind says something else and is said in full (K10, K13).
func TestHouse_K10_K13_Repetition(t *testing.T) {
	w := newWard(t, housetest.Options{})
	for _, role := range []string{"PATIENT", "STRANGER"} {
		if role == "PATIENT" {
			w.patient(role)
		}
		full, short := 0, 0
		for range 61 {
			got := to(role, w.say(role, danger))
			full += strings.Count(got, cardLine)
			short += strings.Count(got, "I've read this too")
			w.ok(w.Advance(t.Context(), w.Now().Add(time.Minute)))
			w.Sent()
		}
		if full != 3 || short != 58 {
			t.Errorf("%s: over an hour %d cards in full and %d short", role, full, short)
		}
		got := to(role, w.say(role, "I've taken all my tablets and I can't breathe"))
		if !strings.HasPrefix(got, role+": Call 999 now") {
			t.Errorf("%s, a medical emergency right after:\n%s", role, got)
		}
	}
	open := w.openAlerts()
	if len(open) != 2 || open[0].Messages != 62 || open[1].Messages != 62 {
		t.Errorf("alerts: %+v", open)
	}
	// Two strangers are two alerts.
	w.say("OTHER", danger)
	if n := len(w.openAlerts()); n != 3 {
		t.Errorf("%d alerts after another stranger", n)
	}
}

// Urgent help without detection: by its words, by the command of the menu, by help and then one tap, and by an old button, in
// every state (K15).
func TestHouse_K15_OneTap(t *testing.T) {
	w := newWard(t, housetest.Options{})
	for i, path := range [][]string{nil, {"choose"}, {"choose", "1"}, {"stop"}, {"pause"}, {"delete my data"}, {"what's next"}, {danger}} {
		for j, ask := range []string{"urgent help", "/urgent", "Urgent help!", "help"} {
			role := fmt.Sprintf("Q%d%d", i, j)
			w.patient(role)
			for _, words := range path {
				w.say(role, words)
			}
			w.ok(w.Advance(t.Context(), w.Now().Add(31*time.Minute)))
			w.Sent()
			got := w.say(role, ask)
			if ask == "help" {
				got = w.press(role, "Urgent help")
			}
			if !strings.Contains(to(role, got), cardLine) {
				t.Errorf("%q in %v:\n%s", ask, path, got)
			}
		}
	}
}

// A language that nobody here reads: the card, and the plain word that it was not read; a name or a place is not a language
// (K14).
func TestHouse_K14_CannotRead(t *testing.T) {
	w := newWard(t, housetest.Options{})
	for i, c := range []struct {
		words string
		card  bool
	}{
		{"مجھے آپ کی مدد چاہیے", true}, {"proszę o pomoc bo jest mi dzisiaj trudno", true}, {"Abdul Rahman Khan", false}, {"Leagrave Marsh Farm", false}, {"what's next", false}, {"12345", false},
	} {
		role := fmt.Sprintf("R%d", i)
		w.patient(role)
		got := to(role, w.say(role, c.words))
		if strings.Contains(got, "Samaritans") != c.card || strings.Contains(got, "I can only read English") != c.card {
			t.Errorf("%q:\n%s", c.words, got)
		}
		if strings.Contains(got, toldLine) {
			t.Errorf("%q claims that somebody is told:\n%s", c.words, got)
		}
		if c.card && i > 0 {
			if again := to(role, w.say(role, c.words)); strings.Contains(again, "Samaritans") {
				t.Errorf("%q again shows the card again:\n%s", c.words, again)
			}
		}
	}
}

// Numbers that nobody checked for half a year: nobody new joins, and hears why kindly; the code stays good; those who are
// here keep everything, and every digest says what is to be done (K5).
func TestHouse_K5_JoinClosed(t *testing.T) {
	w := housetest.New(t)
	w.Checked = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC) // 185 days before
	ctx := t.Context()
	if err := w.Start(ctx, time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	p, err := w.Rec.AddPatient(ctx, handrail.Patient{Practice: house.CastPractice, Name: "Ann", BirthYear: 1950, Postcode: "LU1 2AB"}, "system")
	if err != nil {
		t.Fatal(err)
	}
	code, err := w.Rec.NewInvite(ctx, house.CastPractice, p.ID, 7*24*time.Hour, "system")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	say := func(role, words string) string {
		t.Helper()
		n++
		if err := w.Deliver(ctx, role, bot.Update{ID: fmt.Sprint(n), At: w.Now(), Kind: bot.UpdateText, Text: words}); err != nil {
			t.Fatal(err)
		}
		if err := w.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		return text(w.Sent())
	}
	got := say("PATIENT", "/start "+code)
	if !strings.Contains(got, "PATIENT: Sorry, I can't take anybody new just now.") || !strings.Contains(got, "LINKWORKER: Somebody tried to join and could not.") {
		t.Errorf("%s", got)
	}
	if got := say("PATIENT", danger); !strings.Contains(got, cardLine) {
		t.Errorf("the card is held back:\n%s", got)
	}
	if err := w.Advance(ctx, time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if got := text(w.Sent()); !strings.Contains(got, "last done on Friday 1 May") {
		t.Errorf("the digest does not ask for a check:\n%s", got)
	}
	w.Checked = w.Now()
	if err := w.Open(ctx); err != nil { // started again with a newer help.checked
		t.Fatal(err)
	}
	if got := say("PATIENT", "/start "+code); !strings.Contains(got, "what year were you born") {
		t.Errorf("afterwards the code is not good:\n%s", got)
	}
}
