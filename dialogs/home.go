package dialogs

import (
	"context"
	"slices"
	"time"

	"handrail/bot"
)

// Home is what a member of staff sees when they open the app and ask nothing: for those who look after patients the
// caseload, what needs a person first; for a referrer this month's patients. Anybody else gets how to begin. It is for a
// channel that has such a page; its buttons work on their own. That somebody looked is written down (G10).
func Home(d Deps) func(ctx context.Context, who bot.Who, now time.Time) (bot.Message, error) {
	k := &kit{Deps: d}
	return func(ctx context.Context, who bot.Who, now time.Time) (bot.Message, error) {
		if who.Kind == bot.WhoUnknown || who.Kind == bot.WhoStaff && !staffOnly(who) {
			return k.notSetUp(ctx, who.Practice) // only staff have such a page
		}
		if !staffOnly(who) {
			return k.help(who), nil
		}
		page, noun, shown := k.patientsPage, "patients list", "patients"
		if carers(who) {
			noun, shown = "caseload", "cases"
			page = func(ctx context.Context, who bot.Who, _ bool, now time.Time) (bot.Message, error) {
				return k.caseloadPage(ctx, who, "", 0, now)
			}
		}
		if err := k.Records.NoteRead(ctx, who.Practice, actor(who), noun, who.ID); err != nil {
			return bot.Message{}, err
		}
		m, err := page(ctx, who, false, now)
		if err != nil {
			return bot.Message{}, err
		}
		// Not the button of the list that is shown anyway.
		options := slices.DeleteFunc(k.help(who).Options, func(o bot.Option) bool {
			return o.Press != nil && o.Press.Dialog == shown
		})
		m.Options = append(options, m.Options...)
		return m, nil
	}
}
