package meaning

import (
	"regexp"
	"slices"
	"strings"
)

// Identifier is an identifying detail in a text: its kind (address dob email name nhs_number phone) and the bytes
// [From, To) that it takes.
type Identifier struct {
	Kind     string
	From, To int
}

// dobLabel announces a date of birth.
const dobLabel = `(?i)(?:\bdob|\bd\.o\.b\.?|\bd/o/b|\bdate of birth|\bborn|\bbirthday|\bbday|\bb[. ])[ :=\-]*(?:is |was )?(?:in |on )?(?:the )?`

// A day of a month and the end of a year in words.
const (
	dayInWords  = `(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth`
	yearInWords = `(?:(?:oh|o|ought)[ -])?(?:(?:twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)`
)

const months = `(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*`

var (
	emailText = regexp.MustCompile(`(?i)[a-z0-9._%+\-]+ ?@ ?[a-z0-9\-]+(?:[.,][a-z0-9\-]+)*[.,][a-z]{2,}|[a-z0-9._%+\-]{2,}@[a-z][a-z0-9\-]+|[a-z0-9._%+\-]+ (?:at|\(at\)|\[at\]) [a-z0-9\-]+ dot (?:com|net|org|co dot uk|co\.uk|uk)\b`)
	// The at, the dot, or both written out, with brackets or without.
	emailSaid = regexp.MustCompile(`(?i)[a-z0-9_%+\-]+(?:(?:\.| dot | ?[(\[{]dot[)\]}] ?)[a-z0-9_%+\-]+)* ?(?: at |[(\[{] ?at ?[)\]}]) ?[a-z0-9\-]+(?:(?:\.| dot | ?[(\[{]dot[)\]}] ?)[a-z0-9\-]+)*(?:\.| dot | ?[(\[{]dot[)\]}] ?)(?:com|net|org|uk|ie|eu|info|me|gov|edu)\b`)
	// Numbers with years of four digits, ISO, and days and months in words, with or without spaces.
	dobNumeric = regexp.MustCompile(`\b(?:(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:19|20)?\d{2}|(?:19|20)\d{2}[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:0?[1-9]|[12]\d|3[01]))\b`)
	// Numbers with blanks, upright strokes or an apostrophe in between, where the year is that of a grown person's birth.
	dobSpaced  = regexp.MustCompile(`\b(?:0?[1-9]|[12]\d|3[01]) ?[ |/.\-] ?(?:0?[1-9]|1[0-2]) ?[ |/.\-] ?(?:19\d\d|200\d|201[0-2])\b|\b(?:0?[1-9]|[12]\d|3[01]) ?[|/] ?(?:0?[1-9]|1[0-2]) ?[|/] ?'?[3-9]\d\b`)
	dobInWords = regexp.MustCompile(`(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[ \-/.]?(?:of )?` + months + `[ ,\-/.]{0,2}(?:19|20)\d{2}\b|\b` + months + ` (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? (?:19|20)\d{2}\b`)
	dobSaid    = regexp.MustCompile(dobLabel + `(?:(?:19|20)\d{2}[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?:[ /.\-](?:of )?(?:the )?(?:0?[1-9]|1[0-2])(?:st|nd|rd|th)?[ ,/.\-]{1,2}(?:of )?|[ /.\-]?(?:of )?` + months + `[ ,/.\-]{0,2})(?:'|(?:19|20))?\d{2}|` + months + ` (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? (?:'|(?:19|20))?\d{2}|\d{6}|\d{8})\b`)
	// The label behind the date; eight digits that are a date; a day and a month in letters with two digits for a year that
	// is long past; everything in words. emailText knows "at" and "dot".
	dobBefore   = regexp.MustCompile(`(?i)\b(?:\d{6}|\d{8}|\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{2}|\d{4}))[ ,(]{0,2}(?:dob|d\.o\.b|date of birth)\b`)
	dobTogether = regexp.MustCompile(`\b(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19\d\d|200\d|201\d)\b`)
	dobShort    = regexp.MustCompile(`(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[ \-/.]` + months + `[ \-/.]'?[3-9]\d\b`)
	dobSpelled  = regexp.MustCompile(`(?i)\b(?:` + dayInWords + `)(?: day)?(?: of)? ` + months + `,? (?:(?:19|20)\d{2}|nineteen[ -](?:hundred(?: and)?[ -])?` + yearInWords + `|two thousand(?: and)?(?:[ -]` + yearInWords + `)?)\b`)
	// A month and a year, or a day and a month, where a date of birth is announced.
	dobPart = regexp.MustCompile(`(?i)(?:\bdob|\bd\.o\.b\.?|\bdate of birth|\bborn|\bbirthday|\bbday)\b[ :=\-]*(?:is |was )?(?:in |on )?(?:the )?(?:'\d\d on )?(?:` + months + `[ '\-/]{1,2}(?:19|20)?\d{2}|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\b`)
	dobYear = regexp.MustCompile(`(?i)(?:\bdob|\bd\.o\.b\.?|\bdate of birth)\b[ :]*(?:19|20)\d{2}\b`)
)

