package meaning

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// reader is one reading of one text.
type reader struct {
	v      *Vocabulary
	text   string
	tokens []token
	gone   []bool // tokens of identifiers, postcodes and the like: read already
	said   []bool // tokens of flags: a "no" in "no stairs" says no to nothing else
	found  []Identifier
	u      Understood

	ages     []int // see plainAges
	agesRead bool
	phrases  []bool // see inPhrase

	grouped, lessons bool // a group named after a need, and lessons in a language, were asked for
	tablets          bool // computers are what is to be learned
	children         bool // children are brought up who are not the patient's own
	child            bool // the patient's child has a condition
	called           bool // "home" was read off words and not off a rule
}

// Understand reads what somebody typed. It never fails: what it does not understand it leaves out. It reads the first
// 4,000 bytes and of those 400 words, so that its work is bounded (B1).
func Understand(text string, v *Vocabulary) Understood { return v.Understand(text) }

// Understand is the function of that name with this vocabulary.
func (v *Vocabulary) Understand(text string) Understood {
	text = hush(text)
	if !ascii(text) {
		text = hush(norm.NFKC.String(text))
	}
	return v.read(text).u
}

// read reads a text that is legible.
func (v *Vocabulary) read(text string) *reader {
	r := &reader{v: v}
	r.text = r.identifiers(text)
	r.tokens = v.tokenise(r.text)
	if len(r.tokens) > maxWords {
		r.tokens = r.tokens[:maxWords]
	}
	marks := make([]bool, 2*len(r.tokens))
	r.gone, r.said = marks[:len(r.tokens)], marks[len(r.tokens):]

	r.names()
	blocked := r.flags(r.v.flags.find(r.tokens, nil))
	var letters [2][7]bool // see shortDays: before the sexes, "M/W/F" names none
	r.shortDays(&letters[0], &letters[1])
	r.sexOnly()
	r.who(blocked)
	r.postcode()
	r.radius()
	r.days(letters[0], letters[1])
	r.language()
	r.place(blocked)
	r.wishes(blocked)
	r.settle()
	return r
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// blocks says which tokens are spoken for, and by what.
type blocks struct {
	needs, interests []bool
	ignored          []bool
}

// flags sets the yes-or-no fields and marks the words that must not be read as a need or an interest as well.
func (r *reader) flags(found []match) blocks {
	b := blocks{make([]bool, len(r.tokens)), make([]bool, len(r.tokens)), make([]bool, len(r.tokens))}
	mark := func(list []bool, m match) {
		for i := m.from; i < m.to; i++ {
			list[i] = true
		}
	}
	for _, m := range found {
		if r.v.flags.names[m.meaning[0].name] != "label" {
			mark(r.said, m)
		}
	}
	for _, m := range found {
		for _, s := range m.meaning {
			switch name := r.v.flags.names[s.name]; name {
			case "ignore":
				mark(b.needs, m)
				mark(b.interests, m)
				mark(b.ignored, m)
			case "job":
				r.job(m, &b)
			case "free":
				r.u.Free = r.u.Free || !r.freeTime(m.from)
			case "step_free":
				r.u.StepFree = r.u.StepFree || !r.denied(m.from)
				mark(b.interests, m)
				if w := r.word(m.to - 1); w == "stairs" || w == "steps" {
					mark(b.needs, m) // "can't cope with stairs"
				}
			case "no_car":
				r.u.NoCar = true
			case "home":
				r.u.Home = r.u.Home || !r.denied(m.from) && !r.seldom(m.to)
				r.called = r.called || r.u.Home
			case "label":
				if r.denied(m.from) || r.loathed(m.from) {
					r.u.Unlabelled = true
					mark(b.needs, m)
					mark(b.interests, m)
				}
			case "unlabelled":
				r.u.Unlabelled = true
				mark(b.needs, m)
				mark(b.interests, m)
			case "buddy":
				r.u.Buddy = r.u.Buddy || !r.denied(m.from)
				mark(b.needs, m)
				mark(b.interests, m)
			case "women_only":
				if !r.denied(m.from) {
					r.u.SingleSex = "women"
				}
			case "men_only":
				if !r.denied(m.from) {
					r.u.SingleSex = "men"
				}
			case "same_sex_only":
				r.u.SingleSex = "same"
			case "here":
				r.u.Place = "surgery"
				mark(b.interests, m)
			}
		}
	}
	return b
}

// job marks the words of a former job after "retired" or "worked as", or before "by trade": it is no interest.
func (r *reader) job(m match, b *blocks) {
	if w := r.word(m.to - 1); w == "trade" || w == "profession" {
		for i := max(0, m.from-2); i < m.from; i++ {
			b.interests[i] = r.tokens[i].clause == r.tokens[m.from].clause
		}
		return
	}
	for i := m.to; i < len(r.tokens) && i < m.to+3; i++ {
		t := r.tokens[i]
		if t.clause != r.tokens[m.from].clause || t.low == "and" || t.low == "who" || t.low == "with" || t.low == "likes" || t.low == "wants" {
			return
		}
		b.interests[i] = true
		if occupation(t.low) && !(i+1 < len(r.tokens) && occupation(r.tokens[i+1].low)) {
			return
		}
	}
}

// wishes reads needs and interests.
func (r *reader) wishes(b blocks) {
	for i := range r.gone {
		b.needs[i] = b.needs[i] || r.gone[i]
		b.interests[i] = b.interests[i] || r.gone[i]
	}
	// A "no" inside a need ("no friends", "not sleeping") says no to nothing else either.
	for _, m := range r.v.needs.find(r.tokens, b.needs) {
		for i := m.from; i < m.to; i++ {
			r.said[i] = m.to-m.from > 1
		}
		r.groupOf(m, b)
		r.within(m, b)
	}
	r.u.Needs = r.collect(r.v.needs, b.needs, func(name string, m match) bool {
		switch {
		case r.named(m.from):
			r.u.Unlabelled = true
			return true
		case name == "caring" && r.raises(m):
			r.children = true
			return true
		case r.denied(m.from) || r.helpsAt(m.from, name) || name == "caring" && r.caredFor(m):
			return true
		case carried(name) && r.others(m):
			r.child = r.child || r.ownChild(m)
			return true
		}
		return false
	})
	r.u.Interests = r.collect(r.v.interests, b.interests, func(name string, m match) bool {
		if name == "volunteering" && r.aVolunteer(m) {
			return true
		}
		if r.denied(m.from) || r.deniedAfter(m.to) {
			r.u.Not = append(r.u.Not, name)
			return true
		}
		return false
	})
	if r.child {
		r.u.Needs = append(r.u.Needs, "caring", "parenting")
	}
	if r.children || r.youngParent(b) {
		r.u.Needs = append(r.u.Needs, "parenting")
	}
	if r.grouped {
		r.u.Interests = append(r.u.Interests, "support_group")
	}
	if r.tablets {
		r.u.Interests = append(r.u.Interests, "computers")
	}
	if r.lessons {
		r.u.Interests = append(r.u.Interests, "learning")
	}
	if r.heavy() {
		r.u.Needs = append(r.u.Needs, "weight")
	}
}

// within keeps an interest from being read out of the words of a need that are about something else: "no exercise", "lost
// interest in books", "can't use a computer". Computers that somebody wants to learn are an interest too.
func (r *reader) within(m match, b blocks) {
	if m.to-m.from < 2 {
		return
	}
	name := r.v.needs.names[m.meaning[0].name]
	if name == "digital_skills" {
		switch first := r.word(m.from); {
		case nay(r.tokens, m.from), first == "struggles", first == "struggling", first == "scared", first == "baffled", first == "digitally":
		default:
			r.tablets = true
			return
		}
	}
	for _, i := range r.v.interests.find(r.tokens[m.from:m.to], nil) {
		if i.to-i.from == m.to-m.from {
			continue // the phrase stands in both tables
		}
		if name == "digital_skills" || name == "inactivity" || name == "disability" || i.to-i.from == 1 {
			for k := i.from; k < i.to; k++ {
				b.interests[m.from+k] = true
			}
		}
	}
}

// helpsAt reports whether a need at i is one of the place where the patient helps: "volunteering at a food bank".
func (r *reader) helpsAt(i int, need string) bool {
	switch need {
	case "food", "housing", "parenting", "dementia", "disability", "new_to_area", "caring", "bereavement":
	default:
		return false
	}
	for at := i - 1; at >= 0 && at >= i-5 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "volunteer", "volunteering", "volunteers", "help", "helping", "work", "working", "mentor", "teaching", "teach":
			if next := r.word(at + 1); next == "at" || next == "in" || next == "with" || next == "for" || next == "w" || strings.HasPrefix(r.tokens[at].low, "volunteer") {
				return r.tokens[at].low != "help" || next == "at" || next == "in"
			}
		}
	}
	return false
}

