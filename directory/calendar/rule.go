package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"handrail"
)

// ErrRule means that a rule is none, or one that no Recurrence can say: "every second day", "in June only". The
// listing's own words are all there is to tell then.
var ErrRule = errors.New("a rule that cannot be told as times of a group")

const (
	maxRule  = 50_000 // bytes; with a list of dates that it does not meet on, years of them
	maxEvery = 520    // weeks or months
	maxDates = 1000
)

// ParseRule reads a recurrence rule of RFC 5545: "FREQ=WEEKLY;BYDAY=TU,TH", with or without "RRULE:" before it, or several
// lines with DTSTART, RRULE, EXDATE and RDATE. A rule for several days becomes several recurrences, in the rule's order.
//
// What the rule does not say comes from like: the wall times, the zone, the first date (From), the certainty, holidays
// and terms. Times in the rule are turned into wall times of the zone. COUNT becomes the last date, so it needs a first.
// A rule for a month without which of its days ("FREQ=MONTHLY;BYDAY=TU") is refused: by the letter it is every Tuesday,
// and those who write it mean one of them. Every error wraps ErrRule.
func ParseRule(rule string, like handrail.Recurrence) ([]handrail.Recurrence, error) {
	p, err := readLines(rule, like)
	if err != nil {
		return nil, err
	}
	if p.rule == "" {
		if len(p.like.Also) == 0 {
			return nil, fmt.Errorf("%w: no rule and no dates", ErrRule)
		}
		p.like.Freq = handrail.OnDates
		return []handrail.Recurrence{p.like}, nil
	}
	option, err := p.option()
	if err != nil {
		return nil, err
	}
	out, err := recurrencesOf(option, p.like)
	if err != nil {
		return nil, err
	}
	last, err := p.lastDate(option)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Until = last
		if i > 0 {
			out[i].Also = nil // each date once
		}
	}
	return out, nil
}

// parsed are the lines of a rule.
type parsed struct {
	rule string
	like handrail.Recurrence
	loc  *time.Location
}

func readLines(rule string, like handrail.Recurrence) (parsed, error) {
	p := parsed{like: like}
	if len(rule) > maxRule {
		return p, fmt.Errorf("%w: too long", ErrRule)
	}
	// A long line is folded: it goes on after a line break and a space.
	rule = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "", "\r\n", "\n").Replace(rule)
	lines := strings.Split(strings.ToUpper(rule), "\n")
	// The zone first: the other lines are told in it.
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "DTSTART") {
			if at := strings.Index(line, "TZID="); at >= 0 {
				same := strings.Split(rule, "\n")[i] // zones are written in small letters too
				if len(same) == len(line) {
					name, _, _ := strings.Cut(same[at+len("TZID="):], ":")
					p.like.Zone, _, _ = strings.Cut(name, ";")
				}
			}
		}
	}
	var err error
	if p.loc, err = p.like.Location(); err != nil {
		return p, fmt.Errorf("%w: %w", ErrRule, err)
	}
	if p.like.Zone == handrail.HomeZone {
		p.like.Zone = ""
	}
	for _, line := range lines {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, ":")
		if !ok && strings.Contains(line, "FREQ=") {
			name, value = "RRULE", line
		}
		name, _, _ = strings.Cut(name, ";")
		switch name {
		case "RRULE":
			if p.rule != "" {
				return p, fmt.Errorf("%w: two rules at once", ErrRule)
			}
			p.rule = strings.TrimSuffix(value, ";")
		case "DTSTART":
			at, whole, err := p.moment(value)
			if err != nil {
				return p, err
			}
			p.like.From = dateOf(at)
			if !whole {
				p.like.Start = clockOf(at)
			}
		case "DTEND":
			at, whole, err := p.moment(value)
			if err != nil {
				return p, err
			}
			if !whole {
				p.like.End = clockOf(at)
			}
		case "EXDATE", "RDATE":
			dates, err := p.dates(value)
			if err != nil {
				return p, err
			}
			if name == "EXDATE" {
				p.like.Except = merged(p.like.Except, dates)
			} else {
				p.like.Also = merged(p.like.Also, dates)
			}
		case "EXRULE":
			return p, fmt.Errorf("%w: a rule of exceptions", ErrRule)
		}
	}
	return p, nil
}

