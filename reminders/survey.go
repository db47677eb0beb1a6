package reminders

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

const (
	// surveyAt is when, on its day, somebody is asked how life is going.
	surveyAt = handrail.Clock(14 * 60)
	// surveyWaits is for how many days the question waits for room among a week's.
	surveyWaits = 5
)

// survey asks how life is going, twice: on the day after the first visit, and three months after that was answered. Whoever
// said no is not asked again, and whoever never answered the first is not asked the second. It leaves room in the week for
// what is more pressing.
func (k *kit) survey() Job {
	return Job{Name: "survey", Spec: "0 14 * * *", Leave: 1, Still: k.surveyStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		if k.NoSurvey {
			return nil, nil
		}
		first, err := k.surveyStart(ctx, s)
		if err != nil {
			return nil, err
		}
		later, err := k.surveyLater(ctx, s)
		return append(first, later...), err
	}}
}

// surveyStart are those who went somewhere for the first time yesterday.
func (k *kit) surveyStart(ctx context.Context, s Span) ([]bot.Envelope, error) {
	visits, err := k.Facts.VisitsChanged(ctx, handrail.AttendanceCame, s.From.Add(-48*time.Hour), s.To)
	if err != nil {
		return nil, err
	}
	var out []bot.Envelope
	for _, v := range visits {
		at := k.at(v.Attendance.ChangedAt, 1, surveyAt)
		if !v.Attendance.First || !s.Holds(at) {
			continue
		}
		e, ok, err := k.surveyFor(ctx, v.Patient, handrail.RoundStart, at, s)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, e)
		}
	}
	return out, nil
}

// surveyLater are those who answered three months ago.
func (k *kit) surveyLater(ctx context.Context, s Span) ([]bot.Envelope, error) {
	reach := s.From.In(k.Zone).AddDate(0, -handrail.RoundLaterMonths, -4)
	started, err := k.Facts.MeasuresStarted(ctx, handrail.RoundStart, reach, s.To)
	if err != nil {
		return nil, err
	}
	var out []bot.Envelope
	for _, m := range started {
		at := m.At.In(k.Zone).AddDate(0, handrail.RoundLaterMonths, 0)
		at = k.at(at, 0, surveyAt)
		if !s.Holds(at) {
			continue
		}
		p, err := k.Facts.Patient(ctx, m.Practice, m.Patient)
		if err != nil {
			return nil, err
		}
		e, ok, err := k.surveyFor(ctx, p, handrail.RoundLater, at, s)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, e)
		}
	}
	return out, nil
}

func (k *kit) surveyFor(ctx context.Context, p handrail.Patient, round handrail.Round, at time.Time, s Span) (bot.Envelope, bool, error) {
	from, until := k.late(at, s), k.at(at, surveyWaits, surveyAt)
	// Only the year is known, so somebody whose birthday is to come is a year younger than it says.
	young := p.BirthYear > 0 && at.In(k.Zone).Year()-p.BirthYear <= handrail.YoungestAsked
	if !from.Before(until) || young {
		return bot.Envelope{}, false, nil
	}
	why, err := k.surveyDone(ctx, p.Practice, p.ID, round)
	if err != nil || why != "" {
		return bot.Envelope{}, false, err
	}
	// The first time, the message asks for the permission in its own words, and its buttons answer that.
	body := append(k.to(p).words("survey.ask", "name", p.Name), k.to(p).words("permission.measures")...)
	if round == handrail.RoundLater {
		body = k.to(p).words("survey.ask.later", "name", p.Name)
	}
	return bot.Envelope{
		Key: "survey:" + string(p.ID) + ":" + string(round), To: p.Address, Patient: p.ID, Class: bot.ClassNudge, Permission: handrail.PurposeChat,
		Subject: string(round), NotBefore: from, NotAfter: until,
		Message: bot.Message{Text: body, Options: []bot.Option{
			press(k.to(p).line("survey.yes"), "survey", string(round), "yes"), press(k.to(p).line("survey.no"), "survey", string(round), "no"),
			k.urgent(p),
		}},
	}, true, nil
}

// surveyDone says why somebody need not be asked; "" when they may be.
func (k *kit) surveyDone(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, round handrail.Round) (string, error) {
	all, err := k.Facts.Permissions(ctx, practice, patient)
	if err != nil {
		return "", err
	}
	given := false
	for _, p := range all {
		if p.Purpose == handrail.PurposeMeasures && p.State != handrail.PermissionAsked {
			if !p.Live() {
				return "no_permission", nil
			}
			given = true
		}
	}
	if round == handrail.RoundLater && !given {
		return "no_permission", nil
	}
	for _, i := range []handrail.Instrument{handrail.InstrumentONS4, handrail.InstrumentLoneliness} {
		if have, err := k.Facts.Measured(ctx, practice, patient, i, round); err != nil || !have {
			return "", err
		}
	}
	return "answered", nil
}

func (k *kit) surveyStill(ctx context.Context, e bot.Envelope) (string, error) {
	return k.surveyDone(ctx, e.To.Practice, e.Patient, handrail.Round(e.Subject))
}
