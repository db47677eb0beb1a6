package dialogs

import (
	"context"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
)

// patients tells referrers how those they referred are getting on: the loop that keeps a GP referring. What the patient
// did not permit is not told. It keeps no state: every button on it works by itself.
func (k *kit) patients() bot.Dialog {
	return bot.Dialog{Name: "patients", Title: "patients.title", Opens: "patients.opens", May: staffOnly, Light: true, Script: k.patientsScript}
}

// patientsAtOnce is how many patients one page shows.
const patientsAtOnce = 8

func (k *kit) patientsScript(t *bot.Talk) error {
	who, now := t.Who(), t.Now()
	earlier := t.Pressed() == "earlier"
	bot.Do(t, "read", "", func(ctx context.Context) (bool, error) {
		return true, k.Records.NoteRead(ctx, who.Practice, actor(who), "patients list", who.ID)
	})
	t.Send(bot.Look(t, "cases", func(ctx context.Context) (bot.Message, error) { return k.patientsPage(ctx, who, earlier, now) }))
	return nil
}

// patientsPage is this month's patients: those who were referred since it began, and those to whom something happened in
// it; earlier ones on the second page, for ninety days.
func (k *kit) patientsPage(ctx context.Context, who bot.Who, earlier bool, now time.Time) (bot.Message, error) {
	all, err := k.Records.CasesBy(ctx, who.Practice, handrail.StaffID(who.ID), now.AddDate(0, 0, -90))
	if err != nil {
		return bot.Message{}, err
	}
	local := now.In(k.Zone)
	month := handrail.WallTime(local.Year(), local.Month(), 1, handrail.At(0, 0), k.Zone)
	var these, before []handrail.Case
	for _, c := range all {
		if c.Referral.OfferedAt.Before(month) && !happened(c, month, now) {
			before = append(before, c)
			continue
		}
		these = append(these, c)
	}
	told := map[handrail.PatientID]bool{}
	for _, c := range all {
		if told[c.Patient.ID], err = k.Records.Permitted(ctx, who.Practice, c.Patient.ID, handrail.PurposeFeedback); err != nil {
			return bot.Message{}, err
		}
	}
	m := bot.Message{Private: true, Text: k.words("patients.head", "month", local.Format("January"))}
	shown := these
	if earlier {
		shown, m.Text = before, k.words("patients.head.earlier")
	}
	if len(all) == 0 {
		m.Text = k.words("patients.none")
		return m, nil
	}
	if !earlier {
		m.Text = append(m.Text, k.monthInWords(these, told)...)
	}
	if len(shown) == 0 {
		m.Text = append(m.Text, k.words("patients.none.now")...)
	}
	for _, c := range shown[:min(len(shown), patientsAtOnce)] {
		m.Cards = append(m.Cards, bot.Card{
			Text:    k.words("patients.line", "who", c.Patient.Initials(), "ref", c.Referral.Ref, "date", k.day(c.Referral.OfferedAt, now), "state", k.caseState(c, told[c.Patient.ID])),
			Options: []bot.Option{press(k.line("record.open"), "record", string(c.Referral.ID), "open")},
		})
	}
	if rest := len(shown) - patientsAtOnce; rest > 0 {
		m.Cards = append(m.Cards, bot.Card{Text: k.words("patients.rest", "n", strconv.Itoa(rest))})
	}
	if len(before) > 0 && !earlier {
		m.Options = []bot.Option{press(k.line("patients.earlier"), "patients", "me", "earlier")}
	}
	return m, k.chartOf(&m, all, told, now)
}

// happened reports whether something happened to a case in the month up to now.
func happened(c handrail.Case, month, now time.Time) bool {
	if !c.Referral.ChangedAt.Before(month) {
		return true
	}
	for _, v := range c.Visits {
		if !v.Occurrence.Start.Before(month) && !v.Occurrence.Start.After(now) {
			return true
		}
	}
	return false
}

// monthInWords counts what became of the month's patients. Who did not permit telling it counts as being with the link
// worker, which is all that a referrer learns of them.
func (k *kit) monthInWords(these []handrail.Case, told map[handrail.PatientID]bool) bot.Text {
	with, chosen, no := 0, 0, 0
	for _, c := range these {
		switch {
		case c.Referral.State == handrail.ReferralDeclined:
			no++
		case told[c.Patient.ID] && (c.Referral.State == handrail.ReferralActive || c.Referral.State == handrail.ReferralClosed):
			chosen++
		default:
			with++
		}
	}
	if len(these) == 0 {
		return nil
	}
	return k.words("patients.counts", "all", strconv.Itoa(len(these)), "with", strconv.Itoa(with), "chosen", strconv.Itoa(chosen), "no", strconv.Itoa(no))
}

// weeksOfChart is how many weeks a chart shows.
const weeksOfChart = 8

// chartOf adds a picture of how many visits there were in each week, of those who permit it, where there is
// more than one to see.
func (k *kit) chartOf(m *bot.Message, all []handrail.Case, told map[handrail.PatientID]bool, now time.Time) error {
	if k.Chart == nil {
		return nil
	}
	var shown []handrail.Case
	for _, c := range all {
		if told[c.Patient.ID] && len(c.Visits) > 0 {
			shown = append(shown, c)
		}
	}
	if len(shown) < 2 {
		return nil
	}
	picture, err := k.Chart(handrail.WeeksOf(shown, weeksOfChart, now, k.Zone))
	if err != nil {
		return err
	}
	m.Files = append(m.Files, picture)
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
