package alerts_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/alerts"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/dialogs/text"
	"handrail/outbox"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func TestMain(m *testing.M) { os.Exit(recordstest.Main(m)) }

const practice = handrail.PracticeID("p")

// seen is a message that arrived somewhere.
type seen struct {
	at   time.Time
	to   string
	text string
}

// wire is a channel that keeps what arrived and when, and can be down.
type wire struct {
	name  string
	clock *bottest.Clock

	mu   sync.Mutex
	got  []seen
	down error
}

func (w *wire) Name() string       { return w.name }
func (w *wire) Limits() bot.Limits { return bottest.Roomy() }
func (w *wire) Run(ctx context.Context, _ bot.Inbox) error {
	<-ctx.Done()
	return nil
}

func (w *wire) Send(_ context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down != nil {
		return "", w.down
	}
	w.got = append(w.got, seen{w.clock.Now(), to.Chat, m.Text.Plain()})
	return "r", nil
}

func (w *wire) cut(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = err
}

func (w *wire) all() []seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]seen(nil), w.got...)
}

func later() error { return &bot.SendError{Outcome: bot.OutcomeRetry, Err: errors.New("down")} }

// desk is a practice with staff, a ladder over real records, and the real sender on a clock that is moved by hand.
type desk struct {
	t      testing.TB
	rec    *records.Records
	clock  *bottest.Clock
	chat   *wire
	mail   *wire
	ladder *alerts.Ladder
	sender *outbox.Sender
	opts   alerts.Options
	n      int
}

// post puts envelopes as they are: what seals buttons is tested elsewhere.
type post struct {
	rec  *records.Records
	fail func() error
}

func (p *post) Post(ctx context.Context, envs ...bot.Envelope) error {
	if _, err := p.rec.Put(ctx, envs...); err != nil {
		return err
	}
	if p.fail != nil {
		return p.fail()
	}
	return nil
}

// facts is the ladder's last look, as the house wires it.
type facts struct{ l *alerts.Ladder }

func (f facts) Still(ctx context.Context, e bot.Envelope) (string, error) {
	reason, _, err := f.l.Still(ctx, e)
	return reason, err
}

// office are the hours from eight to half past six on weekdays.
type office struct{}

func (office) Open(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && m >= 8*60 && m < 18*60+30
}

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// begins is a Monday morning with the surgery open.
func begins() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }

func newDesk(t testing.TB, open recordstest.Open, change func(*alerts.Options)) *desk {
	t.Helper()
	d := &desk{t: t, clock: bottest.NewClock(begins())}
	d.rec = open(t, records.Options{Now: d.clock.Now})
	d.chat, d.mail = &wire{name: "chat", clock: d.clock}, &wire{name: handrail.ChannelEmail, clock: d.clock}
	d.ok(d.rec.SavePractice(t.Context(), handrail.Practice{ID: practice, Name: "The Surgery", Zone: "Europe/London"}, "system"))
	for id, role := range map[string]handrail.Role{"maya": handrail.RoleLinkWorker, "lee": handrail.RoleLinkWorker, "rao": handrail.RoleGP, "ada": handrail.RoleAdministrator} {
		d.staff(id, role)
	}
	words, err := text.Load()
	d.ok(err)
	d.opts = alerts.Options{
		Records: d.rec, Post: &post{rec: d.rec}, Words: words, Zone: london(t), Clock: d.clock, Log: slog.New(slog.DiscardHandler),
		Hours: office{}, Mail: d.mail, To: []string{"duty@surgery.example"},
	}
	if change != nil {
		change(&d.opts)
	}
	d.open()
	return d
}

