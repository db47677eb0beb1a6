package dialogs

import (
	"context"
	"strings"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// strangerGuard answers a colleague who has no role here, or none yet: one line that says who can give them one, and
// nothing else, whatever they typed or pressed. Where patients write too, somebody unknown is no colleague, and is greeted
// as anybody is.
type strangerGuard struct{ *kit }

// Name implements bot.Guard.
func (g *strangerGuard) Name() string { return "stranger" }

// Sees implements bot.Guard. Whoever opens their one-time link is let through.
func (g *strangerGuard) Sees(u bot.Update, who bot.Who) bool {
	if !g.stranger(u.From.Channel, who) {
		return false
	}
	switch u.Kind {
	case bot.UpdateText:
		return !strings.Contains(strings.ToLower(u.Text), staffCode) && !g.isOne(u.Text, "join.opens")
	case bot.UpdatePress, bot.UpdateForm, bot.UpdatePlace, bot.UpdateUnread:
		return true
	}
	return false
}

// stranger reports whether somebody works here and may be told nothing.
func (k *kit) stranger(channel string, who bot.Who) bool {
	if who.Kind == bot.WhoStaff {
		return len(who.Roles) == 0
	}
	return who.Kind == bot.WhoUnknown && k.Workplace != nil && k.Workplace(channel)
}

// Act implements bot.Guard.
func (g *strangerGuard) Act(ctx context.Context, _ bot.Update, who bot.Who) (bot.Verdict, error) {
	m, err := g.notSetUp(ctx, who.Practice)
	return bot.Verdict{Reply: []bot.Message{m}}, err
}

// notSetUp is the line.
func (k *kit) notSetUp(ctx context.Context, practice handrail.PracticeID) (bot.Message, error) {
	admins, err := k.Records.StaffWith(ctx, practice, handrail.RoleAdministrator)
	if err != nil {
		return bot.Message{}, err
	}
	var names []string
	for _, a := range admins {
		if a.Active {
			names = append(names, a.Name)
		}
	}
	if len(names) == 0 {
		return bot.Message{Text: k.words("help.stranger.nobody"), Private: true}, nil
	}
	return bot.Message{Text: k.words("help.stranger", "who", text.Either(names)), Private: true}, nil
}
