package directory

import (
	"strings"
	"sync"
	"unicode"

	"github.com/kljensen/snowball/english"
)

// tokens splits text into lower-case words of letters and digits. An apostrophe inside a word is dropped ("men's" is
// "mens"), so that it does not matter whether somebody types it.
func tokens(text string, into []string) []string {
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			if b.Len() <= 40 { // a longer one is no word
				into = append(into, b.String())
			}
			b.Reset()
		}
	}
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case (r == '\'' || r == '’') && b.Len() > 0:
		default:
			flush()
		}
	}
	flush()
	return into
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
		"people", "local", "something", "somewhere", "things", "thing", "weekly", "each", "every", "week", "welcome",
		"come", "join", "like", "likes", "would", "want", "wants", "meet", "meets", "time":
		return true
	}
	return false
}

// stemmer stems words and remembers what it did, since stemming is by far the slowest part of building an index. It is
// safe for use by several goroutines at once.
type stemmer struct {
	mu   sync.RWMutex
	memo map[string]string
}

// memoLimit bounds what strangers' words can make a stemmer remember.
const memoLimit = 100_000

func (s *stemmer) stem(word string) string {
	s.mu.RLock()
	stem, ok := s.memo[word]
	s.mu.RUnlock()
	if ok {
		return stem
	}
	stem = word
	if len(word) <= 40 && ascii(word) {
		stem = english.Stem(word, true)
	}
	s.mu.Lock()
	if len(s.memo) < memoLimit {
		s.memo[word] = stem
	}
	s.mu.Unlock()
	return stem
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
