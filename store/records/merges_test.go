package records_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"handrail"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func TestTakeFeed_SameGroup(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		checked := w.clock.Now().Add(-24 * time.Hour)
		w.take(handrail.Imported{Added: 2}, "council", whole(gardeners("g"), walk(1)))
		same := with(gardeners("77"), func(a *handrail.Activity) {
			a.Name, a.Description, a.CheckedAt = "The Tuesday Gardeners' Group", "Better words.", &checked
			a.Organiser.Email, a.Organiser.Phone, a.MinAge = "hello@example.org", "01632 960002", 50
			a.Topics = []string{"outdoors"}
		})
		w.take(handrail.Imported{Added: 1, Held: 1}, "charity", whole(same))
		if w.live() != 2 {
			t.Fatalf("%d listings for two groups", w.live())
		}
		got := w.listing("g")
		if got.Description != "Better words." || got.Organiser.Email != "hello@example.org" || got.MinAge != 50 || len(got.Topics) != 1 || got.Source != "council" {
			t.Errorf("joined: %+v", got)
		}
		if got.Organiser.Phone != "01632 960001" { // H18: another source's number is looked at, too
			t.Errorf("the telephone changed: %q", got.Organiser.Phone)
		}
		w.holds(1)
		// The newest check counts, field by field, and a copy that was taken back no longer does.
		later := w.clock.Now()
		w.take(handrail.Imported{Changed: 1, Same: 1}, "council", whole(with(gardeners("g"), func(a *handrail.Activity) {
			a.Description, a.CheckedAt = "Best words.", &later
		}), walk(1)))
		if got := w.listing("g"); got.Description != "Best words." || got.MinAge != 50 || !got.CheckedAt.Equal(later) {
			t.Errorf("checked later: %+v", got)
		}
		w.take(handrail.Imported{Removed: 1}, "charity", handrail.FeedCopy{Full: true}, records.Force)
		if got := w.listing("g"); got.Status != handrail.ActivityActive || got.MinAge != 0 {
			t.Errorf("one source left: %+v", got)
		}
		w.take(handrail.Imported{Changed: 1}, "charity", whole(same))
		w.take(handrail.Imported{Removed: 1, Same: 1}, "council", whole(walk(1)), records.Force)
		if got := w.listing("g"); got.Status != handrail.ActivityActive || got.Description != "Better words." {
			t.Errorf("the other source left: %+v", got)
		}
		w.take(handrail.Imported{Removed: 1}, "charity", handrail.FeedCopy{Full: true}, records.Force)
		if got := w.listing("g"); got.Status != handrail.ActivityInactive {
			t.Errorf("no source left: %+v", got)
		}
	})
}

func TestTakeFeed_NotTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		change            func(*handrail.Activity)
		joined, suggested bool
	}{
		"the same":             {func(*handrail.Activity) {}, true, false},
		"overlapping times":    {func(a *handrail.Activity) { a.Times[0].Start = handrail.At(11, 30) }, true, false},
		"a slip in the name":   {func(a *handrail.Activity) { a.Name = "Tuesdays: gardners" }, false, true},
		"no times":             {func(a *handrail.Activity) { a.Times = nil }, false, true},
		"guessed times":        {func(a *handrail.Activity) { a.Times[0].Certainty = handrail.CertaintyGuessed }, false, true},
		"later that day":       {func(a *handrail.Activity) { a.Times[0].Start, a.Times[0].End = handrail.At(14, 0), 0 }, false, true},
		"no postcode but near": {func(a *handrail.Activity) { a.Venue.Postcode = "" }, false, true},
		"another day":          {func(a *handrail.Activity) { a.Times[0].Day = time.Friday }, false, false},
		"another postcode":     {func(a *handrail.Activity) { a.Venue.Postcode = "ZZ1 1AC" }, false, false},
		"another name":         {func(a *handrail.Activity) { a.Name = "Watercolours" }, false, false},
		"for women":            {func(a *handrail.Activity) { a.For = handrail.SexWomen }, false, true},
		"for children":         {func(a *handrail.Activity) { a.MaxAge = 11 }, true, false},
		"nowhere":              {func(a *handrail.Activity) { a.Venue = handrail.Venue{} }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, recordstest.Memory, records.Options{})
			w.take(handrail.Imported{Added: 1}, "council", whole(gardeners("g")))
			want := handrail.Imported{Added: 1}
			if c.suggested {
				want.Suggested = 1
			}
			fresh := gardeners("h")
			c.change(&fresh)
			w.take(want, "charity", whole(fresh))
			if joined := w.live() == 1; joined != c.joined {
				t.Errorf("joined: %v", joined)
			}
			if n := len(must(w.Merges(w.ctx))(t)); (n == 1) != c.suggested {
				t.Errorf("%d suggestions", n)
			}
			w.holds(0)
		})
	}
	t.Run("men and women", func(t *testing.T) {
		w := newWorld(t, recordstest.Memory, records.Options{})
		w.take(handrail.Imported{Added: 1}, "a", whole(with(gardeners("g"), func(a *handrail.Activity) { a.For = handrail.SexMen })))
		w.take(handrail.Imported{Added: 1}, "b", whole(with(gardeners("h"), func(a *handrail.Activity) { a.For = handrail.SexWomen })))
		if w.live() != 2 || len(must(w.Merges(w.ctx))(t)) != 0 {
			t.Error("a men's group and a women's one are taken for each other")
		}
	})
	t.Run("twice in one source", func(t *testing.T) {
		w := newWorld(t, recordstest.Memory, records.Options{})
		w.take(handrail.Imported{Added: 1}, "a", whole(gardeners("g")))
		w.take(handrail.Imported{Added: 2}, "b", whole(gardeners("h"), gardeners("i")))
		if w.live() != 2 { // one joined, the other is that source's own business
			t.Errorf("%d live", w.live())
		}
	})
}

