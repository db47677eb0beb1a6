package meaning

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	ageToken = regexp.MustCompile(`^(\d{1,3})(yo|y|yr|yrs|yrold|yearold|ish|f|m|yof|yom|yf|ym|nb|x|fem|male|female)$`)
	sexToken = regexp.MustCompile(`^([fm])(\d{2,3})$`)
)

// who reads the patient's age and sex.
func (r *reader) who(b blocks) {
	r.age(b)
	r.gender(b)
}

// age finds the age, the surest way of saying it first: "72F", "aged 72", "72 year old", then a number by itself.
func (r *reader) age(b blocks) {
	best, rank := 0, 0
	note := func(age, how int, at ...int) {
		if age < 1 || age > 110 {
			return
		}
		if how > rank {
			best, rank = age, how
			for _, i := range at {
				r.gone[i] = true
			}
		}
	}
	for i := range r.tokens {
		t := r.tokens[i].low
		if b.ignored[i] {
			continue
		}
		if m := ageToken.FindStringSubmatch(t); m != nil && (!r.notTheirs(i) || r.sexed(i, m[2])) {
			n, _ := strconv.Atoi(m[1])
			if m[2] == "m" && (n < 14 || r.distance(i)) || m[2] == "x" && n < 16 {
				continue
			}
			if (m[2] == "y" || m[2] == "yr" || m[2] == "yrs") && (n < 14 && r.word(i+1) != "old" && r.word(i+1) != "o" || r.duration(i, 0)) {
				continue // "widowed 2yrs", "married 40yrs"
			}
			if r.ofChild(i) || n < 14 && relationChild(r.word(i+1), r.word(i+2)) {
				continue // "mum of a 3yo"
			}
			switch {
			case m[2] == "female" || m[2] == "fem":
				r.sex('f')
			case m[2] == "male":
				r.sex('m')
			case strings.HasSuffix(m[2], "f") || strings.HasSuffix(m[2], "m"):
				r.sex(m[2][len(m[2])-1])
			}
			note(n, 5, i)
			continue
		}
		if m := sexToken.FindStringSubmatch(t); m != nil && !r.postcodeHere(i) {
			n, _ := strconv.Atoi(m[2])
			if n >= 14 {
				r.sex(m[1][0])
				note(n, 5, i)
			}
			continue
		}
		n, width := r.number(i)
		if width == 0 || n < 1 || n > 110 {
			continue
		}
		next := r.word(i + width)
		switch {
		case r.pair(i, width):
		case next == "plus" && r.near(i+width-1):
		case (r.word(i-1) == "f" || r.word(i-1) == "m") && r.tokens[i-1].capital && (n >= 14 || n >= 4 && (r.pairOnly(i) || !r.unit(i, width))):
			note(n, 4, i)
		case r.notTheirs(i), r.unit(i, width):
		case next == "yo" || next == "yr" || next == "yrs" || next == "year" || next == "years" || next == "y" || next == "yrold":
			after := r.word(i + width + 1)
			if after == "old" || after == "o" || after == "of" || next == "yo" || next == "y" {
				if !relationChild(r.word(i+width+1), r.word(i+width+2)) && !(n < 14 && r.parentBefore(i)) {
					note(n, 5, i)
				}
			} else if after != "ago" && after != "of" && n >= 14 && !r.duration(i, width) {
				note(n, 2, i)
			}
		case (r.word(i-1) == "aged" || r.word(i-1) == "age") && relation(r.word(i-2)) && n < 18:
		case r.word(i-1) == "aged" || r.word(i-1) == "age":
			note(n, 5, i)
		case (next == "f" || next == "m") && n >= 14:
			note(n, 4, i)
		case (r.word(i-1) == "f" || r.word(i-1) == "m") && n >= 14:
			note(n, 4, i)
		case n >= 14 && r.personBefore(i):
			note(n, 3, i)
		case n >= 14 && (next == "female" || next == "male" || next == "lady" || next == "gent" || next == "man" || next == "woman"):
			note(n, 4, i)
		case n >= 14 && r.standsAlone(i, width):
			note(n, 2, i)
		case n >= 16 && r.looseAge(i, width):
			note(n, 1, i)
		}
	}
	r.u.Age = best
}

