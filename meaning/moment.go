package meaning

import (
	"strconv"
	"strings"
	"time"

	"handrail"
)

// Moment is a date, a time of day, or both, that somebody wrote.
type Moment struct {
	Date  handrail.Date  // zero where none was said
	Clock handrail.Clock // only with Timed
	Timed bool
	About bool // "2ish", "around 2"
}

// TimeWords reads when somebody means: "half 2", "2ish", "noon", "tomorrow", "next Friday", "3/4" (the third of April: day
// before month, as in the UK). now and zone say what "tomorrow" is. words is the sentence that tells it back, "Friday 27
// November at half past 2 in the afternoon", empty where nothing was read. sure is false where it can be read in two ways
// ("next Friday" on a Tuesday, "tomorrow" after midnight, "7"), where two were named, or where one was ruled out: then ask,
// and confirm in words either way (B28). It is pure and takes the first 200 bytes.
func TimeWords(text string, now time.Time, zone *time.Location) (m Moment, words string, sure bool) {
	r := momentReader{now: now.In(zone), sure: true}
	text = hush(text)
	r.words = momentWords(strings.ToLower(text[:min(len(text), 200)]))
	for i := 0; i < len(r.words); {
		i += max(1, r.read(i))
	}
	if r.m == (Moment{}) {
		return Moment{}, "", false
	}
	return r.m, r.m.String(), r.sure && r.dates < 2 && r.times < 2
}

// String tells the moment in words; empty where it is none.
func (m Moment) String() string {
	date, clock := "", ""
	if t, err := time.Parse(time.DateOnly, string(m.Date)); err == nil {
		date = t.Format("Monday 2 January 2006")
	}
	if m.Timed {
		clock = clockWords(m.Clock)
		if m.About {
			clock = "about " + clock
		}
	}
	switch {
	case date != "" && clock != "":
		return date + " at " + clock
	case date != "":
		return date
	}
	return clock
}

// clockWords tells a time of day as people say it.
func clockWords(c handrail.Clock) string {
	hour, part := c.Hour(), "in the morning"
	switch {
	case c == handrail.At(12, 0):
		return "noon"
	case c == handrail.At(0, 0):
		return "midnight"
	case hour >= 18:
		part = "in the evening"
	case hour >= 12:
		part = "in the afternoon"
	}
	twelve := func(h int) string { return strconv.Itoa((h+11)%12 + 1) }
	switch c.Minute() {
	case 0:
		return twelve(hour) + " o'clock " + part
	case 15:
		return "quarter past " + twelve(hour) + " " + part
	case 30:
		return "half past " + twelve(hour) + " " + part
	case 45:
		return "quarter to " + twelve(hour+1) + " " + part
	}
	return twelve(hour) + "." + c.String()[3:] + " " + part
}

type momentReader struct {
	words        []string
	now          time.Time
	m            Moment
	dates, times int
	sure         bool
}

