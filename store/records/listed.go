package records

import (
	"context"
	"strings"
	"time"

	"handrail"
)

// ActivitiesNamed returns up to limit listings whose name holds all the words, whether they run or not, by name and id: for
// whoever looks after them. It reads every listing, so it is for a person's question now and then and not for searches.
func (r *Records) ActivitiesNamed(ctx context.Context, words string, limit int) ([]handrail.Activity, error) {
	fields := strings.Fields(strings.ToLower(words))
	if len(fields) == 0 {
		return nil, nil
	}
	all, err := list(ctx, r, "read the directory", scanRaw, "SELECT "+activityColumns+" FROM activities WHERE same_as = '' ORDER BY id")
	if err != nil {
		return nil, err
	}
	var out []handrail.Activity
	for _, l := range all {
		a, err := l.activity()
		if err != nil {
			return nil, err
		}
		name, hit := strings.ToLower(a.Name), true
		for _, f := range fields {
			hit = hit && strings.Contains(name, f)
		}
		if hit && len(out) < limit {
			out = append(out, a)
		}
	}
	return out, nil
}

// AskedListings returns up to limit active listings that are due to be asked about at or before the time before, in the
// order in which they became due, with who answers for each: those that somebody answers for, or that somebody goes to.
// The rest of a large directory is nobody's to ask about.
func (r *Records) AskedListings(ctx context.Context, before time.Time, limit int) ([]handrail.AskedListing, error) {
	rows, err := list(ctx, r, "look whom to ask", scanRaw, "SELECT "+activityColumns+` FROM activities
		WHERE status = 'active' AND same_as = '' AND ask_at <= $1 AND (id IN (SELECT activity FROM organiser_groups)
			OR id IN (SELECT activity FROM enrolments WHERE state <> 'ended')) ORDER BY ask_at, id LIMIT $2 + 0`, micros(before), limit)
	if err != nil {
		return nil, err
	}
	var out []handrail.AskedListing
	for _, l := range rows {
		a, err := l.activity()
		if err != nil {
			return nil, err
		}
		asked := handrail.AskedListing{Activity: a}
		o, ok, err := r.OrganiserOf(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			asked.Organiser, asked.Practice = &o, o.Practice
		} else {
			all, err := r.Enrolled(ctx, a.ID)
			if err != nil {
				return nil, err
			}
			if len(all) == 0 {
				continue // somebody ended it in between
			}
			asked.Practice = all[0].Patient.Practice
		}
		out = append(out, asked)
	}
	return out, nil
}

// HeldChanges counts what waits for a person: held changes and pairs of listings that may be one.
func (r *Records) HeldChanges(ctx context.Context) (int, error) {
	n, _, err := one(ctx, r, "count what is held", func(row scanner) (int, error) {
		var n int
		return n, row.Scan(&n)
	}, "SELECT (SELECT COUNT(*) FROM holds WHERE state = 'open') + (SELECT COUNT(*) FROM merges WHERE state = 'open')")
	return n, err
}
