package meaning

import (
	"slices"
	"strings"
	"unicode"
)

// place finds the place that is named, if any: first one that is known or stands where a place stands, then, for want of
// one, any word with a capital letter that is no word of everyday.
func (r *reader) place(b blocks) {
	taken := slices.Clone(r.gone)
	for _, loose := range []bool{false, true} {
		for i := 0; i < len(r.tokens); i++ {
			if taken[i] {
				continue
			}
			if n := r.county(i); n > 0 {
				i += n - 1
				continue
			}
			if name, n := r.knownPlace(i); n > 0 && !loose && r.placeFits(i, n) {
				to := i + n
				name, to = r.longer(name, i, to)
				if at, width := r.nearer(i, to, b); width > 0 {
					name, i, to = r.v.spelled(r.joinedWords(at, width)), at, at+width
				}
				r.settlePlace(name, i, to)
				return
			}
			if name, n := r.unknownPlace(i, b, loose); n > 0 {
				if n == 1 && len(name) > 5 && plain(name) {
					if right := r.v.nearby().nearest(name, func(s string) string { return s }); right != "" && likelySlip(name, right) {
						name = r.v.places[right]
					}
				}
				r.settlePlace(name, i, i+n)
				return
			}
		}
	}
}

// nearer is the part of a town that stands right after it in a clause of its own, "Bristol, Easton", and how many words
// it takes: only a city has parts, and neither another city nor a county is one.
func (r *reader) nearer(from, to int, b blocks) (at, n int) {
	if to >= len(r.tokens) || r.tokens[to].clause == r.tokens[to-1].clause || r.tokens[to].sentence != r.tokens[from].sentence ||
		r.text[r.tokens[to-1].end:r.tokens[to].start] != ", " || from > 0 && r.tokens[from-1].clause == r.tokens[from].clause && !r.placeLed(from) {
		return 0, 0
	}
	if !r.v.cities[r.joinedWords(from, to-from)] {
		return 0, 0
	}
	for to+n < len(r.tokens) && n < 3 && r.tokens[to+n].clause == r.tokens[to].clause {
		if t := r.tokens[to+n]; !t.capital || t.shout || r.gone[to+n] || !r.couldBePlace(to+n) && !isLandmark(t.low) || b.interests[to+n] || b.needs[to+n] {
			return 0, 0
		}
		n++
	}
	if n == 0 || to+n < len(r.tokens) && r.tokens[to+n].clause == r.tokens[to].clause || r.v.cities[r.joinedWords(to, n)] || r.county(to) > 0 || n == 1 && isLandmark(r.word(to)) {
		return 0, 0
	}
	return to, n
}

// joinedWords are n words from i with blanks between them.
func (r *reader) joinedWords(i, n int) string {
	words := make([]string, n)
	for k := range words {
		words[k] = r.tokens[i+k].low
	}
	return strings.Join(words, " ")
}

// spelled is how a place is spelled, itself where it is not known.
func (v *Vocabulary) spelled(place string) string {
	if right := v.places[place]; right != "" {
		return right
	}
	return place
}

// settlePlace takes a place and marks its words and those of every place that is known besides: they are read.
func (r *reader) settlePlace(name string, from, to int) {
	r.u.Place = name
	for i := from; i < to; i++ {
		r.gone[i] = true
	}
	for i := to; i < len(r.tokens); i++ {
		if _, n := r.knownPlace(i); n > 0 && r.tokens[i].capital && r.placeFits(i, n) {
			for k := range n {
				r.gone[i+k] = true
			}
		}
	}
}

// county is how many words a county at i takes; it is no place to look around.
func (r *reader) county(i int) int {
	for n := min(3, len(r.tokens)-i); n > 1; n-- {
		if r.v.counties[r.phrase(i, n)] {
			for k := range n {
				r.gone[i+k] = true
			}
			return n
		}
	}
	return 0
}

