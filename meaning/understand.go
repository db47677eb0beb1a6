package meaning

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// reader is one reading of one text.
type reader struct {
	v      *Vocabulary
	text   string
	tokens []token
	gone   []bool // tokens of identifiers, postcodes and the like: read already
	said   []bool // tokens of flags: a "no" in "no stairs" says no to nothing else
	u      Understood

	ages     []int // see plainAges
	agesRead bool

	grouped, lessons bool // a group named after a need, and lessons in a language, were asked for
}

// Understand reads what somebody typed. It never fails: what it does not understand it leaves out. It reads the first
// 4,000 bytes and of those 400 words, so that its work is bounded (B1).
func Understand(text string, v *Vocabulary) Understood {
	r := &reader{v: v, text: hush(norm.NFKC.String(hush(text)))}
	r.text = r.identifiers(r.text)
	r.tokens = v.tokenise(r.text)
	if len(r.tokens) > maxWords {
		r.tokens = r.tokens[:maxWords]
	}
	r.gone = make([]bool, len(r.tokens))

	r.said = make([]bool, len(r.tokens))
	blocked := r.flags(r.v.flags.find(r.tokens, nil))
	r.sexOnly()
	r.who(blocked)
	r.postcode()
	r.radius()
	r.days()
	r.language()
	r.wishes(blocked)
	r.name()
	r.place(blocked)
	r.settle()
	return r.u
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
				r.u.Free = true
			case "step_free":
				r.u.StepFree = r.u.StepFree || !r.denied(m.from)
				mark(b.interests, m)
			case "no_car":
				r.u.NoCar = true
			case "home":
				r.u.Home = r.u.Home || !r.denied(m.from)
			case "label":
				if r.denied(m.from) {
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

// job marks the one or two words after "retired" or "worked as": a former job is no interest.
func (r *reader) job(m match, b *blocks) {
	for i := m.to; i < len(r.tokens) && i < m.to+3; i++ {
		t := r.tokens[i]
		if t.clause != r.tokens[m.from].clause || t.low == "and" || t.low == "who" || t.low == "with" || t.low == "likes" {
			return
		}
		b.interests[i] = true
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
	}
	r.u.Needs = r.collect(r.v.needs, b.needs, func(name string, m match) bool {
		return r.denied(m.from) || (r.others(m) && carried(name))
	})
	r.u.Interests = r.collect(r.v.interests, b.interests, func(_ string, m match) bool {
		return r.denied(m.from)
	})
	if r.grouped {
		r.u.Interests = append(r.u.Interests, "support_group")
	}
	if r.lessons {
		r.u.Interests = append(r.u.Interests, "learning")
	}
	if r.heavy() {
		r.u.Needs = append(r.u.Needs, "weight")
	}
}

// groupOf reads a group that is named after a need: "stroke group", "stop smoking group". It also keeps
// sofa surfing from being read as a sport.
func (r *reader) groupOf(m match, b blocks) {
	name := r.v.needs.names[m.meaning[0].name]
	switch name {
	case "addiction", "anxiety", "bereavement", "caring", "chronic_pain", "dementia", "long_term_condition", "low_mood", "weight", "sleep":
		if next := r.word(m.to); (next == "group" || next == "groups" || next == "meetings" || next == "meeting") && r.tokens[m.to].clause == r.tokens[m.from].clause && !r.denied(m.from) {
			r.grouped = true
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
		if nay(r.tokens, at) && !r.said[at] {
			return true
		}
	}
	// "darts no, cribbage yes"
	for at := i + 1; at < len(r.tokens) && at < i+4 && r.tokens[at].clause == r.tokens[i].clause; at++ {
		if r.tokens[at].low == "no" && r.standsBefore(at) && !r.said[at] {
			return true
		}
	}
	return false
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
		"friend", "neighbour", "hubby", "baby", "toddler", "family", "inlaw", "husbands", "wifes", "mums", "dads", "mothers",
		"fathers", "sisters", "brothers", "partners":
		return true
	}
	return false
}

// others reports whether a condition is that of somebody the patient cares for: "carer for husband with dementia",
// "wife has MS", "his mum's stroke".
func (r *reader) others(m match) bool {
	for at := m.from - 1; at >= 0 && r.tokens[at].clause == r.tokens[m.from].clause && at > m.from-8; at-- {
		t := r.tokens[at].low
		if relation(t) {
			if strings.HasSuffix(t, "s") && at == m.from-1 {
				return true // "his mum's stroke"
			}
			for i := at + 1; i < m.from; i++ {
				switch r.tokens[i].low {
				case "has", "with", "w", "who", "got", "having", "is", "had", "whos", "suffers", "diagnosed", "living", "gets":
					return true
				}
			}
			return at == m.from-1 && caresBefore(r.tokens, at)
		}
		if t == "and" || t == "but" || t == "also" {
			return false
		}
	}
	// "autistic son", "disabled daughter": the word after.
	if m.to < len(r.tokens) && r.tokens[m.to].clause == r.tokens[m.from].clause && relation(r.tokens[m.to].low) {
		return true
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
	if u.SingleSex == "same" {
		u.SingleSex = map[string]string{"female": "women", "male": "men"}[u.Gender]
	}
	if slices.Contains(u.Interests, "befriending") && slices.Contains(u.Interests, "volunteering") {
		// "volunteer befriender" asks for one; "wants to be a volunteer befriender" is rarer
		u.Interests = slices.DeleteFunc(u.Interests, func(s string) bool { return s == "volunteering" })
	}
	for _, list := range []*[]string{&u.Needs, &u.Interests} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	slices.Sort(u.Identifiers)
	u.Identifiers = slices.Compact(u.Identifiers)
}
