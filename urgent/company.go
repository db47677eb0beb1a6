package urgent

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// company is what the words around the signs say: people in danger use other words than people who plan their week. It only
// shifts what signs count, and only so far: words alone never show the card, and no everyday words take away what is said
// plainly.
type company struct {
	Row
	counts      []int16 // by the word's type
	start       int     // before any word
	least, most int     // how far it may shift
}

// shift is what words count together.
func (c *company) shift(sum int) int { return max(c.least, min(c.most, c.start+sum)) }

// heardWords is the words of a sentence that count, once each.
type heardWords struct {
	list []uint16
	has  set
	sum  int
}

// hear reads the words of a sentence.
func (c *company) hear(types []uint16, into *heardWords) {
	for _, typ := range into.list {
		into.has[typ>>6] = 0
	}
	into.list, into.sum = into.list[:0], 0
	for _, typ := range types {
		if n := c.counts[typ]; n != 0 && !into.has.has(typ) {
			into.has.put(typ)
			into.list = append(into.list, typ)
			into.sum += int(n)
		}
	}
}

// with is what the words of two sentences count together, each word once.
func (c *company) with(a, b *heardWords) int {
	sum := a.sum
	for _, typ := range b.list {
		if !a.has.has(typ) {
			sum += int(c.counts[typ])
		}
	}
	return sum
}

// newCompany reads "company: CATEGORY".
func (t *table) newCompany(rest string) (*company, error) {
	if t.company != nil {
		return nil, errors.New("there is one company of words")
	}
	t.company = &company{Row: Row{Category: rest}, counts: make([]int16, t.words.types)}
	return t.company, nil
}

// addCompany reads a line of it.
func (t *table) addCompany(verb, rest string) error {
	c := t.company
	number, words, _ := strings.Cut(rest, " = ")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	switch {
	case verb == "why":
		c.Why = strings.TrimSpace(c.Why + " " + rest)
		return nil
	case err != nil:
		return fmt.Errorf("not a number: %q", number)
	case verb == "start":
		c.start = n
	case verb == "least":
		c.least = n
	case verb == "most":
		c.most = n
	case verb == "count":
		for w := range strings.FieldsSeq(words) {
			typ := t.words.plain[w]
			if typ == 0 || c.counts[typ] != 0 || n == 0 {
				return fmt.Errorf("a word counts once, and not nothing: %q", w)
			}
			c.counts[typ] = int16(n)
		}
		c.Patterns = append(c.Patterns, Pattern{Find: fmt.Sprintf("counts %d: %s", n, words)})
	default:
		return fmt.Errorf("no such line: %s", verb)
	}
	return nil
}
