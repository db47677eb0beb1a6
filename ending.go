package handrail

import (
	"strconv"
	"strings"
)

// LastDay is the last date on which a group meets, as far as its listing says: the last day that is paid for, or the day
// on which the last of its times ends, whichever is sooner. False when it goes on for as long as anybody knows.
func (a Activity) LastDay() (Date, bool) {
	var last Date
	if len(a.Times) > 0 {
		for _, r := range a.Times {
			end := r.end()
			if end.IsZero() {
				last = ""
				break
			}
			last = max(last, end)
		}
	}
	if f, ok := a.Fact(FactFundingEnd); ok {
		if paid, err := ParseDate(strings.TrimSpace(f.Value)); err == nil && (last.IsZero() || paid < last) {
			last = paid
		}
	}
	return last, !last.IsZero()
}

// end is the last date on which the recurrence says that it may meet; zero when it never ends.
func (r Recurrence) end() Date {
	end := r.Until
	if r.Freq != OnDates && end.IsZero() {
		return ""
	}
	for _, also := range r.Also {
		end = max(end, also)
	}
	return end
}

// Sessions is how many meetings a course has; false when the listing is no course, or does not say in a number.
func (a Activity) Sessions() (int, bool) {
	f, ok := a.Fact(FactSessions)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(f.Value))
	return n, err == nil && n > 0 && n <= 200
}

// LastDayFrom is LastDay for somebody whose first meeting is known: a course of so many meetings is over after the last
// of them, counted from there whether they came each time or not. meetings are the listing's, in order, from their first
// one on.
func (a Activity) LastDayFrom(meetings []Occurrence) (Date, bool) {
	last, ends := a.LastDay()
	n, course := a.Sessions()
	if !course || len(meetings) < n {
		return last, ends
	}
	if date := meetings[n-1].Date(); !date.IsZero() && (!ends || date < last) {
		return date, true
	}
	return last, ends
}
