package urgent

import "math/bits"

// set is a set of types of words.
type set []uint64

func newSet(types int) set { return make(set, (types+63)/64) }

func (s set) has(typ uint16) bool {
	i := int(typ >> 6) // a shared set ends with its last word
	return i < len(s) && s[i]>>(typ&63)&1 != 0
}

func (s set) put(typ uint16) { s[typ>>6] |= 1 << (typ & 63) }

func (s set) add(t set) {
	for i, w := range t {
		s[i] |= w
	}
}

// each calls f with every type of the set, in order.
func (s set) each(f func(typ uint16)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(uint16(i<<6 | bits.TrailingZeros64(w)))
		}
	}
}

// group is words and phrases that mean the same.
type group struct {
	name      string
	single    set // the phrases that are one word
	hasSingle bool
	phrases   []*phrase
	by        map[uint16][]*phrase // the phrases by their first word
	first     set
	length    int
}

func (g *group) add(p *phrase, types int) {
	if g.single == nil {
		g.single, g.first, g.by = newSet(types), newSet(types), map[uint16][]*phrase{}
	}
	g.length = max(g.length, p.length)
	g.first.add(p.first)
	if e := p.elements[0]; len(p.elements) == 1 && !e.not && !e.orStop && len(e.groups) == 0 {
		g.single.add(e.set)
		g.hasSingle = true
		return
	}
	g.phrases = append(g.phrases, p)
	p.first.each(func(typ uint16) { g.by[typ] = append(g.by[typ], p) })
}

// phrase is elements one after another.
type phrase struct {
	elements []element
	first    set // the words it can begin with
	anchor   set // the rarest of its words that must be there, one of these
	before   int // how many of its words may stand before that one
	length   int // the most words it takes
}

// element is one part of a phrase.
type element struct {
	set         set
	groups      []*group
	gap         int  // up to so many words, within a sentence
	any         bool // a gap that a negation does not end
	maybe       bool
	not         bool // takes no word: the next is none of the set
	start, stop bool // takes no word: a sentence begins, ends here
	orStop      bool // or the sentence ends here
}

func (e *element) must() bool {
	return e.set != nil && !e.maybe && !e.not && !e.orStop
}

func (e *element) firsts(into set) {
	if e.set == nil || e.not {
		return
	}
	into.add(e.set)
	for _, g := range e.groups {
		into.add(g.first)
	}
}

// anchor is words one of which is there wherever the element is.
func (e *element) anchor(types int) set {
	s := newSet(types)
	s.add(e.set)
	for _, g := range e.groups {
		for _, p := range g.phrases {
			s.add(p.anchor)
		}
	}
	return s
}

func (e *element) longest() int {
	switch {
	case e.gap > 0:
		return e.gap
	case e.set == nil || e.not:
		return 0
	}
	n := 1
	for _, g := range e.groups {
		n = max(n, g.length)
	}
	return n
}

// sentence is some words of a message, with the table's eyes. Every match of anything is found by its lengths: bit n of
// a mask says that it takes n words. So a step costs the same whatever was before it, and a sentence of any length takes
// time in proportion to its length.
type sentence struct {
	types []uint16 // 0: a word that the table does not know
	neg   set
	// before and after: it is a piece, and does not begin, does not end here.
	before, after bool
}

func (s *sentence) element(e *element, i int) uint64 {
	var mask uint64
	switch {
	case e.start:
		if i == 0 && !s.before {
			return 1
		}
		return 0
	case e.stop:
		if i == len(s.types) && !s.after {
			return 1
		}
		return 0
	case e.gap > 0:
		mask = 1
		for n := 0; n < e.gap && i+n < len(s.types); n++ {
			if !e.any && s.neg.has(s.types[i+n]) {
				break
			}
			mask |= 2 << n
		}
		return mask
	}
	if i < len(s.types) {
		typ := s.types[i]
		if e.set.has(typ) {
			mask = 2
		}
		for _, g := range e.groups {
			mask |= s.group(g, i)
		}
	} else if e.orStop && !s.after {
		mask = 1
	}
	if e.not {
		if mask != 0 {
			return 0
		}
		return 1
	}
	if e.maybe {
		mask |= 1
	}
	return mask
}

// group is the lengths at which g's phrases of several words stand at i.
func (s *sentence) group(g *group, i int) uint64 {
	typ := s.types[i]
	if !g.first.has(typ) {
		return 0
	}
	var mask uint64
	for _, p := range g.by[typ] {
		mask |= s.phrase(p, i)
	}
	return mask
}

// anyOf is the lengths at which any phrase of g stands at i.
func (s *sentence) anyOf(g *group, i int) uint64 {
	mask := s.group(g, i)
	if g.hasSingle && g.single.has(s.types[i]) {
		mask |= 2
	}
	return mask
}

func (s *sentence) phrase(p *phrase, i int) uint64 {
	if i < len(s.types) && !p.first.has(s.types[i]) && p.elements[0].set != nil {
		return 0
	}
	mask := uint64(1)
	for k := range p.elements {
		var next uint64
		for n := 0; mask != 0; n++ {
			if mask&1 != 0 && n < 64 {
				next |= s.element(&p.elements[k], i+n) << n
			}
			mask >>= 1
		}
		if mask = next; mask == 0 {
			return 0
		}
	}
	return mask
}
