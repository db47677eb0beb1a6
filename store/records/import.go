package records

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"handrail"
)

// ImportOption changes how TakeFeed and ReplaceActivities treat a new copy.
type ImportOption string

// Force takes the copy as it is, although more than a fifth of the live listings would go, and with every telephone
// number and address that changed: a person has looked at it.
const Force ImportOption = "force"

// tooMany is more than a fifth: of so many live listings that many may not go without a person's yes (B23).
func tooMany(going, live int) bool { return going*5 > live }

// TakeFeed takes what a source says now, in one transaction: a process that dies meanwhile leaves the directory as it
// was. Safe to call twice.
//
// A listing that the source no longer has becomes inactive and is kept, since enrolments point at it. A copy that would
// remove more than a fifth of the source's live listings is held as a whole until DecideHold, or until a later copy
// would not; a later part is put on top of it (B23). A telephone number or address that differs from what a listing
// shows is held by itself and the rest of the listing taken (H18). A new listing that is certainly a group of another
// source joins it; one that may be is suggested, see Merges. Edits stand on top of what sources say, and Standing is not
// touched, but that a new listing has its CreatedAt.
//
// An id that another source has too is made this source's own by its name in front, "SOURCE/ID"; otherwise a listing's
// id is the feed's. An empty Status counts as active. A listing without an id is KindInvalid, and nothing is taken.
func (r *Records) TakeFeed(ctx context.Context, source string, c handrail.FeedCopy, by handrail.Actor,
	opts ...ImportOption,
) (handrail.Imported, error) {
	t, err := r.newTaking(source, c, by, slices.Contains(opts, Force))
	if err != nil {
		return handrail.Imported{}, fmt.Errorf("take a feed: %w", err)
	}
	err = r.in(ctx, "TakeFeed", t.run)
	if err != nil {
		return handrail.Imported{}, err
	}
	return t.done, nil
}

// ReplaceActivities is TakeFeed of a whole source, for those who import by hand: a copy that is held is KindConflict
// with a sentence. Nothing of it is lost: it waits among Holds, and Force takes it all the same.
func (r *Records) ReplaceActivities(ctx context.Context, source string, list []handrail.Activity, by handrail.Actor,
	opts ...ImportOption,
) (handrail.Imported, error) {
	t, err := r.newTaking(source, handrail.FeedCopy{Changed: list, Full: true}, by, slices.Contains(opts, Force))
	if err != nil {
		return handrail.Imported{}, fmt.Errorf("replace activities: %w", err)
	}
	if err := r.in(ctx, "ReplaceActivities", t.run); err != nil {
		return handrail.Imported{}, err
	}
	if t.whole {
		return handrail.Imported{}, handrail.Errorf(handrail.KindConflict,
			fmt.Sprintf("This copy of the directory would remove %d of %d live listings. Somebody should look at it first.", t.going, t.live),
			"import: more than a fifth of the live listings would go")
	}
	return t.done, nil
}

// incoming is one listing as a source says it now.
type incoming struct {
	id     string
	a      *handrail.Activity // nil when it is gone
	status string
	digest string
	text   string // its stored form; empty where there are too many to keep them all
}

// keepTexts is up to how many listings their stored form is kept, a kilobyte each; of more it is made twice. What is kept
// shortens the transaction, and on SQLite everybody who writes waits for that.
const keepTexts = 50_000

func (x incoming) encoded() (string, error) {
	if x.text != "" {
		return x.text, nil
	}
	return encodeListing(*x.a)
}

// stands is what is stored of a source's copy.
type stands struct {
	activity, status, digest string
	kept                     bool
}

// taking is one copy of a source on its way in.
type taking struct {
	r      *Records
	source string
	copy   handrail.FeedCopy
	by     handrail.Actor
	force  bool
	given  []incoming // one each id, in the order in which they came

	// What the transaction finds, made anew by each try.
	now         time.Time
	items       []incoming
	full        bool
	have        map[string]stands
	live, going int
	whole       bool // it is held as a whole
	done        handrail.Imported
}

func (r *Records) newTaking(source string, c handrail.FeedCopy, by handrail.Actor, force bool) (*taking, error) {
	t := &taking{r: r, source: source, copy: c, by: by, force: force}
	at := make(map[string]int, len(c.Changed)+len(c.Gone))
	put := func(i incoming) {
		if k, twice := at[i.id]; twice {
			t.given[k] = i
			return
		}
		at[i.id] = len(t.given)
		t.given = append(t.given, i)
	}
	for i := range c.Changed {
		a := &c.Changed[i]
		id := cleanID(string(a.ID))
		if id == "" {
			return nil, handrail.Errorf(handrail.KindInvalid, "A listing in this copy has no id.", "a listing has no id")
		}
		status := cmp.Or(string(a.Status), string(handrail.ActivityActive))
		text, err := encodeListing(*a)
		if err != nil {
			return nil, err
		}
		digest := digestOf(status, text)
		if len(c.Changed) > keepTexts {
			text = ""
		}
		put(incoming{id: id, a: a, status: status, digest: digest, text: text})
	}
	for _, id := range c.Gone {
		put(incoming{id: cleanID(string(id)), status: string(handrail.ActivityInactive)})
	}
	return t, nil
}