// phrase is n words from i in small letters, empty where they are of two clauses or were read already.
func (r *reader) phrase(i, n int) string {
	if i+n > len(r.tokens) {
		return ""
	}
	size := 0
	for k := range n {
		if r.tokens[i+k].clause != r.tokens[i].clause || r.gone[i+k] {
			return ""
		}
		size += len(r.tokens[i+k].low) + 1
	}
	if n == 1 {
		return r.tokens[i].low
	}
	var b strings.Builder
	b.Grow(size)
	for k := range n {
		if k > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(r.tokens[i+k].low)
	}
	return b.String()
}

// knownPlace is the longest known place at i and how many words it takes.
func (r *reader) knownPlace(i int) (string, int) {
	for n := min(r.v.placeHeads[r.tokens[i].low], len(r.tokens)-i); n >= 1; n-- {
		if words := r.phrase(i, n); words != "" {
			if spelled := r.v.places[words]; spelled != "" {
				return spelled, n
			}
		}
	}
	return "", 0
}

// longer makes a known place more exact by what follows: "leagrave station", "Tooting Broadway station".
func (r *reader) longer(name string, from, to int) (string, int) {
	at := to
	for at < len(r.tokens) && at < to+2 && r.tokens[at].clause == r.tokens[from].clause && !r.gone[at] && r.tokens[at].capital && !isLandmark(r.tokens[at].low) {
		at++
	}
	if at < len(r.tokens) && r.tokens[at].clause == r.tokens[from].clause && !r.gone[at] && isLandmark(r.tokens[at].low) &&
		(at > to || !r.landmarkVerb(at)) {
		for i := to; i <= at; i++ {
			name += " " + r.tokens[i].low
		}
		return name, at + 1
	}
	if particle(r.word(to)) && r.hasCapital(to+1) { // "Newcastle upon Tyne"
		return name + r.gap(to-1) + r.word(to) + r.gap(to) + r.word(to+1), to + 2
	}
	return name, to
}

// landmarkVerb reports whether a landmark's word at i is rather what people do there: "Luton library books".
func (r *reader) landmarkVerb(i int) bool {
	switch r.tokens[i].low {
	case "library", "museum", "leisure", "centre", "market", "park":
		switch r.word(i + 1) {
		case "run", "books", "group", "club", "walk", "walks":
			return r.tokens[i].low != "park" || r.word(i+1) == "run"
		}
		return !r.tokens[i].capital && r.tokens[i].low == "market"
	}
	return false
}

func (r *reader) hasCapital(i int) bool {
	return i < len(r.tokens) && i >= 0 && r.tokens[i].capital && !r.gone[i]
}

// gap is how the words at i and i+1 hang together in the text: by a hyphen or a blank.
func (r *reader) gap(i int) string {
	if r.text[r.tokens[i].end:r.tokens[i+1].start] == "-" {
		return "-"
	}
	return " "
}

// particle reports whether a word joins the halves of a place's name.
func particle(w string) bool {
	switch w {
	case "on", "upon", "under", "le", "la", "cum", "super", "juxta", "en", "y", "by":
		return true
	}
	return false
}

