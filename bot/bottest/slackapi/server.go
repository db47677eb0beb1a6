package slackapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"handrail/bot/bottest/loopback"
)

// Options are what a server may be told; the zero value is fine.
type Options struct {
	// Now is the clock of triggers, signatures and times; nil is the machine's.
	Now func() time.Time
	// AckTime is how long an acknowledgement may take; 0 is Slack's 3 seconds.
	AckTime time.Duration
	// Retries are the pauses before an event is delivered again; nil is Slack's: at once, a minute, five minutes.
	Retries []time.Duration
	// PerChannel is how many messages a second may be posted in one conversation; 0 is no limit. Slack's is about 1.
	PerChannel int
	// MostHistory is the most messages that a page of a conversation's history has, whatever is asked for; 0 is 999. To an
	// app that is handed out to others, and isn't in its directory, Slack gives 15.
	MostHistory int
	// Endpoint is where the app takes what is delivered, without the /slack/...; empty: Socket Mode. See SetEndpoint.
	Endpoint string
}

// Server is a local Slack with one app in any number of workspaces. It is safe for use by several goroutines.
type Server struct {
	o      Options
	host   *loopback.Host
	faults loopback.Plan[Fault]

	mu       sync.Mutex
	endpoint string
	teams    map[string]*Team
	serial   int64
	triggers map[string]*trigger
	hooks    map[string]*Person // response_url by its last part
	uploads  map[string]*File
	codes    map[string]*Team // of oauth, by code
	calls    []Call
	sockets  []*socket
	waiting  map[string]*attempt // by envelope id
	opened   int                 // sockets so far
	lost     int
	last     map[string][]time.Time // posts by conversation
	tooFast  int
}

type trigger struct {
	person *Person
	at     time.Time
	used   bool
}

// Call is one call of the Web API that was made.
type Call struct {
	Method string
	Team   string // whose token it had
	At     time.Time
	Params map[string]json.RawMessage
}

// Param is a parameter as text.
func (c Call) Param(name string) string {
	var s string
	if json.Unmarshal(c.Params[name], &s) == nil {
		return s
	}
	return string(c.Params[name])
}

const (
	appToken      = "xapp-1-A1-TEST"
	signingSecret = "the signing secret of the test app"
	appID         = "A0TEST"
	triggerLife   = 3 * time.Second
)

// New starts a server. Close ends it.
func New(t loopback.TB, o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AckTime == 0 {
		o.AckTime = 3 * time.Second
	}
	if o.Retries == nil {
		o.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	s := &Server{
		o: o, endpoint: o.Endpoint, teams: map[string]*Team{}, serial: 100,
		triggers: map[string]*trigger{}, hooks: map[string]*Person{}, uploads: map[string]*File{}, codes: map[string]*Team{},
		waiting: map[string]*attempt{}, last: map[string][]time.Time{},
	}
	s.host = loopback.NewHost("slack api", t, s.serve)
	s.host.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// Close ends the server, its sockets and every request that is open. Safe to call twice.
func (s *Server) Close() {
	s.host.Close(func() {
		s.mu.Lock()
		sockets := s.sockets
		s.mu.Unlock()
		for _, k := range sockets {
			_ = k.conn.Close() // the test is over
		}
	})
}

// URL is the address of the Web API, with a slash at the end.
func (s *Server) URL() string { return s.host.URL() + "/api/" }

// AppToken opens sockets, and SigningSecret signs requests.
func (s *Server) AppToken() string { return appToken }

// SigningSecret is the app's.
func (s *Server) SigningSecret() string { return signingSecret }

// SetEndpoint says where the app takes what is delivered, without the /slack/...
func (s *Server) SetEndpoint(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoint = address
}

// Calls are the calls that were made so far, in order; with names, only those of these methods.
func (s *Server) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return loopback.Named(s.calls, func(c Call) string { return c.Method }, methods)
}

// Lost is how many events were given up after the last retry, and TooFast how many posts were refused for their speed.
func (s *Server) Lost() int { s.mu.Lock(); defer s.mu.Unlock(); return s.lost }

// TooFast is how many posts were refused because the app was too fast.
func (s *Server) TooFast() int { s.mu.Lock(); defer s.mu.Unlock(); return s.tooFast }

// Until waits until ok says so, looking whenever something changed; false when it was in vain.
func (s *Server) Until(patience time.Duration, ok func() bool) bool {
	return s.host.Until(patience, ok)
}

// next is a new number. The caller holds mu.
func (s *Server) next() int64 { s.serial++; return s.serial }

// ts is a new message's time, which is its id. The caller holds mu.
func (s *Server) ts() string {
	return fmt.Sprintf("%d.%06d", s.o.Now().Unix(), s.next()%1_000_000)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		s.serveCall(w, r, strings.TrimPrefix(r.URL.Path, "/api/"))
	case strings.HasPrefix(r.URL.Path, "/upload/"):
		s.serveUpload(w, r, strings.TrimPrefix(r.URL.Path, "/upload/"))
	case strings.HasPrefix(r.URL.Path, "/respond/"):
		s.serveRespond(w, r, strings.TrimPrefix(r.URL.Path, "/respond/"))
	case strings.HasPrefix(r.URL.Path, "/socket/"):
		s.serveSocket(w, r, strings.TrimPrefix(r.URL.Path, "/socket/"))
	default:
		http.NotFound(w, r)
	}
}

