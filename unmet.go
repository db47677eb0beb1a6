package handrail

import "strconv"

// UnmetNeed is that nothing was on near somebody for what they needed. It says nothing about whom.
type UnmetNeed struct {
	Practice PracticeID
	Outcode  string // "LU1"; empty when the place was not known
	Need     string // a need or an interest of the vocabulary, never a person's own words
	At       Date
}

// UnmetCount is how often a need was unmet in an area in a month.
type UnmetCount struct {
	Outcode string
	Need    string
	Month   string // "2026-11"
	// N is 0 where it is fewer than FewestShown: so few could point at somebody (G11). The exact number never leaves the
	// records.
	N int
}

// FewestShown is the smallest number of people or events that a report may show.
const FewestShown = 5

// Text is the number as a report shows it: "7", or "fewer than 5".
func (c UnmetCount) Text() string {
	if c.N < FewestShown {
		return "fewer than " + strconv.Itoa(FewestShown)
	}
	return strconv.Itoa(c.N)
}