// momentWords splits a text; a point or a colon or a stroke between digits stays.
func momentWords(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '/' || r == '.' || r == ':' || r == '-' || r == '\'')
	})
	out := words[:0]
	for _, w := range words {
		if w = strings.ReplaceAll(strings.Trim(w, "/.:-'"), "'", ""); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func (r *momentReader) word(i int) string {
	if i < 0 || i >= len(r.words) {
		return ""
	}
	return r.words[i]
}

// read reads a date or a time at i and gives how many words it took, 0 for none.
func (r *momentReader) read(i int) int {
	switch w := r.words[i]; w {
	case "not", "except", "but", "or", "cant", "isnt", "unless", "maybe", "instead", "no":
		r.sure = false
		return 1
	case "today", "tonight":
		r.date(r.now)
		return 1
	case "tomorrow", "tomoz", "tmrw", "tmw", "2moro", "2morrow", "tomorow":
		if r.word(i-1) == "after" && r.word(i-2) == "day" {
			r.date(r.now.AddDate(0, 0, 2))
			return 1
		}
		r.sure = r.sure && r.now.Hour() >= 4 // after midnight many mean the day that has begun
		r.date(r.now.AddDate(0, 0, 1))
		return 1
	case "noon", "midday":
		r.clock(12, 0, true)
		return 1
	case "midnight":
		r.clock(0, 0, false)
		return 1
	case "week":
		if r.word(i-1) == "next" || r.word(i-1) == "this" {
			r.sure = false
		}
	}
	if n := r.weekday(i); n > 0 {
		return n
	}
	if n := r.ahead(i); n > 0 {
		return n
	}
	if n := r.dayOfMonth(i); n > 0 {
		return n
	}
	return r.hour(i)
}

func (r *momentReader) date(t time.Time) {
	r.dates++
	if r.m.Date == "" {
		r.m.Date = handrail.Date(t.Format(time.DateOnly))
	} else if r.m.Date == handrail.Date(t.Format(time.DateOnly)) {
		r.dates--
	}
}

func (r *momentReader) clock(hour, minute int, sure bool) {
	r.times++
	r.sure = r.sure && sure
	if !r.m.Timed {
		r.m.Clock, r.m.Timed = handrail.At(hour, minute), true
	}
}

// weekday reads "Friday", "this Friday", "next Friday", "Friday week" and "a week on Friday".
func (r *momentReader) weekday(i int) int {
	day, ok := dayOf(r.words[i])
	if !ok || r.words[i] == "sun" && r.word(i-1) == "the" {
		return 0
	}
	today := (int(r.now.Weekday()) + 6) % 7 // Monday is 0, as in dayOf
	ahead := (day - today + 7) % 7
	took := 1
	switch {
	case r.word(i+1) == "week" || r.word(i-1) == "on" && r.word(i-2) == "week":
		if ahead == 0 {
			ahead = 7
			r.sure = r.sure && r.word(i+1) != "week"
		} else {
			ahead += 7
		}
		if r.word(i+1) == "week" {
			took = 2
		}
	case r.word(i-1) == "next":
		if day > today { // later this week: some mean that one, some the week after
			ahead += 7
			r.sure = false
		} else if ahead == 0 {
			ahead = 7
		}
	case r.word(i-1) == "last":
		r.sure = false
		ahead -= 7
	case ahead == 0:
		// on a Friday, is "Friday" today? "Friday 27 November" says
		r.sure = r.sure && (r.dates > 0 || ordinal(r.word(i+1)) > 0 || r.word(i+1) == "the" && ordinal(r.word(i+2)) > 0)
	}
	r.date(r.now.AddDate(0, 0, ahead))
	return took
}

// ahead reads "in 3 days", "in a week", "in two weeks".
func (r *momentReader) ahead(i int) int {
	if r.words[i] != "in" {
		return 0
	}
	n := smallNumber(r.word(i + 1))
	switch strings.TrimSuffix(r.word(i+2), "s") {
	case "day":
	case "week":
		n *= 7
	default:
		return 0
	}
	if n == 0 || n > 370 {
		return 0
	}
	r.date(r.now.AddDate(0, 0, n))
	return 3
}

func smallNumber(w string) int {
	for n, name := range []string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"} {
		if w == name && n > 0 {
			return n
		}
	}
	if w == "a" || w == "an" {
		return 1
	}
	n, err := strconv.Atoi(w)
	if err != nil || len(w) > 3 {
		return 0
	}
	return n
}

// dayOfMonth reads "3/4", "3/4/26", "2026-04-03", "3 April", "3rd of April", "April 3rd" and "the 3rd".
func (r *momentReader) dayOfMonth(i int) int {
	w := r.words[i]
	if parts := strings.FieldsFunc(w, func(c rune) bool { return c == '/' || c == '-' || c == '.' }); len(parts) == 3 || len(parts) == 2 && strings.Contains(w, "/") {
		if len(parts[0]) == 4 && len(parts) == 3 {
			parts[0], parts[2] = parts[2], parts[0]
		}
		day, month, year := number(parts[0]), number(parts[1]), 0
		if len(parts) == 3 {
			if year = number(parts[2]); year < 100 {
				year += 2000
			}
		}
		return r.onDay(day, month, year, 1)
	}
	if month := monthOf(w); month > 0 {
		if day := ordinal(r.word(i + 1)); day > 0 && r.word(i-1) != "of" {
			return r.onDay(day, month, year(r.word(i+2)), 2)
		}
		return 0
	}
	day, at := ordinal(w), i+1
	if day == 0 {
		return 0
	}
	if r.word(at) == "of" {
		at++
	}
	if month := monthOf(r.word(at)); month > 0 {
		took := at + 1 - i
		if year(r.word(at+1)) > 0 {
			took++
		}
		return r.onDay(day, month, year(r.word(at+1)), took)
	}
	if w[len(w)-1] >= 'a' && r.dates == 0 { // "the 3rd": the next one
		t := time.Date(r.now.Year(), r.now.Month(), day, 12, 0, 0, 0, time.UTC)
		for k := 0; k < 3 && (t.Day() != day || day < r.now.Day() && k == 0); k++ {
			t = time.Date(r.now.Year(), r.now.Month()+time.Month(k+1), day, 12, 0, 0, 0, time.UTC)
		}
		r.date(t)
		return 1
	}
	if w[len(w)-1] >= 'a' { // "Friday the 3rd": it must be that Friday
		if t, err := time.Parse(time.DateOnly, string(r.m.Date)); err != nil || t.Day() != day {
			r.sure = false
		}
		return 1
	}
	return 0
}

