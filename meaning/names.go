package meaning

import (
	"strings"
)

// names finds people's names: a title with a surname, a first name, what stands after "pt" or "called". Staff, who are
// named with thanks or as doctors and nurses, are no patients and are left alone, but nothing else is read from their
// names either.
func (r *reader) names() {
	inPlace := r.nobody()
	for i := 0; i < len(r.tokens); i++ {
		if r.gone[i] || inPlace[i] {
			continue
		}
		if n := r.titled(i); n > 0 {
			i += n - 1
			continue
		}
		if n := r.initialled(i); n > 0 {
			i += n - 1
			continue
		}
		if n := r.introduced(i); n > 0 {
			i += n - 1
			continue
		}
		if n := r.related(i); n > 0 {
			i += n - 1
			continue
		}
		if n := r.firstNamed(i); n > 0 {
			i += n - 1
			continue
		}
		if i == 0 {
			r.agedSurname()
			r.bareName()
			r.listed()
		}
	}
}

// titled reads "Mrs Patel", "Mr & Mrs J Smith", "mr o'neill"; of staff, "Dr Shah", it marks the words only. It gives how
// many words were read.
func (r *reader) titled(i int) int {
	staff := false
	switch t := r.tokens[i]; t.low {
	case "mr", "mrs", "miss", "mx", "mister", "sir":
	case "ms":
		if t.shout && t.capital && !r.surname(i+1) {
			return 0 // MS is an illness
		}
	case "master", "madam", "lady", "dame", "lord", "rev", "reverend", "fr", "mstr":
		if !t.capital || i > 0 && r.tokens[i-1].sentence == t.sentence && t.low == "lady" {
			return 0
		}
	case "dr", "prof", "professor", "doctor", "nurse", "sister", "matron", "gp":
		staff = true
	default:
		return 0
	}
	at := i + 1
	for at < len(r.tokens) && at < i+4 && (r.tokens[at].low == "and" || r.tokens[at].low == "mr" || r.tokens[at].low == "mrs" || r.tokens[at].low == "ms" ||
		r.tokens[at].low == "miss" || r.tokens[at].low == "dr") {
		at++
	}
	for at < len(r.tokens) && len(r.tokens[at].low) == 1 && r.tokens[at].low >= "a" && r.surname(at+1) {
		at++ // initials
	}
	// The points of "Mr. J. Smith" end no sentence; that of "the group is for Mister. Smith Street is near" would.
	if !r.surname(at) || r.tokens[at].sentence-r.tokens[i].sentence > at-i || r.tokens[at].sentence != r.tokens[i].sentence && len(r.tokens[i].low) > 4 {
		return 0
	}
	if (staff || r.tokens[i].low == "miss") && !r.tokens[at].capital && r.v.knownWord(r.tokens[at].low) {
		return 0
	}
	to := at + 1
	for to < len(r.tokens) && to < at+3 && r.tokens[to].capital && r.tokens[to].clause == r.tokens[at].clause && r.v.firstNames[r.tokens[to-1].low] && r.surname(to) {
		to++
	}
	if staff && !r.aged(to) {
		for k := i; k < to; k++ {
			r.gone[k] = true
		}
		return to - i
	}
	r.noteName(i, to)
	return to - i
}

// initialled reads "T. Abernethy" and "J K Okafor" at the beginning of a clause: initials and a surname that is no word and
// no place. An F or M by itself is a sex.
func (r *reader) initialled(i int) int {
	if i > 0 && r.tokens[i-1].clause == r.tokens[i].clause {
		return 0
	}
	if n := r.smallInitial(i); n > 0 {
		return n
	}
	at := i
	for at < len(r.tokens) && at < i+3 && len(r.tokens[at].low) == 1 && r.tokens[at].capital && !r.gone[at] {
		at++
	}
	if at == i || at >= len(r.tokens) || !r.tokens[at].capital || !r.surname(at) || r.tokens[at].sentence-r.tokens[i].sentence > at-i {
		return 0
	}
	t := r.tokens[at]
	pointed := r.tokens[at-1].sentence != t.sentence
	if first := r.tokens[i].low; at == i+1 && !pointed && (first == "f" || first == "m") {
		return 0
	}
	if r.v.countries[t.low] {
		return 0 // "N Ireland"
	}
	if !r.v.surnames[t.low] && !(r.v.wordSurnames[t.low] && (pointed || r.personAt(at+1, t))) && (len(t.low) < 4 || t.shout || r.v.knownWord(t.low) || r.isPlace(at) || r.people(t.low) || isLandmark(t.low) || !r.notDay(at)) {
		return 0
	}
	r.noteName(i, at+1)
	return at + 1 - i
}

