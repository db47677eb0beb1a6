package slack

import (
	"sync"
	"time"

	"handrail"
)

// What is remembered for a moment and may be forgotten at any: it makes things quicker or nicer, and nothing depends
// on it.

// triggers are the short-lived handles that open a modal, by address.
type triggers struct {
	mu sync.Mutex
	of map[handrail.Address]trigger
}

type trigger struct {
	id string
	at time.Time
}

// triggerTime is how old a trigger may be: Slack takes it for three seconds, and the call takes some of them.
const triggerTime = 2500 * time.Millisecond

const mostHints = 4096

func (t *triggers) put(to handrail.Address, id string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil || len(t.of) >= mostHints {
		t.of = map[handrail.Address]trigger{}
	}
	t.of[to] = trigger{id, now}
}

// take returns a trigger that is young enough, once.
func (t *triggers) take(to handrail.Address, now time.Time) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, ok := t.of[to]
	delete(t.of, to)
	age := now.Sub(x.at)
	return x.id, ok && age >= 0 && age < triggerTime
}

// threads are where a person last wrote in a thread: the answer belongs there.
type threads struct {
	mu sync.Mutex
	of map[handrail.Address]trigger
}

// threadTime is how long after a message in a thread its answer is looked for there.
const threadTime = 30 * time.Second

func (t *threads) put(to handrail.Address, thread string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if thread == "" {
		delete(t.of, to)
		return
	}
	if t.of == nil || len(t.of) >= mostHints {
		t.of = map[handrail.Address]trigger{}
	}
	t.of[to] = trigger{thread, now}
}

func (t *threads) get(to handrail.Address, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, ok := t.of[to]
	if age := now.Sub(x.at); !ok || age < 0 || age > threadTime {
		delete(t.of, to)
		return ""
	}
	return x.id
}

// owns are people's own conversations with the app, by workspace and user.
type owns struct {
	mu sync.Mutex
	of map[string]string
}

func (o *owns) put(user, channel string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil || len(o.of) >= mostHints {
		o.of = map[string]string{}
	}
	o.of[user] = channel
}

func (o *owns) get(user string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.of[user]
}

// homes are the people who have looked at the app's home, and whether theirs is about to be drawn again.
type homes struct {
	mu sync.Mutex
	of map[handrail.Address]bool
}

func (h *homes) open(who handrail.Address) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil || len(h.of) >= mostHints {
		h.of = map[handrail.Address]bool{}
	}
	if _, there := h.of[who]; !there {
		h.of[who] = false
	}
}

// due says whether somebody's home is to be drawn again; it is said once, until drawn is called.
func (h *homes) due(who handrail.Address) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	waiting, there := h.of[who]
	if !there || waiting {
		return false
	}
	h.of[who] = true
	return true
}

func (h *homes) drawn(who handrail.Address) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.of[who]; there {
		h.of[who] = false
	}
}
