package meaning

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

const (
	// streetKinds end a street's name.
	streetKinds = `road|rd|street|st|avenue|ave|lane|ln|close|cl|drive|drv|crescent|cres|court|ct|place|pl|terrace|terr|gardens|gdns|grove|way|walk|hill|mews|rise|row|square|sq|gate|green|parade|view|park|fields?|meadows?|vale|bank|common|parkway|broadway|wharf|quay|croft|end|villas|buildings|mount|heights|chase|wynd|brae|yard|cottages|paddock|orchard|maltings|garth|dene|fold|spinney|copse|loan|alley|dell|approach|promenade|esplanade|circus|boulevard|causeway|embankment|drove|leas?|corner|glade|knoll|oval|path|ridge|strand|link|nook|warren|weir|quadrant|circle|plaza|dale|market|precinct|crofts|neuk`
	// streetsAlone are whole names of streets behind "the".
	streetsAlone = `green|crescent|close|avenue|row|paddock|square|drive|grove|terrace|mews|oaks|orchard|maltings|meadows?|limes|elms|beeches|willows|poplars|laurels|cedars|firs|hollies|ridings|ridgeway|spinney|copse|glebe|hawthorns|mount|lane|street|broadway|parade|quadrant|leys|dell|pines|birches|chase|brambles|cottages?|villas|fairways?`
	// streetsFirst begin a street's name in Wales.
	streetsFirst = `heol|ffordd|stryd|maes|bryn|clos|rhodfa|trem|gerddi|waun|erw|cwrt|tyddyn|cae|lon|lôn|llys`
	// houseKinds end the name of a house.
	houseKinds = `cottage|house|rectory|vicarage|farm|farmhouse|lodge|barn|manor|bungalow|grange|stables`
)

var (
	addressText = regexp.MustCompile(`(?i)\b(?:(?:flat|apt|apartment|unit) \d+[a-z]?,? )?(?:no\.? )?\d{1,4}[a-z]?(?:[\-/]\d{1,4})?,? ((?:[a-z'’\-]+\.? ){1,3})(` + streetKinds + `)\b\.?`)
	// A street of one word, the name of one behind "the", and one that begins with what others end with.
	streetText = regexp.MustCompile(`(?i)\b\d{1,4}[a-z]?,? (?:the (?:` + streetsAlone + `)|([a-z]{2,}(?:way|gate))|(?:` + streetsFirst + `)(?: yr?)? [a-z]+(?: [A-Z][a-z]+)?)\b`)
	// Where somebody is said to live a number and a name will do.
	livesText = regexp.MustCompile(`\b(?i:lives?(?: at| in| on)?|living (?:at|in)|resid(?:es|ing) at|address(?: is)?|home is|house no\.?|house number|(?:home )?visits?(?: her| him)? (?:at|to))[ :\-]{1,3}(?i:no\.? ?)?(\d{1,4}[A-Za-z]?(?:,| on)? (?:[Tt]he )?([A-Za-z][a-z'’]+)(?: [A-Z][a-z'’]+){0,2})\b`)
	flatText  = regexp.MustCompile(`(?i)\b(?:flat|apt|apartment|room|rm|bedsit|caravan|chalet|plot|pitch) [a-z]?\d+[a-z]?,? (?:\d+[a-z]? )?[a-z']+(?: [a-z']+)? (?:house|court|tower|towers|lodge|point|heights|mansions|buildings|care home|nursing home|residential home|hostel)\b`)
	flatAlone = regexp.MustCompile(`(?i)\b(?:flat|apt|apartment) (?:no\.? ?)?\d+[a-z]?\b`)
	// A house by its number and its postcode: the number is no age.
	houseCode = regexp.MustCompile(`(?i)\b((?:(?:house|door)(?: no\.?| number)? ?|(?:no\.?|number) ?)\d{1,4}[a-z]?|\d{1,3}[a-eg-ln-z]|1[1-9]\d|[2-9]\d\d),? [a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b`)
	// An age that leaves no doubt.
	ageText = regexp.MustCompile(`(?i)\b(?:[fm] ?\d{2}|\d{2} ?(?:yo|yrs?|y/o|years?|f|m)|aged? \d{2})\b`)
	// A house by its name, and the street behind a comma: without a number, but nobody else lives there.
	houseText = regexp.MustCompile(`\b(?:The )?(?:[A-Z][a-z'’]+ ){1,2}(?i:` + houseKinds + `) ?, ?(?:[A-Z][a-z'’]+ ){1,2}(?:Road|Rd|Lane|Ln|Street|St|Avenue|Ave|Close|Drive|Crescent|Terrace|Grove|Way|Hill|Row|Green|Square)\b`)
)

