package records_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"handrail"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func walk(i int) handrail.Activity {
	return handrail.Activity{ID: handrail.ActivityID(fmt.Sprintf("act%02d", i)), Source: "s", Name: fmt.Sprint("Walk ", i), Status: handrail.ActivityActive}
}

func TestActivities_ComeBackAsStored(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		checked, updated := w.clock.Now().Add(-time.Hour), w.clock.Now()
		full := handrail.Activity{}
		fillIn(reflect.ValueOf(&full).Elem())
		full.ID, full.Source, full.Status = "full", "s", handrail.ActivityActive
		full.CheckedAt, full.UpdatedAt = &checked, &updated
		full.Access.StepFree, full.Access.Toilet, full.Access.Parking = handrail.Yes, handrail.No, handrail.NotSaid
		must(w.ReplaceActivities(w.ctx, "s", []handrail.Activity{full, walk(1)}, by))(t)
		now := w.clock.Now()
		full.Standing = handrail.Standing{CreatedAt: now, ModifiedAt: now} // an import sets nothing else of it
		one := walk(1)
		one.Standing = full.Standing
		if got := must(w.Activity(w.ctx, "full"))(t); !reflect.DeepEqual(got, full) {
			t.Errorf("want %+v\ngot  %+v", full, got)
		}
		if got := must(w.Activities(w.ctx))(t); !reflect.DeepEqual(got, []handrail.Activity{one, full}) {
			t.Errorf("all: %+v", got)
		}
		if _, err := w.Activity(w.ctx, "none"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
	})
}

// fillIn gives every field some value that isn't zero, so that a field which is forgotten in the stored form is found.
func fillIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fillIn(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillIn(v.Index(0))
	case reflect.String:
		v.SetString("word")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	default:
		v.SetInt(3)
	}
}

func TestReplaceActivities_B23(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		var all []handrail.Activity
		for i := range 10 {
			all = append(all, walk(i))
		}
		replace := func(want handrail.Imported, list []handrail.Activity, opts ...records.ImportOption) {
			t.Helper()
			if got := must(w.ReplaceActivities(w.ctx, "s", list, by, opts...))(t); got != want {
				t.Errorf("want %+v, got %+v", want, got)
			}
		}
		replace(handrail.Imported{Added: 10}, all)
		replace(handrail.Imported{Same: 10}, all)
		renamed := append([]handrail.Activity{}, all[:8]...)
		renamed[0].Name = "Another name"
		replace(handrail.Imported{Changed: 1, Removed: 2, Same: 7}, renamed) // a fifth may go
		if got := must(w.Activity(w.ctx, "act09"))(t); got.Status != handrail.ActivityInactive || got.Name != "Walk 9" {
			t.Errorf("what went is not kept: %+v", got)
		}
		for name, list := range map[string][]handrail.Activity{"gone": renamed[:6], "closed": closed(renamed, 2), "empty": nil} {
			_, err := w.ReplaceActivities(w.ctx, "s", list, by)
			if say, ok := handrail.Sentence(err); !ok || !handrail.IsKind(err, handrail.KindConflict) {
				t.Errorf("%s: want it held, got %v %q", name, err, say)
			}
		}
		if got := must(w.Activities(w.ctx))(t); len(got) != 8 {
			t.Errorf("%d live listings after imports that were held", len(got))
		}
		replace(handrail.Imported{Removed: 2, Same: 6}, renamed[:6], records.Force)
		replace(handrail.Imported{Changed: 4, Same: 6}, append(append([]handrail.Activity{}, renamed[:6]...), all[6:]...)) // back again
		// Another source is another source.
		must(w.ReplaceActivities(w.ctx, "other", []handrail.Activity{{ID: "else"}}, by))(t)
		other := walk(1)
		other.Name = "Something else"
		must(w.ReplaceActivities(w.ctx, "other", []handrail.Activity{{ID: "else"}, other}, by))(t)
		if got := must(w.Activity(w.ctx, "act01"))(t); got.Name != "Walk 1" {
			t.Errorf("another source's listing was changed: %+v", got)
		}
		if got := must(w.Activity(w.ctx, "other/act01"))(t); got.Name != "Something else" {
			t.Errorf("a listing whose id was taken: %+v", got)
		}
		if got := must(w.Activities(w.ctx))(t); len(got) != 12 {
			t.Errorf("%d live listings", len(got))
		}
	})
}

func closed(list []handrail.Activity, n int) []handrail.Activity {
	out := append([]handrail.Activity{}, list...)
	for i := range n {
		out[i].Status = handrail.ActivityDefunct
	}
	return out
}

func TestPostcodes(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		var all []handrail.PostcodePoint
		for i := range 1000 {
			all = append(all, handrail.PostcodePoint{Postcode: fmt.Sprintf("LU%d %dAB", i/10, i%10),
				At: handrail.Point{Lat: 51.878712 + float64(i)/1000, Lon: -0.420026}, Points: 1})
		}
		all = append(all, handrail.PostcodePoint{Postcode: "LU1", At: handrail.Point{Lat: 1}, Points: 1}, // replaced below
			handrail.PostcodePoint{Postcode: "LU1", At: handrail.Point{Lat: 51.9, Lon: -0.4}, Points: 812, Terminated: true})
		for range 2 {
			w.ok(w.PutPostcodes(w.ctx, all))
		}
		if n := must(w.PostcodeCount(w.ctx))(t); n != 1001 {
			t.Errorf("%d rows", n)
		}
		for _, want := range []handrail.PostcodePoint{all[0], all[777], all[1001]} {
			got, ok, err := w.Postcode(w.ctx, want.Postcode)
			if err != nil || !ok || got != want {
				t.Errorf("want %+v, got %+v %v %v", want, got, ok, err)
			}
		}
		if _, ok, err := w.Postcode(w.ctx, "ZZ1"); ok || err != nil {
			t.Errorf("found what is not there: %v", err)
		}
	})
}
