package sources

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"handrail"
	"handrail/directory/postcode"
)

// maxTopics is how many subjects an activity may have.
const maxTopics = 30

// cellsOf is one row, asked by field.
type cellsOf struct {
	at       columns
	cells    []string
	headings []string
}

func (c cellsOf) cell(i int) string {
	if i >= len(c.cells) || blank(c.cells[i]) {
		return ""
	}
	s := c.cells[i]
	if strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && len(s) > 3 {
		s = s[2 : len(s)-1] // how spreadsheets keep the nought of ="0131 229 1234"
	}
	return restoreCell(s)
}

// text is the field's first cell that says something.
func (c cellsOf) text(f Field) string {
	for _, i := range c.at[f] {
		if s := c.cell(i); s != "" {
			return s
		}
	}
	return ""
}

// all are the field's cells that say something.
func (c cellsOf) all(f Field) []string {
	var out []string
	for _, i := range c.at[f] {
		if s := c.cell(i); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// labelled are the field's cells, each but that of the first column with its heading before it.
func (c cellsOf) labelled(f Field) []string {
	var out []string
	for n, i := range c.at[f] {
		s := strings.TrimSpace(c.cell(i))
		if s == "" {
			continue
		}
		if n > 0 && i < len(c.headings) {
			s = c.headings[i] + ": " + s
		}
		out = append(out, s)
	}
	return out
}

// says is the Tri of a field that may stand in several columns: one "no" is a no.
func (c cellsOf) says(f Field) handrail.Tri {
	said := handrail.NotSaid
	for _, s := range c.all(f) {
		switch ticked(s) {
		case handrail.No:
			return handrail.No
		case handrail.Yes:
			said = handrail.Yes
		}
	}
	return said
}

// onlyOne reports whether a single cell of the row says something.
func (c cellsOf) onlyOne() bool {
	n := 0
	for i := range c.cells {
		if c.cell(i) != "" {
			if n++; n > 1 {
				return false
			}
		}
	}
	return n == 1
}

// activity makes an activity of a row. notes are what was wrong and left out; an error rejects the row. A row that goes
// on with another one needs no name.
func (r *reading) activity(c cellsOf, continues bool) (a handrail.Activity, notes []string, err error) {
	note := func(reason string) {
		if reason != "" && !slices.Contains(notes, reason) {
			notes = append(notes, reason)
		}
	}
	a.Source = r.source
	a.ID = handrail.ActivityID(clean(c.text(FieldID), 200))
	if a.Name = plainLine(c.text(FieldName), 200); a.Name == "" && !continues {
		return a, nil, errors.New("it has no name")
	}
	if !continues && r.used >= 3 && c.onlyOne() {
		return a, nil, errors.New("there is nothing in the row but its name, so it is taken as a title")
	}
	a.Description = plain(strings.Join(c.labelled(FieldDescription), "\n"), 8000)
	r.contact(&a, c, note)
	r.venue(&a, c, note)
	days := r.times(&a, c, note)
	r.cost(&a, c)
	a.Topics = r.list(c, FieldTopics, maxTopics)
	r.people(&a, c, note)
	r.access(&a, c)
	for _, name := range r.list(c, FieldLanguages, 20) {
		if known := languageName(strings.ToLower(name)); known != "" {
			name = known
		}
		if !strings.EqualFold(name, "English") && !slices.Contains(a.Languages, name) {
			a.Languages = append(a.Languages, name)
		}
	}
	a.Status = r.status(&a, c, note)
	a.CheckedAt = r.day(c, FieldChecked, "the date of its last check cannot be read", note)
	a.UpdatedAt = r.day(c, FieldUpdated, "", note)
	a.Sensitive = sensitive(a)
	if a.ID == "" && !continues {
		a.ID = rowID(a, days)
	}
	return a, notes, nil
}

// rowID is the id of a row that has none: what names the group to a person, so that it stays when the row is moved or
// its description is changed. It is a hash, since a name may be long and hold anything.
func rowID(a handrail.Activity, days []time.Weekday) handrail.ActivityID {
	where := a.Venue.Postcode
	if where == "" {
		where = a.Venue.Line()
	}
	if where == "" {
		where = a.Organiser.Name
	}
	flat := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	key := flat(a.Name) + "|" + flat(where)
	slices.Sort(days)
	for _, d := range days {
		key += "|" + strconv.Itoa(int(d))
	}
	sum := sha256.Sum256([]byte(key))
	return handrail.ActivityID("row-" + hex.EncodeToString(sum[:10]))
}

// noDate are the years that programs write for "no date".
var noDate = regexp.MustCompile(`\b(1899|1900|1753|0001|0000|2099|2999|9999)\b`)

// day reads a field that is a date.
func (r *reading) day(c cellsOf, f Field, wrong string, note func(string)) *time.Time {
	s := c.text(f)
	if s == "" {
		return nil
	}
	t := readDate(plainLine(s, 60), r.from1904)
	if t == nil && !noDate.MatchString(s) {
		note(wrong)
	}
	return t
}

func (r *reading) list(c cellsOf, f Field, limit int) []string {
	var out []string
	for _, s := range c.all(f) {
		for _, name := range readList(s, limit) {
			if len(out) < limit && !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, name) }) {
				out = append(out, name)
			}
		}
	}
	return out
}

