package text

import (
	"strconv"
	"strings"
	"time"
)

// calendar is how a language says dates.
type calendar struct {
	days, months  []string // from Sunday, from January; as they stand in a date
	day, year, at string   // "{weekday} {d} {month}", "{day} {year}", "{day} at {time}"
}

// newCalendar reads it from a catalogue; a language that lacks it says dates as English does.
func newCalendar(words map[string]string) calendar {
	c := calendar{
		days: strings.Split(words["when.days"], "|"), months: strings.Split(words["when.months"], "|"),
		day: words["when.day"], year: words["when.year"], at: words["when.at"],
	}
	if len(c.days) != 7 || len(c.months) != 12 || c.day == "" || c.year == "" || c.at == "" {
		return calendar{}
	}
	return c
}

// Day is a date as it is said in a language; the year is added when it is not the year of now.
func (c *Catalogues) Day(lang string, t, now time.Time, zone *time.Location) string {
	k := c.days[lang]
	if k.day == "" {
		return Day(t, now, zone)
	}
	t, now = t.In(zone), now.In(zone)
	s := fillLink(k.day, []string{"weekday", k.days[t.Weekday()], "d", strconv.Itoa(t.Day()), "month", k.months[t.Month()-1]})
	if t.Year() != now.Year() {
		s = fillLink(k.year, []string{"day", s, "year", strconv.Itoa(t.Year())})
	}
	return s
}

// DayTime is a date and a wall time as they are said in a language.
func (c *Catalogues) DayTime(lang string, t, now time.Time, zone *time.Location) string {
	k := c.days[lang]
	if k.day == "" {
		return DayTime(t, now, zone)
	}
	return fillLink(k.at, []string{"day", c.Day(lang, t, now, zone), "time", t.In(zone).Format("15:04")})
}
