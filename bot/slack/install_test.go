package slack_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

// teams keeps workspaces in memory, as the records do on disk.
type teams struct {
	mu sync.Mutex
	of map[string]slack.Installation
}

func (s *teams) ByTeam(_ context.Context, team string) (slack.Installation, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.of[team]
	return in, ok && in.Token != "", nil
}

func (s *teams) Save(_ context.Context, in slack.Installation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if was, ok := s.of[in.Team]; ok && was.Practice != in.Practice {
		return slack.ErrOtherPractice
	}
	s.of[in.Team] = in
	return nil
}

func (s *teams) Revoke(_ context.Context, team string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.of[team]
	in.Token = ""
	s.of[team] = in
	return nil
}

// shop is an app that workspaces install by themselves.
type shop struct {
	*world
	teams   *teams
	install slack.Install
	admins  []handrail.Address
	clock   *rig.Moved
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{teams: &teams{of: map[string]slack.Installation{}}, clock: rig.NewMoved(time.Now())}
	s.install = slack.Install{ClientID: slackapi.ClientID, ClientSecret: rig.Secret(slackapi.ClientSecret), Key: []byte(strings.Repeat("k", 32)), AuthorizeURL: "https://slack.example/authorize"}
	s.world = newWorld(t, true, slackapi.Options{Now: s.clock.Now}, func(o *slack.Options) {
		o.BotToken, o.Practice, o.Clock = nil, "", s.clock
		o.Installations = s.teams
	})
	s.install.PublicURL = s.front.URL
	c, err := slack.New(slack.Options{
		SigningSecret: rig.Secret(s.api.SigningSecret()), Installations: s.teams, Install: s.install, APIURL: s.api.URL(), Clock: s.clock,
		Administrator: func(_ context.Context, who handrail.Address, name string) error {
			s.admins = append(s.admins, who)
			if name == "" {
				return errors.New("no name")
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.channel = c
	s.handler.Store(&handling{c.Handler()})
	return s
}

// browser is somebody's.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func get(t *testing.T, b *http.Client, to string) (status int, body, location string) {
	t.Helper()
	resp, err := b.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header.Get("Location")
}

// setOut opens the link and returns the state that Slack was given.
func (s *shop) setOut(b *http.Client, practice handrail.PracticeID) string {
	s.t.Helper()
	status, _, to := get(s.t.(*testing.T), b, s.install.Link(practice, s.clock.Now()))
	u, err := url.Parse(to)
	if err != nil || status != http.StatusFound || !strings.HasPrefix(to, "https://slack.example/authorize?") {
		s.t.Fatalf("%d to %q: %v", status, to, err)
	}
	if u.Query().Get("client_id") != slackapi.ClientID || u.Query().Get("scope") != strings.Join(slack.Scopes(), ",") || u.Query().Get("redirect_uri") != s.front.URL+"/slack/oauth_redirect" {
		s.t.Errorf("Slack is asked for %s", to)
	}
	return u.Query().Get("state")
}

func (s *shop) back(b *http.Client, state, code string) (int, string) {
	s.t.Helper()
	status, body, _ := get(s.t.(*testing.T), b, s.front.URL+"/slack/oauth_redirect?"+url.Values{"state": {state}, "code": {code}}.Encode())
	return status, body
}

// Two practices install the app, each in its workspace; each person's words go to their own practice (C8).
func TestInstall_TwoPractices_C8(t *testing.T) {
	s := newShop(t)
	in := &rig.Inbox{}
	s.run(in)
	for team, practice := range map[string]handrail.PracticeID{"T0HILLTOP": "hilltop", "T0MEADOW": "meadow"} {
		b := browser(t)
		state := s.setOut(b, practice)
		status, body := s.back(b, state, s.api.Team(team).Person("U0MANAGER").Approve())
		if status != http.StatusOK || !strings.Contains(body, "installed") {
			t.Fatalf("%s: %d %q", team, status, body)
		}
	}
	if len(s.admins) != 2 || !slices.Contains(s.admins, slack.Address("meadow", "T0MEADOW", "U0MANAGER")) {
		t.Errorf("administrators: %d", len(s.admins))
	}
	meadow := s.api.Team("T0MEADOW").Person("U0RAO") // the same user id in another workspace
	s.done("a message", s.rao.Say("from the hilltop"))
	s.done("a message", meadow.Say("from the meadow"))
	got := in.All()
	if len(got) != 2 || got[0].From != slack.Address("hilltop", "T0HILLTOP", "U0RAO") || got[1].From != slack.Address("meadow", "T0MEADOW", "U0RAO") {
		t.Fatalf("%+v", got)
	}
	for _, to := range []handrail.Address{got[0].From, got[1].From} {
		if _, err := s.channel.Send(t.Context(), to, bot.Message{Text: bot.Para("for " + string(to.Practice))}); err != nil {
			t.Fatal(err)
		}
	}
	crossed := got[0].From
	crossed.Practice = "meadow"
	if _, err := s.channel.Send(t.Context(), crossed, bot.Message{Text: bot.Para("crossed")}); err == nil {
		t.Error("a message of one practice went into the other's workspace")
	}
	if a, b := s.rao.Seen(), meadow.Seen(); len(a) != 1 || len(b) != 1 || a[0].Words() != "for hilltop" || b[0].Words() != "for meadow" {
		t.Errorf("%+v\n%+v", a, b)
	}
	// One workspace takes the app away: the other goes on, and what is to be sent waits.
	s.done("the farewell", s.api.Team("T0MEADOW").Uninstall())
	s.clock.Set(s.clock.Now().Add(time.Minute))
	_, err := s.channel.Send(t.Context(), got[1].From, bot.Message{Text: bot.Para("x")})
	if outcome, after := bot.OutcomeOf(err); outcome != bot.OutcomeRetry || after < time.Minute {
		t.Errorf("to a workspace that took the app away: %v", err)
	}
	if _, err := s.channel.Send(t.Context(), got[0].From, bot.Message{Text: bot.Para("x")}); err != nil {
		t.Error(err)
	}
	if kept := s.teams.of["T0MEADOW"]; kept.Token != "" {
		t.Error("the token is still there")
	}
	s.done("an event of it", meadow.Say("hello?"))
	if len(in.All()) != 2 {
		t.Error("something of a workspace without the app was stored")
	}
}

// On Enterprise Grid the app is installed in one workspace as anywhere; for a whole organisation it is refused, with a page
// that says what to do, and nothing is kept (C8).
func TestInstall_C8_WholeOrganisation(t *testing.T) {
	s := newShop(t)
	s.run(rig.Drop{})
	manager := s.team.Person("U0MANAGER")
	s.team.Organisation("E0TRUST", true)
	b := browser(t)
	status, body := s.back(b, s.setOut(b, "hilltop"), manager.Approve())
	if status != http.StatusForbidden || !strings.Contains(body, "whole organisation") || !strings.Contains(body, "open the link again") {
		t.Errorf("for a whole organisation: %d %q", status, body)
	}
	if len(s.teams.of) != 0 || len(s.admins) != 0 {
		t.Errorf("%d installations and %d administrators are kept", len(s.teams.of), len(s.admins))
	}
	s.team.Organisation("E0TRUST", false)
	if status, body := s.back(b, s.setOut(b, "hilltop"), manager.Approve()); status != http.StatusOK || !strings.Contains(body, "is installed") {
		t.Errorf("in one of its workspaces: %d %q", status, body)
	}
	if in := s.teams.of[s.team.ID()]; in.Practice != "hilltop" || len(s.admins) != 1 {
		t.Errorf("%+v, %d administrators", in, len(s.admins))
	}
}

// A token of a whole organisation in the settings: nothing is taken or sent with it, the operator is told why, and what is
// to be sent waits until another is put in.
func TestWholeOrganisation_C8_TokenInSettings(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.team.Organisation("E0TRUST", true)
	in := &rig.Inbox{}
	w.run(in)
	w.until("a word to the operator", func() bool { return w.log.Count("install the app in the practice's workspace alone") > 0 })
	_, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("x")})
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRetry {
		t.Errorf("%v, instead of waiting", err)
	}
	w.rao.Say("hello")
	w.until("an event that is given up", func() bool { return w.api.Lost() == 1 })
	if len(in.All()) != 0 || len(w.rao.Seen()) != 0 || strings.Contains(w.log.String(), "E0TRUST") {
		t.Errorf("%d updates, %d messages; the log:\n%s", len(in.All()), len(w.rao.Seen()), w.log)
	}
}

// Nobody installs the app who was not given the link, within its time, in the browser that set out.
func TestInstall_OnlyByLink(t *testing.T) {
	s := newShop(t)
	s.run(&rig.Inbox{})
	b := browser(t)
	good := s.install.Link("hilltop", s.clock.Now())
	other := s.install
	other.Key = []byte(strings.Repeat("x", 32))
	for name, link := range map[string]string{
		"none": s.front.URL + "/slack/install", "another key": other.Link("hilltop", s.clock.Now()), "changed": good[:len(good)-2] + "xx",
		"over": s.install.Link("hilltop", s.clock.Now().Add(-8*24*time.Hour)),
	} {
		if status, _, _ := get(t, b, link); status != http.StatusForbidden {
			t.Errorf("link %s: %d", name, status)
		}
	}
	manager := s.team.Person("U0MANAGER")
	state := s.setOut(b, "hilltop")
	if status, _ := s.back(browser(t), state, manager.Approve()); status != http.StatusForbidden {
		t.Errorf("another browser: %d", status)
	}
	for name, c := range map[string]struct{ state, code string }{
		"no state": {"", manager.Approve()}, "a link for a state": {good[strings.Index(good, "=")+1:], manager.Approve()},
		"no code": {state, ""}, "a code that is none": {state, "invented"},
	} {
		if status, _ := s.back(b, c.state, c.code); status != http.StatusForbidden {
			t.Errorf("%s: %d", name, status)
		}
	}
	b = browser(t)
	state = s.setOut(b, "hilltop")
	s.clock.Set(s.clock.Now().Add(16 * time.Minute))
	if status, _ := s.back(b, state, manager.Approve()); status != http.StatusForbidden {
		t.Error("a state was good for more than its time")
	}
	if len(s.teams.of) != 0 || len(s.admins) != 0 {
		t.Errorf("%d workspaces, %d administrators", len(s.teams.of), len(s.admins))
	}
	b = browser(t)
	state = s.setOut(b, "hilltop")
	code := manager.Approve()
	if status, _ := s.back(b, state, code); status != http.StatusOK {
		t.Error(status)
	}
	b = browser(t)
	state = s.setOut(b, "meadow")
	if status, _ := s.back(b, state, manager.Approve()); status != http.StatusForbidden || s.teams.of["T0HILLTOP"].Practice != "hilltop" {
		t.Errorf("a workspace changed its practice: %d", status)
	}
}

// With a bot token the first administrator is the one of the settings.
func TestAdministrator(t *testing.T) {
	admins := make(chan handrail.Address, 4)
	names := make(chan string, 4)
	fails := 1
	w := newWorld(t, true, slackapi.Options{}, func(o *slack.Options) {
		o.Admin = "U0MANAGER"
		o.Administrator = func(_ context.Context, who handrail.Address, name string) error {
			if fails--; fails >= 0 {
				return rig.ErrAway
			}
			admins <- who
			names <- name
			return nil
		}
	})
	w.team.Person("U0MANAGER").SetName("Mo Manager")
	w.run(&rig.Inbox{})
	if who := <-admins; who != slack.Address(practice, "T0HILLTOP", "U0MANAGER") {
		t.Errorf("%#v", who)
	}
	if name := <-names; name != "Mo Manager" {
		t.Errorf("%q", name)
	}
}

func TestNew(t *testing.T) {
	full := slack.Options{AppToken: rig.Secret("xapp-1"), BotToken: rig.Secret("xoxb-1"), Practice: practice, Clock: rig.Hurried{}}
	for name, spoil := range map[string]func(*slack.Options){
		"clock": func(o *slack.Options) { o.Clock = nil }, "ears": func(o *slack.Options) { o.AppToken = nil },
		"mouth": func(o *slack.Options) { o.BotToken = nil }, "practice": func(o *slack.Options) { o.Practice = "" },
		"address": func(o *slack.Options) { o.APIURL = "ftp://x" }, "admin": func(o *slack.Options) { o.Admin = "mo@example.org" },
		"install secret": func(o *slack.Options) {
			o.Install = slack.Install{ClientID: "1", Key: make([]byte, 32), PublicURL: "https://x"}
		},
		"install key": func(o *slack.Options) {
			o.Install = slack.Install{ClientID: "1", ClientSecret: rig.Secret("x"), PublicURL: "https://x"}
		},
		"install address": func(o *slack.Options) {
			o.Install = slack.Install{ClientID: "1", ClientSecret: rig.Secret("x"), Key: make([]byte, 32)}
		},
	} {
		o := full
		spoil(&o)
		if c, err := slack.New(o); err == nil || c != nil || strings.Contains(err.Error(), "xoxb") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := slack.New(full)
	if err != nil {
		t.Fatal(err)
	}
	if err := running(t, c); err == nil {
		t.Error("it ran twice at once")
	}
}

func running(t *testing.T, c *slack.Channel) error {
	ctx, stop := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- c.Run(ctx, rig.Drop{}) }()
	go func() { second <- c.Run(ctx, rig.Drop{}) }()
	var err error
	select {
	case err = <-first:
	case err = <-second:
	}
	stop()
	return err
}

// The manifest asks for what the code uses and no more.
func TestManifest_LeastScopes(t *testing.T) {
	raw, err := os.ReadFile("manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\n")
	var scopes []string
	in := false
	for _, l := range lines {
		switch l = strings.TrimRight(l, " "); {
		case strings.HasSuffix(l, "bot:"):
			in = true
		case in && strings.HasPrefix(strings.TrimSpace(l), "- "):
			scope, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(l), "- "), " ")
			scopes = append(scopes, scope)
		default:
			in = false
		}
	}
	if !slices.Equal(scopes, slack.Scopes()) {
		t.Errorf("the manifest asks for %q, the code for %q", scopes, slack.Scopes())
	}
	for command := range slack.DefaultCommands() {
		if !strings.Contains(string(raw), "command: "+command+"\n") {
			t.Errorf("the manifest lacks %s", command)
		}
	}
	for _, event := range []string{"app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked", "user_change"} {
		if !strings.Contains(string(raw), "- "+event+"\n") {
			t.Errorf("the manifest lacks the event %s", event)
		}
	}
}
