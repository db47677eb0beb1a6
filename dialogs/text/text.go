// Package text holds everything that a person reads, in catalogues: one TOML file a language, so that words can be
// reviewed, measured and translated without touching code.
//
//	words, err := text.Load()
//	words.Text("en", "find.none", "where", "LU1 2AB") // paragraphs, with {where} replaced
//	words.Line("en", "bot.yes")                       // one plain line, for a label
//
// In a catalogue an empty line parts paragraphs, a line that begins with "- " is an item of a list, *stars* make
// strong, [words](https://...) make a link, and {name} is replaced. What replaces it goes in as it is and is never
// read as markup, so a name with stars in it stays a name with stars in it (requirements B18 to B20).
//
// A catalogue that nobody who grew up with its language has read is a draft ("checked = false" in its first table). Load
// leaves drafts out, and a person who asks for such a language is told so; LoadDrafts is for those who check them.
package text

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"handrail/bot"
)

//go:embed *.toml
var files embed.FS

// Catalogues are all languages' words. They never change after Load and are safe for use by several goroutines.
type Catalogues struct {
	byLang    map[string]map[string]entry
	languages []Language
	lists     map[string][]string // what people type, of every language, drafts too
	days      map[string]calendar
}

// Fallback is the language whose catalogue is complete; a key that another language lacks is taken from it.
const Fallback = "en"

// Language is a catalogue, as people choose it.
type Language struct {
	Tag     string // BCP 47
	Name    string // as those who speak it call it
	English string
	// Checked says that somebody who grew up with the language has read every word. Ready says that its words are used:
	// they are checked, or drafts are allowed.
	Checked bool
	Ready   bool
	// RightToLeft says how it is written.
	RightToLeft bool
	// NotReady says, in it, that its words are not ready. It is the one text of a draft that is always used.
	NotReady bot.Text
}

// entry is one parsed text.
type entry struct {
	raw  string
	text bot.Text
	rtl  bool
	one  plurals
}

// Load reads the embedded catalogues and uses those that were checked.
func Load() (*Catalogues, error) { return load(false) }

// LoadDrafts uses the drafts as well, in which nobody has looked for mistakes: for those who check them.
func LoadDrafts() (*Catalogues, error) { return load(true) }

func load(drafts bool) (*Catalogues, error) {
	names, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("load catalogues: %w", err)
	}
	c := &Catalogues{byLang: map[string]map[string]entry{}, lists: map[string][]string{}, days: map[string]calendar{}}
	all := map[string]catalogue{}
	for _, n := range names {
		raw, err := files.ReadFile(n.Name())
		if err != nil {
			return nil, fmt.Errorf("load catalogue %s: %w", n.Name(), err)
		}
		tag := strings.TrimSuffix(n.Name(), ".toml")
		if all[tag], err = read(tag, raw); err != nil {
			return nil, fmt.Errorf("load catalogue %s: %w", n.Name(), err)
		}
	}
	if all[Fallback].words == nil {
		return nil, fmt.Errorf("load catalogues: there is no %s.toml", Fallback)
	}
	for _, tag := range slices.Sorted(maps.Keys(all)) {
		cat := all[tag]
		cat.about.Ready = cat.about.Checked || drafts
		c.languages = append(c.languages, cat.about)
		for key, s := range cat.words {
			if IsList(key) {
				c.lists[key] = append(c.lists[key], s)
			}
		}
		if cat.about.Ready {
			c.byLang[tag] = entries(cat, all[Fallback].words)
			c.days[tag] = newCalendar(cat.words)
		}
	}
	return c, nil
}

// entries parses a catalogue. What people may type to be understood is taken in English too: somebody who reads Polish
// may well type "stop".
func entries(cat catalogue, english map[string]string) map[string]entry {
	out := make(map[string]entry, len(cat.words))
	for key, s := range cat.words {
		if IsList(key) && cat.about.Tag != Fallback && english[key] != "" {
			s += "|" + english[key]
		}
		out[key] = entry{raw: s, text: parse(s), rtl: cat.about.RightToLeft}
	}
	for key := range cat.words {
		base, form, ok := cutLast(key)
		if !ok || form != pluralOther {
			continue
		}
		e := out[base]
		if e.raw == "" {
			e = out[key]
		}
		e.one = newPlurals(cat.about.Tag, base, out)
		out[base] = e
	}
	return out
}

// IsList reports whether a key's words are not shown but recognised: what people type, apart by "|" or ";".
func IsList(key string) bool {
	return strings.HasSuffix(key, ".opens") || strings.HasSuffix(key, ".hears") || strings.HasPrefix(key, "wish.") || strings.Contains(key, ".words.") ||
		strings.HasSuffix(key, ".words") && !strings.HasPrefix(key, "how.") && !strings.HasPrefix(key, "declined.") && !strings.HasPrefix(key, "mine.")
}

// Keys lists the keys of a language, sorted.
func (c *Catalogues) Keys(lang string) []string { return slices.Sorted(maps.Keys(c.byLang[lang])) }

