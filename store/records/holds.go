package records

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"handrail"
)

const holdColumns = "id, source, kind, activity, name, field, was_text, becomes_text, at, state"

func scanHold(row scanner) (handrail.Hold, error) {
	var h handrail.Hold
	var at int64
	err := row.Scan(&h.ID, &h.Source, &h.Kind, &h.Activity, &h.Name, &h.Field, &h.Was, &h.Becomes, &at, &h.State)
	h.At = instant(at)
	return h, err
}

// scanPin reads a hold with what it holds.
func scanPin(row scanner) (pin, error) {
	var p pin
	var at int64
	var was, becomes string
	err := row.Scan(&p.ID, &p.Source, &p.Kind, &p.Activity, &p.Name, &p.Field, &p.Was, &p.Becomes, &at, &p.State, &was, &becomes)
	if err != nil {
		return p, err
	}
	p.At = instant(at)
	if p.was, err = decodeField(was); err != nil {
		return p, err
	}
	p.becomes, err = decodeField(becomes)
	return p, err
}

// Holds returns what waits for a person's yes, the oldest first.
func (r *Records) Holds(ctx context.Context) ([]handrail.Hold, error) {
	return list(ctx, r, "read what is held", scanHold, "SELECT "+holdColumns+" FROM holds WHERE state = 'open' ORDER BY at, id")
}

// Hold returns one hold, decided or not; KindNotFound when there is none of that id.
func (r *Records) Hold(ctx context.Context, id handrail.HoldID) (handrail.Hold, error) {
	h, ok, err := one(ctx, r, "read what is held", scanHold, "SELECT "+holdColumns+" FROM holds WHERE id = $1"+r.kind.forUpdate(), string(id))
	if err == nil && !ok {
		err = notFound("change")
	}
	return h, err
}

// addHold stores a contact that waits.
func (r *Records) addHold(ctx context.Context, h handrail.Hold, was, becomes handrail.Activity) error {
	before, err := encodeField(h.Field, was)
	if err != nil {
		return err
	}
	after, err := encodeField(h.Field, becomes)
	if err != nil {
		return err
	}
	return r.insertHold(ctx, h, before, after, "", false)
}

func (r *Records) insertHold(ctx context.Context, h handrail.Hold, was, becomes, digest string, whole bool) error {
	if err := setID(r, &h.ID, "hld_"); err != nil {
		return err
	}
	_, err := r.exec(ctx, "hold a change", `INSERT INTO holds (id, source, kind, activity, name, field, was, becomes, was_text,
		becomes_text, digest, whole, at, state, decided_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open', '')`,
		string(h.ID), h.Source, string(h.Kind), string(h.Activity), h.Name, string(h.Field), was, becomes, h.Was, h.Becomes, digest,
		flag(whole), micros(h.At))
	if err != nil {
		return err
	}
	return r.audit(ctx, "", handrail.ActorSystem, "held", "hold", string(h.ID))
}

func (r *Records) closeHold(ctx context.Context, id handrail.HoldID, state handrail.HoldState, by handrail.Actor, at time.Time) error {
	_, err := r.exec(ctx, "settle a hold", "UPDATE holds SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4",
		string(state), string(by), micros(at), string(id))
	if err != nil {
		return err
	}
	return r.audit(ctx, "", by, string(state), "hold", string(id))
}

// heldCopy is the copy of a source that waits as a whole.
type heldCopy struct {
	handrail.Hold
	digest string
	whole  bool
}

func (r *Records) heldCopy(ctx context.Context, source string) (heldCopy, bool, error) {
	return one(ctx, r, "look for a held copy", func(row scanner) (heldCopy, error) {
		var h heldCopy
		var whole int
		err := row.Scan(&h.ID, &h.digest, &whole)
		h.whole = whole == 1
		return h, err
	}, "SELECT id, digest, whole FROM holds WHERE state = 'open' AND kind = 'mass_removal' AND source = $1", source)
}

// readHeld is the copy itself.
func (r *Records) readHeld(ctx context.Context, h heldCopy) (handrail.FeedCopy, error) {
	c := handrail.FeedCopy{Full: h.whole}
	_, err := list(ctx, r, "read a held copy", func(row scanner) (struct{}, error) {
		var id, status, text string
		var gone int
		if err := row.Scan(&id, &gone, &status, &text); err != nil {
			return struct{}{}, err
		}
		if gone == 1 {
			c.Gone = append(c.Gone, handrail.ActivityID(id))
			return struct{}{}, nil
		}
		a, err := decodeListing(text)
		a.ID, a.Status = handrail.ActivityID(id), handrail.ActivityStatus(status)
		c.Changed = append(c.Changed, a)
		return struct{}{}, err
	}, "SELECT feed_id, gone, status, listing FROM held_copies WHERE hold = $1 ORDER BY feed_id", string(h.ID))
	return c, err
}

func (r *Records) dropHeld(ctx context.Context, id handrail.HoldID) error {
	_, err := r.exec(ctx, "drop a held copy", "DELETE FROM held_copies WHERE hold = $1", string(id))
	return err
}

