package meaning

import "strings"

// typos finds the word of the table that somebody meant who slipped once: a letter too many, too few, another, or two
// exchanged (Damerau-Levenshtein distance 1).
type typos struct {
	byHead, byTail map[string][]string // words by their first two and by their last two letters
}

// shortest is the shortest word that is corrected: in shorter ones one letter makes too many other words.
const shortest = 5

func newTypos(words map[string]bool) typos {
	t := typos{make(map[string][]string, 300), make(map[string][]string, 300)}
	for w := range words {
		if len(w) < shortest || !plain(w) {
			continue
		}
		t.byHead[w[:2]] = append(t.byHead[w[:2]], w)
		t.byTail[w[len(w)-2:]] = append(t.byTail[w[len(w)-2:]], w)
	}
	return t
}

// corrected is the word of the table that was meant by one that is no word at all, empty where it is one, or where the
// table has several words so near that they do not have one stem: a slip must never turn one need into another.
func (v *Vocabulary) corrected(w string) string {
	if len(w) < shortest || len(w) > 24 || !plain(w) || v.inTable(w) || v.english.has(w) || v.firstNames[w] || v.places[w] != "" || v.notPlaces[w] ||
		v.peoples[w] || v.languages[w] != "" || v.stemKnown[v.stem(w)] {
		return ""
	}
	if last := len(w) - 1; w[last] == 's' && (v.english.has(w[:last]) || v.firstNames[w[:last]] || v.places[w[:last]] != "" || v.inTable(w[:last])) {
		return "" // "marys": the apostrophe of an owner is gone by now
	}
	best, stem := "", ""
	look := func(words []string) bool {
		for _, c := range words {
			if d := len(c) - len(w); d < -1 || d > 1 || !oneSlip(w, c) {
				continue
			}
			s := v.stem(c)
			if best != "" && s != stem {
				return false
			}
			if best == "" || c < best {
				best, stem = c, s
			}
		}
		return true
	}
	if !look(v.typos.byHead[w[:2]]) || !look(v.typos.byTail[w[len(w)-2:]]) {
		return ""
	}
	return best
}

// oneSlip reports whether two different words are one slip apart.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) {
		return false
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// plain reports whether a word has only the letters a to z.
func plain(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}
