// Package calendar says on which days a group meets: it turns the recurrences of a listing into occurrences, in local
// wall time, without the days that are called off, the bank holidays and the school holidays on which it does not meet.
//
//	cal := calendar.New()
//	meetings, err := cal.Meetings(activity, clock.Now(), clock.Now().AddDate(0, 0, 21))
//	for _, m := range meetings {
//		fmt.Println(m.Local, m.Doubt) // "2027-03-29T14:00 bank holiday": somebody should ask first
//	}
//
// Dates are worked out first and wall times put on them afterwards, so a group keeps its two o'clock when the clocks
// change (T3). ParseRule and Rule translate from and to the recurrence rules of RFC 5545, which feeds and calendars speak.
package calendar

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"handrail"
)

// Calendar expands recurrences. What it knows never changes, so it is safe to share.
type Calendar struct {
	holidays Holidays
	terms    []Term
	zones    sync.Map // name to *time.Location: reading a zone costs more than a year of meetings
}

// Option is something a calendar can be told when it is made.
type Option func(*Calendar)

// WithHolidays replaces the bank holidays that the product knows, for instance by those that ReadHolidays read.
func WithHolidays(h Holidays) Option { return func(c *Calendar) { c.holidays = h } }

// WithTerms gives the school terms of the area, in any order. Without them the usual school holidays are assumed.
func WithTerms(terms ...Term) Option {
	return func(c *Calendar) {
		c.terms = slices.Clone(terms)
		slices.SortFunc(c.terms, func(a, b Term) int { return compare(a.From, b.From) })
	}
}

// New makes a calendar that knows the bank holidays of KnownHolidays and no school terms.
func New(options ...Option) *Calendar {
	c := &Calendar{holidays: KnownHolidays()}
	for _, o := range options {
		o(c)
	}
	return c
}

// Meetings returns the occurrences of an activity that start in [from, to), in order and each once.
//
// A time that is only guessed is no meeting, and neither is one that cannot be worked out: more weeks or months between
// meetings without a first date to count from, a month without a day, a date that is none. The weeks between meetings
// are counted in weeks that begin on Monday, from the one that From lies in.
//
// Left out are the dates in Except, those that were cancelled, bank holidays when it does not meet on them, and school
// holidays when it meets in term time only. The dates in Also are meant one by one, so only Except and a cancellation
// take them away. Where it is not said whether it meets on bank holidays, or not sure that schools are open, the
// meeting stays and carries its Doubt.
func (c *Calendar) Meetings(a handrail.Activity, from, to time.Time) ([]handrail.Occurrence, error) {
	if !from.Before(to) || len(a.Times) == 0 {
		return nil, nil
	}
	days := daysOff{calendar: c, postcode: a.Venue.Postcode, cancelled: a.Standing.Cancelled}
	var out []handrail.Occurrence
	for _, r := range a.Times {
		if !r.Certain() || !sound(r) {
			continue
		}
		loc, err := c.location(r)
		if err != nil {
			return nil, fmt.Errorf("meetings of %s: %w", a.ID, err)
		}
		take := func(day time.Time, besides bool) {
			o := handrail.OccurrenceIn(a.ID, r, day, loc)
			if o.Start.Before(from) || !o.Start.Before(to) {
				return
			}
			if doubt, ok := days.meets(r, o.Date(), besides); ok {
				o.Doubt = doubt
				out = append(out, o)
			}
		}
		switch {
		case r.Freq == handrail.Weekly && r.Every <= 1:
			everyWeek(r, from.In(loc), to.In(loc), take)
		case r.Freq != handrail.OnDates:
			byRule(r, from.In(loc), to.In(loc), take)
		}
		for _, d := range r.Also {
			if noon := d.At(handrail.At(12, 0), loc); !noon.IsZero() {
				take(noon, true)
			}
		}
	}
	// The fourth Tuesday may be the last one too, and a date in Also one of the rule's. The one without a doubt was
	// said in so many words, so it is the one to keep.
	slices.SortStableFunc(out, func(a, b handrail.Occurrence) int {
		if d := a.Start.Compare(b.Start); d != 0 {
			return d
		}
		if d := a.End.Compare(b.End); d != 0 {
			return d
		}
		return compare(a.Doubt, b.Doubt)
	})
	return slices.CompactFunc(out, func(a, b handrail.Occurrence) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }), nil
}

