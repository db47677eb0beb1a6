package handrail

import "time"

// WeekCount is how many visits there were in one week, for a chart.
type WeekCount struct {
	Monday Date
	Came   int
	Missed int
}

// WeeksOf counts the visits of some cases in the last n weeks up to now, by the week's Monday on a wall, the oldest first.
func WeeksOf(all []Case, n int, now time.Time, zone *time.Location) []WeekCount {
	local := now.In(zone)
	monday := local.AddDate(0, 0, -(int(local.Weekday())+6)%7)
	out := make([]WeekCount, n)
	at := make(map[Date]int, n)
	for i := range out {
		out[i].Monday = DateOf(monday.AddDate(0, 0, -7*(n-1-i)), zone)
		at[out[i].Monday] = i
	}
	for _, c := range all {
		for _, v := range c.Visits {
			start := v.Occurrence.Start.In(zone)
			i, ok := at[DateOf(start.AddDate(0, 0, -(int(start.Weekday())+6)%7), zone)]
			if !ok {
				continue
			}
			switch v.State {
			case AttendanceCame:
				out[i].Came++
			case AttendanceMissed:
				out[i].Missed++
			}
		}
	}
	return out
}
