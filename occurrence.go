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
}

// LocalLayout is the layout of Occurrence.Local.
const LocalLayout = "2006-01-02T15:04"

// OccurrenceOn makes the occurrence of a weekly time on the local date of day. A wall time that the spring change
// skips is moved to the first instant after the gap; of a doubled one in autumn the first is meant. (time.Date alone
// would give the second.)
func OccurrenceOn(id ActivityID, w Recurrence, day time.Time) (Occurrence, error) {
	zone := w.Zone
	if zone == "" {
		zone = "Europe/London"
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return Occurrence{}, fmt.Errorf("occurrence of %s: load zone: %w", id, err)
	}
	return occurrenceIn(loc, zone, id, w, day), nil
}

// occurrenceIn is OccurrenceOn with the zone loaded: reading it anew for each meeting costs more than all the rest.
func occurrenceIn(loc *time.Location, zone string, id ActivityID, w Recurrence, day time.Time) Occurrence {
	day = day.In(loc)
	start := WallTime(day.Year(), day.Month(), day.Day(), w.Start, loc)
	end := start
	if w.End > w.Start {
		end = WallTime(day.Year(), day.Month(), day.Day(), w.End, loc)
	}
	return Occurrence{
		Activity: id,
		Local:    fmt.Sprintf("%04d-%02d-%02dT%s", day.Year(), day.Month(), day.Day(), w.Start),
		Zone:     zone,
		Start:    start.UTC(),
		End:      end.UTC(),
	}
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