// placeFits reports whether a known place is meant as the place to look around.
func (r *reader) placeFits(i, n int) bool {
	if r.elsewhere(i) {
		return false
	}
	t := r.tokens[i]
	if n > 1 || !r.v.shyPlaces[t.low] {
		// "Lancaster gate", "York stone": rare. A first name before it makes it a surname: "Tom Lincoln".
		switch r.word(i - 1) {
		case "mr", "mrs", "ms", "dr", "miss", "roller", "sheffield":
			return false
		}
		return n > 1 || !t.shout || len(t.low) > 3 || r.placeLed(i)
	}
	if r.inPhrase(i) {
		return false
	}
	// A word that is a place as well: a capital, not just because a sentence begins, and in a place's position.
	if t.shout && len(t.low) < 5 && !r.placeLed(i) {
		return false
	}
	month := t.low == "march"
	if month && r.dated(i) {
		return false
	}
	if month && (r.happened(i) || !t.capital && r.word(i-1) == "in") {
		return false
	}
	if !t.capital {
		if r.placeLed(i) {
			return r.bounded(i)
		}
		if w := r.word(i + 1); w == "or" && i+2 < len(r.tokens) {
			return r.isPlace(i+2) && (i == 0 || r.tokens[i-1].clause != t.clause)
		}
		return r.standsAlone(i, 1) && i > 0 && !r.v.inTable(t.low) && !r.v.notPlaces[t.low]
	}
	first := i == 0 || r.tokens[i-1].sentence != t.sentence
	if first && i+1 < len(r.tokens) && r.tokens[i+1].clause == t.clause && isLandmark(r.tokens[i+1].low) && !r.landmarkVerb(i+1) && r.standsBefore(i+1) {
		return true // "Hope Valley, M 50"
	}
	return !first || r.standsAlone(i, 1)
}

// dated reports whether before a month at i something begins or ends in it: "starts in March", "since March".
func (r *reader) dated(i int) bool {
	at := i - 1
	if w := r.word(at); w == "in" || w == "of" || w == "mid" || w == "early" || w == "late" || w == "end" {
		at--
	}
	switch r.word(at) {
	case "starts", "start", "starting", "started", "ends", "ending", "due", "back", "until", "till", "since", "last", "next", "early", "late", "mid", "end", "by", "before",
		"after", "this", "discharged", "born", "month", "op", "surgery", "stroke", "mi", "diagnosed", "retired", "retires", "redundant", "died":
		return true
	}
	return false
}

// placeLed reports whether a word that leads to a place stands before i.
func (r *reader) placeLed(i int) bool {
	switch r.word(i - 1) {
	case "in", "near", "nr", "around", "round", "from", "to", "at", "of":
		return i > 0 && r.tokens[i-1].clause == r.tokens[i].clause
	}
	return false
}

// bounded reports whether the words after a place typed in small letters show that it is over: the clause ends, or a day,
// a number, a sex or a small word follows.
func (r *reader) bounded(i int) bool {
	if r.standsBefore(i) {
		return true
	}
	next := r.tokens[i+1]
	if _, day := dayOf(next.low); day || next.digits() || r.gone[i+1] {
		return true
	}
	switch next.low {
	case "f", "m", "for", "on", "area", "way", "or", "and", "am", "pm", "please", "pls", "with", "female", "male", "any", "but", "not", "no", "within",
		"weekday", "weekdays", "weekends", "mornings", "evenings", "afternoons", "morning", "tomorrow", "today", "tonight", "aged", "lady", "man",
		"who", "would", "wants", "likes", "needs", "she", "he", "if", "has":
		return true
	}
	return false
}

// inPhrase reports whether the word at i belongs to a longer phrase of the table: "reading group" is no town.
func (r *reader) inPhrase(i int) bool {
	if r.phrases == nil {
		r.phrases = make([]bool, len(r.tokens))
		for _, l := range []*lexicon{r.v.interests, r.v.needs, r.v.flags} {
			for _, m := range l.find(r.tokens, nil) {
				for k := m.from; m.to-m.from > 1 && k < m.to; k++ {
					r.phrases[k] = true
				}
			}
		}
	}
	return r.phrases[i]
}

// standsBefore reports whether a clause ends after i.
func (r *reader) standsBefore(i int) bool {
	return i+1 >= len(r.tokens) || r.tokens[i+1].clause != r.tokens[i].clause
}

// elsewhere reports whether a place at i is one the patient left, or that is ruled out.
func (r *reader) elsewhere(i int) bool {
	for at := i - 1; at >= 0 && at >= i-4 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "from":
			return r.leftFrom(at)
		case "left", "born", "originally", "not", "formerly", "supports", "supporter", "support", "ex", "via":
			return at >= i-3
		case "in", "to", "near", "around", "at", "round":
			if r.word(at-1) != "moved" && r.word(at-1) != "relocated" && r.word(at-1) != "moving" {
				return r.word(at-1) == "not" || r.word(at-1) == "born" || r.word(at-1) == "lived" || r.word(at-2) == "used" && r.word(at-1) == "live"
			}
			return false
		}
	}
	return false
}

