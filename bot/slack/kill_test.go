package slack_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
	"handrail/outbox"
	"handrail/store/records"
)

// Environment of the child process that is killed.
const (
	envDir  = "HANDRAIL_TEST_SLACK_DIR"
	envAPI  = "HANDRAIL_TEST_SLACK_API"
	envHook = "HANDRAIL_TEST_SLACK_HOOK" // where it serves HTTP; empty: Socket Mode
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envDir); dir != "" {
		if err := child(dir, os.Getenv(envAPI), os.Getenv(envHook)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// real is the machine's clock as it is.
type real struct{}

func (real) Now() time.Time                         { return time.Now().UTC() }
func (real) After(d time.Duration) <-chan time.Time { return time.After(d) }

type calm struct{}

func (calm) Scan(string) string { return "" }

const answersEach = 6 // of one run of the dialog

// adding asks for words, one after another, and at the end says all of them. What it says at the end has a number that
// is drawn anew each time the effect is done: twice the same words under two numbers is a turn that was applied twice.
func adding(rec *records.Records) bot.Dialog {
	return bot.Dialog{Name: "add", Title: "adding", Opens: "add", Script: func(t *bot.Talk) error {
		var all []string
		for i := range answersEach {
			all = append(all, t.Text(fmt.Sprintf("q%d", i), bot.Para(fmt.Sprintf("%d?", i))))
		}
		from := t.From()
		bot.Do(t, "sum", "", func(ctx context.Context) (bool, error) {
			number := rand.Text()
			_, err := rec.Put(ctx, bot.Envelope{
				Key: "sum:" + number, To: from, Class: bot.ClassCard, NotBefore: time.Unix(0, 0).UTC(),
				Message: bot.Message{Text: bot.Para("SUM " + number + " " + strings.Join(all, " "))},
			})
			return true, err
		})
		t.Say(bot.Para("Done."))
		return nil
	}}
}

// child is one process: an app with its records, its outbox and its Slack, until it is killed.
func child(dir, api, hook string) error {
	ctx := context.Background()
	rec, err := records.Open(ctx, records.Options{URL: "sqlite://" + filepath.Join(dir, "handrail.db"), Now: real{}.Now, Key: []byte("a key for the kill test, no secret at all")})
	if err != nil {
		return err
	}
	o := slack.Options{BotToken: hidden("xoxb-T0HILLTOP-TEST"), APIURL: api, Practice: practice, Clock: machine{}}
	if hook != "" {
		o.SigningSecret = hidden(signing)
	} else {
		o.AppToken = hidden("xapp-1-A1-TEST")
	}
	channel, err := slack.New(o)
	if err != nil {
		return err
	}
	signer, err := bot.NewSigner(make([]byte, 32))
	if err != nil {
		return err
	}
	words := bottest.NewWords(map[string]string{"add": "add", "adding": "adding"})
	quiet := slog.New(slog.DiscardHandler)
	b, err := bot.New(bot.Options{
		Ledger: rec, States: rec.States(), Words: words, Dialogs: []bot.Dialog{adding(rec)}, Channels: []bot.Channel{channel},
		Scanner: calm{}, Signer: signer, Clock: real{}, Log: quiet, Lease: 300 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	sender, err := outbox.New(outbox.Options{
		Store: rec, Channels: map[string]bot.Channel{channel.Name(): channel}, Words: words, Clock: real{}, Log: quiet,
		Lease: 600 * time.Millisecond, SendTimeout: 500 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	errs := make(chan error, 4)
	if hook != "" {
		var listener net.Listener
		for listener == nil { // the one that was killed may not have let go yet
			if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", hook); err != nil && !errors.Is(err, syscall.EADDRINUSE) {
				return err
			}
		}
		mux := http.NewServeMux()
		mux.Handle("/slack/", channel.Handler())
		go func() { errs <- http.Serve(listener, mux) }()
	}
	go func() { errs <- channel.Run(ctx, b) }()
	go func() { errs <- sender.Run(ctx, rec.Notify()) }()
	go b.Run(ctx, 4, rec.Notify())
	fmt.Println("ready")
	return <-errs
}

// start starts the child and waits until it says that it is there.
func startChild(t *testing.T, dir, api, hook string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDir+"="+dir, envAPI+"="+api, envHook+"="+hook)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the child said %q: %v", line, err)
	}
	return cmd
}

func rounds() int {
	if testing.Short() {
		return 3
	}
	return *killRounds
}

var killRounds = flag.Int("kill.rounds", 10, "how often the process is killed, for Socket Mode and for HTTP each; the full number is 200")

// The process is killed at any moment, under load, again and again: no update is lost and none applied twice (F1).
func TestKill_F1(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			const people = 8
			dir, hook := t.TempDir(), ""
			// Slack tries three times more in six minutes. A process that is killed several times a second is not what these
			// are for: here each event is tried every second until it is taken.
			o := slackapi.Options{AckTime: 2 * time.Second, Retries: slices.Repeat([]time.Duration{time.Second}, 60)}
			if overHTTP {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				hook = l.Addr().String()
				l.Close()
				o.Endpoint = "http://" + hook
			}
			api := slackapi.New(t, o)
			defer api.Close()
			team := api.Team("T0HILLTOP")
			person := func(p int) *slackapi.Person { return team.Person(fmt.Sprintf("U0P%d", p)) }
			prepare(t, dir)

			var stop atomic.Bool
			var sent atomic.Int64
			cycles := make([]int, people)
			var writing sync.WaitGroup
			for p := range people {
				writing.Go(func() {
					ann := person(p)
					read, summed := 0, map[string]bool{}
					// A person waits until a message was taken before they write the next: over two connections, or by HTTP,
					// Slack promises no order.
					say := func(words string) {
						select {
						case <-ann.Say(words):
						case <-time.After(time.Minute):
							t.Errorf("%q was not taken within a minute", words)
						}
						sent.Add(1)
					}
					for !stop.Load() {
						c := cycles[p]
						say("add")
						for i := range answersEach {
							say(fmt.Sprintf("p%d.c%d.%d", p, c, i))
						}
						cycles[p]++
						// Two runs ahead of what was answered: more than one can be on its way, and no mountain grows.
						api.Until(time.Minute, func() bool {
							for _, m := range ann.SeenFrom(read) {
								if read++; strings.HasPrefix(m.Words(), "SUM ") {
									summed[strings.Join(strings.Fields(m.Words())[2:], " ")] = true
								}
							}
							return len(summed) >= cycles[p]-2 || stop.Load()
						})
					}
				})
			}
			var bare time.Duration
			for range rounds() {
				cmd := startChild(t, dir, api.URL(), hook)
				alive := time.Duration(mathrand.IntN(500)) * time.Millisecond
				<-time.After(alive)
				bare += alive
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Wait() // it was killed
			}
			stop.Store(true)
			cmd := startChild(t, dir, api.URL(), hook)
			defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			writing.Wait()

			var found map[string]map[string]bool // the words that a sum has, and the numbers that it came under
			var again, wrong, lost int
			whole := func() bool {
				found, again, wrong = map[string]map[string]bool{}, 0, 0
				numbers := map[string]bool{}
				for p := range people {
					for _, m := range person(p).Seen() {
						f := strings.Fields(m.Words())
						if len(f) < 2 || f[0] != "SUM" {
							continue
						}
						if numbers[f[1]] {
							again++
						}
						numbers[f[1]] = true
						words := strings.Join(f[2:], " ")
						if found[words] == nil {
							found[words] = map[string]bool{}
						}
						found[words][f[1]] = true
					}
				}
				lost = 0
				for p := range people {
					for c := range cycles[p] {
						if found[cycle(p, c)] == nil {
							lost++
						}
					}
				}
				return lost == 0
			}
			// Two minutes are how long the records leave a message in doubt to a process that was about to settle it, and
			// was killed then: what follows it to the same person waits.
			if !api.Until(3*time.Minute, whole) {
				t.Errorf("%d runs were lost: what was said in them was never added up", lost)
			}
			twice, all := 0, 0
			for p := range people {
				for c := range cycles[p] {
					all++
					if len(found[cycle(p, c)]) > 1 {
						twice++
					}
					delete(found, cycle(p, c))
				}
			}
			wrong = len(found)
			if api.Lost() > 0 {
				t.Errorf("%d events were given up", api.Lost())
			}
			if twice > 0 || wrong > 0 {
				t.Errorf("%d runs of %d were applied twice and %d say what nobody said: %v", twice, all, wrong, found)
			}
			// Of the sums a few may be sent again: those on the wire at a kill.
			if most := rounds() * 64; again > most {
				t.Errorf("%d messages were sent again, more than could be on the wire", again)
			}
			t.Logf("%d kills in %v of work, %d updates: %d runs of %d lost, %d applied twice, %d messages sent again", rounds(), bare, sent.Load(), lost, all, twice, again)
		})
	}
}

func cycle(p, c int) string {
	var words []string
	for i := range answersEach {
		words = append(words, fmt.Sprintf("p%d.c%d.%d", p, c, i))
	}
	return strings.Join(words, " ")
}

// prepare makes the records, so that no process is killed in the middle of making tables.
func prepare(t *testing.T, dir string) {
	t.Helper()
	rec, err := records.Open(t.Context(), records.Options{URL: "sqlite://" + filepath.Join(dir, "handrail.db"), Now: real{}.Now, Key: []byte("a key for the kill test, no secret at all")})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	if err := rec.SavePractice(t.Context(), handrail.Practice{ID: practice, Name: "Hilltop", Zone: "Europe/London"}, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
}
