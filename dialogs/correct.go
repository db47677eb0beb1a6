package dialogs

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"handrail"
	"handrail/bot"
)

// correct lets a patient put right what is held about them: postcode and what matters at once, what guards their code by
// a person (C9).
func (k *kit) correct() bot.Dialog {
	return bot.Dialog{Name: "correct", Title: "correct.title", Opens: "correct.opens", May: patientOnly, Light: true, Interrupts: k.wished(wishCorrect), Script: k.correctScript}
}

// postcodeShape is a postcode or the first half of one, as people type it.
var postcodeShape = regexp.MustCompile(`(?i)^[a-z]{1,2}[0-9][a-z0-9]?(\s?[0-9][a-z]{2})?$`)

func (k *kit) correctScript(t *bot.Talk) error {
	var options []bot.Option
	for _, f := range []string{"postcode", "matters", "name", "surname", "birth_year", "other", "none"} {
		options = append(options, bot.Option{Answer: f, Label: t.Line("correct." + f)})
	}
	field := t.Choose("what", t.Words("correct.which"), options...)
	switch field {
	case "none":
		t.Say(t.Words("correct.kept"))
	case "postcode":
		k.correctPostcode(t)
	case "matters":
		words := t.Text("words", t.Words("correct.matters.ask"))
		k.changeMine(t, "changed what matters", func(p *handrail.Patient) { p.Matters = words })
		t.Say(t.Words("correct.done"))
	default:
		k.askCorrection(t, handrail.CorrectionField(field))
	}
	return nil
}

func (k *kit) correctPostcode(t *bot.Talk) {
	postcode := t.TextOr("postcode", bot.Message{Text: t.Words("correct.postcode.ask"), Options: []bot.Option{{Answer: "-", Label: t.Line("correct.postcode.none")}}},
		func(s string) bot.Text {
			if !postcodeShape.MatchString(strings.Trim(s, " .")) {
				return t.Words("correct.postcode.check")
			}
			return nil
		})
	postcode = strings.ToUpper(strings.Trim(postcode, " .-"))
	k.changeMine(t, "changed the postcode", func(p *handrail.Patient) { p.Postcode = postcode })
	t.Say(t.Words("correct.done"))
}

func (k *kit) changeMine(t *bot.Talk, action string, change func(p *handrail.Patient)) {
	who := t.Who()
	bot.Do(t, "change", "correct.undo", func(ctx context.Context) (bool, error) {
		_, err := k.Records.ChangePatient(ctx, who.Practice, handrail.PatientID(who.ID), actor(who), action, func(p *handrail.Patient) error {
			change(p)
			return nil
		})
		return true, err
	})
}

// askCorrection passes what should be put right on to the link worker, who checks with the patient first.
func (k *kit) askCorrection(t *bot.Talk, field handrail.CorrectionField) {
	who := t.Who()
	most := 60
	if field == handrail.CorrectOther {
		most = 400
	}
	value := t.Text("value", t.Words("correct."+string(field)+".ask"), func(s string) bot.Text {
		year, err := strconv.Atoi(strings.Trim(s, " ."))
		switch {
		case field == handrail.CorrectBirthYear && (err != nil || year < 1850 || year > t.Now().Year()):
			return t.Words("join.year.check")
		case len([]rune(s)) > most:
			return t.Words("correct.long")
		}
		return nil
	})
	if field == handrail.CorrectBirthYear {
		value = strings.Trim(value, " .")
	}
	now := t.Now()
	carer := bot.Do(t, "ask", "correct.undo", func(ctx context.Context) (string, error) {
		p, err := k.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return "", err
		}
		c, err := k.Records.AddCorrection(ctx, handrail.Correction{Practice: who.Practice, Patient: p.ID, Field: field, Value: value, AskedAt: now}, actor(who))
		if err != nil {
			return "", err
		}
		err = k.tellCarer(ctx, p, "correct:"+string(c.ID), now, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: k.words("correct.task", "who", p.Initials(), "ref", ref.Ref, "field", k.line("correct.field."+string(field))),
				Options: []bot.Option{press(k.line("correct.look"), "correction", string(c.ID), "open")}}
		})
		if err != nil {
			return "", err
		}
		return k.carerName(ctx, who.Practice, p.ID)
	})
	t.Say(t.Words("correct.asked", "link_worker", carer))
}

// correction is a link worker looking at what a patient says should be put right.
func (k *kit) correction() bot.Dialog {
	return bot.Dialog{Name: "correction", Title: "correct.title", May: carers, Light: true, Script: k.correctionScript}
}

func (k *kit) correctionScript(t *bot.Talk) error {
	who, id := t.Who(), handrail.CorrectionID(t.Subject())
	type asked struct {
		Who, Ref, Value, Was string
		Field                handrail.CorrectionField
		Over                 bool
	}
	a := bot.Look(t, "asked", func(ctx context.Context) (asked, error) {
		c, err := k.Records.Correction(ctx, who.Practice, id)
		if err != nil {
			return asked{}, err
		}
		p, err := k.Records.Patient(ctx, who.Practice, c.Patient)
		if err != nil {
			return asked{}, err
		}
		ref, err := k.Records.OpenReferral(ctx, who.Practice, c.Patient)
		if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
			return asked{}, err
		}
		out := asked{Who: p.Initials(), Ref: ref.Ref, Value: c.Value, Field: c.Field, Over: c.SettledAt != nil}
		switch c.Field {
		case handrail.CorrectName:
			out.Was = p.Name
		case handrail.CorrectSurname:
			out.Was = p.Surname
		case handrail.CorrectBirthYear:
			out.Was = strconv.Itoa(p.BirthYear)
		}
		return out, nil
	})
	if a.Over {
		t.Say(t.Words("correct.over"))
		return nil
	}
	key := "correct.sure"
	if a.Field == handrail.CorrectOther {
		key = "correct.read"
	}
	pick := t.ChooseFrom("settle", bot.Message{
		Text:    t.Words(key, "who", a.Who, "ref", a.Ref, "field", t.Line("correct.field."+string(a.Field)), "value", a.Value, "was", a.Was),
		Private: true, Options: []bot.Option{
			{Answer: "take", Label: t.Line(key + ".yes"), Style: "main"}, {Answer: "leave", Label: t.Line("correct.leave")}, {Answer: "later", Label: t.Line("correct.later")},
		},
	})
	if pick == "later" {
		return nil
	}
	taken, now := pick == "take", t.Now()
	bot.Do(t, "settle-it", "", func(ctx context.Context) (bool, error) {
		c, err := k.Records.SettleCorrection(ctx, who.Practice, id, taken, handrail.StaffID(who.ID))
		if err != nil {
			return false, err
		}
		p, err := k.Records.Patient(ctx, who.Practice, c.Patient)
		if err != nil {
			return false, err
		}
		said := "correct.told.no"
		if taken {
			said = "correct.told.yes"
		}
		return true, k.Post.Post(ctx, bot.Envelope{
			Key: "corrected:" + string(id), To: p.Address, Patient: p.ID, Class: bot.ClassNotice, Permission: handrail.PurposeChat,
			NotBefore: now, Message: bot.Message{Text: k.in(p.Language).words(said, "link_worker", who.Name)},
		})
	})
	t.Say(t.Words("correct.settled"))
	return nil
}
