package meaning

import "math"

// telling knows how much each word, and each pair of neighbours, speaks for each code of a closed list. It is counted from
// the very phrases of the table and from sentences that were said, so that a sentence nobody thought of is read by the
// words it shares with those that somebody did: "the ulcer keeps me in" by the company that "ulcer" keeps.
type telling struct {
	of map[string][]float32 // the logarithm of how much likelier than by chance, by code
}

const (
	// tellingDoubt is how little a word that was met a few times is believed: as if it had been met this often, spread over
	// all codes.
	tellingDoubt = 2.0
	// evenWords and evenSigns hold a code of many phrases back: as if every code had this many more.
	evenWords = 1000
	evenSigns = 300
)

// newTelling counts the texts of each code, which are numbered from 0. Features calls back with each word or sign of a text.
func newTelling(texts [][]string, even float64, features func(text string, each func(string))) telling {
	count := map[string][]float32{}
	total := make([]float64, len(texts))
	for code, list := range texts {
		for _, text := range list {
			features(text, func(w string) {
				if count[w] == nil {
					count[w] = make([]float32, len(texts))
				}
				count[w][code]++
				total[code]++
			})
		}
	}
	share := make([]float64, len(texts))
	for _, c := range count {
		sum := 0.0
		for code, n := range c {
			share[code] = (float64(n) + tellingDoubt/float64(len(c))) / (total[code] + even)
			sum += share[code]
		}
		for code := range c {
			c[code] = float32(math.Log(share[code] / sum * float64(len(c))))
		}
	}
	return telling{count}
}

// score adds up what the words or signs of a text speak for, each once, by code.
func (t telling) score(scores []float64, weight float64, features func(each func(string))) {
	seen := map[string]bool{}
	features(func(w string) {
		if seen[w] {
			return
		}
		seen[w] = true
		for code, s := range t.of[w] {
			scores[code] += weight * float64(s)
		}
	})
}

// eachTelling gives the stems of a text and the pairs of neighbours; a single letter other than "i" says nothing.
func eachTelling(tokens []token, each func(string)) {
	before := ""
	for _, t := range tokens {
		if len(t.low) < 2 && t.low != "i" {
			continue
		}
		each(t.stem)
		if before != "" {
			each(before + " " + t.stem)
		}
		before = t.stem
	}
}
