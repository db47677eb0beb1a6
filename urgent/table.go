package urgent

import (
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

//go:embed table
var files embed.FS

// load reads the folder. It panics where the table is wrong: it is part of the program, and its test reads it.
func load() *table {
	names, err := files.ReadDir("table")
	if err != nil {
		panic(fmt.Sprintf("the table of danger words: %v", err))
	}
	var parts []part
	for _, name := range names { // sorted by name: groups come first, other languages last
		text, err := files.ReadFile("table/" + name.Name())
		if err != nil {
			panic(fmt.Sprintf("the table of danger words: %v", err))
		}
		parts = append(parts, part{name.Name(), string(text)})
	}
	t, err := read(parts)
	if err != nil {
		panic(fmt.Sprintf("the table of danger words: %v", err))
	}
	return t
}

// Row is one rule of the table, for a person to read and review.
type Row struct {
	Category string // "passive wish to die"
	Kind     Kind   // empty: a figure of speech or the like, which is no danger
	Why      string // what a clinician decided on
	Patterns []Pattern
	Yes, No  []string // examples that must, and near misses that must not, be found
	Source   string   // file and line
}

// Pattern is one way of saying it, as written; table/0-groups.txt says how to read it.
type Pattern struct {
	Find   string
	Unless []string // what near by in the same sentence makes it no danger
}

// Table is every rule in the order of the files, for printing and review. The caller may keep and change it.
func Table() []Row {
	t := theTable()
	own := make([]Row, 0, len(t.rules)+len(t.weighings))
	for _, r := range t.rules {
		own = append(own, r.Row)
	}
	own = append(own, t.sum.Row)
	for _, w := range t.weighings {
		own = append(own, w.Row)
	}
	own = append(own, t.company.Row)
	rows := make([]Row, 0, len(own))
	for _, row := range own {
		row.Patterns = slices.Clone(row.Patterns)
		for i := range row.Patterns {
			row.Patterns[i].Unless = slices.Clone(row.Patterns[i].Unless)
		}
		row.Yes, row.No = slices.Clone(row.Yes), slices.Clone(row.No)
		rows = append(rows, row)
	}
	return rows
}

// part is one file of the table.
type part struct{ name, text string }

// table is the files, read.
type table struct {
	words  lexicon
	sets   map[string]set // of phrases, while it is read: most are like another
	groups map[string]*group
	rules  []*rule
	// Which patterns to try at a word, by the word's type.
	danger, calm [][]*pattern

	// What no rule finds is weighed.
	signs     [][]*pattern // by the word's type
	signList  []*sign
	sum       *weighing   // towards danger
	weighings []*weighing // towards a kind of it
	company   *company

	neg, through, sayers, why, after, now, resolved, longAgo, recent, present, self, dead, ownRef, otherRef, asked, no, kin, writer *group
}

// rule is a Row, compiled.
type rule struct {
	Row
	pats []*pattern
	// always: figures of speech do not stop it. undeniable: it says "not" itself, or a denial means the same.
	// anyTime: what is past counts too. fixed: the kind stays, whoever the sentence is about.
	// deniable: a calm rule that a "not" before it takes away.
	always, undeniable, deniable, anyTime, fixed bool
	// weighed: it is no danger by itself, and this sign is weighed with others. nil: it is.
	weighed *sign
}

// pattern is one find or unless line: phrases that stand in one sentence, in any order when there are several.
type pattern struct {
	rule    *rule // nil: it is of a sign
	sign    *sign
	unless  *group // near by, it makes it no danger; nil: nothing does
	phrases []*phrase
	lead    int // which phrase has the anchor
	anchor  set // the rarest word that must be there
	before  int // how many words of the lead may stand before the anchor
}

// near is how many words may lie between the phrases of one pattern.
const near = 12

// read makes a table of its files. An error names the file and line.
func read(parts []part) (*table, error) {
	t := &table{words: newLexicon(), groups: map[string]*group{}, sets: map[string]set{}}
	// The words first: sets are over all of them.
	for _, p := range parts {
		t.words.other = strings.HasSuffix(p.name, "-languages.txt") // the last: what English has is known by then
		t.words.collect(p.text)
	}
	t.words.finish()
	t.danger, t.calm, t.signs = make([][]*pattern, t.words.types), make([][]*pattern, t.words.types), make([][]*pattern, t.words.types)
	for _, p := range parts {
		if err := t.readPart(p); err != nil {
			return nil, err
		}
	}
	for name, g := range map[string]**group{
		"not": &t.neg, "through": &t.through, "not-after": &t.after, "now": &t.now, "long-ago": &t.longAgo,
		"recent-past": &t.recent, "i": &t.self, "has-died": &t.dead, "own-ref": &t.ownRef,
		"other-ref": &t.otherRef, "resolved": &t.resolved, "present": &t.present, "sayers": &t.sayers, "why-not": &t.why,
		"asked": &t.asked, "answer-no": &t.no, "kin": &t.kin, "writer": &t.writer,
	} {
		if *g = t.groups[name]; *g == nil {
			return nil, fmt.Errorf("the table has no group %s", name)
		}
	}
	if t.company == nil || t.sum == nil || len(t.weighings) == 0 {
		return nil, errors.New("the table weighs nothing, or has no company of words")
	}
	t.sets = nil
	return t, nil
}

func (t *table) readPart(p part) error {
	var open *rule
	var words *group
	var sign *sign
	var weighed *weighing
	var company *company
	var wrong []error // all of them: the reader of a table wants to know them together
	for n, line := range strings.Split(p.text, "\n") {
		line = strings.TrimRight(line, " \r")
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		var err error
		switch {
		case verb == "" || verb[0] == '#':
		case line[0] != ' ' && (verb == "same" || verb == "fuzzy" || verb == "glue"): // collect read them
		case line[0] != ' ' && verb == "group":
			words, open, sign, weighed, company = &group{name: rest}, nil, nil, nil, nil
			if t.groups[rest] != nil {
				err = fmt.Errorf("group %s is there already", rest)
			}
			t.groups[rest] = words
		case line[0] != ' ' && (verb == "rule" || verb == "calm"):
			words, sign, weighed, company = nil, nil, nil, nil
			if open, err = t.newRule(verb, rest); err == nil {
				open.Source = fmt.Sprintf("%s:%d", p.name, n+1)
				t.rules = append(t.rules, open)
			}
		case line[0] != ' ' && verb == "sign":
			words, open, weighed, company = nil, nil, nil, nil
			if sign, err = t.newSign(rest); err == nil {
				sign.file = p.name
			}
		case line[0] != ' ' && verb == "weigh":
			words, open, sign, company = nil, nil, nil, nil
			if weighed, err = t.newWeighing(rest); err == nil {
				weighed.Source = fmt.Sprintf("%s:%d", p.name, n+1)
			}
		case line[0] != ' ' && verb == "company:":
			words, open, sign, weighed = nil, nil, nil, nil
			if company, err = t.newCompany(rest); err == nil {
				company.Source = fmt.Sprintf("%s:%d", p.name, n+1)
			}
		case company != nil:
			err = t.addCompany(verb, rest)
		case sign != nil:
			err = t.addSigns(sign, strings.TrimSpace(line))
		case weighed != nil:
			err = t.addWeight(weighed, verb, rest)
		case words != nil:
			err = t.addPhrases(words, strings.TrimSpace(line))
		case open != nil:
			err = t.addLine(open, verb, rest)
		default:
			err = fmt.Errorf("%q belongs to nothing", verb)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s, line %d: %w", p.name, n+1, err))
		}
	}
	return errors.Join(wrong...)
}

// newRule reads "rule KIND FLAG ...: CATEGORY" or "calm FLAG ...: CATEGORY".
func (t *table) newRule(verb, rest string) (*rule, error) {
	head, category, ok := strings.Cut(rest, ":")
	if !ok {
		return nil, fmt.Errorf("a rule is written %q", "rule KIND: CATEGORY")
	}
	r := &rule{Row: Row{Category: strings.TrimSpace(category)}}
	flags := strings.Fields(head)
	if verb == "rule" {
		if len(flags) == 0 {
			return nil, fmt.Errorf("a rule has a kind")
		}
		switch r.Kind = Kind(flags[0]); r.Kind {
		case General, OtherPerson, Medical, Abuse:
		default:
			return nil, fmt.Errorf("no such kind: %s", r.Kind)
		}
		flags = flags[1:]
	}
	for _, f := range flags {
		switch f {
		case "always":
			r.always = true
		case "undeniable":
			r.undeniable = true
		case "any-time":
			r.anyTime = true
		case "deniable":
			r.deniable = true
		case "fixed":
			r.fixed = true
		case "weighed":
			var err error
			if r.weighed, err = t.newSign(strings.Map(slug, r.Category) + ": " + r.Category); err != nil {
				return nil, err
			}
			r.weighed.rule = r
		default:
			return nil, fmt.Errorf("no such flag: %s", f)
		}
	}
	return r, nil
}

// slug makes a category the name of a sign.
func slug(r rune) rune {
	switch r {
	case ' ':
		return '-'
	case ',':
		return -1
	}
	return r
}

func (t *table) addLine(r *rule, verb, rest string) error {
	switch verb {
	case "why":
		r.Why = strings.TrimSpace(r.Why + " " + rest)
	case "yes":
		r.Yes = append(r.Yes, rest)
	case "no":
		r.No = append(r.No, rest)
	case "unless":
		if len(r.pats) == 0 {
			return errors.New("an unless belongs to the find above it")
		}
		last := len(r.pats) - 1
		r.Patterns[last].Unless = append(r.Patterns[last].Unless, rest)
		if r.pats[last].unless == nil {
			r.pats[last].unless = &group{}
		}
		for _, one := range strings.Split(rest, "|") {
			p, err := t.phrase(strings.Fields(one))
			if err != nil {
				return err
			}
			r.pats[last].unless.add(p, t.words.types)
		}
	case "find":
		p, err := t.pattern(rest)
		if err != nil {
			return err
		}
		p.rule = r
		r.Patterns, r.pats = append(r.Patterns, Pattern{Find: rest}), append(r.pats, p)
		into := t.danger
		if r.Kind == "" {
			into = t.calm
		}
		p.anchor.each(func(typ uint16) { into[typ] = append(into[typ], p) })
	default:
		return fmt.Errorf("no such line: %s", verb)
	}
	return nil
}

func (t *table) addPhrases(g *group, line string) error {
	for _, s := range strings.Split(line, " / ") {
		p, err := t.phrase(strings.Fields(s))
		if err != nil {
			return err
		}
		g.add(p, t.words.types)
	}
	return nil
}

// pattern reads "phrase & phrase & phrase".
func (t *table) pattern(s string) (*pattern, error) {
	p := &pattern{}
	least := 0
	for i, one := range strings.Split(s, " & ") {
		ph, err := t.phrase(strings.Fields(one))
		if err != nil {
			return nil, err
		}
		p.phrases = append(p.phrases, ph)
		if w := t.words.weight(ph.anchor); i == 0 || w < least {
			least, p.lead, p.anchor, p.before = w, i, ph.anchor, ph.before
		}
	}
	return p, nil
}

// phrase reads the elements of one phrase.
func (t *table) phrase(elements []string) (*phrase, error) {
	p := &phrase{first: newSet(t.words.types)}
	if len(elements) == 0 {
		return nil, fmt.Errorf("an empty phrase")
	}
	for _, s := range elements {
		e, err := t.element(s)
		if err != nil {
			return nil, err
		}
		p.elements = append(p.elements, e)
	}
	least, length, begun := -1, 0, false
	for i := range p.elements {
		e := &p.elements[i]
		must := e.must()
		if !begun {
			if e.gap > 0 || e.not && i == 0 {
				return nil, fmt.Errorf("a phrase begins with a word")
			}
			e.firsts(p.first)
			begun = must
		}
		if must {
			anchor := e.anchor(t.words.types)
			if w := t.words.weight(anchor); least < 0 || w < least {
				least, p.anchor, p.before = w, anchor, length+e.longest()-1
			}
		}
		length += e.longest()
	}
	p.first, p.anchor = t.shared(p.first), t.shared(p.anchor)
	p.length = min(length, 60)
	if least < 0 {
		return nil, fmt.Errorf("no word that must be there")
	}
	if p.elements[len(p.elements)-1].gap > 0 {
		return nil, fmt.Errorf("a phrase ends with a word")
	}
	return p, nil
}

func (t *table) element(s string) (element, error) {
	var e element
	switch {
	case s == "^":
		e.start = true
		return e, nil
	case s == "$":
		e.stop = true
		return e, nil
	case s[0] == '*':
		_, e.any = strings.CutPrefix(s, "**")
		if _, err := fmt.Sscanf(strings.TrimLeft(s, "*"), "%d", &e.gap); err != nil || e.gap < 1 || e.gap > 12 {
			return e, fmt.Errorf("a gap is *1 to *12, or **1 to **12")
		}
		return e, nil
	}
	s, e.not = strings.CutPrefix(s, "!")
	s, e.maybe = strings.CutSuffix(s, "?")
	e.set = newSet(t.words.types)
	var several *group
	for _, w := range strings.Split(s, "|") {
		if name, ok := strings.CutPrefix(w, "@"); ok {
			g := t.groups[name]
			if g == nil || len(g.phrases) == 0 && !g.hasSingle {
				return e, fmt.Errorf("no group %s so far", name)
			}
			if g.hasSingle {
				e.set.add(g.single)
			}
			if len(g.phrases) > 0 {
				e.groups = append(e.groups, g)
			}
			continue
		}
		if w == "$" {
			e.orStop = true
			continue
		}
		words := strings.Split(w, "_")
		if to := t.words.same[plainWord(w)]; len(to) > 1 {
			words = to // "gonna" is two words
		}
		if len(words) > 1 {
			p, err := t.phrase(words)
			if err != nil {
				return e, err
			}
			if several == nil {
				several = &group{}
				e.groups = append(e.groups, several)
			}
			several.add(p, t.words.types)
			continue
		}
		if err := t.words.put(e.set, w); err != nil {
			return e, err
		}
	}
	e.set = t.shared(e.set)
	return e, nil
}

// shared is s, or the set that is the same and was there before. Neither may be changed any more.
func (t *table) shared(s set) set {
	var key []byte
	for i, w := range s {
		if w != 0 {
			key = binary.LittleEndian.AppendUint64(append(key, byte(i), byte(i>>8)), w)
		}
	}
	same, ok := t.sets[string(key)]
	if !ok {
		for len(s) > 0 && s[len(s)-1] == 0 {
			s = s[:len(s)-1]
		}
		same = append(make(set, 0, len(s)), s...) // empty, but not nil
		t.sets[string(key)] = same
	}
	return same
}
