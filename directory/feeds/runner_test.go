package feeds_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot/bottest"
	"handrail/directory/feeds"
	"handrail/directory/sources"
	"handrail/store/records"
	"handrail/store/records/recordstest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// every is a timetable.
type every time.Duration

func (e every) Next(after time.Time) time.Time { return after.Add(time.Duration(e)) }

// store is the records, which may fall over.
type store struct {
	*records.Records
	saveFails, takeFails int
	taken                []handrail.FeedCopy
}

var errStore = errors.New("the disk is full")

func (s *store) TakeFeed(ctx context.Context, source string, c handrail.FeedCopy, by handrail.Actor) (handrail.Imported, error) {
	if s.takeFails > 0 {
		s.takeFails--
		return handrail.Imported{}, errStore
	}
	s.taken = append(s.taken, c)
	return s.Records.TakeFeed(ctx, source, c, by)
}

func (s *store) SaveFeedState(ctx context.Context, f handrail.FeedState) error {
	if s.saveFails > 0 {
		s.saveFails--
		return errStore
	}
	return s.Records.SaveFeedState(ctx, f)
}

// active are the names of the listings that people can be sent to.
func (s *store) active(t *testing.T) map[string]bool {
	t.Helper()
	list, err := s.Activities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, a := range list {
		if a.Status == handrail.ActivityActive {
			names[a.Name] = true
		}
	}
	return names
}

type rig struct {
	*feeds.Runner
	store *store
	clock *bottest.Clock
	log   *bytes.Buffer
	o     feeds.Options
}

func newRig(t *testing.T, list ...feeds.Feed) *rig {
	t.Helper()
	r := &rig{clock: bottest.NewClock(monday), log: &bytes.Buffer{}}
	r.store = &store{Records: recordstest.Memory(t, records.Options{Now: r.clock.Now})}
	r.o = feeds.Options{Store: r.store, Clock: r.clock, Client: newClient(t), Log: slog.New(slog.NewTextHandler(r.log, nil))}
	for _, f := range list {
		r.o.Feeds = append(r.o.Feeds, feeds.Scheduled{Feed: f, Schedule: every(6 * time.Hour)})
	}
	r.start(t)
	return r
}

// start starts the runner anew, as after a crash.
func (r *rig) start(t *testing.T) {
	t.Helper()
	var err error
	if r.Runner, err = feeds.New(r.o); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) step(t *testing.T, want bool) {
	t.Helper()
	if did, err := r.Step(t.Context()); err != nil || did != want {
		t.Fatalf("step: %v, %v", did, err)
	}
}

func TestRunner_ByItsTimetable(t *testing.T) {
	p := &publisher{services: someServices(30), modified: true}
	f := publish(t, p)
	r := newRig(t, f)
	r.step(t, true)
	r.step(t, false)
	if got := r.store.active(t); len(got) != 30 {
		t.Fatalf("%d listings", len(got))
	}
	if at, ok := r.Next(); !ok || !at.Equal(monday.Add(6*time.Hour)) {
		t.Errorf("next at %v, %v", at, ok)
	}
	s, err := r.store.FeedState(t.Context(), "test")
	if err != nil || s.OKAt == nil || !s.OKAt.Equal(monday) || s.Failures != 0 {
		t.Errorf("%+v %v", s, err)
	}
	r.clock.Advance(6 * time.Hour)
	p.change(func() {
		p.services[0]["name"], p.services[0]["last_modified"] = "Renamed", r.clock.Now().Format(time.RFC3339)
	})
	r.start(t) // another process goes on where this one was
	r.step(t, true)
	if got := r.store.active(t); !got["Renamed"] || len(got) != 30 {
		t.Errorf("%d listings", len(got))
	}
	r.clock.Advance(24 * time.Hour)
	p.change(func() { p.services = p.services[:28] })
	r.step(t, true)
	if got := r.store.active(t); len(got) != 28 || got["Group 29"] {
		t.Errorf("%d listings", len(got))
	}
}

