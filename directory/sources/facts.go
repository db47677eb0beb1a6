package sources

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"handrail"
	"handrail/directory/postcode"
)

// venueOf is the first place of a service that one can go to; the first with a position if there are several. where is
// what the listing says of getting in.
func venueOf(at []atLocation) (v handrail.Venue, where, problem string) {
	best := -1
	for i, l := range at {
		t := strings.ToLower(string(l.Location.v.Type))
		if t == "virtual" || t == "postal" {
			continue
		}
		if best < 0 || (!at[best].Location.v.Latitude.ok && l.Location.v.Latitude.ok) {
			best = i
		}
	}
	if best < 0 {
		return v, "", ""
	}
	l := at[best].Location.v
	v.Name = plainLine(string(l.Name), 200)
	for _, a := range l.Addresses {
		if strings.EqualFold(string(a.Type), "postal") && len(l.Addresses) > 1 {
			continue
		}
		v.Street, v.Town = plainLine(string(a.Address1), 200), plainLine(string(a.City), 100)
		v.Postcode = clean(string(a.PostalCode), 12)
		if code, err := postcode.Parse(v.Postcode); err == nil && code.Kind == postcode.Full && !code.Corrected {
			v.Postcode = code.Text
		}
		break
	}
	if v.Street == v.Name {
		v.Street = ""
	}
	var words []string
	for _, a := range l.Accessibility {
		for _, t := range []text{a.Description, a.Details, a.Words} {
			if t != "" && !slices.Contains(words, string(t)) {
				words = append(words, string(t))
			}
		}
	}
	v.At, problem = positionOf(l.Latitude, l.Longitude)
	return v, plainLine(strings.Join(words, ". "), 1000), problem
}

// positionOf accepts a position in or near the United Kingdom and nothing else: swapped columns and 0,0 are the usual
// mistakes, and a group shown on the wrong continent is worse than one without a position.
func positionOf(lat, lon number) (*handrail.Point, string) {
	switch {
	case !lat.ok && !lon.ok:
		return nil, ""
	case !lat.ok || !lon.ok:
		return nil, "half of its position is missing, so it is left out"
	case lat.v == 0 && lon.v == 0:
		return nil, "its position is 0,0, so it is left out"
	case inUK(lat.v, lon.v):
		return &handrail.Point{Lat: lat.v, Lon: lon.v}, ""
	case inUK(lon.v, lat.v):
		return nil, "latitude and longitude look swapped, so the position is left out"
	default:
		return nil, "its position is not in the United Kingdom, so it is left out"
	}
}

func inUK(lat, lon float64) bool { return lat > 49 && lat < 61.5 && lon > -9 && lon < 2.5 }

func topicsOf(s service) []string {
	var out []string
	add := func(t text) {
		name := plainLine(string(t), 80)
		if name != "" && len(out) < 30 && !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, name) }) {
			out = append(out, name)
		}
	}
	for _, a := range s.Attributes {
		add(a.Term.v.Name)
	}
	return out
}

var (
	freeWords   = regexp.MustCompile(`(?i)\b(free|no charge|no cost|free of charge|nil|without charge)\b`)
	notFree     = regexp.MustCompile(`(?i)(not free|\bfree (for|to|if|with|trial|taster|first|parking|wifi|wi-fi|tea|coffee|refreshments|under|lunch)\b|\bfirst (session|class|visit)[a-z ]* free|£|\b[1-9][0-9]*(\.[0-9]+)?\b|\b(donation|member|fee|charge[sd]?|cost|pay)[a-z]*\b)`)
	noChargeAll = regexp.MustCompile(`(?i)\b(no charge|no cost|free of charge|without charge)\b`)
)

// costOf reads the price. Free is believed only where an amount is 0 or the words say so without a but; where there are
// several prices the highest is told, since nobody should be surprised at the door.
func costOf(s service) handrail.Cost {
	var said []string
	highest, known := 0, false
	for _, c := range s.CostOptions {
		said = append(said, plainLine(string(c.Option), 120), plainLine(string(c.Description), 120))
		if c.Amount.ok && c.Amount.v >= 0 && c.Amount.v < 10000 && (c.Currency == "" || strings.EqualFold(string(c.Currency), "GBP")) {
			known = true
			highest = max(highest, int(math.Round(c.Amount.v*100)))
		}
	}
	said = append(said, plainLine(string(s.Fees), 200))
	var words []string
	for _, w := range said {
		if w != "" && !slices.Contains(words, w) && !isZero(w) {
			words = append(words, w)
		}
	}
	cost := handrail.Cost{Known: known, Pence: highest, Text: clean(strings.Join(words, "; "), 300)}
	saysFree := readsFree(cost.Text)
	switch {
	case cost.Known && cost.Pence == 0 && cost.Text != "" && !saysFree && notFree.MatchString(cost.Text):
		return handrail.Cost{Text: cost.Text} // "0" and "£3 a session" at once: nobody knows
	case !cost.Known && saysFree, !cost.Known && cost.Text == "" && isZero(string(s.Fees)):
		return handrail.Cost{Known: true, Text: cost.Text}
	}
	return cost
}

