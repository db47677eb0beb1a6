package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"handrail/bot/wire"
)

// Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode. Each connection is asked for anew and lives for
// some hours; Slack says before it ends one, and the next is there before the old one goes.

const (
	dialTime    = 10 * time.Second
	writeTime   = 5 * time.Second
	silence     = 90 * time.Second // Slack pings far more often
	maxEnvelope = 4 << 20
	sideBySide  = 64 // envelopes of one connection that are being taken at once
)

// envelope is what comes over a socket.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
	Reason  string          `json:"reason"`        // of a disconnect
	Retry   int             `json:"retry_attempt"` // and why: these stand for the two headers of HTTP
	Why     string          `json:"retry_reason"`
}

// receipt acknowledges an envelope.
type receipt struct {
	ID      string `json:"envelope_id"`
	Payload any    `json:"payload,omitempty"`
}

// listen holds one connection, one after another, until ctx ends.
func (c *Channel) listen(ctx context.Context) {
	pause := wire.FirstPause
	var line *socket
	defer func() {
		if line != nil {
			line.close()
		}
	}()
	for ctx.Err() == nil {
		if line == nil {
			var err error
			if line, err = c.connect(ctx); err != nil {
				if ctx.Err() != nil {
					return
				}
				c.trouble(ctx, "connect", err)
				wire.Wait(ctx, c.clock, max(pause, min(wire.AskedFor(err), wire.LongestPause)))
				pause = min(2*pause, wire.LongestPause)
				continue
			}
			c.works(ctx, nil)
		}
		warned, heard := line.serve(ctx)
		if heard {
			pause = wire.FirstPause
		}
		old := line
		line = nil
		if warned && ctx.Err() == nil {
			// The new one first: between them nothing is lost.
			if next, err := c.connect(ctx); err == nil {
				line = next
			} else if ctx.Err() == nil {
				c.trouble(ctx, "connect again", err)
			}
		}
		old.close()
		if line == nil && !warned && ctx.Err() == nil {
			wire.Wait(ctx, c.clock, pause)
			pause = min(2*pause, wire.LongestPause)
		}
	}
}

// socket is one connection.
type socket struct {
	c     *Channel
	conn  *websocket.Conn
	write sync.Mutex
	work  sync.WaitGroup
	slots chan struct{}
	seen  chan struct{} // something came
	once  sync.Once
}

// connect asks for an address and dials it.
func (c *Channel) connect(ctx context.Context) (*socket, error) {
	var open struct {
		URL string `json:"url"`
	}
	if err := c.api.call(ctx, c.app, "apps.connections.open", struct{}{}, &open); err != nil {
		return nil, err
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTime}
	conn, resp, err := dialer.DialContext(ctx, open.URL, nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close() // the library has read what there is of it
	}
	if err != nil {
		return nil, errors.New("slack: open a socket: it did not open") // the cause would print the address, which holds a ticket
	}
	conn.SetReadLimit(maxEnvelope)
	return &socket{c: c, conn: conn, slots: make(chan struct{}, sideBySide), seen: make(chan struct{}, 1)}, nil
}

// serve takes what comes until the connection ends or Slack says that it is about to; warned says the latter. heard says
// whether anything came.
func (s *socket) serve(ctx context.Context) (warned, heard bool) {
	watch, done := context.WithCancel(ctx)
	defer done()
	go s.watch(watch)
	alive := func(string) {
		select {
		case s.seen <- struct{}{}:
		default:
		}
	}
	ping := s.conn.PingHandler()
	s.conn.SetPingHandler(func(data string) error { alive(""); return ping(data) })
	for {
		_, raw, err := s.conn.ReadMessage()
		if err != nil {
			if ctx.Err() == nil && !websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway) {
				s.c.log.WarnContext(ctx, "slack: a socket broke; another is opened")
			}
			return false, heard
		}
		alive("")
		heard = true
		var e envelope
		if err := decode(raw, &e); err != nil {
			s.c.log.ErrorContext(ctx, "slack: an envelope cannot be read and is left out")
			continue
		}
		switch e.Type {
		case "hello":
		case "disconnect":
			if e.Reason == "link_disabled" {
				s.c.log.ErrorContext(ctx, "slack: Socket Mode is turned off in the app's settings")
				return false, false // no need to hurry
			}
			return true, heard
		default:
			s.take(ctx, e)
		}
	}
}

// watch breaks a connection that has gone quiet, or whose time is over.
func (s *socket) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			s.hangUp()
			return
		case <-s.seen:
		case <-s.c.clock.After(silence):
			s.hangUp()
			return
		}
	}
}

// hangUp makes a read return; what is being taken may still be acknowledged where the network lets it.
func (s *socket) hangUp() {
	_ = s.conn.SetReadDeadline(time.Unix(1, 0)) // a time that is over: it cannot fail on an open connection
}

// close ends the connection once everything that came over it is answered.
func (s *socket) close() {
	s.once.Do(func() {
		s.work.Wait()
		s.write.Lock()
		defer s.write.Unlock()
		// A word of farewell, so that nothing more is sent this way: a broken connection is noticed later. It may be gone.
		farewell := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = s.conn.WriteControl(websocket.CloseMessage, farewell, s.c.clock.Now().Add(writeTime))
		_ = s.conn.Close() // it is not needed any more
	})
}

// take takes one envelope, beside others, each person's in order. It is acknowledged only once it was taken: what was not
// comes again.
func (s *socket) take(ctx context.Context, e envelope) {
	if e.Retry > 0 || e.Why != "" {
		s.c.log.WarnContext(ctx, "slack: delivered again", "try", e.Retry, "late", e.Why == "timeout")
	}
	do := s.c.reader(e)
	if do == nil {
		s.c.log.ErrorContext(ctx, "slack: an envelope cannot be read and is left out")
		s.acknowledge(ctx, e.ID, answered{status: http.StatusOK}) // no better a second time
		return
	}
	s.slots <- struct{}{}
	s.work.Go(func() {
		defer func() { <-s.slots }()
		// A stop must not cut short what is being committed.
		s.acknowledge(ctx, e.ID, do(context.WithoutCancel(ctx)))
	})
}

// reader reads an envelope's payload now, in its turn, and returns what is to be done with it; nil for what cannot be read.
func (c *Channel) reader(e envelope) func(context.Context) answered {
	switch e.Type {
	case "events_api":
		var x wireEvents
		if decode(e.Payload, &x) != nil || x.ID == "" {
			return nil
		}
		return func(ctx context.Context) answered { return c.takeEvent(ctx, x) }
	case "interactive":
		var x wireInteraction
		if decode(e.Payload, &x) != nil || x.Type == "" {
			return nil
		}
		return func(ctx context.Context) answered { return c.takeInteraction(ctx, x) }
	case "slash_commands":
		var x wireCommand
		if decode(e.Payload, &x) != nil || x.Command == "" {
			return nil
		}
		return func(ctx context.Context) answered { return c.takeCommand(ctx, x) }
	}
	return func(context.Context) answered { return taken() } // newer than this
}

func (s *socket) acknowledge(ctx context.Context, id string, a answered) {
	if a.status != http.StatusOK || id == "" {
		return
	}
	s.write.Lock()
	defer s.write.Unlock()
	_ = s.conn.SetWriteDeadline(s.c.clock.Now().Add(writeTime)) // cannot fail on an open connection
	if err := s.conn.WriteJSON(receipt{id, a.body}); err != nil && ctx.Err() == nil {
		s.c.log.WarnContext(ctx, "slack: an acknowledgement did not leave; the update will come again")
	}
}
