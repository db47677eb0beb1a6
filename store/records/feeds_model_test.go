package records_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// TestDirectory_Model plays copies of two sources, edits and decisions in any order, and holds the directory to its rules
// after each step: no import shows a new telephone number or empties the directory by itself (H18, B23), nothing is lost
// on who follows it, and a copy that is taken twice changes nothing.
func TestDirectory_Model(t *testing.T) {
	w := newWorld(t, recordstest.Memory, records.Options{})
	rapid.Check(t, func(rt *rapid.T) {
		m := &directoryModel{world: w, rt: rt, followed: map[handrail.ActivityID]handrail.Activity{},
			known: map[handrail.ActivityID]map[string]bool{}}
		m.must(w.Wipe(w.ctx)) // quicker than a database for each
		m.after = must(w.LastActivityChange(w.ctx))(t)
		rt.Repeat(map[string]func(*rapid.T){
			"whole copy": func(rt *rapid.T) { m.copy(rt, true) },
			"part":       func(rt *rapid.T) { m.copy(rt, false) },
			"edit":       m.edit,
			"undo":       m.undo,
			"hold":       m.decideHold,
			"merge":      m.decideMerge,
			"standing":   m.standing,
			"":           m.check,
		})
	})
}

type directoryModel struct {
	*world
	rt       *rapid.T
	followed map[handrail.ActivityID]handrail.Activity
	after    int64
	// known are the telephone numbers that each listing showed once, or that a person took for it.
	known map[handrail.ActivityID]map[string]bool
}

func (m *directoryModel) knows(id handrail.ActivityID, phone string) {
	if m.known[id] == nil {
		m.known[id] = map[string]bool{}
	}
	m.known[id][lastDigits(phone)] = true
}

func (m *directoryModel) must(err error) {
	if err != nil {
		m.rt.Fatal(err)
	}
}

func (m *directoryModel) all() map[handrail.ActivityID]handrail.Activity {
	all, err := m.Activities(m.ctx)
	m.must(err)
	out := map[handrail.ActivityID]handrail.Activity{}
	for _, a := range all {
		out[a.ID] = a
	}
	return out
}

// any draws a listing; those of the two sources are alike often enough to be merged.
func (m *directoryModel) any(rt *rapid.T, i int) handrail.Activity {
	a := gardeners(handrail.ActivityID(fmt.Sprint("id", i)))
	a.Name = fmt.Sprint(rapid.SampledFrom([]string{"Walk ", "Walks ", "The walk "}).Draw(rt, "name"), i/2)
	a.Venue.Postcode, a.Venue.At = fmt.Sprintf("ZZ%d 1AB", 1+i/2), nil
	a.Organiser.Phone = rapid.SampledFrom([]string{"", "01632 960001", "01632 960002", "+44 1632 960001"}).Draw(rt, "phone")
	a.Description = rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "description")
	if rapid.Bool().Draw(rt, "checked") {
		at := recordstest.Epoch().Add(-time.Duration(rapid.IntRange(0, 3).Draw(rt, "days")) * 24 * time.Hour)
		a.CheckedAt = &at
	}
	if rapid.IntRange(0, 9).Draw(rt, "closed") == 0 {
		a.Status = handrail.ActivityPaused
	}
	return a
}

func (m *directoryModel) copy(rt *rapid.T, full bool) {
	m.clock.Add(time.Hour)
	source := rapid.SampledFrom([]string{"one", "two"}).Draw(rt, "source")
	c := handrail.FeedCopy{Full: full}
	for i := range 8 {
		switch rapid.IntRange(0, 9).Draw(rt, "what") {
		case 0:
			c.Gone = append(c.Gone, handrail.ActivityID(fmt.Sprint("id", i)))
		case 1:
		default:
			c.Changed = append(c.Changed, m.any(rt, i))
		}
	}
	before := m.all()
	_, err := m.TakeFeed(m.ctx, source, c, by)
	m.must(err)
	now := m.all()
	for id, a := range now {
		was, ok := before[id]
		if !ok {
			continue
		}
		if !samePhone(a.Organiser.Phone, was.Organiser.Phone) && a.Organiser.Phone != "" {
			rt.Errorf("%s: an import shows %q where %q stood", id, a.Organiser.Phone, was.Organiser.Phone)
		}
		if !a.Standing.CreatedAt.Equal(was.Standing.CreatedAt) || a.Standing.Answers != was.Standing.Answers {
			rt.Errorf("%s: an import changed its standing", id)
		}
	}
	lost := 0
	for id := range before {
		if _, ok := now[id]; !ok {
			lost++
		}
	}
	if lost > 8/5 {
		rt.Errorf("an import removed %d of at most 8 listings", lost)
	}
	again, err := m.TakeFeed(m.ctx, source, c, by)
	m.must(err)
	if again.Added+again.Changed+again.Removed+again.Suggested > 0 {
		rt.Errorf("taken twice: %+v", again)
	}
	if !reflect.DeepEqual(now, m.all()) {
		rt.Error("the same copy again changed something")
	}
}

