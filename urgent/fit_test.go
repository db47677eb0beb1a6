package urgent

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var fitWeights = flag.Bool("fit", false, "fit the numbers of table/8-weights.txt to the sets of testdata and print them")

// The sets that the numbers are fitted to. Where a rule was itself written from a set, what the set says of the rule is
// half believed: each of its messages counts once with its rules and once without them.
var fitted = []struct {
	file  string
	rules bool // the rules were there before the set
}{
	{"blind1.tsv", false}, {"blind2.tsv", false}, {"blind3.tsv", false}, {"blind4.tsv", false}, {"blind5.tsv", false},
	{"blind6.tsv", false}, {"heard.tsv", false}, {"wordings.tsv", true}, {"blind7.tsv", true}, {"blind8.tsv", true},
	{"blind9.tsv", true}, {"blind10.tsv", true}, {"blind11.tsv", true}, {"blind12.tsv", true}, {"blind13.tsv", true}, {"blind14.tsv", true}, {"blind15.tsv", true}, {"learn1.tsv", true},
	{"learn2.tsv", true},
}

// topics are the weighings' kinds, in the order of the table.
var topics = []Kind{General, Medical, Abuse}

func topicOf(k Kind) int {
	if k == OtherPerson {
		k = General
	}
	return slices.Index(topics, k)
}

// said is a labelled message and its signs.
type said struct {
	topic int // of topics; -1: none
	signs []int
	said  []string // words and pairs of words
	words []int    // those that are counted, by number
	set   string
}

// firstGuess is what a sign counts for a topic where no message says otherwise, and whether it may only count so.
func firstGuess(s *sign, topic int) (guess float64, bound bool) {
	if s.rule != nil {
		if topicOf(s.rule.Kind) == topic || topic == 2 && strings.HasPrefix(s.name, "somebody-hurt") {
			return 6, true
		}
		return 0, false
	}
	own := map[string]int{"1-life": 0, "5-life-phrases": 0, "2-body": 1, "6-body-phrases": 1, "3-home": 2, "7-home-phrases": 2}
	part := strings.TrimSuffix(strings.TrimPrefix(s.file, "8-signs-"), ".txt")
	switch {
	case part == "4-everyday":
		return -0.7, true
	case part == "8-plainly":
		if map[string]int{"plain-end": 0, "plain-hint": 0, "plain-sick": 1, "plain-harm": 2}[s.name] == topic {
			return 7, true
		}
		return 0, false
	case own[part] != topic:
		return 0, false
	case strings.HasSuffix(part, "phrases"):
		return 5, true
	}
	if slices.Contains([]string{"i", "they", "tells", "limb", "young", "vital", "when", "cannot", "sudden", "medicine", "wish", "living"}, s.name) {
		return 0.4, true
	}
	return 1, true
}

// fit is logistic regression of the signs towards the first guesses, beside what the words say: one topic against none; other
// topics' messages hardly count.
func (f *fitted3) fit(messages []said, topic int) (weights []float64, bias float64) {
	signs := theTable().signList
	guess, bound := make([]float64, len(signs)), make([]bool, len(signs))
	for i, s := range signs {
		guess[i], bound[i] = firstGuess(s, topic)
	}
	beside := make([]float64, len(messages))
	for i := range messages {
		beside[i] = f.company(&messages[i])
	}
	weights, bias = slices.Clone(guess), -3
	slopes, steps := make([]float64, len(signs)), make([]float64, len(signs))
	step := 1.0
	for range 300 {
		clear(slopes)
		var slope float64
		for n := range messages {
			m := &messages[n]
			z := bias + beside[n]
			for _, i := range m.signs {
				z += weights[i]
			}
			e := 1 / (1 + math.Exp(-z))
			switch {
			case m.topic == topic:
				e--
			case m.topic >= 0:
				e *= 0.15
			case m.set == "everyday":
				e *= 0.5
			}
			slope += e
			for _, i := range m.signs {
				slopes[i] += e
			}
		}
		for i := range weights {
			g := slopes[i] + tamedSigns*(weights[i]-guess[i])
			steps[i] += g * g
			w := weights[i] - 0.2*g/math.Sqrt(steps[i]+1)
			switch {
			case guess[i] < 0:
				w = min(w, 0)
			case bound[i]:
				w = max(w, 0)
			}
			weights[i] = max(w, -1.2*b2f(guess[i] >= 0)-20*b2f(guess[i] < 0))
		}
		step += slope * slope
		bias -= 0.3 * slope / math.Sqrt(step)
	}
	return weights, bias
}

