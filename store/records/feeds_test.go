package records_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// gardeners is a listing with everything that tells one group from another.
func gardeners(id handrail.ActivityID) handrail.Activity {
	return handrail.Activity{
		ID: id, Name: "Tuesday Gardeners", Description: "We grow things.", Status: handrail.ActivityActive,
		Organiser: handrail.Organiser{ID: "o1", Name: "Green Fingers", Phone: "01632 960001"},
		Venue:     handrail.Venue{Name: "Bury Park Centre", Street: "12 High Street", Town: "Luton", Postcode: "ZZ1 1AB", At: &handrail.Point{Lat: 51.88, Lon: -0.42}},
		Times:     []handrail.Recurrence{{Day: time.Tuesday, Start: handrail.At(10, 0), End: handrail.At(12, 0)}},
	}
}

func with(a handrail.Activity, change func(*handrail.Activity)) handrail.Activity {
	change(&a)
	return a
}

// take takes a copy and checks what it came to.
func (w *world) take(want handrail.Imported, source string, c handrail.FeedCopy, opts ...records.ImportOption) {
	w.t.Helper()
	got, err := w.TakeFeed(w.ctx, source, c, by, opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	if got != want {
		w.t.Errorf("want %+v, got %+v", want, got)
	}
}

func whole(list ...handrail.Activity) handrail.FeedCopy {
	return handrail.FeedCopy{Changed: list, Full: true}
}

func walks(from, to int) []handrail.Activity {
	var out []handrail.Activity
	for i := from; i < to; i++ {
		out = append(out, walk(i))
	}
	return out
}

func (w *world) listing(id handrail.ActivityID) handrail.Activity {
	w.t.Helper()
	return must(w.Activity(w.ctx, id))(w.t)
}

// holds returns the open holds and checks how many there are.
func (w *world) holds(n int) []handrail.Hold {
	w.t.Helper()
	all := must(w.Holds(w.ctx))(w.t)
	if len(all) != n {
		w.t.Fatalf("want %d holds, got %+v", n, all)
	}
	return all
}

func (w *world) live() int {
	w.t.Helper()
	return len(must(w.Activities(w.ctx))(w.t))
}

func TestTakeFeed_B23_MassRemoval(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 10}, "s", whole(walks(0, 10)...)) // the first is never held
		renamed := walks(0, 7)
		renamed[0].Name = "Another name"
		w.take(handrail.Imported{Held: 1}, "s", whole(renamed...))
		h := w.holds(1)[0]
		if h.Kind != handrail.HoldMassRemoval || h.Source != "s" || h.Name != "s" || h.Was != "10 live listings" || h.Becomes != "3 of 10 removed" {
			t.Errorf("hold: %+v", h)
		}
		if w.live() != 10 || w.listing("act00").Name != "Walk 0" {
			t.Error("a part of a held copy was applied")
		}
		w.take(handrail.Imported{Held: 1}, "s", whole(renamed...))
		if again := w.holds(1)[0]; again.ID != h.ID {
			t.Error("the same copy is held twice")
		}
		// What is held is what a person saw: another copy has another id.
		w.take(handrail.Imported{Held: 1}, "s", whole(renamed[:6]...))
		newer := w.holds(1)[0]
		if newer.ID == h.ID {
			t.Error("another copy under the same id")
		}
		if err := w.DecideHold(w.ctx, h.ID, true, by, w.clock.Now()); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("the hold that was withdrawn: %v", err)
		}
		w.ok(w.DecideHold(w.ctx, newer.ID, true, by, w.clock.Now()))
		if w.live() != 6 || w.listing("act00").Name != "Another name" || w.listing("act09").Status != handrail.ActivityInactive {
			t.Errorf("taken: %d live", w.live())
		}
		w.holds(0)
		if err := w.DecideHold(w.ctx, newer.ID, false, by, w.clock.Now()); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("decided twice: %v", err)
		}
		if err := w.DecideHold(w.ctx, "none", true, by, w.clock.Now()); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
		if got := w.actions("hold", string(newer.ID)); len(got) != 0 { // the practice has none: a directory is everybody's
			t.Errorf("audit: %v", got)
		}
		if got := must(w.Audits(w.ctx, "", "hold", string(newer.ID)))(t); len(got) != 2 || got[1].Action != "taken" || got[1].Actor != by {
			t.Errorf("audit: %+v", got)
		}
	})
}

