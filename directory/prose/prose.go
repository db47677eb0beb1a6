// Package prose reads what listings say in sentences: when a group meets, what it costs, and where. Many listings
// have their times nowhere else.
//
// It is shy. What can be read in one way only is CertaintyRead; all else is CertaintyGuessed, with the reason, and is for
// people to look at and never told as a fact: "7-9" (which half of the day?), "every second Tuesday" (of the month?),
// "the office is open 9 to 5", "usually", and every sentence with an exception that a Recurrence cannot hold. The
// caller keeps the words.
//
//	for _, t := range prose.Times("Tuesdays 10.30am - 2pm (not bank holidays)") {
//		fmt.Println(t.Recurrence.Day, t.Recurrence.Start, t.Recurrence.End, t.Recurrence.Certainty, t.Why)
//	}
//	cost, ok := prose.Prices("£2.50 per session") // 250 pence
//	prose.Mine(&activity)                         // all of it, where the listing has nothing better
//
// Every step is one pass over the text, without regular expressions, so no text can make it slow (B7).
package prose

import (
	"cmp"
	"slices"
	"strings"

	"handrail"
)

// Time is a time that a text names.
type Time struct {
	// Recurrence is what was read. Its Certainty is read or guessed, never said.
	Recurrence handrail.Recurrence
	// NoClock says that the text names days without a time: Recurrence.Start means nothing then. Such a one is always a
	// guess.
	NoClock bool
	// Text are the words it was read from, and Start and End their place in the text, in bytes.
	Text       string
	Start, End int
	// Confidence is between 0 and 1: at least 0.8 for what is certain, below for guesses.
	Confidence float64
	// Why says in plain words what makes it a guess; empty for what is certain.
	Why string

	general bool // one of a stretch of days
	joined  bool // days and time stand in two sentences
}

const (
	// maxTimes is how many times are read from one text. A text with more is a timetable, not a group.
	maxTimes = 60
	// maxText is how much of a text is read, in bytes; the longest descriptions in real feeds have some thousands. What a
	// longer one goes on to say is not known, so all of it is a guess.
	maxText = 50_000
)

// Times reads the times that a text names, in the order of the text. It returns nothing for "various times". Safe with
// any text: what is not understood is passed over or makes a guess of what stands beside it.
func Times(text string) []Time {
	long := len(text) > maxText
	if long {
		text = text[:maxText]
	}
	var all []Time
	var whole mods // what sentences without times of their own say of all
	why := ""
	if long {
		why = "the text goes on for too long"
	}
	tokens := lex(text)
	if !slices.ContainsFunc(tokens, namesDay) {
		return nil // as most descriptions
	}
	sentences := split(tokens)
	for i := 0; i < len(sentences); i++ {
		s := &sentences[i]
		joined := false
		if i+1 < len(sentences) && s.joins(&sentences[i+1]) {
			both := newSentence(append(append(append([]item(nil), s.items...), item{sense: isBreak}), sentences[i+1].items...))
			sentences[i+1] = both
			s, joined = &sentences[i+1], true
			i++
		}
		if s.reach == ofAll || s.reach == ofException && (!s.days || !s.spans) {
			why = cmp.Or(why, s.why)
		}
		if len(all) < maxTimes {
			for _, t := range s.times() {
				t.joined = joined
				all = append(all, t)
			}
		} else {
			why = cmp.Or(why, "names very many times")
		}
		if m := s.mods(); m.any && len(s.core) == 0 {
			if (m.from != "" || m.until != "" || m.every > 1 || m.monthly) && slices.ContainsFunc(s.items, func(it item) bool { return it.sense == isWord }) {
				why = cmp.Or(why, "does not say plainly which times it means")
			}
			whole = whole.with(m)
		}
	}
	all = settle(whole.apply(all))
	for i := range all {
		all[i].finish(text, why)
	}
	return all
}

// namesDay reports whether a token may be a part of naming a day.
func namesDay(t token) bool {
	if t.kind == number {
		return t.digits == 4 && t.hour >= 1990 && t.hour < 2100 // "2027-01-05"
	}
	if t.kind == mark {
		return t.low == "/" // "05/01/27"
	}
	if _, ok := weekdayOf(t.low); ok || t.kind != word {
		return ok && t.kind == word
	}
	switch t.low {
	case "daily", "everyday", "day", "days", "weekday", "weekdays", "weekend", "weekends":
		return true
	}
	return month(t) != 0
}

