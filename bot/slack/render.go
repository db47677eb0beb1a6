package slack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"handrail"
	"handrail/bot"
)

// Slack's limits, of https://docs.slack.dev/reference/block-kit: the library checks none of them.
const (
	maxBlocks      = 50   // in a message
	maxViewBlocks  = 100  // in a modal or the home tab
	maxElements    = 25   // in an actions block
	maxChoices     = 100  // in a select, and groups in one
	maxLabel       = 75   // characters on a button, and of a select's option
	maxTitle       = 24   // of a modal's title and buttons
	maxValue       = 2000 // bytes that a button carries
	maxOptionValue = 150  // of a select's option
	maxMetadata    = 3000 // of a view's private_metadata
	maxHint        = 2000 // of an input's label and hint
	maxInput       = 3000 // of what is typed into one
	maxText        = 3000 // in a text object; kept to in rich text too
	maxNotice      = 300  // of what a notification shows; Slack cuts it sooner
	maxAlt         = 1000 // of a file's alternative text
	maxCards       = 10   // four blocks each
)

// Limits says what a message in Slack may be.
func (c *Channel) Limits() bot.Limits {
	return bot.Limits{
		TextChars: maxText, Options: maxChoices, LabelChars: maxLabel, PayloadBytes: maxOptionValue,
		Forms: true, Files: true, Places: true, Cards: maxCards, Pictures: true,
	}
}

// Ids of what is pressed. A block's id holds the place that it belongs to, so that an answer finds the conversation that
// asked, wherever the message ended up.
const (
	actOption = "option-" // a button that carries a payload
	actSelect = "select"  // a list of options that carry payloads
	actLink   = "link-"   // a button that opens an address: it answers nothing
	actForm   = "form"    // the button that opens the form of its token
)

// blocks are a message's, laid out for one person in a place.
func (c *Channel) blocks(m bot.Message, place string) []slack.Block { return c.layout(m, place, false) }

// layout is blocks; with onTop what can be done with all of it stands above the cards, which may be many.
func (c *Channel) layout(m bot.Message, place string, onTop bool) []slack.Block {
	var out []slack.Block
	n := 0
	id := func(kind string) string { n++; return kind + "-" + strconv.Itoa(n) + "@" + place }
	if rich := richText(m.Text); len(rich) > 0 {
		out = append(out, slack.NewRichTextBlock(id("text"), rich...))
	}
	if onTop {
		out = append(out, c.actions(m.Options, id)...)
		m.Options = nil
	}
	for i, card := range m.Cards {
		if i > 0 || len(out) > 0 {
			out = append(out, &slack.DividerBlock{Type: slack.MBTDivider, BlockID: id("line")})
		}
		out = append(out, cardBlocks(card, id)...)
		out = append(out, c.actions(card.Options, id)...)
	}
	for _, f := range m.Files {
		if linked(&f) {
			out = append(out, slack.NewImageBlock(f.Link, alt(f), id("picture"), nil))
		}
	}
	options := m.Options
	if p := m.Place; p != nil {
		if p.Address == "" || !strings.Contains(m.Text.Plain(), p.Address) {
			out = append(out, slack.NewRichTextBlock(id("place"),
				slack.NewRichTextSection(plainRun(p.Name+"\n", true), plainRun(p.Address, false))))
		}
		if address := mapAddress(p.At); address != "" {
			options = append(options[:len(options):len(options)], bot.Option{Label: c.texts.Map, Link: address})
		}
	}
	out = append(out, c.actions(options, id)...)
	if m.Form != nil {
		b := button(c.texts.Open, actForm, m.Form.Token)
		b.Style = slack.StylePrimary
		out = append(out, slack.NewActionBlock(id("form"), b))
	}
	return out
}

