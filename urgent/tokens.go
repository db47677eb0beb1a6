package urgent

import (
	"encoding/binary"
	"unicode/utf8"
)

// token is a word of a message.
type token struct {
	from, to    int32 // bytes of the message
	typ         uint16
	letter      byte // the word is this letter
	known       bool // the table or English has it
	first, last bool // a sentence begins, ends with it
	pause       bool // a clause ends with it
}

// recent is what words of a long message were read as: the same ones come again and again.
type recent [1024]struct {
	low, high uint64 // the letters of a word of at most 16
	entry     entry
	known     bool
}

// find is what a word is read as, whether it is known at all, and whether it had to be guessed. A nil r remembers nothing.
func (r *recent) find(l *lexicon, word []byte) (e entry, known, guessed bool) {
	if r == nil || len(word) > 16 {
		return l.find(word)
	}
	var letters [16]byte
	copy(letters[:], word)
	low, high := binary.LittleEndian.Uint64(letters[:8]), binary.LittleEndian.Uint64(letters[8:])
	at := &r[((low^high*31)*0x9E3779B97F4A7C15)>>54]
	if at.low != low || at.high != high {
		at.low, at.high = low, high
		at.entry, at.known, guessed = l.find(word)
	}
	return at.entry, at.known, guessed
}

// tokens takes a message apart. It reads all of it, in time linear in its length, whatever bytes it has (B1-B7); full says
// that it had more unknown words than are guessed at.
func (l *lexicon) tokens(text string) (words []token, full bool) {
	return l.read(text, new(reading))
}

// reading is what is kept of a long message from part to part.
type reading struct {
	recent  *recent
	guesses int
	joined  int
}

func (l *lexicon) read(text string, kept *reading) (words []token, full bool) {
	out := make([]token, 0, len(text)/5+2)
	var word, before []byte // the word being read, and the one before it
	from, to, spelt := 0, 0, 0
	var was byte
	runs := false
	if len(text) > 4096 && kept.recent == nil {
		kept.recent = new(recent)
	}
	read := kept.recent
	flush := func() {
		if len(word) == 0 {
			return
		}
		for n := len(word); n > 0 && (word[n-1] == '!' || word[n-1] == '|' || word[n-1] == '@' || word[n-1] == '$'); n-- {
			word = word[:n-1]
		}
		if len(word) == 0 {
			return
		}
		t := token{from: int32(from), to: int32(to), first: len(out) == 0 || out[len(out)-1].last}
		if len(word) == 1 && word[0] >= 'a' && word[0] <= 'z' {
			t.letter = word[0]
			if spelt++; spelt >= 3 {
				runs = true
			}
			// "don t" is what is left of don't where the apostrophe was lost.
			if t.letter == 't' && len(before) > 1 && before[len(before)-1] == 'n' && !t.first {
				if e, ok := l.entries[string(append(before, 't'))]; ok {
					out[len(out)-1].typ, out[len(out)-1].to = e.typ, t.to
					before, word = before[:0], word[:0]
					return
				}
			}
		} else {
			spelt = 0
		}
		var e entry
		if kept.guesses <= maxGuesses {
			var guessed bool
			if e, t.known, guessed = read.find(l, word); guessed {
				kept.guesses++
			}
		} else if e, t.known = l.entries[string(word)]; !t.known {
			e = entry{}
		}
		t.typ = e.typ
		out = append(out, t)
		for _, typ := range e.more {
			t.typ, t.first = typ, false
			out = append(out, t)
		}
		before, word = word, before[:0]
	}
	end := func() {
		flush()
		if n := len(out); n > 0 {
			out[n-1].last = true
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if c|0x20 >= 'a' && c|0x20 <= 'z' { // nearly always
			if len(word) == 0 {
				from = i
			}
			lower := c | 0x20
			if c == 'I' && was >= 'a' && was <= 'z' && len(word) > 0 || c == 'I' && was == 'I' && len(word) > 1 && word[len(word)-1] == 'l' {
				lower = 'l' // "kiII": a capital I within a word is drawn like an l
			}
			word = append(word, lower)
			to, was = i+1, c
			i++
			continue
		}
		was = 0
		switch {
		case c == '$' || c == '@' || (c == '!' || c == '|') && len(word) > 0 && i+1 < len(text) && isLetter(text[i+1]):
			// Perhaps a letter in disguise, where a letter follows: "k!ll", but not "help!". spell decides.
			if len(word) == 0 {
				from = i
			}
			word = append(word, c)
			to = i + 1
		case r == utf8.RuneError:
			flush()
		default:
			n := len(word)
			picture := c >= utf8.RuneSelf && pictured(r) != ""
			if picture {
				flush()
				n = 0
			}
			var kind class
			word, kind = fold(word, r)
			switch kind {
			case part0:
				if n == 0 {
					from = i
				}
				to = i + size
				if picture {
					flush()
				}
			case silent:
			case space:
				flush()
				if c == '-' && i > 0 && text[i-1] == ' ' && len(out) > 0 {
					out[len(out)-1].pause = true
				}
			case pause:
				flush()
				if len(out) > 0 {
					out[len(out)-1].pause = true
				}
			case stop:
				if c == '.' && i > 0 && isDigit(text[i-1]) && i+1 < len(text) && isDigit(text[i+1]) {
					flush() // 1.9 and 10.30 end no sentence
				} else {
					end()
				}
			}
		}
		i += size
	}
	end()
	if runs {
		var more bool
		if out, more = l.join(out, kept); more {
			full = true
		}
	}
	return out, full || kept.guesses > maxGuesses
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// mostLetters is how many letters in a row somebody may spell out with gaps; more is no message (scanner.full).
const mostLetters = 2000

// join puts together letters that were spelt out with gaps ("k i l l") where four or more stand in a row, or three that
// are a word of danger by themselves; full says that there were more than are put together.
func (l *lexicon) join(tokens []token, kept *reading) (out []token, full bool) {
	out = make([]token, 0, len(tokens))
	var b []byte
	for i := 0; i < len(tokens); {
		j := i
		b = b[:0]
		for j < len(tokens) && tokens[j].letter != 0 {
			b = append(b, tokens[j].letter)
			j++
		}
		full = full || j-i > mostLetters
		if n := j - i; n < 3 || n == 3 && string(b) != "kms" && string(b) != "die" || kept.joined > maxGuesses/2 {
			full = full || n > 3
			j = max(j, i+1)
			out = append(out, tokens[i:j]...)
			i = j
			continue
		}
		// Sentences cannot be told apart in here: "s.u.i.c.i.d.e" is one word.
		t := tokens[i]
		t.to, t.letter, t.last = tokens[j-1].to, 0, false
		kept.joined++
		e, ok, _ := l.find(b)
		if len(b) > 40 {
			e.typ, e.more = 0, nil
			if parts := l.unglue(b); len(parts) > 0 {
				e.typ, e.more = parts[0], parts[1:]
			}
		}
		t.typ, t.known = e.typ, ok
		out = append(out, t)
		for _, typ := range e.more {
			t.typ, t.first = typ, false
			out = append(out, t)
		}
		out[len(out)-1].last = tokens[j-1].last
		i = j
	}
	return out, full
}
