package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/bot"
	"handrail/bot/slack"
	"handrail/bot/telegram"
	"handrail/config"
	"handrail/directory"
	"handrail/directory/feeds"
	"handrail/house"
	"handrail/outbox"
	"handrail/reminders"
	"handrail/store/conversations"
	"handrail/store/records"
)

// serve runs the service.
func (a *app) serve() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the service",
		Long: `Serve runs Handrail for real, with the settings of --config and the environment.
Patients and volunteers talk to it on Telegram, the practice's staff in Slack.`,
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runServe(cmd.Context()) },
	}
}

func (a *app) runServe(ctx context.Context) (err error) {
	cfg, err := a.settings()
	if err != nil {
		return err
	}
	if missing := cfg.Missing(); len(missing) > 0 {
		return errors.New(strings.Join(missing, "\n\n"))
	}
	clock, err := a.clock()
	if err != nil {
		return err
	}
	log := a.log(slog.LevelInfo)
	warnOfSettings(cfg, clock.Now(), log)
	rec, key, err := a.open(ctx, cfg, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.Close()) }()
	states, closeStates, err := statesOf(ctx, cfg, rec, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStates()) }()
	scheduled, err := scheduledFeeds(cfg)
	if err != nil {
		return err
	}
	vocabulary, err := a.vocabularyOf()
	if err != nil {
		return err
	}
	practice, err := firstPractice(ctx, rec, cfg)
	if err != nil {
		return err
	}
	chats, webhook, invitation, err := telegramOf(cfg, practice, clock, log)
	if err != nil {
		return err
	}
	var home homes
	staff, err := slackOf(cfg, practice, rec, key, &home, clock, log)
	if err != nil {
		return err
	}
	if staff != nil {
		chats = append(chats, staff)
	}
	reader, err := a.modelOf(cfg, vocabulary, clock)
	if err != nil {
		return err
	}
	defer reader.Close()
	calling, err := alertsOf(cfg, clock)
	if err != nil {
		return err
	}
	h, err := house.New(ctx, house.Options{
		HelpChecked: helpChecked(cfg), Alerts: calling,
		Records: rec, States: states, Clock: clock, Key: key, Zone: cfg.Location(), Nation: string(cfg.Help.Nation), Childline: cfg.Help.Childline, Measures: string(cfg.Measures.Questions), Drafts: cfg.Languages.Unchecked.On(),
		Channels: chats, Invitation: invitation,
		Vocabulary: vocabulary, Model: reader, PublicURL: strings.TrimRight(cfg.HTTP.PublicURL.Reveal(), "/"),
		Feeds: scheduled, FeedClient: feeds.NewClient(feeds.ClientOptions{}),
		Rates: map[string]outbox.Rate{
			"telegram": rateOf(float64(cfg.Telegram.Rate)),
			"slack":    rateOf(float64(cfg.Slack.Rate)),
		},
		Log: log,
	})
	if err != nil {
		return err
	}
	home.is(h)
	public, err := h.Public()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	failed := make(chan error, 2)
	var servers []*http.Server
	for _, l := range []struct {
		name, addr, tell string
		server           *http.Server
	}{
		{"admin", string(cfg.Admin.Addr), "Handrail runs. Health: http://%s/health\n", adminServer(rec, h.Finder.Directory(), clock, house.NewChecked(helpChecked(cfg)))},
		{"public", string(cfg.HTTP.Addr), "The published directory: http://%s/open-referral-uk/\n", publicServer(public, webhook, staff)},
	} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", l.addr)
		if err != nil {
			return errors.Join(fmt.Errorf("serve: %s listener: %w", l.name, err), shutDown(ctx, servers))
		}
		servers = append(servers, l.server)
		go func() {
			if err := l.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serve: %s listener: %w", l.name, err)
			}
		}()
		fmt.Fprintf(a.out, l.tell, listener.Addr())
	}
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { done <- h.Run(ctx) }()
	go func() { // what the start took is not what it idles in
		select {
		case <-clock.After(settled):
			debug.FreeOSMemory()
		case <-ctx.Done():
		}
	}()
	select {
	case err = <-failed:
		cancel()
		err = errors.Join(err, <-done)
	case err = <-done:
	}
	return errors.Join(err, shutDown(ctx, servers))
}

