package urgent

import (
	"bytes"
	_ "embed" // english.txt
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed english.txt
var english string

// lexicon is every word that the table knows. A word's type is its number; 0 is any other word.
type lexicon struct {
	types   int
	entries map[string]entry
	plain   map[string]uint16 // words of the table and "stem~"
	same    map[string][]string
	stems   []stem
	stemAt  [1 << 16]bool // which two letters a stem begins with
	keys    []key
	glue    [256][]string // words that people run together, by first letter, longest first
	common  map[string]int
	abroad  map[string]bool // words that no English part of the table has
	other   bool            // another language's part is being read
	// The types of numbers.
	few, many, year uint16
	sorted          []string // every word in order: the type of each is its place, from 1
	weights         []int    // by type, how common the word is
	foreign         set      // words that are only in the rules for other languages
}

// entry is what a word of a message is read as.
type entry struct {
	typ  uint16
	more []uint16 // the words after it, where one word stands for several
}

type stem struct {
	text string
	typ  uint16
}

// key is a word that is recognised misspelt.
type key struct {
	text    string
	letters uint32
	typ     uint16
}

func newLexicon() lexicon {
	l := lexicon{entries: map[string]entry{}, plain: map[string]uint16{}, same: map[string][]string{}, common: map[string]int{}, abroad: map[string]bool{}}
	n := 0
	for w := range strings.FieldsSeq(english) {
		if _, ok := l.common[w]; !ok {
			n++
			l.common[w] = n
		}
	}
	return l
}

// plainWord is a word of the table as a message's would be read.
func plainWord(w string) string {
	var b []byte
	for _, r := range w {
		b, _ = fold(b, r)
	}
	return string(b)
}

// collect notes the words of one file of the table.
func (l *lexicon) collect(text string) {
	group := false // the lines that follow are phrases
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		verb := fields[0]
		if line[0] != ' ' {
			if group = verb == "group"; group {
				continue
			}
		} else if group {
			verb = ""
		}
		switch verb {
		case "rule", "calm", "why", "yes", "no":
			continue
		case "same":
			to, from, _ := strings.Cut(strings.Join(fields[1:], " "), " = ")
			for _, w := range strings.Fields(from) {
				l.same[plainWord(w)] = strings.Fields(to)
			}
			for _, w := range strings.Fields(to) {
				l.know(plainWord(w))
			}
			continue
		case "fuzzy":
			for _, w := range fields[1:] {
				l.know(plainWord(w))
				l.keys = append(l.keys, key{text: w})
			}
			continue
		case "glue":
			for _, w := range fields[1:] {
				l.know(w)
				l.glue[w[0]] = append(l.glue[w[0]], w)
			}
			continue
		case "find", "unless":
			fields = fields[1:]
		}
		for _, f := range fields {
			if f == "/" || f == "&" || f[0] == '*' || f == "^" || f == "$" {
				continue
			}
			for _, w := range strings.FieldsFunc(strings.TrimSuffix(strings.TrimPrefix(f, "!"), "?"), func(r rune) bool { return r == '|' || r == '_' }) {
				if w == "" || w[0] == '@' || w == "$" {
					continue
				}
				if s, ok := strings.CutSuffix(w, "~"); ok {
					w = plainWord(s) + "~"
				} else {
					w = plainWord(w)
				}
				l.know(w)
			}
		}
	}
}

func (l *lexicon) know(w string) {
	if _, ok := l.plain[w]; !ok {
		l.plain[w] = 0
		if l.other {
			l.abroad[w] = true
		}
	}
}

