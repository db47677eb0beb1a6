package publish

import (
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"handrail"
)

// The records of HSDS-UK 3.0, with the fields that a listing can fill. There are others; assurer_email is a named
// person's and is never written. Beyond the profile but within HSDS are phones and the names of languages.
type service struct {
	ID             string        `json:"id"`
	Name           string        `json:"name"`
	Description    string        `json:"description,omitempty"`
	URL            string        `json:"url,omitempty"`
	Email          string        `json:"email,omitempty"`
	Status         string        `json:"status"`
	Fees           string        `json:"fees,omitempty"`
	Accreditations string        `json:"accreditations,omitempty"`
	MinimumAge     int           `json:"minimum_age,omitempty"`
	MaximumAge     int           `json:"maximum_age,omitempty"`
	AssuredDate    string        `json:"assured_date,omitempty"`
	Alert          string        `json:"alert,omitempty"`
	LastModified   string        `json:"last_modified,omitempty"`
	Organization   *organization `json:"organization,omitempty"`
	Schedules      []schedule    `json:"schedules,omitempty"`
	Locations      []atLocation  `json:"service_at_locations,omitempty"`
	Languages      []language    `json:"languages,omitempty"`
	CostOptions    []costOption  `json:"cost_options,omitempty"`
	Contacts       []contact     `json:"contacts,omitempty"`
	Attributes     []attribute   `json:"attributes,omitempty"`
}

// minimal is what minimal=true gives of a service.
type minimal struct {
	ID       string `json:"id"`
	Modified string `json:"modified_date,omitempty"`
}

type organization struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Website     string `json:"website,omitempty"`
}

type atLocation struct {
	ID       string    `json:"id"`
	Location *location `json:"location,omitempty"`
	Service  *service  `json:"service,omitempty"`
}

type location struct {
	ID            string          `json:"id"`
	Type          string          `json:"location_type"`
	Name          string          `json:"name,omitempty"`
	Latitude      *float64        `json:"latitude,omitempty"`
	Longitude     *float64        `json:"longitude,omitempty"`
	Addresses     []address       `json:"addresses,omitempty"`
	Accessibility []accessibility `json:"accessibility,omitempty"`
}

