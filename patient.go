package handrail

import (
	"strings"
	"time"
)

// PatientID names a patient within Handrail. It is random and says nothing about the person.
type PatientID string

// Patient is somebody who was offered something in the community.
type Patient struct {
	ID        PatientID
	Practice  PracticeID
	Name      string // what they like to be called
	Surname   string // may be empty; never sent to a patient's or buddy's chat
	BirthYear int    // the second, low-risk fact that guards the one-time code (C9)
	Postcode  string // full or outward; empty when there is no fixed address
	Address   Address
	Language  string // BCP 47, as they asked for it; "en" when not asked. Where its words are not checked yet, English is used
	Short     bool   // they would rather have one thing at a time, in fewer words

	Matters string // what matters to them, in their own words

	Stopped     *time.Time // they said stop: nothing but answers and urgent help is sent
	PausedUntil *time.Time // they asked for a rest until then
	HeldSince   *time.Time // an urgent alert holds everything until a person resumes (K8)
	Halt        *Halt      // somebody of the practice stopped everything for them
	ErasedAt    *time.Time // they had what can be deleted deleted, then
	Deceased    bool       // gets nothing, ever, but the card when danger is written of from their chat (B27, K4)
}

// Initials are what staff see in lists, "S.R." (G12).
func (p Patient) Initials() string {
	var b strings.Builder
	for _, name := range []string{p.Name, p.Surname} {
		for _, r := range strings.TrimSpace(name) {
			b.WriteRune(r)
			b.WriteByte('.')
			break
		}
	}
	return strings.ToUpper(b.String())
}

// Reachable reports whether a message that the patient did not just ask for could be sent to them at t, leaving aside
// which permissions they gave. The reason is one word for the outbox's record.
func (p Patient) Reachable(t time.Time) (ok bool, reason string) {
	switch {
	case p.Deceased:
		return false, "deceased"
	case p.Halt != nil:
		return false, "halted"
	case p.Stopped != nil:
		return false, "stopped"
	case p.HeldSince != nil:
		return false, "held"
	case p.PausedUntil != nil && t.Before(*p.PausedUntil):
		return false, "paused"
	case p.Address.IsZero():
		return false, "no_chat"
	}
	return true, ""
}
