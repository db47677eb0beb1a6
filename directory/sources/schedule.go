package sources

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// schedule is a time of Open Referral, v1 and v3: the fields of an RFC 5545 rule, each by itself.
type schedule struct {
	ValidTo     text   `json:"valid_to"`
	ValidFrom   text   `json:"valid_from"`
	Start       text   `json:"dtstart"`
	Until       text   `json:"until"`
	Count       number `json:"count"`
	Freq        text   `json:"freq"`
	Interval    number `json:"interval"`
	ByDay       joined `json:"byday"`
	ByMonthDay  joined `json:"bymonthday"`
	ByWeekNo    joined `json:"byweekno"`
	ByYearDay   joined `json:"byyearday"`
	Weekday     text   `json:"weekday"` // v1, as Outpost sends it
	Description text   `json:"description"`
	Notes       text   `json:"notes"`
	OpensAt     text   `json:"opens_at"`
	ClosesAt    text   `json:"closes_at"`
	Timezone    text   `json:"timezone"`

	Except []handrail.Date `json:"-"` // OpenActive's
}

// joined is a list in one string, "TU,WE", that feeds also send as a list.
type joined string

// UnmarshalJSON takes a scalar or a list of scalars.
func (j *joined) UnmarshalJSON(raw []byte) error {
	var list scalars
	if err := list.UnmarshalJSON(raw); err != nil {
		return err
	}
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = string(t)
	}
	*j = joined(strings.Join(parts, ","))
	return nil
}

// What can be wrong with a schedule. Its words are kept in every case.
const (
	badTime       = "a time of it cannot be read"
	badRarely     = "a schedule repeats less than once a year"
	badRule       = "a schedule repeats in a way that cannot be kept, so only its words are"
	mendedMonthly = "a schedule counts its days within the month but says weekly, so it is taken as monthly"
	badAnchor     = "a schedule skips weeks and does not say from when, so nobody knows which"
	badMidnight   = "a schedule runs from midnight to midnight, which is taken as no time"
)

// maxTimes is how many times of one listing are kept.
const maxTimes = 50

// times reads the times and the listing's own words about them.
func (s service) times(a *handrail.Activity, o options, note func(string)) {
	all := slices.Clone(s.Schedules)
	for _, at := range s.Locations {
		all = append(all, at.Schedules...)
	}
	var words []string
	say := func(text string) {
		if text != "" && len(words) < 20 && !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, text) }) {
			words = append(words, text)
		}
	}
	for _, sc := range all {
		say(plainLine(string(sc.Description), 300))
		say(plainLine(string(sc.Notes), 300))
		if sc.over(o.asOf) {
			continue
		}
		list, reason := sc.recurrences()
		note(reason)
		if len(list) == 0 && sc.Description == "" {
			say(sc.inWords())
		}
		for _, t := range list {
			if !endedBefore(t, o.asOf) {
				a.Times = addTime(a.Times, closures(t, s.Holidays))
			}
		}
	}
	a.WhenText = clean(strings.Join(words, "; "), 1000)
}

// over reports whether a schedule ended before t. An end before its own beginning ("1899-12-30") is no end.
func (sc schedule) over(t time.Time) bool {
	end, begin := date(string(sc.ValidTo)), date(string(sc.ValidFrom))
	return !t.IsZero() && end != nil && (begin == nil || !end.Before(*begin)) && end.AddDate(0, 0, 1).Before(t)
}

func endedBefore(r handrail.Recurrence, t time.Time) bool {
	return !t.IsZero() && !r.Until.IsZero() && r.Until < handrail.DateOf(t.AddDate(0, 0, -1), time.UTC)
}

// addTime adds a time to a list unless one there already says it, or says it for longer.
func addTime(list []handrail.Recurrence, t handrail.Recurrence) []handrail.Recurrence {
	for i, other := range list {
		switch {
		case covers(other, t):
			return list
		case covers(t, other):
			list[i] = t
			return list
		}
	}
	if len(list) < maxTimes {
		list = append(list, t)
	}
	return list
}

// covers reports whether a is b, perhaps over a longer time.
func covers(a, b handrail.Recurrence) bool {
	if a.Equal(b) {
		return true
	}
	if a.Every > 1 || a.From > b.From || !a.Until.IsZero() && (b.Until.IsZero() || b.Until > a.Until) {
		return false
	}
	a.From, a.Until, b.From, b.Until = "", "", "", ""
	return a.Equal(b)
}

// nthDay is a weekday, perhaps a numbered one of the month.
type nthDay struct {
	nth int // 0 when it is not numbered
	day time.Weekday
}

