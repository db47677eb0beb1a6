package handrail

import "time"

// TrustedID names a trusted person.
type TrustedID string

// Trusted is somebody whom a patient wishes to be reminded with them: a daughter, a neighbour. They join by a one-time
// code that the patient hands over, get the reminders of visits while the patient permits it (PurposeTrusted), and
// nothing else: no words, no reason, no other group.
type Trusted struct {
	ID        TrustedID
	Practice  PracticeID
	Patient   PatientID
	Name      string // as the patient calls them
	Address   Address
	State     TrustedState
	AddedAt   time.Time
	ChangedAt time.Time
}

// TrustedState is where it stands with a trusted person.
type TrustedState string

// A trusted person is named by the patient, joined once they opened their link, and ended when either of the two says so.
const (
	TrustedNamed  TrustedState = "named"
	TrustedJoined TrustedState = "joined"
	TrustedEnded  TrustedState = "ended"
)

func (s TrustedState) next() []TrustedState {
	switch s {
	case TrustedNamed:
		return []TrustedState{TrustedJoined, TrustedEnded}
	case TrustedJoined:
		return []TrustedState{TrustedEnded}
	default:
		return nil
	}
}

// Join records that they opened their link from this address.
func (p *Trusted) Join(from Address, t time.Time) error {
	if err := step("trusted person", p.State, TrustedJoined, TrustedState.next); err != nil {
		return err
	}
	p.State, p.Address, p.ChangedAt = TrustedJoined, from, t
	return nil
}

// End takes them out, and forgets where to write to them. Safe to call twice.
func (p *Trusted) End(t time.Time) {
	if p.State != TrustedEnded {
		p.State, p.Address, p.ChangedAt = TrustedEnded, Address{}, t
	}
}

// PersonalData is everything that is held about one patient, for the patient (requirement G6). The note that came with a
// referral is not in it: it may speak of others, so a person goes through it with them.
type PersonalData struct {
	Patient     Patient
	Referrals   []Referral
	Permissions []Permission
	Enrolments  []Enrolment
	Visits      []Visit
	Alerts      []Alert
	Corrections []Correction
	Trusted     []Trusted // those who were taken out again too, without their names
	Measures    []Measure
	// Noted says that staff wrote notes about them.
	Noted bool
	// Sent is how many messages to them are kept, and Received for how many of theirs it is kept when they came; their words
	// are not.
	Sent, Received int
	// Contacts is how often it is kept that we wrote first, Invites how many links were made for them to join, Answered how many
	// of their answers to a question of permission are kept, and Logged how often somebody opened or changed their record.
	Contacts, Invites, Answered, Logged int
}
