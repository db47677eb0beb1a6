package dialogs

import (
	"context"

	"handrail"
	"handrail/bot"
)

// accept is a link worker taking a referral on, from its card.
func (k *kit) accept() bot.Dialog {
	return bot.Dialog{Name: "accept", May: carers, Script: func(t *bot.Talk) error {
		who, id := t.Who(), handrail.ReferralID(t.Subject())
		if t.Pressed() == "over" {
			return k.takeOver(t)
		}
		type result struct {
			Who, Ref, By  string
			Fresh, Joined bool
		}
		r := bot.Do(t, "accept", "", func(ctx context.Context) (result, error) {
			ref, err := k.Records.Referral(ctx, who.Practice, id)
			if err != nil {
				return result{}, err
			}
			p, err := k.Records.Patient(ctx, who.Practice, ref.Patient)
			if err != nil {
				return result{}, err
			}
			out := result{Who: p.Initials(), Ref: ref.Ref, By: who.Name, Joined: !p.Address.IsZero()}
			if ref.State != handrail.ReferralSent {
				if s, err := k.Records.Staff(ctx, who.Practice, ref.LinkWorker); err == nil {
					out.By = s.Name
				}
				return out, nil
			}
			chosen, err := k.Records.Enrolments(ctx, who.Practice, ref.Patient)
			if err != nil {
				return result{}, err
			}
			_, err = k.Records.ChangeReferral(ctx, who.Practice, id, actor(who), func(r *handrail.Referral) error {
				if err := r.Accept(handrail.StaffID(who.ID)); err != nil {
					return err
				}
				for _, e := range chosen {
					if e.Referral == id && e.State != handrail.EnrolmentEnded {
						return r.Begin() // the patient was quicker
					}
				}
				return nil
			})
			out.Fresh = err == nil
			return out, err
		})
		k.refresh(t)
		switch {
		case r.Fresh && r.Joined:
			t.Say(t.Words("referral.accepted.joined", "who", r.Who, "ref", r.Ref))
		case r.Fresh:
			t.Say(t.Words("referral.accepted", "who", r.Who, "ref", r.Ref))
		default:
			t.Say(t.Words("referral.accepted.already", "name", r.By))
		}
		return nil
	}}
}

// takeOver makes a patient of a colleague's one's own; the colleague is told.
func (k *kit) takeOver(t *bot.Talk) error {
	who, id, now := t.Who(), handrail.ReferralID(t.Subject()), t.Now()
	name := bot.Do(t, "over", "", func(ctx context.Context) (string, error) {
		r, p, err := k.openCase(ctx, who, id)
		if err != nil {
			return "", err
		}
		short, before := k.shortName(handrail.Case{Referral: r, Patient: p}), r.LinkWorker
		if !r.State.Open() || r.State == handrail.ReferralSent {
			return "", nil
		}
		_, err = k.Records.ChangeReferral(ctx, who.Practice, id, actor(who), func(r *handrail.Referral) error {
			r.LinkWorker = handrail.StaffID(who.ID)
			return nil
		})
		if err != nil || before == "" || before == handrail.StaffID(who.ID) {
			return short, err
		}
		s, err := k.Records.Staff(ctx, who.Practice, before)
		if err != nil || !s.Active || s.Address.IsZero() {
			return short, err
		}
		m := bot.Message{Text: k.words("referral.over.task", "who", short, "name", who.Name)}
		return short, k.tell(ctx, []handrail.Staff{s}, "over:"+string(id)+":"+stamp(now), bot.ClassNotice, "", now, m)
	})
	if name == "" {
		t.Say(t.Words("bot.moved_on"))
		return nil
	}
	k.refresh(t)
	t.Say(t.Words("referral.over", "who", name))
	return nil
}

// contacted notes that the link worker was in touch with the patient.
func (k *kit) contacted() bot.Dialog {
	return bot.Dialog{Name: "contacted", May: carers, Script: func(t *bot.Talk) error {
		who, id, now := t.Who(), handrail.ReferralID(t.Subject()), t.Now()
		said := bot.Do(t, "contacted", "", func(ctx context.Context) ([2]string, error) {
			r, err := k.Records.ChangeReferral(ctx, who.Practice, id, actor(who), func(r *handrail.Referral) error {
				r.ContactedAt = &now
				return nil
			})
			if err != nil {
				return [2]string{}, err
			}
			p, err := k.Records.Patient(ctx, who.Practice, r.Patient)
			return [2]string{p.Initials(), r.Ref}, err
		})
		k.refresh(t)
		t.Say(t.Words("referral.contacted", "who", said[0], "ref", said[1]))
		return nil
	}}
}

// today shows what needs a person, at any time of the day.
func (k *kit) today() bot.Dialog {
	return bot.Dialog{Name: "today", Title: "digest.title", Opens: "digest.opens", May: carers, Light: true, Script: func(t *bot.Talk) error {
		who, now := t.Who(), t.Now()
		t.Send(bot.Look(t, "digest", func(ctx context.Context) (bot.Message, error) {
			s, err := k.Records.Staff(ctx, who.Practice, handrail.StaffID(who.ID))
			if err != nil {
				return bot.Message{}, err
			}
			return k.Digest(ctx, s, now)
		}))
		return nil
	}}
}
