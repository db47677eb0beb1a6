package urgent

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// Kind is which card a message calls for.
type Kind string

// The kinds. Where a message means several, a medical emergency goes first, then the writer's own life.
const (
	General     Kind = "general"      // the writer may be in danger, or be a danger
	OtherPerson Kind = "other_person" // somebody they name may be
	Medical     Kind = "medical"      // 999 now
	Abuse       Kind = "abuse"        // somebody hurts or controls the writer: mind who else reads
)

// before is the order in which kinds matter; 0 is first.
func (k Kind) before() int {
	switch k {
	case Medical:
		return 0
	case General:
		return 1
	case OtherPerson:
		return 2
	case Abuse:
		return 3
	}
	return 4
}

// Finding is what was found, and where. It holds no words of the message and no grade (K16).
type Finding struct {
	Kind     Kind
	Category string // the rule's: "passive wish to die"
	Why      string // the rule's reason
	From, To int    // bytes of the message
}

// Scan reads all of a message for danger and says what matters most. It is pure, never panics, and takes time linear in
// the message.
func Scan(text string) (Finding, bool) {
	s := theTable().scan(text, true)
	if len(s.found) == 0 {
		return Finding{}, false
	}
	return s.found[0], true
}

// Find is everything that Scan goes by, what matters most first, and then in the order of the message: for review. It is
// at most one finding of a rule in a sentence.
func Find(text string) []Finding { return theTable().scan(text, false).found }

// piece is how many words of a sentence without end are read together, and overlap how many of them again.
const (
	piece   = 160
	overlap = 80
)

// theTable is read at the first scan and never changes.
var theTable = sync.OnceValue(load)

// scanner is the reading of one message.
type scanner struct {
	t     *table
	found []Finding
	least int // the kinds before this one are still looked for
	first bool
	steps int  // patterns that were tried
	full  bool // there was more than is read: what is left may hold anything

	// Kept from one part of a long message to the next.
	at           int // the byte at which the part begins
	words        int
	writer       bool // who writes speaks of themselves
	kept         reading
	seen         map[string]bool
	last         signSet // of the sentence before
	said, before *heardWords
	weighed      []weighed // by weighing, the most so far
	more         []Finding // for review, all that counted
}

// What is read of one message. A patient's message, of the 4,096 characters that a chat takes, needs a quarter of it at most;
// what is made to cost more is answered as danger, unread, because nothing may be missed (B1, B7).
const (
	maxSteps   = 60_000 // patterns
	maxGuesses = 3_000  // words that are not in the table as they stand
)

// tooMuch is what is found in a message that is more than can be read.
func tooMuch(text string) Finding {
	return Finding{Kind: General, Category: "more than can be read",
		Why: "A message that is made to take too long is not read to its end; nothing may be missed, so the card is shown.", To: len(text)}
}

func (t *table) scan(text string, first bool) *scanner {
	s := &scanner{t: t, least: 4, first: first, weighed: make([]weighed, len(t.weighings)),
		said: t.company.listener(), before: t.company.listener()}
	if first && len(text) > longText {
		s.long(text)
	} else {
		s.part(text, 0)
	}
	s.weighUp()
	if s.full && len(s.found) == 0 {
		s.found = append(s.found, tooMuch(text))
	}
	slices.SortStableFunc(s.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Kind.before(), b.Kind.before()), cmp.Compare(a.From, b.From))
	})
	return s
}

// part reads text, which begins at a byte of the message.
func (s *scanner) part(text string, at int) {
	s.at = at
	tokens, full := s.t.words.read(text, &s.kept)
	s.full = s.full || full
	types := make([]uint16, len(tokens))
	for i := range tokens {
		types[i] = tokens[i].typ
	}
	s.writer = s.writer || slices.ContainsFunc(types, s.t.writer.single.has)
	pieces := s.t.divide(tokens, types)
	if s.words += len(tokens); s.words > manyWords && s.first {
		pieces = s.once(pieces)
	}
	for _, p := range pieces {
		s.sentence(p.tokens, p.types, p.before, p.after)
	}
	s.weigh(pieces)
}

// manyWords is from where on what a message says again is not read again.
const manyWords = 2000

// sitting is what is read together: a sentence, or a piece of one with something before or after it.
type sitting struct {
	tokens        []token
	types         []uint16
	before, after bool
}

// divide takes a message apart into sentences. What has no full stop for long is read in pieces that overlap by more than
// the longest pattern.
func (t *table) divide(tokens []token, types []uint16) []sitting {
	var pieces []sitting
	for i := 0; i < len(tokens); {
		j := i + 1
		for j < len(tokens) && (!tokens[j].first || t.answers(tokens, types, i, j)) {
			j++
		}
		for from := i; from < j; from += piece - overlap {
			to := min(from+piece, j)
			if j-i <= 2*piece {
				to = j
			}
			pieces = append(pieces, sitting{tokens[from:to], types[from:to], from > i, to < j})
			if to == j {
				break
			}
		}
		i = j
	}
	return pieces
}

