package dialogs

import (
	"context"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// stops is what stopping asks of the records.
type stops interface {
	Stop(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error
	Resume(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error
}

// stopGuard understands stop, pause, start again and delete it at every step, in words or by a button, with every store
// but the records away. Stop takes effect at once and is confirmed once; deleting is asked about once, since nobody can
// bring it back.
type stopGuard struct{ *kit }

// Name implements bot.Guard.
func (g *stopGuard) Name() string { return "stop" }

// Sees implements bot.Guard. Staff have nothing to stop: their "stop" leaves a dialog. A volunteer who left is nobody now,
// and was told to type "start again".
func (g *stopGuard) Sees(u bot.Update, who bot.Who) bool {
	if who.Kind == bot.WhoStaff {
		return false
	}
	w, _ := g.wish(u, who)
	if who.Kind == bot.WhoUnknown {
		return u.Kind == bot.UpdateText && w == string(wishResume)
	}
	return w != ""
}

// wish is what the person wants, or "".
func (g *stopGuard) wish(u bot.Update, who bot.Who) (string, said) {
	if f := strings.Split(u.Choice, "~"); len(f) == 6 && f[0] == "p" && f[1] == "stop" {
		return f[3], said{}
	}
	if u.Kind != bot.UpdateText {
		return "", said{}
	}
	for _, asked := range []wish{wishDelete, wishWrong} {
		for _, step := range []string{"yes", "no"} {
			if folded(u.Text) == folded(g.in(who.Language).line(string(asked)+"."+step)) {
				return string(asked) + "-" + step, said{}
			}
		}
	}
	s, ok := g.wishes.read(u.Text)
	if !ok {
		return "", said{}
	}
	switch s.wish {
	case wishStop, wishPause, wishResume, wishDelete, wishWrong:
		return string(s.wish), s
	}
	return "", said{} // a conversation beside the open one
}

// Act implements bot.Guard.
func (g *stopGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	w, s := g.wish(u, who)
	switch who.Kind {
	case bot.WhoBuddy:
		return g.buddy(ctx, u, who, w)
	case bot.WhoOrganiser:
		return g.organiser(ctx, who, w)
	case bot.WhoTrusted:
		return g.trusted(ctx, who, w)
	case bot.WhoUnknown:
		return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.resume.unknown"), Options: []bot.Option{g.urgentTo(who.Language)}}}}, nil
	}
	id, by, in := handrail.PatientID(who.ID), actor(who), g.in(who.Language)
	say := func(key string, args ...string) bot.Verdict {
		return bot.Verdict{Reply: []bot.Message{{Text: in.words(key, args...), Options: []bot.Option{g.urgentTo(who.Language)}}}, Close: true}
	}
	switch w {
	case string(wishStop):
		return say("guard.stop"), g.Records.Stop(ctx, who.Practice, id, by)
	case string(wishDelete), "delete-yes", "delete-no":
		return g.delete(ctx, u, who, w)
	case string(wishWrong), "wrong-yes", "wrong-no":
		return g.wrong(ctx, u, who, w)
	case string(wishPause):
		until := s.pauseUntil(u.At)
		return say("guard.pause", "until", g.dayIn(who.Language, until, u.At)), g.Records.Pause(ctx, who.Practice, id, until, by)
	}
	// Start again. It gives the permission to write back, by the person's own exact words.
	if err := g.Records.Resume(ctx, who.Practice, id, by); err != nil {
		return bot.Verdict{}, err
	}
	wording := in.words("permission.chat").Plain()
	_, err := g.Records.AnswerPermission(ctx, who.Practice, id, handrail.PurposeChat, in.line("permission.chat.version"), wording, true, by)
	return bot.Verdict{Reply: []bot.Message{{Text: in.words("guard.resume")}}}, err
}

// wrong is somebody who has the chat and is not the patient: asked once, and then the chat is nobody's, nothing more is
// shown there, and the link worker knows (H7).
func (g *stopGuard) wrong(ctx context.Context, u bot.Update, who bot.Who, step string) (bot.Verdict, error) {
	in := g.in(who.Language)
	switch step {
	case "wrong-no":
		return bot.Verdict{Reply: []bot.Message{{Text: in.words("wrong.kept")}}}, nil
	case "wrong-yes":
		p, err := g.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return bot.Verdict{}, err
		}
		if err := g.Records.CloseChat(ctx, u.From, "wrong person"); err != nil {
			return bot.Verdict{}, err
		}
		err = g.tellCarer(ctx, p, "wrong:"+string(p.ID)+":"+u.At.UTC().Format("20060102T1504"), u.At, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: g.words("wrong.task", "who", p.Initials(), "ref", ref.Ref)}
		})
		return bot.Verdict{Reply: []bot.Message{{Text: in.words("wrong.done")}}, Close: true, Forget: true}, err
	}
	return bot.Verdict{Reply: []bot.Message{{Text: in.words("wrong.sure"), Options: []bot.Option{
		press(in.line("wrong.yes"), "stop", "me", "wrong-yes"), press(in.line("wrong.no"), "stop", "me", "wrong-no"),
	}}}}, nil
}

// ends reports whether a wish means that somebody who is not a patient would rather not be written to.
func ends(w string) bool { return w == string(wishStop) || w == string(wishDelete) }

func (g *stopGuard) buddy(ctx context.Context, u bot.Update, who bot.Who, w string) (bot.Verdict, error) {
	if !ends(w) {
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
func (g *stopGuard) organiser(ctx context.Context, who bot.Who, w string) (bot.Verdict, error) {
	if !ends(w) {
		return bot.Verdict{Pass: true}, nil
	}
	_, err := g.Records.ChangeOrganiser(ctx, who.Practice, handrail.OrganiserPersonID(who.ID), actor(who), func(o *handrail.OrganiserPerson) error {
		o.Address = handrail.Address{}
		return nil
	})
	return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.stop.organiser")}}, Close: true}, err
}

// trusted takes somebody whom a patient trusts out of the chat: their own wish counts as much as the patient's.
func (g *stopGuard) trusted(ctx context.Context, who bot.Who, w string) (bot.Verdict, error) {
	if !ends(w) {
		return bot.Verdict{Pass: true}, nil
	}
	err := g.Records.EndTrusted(ctx, who.Practice, handrail.TrustedID(who.ID), actor(who))
	return bot.Verdict{Reply: []bot.Message{{Text: g.words("guard.stop.trusted")}}, Close: true}, err
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
