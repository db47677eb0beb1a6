package publish

import (
	"cmp"
	"slices"
	"time"

	"handrail"
)

// entry is one line of the directory. Gone says when a listing was taken away, zero while it is there; a is then nil.
type entry struct {
	id     uuid
	a      *handrail.Activity
	placed bool
	gone   time.Time
}

func (en *entry) isGone() bool { return en.a == nil }

// keepGone is how long a listing that was taken away keeps its place. Clients harvest daily.
const keepGone = 25 * time.Hour

// edition is the directory as one snapshot gives it, in the order in which it is paged. It is never changed.
type edition struct {
	version string
	today   handrail.Date
	zone    *time.Location
	entries []entry
	at      map[uuid]int32 // the place of each service
	byPlace map[uuid]int32 // and by the id of its service_at_location
	all     []*entry       // every entry, and those that have a place: what most clients ask for
	places  []*entry
	words   *vocabulary
}

// newEdition puts a snapshot in order: what the edition before had stays where it was, what is new comes after it.
func newEdition(snap Snapshot, before *edition, o Options, now time.Time, zone *time.Location) *edition {
	e := &edition{version: snap.Version, today: handrail.DateOf(now, zone), zone: zone,
		at: make(map[uuid]int32, len(snap.Activities)), byPlace: make(map[uuid]int32, len(snap.Activities))}
	there := listed(snap.Activities)
	if before != nil {
		e.entries = make([]entry, 0, max(len(before.entries), len(there)))
		for _, old := range before.entries {
			a, still := there[old.id]
			switch {
			case still:
				delete(there, old.id)
				e.entries = append(e.entries, entry{id: old.id, a: a, placed: placed(a)})
			case old.isGone():
				if now.Sub(old.gone) < keepGone {
					e.entries = append(e.entries, old)
				}
			default:
				e.entries = append(e.entries, entry{id: old.id, placed: old.placed, gone: now})
			}
		}
	}
	fresh := make([]entry, 0, len(there))
	for id, a := range there {
		fresh = append(fresh, entry{id: id, a: a, placed: placed(a)})
	}
	slices.SortFunc(fresh, func(x, y entry) int {
		return cmp.Or(x.a.Standing.CreatedAt.Compare(y.a.Standing.CreatedAt), slices.Compare(x.id[:], y.id[:]))
	})
	e.entries = append(e.entries, fresh...)

	e.words = newVocabulary(o.kinds())
	for i := range e.entries {
		en := &e.entries[i]
		e.at[en.id] = int32(i)
		e.all = append(e.all, en)
		if en.placed {
			e.places = append(e.places, en)
			e.byPlace[placeID(en.id)] = int32(i)
		}
		if !en.isGone() {
			e.words.learn(en.a)
		}
	}
	e.words.sort()
	return e
}

// listed gives each activity its UUID. Where a feed's id, written otherwise, is the UUID of another listing, the later
// one in the order of ids gets a UUID of its own; of two with the same id the first counts.
func listed(all []handrail.Activity) map[uuid]*handrail.Activity {
	there := make(map[uuid]*handrail.Activity, len(all))
	var again []*handrail.Activity
	for i := range all {
		a := &all[i]
		id := idOf("service", string(a.ID))
		other, taken := there[id]
		switch {
		case !taken:
			there[id] = a
		case other.ID > a.ID:
			there[id] = a
			again = append(again, other)
		case other.ID < a.ID:
			again = append(again, a)
		}
	}
	for _, a := range again {
		if id := derived("service", string(a.ID)); there[id] == nil {
			there[id] = a
		}
	}
	return there
}

// pick are the entries that a query wants, nearest first where it says from where. The caller must not change the slice.
func (e *edition) pick(q query, atPlaces bool) []*entry {
	from := e.all
	if atPlaces {
		from = e.places
	}
	if !q.filtered() && q.after.IsZero() {
		return from
	}
	var out []*entry
	for _, en := range from {
		if q.wants(e, en) {
			out = append(out, en)
		}
	}
	if q.near != nil {
		slices.SortStableFunc(out, func(x, y *entry) int { return cmp.Compare(q.metres(x), q.metres(y)) })
	}
	return out
}
