package meaning

import (
	"slices"
	"strings"
)

// dayOf reads a day's name or abbreviation; plural says "Tuesdays".
func dayOf(w string) (day int, ok bool) {
	if len(w) > 4 {
		w = strings.TrimSuffix(w, "s")
	}
	switch w {
	case "mon", "monday", "mons":
		return 0, true
	case "tue", "tues", "tuesday":
		return 1, true
	case "wed", "weds", "wednesday", "wednesdya", "wensday":
		return 2, true
	case "thu", "thur", "thurs", "thursday":
		return 3, true
	case "fri", "friday", "fris":
		return 4, true
	case "sat", "saturday", "sats":
		return 5, true
	case "sun", "sunday", "suns":
		return 6, true
	}
	return 0, false
}

func dayName(d int) string { return [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}[d] }

// days reads the days, the parts of day, and a relative date, of the activity that is wanted.
func (r *reader) days(yes, no [7]bool) {
	var timeYes, timeNo [3]bool
	for i := range r.tokens {
		if r.gone[i] {
			continue
		}
		r.weekday(i, &yes, &no)
		r.partOfDay(i, &timeYes, &timeNo)
		r.relative(i)
	}
	some := false
	for d := range yes {
		some = some || yes[d]
	}
	if no != [7]bool{} && !some {
		for d := range yes {
			yes[d] = !no[d]
		}
	}
	for d, on := range yes {
		if on && !no[d] {
			r.u.Days = append(r.u.Days, dayName(d))
		}
	}
	slices.Sort(r.u.Days)
	if timeNo != [3]bool{} && timeYes == [3]bool{} {
		for t := range timeYes {
			timeYes[t] = !timeNo[t]
		}
	}
	for t, name := range [3]string{"morning", "afternoon", "evening"} {
		if timeYes[t] && !timeNo[t] {
			r.u.Times = append(r.u.Times, name)
		}
	}
	slices.Sort(r.u.Times)
}

func (r *reader) weekday(i int, yes, no *[7]bool) {
	t := r.tokens[i].low
	mark := func(days ...int) {
		for _, d := range days {
			if r.excluded(i) || r.taken(i) {
				no[d] = true
			} else {
				yes[d] = true
			}
		}
	}
	switch t {
	case "weekday", "weekdays", "midweek":
		mark(0, 1, 2, 3, 4)
		return
	case "weekends":
		if w := r.word(i - 1); w != "alternate" && w != "some" {
			mark(5, 6)
		}
		return
	case "weekend":
		if r.word(i-1) == "this" || r.word(i-1) == "the" && r.word(i-2) == "over" {
			r.u.When = "weekend"
		} else if w := r.word(i - 1); w == "on" && r.word(i-2) == "something" || w == "on" && r.word(i-2) == "anything" || w == "coming" {
			r.u.When = "weekend"
		} else if w == "last" || w == "alternate" {
			return
		} else {
			mark(5, 6)
		}
		return
	}
	d, ok := dayOf(t)
	if !ok || r.happened(i) || r.word(i-1) == "back" && (r.word(i-2) == "ring" || r.word(i-2) == "call") {
		return
	}
	if w := r.word(i - 2); (w == "bus" || w == "buses") && (r.word(i-3) == "no" || r.word(i-3) == "few") {
		return // "no bus on Sundays"
	}
	if w := r.word(i - 1); (w == "till" || w == "until" || w == "by") && !r.weekdayAt(i-2) {
		return // "no food till Friday"
	}
	if t == "sat" || t == "sun" {
		switch r.word(i + 1) {
		case "at", "all", "in", "indoors", "around", "here", "on", "with", "down", "cream", "shine", "exposure":
			return
		}
	}
	if t == "sun" && (r.word(i-1) == "no" || r.word(i-1) == "the") {
		return
	}
	if t == "wed" && (r.word(i-1) == "was" || r.word(i-1) == "newly") {
		return
	}
	// "Mon-Fri", "Mon to Thurs"
	if next := i + 1; next < len(r.tokens) {
		j := -1
		if w := r.word(next); w == "to" || w == "till" || w == "until" || w == "thru" || w == "through" {
			j = next + 1
		} else if gap := r.text[r.tokens[i].end:r.tokens[next].start]; strings.TrimSpace(gap) == "-" || strings.TrimSpace(gap) == "–" {
			j = next
		}
		if j > 0 && j < len(r.tokens) {
			if last, ok := dayOf(r.tokens[j].low); ok && last > d {
				for ; d <= last; d++ {
					mark(d)
				}
				return
			}
		}
	}
	mark(d)
}

