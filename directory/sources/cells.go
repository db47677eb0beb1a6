package sources

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// blank reports whether a cell says nothing: it is empty, or holds one of the words that people put into empty cells.
func blank(s string) bool {
	if len(s) > 80 { // prose, or padding
		return strings.TrimSpace(s) == ""
	}
	switch strings.ToLower(strings.Trim(s, " \t\r\n.-–—_*?\u00a0")) {
	case "", "n/a", "na", "n.a", "none", "nil", "null", "tbc", "tba", "tbd", "unknown", "not known", "not applicable", "see above", "as above", "#n/a", "#ref!", "#value!", "#name", "#div/0!":
		return true
	}
	// "[personal e-mail removed]": what stands in brackets speaks about the cell.
	t := strings.TrimSpace(s)
	return strings.HasPrefix(t, "[") && strings.HasSuffix(t, "]")
}

// ticked reads a cell that is a tick, a flag or a word for one.
func ticked(s string) handrail.Tri {
	switch strings.ToLower(strings.Trim(s, " \t\r\n.")) {
	case "yes", "y", "true", "t", "1", "x", "✓", "✔", "☑", "tick", "ticked", "✅", "on":
		return handrail.Yes
	case "no", "n", "false", "f", "0", "✗", "✘", "☐", "off":
		return handrail.No
	}
	return handrail.NotSaid
}

// wallTime is a time of day as it was written, before it is known which half of the day is meant.
type wallTime struct {
	hour, minute int
	half         string // "am", "pm" or nothing
	exact        bool   // written so that it can only be the 24-hour clock
}

var (
	timeShape = regexp.MustCompile(`^(\d{1,2})(?:[:.h](\d{2}))?(?:[:.](\d{2})(?:\.\d+)?)?(am|pm)?(?:hrs|h|z)?$`)
	timeShort = regexp.MustCompile(`^(\d{1,2})(\d{2})(am|pm)?(?:hrs|hours|h)?$`)
	timeDate  = regexp.MustCompile(`^(?:\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4})[t ]+(\d{1,2}:\d{2}(?::\d{2})?)`)
	timeSplit = regexp.MustCompile(`\s*(?:-|–|—|\bto\b|\buntil\b|\btill?\b)\s*`)
)

// readWallTime reads one time of day: "10:30", "10.30am", "2 p.m.", "1030", "noon", a spreadsheet's 0.4375.
func readWallTime(s string) (wallTime, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if !strings.ContainsAny(s, "0123456789") && s != "noon" && s != "midday" {
		return wallTime{}, false
	}
	if strings.Contains(s, ".m") {
		s = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "a.m.", "am"), "p.m.", "pm"), "a.m", "am"), "p.m", "pm")
	}
	s = strings.ReplaceAll(s, "\u00a0", " ")
	if m := timeDate.FindStringSubmatch(s); m != nil {
		t, ok := readWallTime(m[1])
		t.exact = true // a timestamp of 1899 is how spreadsheets keep a time
		return t, ok
	}
	s = strings.ReplaceAll(s, " ", "")
	switch s {
	case "noon", "midday", "12noon", "12midday", "12:00noon", "12.00noon":
		return wallTime{hour: 12, exact: true}, true
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil && v > 0 && v < 1 && (len(s) > 4 || v == 0.5 || v == 0.25 || v == 0.75) {
		minutes := int(math.Round(v * 24 * 60))
		return wallTime{hour: minutes / 60 % 24, minute: minutes % 60, exact: true}, minutes < 24*60
	}
	m := timeShape.FindStringSubmatch(s)
	seconds := ""
	if m != nil {
		seconds = m[3]
		m = []string{m[0], m[1], m[2], m[4]}
	} else if m = timeShort.FindStringSubmatch(s); m == nil {
		return wallTime{}, false
	}
	t := wallTime{half: m[3]}
	t.hour, _ = strconv.Atoi(m[1])
	if m[2] != "" {
		t.minute, _ = strconv.Atoi(m[2])
	}
	if t.hour > 23 || t.minute > 59 || t.half != "" && (t.hour == 0 || t.hour > 12) {
		// "13pm" is wrong in some way; nobody knows in which.
		return wallTime{}, false
	}
	t.exact = t.half == "" && (t.hour > 12 || seconds != "" || len(m[1]) == 2 && m[1][0] == '0' && m[2] != "")
	return t, true
}

