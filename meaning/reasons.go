package meaning

import (
	_ "embed"
	"fmt"
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
}

func newCoded() (coded, error) {
	var f struct {
		Refusals map[string]entry `toml:"refusals"`
		Themes   map[string]entry `toml:"themes"`
	}
	if err := toml.Unmarshal(reasonsTOML, &f); err != nil {
		return coded{}, fmt.Errorf("read reasons: %w", err)
	}
	c := coded{words: &Vocabulary{stems: map[string]string{}, stemKnown: map[string]bool{}, table: map[string]bool{}, english: commonEnglish()}}
	var err error
	if c.refusals, err = c.words.lexicon(f.Refusals); err != nil {
		return coded{}, fmt.Errorf("read refusals: %w", err)
	}
	if c.feedback, err = c.words.lexicon(f.Themes); err != nil {
		return coded{}, fmt.Errorf("read themes: %w", err)
	}
	c.words.typos = newTypos(c.words.table)
	return c, nil
}

// tokens reads a patient's words, as bounded as a query.
func (c coded) tokens(text string) []token {
	text = hush(text)
	if !ascii(text) {
		text = hush(norm.NFKC.String(text))
	}
	// "I'll" is no illness and "we'll" is not well.
	tokens := c.words.tokenise(strings.NewReplacer("£", " pounds ", "'ll ", " will ", "’ll ", " will ").Replace(text))
	return tokens[:min(len(tokens), maxWords)]
}

// Refusal codes why a patient says no: one of RefusalReasons, and whether the words leave little doubt. It is an offer
// that the patient confirms or puts right, never a decision: unsure, ask them to choose. Words that say nothing are
// "other", unsure.
func (v *Vocabulary) Refusal(text string) (reason string, sure bool) {
	tokens := v.coded.tokens(text)
	scores := make([]int, len(v.coded.refusals.names))
	for _, m := range v.coded.refusals.find(tokens, nil) {
		for _, s := range m.meaning {
			if s.half {
				scores[s.name]++
			} else {
				scores[s.name] += 2 + m.to - m.from
			}
		}
	}
	score := func(reason string) int {
		if i, ok := slices.BinarySearch(v.coded.refusals.names, reason); ok {
			return scores[i]
		}
		return 0
	}
	best, second := "other", 0
	for _, reason := range bySpecific() {
		switch n := score(reason); {
		case n > score(best):
			best, second = reason, max(second, score(best))
		case reason != best:
			second = max(second, n)
		}
	}
	n := score(best)
	return best, n >= 3 && n-second >= 2
}

// bySpecific lists the reasons from the one whose words say most to the one whose words stand beside all others ("not for
// me, the bus is no good"): of two that are as likely, the first counts.
func bySpecific() []string {
	return []string{"other", "language", "access_needs", "caring_duties", "transport", "cost", "group_ended_or_full", "bad_experience", "prefers_medical",
		"stigma_label", "too_unwell", "anxiety_or_confidence", "time_or_work", "feels_better", "not_interested"}
}

// Themes finds what a patient says of an activity they went to: words of FeedbackThemes, in its order. None is normal.
func (v *Vocabulary) Themes(text string) []string {
	tokens := v.coded.tokens(text)
	found := make([]bool, len(v.coded.feedback.names))
	for _, m := range v.coded.feedback.find(tokens, nil) {
		if themeDenied(tokens, m) {
			continue
		}
		for _, s := range m.meaning {
			found[s.name] = true
		}
	}
	var out []string
	for _, theme := range FeedbackThemes() {
		if i, ok := slices.BinarySearch(v.coded.feedback.names, theme); ok && found[i] {
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
