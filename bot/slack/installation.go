package slack

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// Token is a token of Slack's. It prints as (secret), whatever prints it.
type Token string

// Reveal returns the token itself.
func (t Token) Reveal() string { return string(t) }

// String hides it.
func (t Token) String() string { return "(secret)" }

// GoString hides it from %#v.
func (t Token) GoString() string { return "(secret)" }

// LogValue hides it from log/slog.
func (t Token) LogValue() slog.Value { return slog.StringValue("(secret)") }

// MarshalText hides it from encoders: whoever stores it takes Reveal.
func (t Token) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Installation is the app in one workspace, which belongs to one practice.
type Installation struct {
	Team      string // the workspace's id
	Practice  handrail.PracticeID
	Token     Token     // the bot's
	BotUser   string    // the bot's own user id
	Installer string    // the user id of whoever installed it
	At        time.Time // UTC
}

// Installations keeps which workspaces have the app. Its methods are safe for concurrent use.
type Installations interface {
	// ByTeam finds the installation of a workspace; false when it has none, or none any more.
	ByTeam(ctx context.Context, team string) (Installation, bool, error)
	// Save adds an installation or replaces the one of its workspace. ErrOtherPractice, and nothing saved, when the
	// workspace is another practice's. Safe to call twice.
	Save(ctx context.Context, in Installation) error
	// Revoke forgets the token of a workspace that took the app away. Safe to call twice.
	Revoke(ctx context.Context, team string, at time.Time) error
}

// ErrOtherPractice is returned by Installations.Save for a workspace that belongs to another practice.
var ErrOtherPractice = errors.New("the workspace belongs to another practice")

// errWholeOrganisation is what a token of a whole organisation (Enterprise Grid) is answered with. It would reach into
// every workspace of it, and a workspace is one practice's: which one this is, it doesn't say.
var errWholeOrganisation = errors.New("the token is for a whole organisation: install the app in the practice's workspace alone")

// single is the one workspace whose bot token is in the settings. Which one it is, Slack says.
type single struct {
	mu    sync.Mutex
	in    Installation
	known bool
}

func (s *single) get() (Installation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in, s.known
}

func (s *single) learn(team, botUser string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in.Team, s.in.BotUser, s.known = team, botUser, true
}

// installed keeps what was found for half a minute, so that not every event asks the records.
type installed struct {
	store Installations // may be nil
	clock bot.Clock
	mu    sync.Mutex
	found map[string]cached
}

type cached struct {
	in Installation
	ok bool
	at time.Time
}

const cacheTime = 30 * time.Second

func (i *installed) byTeam(ctx context.Context, team string) (Installation, bool, error) {
	if i.store == nil {
		return Installation{}, false, nil
	}
	now := i.clock.Now()
	i.mu.Lock()
	c, hit := i.found[team]
	i.mu.Unlock()
	if age := now.Sub(c.at); hit && age >= 0 && age < cacheTime {
		return c.in, c.ok, nil
	}
	in, ok, err := i.store.ByTeam(ctx, team)
	if err != nil {
		return Installation{}, false, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found == nil || len(i.found) > 4096 { // strangers' workspaces must not fill the memory
		i.found = map[string]cached{}
	}
	i.found[team] = cached{in, ok, now}
	return in, ok, nil
}

func (i *installed) forget(team string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.found, team)
}

// installation finds the installation of a workspace. Where the settings hold one token, it may be that one's.
func (c *Channel) installation(ctx context.Context, team string) (Installation, bool, error) {
	if c.single != nil {
		in, known := c.single.get()
		if !known {
			if err := c.learn(ctx); err != nil {
				return Installation{}, false, err
			}
			in, _ = c.single.get()
		}
		if in.Team == team {
			return in, true, nil
		}
	}
	return c.installed.byTeam(ctx, team)
}

// learn asks Slack whose token it is.
func (c *Channel) learn(ctx context.Context) error {
	in, _ := c.single.get()
	var me struct {
		Team  string `json:"team_id"`
		User  string `json:"user_id"`
		Whole bool   `json:"is_enterprise_install"`
	}
	if err := c.api.call(ctx, in.Token, "auth.test", struct{}{}, &me); err != nil {
		return err
	}
	if me.Whole {
		return errWholeOrganisation
	}
	if !isID(me.Team) || !isID(me.User) {
		return errors.New("slack: auth.test: the answer names no workspace")
	}
	c.single.learn(me.Team, me.User)
	return nil
}
