package reminders

import (
	"context"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

const (
	// endingAt is when, on the day, somebody is told that what they go to ends.
	endingAt = handrail.Clock(11 * 60)
	// endingFirst and endingLast are how many days before the last day they are told.
	endingFirst = 28
	endingLast  = 7
	// courseLasts bounds how far the meetings of a course are counted.
	courseLasts = 500 * 24 * time.Hour
)

// ending tells somebody weeks ahead that what they go to ends, and asks what they would like after that: four weeks before
// the last day, and one week before where nothing is lined up yet. Nobody is told of weeks that were gone when they chose.
func (k *kit) ending() Job {
	return Job{Name: "ending", Spec: "0 11 * * *", Still: k.endingStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		all, err := k.Facts.LiveEnrolments(ctx)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for _, v := range all {
			last, ends, err := k.lastDay(ctx, v)
			if err != nil {
				return nil, err
			}
			if !ends || v.Enrolment.State == handrail.EnrolmentPaused {
				continue
			}
			for _, days := range []int{endingFirst, endingLast} {
				at := k.at(last.At(handrail.At(12, 0), k.Zone), -days, endingAt)
				from, until := k.late(at, s), k.at(at, days-1, endingAt)
				if days == endingFirst {
					until = k.at(at, endingFirst-endingLast-1, endingAt)
				}
				if !s.Holds(at) || v.Enrolment.ChosenAt.After(at) || !from.Before(until) || days == endingLast && k.linedUp(all, v, last) {
					continue
				}
				out = append(out, k.endingEnvelope(v, last, days, from, until))
			}
		}
		return out, nil
	}}
}

func (k *kit) endingEnvelope(v handrail.Visit, last handrail.Date, days int, from, until time.Time) bot.Envelope {
	id, key := string(v.Enrolment.ID), "ending.soon"
	if days == endingLast {
		key = "ending.last"
	}
	body := k.to(v.Patient).words(key, "name", v.Patient.Name)
	body = append(body, k.to(v.Patient).words("ending.soon.what", "group", v.Activity.Name, "day", text.Day(last.At(handrail.At(12, 0), k.Zone), from, k.Zone))...)
	return bot.Envelope{
		Key: key + ":" + id + ":" + string(last), To: v.Patient.Address, Patient: v.Patient.ID, Class: bot.ClassNudge,
		Permission: handrail.PurposeChat, Subject: id, NotBefore: from, NotAfter: until,
		Message: bot.Message{Text: body, Options: []bot.Option{
			press(k.to(v.Patient).line("ending.like"), "ending", id, "like"), press(k.to(v.Patient).line("ending.talk"), "ending", id, "talk"),
			press(k.to(v.Patient).line("ending.fine"), "ending", id, "fine"), k.urgent(v.Patient),
		}},
	}
}

// endingStill looks whether they still go, whether it still ends on that day, and, for the second time, whether there is
// something lined up by now.
func (k *kit) endingStill(ctx context.Context, e bot.Envelope) (string, error) {
	all, err := k.Facts.EnrolledIn(ctx, e.To.Practice, e.Patient)
	if err != nil {
		return "", err
	}
	for _, v := range all {
		if string(v.Enrolment.ID) != e.Subject {
			continue
		}
		last, ends, err := k.lastDay(ctx, v)
		switch {
		case err != nil:
			return "", err
		case v.Enrolment.State == handrail.EnrolmentEnded || v.Enrolment.State == handrail.EnrolmentPaused:
			return "answered", nil
		case !ends || !strings.HasSuffix(e.Key, ":"+string(last)):
			return "moved", nil
		case strings.HasPrefix(e.Key, "ending.last:") && k.linedUp(all, v, last):
			return "answered", nil
		}
		return "", nil
	}
	return "gone", nil
}

// linedUp reports whether somebody has something else to go to after the last day.
func (k *kit) linedUp(all []handrail.Visit, v handrail.Visit, last handrail.Date) bool {
	for _, other := range all {
		if other.Patient.ID != v.Patient.ID || other.Enrolment.ID == v.Enrolment.ID || other.Activity.Status != handrail.ActivityActive {
			continue
		}
		if other.Enrolment.State != handrail.EnrolmentChosen && other.Enrolment.State != handrail.EnrolmentActive {
			continue
		}
		if end, ends := other.Activity.LastDay(); !ends || end > last {
			return true
		}
	}
	return false
}

// lastDay is the last day of what a patient goes to; false when it goes on. A course of so many meetings is counted from
// their own first one.
func (k *kit) lastDay(ctx context.Context, v handrail.Visit) (handrail.Date, bool, error) {
	last, ends := v.Activity.LastDay()
	if _, course := v.Activity.Sessions(); !course || k.Meetings == nil {
		return last, ends, nil
	}
	all, err := k.Facts.VisitsOf(ctx, v.Patient.Practice, v.Patient.ID)
	if err != nil {
		return "", false, err
	}
	for _, first := range all { // in order of their start
		if first.Enrolment.ID != v.Enrolment.ID || first.Attendance.State == handrail.AttendanceCancelled {
			continue
		}
		start := first.Attendance.Occurrence.Start
		meetings, err := k.Meetings(v.Activity, start, start.Add(courseLasts))
		if err != nil {
			return "", false, err
		}
		last, ends = v.Activity.LastDayFrom(meetings)
		break
	}
	return last, ends, nil
}
