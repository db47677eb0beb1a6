package telegram

import (
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"handrail/bot"
)

// html writes a text in Telegram's HTML. Everything that is not our own markup is escaped, so that what somebody wrote
// shows as they wrote it.
func html(t bot.Text) string {
	var b strings.Builder
	for i, block := range t {
		if i > 0 {
			b.WriteByte('\n')
			if !block.Item || !t[i-1].Item {
				b.WriteByte('\n')
			}
		}
		if block.Item {
			b.WriteString("- ")
		}
		for _, s := range block.Spans {
			if s.Text == "" {
				continue
			}
			link := webLink(s.Link)
			if link {
				b.WriteString(`<a href="`)
				escape(&b, s.Link)
				b.WriteString(`">`)
			}
			if s.Strong {
				b.WriteString("<b>")
			}
			escape(&b, s.Text)
			if s.Strong {
				b.WriteString("</b>")
			}
			if link {
				b.WriteString("</a>")
			}
		}
	}
	return b.String()
}

// webLink says whether a link leads to the web. A tg: link mentions a person or opens a chat: none is made.
func webLink(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && utf8.ValidString(s) && !strings.ContainsAny(s, " \n\t")
}

func escape(b *strings.Builder, s string) {
	s = strings.ToValidUTF8(s, "")
	last := 0
	for i := range len(s) {
		var e string
		switch s[i] {
		case '&':
			e = "&amp;"
		case '<':
			e = "&lt;"
		case '>':
			e = "&gt;"
		case '"':
			e = "&quot;"
		default:
			continue
		}
		b.WriteString(s[last:i])
		b.WriteString(e)
		last = i + 1
	}
	b.WriteString(s[last:])
}

// keyboard is an inline keyboard. The library's own button writes an empty copy_text into every button, and a button
// must have one action.
type keyboard struct {
	Rows [][]button `json:"inline_keyboard"`
}

type button struct {
	Text  string `json:"text"`
	Data  string `json:"callback_data,omitempty"`
	URL   string `json:"url,omitempty"`
	Style string `json:"style,omitempty"`
}

// keys lays buttons out: one a row, so that they are large enough for any thumb, but two where labels are short and
// many where they are numbers. nil without buttons.
func keys(options []bot.Option) *keyboard {
	longest := 0
	var all []button
	for _, o := range options {
		b := button{Text: strings.ToValidUTF8(o.Label, ""), Data: o.Payload, Style: style(o.Style)}
		if webLink(o.Link) {
			b.URL, b.Data = o.Link, ""
		}
		if b.Data == "" && b.URL == "" {
			continue // it would do nothing
		}
		longest = max(longest, utf8.RuneCountInString(b.Text))
		all = append(all, b)
	}
	if len(all) == 0 {
		return nil
	}
	perRow := 1
	switch {
	case longest <= 2:
		perRow = 6
	case longest <= 12:
		perRow = 2
	}
	k := &keyboard{}
	for len(all) > 0 {
		n := min(perRow, len(all))
		k.Rows = append(k.Rows, all[:n:n])
		all = all[n:]
	}
	return k
}

func style(s string) string {
	switch s {
	case "main":
		return "primary"
	case "urgent":
		return "danger"
	}
	return ""
}

// markup is a keyboard as a parameter: an interface that holds nothing where there are no buttons.
func markup(k *keyboard) models.ReplyMarkup {
	if k == nil {
		return nil
	}
	return k
}

// preview turns off the picture of a page that Telegram fetches for a link: it would fill the phone's screen.
type preview struct {
	Off bool `json:"is_disabled"`
}

func noPreview() *preview { return &preview{Off: true} }