// finish numbers the words.
func (l *lexicon) finish() {
	for _, w := range []string{"fewnumber", "manynumber", "yearnumber"} {
		l.know(w)
	}
	words := make([]string, 0, len(l.plain))
	for w := range l.plain {
		words = append(words, w)
	}
	slices.Sort(words)
	for n, w := range words {
		typ := uint16(n + 1)
		l.plain[w] = typ
		if s, ok := strings.CutSuffix(w, "~"); ok {
			l.stems = append(l.stems, stem{s, typ})
			l.stemAt[uint16(s[0])<<8|uint16(s[1])] = true
		} else {
			l.entries[w] = entry{typ: typ}
		}
	}
	l.types = len(words) + 1
	l.sorted = words
	l.weights = make([]int, l.types)
	for w, typ := range l.plain {
		l.weights[typ] = l.commonness(w)
	}
	// The longest stem is what a word is; put gives the shorter ones the same.
	slices.SortFunc(l.stems, func(a, b stem) int { return len(b.text) - len(a.text) })
	for from, to := range l.same {
		e := entry{typ: l.plain[plainWord(to[0])]}
		for _, w := range to[1:] {
			e.more = append(e.more, l.plain[plainWord(w)])
		}
		l.entries[from] = e
	}
	for w := range l.common {
		if _, ok := l.entries[w]; !ok {
			l.entries[w] = entry{typ: l.stemOf([]byte(w))}
		}
	}
	for i := range l.keys {
		k := &l.keys[i]
		k.typ, k.letters = l.plain[k.text], lettersOf([]byte(k.text))
	}
	for i := range l.glue {
		slices.SortStableFunc(l.glue[i], func(a, b string) int { return len(b) - len(a) })
	}
	l.foreign = newSet(l.types)
	for w, typ := range l.plain {
		if l.abroad[w] && l.common[w] == 0 {
			l.foreign.put(typ)
		}
	}
	l.few, l.many, l.year = l.plain["fewnumber"], l.plain["manynumber"], l.plain["yearnumber"]
}

// put adds a word of a pattern to a set.
func (l *lexicon) put(s set, w string) error {
	if st, ok := strings.CutSuffix(w, "~"); ok {
		if st = plainWord(st); len(st) < 3 {
			return fmt.Errorf("%s~ is too short a beginning", st)
		}
		at, _ := slices.BinarySearch(l.sorted, st)
		for ; at < len(l.sorted) && strings.HasPrefix(l.sorted[at], st); at++ {
			s.put(uint16(at + 1))
		}
		return nil
	}
	w = plainWord(w)
	if w == "" || strings.ContainsAny(w, "@/&*~^$") {
		return fmt.Errorf("not a plain word: %q", w)
	}
	if to, ok := l.same[w]; ok {
		if len(to) > 1 {
			return fmt.Errorf("%s is read as %q: write that", w, strings.Join(to, " "))
		}
		w = plainWord(to[0])
	}
	s.put(l.plain[w])
	return nil
}

// weight is how common the words of a set are: what is rare is looked for first.
func (l *lexicon) weight(s set) int {
	n := 0
	s.each(func(typ uint16) { n += l.weights[typ] })
	return n
}

// commonness of one word.
func (l *lexicon) commonness(w string) int {
	switch rank := l.common[w]; {
	case rank == 0:
		return 1
	case rank < 100:
		return 200
	case rank < 400:
		return 20
	}
	return 2
}

// find is what a word is read as, and whether it is known at all.
func (l *lexicon) find(b []byte) (entry, bool) {
	if e, ok := l.entries[string(b)]; ok {
		return e, true
	}
	return l.guess(b)
}

// guess reads a word that is not in the table as it stands.
func (l *lexicon) guess(b []byte) (entry, bool) {
	if b[0] >= '0' && b[0] <= '9' {
		if typ := l.number(b); typ != 0 {
			return entry{typ: typ}, true
		}
	}
	if len(b) > 40 {
		return entry{}, false // no word; guessing at it would only take time
	}
	if right, changed := spell(b); changed {
		if e, ok := l.entries[string(right)]; ok {
			return e, true
		}
		// "sooo" and "pillls": a letter held down that is doubled or single in the word.
		if once := slices.Compact(bytes.Clone(right)); len(once) < len(right) {
			if e, ok := l.entries[string(once)]; ok {
				return e, true
			}
		}
		if b = right; len(b) == 0 {
			return entry{}, false
		}
	}
	if typ := l.misspelt(b); typ != 0 {
		return entry{typ: typ}, true
	}
	if typ := l.stemOf(b); typ != 0 {
		return entry{typ: typ}, true
	}
	if len(b) >= 6 {
		if parts := l.unglue(b); len(parts) > 1 {
			e := entry{typ: parts[0], more: parts[1:]}
			return e, true
		}
	}
	return entry{}, false
}

func (l *lexicon) stemOf(b []byte) uint16 {
	if len(b) < 3 || !l.stemAt[uint16(b[0])<<8|uint16(b[1])] {
		return 0
	}
	for _, s := range l.stems {
		if len(b) >= len(s.text) && string(b[:len(s.text)]) == s.text {
			return s.typ
		}
	}
	return 0
}

