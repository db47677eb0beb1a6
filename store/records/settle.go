package records

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handrail"
)

// lockDirectory makes this transaction the only one that changes listings until it ends, and is called before anything
// of the directory is read that is to be changed: so the numbers of changes are committed in their order, and nobody
// misses one who follows them. It is no statement that writes.
func (r *Records) lockDirectory(ctx context.Context) error {
	_, _, err := one(ctx, r, "lock the directory", value[int64],
		"SELECT n FROM counters WHERE name = 'activities'"+r.kind.forUpdate())
	return err
}

// changes takes numbers for n changes of listings and returns the first.
func (r *Records) changes(ctx context.Context, n int) (int64, error) {
	last, _, err := one(ctx, r, "number a change", value[int64],
		"UPDATE counters SET n = n + $1 WHERE name = 'activities' RETURNING n", n)
	return last - int64(n) + 1, err
}

// activityRows inserts or rewrites whole rows of activities; what is known of a listing here stays.
func activityRows() bulk {
	return bulk{table: "activities", columns: []column{{"id", "text"}, {"practice", "text"}, {"source", "text"}, {"status", "text"},
		{"listing", "text"}, {"created_at", "bigint"}, {"modified_at", "bigint"}, {"ask_at", "bigint"}, {"change", "bigint"},
		{"postcode", "text"}, {"cell", "text"}, {"name_key", "text"}},
		conflict: `ON CONFLICT (id) DO UPDATE SET status = excluded.status, listing = excluded.listing,
			modified_at = excluded.modified_at, change = excluded.change, postcode = excluded.postcode, cell = excluded.cell,
			name_key = excluded.name_key`}
}

// activityRow is one row for activityRows, without the number of the change, which is set at numberAt.
func activityRow(a handrail.Activity, text string) []any {
	return []any{string(a.ID), "", a.Source, string(a.Status), text, micros(a.Standing.CreatedAt), micros(a.Standing.ModifiedAt),
		micros(a.Standing.DueAt()), int64(0), postcodeKey(a.Venue.Postcode), cellKey(a.Venue.At, 0, 0), nameKey(a.Name)}
}

// numberAt is the place of the change's number in an activityRow.
const numberAt = 8

// saveActivities writes rows made by activityRow, each with a number of its own.
func (r *Records) saveActivities(ctx context.Context, values []any) error {
	b := activityRows()
	width := len(b.columns)
	if len(values) == 0 {
		return nil
	}
	n, err := r.changes(ctx, len(values)/width)
	if err != nil {
		return err
	}
	for i := numberAt; i < len(values); i += width {
		values[i] = n
		n++
	}
	return r.insert(ctx, "save listings", b, values)
}

// pin is a contact as it stays until a person decides, and the hold that waits for them.
type pin struct {
	handrail.Hold
	was, becomes handrail.Activity
}

// override is a field as it was edited here.
type override struct {
	activity string
	field    handrail.EditField
	became   handrail.Activity
	pinned   bool
}

// settling is one working out of what listings are now.
type settling struct {
	r   *Records
	by  handrail.Actor
	now time.Time
	// source is the feed whose copy is being taken, for the holds.
	source string
	// trust says that contacts change without a person's look: one has looked already.
	trust bool
	// was are contacts as they were where that is not what the listing shows, by listing.
	was map[string]handrail.Activity

	held    int // holds made
	changed int // listings that say something else now
	lost    int // of those, live ones that no longer are
}