func readsFree(text string) bool {
	return freeWords.MatchString(text) && !notFree.MatchString(noChargeAll.ReplaceAllString(text, "free"))
}

// isZero reports whether words are nothing but a zero: "0", "0.00", "£0".
func isZero(s string) bool {
	s = strings.TrimPrefix(strings.TrimSpace(s), "£")
	return s != "" && strings.Trim(s, "0.") == "" && strings.Contains(s, "0")
}

var (
	stepFreeNo  = regexp.MustCompile(`(?i)(not (fully )?(wheelchair|step-free|step free|accessible)|no (wheelchair|step-free|step free|level|disabled|ramp)|not suitable for wheelchair|(limited|partial|partially|some) (wheelchair|disabled|step-free)? ?access|no lift|steps (up )?to (the )?(entrance|door)|upstairs|first floor only)`)
	stepFreeYes = regexp.MustCompile(`(?i)(step-free|step free|wheelchair (access|user|friendly)|wheelchair-(access|friendly)|level access|ramped|\bramps?\b|(fully|disabled|full) access|suitable for wheelchairs)`)
	toiletYes   = regexp.MustCompile(`(?i)((accessible|disabled|adapted) (toilet|wc|loo)|toilets? for (the )?disabled|changing places)`)
	parkingYes  = regexp.MustCompile(`(?i)(\bcar park\b|\b(free|disabled|on-site|on site|accessible|street) parking\b|\bparking (is )?(available|on site|on-site|outside)\b|\bblue badge (bay|parking))`)
	parkingNo   = regexp.MustCompile(`(?i)\bno (car park|parking|on-site parking|street parking)\b`)
)

// accessOf reads what the listing states about getting in. A ramp and a flight of steps in one listing cancel out.
func accessOf(a handrail.Activity, where string) handrail.Access {
	text := where + "\n" + a.Description + "\n" + strings.Join(a.Topics, "\n")
	access := handrail.Access{Text: where}
	// Most listings say nothing of it, and a look for a few words is far cheaper than the expressions.
	low := strings.ToLower(text)
	if !anyIn(low, "access", "step", "wheelchair", "ramp", "lift", "upstairs", "first floor", "toilet", "disabled", "adapted", "changing place", "park", "blue badge") {
		return access
	}
	no := stepFreeNo.MatchString(text)
	yes := stepFreeYes.MatchString(stepFreeNo.ReplaceAllString(text, " "))
	switch {
	case yes && !no:
		access.StepFree = handrail.Yes
	case no && !yes:
		access.StepFree = handrail.No
		if anyIn(low, "partial", "limited", "some ") {
			access.StepFree = handrail.NotSaid
		}
	}
	if toiletYes.MatchString(text) {
		access.Toilet = handrail.Yes
	}
	switch {
	case parkingNo.MatchString(text):
		access.Parking = handrail.No
	case parkingYes.MatchString(text):
		access.Parking = handrail.Yes
	}
	return access
}

// anyIn reports whether a text holds any of the words.
func anyIn(low string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(low, w) })
}

// ages reads the age limits; -1 is how live feeds say unknown.
func ages(a *handrail.Activity, s service) (problem string) {
	low, high := s.MinimumAge, s.MaximumAge
	for _, e := range s.Eligibilities {
		if !low.ok {
			low = e.MinimumAge
		}
		if !high.ok {
			high = e.MaximumAge
		}
	}
	if low.ok && low.v > 0 {
		if low.v > 110 {
			return "its lowest age cannot be right, so it is left out"
		}
		a.MinAge = int(low.v)
	}
	if high.ok && high.v > 0 && high.v < 110 {
		a.MaxAge = int(high.v)
	}
	if a.MaxAge != 0 && a.MaxAge < a.MinAge {
		a.MinAge, a.MaxAge = 0, 0
		return "its lowest age is above its highest, so both are left out"
	}
	return ""
}

var (
	womenOnly = regexp.MustCompile(`(?i)(\b(women|ladies|females?|sisters|girls)[ -]only\b|\b(only|just|exclusively) for (women|ladies|girls)\b|\bfor (women|ladies) (only|aged|over|who)\b)`)
	womenName = regexp.MustCompile(`(?i)\b(women|women'?s|womens|ladies|ladies'|lady|sisters)\b`)
	womenFor  = regexp.MustCompile(`(?i)\b(for|supports|supporting) ([a-z]+[ -]){0,3}women\b`)
	menOnly   = regexp.MustCompile(`(?i)(\b(men|males?|brothers|boys)[ -]only\b|\b(only|just|exclusively) for (men|boys)\b|\bfor men (only|aged|over|who)\b)`)
	bothSexes = regexp.MustCompile(`(?i)(men and women|women and men|both sexes|ladies and gent|men, women|women, men|mixed)`)
)