// raises reports whether those who are looked after are children: "looks after her 3 grandchildren".
func (r *reader) raises(m match) bool {
	if w := r.word(m.from); w != "looks" && w != "looking" {
		return false
	}
	for at := m.to - 1; at < len(r.tokens) && at < m.to+3 && r.tokens[at].clause == r.tokens[m.from].clause; at++ {
		switch r.tokens[at].low {
		case "grandchildren", "grandson", "granddaughter", "grandsons", "granddaughters", "kids", "children", "toddler", "baby", "twins":
			return true
		case "disabled", "autistic":
			return false
		}
	}
	return false
}

// caredFor reports whether the patient is the one who is cared for: "her carer will bring her", "mum cares for him", "wife
// is his carer".
func (r *reader) caredFor(m match) bool {
	before, next := r.word(m.from-1), r.word(m.to)
	last := r.word(m.to - 1)
	switch {
	case (last == "carer" || last == "carers") && (next == "will" || next == "brings" || next == "comes" || next == "can" || next == "to" || next == "attends" || next == "present"):
		return true
	case (before == "her" || before == "his" || before == "paid" || before == "with" || before == "has") && last == "carer" && next != "group":
		return true
	case relation(before) && (last == "carer" || last == "cares" || next == "her" || next == "him" || last == "for" || last == "after"):
		// "mum cares for her", "wife carer"; but "his dad cares for his wife" is too rare to mind
		return before != "parent" && before != "family" && before != "child" && before != "kids"
	}
	return false
}

