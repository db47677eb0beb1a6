package dialogs

import (
	"context"
	"strconv"

	"handrail"
	"handrail/bot"
)

// patients tells referrers how those they referred are getting on: the loop that keeps a GP referring. What the patient
// did not permit is not told.
func (k *kit) patients() bot.Dialog {
	return bot.Dialog{Name: "patients", Title: "patients.title", Opens: "patients.opens", May: staffOnly, Light: true, Script: k.patientsScript}
}

// patientLine is one line of the list.
type patientLine struct {
	Who   string `json:"who"`
	Ref   string `json:"ref"`
	Date  string `json:"date"`
	State string `json:"state"`
}

func (k *kit) patientsScript(t *bot.Talk) error {
	who, now := t.Who(), t.Now()
	lines := bot.Look(t, "cases", func(ctx context.Context) ([]patientLine, error) {
		cases, err := k.Records.CasesBy(ctx, who.Practice, handrail.StaffID(who.ID), now.AddDate(0, 0, -90))
		if err != nil {
			return nil, err
		}
		lines := make([]patientLine, 0, len(cases))
		for _, c := range cases {
			told, err := k.Records.Permitted(ctx, who.Practice, c.Patient.ID, handrail.PurposeFeedback)
			if err != nil {
				return nil, err
			}
			lines = append(lines, patientLine{
				Who: c.Patient.Initials(), Ref: c.Referral.Ref, Date: k.day(c.Referral.OfferedAt, now), State: k.caseState(c, told),
			})
		}
		return lines, nil
	})
	if len(lines) == 0 {
		t.Say(t.Words("patients.none"))
		return nil
	}
	body := t.Words("patients.head")
	for _, l := range lines {
		item := t.Words("patients.line", "who", l.Who, "ref", l.Ref, "date", l.Date, "state", l.State)
		item[0].Item = true
		body = append(body, item...)
	}
	t.Send(bot.Message{Text: body, Private: true})
	return nil
}

// caseState says where a referral stands; told says that the patient permits telling how they get on.
func (k *kit) caseState(c handrail.Case, told bool) string {
	state := "patients.state." + string(c.Referral.State)
	switch c.Referral.State {
	case handrail.ReferralSent, handrail.ReferralAccepted:
		if c.Joined {
			state += ".joined"
		}
	case handrail.ReferralDeclined:
		if c.Referral.Reason.Valid() {
			return k.line(state) + ": " + k.line("reason."+string(c.Referral.Reason))
		}
	case handrail.ReferralActive:
		if !told {
			return k.line("patients.state.private")
		}
		came := 0
		for _, v := range c.Visits {
			if v.State == handrail.AttendanceCame {
				came++
			}
		}
		if came > 0 {
			return k.line("patients.state.active.came", "count", k.times(came))
		}
	}
	return k.line(state)
}

func (k *kit) times(n int) string {
	switch n {
	case 1:
		return k.line("patients.once")
	case 2:
		return k.line("patients.twice")
	}
	return k.line("patients.times", "n", strconv.Itoa(n))
}
