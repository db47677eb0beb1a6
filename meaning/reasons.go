package meaning

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/unicode/norm"
)

//go:embed reasons.toml
var reasonsTOML []byte

// RefusalReasons is the closed list of why a patient says no, in the order in which they are offered to choose from.
func RefusalReasons() []string {
	return []string{"not_interested", "too_unwell", "transport", "cost", "time_or_work", "caring_duties", "anxiety_or_confidence", "stigma_label",
		"prefers_medical", "bad_experience", "group_ended_or_full", "access_needs", "feels_better", "language", "other"}
}

// FeedbackThemes is the closed list of what patients say of an activity they went to.
func FeedbackThemes() []string {
	return []string{"enjoyed", "people", "welcome", "want_more", "unwelcome", "too_far", "cost", "pain_or_tired", "anxious", "noise_crowd", "not_for_me",
		"told_wrong_time", "closed"}
}

// coded finds codes of a closed list in a patient's own words.
type coded struct {
	words              *Vocabulary // only its stems and typos
	refusals, feedback *lexicon
	concepts           *lexicon
	telling, signal    telling // words' and signs' of refusals, by the numbers of the lexicon's names
	spelled            *strings.Replacer
}

// reason is a code of refusals in the table.
type reason struct {
	Means []string `toml:"means"`
	Hints []string `toml:"hints"`
}

// mustCode is newCoded. The table is part of the program, and a test reads it.
func mustCode() *coded {
	c, err := newCoded()
	if err != nil {
		panic(err)
	}
	return &c
}

func newCoded() (coded, error) {
	var f struct {
		Refusals map[string]reason `toml:"refusals"`
		Themes   map[string]entry  `toml:"themes"`
	}
	if err := toml.Unmarshal(reasonsTOML, &f); err != nil {
		return coded{}, fmt.Errorf("read reasons: %w", err)
	}
	c := coded{words: &Vocabulary{stems: map[string]string{}, stemKnown: map[string]bool{}, table: map[string]bool{}, english: commonEnglish()}}
	// "I'll" is no illness and "we'll" is not well.
	c.spelled = strings.NewReplacer("£", " pounds ", "'ll ", " will ", "’ll ", " will ")
	var err error
	refusals := make(map[string]entry, len(f.Refusals))
	for name, r := range f.Refusals {
		refusals[name] = entry{Means: r.Means, Hints: r.Hints}
	}
	if c.refusals, err = c.words.lexicon(refusals); err != nil {
		return coded{}, fmt.Errorf("read refusals: %w", err)
	}
	if c.feedback, err = c.words.lexicon(f.Themes); err != nil {
		return coded{}, fmt.Errorf("read themes: %w", err)
	}
	if c.concepts, err = newConcepts(c.words); err != nil {
		return coded{}, err
	}
	c.words.typos = newTypos(c.words.table)
	said, err := saidOf(c.refusals.names)
	if err != nil {
		return coded{}, err
	}
	c.learn(f.Refusals, said)
	return c, nil
}

// learn counts how telling words and signs are: words in the phrases of the table and in what was said, signs in what was
// said, since phrases are no sentences.
func (c *coded) learn(refusals map[string]reason, said [][]string) {
	texts := make([][]string, len(c.refusals.names))
	for i, name := range c.refusals.names {
		texts[i] = slices.Concat(refusals[name].Means, refusals[name].Hints, said[i])
	}
	c.telling = newTelling(texts, evenWords, func(text string, each func(string)) { eachTelling(c.tokens(text), each) })
	c.signal = newTelling(said, evenSigns, func(text string, each func(string)) {
		for _, sign := range c.signs(c.tokens(text)) {
			each(sign)
		}
	})
}

// tokens reads a patient's words, as bounded as a query.
func (c *coded) tokens(text string) []token {
	text = hush(text)
	if !ascii(text) {
		text = hush(norm.NFKC.String(text))
	}
	tokens := c.words.tokenise(c.spelled.Replace(text))
	return tokens[:min(len(tokens), maxWords)]
}

// Refusal codes why a patient says no: one of RefusalReasons, and whether the words leave little doubt. It is an offer
// that the patient confirms or puts right, never a decision: unsure, ask them to choose. Words that say nothing are
// "other", unsure.
func (v *Vocabulary) Refusal(text string) (reason string, sure bool) {
	reason, lead := v.coded().refusal(text, signWorth)
	return reason, lead >= refusalSure
}