// split makes sentences of tokens. What stands under a heading of its own line ("Café:") is said of that, up to an empty
// line.
func split(tokens []token) []sentence {
	var out []sentence
	begin, under := 0, ""
	add := func(end int, line bool) {
		s := newSentence(scan(tokens[begin:end]))
		if last := tokens[end-1]; line && last.kind == mark && last.low == ":" && len(s.core) == 0 {
			under = ofHouse(tokens[begin:end])
		} else if under != "" {
			s.doubt(under, ofSentence)
		}
		out = append(out, s)
	}
	for i, t := range tokens {
		if t.kind != stop {
			continue
		}
		switch {
		case i > begin && t.low == "?":
			add(i+1, false) // the sign says something
		case i > begin:
			add(i, t.low == "\n")
		case t.low == "\n":
			under = ""
		}
		begin = i + 1
	}
	if begin < len(tokens) {
		add(len(tokens), false)
	}
	return out
}

// ofHouse is the reason to doubt what stands under a heading that speaks of a building or of an office.
func ofHouse(heading []token) string {
	for _, t := range heading {
		if t.kind == word && (premises(t.low) || answering(t.low) != "") {
			return "may be the opening hours of a building"
		}
	}
	return ""
}

// with adds what another sentence says.
func (m mods) with(o mods) mods {
	m.any = m.any || o.any
	m.term = m.term || o.term
	m.except |= o.except
	m.not = append(m.not, o.not...)
	m.monthly = m.monthly || o.monthly
	if o.holidays != handrail.NotSaid {
		m.holidays = o.holidays
	}
	m.from, m.until = cmp.Or(m.from, o.from), cmp.Or(m.until, o.until)
	m.every = max(m.every, o.every)
	return m
}

// apply puts on all times what a sentence of its own says: "Term time only."
func (m mods) apply(all []Time) []Time {
	if !m.any {
		return all
	}
	out := all[:0]
	for _, t := range all {
		r := &t.Recurrence
		if r.Freq == handrail.Weekly && m.except&on(r.Day) != 0 {
			continue
		}
		if m.except&on(r.Day) != 0 {
			t.Why = cmp.Or(t.Why, "makes an exception")
		}
		r.TermOnly = r.TermOnly || m.term
		if len(m.not) > 0 {
			r.Except = append(slices.Clone(r.Except), m.not...)
			slices.Sort(r.Except)
			r.Except = slices.Compact(r.Except)
		}
		if m.holidays != handrail.NotSaid {
			r.Holidays = m.holidays
		}
		if r.Freq != handrail.OnDates {
			r.From = cmp.Or(r.From, m.from)
			r.Until = cmp.Or(r.Until, m.until)
		}
		switch {
		case m.every > 1 && r.Freq == handrail.Weekly && r.Every <= 1 && len(all) == 1:
			r.Every = m.every
		case m.every > 1 && r.Every != m.every:
			t.Why = cmp.Or(t.Why, "does not say plainly which times it means")
		case m.monthly && r.Nth == 0:
			t.Why = cmp.Or(t.Why, "does not say which of the month's days")
		}
		out = append(out, t)
	}
	return out
}

// finish settles how certain a time is, and keeps its words.
func (t *Time) finish(text, why string) {
	t.Why = cmp.Or(t.Why, why)
	t.End = min(max(t.End, t.Start), len(text))
	t.Text = strings.Join(strings.Fields(strings.ToValidUTF8(text[t.Start:t.End], "")), " ")
	if r := &t.Recurrence; r.Until != "" && r.From > r.Until {
		t.Why = cmp.Or(t.Why, "ends before it begins")
	}
	t.Recurrence.Certainty = handrail.CertaintyRead
	switch {
	case t.Why != "":
		t.Recurrence.Certainty = handrail.CertaintyGuessed
		t.Confidence = 0.4
		if t.NoClock {
			t.Confidence = 0.3
		}
	case t.joined:
		t.Confidence = 0.85
	case t.Recurrence.End == 0:
		t.Confidence = 0.9
	default:
		t.Confidence = 0.95
	}
}
