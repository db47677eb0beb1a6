package slackapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// event puts an event on its way, and delivers it again until it is acknowledged or given up. The caller holds mu.
func (s *Server) event(t *Team, event map[string]any) <-chan struct{} {
	id := "Ev" + strconv.FormatInt(s.next(), 10)
	payload := map[string]any{
		"type": "event_callback", "team_id": t.id, "api_app_id": appID, "event_id": id, "event_time": s.o.Now().Unix(), "event": event,
		"authorizations": []any{map[string]any{"team_id": t.id, "user_id": t.bot, "is_bot": true}},
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		s.host.Violation("event: " + err.Error())
	}
	done := make(chan struct{})
	s.host.Go(func() {
		why := ""
		for try := 0; try <= len(s.o.Retries); try++ {
			if try > 0 && !s.host.Pause(s.o.Retries[try-1]) {
				return
			}
			if _, why = s.try("events_api", raw, try, why); why == "" {
				close(done)
				s.mu.Lock()
				s.host.Wake()
				s.mu.Unlock()
				return
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lost++
		s.host.Wake()
	})
	return done
}

// Done is how a command, a press or a form went: Slack gives these once.
type Done struct {
	// Acked is closed once the app has acknowledged it, or the time for it is over.
	Acked chan struct{}

	mu     sync.Mutex
	failed bool
	body   json.RawMessage
	view   string
}

// Failed says whether the app did not take it: the person was shown that it does not work.
func (d *Done) Failed() bool { <-d.Acked; d.mu.Lock(); defer d.mu.Unlock(); return d.failed }

// Said is the words of the acknowledgement, which the person sees.
func (d *Done) Said() string {
	<-d.Acked
	d.mu.Lock()
	defer d.mu.Unlock()
	var x struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(d.body, &x) // empty where it says nothing
	return x.Text
}

// Errors is what the app says is wrong with a form, by block id.
func (d *Done) Errors() map[string]string {
	<-d.Acked
	d.mu.Lock()
	defer d.mu.Unlock()
	var x struct {
		Errors map[string]string `json:"errors"`
	}
	_ = json.Unmarshal(d.body, &x) // empty where it says nothing
	return x.Errors
}

// once delivers something that Slack does not deliver again. The caller holds mu.
func (s *Server) once(p *Person, kind string, payload map[string]any) *Done {
	raw, err := json.Marshal(payload)
	if err != nil {
		s.host.Violation("interaction: " + err.Error())
	}
	d := &Done{Acked: make(chan struct{})}
	s.host.Go(func() {
		body, why := s.try(kind, raw, 0, "")
		d.mu.Lock()
		d.failed, d.body = why != "", body
		view := d.view
		d.mu.Unlock()
		errors := false
		if len(body) > 0 {
			var x struct {
				Action string `json:"response_action"`
			}
			errors = json.Unmarshal(body, &x) == nil && x.Action == "errors"
		}
		s.mu.Lock()
		if view != "" && why == "" && !errors {
			p.closeView(view)
		}
		s.host.Wake()
		s.mu.Unlock()
		close(d.Acked)
	})
	return d
}

// try delivers once, and returns what it was answered with and why it failed.
func (s *Server) try(kind string, raw []byte, again int, why string) (json.RawMessage, string) {
	s.mu.Lock()
	to := s.endpoint
	s.mu.Unlock()
	if to != "" {
		return s.tryHTTP(to, kind, raw, again, why)
	}
	return s.trySocket(kind, raw, again, why)
}

func (s *Server) tryHTTP(to, kind string, raw []byte, again int, why string) (json.RawMessage, string) {
	path, body, contentType := "/slack/events", raw, "application/json"
	switch kind {
	case "interactive":
		path, body, contentType = "/slack/interactions", []byte(url.Values{"payload": {string(raw)}}.Encode()), "application/x-www-form-urlencoded"
	case "slash_commands":
		var fields map[string]string
		if err := json.Unmarshal(raw, &fields); err != nil {
			s.host.Violation("command: " + err.Error())
		}
		form := url.Values{}
		for k, v := range fields {
			form.Set(k, v)
		}
		path, body, contentType = "/slack/commands", []byte(form.Encode()), "application/x-www-form-urlencoded"
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.o.AckTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to+path, bytes.NewReader(body))
	if err != nil {
		s.host.Violation("deliver: " + err.Error())
		return nil, "http_error"
	}
	stamp := strconv.FormatInt(s.o.Now().Unix(), 10)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", Sign(signingSecret, stamp, body))
	if again > 0 {
		req.Header.Set("X-Slack-Retry-Num", strconv.Itoa(again))
		req.Header.Set("X-Slack-Retry-Reason", why)
	}
	resp, err := s.host.Client.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, "http_timeout"
	case err != nil:
		return nil, "connection_failed"
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, "http_error"
	}
	return answer, ""
}

// attempt is an envelope that waits for its acknowledgement.
type attempt struct {
	acked chan json.RawMessage
	on    *socket
}

type socket struct {
	conn  *websocket.Conn
	write sync.Mutex
	// retired says that Slack has said that it is about to end it: nothing more is sent over it.
	retired bool
	gone    chan struct{}
}

func (s *Server) openSocket(_ *Team, _ call) (any, *failure) {
	ticket := strconv.FormatInt(s.next(), 10)
	return map[string]any{"url": "ws" + strings.TrimPrefix(s.host.URL(), "http") + "/socket/" + ticket}, nil
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request, _ string) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	k := &socket{conn: conn, gone: make(chan struct{})}
	s.mu.Lock()
	n := len(s.sockets) + 1
	hello := fmt.Sprintf(`{"type":"hello","num_connections":%d,"connection_info":{"app_id":%q},"debug_info":{"host":"applink-1","approximate_connection_time":18060}}`, n, appID)
	s.mu.Unlock()
	if k.send([]byte(hello)) != nil {
		return
	}
	s.mu.Lock()
	s.sockets = append(s.sockets, k)
	s.opened++
	s.host.Wake()
	s.mu.Unlock()
	for {
		_, raw, err := conn.ReadMessage()
		if err != nil {
			break
		}
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal(raw, &ack); err != nil || ack.ID == "" {
			s.host.Violation("socket: that is not an acknowledgement")
			continue
		}
		s.mu.Lock()
		if a := s.waiting[ack.ID]; a != nil {
			delete(s.waiting, ack.ID)
			a.acked <- ack.Payload
		}
		s.mu.Unlock()
	}
	s.drop(k)
}

