package meaning

import (
	"slices"
	"strconv"
)

// Part is one thing that was understood, so that a chat can show it with a button that takes it out again.
type Part struct {
	Key   string // that of the JSON object: "interests", "free"; "not" for what was turned down
	Value string // "gardening", "LU1 2AB", "3219"; "true" for yes-or-no keys
	Label string // in words, for the button: "gardening", "near LU1 2AB", "within 2 miles", "no singing"
}

// Parts are the things that were understood, in the order in which Words tells them. The days are one part where they are
// the weekdays or the weekend. Identifying details are not among them: they ask for nothing.
func (u Understood) Parts() []Part {
	var out []Part
	one := func(key, value, label string) {
		if value != "" {
			out = append(out, Part{key, value, label})
		}
	}
	yes := func(key string, on bool, label string) {
		if on {
			out = append(out, Part{key, "true", label})
		}
	}
	one("postcode", u.Postcode, "near "+u.Postcode)
	switch u.Place {
	case "":
	case "surgery":
		one("place", u.Place, "near the surgery")
	default:
		one("place", u.Place, "near "+capital(u.Place))
	}
	if u.RadiusM > 0 {
		one("radius_m", strconv.Itoa(u.RadiusM), "within "+miles(u.RadiusM))
	}
	if u.Age > 0 {
		one("age", strconv.Itoa(u.Age), "age "+strconv.Itoa(u.Age))
	}
	one("gender", u.Gender, map[string]string{"female": "a woman", "male": "a man"}[u.Gender])
	for _, n := range u.Interests {
		one("interests", n, interestNames(n))
	}
	for _, n := range u.Needs {
		one("needs", n, needNames(n))
	}
	for _, n := range u.Not {
		one("not", n, "no "+interestNames(n))
	}
	switch {
	case slices.Equal(u.Days, weekdayList()):
		one("days", "weekdays", "weekdays")
	case slices.Equal(u.Days, []string{"sat", "sun"}):
		one("days", "weekends", "weekends")
	default:
		for _, d := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			if slices.Contains(u.Days, d) {
				one("days", d, inWeekOrder([]string{d})[0]+"s")
			}
		}
	}
	for _, t := range []string{"morning", "afternoon", "evening"} {
		if slices.Contains(u.Times, t) {
			one("times", t, t+"s")
		}
	}
	one("when", u.When, relativeDate(u.When))
	yes("free", u.Free, "free")
	yes("step_free", u.StepFree, "step-free")
	yes("no_car", u.NoCar, "without a car")
	yes("home", u.Home, "at home, online or by phone")
	one("single_sex", u.SingleSex, u.SingleSex+" only")
	one("language", u.Language, "in "+capital(u.Language))
	yes("unlabelled", u.Unlabelled, "without a label")
	yes("buddy", u.Buddy, "with somebody the first time")
	return out
}

func weekdayList() []string { return []string{"fri", "mon", "thu", "tue", "wed"} }

func relativeDate(when string) string {
	return map[string]string{"today": "today", "tomorrow": "tomorrow", "this_week": "this week", "next_week": "next week", "weekend": "this weekend"}[when]
}

// Without is what was understood with one part taken out; of what it does not know it takes nothing. The lists of the
// first are left as they are.
func (u Understood) Without(p Part) Understood {
	less := func(list []string, values ...string) []string {
		left := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(values, s) })
		if len(left) == 0 {
			return nil
		}
		return left
	}
	switch p.Key {
	case "postcode":
		u.Postcode = ""
	case "place":
		u.Place = ""
	case "radius_m":
		u.RadiusM = 0
	case "age":
		u.Age = 0
	case "gender":
		u.Gender = ""
	case "interests":
		u.Interests = less(u.Interests, p.Value)
	case "needs":
		u.Needs = less(u.Needs, p.Value)
	case "not":
		u.Not = less(u.Not, p.Value)
	case "days":
		switch p.Value {
		case "weekdays":
			u.Days = less(u.Days, weekdayList()...)
		case "weekends":
			u.Days = less(u.Days, "sat", "sun")
		default:
			u.Days = less(u.Days, p.Value)
		}
	case "times":
		u.Times = less(u.Times, p.Value)
	case "when":
		u.When = ""
	case "free":
		u.Free = false
	case "step_free":
		u.StepFree = false
	case "no_car":
		u.NoCar = false
	case "home":
		u.Home = false
	case "single_sex":
		u.SingleSex = ""
	case "language":
		u.Language = ""
	case "unlabelled":
		u.Unlabelled = false
	case "buddy":
		u.Buddy = false
	}
	return u
}
