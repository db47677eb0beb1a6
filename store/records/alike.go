package records

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"handrail"
)

// How alike two listings must be: a pair that scores less than suggestFrom is not worth anybody's time.
const (
	suggestFrom = 0.65
	nameAlike   = 0.7
)

// dull are the words that tell one group's name from another's in no way.
func dull(word string) bool {
	switch word {
	case "the", "a", "an", "and", "of", "at", "in", "for", "with", "group", "groups", "club", "session", "sessions", "class", "classes",
		"meeting", "meetings", "weekly":
		return true
	}
	return false
}

// days are the short forms of weekdays.
func fullDay(word string) string {
	switch word {
	case "mon", "mondays":
		return "monday"
	case "tue", "tues", "tuesdays":
		return "tuesday"
	case "wed", "weds", "wednesdays":
		return "wednesday"
	case "thu", "thur", "thurs", "thursdays":
		return "thursday"
	case "fri", "fridays":
		return "friday"
	case "sat", "saturdays":
		return "saturday"
	case "sun", "sundays":
		return "sunday"
	}
	return word
}

// nameKey is a listing's name as names are compared: without case, marks, and the words that every second name has.
func nameKey(name string) string {
	folded := cases.Fold().String(norm.NFKC.String(name))
	folded = strings.NewReplacer("'", "", "\u2019", "", "&", " and ").Replace(folded)
	words := strings.FieldsFunc(folded, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for i, w := range words {
		words[i] = fullDay(w)
	}
	if telling := slices.DeleteFunc(slices.Clone(words), dull); len(telling) > 0 {
		words = telling
	}
	return strings.Join(words, " ")
}

// postcodeKey is a whole postcode without spaces, or nothing.
func postcodeKey(postcode string) string {
	key := strings.ToUpper(strings.Join(strings.Fields(postcode), ""))
	if len(key) < 5 || len(key) > 7 || strings.ContainsFunc(key, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') }) {
		return ""
	}
	return key
}

// cellSize is the side of a cell in degrees: about half a kilometre from south to north.
const cellSize = 0.005

// cellKey is the cell of the map that a point lies in, dy and dx cells away.
func cellKey(at *handrail.Point, dy, dx int) string {
	if at == nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", int(math.Floor(at.Lat/cellSize))+dy, int(math.Floor(at.Lon/cellSize))+dx)
}

// cellsAround are the cell of a point and its eight neighbours.
func cellsAround(at *handrail.Point) []string {
	if at == nil {
		return nil
	}
	out := make([]string, 0, 9)
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			out = append(out, cellKey(at, dy, dx))
		}
	}
	return out
}

// likeness is Dice's coefficient of two names: of their words or of their pairs of letters, whichever is greater, so
// that neither a word's place nor a slip in it makes another name.
func likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	return max(dice(strings.Fields(a), strings.Fields(b)), dice(pairs(a), pairs(b)))
}

func pairs(s string) []string {
	r := []rune(strings.ReplaceAll(s, " ", ""))
	var out []string
	for i := range len(r) - 1 {
		out = append(out, string(r[i:i+2]))
	}
	return out
}

