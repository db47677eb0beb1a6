package prose

import "handrail"

// half says which half of the day a wall time is in, as far as the words say.
type half uint8

const (
	open  half = iota // not said
	am                // "am"
	pm                // "pm"
	fixed             // said outright: "noon", "14:00", "09:30"
)

// wall is a wall time as it is written.
type wall struct {
	hour, minute int
	half         half
	bare         bool // an hour and nothing else: it may be any number
	twelveAM     bool // "12am", which people write for noon and for midnight
}

// whole is the wall time in minutes; only for one whose half is known.
func (w wall) whole() int {
	switch w.half {
	case am:
		return w.hour%12*60 + w.minute
	case pm:
		return w.hour%12*60 + 12*60 + w.minute
	case open, fixed:
	}
	return w.hour*60 + w.minute
}

// in is the wall time in one half of the day.
func (w wall) in(h half) int {
	if w.half == open {
		w.half = h
	}
	return w.whole()
}

// part is a part of the day that the words name; it decides what "7 to 9" is.
type part uint8

const (
	anyPart part = iota
	morning
	afternoon
	evening
)

// holds reports whether a meeting that begins then is in the part of the day.
func (p part) holds(start int) bool {
	switch p {
	case morning:
		return start >= 5*60 && start < 12*60
	case afternoon:
		return start >= 12*60 && start < 18*60
	case evening:
		return start >= 16*60+30
	case anyPart:
	}
	return true
}

const (
	noEnd    = 0
	midnight = 24 * 60
	// Without "am" or "pm" a group begins between six and nine and ends before half past eleven, whatever else could be
	// meant: "2-4" is not at night. Where both halves of the day are left ("7-9", "6-8") nobody knows.
	earliest = 6 * 60
	latest   = 21 * 60
	lastEnd  = 23*60 + 30
	longest  = 16 * 60
)

// reading is what a time may mean.
type reading struct {
	start, end handrail.Clock
	certain    bool
}

// readSpan says what "a to b" means on one day. It is certain where there is one reading that a group can have.
func readSpan(a, b wall, p part) reading {
	if a.twelveAM || b.twelveAM {
		return reading{start: handrail.Clock(a.in(am)), certain: false}
	}
	if a.half != open && b.half != open {
		return sure(a.whole(), b.whole(), p)
	}
	if a.half != open {
		// The next such time after the beginning.
		for _, h := range []half{am, pm} {
			if end := b.in(h); end > a.whole() {
				return sure(a.whole(), end, p)
			}
		}
		return reading{start: handrail.Clock(a.whole())}
	}
	if b.half != open {
		if b.half == fixed && b.whole() > 12*60 && a.hour >= 7 && a.whole() < b.whole() {
			return sure(a.whole(), b.whole(), p) // "9.30-13.00"
		}
		// "2-4.30pm": the same half, unless that would be backwards: "10-2.30pm".
		try := []half{am}
		if b.whole() > 12*60 {
			try = []half{pm, am}
		}
		for _, h := range try {
			if start := a.in(h); start < b.whole() && (start >= earliest || h == pm || p == morning) {
				return sure(start, b.whole(), p)
			}
		}
		return reading{start: handrail.Clock(a.in(am))}
	}
	var found reading
	count := 0
	for _, h := range []half{am, pm} {
		start := a.in(h)
		end := b.in(am)
		if end <= start {
			end = b.in(pm)
		}
		likely := start >= earliest && start < latest
		if p != anyPart {
			likely = p.holds(start)
		}
		if !likely || end <= start || end > lastEnd {
			continue
		}
		count++
		found = reading{handrail.Clock(start), handrail.Clock(end), true}
	}
	if count == 1 {
		return found
	}
	found.certain = false
	if count == 0 {
		found.start = handrail.Clock(a.in(am))
	}
	return found
}

// sure checks a span whose halves are known, in the light of a part of the day.
func sure(start, end int, p part) reading {
	if end <= start || end > midnight || end-start > longest {
		return reading{start: handrail.Clock(start)}
	}
	if end == midnight {
		end = midnight - 1 // a Clock ends before midnight
	}
	return reading{handrail.Clock(start), handrail.Clock(end), p.holds(start)}
}

// readOne says what a beginning alone means.
func readOne(a wall, p part) reading {
	switch {
	case a.twelveAM:
		return reading{}
	case a.half != open:
		if a.whole() >= midnight {
			return reading{}
		}
		return reading{handrail.Clock(a.whole()), noEnd, p.holds(a.whole())}
	}
	var found reading
	count := 0
	for _, h := range []half{am, pm} {
		start := a.in(h)
		likely := start >= earliest && start < latest
		if p != anyPart {
			likely = p.holds(start)
		}
		if likely {
			count++
			found = reading{handrail.Clock(start), noEnd, !a.bare}
		}
	}
	if count != 1 {
		found.certain = false
	}
	return found
}

