package directory

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
)

// After any sequence of changes an index finds exactly what one that is made anew finds: the same groups in the same
// order, with the same scores and the same words.
func TestIndex_Property_WithEqualsAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		there := map[handrail.ActivityID]handrail.Activity{}
		var first []handrail.Activity
		for i := range rapid.IntRange(0, 30).Draw(t, "n") {
			a := anyListing(t, i)
			there[a.ID] = a
			first = append(first, a)
		}
		index := NewIndex(first)
		for range rapid.IntRange(0, 6).Draw(t, "updates") {
			var changed []handrail.Activity
			var gone []handrail.ActivityID
			for range rapid.IntRange(0, 6).Draw(t, "changed") {
				a := anyListing(t, rapid.IntRange(0, 40).Draw(t, "which"))
				changed = append(changed, a)
			}
			for range rapid.IntRange(0, 4).Draw(t, "gone") {
				gone = append(gone, handrail.ActivityID(fmt.Sprintf("a%03d", rapid.IntRange(0, 40).Draw(t, "which"))))
			}
			for _, a := range changed {
				there[a.ID] = a
			}
			for _, id := range gone {
				delete(there, id)
			}
			index = index.With(changed, gone)
			if rapid.IntRange(0, 5).Draw(t, "compact") == 0 {
				index = index.Compact()
			}
		}
		var now []handrail.Activity
		for _, a := range there {
			now = append(now, a)
		}
		anew := NewIndex(now)
		if index.Len() != anew.Len() {
			t.Fatalf("%d listings, and made anew %d", index.Len(), anew.Len())
		}
		for range 3 {
			q := anyQuery(t)
			got, want := index.Search(q), anew.Search(q)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v finds\n%s\nand made anew\n%s", q, told(got), told(want))
			}
		}
	})
}

func told(results []Result) string {
	out := ""
	for _, r := range results {
		out += fmt.Sprintf("%s %v %s %s\n", r.Activity.ID, r.Score, r.Name, r.Why)
	}
	return out
}

func nameOf(f *Finder, id handrail.ActivityID) string {
	for _, r := range f.Index().Search(Query{Limit: 100_000, Now: now}) {
		if r.Activity.ID == id {
			return r.Activity.Name
		}
	}
	return ""
}

func TestFinder_Update(t *testing.T) {
	f := NewFinder(nil, NewIndex(many(50)))
	f.Update([]handrail.Activity{{ID: "new", Name: "Kite flying"}, {ID: "s000003", Name: "Changed"}}, []handrail.ActivityID{"s000004", "nobody"})
	if nameOf(f, "new") != "Kite flying" || nameOf(f, "s000003") != "Changed" || nameOf(f, "s000004") != "" || f.Index().Len() != 50 {
		t.Errorf("new %q, changed %q, gone %q, of %d", nameOf(f, "new"), nameOf(f, "s000003"), nameOf(f, "s000004"), f.Index().Len())
	}
	if r := f.Index().Search(Query{Words: []string{"kites"}, Now: now}); len(r) != 1 {
		t.Errorf("the new one is not found by its words: %d", len(r))
	}
	f.Update([]handrail.Activity{{ID: "new", Name: "Kite building", Status: handrail.ActivityDefunct}}, nil)
	if r := f.Index().Search(Query{Words: []string{"kites"}, Now: now}); len(r) != 0 {
		t.Error("it closed and is found")
	}
	f.Update(nil, []handrail.ActivityID{"new"})
	if f.Index().Len() != 49 {
		t.Errorf("%d are left", f.Index().Len())
	}
}