// sexed reports whether an age at i has a sex and follows a word that only denies an age without one: "a dog to walk 60F".
func (r *reader) sexed(i int, suffix string) bool {
	switch r.word(i - 1) {
	case "walk", "walks", "to", "at", "by", "a", "until", "from", "step", "every":
		return suffix == "f" || suffix == "m" && !r.distance(i)
	}
	return false
}

// word is the word at i, empty outside the text or past the end of its sentence.
func (r *reader) word(i int) string {
	if i < 0 || i >= len(r.tokens) {
		return ""
	}
	return r.tokens[i].low
}

// number reads a number at i, in digits or words, and how many words it takes.
func (r *reader) number(i int) (n, width int) {
	w := r.tokens[i].low
	if n, err := strconv.Atoi(w); err == nil && len(w) <= 3 {
		return n, 1
	}
	tens := tensOf(w)
	if tens == 0 {
		if n = onesOf(w); n > 0 {
			return n, 1
		}
		return 0, 0
	}
	if ones := onesOf(r.word(i + 1)); ones > 0 && ones < 10 && r.tokens[i+1].clause == r.tokens[i].clause {
		return tens + ones, 2
	}
	return tens, 1
}

func tensOf(w string) int {
	switch w {
	case "twenty":
		return 20
	case "thirty":
		return 30
	case "forty", "fourty":
		return 40
	case "fifty":
		return 50
	case "sixty":
		return 60
	case "seventy":
		return 70
	case "eighty":
		return 80
	case "ninety":
		return 90
	}
	return 0
}

// onesOf reads "one" to "nineteen".
func onesOf(w string) int {
	if len(w) < 3 || len(w) > 9 {
		return 0
	}
	for n, name := range [...]string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
		"fifteen", "sixteen", "seventeen", "eighteen", "nineteen"} {
		if w == name {
			return n + 1
		}
	}
	return 0
}

// notTheirs reports whether a number at i is somebody else's age, or none: a wife's, a child's, "over 60", "BMI 44".
func (r *reader) notTheirs(i int) bool {
	before, before2 := r.word(i-1), r.word(i-2)
	if i > 0 && !r.near(i-1) {
		return false
	}
	switch before {
	case "over", "under", "above", "below", "bmi", "type", "stage", "phq", "phq9", "gad", "gad7", "room", "ward", "flat", "no",
		"number", "x", "times", "score", "mmse", "hba1c", "bus", "route", "since", "page", "section", "band", "grade", "m25", "a",
		"covid", "unit", "step", "level", "by", "until", "after", "before", "at", "from", "couch", "tier", "bp", "within", "than", "last",
		"past", "to", "walk", "walks", "ext", "extension", "every":
		if before == "covid" {
			return r.tokens[i].low == "19"
		}
		return before != "a" // "a 72 year old" is an age
	}
	if relation(before) && (before2 == "his" || before2 == "her" || before2 == "their" || before2 == "s" || before2 == "with" || before2 == "and" || before2 == "of") {
		return true
	}
	return relation(before) && (before == "son" || before == "daughter" || before == "grandson" || before == "granddaughter" ||
		before == "child" || before == "kids" || before == "children" || before == "husband" || before == "wife" || before == "baby")
}

// near reports whether nothing but blanks, a colon or a dash stands between the words at i and i+1.
func (r *reader) near(i int) bool {
	return i+1 < len(r.tokens) && !strings.ContainsAny(r.text[r.tokens[i].end:r.tokens[i+1].start], ",;.()?!/\n")
}

// ofChild reports whether an age at i is that of the patient's child: "mum of 3yo", "mum to a 4 yr old".
func (r *reader) ofChild(i int) bool {
	at := i - 1
	if w := r.word(at); w == "a" || w == "an" || w == "her" || w == "his" {
		at--
	}
	return (r.word(at) == "of" || r.word(at) == "to" || r.word(at) == "with" || r.word(at) == "w") && relation(r.word(at-1)) || relation(r.word(at)) && relationChild(r.word(at))
}

// relationChild reports whether "24 year old X" speaks of a relative.
func relationChild(words ...string) bool {
	for _, w := range words {
		switch w {
		case "son", "daughter", "child", "children", "kid", "kids", "grandson", "granddaughter", "toddler", "baby", "twins", "sister",
			"brother", "wife", "husband":
			return true
		}
	}
	return false
}

