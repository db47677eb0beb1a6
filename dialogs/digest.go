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
	type list struct {
		To      handrail.Address
		Key     string
		Message bot.Message
	}
	// Made before the commit: the lists of a whole practice are long, and whoever writes waits for a commit.
	lists := bot.Look(t, "lists", func(ctx context.Context) ([]list, error) {
		staff, err := k.Records.StaffWith(ctx, who.Practice, handrail.RoleLinkWorker) // those who get one
		if err != nil {
			return nil, err
		}
		var have []handrail.Staff
		var out []list
		for _, s := range staff {
			if s.Address.IsZero() || !k.Editable(s.Address.Channel) {
				continue
			}
			key := "digest:" + string(s.ID) + ":" + string(handrail.DateOf(now, k.Zone))
			ref, err := k.Records.SentAs(ctx, s.Address, key)
			if err != nil {
				return nil, err
			}
			if ref != "" {
				have, out = append(have, s), append(out, list{To: s.Address, Key: key})
			}
		}
		if len(have) == 0 {
			return nil, nil
		}
		made, err := k.Digests(ctx, who.Practice, have, now)
		if err != nil {
			return nil, err
		}
		for i, m := range made {
			out[i].Message = m
		}
		return out, nil
	})
	bot.Do(t, "refresh", "", func(ctx context.Context) (bool, error) {
		envs := make([]bot.Envelope, len(lists))
		for i, l := range lists {
			l.Message.Replaces = l.Key
			envs[i] = bot.Envelope{
				Key: l.Key + ":" + strconv.FormatInt(now.UnixMicro(), 36) + ":" + who.ID, To: l.To, Class: bot.ClassNotice, NotBefore: now, Message: l.Message,
			}
		}
		return len(envs) > 0, k.Post.Post(ctx, envs...)
	})
}
