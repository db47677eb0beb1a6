package handrail_test

import (
	"testing"

	"handrail"
)

// Every instrument has questions of its own, each with codes that mean something; what was not read at its source is marked.
func TestInstrument_Items(t *testing.T) {
	unverified := 0
	for i, want := range map[handrail.Instrument]int{handrail.InstrumentONS4: 4, handrail.InstrumentLoneliness: 4, "a licensed one": 0} {
		items := i.Items()
		if len(items) != want {
			t.Errorf("%s has %d questions, want %d", i, len(items), want)
		}
		seen := map[string]bool{}
		for _, item := range items {
			if item.Name == "" || seen[item.Name] || item.Min >= item.Max || item.Min < 0 {
				t.Errorf("%s: %+v", i, item)
			}
			seen[item.Name] = true
			if item.Unverified {
				unverified++
			}
			if i == handrail.InstrumentONS4 && (item.Min != 0 || item.Max != 10 || item.Labels || item.Unverified) {
				t.Errorf("the wellbeing questions are answered from 0 to 10: %+v", item)
			}
		}
	}
	if unverified != 2 {
		t.Errorf("%d questions are marked as not read at their source, want the third and the direct one of loneliness", unverified)
	}
}