// unit reports whether the number counts something that is no years of age.
func (r *reader) unit(i, width int) bool {
	next := r.word(i + width)
	if i+width < len(r.tokens) && r.tokens[i+width].clause != r.tokens[i].clause {
		next = ""
	}
	switch next {
	case "mile", "miles", "mi", "km", "kms", "k", "metres", "meters", "yards", "min", "mins", "minute", "minutes", "hour", "hours", "hrs",
		"hr", "day", "days", "week", "weeks", "wk", "wks", "month", "months", "am", "pm", "stone", "st", "kg", "lbs", "kids", "children",
		"child", "grandchildren", "grandkids", "times", "x", "cats", "dogs", "dog", "cat", "stairs", "steps", "pounds", "quid", "grand",
		"units", "cigarettes", "fags", "pints", "percent", "bed", "bedroom", "th", "per", "oclock", "friends", "people", "others",
		"sons", "daughters", "mg", "falls", "strokes", "plus", "boys", "girls", "under", "mo", "a":
		return true
	case "year", "years", "yrs", "yr":
		return r.duration(i, width)
	}
	if r.tokens[i].start > 0 {
		switch r.text[r.tokens[i].start-1] {
		case '$', '/', '+', '#':
			return true
		}
		if strings.HasSuffix(r.text[:r.tokens[i].start], "£") {
			return true
		}
	}
	if end := r.tokens[i+width-1].end; end < len(r.text) {
		switch r.text[end] {
		case '/', '%', '+', ':':
			return r.text[end] != '/' || !strings.HasPrefix(r.text[end:], "/o")
		}
	}
	return false
}

// duration reports whether "N years" is a length of time: "for 30 years", "30 years ago", "married 40 years".
func (r *reader) duration(i, width int) bool {
	switch r.word(i - 1) {
	case "for", "married", "of", "in", "last", "past", "after", "nearly", "over":
		return r.word(i+width+1) != "old" && r.word(i+width+1) != "of"
	}
	after := r.word(i + width + 1)
	return after == "ago" || after == "since" || after == "in" || after == "married" || after == "later" || after == "together" || after == "clean" || after == "sober" || after == "apart"
}

// personBefore reports whether a person is named just before: "lady of 72", "chap, 45", "widower 70".
func (r *reader) personBefore(i int) bool {
	for at := i - 1; at >= 0 && at >= i-2; at-- {
		switch w := r.tokens[at].low; w {
		case "lady", "gent", "gentleman", "man", "woman", "chap", "bloke", "lad", "lass", "girl", "boy", "guy", "widow", "widower", "mum",
			"dad", "male", "female", "pt", "patient", "she", "he", "shes", "hes", "person", "student", "carer", "pensioner", "fella", "nan",
			"grandad", "grandma", "gran":
			return true
		case "of", "aged", "is", "about", "around", "approx", "nearly", "almost", "now", "just", "turning":
		default:
			return false
		}
	}
	return false
}

// standsAlone reports whether the number has a clause to itself: ", 72,".
func (r *reader) standsAlone(i, width int) bool {
	c := r.tokens[i].clause
	return (i == 0 || r.tokens[i-1].clause != c) && (i+width >= len(r.tokens) || r.tokens[i+width].clause != c)
}

// looseAge takes a bare two-digit number at the edge of a clause as an age, for want of a better one.
func (r *reader) looseAge(i, width int) bool {
	if r.tokens[i].low[0] < '0' || r.tokens[i].low[0] > '9' || len(r.tokens[i].low) != 2 {
		return false
	}
	switch r.word(i - 1) {
	case "the", "bus", "no", "about", "for", "with", "of":
		return i+width >= len(r.tokens) || r.tokens[i+width].clause != r.tokens[i].clause
	}
	return true
}

// parentBefore reports whether a child's age is that of somebody's child: "mum of a 3 year old".
func (r *reader) parentBefore(i int) bool {
	for at := i - 1; at >= 0 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		if relation(r.tokens[at].low) || r.tokens[at].low == "has" || r.tokens[at].low == "with" {
			return true
		}
	}
	return false
}

