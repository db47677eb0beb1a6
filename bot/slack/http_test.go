package slack_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

// request is one signed request, to be spoilt by a test.
type request struct {
	path, kind string
	body       []byte
	header     http.Header
}

func signedRequest(path, kind string, body []byte, at time.Time) *request {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", stamp)
	h.Set("X-Slack-Signature", slack.Sign(signing, stamp, body))
	return &request{path, kind, body, h}
}

const signing = "the signing secret of the test app"

func (w *world) do(r *request) (status int, body string, header http.Header) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.front.URL+r.path, strings.NewReader(string(r.body)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header = r.header.Clone()
	req.Header.Set("Content-Type", r.kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// eventBody is a message to the app, as the Events API gives it.
func eventBody(id, words string) []byte {
	raw, err := json.Marshal(map[string]any{
		"type": "event_callback", "team_id": "T0HILLTOP", "event_id": id, "event_time": 1,
		"event": map[string]any{"type": "message", "channel_type": "im", "channel": "DU0RAO", "user": "U0RAO", "team": "T0HILLTOP", "text": words, "ts": "1795340000.000100"},
	})
	if err != nil {
		panic(err) // of plain fields: cannot fail
	}
	return raw
}

func pressBody(trigger, value string) []byte {
	raw, err := json.Marshal(map[string]any{
		"type": "block_actions", "trigger_id": trigger, "team": map[string]any{"id": "T0HILLTOP"}, "user": map[string]any{"id": "U0RAO", "team_id": "T0HILLTOP"},
		"container": map[string]any{"type": "message", "message_ts": "1.2", "channel_id": "DU0RAO"},
		"actions":   []any{map[string]any{"type": "button", "action_id": "option-0", "block_id": "buttons-1@", "value": value, "action_ts": "3.4"}},
	})
	if err != nil {
		panic(err) // of plain fields: cannot fail
	}
	return []byte(url.Values{"payload": {string(raw)}}.Encode())
}

func commandBody(trigger, words string) []byte {
	return []byte(url.Values{
		"command": {"/whatson"}, "text": {words}, "team_id": {"T0HILLTOP"}, "user_id": {"U0RAO"}, "channel_id": {"DU0RAO"}, "trigger_id": {trigger},
	}.Encode())
}

func TestSignature_C1(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	bodies := map[string]struct {
		path, kind string
		body       []byte
	}{
		"event":   {"/slack/events", asJSON, eventBody("Ev1", "hello")},
		"press":   {"/slack/interactions", asForm, pressBody("1.1.a", "q~1~a~0")},
		"command": {"/slack/commands", asForm, commandBody("2.2.b", "badminton")},
	}
	spoil := map[string]func(*request){
		"wrong secret": func(r *request) {
			r.header.Set("X-Slack-Signature", slack.Sign("another secret", r.header.Get("X-Slack-Request-Timestamp"), r.body))
		},
		"no signature":     func(r *request) { r.header.Del("X-Slack-Signature") },
		"empty signature":  func(r *request) { r.header.Set("X-Slack-Signature", "") },
		"half a signature": func(r *request) { r.header.Set("X-Slack-Signature", r.header.Get("X-Slack-Signature")[:20]) },
		"another version":  func(r *request) { r.header.Set("X-Slack-Signature", "v1"+r.header.Get("X-Slack-Signature")[2:]) },
		"capitals": func(r *request) {
			r.header.Set("X-Slack-Signature", strings.ToUpper(r.header.Get("X-Slack-Signature")))
		},
		"no timestamp": func(r *request) { r.header.Del("X-Slack-Request-Timestamp") },
		"timestamp not signed": func(r *request) {
			r.header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(time.Now().Unix()-1, 10))
		},
		"timestamp no number":   func(r *request) { r.header.Set("X-Slack-Request-Timestamp", "now") },
		"signature given twice": func(r *request) { r.header.Add("X-Slack-Signature", r.header.Get("X-Slack-Signature")) },
		"timestamp given twice": func(r *request) {
			r.header.Add("X-Slack-Request-Timestamp", r.header.Get("X-Slack-Request-Timestamp"))
		},
		"body changed by a byte": func(r *request) { r.body = append(r.body[:len(r.body)-2:len(r.body)-2], 'x', r.body[len(r.body)-1]) },
		"body longer":            func(r *request) { r.body = append(r.body, ' ') },
		"signed as JSON, sent as a form": func(r *request) {
			form := []byte(url.Values{"payload": {string(r.body)}}.Encode())
			r.header.Set("X-Slack-Signature", slack.Sign(signing, r.header.Get("X-Slack-Request-Timestamp"), r.body))
			r.body, r.kind = form, asForm
		},
	}
	for what, b := range bodies {
		for how, spoil := range spoil {
			r := signedRequest(b.path, b.kind, append([]byte(nil), b.body...), time.Now())
			spoil(r)
			if status, _, _ := w.do(r); status != http.StatusUnauthorized {
				t.Errorf("%s, %s: %d, want 401", what, how, status)
			}
		}
	}
	if got := in.All(); len(got) != 0 {
		t.Errorf("requests that were refused left %d updates", len(got))
	}
	for what, b := range bodies {
		if status, _, _ := w.do(signedRequest(b.path, b.kind, b.body, time.Now())); status != http.StatusOK {
			t.Errorf("%s as Slack signs it: %d", what, status)
		}
	}
	if got := in.All(); len(got) != 3 {
		t.Errorf("%d updates of three good requests", len(got))
	}
}

// still is a clock that stands.
type still struct{ at time.Time }

func (s still) Now() time.Time                       { return s.at }
func (still) After(d time.Duration) <-chan time.Time { return time.After(d) }

// The window is five minutes either way, by the passed clock.
func TestSignature_C1_Window(t *testing.T) {
	now := time.Date(2027, 3, 28, 1, 0, 0, 600_000_000, time.UTC)
	w := newWorld(t, true, slackapi.Options{}, func(o *slack.Options) { o.Clock = still{now} })
	w.run(rig.Drop{})
	for off, want := range map[time.Duration]int{
		0: 200, -300 * time.Second: 200, 300 * time.Second: 200, -302 * time.Second: 401, 302 * time.Second: 401, -24 * time.Hour: 401, 365 * 24 * time.Hour: 401,
	} {
		if status, _, _ := w.do(signedRequest("/slack/events", asJSON, eventBody("Ev1", "hello"), now.Add(off))); status != want {
			t.Errorf("a timestamp %v off: %d, want %d", off, status, want)
		}
	}
}

// Nothing is read of a body without proof, and never more than a megabyte of one with it.
func TestBody_C11(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	huge := eventBody("Ev1", strings.Repeat("x", 1<<20))
	if status, _, _ := w.do(signedRequest("/slack/events", asJSON, huge, time.Now())); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of more than a megabyte: %d", status)
	}
	paste := strings.Repeat("a", 40_000)
	if status, _, _ := w.do(signedRequest("/slack/events", asJSON, eventBody("Ev2", paste), time.Now())); status != http.StatusOK {
		t.Errorf("a paste of 40,000 characters: %d", status)
	}
	if got := in.All(); len(got) != 1 || got[0].Text != paste {
		t.Errorf("%d updates", len(got))
	}
	for _, path := range []string{"/slack/events", "/slack/interactions", "/slack/commands"} {
		for _, junk := range []string{"", "{", "null", "[]", "payload=%zz", "payload=1&payload=2", `{"type":"event_callback"}`, "\xff\xfe"} {
			r := signedRequest(path, asJSON, []byte(junk), time.Now())
			status, _, header := w.do(r)
			if status != http.StatusBadRequest || header.Get("X-Slack-No-Retry") != "1" {
				t.Errorf("%s with %q: %d, no retry %q", path, junk, status, header.Get("X-Slack-No-Retry"))
			}
		}
		resp, err := http.Get(w.front.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("GET %s: %d", path, resp.StatusCode)
		}
	}
}

