package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"handrail/config"
	"handrail/house"
	"handrail/store/records"
)

// app is what the subcommands share: where they run, and the flags that all of them take.
type app struct {
	env    []string
	out    io.Writer
	errOut io.Writer
	real   house.Clock

	configFile string
	dataDir    string
	nowText    string
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "handrail",
		Short: "A chat assistant for social prescribing",
		Long: `Handrail helps a GP find something in the community for a patient, helps the
patient walk in the first time, and tells the GP how it went.

Try it:  handrail demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage{fmt.Errorf("there is no command %q; see handrail --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{err} })
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "", "settings `FILE` (YAML); every setting is also an environment variable")
	flags.StringVar(&a.dataDir, "data", "", "`DIR` for what is kept in files")
	flags.StringVar(&a.nowText, "now", "", "another `TIME` than the machine's, 2014-02-03T09:00:00Z, for tests and old data")
	root.AddCommand(a.demo(), a.serve(), a.health(), a.doctor(), a.alerts(), a.slackLink(), a.importCommand(), a.postcodes(), a.search(), a.understand(), a.evaluate(), a.words(), a.version())
	return root
}

// exactly is cobra's argument check with our exit status.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage{fmt.Errorf("this needs %s; see --help", what)}
		}
		return nil
	}
}

// settings reads the configuration; every mistake is in the error, and it is one of usage.
func (a *app) settings() (config.Config, error) {
	flags := config.Overrides{}
	if a.dataDir != "" {
		flags["data"] = a.dataDir
	}
	cfg, err := config.Load(a.configFile, a.env, flags)
	if err != nil {
		return config.Config{}, usage{err}
	}
	return cfg, nil
}

// clock is the machine's, or one that began at --now.
func (a *app) clock() (house.Clock, error) {
	if a.nowText == "" {
		return a.real, nil
	}
	at, err := time.Parse(time.RFC3339, a.nowText)
	if err != nil {
		return nil, usage{fmt.Errorf("--now: %q is not a time such as 2014-02-03T09:00:00Z", a.nowText)}
	}
	return house.NewMovable(a.real, at), nil
}

// log writes to standard error. It never carries who somebody is or what they said.
func (a *app) log(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(a.errOut, &slog.HandlerOptions{Level: level}))
}

// open opens the records of this configuration and brings their tables up to date.
func (a *app) open(ctx context.Context, cfg config.Config, clock house.Clock) (*records.Records, []byte, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, nil, fmt.Errorf("make the data directory: %w", err)
	}
	key, err := cfg.RecordsKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	rec, err := records.Open(ctx, records.Options{URL: cfg.Records.URL.Reveal(), Now: clock.Now, Key: key, Log: a.log(slog.LevelWarn)})
	if err != nil {
		return nil, nil, err
	}
	return rec, key, nil
}

// openFor is settings, clock and open in one, for the commands that need no more.
func (a *app) openFor(ctx context.Context) (config.Config, house.Clock, *records.Records, error) {
	cfg, err := a.settings()
	if err != nil {
		return config.Config{}, nil, nil, err
	}
	clock, err := a.clock()
	if err != nil {
		return config.Config{}, nil, nil, err
	}
	rec, _, err := a.open(ctx, cfg, clock)
	return cfg, clock, rec, err
}

// printJSON prints for programs.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
