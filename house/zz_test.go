package house_test

import (
	"os"
	"strings"
	"testing"

	"handrail"
)

func TestZZ(t *testing.T) {
	now := judgedAt()
	sets := judgedSets(t, now)
	grades := map[string]map[string]string{}
	for _, f := range lines(t, "testdata/judged/judgements.tsv", 3) {
		if grades[f[0]] == nil {
			grades[f[0]] = map[string]string{}
		}
		grades[f[0]][f[1]] = f[2]
	}
	for _, q := range judgedQueries(t) {
		if !strings.Contains(os.Getenv("ZZ"), q.id) {
			continue
		}
		s := sets[q.set]
		u, _, _ := s.finder.Search(t.Context(), s.where, q.words, now)
		a := s.ours(t.Context(), t, q.words, now)
		t.Logf("== %s %s => %s; widened %q", q.id, q.words, u.Words(), a.Widened)
		for _, r := range a.Results[:min(6, len(a.Results))] {
			t.Logf("   [%s] %s | %s | %s | %s | %.3f %v", grades[q.id][string(r.Activity.ID)], r.Activity.Name, r.When, r.DistanceText, r.CostText, r.Score, r.Parts)
		}
		for id, g := range grades[q.id] {
			if g >= "2" {
				r := s.all[hid(id)]
				t.Logf("   want %s: %s | %v | %s | %s", g, r.Name, r.WhenText, r.Venue.Postcode, r.Cost.Text)
			}
		}
	}
}

func hid(s string) handrail.ActivityID { return handrail.ActivityID(s) }
