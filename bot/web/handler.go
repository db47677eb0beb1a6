package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"handrail"
)

// policy lets the page use itself and nothing else; scripts cannot even make markup of a string.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// Handler serves the page and its endpoints; mount it at /. It may be called before Run.
func (c *Channel) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.getPage)
	mux.HandleFunc("GET /assets/{name}", c.getAsset)
	mux.HandleFunc("GET /api/state", c.getState)
	mux.HandleFunc("GET /api/events", c.getEvents)
	mux.HandleFunc("GET /api/clock", c.getClock)
	mux.HandleFunc("GET /api/transcript", c.getTranscript)
	mux.HandleFunc("GET /api/file", c.getFile)
	mux.HandleFunc("POST /api/send", c.postSend)
	mux.HandleFunc("POST /api/clock", c.postClock)
	mux.HandleFunc("POST /api/reset", c.postReset)
	// Foreign pages may not post: their requests carry Sec-Fetch-Site or an Origin that is not this host's.
	foreign := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !c.ourHost(r.Host) {
			c.fail(w, r, &refusal{http.StatusMisdirectedRequest, "This page is not served under that name."})
			return
		}
		if err := foreign.Check(r); err != nil {
			c.fail(w, r, &refusal{http.StatusForbidden, "This can only be sent from the page itself."})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Server is an http.Server for the page with sane limits: slow senders are cut off, event streams are not, and Shutdown
// ends the streams.
func (c *Channel) Server(addr string) *http.Server {
	srv := &http.Server{
		Addr:              addr,
		Handler:           c.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
	}
	srv.RegisterOnShutdown(c.endStreams)
	return srv
}

// ourHost reports whether a request may have come here by this name. A page elsewhere can point its own name at a
// loopback address, and is then refused by its name.
func (c *Channel) ourHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || c.hosts[host] {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// refusal is an answer that is no: a status and a sentence for the visitor.
type refusal struct {
	status int
	say    string
}

func (e *refusal) Error() string { return fmt.Sprintf("%d: %s", e.status, e.say) }

func errNobody() error {
	return &refusal{http.StatusNotFound, "There is no such chat here."}
}

// failure is the body of every answer that is not a success.
type failure struct {
	Say string `json:"say"`
	// Problems are sentences by field name, of a form that could not be taken.
	Problems map[string]string `json:"problems,omitempty"`
}

// fail answers with what went wrong: the sentence of an error that has one, and a polite line otherwise.
func (c *Channel) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, say := http.StatusInternalServerError, "Something went wrong here. Please try again."
	var no *refusal
	var he *handrail.Error
	switch {
	case errors.As(err, &no):
		status, say = no.status, no.say
	case errors.Is(err, errStartedAgain):
		status, say = http.StatusConflict, "The story was started again, so that was not sent."
	case errors.As(err, &he):
		switch he.Kind {
		case handrail.KindInvalid:
			status = http.StatusUnprocessableEntity
		case handrail.KindNotFound:
			status = http.StatusNotFound
		case handrail.KindConflict:
			status = http.StatusConflict
		default:
			status = http.StatusServiceUnavailable
		}
		if s, ok := handrail.Sentence(err); ok {
			say = s
		}
	}
	if status >= 500 {
		c.log.WarnContext(r.Context(), "request failed", "path", r.URL.Path, "status", status, "err", err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	c.answer(w, r, status, failure{Say: say})
}

func (c *Channel) answer(w http.ResponseWriter, r *http.Request, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		c.log.ErrorContext(r.Context(), "answer not encoded", "path", r.URL.Path, "err", err)
		status, raw = http.StatusInternalServerError, []byte(`{"say":"Something went wrong here. Please try again."}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(append(raw, '\n')); err != nil {
		c.log.DebugContext(r.Context(), "answer not written", "path", r.URL.Path, "err", err)
	}
}

const (
	// wireBytes caps a request: a text of textBytes still fits with its quotes and escapes.
	wireBytes = 3 << 19
	// textBytes is how much one message may hold; the whole of it is looked through for urgent words (B1).
	textBytes = 1 << 20
)

const sayTooLong = "That message is more than this chat can take at once. Please send it in shorter parts."

// read takes the one JSON value of a request.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &refusal{http.StatusUnsupportedMediaType, "Only JSON can be sent here."}
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, wireBytes))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		_, err = d.Token() // nothing may follow
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return &refusal{http.StatusRequestEntityTooLarge, sayTooLong}
	}
	return &refusal{http.StatusBadRequest, "That could not be read."}
}
