package poster

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"handrail"
	"handrail/directory"
)

//go:embed poster.html
var posterHTML string

//go:embed screen.html
var screenHTML string

// room is how much there is of a page and what a row takes of it. The numbers were measured in a browser.
type room struct {
	all, heading, name, detail, space, others float64
	nameLetters, detailLetters                int // in a line
}

const (
	mostOfOne    = 2   // times that one group is on a poster
	refreshAfter = 300 // seconds
	longAddress  = 60  // letters of an address that nobody would type from a screen
)

// paper is a column of the A4 page in millimetres; there are two.
func paper() room {
	return room{all: 193, heading: 12, name: 5.9, detail: 5, space: 2.4, others: 6.5, nameLetters: 27, detailLetters: 34}
}

// screen is a television in hundredths of its width.
func screen() room {
	return room{all: 42, heading: 4.4, name: 3.1, detail: 2.25, space: .7, nameLetters: 36, detailLetters: 54}
}

// height is how much of the room a row takes.
func (o room) height(r row) float64 {
	lines := func(s string, letters int) float64 {
		return math.Ceil(float64(utf8.RuneCountInString(s)) / float64(letters))
	}
	return o.space + o.name*lines(r.Name, o.nameLetters) + o.detail*max(1, lines(r.Details, o.detailLetters))
}

// page is what the templates see.
type page struct {
	W        words
	Practice string
	Title    string
	Span     string
	Days     []dayRows
	Columns  [][]dayRows // Days on paper
	Join     string
	Address  string // Join, where somebody may type it
	Code     code
	QRLabel  string
	Checked  string
	Shown    string
	Refresh  int
}

type dayRows struct {
	Name   string
	Rows   []row
	Others string
}

// Poster writes the week as one page of A4 in HTML, to be printed from any browser. There is room for fifteen to
// twenty meetings: the nearest of each day, other groups before the same one again.
func Poster(w io.Writer, week Week) error {
	p, err := week.page()
	if err != nil {
		return err
	}
	p.Title = p.W.Title
	p.Span = fmt.Sprintf(p.W.Week, dayName(week.from, "Monday 2 January"), dayName(after(week.from, days-1), "Monday 2 January 2006"))
	chosen := week.choose(p.W)
	for i := range days {
		d := dayRows{Name: dayName(after(week.from, i), "Monday 2 January")}
		d.fill(p.W, week.meetings, after(week.from, i), chosen)
		if len(d.Rows) > 0 || d.Others != "" {
			p.Days = append(p.Days, d)
		}
	}
	heights := make([]float64, len(p.Days))
	for i, d := range p.Days {
		heights[i] = d.height(paper())
	}
	if at, _ := split(heights); len(p.Days) > 0 {
		p.Columns = [][]dayRows{p.Days[:at], p.Days[at:]}
	}
	p.check(week, chosen)
	return p.write(w, "poster", posterHTML)
}

// WaitingRoom writes the next few meetings as a page for a screen that is read from three metres; it asks for itself again
// every five minutes. Gather anew for each request.
func WaitingRoom(w io.Writer, week Week) error {
	p, err := week.page()
	if err != nil {
		return err
	}
	p.Title, p.Refresh = p.W.ScreenTitle, refreshAfter
	wall := week.now.In(week.zone)
	p.Shown = fmt.Sprintf(p.W.Shown, directory.ClockText(handrail.At(wall.Hour(), wall.Minute())), dayName(handrail.DateOf(week.now, week.zone), "Monday 2 January"))
	chosen := map[*meeting]bool{}
	seen := map[handrail.ActivityID]bool{}
	tv, day := screen(), handrail.Date("")
	left := tv.all
	for i := range week.meetings {
		m := &week.meetings[i]
		if m.start.Before(week.now) || m.a.Sensitive || seen[m.a.ID] {
			continue
		}
		if m.on != day {
			day = m.on
			left -= tv.heading
		}
		if left -= tv.height(p.W.row(*m)); left < 0 {
			break
		}
		chosen[m], seen[m.a.ID] = true, true
	}
	if utf8.RuneCountInString(p.Join) > longAddress {
		p.Address = ""
	}
	today := handrail.DateOf(week.now, week.zone)
	for i := range days {
		on := after(week.from, i)
		d := dayRows{Name: dayName(on, "Monday 2 January")}
		switch on {
		case today:
			d.Name = p.W.Today
		case after(today, 1):
			d.Name = p.W.Tomorrow
		}
		d.fill(p.W, week.meetings, on, chosen)
		if d.Others = ""; len(d.Rows) > 0 {
			p.Days = append(p.Days, d)
		}
	}
	p.check(week, chosen)
	return p.write(w, "screen", screenHTML)
}

