package house_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/house"
	"handrail/house/housetest"
	"handrail/store/records"
)

// postbox is the second route: it keeps what was sent by e-mail.
type postbox struct {
	mu   sync.Mutex
	sent []bot.Message
	down bool
}

func (p *postbox) Name() string       { return handrail.ChannelEmail }
func (p *postbox) Limits() bot.Limits { return bot.Limits{TextChars: 8000} }
func (p *postbox) Run(ctx context.Context, _ bot.Inbox) error {
	<-ctx.Done()
	return nil
}

func (p *postbox) Send(_ context.Context, _ handrail.Address, m bot.Message) (bot.Ref, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return "", &bot.SendError{Outcome: bot.OutcomeRetry, Err: errors.New("down")}
	}
	p.sent = append(p.sent, m)
	return "m", nil
}

func (p *postbox) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent)
}

// absent is a state store that can be away.
type absent struct {
	bot.States
	away *bool
}

func (a absent) Load(ctx context.Context, c string) ([]byte, int64, error) {
	if *a.away {
		return nil, 0, handrail.Errorf(handrail.KindUnavailable, "", "away")
	}
	return a.States.Load(ctx, c)
}

func (a absent) Save(ctx context.Context, c string, s []byte, prev int64, keep time.Duration) (int64, error) {
	if *a.away {
		return 0, handrail.Errorf(handrail.KindUnavailable, "", "away")
	}
	return a.States.Save(ctx, c, s, prev, keep)
}

// ward is a house with everything that can be taken away from it.
type ward struct {
	*housetest.World
	t    testing.TB
	mail *postbox
	db   *sql.DB
	away bool // the state store
	n    int
}

func newWard(t testing.TB, o housetest.Options) *ward {
	t.Helper()
	w := &ward{t: t, mail: &postbox{}}
	path := filepath.Join(t.TempDir(), "handrail.db")
	o.URL = "sqlite://" + path
	o.States = func(r *records.Records) bot.States { return absent{r.States(), &w.away} }
	o.Alerts.Mail, o.Alerts.To = w.mail, []string{"duty@surgery.example"}
	w.World = housetest.New(t, o)
	if err := w.Start(t.Context(), time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.db, err = sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	return w
}

// exec changes the database behind everybody's back.
func (w *ward) exec(query string) {
	w.t.Helper()
	if _, err := w.db.ExecContext(w.t.Context(), query); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

func (w *ward) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// deliver delivers an update and settles as far as it goes; what everybody was shown by then is returned.
func (w *ward) deliver(role string, u bot.Update) string {
	w.t.Helper()
	w.n++
	u.ID, u.At = fmt.Sprintf("u%d", w.n), w.Now()
	_ = w.Deliver(context.Background(), role, u)
	_ = w.Settle(context.Background()) // a store that is away is what some tests are about
	return text(w.Sent())
}

func (w *ward) say(role, words string) string {
	w.t.Helper()
	return w.deliver(role, bot.Update{Kind: bot.UpdateText, Text: words})
}

// press presses the newest button of that label that a role was shown.
func (w *ward) press(role, label string) string {
	w.t.Helper()
	shown := w.Channel.Shown(house.CastAddress(housetest.Channel, housetest.Chat(role)))
	for i := len(shown) - 1; i >= 0; i-- {
		for _, o := range shown[i].Message.Options {
			if o.Label == label {
				return w.deliver(role, bot.Update{Kind: bot.UpdatePress, Choice: o.Payload})
			}
		}
	}
	w.t.Fatalf("%s was shown no button %q", role, label)
	return ""
}

// patient makes somebody with a referral who may be written to, chatting as a role of that name.
func (w *ward) patient(role string) (handrail.Patient, handrail.Referral) {
	w.t.Helper()
	ctx := w.t.Context()
	p, err := w.Rec.AddPatient(ctx, handrail.Patient{Practice: house.CastPractice, Name: "Frank", Surname: "Reed", BirthYear: 1951, Postcode: "LU1 2AB",
		Address: house.CastAddress(housetest.Channel, housetest.Chat(role))}, "system")
	w.ok(err)
	ref, err := w.Rec.AddReferral(ctx, handrail.Referral{Practice: house.CastPractice, Patient: p.ID, By: house.CastGP, LinkWorker: house.CastLinkWorker, State: handrail.ReferralActive}, "system")
	w.ok(err)
	for _, purpose := range []handrail.Purpose{handrail.PurposeChat, handrail.PurposeFeedback, handrail.PurposeBuddy} {
		_, err = w.Rec.AnswerPermission(ctx, house.CastPractice, p.ID, purpose, "v", "w", true, "system")
		w.ok(err)
	}
	return p, ref
}

// visit plans a first visit of a patient, with the cast's buddy.
func (w *ward) visit(p handrail.Patient, ref handrail.Referral, start time.Time) handrail.Attendance {
	w.t.Helper()
	ctx := w.t.Context()
	groups, err := w.Rec.ActivitiesNamed(ctx, "Doorstep Diggers", 1)
	if err != nil || len(groups) == 0 {
		w.t.Fatalf("the demo's group: %v", err)
	}
	e, err := w.Rec.AddEnrolment(ctx, handrail.Enrolment{Practice: house.CastPractice, Patient: p.ID, Referral: ref.ID, Activity: groups[0].ID, State: handrail.EnrolmentChosen, ChosenAt: w.Now()}, "system")
	w.ok(err)
	a, err := w.Rec.AddAttendance(ctx, handrail.Attendance{Practice: house.CastPractice, Enrolment: e.ID, Patient: p.ID, State: handrail.AttendancePlanned, First: true, PlannedAt: w.Now(), ChangedAt: w.Now(),
		Occurrence: handrail.Occurrence{Activity: groups[0].ID, Local: start.Format(handrail.LocalLayout), Zone: "Europe/London", Start: start, End: start.Add(90 * time.Minute)}}, "system")
	w.ok(err)
	c, err := w.Rec.AddAccompaniment(ctx, handrail.Accompaniment{Practice: house.CastPractice, Patient: p.ID, Attendance: a.ID, State: handrail.AccompanimentWanted, WantedAt: w.Now(), ChangedAt: w.Now()}, "system")
	w.ok(err)
	joan, err := w.Rec.Buddy(ctx, house.CastPractice, house.CastBuddy)
	w.ok(err)
	_, err = w.Rec.ChangeAccompaniment(ctx, house.CastPractice, c.ID, "system", func(c *handrail.Accompaniment) error {
		return errors.Join(c.Ask(joan, house.CastLinkWorker, w.Now()), c.Agree(w.Now()))
	})
	w.ok(err)
	return a
}

func (w *ward) openAlerts() []handrail.Alert {
	w.t.Helper()
	all, err := w.Rec.OpenAlerts(w.t.Context(), house.CastPractice)
	w.ok(err)
	return all
}

// to is what one role was shown, out of what everybody was.
func to(role, all string) string {
	var b strings.Builder
	mine := false
	for line := range strings.Lines(all) {
		if who, _, ok := strings.Cut(line, ": "); ok && who == strings.ToUpper(who) && !strings.Contains(who, " ") {
			mine = who == role
		}
		if mine {
			b.WriteString(line)
		}
	}
	return b.String()
}
