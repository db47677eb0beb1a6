package meaning

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kljensen/snowball/english"
	"github.com/pelletier/go-toml/v2"
)

//go:embed vocabulary.toml
var vocabularyTOML []byte

//go:embed names.toml
var namesTOML []byte

// Vocabulary is the table of what people say, made ready for reading. It is immutable, so safe to share.
type Vocabulary struct {
	file  vocabularyFile // the table it was made of
	names namesFile
	local Places // those a deployment knows
	// coded reads refusals and feedback. Its table is made when it is first asked: a practice that only searches never pays.
	coded   func() *coded
	english wordList

	needs, interests, flags *lexicon
	sexes                   *lexicon // the flags that speak of the patient's sex, see gender
	search                  map[string][]string
	needList, interestList  []string
	places                  map[string]string // normal form to its spelling: "kings lynn" to "king's lynn"
	cities                  map[string]bool   // those that have parts
	placeHeads              map[string]int    // first word: most words of a place beginning with it
	shyPlaces               map[string]bool   // places that are words as well ("reading"): only with evidence
	counties                map[string]bool   // of several words, "east sussex": no place to look around
	countries               map[string]bool
	languages               map[string]string // as typed to its name
	peoples                 map[string]bool   // nationalities, which are no places and no languages
	firstNames              map[string]bool
	wordNames               map[string]bool // first names that are words as well ("rose")
	surnames                map[string]bool // that are no words of everyday
	wordSurnames            map[string]bool // that are words of everyday or places
	notPeople               map[string]int  // names of the famous, in normal form, to how many words they have
	notPlaces               map[string]bool
	stems                   map[string]string // stems of the words in the table
	stemKnown               map[string]bool   // the same, the other way
	table                   map[string]bool   // words in the table
	typos                   typos
	nearby                  func() typos // of the places; made when it is first asked for
}

// entry is one table of vocabulary.toml.
type entry struct {
	Say    string   `toml:"say"`
	Means  []string `toml:"means"`
	Hints  []string `toml:"hints"`
	Search []string `toml:"search"`
	// Without takes phrases of the table beneath away; only in a deployment's own table.
	Without []string `toml:"without"`
}

type vocabularyFile struct {
	Needs     map[string]entry `toml:"needs"`
	Interests map[string]entry `toml:"interests"`
	Flags     map[string]entry `toml:"flags"`
}

type namesFile struct {
	Towns        []string          `toml:"towns"`
	ShyTowns     []string          `toml:"shy_towns"`
	Cities       []string          `toml:"cities"`
	Counties     []string          `toml:"counties"`
	Countries    []string          `toml:"countries"`
	Languages    map[string]string `toml:"languages"`
	Peoples      []string          `toml:"peoples"`
	FirstNames   []string          `toml:"first_names"`
	WordNames    []string          `toml:"word_names"`
	Surnames     []string          `toml:"surnames"`
	WordSurnames []string          `toml:"word_surnames"`
	NotPeople    []string          `toml:"not_people"`
	NotPlaces    []string          `toml:"not_places"`
}

// NewVocabulary makes the vocabulary from the embedded table and the places a deployment knows besides ("bury park"),
// in any case; ten thousand of them cost some milliseconds. A place whose name is a word of everyday ("street") is read
// only where the text gives evidence for it. An error means that the table itself is broken.
func NewVocabulary(places ...string) (*Vocabulary, error) {
	return NewVocabularyOf(Places{Sure: places})
}

// Places are the names of the places a deployment knows, in any case.
type Places struct {
	Sure []string
	// Wordlike are places whose names are words or people's names as well ("reading", "hope", "beverley"). They are read
	// only where the text gives evidence of a place: a word that leads to one, a capital in mid-sentence, a clause alone.
	Wordlike []string
}

// NewVocabularyOf is NewVocabulary where it is known which of the places are words as well.
func NewVocabularyOf(places Places) (*Vocabulary, error) {
	var f vocabularyFile
	if err := toml.Unmarshal(vocabularyTOML, &f); err != nil {
		return nil, fmt.Errorf("read vocabulary: %w", err)
	}
	var n namesFile
	if err := toml.Unmarshal(namesTOML, &n); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return build(f, n, sync.OnceValue(mustCode), places)
}