func TestDecideMerge(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "council", whole(gardeners("walk"))) // the world's patient goes to "walk"
		doubtful := with(gardeners("h"), func(a *handrail.Activity) {
			a.Name, a.Organiser.Phone, a.Languages = "Tuesday Gardening", "01632 960002", []string{"cy"}
		})
		w.take(handrail.Imported{Added: 1, Suggested: 1}, "charity", whole(doubtful))
		m := must(w.Merges(w.ctx))(t)[0]
		if m.A != "walk" || m.B != "h" || m.NameA != "Tuesday Gardeners" || m.NameB != "Tuesday Gardening" || m.Score <= 0 || m.Score >= 1 {
			t.Errorf("suggestion: %+v", m)
		}
		// Somebody goes to the other one, edited and asked about.
		e := must(w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: "a", Patient: w.patient.ID, Referral: w.referral.ID, Activity: "h"}, by))(t)
		start := w.clock.Now().Add(48 * time.Hour)
		must(w.AddAttendance(w.ctx, handrail.Attendance{Practice: "a", Patient: w.patient.ID, Enrolment: e.ID,
			Occurrence: handrail.Occurrence{Activity: "h", Start: start, End: start.Add(time.Hour)}}, by))(t)
		must2(w.EditActivity(w.ctx, "h", by, w.clock.Now(), func(a *handrail.Activity) error { a.Cost.Known = true; return nil }))(t)
		must(w.ChangeStanding(w.ctx, "h", by, func(s *handrail.Standing) error { s.Reported(w.clock.Now()); return nil }))(t)
		must(w.AddOrganiser(w.ctx, handrail.OrganiserPerson{ID: "org_1", Practice: "a", Name: "Sue", Groups: []handrail.ActivityID{"h"}}, by))(t)
		after := must(w.LastActivityChange(w.ctx))(t)
		w.ok(w.DecideMerge(w.ctx, m.ID, true, by, w.clock.Now()))

		got := w.listing("h")
		if got.ID != "walk" || !got.Cost.Known || got.Standing.ReportedClosed == nil || !slices.Equal(got.Languages, []string{"cy"}) {
			t.Errorf("one listing: %+v", got)
		}
		w.holds(1) // the other source's number
		if w.live() != 1 || len(must(w.Merges(w.ctx))(t)) != 0 {
			t.Errorf("%d live", w.live())
		}
		changed, gone, _, err := w.ActivityChanges(w.ctx, after, 10)
		if err != nil || len(changed) != 1 || !reflect.DeepEqual(gone, []handrail.ActivityID{"h"}) {
			t.Errorf("followed: %v %v %v", changed, gone, err)
		}
		for _, id := range []handrail.ActivityID{"walk", "h"} {
			if n := len(must(w.BookedOn(w.ctx, id, w.clock.Now(), start.Add(time.Hour)))(t)); n != 2 {
				t.Errorf("%s: %d visits", id, n)
			}
			if n := len(must(w.Enrolled(w.ctx, id))(t)); n != 2 {
				t.Errorf("%s: %d enrolled", id, n)
			}
			if o, ok, err := w.OrganiserOf(w.ctx, id); err != nil || !ok || o.Name != "Sue" || !slices.Equal(o.Groups, []handrail.ActivityID{"walk"}) {
				t.Errorf("%s: organiser %+v %v", id, o, err)
			}
			if n := len(must(w.Edits(w.ctx, id))(t)); n != 1 {
				t.Errorf("%s: %d edits", id, n)
			}
		}
		if v := must(w.VisitsOf(w.ctx, "a", w.patient.ID))(t); v[1].Activity.ID != "walk" {
			t.Errorf("a visit to what is another listing by now: %+v", v[1].Activity)
		}
		w.take(handrail.Imported{Same: 1}, "charity", whole(doubtful))
		if err := w.DecideMerge(w.ctx, m.ID, false, by, w.clock.Now()); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("decided twice: %v", err)
		}
		if err := w.DecideMerge(w.ctx, "none", false, by, w.clock.Now()); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
	})
}

func TestDecideMerge_Different(t *testing.T) {
	w := newWorld(t, recordstest.Memory, records.Options{})
	w.take(handrail.Imported{Added: 1}, "council", whole(gardeners("g")))
	doubtful := with(gardeners("h"), func(a *handrail.Activity) { a.Name = "Tuesday Gardening" })
	w.take(handrail.Imported{Added: 1, Suggested: 1}, "charity", whole(doubtful))
	w.ok(w.DecideMerge(w.ctx, must(w.Merges(w.ctx))(t)[0].ID, false, by, w.clock.Now()))
	w.take(handrail.Imported{Removed: 1}, "charity", handrail.FeedCopy{Full: true}, records.Force)
	w.take(handrail.Imported{Changed: 1}, "charity", whole(doubtful))
	if n := len(must(w.Merges(w.ctx))(t)); n != 0 || w.live() != 2 {
		t.Errorf("%d suggestions, %d live", n, w.live())
	}
}