func TestRunner_B25_TheLastGoodCopyStays(t *testing.T) {
	p := &publisher{services: someServices(30)}
	f := publish(t, p)
	f.URL += "?key=secret"
	r := newRig(t, f)
	r.step(t, true)
	p.change(func() {
		p.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			fmt.Fprint(w, "<html>Sorry</html>")
			return true
		}
	})
	for n := 1; n <= 3; n++ {
		r.clock.Advance(6 * time.Hour)
		r.step(t, true)
		r.step(t, false) // it is not asked again at once
		s, err := r.store.FeedState(t.Context(), "test")
		if err != nil || s.Failures != n || s.Problem != "The feed answered with a web page instead of data." || !s.OKAt.Equal(monday) {
			t.Fatalf("%+v %v", s, err)
		}
	}
	if got := r.store.active(t); len(got) != 30 {
		t.Errorf("%d listings", len(got))
	}
	if strings.Contains(r.log.String(), "secret") || !strings.Contains(r.log.String(), "web page") && !strings.Contains(r.log.String(), "it is a page") {
		t.Errorf("log: %s", r.log)
	}
	p.change(func() { p.before = nil })
	r.clock.Advance(6 * time.Hour)
	r.step(t, true)
	if s, _ := r.store.FeedState(t.Context(), "test"); s.Failures != 0 || s.Problem != "" {
		t.Errorf("%+v", s)
	}
}

// A crash between taking a copy and storing where the feed was left: it is pulled again and nothing is twice.
func TestRunner_F1_CrashBetweenTakingAndSaving(t *testing.T) {
	series, _, f := pair(t, 12)
	r := newRig(t, f)
	r.store.saveFails = 1
	if _, err := r.Step(t.Context()); !errors.Is(err, errStore) {
		t.Fatalf("%v", err)
	}
	r.start(t)
	r.step(t, true)
	if got := r.store.active(t); len(got) != 12 {
		t.Errorf("%d listings", len(got))
	}
	series.put(rpdeItem{State: "deleted", Kind: "SessionSeries", ID: "series-004", Modified: 5000})
	r.clock.Advance(6 * time.Hour)
	r.store.saveFails = 1
	if _, err := r.Step(t.Context()); !errors.Is(err, errStore) {
		t.Fatalf("%v", err)
	}
	r.start(t)
	r.step(t, true)
	if got := r.store.active(t); len(got) != 11 || got["Series 4"] {
		t.Errorf("%d listings", len(got))
	}
}

// What cannot be taken in is asked for again: the state must not run ahead of the records.
func TestRunner_F6_CopyThatCannotBeTaken(t *testing.T) {
	series, _, f := pair(t, 12)
	r := newRig(t, f)
	r.step(t, true)
	series.put(rpdeItem{State: "deleted", Kind: "SessionSeries", ID: "series-004", Modified: 5000})
	r.clock.Advance(6 * time.Hour)
	r.store.takeFails = 1
	if _, err := r.Step(t.Context()); !errors.Is(err, errStore) {
		t.Fatalf("%v", err)
	}
	r.step(t, false)
	if s, _ := r.store.FeedState(t.Context(), "leisure"); s.Failures != 1 || s.Problem == "" || !s.OKAt.Equal(monday) {
		t.Errorf("%+v", s)
	}
	r.clock.Advance(6 * time.Hour)
	r.step(t, true)
	if got := r.store.active(t); len(got) != 11 {
		t.Errorf("%d listings", len(got))
	}
}

func TestRunner_SeveralFeeds(t *testing.T) {
	bad := feeds.Feed{Name: "bad", Format: sources.OpenReferral3, URL: serve(t, http.NotFoundHandler())}
	good := publish(t, &publisher{services: someServices(5)})
	_, _, leisure := pair(t, 6)
	r := newRig(t, bad, good, leisure)
	for range 3 { // one that fails does not hold up the others
		r.step(t, true)
	}
	r.step(t, false)
	if got := r.store.active(t); len(got) != 11 {
		t.Errorf("%d listings", len(got))
	}
	if _, err := r.Pull(t.Context(), "nobody"); !handrail.IsKind(err, handrail.KindNotFound) {
		t.Errorf("%v", err)
	}
	report, err := r.Pull(t.Context(), "test") // a person does not wait for the timetable
	if err != nil || report.Imported.Same != 5 || report.Feed.Name != "test" {
		t.Errorf("%+v %v", report.Imported, err)
	}
	if report, err = r.Pull(t.Context(), "bad"); err == nil || report.State.Failures != 2 {
		t.Errorf("%+v %v", report.State, err)
	}
}

