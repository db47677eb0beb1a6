package directory

import (
	"math"
	"slices"
	"strings"
)

// wishes reads what a query asks for into stems. A wish of which nothing remains ("group") is left out.
func (ix *Index) wishes(q Query) []wish {
	var out []wish
	add := func(name string, kind wishKind, words []string) {
		w := wish{name: strings.ReplaceAll(name, "_", " "), kind: kind}
		for i, word := range words {
			if t, ok := ix.term(word); ok && !slices.ContainsFunc(w.terms, t.same) {
				t.weight = 1
				if i >= 8 {
					t.weight = 0.8 // the best words come first
				}
				w.terms = append(w.terms, t)
			}
		}
		if len(w.terms) > 0 {
			out = append(out, w)
		}
	}
	named := func(name string) []string {
		if words := q.Synonyms[name]; len(words) > 0 {
			return words
		}
		// "arts_crafts" without synonyms: either word will do.
		return strings.Split(name, "_")
	}
	for _, w := range q.Words {
		add(w, wishWord, []string{w})
	}
	for _, name := range q.Interests {
		add(name, wishInterest, named(name))
	}
	for _, name := range q.Needs {
		add(name, wishNeed, named(name))
	}
	return out
}

func (t term) same(other term) bool { return slices.Equal(t.stems, other.stems) }

// term reads a word or a phrase. Of a phrase every pair of neighbours is looked up; a document that has them all, in
// one of its parts, has the phrase or something very like it.
func (ix *Index) term(text string) (term, bool) {
	var words []string
	for _, w := range tokens(text, nil) {
		if !empty(w) {
			words = append(words, w)
		}
	}
	switch {
	case len(words) == 0, len(words) == 1 && generic(words[0]):
		return term{}, false
	case len(words) == 1:
		return term{stems: []string{ix.stem.stem(words[0])}}, true
	}
	var t term
	for i := 1; i < len(words) && i < 6; i++ {
		t.stems = append(t.stems, ix.stem.stem(words[i-1])+" "+ix.stem.stem(words[i]))
	}
	return t, true
}

// match fills s.fit with how well each document answers the wishes, and s.touched with the documents it filled. The
// wishes add up like chances: two good answers are better than one and never more than 1.
func (ix *Index) match(s *scratch, wishes []wish) {
	low, high := s.spans[0].from, s.spans[len(s.spans)-1].to
	if cap(s.best) < len(ix.docs) {
		s.best = make([]float32, len(ix.docs))
	}
	best := s.best[:len(ix.docs)]
	liked := slices.ContainsFunc(wishes, func(w wish) bool { return w.kind != wishNeed })
	for _, w := range wishes {
		s.seen = s.seen[:0]
		for _, t := range w.terms {
			ix.walk(t, low, high, func(d uint32, share float32) {
				if share *= t.weight; share > best[d] {
					if best[d] == 0 {
						s.seen = append(s.seen, d)
					}
					best[d] = share
				}
			})
		}
		for _, d := range s.seen {
			if s.fit[d] == 0 {
				s.touched = append(s.touched, d)
			}
			s.fit[d] = 1 - (1-s.fit[d])*(1-w.kind.share(liked)*best[d])
			best[d] = 0
		}
	}
}

// walk calls found for each document in [low, high) that has the term, with the share its place in the listing gives,
// weighed by how rare the term is.
func (ix *Index) walk(t term, low, high uint32, found func(d uint32, share float32)) {
	// The rarest pair of a phrase leads.
	var lead []posting
	rest := make([][]posting, 0, 4)
	for _, stem := range t.stems {
		posts := ix.posts[stem]
		if len(posts) == 0 {
			return
		}
		if lead == nil || len(posts) < len(lead) {
			if lead != nil {
				rest = append(rest, lead)
			}
			lead = posts
		} else {
			rest = append(rest, posts)
		}
	}
	rare := rarity(len(lead), len(ix.docs))
	for _, p := range between(lead, low, high) {
		mask := p.mask
		for _, posts := range rest {
			mask &= maskOf(posts, p.doc)
		}
		if mask != 0 {
			found(p.doc, rare*shareOf(mask))
		}
	}
}

// between is the part of sorted postings whose documents are in [low, high).
func between(posts []posting, low, high uint32) []posting {
	from, _ := slices.BinarySearchFunc(posts, low, comparePosting)
	to, _ := slices.BinarySearchFunc(posts[from:], high, comparePosting)
	return posts[from : from+to]
}

func comparePosting(p posting, d uint32) int { return int(int64(p.doc) - int64(d)) }

func maskOf(posts []posting, d uint32) uint8 {
	i, ok := slices.BinarySearchFunc(posts, d, comparePosting)
	if !ok {
		return 0
	}
	return posts[i].mask
}

// shareOf is how much a match counts by where it stands: a name says what a group is, a description also what it is not.
func shareOf(mask uint8) float32 {
	switch {
	case mask&inName != 0:
		return 1
	case mask&inTopics != 0:
		return 0.85
	case mask&inText != 0:
		return 0.55
	default: // the organiser or the venue: "The Gardeners' Arms"
		return 0.25
	}
}

// rarity is 1 for a word that few listings have and falls to 0.5 for one that every listing has.
func rarity(with, all int) float32 {
	if all <= 1 {
		return 1
	}
	return float32(1 - 0.5*math.Log(float64(with))/math.Log(float64(all)))
}