// surname reports whether the word at i may be a surname after a title: with a capital, or no word of everyday.
func (r *reader) surname(i int) bool {
	if i < 0 || i >= len(r.tokens) || r.gone[i] || len(r.tokens[i].low) < 2 || r.tokens[i].digits() {
		return false
	}
	t := r.tokens[i]
	if t.capital {
		return !r.v.notPlaces[t.low] && (!t.shout || len(t.low) > 3)
	}
	return r.v.surnames[t.low] || !r.v.knownWord(t.low) && !r.v.notPlaces[t.low]
}

// introduced reads a name after a word that announces one: "pt Oluwaseun Adeyemi", "called jean", "re: Mary O'Neill".
func (r *reader) introduced(i int) int {
	weak, naming := false, false
	switch r.tokens[i].low {
	case "called", "named", "name", "forename", "firstname", "aka", "known":
		if r.tokens[i].low == "known" && r.word(i+1) != "as" || i > 0 && group(r.tokens[i-1].low) {
			return 0 // "a group called Hope"
		}
		naming = true
	case "pt", "patient", "client", "surname", "px":
	case "re", "for", "regarding", "about", "is":
		if i == 0 && r.tokens[i].low == "is" {
			return 0 // a question: "is Harold Wood Library open"
		}
		weak = true // only a first name, or two words that are none of everyday
	default:
		return 0
	}
	at := i + 1
	if w := r.word(at); w == "is" || w == "s" || w == "as" || w == "name" && !weak {
		at++
		if w := r.word(at); w == "name" || w == "is" {
			at++
		}
	}
	if w := r.word(at); w == "called" || w == "named" {
		return 0 // which is looked at next
	}
	if at >= len(r.tokens) || r.gone[at] || r.tokens[at].digits() || r.tokens[at].sentence != r.tokens[i].sentence {
		return 0
	}
	t := r.tokens[at]
	first := r.firstName(at)
	unknown := t.capital && !r.v.knownWord(t.low) && !r.v.notPlaces[t.low] && r.v.places[t.low] == "" && len(t.low) > 2 && !r.people(t.low) &&
		(!t.shout || len(t.low) > 4)
	if weak && i > 0 && r.tokens[i].low == "is" && relation(r.tokens[i-1].low) {
		weak = false // "his father is Gwilym"
	}
	second := at+1 < len(r.tokens) && r.tokens[at+1].clause == t.clause && r.tokens[at+1].capital && r.surname(at+1) && !r.v.knownWord(r.tokens[at+1].low)
	meant := naming && (r.v.wordNames[t.low] || r.v.firstNames[t.low]) && !impersonal(t.low) ||
		weak && r.tokens[i].low != "is" && t.capital && !t.shout && r.v.wordNames[t.low] && !impersonal(t.low) && !r.isPlace(at) && (at+1 == len(r.tokens) || r.tokens[at+1].clause != t.clause)
	if !first && !meant && !(unknown && (!weak || second)) {
		return 0
	}
	to := at + 1
	for to < len(r.tokens) && to < at+3 && r.tokens[to].clause == t.clause && (len(r.tokens[to].low) == 1 && r.tokens[to].capital && r.surname(to+1) ||
		(r.surname(to) || r.v.wordSurnames[r.tokens[to].low] && (naming || r.tokens[to].capital)) && (r.tokens[to].capital || !r.v.inTable(r.tokens[to].low)) && !r.isPlace(to) && !r.people(r.tokens[to].low)) {
		to++
	}
	r.noteName(at, to)
	return to - i
}

