package records

import (
	"context"
	"strings"
)

// tables lists every table of ours, children before their parents, but counters: the numbers of changes go on growing, so
// that whoever follows them misses nothing.
func tables() []string {
	return []string{
		"workspaces", "case_notes", "staff_invites", "leaves", "organiser_invites", "organiser_groups", "organisers", "audit", "corrections", "trusted", "permission_answers", "permissions", "contacts", "measures", "feedback", "misses", "alerts", "invites", "accompaniments", "attendances",
		"enrolments", "referrals", "buddies", "patients", "staff", "practices", "identities", "inbox", "outbox",
		"conversations", "conversation_states", "effects", "ticks", "activities", "postcodes", "listing_copies", "feeds",
		"held_copies", "holds", "merges", "listing_edits", "asks", "unmet_needs", "pictures",
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
