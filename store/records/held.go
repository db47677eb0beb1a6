package records

import (
	"context"
	"fmt"
	"time"

	"handrail"
)

// After is what deleting leaves of what a table holds about a patient.
type After string

// What is left.
const (
	AfterGone    After = "gone"    // nothing: the rows go
	AfterEmptied After = "emptied" // the rows, without the words and the address in them
	AfterStays   After = "stays"   // all of it, and Holding.Why says why
)

// Holding is one table in which something about a patient stands: Erase goes by this list, and a test holds the list to what
// the migrations make (G6, G7).
type Holding struct {
	Table string
	After After
	// Empty are the columns that deleting empties.
	Empty []string
	// Why is the reason for which anything of it stays.
	Why string
	// Shown is the field of handrail.PersonalData in which the patient is shown it.
	Shown string
	// ByChat says that its rows are of the patient's chat and do not name the patient.
	ByChat bool
	where  string // which rows are theirs, by practice ($1) and patient ($2), or, ByChat, by the conversation's key ($1)
}

// the reasons for which something stays.
const (
	whyCare   = "the care record: the practice must keep it for as long as the law says"
	whyAsked  = "proof of what was agreed to, and when it was taken back"
	whyCode   = "so that a link that was used or taken back never works again"
	whySafe   = "so that nobody can hide what was done, or who looked"
	whyTwice  = "so that a message that comes again does nothing; it holds no words"
	whyStaff  = "staff's own tasks: initials and a reference"
	patients  = "practice = $1 AND patient = $2"
	ofTheChat = "conversation = $1"
)

// Holdings lists every table in which something about a patient stands, children before their parents.
func Holdings() []Holding {
	return []Holding{
		{Table: "contacts", After: AfterGone, Shown: "Contacts", where: patients},
		{Table: "measures", After: AfterGone, Shown: "Measures", where: patients},
		{Table: "corrections", After: AfterGone, Shown: "Corrections", where: patients},
		{Table: "trusted", After: AfterGone, Shown: "Trusted", where: patients},
		{Table: "invites", After: AfterStays, Why: whyCode, Shown: "Invites", where: patients},
		{Table: "feedback", After: AfterEmptied, Empty: []string{"words"}, Why: whyCare, Shown: "Visits", where: patients},
		{Table: "case_notes", After: AfterStays, Why: whyCare, Shown: "Noted",
			where: "practice = $1 AND referral IN (SELECT id FROM referrals WHERE practice = $1 AND patient = $2)"},
		{Table: "alerts", After: AfterStays, Why: whyCare, Shown: "Alerts", where: patients},
		{Table: "accompaniments", After: AfterStays, Why: whyCare, Shown: "Visits", where: patients},
		{Table: "attendances", After: AfterStays, Why: whyCare, Shown: "Visits", where: patients},
		{Table: "enrolments", After: AfterStays, Why: whyCare, Shown: "Enrolments", where: patients},
		{Table: "referrals", After: AfterStays, Why: whyCare, Shown: "Referrals", where: patients},
		{Table: "permissions", After: AfterStays, Why: whyAsked, Shown: "Permissions", where: patients},
		{Table: "permission_answers", After: AfterStays, Why: whyAsked, Shown: "Answered", where: patients},
		{Table: "outbox", After: AfterEmptied, Empty: []string{"message"}, Why: whyStaff, Shown: "Sent", where: patients},
		{Table: "identities", After: AfterEmptied, Empty: []string{"address"}, Why: whyCare, Shown: "Patient",
			where: "practice = $1 AND kind = 'patient' AND owner = $2"},
		{Table: "patients", After: AfterEmptied, Empty: []string{"matters"}, Why: whyCare, Shown: "Patient", where: "practice = $1 AND id = $2"},
		{Table: "audit", After: AfterStays, Why: whySafe, Shown: "Logged", where: "practice = $1 AND (id = $2 OR actor = 'patient:' || $2)"},
		{Table: "inbox", After: AfterStays, Why: whyTwice, Shown: "Received", ByChat: true, where: ofTheChat},
		{Table: "conversations", After: AfterEmptied, Empty: []string{"open_dialog"}, Why: whyTwice, Shown: "Received", ByChat: true, where: ofTheChat},
		{Table: "conversation_states", After: AfterEmptied, Empty: []string{"state"}, Why: whyTwice, Shown: "Received", ByChat: true, where: ofTheChat},
		{Table: "effects", After: AfterEmptied, Empty: []string{"result"}, Why: whyTwice, Shown: "Received", ByChat: true,
			where: "run LIKE $1 || ':%' OR run LIKE 'guard:' || $1 || ':%'"},
	}
}

// dropRows deletes a patient's rows of the tables of which deleting leaves nothing.
func (r *Records) dropRows(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) error {
	for _, h := range Holdings() {
		if h.After != AfterGone {
			continue
		}
		if _, err := r.exec(ctx, "delete "+h.Table, "DELETE FROM "+h.Table+" WHERE "+h.where, string(practice), string(patient)); err != nil {
			return err
		}
	}
	return nil
}

// countHeld is how many rows of a table are a patient's.
func (r *Records) countHeld(ctx context.Context, table string, practice handrail.PracticeID, patient handrail.PatientID, chat string) (int, error) {
	for _, h := range Holdings() {
		if h.Table != table {
			continue
		}
		args := []any{string(practice), string(patient)}
		if h.ByChat {
			args = []any{chat}
		}
		n, _, err := one(ctx, r, "count "+table, value[int], "SELECT COUNT(*) FROM "+table+" WHERE "+h.where, args...)
		return n, err
	}
	return 0, fmt.Errorf("count %s: it holds nothing about patients", table)
}