// Identifiers finds the identifying details in a text, in their order, none overlapping another. It looks for names in
// the first 400 words and for everything else in the first 4,000 bytes; Redact says when a text is longer.
func (v *Vocabulary) Identifiers(text string) []Identifier {
	clean, back := legible(text)
	r := v.read(clean)
	out := make([]Identifier, 0, len(r.found))
	for _, id := range r.found {
		out = append(out, Identifier{id.Kind, at(back, id.From), at(back, id.To)})
	}
	return out
}

// identifiers notes what identifying details are in the text and puts spaces in their place, with a comma to end the
// clause, so that nothing else is read from them.
func (r *reader) identifiers(text string) string {
	low := lowered(text)
	inWords := datesInWords(low)
	digits := strings.ContainsAny(text, "0123456789")
	houses := houseWord(low)
	mail := strings.Contains(text, "@") || strings.Contains(low, "dot") || strings.Contains(low, " at ") && strings.Contains(low, ".") || strings.Contains(low, "at)") || strings.Contains(low, "at]")
	if !inWords && !digits && !mail && !houses && !strings.Contains(low, "seven") {
		return text // names are all that is left, and they are found among the words
	}
	blanked := []byte(text)
	note := func(kind string, from, to int) {
		r.found = append(r.found, Identifier{kind, from, to})
		for i := from; i < to; i++ {
			blanked[i] = ' '
		}
		if to-from > 1 {
			blanked[to-1] = ','
		}
	}
	look := func(kind string, found *regexp.Regexp, is func(from, to int) bool) {
		for _, m := range found.FindAllIndex(blanked, -1) {
			if is == nil || is(m[0], m[1]) {
				note(kind, m[0], m[1])
			}
		}
	}
	if mail {
		look("email", emailText, nil)
		look("email", emailSaid, func(from, to int) bool { return mailbox(low[:from], low[from:to]) })
	}
	if inWords {
		look("dob", dobSpelled, func(from, _ int) bool { return !dated(low[:from]) })
	}
	if strings.Contains(low, " two") || strings.Contains(low, " nine") || strings.Contains(low, " seven") || strings.Contains(low, "double") {
		for _, n := range spokenNumbers(low) {
			note(n.Kind, n.From, n.To)
		}
	}
	found := signs{}
	if digits {
		found = signsOf(low)
	}
	if found.born { // before the numbers: "dob 03 04 1951 72F" is no telephone's
		look("dob", dobSaid, nil)
		look("dob", dobBefore, nil)
		look("dob", dobPart, nil)
		look("dob", dobYear, nil)
	}
	if found.year || found.joints > 0 || strings.ContainsAny(text, "|'") {
		look("dob", dobSpaced, func(from, _ int) bool { return !dated(low[:from]) })
	}
	for _, n := range longNumbers(blanked) {
		note(n.Kind, n.From, n.To)
	}
	if houses {
		for _, m := range houseText.FindAllStringSubmatchIndex(text, -1) {
			if houseNamed(text, m[0]) {
				note("address", m[0], m[1])
			}
		}
	}
	if digits {
		if found.year {
			look("dob", dobInWords, func(from, _ int) bool { return !dated(low[:from]) })
		}
		if found.year {
			look("dob", dobTogether, nil)
		}
		if found.month {
			look("dob", dobShort, func(from, _ int) bool { return !dated(low[:from]) })
		}
		if found.joints > 1 {
			look("dob", dobNumeric, func(from, to int) bool {
				return (to-from >= 8 || strings.Count(text[from:to], "/") == 2) && !dated(low[:from]) && !ofLate(low, from, to)
			})
		}
		r.addresses(blanked, low, found, note)
	}
	return string(blanked)
}