// moment reads "20270105", "20270105T100000" and "20270105T090000Z" as what calendar and clock show in the rule's zone,
// told as if that zone were UTC: an hour that the clocks skip (half past one, on the night of summer time) is still
// what the rule says. whole says that it is a date without a time.
func (p parsed) moment(value string) (at time.Time, whole bool, err error) {
	value = strings.TrimSpace(value)
	switch {
	case len(value) == len(rrule.DateFormat):
		at, err = time.Parse(rrule.DateFormat, value)
		whole = true
	case strings.HasSuffix(value, "Z"):
		if at, err = time.Parse(rrule.DateTimeFormat, value); err == nil {
			_, offset := at.In(p.loc).Zone()
			at = at.Add(time.Duration(offset) * time.Second)
		}
	default:
		at, err = time.Parse(rrule.LocalDateTimeFormat, value)
	}
	if err == nil && (at.Year() < 1900 || at.Year() > 2200) {
		err = errors.New("a date out of all reason")
	}
	if err != nil {
		return at, whole, fmt.Errorf("%w: %w", ErrRule, err)
	}
	return at, whole, nil
}

func (p parsed) dates(value string) ([]handrail.Date, error) {
	var out []handrail.Date
	for _, one := range strings.Split(value, ",") {
		at, _, err := p.moment(one)
		if err != nil {
			return nil, err
		}
		if len(out) == maxDates {
			return nil, fmt.Errorf("%w: too many dates", ErrRule)
		}
		out = append(out, dateOf(at))
	}
	return out, nil
}

// option reads the rule and refuses the parts of RFC 5545 that no group's times have.
func (p parsed) option() (*rrule.ROption, error) {
	var kept []string
	for _, part := range strings.Split(p.rule, ";") {
		if key, _, _ := strings.Cut(part, "="); strings.TrimSpace(key) != "UNTIL" {
			kept = append(kept, strings.TrimSpace(part))
		}
	}
	o, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRule, err)
	}
	refuse := func(what string) (*rrule.ROption, error) { return nil, fmt.Errorf("%w: %s", ErrRule, what) }
	switch {
	case o.Interval < 0 || o.Interval > maxEvery || o.Count < 0 || o.Count > maxDates:
		return refuse("a number out of all reason")
	case len(o.Byyearday)+len(o.Byweekno)+len(o.Byeaster) > 0:
		return refuse("days of the year")
	case len(o.Bymonth) > 0:
		return refuse("in some months only")
	case len(o.Byhour) > 1, len(o.Byminute) > 1, len(o.Byminute) == 1 && len(o.Byhour) == 0, len(o.Bysecond) > 1:
		return refuse("several times a day")
	case len(o.Byweekday)+len(o.Bymonthday)+len(o.Bysetpos) > 40:
		return refuse("more days than there are")
	}
	return o, nil
}