// ownChild reports whether the other who has a condition is the patient's child.
func (r *reader) ownChild(m match) bool {
	isChild := func(w string) bool {
		switch strings.TrimSuffix(w, "s") {
		case "son", "daughter", "child", "children", "twin", "kid", "toddler", "baby", "one":
			return true
		}
		return false
	}
	for at := m.from - 1; at >= 0 && at >= m.from-9 && r.tokens[at].sentence == r.tokens[m.from].sentence; at-- {
		if isChild(r.word(at)) && r.tokens[at].depth <= r.tokens[m.from].depth {
			return true
		}
	}
	return r.word(m.to) != "one" && isChild(r.word(m.to)) && !r.denied(m.from)
}

// groupOf reads a group that is named after a need: "stroke group", "stop smoking group". It also keeps
// sofa surfing from being read as a sport.
func (r *reader) groupOf(m match, b blocks) {
	name := r.v.needs.names[m.meaning[0].name]
	switch name {
	case "addiction", "anxiety", "bereavement", "caring", "chronic_pain", "dementia", "long_term_condition", "low_mood", "weight", "sleep":
		if m.to >= len(r.tokens) || r.tokens[m.to].clause != r.tokens[m.from].clause || r.denied(m.from) || r.named(m.from) {
			return
		}
		switch r.word(m.to) {
		case "group", "groups", "meetings", "meeting", "survivors", "peer", "network", "fellowship":
			r.grouped = true
		case "support", "recovery":
			r.grouped = r.grouped || r.word(m.to+1) != "worker" && r.word(m.to+1) != "needs" && (r.word(m.to) == "support" || r.word(m.to+1) == "group" || r.word(m.to+1) == "meeting")
		}
		for i := m.from - 1; i >= 0 && i >= m.from-3 && r.tokens[i].clause == r.tokens[m.from].clause; i-- {
			if w := r.word(i); (w == "other" || w == "others" || w == "fellow") && !r.denied(i) && name != "caring" {
				r.grouped = true
			}
		}
	case "housing":
		for i := m.from; i < m.to && r.tokens[m.from].low == "sofa"; i++ {
			b.interests[i] = true
		}
	}
}

// carried are the needs that may be the condition of the person somebody cares for.
func carried(need string) bool {
	switch need {
	case "addiction", "anxiety", "dementia", "disability", "long_term_condition", "chronic_pain", "low_mood":
		return true
	}
	return false
}

func (r *reader) collect(l *lexicon, taken []bool, drop func(string, match) bool) []string {
	weight := make([]int, len(l.names))
	for _, m := range l.find(r.tokens, taken) {
		for _, s := range m.meaning {
			if drop(l.names[s.name], m) {
				continue
			}
			if s.half {
				weight[s.name]++
			} else {
				weight[s.name] += 2
			}
		}
	}
	var out []string
	for i, w := range weight {
		if w >= 2 {
			out = append(out, l.names[i]) // the names are sorted
		}
	}
	return out
}

