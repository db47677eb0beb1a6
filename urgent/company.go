package urgent

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// company is what the words around the signs say, single ones and two that follow each other: people in danger use other
// words than people who plan their week. It only shifts what signs count, and only so far: words alone never show the card,
// and no everyday words take away what is said plainly.
type company struct {
	Row
	counts      []int16 // of a word by its type, and after them of the pairs
	pairs       map[uint32]int
	start       int // before any word
	least, most int // how far it may shift
}

// opens stands for the beginning of a sentence in a pair.
const opens = 0xffff

func pairOf(a, b uint16) uint32 { return uint32(a)<<16 | uint32(b) }

// shift is what words count together.
func (c *company) shift(sum int) int { return max(c.least, min(c.most, c.start+sum)) }

// heardWords is the words and pairs of a sentence that count, once each.
type heardWords struct {
	list []int
	has  set
	sum  int
}

func (c *company) listener() *heardWords { return &heardWords{has: newSet(len(c.counts))} }

// hear reads the words of a sentence.
func (c *company) hear(p sitting, into *heardWords) {
	for _, n := range into.list {
		into.has[n>>6] = 0
	}
	into.list, into.sum = into.list[:0], 0
	add := func(n int) {
		if c.counts[n] != 0 && into.has[n>>6]>>(n&63)&1 == 0 {
			into.has[n>>6] |= 1 << (n & 63)
			into.list = append(into.list, n)
			into.sum += int(c.counts[n])
		}
	}
	last := uint16(opens)
	if p.before {
		last = 0
	}
	for _, typ := range p.types {
		add(int(typ))
		if n, ok := c.pairs[pairOf(last, typ)]; ok && last != 0 && typ != 0 {
			add(n)
		}
		last = typ
	}
}

// with is what the words of two sentences count together, each once.
func (c *company) with(a, b *heardWords) int {
	sum := a.sum
	for _, n := range b.list {
		if a.has[n>>6]>>(n&63)&1 == 0 {
			sum += int(c.counts[n])
		}
	}
	return sum
}

// newCompany reads "company: CATEGORY".
func (t *table) newCompany(rest string) (*company, error) {
	if t.company != nil {
		return nil, errors.New("there is one company of words")
	}
	t.company = &company{Row: Row{Category: rest}, counts: make([]int16, t.words.types), pairs: map[uint32]int{}}
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
			if err := t.countWord(w, n); err != nil {
				return err
			}
		}
		c.Patterns = append(c.Patterns, Pattern{Find: fmt.Sprintf("counts %d: %s", n, words)})
	default:
		return fmt.Errorf("no such line: %s", verb)
	}
	return nil
}

// countWord reads a word, or two with "_" between, that count n; "^" is the beginning of a sentence.
func (t *table) countWord(w string, n int) error {
	c := t.company
	a, b, pair := strings.Cut(w, "_")
	first, second := t.words.plain[a], t.words.plain[b]
	if a == "^" {
		first = opens
	}
	at := int(first)
	if pair {
		if at = c.pairs[pairOf(first, second)]; at == 0 && first != 0 && second != 0 {
			at = len(c.counts)
			c.pairs[pairOf(first, second)] = at
			c.counts = append(c.counts, 0)
		}
	}
	if at == 0 || !pair && first == opens || n == 0 || c.counts[at] != 0 {
		return fmt.Errorf("a word of the table counts once, and not nothing: %q", w)
	}
	c.counts[at] = int16(n)
	return nil
}
