package poster

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"handrail"
	"handrail/directory"
)

// Calendar says when a group meets.
type Calendar interface {
	// Meetings are the occurrences that start in [from, to), in order, without the days that are called off.
	Meetings(a handrail.Activity, from, to time.Time) ([]handrail.Occurrence, error)
}

// Data is what a week is gathered from.
type Data struct {
	// Practice is its name, as its patients know it.
	Practice string
	// Join is the web address that the code leads to; empty for none.
	Join string
	Now  time.Time
	// From is the first day; zero is today. A poster that is printed on a Friday may begin on the Monday.
	From handrail.Date
	// Zone is where the practice is; nil is Europe/London.
	Zone     *time.Location
	Calendar Calendar
	Listings []handrail.Activity
	// Near is where the practice is: groups within Metres of it (0 is 3 miles) are shown, and those whose place nobody
	// knows are not. Nil shows groups wherever they are.
	Near   *handrail.Point
	Metres float64
}

// Week is what is on in seven days, ready for paper or a screen.
type Week struct {
	// LeftOut counts the listings that are not shown, by the reason. The words are for whoever prints the page.
	LeftOut map[Reason]int
	// Shown is how many listings are there to choose from.
	Shown int

	practice, join string
	now            time.Time
	from           handrail.Date
	zone           *time.Location
	meetings       []meeting
}

// Reason says why a listing is not on the page.
type Reason string

// The reasons, in the order in which they are looked at: the first that holds counts.
const (
	NotOpen    Reason = "not open, or not taking new people"
	Doubtful   Reason = "reported closed, or its organiser does not answer"
	NotChecked Reason = "not checked within a year"
	TooFar     Reason = "too far away, or nobody knows where"
	NoMeeting  Reason = "no certain time in these days"
)

const (
	days          = 7
	defaultMetres = 3 * 1609.344
	// freshFor is how old a check may be. Paper hangs for a while.
	freshFor = 365 * 24 * time.Hour
	// longestJoin keeps the code coarse enough to be scanned from a wall.
	longestJoin = 300
)

// meeting is one group on one day.
type meeting struct {
	on      handrail.Date
	start   time.Time
	a       *handrail.Activity
	from    handrail.Clock
	to      handrail.Clock // equal to from when nobody knows
	metres  float64
	checked time.Time
	doubt   handrail.Doubt
}

// Gather finds what is on. An error is one of the settings' or the calendar's.
func Gather(d Data) (Week, error) {
	w := Week{LeftOut: map[Reason]int{}, practice: d.Practice, join: d.Join, now: d.Now, from: d.From, zone: d.Zone}
	if d.Calendar == nil || d.Practice == "" {
		return w, errors.New("gather a week: a calendar and the practice's name are needed")
	}
	if err := joinable(d.Join); err != nil {
		return w, fmt.Errorf("gather a week: %w", err)
	}
	if w.zone == nil {
		london, err := time.LoadLocation("Europe/London")
		if err != nil {
			return w, fmt.Errorf("gather a week: load zone: %w", err)
		}
		w.zone = london
	}
	if w.from.IsZero() {
		w.from = handrail.DateOf(d.Now, w.zone)
	}
	begin := w.from.At(0, w.zone)
	if begin.IsZero() {
		return w, errors.New("gather a week: the first day is no date")
	}
	end := after(w.from, days).At(0, w.zone)
	for i := range d.Listings {
		a := &d.Listings[i]
		metres, why := fit(a, d)
		if why != "" {
			w.LeftOut[why]++
			continue
		}
		all, err := d.Calendar.Meetings(*a, begin, end)
		if err != nil {
			return w, fmt.Errorf("gather a week: %w", err)
		}
		before := len(w.meetings)
		for _, o := range all {
			m, ok := meetingOf(a, o)
			if !ok {
				continue
			}
			at, _ := a.LastChecked()
			m.metres, m.checked = metres, *at
			w.meetings = append(w.meetings, m)
		}
		if len(w.meetings) == before {
			w.LeftOut[NoMeeting]++
			continue
		}
		w.Shown++
	}
	slices.SortStableFunc(w.meetings, func(x, y meeting) int {
		return cmp.Or(x.start.Compare(y.start), strings.Compare(x.a.Name, y.a.Name), strings.Compare(string(x.a.ID), string(y.a.ID)))
	})
	return w, nil
}

