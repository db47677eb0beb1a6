package handrail

import "time"

// AttendanceID names an attendance.
type AttendanceID string

// Attendance is one planned visit of one patient to one occurrence of what they chose, and what became of it.
type Attendance struct {
	ID         AttendanceID
	Practice   PracticeID
	Enrolment  EnrolmentID
	Patient    PatientID
	Occurrence Occurrence
	State      AttendanceState
	First      bool // the first visit of this enrolment: the one a buddy comes to
	PlannedAt  time.Time
	ChangedAt  time.Time
	// NextDone is set once it was settled what follows this visit (another one was planned, or none is to be).
	NextDone bool
}

// AttendanceState is where a visit stands.
type AttendanceState string

// A visit is planned; going once the patient says so; came, missed or cancelled. Missed may be put right to came,
// since people tell us afterwards.
const (
	AttendancePlanned   AttendanceState = "planned"
	AttendanceGoing     AttendanceState = "going"
	AttendanceCame      AttendanceState = "came"
	AttendanceMissed    AttendanceState = "missed"
	AttendanceCancelled AttendanceState = "cancelled"
)

func (s AttendanceState) next() []AttendanceState {
	switch s {
	case AttendancePlanned:
		return []AttendanceState{AttendanceGoing, AttendanceCame, AttendanceMissed, AttendanceCancelled}
	case AttendanceGoing:
		return []AttendanceState{AttendanceCame, AttendanceMissed, AttendanceCancelled}
	case AttendanceMissed:
		return []AttendanceState{AttendanceCame}
	default: // came, cancelled
		return nil
	}
}

// Ahead reports whether the visit is still to come.
func (s AttendanceState) Ahead() bool { return s == AttendancePlanned || s == AttendanceGoing }

func (a *Attendance) move(to AttendanceState, t time.Time) error {
	if err := step("attendance", a.State, to, AttendanceState.next); err != nil {
		return err
	}
	a.State, a.ChangedAt = to, t
	return nil
}

// Going records that the patient said they will be there.
func (a *Attendance) Going(t time.Time) error { return a.move(AttendanceGoing, t) }

// Came records that they were there.
func (a *Attendance) Came(t time.Time) error { return a.move(AttendanceCame, t) }

// Missed records that they were not there.
func (a *Attendance) Missed(t time.Time) error { return a.move(AttendanceMissed, t) }

// Cancel records that this visit will not happen.
func (a *Attendance) Cancel(t time.Time) error { return a.move(AttendanceCancelled, t) }
