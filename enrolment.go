package handrail

import "time"

// EnrolmentID names an enrolment.
type EnrolmentID string

// Enrolment is one patient's choice of one activity: from the choice until they stop going or need no reminding.
type Enrolment struct {
	ID        EnrolmentID
	Practice  PracticeID
	Patient   PatientID
	Referral  ReferralID
	Activity  ActivityID
	State     EnrolmentState
	ChosenAt  time.Time
	EndedAt   *time.Time
	EndReason string // "stopped", "not_for_me", "group_closed", ...; a word, not the person's words
}

// EnrolmentState is where an enrolment stands.
type EnrolmentState string

// An enrolment is chosen; active after the first time they came; paused at their wish; ended.
const (
	EnrolmentChosen EnrolmentState = "chosen"
	EnrolmentActive EnrolmentState = "active"
	EnrolmentPaused EnrolmentState = "paused"
	EnrolmentEnded  EnrolmentState = "ended"
)

func (s EnrolmentState) next() []EnrolmentState {
	switch s {
	case EnrolmentChosen:
		return []EnrolmentState{EnrolmentActive, EnrolmentPaused, EnrolmentEnded}
	case EnrolmentActive:
		return []EnrolmentState{EnrolmentPaused, EnrolmentEnded}
	case EnrolmentPaused:
		return []EnrolmentState{EnrolmentActive, EnrolmentEnded}
	default: // ended
		return nil
	}
}

func (e *Enrolment) move(to EnrolmentState) error {
	if err := step("enrolment", e.State, to, EnrolmentState.next); err != nil {
		return err
	}
	e.State = to
	return nil
}

// Begin records the first time they came.
func (e *Enrolment) Begin() error { return e.move(EnrolmentActive) }

// Pause stops planning new sessions until Begin.
func (e *Enrolment) Pause() error { return e.move(EnrolmentPaused) }

// End ends the enrolment for a reason (one word) at t (UTC).
func (e *Enrolment) End(reason string, t time.Time) error {
	if err := e.move(EnrolmentEnded); err != nil {
		return err
	}
	e.EndReason, e.EndedAt = reason, &t
	return nil
}
