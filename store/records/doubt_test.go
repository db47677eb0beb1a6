package records_test

import (
	"testing"
	"time"

	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// Whoever claims a posting that was put back, or takes over a stranded one, learns why it was: from that they know whether
// to look for what may have arrived (F2).
func TestOutbox_F2_TheReasonIsKept(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.put(w.envelope("k", bot.ClassNudge))
		p := w.claims("the first time", "k")[0]
		if p.Reason != "" {
			t.Errorf("the first time it has a reason: %q", p.Reason)
		}
		if err := w.Sending(w.ctx, "k", p.Epoch, w.clock.Now(), time.Minute); err != nil {
			t.Fatal(err)
		}
		back := bot.Settlement{State: bot.SendQueued, Reason: "answer lost", RetryAt: w.clock.Now()}
		if err := w.Settle(w.ctx, "k", p.Epoch, back); err != nil {
			t.Fatal(err)
		}
		p = w.claims("the second time", "k")[0]
		if p.Reason != "answer lost" || p.Attempts != 1 {
			t.Errorf("the second time: %q after %d attempts", p.Reason, p.Attempts)
		}
		if err := w.Sending(w.ctx, "k", p.Epoch, w.clock.Now(), time.Minute); err != nil {
			t.Fatal(err)
		}
		w.clock.Add(2 * time.Minute)
		stranded := must(w.Stranded(w.ctx, w.clock.Now(), 10))(t)
		if len(stranded) != 1 || stranded[0].Reason != "answer lost" || stranded[0].Attempts != 2 {
			t.Errorf("stranded: %+v", stranded)
		}
	})
}
