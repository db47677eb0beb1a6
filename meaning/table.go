package meaning

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Row is one phrase of the vocabulary.
type Row struct {
	Kind   string // "need", "interest" or "flag"
	Name   string // "bereavement"
	Phrase string // "lost his wife"; with "=" before it, it is matched to the letter
	Weight int    // 2: it means it by itself; 1: only together with another of weight 1
}

// Table is the whole vocabulary, sorted, so that a link worker can read what the house understands ("handrail vocabulary").
func (v *Vocabulary) Table() []Row {
	var out []Row
	for _, part := range v.file.parts() {
		for _, name := range sortedKeys(part.table) {
			e := part.table[name]
			for _, list := range []struct {
				phrases []string
				weight  int
			}{{e.Means, 2}, {e.Hints, 1}} {
				for _, phrase := range slices.Sorted(slices.Values(list.phrases)) {
					out = append(out, Row{part.kind, name, phrase, list.weight})
				}
			}
		}
	}
	return out
}

type part struct {
	kind, key string
	table     map[string]entry
}

func (f vocabularyFile) parts() []part {
	return []part{{"need", "needs", f.Needs}, {"interest", "interests", f.Interests}, {"flag", "flags", f.Flags}}
}

// WithTable is the vocabulary with a deployment's own table laid over it. The table has the form of the house's own:
// phrases under "means" and "hints" are added, those under "without" are taken away, "search" and "say" take the place of
// the house's.
//
//	[interests.dance]
//	means = ["cossack dancing"]
//	without = ["=tap"]
//
// Every mistake is reported at once, each with the name it stands under: a name that is not of the closed lists, a phrase
// without words, a phrase to take away that is not there. The vocabulary itself stays as it is.
func (v *Vocabulary) WithTable(r io.Reader) (*Vocabulary, error) {
	var own vocabularyFile
	d := toml.NewDecoder(io.LimitReader(r, 4<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&own); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return nil, fmt.Errorf("read own vocabulary: %s", strict.String())
		}
		return nil, fmt.Errorf("read own vocabulary: %w", err)
	}
	var wrong []error
	merged := vocabularyFile{Needs: map[string]entry{}, Interests: map[string]entry{}, Flags: map[string]entry{}}
	house, all := v.file.parts(), merged.parts()
	for i, part := range own.parts() {
		for name, e := range house[i].table {
			all[i].table[name] = e
		}
		for _, name := range sortedKeys(part.table) {
			old, known := house[i].table[name]
			if !known {
				wrong = append(wrong, fmt.Errorf("%s.%s: there is no such %s", part.key, name, part.kind))
				continue
			}
			e, mistakes := laidOver(old, part.table[name])
			for _, m := range mistakes {
				wrong = append(wrong, fmt.Errorf("%s.%s: %w", part.key, name, m))
			}
			all[i].table[name] = e
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("read own vocabulary: %w", errors.Join(wrong...))
	}
	return build(merged, v.names, v.coded, v.local)
}

// laidOver is an entry with a deployment's own over it, and what is wrong with that.
func laidOver(house, own entry) (entry, []error) {
	var wrong []error
	out := house
	out.Means, out.Hints = slices.Clone(house.Means), slices.Clone(house.Hints)
	for _, p := range own.Without {
		at, hint := slices.Index(out.Means, p), slices.Index(out.Hints, p)
		switch {
		case at >= 0:
			out.Means = slices.Delete(out.Means, at, at+1)
		case hint >= 0:
			out.Hints = slices.Delete(out.Hints, hint, hint+1)
		default:
			wrong = append(wrong, fmt.Errorf("without: there is no phrase %q", p))
		}
	}
	add := func(list *[]string, phrases []string) {
		for _, p := range phrases {
			switch words := fold(strings.TrimPrefix(p, "=")); {
			case len(words) == 0:
				wrong = append(wrong, fmt.Errorf("the phrase %q has no words", p))
			case len(words) > 12 || len(p) > 120:
				wrong = append(wrong, fmt.Errorf("the phrase that begins %q is longer than 12 words", p[:min(len(p), 30)]))
			case !slices.Contains(*list, p):
				*list = append(*list, p)
			}
		}
	}
	add(&out.Means, own.Means)
	add(&out.Hints, own.Hints)
	if own.Search != nil {
		out.Search = own.Search
	}
	if own.Say != "" {
		out.Say = own.Say
	}
	return out, wrong
}
