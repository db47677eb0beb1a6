package reminders

import (
	"context"
	"slices"
	"time"

	"handrail"
	"handrail/bot"
)

// Contacts is the one ledger of how often we wrote to each patient first (G16). store/records implements it.
type Contacts interface {
	// TakeContact enters a contact and reports whether it may be made: not when there are most others of its kind after
	// that moment.
	TakeContact(ctx context.Context, c handrail.Contact, after time.Time, most int) (bool, error)
	// Contacts counts each patient's contacts of a kind after a moment.
	Contacts(ctx context.Context, patients []handrail.PatientID, kind handrail.ContactKind, after time.Time) (map[handrail.PatientID]int, error)
}

// The reasons for which the ledger keeps a message.
const (
	reasonBudget   = "budget"    // enough was asked of this person this week
	reasonOneADay  = "one a day" // they were reminded today
	reasonNotNow   = "held"      // the sender's word for what may go later
	longestMoment  = 24 * time.Hour
	reminderWindow = time.Microsecond // what is at midnight belongs to the day that begins
)

// asks reports whether an envelope is a question to a patient that counts.
func asks(e bot.Envelope) bool { return e.Class == bot.ClassNudge && e.Patient != "" }

// reminds reports whether an envelope reminds a patient. Buddies are reminded on the patient's permission to tell them.
func reminds(e bot.Envelope) bool {
	return e.Class == bot.ClassReminder && e.Patient != "" && e.Permission == handrail.PurposeChat
}

// waits reports whether a question keeps its sense for longer than a day: then it waits for room in the week, where
// another is dropped.
func waits(e bot.Envelope) bool { return e.NotAfter.Sub(e.NotBefore) > longestMoment }

// within leaves out the questions for which there is no room this week, when they are planned. What waits is put all the
// same: the ledger is asked once more before anything is sent.
func (p *Planner) within(ctx context.Context, j *Job, envs []bot.Envelope) ([]bot.Envelope, error) {
	if p.Contacts == nil {
		return envs, nil
	}
	var patients []handrail.PatientID
	for _, e := range envs {
		if asks(e) && !waits(e) {
			patients = append(patients, e.Patient)
		}
	}
	if len(patients) == 0 {
		return envs, nil
	}
	n, err := p.Contacts.Contacts(ctx, patients, handrail.ContactAsk, p.Clock.Now().Add(-handrail.AsksWeek))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(envs, func(e bot.Envelope) bool {
		return asks(e) && !waits(e) && n[e.Patient] >= handrail.AsksAWeek-j.Leave
	}), nil
}

// take asks the ledger just before an envelope is sent, and enters it there; "" when it may go. Whoever is in time gets
// the place: several senders never take more than the limit together.
func (p *Planner) take(ctx context.Context, j *Job, e bot.Envelope) (string, error) {
	if p.Contacts == nil || !asks(e) && !reminds(e) {
		return "", nil
	}
	now := p.Clock.Now()
	c := handrail.Contact{Key: e.Key, Practice: e.To.Practice, Patient: e.Patient, Kind: handrail.ContactAsk, At: now}
	after, most, otherwise := now.Add(-handrail.AsksWeek), handrail.AsksAWeek-j.Leave, reasonBudget
	switch {
	case reminds(e):
		c.Kind, most, otherwise = handrail.ContactReminder, handrail.RemindersADay, reasonOneADay
		after = handrail.DateOf(now, p.Zone).At(0, p.Zone).Add(-reminderWindow)
	case waits(e):
		otherwise = reasonNotNow
	}
	ok, err := p.Contacts.TakeContact(ctx, c, after, most)
	if err != nil || ok {
		return "", err
	}
	return otherwise, nil
}
