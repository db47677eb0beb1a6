package handrail

import "time"

// Contact is one time that we wrote to a patient first. All of them together are the one ledger that keeps us from
// pestering anybody (G16): whatever job or conversation wishes to speak asks here, and what was not answered counts too.
type Contact struct {
	// Key is the message's: taking the same contact twice takes one.
	Key      string
	Practice PracticeID
	Patient  PatientID
	Kind     ContactKind
	At       time.Time // when it was taken, which is just before the message is sent (UTC)
}

// ContactKind says which limit a Contact counts under. Answers to what a patient just sent, news of what they chose and
// urgent help are no contacts.
type ContactKind string

// The kinds.
const (
	ContactAsk      ContactKind = "ask"      // a question, a prompt, a survey: at most AsksAWeek
	ContactReminder ContactKind = "reminder" // of what they chose: at most one a day, whatever they have on
)

// The limits of requirement G16.
const (
	AsksAWeek     = 4
	AsksWeek      = 7 * 24 * time.Hour
	RemindersADay = 1
)