// denied reports whether a "no" in the same clause reaches the word at i: "not keen on singing", "denies low mood",
// "anything but bingo". A "but", "wants" or "likes" after it ends its reach.
func (r *reader) denied(i int) bool {
	for at := i - 1; at >= 0 && r.tokens[at].clause == r.tokens[i].clause && at > i-9; at-- {
		switch r.tokens[at].low {
		case "but", "just", "wants", "want", "prefers", "prefer", "loves", "love", "enjoys", "though", "although", "because", "since",
			"who", "so", "likes", "needs", "misses", "instead", "then", "yet", "until", "now":
			if at > 0 && nay(r.tokens, at-1) && !r.said[at-1] {
				return true // "never wants", "hardly likes"
			}
			if r.tokens[at].low == "but" && at > 0 && (r.tokens[at-1].low == "anything" || r.tokens[at-1].low == "nothing") {
				return r.tokens[at-1].low == "anything"
			}
			if r.tokens[at].low == "instead" && at+1 < len(r.tokens) && r.tokens[at+1].low == "of" {
				return true
			}
			return false
		}
		if r.gone[at] || (r.tokens[at].low == "f" || r.tokens[at].low == "m") && r.tokens[at].capital {
			return false // "not with people F 28 anxious"
		}
		if nay(r.tokens, at) && !r.said[at] && !(r.word(at) == "not" && at+1 < i && r.tokens[at+1].capital && r.isPlace(at+1)) {
			return true
		}
	}
	// "counselling? no, just something normal"
	if to := r.clauseEnd(i); to < len(r.tokens) && r.tokens[to].low == "no" && r.tokens[to].sentence == r.tokens[i].sentence+1 && to-i < 3 &&
		strings.Contains(r.text[r.tokens[to-1].end:r.tokens[to].start], "?") && r.standsBefore(to) {
		return true
	}
	// "darts no, cribbage yes"
	for at := i + 1; at < len(r.tokens) && at < i+4 && r.tokens[at].clause == r.tokens[i].clause; at++ {
		if r.tokens[at].low == "no" && r.standsBefore(at) && !r.said[at] {
			return true
		}
	}
	return false
}

// clauseEnd is the first token after i of another clause.
func (r *reader) clauseEnd(i int) int {
	to := i
	for to < len(r.tokens) && r.tokens[to].clause == r.tokens[i].clause {
		to++
	}
	return to
}

// nay reports whether the token is a word that denies what follows.
func nay(tokens []token, at int) bool {
	switch tokens[at].low {
	case "not", "no", "dont", "doesnt", "didnt", "wont", "wouldnt", "isnt", "arent", "wasnt", "hates", "hate", "hated", "dislikes",
		"dislike", "never", "denies", "denied", "without", "refuses", "refused", "avoid", "avoids", "nor", "neither", "detests",
		"loathes", "except", "excluding", "aint", "non", "anti", "cannot", "cant":
		if tokens[at].low == "not" && at+1 < len(tokens) && (tokens[at+1].low == "only" || tokens[at+1].low == "just" || tokens[at+1].low == "sure") {
			return false
		}
		if tokens[at].low == "no" && at+1 < len(tokens) && (tokens[at+1].low == "longer" || tokens[at+1].low == "problem") {
			return tokens[at+1].low != "longer"
		}
		return true
	case "nothing":
		if at+1 >= len(tokens) || tokens[at+1].clause != tokens[at].clause {
			return false
		}
		switch tokens[at+1].low {
		case "wrong", "on", "much", "else", "planned", "but":
			return false
		}
		return true
	case "rather", "instead", "apart":
		return at+1 < len(tokens) && (tokens[at+1].low == "than" || tokens[at+1].low == "of" || tokens[at+1].low == "from")
	}
	return false
}

// relation reports whether a word is somebody of the patient's.
func relation(w string) bool {
	switch w {
	case "husband", "wife", "partner", "mum", "mother", "mam", "dad", "father", "son", "sons", "daughter", "daughters", "brother",
		"sister", "child", "children", "twins", "kid", "kids", "grandson", "granddaughter", "grandchild", "grandchildren", "gran", "nan",
		"grandad", "grandmother", "grandfather", "aunt", "auntie", "uncle", "parents", "parent", "spouse", "boyfriend", "girlfriend",
		"friend", "neighbour", "hubby", "hubbys", "baby", "toddler", "family", "inlaw", "husbands", "wifes", "mums", "dads", "mothers",
		"fathers", "sisters", "brothers", "partners":
		return true
	}
	return false
}