func TestTakeFeed_B23_Refused(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 10}, "s", whole(walks(0, 10)...))
		copy := walks(0, 6)
		copy[0].Name = "Another name"
		copy = append(copy, walk(20))
		w.take(handrail.Imported{Held: 1}, "s", whole(copy...))
		w.ok(w.DecideHold(w.ctx, w.holds(1)[0].ID, false, by, w.clock.Now()))
		if w.live() != 11 || w.listing("act00").Name != "Another name" {
			t.Errorf("refused: %d live, the rest is not taken", w.live())
		}
		// Nobody is asked the same again, and a smaller removal works.
		w.take(handrail.Imported{Same: 7}, "s", whole(copy...))
		w.take(handrail.Imported{Same: 6, Removed: 1}, "s", whole(copy[:6]...))
		// Listed again and removed again, they are like any other: four of ten are too many.
		w.take(handrail.Imported{Same: 6, Changed: 4}, "s", whole(append(slices.Clone(copy[:6]), walks(6, 10)...)...))
		w.take(handrail.Imported{Held: 1}, "s", whole(copy[:6]...))
		// The source puts itself right: what was held is withdrawn.
		w.take(handrail.Imported{Same: 9, Removed: 1}, "s", whole(append(slices.Clone(copy[:6]), walks(6, 9)...)...))
		w.holds(0)
	})
}

// TestTakeFeed_B23_Parts holds a feed that tells only what changed: what comes later is put on top of what is held.
func TestTakeFeed_B23_Parts(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 10}, "s", handrail.FeedCopy{Changed: walks(0, 10)})
		w.take(handrail.Imported{Removed: 1, Added: 1}, "s", handrail.FeedCopy{Changed: walks(10, 11), Gone: []handrail.ActivityID{"act00", "never seen"}})
		w.take(handrail.Imported{Held: 1}, "s", handrail.FeedCopy{Gone: []handrail.ActivityID{"act01", "act02", "act03"}, Changed: walks(30, 31)})
		w.take(handrail.Imported{Held: 1}, "s", handrail.FeedCopy{Changed: walks(31, 32)})
		if w.live() != 10 {
			t.Errorf("%d live", w.live())
		}
		// One of them comes back: two of ten may go, and with them comes all that waited.
		w.take(handrail.Imported{Added: 2, Removed: 2, Same: 1}, "s", handrail.FeedCopy{Changed: walks(1, 2)})
		if w.live() != 10 {
			t.Errorf("%d live", w.live())
		}
		w.holds(0)
		w.take(handrail.Imported{}, "s", handrail.FeedCopy{})
		w.take(handrail.Imported{Removed: 10}, "s", handrail.FeedCopy{Full: true}, records.Force)
	})
}

func TestTakeFeed_H18_Contacts(t *testing.T) {
	phone := func(n string) func(*handrail.Activity) {
		return func(a *handrail.Activity) { a.Organiser.Phone = n }
	}
	for name, c := range map[string]struct {
		change func(*handrail.Activity)
		held   int
	}{
		"another number":          {phone("0906 1234567"), 1},
		"the same number written": {phone("+44 (0)1632 960-001"), 0},
		"no number":               {phone(""), 0},
		"another street":          {func(a *handrail.Activity) { a.Venue.Street = "1 Back Lane" }, 1},
		"the street written":      {func(a *handrail.Activity) { a.Venue.Street = "12 HIGH ST." }, 0},
		"another postcode":        {func(a *handrail.Activity) { a.Venue.Postcode = "ZZ9 9ZZ" }, 1},
		"the postcode written":    {func(a *handrail.Activity) { a.Venue.Postcode = "zz11ab" }, 0},
		"no address":              {func(a *handrail.Activity) { a.Venue = handrail.Venue{} }, 0},
		"the pin moved":           {func(a *handrail.Activity) { a.Venue.At = &handrail.Point{Lat: 51.89, Lon: -0.42} }, 1},
		"the pin put right":       {func(a *handrail.Activity) { a.Venue.At = &handrail.Point{Lat: 51.8801, Lon: -0.4201} }, 0},
		"both":                    {func(a *handrail.Activity) { phone("0906 1")(a); a.Venue.Postcode = "ZZ9 9ZZ" }, 2},
		"the hall's name":         {func(a *handrail.Activity) { a.Venue.Name = "Bury Park Hall" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, recordstest.Memory, records.Options{})
			w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
			fresh := with(gardeners("g"), func(a *handrail.Activity) { a.Description = "New words."; c.change(a) })
			w.take(handrail.Imported{Changed: 1, Held: c.held}, "s", whole(fresh))
			w.holds(c.held)
			got := w.listing("g")
			if got.Description != "New words." {
				t.Error("the rest of the change was not taken")
			}
			was := gardeners("g")
			if c.held > 0 && (got.Organiser.Phone != was.Organiser.Phone || got.Venue.Address() != was.Venue.Address() || *got.Venue.At != *was.Venue.At) {
				t.Errorf("a held contact is shown: %+v %+v", got.Organiser, got.Venue)
			}
			if c.held == 0 && (got.Organiser != fresh.Organiser || got.Venue.Address() != fresh.Venue.Address()) {
				t.Errorf("what need not be held is not shown: %+v %+v", got.Organiser, got.Venue)
			}
		})
	}
	t.Run("added where there was none", func(t *testing.T) {
		w := newWorld(t, recordstest.Memory, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(walk(1)))
		w.take(handrail.Imported{Changed: 1, Held: 2}, "s", whole(with(gardeners("act01"), func(*handrail.Activity) {})))
	})
	t.Run("a person has looked", func(t *testing.T) {
		w := newWorld(t, recordstest.Memory, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		fresh := with(gardeners("g"), phone("0906 1"))
		w.take(handrail.Imported{Changed: 1, Held: 1}, "s", whole(fresh))
		fresh.Name = "Gardeners"
		w.take(handrail.Imported{Changed: 1}, "s", whole(fresh), records.Force)
		w.holds(0)
		if got := w.listing("g"); got.Organiser.Phone != "0906 1" {
			t.Errorf("force: %q", got.Organiser.Phone)
		}
	})
}

