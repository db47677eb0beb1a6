package meaning

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"handrail/directory/postcode"
)

// postcode takes the first full postcode of the text, or the first outcode, and marks them all as read.
func (r *reader) postcode() {
	for _, f := range postcode.Find(r.text) {
		if f.Kind != postcode.Full && f.Kind != postcode.Outcode {
			continue
		}
		from, to := -1, -1
		for i, t := range r.tokens {
			if t.start >= f.Start && t.end <= f.End {
				if from < 0 {
					from = i
				}
				to = i + 1
			}
		}
		if from < 0 || (f.Kind == postcode.Outcode && r.notOutcode(from)) {
			continue
		}
		for i := from; i < to; i++ {
			r.gone[i] = true
		}
		moved := r.word(from-1) == "from" || (r.word(from-1) == "in" && r.word(from-2) == "was")
		if !moved && (r.u.Postcode == "" || (f.Kind == postcode.Full && !strings.Contains(r.u.Postcode, " "))) {
			r.u.Postcode = f.Text
		}
	}
}

// notOutcode reports whether what looks like an outcode is something of the clinic: an age with a sex, vitamin B12, a
// part of the spine, a road.
func (r *reader) notOutcode(i int) bool {
	t := r.tokens[i].low
	if r.gone[i] {
		return true
	}
	next := r.word(i + 1)
	switch t {
	case "b12":
		return strings.HasPrefix(next, "def") || strings.HasPrefix(next, "inj") || next == "jabs" || r.word(i-1) == "low" || r.word(i-1) == "vitamin"
	case "l1", "l2", "l3", "l4", "l5", "s1", "s2":
		before := r.word(i - 1)
		return strings.HasPrefix(before, "l") && len(before) == 2 || strings.HasPrefix(next, "s1") || next == "disc" || next == "l5"
	case "m1", "m25", "m6", "m62":
		return next == "motorway"
	}
	return false
}

// radius reads a distance somebody is willing to go.
func (r *reader) radius() {
	for i := range r.tokens {
		if r.gone[i] {
			continue
		}
		if r.tokens[i].low == "walking" && r.word(i+1) == "distance" {
			r.u.RadiusM = 1200
		}
		n, unit, from := r.measure(i)
		if n == 0 {
			continue
		}
		switch unit {
		case "mile", "miles", "mi", "mls", "ml":
			if !r.journey(i, from) {
				r.u.RadiusM = int(math.Round(n * 1609.344))
				return
			}
		case "km", "kms", "kilometre", "kilometres", "kilometer", "kilometers":
			if !r.journey(i, from) {
				r.u.RadiusM = int(math.Round(n * 1000))
				return
			}
		case "k":
			if (r.wantedWithin(i) || r.word(from) == "radius" || r.word(from) == "of" || r.word(from) == "max" || r.word(from) == "away") && !r.journey(i, from) {
				r.u.RadiusM = int(math.Round(n * 1000))
				return
			}
		case "m", "metres", "meters", "metre":
			if r.wantedWithin(i) && n >= 50 {
				r.u.RadiusM = int(n)
				return
			}
		case "min", "mins", "minute", "minutes":
			if w := r.word(from); w == "walk" || w == "walks" || w == "walking" || (w == "on" && r.word(from+1) == "foot") || (w == "stroll") ||
				(w == "away" && r.word(from+1) == "on" && r.word(from+2) == "foot") {
				if r.word(from+1) == "group" {
					continue
				}
				r.u.RadiusM = int(n * 80)
				return
			}
		}
	}
}

// measure reads "2 miles", "half a mile", "5k", "a mile and a half" at i; from is the word after the unit.
func (r *reader) measure(i int) (n float64, unit string, from int) {
	t := r.tokens[i].low
	digits := 0
	for digits < len(t) && (t[digits] >= '0' && t[digits] <= '9' || t[digits] == '.') {
		digits++
	}
	switch {
	case digits > 0 && digits < len(t):
		n, err := strconv.ParseFloat(t[:digits], 64)
		if err != nil {
			return 0, "", 0
		}
		return n, t[digits:], i + 1
	case digits > 0:
		n, err := strconv.ParseFloat(t, 64)
		if err != nil {
			return 0, "", 0
		}
		if r.word(i+1) == "and" && r.word(i+2) == "a" && r.word(i+3) == "half" {
			return n + 0.5, r.word(i + 4), i + 5
		}
		return n, r.word(i + 1), i + 2
	case t == "half" && (r.word(i+1) == "a" || r.word(i+1) == "mile"):
		at := i + 1
		if r.word(at) == "a" {
			at++
		}
		return 0.5, r.word(at), at + 1
	case (t == "a" || t == "one") && (r.word(i+1) == "mile" || r.word(i+1) == "km") && r.wantedWithin(i):
		if r.word(i+2) == "and" && r.word(i+3) == "a" && r.word(i+4) == "half" {
			return 1.5, r.word(i + 1), i + 5
		}
		return 1, r.word(i + 1), i + 2
	case t == "couple" && r.word(i+1) == "of" && (r.word(i+2) == "miles"):
		return 2, "miles", i + 3
	}
	if n, width := r.number(i); width > 0 {
		return float64(n), r.word(i + width), i + width + 1
	}
	return 0, "", 0
}

