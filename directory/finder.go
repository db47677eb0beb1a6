package directory

import (
	"context"
	"strings"
	"sync/atomic"
)

// Finder is the directory as the rest of the house uses it: the newest index, and the gazetteer. It is safe for use by
// several goroutines at once: listings may change (Update) and whole indexes be swapped (Swap) while people search.
type Finder struct {
	gazetteer *Gazetteer
	index     atomic.Pointer[Index]
	live      live
}

// Answer is what a search came to.
type Answer struct {
	Results []Result
	// Spot is where was looked around; nil when no place was given.
	Spot *Spot
	// Widened says what had to be widened to find anything, a whole sentence, or is empty: "I found nothing exactly as
	// asked, so I looked within 10 miles and on any day."
	Widened string
	// Query is the query that found the results, after any widening.
	Query Query
}

// NewFinder makes a finder. A nil index is an empty one.
func NewFinder(g *Gazetteer, index *Index) *Finder {
	f := &Finder{gazetteer: g}
	f.Swap(index)
	return f
}

// Swap puts a new index in place, for instance after an import. Searches under way finish on the old one.
func (f *Finder) Swap(index *Index) {
	if index == nil {
		index = NewIndex(nil)
	}
	f.live.mu.Lock()
	defer f.live.mu.Unlock()
	f.live.swapped, f.live.since = true, nil
	f.index.Store(index)
}

// Index returns the index in use. It is never nil.
func (f *Finder) Index() *Index { return f.index.Load() }

// Gazetteer returns the gazetteer in use.
func (f *Finder) Gazetteer() *Gazetteer { return f.gazetteer }

// Find locates q.Where (unless q.Near is given), searches, and widens step by step when nothing is found. Errors are
// the gazetteer's, with a sentence for the person.
func (f *Finder) Find(ctx context.Context, q Query) (Answer, error) {
	if q.Near == nil && strings.TrimSpace(q.Where) != "" {
		spot, err := f.gazetteer.Locate(ctx, q.Where)
		if err != nil {
			return Answer{}, err
		}
		q.Near = &spot
	}
	index := f.Index()
	answer := Answer{Spot: q.Near, Query: q, Results: index.Search(q)}
	if len(answer.Results) == 0 && q.Free && q.asks() {
		// The right thing whose listing is silent on its cost is worth a telephone call; the wrong thing is not.
		unsaid := q
		unsaid.CostUnsaid = true
		if answer.Results = index.Search(unsaid); len(answer.Results) > 0 {
			answer.Query, answer.Widened = unsaid, "None of these say that they are free, and none say what they cost. Please ask them first."
			return answer, nil
		}
	}
	var steps []string
	for len(answer.Results) == 0 {
		wider, what, ok := Widen(q)
		if !ok {
			break
		}
		q = wider
		steps = append(steps, what)
		answer.Query, answer.Results = q, index.Search(q)
	}
	if len(answer.Results) > 0 && len(steps) > 0 {
		answer.Widened = "I found nothing exactly as asked, so I looked " + list(lastOfEach(steps)) + "."
	}
	return answer, nil
}

// lastOfEach keeps only the last of the steps that say how far ("within 5 miles", "within 10 miles"), since each takes
// the place of the one before. Every other step stays and is told.
func lastOfEach(steps []string) []string {
	last := -1
	for i, s := range steps {
		if strings.Contains(s, "within ") {
			last = i
		}
	}
	var kept []string
	for i, s := range steps {
		if !strings.Contains(s, "within ") || i == last {
			kept = append(kept, s)
		}
	}
	return kept
}
