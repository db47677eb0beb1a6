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
}

func (t *table) scan(text string, first bool) *scanner {
	s := &scanner{t: t, least: 4, first: first}
	tokens := t.words.tokens(text)
	types := make([]uint16, len(tokens))
	for i := range tokens {
		types[i] = tokens[i].typ
	}
	seen := map[string]bool{} // long messages are nearly always the same line pasted over and over
	var key []byte
	for i := 0; i < len(tokens); {
		j := i + 1
		for j < len(tokens) && !tokens[j].first {
			j++
		}
		// What has no full stop for long is read in pieces that overlap by more than the longest pattern.
		for from := i; from < j; from += piece - overlap {
			to := min(from+piece, j)
			if j-i <= 2*piece {
				to = j
			}
			if len(tokens) > 2000 && first {
				key = key[:0]
				for _, typ := range types[from:to] {
					key = append(key, byte(typ), byte(typ>>8))
				}
				if !seen[string(key)] {
					if len(seen) < 4096 {
						seen[string(key)] = true
					}
					s.sentence(tokens[from:to], types[from:to], from > i, to < j)
				}
			} else {
				s.sentence(tokens[from:to], types[from:to], from > i, to < j)
			}
			if to == j {
				break
			}
		}
		i = j
	}
	slices.SortStableFunc(s.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Kind.before(), b.Kind.before()), cmp.Compare(a.From, b.From))
	})
	return s
}

// span is where a pattern stands in its sentence.
type span struct{ from, to int }

// sentence reads one, or a piece of one with something before or after it.
func (s *scanner) sentence(tokens []token, types []uint16, before, after bool) {
	t := s.t
	// What has no word to begin at is most of what people write.
	any := false
	for _, typ := range types {
		if len(t.danger[typ]) > 0 {
			any = true
			break
		}
	}
	if !any {
		return
	}
	whole := &sentence{types: types, neg: t.neg.single, before: before, after: after}
	calmed := whole
	for i, typ := range types {
		for _, p := range t.calm[typ] {
			at, ok := whole.pattern(p, i)
			if !ok || whole.unless(p, at) || p.rule.deniable && t.denied(whole, tokens, at) {
				continue
			}
			if calmed == whole {
				calmed = &sentence{types: slices.Clone(types), neg: whole.neg, before: before, after: after}
			}
			for k := at.from; k < at.to; k++ {
				calmed.types[k] = 0
			}
		}
	}
	var did []*rule // rules that were found in this sentence
	for i, typ := range types {
		for _, p := range t.danger[typ] {
			r := p.rule
			if s.first && !s.worth(r) || slices.Contains(did, r) {
				continue
			}
			view := calmed
			if r.always {
				view = whole
			}
			if view.types[i] == 0 {
				continue
			}
			at, ok := view.pattern(p, i)
			if !ok || whole.unless(p, at) {
				continue
			}
			if !r.undeniable && t.denied(whole, tokens, at) {
				continue
			}
			if !r.anyTime && t.past(whole, r.Kind, at) {
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
				From: int(tokens[at.from].from), To: int(tokens[at.to-1].to)})
		}
	}
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

// whose life it is: the writer's, or that of somebody whom the sentence is about.
func (t *table) whose(s *sentence, at span) Kind {
	for i := at.from; i < at.to; i++ {
		if s.anyOf(t.otherRef, i) != 0 {
			return OtherPerson
		}
		if s.anyOf(t.ownRef, i) != 0 {
			return General
		}
	}
	for i := at.from; i >= 0; i-- {
		if t.self.single.has(s.types[i]) {
			return General
		}
		if mask := s.anyOf(t.others, i); mask != 0 {
			if next := i + 1; next < len(s.types) && s.anyOf(t.dead, next) != 0 {
				continue // "since my husband died I ..." and its like are about the writer
			}
			return OtherPerson
		}
	}
	return General
}
