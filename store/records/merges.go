package records

import (
	"context"
	"slices"
	"time"

	"handrail"
)

const mergeColumns = "id, a, b, name_a, name_b, score, at, state"

func scanMerge(row scanner) (handrail.Merge, error) {
	var m handrail.Merge
	var at int64
	err := row.Scan(&m.ID, &m.A, &m.B, &m.NameA, &m.NameB, &m.Score, &at, &m.State)
	m.At = instant(at)
	return m, err
}

// suggest stores pairs that may be one group, and returns how many are new: a pair is suggested once, whatever was
// decided.
func (r *Records) suggest(ctx context.Context, pairs []handrail.Merge, now time.Time) (int, error) {
	added := 0
	for _, m := range pairs {
		if err := setID(r, &m.ID, "mrg_"); err != nil {
			return 0, err
		}
		n, err := r.exec(ctx, "suggest that two listings are one", "INSERT INTO merges ("+mergeColumns+`, decided_by)
			SELECT $1, $2, $3, $4, $5, CAST($6 AS DOUBLE PRECISION), CAST($7 AS BIGINT), 'open', '' WHERE NOT EXISTS (SELECT 1 FROM merges WHERE a = $8 AND b = $9)
			ON CONFLICT (a, b) DO NOTHING`,
			string(m.ID), string(m.A), string(m.B), m.NameA, m.NameB, m.Score, micros(now), string(m.B), string(m.A))
		if err != nil {
			return 0, err
		}
		added += int(n)
	}
	return added, nil
}

// Merges returns the pairs of live listings of which a person should say whether they are one group, the likeliest first.
func (r *Records) Merges(ctx context.Context) ([]handrail.Merge, error) {
	return list(ctx, r, "read suggestions", scanMerge, "SELECT "+mergeColumns+` FROM merges m WHERE state = 'open'
		AND (SELECT COUNT(*) FROM activities x WHERE x.id IN (m.a, m.b) AND x.status = 'active' AND x.same_as = '') = 2
		ORDER BY score DESC, at, id`)
}

// DecideMerge records at the time at whether two listings are one group. If they are, the older one stays: it shows what
// both sources say, has the edits and organisers of both, and is what is found under both ids from now on. If they are
// not, nobody is asked again. KindConflict when it was decided before, KindNotFound when there is none of that id.
func (r *Records) DecideMerge(ctx context.Context, id handrail.MergeID, same bool, by handrail.Actor, at time.Time) error {
	return r.in(ctx, "DecideMerge", func(ctx context.Context) error {
		if err := r.lockDirectory(ctx); err != nil {
			return err
		}
		m, ok, err := one(ctx, r, "read the suggestion", scanMerge, "SELECT "+mergeColumns+" FROM merges WHERE id = $1"+r.kind.forUpdate(), string(id))
		if err == nil && !ok {
			err = notFound("suggestion")
		}
		if err != nil {
			return err
		}
		if m.State != handrail.MergeOpen {
			return handrail.Errorf(handrail.KindConflict, "Somebody decided that already.", "decide a suggestion: it is not open")
		}
		if err := m.Decide(same); err != nil {
			return err
		}
		_, err = r.exec(ctx, "decide a suggestion", "UPDATE merges SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4",
			string(m.State), string(by), micros(at), string(id))
		if err != nil {
			return err
		}
		if err := r.audit(ctx, "", by, string(m.State), "merge", string(id)); err != nil || !same {
			return err
		}
		return r.join(ctx, m.A, m.B, by, stored(at))
	})
}

// join makes b a part of a.
func (r *Records) join(ctx context.Context, a, b handrail.ActivityID, by handrail.Actor, at time.Time) error {
	a, err := r.resolve(ctx, a)
	if err != nil {
		return err
	}
	if b, err = r.resolve(ctx, b); err != nil || a == b {
		return err
	}
	rows, err := r.rawByID(ctx, []string{string(a), string(b)})
	if err != nil {
		return err
	}
	older, err := rows[string(a)].activity()
	if err != nil {
		return err
	}
	other, err := rows[string(b)].activity()
	if err != nil {
		return err
	}
	n, err := r.changes(ctx, 2)
	if err != nil {
		return err
	}
	for _, step := range []struct{ doing, query string }{
		{"join copies", "UPDATE listing_copies SET activity = $1 WHERE activity = $2"},
		{"join edits", "UPDATE listing_edits SET activity = $1 WHERE activity = $2"},
		{"join questions", "UPDATE asks SET activity = $1 WHERE activity = $2"},
		{"join organisers", "INSERT INTO organiser_groups (organiser, activity) SELECT organiser, $1 FROM organiser_groups WHERE activity = $2 ON CONFLICT DO NOTHING"},
		{"join listings", "UPDATE activities SET same_as = $1 WHERE same_as = $2"},
		{"withdraw suggestions", `UPDATE merges SET state = 'same' WHERE state = 'open' AND (a = $1 AND b = $2 OR a = $2 AND b = $1)`},
		// What is held of the other would be compared with another listing's telephone: it is looked at anew.
		{"withdraw holds", "UPDATE holds SET state = 'withdrawn' WHERE state IN ('open', 'refused') AND activity = $2 AND activity <> $1"},
	} {
		if _, err := r.exec(ctx, step.doing, step.query, string(a), string(b)); err != nil {
			return err
		}
	}
	_, err = r.exec(ctx, "leave the organisers of one listing", "DELETE FROM organiser_groups WHERE activity = $1", string(b))
	if err != nil {
		return err
	}
	_, err = r.exec(ctx, "join a listing to another", "UPDATE activities SET same_as = $1, change = $2, modified_at = $3 WHERE id = $4",
		string(a), n, micros(at), string(b))
	if err != nil {
		return err
	}
	known := bothStandings(older.Standing, other.Standing)
	known.ModifiedAt = at
	if err := r.saveStanding(ctx, a, known, n+1); err != nil {
		return err
	}
	if err := r.audit(ctx, "", by, "became the same as another", "activity", string(b)); err != nil {
		return err
	}
	s := &settling{r: r, by: by, now: at, source: older.Source}
	return s.run(ctx, []string{string(a)})
}

// bothStandings is what is known of a group that was known as two.
func bothStandings(a, b handrail.Standing) handrail.Standing {
	if a.CreatedAt.IsZero() || !b.CreatedAt.IsZero() && b.CreatedAt.Before(a.CreatedAt) {
		a.CreatedAt = b.CreatedAt
	}
	if b.Assured != nil && (a.Assured == nil || b.Assured.At.After(a.Assured.At)) {
		a.Assured = b.Assured
	}
	a.AskedAt, a.AnsweredAt, a.AttendedAt = later(a.AskedAt, b.AskedAt), later(a.AnsweredAt, b.AnsweredAt), later(a.AttendedAt, b.AttendedAt)
	a.Silences, a.Answers = min(a.Silences, b.Silences), a.Answers+b.Answers
	a.ReportedClosed = later(a.ReportedClosed, b.ReportedClosed)
	if a.Assured != nil && a.ReportedClosed != nil && a.Assured.At.After(*a.ReportedClosed) {
		a.ReportedClosed = nil
	}
	a.Paused = a.Paused || b.Paused
	for _, c := range b.Cancelled {
		if !slices.ContainsFunc(a.Cancelled, func(x handrail.Cancellation) bool { return x.On == c.On }) {
			a.Cancelled = append(a.Cancelled, c)
		}
	}
	return a
}

func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
