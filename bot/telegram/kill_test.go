package telegram_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"handrail/bot/bottest/botapi"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
)

func TestMain(m *testing.M) {
	os.Exit(rig.Main(m, func(api, hook string) (rig.Wired, error) {
		o := telegram.Options{
			Token: rig.Secret("123456:TEST-token"), APIURL: api, Practice: rig.Practice, Clock: rig.Hurried{}, PollTime: 5 * time.Second, Profiles: []telegram.Profile{},
		}
		if hook != "" {
			o.WebhookURL, o.WebhookSecret = "http://"+hook+"/telegram", rig.Secret(secret)
		}
		c, err := telegram.New(o)
		if err != nil {
			return rig.Wired{}, err
		}
		return rig.Wired{Channel: c, Handler: c.Handler()}, nil
	}))
}

var killRounds = flag.Int("kill.rounds", 10, "how often the process is killed, for polling and for the webhook each")

// The process is killed at any moment, under load, again and again: no update is lost and none applied twice (F1). Nobody
// can look for what was on the wire at a kill: it is said again.
func TestKill_F1(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			api := botapi.New(t, botapi.Options{Retry: time.Millisecond})
			defer api.Close()
			person := func(p int) *botapi.Person { return api.Person(int64(5000 + p)) }
			k := rig.Kills{
				Net: api, Rounds: *killRounds, Again: 64,
				Say: func(p int, words string) { person(p).Send(words) },
				Seen: func(p, n int) (all []string) {
					for _, m := range person(p).SeenFrom(n) {
						all = append(all, m.Text)
					}
					return all
				},
			}
			if testing.Short() {
				k.Rounds = 3
			}
			if webhook {
				k.Hook = rig.FreeAddress(t)
			}
			k.Run(t)
		})
	}
}
