package handrail_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"handrail"
)

// listed is a listing in which every field says something.
func listed() handrail.Activity {
	return handrail.Activity{
		Name: "Gardeners", Description: "We grow things.", Organiser: handrail.Organiser{ID: "o", Name: "Green Fingers", Phone: "01632 960001",
			Email: "hello@example.org", Website: "https://example.org"},
		Venue: handrail.Venue{Name: "The Hall", Street: "1 High Street", Town: "Luton", Postcode: "LU1 2AB", At: &handrail.Point{Lat: 51.88, Lon: -0.42}},
		Times: []handrail.Recurrence{{Day: time.Tuesday, Start: handrail.At(10, 0), Also: []handrail.Date{"2026-12-01"}}}, WhenText: "Tuesdays",
		Cost: handrail.Cost{Known: true, Pence: 250, Text: "for tea"}, Access: handrail.Access{StepFree: handrail.Yes, Toilet: handrail.No, Text: "A ramp."},
		MinAge: 18, MaxAge: 65, For: handrail.SexWomen, Topics: []string{"gardening"}, Languages: []string{"cy", "pl"}, Sensitive: true,
		Status: handrail.ActivityPaused, Facts: []handrail.Fact{{Kind: handrail.FactInsurance, Value: "yes", On: "2026-11-03"},
			{Kind: handrail.FactCriteria, Value: "old", On: "2026-01-01"}, {Kind: handrail.FactCriteria, Value: "new", On: "2026-02-01"}},
	}
}

// TestEditFields holds the fields to the listing: each of them reaches its own part, all of them together reach whatever
// can be edited, and what was copied is shared with nobody.
func TestEditFields(t *testing.T) {
	full := listed()
	var copied handrail.Activity
	for _, f := range handrail.EditFields() {
		if f.Same(full, handrail.Activity{}) {
			t.Errorf("%s does not see a difference", f)
		}
		var one handrail.Activity
		f.Copy(&one, full)
		if got := handrail.Differences(handrail.Activity{}, one); !slices.Equal(got, []handrail.EditField{f}) {
			t.Errorf("%s copies %v", f, got)
		}
		if !f.Same(one, full) {
			t.Errorf("%s: a copy is not the same", f)
		}
		f.Copy(&copied, full)
	}
	if !reflect.DeepEqual(copied, full) {
		t.Errorf("all of them: %+v", copied)
	}
	copied.Times[0].Also[0], copied.Topics[0], copied.Languages[0], copied.Facts[0].Value, copied.Venue.At.Lat = "x", "x", "x", "x", 0
	if !reflect.DeepEqual(full, listed()) {
		t.Error("a copy reaches into what it was made from")
	}
	if got := handrail.Differences(full, listed()); len(got) != 0 {
		t.Errorf("equal listings differ in %v", got)
	}
	unknown := handrail.EditField("nonsense")
	unknown.Copy(&copied, full)
	if !unknown.Same(full, handrail.Activity{}) || unknown.Text(full) != "" {
		t.Error("a field that is none says something")
	}
}

