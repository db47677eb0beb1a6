package dialogs

import (
	"context"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// declines is what noting a no asks of the records.
type declines interface {
	ChangePatient(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID, by handrail.Actor, action string, change func(*handrail.Patient) error) (handrail.Patient, error)
}

// equalFold compares names as people write them.
func equalFold(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// declined notes in the consulting room that a patient said no, and why: a closed list, where "other" demands a phrase.
func (k *kit) declined() bot.Dialog {
	return bot.Dialog{Name: "declined", Title: "declined.title", Opens: "declined.opens", May: staffOnly, Script: k.declinedScript}
}

func (k *kit) declinedScript(t *bot.Talk) error {
	v := t.Form("form", t.Words("declined.intro"), k.declinedForm(t))
	words := v["words"]
	if v["reason"] == string(handrail.DeclineOther) && words == "" {
		words = t.Text("other", t.Words("declined.other"))
	}
	year, _ := strconv.Atoi(v["birth_year"]) // the form checked it
	weeks, _ := strconv.Atoi(v["again"])     // one of the options
	who, now := t.Who(), t.Now()
	var again *time.Time
	if weeks > 0 {
		day := now.AddDate(0, 0, 7*weeks)
		again = &day
	}
	ref := bot.Do(t, "save", "declined.undo", func(ctx context.Context) (string, error) {
		p := handrail.Patient{Practice: who.Practice, Name: v["name"], Surname: v["surname"], BirthYear: year}
		known, open, err := k.samePatient(ctx, p)
		if err != nil {
			return "", err
		}
		switch {
		case known != nil:
			p = *known
		default:
			if p, err = k.Records.AddPatient(ctx, p, actor(who)); err != nil {
				return "", err
			}
		}
		var r handrail.Referral
		if open != nil && open.State != handrail.ReferralActive {
			r = *open
		} else {
			r, err = k.Records.AddReferral(ctx, handrail.Referral{
				Practice: who.Practice, Patient: p.ID, By: handrail.StaffID(who.ID), State: handrail.ReferralOffered, OfferedAt: now,
			}, actor(who))
			if err != nil {
				return "", err
			}
		}
		r, err = k.Records.ChangeReferral(ctx, who.Practice, r.ID, actor(who), func(r *handrail.Referral) error {
			return r.Decline(handrail.DeclineReason(v["reason"]), words, again)
		})
		return r.Ref, err
	})
	t.Say(t.Words("declined.done", "ref", ref))
	return nil
}

func (k *kit) declinedForm(t *bot.Talk) bot.Form {
	var reasons []bot.Option
	for _, r := range handrail.DeclineReasons() {
		reasons = append(reasons, bot.Option{Answer: string(r), Label: t.Line("reason." + string(r))})
	}
	var again []bot.Option
	for _, weeks := range []string{"0", "4", "12", "26"} {
		again = append(again, bot.Option{Answer: weeks, Label: t.Line("declined.again." + weeks)})
	}
	return bot.Form{
		Title: t.Line("declined.form"), Submit: t.Line("declined.submit"),
		Fields: append(personFields(t), []bot.Field{
			{Name: "reason", Label: t.Line("declined.reason"), Kind: bot.FieldChoice, Required: true, Options: reasons},
			{Name: "words", Label: t.Line("declined.words"), Kind: bot.FieldLine, MaxChars: 300},
			{Name: "again", Label: t.Line("declined.again"), Kind: bot.FieldChoice, Options: again},
		}...),
	}
}
