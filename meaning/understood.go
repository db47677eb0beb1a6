package meaning

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Understood is what a query means. The JSON form is fixed (it is what "handrail understand" prints); a field that is
// not known is absent.
type Understood struct {
	// Postcode is a full postcode, "LU1 2AB", or an outcode, "LU1".
	Postcode string `json:"postcode,omitempty"`
	// Place is a place or landmark named in the text, lower case, or "surgery" for "near us".
	Place   string `json:"place,omitempty"`
	RadiusM int    `json:"radius_m,omitempty"` // a stated distance in metres
	Age     int    `json:"age,omitempty"`      // the patient's, in years
	Gender  string `json:"gender,omitempty"`   // "female" or "male", the patient's
	// Needs, Interests, Days and Times are sorted.
	Needs     []string `json:"needs,omitempty"`     // why they look: words of a closed list
	Interests []string `json:"interests,omitempty"` // what the patient likes: words of a closed list
	Days      []string `json:"days,omitempty"`      // mon tue wed thu fri sat sun, in the order of the alphabet
	Times     []string `json:"times,omitempty"`     // morning afternoon evening
	When      string   `json:"when,omitempty"`      // today tomorrow this_week next_week weekend
	Free      bool     `json:"free,omitempty"`      // it must cost nothing
	StepFree  bool     `json:"step_free,omitempty"`
	NoCar     bool     `json:"no_car,omitempty"`
	Home      bool     `json:"home,omitempty"`     // online, by phone, or visits at home
	Language  string   `json:"language,omitempty"` // English name in lower case
	// SingleSex is "women" or "men" when the group must be for them only.
	SingleSex  string `json:"single_sex,omitempty"`
	Unlabelled bool   `json:"unlabelled,omitempty"` // nothing labelled as mental health, loneliness, support group
	Buddy      bool   `json:"buddy,omitempty"`      // needs somebody to go along the first time
	// Identifiers says what identifying details were typed, never the details: address dob email name nhs_number phone.
	Identifiers []string `json:"identifiers,omitempty"`
	// Not lists the interests that were named and turned down ("anything but bingo"), sorted. It is not part of the printed
	// object; a search leaves them out.
	Not []string `json:"-"`
}

// Empty reports whether nothing was understood.
func (u Understood) Empty() bool { return u.Words() == "" && len(u.Identifiers) == 0 }

// Words tells in one line how the query was understood: "near LU3, gardening or knitting, weekday mornings, free". It
// names the patient's age and sex as numbers and words but no identifying detail beyond the postcode that was typed.
// Empty when nothing was understood.
func (u Understood) Words() string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(u.where())
	add(u.who())
	add(orList(saidAs(interestNames, u.Interests)))
	if len(u.Needs) > 0 {
		add("because of " + andList(saidAs(needNames, u.Needs)))
	}
	add(u.when())
	if u.Free {
		add("free")
	}
	if u.StepFree {
		add("step-free")
	}
	if u.NoCar {
		add("without a car")
	}
	if u.Home {
		add("at home, online or by phone")
	}
	switch u.SingleSex {
	case "women":
		add("women only")
	case "men":
		add("men only")
	}
	if u.Language != "" {
		add("in " + capital(u.Language))
	}
	if u.Unlabelled {
		add("without a label")
	}
	if u.Buddy {
		add("with somebody to go along the first time")
	}
	return strings.Join(parts, ", ")
}

func (u Understood) where() string {
	near := u.Postcode
	switch {
	case u.Place == "surgery":
		if near == "" {
			near = "the surgery"
		}
	case u.Place != "" && near != "":
		near = capital(u.Place) + " " + near
	case u.Place != "":
		near = capital(u.Place)
	}
	if u.RadiusM > 0 {
		within := "within " + miles(u.RadiusM)
		if near != "" {
			return within + " of " + near
		}
		return within
	}
	if near == "" {
		return ""
	}
	return "near " + near
}

func (u Understood) who() string {
	who := map[string]string{"female": "a woman", "male": "a man"}[u.Gender]
	switch {
	case u.Age > 0 && who != "":
		return "for " + who + " of " + strconv.Itoa(u.Age)
	case u.Age > 0:
		return "for somebody of " + strconv.Itoa(u.Age)
	case who != "":
		return "for " + who
	}
	return ""
}

