package records

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"handrail"
)

const editColumns = "id, activity, at, actor, field, was_text, became_text, undone_at"

func scanEdit(row scanner) (handrail.Edit, error) {
	var e handrail.Edit
	var at int64
	var undone sql.NullInt64
	err := row.Scan(&e.ID, &e.Activity, &at, &e.By, &e.Field, &e.Was, &e.Became, &undone)
	e.At, e.UndoneAt = instant(at), when(undone)
	return e, err
}

// EditActivity changes a listing with the function change, at the time at, and returns it as it is now with what was changed, field by
// field. An edit stands on top of what the sources say until it is undone or the field is edited again; one that says
// what the sources say anyway leaves the field to them. Where change changes nothing, nothing is written; an error from it
// is returned as it is. Only the fields of handrail.EditFields may change, and a name may not become empty.
func (r *Records) EditActivity(ctx context.Context, id handrail.ActivityID, by handrail.Actor, at time.Time,
	change func(*handrail.Activity) error,
) (handrail.Activity, []handrail.Edit, error) {
	var now handrail.Activity
	var edits []handrail.Edit
	err := r.in(ctx, "EditActivity", func(ctx context.Context) error {
		var err error
		_, now, edits, err = r.edit(ctx, id, by, stored(at), change)
		return err
	})
	if err != nil {
		return handrail.Activity{}, nil, err
	}
	return now, edits, nil
}

// SetActivityStatus says whether the group runs, and returns the listing as it was before. It is an edit like any other:
// it survives the next import, stands in the history and can be undone. Setting what is set already changes nothing.
func (r *Records) SetActivityStatus(ctx context.Context, id handrail.ActivityID, status handrail.ActivityStatus,
	by handrail.Actor,
) (before handrail.Activity, err error) {
	switch status {
	case handrail.ActivityActive, handrail.ActivityInactive, handrail.ActivityDefunct, handrail.ActivityPaused:
	default:
		return handrail.Activity{}, handrail.Errorf(handrail.KindInvalid, "", "set the status of a listing: unknown status")
	}
	err = r.in(ctx, "SetActivityStatus", func(ctx context.Context) error {
		var err error
		before, _, _, err = r.edit(ctx, id, by, stored(r.now()), func(a *handrail.Activity) error {
			a.Status = status
			return nil
		})
		return err
	})
	if err != nil {
		return handrail.Activity{}, err
	}
	return before, nil
}

func (r *Records) edit(ctx context.Context, id handrail.ActivityID, by handrail.Actor, at time.Time, change func(*handrail.Activity) error) (
	was, now handrail.Activity, edits []handrail.Edit, err error,
) {
	fail := func(err error) (handrail.Activity, handrail.Activity, []handrail.Edit, error) {
		return handrail.Activity{}, handrail.Activity{}, nil, err
	}
	if err := r.lockDirectory(ctx); err != nil {
		return fail(err)
	}
	if was, err = r.Activity(ctx, id); err != nil {
		return fail(err)
	}
	id = was.ID
	is := was
	for _, f := range handrail.EditFields() {
		f.Copy(&is, was) // so that change cannot reach into what it was
	}
	if err := change(&is); err != nil {
		return fail(err)
	}
	if err := moved("listing", is.ID == was.ID && is.Source == was.Source); err != nil {
		return fail(err)
	}
	if is.Name == "" {
		return fail(handrail.Errorf(handrail.KindInvalid, "A group needs a name.", "edit a listing: it has no name"))
	}
	if err := r.placed(ctx, &is); err != nil {
		return fail(err)
	}
	fields := handrail.Differences(was, is)
	if len(fields) == 0 {
		return was, was, nil, nil
	}
	copies, err := r.copiesOf(ctx, []string{string(id)})
	if err != nil {
		return fail(err)
	}
	base := handrail.Activity{}
	if all := copies[string(id)]; len(all) > 0 {
		base = together(all, r.now())
	}
	pins, err := r.pinsOf(ctx, []string{string(id)})
	if err != nil {
		return fail(err)
	}
	for _, p := range pins[string(id)] {
		p.Field.Copy(&base, p.was)
	}
	n, err := r.changes(ctx, 1)
	if err != nil {
		return fail(err)
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		e := handrail.Edit{Activity: id, At: at, By: by, Field: f, Was: f.Text(was), Became: f.Text(is)}
		if e, err = r.addEdit(ctx, e, n, was, is, !f.Same(base, is)); err != nil {
			return fail(err)
		}
		edits, names[i] = append(edits, e), string(f)
	}
	slices.Sort(names)
	if err := r.audit(ctx, "", by, "edited: "+strings.Join(names, ", "), "activity", string(id)); err != nil {
		return fail(err)
	}
	// What a person wrote is what they looked at, whoever else says the same.
	s := &settling{r: r, by: by, now: at, source: was.Source, was: map[string]handrail.Activity{string(id): is}}
	if err := s.run(ctx, []string{string(id)}); err != nil {
		return fail(err)
	}
	now, err = r.Activity(ctx, id)
	return was, now, edits, err
}

