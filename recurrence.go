package handrail

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Recurrence is a time at which a group meets again and again, in local wall time: the part of RFC 5545 that groups use,
// one day of the week or of the month each. "Tuesdays and Thursdays" are two of them.
type Recurrence struct {
	Freq Frequency
	// Day is the weekday, unless MonthDay says the day.
	Day time.Weekday
	// Nth says which of the month's such weekdays a Monthly one means: 1 is the first, -1 the last, 0 that MonthDay counts.
	Nth int
	// MonthDay is the day of the month of a Monthly one without Nth: 1 to 31, or -1 for the last day.
	MonthDay int
	// Every is how many weeks or months lie between meetings; 0 and 1 are each. More than one needs From to count from.
	Every int
	Start Clock
	End   Clock // zero when unknown
	// Zone is the IANA zone of the wall time; empty is Europe/London.
	Zone string
	// From is the first date on which it may meet, and Until the last; zero where there is none.
	From  Date
	Until Date
	// Except are dates on which it does not meet, and Also dates on which it meets besides.
	Except []Date
	Also   []Date
	// Holidays says whether it meets on bank holidays. Not said counts as yes, with a warning to who is told.
	Holidays Tri
	// TermOnly says that it meets in school terms only.
	TermOnly bool
	// Certainty says where it comes from. Nothing less than CertaintyRead is a time to send somebody at.
	Certainty Certainty
}

// Frequency is how often a Recurrence repeats.
type Frequency string

// The frequencies. Daily times are seven weekly ones; a yearly one is a list of dates (OnDates with Also).
const (
	Weekly  Frequency = "" // the zero value, since nearly all groups are
	Monthly Frequency = "monthly"
	OnDates Frequency = "dates" // only on the dates of Also
)

// Certainty says how a time came to be known.
type Certainty string

// The certainties, best first.
const (
	CertaintySaid    Certainty = ""        // a field of the listing that is meant for it, or a person, said so
	CertaintyRead    Certainty = "read"    // read from prose that can be read in one way only
	CertaintyGuessed Certainty = "guessed" // read from prose that may mean something else: shown as the listing's own words
)

// Certain reports whether the time may be told as a fact, planned, and searched by.
func (r Recurrence) Certain() bool { return r.Certainty != CertaintyGuessed }

// Equal reports whether two say the same.
func (r Recurrence) Equal(o Recurrence) bool {
	return slices.Equal(r.Except, o.Except) && slices.Equal(r.Also, o.Also) && r.Freq == o.Freq && r.Day == o.Day && r.Nth == o.Nth &&
		r.MonthDay == o.MonthDay && r.Every == o.Every && r.Start == o.Start && r.End == o.End && r.Zone == o.Zone &&
		r.From == o.From && r.Until == o.Until && r.Holidays == o.Holidays && r.TermOnly == o.TermOnly && r.Certainty == o.Certainty
}

// HomeZone is the zone of a recurrence that names none.
const HomeZone = "Europe/London"

// Location loads the zone of the wall time. "Local" is refused: it would mean wherever the program happens to run.
func (r Recurrence) Location() (*time.Location, error) {
	switch r.Zone {
	case "", HomeZone:
		return loadZone(HomeZone)
	case "Local":
		return nil, errors.New("load zone: Local is nobody's zone")
	}
	return loadZone(r.Zone)
}

func loadZone(name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load zone: %w", err)
	}
	return loc, nil
}
