package directory

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"handrail"
)

// scratch is what a search needs to work with, kept for the next one.
type scratch struct {
	fit     []float32 // per document; zero between searches
	best    []float32 // per document for one wish; zero between wishes
	touched []uint32
	seen    []uint32
	runs    []run
	top     []hit
}

// hit is a document that passed, and what is needed to order it.
type hit struct {
	score  float64
	metres float64
	fit    float32
	doc    uint32
	shelf  uint8
}

// Search returns the activities that fit, best first. The order is the same for the same activities and query, whatever
// way the index came about. It never fails; without results see Widen.
func (ix *Index) Search(q Query) []Result {
	f, possible := ix.filter(&q)
	if ix.live == 0 || !possible {
		return nil
	}
	all, possible := ix.demands(&q)
	if !possible {
		return nil
	}
	wishes := ix.wishes(&q)
	s, _ := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	g := gathering{ix: ix, s: s, filter: &f, most: max(4*limit, 40), ranker: newRanker(&q, ix.tools, len(wishes)+len(all) > 0)}
	s.top = s.top[:0]
	for n := range ix.shelves() {
		g.shelf(n, all, wishes)
	}
	if len(s.top) == 0 {
		return nil
	}
	slices.SortFunc(s.top, g.before)
	chosen := ix.choose(s.top, limit)
	t := teller{ix: ix, q: &q, wishes: wishes, demands: all, ranker: &g.ranker}
	out := make([]Result, len(chosen))
	for i, c := range chosen {
		out[i] = t.result(c)
	}
	return out
}

// gathering collects the best hits of one search: a heap of at most so many, the worst of them on top.
type gathering struct {
	ix     *Index
	s      *scratch
	filter *filter
	ranker ranker
	most   int
}

// shelf gathers from one shelf.
func (g *gathering) shelf(n int, all demands, wishes []wish) {
	sh, s := g.ix.shelves()[n], g.s
	s.runs, s.touched = s.runs[:0], s.touched[:0]
	f := g.filter
	switch {
	case len(sh.docs) == 0:
		return
	case !f.placed:
		s.runs = append(s.runs, run{0, uint32(len(sh.docs))})
	default:
		s.runs = around(sh.cells, f.at, f.radius, s.runs)
		if f.home { // what comes by telephone has no place
			if first, _ := slices.BinarySearch(sh.cells, noCell); first < len(sh.cells) {
				s.runs = append(s.runs, run{uint32(first), uint32(len(sh.docs))})
			}
		}
	}
	if len(s.runs) == 0 {
		return
	}
	switch {
	case len(all) > 0:
		passes := func(d uint32) bool { return f.passes(&sh.docs[d]) }
		g.ix.matchAll(s, n, all, wishes, passes, func(d uint32, fit float32) { g.consider(n, d, fit) })
	case len(wishes) > 0:
		g.ix.match(s, n, wishes)
		for _, d := range s.touched {
			fit := s.fit[d]
			s.fit[d] = 0
			if f.passes(&sh.docs[d]) {
				g.consider(n, d, fit)
			}
		}
	default:
		for _, r := range s.runs {
			for d := r.from; d < r.to; d++ {
				if f.passes(&sh.docs[d]) {
					g.consider(n, d, 0)
				}
			}
		}
	}
}

// consider scores one document that passed the quick part of the filter, and keeps it when it is among the best.
func (g *gathering) consider(shelf int, n uint32, fit float32) {
	d, f := &g.ix.shelves()[shelf].docs[n], g.filter
	if g.ix.isGone(shelf, n) {
		return
	}
	metres := 0.0
	if f.placed && d.flags&flagPlaced != 0 {
		c2 := chord2(f.x, f.y, f.z, d.x, d.y, d.z)
		if c2 > f.chord2 {
			return
		}
		metres = metresOfChord(c2)
	}
	h := hit{metres: metres, fit: fit, doc: n, shelf: uint8(shelf)}
	h.score = g.ranker.score(d, metres, fit)
	full := len(g.s.top) == g.most
	if full && g.before(h, g.s.top[0]) >= 0 {
		return
	}
	// What must be read from the listing itself is asked last, of the few that would be kept.
	if f.slow && !f.accepts(g.ix, h) {
		return
	}
	if full {
		g.s.top[0] = h
		sink(g.s.top, 0, g.before)
		return
	}
	g.s.top = append(g.s.top, h)
	if len(g.s.top) == g.most {
		for i := g.most/2 - 1; i >= 0; i-- {
			sink(g.s.top, i, g.before)
		}
	}
}