// open joins ladder and sender anew on the records, as a process that was killed and started again does.
func (d *desk) open() {
	d.t.Helper()
	var err error
	d.ladder, err = alerts.New(d.opts)
	d.ok(err)
	d.sender, err = outbox.New(outbox.Options{
		Store: d.rec, Channels: map[string]bot.Channel{"chat": d.chat, handrail.ChannelEmail: d.mail}, Words: d.opts.Words,
		Facts: facts{d.ladder}, Clock: d.clock, OnGone: d.ladder.Gone,
	})
	d.ok(err)
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) staff(id string, role handrail.Role) {
	d.t.Helper()
	d.ok(d.rec.SaveStaff(d.t.Context(), handrail.Staff{ID: handrail.StaffID(id), Practice: practice, Name: id, Roles: []handrail.Role{role}, Active: true,
		Address: handrail.Address{Practice: practice, Channel: "chat", Chat: id}}, "system"))
}

// patient adds somebody with a referral, and returns them with its reference.
func (d *desk) patient() (handrail.Patient, string) {
	d.t.Helper()
	d.n++
	p, err := d.rec.AddPatient(d.t.Context(), handrail.Patient{Practice: practice, Name: "Frank", Surname: "Reed", BirthYear: 1951,
		Address: handrail.Address{Practice: practice, Channel: "chat", Chat: fmt.Sprintf("patient-%d", d.n)}}, "system")
	d.ok(err)
	ref, err := d.rec.AddReferral(d.t.Context(), handrail.Referral{Practice: practice, Patient: p.ID, By: "rao"}, "system")
	d.ok(err)
	return p, ref.Ref
}

// danger is a patient writing of danger, as the guard takes it: alert and first call in one transaction.
func (d *desk) danger(p handrail.Patient) (a handrail.Alert, told bool) {
	d.t.Helper()
	d.ok(d.rec.InTx(d.t.Context(), func(ctx context.Context) (err error) {
		if a, _, err = d.rec.RaiseAlert(ctx, practice, p.ID, "general", handrail.Actor("patient:"+p.ID)); err != nil {
			return err
		}
		told, err = d.ladder.Raise(ctx, a, d.clock.Now())
		return err
	}))
	return a, told
}

func (d *desk) take(a handrail.Alert) {
	d.t.Helper()
	_, err := d.rec.ChangeAlert(d.t.Context(), practice, a.ID, "staff:maya", func(a *handrail.Alert) error { return a.Acknowledge("maya", d.clock.Now()) })
	d.ok(err)
}

// run moves the clock, event by event.
func (d *desk) run(to time.Time) {
	d.t.Helper()
	ctx := d.t.Context()
	for {
		for {
			called, err := d.ladder.Step(ctx)
			d.ok(err)
			sent, err := d.sender.Step(ctx)
			d.ok(err)
			if !called && sent == 0 {
				break
			}
		}
		next := to
		if at, ok, err := d.ladder.Next(ctx); err != nil {
			d.t.Fatal(err)
		} else if ok && at.Before(next) {
			next = at
		}
		if at, ok, err := d.sender.Next(ctx); err != nil {
			d.t.Fatal(err)
		} else if ok && at.Before(next) {
			next = at
		}
		if !d.clock.Now().Before(to) {
			return
		}
		if !next.After(d.clock.Now()) {
			d.t.Fatalf("at %v something is due that is not done", d.clock.Now())
		}
		d.clock.Set(next)
	}
}

// about picks the messages that name a reference.
func about(all []seen, ref string) []seen {
	var out []seen
	for _, s := range all {
		if strings.Contains(s.text, ref) {
			out = append(out, s)
		}
	}
	return out
}

// timetable is who was reached after how many minutes.
func timetable(from time.Time, all ...[]seen) string {
	type row struct {
		min int
		who string
	}
	var rows []row
	for _, list := range all {
		for _, s := range list {
			rows = append(rows, row{int(s.at.Sub(from).Minutes()), s.to})
		}
	}
	for i := range rows {
		for j := i; j > 0 && (rows[j].min < rows[j-1].min || rows[j].min == rows[j-1].min && rows[j].who < rows[j-1].who); j-- {
			rows[j], rows[j-1] = rows[j-1], rows[j]
		}
	}
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = fmt.Sprintf("%d %s", r.min, r.who)
	}
	return strings.Join(parts, ", ")
}
