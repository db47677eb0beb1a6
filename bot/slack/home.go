package slack

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"handrail/bot"
	"handrail/bot/wire"
)

// homePause is how long after something was said to somebody their home is drawn again: a turn may say several things.
const homePause = 2 * time.Second

// redraw draws the home of somebody who has looked at it, since something has changed.
func (c *Channel) redraw(in Installation, w who) {
	key := who{team: w.team, user: w.user}.address(in.Practice)
	if !c.homes.due(key) {
		return
	}
	ctx, _, done, ok := c.running.Borrow()
	if !ok {
		c.homes.drawn(key)
		return
	}
	go func() {
		defer done()
		wire.Wait(ctx, c.clock, homePause)
		c.homes.drawn(key)
		if ctx.Err() == nil {
			c.publish(ctx, in, w)
		}
	}()
}

// publish draws somebody's home.
func (c *Channel) publish(ctx context.Context, in Installation, w who) {
	m := bot.Message{Text: bot.Para(c.texts.HomeEmpty)}
	if c.home != nil {
		own, err := c.home(ctx, who{team: w.team, user: w.user}.address(in.Practice))
		if err != nil {
			c.log.ErrorContext(ctx, "slack: a home could not be made", "error", err)
			return
		}
		if len(own.Text) > 0 || len(own.Cards) > 0 || len(own.Options) > 0 {
			m = own
		}
	}
	m.Form = nil // a home asks nothing
	blocks := c.layout(m, "", true)
	for len(blocks) > maxViewBlocks && len(m.Cards) > 0 {
		m.Cards = m.Cards[:len(m.Cards)-1] // whoever makes a home puts what matters first
		blocks = c.layout(m, "", true)
	}
	err := c.api.call(ctx, in.Token, "views.publish", struct {
		User string                   `json:"user_id"`
		View slack.HomeTabViewRequest `json:"view"`
	}{w.user, slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks[:min(len(blocks), maxViewBlocks)]}}}, nil)
	if err != nil && !wire.WasDone(err) {
		c.trouble(ctx, "draw a home", err)
	}
}
