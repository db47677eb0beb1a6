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
//
// Where a message can hold no cards, each card becomes a message with its own options, and the message's options come
// under the last; where options must be numbered, everything becomes one message, so that no number is there twice.
func Fit(m Message, l Limits) []Message {
	if len(m.Cards) > 0 {
		return fitCards(m, l)
	}
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
	out[0].Erases = m.Erases
	last := &out[len(out)-1]
	last.Options, last.Form, last.Place, last.Files = options, form, place, files
	if len(out) == 1 {
		last.Replaces = m.Replaces // several messages cannot take the place of one
	}
	return out
}

// fitCards is Fit for a message with cards.
func fitCards(m Message, l Limits) []Message {
	out := fitEach(m, l)
	if len(out) == 1 {
		out[0].Replaces = m.Replaces
	}
	return out
}

func fitEach(m Message, l Limits) []Message {
	if m.numbers(l) {
		return Fit(m.flat(), l)
	}
	var out []Message
	if len(m.Text) > 0 {
		out = Fit(Message{Text: m.Text, Private: m.Private}, l)
	}
	if l.Cards == 0 {
		for i, c := range m.Cards {
			one := Message{Text: c.Text, Options: c.Options, Private: m.Private}
			if c.Picture != nil {
				one.Files = []File{*c.Picture}
			}
			if i == len(m.Cards)-1 {
				one.Options = append(one.Options[:len(one.Options):len(one.Options)], m.Options...)
				one.Form, one.Place = m.Form, m.Place
				one.Files = append(one.Files, m.Files...)
			}
			out = append(out, Fit(one, l)...)
		}
		return out
	}
	// What is too long for a card continues in the next one.
	var cards []Card
	for _, c := range m.Cards {
		parts := splitText(c.Text, l.TextChars)
		if len(parts) == 0 {
			parts = []Text{nil}
		}
		for i, p := range parts {
			card := Card{Text: p}
			if i == 0 && l.Files {
				card.Picture = c.Picture
			}
			if i == len(parts)-1 {
				card.Options = c.Options
			}
			cards = append(cards, card)
		}
	}
	head := Text(nil)
	if n := len(out); n > 0 {
		head, out = out[n-1].Text, out[:n-1]
	}
	for {
		n := min(l.Cards, len(cards))
		out = append(out, Message{Text: head, Cards: cards[:n:n], Private: m.Private})
		if cards, head = cards[n:], nil; len(cards) == 0 {
			break
		}
	}
	// Whatever comes last comes under the last card; what the channel cannot show is said after it.
	last := &out[len(out)-1]
	rest := Fit(Message{Options: m.Options, Form: m.Form, Place: m.Place, Files: m.Files, Private: m.Private}, l)
	if len(rest) == 1 && len(rest[0].Text) == 0 {
		last.Options, last.Form, last.Place, last.Files = rest[0].Options, rest[0].Form, rest[0].Place, rest[0].Files
		return out
	}
	return append(out, rest...)
}

// flat is the message without cards: their words follow its own, and so do their options.
func (m Message) flat() Message {
	m = m.Clone()
	for _, c := range m.Cards {
		m.Text = append(m.Text[:len(m.Text):len(m.Text)], c.Text...)
		if c.Picture != nil {
			m.Files = append(m.Files[:len(m.Files):len(m.Files)], *c.Picture)
		}
		m.Options = append(m.Options, c.Options...)
	}
	m.Cards = nil
	return m
}

// numbers reports whether the message's options are numbered in the text where these are the limits.
func (m Message) numbers(l Limits) bool {
	over := func(options []Option, n int) bool {
		return len(options) > 0 && (n > l.Options || l.LabelChars > 0 && longestLabel(options) > l.LabelChars)
	}
	for i, c := range m.Cards {
		n := len(c.Options)
		if l.Cards == 0 && i == len(m.Cards)-1 {
			n += len(m.Options)
		}
		if over(c.Options, n) {
			return true
		}
	}
	return over(m.Options, len(m.Options))
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
