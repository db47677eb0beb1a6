package sources

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// opportunity is what OpenActive calls whatever one can take part in: a series of sessions, one session, a course. Old
// feeds write type and id, new ones @type and @id.
type opportunity struct {
	Types       scalars             `json:"@type"`
	OldTypes    scalars             `json:"type"`
	AtID        text                `json:"@id"`
	ID          text                `json:"id"`
	Identifier  text                `json:"identifier"`
	URL         text                `json:"url"`
	Name        text                `json:"name"`
	Description text                `json:"description"`
	Activity    many[concept]       `json:"activity"`
	Category    many[concept]       `json:"category"`
	Organiser   one[party]          `json:"organizer"` //nolint:misspell // OpenActive's spelling
	Location    one[place]          `json:"location"`
	Super       json.RawMessage     `json:"superEvent"`
	Sub         many[opportunity]   `json:"subEvent"`
	Schedules   many[eventSchedule] `json:"eventSchedule"`
	Start       text                `json:"startDate"`
	End         text                `json:"endDate"`
	Duration    text                `json:"duration"`
	Status      text                `json:"eventStatus"`
	Mode        text                `json:"eventAttendanceMode"`
	Ages        statedAges          `json:"ageRange"`
	Gender      scalars             `json:"genderRestriction"`
	Free        boolean             `json:"isAccessibleForFree"`
	Offers      many[offer]         `json:"offers"`
	Capacity    number              `json:"maximumAttendeeCapacity"`
	Left        number              `json:"remainingAttendeeCapacity"`
	Support     many[concept]       `json:"accessibilitySupport"`
	AccessWords text                `json:"accessibilityInformation"`
	Bring       text                `json:"attendeeInstructions"`
	MeetAt      text                `json:"meetingPoint"`
}

// concept is a term of a list, or only its name.
type concept struct{ name text }

// UnmarshalJSON takes {"prefLabel": "Yoga"} or "Yoga".
func (c *concept) UnmarshalJSON(raw []byte) error {
	var term struct {
		Label text `json:"prefLabel"`
		Name  text `json:"name"`
	}
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &term); err != nil {
			return err
		}
		if c.name = term.Label; c.name == "" {
			c.name = term.Name
		}
		return nil
	}
	return c.name.UnmarshalJSON(raw)
}

type party struct {
	AtID      text `json:"@id"`
	ID        text `json:"id"`
	Name      text `json:"name"`
	URL       text `json:"url"`
	Email     text `json:"email"`
	Telephone text `json:"telephone"`
}

type place struct {
	Name      text          `json:"name"`
	Telephone text          `json:"telephone"`
	URL       text          `json:"url"`
	Address   postal        `json:"address"`
	Features  many[amenity] `json:"amenityFeature"`
	Geo       one[struct {
		Latitude  number `json:"latitude"`
		Longitude number `json:"longitude"`
	}] `json:"geo"`
}

type amenity struct {
	Name  text    `json:"name"`
	Value boolean `json:"value"`
}

// postal is an address, or one line of text.
type postal struct{ street, town, postcode text }

// UnmarshalJSON takes either.
func (p *postal) UnmarshalJSON(raw []byte) error {
	*p = postal{}
	if len(raw) == 0 || raw[0] != '{' {
		return p.street.UnmarshalJSON(raw)
	}
	var wire struct {
		Street   text `json:"streetAddress"`
		Locality text `json:"addressLocality"`
		Region   text `json:"addressRegion"`
		Postcode text `json:"postalCode"`
	}
	if err := json.Unmarshal(raw, &wire); err != nil {
		return err
	}
	*p = postal{wire.Street, wire.Locality, wire.Postcode}
	if p.town == "" {
		p.town = wire.Region
	}
	return nil
}

// statedAges remembers whether it was there at all: where there is none, adults only are meant.
type statedAges struct {
	said      bool
	low, high number
}

// UnmarshalJSON takes a QuantitativeValue.
func (a *statedAges) UnmarshalJSON(raw []byte) error {
	var wire struct {
		Low  number `json:"minValue"`
		High number `json:"maxValue"`
	}
	*a = statedAges{}
	if len(raw) > 0 && raw[0] == '{' && json.Unmarshal(raw, &wire) == nil {
		*a = statedAges{said: true, low: wire.Low, high: wire.High}
	}
	return nil
}