// others reports whether a condition is that of somebody the patient cares for: "carer for husband with dementia",
// "wife has MS", "his mum's stroke".
func (r *reader) others(m match) bool {
	for at := m.from - 1; at >= 0 && at > m.from-8; at-- {
		if r.tokens[at].depth > r.tokens[m.from].depth {
			continue // "son (Daniel, 9) is autistic"
		}
		if r.tokens[at].clause != r.tokens[m.from].clause {
			break
		}
		t := r.tokens[at].low
		if t == "one" && r.word(at+1) == "with" || relation(t) {
			if strings.HasSuffix(t, "s") && at == m.from-1 {
				return true // "his mum's stroke"
			}
			for i := at + 1; i < m.from; i++ {
				switch r.tokens[i].low {
				case "has", "with", "w", "who", "got", "having", "is", "had", "whos", "suffers", "diagnosed", "living", "gets":
					return true
				}
			}
			if at == m.from-1 && caresBefore(r.tokens, at) {
				return true
			}
			break
		}
		if t == "and" || t == "but" || t == "also" {
			return false
		}
	}
	// "autistic son", "disabled daughter": the word after.
	if m.to < len(r.tokens) && r.tokens[m.to].clause == r.tokens[m.from].clause && relation(r.tokens[m.to].low) {
		return r.tokens[m.to].low != "baby" && r.tokens[m.to].low != "family"
	}
	// "caring for somebody with dementia"
	return caresBefore(r.tokens, m.from) && m.from > 0 && r.tokens[m.from-1].low == "with"
}

// caresBefore reports whether the clause says before i that the patient cares for somebody.
func caresBefore(tokens []token, i int) bool {
	for at := i - 1; at >= 0 && tokens[at].clause == tokens[i].clause; at-- {
		switch tokens[at].low {
		case "carer", "cares", "caring", "looks", "looking", "helps", "supports", "nursing":
			return true
		}
	}
	return false
}

// heavy reports whether a body mass index of 30 or more is given.
func (r *reader) heavy() bool {
	for i := range r.tokens {
		if w := r.tokens[i].low; (w == "gained" || w == "on" && r.word(i-1) == "put") && (r.word(i+2) == "stone" || r.word(i+2) == "st" || r.word(i+2) == "kg" || r.word(i+1) == "weight") {
			return true
		}
		if r.tokens[i].low == "bmi" {
			for at := i + 1; at <= i+2 && at < len(r.tokens); at++ {
				if n, err := strconv.ParseFloat(r.tokens[at].low, 64); err == nil && n >= 30 && n < 90 {
					return true
				}
			}
		}
	}
	return false
}

// settle puts right what only the whole shows.
func (r *reader) settle() {
	u := &r.u
	u.Buddy = u.Buddy || r.company()
	u.Home = u.Home || r.indoors() || r.visited()
	u.NoCar = u.NoCar || r.driven()
	if u.Home && r.called && slices.Contains(u.Needs, "digital_skills") && !r.indoors() && !r.phoned() {
		u.Home = false // "learn to use Zoom": what is to be learned, not where
	}
	if u.SingleSex == "same" {
		u.SingleSex = map[string]string{"female": "women", "male": "men"}[u.Gender]
	}
	if slices.Contains(u.Interests, "befriending") && slices.Contains(u.Interests, "volunteering") {
		// "volunteer befriender" asks for one; "wants to be a volunteer befriender" is rarer
		u.Interests = slices.DeleteFunc(u.Interests, func(s string) bool { return s == "volunteering" })
	}
	u.Not = slices.DeleteFunc(u.Not, func(s string) bool { return slices.Contains(u.Interests, s) })
	for _, list := range []*[]string{&u.Needs, &u.Interests, &u.Not} {
		slices.Sort(*list)
		if *list = slices.Compact(*list); len(*list) == 0 {
			*list = nil
		}
	}
	r.settleIdentifiers()
}

// visited reports whether visits at home are asked for: "somebody to visit her father at home".
func (r *reader) visited() bool {
	for i, t := range r.tokens {
		if t.low != "home" || r.word(i-1) != "at" {
			continue
		}
		for at := i - 2; at >= 0 && r.tokens[at].sentence == t.sentence; at-- {
			if strings.HasPrefix(r.tokens[at].low, "visit") && !r.denied(at) {
				return true
			}
		}
	}
	return false
}

// phoned reports whether housebound words stand in the text besides those of the internet.
func (r *reader) phoned() bool {
	for _, t := range r.tokens {
		switch t.low {
		case "housebound", "bedbound", "homebound", "visit", "visits", "phone", "telephone":
			return true
		}
	}
	return false
}
