package reminders

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// again asks once more when the rest is over that a patient asked for before they chose anything: "not now" was an
// answer, and this keeps the promise that came with it. Somebody who goes somewhere already is simply reminded again.
func (k *kit) again() Job {
	return Job{Name: "again", Spec: "0 10 * * *", Still: k.againStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		practices, err := k.Facts.Practices(ctx)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for _, p := range practices {
			cases, err := k.Facts.Caseload(ctx, p.ID)
			if err != nil {
				return nil, err
			}
			for _, c := range cases {
				until := c.Patient.PausedUntil
				if until == nil || !c.Joined || len(c.Visits) > 0 {
					continue
				}
				at := k.at(*until, 0, handrail.At(10, 0))
				if at.Before(*until) {
					at = k.at(*until, 1, handrail.At(10, 0))
				}
				from, last := k.late(at, s), at.Add(24*time.Hour)
				if !s.Holds(at) || !from.Before(last) {
					continue
				}
				id := string(c.Patient.ID)
				out = append(out, bot.Envelope{
					Key: "again:" + id + ":" + at.UTC().Format("2006-01-02"), To: c.Patient.Address, Patient: c.Patient.ID, Class: bot.ClassNudge,
					Permission: handrail.PurposeChat, Subject: id, NotBefore: from, NotAfter: last,
					Message: bot.Message{Text: k.to(c.Patient).words("again.ask", "name", c.Patient.Name), Options: []bot.Option{
						press(k.to(c.Patient).line("again.yes"), "choose", "me", "open"), press(k.to(c.Patient).line("help.stop"), "stop", "me", "stop"),
						k.urgent(c.Patient),
					}},
				})
			}
		}
		return out, nil
	}}
}

// againStill looks whether they have chosen something since.
func (k *kit) againStill(ctx context.Context, e bot.Envelope) (string, error) {
	visits, err := k.Facts.VisitsOf(ctx, e.To.Practice, handrail.PatientID(e.Subject))
	if err != nil {
		return "", err
	}
	if len(visits) > 0 {
		return "answered", nil
	}
	return "", nil
}
