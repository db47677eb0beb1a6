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

// refreshed is a digest that takes the place of this morning's.
type refreshed struct {
	To      handrail.Address `json:"to"`
	Key     string           `json:"key,omitempty"`
	Message bot.Message      `json:"message"`
}

// refresh changes this morning's digest of whoever talks in place, now that something on it is done: the list stays one
// post and never shows what was seen to. Where the channel cannot change a post, or there was none today, it does nothing.
func (k *kit) refresh(t *bot.Talk) {
	who, now := t.Who(), t.Now()
	if k.Editable == nil || !k.Editable(t.From().Channel) || !carers(who) {
		return
	}
	d := bot.Look(t, "morning", func(ctx context.Context) (refreshed, error) {
		s, err := k.Records.Staff(ctx, who.Practice, handrail.StaffID(who.ID))
		if err != nil || s.Address.IsZero() {
			return refreshed{}, err
		}
		key := "digest:" + who.ID + ":" + string(handrail.DateOf(now, k.Zone))
		ref, err := k.Records.SentAs(ctx, s.Address, key)
		if err != nil || ref == "" {
			return refreshed{}, err
		}
		m, err := k.Digest(ctx, s, now)
		m.Replaces = key
		return refreshed{To: s.Address, Key: key, Message: m}, err
	})
	if d.Key == "" {
		return
	}
	bot.Do(t, "refresh", "", func(ctx context.Context) (bool, error) {
		return true, k.Post.Post(ctx, bot.Envelope{
			Key: d.Key + ":" + strconv.FormatInt(now.UnixMicro(), 36), To: d.To, Class: bot.ClassNotice, NotBefore: now, Message: d.Message,
		})
	})
}
