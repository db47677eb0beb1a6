package handrail

import (
	"fmt"
	"time"
)

// Occurrence is one meeting of an activity on one day. The wall time and its zone are what was promised; Start is the
// instant they mean. After a change of the clocks the wall time stays (T3).
type Occurrence struct {
	Activity ActivityID
	Local    string // wall time, "2026-11-24T10:00"
	Zone     string // IANA name
	Start    time.Time
	End      time.Time // equal to Start when the listing gives no end
	// Doubt says why it may not take place after all. It is worked out anew from the calendar each time and not stored.
	Doubt Doubt
}

// Doubt is a reason why a meeting that its recurrence promises may not take place: somebody should ask, and the person
// who is told of the meeting should be told of it too.
type Doubt string

// The doubts.
const (
	DoubtNone    Doubt = ""
	DoubtHoliday Doubt = "bank holiday"    // and the listing does not say whether it meets on those
	DoubtTerm    Doubt = "school holidays" // it meets in term time only, and the schools may be out
)

// Date is the local date of the meeting; zero when Local is not a wall time.
func (o Occurrence) Date() Date {
	if len(o.Local) != len(LocalLayout) {
		return ""
	}
	return Date(o.Local[:len(time.DateOnly)])
}

// LocalLayout is the layout of Occurrence.Local.
const LocalLayout = "2006-01-02T15:04"

// OccurrenceOn makes the occurrence of a recurrence on the local date of day, whether or not it says that it meets then.
// A wall time that the spring change skips is moved to the first instant after the gap; of a doubled one in autumn the
// first is meant. (time.Date alone would give the second.)
func OccurrenceOn(id ActivityID, w Recurrence, day time.Time) (Occurrence, error) {
	loc, err := w.Location()
	if err != nil {
		return Occurrence{}, fmt.Errorf("occurrence of %s: %w", id, err)
	}
	return OccurrenceIn(id, w, day, loc), nil
}

// OccurrenceIn is OccurrenceOn with the zone loaded: reading it anew for each meeting costs more than all the rest. loc
// must be w.Location().
func OccurrenceIn(id ActivityID, w Recurrence, day time.Time, loc *time.Location) Occurrence {
	day = day.In(loc)
	year, month, date := day.Date()
	start := WallTime(year, month, date, w.Start, loc)
	end := start
	if w.End > w.Start {
		end = WallTime(year, month, date, w.End, loc)
	}
	local := make([]byte, 0, len(LocalLayout))
	local = day.AppendFormat(local, time.DateOnly)
	local = append(local, 'T')
	local = append(local, w.Start.String()...)
	return Occurrence{Activity: id, Local: string(local), Zone: loc.String(), Start: start.UTC(), End: end.UTC()}
}

// WallTime is the instant of a wall time in a zone: in the spring gap the first instant after it, in the doubled
// autumn hour the first of the two (T1).
func WallTime(year int, month time.Month, day int, c Clock, loc *time.Location) time.Time {
	t := time.Date(year, month, day, c.Hour(), c.Minute(), 0, 0, loc)
	if t.Hour() != c.Hour() || t.Minute() != c.Minute() {
		// In the gap: Go moved it by the size of the gap, in one direction or the other. The transition itself is the
		// first instant with the later offset.
		_, before := t.Add(-24 * time.Hour).Zone()
		_, after := t.Add(24 * time.Hour).Zone()
		wall := time.Date(year, month, day, c.Hour(), c.Minute(), 0, 0, time.UTC)
		asBefore := wall.Add(-time.Duration(before) * time.Second)
		asAfter := wall.Add(-time.Duration(after) * time.Second)
		lo, hi := asAfter, asBefore // the transition lies between them
		for hi.Sub(lo) > time.Second {
			mid := lo.Add(hi.Sub(lo) / 2)
			if _, off := mid.In(loc).Zone(); off == before {
				lo = mid
			} else {
				hi = mid
			}
		}
		return hi.Truncate(time.Second).In(loc)
	}
	// Doubled: the same wall time was there before the clocks went back, by as much as they went (half an hour in places).
	_, before := t.Add(-24 * time.Hour).Zone()
	_, after := t.Zone()
	earlier := t.Add(-time.Duration(before-after) * time.Second)
	if before > after && earlier.Hour() == t.Hour() && earlier.Minute() == t.Minute() {
		return earlier
	}
	return t
}
