package bot

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Fit makes any message fit a channel with these limits. It is pure. The result is never empty for a message that says
// anything; it keeps every word and every option, in order; what must come last (options, a form) is on the last part.
//
// Where there are no buttons, or too few, or where a label does not fit on one, the options are numbered in the text,
// so that the number can be typed. A form on a channel without forms is the business of Talk.Form, which asks field by
// field; here its labels are listed, so that nothing is lost in silence.
func Fit(m Message, l Limits) []Message {
	text := m.Text
	options := m.Options
	switch {
	case len(options) == 0:
	case l.Options < len(options):
		text = append(text[:len(text):len(text)], numbered(options)...)
		options = nil
	case l.LabelChars > 0 && longestLabel(options) > l.LabelChars:
		text = append(text[:len(text):len(text)], numbered(options)...)
		short := make([]Option, len(options))
		for i, o := range options {
			o.Label = cut(strconv.Itoa(i+1)+". "+o.Label, l.LabelChars)
			short[i] = o
		}
		options = short
	}
	form := m.Form
	if form != nil && !l.Forms {
		for _, f := range form.Fields {
			text = append(text[:len(text):len(text)], Block{Item: true, Spans: []Span{{Text: f.Label}}})
		}
		form = nil
	}
	place := m.Place
	if place != nil && !l.Places {
		text = append(text[:len(text):len(text)], Block{Spans: []Span{{Text: place.Name + ", " + place.Address}}})
		place = nil
	}
	files := m.Files
	if len(files) > 0 && !l.Files {
		for _, f := range files {
			name := f.Alt
			if name == "" {
				name = f.Name
			}
			text = append(text[:len(text):len(text)], Block{Item: true, Spans: []Span{{Text: name}}})
		}
		files = nil
	}
	parts := splitText(text, l.TextChars)
	if len(parts) == 0 {
		parts = []Text{nil}
	}
	out := make([]Message, len(parts))
	for i, p := range parts {
		out[i] = Message{Text: p, Private: m.Private}
	}
	last := &out[len(out)-1]
	last.Options, last.Form, last.Place, last.Files = options, form, place, files
	return out
}

// numbered lists the options as "1. Label" items. What opened an address still does.
func numbered(options []Option) Text {
	t := make(Text, len(options))
	for i, o := range options {
		t[i] = Block{Spans: []Span{{Text: strconv.Itoa(i+1) + ". " + o.Label, Link: o.Link}}}
	}
	return t
}

func longestLabel(options []Option) int {
	longest := 0
	for _, o := range options {
		longest = max(longest, utf8.RuneCountInString(o.Label))
	}
	return longest
}

// cut shortens s to n characters, the last of which is then an ellipsis.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n <= 1 {
		return "…"
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:n-1]), " ") + "…"
}

// splitText splits at blocks, then at spaces, then wherever it must, into texts of at most n characters of Plain.
func splitText(t Text, n int) []Text {
	if n <= 0 || utf8.RuneCountInString(t.Plain()) <= n {
		if len(t) == 0 {
			return nil
		}
		return []Text{t}
	}
	// "- " and the empty line between blocks count too: leave room for them.
	room := max(n-4, 1)
	var parts []Text
	var part Text
	size := 0
	flush := func() {
		if len(part) > 0 {
			parts = append(parts, part)
			part, size = nil, 0
		}
	}
	for _, block := range t {
		for _, piece := range splitBlock(block, room) {
			length := blockChars(piece) + 4
			if size > 0 && size+length > n {
				flush()
			}
			part = append(part, piece)
			size += length
		}
	}
	flush()
	return parts
}

func blockChars(b Block) int {
	n := 0
	for _, s := range b.Spans {
		n += utf8.RuneCountInString(s.Text)
	}
	return n
}

// splitBlock splits one block into blocks of at most n characters, keeping the style of each span.
func splitBlock(b Block, n int) []Block {
	if blockChars(b) <= n {
		return []Block{b}
	}
	var out []Block
	cur := Block{Item: b.Item}
	size := 0
	for _, span := range b.Spans {
		rest := []rune(span.Text)
		for len(rest) > 0 {
			take := min(n-size, len(rest))
			if take < len(rest) {
				// Prefer to break after a space.
				for i := take; i > take/2; i-- {
					if rest[i-1] == ' ' || rest[i-1] == '\n' {
						take = i
						break
					}
				}
			}
			if take > 0 {
				piece := span
				piece.Text = string(rest[:take])
				cur.Spans = append(cur.Spans, piece)
				size += take
				rest = rest[take:]
			}
			if len(rest) > 0 || size >= n {
				out = append(out, cur)
				cur, size = Block{Item: b.Item}, 0
			}
		}
	}
	if len(cur.Spans) > 0 {
		out = append(out, cur)
	}
	return out
}
