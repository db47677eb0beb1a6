package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"handrail"
)

// viewClock reads the clock and, when there is a stage, what happens next. What happens next is a courtesy: when it
// cannot be had, the clock is shown without it.
func (c *Channel) viewClock(ctx context.Context) clockView {
	now := c.clock().In(c.zone)
	v := clockView{ISO: now.Format(time.RFC3339), Text: now.Format(dayLayout + ", 3:04pm"), Moves: c.stage != nil}
	if c.stage == nil {
		return v
	}
	at, what, ok, err := c.stage.Next(ctx)
	if err != nil {
		c.log.WarnContext(ctx, "next event not found", "err", err)
		return v
	}
	if ok {
		v.Next = &nextView{What: what, Text: at.In(c.zone).Format("Mon 2 Jan, 3:04pm")}
	}
	return v
}

func (c *Channel) getClock(w http.ResponseWriter, r *http.Request) {
	c.answer(w, r, http.StatusOK, c.viewClock(r.Context()))
}

// unhurried lifts the server's time limits from a request that may take long.
func unhurried(w http.ResponseWriter) {
	rc := http.NewResponseController(w)
	// Not every ResponseWriter has limits to lift; then there is nothing to do.
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{})
}

func (c *Channel) postClock(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Move string `json:"move"`
	}
	if err := read(w, r, &body); err != nil {
		c.fail(w, r, err)
		return
	}
	if c.stage == nil {
		c.fail(w, r, &refusal{http.StatusNotFound, "The clock cannot be moved here."})
		return
	}
	if !c.moving.TryLock() {
		c.fail(w, r, handrail.Errorf(handrail.KindConflict, "The clock is moving already. Please wait a moment.", "move the clock: %w", errMoving))
		return
	}
	defer c.moving.Unlock()
	unhurried(w)
	ctx, cancel := c.lasting(r)
	defer cancel()
	to, err := moveTo(body.Move, c.clock().In(c.zone), func() (time.Time, bool, error) {
		at, _, ok, err := c.stage.Next(ctx)
		return at, ok, err
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	err = c.stage.Advance(ctx, to)
	c.shownMinute.Store(c.clock().Unix() / 60)
	c.clockMoved() // it may have moved some way even when it failed
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.answer(w, r, http.StatusOK, c.viewClock(ctx))
}

func (c *Channel) postReset(w http.ResponseWriter, r *http.Request) {
	var body struct{}
	if err := read(w, r, &body); err != nil {
		c.fail(w, r, err)
		return
	}
	if !c.moving.TryLock() {
		c.fail(w, r, handrail.Errorf(handrail.KindConflict, "The clock is moving. Please wait a moment.", "start again: %w", errMoving))
		return
	}
	defer c.moving.Unlock()
	unhurried(w)
	ctx, cancel := c.lasting(r)
	defer cancel()
	if err := c.Reset(); err != nil {
		c.fail(w, r, err)
		return
	}
	if c.stage != nil {
		if err := c.stage.Reset(ctx); err != nil {
			c.fail(w, r, err)
			return
		}
	}
	c.clockMoved()
	c.answer(w, r, http.StatusOK, c.viewClock(ctx))
}

// errMoving says that the clock is on its way.
var errMoving = errors.New("the clock is moving")
