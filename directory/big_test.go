package directory

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail"
)

// The directories and questions of the measurements: a country with a few large towns and many small ones, groups named
// and described as groups are, and questions as people ask them.
//
// HANDRAIL_BIG=1 measures 200,000 groups too. HANDRAIL_BENCH_FILES names a folder with dir-N.jsonl and q-N.jsonl, one
// group and one question a line, to measure those of another bench instead.

// benchGroup and benchQuestion are lines of such files.
type benchGroup struct {
	ID                                          int
	Name, Activity, Description, Provider, Town string
	Lat, Lon                                    float64
	Sessions                                    []struct {
		Day        int // 0 is Monday
		Start, End string
	}
	CostPence int `json:"cost_pence"`
	Free      bool
	StepFree  bool `json:"step_free"`
}

type benchQuestion struct {
	Lat, Lon float64
	RadiusKm float64 `json:"radius_km"`
	Q        string
	Day      int // -1 is any
	Free     bool
	StepFree bool `json:"step_free"`
}

func (g benchGroup) activity() handrail.Activity {
	clock := func(s string) handrail.Clock {
		h, m, _ := strings.Cut(s, ":")
		hour, _ := strconv.Atoi(h)
		minute, _ := strconv.Atoi(m)
		return handrail.At(hour, minute)
	}
	a := handrail.Activity{
		ID: handrail.ActivityID(strconv.Itoa(g.ID)), Source: "bench", Name: g.Name, Description: g.Description, Topics: []string{g.Activity},
		Organiser: handrail.Organiser{Name: g.Provider}, Venue: handrail.Venue{Town: g.Town, At: at(g.Lat, g.Lon)},
		Cost: handrail.Cost{Known: true, Pence: g.CostPence}, Status: handrail.ActivityActive,
	}
	if g.StepFree {
		a.Access.StepFree = handrail.Yes
	}
	for _, s := range g.Sessions {
		a.Times = append(a.Times, handrail.Recurrence{Day: time.Weekday((s.Day + 1) % 7), Start: clock(s.Start), End: clock(s.End)})
	}
	// What a living directory knows besides.
	if g.ID%3 > 0 {
		a.CheckedAt = daysAgo(g.ID % 700)
	}
	if g.ID%10 == 0 {
		a.Standing.Assured = &handrail.Assurance{At: *daysAgo(g.ID % 90), By: handrail.AssurerOrganiser}
		a.Standing.Answers = g.ID % 7
	}
	if g.ID%97 == 0 {
		a.Standing.ReportedClosed = daysAgo(3)
	}
	return a
}

func (b benchQuestion) query() Query {
	q := Query{
		Near: &Spot{At: *at(b.Lat, b.Lon), Label: "LU1 2AB", Precision: PrecisionFull}, RadiusMetres: b.RadiusKm * 1000,
		Free: b.Free, StepFree: b.StepFree, Now: now, AllWords: true,
	}
	if b.Q != "" {
		q.Words = []string{b.Q}
	}
	if b.Day >= 0 {
		q.Days = []time.Weekday{time.Weekday((b.Day + 1) % 7)}
	}
	return q
}

// bigDirectory is a directory of n groups, and a thousand questions over it.
func bigDirectory(tb testing.TB, n int) ([]handrail.Activity, []Query) {
	tb.Helper()
	if dir := os.Getenv("HANDRAIL_BENCH_FILES"); dir != "" {
		var groups []handrail.Activity
		for _, g := range readLines[benchGroup](tb, filepath.Join(dir, fmt.Sprintf("dir-%d.jsonl", n))) {
			groups = append(groups, g.activity())
		}
		var qs []Query
		for _, q := range readLines[benchQuestion](tb, filepath.Join(dir, fmt.Sprintf("q-%d.jsonl", n))) {
			qs = append(qs, q.query())
		}
		return groups, qs
	}
	c := newCountry()
	groups := make([]handrail.Activity, n)
	for i := range groups {
		groups[i] = c.group(i + 1).activity()
	}
	qs := make([]Query, 1000)
	for i := range qs {
		qs[i] = c.question().query()
	}
	return groups, qs
}