// Languages lists every language there is a catalogue of, English first, and then by name.
func (c *Catalogues) Languages() []Language {
	out := slices.Clone(c.languages)
	slices.SortStableFunc(out, func(a, b Language) int {
		if (a.Tag == Fallback) != (b.Tag == Fallback) {
			if a.Tag == Fallback {
				return -1
			}
			return 1
		}
		return strings.Compare(a.English, b.English)
	})
	return out
}

// Everywhere returns the words of a list (see IsList) in every language, drafts too: what somebody says is understood
// in whatever language they say it.
func (c *Catalogues) Everywhere(key string) []string { return slices.Clone(c.lists[key]) }

func (c *Catalogues) find(lang, key string) (entry, bool) {
	if e, ok := c.byLang[lang][key]; ok {
		return e, true
	}
	e, ok := c.byLang[Fallback][key]
	return e, ok
}

// Has reports whether there are words under the key.
func (c *Catalogues) Has(key string) bool {
	_, ok := c.find(Fallback, key)
	return ok
}

// counted is the entry for a number, where one is given as {n} and the language has a form for it.
func (c *Catalogues) counted(lang, key string, args []string) (entry, bool) {
	e, ok := c.find(lang, key)
	if !ok || e.one == nil {
		return e, ok
	}
	if n, given := lookup(args, "n"); given {
		if form, ok := e.one.form(n); ok {
			return form, true
		}
	}
	return e, true
}

// Text implements bot.Words. Where a text has forms for numbers ("tries.one", "tries.other"), the argument n chooses
// among them by the rules of the language.
func (c *Catalogues) Text(lang, key string, args ...string) bot.Text {
	e, ok := c.counted(lang, key, args)
	if !ok {
		return bot.Para(key)
	}
	out := make(bot.Text, len(e.text))
	for i, b := range e.text {
		out[i] = bot.Block{Item: b.Item, Spans: make([]bot.Span, len(b.Spans))}
		for j, s := range b.Spans {
			s.Text = fill(s.Text, args, e.rtl)
			s.Link = fillLink(s.Link, args)
			out[i].Spans[j] = s
		}
	}
	return out
}

// Line implements bot.Words.
func (c *Catalogues) Line(lang, key string, args ...string) string {
	e, ok := c.counted(lang, key, args)
	if !ok {
		return key
	}
	return fill(strings.Join(strings.Fields(e.raw), " "), args, e.rtl)
}

// fill replaces each {name}, and keeps what is put in from turning the text around it (B5).
func fill(s string, args []string, rtl bool) string {
	return replace(s, args, func(v string) string { return isolate(v, rtl) })
}

// fillLink replaces each {name} of an address, in which nothing may be added.
func fillLink(s string, args []string) string {
	return replace(s, args, func(v string) string { return v })
}

// replace walks once, so what is put in is never looked at again.
func replace(s string, args []string, as func(string) string) string {
	if !strings.Contains(s, "{") {
		return s
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := strings.IndexByte(s[open:], '}')
		if end < 0 {
			b.WriteString(s)
			return b.String()
		}
		name := s[open+1 : open+end]
		b.WriteString(s[:open])
		if value, ok := lookup(args, name); ok {
			b.WriteString(as(value))
		} else {
			b.WriteString(s[open : open+end+1])
		}
		s = s[open+end+1:]
	}
}

func lookup(args []string, name string) (string, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return "", false
}

// parse reads the catalogue's small markup.
func parse(s string) bot.Text {
	var t bot.Text
	for _, para := range strings.Split(s, "\n\n") {
		var run []string
		flush := func() {
			if len(run) > 0 {
				t = append(t, bot.Block{Spans: spans(strings.Join(run, " "))})
				run = nil
			}
		}
		for _, line := range strings.Split(para, "\n") {
			line = strings.TrimSpace(line)
			if item, ok := strings.CutPrefix(line, "- "); ok {
				flush()
				t = append(t, bot.Block{Item: true, Spans: spans(item)})
			} else if line != "" {
				run = append(run, line)
			}
		}
		flush()
	}
	return t
}

// spans reads *strong* and [words](link) in one block.
func spans(s string) []bot.Span {
	var out []bot.Span
	plain := func(p string) {
		if p != "" {
			out = append(out, bot.Span{Text: p})
		}
	}
	for s != "" {
		i := strings.IndexAny(s, "*[")
		if i < 0 {
			break
		}
		if s[i] == '*' {
			end := strings.IndexByte(s[i+1:], '*')
			if end <= 0 {
				break
			}
			plain(s[:i])
			out = append(out, bot.Span{Text: s[i+1 : i+1+end], Strong: true})
			s = s[i+end+2:]
			continue
		}
		mid := strings.Index(s[i:], "](")
		end := -1
		if mid > 0 {
			end = strings.IndexByte(s[i+mid:], ')')
		}
		if end < 0 {
			break
		}
		plain(s[:i])
		out = append(out, bot.Span{Text: s[i+1 : i+mid], Link: s[i+mid+2 : i+mid+end]})
		s = s[i+mid+end+1:]
	}
	plain(s)
	return out
}
