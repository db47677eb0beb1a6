package meaning

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"handrail/directory/postcode"
)

// legible is a text without what cannot be part of a word, in compatibility form, and for each of its bytes where it was
// in the text that was typed; nil where nothing changed. It is cut to what is read.
func legible(text string) (clean string, back []int) {
	if len(text) <= maxText && ascii(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
		return text, nil
	}
	var b strings.Builder
	for i, r := range text {
		if b.Len() >= maxText {
			break
		}
		one := hush(string(r))
		if r >= utf8.RuneSelf {
			one = hush(norm.NFKC.String(one))
		}
		b.WriteString(one)
		for range len(one) {
			back = append(back, i)
		}
	}
	end := len(text)
	if len(back) > 0 && b.Len() >= maxText {
		_, size := utf8.DecodeRuneInString(text[back[len(back)-1]:])
		end = back[len(back)-1] + size
	}
	return b.String(), append(back, end)
}

// at is where a byte of a legible text was in the text that was typed.
func at(back []int, i int) int {
	if back == nil {
		return i
	}
	return back[i]
}

// Redact takes out of a text whatever may say who somebody is, before the text leaves the practice (M2): the identifying
// details that Identifiers finds, full postcodes, long numbers, handles, and every word that is neither one of everyday nor
// one of the vocabulary nor a place that is known, since it may be a name. In their places stand "[name]", "[phone]",
// "[word]" and the like. Where sure is false something may have slipped through (a long text, another script, words or
// numbers spelled out) and the text must not be sent at all.
func (v *Vocabulary) Redact(text string) (redacted string, sure bool) {
	sure = len(text) <= maxText && utf8.ValidString(text)
	clean, _ := legible(text)
	r := v.read(clean)
	sure = sure && len(r.tokens) < maxWords
	found := slices.Clone(r.found)
	for _, p := range postcode.Find(r.text) {
		if p.Kind == postcode.Full {
			found = append(found, Identifier{"postcode", p.Start, p.End})
		}
	}
	hidden, words := 0, 0
	for i, t := range r.tokens {
		if covered(found, t.start) {
			continue
		}
		words++
		switch kind := r.telling(i, found); kind {
		case "":
		case "unsure":
			sure = false
		default:
			hidden++
			found = append(found, Identifier{kind, t.start, t.end})
		}
	}
	for i := len(r.tokens) - 2; i >= 0; i-- { // a first name that is a word of everyday, before a surname that is none
		t, next := r.tokens[i], r.tokens[i+1]
		if t.capital && next.capital && t.clause == next.clause && len(t.low) > 2 && !covered(found, t.start) && !r.inKnownPlace(i) && !r.v.notPlaces[t.low] &&
			slices.ContainsFunc(found, func(id Identifier) bool { return (id.Kind == "word" || id.Kind == "name") && id.From == next.start }) {
			found = append(found, Identifier{"name", t.start, t.end})
		}
	}
	if hidden > 3 && hidden*3 > words {
		sure = false // hardly any of it was understood: then neither were the names in it
	}
	return replaced(clean, found), sure && !r.spelledOut()
}

// covered reports whether a place in the text is within something that was found.
func covered(found []Identifier, at int) bool {
	return slices.ContainsFunc(found, func(id Identifier) bool { return id.From <= at && at < id.To })
}

