package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/bot"
	"handrail/bot/slack"
	"handrail/config"
	"handrail/house"
	"handrail/store/records"
)

// slackOf is the staff's channel of the settings; nil where there is none.
func slackOf(cfg config.Config, practice handrail.PracticeID, rec *records.Records, key []byte, home *homes, clock house.Clock, log *slog.Logger) (*slack.Channel, error) {
	s := cfg.Slack
	if s.BotToken.IsZero() && s.ClientID == "" {
		return nil, nil //nolint:nilnil // no channel and no error: there is none in the settings
	}
	o := slack.Options{
		Practice: practice, Installations: installations{rec}, Install: installOf(cfg, key), Admin: s.Admin, Administrator: administrators(rec),
		APIURL: s.APIURL.Reveal(), Clock: clock, Log: log, Home: home.of,
		// A question has its answer once; a button that works on its own, urgent help above all, stays.
		Spent: func(payload string) bool { return !strings.HasPrefix(payload, "p~") },
	}
	if !s.AppToken.IsZero() {
		o.AppToken = s.AppToken
	}
	if !s.SigningSecret.IsZero() {
		o.SigningSecret = s.SigningSecret
	}
	if !s.BotToken.IsZero() {
		o.BotToken = s.BotToken
	}
	c, err := slack.New(o)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	return c, nil
}

// installOf is how workspaces install the app by themselves; the zero one where they cannot.
func installOf(cfg config.Config, key []byte) slack.Install {
	if cfg.Slack.ClientID == "" {
		return slack.Install{}
	}
	return slack.Install{ClientID: cfg.Slack.ClientID, ClientSecret: cfg.Slack.ClientSecret, PublicURL: cfg.HTTP.PublicURL.Reveal(), Key: key}
}

// homes makes home tabs once there is a house: the channel is made before it.
type homes struct{ house atomic.Pointer[house.House] }

func (h *homes) is(made *house.House) { h.house.Store(made) }

func (h *homes) of(ctx context.Context, who handrail.Address) (bot.Message, error) {
	made := h.house.Load()
	if made == nil {
		return bot.Message{}, errors.New("the house is not there yet")
	}
	return made.Home(ctx, who)
}

// installations keeps the workspaces of the app in the records.
type installations struct{ rec *records.Records }

// ByTeam finds a workspace.
func (i installations) ByTeam(ctx context.Context, team string) (slack.Installation, bool, error) {
	w, ok, err := i.rec.Workspace(ctx, team)
	if err != nil || !ok {
		return slack.Installation{}, false, err
	}
	return slack.Installation{Team: w.Team, Practice: w.Practice, Token: slack.Token(w.Token), BotUser: w.BotUser, Installer: w.Installer, At: w.At}, true, nil
}

// Save keeps a workspace.
func (i installations) Save(ctx context.Context, in slack.Installation) error {
	err := i.rec.SaveWorkspace(ctx, records.Workspace{
		Team: in.Team, Practice: in.Practice, Token: in.Token.Reveal(), BotUser: in.BotUser, Installer: in.Installer, At: in.At,
	})
	if handrail.IsKind(err, handrail.KindConflict) {
		return slack.ErrOtherPractice
	}
	return err
}

// Revoke forgets a workspace's token.
func (i installations) Revoke(ctx context.Context, team string, at time.Time) error {
	return i.rec.RevokeWorkspace(ctx, team, at)
}

// administrators makes somebody an administrator of the practice of their address. It is safe to call twice: the id is
// made of the address, and a role that is there already is not added.
func administrators(rec *records.Records) func(context.Context, handrail.Address, string) error {
	return func(ctx context.Context, at handrail.Address, name string) error {
		who, err := rec.Who(ctx, at)
		if err != nil {
			return fmt.Errorf("make an administrator: %w", err)
		}
		s := handrail.Staff{
			ID: handrail.StaffID("sta_" + rec.ConversationKey(at)[:16]), Practice: at.Practice, Name: name, Address: at, Active: true,
		}
		if who.Kind == bot.WhoStaff {
			if s, err = rec.Staff(ctx, at.Practice, handrail.StaffID(who.ID)); err != nil {
				return fmt.Errorf("make an administrator: %w", err)
			}
		}
		if s.Is(handrail.RoleAdministrator) {
			return nil
		}
		s.Roles = append(s.Roles, handrail.RoleAdministrator)
		if err := rec.SaveStaff(ctx, s, handrail.ActorSystem); err != nil {
			return fmt.Errorf("make an administrator: %w", err)
		}
		return nil
	}
}

// slackLink makes the link by which a practice installs the app.
func (a *app) slackLink() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "slack-link",
		Short: "Make the link by which a practice installs the Slack app",
		Long: `Slack-link prints an address. Whoever opens it within a week and says yes in Slack
installs the app in their workspace for the practice, and is its first
administrator: give it to nobody else. It needs slack.client_id and
slack.client_secret; see docs/slack.md.`,
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cfg, err := a.settings()
			if err != nil {
				return err
			}
			if cfg.Slack.ClientID == "" {
				return errors.New("slack.client_id is not set; with slack.bot_token alone no link is needed")
			}
			clock, err := a.clock()
			if err != nil {
				return err
			}
			rec, key, err := a.open(cmd.Context(), cfg, clock)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, rec.Close()) }()
			practice, err := practiceNamed(cmd.Context(), rec, cfg, name)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.out, installOf(cfg, key).Link(practice, clock.Now()))
			return err
		},
	}
	c.Flags().StringVar(&name, "practice", "", "the practice's `NAME`; it is made where the records have none of that name. Default: the first one")
	return c
}

// practiceNamed finds a practice by its name, or makes it.
func practiceNamed(ctx context.Context, rec *records.Records, cfg config.Config, name string) (handrail.PracticeID, error) {
	first, err := firstPractice(ctx, rec, cfg)
	if err != nil || name == "" {
		return first, err
	}
	all, err := rec.Practices(ctx)
	if err != nil {
		return "", fmt.Errorf("find the practice: %w", err)
	}
	for _, p := range all {
		if strings.EqualFold(p.Name, name) {
			return p.ID, nil
		}
	}
	p := handrail.Practice{ID: handrail.PracticeID(fmt.Sprintf("pra_%d", len(all)+1)), Name: name, Zone: cfg.Zone.String()}
	for _, other := range all {
		if other.ID == p.ID {
			return "", errors.New("make the practice: its id is taken")
		}
	}
	if err := rec.SavePractice(ctx, p, handrail.ActorSystem); err != nil {
		return "", fmt.Errorf("make the practice: %w", err)
	}
	return p.ID, nil
}
