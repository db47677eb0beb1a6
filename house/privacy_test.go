package house_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	words "handrail/dialogs/text"
	"handrail/directory/demo"
	"handrail/directory/sources"
	"handrail/house/housetest"
	"handrail/reminders"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"
	"handrail/store/records"
)

// logbook keeps everything that is logged.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// TestHouse_G3_NoCanaryEscapes plays the whole story and every failure with a canary in each personal field, and then
// looks for them in the log, in the errors, in Redis and in stray files.
func TestHouse_G3_NoCanaryEscapes(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	server := redistest.Start(t)
	log := &logbook{}
	var errs []error
	var crash string
	d := newDesk(t, housetest.Options{
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true})),
		States: func(*records.Records) bot.States {
			store, err := conversations.Open(t.Context(), server.URL())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		},
		Fail: func(point string) error {
			if point == crash {
				return errors.New("a crash at " + point)
			}
			return nil
		},
	})
	a := d.enlist(practiceA)
	d.main(a)
	d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC))
	d.press(a.patient, "Good")
	d.say(a.patient, a.word("Fee"))
	settle := func() {
		for range 8 {
			if err := d.Settle(context.Background()); err != nil {
				errs = append(errs, err)
				d.Clock.Advance(2 * time.Second)
				continue
			}
			return
		}
	}
	deliver := func(ctx context.Context, u bot.Update) {
		d.n++
		u.ID, u.At = "g"+a.word("Cha")[3:]+string(rune('a'+d.n%26))+strings.Repeat("x", d.n%50), d.Now()
		if err := d.House.Bot.Deliver(ctx, u); err != nil {
			errs = append(errs, err)
		}
		settle()
	}
	words := bot.Update{From: a.patient, Kind: bot.UpdateText, Text: a.word("Mat") + " what's next"}
	// Every way in which a send can fail.
	for _, o := range []bot.Outcome{bot.OutcomeRetry, bot.OutcomeRefused, bot.OutcomeUnknown} {
		for _, bare := range []bool{false, true} {
			d.Channel.Fail(bottest.Fault{Outcome: o, Bare: bare}, bottest.Fault{Outcome: o, Bare: bare})
			deliver(t.Context(), words)
		}
	}
	// Every arrow of a turn.
	for _, point := range []string{"leased", "guarded", "thought", "saved", "finished"} {
		crash = point
		deliver(t.Context(), words)
		crash = ""
		d.Clock.Advance(time.Minute)
		settle()
	}
	// The records away, the states away, and somebody in danger meanwhile.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	deliver(gone, bot.Update{From: a.patient, Kind: bot.UpdateText, Text: "i want to kill myself " + a.word("Mat")})
	server.Stop()
	deliver(t.Context(), words)
	deliver(t.Context(), bot.Update{From: a.gp, Kind: bot.UpdateText, Text: a.word("Nam") + " " + a.word("Sur") + " 943 476 5919"})
	server.Restart()
	d.Clock.Advance(time.Minute)
	settle()
	// Everything odd that can come in.
	for _, kind := range []bot.UpdateKind{bot.UpdateUnread, bot.UpdateEdited, bot.UpdateContact, bot.UpdateGroup, bot.UpdatePress, bot.UpdateForm, bot.UpdateKind(a.word("Fee"))} {
		deliver(t.Context(), bot.Update{From: a.patient, Kind: kind, Text: a.word("Mat"), Choice: a.word("Fee"), Form: a.word("Fee"), Fields: map[string]string{a.word("Fee"): a.word("Fee")}})
	}
	deliver(t.Context(), bot.Update{From: a.gp, Kind: bot.UpdateText, Text: "refer"})
	d.Channel.Fail(bottest.Fault{Outcome: bot.OutcomeGone})
	deliver(t.Context(), words)
	settle()

	if log.b.Len() == 0 {
		t.Fatal("nothing was logged: there is nothing to look through")
	}
	if len(errs) < 5 {
		t.Fatalf("only %d errors came back: there is little to look through", len(errs))
	}
	look := func(where, what string) {
		t.Helper()
		for _, hit := range []*regexp.Regexp{canary, nhsNumber, regexp.MustCompile(`LU1 ?2AB`)} {
			if at := hit.FindStringIndex(what); at != nil {
				t.Errorf("%s holds %q: ...%s...", where, what[at[0]:at[1]], what[max(0, at[0]-120):min(len(what), at[1]+60)])
			}
		}
	}
	look("the log", log.b.String())
	for _, err := range errs {
		look("an error", err.Error())
	}
	keys, named := server.Keys(), regexp.MustCompile(`^handrail:(conv:[0-9a-f]{32}|conv-version)$`)
	if len(keys) < 3 {
		t.Fatalf("only %d keys in Redis: there is little to look through", len(keys))
	}
	for _, key := range keys {
		if !named.MatchString(key) {
			t.Errorf("a key in Redis that is no keyed hash: %q", key)
		}
		if server.TTL(key) <= 0 {
			t.Errorf("a key in Redis without an end: %q", key)
		}
	}
	for name, data := range files(t, tmp) {
		if !strings.HasPrefix(name, "redis") && !strings.Contains(name, "handrail.db") {
			look("the file "+name, name+"\n"+data)
		}
	}
}

