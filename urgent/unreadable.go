package urgent

import "unicode"

// Unreadable says that a text is in a language or letters that Scan cannot be relied on to understand, so that a guard
// can say so and show the card (K14): most of its letters are not Latin, or few of three or more words are known ones.
// Danger may have been found in it all the same. Numbers, names alone, single words and pictures are not unreadable.
func Unreadable(text string) bool {
	var latin, other int
	for n, r := range text {
		if n > 1<<16 {
			break // by then it is clear
		}
		switch {
		case !unicode.IsLetter(r):
		case r < 0x250 || unicode.Is(unicode.Latin, r) || r >= 0xff21 && r <= 0xff5a || r >= 0x1d400 && r < 0x1d7ff:
			latin++
		default:
			other++
		}
	}
	l := &theTable().words
	if other >= 2 && other > latin {
		// Look-alike letters make English words; a sentence in another script does not.
		return !l.english(text)
	}
	return latin > 0 && !l.english(text)
}

// english says whether enough of a text's words are English. Names, places and slips are not, so a third is enough.
func (l *lexicon) english(text string) bool {
	if len(text) > 1<<16 {
		text = text[:1<<16]
	}
	words, known := 0, 0
	tokens, _ := l.tokens(text)
	for _, t := range tokens {
		if t.typ == l.few || t.typ == l.many || t.typ == l.year || t.typ != 0 && t.typ == l.plain["pillsign"] {
			continue
		}
		words++
		if t.known && (t.typ == 0 || !l.foreign.has(t.typ)) {
			known++
		}
	}
	if words == 0 {
		return true
	}
	if words < 3 {
		for _, r := range text {
			if unicode.IsLetter(r) && r >= 0x590 && !unicode.Is(unicode.Latin, r) && (r < 0xff00 || r > 0x20000) {
				return known > 0 // one word in letters we do not have
			}
		}
		return true
	}
	return known*3 > words
}