func TestEditField_Text(t *testing.T) {
	for f, want := range map[handrail.EditField]string{
		handrail.FieldName: "Gardeners", handrail.FieldDescription: "We grow things.", handrail.FieldOrganiser: "Green Fingers", handrail.FieldPhone: "01632 960001",
		handrail.FieldEmail: "hello@example.org", handrail.FieldWebsite: "https://example.org", handrail.FieldVenueName: "The Hall",
		handrail.FieldVenue: "1 High Street, Luton, LU1 2AB, (51.88000, -0.42000)", handrail.FieldTimes: "Tuesdays 10:00", handrail.FieldCost: "£2.50, for tea",
		handrail.FieldAccess: "step-free, no accessible toilet, A ramp.", handrail.FieldAges: "18 to 65", handrail.FieldFor: "women",
		handrail.FieldTopics: "gardening", handrail.FieldLanguages: "cy, pl", handrail.FieldSensitive: "yes", handrail.FieldStatus: "temporarily closed",
		handrail.FieldFacts: "criteria: new; insurance: yes",
	} {
		if got := f.Text(listed()); got != want {
			t.Errorf("%s: want %q, got %q", f, want, got)
		}
	}
	for want, a := range map[string]handrail.Activity{
		"free":                     {Cost: handrail.Cost{Known: true}},
		"18 and over":              {MinAge: 18},
		"up to 11":                 {MaxAge: 11},
		"Ask us":                   {WhenText: "Ask us"},
		"Mondays 09:05 to 10:00":   {Times: []handrail.Recurrence{{Day: time.Monday, Start: handrail.At(9, 5), End: handrail.At(10, 0)}}},
		"2026-12-01 10:00 in term": {Times: []handrail.Recurrence{{Freq: handrail.OnDates, Also: []handrail.Date{"2026-12-01"}, Start: handrail.At(10, 0), TermOnly: true}}},
		"every 2 weeks, Fridays 10:00; the last Thursday of the month 10:00; every 3 months, day 5 of the month 10:00; the last day of the month 10:00": {
			Times: []handrail.Recurrence{
				{Day: time.Friday, Every: 2, Start: handrail.At(10, 0)},
				{Freq: handrail.Monthly, Day: time.Thursday, Nth: -1, Start: handrail.At(10, 0)},
				{Freq: handrail.Monthly, MonthDay: 5, Every: 3, Start: handrail.At(10, 0)},
				{Freq: handrail.Monthly, MonthDay: -1, Start: handrail.At(10, 0)},
			}},
	} {
		found := false
		for _, f := range []handrail.EditField{handrail.FieldCost, handrail.FieldAges, handrail.FieldTimes} {
			found = found || f.Text(a) == want
		}
		if !found {
			t.Errorf("want %q, got %q, %q, %q", want, handrail.FieldCost.Text(a), handrail.FieldAges.Text(a), handrail.FieldTimes.Text(a))
		}
	}
}

func TestHold_Steps(t *testing.T) {
	steps := map[string]func(*handrail.Hold) error{
		"take": (*handrail.Hold).Take, "refuse": (*handrail.Hold).Refuse, "withdraw": (*handrail.Hold).Withdraw,
	}
	may := map[handrail.HoldState][]string{
		handrail.HoldOpen: {"refuse", "take", "withdraw"}, handrail.HoldRefused: {"withdraw"}, handrail.HoldTaken: nil, handrail.HoldWithdrawn: nil,
	}
	for from, want := range may {
		var got []string
		for name, step := range steps {
			h := handrail.Hold{State: from}
			if err := step(&h); err == nil {
				got = append(got, name)
			} else if !handrail.IsKind(err, handrail.KindConflict) || h.State != from {
				t.Errorf("%s from %s: %v, %s", name, from, err, h.State)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("from %s: %v", from, got)
		}
	}
}

func TestMerge_Decide(t *testing.T) {
	for _, c := range []struct {
		from handrail.MergeState
		same bool
		to   handrail.MergeState // empty when it may not be
	}{
		{handrail.MergeOpen, true, handrail.MergeSame}, {handrail.MergeOpen, false, handrail.MergeDifferent},
		{handrail.MergeDifferent, true, handrail.MergeSame}, {handrail.MergeDifferent, false, ""},
		{handrail.MergeSame, true, ""}, {handrail.MergeSame, false, ""},
	} {
		m := handrail.Merge{State: c.from}
		err := m.Decide(c.same)
		if (err == nil) != (c.to != "") || err == nil && m.State != c.to {
			t.Errorf("%s, same is %v: %s %v", c.from, c.same, m.State, err)
		}
	}
}

func TestUnmetCount_G11(t *testing.T) {
	for n, want := range map[int]string{0: "fewer than 5", 4: "fewer than 5", 5: "5", 120: "120"} {
		if got := (handrail.UnmetCount{N: n}).Text(); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
