package records_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/directory"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// services makes n listings that look like those of a council: the same for the same seed. What they say is invented.
func services(n int, seed uint64) []handrail.Activity {
	rng := rand.New(rand.NewPCG(seed, 1))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	kinds := []string{"Gardening", "Walking", "Nordic Walking", "Choir", "Chair Yoga", "Tai Chi", "Lunch", "Coffee", "Memory Singing",
		"Knitting", "Book", "Film", "Line Dancing", "Bowls", "Photography", "Chess", "Digital Skills", "English Conversation"}
	out := make([]handrail.Activity, n)
	for i := range out {
		at := handrail.Point{Lat: 50.5 + rng.Float64()*5, Lon: -4 + rng.Float64()*5}
		checked := recordstest.Epoch().Add(-time.Duration(rng.IntN(400)) * 24 * time.Hour)
		kind := pick(kinds...)
		a := handrail.Activity{
			ID: handrail.ActivityID(fmt.Sprintf("%08x-0000-4000-8000-%012x", i, rng.Uint64()&0xffffffffffff)),
			Name: pick("Friendly", "Riverside", "Evergreen", "Open", "Oak", "Meadow", "Hilltop", "Harmony") + " " + kind + " " +
				pick("Club", "Group", "Circle", "Hub", "Drop-in") + " " + fmt.Sprint(i%97),
			Description: strings.Repeat("A relaxed and friendly session for everybody in the area, beginners too. ", 4) + kind,
			Organiser: handrail.Organiser{ID: handrail.OrganiserID(fmt.Sprint("org", i%5000)), Name: pick("Age", "Hope", "Bridge", "Beacon") + " " + fmt.Sprint(i%5000),
				Phone: fmt.Sprintf("01632 96%04d", i%10000), Email: fmt.Sprintf("hello%d@example.org", i), Website: "https://example.org"},
			Venue: handrail.Venue{Name: "Community Centre", Street: fmt.Sprint(1+i%200, " High Street"), Town: "Townley",
				Postcode: fmt.Sprintf("ZZ%d %d%c%c", 1+i%90, i%10, 'A'+rune(i/10%20), 'A'+rune(i/200%20)), At: &at},
			WhenText: "Weekly, ask for details", Cost: handrail.Cost{Known: i%3 > 0, Pence: (i % 3) * 150},
			Topics: []string{strings.ToLower(kind), "community"}, CheckedAt: &checked, Status: handrail.ActivityActive,
		}
		for range 1 + rng.IntN(3) {
			start := handrail.At(8+rng.IntN(11), 0)
			a.Times = append(a.Times, handrail.Recurrence{Day: time.Weekday(rng.IntN(7)), Start: start, End: start + 90})
		}
		out[i] = a
	}
	return out
}

// BenchmarkTakeFeed takes 1,150 services: for the first time, as they were, and with one in ten changed.
func BenchmarkTakeFeed(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		all := services(1150, 1)
		n := 0
		b.Run("first", func(b *testing.B) {
			for b.Loop() {
				n++
				fresh := append([]handrail.Activity(nil), all...)
				for i := range fresh {
					fresh[i].ID = handrail.ActivityID(fmt.Sprint(n, "-", i))
					fresh[i].Venue.Postcode, fresh[i].Venue.At = "", nil
				}
				must(w.TakeFeed(w.ctx, fmt.Sprint("s", n), handrail.FeedCopy{Changed: fresh, Full: true}, by))(b)
			}
		})
		must(w.TakeFeed(w.ctx, "same", handrail.FeedCopy{Changed: all, Full: true}, by))(b)
		b.Run("same", func(b *testing.B) {
			for b.Loop() {
				must(w.TakeFeed(w.ctx, "same", handrail.FeedCopy{Changed: all, Full: true}, by))(b)
			}
		})
		b.Run("changed", func(b *testing.B) {
			for b.Loop() {
				n++
				for i := range all {
					if i%10 == 0 {
						all[i].Description = fmt.Sprint("Changed ", n)
					}
				}
				must(w.TakeFeed(w.ctx, "same", handrail.FeedCopy{Changed: all, Full: true}, by))(b)
			}
		})
	})
}

// TestBig measures what is too big for every day: HANDRAIL_BIG=1 go test -run TestBig -v.
func TestBig(t *testing.T) {
	if os.Getenv("HANDRAIL_BIG") == "" {
		t.Skip("HANDRAIL_BIG is not set")
	}
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		t.Run("import", func(t *testing.T) {
			w := newWorld(t, open, records.Options{})
			bigImport(t, w, "one", services(200_000, 1))
			took := time.Now()
			all := must(w.Activities(w.ctx))(t)
			t.Logf("%d listings read in %v", len(all), time.Since(took))
			bigImport(t, w, "one again", nil)
		})
		t.Run("postcodes", func(t *testing.T) {
			file := filepath.Join("..", "..", "..", "shared", "data", "postcodes", "nspl-2025-05-gb.csv.gz")
			if _, err := os.Stat(file); err != nil {
				t.Skip("the postcode file is not here")
			}
			w := newWorld(t, open, records.Options{})
			took := time.Now()
			var inStore time.Duration
			report, err := directory.ReadPostcodes(w.ctx, file, func(some []handrail.PostcodePoint) error {
				began := time.Now()
				defer func() { inStore += time.Since(began) }()
				return w.PutPostcodes(w.ctx, some)
			})
			w.ok(err)
			t.Logf("%d postcodes in %v, %v of it in the records; %s", report.Postcodes, time.Since(took), inStore, memory())
		})
	})
}

func bigImport(t *testing.T, w *world, what string, all []handrail.Activity) {
	t.Helper()
	if all == nil {
		all = services(200_000, 1)
		for i := range all {
			if i%10 == 0 {
				all[i].Description = "Changed"
			}
		}
	}
	took := time.Now()
	done := must(w.TakeFeed(context.Background(), "big", handrail.FeedCopy{Changed: all, Full: true}, by))(t)
	t.Logf("%s: %+v in %v; %s", what, done, time.Since(took), memory())
}

func memory() string {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return fmt.Sprintf("%d MB from the system", m.Sys>>20)
}

// BenchmarkActivities reads a directory of 10,000 listings.
func BenchmarkActivities(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		must(w.TakeFeed(w.ctx, "s", handrail.FeedCopy{Changed: services(10_000, 1), Full: true}, by))(b)
		for b.Loop() {
			if all := must(w.Activities(w.ctx))(b); len(all) != 10_000 {
				b.Fatal(len(all))
			}
		}
	})
}