// clock is the time in the half of the day that the writing says, if it does.
func (t wallTime) clock() (handrail.Clock, bool) {
	switch {
	case t.half == "pm" && t.hour < 12:
		return handrail.At(t.hour+12, t.minute), true
	case t.half == "am" && t.hour == 12:
		return handrail.At(0, t.minute), true
	}
	return handrail.At(t.hour, t.minute), t.half != "" || t.exact
}

// readHours reads when a meeting starts and ends from two cells, or from one that holds both ("10 - 12", "2-4pm"). end is
// 0 when it is not said. What is left open, the half of the day, is settled by what groups do: nobody meets from 1 to 6
// in the night, so that "2.00 - 4.00" can be read in one way only; "7.00 - 8.30" may be either, and is a guess.
func readHours(startCell, endCell string) (start, end handrail.Clock, certain handrail.Certainty, ok bool) {
	first := strings.TrimSpace(startCell)
	if len(first) > 80 || !strings.ContainsAny(first, "0123456789noNO") { // most cells that are no time
		return 0, 0, "", false
	}
	if blank(endCell) {
		endCell = ""
		if m := timeDate.FindString(strings.ToLower(first)); m == "" {
			if parts := timeSplit.Split(strings.ToLower(first), -1); len(parts) == 2 {
				first, endCell = parts[0], parts[1]
			} else if len(parts) > 2 {
				return 0, 0, "", false
			}
		}
	}
	from, ok := readWallTime(first)
	if !ok {
		return 0, 0, "", false
	}
	if endCell == "" {
		start, certain = settle(from)
		return start, 0, certain, true
	}
	to, ok := readWallTime(endCell)
	if !ok {
		return 0, 0, "", false
	}
	start, end, certain = settleBoth(from, to)
	return start, end, certain, true
}

// settle chooses the half of the day for a time that stands alone.
func settle(t wallTime) (handrail.Clock, handrail.Certainty) {
	c, known := t.clock()
	switch {
	case known || t.hour >= 9:
		return c, handrail.CertaintySaid
	case t.hour >= 7:
		return c, handrail.CertaintyGuessed
	case t.hour >= 1:
		return c + 12*60, handrail.CertaintyRead
	}
	return c, handrail.CertaintySaid
}

// settleBoth chooses the halves of the day for a start and an end.
func settleBoth(from, to wallTime) (start, end handrail.Clock, certain handrail.Certainty) {
	start, startKnown := from.clock()
	end, endKnown := to.clock()
	const noon = 12 * 60
	switch {
	case startKnown && endKnown:
	case endKnown && to.half == "pm": // "2-4pm", "10-2pm"
		if start < noon && start+noon < end {
			start += noon
		}
	case endKnown && to.half == "am":
	case endKnown: // "9:00 - 13:00": whoever writes the end by 24 hours writes the start so
		if from.hour >= 1 && from.hour <= 6 {
			start, certain = start+noon, handrail.CertaintyGuessed
		}
	default:
		if !startKnown {
			start, certain = settle(from)
		}
		if end <= start && end < noon {
			end += noon
		}
		if certain == handrail.CertaintyGuessed && to.hour > 8 && to.hour <= 12 && from.hour < to.hour && to.hour-from.hour > 2 {
			certain = handrail.CertaintyRead // "8 - 12" is no evening
		}
	}
	if end <= start {
		end = 0
	}
	return start, end, certain
}

