package house_test

import (
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/house"
	"handrail/house/housetest"
)

// From the chat of a patient who is recorded as having died, whoever writes of danger is alive: a relative who has the phone,
// or somebody whose record is wrong. They get the card at once and in every form, it claims nothing, and staff are called and
// read why. Anything else that is written gets no answer, ever (K4, K7, B27).
func TestHouse_K4_B27_RecordedAsDied(t *testing.T) {
	w := newWard(t, housetest.Options{})
	p, _ := w.patient("PATIENT")
	_, err := w.Rec.Halt(t.Context(), house.CastPractice, p.ID, handrail.HaltDied, house.CastLinkWorker)
	w.ok(err)
	for _, words := range []string{"hello", "help", "stop", "what's next", "start again", "choose"} {
		if got := to("PATIENT", w.say("PATIENT", words)); got != "" {
			t.Errorf("%q is answered:\n%s", words, got)
		}
	}
	for i, c := range []struct{ words, want string }{
		{danger, cardLine}, {danger, "I've read this too"}, {"urgent help", "I've read this too"},
		{"I've taken all my tablets and I can't breathe", "Call 999 now"}, {"مجھے آپ کی مدد چاہیے", "Samaritans"},
	} {
		got := w.say("PATIENT", c.words)
		mine := to("PATIENT", got)
		if !strings.Contains(mine, c.want) || strings.Contains(mine, toldLine) {
			t.Errorf("%d, %q is answered:\n%s", i, c.words, mine)
		}
		if called := to("LINKWORKER", got); i == 0 && (!strings.Contains(called, "Urgent: F.R.") || !strings.Contains(called, "says that they have died")) {
			t.Errorf("the link worker is told:\n%s", called)
		}
		w.ok(w.Advance(t.Context(), w.Now().Add(time.Minute)))
		w.Sent()
	}
	if open := w.openAlerts(); len(open) != 1 || open[0].Messages != 4 {
		t.Errorf("alerts: %+v", open)
	}
	w.ok(w.Advance(t.Context(), w.Now().Add(20*time.Minute)))
	if got := text(w.Sent()); !strings.Contains(to("GP", got), "Urgent: F.R.") || to("PATIENT", got) != "" {
		t.Errorf("the next steps:\n%s", got)
	}
}
