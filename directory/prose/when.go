package prose

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"handrail"
)

// takeDays reads weekdays with what belongs to them: "every other Wednesday", "1st and 3rd Friday", "last Tuesday of the
// month", "Monday to Friday", "daily".
func (s *scanner) takeDays(i int) int {
	if n := s.allDays(i); n > 0 {
		return n
	}
	it := item{sense: isDays}
	j, each := i, false
	switch s.low(j) {
	case "every", "each":
		j, each = j+1, true
		if w := s.low(j); w == "other" || w == "alternate" {
			j, it.every = j+1, 2
		}
	case "alternate", "alternating":
		j, it.every = j+1, 2
	}
	for j < len(s.t) && it.every == 0 && len(it.nth) < 5 {
		nth, n := ordinal(s.t[j:])
		if n == 0 {
			break
		}
		it.nth = append(it.nth, nth)
		j += n
		if k := s.listSign(j); k > 0 && j+k < len(s.t) {
			if s.low(j+k) == "the" {
				k++
			}
			if j+k < len(s.t) {
				if _, more := ordinal(s.t[j+k:]); more > 0 {
					j += k
				}
			}
		}
	}
	set, n := s.dayList(j)
	if n == 0 || !s.company(i, j, n) {
		return 0
	}
	j += n
	it.days = set
	it.wide = bits.OnesCount8(uint8(set)) >= 3
	if k := s.ofMonth(j); k > 0 {
		it.monthly = true
		j += k
	}
	if len(it.nth) > 0 {
		switch {
		case bits.OnesCount8(uint8(set)) > 1:
			it.why = "may count one weekday or several"
		case it.monthly, len(it.nth) > 1:
			it.monthly = true
		case each && (it.nth[0] == 1 || it.nth[0] == -1):
			it.monthly = true
		case each:
			it.why = "may be so many weeks apart, or a day of the month"
		}
	} else if it.monthly {
		it.why = "does not say which of the month's days"
	}
	if it.every > 1 && bits.OnesCount8(uint8(set)) > 1 {
		it.why = "may take turns between the days"
	}
	it.name = j == i+1 && s.inName(i)
	return s.add(i, j-i, it)
}

// inName reports whether a weekday may be a part of a name: one day, not "Tuesdays", with another word right after it.
func (s *scanner) inName(i int) bool {
	if strings.HasSuffix(s.low(i), "days") || i+1 >= len(s.t) || s.t[i+1].kind != word || s.low(i-1) == "on" {
		return false
	}
	next := s.t[i+1]
	switch next.low {
	case "and", "to", "from", "at", "between", "for", "in", "only", "weekly", "fortnightly", "monthly", "or", "noon", "till", "until", "til", "except", "every", "each", "by", "with", "the", "we", "of", "is":
		return false
	}
	return partOf(next.low) == anyPart || s.t[min(i+2, len(s.t)-1)].capital // "Monday Night Crime Club"
}

// ofMonth measures "of the month", "each month", "monthly" after a weekday.
func (s *scanner) ofMonth(i int) int {
	j := i
	if w := s.low(j); w == "of" || w == "in" {
		j++
		if w := s.low(j); w == "the" || w == "each" || w == "every" || w == "a" {
			j++
		}
	} else if w == "each" || w == "every" {
		j++
	} else if w == "monthly" {
		return 1
	} else {
		return 0
	}
	if s.low(j) == "calendar" {
		j++
	}
	if s.low(j) == "month" || s.low(j) == "months" {
		return j - i + 1
	}
	return 0
}

