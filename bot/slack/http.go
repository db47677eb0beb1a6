package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"handrail/bot/wire"
)

// window is how far a request's time may be from ours, either way.
const window = 5 * time.Minute

// Handler takes what Slack sends by HTTP, at /slack/events, /slack/interactions and /slack/commands, and where the app may
// be installed, /slack/install and /slack/oauth_redirect. A request that is not signed is answered 401 before its body is
// parsed. An event is answered 200 once the inbox has committed it and 503 when it could not, so that Slack sends it
// again. The server around it sets the time-outs for reading.
func (c *Channel) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/slack/events", c.signed(c.serveEvents))
	mux.HandleFunc("/slack/interactions", c.signed(c.serveInteraction))
	mux.HandleFunc("/slack/commands", c.signed(c.serveCommand))
	if c.install.on() {
		mux.HandleFunc("GET /slack/install", c.serveInstall)
		mux.HandleFunc("GET /slack/oauth_redirect", c.serveRedirect)
	}
	return mux
}

// signed lets through what Slack signed: https://docs.slack.dev/authentication/verifying-requests-from-slack.
func (c *Channel) signed(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		stamp, signature, ok := c.proof(r.Header)
		if !ok {
			http.Error(w, "unauthorised", http.StatusUnauthorized)
			return
		}
		raw, ok := wire.Body(w, r)
		if !ok {
			return
		}
		if !hmac.Equal([]byte(signature), []byte(Sign(c.signing.Reveal(), stamp, raw))) {
			http.Error(w, "unauthorised", http.StatusUnauthorized)
			return
		}
		if n, why := r.Header.Get("X-Slack-Retry-Num"), r.Header.Get("X-Slack-Retry-Reason"); n != "" || why != "" {
			c.log.WarnContext(r.Context(), "slack: delivered again", "try", number(n), "late", why == "http_timeout")
		}
		next(w, r, raw)
	}
}

// proof reads the headers that a signed request has, each once, with a time that is near ours.
func (c *Channel) proof(h http.Header) (stamp, signature string, ok bool) {
	stamps, signatures := h.Values("X-Slack-Request-Timestamp"), h.Values("X-Slack-Signature")
	if c.signing == nil || c.signing.Reveal() == "" || len(stamps) != 1 || len(signatures) != 1 {
		return "", "", false
	}
	seconds, valid := stampSeconds(stamps[0])
	off := c.clock.Now().Sub(time.Unix(seconds, 0))
	if !valid || off.Truncate(time.Second) > window || off.Truncate(time.Second) < -window {
		return "", "", false
	}
	return stamps[0], signatures[0], true
}

// stampSeconds reads a timestamp of ten or eleven digits and nothing else.
func stampSeconds(s string) (int64, bool) {
	if len(s) < 9 || len(s) > 11 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Sign is the signature of a request: the keyed hash of its time and its raw body, as version 0 of Slack's scheme has it.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 99 {
		return -1
	}
	return n
}

func (c *Channel) serveEvents(w http.ResponseWriter, r *http.Request, raw []byte) {
	var e wireEvents
	err := decode(raw, &e)
	switch {
	case err == nil && e.Type == "url_verification":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, e.Challenge) // whoever asked and left is not our business
		return
	case err != nil || e.Type != "event_callback" || e.ID == "":
		c.unreadable(w, r)
		return
	}
	c.answer(w, r, c.takeEvent(r.Context(), e))
}

func (c *Channel) serveInteraction(w http.ResponseWriter, r *http.Request, raw []byte) {
	var x wireInteraction
	form, err := url.ParseQuery(string(raw))
	if err != nil || len(form["payload"]) != 1 || decode([]byte(form.Get("payload")), &x) != nil || x.Type == "" {
		c.unreadable(w, r)
		return
	}
	c.answer(w, r, c.takeInteraction(r.Context(), x))
}

func (c *Channel) serveCommand(w http.ResponseWriter, r *http.Request, raw []byte) {
	form, err := url.ParseQuery(string(raw))
	if err == nil && form.Get("ssl_check") == "1" {
		return // Slack looks now and then whether anybody is there
	}
	if err != nil || form.Get("command") == "" {
		c.unreadable(w, r)
		return
	}
	c.answer(w, r, c.takeCommand(r.Context(), wireCommand{
		Command: form.Get("command"), Text: form.Get("text"), Team: form.Get("team_id"), User: form.Get("user_id"),
		Channel: form.Get("channel_id"), Trigger: form.Get("trigger_id"), Respond: form.Get("response_url"),
	}))
}

// unreadable refuses what would be no better a second time.
func (c *Channel) unreadable(w http.ResponseWriter, r *http.Request) {
	c.log.ErrorContext(r.Context(), "slack: a request cannot be read and is left out")
	w.Header().Set("X-Slack-No-Retry", "1")
	http.Error(w, "that cannot be read", http.StatusBadRequest)
}

func (c *Channel) answer(w http.ResponseWriter, r *http.Request, a answered) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	body, err := json.Marshal(a.body)
	if err != nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	if _, err := w.Write(body); err != nil {
		c.log.InfoContext(r.Context(), "slack: an answer did not arrive")
	}
}