// number tells one or two of something from a dangerous many, and from a year.
func (l *lexicon) number(b []byte) uint16 {
	n := 0
	for i, c := range b {
		if c < '0' || c > '9' {
			if unit := string(b[i:]); i > 0 && (unit == "mg" || unit == "x" || unit == "th" || unit == "ish" || unit == "odd") {
				break
			}
			return 0
		}
		if n = n*10 + int(c-'0'); n > 9999 {
			return 0
		}
	}
	switch {
	case n >= 1900 && n < 2100:
		return l.year
	case n >= 10:
		return l.many
	}
	return l.few
}

func lettersOf(b []byte) (m uint32) {
	for _, c := range b {
		if c >= 'a' && c <= 'z' {
			m |= 1 << (c - 'a')
		}
	}
	return m
}

// misspelt is the key word that b is one slip away from, or two where the word is long: a letter more, less, other, or
// two changed about. The first letter holds.
func (l *lexicon) misspelt(b []byte) uint16 {
	if len(b) < 5 || len(b) > 16 {
		return 0
	}
	letters := lettersOf(b)
	for i := range l.keys {
		k := &l.keys[i]
		slips := 1
		if len(k.text) >= 8 {
			slips = 2
		}
		if k.text[0] != b[0] || len(k.text) < len(b)-slips || len(k.text) > len(b)+slips ||
			bits.OnesCount32(letters^k.letters) > 2*slips {
			continue
		}
		if slipsBetween(string(b), k.text) <= slips {
			return k.typ
		}
	}
	return 0
}

// slipsBetween is the Damerau-Levenshtein distance (adjacent letters changed about count as one) of two short words.
func slipsBetween(a, b string) int {
	var rows [3][20]int
	last, row, next := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(next[j-1]+1, row[j]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], last[j-2]+1)
			}
		}
		last, row, next = row, next, last
	}
	return row[len(b)]
}

// unglue cuts words that were written without gaps ("killmyself"), longest first, and goes back where that leads
// nowhere; nothing when it cannot.
func (l *lexicon) unglue(b []byte) (parts []uint16) {
	tries := 0
	var cut func(rest []byte) bool
	cut = func(rest []byte) bool {
		if len(rest) == 0 {
			return true
		}
		if tries++; tries > 60 {
			return false
		}
		for _, w := range l.glue[rest[0]] {
			if len(rest) >= len(w) && string(rest[:len(w)]) == w {
				e := l.entries[w]
				n := len(parts)
				parts = append(append(parts, e.typ), e.more...)
				if cut(rest[len(w):]) {
					return true
				}
				parts = parts[:n]
			}
		}
		return false
	}
	if !cut(b) {
		return nil
	}
	return parts
}

// token is a word of a message.
type token struct {
	from, to    int32 // bytes of the message
	typ         uint16
	letter      byte // the word is this letter
	known       bool // the table or English has it
	first, last bool // a sentence begins, ends with it
	pause       bool // a clause ends with it
}

// recent is what words of a long message were read as: the same ones come again and again.
type recent [1024]struct {
	low, high uint64 // the letters of a word of at most 16
	entry     entry
	known     bool
}

func (r *recent) find(l *lexicon, word []byte) (entry, bool) {
	if len(word) > 16 {
		return l.find(word)
	}
	var letters [16]byte
	copy(letters[:], word)
	low, high := binary.LittleEndian.Uint64(letters[:8]), binary.LittleEndian.Uint64(letters[8:])
	at := &r[((low^high*31)*0x9E3779B97F4A7C15)>>54]
	if at.low != low || at.high != high {
		at.low, at.high = low, high
		at.entry, at.known = l.find(word)
	}
	return at.entry, at.known
}