type offer struct {
	Name     text   `json:"name"`
	Price    number `json:"price"`
	Currency text   `json:"priceCurrency"`
}

type eventSchedule struct {
	Start      text    `json:"startDate"`
	End        text    `json:"endDate"`
	StartTime  text    `json:"startTime"`
	EndTime    text    `json:"endTime"`
	Duration   text    `json:"duration"`
	Repeat     text    `json:"repeatFrequency"`
	Count      number  `json:"repeatCount"`
	ByDay      scalars `json:"byDay"`
	ByMonth    scalars `json:"byMonth"`
	ByMonthDay joined  `json:"byMonthDay"`
	Except     scalars `json:"exceptDate"`
	Zone       text    `json:"scheduleTimezone"`
	BetaZone   text    `json:"beta:timeZone"`
}

// lasts reports whether an opportunity is of a kind whose start and end are those of all its meetings together.
func (o opportunity) lasts(kind string) bool {
	is := strings.ToLower(strings.Join(append(append([]string{kind}, stringsOf(o.Types)...), stringsOf(o.OldTypes)...), " "))
	return anyIn(is, "series", "course", "headline")
}

// role is what an opportunity is here.
type role int

const (
	roleSeries  role = iota // a listing
	roleSession             // one meeting of a listing
	roleHire                // a pitch or a court: not a group
	roleRecorded
)

func (o opportunity) role(kind string) role {
	is := strings.ToLower(strings.Join(append(append([]string{kind}, stringsOf(o.Types)...), stringsOf(o.OldTypes)...), " "))
	switch {
	case strings.Contains(is, "facilityuse"), strings.Contains(is, "slot"):
		return roleHire
	case strings.Contains(is, "ondemand"):
		return roleRecorded
	case o.Start != "" && hasSuper(o.Super) && !strings.Contains(is, "series") && !strings.Contains(strings.ReplaceAll(is, "courseinstancesubevent", ""), "courseinstance"):
		return roleSession
	case strings.Contains(is, "sessionseries.scheduledsession"), strings.Contains(is, "scheduledsession") && !strings.Contains(is, "series"):
		return roleSession
	}
	return roleSeries
}

func hasSuper(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

func stringsOf(s scalars) []string {
	out := make([]string, len(s))
	for i, t := range s {
		out[i] = string(t)
	}
	return out
}

// names are what others may call an opportunity by.
func (o opportunity) names() (list []string) {
	for _, t := range []text{o.AtID, o.ID, o.Identifier} {
		if s := reference(string(t)); s != "" {
			list = append(list, s)
		}
	}
	if len(list) == 0 && o.URL != "" { // a web page is often that of all series together
		list = append(list, reference(string(o.URL)))
	}
	return list
}

// reference is an id or address as it can be compared.
func reference(s string) string {
	s = strings.TrimSuffix(clean(s, 300), "/")
	return strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
}

// superOf is the reference to a super-event, and the super-event itself where it is written out.
func superOf(raw json.RawMessage) (ref string, whole *opportunity) {
	if len(raw) == 0 {
		return "", nil
	}
	if raw[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
			return "", nil
		}
		raw = list[0]
	}
	if raw[0] != '{' {
		var t text
		if json.Unmarshal(raw, &t) != nil {
			return "", nil
		}
		return reference(string(t)), nil
	}
	var super opportunity
	if json.Unmarshal(raw, &super) != nil {
		return "", nil
	}
	if names := super.names(); len(names) > 0 {
		ref = names[0]
	}
	if super.Name == "" && len(super.Activity) == 0 {
		return ref, nil
	}
	return ref, &super
}

