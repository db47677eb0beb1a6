package handrail

// PracticeID names a general practice. Every record belongs to exactly one, and no query crosses practices (C8).
type PracticeID string

// Practice is a general practice that refers its patients.
type Practice struct {
	ID   PracticeID
	Name string
	// Zone is the IANA name of the zone its people live in; "Europe/London" throughout the UK.
	Zone string
	// UrgentRoute is the line given to staff who write about a patient in danger, for instance "Ring the duty doctor
	// on extension 4". Configuration of the practice; may be empty.
	UrgentRoute string
	// At is where the surgery stands, for "near us". Nil when unknown.
	At *Point
}

// Point is a place on the map, in WGS84 degrees.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}
