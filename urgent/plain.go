package urgent

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a message in plain form.
type word struct {
	text string
	// first says that a sentence begins here, last that one ends here.
	first, last bool
}

// plain takes a text apart into words: lower case, compatibility forms folded (full-width, mathematical bold),
// accents, zero-width and direction marks gone, look-alike letters made Latin, digits that stand for letters put back,
// apostrophes closed up, letters spelt out with gaps joined. For matching danger only, never for identity (B6).
func plain(text string) []word {
	words := make([]word, 0, len(text)/5+1)
	var b []byte // the word being read
	flush := func() {
		if len(b) > 0 {
			if text := spell(string(b)); text != "" {
				words = append(words, word{text: text, first: len(words) == 0 || words[len(words)-1].last})
			}
			b = b[:0]
		}
	}
	stop := func() {
		flush()
		if len(words) > 0 {
			words[len(words)-1].last = true
		}
	}
	read := func(r rune) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b = append(b, byte(r))
		case r >= 'A' && r <= 'Z':
			b = append(b, byte(r)+'a'-'A')
		case r == '\'' || r == '`' || r == '’' || r == '‘' || r == 'ʼ' || r == '´' || r == '′':
			// don't and dont are one word
		case (r == '$' || r == '@' || r == '!' || r == '|') && len(b) > 0:
			b = append(b, byte(r)) // perhaps a letter in disguise; spell decides
		case r == '$' || r == '@':
			b = append(b, byte(r))
		case r == '.' || r == '?' || r == '!' || r == '\n' || r == '\r' || r == ';' || r == '…' || r == '。' || r == '؟':
			stop()
		case r < utf8.RuneSelf:
			flush()
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) || unicode.Is(unicode.Cf, r):
			// an accent, a zero-width space, a soft hyphen, a direction mark: as if it were not there
		default:
			r = unicode.ToLower(r)
			if l := latin(r); l != "" {
				b = append(b, l...)
			} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b = utf8.AppendRune(b, r)
			} else {
				flush()
			}
		}
	}
	// Plain ASCII needs no normalising; what does is done piece by piece, so that a megabyte needs no second megabyte.
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf && (i+1 == len(text) || text[i+1] < utf8.RuneSelf) {
			// '!' in a word is read as a letter only when a letter follows: "k!ll" but not "help!".
			if (c == '!' || c == '|') && (i+1 == len(text) || !isLetter(text[i+1])) {
				stop()
			} else {
				read(rune(c))
			}
			i++
			continue
		}
		end := i + 1
		for end < len(text) && end-i < 4096 && (text[end] >= utf8.RuneSelf || text[end-1] >= utf8.RuneSelf) {
			end++
		}
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end++
		}
		for _, r := range norm.NFKD.String(strings.ToValidUTF8(text[i:end], " ")) {
			read(r)
		}
		i = end
	}
	stop()
	return join(words)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// join puts together letters that were spelt out with gaps ("k i l l") where four or more stand in a row.
func join(words []word) []word {
	out := words[:0]
	for i := 0; i < len(words); {
		j := i
		for j < len(words) && len(words[j].text) == 1 && isLetter(words[j].text[0]) {
			j++
		}
		// "don t" is what is left of don't where the apostrophe was lost.
		if j == i+1 && words[i].text == "t" && len(out) > 0 && !words[i].first && strings.HasSuffix(out[len(out)-1].text, "n") {
			out[len(out)-1].text += "t"
			out[len(out)-1].last = words[i].last
			i = j
			continue
		}
		if j-i < 4 {
			out = append(out, words[i:max(j, i+1)]...)
			i = max(j, i+1)
			continue
		}
		var b strings.Builder
		for _, w := range words[i:j] {
			b.WriteString(w.text)
		}
		// Sentences cannot be told apart in here: "s.u.i.c.i.d.e" is one word.
		for k, part := range unglue(b.String()) {
			out = append(out, word{text: part, first: k == 0 && words[i].first})
		}
		out[len(out)-1].last = words[j-1].last
		i = j
	}
	return out
}

// unglue cuts letters that were spelt out without gaps between words ("killmyself"), longest word first.
func unglue(s string) (parts []string) {
	for len(s) > 0 {
		n := 0
		for _, w := range glued() {
			if strings.HasPrefix(s, w) {
				n = len(w)
				break
			}
		}
		if n == 0 {
			return append(parts, s)
		}
		parts, s = append(parts, s[:n]), s[n:]
	}
	return parts
}

// glued are the words that people spell out, longest first.
func glued() []string {
	return []string{"overdosed", "overdose", "suicidal", "suicide", "myself", "unalive", "killing", "hurting", "cutting", "tonight",
		"anymore", "ending", "going", "gonna", "wanna", "dying", "harm", "hurt", "kill", "want", "life", "dead", "here", "live",
		"self", "help", "dont", "the", "end", "die", "cut", "kms", "it", "to", "my", "me", "be", "im", "i"}
}

// spell puts one word right: digits and signs that stand for letters, and letters held down.
func spell(s string) string {
	var letters, signs, held bool
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= utf8.RuneSelf {
			letters = true
		} else {
			signs = true
		}
		held = held || i > 1 && c == s[i-1] && c == s[i-2]
	}
	if !signs && !held {
		return s
	}
	b := make([]byte, 0, len(s))
	if letters && signs {
		for i := range len(s) {
			b = append(b, letter(s[i], b))
		}
	} else {
		for i := range len(s) {
			if c := s[i]; c != '$' && c != '@' && c != '!' && c != '|' {
				b = append(b, c)
			}
		}
	}
	if !letters {
		return string(b)
	}
	// Held down: "dieeee" is die, "killlll" is kill, "meeee" is me.
	out := b[:0]
	for i := 0; i < len(b); {
		c, n := b[i], 1
		for i+n < len(b) && b[i+n] == c {
			n++
		}
		i += n
		out = append(out, c)
		if n == 2 || n > 2 && (c == 'l' || c == 's' || c == 'f' || (c == 'e' || c == 'o') && i < len(b)) {
			out = append(out, c)
		}
	}
	return string(out)
}

// letter is what a digit or sign stands for among letters; before is what was read of the word.
func letter(c byte, before []byte) byte {
	switch c {
	case '0':
		return 'o'
	case '1', '!':
		if n := len(before); n > 0 && (before[n-1] == 'i' || before[n-1] == 'l') {
			return 'l' // "ki11"
		}
		return 'i'
	case '|':
		return 'l'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7':
		return 't'
	}
	return c
}

// latin is the Latin letter that a Cyrillic, Greek or other letter is drawn like; "" when there is none.
func latin(r rune) string {
	if r >= 0x530 {
		return "" // nothing below is beyond Cyrillic
	}
	const from = "аеорсухіјѕԁԛԝһӏкмтвнзпгьαεοριυνκτχηωβγσδłøđıŀɡɑɩʟɪſƒțȷ"
	const to = "aeopcyxijsdqwhlkmtbhznrbaeopiuvktxnwbysdlodilgailisftj"
	i := 0
	for _, c := range from {
		if c == r {
			return to[i : i+1]
		}
		i++
	}
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	}
	return ""
}
