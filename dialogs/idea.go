package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// own is one of a member of staff's own patients, to pick from.
type own struct {
	Referral handrail.ReferralID `json:"referral"`
	Who      string              `json:"who"` // initials and reference
}

// ownAtOnce is how many patients are offered to pick from.
const ownAtOnce = 8

// ownPatients are the patients that a member of staff referred, took on, or covers for, whose referral is open, the newest
// first; only those that keep says.
func (k *kit) ownPatients(ctx context.Context, who bot.Who, keep func(ctx context.Context, c handrail.Case) (bool, error)) ([]own, error) {
	all, err := k.Records.Caseload(ctx, who.Practice)
	if err != nil {
		return nil, err
	}
	leaves, today, err := k.Records.Leaves(ctx, who.Practice, k.Zone)
	if err != nil {
		return nil, err
	}
	me := asStaff(who)
	var out []own
	for i := len(all) - 1; i >= 0 && len(out) < ownAtOnce; i-- {
		c := all[i]
		cover, _ := handrail.CoverFor(leaves, c.Referral.LinkWorker, today)
		mine := c.Referral.By == me.ID || me.Carer() && (c.Referral.LinkWorker == "" || c.Referral.LinkWorker == me.ID || cover == me.ID)
		if !mine {
			continue
		}
		ok, err := keep(ctx, c)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, own{Referral: c.Referral.ID, Who: k.shortName(c)})
		}
	}
	return out, nil
}

// shortName is how staff name a patient to each other: initials and the reference (G12).
func (k *kit) shortName(c handrail.Case) string {
	return c.Patient.Initials() + " (" + c.Referral.Ref + ")"
}

// whichOwn asks for one of one's own patients; false when there is none, or none is meant.
func (k *kit) whichOwn(t *bot.Talk, name string, ask, none bot.Text, keep func(ctx context.Context, c handrail.Case) (bool, error)) (own, bool) {
	who := t.Who()
	mine := bot.Look(t, name+"-mine", func(ctx context.Context) ([]own, error) { return k.ownPatients(ctx, who, keep) })
	if len(mine) == 0 {
		t.Say(none)
		return own{}, false
	}
	options := make([]bot.Option, 0, len(mine)+1)
	for _, o := range mine {
		options = append(options, bot.Option{Answer: string(o.Referral), Label: o.Who})
	}
	options = append(options, bot.Option{Answer: "none", Label: t.Line("idea.nobody")})
	pick := t.ChooseFrom(name, bot.Message{Text: ask, Options: options, Private: true})
	for _, o := range mine {
		if string(o.Referral) == pick {
			return o, true
		}
	}
	return own{}, false
}

// sendIdea puts a group into the chat of one of the sender's own patients, as the sender's idea: only of those who said yes
// to messages, and never in their night.
func (k *kit) sendIdea(t *bot.Talk, g Group) error {
	who := t.Who()
	to, ok := k.whichOwn(t, "idea-to", t.Words("idea.which", "group", g.Name), t.Words("idea.none"), func(ctx context.Context, c handrail.Case) (bool, error) {
		if ok, _ := c.Patient.Reachable(t.Now()); !ok {
			return false, nil
		}
		return k.Records.Permitted(ctx, who.Practice, c.Patient.ID, handrail.PurposeChat)
	})
	if !ok {
		return nil
	}
	now := t.Now()
	sent := bot.Do(t, "idea", "idea.undo", func(ctx context.Context) (bool, error) {
		r, err := k.Records.Referral(ctx, who.Practice, to.Referral)
		if err != nil || !r.State.Open() {
			return false, err
		}
		p, err := k.Records.Patient(ctx, who.Practice, r.Patient)
		if err != nil {
			return false, err
		}
		permitted, err := k.Records.Permitted(ctx, who.Practice, p.ID, handrail.PurposeChat)
		if ok, _ := p.Reachable(now); err != nil || !permitted || !ok {
			return false, err // it was so when the list was made
		}
		_, err = k.Records.ChangeReferral(ctx, who.Practice, r.ID, actor(who), func(r *handrail.Referral) error {
			r.Suggested = g.ID
			return nil
		})
		if err != nil {
			return false, err
		}
		if err := k.note(ctx, who, r.ID, handrail.NoteGroup, g.Name, now); err != nil {
			return false, err
		}
		return true, k.Post.Post(ctx, bot.Envelope{
			Key: "idea:" + string(r.ID) + ":" + string(g.ID), To: p.Address, Patient: p.ID, Class: bot.ClassNudge,
			Permission: handrail.PurposeChat, NotBefore: k.awake(now), NotAfter: k.awake(now).Add(24 * time.Hour),
			Message: bot.Message{
				Text:    append(k.in(p.Language).words("idea.patient", "name", p.Name), k.in(p.Language).words("idea.patient.what", "by", who.Name, "group", g.Name, "when", g.When)...),
				Options: []bot.Option{withStyle(press(k.in(p.Language).line("idea.show"), "choose", "me", "open"), "main"), k.urgentTo(p.Language)},
			},
		})
	})
	if sent {
		t.Say(t.Words("idea.sent", "who", to.Who, "group", g.Name))
	} else {
		t.Say(t.Words("idea.not", "who", to.Who))
	}
	return nil
}

// note writes a case note.
func (k *kit) note(ctx context.Context, who bot.Who, r handrail.ReferralID, kind handrail.NoteKind, words string, now time.Time) error {
	return k.Records.AddNote(ctx, handrail.CaseNote{
		Practice: who.Practice, Referral: r, By: handrail.StaffID(who.ID), Kind: kind, Words: words, At: now,
	}, actor(who))
}

// awake moves an instant out of the patients' quiet hours, 20:00 to 09:00 by the wall, forwards to half past nine.
func (k *kit) awake(t time.Time) time.Time {
	local := t.In(k.Zone)
	days := 0
	switch h := local.Hour(); {
	case h >= 20:
		days = 1
	case h >= 9:
		return t
	}
	local = local.AddDate(0, 0, days)
	return handrail.WallTime(local.Year(), local.Month(), local.Day(), handrail.At(9, 30), k.Zone)
}
