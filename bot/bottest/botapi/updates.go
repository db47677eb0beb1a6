package botapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"
)

// hook is where updates are posted to.
type hook struct {
	url, secret string
	slots       chan struct{}
	stop        chan struct{}
	busy        map[int64]bool // chats whose updates are on their way
}

// allows says whether a kind of update is asked for. Telegram's default leaves out what most bots don't want.
func (s *Server) allows(kind string) bool {
	if len(s.allowed) == 0 {
		return !slices.Contains([]string{"chat_member", "message_reaction", "message_reaction_count"}, kind)
	}
	return slices.Contains(s.allowed, kind)
}

// enqueue puts an update into the queue. The channel that is returned is closed once the bot has confirmed it; for a
// kind that the bot did not ask for it is closed at once, as nothing is to come. The caller holds mu.
func (s *Server) enqueue(kind string, chat int64, what any) <-chan struct{} {
	done := make(chan struct{})
	if !s.allows(kind) {
		close(done)
		return done
	}
	inner, err := json.Marshal(what)
	if err != nil {
		s.host.Errorf("an update cannot be written: %v", err)
	}
	s.lastID++
	raw, err := json.Marshal(map[string]any{"update_id": s.lastID, kind: json.RawMessage(inner)})
	if err != nil {
		s.host.Errorf("an update cannot be written: %v", err)
	}
	s.updates = append(s.updates, &pending{id: s.lastID, chat: chat, at: s.o.Now(), raw: raw, done: done})
	s.host.Wake()
	s.pump()
	return done
}

// forget drops what is older than a day. The caller holds mu.
func (s *Server) forget() {
	now := s.o.Now()
	s.updates = slices.DeleteFunc(s.updates, func(p *pending) bool {
		old := now.Sub(p.at) > keepUpdates
		if old {
			s.expired++
		}
		return old
	})
}

// confirm drops the updates that the bot has confirmed. The caller holds mu.
func (s *Server) confirm(which func(*pending) bool) {
	s.updates = slices.DeleteFunc(s.updates, func(p *pending) bool {
		if which(p) {
			close(p.done)
			return true
		}
		return false
	})
}

// Waiting is how many updates the bot has not confirmed, and Expired how many grew too old before it did.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	return len(s.updates)
}

// Expired is how many updates the bot never got: they grew older than a day.
func (s *Server) Expired() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	return s.expired
}

// HookTries is how many requests were made to the webhook.
func (s *Server) HookTries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

func (s *Server) getUpdates(r *http.Request, c call) (any, *failure) {
	var offset, limit, timeout int64 = 0, 100, 0
	c.into("offset", &offset)
	c.into("timeout", &timeout)
	if c.into("limit", &limit); limit < 1 || limit > 100 {
		limit = 100
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook != nil {
		return nil, &failure{code: http.StatusConflict, description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
	}
	var allowed []string
	if c.into("allowed_updates", &allowed) {
		s.allowed = allowed
	}
	if s.poller != nil { // the elder is sent away
		close(s.poller)
	}
	mine := make(chan struct{})
	s.poller = mine
	defer func() {
		if s.poller == mine {
			s.poller = nil
		}
	}()
	s.forget()
	if offset < 0 {
		offset = max(0, s.lastID+1+offset)
	}
	s.confirm(func(p *pending) bool { return p.id < offset })
	deadline := time.NewTimer(time.Duration(timeout) * time.Second)
	defer deadline.Stop()
	for {
		s.forget()
		if n := min(len(s.updates), int(limit)); n > 0 {
			out := make([]json.RawMessage, n)
			for i := range n {
				out[i] = s.updates[i].raw
			}
			return out, nil
		}
		changed, conflict, over := s.host.Changed(), false, false
		s.mu.Unlock()
		select {
		case <-changed:
		case <-mine:
			conflict = true
		case <-deadline.C:
			over = true
		case <-r.Context().Done():
			over = true
		case <-s.host.Closing():
			over = true
		}
		s.mu.Lock()
		switch {
		case conflict && s.revoked:
			return nil, &failure{code: http.StatusUnauthorized, description: "Unauthorized"}
		case conflict:
			return nil, &failure{code: http.StatusConflict, description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
		case over:
			return []json.RawMessage{}, nil
		}
	}
}

// setHook sets or, without a URL, takes away the webhook. The caller holds mu.
func (s *Server) setHook(c call) {
	if s.hook != nil {
		close(s.hook.stop)
		s.hook = nil
	}
	if drop := false; c.into("drop_pending_updates", &drop) && drop {
		s.updates = nil
	}
	url := c.text("url")
	if url == "" {
		return
	}
	connections := 40
	c.into("max_connections", &connections)
	s.allowed = nil
	c.into("allowed_updates", &s.allowed)
	s.hook = &hook{url: url, secret: c.text("secret_token"), slots: make(chan struct{}, connections), stop: make(chan struct{}), busy: map[int64]bool{}}
	if s.poller != nil {
		close(s.poller)
		s.poller = nil
	}
	s.pump()
}

// pump sends each chat's updates on their way, one after another. The caller holds mu.
func (s *Server) pump() {
	h := s.hook
	if h == nil {
		return
	}
	s.forget()
	for _, p := range s.updates {
		if h.busy[p.chat] {
			continue
		}
		select {
		case <-s.host.Closing():
			return
		default:
		}
		h.busy[p.chat] = true
		s.host.Go(func() { s.deliver(h, p.chat) })
	}
}

// deliver posts the updates of one chat until there are none, each until it is taken.
func (s *Server) deliver(h *hook, chat int64) {
	for {
		s.mu.Lock()
		i := slices.IndexFunc(s.updates, func(p *pending) bool { return p.chat == chat })
		if i < 0 || s.hook != h {
			h.busy[chat] = false
			s.mu.Unlock()
			return
		}
		p := s.updates[i]
		s.mu.Unlock()
		pause := s.o.Retry
		for !s.post(h, p) {
			select {
			case <-s.host.Closing():
				return
			case <-h.stop:
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, 100*s.o.Retry)
		}
		s.mu.Lock()
		s.confirm(func(q *pending) bool { return q == p })
		s.mu.Unlock()
	}
}

// post tries once, and says whether the bot took it. A call in the answer is made.
func (s *Server) post(h *hook, p *pending) bool {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-s.host.Closing():
		return false
	case <-h.stop:
		return false
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.host.Closing():
			cancel()
		case <-ctx.Done():
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(p.raw))
	if err != nil {
		s.violation("setWebhook", "the address cannot be posted to")
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	s.mu.Lock()
	s.tries++
	s.mu.Unlock()
	resp, err := s.host.Client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return false
	}
	c := call{params: map[string]json.RawMessage{}}
	if len(body) > 0 && json.Unmarshal(body, &c.params) == nil && c.params["method"] != nil {
		c.method = c.text("method")
		delete(c.params, "method")
		var to int64
		c.into("chat_id", &to)
		n := s.note(c.method, to)
		if _, fail := s.execute(req, c); fail == nil {
			s.status(n, http.StatusOK)
		}
	}
	return true
}
