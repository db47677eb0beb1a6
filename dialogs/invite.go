package dialogs

import (
	"context"

	"handrail"
	"handrail/bot"
)

// giveInvite shows a one-time code in the ways in which it can be handed over, for a bot cannot write first: a link, a
// picture to scan from the screen, and a card to print.
func (k *kit) giveInvite(t *bot.Talk, name, code string) {
	link := k.Invitation(code)
	var files []bot.File
	if k.InviteCard != nil {
		made, err := k.InviteCard(name, code, link)
		if err == nil {
			for i := range made {
				made[i].Name, made[i].Alt = fileName(name)+" "+made[i].Name, t.Line("invite.file."+made[i].Alt, "name", name)
			}
			files = made
		}
	}
	if len(files) == 0 { // the link alone would do, but paper is what many take home
		card := k.Words.Text("en", "refer.card", "name", name, "code", code, "link", link)
		files = []bot.File{{
			Name: t.Line("refer.card.file", "name", fileName(name)) + ".txt", MIME: "text/plain; charset=utf-8", Data: []byte(card.Plain() + "\n"),
			Alt: t.Line("refer.card.file", "name", name),
		}}
	}
	t.Send(bot.Message{
		Text:    t.Words("refer.done.code", "name", name),
		Options: []bot.Option{{Label: t.Line("refer.link", "name", name), Link: link}},
		Files:   files,
		Private: true,
	})
}

// invite makes a new one-time code for a patient; the one before stops working (C9).
func (k *kit) invite() bot.Dialog {
	return bot.Dialog{Name: "invite", May: staffOnly, Script: func(t *bot.Talk) error {
		who, id := t.Who(), handrail.ReferralID(t.Subject())
		type made struct{ Name, Code, Not string }
		m := bot.Do(t, "invite", "invite.undo", func(ctx context.Context) (made, error) {
			r, p, err := k.openCase(ctx, who, id)
			switch {
			case err != nil:
				return made{}, err
			case p.Deceased || p.Halt != nil:
				return made{Not: "halted"}, nil
			case !r.State.Open():
				return made{Not: "closed"}, nil
			}
			code, err := k.Records.NewInvite(ctx, who.Practice, p.ID, inviteLife, actor(who))
			return made{Name: p.Name, Code: code}, err
		})
		if m.Not != "" {
			t.Say(t.Words("invite.not." + m.Not))
			return nil
		}
		t.Say(t.Words("invite.new"))
		k.giveInvite(t, m.Name, m.Code)
		return nil
	}}
}
