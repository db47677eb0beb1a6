package urgent

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// line is one pattern of the table: a find of a rule, or one piece of a sign.
type line struct {
	of, written string
	pattern     *pattern
}

// everyLine is every pattern of the table.
func everyLine() (lines []line) {
	t := theTable()
	for _, r := range t.rules {
		for i, p := range r.pats {
			lines = append(lines, line{r.Category, r.Patterns[i].Find, p})
		}
	}
	for _, s := range t.signList {
		for i, written := range s.written {
			lines = append(lines, line{s.name, written, s.pats[i]})
		}
	}
	return lines
}

// stands says whether the pattern itself stands in a text.
func (l line) stands(text string) bool {
	t := theTable()
	tokens, _ := t.words.tokens(text)
	types := make([]uint16, len(tokens))
	for i := range tokens {
		types[i] = tokens[i].typ
	}
	for _, p := range t.divide(tokens, types) {
		s := &sentence{types: p.types, neg: t.neg.single, before: p.before, after: p.after}
		for i, typ := range p.types {
			if l.pattern.anchor.has(typ) {
				if at, ok := s.pattern(l.pattern, i); ok && !s.unless(l.pattern, at) {
					return true
				}
			}
		}
	}
	return false
}

// TestTable_EveryLineHasAnExample: no line of the table is there without a message that it finds, so a line that can find
// nothing, or that is added without saying what for, fails. Examples come from the sets where one has it; the rest are the
// line's own words.
func TestTable_EveryLineHasAnExample(t *testing.T) {
	const file = "testdata/examples.tsv"
	data, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	have := map[[2]string]string{}
	for row := range strings.Lines(string(data)) {
		if of, rest, ok := strings.Cut(strings.TrimSuffix(row, "\n"), "\t"); ok {
			written, text, _ := strings.Cut(rest, "\t")
			have[[2]string{of, written}] = text
		}
	}
	var out strings.Builder
	var corpus []string
	for _, l := range everyLine() {
		key := [2]string{l.of, l.written}
		text, ok := have[key]
		delete(have, key)
		if ok && l.stands(text) {
			out.WriteString(l.of + "\t" + l.written + "\t" + text + "\n")
			continue
		}
		if !*update {
			t.Errorf("%s: %q has no example that it finds (%q)", l.of, l.written, text)
			continue
		}
		if corpus == nil {
			corpus = everyMessage(t)
		}
		if i := slices.IndexFunc(corpus, l.stands); i >= 0 {
			text = corpus[i]
		} else if text = l.ownWords(); text == "" {
			t.Errorf("%s: %q finds nothing", l.of, l.written)
			continue
		}
		out.WriteString(l.of + "\t" + l.written + "\t" + text + "\n")
	}
	for key := range have {
		if !*update {
			t.Errorf("%s: the table has no %q any more", key[0], key[1])
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// everyMessage is the messages of all sets of testdata, the shortest first.
func everyMessage(t *testing.T) (texts []string) {
	t.Helper()
	names, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasSuffix(name.Name(), ".tsv") || name.Name() == "examples.tsv" {
			continue
		}
		data, err := os.ReadFile("testdata/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		for row := range strings.Lines(string(data)) {
			if _, text, ok := strings.Cut(strings.TrimSpace(row), "\t"); ok && row[0] != '#' {
				texts = append(texts, text)
			}
		}
	}
	for _, row := range Table() {
		texts = append(append(texts, row.Yes...), row.No...)
	}
	slices.SortStableFunc(texts, func(a, b string) int { return len(a) - len(b) })
	return texts
}

// ownWords puts a message together from the words of the line, or returns "".
func (l line) ownWords() string {
	for turn := range 400 {
		var words []string
		for i, phrase := range strings.Split(l.written, " & ") {
			if i > 0 {
				words = append(words, "and")
			}
			for n, e := range strings.Fields(phrase) {
				if w := wordOf(e, turn/(1+n)+n*turn); w != "" {
					words = append(words, w)
				}
			}
		}
		if text := strings.Join(words, " "); l.stands(text) {
			return text
		}
	}
	return ""
}

// wordOf is one of the words of an element.
func wordOf(e string, turn int) string {
	if e[0] == '!' || e[0] == '*' || e == "^" || e == "$" {
		return ""
	}
	e, maybe := strings.CutSuffix(e, "?")
	if maybe {
		return ""
	}
	several := strings.Split(e, "|")
	w := several[turn%len(several)]
	if name, ok := strings.CutPrefix(w, "@"); ok {
		p := groupWords(name)
		w = p[turn%len(p)]
	}
	if stem, ok := strings.CutSuffix(w, "~"); ok {
		l := &theTable().words
		for _, known := range l.sorted {
			if strings.HasPrefix(known, stem) && !strings.HasSuffix(known, "~") {
				return known
			}
		}
		return stem + "ing"
	}
	switch w {
	case "$":
		return ""
	case "fewnumber":
		return "3"
	case "manynumber":
		return "40"
	case "yearnumber":
		return "1998"
	}
	return strings.ReplaceAll(w, "_", " ")
}

// groupWords is the single words of a group, as the files have them.
func groupWords(name string) (words []string) {
	g := theTable().groups[name]
	if g == nil || !g.hasSingle {
		return []string{""}
	}
	g.single.each(func(typ uint16) {
		if w := theTable().words.sorted[typ-1]; !strings.HasSuffix(w, "~") {
			words = append(words, w)
		}
	})
	return words
}
