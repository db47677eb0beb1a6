// Package walltime draws times on the wall for the property tests of calendars, many of them near a change of the clocks,
// and finds by trying every distance from Greenwich which instants show one.
//
//	wall := walltime.Draw(t)
//	for _, at := range walltime.Instants(wall, zone) { ... } // none in the hour that is skipped, two in the one that comes twice
package walltime

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"handrail"
)

// Instants are the instants that show this wall time in a zone, the earliest first.
func Instants(wall time.Time, zone *time.Location) []time.Time {
	var out []time.Time
	for h := -48; h <= 48; h++ {
		_, offset := wall.Add(time.Duration(h) * time.Hour).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if at.In(zone).Format(handrail.LocalLayout) == wall.Format(handrail.LocalLayout) && !slices.ContainsFunc(out, at.Equal) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// Draw draws a wall time of 2026 to 2030, half the time on or next to a day on which clocks change somewhere. It is told
// as if the zone were UTC.
func Draw(t *rapid.T) time.Time {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1825).Draw(t, "day"))
	if rapid.Bool().Draw(t, "near a change") {
		month := rapid.SampledFrom([]time.Month{time.March, time.April, time.September, time.October, time.November}).Draw(t, "month")
		sunday := time.Date(rapid.IntRange(2026, 2030).Draw(t, "year"), month, 1, 0, 0, 0, 0, time.UTC)
		sunday = sunday.AddDate(0, 0, (7-int(sunday.Weekday()))%7+7*rapid.IntRange(0, 4).Draw(t, "week"))
		day = sunday.AddDate(0, 0, rapid.IntRange(-1, 1).Draw(t, "beside"))
	}
	return day.Add(time.Duration(rapid.OneOf(rapid.IntRange(0, 4*60), rapid.IntRange(0, 24*60-1)).Draw(t, "minute")) * time.Minute)
}
