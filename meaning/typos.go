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
	if len(w) < shortest || len(w) > 24 || !plain(w) || v.inTable(w) || v.english.has(w) || v.firstNames[w] || v.surnames[w] || v.places[w] != "" || v.notPlaces[w] ||
		v.peoples[w] || v.languages[w] != "" || v.stemKnown[v.stem(w)] {
		return ""
	}
	if last := len(w) - 1; w[last] == 's' && (v.english.has(w[:last]) || v.firstNames[w[:last]] || v.places[w[:last]] != "" || v.inTable(w[:last])) {
		return "" // "marys": the apostrophe of an owner is gone by now
	}
	return v.typos.nearest(w, v.stem)
}

// nearest is the word that is one slip away, empty where there are several that do not have one stem. Two letters
// exchanged, or one of two that are the same left out or typed twice, are what fingers do most, so such a word goes before
// any other.
func (t typos) nearest(w string, stemmed func(string) string) string {
	var best, stem [2]string
	var many [2]bool
	look := func(words []string) {
		for _, c := range words {
			if d := len(c) - len(w); d < -1 || d > 1 || c == w || !oneSlip(w, c) {
				continue
			}
			rank := 1
			if likelySlip(w, c) {
				rank = 0
			}
			s := stemmed(c)
			many[rank] = many[rank] || best[rank] != "" && s != stem[rank]
			if best[rank] == "" || c < best[rank] {
				best[rank], stem[rank] = c, s
			}
		}
	}
	look(t.byHead[w[:2]])
	look(t.byTail[w[len(w)-2:]])
	for rank := range best {
		if many[rank] {
			return ""
		}
		if best[rank] != "" {
			return best[rank]
		}
	}
	return ""
}

// likelySlip reports whether of two words one slip apart one has two letters exchanged, or a letter doubled.
func likelySlip(a, b string) bool {
	if len(a) == len(b) {
		i := 0
		for a[i] == b[i] {
			i++
		}
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i]
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	return i > 0 && b[i] == b[i-1] || i+1 < len(b) && b[i] == b[i+1]
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