// fit says how far a listing is, or why it is not shown.
func fit(a *handrail.Activity, d Data) (float64, Reason) {
	at, _ := a.LastChecked()
	switch {
	case a.Status != handrail.ActivityActive, a.Standing.Paused:
		return 0, NotOpen
	case a.Standing.Doubtful():
		return 0, Doubtful
	case at == nil, d.Now.Sub(*at) > freshFor, at.Sub(d.Now) > 24*time.Hour: // one from the future is a slip
		return 0, NotChecked
	case d.Near == nil:
		return 0, ""
	case a.Venue.At == nil:
		return 0, TooFar
	}
	most := d.Metres
	if most <= 0 {
		most = defaultMetres
	}
	far := metres(*d.Near, *a.Venue.At)
	if !(far <= most) {
		return 0, TooFar
	}
	return far, ""
}

// metres is the way as the crow flies, on a plane: within a town that is right to a metre.
func metres(a, b handrail.Point) float64 {
	const degree = 111_195 // metres of latitude
	return degree * math.Hypot(b.Lat-a.Lat, (b.Lon-a.Lon)*math.Cos(a.Lat*math.Pi/180))
}

// meetingOf reads an occurrence; false when the group called that day off.
func meetingOf(a *handrail.Activity, o handrail.Occurrence) (meeting, bool) {
	wall, err := time.Parse(handrail.LocalLayout, o.Local)
	if err != nil {
		return meeting{}, false
	}
	m := meeting{on: handrail.Date(wall.Format(time.DateOnly)), start: o.Start, a: a, from: handrail.At(wall.Hour(), wall.Minute()), doubt: o.Doubt}
	m.to = m.from
	if long := o.End.Sub(o.Start); long > 0 {
		m.to = min(m.from+handrail.Clock(long/time.Minute), handrail.At(24, 0))
	}
	for _, c := range a.Standing.Cancelled {
		if c.On == m.on {
			return meeting{}, false
		}
	}
	return m, true
}

// joinable reports what is wrong with an address for the code.
func joinable(join string) error {
	if join == "" {
		return nil
	}
	u, err := url.Parse(join)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("the address to join at must begin with https://")
	}
	if len(join) > longestJoin {
		return fmt.Errorf("the address to join at is longer than %d characters", longestJoin)
	}
	return nil
}

// after is the date some days later.
func after(d handrail.Date, n int) handrail.Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return handrail.Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// dayName is "Tuesday 24 November".
func dayName(d handrail.Date, layout string) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return t.Format(layout)
}

// row is a meeting in words.
type row struct {
	Start   string // "10am"
	End     string // "to 12 noon", empty when nobody knows
	Name    string
	Details string // "Walled Garden, LU1 4BH, free, for women"
}

func (w words) row(m meeting) row {
	r := row{Start: directory.ClockText(m.from), Name: short(m.a.Name, 50)}
	if m.to > m.from {
		r.End = fmt.Sprintf(w.To, directory.ClockText(m.to))
	}
	var notes []string
	v := m.a.Venue
	place := short(cmp.Or(v.Name, v.Street), 32)
	if v.Postcode != "" && len(v.Postcode) <= 10 {
		place = strings.TrimPrefix(place+", "+glued(v.Postcode), ", ")
	}
	if place != "" {
		notes = append(notes, place)
	}
	if m.a.Cost.Known {
		notes = append(notes, glued(directory.CostText(m.a.Cost)))
	}
	switch m.a.For {
	case handrail.SexWomen:
		notes = append(notes, glued(w.Women))
	case handrail.SexMen:
		notes = append(notes, glued(w.Men))
	}
	switch low, high := m.a.MinAge, m.a.MaxAge; {
	case low > 0 && high > 0:
		notes = append(notes, glued(fmt.Sprintf(w.FromTo, low, high)))
	case low > 18:
		notes = append(notes, glued(fmt.Sprintf(w.From, low)))
	case high > 0:
		notes = append(notes, glued(fmt.Sprintf(w.UpTo, high)))
	}
	switch m.doubt {
	case handrail.DoubtNone:
	case handrail.DoubtHoliday:
		notes = append(notes, w.Holiday)
	case handrail.DoubtTerm:
		notes = append(notes, w.Term)
	default:
		notes = append(notes, w.Doubt)
	}
	r.Details = strings.Join(notes, ", ")
	return r
}

// glued keeps the words of a short text on one line.
func glued(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// short cuts a text at a word. Control characters and direction marks do not come onto paper (B5).
func short(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f {
			return ' '
		}
		return r
	}, s)
	var out []rune
	for _, word := range strings.Fields(s) {
		next := []rune(word)
		if len(out)+1+len(next) > most {
			if len(out) == 0 {
				return string(next[:most-1]) + "…"
			}
			return strings.TrimRight(string(out), ",;:-") + "…"
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, next...)
	}
	return string(out)
}
