package urgent

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// wordsOf is the words of a message and the pairs of them that follow each other, once each, as table/8-words.txt has them.
func wordsOf(text string) (words []string) {
	l := &theTable().words
	tokens, _ := l.tokens(text)
	before := "^"
	for i := range tokens {
		if tokens[i].first {
			before = "^"
		}
		word := ""
		if typ := tokens[i].typ; typ != 0 && !l.foreign.has(typ) {
			word = l.sorted[typ-1]
			words = append(words, word)
		}
		if word != "" && before != "" {
			words = append(words, before+"_"+word)
		}
		before = word
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// number gives every word and pair that is in enough messages a number, and the messages theirs.
func number(messages []said) (names []string) {
	often := map[string]int{}
	for i := range messages {
		for _, w := range messages[i].said {
			often[w]++
		}
	}
	ids := map[string]int{}
	for w, n := range often {
		if least := 2 + strings.Count(w, "_"); n >= least {
			names = append(names, w)
		}
	}
	slices.Sort(names)
	for n, w := range names {
		ids[w] = n
	}
	for i := range messages {
		m := &messages[i]
		m.words = m.words[:0]
		for _, w := range m.said {
			if n, ok := ids[w]; ok {
				m.words = append(m.words, n)
			}
		}
	}
	return names
}

// fitDanger is logistic regression of danger on signs and words together. Words are held to nothing, and signs to a share of
// the first guess. What is a sign of danger never counts against it, nor the other way about.
func fitDanger(messages []said, words int) (signWeights, wordWeights []float64, start float64) {
	signs := len(theTable().signList)
	danger, calm, prior := make([]bool, signs), make([]bool, signs), make([]float64, signs+words)
	for n, s := range theTable().signList {
		for topic := range topics {
			guess, bound := firstGuess(s, topic)
			danger[n] = danger[n] || bound && guess > 1
			calm[n] = calm[n] || guess < 0
			prior[n] = max(prior[n], guess*believeGuess)
			if s.rule != nil {
				prior[n] = max(prior[n], guess*believeRule)
			}
		}
	}
	all := make([]float64, signs+words)
	slopes, steps := make([]float64, signs+words), make([]float64, signs+words)
	copy(all, prior)
	step := 1.0
	start = -1
	for range 250 {
		clear(slopes)
		var slope float64
		for i := range messages {
			m := &messages[i]
			z := start
			for _, n := range m.signs {
				z += all[n]
			}
			for _, n := range m.words {
				z += all[signs+n]
			}
			e := 1/(1+math.Exp(-z)) - b2f(m.topic >= 0)
			switch m.set { // listings are not what patients write; everyday messages are what they write most
			case "everyday":
				e *= 0.5
			case "learn4.tsv":
				e *= 3
			}
			slope += e
			for _, n := range m.signs {
				slopes[n] += e
			}
			for _, n := range m.words {
				slopes[signs+n] += e
			}
		}
		for n := range all {
			tamed := 1.5
			if n < signs {
				tamed = 0.5
			}
			g := slopes[n] + tamed*(all[n]-prior[n])
			steps[n] += g * g
			all[n] -= 0.2 * g / math.Sqrt(steps[n]+1)
			if n < signs && (danger[n] && all[n] < 0 || calm[n] && all[n] > 0) {
				all[n] = 0
			}
		}
		step += slope * slope
		start -= 0.3 * slope / math.Sqrt(step)
	}
	return all[:signs], all[signs:], start
}

// company is what a message's words count.
func (f *numbers) company(m *said) (z float64) {
	for _, n := range m.words {
		z += f.words[n]
	}
	return max(leastWords, min(mostWords, z))
}

// believeGuess is the share of a sign's first guess that it is held to; believeRule, where a rule is the sign.
const believeGuess, believeRule = 0.4, 0.65

// How far the words may shift the signs, either way.
const leastWords, mostWords = -4.0, 2.4

// printCompany prints what goes into table/8-words.txt.
func printCompany(t *testing.T, names []string, f *numbers) {
	by := map[int][]string{}
	for i, w := range f.words {
		if n := int(math.Round(w * perUnit)); n > 3 || n < -3 {
			by[n] = append(by[n], names[i])
		}
	}
	var counts []int
	for n := range by {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	var b strings.Builder
	fmt.Fprintf(&b, "  start 0\n  least %.0f\n  most %.0f\n", leastWords*perUnit, mostWords*perUnit)
	for _, n := range counts {
		length := 1000
		for _, w := range by[n] {
			if length+len(w) > 118 {
				if b.String()[b.Len()-1] != '\n' {
					b.WriteByte('\n')
				}
				head := fmt.Sprintf("  count %d =", n)
				b.WriteString(head)
				length = len(head)
			}
			b.WriteString(" " + w)
			length += 1 + len(w)
		}
		b.WriteByte('\n')
	}
	t.Log("company\n" + b.String())
}