// telling says what kind of thing the word at i may tell about somebody, empty where it tells nothing.
func (r *reader) telling(i int, found []Identifier) string {
	t := r.tokens[i]
	digits := 0
	for _, c := range t.low {
		switch {
		case c >= utf8.RuneSelf && unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c):
			return "unsure"
		case unicode.IsDigit(c):
			digits++
		}
	}
	switch {
	case digits >= 4:
		return "number"
	case digits > 0 && len(t.low) <= 6:
		return "" // an age, an outcode, a time
	case t.start > 0 && r.text[t.start-1] == '@':
		return "handle"
	}
	beside := i > 0 && r.tokens[i-1].sentence == t.sentence && slices.ContainsFunc(found, func(id Identifier) bool {
		return (id.Kind == "name" || id.Kind == "word") && id.To == r.tokens[i-1].end
	})
	first := i == 0 || r.tokens[i-1].sentence != t.sentence
	_, day := dayOf(t.low)
	switch {
	case beside && t.capital && len(t.low) > 2 && !day:
		return "name"
	case r.v.firstNames[t.low] && (t.capital || !r.v.knownWord(t.low)):
		return "name"
	case t.owner && r.v.firstNames[strings.TrimSuffix(t.low, "s")] && t.capital:
		return "name"
	case r.v.wordNames[t.low] && t.capital && !r.isPlace(i):
		return "name"
	case r.v.wordNames[t.low] && (first || r.nameFollows(i)) && t.low != "will" && t.low != "may":
		return "unsure"
	case day || r.v.notPlaces[t.low] || r.people(t.low) || r.v.countries[t.low] || r.inKnownPlace(i):
		return ""
	case r.v.table[t.low] || r.v.stemKnown[t.stem]:
		return ""
	case len(t.low) < 3:
		return ""
	case t.capital && !first && !t.shout && r.v.english.has(t.low):
		return "name" // a word of everyday with a capital in mid-sentence: Baker, Wood
	case r.v.english.has(t.low) || t.shout && len(t.low) <= 4:
		return ""
	case r.v.english.has(strings.TrimSuffix(t.low, "s")), contracted(t.low):
		return ""
	}
	return "word"
}

// inKnownPlace reports whether the word at i is part of a place that is known.
func (r *reader) inKnownPlace(i int) bool {
	for from := max(0, i-4); from <= i; from++ {
		for n := min(r.v.placeHeads[r.tokens[from].low], len(r.tokens)-from); n > i-from; n-- {
			words := make([]string, n)
			for k := range n {
				words[k] = r.tokens[from+k].low
			}
			if r.v.places[strings.Join(words, " ")] != "" {
				return true
			}
		}
	}
	return false
}

// nameFollows reports whether the word before i announces a name.
func (r *reader) nameFollows(i int) bool {
	switch r.word(i - 1) {
	case "pt", "patient", "called", "named", "name", "mr", "mrs", "ms", "miss", "re", "dr", "is":
		return true
	}
	return false
}

// contracted are words of everyday that are typed with an apostrophe, or short.
func contracted(w string) bool {
	switch w {
	case "cant", "dont", "doesnt", "didnt", "isnt", "wasnt", "wont", "wouldnt", "couldnt", "shouldnt", "hasnt", "havent", "hadnt", "arent", "werent", "aint", "shes",
		"hes", "theyre", "theres", "thats", "whats", "lets", "youre", "weve", "ive", "shed", "hed", "theyd", "wed", "ill", "itll", "itd", "asap", "etc", "pls", "thx", "grp", "hx":
		return true
	}
	return false
}

// spelledOut reports whether letters or numbers are spelled out one after the other: "j o h n", "oh seven eight double
// nine", which no list of words catches.
func (r *reader) spelledOut() bool {
	letters, numbers := 0, 0
	for _, t := range r.tokens {
		if len(t.low) == 1 && !t.digits() {
			letters++
		} else {
			letters = 0
		}
		switch t.low {
		case "zero", "oh", "nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "treble", "triple", "dot", "dash":
			numbers++
		default:
			if len(t.low) == 1 && t.digits() {
				numbers++
			} else {
				numbers = 0
			}
		}
		if letters >= 4 || numbers >= 4 {
			return true
		}
	}
	return false
}

// replaced is the text with what was found taken out.
func replaced(text string, found []Identifier) string {
	slices.SortFunc(found, func(a, b Identifier) int { return a.From - b.From })
	var b strings.Builder
	from := 0
	for _, id := range found {
		if id.From < from {
			from = max(from, id.To)
			continue
		}
		b.WriteString(text[from:id.From])
		b.WriteString("[" + id.Kind + "]")
		from = id.To
	}
	b.WriteString(text[from:])
	return b.String()
}