// location loads each zone once. There are only as many as the zone data holds, since an unknown one is not kept.
func (c *Calendar) location(r handrail.Recurrence) (*time.Location, error) {
	if loc, ok := c.zones.Load(r.Zone); ok {
		return loc.(*time.Location), nil
	}
	loc, err := r.Location()
	if err != nil {
		return nil, err
	}
	c.zones.Store(r.Zone, loc)
	return loc, nil
}

// sound reports whether a recurrence says when it meets.
func sound(r handrail.Recurrence) bool {
	if r.Start < 0 || r.Start >= handrail.At(24, 0) || r.Day < time.Sunday || r.Day > time.Saturday || !isDate(r.From) || !isDate(r.Until) {
		return false
	}
	switch r.Freq {
	case handrail.Weekly:
		return r.Every <= 1 || !r.From.IsZero()
	case handrail.Monthly:
		if r.Nth == 0 && (r.MonthDay == 0 || r.MonthDay < -31 || r.MonthDay > 31) || r.Nth < -5 || r.Nth > 5 {
			return false
		}
		return r.Every <= 1 || !r.From.IsZero()
	case handrail.OnDates:
		return true
	}
	return false
}

// isDate reports whether a date is none, or one that there is.
func isDate(d handrail.Date) bool {
	if d.IsZero() {
		return true
	}
	_, err := handrail.ParseDate(string(d))
	return err == nil
}

// daysOff knows on which days the groups of one listing do not meet.
type daysOff struct {
	calendar  *Calendar
	cancelled []handrail.Cancellation
	postcode  string
	division  Division
	placed    bool // division was looked up
}

// where is the division the group meets in; empty when it is not known.
func (d *daysOff) where() Division {
	if !d.placed {
		d.division, _ = DivisionOf(d.postcode)
		d.placed = true
	}
	return d.division
}

// meets says whether a group meets on one of the dates of its recurrence, and what speaks against it.
func (d *daysOff) meets(r handrail.Recurrence, on handrail.Date, besides bool) (handrail.Doubt, bool) {
	if slices.Contains(r.Except, on) || slices.ContainsFunc(d.cancelled, func(c handrail.Cancellation) bool { return c.On == on }) {
		return handrail.DoubtNone, false
	}
	if besides {
		return handrail.DoubtNone, true
	}
	if !r.From.IsZero() && on < r.From || !r.Until.IsZero() && on > r.Until {
		return handrail.DoubtNone, false
	}
	doubt := handrail.DoubtNone
	if r.TermOnly {
		switch d.calendar.school(on, d.where()) {
		case schoolOut:
			return handrail.DoubtNone, false
		case schoolPerhaps:
			doubt = handrail.DoubtTerm
		}
	}
	if r.Holidays != handrail.Yes && d.holiday(on) {
		if r.Holidays == handrail.No {
			return handrail.DoubtNone, false
		}
		doubt = handrail.DoubtHoliday
	}
	return doubt, true
}

// holiday reports whether a date is a bank holiday where the group meets, or one of the three days that are kept even
// where another day is off for them: nobody holds a Saturday group on Christmas Day 2027 because Monday is the holiday.
func (d *daysOff) holiday(on handrail.Date) bool {
	switch on[len("2026"):] {
	case "-12-25", "-12-26", "-01-01":
		return true
	}
	// Nearly every date is an ordinary one, and where the group meets need not be looked up.
	return d.calendar.holidays.OnHoliday(on, "") && d.calendar.holidays.OnHoliday(on, d.where())
}

func compare[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
