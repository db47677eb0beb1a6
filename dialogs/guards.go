package dialogs

import (
	"context"
	"strings"
	"time"
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
		return strings.TrimSpace(u.Text) == "" || who.Kind != bot.WhoStaff && otherScript(u.Text)
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
func (g *unreadGuard) Act(_ context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if u.Kind == bot.UpdateEdited {
		return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.edited")}}}, nil
	}
	if u.Kind == bot.UpdateText && otherScript(u.Text) {
		return bot.Verdict{Reply: []bot.Message{
			{Text: g.words("guard.other_script"), Options: []bot.Option{g.urgentButton()}}, {Text: g.Cards.Card("general", false)},
		}}, nil
	}
	m := bot.Message{Text: g.words("guard.unread")}
	if who.Kind != bot.WhoStaff {
		m.Options = []bot.Option{g.urgentButton()}
	}
	return bot.Verdict{Reply: []bot.Message{m}}, nil
}

func (k *kit) urgentButton() bot.Option {
	return withStyle(press(k.line("help.urgent"), "urgent", "me", "help"), "urgent")
}

// stops is what stopping asks of the records.
type stops interface {
	Stop(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error
	Resume(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error
}

// stopGuard understands stop, pause, forget me and start again at every step, in words or by a button. Stop takes
// effect at once and is confirmed once.
type stopGuard struct{ *kit }

// Name implements bot.Guard.
func (g *stopGuard) Name() string { return "stop" }

// Sees implements bot.Guard. Staff have nothing to stop: their "stop" leaves a dialog. A volunteer who left is nobody now,
// and was told to type "start again".
func (g *stopGuard) Sees(u bot.Update, who bot.Who) bool {
	if who.Kind == bot.WhoUnknown {
		return u.Kind == bot.UpdateText && g.wish(u) == "resume"
	}
	return (who.Kind == bot.WhoPatient || who.Kind == bot.WhoBuddy || who.Kind == bot.WhoOrganiser) && g.wish(u) != ""
}

// wish is what the person wants, or "".
func (g *stopGuard) wish(u bot.Update) string {
	if f := strings.Split(u.Choice, "~"); len(f) == 6 && f[0] == "p" && f[1] == "stop" {
		return f[3]
	}
	if u.Kind != bot.UpdateText {
		return ""
	}
	said := tidy(u.Text)
	for _, wish := range []string{"stop", "forget", "pause", "resume"} {
		for _, w := range strings.Split(g.line("guard."+wish+".words"), "|") {
			if said == w {
				return wish
			}
		}
	}
	return ""
}

// tidy makes typed words comparable with a list: lower case, no slash, no full stops, single spaces, no "please".
func tidy(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	s = strings.Trim(strings.TrimPrefix(s, "/"), " .!?,")
	s = strings.ReplaceAll(s, "’", "'")
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, "please "), " please"))
}

// Act implements bot.Guard.
func (g *stopGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	switch who.Kind {
	case bot.WhoBuddy:
		return g.buddy(ctx, u, who)
	case bot.WhoOrganiser:
		return g.organiser(ctx, u, who)
	}
	if who.Kind == bot.WhoUnknown {
		return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.resume.unknown"), Options: []bot.Option{g.urgentButton()}}}}, nil
	}
	id, by := handrail.PatientID(who.ID), actor(who)
	say := func(key string, args ...string) bot.Verdict {
		return bot.Verdict{Reply: []bot.Message{{Text: g.words(key, args...), Options: []bot.Option{g.urgentButton()}}}, Close: true}
	}
	switch g.wish(u) {
	case "stop":
		return say("guard.stop"), g.Records.Stop(ctx, who.Practice, id, by)
	case "forget":
		// Deleting is a person's work on this floor; the wish is passed on, and everything stops now.
		if err := g.Records.Stop(ctx, who.Practice, id, by); err != nil {
			return bot.Verdict{}, err
		}
		p, err := g.Records.Patient(ctx, who.Practice, id)
		if err != nil {
			return bot.Verdict{}, err
		}
		return say("guard.forget"), g.tellCarer(ctx, p, "forget:"+string(id)+":"+u.At.UTC().Format("20060102"), u.At, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: g.words("guard.forget.task", "who", p.Initials(), "ref", ref.Ref)}
		})
	case "pause":
		until := u.At.AddDate(0, 0, 14)
		return say("guard.pause", "until", g.day(until, u.At)), g.Records.Pause(ctx, who.Practice, id, until, by)
	}
	// Start again. It gives the permission to write back, by the person's own exact words.
	if err := g.Records.Resume(ctx, who.Practice, id, by); err != nil {
		return bot.Verdict{}, err
	}
	wording := g.words("permission.chat").Plain()
	_, err := g.Records.AnswerPermission(ctx, who.Practice, id, handrail.PurposeChat, g.line("permission.chat.version"), wording, true, by)
	return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.resume")}}}, err
}

