package directory

import (
	"cmp"
	"slices"
	"strings"

	"handrail"
)

// audience is whom a group is meant for, a bit each: a café for people with dementia and their families is a café, and yet
// not for the widower who likes coffee. None: everybody.
type audience uint64

const (
	forParents audience = 1 << iota
	forCarers
	forDementia
	forDeaf
	forBlind
	forLearningDisabled
	forAutistic
	forDisabled
	forMentalHealth
	forRecovery
	forBereaved
	forYoung
	forOlder
	forHomeless
	forNewcomers
	forLGBT
	forVeterans
	forCancer
	forStroke
	forBreathless
	forMenopause
	forOffenders
	forSurvivors
	forWomen
	forMen
	// The peoples and languages that come together as one.
	forSouthAsian
	forChinese
	forAfrican
	forPolish
	forRomanian
	forUkrainian
	forArab
	forTurkish
	forIberian
	forOtherPeople
	forTravellers
	forJewish
)

// allPeoples are whoever is from somewhere else.
const allPeoples = forSouthAsian | forChinese | forAfrican | forPolish | forRomanian | forUkrainian | forArab | forTurkish | forIberian | forOtherPeople | forTravellers | forJewish

// audienceOf is the audience that a word names.
func audienceOf(word string) audience {
	switch word {
	case "parent", "parents", "mum", "mums", "dads", "baby", "babies", "bump", "bumps", "toddler", "toddlers", "pram", "prams", "buggy", "antenatal", "postnatal",
		"breastfeeding", "rhymetime", "bookbug", "playgroup", "stay", "families", "under5s", "tots", "newborn", "natal", "aquanatal", "pregnancy", "pregnant", "grandparents", "grandchildren", "grandkids":
		if word == "stay" {
			return 0 // "stay well"
		}
		return forParents
	case "carer", "carers", "caregivers":
		return forCarers
	case "dementia", "alzheimer", "alzheimers", "memory", "forgetful":
		return forDementia
	case "deaf", "deafened", "bsl", "hearing", "lipreading":
		return forDeaf
	case "blind", "sight", "visually", "visual", "vision", "macular", "rnib":
		return forBlind
	case "autism", "autistic", "asperger", "aspergers", "neurodiverse", "neurodivergent", "adhd":
		return forAutistic
	case "recovery", "sober", "sobriety", "addiction", "addictions", "alcohol", "drug", "drugs", "substance", "drinking", "drinkers", "gambling", "heroin", "methadone", "alanon", "drinker", "drinks":
		return forRecovery
	case "bereaved", "bereavement", "grief", "grieving", "widows", "widowers", "widowed", "widow", "widower":
		return forBereaved
	case "youth", "teenagers", "teenager", "teens", "teen", "adolescent", "adolescents", "children", "childrens", "kids", "junior", "juniors", "schoolchildren", "pupils":
		return forYoung
	case "elders", "elderly", "pensioners", "seniors", "retired", "elder", "senior":
		return forOlder
	case "homeless", "homelessness", "hostel", "rough":
		return forHomeless
	case "refugee", "refugees", "asylum", "migrants", "esol":
		return forNewcomers
	case "wheelchair", "wheelchairs", "amputee", "limbless":
		return forDisabled
	case "women", "womens", "ladies", "girls":
		return forWomen
	case "men", "mens", "blokes", "lads":
		return forMen
	case "asian", "bengali", "bangladeshi", "bangla", "urdu", "pakistani", "punjabi", "gujarati", "indian", "hindi", "tamil", "sylheti", "mirpuri", "sikh", "hindu", "nepali":
		return forSouthAsian
	case "chinese", "cantonese", "mandarin":
		return forChinese
	case "african", "caribbean", "somali", "black", "yoruba", "igbo", "swahili", "eritrean", "tigrinya", "amharic":
		return forAfrican
	case "polish":
		return forPolish
	case "romanian":
		return forRomanian
	case "ukrainian", "russian":
		return forUkrainian
	case "arabic", "arab", "muslim":
		return forArab
	case "turkish", "kurdish", "sorani":
		return forTurkish
	case "spanish", "portuguese", "brazilian":
		return forIberian
	case "italian", "vietnamese", "french", "german", "japanese", "korean", "farsi", "persian", "pashto", "dari", "bulgarian", "hungarian", "lithuanian", "latvian", "albanian", "greek":
		return forOtherPeople
	case "ethnic", "minority", "bme", "bame":
		return allPeoples
	case "jewish":
		return forJewish
	case "gypsy", "traveller", "travellers", "roma":
		return forTravellers
	case "lgbt", "lgbtq", "lgbtqi", "gay", "lesbian", "trans", "queer", "bisexual":
		return forLGBT
	case "veterans", "veteran", "exservice", "legion":
		return forVeterans
	case "cancer", "maggies", "macmillan", "tumour":
		return forCancer
	case "stroke", "headway", "aphasia":
		return forStroke
	case "copd", "lungs", "lung", "breathless", "breathe", "breathing", "pulmonary", "asthma", "respiratory":
		return forBreathless
	case "menopause", "menopausal":
		return forMenopause
	case "offenders", "prison", "prisoners":
		return forOffenders
	}
	return 0
}

