package handrail

import "time"

// CorrectionID names a correction.
type CorrectionID string

// Correction is a patient saying that something in their record is wrong, and what it should be. What a code is guarded
// by (name, year of birth) is changed by a person and never by a chat: whoever holds the phone must not be able to make
// the record theirs (C9).
type Correction struct {
	ID       CorrectionID
	Practice PracticeID
	Patient  PatientID
	Field    CorrectionField
	Value    string // what it should be, in their words; empty once it is settled
	AskedAt  time.Time
	// SettledAt, SettledBy and Taken are set once a person has looked: taken says that the record was changed.
	SettledAt *time.Time
	SettledBy StaffID
	Taken     bool
}

// CorrectionField is what can be corrected by a person.
type CorrectionField string

// The fields.
const (
	CorrectName      CorrectionField = "name"
	CorrectSurname   CorrectionField = "surname"
	CorrectBirthYear CorrectionField = "birth_year"
	CorrectOther     CorrectionField = "other" // in words, for the link worker to read
)

// CorrectionFields lists every field in the order in which it is offered.
func CorrectionFields() []CorrectionField {
	return []CorrectionField{CorrectName, CorrectSurname, CorrectBirthYear, CorrectOther}
}

// Settle records that a named person has looked, and whether the record was changed. Settled before, it is KindConflict.
func (c *Correction) Settle(by StaffID, taken bool, t time.Time) error {
	switch {
	case by == "":
		return Errorf(KindInvalid, "A named person must settle a correction.", "settle correction: nobody named")
	case c.SettledAt != nil:
		return Errorf(KindConflict, "That was settled before.", "settle correction: settled before")
	}
	c.SettledAt, c.SettledBy, c.Taken, c.Value = &t, by, taken, ""
	return nil
}
