package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// trustedPeople is what a trusted person asks of the records.
type trustedPeople interface {
	AddTrusted(ctx context.Context, t handrail.Trusted, ttl time.Duration, by handrail.Actor) (handrail.Trusted, string, error)
	JoinTrusted(ctx context.Context, practice handrail.PracticeID, code string, from handrail.Address) (handrail.InviteOutcome, handrail.Trusted, error)
	TrustedOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Trusted, error)
	EndTrusted(ctx context.Context, practice handrail.PracticeID, id handrail.TrustedID, by handrail.Actor) error
}

const (
	// trustedCode stands before the code of a trusted person's link, so that joining knows whom it is for.
	trustedCode = "trust-"
	// trustedLife is how long the link can be opened.
	trustedLife = 7 * 24 * time.Hour
	// trustedMost is how many trusted people a patient may name: a few who help, and no audience.
	trustedMost = 3
)

// trusted is a patient adding somebody who shall be reminded with them, or taking them out again.
func (k *kit) trusted() bot.Dialog {
	return bot.Dialog{Name: "trusted", Title: "trusted.title", May: patientOnly, Light: true, Interrupts: k.wished(wishTrusted), Script: k.trustedScript}
}

func (k *kit) trustedScript(t *bot.Talk) error {
	who, now := t.Who(), t.Now()
	if t.Pressed() == "end" {
		bot.Do(t, "end", "trusted.undo", func(ctx context.Context) (bool, error) {
			mine, err := k.Records.TrustedOf(ctx, who.Practice, handrail.PatientID(who.ID))
			if err != nil {
				return false, err
			}
			for _, p := range mine {
				if string(p.ID) == t.Subject() {
					return true, k.Records.EndTrusted(ctx, who.Practice, p.ID, actor(who))
				}
			}
			return false, nil // another patient's, or ended before
		})
		t.Say(t.Words("trusted.ended"))
		return nil
	}
	have := bot.Look(t, "have", func(ctx context.Context) ([]handrail.Trusted, error) {
		mine, err := k.Records.TrustedOf(ctx, who.Practice, handrail.PatientID(who.ID))
		for i := range mine {
			mine[i].Address = handrail.Address{} // nobody's address belongs in a conversation's state
		}
		return mine, err
	})
	for _, p := range have {
		t.Send(bot.Message{Text: t.Words("trusted.have."+string(p.State), "name", p.Name), Options: []bot.Option{
			press(t.Line("trusted.end"), "trusted", string(p.ID), "end"),
		}})
	}
	if len(have) >= trustedMost {
		t.Say(t.Words("trusted.most"))
		return nil
	}
	name := t.TextOr("name", bot.Message{Text: t.Words("trusted.ask"), Options: []bot.Option{{Answer: "-", Label: t.Line("trusted.no")}}}, func(s string) bot.Text {
		if len([]rune(s)) > 40 {
			return t.Words("trusted.name.check")
		}
		return nil
	})
	if name == "-" {
		t.Say(t.Words("trusted.kept"))
		return nil
	}
	if !k.permission(t, who.Practice, handrail.PatientID(who.ID), handrail.PurposeTrusted) {
		t.Say(t.Words("trusted.kept"))
		return nil
	}
	code := bot.Do(t, "add", "trusted.undo", func(ctx context.Context) (string, error) {
		p, err := k.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return "", err
		}
		added, code, err := k.Records.AddTrusted(ctx, handrail.Trusted{Practice: who.Practice, Patient: p.ID, Name: name}, trustedLife, actor(who))
		if err != nil {
			return "", err
		}
		return code, k.tellCarer(ctx, p, "trusted:"+string(added.ID), now, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: k.words("trusted.task", "who", p.Initials(), "ref", ref.Ref)}
		})
	})
	t.Send(bot.Message{Text: t.Words("trusted.link", "name", name), Options: []bot.Option{
		{Label: t.Line("trusted.open", "name", name), Link: k.Invitation(trustedCode + code)},
	}})
	return nil
}

// joinTrusted is a trusted person opening their link. They are told what they will get, and that it is the patient's to
// end.
func (k *kit) joinTrusted(t *bot.Talk, code string) error {
	practice, from := t.Who().Practice, t.From()
	patient, ok := openLink(t, "trusted", func(ctx context.Context) (handrail.InviteOutcome, string, error) {
		outcome, person, err := k.Records.JoinTrusted(ctx, practice, code, from)
		if err != nil || outcome != handrail.InviteOK {
			return outcome, "", err
		}
		p, err := k.Records.Patient(ctx, practice, person.Patient)
		if err != nil {
			return "", "", err
		}
		return outcome, p.Name, k.Post.Post(ctx, bot.Envelope{
			Key: "trustedjoined:" + string(person.ID), To: p.Address, Patient: p.ID, Class: bot.ClassNotice, Permission: handrail.PurposeChat,
			NotBefore: t.Now(), Message: bot.Message{Text: k.in(p.Language).words("trusted.joined", "name", person.Name)},
		})
	})
	if ok {
		t.Send(bot.Message{Text: t.Words("trusted.hello", "name", patient), Options: []bot.Option{k.urgentTo(t.Who().Language)}})
	}
	return nil
}