// onDay takes a day of a month; without a year it is the next there is. Beyond nine months it is not sure: so far ahead
// people say the year.
func (r *momentReader) onDay(day, month, year, took int) int {
	if month < 1 || month > 12 || day < 1 {
		return 0
	}
	exact := year > 0
	if !exact {
		year = r.now.Year()
		if month < int(r.now.Month()) || month == int(r.now.Month()) && day < r.now.Day() {
			year++
		}
	}
	t := time.Date(year, time.Month(month), day, 12, 0, 0, 0, time.UTC)
	if t.Day() != day { // 31 June
		r.sure = false
		return took
	}
	if d, err := time.Parse(time.DateOnly, string(r.m.Date)); err == nil && r.dates == 1 && d.Weekday() == t.Weekday() {
		r.dates, r.m.Date = 0, "" // "Friday 27 November"
	}
	r.sure = r.sure && (exact || t.Sub(r.now) < 275*24*time.Hour) && !t.Before(r.now.AddDate(0, 0, -1))
	r.date(t)
	return took
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) > 4 {
		return 0
	}
	return n
}

func year(w string) int {
	if n := number(w); len(w) == 4 && n >= 1900 && n < 2200 {
		return n
	}
	return 0
}

// ordinal reads "3", "3rd", "21st" as a day of a month.
func ordinal(w string) int {
	digits := strings.TrimRight(w, "stndrh")
	if len(w)-len(digits) != 0 && len(w)-len(digits) != 2 || len(digits) == 0 || len(digits) > 2 {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > 31 {
		return 0
	}
	return n
}

func monthOf(w string) int {
	if len(w) < 3 {
		return 0
	}
	for m, name := range []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"} {
		if w == name || w == name[:3] || w == "sept" && m == 8 {
			return m + 1
		}
	}
	return 0
}

// hour reads a time of day: "2pm", "14:30", "half 2", "half past two", "quarter to 3", "ten past 4", "2ish", "at 2".
func (r *momentReader) hour(i int) int {
	w, took := r.words[i], 1
	before := r.word(i - 1)
	about := before == "about" || before == "around" || before == "roughly" || before == "approx" || before == "say"
	minutes, sign := 0, 0
	switch next := r.word(i + 1); {
	case w == "half" && next == "past":
		minutes, sign, took = 30, 1, 3
	case w == "half":
		minutes, sign, took = 30, 1, 2
	case (w == "quarter" || smallNumber(w) > 0 && smallNumber(w) < 30) && (next == "past" || next == "to"):
		minutes, sign, took = 15, 1, 3
		if w != "quarter" {
			minutes = smallNumber(w)
		}
		if next == "to" {
			sign = -1
		}
	}
	told := r.word(i + took - 1)
	if rest, ok := strings.CutSuffix(told, "ish"); ok {
		told, about = strings.TrimSuffix(rest, "-"), true
	}
	half, evening := "", false
	for _, suffix := range []string{"am", "pm"} {
		if rest, ok := strings.CutSuffix(told, suffix); ok {
			told, half = rest, suffix
		} else if r.word(i+took) == suffix {
			half = suffix
			took++
		}
	}
	oclock := r.word(i+took) == "oclock"
	if oclock {
		took++
	}
	if r.word(i+took) == "in" && r.word(i+took+1) == "the" && half == "" {
		switch r.word(i + took + 2) {
		case "morning":
			half, took = "am", took+3
		case "afternoon", "evening":
			half, evening, took = "pm", r.word(i+took+2) == "evening", took+3
		}
	}
	hourText, minuteText, exact := strings.Cut(strings.ReplaceAll(told, ".", ":"), ":")
	hour := smallNumber(hourText)
	if exact {
		if len(minuteText) != 2 || number(minuteText) > 59 || sign != 0 {
			return 0
		}
		minutes, sign = number(minuteText), 1
		hour = number(hourText)
	}
	plain := sign == 0 && half == "" && !exact && !about && !oclock
	if hour > 24 || hour == 0 && !exact || told == "a" || told == "an" || plain && before != "at" && before != "for" && before != "by" && len(r.words) > 1 || plain && before == "for" && r.word(i+1) != "" {
		return 0
	}
	sure := true
	switch {
	case hour > 12 || exact && len(hourText) == 2 && hourText[0] == '0' || half == "" && hour == 0:
		if half == "pm" && hour < 12 {
			hour += 12
		}
	case sign < 0 && hour == 12 && half != "": // "quarter to 12 in the morning" is before noon
		if evening {
			hour = 24
		}
	case half == "am":
		hour %= 12
	case half == "pm":
		hour = hour%12 + 12
	default: // by day: groups meet from 8 to 8
		sure = hour < 6 || hour > 8
		if hour < 8 {
			hour += 12
		}
	}
	at := hour*60 + sign*minutes
	if at < 0 || at >= 24*60 {
		return 0
	}
	r.m.About = r.m.About || about
	r.clock(at/60, at%60, sure)
	return took
}
