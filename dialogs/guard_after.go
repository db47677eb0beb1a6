package dialogs

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// safeGuard takes the answer to the abuse card. The two words mean it only while such an alert is open; the card itself
// keeps no state, so that it works when every other store is away.
type safeGuard struct{ *kit }

// Name implements bot.Guard.
func (g *safeGuard) Name() string { return "safe" }

// Sees implements bot.Guard.
func (g *safeGuard) Sees(u bot.Update, who bot.Who) bool {
	return who.Kind == bot.WhoPatient && u.Kind == bot.UpdateText && (tidy(u.Text) == "safe" || tidy(u.Text) == "later")
}

// Act implements bot.Guard.
func (g *safeGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	a, open, err := g.openAlert(ctx, who)
	if err != nil || !open || a.Kind != abuse {
		return bot.Verdict{Pass: true}, err
	}
	card := g.Cards.Short(abuse)
	if tidy(u.Text) == "safe" {
		card = g.Cards.Safe()
	}
	return bot.Verdict{Reply: []bot.Message{{Text: card}}, Class: bot.ClassCard}, nil
}

// openAlert is the patient's alert that nobody has settled.
func (k *kit) openAlert(ctx context.Context, who bot.Who) (handrail.Alert, bool, error) {
	open, err := k.Records.OpenAlerts(ctx, who.Practice)
	if err != nil {
		return handrail.Alert{}, false, err
	}
	for _, a := range open {
		if a.Patient != "" && a.Patient == handrail.PatientID(who.ID) {
			return a, true, nil
		}
	}
	return handrail.Alert{}, false, nil
}

// misreadGuard takes "you misunderstood" and "only joking" after the card. The card is not repeated for it, and what was
// open stays open; but the alert stays too, since that is also what people say who wish they had not spoken (K9). Staff are
// told that it was said, and decide.
type misreadGuard struct{ *kit }

// Name implements bot.Guard.
func (g *misreadGuard) Name() string { return "misread" }

// Sees implements bot.Guard.
func (g *misreadGuard) Sees(u bot.Update, who bot.Who) bool {
	return who.Kind == bot.WhoPatient && u.Kind == bot.UpdateText && g.said(u, who, "guard.misread.words")
}

// Act implements bot.Guard.
func (g *misreadGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	a, open, err := g.openAlert(ctx, who)
	if err != nil || !open {
		return bot.Verdict{Pass: true}, err
	}
	p, err := g.Records.Patient(ctx, who.Practice, a.Patient)
	if err != nil {
		return bot.Verdict{}, err
	}
	err = g.tellCarer(ctx, p, "misread:"+string(a.ID)+":"+u.At.UTC().Truncate(shortFor).Format("20060102T1504"), u.At, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: g.words("guard.misread.task", "who", p.Initials(), "ref", ref.Ref)}
	})
	return bot.Verdict{Reply: []bot.Message{{Text: g.in(who.Language).words("guard.misread"), Options: []bot.Option{g.urgentTo(who.Language)}}}}, err
}

// foreignText reports whether a text in our letters is in no language that we read. Three names in a row are no language
// either, so what has a capital at every word is let pass.
func (g *unreadGuard) foreignText(text string) bool {
	if !g.Cards.Unreadable(text) {
		return false
	}
	for _, w := range strings.Fields(text) {
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsLetter(r) && !unicode.IsUpper(r) {
			return true
		}
	}
	return false
}

// foreign posts the card for a text that is written in letters we can read and in no language that we do, once in half an
// hour, and lets the text go on: it may be a name or a place (K14).
func (g *unreadGuard) foreign(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	key := "unread:" + g.Records.ConversationKey(u.From) + ":" + u.At.UTC().Truncate(shortFor).Format("20060102T1504")
	var envs []bot.Envelope
	for i, m := range g.cannotRead(who) {
		envs = append(envs, bot.Envelope{Key: key + ":" + string(rune('a'+i)), To: u.From, Class: bot.ClassCard, NotBefore: u.At.Add(time.Duration(i)), Message: m})
	}
	return bot.Verdict{Pass: true}, g.Post.Post(ctx, envs...)
}

// cannotRead is what somebody gets who wrote what nobody here can read: it may be anything, danger too.
func (g *unreadGuard) cannotRead(who bot.Who) []bot.Message {
	return []bot.Message{
		{Text: g.in(who.Language).words("guard.other_script"), Options: []bot.Option{g.urgentTo(who.Language)}}, {Text: g.Cards.Card("general", false)},
	}
}