// firstName reports whether the word at i is a first name: in small letters only where it is nothing else.
func (r *reader) firstName(i int) bool {
	t := r.tokens[i]
	low := t.low
	if t.owner {
		low = strings.TrimSuffix(low, "s")
	}
	if !r.v.firstNames[low] && !r.v.firstNames[t.low] {
		return false
	}
	if t.capital {
		return !t.shout || len(t.low) > 3
	}
	if r.surnameFollows(i) || i == 0 && !r.v.english.has(low) && len(r.tokens) > 1 && (r.tokens[1].digits() || r.tokens[1].clause != t.clause) {
		return true
	}
	return !r.v.english.has(low) && r.v.places[t.low] == "" && !r.v.inTable(low)
}

// surnameFollows reports whether a well-known surname stands behind the word at i, in the same case.
func (r *reader) surnameFollows(i int) bool {
	if i+1 >= len(r.tokens) || r.gone[i+1] {
		return false
	}
	t, next := r.tokens[i], r.tokens[i+1]
	return (r.v.surnames[next.low] || r.v.wordSurnames[next.low] && r.v.firstNames[t.low]) && next.clause == t.clause && next.capital == t.capital && !next.owner
}

// firstNamed reads a first name and the surname after it.
func (r *reader) firstNamed(i int) int {
	if n := r.wordNamed(i); n > 0 {
		return n
	}
	if !r.firstName(i) || r.last(i) && r.signature(i) {
		return 0
	}
	t := r.tokens[i]
	switch r.word(i + 1) {
	case "link", "receptionist", "nurse", "hca", "paramedic", "pharmacist", "physiotherapist", "splw", "lw", "sp", "reception", "cpn":
		return 0 // "Tracey (link worker)" is staff
	}
	if (t.low == "jan" || t.low == "april" || t.low == "june" || t.low == "august") && (r.dated(i) || r.word(i-1) == "in") && r.standsBefore(i) {
		return 0
	}
	if r.v.places[t.low] != "" && t.capital && i > 0 && r.standsAlone(i, 1) && r.tokens[i-1].sentence == t.sentence {
		return 0 // "local history, Beverley"
	}
	if w := r.word(i - 1); w == "st" || w == "saint" {
		return 0
	}
	switch r.word(i - 1) {
	case "dr", "nurse", "doctor", "prof", "professor", "sister", "st", "saint", "queen", "king", "prince", "princess", "cheers", "thanks", "ta",
		"regards", "hi", "hello", "hey", "dear", "morning", "afternoon", "ask", "hca", "splw", "cpn", "receptionist", "colleague", "physiotherapist", "counsellor", "near", "in", "at", "round", "around", "dj", "from", "thx":
		if !t.owner {
			return 0
		}
	}
	next := r.word(i + 1)
	surnamed := i+1 < len(r.tokens) && r.v.wordSurnames[next] && r.tokens[i+1].clause == t.clause && r.tokens[i+1].capital == t.capital && r.personAt(i+2, t)
	if surnamed { // "Margaret Wood, 81", which is no wood
		r.noteName(i, i+2)
		return 2
	}
	if r.ledByOwner(i) || r.namesake(i) || isLandmark(next) || next == "lewis" || next == "club" || next == "centre" || next == "dancing" || next == "elvis" {
		return 0
	}
	if t.low == "christian" || t.low == "will" && !t.capital {
		return 0
	}
	to := i + 1
	if to < len(r.tokens) && len(r.tokens[to].low) == 1 && r.tokens[to].capital && r.surname(to+1) {
		to++
	}
	for at := to; at < len(r.tokens) && at < to+2 && r.tokens[at].clause == t.clause && r.surname(at) && r.tokens[at].capital == t.capital && !r.tokens[at].shout &&
		(r.v.places[r.tokens[at].low] == "" || r.v.shyPlaces[r.tokens[at].low] || r.v.surnames[r.tokens[at].low]) && !r.people(r.tokens[at].low) &&
		(r.v.surnames[r.tokens[at].low] || !r.v.inTable(r.tokens[at].low) && (t.capital || !r.v.knownWord(r.tokens[at].low))) && r.notDay(at); {
		at++
		to = at
		break
	}
	r.noteName(i, to)
	return to - i
}

