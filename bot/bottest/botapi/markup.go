package botapi

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// Entity is a style on a stretch of text, counted in UTF-16 code units.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// parseHTML reads Telegram's HTML: a few tags, four named entities, nothing else.
func parseHTML(s string) (text string, entities []Entity, err error) {
	names := map[string]string{
		"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline", "s": "strikethrough",
		"strike": "strikethrough", "del": "strikethrough", "a": "text_link", "code": "code", "pre": "pre", "tg-spoiler": "spoiler",
		"blockquote": "blockquote",
	}
	type opened struct {
		tag string
		e   Entity
	}
	var b strings.Builder
	var stack []opened
	at := 0 // code units so far
	for i := 0; i < len(s); {
		switch {
		case s[i] == '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return "", nil, fmt.Errorf("unclosed start tag at byte offset %d", i)
			}
			tag := s[i+1 : i+end]
			if name, closing := strings.CutPrefix(tag, "/"); closing {
				if len(stack) == 0 || stack[len(stack)-1].tag != name {
					return "", nil, fmt.Errorf("unmatched end tag at byte offset %d", i)
				}
				o := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if o.e.Length = at - o.e.Offset; o.e.Length > 0 && (o.tag != "a" || o.e.URL != "") {
					entities = append(entities, o.e)
				}
			} else {
				name, rest, _ := strings.Cut(tag, " ")
				kind, ok := names[name]
				if !ok {
					return "", nil, fmt.Errorf("unsupported start tag \"%s\" at byte offset %d", name, i)
				}
				o := opened{name, Entity{Type: kind, Offset: at}}
				if v, ok := strings.CutPrefix(rest, `href="`); ok {
					o.e.URL = html.UnescapeString(strings.TrimSuffix(v, `"`))
				}
				stack = append(stack, o)
			}
			i += end + 1
		case s[i] == '&':
			known := false
			for name, r := range map[string]byte{"&lt;": '<', "&gt;": '>', "&amp;": '&', "&quot;": '"'} {
				if strings.HasPrefix(s[i:], name) {
					b.WriteByte(r)
					i, known = i+len(name), true
					break
				}
			}
			if !known {
				b.WriteByte('&')
				i++
			}
			at++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			b.WriteRune(r)
			at += max(1, len(utf16Of(r)))
			i += n
		}
	}
	if len(stack) > 0 {
		return "", nil, fmt.Errorf("no end tag corresponding to start tag \"%s\"", stack[len(stack)-1].tag)
	}
	slices.SortFunc(entities, func(x, y Entity) int { return x.Offset - y.Offset })
	return b.String(), entities, nil
}

func utf16Of(r rune) []uint16 {
	if r >= 0x10000 {
		return []uint16{0, 0}
	}
	return []uint16{0}
}

// units is the length in UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += len(utf16Of(r))
	}
	return n
}

// shown is a text as Telegram keeps it: without space around it, and without control characters.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' {
			if r == '\t' {
				return ' '
			}
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
