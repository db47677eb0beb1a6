package records

import (
	"context"
	"time"

	"handrail/bot"
)

// States keeps where each conversation stands, for a house without Redis. It obeys the same rules as the one on Redis.
func (r *Records) States() States { return States{r} }

// States is bot.States on the records database.
type States struct{ r *Records }

var _ bot.States = States{}

// Load returns the saved bytes and their version; nil and 0 when there are none.
func (s States) Load(ctx context.Context, conversation string) (state []byte, version int64, err error) {
	type row struct {
		state   []byte
		version int64
	}
	got, _, err := one(ctx, s.r, "load the conversation", func(sc scanner) (row, error) {
		var out row
		var sealed []byte
		if err := sc.Scan(&sealed, &out.version); err != nil {
			return out, err
		}
		var err error
		out.state, err = s.r.open(place("conversation_states", conversation, "state"), sealed)
		return out, err
	}, "SELECT state, version FROM conversation_states WHERE conversation = $1 AND state IS NOT NULL", conversation)
	return got.state, got.version, err
}

// Save replaces the state of version prev (0: there must be none) and returns the new version, which is greater than
// every version the conversation ever had, so that an erased state is never taken for a later one. bot.ErrConflict, and
// nothing done, when the version is another. keep only says when the row may be swept away. An empty state cannot be
// saved: use Erase.
func (s States) Save(ctx context.Context, conversation string, state []byte, prev int64, keep time.Duration) (version int64, err error) {
	err = s.r.in(ctx, "Save", func(ctx context.Context) error {
		sealed, err := s.r.seal(place("conversation_states", conversation, "state"), state)
		if err != nil {
			return err
		}
		query := `UPDATE conversation_states SET state = $1, version = version + 1, keep_until = $2
			WHERE conversation = $3 AND version = $4 AND state IS NOT NULL RETURNING version`
		args := []any{sealed, micros(s.r.now().Add(keep)), conversation, prev}
		if prev == 0 {
			query = `INSERT INTO conversation_states (state, keep_until, conversation, version) VALUES ($1, $2, $3, 1)
				ON CONFLICT (conversation) DO UPDATE SET state = excluded.state, keep_until = excluded.keep_until,
				version = conversation_states.version + 1 WHERE conversation_states.state IS NULL RETURNING version`
			args = args[:3]
		}
		got, ok, err := one(ctx, s.r, "save the conversation", value[int64], query, args...)
		if err == nil && !ok {
			err = bot.ErrConflict
		}
		version = got
		return err
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// Erase forgets a conversation. Safe to call twice.
func (s States) Erase(ctx context.Context, conversation string) error {
	return s.r.in(ctx, "Erase", func(ctx context.Context) error {
		_, err := s.r.exec(ctx, "erase the conversation", `UPDATE conversation_states SET state = NULL, version = version + 1
			WHERE conversation = $1 AND state IS NOT NULL`, conversation)
		return err
	})
}
