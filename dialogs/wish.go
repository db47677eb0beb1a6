package dialogs

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail/bot"
)

// wish is something that a person may say at every step, in whatever state the chat is.
type wish string

// The wishes. Stop, pause, resume, delete and wrong need no conversation state and are heard by a guard; the others are
// short conversations beside the open one.
const (
	wishStop     wish = "stop"
	wishPause    wish = "pause"
	wishResume   wish = "resume"
	wishDelete   wish = "delete"
	wishGroup    wish = "group"
	wishShow     wish = "show"
	wishCorrect  wish = "correct"
	wishPermits  wish = "permits"
	wishLanguage wish = "language"
	wishReading  wish = "reading"
	wishTrusted  wish = "trusted"
	wishWorried  wish = "worried"
	wishWrong    wish = "wrong" // this is not who you think
)

// wishesInOrder is the order in which a message is held against them: a message that could mean stop means stop.
func wishesInOrder() []wish {
	return []wish{wishStop, wishPause, wishResume, wishWrong, wishDelete, wishGroup, wishShow, wishCorrect, wishPermits, wishLanguage, wishReading, wishTrusted, wishWorried}
}

// said is a wish as it was read from words.
type said struct {
	wish wish
	// name is what stood where the pattern has a *: the name of a group, of a language, of what is wrong.
	name string
	// days is the length of time that stood where the pattern has a #; 0 when none did.
	days int
}

// wishes reads wishes from what people type. A sentence is a wish only when every word of it is explained: by a pattern
// of the catalogue, by politeness, or as a slip of the finger of one of those. So "could you please stopp the messages
// now, thanks" is a stop, and "I'll get off at the bus stop" is not. It is safe for several goroutines.
type wishes struct {
	patterns map[wish][]pattern
	lead     [][]string // what may stand before a wish: "could you", "i would like to"
	polite   map[string]bool
	// first are the words that a pattern may begin with: what begins with none of them is no wish, which is told quickly.
	first map[string]bool
	// last is what was read last: a turn asks for the same message once for every wish.
	last atomic.Pointer[lastRead]
}

// lastRead is a message and the wish that was read from it.
type lastRead struct {
	text string
	said said
	ok   bool
}

// pattern is a sequence of slots.
type pattern []slot

// slot is one place of a pattern: one of several words or phrases, a length of time, or a name of up to five words.
type slot struct {
	words    [][]string
	span     bool
	name     bool
	optional bool
}

// everywhere is a catalogue that knows how a thing is said in every language: a stop counts in all of them.
type everywhere interface {
	Everywhere(key string) []string
}

// newWishes reads the patterns of the catalogue. In its lines ";" parts patterns, a space parts slots, "|" the choices
// of a slot, "+" the words of a choice; "?" after a slot makes it optional, "#" is a length of time, "*" a name.
func newWishes(words bot.Words) *wishes {
	w := &wishes{patterns: map[wish][]pattern{}, polite: map[string]bool{}, first: map[string]bool{}}
	for _, lines := range saidSomewhere(words, "wish.polite") {
		for _, t := range tokens(strings.ReplaceAll(lines, "|", " ")) {
			w.polite[t] = true
		}
	}
	for _, x := range wishesInOrder() {
		for _, lines := range saidSomewhere(words, "wish."+string(x)) {
			for _, line := range strings.Split(lines, ";") {
				if p := w.pattern(line); len(p) > 0 {
					w.patterns[x] = append(w.patterns[x], p)
					p.begins(w.first)
				}
			}
		}
	}
	for _, lines := range saidSomewhere(words, "wish.lead") {
		for _, phrase := range strings.Split(lines, "|") {
			if t := tokens(phrase); len(t) > 0 {
				w.lead = append(w.lead, t)
			}
		}
	}
	return w
}

func saidSomewhere(words bot.Words, key string) []string {
	if e, ok := words.(everywhere); ok {
		return e.Everywhere(key)
	}
	return []string{words.Line("en", key)}
}

func (w *wishes) pattern(line string) pattern {
	var p pattern
	for _, f := range strings.Fields(line) {
		s := slot{optional: strings.HasSuffix(f, "?")}
		f = strings.TrimSuffix(f, "?")
		switch f {
		case "#":
			s.span = true
		case "*":
			s.name = true
		default:
			for _, choice := range strings.Split(f, "|") {
				if t := w.bare(tokens(strings.ReplaceAll(choice, "+", " "))); len(t) > 0 {
					s.words = append(s.words, t)
				}
			}
		}
		p = append(p, s)
	}
	return p
}

const (
	// wishChars is how long a message may be in which a wish is looked for: somebody who tells a story is telling a story.
	wishChars = 240
	// wishSentences is how many sentences it may have; a stop may stand among more.
	wishSentences = 3
	nameWords     = 5
)

// read finds the wish of a message; false when it is none.
func (w *wishes) read(text string) (said, bool) {
	if l := w.last.Load(); l != nil && l.text == text {
		return l.said, l.ok
	}
	s, ok := w.find(text)
	w.last.Store(&lastRead{text, s, ok})
	return s, ok
}

func (w *wishes) find(text string) (said, bool) {
	if utf8.RuneCountInString(text) > wishChars {
		return said{}, false
	}
	sentences := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".!?\n;", r) })
	kept := make([][]string, 0, len(sentences)+1)
	for _, s := range append(sentences, text) {
		kept = append(kept, w.readings(tokens(s))...)
	}
	for _, x := range wishesInOrder() {
		if x != wishStop && len(sentences) > wishSentences {
			break
		}
		for _, t := range kept {
			for _, p := range w.patterns[x] {
				s := said{wish: x}
				if p.match(t, &s) {
					return s, true
				}
			}
		}
	}
	return said{}, false
}

