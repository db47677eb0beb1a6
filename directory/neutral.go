package directory

// Stigma looks for words in a listing's name, or a topic, that label whoever goes there: a condition, loneliness, weight,
// dependence, hardship. ok is true when there is one, and why then says in a sentence or two what is wrong with it and
// what would do better, for the person who edits the listing.
//
// It reads labels and judges nobody: "Tuesday gardeners" tells a neighbour at the door nothing, "Depression group" tells
// them everything. A name that people chose for themselves is theirs to keep: this is advice and blocks nothing.
func Stigma(name string) (why string, ok bool) {
	before := ""
	var buf [longestWord + 1]byte
	for r := (reader{text: name, word: buf[:0]}); r.next(); {
		l := labelOf(r.word)
		if l == noLabel {
			l = labelOfTwo(before, string(r.word))
		}
		if l != noLabel && !friendly(r) {
			return l.why(), true
		}
		if string(r.word) != "and" {
			before = string(r.word)
		}
	}
	return "", false
}

// friendly reports whether the next word is "friendly": a "dementia friendly swim" is for everybody.
func friendly(r reader) bool {
	r.word = nil
	return r.next() && string(r.word) == "friendly"
}

// label is a kind of stigma.
type label uint8

const (
	noLabel label = iota
	labelCondition
	labelLonely
	labelWeight
	labelDependence
	labelHardship
	labelSufferer
	labelSupport
)

// labelOf are labels of one word. Words that mostly mean something harmless are left to labelOfTwo.
func labelOf(word []byte) label {
	switch string(word) {
	case "depression", "depressed", "depressive", "anxiety", "anxious", "psychosis", "psychotic", "schizophrenia", "schizophrenic",
		"bipolar", "neurosis", "neurotic", "suicide", "suicidal", "selfharm", "ptsd", "ocd", "dementia", "alzheimers", "demented",
		"hiv", "incontinence", "psychiatric", "insane":
		return labelCondition
	case "lonely", "loneliness", "isolated", "isolation", "friendless", "housebound", "shutin":
		return labelLonely
	case "obese", "obesity", "overweight":
		return labelWeight
	case "addict", "addicts", "addiction", "addictions", "addicted", "alcoholic", "alcoholics", "alcoholism", "junkies", "drunks", "abusers":
		return labelDependence
	case "poverty", "deprived", "disadvantaged", "needy", "homeless", "unemployed", "jobless", "vulnerable", "destitute":
		return labelHardship
	case "sufferers", "sufferer", "victims", "victim", "handicapped", "retarded", "cripples", "invalids", "infirm", "frail":
		return labelSufferer
	}
	return noLabel
}

// labelOfTwo are labels of two words that stand together, "and" left out.
func labelOfTwo(before, word string) label {
	switch before {
	case "mental":
		switch word {
		case "health", "illness", "illnesses", "wellbeing", "distress", "disorder", "disorders":
			return labelCondition
		}
	case "mentally":
		if word == "ill" || word == "unwell" {
			return labelCondition
		}
	case "self":
		if word == "harm" || word == "injury" || word == "harmers" {
			return labelCondition
		}
	case "panic":
		if word == "attacks" || word == "disorder" {
			return labelCondition
		}
	case "eating", "personality":
		if word == "disorder" || word == "disorders" {
			return labelCondition
		}
	case "low":
		if word == "mood" {
			return labelCondition
		}
		if word == "income" {
			return labelHardship
		}
	case "weight":
		if word == "loss" || word == "problems" || word == "issues" {
			return labelWeight
		}
	case "substance", "drug", "alcohol", "gambling":
		switch word {
		case "misuse", "abuse", "problems", "problem", "users", "recovery", "harm":
			return labelDependence
		}
	case "drugs":
		if word == "alcohol" {
			return labelDependence
		}
	case "social":
		if word == "exclusion" {
			return labelHardship
		}
	case "support", "therapy":
		if word == "group" || word == "groups" {
			return labelSupport
		}
	}
	return noLabel
}

// why explains a label to whoever edits the listing.
func (l label) why() string {
	const better = " A name for what people do there, such as “Tuesday gardeners”, tells nobody anything."
	switch l {
	case labelCondition:
		return "The name says what somebody there may be ill with." + better
	case labelLonely:
		return "The name calls whoever comes lonely, and few people want to be seen as that." + better
	case labelWeight:
		return "The name says something about the bodies of those who come." + better
	case labelDependence:
		return "The name says what somebody there may depend on." + better
	case labelHardship:
		return "The name says that whoever comes is badly off." + better
	case labelSufferer:
		return "The name speaks of people as if they were their trouble." + better
	default:
		return "The name says that whoever comes needs help." + better
	}
}
