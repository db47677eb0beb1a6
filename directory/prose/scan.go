package prose

import (
	"time"

	"handrail"
)

// sense is what an item says.
type sense uint8

const (
	isWord     sense = iota // nothing that is known
	isSoft                  // a word or sign that changes nothing
	isBreak                 // a comma, a dash, a bracket
	isOr                    // "or"
	isDays                  // weekdays, or one date
	isSpan                  // a time, or from one to another
	isPart                  // morning, afternoon, evening
	isEvery                 // every so many weeks, free of a day
	isMonthly               // "of the month", "monthly"
	isTerm                  // in school terms only
	isHolidays              // on bank holidays, or not
	isFrom                  // the first date
	isUntil                 // the last date
	isExcept                // not on these weekdays
	isDoubt                 // makes a guess of what is said
)

// reach says how much a doubt makes doubtful.
type reach uint8

const (
	ofSentence  reach = iota
	ofFollowing       // the times that follow in the sentence
	ofException       // the sentence, and all where it has no times of its own
	ofAll
)

// item is a piece of a sentence that says one thing.
type item struct {
	sense      sense
	start, end int // bytes
	days       days
	nth        []int
	every      int  // isDays, isEvery: weeks between; 0 is not said
	monthly    bool // isDays: it is said that a month is counted
	wide       bool // isDays: a stretch of days, "Monday to Friday"
	name       bool // isDays: may be a part of a name, "The Tuesday Club"
	a, b       wall
	hasEnd     bool
	bare       bool // isSpan: nothing but whole numbers
	part       part
	holidays   handrail.Tri
	date       handrail.Date
	why        string
	reach      reach
	capital    bool
}

// scanner turns the tokens of one sentence into items.
type scanner struct {
	t       []token
	out     []item
	negated bool // "except Sundays and ...": what comes next is excepted too
}

func scan(t []token) []item {
	s := scanner{t: t}
	for i := 0; i < len(t); {
		n := s.take(i)
		i += max(n, 1)
	}
	return s.out
}

func (s *scanner) add(i, n int, it item) int {
	it.start, it.end = s.t[i].start, s.t[i+n-1].end
	s.out = append(s.out, it)
	if it.sense != isSoft && it.sense != isBreak && it.sense != isExcept && it.sense != isHolidays && it.sense != isTerm {
		s.negated = false
	}
	return n
}

func (s *scanner) doubt(i, n int, why string, r reach) int {
	return s.add(i, n, item{sense: isDoubt, why: why, reach: r})
}

// low is the word at i; empty for anything else.
func (s *scanner) low(i int) string {
	if i < 0 || i >= len(s.t) || s.t[i].kind != word {
		return ""
	}
	return s.t[i].low
}

func (s *scanner) isMark(i int, m string) bool {
	return i >= 0 && i < len(s.t) && s.t[i].kind == mark && s.t[i].low == m
}

// take reads what stands at i, adds its item, and says how many tokens it took.
func (s *scanner) take(i int) int {
	t := s.t[i]
	switch t.kind {
	case opaque:
		return s.add(i, 1, item{sense: isSoft})
	case stop:
		if t.low == "?" {
			return s.doubt(i, 1, "is a question", ofSentence)
		}
		return 1
	case mark:
		switch t.low {
		case "&", "+", "@", "\"", "'", "’", "‘", "“", "”", "*", ".", "_":
			return s.add(i, 1, item{sense: isSoft})
		case "£", "$", "€":
			n := 1
			for i+n < len(s.t) && n < 4 && (s.t[i+n].kind == number || s.isMark(i+n, "-") || s.isMark(i+n, "£")) {
				n++
			}
			return s.add(i, n, item{sense: isWord})
		}
		return s.add(i, 1, item{sense: isBreak})
	case word, number:
	}
	for _, read := range []func(int) int{s.takeEvery, s.takeDate, s.takeDays, s.takeSpan} {
		if n := read(i); n > 0 {
			return n
		}
	}
	if t.kind == number {
		return s.takeNumber(i)
	}
	return s.takeWord(i)
}

// takeNumber is a number that is neither a time nor a date.
func (s *scanner) takeNumber(i int) int {
	t := s.t[i]
	if t.digits == 4 && t.hour >= 1990 && t.hour < 2100 {
		return s.doubt(i, 1, "names a year", ofSentence)
	}
	next := s.low(i + 1)
	if (next == "st" || next == "nd" || next == "rd" || next == "th") && !s.t[i+1].spaced && t.hour <= 31 && s.low(i+2) != "floor" {
		return s.doubt(i, 2, "names a day of a month", ofSentence)
	}
	if n := t.hour; n > 1 && (next == "weeks" || next == "week" || next == "sessions" || next == "months") || next == "hours" {
		return s.doubt(i, 2, "is a number of "+next, ofSentence)
	}
	return s.add(i, 1, item{sense: isWord})
}

