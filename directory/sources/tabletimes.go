package sources

import (
	"fmt"
	"strings"
	"time"

	"handrail"
	"slices"
)

// times reads the days and hours from their columns, and keeps the listing's own words where they say more. It returns
// the days of the day columns, which are a part of what names the row.
func (r *reading) times(a *handrail.Activity, c cellsOf, note func(string)) (named []time.Weekday) {
	var words []string
	say := func(s string) {
		s = strings.NewReplacer(":; ", ": ", ";; ", "; ").Replace(clean(strings.ReplaceAll(plain(s, 1000), "\n", "; "), 1000))
		if s != "" && !slices.Contains(words, s) {
			words = append(words, s)
		}
	}
	for _, s := range c.labelled(FieldWhen) {
		if !strings.Contains(s, "://") || len(strings.Fields(s)) > 3 { // a link to a timetable says no time
			say(s)
		}
	}
	if r.timed || len(c.at[FieldDate]) > 0 {
		var all []handrail.Recurrence
		var own []string
		all, named, own = r.fromColumns(c, note)
		for _, s := range own {
			say(s)
		}
		for _, t := range all {
			if !endedBefore(t, r.o.asOf) {
				a.Times = addTime(a.Times, t)
			}
		}
	} else if start := strings.TrimSpace(c.text(FieldStart) + " " + c.text(FieldEnd)); start != "" {
		say(strings.TrimSpace(c.text(FieldFrequency) + " " + start)) // hours of no day
	}
	a.WhenText = clean(strings.Join(words, "; "), 1000)
	return named
}

// fromColumns reads the columns that are meant for days and times. words are those cells that cannot be understood.
func (r *reading) fromColumns(c cellsOf, note func(string)) (list []handrail.Recurrence, named []time.Weekday, words []string) {
	startCell, endCell := plainLine(c.text(FieldStart), 60), plainLine(c.text(FieldEnd), 60)
	frequency := strings.ToLower(plainLine(c.text(FieldFrequency), 60))
	dayCell := plainLine(c.text(FieldWeekday), 200)
	base, weekly := r.bounds(c, frequency, note)

	var days []time.Weekday
	understood := true
	if dayCell != "" {
		if days, understood = readWeekdays(dayCell); !understood {
			days = nil
		}
		named = append(named, days...)
	}
	type hours struct {
		day        time.Weekday
		start, end string
	}
	var meetings []hours
	for _, d := range days {
		meetings = append(meetings, hours{d, startCell, endCell})
	}
	for d := range time.Saturday + 1 {
		s := plainLine(c.text(dayField(d)), 200)
		switch ticked(s) {
		case handrail.Yes:
			named = append(named, d)
			meetings = append(meetings, hours{d, startCell, endCell})
			continue
		case handrail.No:
			continue
		}
		if low := strings.ToLower(s); s == "" || strings.HasPrefix(low, "closed") || low == "shut" {
			continue
		}
		for _, part := range strings.FieldsFunc(strings.ReplaceAll(s, " and ", ","), func(r rune) bool { return r == ',' || r == ';' || r == '&' }) {
			if _, _, _, ok := readHours(part, ""); !ok {
				words = append(words, d.String()+": "+s)
				break
			}
			meetings = append(meetings, hours{d, part, ""})
		}
	}
	var date *time.Time
	if s := plainLine(c.text(FieldDate), 60); s != "" {
		if date = readDate(s, r.from1904); date == nil {
			words = append(words, s)
		} else if len(meetings) == 0 {
			meetings = append(meetings, hours{date.Weekday(), startCell, endCell})
		}
	}
	inWords := !understood || !weekly || len(meetings) == 0
	for _, m := range meetings {
		start, end, certain, ok := readHours(m.start, m.end)
		if !ok {
			if m.start != "" {
				note("a time of it cannot be read")
			}
			inWords = true
			continue
		}
		if end == 0 {
			end = r.endBy(c, start)
		}
		if !weekly {
			continue
		}
		t := base
		t.Day, t.Start, t.End, t.Certainty = m.day, start, end, certain
		if date != nil {
			t.Freq, t.Also = handrail.OnDates, []handrail.Date{handrail.Date(date.Format(time.DateOnly))}
			t.From, t.Until = "", ""
		}
		inWords = inWords || certain != handrail.CertaintySaid
		list = append(list, t)
	}
	if inWords && (dayCell != "" || startCell != "" || len(named) > 0) {
		words = append(words, columnsInWords(frequency, dayCell, named, startCell, endCell))
	}
	return list, named, words
}

// bounds reads the first and last date and how often it meets. weekly is false when it does not meet every week, or
// nobody knows from when to count.
func (r *reading) bounds(c cellsOf, frequency string, note func(string)) (base handrail.Recurrence, weekly bool) {
	from := r.day(c, FieldFirstDate, "its first date cannot be read, so it is left out", note)
	until := r.day(c, FieldLastDate, "its last date cannot be read, so it is left out", note)
	if from != nil {
		base.From = handrail.Date(from.Format(time.DateOnly))
	}
	if until != nil {
		base.Until = handrail.Date(until.Format(time.DateOnly))
	}
	if base.Until != "" && base.From > base.Until {
		base.From, base.Until = "", ""
		note("it ends before it begins, so both dates are left out")
	}
	switch strings.Trim(frequency, " .") {
	case "", "weekly", "every week", "week", "w", "1", "once a week", "each week", "one off", "one-off", "once", "every weekday", "daily":
		return base, true
	case "term time", "term time only", "weekly term time", "weekly in term time", "weekly term time only", "weekly (term time)", "weekly (term time only)", "weekly, term time only":
		base.TermOnly = true
		return base, true
	case "fortnightly", "every two weeks", "every 2 weeks", "every other week", "biweekly", "bi-weekly", "alternate weeks":
		base.Every = 2
		return base, base.From != ""
	}
	return base, false
}

// endBy is the end of a meeting by how long it takes; 0 when that is not said.
func (r *reading) endBy(c cellsOf, start handrail.Clock) handrail.Clock {
	minutes, ok := readMinutes(plainLine(c.text(FieldDuration), 60))
	if end := start + handrail.Clock(minutes); ok && end < 24*60 {
		return end
	}
	return 0
}

// columnsInWords tells what day and time columns hold in the listing's own words.
func columnsInWords(frequency, dayCell string, named []time.Weekday, start, end string) string {
	if dayCell == "" {
		var names []string
		for _, d := range named {
			names = append(names, d.String())
		}
		dayCell = strings.Join(names, ", ")
	}
	text := strings.TrimSpace(dayCell)
	if start != "" {
		if text += ", " + start; end != "" {
			text = fmt.Sprintf("%s to %s", text, end)
		}
	}
	if frequency != "" && frequency != "weekly" && frequency != "1" {
		text += " (" + frequency + ")"
	}
	return strings.TrimPrefix(text, ", ")
}
