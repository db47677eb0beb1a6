package directory

import (
	"strings"

	"handrail"
)

// Ask is an error that is a question to the person: which place is meant? Every error of a Gazetteer that is for a
// person is one; errors.As finds it. handrail.IsKind and handrail.Sentence see through it: KindInvalid asks for
// something else or for one of several, KindNotFound says that it is not known.
type Ask struct {
	// Say is the question, one or two sentences for a chat.
	Say string
	// Candidates are the answers that can be offered as buttons, none or a few: "LU1 2AB", "Ashford, Kent". Each of them
	// leads LocateNear to one place. A full postcode among them is as personal as the one that was typed.
	Candidates []string

	err error
}

// Error is for the log: it names no place.
func (a *Ask) Error() string { return a.err.Error() }

// Unwrap gives the handrail.Error of the same sentence.
func (a *Ask) Unwrap() error { return a.err }

// ask makes an Ask. why is for the log.
func ask(kind handrail.Kind, say, why string, candidates ...string) error {
	return &Ask{Say: say, Candidates: candidates, err: handrail.Errorf(kind, say, "locate: %s", why)}
}

// either joins words as a question does: "a", "a or b", "a, b or c".
func either(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}