// mailbox reports whether what reads like an address in words is one, and not a page to look at: it has more than one part
// before its at, or somebody says mail.
func mailbox(before, said string) bool {
	box, _, _ := strings.Cut(said, "at")
	switch strings.TrimSpace(box) {
	case "look", "see", "info", "details", "website", "online", "found", "listed", "book", "find", "on", "more", "is", "are", "available", "them":
		return false
	}
	return strings.ContainsAny(strings.TrimSpace(box), "._0123456789") || strings.Contains(box, "dot") || strings.ContainsAny(said, "([{") || strings.Contains(before[max(0, len(before)-20):], "mail")
}

// ofLate reports whether a date is of these years, too late for the birth of somebody who is grown, and neither brackets nor the
// patient's sex stand beside it: "on 12/3/26".
func ofLate(low string, from, to int) bool {
	year := low[to-2 : to]
	if to-from >= 8 && low[to-4] == '2' && (low[to-4:to] > "2012" && low[to-4:to] < "2100") {
		return true
	}
	if low[to-3] >= '0' && low[to-3] <= '9' || year < "20" || year > "29" || from == 0 {
		return false
	}
	before := strings.Fields(low[max(0, from-12):from])
	if len(before) == 0 {
		return false
	}
	switch before[len(before)-1] {
	case "on", "in", "of", "done", "dated", "date", "bloods", "hba1c", "bp", "taken", "result", "results", "jab":
		return true
	}
	return false
}

