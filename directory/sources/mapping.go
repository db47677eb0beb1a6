package sources

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"handrail"
)

// Field is something that a column of a table may hold. Its value is its key in a saved Mapping and never changes.
type Field string

// The fields. A field that takes several columns joins their cells in the order of the mapping.
const (
	FieldID          Field = "id"
	FieldBelongsTo   Field = "belongs_to" // the id of another row, of which this one is a continuation
	FieldName        Field = "name"       // the only one that must be there
	FieldDescription Field = "description"
	FieldOrganiser   Field = "organiser"

	FieldVenue       Field = "venue"
	FieldAddress     Field = "address" // a whole address in one cell
	FieldStreet      Field = "street"
	FieldTown        Field = "town"
	FieldPostcode    Field = "postcode"
	FieldLatitude    Field = "latitude"
	FieldLongitude   Field = "longitude"
	FieldPosition    Field = "position"     // "55.9771,-3.3001"
	FieldVenuePublic Field = "venue_public" // "no" hides the street and the position
	FieldVenueHidden Field = "venue_hidden" // "yes" does

	FieldWeekday   Field = "weekday" // "Tuesday", "Mon & Wed"
	FieldMonday    Field = "monday"  // a tick, or that day's hours; and so on to Sunday
	FieldTuesday   Field = "tuesday"
	FieldWednesday Field = "wednesday"
	FieldThursday  Field = "thursday"
	FieldFriday    Field = "friday"
	FieldSaturday  Field = "saturday"
	FieldSunday    Field = "sunday"
	FieldStart     Field = "start" // a time of day, or "10 - 12"
	FieldEnd       Field = "end"
	FieldDuration  Field = "duration"  // minutes, or "1.5 hours"
	FieldFrequency Field = "frequency" // "weekly"; anything else is kept as words
	FieldFirstDate Field = "first_date"
	FieldLastDate  Field = "last_date"
	FieldDate      Field = "date" // it happens once, on that day
	FieldWhen      Field = "when" // free words

	FieldCost     Field = "cost"
	FieldFree     Field = "free" // yes or no
	FieldAges     Field = "ages" // "50+", "16 to 25"
	FieldMinAge   Field = "min_age"
	FieldMaxAge   Field = "max_age"
	FieldFor      Field = "for" // whom it is for, in words; "women" and "men" are understood
	FieldStepFree Field = "step_free"
	FieldToilet   Field = "toilet"
	FieldParking  Field = "parking"
	FieldAccess   Field = "access" // words about getting in

	FieldLanguages     Field = "languages"
	FieldTopics        Field = "topics"
	FieldPhone         Field = "phone"
	FieldEmail         Field = "email"
	FieldWebsite       Field = "website"
	FieldContactPublic Field = "contact_public" // "no" leaves the telephone number and the e-mail address out

	FieldChecked Field = "checked" // when the publisher last checked the listing
	FieldUpdated Field = "updated"
	FieldStatus  Field = "status"
	FieldClosed  Field = "closed" // yes, a year or a date: it has closed; words: it is closed for now
	FieldListed  Field = "listed" // "no": not to be shown
)

// fieldInfo is what a person is told a field is, and whether it takes several columns.
type fieldInfo struct {
	field Field
	words string
	many  bool
}

