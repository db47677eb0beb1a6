package slack_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack/slacktest"

	"handrail/bot/bottest/rig"
	"handrail/bot/slack"
)

// formsOf stands before slacktest, which reads forms as slack-go writes them: a call in JSON becomes such a form.
func formsOf(t *testing.T, to string) *httptest.Server {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		if !strings.HasPrefix(r.In.Header.Get("Content-Type"), asJSON) {
			return
		}
		raw, err := io.ReadAll(r.In.Body)
		fields := map[string]json.RawMessage{}
		if err != nil || json.Unmarshal(raw, &fields) != nil {
			t.Errorf("%s: not JSON: %s", r.In.URL.Path, raw)
		}
		form := url.Values{}
		for k, v := range fields {
			var text string
			if json.Unmarshal(v, &text) != nil {
				text = string(v)
			}
			form.Set(k, text)
		}
		body := form.Encode()
		r.Out.Body, r.Out.ContentLength = io.NopCloser(bytes.NewReader([]byte(body))), int64(len(body))
		r.Out.Header.Set("Content-Type", asForm)
	}})
	t.Cleanup(front.Close)
	return front
}

// A second Slack that nobody here wrote: the one of slack-go's own tests. Over its socket it gives the channel what Slack
// gives (a word, a press, a command) and hears each acknowledged; it reads every block of an answer with the library's own
// types, and refuses a post of which one cannot be read.
//
// What it cannot: it holds to no limit, checks no token and no scope, knows no form, no edit, no file and no history, signs
// nothing, sends nothing twice and answers no post with an id that a message could have.
func TestPeer_Slacktest(t *testing.T) {
	peer := slacktest.NewTestServer()
	peer.Start()
	t.Cleanup(peer.Stop)
	log := &rig.Log{}
	c, err := slack.New(slack.Options{
		AppToken: rig.Secret("xapp-1-A1-TEST"), BotToken: rig.Secret("xoxb-peer"), Practice: practice, APIURL: formsOf(t, peer.GetAPIURL()).URL,
		Clock: rig.Hurried{}, Connections: 1, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &rig.Inbox{}
	t.Cleanup(rig.Start(t, c, in))

	const team, person = "T024BE7LD", "U0RAO" // the workspace is the peer's own
	ours := func(body []byte) json.RawMessage { return bytes.ReplaceAll(body, []byte("T0HILLTOP"), []byte(team)) }
	press, err := url.ParseQuery(string(ours(pressBody("1.2.3", "q~1~a~0"))))
	if err != nil {
		t.Fatal(err)
	}
	command := ours([]byte(`{"command":"/whatson","text":"badminton","team_id":"T0HILLTOP","user_id":"U0RAO","channel_id":"DU0RAO","trigger_id":"1.2.4","response_url":"https://hooks.slack.com/x"}`))
	for i, x := range []struct {
		kind    string
		payload json.RawMessage
	}{
		{"events_api", ours(eventBody("Ev1", "badminton near LS9"))},
		{"interactive", json.RawMessage(press.Get("payload"))},
		{"slash_commands", command},
		{"of_the_future", json.RawMessage(`{}`)},
	} {
		id := "env-" + x.kind
		raw, err := json.Marshal(map[string]any{"envelope_id": id, "type": x.kind, "payload": x.payload})
		if err != nil {
			t.Fatal(err)
		}
		peer.SendToWebsocket(string(raw))
		select {
		case heard := <-peer.SeenFeed:
			var ack struct {
				ID string `json:"envelope_id"`
			}
			if json.Unmarshal([]byte(heard), &ack) != nil || ack.ID != id {
				t.Errorf("%s was answered with %s", x.kind, heard)
			}
		case <-time.After(rig.Patience):
			t.Fatalf("%s was not acknowledged; the log says:\n%s", x.kind, log)
		}
		if want := min(i+1, 3); len(in.All()) != want {
			t.Fatalf("%d updates after %s, want %d", len(in.All()), x.kind, want)
		}
	}
	got := in.All()
	if got[0].Text != "badminton near LS9" || got[1].Choice == "" || !strings.Contains(got[2].Text, "badminton") {
		t.Errorf("%+v", got)
	}

	to := slack.Address(practice, team, person)
	whispered := to
	whispered.Thread = "C0TEAM"
	for name, m := range kinds() {
		if _, err := c.Send(t.Context(), to, m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		before := len(peer.GetSeenOutboundMessages())
		if _, err := c.Send(t.Context(), whispered, m); err != nil {
			t.Errorf("%s, whispered: %v", name, err)
			continue
		}
		seen := peer.GetSeenOutboundMessages()
		if len(seen) != before+1 || !strings.Contains(seen[before], `"blocks":[{`) || !strings.Contains(seen[before], person) {
			t.Errorf("%s: the peer saw %q", name, seen[before:])
		}
	}
	if got := in.All(); len(got) != 3 {
		t.Errorf("the app heard itself: %+v", got[3:])
	}
	if log.Count("level=ERROR") > 0 {
		t.Error(log)
	}
}
