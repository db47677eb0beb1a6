package main

import (
	"strings"
	"testing"
	"time"

	"handrail/bot/bottest/botapi"
)

// The real command with the real channel, over a strict local Bot API: somebody unknown is told what this is, a volunteer
// signs up, and somebody in danger has the card at once. Each answer comes once, after a stop and a start too.
func TestServe_Telegram(t *testing.T) {
	api := botapi.New(t, botapi.Options{})
	dir := t.TempDir()
	env := []string{
		"HANDRAIL_TELEGRAM_TOKEN=" + api.Token(), "HANDRAIL_TELEGRAM_API_URL=" + api.URL(), "HANDRAIL_TELEGRAM_RATE=0",
		"HANDRAIL_ADMIN_ADDR=127.0.0.1:0", "HANDRAIL_HTTP_ADDR=127.0.0.1:0",
	}
	p := start(t, env, "serve", "--data", dir)
	ann := api.Person(1001)
	answer := func(words string, want ...string) botapi.Seen {
		t.Helper()
		before := len(ann.Seen())
		ann.Send(words)
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			var all []string
			seen := ann.Seen()[before:]
			for _, m := range seen {
				all = append(all, m.Text)
			}
			text, ok := strings.Join(all, "\n"), true
			for _, w := range want {
				ok = ok && strings.Contains(text, w)
			}
			if ok {
				return seen[len(seen)-1]
			}
		}
		t.Fatalf("%q was not answered with %q, but with %v", words, want, ann.Seen()[before:])
		return botapi.Seen{}
	}
	answer("hello", "computer helper", "Urgent help")
	answer("I could come along", "What is your first name")
	answer("Ann", "half of your postcode")
	p.stop()
	p = start(t, env, "serve", "--data", dir)
	answer("LU2", "know you")
	answer("a red hat", "May I keep this")
	// Danger goes before everything that is open.
	answer("i want to kill myself", "116 123", "999")
	done := answer("yes", "Thank you, Ann")
	if strings.Contains(done.Text, "!") {
		t.Error(done.Text)
	}
	p.stop()
	if out := p.out.String(); strings.Contains(out, api.Token()) {
		t.Error("the token was printed")
	}
}