func (s *scanner) takeWord(i int) int {
	t := s.t[i]
	low := t.low
	if p := partOf(low); p != anyPart && s.low(i-1) != "coffee" && s.low(i-1) != "tea" {
		return s.add(i, 1, item{sense: isPart, part: p})
	}
	if over(s.t[i:]) {
		return s.doubt(i, 1, "may not meet at present", ofAll)
	}
	if n := s.takeTerm(i); n > 0 {
		return n
	}
	if n := s.takeHolidays(i); n > 0 {
		return n
	}
	if n := s.takeException(i); n > 0 {
		return n
	}
	switch low {
	case "or":
		return s.add(i, 1, item{sense: isOr})
	case "monthly":
		return s.add(i, 1, item{sense: isMonthly})
	case "by", "before", "after", "until", "till", "til", "about", "around":
		if _, n := wallAt(s.t[i+1:]); n > 0 && (n > 1 || s.t[i+1].minutes || i+2 >= len(s.t)) {
			return s.doubt(i, 1, "says \""+low+"\" a time", ofSentence)
		}
	case "opening", "office", "business":
		if next := s.low(i + 1); next == "hours" || next == "times" {
			return s.doubt(i, 2, "may be the opening hours of a building", ofSentence)
		}
	case "open", "opens":
		for back := 1; back <= 4; back++ {
			if premises(s.low(i - back)) {
				return s.doubt(i, 1, "may be the opening hours of a building", ofSentence)
			}
		}
	case "course", "courses", "block", "blocks":
		return s.doubt(i, 1, "is a course that ends", ofSentence)
	}
	if n := smallNumber(t); n > 1 && (s.low(i+1) == "week" || s.low(i+1) == "weeks" || s.isMark(i+1, "-") && s.low(i+2) == "week") {
		return s.doubt(i, 2, "is a number of weeks", ofSentence)
	}
	if month(t) != 0 {
		return s.doubt(i, 1, "names a month", ofException)
	}
	if why := hedge(low); why != "" {
		r := ofSentence
		if s.negated {
			r = ofException // "closed on bank holidays and at Christmas"
		}
		return s.doubt(i, 1, why, r)
	}
	if why := past(low); why != "" {
		return s.doubt(i, 1, why, ofSentence)
	}
	if why := s.aside(i); why != "" {
		return s.doubt(i, 1, why, ofSentence)
	}
	if why := answering(low); why != "" {
		return s.doubt(i, 1, why, ofFollowing)
	}
	if soft(low) {
		return s.add(i, 1, item{sense: isSoft})
	}
	return s.add(i, 1, item{sense: isWord, capital: t.capital})
}

// aside is the reason when a word makes a guess of its sentence because of the words beside it.
func (s *scanner) aside(i int) string {
	low, next, before := s.low(i), s.low(i+1), s.low(i-1)
	switch low {
	case "used":
		if next == "to" {
			return "may tell of what was"
		}
	case "e":
		if s.isMark(i+1, ".") && s.low(i+2) == "g" {
			return "is an example"
		}
	case "book", "booking":
		if before == "to" || before == "please" || before == "must" || before == "can" || next == "a" || next == "your" || next == "by" || next == "online" || next == "via" || next == "line" {
			return "may be when somebody answers (\"book\")"
		}
	case "week", "weeks":
		if i+1 < len(s.t) && s.t[i+1].kind == number || next == "a" || next == "b" || next == "one" || next == "two" {
			return "counts weeks"
		}
	case "new":
		if next == "year" {
			return "says something of a season or of holidays"
		}
	case "good", "shrove", "black":
		if i+1 < len(s.t) && dayWord(s.t[i+1]) {
			return "names a holiday"
		}
	}
	// "Café: Mon-Fri 9-3" and "Shop hours ...", where the house speaks of itself; a "memory café" is a group.
	if premises(low) && (i == 0 || i == 1 && (before == "the" || before == "our")) {
		if i+1 < len(s.t) && (s.t[i+1].kind != word || dayWord(s.t[i+1]) || next == "hours" || next == "times") {
			return "may be the opening hours of a building"
		}
	}
	return ""
}