// cleanID is an id that both databases can keep.
func cleanID(id string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(id, "\x00", ""), "")
}

// digestOf tells two copies of a listing apart.
func digestOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // a hash never fails
		_, _ = h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (t *taking) run(ctx context.Context) error {
	t.now, t.items, t.full = stored(t.r.now()), t.given, t.copy.Full
	t.whole, t.done = false, handrail.Imported{}
	if err := t.r.lockDirectory(ctx); err != nil {
		return err
	}
	waiting, held, err := t.r.heldCopy(ctx, t.source)
	if err != nil {
		return err
	}
	if held && !t.full {
		if err := t.onTop(ctx, waiting); err != nil {
			return err
		}
	}
	if err := t.look(ctx); err != nil {
		return err
	}
	if tooMany(t.going, t.live) && !t.force {
		return t.holdWhole(ctx, waiting, held)
	}
	applied, err := t.tryApply(ctx)
	if err != nil {
		return err
	}
	if !applied {
		return t.holdWhole(ctx, waiting, held)
	}
	if !held {
		return nil
	}
	// What it was held for is in this copy, or no longer said.
	if err := t.r.closeHold(ctx, waiting.ID, handrail.HoldWithdrawn, t.by, t.now); err != nil {
		return err
	}
	return t.r.dropHeld(ctx, waiting.ID)
}

// tryApply takes the copy, unless too many live listings would go after all: where several sources say something of a
// listing, one of them may close it without taking back its own copy, by a newer check alone. Then nothing is done.
func (t *taking) tryApply(ctx context.Context) (bool, error) {
	others, err := t.others(ctx)
	if err != nil {
		return false, err
	}
	if t.force || !others {
		_, err := t.apply(ctx, others)
		return true, err
	}
	if _, err := t.r.exec(ctx, "mark where an import begins", "SAVEPOINT import"); err != nil {
		return false, err
	}
	lost, err := t.apply(ctx, others)
	if err != nil {
		return false, err
	}
	back := tooMany(lost, t.live)
	if back {
		if _, err := t.r.exec(ctx, "go back to where an import began", "ROLLBACK TO SAVEPOINT import"); err != nil {
			return false, err
		}
	}
	if _, err := t.r.exec(ctx, "end an import", "RELEASE SAVEPOINT import"); err != nil || !back {
		return err == nil, err
	}
	// Among the live listings of which the source says something, whatever it says, it may still be few.
	t.done = handrail.Imported{}
	live, _, err := one(ctx, t.r, "count the live listings", value[int], `SELECT COUNT(*) FROM activities WHERE status = 'active' AND id IN
		(SELECT activity FROM listing_copies WHERE source = $1)`, t.source)
	if err != nil {
		return false, err
	}
	if t.going, t.live = lost, live; tooMany(lost, live) {
		return false, nil
	}
	_, err = t.apply(ctx, others)
	return true, err
}

// onTop puts this part of the source on top of the copy that is held.
func (t *taking) onTop(ctx context.Context, waiting heldCopy) error {
	under, err := t.r.readHeld(ctx, waiting)
	if err != nil {
		return err
	}
	base, err := t.r.newTaking(t.source, under, t.by, t.force)
	if err != nil {
		return err
	}
	at := make(map[string]int, len(base.given))
	for i, x := range base.given {
		at[x.id] = i
	}
	items := base.given
	for _, x := range t.given {
		if i, ok := at[x.id]; ok {
			items[i] = x
		} else {
			items = append(items, x)
		}
	}
	t.items, t.full = items, under.Full
	return nil
}

const copyColumns = "feed_id, activity, status, digest, kept"

type copyRow struct {
	id string
	stands
}

func scanCopy(row scanner) (copyRow, error) {
	var c copyRow
	var kept int
	err := row.Scan(&c.id, &c.activity, &c.status, &c.digest, &kept)
	c.kept = kept == 1
	return c, err
}