func TestDecideHold_H18(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		number := func(n string) handrail.FeedCopy {
			return whole(with(gardeners("g"), func(a *handrail.Activity) { a.Organiser.Phone = n }))
		}
		shows := func(why, want string) {
			t.Helper()
			if got := w.listing("g").Organiser.Phone; got != want {
				t.Errorf("%s: %q is shown, not %q", why, got, want)
			}
		}
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		w.take(handrail.Imported{Changed: 1, Held: 1}, "s", number("01632 960002"))
		h := w.holds(1)[0]
		if h.Field != handrail.FieldPhone || h.Was != "01632 960001" || h.Becomes != "01632 960002" || h.Name != "Tuesday Gardeners" || h.Activity != "g" || h.Source != "s" {
			t.Errorf("hold: %+v", h)
		}
		w.take(handrail.Imported{Same: 1}, "s", number("01632 960002"))
		w.holds(1)
		w.ok(w.DecideHold(w.ctx, h.ID, true, by, w.clock.Now()))
		shows("taken", "01632 960002")
		w.take(handrail.Imported{Same: 1}, "s", number("01632 960002"))

		w.take(handrail.Imported{Changed: 1, Held: 1}, "s", number("01632 960003"))
		w.ok(w.DecideHold(w.ctx, w.holds(1)[0].ID, false, by, w.clock.Now()))
		shows("refused", "01632 960002")
		other := number("01632 960003")
		other.Changed[0].Description = "Other words."
		w.take(handrail.Imported{Changed: 1}, "s", other)
		w.holds(0) // it was refused: nobody is asked again
		shows("said again", "01632 960002")
		w.take(handrail.Imported{Changed: 1, Held: 1}, "s", number("01632 960004"))
		if h := w.holds(1)[0]; h.Was != "01632 960002" || h.Becomes != "01632 960004" {
			t.Errorf("a third number: %+v", h)
		}
		w.take(handrail.Imported{Changed: 1, Held: 1}, "s", number("01632 960005"))
		if h := w.holds(1)[0]; h.Becomes != "01632 960005" {
			t.Errorf("a fourth number: %+v", h)
		}
		w.take(handrail.Imported{Changed: 1}, "s", number("01632 960002"))
		w.holds(0)
		shows("put right by the source", "01632 960002")
		w.take(handrail.Imported{Changed: 1, Held: 1}, "s", number("01632 960003"))
		w.holds(1) // what was refused before was withdrawn since, and is looked at again

		// Our own number stands whatever comes of it.
		must2(w.EditActivity(w.ctx, "g", by, w.clock.Now(), func(a *handrail.Activity) error {
			a.Organiser.Phone = "01632 960099"
			return nil
		}))(t)
		w.ok(w.DecideHold(w.ctx, w.holds(1)[0].ID, true, by, w.clock.Now()))
		shows("edited here", "01632 960099")
	})
}