// takeTerm reads "term time only", "during term-time", "in school terms".
func (s *scanner) takeTerm(i int) int {
	var n int
	low := s.low(i)
	next := i + 1
	if s.isMark(next, "-") {
		next++
	}
	switch {
	case low == "termtime":
		n = 1
	case low == "term" && (s.low(next) == "time" || s.low(next) == "times"):
		n = next - i + 1
	case low == "term" && s.low(i+1) == "only", low == "school" && (s.low(i+1) == "term" || s.low(i+1) == "terms"), (low == "during" || low == "in") && s.low(i+1) == "term":
		n = 2
		if low == "school" && (s.low(i+2) == "time") {
			n = 3
		}
	default:
		return 0
	}
	for back := 1; back <= 3; back++ {
		if w := s.low(i - back); w == "not" || w == "outside" || w == "and" && s.low(i-back-1) == "term" {
			return s.doubt(i, n, "says something of school terms", ofSentence)
		}
	}
	if s.low(i+n) == "only" {
		n++
	}
	return s.add(i, n, item{sense: isTerm})
}

// takeHolidays reads "except bank holidays", "including bank holidays", "closed in the school holidays", once it stands
// at their first word; what stands before it says which.
func (s *scanner) takeHolidays(i int) int {
	if !s.holidaysAt(i) {
		return 0
	}
	n := 2
	if s.low(i+2) == "mondays" || s.low(i+2) == "weekends" || s.low(i+2) == "monday" {
		n = 3
	}
	school := s.low(i) == "school"
	said := handrail.NotSaid
	if s.negated {
		said = handrail.No
	}
	for back := 1; back <= 6 && said == handrail.NotSaid; back++ {
		switch s.low(i - back) {
		case "except", "excluding", "excl", "exc", "excludes", "not", "no", "closed", "closes", "without", "apart", "never", "outside", "bar":
			said = handrail.No
		case "including", "incl", "inc", "includes", "even", "open", "throughout":
			said = handrail.Yes
		}
	}
	switch {
	case said == handrail.NotSaid:
		return s.doubt(i, n, "says something of holidays", ofException)
	case school && said == handrail.No:
		s.add(i, n, item{sense: isTerm})
		s.negated = true
		return n
	case school:
		return s.add(i, n, item{sense: isSoft})
	}
	s.add(i, n, item{sense: isHolidays, holidays: said})
	s.negated = said == handrail.No
	return n
}

// takeException reads "except Sundays", "closed Mondays", "not on Tuesdays", and doubts every other exception.
func (s *scanner) takeException(i int) int {
	low := s.low(i)
	mild := false
	switch low {
	case "except", "excluding", "excl", "exc", "excepting", "excludes", "unless", "closed", "closes", "omitting":
	case "apart", "other", "rather":
		if s.low(i+1) != "from" && s.low(i+1) != "than" {
			return 0
		}
	case "not", "no", "never", "without", "dont", "doesnt", "wont", "isnt", "cannot", "cant":
		mild = true
	default:
		return 0
	}
	j := i + 1
	for j < len(s.t) && j <= i+5 && !s.holidaysAt(j) && (soft(s.low(j)) || s.low(j) == "during" || s.low(j) == "any" || s.low(j) == "than") && !dayWord(s.t[j]) {
		j++
	}
	k := j
	if dayWordAt(s.t, k) {
		k++
	}
	if d, year, n := dateAt(s.t[min(k, len(s.t)):]); n > 0 {
		if _, ok := toWeekday(d); !ok || !year {
			return s.doubt(i, k-i+n, "makes an exception", ofException)
		}
		s.add(i, k-i+n, item{sense: isExcept, date: d})
		s.negated = true
		return k - i + n
	}
	if d, n := s.dayList(j); n > 0 {
		s.add(i, j-i+n, item{sense: isExcept, days: d})
		s.negated = true
		return j - i + n
	}
	if s.holidaysAt(j) {
		s.add(i, j-i, item{sense: isSoft})
		s.negated = true
		return j - i
	}
	if mild {
		about := false
		for k := i + 1; k < len(s.t) && k <= i+6; k++ {
			_, clock := wallAt(s.t[k:])
			about = about || aboutMeeting(s.low(k)) || dayWord(s.t[k]) || partOf(s.low(k)) != anyPart || month(s.t[k]) != 0 || clock > 1 || hedge(s.low(k)) != ""
		}
		if !about {
			return s.add(i, 1, item{sense: isWord})
		}
	}
	return s.doubt(i, 1, "makes an exception", ofException)
}