// happened reports whether a day at i is that of something past: "seen Monday", "died last Tuesday".
func (r *reader) happened(i int) bool {
	for at := i - 1; at >= 0 && at >= i-3 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "seen", "saw", "died", "moved", "last", "since", "discharged", "admitted", "fell", "came", "spoke", "funeral", "moves", "moving",
			"due", "yesterday", "clinic", "review", "appointment", "appt", "rang", "arrived", "buried", "works", "shifts", "working":
			return true
		}
	}
	// "moved from Glasgow on Monday"
	if r.word(i-1) == "on" {
		for at := i - 4; at >= 0 && at >= i-6 && r.tokens[at].clause == r.tokens[i].clause; at-- {
			switch r.tokens[at].low {
			case "moved", "died", "seen", "discharged", "admitted", "arrived":
				return true
			}
		}
	}
	return false
}

// weekdayAt reports whether the word at i is a day.
func (r *reader) weekdayAt(i int) bool {
	_, ok := dayOf(r.word(i))
	return ok
}

// taken reports whether a day at i is one on which something else has the patient: "dialysis Mon Wed Fri".
func (r *reader) taken(i int) bool {
	for at := i - 1; at >= 0 && at >= i-6 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		switch r.tokens[at].low {
		case "dialysis", "chemo", "chemotherapy", "radiotherapy", "busy":
			return true
		case "and", "or", "on", "every":
			continue
		}
		if !r.weekdayAt(at) {
			return false
		}
	}
	return false
}

// ruledOut reports whether the words after i say that it will not do: "mornings not possible", "Mondays no good".
func (r *reader) ruledOut(i int) bool {
	at := i + 1
	for at < len(r.tokens) && (r.weekdayAt(at) || r.word(at) == "and" || r.word(at) == "or" || r.word(at) == "are" || r.word(at) == "is" || r.word(at) == "really") {
		at++
	}
	if at >= len(r.tokens) || r.tokens[at].clause != r.tokens[i].clause {
		return false
	}
	switch w, next := r.word(at), r.word(at+1); w {
	case "not", "no":
		return next == "possible" || next == "good" || next == "ok" || next == "suitable" || next == "use" || next == "great" || next == "an" || w == "no" && r.standsBefore(at)
	case "dont", "doesnt", "wont":
		return next == "suit" || next == "work" || next == "do"
	case "impossible", "difficult", "bad", "tricky", "out", "hard", "unsuitable":
		return w != "out" || r.standsBefore(at)
	case "arent", "isnt":
		return next == "good" || next == "possible" || next == "great" || next == "ok"
	}
	return false
}

// excluded reports whether a day or time at i is one that will not do: "not Fridays", "any day but Tuesday".
func (r *reader) excluded(i int) bool {
	if r.ruledOut(i) {
		return true
	}
	for at := i - 1; at >= 0 && at >= i-5 && r.tokens[at].clause == r.tokens[i].clause; at-- {
		w := r.tokens[at].low
		switch w {
		case "not", "excluding", "avoid", "bar", "cant", "cannot", "never", "no", "dont", "doesnt", "wont", "busy", "unavailable", "hates", "hate", "avoiding", "dislikes", "except", "without", "isnt", "nothing":
			return true
		case "from":
			return r.word(at-1) == "apart"
		case "than":
			return r.word(at-1) == "other"
		case "but":
			switch r.word(at - 1) {
			case "day", "time", "days", "anything", "anytime", "times", "any", "week", "everything", "whenever", "all":
				return true
			}
			return false
		case "or", "and", "on", "do", "in", "the", "make", "at", "any", "manage", "mornings", "works", "free":
			continue
		}
		if _, ok := dayOf(w); ok {
			continue
		}
		return false
	}
	return false
}

