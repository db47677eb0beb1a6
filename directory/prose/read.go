package prose

import (
	"cmp"
	"slices"
	"time"

	"handrail"
)

// sentence is a stretch of text between two full stops, as items.
type sentence struct {
	items []item
	core  []int // places of isDays and isSpan in items
	days  bool  // has days, or dates
	spans bool
	why   string // what makes a guess of all its times
	reach reach
}

func newSentence(items []item) sentence {
	s := sentence{items: items}
	s.dropNames()
	s.dropStray()
	for i, it := range s.items {
		switch it.sense {
		case isDays:
			s.days = true
			s.core = append(s.core, i)
		case isSpan:
			s.spans = true
			s.core = append(s.core, i)
		case isWord, isSoft, isBreak, isOr, isPart, isEvery, isMonthly, isTerm, isHolidays, isFrom, isUntil, isExcept, isDoubt:
		}
	}
	if len(s.core) > maxCore {
		s.core = s.core[:maxCore]
		s.doubt("names very many times", ofSentence)
	}
	last := -1
	if len(s.core) > 0 {
		last = s.core[len(s.core)-1]
	}
	for i, it := range s.items {
		if it.sense == isOr && (s.coreBeside(i, -1) || s.coreBeside(i, 1)) {
			s.doubt("says \"or\"", ofSentence)
		}
		if it.sense != isDoubt || it.reach == ofFollowing && i > last {
			continue
		}
		s.doubt(it.why, it.reach)
	}
	return s
}

func (s *sentence) doubt(why string, r reach) {
	if s.why == "" {
		s.why = why
	}
	s.reach = max(s.reach, r)
}

// coreBeside reports whether days or times stand within three items on one side.
func (s *sentence) coreBeside(i, step int) bool {
	for n, j := 0, i+step; n < 3 && j >= 0 && j < len(s.items); n, j = n+1, j+step {
		switch s.items[j].sense {
		case isDays, isSpan:
			return true
		case isWord, isDoubt:
			return false
		case isSoft, isBreak, isOr, isPart, isEvery, isMonthly, isTerm, isHolidays, isFrom, isUntil, isExcept:
		}
	}
	return false
}

// dropNames makes words of weekdays that are part of a name where another day is said: "The Tuesday Club meets on
// Wednesdays". Where it is the only one it may be the day, and a name with capitals is a guess. What is said once to be
// of the month ("first Monday and third Thursday of the month") holds for the sentence.
func (s *sentence) dropNames() {
	count, names, monthly := 0, 0, false
	for _, it := range s.items {
		if it.sense == isDays {
			count++
			monthly = monthly || it.monthly && len(it.nth) > 0
			if it.name {
				names++
			}
		}
	}
	for i, it := range s.items {
		if it.sense != isDays {
			continue
		}
		if it.name && names < count {
			s.items[i].sense = isWord
			s.items[i].capital = true
			continue
		}
		if it.name && i+1 < len(s.items) && s.items[i+1].capital {
			s.items[i].why = cmp.Or(it.why, "the day may be a part of a name")
		}
		if len(it.nth) > 0 && monthly && it.why == "" {
			s.items[i].monthly = true
		}
	}
}

// dropStray makes words of numbers that could be times but stand beside no day: "10-12" may be anything. It looks from
// both ends, so that a long line of numbers costs no more than another.
func (s *sentence) dropStray() {
	beside := make([]bool, len(s.items))
	look := func(i int, company bool) bool {
		switch it := s.items[i]; it.sense {
		case isDays, isPart:
			return true
		case isSpan:
			beside[i] = beside[i] || company || !it.bare
			return company || !it.bare
		case isWord, isDoubt:
			return false
		case isSoft, isBreak, isOr, isEvery, isMonthly, isTerm, isHolidays, isFrom, isUntil, isExcept:
		}
		return company
	}
	company := false
	for i := range s.items {
		company = look(i, company)
	}
	company = false
	for i := len(s.items) - 1; i >= 0; i-- {
		company = look(i, company)
	}
	for i, it := range s.items {
		if it.sense == isSpan && !beside[i] {
			s.items[i].sense = isWord
		}
	}
}

// clear reports whether nothing between two items could part a day from its time: no word that is not known, unless it
// is a name.
func (s *sentence) clear(i, j int) bool {
	names := 0
	for _, it := range s.items[i+1 : j] {
		if it.sense == isWord {
			if !it.capital || names == 8 {
				return false
			}
			names++
		}
	}
	return true
}

// maxCore is how many days and times of one sentence are looked at.
const maxCore = 40