// wallAt reads a wall time at the beginning of tokens, and how many it took.
func wallAt(t []token) (wall, int) {
	if len(t) == 0 {
		return wall{}, 0
	}
	switch t[0].kind {
	case word:
		return wallInWords(t)
	case number:
	case mark, stop, opaque:
		return wall{}, 0
	}
	w := wall{hour: t[0].hour, minute: t[0].minute, bare: !t[0].minutes}
	n := 1
	switch {
	case t[0].digits == 4 && !t[0].minutes && len(t) > 1 && hours(t[1]):
		return fourDigits(t[0].hour, 2)
	case t[0].digits > 2, w.minute > 59, w.hour > 24:
		return wall{}, 0
	}
	next := token{}
	if len(t) > 1 {
		next = t[1]
	}
	switch {
	case next.kind == word && (next.low == "am" || next.low == "pm"):
		n = 2
		w.bare = false
		switch {
		case w.hour > 12 && next.low == "pm": // "18.00pm"
			w.half = fixed
		case w.hour > 12 || w.hour == 0:
			return wall{}, 0
		case next.low == "am":
			w.half = am
			w.twelveAM = w.hour == 12
		default:
			w.half = pm
		}
	case next.kind == word && (next.low == "noon" || next.low == "midday") && w.hour == 12:
		return wall{hour: 12, minute: w.minute, half: fixed}, 2
	case next.kind == word && next.low == "midnight" && w.hour == 12:
		return wall{hour: 24, half: fixed}, 2
	case next.kind == word && (next.low == "oclock") && w.bare && w.hour <= 12:
		w.bare, n = false, 2
	case next.kind == word && (next.low == "hrs" || next.low == "h") && !w.bare:
		w.half, n = fixed, 2
	}
	if w.half == open && (w.hour > 12 || w.hour == 0 || t[0].minutes && t[0].digits == 2 && w.hour < 10) {
		if w.bare {
			return wall{}, 0 // "14" alone is no time
		}
		w.half = fixed // "14:00", "09.30"
	}
	if w.hour == 24 && (w.minute != 0 || w.half != fixed) {
		return wall{}, 0
	}
	return w, n
}

func fourDigits(v, n int) (wall, int) {
	if v/100 > 23 || v%100 > 59 {
		return wall{}, 0
	}
	return wall{hour: v / 100, minute: v % 100, half: fixed}, n
}

func hours(t token) bool {
	return t.kind == word && (t.low == "hrs" || t.low == "hours" || t.low == "h")
}

// wallInWords reads "noon", "midnight", "half past ten", "quarter to 3", "two o'clock".
func wallInWords(t []token) (wall, int) {
	switch t[0].low {
	case "noon", "midday":
		return wall{hour: 12, half: fixed}, 1
	case "midnight":
		return wall{hour: 24, half: fixed}, 1
	}
	var shift, n int
	switch {
	case t[0].low == "half" && len(t) > 1 && t[1].low == "past":
		shift, n = 30, 2
	case t[0].low == "half" && len(t) > 1 && smallNumber(t[1]) > 0 && smallNumber(t[1]) <= 12 && !t[1].minutes:
		shift, n = 30, 1 // "half two"
	case t[0].low == "quarter" && len(t) > 1 && t[1].low == "past":
		shift, n = 15, 2
	case t[0].low == "quarter" && len(t) > 1 && t[1].low == "to":
		shift, n = -15, 2
	default:
		if h := smallNumber(t[0]); h > 0 && h <= 12 && len(t) > 1 && t[1].kind == word {
			switch t[1].low {
			case "oclock":
				return wall{hour: h}, 2
			case "am":
				return wall{hour: h, half: am, twelveAM: h == 12}, 2
			case "pm":
				return wall{hour: h, half: pm}, 2
			}
		}
		return wall{}, 0
	}
	if len(t) <= n {
		return wall{}, 0
	}
	h := smallNumber(t[n])
	if h < 1 || h > 12 || t[n].minutes {
		return wall{}, 0
	}
	w := wall{hour: h, minute: shift}
	if shift < 0 {
		w.hour, w.minute = (h+10)%12+1, 60+shift
	}
	n++
	if len(t) > n && t[n].kind == word {
		switch t[n].low {
		case "am":
			w.half, n = am, n+1
		case "pm":
			w.half, n = pm, n+1
		}
	}
	return w, n
}

// smallNumber is a whole number in figures, or in words up to twelve; -1 for anything else.
func smallNumber(t token) int {
	if t.kind == number {
		if t.minutes {
			return -1
		}
		return t.hour
	}
	switch t.low {
	case "one":
		return 1
	case "two":
		return 2
	case "three":
		return 3
	case "four":
		return 4
	case "five":
		return 5
	case "six":
		return 6
	case "seven":
		return 7
	case "eight":
		return 8
	case "nine":
		return 9
	case "ten":
		return 10
	case "eleven":
		return 11
	case "twelve":
		return 12
	}
	return -1
}
