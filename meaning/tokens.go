package meaning

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how much of a query is read: what a person types into a chat is far shorter.
const maxText = 4000

// maxWords bounds the words that are looked at together; identifiers are looked for in the whole text.
const maxWords = 400

// token is one word of the text.
type token struct {
	low        string // lower case, without apostrophes
	stem       string
	start, end int
	depth      int // how many brackets are open
	clause     int // words of one clause have the same number; a comma, a full stop and the like begin a new one
	sentence   int
	capital    bool // begins with a capital letter
	shout      bool // all capitals, two letters at least
	owner      bool // ends with an apostrophe and an s
}

// digits reports whether a word begins with a digit.
func (t token) digits() bool { return t.low[0] >= '0' && t.low[0] <= '9' }

// tokenise splits a text into words and clauses.
func (v *Vocabulary) tokenise(text string) []token {
	out := make([]token, 0, len(text)/5+4)
	clause, sentence, clauses := 0, 0, 0
	var open []int // the clauses that brackets interrupt
	start := -1
	var low strings.Builder
	capital, upper, lower := false, 0, 0
	next := func() { clauses++; clause = clauses }
	flush := func(end int) {
		if start < 0 {
			return
		}
		t := token{low: low.String(), start: start, end: end, depth: len(open), clause: clause, sentence: sentence, capital: capital,
			shout: upper > 1 && lower == 0}
		t.owner = end-start > 2 && (text[end-1] == 's' || text[end-1] == 'S') && (text[end-2] == '\'' || text[end-2] == '`' || strings.HasSuffix(text[start:end-1], "’"))
		if full := inFull(t.low); full != "" {
			t.low = full
		} else if right := v.corrected(t.low); right != "" && (!capital || len(right) > 6 || len(out) == 0 || out[len(out)-1].sentence != sentence) {
			t.low = right
		}
		t.stem = v.stem(t.low)
		out = append(out, t)
		low.Reset()
		start, upper, lower, capital = -1, 0, 0, false
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if start < 0 {
				start, capital = i, unicode.IsUpper(r)
			}
			if unicode.IsUpper(r) {
				upper++
			} else if unicode.IsLower(r) {
				lower++
			}
			low.WriteRune(unicode.ToLower(r))
		case (r == '\'' || r == '’' || r == '`') && start >= 0:
			// "men's" is "mens", whether the apostrophe is typed or not; a quote at the end of a word is lost with it
		case r == '.' && start >= 0 && between(text, i):
			low.WriteByte('.') // "2.5", "6.30"
		default:
			flush(i)
			switch r {
			case ',', ';', ':', '–', '—', '|':
				next()
			case '(':
				if len(open) < 8 {
					open = append(open, clause)
				}
				next()
			case ')':
				if n := len(open); n > 0 { // "son (Daniel, 9) is autistic": the clause goes on
					clause, open = open[n-1], open[:n-1]
				} else {
					next()
				}
			case '.', '!', '?', '\n':
				next()
				sentence++
				open = open[:0]
			case '-', '/':
				if i > 0 && i+1 < len(text) && (text[i-1] == ' ' && text[i+1] == ' ' || r == '/' && text[i+1] == ' ') {
					next()
				}
			}
		}
	}
	flush(len(text))
	return out
}

