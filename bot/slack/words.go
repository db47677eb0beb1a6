package slack

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// said is what somebody typed, as they typed it: Slack escapes three characters, turns addresses into links, and writes
// emoji by name. Ids of people are not words and are left out.
func said(text string, blocks []wireNode) string {
	return named(unlink(text), blocks)
}

// unlink takes Slack's markup out of a text: <https://a|label>, <@U123>, <#C123|name>, <!here>, and &lt;.
func unlink(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		end := -1
		if open >= 0 {
			end = strings.IndexByte(s[open:], '>')
		}
		if end < 0 {
			b.WriteString(unescape(s))
			return b.String()
		}
		b.WriteString(unescape(s[:open]))
		b.WriteString(link(s[open+1 : open+end]))
		s = s[open+end+1:]
	}
}

// link is what a person sees of what stands in angle brackets.
func link(s string) string {
	target, label, labelled := strings.Cut(s, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		return "@someone"
	case strings.HasPrefix(target, "#"):
		if labelled && label != "" {
			return "#" + unescape(label)
		}
		return "#channel"
	case strings.HasPrefix(target, "!"):
		if labelled && label != "" {
			return unescape(label)
		}
		word, _, _ := strings.Cut(target[1:], "^")
		return "@" + unescape(word)
	case labelled && label != "":
		return unescape(label)
	}
	return unescape(target)
}

func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// named puts emoji in place of their names, as the blocks tell them.
func named(s string, blocks []wireNode) string {
	if !strings.Contains(s, ":") {
		return s
	}
	var names []string
	for _, n := range blocks {
		names = n.emoji(names, 0)
	}
	if len(names) == 0 {
		return s
	}
	return strings.NewReplacer(names...).Replace(s)
}

// emoji adds the pairs of name and character beneath a node.
func (n wireNode) emoji(pairs []string, depth int) []string {
	if depth > 8 || len(pairs) > 256 {
		return pairs
	}
	if n.Type == "emoji" && n.Name != "" {
		if c := character(n.Unicode); c != "" {
			// With its skin tone first: the plain name is the beginning of it.
			for tone := 2; tone <= 6 && strings.Contains(n.Unicode, "1f3f"); tone++ {
				pairs = append(pairs, ":"+n.Name+"::skin-tone-"+strconv.Itoa(tone)+":", c)
			}
			pairs = append(pairs, ":"+n.Name+":", c)
		}
	}
	for _, e := range n.Elements {
		pairs = e.emoji(pairs, depth+1)
	}
	return pairs
}

// character reads "1f44d-1f3fd".
func character(hex string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(hex, "-") {
		n, err := strconv.ParseUint(part, 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) || n == 0 {
			return ""
		}
		b.WriteRune(rune(n))
	}
	return b.String()
}
