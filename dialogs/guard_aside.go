package dialogs

import (
	"context"

	"handrail"
	"handrail/bot"
)

// Asides finds what people write that is answered with fixed words, whatever was being talked about. Package meaning has
// one: rules, no model.
type Asides interface {
	// Medical reports whether a message asks for medical advice (M6).
	Medical(text string) bool
	// Abusive reports whether a message abuses whoever reads it, or is sexual talk to them (B29).
	Abusive(text string) bool
	// Young reports whether somebody says that they are under 18 (B30).
	Young(text string) bool
}

// asiders is what these guards ask of the records.
type asiders interface {
	// HaltYoung stops everything for a patient who says that they are under 18, and reports whether that is new.
	HaltYoung(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (fresh bool, err error)
}

// toUs reports whether an update is words of somebody who is no member of staff and runs no group.
func (k *kit) toUs(u bot.Update, who bot.Who) bool {
	return k.Asides != nil && u.Kind == bot.UpdateText && who.Kind != bot.WhoStaff && who.Kind != bot.WhoOrganiser
}

// medicalGuard refuses medical questions with fixed words that say who can answer them; what is open stays open.
type medicalGuard struct{ *kit }

// Name implements bot.Guard.
func (g *medicalGuard) Name() string { return "medical" }

// Sees implements bot.Guard.
func (g *medicalGuard) Sees(u bot.Update, who bot.Who) bool {
	return g.toUs(u, who) && g.Asides.Medical(u.Text)
}

// Act implements bot.Guard.
func (g *medicalGuard) Act(_ context.Context, _ bot.Update, who bot.Who) (bot.Verdict, error) {
	key := "aside.medical"
	if !g.Has111 {
		key = "aside.medical.no111"
	}
	return bot.Verdict{Reply: []bot.Message{{Text: g.in(who.Language).words(key), Options: []bot.Option{g.urgentTo(who.Language)}}}}, nil
}

// abuseGuard says once and calmly where the line is. The link worker hears of it once a day, without the words.
type abuseGuard struct{ *kit }

// Name implements bot.Guard.
func (g *abuseGuard) Name() string { return "abuse" }

// Sees implements bot.Guard.
func (g *abuseGuard) Sees(u bot.Update, who bot.Who) bool {
	return g.toUs(u, who) && g.Asides.Abusive(u.Text)
}

// Act implements bot.Guard.
func (g *abuseGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	reply := bot.Verdict{Reply: []bot.Message{{Text: g.in(who.Language).words("aside.abuse")}}}
	if who.Kind != bot.WhoPatient {
		return reply, nil
	}
	p, err := g.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return bot.Verdict{}, err
	}
	return reply, g.tellCarer(ctx, p, "abuse:"+string(p.ID)+":"+u.At.UTC().Format("20060102"), u.At, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: g.words("aside.abuse.task", "who", p.Initials(), "ref", ref.Ref)}
	})
}

// youngGuard takes somebody at their word who says that they are under 18: what is open closes, nothing more is sent, the
// link worker is told, and they get who they can ring.
type youngGuard struct{ *kit }

// Name implements bot.Guard.
func (g *youngGuard) Name() string { return "young" }

// Sees implements bot.Guard.
func (g *youngGuard) Sees(u bot.Update, who bot.Who) bool {
	return g.toUs(u, who) && g.Asides.Young(u.Text)
}

// Act implements bot.Guard.
func (g *youngGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	in := g.in(who.Language)
	lines := in.words("aside.young.lines")
	for _, line := range g.YoungLines {
		lines = append(lines, bot.Block{Item: true, Spans: []bot.Span{{Text: line}}})
	}
	lines = append(lines, in.words("aside.young.danger")...)
	if who.Kind != bot.WhoPatient {
		return bot.Verdict{Close: true, Reply: []bot.Message{{Text: append(in.words("aside.young.other"), lines...), Options: []bot.Option{g.urgentTo(who.Language)}}}}, nil
	}
	if _, err := g.Records.HaltYoung(ctx, who.Practice, handrail.PatientID(who.ID)); err != nil {
		return bot.Verdict{}, err
	}
	p, err := g.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return bot.Verdict{}, err
	}
	err = g.tellCarer(ctx, p, "young:"+string(p.ID), u.At, func(ref handrail.Referral) bot.Message {
		m := bot.Message{Text: g.words("aside.young.task", "who", p.Initials(), "ref", ref.Ref)}
		if ref.ID != "" {
			m.Options = []bot.Option{press(g.line("record.open"), "record", string(ref.ID), "open")}
		}
		return m
	})
	return bot.Verdict{Close: true, Reply: []bot.Message{{Text: append(in.words("aside.young"), lines...), Options: []bot.Option{g.urgentTo(who.Language)}}}}, err
}
