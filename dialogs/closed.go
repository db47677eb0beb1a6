package dialogs

import (
	"context"

	"handrail/bot"
)

// closed tells somebody who would join that it cannot be now, since the numbers they would be given in need are too old to
// trust (K5), and tells the link workers, once a day. The code stays good.
func (k *kit) closed(t *bot.Talk) bool {
	now, practice := t.Now(), t.Who().Practice
	if !bot.Look(t, "closed", func(context.Context) (bool, error) { return k.Closed != nil && k.Closed(now), nil }) {
		return false
	}
	bot.Do(t, "closed-told", "", func(ctx context.Context) (bool, error) {
		staff, err := k.linkWorkers(ctx, practice, "")
		if err != nil {
			return false, err
		}
		key := "closed:" + string(practice) + ":" + now.UTC().Format("20060102")
		return true, k.tell(ctx, staff, key, bot.ClassNotice, "", now, bot.Message{Text: k.words("join.closed.task")})
	})
	t.Say(t.Words("join.closed"))
	return true
}