// fieldInfos lists all fields in the order in which a person reads them.
func fieldInfos() []fieldInfo {
	return []fieldInfo{
		{FieldName, "the name of the group", false},
		{FieldDescription, "the description", true},
		{FieldOrganiser, "the organiser", false},
		{FieldVenue, "the name of the place", false},
		{FieldAddress, "the address", false},
		{FieldStreet, "the street", true},
		{FieldTown, "the town", false},
		{FieldPostcode, "the postcode", false},
		{FieldLatitude, "the latitude", false},
		{FieldLongitude, "the longitude", false},
		{FieldPosition, "the position on the map", false},
		{FieldVenuePublic, "whether the place may be shown", true},
		{FieldVenueHidden, "whether the exact address is hidden", true},
		{FieldWeekday, "the day of the week", false},
		{FieldMonday, "Mondays", false},
		{FieldTuesday, "Tuesdays", false},
		{FieldWednesday, "Wednesdays", false},
		{FieldThursday, "Thursdays", false},
		{FieldFriday, "Fridays", false},
		{FieldSaturday, "Saturdays", false},
		{FieldSunday, "Sundays", false},
		{FieldStart, "the time it begins", false},
		{FieldEnd, "the time it ends", false},
		{FieldDuration, "how long it takes", false},
		{FieldFrequency, "how often it meets", false},
		{FieldFirstDate, "the first date", false},
		{FieldLastDate, "the last date", false},
		{FieldDate, "the one date on which it happens", false},
		{FieldWhen, "the days and times in words", true},
		{FieldCost, "the cost", true},
		{FieldFree, "whether it is free", false},
		{FieldAges, "the ages it is for", false},
		{FieldMinAge, "the lowest age", false},
		{FieldMaxAge, "the highest age", false},
		{FieldFor, "whom it is for", true},
		{FieldStepFree, "whether it is step-free", false},
		{FieldToilet, "whether there is an accessible toilet", false},
		{FieldParking, "whether there is parking", false},
		{FieldAccess, "words about getting in", true},
		{FieldLanguages, "the languages spoken", true},
		{FieldTopics, "the subjects", true},
		{FieldPhone, "the telephone number", true},
		{FieldEmail, "the e-mail address", true},
		{FieldWebsite, "the website", true},
		{FieldContactPublic, "whether the contact may be shown", true},
		{FieldChecked, "when it was last checked", false},
		{FieldUpdated, "when it was last changed", false},
		{FieldStatus, "whether it runs", false},
		{FieldClosed, "whether it has closed", false},
		{FieldListed, "whether it may be listed", true},
		{FieldID, "the id", false},
		{FieldBelongsTo, "the row that it belongs to", false},
	}
}

// Words is what a person is told that the field is: "the name of the group". It is empty for what is no field.
func (f Field) Words() string {
	for _, info := range fieldInfos() {
		if info.field == f {
			return info.words
		}
	}
	return ""
}

// Fields lists every field in the order in which a person would read them.
func Fields() []Field {
	var all []Field
	for _, info := range fieldInfos() {
		all = append(all, info.field)
	}
	return all
}

// Mapping says which columns of a table hold what. It goes by the headings, so that a saved one still holds when columns
// are moved or added. The zero Mapping says nothing: readers then guess.
//
// As JSON (JSON, ParseMapping) or TOML it reads
//
//	{"version": 1, "columns": {"name": ["Group Name"], "postcode": ["Post Code"]}, "confirmed": true}
type Mapping struct {
	Version int                `json:"version" toml:"version"`
	Columns map[Field][]string `json:"columns" toml:"columns"`
	// Doubts are fields of a guess that somebody must look at before the table is read.
	Doubts []Field `json:"doubts,omitempty" toml:"doubts,omitempty"`
	// Confirmed says that a person has looked at it.
	Confirmed bool `json:"confirmed" toml:"confirmed"`
}

// mappingVersion is the version of the saved form. A greater one is refused and not half understood.
const mappingVersion = 1

// The bounds of a saved mapping; it comes from a file that a person may have edited.
const (
	maxMapping = 256 << 10 // bytes
	maxHeading = 300       // characters
	maxColumns = 1000
)

// Confirm is the mapping after a person has said that it is right.
func (m Mapping) Confirm() Mapping {
	m.Doubts, m.Confirmed = nil, true
	return m
}

// With is the mapping with a field's columns set anew, or taken away where there are none. It is a person's correction, so
// there is no doubt about that field any more.
func (m Mapping) With(f Field, headings ...string) Mapping {
	columns := make(map[Field][]string, len(m.Columns)+1)
	for field, list := range m.Columns {
		columns[field] = list
	}
	if delete(columns, f); len(headings) > 0 {
		columns[f] = headings
	}
	m.Columns = columns
	m.Doubts = slices.DeleteFunc(slices.Clone(m.Doubts), func(d Field) bool { return d == f })
	return m
}

// IsZero reports whether the mapping says nothing.
func (m Mapping) IsZero() bool { return len(m.Columns) == 0 }

// JSON is the form in which a mapping is saved. The same mapping gives the same bytes.
func (m Mapping) JSON() ([]byte, error) {
	m.Version = mappingVersion
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write a mapping: %w", err)
	}
	return append(raw, '\n'), nil
}

