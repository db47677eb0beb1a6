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
	emailText = regexp.MustCompile(`(?i)[a-z0-9._%+\-]+ ?@ ?[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}|[a-z0-9._%+\-]+ (?:at|\(at\)|\[at\]) [a-z0-9\-]+ dot (?:com|net|org|co dot uk|co\.uk|uk)\b`)
	// Numbers with years of four digits, ISO, and days and months in words, with or without spaces.
	dobNumeric = regexp.MustCompile(`\b(?:(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:19|20)?\d{2}|(?:19|20)\d{2}[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:0?[1-9]|[12]\d|3[01]))\b`)
	dobInWords = regexp.MustCompile(`(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[ \-/.]?(?:of )?` + months + `[ ,\-/.]{0,2}(?:19|20)\d{2}\b|\b` + months + ` (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? (?:19|20)\d{2}\b`)
	dobSaid    = regexp.MustCompile(dobLabel + `(?:(?:19|20)\d{2}[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?:[ /.\-](?:of )?(?:the )?(?:0?[1-9]|1[0-2])(?:st|nd|rd|th)?[ ,/.\-]{1,2}(?:of )?|[ /.\-]?(?:of )?` + months + `[ ,/.\-]{0,2})(?:'|(?:19|20))?\d{2}|` + months + ` (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? (?:'|(?:19|20))?\d{2}|\d{6}|\d{8})\b`)
	// The label behind the date; eight digits that are a date; a day and a month in letters with two digits for a year that
	// is long past; everything in words. emailText knows "at" and "dot".
	dobBefore   = regexp.MustCompile(`(?i)\b(?:\d{6}|\d{8}|\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{2}|\d{4}))[ ,(]{0,2}(?:dob|d\.o\.b|date of birth)\b`)
	dobTogether = regexp.MustCompile(`\b(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19\d\d|200\d|201\d)\b`)
	dobShort    = regexp.MustCompile(`(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[ \-/.]` + months + `[ \-/.]'?[3-9]\d\b`)
	dobSpelled  = regexp.MustCompile(`(?i)\b(?:` + dayInWords + `)(?: day)?(?: of)? ` + months + `,? (?:(?:19|20)\d{2}|nineteen[ -](?:hundred(?: and)?[ -])?` + yearInWords + `|two thousand(?: and)?(?:[ -]` + yearInWords + `)?)\b`)
	dobYear     = regexp.MustCompile(`(?i)(?:\bdob|\bd\.o\.b\.?|\bdate of birth)\b[ :]*(?:19|20)\d{2}\b`)

	addressText = regexp.MustCompile(`(?i)\b(?:(?:flat|apt|apartment|unit) \d+[a-z]?,? )?(?:no\.? )?\d{1,4}[a-z]?(?:-\d{1,4})?,? ((?:[a-z'’\-]+\.? ){1,3})(road|rd|street|st|avenue|ave|lane|ln|close|cl|drive|drv|crescent|cres|court|ct|place|pl|terrace|terr|gardens|gdns|grove|way|walk|hill|mews|rise|row|square|sq|gate|green|parade|view|park|fields?|meadows?|vale|bank|common|parkway|broadway|wharf|quay|croft|end|villas|buildings|mount|heights|chase|wynd|brae)\b\.?`)
	// Where somebody is said to live a number and a name will do.
	livesText = regexp.MustCompile(`\b(?i:lives?(?: at| in)?|living at|resides at|address(?: is)?|home is|house no\.?|house number)[ :]{1,2}(?i:no\.? ?)?(\d{1,4}[A-Za-z]?,? (?:[Tt]he )?[A-Z][a-z'’]+(?: [A-Z][a-z'’]+){0,2})\b`)
	flatText  = regexp.MustCompile(`(?i)\b(?:flat|apt|apartment) \d+[a-z]?,? (?:\d+[a-z]? )?[a-z']+(?: [a-z']+)? (?:house|court|tower|towers|lodge|point|heights|mansions|buildings)\b`)
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
	if !inWords && !strings.ContainsAny(text, "0123456789@") && !strings.Contains(low, " dot ") {
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
	if strings.Contains(text, "@") || strings.Contains(low, " dot ") || strings.Contains(low, "at)") || strings.Contains(low, "at]") {
		look("email", emailText, nil)
	}
	if inWords {
		look("dob", dobSpelled, func(from, _ int) bool { return !dated(low[:from]) })
	}
	for _, n := range longNumbers(blanked) {
		note(n.Kind, n.From, n.To)
	}
	if strings.ContainsAny(text, "0123456789") {
		signs := signsOf(low)
		if signs.born {
			look("dob", dobSaid, nil)
			look("dob", dobBefore, nil)
			look("dob", dobYear, nil)
		}
		if signs.year {
			look("dob", dobInWords, func(from, _ int) bool { return !dated(low[:from]) })
		}
		if signs.year {
			look("dob", dobTogether, nil)
		}
		if signs.month {
			look("dob", dobShort, func(from, _ int) bool { return !dated(low[:from]) })
		}
		if signs.joints > 1 {
			look("dob", dobNumeric, func(from, to int) bool {
				return (to-from >= 8 || strings.Count(text[from:to], "/") == 2) && !dated(low[:from])
			})
		}
		if signs.street {
			for _, m := range addressText.FindAllSubmatchIndex(blanked, -1) {
				if !afterSex(blanked[:m[0]]) && street(string(blanked[m[0]:m[1]]), string(blanked[m[2]:m[3]]), string(blanked[m[4]:m[5]]), r.v) {
					note("address", m[0], m[1])
				}
			}
		}
		if strings.Contains(low, "live") || strings.Contains(low, "living") || strings.Contains(low, "resides") || strings.Contains(low, "address") || strings.Contains(low, "home is") || strings.Contains(low, "house n") {
			for _, m := range livesText.FindAllSubmatchIndex(blanked, -1) {
				note("address", m[2], m[3])
			}
		}
		if strings.Contains(low, "flat") || strings.Contains(low, "apt") || strings.Contains(low, "apartment") {
			look("address", flatText, nil)
		}
	}
	return string(blanked)
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
		s.street = to > from && streetWord(low[from:to])
		from = max(to, from+1)
	}
	return s
}

