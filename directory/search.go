package directory

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"handrail"
)

// The weights of the parts of a score. Fit and distance decide; the others settle what is nearly equal, and freshness
// may move a stale listing below a checked one that is a little further away.
const (
	weightFit      = 0.50
	weightDistance = 0.25
	weightDay      = 0.08
	weightFresh    = 0.17

	// What is taken off for each better result of the same name, or of the same organiser.
	sameName      = 0.20
	sameOrganiser = 0.03
)

// wish is one thing asked for and the words that may stand for it.
type wish struct {
	name  string // as it is told in Why
	kind  wishKind
	terms []term
}

type wishKind uint8

const (
	wishWord wishKind = iota
	wishInterest
	wishNeed
)

// share is how much of a fit one wish of a kind can make. Where it is said what somebody likes, that leads, and why the
// GP looks only helps to choose among it: a widower who likes gardening is looking for a garden.
func (k wishKind) share(liked bool) float32 {
	switch {
	case k != wishNeed:
		return 0.80
	case liked:
		return 0.20
	}
	return 0.55
}

// term is one way of saying a wish: stems that must stand together.
type term struct {
	stems  []string // one stem, or the pairs of a phrase
	weight float32
}

// scratch is what a search needs to work with, kept for the next one.
type scratch struct {
	fit     []float32 // per document; zero between searches
	touched []uint32
	best    []float32 // per document for one wish, parallel to seen
	seen    []uint32
	spans   []span32
	hits    []hit
}

type hit struct {
	doc    uint32
	metres float32
	score  float32
	parts  Parts
}

// Search returns the activities that fit, best first. The order is the same for the same index and query. It never
// fails; without results see Widen.
func (ix *Index) Search(q Query) []Result {
	if len(ix.docs) == 0 {
		return nil
	}
	f, possible := newFilter(q)
	if !possible {
		return nil
	}
	wishes := ix.wishes(q)
	s, _ := ix.pool.Get().(*scratch)
	defer ix.pool.Put(s)
	s.touched, s.spans, s.hits = s.touched[:0], s.spans[:0], s.hits[:0]

	if q.Near != nil {
		s.spans = ix.around(q.Near.At, f.radius, s.spans)
	} else {
		s.spans = append(s.spans, span32{0, uint32(len(ix.docs))})
	}
	if len(s.spans) == 0 {
		return nil
	}
	r := newRanker(q, len(wishes) > 0)
	if len(wishes) > 0 {
		ix.match(s, wishes)
		for _, d := range s.touched {
			if inSpans(s.spans, d) {
				ix.consider(s, d, s.fit[d], &f, &r)
			}
			s.fit[d] = 0
		}
	} else {
		for _, span := range s.spans {
			for d := span.from; d < span.to; d++ {
				ix.consider(s, d, 0, &f, &r)
			}
		}
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	chosen := ix.choose(s, limit)
	out := make([]Result, len(chosen))
	for i, h := range chosen {
		out[i] = ix.result(h, q, wishes)
	}
	return out
}

// consider filters one document and notes it with its score.
func (ix *Index) consider(s *scratch, n uint32, fit float32, f *filter, r *ranker) {
	d := &ix.docs[n]
	if !f.passes(d) {
		return
	}
	metres := 0.0
	if f.placed {
		c2 := chord2(f.x, f.y, f.z, d.x, d.y, d.z)
		if c2 > f.chord2 {
			return
		}
		metres = metresOfChord(c2)
	}
	if f.language != "" && !speaks(d.a, f.language) {
		return
	}
	parts := r.parts(d, metres, float64(fit))
	s.hits = append(s.hits, hit{doc: n, metres: float32(metres), score: float32(r.score(parts)), parts: parts})
}

// filter is a query's hard conditions in the form in which they are checked.
type filter struct {
	radius   float64
	placed   bool
	x, y, z  float64
	chord2   float64
	slots    uint32 // any of these; 0: no condition
	must     uint8  // all of these flags
	never    uint8  // none of these flags
	age      uint8
	language string
}

// newFilter reads a query's conditions. possible is false when they contradict each other: a man asking for women-only
// groups gets none.
func newFilter(q Query) (f filter, possible bool) {
	f.must = flagOpen
	if q.Near != nil {
		f.placed = true
		f.must |= flagPlaced
		f.radius = q.radius()
		f.x, f.y, f.z = onSphere(q.Near.At)
		f.chord2 = chordOfMetres(f.radius)
	}
	if q.Free && !q.CostUnsaid {
		f.must |= flagFree
	}
	if q.Free {
		f.never |= flagPaid
	}
	if q.StepFree {
		f.must |= flagStepFree
	}
	gender := q.Gender
	if gender == handrail.SexAny {
		gender = q.SingleSex // who asks for a women-only group without saying more is taken to be a woman
	}
	if q.SingleSex != handrail.SexAny && q.SingleSex != gender {
		return f, false
	}
	switch gender {
	case handrail.SexWomen:
		f.never |= flagMen
	case handrail.SexMen:
		f.never |= flagWomen
	}
	switch q.SingleSex {
	case handrail.SexWomen:
		f.must |= flagWomen
	case handrail.SexMen:
		f.must |= flagMen
	}
	f.age = ageByte(q.Age)
	f.slots = wanted(q.Days, q.Times)
	f.language = strings.ToLower(strings.TrimSpace(q.Language))
	return f, true
}

// wanted marks the days and parts of day asked for; 0 when any will do.
func wanted(days []time.Weekday, times []PartOfDay) uint32 {
	if len(days) == 0 && len(times) == 0 {
		return 0
	}
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
		parts = 7
	}
	var slots uint32
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(days) == 0 || slices.Contains(days, d) {
			slots |= parts << (uint32(d) * 3)
		}
	}
	return slots
}

