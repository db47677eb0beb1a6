package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/directory/postcode"
)

// kind says what a token is.
type kind uint8

const (
	word   kind = iota // letters; low is in small letters, without apostrophes
	number             // digits, with one "." or ":" and two digits after it perhaps
	mark               // one sign; low is it, with all dashes as "-"
	stop               // the end of a sentence
	opaque             // a link, an e-mail address, a postcode: nothing in it is a time
)

// token is a piece of the text.
type token struct {
	kind       kind
	low        string
	start, end int
	hour       int  // number: what stands before the "." or ":"
	minute     int  // number: what stands after it
	digits     int8 // number: how many digits before it, up to 9
	minutes    bool // number: there was a "." or ":"
	colon      bool
	spaced     bool // white space stands before it
	capital    bool
}

// longWord is the longest run of letters that is taken for a word; a longer one means nothing.
const longWord = 40

// lex cuts a text into tokens in one pass.
func lex(text string) []token {
	out := make([]token, 0, len(text)/5+8)
	spaced, fieldEnd := true, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if i >= fieldEnd && !unicode.IsSpace(r) {
			fieldEnd = i + fieldLength(text[i:])
			if link(text[i:fieldEnd]) {
				out = append(out, token{kind: opaque, start: i, end: fieldEnd, spaced: spaced})
				i, spaced = fieldEnd, false
				continue
			}
		}
		switch {
		case r == '\n':
			out = append(out, token{kind: stop, low: "\n", start: i, end: i + size, spaced: spaced})
			i, spaced = i+size, true
		case unicode.IsSpace(r):
			i, spaced = i+size, true
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			i += size // not to be seen
		case r >= '0' && r <= '9':
			t := lexNumber(text, i)
			t.spaced = spaced
			out = append(out, t)
			i, spaced = t.end, false
		case unicode.IsLetter(r):
			if n := codeLength(text[i:]); n > 0 {
				out = append(out, token{kind: opaque, start: i, end: i + n, spaced: spaced})
				i, spaced = i+n, false
				continue
			}
			t := lexWord(text, i)
			t.spaced = spaced
			if n := halfOfDay(text, i, out); n > 0 {
				t.low, t.end = t.low[:1]+"m", i+n
			}
			out = append(out, t)
			i, spaced = t.end, false
		default:
			out = append(out, lexMark(text, i, r, size, spaced, out))
			i, spaced = i+size, false
		}
	}
	return out
}

// codeLength measures a full postcode at the beginning of s, so that no part of it is taken for a time; 0 for none. It
// looks at a few bytes only: nearly every word is ruled out by its third letter.
func codeLength(s string) int {
	letter := func(i int) bool { return i < len(s) && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z') }
	digit := func(i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }
	i := 1
	if letter(i) {
		i++
	}
	if !digit(i) {
		return 0
	}
	i++
	for _, district := range []int{1, 0} { // "BS34" and "W1A", then "M1"
		j := i + district
		if district == 1 && !digit(i) && !letter(i) {
			continue
		}
		for n := 0; n < 2 && j < len(s) && s[j] == ' '; n++ {
			j++
		}
		if !digit(j) || !letter(j+1) || !letter(j+2) || letter(j+3) || digit(j+3) {
			continue
		}
		if c, err := postcode.Parse(s[:j+3]); err == nil && c.Kind == postcode.Full && !c.Corrected {
			return j + 3
		}
	}
	return 0
}

func fieldLength(s string) int {
	if n := strings.IndexFunc(s, unicode.IsSpace); n >= 0 {
		return n
	}
	return len(s)
}

func link(field string) bool {
	if at := strings.IndexByte(field, '@'); at > 0 && strings.IndexByte(field[at:], '.') > 1 {
		return true
	}
	return strings.Contains(field, "://") || strings.HasPrefix(field, "www.")
}

func lexNumber(text string, i int) token {
	t := token{kind: number, start: i}
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		t.hour = min(t.hour*10+int(text[i]-'0'), 1_000_000)
		t.digits = min(t.digits+1, 9)
		i++
	}
	two := func(i int) bool {
		digit := func(i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }
		return digit(i) && digit(i+1) && !digit(i+2)
	}
	if t.digits <= 2 && i < len(text) && (text[i] == '.' || text[i] == ':') && two(i+1) {
		after := i + 3
		// "10.30" and not the beginning of "10.30.2026" or "01.02.03".
		if after+1 >= len(text) || (text[after] != '.' && text[after] != ':') || text[after+1] < '0' || text[after+1] > '9' {
			t.minutes, t.colon = true, text[i] == ':'
			t.minute = int(text[i+1]-'0')*10 + int(text[i+2]-'0')
			i = after
		}
	}
	t.end = i
	t.low = text[t.start:t.end]
	if len(t.low) > longWord {
		t.low = ""
	}
	return t
}

func lexWord(text string, i int) token {
	t := token{kind: word, start: i}
	r, _ := utf8.DecodeRuneInString(text[i:])
	t.capital = unicode.IsUpper(r)
	apostrophe := false
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == '\'' || r == '’' {
			if next, _ := utf8.DecodeRuneInString(text[i+size:]); !unicode.IsLetter(next) {
				break
			}
			apostrophe = true
		} else if !unicode.IsLetter(r) && !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Mn, r) {
			break
		}
		i += size
	}
	t.end = i
	if t.end-t.start > longWord {
		return t
	}
	t.low = strings.ToLower(text[t.start:t.end])
	if apostrophe {
		t.low = strings.NewReplacer("'", "", "’", "").Replace(t.low)
	}
	if !plainASCII(t.low) {
		t.low = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, t.low)
	}
	return t
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// halfOfDay measures "a.m." and "p.m." after a number.
func halfOfDay(text string, i int, before []token) int {
	if len(before) == 0 || before[len(before)-1].kind != number || i+3 > len(text) || text[i+1] != '.' {
		return 0
	}
	if half, m := text[i]|0x20, text[i+2]|0x20; half != 'a' && half != 'p' || m != 'm' {
		return 0
	}
	if i+3 < len(text) && text[i+3] == '.' {
		return 4
	}
	return 3
}

func lexMark(text string, i int, r rune, size int, spaced bool, before []token) token {
	t := token{kind: mark, low: string(r), start: i, end: i + size, spaced: spaced}
	switch r {
	case '–', '—', '−', '‒', '‑', '‐', '―', '~':
		t.low = "-"
	case '!', '?', ';', '•', '|', '·', '▪', '●', '\r':
		t.kind = stop
	case '.':
		if !dotOfWord(text, i, before) {
			t.kind = stop
		}
	}
	return t
}

// dotOfWord reports whether a full stop belongs to a shortened word: "Mon. to Fri.", "e.g.", "approx. 2 hours".
func dotOfWord(text string, i int, before []token) bool {
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1]
	if last.kind != word || last.end != i {
		return false
	}
	if last.end-last.start == 1 || last.low == "approx" || last.low == "incl" || last.low == "excl" || last.low == "exc" || last.low == "tel" || last.low == "no" {
		return true
	}
	if _, ok := weekdayOf(last.low); ok && len(last.low) <= 5 {
		// It ends the sentence too when nothing that goes on follows.
		rest := strings.TrimLeft(text[i+1:min(len(text), i+6)], " ")
		return rest != "" && !strings.HasPrefix(rest, "\n") && (rest[0] >= '0' && rest[0] <= '9' || rest[0] == '&' || rest[0] == '-' || rest[0] == ',' || rest[0] >= 'a' && rest[0] <= 'z' || strings.HasPrefix(rest, "–"))
	}
	return false
}