// settledLately is how long after it was sent a message is still looked for that was on its way when a patient had
// everything deleted.
const settledLately = 30 * 24 * time.Hour

// forgottenAtOnce bounds one call of ForgetChats: what is more is for the next.
const forgottenAtOnce = 1000

// nobodys is what makes a chat one to forget: it is nobody's, nothing came in it since $1, and nothing of it waits.
const nobodys = `NOT EXISTS (SELECT 1 FROM identities o WHERE o.hash = c.owner AND o.field = 'address' AND o.practice = c.practice AND o.kind <> 'chat')
	AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.conversation = c.owner AND (i.finished_at IS NULL OR i.accepted_at > $1))
	AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.address = c.owner AND x.state IN ('queued', 'claimed', 'sending'))`

// ForgetChats forgets the address of every chat that is nobody's and in which nothing came after that moment, and empties
// what was sent there: of a patient who had everything deleted, of somebody who took their leave, of strangers. Nothing that
// waits, coming or going, loses its address. It also empties what was still on its way about a patient at the moment they had
// everything deleted. It reports how many addresses were forgotten, of a thousand at the most. Safe to call twice, and to be
// killed: each chat is a short transaction of its own, so that nobody who writes meanwhile waits for it. Call it outside a
// transaction.
func (r *Records) ForgetChats(ctx context.Context, quiet time.Time) (n int, err error) {
	all, err := list(ctx, r, "find chats that are nobody's", func(row scanner) (nobodysChat, error) {
		var c nobodysChat
		return c, row.Scan(&c.key, &c.practice, &c.sealed)
	}, "SELECT c.owner, c.practice, c.value FROM identities c WHERE c.kind = 'chat' AND c.field = 'address' AND "+nobodys+" ORDER BY c.owner", micros(quiet))
	if err != nil {
		return 0, err
	}
	for _, c := range all {
		if n == forgottenAtOnce {
			break
		}
		gone, err := r.forgetNobodys(ctx, c, quiet)
		if err != nil {
			return n, err
		}
		if gone {
			n++
		}
	}
	return n, r.forgetLate(ctx, quiet)
}

// nobodysChat is a chat that seems to be nobody's.
type nobodysChat struct {
	key      string
	practice handrail.PracticeID
	sealed   []byte
}

// forgetNobodys forgets one of them, where it is still nobody's once its conversation is held.
func (r *Records) forgetNobodys(ctx context.Context, c nobodysChat, quiet time.Time) (gone bool, err error) {
	a, err := r.openAddress(c.key, c.sealed)
	if err != nil { // the others are forgotten all the same
		r.log.WarnContext(ctx, "a chat's address cannot be read, and stays", "error", err)
		return false, nil
	}
	if a.Channel == handrail.ChannelEmail || a.Thread != "" {
		return false, nil // the practice's own: an address of the settings, and a thread in which staff talk
	}
	err = r.in(ctx, "ForgetChats", func(ctx context.Context) error {
		gone = false
		// Whoever writes at this moment holds the same row first: they are seen below, or come after the commit.
		if _, _, err := one(ctx, r, "hold the conversation", value[int], "SELECT 1 FROM conversations WHERE conversation = $1"+r.kind.forUpdate(), c.key); err != nil {
			return err
		}
		_, still, err := one(ctx, r, "look again", value[int], "SELECT 1 FROM identities c WHERE c.kind = 'chat' AND c.field = 'address' AND "+nobodys+
			" AND c.owner = $2 AND c.practice = $3", micros(quiet), c.key, string(c.practice))
		if err != nil || !still {
			return err
		}
		if err := r.forgetMessages(ctx, c.practice, "address = $2", c.key); err != nil {
			return err
		}
		if err := r.dropIdentity(ctx, identity{kind: ownerChat, id: c.key, practice: c.practice}, fieldAddress); err != nil {
			return err
		}
		gone = true
		return r.audit(ctx, c.practice, handrail.ActorSystem, "forgotten", "chat", c.key)
	})
	return gone && err == nil, err
}

// forgetLate empties what was on its way about patients when they had everything deleted.
func (r *Records) forgetLate(ctx context.Context, quiet time.Time) error {
	type erased struct {
		patient  handrail.PatientID
		practice handrail.PracticeID
		at       int64
	}
	all, err := list(ctx, r, "find who had everything deleted", func(row scanner) (erased, error) {
		var e erased
		return e, row.Scan(&e.patient, &e.practice, &e.at)
	}, "SELECT id, practice, erased_at FROM patients WHERE erased_at > $1 ORDER BY id", micros(quiet.Add(-settledLately)))
	if err != nil {
		return err
	}
	for _, e := range all {
		err := r.in(ctx, "ForgetChats", func(ctx context.Context) error {
			return r.forgetMessages(ctx, e.practice, "patient = $2 AND patient <> '' AND put_at <= $3 AND settled_at >= $3 AND "+notToStaff, string(e.patient), e.at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// notToStaff picks messages to anybody but staff, whose tasks stay.
const notToStaff = "address NOT IN (SELECT hash FROM identities WHERE practice = $1 AND kind = 'staff' AND field = 'address')"
