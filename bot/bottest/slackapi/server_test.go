package slackapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/bot/bottest/slackapi"
)

// strictness records what the server complains about.
type strictness struct {
	mu   sync.Mutex
	said []string
}

func (*strictness) Helper() {}
func (s *strictness) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, fmt.Sprintf(format, args...))
}

func (s *strictness) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := strings.Join(s.said, "; ")
	s.said = nil
	return out
}

// app makes calls as an app does.
type app struct {
	t     *testing.T
	api   *slackapi.Server
	token string
}

func (a app) call(method string, params any) (map[string]any, *http.Response) {
	a.t.Helper()
	kind := "application/json; charset=utf-8"
	body, err := json.Marshal(params)
	if err != nil {
		a.t.Fatal(err)
	}
	if form, ok := params.(url.Values); ok {
		body, kind = []byte(form.Encode()), "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.api.URL()+method, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+a.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		a.t.Fatalf("%s: %s", method, raw)
	}
	return out, resp
}

type object = map[string]any

func plain(s string) object { return object{"type": "plain_text", "text": s} }

func button(id, label, value string) object {
	return object{"type": "button", "action_id": id, "text": plain(label), "value": value}
}

func actions(elements ...any) []any { return []any{object{"type": "actions", "elements": elements}} }

func rich(runs ...any) []any {
	return []any{object{"type": "rich_text", "elements": []any{object{"type": "rich_text_section", "elements": runs}}}}
}

func run(s string) object { return object{"type": "text", "text": s} }

func times(n int, x func(i int) any) []any {
	var out []any
	for i := range n {
		out = append(out, x(i))
	}
	return out
}

// Each documented limit is held to: at the limit nothing is said, and one beyond it the test fails.
func TestLimits(t *testing.T) {
	s := &strictness{}
	api := slackapi.New(s, slackapi.Options{})
	defer api.Close()
	team := api.Team("T1")
	team.Person("U1")
	a := app{t, api, team.Token()}
	x := func(n int) string { return strings.Repeat("x", n) }
	option := func(text, value string) object { return object{"text": plain(text), "value": value} }
	list := func(options ...any) []any {
		return actions(object{"type": "static_select", "action_id": "a", "options": options})
	}
	for name, blocks := range map[string][2][]any{
		"blocks":         {times(50, func(int) any { return object{"type": "divider"} }), times(51, func(int) any { return object{"type": "divider"} })},
		"section":        {{object{"type": "section", "text": plain(x(3000))}}, {object{"type": "section", "text": plain(x(3001))}}},
		"header":         {{object{"type": "header", "text": plain(x(150))}}, {object{"type": "header", "text": plain(x(151))}}},
		"button":         {actions(button("a", x(75), "v")), actions(button("a", x(76), "v"))},
		"value":          {actions(button("a", "x", x(2000))), actions(button("a", "x", x(2001)))},
		"action id":      {actions(button(x(255), "x", "v")), actions(button(x(256), "x", "v"))},
		"elements":       {actions(times(25, func(i int) any { return button(fmt.Sprint(i), "x", "v") })...), actions(times(26, func(i int) any { return button(fmt.Sprint(i), "x", "v") })...)},
		"options":        {list(times(100, func(i int) any { return option(fmt.Sprint(i), fmt.Sprint(i)) })...), list(times(101, func(i int) any { return option(fmt.Sprint(i), fmt.Sprint(i)) })...)},
		"option":         {list(option(x(75), "v")), list(option(x(76), "v"))},
		"option's value": {list(option("x", x(150))), list(option("x", x(151)))},
		"block id":       {{object{"type": "divider", "block_id": x(255)}}, {object{"type": "divider", "block_id": x(256)}}},
		"two ids":        {{object{"type": "divider", "block_id": "a"}, object{"type": "divider", "block_id": "b"}}, {object{"type": "divider", "block_id": "a"}, object{"type": "divider", "block_id": "a"}}},
		"two actions":    {actions(button("a", "x", "v"), button("b", "x", "v")), actions(button("a", "x", "v"), button("a", "x", "v"))},
		"empty":          {rich(run("x")), rich(run(""))},
		"ping":           {rich(run("<!channel> @here")), rich(object{"type": "broadcast", "range": "channel"})},
		"ping a person":  {rich(run("<@U1>")), rich(object{"type": "user", "user_id": "U1"})},
		"ping in markup": {{object{"type": "section", "text": object{"type": "mrkdwn", "text": "&lt;!here&gt;"}}}, {object{"type": "section", "text": object{"type": "mrkdwn", "text": "<!here>"}}}},
		"field":          {{object{"type": "divider"}}, {object{"type": "divider", "colour": "red"}}},
		"kind":           {{object{"type": "divider"}}, {object{"type": "hologram"}}},
	} {
		out, _ := a.call("chat.postMessage", object{"channel": "U1", "text": "x", "blocks": blocks[0]})
		if said := s.take(); out["ok"] != true || said != "" {
			t.Errorf("%s: at the limit: %v, %s", name, out, said)
		}
		out, _ = a.call("chat.postMessage", object{"channel": "U1", "text": "x", "blocks": blocks[1]})
		if said := s.take(); out["ok"] != false || said == "" {
			t.Errorf("%s: beyond the limit: %v, and nothing said", name, out)
		}
	}
}