// streetWord reports whether a word is one of those that addressText ends with.
func streetWord(w string) bool {
	switch w {
	case "road", "rd", "street", "st", "avenue", "ave", "lane", "ln", "close", "cl", "drive", "drv", "crescent", "cres", "court", "ct", "place", "pl",
		"terrace", "terr", "gardens", "gdns", "grove", "way", "walk", "hill", "mews", "rise", "row", "square", "sq", "gate", "green", "parade", "view", "park",
		"field", "fields", "meadow", "meadows", "vale", "bank", "common", "parkway", "broadway", "wharf", "quay", "croft", "end", "villas", "buildings", "mount",
		"heights", "chase", "wynd", "brae":
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

// afterSex reports whether a number stands behind the sex of the patient and so is their age: "F 70 Church Road area".
func afterSex(before []byte) bool {
	s := strings.TrimRight(string(before), " ")
	return len(s) < len(before) && len(s) > 0 && (s[len(s)-1] == 'F' || s[len(s)-1] == 'M') && (len(s) == 1 || !isLetter(s[len(s)-2]))
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// street reports whether what looks like a house number and a street is one, and not "72 lives near Park Road" or "31M
// can't drive": words of everyday between the number and what ends a street's name speak against it.
func street(whole, name, kind string, v *Vocabulary) bool {
	words := strings.Fields(name)
	first := strings.ToLower(strings.TrimLeft(whole, " "))
	capitals := true
	for _, w := range words {
		low := strings.ToLower(strings.Trim(w, ".'’"))
		if (low == "old" || low == "long" || low == "short" || low == "the") && w[0] < 'a' {
			continue // "Old Kent Road"
		}
		switch low {
		case "near", "in", "on", "min", "mins", "minutes", "minute", "year", "years", "yo", "yr", "old", "from", "lives", "of", "to", "f", "m",
			"and", "male", "female", "lady", "likes", "wants", "for", "kids", "weeks", "months", "by", "at", "can", "cant", "can't", "cannot",
			"mile", "miles", "km", "walk", "with", "who", "is", "has", "hates", "loves", "needs", "no", "not", "doesn't", "doesnt", "don't",
			"won't", "wont", "a", "or", "retired", "widow", "group", "dog", "day", "days", "hour", "hours", "times", "about", "likely", "long",
			"short", "over", "under", "within", "does", "steps", "stairs", "am", "pm", "per", "x", "woman", "man", "gent", "guided", "health":
			return false
		}
		if w[0] < 'A' || w[0] > 'Z' {
			capitals = false
		}
	}
	if capitals {
		return true
	}
	switch strings.ToLower(kind) {
	case "drive", "close", "walk", "way", "hill", "place", "park", "gate", "rise", "row", "green", "view", "bank", "common", "end", "field", "fields",
		"mount", "court", "gardens", "square", "chase", "cl", "ct", "pl", "sq", "croft", "vale", "meadow", "meadows":
		// Typed small, only beside a flat or where somebody lives.
		return strings.HasPrefix(first, "flat") || len(words) == 1 && !v.knownWord(strings.ToLower(words[0]))
	}
	return true
}

// digitGroup is some digits that stand together.
type digitGroup struct{ from, to int }

// longNumbers finds NHS numbers and telephone numbers however they are spaced: groups of digits with a blank, a dash, a
// dot or brackets between them.
func longNumbers(text []byte) []Identifier {
	var out []Identifier
	var run []digitGroup
	end := func() {
		out = append(out, inRun(text, run)...)
		run = run[:0]
	}
	for i := 0; i < len(text); {
		if text[i] < '0' || text[i] > '9' {
			i++
			continue
		}
		from := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		if len(run) > 0 && !joins(text[run[len(run)-1].to:from]) {
			end()
		}
		run = append(run, digitGroup{from, i})
		if len(run) > 24 {
			end()
		}
	}
	end()
	return out
}

// joins reports whether what stands between two groups of digits joins them into one number.
func joins(gap []byte) bool {
	if len(gap) > 3 {
		return false
	}
	for _, c := range gap {
		if c != ' ' && c != '-' && c != '.' && c != '(' && c != ')' {
			return false
		}
	}
	return true
}

// inRun takes NHS numbers and telephone numbers out of a run of groups of digits.
func inRun(text []byte, run []digitGroup) []Identifier {
	var out []Identifier
	for i := 0; i < len(run); i++ {
		digits, used := "", false
		for j := i; j < len(run) && len(digits) < 15; j++ {
			digits += string(text[run[j].from:run[j].to])
			from, to := run[i].from, run[j].to
			next := 0
			if j+1 < len(run) {
				next = run[j+1].to - run[j+1].from
			}
			kind := ""
			switch {
			case international(text, from) && (len(digits) >= 11 && len(digits) <= 13) && next < 3:
				kind = "phone"
				from--
			case strings.HasPrefix(digits, "0044") && len(digits) >= 13 && len(digits) <= 15 && next < 3:
				kind = "phone"
			case digits[0] == '0' && next == 0 && len(digits) >= 9 && len(digits) <= 13 && len(digits) != 10 && phoneSaid(text[:from]):
				kind = "phone" // a slip of the finger reaches somebody too
			case digits[0] == '0' && len(digits) == 11 || digits[0] == '0' && len(digits) == 10 && next != 1:
				kind = "phone"
			case len(digits) == 10 && digits[0] != '0' && (validNHSNumber(digits) || likeNHSNumber(run[i:j+1], digits) || after(text, from, "nhs")):
				kind = "nhs_number"
			}
			if kind == "" {
				continue
			}
			for from > 0 && text[from-1] == '(' {
				from--
			}
			out = append(out, Identifier{kind, from, to})
			i, used = j, true
			break
		}
		_ = used
	}
	return out
}

// phoneSaid reports whether the words before a number say that it is a telephone's.
func phoneSaid(before []byte) bool {
	words := strings.Fields(strings.ToLower(string(before[max(0, len(before)-24):])))
	for i := len(words) - 1; i >= 0 && i >= len(words)-3; i-- {
		switch strings.Trim(words[i], ".:,-(") {
		case "tel", "phone", "telephone", "mob", "mobile", "landline", "ring", "call", "text", "number", "ph", "t", "m", "contact":
			return true
		}
	}
	return false
}

func international(text []byte, from int) bool {
	return from > 0 && text[from-1] == '+'
}

// likeNHSNumber reports whether ten digits are grouped as an NHS number is, or begin as one does, though the check digit
// is wrong: a slip of the finger identifies somebody too.
func likeNHSNumber(groups []digitGroup, digits string) bool {
	switch digits[0] {
	case '4', '6', '7', '9':
	default:
		return false
	}
	return len(groups) == 1 || len(groups) == 3 && groups[0].to-groups[0].from == 3 && groups[1].to-groups[1].from == 3
}

// after reports whether a word stands shortly before a place in the text.
func after(text []byte, from int, word string) bool {
	return strings.Contains(strings.ToLower(string(text[max(0, from-14):from])), word)
}

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
