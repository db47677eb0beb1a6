package botapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"handrail/bot/bottest/loopback"
)

// Options are what a server may be told; the zero value is fine.
type Options struct {
	// Token is the bot's; empty is "123456:TEST-token".
	Token string
	// PerSecond and PerChat are how many messages a second may be sent in all and to one chat, in any stretch of a
	// second; 0 is no limit. Telegram's are about 30 and 1.
	PerSecond, PerChat int
	// Slack shortens that second, for messages that left evenly and arrive with the jitter of a busy machine.
	Slack time.Duration
	// Now is the clock by which updates grow old; nil is the machine's.
	Now func() time.Time
	// Retry is the first pause before a webhook is tried again; it doubles up to a hundred times that. 0 is 5 ms:
	// Telegram's are longer.
	Retry time.Duration
}

// Server is a local Bot API for one bot. It is safe for use by several goroutines.
type Server struct {
	o      Options
	spec   spec
	host   *loopback.Host
	faults loopback.Plan[Fault]

	mu       sync.Mutex
	updates  []*pending // not confirmed, in order
	lastID   int64
	poller   chan struct{} // closed to send the waiting poll away
	allowed  []string      // nil: Telegram's default
	hook     *hook
	chats    map[int64]*chat
	messages int64
	presses  map[string]*press
	calls    []Call
	tries    int // webhook requests
	expired  int
	revoked  bool
	profile  map[string]string
	sent     []sending // for the limits of speed
	tooFast  int
}

// pending is an update that the bot has not confirmed.
type pending struct {
	id   int64
	chat int64
	at   time.Time
	raw  json.RawMessage
	done chan struct{}
}

type sending struct {
	chat int64
	at   time.Time
}

// Call is one call that was made.
type Call struct {
	Method string
	Chat   int64
	At     time.Time
	Status int // that it was answered with; 0 when it was not answered
}

const (
	defaultToken = "123456:TEST-token"
	botUsername  = "handrail_test_bot"
	keepUpdates  = 24 * time.Hour
)

// New starts a server. Close ends it.
func New(t loopback.TB, o Options) *Server {
	t.Helper()
	table, err := readSpec()
	if err != nil {
		t.Errorf("bot api: %v", err)
	}
	if o.Token == "" {
		o.Token = defaultToken
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Retry == 0 {
		o.Retry = 5 * time.Millisecond
	}
	s := &Server{
		o: o, spec: table, lastID: 700_000_000,
		chats: map[int64]*chat{}, presses: map[string]*press{}, profile: map[string]string{}, messages: 10,
	}
	s.host = loopback.NewHost("bot api", t, s.serve)
	return s
}

// Close ends the server and every request that is open. Safe to call twice.
func (s *Server) Close() { s.host.Close(nil) }

// URL is the address of the API, without a slash at the end.
func (s *Server) URL() string { return s.host.URL() }

// Token is the bot's.
func (s *Server) Token() string { return s.o.Token }

// Revoke makes the server refuse the token, or take it again.
func (s *Server) Revoke(revoked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = revoked
	if revoked && s.poller != nil {
		close(s.poller)
		s.poller = nil
	}
}

// Calls are the calls that were made so far, in order; with names, only those of these methods.
func (s *Server) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return loopback.Named(s.calls, func(c Call) string { return c.Method }, methods)
}

// TooFast is how many messages were refused because the bot was too fast.
func (s *Server) TooFast() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tooFast
}

// Profile is what a setMy... method was last given for a language: "commands", "description" or "short_description".
func (s *Server) Profile(what, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile[what+"/"+language]
}

// failure is a call that is refused.
type failure struct {
	code        int
	description string
	retryAfter  int
	migrated    int64
}

// reply is what is answered.
type reply struct {
	OK          bool   `json:"ok"`
	Result      any    `json:"result,omitempty"`
	Code        int    `json:"error_code,omitempty"`
	Description string `json:"description,omitempty"`
	Parameters  *hints `json:"parameters,omitempty"`
}

type hints struct {
	RetryAfter int   `json:"retry_after,omitempty"`
	Migrated   int64 `json:"migrate_to_chat_id,omitempty"`
}

func bad(format string, args ...any) *failure {
	return &failure{code: http.StatusBadRequest, description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot"+s.o.Token+"/")
	s.mu.Lock()
	revoked := s.revoked
	s.mu.Unlock()
	if !ok || revoked {
		s.answer(w, nil, &failure{code: http.StatusUnauthorized, description: "Unauthorized"})
		return
	}
	c, err := readCall(rest, r)
	if err != nil {
		s.violation(c.method, err.Error())
		s.answer(w, nil, bad("%v", err))
		return
	}
	var to int64
	c.into("chat_id", &to)
	n := s.note(c.method, to)
	if f, ok := s.fault(c.method); ok {
		if s.host.Break(w, r, f.Drop, f.Hang, func() { s.execute(r, c) }) {
			return
		}
		if f.Status != 0 {
			s.status(n, f.Status)
			f.write(w)
			return
		}
	}
	result, fail := s.execute(r, c)
	status := http.StatusOK
	if fail != nil {
		status = fail.code
	}
	s.status(n, status)
	s.answer(w, result, fail)
}

func (s *Server) execute(r *http.Request, c call) (any, *failure) {
	if wrong := s.spec.check(c); len(wrong) > 0 {
		s.violation(c.method, strings.Join(wrong, "; "))
		if strings.HasPrefix(wrong[0], "no method") {
			return nil, &failure{code: http.StatusNotFound, description: "Not Found"}
		}
		return nil, bad("%s", wrong[0])
	}
	if c.method == "getUpdates" {
		return s.getUpdates(r, c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.act(c)
}

// violation fails the test: the bot made a call that no careful bot makes.
func (s *Server) violation(method, what string) { s.host.Violation(method + ": " + what) }

func (s *Server) note(method string, chat int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Call{Method: method, Chat: chat, At: s.o.Now()})
	s.host.Wake()
	return len(s.calls) - 1
}

func (s *Server) status(call, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[call].Status = status
	s.host.Wake()
}

func (s *Server) answer(w http.ResponseWriter, result any, f *failure) {
	a, status := reply{OK: true, Result: result}, http.StatusOK
	if f != nil {
		a, status = reply{Code: f.code, Description: f.description}, f.code
		if f.retryAfter != 0 || f.migrated != 0 {
			a.Parameters = &hints{RetryAfter: f.retryAfter, Migrated: f.migrated}
		}
	}
	raw, err := json.Marshal(a)
	if err != nil {
		s.violation("answer", err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a bot that hung up is one of the cases
}