// inFull spells out what is written short in notes.
func inFull(w string) string {
	switch w {
	case "grp":
		return "group"
	case "grps":
		return "groups"
	case "w":
		return "with"
	case "wo":
		return "without"
	case "ladys":
		return "ladies"
	case "morn", "morns", "ams":
		return "mornings"
	case "aft", "afts", "arvo":
		return "afternoon"
	case "wknd", "wknds":
		return "weekend"
	case "grandkid", "grandkids", "grandchild", "grandchildrens":
		return "grandchildren"
	case "hosp":
		return "hospital"
	case "appt", "apt", "appts":
		return "appointment"
	case "dx", "diag":
		return "diagnosed"
	case "wt":
		return "weight"
	case "physio":
		return "physiotherapy"
	case "prob", "probs":
		return "problems"
	case "ppl":
		return "people"
	case "smn", "sum1", "some1":
		return "someone"
	case "uni":
		return "university"
	case "surg":
		return "surgery"
	case "fam":
		return "family"
	case "bf":
		return "breastfeeding"
	case "t1d", "t1dm":
		return "t1dm"
	case "wkday", "wkdays":
		return "weekdays"
	case "wkend":
		return "weekend"
	case "wkends":
		return "weekends"
	case "vol":
		return "volunteer"
	case "vols":
		return "volunteers"
	case "wk":
		return "week"
	case "wks":
		return "weeks"
	case "gd":
		return "good"
	case "retd":
		return "retired"
	case "anx":
		return "anxious"
	case "bday":
		return "birthday"
	case "msg":
		return "message"
	case "comm":
		return "community"
	case "gdn":
		return "garden"
	case "bc":
		return "because"
	case "exs":
		return "exercises"
	case "hubby":
		return "husband"
	case "sth", "smth":
		return "something"
	case "cos":
		return "because"
	}
	return ""
}

// between reports whether a full stop stands between two digits.
func between(text string, i int) bool {
	return i > 0 && i+1 < len(text) && text[i-1] >= '0' && text[i-1] <= '9' && text[i+1] >= '0' && text[i+1] <= '9'
}

// fold splits a phrase of the table into its words in the same way.
func fold(phrase string) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range phrase {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’':
		default:
			flush()
		}
	}
	flush()
	return out
}

// hush removes what cannot be part of a word from a text and cuts it to what is read: control and format characters
// (zero-width spaces and the like, B4).
func hush(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
		for !utf8.ValidString(text) && len(text) > maxText-utf8.UTFMax {
			text = text[:len(text)-1]
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u00a0':
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// match is a phrase found in the text, over the tokens [from, to).
type match struct {
	from, to int
	meaning  []sense
}

// find returns the phrases of a lexicon in the text that do not overlap, the longest first in case of doubt. Tokens that
// taken marks are not looked at.
func (l *lexicon) find(tokens []token, taken []bool) []match {
	var all []match
	for i := range tokens {
		if taken != nil && taken[i] {
			continue
		}
		for _, p := range l.byFirst[tokens[i].stem] {
			if to, ok := p.at(tokens, i); ok && !p.exact && untaken(taken, i, to) {
				all = append(all, match{i, to, p.meaning})
			}
		}
		for _, p := range l.exact[tokens[i].low] {
			if to, ok := p.at(tokens, i); ok && p.exact && untaken(taken, i, to) {
				all = append(all, match{i, to, p.meaning})
			}
		}
	}
	// Longest first; few matches, so a plain insertion sort.
	for i := 1; i < len(all); i++ {
		for j := i; j > 0 && all[j].to-all[j].from > all[j-1].to-all[j-1].from; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	var kept []match
	for _, m := range all {
		free := true
		for _, k := range kept {
			if m.from < k.to && k.from < m.to && !(m.from == k.from && m.to == k.to) {
				free = false
				break
			}
		}
		if free {
			kept = append(kept, m)
		}
	}
	return kept
}

// untaken reports whether none of the tokens [from, to) is marked.
func untaken(taken []bool, from, to int) bool {
	if taken == nil {
		return true
	}
	for i := from; i < to; i++ {
		if taken[i] {
			return false
		}
	}
	return true
}

// at reports whether the rest of a phrase stands at i, small words in between aside, and where it ends.
func (p *phrase) at(tokens []token, i int) (int, bool) {
	at := i + 1
	for _, want := range p.words {
		for skipped := 0; ; at++ {
			if at >= len(tokens) || tokens[at].clause != tokens[i].clause {
				return 0, false
			}
			word := tokens[at].stem
			if p.exact {
				word = tokens[at].low
			}
			if word == want {
				at++
				break
			}
			if skipped++; skipped > 2 || !small(tokens[at].low) {
				return 0, false
			}
		}
	}
	return at, true
}
