package model

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"handrail/meaning"
)

// Finding is one thing that a model reports of a note: a key and a value of closed lists, and the words of the note that
// say so. Without the words it would be an assertion; with them a person can see why.
type Finding struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Quote string `json:"quote"`
}

// Findings are what a model reports of a note, each of them held against the note.
type Findings []Finding

// The keys of a Finding. A stated distance is not among them: rules read numbers and units better; nor are identifiers,
// which no model gets to see.
const (
	keyInterests = "interests"
	keyNeeds     = "needs"
	keyMust      = "must"
	keyDays      = "days"
	keyTimes     = "times"
	keyWhen      = "when"
	keyGender    = "gender"
	keySingleSex = "single_sex"
	keyLanguage  = "language"
	keyAge       = "age"
	keyPlace     = "place"
	keyPostcode  = "postcode"
)

// Bounds of an answer. A note is a line or two; whoever finds more in it makes things up.
const (
	maxFindings = 24
	maxQuote    = 160
	maxValue    = 60
)

func musts() []string  { return []string{"buddy", "free", "home", "no_car", "step_free", "unlabelled"} }
func days() []string   { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }
func times() []string  { return []string{"morning", "afternoon", "evening"} }
func whens() []string  { return []string{"today", "tomorrow", "this_week", "next_week", "weekend"} }
func gender() []string { return []string{"female", "male"} }
func sexes() []string  { return []string{"women", "men"} }

// languages are those that a group may be in, named as the rules name them.
func languages() []string {
	return []string{
		"albanian", "amharic", "arabic", "bengali", "british sign language", "bulgarian", "cantonese", "chinese", "czech",
		"dari", "dutch", "farsi", "french", "german", "greek", "gujarati", "hebrew", "hindi", "hungarian", "igbo",
		"italian", "japanese", "korean", "kurdish", "latvian", "lingala", "lithuanian", "malayalam", "mandarin",
		"mirpuri", "nepali", "oromo", "pashto", "polish", "portuguese", "punjabi", "romanian", "russian", "shona",
		"sinhala", "slovak", "somali", "sorani", "spanish", "swahili", "sylheti", "tagalog", "tamil", "telugu", "thai",
		"tigrinya", "turkish", "twi", "ukrainian", "urdu", "vietnamese", "welsh", "yiddish", "yoruba",
	}
}

// values is the closed list of a key's values; nil where the value is read off the note itself.
func values(v *meaning.Vocabulary, key string) []string {
	switch key {
	case keyInterests:
		return v.Interests()
	case keyNeeds:
		return v.Needs()
	case keyMust:
		return musts()
	case keyDays:
		return days()
	case keyTimes:
		return times()
	case keyWhen:
		return whens()
	case keyGender:
		return gender()
	case keySingleSex:
		return sexes()
	case keyLanguage:
		return languages()
	}
	return nil
}

func understandPrompt(v *meaning.Vocabulary) (Prompt, error) {
	var finding []schema
	for _, key := range []string{keyInterests, keyNeeds, keyMust, keyDays, keyTimes, keyWhen, keyGender, keySingleSex, keyLanguage, keyAge, keyPlace, keyPostcode} {
		value := text()
		if closed := values(v, key); closed != nil {
			value = oneOf(closed...)
		}
		finding = append(finding, object(property("key", oneOf(key)), property("quote", text()), property("value", value)))
	}
	lists := struct{ Interests, Needs, Musts, Days, Times, Whens, Genders, Sexes, Languages []string }{
		v.Interests(), v.Needs(), musts(), days(), times(), whens(), gender(), sexes(), languages()}
	return newPrompt("understand", lists, object(property("found", listOf(schema{AnyOf: finding}))))
}

// Understand asks the model what a note says. Every finding is of the closed lists and grounded in the note; an answer
// with one that is not is discarded whole. who names whoever asks, for the budget, and is not sent.
func (c *Client) Understand(ctx context.Context, who string, note Redacted) (Findings, Cost, error) {
	type question struct {
		Text string `json:"text"`
	}
	type answer struct {
		Found *Findings `json:"found"`
	}
	a, cost, err := ask(ctx, c, who, c.understand, question{note.text}, func(a answer) error {
		switch {
		case a.Found == nil:
			return errors.New("a field is missing")
		case len(*a.Found) > maxFindings:
			return errors.New("there is too much of it")
		}
		for _, f := range *a.Found {
			if err := c.grounded(note.text, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, cost, err
	}
	return *a.Found, cost, nil
}

// Alone is what the findings say by themselves, for comparing a model with the rules; a search uses AddTo.
func (f Findings) Alone() meaning.Understood {
	var u meaning.Understood
	for _, one := range f {
		one.set(&u)
	}
	return sorted(u)
}

// set puts a finding into a reading where there is room for it, and reports whether there was.
func (f Finding) set(u *meaning.Understood) bool {
	word := func(to *string) bool {
		if *to != "" {
			return false
		}
		*to = f.Value
		return true
	}
	add := func(to *[]string) bool {
		if slices.Contains(*to, f.Value) {
			return false
		}
		*to = append(slices.Clip(*to), f.Value)
		return true
	}
	yes := func(to *bool) bool {
		was := *to
		*to = true
		return !was
	}
	switch f.Key {
	case keyInterests:
		return add(&u.Interests)
	case keyNeeds:
		return add(&u.Needs)
	case keyDays:
		return add(&u.Days)
	case keyTimes:
		return add(&u.Times)
	case keyWhen:
		return word(&u.When)
	case keyGender:
		return word(&u.Gender)
	case keySingleSex:
		return word(&u.SingleSex)
	case keyLanguage:
		return word(&u.Language)
	case keyPlace:
		return word(&u.Place)
	case keyPostcode:
		return word(&u.Postcode)
	case keyAge:
		if u.Age != 0 {
			return false
		}
		u.Age, _ = strconv.Atoi(f.Value)
		return true
	}
	switch f.Value {
	case "buddy":
		return yes(&u.Buddy)
	case "free":
		return yes(&u.Free)
	case "home":
		return yes(&u.Home)
	case "no_car":
		return yes(&u.NoCar)
	case "step_free":
		return yes(&u.StepFree)
	case "unlabelled":
		return yes(&u.Unlabelled)
	}
	return false
}

// sorted puts the lists in the order in which a reading has them, without touching lists that others hold.
func sorted(u meaning.Understood) meaning.Understood {
	for _, list := range []*[]string{&u.Needs, &u.Interests, &u.Days, &u.Times} {
		*list = slices.Clone(*list)
		slices.Sort(*list)
	}
	return u
}
