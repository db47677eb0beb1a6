package meaning

import (
	"strconv"
	"strings"
)

// nobody marks the words that sound like somebody and are not: places, the famous, what was named after somebody ("the
// Elizabeth Garrett ward") and groups that bear the name of who leads them ("Mary's choir").
func (r *reader) nobody() []bool {
	out := make([]bool, len(r.tokens))
	mark := func(from, to int) {
		for k := from; k < to && k < len(out); k++ {
			out[k] = true
		}
	}
	for i := range r.tokens {
		if _, n := r.knownPlace(i); n > 1 { // "King's Lynn" names nobody
			mark(i, i+n)
		}
		if n := r.famous(i); n > 0 {
			mark(i, i+n)
		}
		if n := r.venue(i); n > 0 {
			mark(i, i+n)
		}
	}
	return out
}

// famous gives how many words from i on are the name of somebody who is no patient, or of what was named after them.
func (r *reader) famous(i int) int {
	most := r.v.notPeople[r.tokens[i].low+" *"]
	if r.v.notPeople[r.tokens[i].low] == 1 {
		most = max(most, 1)
	}
	words := ""
	best := 0
	for n := 1; n <= most && i+n <= len(r.tokens) && r.tokens[i+n-1].clause == r.tokens[i].clause; n++ {
		if n > 1 {
			words += " "
		}
		words += r.tokens[i+n-1].low
		if r.v.notPeople[words] == n {
			best = n
		}
	}
	return best
}

// venue gives how many words from i on are what was named after somebody: two or three names and a kind of venue, that
// something leads to ("the", "at") or that is written as a name itself.
func (r *reader) venue(i int) int {
	t := r.tokens[i]
	if !t.capital || t.shout || r.gone[i] {
		return 0
	}
	led := false
	switch r.word(i - 1) {
	case "the", "at", "near", "by", "to", "from", "inside":
		led = r.tokens[i-1].clause == t.clause
	case "mr", "mrs", "ms", "miss", "dr", "pt", "patient":
		return 0
	}
	for n := 1; n <= 3 && i+n < len(r.tokens) && r.tokens[i+n].clause == t.clause; n++ {
		next := r.tokens[i+n]
		if venueKind(next.low) && (n > 1 || led || !next.capital && next.low != "ward") {
			after := i + n + 1
			if !led && after < len(r.tokens) && (r.tokens[after].digits() || personal(r.tokens[after].low)) {
				return 0 // "Susan Hall wants", "Mary Smith ward 7"
			}
			if led || next.capital && !r.v.wordSurnames[next.low] || onlyVenue(next.low) {
				return n + 1
			}
			return 0
		}
		if !next.capital {
			return 0
		}
	}
	return 0
}

// venueKind are the kinds of places that are named after people.
func venueKind(w string) bool {
	switch w {
	case "hall", "palace", "centre", "center", "unit", "foundation", "trust", "hospital", "school", "academy", "church", "library", "park", "pool", "baths", "forest", "airport", "shop", "hub", "stadium",
		"infirmary", "ward", "building", "suite", "theatre", "museum", "gallery", "house", "institute", "college", "pub", "arms", "society", "charity", "playing", "fields", "gardens", "rooms", "cafe", "wing":
		return true
	}
	return false
}

// onlyVenue are those kinds that nobody is called and that do not speak of a patient.
func onlyVenue(w string) bool {
	switch w {
	case "palace", "unit", "foundation", "trust", "academy", "pool", "baths", "forest", "airport", "shop", "stadium", "infirmary", "ward", "suite", "theatre", "museum", "gallery", "institute", "arms", "hub", "centre", "church":
		return true
	}
	return false
}

// group are what may bear a name without being somebody.
func group(w string) bool {
	switch w {
	case "group", "groups", "club", "clubs", "class", "classes", "choir", "cafe", "church", "centre", "session", "sessions", "course", "project", "charity", "place", "shop", "band", "singers", "team", "meet", "meetup", "hub",
		"circle", "troupe", "academy", "programme", "scheme", "service", "surgery", "practice", "fund", "foundation", "kitchen", "pantry":
		return true
	}
	return false
}

// ledByOwner reports whether the name at i is whose group it is: "Mary's choir", "Jane's knitting group".
func (r *reader) ledByOwner(i int) bool {
	t := r.tokens[i]
	if !t.owner || i > 0 && r.tokens[i-1].clause == t.clause && (r.tokens[i-1].low == "pt" || r.tokens[i-1].low == "patient" || r.tokens[i-1].low == "re") {
		return false
	}
	for n := 1; n <= 3 && i+n < len(r.tokens) && r.tokens[i+n].clause == t.clause; n++ {
		w := r.tokens[i+n].low
		if group(w) {
			return true
		}
		if relation(w) || personal(w) || small(w) {
			return false
		}
	}
	return false
}

// personAt reports whether what stands at i, behind a name, speaks of a person: an age, "wants", or an end.
func (r *reader) personAt(i int, name token) bool {
	if i >= len(r.tokens) || r.tokens[i].clause != name.clause {
		return true
	}
	return r.aged(i) || personal(r.tokens[i].low)
}

