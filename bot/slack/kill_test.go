package slack_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

func TestMain(m *testing.M) {
	os.Exit(rig.Main(m, func(api, hook string) (rig.Wired, error) {
		o := slack.Options{BotToken: rig.Secret("xoxb-T0HILLTOP-TEST"), APIURL: api, Practice: rig.Practice, Clock: rig.Hurried{}}
		if hook != "" {
			o.SigningSecret = rig.Secret(signing)
		} else {
			o.AppToken = rig.Secret("xapp-1-A1-TEST")
		}
		c, err := slack.New(o)
		if err != nil {
			return rig.Wired{}, err
		}
		return rig.Wired{Channel: c, Handler: c.Handler()}, nil
	}))
}

var killRounds = flag.Int("kill.rounds", 10, "how often the process is killed, for Socket Mode and for HTTP each; the full number is 200")

// The process is killed at any moment, under load, again and again: no update is lost and none applied twice (F1), and since
// a post can be looked for, none is said twice either (F2).
func TestKill_F1_F2(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			// Slack tries three times more in six minutes. A process that is killed several times a second is not what these
			// are for: here each event is tried every second until it is taken.
			o := slackapi.Options{AckTime: 2 * time.Second, Retries: slices.Repeat([]time.Duration{time.Second}, 60)}
			k := rig.Kills{Rounds: *killRounds}
			if testing.Short() {
				k.Rounds = 3
			}
			if overHTTP {
				k.Hook = rig.FreeAddress(t)
				o.Endpoint = "http://" + k.Hook
			}
			api := slackapi.New(t, o)
			defer api.Close()
			team := api.Team("T0HILLTOP")
			person := func(p int) *slackapi.Person { return team.Person(fmt.Sprintf("U0P%d", p)) }
			k.Net = api
			// A person waits until a message was taken before they write the next: over two connections, or by HTTP, Slack
			// promises no order.
			k.Say = func(p int, words string) {
				select {
				case <-person(p).Say(words):
				case <-time.After(time.Minute):
					t.Errorf("%q was not taken within a minute", words)
				}
			}
			k.Seen = func(p, n int) (all []string) {
				for _, m := range person(p).SeenFrom(n) {
					all = append(all, m.Words())
				}
				return all
			}
			k.Run(t)
			if api.Lost() > 0 {
				t.Errorf("%d events were given up", api.Lost())
			}
		})
	}
}
