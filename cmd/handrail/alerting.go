package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/alerts"
	"handrail/config"
	"handrail/house"
	"handrail/store/records"
)

// alertsOf is the ladder of the settings, with e-mail where it is set up.
func alertsOf(cfg config.Config, clock house.Clock) (house.Alerts, error) {
	out := house.Alerts{Hours: cfg.Alerts.Hours, Again: time.Duration(cfg.Alerts.Again)}
	for _, r := range cfg.Alerts.Ladder {
		out.Rungs = append(out.Rungs, alerts.Rung{Who: r.Who, Email: r.Email, After: r.After})
	}
	e := cfg.Alerts.Email
	if e.Host == "" {
		return out, nil
	}
	mail, err := alerts.NewMail(alerts.MailOptions{
		Host: e.Host, Port: int(e.Port), From: string(e.From), User: e.User, Password: e.Password.Reveal(), Now: clock.Now,
	})
	if err != nil {
		return house.Alerts{}, fmt.Errorf("alerts.email: %w", err)
	}
	out.Mail = mail
	for _, to := range e.To {
		out.To = append(out.To, string(to))
	}
	return out, nil
}

// helpChecked is when this deployment says it checked the numbers on the cards; the zero time where it never said.
func helpChecked(cfg config.Config) time.Time {
	if cfg.Help.Checked.IsZero() {
		return time.Time{}
	}
	return cfg.Help.Checked.In(cfg.Location())
}

// writeAlertMetrics writes how many alerts nobody has taken on, since when the longest of them waits, and when the numbers on
// the cards were last checked: three numbers that are worth an alarm of their own (K5, K6).
func writeAlertMetrics(ctx context.Context, w io.Writer, rec *records.Records, cards house.Checked) error {
	waiting, since, err := rec.AlertsWaiting(ctx)
	if err != nil {
		return err
	}
	day, _ := cards.On()
	fmt.Fprintf(w, "# TYPE handrail_alerts_waiting gauge\nhandrail_alerts_waiting %d\n", waiting)
	if waiting > 0 {
		fmt.Fprintf(w, "# TYPE handrail_alerts_waiting_since_timestamp_seconds gauge\nhandrail_alerts_waiting_since_timestamp_seconds %d\n", since.Unix())
	}
	fmt.Fprintf(w, "# TYPE handrail_help_checked_timestamp_seconds gauge\nhandrail_help_checked_timestamp_seconds %d\n", day.Unix())
	return nil
}

// alertsReport is how well danger was found, as staff saw it (K17).
type alertsReport struct {
	Since  string       `json:"since"`
	Open   int          `json:"open"`
	Settle int          `json:"settled"`
	Right  int          `json:"right"`
	Wrong  int          `json:"wrong"`
	Missed int          `json:"missed"`
	Wait   float64      `json:"longest_minutes_until_taken_on"`
	Wrongs []wrongAlert `json:"wrong_alerts"`
}

// wrongAlert is one alert that staff called a false alarm: when it was and which card was shown, and nobody's words.
type wrongAlert struct {
	ID   handrail.AlertID `json:"id"`
	Kind string           `json:"kind"`
	At   time.Time        `json:"at"`
}

// alerts reports how well danger is found, for whoever looks after the words and the hazard log.
func (a *app) alerts() *cobra.Command {
	var asJSON bool
	var days int
	cmd := &cobra.Command{
		Use: "alerts", Short: "Report how often danger was found rightly, wrongly, or not at all",
		Long: `Alerts counts the urgent alerts of the last days, how staff marked them (right, or a
false alarm), and the missed messages that staff told of. It names nobody. False
alarms and misses belong in the review of the hazard log (docs/hazards.md).`,
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			_, clock, rec, err := a.openFor(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, rec.Close()) }()
			r, err := countAlerts(cmd.Context(), rec, clock.Now().AddDate(0, 0, -days))
			if err != nil {
				return fmt.Errorf("alerts: %w", err)
			}
			if asJSON {
				return a.printJSON(r)
			}
			return r.write(a.out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print for programs")
	cmd.Flags().IntVar(&days, "days", 28, "how many days back")
	return cmd
}

func countAlerts(ctx context.Context, rec *records.Records, since time.Time) (alertsReport, error) {
	out := alertsReport{Since: since.Format(time.DateOnly), Wrongs: []wrongAlert{}}
	all, err := rec.Practices(ctx)
	if err != nil {
		return out, err
	}
	for _, p := range all {
		c, err := rec.CountAlerts(ctx, p.ID, since)
		if err != nil {
			return out, err
		}
		out.Open, out.Settle, out.Right, out.Wrong, out.Missed = out.Open+c.Open, out.Settle+c.Settled, out.Right+c.Right, out.Wrong+c.Wrong, out.Missed+c.Missed
		out.Wait = max(out.Wait, c.LongestUntilAck.Minutes())
		wrong, err := rec.MarkedWrong(ctx, p.ID, since)
		if err != nil {
			return out, err
		}
		for _, w := range wrong {
			out.Wrongs = append(out.Wrongs, wrongAlert{ID: w.ID, Kind: w.Kind, At: w.RaisedAt})
		}
	}
	return out, nil
}

func (r alertsReport) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, `Since %s:
  %d alerts, %d of them not settled yet
  %d marked right, %d false alarms, %d not marked
  %d missed messages that staff told of
  the longest wait until somebody took one on: %.0f minutes
`, r.Since, r.Open+r.Settle, r.Open, r.Right, r.Wrong, r.Settle-r.Right-r.Wrong, r.Missed, r.Wait)
	for _, a := range r.Wrongs {
		if err == nil {
			_, err = fmt.Fprintf(w, "  false alarm %s: %s, %s\n", a.ID, a.Kind, a.At.Format(time.RFC3339))
		}
	}
	return err
}

