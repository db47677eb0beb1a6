package directory

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"handrail"
)

// Index finds activities around a place. It never changes, so it is safe for use by any number of goroutines.
//
// It is a large shelf made once, and a small one with what changed since: With makes an index with other listings out of
// this one in milliseconds, sharing the large shelf, and Compact makes one large shelf out of both. A search looks at
// both shelves and finds exactly, and in the same order, what an index made anew would find.
type Index struct {
	base, over *shelf
	// gone are the documents of base that were replaced or removed, a bit each; nil when none were. goneUses counts, by
	// the number of a stem in base, those among them that have it.
	gone     []uint64
	goneUses map[uint32]uint32
	live     int

	*tools
}

// tools is what the indexes of one family share.
type tools struct {
	stems   *stemmer
	packer  *packer
	nothing *shelf // an empty one
	decay   *decay
	zone    *time.Location // where the listings' dates are meant
	scratch sync.Pool      // of *scratch
}

// NewIndex makes an index. The activities are copied. One without a position can be found only by a query without a
// place; give it one first with FillPositions. Ids should differ: of two listings with one id both are found.
func NewIndex(activities []handrail.Activity) *Index {
	return newIndex(func(yield func(*handrail.Activity) bool) {
		for i := range activities {
			if !yield(&activities[i]) {
				return
			}
		}
	})
}

// ReadIndex makes an index of activities that come one by one, from a database for instance, without ever holding them
// all. It returns the first error it is given.
func ReadIndex(activities iter.Seq2[handrail.Activity, error]) (*Index, error) {
	var failed error
	ix := newIndex(func(yield func(*handrail.Activity) bool) {
		for a, err := range activities {
			if err != nil {
				failed = err
				return
			}
			if !yield(&a) {
				return
			}
		}
	})
	if failed != nil {
		return nil, failed
	}
	return ix, nil
}

func newIndex(all func(yield func(*handrail.Activity) bool)) *Index {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		zone = time.UTC // without the zone's data a date may change an hour late
	}
	t := &tools{stems: &stemmer{memo: map[string]string{}}, decay: newDecay(), zone: zone}
	t.scratch.New = func() any { return &scratch{} }
	t.packer = newPacker(reflect.TypeFor[handrail.Activity]())
	t.nothing = newShelf(t.packer, func(func(*handrail.Activity) bool) {})
	return t.index(all)
}

// index makes an index on one shelf.
func (t *tools) index(all func(yield func(*handrail.Activity) bool)) *Index {
	base := newShelf(t.packer, all)
	return &Index{base: base, over: t.nothing, live: len(base.docs), tools: t}
}

// Len is how many activities there are, whatever their status.
func (ix *Index) Len() int { return ix.live }

// Changed is how many listings lie on the small shelf or were taken off the large one.
func (ix *Index) Changed() int {
	return len(ix.over.docs) + len(ix.base.docs) - (ix.live - len(ix.over.docs))
}

// All gives every activity, in no particular order.
func (ix *Index) All() iter.Seq[handrail.Activity] {
	return func(yield func(handrail.Activity) bool) {
		for n, s := range ix.shelves() {
			for d := range s.docs {
				if !ix.isGone(n, uint32(d)) && !yield(s.listing(uint32(d))) {
					return
				}
			}
		}
	}
}

// With is the index with some listings changed or added and others gone. A listing of which both are said is gone; of
// two with one id the last counts. Its cost grows with Changed and not with Len.
func (ix *Index) With(changed []handrail.Activity, gone []handrail.ActivityID) *Index {
	if len(changed)+len(gone) == 0 {
		return ix
	}
	out := make(map[handrail.ActivityID]bool, len(changed)+len(gone))
	for _, id := range gone {
		out[id] = true
	}
	var keep []handrail.Activity
	for _, a := range slices.Backward(changed) {
		if !out[a.ID] {
			out[a.ID] = true
			keep = append(keep, a)
		}
	}
	for d := range ix.over.docs {
		if n := uint32(d); !out[ix.over.id(n)] {
			keep = append(keep, ix.over.listing(n))
		}
	}
	next := &Index{base: ix.base, gone: slices.Clone(ix.gone), goneUses: maps.Clone(ix.goneUses), tools: ix.tools}
	if next.gone == nil {
		next.gone, next.goneUses = make([]uint64, len(ix.base.docs)/64+1), map[uint32]uint32{}
	}
	next.live = ix.live - len(ix.over.docs)
	for id := range out {
		for _, d := range ix.base.withID(id) {
			if next.isGone(0, d) {
				continue
			}
			next.gone[d/64] |= 1 << (d % 64)
			next.live--
			for stem := range ix.base.stemsOf(d) {
				next.goneUses[stem]++
			}
		}
	}
	next.over = newShelf(ix.packer, func(yield func(*handrail.Activity) bool) {
		for i := range keep {
			if !yield(&keep[i]) {
				return
			}
		}
	})
	next.live += len(keep)
	return next
}

// Compact is the same index on one shelf. It takes about as long as making the index did.
func (ix *Index) Compact() *Index {
	if ix.Changed() == 0 {
		return ix
	}
	return ix.index(func(yield func(*handrail.Activity) bool) {
		for a := range ix.All() {
			if !yield(&a) {
				return
			}
		}
	})
}

func (ix *Index) shelves() [2]*shelf { return [2]*shelf{ix.base, ix.over} }

// isGone reports whether a document of a shelf is no longer there.
func (ix *Index) isGone(shelf int, d uint32) bool {
	return shelf == 0 && ix.gone != nil && ix.gone[d/64]>>(d%64)&1 != 0
}

// uses counts the listings that have a stem, which has a number on each shelf.
func (ix *Index) uses(stem [2]uint32) int {
	return len(ix.base.with(stem[0])) - int(ix.goneUses[stem[0]]) + len(ix.over.with(stem[1]))
}
