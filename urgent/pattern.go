package urgent

import (
	"fmt"
	"math/bits"
	"strings"
)

// list is words.txt, read.
type list struct {
	same  map[string][]string // a word to what it is read as
	ids   map[string]int      // every exact word
	pre   []string            // every "suicid~", at most 64
	all   []pattern
	known map[string]token // what ids and pre say of every exact word
	stems [256]uint64      // which of pre begin with a letter
	// Which patterns can begin with a word: by its id, and by the number of a "suicid~".
	danger, idiom starts
}

type starts struct {
	exact, begin [][]*pattern
}

// pattern is one line.
type pattern struct {
	kind   Kind // empty: an idiom
	always bool // not stopped by idioms
	steps  []step
	line   int
}

// step is one element of a pattern.
type step struct {
	set   set
	gap   int // up to so many words of any kind, when > 0
	maybe bool
	not   bool // no word: the next is none of set
	// first, last: the next word begins, the last one ended, a sentence; with a set, either does.
	first, last bool
}

// set is a set of words.
type set struct {
	bits []uint64
	pre  uint64
	n    int
}

// token is a word of a message as the list knows it.
type token struct {
	id          int // -1: no exact word of the list
	pre         uint64
	first, last bool
}

func (s *set) has(t *token) bool {
	return s.pre&t.pre != 0 || t.id >= 0 && t.id>>6 < len(s.bits) && s.bits[t.id>>6]>>(t.id&63)&1 != 0
}

// read makes a list of the text of words.txt. It panics where the text is wrong: the file is part of the program, and
// its test reads it.
func read(text string) *list {
	l := &list{same: map[string][]string{}, ids: map[string]int{}}
	sets := map[string][]string{}
	var kind Kind
	var always, open bool
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		wrong := func(what string) { panic(fmt.Sprintf("words.txt, line %d: %s", i+1, what)) }
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			name := strings.Trim(line, "[]")
			name, always = strings.CutSuffix(name, "!")
			open = true
			switch kind = Kind(name); kind {
			case General, OtherPerson, Medical, Abuse:
			case "idiom":
				kind = ""
			default:
				wrong("no such kind")
			}
		case line[0] == '@' && strings.Contains(line, "="):
			name, words, _ := strings.Cut(line, "=")
			sets[strings.TrimSpace(name)] = strings.Fields(words)
		case strings.HasPrefix(line, "same "):
			to, from, ok := strings.Cut(strings.TrimPrefix(line, "same "), "=")
			if !ok {
				wrong("no =")
			}
			for _, w := range strings.Fields(from) {
				l.same[w] = strings.Fields(to)
			}
		default:
			if !open {
				wrong("a pattern of no kind")
			}
			l.add(pattern{kind: kind, always: always, line: i + 1}, strings.Fields(line), sets, wrong)
		}
	}
	for i, stem := range l.pre {
		l.stems[stem[0]] |= 1 << i
	}
	l.known = make(map[string]token, len(l.ids))
	for w, id := range l.ids {
		l.known[w] = token{id: id, pre: l.begins(w)}
	}
	for _, at := range []*starts{&l.danger, &l.idiom} {
		at.exact, at.begin = make([][]*pattern, len(l.ids)), make([][]*pattern, len(l.pre))
	}
	for n := range l.all {
		l.index(&l.all[n])
	}
	return l
}

func (l *list) add(p pattern, elements []string, sets map[string][]string, wrong func(string)) {
	for _, e := range elements {
		var s step
		switch {
		case e[0] == '*':
			if _, err := fmt.Sscanf(e, "*%d", &s.gap); err != nil || s.gap < 1 || s.gap > 9 {
				wrong("a gap is *1 to *9")
			}
			p.steps = append(p.steps, s)
			continue
		case e == "<":
			p.steps = append(p.steps, step{first: true})
			continue
		}
		e, s.not = strings.CutPrefix(e, "!")
		e, s.maybe = strings.CutSuffix(e, "?")
		for _, w := range strings.Split(e, "|") {
			switch {
			case w == ">":
				s.last = true
			case w != "" && w[0] == '@':
				if sets[w] == nil {
					wrong("no set " + w)
				}
				for _, w := range sets[w] {
					l.put(&s.set, w, wrong)
				}
			default:
				l.put(&s.set, w, wrong)
			}
		}
		p.steps = append(p.steps, s)
	}
	for _, s := range p.steps {
		if s.set.n > 0 && !s.maybe && !s.not {
			if last := p.steps[len(p.steps)-1]; last.gap > 0 || p.steps[0].gap > 0 || p.steps[0].not {
				wrong("a pattern begins and ends with a word")
			}
			l.all = append(l.all, p)
			return
		}
	}
	wrong("no word that must be there")
}