// files are what lies under a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// oneVisit are facts with one visit in them, whose reminders and questions all fall due.
type oneVisit struct {
	reminders.Facts
	v handrail.Visit
}

func (f oneVisit) VisitsStarting(context.Context, time.Time, time.Time) ([]handrail.Visit, error) {
	return []handrail.Visit{f.v}, nil
}

func (f oneVisit) VisitsEnding(context.Context, time.Time, time.Time) ([]handrail.Visit, error) {
	return []handrail.Visit{f.v}, nil
}

func (f oneVisit) VisitsChanged(_ context.Context, s handrail.AttendanceState, _, _ time.Time) ([]handrail.Visit, error) {
	v := f.v
	v.Attendance.State = s
	return []handrail.Visit{v}, nil
}

// unasked are the messages that go to a patient unasked about one group, rendered: with a buddy and without.
func unasked(t *testing.T, words bot.Words, a handrail.Activity) []bot.Envelope {
	t.Helper()
	start := time.Date(2026, 11, 10, 10, 0, 0, 0, time.UTC)
	v := handrail.Visit{
		Patient:    handrail.Patient{ID: "p", Practice: "pra", Name: "Al", Address: handrail.Address{Practice: "pra", Channel: "fake", Chat: "p"}},
		Activity:   a,
		Enrolment:  handrail.Enrolment{State: handrail.EnrolmentChosen},
		Attendance: handrail.Attendance{ID: "v", State: handrail.AttendancePlanned, ChangedAt: start, Occurrence: handrail.Occurrence{Start: start, End: start.Add(time.Hour)}},
	}
	deps := reminders.Deps{Words: words, Zone: london(t)}
	var out []bot.Envelope
	for _, company := range []bool{false, true} {
		if company {
			v.Accompaniment = &handrail.Accompaniment{ID: "c", State: handrail.AccompanimentAgreed}
			v.Buddy = &handrail.Buddy{Name: "Joan", About: "I'll have a green scarf on.", Address: handrail.Address{Practice: "pra", Channel: "fake", Chat: "b"}}
		}
		deps.Facts = oneVisit{v: v}
		for _, j := range reminders.All(deps) {
			if !slices.Contains([]string{"daybefore", "sameday", "how", "nudge"}, j.Name) {
				continue
			}
			envs, err := j.Due(t.Context(), reminders.Span{From: start.AddDate(0, 0, -3), To: start.AddDate(0, 0, 3), Now: start.AddDate(0, 0, -3)})
			if err != nil {
				t.Fatal(err)
			}
			if len(envs) == 0 {
				t.Fatalf("%s has nothing to say", j.Name)
			}
			for _, e := range envs {
				if e.To == v.Patient.Address {
					out = append(out, e)
				}
			}
		}
	}
	return out
}

// illness are words that tell of somebody's health.
var illness = regexp.MustCompile(`(?i)\b(depress|anxi|mental|cancer|dementia|alzheimer|diabet|stroke|bereave|grief|addict|alcohol|suicid|autis|hiv|copd|epilep|arthrit|parkinson|heart|lonel|abuse|domestic|debt)`)

