package directory_test

import (
	"os"
	"testing"
	"time"

	"handrail"
	"handrail/directory"
	"handrail/directory/sources"
)

func realIndex(t testing.TB) *directory.Index {
	t.Helper()
	f, err := os.Open("../../shared/data/derived/oruk-v3-services.json")
	if err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	defer f.Close()
	r, err := sources.Read(t.Context(), f, "oruk:real")
	if err != nil {
		t.Fatal(err)
	}
	return directory.NewIndex(r.Activities)
}

func realQueries() []directory.Query {
	leith := &directory.Spot{At: handrail.Point{Lat: 55.9711, Lon: -3.1716}, Label: "EH6 6LT", Precision: directory.PrecisionFull}
	now := time.Date(2014, time.October, 1, 9, 0, 0, 0, time.UTC)
	return []directory.Query{
		{Near: leith, Words: []string{"lunch club"}, Now: now},
		{Near: leith, Interests: []string{"yoga"}, Days: []time.Weekday{time.Tuesday}, Now: now},
		{Near: leith, Interests: []string{"gardening"}, Synonyms: map[string][]string{"gardening": {"gardening", "garden", "allotment"}}, Now: now},
		{Near: leith, Free: true, Now: now},
	}
}

func TestSearch_RealServices(t *testing.T) {
	index := realIndex(t)
	for _, q := range realQueries() {
		results := index.Search(q)
		if len(results) == 0 {
			t.Errorf("nothing for %v %v", q.Words, q.Interests)
		}
		for _, r := range results {
			if r.Metres > 5*1609.4 || q.Free && !r.Activity.Cost.Free() {
				t.Errorf("%s does not fit", r.Activity.ID)
			}
			if r.CheckedText != "never checked" { // the feed has no assured dates, and a change is no check
				t.Errorf("%s: %s", r.Activity.ID, r.CheckedText)
			}
		}
	}
}

func BenchmarkSearch_RealServices(b *testing.B) {
	index, queries := realIndex(b), realQueries()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		index.Search(queries[i%len(queries)])
		i++
	}
}