// pairing is a group of days with a time.
type pairing struct {
	days []int // places in items
	span int   // -1 for none
	why  string
}

// pair joins days and times: each time with the days before it ("Mondays 10-12, Tuesdays 2-4pm"), or where a time comes
// first, with the days after it ("10-12 Mondays").
func (s *sentence) pair() []pairing {
	if len(s.core) == 0 {
		return nil
	}
	if !s.spans {
		return []pairing{{days: s.core, span: -1, why: "says nothing of the time"}}
	}
	if !s.days {
		return nil
	}
	first := s.items[s.core[0]].sense // what comes first leads
	var out []pairing
	var leaders []int
	followed := false
	begun := 0 // where the pairings with these leaders begin
	for _, c := range s.core {
		if s.items[c].sense == first {
			if followed {
				leaders, followed = nil, false
				begun = len(out)
			}
			leaders = append(leaders, c)
			continue
		}
		followed = true
		why := ""
		if !s.clear(leaders[len(leaders)-1], c) {
			why = "other words stand between the day and the time"
		}
		if first == isDays {
			out = append(out, pairing{days: leaders, span: c, why: why})
			continue
		}
		for _, l := range leaders {
			if at := slices.IndexFunc(out[begun:], func(p pairing) bool { return p.span == l }); at >= 0 {
				p := &out[begun+at]
				p.days = append(slices.Clone(p.days), c)
				if p.why == "" {
					p.why = why
				}
				continue
			}
			out = append(out, pairing{days: []int{c}, span: l, why: why})
		}
	}
	if !followed && len(leaders) > 0 {
		for i := range out {
			out[i].why = "does not say plainly which time is on which day"
		}
	}
	return out
}

// partFor is the part of the day that is named nearest to a time, among the words between its days and itself and right
// after it.
func (s *sentence) partFor(p pairing) part {
	lo, hi := p.span, p.span
	for _, d := range p.days {
		lo, hi = min(lo, d), max(hi, d)
	}
	found := anyPart
	for i := max(lo-2, 0); i < len(s.items) && i <= hi+2; i++ {
		it := s.items[i]
		if (i < lo || i > hi) && (it.sense == isDays || it.sense == isSpan) {
			if i > hi {
				break
			}
			found = anyPart
		}
		if it.sense == isPart {
			found = it.part
		}
	}
	return found
}

// mods is what a sentence says of all its times.
type mods struct {
	term        bool
	holidays    handrail.Tri
	except      days
	not         []handrail.Date
	from, until handrail.Date
	every       int
	monthly     bool
	any         bool
}

func (s *sentence) mods() mods {
	var m mods
	for _, it := range s.items {
		switch it.sense {
		case isTerm:
			m.term = true
		case isHolidays:
			m.holidays = it.holidays
		case isExcept:
			m.except |= it.days
			if it.date != "" && len(m.not) < maxTimes {
				m.not = append(m.not, it.date)
			}
		case isFrom:
			m.from = it.date
		case isUntil:
			m.until = it.date
		case isEvery:
			m.every = it.every
		case isMonthly:
			m.monthly = true
		case isWord, isSoft, isBreak, isOr, isDays, isSpan, isPart, isDoubt:
			continue
		}
		m.any = true
	}
	return m
}

// times are what a sentence says, each day for itself.
func (s *sentence) times() []Time {
	pairs := s.pair()
	m := s.mods()
	var out []Time
	for _, p := range pairs {
		why := p.why
		if s.why != "" {
			why = s.why
		}
		base := handrail.Recurrence{TermOnly: m.term, Holidays: m.holidays, From: m.from, Until: m.until, Except: m.not}
		begin, end := s.items[p.days[0]].start, s.items[p.days[len(p.days)-1]].end
		unclocked := p.span < 0
		if !unclocked {
			it := s.items[p.span]
			begin, end = min(begin, it.start), max(end, it.end)
			r := readOne(it.a, s.partFor(p))
			if it.hasEnd {
				r = readSpan(it.a, it.b, s.partFor(p))
			}
			base.Start, base.End = r.start, r.end
			if why == "" {
				why = it.why
			}
			if why == "" && !it.hasEnd && several(pairs, p) {
				why = "names several beginnings"
			}
			if !r.certain && why == "" {
				why = "the time may be in the morning or in the evening"
			}
		}
		if len(pairs) > 1 && (m.every > 1 || m.from != "" || m.until != "") && why == "" {
			why = "does not say plainly which times it means"
		}
		dated := slices.ContainsFunc(p.days, func(d int) bool { return s.items[d].date != "" })
		for _, d := range p.days {
			it := s.items[d]
			if len(out)+7*max(len(it.nth), 1) > maxTimes {
				return out
			}
			t := Time{Recurrence: base, NoClock: unclocked, Start: begin, End: end, Why: why}
			out = append(out, s.timesOn(it, m, t, dated)...)
		}
	}
	return out
}

