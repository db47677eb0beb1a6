package house_test

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/house"
)

// stepLadder begins the steps of a ladder, each run by a process of its own.
const stepLadder = "ladder:"

// ladderSteps are when the processes of a ladder work, since the danger: the first call and the second route in case it does
// not arrive, the e-mail, the GP, the administrator, and everybody again.
func ladderSteps() []time.Duration {
	return []time.Duration{0, 5 * time.Minute, 15 * time.Minute, 31 * time.Minute, 91 * time.Minute}
}

// ladderPoints are both sides of the commit of a step, and every arrow of what it sends. What a turn may be killed at is in
// TestHouse_F1_KillAtEveryArrow.
func ladderPoints() []string {
	return []string{"InTx:before", "InTx:after", "send:claimed", "send:sending", "send:sent", "send:settled"}
}

// ladderChild is one process of a ladder: the first takes in what a patient wrote, all put the steps that are due and send.
func ladderChild(dir, step, point string, later bool) error {
	ctx := context.Background()
	since, err := time.ParseDuration(strings.TrimPrefix(step, stepLadder))
	if err != nil {
		return err
	}
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC).Add(since)
	if later {
		at = at.Add(2 * time.Minute) // the dead process's leases must run out first
	}
	clock := house.NewMovable(house.Frozen{At: at}, at)
	channel, mail := fileChannel{"file", filepath.Join(dir, "shown")}, fileChannel{handrail.ChannelEmail, filepath.Join(dir, "mailed")}
	rec, h, err := openHouse(ctx, dir, clock, point, house.Options{
		Channels: []bot.Channel{channel}, Alerts: house.Alerts{Mail: mail, To: []string{"duty@surgery.example"}},
	}, "")
	if err != nil {
		return err
	}
	defer rec.Close()
	if since == 0 {
		if err := somebody(ctx, rec); err != nil {
			return err
		}
		if err := h.Bot.Deliver(ctx, bot.Update{ID: "danger", From: house.CastAddress("file", house.ChatPatient), At: at, Kind: bot.UpdateText, Text: danger}); err != nil {
			return err
		}
	}
	return h.Advance(ctx, at.Add(90*time.Second))
}

// stamped is when an e-mail says that it was written, which is later after a crash.
var stamped = regexp.MustCompile(`Sent [A-Z][a-z]+ \d+ [A-Z][a-z]+ \d+, \d+:\d+`)

// called is how often each message of a ladder arrived, and whether anything of it still waits in the end.
func called(t *testing.T, dir string) (arrived map[string]int, order []string) {
	t.Helper()
	arrived = map[string]int{}
	for _, c := range []fileChannel{{"file", filepath.Join(dir, "shown")}, {handrail.ChannelEmail, filepath.Join(dir, "mailed")}} {
		all, err := c.all()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			words := s.Chat + ": " + stamped.ReplaceAllString(codes.ReplaceAllString(s.Message.Text.Plain(), "CODE"), "Sent")
			if arrived[words]++; arrived[words] == 1 {
				order = append(order, words)
			}
		}
	}
	return arrived, order
}

// TestLadder_F1_F11_KillAtEveryArrow kills a real process with SIGKILL at both sides of every commit of the ladder, at every step
// of it, starts another, and goes on. No step is lost, none is put twice, and only the one message that was on the wire at the
// kill may arrive twice, which its class permits (section 1: send again).
func TestLadder_F1_F11_KillAtEveryArrow(t *testing.T) {
	if testing.Short() {
		t.Skip("starts some hundred processes; left out of -short")
	}
	plain := t.TempDir()
	for _, since := range ladderSteps() {
		runChild(t, plain, stepLadder+since.String(), "", "", false)
	}
	want, order := called(t, plain)
	// The card; the link worker, an e-mail, the GP, the administrator; then all of these again.
	sum := 0
	for _, n := range want {
		sum += n
	}
	if sum != 9 || !slices.ContainsFunc(order, func(s string) bool { return strings.HasPrefix(s, "gp: ") || strings.Contains(s, "Still waiting") }) {
		t.Fatalf("the story itself is not as expected, %d messages: %q", sum, order)
	}
	for _, point := range ladderPoints() {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			dir, kills := t.TempDir(), 0
			for _, since := range ladderSteps() {
				step := stepLadder + since.String()
				if runChild(t, dir, step, point, "", false) {
					kills++
					runChild(t, dir, step, "", "", true)
				}
			}
			if kills == 0 {
				t.Fatalf("no process was killed at %s", point)
			}
			got, _ := called(t, dir)
			twice := 0
			for words, n := range want {
				if got[words] < n {
					t.Errorf("arrived %d times and not %d: %q", got[words], n, words)
				}
				twice += max(0, got[words]-n)
			}
			if most := map[bool]int{true: kills}[point == "send:sent"]; twice != most {
				t.Errorf("after %d kills %d messages arrived twice", kills, twice)
			}
			for words := range got {
				if want[words] == 0 {
					t.Errorf("arrived only after a crash: %q", words)
				}
			}
		})
	}
}

// somebody is a patient of the cast with a referral that was taken on, who may be written to. A second call changes nothing.
func somebody(ctx context.Context, rec interface {
	bot.Ledger
	AddPatient(ctx context.Context, p handrail.Patient, by handrail.Actor) (handrail.Patient, error)
	AddReferral(ctx context.Context, r handrail.Referral, by handrail.Actor) (handrail.Referral, error)
},
) error {
	at := house.CastAddress("file", house.ChatPatient)
	if who, err := rec.Who(ctx, at); err != nil || who.Kind == bot.WhoPatient {
		return err
	}
	p, err := rec.AddPatient(ctx, handrail.Patient{Practice: house.CastPractice, Name: "Frank", Surname: "Reed", BirthYear: 1951, Address: at}, "system")
	if err != nil {
		return err
	}
	_, err = rec.AddReferral(ctx, handrail.Referral{Practice: house.CastPractice, Patient: p.ID, By: house.CastGP, LinkWorker: house.CastLinkWorker, State: handrail.ReferralActive}, "system")
	return err
}
