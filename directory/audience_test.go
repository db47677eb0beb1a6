package directory

import (
	"testing"

	"handrail"
)

func TestAudience_Read(t *testing.T) {
	for _, c := range []struct {
		name, about string
		want        audience
	}{
		{"Coffee Morning", "Tea and talk for everybody.", 0},
		{"Carers Walk and Talk", "A lap of the lake.", forCarers},
		{"The Forget-me-not Café", "Songs and a memory box, for people with dementia and whoever comes along.", forDementia},
		{"Lunch Club", "Lunch for people over 65, including people with dementia.", 0},
		{"Knit and Natter", "We knit hats for the baby unit.", 0},
		{"Lunch Bunch", "The minibus has two seats kept for newcomers.", 0},
		{"Day Service", "Group support for South Asian women.", forSouthAsian | forWomen},
		{"Young Carers After School", "", forYoung | forCarers},
		{"Learning English", "For people with a learning disability.", forLearningDisabled},
		{"Breathe Deep Singing", "", forBreathless},
	} {
		if got := audienceIn(c.name) | announcedIn(c.about); got != c.want {
			t.Errorf("%s, %q: %b, want %b", c.name, c.about, got, c.want)
		}
	}
}

// Whom a group is for orders it among groups of one kind, and never leaves one out.
func TestAudience_Orders(t *testing.T) {
	at := handrail.Venue{At: &luton().At}
	ix := NewIndex([]handrail.Activity{
		{ID: "anybody", Name: "Walk in the park", Venue: handrail.Venue{At: &handrail.Point{Lat: luton().At.Lat + 0.003, Lon: luton().At.Lon}}},
		{ID: "carers", Name: "Carers walk", Venue: at},
		{ID: "polish", Name: "Polish walk", Venue: at},
		{ID: "women", Name: "Walk together", For: handrail.SexWomen, Venue: at},
	})
	for _, c := range []struct {
		name  string
		q     Query
		first handrail.ActivityID
		n     int
	}{
		{"nothing said of the person", Query{}, "anybody", 4},
		{"a carer", Query{Needs: []string{"caring"}}, "carers", 4},
		{"Polish", Query{Said: []string{"polish"}}, "polish", 4},
		{"Romanian", Query{Said: []string{"romanian"}}, "anybody", 4},
		{"a woman", Query{Gender: handrail.SexWomen}, "women", 4},
		{"a man", Query{Gender: handrail.SexMen}, "anybody", 3}, // the women's is left out by the filter and not by this
	} {
		q := c.q
		q.Words, q.Near, q.Now = append(q.Words, "walk"), luton(), now
		got := ix.Search(q)
		if len(got) != c.n || got[0].Activity.ID != c.first {
			ids := []handrail.ActivityID{}
			for _, r := range got {
				ids = append(ids, r.Activity.ID)
			}
			t.Errorf("%s: found %v, want %d with %s first", c.name, ids, c.n, c.first)
		}
	}
}

// A word that a publisher puts into a name cannot raise a listing by more than the small part that suits says (M4).
func TestAudience_M4_CannotStuff(t *testing.T) {
	at := handrail.Venue{At: &luton().At}
	ix := NewIndex([]handrail.Activity{
		{ID: "plain", Name: "Choir for carers", Venue: at},
		{ID: "stuffed", Name: "Choir for carers dementia deaf blind recovery bereaved veterans cancer stroke refugees", Venue: at},
	})
	got := ix.Search(Query{Words: []string{"choir"}, Needs: []string{"caring"}, Near: luton(), Now: now})
	if len(got) != 2 {
		t.Fatalf("%d found", len(got))
	}
	for _, p := range got[0].Parts {
		if p.Name == "suits" && p.Points > 0.03 {
			t.Errorf("suits is worth %v", p.Points)
		}
	}
}

func FuzzAudience(f *testing.F) {
	for _, s := range []string{"", "for people with", "for for for, including women", "for\x00carers–men", "FOR YOUNG CARERS."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if all := audienceIn(s); announcedIn(s)&^all != 0 && announcedIn(s)&^all&(forYoung|forCarers|forOlder|forDisabled|forMentalHealth|forLearningDisabled) == 0 {
			t.Errorf("%q: announced %b, and named only %b", s, announcedIn(s), all)
		}
	})
}