// leftFrom reports whether "from" at i tells what somebody left: "moved from", "originally from", "just come from".
// Without such a word it is where they live: "a lady from Luton", "2 miles from Luton".
func (r *reader) leftFrom(i int) bool {
	for at := i - 1; at >= 0 && at >= i-4 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "moved", "moves", "moving", "relocated", "originally", "came", "come", "comes", "arrived", "arrival", "fled", "over", "back", "down", "up",
			"discharged", "transferred", "retired", "returned", "refugee", "family":
			return true
		case "far", "miles", "mile", "minutes", "km", "walk":
			return false
		}
	}
	return i == 0 || r.tokens[i-1].clause != r.tokens[i].clause
}

func isLandmark(w string) bool {
	switch w {
	case "station", "hospital", "road", "street", "lane", "avenue", "bridge", "common", "green", "hill", "heath", "cathedral", "docks",
		"harbour", "marina", "square", "estate", "quay", "cross", "gate", "row", "fields", "rd", "st", "ave", "retail", "mill", "arena",
		"stadium", "airport", "park", "market", "wood", "woods", "bay", "moor", "vale", "library", "museum", "church", "centre", "leisure",
		"school", "valley", "precinct", "tube", "metro", "island", "beach", "pier", "castle", "priory", "hospice", "college", "university", "tower":
		return true
	}
	return false
}

