package model

import (
	"strings"
	"unicode"

	"handrail/directory/postcode"
)

// maxSent is the longest text in bytes that is sent; a longer one is refused and not cut, since what was cut may matter.
const maxSent = 2000

// Redacted is a text that may leave: only Client.Redact makes one, so no use of a model can forget to (M2).
type Redacted struct {
	text string
}

// String is the text without the details.
func (r Redacted) String() string { return r.text }

// Redact takes out of a text whatever may say who somebody is. The error is ErrUnsure where that cannot be told for
// certain; the text must then be read by rules alone. It needs no configured model and makes no call.
func (c *Client) Redact(typed string) (Redacted, error) {
	shown, sure := c.vocabulary.Redact(legible(typed))
	if !sure || len(shown) > maxSent || telling(shown) {
		return Redacted{}, ErrUnsure
	}
	return Redacted{strings.TrimSpace(shown)}, nil
}

// legible drops what cannot be seen and could hide something from a reader: control and format characters (zero width,
// changes of direction, tags).
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
}

// telling is a second look that knows nothing of words: long numbers in whatever grouping or script, full postcodes,
// handles and addresses of the net. What it finds was missed before, so the text stays here.
func telling(s string) bool {
	if strings.ContainsAny(s, "@") || strings.Contains(strings.ToLower(s), "://") || strings.Contains(strings.ToLower(s), "www.") {
		return true
	}
	for _, p := range postcode.Find(s) {
		if p.Kind == postcode.Full {
			return true
		}
	}
	return longNumber(s) >= 7
}

// longNumber is the most digits in a row of a text, small gaps as in "07700 900 123" not counting.
func longNumber(s string) int {
	most, run, gap := 0, 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			run, gap = run+1, 0
			most = max(most, run)
		case gap < 2 && !unicode.IsLetter(r) && r != ',' && r != ';' && r != '[' && r != ']':
			gap++
		default:
			run = 0
		}
	}
	return most
}
