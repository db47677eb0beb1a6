package handrail

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// EditID names an edit.
type EditID string

// Edit is one field of a listing changed here, by staff or by the organiser. It stands on top of what the sources say,
// and survives their next copies, until it is undone or the field is edited again.
type Edit struct {
	ID       EditID
	Activity ActivityID
	At       time.Time
	By       Actor
	Field    EditField
	// Was and Became are the field's plain text before and after.
	Was      string
	Became   string
	UndoneAt *time.Time // nil while it was not undone
}

// EditField names what of a listing was edited. What belongs together is one field: an address is never half one
// source's and half another's.
type EditField string

// The fields of a listing that may be edited.
const (
	FieldName        EditField = "name"
	FieldDescription EditField = "description"
	FieldOrganiser   EditField = "organiser" // its id and name
	FieldPhone       EditField = "phone"
	FieldEmail       EditField = "email"
	FieldWebsite     EditField = "website"
	FieldVenueName   EditField = "venue name"
	FieldVenue       EditField = "address" // street, town, postcode and position
	FieldTimes       EditField = "times"   // and the listing's own words about them
	FieldCost        EditField = "cost"
	FieldAccess      EditField = "access"
	FieldAges        EditField = "ages"
	FieldFor         EditField = "for"
	FieldTopics      EditField = "topics"
	FieldLanguages   EditField = "languages"
	FieldSensitive   EditField = "sensitive"
	FieldStatus      EditField = "status"
	FieldFacts       EditField = "facts"
)

// EditFields returns all of them, in the order of a listing.
func EditFields() []EditField {
	return []EditField{FieldName, FieldDescription, FieldOrganiser, FieldPhone, FieldEmail, FieldWebsite, FieldVenueName, FieldVenue,
		FieldTimes, FieldCost, FieldAccess, FieldAges, FieldFor, FieldTopics, FieldLanguages, FieldSensitive, FieldStatus, FieldFacts}
}

// Copy sets the field of one listing to what it is in another. The two share nothing afterwards. A field that is none
// of EditFields does nothing.
func (f EditField) Copy(to *Activity, from Activity) {
	switch f {
	case FieldName:
		to.Name = from.Name
	case FieldDescription:
		to.Description = from.Description
	case FieldOrganiser:
		to.Organiser.ID, to.Organiser.Name = from.Organiser.ID, from.Organiser.Name
	case FieldPhone:
		to.Organiser.Phone = from.Organiser.Phone
	case FieldEmail:
		to.Organiser.Email = from.Organiser.Email
	case FieldWebsite:
		to.Organiser.Website = from.Organiser.Website
	case FieldVenueName:
		to.Venue.Name = from.Venue.Name
	case FieldVenue:
		name := to.Venue.Name
		to.Venue = from.Venue
		to.Venue.Name = name
		if from.Venue.At != nil {
			at := *from.Venue.At
			to.Venue.At = &at
		}
	case FieldTimes:
		to.Times, to.WhenText = slices.Clone(from.Times), from.WhenText
		for i := range to.Times {
			to.Times[i].Except, to.Times[i].Also = slices.Clone(to.Times[i].Except), slices.Clone(to.Times[i].Also)
		}
	case FieldCost:
		to.Cost = from.Cost
	case FieldAccess:
		to.Access = from.Access
	case FieldAges:
		to.MinAge, to.MaxAge = from.MinAge, from.MaxAge
	case FieldFor:
		to.For = from.For
	case FieldTopics:
		to.Topics = slices.Clone(from.Topics)
	case FieldLanguages:
		to.Languages = slices.Clone(from.Languages)
	case FieldSensitive:
		to.Sensitive = from.Sensitive
	case FieldStatus:
		to.Status = from.Status
	case FieldFacts:
		to.Facts = slices.Clone(from.Facts)
	}
}

// Same reports whether the field says the same in both listings.
func (f EditField) Same(a, b Activity) bool {
	switch f {
	case FieldName:
		return a.Name == b.Name
	case FieldDescription:
		return a.Description == b.Description
	case FieldOrganiser:
		return a.Organiser.ID == b.Organiser.ID && a.Organiser.Name == b.Organiser.Name
	case FieldPhone:
		return a.Organiser.Phone == b.Organiser.Phone
	case FieldEmail:
		return a.Organiser.Email == b.Organiser.Email
	case FieldWebsite:
		return a.Organiser.Website == b.Organiser.Website
	case FieldVenueName:
		return a.Venue.Name == b.Venue.Name
	case FieldVenue:
		return a.Venue.Address() == b.Venue.Address() && a.Venue.Street == b.Venue.Street && a.Venue.Town == b.Venue.Town && samePoint(a.Venue.At, b.Venue.At)
	case FieldTimes:
		return a.WhenText == b.WhenText && slices.EqualFunc(a.Times, b.Times, Recurrence.Equal)
	case FieldCost:
		return a.Cost == b.Cost
	case FieldAccess:
		return a.Access == b.Access
	case FieldAges:
		return a.MinAge == b.MinAge && a.MaxAge == b.MaxAge
	case FieldFor:
		return a.For == b.For
	case FieldTopics:
		return slices.Equal(a.Topics, b.Topics)
	case FieldLanguages:
		return slices.Equal(a.Languages, b.Languages)
	case FieldSensitive:
		return a.Sensitive == b.Sensitive
	case FieldStatus:
		return a.Status == b.Status
	case FieldFacts:
		return slices.Equal(a.Facts, b.Facts)
	}
	return true
}