func readLines[T any](tb testing.TB, file string) []T {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var x T
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			tb.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// country makes groups and questions, always the same ones.
type country struct {
	rng   *rand.Rand
	towns []town
	total float64
}

type town struct {
	name            string
	lat, lon, sigma float64
	upTo            float64 // of the sum of all weights
}

func newCountry() *country {
	c := &country{rng: rand.New(rand.NewPCG(11, 13))}
	for i := range 330 {
		t := town{name: "Town " + strconv.Itoa(i), lat: 50.6 + 4.6*c.rng.Float64(), lon: -3.4 + 3.6*c.rng.Float64(), sigma: 1 + 2*c.rng.Float64()}
		if i < 30 {
			t.sigma = 3 + 6/float64(i+1)
		}
		c.total += 1 / math.Pow(float64(i+1), 0.75)
		t.upTo = c.total
		c.towns = append(c.towns, t)
	}
	return c
}

func (c *country) place() (t town, lat, lon float64) {
	x := c.rng.Float64() * c.total
	i, _ := slices.BinarySearchFunc(c.towns, x, func(t town, x float64) int { return int(math.Copysign(1, t.upTo-x)) })
	t = c.towns[min(i, len(c.towns)-1)]
	return t, t.lat + c.rng.NormFloat64()*t.sigma/111, t.lon + c.rng.NormFloat64()*t.sigma/68
}

func (c *country) pick(list ...string) string { return list[c.rng.IntN(len(list))] }

func (c *country) activity() string {
	all := [...]string{"gardening", "walking group", "chair yoga", "art class", "choir singing", "coffee morning", "lunch club", "tai chi", "knitting circle",
		"book club", "craft and chat", "gentle exercise", "board games", "memory singing", "woodwork", "line dancing", "swimming", "cookery", "bowls",
		"table tennis", "carers group", "debt advice", "digital skills", "english conversation", "befriending", "peer support", "mindfulness",
		"bird watching", "local history", "photography", "creative writing", "film club", "allotment", "football walking", "volunteering", "quilting",
		"pilates", "chess", "drama", "cycling", "community cafe", "nature conservation", "falls prevention", "bereavement cafe"}
	return all[int(float64(len(all))*math.Pow(c.rng.Float64(), 1.4))]
}

func (c *country) group(id int) benchGroup {
	t, lat, lon := c.place()
	what := c.activity()
	g := benchGroup{
		ID: id, Activity: what, Town: t.name, Lat: lat, Lon: lon,
		Provider: c.pick("Age", "Hope", "Bridge", "Harbour", "Compass", "Link", "Unity", "Anchor") + " " + c.pick("Trust", "Network", "Project") + " " + t.name,
		Name: c.pick("Friendly", "Gentle", "Evergreen", "Riverside", "Sunshine", "Open", "Silver", "Golden", "Happy", "Rainbow", "Hilltop", "Meadow") + " " +
			what + " " + c.pick("Club", "Group", "Circle", "Hub", "Society", "Sessions"),
		Description: c.pick("A relaxed and friendly session", "A small supportive group", "A lively weekly meeting", "A quiet welcoming space") + " of " + what +
			" for " + c.pick("adults over 55", "carers", "beginners", "new parents", "men of all ages", "refugees and newcomers", "everyone") + " in " + t.name + ". " +
			c.pick("Refreshments are provided and transport can be arranged.", "No need to book, just turn up on the day.",
				"Bring a friend or ask for a buddy to come along with you.", "Led by a trained instructor.") + " " +
			c.pick("We meet near the bus station beside the library.", "Equipment is supplied and all abilities are welcome.",
				"A hearing loop and accessible toilets are available."),
		Free: c.rng.Float64() < 0.55, StepFree: c.rng.Float64() < 0.6,
	}
	if !g.Free {
		g.CostPence = 100 + 50*c.rng.IntN(20)
	}
	if c.rng.IntN(4) == 0 {
		g.Description += " We also offer " + c.activity() + " once a month."
	}
	for range 1 + c.rng.IntN(3) {
		hour := 8 + c.rng.IntN(11)
		g.Sessions = append(g.Sessions, struct {
			Day        int
			Start, End string
		}{c.rng.IntN(7), fmt.Sprintf("%02d:00", hour), fmt.Sprintf("%02d:30", hour+1)})
	}
	return g
}

func (c *country) question() benchQuestion {
	_, lat, lon := c.place()
	b := benchQuestion{Lat: lat, Lon: lon, RadiusKm: []float64{1, 3, 3, 5, 5, 10}[c.rng.IntN(6)], Day: -1, Free: c.rng.Float64() < 0.4, StepFree: c.rng.Float64() < 0.3}
	if c.rng.IntN(2) == 0 {
		b.Day = c.rng.IntN(7)
	}
	switch x := c.rng.Float64(); {
	case x < 0.65:
		b.Q = c.activity()
	case x < 0.85:
		b.Q = strings.Fields(c.activity())[0]
	}
	return b
}

// sizes are the sizes that are measured.
func sizes() []int {
	if os.Getenv("HANDRAIL_BIG") == "1" {
		return []int{5_000, 50_000, 200_000}
	}
	return []int{5_000}
}

// BenchmarkIndex measures one search, with its ranking and its explanation in words and in parts.
func BenchmarkIndex(b *testing.B) {
	for _, n := range sizes() {
		groups, qs := bigDirectory(b, n)
		index := NewIndex(groups)
		b.Run(fmt.Sprintf("search/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				index.Search(qs[i%len(qs)])
				i++
			}
		})
		b.Run(fmt.Sprintf("update/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				index.With(groups[i%n:i%n+1], nil)
				i++
			}
		})
	}
}

