package demo

import (
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/directory"
)

var now = time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)

func finder(t *testing.T) *directory.Finder {
	t.Helper()
	activities, err := Activities(now)
	if err != nil {
		t.Fatal(err)
	}
	points, err := Postcodes()
	if err != nil {
		t.Fatal(err)
	}
	return directory.NewFinder(directory.NewGazetteer(directory.NewTable(points), Places()...), directory.NewIndex(activities))
}

// What the demo page invites a GP to ask.
func TestDemo_WidowerWhoLikesGardening(t *testing.T) {
	answer, err := finder(t).Find(t.Context(), directory.Query{
		Where: "LU1 2AB", Interests: []string{"gardening"}, Needs: []string{"bereavement"},
		Days: []time.Weekday{time.Tuesday}, Times: []directory.PartOfDay{directory.Morning},
		Free: true, Gender: handrail.SexMen, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer.Widened != "" {
		t.Errorf("it had to widen: %s", answer.Widened)
	}
	gardens := 0
	for _, r := range answer.Results {
		t.Logf("%.3f %-28s | %s | %s | %s | %s | %s | %s", r.Score, r.Name, r.When, r.DistanceText, r.CostText, r.AccessText, r.CheckedText, r.Why)
		if strings.Contains(strings.Join(r.Activity.Topics, " "), "gardening") {
			gardens++
		}
		if r.Activity.For == handrail.SexWomen || !r.Activity.Cost.Free() {
			t.Errorf("%s does not fit", r.Name)
		}
	}
	if gardens < 4 {
		t.Errorf("only %d groups that garden", gardens)
	}
	if len(answer.Results) > 0 && !strings.Contains(strings.Join(answer.Results[0].Activity.Topics, " "), "gardening") {
		t.Error("the first is not about gardening")
	}
}

func TestDemo_EveryGroupIsWholeAndFictional(t *testing.T) {
	activities, err := Activities(now)
	if err != nil {
		t.Fatal(err)
	}
	if len(activities) < 140 {
		t.Errorf("only %d groups", len(activities))
	}
	points, err := Postcodes()
	if err != nil {
		t.Fatal(err)
	}
	known := directory.NewTable(points)
	count := map[string]int{}
	for _, a := range activities {
		if a.Venue.At == nil || len(a.Times) == 0 || a.Organiser.Name == "" || len(a.Topics) == 0 {
			t.Errorf("%s is not whole", a.ID)
		}
		if _, ok := known[a.Venue.Postcode]; !ok {
			t.Errorf("%s: %s is not among the demo's postcodes", a.ID, a.Venue.Postcode)
		}
		if !strings.HasPrefix(a.Organiser.Phone, "01632 960") {
			t.Errorf("%s: %q is not a drama number", a.ID, a.Organiser.Phone)
		}
		if !strings.HasSuffix(a.Organiser.Email, "@example.org") || !strings.Contains(a.Organiser.Website, "example.org") {
			t.Errorf("%s: a contact that may be somebody's", a.ID)
		}
		if n := len(strings.Fields(a.Description)); n < 6 || n > 80 {
			t.Errorf("%s: %d words of description", a.ID, n)
		}
		if strings.Contains(a.Name+a.Description, "!") {
			t.Errorf("%s: an exclamation mark", a.ID)
		}
		for _, w := range a.Times {
			count[w.Day.String()]++
		}
		if a.Cost.Free() {
			count["free"]++
		}
		if a.Sensitive {
			count["sensitive"]++
		}
		count["for "+string(a.For)]++
		count["step-free "+string(rune('1'+a.Access.StepFree))]++
		if a.CheckedAt != nil && a.CheckedAt.After(now) {
			t.Errorf("%s was checked in the future", a.ID)
		}
		for _, l := range a.Languages {
			count[l]++
		}
	}
	t.Log(count)
	for _, k := range []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "free", "sensitive",
		"for women", "for men", "step-free 0", "step-free 1", "step-free 2", "Urdu", "Bengali", "Polish", "Romanian", "British Sign Language"} {
		if count[k] < 2 {
			t.Errorf("%s: %d groups", k, count[k])
		}
	}
}

func TestDemo_DatesMoveWithTheClock(t *testing.T) {
	for _, at := range []time.Time{now, now.AddDate(3, 0, 0)} {
		activities, err := Activities(at)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range activities {
			if a.ID == "demo-tuesday-growers" {
				if got := directory.CheckedText(a.CheckedAt, at); got != "checked 6 days ago" {
					t.Errorf("at %s: %s", at, got)
				}
			}
		}
	}
}

func TestDemo_EveryPlaceAndOutcodeIsKnown(t *testing.T) {
	g := finder(t).Gazetteer()
	for _, where := range []string{"LU1 2AB", "lu12ab", "LU1", "lu2", "LU3", "LU4", "LU5", "LU6", "LU7", "AL5", "MK45", "LU1 2ZZ",
		"Bury Park", "bury park, luton", "Leagrave Station", "near LU3 please"} {
		if _, err := g.Locate(t.Context(), where); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
}
