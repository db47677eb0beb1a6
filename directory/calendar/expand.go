package calendar

import (
	"time"

	"github.com/teambition/rrule-go"

	"handrail"
)

// everyWeek tries each such weekday from the date of from to that of to. It is RFC 5545 too, but nearly all groups are
// like this, and a search asks for thousands of them.
func everyWeek(r handrail.Recurrence, from, to time.Time, take func(day time.Time, besides bool)) {
	day := noon(from)
	day = day.AddDate(0, 0, (int(r.Day)-int(day.Weekday())+7)%7)
	for last := noon(to); !day.After(last); day = day.AddDate(0, 0, 7) {
		take(day, false)
	}
}

// byRule tries each date that the recurrence's rule gives from the date of from to that of to. Dates only: the rule is
// worked out in UTC, where no clock changes.
func byRule(r handrail.Recurrence, from, to time.Time, take func(day time.Time, besides bool)) {
	option := optionOf(r)
	begin := midnight(from)
	if d, err := time.Parse(time.DateOnly, string(r.From)); err == nil {
		option.Dtstart = alignedStart(r, d, begin)
	} else {
		option.Dtstart = alignedStart(r, begin, begin)
	}
	rule, err := rrule.NewRRule(option)
	if err != nil {
		return // sound has let nothing through that this could refuse
	}
	for _, d := range rule.Between(begin, midnight(to), true) {
		take(time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, from.Location()), false)
	}
}

// alignedStart is the last beginning of a period (a week from Monday, a month) that lies a whole number of intervals
// after first and not after begin: the rule counts the same from there, without stepping through the years between.
func alignedStart(r handrail.Recurrence, first, begin time.Time) time.Time {
	every := max(r.Every, 1)
	if r.Freq == handrail.Weekly {
		first = monday(first)
		weeks := int((monday(begin).Unix() - first.Unix()) / (7 * 24 * 60 * 60)) // a time.Duration ends after 292 years
		if weeks > 0 {
			first = first.AddDate(0, 0, 7*(weeks-weeks%every))
		}
		return first
	}
	first = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
	months := (begin.Year()-first.Year())*12 + int(begin.Month()) - int(first.Month())
	if months > 0 {
		first = first.AddDate(0, months-months%every, 0)
	}
	return first
}

// optionOf is the rule of a recurrence that is sound and not OnDates, without its first and last date.
func optionOf(r handrail.Recurrence) rrule.ROption {
	option := rrule.ROption{Freq: rrule.WEEKLY, Wkst: rrule.MO}
	if r.Every > 1 {
		option.Interval = r.Every
	}
	day := []rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}[r.Day]
	switch {
	case r.Freq == handrail.Weekly:
		option.Byweekday = []rrule.Weekday{day}
	case r.Nth != 0:
		option.Freq = rrule.MONTHLY
		option.Byweekday = []rrule.Weekday{day.Nth(r.Nth)}
	default:
		option.Freq = rrule.MONTHLY
		option.Bymonthday = []int{r.MonthDay}
	}
	return option
}

// noon is the middle of a date, which no change of the clocks comes near.
func noon(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, t.Location())
}

// midnight is a local date as rules count them: in UTC.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func monday(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }
