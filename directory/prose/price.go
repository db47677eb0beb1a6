package prose

import (
	"strings"

	"handrail"
)

// maxPence is the highest price that is believed to be of one meeting; more than that is for a course or a year, or a
// grant, and comes back as words.
const maxPence = 20_00

// Prices reads what somebody pays to come. ok is false when the text says nothing of it.
//
// Where there are several prices the highest is told, since nobody should be surprised at the door. The cost is Known
// only where every amount is for one time: "£20 a year", "free for over 60s" and "tea 50p" come back as the text's own
// words, not Known. "Free" is believed where nothing is behind it: not "free parking", "gluten free" or "first session
// free". Sums that are no price (grants, prizes, savings) are passed over. Text always holds the words.
func Prices(text string) (cost handrail.Cost, ok bool) {
	if len(text) > maxText {
		text = text[:maxText]
	}
	tokens := lex(text)
	var p prices
	begin := 0
	for i := 0; i <= len(tokens); i++ {
		if i < len(tokens) && tokens[i].kind != stop {
			continue
		}
		// "£2.5" is cut at its point by the lexer, which knows only times.
		if i > 0 && i+1 < len(tokens) && tokens[i].low == "." && tokens[i-1].kind == number && tokens[i+1].kind == number && !tokens[i].spaced && !tokens[i+1].spaced {
			continue
		}
		if i > begin {
			p.sentence(text, tokens[begin:i])
		}
		begin = i + 1
	}
	return p.cost()
}

// prices is what was found so far.
type prices struct {
	highest   int
	once      bool // an amount for one time
	otherwise bool // an amount for a year, a course, a cup of tea
	free      bool
	partly    bool // free for some
	donation  bool
	words     []string
	length    int
}

func (p *prices) cost() (handrail.Cost, bool) {
	said := strings.Join(p.words, " ")
	switch {
	case p.otherwise && (p.once || !p.free), !p.once && p.partly:
		return handrail.Cost{Text: said}, true
	case p.once:
		return handrail.Cost{Known: true, Pence: p.highest, Text: said}, true
	case p.free:
		return handrail.Cost{Known: true, Text: said}, true
	case p.donation:
		return handrail.Cost{Text: said}, true
	}
	return handrail.Cost{}, false
}

// use is what a word beside an amount says of it.
type use uint8

const (
	noUse    use = iota
	oneTime      // a price of a meeting
	longer       // for longer than one meeting
	extra        // for something besides
	noPrice      // a sum that nobody pays
	donation     // what people give
)

func useOf(low string) use {
	switch low {
	case "per", "session", "sessions", "class", "classes", "visit", "week", "weekly", "person", "each", "entry", "admission", "meal", "lunch", "adult", "adults", "child", "children",
		"member", "members", "nonmembers", "concession", "concessions", "conc", "concs", "unwaged", "waged", "others", "cost", "costs", "price", "prices", "priced", "charge", "charges", "charged",
		"fee", "fees", "pay", "payable", "pp", "ticket", "tickets", "door", "attend", "drop", "seniors", "students", "head", "time", "game", "evening", "morning", "afternoon", "day", "cash":
		return oneTime
	case "year", "annual", "annually", "yearly", "membership", "subscription", "subs", "term", "termly", "course", "block", "month", "monthly", "joining", "pa", "annum", "season", "registration", "hire", "hour":
		return longer
	case "tea", "coffee", "teas", "refreshments", "raffle", "parking", "equipment", "materials", "transport", "biscuits", "cake", "cakes", "drink", "drinks", "ingredients", "books", "uniform",
		"items", "item", "pack", "spend", "additional", "approximate", "approximately", "approx", "about", "bring", "wood", "resources":
		return extra
	case "grant", "grants", "funding", "funded", "fund", "raised", "raise", "raising", "lottery", "worth", "prize", "prizes", "save", "saves", "saving", "savings", "loan", "loans", "deposit", "fine", "income",
		"earn", "earning", "earnings", "debt", "debts", "million", "k", "m", "bn", "value", "valued", "award", "awarded", "budget", "turnover", "benefits", "benefit", "discount", "off", "voucher", "vouchers", "pension", "property", "salary", "thousand", "assets":
		return noPrice
	case "donation", "donations", "donate", "contribution", "contributions", "suggested", "voluntary":
		return donation
	}
	return noUse
}