// forWhom reads whether a group is for one sex only. Women's groups are taken at their name, since sending a man to one
// does harm; a men's shed is not taken at its name, since most welcome anybody.
func forWhom(a handrail.Activity, s service) handrail.Sex {
	for _, attr := range s.Attributes {
		low := strings.ToLower(string(attr.Term.v.URI + " " + attr.Term.v.Name))
		switch {
		case strings.Contains(low, "gender_female"):
			return handrail.SexWomen
		case strings.Contains(low, "gender_male"):
			return handrail.SexMen
		}
	}
	text := a.Name + "\n" + a.Description + "\n" + string(s.Criteria)
	for _, e := range s.Eligibilities {
		text += "\n" + string(e.Words)
		for _, t := range e.Taxonomies {
			switch low := strings.ToLower(string(t.ID)); {
			case strings.Contains(low, "gender_female"):
				return handrail.SexWomen
			case strings.Contains(low, "gender_male"):
				return handrail.SexMen
			}
		}
	}
	for _, t := range s.Audience {
		text += "\n" + string(t.Type)
	}
	if !anyIn(strings.ToLower(text), " only", "-only", "just for", "exclusively", "women", "lad", "sisters", "for men") {
		return handrail.SexAny
	}
	switch {
	case womenOnly.MatchString(text):
		return handrail.SexWomen
	case menOnly.MatchString(text):
		return handrail.SexMen
	case (womenName.MatchString(a.Name) || womenFor.MatchString(a.Description)) && !bothSexes.MatchString(text):
		return handrail.SexWomen
	}
	return handrail.SexAny
}

// languagesOf are the languages besides English, by their English names.
func languagesOf(list []language) []string {
	var out []string
	for _, l := range list {
		name := clean(string(l.Name), 40)
		if name == "" {
			name = clean(string(l.Language), 40)
		}
		if name == "" || len(name) <= 3 {
			if known := languageName(strings.ToLower(clean(string(l.Code), 10) + name)); known != "" {
				name = known
			}
		}
		if name == "" || strings.EqualFold(name, "English") || len(out) >= 20 || slices.Contains(out, name) {
			continue
		}
		out = append(out, name)
	}
	return out
}

// languageName names an ISO 639 code of the languages that UK listings use most.
func languageName(code string) string {
	code, _, _ = strings.Cut(code, "-")
	switch code {
	case "en", "eng":
		return "English"
	case "ar", "ara":
		return "Arabic"
	case "bfi", "bsl":
		return "British Sign Language"
	case "bn", "ben":
		return "Bengali"
	case "cy", "cym", "wel":
		return "Welsh"
	case "fa", "fas":
		return "Farsi"
	case "fr", "fra":
		return "French"
	case "gu", "guj":
		return "Gujarati"
	case "hi", "hin":
		return "Hindi"
	case "pa", "pan":
		return "Punjabi"
	case "pl", "pol":
		return "Polish"
	case "pt", "por":
		return "Portuguese"
	case "ro", "ron":
		return "Romanian"
	case "so", "som":
		return "Somali"
	case "es", "spa":
		return "Spanish"
	case "ta", "tam":
		return "Tamil"
	case "tr", "tur":
		return "Turkish"
	case "uk", "ukr":
		return "Ukrainian"
	case "ur", "urd":
		return "Urdu"
	case "zh", "zho":
		return "Chinese"
	}
	return ""
}

var sensitiveWords = regexp.MustCompile(`(?i)\b(bereave\w*|grief|griev\w*|widow\w*|dementia|alzheimer\w*|memory|mental health|depress\w*|anxi\w*|suicid\w*|self[- ]harm|alcohol\w*|drugs?|addict\w*|recovery|substance|gambl\w*|cancer|stroke|parkinson\w*|diabet\w*|hiv|sexual\w*|domestic (abuse|violence)|abuse|survivors?|carers?|caring for|learning disab\w*|autis\w*|adhd|epilep\w*|fibromyalgia|chronic|pain|long covid|miscarriage|baby loss|stillb\w*|postnatal|perinatal|menopause|weight|homeless\w*|asylum|refugee\w*|debt|food ?bank|lgbt\w*|trans|hearing voices|psychosis|eating disorder|lonel\w*|ptsd|veterans?|offend\w*|prison|incontinence|stoma|counselling|therap\w*)\b`)

// sensitive reports whether a group's name or subjects say something about why somebody goes (G4). It errs on the side
// of yes: the cost is a plainer name in a message.
func sensitive(a handrail.Activity) bool {
	if sensitiveWords.MatchString(a.Name) {
		return true
	}
	return slices.ContainsFunc(a.Topics, sensitiveWords.MatchString)
}
