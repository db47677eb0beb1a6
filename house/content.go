package house

import (
	"strings"
	"unicode"
)

// content are the words of a question that may stand in the listing that is looked for, beside what the vocabulary made
// of them: "exercise after stroke" is more than exercise.
func content(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		w = strings.Trim(w, "'’")
		if len(w) < 3 || stop[w] {
			continue
		}
		out = append(out, w)
	}
	return out
}

var stop = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(stopWords) {
		m[w] = true
	}
	return m
}()

const stopWords = `the and for with who what whats what's any anything something somebody someone near nearby round around local area
likes like liked loves love enjoys enjoy wants want wanted would could can can't cant cannot needs need help looking look find only not
but has have had her his him she they them their he's she's is are was were been being be does doesn't dont don't didn't do did this that
than then from into over under after before about just also very really quite too much more most less least some few lots bit
man men's woman lady gent gentleman chap male female widow widower husband wife mum dad mother father son daughter patient pt
old year years aged age lives living alone used not
free car bus drive driving transport lift wheelchair access accessible step steps stairs
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thur thurs fri sat sun weekday weekdays weekend weekends
morning mornings afternoon afternoons evening evenings night nights daytime day days today tomorrow week weeks
group groups club class classes session sessions activity activities service services local social please hello thanks good`