// failure is a call that is refused.
type failure struct {
	code  string
	after int // seconds, of a 429
}

func bad(code string) *failure { return &failure{code: code} }

// call is one call as the app made it.
type call struct {
	method string
	token  string
	form   bool
	params map[string]json.RawMessage
}

func (c call) text(name string) string {
	var out string
	if raw, ok := c.params[name]; ok && json.Unmarshal(raw, &out) != nil {
		return string(raw)
	}
	return out
}

func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, method string) {
	c, err := readCall(method, r)
	if err != nil {
		s.host.Violation(method + ": " + err.Error())
		s.answer(w, nil, bad("invalid_json"))
		return
	}
	team := s.teamOf(c.token)
	s.mu.Lock()
	note := Call{Method: method, At: s.o.Now(), Params: c.params}
	if team != nil {
		note.Team = team.id
	}
	s.calls = append(s.calls, note)
	s.host.Wake()
	s.mu.Unlock()
	if f, ok := s.fault(method); ok {
		if !s.host.Break(w, r, f.Drop, f.Hang, func() { s.execute(c, team) }) {
			f.write(w)
		}
		return
	}
	result, fail := s.execute(c, team)
	s.answer(w, result, fail)
}

// readCall reads the parameters, of a form or of JSON.
func readCall(method string, r *http.Request) (call, error) {
	c := call{method: method, params: map[string]json.RawMessage{}}
	c.token, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	raw, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return c, fmt.Errorf("read the body: %w", err)
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch {
	case r.Method != http.MethodPost:
		return c, fmt.Errorf("%s instead of POST", r.Method)
	case kind == "application/json":
		if !strings.Contains(r.Header.Get("Content-Type"), "charset=utf-8") {
			return c, fmt.Errorf("JSON without its charset") // Slack warns: missing_charset
		}
		if err := json.Unmarshal(raw, &c.params); err != nil {
			return c, fmt.Errorf("not JSON: %w", err)
		}
	case kind == "application/x-www-form-urlencoded":
		c.form = true
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return c, fmt.Errorf("not a form: %w", err)
		}
		for name, values := range form {
			if len(values) != 1 {
				return c, fmt.Errorf("parameter %s is given %d times", name, len(values))
			}
			text, err := json.Marshal(values[0])
			if err != nil {
				return c, fmt.Errorf("parameter %s: %w", name, err)
			}
			c.params[name] = text
		}
	default:
		return c, fmt.Errorf("a body of type %q", kind)
	}
	return c, nil
}

func (s *Server) teamOf(token string) *Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.teams {
		if t.token == token && token != "" {
			return t
		}
	}
	return nil
}

func (s *Server) answer(w http.ResponseWriter, result any, f *failure) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if f != nil {
		status := http.StatusOK // Slack says no in the body
		if f.code == "ratelimited" {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(f.after))
		}
		w.WriteHeader(status)
		s.write(w, map[string]any{"ok": false, "error": f.code})
		return
	}
	raw, err := json.Marshal(result)
	fields := map[string]json.RawMessage{}
	if err == nil && result != nil {
		err = json.Unmarshal(raw, &fields)
	}
	if err != nil {
		s.host.Violation("answer: " + err.Error())
	}
	fields["ok"] = json.RawMessage("true")
	s.write(w, fields)
}

func (s *Server) write(w io.Writer, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		s.host.Violation("answer: " + err.Error())
	}
	_, _ = w.Write(raw) // an app that hung up is one of the cases
}

// Sign is what X-Slack-Signature holds.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", timestamp, body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

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
	// Method is the call's; empty: any but apps.connections.open.
	Method string
	// Error answers with this error; Status and RetryAfter go with it. Body, when set, is answered as it is: a proxy's
	// page.
	Error      string
	Status     int
	RetryAfter int
	Body       string
	// Drop breaks the connection.
	Drop Drop
	// Hang keeps the app waiting until it gives up.
	Hang bool
}

// Faults says how coming calls go wrong, one fault a call, in order.
func (s *Server) Faults(faults ...Fault) { s.faults.Add(faults...) }

func (s *Server) fault(method string) (Fault, bool) {
	return s.faults.Take(func(f Fault) bool { return f.Method == method || f.Method == "" && method != "apps.connections.open" }, nil)
}

func (f Fault) write(w http.ResponseWriter) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	body := f.Body
	if f.Error != "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		body = fmt.Sprintf(`{"ok":false,"error":%q}`, f.Error)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // an app that hung up is one of the cases
}
