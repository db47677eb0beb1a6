package meaning

import "strings"

// What is said in more ways than a table can list: its parts are listed here and how they stand to each other.

// freeTime reports whether "free" at i is about somebody's time, or hangs on another word: "free on Mondays", "only free
// weekends", "gluten-free".
func (r *reader) freeTime(i int) bool {
	t := r.tokens[i]
	if t.low != "free" {
		return false
	}
	if t.start > 0 && r.text[t.start-1] == '-' {
		return true
	}
	timed := false
	at := i + 1
	for at < len(r.tokens) && at < i+4 && r.tokens[at].clause == t.clause {
		switch r.tokens[at].low {
		case "on", "in", "at", "most", "every", "the", "only", "all", "any", "after", "until", "from", "before", "during", "some", "early", "late", "between":
			at++
			continue
		case "weekday", "weekdays", "weekend", "weekends", "morning", "mornings", "afternoon", "afternoons", "evening", "evenings", "time", "daytime",
			"days", "day", "school", "lunchtime", "lunchtimes", "tomorrow", "today", "nights", "am", "pm":
			timed = true
		}
		timed = timed || r.weekdayAt(at) || r.tokens[at].digits() && at > i+1
		break
	}
	if !timed {
		return false
	}
	// "free Tues am" asks for something free on Tuesdays; somebody "is free Tuesdays".
	switch r.word(i - 1) {
	case "is", "hes", "shes", "im", "only", "be", "are", "theyre", "she", "he", "when", "if", "usually", "mostly", "mainly", "i", "am", "pt", "patient":
		return true
	}
	return at > i+1 || strings.HasSuffix(r.tokens[i+1].low, "ends")
}

// company reports whether the clause of the words from i on asks for somebody to go along the first time, or says that
// the patient will not go alone.
func (r *reader) company() bool {
	for i, t := range r.tokens {
		switch t.low {
		case "alone", "own", "herself", "himself", "themselves", "themself", "solo", "unaccompanied":
			if t.low == "own" && r.word(i-1) != "her" && r.word(i-1) != "his" && r.word(i-1) != "their" && r.word(i-1) != "my" {
				continue
			}
			if r.fearsGoing(i) {
				return true
			}
		case "someone", "somebody", "anyone", "volunteer", "friend", "person", "face", "company", "mate", "worker", "companion":
			if r.goesAlong(i) {
				return true
			}
		case "taking", "accompanying", "introducing", "escorting", "chaperoning", "collecting":
			if t.low != "collecting" && t.low != "taking" || t.low == "taking" && (r.standsBefore(i) || r.word(i+1) == "the" || r.word(i+1) == "there" || r.word(i+1) == "along") {
				switch r.word(i - 1) {
				case "needs", "need", "require", "requires", "want", "wants", "like", "likes":
					return true
				}
			}
		}
	}
	return false
}

// fearsGoing reports whether before "on her own" at i somebody does not want to go: a verb of going with a no or a fear.
func (r *reader) fearsGoing(i int) bool {
	going, fear := false, false
	for at := i - 1; at >= 0 && at >= i-10 && r.tokens[at].sentence == r.tokens[i].sentence; at-- {
		switch r.tokens[at].low {
		case "go", "going", "goes", "walk", "walking", "turn", "turning", "attend", "attending", "come", "coming", "join", "joining", "enter", "start",
			"starting", "try", "trying", "face", "manage", "arrive", "arriving", "in":
			going = going || at >= i-7
		case "scared", "nervous", "anxious", "afraid", "shy", "terrified", "worried", "embarrassed", "reluctant", "frightened", "daunted", "refuses", "dreads",
			"hates", "struggles", "unable", "wouldnt", "wont", "cant", "cannot", "doesnt", "dont", "never", "isnt", "not", "unlikely", "hesitant",
			"uncomfortable", "intimidated", "nerve", "dread", "hate", "needn't", "lacks", "unsure", "wary", "apprehensive", "panics", "fears":
			fear = true
		case "lives", "living", "travels", "out", "home":
			if r.tokens[at].low != "out" || !fear && r.word(at-1) != "going" {
				return false
			}
		}
	}
	return going && fear
}

