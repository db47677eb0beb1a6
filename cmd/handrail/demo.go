package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/bot"
	"handrail/bot/web"
	"handrail/config"
	"handrail/directory/demo"
	"handrail/house"
	"handrail/store/records"
)

// demo plays the whole path in a browser: five people, one page, everything behind it real but the chat networks.
func (a *app) demo() *cobra.Command {
	var addr string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play the whole path in a browser, on embedded storage",
		Long: `Demo serves one page on which you are the GP, the patient, the buddy and the link
worker in turn, with a clock to move. Everybody and every group in it is
fictional. It needs nothing but this program, and stops on Ctrl-C.`,
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runDemo(cmd.Context(), addr) },
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8642", "`HOST:PORT` to serve the page at")
	return cmd
}

func (a *app) runDemo(ctx context.Context, addr string) (err error) {
	dir := a.dataDir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("demo: find a place for its files (or give --data DIR): %w", err)
		}
		dir = filepath.Join(cache, "handrail-demo")
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	// Listen first: a port that is taken is the commonest mistake, and it should leave nothing behind.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("demo: %w (is another demo running? try --addr 127.0.0.1:0)", err)
	}
	public := "http://" + listener.Addr().String()
	stage, err := newStage(ctx, a, dir, public)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, stage.close()) }()

	server := stage.page.Server(listener.Addr().String())
	server.Handler = stage.handler(server.Handler)
	fmt.Fprintf(a.out, "Handrail's demo is at %s/\nEverybody and every group in it is fictional. Stop it with Ctrl-C.\n", public)
	failed := make(chan error, 2)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("demo: serve: %w", err)
		}
	})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wg.Go(func() { failed <- stage.run(ctx) })
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	if down := server.Shutdown(stop); down != nil {
		err = errors.Join(err, server.Close())
	}
	wg.Wait()
	return err
}

// stage is the demo's house with its page, its clock and its beginning.
type stage struct {
	app   *app
	dir   string
	page  *web.Channel
	clock *house.Movable
	log   *slog.Logger

	// mu is held while anything thinks, sends or moves: the demo does one thing at a time, so that what is seen is in
	// order.
	mu  sync.Mutex
	rec *records.Records
	hs  *house.House
	// public is the address of the demo, and pages what the house shows to everybody there.
	public string
	pages  func() (http.Handler, error)
	// wake tells of new work in rec; there is one for each time that rec is opened.
	wake <-chan struct{}
	// swap is held while hs is replaced: the page may deliver while something else is done.
	swap sync.RWMutex
}

// people are the chats of the page.
func people() []web.Person {
	return []web.Person{
		{Chat: house.ChatGP, Name: "Dr Asha Rao", Role: "GP", Hint: "Ask what is on, then refer Frank.", Starters: []string{
			"what's on near LU1 2AB for a widower who likes gardening, free, Tuesday mornings", "refer JB 1952 LU1 2AB walking group", "my patients", "declined"}},
		{Chat: house.ChatPatient, Name: "Frank", Role: "Patient", Hint: "Open the GP's invitation, then answer as Frank would.", Joins: true,
			Starters: []string{"what's next", "choose", "help"}, Near: &handrail.Point{Lat: 51.88, Lon: -0.42}},
		{Chat: house.ChatBuddy, Name: "Joan", Role: "Buddy", Hint: "Joan is a cleared volunteer. She is asked here.", Starters: []string{"help"}},
		{Chat: house.ChatLinkWorker, Name: "Maya Brook", Role: "Link worker", Hint: "Referrals, matches and alerts arrive here.", Starters: []string{"today", "caseload", "listing", "help"}},
		{Chat: house.ChatOrganiser, Name: "Tom", Role: "Organiser", Hint: "Tom runs Tuesday Growers. He says when it is off, or has closed.", Starters: []string{"my groups", "help"}},
	}
}

func newStage(ctx context.Context, a *app, dir, public string) (*stage, error) {
	s := &stage{app: a, dir: dir, public: public, log: a.log(slog.LevelWarn)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	start, err := s.readClock()
	if err != nil {
		return nil, err
	}
	s.clock = house.NewMovable(a.real, start)
	s.page, err = web.New(web.Options{
		Dir: dir, People: people(), Practice: house.CastPractice, Clock: s.clock.Now, Stage: s, Log: s.log,
	})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.page.Close())
	}
	return s, nil
}

