package prose

import "time"

// days is a set of weekdays: bit 0 is Sunday.
type days uint8

const everyDay days = 1<<7 - 1

func on(d time.Weekday) days { return 1 << d }

// between is the days from one to another, round the end of the week if need be.
func between(a, b time.Weekday) days {
	var set days
	for d := a; ; d = (d + 1) % 7 {
		set |= on(d)
		if d == b {
			return set
		}
	}
}

// list is the set from Monday on, as people say it.
func (s days) list() []time.Weekday {
	var out []time.Weekday
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); s&on(d) != 0 {
			out = append(out, d)
		}
	}
	return out
}

// weekdayOf reads the name of a weekday, short or long, one or many of them. "sat", "sun", "wed" and "mon" are names
// only in the company that dayAt asks for.
func weekdayOf(low string) (time.Weekday, bool) {
	switch low {
	case "monday", "mondays", "mon", "mons":
		return time.Monday, true
	case "tuesday", "tuesdays", "tue", "tues", "tu":
		return time.Tuesday, true
	case "wednesday", "wednesdays", "wed", "weds":
		return time.Wednesday, true
	case "thursday", "thursdays", "thu", "thur", "thurs", "thrus":
		return time.Thursday, true
	case "friday", "fridays", "fri", "fris":
		return time.Friday, true
	case "saturday", "saturdays", "sat", "sats":
		return time.Saturday, true
	case "sunday", "sundays", "sun", "suns":
		return time.Sunday, true
	}
	return 0, false
}

func partOf(low string) part {
	switch low {
	case "morning", "mornings":
		return morning
	case "afternoon", "afternoons":
		return afternoon
	case "evening", "evenings", "night", "nights", "eve":
		return evening
	}
	return anyPart
}

// month reads the name of a month. "may" and "march" are verbs when they are written small.
func month(t token) time.Month {
	if t.kind != word || (t.low == "may" || t.low == "march") && !t.capital {
		return 0
	}
	switch t.low {
	case "january", "jan":
		return time.January
	case "february", "feb":
		return time.February
	case "march", "mar":
		return time.March
	case "april", "apr":
		return time.April
	case "may":
		return time.May
	case "june", "jun":
		return time.June
	case "july", "jul":
		return time.July
	case "august", "aug":
		return time.August
	case "september", "sep", "sept":
		return time.September
	case "october", "oct":
		return time.October
	case "november", "nov":
		return time.November
	case "december", "dec":
		return time.December
	}
	return 0
}

// ordinal reads "1st" (two tokens), "first", "last"; 0 when it is none. -1 is the last.
func ordinal(t []token) (nth, n int) {
	if t[0].kind == number && !t[0].minutes && t[0].hour >= 1 && t[0].hour <= 5 && len(t) > 1 && !t[1].spaced {
		if t[1].kind == word && (t[1].low == "st" || t[1].low == "nd" || t[1].low == "rd" || t[1].low == "th") {
			return t[0].hour, 2
		}
		return 0, 0
	}
	if t[0].kind != word {
		return 0, 0
	}
	switch t[0].low {
	case "first":
		return 1, 1
	case "second":
		return 2, 1
	case "third":
		return 3, 1
	case "fourth":
		return 4, 1
	case "fifth":
		return 5, 1
	case "last", "final":
		return -1, 1
	}
	return 0, 0
}

// soft reports whether a word may stand between the days and the hours of a meeting without changing what they say.
func soft(low string) bool {
	switch low {
	case "from", "at", "between", "on", "the", "a", "an", "every", "each", "we", "meet", "meets", "meeting", "meetings", "open", "opens",
		"runs", "run", "running", "held", "is", "are", "it", "its", "takes", "take", "taking", "place", "happens", "session", "sessions", "class", "classes",
		"group", "groups", "club", "drop", "in", "ins", "dropin", "weekly", "week", "weeks", "start", "starts", "starting", "time", "times", "day", "days",
		"both", "also", "and", "plus", "for", "our", "of", "only", "to", "year", "round", "all", "us", "they", "gather", "gathers", "come", "join",
		"available", "per", "with", "will", "be":
		return true
	}
	return placeWord(low)
}

// placeWord reports whether a word is a part of saying where.
func placeWord(low string) bool {
	switch low {
	case "church", "hall", "centre", "center", "community", "library", "room", "rooms", "school", "cafe", "café", "house", "park", "village", "methodist",
		"baptist", "st", "saint", "parish", "street", "road", "upstairs", "downstairs", "main", "leisure", "sports", "garden", "gardens", "pavilion", "hub",
		"museum", "surgery", "pool", "gym", "studio", "memorial", "town", "primary", "lounge", "near", "building", "floor", "ground", "local", "back":
		return true
	}
	return false
}

// premises reports whether a word names something that has opening hours of its own.
func premises(low string) bool {
	switch low {
	case "centre", "center", "building", "library", "cafe", "café", "shop", "museum", "reception", "school", "surgery", "gallery", "pool", "gym", "store",
		"bar", "restaurant", "garden", "gardens", "park", "premises", "venue", "hub", "foodbank", "office", "offices", "archive", "archives":
		return true
	}
	return false
}

