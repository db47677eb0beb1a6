package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// Finder finds groups. The house joins it from the reader of free text and the directory.
type Finder interface {
	// Find reads what a member of staff asked and finds what fits, best first, at most ten.
	Find(ctx context.Context, practice handrail.PracticeID, ask Query, now time.Time) (Found, error)
	// Narrows says whether words change the last question ("closer", "not Tuesdays") rather than ask a new one. It is pure.
	Narrows(words string) bool
	// Reads says whether anything at all can be made of words as a question. It is pure.
	Reads(words string) bool
	// Suggest finds what may suit a patient: near a place, by what matters to them.
	Suggest(ctx context.Context, wish Wish, now time.Time) (Found, error)
	// Activity is one listing, also when it runs no more. KindNotFound when there never was one.
	Activity(ctx context.Context, id handrail.ActivityID) (handrail.Activity, error)
	// Named finds groups by name, near the practice first, whether they take new people or not.
	Named(ctx context.Context, practice handrail.PracticeID, name string, now time.Time) ([]Group, error)
	// ReadTimes reads when a group meets from words ("Tuesdays 10 to 12"); none when they are not certain.
	ReadTimes(words string) []handrail.Recurrence
	// ReadNeeds reads why somebody looks, words of the closed list, surest first.
	ReadNeeds(words string) []string
	// ReadRefusal reads why a patient says no from their own words; false when there is doubt.
	ReadRefusal(words string) (handrail.DeclineReason, bool)
	// ReadThemes reads what somebody says of a visit: words of a closed list, none being normal.
	ReadThemes(words string) []string
	// ReadCost reads what it costs from words; unknown, with the words, when they cannot be read.
	ReadCost(words string) handrail.Cost
	// Meetings are the occurrences of a listing that start in [from, to), in order, without those that are called off.
	Meetings(a handrail.Activity, from, to time.Time) ([]handrail.Occurrence, error)
}

// Query is what a member of staff asked.
type Query struct {
	Words string // as they were typed
	Who   string // who asks: their id, for nothing but counting
	Where string // the place, where it was asked for by itself; else empty, and Words may name one
	// Steps are what was said after it, in order: each narrows the question, or takes a part of it out.
	Steps []Step
}

// Step is one change to a question that was asked: words that narrow or widen it ("closer", "only mornings"), or a part of
// what was understood that is taken out.
type Step struct {
	Words   string `json:"words,omitempty"`
	Without *Part  `json:"without,omitempty"`
}

// Part is one thing that was understood of what somebody asked, so that it can be taken out in one tap.
type Part struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Label string `json:"label"` // in words
}

// Wish is what is known of what somebody would like.
type Wish struct {
	Where bot.Where
	// Practice is theirs: what lies around it tells two places of one name apart.
	Practice handrail.PracticeID
	// Asked is what they typed just now to look round by themselves: it goes before everything that was said earlier, and
	// may name a place and days. Empty when they were not asked. Placed says that Where was given after it, and goes before
	// a place in it.
	Asked  string
	Placed bool
	Words  string // what matters to them, in their own words
	Need   string // the referrer's word for it
	Age    int    // 0 when unknown
	// First is the listing that stands first whatever its rank: the idea of whoever referred. Empty when there is none.
	First handrail.ActivityID
}

// Found is what a search gave.
type Found struct {
	Understood string  `json:"understood,omitempty"` // how the words were read, in one line; empty when nothing was
	Parts      []Part  `json:"parts,omitempty"`      // of what was understood, those that a search can do without
	Groups     []Group `json:"groups,omitempty"`
	Widened    string  `json:"widened,omitempty"` // a sentence that says how the search was widened; empty when it wasn't
	Note       string  `json:"note,omitempty"`    // what the person should know of how the place was found, a sentence
	NoPlace    bool    `json:"no_place,omitempty"`
	// Unread says that nothing could be made of the words; NoPlace is then set too.
	Unread bool `json:"unread,omitempty"`
	// Needs are those that were understood, words of the closed list; Area is the postcode that was searched around, if one
	// was. Both are for counting what is missing.
	Needs []string `json:"needs,omitempty"`
	Area  string   `json:"area,omitempty"`
	// Problem is a sentence for the person when the place could not be found.
	Problem string `json:"problem,omitempty"`
	// Places are the places that may be meant, to choose from; each leads to one place.
	Places []string `json:"places,omitempty"`
}

// Group is one result, in words.
type Group struct {
	ID        handrail.ActivityID `json:"id"`
	Name      string              `json:"name"`
	Neutral   string              `json:"neutral"` // a name that says nothing about health
	When      string              `json:"when"`
	Distance  string              `json:"distance"`
	Cost      string              `json:"cost"`
	Access    string              `json:"access"`
	Checked   string              `json:"checked"`
	Why       string              `json:"why"`
	Warning   string              `json:"warning,omitempty"` // what to know before sending anybody, a sentence
	About     string              `json:"about"`
	FirstTime string              `json:"first_time,omitempty"` // what to expect, in the organiser's words
	Photo     string              `json:"photo,omitempty"`      // the address of a picture
	Venue     string              `json:"venue"`
	Organiser string              `json:"organiser"`
	Contact   string              `json:"contact"`
	At        *handrail.Point     `json:"at,omitempty"`
}

// pin is the group's place on a map; nil when nobody knows where it is.
func (g Group) pin() *bot.Place {
	if g.At == nil {
		return nil
	}
	return &bot.Place{Name: g.Neutral, Address: g.Venue, At: *g.At}
}
