package urgent

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// maxSigns is how many signs the table may have.
const maxSigns = 256

// signSet is the signs that a sentence has.
type signSet [maxSigns / 64]uint64

func (s *signSet) has(n int) bool { return s[n>>6]>>(n&63)&1 != 0 }

func (s *signSet) put(n int) { s[n>>6] |= 1 << (n & 63) }

// each calls f with every sign of the set.
func (s *signSet) each(f func(n int)) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			f(i<<6 | bits.TrailingZeros64(word))
		}
	}
}

func (s *signSet) or(t *signSet) (u signSet) {
	for i := range s {
		u[i] = s[i] | t[i]
	}
	return u
}

// sign is one thing that people say, which by itself need not be danger.
type sign struct {
	name, means string
	file        string
	n           int // its number
	written     []string
	pats        []*pattern
	rule        *rule // whose sign it is, or nil
	// undeniable: a "not" before it changes nothing. always: figures of speech do not stop it. told: it tells what happens, and
	// so what is long ago is none.
	undeniable, always, told bool
}

// weighing says what signs count towards: danger, and from which sum on a person is shown a card; or a kind, where the card
// is that of the kind whose sum is the greatest. The sums stay in here: nothing stores or shows one, and it says nothing
// about how great a danger is (K16).
type weighing struct {
	Row
	at     int
	start  int   // before any sign
	counts []int // by the sign's number
}

// weigh looks for what no single rule finds: signs that mean danger together, in one sentence or in two that follow each
// other.
func (s *scanner) weigh(pieces []sitting) {
	c, d := s.t.company, s.t.sum
	for _, p := range pieces {
		if s.spent() {
			return
		}
		var at [maxSigns]span
		whole, own := s.signs(p, &at)
		both := own.or(&s.last)
		s.last = own
		s.said, s.before = s.before, s.said
		c.hear(p, s.said)
		sum := d.sum(&own) + c.shift(s.said.sum)
		signs := &own
		if together := d.sum(&both) + c.shift(c.with(s.said, s.before)); together > sum {
			sum, signs = together, &both
		}
		lead := d.heaviest(&own)
		if sum < d.at || lead < 0 {
			continue
		}
		n := s.t.which(signs)
		w := s.t.weighings[n]
		if sum <= s.weighed[n].sum {
			continue
		}
		kind := s.kind(w, &own, whole, at[lead])
		s.weighed[n] = weighed{sum, s.finding(p, at[lead], s.t.signList[lead], kind, d)}
		if !s.first {
			own.each(func(n int) {
				if sg := s.t.signList[n]; n != lead && d.counts[n] > 0 && sg.rule != nil {
					s.more = append(s.more, s.finding(p, at[n], sg, kind, d))
				}
			})
		}
	}
}

// which weighing of a kind the signs count most for.
func (t *table) which(signs *signSet) int {
	best, most := 0, math.MinInt
	for n, w := range t.weighings {
		if sum := w.sum(signs); sum > most {
			best, most = n, sum
		}
	}
	return best
}

// weighUp adds what was found so to what rules found.
func (s *scanner) weighUp() {
	best := slices.MaxFunc(s.weighed, func(a, b weighed) int { return a.sum - b.sum })
	switch {
	case best.sum == 0:
	case len(s.found) == 0:
		s.found = append(s.found, best.Finding)
	default:
		for _, f := range s.weighed {
			if f.sum >= 150 {
				s.found = append(s.found, f.Finding)
			}
		}
	}
	s.found = append(s.found, s.more...)
}

// finding is what a sign that counted is reported as: never how much.
func (s *scanner) finding(p sitting, at span, sg *sign, kind Kind, w *weighing) Finding {
	f := Finding{Kind: kind, Category: sg.means, Why: w.Why, From: s.at + int(p.tokens[at.from].from), To: s.at + int(p.tokens[at.to-1].to)}
	if sg.rule != nil {
		f.Why = sg.rule.Why
	}
	return f
}

// kind is the card that a weighing calls for: who the sentence is about decides between the writer and another person,
// unless a rule is of somebody else's danger alone.
func (s *scanner) kind(w *weighing, own *signSet, whole *sentence, at span) Kind {
	fixed, others, abuse := false, false, false
	own.each(func(n int) {
		if r := s.t.signList[n].rule; r != nil && w.counts[n] > 0 {
			fixed = fixed || r.fixed
			others = others || r.Kind == OtherPerson
			abuse = abuse || r.Kind == Abuse
		}
	})
	switch {
	case w.Kind == Abuse && !abuse && (others || !s.writer):
		return OtherPerson
	case w.Kind == General && !fixed:
		kind := s.t.whose(whole, at)
		if kind == OtherPerson && !others && slices.ContainsFunc(whole.types, s.t.self.single.has) && !slices.ContainsFunc(whole.types, s.t.kin.single.has) {
			return General // a writer in danger who speaks of somebody is not to get the card for somebody else
		}
		return kind
	}
	return w.Kind
}

// weighed is what one weighing found.
type weighed struct {
	sum int
	Finding
}

// sum is what the signs count together.
func (w *weighing) sum(s *signSet) int {
	sum := w.start
	s.each(func(n int) { sum += w.counts[n] })
	return sum
}