// tamedSigns is how strongly a sign is held to its first guess.
const tamedSigns = 0.3

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// signsOf is the signs of a whole message.
func signsOf(text string) (signs []int) {
	t := theTable()
	s := &scanner{t: t}
	tokens, _ := t.words.tokens(text)
	types := make([]uint16, len(tokens))
	for i := range tokens {
		types[i] = tokens[i].typ
	}
	var all signSet
	for _, p := range t.divide(tokens, types) {
		var at [maxSigns]span
		_, own := s.signs(p, &at)
		all = all.or(&own)
	}
	all.each(func(n int) { signs = append(signs, n) })
	return signs
}

// labelled reads the sets to fit to. What no label says of the kind is as Scan has it.
func labelled(t *testing.T) (messages []said) {
	t.Helper()
	for _, set := range fitted {
		data, err := os.ReadFile("testdata/" + set.file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			label, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok || line[0] == '#' {
				continue
			}
			label, _, _ = strings.Cut(label, "/")
			kind := Kind(label)
			if label == "crisis" {
				if f, ok := Scan(text); ok {
					kind = f.Kind
				} else {
					kind = General
				}
			}
			m := said{topic: topicOf(kind), signs: signsOf(text), said: wordsOf(text), set: set.file}
			messages = append(messages, m)
			if !set.rules {
				m.signs = slices.DeleteFunc(slices.Clone(m.signs), func(i int) bool { return theTable().signList[i].rule != nil })
				messages = append(messages, m)
			}
		}
	}
	return messages
}

// everyday is real sentences that are no danger: reasons why patients say no, what staff look for, and listings. They are
// not ours to keep here, and where they are not at hand, nothing.
func everyday(t *testing.T) (messages []said) {
	t.Helper()
	for _, text := range everydayTexts(t) {
		messages = append(messages, said{topic: -1, signs: signsOf(text), said: wordsOf(text), set: "everyday"})
	}
	return messages
}

func everydayTexts(t *testing.T) (texts []string) {
	t.Helper()
	none := func(text string) {
		if text = strings.TrimSpace(text); len(text) > 3 {
			texts = append(texts, text)
		}
	}
	refusals, _ := os.ReadFile("../../shared/evaluation/refusals.dev.tsv")
	for line := range strings.Lines(string(refusals)) {
		_, text, _ := strings.Cut(line, "\t")
		none(text)
	}
	queries, _ := os.ReadFile("../../shared/evaluation/queries.dev.jsonl")
	for line := range strings.Lines(string(queries)) {
		var q struct{ Text string }
		if json.Unmarshal([]byte(line), &q) == nil {
			none(q.Text)
		}
	}
	for n, text := range listings(t) {
		if n%14 == 0 {
			none(text)
		}
	}
	return texts
}

// listings is every sentence of the directories of groups and classes that are at hand, once each.
func listings(t *testing.T) (sentences []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, pattern := range []string{"edinburgh-council/*.csv", "harrow-charities/*.csv", "open-referral-uk/*/*.csv", "uk-libraries/*.csv"} {
		files, _ := filepath.Glob("../../shared/data/" + pattern)
		for _, name := range files {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			in := csv.NewReader(f)
			in.FieldsPerRecord, in.LazyQuotes = -1, true
			for {
				row, err := in.Read()
				if errors.Is(err, io.EOF) {
					break
				}
				for _, cell := range row {
					for one := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(".!?\n", r) }) {
						if one = strings.TrimSpace(one); len(one) > 20 && len(one) < 300 && strings.Contains(one, " ") && !seen[one] {
							seen[one] = true
							sentences = append(sentences, one)
						}
					}
				}
			}
			f.Close()
		}
	}
	return sentences
}

