package bot_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"handrail/bot"
	"handrail/bot/bottest"

	"pgregory.net/rapid"
)

func anyMessage(t *rapid.T) bot.Message {
	words := rapid.SampledFrom([]string{"a", "tea ", "gardening\n", "🙂", "é", "…", " ", "a very long word indeed, ", strings.Repeat("x", 300), "- ", "1. "})
	var m bot.Message
	for range rapid.IntRange(0, 5).Draw(t, "blocks") {
		b := bot.Block{Item: rapid.Bool().Draw(t, "item")}
		for range rapid.IntRange(1, 3).Draw(t, "spans") {
			b.Spans = append(b.Spans, bot.Span{
				Text: strings.Join(rapid.SliceOfN(words, 1, 20).Draw(t, "words"), ""), Strong: rapid.Bool().Draw(t, "strong"),
				Link: rapid.SampledFrom([]string{"", "https://a.example/"}).Draw(t, "link"),
			})
		}
		m.Text = append(m.Text, b)
	}
	for i := range rapid.IntRange(0, 14).Draw(t, "options") {
		o := bot.Option{Label: fmt.Sprint("option", i) + strings.Repeat("y", rapid.IntRange(0, 80).Draw(t, "label")), Payload: fmt.Sprint("q~1~a~", i)}
		if rapid.IntRange(0, 9).Draw(t, "is link") == 9 {
			o.Payload, o.Link = "", fmt.Sprintf("https://b.example/%d", i)
		}
		m.Options = append(m.Options, o)
	}
	if rapid.Bool().Draw(t, "form") {
		m.Form = &bot.Form{Token: "q~1~f~0", Title: "A form", Fields: []bot.Field{{Name: "a", Label: "A field"}, {Name: "b", Label: "Another field"}}}
	}
	if rapid.Bool().Draw(t, "place") {
		m.Place = &bot.Place{Name: "The hall", Address: "1 High Street"}
	}
	if rapid.Bool().Draw(t, "file") {
		m.Files = []bot.File{{Name: "a.pdf"}, {Name: "b.png", Alt: "A map"}}
	}
	m.Private = rapid.Bool().Draw(t, "private")
	if rapid.Bool().Draw(t, "replaces") {
		m.Replaces = "digest:1"
	}
	return m
}

// anyCards are cards whose options are known by their payloads.
func anyCards(t *rapid.T) []bot.Card {
	var out []bot.Card
	for i := range rapid.IntRange(0, 6).Draw(t, "cards") {
		c := bot.Card{Text: bot.Para(fmt.Sprintf("card%d ", i) + strings.Repeat("words ", rapid.IntRange(0, 30).Draw(t, "length")))}
		for j := range rapid.IntRange(0, 4).Draw(t, "card options") {
			c.Options = append(c.Options, bot.Option{
				Label: fmt.Sprintf("c%d.%d", i, j) + strings.Repeat("z", rapid.IntRange(0, 30).Draw(t, "card label")), Payload: fmt.Sprint("q~1~c~", i, "~", j),
			})
		}
		if rapid.Bool().Draw(t, "picture") {
			c.Picture = &bot.File{Name: fmt.Sprint(i, ".png"), Alt: fmt.Sprint("picture", i)}
		}
		out = append(out, c)
	}
	return out
}

func anyLimits(t *rapid.T) bot.Limits {
	return bot.Limits{
		TextChars: rapid.SampledFrom([]int{16, 40, 100, 1000, 4096}).Draw(t, "chars"), Options: rapid.SampledFrom([]int{0, 1, 3, 5, 12, 100}).Draw(t, "max options"),
		LabelChars: rapid.SampledFrom([]int{8, 20, 64, 200}).Draw(t, "label chars"), PayloadBytes: 64,
		Forms: rapid.Bool().Draw(t, "forms"), Files: rapid.Bool().Draw(t, "files"), Places: rapid.Bool().Draw(t, "places"),
	}
}

