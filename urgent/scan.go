package urgent

import (
	_ "embed" // words.txt
	"math/bits"
	"sync"
)

// Kind is which card a message calls for.
type Kind string

// The kinds. Where a message means several, a medical emergency goes first, then the writer's own life.
const (
	General     Kind = "general"      // the writer may be in danger, or be a danger
	OtherPerson Kind = "other_person" // somebody they name may be
	Medical     Kind = "medical"      // 999 now
	Abuse       Kind = "abuse"        // somebody hurts or controls the writer: mind who else reads
)

// Finding is what a scan found. It holds no words of the message and no grade (K16).
type Finding struct {
	Kind Kind
}

//go:embed words.txt
var words string

// theList is read at the first scan and never changes.
var theList = sync.OnceValue(func() *list { return read(words) })

// Scan reads all of a message for danger. It is pure, never panics, and takes time linear in the message.
func Scan(text string) (Finding, bool) {
	found, _ := theList().scan(text)
	return found, found.Kind != ""
}

// scan also returns the line of words.txt that decided, for tests.
func (l *list) scan(text string) (Finding, int) {
	tokens := l.tokens(plain(text))
	idle := make([]bool, len(tokens)) // taken out of play by an idiom
	l.idiom.each(tokens, func(_ *pattern, used []int) {
		for _, i := range used {
			idle[i] = true
		}
	})
	lines := map[Kind]int{}
	others := make([]bool, 0) // words that speak of somebody else's danger
	var general [][]int
	l.danger.each(tokens, func(p *pattern, used []int) {
		if !p.always {
			for _, i := range used {
				if idle[i] {
					return
				}
			}
		}
		if lines[p.kind] == 0 {
			lines[p.kind] = p.line
		}
		switch p.kind {
		case OtherPerson:
			if len(others) == 0 {
				others = make([]bool, len(tokens))
			}
			for _, i := range used {
				others[i] = true
			}
		case General:
			if len(general) < 1000 { // more would change nothing
				general = append(general, append([]int(nil), used...))
			}
		}
	})
	// "My daughter wants to die": the same words mean somebody else.
	if lines[OtherPerson] > 0 && lines[General] > 0 {
		own := false
		for _, used := range general {
			theirs := false
			for _, i := range used {
				theirs = theirs || others[i]
			}
			own = own || !theirs
		}
		if !own {
			delete(lines, General)
		}
	}
	for _, kind := range []Kind{Medical, General, OtherPerson, Abuse} {
		if line := lines[kind]; line > 0 {
			return Finding{Kind: kind}, line
		}
	}
	return Finding{}, 0
}

// each calls found for every place at which one of the patterns matches, with the places of the words it took.
func (at *starts) each(tokens []token, found func(*pattern, []int)) {
	used := make([]int, 0, 16)
	take := func(i int) { used = append(used, i) }
	try := func(patterns []*pattern, i int) {
		for _, p := range patterns {
			used = used[:0]
			if match(p.steps, tokens, i, take) {
				found(p, used)
			}
		}
	}
	for i := range tokens {
		t := &tokens[i]
		if t.id >= 0 {
			try(at.exact[t.id], i)
		}
		for pre := t.pre; pre != 0; pre &= pre - 1 {
			try(at.begin[bits.TrailingZeros64(pre)], i)
		}
	}
}