// lowered has the letters A to Z in small and every byte where it was: strings.ToLower makes some letters longer or shorter.
func lowered(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// signs are what a text must have for one of the expressions to be worth trying: most queries have none.
type signs struct {
	born   bool // a word that announces a date of birth, or a "b" by itself
	year   bool // four digits together
	month  bool // a number and the beginning of a month's name, joined
	joints int  // how often two digits are joined by a point, a stroke or a dash
	street bool // a word that ends a street's name
	code   bool // a digit and two letters that end a word, as a postcode does
}

func signsOf(low string) signs {
	var s signs
	s.born = strings.Contains(low, "birth") || strings.Contains(low, "bday") || strings.Contains(low, "born") || strings.Contains(low, "dob") ||
		strings.Contains(low, "d.o.b") || strings.Contains(low, "d/o/b")
	run := 0
	for i := range len(low) {
		c := low[i]
		if c >= '0' && c <= '9' {
			run++
			s.year = s.year || run == 4
			continue
		}
		if run == 1 && isLetter(c) && i+1 < len(low) && isLetter(low[i+1]) && (i+2 == len(low) || !isLetter(low[i+2]) && (low[i+2] < '0' || low[i+2] > '9')) {
			s.code = true
		}
		digitAfter := i+1 < len(low) && low[i+1] >= '0' && low[i+1] <= '9'
		if run > 0 && digitAfter && (c == '/' || c == '.' || c == '-') {
			s.joints++
		}
		if run > 0 && run < 3 && (c == ' ' || c == '-' || c == '/' || c == '.') && i+4 < len(low) && monthOf(low[i+1:i+4]) > 0 || run > 0 && run < 3 && (c == 't' || c == 's' || c == 'n' || c == 'r') {
			s.month = true
		}
		if c == 'b' && (i == 0 || !isLetter(low[i-1])) && i+1 < len(low) && (low[i+1] == '.' || low[i+1] == ' ') {
			s.born = true
		}
		run = 0
	}
	for from := 0; from < len(low) && !s.street; {
		to := from
		for to < len(low) && isLetter(low[to]) {
			to++
		}
		s.street = to > from && (streetWord(low[from:to]) || strings.HasSuffix(low[from:to], "way") || strings.HasSuffix(low[from:to], "gate"))
		from = max(to, from+1)
	}
	return s
}

// streetWord reports whether a word is one of those that make a street of addressText and streetText.
func streetWord(w string) bool {
	switch w {
	case "road", "rd", "street", "st", "avenue", "ave", "lane", "ln", "close", "cl", "drive", "drv", "crescent", "cres", "court", "ct", "place", "pl",
		"terrace", "terr", "gardens", "gdns", "grove", "way", "walk", "hill", "mews", "rise", "row", "square", "sq", "gate", "green", "parade", "view", "park",
		"field", "fields", "meadow", "meadows", "vale", "bank", "common", "parkway", "broadway", "wharf", "quay", "croft", "end", "villas", "buildings", "mount",
		"heights", "chase", "wynd", "brae", "approach", "promenade", "esplanade", "circus", "boulevard", "causeway", "embankment", "drove", "lea", "leas", "corner",
		"glade", "knoll", "oval", "path", "ridge", "strand", "link", "nook", "warren", "weir", "quadrant", "circle", "plaza", "dale", "market", "precinct", "crofts", "neuk", "yard", "cottage", "cottages", "paddock", "orchard", "maltings", "garth", "dene", "fold", "spinney", "copse", "loan", "alley", "dell",
		"oaks", "limes", "elms", "beeches", "willows", "poplars", "laurels", "cedars", "firs", "hollies", "ridings", "ridgeway", "glebe", "hawthorns", "leys", "pines", "birches",
		"brambles", "fairway", "fairways", "cross", "forum", "heol", "ffordd", "stryd", "maes", "bryn", "clos", "rhodfa", "trem", "gerddi", "waun", "erw", "cwrt", "tyddyn", "cae", "lon", "llys":
		return true
	}
	return false
}

// datesInWords reports whether a text may hold a date of birth without a digit for its day: "the third of May 1950".
func datesInWords(low string) bool {
	for _, word := range []string{"first", "second", "third", "th ", "tieth"} {
		if i := strings.Index(low, word); i >= 0 && (strings.Contains(low, "nineteen") || strings.Contains(low, " 19") || strings.Contains(low, " 20") || strings.Contains(low, "two thousand")) {
			return true
		}
	}
	return false
}

// dated reports whether the words before a date speak of something other than a birth: "seen 3/4/2026".
func dated(before string) bool {
	words := strings.Fields(before)
	for i := len(words) - 1; i >= 0 && i >= len(words)-2; i-- {
		switch strings.Trim(words[i], ":,.-") {
		case "seen", "since", "until", "till", "due", "by", "review", "appt", "appointment", "discharged", "admitted", "died", "op", "from",
			"referred", "starts", "starting", "edd", "diagnosed", "dx", "rv", "next", "booked", "moved":
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// note adds names that were found among the words.
func (r *reader) noteName(from, to int) {
	r.found = append(r.found, Identifier{"name", r.tokens[from].start, r.tokens[to-1].end})
	for i := from; i < to; i++ {
		r.gone[i] = true
	}
}

// settleIdentifiers puts what was found in order and names the kinds.
func (r *reader) settleIdentifiers() {
	slices.SortFunc(r.found, func(a, b Identifier) int { return a.From - b.From })
	kept := r.found[:0]
	for _, id := range r.found {
		if len(kept) > 0 && id.From < kept[len(kept)-1].To {
			kept[len(kept)-1].To = max(kept[len(kept)-1].To, id.To)
			continue
		}
		kept = append(kept, id)
	}
	r.found = kept
	for _, id := range r.found {
		if !slices.Contains(r.u.Identifiers, id.Kind) {
			r.u.Identifiers = append(r.u.Identifiers, id.Kind)
		}
	}
	slices.Sort(r.u.Identifiers)
}