func must2[A, B any](a A, b B, err error) func(t testing.TB) (A, B) {
	return func(t testing.TB) (A, B) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a, b
	}
}

// TestTakeFeed_Atomic fails just before the commit, and just after it.
func TestTakeFeed_Atomic(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		point := ""
		w := newWorld(t, open, records.Options{Fail: func(at string) error {
			if at == point {
				return errBoom
			}
			return nil
		}})
		w.take(handrail.Imported{Added: 3}, "s", whole(walks(0, 3)...))
		before, last := must(w.Activities(w.ctx))(t), must(w.LastActivityChange(w.ctx))(t)
		next := whole(append(walks(1, 3), walks(5, 6)...)...)
		next.Changed[0].Name = "New name"
		point = "TakeFeed:before"
		if _, err := w.TakeFeed(w.ctx, "s", next, by, records.Force); !errors.Is(err, errBoom) {
			t.Fatal(err)
		}
		if after := must(w.Activities(w.ctx))(t); !reflect.DeepEqual(before, after) || must(w.LastActivityChange(w.ctx))(t) != last {
			t.Error("a part of it stands")
		}
		point = "TakeFeed:after"
		if _, err := w.TakeFeed(w.ctx, "s", next, by, records.Force); !errors.Is(err, errBoom) {
			t.Fatal(err)
		}
		point = ""
		w.take(handrail.Imported{Same: 3}, "s", next) // and again is nothing new
	})
}

func TestTakeFeed_BadInput(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		if _, err := w.TakeFeed(w.ctx, "s", whole(handrail.Activity{Name: "no id"}), by); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("no id: %v", err)
		}
		odd := handrail.Activity{ID: "a\x00b\xff", Name: "bad \xff\x00 name", Description: strings.Repeat("é", 100_000), Venue: handrail.Venue{Postcode: "\x00\xffZZ"}}
		w.take(handrail.Imported{Added: 1}, "s", whole(odd, odd)) // of two with one id the later counts
		w.take(handrail.Imported{Same: 1}, "s", whole(odd))
		future := w.clock.Now().AddDate(7000, 0, 0)
		w.take(handrail.Imported{Added: 1}, "old", whole(with(gardeners("g"), func(a *handrail.Activity) { a.Description = "Right." })))
		w.take(handrail.Imported{Added: 1}, "other", whole(with(gardeners("h"), func(a *handrail.Activity) { a.CheckedAt = &future })))
		w.clock.Add(time.Hour)
		now := w.clock.Now()
		w.take(handrail.Imported{Changed: 1}, "old", whole(with(gardeners("g"), func(a *handrail.Activity) { a.Description, a.CheckedAt = "Right.", &now })))
		if got := w.listing("g"); got.Description != "Right." {
			t.Errorf("a check that nobody can have made counts: %q", got.Description)
		}
	})
}

func TestFeedState(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		if got := must(w.FeedState(w.ctx, "none"))(t); !reflect.DeepEqual(got, handrail.FeedState{Name: "none"}) {
			t.Errorf("never read: %+v", got)
		}
		now := w.clock.Now()
		f := handrail.FeedState{Name: "f", Cursor: []byte{0, 1, 255}, TriedAt: &now, OKAt: &now, Failures: 2, Problem: "It is down."}
		for range 2 {
			w.ok(w.SaveFeedState(w.ctx, f))
		}
		if got := must(w.FeedState(w.ctx, "f"))(t); !reflect.DeepEqual(got, f) {
			t.Errorf("%+v", got)
		}
		f = handrail.FeedState{Name: "f"}
		w.ok(w.SaveFeedState(w.ctx, f))
		w.ok(w.SaveFeedState(w.ctx, handrail.FeedState{Name: "e"}))
		if got := must(w.FeedStates(w.ctx))(t); len(got) != 2 || got[0].Name != "e" || got[1].TriedAt != nil {
			t.Errorf("%+v", got)
		}
		if err := w.SaveFeedState(w.ctx, handrail.FeedState{}); err == nil {
			t.Error("a feed without a name")
		}
	})
}