// placed gives a listing that an edit left without a position that of its venue's full postcode, so that it is found near
// there whoever reads it, also after a restart. The middle of a sector is no place to send somebody.
func (r *Records) placed(ctx context.Context, a *handrail.Activity) error {
	_, inward, _ := strings.Cut(a.Venue.Postcode, " ")
	if a.Venue.At != nil || len(inward) != 3 {
		return nil
	}
	p, ok, err := r.Postcode(ctx, a.Venue.Postcode)
	if err != nil || !ok {
		return err
	}
	a.Venue.At = &p.At
	return nil
}

func (r *Records) addEdit(ctx context.Context, e handrail.Edit, n int64, was, is handrail.Activity, pinned bool) (handrail.Edit, error) {
	if err := setID(r, &e.ID, "edt_"); err != nil {
		return e, err
	}
	before, err := encodeField(e.Field, was)
	if err != nil {
		return e, err
	}
	after, err := encodeField(e.Field, is)
	if err != nil {
		return e, err
	}
	_, err = r.exec(ctx, "note an edit", `INSERT INTO listing_edits (id, activity, n, at, actor, field, was, became, was_text,
		became_text, pinned) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, string(e.ID), string(e.Activity), n, micros(e.At),
		string(e.By), string(e.Field), before, after, e.Was, e.Became, flag(pinned))
	return e, err
}

// Edits returns what was edited of a listing, the newest first, undone or not. KindNotFound when there is no such listing.
func (r *Records) Edits(ctx context.Context, id handrail.ActivityID) ([]handrail.Edit, error) {
	now, err := r.resolve(ctx, id)
	if err != nil {
		return nil, err
	}
	return list(ctx, r, "read edits", scanEdit, "SELECT "+editColumns+" FROM listing_edits WHERE activity = $1 ORDER BY n DESC, field", string(now))
}

// UndoEdit takes one edit back at the time at, and returns the listing as it is now: the field says what an earlier edit
// made of it, or what the sources say. KindConflict when a later edit of the same field stands or when it was undone
// before, KindNotFound when there is none of that id.
func (r *Records) UndoEdit(ctx context.Context, id handrail.EditID, by handrail.Actor, at time.Time) (handrail.Activity, error) {
	var now handrail.Activity
	err := r.in(ctx, "UndoEdit", func(ctx context.Context) error {
		if err := r.lockDirectory(ctx); err != nil {
			return err
		}
		type stored struct {
			handrail.Edit
			n   int64
			was string
		}
		e, ok, err := one(ctx, r, "read the edit", func(row scanner) (stored, error) {
			var e stored
			var undone sql.NullInt64
			err := row.Scan(&e.Activity, &e.Field, &e.n, &e.was, &undone)
			e.UndoneAt = when(undone)
			return e, err
		}, "SELECT activity, field, n, was, undone_at FROM listing_edits WHERE id = $1", string(id))
		if err == nil && !ok {
			err = notFound("change")
		}
		if err != nil {
			return err
		}
		if e.UndoneAt != nil {
			return handrail.Errorf(handrail.KindConflict, "That was undone already.", "undo an edit: it was undone before")
		}
		newer, _, err := one(ctx, r, "look for a later edit", value[int],
			"SELECT COUNT(*) FROM listing_edits WHERE activity = $1 AND field = $2 AND n > $3 AND undone_at IS NULL",
			string(e.Activity), string(e.Field), e.n)
		if err != nil {
			return err
		}
		if newer > 0 {
			return handrail.Errorf(handrail.KindConflict, "That was changed again since. Undo the later change first.",
				"undo an edit: a later one of the same field stands")
		}
		_, err = r.exec(ctx, "undo an edit", "UPDATE listing_edits SET undone_at = $1 WHERE id = $2", micros(at), string(id))
		if err != nil {
			return err
		}
		if err := r.audit(ctx, "", by, "undone: "+string(e.Field), "activity", string(e.Activity)); err != nil {
			return err
		}
		// A contact goes back to what it was: if its source has changed it meanwhile, that is held.
		was, err := r.Activity(ctx, e.Activity)
		if err != nil {
			return err
		}
		before, err := decodeField(e.was)
		if err != nil {
			return err
		}
		e.Field.Copy(&was, before)
		s := &settling{r: r, by: by, now: instant(micros(at)), source: was.Source, was: map[string]handrail.Activity{string(was.ID): was}}
		if err := s.run(ctx, []string{string(was.ID)}); err != nil {
			return err
		}
		now, err = r.Activity(ctx, was.ID)
		return err
	})
	if err != nil {
		return handrail.Activity{}, err
	}
	return now, nil
}
