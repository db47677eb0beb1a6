package reminders

import (
	"context"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
)

// sinceWeeks are how many weeks after something came to its end we ask how things are.
func sinceWeeks() []int { return []int{2, 6} }

// since asks, two and six weeks after the end of what somebody went to, how things are: unless they have been somewhere
// since, for then they are asked about that.
func (k *kit) since() Job {
	return Job{Name: "since", Spec: "0 11 * * *", Leave: 1, Still: k.sinceStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		var out []bot.Envelope
		for _, weeks := range sinceWeeks() {
			reach := time.Duration(weeks)*7*24*time.Hour + 48*time.Hour
			all, err := k.Facts.EnrolmentsEnded(ctx, s.From.Add(-reach), s.To)
			if err != nil {
				return nil, err
			}
			for _, v := range all {
				if v.Enrolment.EndReason != finished {
					continue
				}
				at := k.at(*v.Enrolment.EndedAt, 7*weeks, endingAt)
				from, until := k.late(at, s), k.at(at, 4, endingAt)
				if !s.Holds(at) || !from.Before(until) {
					continue
				}
				been, err := k.beenSince(ctx, v)
				if err != nil {
					return nil, err
				}
				if been {
					continue
				}
				id := string(v.Enrolment.ID)
				out = append(out, bot.Envelope{
					Key: "since:" + id + ":" + strconv.Itoa(weeks), To: v.Patient.Address, Patient: v.Patient.ID, Class: bot.ClassNudge,
					Permission: handrail.PurposeChat, Subject: id, NotBefore: from, NotAfter: until,
					Message: bot.Message{Text: k.to(v.Patient).words("ending.since", "name", v.Patient.Name), Options: []bot.Option{
						press(k.to(v.Patient).line("ending.well"), "ending", id, "well"), press(k.to(v.Patient).line("ending.new"), "ending", id, "new"),
						press(k.to(v.Patient).line("ending.talk"), "ending", id, "talk"), k.urgent(v.Patient),
					}},
				})
			}
		}
		return out, nil
	}}
}

// beenSince reports whether somebody has been anywhere since something of theirs ended.
func (k *kit) beenSince(ctx context.Context, v handrail.Visit) (bool, error) {
	visits, err := k.Facts.VisitsOf(ctx, v.Patient.Practice, v.Patient.ID)
	if err != nil {
		return false, err
	}
	for _, other := range visits {
		if other.Attendance.State == handrail.AttendanceCame && other.Enrolment.ID != v.Enrolment.ID && other.Attendance.Occurrence.Start.After(*v.Enrolment.EndedAt) {
			return true, nil
		}
	}
	return false, nil
}

func (k *kit) sinceStill(ctx context.Context, e bot.Envelope) (string, error) {
	all, err := k.Facts.EnrolledIn(ctx, e.To.Practice, e.Patient)
	if err != nil {
		return "", err
	}
	for _, v := range all {
		if string(v.Enrolment.ID) != e.Subject || v.Enrolment.EndedAt == nil {
			continue
		}
		been, err := k.beenSince(ctx, v)
		if err != nil || !been {
			return "", err
		}
		return "answered", nil
	}
	return "gone", nil
}
