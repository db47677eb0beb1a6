package dialogs

import (
	"context"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
)

// feedChanges is what looking at held changes asks of the records.
type feedChanges interface {
	// Holds are the changes from feeds that wait for a person, oldest first.
	Holds(ctx context.Context) ([]handrail.Hold, error)
	// DecideHold takes a held change, or keeps what was. Decided before, it is KindConflict.
	DecideHold(ctx context.Context, id handrail.HoldID, take bool, by handrail.Actor, at time.Time) error
	// Merges are pairs of listings that may be one group.
	Merges(ctx context.Context) ([]handrail.Merge, error)
	DecideMerge(ctx context.Context, id handrail.MergeID, same bool, by handrail.Actor, at time.Time) error
}

// held goes through what feeds brought that a person must look at: a changed telephone number or address, a copy that
// would remove many, two listings that may be one group.
func (k *kit) held() bot.Dialog {
	return bot.Dialog{Name: "held", Title: "held.title", Opens: "held.opens", May: carers, Script: k.heldScript}
}

// atOnce is how many decisions one round asks for: nobody likes an endless list.
const atOnce = 10

func (k *kit) heldScript(t *bot.Talk) error {
	holds := bot.Look(t, "holds", func(ctx context.Context) ([]handrail.Hold, error) {
		all, err := k.Records.Holds(ctx)
		return all[:min(len(all), atOnce)], err
	})
	merges := bot.Look(t, "merges", func(ctx context.Context) ([]handrail.Merge, error) {
		all, err := k.Records.Merges(ctx)
		return all[:min(len(all), max(0, atOnce-len(holds)))], err
	})
	if len(holds)+len(merges) == 0 {
		t.Say(t.Words("held.none"))
		return nil
	}
	who, now := t.Who(), t.Now()
	for i, h := range holds {
		n := strconv.Itoa(i + 1)
		pick := t.Choose("hold-"+n, t.Words("held."+string(h.Kind), "group", h.Name, "source", h.Source, "was", shown(h.Was), "becomes", shown(h.Becomes)),
			bot.Option{Answer: "take", Label: t.Line("held.take")}, bot.Option{Answer: "keep", Label: t.Line("held.keep")},
			bot.Option{Answer: "later", Label: t.Line("held.later")})
		if pick == "later" {
			continue
		}
		bot.Do(t, "decided-"+n, "", func(ctx context.Context) (bool, error) {
			return settled(k.Records.DecideHold(ctx, h.ID, pick == "take", actor(who), now))
		})
	}
	for i, m := range merges {
		n := strconv.Itoa(i + 1)
		pick := t.Choose("merge-"+n, t.Words("held.merge", "a", m.NameA, "b", m.NameB),
			bot.Option{Answer: "same", Label: t.Line("held.same")}, bot.Option{Answer: "two", Label: t.Line("held.two")},
			bot.Option{Answer: "later", Label: t.Line("held.later")})
		if pick == "later" {
			continue
		}
		bot.Do(t, "merged-"+n, "", func(ctx context.Context) (bool, error) {
			return settled(k.Records.DecideMerge(ctx, m.ID, pick == "same", actor(who), now))
		})
	}
	t.Say(t.Words("held.done"))
	return nil
}

// settled takes a decision that somebody else made first for made.
func settled(err error) (bool, error) {
	if handrail.IsKind(err, handrail.KindConflict) || handrail.IsKind(err, handrail.KindNotFound) {
		return false, nil
	}
	return err == nil, err
}
