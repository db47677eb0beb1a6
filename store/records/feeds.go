package records

import (
	"context"
	"database/sql"
	"errors"

	"handrail"
)

const feedColumns = "name, bookmark, tried_at, ok_at, failures, problem"

func scanFeed(row scanner) (handrail.FeedState, error) {
	var f handrail.FeedState
	var tried, ok sql.NullInt64
	err := row.Scan(&f.Name, &f.Cursor, &tried, &ok, &f.Failures, &f.Problem)
	f.TriedAt, f.OKAt = when(tried), when(ok)
	return f, err
}

// FeedState returns where the reading of a feed stands; one that was never read has its name and nothing else.
func (r *Records) FeedState(ctx context.Context, name string) (handrail.FeedState, error) {
	f, ok, err := one(ctx, r, "read a feed's state", scanFeed, "SELECT "+feedColumns+" FROM feeds WHERE name = $1", name)
	if err == nil && !ok {
		f.Name = name
	}
	return f, err
}

// FeedStates returns the state of every feed that was ever read, by name.
func (r *Records) FeedStates(ctx context.Context) ([]handrail.FeedState, error) {
	return list(ctx, r, "read the feeds' states", scanFeed, "SELECT "+feedColumns+" FROM feeds ORDER BY name")
}

// SaveFeedState keeps where the reading of a feed stands. Safe to call twice.
func (r *Records) SaveFeedState(ctx context.Context, f handrail.FeedState) error {
	if f.Name == "" {
		return errors.New("save a feed's state: it has no name")
	}
	return r.in(ctx, "SaveFeedState", func(ctx context.Context) error {
		_, err := r.exec(ctx, "save a feed's state", "INSERT INTO feeds ("+feedColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (name) DO UPDATE SET bookmark = excluded.bookmark, tried_at = excluded.tried_at, ok_at = excluded.ok_at,
			failures = excluded.failures, problem = excluded.problem`,
			f.Name, f.Cursor, maybe(f.TriedAt), maybe(f.OKAt), f.Failures, f.Problem)
		return err
	})
}
