package house_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house"
	"handrail/house/housetest"
	"handrail/store/records/recordstest"
)

// stepFull is the step of the process whose disk is full.
const stepFull = "full"

// printed shows messages by printing them: a pipe is no file, so it takes what a full disk does not.
type printed struct{ name string }

func (c printed) Name() string                               { return c.name }
func (c printed) Limits() bot.Limits                         { return bottest.Roomy() }
func (c printed) Run(ctx context.Context, _ bot.Inbox) error { <-ctx.Done(); return nil }
func (c printed) Send(_ context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	return "ref", tellParent(c.name + "/" + to.Chat + ": " + m.Text.Plain())
}

func tellParent(line string) error { return json.NewEncoder(os.Stdout).Encode(line) }

// fullChild is a process in which the system lets no file grow, as on a disk that is full: danger is written, and the network
// delivers it again and again; then there is room, and it is delivered once more.
func fullChild(dir string) error {
	ctx := context.Background()
	signal.Ignore(syscall.SIGXFSZ) // so that a write fails, as it does on a full disk, and the process lives
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	clock := house.NewMovable(house.Frozen{At: at}, at)
	rec, h, err := openHouse(ctx, dir, clock, "", house.Options{
		Channels: []bot.Channel{printed{"file"}}, Alerts: house.Alerts{Mail: printed{handrail.ChannelEmail}, To: []string{"duty@surgery.example"}},
	}, "")
	if err != nil {
		return err
	}
	defer rec.Close()
	if err := somebody(ctx, rec); err != nil {
		return err
	}
	u := bot.Update{ID: "danger", From: house.CastAddress("file", house.ChatPatient), At: at, Kind: bot.UpdateText, Text: danger}
	limit := func(size uint64) error {
		var l syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			return err
		}
		l.Cur = min(size, l.Max)
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l)
	}
	if err := limit(1); err != nil {
		return err
	}
	for range 3 {
		err := h.Bot.Deliver(ctx, u)
		if err := tellParent(fmt.Sprintf("refused: %v", err != nil)); err != nil {
			return err
		}
		_ = h.Settle(ctx)
		clock.Set(clock.Now().Add(20 * time.Second))
	}
	if err := limit(1 << 62); err != nil {
		return err
	}
	if err := tellParent("room again"); err != nil {
		return err
	}
	if err := h.Bot.Deliver(ctx, u); err != nil {
		return err
	}
	return h.Settle(ctx)
}

// With a disk that is really full the person in danger still gets the card, without the line that it is passed on; the second
// route is tried once; the message is refused, so that the network brings it again; and once there is room the alert is raised
// and the card says so (F6, K4, K7).
func TestHouse_F6_K7_DiskFull(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envChild+"="+t.TempDir(), envStep+"="+stepFull)
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, wrong.String())
	}
	var full, after []string
	into := &full
	for line := range strings.Lines(string(out)) {
		var said string
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if said == "room again" {
			into = &after
			continue
		}
		*into = append(*into, said)
	}
	checkCannotWrite(t, strings.Join(full, "\n"), strings.Join(after, "\n"))
}

// checkCannotWrite holds what was shown while nothing could be written, and after that, to what must be.
func checkCannotWrite(t *testing.T, during, after string) {
	t.Helper()
	if n := strings.Count(during, cardLine); n != 1 {
		t.Errorf("%d cards while nothing can be written:\n%s", n, during)
	}
	if strings.Contains(during, toldLine) || strings.Contains(during, "Urgent: ") {
		t.Errorf("something is claimed, or half done:\n%s", during)
	}
	if n := strings.Count(during, handrail.ChannelEmail+"/"); n != 1 {
		t.Errorf("the second route is tried %d times:\n%s", n, during)
	}
	if n := strings.Count(during, "refused: true"); n != 3 {
		t.Errorf("refused %d times of 3:\n%s", n, during)
	}
	if !strings.Contains(after, toldLine) || strings.Count(after, "Urgent: F.R.") != 1 {
		t.Errorf("afterwards:\n%s", after)
	}
}

// A database that became read-only while we ran, as one that failed over to a standby: the same (F6, K4, K7).
func TestHouse_F6_K7_ReadOnly(t *testing.T) {
	url := recordstest.PostgresURL(t)
	mail := &postbox{}
	w := housetest.New(t, housetest.Options{URL: url, Alerts: house.Alerts{Mail: mail, To: []string{"duty@surgery.example"}}})
	ctx := t.Context()
	if err := w.Start(ctx, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	at := house.CastAddress(housetest.Channel, house.ChatPatient)
	p, err := w.Rec.AddPatient(ctx, handrail.Patient{Practice: house.CastPractice, Name: "Frank", Surname: "Reed", BirthYear: 1951, Address: at}, "system")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Rec.AddReferral(ctx, handrail.Referral{Practice: house.CastPractice, Patient: p.ID, By: house.CastGP, LinkWorker: house.CastLinkWorker, State: handrail.ReferralActive}, "system"); err != nil {
		t.Fatal(err)
	}
	recordstest.ReadOnly(t, url, true)
	var during strings.Builder
	u := bot.Update{ID: "danger", At: w.Now(), Kind: bot.UpdateText, Text: danger}
	for range 3 {
		fmt.Fprintf(&during, "refused: %v\n", w.Deliver(ctx, "PATIENT", u) != nil)
		_ = w.Settle(ctx)
		w.Clock.Advance(20 * time.Second)
		during.WriteString(text(w.Sent()))
	}
	for range mail.count() {
		during.WriteString(handrail.ChannelEmail + "/\n")
	}
	recordstest.ReadOnly(t, url, false)
	if err := w.Deliver(ctx, "PATIENT", u); err != nil {
		t.Fatal(err)
	}
	if err := w.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	checkCannotWrite(t, during.String(), text(w.Sent()))
}
