package handrail

// InviteTry is what became of a try to use a one-time code. Patient is set only when Outcome is InviteOK: a try that
// fails discloses nothing (C9).
type InviteTry struct {
	Outcome   InviteOutcome
	Patient   Patient
	TriesLeft int // after a wrong year of birth
}

// InviteOutcome is what became of a one-time code.
type InviteOutcome string

// The outcomes of a try.
const (
	InviteOK        InviteOutcome = "ok"
	InviteWrongYear InviteOutcome = "wrong_year"
	InviteLocked    InviteOutcome = "locked" // five wrong tries
	InviteExpired   InviteOutcome = "expired"
	InviteUsed      InviteOutcome = "used"
	InviteUnknown   InviteOutcome = "unknown"
)
