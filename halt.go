package handrail

import "time"

// Halt is a stop for one patient by somebody of the practice, in one press: nothing that waits for them is sent any more,
// and nothing is planned. It stands beside the patient's own stop, which only the patient ends.
type Halt struct {
	Reason HaltReason
	By     StaffID
	At     time.Time // UTC
}

// HaltReason is why a practice stops everything for a patient: a closed list, so that what follows is known.
type HaltReason string

// The reasons.
const (
	HaltDied     HaltReason = "died"     // nothing is sent, ever, but the card to whoever writes of danger (B27, K4)
	HaltMoved    HaltReason = "moved"    // to another practice
	HaltHospital HaltReason = "hospital" // nothing until they are home
	HaltUnsafe   HaltReason = "unsafe"   // somebody else may read the phone, or they are not safe to be written to
	HaltYoung    HaltReason = "young"    // they are under 18, or say so (B30): this is a service for adults
)

// HaltReasons lists every reason in the order in which it is offered.
func HaltReasons() []HaltReason {
	return []HaltReason{HaltHospital, HaltMoved, HaltUnsafe, HaltYoung, HaltDied}
}

// Valid reports whether the reason is on the closed list.
func (r HaltReason) Valid() bool {
	for _, known := range HaltReasons() {
		if r == known {
			return true
		}
	}
	return false
}

// Ends reports whether the reason ends what they go to, rather than pausing it.
func (r HaltReason) Ends() bool { return r == HaltDied || r == HaltMoved }

// PutHalt stops everything for the patient at t (UTC). A second one replaces the reason; somebody who died stays so.
func (p *Patient) PutHalt(reason HaltReason, by StaffID, t time.Time) error {
	switch {
	case !reason.Valid():
		return Errorf(KindInvalid, "Please pick a reason from the list.", "halt: unknown reason %q", reason)
	case by == "" && reason != HaltYoung: // that somebody says of themselves
		return Errorf(KindInvalid, "A named person must stop everything for a patient.", "halt: nobody named")
	case p.Deceased:
		return nil
	case p.Halt != nil && p.Halt.Reason == reason:
		return nil
	}
	p.Halt = &Halt{Reason: reason, By: by, At: t}
	p.Deceased = reason == HaltDied
	return nil
}

// LiftHalt ends the practice's stop; the patient's own stands. It is for a named person who may do so, see
// Staff.MayLift.
func (p *Patient) LiftHalt(by Staff) error {
	if p.Halt == nil {
		return nil
	}
	if !by.MayLift(p.Halt.Reason) {
		return Errorf(KindInvalid, "Please ask a GP or your practice manager to undo this.", "lift halt: the role may not")
	}
	if p.Halt.Reason == HaltDied {
		p.Deceased = false
	}
	p.Halt = nil
	return nil
}
