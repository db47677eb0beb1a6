package telegram

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"handrail/bot/wire"
)

// pollParams are those of getUpdates, which the library keeps to itself.
type pollParams struct {
	Offset  int64             `json:"offset,omitempty"`
	Limit   int               `json:"limit,omitempty"`
	Timeout int               `json:"timeout"`
	Allowed tg.AllowedUpdates `json:"allowed_updates"`
}

// allowed are the kinds of update that are asked for. Inline queries are not: they are declined by never coming.
func allowed() tg.AllowedUpdates {
	return tg.AllowedUpdates{
		models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage, models.AllowedUpdateChannelPost,
		models.AllowedUpdateCallbackQuery, models.AllowedUpdateMyChatMember,
	}
}

const (
	batch       = 100
	sideBySide  = 16 // chats whose updates are delivered at once
	deliverTime = 8 * time.Second
)

// poll fetches updates until ctx ends. The offset, which confirms what came before it, moves only past updates that
// were delivered: after a crash, or where the inbox refused one, Telegram gives them again.
//
// Two pollers, during a deploy, harm nothing: each is given the same updates in the same order, and the inbox knows
// which it has. Telegram answers the elder one 409; it then waits, so that one of them is left in peace.
func (c *Channel) poll(ctx context.Context) {
	var offset int64
	pause := wire.FirstPause
	for ctx.Err() == nil {
		var raw []json.RawMessage
		began := c.clock.Now()
		err := c.pollOnce(ctx, offset, &raw)
		if err == nil {
			c.works(ctx)
			next, all := c.deliverBatch(ctx, raw, offset)
			if all || next > offset {
				pause = wire.FirstPause
			}
			if offset = next; all {
				if len(raw) == 0 && c.clock.Now().Sub(began) < time.Second {
					wire.Wait(ctx, c.clock, emptyPause) // a server that holds no poll open must not be asked without end
				}
				continue
			}
		} else if ctx.Err() != nil {
			return
		} else {
			c.trouble(ctx, "fetch updates", err)
			if wire.HasReason(err, reasonHook) {
				// Somebody set one since the start. It is ours to take away: the settings say that we poll.
				if err := c.deleteWebhook(ctx); err != nil && ctx.Err() == nil {
					c.trouble(ctx, "take the webhook away", err)
				}
			}
		}
		wait := max(pause, askedFor(err))
		if wire.HasReason(err, reasonPoller) {
			wait = max(wait, conflictPause)
		}
		wire.Wait(ctx, c.clock, wait)
		pause = min(2*pause, wire.LongestPause)
	}
}

// emptyPause is that between two polls that were answered at once with nothing.
const emptyPause = 250 * time.Millisecond

// conflictPause is longer than a poller's start takes.
const conflictPause = 5 * time.Second

func (c *Channel) pollOnce(ctx context.Context, offset int64, into *[]json.RawMessage) error {
	ctx, cancel := context.WithTimeout(ctx, c.pollTime+callTime)
	defer cancel()
	return c.api.call(ctx, "getUpdates", pollParams{
		Offset: offset, Limit: batch, Timeout: int(c.pollTime / time.Second), Allowed: allowed(),
	}, into)
}

// deliverBatch delivers what came: in order within a chat, chats side by side. It returns the offset that confirms as
// much as was delivered without a gap, and whether that is all.
func (c *Channel) deliverBatch(ctx context.Context, raw []json.RawMessage, offset int64) (next int64, all bool) {
	type item struct {
		id int64
		h  heard
	}
	var ids []int64
	chats := map[int64][]item{}
	var order []int64
	for _, r := range raw {
		u, err := decode(r)
		if u.ID == 0 {
			c.log.ErrorContext(ctx, "telegram: an update without a number is left out", "error", err)
			continue
		}
		ids = append(ids, u.ID)
		if err != nil { // it would come for ever, and everything behind it would wait
			c.log.ErrorContext(ctx, "telegram: an update that cannot be read is left out", "error", err)
			continue
		}
		h := c.read(u)
		if _, known := chats[h.chat]; !known {
			order = append(order, h.chat)
		}
		chats[h.chat] = append(chats[h.chat], item{u.ID, h})
	}

	slices.Sort(ids)

	var mu sync.Mutex
	failed := map[int64]bool{}
	var wg sync.WaitGroup
	slots := make(chan struct{}, sideBySide)
	for _, chat := range order {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			for i, it := range chats[chat] {
				if err := c.take(ctx, it.h); err == nil {
					c.after(ctx, it.h, false)
					continue
				} else if ctx.Err() == nil {
					c.log.ErrorContext(ctx, "telegram: an update was not taken and will come again", "error", err)
				}
				mu.Lock()
				for _, left := range chats[chat][i:] { // what follows waits: order within a chat
					failed[left.id] = true
				}
				mu.Unlock()
				return
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if failed[id] {
			return id, false
		}
		offset = id + 1
	}
	return offset, true
}

// take delivers an update, if there is anything to deliver.
func (c *Channel) take(ctx context.Context, h heard) error {
	if h.update == nil || h.album != "" && c.albums.has(h.album) {
		return nil
	}
	_, in, giveBack, ok := c.running.Borrow()
	if !ok {
		return errStopped
	}
	defer giveBack()
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	if err := in.Deliver(ctx, *h.update); err != nil {
		return err
	}
	if h.album != "" {
		c.albums.add(h.album)
	}
	return nil
}

// albums remembers the last few albums of which a part was delivered: ten pictures sent at once are one thing that
// cannot be read, and get one answer. A chat's updates come one after another, so the first part is there before the
// others are asked about. What is forgotten costs an answer more.
type albums struct {
	mu   sync.Mutex
	seen [64]string
	next int
}

func (a *albums) has(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Contains(a.seen[:], id)
}

func (a *albums) add(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[a.next] = id
	a.next = (a.next + 1) % len(a.seen)
}