func (k *socket) send(raw []byte) error {
	k.write.Lock()
	defer k.write.Unlock()
	return k.conn.WriteMessage(websocket.TextMessage, raw)
}

func (s *Server) drop(k *socket) {
	_ = k.conn.Close() // it is gone
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, x := range s.sockets {
		if x == k {
			s.sockets = append(s.sockets[:i:i], s.sockets[i+1:]...)
			close(k.gone)
			s.host.Wake()
			return
		}
	}
}

// Sockets is how many connections the app holds now, and Opened how many it has opened so far.
func (s *Server) Sockets() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.sockets) }

// Opened is how many connections the app has opened so far.
func (s *Server) Opened() int { s.mu.Lock(); defer s.mu.Unlock(); return s.opened }

// Refresh tells the app that its connections are about to end ("warning", "refresh_requested", "link_disabled"), and ends
// each a moment later, when what was sent over it has been acknowledged or the time for it is over.
func (s *Server) Refresh(reason string) {
	s.mu.Lock()
	all := append([]*socket(nil), s.sockets...)
	for _, k := range all {
		k.retired = true
	}
	s.mu.Unlock()
	for _, k := range all {
		_ = k.send([]byte(fmt.Sprintf(`{"type":"disconnect","reason":%q,"debug_info":{"host":"applink-1"}}`, reason))) // it may be gone already
	}
}

// Break breaks every connection without a word.
func (s *Server) Break() {
	s.mu.Lock()
	all := append([]*socket(nil), s.sockets...)
	s.mu.Unlock()
	for _, k := range all {
		s.drop(k)
	}
}

// trySocket sends an envelope over one of the connections and waits for its acknowledgement.
func (s *Server) trySocket(kind string, raw []byte, again int, why string) (json.RawMessage, string) {
	k := s.pick()
	if k == nil {
		return nil, "no_connection"
	}
	s.mu.Lock()
	id := "env-" + strconv.FormatInt(s.next(), 10)
	a := &attempt{acked: make(chan json.RawMessage, 1), on: k}
	s.waiting[id] = a
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
	}()
	body, err := json.Marshal(map[string]any{
		"envelope_id": id, "type": kind, "accepts_response_payload": kind != "events_api", "payload": json.RawMessage(raw),
		"retry_attempt": again, "retry_reason": why,
	})
	if err != nil {
		s.host.Violation("envelope: " + err.Error())
	}
	if k.send(body) != nil {
		return nil, "connection_failed"
	}
	over := time.NewTimer(s.o.AckTime)
	defer over.Stop()
	select {
	case payload := <-a.acked:
		return payload, ""
	case <-k.gone:
		select {
		case payload := <-a.acked: // both came at once
			return payload, ""
		default:
			return nil, "connection_failed"
		}
	case <-over.C:
		return nil, "timeout"
	case <-s.host.Closing():
		return nil, "closing"
	}
}

// pick waits a while for a connection, and takes each in its turn.
func (s *Server) pick() *socket {
	over := time.NewTimer(s.o.AckTime)
	defer over.Stop()
	for {
		changed := s.host.Changed()
		s.mu.Lock()
		n := len(s.sockets)
		for i := range n {
			k := s.sockets[(int(s.serial)+i)%n]
			if !k.retired {
				s.serial++
				s.mu.Unlock()
				return k
			}
		}
		s.mu.Unlock()
		select {
		case <-changed:
		case <-over.C:
			return nil
		case <-s.host.Closing():
			return nil
		}
	}
}