// address has, as the schema demands, all its fields; one that nobody knows is empty. Listings have no county: the town
// stands in for it, since a county for all would be wrong for those beyond its border.
type address struct {
	ID         string `json:"id"`
	Address1   string `json:"address_1"`
	City       string `json:"city"`
	Province   string `json:"state_province"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
	Type       string `json:"address_type"`
}

type accessibility struct {
	ID          string `json:"id"`
	Description string `json:"description,omitempty"`
	Details     string `json:"details,omitempty"`
}

type language struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type costOption struct {
	ID       string  `json:"id"`
	Option   string  `json:"option,omitempty"`
	Amount   float64 `json:"amount"` // pounds; 0 is free
	Currency string  `json:"currency"`
}

type contact struct {
	ID     string  `json:"id"`
	Phones []phone `json:"phones"`
}

type phone struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

// shallow is an entry as lists give it: what there is one of.
func (e *edition) shallow(en *entry) *service {
	id := en.id.String()
	if en.isGone() {
		return &service{ID: id, Name: nameGone, Status: string(handrail.ActivityDefunct), LastModified: stamp(en.gone)}
	}
	a := en.a
	s := &service{
		ID: id, Name: a.Name, Description: a.Description, URL: webURL(a.Organiser.Website), Email: email(a.Organiser.Email),
		Status: status(a), Fees: a.Cost.Text, MinimumAge: max(a.MinAge, 0), MaximumAge: max(a.MaxAge, 0),
		Alert: alert(a, e.today), LastModified: stamp(modified(a)), Organization: organizationOf(a),
	}
	if f, ok := a.Fact(handrail.FactAccreditation); ok {
		s.Accreditations = f.Value
	}
	if at, _ := a.LastChecked(); at != nil {
		s.AssuredDate = string(handrail.DateOf(*at, e.zone))
	}
	return s
}

// full is an entry with all there is of it.
func (e *edition) full(en *entry) *service {
	s := e.shallow(en)
	if en.isGone() {
		return s
	}
	a := en.a
	s.Schedules = schedulesOf(a, s.ID)
	if placed(a) {
		s.Locations = []atLocation{{ID: placeID(en.id).String(), Location: e.place(a, true)}}
	}
	for _, name := range a.Languages {
		s.Languages = append(s.Languages, language{ID: derived("language", s.ID, name).String(), Name: name})
	}
	if a.Cost.Known && a.Cost.Pence >= 0 {
		c := costOption{ID: derived("cost_option", s.ID).String(), Amount: float64(a.Cost.Pence) / 100, Currency: "GBP"}
		if len(a.Cost.Text) <= 100 { // a longer one stands in fees alone
			c.Option = a.Cost.Text
		}
		s.CostOptions = []costOption{c}
	}
	if a.Organiser.Phone != "" {
		s.Contacts = []contact{{ID: derived("contact", s.ID).String(),
			Phones: []phone{{ID: derived("phone", s.ID).String(), Number: a.Organiser.Phone}}}}
	}
	s.Attributes = e.attributes(a, s.ID)
	return s
}

// located is the entry at its place, shallow or full.
func (e *edition) located(en *entry, nested bool) *atLocation {
	at := &atLocation{ID: placeID(en.id).String()}
	if !en.isGone() {
		at.Location = e.place(en.a, nested)
	}
	if !nested {
		at.Service = e.shallow(en)
		return at
	}
	at.Service = e.full(en)
	at.Service.Locations = nil // it is the one around it
	return at
}

// placed reports whether somebody can be sent to where a listing is.
func placed(a *handrail.Activity) bool { return a.Venue != (handrail.Venue{}) }

// placeID is the id of a service at its location. A listing has one.
func placeID(service uuid) uuid { return derived("service_at_location", service.String()) }

// place is where a listing is. Listings with the same venue, said alike, share its id.
func (e *edition) place(a *handrail.Activity, nested bool) *location {
	v := a.Venue
	details := accessWords(a.Access)
	key := []string{v.Name, v.Street, v.Town, v.Postcode, a.Access.Text, details}
	at := v.At
	if at != nil && (math.IsNaN(at.Lat) || math.IsNaN(at.Lon) || math.Abs(at.Lat) > 90 || math.Abs(at.Lon) > 180) {
		at = nil
	}
	if at != nil {
		key = append(key, fmt.Sprintf("%.6f,%.6f", at.Lat, at.Lon))
	}
	id := derived("location", key...).String()
	l := &location{ID: id, Type: "physical", Name: v.Name}
	if at != nil {
		l.Latitude, l.Longitude = &at.Lat, &at.Lon
	}
	if !nested {
		return l
	}
	if v.Street != "" || v.Town != "" || v.Postcode != "" {
		ad := address{ID: derived("address", id).String(), Address1: v.Street, City: v.Town, Province: v.Town, PostalCode: v.Postcode,
			Country: "GB", Type: "physical"} // ISO 3166-1: Northern Ireland too
		if ad.Address1 == "" {
			ad.Address1 = v.Name
		}
		l.Addresses = []address{ad}
	}
	if a.Access.Text != "" || details != "" {
		l.Accessibility = []accessibility{{ID: derived("accessibility", id).String(), Description: strings.TrimRight(a.Access.Text, " ."), Details: details}}
	}
	return l
}

// accessWords says what is known of getting in, unless the listing's own words say so.
func accessWords(a handrail.Access) string {
	own := strings.ToLower(a.Text)
	said := func(any ...string) bool {
		for _, w := range any {
			if strings.Contains(own, w) {
				return true
			}
		}
		return false
	}
	var out []string
	add := func(t handrail.Tri, yes, no string, known ...string) {
		switch {
		case t == handrail.Yes && !said(append(known, strings.ToLower(yes[:len(yes)-1]))...):
			out = append(out, yes)
		case t == handrail.No && !said("not "+strings.ToLower(yes[:9]), strings.ToLower(no[:len(no)-1])):
			out = append(out, no)
		}
	}
	add(a.StepFree, accessStepFree, accessNoStepFree, "step-free", "step free", "level access", "ramp", "wheelchair")
	add(a.Toilet, accessToilet, accessNoToilet, "toilet", "wc", "loo", "changing place")
	add(a.Parking, accessParking, accessNoParking, "park")
	return strings.Join(out, " ")
}

// organizationOf is who runs a listing. The specification wants a description; ours have none but the name.
func organizationOf(a *handrail.Activity) *organization {
	o := a.Organiser
	if o.Name == "" {
		return nil
	}
	return &organization{ID: organizationID(a).String(), Name: o.Name, Description: o.Name, Website: webURL(o.Website)}
}

func organizationID(a *handrail.Activity) uuid {
	if a.Organiser.ID == "" {
		return derived("organization by name", a.Source, a.Organiser.Name)
	}
	return idOf("organization", string(a.Organiser.ID))
}

// status is one of the four that the specification has. A listing that somebody paused here is as open as it was: those
// who go may go on, and the alert says the rest.
func status(a *handrail.Activity) string {
	switch a.Status {
	case handrail.ActivityActive, handrail.ActivityInactive, handrail.ActivityDefunct, handrail.ActivityPaused:
		return string(a.Status)
	case "":
		return string(handrail.ActivityActive)
	default: // better that nobody is sent there
		return string(handrail.ActivityInactive)
	}
}

// alert is what somebody should know before they go: that it takes no new people, and the days that are called off. An
// organiser's reason for one may name somebody and stays here.
func alert(a *handrail.Activity, today handrail.Date) string {
	var out []string
	if a.Standing.Paused {
		out = append(out, alertPaused)
	}
	for _, c := range a.Standing.Cancelled {
		if c.On >= today && !c.On.IsZero() {
			out = append(out, fmt.Sprintf(alertOff, longDate(c.On)))
		}
	}
	return strings.Join(out, " ")
}

func longDate(d handrail.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return t.Format("Monday 2 January 2006")
}

// modified is when a listing last changed, at its publisher or here; zero when nobody knows.
func modified(a *handrail.Activity) time.Time {
	t := a.Standing.ModifiedAt
	if a.UpdatedAt != nil && a.UpdatedAt.After(t) {
		t = *a.UpdatedAt
	}
	return t
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// webURL is a web address as an absolute URI, and empty for anything else.
func webURL(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

// email is an address that is one, and empty for anything else.
func email(s string) string {
	if m, err := mail.ParseAddress(s); err != nil || m.Address != s || m.Name != "" {
		return ""
	}
	return s
}
