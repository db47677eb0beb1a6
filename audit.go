package handrail

import "time"

// Actor is who did something: "staff:ID", "patient:ID", "buddy:ID", or "system" for a rule that ran by itself.
type Actor string

// ActorSystem is a rule that ran by itself.
const ActorSystem Actor = "system"

// Audit is one line of the audit trail: who did what to which record, and when. It is written in the transaction that
// did it, and holds no words and no names.
type Audit struct {
	At       time.Time
	Practice PracticeID
	Actor    Actor
	Action   string // "sent -> accepted", "added", "read"
	Noun     string // "referral"
	ID       string
}