// build makes a vocabulary of tables that were read.
func build(f vocabularyFile, n namesFile, c func() *coded, local Places) (*Vocabulary, error) {
	v := &Vocabulary{
		file: f, names: n, local: local, coded: c, english: commonEnglish(),
		search: map[string][]string{}, places: make(map[string]string, len(n.Towns)+len(local.Sure)), placeHeads: make(map[string]int, len(n.Towns)+len(local.Sure)),
		shyPlaces: map[string]bool{}, counties: set(n.Counties), countries: set(n.Countries),
		languages: n.Languages, peoples: set(n.Peoples), firstNames: set(n.FirstNames), wordNames: set(n.WordNames), surnames: set(n.Surnames), wordSurnames: set(n.WordSurnames), notPeople: headed(n.NotPeople), notPlaces: set(n.NotPlaces),
		stems: map[string]string{}, stemKnown: map[string]bool{}, table: map[string]bool{},
	}
	var err error
	if v.needs, err = v.lexicon(f.Needs); err != nil {
		return nil, fmt.Errorf("read needs: %w", err)
	}
	if v.interests, err = v.lexicon(f.Interests); err != nil {
		return nil, fmt.Errorf("read interests: %w", err)
	}
	if v.flags, err = v.lexicon(f.Flags); err != nil {
		return nil, fmt.Errorf("read flags: %w", err)
	}
	v.sexes = v.flags.only("female", "male")
	v.needList, v.interestList = sortedKeys(f.Needs), sortedKeys(f.Interests)
	for _, table := range []map[string]entry{f.Needs, f.Interests} {
		for name, e := range table {
			v.search[name] = e.Search
			if len(e.Search) == 0 {
				for _, m := range e.Means {
					v.search[name] = append(v.search[name], strings.TrimPrefix(m, "="))
				}
			}
		}
	}
	sure := set(n.Towns)
	v.cities = set(n.Cities)
	for _, p := range n.Towns {
		v.addPlace(p, false)
	}
	for _, p := range n.ShyTowns {
		v.addPlace(p, true)
	}
	for _, p := range local.Wordlike {
		if low := strings.ToLower(strings.TrimSpace(p)); !sure[low] {
			v.addPlace(p, true)
		}
	}
	for _, p := range local.Sure {
		low := strings.ToLower(strings.TrimSpace(p))
		v.addPlace(p, !sure[low] && !strings.ContainsAny(low, " -") && (v.english.has(low) || v.firstNames[low] || v.inTable(low) || v.notPlaces[low] || v.shyPlaces[low]))
	}
	v.typos = newTypos(v.table)
	v.nearby = sync.OnceValue(func() typos {
		single := make(map[string]bool, len(v.places))
		for p := range v.places {
			if !strings.Contains(p, " ") && len(p) > 5 && !v.shyPlaces[p] {
				single[p] = true
			}
		}
		return newTypos(single)
	})
	return v, nil
}

func (v *Vocabulary) addPlace(p string, shy bool) {
	words := fold(p)
	if len(words) == 0 || len(words) == 1 && len(words[0]) < 3 {
		return
	}
	normal := strings.Join(words, " ")
	if v.places[normal] != "" && !shy {
		return
	}
	v.places[normal] = strings.ToLower(strings.TrimSpace(p))
	v.placeHeads[words[0]] = max(v.placeHeads[words[0]], len(words))
	if shy && len(words) == 1 {
		v.shyPlaces[normal] = true
	}
}

// inTable reports whether a word stands in the table.
func (v *Vocabulary) inTable(w string) bool { return v.table[w] }

// knownWord reports whether a word is one of everyday or of the table.
func (v *Vocabulary) knownWord(w string) bool {
	return v.table[w] || v.english.has(w) || v.stemKnown[v.stem(w)]
}

// WordsFor lists the words that stand for an interest or a need in listings, best first; nil for an unknown name. The
// caller must not change it.
func (v *Vocabulary) WordsFor(name string) []string { return v.search[name] }

// Synonyms gives WordsFor of several names at once, in the form in which the directory takes them.
func (v *Vocabulary) Synonyms(names ...string) map[string][]string {
	out := make(map[string][]string, len(names))
	for _, n := range names {
		if words := v.search[n]; words != nil {
			out[n] = words
		}
	}
	return out
}

// Needs is the closed list of needs, sorted. The caller must not change it.
func (v *Vocabulary) Needs() []string { return v.needList }

// Interests is the closed list of interests, sorted. The caller must not change it.
func (v *Vocabulary) Interests() []string { return v.interestList }

