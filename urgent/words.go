package urgent

import (
	"bytes"
	_ "embed" // english.txt
	"fmt"
	"math/bits"
	"slices"
	"strings"
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
			if group = verb == "group" || verb == "sign"; group {
				continue
			}
		} else if group {
			verb = ""
		}
		switch verb {
		case "rule", "calm", "weigh", "at", "counts", "why", "yes", "no", "company:", "start", "least", "most":
			continue
		case "count":
			_, counted, _ := strings.Cut(line, " = ")
			for w := range strings.FieldsSeq(counted) {
				for one := range strings.SplitSeq(w, "_") {
					if one != "^" {
						l.know(one)
					}
				}
			}
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

// knowEnglish makes words of the common ones that the table has neither as they stand nor by their beginning: they count
// beside the signs (company.go).
func (l *lexicon) knowEnglish() {
	var stems []string
	for w := range l.plain {
		if s, ok := strings.CutSuffix(w, "~"); ok {
			stems = append(stems, s)
		}
	}
	for w := range l.common {
		if l.same[w] == nil && !slices.ContainsFunc(stems, func(s string) bool { return strings.HasPrefix(w, s) }) {
			l.know(w)
		}
	}
}

// finish numbers the words.
func (l *lexicon) finish() {
	for _, w := range []string{"fewnumber", "manynumber", "yearnumber"} {
		l.know(w)
	}
	l.knowEnglish()
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

// find is what a word is read as, whether it is known at all, and whether it had to be guessed.
func (l *lexicon) find(b []byte) (e entry, known, guessed bool) {
	if e, ok := l.entries[string(b)]; ok {
		return e, true, false
	}
	e, known = l.guess(b)
	return e, known, true
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
