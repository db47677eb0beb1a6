package handrail

import "time"

// NoteID names a case note.
type NoteID string

// CaseNote is what a member of staff did or asked for a patient, and why, in their own words: it is shown in the record
// and nowhere else.
type CaseNote struct {
	ID       NoteID
	Practice PracticeID
	Referral ReferralID
	By       StaffID
	Kind     NoteKind
	Words    string // sealed in the records; never sent to a patient or a buddy
	At       time.Time
}

// NoteKind is what a note is about.
type NoteKind string

// The kinds of note.
const (
	NoteRemit   NoteKind = "remit"   // why somebody was referred although the check said to think twice
	NotePlan    NoteKind = "plan"    // why the plan was changed
	NoteAdvice  NoteKind = "advice"  // advice was asked for
	NoteMessage NoteKind = "message" // between the referrer and the link worker
	NoteHalt    NoteKind = "halt"    // everything was stopped, or goes on
	NoteGroup   NoteKind = "group"   // a group was put into the patient's chat
)