// heaviest is the sign that counts most, or -1 when none counts for danger.
func (w *weighing) heaviest(s *signSet) int {
	most, at := 0, -1
	s.each(func(n int) {
		if w.counts[n] > most {
			most, at = w.counts[n], n
		}
	})
	return at
}

// signs is which signs a sentence has, and where.
func (s *scanner) signs(p sitting, where *[maxSigns]span) (*sentence, signSet) {
	var set signSet
	t := s.t
	whole := &sentence{types: p.types, neg: t.neg.single, before: p.before, after: p.after}
	view := s.calmed(whole, p.tokens)
	for i, typ := range p.types {
		s.steps += len(t.signs[typ]) + len(t.danger[typ])
		for _, pat := range t.signs[typ] {
			sg := pat.sign
			if set.has(sg.n) {
				continue
			}
			v := view
			if sg.always {
				v = whole
			}
			if v.types[i] == 0 {
				continue
			}
			at, ok := v.pattern(pat, i)
			if !ok || !sg.undeniable && t.denied(whole, p.tokens, at) || sg.told && t.past(whole, General, at) {
				continue
			}
			set.put(sg.n)
			where[sg.n] = at
		}
	}
	for i, typ := range p.types {
		for _, pat := range t.danger[typ] {
			r := pat.rule
			if r.weighed == nil || set.has(r.weighed.n) {
				continue
			}
			if at, ok := s.stands(pat, i, whole, view, p.tokens); ok {
				set.put(r.weighed.n)
				where[r.weighed.n] = at
			}
		}
	}
	return whole, set
}

// newSign reads "sign FLAG ... NAME: what it means".
func (t *table) newSign(rest string) (*sign, error) {
	head, means, ok := strings.Cut(rest, ":")
	fields := strings.Fields(head)
	if !ok || len(fields) == 0 {
		return nil, errors.New(`a sign is written "sign NAME: what it means"`)
	}
	s := &sign{name: fields[len(fields)-1], means: strings.TrimSpace(means), n: len(t.signList)}
	for _, f := range fields[:len(fields)-1] {
		switch f {
		case "undeniable":
			s.undeniable = true
		case "always":
			s.always = true
		case "told":
			s.told = true
		default:
			return nil, fmt.Errorf("no such flag: %s", f)
		}
	}
	if s.n == maxSigns {
		return nil, errors.New("there are too many signs")
	}
	if slices.ContainsFunc(t.signList, func(o *sign) bool { return o.name == s.name }) {
		return nil, fmt.Errorf("sign %s is there already", s.name)
	}
	t.signList = append(t.signList, s)
	return s, nil
}

// addSigns reads a line of a sign: patterns with " / " between.
func (t *table) addSigns(s *sign, line string) error {
	for _, one := range strings.Split(line, " / ") {
		p, err := t.pattern(one)
		if err != nil {
			return fmt.Errorf("%s: %w", one, err)
		}
		p.sign = s
		s.written, s.pats = append(s.written, one), append(s.pats, p)
		p.anchor.each(func(typ uint16) { t.signs[typ] = append(t.signs[typ], p) })
	}
	return nil
}

// addWeight reads a line of a weighing.
func (t *table) addWeight(w *weighing, verb, rest string) error {
	switch verb {
	case "why":
		w.Why = strings.TrimSpace(w.Why + " " + rest)
	case "yes":
		w.Yes = append(w.Yes, rest)
	case "no":
		w.No = append(w.No, rest)
	case "at":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 {
			return fmt.Errorf("at is a number from 1: %q", rest)
		}
		w.at = n
	case "start":
		n, err := strconv.Atoi(rest)
		if err != nil {
			return fmt.Errorf("start is a number: %q", rest)
		}
		w.start = n
	case "counts":
		for _, one := range strings.Split(rest, ", ") {
			name, number, _ := strings.Cut(one, " ")
			i := slices.IndexFunc(t.signList, func(s *sign) bool { return s.name == name })
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if i < 0 || err != nil || n == 0 {
				return fmt.Errorf("what counts is the name of a sign and a number: %q", one)
			}
			if i < len(w.counts) && w.counts[i] != 0 {
				return fmt.Errorf("%s counts twice", name)
			}
			if len(w.counts) < maxSigns {
				w.counts = append(w.counts, make([]int, maxSigns-len(w.counts))...)
			}
			w.counts[i] = n
			w.Patterns = append(w.Patterns, Pattern{Find: fmt.Sprintf("%s (%s) counts %d", name, t.signList[i].means, n)})
		}
	default:
		return fmt.Errorf("no such line: %s", verb)
	}
	return nil
}

// newWeighing reads "weigh KIND: CATEGORY", or "weigh danger: CATEGORY".
func (t *table) newWeighing(rest string) (*weighing, error) {
	if category, ok := strings.CutPrefix(rest, "danger: "); ok {
		if t.sum != nil {
			return nil, errors.New("danger is weighed once")
		}
		t.sum = &weighing{Row: Row{Category: category, Kind: General}, counts: make([]int, maxSigns)}
		return t.sum, nil
	}
	r, err := t.newRule("rule", rest)
	if err != nil {
		return nil, err
	}
	w := &weighing{Row: r.Row, counts: make([]int, maxSigns)}
	t.weighings = append(t.weighings, w)
	return w, nil
}