func (g *stopGuard) buddy(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if g.wish(u) != "stop" && g.wish(u) != "forget" {
		return bot.Verdict{Pass: true}, nil
	}
	b, err := g.Records.ChangeBuddy(ctx, who.Practice, handrail.BuddyID(who.ID), actor(who), func(b *handrail.Buddy) error {
		if b.State == handrail.BuddyLeft || b.State == handrail.BuddyRefused {
			return nil
		}
		return b.Leave()
	})
	if err == nil {
		err = g.release(ctx, b, who, u.At)
	}
	return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.stop.buddy")}}, Close: true}, err
}

// organiser takes somebody who runs a group out of the chat. What they run stays in the directory; from now on it is the
// link workers who ask after it.
func (g *stopGuard) organiser(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if g.wish(u) != "stop" && g.wish(u) != "forget" {
		return bot.Verdict{Pass: true}, nil
	}
	_, err := g.Records.ChangeOrganiser(ctx, who.Practice, handrail.OrganiserPersonID(who.ID), actor(who), func(o *handrail.OrganiserPerson) error {
		o.Address = handrail.Address{}
		return nil
	})
	return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.stop.organiser")}}, Close: true}, err
}

// release frees a buddy who leaves from every visit ahead, and tells those who counted on them.
func (g *stopGuard) release(ctx context.Context, b handrail.Buddy, who bot.Who, now time.Time) error {
	all, err := g.Records.AccompanimentsIn(ctx, b.Practice, handrail.AccompanimentAsked, handrail.AccompanimentAgreed)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Buddy != b.ID {
			continue
		}
		v, err := g.Records.Visit(ctx, b.Practice, a.Attendance)
		if err != nil {
			return err
		}
		promised := a.State == handrail.AccompanimentAgreed
		a, err = g.Records.ChangeAccompaniment(ctx, b.Practice, a.ID, actor(who), func(a *handrail.Accompaniment) error { return a.Decline(now) })
		if err != nil {
			return err
		}
		if v.Attendance.State.Ahead() && v.Attendance.Occurrence.Start.After(now) {
			if err := g.tellOfBuddy(ctx, a, b, v, false, promised, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// helpGuard says what can be done here, to everybody, in every state, and leaves what is open as it is.
type helpGuard struct{ *kit }

// Name implements bot.Guard.
func (g *helpGuard) Name() string { return "help" }

// Sees implements bot.Guard: a word for help, "are you real?", or whatever somebody unknown writes that opens nothing.
func (g *helpGuard) Sees(u bot.Update, _ bot.Who) bool {
	return u.Kind == bot.UpdateText && (g.said(u, "help.words") || g.said(u, "guard.automated.words"))
}

func (g *helpGuard) said(u bot.Update, key string) bool {
	said := tidy(u.Text)
	for _, w := range strings.Split(g.line(key), "|") {
		if said == w {
			return true
		}
	}
	return false
}

// Act implements bot.Guard.
func (g *helpGuard) Act(_ context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if g.said(u, "guard.automated.words") {
		return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.automated"), Options: []bot.Option{g.urgentButton()}}}}, nil
	}
	return bot.Verdict{Reply: []bot.Message{g.help(who)}}, nil
}

// help is what can be done here, for this person.
func (k *kit) help(who bot.Who) bot.Message {
	open := func(label, dialog string) bot.Option { return press(k.line(label), dialog, "me", "open") }
	switch {
	case carers(who):
		return bot.Message{Text: k.words("help.linkworker"), Options: []bot.Option{
			open("help.today", "today"), open("help.find", "find"), open("help.refer", "refer"),
		}}
	case who.Kind == bot.WhoStaff:
		return bot.Message{Text: k.words("help.staff"), Options: []bot.Option{
			open("help.find", "find"), open("help.refer", "refer"), open("help.declined", "declined"), open("help.patients", "patients"),
		}}
	case who.Kind == bot.WhoPatient:
		return bot.Message{Text: k.words("help.patient"), Options: []bot.Option{
			k.urgentButton(), open("help.choose", "choose"), open("help.next", "next"),
			press(k.line("help.pause"), "stop", "me", "pause"), press(k.line("help.stop"), "stop", "me", "stop"),
		}}
	case who.Kind == bot.WhoOrganiser:
		return bot.Message{Text: k.words("help.organiser"), Options: []bot.Option{open("help.groups", "groups"), k.urgentButton()}}
	case who.Kind == bot.WhoBuddy:
		return bot.Message{Text: k.words("help.buddy"), Options: []bot.Option{k.urgentButton()}}
	}
	return bot.Message{Text: k.words("help.unknown"), Options: []bot.Option{k.urgentButton()}}
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