// readWeekdays reads a cell that names days of the week and nothing else: "Tuesday", "Mon & Wed", "Mon-Fri", "daily". A
// word it does not know ("first", "alternate", "morning") means that the days are not all that the cell says.
func readWeekdays(s string) ([]time.Weekday, bool) {
	if len(s) > 200 || strings.ContainsAny(s, "0123456789:@") {
		return nil, false
	}
	s = strings.ToLower(plainLine(s, 200))
	for _, change := range [...][2]string{{"–", "-"}, {"—", "-"}, {" to ", "-"}, {"'s", "s"}, {"’s", "s"}, {"every day", "daily"}, {"everyday", "daily"}, {" -", "-"}, {"- ", "-"}} {
		s = strings.ReplaceAll(s, change[0], change[1]) // which costs nothing where there is nothing to change
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;/&+.|", r) })
	var out []time.Weekday
	add := func(list ...time.Weekday) {
		for _, d := range list {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	for _, w := range words {
		switch w {
		case "and", "every", "each", "on", "weekly":
			continue
		case "weekday", "weekdays":
			add(1, 2, 3, 4, 5)
			continue
		case "weekend", "weekends":
			add(6, 0)
			continue
		case "daily":
			add(1, 2, 3, 4, 5, 6, 0)
			continue
		}
		first, last, ranged := strings.Cut(w, "-")
		from, ok := dayName(first)
		if !ok {
			return nil, false
		}
		if add(from); !ranged {
			continue
		}
		to, ok := dayName(last)
		if !ok {
			return nil, false
		}
		for d := from; d != to; {
			d = (d + 1) % 7
			add(d)
		}
	}
	return out, len(out) > 0
}

// dayName reads a weekday by its name or by how it is cut short.
func dayName(s string) (time.Weekday, bool) {
	s = strings.TrimSuffix(s, "s")
	switch s {
	case "mon", "mo", "monday":
		return time.Monday, true
	case "tue", "tu", "tuesday":
		return time.Tuesday, true
	case "wed", "we", "wednesday", "wedne":
		return time.Wednesday, true
	case "thu", "th", "thur", "thursday":
		return time.Thursday, true
	case "fri", "fr", "friday":
		return time.Friday, true
	case "sat", "sa", "saturday":
		return time.Saturday, true
	case "sun", "su", "sunday":
		return time.Sunday, true
	}
	return 0, false
}

var (
	serialShape   = regexp.MustCompile(`^[2-7]\d{4}(\.\d+)?$`)
	durationShape = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*(m|mins?|minutes?|h|hrs?|hours?)?\.?$`)
	clockDuration = regexp.MustCompile(`^(\d):([0-5]\d)(?::00)?$`)
)

// readDate reads a date as British tables write it, the day first, and nil for what cannot be one. A bare number is a
// spreadsheet's count of days: from the end of 1899, unless the workbook counts from 1904.
func readDate(s string, from1904 bool) *time.Time {
	if s = clean(s, 60); !strings.ContainsAny(s, "0123456789") {
		return nil
	}
	if t := date(s); t != nil {
		return t
	}
	if serialShape.MatchString(s) {
		days, _ := strconv.ParseFloat(s, 64)
		base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		if from1904 {
			base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		t := base.AddDate(0, 0, int(days))
		return &t
	}
	low := strings.ToLower(s)
	if day, rest, ok := strings.Cut(low, " "); ok { // "Tuesday 24 November 2026"
		if _, named := dayName(strings.Trim(day, ",")); named {
			low = strings.TrimSpace(rest)
		}
	}
	low = ordinalEnd.ReplaceAllString(low, "$1")
	low = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(low, ",", ""), " of ", " "), "sept ", "sep ")
	for _, layout := range []string{"2/1/2006", "2/1/06", "2-1-2006", "2.1.2006", "2.1.06", "2 Jan 2006", "2 January 2006", "2-Jan-2006", "2-Jan-06", "2 Jan 06",
		"2/1/2006 15:04", "2006-1-2 15:04", "2/1/2006 15:04:05", "02/01/2006 15:04:05", "2006/1/2", "Jan 2006", "January 2006", "20060102"} {
		if t, err := time.Parse(layout, low); err == nil && t.Year() >= 1990 && t.Year() <= 2100 {
			return &t
		}
	}
	return nil
}

var ordinalEnd = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)\b`)

// readMinutes reads how long a meeting takes. A number without a unit is minutes from 10 on, and hours up to 9.
func readMinutes(s string) (int, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if m := clockDuration.FindStringSubmatch(s); m != nil {
		hours, _ := strconv.Atoi(m[1])
		minutes, _ := strconv.Atoi(m[2])
		return hours*60 + minutes, hours+minutes > 0
	}
	m := durationShape.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, false
	}
	if strings.HasPrefix(m[2], "h") || m[2] == "" && v < 10 {
		v *= 60
	}
	minutes := int(math.Round(v))
	return minutes, minutes > 0 && minutes < 24*60
}

var (
	agesBetween = regexp.MustCompile(`^(?:adults?|ages?|aged|years?|people|for|between|from| )*(\d{1,3})(?:s| |years?|yrs?)*(?:-|–|to|and|until)(?: )*(\d{1,3})(?:s| |years?|yrs?|old|olds|only|\.)*$`)
	agesOver    = regexp.MustCompile(`^(?:adults?|ages?|aged|people|for|the|from|min|minimum|older|all| |:)*(?:over|above|from)?(?:the age of| |s)*(\d{1,3})(?:s| |\+|plus|years?|yrs?|old|only|and over|and above|or over|and older|upwards|onwards|\.)*$`)
	agesUnder   = regexp.MustCompile(`^(?:ages?|aged|people|children|for|the| )*(under|below|up to)(?:the age of| |s)*(\d{1,3})(?:s| |years?|yrs?|old|only|\.)*$`)
)

// readAges reads a cell about ages; 0 is no limit. ok is false when the cell says anything else besides.
func readAges(s string) (low, high int, ok bool) {
	s = strings.ToLower(plainLine(s, 80))
	switch strings.Trim(s, " .") {
	case "all", "any", "all ages", "any age", "everyone", "all ages welcome", "open to all":
		return 0, 0, true
	case "adult", "adults", "adults only":
		return 18, 0, true
	}
	number := func(text string) int {
		n, _ := strconv.Atoi(text)
		return n
	}
	if m := agesBetween.FindStringSubmatch(s); m != nil {
		low, high = number(m[1]), number(m[2])
	} else if m := agesUnder.FindStringSubmatch(s); m != nil {
		if high = number(m[2]); m[1] != "up to" {
			high-- // "under 25" leaves 25 out
		}
	} else if m := agesOver.FindStringSubmatch(s); m != nil {
		low = number(m[1])
	} else {
		return 0, 0, false
	}
	if low > 110 || high > 150 || high < 0 || high != 0 && high < low {
		return 0, 0, false
	}
	if high >= 100 {
		high = 0 // "18 to 100" means no upper limit
	}
	return low, high, true
}

// readAge reads one age. -1 and 0 mean that there is none.
func readAge(s string) (int, bool) {
	s = strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "years")), "+")
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || v > 150 || math.IsNaN(v) {
		return 0, false
	}
	return max(0, int(v)), true
}

