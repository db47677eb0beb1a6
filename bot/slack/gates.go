package slack

import (
	"sync"
	"time"

	"handrail/bot"
)

// gates keep calls back: while Slack has asked to wait, and where a method's own rate is used up. Slack counts by method
// and workspace (https://docs.slack.dev/apis/web-api/rate-limits): a call inside the wait counts against the app.
type gates struct {
	clock bot.Clock
	mu    sync.Mutex
	of    map[gateKey]*gate
}

type gateKey struct {
	token  Token
	method string
}

type gate struct {
	until time.Time
	calls []time.Time // of the last minute, a ring as long as the method's rate
	next  int
}

// perMinute is the rate of a method's tier, a little under what is published: Tier 2 bears 20 a minute, Tier 3 50, Tier 4
// 100. 0 is no limit of its own: posting is paced by conversation, by whoever sends.
func perMinute(method string) int {
	switch method {
	case "auth.test", "chat.postMessage":
		return 0 // hundreds a minute; one a second in a conversation
	case "chat.postEphemeral", "users.info", "views.open", "views.publish", "views.update":
		return 95
	case "chat.update", "conversations.open", "conversations.history", "conversations.replies", "files.completeUploadExternal", "files.getUploadURLExternal":
		return 48
	default: // apps.connections.open, oauth.v2.access
		return 19
	}
}

// wait is how long a call must wait; 0 takes a place. asked says that Slack asked for it.
func (g *gates) wait(token Token, method string) (d time.Duration, asked bool) {
	now := g.clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	k := gateKey{token, method}
	x := g.of[k]
	if x == nil {
		x = &gate{calls: make([]time.Time, perMinute(method))}
		if g.of == nil {
			g.of = map[gateKey]*gate{}
		}
		g.of[k] = x
	}
	if left := x.until.Sub(now); left > 0 && left <= 24*time.Hour {
		return left, true
	}
	if len(x.calls) == 0 {
		return 0, false
	}
	// A clock that was put back must not close the gate for longer than a minute.
	if age := now.Sub(x.calls[x.next]); age >= 0 && age < time.Minute {
		return time.Minute - age, false
	}
	x.calls[x.next] = now
	x.next = (x.next + 1) % len(x.calls)
	return 0, false
}

// close keeps calls of a method back for as long as Slack asked.
func (g *gates) close(token Token, method string, d time.Duration) {
	if d <= 0 {
		return
	}
	now := g.clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if x := g.of[gateKey{token, method}]; x != nil {
		x.until = now.Add(d)
	}
}