// under fills in what an opportunity leaves to its super-event.
func (o opportunity) under(p opportunity) opportunity {
	fill := func(mine *text, theirs text) {
		if *mine == "" {
			*mine = theirs
		}
	}
	for _, f := range [][2]*text{{&o.Name, &p.Name}, {&o.Description, &p.Description}, {&o.URL, &p.URL}, {&o.Status, &p.Status}, {&o.Mode, &p.Mode},
		{&o.AccessWords, &p.AccessWords}, {&o.Bring, &p.Bring}, {&o.MeetAt, &p.MeetAt}} {
		fill(f[0], *f[1])
	}
	o.Activity, o.Category = inherited(o.Activity, p.Activity), inherited(o.Category, p.Category)
	o.Offers, o.Support, o.Gender = inherited(o.Offers, p.Offers), inherited(o.Support, p.Support), inherited(o.Gender, p.Gender)
	if o.Organiser.v == (party{}) {
		o.Organiser = p.Organiser
	}
	if o.Location.v.Name == "" && o.Location.v.Address == (postal{}) && !o.Location.v.Geo.v.Latitude.ok {
		o.Location = p.Location
	}
	if !o.Ages.said {
		o.Ages = p.Ages
	}
	if !o.Free.said {
		o.Free = p.Free
	}
	return o
}

func inherited[L ~[]T, T any](mine, theirs L) L {
	if len(mine) == 0 {
		return theirs
	}
	return mine
}

// service is a series in Open Referral's shape, so that both formats are believed and doubted by the same rules.
func (o opportunity) service(id handrail.ActivityID) service {
	s := service{ID: text(id), Name: o.Name, Description: o.Description, URL: o.URL, Status: "active"}
	if s.Name == "" && len(o.Activity) > 0 {
		s.Name = o.Activity[0].name
	}
	switch status := strings.ToLower(string(o.Status)); {
	case strings.HasSuffix(status, "eventcancelled"):
		s.Status = "inactive"
	case strings.HasSuffix(status, "eventpostponed"):
		s.Status = "temporarily closed"
	}
	org := o.Organiser.v
	s.Organization.v = organization{ID: org.AtID, Name: org.Name, Email: org.Email, URL: org.URL, Phones: many[phone]{{Number: org.Telephone}, {Number: o.Location.v.Telephone}}}
	if org.AtID == "" {
		s.Organization.v.ID = org.ID
	}
	for _, c := range append(append(many[concept](nil), o.Activity...), o.Category...) {
		s.Attributes = append(s.Attributes, attribute{Term: one[taxonomyTerm]{taxonomyTerm{Name: c.name}}})
	}
	for _, g := range o.Gender {
		switch low := strings.ToLower(string(g)); {
		case strings.HasSuffix(low, "femaleonly"):
			s.Attributes = append(s.Attributes, attribute{Term: one[taxonomyTerm]{taxonomyTerm{URI: "Gender_Female"}}})
		case strings.HasSuffix(low, "maleonly"):
			s.Attributes = append(s.Attributes, attribute{Term: one[taxonomyTerm]{taxonomyTerm{URI: "Gender_Male"}}})
		}
	}
	s.MinimumAge, s.MaximumAge = o.Ages.low, o.Ages.high
	if !o.Ages.said {
		s.MinimumAge = number{18, true}
	}
	for _, f := range o.Offers {
		s.CostOptions = append(s.CostOptions, costOption{Option: f.Name, Amount: f.Price, Currency: f.Currency})
	}
	if len(s.CostOptions) == 0 && o.Free.yes {
		s.CostOptions = many[costOption]{{Amount: number{0, true}}}
	}
	if at, ok := o.at(); ok {
		s.Locations = many[atLocation]{at}
	}
	if o.MeetAt != "" {
		s.Attending = "Meeting point: " + plainLine(string(o.MeetAt), 300)
	}
	if o.Bring != "" {
		s.Attending = strings.TrimSpace(s.Attending + "\n" + plainLine(string(o.Bring), 600))
	}
	for _, e := range o.Schedules {
		s.Schedules = append(s.Schedules, e.schedule())
	}
	return s
}

var coordinates = regexp.MustCompile(`^-?[0-9]+\.[0-9]+\s*,\s*-?[0-9]+\.[0-9]+$`)