// look reads what is stored of the source and counts what would go.
func (t *taking) look(ctx context.Context) error {
	var rows []copyRow
	var err error
	if t.full {
		rows, err = list(ctx, t.r, "read the source's copies", scanCopy,
			"SELECT "+copyColumns+" FROM listing_copies WHERE source = $1", t.source)
	} else {
		ids := make([]string, len(t.items))
		for i, x := range t.items {
			ids[i] = x.id
		}
		rows, err = batch(ctx, t.r, "read the source's copies", scanCopy, ids, func(marks string) string {
			return "SELECT " + copyColumns + " FROM listing_copies WHERE source = $1 AND feed_id IN (" + marks + ")"
		}, t.source)
	}
	if err != nil {
		return err
	}
	t.have = make(map[string]stands, len(rows))
	for _, c := range rows {
		t.have[c.id] = c.stands
	}
	const active = string(handrail.ActivityActive)
	t.live, t.going = 0, 0
	if t.full {
		said := make(map[string]bool, len(t.items))
		for _, x := range t.items {
			said[x.id] = true
		}
		var gone []string
		for id, c := range t.have {
			if c.status == active {
				t.live++
			}
			if !said[id] && c.status != string(handrail.ActivityInactive) {
				gone = append(gone, id)
			}
		}
		slices.Sort(gone)
		t.items = slices.Clone(t.items)
		for _, id := range gone {
			t.items = append(t.items, incoming{id: id, status: string(handrail.ActivityInactive)})
		}
	} else {
		t.live, _, err = one(ctx, t.r, "count the live listings", value[int],
			"SELECT COUNT(*) FROM listing_copies WHERE source = $1 AND status = 'active'", t.source)
		if err != nil {
			return err
		}
	}
	t.items = slices.DeleteFunc(slices.Clone(t.items), func(x incoming) bool {
		c, known := t.have[x.id]
		if x.a == nil && (!known || c.status == string(handrail.ActivityInactive)) {
			return true // there is nothing to remove
		}
		return c.kept && x.status != active // a person refused it
	})
	for _, x := range t.items {
		if c := t.have[x.id]; c.status == active && x.status != active {
			t.going++
		}
	}
	return nil
}

// copyRows inserts or rewrites what a source says.
func copyRows() bulk {
	return bulk{table: "listing_copies", columns: []column{{"source", "text"}, {"feed_id", "text"}, {"activity", "text"},
		{"status", "text"}, {"listing", "text"}, {"digest", "text"}, {"kept", "bigint"}, {"seen_at", "bigint"}},
		conflict: `ON CONFLICT (source, feed_id) DO UPDATE SET status = excluded.status, listing = excluded.listing,
			digest = excluded.digest, kept = 0, seen_at = excluded.seen_at`}
}

// importBunch is how many listings are written at a time.
const importBunch = 2048

// apply takes the copy and says how many live listings went.
func (t *taking) apply(ctx context.Context, others bool) (lost int, err error) {
	var fresh, changed, gone []incoming
	for _, x := range t.items {
		c, known := t.have[x.id]
		switch {
		case x.a == nil:
			gone = append(gone, x)
		case !known:
			fresh = append(fresh, x)
		case c.digest == x.digest && !c.kept:
			t.done.Same++
		default:
			changed = append(changed, x)
		}
	}
	t.done.Added, t.done.Changed, t.done.Removed = len(fresh), len(changed), len(gone)
	s := &settling{r: t.r, by: t.by, now: t.now, source: t.source, trust: t.force}
	if err := t.takeChanged(ctx, s, changed, gone); err != nil {
		return 0, err
	}
	if err := t.takeFresh(ctx, s, fresh, others); err != nil {
		return 0, err
	}
	t.done.Held = s.held
	if len(fresh)+len(changed)+len(gone) == 0 {
		return 0, nil // a feed is asked every hour: what changed nothing leaves no line
	}
	return s.lost, t.r.audit(ctx, "", t.by, fmt.Sprintf("imported: %d added, %d changed, %d removed, %d the same, %d held",
		t.done.Added, t.done.Changed, t.done.Removed, t.done.Same, t.done.Held), "directory", t.source)
}