// lockScreen is what a locked phone may show of a message.
func lockScreen(m bot.Message) string {
	r := []rune(strings.Join(strings.Fields(m.Text.Plain()), " "))
	return string(r[:min(100, len(r))])
}

// lockScreenRule says what a locked screen gives away; "" when nothing.
func lockScreenRule(screen string, a handrail.Activity, staff ...string) string {
	for _, name := range append([]string{a.Name, a.Venue.Name, a.Venue.Street, a.Venue.Postcode, a.Organiser.Name}, staff...) {
		if len(name) > 3 && strings.Contains(strings.ToLower(screen), strings.ToLower(name)) {
			return name
		}
	}
	return illness.FindString(screen)
}

func everyGroup(t *testing.T) []handrail.Activity {
	t.Helper()
	all, err := demo.Activities(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../../shared/data/derived/oruk-v3-services.json")
	if err != nil {
		t.Logf("only the demo's groups: the shared data are not beside the repository")
		return all
	}
	defer func() { _ = f.Close() }()
	real, err := sources.Read(t.Context(), f, "oruk:real")
	if err != nil {
		t.Fatal(err)
	}
	return append(all, real.Activities...)
}

// TestHouse_G4_LockedScreens renders every message that comes unasked, for every group that is known. Nothing in its
// first 100 characters says where somebody goes.
func TestHouse_G4_LockedScreens(t *testing.T) {
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen, wrong := 0, 0
	for _, a := range everyGroup(t) {
		for _, as := range []bool{a.Sensitive, true} { // and as if its name told of health
			a.Sensitive = as
			for _, e := range unasked(t, catalogue, a) {
				seen++
				screen := lockScreen(e.Message)
				if what := lockScreenRule(screen, a); what != "" {
					if wrong++; wrong < 10 {
						t.Errorf("%s shows %q on a locked screen: %q", e.Job+e.Key, what, screen)
					}
				}
			}
		}
	}
	if seen < 100 {
		t.Fatalf("only %d messages were looked at", seen)
	}
	if lockScreenRule("It is Tuesday Growers at the hall", handrail.Activity{Name: "Tuesday Growers"}) == "" || lockScreenRule("your depression group", handrail.Activity{}) == "" {
		t.Fatal("the rule finds nothing at all")
	}
}

// TestHouse_G5_Denylist plays the whole story and holds everything that any patient or volunteer was shown against what
// must never be in it: NHS numbers, surnames, the GP's note and reason, and other people's names.
func TestHouse_G5_Denylist(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.main(a)
	d.until(time.Date(2026, 11, 9, 10, 30, 0, 0, time.UTC))
	d.press(a.patient, "Yes, I'm going")
	d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC))
	d.press(a.patient, "Good")
	d.say(a.patient, a.word("Fee")+" 943 476 5919")
	d.say(a.patient, "what's next")
	d.say(a.patient, "choose")
	d.say(a.patient, "i want to kill myself")
	d.say(a.patient, "stop")
	d.until(time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC))
	reasons := regexp.MustCompile(`Somebody died|bereave|widow`)
	for who, allowed := range map[handrail.Address][]string{
		a.patient: {"Nam", "Sta", "Bud", "Abo"}, a.buddy: {"Nam", "Bud"}, // their own names, the staff's as patients know them, each other's
	} {
		shown := d.Channel.Shown(who)
		if len(shown) < 3 {
			t.Fatalf("only %d messages were shown", len(shown))
		}
		for _, s := range shown {
			all := everything(s.Message)
			for _, hit := range canary.FindAllStringSubmatch(all, -1) {
				if !slices.Contains(allowed, hit[1]) {
					t.Errorf("%s was shown %s: %q", who.Chat, hit[0], all)
				}
			}
			if nhsNumber.MatchString(all) {
				t.Errorf("%s was shown an NHS number: %q", who.Chat, all)
			}
			if who == a.buddy && reasons.MatchString(all) {
				t.Errorf("a volunteer was shown the reason: %q", all)
			}
		}
	}
}
