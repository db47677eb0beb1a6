package reminders

import (
	"context"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// Deps is what the jobs need.
type Deps struct {
	Facts Facts
	Words bot.Words
	Zone  *time.Location
	// StillOn is the question to an organiser in the chat they have, and AskLink the one-tap address of it for one who has
	// none; empty where no public address is set.
	StillOn func(a handrail.Activity, ask handrail.Ask, to handrail.Address) bot.Envelope
	AskLink func(ask handrail.Ask) string
}

// Facts is what the jobs ask of the records.
type Facts interface {
	VisitsStarting(ctx context.Context, from, to time.Time) ([]handrail.Visit, error)
	VisitsEnding(ctx context.Context, from, to time.Time) ([]handrail.Visit, error)
	VisitsChanged(ctx context.Context, state handrail.AttendanceState, from, to time.Time) ([]handrail.Visit, error)
	Visit(ctx context.Context, practice handrail.PracticeID, id handrail.AttendanceID) (handrail.Visit, error)
	VisitsOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Visit, error)
	Accompaniment(ctx context.Context, practice handrail.PracticeID, id handrail.AccompanimentID) (handrail.Accompaniment, error)
	AccompanimentsIn(ctx context.Context, practice handrail.PracticeID, states ...handrail.AccompanimentState) ([]handrail.Accompaniment, error)
	Referral(ctx context.Context, practice handrail.PracticeID, id handrail.ReferralID) (handrail.Referral, error)
	Caseload(ctx context.Context, practice handrail.PracticeID) ([]handrail.Case, error)
	OpenAlerts(ctx context.Context, practice handrail.PracticeID) ([]handrail.Alert, error)
	Buddies(ctx context.Context, practice handrail.PracticeID, state handrail.BuddyState) ([]handrail.Buddy, error)
	Practices(ctx context.Context) ([]handrail.Practice, error)
	Staff(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID) (handrail.Staff, error)
	StaffWith(ctx context.Context, practice handrail.PracticeID, role handrail.Role) ([]handrail.Staff, error)
	// AskedListings are active listings that are due to be asked about at or before a time, those due longest first: those
	// that somebody answers for in a chat, or that somebody goes to.
	AskedListings(ctx context.Context, before time.Time, limit int) ([]handrail.AskedListing, error)
	Ask(ctx context.Context, id handrail.AskID) (handrail.Ask, error)
	PutAsk(ctx context.Context, ask handrail.Ask, by handrail.Actor) error
	ChangeStanding(ctx context.Context, id handrail.ActivityID, by handrail.Actor, change func(*handrail.Standing) error) (handrail.Activity, error)
	// FeedStates are the feeds that were ever read, by name.
	FeedStates(ctx context.Context) ([]handrail.FeedState, error)
	// HeldChanges counts the changes from feeds that wait for a person.
	HeldChanges(ctx context.Context) (int, error)
}

// often is the schedule of jobs that look for what falls due through the day: every five minutes from 7 to 22.
const often = "*/5 7-21 * * *"

// All lists every job.
func All(d Deps) []Job {
	k := &kit{d}
	return []Job{k.dayBefore(), k.sameDay(), k.how(), k.nudge(), k.again(), k.digest(), k.gpNote(), k.ask(), k.buddy(), k.asks()}
}

// kit is Deps with what several jobs share.
type kit struct{ Deps }

func (k *kit) words(key string, args ...string) bot.Text { return k.Words.Text("en", key, args...) }

func (k *kit) line(key string, args ...string) string { return k.Words.Line("en", key, args...) }

// at is a wall time on the local date of t, so many days on (T2: never so many hours).
func (k *kit) at(t time.Time, days int, c handrail.Clock) time.Time {
	t = t.In(k.Zone).AddDate(0, 0, days)
	return handrail.WallTime(t.Year(), t.Month(), t.Day(), c, k.Zone)
}

// press makes a button that works on its own.
func press(label, dialog, subject, answer string) bot.Option {
	return bot.Option{Label: label, Press: &bot.Press{Dialog: dialog, Subject: subject, Answer: answer}}
}

// stillAhead is the last look at a planned visit: it is still to come, and at the time the message says, which is the end
// of the envelope's key.
func (k *kit) stillAhead(ctx context.Context, e bot.Envelope) (string, error) {
	v, err := k.Facts.Visit(ctx, e.To.Practice, handrail.AttendanceID(e.Subject))
	if err != nil {
		return "", err
	}
	switch {
	case !v.Attendance.State.Ahead():
		return "answered", nil
	case !strings.HasSuffix(e.Key, ":"+v.Attendance.Occurrence.Local):
		return "moved", nil
	}
	return "", nil
}

// agreed reports whether a buddy will be there.
func agreed(v handrail.Visit) bool {
	return v.Accompaniment != nil && v.Accompaniment.State == handrail.AccompanimentAgreed && v.Buddy != nil
}
