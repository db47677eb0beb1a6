package model

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"handrail"
	"handrail/meaning"
)

// Bounds of a summary.
const (
	maxPoints   = 6
	maxMessages = 20
)

// Point is one thing that seemed to matter to a patient, in their own words.
type Point struct {
	// Theme is one of Themes.
	Theme string `json:"theme"`
	// Quote is the patient's words, with details taken out.
	Quote string `json:"quote"`
}

// Themes is the closed list of what a Point may be about. There is no grade and no risk in it (K16).
func Themes() []string {
	return []string{"enjoys", "hopes_for", "people_in_their_life", "worries_about", "gets_in_the_way", "practical"}
}

func summaryPrompt(*meaning.Vocabulary) (Prompt, error) {
	lists := struct {
		Themes []string
		Most   int
	}{Themes(), maxPoints}
	return newPrompt("summary", lists, object(property("points", listOf(object(property("quote", text()), property("theme", oneOf(Themes()...)))))))
}

// Summary picks out of a patient's own messages what seemed to matter to them, for the link worker before the first
// meeting. It quotes and never rewords, so that it can say nothing that the patient did not. The permission must be the
// patient's for PurposeModel and live now; whoever calls reads it from the records at this moment (G1), and passes only
// messages that the patient agreed to keep. It is asked after urgent help has looked at the messages, never instead.
func (c *Client) Summary(ctx context.Context, who string, permission handrail.Permission, said []Redacted) ([]Point, Cost, error) {
	if permission.Purpose != handrail.PurposeModel || !permission.Live() {
		return nil, Cost{}, ErrNoPermission
	}
	type question struct {
		Said []string `json:"said"`
	}
	type answer struct {
		Points *[]Point `json:"points"`
	}
	q := question{Said: []string{}}
	for _, s := range said[max(0, len(said)-maxMessages):] {
		q.Said = append(q.Said, s.text)
	}
	a, cost, err := ask(ctx, c, who, c.summary, q, func(a answer) error {
		switch {
		case a.Points == nil:
			return errors.New("a field is missing")
		case len(*a.Points) > maxPoints:
			return errors.New("there is too much of it")
		}
		for _, p := range *a.Points {
			if !slices.Contains(Themes(), p.Theme) {
				return errors.New("a value is not on its list")
			}
			if utf8.RuneCountInString(p.Quote) > maxQuote || !slices.ContainsFunc(q.Said, func(s string) bool { return quotes(s, p.Quote) }) {
				return errors.New("a quote is not in the text")
			}
		}
		return nil
	})
	if err != nil {
		return nil, cost, err
	}
	return *a.Points, cost, nil
}
