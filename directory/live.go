package directory

import (
	"sync"

	"handrail"
)

// live is what a Finder needs to change its index while people search.
type live struct {
	mu       sync.Mutex // held by whoever writes; searches take no lock
	settling bool       // somebody is making one shelf of two
	swapped  bool       // while they did, the whole index was swapped, so theirs is out of date
	since    []change   // what changed while they did
	done     sync.WaitGroup
}

// change is one call of Update.
type change struct {
	changed []handrail.Activity
	gone    []handrail.ActivityID
}

// smallShelf is how many changed listings an index over so many carries beside its large shelf before the two are made
// one. Each Update makes the small shelf anew, at about ten microseconds a listing; making the large one anew takes
// seconds of one core. A few thousand keep the first at some milliseconds and the second to once an hour on a busy day.
func smallShelf(listings int) int { return 1024 + listings/128 }

// Update puts changed or new listings in place of what was there, and takes those that are gone out. When it returns, new
// searches find the change; those under way finish on what they began with. No search ever waits. A listing of which both
// are said is gone. One without a position is found only without a place: give it one first with FillPositions.
//
// Now and then it starts to tidy up in the background, which changes nothing that a search finds; Settle waits for that.
// It may be called by several goroutines; a change of more than a quarter of all listings is made at once, in the time
// that a new index takes.
func (f *Finder) Update(changed []handrail.Activity, gone []handrail.ActivityID) {
	f.live.mu.Lock()
	defer f.live.mu.Unlock()
	next := f.Index().With(changed, gone)
	if next.Changed() > smallShelf(next.Len()) && next.Changed() > next.Len()/4 && !f.live.settling {
		next = next.Compact()
	}
	f.index.Store(next)
	switch {
	case f.live.settling:
		f.live.since = append(f.live.since, change{changed, gone})
	case next.Changed() > smallShelf(next.Len()):
		f.live.settling, f.live.swapped, f.live.since = true, false, nil
		f.live.done.Go(func() { f.settle(next) })
	}
}

// Settle waits until nothing is being tidied up, for tests and before the process ends. Nothing is lost without it.
func (f *Finder) Settle() { f.live.done.Wait() }

// settle makes one shelf of two, and puts on it what changed in the meantime.
func (f *Finder) settle(index *Index) {
	whole := index.Compact()
	f.live.mu.Lock()
	defer f.live.mu.Unlock()
	f.live.settling = false
	if f.live.swapped {
		return
	}
	for _, c := range f.live.since {
		whole = whole.With(c.changed, c.gone)
	}
	f.live.since = nil
	f.index.Store(whole)
}