var (
	poundAmount = regexp.MustCompile(`£\s*(\d{1,4}(?:\.\d{1,2})?)|\b(\d{1,3})p\b`)
	bareAmount  = regexp.MustCompile(`^(\d{1,4}(?:\.\d{1,2})?)$`)
	aroundPrice = regexp.MustCompile(`^(?:[ ,.:;/()-]|per|a|an|each|every|the|session|sessions|visit|class|week|weekly|person|pp|hour|time|meeting|only|entry|cost|costs|price|charge|fee|is|to|attend|come|gbp|including|includes|incl|and|with|tea|coffee|refreshments|refreshment|biscuits|lunch|meal)*$`)
)

// readCost reads a cell about money. The amount is believed where the cell says one and nothing that could change it
// ("£5, concessions £3", "£20 to join" are left as words).
func readCost(s string) handrail.Cost {
	text := clean(plainLine(s, 300), 300)
	cost := handrail.Cost{Text: text}
	if text == "" {
		return cost
	}
	if m := bareAmount.FindStringSubmatch(text); m != nil {
		cost.Known, cost.Pence = true, pence(m[1])
		switch {
		case cost.Pence == 0:
			cost.Text = ""
		case cost.Pence%100 == 0:
			cost.Text = fmt.Sprintf("£%d", cost.Pence/100)
		default:
			cost.Text = fmt.Sprintf("£%d.%02d", cost.Pence/100, cost.Pence%100)
		}
		return cost
	}
	if isZero(text) || readsFree(text) {
		cost.Known = true
		return cost
	}
	found := poundAmount.FindAllStringSubmatch(text, -1)
	if len(found) != 1 || !aroundPrice.MatchString(strings.ToLower(poundAmount.ReplaceAllString(text, " "))) {
		return cost
	}
	if found[0][2] != "" {
		cost.Pence, _ = strconv.Atoi(found[0][2])
	} else {
		cost.Pence = pence(found[0][1])
	}
	cost.Known = true
	return cost
}