// Many changes, one after the other, are tidied up in the background; none is lost, whether it comes before, during or
// after, and the index ends on one shelf and a small one.
func TestFinder_Update_Settles(t *testing.T) {
	all := many(3000)
	f := NewFinder(nil, NewIndex(all))
	for i := range 25 {
		var changed []handrail.Activity
		for j := range 50 {
			a := all[i*50+j]
			a.Name = fmt.Sprintf("round %d", i)
			changed = append(changed, a)
			all[i*50+j] = a
		}
		f.Update(changed, []handrail.ActivityID{all[2999-i].ID})
	}
	f.Settle()
	all = all[:2975]
	if small := smallShelf(f.Index().Len()); f.Index().Changed() > small+1500 || len(f.Index().base.docs) == 3000 {
		t.Errorf("%d changed on a shelf of %d", f.Index().Changed(), len(f.Index().base.docs))
	}
	anew := NewIndex(all)
	for _, q := range append(queries()[:20], Query{Words: []string{"round 24"}, Limit: 100, Now: now}) {
		if got, want := told(f.Index().Search(q)), told(anew.Search(q)); got != want {
			t.Fatalf("found\n%s\nand anew\n%s", got, want)
		}
	}
}

// An index that is swapped in while the old one is tidied up stays.
func TestFinder_Update_SwappedMeanwhile(t *testing.T) {
	for range 4 {
		all := many(2400)
		f := NewFinder(nil, NewIndex(all[:1200]))
		f.Update(all[1200:], nil) // far more than a quarter: at once
		f.Update(all[:1200], nil)
		f.Swap(NewIndex(all[:7]))
		f.Update([]handrail.Activity{{ID: "late"}}, nil)
		f.Settle()
		if n := f.Index().Len(); n != 8 {
			t.Fatalf("%d listings, want those of the new index and the late one", n)
		}
	}
}

// A changed listing is found at once while others search, and nobody ever sees half of a change.
func TestFinder_Update_WhilePeopleSearch(t *testing.T) {
	all := many(3000)
	f := NewFinder(nil, NewIndex(all))
	stop := make(chan struct{})
	var searches atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				// Two listings change together, so both are found or neither.
				if r := f.Index().Search(Query{Words: []string{"twin"}, Now: now}); len(r)%2 != 0 {
					t.Errorf("%d of a pair", len(r))
					return
				}
				searches.Add(1)
			}
		})
	}
	slowest := time.Duration(0)
	for i := range 60 {
		a, b := all[i*2], all[i*2+1]
		a.Name, b.Name = fmt.Sprintf("twin one%d", i), fmt.Sprintf("twin two%d", i)
		began := time.Now()
		f.Update([]handrail.Activity{a, b}, nil)
		if r := f.Index().Search(Query{Words: []string{a.Name}, Now: now}); len(r) == 0 || r[0].Activity.ID != a.ID {
			t.Fatalf("change %d is not found", i)
		}
		slowest = max(slowest, time.Since(began))
		f.Update([]handrail.Activity{all[i*2], all[i*2+1]}, nil)
	}
	close(stop)
	wg.Wait()
	f.Settle()
	if slowest > time.Second || searches.Load() == 0 {
		t.Errorf("the slowest change was found after %v, beside %d searches", slowest, searches.Load())
	}
}

func TestReadIndex(t *testing.T) {
	all := many(100)
	index, err := ReadIndex(func(yield func(handrail.Activity, error) bool) {
		for _, a := range all {
			if !yield(a, nil) {
				return
			}
		}
	})
	if err != nil || index.Len() != 100 {
		t.Fatal(index, err)
	}
	if got, want := told(index.Search(queries()[0])), told(NewIndex(all).Search(queries()[0])); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	broken := fmt.Errorf("the database is away")
	_, err = ReadIndex(func(yield func(handrail.Activity, error) bool) {
		_ = yield(all[0], nil) && yield(handrail.Activity{}, broken)
	})
	if err != broken { //nolint:errorlint // It must be the very error.
		t.Errorf("its error is %v", err)
	}
	var ids []string
	for a := range index.With(nil, []handrail.ActivityID{"s000001"}).All() {
		ids = append(ids, string(a.ID))
	}
	if slices.Sort(ids); len(ids) != 99 || slices.Contains(ids, "s000001") {
		t.Errorf("%d listings", len(ids))
	}
}
