package directory

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

// longestWord is from how many bytes on something is no word.
const longestWord = 40

// reader splits text into lower-case words of letters and digits. An apostrophe inside a word is dropped ("men's" is
// "mens"), so that it does not matter whether somebody types it.
type reader struct {
	text string
	word []byte // the last word; the next call overwrites it
}

// isInitial reports whether a text begins with one letter by itself.
func isInitial(s string) bool {
	letter := func(i int) bool { return i < len(s) && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || s[i] >= utf8.RuneSelf) }
	return letter(0) && s[0] < utf8.RuneSelf && !letter(1)
}

// next reads the next word.
func (r *reader) next() bool {
	r.word = r.word[:0]
	s := r.text
	alone := false // the last letter was the only one since a full stop or the beginning: "C.O.P.D." is one word
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c == '.' && alone && isInitial(s[i:]):
				r.word = append(r.word, s[i]|0x20)
				i++
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
				alone = len(r.word) == 0
				r.word = append(r.word, c|0x20)
			case '0' <= c && c <= '9':
				alone = false
				r.word = append(r.word, c)
			case c == '\'' && len(r.word) > 0:
			case len(r.word) > longestWord:
				r.word = r.word[:0]
			case len(r.word) > 0:
				r.text = s[i:]
				return true
			}
			continue
		}
		c2, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case unicode.IsLetter(c2) || unicode.IsDigit(c2):
			r.word = utf8.AppendRune(r.word, unicode.ToLower(c2))
		case c2 == '’' && len(r.word) > 0:
		case len(r.word) > longestWord:
			r.word = r.word[:0]
		case len(r.word) > 0:
			r.text = s[i:]
			return true
		}
	}
	r.text = ""
	return len(r.word) > 0 && len(r.word) <= longestWord
}

// tokens appends the words of a text.
func tokens(text string, into []string) []string {
	for r := (reader{text: text}); r.next(); {
		into = append(into, string(r.word))
	}
	return into
}

// said are the words of a text without those that say nothing.
func said(text string) []string {
	var words []string
	for r := (reader{text: text}); r.next(); {
		if w := string(r.word); !empty(w) {
			words = append(words, w)
		}
	}
	return words
}

// empty are words that say nothing at all. They are neither indexed nor asked for, and a phrase reads over them ("arts
// and crafts" is "arts crafts").
func empty(word string) bool {
	switch word {
	case "a", "an", "the", "and", "or", "of", "for", "to", "in", "on", "at", "by", "with", "from", "near", "is", "are",
		"be", "it", "its", "this", "that", "these", "those", "we", "you", "your", "our", "their", "they", "i", "he",
		"she", "who", "which", "will", "can", "all", "any", "as", "if", "not", "no", "so", "up", "us", "was", "were",
		"have", "has", "had", "do", "does", "but", "about", "into", "more", "other", "some", "please", "also", "there":
		return true
	}
	return false
}

// generic are words that nearly every listing has. Alone they are not asked for; in a phrase they count ("book club").
func generic(word string) bool {
	switch word {
	case "group", "groups", "club", "clubs", "class", "classes", "session", "sessions", "activity", "activities",
		"people", "local", "something", "somewhere", "things", "thing", "weekly", "each", "every", "week", "weeks",
		"welcome", "come", "join", "like", "likes", "would", "want", "wants", "meet", "meets", "time", "times":
		return true
	}
	return false
}

// stemmer stems words and remembers what it did, since stemming costs a hundred times as much as looking up. It is safe
// for use by several goroutines at once.
type stemmer struct {
	mu   sync.RWMutex
	memo map[string]string
}

// memoLimit bounds what strangers' words can make a stemmer remember.
const memoLimit = 100_000

// genericMark keeps the stems of generic words apart: "activities" has the stem of "active" and says nothing of it.
const genericMark = "~"

func (s *stemmer) stem(word string) string {
	s.mu.RLock()
	stem, ok := s.memo[word]
	s.mu.RUnlock()
	if ok {
		return stem
	}
	stem = stemOf(word)
	s.mu.Lock()
	if len(s.memo) < memoLimit {
		s.memo[word] = stem
	}
	s.mu.Unlock()
	return stem
}

// stemOf is the stem under which a word is indexed.
func stemOf(word string) string {
	stem := word
	if len(word) <= longestWord && ascii(word) {
		stem = english.Stem(word, true)
	}
	if generic(word) {
		return genericMark + stem
	}
	return stem
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