// settled is how long after its start a process has read what it reads but once.
const settled = 3 * time.Second

// rateOf is the rates of a channel: so many messages a second in all, and one to each chat; 0 lifts both, for measuring.
func rateOf(perSecond float64) outbox.Rate {
	if perSecond == 0 {
		return outbox.Rate{}
	}
	return outbox.Rate{PerSecond: perSecond, PerChat: 1}
}

// shutDown ends servers: what they are answering is answered, within five seconds.
func shutDown(ctx context.Context, servers []*http.Server) error {
	stop, stopped := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stopped()
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Shutdown(stop))
	}
	return errors.Join(errs...)
}

// firstPractice is the practice of the deployment; where the records have none, the one of the settings is made.
func firstPractice(ctx context.Context, rec *records.Records, cfg config.Config) (handrail.PracticeID, error) {
	all, err := rec.Practices(ctx)
	if err != nil {
		return "", fmt.Errorf("serve: %w", err)
	}
	if len(all) > 0 {
		return all[0].ID, nil
	}
	p := handrail.Practice{ID: "pra_first", Name: cfg.Practice.Name, Zone: cfg.Zone.String(), UrgentRoute: cfg.Practice.UrgentRoute}
	if err := rec.SavePractice(ctx, p, handrail.ActorSystem); err != nil {
		return "", fmt.Errorf("serve: %w", err)
	}
	return p.ID, nil
}

