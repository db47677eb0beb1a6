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
	telling            telling // of refusals, by the numbers of the lexicon's names
	spelled            *strings.Replacer
}

// reason is a code of refusals in the table.
type reason struct {
	Means []string `toml:"means"`
	Hints []string `toml:"hints"`
	// Said are whole sentences. They are never matched; they teach how telling their words are.
	Said []string `toml:"said"`
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
	c.words.typos = newTypos(c.words.table)
	texts := make([][]string, len(c.refusals.names))
	for i, name := range c.refusals.names {
		r := f.Refusals[name]
		texts[i] = slices.Concat(r.Means, r.Hints, r.Said)
	}
	c.telling = newTelling(texts, c.tokens)
	return c, nil
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
	reason, lead := v.refusal(text)
	return reason, lead >= refusalSure
}

const (
	// phraseWorth is what a point of a phrase counts beside what its words speak for one by one: a phrase that somebody
	// put down for a code says more.
	phraseWorth = 1.5
	// refusalSure is by how much a code must lead. At this 107 of 120 were right at the first run on three
	// sets: 56 of 57 in everyday words, 30 of 34 and 21 of 29 in roundabout ones.
	refusalSure = 4
)

// refusal is the likeliest reason and by how much it leads.
func (v *Vocabulary) refusal(text string) (reason string, lead float64) {
	c := v.coded()
	tokens := c.tokens(text)
	names := c.refusals.names
	scores := c.telling.score(tokens, len(names))
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
