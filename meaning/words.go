package meaning

import (
	_ "embed"
	"strings"
)

//go:embed english.txt
var englishText string

// wordList is a sorted list of words, one a line, that is searched where it lies: nothing is made of it at start-up.
type wordList string

// commonEnglish is the list of common words without its heading.
func commonEnglish() wordList {
	text := englishText
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return wordList(text)
}

// has reports whether a word is in the list.
func (l wordList) has(word string) bool {
	text := string(l)
	for len(text) > 0 {
		middle := len(text) / 2
		start := strings.LastIndexByte(text[:middle], '\n') + 1
		end := strings.IndexByte(text[start:], '\n')
		if end < 0 {
			end = len(text) - start
		}
		switch line := text[start : start+end]; {
		case line == word:
			return true
		case line < word:
			text = text[min(start+end+1, len(text)):]
		default:
			text = text[:start]
		}
	}
	return false
}
