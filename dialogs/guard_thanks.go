package dialogs

import (
	"context"

	"handrail/bot"
)

// thanksGuard answers a colleague's thanks in a word, whatever is open: they ask nothing, and are no search. Words that may be
// an answer ("ok", "great") are not among them.
type thanksGuard struct{ *kit }

// Name implements bot.Guard.
func (g *thanksGuard) Name() string { return "thanks" }

// Sees implements bot.Guard.
func (g *thanksGuard) Sees(u bot.Update, who bot.Who) bool {
	return u.Kind == bot.UpdateText && staffOnly(who) && g.isOne(u.Text, "small.thanks")
}

// Act implements bot.Guard.
func (g *thanksGuard) Act(context.Context, bot.Update, bot.Who) (bot.Verdict, error) {
	return bot.Verdict{Reply: []bot.Message{{Text: g.words("small.welcome")}}}, nil
}