// headed gives phrases by their first word, and how many words the longest has.
func headed(list []string) map[string]int {
	out := make(map[string]int, 2*len(list))
	for _, s := range list {
		words := fold(s)
		out[strings.Join(words, " ")] = len(words)
		if len(words) > 1 {
			out[words[0]+" *"] = max(out[words[0]+" *"], len(words))
		}
	}
	return out
}

func set(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// lexicon finds the phrases of one table in a text.
type lexicon struct {
	names   []string
	byFirst map[string][]phrase // by the stem of their first word
	exact   map[string][]phrase // those that are matched to the letter, by their first word
}

type phrase struct {
	words   []string // the words after the first, stems unless exact
	exact   bool
	meaning []sense
}

type sense struct {
	name int // of lexicon.names
	half bool
}

func (v *Vocabulary) lexicon(table map[string]entry) (*lexicon, error) {
	l := &lexicon{names: sortedKeys(table), byFirst: map[string][]phrase{}, exact: map[string][]phrase{}}
	for i, name := range l.names {
		e := table[name]
		literal := name == "female" || name == "male"
		for _, list := range []struct {
			phrases []string
			half    bool
		}{{e.Means, false}, {e.Hints, true}} {
			for _, text := range list.phrases {
				if err := v.learn(l, text, sense{i, list.half}, literal); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	}
	return l, nil
}

// learn adds one phrase. Small words inside it ("his", "the") are optional in the text and so left out here.
func (v *Vocabulary) learn(l *lexicon, text string, s sense, literal bool) error {
	exact := strings.HasPrefix(text, "=") || literal
	words := fold(strings.TrimPrefix(text, "="))
	for i, w := range words {
		if full := inFull(w); full != "" {
			words[i] = full
		}
	}
	if len(words) == 0 {
		return fmt.Errorf("the phrase %q has no words", text)
	}
	kept := words[:0:0]
	for i, w := range words {
		if i > 0 && i < len(words)-1 && small(w) {
			continue
		}
		v.table[w] = true
		if !exact {
			w = v.learnStem(w)
		}
		kept = append(kept, w)
	}
	key, by := kept[0], l.byFirst
	if exact {
		by = l.exact
	}
	for i := range by[key] {
		p := &by[key][i]
		if slices.Equal(p.words, kept[1:]) {
			if !slices.Contains(p.meaning, s) {
				p.meaning = append(p.meaning, s)
			}
			return nil
		}
	}
	by[key] = append(by[key], phrase{words: kept[1:], exact: exact, meaning: []sense{s}})
	return nil
}

// only takes the phrases of some names out into a lexicon of their own.
func (l *lexicon) only(names ...string) *lexicon {
	out := &lexicon{names: l.names, byFirst: map[string][]phrase{}, exact: map[string][]phrase{}}
	for _, table := range [2][2]map[string][]phrase{{l.byFirst, out.byFirst}, {l.exact, out.exact}} {
		from, to := table[0], table[1]
		for first, phrases := range from {
			kept := phrases[:0:0]
			for _, p := range phrases {
				here, there := p, p
				here.meaning, there.meaning = nil, nil
				for _, s := range p.meaning {
					if slices.Contains(names, l.names[s.name]) {
						there.meaning = append(there.meaning, s)
					} else {
						here.meaning = append(here.meaning, s)
					}
				}
				if len(there.meaning) > 0 {
					to[first] = append(to[first], there)
				}
				if len(here.meaning) > 0 {
					kept = append(kept, here)
				}
			}
			from[first] = kept
		}
	}
	return out
}

func (v *Vocabulary) learnStem(w string) string {
	stem, ok := v.stems[w]
	if !ok {
		stem = english.Stem(w, true)
		v.stems[w] = stem
		v.stemKnown[stem] = true
	}
	return stem
}

// stem is the stem of a word typed by somebody.
func (v *Vocabulary) stem(w string) string {
	if stem, ok := v.stems[w]; ok {
		return stem
	}
	if len(w) > 30 {
		return w
	}
	for i := range len(w) {
		if w[i] >= 0x80 {
			return w
		}
	}
	return english.Stem(w, true)
}

// small are the words that may stand inside a phrase or not: "lost wife", "lost his wife".
func small(w string) bool {
	switch w {
	case "a", "an", "the", "his", "her", "their", "my", "our", "your", "some", "any", "very", "really", "quite", "so",
		"him", "them", "and", "n", "bit", "of", "ever", "elderly", "lovely", "dear", "late", "more", "much", "too", "all", "old":
		return true
	}
	return false
}