// recurrencesOf makes one recurrence of each day of a rule, its last date aside.
func recurrencesOf(o *rrule.ROption, like handrail.Recurrence) ([]handrail.Recurrence, error) {
	refuse := func(what string) ([]handrail.Recurrence, error) { return nil, fmt.Errorf("%w: %s", ErrRule, what) }
	if len(o.Byhour) == 1 {
		minute := 0
		if len(o.Byminute) == 1 {
			minute = o.Byminute[0]
		}
		like.Start = handrail.At(o.Byhour[0], minute)
		if like.Start < 0 || like.Start >= handrail.At(24, 0) {
			return refuse("a time that is none")
		}
		if like.End <= like.Start {
			like.End = 0
		}
	}
	like.Freq, like.Nth, like.MonthDay, like.Every = handrail.Weekly, 0, 0, 0
	if o.Interval > 1 {
		like.Every = o.Interval
	}
	first, hasFirst := firstOf(like)
	var out []handrail.Recurrence
	add := func(change func(*handrail.Recurrence)) {
		r := like
		r.Except, r.Also = slices.Clone(like.Except), slices.Clone(like.Also)
		change(&r)
		if !slices.ContainsFunc(out, r.Equal) {
			out = append(out, r)
		}
	}
	weekly := func(days []rrule.Weekday) {
		for _, d := range days {
			add(func(r *handrail.Recurrence) { r.Day = time.Weekday((d.Day() + 1) % 7) })
		}
	}
	switch o.Freq {
	case rrule.DAILY:
		if like.Every%7 == 0 && like.Every > 0 && hasFirst && len(o.Byweekday) == 0 {
			like.Every /= 7
			if like.Every == 1 {
				like.Every = 0
			}
			add(func(r *handrail.Recurrence) { r.Day = first.Weekday() })
			break
		}
		if like.Every > 1 || len(o.Bymonthday)+len(o.Bysetpos) > 0 || ordinals(o.Byweekday) {
			return refuse("every so many days")
		}
		if len(o.Byweekday) == 0 {
			o.Byweekday = []rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}
		}
		weekly(o.Byweekday)
	case rrule.WEEKLY:
		if len(o.Bymonthday)+len(o.Bysetpos) > 0 || ordinals(o.Byweekday) {
			return refuse("a week with a day of the month")
		}
		if like.Every > 1 && o.Wkst != rrule.MO && len(o.Byweekday) > 0 {
			return refuse("weeks that do not begin on Monday")
		}
		if len(o.Byweekday) == 0 {
			if !hasFirst {
				return refuse("no day")
			}
			add(func(r *handrail.Recurrence) { r.Day = first.Weekday() })
		}
		weekly(o.Byweekday)
	case rrule.MONTHLY:
		like.Freq = handrail.Monthly
		if err := monthly(o, first, hasFirst, add); err != nil {
			return nil, err
		}
	case rrule.YEARLY, rrule.HOURLY, rrule.MINUTELY, rrule.SECONDLY:
		return refuse("neither weekly nor monthly")
	}
	return out, nil
}

// monthly adds a recurrence for each day of the month that a rule names.
func monthly(o *rrule.ROption, first time.Time, hasFirst bool, add func(func(*handrail.Recurrence))) error {
	switch {
	case len(o.Bymonthday) > 0 && len(o.Byweekday)+len(o.Bysetpos) == 0:
		for _, n := range o.Bymonthday {
			add(func(r *handrail.Recurrence) { r.MonthDay = n })
		}
	case len(o.Byweekday) == 1 && o.Byweekday[0].N() == 0 && len(o.Bysetpos) > 0 && len(o.Bymonthday) == 0:
		for _, n := range o.Bysetpos {
			if n < -5 || n > 5 || n == 0 {
				return fmt.Errorf("%w: no month has so many", ErrRule)
			}
			add(func(r *handrail.Recurrence) { r.Day, r.Nth = time.Weekday((o.Byweekday[0].Day()+1)%7), n })
		}
	case len(o.Byweekday) > 0 && len(o.Bymonthday)+len(o.Bysetpos) == 0:
		for _, d := range o.Byweekday {
			if n := d.N(); n < -5 || n > 5 || n == 0 {
				return fmt.Errorf("%w: it does not say which of the month's days", ErrRule)
			}
		}
		for _, d := range o.Byweekday {
			add(func(r *handrail.Recurrence) { r.Day, r.Nth = time.Weekday((d.Day()+1)%7), d.N() })
		}
	case len(o.Byweekday)+len(o.Bymonthday)+len(o.Bysetpos) == 0 && hasFirst:
		add(func(r *handrail.Recurrence) { r.MonthDay = first.Day() })
	default:
		return fmt.Errorf("%w: it does not say which of the month's days", ErrRule)
	}
	return nil
}

