package directory

import (
	"strings"
	"time"

	"handrail"
)

// PartOfDay is a rough time of day, in local wall time.
type PartOfDay string

const (
	// Morning is before noon.
	Morning PartOfDay = "morning"
	// Afternoon is noon to 5pm.
	Afternoon PartOfDay = "afternoon"
	// Evening is from 5pm.
	Evening PartOfDay = "evening"
)

// The default and the steps of the search radius, in metres (whole miles: that is how distance is told in the UK).
const (
	metresPerMile = 1609.344
	defaultRadius = 5 * metresPerMile
	// noCarRadius is the default for somebody without a car.
	noCarRadius  = 3 * metresPerMile
	defaultLimit = 10
)

// Query is what to look for. The zero value of a field asks for nothing. All that is asked for must hold, except that
// of Words, Interests and Needs one match is enough and more matches rank higher.
type Query struct {
	// Where is a place as somebody typed it; only Finder.Find reads it, and only when Near is nil.
	Where string
	// Near is where to look around. Nil: anywhere, and listings without a position are found too.
	Near *Spot
	// RadiusMetres is how far; 0 is 5 miles, 3 for somebody with NoCar.
	RadiusMetres float64

	// Words are free words to match; Interests and Needs are words of package meaning's closed lists ("gardening",
	// "arts_crafts"). A phrase ("tai chi") matches only as a phrase.
	Words     []string
	Interests []string
	Needs     []string
	// Synonyms are the words that stand for an interest or a need in listings, best first, by its name: what package
	// meaning's Vocabulary.WordsFor gives. Without any, the name itself is looked for.
	Synonyms map[string][]string

	Days  []time.Weekday // any of them
	Times []PartOfDay    // any of them

	// Free means known to cost nothing; StepFree means the listing says so.
	Free     bool
	StepFree bool
	// CostUnsaid takes, besides what is known to be free, listings that say nothing of what they cost. Find sets it, and
	// says so, when nothing that is known to be free fits. What is known to cost something stays out.
	CostUnsaid bool
	// NeedsUnsaid leaves the needs out of Why: for a patient, who should not read why their GP was looking.
	NeedsUnsaid bool
	// Age is the person's age in years, 0 when unknown: then nothing is left out for age.
	Age int
	// Gender is the person's: SexWomen for a woman, SexMen for a man, SexAny when unknown. SingleSex, when set, asks for
	// groups for that sex only. Nobody known to be of the other sex is ever shown a single-sex group.
	Gender    handrail.Sex
	SingleSex handrail.Sex
	// Language asks for groups in that language besides English, by its English name in any case.
	Language string
	NoCar    bool

	// Now is the time of asking; ages of checks and the next meeting count from it.
	Now time.Time
	// Limit is how many results at most; 0 is 10.
	Limit int
}

// radius is the radius that counts, in metres.
func (q Query) radius() float64 {
	switch {
	case q.RadiusMetres > 0:
		return q.RadiusMetres
	case q.NoCar:
		return noCarRadius
	default:
		return defaultRadius
	}
}

// asks reports whether the query asks for any kind of group.
func (q Query) asks() bool { return len(q.Words)+len(q.Interests)+len(q.Needs) > 0 }

// Result is one group that fits, with everything that is said about it already in words.
type Result struct {
	Activity handrail.Activity
	// Name is what may be shown anywhere: the activity's own name, or a neutral one when the activity is sensitive (G4).
	Name   string
	Metres float64 // from Query.Near; 0 without one
	// The sentences a person reads, each without a full stop. DistanceText is empty without Query.Near.
	DistanceText string // "about 0.6 miles, from the middle of LU1"
	When         string // "Tuesdays, 10am to 12 noon"
	CostText     string // "free", "£2.50", "cost not said"
	AccessText   string // "step-free, accessible toilet", "step-free access not said"
	CheckedText  string // "checked 12 days ago", "not checked lately", "never checked"
	// Why is one line of the real reasons this one is shown. For a sensitive activity it names no need.
	Why string
	// Score is what the results are ordered by, and Parts is what it is made of. They say nothing about a person.
	Score float64
	Parts Parts
}

// Parts are the shares of a score, each from 0 to 1 before its weight.
type Parts struct {
	Fit       float64 `json:"fit"`       // how well it matches what was asked for; name before topics before description
	Distance  float64 `json:"distance"`  // nearer is better
	Day       float64 `json:"day"`       // known times are better than unknown ones
	Fresh     float64 `json:"fresh"`     // checked lately is better; never checked is worst
	Diversity float64 `json:"diversity"` // what was taken off for being like a better result
}

// Widen proposes the next wider question when a query found nothing, and says what was widened: "within 10 miles", "on
// other days". ok is false when there is nothing left to widen. It never widens Free, StepFree, Gender, SingleSex or
// Age: those are not wishes.
func Widen(q Query) (wider Query, what string, ok bool) {
	if q.Near != nil {
		for _, miles := range []int{2, 5, 10} {
			if m := float64(miles) * metresPerMile; q.radius() < m-1 {
				q.RadiusMetres = m
				return q, "within " + plural(miles, "mile"), true
			}
		}
	}
	if len(q.Times) > 0 {
		q.Times = nil
		return q, "at any time of day", true
	}
	if len(q.Days) > 0 {
		q.Days = nil
		return q, "on any day", true
	}
	if m := 20 * metresPerMile; q.Near != nil && q.radius() < m-1 {
		q.RadiusMetres = m
		return q, "within 20 miles", true
	}
	if q.Language != "" {
		name := q.Language
		q.Language = ""
		return q, "in English, not only in " + titled(name), true
	}
	if q.asks() {
		q.Words, q.Interests, q.Needs = nil, nil, nil
		if q.Near != nil {
			q.RadiusMetres = defaultRadius
			return q, "for other kinds of group within 5 miles", true
		}
		return q, "for other kinds of group", true
	}
	return q, "", false
}

func titled(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
