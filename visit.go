package handrail

// Visit is a visit with all that is needed to speak about it.
type Visit struct {
	Attendance Attendance
	Enrolment  Enrolment
	Patient    Patient
	Activity   Activity
	// Accompaniment is nil when the patient did not ask for one; Buddy is nil until one was asked.
	Accompaniment *Accompaniment
	Buddy         *Buddy
	Feedback      *Feedback // nil until they said how it was
}

// Case is one referral with its patient and what has happened so far: a line of a caseload or of "my patients".
type Case struct {
	Referral Referral
	Patient  Patient
	Visits   []Attendance // in order of their start
	// Joined says that the patient used their code.
	Joined bool
}

// PostcodePoint is where a postcode, or the middle of an outcode or sector, is.
type PostcodePoint struct {
	Postcode   string // normal form: upper case, one space; "LU1" for an outcode, "LU1 2" for a sector
	At         Point
	Terminated bool // the Post Office no longer uses it
	// Points is how many postcodes the middle was taken of; 1 for a full postcode.
	Points int
}
