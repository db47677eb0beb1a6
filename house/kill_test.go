package house_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/directory/demo"
	"handrail/house"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// Environment of the child process that is killed.
const (
	envChild = "HANDRAIL_TEST_KILL_DIR"
	envPoint = "HANDRAIL_TEST_KILL_POINT"
	envStep  = "HANDRAIL_TEST_KILL_STEP"
	envRedis = "HANDRAIL_TEST_KILL_REDIS"
	envLater = "HANDRAIL_TEST_KILL_LATER" // set in the process that follows a killed one
)

func TestMain(m *testing.M) {
	dir, step := os.Getenv(envChild), os.Getenv(envStep)
	if dir == "" {
		os.Exit(recordstest.Main(m))
	}
	point, later := os.Getenv(envPoint), os.Getenv(envLater) != ""
	var err error
	switch {
	case step == stepFull:
		err = fullChild(dir)
	case strings.HasPrefix(step, stepLadder):
		err = ladderChild(dir, step, point, later)
	default:
		err = child(dir, step, point, os.Getenv(envRedis), later)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// storySteps is what the people of the story do, one update each; every step is run by a process of its own.
func storySteps() []string {
	return []string{"ask", "form", "accept", "join", "year", "permit", "danger", "stop"}
}

// killPoints are the arrows of a turn, of a send, and both sides of every commit.
func killPoints() []string {
	return []string{
		"turn:leased", "turn:guarded", "turn:thought", "turn:saved", "turn:finished",
		"send:claimed", "send:sending", "send:sent", "send:settled",
		"Accept:before", "Accept:after", "Once:before", "Once:after", "Finish:before", "Finish:after",
	}
}

// fileChannel shows messages by writing them to a file, synced, so that they outlive the process as a phone would.
type fileChannel struct{ name, path string }

type shown struct {
	Chat    string
	Message bot.Message
}

func (c fileChannel) Name() string                               { return c.name }
func (c fileChannel) Limits() bot.Limits                         { return bottest.Roomy() }
func (c fileChannel) Run(ctx context.Context, _ bot.Inbox) error { <-ctx.Done(); return nil }
func (c fileChannel) Send(_ context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	f, err := os.OpenFile(c.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	line, err := json.Marshal(shown{to.Chat, m})
	if err != nil {
		return "", errors.Join(err, f.Close())
	}
	_, err = f.Write(append(line, '\n'))
	return "ref", errors.Join(err, f.Sync(), f.Close())
}

func (c fileChannel) all() ([]shown, error) {
	f, err := os.Open(c.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []shown
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var s shown
		if err := json.Unmarshal(scan.Bytes(), &s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, scan.Err()
}

// child is one process: it opens what is there, hands one update in as a network does (again, after a crash), and works
// until nothing is left.
func child(dir, step, point, redisURL string, later bool) error {
	ctx := context.Background()
	// Each step has ten minutes of its own; after a crash the dead process's leases must run out first.
	at := time.Date(2026, 11, 2, 9, 10*slices.Index(storySteps(), step), 0, 0, time.UTC)
	if later {
		at = at.Add(3 * time.Minute)
	}
	clock := house.NewMovable(house.Frozen{At: at}, at)
	channel := fileChannel{"file", filepath.Join(dir, "shown")}
	rec, h, err := openHouse(ctx, dir, clock, point, house.Options{Channels: []bot.Channel{channel}}, redisURL)
	if err != nil {
		return err
	}
	defer rec.Close()
	update, err := stepUpdate(channel, step, at)
	if err != nil {
		return err
	}
	if err := h.Bot.Deliver(ctx, update); err != nil {
		return err
	}
	// Whatever waits a moment, a second try for instance, gets its moment.
	return h.Advance(ctx, at.Add(5*time.Minute))
}

const killKey = "a key for the kill test, no secret at all"

// openHouse opens what is in a directory, as a process does that starts. At the point it is killed by the kernel, with no
// chance to tidy up.
func openHouse(ctx context.Context, dir string, clock house.Clock, point string, o house.Options, redisURL string) (*records.Records, *house.House, error) {
	die := func(p string) error {
		if p == point {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
	rec, err := records.Open(ctx, records.Options{
		URL: "sqlite://" + filepath.Join(dir, "handrail.db"), Now: clock.Now, Key: []byte(killKey), Fail: die, FailKills: true,
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := rec.Practice(ctx, house.CastPractice); handrail.IsKind(err, handrail.KindNotFound) {
		if err := house.SaveCast(ctx, rec, "file", clock.Now()); err != nil {
			return nil, nil, err
		}
	}
	o.States = rec.States()
	if redisURL != "" {
		if o.States, err = conversations.Open(ctx, redisURL); err != nil { // the process's end closes it
			return nil, nil, err
		}
	}
	if o.Zone, err = time.LoadLocation("Europe/London"); err != nil {
		return nil, nil, err
	}
	o.Records, o.Clock, o.Key, o.Nation = rec, clock, []byte(killKey), "england"
	o.Invitation, o.Places, o.Log = func(code string) string { return "#join=" + code }, demo.Places(), slog.New(slog.DiscardHandler)
	o.Fail, o.SendFail = func(p string) error { return die("turn:" + p) }, func(p string) { _ = die("send:" + p) }
	h, err := house.New(ctx, o)
	return rec, h, err
}

// stepUpdate is the update of a step. Its id is the step, so a redelivery is the same update.
func stepUpdate(c fileChannel, step string, at time.Time) (bot.Update, error) {
	all, err := c.all()
	if err != nil {
		return bot.Update{}, err
	}
	say := func(chat, text string) bot.Update {
		return bot.Update{ID: step, From: house.CastAddress("file", chat), At: at, Kind: bot.UpdateText, Text: text}
	}
	press := func(chat, label string) (bot.Update, error) {
		for _, s := range slices.Backward(all) {
			for _, o := range s.Message.Options {
				if s.Chat == chat && o.Label == label {
					return bot.Update{ID: step, From: house.CastAddress("file", chat), At: at, Kind: bot.UpdatePress, Choice: o.Payload}, nil
				}
			}
		}
		return bot.Update{}, fmt.Errorf("%s was shown no button %q", chat, label)
	}
	switch step {
	case "ask":
		return say(house.ChatGP, "refer"), nil
	case "form":
		for _, s := range slices.Backward(all) {
			if s.Message.Form != nil {
				return bot.Update{ID: step, From: house.CastAddress("file", house.ChatGP), At: at, Kind: bot.UpdateForm, Form: s.Message.Form.Token,
					Fields: map[string]string{"name": "Frank", "birth_year": "1951", "postcode": "LU1 2AB", "need": "loneliness", "agreed": "yes"}}, nil
			}
		}
		return bot.Update{}, errors.New("no form was shown")
	case "accept":
		return press(house.ChatLinkWorker, "Accept")
	case "join":
		for _, s := range all {
			for _, o := range s.Message.Options {
				if code, ok := strings.CutPrefix(o.Link, "#join="); ok {
					return say(house.ChatPatient, "/start "+code), nil
				}
			}
		}
		return bot.Update{}, errors.New("no invitation was shown")
	case "year":
		return say(house.ChatPatient, "1951"), nil
	case "permit":
		return press(house.ChatPatient, "Yes")
	case "danger":
		return say(house.ChatPatient, "I want to kill myself"), nil
	case "stop":
		return say(house.ChatPatient, "stop"), nil
	}
	return bot.Update{}, fmt.Errorf("no step %q", step)
}

// tale is where a story ended: the records, and how often each message was shown.
type tale struct {
	records []string
	shown   map[string]int
	order   []string
}

var codes = regexp.MustCompile(`[a-z2-9]{26}|R-[A-Z0-9]{4}|waiting, from today at [0-9.]+[ap]m`)

func readTale(t *testing.T, dir string) tale {
	t.Helper()
	ctx := context.Background()
	rec, err := records.Open(ctx, records.Options{URL: "sqlite://" + filepath.Join(dir, "handrail.db"), Now: time.Now, Key: []byte(killKey)})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	out := tale{shown: map[string]int{}}
	if out.records, err = house.Summary(ctx, rec, house.CastPractice); err != nil {
		t.Fatal(err)
	}
	all, err := fileChannel{"file", filepath.Join(dir, "shown")}.all()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		words := s.Chat + ": " + codes.ReplaceAllString(s.Message.Text.Plain(), "CODE")
		if out.shown[words]++; out.shown[words] == 1 {
			out.order = append(out.order, words)
		}
	}
	return out
}

func runChild(t *testing.T, dir, step, point, redisURL string, later bool) (killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envChild+"="+dir, envStep+"="+step, envPoint+"="+point, envRedis+"="+redisURL)
	if later {
		cmd.Env = append(cmd.Env, envLater+"=1")
	}
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return true
		}
	}
	t.Fatalf("step %s, point %q: %v\n%s", step, point, err, out)
	return false
}

// TestHouse_F1_KillAtEveryArrow kills a real process with SIGKILL at every arrow of a turn and of a send and on both
// sides of every commit, in every step of a story, starts another on the same stores, and lets the network deliver the
// update again. The records end as they do without a crash, every message is shown, and only the doubtful send of a
// reply, card or alert may be shown twice (section 1 of the requirements).
func TestHouse_F1_KillAtEveryArrow(t *testing.T) {
	if testing.Short() {
		t.Skip("starts some hundred processes; left out of -short")
	}
	for _, name := range []string{"sqlite", "redis"} {
		t.Run(name, func(t *testing.T) {
			// Each story has a Redis database of its own, so that the stories can be told side by side.
			stores := func(int) string { return "" }
			if name == "redis" {
				server := redistest.Start(t)
				stores = func(n int) string { return fmt.Sprintf("%s?db=%d", server.URL(), n) }
			}
			plain := t.TempDir()
			for _, step := range storySteps() {
				runChild(t, plain, step, "", stores(0), false)
			}
			want := readTale(t, plain)
			if len(want.order) < len(storySteps()) || len(want.records) == 0 {
				t.Fatalf("the story itself is too short: %q %q", want.order, want.records)
			}
			points := killPoints()
			if name == "redis" { // where the two stores may come to differ; the other arrows are the same with either
				points = []string{"turn:leased", "turn:thought", "turn:saved", "turn:finished", "Finish:before", "Finish:after"}
			}
			for i, point := range points {
				t.Run(point, func(t *testing.T) {
					t.Parallel()
					dir, kills, redisURL := t.TempDir(), 0, stores(i+1)
					for _, step := range storySteps() {
						if runChild(t, dir, step, point, redisURL, false) {
							kills++
							runChild(t, dir, step, "", redisURL, true)
						}
					}
					if kills == 0 {
						t.Fatalf("no process was killed at %s", point)
					}
					got := readTale(t, dir)
					if !slices.Equal(got.records, want.records) {
						t.Errorf("the records differ after %d kills:\n got %q\nwant %q", kills, got.records, want.records)
					}
					for _, m := range want.order {
						switch n := got.shown[m]; {
						case n == 0:
							t.Errorf("never shown: %q", m)
						case n > want.shown[m] && point != "send:sent":
							t.Errorf("shown %d times, not %d: %q", n, want.shown[m], m)
						}
					}
					for m := range got.shown {
						if want.shown[m] == 0 {
							t.Errorf("shown only after a crash: %q", m)
						}
					}
				})
			}
		})
	}
}