// What no careful app does fails the test.
func TestViolations(t *testing.T) {
	s := &strictness{}
	api := slackapi.New(s, slackapi.Options{PerChannel: 100})
	defer api.Close()
	team := api.Team("T1")
	rao := team.Person("U1")
	team.Room("C1", true, rao)
	a := app{t, api, team.Token()}
	view := func(title, metadata string) object {
		return object{"type": "modal", "title": plain(title), "blocks": []any{object{"type": "divider"}}, "private_metadata": metadata}
	}
	for name, c := range map[string]struct {
		method string
		params any
		want   string
	}{
		"method":           {"chat.shout", object{"channel": "U1"}, "no method"},
		"parameter":        {"chat.postMessage", object{"channel": "U1", "text": "x", "volume": 11}, "no parameter"},
		"missing":          {"chat.update", object{"channel": "D1", "text": "x"}, "missing"},
		"JSON for a read":  {"conversations.history", object{"channel": "D1"}, "no JSON"},
		"public":           {"chat.postMessage", object{"channel": "C1", "text": "x"}, "C10"},
		"public file":      {"files.completeUploadExternal", object{"files": []any{object{"id": "F1"}}, "channel_id": "C1"}, "C10"},
		"ping":             {"chat.postMessage", object{"channel": "U1", "text": "<!channel>"}, "B20"},
		"no fallback":      {"chat.postMessage", object{"channel": "U1", "blocks": rich(run("x"))}, "notification"},
		"title":            {"views.publish", object{"user_id": "U1", "view": view("x", "")}, "modal"},
		"metadata of view": {"views.publish", object{"user_id": "U1", "view": object{"type": "home", "blocks": []any{}, "private_metadata": strings.Repeat("x", 3001)}}, "3,000"},
	} {
		a.call(c.method, c.params)
		if said := s.take(); !strings.Contains(said, c.want) {
			t.Errorf("%s: said %q, want %q", name, said, c.want)
		}
	}
}

// What Slack refuses without a fuss it refuses here.
func TestRefusals(t *testing.T) {
	s := &strictness{}
	now := time.Now()
	api := slackapi.New(s, slackapi.Options{Now: func() time.Time { return now }, PerChannel: 1, AckTime: 10 * time.Millisecond})
	defer api.Close()
	team := api.Team("T1")
	rao, ann := team.Person("U1"), team.Person("U2")
	team.Room("C1", true, rao)
	team.Room("C2", false, rao)
	a := app{t, api, team.Token()}
	want := func(code, method string, params any) *http.Response {
		t.Helper()
		out, resp := a.call(method, params)
		if said := s.take(); out["error"] != code || said != "" {
			t.Errorf("%s: %v, want %s; said %s", method, out, code, said)
		}
		return resp
	}
	post := object{"channel": "U1", "text": "x"}
	a.call("chat.postMessage", post)
	if resp := want("ratelimited", "chat.postMessage", post); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "1" {
		t.Error(resp.Status, resp.Header)
	}
	if api.TooFast() != 1 {
		t.Errorf("%d posts were too fast", api.TooFast())
	}
	want("channel_not_found", "chat.postMessage", object{"channel": "U9", "text": "x"})
	want("not_in_channel", "chat.postEphemeral", object{"channel": "C2", "user": "U1", "text": "x"})
	want("user_not_in_channel", "chat.postEphemeral", object{"channel": "C1", "user": ann.ID(), "text": "x"})
	want("message_not_found", "chat.update", object{"channel": rao.Own(), "ts": "1.2", "text": "x"})
	modal := object{"type": "modal", "title": plain("x"), "blocks": []any{object{"type": "divider"}}}
	want("invalid_trigger_id", "views.open", object{"trigger_id": "made.up", "view": modal})
	want("invalid_code", "oauth.v2.access", url.Values{"client_id": {slackapi.ClientID}, "client_secret": {slackapi.ClientSecret}, "code": {"x"}})
	ann.Deactivate()
	want("user_disabled", "conversations.open", object{"users": "U2"})
	team.Refuse("token_revoked")
	want("token_revoked", "auth.test", object{})
	a.token = "xoxb-other"
	want("invalid_auth", "auth.test", object{})
}
