package dialogs

import (
	"context"

	"handrail"
	"handrail/bot"
)

// opened is what a dialog keeps of a one-time link that was opened: what came of it, and the first name that the answer
// tells. Taken is what to say where the chat is somebody else's already.
type opened struct {
	Outcome     handrail.InviteOutcome
	Name, Taken string
}

// openLink tries a one-time link and tells the person where it did not fit. The effect is called by the name of the step;
// try returns the first name that the answer will tell. It is false where there is nothing more to say.
func openLink(t *bot.Talk, name string, try func(context.Context) (handrail.InviteOutcome, string, error)) (who string, ok bool) {
	o := bot.Do(t, name, "join.undo", func(ctx context.Context) (opened, error) {
		outcome, who, err := try(ctx)
		if say, ok := handrail.Sentence(err); ok && handrail.IsKind(err, handrail.KindConflict) {
			return opened{Taken: say}, nil
		}
		return opened{Outcome: outcome, Name: who}, err
	})
	switch {
	case o.Taken != "":
		t.Say(bot.Para(o.Taken))
	case o.Outcome != handrail.InviteOK:
		t.Say(t.Words("join." + string(o.Outcome)))
	default:
		return o.Name, true
	}
	return "", false
}