// contact reads who runs it and how to reach them. A contact that is not for the public is not read at all.
func (r *reading) contact(a *handrail.Activity, c cellsOf, note func(string)) {
	a.Organiser.Name = plainLine(c.text(FieldOrganiser), 200)
	first := func(f Field, read func(string) string, wrong string) string {
		cells := c.all(f)
		for _, s := range cells {
			if found := read(s); found != "" {
				return found
			}
		}
		if len(cells) > 0 {
			note(wrong)
		}
		return ""
	}
	if c.says(FieldContactPublic) != handrail.No {
		phones := first(FieldPhone, readPhone, "its telephone number cannot be read, so it is left out")
		a.Organiser.Phone = phones
		a.Organiser.Email = first(FieldEmail, readEmail, "its e-mail address cannot be read, so it is left out")
	}
	a.Organiser.Website = first(FieldWebsite, readWebsite, "its web address cannot be read, so it is left out")
}

var (
	positionShape = regexp.MustCompile(`^\(?\s*(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*\)?$`)
	streetWord    = regexp.MustCompile(`(?i)\b(road|rd|street|st|avenue|ave|lane|close|drive|way|crescent|terrace|place|square|gardens|grove|hill|row|court|park|parade|walk|mews|green|view|hall|centre|church|house|school|library|club|north|south|east|west|gate|wynd|loan|quay|bridge|industrial|estate|floor|unit)\.?$`)
)

// readPosition reads "55.9771,-3.3001".
func readPosition(s string) (lat, lon float64, ok bool) {
	m := positionShape.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, false
	}
	lat, errLat := strconv.ParseFloat(m[1], 64)
	lon, errLon := strconv.ParseFloat(m[2], 64)
	return lat, lon, errLat == nil && errLon == nil
}

func readDegrees(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "°")), 64)
	return v, err == nil && v >= -180 && v <= 180
}

// venue reads where it meets.
func (r *reading) venue(a *handrail.Activity, c cellsOf, note func(string)) {
	v := &a.Venue
	v.Name = plainLine(c.text(FieldVenue), 200)
	v.Town = plainLine(c.text(FieldTown), 100)
	var parts []string
	for _, s := range c.all(FieldStreet) {
		parts = append(parts, addressParts(s)...)
	}
	whole := addressParts(c.text(FieldAddress))
	if len(parts) == 0 && len(whole) == 0 {
		whole, v.Name = addressParts(c.text(FieldVenue)), ""
	}
	r.postcode(v, c, strings.Join(append(append([]string{v.Name}, parts...), whole...), ", "), note)
	spelt := len(whole) > 0
	parts = slices.DeleteFunc(append(parts, whole...), func(p string) bool {
		return v.Postcode != "" && strings.EqualFold(strings.ReplaceAll(p, " ", ""), strings.ReplaceAll(v.Postcode, " ", "")) ||
			strings.EqualFold(p, v.Name) || v.Town != "" && strings.EqualFold(p, v.Town)
	})
	// "Millennium Hall, Cramond Glebe Road": the first part is the name of the place, unless it is a house number.
	if spelt && v.Name == "" && (len(parts) > 1 || len(c.at[FieldVenue]) > 0 && len(c.at[FieldAddress]) == 0) && !strings.ContainsAny(parts[0], "0123456789") {
		v.Name, parts = parts[0], parts[1:]
	}
	if last := len(parts) - 1; v.Town == "" && last >= 1 && !strings.ContainsAny(parts[last], "0123456789") && !streetWord.MatchString(parts[last]) && len(strings.Fields(parts[last])) <= 3 {
		v.Town, parts = clean(parts[last], 100), parts[:last]
	}
	v.Street = clean(strings.Join(parts, ", "), 200)
	var reason string
	switch lat, lon, ok := readPosition(plainLine(c.text(FieldPosition), 60)); {
	case ok:
		v.At, reason = positionOf(number{lat, true}, number{lon, true})
	case c.text(FieldPosition) != "":
		reason = "its position cannot be read, so it is left out"
	default:
		lat, okLat := readDegrees(c.text(FieldLatitude))
		lon, okLon := readDegrees(c.text(FieldLongitude))
		v.At, reason = positionOf(number{lat, okLat}, number{lon, okLon})
	}
	note(reason)
	if c.says(FieldVenuePublic) == handrail.No || c.says(FieldVenueHidden) == handrail.Yes {
		// A refuge's door is nobody's business: the town and the outcode are left.
		code, err := postcode.Parse(v.Postcode)
		*v = handrail.Venue{Town: v.Town}
		if err == nil {
			v.Postcode = code.Outcode()
		}
	}
}

