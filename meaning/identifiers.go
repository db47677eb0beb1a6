package meaning

import (
	"regexp"
	"strings"
)

var (
	emailText   = regexp.MustCompile(`(?i)[a-z0-9._%+\-]+@[a-z0-9.\-]+\.[a-z]{2,}`)
	phoneText   = regexp.MustCompile(`(?:\+44|\b0044|\b0)[ \-]?(?:\(0\)[ \-]?)?\d(?:[ \-]?\d){8,9}\b`)
	dobNumeric  = regexp.MustCompile(`\b(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:19|20)?\d{2}\b`)
	dobInWords  = regexp.MustCompile(`(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?: of)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*,? (?:19|20)\d{2}\b`)
	dobLabelled = regexp.MustCompile(`(?i)\b(?:dob|d\.o\.b\.?|date of birth|born)\b[ :]*(?:on )?(?:0?[1-9]|[12]\d|3[01])[ /.\-](?:0?[1-9]|1[0-2]|[a-z]{3,9})[ /.\-](?:19|20)?\d{2}\b`)
	dobYear     = regexp.MustCompile(`(?i)\b(?:dob|d\.o\.b\.?|date of birth)\b[ :]*(?:19|20)\d{2}\b`)
	addressText = regexp.MustCompile(`(?i)\b(?:flat \d+[a-z]?,? )?\d{1,4}[a-z]?,? (?:[a-z'\-]+ ){1,3}(?:road|rd|street|st|avenue|ave|lane|ln|close|drive|crescent|cres|court|ct|place|terrace|gardens|grove|way|walk|hill|mews|rise|row|square|park road|gate)\b`)
	flatText    = regexp.MustCompile(`(?i)\bflat \d+[a-z]?,? [a-z]+ (?:house|court|tower|lodge)\b`)
)

// identifiers notes what identifying details are in the text and puts spaces in their place, so that nothing else is
// read from them. It keeps none of them.
func (r *reader) identifiers(text string) string {
	note := func(kind string, found *regexp.Regexp, is func(string) bool) {
		text = found.ReplaceAllStringFunc(text, func(s string) string {
			if is != nil && !is(s) {
				return s
			}
			r.u.Identifiers = append(r.u.Identifiers, kind)
			return strings.Repeat(" ", len(s))
		})
	}
	note("email", emailText, nil)
	note("nhs_number", tenDigits, func(s string) bool {
		return !strings.HasPrefix(s, "0") && (validNHSNumber(onlyDigits(s)) || s[0] == '4' || s[0] == '6' || s[0] == '7' || s[0] == '9')
	})
	note("phone", phoneText, nil)
	note("dob", dobLabelled, nil)
	note("dob", dobYear, nil)
	note("dob", dobInWords, nil)
	note("dob", dobNumeric, func(s string) bool { return len(s) >= 8 || strings.Count(s, "/") == 2 })
	note("address", addressText, func(s string) bool { return !strings.Contains(strings.ToLower(s), " mile") && !age(s) })
	note("address", flatText, nil)
	return text
}

// age reports whether what looks like an address begins with an age: "72 lives near Park Road".
func age(s string) bool {
	for _, w := range strings.Fields(strings.ToLower(s))[1:] {
		switch strings.Trim(w, ",") {
		case "near", "in", "on", "the", "min", "mins", "minutes", "minute", "year", "years", "yo", "yr", "old", "from", "lives", "of", "to", "f", "m", "and",
			"male", "female", "lady", "likes", "wants", "for", "kids", "weeks", "months", "by", "at", "can":
			return true
		}
	}
	return false
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// name notes a person's name: a first name with a capital letter, or a title with a surname, staff excepted. Places and
// what was read already are left alone.
func (r *reader) name() {
	found := false
	inPlace := make([]bool, len(r.tokens)) // "King's Lynn" names nobody
	for i := range r.tokens {
		if _, n := r.knownPlace(i); n > 1 {
			for k := range n {
				inPlace[i+k] = true
			}
		}
	}
	for i, t := range r.tokens {
		if r.gone[i] || inPlace[i] {
			continue
		}
		switch t.low {
		case "mr", "mrs", "ms", "miss", "mx", "master":
			if next := i + 1; next < len(r.tokens) && r.tokens[next].capital && !r.v.notPlaces[r.tokens[next].low] &&
				r.tokens[next].sentence-t.sentence <= 1 && len(r.tokens[next].low) > 1 {
				found = true
				r.gone[i] = true
				for at := next; at < len(r.tokens) && at <= next+2 && r.tokens[at].capital && r.tokens[at].clause-r.tokens[next].clause == 0 && (at == next || r.v.firstNames[r.tokens[at-1].low]); at++ {
					r.gone[at] = true
				}
			}
			continue
		case "called", "named":
			if next := i + 1; next < len(r.tokens) && r.v.firstNames[r.tokens[next].low] {
				found = true
				r.gone[next] = true
			}
			continue
		}
		if !r.v.firstNames[t.low] || !t.capital || t.shout && len(t.low) < 4 {
			continue
		}
		switch r.word(i - 1) {
		case "dr", "nurse", "doctor", "prof", "professor", "sister", "st", "saint", "queen", "king", "prince", "princess", "cheers", "thanks", "ta",
			"regards", "hi", "hello", "hey", "dear", "morning", "afternoon", "ask", "near", "in", "at", "round", "around", "dj", "from":
			continue
		}
		next := r.word(i + 1)
		if isLandmark(next) || next == "lewis" || next == "club" || next == "centre" || r.last(i) && r.signature(i) {
			continue
		}
		found = true
		r.gone[i] = true
		if at := i + 1; at < len(r.tokens) && r.tokens[at].capital && !r.tokens[at].shout && r.tokens[at].clause == t.clause && r.couldBePlace(at) && r.v.places[r.tokens[at].low] == "" {
			r.gone[at] = true
		}
	}
	if found {
		r.u.Identifiers = append(r.u.Identifiers, "name")
	}
}

func (r *reader) last(i int) bool { return i == len(r.tokens)-1 }

// signature reports whether a name at the end signs the message: "thanks, Sue".
func (r *reader) signature(i int) bool {
	for at := i - 1; at >= 0 && at >= i-3; at-- {
		switch r.tokens[at].low {
		case "thanks", "thx", "cheers", "ta", "regards", "wishes", "ty":
			return true
		}
	}
	return false
}
