package handrail

import "time"

// Feedback is what a patient said of one visit.
type Feedback struct {
	Practice   PracticeID
	Patient    PatientID
	Attendance AttendanceID
	Verdict    Verdict
	Words      string // their own words, if they liked to; for the link worker, not for the GP's note
	At         time.Time
}

// Verdict is how it was, in one tap.
type Verdict string

// The verdicts.
const (
	VerdictGood     Verdict = "good"
	VerdictOK       Verdict = "ok"
	VerdictNotForMe Verdict = "not_for_me"
	VerdictMissed   Verdict = "missed"
	// VerdictClosed says that they went, and nothing was on.
	VerdictClosed Verdict = "closed"
)
