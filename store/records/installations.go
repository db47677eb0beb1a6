package records

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"handrail"
)

// Workspace is the staff's app in one workspace of a chat network, which belongs to one practice. It prints without its
// token and without whoever installed it.
type Workspace struct {
	Team      string // the workspace's id
	Practice  handrail.PracticeID
	Token     string // by which the app speaks there
	BotUser   string // the app's own user id there
	Installer string // the user id of whoever installed it
	At        time.Time
}

// String hides the token.
func (w Workspace) String() string { return "(a workspace)" }

// GoString hides it from %#v as well.
func (w Workspace) GoString() string { return w.String() }

// LogValue hides it from every handler of log/slog.
func (w Workspace) LogValue() slog.Value { return slog.StringValue(w.String()) }

const workspaceColumns = "team, practice, token, bot_user, installer, at"

// workspace reads a row and opens what is sealed in it.
func (r *Records) workspace(row scanner) (Workspace, error) {
	var w Workspace
	var token, installer []byte
	var at int64
	if err := row.Scan(&w.Team, &w.Practice, &token, &w.BotUser, &installer, &at); err != nil {
		return w, err
	}
	w.At = instant(at)
	for _, f := range []struct {
		column string
		sealed []byte
		into   *string
	}{{"token", token, &w.Token}, {"installer", installer, &w.Installer}} {
		plain, err := r.open(place("workspaces", w.Team, f.column), f.sealed)
		if err != nil {
			return Workspace{}, err
		}
		*f.into = string(plain)
	}
	return w, nil
}

// Workspace returns a workspace that has the app; false when it has not, or has taken it away.
func (r *Records) Workspace(ctx context.Context, team string) (Workspace, bool, error) {
	return one(ctx, r, "read a workspace", r.workspace, "SELECT "+workspaceColumns+" FROM workspaces WHERE team = $1 AND revoked_at = 0", team)
}

// Workspaces returns the workspaces of a practice that have the app, the eldest first.
func (r *Records) Workspaces(ctx context.Context, practice handrail.PracticeID) ([]Workspace, error) {
	return list(ctx, r, "read workspaces", r.workspace,
		"SELECT "+workspaceColumns+" FROM workspaces WHERE practice = $1 AND revoked_at = 0 ORDER BY at, team", string(practice))
}

// SaveWorkspace adds a workspace, or replaces its token. A workspace belongs to one practice for life: KindConflict, and
// nothing saved, when it is another's. Safe to call twice.
func (r *Records) SaveWorkspace(ctx context.Context, w Workspace) error {
	if w.Team == "" || w.Practice == "" || w.Token == "" {
		return handrail.Errorf(handrail.KindInvalid, "", "save a workspace: its id, practice and token are all needed")
	}
	return r.in(ctx, "SaveWorkspace", func(ctx context.Context) error {
		token, err := r.seal(place("workspaces", w.Team, "token"), []byte(w.Token))
		if err != nil {
			return err
		}
		installer, err := r.seal(place("workspaces", w.Team, "installer"), []byte(w.Installer))
		if err != nil {
			return err
		}
		n, err := r.exec(ctx, "save a workspace", `INSERT INTO workspaces (team, practice, token, bot_user, installer, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (team) DO UPDATE SET token = excluded.token, bot_user = excluded.bot_user, installer = excluded.installer,
			at = excluded.at, revoked_at = 0 WHERE workspaces.practice = excluded.practice`,
			w.Team, string(w.Practice), token, w.BotUser, installer, micros(w.At))
		if err != nil {
			return err
		}
		if n == 0 {
			return handrail.Errorf(handrail.KindConflict, "", "save a workspace: it belongs to another practice")
		}
		return r.audit(ctx, w.Practice, handrail.ActorSystem, "installed", "workspace", w.Team)
	})
}

// RevokeWorkspace forgets the token of a workspace that took the app away, and who installed it. Safe to call twice.
func (r *Records) RevokeWorkspace(ctx context.Context, team string, at time.Time) error {
	return r.in(ctx, "RevokeWorkspace", func(ctx context.Context) error {
		w, ok, err := r.Workspace(ctx, team)
		if err != nil || !ok {
			return err
		}
		if _, err := r.exec(ctx, "revoke a workspace",
			"UPDATE workspaces SET token = NULL, installer = NULL, revoked_at = $2 WHERE team = $1", team, micros(at)); err != nil {
			return fmt.Errorf("revoke a workspace: %w", err)
		}
		return r.audit(ctx, w.Practice, handrail.ActorSystem, "uninstalled", "workspace", team)
	})
}
