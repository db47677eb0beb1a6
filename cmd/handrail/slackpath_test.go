package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
	"handrail/house"
)

// envProcess makes the test binary run as the command, so that it can be killed.
const envProcess = "TEST_HANDRAIL_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(envProcess) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// killable is the service in a process of its own.
type killable struct {
	t    *testing.T
	api  *slackapi.Server
	env  []string
	dir  string
	cmd  *exec.Cmd
	http bool
}

func (k *killable) start() {
	k.t.Helper()
	k.cmd = exec.Command(os.Args[0], "serve", "--data", k.dir)
	k.cmd.Env = append(append(os.Environ(), k.env...), envProcess+"=1")
	k.cmd.Stderr = os.Stderr
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "The published directory") {
	}
	if !k.http {
		k.api.Until(20*time.Second, func() bool { return k.api.Sockets() > 0 })
	}
}

// kill kills the process with no warning and starts another.
func (k *killable) kill() {
	k.t.Helper()
	if err := k.cmd.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	_ = k.cmd.Wait() // it was killed
	k.api.Until(20*time.Second, func() bool { return k.api.Sockets() == 0 })
	k.start()
}

// staffer is somebody at Slack, and what they have looked at so far.
type staffer struct {
	*slackapi.Person
	t    *testing.T
	api  *slackapi.Server
	read int
}

// next waits for the next message with these words in it, and passes over the others.
func (s *staffer) next(words string) slackapi.Seen {
	s.t.Helper()
	var found slackapi.Seen
	ok := s.api.Until(30*time.Second, func() bool {
		for i, m := range s.Seen()[s.read:] {
			if strings.Contains(m.Words(), words) {
				found, s.read = m, s.read+i+1
				return true
			}
		}
		return false
	})
	if !ok {
		for _, m := range s.Seen() {
			s.t.Logf("saw %.200q", m.Words())
		}
		s.t.Fatalf("%s waited in vain for %q", s.ID(), words)
	}
	return found
}

func (s *staffer) view() slackapi.View {
	s.t.Helper()
	if !s.api.Until(10*time.Second, func() bool { _, ok := s.View(); return ok }) {
		for _, m := range s.Seen()[s.read:] {
			s.t.Logf("saw %.200q", m.Words())
		}
		s.t.Fatalf("%s saw no form", s.ID())
	}
	v, _ := s.View()
	return v
}

// TestSlack_StaffPath: a GP finds a group, refers, and reads how it goes; the link worker accepts; all in Slack, by Socket
// Mode and by HTTP, with the process killed between the steps.
func TestSlack_StaffPath_F1(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for name, overHTTP := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			api := slackapi.New(t, slackapi.Options{AckTime: 3 * time.Second, Retries: slices.Repeat([]time.Duration{500 * time.Millisecond}, 40)})
			defer api.Close()
			team := api.Team("T0HILLTOP")
			gp := &staffer{Person: team.Person("U0RAO"), t: t, api: api}
			team.Person("U0ADMIN").SetName("Mo Manager")
			maya := &staffer{Person: team.Person("U0MAYA"), t: t, api: api}
			k := &killable{t: t, api: api, env: slackSettings(t, api, team, overHTTP), dir: t.TempDir(), http: overHTTP}
			prepareCast(t, k, map[handrail.StaffID]string{house.CastGP: "U0RAO", house.CastLinkWorker: "U0MAYA"})
			k.start()
			defer func() { _ = k.cmd.Process.Kill(); _ = k.cmd.Wait() }()

			began := time.Now()
			<-gp.Command(nil, "/whatson", "gardening near LU1 2AB").Acked
			acked := time.Since(began)
			gp.next("gardening")
			t.Logf("acknowledged after %v, the cards there after %v", acked.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
			k.kill()
			<-gp.Say("only Tuesdays")               // the conversation goes on where it was
			found := gp.next("gardening, Tuesdays") // what a killed process had just said may come once more: this is newer
			<-gp.Press(found, "Refer").Acked
			form := gp.view()
			k.kill() // with the form open: it lands all the same
			refer := func(fields map[string]string) map[string]string { return gp.Submit(form, fields).Errors() }
			if wrong := refer(map[string]string{"field:name": "Frank", "field:birth_year": "51", "field:need": "loneliness"}); wrong["field:birth_year"] == "" {
				t.Errorf("a wrong year is answered with %v", wrong)
			}
			fields := map[string]string{"field:name": "Frank", "field:surname": "Moss", "field:birth_year": "1951", "field:postcode": "LU1 2AB", "field:need": "loneliness", "field:agreed": "yes"}
			if wrong := refer(fields); wrong != nil {
				t.Fatalf("the form was not taken: %v", wrong)
			}
			gp.next("Sent. The reference is")
			asked := maya.next("New referral: F.M.")
			if strings.Contains(asked.Notice, "F.M.") || strings.Contains(asked.Words(), "Moss") {
				t.Errorf("a notification shows %q, and the message %q", asked.Notice, asked.Words())
			}
			k.kill()
			<-maya.Press(asked, "Accept").Acked
			maya.next("yours")
			<-maya.Press(asked, "Accept").Acked // twice: the second time it has moved on, and nothing happens
			k.kill()
			<-gp.Command(nil, "/mypatients", "").Acked
			gp.next("F.M.")
			<-maya.OpenHome()
			if !api.Until(30*time.Second, func() bool { v, _ := maya.Home(); return strings.Contains(fmt.Sprint(v.Blocks), "F.M.") }) {
				v, _ := maya.Home()
				t.Errorf("the link worker's home shows %+v", v.Blocks)
			}
			files := 0
			for _, m := range gp.Seen() {
				files += len(m.Files)
				if m.Whispered || m.Channel != gp.Own() {
					t.Errorf("a message is elsewhere: %q", m.Words())
				}
			}
			if files == 0 {
				t.Error("no code and no card to print was handed over")
			}
			// A notice in doubt is sent once more: of a process killed just after it was sent, twice is the most.
			if n := strings.Count(strings.Join(words(maya.Seen()), "\n"), "New referral: F.M."); n < 1 || n > 2 {
				t.Errorf("the link worker was told %d times", n)
			}
		})
	}
}

func words(seen []slackapi.Seen) []string {
	var out []string
	for _, m := range seen {
		out = append(out, m.Words())
	}
	return out
}

// prepareCast puts the demo's practice and its directory into the records, with its staff in Slack.
func prepareCast(t *testing.T, k *killable, users map[handrail.StaffID]string) {
	t.Helper()
	a := &app{env: k.env, out: os.Stderr, errOut: os.Stderr, real: machineClock{}, dataDir: k.dir}
	_, clock, rec, err := a.openFor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	if err := house.SaveCast(t.Context(), rec, slack.Name, clock.Now()); err != nil {
		t.Fatal(err)
	}
	for id, user := range users {
		s, err := rec.Staff(t.Context(), house.CastPractice, id)
		if err != nil {
			t.Fatal(err)
		}
		s.Address = slack.Address(house.CastPractice, "T0HILLTOP", user)
		if err := rec.SaveStaff(t.Context(), s, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
	}
}
