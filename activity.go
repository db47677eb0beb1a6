package handrail

import (
	"strings"
	"time"
)

// ActivityID names an activity: the feed's own id where it has one.
type ActivityID string

// Activity is a listing in the directory: something in the community that somebody can go to.
type Activity struct {
	ID          ActivityID
	Source      string // the feed it came from, "oruk:FILE" for instance
	Name        string
	Description string // plain text
	Organiser   Organiser
	Venue       Venue
	Times       []Recurrence // none when the listing says no times
	WhenText    string       // the listing's own words about its times, kept whatever was read from them
	Cost        Cost
	Access      Access
	MinAge      int // 0 when there is none
	MaxAge      int // 0 when there is none
	For         Sex // SexAny unless the group is for one sex only
	Topics      []string
	Languages   []string // besides English
	// Sensitive marks a group whose name says something about health; it is never named in the first 100 characters
	// of a patient's message (G4).
	Sensitive bool
	// CheckedAt is when the publisher says that the information was last checked (Open Referral's assured_date), nil when
	// it does not say. UpdatedAt is when the publisher last changed the record; it is not a check. Whom we asked
	// ourselves is in Standing.Assured: an import never sets that.
	CheckedAt *time.Time
	UpdatedAt *time.Time
	Status    ActivityStatus
	Facts     []Fact
	Standing  Standing
}

// LastChecked is the later of the publisher's check and our own, and by whom it was; nil when nobody ever checked.
func (a Activity) LastChecked() (*time.Time, Assurer) {
	own := a.Standing.Assured
	if own != nil && (a.CheckedAt == nil || !own.At.Before(*a.CheckedAt)) {
		return &own.At, own.By
	}
	if a.CheckedAt != nil {
		return a.CheckedAt, AssurerPublisher
	}
	return nil, ""
}

// NeutralName is a name that tells nothing about anybody's health: the listing's own unless it is sensitive. It is what
// a buddy, a lock screen or a bystander may see (G4, V2). A sensitive group's venue is not in it: that may tell as much.
func (a Activity) NeutralName() string {
	if a.Sensitive {
		return "a local group"
	}
	return a.Name
}

// Venue is where a group meets: a public place, never somebody's home.
type Venue struct {
	Name     string
	Street   string
	Town     string
	Postcode string
	At       *Point // nil when the feed has no coordinates
}

// Line is the venue in one line, as somebody would write it on an envelope.
func (v Venue) Line() string { return commas(v.Name, v.Street, v.Town, v.Postcode) }

// Address is Line without the venue's name.
func (v Venue) Address() string { return commas(v.Street, v.Town, v.Postcode) }

func commas(all ...string) string {
	var parts []string
	for _, p := range all {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// Clock is a wall time: minutes since midnight.
type Clock int

// At makes a Clock.
func At(hour, minute int) Clock { return Clock(hour*60 + minute) }

// Hour is 0 to 23.
func (c Clock) Hour() int { return int(c) / 60 }

// Minute is 0 to 59.
func (c Clock) Minute() int { return int(c) % 60 }

// String is "14:05", for storage and for programs.
func (c Clock) String() string {
	return string([]byte{
		byte('0' + c.Hour()/10), byte('0' + c.Hour()%10), ':',
		byte('0' + c.Minute()/10), byte('0' + c.Minute()%10),
	})
}

// Cost is what somebody pays to come.
type Cost struct {
	Known bool // false: the listing does not say
	Pence int  // 0 with Known is free
	Text  string
}

// Free reports whether it is known to cost nothing.
func (c Cost) Free() bool { return c.Known && c.Pence == 0 }

// Access is what is known of getting in. "No" and "not said" are different, and only "yes" satisfies somebody who
// needs it.
type Access struct {
	StepFree Tri
	Toilet   Tri // an accessible toilet
	Parking  Tri
	Text     string
}

// Tri is yes, no, or not said.
type Tri int8

// The three answers.
const (
	NotSaid Tri = 0
	Yes     Tri = 1
	No      Tri = -1
)

// Sex is whom a single-sex group is for.
type Sex string

// The values of Sex.
const (
	SexAny   Sex = ""
	SexWomen Sex = "women"
	SexMen   Sex = "men"
)

// ActivityStatus says whether the group runs.
type ActivityStatus string

// The statuses of Open Referral UK v3.
const (
	ActivityActive   ActivityStatus = "active"
	ActivityInactive ActivityStatus = "inactive"
	ActivityDefunct  ActivityStatus = "defunct"
	ActivityPaused   ActivityStatus = "temporarily closed"
)
