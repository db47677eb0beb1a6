package records

import (
	"context"
	"database/sql"
	"fmt"

	"handrail"
)

// raw is a listing as it stands in its row.
type raw struct {
	id, source, status, text, standing, sameAs string
	created, modified                          int64
}

const activityColumns = "id, source, status, listing, created_at, modified_at, standing, same_as"

func scanRaw(row scanner) (raw, error) {
	var l raw
	err := row.Scan(&l.id, &l.source, &l.status, &l.text, &l.created, &l.modified, &l.standing, &l.sameAs)
	return l, err
}

func (l raw) activity() (handrail.Activity, error) {
	a, err := decodeListing(l.text)
	if err != nil {
		return handrail.Activity{}, err
	}
	a.ID, a.Source, a.Status = handrail.ActivityID(l.id), l.source, handrail.ActivityStatus(l.status)
	a.Standing, err = decodeStanding(l.standing, l.created, l.modified)
	return a, err
}

// decoders is how many goroutines read stored listings while one fetches them.
const decoders = 4

// decodeBunch is how many rows are handed to a decoder at a time.
const decodeBunch = 512

// Activities returns every active listing, by id. Read LastActivityChange before it, to follow the changes from there.
func (r *Records) Activities(ctx context.Context) ([]handrail.Activity, error) {
	const doing = "read the directory"
	rows, err := r.rows(ctx, "SELECT "+activityColumns+" FROM activities WHERE status = 'active' AND same_as = '' ORDER BY id", nil)
	if err != nil {
		return nil, r.wrap(doing, err)
	}
	defer rows.Close()
	all, err := decodeAll(rows)
	if err != nil {
		return nil, r.wrap(doing, err)
	}
	return all, r.wrap(doing, rows.Close())
}

// decodeAll reads all rows, in order. Decoding takes longer than fetching, so it is done beside it.
func decodeAll(rows *sql.Rows) ([]handrail.Activity, error) {
	type bunch struct {
		raw  []raw
		done []handrail.Activity
		err  error
	}
	work := make(chan *bunch, decoders)
	var bunches []*bunch
	finished := make(chan struct{}, decoders)
	for range decoders {
		go func() {
			defer func() { finished <- struct{}{} }()
			for b := range work {
				b.done = make([]handrail.Activity, len(b.raw))
				for i, l := range b.raw {
					if b.done[i], b.err = l.activity(); b.err != nil {
						break
					}
				}
				b.raw = nil
			}
		}()
	}
	var failed error
	n := 0
	next := &bunch{raw: make([]raw, 0, decodeBunch)}
	hand := func() {
		if len(next.raw) > 0 {
			bunches = append(bunches, next)
			work <- next
		}
		next = &bunch{raw: make([]raw, 0, decodeBunch)}
	}
	for rows.Next() {
		l, err := scanRaw(rows)
		if err != nil {
			failed = err
			break
		}
		n++
		if next.raw = append(next.raw, l); len(next.raw) == decodeBunch {
			hand()
		}
	}
	hand()
	close(work)
	for range decoders {
		<-finished
	}
	if failed == nil {
		failed = rows.Err()
	}
	if failed != nil {
		return nil, failed
	}
	if n == 0 {
		return nil, nil
	}
	out := make([]handrail.Activity, 0, n)
	for _, b := range bunches {
		if b.err != nil {
			return nil, b.err
		}
		out = append(out, b.done...)
		b.done = nil
	}
	return out, nil
}

// Activity returns one listing, active or not; KindNotFound when there is none of that id. Where it turned out to be the
// same group as another, that one is returned.
func (r *Records) Activity(ctx context.Context, id handrail.ActivityID) (handrail.Activity, error) {
	all, err := r.activitiesByID(ctx, []handrail.ActivityID{id})
	if err != nil {
		return handrail.Activity{}, err
	}
	a, ok := all[id]
	if !ok {
		return handrail.Activity{}, notFound("group")
	}
	return a, nil
}

// rawByID returns rows by their ids, without following same_as.
func (r *Records) rawByID(ctx context.Context, ids []string) (map[string]raw, error) {
	all, err := batch(ctx, r, "read the directory", scanRaw, ids, func(marks string) string {
		return "SELECT " + activityColumns + " FROM activities WHERE id IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]raw, len(all))
	for _, l := range all {
		out[l.id] = l
	}
	return out, nil
}

// activitiesByID returns listings by the ids that they were asked for by, whatever their own ids are by now.
func (r *Records) activitiesByID(ctx context.Context, ids []handrail.ActivityID) (map[handrail.ActivityID]handrail.Activity, error) {
	asked := make([]string, len(ids))
	for i, id := range ids {
		asked[i] = string(id)
	}
	found, err := r.rawByID(ctx, asked)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, l := range found {
		if _, have := found[l.sameAs]; l.sameAs != "" && !have {
			others = append(others, l.sameAs)
		}
	}
	if len(others) > 0 {
		more, err := r.rawByID(ctx, others)
		if err != nil {
			return nil, err
		}
		for id, l := range more {
			found[id] = l
		}
	}
	out := make(map[handrail.ActivityID]handrail.Activity, len(found))
	for _, id := range asked {
		l, ok := found[id]
		if ok && l.sameAs != "" {
			l, ok = found[l.sameAs]
		}
		if !ok {
			continue
		}
		if out[handrail.ActivityID(id)], err = l.activity(); err != nil {
			return nil, fmt.Errorf("read the directory: %w", err)
		}
	}
	return out, nil
}

// groupOf is the condition that a column names the listing whose id is parameter n, under any of the ids it has had.
func groupOf(column string, n int) string {
	p := fmt.Sprintf("CAST($%d AS TEXT)", n)
	return column + " IN (SELECT " + p + " UNION ALL SELECT id FROM activities WHERE same_as <> '' AND same_as = " + p + ")"
}

// resolve returns the id that a listing has by now; KindNotFound when there is none of that id.
func (r *Records) resolve(ctx context.Context, id handrail.ActivityID) (handrail.ActivityID, error) {
	now, ok, err := one(ctx, r, "read the listing", value[handrail.ActivityID],
		"SELECT CASE WHEN same_as = '' THEN id ELSE same_as END FROM activities WHERE id = $1", string(id))
	if err == nil && !ok {
		err = notFound("group")
	}
	return now, err
}