// wordNamed reads a first name that is a word as well: "Grace Obi", and at the very beginning "Rose, 84".
func (r *reader) wordNamed(i int) int {
	t := r.tokens[i]
	if !r.v.wordNames[t.low] || t.shout && !r.shouted() || i+1 >= len(r.tokens) {
		return 0
	}
	next := r.tokens[i+1]
	pair := next.clause == t.clause && next.capital == t.capital && r.v.wordSurnames[next.low] && !r.isPlace(i+1)
	if !t.capital {
		if i > 0 {
			return 0
		}
		if r.surnameFollows(i) || pair && !isLandmark(next.low) && r.aged(i+2) {
			r.noteName(i, i+2)
			return 2
		}
		if !impersonal(t.low) && r.aged(i+1) && (next.clause != t.clause || r.withSex(i+1)) {
			r.noteName(i, i+1)
			return 1
		}
		return 0
	}
	switch {
	case next.clause == t.clause && next.capital && (!next.shout || r.shouted()) && r.surname(i+1) && !r.v.knownWord(next.low) && !r.isPlace(i+1) && !r.people(next.low) && !isLandmark(next.low) && r.notDay(i+1):
		r.noteName(i, i+2)
		return 2
	case pair && next.capital && r.personAt(i+2, next) && !(impersonal(t.low) && venueKind(next.low)):
		r.noteName(i, i+2)
		return 2
	case i == 0 && !impersonal(t.low) && !r.isPlace(i) && (next.clause != t.clause && next.sentence == t.sentence && next.digits() || r.aged(i+1) && !counted(r.word(i+2))):
		r.noteName(i, i+1)
		return 1
	}
	return 0
}

// bareName reads two words at the very beginning that are no words of everyday and no place: "Oluwaseun Adeyemi, 55".
func (r *reader) bareName() {
	if len(r.tokens) < 3 || r.tokens[1].clause != r.tokens[0].clause {
		return
	}
	for i := range 2 {
		t := r.tokens[i]
		if !t.capital || t.shout || len(t.low) < 3 || r.v.knownWord(t.low) || r.v.notPlaces[t.low] || r.isPlace(i) || r.people(t.low) || t.digits() || r.hyphened2(i) {
			return
		}
	}
	if t := r.tokens[2]; t.clause == r.tokens[0].clause && !t.digits() && t.low != "f" && t.low != "m" {
		return
	}
	for i := 2; i < len(r.tokens); i++ { // a place or a postcode besides: then this is none
		if r.isPlace(i) && r.placeFits(i, 1) || r.gone[i] {
			r.noteName(0, 2)
			return
		}
	}
}

// listed reads a surname and a first name as a list has them, at the very beginning: "O'Hanlon, Bridie, 88".
func (r *reader) listed() {
	if len(r.tokens) < 2 || r.gone[0] || r.gone[1] {
		return
	}
	last, first := r.tokens[0], r.tokens[1]
	if r.v.surnames[last.low] && len(first.low) == 1 && !first.digits() && first.low != "f" && first.low != "m" && first.clause != last.clause && first.sentence == last.sentence && (len(r.tokens) == 2 || r.tokens[2].sentence != first.sentence || r.tokens[2].clause != first.clause) {
		r.noteName(0, 2)
		return
	}
	if !last.capital || !first.capital || first.clause == last.clause || first.sentence != last.sentence || len(r.tokens) > 2 && r.tokens[2].clause == first.clause && !r.tokens[2].digits() {
		return
	}
	if !r.v.surnames[last.low] && (len(last.low) < 4 || r.v.knownWord(last.low) || r.v.notPlaces[last.low] || r.isPlace(0) || r.people(last.low)) {
		return
	}
	if !r.v.firstNames[first.low] && !r.v.wordNames[first.low] && !(len(first.low) == 1 && r.v.surnames[last.low]) && (len(first.low) < 3 || first.shout || r.v.knownWord(first.low) || r.v.notPlaces[first.low] || r.isPlace(1) || r.people(first.low)) {
		return
	}
	r.noteName(0, 2)
}

func (r *reader) hyphened2(i int) bool { return i > 0 && r.hyphened(i) }

// isPlace reports whether a place that is known begins at i.
func (r *reader) isPlace(i int) bool {
	_, n := r.knownPlace(i)
	return n > 0
}

// people reports whether a word is a nationality or a language.
func (r *reader) people(w string) bool {
	_, ok := r.v.languages[w]
	return ok || r.v.peoples[w]
}

func (r *reader) notDay(i int) bool {
	_, day := dayOf(r.tokens[i].low)
	return !day
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
