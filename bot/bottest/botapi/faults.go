package botapi

import (
	"encoding/json"
	"net/http"
)

// Drop is when a connection breaks.
type Drop int

// When a connection breaks.
const (
	DropNever  Drop = iota
	DropBefore      // before the call is acted on
	DropAfter       // after it was acted on, before the answer: the reply is lost (F2)
)

// Fault is how one call goes wrong. The first fault for a method is used up by its next call.
type Fault struct {
	// Method is the call's; empty: any but getUpdates.
	Method string
	// Skip lets so many calls through first.
	Skip int
	// Status answers with this error; Description and RetryAfter go with it. Body, when set, is answered as it is: a
	// proxy's page.
	Status      int
	Description string
	RetryAfter  int
	Body        string
	// Drop breaks the connection.
	Drop Drop
	// Hang keeps the bot waiting until it gives up.
	Hang bool
}

// Faults says how coming calls go wrong, one fault a call, in order.
func (s *Server) Faults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

func (s *Server) fault(method string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != method && (f.Method != "" || method == "getUpdates") {
			continue
		}
		if f.Skip > 0 {
			s.faults[i].Skip--
			return Fault{}, false
		}
		s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		return f, true
	}
	return Fault{}, false
}

func (f Fault) write(w http.ResponseWriter) {
	if f.Body != "" {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body)) // a bot that hung up is one of the cases
		return
	}
	a := reply{Code: f.Status, Description: f.Description}
	if f.RetryAfter > 0 {
		a.Parameters = &hints{RetryAfter: f.RetryAfter}
	}
	raw, err := json.Marshal(a)
	if err != nil {
		panic(err) // of plain fields: cannot fail
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	_, _ = w.Write(raw)
}