// personal are words that are said of a person, right behind their name.
func personal(w string) bool {
	switch w {
	case "is", "was", "has", "had", "wants", "likes", "needs", "loves", "lives", "would", "feels", "lonely", "alone", "f", "m", "female", "male", "who", "depressed", "anxious", "isolated", "widow",
		"widowed", "widower", "retired", "recently", "keen", "enjoys", "says", "cant", "doesnt", "aged", "age", "born", "dob", "nhs", "tel", "said", "keeps", "looking", "interested", "misses", "carer",
		"housebound", "struggling", "struggles", "bereaved", "diabetic", "with", "aka", "used", "works", "gets", "hates", "cannot", "came", "seen", "asked", "asking", "drinks", "uses":
		return true
	}
	return false
}

// withSex reports whether the age at i has the sex with it: "84F".
func (r *reader) withSex(i int) bool {
	low := r.tokens[i].low
	return strings.HasSuffix(low, "f") || strings.HasSuffix(low, "m") || r.word(i+1) == "f" || r.word(i+1) == "m"
}

// shouted reports whether the whole text is in capitals, so that a word's own say nothing.
func (r *reader) shouted() bool {
	words, capitals := 0, 0
	for _, t := range r.tokens {
		if len(t.low) > 1 && !t.digits() {
			words++
			if t.shout {
				capitals++
			}
		}
	}
	return words > 1 && capitals == words
}

// impersonal are words of the table of first names that hardly ever are one in what staff type.
func impersonal(w string) bool {
	switch w {
	case "art", "charity", "faith", "comfort", "may", "april", "summer", "autumn", "sky", "star", "princess", "prince", "duke", "earl", "major", "chase", "heath", "harmony", "happiness", "forest",
		"page", "baker", "potter", "cooper", "mason", "smith", "taylor", "carter", "stone", "hunter", "wolf", "will", "rich", "miles", "ginger", "max", "melody", "patience", "precious", "sunny", "wade", "crystal":
		return true
	}
	return false
}

// namesake reports whether a first name is rather that of a station, a line or a county's part: "Victoria Derbyshire Dales".
func (r *reader) namesake(i int) bool {
	switch r.tokens[i].low {
	case "victoria", "elizabeth", "alexandra", "albert", "florence", "charlotte", "georgia", "jordan", "chelsea", "adelaide", "sydney", "lincoln", "warwick":
		next := i + 1
		return next < len(r.tokens) && r.tokens[next].clause == r.tokens[i].clause && r.tokens[next].capital && !r.personAt(next, r.tokens[i]) && (r.v.notPlaces[r.tokens[next].low] || r.isPlace(next) || isLandmark(r.tokens[next].low))
	}
	return false
}

// related reads the name of a relative right behind what they are to the patient: "his wife Pat", "wife pat is poorly".
func (r *reader) related(i int) int {
	at := i + 1
	if at >= len(r.tokens) || !relation(r.tokens[i].low) || r.tokens[at].clause != r.tokens[i].clause || r.gone[at] {
		return 0
	}
	t := r.tokens[at]
	if !r.v.wordNames[t.low] || t.low == "will" || t.low == "may" || r.isPlace(at) {
		return 0
	}
	if !t.capital {
		switch r.word(at + 1) {
		case "is", "has", "was", "died", "works", "who", "does", "had", "says", "needs", "cares":
		default:
			return 0
		}
	}
	r.noteName(at, at+1)
	return 2
}

// smallInitial reads an initial with a point and a surname in small letters, at the very beginning: "j. smith".
func (r *reader) smallInitial(i int) int {
	if i > 0 || len(r.tokens) < 2 || len(r.tokens[0].low) != 1 || r.tokens[0].digits() || r.tokens[1].sentence != r.tokens[0].sentence+1 {
		return 0
	}
	if next := r.tokens[1]; next.capital || !r.v.surnames[next.low] && !r.v.wordSurnames[next.low] {
		return 0
	}
	r.noteName(0, 2)
	return 2
}

// agedSurname reads a name by itself at the very beginning: a surname with an age behind it, "Jenkins 55M", or a word that
// nobody knows of which is said what is said of people, "Sukhdeep (aged 45)", "Zyta likes".
func (r *reader) agedSurname() {
	t := r.tokens[0]
	if !t.capital || r.gone[0] || r.isPlace(0) || r.v.notPlaces[t.low] || r.people(t.low) || r.v.countries[t.low] {
		return
	}
	if r.v.surnames[t.low] {
		if r.aged(1) {
			r.noteName(0, 1)
		}
		return
	}
	if t.shout || len(t.low) < 4 || r.v.knownWord(t.low) || len(r.tokens) < 2 || r.tokens[1].sentence != t.sentence {
		return
	}
	switch r.tokens[1].low {
	case "wants", "likes", "loves", "needs", "lives", "enjoys", "would", "hates", "feels", "aged", "says", "misses":
		r.noteName(0, 1)
	default:
		if r.tokens[1].depth > 0 && r.aged(1) {
			r.noteName(0, 1)
		}
	}
}

// aged reports whether an age stands at i: "Prof Ada Liddell, 80" is a patient.
func (r *reader) aged(i int) bool {
	if i < 1 || i >= len(r.tokens) || r.gone[i] || r.tokens[i].sentence != r.tokens[i-1].sentence {
		return false
	}
	n, err := strconv.Atoi(strings.TrimRight(r.tokens[i].low, "fmyors"))
	return err == nil && n >= 16 && n < 110
}