// sentence looks for prices in one sentence.
func (p *prices) sentence(text string, t []token) {
	found := false
	short := t[len(t)-1].end-t[0].start <= 60
	about := short // the sentence speaks of prices
	for _, one := range t {
		if u := useOf(one.low); one.kind == word && (u == oneTime || u == donation) {
			about = true
		}
	}
	for i := 0; i < len(t); i++ {
		if n := p.freeAt(t, i); n > 0 {
			found = true
			i += n - 1
			continue
		}
		if t[i].kind == word && useOf(t[i].low) == donation {
			p.donation, found = true, true
		}
		pence, n := amountAt(t, i)
		if n == 0 {
			continue
		}
		u := around(t, i, i+n)
		switch {
		case u == noPrice, !about && u == noUse:
		case u == longer, u == extra, pence > maxPence:
			p.otherwise, found = true, true
		default:
			p.once, found = true, true
			p.highest = max(p.highest, pence)
		}
		i += n - 1
	}
	if !found || p.length > 200 {
		return
	}
	words := text[t[0].start:t[len(t)-1].end]
	if len(words) > 300 {
		words = words[:300]
	}
	words = strings.Join(strings.Fields(strings.ToValidUTF8(words, "")), " ")
	p.length += len(words)
	p.words = append(p.words, words)
}

// around is what the words beside an amount say of it: the nearest that says anything, those after it first, up to the
// next amount or five words away.
func around(t []token, from, to int) use {
	found := noUse
	look := func(i int) (done bool) {
		if i < 0 || i >= len(t) || t[i].kind == mark && t[i].low == "£" {
			return true
		}
		if t[i].kind != word {
			return false
		}
		u := useOf(t[i].low)
		if u == noUse {
			return false
		}
		switch {
		case found == noUse, found == oneTime && (u == longer || u == noPrice):
			found = u // "£20 per year", "£30 for a six week course"
		case u != oneTime:
			return true
		}
		return found != oneTime
	}
	for i := to; i < to+5 && !look(i); i++ {
		if i < len(t) && t[i].kind == mark && (t[i].low == "," || t[i].low == "(") {
			break
		}
	}
	if found != noUse && found != oneTime {
		return found
	}
	for i := from - 1; i >= from-5; i-- {
		if i < 0 || t[i].kind == mark && (t[i].low == "£" || t[i].low == ",") {
			break
		}
		if u := useOf(t[i].low); t[i].kind == word && u != noUse {
			if u == oneTime && found == oneTime || found == noUse || u == noPrice || u == extra && rough(t[i].low) {
				found = u
			}
			if u != oneTime {
				break
			}
		}
	}
	return found
}

// rough reports whether a word makes an amount one that is not asked at the door, whatever follows: "ingredients will be
// approximately £6 a week".
func rough(low string) bool {
	switch low {
	case "approximate", "approximately", "approx", "about", "additional", "ingredients", "materials", "items", "bring", "spend":
		return true
	}
	return false
}