func samePhone(a, b string) bool { return lastDigits(a) == lastDigits(b) }

func lastDigits(phone string) string { return phone[max(0, len(phone)-6):] }

func (m *directoryModel) pick(rt *rapid.T) handrail.ActivityID {
	all, err := m.Activities(m.ctx)
	m.must(err)
	if len(all) == 0 {
		rt.Skip("nothing is listed")
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(rt, "which")].ID
}

func (m *directoryModel) edit(rt *rapid.T) {
	m.clock.Add(time.Hour)
	id := m.pick(rt)
	phone := rapid.SampledFrom([]string{"01632 960001", "01632 960009", ""}).Draw(rt, "to")
	status := rapid.SampledFrom([]handrail.ActivityStatus{handrail.ActivityActive, handrail.ActivityDefunct}).Draw(rt, "status")
	now, _, err := m.EditActivity(m.ctx, id, by, m.clock.Now(), func(a *handrail.Activity) error {
		a.Organiser.Phone, a.Status = phone, status
		return nil
	})
	m.must(err)
	stored, err := m.Activity(m.ctx, id)
	m.must(err)
	m.knows(id, phone)
	if now.Organiser.Phone != phone || now.Status != status || !reflect.DeepEqual(now, stored) {
		rt.Errorf("%s: edited to %q, %s: %+v", id, phone, status, now)
	}
}

func (m *directoryModel) undo(rt *rapid.T) {
	id := m.pick(rt)
	edits, err := m.Edits(m.ctx, id)
	m.must(err)
	if len(edits) == 0 {
		rt.Skip("nothing was edited")
	}
	e := edits[rapid.IntRange(0, len(edits)-1).Draw(rt, "edit")]
	now, err := m.UndoEdit(m.ctx, e.ID, by, m.clock.Now())
	if handrail.IsKind(err, handrail.KindConflict) {
		return
	}
	m.must(err)
	if e.UndoneAt != nil {
		rt.Error("undone twice")
	}
	if p := now.Organiser.Phone; p != "" && !m.known[id][lastDigits(p)] {
		rt.Errorf("undone to %q, which nobody has looked at", p)
	}
}

func (m *directoryModel) decideHold(rt *rapid.T) {
	holds, err := m.Holds(m.ctx)
	m.must(err)
	if len(holds) == 0 {
		rt.Skip("nothing is held")
	}
	h := holds[rapid.IntRange(0, len(holds)-1).Draw(rt, "hold")]
	take := rapid.Bool().Draw(rt, "take")
	if take && h.Kind == handrail.HoldContactChange {
		a, err := m.Activity(m.ctx, h.Activity)
		m.must(err)
		m.knows(a.ID, h.Becomes)
	}
	m.must(m.DecideHold(m.ctx, h.ID, take, by, m.clock.Now()))
	if again := m.DecideHold(m.ctx, h.ID, take, by, m.clock.Now()); !handrail.IsKind(again, handrail.KindConflict) {
		rt.Errorf("decided twice: %v", again)
	}
}

func (m *directoryModel) decideMerge(rt *rapid.T) {
	merges, err := m.Merges(m.ctx)
	m.must(err)
	if len(merges) == 0 {
		rt.Skip("nothing is suggested")
	}
	x := merges[rapid.IntRange(0, len(merges)-1).Draw(rt, "merge")]
	same := rapid.Bool().Draw(rt, "same")
	before := m.all()
	m.must(m.DecideMerge(m.ctx, x.ID, same, by, m.clock.Now()))
	now := m.all()
	if b, ok := now[x.B]; ok == same {
		rt.Errorf("same is %v and the other listing is there: %v, %+v", same, ok, b)
	}
	if same {
		for phone := range m.known[x.B] {
			m.knows(x.A, phone)
		}
		one, err := m.Activity(m.ctx, x.B)
		m.must(err)
		if one.ID != x.A || !samePhone(one.Organiser.Phone, before[x.A].Organiser.Phone) && one.Organiser.Phone != "" && one.Organiser.Phone != "01632 960009" {
			rt.Errorf("merged: %+v", one)
		}
	}
}

func (m *directoryModel) standing(rt *rapid.T) {
	_, err := m.ChangeStanding(m.ctx, m.pick(rt), by, func(s *handrail.Standing) error { s.Answers++; return nil })
	m.must(err)
}

// check follows the directory, as an index does.
func (m *directoryModel) check(rt *rapid.T) {
	m.rt = rt
	for {
		changed, gone, next, err := m.ActivityChanges(m.ctx, m.after, 3)
		m.must(err)
		if next == m.after {
			break
		}
		m.after = next
		for _, a := range changed {
			m.followed[a.ID] = a
			m.knows(a.ID, a.Organiser.Phone)
		}
		for _, id := range gone {
			delete(m.followed, id)
		}
	}
	if all := m.all(); !reflect.DeepEqual(all, m.followed) {
		rt.Errorf("there is %+v\nfollowed %+v", all, m.followed)
	}
}