// lastDate is the last date that UNTIL or COUNT allows; that of like without either.
func (p parsed) lastDate(o *rrule.ROption) (handrail.Date, error) {
	last := p.like.Until
	for _, part := range strings.Split(p.rule, ";") {
		key, value, _ := strings.Cut(part, "=")
		if strings.TrimSpace(key) != "UNTIL" {
			continue
		}
		at, whole, err := p.moment(value)
		if err != nil {
			return "", err
		}
		last = dateOf(at)
		if !whole && p.like.Start > clockOf(at) {
			last = dateOf(at.AddDate(0, 0, -1))
		}
	}
	if o.Count == 0 {
		return last, nil
	}
	first, ok := firstOf(p.like)
	if !ok {
		return "", fmt.Errorf("%w: a number of meetings without a first", ErrRule)
	}
	o.Dtstart, o.Byhour, o.Byminute, o.Bysecond = first, nil, nil, nil
	rule, err := rrule.NewRRule(*o)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrRule, err)
	}
	all := rule.All()
	if len(all) == 0 {
		return "", fmt.Errorf("%w: it never comes", ErrRule)
	}
	return handrail.Date(all[len(all)-1].Format(time.DateOnly)), nil
}

// Rule is the RRULE value of a recurrence, "FREQ=MONTHLY;BYDAY=-1TH"; empty for one that is only a list of dates or not
// sound enough to be told. RFC 5545 has no words for bank holidays and school terms: expand those with Meetings.
func Rule(r handrail.Recurrence) string {
	if r.Freq == handrail.OnDates || !told(r) {
		return ""
	}
	o := optionOf(r)
	if loc, err := r.Location(); err == nil && !r.Until.IsZero() {
		o.Until = r.Until.At(r.Start, loc)
	}
	return o.RRuleString()
}

// Lines are the content lines of a recurrence for an iCalendar event that first meets on a date: DTSTART, DTEND where
// the end is known, RRULE, EXDATE and RDATE, unfolded. None for a recurrence that cannot be told.
func Lines(r handrail.Recurrence, first handrail.Date) []string {
	if !told(r) || first.IsZero() || !isDate(first) {
		return nil
	}
	zone := r.Zone
	if zone == "" {
		zone = handrail.HomeZone
	}
	at := func(d handrail.Date, c handrail.Clock) string {
		return strings.ReplaceAll(string(d), "-", "") + "T" + strings.ReplaceAll(c.String(), ":", "") + "00"
	}
	lines := []string{"DTSTART;TZID=" + zone + ":" + at(first, r.Start)}
	if r.End > r.Start {
		lines = append(lines, "DTEND;TZID="+zone+":"+at(first, r.End))
	}
	if rule := Rule(r); rule != "" {
		lines = append(lines, "RRULE:"+rule)
	}
	list := func(name string, dates []handrail.Date) {
		var all []string
		for _, d := range dates {
			if !d.IsZero() && isDate(d) {
				all = append(all, at(d, r.Start))
			}
		}
		if len(all) > 0 {
			lines = append(lines, name+";TZID="+zone+":"+strings.Join(all, ","))
		}
	}
	list("EXDATE", r.Except)
	list("RDATE", r.Also)
	return lines
}

// told is sound, without asking for a first date: a rule may be told without it.
func told(r handrail.Recurrence) bool {
	if r.Every > 1 && r.From.IsZero() {
		r.From = "2026-01-05"
	}
	_, err := r.Location()
	return err == nil && sound(r) && r.Every <= maxEvery && r.End <= handrail.At(23, 59)
}

func firstOf(like handrail.Recurrence) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(like.From))
	return t, err == nil
}

func dateOf(t time.Time) handrail.Date { return handrail.Date(t.Format(time.DateOnly)) }

func clockOf(t time.Time) handrail.Clock { return handrail.At(t.Hour(), t.Minute()) }

func ordinals(days []rrule.Weekday) bool {
	return slices.ContainsFunc(days, func(d rrule.Weekday) bool { return d.N() != 0 })
}

func merged(a, b []handrail.Date) []handrail.Date {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}