// addresses looks for where somebody lives.
func (r *reader) addresses(text []byte, low string, found signs, note func(kind string, from, to int)) {
	if found.street {
		for _, m := range addressText.FindAllSubmatchIndex(text, -1) {
			if !afterSex(text[:m[0]]) && !venueBehind(low[m[1]:]) && street(string(text[m[0]:m[1]]), string(text[m[2]:m[3]]), string(text[m[4]:m[5]]), string(text[m[1]:]), r.v) {
				note("address", m[0], m[1])
			}
		}
		for _, m := range streetText.FindAllSubmatchIndex(text, -1) {
			if afterSex(text[:m[0]]) || venueBehind(low[m[1]:]) {
				continue
			}
			if m[2] >= 0 { // "Queensway", but neither "away" nor "Harrogate"
				name := low[m[2]:m[3]]
				if r.v.places[name] != "" || r.v.english.has(name) && name != "broadway" || text[m[2]] >= 'a' && name != "queensway" && name != "kingsway" && name != "broadway" {
					continue
				}
			}
			note("address", m[0], m[1])
		}
	}
	if strings.Contains(low, "live") || strings.Contains(low, "living") || strings.Contains(low, "resid") || strings.Contains(low, "address") || strings.Contains(low, "home is") || strings.Contains(low, "house n") || strings.Contains(low, "visit") {
		for _, m := range livesText.FindAllSubmatchIndex(text, -1) {
			if name := low[m[4]:m[5]]; text[m[4]] < 'a' || !counted(name) && !r.v.english.has(name+"s") {
				note("address", m[2], m[3])
			}
		}
	}
	if strings.Contains(low, "flat") || strings.Contains(low, "apt") || strings.Contains(low, "apartment") || strings.Contains(low, "room") || strings.Contains(low, "rm ") ||
		strings.Contains(low, "bedsit") || strings.Contains(low, "caravan") || strings.Contains(low, "chalet") || strings.Contains(low, "plot") || strings.Contains(low, "pitch") {
		for _, m := range flatText.FindAllIndex(text, -1) {
			note("address", m[0], m[1])
		}
		for _, m := range flatAlone.FindAllIndex(text, -1) {
			if rest := strings.TrimLeft(low[m[1]:], " -"); !strings.HasPrefix(rest, "bed") && !strings.HasPrefix(rest, "person") && !strings.HasPrefix(rest, "room") {
				note("address", m[0], m[1])
			}
		}
	}
	r.clauseAddresses(text, note)
	if !found.code {
		return
	}
	for _, m := range houseCode.FindAllSubmatchIndex(text, -1) {
		note("address", m[2], m[3]) // the postcode is where to look
	}
}

// clauseAddresses looks for a number and a name with a clause to themselves, where the number is no age: it is too high, has a
// letter, or the age is told elsewhere. So streets are found that do not say what they are: "14 The Cross", "5 Crichton".
func (r *reader) clauseAddresses(text []byte, note func(kind string, from, to int)) {
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && !bytes.ContainsRune([]byte(",;.()\n"), rune(text[to])) {
			to++
		}
		if number, name, ok := numbered(string(text[from:to])); ok && r.streetLike(name) {
			n, err := strconv.Atoi(number)
			if err != nil || n > 110 || ageText.Match(text[:from]) || ageText.Match(text[to:]) {
				start := from + len(text[from:to]) - len(bytes.TrimLeft(text[from:to], " "))
				note("address", start, start+len(bytes.TrimSpace(text[from:to])))
			}
		}
		from = to + 1
	}
}