// pair reports whether the number is one of two ages, a couple's: "78 and 80".
func (r *reader) pair(i, width int) bool {
	if next := r.word(i + width); (next == "and" || next == "") && i+width+1 < len(r.tokens) {
		if n, w := r.number(i + width + 1); next == "and" && w > 0 && n < 110 && !r.unit(i+width+1, w) && (n >= 16 || r.word(i-1) == "aged") {
			return true
		}
	}
	if r.word(i-1) == "and" && i >= 2 {
		if n, err := strconv.Atoi(r.tokens[i-2].low); err == nil && (n >= 16 && n < 110 || r.word(i-3) == "aged") {
			return true
		}
	}
	return false
}

// pairOnly reports whether "F 9" stands by itself or with a condition: a child.
func (r *reader) pairOnly(i int) bool {
	if i != 1 && r.tokens[i-2].clause == r.tokens[i].clause {
		return false
	}
	return r.standsBefore(i) || !r.unit(i, 1)
}

// distance reports whether "50m" at i is metres.
func (r *reader) distance(i int) bool {
	switch r.word(i - 1) {
	case "walk", "walks", "than", "within", "only", "about", "to":
		return true
	}
	return r.word(i+1) == "away" || r.word(i+1) == "radius" || r.word(i+1) == "walk"
}

// postcodeHere reports whether "M14" at i is rather an outcode: another age is given.
func (r *reader) postcodeHere(i int) bool {
	if i+1 < len(r.tokens) && r.tokens[i+1].clause == r.tokens[i].clause && len(r.tokens[i+1].low) == 3 && r.tokens[i+1].low[0] >= '0' && r.tokens[i+1].low[0] <= '9' &&
		(r.tokens[i+1].low[1] > '9') {
		return true // "M14 5RQ"
	}
	if r.tokens[i].low[0] == 'f' {
		return false // there is no area F
	}
	switch r.word(i - 1) {
	case "in", "near", "round", "around", "of", "from", "postcode", "manchester":
		return true
	}
	for _, at := range r.plainAges() {
		if at != i {
			return true
		}
	}
	return false
}

// plainAges are the first two tokens that give an age without any doubt. They are looked for once.
func (r *reader) plainAges() []int {
	if r.agesRead {
		return r.ages
	}
	r.agesRead = true
	for at := 0; at < len(r.tokens) && len(r.ages) < 2; at++ {
		t := r.tokens[at].low
		if ageToken.MatchString(t) && !strings.HasSuffix(t, "y") && !r.notTheirs(at) {
			r.ages = append(r.ages, at)
			continue
		}
		if n, width := r.number(at); width > 0 && n >= 14 && n < 105 && !r.notTheirs(at) && !r.unit(at, width) &&
			(r.personBefore(at) || r.standsAlone(at, width) || r.word(at-1) == "f" || r.word(at+width) == "f") {
			r.ages = append(r.ages, at)
		}
	}
	return r.ages
}

func (r *reader) sex(c byte) {
	if r.u.Gender == "" {
		r.u.Gender = map[byte]string{'f': "female", 'm': "male"}[c]
	}
}