// allDays reads "daily", "every day", "7 days a week", "weekdays", "weekends".
func (s *scanner) allDays(i int) int {
	low, next := s.low(i), s.low(i+1)
	each := func(n int, set days) int { return s.add(i, n, item{sense: isDays, days: set, wide: true}) }
	weekdays, weekend := between(time.Monday, time.Friday), on(time.Saturday)|on(time.Sunday)
	switch low {
	case "daily", "everyday":
		return each(1, everyDay)
	case "every", "each":
		switch next {
		case "day":
			return each(2, everyDay)
		case "weekday":
			return each(2, weekdays)
		case "weekend":
			return each(2, weekend)
		}
	case "weekdays":
		return each(1, weekdays)
	case "weekends":
		return each(1, weekend)
	}
	if n := smallNumber(s.t[i]); n == 7 && next == "days" {
		if (s.low(i+2) == "a" || s.low(i+2) == "per") && s.low(i+3) == "week" {
			return each(4, everyDay)
		}
		return each(2, everyDay)
	}
	return 0
}

// company keeps "sat", "sun", "wed" and "mon" from being days where they may be other words: a short name of a day
// stands beside a time, a sign or another day. i is where the phrase begins, j its first weekday, n how many tokens.
func (s *scanner) company(i, j, n int) bool {
	t := s.t[j]
	if len(t.low) > 4 || n > 1 || i < j || t.low == "tues" || t.low == "weds" || t.low == "thur" {
		return true
	}
	if !t.capital && t.low != "tue" && t.low != "thu" && t.low != "fri" {
		next := j+1 < len(s.t) && s.t[j+1].kind == number
		before := j > 0 && (s.t[j-1].kind == number || s.low(j-1) == "am" || s.low(j-1) == "pm" || s.low(j-1) == "on" || s.low(j-1) == "noon")
		return next || before
	}
	if j+1 >= len(s.t) || s.t[j+1].kind != word {
		return true
	}
	switch w := s.low(j + 1); w {
	case "to", "and", "till", "til", "until", "from", "at", "through", "between", "noon", "or", "only", "weekly", "fortnightly", "half", "midday", "term", "except", "excluding", "not", "by", "varies", "closed":
		return true
	default:
		return partOf(w) != anyPart || dayWord(s.t[j+1]) || month(s.t[j+1]) != 0
	}
}

// takeDate reads dates: "from 5 January 2027", "until 25 March 2027", "Thursday 14 January 2027".
func (s *scanner) takeDate(i int) int {
	j, kindOf := i, isDays
	switch s.low(j) {
	case "from", "starting", "starts", "start", "beginning", "begins", "commencing", "commences", "since", "launching", "restarting", "restarts", "resuming", "resumes":
		j, kindOf = j+1, isFrom
	case "until", "till", "til", "to", "ends", "ending", "finishes", "finishing", "through":
		j, kindOf = j+1, isUntil
	case "up":
		if s.low(j+1) != "to" {
			return 0
		}
		j, kindOf = j+2, isUntil
	}
	for k := 0; k < 2 && (s.low(j) == "on" || s.low(j) == "the" || s.low(j) == "again" || s.low(j) == "back") && kindOf != isDays; k++ {
		j++
	}
	weekday, named := weekdayOf(s.low(j))
	if named {
		j++
		if s.isMark(j, ",") || s.low(j) == "the" {
			j++
		}
	}
	d, year, n := dateAt(s.t[min(j, len(s.t)):])
	if n == 0 {
		return 0
	}
	j += n
	if i > 1 && s.t[i-1].kind == mark && s.t[i-2].kind == number || s.low(i-1) == "and" && i > 1 && s.t[i-2].kind == number {
		return s.doubt(i, j-i, "is one of several dates", ofException)
	}
	// "5 January to 9 February 2027" takes its year from the end.
	if kindOf != isUntil {
		if k := s.rangeSign(j); k > 0 && j+k < len(s.t) {
			after := j + k
			if _, ok := weekdayOf(s.low(after)); ok {
				after++
			}
			if last, lastYear, m := dateAt(s.t[min(after, len(s.t)):]); m > 0 && lastYear {
				if !year {
					d = last[:4] + d[4:]
				}
				if _, err := handrail.ParseDate(string(d)); err == nil && d < last {
					s.add(i, j-i, item{sense: isFrom, date: d})
					return (j - i) + s.add(j, after+m-j, item{sense: isUntil, date: last})
				}
				return s.doubt(i, after+m-i, "names dates that cannot be", ofException)
			}
		}
	}
	if !year {
		return s.doubt(i, j-i, "names a date without its year", ofException)
	}
	at, ok := toWeekday(d)
	if !ok || named && at != weekday {
		return s.doubt(i, j-i, "names a date and another weekday", ofException)
	}
	it := item{sense: kindOf, date: d}
	if kindOf == isDays {
		it.days = on(at)
	}
	return s.add(i, j-i, it)
}