// telegramOf is the patients' channel of the settings, its webhook (nil where it polls) and how it makes the address of a
// one-time code; no channel where there is no token.
func telegramOf(cfg config.Config, practice handrail.PracticeID, clock house.Clock, log *slog.Logger) ([]bot.Channel, http.Handler, func(code string) string, error) {
	if cfg.Telegram.Token.IsZero() {
		return nil, nil, func(code string) string { return code }, nil
	}
	c, err := telegram.New(telegram.Options{
		Token: cfg.Telegram.Token, APIURL: cfg.Telegram.APIURL.Reveal(), WebhookURL: cfg.Telegram.WebhookURL.Reveal(),
		WebhookSecret: cfg.Telegram.WebhookSecret, Practice: practice, Clock: clock, Log: log,
		// A question has its answer once; a button that works on its own, urgent help above all, stays.
		Spent: func(payload string) bool { return !strings.HasPrefix(payload, "p~") },
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("serve: %w", err)
	}
	var webhook http.Handler
	if !cfg.Telegram.WebhookURL.IsZero() {
		webhook = c.Handler()
	}
	return []bot.Channel{c}, webhook, c.Link, nil
}

// scheduledFeeds is the feeds of the settings with their timetables.
func scheduledFeeds(cfg config.Config) ([]feeds.Scheduled, error) {
	var out []feeds.Scheduled
	for _, f := range cfg.Directory.Feeds {
		schedule := reminders.Every(f.Every)
		if f.Every == 0 {
			var err error
			if schedule, err = reminders.Daily(f.At, cfg.Location()); err != nil {
				return nil, fmt.Errorf("directory.feeds: %w", err)
			}
		}
		out = append(out, feeds.Scheduled{Feed: feeds.Feed{Name: f.Name, Format: f.Format, URL: f.URL, Sessions: f.Sessions}, Schedule: schedule})
	}
	return out, nil
}

// publicServer answers the internet: slow senders are cut off, and nobody sends it much (C11).
func publicServer(pages, webhook http.Handler, staff *slack.Channel) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	if webhook != nil {
		mux.Handle("/telegram", webhook)
	}
	if staff != nil {
		mux.Handle("/slack/", staff.Handler())
	}
	return &http.Server{
		Handler:           http.MaxBytesHandler(mux, 1<<20),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
}

// warnOfSettings says which settings are read and have nothing behind them yet, and whether the cards need a look. A
// start never fails for it.
func warnOfSettings(cfg config.Config, now time.Time, log *slog.Logger) {
	for _, s := range []struct {
		set  bool
		what string
	}{
		{cfg.Alerts.Email.Host == "", "alerts.email is not set up: an alert that the chat does not deliver reaches nobody"},
		{house.NewChecked(helpChecked(cfg)).Due(now), "help.checked: nobody has said lately that the numbers on the urgent-help cards were checked"},
	} {
		if s.set {
			log.Warn("a setting needs a look", "why", s.what)
		}
	}
}

// statesOf is where conversations stand: Redis when it is configured, else the records. Redis may be away at the start:
// guards answer meanwhile, and everything else waits.
func statesOf(ctx context.Context, cfg config.Config, rec *records.Records, log *slog.Logger) (bot.States, func() error, error) {
	if cfg.Redis.URL.IsZero() {
		return rec.States(), func() error { return nil }, nil
	}
	conversations.Quiet() // its client would write to standard error by itself, past our log
	store, err := conversations.Open(ctx, cfg.Redis.URL.Reveal())
	if err != nil {
		return nil, nil, err
	}
	if err := store.Ping(ctx); err != nil {
		log.Warn("Redis does not answer yet; conversations wait for it", "error", err)
	}
	return store, store.Close, nil
}

// adminServer answers health checks, the numbers of what piles up, and programs that search the directory; it is never
// public (C12).
func adminServer(rec *records.Records, finder *directory.Finder, clock house.Clock, cards house.Checked) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := rec.Ping(ctx); err != nil {
			http.Error(w, "the records do not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := errors.Join(writeMetrics(ctx, w, rec), writeAlertMetrics(ctx, w, rec, cards)); err != nil {
			http.Error(w, "the records do not answer", http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /search", directory.SearchHandler(finder, clock.Now))
	return &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
}

// writeMetrics writes the few numbers that show whether work piles up, in the text format that Prometheus reads. None of
// them names anybody.
func writeMetrics(ctx context.Context, w io.Writer, rec *records.Records) error {
	in, err := rec.InboxCounts(ctx)
	if err != nil {
		return err
	}
	out, err := rec.OutboxCounts(ctx)
	if err != nil {
		return err
	}
	feeds, err := rec.FeedStates(ctx)
	if err != nil {
		return err
	}
	held, err := rec.HeldChanges(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "# TYPE handrail_directory_held gauge\nhandrail_directory_held %d\n", held)
	fmt.Fprintln(w, "# TYPE handrail_feed_ok_timestamp_seconds gauge")
	for _, f := range feeds {
		if f.OKAt != nil {
			fmt.Fprintf(w, "handrail_feed_ok_timestamp_seconds{feed=%q} %d\n", f.Name, f.OKAt.Unix())
		}
	}
	fmt.Fprintf(w, "# TYPE handrail_inbox gauge\nhandrail_inbox{state=\"waiting\"} %d\nhandrail_inbox{state=\"finished\"} %d\n", in.Waiting, in.Finished)
	fmt.Fprintln(w, "# TYPE handrail_outbox gauge")
	for _, c := range []struct {
		state string
		n     int
	}{
		{"queued", out.Queued}, {"held", out.Held}, {"claimed", out.Claimed}, {"sending", out.Sending}, {"sent", out.Sent},
		{"unknown", out.Unknown}, {"failed", out.Failed}, {"suppressed", out.Suppressed},
	} {
		fmt.Fprintf(w, "handrail_outbox{state=%q} %d\n", c.state, c.n)
	}
	return nil
}

// health asks a running service how it is, for a container's health check.
func (a *app) health() *cobra.Command {
	return &cobra.Command{
		Use: "health", Short: "Ask a running service how it is", Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.settings()
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 5*time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+string(cfg.Admin.Addr)+"/health", nil)
			if err != nil {
				return fmt.Errorf("health: %w", err)
			}
			client := &http.Client{}
			resp, err := client.Do(req)
			if err != nil {
				return fmt.Errorf("health: %w", err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("health: the service answers %s", resp.Status)
			}
			_, err = fmt.Fprintln(a.out, "ok")
			return err
		},
	}
}
