package handrail

import "time"

// AccompanimentID names an accompaniment.
type AccompanimentID string

// Accompaniment is one buddy going along with one patient to one visit.
type Accompaniment struct {
	ID         AccompanimentID
	Practice   PracticeID
	Patient    PatientID
	Attendance AttendanceID
	Buddy      BuddyID // empty while wanted
	MatchedBy  StaffID
	State      AccompanimentState
	// Refused lists buddies who said no, so that they are not asked again for this visit.
	Refused   []BuddyID
	WantedAt  time.Time
	ChangedAt time.Time
}

// AccompanimentState is where an accompaniment stands.
type AccompanimentState string

// The patient wants somebody; a buddy is asked; agrees, or declines (and it is wanted again); the visit happened, or
// the buddy did not come; or it is called off.
const (
	AccompanimentWanted    AccompanimentState = "wanted"
	AccompanimentAsked     AccompanimentState = "asked"
	AccompanimentAgreed    AccompanimentState = "agreed"
	AccompanimentMet       AccompanimentState = "met"
	AccompanimentUnmet     AccompanimentState = "unmet"
	AccompanimentCancelled AccompanimentState = "cancelled"
)

func (s AccompanimentState) next() []AccompanimentState {
	switch s {
	case AccompanimentWanted:
		return []AccompanimentState{AccompanimentAsked, AccompanimentCancelled}
	case AccompanimentAsked:
		return []AccompanimentState{AccompanimentAgreed, AccompanimentWanted, AccompanimentCancelled}
	case AccompanimentAgreed:
		return []AccompanimentState{AccompanimentMet, AccompanimentUnmet, AccompanimentWanted, AccompanimentCancelled}
	default: // met, unmet, cancelled
		return nil
	}
}

// Open reports whether the accompaniment may still come about.
func (s AccompanimentState) Open() bool { return len(s.next()) > 0 }

func (a *Accompaniment) move(to AccompanimentState, t time.Time) error {
	if err := step("accompaniment", a.State, to, AccompanimentState.next); err != nil {
		return err
	}
	a.State, a.ChangedAt = to, t
	return nil
}

// Ask records that a member of staff asked this buddy. The buddy must be cleared (V1) and not have refused this visit.
func (a *Accompaniment) Ask(b Buddy, by StaffID, t time.Time) error {
	if by == "" {
		return Errorf(KindInvalid, "A named member of staff must ask a volunteer.", "ask buddy: nobody named")
	}
	if b.State != BuddyCleared {
		return Errorf(KindInvalid, "That volunteer has not been cleared yet.", "ask buddy: state is %q", b.State)
	}
	for _, id := range a.Refused {
		if id == b.ID {
			return Errorf(KindInvalid, "That volunteer has said no to this visit.", "ask buddy: refused before")
		}
	}
	if err := a.move(AccompanimentAsked, t); err != nil {
		return err
	}
	a.Buddy, a.MatchedBy = b.ID, by
	return nil
}

// Agree records that the buddy will come.
func (a *Accompaniment) Agree(t time.Time) error { return a.move(AccompanimentAgreed, t) }

// Decline records that the buddy cannot come, before or after agreeing: somebody else is wanted.
func (a *Accompaniment) Decline(t time.Time) error {
	buddy := a.Buddy
	if err := a.move(AccompanimentWanted, t); err != nil {
		return err
	}
	a.Refused, a.Buddy = append(a.Refused, buddy), ""
	return nil
}

// Met records that they went together.
func (a *Accompaniment) Met(t time.Time) error { return a.move(AccompanimentMet, t) }

// Unmet records that the buddy was not there.
func (a *Accompaniment) Unmet(t time.Time) error { return a.move(AccompanimentUnmet, t) }

// Cancel calls it off.
func (a *Accompaniment) Cancel(t time.Time) error { return a.move(AccompanimentCancelled, t) }