// answers says whether the sentence at j is no more than a no to what the one at i tells that somebody asked: "The nurse
// asked if I think of ending it. I don't." They are read as one, so the no is of the question.
func (t *table) answers(tokens []token, types []uint16, i, j int) bool {
	const longest = 6
	if !t.no.first.has(types[j]) || !slices.ContainsFunc(types[i:j], t.asked.single.has) {
		return false
	}
	end := j + 1
	for end < len(tokens) && !tokens[end].first {
		if end++; end-j > longest {
			return false
		}
	}
	return (&sentence{types: types[j:end], neg: t.neg.single}).anyOf(t.no, 0) != 0
}

// once leaves out what was said before: long messages are nearly always the same line pasted over and over.
func (s *scanner) once(pieces []sitting) []sitting {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	var key []byte
	out := pieces[:0]
	for _, p := range pieces {
		key = key[:0]
		for _, typ := range p.types {
			key = append(key, byte(typ), byte(typ>>8))
		}
		if s.seen[string(key)] {
			continue
		}
		if len(s.seen) < 4096 {
			s.seen[string(key)] = true
		}
		out = append(out, p)
	}
	return out
}

// span is where a pattern stands in its sentence.
type span struct{ from, to int }

// sentence reads one, or a piece of one with something before or after it.
func (s *scanner) sentence(tokens []token, types []uint16, before, after bool) {
	t := s.t
	// What has no word to begin at is most of what people write.
	if s.spent() || !slices.ContainsFunc(types, func(typ uint16) bool { return len(t.danger[typ]) > 0 }) {
		return
	}
	whole := &sentence{types: types, neg: t.neg.single, before: before, after: after}
	calmed := s.calmed(whole, tokens)
	var did []*rule // rules that were found in this sentence
	for i, typ := range types {
		s.steps += len(t.danger[typ])
		for _, p := range t.danger[typ] {
			r := p.rule
			if r.weighed != nil || s.first && !s.worth(r) || slices.Contains(did, r) {
				continue
			}
			at, ok := s.stands(p, i, whole, calmed, tokens)
			if !ok {
				continue
			}
			did = append(did, r)
			kind := r.Kind
			if kind == General && !r.fixed {
				kind = t.whose(whole, at)
			}
			if s.first && kind.before() >= s.least {
				continue
			}
			s.least = min(s.least, kind.before())
			s.found = append(s.found, Finding{Kind: kind, Category: r.Category, Why: r.Why,
				From: s.at + int(tokens[at.from].from), To: s.at + int(tokens[at.to-1].to)})
		}
	}
}

// stands says whether a rule's pattern stands with its anchor at i, and where: not calmed, denied or past.
func (s *scanner) stands(p *pattern, i int, whole, calmed *sentence, tokens []token) (span, bool) {
	r := p.rule
	view := calmed
	if r.always {
		view = whole
	}
	if view.types[i] == 0 {
		return span{}, false
	}
	at, ok := view.pattern(p, i)
	ok = ok && !whole.unless(p, at) && (r.undeniable || !s.t.denied(whole, tokens, at)) && (r.anyTime || !s.t.past(whole, r.Kind, at))
	return at, ok
}

// spent says whether as much was read as is read of one message, and remembers it.
func (s *scanner) spent() bool {
	s.full = s.full || s.steps > maxSteps
	return s.steps > maxSteps
}

// calmed is a sentence without the words that are no danger where they stand.
func (s *scanner) calmed(whole *sentence, tokens []token) *sentence {
	view := whole
	for i, typ := range whole.types {
		s.steps += len(s.t.calm[typ])
		for _, p := range s.t.calm[typ] {
			at, ok := whole.pattern(p, i)
			if !ok || whole.unless(p, at) || p.rule.deniable && s.t.denied(whole, tokens, at) {
				continue
			}
			if view == whole {
				view = &sentence{types: slices.Clone(whole.types), neg: whole.neg, before: whole.before, after: whole.after}
			}
			for k := at.from; k < at.to; k++ {
				view.types[k] = 0
			}
		}
	}
	return view
}

// worth says whether a rule can still change which kind matters most.
func (s *scanner) worth(r *rule) bool { return r.Kind.before() < s.least }