// nthDays reads "TU,WE", "1MO", "-1FR", "Thursday"; what is none of them is left out.
func nthDays(s string) (list []nthDay) {
	for _, part := range strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		name := strings.TrimLeft(part, "+-0123456789")
		d, ok := weekday(name)
		if !ok {
			continue
		}
		nth := 0
		if number := strings.TrimSuffix(part, name); number != "" {
			var err error
			if nth, err = strconv.Atoi(number); err != nil || nth == 0 {
				continue
			}
		}
		if n := (nthDay{nth, d}); !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// recurrences are the times of a schedule. What a Recurrence cannot say is not bent into one: "the first Monday" read as
// weekly would send people to a locked door three times out of four.
func (sc schedule) recurrences() (list []handrail.Recurrence, problem string) {
	if sc.OpensAt == "" {
		return nil, ""
	}
	base, problem := sc.base()
	if problem == badTime && base.Start == 0 || problem == badMidnight {
		return nil, problem
	}
	if sc.ByWeekNo != "" || sc.ByYearDay != "" {
		return nil, badRule
	}
	freq := strings.ToLower(strings.TrimSpace(string(sc.Freq)))
	on := nthDays(string(sc.ByDay) + " " + string(sc.Weekday))
	numbered := slices.ContainsFunc(on, func(d nthDay) bool { return d.nth != 0 })
	every, ok := sc.every()
	if !ok {
		return nil, badRarely
	}
	switch {
	case freq == "monthly" || freq == "month" || (freq == "" || freq == "weekly" || freq == "week") && numbered:
		if list, ok = monthly(base, on, string(sc.ByMonthDay)); !ok {
			return nil, badRule
		}
		if freq == "weekly" || freq == "week" {
			problem = mendedMonthly
			for i := range list {
				list[i].Certainty = handrail.CertaintyRead
			}
			every = 0
		}
	case sc.ByMonthDay != "":
		if freq != "" || len(on) > 0 {
			return nil, badRule
		}
		if list, ok = monthly(base, nil, string(sc.ByMonthDay)); !ok {
			return nil, badRule
		}
	case freq == "daily":
		if every > 1 {
			return nil, badRule
		}
		if len(on) == 0 {
			on = nthDays("MO,TU,WE,TH,FR,SA,SU")
		}
		list = weekly(base, on)
	case freq == "weekly" || freq == "week" || freq == "" && len(on) > 0:
		list = weekly(base, on)
	case freq == "":
		if only := sc.onlyDate(); only != "" {
			base.Freq, base.Also, base.From, base.Until = handrail.OnDates, []handrail.Date{only}, "", ""
			return []handrail.Recurrence{base}, problem
		}
		return nil, problem
	default:
		return nil, badRule
	}
	if len(list) == 0 {
		return nil, problem
	}
	if every > 1 {
		from := sc.anchor(base, every, list[0].Freq)
		if from.IsZero() {
			problem = badAnchor
		}
		for i := range list {
			list[i].Every, list[i].From = every, from
		}
	}
	if n := sc.Count; n.ok && n.v >= 1 {
		last := lastOf(list, int(min(n.v, 1000)))
		for i := range list {
			if !last.IsZero() && (list[i].Until.IsZero() || last < list[i].Until) {
				list[i].Until = last
			}
		}
	}
	return list, problem
}

// base is what all times of a schedule share.
func (sc schedule) base() (r handrail.Recurrence, problem string) {
	start, ok := clockTime(string(sc.OpensAt))
	if !ok {
		return r, badTime
	}
	end, ok := clockTime(string(sc.ClosesAt))
	if !ok && sc.ClosesAt != "" {
		problem = badTime
	}
	if ok && start == 0 && (end == 0 || end == handrail.At(23, 59)) {
		return r, badMidnight
	}
	if end <= start {
		end = 0
	}
	r = handrail.Recurrence{Start: start, End: end, Zone: zoneName(string(sc.Timezone)), Except: sc.Except}
	r.From = max(localDate(string(sc.ValidFrom)), localDate(string(sc.Start)))
	until, to := localDate(string(sc.Until)), localDate(string(sc.ValidTo))
	if from := localDate(string(sc.ValidFrom)); to < from {
		to = ""
	}
	if until.IsZero() || !to.IsZero() && to < until {
		until = to
	}
	if until >= r.From {
		r.Until = until
	}
	words := string(sc.Description) + ". " + string(sc.Notes)
	r.Holidays, r.TermOnly = holidaysOf(words), termOnly(words)
	return r, problem
}

// every is the interval; false when it is longer than a year.
func (sc schedule) every() (n int, ok bool) {
	if !sc.Interval.ok || sc.Interval.v <= 1 {
		return 0, true
	}
	return int(min(sc.Interval.v, 1000)), sc.Interval.v <= 52
}

// anchor is the date from which every second or third week or month is counted: that of dtstart, brought forward to the
// first such week or month in which the schedule is valid.
func (sc schedule) anchor(base handrail.Recurrence, every int, freq handrail.Frequency) handrail.Date {
	first, err := time.Parse(time.DateOnly, string(localDate(string(sc.Start))))
	if err != nil {
		return base.From
	}
	from, err := time.Parse(time.DateOnly, string(base.From))
	if err != nil || !from.After(first) {
		return handrail.DateOf(first, time.UTC)
	}
	if freq == handrail.Monthly {
		months := (from.Year()-first.Year())*12 + int(from.Month()-first.Month())
		if months%every == 0 {
			return base.From
		}
		return handrail.DateOf(time.Date(first.Year(), first.Month()+time.Month(months+every-months%every), 1, 0, 0, 0, 0, time.UTC), time.UTC)
	}
	weeks := int(monday(from).Sub(monday(first)).Hours()) / (7 * 24)
	if weeks%every == 0 {
		return base.From
	}
	return handrail.DateOf(monday(first).AddDate(0, 0, 7*(weeks+every-weeks%every)), time.UTC)
}

func monday(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }

// onlyDate is the one date of a schedule that does not repeat.
func (sc schedule) onlyDate() handrail.Date {
	start, from, to := localDate(string(sc.Start)), localDate(string(sc.ValidFrom)), localDate(string(sc.ValidTo))
	if start.IsZero() {
		start = from
	}
	if !start.IsZero() && (to == start || sc.Count.ok && sc.Count.v == 1) {
		return start
	}
	return ""
}

func weekly(base handrail.Recurrence, on []nthDay) (list []handrail.Recurrence) {
	for _, d := range on {
		base.Day = d.day
		list = append(list, base)
	}
	return list
}

// monthly are the monthly times; false when a Recurrence cannot say one of them: any Monday of the month, say, or the
// last day but four.
func monthly(base handrail.Recurrence, on []nthDay, monthDays string) (list []handrail.Recurrence, ok bool) {
	base.Freq = handrail.Monthly
	var numbers []int
	for _, part := range strings.FieldsFunc(monthDays, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		n, err := strconv.Atoi(part)
		if err != nil || n == 0 || n < -1 || n > 31 {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	if len(on) == 0 {
		for _, n := range numbers {
			base.MonthDay = n
			list = append(list, base)
		}
		return list, len(list) > 0 && len(list) <= 15
	}
	week := 0
	if len(numbers) == 7 { // "MO" on the 8th to the 14th is the second Monday
		slices.Sort(numbers)
		if numbers[0]%7 == 1 && numbers[0] <= 22 && numbers[6] == numbers[0]+6 {
			week = numbers[0]/7 + 1
		}
	}
	if len(numbers) > 0 && week == 0 {
		return nil, false
	}
	for _, d := range on {
		base.Day, base.Nth = d.day, d.nth
		if d.nth == 0 {
			base.Nth = week
		} else if week != 0 {
			return nil, false
		}
		if base.Nth == 0 || base.Nth < -1 || base.Nth > 5 {
			return nil, false
		}
		list = append(list, base)
	}
	return list, true
}

// meets reports whether a time meets on a date, exceptions apart.
func meets(r handrail.Recurrence, on time.Time) bool {
	from, err := time.Parse(time.DateOnly, string(r.From))
	every := max(r.Every, 1)
	switch {
	case err != nil && every > 1, err == nil && on.Before(from), !r.Until.IsZero() && handrail.DateOf(on, time.UTC) > r.Until:
		return false
	case r.Freq == handrail.Weekly:
		return on.Weekday() == r.Day && (every == 1 || int(monday(on).Sub(monday(from)).Hours())/(7*24)%every == 0)
	case r.Freq != handrail.Monthly, every > 1 && ((on.Year()-from.Year())*12+int(on.Month()-from.Month()))%every != 0:
		return false
	case r.Nth > 0:
		return on.Weekday() == r.Day && (on.Day()-1)/7+1 == r.Nth
	case r.Nth < 0:
		return on.Weekday() == r.Day && on.AddDate(0, 0, 7).Month() != on.Month()
	case r.MonthDay < 0:
		return on.AddDate(0, 0, 1).Month() != on.Month()
	}
	return on.Day() == r.MonthDay
}

// lastOf is the date of the nth meeting of times that begin together; zero when they do not say when they begin, or it
// is more than twenty years away.
func lastOf(list []handrail.Recurrence, n int) handrail.Date {
	day, err := time.Parse(time.DateOnly, string(list[0].From))
	if err != nil {
		return ""
	}
	for range 20 * 366 {
		for _, r := range list {
			if !meets(r, day) {
				continue
			}
			if n--; n == 0 {
				return handrail.DateOf(day, time.UTC)
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return ""
}

// closures adds to a time's exceptions the days on which the listing says it is closed.
func closures(r handrail.Recurrence, closed []holiday) handrail.Recurrence {
	for _, h := range closed {
		first, last := localDate(string(h.Start)), localDate(string(h.End))
		if last.IsZero() {
			last = first
		}
		day, err := time.Parse(time.DateOnly, string(first))
		for i := 0; err == nil && h.Closed.yes && i < 400 && len(r.Except) < 100; i++ {
			on := handrail.DateOf(day, time.UTC)
			if on > last {
				break
			}
			if meets(r, day) && !slices.Contains(r.Except, on) {
				r.Except = append(r.Except, on)
			}
			day = day.AddDate(0, 0, 1)
		}
	}
	slices.Sort(r.Except)
	return r
}

// localDate is the date that a date or a timestamp means: one with a zone is told by the clocks here, since feeds send
// midnight of a summer's day as 23:00 of the day before.
func localDate(s string) handrail.Date {
	t := date(s)
	if t == nil {
		return ""
	}
	s = strings.TrimSpace(s)
	zoned := len(s) > 10 && (strings.HasSuffix(s, "Z") || strings.LastIndexAny(s, "+-") > 10)
	if zoned { // reading a zone costs more than all the rest
		if london, err := time.LoadLocation(handrail.HomeZone); err == nil {
			return handrail.DateOf(*t, london)
		}
	}
	return handrail.DateOf(*t, time.UTC)
}

// zoneName is the zone of a schedule where it is another than ours. Only Europe's are believed: feeds write UTC without
// meaning it.
func zoneName(z string) string {
	z = strings.TrimSpace(z)
	if !strings.HasPrefix(z, "Europe/") || z == handrail.HomeZone {
		return ""
	}
	if _, err := time.LoadLocation(z); err != nil {
		return ""
	}
	return z
}

var (
	noHolidays   = regexp.MustCompile(`(?i)\b(not|no|closed|except|excluding|excl)\b[^.;]{0,40}\b(bank|public) hol`)
	withHolidays = regexp.MustCompile(`(?i)\b(including|incl|open|also|runs)\b[^.;]{0,25}\b(bank|public) hol`)
	inTerm       = regexp.MustCompile(`(?i)\b(term[- ]?time|during (school )?term|in (school )?term)\b`)
	outOfTerm    = regexp.MustCompile(`(?i)\b(outside|not|school holidays?|all year)\b`)
)

func holidaysOf(words string) handrail.Tri {
	switch {
	case noHolidays.MatchString(words):
		return handrail.No
	case withHolidays.MatchString(words):
		return handrail.Yes
	}
	return handrail.NotSaid
}

func termOnly(words string) bool { return inTerm.MatchString(words) && !outOfTerm.MatchString(words) }

// inWords tells a schedule whose times cannot be kept, for listings that do not do so themselves: "first Monday of the
// month, 10:00 to 12:00".
func (sc schedule) inWords() string {
	var parts []string
	for _, d := range nthDays(string(sc.ByDay) + " " + string(sc.Weekday)) {
		which := ""
		switch d.nth {
		case 1:
			which = "first "
		case 2:
			which = "second "
		case 3:
			which = "third "
		case 4:
			which = "fourth "
		case 5:
			which = "fifth "
		case -1:
			which = "last "
		case -2:
			which = "last but one "
		}
		if which == "" {
			parts = append(parts, d.day.String())
			continue
		}
		parts = append(parts, which+d.day.String()+" of the month")
	}
	if len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, " and ")
	if strings.EqualFold(string(sc.Freq), "monthly") && !strings.Contains(text, "month") {
		text += ", monthly"
	}
	if start, ok := clockTime(string(sc.OpensAt)); ok && (start != 0 || sc.ClosesAt == "") {
		text += ", " + start.String()
		if end, ok := clockTime(string(sc.ClosesAt)); ok && end > start {
			text += " to " + end.String()
		}
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
