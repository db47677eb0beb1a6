package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/bot/bottest/slackapi"
)

// slackSettings are the settings of a deployment with Slack only: the two tokens, and everything else as it comes.
func slackSettings(t *testing.T, api *slackapi.Server, team *slackapi.Team, overHTTP bool) []string {
	t.Helper()
	env := []string{
		"HANDRAIL_SLACK_BOT_TOKEN=" + team.Token(), "HANDRAIL_SLACK_API_URL=" + api.URL(), "HANDRAIL_SLACK_ADMIN=U0ADMIN", "HANDRAIL_SLACK_RATE=0",
		"HANDRAIL_ADMIN_ADDR=127.0.0.1:0",
	}
	public := freeAddress(t)
	env = append(env, "HANDRAIL_HTTP_ADDR="+public)
	if overHTTP {
		api.SetEndpoint("http://" + public)
		return append(env, "HANDRAIL_SLACK_SIGNING_SECRET="+api.SigningSecret())
	}
	return append(env, "HANDRAIL_SLACK_APP_TOKEN="+api.AppToken())
}

// TestServe_SlackOnly: with a Slack token and nothing else, on embedded storage, the administrator of the settings is known
// from the first word, finds and refers, also after the process was started again; a stranger in the workspace learns
// nothing; and no token is printed.
func TestServe_SlackOnly(t *testing.T) {
	for name, overHTTP := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			api := slackapi.New(t, slackapi.Options{Retries: []time.Duration{0, time.Second, 3 * time.Second}})
			defer api.Close()
			team := api.Team("T0HILLTOP")
			admin, stranger := team.Person("U0ADMIN"), team.Person("U0STRANGER")
			admin.SetName("Mo Manager")
			dir := t.TempDir()
			env := slackSettings(t, api, team, overHTTP)
			p := start(t, env, "serve", "--data", dir)
			heard := func(who *slackapi.Person, n int) string {
				t.Helper()
				if !api.Until(20*time.Second, func() bool { return len(who.SeenFrom(n)) > 0 }) {
					t.Fatalf("nothing was said:\n%s", p.out.String())
				}
				return who.SeenFrom(n)[0].Words()
			}
			api.Until(20*time.Second, func() bool { return len(api.Calls("users.info")) > 0 })
			n := 0
			for try := 0; ; try++ { // the very first word may come a moment before the administrator is made
				<-admin.Command(nil, "/handrail", "help").Acked
				said := heard(admin, n)
				if strings.Contains(said, "refer:") && slices.Contains(admin.Seen()[n].Buttons(), "Who works here") {
					break
				}
				if n = len(admin.Seen()); try == 20 {
					t.Fatalf("the administrator was told %q", said)
				}
			}
			n = len(admin.Seen())
			<-admin.Command(nil, "/whatson", "badminton near ZZ9").Acked
			if said := heard(admin, n); !strings.Contains(said, "postcode") {
				t.Errorf("a search was answered with %q", said)
			}
			<-stranger.Say("my patients")
			if said := heard(stranger, 0); strings.Contains(said, "referred") {
				t.Errorf("a stranger was told %q", said)
			}
			<-admin.OpenHome()
			if !api.Until(20*time.Second, func() bool { _, n := admin.Home(); return n > 0 }) {
				t.Error("the home tab stayed empty")
			}
			<-admin.Command(nil, "/refer", "").Acked
			if !api.Until(20*time.Second, func() bool { _, ok := admin.View(); return ok }) {
				t.Fatal("no form opened")
			}
			p.stop() // a deploy, with the form open
			api.Until(20*time.Second, func() bool { return api.Sockets() == 0 })
			p = start(t, env, "serve", "--data", dir)
			if !overHTTP {
				api.Until(20*time.Second, func() bool { return api.Sockets() > 0 })
			}
			form, _ := admin.View()
			sent := map[string]string{"field:name": "Sam", "field:birth_year": "1951", "field:postcode": "nowhere", "field:need": "loneliness", "field:agreed": "yes"}
			first := admin.Submit(form, sent)
			for try := 0; first.Failed() && try < 50; try++ { // it prints that it runs a moment before it listens
				api.Until(50*time.Millisecond, func() bool { return false })
				first = admin.Submit(form, sent)
			}
			if wrong := first.Errors(); wrong["field:postcode"] == "" || len(wrong) != 1 {
				t.Errorf("a wrong postcode is answered with %v", wrong)
			}
			sent["field:postcode"] = "LU1 2AB"
			n = len(admin.Seen())
			if d := admin.Submit(form, sent); d.Failed() || d.Errors() != nil {
				t.Errorf("the form was not taken: %v", d.Errors())
			}
			// Nobody else works here yet: the form has landed where it was opened, and is answered.
			if said := heard(admin, n); !strings.Contains(said, "link worker") {
				t.Errorf("the referral was answered with %q", said)
			}
			p.stop()
			if said := p.out.String(); strings.Contains(said, "xoxb") || strings.Contains(said, "xapp") {
				t.Errorf("a token was printed:\n%s", said)
			}
		})
	}
}
