package sources

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail/directory/postcode"
)

// Guess is what a reader makes of one column before a person has looked at it.
type Guess struct {
	Heading string
	Field   Field // empty for a column that is left out
	// Confidence is from 0 to 1; what is Doubtful should be asked about.
	Confidence float64
	// Say is a sentence for the person who confirms it.
	Say string
}

// doubt is the confidence below which somebody must look.
const doubt = 0.6

// Doubtful reports whether the guess should be asked about.
func (g Guess) Doubtful() bool { return g.Field != "" && g.Confidence < doubt }

// GuessMapping says which column of a table holds what, from the headings and, where they fail or mislead, from the
// cells of some rows. There is one Guess for each heading, in their order, those that are left out too. The mapping is not
// confirmed; a reader refuses it while the name is among its doubts.
func GuessMapping(headings []string, sample [][]string) (Mapping, []Guess) {
	headings = uniqueHeadings(headings)
	known := knownHeadings()
	all := make([]candidate, 0, len(headings))
	for i, h := range headings {
		c := candidate{column: i, heading: h, facts: factsOf(i, sample)}
		c.field, c.confidence = fieldOf(h, known)
		c.look()
		all = append(all, c)
	}
	both(all)
	findName(all)
	findDescription(all)
	refine(all)
	return settleColumns(all)
}

// candidate is a column on its way to being guessed.
type candidate struct {
	column     int
	heading    string
	facts      columnFacts
	field      Field
	also       Field // a second thing that the same column holds: "Contact details" may be a number and an address
	confidence float64
	because    string
	byCells    bool // the heading says something else, or nothing
}

// columnFacts are counts of what the cells of a column look like.
type columnFacts struct {
	rows, filled int
	distinct     int
	letters      int // cells with letters in them
	characters   int
	count        map[shape]int
}

// shape is something that a cell can look like.
type shape string

const (
	shapePostcode shape = "postcodes"
	shapeEmail    shape = "e-mail addresses"
	shapeWeb      shape = "web addresses"
	shapePhone    shape = "telephone numbers"
	shapePosition shape = "positions"
	shapeLat      shape = "latitudes"
	shapeLon      shape = "longitudes"
	shapeWeekday  shape = "days of the week"
	shapeTime     shape = "times of day"
	shapeDate     shape = "dates"
	shapeNumber   shape = "numbers"
	shapeFlag     shape = "yes or no"
)

// share is how many of the filled cells have a shape, from 0 to 1.
func (f columnFacts) share(s shape) float64 {
	if f.filled == 0 {
		return 0
	}
	return float64(f.count[s]) / float64(f.filled)
}

// mean is the average length of a filled cell in characters.
func (f columnFacts) mean() float64 {
	if f.filled == 0 {
		return 0
	}
	return float64(f.characters) / float64(f.filled)
}

// maxSample is how many rows are looked at; more would not change the guess.
const maxSample = 200

func factsOf(column int, sample [][]string) columnFacts {
	f := columnFacts{count: map[shape]int{}}
	seen := map[string]bool{}
	for _, row := range sample[:min(len(sample), maxSample)] {
		f.rows++
		if column >= len(row) || blank(row[column]) {
			continue
		}
		cell := row[column]
		if len(cell) > 4000 {
			cell = strings.ToValidUTF8(cell[:4000], "")
		}
		f.filled++
		f.characters += utf8.RuneCountInString(cell)
		seen[strings.ToLower(cell)] = true
		if strings.ContainsFunc(cell, unicode.IsLetter) {
			f.letters++
		}
		for _, s := range shapesOf(cell) {
			f.count[s]++
		}
	}
	f.distinct = len(seen)
	return f
}