// unknownPlace guesses a place that no list knows, by where it stands: after "in" or "near", before "area", or with a
// clause to itself, and with a capital letter. Without one, after "near" or "round" only. Loose, any word with a capital
// will do that does not begin a sentence.
func (r *reader) unknownPlace(i int, b blocks, loose bool) (string, int) {
	if b.ignored[i] || r.elsewhere(i) {
		return "", 0
	}
	t := r.tokens[i]
	n := 1
	for n < 5 && i+n < len(r.tokens) && r.tokens[i+n].clause == t.clause && !r.gone[i+n] && t.capital &&
		(r.tokens[i+n].capital && (r.couldBePlace(i+n) || isLandmark(r.tokens[i+n].low)) || r.hyphened(i+n) ||
			particle(r.tokens[i+n].low) && i+n+1 < len(r.tokens) && (r.couldBePlace(i+n+1) && (r.tokens[i+n].low == "cum" || r.hasCapital(i+n+1)))) {
		if particle(r.tokens[i+n].low) && i+n+1 < len(r.tokens) {
			n++
		}
		n++
	}
	n = min(n, len(r.tokens)-i)
	if r.hyphened2(i) { // the tail of a word with a hyphen
		return "", 0
	}
	several := n > 1 && !r.hyphened(i+1) && r.oddWord(i, n)
	if t.low == "st" || t.low == "saint" {
		if n == 1 {
			return "", 0
		}
	} else if !r.couldBePlace(i) && !(several && !r.v.notPlaces[t.low] && !r.gone[i] && !r.v.firstNames[t.low] && r.notDay(i) && !r.people(t.low)) {
		return "", 0
	}
	first := i == 0 || r.tokens[i-1].sentence != t.sentence
	led := false
	switch r.word(i - 1) {
	case "in", "near", "round", "around", "nr", "by":
		led = r.tokens[i-1].clause == t.clause
	case "area":
		led = i > 0 && r.text[r.tokens[i-1].end:t.start] == ": "
	case "the":
		led = (r.word(i-2) == "near" || r.word(i-2) == "by") && t.capital
	case "from":
		led = t.capital
	case "at", "to", "of":
		led = t.capital && (r.word(i-1) == "at" || r.word(i-2) == "close" || r.word(i-2) == "part" || r.word(i-2) == "side" || r.word(i-2) == "next" ||
			r.word(i-2) == "miles" || r.word(i-2) == "moved" || r.word(i-2) == "mile" || r.word(i-2) == "area" || r.word(i-2) == "walk" || r.word(i-2) == "outside" ||
			r.word(i-2) == "km" || r.word(i-2) == "radius" || r.word(i-2) == "new" || r.word(i-2) == "north" || r.word(i-2) == "south" || r.word(i-2) == "east" || r.word(i-2) == "west")
	}
	switch r.word(i + n) {
	case "area", "estate", "district", "ward", "village", "way":
		led = led || t.capital && r.tokens[i+n].clause == t.clause && (r.word(i+n) != "way" || r.word(i-1) == "round" || r.word(i-1) == "over")
	}
	odd := r.oddWord(i, n)
	whole := (i == 0 || r.tokens[i-1].clause != t.clause) && (i+n >= len(r.tokens) || r.tokens[i+n].clause != t.clause || r.gone[i+n]) && (odd || !first)
	end := t.capital && (i+n >= len(r.tokens) || r.gone[i+n]) && i > 0 && (odd || led)
	begins := several && first && i+n < len(r.tokens) && (r.word(i+n) == "f" || r.word(i+n) == "m" || r.tokens[i+n].digits())
	switch {
	case t.capital && !t.shout && (led || whole || end || begins):
	case t.capital && t.shout && led && len(t.low) > 3:
	case loose && t.capital && !t.shout && !first && odd && len(t.low) > 3:
	case loose && t.capital && !t.shout && first && (t.low == "st" || several) && odd:
	case !t.capital && led && len(t.low) > 3 && r.word(i-1) != "by" && !r.v.english.has(t.low) && (r.word(i-1) != "in" || r.bounded(i)):
		if next := r.word(i + 1); isLandmark(next) {
			n = 2
		}
	default:
		return "", 0
	}
	name := r.tokens[i].low
	for k := 1; k < n; k++ {
		name += r.gap(i+k-1) + r.tokens[i+k].low
	}
	if at := i + n; at < len(r.tokens) && r.tokens[at].clause == t.clause && !r.gone[at] && isLandmark(r.tokens[at].low) && !r.landmarkVerb(at) {
		return name + " " + r.tokens[at].low, n + 1
	}
	return name, n
}

// oddWord reports whether one of n words from i is no word of everyday.
func (r *reader) oddWord(i, n int) bool {
	for k := range n {
		if !r.v.english.has(r.tokens[i+k].low) {
			return true
		}
	}
	return false
}

// hyphened reports whether the word at i hangs on the one before by a hyphen: the "on" and the "Wye" of "Hay-on-Wye".
func (r *reader) hyphened(i int) bool {
	return i > 0 && i < len(r.tokens) && r.text[r.tokens[i-1].end:r.tokens[i].start] == "-"
}

// couldBePlace reports whether a word may be a place's name: no word of the table, no person's name, no people.
func (r *reader) couldBePlace(i int) bool {
	t := r.tokens[i]
	if _, day := dayOf(t.low); day {
		return false
	}
	if r.gone[i] || len(t.low) < 3 || r.v.notPlaces[t.low] || r.v.firstNames[t.low] || r.people(t.low) || relation(t.low) || r.v.countries[t.low] {
		return false
	}
	for _, c := range t.low {
		if !unicode.IsLetter(c) {
			return false
		}
	}
	for _, l := range []*lexicon{r.v.needs, r.v.interests, r.v.flags, r.v.sexes} {
		for _, p := range l.byFirst[t.stem] {
			if len(p.words) == 0 {
				return false
			}
			if _, ok := p.at(r.tokens, i); ok {
				return false
			}
		}
		for _, p := range l.exact[t.low] {
			if len(p.words) == 0 {
				return false
			}
		}
	}
	return true
}
