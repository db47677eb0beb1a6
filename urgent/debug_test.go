package urgent

import ("testing";"os";"fmt";"strings")

func TestDbg(t *testing.T) {
	for _, text := range strings.Split(os.Getenv("T"), "#") {
		tb := theTable()
		toks := tb.words.tokens(text)
		var ty []uint16
		rev := map[uint16]string{}
		for w, x := range tb.words.plain { rev[x] = w }
		for _, k := range toks { ty = append(ty, k.typ) ; fmt.Print(rev[k.typ], "|") }
		fmt.Println()
		s := &sentence{types: ty, neg: tb.neg.single}
		for i, typ := range ty {
			for name, set := range map[string][][]*pattern{"calm": tb.calm, "danger": tb.danger} {
				for _, p := range set[typ] {
					if at, ok := s.pattern(p, i); ok { 
						idx := -1
						for k, pp := range p.rule.pats { if pp == p { idx = k } }
						fmt.Println(name, p.rule.Patterns[idx].Find, at, "unless", s.unless(p, at), "denied", tb.denied(s, toks, at), "past", tb.past(s, p.rule.Kind, at)) }
				}
			}
		}
		fmt.Println(Find(text))
	}
}