// ParseMapping reads a saved mapping. Unknown keys and fields are errors with a sentence for a person, since a misspelt
// "postcod" would otherwise lose a column in silence.
func ParseMapping(raw []byte) (Mapping, error) {
	if len(raw) > maxMapping {
		return Mapping{}, handrail.Errorf(handrail.KindInvalid, "That file is too large to be a column mapping.", "read a mapping: %d bytes", len(raw))
	}
	var m Mapping
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return Mapping{}, handrail.Errorf(handrail.KindInvalid, "That file is not a column mapping that I can read.", "read a mapping: %s", jsonReason(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Mapping{}, handrail.Errorf(handrail.KindInvalid, "That file is not a column mapping that I can read.", "read a mapping: there is more after it")
	}
	if err := m.check(); err != nil {
		return Mapping{}, err
	}
	return m, nil
}

// check says what is wrong with a mapping, whatever table it is for.
func (m Mapping) check() error {
	wrong := func(say string) error {
		return handrail.Errorf(handrail.KindInvalid, say, "check a mapping: it cannot be used")
	}
	if m.Version < 0 || m.Version > mappingVersion {
		return wrong("The column mapping was saved by a later version than this one.")
	}
	count := 0
	for f, headings := range m.Columns {
		info, known := infoOf(f)
		if !known {
			return wrong("The column mapping names something that I do not know: " + quote(string(f)) + ".")
		}
		if len(headings) == 0 || len(headings) > 1 && !info.many {
			return wrong("The column mapping must name exactly one column for " + info.words + ".")
		}
		for _, h := range headings {
			if count++; headingKey(h) == "" || !utf8.ValidString(h) || utf8.RuneCountInString(h) > maxHeading || count > maxColumns {
				return wrong("The column mapping names a column that cannot be one, for " + info.words + ".")
			}
		}
	}
	for _, f := range m.Doubts {
		if _, known := infoOf(f); !known {
			return wrong("The column mapping names something that I do not know: " + quote(string(f)) + ".")
		}
	}
	return nil
}

// ready says why a table cannot be read with the mapping, in a sentence for a person.
func (m Mapping) ready() error {
	if err := m.check(); err != nil {
		return err
	}
	names := m.Columns[FieldName]
	switch {
	case len(names) == 0:
		return handrail.Errorf(handrail.KindInvalid, "I cannot tell which column holds the name of the group. Please say which one it is.", "map a table: no column for the name")
	case !m.Confirmed && slices.Contains(m.Doubts, FieldName):
		return handrail.Errorf(handrail.KindInvalid,
			"I am not sure that the column "+quote(names[0])+" holds the name of the group. Please look at the columns and confirm them first.",
			"map a table: the column for the name is a doubtful guess")
	}
	return nil
}

func infoOf(f Field) (fieldInfo, bool) {
	for _, info := range fieldInfos() {
		if info.field == f {
			return info, true
		}
	}
	return fieldInfo{}, false
}

// quote puts a heading or a name into a sentence.
func quote(s string) string { return `"` + clean(s, 60) + `"` }

// headingKey is what two headings must share to be the same column: "Post  code:" and "post code" do.
func headingKey(h string) string {
	return strings.Trim(strings.ToLower(plainLine(h, maxHeading)), " :*.")
}

// columns says at which places of a row the fields are.
type columns map[Field][]int

// resolve finds the mapping's columns among the headings. missing are those that the table has not.
func (m Mapping) resolve(headings []string) (at columns, missing []string) {
	place := make(map[string]int, len(headings))
	for i, h := range uniqueHeadings(headings) {
		place[headingKey(h)] = i
	}
	at = columns{}
	for _, info := range fieldInfos() {
		for _, h := range m.Columns[info.field] {
			if i, ok := place[headingKey(h)]; ok {
				at[info.field] = append(at[info.field], i)
			} else {
				missing = append(missing, h)
			}
		}
	}
	return at, missing
}

// uniqueHeadings makes every column nameable: one without a heading is "Column C", a second "Email" is "Email (2)".
func uniqueHeadings(headings []string) []string {
	out := make([]string, len(headings))
	seen := map[string]int{}
	for i, h := range headings {
		if h = plainLine(h, maxHeading); headingKey(h) == "" {
			h = "Column " + columnName(i)
		}
		out[i] = h
		for n := 2; ; n++ {
			key := headingKey(out[i])
			if seen[key]++; seen[key] == 1 {
				break
			}
			out[i] = fmt.Sprintf("%s (%d)", h, n)
		}
	}
	return out
}

// columnName is the name that a spreadsheet gives to a column: A is 0, AA is 26.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}
