package meaning

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed concepts.toml
var conceptsTOML []byte

//go:embed said.tsv
var saidTSV []byte

// newConcepts reads the table of what words are about. Its words are known from then on.
func newConcepts(words *Vocabulary) (*lexicon, error) {
	var f struct {
		Concepts map[string]entry `toml:"concepts"`
	}
	if err := toml.Unmarshal(conceptsTOML, &f); err != nil {
		return nil, fmt.Errorf("read concepts: %w", err)
	}
	l, err := words.lexicon(f.Concepts)
	if err != nil {
		return nil, fmt.Errorf("read concepts: %w", err)
	}
	return l, nil
}

// saidOf reads the sentences that were said, by the number of their reason among names.
func saidOf(names []string) ([][]string, error) {
	out := make([][]string, len(names))
	for n, line := range strings.Split(strings.TrimSpace(string(saidTSV)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		reason, text, ok := strings.Cut(line, "\t")
		i := slices.Index(names, reason)
		if !ok || i < 0 {
			return nil, fmt.Errorf("read what was said: line %d: %q is no reason", n+1, reason)
		}
		out[i] = append(out[i], text)
	}
	return out, nil
}

// subject is whom a text begins to speak of.
func subject(first token) string {
	switch low := first.low; {
	case low == "he" || low == "she" || low == "hes" || low == "shes" || low == "her" || low == "his" || relation(low):
		return "another"
	case strings.HasPrefix(low, "they"):
		return "them"
	case len(low) < 4 && strings.HasPrefix(low, "i") || low == "my" || low == "me":
		return "me"
	}
	return ""
}

// past reports whether a text tells what was.
func past(tokens []token) bool {
	return slices.ContainsFunc(tokens, func(t token) bool {
		switch t.low {
		case "was", "were", "did", "went", "had", "got":
			return true
		}
		return len(t.low) > 4 && strings.HasSuffix(t.low, "ed")
	})
}

// signs are what tells the reason of a text besides its words: which concepts it has, which of them it denies or says of
// somebody else, and in what kind of sentence; each once.
func (c *coded) signs(tokens []token) []string {
	if len(tokens) == 0 {
		return nil
	}
	var out []string
	add := func(sign string) {
		if !slices.Contains(out, sign) {
			out = append(out, sign)
		}
	}
	tense, whose := " now", subject(tokens[0])
	if past(tokens) {
		tense = " then"
	}
	strange := 0
	for i, t := range tokens {
		if i == 0 || tokens[i-1].sentence != t.sentence {
			add("begins " + t.low)
		}
		if !t.digits() && !c.words.english.has(t.low) && !c.words.table[t.low] {
			strange++
		}
		for _, p := range c.concepts.byFirst[t.stem] {
			if _, ok := p.at(tokens, i); !ok {
				continue
			}
			for _, s := range p.meaning {
				c.conceptSigns(tokens, i, c.concepts.names[s.name], whose, tense, add)
			}
		}
	}
	add("tense" + tense)
	add("of " + whose)
	if len(tokens) < 4 {
		add("short")
	}
	if len(tokens) > 2 && 2*strange > len(tokens) {
		add("strange") // hardly a word of English
	}
	return out
}

// conceptSigns are the signs of a concept that stands at i.
func (c *coded) conceptSigns(tokens []token, i int, name, whose, tense string, add func(string)) {
	add(name)
	add(name + " of " + whose)
	add(name + tense)
	if nay(tokens, i) {
		add(name + " denying")
	}
	for at := i - 1; at >= 0 && at >= i-3 && tokens[at].clause == tokens[i].clause; at-- {
		if nay(tokens, at) {
			add("no " + name)
			break
		}
	}
	if ofAnother(tokens, i) {
		add(name + " of a relative")
	}
}