// cardBlocks are a card's words, and its picture where it has an address: small, beside its first lines without styles, since
// only a section has room for one, and a section's words are read to the letter only without styles.
func cardBlocks(card bot.Card, id func(string) string) []slack.Block {
	var out []slack.Block
	words := func(t bot.Text) {
		if rich := richLines(t, "\n"); len(rich) > 0 { // no empty lines: several cards stand under each other
			out = append(out, slack.NewRichTextBlock(id("card"), rich...))
		}
	}
	if !linked(card.Picture) {
		words(card.Text)
		return out
	}
	for i := range card.Text {
		line, next := plainLine(card.Text[i]), i+1
		if line == "" {
			continue
		}
		for ; next < len(card.Text) && plainLine(card.Text[next]) != ""; next++ {
			line += "\n" + plainLine(card.Text[next])
		}
		words(card.Text[:i])
		picture := slack.NewImageBlockElement(card.Picture.Link, alt(*card.Picture))
		out = append(out, slack.NewSectionBlock(plain(cut(line, maxText)), nil, slack.NewAccessory(picture), slack.SectionBlockOptionBlockID(id("beside"))))
		words(card.Text[next:])
		return out
	}
	words(card.Text)
	return append(out, slack.NewImageBlock(card.Picture.Link, alt(*card.Picture), id("picture"), nil))
}

// plainLine is a paragraph without styles, or "".
func plainLine(b bot.Block) string {
	var line strings.Builder
	for _, s := range b.Spans {
		if b.Item || s.Strong || s.Link != "" {
			return ""
		}
		line.WriteString(s.Text)
	}
	return strings.TrimSpace(line.String())
}

// linked says whether a picture can be shown by its address.
func linked(f *bot.File) bool { return f != nil && webLink(f.Link) }

func alt(f bot.File) string {
	if strings.TrimSpace(f.Alt) == "" {
		return "A picture"
	}
	return cut(valid(f.Alt), maxAlt)
}

// pictureless is a message without the pictures that are shown by their address.
func pictureless(m bot.Message) bot.Message {
	m = m.Clone()
	for i := range m.Cards {
		if linked(m.Cards[i].Picture) {
			m.Cards[i].Picture = nil
		}
	}
	m.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f bot.File) bool { return linked(&f) })
	return m
}

// pictured says whether a message has pictures that are shown by their address.
func pictured(m bot.Message) bool {
	return slices.ContainsFunc(m.Cards, func(c bot.Card) bool { return linked(c.Picture) }) || slices.ContainsFunc(m.Files, func(f bot.File) bool { return linked(&f) })
}

// fitted is a message with its blocks: without pictures, where they would make it too long.
func (c *Channel) fitted(m bot.Message, place string) (bot.Message, []slack.Block) {
	blocks := c.blocks(m, place)
	if len(blocks) > maxBlocks && pictured(m) {
		m = pictureless(m)
		blocks = c.blocks(m, place)
	}
	return m, blocks
}

// actions are the buttons of a message or card; a list to pick from where they are more than a row can hold.
func (c *Channel) actions(options []bot.Option, id func(string) string) []slack.Block {
	var buttons, links []slack.BlockElement
	var choices []*slack.OptionBlockObject
	for i, o := range options {
		switch {
		case webLink(o.Link):
			b := button(o.Label, actLink+strconv.Itoa(i), "")
			b.URL = o.Link
			links = append(links, b)
			buttons = append(buttons, b)
		case o.Payload == "" || len(o.Payload) > maxValue:
			// It would do nothing.
		default:
			b := button(o.Label, actOption+strconv.Itoa(i), o.Payload)
			switch o.Style {
			case "main":
				b.Style = slack.StylePrimary
			case "urgent":
				b.Style = slack.StyleDanger
			}
			buttons = append(buttons, b)
			choices = append(choices, slack.NewOptionBlockObject(o.Payload, plain(cut(o.Label, maxLabel)), nil))
		}
	}
	var out []slack.Block
	if len(buttons) > maxElements && len(choices) > 0 {
		list := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(c.texts.Pick), actSelect, choices[:min(len(choices), maxChoices)]...)
		out = append(out, slack.NewActionBlock(id("list"), list))
		buttons = links
	}
	for len(buttons) > 0 {
		k := min(len(buttons), maxElements)
		out = append(out, slack.NewActionBlock(id("buttons"), buttons[:k]...))
		buttons = buttons[k:]
	}
	return out
}

