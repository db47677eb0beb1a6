package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// heartbeat is how often an idle stream says that it is alive, so that neither end takes it for dead.
	heartbeat = 15 * time.Second
	// streamWrite is how long one event may take to be written.
	streamWrite = 5 * time.Second
)

// eventID names entry n of a run, and parseEventID reads it back; anything else is entry 0 of no run.
func eventID(run string, n int64) string { return run + "-" + strconv.FormatInt(n, 10) }

func parseEventID(s string) (run string, n int64) {
	run, digits, ok := strings.Cut(s, "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < 0 {
		return "", 0
	}
	return run, n
}

func (c *Channel) getState(w http.ResponseWriter, r *http.Request) {
	clock := c.viewClock(r.Context())
	run, all := c.phones.all()
	c.answer(w, r, http.StatusOK, stateView{
		Run: run, Last: eventID(run, int64(len(all))), People: c.viewPeople(), Clock: clock,
		Entries: c.viewAll(run, all, all), Words: pageWords(),
	})
}

// getEvents streams what happens from where the page stopped: Last-Event-ID when the browser resumes by itself, ?after=
// when the page starts a stream. Events are "entry" (with an id), "clock", and "reset" (forget everything: a whole new
// run follows).
func (c *Channel) getEvents(w http.ResponseWriter, r *http.Request) {
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = r.URL.Query().Get("after")
	}
	run, n := parseEventID(after)
	ended := c.ended()
	select {
	case <-ended:
		c.fail(w, r, &refusal{http.StatusServiceUnavailable, "Handrail is stopping."})
		return
	default:
	}
	unhurried(w)
	s := stream{w: w, rc: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	s.text("retry: 1000\n\n")
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	clock := int64(-1)
	for {
		version := c.clockVersion.Load() // before since, so that no move between the two is missed
		now, again, all, from, changed := c.phones.since(run, n)
		if again {
			if after != "" {
				s.event("reset", eventID(now, 0), struct {
					Run string `json:"run"`
				}{now})
			}
			run, after = now, now
		}
		for _, e := range all[from:] {
			s.event("entry", eventID(run, e.N), c.view(run, e, all))
		}
		n = int64(len(all))
		if version != clock {
			clock = version
			s.event("clock", "", c.viewClock(r.Context()))
		}
		if s.flush() != nil {
			return // the page has gone
		}
		select {
		case <-changed:
		case <-tick.C:
			s.text(": still here\n\n")
		case <-ended:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// stream writes Server-Sent Events; the first error stays.
type stream struct {
	w   io.Writer
	rc  *http.ResponseController
	err error
}

// guarded writes with a watch on it: a page that has stopped reading is cut off by a deadline long past, which needs no
// look at the machine's clock.
func (s *stream) guarded(write func() error) {
	if s.err != nil {
		return
	}
	watch := time.AfterFunc(streamWrite, func() { _ = s.rc.SetWriteDeadline(time.Unix(1, 0)) })
	s.err = write()
	watch.Stop()
}

func (s *stream) text(t string) {
	s.guarded(func() error { _, err := io.WriteString(s.w, t); return err })
}

func (s *stream) event(kind, id string, data any) {
	raw, err := json.Marshal(data) // on one line: JSON has no bare line ends
	if err != nil {
		s.err = errors.Join(s.err, fmt.Errorf("encode an event: %w", err))
		return
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	s.text("event: " + kind + "\n" + id + "data: " + string(raw) + "\n\n")
}

func (s *stream) flush() error {
	s.guarded(s.rc.Flush)
	return s.err
}