// letters is everything that was said, without the space and the marks of lists that a split may add.
func letters(parts ...bot.Message) string {
	var b strings.Builder
	for _, m := range parts {
		for _, block := range m.Text {
			for _, s := range block.Spans {
				b.WriteString(s.Text)
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), "")
}

func TestFit_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, l := anyMessage(t), anyLimits(t)
		said := m.Text.Plain() != "" || len(m.Options) > 0 || m.Form != nil || m.Place != nil || m.Files != nil
		parts := bot.Fit(m, l)
		if len(parts) == 0 {
			t.Fatal("nothing is left")
		}
		for i, p := range parts {
			if err := bottest.Misfit(p, l); err != nil && said {
				t.Fatalf("part %d of %d: %v", i+1, len(parts), err)
			}
			if p.Private != m.Private {
				t.Fatalf("part %d has lost that it is private", i+1)
			}
			if i < len(parts)-1 && (p.Options != nil || p.Form != nil || p.Place != nil || p.Files != nil) {
				t.Fatalf("part %d is not the last and asks something", i+1)
			}
			if again := bot.Fit(p, l); len(again) != 1 || !reflect.DeepEqual(again[0], p) {
				t.Fatalf("part %d does not fit as it is: %+v", i+1, again)
			}
		}
		got, last := letters(parts...), parts[len(parts)-1]
		if want := letters(m); !strings.HasPrefix(got, want) {
			t.Fatalf("words were lost: %q of %q", got, want)
		}
		rest := got
		for i, o := range m.Options {
			if i < len(last.Options) {
				if b := last.Options[i]; b.Payload != o.Payload || b.Link != o.Link {
					t.Fatalf("button %d is %+v, want that of %+v", i, b, o)
				}
				if last.Options[i].Label == o.Label {
					continue // whole on the button
				}
			}
			_, after, ok := strings.Cut(rest, fmt.Sprintf("%d.%s", i+1, o.Label))
			if !ok {
				t.Fatalf("option %q is not in the text in its order: %q", o.Label, got)
			}
			rest = after
		}
		for _, want := range []struct {
			there bool
			words string
		}{
			{m.Form != nil && last.Form == nil, "Anotherfield"}, {m.Place != nil && last.Place == nil, "Thehall,1HighStreet"},
			{m.Files != nil && last.Files == nil, "a.pdfAmap"},
		} {
			if want.there && !strings.Contains(got, want.words) {
				t.Fatalf("%q is lost from %q", want.words, got)
			}
		}
	})
}

// A message with cards keeps every word, every picture and every option, each once, on a channel that has cards and on one
// that has none; and where options are numbered, no number is there twice.
func TestFit_Cards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, l := anyMessage(t), anyLimits(t)
		m.Cards = anyCards(t)
		l.Cards = rapid.SampledFrom([]int{0, 0, 1, 3, 20}).Draw(t, "max cards")
		if m.Text.Plain() == "" && len(m.Cards) == 0 {
			return
		}
		parts := bot.Fit(m, l)
		said, pressed, pictures := "", map[string]int{}, 0
		for i := range parts {
			p := &parts[i]
			if err := bottest.Misfit(*p, l); err != nil {
				t.Fatalf("part %d of %d: %v", i+1, len(parts), err)
			}
			if p.Private != m.Private || p.Replaces != "" && (len(parts) > 1 || p.Replaces != m.Replaces) {
				t.Fatalf("part %d: private %v, replaces %q", i+1, p.Private, p.Replaces)
			}
			said += letters(*p)
			pictures += len(p.Files)
			for _, c := range p.Cards {
				said += letters(bot.Message{Text: c.Text})
				if c.Picture != nil {
					pictures++
				}
			}
			for _, o := range p.Choices() {
				pressed[o.Payload+o.Link]++
			}
		}
		want := letters(bot.Message{Text: m.Text})
		for _, c := range m.Cards {
			want += letters(bot.Message{Text: c.Text})
			if c.Picture != nil && l.Files {
				pictures--
			}
		}
		if l.Files && pictures != len(m.Files) {
			t.Fatalf("%d pictures too many", pictures-len(m.Files))
		}
		if !strings.HasPrefix(said, want) && !inOrder(said, want) {
			t.Fatalf("words were lost: %q of %q", said, want)
		}
		for i, o := range m.Choices() {
			if n := pressed[o.Payload+o.Link]; n != 1 && (n != 0 || !strings.Contains(said, fmt.Sprintf("%d.%s", i+1, o.Label))) {
				t.Fatalf("option %d, %q, is there %d times", i+1, o.Label, n)
			}
		}
	})
}

// inOrder reports whether all of want is in said in its order, with other words between.
func inOrder(said, want string) bool {
	i := 0
	for j := 0; i < len(want) && j < len(said); j++ {
		if want[i] == said[j] {
			i++
		}
	}
	return i == len(want)
}