func pence(pounds string) int {
	v, _ := strconv.ParseFloat(pounds, 64)
	return int(math.Round(v * 100))
}

var (
	hrefShape   = regexp.MustCompile(`(?i)href\s*=\s*["'”“]?\s*([^"'”“\s>]+)`)
	domainShape = regexp.MustCompile(`(?i)^[a-z0-9-]+(\.[a-z0-9-]+)*\.(uk|com|org|net|info|scot|wales|cymru|london|co|eu|charity)(/\S*)?$`)
)

// readWebsite takes the address out of a cell, which may be a link in HTML, words around one, or a bare domain.
func readWebsite(s string) string {
	if m := hrefShape.FindStringSubmatch(s); m != nil {
		return webAddress(m[1])
	}
	for word := range strings.FieldsSeq(plainLine(s, 1000)) {
		word = strings.Trim(word, ",;()<>")
		if domainShape.MatchString(word) {
			word = "https://" + word
		}
		if found := webAddress(word); found != "" {
			return found
		}
	}
	return ""
}

// readEmail takes the first address out of a cell.
func readEmail(s string) string {
	if !strings.Contains(s, "@") {
		return ""
	}
	words := strings.FieldsFunc(plainLine(s, 1000), func(r rune) bool { return strings.ContainsRune(" ,;/|()<>", r) })
	for _, word := range words {
		if len(word) > 7 && strings.EqualFold(word[:7], "mailto:") {
			word = word[7:]
		}
		if found := emailAddress(strings.TrimRight(word, ".")); found != "" {
			return found
		}
	}
	return ""
}

// readPhone takes the number out of a cell. A spreadsheet that took it for a sum has lost its first nought or its
// plus, which are put back.
func readPhone(s string) string {
	s = plainLine(s, 300)
	if digits := strings.ReplaceAll(s, " ", ""); strings.Trim(digits, "0123456789") == "" {
		switch {
		case len(digits) == 10 && strings.ContainsRune("12378", rune(digits[0])):
			s = "0" + digits
		case len(digits) == 12 && strings.HasPrefix(digits, "44"):
			s = "+" + digits
		}
	}
	return phoneNumber(s)
}

// readList splits a cell that lists things.
func readList(s string, limit int) []string {
	seps := ";|\n"
	if !strings.ContainsAny(s, seps) {
		seps = ",/"
	}
	var out []string
	for _, part := range strings.FieldsFunc(plain(s, 2000), func(r rune) bool { return strings.ContainsRune(seps, r) }) {
		part = strings.TrimSpace(strings.TrimPrefix(clean(part, 80), "- "))
		if part == "" || blank(part) || strings.Trim(part, "0123456789") == "" || len(out) >= limit ||
			slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, part) }) {
			continue
		}
		out = append(out, part)
	}
	return out
}
