package text

import (
	"regexp"
	"strings"
)

// Grade is the Flesch-Kincaid grade of English words: 0.39 words a sentence + 11.8 syllables a word - 15.59. It is 0 for no
// words. A grade of 6 is a reading age of about 11 (requirement G15).
func Grade(s string) float64 {
	s = regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(s, "Ann")
	sentences, syllables, words := 0, 0, 0
	for _, sentence := range regexp.MustCompile(`[.?:\n]+`).Split(s, -1) {
		n := 0
		for _, w := range strings.Fields(sentence) {
			w = strings.Trim(strings.ToLower(w), `"'*-,()`)
			if strings.ContainsAny(w, "abcdefghijklmnopqrstuvwxyz") {
				n++
				syllables += syllablesOf(w)
			}
		}
		if n > 0 {
			sentences++
			words += n
		}
	}
	if words == 0 {
		return 0
	}
	return 0.39*float64(words)/float64(sentences) + 11.8*float64(syllables)/float64(words) - 15.59
}

// syllablesOf counts groups of vowels; a silent e at the end is none.
func syllablesOf(w string) int {
	n, vowel := 0, false
	for _, r := range w {
		v := strings.ContainsRune("aeiouy", r)
		if v && !vowel {
			n++
		}
		vowel = v
	}
	if strings.HasSuffix(w, "e") && !strings.HasSuffix(w, "le") && n > 1 {
		n--
	}
	return max(n, 1)
}
