package model

import (
	"context"
	"strings"

	"handrail/meaning"
)

// Reading is what a note means: by rules, and what a model added.
type Reading struct {
	// Understood is what to search by.
	meaning.Understood
	// Rules is the reading by rules alone. Understood holds all of it.
	Rules meaning.Understood
	// Added is what came from the model, with the words of the note that say so, so that it can be shown as such and taken
	// out again in one tap.
	Added Findings
	Cost  Cost
	// Err says why a model that could have helped did not; nil where it did or was not needed. It is no reason to tell the
	// person anything.
	Err error
}

// Read understands a note: by rules, and where they are unsure and a model is configured, by what it adds to them. It
// always returns at least the reading by rules, within the timeout.
func (c *Client) Read(ctx context.Context, who, typed string) Reading {
	rules := c.vocabulary.Understand(typed)
	r := Reading{Understood: rules, Rules: rules}
	if !c.On() || !Unsure(c.vocabulary, typed) {
		return r
	}
	note, err := c.Redact(typed)
	if err != nil {
		r.Err = err
		return r
	}
	var found Findings
	if found, r.Cost, r.Err = c.Understand(ctx, who, note); r.Err == nil {
		r.Understood, r.Added = found.AddTo(c.vocabulary, rules)
	}
	return r
}

// Unsure reports whether the rules may have missed something: they found neither what the patient likes nor why they
// look, or made nothing at all of a piece of the note that has two words of substance.
func Unsure(v *meaning.Vocabulary, typed string) bool {
	if len(typed) > maxSent {
		return false // it would not be sent
	}
	if u := v.Understand(typed); len(u.Interests)+len(u.Needs) == 0 {
		return substance(typed) > 0
	}
	for _, piece := range strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune(",;.:!?()\n-/\u2013\u2014", r) }) {
		if substance(piece) >= 2 {
			if u := v.Understand(piece); u.Empty() && len(u.Not) == 0 {
				return true
			}
		}
	}
	return false
}

// substance counts the words of a piece that may carry a meaning.
func substance(piece string) int {
	n := 0
	for _, w := range words(piece) {
		if len(w) >= 4 && !idle(w) {
			n++
		}
	}
	return n
}