func (s *scanner) holidaysAt(i int) bool {
	switch s.low(i) {
	case "bank", "public", "school", "statutory":
		next := s.low(i + 1)
		return next == "holiday" || next == "holidays" || next == "hols" || next == "hol"
	}
	return false
}

// dayList reads weekdays without "first" or "every other" before them: "Mondays", "Saturday and Sunday", "Mon-Wed".
func (s *scanner) dayList(i int) (days, int) {
	var set days
	end := i
	for j := i; j < len(s.t); {
		d, ok := weekdayOf(s.low(j))
		if !ok {
			break
		}
		set |= on(d)
		j++
		end = j
		if k := s.rangeSign(j); k > 0 {
			if last, ok := weekdayOf(s.low(j + k)); ok {
				set |= between(d, last)
				j += k + 1
				end = j
			}
		}
		j += s.listSign(j)
		if j == end {
			break
		}
	}
	return set, end - i
}

// rangeSign measures "-", "to", "till", "through" between two days or times.
func (s *scanner) rangeSign(i int) int {
	if s.isMark(i, "-") {
		return 1
	}
	switch s.low(i) {
	case "to", "till", "til", "until", "untill", "through", "thru": //nolint:misspell // people write it so
		return 1
	}
	return 0
}

// listSign measures ",", "and", ", and", "&", "/", "+" between two things of a list.
func (s *scanner) listSign(i int) int {
	n := 0
	for i+n < len(s.t) && n < 2 && (s.isMark(i+n, ",") || s.isMark(i+n, "&") || s.isMark(i+n, "/") || s.isMark(i+n, "+") || s.low(i+n) == "and") {
		n++
	}
	return n
}

// takeEvery reads how often, free of a day: "fortnightly", "every two weeks", "every other week", "twice a month".
func (s *scanner) takeEvery(i int) int {
	low, next, third := s.low(i), s.low(i+1), s.low(i+2)
	every := func(n, weeks int) int { return s.add(i, n, item{sense: isEvery, every: weeks}) }
	switch low {
	case "fortnightly":
		return every(1, 2)
	case "fortnight":
		return every(1, 2)
	case "bi":
		if next == "weekly" || next == "monthly" || s.isMark(i+1, "-") && (third == "weekly" || third == "monthly") {
			return s.doubt(i, 1, "twice a week or every other week", ofAll)
		}
	case "once", "twice", "times":
		if next == "a" && third == "month" || next == "per" && third == "month" || next == "every" && third == "month" {
			if low == "once" {
				return s.add(i, 3, item{sense: isMonthly})
			}
			return s.doubt(i, 3, "does not say which of the month's days", ofAll)
		}
		if next == "a" && third == "fortnight" && low == "once" {
			return every(3, 2)
		}
		if next == "every" || next == "a" || next == "per" {
			return 0
		}
	case "alternate", "alternating":
		switch next {
		case "week", "weeks":
			return every(2, 2)
		case "month", "months":
			return s.doubt(i, 2, "every other month, without saying which", ofAll)
		}
	case "every", "each":
		switch next {
		case "week":
			return s.add(i, 2, item{sense: isSoft})
		case "month":
			return s.add(i, 2, item{sense: isMonthly})
		case "fortnight":
			return every(2, 2)
		case "other", "alternate", "second":
			switch third {
			case "week":
				return every(3, 2)
			case "month":
				return s.doubt(i, 3, "every other month, without saying which", ofAll)
			}
		}
		if i+2 < len(s.t) {
			if n := smallNumber(s.t[i+1]); n > 1 && n <= 12 {
				switch third {
				case "weeks", "week":
					return every(3, n)
				case "months", "month":
					return s.doubt(i, 3, "every few months, without saying which", ofAll)
				}
			}
		}
	case "a", "per":
		if next == "month" {
			return s.add(i, 2, item{sense: isMonthly})
		}
	case "of", "in":
		j := i + 1
		if w := s.low(j); w == "the" || w == "each" || w == "every" || w == "a" {
			j++
		}
		if s.low(j) == "month" || s.low(j) == "months" {
			return s.add(i, j-i+1, item{sense: isMonthly})
		}
	}
	return 0
}

func dayWordAt(t []token, i int) bool { return i < len(t) && dayWord(t[i]) }

func toWeekday(d handrail.Date) (time.Weekday, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return t.Weekday(), err == nil
}