// A link that has no button any more can still be followed.
func TestFit_LinkOptions(t *testing.T) {
	m := bot.Message{Text: bot.Para("More:"), Options: []bot.Option{{Label: "Web page", Link: "https://a.example/"}, {Label: "Next", Payload: "q~1~a~1"}}}
	found := false
	for _, p := range bot.Fit(m, bottest.Bare()) {
		for _, b := range p.Text {
			for _, s := range b.Spans {
				found = found || s.Link == "https://a.example/"
			}
		}
	}
	if !found {
		t.Error("the link is lost")
	}
}

func FuzzFit(f *testing.F) {
	f.Add("words and words", "label", 20, 1, 8)
	f.Add(strings.Repeat("🙂", 50), "\n", 16, 0, 1)
	f.Fuzz(func(t *testing.T, text, label string, chars, options, labelChars int) {
		if chars < 16 || chars > 5000 || options < 0 || labelChars < 1 || !utf8.ValidString(text) || !utf8.ValidString(label) || label == "" {
			return
		}
		m := bot.Message{Text: bot.Text{{Spans: []bot.Span{{Text: text}, {Text: label, Strong: true}}}, {Item: true, Spans: []bot.Span{{Text: text}}}},
			Options: []bot.Option{{Label: label, Payload: "a"}, {Label: label + text, Payload: "b"}}}
		l := bot.Limits{TextChars: chars, Options: options, LabelChars: labelChars, PayloadBytes: 64}
		parts := bot.Fit(m, l)
		for i, p := range parts {
			if err := bottest.Misfit(p, l); err != nil {
				t.Fatalf("part %d: %v", i+1, err)
			}
		}
		if !strings.HasPrefix(letters(parts...), letters(m)) {
			t.Fatal("words were lost")
		}
	})
}

func TestField_Check(t *testing.T) {
	line := bot.Field{Kind: bot.FieldLine, Required: true, MaxChars: 5, Pattern: "[A-Z].*"}
	number := bot.Field{Kind: bot.FieldNumber, Min: 1900, Max: 2010}
	choice := bot.Field{Kind: bot.FieldChoice, Options: []bot.Option{{Answer: "a", Label: "First"}, {Answer: "b", Label: "Second"}}}
	tick := bot.Field{Kind: bot.FieldTick, Required: true}
	for _, c := range []struct {
		name  string
		field bot.Field
		value string
		want  bot.Problem
	}{
		{"fine", line, "Ng", bot.ProblemNone}, {"space around", line, "  Þóra \n", bot.ProblemPattern}, {"missing", line, "", bot.ProblemMissing},
		{"only space", line, " \t", bot.ProblemMissing}, {"five characters", line, "Aéééé", bot.ProblemNone}, {"six", line, "Aééééé", bot.ProblemLong},
		{"pattern is for the whole", line, "aB", bot.ProblemPattern}, {"optional and empty", number, " ", bot.ProblemNone}, {"number", number, "1951", bot.ProblemNone},
		{"lowest", number, "1900", bot.ProblemNone}, {"below", number, "1899", bot.ProblemRange}, {"highest", number, "2010", bot.ProblemNone},
		{"above", number, "2011", bot.ProblemRange}, {"words", number, "nineteen", bot.ProblemNumber}, {"fraction", number, "19.5", bot.ProblemNumber},
		{"too great", number, "99999999999999999999", bot.ProblemNumber}, {"no bounds", bot.Field{Kind: bot.FieldNumber}, "-5", bot.ProblemNone},
		{"choice", choice, "b", bot.ProblemNone}, {"its label", choice, "Second", bot.ProblemOption}, {"other", choice, "c", bot.ProblemOption},
		{"ticked", tick, "yes", bot.ProblemNone}, {"not ticked", tick, "", bot.ProblemMissing}, {"tick of another kind", tick, "on", bot.ProblemOption},
		{"no such pattern", bot.Field{Kind: bot.FieldLine, Pattern: "("}, "x", bot.ProblemPattern},
		{"alternatives are bound together", bot.Field{Kind: bot.FieldLine, Pattern: "a|b"}, "ac", bot.ProblemPattern},
		{"words over lines", bot.Field{Kind: bot.FieldWords}, "a\nb", bot.ProblemNone},
	} {
		if got := c.field.Check(c.value); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.name, c.value, got, c.want)
		}
	}
	f := bot.Form{Fields: []bot.Field{{Name: "n", Required: true}, {Name: "y", Kind: bot.FieldNumber}}}
	if got := f.Check(map[string]string{"n": "x", "other": "ignored"}); got != nil {
		t.Errorf("a form without mistakes: %v", got)
	}
	if got, want := f.Check(map[string]string{"y": "x"}), (map[string]bot.Problem{"n": bot.ProblemMissing, "y": bot.ProblemNumber}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
