package records

import (
	"context"
	"strings"
)

// tables lists every table of ours, children before their parents.
func tables() []string {
	return []string{
		"audit", "permission_answers", "permissions", "feedback", "alerts", "invites", "accompaniments", "attendances",
		"enrolments", "referrals", "buddies", "patients", "staff", "practices", "identities", "inbox", "outbox",
		"conversations", "conversation_states", "effects", "ticks", "activities", "postcodes",
	}
}

// Wipe empties every table, the audit trail too. It is for the demo's reset and for nothing else.
func (r *Records) Wipe(ctx context.Context) error {
	return r.in(ctx, "Wipe", func(ctx context.Context) error {
		if r.kind == postgres {
			_, err := r.exec(ctx, "wipe the tables", "TRUNCATE "+strings.Join(tables(), ", "))
			return err
		}
		for _, t := range tables() {
			if _, err := r.exec(ctx, "wipe "+t, "DELETE FROM "+t); err != nil {
				return err
			}
		}
		return nil
	})
}