// TestActivityChanges follows the directory while several goroutines change it, as another process's index does: what it
// has in the end is what is there.
func TestActivityChanges(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 20}, "s", whole(walks(0, 20)...))
		after := must(w.LastActivityChange(w.ctx))(t)
		have := map[handrail.ActivityID]handrail.Activity{}
		for _, a := range must(w.Activities(w.ctx))(t) {
			have[a.ID] = a
		}
		follow := func() int {
			changed, gone, next, err := w.ActivityChanges(w.ctx, after, 7)
			if err != nil {
				t.Fatal(err)
			}
			if next < after || len(changed)+len(gone) > 7 {
				t.Fatalf("%d changes, from %d to %d", len(changed)+len(gone), after, next)
			}
			for _, a := range changed {
				have[a.ID] = a
			}
			for _, id := range gone {
				delete(have, id)
			}
			after = next
			return len(changed) + len(gone)
		}
		done := make(chan error, 3)
		for g := range 3 {
			go func() {
				done <- func() error {
					for i := range 20 {
						id := handrail.ActivityID(fmt.Sprintf("act%02d", (g*7+i)%20))
						status := handrail.ActivityActive
						if i%3 == 0 {
							status = handrail.ActivityPaused
						}
						if _, err := w.SetActivityStatus(context.Background(), id, status, by); err != nil {
							return err
						}
						if _, err := w.ChangeStanding(context.Background(), id, by, func(s *handrail.Standing) error { s.Answers++; return nil }); err != nil {
							return err
						}
						if _, err := w.TakeFeed(context.Background(), fmt.Sprint("s", g), whole(with(walk(30+g), func(a *handrail.Activity) { a.Description = fmt.Sprint(i) })), by); err != nil {
							return err
						}
					}
					return nil
				}()
			}()
		}
		for left := 3; left > 0; {
			select {
			case err := <-done:
				w.ok(err)
				left--
			default:
				follow()
			}
		}
		for follow() > 0 {
		}
		all := must(w.Activities(w.ctx))(t)
		for _, a := range all {
			if !reflect.DeepEqual(have[a.ID], a) {
				t.Errorf("%s: followed %+v\nis %+v", a.ID, have[a.ID], a)
			}
		}
		if len(have) != len(all) || after != must(w.LastActivityChange(w.ctx))(t) {
			t.Errorf("%d followed, %d there", len(have), len(all))
		}
	})
}

// TestTakeFeed_B23_ByANewerCheck closes the listings of one source through another, which says of its copies only that it
// checked them since: that is held, too.
func TestTakeFeed_B23_ByANewerCheck(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		older, newer := w.clock.Now().Add(-48*time.Hour), w.clock.Now().Add(-time.Hour)
		group := func(i int, status handrail.ActivityStatus, checked *time.Time) handrail.Activity {
			return with(gardeners(handrail.ActivityID(fmt.Sprint("g", i))), func(a *handrail.Activity) {
				a.Name, a.Status, a.CheckedAt = fmt.Sprint("Gardeners ", i), status, checked
			})
		}
		all := func(status handrail.ActivityStatus, checked *time.Time) handrail.FeedCopy {
			c := handrail.FeedCopy{Full: true}
			for i := range 5 {
				c.Changed = append(c.Changed, group(i, status, checked))
			}
			return c
		}
		between := w.clock.Now().Add(-24 * time.Hour)
		w.take(handrail.Imported{Added: 5}, "one", all(handrail.ActivityActive, &between))
		w.take(handrail.Imported{Added: 5}, "two", all(handrail.ActivityActive, &older))
		if w.live() != 5 {
			t.Fatalf("%d live", w.live())
		}
		w.take(handrail.Imported{Changed: 5}, "two", all(handrail.ActivityDefunct, &older), records.Force)
		if w.live() != 5 {
			t.Errorf("an older check closes: %d live", w.live())
		}
		last := must(w.LastActivityChange(w.ctx))(t)
		w.take(handrail.Imported{Held: 1}, "two", all(handrail.ActivityDefunct, &newer))
		if w.live() != 5 || must(w.LastActivityChange(w.ctx))(t) != last {
			t.Errorf("%d live", w.live())
		}
		if h := w.holds(1)[0]; h.Kind != handrail.HoldMassRemoval || h.Becomes != "5 of 5 removed" {
			t.Errorf("hold: %+v", h)
		}
		w.ok(w.DecideHold(w.ctx, w.holds(1)[0].ID, false, by, w.clock.Now()))
		if w.live() != 5 {
			t.Errorf("refused: %d live", w.live())
		}
		w.take(handrail.Imported{Held: 1}, "two", all(handrail.ActivityDefunct, &newer))
		w.ok(w.DecideHold(w.ctx, w.holds(1)[0].ID, true, by, w.clock.Now()))
		if w.live() != 0 {
			t.Errorf("taken: %d live", w.live())
		}
	})
}
