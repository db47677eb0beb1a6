package dialogs

import (
	"context"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// endings is what the end of a time-limited group asks of the records.
type endings interface {
	// EnrolledIn is all that the patient goes to, went to or means to go to, each with its activity and no visit.
	EnrolledIn(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Visit, error)
}

// courseLasts bounds how far the meetings of a course are counted.
const courseLasts = 500 * 24 * time.Hour

// lastDay is the last day of what a patient goes to; false when it goes on. A course of so many meetings is counted from
// their own first one.
func (k *kit) lastDay(ctx context.Context, v handrail.Visit) (handrail.Date, bool, error) {
	if _, course := v.Activity.Sessions(); !course {
		last, ends := v.Activity.LastDay()
		return last, ends, nil
	}
	all, err := k.Records.VisitsOf(ctx, v.Patient.Practice, v.Patient.ID)
	if err != nil {
		return "", false, err
	}
	for _, first := range all { // in order of their start
		if first.Enrolment.ID != v.Enrolment.ID || first.Attendance.State == handrail.AttendanceCancelled {
			continue
		}
		start := first.Attendance.Occurrence.Start
		meetings, err := k.Finder.Meetings(v.Activity, start, start.Add(courseLasts))
		if err != nil {
			return "", false, err
		}
		last, ends := v.Activity.LastDayFrom(meetings)
		return last, ends, nil
	}
	last, ends := v.Activity.LastDay()
	return last, ends, nil
}

// ending takes the answer to the news that a group ends, and to the question how things are some weeks after. Its subject
// is an enrolment.
func (k *kit) ending() bot.Dialog {
	return bot.Dialog{Name: "ending", Title: "ending.title", May: patientOnly, Script: func(t *bot.Talk) error {
		who, id, now := t.Who(), handrail.EnrolmentID(t.Subject()), t.Now()
		switch t.Pressed() {
		case "like":
			return t.Then("choose", bot.Answers{"like": string(id)})
		case "new":
			return t.Then("choose", nil)
		case "talk":
			name := bot.Do(t, "talk", "", func(ctx context.Context) (string, error) {
				v, err := k.enrolledIn(ctx, who, id)
				if err != nil {
					return "", err
				}
				name, err := k.carerName(ctx, who.Practice, v.Patient.ID)
				if err != nil {
					return "", err
				}
				key := "talk:" + string(id) + ":" + string(handrail.DateOf(now, k.Zone))
				return name, k.tellCarer(ctx, v.Patient, key, now, func(ref handrail.Referral) bot.Message {
					return bot.Message{Text: k.words("ending.talk.task", "who", v.Patient.Initials(), "ref", ref.Ref, "group", v.Activity.Name)}
				})
			})
			t.Say(t.Words("ending.said.talk", "link_worker", name))
		case "well":
			t.Say(t.Words("ending.said.well"))
		default:
			t.Say(t.Words("ending.said.fine"))
		}
		return nil
	}}
}

// enrolledIn is one of the patient's own choices; another patient's is not found (C8).
func (k *kit) enrolledIn(ctx context.Context, who bot.Who, id handrail.EnrolmentID) (handrail.Visit, error) {
	all, err := k.Records.EnrolledIn(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return handrail.Visit{}, err
	}
	for _, v := range all {
		if v.Enrolment.ID == id {
			return v, nil
		}
	}
	return handrail.Visit{}, handrail.Errorf(handrail.KindNotFound, k.line("bot.moved_on"), "enrolment: of another patient")
}

// like is what to look for when somebody wants more of what they have: what its listing names first, or else its name.
func like(a handrail.Activity) string {
	if len(a.Topics) > 0 {
		return a.Topics[0]
	}
	return a.Name
}

// capital begins a line with a capital letter.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