// pattern says whether p stands with its anchor at i, and where.
func (s *sentence) pattern(p *pattern, i int) (span, bool) {
	at, ok := span{}, false
	lead := p.phrases[p.lead]
	for from := max(0, i-p.before); from <= i; from++ {
		if mask := s.phrase(lead, from); mask != 0 {
			if to := from + bits.Len64(mask) - 1; to > i || ok && to > at.to {
				at, ok = span{from, to}, true
				break
			}
		}
	}
	if !ok || len(p.phrases) == 1 {
		return at, ok
	}
	own := []span{at}
	for n, other := range p.phrases {
		if n == p.lead {
			continue
		}
		found := false
		// The nearest, before or after.
		for d := 0; d <= near && !found; d++ {
			for _, from := range [2]int{own[0].from - 1 - d, own[0].to + d} {
				if from < 0 || from >= len(s.types) {
					continue
				}
				mask := s.phrase(other, from)
				if mask == 0 {
					continue
				}
				it := span{from, from + bits.Len64(mask) - 1}
				if it.to == it.from || it.from < own[0].to && it.to > own[0].from {
					continue
				}
				own, found = append(own, it), true
				break
			}
		}
		if !found {
			return at, false
		}
	}
	for _, o := range own {
		at.from, at.to = min(at.from, o.from), max(at.to, o.to)
	}
	// A "not" between them makes it something else.
	for k := at.from; k < at.to; k++ {
		if s.neg.has(s.types[k]) && !slices.ContainsFunc(own, func(o span) bool { return o.from <= k && k < o.to }) {
			return at, false
		}
	}
	return at, true
}

// unless says whether something near makes a match of p no danger.
func (s *sentence) unless(p *pattern, at span) bool {
	return p.unless != nil && s.near(p.unless, at)
}

// reach is how many words before and after a match are looked at for what changes its meaning.
const reach = 20

// near says whether g stands near a place.
func (s *sentence) near(g *group, at span) bool {
	for i := max(0, at.from-reach); i < min(len(s.types), at.to+reach); i++ {
		if g.first.has(s.types[i]) && s.anyOf(g, i) != 0 {
			return true
		}
	}
	return false
}

// denied says whether what stands at a place is denied: a "not" before it with nothing but words like "really thinking
// of" between, in the same clause, or "isn't on my mind" after it.
func (t *table) denied(s *sentence, tokens []token, at span) bool {
	for i := at.from - 1; i >= 0 && i >= at.from-9; i-- {
		if tokens[i].pause && i < at.from-1 {
			break
		}
		typ := s.types[i]
		if t.neg.single.has(typ) {
			// "No I want to" and "why don't I" deny nothing.
			return !tokens[i].pause && !(i+1 < len(s.types) && t.self.single.has(s.types[i+1])) && !(i > 0 && t.why.single.has(s.types[i-1]))
		}
		if t.self.single.has(typ) {
			// "Never said I would", but not "if they don't I will".
			if i > 0 && t.sayers.single.has(s.types[i-1]) {
				continue
			}
			break
		}
		if tokens[i].pause || !t.through.single.has(typ) {
			break
		}
	}
	return at.to < len(s.types) && !tokens[at.to-1].pause && s.anyOf(t.after, at.to) != 0
}

// past says whether what stands at a place is over: it is not told in the present, and what is near says long ago (of
// an illness: some time ago), and not that it is so again.
func (t *table) past(s *sentence, kind Kind, at span) bool {
	if kind != Medical {
		for i := max(0, at.from-2); i < at.to; i++ {
			if t.present.single.has(s.types[i]) {
				return false
			}
		}
	}
	if !s.near(t.longAgo, at) && (kind != Medical || !s.near(t.recent, at)) {
		return false
	}
	return !s.near(t.now, at) || s.near(t.resolved, at)
}

// whose life it is: the writer's, or that of somebody whom the sentence is about. Who is spoken of last where the danger is
// told settles it ("my daughter thinks I want to die"), or else before it, or else whose it is said to be after it.
func (t *table) whose(s *sentence, at span) Kind {
	last := at.to - 1
	if at.to+1 < len(s.types) && s.anyOf(t.ownRef, at.to) > 2 {
		last++ // "better off | without me"
	}
	for i := last; i >= 0; i-- {
		switch {
		case s.anyOf(t.ownRef, i) != 0:
			return General
		case s.anyOf(t.otherRef, i) != 0:
			if next := i + 1; next < len(s.types) && s.anyOf(t.dead, next) != 0 {
				continue // "since my husband died I ..." and its like are about the writer
			}
			return OtherPerson
		}
	}
	for i := at.to; i < min(at.to+8, len(s.types)) && s.anyOf(t.ownRef, i) == 0; i++ {
		if s.anyOf(t.otherRef, i) != 0 {
			return OtherPerson
		}
	}
	return General
}
