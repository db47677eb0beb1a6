package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Day is a date as it is said: "Tuesday 24 November". The year is added when it is not the year of now.
func Day(t, now time.Time, zone *time.Location) string {
	t, now = t.In(zone), now.In(zone)
	s := t.Format("Monday 2 January")
	if t.Year() != now.Year() {
		s += t.Format(" 2006")
	}
	return s
}

// Time is a wall time as it is said: "10am", "2.30pm", "12 noon".
func Time(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	h, m := t.Hour(), t.Minute()
	switch {
	case h == 12 && m == 0:
		return "12 noon"
	case h == 0 && m == 0:
		return "midnight"
	}
	half := "am"
	if h >= 12 {
		half = "pm"
	}
	h = (h+11)%12 + 1
	if m == 0 {
		return fmt.Sprintf("%d%s", h, half)
	}
	return fmt.Sprintf("%d.%02d%s", h, m, half)
}

// DayTime is both: "Tuesday 24 November at 10am".
func DayTime(t, now time.Time, zone *time.Location) string {
	return Day(t, now, zone) + " at " + Time(t, zone)
}

// Near is a day seen from now: "today", "tomorrow", or "Tuesday".. within a week, else the date.
func Near(t, now time.Time, zone *time.Location) string {
	day := func(t time.Time) int {
		t = t.In(zone)
		return int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
	}
	switch d := day(t) - day(now); {
	case d == 0:
		return "today"
	case d == 1:
		return "tomorrow"
	case d == -1:
		return "yesterday"
	case d > 1 && d < 7, d < -1 && d > -7:
		return t.In(zone).Format("Monday")
	}
	return Day(t, now, zone)
}

// Join puts the parts that say something in one line, with commas.
func Join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}

// List joins names: "Ann, Bob and Cy". More than five are cut to five and a number.
func List(names []string) string {
	const most = 5
	if len(names) > most {
		names = append(append([]string(nil), names[:most]...), strconv.Itoa(len(names)-most)+" more")
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Either says names of whom one is enough: "Ann", "Ann or Bob", "Ann, Bob or Cas".
func Either(names []string) string {
	if len(names) < 2 {
		return List(names)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