func TestVerification(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	status, body, _ := w.do(signedRequest("/slack/events", asJSON, []byte(`{"type":"url_verification","challenge":"3eZbrw1aB","token":"x"}`), time.Now()))
	if status != http.StatusOK || body != "3eZbrw1aB" {
		t.Errorf("%d %q", status, body)
	}
	if status, _, _ = w.do(signedRequest("/slack/commands", asForm, []byte("ssl_check=1&token=x"), time.Now())); status != http.StatusOK {
		t.Errorf("ssl_check: %d", status)
	}
}

// The same request again, with or without Slack's retry headers, has the same id: the inbox knows it.
func TestRetry_C2_C3(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	for what, r := range map[string]*request{
		"event":   signedRequest("/slack/events", asJSON, eventBody("Ev9", "hello"), time.Now()),
		"press":   signedRequest("/slack/interactions", asForm, pressBody("9.9.c", "q~1~a~0"), time.Now()),
		"command": signedRequest("/slack/commands", asForm, commandBody("8.8.d", "badminton"), time.Now()),
	} {
		before := len(in.All())
		for try := range 3 {
			if try > 0 {
				r.header.Set("X-Slack-Retry-Num", strconv.Itoa(try))
				r.header.Set("X-Slack-Retry-Reason", "http_timeout")
			}
			if status, _, _ := w.do(r); status != http.StatusOK {
				t.Errorf("%s: %d", what, status)
			}
		}
		got := in.All()[before:]
		if len(got) != 3 || got[0].ID == "" || got[0].ID != got[1].ID || got[1].ID != got[2].ID {
			t.Errorf("%s: its ids are %+v", what, got)
		}
	}
	ids := map[string]bool{}
	for _, u := range in.All() {
		ids[u.ID] = true
	}
	if len(ids) != 3 {
		t.Errorf("three different things have %d ids", len(ids))
	}
	if n := w.log.Count("delivered again"); n != 6 {
		t.Errorf("the log tells of %d retries, want 6", n)
	}
}

// stuck is an inbox that never answers, whatever its context says.
type stuck struct{ until chan struct{} }

