package telegram_test

import (
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest/botapi"
	"handrail/bot/bottest/rig"
)

// What somebody wrote is taken away by the reference that came with it; twice is once; two days later it is refused.
func TestErase(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.done("the message", w.ann.Send("my number is 943 476 5919"))
	u := in.All()[0]
	if u.Ref == "" {
		t.Fatalf("%+v has no reference", u)
	}
	for range 2 {
		if err := w.channel.Erase(t.Context(), u.From, u.Ref); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.ann.Taken(); len(got) != 1 {
		t.Errorf("%d messages were taken away", len(got))
	}
	w.done("another", w.ann.Send("again"))
	old := in.All()[1]
	w.api.Age(w.ann, 49*time.Hour)
	for ref, at := range map[bot.Ref]bool{old.Ref: true, "x": true, "": true} {
		err := w.channel.Erase(t.Context(), u.From, ref)
		if outcome, _ := bot.OutcomeOf(err); (err != nil) != at || outcome != bot.OutcomeRefused {
			t.Errorf("%q: %v", ref, err)
		}
	}
	elsewhere := u.From
	elsewhere.Practice = "other"
	if w.channel.Erase(t.Context(), elsewhere, old.Ref) == nil {
		t.Error("a message of another practice's was taken away")
	}
}