// hedge is the reason why a word in a sentence makes its times a guess; empty for most words.
func hedge(low string) string {
	switch low {
	case "usually", "normally", "generally", "sometimes", "occasionally", "occasional", "approx", "approximately", "circa", "typically", "often", "mainly",
		"mostly", "flexible", "flexibly", "depending", "depends", "might", "may", "could", "would", "proposed", "planned", "hope", "hoping", "considering",
		"possibly", "maybe", "perhaps", "adhoc", "hoc", "selected", "certain", "various", "varies", "vary", "varied", "varying", "variable", "eg", "example", "alternatively",
		"appointment", "appointments", "arrangement", "arranged", "request", "subject", "provisional", "provisionally", "tbc", "tba", "irregular", "irregularly",
		"twice", "biweekly", "bimonthly", "rota", "should", "when", "whenever", "if", "weather", "next", "this", "tomorrow", "today", "coming", "forthcoming", "upcoming",
		"following", "again", "resume", "resumes", "restart", "restarts", "reopen", "reopens", "returning", "odd", "even", "during", "trial", "pilot", "taster", "most", "some", "few":
		return "says \"" + low + "\""
	case "served", "serve", "serves", "serving", "doors", "arrive", "arrival", "arriving", "registration", "departs", "depart", "leaves", "leave", "leaving", "returns",
		"pickup", "collection", "delivery", "deliveries", "deliver", "bus", "minibus", "transport", "service", "mass", "kitchen", "breaks", "lunchbreak":
		if low == "service" || low == "transport" || low == "kitchen" {
			return ""
		}
		return "the time may be of something else (\"" + low + "\")"
	case "holiday", "holidays", "hols", "christmas", "xmas", "easter", "summer", "winter", "spring", "autumn", "half-term", "halfterm", "ramadan", "lent", "advent", "season", "seasonal":
		return "says something of a season or of holidays"
	}
	return ""
}

// past is the reason when a word tells of what was.
func past(low string) string {
	switch low {
	case "was", "were", "had", "formerly", "previously", "originally", "until", "ago", "recently":
		return "may tell of what was"
	}
	return ""
}

// answering is the reason when a word is about answering the telephone or the door of an office.
func answering(low string) string {
	switch low {
	case "office", "offices", "reception", "phone", "phones", "phoning", "telephone", "tel", "call", "calling", "calls", "ring", "helpline", "line", "lines", "enquiries", "enquiry",
		"email", "switchboard", "admin", "administration", "hotline", "contact", "contactable", "staffed", "answerphone", "voicemail", "mobile", "text", "bookings",
		"committee", "trustees", "agm", "volunteers", "volunteer", "volunteering", "needed", "wanted", "recruiting":
		return "may be when somebody answers (\"" + low + "\")"
	}
	return ""
}

// over reports whether words say that a group does not meet, now or ever again; rest begins with the word.
func over(t []token) bool {
	at := func(i int, words ...string) bool {
		if i >= len(t) || t[i].kind != word {
			return false
		}
		for _, w := range words {
			if t[i].low == w {
				return true
			}
		}
		return false
	}
	switch t[0].low {
	case "suspended", "cancelled", "canceled", "postponed", "discontinued", "ceased", "paused", "defunct", "disbanded", "folded", "temporarily", "permanently", "relocated":
		return true
	case "no":
		return at(1, "longer", "more")
	case "on":
		return at(1, "hold", "pause")
	case "until":
		return at(1, "further") && at(2, "notice")
	case "not":
		return at(1, "currently", "now", "yet", "taking", "on") && !(at(1, "on") && len(t) > 2 && dayWord(t[2]))
	case "currently":
		return at(1, "not", "closed", "no", "under")
	case "has", "have":
		return at(1, "ended", "finished", "closed", "stopped", "moved", "ceased") || at(1, "now", "been") && at(2, "ended", "finished", "closed", "stopped", "moved", "ceased", "cancelled", "suspended")
	case "is", "are", "now":
		return at(1, "closed", "full", "finished", "over", "closing")
	case "to":
		return at(1, "be") && at(2, "confirmed", "arranged", "announced", "decided")
	case "times", "days", "dates", "hours":
		return at(1, "vary", "varies", "may", "can", "might", "tbc", "tba", "subject", "change") || at(1, "will") && at(2, "vary")
	case "subject":
		return at(1, "to") && at(2, "change")
	case "closing":
		return at(1, "down")
	}
	return false
}

func dayWord(t token) bool {
	_, ok := weekdayOf(t.low)
	return t.kind == word && ok
}

// aboutMeeting reports whether "no" or "not" before this word is about meetings.
func aboutMeeting(low string) bool {
	switch low {
	case "meet", "meets", "meeting", "meetings", "session", "sessions", "class", "classes", "group", "groups", "club", "running", "run", "runs", "open", "opening",
		"on", "available", "held", "holding", "happening", "walk", "walks", "choir", "lunch", "activity", "activities":
		return true
	}
	return false
}