// amountAt reads "£2.50", "£3", "50p", "3 pounds" at i: the amount in pence and how many tokens it took.
func amountAt(t []token, i int) (pence, n int) {
	value := func(j int) (int, int) {
		if j >= len(t) || t[j].kind != number || t[j].digits > 6 {
			return 0, 0
		}
		v, n := t[j].hour*100+t[j].minute, 1
		switch {
		case t[j].minutes:
		case j+2 < len(t) && t[j+1].low == "." && t[j+2].kind == number && t[j+2].digits == 1 && !t[j+1].spaced && !t[j+2].spaced:
			v, n = v+t[j+2].hour*10, 3
		case j+2 < len(t) && t[j+1].low == "," && t[j+2].kind == number && t[j+2].digits == 3 && !t[j+1].spaced && !t[j+2].spaced:
			v, n = v*1000+t[j+2].hour*100, 3
		}
		return v, n
	}
	if t[i].kind == mark && t[i].low == "£" {
		v, n := value(i + 1)
		if n == 0 {
			return 0, 0
		}
		if next := i + 1 + n; next < len(t) && t[next].kind == word && !t[next].spaced {
			switch t[next].low {
			case "k", "m", "bn", "million":
				return 0, 0
			}
		}
		return v, n + 1
	}
	if t[i].kind == number && i+1 < len(t) && t[i+1].kind == word {
		v, n := value(i)
		switch next := t[i+1]; {
		case next.low == "p" && !next.spaced && !t[i].minutes && t[i].digits <= 2, next.low == "pence" && t[i].digits <= 3:
			return t[i].hour, 2
		case (next.low == "pounds" || next.low == "pound") && n == 1:
			return v, 2
		}
	}
	return 0, 0
}

// freeAt reads "free", "no charge", "free of charge" at i, and how many tokens it took; 0 for "free parking".
func (p *prices) freeAt(t []token, i int) int {
	low := func(j int) string {
		if j < 0 || j >= len(t) || t[j].kind != word {
			return ""
		}
		return t[j].low
	}
	var after int
	switch {
	case low(i) == "free" && low(i+1) == "of" && (low(i+2) == "charge" || low(i+2) == "cost"):
		after = i + 3
	case low(i) == "free":
		after = i + 1
		if i > 0 && t[i-1].kind == mark && t[i-1].low == "-" && !t[i].spaced {
			return 0 // "gluten-free"
		}
	case (low(i) == "no" || low(i) == "without") && (low(i+1) == "charge" || low(i+1) == "cost" || low(i+1) == "fee" || low(i+1) == "charges"):
		after = i + 2
	case low(i) == "nil" && len(t) <= 3:
		after = i + 1
	default:
		return 0
	}
	for back := 1; back <= 3; back++ {
		switch low(i - back) {
		case "not", "longer", "never", "isnt", "arent", "nothing":
			return 0
		case "feel", "for", "set", "gluten", "smoke", "drug", "alcohol", "stress", "dairy", "sugar", "nut", "fat", "break", "get", "crime", "pain", "barrier", "jargon", "traffic":
			if back == 1 {
				return 0
			}
		case "first", "second", "trial", "taster", "sometimes", "some", "initially", "usually", "many", "most", "parking":
			p.partly = true
			return after - i
		}
	}
	if after < len(t) && t[after].kind == mark && t[after].low == "-" && !t[after].spaced {
		return 0 // "free-range"
	}
	next, then := low(after), low(after+1)
	whole := next == "" || after >= len(t)
	switch next {
	case "session", "sessions", "class", "classes", "group", "groups", "event", "events", "activity", "activities", "service", "services", "course", "courses", "entry", "admission", "drop",
		"workshop", "workshops", "support", "advice", "club", "clubs", "walk", "walks", "and", "but", "friendly", "weekly", "monthly", "community", "social", "all", "donations", "at", "on", "every", "we", "please", "no", "confidential", "programme", "in", "help":
		whole = true
	case "to":
		whole = then == "attend" || then == "join" || then == "all" || then == "everyone" || then == "use" || then == "anyone" || then == "come" || then == "enter" || then == "access" || then == "take"
	case "for":
		whole = then == "all" || then == "everyone" || then == "anyone" || then == "everybody" || then == "this" || then == "the" || then == "our"
		if !whole {
			p.partly = true
			return after - i
		}
	case "if", "with", "when", "under", "until", "over", "where", "after", "before":
		p.partly = true
		return after - i
	}
	if !whole {
		return 0
	}
	p.free = true
	return after - i
}
