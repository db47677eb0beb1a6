package bot

import (
	"fmt"
	"sync"
)

// once remembers the last thousand or so keys that it was asked about.
type once struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (o *once) first(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen[key] {
		return false
	}
	if o.seen == nil || len(o.seen) >= 1000 {
		o.seen = map[string]bool{}
	}
	o.seen[key] = true
	return true
}

func (o *once) again(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.seen, key)
}

// tries counts how often thinking about a turn has failed in this process.
type tries struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *tries) key(t Turn) string { return fmt.Sprintf("%s:%d", t.Conversation, t.Number) }

func (c *tries) count(t Turn) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[c.key(t)]
}

func (c *tries) add(t Turn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[c.key(t)]++
}

func (c *tries) forget(t Turn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.n, c.key(t))
}