// several reports whether more than one time is named for the same days.
func several(pairs []pairing, p pairing) bool {
	for _, o := range pairs {
		if o.span != p.span && o.days[0] == p.days[0] {
			return true
		}
	}
	return false
}

// timesOn are the times on the days of one item.
func (s *sentence) timesOn(it item, m mods, t Time, dated bool) []Time {
	if t.Why == "" {
		t.Why = it.why
	}
	if it.date != "" {
		if len(s.core) > 2 || m.from != "" || m.every > 1 || m.monthly {
			t.Why = cmp.Or(t.Why, "names a date among other days")
		}
		t.Recurrence.Freq, t.Recurrence.Also = handrail.OnDates, []handrail.Date{it.date}
		t.Recurrence.From, t.Recurrence.Until = "", ""
		t.Recurrence.Day = it.days.list()[0]
		return []Time{t}
	}
	if dated {
		t.Why = cmp.Or(t.Why, "names a date among other days")
	}
	t.Recurrence.Every = it.every
	if m.every > 1 {
		if it.every > 1 && it.every != m.every || len(it.nth) > 0 {
			t.Why = cmp.Or(t.Why, "says two different things of how often it meets")
		}
		t.Recurrence.Every = m.every
	}
	nth := it.nth
	if len(nth) == 0 {
		if m.monthly || it.monthly {
			t.Recurrence.Freq = handrail.Monthly
			t.Why = cmp.Or(t.Why, "does not say which of the month's days")
			t.Recurrence.Every = 0
		}
		nth = []int{0}
	} else {
		t.Recurrence.Freq = handrail.Monthly
		if !it.monthly && !m.monthly {
			t.Why = cmp.Or(t.Why, "does not say that it counts in the month")
		}
	}
	set := it.days &^ m.except
	if set != it.days && (t.Recurrence.Freq == handrail.Monthly || set == 0) {
		t.Why = cmp.Or(t.Why, "makes an exception")
		set = it.days
	}
	var out []Time
	for _, d := range set.list() {
		for _, n := range nth {
			one := t
			one.Recurrence.Day, one.Recurrence.Nth = d, n
			one.general = it.wide
			out = append(out, one)
		}
	}
	return out
}

// joins reports whether next goes on where s stopped: days in the one, and nothing but their times in the other.
func (s *sentence) joins(next *sentence) bool {
	if !s.days || s.spans || next.days || !next.spans || s.why != "" || next.why != "" {
		return false
	}
	for _, it := range next.items[:next.core[0]] {
		if it.sense == isWord {
			return false
		}
	}
	return len(s.core) <= 3
}

// overlaps reports whether two times cannot both be right: the same day, times that overlap and differ.
func overlaps(a, b handrail.Recurrence) bool {
	if a.Freq != handrail.Weekly || b.Freq != handrail.Weekly || a.Day != b.Day || a.Every > 1 || b.Every > 1 || a.From != b.From || a.Until != b.Until {
		return false
	}
	if a.Start == b.Start && a.End == b.End {
		return false
	}
	endA, endB := max(a.End, a.Start+1), max(b.End, b.Start+1)
	return a.Start < endB && b.Start < endA
}

// settle looks at all the times of a text together: the same twice, two that cannot both be, and a stretch of days of
// which one is told apart afterwards ("Monday to Friday 9-4, Wednesday 9-9").
func settle(all []Time) []Time {
	byDay := map[time.Weekday][]int{}
	drop := make([]bool, len(all))
	for i := range all {
		r := &all[i]
		for _, j := range byDay[r.Recurrence.Day] {
			o := &all[j]
			if drop[j] || r.NoClock || o.NoClock {
				continue
			}
			if r.Recurrence.Equal(o.Recurrence) {
				drop[i] = true
				break
			}
			if !overlaps(r.Recurrence, o.Recurrence) {
				continue
			}
			const why = "another time on the same day is named too"
			r.Why, o.Why = cmp.Or(r.Why, why), cmp.Or(o.Why, why)
			if o.general && !r.general {
				drop[j] = true
			} else if r.general && !o.general {
				drop[i] = true
			}
		}
		byDay[r.Recurrence.Day] = append(byDay[r.Recurrence.Day], i)
	}
	out := all[:0]
	for i, t := range all {
		if !drop[i] {
			out = append(out, t)
		}
	}
	return out
}