// TestIndex_Measured says what it costs and how fast it is, and holds it against what was promised: at 200,000 groups
// ready in 5 seconds, 150 MB beyond the text, half of all searches in 0.2 ms and all but one in a hundred in 2 ms. Wide
// bars on a busy machine; the figures are in the log.
func TestIndex_Measured(t *testing.T) {
	if os.Getenv("HANDRAIL_BIG") != "1" {
		t.Skip("set HANDRAIL_BIG=1 to measure up to 200,000 groups")
	}
	for _, n := range sizes() {
		groups, qs := bigDirectory(t, n)
		text := 0
		for i := range groups {
			text += textBytes(&groups[i])
		}
		before := heap()
		began := time.Now()
		index := NewIndex(groups)
		built := time.Since(began)
		memory := heap() - before
		runtime.KeepAlive(groups)

		// The best of five for each question: other work on the machine is not ours.
		took := slices.Repeat([]time.Duration{time.Hour}, len(qs))
		for range 5 {
			for i, q := range qs {
				began := time.Now()
				index.Search(q)
				took[i] = min(took[i], time.Since(began))
			}
		}
		slices.Sort(took)
		p50, p99, worst := took[len(took)/2], took[len(took)*99/100], took[len(took)-1]
		began = time.Now()
		updated := index.With(groups[:1], nil)
		update := time.Since(began)
		if updated.Len() != index.Len() {
			t.Errorf("%d groups after an update, %d before", updated.Len(), index.Len())
		}
		full := updated.With(groups[:smallShelf(n)-2], nil)
		began = time.Now()
		full.With(groups[n-1:], nil)
		fullUpdate := time.Since(began)
		t.Logf("%d groups: ready in %v; %d MB, of which text %d MB, so %d MB beyond it; p50 %v, p99 %v, worst %v (each question's best of five); one listing changed in %v, and beside %d others in %v",
			n, built.Round(time.Millisecond), memory>>20, text>>20, (memory-text)>>20, p50, p99, worst, update, smallShelf(n)-2, fullUpdate)
		if built > 15*time.Second || (memory-text)>>20 > 150 || p50 > 600*time.Microsecond || p99 > 6*time.Millisecond || fullUpdate > time.Second {
			t.Errorf("that is more than three times what was promised")
		}
	}
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// textBytes is how much text a listing has.
func textBytes(a *handrail.Activity) int {
	n := len(a.ID) + len(a.Source) + len(a.Name) + len(a.Description) + len(a.WhenText) + len(a.Organiser.Name) + len(a.Venue.Town) + len(a.Status)
	for _, t := range a.Topics {
		n += len(t)
	}
	return n
}