// dateAt reads a date at the beginning of tokens. Without a year the date's year is "0000".
func dateAt(t []token) (d handrail.Date, year bool, n int) {
	if len(t) < 2 {
		return "", false, 0
	}
	plain := func(i int) bool { return i < len(t) && t[i].kind == number && !t[i].minutes }
	sign := func(i int, m string) bool { return i < len(t) && t[i].kind == mark && t[i].low == m && !t[i].spaced }
	yearAt := func(i int) (int, int) { // the year and its tokens
		k := i
		if k < len(t) && t[k].kind == mark && t[k].low == "," {
			k++
		}
		if plain(k) && t[k].digits == 4 && t[k].hour >= 1990 && t[k].hour < 2100 {
			return t[k].hour, k - i + 1
		}
		return 0, 0
	}
	day := func(i int) (int, int) {
		if !plain(i) || t[i].digits > 2 || t[i].hour < 1 || t[i].hour > 31 {
			return 0, 0
		}
		if i+1 < len(t) && t[i+1].kind == word && !t[i+1].spaced {
			switch t[i+1].low {
			case "st", "nd", "rd", "th":
				return t[i].hour, 2
			}
			return 0, 0
		}
		return t[i].hour, 1
	}
	made := func(y, m, d int) handrail.Date { return handrail.Date(fmt.Sprintf("%04d-%02d-%02d", y, m, d)) }
	if plain(0) && sign(1, "-") && plain(2) && sign(3, "-") && plain(4) && t[0].digits == 4 {
		return made(t[0].hour, t[2].hour%100, t[4].hour%100), true, 5
	}
	if plain(0) && sign(1, "/") && plain(2) && sign(3, "/") && plain(4) && t[0].digits <= 2 && t[2].digits <= 2 {
		switch t[4].digits {
		case 4:
			return made(t[4].hour%10000, t[2].hour, t[0].hour), true, 5
		case 2:
			return made(2000+t[4].hour, t[2].hour, t[0].hour), true, 5
		}
	}
	if d, n := day(0); n > 0 {
		if n < len(t) && t[n].kind == word && t[n].low == "of" {
			n++
		}
		if n >= len(t) || month(t[n]) == 0 {
			return "", false, 0
		}
		m := month(t[n])
		n++
		y, k := yearAt(n)
		return made(y, int(m), d), k > 0, n + k
	}
	if m := month(t[0]); m != 0 {
		if d, n := day(1); n > 0 {
			y, k := yearAt(1 + n)
			return made(y, int(m), d), k > 0, 1 + n + k
		}
	}
	return "", false, 0
}