func (w Week) page() (page, error) {
	words := english()
	p := page{W: words, Practice: short(w.practice, 60), Join: w.join, Address: w.join}
	if w.join == "" {
		return p, nil
	}
	var err error
	p.Code, err = newCode(w.join)
	p.QRLabel = fmt.Sprintf(words.QRLabel, w.join)
	return p, err
}

// fill takes a day's chosen meetings, and counts the groups that are not to be named.
func (d *dayRows) fill(w words, all []meeting, on handrail.Date, chosen map[*meeting]bool) {
	others := map[handrail.ActivityID]bool{}
	for i := range all {
		m := &all[i]
		switch {
		case m.on != on:
		case m.a.Sensitive:
			others[m.a.ID] = true
		case chosen[m]:
			d.Rows = append(d.Rows, w.row(*m))
		}
	}
	switch len(others) {
	case 0:
	case 1:
		d.Others = w.Other
	default:
		d.Others = fmt.Sprintf(w.Others, len(others))
	}
}

// choose takes as many meetings as the paper has room for: day after day the nearest, groups that are not there yet first,
// and of those the ones of organisers that are not.
func (w Week) choose(text words) map[*meeting]bool {
	byDay := map[handrail.Date][]*meeting{}
	others := map[handrail.Date]bool{}
	for i := range w.meetings {
		m := &w.meetings[i]
		if m.a.Sensitive {
			others[m.on] = true
			continue
		}
		byDay[m.on] = append(byDay[m.on], m)
	}
	a4 := paper()
	heights := make([]float64, days)
	for i := range heights {
		on := after(w.from, i)
		if len(byDay[on]) > 0 || others[on] {
			heights[i] = a4.heading
		}
		if others[on] {
			heights[i] += a4.others
		}
	}
	chosen, times, runs := map[*meeting]bool{}, map[handrail.ActivityID]int{}, map[string]int{}
	for round, more := 0, true; more; round++ {
		more = false
		for i := range days {
			on := after(w.from, i)
			pool := byDay[on]
			if len(pool) == 0 {
				continue
			}
			best := slices.MinFunc(pool, func(x, y *meeting) int {
				return cmp.Or(times[x.a.ID]-times[y.a.ID], runs[x.a.Organiser.Name]-runs[y.a.Organiser.Name],
					cmp.Compare(x.metres, y.metres), x.start.Compare(y.start), strings.Compare(string(x.a.ID), string(y.a.ID)))
			})
			need := a4.height(text.row(*best))
			heights[i] += need
			_, tall := split(heights)
			// The first round has room for the longest names: no day with something on is left without.
			if times[best.a.ID] >= mostOfOne || round > 0 && tall > a4.all {
				heights[i] -= need
				byDay[on] = nil // whatever else there is on this day is there often enough, or has no room
				continue
			}
			chosen[best] = true
			times[best.a.ID]++
			runs[best.a.Organiser.Name]++
			byDay[on] = slices.DeleteFunc(pool, func(m *meeting) bool { return m == best })
			more = true
		}
	}
	return chosen
}

// split says before which day the second column begins, so that the taller column is as short as can be, and how tall it
// is. A day is never torn in two: the half without its heading would be on nobody knows which day.
func split(heights []float64) (at int, tall float64) {
	tall = math.Inf(1)
	for i := 1; i <= len(heights); i++ {
		left, right := 0.0, 0.0
		for d, h := range heights {
			if d < i {
				left += h
			} else {
				right += h
			}
		}
		if t := max(left, right); t < tall {
			at, tall = i, t
		}
	}
	return at, tall
}

// height is how much of the room a day takes.
func (d dayRows) height(o room) float64 {
	h := o.heading
	for _, r := range d.Rows {
		h += o.height(r)
	}
	if d.Others != "" {
		h += o.others
	}
	return h
}

// check says since when everything on the page was checked.
func (p *page) check(w Week, chosen map[*meeting]bool) {
	var oldest *meeting
	for m := range chosen {
		if oldest == nil || m.checked.Before(oldest.checked) {
			oldest = m
		}
	}
	if oldest != nil {
		p.Checked = fmt.Sprintf(p.W.Checked, dayName(handrail.DateOf(oldest.checked, w.zone), "2 January 2006"))
	}
}

func (p page) write(w io.Writer, name, text string) error {
	t, err := template.New(name).Parse(text)
	if err != nil {
		return fmt.Errorf("write the %s: %w", name, err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return fmt.Errorf("write the %s: %w", name, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the %s: %w", name, err)
	}
	return nil
}
