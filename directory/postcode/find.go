package postcode

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Found is a postcode inside a longer text.
type Found struct {
	Code
	Start, End int // byte offsets into the text
}

// token is a run of letters and digits in the text.
type token struct {
	text       string
	start, end int
}

// Find returns every full postcode, outcode, forces number and ZZ99 code in a text, in order; several are all reported,
// so that the caller can ask which is meant. It never returns a sector ("LU1 2" may be an outcode and "2 miles"), and it
// mends slips in full postcodes only: in running text "to" and "so" are words. What looks like an outcode with a slash
// at either side ("L4/L5", a part of the spine) is left out.
//
// An outcode may be something else in a clinic: M61 is a man of 61. Find cannot know; the caller decides.
func Find(text string) []Found {
	tokens := split(text)
	var out []Found
	for i := 0; i < len(tokens); {
		if f, n := findAt(text, tokens[i:]); n > 0 {
			out = append(out, f)
			i += n
			continue
		}
		i++
	}
	return out
}

// findAt tries the longest reading first and returns how many tokens it took.
func findAt(text string, t []token) (Found, int) {
	first := t[0]
	if strings.EqualFold(first.text, "BFPO") {
		if len(t) > 1 && near(text, first, t[1]) && len(t[1].text) <= 4 && digits(t[1].text) {
			return Found{Code{Text: "BFPO " + t[1].text, Kind: Forces}, first.start, t[1].end}, 2
		}
		return Found{Code{Text: "BFPO", Kind: Forces}, first.start, first.end}, 1
	}
	// "LU 1 2AB", "LU1 2AB", "LU12AB": three, two or one token that make a full postcode together.
	for n := min(3, len(t)); n >= 1; n-- {
		joined, ok := join(text, t[:n])
		if !ok {
			continue
		}
		c, err := Parse(joined)
		if err != nil || (c.Kind == Outcode || c.Kind == Sector) {
			continue
		}
		if n == 3 && !(letters(t[0].text) && len(t[1].text) <= 2) {
			continue // "in SE1 7PB" is not one code of three tokens
		}
		if c.Kind == Full && !strings.ContainsAny(joined, "0123456789") {
			continue // no digit at all: "so lol" is not SO1 0...
		}
		if c.Corrected && n > 1 && !plausible(t[:n]) {
			continue
		}
		return Found{c, first.start, t[n-1].end}, n
	}
	if slashed(text, first) {
		return Found{}, 0
	}
	c, err := Parse(first.text)
	if err != nil || c.Corrected || c.Kind == Sector || c.Kind == Unknown {
		return Found{}, 0
	}
	return Found{c, first.start, first.end}, 1
}

// plausible guards the mending of slips across a space: both halves must hold a digit, or a letter that stands for one
// where a digit has to be, so that ordinary words are left alone.
func plausible(t []token) bool {
	last := t[len(t)-1].text
	return len(last) == 3 && strings.ContainsAny(last[:1], "0123456789OoIi") &&
		(strings.ContainsAny(t[0].text, "0123456789") || strings.ContainsAny(last, "0123456789"))
}

func split(text string) []token {
	var out []token
	start := -1
	for i, r := range text {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			out = append(out, token{text[start:i], start, i})
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, token{text[start:], start, len(text)})
	}
	return out
}

// near reports whether only a little white space (or a hyphen, as in "LS9-7TF") lies between two tokens.
func near(text string, a, b token) bool {
	gap := text[a.end:b.start]
	if len(gap) > 4 {
		return false
	}
	for _, r := range gap {
		if !unicode.IsSpace(r) && r != '-' && r != '\u00a0' {
			return false
		}
	}
	return !strings.ContainsAny(gap, "\n\r")
}

func join(text string, t []token) (string, bool) {
	n := 0
	for i := range t {
		if i > 0 && !near(text, t[i-1], t[i]) {
			return "", false
		}
		n += len(t[i].text)
	}
	if n < 5 || n > 8 {
		return "", false
	}
	return text[t[0].start:t[len(t)-1].end], true
}

func letters(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func slashed(text string, t token) bool {
	return (t.start > 0 && text[t.start-1] == '/') || (t.end < len(text) && text[t.end] == '/')
}