// numbered takes a clause apart that is a number, with a letter perhaps, and one to four words.
func numbered(clause string) (number, name string, ok bool) {
	clause = strings.TrimSpace(clause)
	if clause == "" || clause[0] < '0' || clause[0] > '9' {
		return "", "", false
	}
	number, name, ok = strings.Cut(clause, " ")
	if !ok || len(number) > 7 || number[0] == '0' || strings.Count(name, " ") > 3 || len(strings.TrimLeft(number, "0123456789-/")) > 1 {
		return "", "", false
	}
	if last := number[len(number)-1] | 0x20; last == 'f' || last == 'm' || last == 'p' || last == 'k' || strings.ContainsAny(name, "0123456789") {
		return "", "", false // an age, a price, a distance
	}
	return number, name, true
}

// streetLike reports whether words behind a house number name a street: all with capitals and one that nobody knows, or typed
// small and the last the kind of a street.
func (r *reader) streetLike(name string) bool {
	typed := strings.Fields(name)
	words := strings.Fields(strings.ToLower(name))
	if len(words) == 0 || r.v.places[strings.Join(words, " ")] != "" {
		return false
	}
	last := words[len(words)-1]
	known, capitals := true, true
	for i, w := range words {
		_, day := dayOf(w)
		if day || monthOf(w) > 0 || counted(w) || r.v.inTable(w) && i < len(words)-1 && w != "the" || r.v.languages[w] != "" || r.v.peoples[w] {
			return false
		}
		known = known && r.v.english.has(w)
		capitals = capitals && typed[i][0] >= 'A' && typed[i][0] <= 'Z'
	}
	kind := streetWord(last)
	switch {
	case capitals:
		return !known || kind && len(words) > 1 || words[0] == "the" && len(words) == 2
	case len(words) > 1: // "an 8 week course at the park" has words that no street has
		for _, w := range words[:len(words)-1] {
			if small(w) && w != "the" && w != "old" || personal(w) || r.v.stemKnown[r.v.stem(w)] && !streetWord(w) {
				return false
			}
		}
		return kind
	}
	return !known && (strings.HasSuffix(words[0], "gate") || strings.HasSuffix(words[0], "way") || strings.HasSuffix(words[0], "side") || strings.HasSuffix(words[0], "croft"))
}

// venueBehind reports whether what follows a street's name makes it that of a place to go to: "68 Church Road Methodist drop in".
func venueBehind(rest string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	switch strings.Trim(word, ".,;:?)") {
	case "area", "areas", "surgery", "church", "methodist", "baptist", "centre", "center", "community", "library", "school", "hall", "clinic", "practice", "allotment",
		"allotments", "pool", "baths", "hub", "cafe", "options", "walkers", "walking", "mosque", "temple", "hospital", "health", "medical", "club", "group", "groups", "side":
		return strings.HasPrefix(rest, " ")
	}
	return false
}

// counted reports whether a word behind a number says what is counted: "lives 2 miles away", "lives in 1 bed flat".
func counted(w string) bool {
	switch w {
	case "mile", "miles", "min", "mins", "minutes", "minute", "bed", "bedroom", "bedroomed", "bedded", "storey", "floor", "floors", "flights", "flight", "doors", "door", "km", "years", "year",
		"yrs", "yr", "of", "with", "kids", "children", "people", "others", "hours", "hour", "weeks", "months", "days", "streets", "stops", "and", "cats", "dogs", "level", "in", "at", "to", "from",
		"person", "man", "yards", "metres", "small", "other", "more", "times", "up", "down", "away", "near", "rooms", "room", "adults", "grown", "old", "x", "generation", "generations", "likes",
		"wants", "lonely", "alone", "female", "male", "can", "cant", "is", "has", "needs", "who", "but", "or", "on", "by", "for", "stone", "grandchildren", "daughters", "sons", "hr", "hrs", "week":
		return true
	}
	return false
}