func TestRunner_NotBeforeAndStopped(t *testing.T) {
	series, _, f := pair(t, 3)
	r := newRig(t, f)
	series.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	r.step(t, true)
	if at, ok := r.Next(); !ok || !at.Equal(monday.Add(24*time.Hour)) {
		t.Errorf("asked to wait a day, and next at %v", at)
	}
	r.clock.Advance(24 * time.Hour)
	series.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool { w.WriteHeader(http.StatusGone); return true }
	r.step(t, true)
	r.clock.Advance(1000 * time.Hour)
	if _, ok := r.Next(); ok {
		t.Error("a feed that is gone is asked again")
	}
	r.step(t, false)
	series.before = nil // it is back, and a person says so
	if report, err := r.Pull(t.Context(), f.Name); err != nil || !report.Pulled.Full {
		t.Errorf("%+v %v", report, err)
	}
	if _, ok := r.Next(); !ok {
		t.Error("a feed that is back is not asked again")
	}
}

// Where listings are completed before they are taken in.
func TestRunner_Prepares(t *testing.T) {
	f := publish(t, &publisher{services: someServices(5)})
	r := newRig(t, f)
	r.o.Prepare = func(_ context.Context, list []handrail.Activity) error {
		for i := range list {
			list[i].Name = "Prepared " + list[i].Name
		}
		return nil
	}
	r.start(t)
	r.step(t, true)
	if got := r.store.active(t); !got["Prepared Group 0"] {
		t.Errorf("%v", got)
	}
}

func TestRunner_Run(t *testing.T) {
	p := &publisher{services: someServices(5)}
	pulled := make(chan struct{}, 10)
	p.before = func(http.ResponseWriter, *http.Request, int) bool { pulled <- struct{}{}; return false }
	r := newRig(t, publish(t, p))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	<-pulled
	for { // it may not have begun to wait yet: the clock moves until it has
		r.clock.Advance(6 * time.Hour)
		select {
		case <-pulled:
			cancel()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			return
		case err := <-done:
			t.Fatalf("it ended by itself: %v", err)
		default:
		}
	}
}

func TestNew_SaysWhatIsWrong(t *testing.T) {
	good := feeds.Scheduled{Feed: feeds.Feed{Name: "a", Format: sources.RPDE, URL: "https://feed.example/"}, Schedule: every(time.Hour)}
	o := feeds.Options{Store: &store{}, Clock: bottest.NewClock(monday), Client: newClient(t), Log: slog.New(slog.DiscardHandler)}
	for name, change := range map[string]func(*feeds.Scheduled){
		"no name": func(f *feeds.Scheduled) { f.Name = "" }, "format": func(f *feeds.Scheduled) { f.Format = "csv" }, "timetable": func(f *feeds.Scheduled) { f.Schedule = nil },
		"https": func(f *feeds.Scheduled) { f.URL = "ftp://x" }, "begin with": func(f *feeds.Scheduled) { f.URL = "" }, "password": func(f *feeds.Scheduled) { f.Sessions = "https://u:p@x/" },
	} {
		f := good
		change(&f)
		o.Feeds = []feeds.Scheduled{f}
		_, err := feeds.New(o)
		if say, _ := handrail.Sentence(err); !strings.Contains(say, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.Feeds = []feeds.Scheduled{good, good}
	if _, err := feeds.New(o); err == nil {
		t.Error("two of one name")
	}
	if _, err := feeds.New(feeds.Options{}); err == nil {
		t.Error("nothing at all")
	}
}

// What is stored can be of another version, or broken: the feed is read anew.
func TestStateOf_Broken(t *testing.T) {
	for _, cursor := range []string{"{", `{"List":5}`, "\x00"} {
		if s, err := feeds.StateOf(handrail.FeedState{Name: "x", Cursor: []byte(cursor), Failures: 2}); err == nil || s.Failures != 2 || s.Of != "" {
			t.Errorf("%q: %+v %v", cursor, s, err)
		}
	}
	_, _, f := pair(t, 3)
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	s.Join = []byte("broken")
	if got, _ := pull(t, c, f, s, monday.Add(time.Hour)); !got.Full || len(got.Activities) != 3 {
		t.Errorf("full %v, %d", got.Full, len(got.Activities))
	}
}
