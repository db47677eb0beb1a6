package botapi

import (
	"encoding/json"
	"net/http"

	"handrail/bot/bottest/loopback"
)

// Drop is when a connection breaks.
type Drop = loopback.Drop

// When a connection breaks.
const (
	DropNever  = loopback.DropNever
	DropBefore = loopback.DropBefore
	DropAfter  = loopback.DropAfter
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
func (s *Server) Faults(faults ...Fault) { s.faults.Add(faults...) }

func (s *Server) fault(method string) (Fault, bool) {
	return s.faults.Take(
		func(f Fault) bool { return f.Method == method || f.Method == "" && method != "getUpdates" },
		func(f *Fault) bool { f.Skip--; return f.Skip >= 0 },
	)
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