func (s stuck) Deliver(context.Context, bot.Update) error { <-s.until; return nil }

// However slow the database is, the answer is there within three seconds: 503 for what Slack gives again, and a word to
// the person for what it does not.
func TestSlow_C4(t *testing.T) {
	for path, want := range map[string]struct {
		body   []byte
		status int
		says   string
	}{
		"/slack/events":       {eventBody("Ev1", "hello"), http.StatusServiceUnavailable, ""},
		"/slack/interactions": {pressBody("1.1.a", "q~1~a~0"), http.StatusServiceUnavailable, ""},
		"/slack/commands":     {commandBody("2.2.b", "badminton"), http.StatusOK, "please try again"},
	} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end := make(chan struct{})
				c, err := slack.New(slack.Options{
					SigningSecret: rig.Secret(signing), Installations: oneTeam{}, Clock: bubble{},
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- c.Run(ctx, stuck{end}) }()
				synctest.Wait()
				began := time.Now()
				r := signedRequest(path, asForm, want.body, began)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(string(r.body)))
				if err != nil {
					t.Fatal(err)
				}
				req.Header = r.header
				answer := &written{header: http.Header{}}
				c.Handler().ServeHTTP(answer, req)
				if took := time.Since(began); took >= 3*time.Second || took < 2*time.Second {
					t.Errorf("it took %v", took)
				}
				if answer.status != want.status || !strings.Contains(strings.ToLower(answer.body.String()), want.says) {
					t.Errorf("answered %d %s", answer.status, answer.body.String())
				}
				close(end)
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// bubble is the clock of a synctest bubble.
type bubble struct{}

func (bubble) Now() time.Time                         { return time.Now() }
func (bubble) After(d time.Duration) <-chan time.Time { return time.After(d) }

// oneTeam is a place with one workspace.
type oneTeam struct{}

func (oneTeam) ByTeam(_ context.Context, team string) (slack.Installation, bool, error) {
	return slack.Installation{Team: team, Practice: practice, Token: "xoxb-1", BotUser: "UBOT"}, team == "T0HILLTOP", nil
}
func (oneTeam) Save(context.Context, slack.Installation) error  { return nil }
func (oneTeam) Revoke(context.Context, string, time.Time) error { return nil }

// written is an answer that was written.
type written struct {
	header http.Header
	status int
	body   strings.Builder
}

func (w *written) Header() http.Header { return w.header }
func (w *written) WriteHeader(s int)   { w.status = s }
func (w *written) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.body.Write(p)
}

// An inbox that is away: events come again until it is back, and nothing is lost.
func TestInboxAway_F6(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, overHTTP, slackapi.Options{AckTime: 200 * time.Millisecond})
			fails := 2
			in := &rig.Inbox{Fail: func(bot.Update) bool { fails--; return fails >= 0 }}
			w.run(in)
			w.done("the message, which is delivered again", w.rao.Say("hello"))
			if got := in.All(); len(got) != 1 || got[0].Text != "hello" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A command, a press and a form are given once: where they cannot be stored the person is told, and a form keeps what was
// typed.
func TestInboxAway_ToldToTryAgain(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, overHTTP, slackapi.Options{AckTime: 300 * time.Millisecond})
			var back atomic.Bool
			in := &rig.Inbox{Fail: func(bot.Update) bool { return !back.Load() }, Asks: func(handrail.Address) (bot.Message, bool) { return formMessage(), true }}
			w.run(in)
			if _, err := w.channel.Send(t.Context(), w.address(), formMessage()); err != nil {
				t.Fatal(err)
			}
			v := w.openForm()
			d := w.rao.Submit(v, map[string]string{"field:name": "Sam", "field:agree": "yes"})
			if got := d.Errors(); !strings.Contains(got["field:name"], "try again") {
				t.Errorf("a form that was not stored was answered with %v", got)
			}
			if _, open := w.rao.View(); !open {
				t.Error("the form was closed, and what was typed is gone")
			}
			if said := w.rao.Command(nil, "/whatson", "badminton").Said(); !strings.Contains(said, "try again") {
				t.Errorf("a command that was not stored was answered with %q", said)
			}
			if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("Which?"), Options: []bot.Option{{Label: "One", Payload: "q~1~a~0"}}}); err != nil {
				t.Fatal(err)
			}
			seen := w.rao.Seen()
			if !w.rao.Press(seen[len(seen)-1], "One").Failed() {
				t.Error("a press that was not stored was acknowledged")
			}
			w.until("a word to the person", func() bool {
				seen := w.rao.Seen()
				return strings.Contains(seen[len(seen)-1].Notice, "try again")
			})
			back.Store(true)
			if w.rao.Submit(v, map[string]string{"field:name": "Sam", "field:agree": "yes"}).Errors() != nil {
				t.Error("the form was not taken the second time")
			}
			if got := in.All(); len(got) != 1 || got[0].Fields["name"] != "Sam" {
				t.Errorf("%+v", got)
			}
		})
	}
}
