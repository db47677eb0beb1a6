package records

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"handrail"
)

// listing is how an activity is stored. It stands apart from handrail.Activity, so that a field of that can be renamed
// without a migration; its own names must stay. Listings are public: nothing in them is sealed.
type listing struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Organiser   organiser    `json:"organiser,omitzero"`
	Venue       venue        `json:"venue,omitzero"`
	Times       []recurrence `json:"times,omitempty"`
	WhenText    string       `json:"when_text,omitempty"`
	CostKnown   bool         `json:"cost_known,omitempty"`
	CostPence   int          `json:"cost_pence,omitempty"`
	CostText    string       `json:"cost_text,omitempty"`
	StepFree    int8         `json:"step_free,omitempty"`
	Toilet      int8         `json:"toilet,omitempty"`
	Parking     int8         `json:"parking,omitempty"`
	AccessText  string       `json:"access_text,omitempty"`
	MinAge      int          `json:"min_age,omitempty"`
	MaxAge      int          `json:"max_age,omitempty"`
	For         string       `json:"for,omitempty"`
	Topics      []string     `json:"topics,omitempty"`
	Languages   []string     `json:"languages,omitempty"`
	Sensitive   bool         `json:"sensitive,omitempty"`
	CheckedAt   *time.Time   `json:"checked_at,omitempty"`
	UpdatedAt   *time.Time   `json:"updated_at,omitempty"`
	Facts       []fact       `json:"facts,omitempty"`
}

type organiser struct {
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
	Website string `json:"website,omitempty"`
}

type venue struct {
	Name     string          `json:"name,omitempty"`
	Street   string          `json:"street,omitempty"`
	Town     string          `json:"town,omitempty"`
	Postcode string          `json:"postcode,omitempty"`
	At       *handrail.Point `json:"at,omitempty"`
}

// recurrence began as a weekly time, which is what it still is when it holds nothing more.
type recurrence struct {
	Day       int             `json:"day"` // Sunday is 0
	Start     int             `json:"start"`
	End       int             `json:"end,omitempty"`
	Every     int             `json:"every,omitempty"`
	Zone      string          `json:"zone,omitempty"`
	Freq      string          `json:"freq,omitempty"`
	Nth       int             `json:"nth,omitempty"`
	MonthDay  int             `json:"month_day,omitempty"`
	From      handrail.Date   `json:"from,omitempty"`
	Until     handrail.Date   `json:"until,omitempty"`
	Except    []handrail.Date `json:"except,omitempty"`
	Also      []handrail.Date `json:"also,omitempty"`
	Holidays  int8            `json:"holidays,omitempty"`
	TermOnly  bool            `json:"term_only,omitempty"`
	Certainty string          `json:"certainty,omitempty"`
}

func recurrenceOf(w handrail.Recurrence) recurrence {
	return recurrence{Day: int(w.Day), Start: int(w.Start), End: int(w.End), Every: w.Every, Zone: w.Zone, Freq: string(w.Freq),
		Nth: w.Nth, MonthDay: w.MonthDay, From: w.From, Until: w.Until, Except: w.Except, Also: w.Also, Holidays: int8(w.Holidays),
		TermOnly: w.TermOnly, Certainty: string(w.Certainty)}
}

func (w recurrence) recurrence() handrail.Recurrence {
	return handrail.Recurrence{Day: time.Weekday(w.Day), Start: handrail.Clock(w.Start), End: handrail.Clock(w.End), Every: w.Every,
		Zone: w.Zone, Freq: handrail.Frequency(w.Freq), Nth: w.Nth, MonthDay: w.MonthDay, From: w.From, Until: w.Until,
		Except: w.Except, Also: w.Also, Holidays: handrail.Tri(w.Holidays), TermOnly: w.TermOnly,
		Certainty: handrail.Certainty(w.Certainty)}
}