func (t *taking) takeChanged(ctx context.Context, s *settling, changed, gone []incoming) error {
	dirty := make([]string, 0, len(changed)+len(gone))
	for part := range slices.Chunk(changed, importBunch) {
		values := make([]any, 0, len(part)*8)
		for _, x := range part {
			text, err := x.encoded()
			if err != nil {
				return err
			}
			c := t.have[x.id]
			dirty = append(dirty, c.activity)
			values = append(values, t.source, x.id, c.activity, x.status, text, x.digest, int64(0), micros(t.now))
		}
		if err := t.r.insert(ctx, "save the source's copies", copyRows(), values); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(gone, importBunch) {
		ids := make([]string, len(part))
		for i, x := range part {
			ids[i] = x.id
			dirty = append(dirty, t.have[x.id].activity)
		}
		if err := t.r.takeBack(ctx, t.source, ids); err != nil {
			return err
		}
	}
	return s.run(ctx, slices.Compact(slices.Sorted(slices.Values(dirty))))
}

// takeBack marks copies as gone. Their digest goes, so that they are taken anew if they return.
func (r *Records) takeBack(ctx context.Context, source string, ids []string) error {
	for part := range slices.Chunk(ids, 256) {
		args := []any{source}
		for i := range 256 {
			args = append(args, part[min(i, len(part)-1)])
		}
		_, err := r.exec(ctx, "take back copies",
			"UPDATE listing_copies SET status = 'inactive', digest = '' WHERE source = $1 AND feed_id IN ("+marks(2, 256)+")", args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// takeFresh adds what the source has for the first time: as listings of their own, or as one more copy of a group that
// another source has.
func (t *taking) takeFresh(ctx context.Context, s *settling, fresh []incoming, others bool) error {
	if others {
		// Those that lie together are compared together, so that a part of the map is read once.
		slices.SortStableFunc(fresh, func(a, b incoming) int {
			return cmp.Or(cmp.Compare(cellKey(a.a.Venue.At, 0, 0), cellKey(b.a.Venue.At, 0, 0)),
				cmp.Compare(postcodeKey(a.a.Venue.Postcode), postcodeKey(b.a.Venue.Postcode)))
		})
	}
	var joined []string
	taken := map[string]bool{}
	for part := range slices.Chunk(fresh, importBunch) {
		ids, err := t.ownIDs(ctx, part)
		if err != nil {
			return err
		}
		var near *neighbours
		if others {
			if near, err = t.r.neighbours(ctx, t.source, part); err != nil {
				return err
			}
		}
		copies := make([]any, 0, len(part)*len(copyRows().columns))
		rows := make([]any, 0, len(part)*len(activityRows().columns))
		var pairs []handrail.Merge
		for _, x := range part {
			a := *x.a
			a.ID, a.Source, a.Status = handrail.ActivityID(ids[x.id]), t.source, handrail.ActivityStatus(x.status)
			a.Standing = handrail.Standing{CreatedAt: t.now, ModifiedAt: t.now}
			text, err := x.encoded()
			if err != nil {
				return err
			}
			if near != nil && a.Status == handrail.ActivityActive {
				m, certain, err := near.match(a)
				if err != nil {
					return err
				}
				if certain && !taken[string(m.A)] {
					taken[string(m.A)] = true
					joined = append(joined, string(m.A))
					copies = append(copies, t.source, x.id, string(m.A), x.status, text, x.digest, int64(0), micros(t.now))
					continue
				}
				if m.A != "" && !certain {
					pairs = append(pairs, m)
				}
			}
			copies = append(copies, t.source, x.id, string(a.ID), x.status, text, x.digest, int64(0), micros(t.now))
			rows = append(rows, activityRow(a, text)...)
		}
		if err := t.r.insert(ctx, "save the source's copies", copyRows(), copies); err != nil {
			return err
		}
		if err := t.r.saveActivities(ctx, rows); err != nil {
			return err
		}
		n, err := t.r.suggest(ctx, pairs, t.now)
		if err != nil {
			return err
		}
		t.done.Suggested += n
	}
	for _, id := range joined {
		if err := t.r.audit(ctx, "", t.by, "joined by another source", "activity", id); err != nil {
			return err
		}
	}
	return s.run(ctx, joined)
}

// others reports whether there is any other source: a directory of one source is never compared with itself.
func (t *taking) others(ctx context.Context) (bool, error) {
	n, _, err := one(ctx, t.r, "look for other sources", value[int], `SELECT
		(SELECT COUNT(*) FROM (SELECT 1 FROM listing_copies WHERE source < $1 LIMIT 1) a) +
		(SELECT COUNT(*) FROM (SELECT 1 FROM listing_copies WHERE source > $1 LIMIT 1) b)`, t.source)
	return n > 0, err
}

// ownIDs chooses the listings' ids: the feed's own, unless another source's listing has it.
func (t *taking) ownIDs(ctx context.Context, part []incoming) (map[string]string, error) {
	ids := make([]string, len(part))
	out := make(map[string]string, len(part))
	for i, x := range part {
		ids[i], out[x.id] = x.id, x.id
	}
	there, err := batch(ctx, t.r, "look for ids", value[string], ids, func(marks string) string {
		return "SELECT id FROM activities WHERE id IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	for _, id := range there {
		out[id] = t.source + "/" + id
	}
	return out, nil
}