// takeSpan reads a time or two: "10.30am - 2pm", "10 till noon", "at 2pm".
func (s *scanner) takeSpan(i int) int {
	it := item{sense: isSpan}
	a, n := wallAt(s.t[i:])
	if n == 0 {
		// "ten till noon": a number in words is an hour only where the other end is plainly one.
		h := smallNumber(s.t[i])
		if h < 1 || h > 12 || s.rangeSign(i+1) == 0 {
			return s.fourDigitSpan(i)
		}
		b, m := wallAt(s.t[min(i+2, len(s.t)):])
		if m == 0 || b.half == open {
			return 0
		}
		a, n = wall{hour: h}, 1
	}
	it.a = a
	j := i + n
	k := s.rangeSign(j)
	if k == 0 && s.low(i-1) == "between" && (s.low(j) == "and" || s.isMark(j, "&")) {
		k = 1
	}
	if k > 0 && j+k < len(s.t) {
		b, m := wallAt(s.t[j+k:])
		if m == 0 {
			if h := smallNumber(s.t[j+k]); h >= 1 && h <= 12 && s.t[j+k].kind == word && !a.bare {
				b, m = wall{hour: h}, 1
			}
		}
		if m > 0 {
			it.b, it.hasEnd = b, true
			j += k + m
		}
	}
	if k > 0 && !it.hasEnd && j+k < len(s.t) && dayWord(s.t[j+k]) {
		s.add(i, j-i, it)
		return s.doubt(j, k, "may last over several days", ofSentence) + j - i // "Saturday 10am to Sunday 4pm"
	}
	it.bare = a.bare && (!it.hasEnd || it.b.bare) && s.t[i].kind == number
	if !s.timely(i, j, it) {
		return 0
	}
	if it.bare && j < len(s.t) && s.t[j].capital && !dayWord(s.t[j]) && partOf(s.t[j].low) == anyPart {
		it.why = "may be the number of a house" // "10-12 Church Street"
	}
	return s.add(i, j-i, it)
}

// fourDigitSpan reads "1400 - 1600 hrs".
func (s *scanner) fourDigitSpan(i int) int {
	if s.t[i].kind != number || s.t[i].digits != 4 || s.t[i].minutes {
		return 0
	}
	k := s.rangeSign(i + 1)
	if k == 0 || i+1+k >= len(s.t) {
		return 0
	}
	b, m := wallAt(s.t[i+1+k:])
	a, n := fourDigits(s.t[i].hour, 1)
	if n == 0 || m < 2 || b.half != fixed {
		return 0
	}
	return s.add(i, 1+k+m, item{sense: isSpan, a: a, b: b, hasEnd: true})
}

// timely keeps other numbers from being times: ages, rooms, money, miles, telephone numbers, house numbers.
func (s *scanner) timely(i, j int, it item) bool {
	if j < len(s.t) {
		next := s.t[j]
		if !next.spaced && (next.kind == word || next.kind == number) || next.kind == number || next.kind == mark && (next.low == "%" || next.low == "£" || next.low == "°" || next.low == "/" && !next.spaced) {
			return false
		}
	}
	if s.isMark(i-1, "£") || s.isMark(i-1, "#") {
		return false
	}
	if i > 0 && s.t[i-1].kind == number && (len(s.out) == 0 || s.out[len(s.out)-1].date == "") {
		return false // a telephone number; "6 March 2027 10am" is a date before it
	}
	if it.a.half != open || it.hasEnd && it.b.half != open {
		return true
	}
	switch s.low(i - 1) {
	case "age", "ages", "aged", "room", "rooms", "number", "numbers", "no", "nos", "unit", "units", "flat", "flats", "over", "under", "year", "years", "bus", "buses", "route", "routes",
		"grade", "level", "levels", "phase", "block", "suite", "page", "pages", "section", "stage", "stages", "step", "steps", "key", "ward", "tel", "table", "week", "weeks", "item", "up", "than", "least", "of":
		return false
	}
	if j < len(s.t) {
		switch s.low(j) {
		case "year", "years", "yrs", "yr", "months", "month", "weeks", "week", "miles", "mile", "km", "k", "kg", "m", "people", "places", "minutes", "mins", "min", "minute", "hours", "hour", "hrs", "hr",
			"per", "p", "pounds", "sessions", "session", "members", "adults", "children", "participants", "volunteers", "of", "st", "street", "road", "lane", "avenue", "drive", "high", "days", "times", "metres":
			return false
		}
	}
	if it.bare && !it.hasEnd {
		switch s.low(i - 1) {
		case "at", "from":
		default:
			if !s.isMark(i-1, "@") {
				return false
			}
		}
		return j >= len(s.t) || s.t[j].kind != word || soft(s.low(j)) && !s.t[j].capital || dayWord(s.t[j])
	}
	return true
}