// gender reads the patient's sex: F and M, then what they are called, then he and she.
func (r *reader) gender(b blocks) {
	if r.u.Gender != "" || r.couple() {
		return
	}
	female, male := -1, -1
	for _, m := range r.v.sexes.find(r.tokens, nil) {
		for _, s := range m.meaning {
			i := m.from
			if r.notPatient(i, b) {
				continue
			}
			switch r.v.sexes.names[s.name] {
			case "female":
				if female < 0 || i < female {
					female = i
				}
			case "male":
				if male < 0 || i < male {
					male = i
				}
			}
		}
	}
	switch {
	case female >= 0 && (male < 0 || female < male):
		r.u.Gender = "female"
		return
	case male >= 0:
		r.u.Gender = "male"
		return
	}
	for i, t := range r.tokens {
		if t.low == "ms" && t.capital && !t.shout && i+1 < len(r.tokens) && r.tokens[i+1].capital {
			r.u.Gender = "female" // the title; MS is an illness
			return
		}
	}
	for i := 1; i < len(r.tokens); i++ { // "a farmer's wife", "vicar's widow"
		if r.tokens[i-1].owner && occupation(strings.TrimSuffix(r.tokens[i-1].low, "s")) && !relation(r.word(i-1)) && r.word(i-2) != "his" && r.word(i-2) != "her" {
			switch r.tokens[i].low {
			case "wife", "daughter":
				r.u.Gender = "female"
				return
			case "husband", "son":
				r.u.Gender = "male"
				return
			}
		}
	}
	she, he := 0, 0
	his, hers := -1, -1 // where a man or a woman of theirs is first named: "husband ... with him"
	for i, t := range r.tokens {
		switch t.low {
		case "husband", "dad", "son", "brother", "father", "boyfriend", "grandson", "grandad":
			if his < 0 {
				his = i
			}
		case "wife", "mum", "daughter", "sister", "mother", "girlfriend", "granddaughter", "nan", "gran":
			if hers < 0 {
				hers = i
			}
		}
	}
	for i, t := range r.tokens {
		switch t.low {
		case "him", "his", "he", "hes", "himself":
			if his >= 0 && i > his {
				continue
			}
		case "her", "hers", "she", "shes", "herself":
			if hers >= 0 && i > hers {
				continue
			}
		}
		switch t.low {
		case "she", "shes", "herself":
			she += 3
		case "he", "hes", "himself":
			he += 3
		case "her", "hers":
			she++
		case "his":
			he++
		case "him":
			he++
		}
	}
	switch {
	case she > he:
		r.u.Gender = "female"
	case he > she:
		r.u.Gender = "male"
	}
}

// couple reports whether the text is about two people: "a couple of 78 and 80", "Mr & Mrs Dhillon".
func (r *reader) couple() bool {
	for i, t := range r.tokens {
		switch t.low {
		case "couple":
			return r.word(i+1) != "of"
		case "mr":
			next := r.word(i + 1)
			return next == "mrs" || next == "and" && r.word(i+2) == "mrs"
		}
	}
	return false
}

// notPatient reports whether a word such as "mum" or "man" is not the patient: "his mum", "with dad", "ladies' night".
func (r *reader) notPatient(i int, b blocks) bool {
	t := r.tokens[i].low
	if t == "m" || t == "f" {
		return false
	}
	switch r.word(i - 1) {
	case "his", "her", "their", "my", "our", "your", "after", "with", "lost", "for", "of", "helps", "s", "to", "and", "lives", "elderly",
		"late", "by", "from", "like", "as", "old", "poorly", "disabled", "since":
		switch t {
		case "boy", "girl":
			return r.word(i-1) != "old" && (r.word(i-1) != "for" || r.word(i+1) != "of" && r.word(i+1) != "with")
		case "mum", "mummy", "mam", "mother", "dad", "daddy", "father", "grandma", "granny", "nan", "grandmother", "grandad", "granddad",
			"grandfather", "grandpa", "brother", "sister":
			return r.word(i-1) != "for" || (r.word(i+1) != "of" && r.word(i+1) != "with")
		}
	}
	if next := r.word(i + 1); next == "only" || next == "voice" || next == "group" || next == "groups" || next == "tutor" || next == "instructor" ||
		next == "says" || next == "has" && relation(t) || next == "teacher" || next == "passed" || next == "died" {
		return true
	}
	// A surname's "Mr" that is staff: "Mr Patel the link worker" is too rare to mind.
	return false
}

// sexOnly reads "women's football" and "men's choir" as groups for them only. A men's shed is not one, nor is an
// institute or a refuge.
func (r *reader) sexOnly() {
	if r.u.SingleSex != "" {
		return
	}
	for i, t := range r.tokens {
		if (t.low == "ladies" || t.low == "women") && !t.owner && i > 0 && r.standsAlone(i, 1) {
			r.u.SingleSex = "women" // "cooking, E1, ladies"
			return
		}
		sex := map[string]string{"womens": "women", "ladies": "women", "mens": "men", "gents": "men"}[t.low]
		if sex == "" || i+1 >= len(r.tokens) || r.tokens[i+1].clause != t.clause || r.denied(i) {
			continue
		}
		switch r.tokens[i+1].low {
		case "shed", "sheds", "health", "aid", "institute", "refuge", "rights", "who", "and", "or", "ward", "clothes", "problems", "in", "with", "from", "of":
			continue
		}
		r.u.SingleSex = sex
		return
	}
}