// addressParts are the parts of an address without what is no part of one.
func addressParts(s string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(plain(s, 500), func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if part = strings.Trim(clean(part, 150), " ."); part != "" {
			out = append(out, part)
		}
	}
	// A postcode at the end of the last part becomes a part of its own.
	if len(out) > 0 {
		last := out[len(out)-1]
		if found := postcode.Find(last); len(found) > 0 {
			if f := found[len(found)-1]; f.Kind == postcode.Full && !f.Corrected && f.Start > 0 && f.End >= len(last)-1 {
				out[len(out)-1] = strings.Trim(last[:f.Start], " .-")
				out = append(out, f.Text)
			}
		}
	}
	return out
}

// postcode reads the postcode from its column or, when that is empty, from the address, where it must be the only one.
func (r *reading) postcode(v *handrail.Venue, c cellsOf, address string, note func(string)) {
	if s := clean(plainLine(c.text(FieldPostcode), 60), 60); s != "" {
		code, err := postcode.Parse(s)
		switch {
		case err == nil && code.Kind == postcode.Full && !code.Corrected, err == nil && (code.Kind == postcode.Sector || code.Kind == postcode.Outcode):
			v.Postcode = code.Text
			return
		case err == nil, errors.Is(err, postcode.ErrUnsure):
			v.Postcode = clean(s, 12) // as it was typed; whoever shows it asks
			note("its postcode may be mistyped")
			return
		}
		if found := postcode.Find(s); len(found) == 1 && found[0].Kind == postcode.Full && !found[0].Corrected {
			v.Postcode = found[0].Text
			return
		}
		note("its postcode cannot be read, so it is left out")
	}
	var full []string
	for _, f := range postcode.Find(address) {
		if f.Kind == postcode.Full && !f.Corrected && !slices.Contains(full, f.Text) {
			full = append(full, f.Text)
		}
	}
	if len(full) == 1 {
		v.Postcode = full[0]
	}
}

// cost reads what it costs, from one cell or several.
func (r *reading) cost(a *handrail.Activity, c cellsOf) {
	var words []string
	for _, i := range c.at[FieldCost] {
		s := c.cell(i)
		if s == "" && i < len(c.cells) && readsFree(c.cells[i]) {
			s = c.cells[i] // "nil" is an answer here
		}
		if s == "" || strings.Contains(s, "://") {
			continue
		}
		one := readCost(s)
		if one.Known && (!a.Cost.Known || one.Pence > a.Cost.Pence) {
			a.Cost.Known, a.Cost.Pence = true, one.Pence
		}
		if one.Text != "" && !slices.Contains(words, one.Text) {
			words = append(words, one.Text)
		}
	}
	a.Cost.Text = clean(strings.Join(words, "; "), 300)
	switch free := c.says(FieldFree); {
	case free == handrail.Yes && !a.Cost.Known && poundAmount.FindString(a.Cost.Text) == "":
		a.Cost.Known, a.Cost.Pence = true, 0
	case free == handrail.Yes && a.Cost.Pence > 0, free == handrail.No && a.Cost.Free():
		a.Cost.Known, a.Cost.Pence = false, 0 // it says both
	}
}

