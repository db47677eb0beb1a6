package house_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/dialogs"
	"handrail/directory"
	"handrail/house"
	"handrail/house/housetest"
)

func narrowing(t *testing.T) *housetest.World {
	t.Helper()
	w := housetest.New(t)
	if err := w.Start(t.Context(), time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	return w
}

// Words that change the last question are told from those that ask a new one.
func TestFinder_Narrows(t *testing.T) {
	f := narrowing(t).House.Finder
	for words, want := range map[string]bool{
		"closer": true, "something closer please": true, "a bit nearer": true, "further": true, "only mornings": true, "not Tuesdays": true, "not on a Tuesday": true,
		"something quieter": true, "a smaller group": true, "cheaper": true, "free": true, "for women": true, "women only": true, "step free": true, "no car": true,
		"within 1 mile": true, "walking instead": true, "not walking": true, "what about Thursdays": true, "she is 74": true, "in the evening": true,
		"walking near LU4": false, "near Dunstable": false, "74F likes knitting": false, "hello": false, "": false, "thanks": false,
		"something for a man who lost his wife and likes to be outdoors in the mornings": false,
	} {
		if got := f.Narrows(words); got != want {
			t.Errorf("%q: %v, want %v", words, got, want)
		}
	}
}

// Each step does what it says, whatever went before it, and says in words that it did.
func TestFinder_Steps(t *testing.T) {
	w := narrowing(t)
	all := map[handrail.ActivityID]handrail.Activity{}
	for a := range w.House.Finder.Directory().Index().All() {
		all[a.ID] = a
	}
	ctx := t.Context()
	find := func(t *rapid.T, steps []dialogs.Step) dialogs.Found {
		found, err := w.House.Finder.Find(ctx, house.CastPractice, dialogs.Query{Words: "near LU1 2AB, likes walking", Steps: steps}, w.Now())
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	otherDay := func(g dialogs.Group) bool {
		return slices.ContainsFunc([]string{"Monday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "day of"}, func(d string) bool { return strings.Contains(g.When, d) })
	}
	rapid.Check(t, func(t *rapid.T) {
		var steps []dialogs.Step
		free, women, notTuesday, mornings := false, false, false, false
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			words := rapid.SampledFrom([]string{"closer", "free", "cheaper", "for women", "not Tuesdays", "only mornings", "something quieter", "further"}).Draw(t, "said")
			steps = append(steps, dialogs.Step{Words: words})
			free, women = free || words == "free" || words == "cheaper", women || words == "for women"
			notTuesday, mornings = notTuesday || words == "not Tuesdays", mornings || words == "only mornings"
		}
		found := find(t, steps)
		for said, want := range map[string]bool{"free": free, "women only": women, "not on Tuesdays": notTuesday, "mornings": mornings} {
			if strings.Contains(found.Understood, said) != want {
				t.Fatalf("%v is read as %q", steps, found.Understood)
			}
		}
		if found.Widened != "" {
			return // nothing fitted, and it says what was given up
		}
		for _, g := range found.Groups {
			a := all[g.ID]
			switch {
			case free && !a.Cost.Free():
				t.Fatalf("%v: %s is not known to be free", steps, g.Name)
			case women && a.For != handrail.SexWomen:
				t.Fatalf("%v: %s is not for women only", steps, g.Name)
			case notTuesday && !otherDay(g):
				t.Fatalf("%v: %s meets on Tuesdays only", steps, g.Name)
			}
		}
	})
}

// "Closer" leaves nothing that is farther than what was there, and something that is nearer; "further" brings it back.
func TestFinder_Closer(t *testing.T) {
	w := narrowing(t)
	spot, err := w.House.Finder.Directory().Gazetteer().Locate(t.Context(), "LU1 2AB")
	if err != nil {
		t.Fatal(err)
	}
	farthest := func(words ...string) float64 {
		var steps []dialogs.Step
		for _, s := range words {
			steps = append(steps, dialogs.Step{Words: s})
		}
		found, err := w.House.Finder.Find(t.Context(), house.CastPractice, dialogs.Query{Words: "near LU1 2AB, likes walking", Steps: steps}, w.Now())
		if err != nil || len(found.Groups) == 0 || found.Widened != "" {
			t.Fatalf("%v: %+v %v", words, found, err)
		}
		most := 0.0
		for _, g := range found.Groups {
			most = max(most, directory.Metres(spot.At, *g.At))
		}
		return most
	}
	zero, one, two, back := farthest(), farthest("closer"), farthest("closer", "closer"), farthest("closer", "further")
	if one >= zero || two > one || back < one {
		t.Errorf("farthest: %.0f, closer %.0f, closer still %.0f, further again %.0f", zero, one, two, back)
	}
}