func (r *reader) partOfDay(i int, yes, no *[3]bool) {
	t := r.tokens[i].low
	before, next := r.word(i-1), r.word(i+1)
	mark := func(parts ...int) {
		for _, p := range parts {
			if r.excluded(i) {
				no[p] = true
			} else {
				yes[p] = true
			}
		}
	}
	greeting := i == 0 && (next == "" || next == "all" || next == "team" || next == "both" || next == "everyone" ||
		(len(r.tokens) > 1 && r.tokens[1].clause != r.tokens[0].clause))
	if before == "before" && (t == "lunch" || t == "lunchtime" || t == "lunchtimes") {
		return
	}
	if part, ok := r.hours(i); ok {
		mark(part)
		return
	}
	if part, ok := r.clock(i); ok {
		mark(part)
		return
	}
	switch t {
	case "morning", "mornings", "mornin":
		if before == "good" || before == "coffee" || before == "this" || greeting {
			return
		}
		mark(0)
	case "am", "ams":
		if _, day := dayOf(before); day || before == "in" || before == "the" || before == "weekday" || before == "weekdays" || strings.HasSuffix(before, "day") ||
			next == "only" || r.standsBefore(i) || next == "please" || next == "pls" || next == "best" || next == "preferred" || next == "sessions" || before == "early" || before == "and" || before == "or" || before == "any" {
			if before != "i" && next != "dram" && (before == "" || !(before[0] >= '0' && before[0] <= '9')) {
				mark(0)
			}
		}
	case "afternoon", "afternoons", "pm", "pms", "lunchtime", "lunchtimes":
		if next == "tea" || next == "teas" {
			return // as "coffee morning"
		}
		if before == "good" || before == "this" && t == "afternoon" || greeting {
			return
		}
		if t == "pm" && len(before) > 0 && before[0] >= '0' && before[0] <= '9' {
			return
		}
		mark(1)
	case "evening", "evenings", "eve", "eves", "nights", "nighttime":
		if before == "good" || greeting {
			return
		}
		if t == "nights" && occasion(before) {
			return // as "coffee morning"
		}
		if t == "nights" && (before == "works" || before == "on" || before == "working" || before == "does" || before == "at" || before == "awake" || before == "sleepless" || next == "shift") {
			return
		}
		mark(2)
	case "tonight":
		yes[2] = true
		r.u.When = "today"
	case "daytime", "daytimes":
		mark(0, 1)
	case "day":
		if next == "time" || before == "the" && r.word(i-2) == "during" {
			mark(0, 1)
		}
	case "school":
		switch {
		case next == "hours" || next == "hrs":
			mark(0, 1)
		case before == "after" && next != "run":
			mark(1)
		}
	case "before":
		switch next {
		case "noon", "lunch", "midday", "lunchtime", "12", "12pm", "11", "11am":
			mark(0)
		}
	case "after":
		switch {
		case next == "work":
			mark(2)
		case next == "lunch":
			mark(1)
		case next == "5" || next == "6" || next == "5pm" || next == "6pm" || next == "7" || next == "7pm" || next == "5.30" || next == "six" || next == "five" ||
			next == "17" || next == "18" || next == "6.30":
			switch r.word(i + 2) {
			case "weeks", "years", "months", "days", "strokes", "miles", "minutes":
			default:
				mark(2)
			}
		}
	}
}

