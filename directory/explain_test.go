package directory

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"handrail"
)

func TestExplain(t *testing.T) {
	r := NewIndex([]handrail.Activity{
		{ID: "a", Name: "Chess", Cost: free(), CheckedAt: daysAgo(0), Times: weekly(time.Tuesday, 600, 0), Venue: handrail.Venue{At: &luton().At}},
		{ID: "b", Name: "Chess", Standing: handrail.Standing{ReportedClosed: daysAgo(3)}, Venue: handrail.Venue{At: &luton().At}},
		{ID: "c", Name: "Draughts", Venue: handrail.Venue{At: &luton().At}},
	}).Search(Query{Words: []string{"chess"}, Near: luton(), Now: now})
	if len(r) != 2 {
		t.Fatalf("%d found", len(r))
	}
	// Two of three have the word: its rarity is 1 - ln 2 / (2 ln 3).
	want := `part          share  weight  points
fit            0.55   0.430   0.235
distance       1.00   0.210   0.210
fresh          0.88   0.150   0.132
time           1.00   0.050   0.050
suits          0.40   0.030   0.012
visited        0.00   0.030   0.000
answers        0.50   0.030   0.015
quality        0.00   0.020   0.000
plain name     1.00   0.020   0.020
cost           1.00   0.015   0.015
access         0.40   0.015   0.006
score                         0.696
`
	if got := Explain(r[0]); got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
	if got := Explain(r[1]); !strings.Contains(got, "closed         1.00  -1.000  -1.000\nalike          0.08  -1.000  -0.080\n") {
		t.Errorf("it says\n%s", got)
	}
	b, err := json.Marshal(r[1].Parts[:1])
	if err != nil || string(b) != `[{"name":"fit","share":0.5476281046867371,"weight":0.43,"points":0.23548008501529694}]` {
		t.Errorf("%s, %v", b, err)
	}
}

// What speaks for a group weighs 1 in all, and every part has a name of its own.
func TestParts_WeighOne(t *testing.T) {
	sum, seen := 0.0, map[string]bool{}
	for p := range allParts {
		name, weight := p.weigh()
		if seen[name] {
			t.Errorf("two are called %q", name)
		}
		seen[name] = true
		sum += max(0, weight)
	}
	if sum < 0.999999 || sum > 1.000001 {
		t.Errorf("they weigh %v", sum)
	}
}