// tokens takes a message apart. It reads all of it, in time linear in its length, whatever bytes it has (B1-B7).
func (l *lexicon) tokens(text string) []token {
	out := make([]token, 0, len(text)/5+2)
	var word, before []byte // the word being read, and the one before it
	from, to, spelt := 0, 0, 0
	var was byte
	runs := false
	var read *recent
	if len(text) > 4096 {
		read = new(recent)
	}
	flush := func() {
		if len(word) == 0 {
			return
		}
		for n := len(word); n > 0 && (word[n-1] == '!' || word[n-1] == '|' || word[n-1] == '@' || word[n-1] == '$'); n-- {
			word = word[:n-1]
		}
		if len(word) == 0 {
			return
		}
		t := token{from: int32(from), to: int32(to), first: len(out) == 0 || out[len(out)-1].last}
		if len(word) == 1 && word[0] >= 'a' && word[0] <= 'z' {
			t.letter = word[0]
			if spelt++; spelt >= 3 {
				runs = true
			}
			// "don t" is what is left of don't where the apostrophe was lost.
			if t.letter == 't' && len(before) > 1 && before[len(before)-1] == 'n' && !t.first {
				if e, ok := l.entries[string(append(before, 't'))]; ok {
					out[len(out)-1].typ, out[len(out)-1].to = e.typ, t.to
					before, word = before[:0], word[:0]
					return
				}
			}
		} else {
			spelt = 0
		}
		var e entry
		if read != nil {
			e, t.known = read.find(l, word)
		} else {
			e, t.known = l.find(word)
		}
		t.typ = e.typ
		out = append(out, t)
		for _, typ := range e.more {
			t.typ, t.first = typ, false
			out = append(out, t)
		}
		before, word = word, before[:0]
	}
	end := func() {
		flush()
		if n := len(out); n > 0 {
			out[n-1].last = true
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if c|0x20 >= 'a' && c|0x20 <= 'z' { // nearly always
			if len(word) == 0 {
				from = i
			}
			lower := c | 0x20
			if c == 'I' && was >= 'a' && was <= 'z' && len(word) > 0 || c == 'I' && was == 'I' && len(word) > 1 && word[len(word)-1] == 'l' {
				lower = 'l' // "kiII": a capital I within a word is drawn like an l
			}
			word = append(word, lower)
			to, was = i+1, c
			i++
			continue
		}
		was = 0
		switch {
		case c == '$' || c == '@' || (c == '!' || c == '|') && len(word) > 0 && i+1 < len(text) && isLetter(text[i+1]):
			// Perhaps a letter in disguise, where a letter follows: "k!ll", but not "help!". spell decides.
			if len(word) == 0 {
				from = i
			}
			word = append(word, c)
			to = i + 1
		case r == utf8.RuneError:
			flush()
		default:
			n := len(word)
			picture := c >= utf8.RuneSelf && pictured(r) != ""
			if picture {
				flush()
				n = 0
			}
			var kind class
			word, kind = fold(word, r)
			switch kind {
			case part0:
				if n == 0 {
					from = i
				}
				to = i + size
				if picture {
					flush()
				}
			case silent:
			case space:
				flush()
				if c == '-' && i > 0 && text[i-1] == ' ' && len(out) > 0 {
					out[len(out)-1].pause = true
				}
			case pause:
				flush()
				if len(out) > 0 {
					out[len(out)-1].pause = true
				}
			case stop:
				end()
			}
		}
		i += size
	}
	end()
	if runs {
		return l.join(out)
	}
	return out
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// join puts together letters that were spelt out with gaps ("k i l l") where four or more stand in a row, or three that
// are a word of danger by themselves.
func (l *lexicon) join(tokens []token) []token {
	out := make([]token, 0, len(tokens))
	var b []byte
	for i := 0; i < len(tokens); {
		j := i
		b = b[:0]
		for j < len(tokens) && tokens[j].letter != 0 {
			b = append(b, tokens[j].letter)
			j++
		}
		if n := j - i; n < 3 || n == 3 && string(b) != "kms" && string(b) != "die" {
			j = max(j, i+1)
			out = append(out, tokens[i:j]...)
			i = j
			continue
		}
		// Sentences cannot be told apart in here: "s.u.i.c.i.d.e" is one word.
		t := tokens[i]
		t.to, t.letter, t.last = tokens[j-1].to, 0, false
		e, ok := l.find(b)
		if len(b) > 40 {
			e.typ, e.more = 0, nil
			if parts := l.unglue(b); len(parts) > 0 {
				e.typ, e.more = parts[0], parts[1:]
			}
		}
		t.typ, t.known = e.typ, ok
		out = append(out, t)
		for _, typ := range e.more {
			t.typ, t.first = typ, false
			out = append(out, t)
		}
		out[len(out)-1].last = tokens[j-1].last
		i = j
	}
	return out
}