func button(label, action, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, plain(cut(label, maxLabel)))
}

// plain is a text object that is shown to the letter: no markup, and ":-)" stays what it is.
func plain(s string) *slack.TextBlockObject {
	s = valid(s)
	if strings.TrimSpace(s) == "" {
		s = "…" // Slack takes no empty one
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// richText is a text as rich text, in which every run is given with its style and nothing is read as markup: what
// somebody wrote can neither ping anybody nor pass for a link (B18, B20).
func richText(t bot.Text) []slack.RichTextElement { return richLines(t, "\n\n") }

// richLines is richText with this between two paragraphs.
func richLines(t bot.Text, between string) []slack.RichTextElement {
	var out []slack.RichTextElement
	var items []slack.RichTextElement
	section := slack.NewRichTextSection()
	end := func() {
		if len(section.Elements) > 0 {
			out = append(out, section)
			section = slack.NewRichTextSection()
		}
		if len(items) > 0 {
			out = append(out, slack.NewRichTextList(slack.RTEListBullet, 0, items...))
			items = nil
		}
	}
	for i, block := range t {
		runs := richRuns(block.Spans)
		if block.Item {
			if len(section.Elements) > 0 {
				end()
			}
			if len(runs) == 0 {
				runs = []slack.RichTextSectionElement{plainRun(" ", false)}
			}
			items = append(items, slack.NewRichTextSection(runs...))
			continue
		}
		if len(items) > 0 {
			end()
		}
		if i > 0 && len(section.Elements) > 0 {
			section.Elements = append(section.Elements, plainRun(between, false))
		}
		section.Elements = append(section.Elements, runs...)
	}
	end()
	return out
}

func richRuns(spans []bot.Span) []slack.RichTextSectionElement {
	var out []slack.RichTextSectionElement
	for _, s := range spans {
		text := valid(s.Text)
		switch {
		case text == "":
		case webLink(s.Link):
			out = append(out, slack.NewRichTextSectionLinkElement(s.Link, text, style(s.Strong)))
		default:
			out = append(out, plainRun(text, s.Strong))
		}
	}
	return out
}

func plainRun(text string, strong bool) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(valid(text), style(strong))
}

func style(strong bool) *slack.RichTextSectionTextStyle {
	if !strong {
		return nil
	}
	return &slack.RichTextSectionTextStyle{Bold: true}
}

// notice is what a notification shows, and what stands for the blocks where they cannot be shown.
func (c *Channel) notice(m bot.Message) string {
	if m.Private {
		return c.texts.Notice
	}
	words := m.Text.Plain()
	if strings.TrimSpace(words) == "" {
		for _, card := range m.Cards {
			words += card.Text.Plain() + "\n"
		}
	}
	if words = strings.TrimSpace(words); words == "" {
		words = c.texts.Notice
	}
	return escape(cut(words, maxNotice))
}

// escape makes words safe where Slack reads markup: these three characters, and no others
// (https://docs.slack.dev/messaging/formatting-message-text#escaping).
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(valid(s))
}

func valid(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "") }

// webLink says whether a link leads to the web.
func webLink(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && len(s) <= 3000 && utf8.ValidString(s) && !strings.ContainsAny(s, " \n\t<>|")
}

// mapAddress is where a map shows a point; empty for none.
func mapAddress(p handrail.Point) string {
	if p == (handrail.Point{}) {
		return ""
	}
	return fmt.Sprintf("https://www.openstreetmap.org/?mlat=%.5f&mlon=%.5f#map=17/%.5f/%.5f", p.Lat, p.Lon, p.Lat, p.Lon)
}

// cut shortens s to n characters, the last of which is then an ellipsis.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ") + "…"
}