// wantedWithin reports whether a limit is announced before i: "within", "no more than", "up to".
func (r *reader) wantedWithin(i int) bool {
	switch r.word(i - 1) {
	case "within", "radius", "max", "under", "maximum", "inside":
		return true
	case "to":
		return r.word(i-2) == "up"
	case "than":
		return true
	case "about", "a", "around":
		return r.word(i-2) == "within"
	}
	return false
}

// journey reports whether a distance is the length of a walk or a run, or time behind a wheel, rather than a radius.
func (r *reader) journey(i, from int) bool {
	switch r.word(i - 1) {
	case "walk", "walks", "walked", "run", "runs", "ran", "cycles", "cycle", "swims", "to", "jogs", "do", "does":
		return r.word(i-1) != "to" || r.word(i-2) != "up"
	case "can":
		return true
	}
	switch r.word(from) {
	case "walk", "walks", "run", "runs", "race", "hike", "debt", "ramble", "rambles", "swim", "jog", "plus", "owed":
		return true
	case "a":
		return r.word(from+1) == "day"
	}
	return r.word(i-1) == "couch"
}

// place finds the place that is named, if it is not "near us" or if one is named besides.
func (r *reader) place(b blocks) {
	taken := slices.Clone(r.gone)
	for i := range r.tokens {
		if taken[i] {
			continue
		}
		if name, n := r.knownPlace(i); n > 0 && r.placeFits(i, n) {
			name, _ = r.landmark(name, i+n)
			r.u.Place = name
			return
		}
		if name, n := r.unknownPlace(i, b); n > 0 {
			r.u.Place = name
			return
		}
	}
}

// knownPlace is the longest known place at i and how many words it takes.
func (r *reader) knownPlace(i int) (string, int) {
	longest := r.v.placeHeads[r.tokens[i].low]
	for n := min(longest, len(r.tokens)-i); n >= 1; n-- {
		words := make([]string, n)
		for k := range n {
			if r.tokens[i+k].clause != r.tokens[i].clause || r.gone[i+k] {
				words = nil
				break
			}
			words[k] = r.tokens[i+k].low
		}
		if words == nil {
			continue
		}
		if spelled := r.v.places[strings.Join(words, " ")]; spelled != "" {
			return spelled, n
		}
	}
	return "", 0
}

// placeFits reports whether a known place is meant as the place to look around.
func (r *reader) placeFits(i, n int) bool {
	if r.elsewhere(i) {
		return false
	}
	if n > 1 || !r.v.shyPlaces[r.tokens[i].low] {
		// "Lancaster gate", "York stone": rare. A first name before it makes it a surname: "Tom Lincoln".
		return r.word(i-1) != "mr" && r.word(i-1) != "mrs" && r.word(i-1) != "ms" && r.word(i-1) != "dr" && r.word(i-1) != "miss"
	}
	// A word that is a place as well: a capital, not just because a sentence begins, and in a place's position.
	t := r.tokens[i]
	if !t.capital {
		switch r.word(i - 1) {
		case "in", "near", "around", "round":
			return r.standsBefore(i)
		}
		return false
	}
	first := i == 0 || r.tokens[i-1].sentence != t.sentence
	return !first || r.standsAlone(i, 1)
}

// standsBefore reports whether a clause ends after i.
func (r *reader) standsBefore(i int) bool {
	return i+1 >= len(r.tokens) || r.tokens[i+1].clause != r.tokens[i].clause
}

// elsewhere reports whether a place at i is one the patient left, or that is ruled out.
func (r *reader) elsewhere(i int) bool {
	for at := i - 1; at >= 0 && at >= i-3 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "from", "left", "born", "originally", "not", "formerly", "supports", "supporter", "support":
			if r.tokens[at].low == "from" && (r.word(at-1) == "far" || r.word(at-1) == "miles" || r.word(at-1) == "mile" || r.word(at-1) == "minutes") {
				return false
			}
			if r.tokens[at].low == "from" && (r.word(at-1) == "is" || r.word(at-1) == "man" || r.word(at-1) == "lady" || r.word(at-1) == "shes" || r.word(at-1) == "hes") {
				return false
			}
			return true
		case "in", "to", "near", "around":
			if r.word(at-1) != "moved" && r.word(at-1) != "relocated" {
				return r.word(at-1) == "not"
			}
			return false
		}
	}
	return false
}