// open opens the records and joins the house; it writes the cast when they are not there yet.
func (s *stage) open(ctx context.Context) error {
	url := config.MustURL("sqlite://" + filepath.ToSlash(filepath.Join(s.dir, "handrail.db")))
	rec, key, err := s.app.open(ctx, config.Config{Data: s.dir, Records: config.Records{URL: url}}, s.clock)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	s.rec, s.wake = rec, rec.Notify()
	if _, err := s.rec.Practice(ctx, house.CastPractice); handrail.IsKind(err, handrail.KindNotFound) {
		if err := house.SaveCast(ctx, s.rec, s.page.Name(), s.clock.Now()); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	} else if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	s.hs, err = house.New(ctx, house.Options{
		Records: s.rec, States: s.rec.States(), Channels: []bot.Channel{s.page}, Clock: s.clock, Key: key, Zone: london, Nation: "england",
		Invitation: func(code string) string { return "#join=" + code }, Places: demo.Places(), PublicURL: s.public, Log: s.log,
		HelpChecked: s.clock.Now(), // nobody's life hangs on the demo's cards
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	s.pages = sync.OnceValues(s.hs.Public) // at the first request: the page with the chats should not wait for it
	// Kept from the start: a restart before the first move would put the clock back, behind what the records hold.
	if _, err := os.Stat(s.clockFile()); errors.Is(err, os.ErrNotExist) {
		return s.writeClock()
	}
	return nil
}

// handler serves the chats, and beside them what the house shows to everybody: the published directory, the poster, and
// an organiser's one-tap page.
func (s *stage) handler(chats http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !house.IsPublic(r.URL.Path) {
			chats.ServeHTTP(w, r)
			return
		}
		s.swap.RLock()
		pages, err := s.pages()
		s.swap.RUnlock()
		if err != nil {
			s.log.Error("demo", "error", err)
			http.Error(w, "Sorry, this page cannot be shown just now.", http.StatusServiceUnavailable)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// current is the house that stands now. It waits while the story starts again.
func (s *stage) current() *house.House {
	s.swap.RLock()
	defer s.swap.RUnlock()
	return s.hs
}

func (s *stage) close() error { return errors.Join(s.page.Close(), s.rec.Close()) }

// run receives from the page and does what there is to do, one thing at a time.
func (s *stage) run(ctx context.Context) error {
	inbox := house.Inbox{House: s.current}
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() { failed = s.page.Run(ctx, inbox) })
	for ctx.Err() == nil {
		s.mu.Lock()
		wake := s.wake
		if err := errors.Join(s.hs.Settle(context.WithoutCancel(ctx)), s.writeClock()); err != nil {
			s.log.Error("demo", "error", err)
		}
		s.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-wake:
		case <-s.clock.After(time.Second):
		}
	}
	wg.Wait()
	return failed
}

// Now implements web.Stage.
func (s *stage) Now() time.Time { return s.clock.Now() }

// Next implements web.Stage.
func (s *stage) Next(ctx context.Context) (time.Time, string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, job, to, ok, err := s.hs.Next(ctx)
	if err != nil || !ok {
		return time.Time{}, "", false, err
	}
	what := map[string]string{
		"daybefore": "a reminder", "sameday": "a reminder", "how": "a question", "nudge": "a kind question", "digest": "the digest",
		"gpnote": "a note",
	}[job]
	if what == "" {
		what = "a message"
	}
	for _, p := range people() {
		if p.Chat == to.Chat {
			what += " to " + strings.TrimPrefix(p.Name, "Dr ")
		}
	}
	return at, what, true, nil
}

// Advance implements web.Stage.
func (s *stage) Advance(ctx context.Context, to time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.hs.Advance(ctx, to)
	return errors.Join(err, s.writeClock())
}

// Reset implements web.Stage: back to the beginning.
func (s *stage) Reset(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swap.Lock()
	defer s.swap.Unlock()
	if err := s.rec.Wipe(ctx); err != nil {
		return fmt.Errorf("reset the demo: %w", err)
	}
	if err := s.rec.Close(); err != nil {
		return fmt.Errorf("reset the demo: %w", err)
	}
	if err := os.Remove(s.clockFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("reset the demo: %w", err)
	}
	start, err := s.readClock()
	if err != nil {
		return err
	}
	s.clock.Restart(start)
	if err := s.open(ctx); err != nil {
		return err
	}
	return s.page.Reset()
}

// Records implements web.Stage.
func (s *stage) Records(ctx context.Context) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines, err := house.Summary(ctx, s.rec, house.CastPractice)
	if err != nil {
		return "the records could not be read"
	}
	return strings.Join(lines, "\n")
}

func (s *stage) clockFile() string { return filepath.Join(s.dir, "clock") }

// readClock is where the story's clock stands: where it was left, or else nine in the morning on a Monday near now.
func (s *stage) readClock() (time.Time, error) {
	raw, err := os.ReadFile(s.clockFile())
	if err == nil {
		at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(raw)))
		if err != nil {
			return time.Time{}, fmt.Errorf("demo: the file clock in its directory cannot be read; delete it: %w", err)
		}
		return at, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return time.Time{}, fmt.Errorf("demo: %w", err)
	}
	base, err := s.app.clock()
	if err != nil {
		return time.Time{}, err
	}
	now := base.Now()
	if s.app.nowText != "" {
		return now, nil
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.Time{}, fmt.Errorf("demo: %w", err)
	}
	local := now.In(london)
	monday := local.AddDate(0, 0, -(int(local.Weekday())+6)%7)
	return handrail.WallTime(monday.Year(), monday.Month(), monday.Day(), handrail.At(9, 0), london), nil
}

// writeClock keeps the story's time, so that it goes on from there however long the demo was closed: a reminder that
// nobody was there to see is no use in a story.
func (s *stage) writeClock() error {
	at := s.clock.Now().Format(time.RFC3339)
	if err := os.WriteFile(s.clockFile(), []byte(at+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the story's clock: %w", err)
	}
	return nil
}
