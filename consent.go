package handrail

import "time"

// Purpose is one thing that a patient may permit, separately from every other (G1).
type Purpose string

// The purposes. Model is never asked for while no model is configured.
const (
	PurposeChat     Purpose = "chat"        // write to me here: reminders and questions
	PurposeBuddy    Purpose = "buddy"       // tell a volunteer my first name and where we meet
	PurposeGroup    Purpose = "group"       // tell the group that I'm coming
	PurposeFeedback Purpose = "gp_feedback" // tell my doctor how I got on
	PurposeMeasures Purpose = "measures"    // ask me how life is going, and keep what I answer
	PurposeModel    Purpose = "model"       // let a language model read what I write, with my details taken out
	PurposeTrusted  Purpose = "trusted"     // remind somebody I trust of my visits too
)

// Purposes lists every purpose that a patient can give or take back by themselves, in the order in which it is shown. Model
// is not among them while no model reads what patients write.
func Purposes() []Purpose {
	return []Purpose{PurposeChat, PurposeFeedback, PurposeBuddy, PurposeGroup, PurposeTrusted, PurposeMeasures}
}

// Permission is one answer to one question about one purpose: who gave it, to which wording, when, and when it was
// taken back.
type Permission struct {
	Practice PracticeID
	Patient  PatientID
	Purpose  Purpose
	// Version names the wording that was shown, "chat/1"; Wording is that wording itself.
	Version string
	Wording string
	// RecordedBy is "patient" when given by button or exact word in their own chat.
	RecordedBy string
	State      PermissionState
	AskedAt    time.Time
	ChangedAt  time.Time
}

// PermissionState is what the person said.
type PermissionState string

// A permission is asked; given or refused; withdrawn; and may be given again.
const (
	PermissionAsked     PermissionState = "asked"
	PermissionGiven     PermissionState = "given"
	PermissionRefused   PermissionState = "refused"
	PermissionWithdrawn PermissionState = "withdrawn"
)

func (s PermissionState) next() []PermissionState {
	switch s {
	case PermissionAsked:
		return []PermissionState{PermissionGiven, PermissionRefused}
	case PermissionGiven:
		return []PermissionState{PermissionWithdrawn}
	case PermissionRefused, PermissionWithdrawn:
		return []PermissionState{PermissionGiven}
	default:
		return nil
	}
}

// Live reports whether the permission holds now. Only an explicit yes does: consent is never inferred.
func (p Permission) Live() bool { return p.State == PermissionGiven }

func (p *Permission) move(to PermissionState, t time.Time) error {
	if err := step("permission", p.State, to, PermissionState.next); err != nil {
		return err
	}
	p.State, p.ChangedAt = to, t
	return nil
}

// Give records a yes at t (UTC).
func (p *Permission) Give(t time.Time) error { return p.move(PermissionGiven, t) }

// Refuse records a no.
func (p *Permission) Refuse(t time.Time) error { return p.move(PermissionRefused, t) }

// Withdraw takes a yes back.
func (p *Permission) Withdraw(t time.Time) error { return p.move(PermissionWithdrawn, t) }