// people reads for whom it is.
func (r *reading) people(a *handrail.Activity, c cellsOf, note func(string)) {
	words := func(label, s string) {
		if s = plainLine(s, 300); s != "" {
			a.Description = strings.TrimSpace(a.Description + "\n" + label + ": " + s)
		}
	}
	if s := c.text(FieldAges); s != "" {
		low, high, ok := readAges(s)
		if ok {
			a.MinAge, a.MaxAge = low, high
		} else {
			words("Ages", s)
		}
	}
	for _, limit := range []struct {
		field Field
		into  *int
	}{{FieldMinAge, &a.MinAge}, {FieldMaxAge, &a.MaxAge}} {
		if s := c.text(limit.field); s != "" {
			age, ok := readAge(s)
			switch {
			case !ok || limit.field == FieldMinAge && age > 110:
				note("an age of it cannot be read, so it is left out")
			case limit.field == FieldMaxAge && age >= 100:
			default:
				*limit.into = age
			}
		}
	}
	if a.MaxAge != 0 && a.MaxAge < a.MinAge {
		a.MinAge, a.MaxAge = 0, 0
		note("its lowest age is above its highest, so both are left out")
	}
	for _, s := range c.all(FieldFor) {
		switch strings.ToLower(strings.Trim(plainLine(s, 60), " .")) {
		case "women", "woman", "women only", "female", "females", "f", "ladies", "ladies only", "female only":
			a.For = handrail.SexWomen
		case "men", "man", "men only", "male", "males", "m", "male only", "gents", "gentlemen":
			a.For = handrail.SexMen
		case "all", "any", "anyone", "everyone", "both", "mixed", "men and women", "women and men", "male and female", "m/f", "open to all", "all welcome":
		default:
			if low, high, ok := readAges(s); ok && a.MinAge == 0 && a.MaxAge == 0 {
				a.MinAge, a.MaxAge = low, high
				continue
			}
			words("For", s)
		}
	}
	if a.For == handrail.SexAny {
		// A short line is an item of a list: that a pool has a women-only hour does not make it a women's group.
		prose := handrail.Activity{Name: a.Name}
		for line := range strings.SplitSeq(a.Description, "\n") {
			if len(strings.Fields(line)) >= 6 {
				prose.Description += line + "\n"
			}
		}
		a.For = forWhom(prose, service{})
	}
}

// access reads what the row says of getting in.
func (r *reading) access(a *handrail.Activity, c cellsOf) {
	var words []string
	answer := func(f Field, label string) (handrail.Tri, bool) {
		s := plainLine(c.text(f), 300)
		if s == "" {
			return 0, false
		}
		if said := ticked(s); said != handrail.NotSaid {
			return said, true
		}
		words = append(words, label+": "+s)
		switch strings.ToLower(strings.Trim(s, " .")) {
		case "full", "fully", "full access", "fully accessible", "accessible", "level access", "yes, fully", "good", "ramp", "ramped", "available":
			return handrail.Yes, true
		case "not accessible", "none", "inaccessible":
			return handrail.No, true
		}
		return 0, false
	}
	stepFree, said := answer(FieldStepFree, "Step-free access")
	toilet, saidToilet := answer(FieldToilet, "Accessible toilet")
	parking, saidParking := answer(FieldParking, "Parking")
	for _, s := range c.all(FieldAccess) {
		words = append(words, plainLine(s, 500))
	}
	a.Access = accessOf(*a, clean(strings.Join(words, ". "), 1000))
	if said {
		a.Access.StepFree = stepFree
	}
	if saidToilet {
		a.Access.Toilet = toilet
	}
	if saidParking {
		a.Access.Parking = parking
	}
}

// status reads whether it runs. What cannot be read is taken as not running, since better nobody is sent there.
func (r *reading) status(a *handrail.Activity, c cellsOf, note func(string)) handrail.ActivityStatus {
	status := handrail.ActivityActive
	if s := strings.ToLower(strings.Trim(plainLine(c.text(FieldStatus), 60), " .")); s != "" {
		switch s {
		case "open", "live", "running", "current", "yes", "y", "true", "1", "up and running", "ongoing", "published":
		case "closed", "ended", "ceased", "finished", "no", "n", "false", "0", "closed permanently", "permanently closed", "discontinued", "stopped":
			status = handrail.ActivityDefunct
		case "suspended", "on hold", "temporarily suspended", "closed temporarily", "not currently running":
			status = handrail.ActivityPaused
		default:
			var reason string
			status, reason = statusOf(s)
			note(reason)
		}
	}
	if s := c.text(FieldClosed); s != "" && status == handrail.ActivityActive {
		line := plainLine(s, 300)
		switch {
		case ticked(line) == handrail.No:
		case strings.Contains(strings.ToLower(strings.Join(c.headingsOf(FieldClosed), " ")), "temporar"), len(line) > 30:
			status = handrail.ActivityPaused
			if ticked(line) == handrail.NotSaid {
				a.Description = plain(line+"\n"+a.Description, 8000)
				note("it says that it is closed for now, so it is taken as paused")
			}
		default:
			status = handrail.ActivityDefunct
		}
	}
	if c.says(FieldListed) == handrail.No && status == handrail.ActivityActive {
		status = handrail.ActivityInactive
		note("it is not to be listed, so it is taken as inactive")
	}
	return status
}

func (c cellsOf) headingsOf(f Field) []string {
	var out []string
	for _, i := range c.at[f] {
		if i < len(c.headings) {
			out = append(out, c.headings[i])
		}
	}
	return out
}