func dice(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	count := make(map[string]int, len(a))
	for _, x := range a {
		count[x]++
	}
	both := 0
	for _, x := range b {
		if count[x] > 0 {
			count[x]--
			both++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}

// meet says whether two listings have a weekday in common, whether their times overlap on one, and whether either of
// them says too little to know.
func meet(a, b handrail.Activity) (day, overlap, unknown bool) {
	unknown = true
	for _, x := range a.Times {
		for _, y := range b.Times {
			if !x.Certain() || !y.Certain() || x.Freq == handrail.OnDates || y.Freq == handrail.OnDates {
				continue
			}
			if (x.Freq == handrail.Monthly && x.Nth == 0) || (y.Freq == handrail.Monthly && y.Nth == 0) {
				continue // a day of the month is no weekday
			}
			unknown = false
			if x.Day != y.Day {
				continue
			}
			day = true
			if x.Start < ends(y) && y.Start < ends(x) {
				overlap = true
			}
		}
	}
	return day, overlap, unknown
}

// ends is when a meeting is over; where the listing does not say, it fills the minute in which it begins.
func ends(r handrail.Recurrence) handrail.Clock {
	if r.End > r.Start {
		return r.End
	}
	return r.Start + 1
}

// alike says how sure it is that two listings from two sources are one group: certain ones are made one at once, those
// above suggestFrom are for a person to look at. Rules about who may come keep listings apart: a women's group is not the
// men's one in the same hall.
func alike(a, b handrail.Activity) (score float64, certain bool) {
	if a.For != b.For && a.For != handrail.SexAny && b.For != handrail.SexAny || agesApart(a, b) || agesApart(b, a) {
		return 0, false
	}
	day, overlap, unknown := meet(a, b)
	if !day && !unknown {
		return 0, false
	}
	keyA, keyB := nameKey(a.Name), nameKey(b.Name)
	name := likeness(keyA, keyB)
	if name < nameAlike || keyA == "" {
		return 0, false
	}
	here := postcodeKey(a.Venue.Postcode)
	same := here != "" && here == postcodeKey(b.Venue.Postcode)
	score = 0.6 * name
	switch {
	case same:
		score += 0.25
	case here == "" || postcodeKey(b.Venue.Postcode) == "":
		score += 0.15 // close by, or it would not have been compared
	}
	switch {
	case overlap:
		score += 0.15
	case day || unknown:
		score += 0.08
	}
	return math.Round(score*100) / 100, keyA == keyB && same && overlap && a.For == b.For
}

// agesApart reports whether everybody who may go to a is too old for b.
func agesApart(a, b handrail.Activity) bool { return b.MaxAge > 0 && a.MinAge > b.MaxAge }

// copied is what one source says of a listing.
type copied struct {
	source string
	handrail.Activity
	seenAt int64
}

// checkedBy is when the publisher last checked, as far as that can be: nobody has checked tomorrow.
func (c copied) checked(now time.Time) time.Time {
	if c.CheckedAt == nil || c.CheckedAt.After(now.Add(24*time.Hour)) {
		return time.Time{}
	}
	return *c.CheckedAt
}

// together makes one listing of what several sources say. Of each field the copy that was checked last counts, where it
// says anything; a rule about who may come, a price or a time is taken as one source says it, never mixed of two, and
// never made up. A copy that its source took back counts only when no other is left.
func together(copies []copied, now time.Time) handrail.Activity {
	if len(copies) == 1 {
		return copies[0].Activity
	}
	live := slices.DeleteFunc(slices.Clone(copies), func(c copied) bool { return c.Status == handrail.ActivityInactive })
	if len(live) == 0 {
		live = slices.Clone(copies)
	}
	slices.SortStableFunc(live, func(a, b copied) int {
		if c := b.checked(now).Compare(a.checked(now)); c != 0 {
			return c
		}
		if a.seenAt != b.seenAt {
			if a.seenAt > b.seenAt {
				return -1
			}
			return 1
		}
		return strings.Compare(a.source, b.source)
	})
	out := live[0].Activity
	for _, f := range handrail.EditFields() {
		for _, c := range live {
			if says(f, c.Activity) {
				f.Copy(&out, c.Activity)
				break
			}
		}
	}
	if out.Organiser.Name == "" || slices.ContainsFunc(live, func(c copied) bool {
		return c.Organiser.Name != "" && nameKey(c.Organiser.Name) != nameKey(out.Organiser.Name)
	}) {
		// Two organisers: one's telephone must not stand beside the other's name.
		out.Organiser = live[0].Organiser
		for _, c := range live {
			if c.Organiser != (handrail.Organiser{}) {
				out.Organiser = c.Organiser
				break
			}
		}
	}
	for _, c := range live {
		if len(out.Times) == 0 && out.WhenText == "" {
			out.WhenText = c.WhenText
		}
	}
	tri := func(of func(*handrail.Access) *handrail.Tri) {
		for _, c := range live {
			if t := *of(&c.Access); t != handrail.NotSaid {
				*of(&out.Access) = t
				return
			}
		}
	}
	tri(func(a *handrail.Access) *handrail.Tri { return &a.StepFree })
	tri(func(a *handrail.Access) *handrail.Tri { return &a.Toilet })
	tri(func(a *handrail.Access) *handrail.Tri { return &a.Parking })
	out.Topics, out.Languages, out.Facts, out.Sensitive = nil, nil, nil, false
	out.CheckedAt, out.UpdatedAt = nil, nil
	for _, c := range live {
		out.Topics = union(out.Topics, c.Topics)
		out.Languages = union(out.Languages, c.Languages)
		out.Facts = union(out.Facts, c.Facts)
		out.Sensitive = out.Sensitive || c.Sensitive
		if c.UpdatedAt != nil && (out.UpdatedAt == nil || c.UpdatedAt.After(*out.UpdatedAt)) {
			out.UpdatedAt = c.UpdatedAt
		}
		if t := c.checked(now); !t.IsZero() && (out.CheckedAt == nil || t.After(*out.CheckedAt)) {
			out.CheckedAt = c.CheckedAt
		}
	}
	return out
}

func union[T comparable](a, b []T) []T {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}

// says reports whether a listing says anything in a field.
func says(f handrail.EditField, a handrail.Activity) bool {
	switch f {
	case handrail.FieldTimes:
		return len(a.Times) > 0
	case handrail.FieldVenue:
		return a.Venue.Postcode != "" || a.Venue.At != nil
	}
	return !f.Same(a, handrail.Activity{})
}

// sameContact reports whether a field that a person must look at before it changes (H18) says the same in both, but for
// the way in which it is written; where what it says is only taken away, nobody can be sent to a stranger.
func sameContact(f handrail.EditField, was, is handrail.Activity) bool {
	if f == handrail.FieldPhone {
		number := phoneKey(is.Organiser.Phone)
		return number == "" || number == phoneKey(was.Organiser.Phone)
	}
	old, now := was.Venue, is.Venue
	post, street := postcodeKey(now.Postcode), streetKey(now.Street)
	if post != "" && post != postcodeKey(old.Postcode) {
		return false
	}
	if street != "" && street != streetKey(old.Street) && (streetKey(old.Street) != "" || post == "") {
		return false
	}
	return old.At == nil || now.At == nil || metres(*old.At, *now.At) <= pinMoved
}

// pinMoved is how many metres a listing's position may move without being another place: feeds round, and a hall's
// door is not its middle.
const pinMoved = 300

// phoneKey is the digits of a number as they are dialled in the UK.
func phoneKey(number string) string {
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '+' {
			return c
		}
		return -1
	}, strings.ReplaceAll(number, "(0)", ""))
	for _, code := range []string{"+44", "0044"} {
		if rest, ok := strings.CutPrefix(digits, code); ok {
			return "0" + strings.TrimPrefix(rest, "0")
		}
	}
	return strings.ReplaceAll(digits, "+", "")
}

// streetKey is a street as streets are compared.
func streetKey(street string) string {
	words := strings.FieldsFunc(cases.Fold().String(street), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for i, w := range words {
		switch w {
		case "street":
			words[i] = "st"
		case "road":
			words[i] = "rd"
		case "avenue":
			words[i] = "ave"
		}
	}
	return strings.Join(words, " ")
}

// metres is the distance between two points that are not far from each other.
func metres(a, b handrail.Point) float64 {
	const degree = 111_195
	dy := (b.Lat - a.Lat) * degree
	dx := (b.Lon - a.Lon) * degree * math.Cos((a.Lat+b.Lat)/2*math.Pi/180)
	return math.Hypot(dx, dy)
}