func (u Understood) when() string {
	var out []string
	days, times := u.Days, u.Times
	weekdays := len(days) == 5 && !contains(days, "sat") && !contains(days, "sun")
	switch {
	case weekdays && len(times) == 1:
		out = append(out, "weekday "+times[0]+"s")
	case weekdays:
		out = append(out, "weekdays")
	case len(days) > 0 && len(times) == 1:
		out = append(out, orList(inWeekOrder(days))+" "+times[0]+"s")
	case len(days) > 0:
		var named []string
		for _, d := range inWeekOrder(days) {
			named = append(named, d+"s")
		}
		out = append(out, orList(named))
	}
	if len(times) > 0 && (len(days) == 0 || len(times) > 1) {
		var named []string
		for _, t := range []string{"morning", "afternoon", "evening"} {
			if contains(times, t) {
				named = append(named, t+"s")
			}
		}
		out = append(out, orList(named))
	}
	if u.When != "" {
		out = append(out, map[string]string{"today": "today", "tomorrow": "tomorrow", "this_week": "this week",
			"next_week": "next week", "weekend": "this weekend"}[u.When])
	}
	return strings.Join(out, ", ")
}

func inWeekOrder(days []string) []string {
	var out []string
	for _, d := range [][2]string{{"mon", "Monday"}, {"tue", "Tuesday"}, {"wed", "Wednesday"}, {"thu", "Thursday"},
		{"fri", "Friday"}, {"sat", "Saturday"}, {"sun", "Sunday"}} {
		if contains(days, d[0]) {
			out = append(out, d[1])
		}
	}
	return out
}

func miles(m int) string {
	tenths := int(math.Round(float64(m) / 160.9344))
	switch {
	case m < 400:
		return strconv.Itoa(m) + " metres"
	case tenths == 10:
		return "1 mile"
	case tenths%10 == 0:
		return strconv.Itoa(tenths/10) + " miles"
	}
	return strconv.Itoa(tenths/10) + "." + strconv.Itoa(tenths%10) + " miles"
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func capital(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if i == 0 || (w != "of" && w != "on" && w != "the" && w != "upon" && w != "le" && w != "in") {
			_, first := utf8.DecodeRuneInString(w)
			words[i] = strings.ToUpper(w[:first]) + w[first:]
		}
	}
	return strings.Join(words, " ")
}

func orList(words []string) string  { return joined(words, " or ") }
func andList(words []string) string { return joined(words, " and ") }

func joined(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + last + words[len(words)-1]
}

// saidAs turns names of the closed lists into words for people.
func saidAs(names func(string) string, list []string) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = names(n)
	}
	return out
}

// needNames and interestNames tell a name where no vocabulary is at hand, so that Words stays a method without one. The
// test compares them with the vocabulary's own "say".
func needNames(n string) string {
	switch n {
	case "bereavement":
		return "a bereavement"
	case "caring":
		return "caring for somebody"
	case "chronic_pain":
		return "lasting pain"
	case "debt":
		return "debts"
	case "dementia":
		return "memory problems"
	case "digital_skills":
		return "getting online"
	case "disability":
		return "a disability"
	case "employment":
		return "work"
	case "inactivity":
		return "moving more"
	case "loneliness":
		return "company"
	case "long_term_condition":
		return "a long-term condition"
	case "new_to_area":
		return "being new here"
	case "parenting":
		return "family life"
	default:
		return strings.ReplaceAll(n, "_", " ")
	}
}

func interestNames(n string) string {
	switch n {
	case "advice", "animals", "bowls", "computers", "cooking", "cycling", "exercise", "faith", "football", "gardening",
		"history", "learning", "mindfulness", "music", "nature", "photography", "reading", "singing", "swimming",
		"volunteering", "walking", "writing", "yoga":
		return n
	case "arts_crafts":
		return "arts and crafts"
	case "befriending":
		return "a befriender"
	case "board_games":
		return "games"
	case "coffee_social":
		return "coffee and company"
	case "dance":
		return "dancing"
	case "film":
		return "films"
	case "knitting_sewing":
		return "knitting or sewing"
	case "lunch_club":
		return "a lunch club"
	case "making":
		return "making and mending"
	case "support_group":
		return "a support group"
	default:
		return strings.ReplaceAll(n, "_", " ")
	}
}