// landmark adds what makes a place more exact: "leagrave" and "station" after it.
func (r *reader) landmark(name string, at int) (string, int) {
	if at < len(r.tokens) && at > 0 && r.tokens[at].clause == r.tokens[at-1].clause && isLandmark(r.tokens[at].low) {
		return name + " " + r.tokens[at].low, at + 1
	}
	return name, at
}

func isLandmark(w string) bool {
	switch w {
	case "station", "hospital", "road", "street", "lane", "avenue", "bridge", "common", "green", "hill", "heath", "cathedral", "docks",
		"harbour", "marina", "square", "estate", "quay", "cross", "gate", "row", "fields", "rd", "st", "ave", "retail", "mill", "arena",
		"stadium", "airport", "park", "market", "wood", "woods", "bay", "moor", "vale":
		return true
	}
	return false
}

// unknownPlace guesses a place that no list knows, by where it stands: after "in" or "near", or with a clause to itself,
// and with a capital letter. Without one, after "near" or "round" only.
func (r *reader) unknownPlace(i int, b blocks) (string, int) {
	if b.ignored[i] || r.elsewhere(i) || !r.couldBePlace(i) {
		return "", 0
	}
	t := r.tokens[i]
	n := 1
	for n < 4 && i+n < len(r.tokens) && r.tokens[i+n].clause == t.clause && !r.gone[i+n] &&
		t.capital && (r.tokens[i+n].capital && (r.couldBePlace(i+n) || isLandmark(r.tokens[i+n].low)) || r.hyphened(i+n)) {
		n++
	}
	led := false
	switch r.word(i - 1) {
	case "in", "near", "round", "around", "nr", "by":
		led = i > 0 && r.tokens[i-1].clause == t.clause
	case "the":
		led = (r.word(i-2) == "near" || r.word(i-2) == "by") && t.capital
	case "at", "to", "of":
		led = t.capital && (r.word(i-1) == "at" || r.word(i-2) == "close" || r.word(i-2) == "part" || r.word(i-2) == "side" || r.word(i-2) == "next" ||
			r.word(i-2) == "miles" || r.word(i-2) == "moved" || r.word(i-2) == "mile" || r.word(i-2) == "area" || r.word(i-2) == "walk" || r.word(i-2) == "outside")
	}
	whole := (i == 0 || r.tokens[i-1].clause != t.clause) && (i+n >= len(r.tokens) || r.tokens[i+n].clause != t.clause || r.gone[i+n])
	end := t.capital && (i+n >= len(r.tokens) || r.gone[i+n]) && i > 0
	switch {
	case t.capital && !t.shout && (led || whole || end):
	case t.capital && t.shout && led:
	case !t.capital && led && len(t.low) > 3 && r.word(i-1) != "by" && (r.word(i-1) != "in" || r.standsBefore(i)):
		if next := r.word(i + 1); isLandmark(next) {
			n = 2
		}
	default:
		return "", 0
	}
	name := r.tokens[i].low
	for k := 1; k < n; k++ {
		gap := " "
		if r.text[r.tokens[i+k-1].end:r.tokens[i+k].start] == "-" {
			gap = "-"
		}
		name += gap + r.tokens[i+k].low
	}
	name, _ = r.landmark(name, i+n)
	return name, n
}

// hyphened reports whether the word at i hangs on the one before by a hyphen: the "on" and the "Wye" of "Hay-on-Wye".
func (r *reader) hyphened(i int) bool {
	return r.text[r.tokens[i-1].end:r.tokens[i].start] == "-"
}

// couldBePlace reports whether a word may be a place's name: no word of the table, no person's name, no people.
func (r *reader) couldBePlace(i int) bool {
	t := r.tokens[i]
	if _, day := dayOf(t.low); day {
		return false
	}
	if r.gone[i] || len(t.low) < 3 || r.v.notPlaces[t.low] || r.v.firstNames[t.low] || r.v.peoples[t.low] || relation(t.low) {
		return false
	}
	if _, ok := r.v.languages[t.low]; ok {
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
		for _, p := range l.byFirst["="+t.low] {
			if len(p.words) == 0 {
				return false
			}
		}
	}
	return true
}
