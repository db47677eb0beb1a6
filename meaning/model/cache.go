package model

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"
)

// How much is remembered of answers that were accepted, and for how long. It is memory only: it goes with the process.
const (
	cacheEntries = 512
	cacheFor     = time.Hour
)

// cacheKey stands for a question: the prompt's version, the model's name and the redacted text, hashed, so that the
// question itself is not kept.
type cacheKey [sha256.Size]byte

func keyOf(parts ...string) cacheKey {
	h := sha256.New()
	for _, p := range parts {
		size := [8]byte{}
		for i, n := 0, len(p); i < 8; i, n = i+1, n>>8 {
			size[i] = byte(n)
		}
		h.Write(size[:])
		h.Write([]byte(p))
	}
	return cacheKey(h.Sum(nil))
}

// cache keeps the answers of late, the least recently used going first.
type cache struct {
	mu    sync.Mutex
	order *list.List // of entry, the latest in front
	at    map[cacheKey]*list.Element
}

type entry struct {
	key    cacheKey
	answer string
	until  time.Time
}

func newCache() *cache { return &cache{order: list.New(), at: map[cacheKey]*list.Element{}} }

// get returns an answer that is still good at t.
func (c *cache) get(k cacheKey, t time.Time) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.at[k]
	if !ok {
		return "", false
	}
	kept := e.Value.(entry)
	if !t.Before(kept.until) {
		c.order.Remove(e)
		delete(c.at, k)
		return "", false
	}
	c.order.MoveToFront(e)
	return kept.answer, true
}

// put keeps an answer from t on.
func (c *cache) put(k cacheKey, answer string, t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.at[k]; ok {
		c.order.Remove(e)
	}
	c.at[k] = c.order.PushFront(entry{k, answer, t.Add(cacheFor)})
	for len(c.at) > cacheEntries {
		last := c.order.Back()
		delete(c.at, last.Value.(entry).key)
		c.order.Remove(last)
	}
}

// forget drops everything.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order.Init()
	clear(c.at)
}