// holdWhole stores the copy for a person to decide. The same copy once more changes nothing; another takes the place of
// the one that waits, under an id of its own: nobody says yes to what they did not see.
func (t *taking) holdWhole(ctx context.Context, waiting heldCopy, held bool) error {
	t.whole, t.done = true, handrail.Imported{Held: 1}
	var parts []string
	for _, x := range t.items {
		parts = append(parts, x.id, x.digest)
	}
	digest := digestOf(parts...)
	if held {
		if waiting.digest == digest {
			return nil
		}
		if err := t.r.closeHold(ctx, waiting.ID, handrail.HoldWithdrawn, t.by, t.now); err != nil {
			return err
		}
		if err := t.r.dropHeld(ctx, waiting.ID); err != nil {
			return err
		}
	}
	h := handrail.Hold{Source: t.source, Kind: handrail.HoldMassRemoval, Name: t.source, At: t.now,
		Was: fmt.Sprintf("%d live listings", t.live), Becomes: fmt.Sprintf("%d of %d removed", t.going, t.live)}
	if err := setID(t.r, &h.ID, "hld_"); err != nil {
		return err
	}
	if err := t.r.insertHold(ctx, h, "", "", digest, t.full); err != nil {
		return err
	}
	rows := bulk{table: "held_copies", columns: []column{{"hold", "text"}, {"feed_id", "text"}, {"gone", "bigint"}, {"status", "text"}, {"listing", "text"}}}
	for part := range slices.Chunk(t.items, importBunch) {
		values := make([]any, 0, len(part)*len(rows.columns))
		for _, x := range part {
			text, gone := "", int64(1)
			if x.a != nil {
				gone = 0
				var err error
				if text, err = x.encoded(); err != nil {
					return err
				}
			}
			values = append(values, string(h.ID), x.id, gone, x.status, text)
		}
		if err := t.r.insert(ctx, "hold a copy", rows, values); err != nil {
			return err
		}
	}
	return nil
}

// DecideHold settles a hold at the time at. Taken, the change happens now. Refused, a contact stays as it was for as long
// as the source says the same; a copy that would remove too many is taken but for its removals, and those listings stay
// until the source takes them back after having listed them again. KindConflict when it was decided or withdrawn before,
// KindNotFound when there is none of that id.
func (r *Records) DecideHold(ctx context.Context, id handrail.HoldID, take bool, by handrail.Actor, at time.Time) error {
	return r.in(ctx, "DecideHold", func(ctx context.Context) error {
		if err := r.lockDirectory(ctx); err != nil {
			return err
		}
		h, err := r.Hold(ctx, id)
		if err != nil {
			return err
		}
		decide := h.Refuse
		if take {
			decide = h.Take
		}
		if err := decide(); err != nil {
			return handrail.Errorf(handrail.KindConflict, "Somebody decided that already.", "decide a hold: %w", err)
		}
		if h.Kind == handrail.HoldMassRemoval {
			return r.decideCopy(ctx, h, take, by, stored(at))
		}
		if err := r.closeHold(ctx, id, h.State, by, at); err != nil || !take {
			return err
		}
		s := &settling{r: r, by: by, now: stored(at), source: h.Source, was: map[string]handrail.Activity{}}
		// What was taken counts as what the listing shows, so that it is not held again.
		pins, err := list(ctx, r, "read what is held", scanPin, "SELECT "+holdColumns+", was, becomes FROM holds WHERE id = $1", string(id))
		if err != nil {
			return err
		}
		all, err := r.activitiesByID(ctx, []handrail.ActivityID{h.Activity})
		if err != nil {
			return err
		}
		a, ok := all[h.Activity]
		if !ok || len(pins) == 0 {
			return nil
		}
		was := a
		h.Field.Copy(&was, pins[0].becomes)
		s.was[string(a.ID)] = was
		return s.run(ctx, []string{string(a.ID)})
	})
}

// decideCopy settles a copy that was held as a whole.
func (r *Records) decideCopy(ctx context.Context, h handrail.Hold, take bool, by handrail.Actor, at time.Time) error {
	waiting, ok, err := r.heldCopy(ctx, h.Source)
	if err != nil || !ok {
		return err
	}
	c, err := r.readHeld(ctx, waiting)
	if err != nil {
		return err
	}
	if err := r.closeHold(ctx, h.ID, h.State, by, at); err != nil {
		return err
	}
	if err := r.dropHeld(ctx, h.ID); err != nil {
		return err
	}
	t, err := r.newTaking(h.Source, c, by, false)
	if err != nil {
		return err
	}
	t.now, t.items, t.full = at, t.given, c.Full
	if err := t.look(ctx); err != nil {
		return err
	}
	if take {
		t.live = math.MaxInt // whatever goes
	} else if err := t.keep(ctx); err != nil {
		return err
	}
	// Where the rest would close too many after all, it is left: the source says it again with its next copy.
	_, err = t.tryApply(ctx)
	return err
}

// keep leaves out what the copy would remove, and marks those listings, so that the same removal is not asked about again.
func (t *taking) keep(ctx context.Context) error {
	const active = string(handrail.ActivityActive)
	var ids []string
	t.items = slices.DeleteFunc(t.items, func(x incoming) bool {
		going := t.have[x.id].status == active && x.status != active
		if going {
			ids = append(ids, x.id)
		}
		return going
	})
	for part := range slices.Chunk(ids, 256) {
		args := []any{t.source}
		for i := range 256 {
			args = append(args, part[min(i, len(part)-1)])
		}
		_, err := t.r.exec(ctx, "keep listings", "UPDATE listing_copies SET kept = 1 WHERE source = $1 AND feed_id IN ("+marks(2, 256)+")", args...)
		if err != nil {
			return err
		}
	}
	return nil
}
