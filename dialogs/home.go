package dialogs

import (
	"context"
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
		page, noun := k.patientsPage, "patients list"
		if carers(who) {
			noun = "caseload"
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
		m.Options = append(k.help(who).Options, m.Options...)
		return m, nil
	}
}
