package directory

import (
	"slices"
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
	defaultLimit  = 10
)

// Calendar says on which days a group meets. Package calendar has one.
type Calendar interface {
	// Meetings are the meetings that start in [from, to). Only what is certain is a meeting.
	Meetings(a handrail.Activity, from, to time.Time) ([]handrail.Occurrence, error)
}

// Query is what to look for. The zero value of a field asks for nothing. All that is asked for must hold, except that
// of Words, Interests and Needs one match is enough and more matches rank higher.
type Query struct {
	// Where is a place as somebody typed it; only Finder.Find reads it, and only when Near is nil.
	Where string
	// Near is where to look around. Nil: anywhere, and listings without a position are found too.
	Near *Spot
	// RadiusMetres is how far; 0 is what Travel reaches, 5 miles where nothing is known.
	RadiusMetres float64

	// Words are free words to match; Interests and Needs are words of package meaning's closed lists ("gardening",
	// "arts_crafts"). A phrase ("tai chi") matches only as a phrase.
	Words     []string
	Interests []string
	Needs     []string
	// Synonyms are the words that stand for an interest or a need in listings, best first, by its name: what package
	// meaning's Vocabulary.WordsFor gives. Without any, the name itself is looked for.
	Synonyms map[string][]string
	// Labels are how an interest or a need is told in Why, by its name; a name without one is told as it is.
	Labels map[string]string

	// Said are the words and phrases that were typed, beside what was made of them: "exercise after stroke" is more than
	// exercise. They find a group like Words do, count wherever they stand in a listing, and are not told in Why where
	// there is anything else to tell.
	Said []string
	// AllWords asks that every word of Words match, apart from such as "the"; phrases are then read as their words.
	AllWords bool
	// Not are words, interests and needs that were refused: no group whose name or topics speak of one is found. Of an
	// interest or a need the best eight Synonyms count.
	Not []string

	Days  []time.Weekday // any of them
	Times []PartOfDay    // any of them
	// On are dates of which a group must meet on one: "this Tuesday". Calendar says who does; without one only groups that
	// meet weekly, or name the date, are found.
	On       []handrail.Date
	Calendar Calendar

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
	// Travel is how the person gets about: it sets how far is near. NoCar without it means by bus.
	Travel Travel
	NoCar  bool
	// Home asks for what somebody who cannot leave home can take part in: online, by telephone, or somebody comes to them.
	// A listing without a position is found too when it is one of the first two.
	Home bool
	// Unlabelled leaves out every group whose name or topics label those who go there, by Stigma, or that is Sensitive.
	Unlabelled bool
	// IncludePaused finds also groups that take no new people for now: for somebody who goes there already.
	IncludePaused bool

	// Now is the time of asking; ages of checks and the next meeting count from it.
	Now time.Time
	// Limit is how many results at most; 0 is 10.
	Limit int
}

// radius is the radius that counts, in metres.
func (q *Query) radius() float64 {
	if q.RadiusMetres > 0 {
		return q.RadiusMetres
	}
	return q.travel().Reach()
}

// travel is how the person gets about, as far as it is known.
func (q *Query) travel() Travel {
	if !q.Travel.Known() && q.NoCar {
		return Bus
	}
	return q.Travel
}

// wanted marks the days and parts of day asked for; 0 when any will do.
func (q *Query) wanted() uint32 {
	if len(q.Days) == 0 && len(q.Times) == 0 {
		return 0
	}
	var slots uint32
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(q.Days) == 0 || slices.Contains(q.Days, d) {
			slots |= partsAsked(q.Times) << (uint32(d) * partBits)
		}
	}
	return slots
}

// asks reports whether the query asks for any kind of group.
func (q *Query) asks() bool { return len(q.Words)+len(q.Said)+len(q.Interests)+len(q.Needs) > 0 }

// Widen proposes the next wider question when a query found nothing, and says what was widened: "within 10 miles", "on
// any day". ok is false when there is nothing left to widen. It never widens Free, StepFree, Gender, SingleSex, Age, Not,
// Home or Unlabelled: those are not wishes.
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
	if len(q.Days)+len(q.On) > 0 {
		q.Days, q.On = nil, nil
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
		q.Words, q.Said, q.Interests, q.Needs = nil, nil, nil, nil
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