// goesAlong reports whether somebody at i is to go along: "someone to go with her", "a friendly face to walk in with".
func (r *reader) goesAlong(i int) bool {
	for at := i + 1; at < len(r.tokens) && at <= i+4 && r.tokens[at].clause == r.tokens[i].clause; at++ {
		switch r.tokens[at].low {
		case "go", "going", "come", "coming", "came", "went", "walk", "attend", "pop", "tag":
			for k := at + 1; k < len(r.tokens) && k <= at+5 && r.tokens[k].clause == r.tokens[i].clause; k++ {
				switch r.tokens[k].low {
				case "with", "along", "alongside", "too", "together":
					return r.word(i-1) != "no" && r.word(i-1) != "for" || r.tokens[k].low != "too"
				}
			}
		case "accompany", "introduce", "escort", "chaperone":
			return !relation(r.word(i))
		case "take", "bring", "meet", "met", "help":
			if w := r.word(at + 1); (w == "her" || w == "him" || w == "them") && r.tokens[at].low != "help" {
				next := r.word(at + 2)
				return r.tokens[at].low == "take" && (next == "" || next == "along" || next == "there" || next == "the" || next == "to" || next == "in" || r.standsBefore(at+1)) ||
					next == "at" || next == "there" || next == "outside" || next == "in" && r.tokens[at].low == "bring"
			}
		case "to", "who", "could", "would", "can", "will", "her", "him", "if":
		default:
			return false
		}
	}
	return false
}

// indoors reports whether the patient does not leave the house: a no, a verb of leaving, and the house.
func (r *reader) indoors() bool {
	for i, t := range r.tokens {
		switch t.low {
		case "leave", "leaves", "left", "leaving", "out", "outside", "exit":
		default:
			continue
		}
		no := false
		for at := i - 1; at >= 0 && at >= i-4 && r.tokens[at].clause == t.clause; at-- {
			no = no || nay(r.tokens, at) && r.word(at) != "non" || r.word(at) == "unable" || r.word(at) == "hardly" || r.word(at) == "rarely" || r.word(at) == "scared" || r.word(at) == "hasnt"
		}
		if !no {
			continue
		}
		if t.low == "out" || t.low == "outside" {
			if w := r.word(i + 1); w != "of" || t.low == "outside" {
				continue
			}
		}
		for at := i + 1; at < len(r.tokens) && at <= i+4 && r.tokens[at].clause == t.clause; at++ {
			switch r.tokens[at].low {
			case "house", "home", "flat", "bed", "room", "bungalow", "farm", "property", "bedroom", "building", "chair", "sofa", "cottage", "caravan", "indoors":
				if r.word(at+1) != "alone" && r.word(at+1) != "without" && r.word(at+1) != "much" && r.word(at+1) != "unless" {
					return true
				}
			case "the", "her", "his", "their", "of", "own", "to", "go":
			default:
				at = len(r.tokens)
			}
		}
	}
	return false
}

// seldom reports whether words that say somebody cannot go out are taken back by what follows: "can't get out much".
func (r *reader) seldom(to int) bool {
	switch r.word(to) {
	case "much", "often", "a", "as", "alone", "easily", "unless", "without", "enough", "of", "together", "at":
		return r.word(to) != "a" && r.word(to) != "at" || r.word(to+1) == "lot" || r.word(to+1) == "night" || r.word(to+1) == "weekends"
	case "on", "by":
		return r.word(to+1) == "her" || r.word(to+1) == "his" || r.word(to+1) == "herself" || r.word(to+1) == "himself" || r.word(to+1) == "own"
	}
	return false
}

// named reports whether the words at i are what a group must not be called: "nothing that says lonely", "anything called
// a depression group".
func (r *reader) named(i int) bool {
	for at := i - 1; at >= 0 && at >= i-5 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "called", "labelled", "badged", "branded", "says", "say", "screams", "smacks", "marked", "tagged", "advertised", "titled", "named", "shouts",
			"sounds", "labeled", "reads", "billed":
			return r.denied(at) || r.loathed(at)
		}
	}
	// "with mental health in the title"
	for at := i; at < len(r.tokens) && at < i+6 && r.tokens[at].clause == r.tokens[i].clause; at++ {
		if w := r.word(at); w == "title" || w == "label" || w == "badge" || w == "tag" || w == "name" && r.word(at-1) == "the" {
			return r.denied(i) || r.loathed(i)
		}
	}
	return false
}

// loathed reports whether a dislike without a plain "no" stands before i: "put off by", "allergic to", "runs a mile".
func (r *reader) loathed(i int) bool {
	for at := i - 1; at >= 0 && at >= i-7 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "put", "allergic", "wary", "runs", "shudders", "cringes", "bristles", "resists", "rejects", "declined", "declines", "refused", "refuses", "scared", "sick":
			return r.tokens[at].low != "put" || r.word(at+1) == "off"
		}
	}
	return false
}

