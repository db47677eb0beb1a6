package handrail_test

import (
	"slices"
	"testing"

	"handrail"
)

func TestActivity_Fact(t *testing.T) {
	facts := []handrail.Fact{
		{Kind: handrail.FactInsurance, Value: "yes", On: "2026-03-01"},
		{Kind: handrail.FactCriteria, Value: "over 50", On: "2026-05-01", Version: 1},
		{Kind: handrail.FactInsurance, Value: "renewed", On: "2026-11-03", Until: "2027-11-02"},
		{Kind: handrail.FactCriteria, Value: "over 55", On: "2026-05-01", Version: 2},
		{Kind: handrail.FactPhoto, Value: "https://example.org/a.jpg"},
	}
	// The order in which they are kept makes no difference.
	for range 2 {
		a := handrail.Activity{Facts: facts}
		for kind, want := range map[handrail.FactKind]string{
			handrail.FactInsurance: "renewed", handrail.FactCriteria: "over 55", handrail.FactPhoto: "https://example.org/a.jpg",
		} {
			if f, ok := a.Fact(kind); !ok || f.Value != want || f.Kind != kind {
				t.Errorf("%s is %+v, %v", kind, f, ok)
			}
		}
		if f, ok := a.Fact(handrail.FactDBS); ok || f != (handrail.Fact{}) {
			t.Errorf("nobody said anything of it, and it is %+v", f)
		}
		slices.Reverse(facts)
	}
}