func samePoint(a, b *Point) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// Differences returns the fields that say something else in b than in a, in the order of EditFields.
func Differences(a, b Activity) []EditField {
	return slices.DeleteFunc(EditFields(), func(f EditField) bool { return f.Same(a, b) })
}

// Text is what the field says, for the history of a listing and for a person who decides about a hold; empty when it
// says nothing.
func (f EditField) Text(a Activity) string {
	switch f {
	case FieldName:
		return a.Name
	case FieldDescription:
		return a.Description
	case FieldOrganiser:
		return a.Organiser.Name
	case FieldPhone:
		return a.Organiser.Phone
	case FieldEmail:
		return a.Organiser.Email
	case FieldWebsite:
		return a.Organiser.Website
	case FieldVenueName:
		return a.Venue.Name
	case FieldVenue:
		at := ""
		if p := a.Venue.At; p != nil {
			at = fmt.Sprintf("(%.5f, %.5f)", p.Lat, p.Lon)
		}
		return commas(a.Venue.Address(), at)
	case FieldTimes:
		return timesText(a)
	case FieldCost:
		return costText(a.Cost)
	case FieldAccess:
		return accessText(a.Access)
	case FieldAges:
		return agesText(a.MinAge, a.MaxAge)
	case FieldFor:
		if a.For == SexAny {
			return "anybody"
		}
		return string(a.For)
	case FieldTopics:
		return strings.Join(a.Topics, ", ")
	case FieldLanguages:
		return strings.Join(a.Languages, ", ")
	case FieldSensitive:
		if a.Sensitive {
			return "yes"
		}
		return "no"
	case FieldStatus:
		return string(a.Status)
	case FieldFacts:
		return factsText(a.Facts)
	}
	return ""
}

func timesText(a Activity) string {
	if len(a.Times) == 0 {
		return a.WhenText
	}
	all := make([]string, len(a.Times))
	for i, r := range a.Times {
		all[i] = recurrenceText(r)
	}
	return strings.Join(all, "; ")
}

// recurrenceText is short and plain; how a time is told to a patient is the directory's business.
func recurrenceText(r Recurrence) string {
	var day string
	switch {
	case r.Freq == OnDates:
		all := make([]string, len(r.Also))
		for i, d := range r.Also {
			all[i] = string(d)
		}
		day = strings.Join(all, ", ")
	case r.Freq == Monthly && r.Nth != 0:
		which := map[int]string{1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
		day = "the " + which[r.Nth] + " " + r.Day.String() + " of the month"
	case r.Freq == Monthly && r.MonthDay == -1:
		day = "the last day of the month"
	case r.Freq == Monthly:
		day = "day " + strconv.Itoa(r.MonthDay) + " of the month"
	default:
		day = r.Day.String() + "s"
	}
	if r.Every > 1 {
		unit := " weeks, "
		if r.Freq == Monthly {
			unit = " months, "
		}
		day = "every " + strconv.Itoa(r.Every) + unit + day
	}
	day += " " + r.Start.String()
	if r.End > 0 {
		day += " to " + r.End.String()
	}
	if r.TermOnly {
		day += " in term"
	}
	return day
}

func costText(c Cost) string {
	switch {
	case c.Free():
		return commas("free", c.Text)
	case c.Known:
		return commas(fmt.Sprintf("£%d.%02d", c.Pence/100, c.Pence%100), c.Text)
	}
	return c.Text
}

func accessText(a Access) string {
	said := func(what string, t Tri) string {
		switch t {
		case Yes:
			return what
		case No:
			return "no " + what
		}
		return ""
	}
	return commas(said("step-free", a.StepFree), said("accessible toilet", a.Toilet), said("parking", a.Parking), a.Text)
}

func agesText(lowest, highest int) string {
	switch {
	case lowest > 0 && highest > 0:
		return fmt.Sprintf("%d to %d", lowest, highest)
	case lowest > 0:
		return fmt.Sprintf("%d and over", lowest)
	case highest > 0:
		return fmt.Sprintf("up to %d", highest)
	}
	return "any age"
}

func factsText(facts []Fact) string {
	newest := map[FactKind]Fact{}
	for _, f := range facts {
		if n, ok := (Activity{Facts: facts}).Fact(f.Kind); ok {
			newest[f.Kind] = n
		}
	}
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(newest)) {
		all = append(all, string(kind)+": "+newest[kind].Value)
	}
	return strings.Join(all, "; ")
}
