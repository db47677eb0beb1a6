package urgent

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// class is what a character does to the word being read.
type class uint8

const (
	part0  class = iota // it is a letter or digit of the word
	silent              // as if it were not there: an accent, a zero-width space, a direction mark
	space               // the word ends
	pause               // so does a clause
	stop                // so does a sentence
)

// fold appends a character in plain form: lower case, compatibility forms folded (full-width, mathematical bold), accents
// gone, look-alike letters made Latin. For matching danger only, never for identity (B6).
func fold(b []byte, r rune) ([]byte, class) {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return append(b, byte(r)), part0
	case r >= 'A' && r <= 'Z':
		return append(b, byte(r)+'a'-'A'), part0
	case r == '\'' || r == '`' || r == '’' || r == '‘' || r == 'ʼ' || r == '´' || r == '′':
		return b, silent // don't and dont are one word
	case r == '.' || r == '?' || r == '!' || r == '\n' || r == '\r' || r == ';' || r == '…' || r == '。' || r == '؟' || r == '।' || r == '۔':
		return b, stop
	case r == ',' || r == '–' || r == '—' || r == ':' || r == '(' || r == ')' || r == '،':
		return b, pause
	case r < utf8.RuneSelf:
		return b, space
	}
	if word := pictured(r); word != "" {
		return append(b, word...), part0
	}
	if whole := norm.NFKD.PropertiesString(string(r)).Decomposition(); whole != nil {
		out, n := space, 0
		for len(whole) > 0 && n < 4 { // the longest ligature is a sentence of eighteen letters; four of them say enough
			c, size := utf8.DecodeRune(whole)
			whole = whole[size:]
			var one class
			if b, one = foldOne(b, c); one == part0 || n == 0 {
				out = one
			}
			n++
		}
		return b, out
	}
	return foldOne(b, r)
}

func foldOne(b []byte, r rune) ([]byte, class) {
	switch {
	case r < utf8.RuneSelf:
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return append(b, byte(r)), part0
		}
		return b, space
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) || unicode.Is(unicode.Cf, r):
		return b, silent
	}
	r = unicode.ToLower(r)
	if l := latin(r); l != "" {
		return append(b, l...), part0
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r) {
		return utf8.AppendRune(b, r), part0
	}
	return b, space
}

// pictured is the word for a picture that stands for one; a picture is a word of its own.
func pictured(r rune) string {
	switch r {
	case '💀', '☠', '⚰':
		return "skullsign"
	case '🔪', '🗡':
		return "knifesign"
	case '💊':
		return "pillsign"
	case '🔫':
		return "gunsign"
	}
	return ""
}

// latin is the Latin letter that a Cyrillic, Greek or other letter is drawn like, or the one of several forms of an
// Arabic letter that the table uses; "" when there is none.
func latin(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'ي', 'ى':
		return "ی"
	case 'ك':
		return "ک"
	case 'ه', 'ھ', 'ۃ', 'ة':
		return "ہ"
	}
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
	return ""
}

// spell puts one word right in place: digits and signs that stand for letters, and letters held down. changed says
// whether it is another word than before.
func spell(s []byte) (out []byte, changed bool) {
	var letters, signs, held bool
	for i, c := range s {
		if c >= 'a' && c <= 'z' || c >= utf8.RuneSelf {
			letters = true
		} else {
			signs = true
		}
		held = held || i > 1 && c == s[i-1] && c == s[i-2]
	}
	if !letters || !signs && !held {
		return s, false
	}
	b := make([]byte, 0, len(s))
	for _, c := range s {
		if signs {
			c = letter(c, b)
		}
		b = append(b, c)
	}
	// Held down: "dieeee" is die, "killlll" is kill, "meeee" is me.
	out = b[:0]
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
	return out, true
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