// Everyday words around activities do not alarm. What does is nearly all of services for people in danger, who are named in
// it as such.
func TestListings_AreNoDanger_K2(t *testing.T) {
	all := listings(t)
	if len(all) < 1000 {
		t.Skip("the directories are not here")
	}
	var found []string
	for _, text := range all {
		if f, ok := Scan(text); ok {
			found = append(found, f.Category+": "+text)
		}
	}
	t.Logf("%d of %d sentences", len(found), len(all))
	if len(found)*100 > len(all) {
		t.Errorf("more than one in a hundred:\n%s", strings.Join(found, "\n"))
	}
}

// TestWeights_LeaveOneSetOut_K1_K2 fits the numbers without a set and measures them on it: what they do for messages that
// they were not fitted to. (The signs' words had been widened after these sets had been run once, so this flatters;
// testdata/README.md has the first runs.)
func TestWeights_LeaveOneSetOut_K1_K2(t *testing.T) {
	if testing.Short() && !*fitWeights {
		t.Skip("fitting takes seconds; -short")
	}
	all := append(labelled(t), everyday(t)...)
	names := number(all)
	if *fitWeights {
		f := fitAll(all, len(names))
		printWeights(t, f)
		printCompany(t, names, f)
		return
	}
	const set = "blind15.tsv"
	rest := slices.DeleteFunc(slices.Clone(all), func(m said) bool { return m.set == set })
	f := fitAll(rest, len(names))
	var crisis, found, none, alarms float64
	for i := range all {
		if m := &all[i]; m.set == set {
			danger := f.over(m) > threshold
			if m.topic >= 0 {
				crisis++
				found += b2f(danger)
			} else {
				none++
				alarms += b2f(danger)
			}
		}
	}
	t.Logf("%s: recall %.3f, false alarms %.3f, by weighing alone", set, found/crisis, alarms/none)
	if found/crisis < 0.85 || alarms/none > 0.06 {
		t.Errorf("%s: recall %.3f, false alarms %.3f", set, found/crisis, alarms/none)
	}
}

// fitted3 is the numbers of every topic, and of the words.
type fitted3 struct {
	signs [3][]float64
	bias  [3]float64
	words []float64
}

// over is the greatest sum of a message.
func (f *fitted3) over(m *said) float64 {
	most := math.Inf(-1)
	for topic := range topics {
		z := f.bias[topic]
		for _, i := range m.signs {
			z += f.signs[topic][i]
		}
		most = max(most, z)
	}
	return most + f.company(m)
}

// threshold is the sum, as the fit has it, from which on there is danger; perUnit is what a unit of the fit is in the table.
const threshold, perUnit = -0.3, 25

// fitAll fits the words, and then every topic.
func fitAll(messages []said, words int) *fitted3 {
	f := &fitted3{words: fitCompany(messages, words)}
	for topic := range topics {
		f.signs[topic], f.bias[topic] = f.fit(messages, topic)
	}
	return f
}

// printWeights prints what goes below each "at 100" of table/8-weights.txt.
func printWeights(t *testing.T, f *fitted3) {
	for topic := range topics {
		type count struct {
			name string
			n    int
		}
		var counts []count
		for i, w := range f.signs[topic] {
			if n := int(math.Round(w * perUnit)); n > 2 || n < -2 {
				counts = append(counts, count{theTable().signList[i].name, n})
			}
		}
		slices.SortStableFunc(counts, func(a, b count) int { return cmp.Compare(b.n, a.n) })
		var b strings.Builder
		fmt.Fprintf(&b, "  start %.0f", 100+(f.bias[topic]-threshold)*perUnit)
		length := 1000
		for _, c := range counts {
			one := fmt.Sprintf("%s %d", c.name, c.n)
			if length+len(one) > 100 {
				b.WriteString("\n  counts ")
				length = 9
			} else {
				b.WriteString(", ")
			}
			b.WriteString(one)
			length += len(one) + 2
		}
		t.Logf("weigh %s\n%s", topics[topic], b.String())
	}
}
