package dialogs

import (
	"context"
	"strings"
	"unicode"

	"handrail"
	"handrail/bot"
)

// leftGuard closes the chat of somebody who blocked the bot and leaves a task for the link worker (F8).
type leftGuard struct{ *kit }

// Name implements bot.Guard.
func (g *leftGuard) Name() string { return "left" }

// Sees implements bot.Guard.
func (g *leftGuard) Sees(u bot.Update, _ bot.Who) bool {
	return u.Kind == bot.UpdateLeft || u.Kind == bot.UpdateReturned
}

// Act implements bot.Guard.
func (g *leftGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if u.Kind == bot.UpdateReturned || who.Kind != bot.WhoPatient {
		return bot.Verdict{Close: true}, nil
	}
	return bot.Verdict{Close: true}, g.lost(ctx, who.Practice, handrail.PatientID(who.ID), u)
}

func (g *leftGuard) lost(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID, u bot.Update) error {
	p, err := g.Records.Patient(ctx, practice, id)
	if err != nil {
		return err
	}
	return g.tellCarer(ctx, p, "left:"+string(id)+":"+u.At.UTC().Format("20060102"), u.At, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: g.words("guard.left.task", "who", p.Initials(), "ref", ref.Ref)}
	})
}

// unreadGuard answers what cannot be read, and what was changed after it was sent; both were scanned for danger before.
type unreadGuard struct{ *kit }

// Name implements bot.Guard.
func (g *unreadGuard) Name() string { return "unread" }

// Sees implements bot.Guard: a sticker or voice note without words, an edited message, an empty one.
func (g *unreadGuard) Sees(u bot.Update, who bot.Who) bool {
	switch u.Kind {
	case bot.UpdateUnread, bot.UpdateEdited:
		return true
	case bot.UpdateText:
		return strings.TrimSpace(u.Text) == "" || who.Kind != bot.WhoStaff && (otherScript(u.Text) || g.foreignText(u.Text))
	}
	return false
}

// otherScript reports whether a text is written mostly in letters that nothing here can read. It may hold anything, danger
// too, so it is answered with the card (K14).
func otherScript(text string) bool {
	latin, other := 0, 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r):
			other++
		}
	}
	return other > latin
}

// Act implements bot.Guard.
func (g *unreadGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if u.Kind == bot.UpdateEdited {
		return bot.Verdict{Reply: []bot.Message{{Text: g.in(who.Language).words("guard.edited")}}}, nil
	}
	if u.Kind == bot.UpdateText && otherScript(u.Text) {
		return bot.Verdict{Reply: g.cannotRead(who), Class: bot.ClassCard}, nil // it may be danger, in every state
	}
	if u.Kind == bot.UpdateText && strings.TrimSpace(u.Text) != "" {
		return g.foreign(ctx, u, who)
	}
	m := bot.Message{Text: g.in(who.Language).words("guard.unread")}
	if who.Kind != bot.WhoStaff {
		m.Options = []bot.Option{g.urgentTo(who.Language)}
	}
	return bot.Verdict{Reply: []bot.Message{m}}, nil
}

// tidy makes typed words comparable with a list: lower case, no slash, no full stops, single spaces, no "please".
func tidy(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	s = strings.Trim(strings.TrimPrefix(s, "/"), " .!?,")
	s = strings.ReplaceAll(s, "’", "'")
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, "please "), " please"))
}

// helpGuard says what can be done here, to everybody, in every state, and leaves what is open as it is.
type helpGuard struct{ *kit }

// Name implements bot.Guard.
func (g *helpGuard) Name() string { return "help" }

// Sees implements bot.Guard: a word for help, "are you real?", or whatever somebody unknown writes that opens nothing.
func (g *helpGuard) Sees(u bot.Update, who bot.Who) bool {
	return u.Kind == bot.UpdateText && (g.said(u, who, "help.words") || g.said(u, who, "guard.automated.words"))
}

// Act implements bot.Guard.
func (g *helpGuard) Act(_ context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if g.said(u, who, "guard.automated.words") {
		return bot.Verdict{Reply: []bot.Message{{Text: g.in(who.Language).words("guard.automated"), Options: []bot.Option{g.urgentTo(who.Language)}}}}, nil
	}
	return bot.Verdict{Reply: []bot.Message{g.help(who)}}, nil
}

// help is what can be done here, for this person.
func (k *kit) help(who bot.Who) bot.Message {
	in := k.in(who.Language)
	open := func(label, dialog string) bot.Option { return press(in.line(label), dialog, "me", "open") }
	var team []bot.Option // for those who look after who works here
	if managers(who) {
		team = []bot.Option{open("help.team", "staff")}
	}
	switch {
	case carers(who):
		return bot.Message{Text: k.words("help.linkworker"), Options: append([]bot.Option{
			open("help.today", "today"), open("help.cases", "cases"), open("help.find", "find"), open("help.refer", "refer"),
		}, team...)}
	case staffOnly(who):
		return bot.Message{Text: k.words("help.staff"), Options: append([]bot.Option{
			open("help.find", "find"), open("help.refer", "refer"), open("help.declined", "declined"), open("help.patients", "patients"),
		}, team...)}
	case who.Kind == bot.WhoPatient:
		return bot.Message{Text: in.words("help.patient"), Options: []bot.Option{
			k.urgentTo(who.Language), open("help.choose", "choose"), open("help.next", "next"),
			press(in.line("help.pause"), "stop", "me", "pause"), press(in.line("help.stop"), "stop", "me", "stop"),
		}}
	case who.Kind == bot.WhoOrganiser:
		return bot.Message{Text: k.words("help.organiser"), Options: []bot.Option{open("help.groups", "groups"), k.urgentTo(who.Language)}}
	case who.Kind == bot.WhoBuddy:
		return bot.Message{Text: k.words("help.buddy"), Options: []bot.Option{k.urgentTo(who.Language)}}
	}
	if who.Kind == bot.WhoTrusted {
		return bot.Message{Text: k.words("help.trusted"), Options: []bot.Option{k.urgentTo(who.Language)}}
	}
	return bot.Message{Text: k.words("help.unknown"), Options: []bot.Option{k.urgentTo(who.Language)}}
}

// Gone is what happens when a message found that somebody blocked the bot or left: the link worker gets a task. It is
// the sender's hook; it is safe to call twice.
func Gone(d Deps) func(ctx context.Context, e bot.Envelope) error {
	g := &leftGuard{&kit{Deps: d}}
	return func(ctx context.Context, e bot.Envelope) error {
		if e.Patient == "" || e.Permission == handrail.PurposeBuddy || e.Class == bot.ClassNotice && e.Permission == "" {
			return nil // it was for a buddy or for staff
		}
		return g.lost(ctx, e.To.Practice, e.Patient, bot.Update{At: e.NotBefore})
	}
}