// audienceOfTwo is the audience that two neighbouring words name.
func audienceOfTwo(before, word string) audience {
	switch before {
	case "learning":
		switch word {
		case "disability", "disabilities", "difficulty", "difficulties":
			return forLearningDisabled
		}
	case "mental":
		if word == "health" || word == "illness" {
			return forMentalHealth
		}
	case "physical", "physically":
		switch word {
		case "disability", "disabilities", "disabled", "impairment":
			return forDisabled
		}
	case "disabled":
		switch word {
		case "people", "adults", "person":
			return forDisabled
		}
	case "young":
		switch word {
		case "people", "person", "persons", "peoples", "adults", "men", "women":
			return forYoung
		case "carers", "carer":
			return forYoung | forCarers
		}
	case "older", "elderly":
		switch word {
		case "people", "peoples", "adults", "person", "men", "women":
			return forOlder
		}
	case "armed":
		if word == "forces" {
			return forVeterans
		}
	case "ex":
		if word == "service" || word == "forces" || word == "army" {
			return forVeterans
		}
	case "domestic":
		if word == "abuse" || word == "violence" {
			return forSurvivors
		}
	case "womens":
		if word == "aid" {
			return forSurvivors
		}
	case "breathe":
		if word == "deep" || word == "easy" {
			return forBreathless
		}
	case "family":
		if word == "drop" || word == "centre" {
			return forParents
		}
	}
	return 0
}

// audienceIn gathers the audiences that a text names.
func audienceIn(text string) audience {
	var out audience
	var buf [2][longestWord + 1]byte // nothing of this needs to outlive a word
	before := buf[0][:0]
	for r := (reader{text: text, word: buf[1][:0]}); r.next(); {
		out |= audienceOf(string(r.word)) | audienceOfTwo(string(before), string(r.word))
		before = append(before[:0], r.word...)
	}
	return out
}

// announcedIn gathers the audiences for whom a description says that something is, a few words on in the same clause. Whom
// it is for as well ("including people with dementia") and who may come along are none.
func announcedIn(text string) audience {
	var out audience
	var buf [2][longestWord + 1]byte
	for len(text) > 0 {
		clause := text
		if end := strings.IndexAny(text, ".,;:!?()\n–"); end >= 0 {
			clause, text = text[:end], text[end+1:]
		} else {
			text = ""
		}
		before, told := buf[0][:0], false
		for r := (reader{text: clause, word: buf[1][:0]}); r.next(); {
			named := audience(0)
			if told {
				named = audienceOf(string(r.word)) | audienceOfTwo(string(before), string(r.word))
				out |= named
			}
			switch string(r.word) {
			case "for", "supports", "supporting", "affected":
				told = true
			case "people", "those", "adults", "men", "women", "mothers", "fathers", "anybody", "anyone", "who", "are", "is", "with", "and", "or", "in", "by", "living", "a", "an", "any", "their",
				"local", "isolated", "older", "elderly", "young", "younger", "disabled", "learning", "mental", "physical", "armed", "ex", "domestic", "health", "aged", "from", "communities",
				"community", "black", "south", "east", "have", "has", "had", "lost", "memory", "all", "recovering", "long", "term":
				// what may stand between
			default:
				told = named != 0
			}
			before = append(before[:0], r.word...)
		}
	}
	return out
}

// audiences are whom a query is about: said are those that it names, and any also those that would not be out of place.
func (q *Query) audiences() (said, anyOf audience) {
	for _, list := range [][]string{q.Words, q.Said} {
		for _, w := range list {
			said |= audienceIn(w)
		}
	}
	if q.Language != "" {
		said |= audienceIn(q.Language)
	}
	switch cmp.Or(q.SingleSex, q.Gender) {
	case handrail.SexWomen:
		said = said&^forMen | forWomen
	case handrail.SexMen:
		said = said&^forWomen | forMen
	}
	out := said
	among := func(all audience) { // nobody said which of them
		if out&all == 0 {
			out |= all
		}
	}
	for _, need := range q.Needs {
		switch need {
		case "parenting":
			out |= forParents | forYoung
		case "caring":
			out |= forCarers | forDementia
		case "dementia":
			out |= forDementia | forCarers
		case "addiction":
			out |= forRecovery
		case "bereavement":
			out |= forBereaved
		case "disability":
			among(forDeaf | forBlind | forAutistic | forLearningDisabled | forStroke | forDisabled)
			out |= forDisabled
		case "long_term_condition":
			among(forCancer | forStroke | forBreathless)
		case "low_mood", "anxiety", "stress", "loneliness":
			out |= forMentalHealth
		case "housing":
			out |= forHomeless
		case "new_to_area":
			out |= forNewcomers
			among(allPeoples)
		}
	}
	switch {
	case q.Age == 0:
		out |= forOlder // nothing speaks against it
	case q.Age < 26:
		out |= forYoung
	case q.Age >= 55:
		out |= forOlder
	}
	if slices.Contains(q.Interests, "learning") {
		out |= forNewcomers | allPeoples // a language to learn
	}
	return said, out
}