const (
	// phraseWorth is what a point of a phrase counts beside what its words speak for one by one: a phrase that somebody
	// put down for a code says more.
	phraseWorth = 1.5
	// signWorth is what a sign counts beside a word: signs overlap. Both were chosen by leaving a set out at a time.
	signWorth = 0.75
	// refusalSure is by how much a code must lead. At this 137 of 140 were right in everyday words and 484 of 513 in roundabout
	// ones, each set read by what the others teach.
	refusalSure = 6
)

// refusal is the likeliest reason and by how much it leads, where a sign counts so much beside a word.
func (c *coded) refusal(text string, signWorth float64) (reason string, lead float64) {
	tokens := c.tokens(text)
	names := c.refusals.names
	scores := make([]float64, len(names))
	c.telling.score(scores, 1, func(each func(string)) { eachTelling(tokens, each) })
	c.signal.score(scores, signWorth, func(each func(string)) {
		for _, sign := range c.signs(tokens) {
			each(sign)
		}
	})
	caring, _ := slices.BinarySearch(names, "caring_duties")
	for _, m := range c.refusals.find(tokens, nil) {
		for _, s := range m.meaning {
			points, name := 1, s.name
			if !s.half {
				points = 2 + m.to - m.from
			}
			if names[name] == "too_unwell" && ofAnother(tokens, m.from) {
				name = caring
			}
			scores[name] += phraseWorth * float64(points)
		}
	}
	best, second := "other", math.Inf(-1)
	score := func(reason string) float64 {
		i, _ := slices.BinarySearch(names, reason)
		return scores[i]
	}
	for _, reason := range bySpecific() {
		switch n := score(reason); {
		case reason == best:
		case n > score(best):
			best, second = reason, max(second, score(best))
		default:
			second = max(second, n)
		}
	}
	return best, score(best) - second
}

// ofAnother reports whether what is said at i is said of a relative: "mum's just out of hospital" is somebody to look after.
func ofAnother(tokens []token, i int) bool {
	for at := i - 1; at >= 0 && at >= i-4 && tokens[at].clause == tokens[i].clause; at-- {
		switch low := tokens[at].low; {
		case low == "i" || low == "im" || low == "ive" || low == "me" || low == "my" && !relation(strings.TrimSuffix(tokens[at+1].low, "s")):
			return false
		case low == "hes" || low == "shes" || relation(low) || tokens[at].owner && relation(strings.TrimSuffix(low, "s")):
			return true
		}
	}
	return false
}

// bySpecific lists the reasons from the one whose words say most to the one whose words stand beside all others ("not for
// me, the bus is no good"): of two that are as likely, the first counts.
func bySpecific() []string {
	return []string{"other", "language", "access_needs", "caring_duties", "transport", "cost", "group_ended_or_full", "bad_experience", "prefers_medical",
		"stigma_label", "too_unwell", "anxiety_or_confidence", "time_or_work", "feels_better", "not_interested"}
}

// Themes finds what a patient says of an activity they went to: words of FeedbackThemes, in its order. None is normal.
func (v *Vocabulary) Themes(text string) []string {
	c := v.coded()
	tokens := c.tokens(text)
	found := make([]bool, len(c.feedback.names))
	for _, m := range c.feedback.find(tokens, nil) {
		if themeDenied(tokens, m) {
			continue
		}
		for _, s := range m.meaning {
			found[s.name] = true
		}
	}
	var out []string
	for _, theme := range FeedbackThemes() {
		if i, ok := slices.BinarySearch(c.feedback.names, theme); ok && found[i] {
			out = append(out, theme)
		}
	}
	return out
}

// themeDenied reports whether a "not" shortly before takes a theme back: "it wasn't too noisy".
func themeDenied(tokens []token, m match) bool {
	if nay(tokens, m.from) {
		return false // the phrase has its own
	}
	for at := m.from - 1; at >= 0 && at >= m.from-3 && tokens[at].clause == tokens[m.from].clause; at-- {
		if nay(tokens, at) {
			return true
		}
		if tokens[at].low == "but" || tokens[at].low == "and" {
			return false
		}
	}
	return false
}
