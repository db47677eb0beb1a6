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
package text

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"handrail/bot"
)

//go:embed *.toml
var files embed.FS

// Catalogues are all languages' words. They never change after Load and are safe for use by several goroutines.
type Catalogues struct {
	byLang map[string]map[string]entry
}

// Fallback is the language whose catalogue is complete; a key that another language lacks is taken from it.
const Fallback = "en"

// entry is one parsed text.
type entry struct {
	raw  string
	text bot.Text
}

// Load reads the embedded catalogues.
func Load() (*Catalogues, error) {
	names, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("load catalogues: %w", err)
	}
	c := &Catalogues{byLang: map[string]map[string]entry{}}
	for _, n := range names {
		raw, err := files.ReadFile(n.Name())
		if err != nil {
			return nil, fmt.Errorf("load catalogue %s: %w", n.Name(), err)
		}
		var groups map[string]map[string]string
		if err := toml.Unmarshal(raw, &groups); err != nil {
			return nil, fmt.Errorf("load catalogue %s: %w", n.Name(), err)
		}
		entries := map[string]entry{}
		for group, keys := range groups {
			for key, s := range keys {
				s = strings.TrimSpace(s)
				entries[group+"."+key] = entry{raw: s, text: parse(s)}
			}
		}
		c.byLang[strings.TrimSuffix(n.Name(), ".toml")] = entries
	}
	if c.byLang[Fallback] == nil {
		return nil, fmt.Errorf("load catalogues: there is no %s.toml", Fallback)
	}
	return c, nil
}

// Keys lists the keys of a language, sorted.
func (c *Catalogues) Keys(lang string) []string { return slices.Sorted(maps.Keys(c.byLang[lang])) }

// Languages lists the languages, sorted.
func (c *Catalogues) Languages() []string { return slices.Sorted(maps.Keys(c.byLang)) }

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

// Text implements bot.Words.
func (c *Catalogues) Text(lang, key string, args ...string) bot.Text {
	e, ok := c.find(lang, key)
	if !ok {
		return bot.Para(key)
	}
	out := make(bot.Text, len(e.text))
	for i, b := range e.text {
		out[i] = bot.Block{Item: b.Item, Spans: make([]bot.Span, len(b.Spans))}
		for j, s := range b.Spans {
			s.Text = fill(s.Text, args)
			s.Link = fill(s.Link, args)
			out[i].Spans[j] = s
		}
	}
	return out
}

// Line implements bot.Words.
func (c *Catalogues) Line(lang, key string, args ...string) string {
	e, ok := c.find(lang, key)
	if !ok {
		return key
	}
	return fill(strings.Join(strings.Fields(e.raw), " "), args)
}

// fill replaces each {name}. It walks once, so what is put in is never looked at again.
func fill(s string, args []string) string {
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
		value, ok := lookup(args, name)
		if !ok {
			value = s[open : open+end+1]
		}
		b.WriteString(value)
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
