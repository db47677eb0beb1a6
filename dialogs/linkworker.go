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

// alerts is what an urgent alert asks of the records.
type alerts interface {
	RaiseAlert(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, kind string, by handrail.Actor) (handrail.Alert, bool, error)
	OpenAlerts(ctx context.Context, practice handrail.PracticeID) ([]handrail.Alert, error)
	Alert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID) (handrail.Alert, error)
	ChangeAlert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, by handrail.Actor, change func(*handrail.Alert) error) (handrail.Alert, error)
	ResolveAlert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, by handrail.StaffID) (handrail.Alert, error)
}

// alert is a member of staff taking an urgent alert on, and later saying that ordinary messages may go on. Only a
// person does that (K8).
func (k *kit) alert() bot.Dialog {
	return bot.Dialog{Name: "alert", May: staffOnly, Script: func(t *bot.Talk) error {
		who, id, now := t.Who(), handrail.AlertID(t.Subject()), t.Now()
		if t.Pressed() == "resume" {
			done := bot.Do(t, "resume", "", func(ctx context.Context) (bool, error) {
				a, err := k.Records.Alert(ctx, who.Practice, id)
				if err != nil || a.State == handrail.AlertResolved {
					return false, err
				}
				_, err = k.Records.ResolveAlert(ctx, who.Practice, id, handrail.StaffID(who.ID))
				return err == nil, err
			})
			if done {
				t.Say(t.Words("alert.resolved"))
			} else {
				t.Say(t.Words("alert.gone"))
			}
			return nil
		}
		by := bot.Do(t, "ack", "", func(ctx context.Context) (string, error) {
			a, err := k.Records.Alert(ctx, who.Practice, id)
			if err != nil {
				return "", err
			}
			switch a.State {
			case handrail.AlertResolved:
				return "-", nil
			case handrail.AlertAcknowledged:
				s, err := k.Records.Staff(ctx, who.Practice, a.AcknowledgedBy)
				return s.Name, err
			}
			_, err = k.Records.ChangeAlert(ctx, who.Practice, id, actor(who), func(a *handrail.Alert) error {
				return a.Acknowledge(handrail.StaffID(who.ID), now)
			})
			return "", err
		})
		switch by {
		case "":
			t.Send(bot.Message{Text: t.Words("alert.acked"), Private: true,
				Options: []bot.Option{press(t.Line("guard.urgent.resume"), "alert", string(id), "resume")}})
		case "-":
			t.Say(t.Words("alert.gone"))
		default:
			t.Say(t.Words("alert.already", "name", by))
		}
		return nil
	}}
}
