package handrail

import "time"

// Standing is what is known here of a listing, besides what its publisher says: who was asked, what they answered, and
// what people met there. An import changes none of it.
type Standing struct {
	CreatedAt  time.Time // when it was first taken in
	ModifiedAt time.Time // when anything of it last changed here
	// Assured is the last time somebody told us that the listing is right.
	Assured *Assurance
	// AskedAt is when the organiser was last asked, nil when never, and AnsweredAt when they last answered; Silences counts
	// the questions since then that had their time and no answer, Answers all their answers.
	AskedAt    *time.Time
	AnsweredAt *time.Time
	Silences   int
	Answers    int
	// ReportedClosed is when somebody last said that it was closed, nil when nobody has since it was last assured.
	ReportedClosed *time.Time
	// AttendedAt is when somebody from here last went, nil when nobody has.
	AttendedAt *time.Time
	// Paused says that it takes no new people for now; those who go may go on.
	Paused bool
	// Cancelled are the coming meetings that do not happen.
	Cancelled []Cancellation
}

// Assurance is somebody's word that a listing is right.
type Assurance struct {
	At  time.Time
	By  Assurer
	How string // "chat", "link", "telephone", "visit"
}

// Assurer is the kind of person whose word it is. Who it was stands in the audit trail, never in a listing.
type Assurer string

// The assurers.
const (
	AssurerPublisher Assurer = "publisher"
	AssurerOrganiser Assurer = "organiser"
	AssurerStaff     Assurer = "staff"
	AssurerVisitor   Assurer = "visitor" // somebody who went
)

// Cancellation is a day on which a group does not meet.
type Cancellation struct {
	On     Date
	Reason string // the organiser's words; may be empty
	At     time.Time
}

// SilencesBeforeWarning is how many questions an organiser may leave unanswered before the link worker is told and the
// listing sinks.
const SilencesBeforeWarning = 3

// Doubtful reports whether somebody should ask before sending anybody: it was reported closed and nobody has said
// otherwise since, or the organiser has gone silent.
func (s Standing) Doubtful() bool {
	return s.ReportedClosed != nil || s.Silences >= SilencesBeforeWarning
}