// at is where an opportunity takes place; false when one takes part from home.
func (o opportunity) at() (at atLocation, ok bool) {
	p := o.Location.v
	if strings.HasSuffix(strings.ToLower(string(o.Mode)), "onlineeventattendancemode") {
		return at, false
	}
	if coordinates.MatchString(strings.TrimSpace(string(p.Name))) {
		p.Name = ""
	}
	l := location{Type: "physical", Name: p.Name, Latitude: p.Geo.v.Latitude, Longitude: p.Geo.v.Longitude,
		Addresses: many[address]{{Address1: p.Address.street, City: p.Address.town, PostalCode: p.Address.postcode}}}
	for _, c := range o.Support {
		l.Accessibility = append(l.Accessibility, accessibility{Description: c.name})
	}
	if o.AccessWords != "" {
		l.Accessibility = append(l.Accessibility, accessibility{Description: o.AccessWords})
	}
	for _, f := range p.Features {
		low := strings.ToLower(string(f.Name))
		switch {
		case !f.Value.yes:
		case strings.Contains(low, "park"):
			l.Accessibility = append(l.Accessibility, accessibility{Description: "Parking available"})
		case anyIn(low, "access", "ramp", "lift", "toilet", "step"):
			l.Accessibility = append(l.Accessibility, accessibility{Description: f.Name})
		}
	}
	return atLocation{Location: one[location]{l}}, true
}

var period = regexp.MustCompile(`^P(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:[0-9.]+S)?)?$`)

// schedule is the schedule in Open Referral's shape.
func (e eventSchedule) schedule() schedule {
	sc := schedule{ValidFrom: e.Start, Start: e.Start, ValidTo: e.End, Count: e.Count, ByMonthDay: e.ByMonthDay, OpensAt: e.StartTime, ClosesAt: e.EndTime, Timezone: e.Zone}
	if sc.Timezone == "" {
		sc.Timezone = e.BetaZone
	}
	var days []string
	for _, d := range e.ByDay {
		name := string(d)
		if cut := strings.LastIndexByte(name, '/'); cut >= 0 {
			name = name[cut+1:]
		}
		days = append(days, name)
	}
	sc.ByDay = joined(strings.Join(days, ","))
	sc.Freq, sc.Interval = frequency(string(e.Repeat))
	if len(e.ByMonth) > 0 && len(e.ByMonth) < 12 {
		sc.Freq = "yearly"
	}
	if sc.ClosesAt == "" {
		start, ok := clockTime(string(e.StartTime))
		if minutes := minutesOf(string(e.Duration)); ok && minutes > 0 && int(start)+minutes < 24*60 {
			sc.ClosesAt = text((start + handrail.Clock(minutes)).String())
		}
	}
	for _, d := range e.Except[:min(len(e.Except), 200)] {
		if on := localDate(string(d)); !on.IsZero() {
			sc.Except = append(sc.Except, on)
		}
	}
	return sc
}

// frequency reads "P1W", "P14D", "P1M" as a frequency and an interval.
func frequency(repeat string) (freq text, every number) {
	m := period.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(repeat)))
	if repeat == "" {
		return "", number{}
	}
	if m == nil {
		return "unknown", number{}
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
	years, months, weeks, days := n(1), n(2), n(3), n(4)
	switch {
	case years == 0 && months > 0 && weeks == 0 && days == 0:
		return "monthly", number{float64(months), true}
	case years == 0 && months == 0 && weeks > 0 && days == 0:
		return "weekly", number{float64(weeks), true}
	case years == 0 && months == 0 && weeks == 0 && days > 0 && days%7 == 0:
		return "weekly", number{float64(days / 7), true}
	case years == 0 && months == 0 && weeks == 0 && days == 1:
		return "daily", number{}
	}
	return "yearly", number{}
}

// minutesOf is the length of "PT1H30M", 0 when it cannot be read.
func minutesOf(duration string) int {
	m := period.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(duration)))
	if m == nil || m[1] != "" || m[2] != "" || m[3] != "" {
		return 0
	}
	days, _ := strconv.Atoi(m[4])
	hours, _ := strconv.Atoi(m[5])
	minutes, _ := strconv.Atoi(m[6])
	return days*24*60 + hours*60 + minutes
}

// wall is a session's time as the clocks here show it. One without a zone is taken at its word.
func wall(s string, home *time.Location) (on handrail.Date, at handrail.Clock, ok bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1990 && t.Year() < 2100 {
			t = t.In(home)
			return handrail.DateOf(t, home), handrail.At(t.Hour(), t.Minute()), true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1990 && t.Year() < 2100 {
			return handrail.DateOf(t, time.UTC), handrail.At(t.Hour(), t.Minute()), true
		}
	}
	return "", 0, false
}