func (f *filter) passes(d *doc) bool {
	return d.flags&f.must == f.must && d.flags&f.never == 0 &&
		(f.slots == 0 || d.slots&f.slots != 0) &&
		(f.age == 0 || (d.minAge <= f.age && (d.maxAge == 0 || f.age <= d.maxAge)))
}

func speaks(a *handrail.Activity, language string) bool {
	return slices.ContainsFunc(a.Languages, func(l string) bool { return strings.EqualFold(l, language) })
}

// inSpans reports whether a document lies in one of the sorted spans.
func inSpans(spans []span32, d uint32) bool {
	i, found := slices.BinarySearchFunc(spans, d, func(s span32, d uint32) int { return cmp.Compare(s.from, d) })
	return found || (i > 0 && d < spans[i-1].to)
}

// choose picks the best hits one after the other, taking a little off what is like one already picked, so that ten
// branches of one organiser do not fill the list.
func (ix *Index) choose(s *scratch, limit int) []hit {
	before := func(a, b hit) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		if c := cmp.Compare(a.metres, b.metres); c != 0 {
			return c
		}
		return cmp.Compare(ix.docs[a.doc].a.ID, ix.docs[b.doc].a.ID)
	}
	pool := best(s.hits, max(4*limit, 40), before)
	chosen := make([]hit, 0, min(limit, len(pool)))
	for len(chosen) < limit && len(pool) > 0 {
		top := -1
		var top1 hit
		for i, h := range pool {
			less := ix.likeness(h, chosen)
			if top >= 0 && h.score < top1.score {
				break // the pool is sorted, so nothing further down can win
			}
			h.parts.Diversity = less
			h.score -= float32(less)
			if top < 0 || before(h, top1) < 0 {
				top, top1 = i, h
			}
		}
		chosen = append(chosen, top1)
		pool = slices.Delete(pool, top, top+1)
	}
	return chosen
}

// likeness is what to take off a hit for its better namesakes and for its organiser's other groups.
func (ix *Index) likeness(h hit, chosen []hit) float64 {
	less := 0.0
	d := &ix.docs[h.doc]
	for _, c := range chosen {
		o := &ix.docs[c.doc]
		if o.name == d.name {
			less += sameName
		} else if d.organiser != 0 && o.organiser == d.organiser {
			less += sameOrganiser
		}
	}
	return less
}

// best returns the n first hits of the order, sorted. It reorders hits.
func best(hits []hit, n int, before func(a, b hit) int) []hit {
	if len(hits) > n {
		// A heap of the n best so far, the worst of them on top.
		top := hits[:n]
		for i := n/2 - 1; i >= 0; i-- {
			sink(top, i, before)
		}
		for _, h := range hits[n:] {
			if before(h, top[0]) < 0 {
				top[0] = h
				sink(top, 0, before)
			}
		}
		hits = top
	}
	slices.SortFunc(hits, before)
	return hits
}

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

// ranker scores what passed the filters.
type ranker struct {
	asked  bool
	placed bool
	scale  float64 // metres at which the distance's share is halved
	now    time.Time
	age    int
}

// newRanker makes a ranker. asked says that something remains of the words asked for (of "group" nothing does, and then
// everything fits alike).
func newRanker(q Query, asked bool) ranker {
	r := ranker{asked: asked, placed: q.Near != nil, scale: 2500, now: q.Now, age: q.Age}
	if q.NoCar {
		r.scale = 1000
	}
	return r
}

func (r *ranker) parts(d *doc, metres, fit float64) Parts {
	p := Parts{Fit: fit, Distance: 1, Day: 0.4, Fresh: freshness(d.a.CheckedAt, r.now)}
	if !r.asked {
		p.Fit = 0.5
	}
	if r.placed {
		p.Distance = 1 / (1 + metres/r.scale)
	}
	if d.slots != 0 {
		p.Day = 1
	}
	if r.age == 0 && d.maxAge != 0 && d.maxAge < 18 {
		p.Fit *= 0.5 // a children's group, and nobody said that it is for a child
	}
	return p
}

func (r *ranker) score(p Parts) float64 {
	return weightFit*p.Fit + weightDistance*p.Distance + weightDay*p.Day + weightFresh*p.Fresh
}

// freshness is 1 for what was checked today, halves about every four months, and is lowest for what was never checked:
// who checked long ago at least once found it there.
func freshness(checked *time.Time, now time.Time) float64 {
	if checked == nil || checked.Sub(now) > 24*time.Hour {
		return 0.10
	}
	days := max(0, now.Sub(*checked).Hours()/24)
	return 0.20 + 0.80*math.Exp2(-days/120)
}