// shapesOf are all that one cell looks like.
func shapesOf(cell string) []shape {
	var out []shape
	line := plainLine(cell, 300)
	if code, err := postcode.Parse(line); len(line) < 20 && err == nil && (code.Kind == postcode.Full || code.Kind == postcode.Sector || code.Kind == postcode.Outcode) {
		out = append(out, shapePostcode)
	}
	if readEmail(cell) != "" {
		out = append(out, shapeEmail)
	}
	if strings.Contains(cell, ".") && readWebsite(cell) != "" {
		out = append(out, shapeWeb)
	}
	if len(line) > 150 {
		return out // prose
	}
	digits := 0
	for _, r := range line {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if digits >= 9 && readPhone(cell) != "" {
		out = append(out, shapePhone)
	}
	if _, _, ok := readPosition(line); ok {
		out = append(out, shapePosition)
	}
	if v, ok := readDegrees(line); ok && strings.Contains(line, ".") {
		if v > 49 && v < 61.5 {
			out = append(out, shapeLat)
		}
		if v > -9 && v < 2.5 {
			out = append(out, shapeLon)
		}
	}
	if _, ok := readWeekdays(line); ok {
		out = append(out, shapeWeekday)
	}
	if start, _, _, ok := readHours(line, ""); ok && strings.ContainsAny(strings.ToLower(line), ":.apn") && start >= 0 {
		out = append(out, shapeTime)
	}
	if digits > 0 && strings.ContainsAny(line, "/- ") && readDate(line, false) != nil {
		out = append(out, shapeDate)
	}
	if line != "" && strings.Trim(line, "0123456789.-") == "" {
		out = append(out, shapeNumber)
	}
	if ticked(line) != 0 {
		out = append(out, shapeFlag)
	}
	return out
}

// shapeOf is what the cells of a field must look like, where that can be said.
func shapeOf(f Field) (shape, bool) {
	switch f {
	case FieldPostcode:
		return shapePostcode, true
	case FieldEmail:
		return shapeEmail, true
	case FieldWebsite:
		return shapeWeb, true
	case FieldPhone:
		return shapePhone, true
	case FieldPosition:
		return shapePosition, true
	case FieldLatitude:
		return shapeLat, true
	case FieldLongitude:
		return shapeLon, true
	case FieldWeekday:
		return shapeWeekday, true
	case FieldStart, FieldEnd:
		return shapeTime, true
	case FieldFirstDate, FieldLastDate, FieldDate, FieldChecked, FieldUpdated:
		return shapeDate, true
	case FieldFree, FieldListed, FieldVenuePublic, FieldVenueHidden, FieldContactPublic:
		return shapeFlag, true
	case FieldMinAge, FieldMaxAge, FieldDuration:
		return shapeNumber, true
	}
	return "", false
}

// look compares what the heading says with what the cells look like, and believes the cells where they are plain.
func (c *candidate) look() {
	f := c.facts
	if want, ok := shapeOf(c.field); ok && f.filled > 0 {
		c.because = fmt.Sprintf("the heading says so, and %d of %d cells are %s", f.count[want], f.filled, want)
		switch share := f.share(want); {
		case share >= 0.5:
			c.confidence = max(c.confidence, 0.95)
		case share < 0.2 && f.filled >= 2:
			c.mislead(want)
		}
	} else if c.field != "" {
		c.because = "the heading says so"
	}
	// "Location" is a place for some and a position for others; "Contact" may be anything.
	certain := c.confidence >= 0.9
	if certain && c.field != FieldVenue && c.field != FieldAddress || f.filled == 0 {
		return
	}
	for _, s := range []struct {
		shape shape
		field Field
		needs float64
	}{
		{shapePosition, FieldPosition, 0.6}, {shapeEmail, FieldEmail, 0.6}, {shapePostcode, FieldPostcode, 0.6},
		{shapePhone, FieldPhone, 0.6}, {shapeWeekday, FieldWeekday, 0.8}, {shapeWeb, FieldWebsite, 0.8},
	} {
		if f.share(s.shape) < s.needs || s.field == c.field || leftOut(c.heading) && !perhapsPublic(c.heading) {
			continue
		}
		if s.shape == shapePostcode && f.mean() < 3 {
			continue // "M1" may be anything
		}
		if (s.shape == shapeEmail || s.shape == shapeWeb || s.shape == shapePhone) && f.mean() > 60 && !strings.Contains(strings.ToLower(c.heading), "contact") && s.shape != shapeWeb {
			continue // prose that mentions one
		}
		if s.shape == shapeWeb && c.field == FieldCost || s.shape == shapePhone && ofNumbers(c.heading) {
			continue
		}
		c.field, c.confidence, c.byCells = s.field, 0.7+0.2*f.share(s.shape), true
		c.because = fmt.Sprintf("%d of %d cells are %s", f.count[s.shape], f.filled, s.shape)
		return
	}
}

// mislead is called when the cells are not what the heading says.
func (c *candidate) mislead(want shape) {
	c.because = fmt.Sprintf("the heading says so, but only %d of %d cells are %s", c.facts.count[want], c.facts.filled, want)
	c.confidence *= 0.5
	words := c.facts.letters*2 > c.facts.filled
	switch {
	case words && (c.field == FieldWeekday || c.field == FieldStart || c.field == FieldDate):
		c.field, c.confidence, c.because = FieldWhen, 0.8, "the heading speaks of time, and the cells are words"
	case words && c.field == FieldWebsite, words && c.field == FieldPosition:
		c.field, c.because = "", ""
	case c.field == FieldMinAge && words:
		c.field, c.confidence, c.because = FieldAges, 0.7, "the heading speaks of age, and the cells are words"
	case c.field == FieldDuration && (words || c.facts.share(shapeTime) >= 0.5):
		c.confidence, c.because = 0.8, "the heading says so" // "1:30", "2 hours"
	case (c.field == FieldStart || c.field == FieldEnd) && c.facts.share(shapeNumber) >= 0.5:
		c.confidence, c.because = 0.7, "the heading says so, and the cells are numbers" // 10, 1430, 0.4375
	case c.field == FieldMaxAge && words, c.field == FieldFree, c.field == FieldListed:
		c.confidence = 0.3
	}
}

// both finds columns that hold a telephone number and an e-mail address at once.
func both(all []candidate) {
	for i := range all {
		c := &all[i]
		if !strings.Contains(strings.ToLower(c.heading), "contact") || c.facts.filled == 0 || leftOut(c.heading) && !perhapsPublic(c.heading) {
			continue
		}
		if phone, mail := c.facts.share(shapePhone), c.facts.share(shapeEmail); phone >= 0.3 && mail >= 0.3 {
			c.field, c.also, c.confidence = FieldPhone, FieldEmail, 0.75
			c.because = "its cells hold both"
		}
	}
}

// findName finds the column of names when no heading is one, and doubts a heading whose cells look like no names.
func findName(all []candidate) {
	best := -1
	for i, c := range all {
		if c.field == FieldName && (best < 0 || c.confidence > all[best].confidence) {
			best = i
		}
	}
	if best >= 0 {
		c := &all[best]
		if f := c.facts; f.rows >= 3 && (f.filled*2 < f.rows || f.mean() > 90 || f.letters*2 < f.filled || f.share(shapeEmail)+f.share(shapePostcode) > 0.5) {
			// Rows that go on with the row above leave it empty; a table that is more of them than not says so by an id.
			if !slices.ContainsFunc(all, func(o candidate) bool { return o.field == FieldBelongsTo }) || f.filled == 0 || f.mean() > 90 {
				c.confidence, c.because = 0.5, "the heading says so, but the cells do not look like names"
			}
		}
		return
	}
	take := func(i int, confidence float64, because string) {
		all[i].field, all[i].confidence, all[i].because = FieldName, confidence, because
	}
	for _, try := range []struct {
		field      Field
		confidence float64
		because    string
	}{
		{FieldOrganiser, 0.65, "there is no other column of names"},
		{FieldDescription, 0.45, "no heading says name, and its cells are short and differ"},
		{FieldVenue, 0.45, "no heading says name"},
		{"", 0.35, "no heading says name, and its cells are short and differ"},
	} {
		for i, c := range all {
			f := c.facts
			if c.field == try.field && f.filled*2 >= f.rows && f.filled > 0 && f.mean() <= 60 && f.mean() >= 3 && f.distinct*2 >= f.filled && f.letters*2 > f.filled && !leftOut(c.heading) {
				take(i, try.confidence, try.because)
				return
			}
		}
	}
}

// findDescription takes the longest prose for the description when no heading says so.
func findDescription(all []candidate) {
	best := -1
	for i, c := range all {
		if c.field == FieldDescription && c.confidence >= 0.6 {
			return
		}
		if c.field == "" && !leftOut(c.heading) && c.facts.mean() >= 60 && c.facts.filled*2 >= c.facts.rows && (best < 0 || c.facts.mean() > all[best].facts.mean()) {
			best = i
		}
	}
	if best >= 0 {
		all[best].field, all[best].confidence, all[best].because = FieldDescription, 0.5, "it holds the longest text"
	}
}

// refine settles what depends on the other columns.
func refine(all []candidate) {
	has := func(f Field) bool {
		return slices.ContainsFunc(all, func(c candidate) bool { return c.field == f && c.confidence >= doubt })
	}
	for i := range all {
		c := &all[i]
		switch {
		case c.field == FieldAddress && has(FieldStreet):
			c.field = FieldStreet
		case c.field == FieldID && c.doubtfulID():
			c.confidence, c.because = 0.3, "the heading says so, but its cells are not all there, or too many are the same"
		case c.field == FieldWhen && c.facts.share(shapeWeekday) >= 0.9 && has(FieldStart) && !has(FieldWeekday):
			c.field = FieldWeekday
		}
	}
	oneWebsite(all)
}

// doubtfulID reports whether the cells can be no ids. Where the heading is plain some may repeat: a group has a row for
// each of its sessions in many tables.
func (c candidate) doubtfulID() bool {
	f := c.facts
	if c.confidence < 0.9 {
		return f.filled < f.rows || f.distinct < f.filled
	}
	return f.filled*10 < f.rows*9 || f.distinct*2 < f.filled
}

// oneWebsite keeps, of the columns that are websites by their cells only, the fullest, and none where a heading says
// which one it is: the other links are to maps, plans and pages of others.
func oneWebsite(all []candidate) {
	best := -1
	for i, c := range all {
		if c.field != FieldWebsite {
			continue
		}
		if !c.byCells {
			best = len(all)
			break
		}
		if best < 0 || c.facts.filled > all[best].facts.filled || c.facts.filled == all[best].facts.filled && c.facts.mean() < all[best].facts.mean() {
			best = i
		}
	}
	for i := range all {
		if c := &all[i]; c.field == FieldWebsite && c.byCells && i != best {
			c.field, c.because = "", ""
		}
	}
}

// settleColumns gives each field its columns: one, or several where it takes several, the surest first of equals.
func settleColumns(all []candidate) (Mapping, []Guess) {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { // of two that are as sure, the one with more in it
		return cmp.Or(cmp.Compare(math.Round(20*all[b].confidence), math.Round(20*all[a].confidence)), cmp.Compare(all[b].facts.filled, all[a].facts.filled))
	})
	m := Mapping{Version: mappingVersion, Columns: map[Field][]string{}}
	taken := map[int]bool{}
	place := func(f Field, c candidate) bool {
		info, ok := infoOf(f)
		if !ok || !info.many && len(m.Columns[f]) > 0 || c.confidence < 0.35 && f != FieldName || f == FieldID && c.confidence < doubt {
			return false
		}
		m.Columns[f] = append(m.Columns[f], c.heading)
		if c.confidence < doubt && !slices.Contains(m.Doubts, f) {
			m.Doubts = append(m.Doubts, f)
		}
		return true
	}
	for _, i := range order {
		if c := all[i]; c.field != "" && place(c.field, c) {
			taken[i] = true
			if c.also != "" {
				place(c.also, c)
			}
		}
	}
	slices.Sort(m.Doubts)
	for f, list := range m.Columns { // within a field the table's own order reads best
		slices.SortFunc(list, func(a, b string) int { return indexOfHeading(all, a) - indexOfHeading(all, b) })
		m.Columns[f] = list
	}
	guesses := make([]Guess, 0, len(all))
	for i, c := range all {
		g := Guess{Heading: c.heading}
		switch {
		case taken[i]:
			g.Field, g.Confidence = c.field, c.confidence
			what := c.field.Words()
			if c.also != "" {
				what += " and " + c.also.Words()
			}
			g.Say = quote(c.heading) + " is taken as " + what + ", since " + c.because + "."
			if g.Doubtful() {
				g.Say += " Please check it."
			}
		case leftOut(c.heading):
			g.Say = quote(c.heading) + " is left out: it may be about a person, or not be meant for the public."
		case c.field != "":
			g.Say = quote(c.heading) + " is left out: another column fits better as " + c.field.Words() + "."
			if len(m.Columns[c.field]) == 0 {
				g.Say = quote(c.heading) + " is left out: " + strings.TrimPrefix(c.because, "the heading says so, but ") + "."
			}
		case c.facts.filled == 0 && c.facts.rows > 0:
			g.Say = quote(c.heading) + " is left out: it is empty."
		default:
			g.Say = quote(c.heading) + " is left out."
		}
		guesses = append(guesses, g)
	}
	return m, guesses
}

func indexOfHeading(all []candidate, heading string) int {
	return slices.IndexFunc(all, func(c candidate) bool { return c.heading == heading })
}

// weekdayFields are the fields of the days, Sunday first as time.Weekday counts.
func weekdayFields() [7]Field {
	return [7]Field{FieldSunday, FieldMonday, FieldTuesday, FieldWednesday, FieldThursday, FieldFriday, FieldSaturday}
}

// dayField is the field of a weekday's own column.
func dayField(d time.Weekday) Field { return weekdayFields()[d] }
