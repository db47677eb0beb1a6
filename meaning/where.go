package meaning

import (
	"math"
	"strconv"
	"strings"

	"handrail/directory/postcode"
)

// postcode takes the first full postcode of the text, or the first outcode, and marks them all as read.
func (r *reader) postcode() {
	for _, f := range postcode.Find(r.text) {
		if f.Kind != postcode.Full && f.Kind != postcode.Outcode {
			continue
		}
		from, to := -1, -1
		for i, t := range r.tokens {
			if t.start >= f.Start && t.end <= f.End {
				if from < 0 {
					from = i
				}
				to = i + 1
			}
		}
		if from < 0 || r.gone[from] || (f.Kind == postcode.Outcode || len(r.tokens[from].low) == 1) && r.notOutcode(from) {
			continue
		}
		for i := from; i < to; i++ {
			r.gone[i] = true
		}
		moved := r.word(from-1) == "from" && r.leftFrom(from-1) || (r.word(from-1) == "in" && r.word(from-2) == "was")
		if !moved && (r.u.Postcode == "" || (f.Kind == postcode.Full && !strings.Contains(r.u.Postcode, " "))) {
			r.u.Postcode = f.Text
		}
	}
}

// postcodeTail reports whether "L 8 1XY" rather than "M 60 ex-chef" goes on at i: digits and then an inward code as it is
// typed, in capitals.
func (r *reader) postcodeTail(i int) bool {
	next := i + 1
	return r.tokens[i].digits() && next < len(r.tokens) && len(r.tokens[next].low) == 3 && r.tokens[next].digits()
}

// notOutcode reports whether what looks like an outcode is something of the clinic: an age with a sex, vitamin B12, a
// part of the spine, a road.
func (r *reader) notOutcode(i int) bool {
	t := r.tokens[i].low
	if r.gone[i] || len(t) == 1 && (i+1 >= len(r.tokens) || !r.postcodeTail(i+1)) {
		return true
	}
	next := r.word(i + 1)
	switch t {
	case "b12":
		return strings.HasPrefix(next, "def") || strings.HasPrefix(next, "inj") || next == "jabs" || r.word(i-1) == "low" || r.word(i-1) == "vitamin"
	case "l1", "l2", "l3", "l4", "l5", "s1", "s2":
		before := r.word(i - 1)
		return strings.HasPrefix(before, "l") && len(before) == 2 || strings.HasPrefix(next, "s1") || next == "disc" || next == "l5"
	case "m1", "m25", "m6", "m62":
		return next == "motorway"
	}
	return false
}

// radius reads a distance somebody is willing to go.
func (r *reader) radius() {
	for i := range r.tokens {
		if r.gone[i] {
			continue
		}
		if r.tokens[i].low == "walking" && r.word(i+1) == "distance" {
			r.u.RadiusM = 1200
		}
		n, unit, from := r.measure(i)
		if n == 0 {
			continue
		}
		switch unit {
		case "mile", "miles", "mi", "mls", "ml":
			if !r.journey(i, from) {
				r.u.RadiusM = int(math.Round(n * 1609.344))
				for at := i; at < from && at < len(r.tokens); at++ {
					r.gone[at] = true
				}
				return
			}
		case "km", "kms", "kilometre", "kilometres", "kilometer", "kilometers":
			if !r.journey(i, from) {
				r.u.RadiusM = int(math.Round(n * 1000))
				return
			}
		case "k":
			if (r.wantedWithin(i) || r.word(from) == "radius" || r.word(from) == "of" || r.word(from) == "max" || r.word(from) == "away") && !r.journey(i, from) {
				r.u.RadiusM = int(math.Round(n * 1000))
				return
			}
		case "m", "metres", "meters", "metre":
			if r.wantedWithin(i) && n >= 50 {
				r.u.RadiusM = int(n)
				return
			}
		case "min", "mins", "minute", "minutes":
			if w := r.word(from); w == "walk" || w == "walks" || w == "walking" || (w == "on" && r.word(from+1) == "foot") || (w == "stroll") ||
				(w == "away" && r.word(from+1) == "on" && r.word(from+2) == "foot") {
				if r.word(from+1) == "group" {
					continue
				}
				r.u.RadiusM = int(n * 80)
				return
			}
		}
	}
}

// measure reads "2 miles", "half a mile", "5k", "a mile and a half" at i; from is the word after the unit.
func (r *reader) measure(i int) (n float64, unit string, from int) {
	t := r.tokens[i].low
	digits := 0
	for digits < len(t) && (t[digits] >= '0' && t[digits] <= '9' || t[digits] == '.') {
		digits++
	}
	switch {
	case digits > 0 && digits < len(t):
		n, err := strconv.ParseFloat(t[:digits], 64)
		if err != nil {
			return 0, "", 0
		}
		return n, t[digits:], i + 1
	case digits > 0:
		n, err := strconv.ParseFloat(t, 64)
		if err != nil {
			return 0, "", 0
		}
		if r.word(i+1) == "and" && r.word(i+2) == "a" && r.word(i+3) == "half" {
			return n + 0.5, r.word(i + 4), i + 5
		}
		return n, r.word(i + 1), i + 2
	case t == "half" && (r.word(i+1) == "a" || r.word(i+1) == "mile"):
		at := i + 1
		if r.word(at) == "a" {
			at++
		}
		return 0.5, r.word(at), at + 1
	case (t == "a" || t == "one") && (r.word(i+1) == "mile" || r.word(i+1) == "km") && r.wantedWithin(i):
		if r.word(i+2) == "and" && r.word(i+3) == "a" && r.word(i+4) == "half" {
			return 1.5, r.word(i + 1), i + 5
		}
		return 1, r.word(i + 1), i + 2
	case t == "couple" && r.word(i+1) == "of" && (r.word(i+2) == "miles"):
		return 2, "miles", i + 3
	}
	if n, width := r.number(i); width > 0 {
		return float64(n), r.word(i + width), i + width + 1
	}
	return 0, "", 0
}

// wantedWithin reports whether a limit is announced before i: "within", "no more than", "up to".
func (r *reader) wantedWithin(i int) bool {
	switch r.word(i - 1) {
	case "within", "radius", "max", "under", "maximum", "inside":
		return true
	case "to":
		return r.word(i-2) == "up"
	case "than":
		return true
	case "about", "a", "around":
		return r.word(i-2) == "within"
	}
	return false
}

// journey reports whether a distance is the length of a walk or a run, or time behind a wheel, rather than a radius.
func (r *reader) journey(i, from int) bool {
	switch r.word(i - 1) {
	case "walk", "walks", "walked", "run", "runs", "ran", "cycles", "cycle", "swims", "to", "jogs", "do", "does":
		return r.word(i-1) != "to" || r.word(i-2) != "up"
	case "can":
		return true
	}
	switch r.word(from) {
	case "walk", "walks", "run", "runs", "race", "hike", "debt", "ramble", "rambles", "swim", "jog", "plus", "owed":
		return true
	case "a":
		return r.word(from+1) == "day"
	}
	return r.word(i-1) == "couch"
}
