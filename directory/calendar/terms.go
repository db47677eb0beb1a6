package calendar

import (
	"time"

	"handrail"
)

// Term is a stretch of days on which the schools of an area are open, both ends included. Half-term is a gap between two.
type Term struct {
	From  handrail.Date
	Until handrail.Date
}

// schooling says whether the schools are open on a day.
type schooling uint8

const (
	schoolOpen schooling = iota
	schoolPerhaps
	schoolOut
)

// school says whether the schools are open. Between the first and the last day of the terms that it was given, a day in
// no term is a holiday. Outside them, and without any, the days on which all schools of the division are out are
// holidays, and those on which some are, in one council's area or another, are doubtful.
func (c *Calendar) school(on handrail.Date, where Division) schooling {
	if n := len(c.terms); n > 0 && on >= c.terms[0].From && on <= lastDay(c.terms) {
		for _, t := range c.terms {
			if on >= t.From && on <= t.Until {
				return schoolOpen
			}
		}
		return schoolOut
	}
	return usually(on, where)
}

func lastDay(terms []Term) handrail.Date {
	var last handrail.Date
	for _, t := range terms {
		last = max(last, t.Until)
	}
	return last
}

// usually is when schools are open as a rule. Councils and academies set their own dates, so the certain part is kept
// small: the midst of the summer holidays, which are six to eight weeks from the end of July in England and Wales, from
// the end of June in Scotland, and all of July and August in Northern Ireland; and the days around Christmas.
func usually(on handrail.Date, where Division) schooling {
	if len(on) != len(time.DateOnly) {
		return schoolPerhaps
	}
	day := on[5:] // "07-27"
	within := func(from, until handrail.Date) bool { return day >= from && day <= until }
	switch where {
	case Scotland:
		if within("07-03", "08-09") {
			return schoolOut
		}
		if within("06-20", "08-24") || within("09-14", "09-30") {
			return schoolPerhaps // the September weekend is a local holiday
		}
	case NorthernIreland:
		if within("07-03", "08-24") {
			return schoolOut
		}
		if within("06-27", "09-05") {
			return schoolPerhaps
		}
	default:
		if within("07-28", "08-27") && where == EnglandAndWales || within("07-28", "08-09") {
			return schoolOut
		}
		if within("07-08", "09-07") || where == "" && within("06-20", "09-30") {
			return schoolPerhaps
		}
	}
	switch {
	case within("12-24", "12-31"), day == "01-01":
		return schoolOut
	case within("12-17", "12-23"), within("01-02", "01-08"): // either side of Christmas
		return schoolPerhaps
	case within("02-08", "02-24"), within("05-22", "06-06"), within("10-06", "11-05"): // half-terms
		return schoolPerhaps
	}
	if d, err := time.Parse(time.DateOnly, string(on)); err == nil {
		// The spring holidays lie around Easter, before it or after it.
		if from := int(d.Sub(easter(d.Year())) / (24 * time.Hour)); from >= -18 && from <= 18 {
			return schoolPerhaps
		}
	}
	return schoolOpen
}

// easter is Easter Sunday in the Gregorian calendar, by the anonymous algorithm that Nature printed in 1876.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
