package text

import (
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// pluralOther is the form that every language has; where it stands, a text has forms for numbers.
const pluralOther = "other"

// plurals finds the form of a text for a number.
type plurals map[string]entry

// forms are the names of CLDR's forms, as they stand at the end of a key.
func forms() map[plural.Form]string {
	return map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: pluralOther}
}

// small is up to which number the form is worked out ahead; above it every hundred is like the one before, in every
// language here.
const small = 200

// newPlurals works out, for each number, which of the forms of a text a language uses. A form that the catalogue lacks is
// the other one.
func newPlurals(tag, base string, all map[string]entry) plurals {
	lang, err := language.Parse(tag)
	if err != nil {
		lang = language.English
	}
	out := plurals{}
	names := forms()
	for n := range small {
		e, ok := all[base+"."+names[plural.Cardinal.MatchPlural(lang, n, 0, 0, 0, 0)]]
		if !ok {
			e = all[base+"."+pluralOther]
		}
		out[strconv.Itoa(n)] = e
	}
	return out
}

// form is the text for a number; false when it is no number.
func (p plurals) form(n string) (entry, bool) {
	k, err := strconv.Atoi(n)
	if err != nil || k < 0 {
		return entry{}, false
	}
	if k >= small {
		k = 100 + k%100
	}
	e, ok := p[strconv.Itoa(k)]
	return e, ok
}

// cutLast parts the last word from a key: "join.tries.one" is "join.tries" and "one".
func cutLast(key string) (base, last string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 || !strings.Contains(key[:i], ".") {
		return "", "", false
	}
	return key[:i], key[i+1:], true
}
