package directory

import (
	"math"
	"slices"
	"strings"
)

// wish is one thing asked for and the words that may stand for it.
type wish struct {
	name  string // as it is told in Why
	kind  wishKind
	terms []term
}

type wishKind uint8

const (
	wishWord wishKind = iota
	wishInterest
	wishNeed
	wishSaid
)

// share is how much of a fit one wish of a kind can make. Where it is said what somebody likes, that leads, and why the
// GP looks only helps to choose among it: a widower who likes gardening is looking for a garden.
func (k wishKind) share(liked bool) float32 {
	switch {
	case k == wishWord:
		return 0.80
	case k != wishNeed:
		return 0.70
	case liked:
		return 0.30
	}
	return 0.55
}

// term is one way of saying a wish: a word, or words that must stand one after the other.
type term struct {
	stems  [2][]uint32 // on each shelf; empty where no listing there has them all
	weight float32     // how good a way of saying it, and how rare
	said   bool        // it was typed, and not made of what was typed
}

// wishes reads what a query asks for into stems. A wish of which nothing remains ("group") is left out.
func (ix *Index) wishes(q *Query) []wish {
	var out []wish
	add := func(name string, kind wishKind, words []string) {
		w := wish{name: name, kind: kind, terms: make([]term, 0, len(words))}
		asks := false
		for i, word := range words {
			read := said(word)
			if len(read) == 0 || len(read) == 1 && generic(read[0]) {
				continue
			}
			asks = true
			weight := float32(1)
			if i >= 8 {
				weight = 0.8 // the best words come first
			}
			if t, ok := ix.term(read, weight); ok && !slices.ContainsFunc(w.terms, t.same) {
				t.said = kind == wishSaid
				w.terms = append(w.terms, t)
			}
		}
		if asks {
			out = append(out, w)
		}
	}
	if !q.AllWords {
		for _, w := range q.Words {
			add(w, wishWord, []string{w})
		}
	}
	for _, w := range q.Said {
		add(w, wishSaid, []string{w})
	}
	for _, name := range q.Interests {
		add(q.label(name), wishInterest, q.named(name))
	}
	for _, name := range q.Needs {
		add(q.label(name), wishNeed, q.named(name))
	}
	return out
}

// label is how an interest or a need is told.
func (q *Query) label(name string) string {
	if l := q.Labels[name]; l != "" {
		return l
	}
	return strings.ReplaceAll(name, "_", " ")
}

// named are the words that stand for the name of an interest or a need.
func (q *Query) named(name string) []string {
	if words := q.Synonyms[name]; len(words) > 0 {
		return words
	}
	// "arts_crafts" without synonyms: either word will do.
	return strings.Split(name, "_")
}

func (t term) same(other term) bool {
	return slices.Equal(t.stems[0], other.stems[0]) && slices.Equal(t.stems[1], other.stems[1])
}

// term looks up words that must stand one after the other. It is false when no listing has them all.
func (ix *Index) term(words []string, weight float32) (term, bool) {
	var t term
	uses := math.MaxInt
	for n, s := range ix.shelves() {
		if len(s.docs) == 0 {
			continue
		}
		stems := make([]uint32, len(words))
		for i, w := range words {
			stems[i] = s.number(w, ix.stems)
		}
		t.stems[n] = stems
	}
	for i := range words {
		var stem [2]uint32
		for n := range t.stems {
			if t.stems[n] != nil {
				stem[n] = t.stems[n][i]
			}
		}
		uses = min(uses, ix.uses(stem))
	}
	if uses <= 0 {
		return term{}, false
	}
	for n := range t.stems {
		if slices.Contains(t.stems[n], 0) {
			t.stems[n] = nil
		}
	}
	t.weight = weight * rarity(uses, ix.live)
	return t, true
}

// match fills s.fit with how well each document of a shelf answers the wishes, and s.touched with the documents it
// filled. The wishes add up like chances: two good answers are better than one and never more than 1.
func (ix *Index) match(s *scratch, shelf int, wishes []wish) {
	docs := len(ix.shelves()[shelf].docs)
	if len(s.best) < docs {
		s.best, s.fit = make([]float32, docs), make([]float32, docs)
	}
	liked := slices.ContainsFunc(wishes, func(w wish) bool { return w.kind == wishWord || w.kind == wishInterest })
	for i := range wishes {
		w := &wishes[i]
		s.seen = s.seen[:0]
		for j := range w.terms {
			ix.walk(s, shelf, &w.terms[j])
		}
		share := w.kind.share(liked)
		for _, d := range s.seen {
			if s.fit[d] == 0 {
				s.touched = append(s.touched, d)
			}
			s.fit[d] = chance(s.fit[d], share*s.best[d])
			s.best[d] = 0
		}
	}
}