func (l *list) put(s *set, w string, wrong func(string)) {
	s.n++
	if stem, ok := strings.CutSuffix(w, "~"); ok {
		for i, have := range l.pre {
			if have == stem {
				s.pre |= 1 << i
				return
			}
		}
		if len(l.pre) == 64 {
			wrong("more than 64 beginnings (word~)")
		}
		s.pre |= 1 << len(l.pre)
		l.pre = append(l.pre, stem)
		return
	}
	if strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || w == "" {
		wrong("not a plain word: " + w)
	}
	if to, ok := l.same[w]; ok && (len(to) > 1 || to[0] != w) {
		if len(to) > 1 {
			return // read as two words: other patterns have those
		}
		w = to[0]
	}
	id, ok := l.ids[w]
	if !ok {
		id = len(l.ids)
		l.ids[w] = id
	}
	for len(s.bits) <= id>>6 {
		s.bits = append(s.bits, 0)
	}
	s.bits[id>>6] |= 1 << (id & 63)
}

// index notes by which words a pattern can begin.
func (l *list) index(p *pattern) {
	at := &l.danger
	if p.kind == "" {
		at = &l.idiom
	}
	for _, s := range p.steps {
		if s.set.n == 0 || s.not {
			continue
		}
		for id := range len(l.ids) {
			if t := (token{id: id}); s.set.has(&t) {
				at.exact[id] = append(at.exact[id], p)
			}
		}
		for i := range l.pre {
			if s.set.pre>>i&1 != 0 {
				at.begin[i] = append(at.begin[i], p)
			}
		}
		if !s.maybe {
			return
		}
	}
}

// tokens reads a message's words with the list's eyes.
func (l *list) tokens(words []word) []token {
	out := make([]token, 0, len(words)+len(words)/8)
	for _, w := range words {
		if to, ok := l.same[w.text]; ok {
			for i, t := range to {
				out = append(out, l.token(t, w.first && i == 0, w.last && i == len(to)-1))
			}
			continue
		}
		t := l.token(w.text, w.first, w.last)
		if t.id < 0 && t.pre == 0 && len(w.text) >= 7 && len(w.text) <= 40 {
			if parts := unglue(w.text); len(parts) > 1 && len(parts[len(parts)-1]) < 8 { // "killmyself"
				for i, part := range parts {
					out = append(out, l.token(part, w.first && i == 0, w.last && i == len(parts)-1))
				}
				continue
			}
		}
		out = append(out, t)
	}
	return out
}

func (l *list) token(w string, first, last bool) token {
	t := token{id: -1, first: first, last: last}
	if (len(w) == 2 || len(w) == 3) && w[0] >= '1' && w[0] <= '9' && isDigits(w) {
		w = "tenormore" // of tablets; one or two are nobody's business
	}
	if known, ok := l.known[w]; ok {
		t.id, t.pre = known.id, known.pre
	} else {
		t.pre = l.begins(w)
	}
	return t
}

// begins says with which of l.pre a word begins.
func (l *list) begins(w string) (pre uint64) {
	for maybe := l.stems[w[0]]; maybe != 0; maybe &= maybe - 1 {
		i := bits.TrailingZeros64(maybe)
		if strings.HasPrefix(w, l.pre[i]) {
			pre |= 1 << i
		}
	}
	return pre
}

func isDigits(w string) bool { return strings.Trim(w, "0123456789") == "" }

// match tries steps at tokens[i] and calls used with the place of each word it took. The work is bounded by the gaps
// of the pattern, whatever the message.
func match(steps []step, tokens []token, i int, used func(int)) bool {
	if len(steps) == 0 {
		return true
	}
	s := &steps[0]
	switch {
	case s.gap > 0:
		for n := 0; n <= s.gap; n++ {
			if match(steps[1:], tokens, i+n, used) {
				return true
			}
			// A gap stays within its sentence.
			if i+n >= len(tokens) || tokens[i+n].first && i+n > 0 {
				return false
			}
		}
		return false
	case s.not:
		if i < len(tokens) && !tokens[i].first && s.set.has(&tokens[i]) {
			return false
		}
		return match(steps[1:], tokens, i, used)
	case s.first:
		return (i == 0 || i < len(tokens) && tokens[i].first) && match(steps[1:], tokens, i, used)
	}
	if s.last && (i == len(tokens) || i > 0 && tokens[i-1].last) && match(steps[1:], tokens, i, used) {
		return true
	}
	if i < len(tokens) && s.set.has(&tokens[i]) && match(steps[1:], tokens, i+1, used) {
		used(i)
		return true
	}
	return s.maybe && match(steps[1:], tokens, i, used)
}