type fact struct {
	Kind    string        `json:"kind"`
	Value   string        `json:"value,omitempty"`
	On      handrail.Date `json:"on,omitempty"`
	SaidBy  string        `json:"said_by,omitempty"`
	Until   handrail.Date `json:"until,omitempty"`
	Version int           `json:"version,omitempty"`
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

func listingOf(a handrail.Activity) listing {
	l := listing{
		Name: a.Name, Description: a.Description, Organiser: organiser{
			ID: string(a.Organiser.ID), Name: a.Organiser.Name, Phone: a.Organiser.Phone, Email: a.Organiser.Email,
			Website: a.Organiser.Website,
		}, Venue: venue(a.Venue), WhenText: a.WhenText, CostKnown: a.Cost.Known, CostPence: a.Cost.Pence,
		CostText: a.Cost.Text, StepFree: int8(a.Access.StepFree), Toilet: int8(a.Access.Toilet),
		Parking: int8(a.Access.Parking), AccessText: a.Access.Text, MinAge: a.MinAge, MaxAge: a.MaxAge, For: string(a.For),
		Topics: a.Topics, Languages: a.Languages, Sensitive: a.Sensitive, CheckedAt: inUTC(a.CheckedAt), UpdatedAt: inUTC(a.UpdatedAt),
	}
	for _, w := range a.Times {
		l.Times = append(l.Times, recurrenceOf(w))
	}
	for _, f := range a.Facts {
		l.Facts = append(l.Facts, fact{string(f.Kind), f.Value, f.On, f.SaidBy, f.Until, f.Version})
	}
	return l
}

func (l listing) activity() handrail.Activity {
	a := handrail.Activity{
		Name: l.Name, Description: l.Description, Organiser: handrail.Organiser{
			ID: handrail.OrganiserID(l.Organiser.ID), Name: l.Organiser.Name, Phone: l.Organiser.Phone,
			Email: l.Organiser.Email, Website: l.Organiser.Website,
		}, Venue: handrail.Venue(l.Venue), WhenText: l.WhenText,
		Cost: handrail.Cost{Known: l.CostKnown, Pence: l.CostPence, Text: l.CostText},
		Access: handrail.Access{StepFree: handrail.Tri(l.StepFree), Toilet: handrail.Tri(l.Toilet),
			Parking: handrail.Tri(l.Parking), Text: l.AccessText},
		MinAge: l.MinAge, MaxAge: l.MaxAge, For: handrail.Sex(l.For), Topics: l.Topics, Languages: l.Languages,
		Sensitive: l.Sensitive, CheckedAt: l.CheckedAt, UpdatedAt: l.UpdatedAt,
	}
	for _, w := range l.Times {
		a.Times = append(a.Times, w.recurrence())
	}
	for _, f := range l.Facts {
		a.Facts = append(a.Facts, handrail.Fact{Kind: handrail.FactKind(f.Kind), Value: f.Value, On: f.On, SaidBy: f.SaidBy,
			Until: f.Until, Version: f.Version})
	}
	return a
}

// encodeListing is the stored form of a listing: what a source says of it, without its id, status and standing.
func encodeListing(a handrail.Activity) (string, error) {
	text, err := json.Marshal(listingOf(a))
	if err != nil {
		return "", errors.New("encode a listing") // the cause would repeat it
	}
	return string(text), nil
}

// decodeListing reads what encodeListing made.
func decodeListing(text string) (handrail.Activity, error) {
	if l, ok := quickListing(text); ok {
		return l.activity(), nil
	}
	var l listing
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return handrail.Activity{}, fmt.Errorf("read a stored listing: %w", err)
	}
	return l.activity(), nil
}

// standing is how a handrail.Standing is stored, but for CreatedAt and ModifiedAt, which are columns. Instants are
// microseconds.
type standing struct {
	AssuredAt  int64       `json:"assured_at,omitempty"`
	AssuredBy  string      `json:"assured_by,omitempty"`
	AssuredHow string      `json:"assured_how,omitempty"`
	AskedAt    int64       `json:"asked_at,omitempty"`
	AnsweredAt int64       `json:"answered_at,omitempty"`
	Silences   int         `json:"silences,omitempty"`
	Answers    int         `json:"answers,omitempty"`
	ReportedAt int64       `json:"reported_at,omitempty"`
	AttendedAt int64       `json:"attended_at,omitempty"`
	Paused     bool        `json:"paused,omitempty"`
	Cancelled  []cancelled `json:"cancelled,omitempty"`
}

type cancelled struct {
	On     handrail.Date `json:"on"`
	Reason string        `json:"reason,omitempty"`
	At     int64         `json:"at,omitempty"`
}

func orZero(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return micros(*t)
}

func orNil(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := instant(us)
	return &t
}

// encodeStanding is empty when there is nothing to say.
func encodeStanding(s handrail.Standing) (string, error) {
	st := standing{AskedAt: orZero(s.AskedAt), AnsweredAt: orZero(s.AnsweredAt), Silences: s.Silences, Answers: s.Answers,
		ReportedAt: orZero(s.ReportedClosed), AttendedAt: orZero(s.AttendedAt), Paused: s.Paused}
	if s.Assured != nil {
		st.AssuredAt, st.AssuredBy, st.AssuredHow = micros(s.Assured.At), string(s.Assured.By), s.Assured.How
	}
	for _, c := range s.Cancelled {
		st.Cancelled = append(st.Cancelled, cancelled{c.On, c.Reason, micros(c.At)})
	}
	text, err := json.Marshal(st)
	if err != nil {
		return "", errors.New("encode a standing")
	}
	if string(text) == "{}" {
		return "", nil
	}
	return string(text), nil
}

func decodeStanding(text string, created, modified int64) (handrail.Standing, error) {
	s := handrail.Standing{CreatedAt: instant(created), ModifiedAt: instant(modified)}
	if text == "" {
		return s, nil
	}
	var st standing
	if err := json.Unmarshal([]byte(text), &st); err != nil {
		return s, fmt.Errorf("read a stored standing: %w", err)
	}
	if st.AssuredAt != 0 {
		s.Assured = &handrail.Assurance{At: instant(st.AssuredAt), By: handrail.Assurer(st.AssuredBy), How: st.AssuredHow}
	}
	s.AskedAt, s.AnsweredAt, s.Silences, s.Answers = orNil(st.AskedAt), orNil(st.AnsweredAt), st.Silences, st.Answers
	s.ReportedClosed, s.AttendedAt, s.Paused = orNil(st.ReportedAt), orNil(st.AttendedAt), st.Paused
	for _, c := range st.Cancelled {
		s.Cancelled = append(s.Cancelled, handrail.Cancellation{On: c.On, Reason: c.Reason, At: instant(c.At)})
	}
	return s, nil
}