// chance is the chance of one or the other.
func chance(a, b float32) float32 { return 1 - (1-a)*(1-b) }

// walk notes in s.best, for each document of the runs that has the term, the best that a term has answered so far.
func (ix *Index) walk(s *scratch, shelf int, t *term) {
	sh := ix.shelves()[shelf]
	stems := t.stems[shelf]
	if len(stems) == 0 {
		return
	}
	posts := sh.rarest(stems)
	for _, r := range s.runs {
		posts = posts[from(posts, r.from):]
		i := 0
		for ; i < len(posts) && posts[i].doc() < r.to; i++ {
			d, mask := posts[i].doc(), posts[i].mask()
			if len(stems) > 1 {
				if mask = sh.mask(d, stems); mask == 0 {
					continue
				}
			}
			if share := t.weight * t.shareOf(mask); share > s.best[d] {
				if s.best[d] == 0 {
					s.seen = append(s.seen, d)
				}
				s.best[d] = share
			}
		}
		posts = posts[i:]
	}
}

// rarest are the documents of that one of some stems which the fewest have.
func (s *shelf) rarest(stems []uint32) []posting {
	lead := s.with(stems[0])
	for _, n := range stems[1:] {
		if posts := s.with(n); len(posts) < len(lead) {
			lead = posts
		}
	}
	return lead
}

// demands are words of which every one must match: Query.AllWords.
type demands []term

// demands reads the words of a query that must all match; ok is false when no listing has one of them.
func (ix *Index) demands(q *Query) (all demands, ok bool) {
	if !q.AllWords {
		return nil, true
	}
	for _, text := range q.Words {
		for _, w := range said(text) {
			t, ok := ix.term([]string{w}, 1)
			if !ok {
				return nil, false
			}
			if !slices.ContainsFunc(all, t.same) {
				all = append(all, t)
			}
		}
	}
	return all, true
}

// matchAll calls found for each document of the runs that has all that is demanded, with how well it answers that and
// the wishes. ok says beforehand whether a document is worth asking.
func (ix *Index) matchAll(s *scratch, shelf int, all demands, wishes []wish, ok func(d uint32) bool, found func(d uint32, fit float32)) {
	sh := ix.shelves()[shelf]
	stems := make([]uint32, len(all))
	lists := make([][]posting, len(all))
	lead := 0
	for i, t := range all {
		if len(t.stems[shelf]) == 0 {
			return
		}
		stems[i] = t.stems[shelf][0]
		lists[i] = sh.with(stems[i])
		if len(lists[i]) < len(lists[lead]) {
			lead = i
		}
	}
	posts := lists[lead]
	for _, r := range s.runs {
		posts = posts[from(posts, r.from):]
		i := 0
	next:
		for ; i < len(posts) && posts[i].doc() < r.to; i++ {
			d := posts[i].doc()
			if !ok(d) {
				continue
			}
			fit := float32(0)
			for j, t := range all {
				mask := posts[i].mask()
				if j != lead {
					lists[j] = lists[j][from(lists[j], d):]
					if len(lists[j]) == 0 || lists[j][0].doc() != d {
						continue next
					}
					mask = lists[j][0].mask()
				}
				fit = chance(fit, wishWord.share(true)*t.weight*shareOf(mask))
			}
			for j := range wishes {
				fit = chance(fit, wishes[j].kind.share(true)*ix.answers(&wishes[j], shelf, d))
			}
			found(d, fit)
		}
		posts = posts[i:]
	}
}

// answers is how well one document answers a wish, 0 when it doesn't.
func (ix *Index) answers(w *wish, shelf int, d uint32) float32 {
	best := float32(0)
	for i := range w.terms {
		t := &w.terms[i]
		if len(t.stems[shelf]) == 0 || t.weight <= best {
			continue
		}
		if mask := ix.shelves()[shelf].mask(d, t.stems[shelf]); mask != 0 {
			best = max(best, t.weight*shareOf(mask))
		}
	}
	return best
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

// shareOf is shareOf for a term: a word that somebody typed says much wherever a description uses it, while a synonym of an
// interest may stand there by chance.
func (t *term) shareOf(mask uint8) float32 {
	if t.said && mask&(inName|inTopics) == 0 && mask&inText != 0 {
		return 0.75
	}
	return shareOf(mask)
}

// rarity is 1 for a word that few listings have and falls to 0.5 for one that every listing has.
func rarity(with, all int) float32 {
	if all <= 1 {
		return 1
	}
	return float32(1 - 0.5*math.Log(float64(with))/math.Log(float64(all)))
}