// houseWord reports whether a text has the kind of a house that may have a name.
func houseWord(low string) bool {
	for _, w := range [...]string{"cottage", "house", "rectory", "vicarage", "farm", "lodge", "barn", "manor", "bungalow", "grange", "stables"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// houseNamed reports whether a house at a place in the text is where somebody lives, and not one to go to: nothing leads to it.
func houseNamed(text string, from int) bool {
	before := strings.Fields(strings.ToLower(text[max(0, from-24):from]))
	if len(before) == 0 {
		return true
	}
	switch before[len(before)-1] {
	case "at", "in":
		return len(before) > 1 && (strings.HasPrefix(before[len(before)-2], "liv") || strings.HasPrefix(before[len(before)-2], "resid"))
	case "near", "to", "from", "the", "of", "by", "like", "visit", "for", "or", "and":
		return false
	}
	return true
}

// afterSex reports whether a number stands behind the sex of the patient and so is their age: "F 70 Church Road area".
func afterSex(before []byte) bool {
	s := strings.TrimRight(string(before), " ")
	return len(s) < len(before) && len(s) > 0 && (s[len(s)-1] == 'F' || s[len(s)-1] == 'M') && (len(s) == 1 || !isLetter(s[len(s)-2]))
}

// street reports whether what looks like a house number and a street is one, and not "72 lives near Park Road" or "31M
// can't drive": words of everyday between the number and what ends a street's name speak against it.
func street(whole, name, kind, rest string, v *Vocabulary) bool {
	words := strings.Fields(name)
	first := strings.ToLower(strings.TrimLeft(whole, " "))
	capitals := true
	if v.places[strings.ToLower(name+kind)] != "" {
		return false // an age, and Notting Hill
	}
	switch kind {
	case "approach", "promenade", "circus", "link", "corner", "path", "ridge", "strand", "nook", "oval", "warren", "weir", "lea", "glade", "drove", "knoll", "alley", "fold", "yard", "loan",
		"circle", "plaza", "dale", "market", "precinct":
		return false // a street only with a capital
	}
	for _, w := range words {
		low := strings.ToLower(strings.Trim(w, ".'’"))
		if (low == "old" || low == "long" || low == "short" || low == "the") && w[0] < 'a' {
			continue // "Old Kent Road"
		}
		if low == "long" && len(words) > 1 && (strings.TrimSpace(rest) == "" || rest[0] == ',') && kind != "walk" {
			continue // "long meadow drive" by itself
		}
		switch low {
		case "near", "in", "on", "min", "mins", "minutes", "minute", "year", "years", "yo", "yr", "old", "from", "lives", "of", "to", "f", "m",
			"and", "male", "female", "lady", "likes", "wants", "for", "kids", "weeks", "months", "by", "at", "can", "cant", "can't", "cannot",
			"mile", "miles", "km", "walk", "with", "who", "is", "has", "hates", "loves", "needs", "no", "not", "doesn't", "doesnt", "don't",
			"won't", "wont", "a", "or", "retired", "widow", "group", "dog", "day", "days", "hour", "hours", "times", "about", "likely", "long",
			"short", "over", "under", "within", "does", "steps", "stairs", "am", "pm", "per", "x", "woman", "man", "gent", "guided", "health", "enjoys", "struggles", "scared", "unable", "learning", "nervous", "too", "wheelchair", "bus", "train", "car", "lift", "used":
			return false
		}
		if w[0] < 'A' || w[0] > 'Z' {
			capitals = false
		}
	}
	if capitals {
		return true
	}
	switch strings.ToLower(kind) {
	case "drive", "close", "walk", "way", "hill", "place", "park", "gate", "rise", "row", "green", "view", "bank", "common", "end", "field", "fields",
		"mount", "court", "gardens", "square", "chase", "cl", "ct", "pl", "sq", "croft", "vale", "meadow", "meadows":
		// Typed small, only beside a flat or where somebody lives.
		if n, err := strconv.Atoi(strings.TrimRight(strings.Fields(first)[0], ",abcdefgh")); err == nil && n > 110 {
			return true // no age
		}
		switch strings.ToLower(kind) { // a clause to themselves, two words, and nobody can walk it
		case "drive", "close", "court", "gardens", "croft", "meadow", "meadows", "rise", "square", "chase", "vale":
			if len(words) > 1 && (strings.TrimSpace(rest) == "" || rest[0] == ',') {
				return true
			}
		}
		return strings.HasPrefix(first, "flat") || len(words) == 1 && !v.knownWord(strings.ToLower(words[0]))
	}
	return true
}