// readings are the ways to take a sentence: without politeness and doubled words, and again without each phrase that leads
// up to a wish.
func (w *wishes) readings(t []string) [][]string {
	t = w.bare(t)
	var out [][]string
	for len(t) > 0 {
		if w.begins(t[0]) {
			out = append(out, t)
		}
		n := 0
		for _, l := range w.lead {
			if k, ok := startsWith(t, l); ok {
				n = max(n, k)
			}
		}
		if n == 0 {
			break
		}
		t = t[n:]
	}
	return out
}

// begins reports whether a pattern may begin with this word, a slip of the finger let pass.
func (w *wishes) begins(word string) bool {
	if w.first[word] {
		return true
	}
	if len(word) < 4 {
		return false
	}
	for f := range w.first {
		if alike(word, f) {
			return true
		}
	}
	return false
}

// begins notes the words that a pattern may begin with.
func (p pattern) begins(first map[string]bool) {
	for _, s := range p {
		for _, c := range s.words {
			first[c[0]] = true
		}
		if !s.optional {
			return
		}
	}
}

// bare takes politeness and doubled words away.
func (w *wishes) bare(t []string) []string {
	out := make([]string, 0, len(t))
	for i, word := range t {
		thanks := word == "you" && i > 0 && t[i-1] == "thank"
		if !thanks && !w.polite[word] && (i == 0 || word != t[i-1]) {
			out = append(out, word)
		}
	}
	return out
}

// tokens are the words of a text in lower case, without punctuation, apostrophes and pictures.
func tokens(s string) []string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\'' || r == '’' || r == '`' || unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, s)
	return strings.Fields(s)
}

// match explains the words by the pattern, all of them or not at all.
func (p pattern) match(t []string, into *said) bool {
	if len(p) == 0 {
		return len(t) == 0
	}
	s := p[0]
	switch {
	case s.span:
		if n, days, ok := span(t); ok && p[1:].match(t[n:], into) {
			into.days = days
			return true
		}
	case s.name:
		for n := 1; n <= min(nameWords, len(t)); n++ {
			if p[1:].match(t[n:], into) {
				into.name = strings.Join(t[:n], " ")
				return true
			}
		}
	default:
		for _, choice := range s.words {
			if n, ok := startsWith(t, choice); ok && p[1:].match(t[n:], into) {
				return true
			}
		}
	}
	return s.optional && p[1:].match(t, into)
}

// startsWith reports whether words begin a text, slips of the finger let pass, and how many words that is.
func startsWith(t, words []string) (int, bool) {
	if len(t) < len(words) {
		return 0, false
	}
	for i, w := range words {
		if !alike(t[i], w) {
			return 0, false
		}
	}
	return len(words), true
}

// alike reports whether a typed word is the word, or a slip of the finger away from it: two letters swapped, one left out
// or doubled, and in a long word one that is wrong. Short words must be right: they are too near to others.
func alike(typed, word string) bool {
	if typed == word {
		return true
	}
	if len(word) < 5 || len(typed) > len(word)+4 || len(word) > len(typed)+4 {
		return false // told apart by their bytes, which is cheap
	}
	a, b := []rune(typed), []rune(word)
	if len(b) < 5 || len(a) < len(b)-1 || len(a) > len(b)+1 {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	switch ra, rb := a[i:], b[i:]; {
	case len(a)+1 == len(b):
		return string(ra) == string(rb[1:])
	case len(a) == len(b)+1:
		doubled := i > 0 && a[i] == a[i-1]
		return string(ra[1:]) == string(rb) && (doubled || len(b) >= 6)
	case len(ra) >= 2 && ra[0] == rb[1] && ra[1] == rb[0] && string(ra[2:]) == string(rb[2:]):
		return true
	default:
		return len(b) >= 7 && string(ra[1:]) == string(rb[1:])
	}
}

// span reads a length of time at the start of a text: "two weeks", "a fortnight", "10 days". It is at most half a year:
// a longer rest is a stop, and a person should hear of it.
func span(t []string) (words, days int, ok bool) {
	if len(t) == 0 {
		return 0, 0, false
	}
	n, used := 1, 0
	if k, is := number(t[0]); is {
		n, used = k, 1
		if t[0] == "a" && len(t) > 2 { // a couple of weeks, a few days
			if k, is := number(t[1]); is {
				n, used = k, 2
			}
		}
		if used < len(t) && t[used] == "of" {
			used++
		}
	}
	if used >= len(t) {
		return 0, 0, false
	}
	per := 0
	switch strings.TrimSuffix(t[used], "s") {
	case "day":
		per = 1
	case "week", "wk":
		per = 7
	case "fortnight":
		per = 14
	case "month":
		per = 30
	}
	if per == 0 || used == 0 && per != 14 {
		return 0, 0, false
	}
	return used + 1, min(max(n*per, 1), 183), true
}

func number(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= 1000 {
		return n, true
	}
	for i, w := range []string{"", "a|one|an|1", "two|couple", "three|few", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"} {
		for _, x := range strings.Split(w, "|") {
			if s == x && x != "" {
				return i, true
			}
		}
	}
	return 0, false
}

// pauseUntil is how long a rest is: two weeks, or as long as they said.
func (s said) pauseUntil(now time.Time) time.Time {
	days := 14
	if s.days > 0 {
		days = s.days
	}
	return now.AddDate(0, 0, days)
}