// relative reads today, tomorrow, this week and next week, of the activity.
func (r *reader) relative(i int) {
	before := r.word(i - 1)
	past := r.happened(i) || before == "here" || before == "in" || before == "until"
	switch r.tokens[i].low {
	case "today":
		if !past && before != "surgery" && before != "me" {
			r.u.When = "today"
		}
	case "tomorrow", "tmrw", "tomoz", "tmw", "tomorow":
		if !past {
			r.u.When = "tomorrow"
		}
	case "week":
		switch {
		case before == "this" && !r.happened(i-1):
			r.u.When = "this_week"
		case before == "next" && !r.happened(i-1):
			r.u.When = "next_week"
		}
	}
}

// clock reads an hour of the day at i, "10am", "2.30 pm", as the part of the day it is in.
func (r *reader) clock(i int) (part int, ok bool) {
	t := r.tokens[i].low
	if !r.tokens[i].digits() || r.happened(i) {
		return 0, false
	}
	switch r.word(i + 1) {
	case "pt", "patient", "appointment", "clinic", "surgery":
		return 0, false // when the doctor sees them
	}
	var half, digits string
	switch {
	case strings.HasSuffix(t, "am"), strings.HasSuffix(t, "pm"):
		half, digits = t[len(t)-2:], t[:len(t)-2]
	case r.word(i+1) == "am" || r.word(i+1) == "pm":
		half, digits = r.word(i+1), t
	default:
		return 0, false
	}
	hour := 0
	for k := 0; k < len(digits) && digits[k] >= '0' && digits[k] <= '9' && k < 3; k++ {
		hour = hour*10 + int(digits[k]-'0')
	}
	switch {
	case hour < 1 || hour > 12:
		return 0, false
	case half == "am":
		return 0, true
	case hour == 12 || hour < 5:
		if r.word(i-1) == "after" && hour == 4 {
			return 2, true
		}
		return 1, true
	}
	return 2, true
}

// occasion reports whether a word before "nights" makes it a kind of event and no time of day.
func occasion(w string) bool {
	switch w {
	case "quiz", "film", "games", "game", "movie", "music", "mic", "folk", "poetry", "curry", "bingo", "karaoke", "jazz", "club", "dance", "gaming", "comedy", "disco":
		return true
	}
	return false
}

// hours reads hours from and to at i, "10-12", "between 10 and 12", "1-4pm", as the part of the day in which they begin.
// Only beside a day or after "between": two numbers alone may be anything.
func (r *reader) hours(i int) (part int, ok bool) {
	from := r.tokens[i].low
	var to string
	switch {
	case !r.tokens[i].digits() || i+1 >= len(r.tokens):
		return 0, false
	case r.hyphened(i+1) && (r.weekdayAt(i-1) || r.weekdayAt(i+2) || strings.HasSuffix(r.word(i+1), "m")):
		to = r.word(i + 1)
	case r.word(i-1) == "between" && r.word(i+1) == "and" || r.word(i-1) == "from" && r.word(i+1) == "to":
		to = r.word(i + 2)
	default:
		return 0, false
	}
	start, end := hourOf(from), hourOf(to)
	switch {
	case start == 0 || end == 0 || r.unit(i+1, 1):
		return 0, false
	case strings.HasSuffix(to, "am") || strings.HasSuffix(from, "am") || start >= 8 && start < 12 && !strings.HasSuffix(from, "pm"):
		return 0, true
	case start == 12 || start < 5:
		return 1, true
	}
	return 2, start >= 6 || strings.HasSuffix(to, "pm")
}

// hourOf is the hour that a word such as "10", "10.30" or "4pm" tells; 0 where it is none.
func hourOf(w string) int {
	hour, digits := 0, 0
	for digits < len(w) && w[digits] >= '0' && w[digits] <= '9' && digits < 3 {
		hour = hour*10 + int(w[digits]-'0')
		digits++
	}
	switch rest := strings.TrimLeft(w[digits:], ".0123456789"); {
	case digits == 0 || digits > 2 || hour < 1 || hour > 12 || rest != "" && rest != "am" && rest != "pm":
		return 0
	}
	return hour
}
