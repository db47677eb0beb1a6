package urgent

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// heardIn is a labelled message, as the words around its signs are fitted to it.
type heardIn struct {
	danger bool
	set    string
	signs  float64  // what its signs count, in hundreds; a rule that alerts by itself counts too
	words  []uint16 // once each
}

// hear reads a message for the fit.
func hear(text string, danger bool, set string) heardIn {
	t := theTable()
	s := &scanner{t: t, least: 4, first: true}
	tokens, _ := t.words.tokens(text)
	types := make([]uint16, len(tokens))
	for i := range tokens {
		types[i] = tokens[i].typ
	}
	pieces := t.divide(tokens, types)
	for _, p := range pieces {
		s.sentence(p.tokens, p.types, p.before, p.after)
	}
	most := math.MinInt32
	var last signSet
	for _, p := range pieces {
		var at [maxSigns]span
		_, own := s.signs(p, &at)
		both := own.or(&last)
		last = own
		for _, w := range t.weighings {
			most = max(most, w.sum(&own), w.sum(&both))
		}
	}
	if len(s.found) > 0 {
		most = max(most, 100) + 60
	}
	types = slices.DeleteFunc(types, func(typ uint16) bool { return typ == 0 })
	slices.Sort(types)
	return heardIn{danger, set, max(-0.5, min(float64(most)/100, 3)), slices.Compact(types)}
}

// company is every labelled message and everyday sentence.
func hearAll(t *testing.T) (all []heardIn) {
	t.Helper()
	for _, set := range fitted {
		data, err := os.ReadFile("testdata/" + set.file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if label, text, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && line[0] != '#' {
				all = append(all, hear(text, !strings.HasPrefix(label, "none"), set.file))
			}
		}
	}
	for _, text := range everydayTexts(t) {
		all = append(all, hear(text, false, "everyday"))
	}
	return all
}

// How much the words may count beside the signs. The signs were widened on these very sets and so count more on them than on
// unseen messages; believing them a little less leaves the words something to say.
const (
	believeSigns = 0.75
	wordsCount   = 27
	tamed        = 1.0 // how strongly a word is held to nothing
	oftenEnough  = 3   // messages that a word is in
)

// fitCompany is logistic regression of what the words say where the signs have spoken.
func fitCompany(all []heardIn) (weights []float64, start float64) {
	n := theTable().words.types
	often := make([]int, n)
	for _, m := range all {
		for _, typ := range m.words {
			often[typ]++
		}
	}
	weights = make([]float64, n)
	slopes, steps := make([]float64, n), make([]float64, n)
	start, step := -1, 1.0
	for range 300 {
		clear(slopes)
		var slope float64
		for _, m := range all {
			z := start + believeSigns*m.signs
			for _, typ := range m.words {
				z += weights[typ]
			}
			e := 1/(1+math.Exp(-z)) - b2f(m.danger)
			slope += e
			for _, typ := range m.words {
				slopes[typ] += e
			}
		}
		for i := range weights {
			if often[i] < oftenEnough || theTable().words.foreign.has(uint16(i)) {
				continue
			}
			g := slopes[i] + tamed*weights[i]
			steps[i] += g * g
			weights[i] -= 0.2 * g / math.Sqrt(steps[i]+1)
		}
		step += slope * slope
		start -= 0.3 * slope / math.Sqrt(step)
	}
	return weights, start
}

// printCompany prints what goes into table/8-words.txt.
func printCompany(t *testing.T) {
	weights, start := fitCompany(hearAll(t))
	by := map[int][]string{}
	for i, w := range weights {
		if n := 5 * int(math.Round(w*wordsCount/5)); n != 0 {
			by[n] = append(by[n], theTable().words.sorted[i-1])
		}
	}
	var counts []int
	for n := range by {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	var b strings.Builder
	fmt.Fprintf(&b, "  start %d\n", int(math.Round(start*wordsCount)))
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
	t.Log("\n" + b.String())
}
