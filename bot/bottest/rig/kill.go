package rig

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"handrail/bot"
	"handrail/store/records"
)

// Environment of the child process that is killed.
const (
	envDir  = "HANDRAIL_TEST_RIG_DIR"
	envAPI  = "HANDRAIL_TEST_RIG_API"
	envHook = "HANDRAIL_TEST_RIG_HOOK" // where it serves HTTP; empty: it receives in the channel's other way
)

// Wired is a channel in the child process, and what takes requests by HTTP for it; nil where it receives otherwise.
type Wired struct {
	bot.Channel
	Handler http.Handler
}

// Main runs the tests, or, where a kill test has started this binary again, the process that is killed. channel makes its
// channel to the network at api; hook is the host and port at which it will be reached by HTTP, or empty. Call it from
// TestMain: os.Exit(rig.Main(m, channel)).
func Main(m interface{ Run() int }, channel func(api, hook string) (Wired, error)) int {
	dir := os.Getenv(envDir)
	if dir == "" {
		return m.Run()
	}
	if err := child(dir, os.Getenv(envAPI), os.Getenv(envHook), channel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

const answersEach = 6 // of one run of the dialog

// adding asks for words, one after another, and at the end says all of them. What it says at the end has a number that
// is drawn anew each time the effect is done: twice the same words under two numbers is a turn that was applied twice.
func adding(rec *records.Records) []bot.Dialog {
	return []bot.Dialog{{Name: "add", Title: "adding", Opens: "add", Script: func(t *bot.Talk) error {
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
	}}}
}

// child is one process: a bot with its records, its outbox and its channel, until it is killed.
func child(dir, api, hook string, channel func(api, hook string) (Wired, error)) error {
	ctx := context.Background()
	wired, err := channel(api, hook)
	if err != nil {
		return err
	}
	b, err := NewBot(ctx, Options{
		Dir: dir, Channel: wired.Channel, Dialogs: adding, Words: map[string]string{"add": "add", "adding": "adding"},
		Lease: 600 * time.Millisecond, SendTimeout: 500 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	errs := make(chan error, 2)
	if hook != "" {
		var listener net.Listener
		for listener == nil { // the one that was killed may not have let go yet
			if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", hook); err != nil && !errors.Is(err, syscall.EADDRINUSE) {
				return err
			}
		}
		go func() { errs <- http.Serve(listener, wired.Handler) }()
	}
	go func() { errs <- b.Run(ctx) }()
	fmt.Println("ready")
	return <-errs
}

// startChild starts the child and waits until it says that it is there.
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

// Net is the local network of a kill test.
type Net interface {
	URL() string
	Until(patience time.Duration, ok func() bool) bool
}

// Kills is the test that the process may be killed at any moment, under load, again and again: no update is lost and none
// applied twice (F1).
type Kills struct {
	Net  Net
	Hook string // where the child serves HTTP; empty: it doesn't
	// Say makes a person, by number, write; it returns when they may write again.
	Say func(person int, words string)
	// Seen are the words of what a person sees, without the first n messages.
	Seen func(person, n int) []string
	// Rounds is how often the process is killed.
	Rounds int
	// Again is how many messages may be sent again at most, for each kill.
	Again int
}

// FreeAddress is a host and port on loopback that nobody listens at.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // it was only to find out
	return l.Addr().String()
}

const killPeople = 8

// Run kills.
func (k Kills) Run(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	rec, err := OpenRecords(t.Context(), dir) // so that no process is killed in the middle of making tables
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var sent atomic.Int64
	cycles := make([]int, killPeople)
	var writing sync.WaitGroup
	for p := range killPeople {
		writing.Go(func() { k.write(p, &cycles[p], &sent, &stop) })
	}
	var bare time.Duration
	for range k.Rounds {
		cmd := startChild(t, dir, k.Net.URL(), k.Hook)
		alive := time.Duration(mathrand.IntN(500)) * time.Millisecond
		<-time.After(alive)
		bare += alive
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	stop.Store(true)
	cmd := startChild(t, dir, k.Net.URL(), k.Hook)
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	writing.Wait()

	var s sums
	// Two minutes are how long the records leave a message in doubt to a process that was about to settle it, and was
	// killed then: what follows it to the same person waits.
	if !k.Net.Until(3*time.Minute, func() bool { s = k.sums(cycles); return s.lost == 0 }) {
		t.Errorf("%d runs were lost: what was said in them was never added up", s.lost)
	}
	if s.twice > 0 || len(s.wrong) > 0 {
		t.Errorf("%d runs of %d were applied twice and %d say what nobody said: %v", s.twice, s.all, len(s.wrong), s.wrong)
	}
	if most := k.Rounds * k.Again; s.again > most {
		t.Errorf("%d messages were sent again, more than %d", s.again, most)
	}
	t.Logf("%d kills in %v of work, %d updates: %d runs of %d lost, %d applied twice, %d messages sent again",
		k.Rounds, bare, sent.Load(), s.lost, s.all, s.twice, s.again)
}

// write is one person at it.
func (k Kills) write(p int, cycles *int, sent *atomic.Int64, stop *atomic.Bool) {
	read, summed := 0, map[string]bool{}
	say := func(words string) {
		k.Say(p, words)
		sent.Add(1)
	}
	for !stop.Load() {
		say("add")
		for _, words := range strings.Fields(cycle(p, *cycles)) {
			say(words)
		}
		*cycles++
		// Two runs ahead of what was answered: more than one can be on its way, and no mountain grows.
		k.Net.Until(time.Minute, func() bool {
			for _, words := range k.Seen(p, read) {
				if read++; strings.HasPrefix(words, "SUM ") {
					summed[strings.Join(strings.Fields(words)[2:], " ")] = true
				}
			}
			return len(summed) >= *cycles-2 || stop.Load()
		})
	}
}

// sums is what became of everything that was said.
type sums struct {
	all, lost, twice, again int
	wrong                   map[string]map[string]bool // the words of sums that nobody said
}

func (k Kills) sums(cycles []int) sums {
	s, numbers := sums{wrong: map[string]map[string]bool{}}, map[string]bool{}
	for p := range cycles {
		for _, words := range k.Seen(p, 0) {
			f := strings.Fields(words)
			if len(f) < 2 || f[0] != "SUM" {
				continue
			}
			if numbers[f[1]] {
				s.again++
			}
			numbers[f[1]] = true
			said := strings.Join(f[2:], " ")
			if s.wrong[said] == nil {
				s.wrong[said] = map[string]bool{}
			}
			s.wrong[said][f[1]] = true
		}
	}
	for p, n := range cycles {
		for c := range n {
			s.all++
			switch found := s.wrong[cycle(p, c)]; {
			case found == nil:
				s.lost++
			case len(found) > 1:
				s.twice++
			}
			delete(s.wrong, cycle(p, c))
		}
	}
	return s
}

func cycle(p, c int) string {
	var words []string
	for i := range answersEach {
		words = append(words, fmt.Sprintf("p%d.c%d.%d", p, c, i))
	}
	return strings.Join(words, " ")
}