// before is the order of results: by score, then the nearer, then by id.
func (g *gathering) before(a, b hit) int {
	if c := cmp.Compare(b.score, a.score); c != 0 {
		return c
	}
	if c := cmp.Compare(a.metres, b.metres); c != 0 {
		return c
	}
	shelves := g.ix.shelves()
	return cmp.Compare(shelves[a.shelf].id(a.doc), shelves[b.shelf].id(b.doc))
}

// sink puts the i-th hit of a heap in its place.
func sink(h []hit, i int, before func(a, b hit) int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && before(h[c+1], h[c]) > 0 {
			c++
		}
		if before(h[c], h[i]) <= 0 {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// chosen is a hit and what was taken off it for being like better ones.
type chosen struct {
	hit
	alike float64
}

// choose picks the best hits one after the other, taking a little off what is like one already picked, so that ten
// branches of one organiser do not fill the list. sorted is used up.
func (ix *Index) choose(sorted []hit, limit int) []chosen {
	out := make([]chosen, 0, min(limit, len(sorted)))
	for len(out) < limit && len(sorted) > 0 {
		top, best := -1, chosen{}
		for i, h := range sorted {
			if top >= 0 && h.score <= best.score {
				break // sorted by score, so nothing further down can win
			}
			c := chosen{h, ix.alike(h, out)}
			c.score = h.score - c.alike
			if top < 0 || c.score > best.score {
				top, best = i, c
			}
		}
		out = append(out, best)
		sorted = slices.Delete(sorted, top, top+1)
	}
	return out
}

// What is taken off for each better result of the same name, of the same first words of a name, or of the same
// organiser.
const (
	sameName      = 0.08
	sameBrand     = 0.06
	sameOrganiser = 0.025
)

// alike is what to take off a hit for its better namesakes and for its organiser's other groups.
func (ix *Index) alike(h hit, better []chosen) float64 {
	shelves := ix.shelves()
	d := &shelves[h.shelf].docs[h.doc]
	less := 0.0
	for _, c := range better {
		o := &shelves[c.shelf].docs[c.doc]
		switch {
		case o.name == d.name:
			less += sameName
		case d.brand != 0 && o.brand == d.brand:
			less += sameBrand
		case d.organiser != 0 && o.organiser == d.organiser:
			less += sameOrganiser
		}
	}
	return less
}

// filter is a query's hard conditions in the form in which they are checked. passes and the distance are checked of
// every candidate, accepts only of those that would be shown.
type filter struct {
	placed  bool
	home    bool
	at      handrail.Point
	radius  float64
	x, y, z float64
	chord2  float64

	must, never flags
	homely      flags  // one of these, when home
	slots       uint32 // any of these; 0: no condition
	language    uint32 // this bit; 0: no condition
	age         uint8

	slow    bool
	q       *Query
	today   day
	refused []term
	zone    *time.Location
}

// filter reads a query's conditions. possible is false when they contradict each other: a man asking for women-only
// groups gets none, and neither does anybody who is nowhere.
func (ix *Index) filter(q *Query) (f filter, possible bool) {
	f.q = q
	f.zone, f.today = ix.zone, dayIn(q.Now.In(ix.zone))
	f.must = flagOpen
	set := func(is bool, which *flags, flag flags) {
		if is {
			*which |= flag
		}
	}
	set(!q.IncludePaused, &f.must, flagTakes)
	set(q.Free && !q.CostUnsaid, &f.must, flagFree)
	set(q.Free, &f.never, flagPaid)
	set(q.StepFree, &f.must, flagStepFree)
	set(q.Unlabelled, &f.never, flagLabelled)
	set(len(q.On) > 0, &f.must, flagTimes)
	if q.Home {
		f.home, f.homely = true, flagRemote|flagVisits
	}
	if q.Near != nil {
		f.placed = true
		set(!q.Home, &f.must, flagPlaced)
		f.at, f.radius = q.Near.At, q.radius()
		if cellOf(&f.at) == noCell {
			return f, false // nowhere
		}
		f.x, f.y, f.z = onSphere(q.Near.At)
		f.chord2 = chordOfMetres(f.radius)
	}
	gender := q.Gender
	if gender == handrail.SexAny {
		gender = q.SingleSex // who asks for a women-only group without saying more is taken to be a woman
	}
	if q.SingleSex != handrail.SexAny && q.SingleSex != gender {
		return f, false
	}
	set(gender == handrail.SexWomen, &f.never, flagMen)
	set(gender == handrail.SexMen, &f.never, flagWomen)
	set(q.SingleSex == handrail.SexWomen, &f.must, flagWomen)
	set(q.SingleSex == handrail.SexMen, &f.must, flagMen)
	f.age = ageByte(q.Age)
	f.slots = q.wanted()
	f.language = languageBit(q.Language)
	for _, word := range q.Not {
		for i, w := range q.named(word) {
			if read := said(w); i < 8 && len(read) > 0 { // the best words of a refused interest; the others may mean anything
				if t, ok := ix.term(read, 1); ok {
					f.refused = append(f.refused, t)
				}
			}
		}
	}
	f.slow = f.slots != 0 || f.language != 0 || len(f.refused) > 0 || len(q.On) > 0
	return f, true
}

// passes is the quick part of the conditions.
func (f *filter) passes(d *doc) bool {
	return d.flags&f.must == f.must && d.flags&f.never == 0 &&
		(f.slots == 0 || d.slots&f.slots != 0) &&
		(f.language == 0 || d.languages&f.language != 0) &&
		(f.age == 0 || (d.minAge <= f.age && (d.maxAge == 0 || f.age <= d.maxAge))) &&
		(!f.home || d.flags&f.homely != 0 && (d.flags&(flagPlaced|flagRemote) != 0))
}

// accepts is the slow part: what only the listing itself can tell.
func (f *filter) accepts(ix *Index, h hit) bool {
	sh := ix.shelves()[h.shelf]
	for _, t := range f.refused {
		if stems := t.stems[h.shelf]; len(stems) > 0 && sh.mask(h.doc, stems)&(inName|inTopics) != 0 {
			return false
		}
	}
	dated := f.slots != 0 && sh.docs[h.doc].flags&flagDated != 0
	if f.language == 0 && !dated && len(f.q.On) == 0 {
		return true
	}
	a := sh.listing(h.doc)
	if f.language != 0 && !slices.ContainsFunc(a.Languages, func(l string) bool {
		return strings.EqualFold(strings.TrimSpace(l), strings.TrimSpace(f.q.Language))
	}) {
		return false
	}
	if dated && slotsOf(ahead(a.Times, f.today))&f.slots == 0 {
		return false
	}
	return len(f.q.On) == 0 || f.meetsOn(a)
}

// ahead are the times that are not over on a day.
func ahead(times []handrail.Recurrence, today day) []handrail.Recurrence {
	var out []handrail.Recurrence
	for _, t := range times {
		if n := dayOf(t.Until); n != 0 && n < today {
			t.Freq = handrail.OnDates // only what it says besides
		}
		t.Also = slices.DeleteFunc(slices.Clone(t.Also), func(d handrail.Date) bool { return dayOf(d) < today })
		out = append(out, t)
	}
	return out
}

// meetsOn reports whether a group meets on one of the dates asked for, at a time asked for.
func (f *filter) meetsOn(a handrail.Activity) bool {
	for _, date := range f.q.On {
		if f.q.Calendar == nil {
			if slices.ContainsFunc(a.Times, func(t handrail.Recurrence) bool { return f.mayMeet(a, t, date) }) {
				return true
			}
			continue
		}
		from := date.At(0, f.zone)
		meetings, err := f.q.Calendar.Meetings(a, from, from.AddDate(0, 0, 1))
		if err == nil && slices.ContainsFunc(meetings, f.atWantedTime) {
			return true
		}
	}
	return false
}

// mayMeet is as much of a calendar as can be told from a time alone: whether a weekly one falls on a date. Without a
// calendar nothing less regular is promised.
func (f *filter) mayMeet(a handrail.Activity, t handrail.Recurrence, date handrail.Date) bool {
	if !t.Certain() || slices.Contains(t.Except, date) || slices.ContainsFunc(a.Standing.Cancelled, func(c handrail.Cancellation) bool { return c.On == date }) {
		return false
	}
	n := dayOf(date)
	weekly := t.Freq == handrail.Weekly && t.Every <= 1 && n != 0 && n.date().Weekday() == t.Day &&
		(t.From == "" || t.From <= date) && (t.Until == "" || date <= t.Until)
	return (weekly || slices.Contains(t.Also, date)) && (len(f.q.Times) == 0 || partsOf(t.Start, t.End)&partsAsked(f.q.Times) != 0)
}

// atWantedTime reports whether a meeting is at a part of the day that was asked for.
func (f *filter) atWantedTime(o handrail.Occurrence) bool {
	if len(f.q.Times) == 0 {
		return true
	}
	start, end := o.Start.In(f.zone), o.End.In(f.zone)
	from := handrail.At(start.Hour(), start.Minute())
	return partsOf(from, from+handrail.Clock(math.Round(end.Sub(start).Minutes())))&partsAsked(f.q.Times) != 0
}

// partsAsked marks parts of a day in partBits bits, all when none are named.
func partsAsked(times []PartOfDay) uint32 {
	parts := uint32(0)
	for _, p := range times {
		switch p {
		case Morning:
			parts |= 1
		case Afternoon:
			parts |= 2
		case Evening:
			parts |= 4
		}
	}
	if parts == 0 {
		return partAny
	}
	return parts
}
