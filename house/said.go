package house

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
)

// said picks out of a question the words that may stand in the listing that is looked for, beside what the vocabulary
// made of them. It is immutable, so safe to share.
type said struct {
	glue map[string]bool     // breaks a phrase
	weak map[string]bool     // says something only within a phrase: "lunch club"
	also map[string][]string // what listings say instead
}

//go:embed said.txt
var saidWords string

func newSaid() *said {
	s := &said{glue: map[string]bool{}, weak: map[string]bool{}, also: map[string][]string{}}
	into := s.glue
	for line := range strings.Lines(saidWords) {
		switch line = strings.TrimSpace(line); {
		case line == "[glue]":
			into = s.glue
		case line == "[weak]":
			into = s.weak
		case line == "[also]":
			into = nil
		case strings.HasPrefix(line, "#"):
		case into == nil:
			if words := strings.Fields(line); len(words) > 1 {
				s.also[words[0]] = words[1:]
			}
		default:
			for w := range strings.FieldsSeq(line) {
				into[w] = true
			}
		}
	}
	return s
}

// saidMost bounds how many words and phrases of a question are looked for.
const saidMost = 24

// in lists the telling words of a text and the pairs of neighbours among them, in its order: "exercise", "stroke",
// "learning disability". What is shorter than three letters is none, and neither are figures nor the words that were
// read as something else (read): the library in Leith is no answer to whoever asks for a shed in Leith.
// trade takes what somebody did for a living as a hint.
func (s *said) in(text string, read []string, trade bool) []string {
	var out []string
	before := ""
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		w = strings.Trim(w, "'’")
		if len(w) < 3 || s.glue[w] || slices.Contains(read, w) {
			before = ""
			continue
		}
		if before != "" && (!s.weak[w] || !s.weak[before]) {
			out = append(out, before+" "+w)
		}
		if before = w; !s.weak[w] {
			out = append(out, w)
			if trade {
				out = append(out, s.also[w]...)
			}
		}
		if len(out) >= saidMost {
			return out[:saidMost]
		}
	}
	return out
}