// deniedAfter reports whether what follows a thing takes it back: "yoga, didn't like it", "tried pottery but hated it".
func (r *reader) deniedAfter(to int) bool {
	for at := to; at < len(r.tokens) && at < to+4 && (r.tokens[at].clause == r.tokens[to-1].clause); at++ {
		switch w, next := r.word(at), r.word(at+1); w {
		case "didnt", "doesnt", "dont":
			switch next {
			case "like", "enjoy", "help", "suit", "work", "take", "get":
				return next != "get" || r.word(at+2) == "on"
			}
			return false
		case "hated", "loathed":
			return next == "it"
		case "not":
			return next == "helping" || next == "for" || next == "working" || next == "her" || next == "his"
		case "wasnt", "isnt":
			return next == "for" || next == "her" || next == "his" || next == "helping" || next == "working"
		case "but", "and", "before", "once", "it", "she", "he", "was", "group", "class", "classes":
		default:
			return false
		}
	}
	return false
}

// occupation reports whether a word is what somebody works as.
func occupation(w string) bool {
	switch w {
	case "chef", "cook", "nurse", "vet", "police", "army", "navy", "raf", "head", "judge", "clerk", "pilot", "priest", "vicar", "midwife", "guard",
		"mechanic", "accountant", "sergeant", "student", "civil", "nun", "monk", "secretary", "coach", "gp", "pe", "forces", "military", "seamstress":
		return true
	}
	for _, end := range []string{"er", "or", "ist", "man", "woman", "ian", "ess", "smith", "wright", "ant"} {
		if len(w) > len(end)+2 && strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// youngParent reports whether the patient is called a mum or a dad at an age at which children are at home.
func (r *reader) youngParent(b blocks) bool {
	for i, t := range r.tokens {
		switch t.low {
		case "mum", "mummy", "dad", "daddy", "mam", "mother", "father", "mums", "dads":
		default:
			continue
		}
		switch r.word(i - 1) {
		case "young", "tired", "busy", "struggling", "exhausted", "stressed", "teen", "teenage", "working", "new", "single", "lonely", "isolated", "knackered":
			return true
		}
		if (t.low == "mums" || t.low == "dads") && !t.owner && (r.word(i-1) == "other" || r.word(i-1) == "meet" || r.word(i-1) == "local") {
			return true
		}
		if r.u.Age > 0 && r.u.Age < 50 && t.low != "mums" && t.low != "dads" && !r.notPatient(i, b) && r.word(i+1) != "with" && r.word(i+1) != "says" && !r.deceased(i) && !t.owner &&
			(i == 0 || r.tokens[i-1].clause != t.clause || !relation(r.word(i-1)) && r.word(i-1) != "and") && !r.hasCondition(i) {
			return true
		}
	}
	return false
}

// hasCondition reports whether "mum" at i is spoken of as another: "mum has Alzheimer's".
func (r *reader) hasCondition(i int) bool {
	switch r.word(i + 1) {
	case "has", "is", "had", "got", "died", "passed", "cares", "with", "needs", "in", "worries", "worried", "thinks", "moved", "rang", "called", "brings", "does":
		return true
	}
	return false
}

// deceased reports whether the words around i are of a death.
func (r *reader) deceased(i int) bool {
	for at := max(0, i-3); at < min(len(r.tokens), i+4); at++ {
		switch r.tokens[at].low {
		case "lost", "died", "dead", "passed", "death", "dies", "buried", "late", "funeral":
			return true
		}
	}
	return false
}

// driven reports whether somebody hangs on others to get about: "depends on her son for lifts".
func (r *reader) driven() bool {
	for i, t := range r.tokens {
		switch t.low {
		case "depends", "depend", "dependent", "relies", "rely", "relying", "reliant", "depending":
		default:
			continue
		}
		for at := i + 1; at < len(r.tokens) && at <= i+7 && r.tokens[at].clause == t.clause; at++ {
			switch r.tokens[at].low {
			case "lifts", "lift", "transport", "drive", "taxi", "taxis", "bus", "buses", "driving":
				return true
			}
		}
	}
	return false
}

// aVolunteer reports whether a volunteer is asked for and not to be one: "could a volunteer meet him".
func (r *reader) aVolunteer(m match) bool {
	if m.to-m.from != 1 || r.word(m.from) != "volunteer" || r.word(m.from-1) != "a" {
		return false
	}
	switch r.word(m.from - 2) {
	case "as", "be", "become", "becoming", "being", "is", "was", "been", "work":
		return false
	}
	return true
}