// doctor looks at what a start would need, and at what a person should look at.
func (a *app) doctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check the settings, the records, the alerts and the cards",
		Long: `Doctor reads the settings, opens the records, and says what is well and what
needs a look. It sends nothing. It ends with status 1 when something is broken,
and with 0 when all is well or only deserves a look.`,
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := a.examine(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				if err := json.NewEncoder(a.out).Encode(found); err != nil {
					return fmt.Errorf("doctor: %w", err)
				}
			}
			broken := 0
			for _, f := range found {
				if f.State == stateBroken {
					broken++
				}
				if !asJSON {
					fmt.Fprintf(a.out, "%-7s %s: %s\n", f.State, f.What, f.Says)
				}
			}
			if broken > 0 {
				return fmt.Errorf("doctor: %d of %d things are broken", broken, len(found))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print for programs")
	return cmd
}

// finding is one thing that doctor looked at.
type finding struct {
	What  string `json:"what"`
	State string `json:"state"` // "well", "look" or "broken"
	Says  string `json:"says"`
}

const (
	stateWell   = "well"
	stateLook   = "look"
	stateBroken = "broken"
)

func (a *app) examine(ctx context.Context) (found []finding, err error) {
	cfg, err := a.settings()
	if err != nil {
		return nil, err
	}
	clock, err := a.clock()
	if err != nil {
		return nil, err
	}
	found = []finding{{"settings", stateWell, "they can be read"}}
	add := func(what string, bad bool, state, says, well string) {
		if bad {
			found = append(found, finding{what, state, says})
		} else {
			found = append(found, finding{what, stateWell, well})
		}
	}
	add("chat", cfg.Telegram.Token.IsZero() && cfg.Slack.BotToken.IsZero(), stateLook, "no chat network is set up; serve would not start", "a chat network is set up")
	add("second route", cfg.Alerts.Email.Host == "", stateLook, "alerts.email is not set up: an alert that the chat does not deliver reaches nobody", "alerts.email is set up")
	checked := house.NewChecked(helpChecked(cfg))
	day, own := checked.On()
	switch {
	case checked.Closed(clock.Now()):
		found = append(found, finding{"cards", stateBroken, "the numbers on the urgent-help cards were last checked on " + day.Format(time.DateOnly) + ": nobody new can join before help.checked is newer"})
	case !own:
		found = append(found, finding{"cards", stateLook, "nobody here has checked the numbers on the urgent-help cards: do, and set help.checked"})
	default:
		add("cards", checked.Due(clock.Now()), stateLook, "the numbers on the urgent-help cards were last checked on "+day.Format(time.DateOnly)+": check them and set help.checked",
			"the numbers were checked on "+day.Format(time.DateOnly))
	}
	rec, _, err := a.open(ctx, cfg, clock)
	if err != nil {
		// What the database says of itself may hold its address.
		return append(found, finding{"records", stateBroken, "they cannot be opened"}), nil
	}
	defer func() { err = errors.Join(err, rec.Close()) }()
	found = append(found, finding{"records", stateWell, "they can be opened"})
	practices, err := rec.Practices(ctx)
	if err != nil {
		return append(found, finding{"practices", stateBroken, "they cannot be read"}), nil
	}
	for i, p := range practices {
		called := 0
		for _, r := range cfg.Alerts.Ladder {
			if r.Email {
				continue
			}
			staff, err := rec.StaffWith(ctx, p.ID, r.Who)
			if err != nil {
				return append(found, finding{"staff", stateBroken, "they cannot be read"}), nil
			}
			for _, s := range staff {
				if s.Active && !s.Address.IsZero() {
					called++
				}
			}
		}
		add(fmt.Sprintf("practice %d", i+1), called == 0, stateLook, "nobody on alerts.ladder has a chat: an alert goes by e-mail or reaches nobody",
			fmt.Sprintf("%d of its staff on alerts.ladder have a chat", called))
	}
	return found, nil
}
