package model

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/directory/postcode"
	"handrail/meaning"
)

// grounded holds a finding against the note: its key and value are of the closed lists, its quote is words of the note,
// and a number, a place or a postcode stands in the quote itself. A schema-valid answer that is wrong dies here. No error
// holds a word of the note or the answer.
func (c *Client) grounded(note string, f Finding) error {
	switch {
	case len(f.Quote) > maxQuote, len(f.Value) > maxValue:
		return errors.New("a field is too long")
	case !quotes(note, f.Quote):
		return errors.New("a quote is not in the text")
	}
	if closed := values(c.vocabulary, f.Key); closed != nil {
		if !slices.Contains(closed, f.Value) {
			return errors.New("a value is not on its list")
		}
		return nil
	}
	switch f.Key {
	case keyAge:
		if !saysAge(f.Quote, f.Value) {
			return errors.New("an age is not in the text")
		}
	case keyPlace:
		// A place is one that the rules know as a place once they are told that it is one.
		if f.Value != "surgery" && !withinWords(f.Quote, f.Value) || c.vocabulary.Understand("near "+f.Value).Place != f.Value {
			return errors.New("a place is not in the text")
		}
	case keyPostcode:
		if !slices.ContainsFunc(postcode.Find(f.Quote), func(p postcode.Found) bool { return p.Text == f.Value }) {
			return errors.New("a postcode is not in the text")
		}
	default:
		return errors.New("a key is not on the list")
	}
	return nil
}

// quotes reports whether a quote is whole words of a text, in any case and spacing, and says more than a placeholder or a
// word that everybody uses.
func quotes(text, quote string) bool {
	telling := false
	for _, w := range words(quote) {
		telling = telling || !idle(w)
	}
	return telling && withinWords(text, quote)
}

// withinWords reports whether words stand in a text one after the other.
func withinWords(text, part string) bool {
	t, p := words(text), words(part)
	for i := 0; len(p) > 0 && i+len(p) <= len(t); i++ {
		if slices.Equal(t[i:i+len(p)], p) {
			return true
		}
	}
	return false
}

// words are the runs of letters and digits of a text, in small letters; an apostrophe is left out. What stands in square
// brackets is one word with its brackets, so that a placeholder is no word of anybody's.
func words(s string) []string {
	s = strings.Map(func(r rune) rune {
		if r == '\'' || r == '\u2019' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	var out []string
	begun := -1
	end := func(at int) {
		if begun >= 0 {
			out = append(out, s[begun:at])
		}
		begun = -1
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == '[' {
			if n := strings.IndexByte(s[i:], ']'); n > 0 {
				end(i)
				out = append(out, s[i:i+n+1])
				i += n + 1
				continue
			}
		}
		switch {
		case !wordRune(r):
			end(i)
		case begun < 0:
			begun = i
		}
		i += size
	}
	end(len(s))
	return out
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// idle reports whether a word alone says nothing that a finding could rest on.
func idle(w string) bool {
	if w == "" || w[0] == '[' {
		return true
	}
	switch w {
	case "a", "an", "and", "the", "of", "to", "in", "on", "at", "is", "with", "for", "or", "but", "any", "some", "this", "that", "pt", "patient",
		"who", "has", "had", "would", "wants", "likes", "looking", "near", "please", "thanks", "hi", "hello", "text", "note":
		return true
	}
	return false
}

// saysAge reports whether a quote says a number of years, in digits ("74F") or in words ("seventy-four").
func saysAge(quote, value string) bool {
	age, err := strconv.Atoi(value)
	if err != nil || age < 1 || age > 120 || strconv.Itoa(age) != value {
		return false
	}
	list := words(quote)
	for i, w := range list {
		if strings.TrimFunc(w, unicode.IsLetter) == value {
			return true
		}
		n := numberWord(w)
		if n >= 20 && i+1 < len(list) {
			if unit := numberWord(list[i+1]); unit > 0 && unit < 10 {
				n += unit
			}
		}
		if n == age {
			return true
		}
	}
	return false
}

// numberWord is the number that a word stands for, 0 where it stands for none.
func numberWord(w string) int {
	for i, name := range [...]string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
		"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"} {
		if w == name {
			return i + 1
		}
	}
	for i, name := range [...]string{"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"} {
		if w == name {
			return 20 + 10*i
		}
	}
	return 0
}

// AddTo adds findings to a reading by rules, and returns what was added. It fills what the rules left empty and lengthens
// what they want; it changes and removes nothing, and what the rules saw and turned down ("not keen on singing") it
// doesn't bring back. The findings must come from Understand.
func (f Findings) AddTo(v *meaning.Vocabulary, rules meaning.Understood) (meaning.Understood, Findings) {
	u := rules
	var added Findings
	for _, one := range f {
		if one.fits(v, rules) && one.set(&u) {
			added = append(added, one)
		}
	}
	return sorted(u), added
}

// fits reports whether a finding says nothing against what the rules read.
func (f Finding) fits(v *meaning.Vocabulary, rules meaning.Understood) bool {
	if has(v.Understand(f.Quote), f) {
		// The rules know these very words. That they read nothing from them in the whole note was no oversight: there is a
		// "not" before them, or they are said of somebody else.
		return false
	}
	switch f.Key {
	case keyInterests:
		return !slices.Contains(rules.Not, f.Value)
	case keyDays:
		return len(rules.Days) == 0 && rules.When == ""
	case keyTimes:
		return len(rules.Times) == 0
	case keyWhen:
		return len(rules.Days) == 0
	case keyGender:
		return !(rules.SingleSex == "women" && f.Value == "male" || rules.SingleSex == "men" && f.Value == "female")
	case keySingleSex:
		return !(rules.Gender == "male" && f.Value == "women" || rules.Gender == "female" && f.Value == "men")
	case keyPlace, keyPostcode:
		return rules.Place == "" && rules.Postcode == "" // a second place would move the search
	}
	return true
}

// has reports whether a reading says what a finding says.
func has(u meaning.Understood, f Finding) bool {
	return !f.set(&u)
}
