package dialogs

import (
	"context"
	"strconv"

	"handrail"
	"handrail/bot"
)

// posted is what changing an earlier post in place asks of the records.
type posted interface {
	// SentAs is the network's reference to what an envelope became at an address; empty when there is none.
	SentAs(ctx context.Context, to handrail.Address, key string) (bot.Ref, error)
}

// refresh changes this morning's digests in place, now that something on them is done: of whoever did it, and of every
// colleague who has one, so that a list stays one post and never shows what was seen to, whoever saw to it. Where a channel
// cannot change a post, or there was none today, it does nothing.
func (k *kit) refresh(t *bot.Talk) {
	who, now := t.Who(), t.Now()
	if k.Editable == nil || k.Digests == nil {
		return
	}
	bot.Do(t, "refresh", "", func(ctx context.Context) (bool, error) {
		staff, err := k.Records.StaffWith(ctx, who.Practice, handrail.RoleLinkWorker) // those who get one
		if err != nil {
			return false, err
		}
		var have []handrail.Staff
		var keys []string
		for _, s := range staff {
			if s.Address.IsZero() || !k.Editable(s.Address.Channel) {
				continue
			}
			key := "digest:" + string(s.ID) + ":" + string(handrail.DateOf(now, k.Zone))
			ref, err := k.Records.SentAs(ctx, s.Address, key)
			if err != nil {
				return false, err
			}
			if ref != "" {
				have, keys = append(have, s), append(keys, key)
			}
		}
		if len(have) == 0 {
			return false, nil
		}
		lists, err := k.Digests(ctx, who.Practice, have, now)
		if err != nil {
			return false, err
		}
		envs := make([]bot.Envelope, len(have))
		for i, m := range lists {
			m.Replaces = keys[i]
			envs[i] = bot.Envelope{
				Key: keys[i] + ":" + strconv.FormatInt(now.UnixMicro(), 36) + ":" + who.ID, To: have[i].Address, Class: bot.ClassNotice, NotBefore: now, Message: m,
			}
		}
		return true, k.Post.Post(ctx, envs...)
	})
}
