package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// team is what the practice's people ask of the records.
type team interface {
	AllStaff(ctx context.Context, practice handrail.PracticeID) ([]handrail.Staff, error)
	SaveStaff(ctx context.Context, s handrail.Staff, by handrail.Actor) error
	// ChangeStaff refuses what would leave a practice without an administrator.
	ChangeStaff(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID, by handrail.Actor, change func(*handrail.Staff) error) (handrail.Staff, error)
	// NewStaffInvite makes a one-time code; the code of before stops working.
	NewStaffInvite(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID, life time.Duration, by handrail.Actor) (code string, err error)
	TryStaffInvite(ctx context.Context, practice handrail.PracticeID, code string, from handrail.Address) (handrail.InviteOutcome, handrail.Staff, error)
	// Leaves are those that are not over today, and today.
	Leaves(ctx context.Context, practice handrail.PracticeID, zone *time.Location) ([]handrail.Leave, handrail.Date, error)
	AddLeave(ctx context.Context, l handrail.Leave, by handrail.Actor) error
	EndLeave(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID, day handrail.Date, by handrail.Actor) error
}

// cases is what looking after somebody's record asks of the records.
type cases interface {
	Caseload(ctx context.Context, practice handrail.PracticeID) ([]handrail.Case, error)
	AddNote(ctx context.Context, n handrail.CaseNote, by handrail.Actor) error
	Notes(ctx context.Context, practice handrail.PracticeID, referral handrail.ReferralID) ([]handrail.CaseNote, error)
	// NoteRead writes down that somebody looked (G10).
	NoteRead(ctx context.Context, practice handrail.PracticeID, by handrail.Actor, noun, id string) error
	// Halt stops everything for a patient, and LiftHalt undoes it.
	Halt(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, reason handrail.HaltReason, by handrail.StaffID) (handrail.Patient, error)
	LiftHalt(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.StaffID) (handrail.Patient, error)
}

// asStaff is the member of staff who talks, as far as a conversation knows them: who they are and what they may do.
func asStaff(who bot.Who) handrail.Staff {
	return handrail.Staff{ID: handrail.StaffID(who.ID), Practice: who.Practice, Name: who.Name, Roles: who.Roles, Active: who.Kind == bot.WhoStaff}
}

// managers add staff and change what they may do.
func managers(who bot.Who) bool { return who.Kind == bot.WhoStaff && asStaff(who).MayManage() }

// notThere is the answer for a referral that is another practice's, or that the person may not open: word for word what
// the records say of one that was never there (C8).
func (k *kit) notThere() error {
	return handrail.Errorf(handrail.KindNotFound, "I can't find that referral.", "the referral is not this person's to open")
}

// openCase reads a referral and its patient for somebody who may open them.
func (k *kit) openCase(ctx context.Context, who bot.Who, id handrail.ReferralID) (handrail.Referral, handrail.Patient, error) {
	r, err := k.Records.Referral(ctx, who.Practice, id)
	if err != nil {
		return handrail.Referral{}, handrail.Patient{}, err
	}
	if !asStaff(who).MayOpen(r) {
		return handrail.Referral{}, handrail.Patient{}, k.notThere()
	}
	p, err := k.Records.Patient(ctx, who.Practice, r.Patient)
	return r, p, err
}

// covered puts whoever covers in the place of those who are away, each once. Somebody whose cover has no chat stays: it is
// better that a message waits for them than that nobody gets it.
func (k *kit) covered(ctx context.Context, practice handrail.PracticeID, staff []handrail.Staff) ([]handrail.Staff, error) {
	leaves, today, err := k.Records.Leaves(ctx, practice, k.Zone)
	if err != nil || len(leaves) == 0 {
		return staff, err
	}
	out, seen := make([]handrail.Staff, 0, len(staff)), map[handrail.StaffID]bool{}
	for _, s := range staff {
		if id, away := handrail.CoverFor(leaves, s.ID, today); away && id != s.ID {
			if c, err := k.Records.Staff(ctx, practice, id); err == nil && c.Active && !c.Address.IsZero() {
				s = c
			}
		}
		if !seen[s.ID] {
			seen[s.ID], out = true, append(out, s)
		}
	}
	return out, nil
}

// staffNames are the names of a practice's people, by id: those who have left too.
func (k *kit) staffNames(ctx context.Context, practice handrail.PracticeID) (map[handrail.StaffID]string, error) {
	all, err := k.Records.AllStaff(ctx, practice)
	if err != nil {
		return nil, err
	}
	out := make(map[handrail.StaffID]string, len(all))
	for _, s := range all {
		out[s.ID] = s.Name
	}
	return out, nil
}
