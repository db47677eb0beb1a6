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
	// Meetings are the occurrences of a listing that start in [from, to), in order; nil counts no courses.
	Meetings func(a handrail.Activity, from, to time.Time) ([]handrail.Occurrence, error)
	// PlanNext puts a patient down for the next meeting after a visit; nil plans nothing.
	PlanNext func(ctx context.Context, v handrail.Visit, now time.Time) error
	// NoSurvey asks nobody how life is going.
	NoSurvey bool
	// StillOn is the question to an organiser in the chat they have, and AskLink the one-tap address of it for one who has
	// none; empty where no public address is set.
	StillOn func(a handrail.Activity, ask handrail.Ask, to handrail.Address) bot.Envelope
	AskLink func(ask handrail.Ask) string
	// Cards says when the numbers on the urgent-help cards were last checked; nil asks nobody for it.
	Cards Cards
}

// Cards is the age of the urgent-help cards (K5).
type Cards interface {
	// On is the day that counts, and whether somebody here looked then.
	On() (day time.Time, own bool)
	// Due reports whether a person should look now.
	Due(now time.Time) bool
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
	// CountAlerts counts a practice's alerts, and how staff marked them, since then.
	CountAlerts(ctx context.Context, practice handrail.PracticeID, since time.Time) (handrail.AlertCounts, error)
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
	Patient(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID) (handrail.Patient, error)
	// TrustedOf are the people a patient wishes to be reminded with them.
	TrustedOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Trusted, error)
	Permissions(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Permission, error)
	// LiveEnrolments is everybody who goes to something or means to, EnrolmentsEnded are those that ended in [from, to), and
	// EnrolledIn is all of one patient: each with its patient and activity, and no visit.
	LiveEnrolments(ctx context.Context) ([]handrail.Visit, error)
	EnrolmentsEnded(ctx context.Context, from, to time.Time) ([]handrail.Visit, error)
	EnrolledIn(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Visit, error)
	ChangeEnrolment(ctx context.Context, practice handrail.PracticeID, id handrail.EnrolmentID, by handrail.Actor, change func(*handrail.Enrolment) error) (handrail.Enrolment, error)
	ChangeAttendance(ctx context.Context, practice handrail.PracticeID, id handrail.AttendanceID, by handrail.Actor, change func(*handrail.Attendance) error) (handrail.Attendance, error)
	ChangeAccompaniment(ctx context.Context, practice handrail.PracticeID, id handrail.AccompanimentID, by handrail.Actor, change func(*handrail.Accompaniment) error) (handrail.Accompaniment, error)
	// Measured reports whether an instrument was answered in a round, MeasuresStarted are those who first answered one then.
	Measured(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, i handrail.Instrument, round handrail.Round) (bool, error)
	MeasuresStarted(ctx context.Context, round handrail.Round, from, to time.Time) ([]handrail.Measure, error)
	// Leaves are those of a practice that are not over today, and today.
	Leaves(ctx context.Context, practice handrail.PracticeID, zone *time.Location) ([]handrail.Leave, handrail.Date, error)
	// ForgetChats forgets the address of every chat that is nobody's and quiet since then.
	ForgetChats(ctx context.Context, quiet time.Time) (int, error)
	// HeldChanges counts the changes from feeds that wait for a person.
	HeldChanges(ctx context.Context) (int, error)
}

// often is the schedule of jobs that look for what falls due through the day: every five minutes from 7 to 22.
const often = "*/5 7-21 * * *"

// All lists every job.
func All(d Deps) []Job {
	k := &kit{d}
	return []Job{
		k.dayBefore(), k.sameDay(), k.oneDay(), k.trusted(), k.how(), k.nudge(), k.again(), k.digest(), k.gpNote(), k.ask(), k.buddy(), k.asks(),
		k.ending(), k.ended(), k.since(), k.survey(), k.onward(), k.forget(),
	}
}

// kit is Deps with what several jobs share.
type kit struct{ Deps }

func (k *kit) words(key string, args ...string) bot.Text { return k.Words.Text("en", key, args...) }

func (k *kit) line(key string, args ...string) string { return k.Words.Line("en", key, args...) }

// to speaks the patient's language, as far as its words are ready.
func (k *kit) to(p handrail.Patient) tongue { return tongue{k.Words, p.Language} }

// tongue is the words in one language.
type tongue struct {
	all  bot.Words
	lang string
}

func (t tongue) words(key string, args ...string) bot.Text { return t.all.Text(t.lang, key, args...) }

func (t tongue) line(key string, args ...string) string { return t.all.Line(t.lang, key, args...) }

// at is a wall time on the local date of t, so many days on (T2: never so many hours).
func (k *kit) at(t time.Time, days int, c handrail.Clock) time.Time {
	t = t.In(k.Zone).AddDate(0, 0, days)
	return handrail.WallTime(t.Year(), t.Month(), t.Day(), c, k.Zone)
}

// press makes a button that works on its own.
func press(label, dialog, subject, answer string) bot.Option {
	return bot.Option{Label: label, Press: &bot.Press{Dialog: dialog, Subject: subject, Answer: answer}}
}

// urgent is the way to urgent help, last under everything that is said to a patient with buttons (K15).
func (k *kit) urgent(p handrail.Patient) bot.Option {
	o := press(k.to(p).line("help.urgent"), "urgent", "me", "help")
	o.Style = "urgent"
	return o
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
