// Package calendar says on which days a group meets: it turns the recurrences of a listing into occurrences, in local
// wall time, without the days that are called off.
//
//	cal := calendar.New()
//	meetings, err := cal.Meetings(activity, clock.Now(), clock.Now().AddDate(0, 0, 21))
package calendar

import (
	"fmt"
	"slices"
	"time"

	"handrail"
)

// Calendar expands recurrences. It is immutable, so safe to share.
type Calendar struct{}

// New makes a calendar.
func New() *Calendar { return &Calendar{} }

// Meetings returns the occurrences of an activity that start in [from, to), in order. A time that is only guessed is no
// meeting, and neither is one that repeats less often than weekly without a first date to count from.
func (c *Calendar) Meetings(a handrail.Activity, from, to time.Time) ([]handrail.Occurrence, error) {
	var out []handrail.Occurrence
	for _, w := range a.Times {
		if w.Every > 1 || w.Freq != handrail.Weekly || !w.Certain() {
			continue
		}
		zone := w.Zone
		if zone == "" {
			zone = "Europe/London"
		}
		loc, err := time.LoadLocation(zone)
		if err != nil {
			return nil, fmt.Errorf("meetings of %s: load zone: %w", a.ID, err)
		}
		day := from.In(loc)
		day = time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, loc) // noon: no change of clocks near it
		day = day.AddDate(0, 0, (int(w.Day)-int(day.Weekday())+7)%7)
		for ; ; day = day.AddDate(0, 0, 7) {
			o, err := handrail.OccurrenceOn(a.ID, w, day)
			if err != nil {
				return nil, err
			}
			if !o.Start.Before(to) {
				break
			}
			if !o.Start.Before(from) {
				out = append(out, o)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b handrail.Occurrence) int { return a.Start.Compare(b.Start) })
	return out, nil
}