// run works out the listings of these ids and writes those that changed: what their sources say, as one; contacts that
// are held left as they were; what was edited here on top.
func (s *settling) run(ctx context.Context, ids []string) error {
	for part := range slices.Chunk(ids, 512) {
		if err := s.some(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *settling) some(ctx context.Context, ids []string) error {
	rows, err := s.r.rawByID(ctx, ids)
	if err != nil {
		return err
	}
	copies, err := s.r.copiesOf(ctx, ids)
	if err != nil {
		return err
	}
	pins, err := s.r.pinsOf(ctx, ids)
	if err != nil {
		return err
	}
	overrides, err := s.r.overridesOf(ctx, ids)
	if err != nil {
		return err
	}
	var values []any
	for _, id := range ids {
		row, ok := rows[id]
		if !ok || len(copies[id]) == 0 {
			continue // it became another listing
		}
		before, err := row.activity()
		if err != nil {
			return err
		}
		is := together(copies[id], s.now)
		is.ID, is.Source, is.Standing = before.ID, before.Source, before.Standing
		if err := s.hold(ctx, before, &is, pins[id], overrides[id]); err != nil {
			return err
		}
		for _, o := range overrides[id] {
			if o.pinned {
				o.field.Copy(&is, o.became)
			}
		}
		text, err := encodeListing(is)
		if err != nil {
			return err
		}
		if text == row.text && string(is.Status) == row.status {
			continue
		}
		s.changed++
		is.Standing.ModifiedAt = s.now
		values = append(values, activityRow(is, text)...)
		if string(is.Status) != row.status {
			if before.Status == handrail.ActivityActive {
				s.lost++
			}
			if err := s.r.audit(ctx, "", s.by, row.status+" -> "+string(is.Status), "activity", id); err != nil {
				return err
			}
		}
	}
	return s.r.saveActivities(ctx, values)
}

// hold leaves a telephone number or an address as it was where a source changed it and no person has looked (H18).
func (s *settling) hold(ctx context.Context, before handrail.Activity, is *handrail.Activity, pins []pin, overrides []override) error {
	for _, f := range []handrail.EditField{handrail.FieldPhone, handrail.FieldVenue} {
		var p *pin
		for i := range pins {
			if pins[i].Field == f {
				p = &pins[i]
			}
		}
		was := before
		if other, ok := s.was[string(before.ID)]; ok {
			was = other
		}
		edited := slices.ContainsFunc(overrides, func(o override) bool { return o.field == f && o.pinned })
		switch {
		case p != nil:
			was = p.was
		case edited:
			continue // what it shows is ours, whatever the source says; see UndoEdit
		}
		if s.trust || sameContact(f, was, *is) {
			if p != nil {
				if err := s.r.closeHold(ctx, p.ID, handrail.HoldWithdrawn, s.by, s.now); err != nil {
					return err
				}
			}
			continue
		}
		if p != nil && sameContact(f, p.becomes, *is) && sameContact(f, *is, p.becomes) {
			f.Copy(is, p.was)
			continue
		}
		if p != nil {
			if err := s.r.closeHold(ctx, p.ID, handrail.HoldWithdrawn, s.by, s.now); err != nil {
				return err
			}
		}
		h := handrail.Hold{Source: s.source, Kind: handrail.HoldContactChange, Activity: before.ID, Name: before.Name, Field: f,
			Was: f.Text(was), Becomes: f.Text(*is), At: s.now}
		if err := s.r.addHold(ctx, h, was, *is); err != nil {
			return err
		}
		s.held++
		f.Copy(is, was)
	}
	return nil
}

// copiesOf returns what each source says, by listing.
func (r *Records) copiesOf(ctx context.Context, ids []string) (map[string][]copied, error) {
	type row struct {
		activity string
		copied
	}
	all, err := batch(ctx, r, "read the sources' copies", func(s scanner) (row, error) {
		var out row
		var status, text string
		if err := s.Scan(&out.activity, &out.source, &status, &text, &out.seenAt); err != nil {
			return out, err
		}
		var err error
		out.Activity, err = decodeListing(text)
		out.Status = handrail.ActivityStatus(status)
		return out, err
	}, ids, func(marks string) string {
		return "SELECT activity, source, status, listing, seen_at FROM listing_copies WHERE activity IN (" + marks + ") ORDER BY source, feed_id"
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string][]copied, len(ids))
	for _, c := range all {
		out[c.activity] = append(out[c.activity], c.copied)
	}
	return out, nil
}

// pinsOf returns the contacts that are held, or were refused, by listing.
func (r *Records) pinsOf(ctx context.Context, ids []string) (map[string][]pin, error) {
	all, err := batch(ctx, r, "read what is held", scanPin, ids, func(marks string) string {
		return "SELECT " + holdColumns + ", was, becomes FROM holds WHERE state IN ('open', 'refused') AND activity IN (" + marks + ") ORDER BY at, id"
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]pin{}
	for _, p := range all {
		out[string(p.Activity)] = append(out[string(p.Activity)], p)
	}
	return out, nil
}

// overridesOf returns the edits that stand, the newest of each field, by listing.
func (r *Records) overridesOf(ctx context.Context, ids []string) (map[string][]override, error) {
	all, err := batch(ctx, r, "read edits", func(row scanner) (override, error) {
		var o override
		var became string
		var pinned int
		if err := row.Scan(&o.activity, &o.field, &became, &pinned); err != nil {
			return o, err
		}
		var err error
		o.became, err = decodeField(became)
		o.pinned = pinned == 1
		return o, err
	}, ids, func(marks string) string {
		return "SELECT activity, field, became, pinned FROM listing_edits WHERE activity IN (" + marks + ") AND undone_at IS NULL ORDER BY n, field"
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]override{}
	for _, o := range all {
		list := out[o.activity]
		if i := slices.IndexFunc(list, func(e override) bool { return e.field == o.field }); i >= 0 {
			list[i] = o
		} else {
			list = append(list, o)
		}
		out[o.activity] = list
	}
	return out, nil
}

// encodeField stores one field of a listing, as a listing in which nothing else is set; the status stands before it,
// since it is no part of one.
func encodeField(f handrail.EditField, a handrail.Activity) (string, error) {
	var only handrail.Activity
	f.Copy(&only, a)
	text, err := encodeListing(only)
	return string(only.Status) + text, err
}

func decodeField(stored string) (handrail.Activity, error) {
	for i := range len(stored) {
		if stored[i] == '{' {
			a, err := decodeListing(stored[i:])
			a.Status = handrail.ActivityStatus(stored[:i])
			return a, err
		}
	}
	return handrail.Activity{}, fmt.Errorf("read a stored field: it has none")
}
