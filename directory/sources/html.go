package sources

import (
	"html"
	"strings"
)

// plain turns the HTML that feeds put into descriptions into plain text: tags go, the ends of blocks become new lines,
// list items get a dash, entities become what they stand for, and what is inside script and style is dropped. Text that
// holds no HTML passes unchanged but for its white space. The result is text and must still be escaped where it is shown.
func plain(s string, limit int) string {
	if len(s) > 8*limit {
		s = s[:8*limit]
	}
	var b strings.Builder
	for len(s) > 0 {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:open])
		s = s[open:]
		name, rest, ok := tag(s)
		if !ok { // "under < 5 people": not a tag
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		s = rest
		switch name {
		case "script", "style":
			end := strings.Index(strings.ToLower(s), "</"+name)
			if end < 0 {
				s = ""
				continue
			}
			if _, after, ok := tag(s[end:]); ok {
				s = after
			} else {
				s = ""
			}
		case "br", "p", "/p", "div", "/div", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "h1", "h2", "h3", "h4", "h5", "h6",
			"/ul", "/ol", "/li", "/tr", "/table", "hr":
			b.WriteByte('\n')
		case "li":
			b.WriteString("\n- ")
		case "td", "th":
			b.WriteByte(' ')
		}
	}
	var lines []string
	left := limit
	for line := range strings.SplitSeq(html.UnescapeString(b.String()), "\n") {
		line = clean(line, left)
		if line == "" || line == "-" {
			continue
		}
		lines = append(lines, line)
		if left -= len([]rune(line)); left <= 0 {
			break
		}
	}
	return strings.Join(lines, "\n")
}

// tag reads a tag or comment at the start of s: its lower-case name with a slash for an end, and what follows it.
func tag(s string) (name, rest string, ok bool) {
	if strings.HasPrefix(s, "<!--") {
		if end := strings.Index(s, "-->"); end >= 0 {
			return "!", s[end+3:], true
		}
		return "!", "", true
	}
	i := 1
	if i < len(s) && s[i] == '/' {
		i++
	}
	if i >= len(s) || !(s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || s[i] == '!' || s[i] == '?') {
		return "", "", false
	}
	start := i
	for i < len(s) && s[i] != '>' && s[i] != '/' && s[i] != ' ' && s[i] != '\n' && s[i] != '\t' && s[i] != '\r' {
		i++
	}
	name = strings.ToLower(s[start:i])
	if s[1] == '/' {
		name = "/" + name
	}
	quote := byte(0)
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return name, s[i+1:], true
		}
	}
	// The tag never ends: drop the rest unless a quote was the trouble.
	if end := strings.IndexByte(s, '>'); end >= 0 {
		return name, s[end+1:], true
	}
	return name, "", true
}
