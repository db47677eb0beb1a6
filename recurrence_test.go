package handrail_test

import (
	"reflect"
	"testing"
	"time"

	"handrail"
)

// Every field counts: one that is added later and forgotten in Equal fails here.
func TestRecurrence_Equal(t *testing.T) {
	base := func() handrail.Recurrence {
		return handrail.Recurrence{
			Freq: handrail.Monthly, Day: time.Tuesday, Nth: 2, Start: handrail.At(10, 0), End: handrail.At(12, 0), From: "2026-01-06",
			Except: []handrail.Date{"2026-03-10"}, Also: []handrail.Date{"2026-03-11"},
		}
	}
	if !base().Equal(base()) {
		t.Fatal("it is not equal to itself")
	}
	if empty := (handrail.Recurrence{Except: []handrail.Date{}}); !empty.Equal(handrail.Recurrence{}) {
		t.Error("no dates and no list of dates differ")
	}
	typ := reflect.TypeFor[handrail.Recurrence]()
	for i := range typ.NumField() {
		other := base()
		f := reflect.ValueOf(&other).Elem().Field(i)
		switch f.Kind() {
		case reflect.String:
			f.SetString("other")
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Int, reflect.Int8:
			f.SetInt(f.Int() + 1)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]handrail.Date{"2026-12-01"}))
		default:
			t.Fatalf("%s has a kind this test does not know", typ.Field(i).Name)
		}
		if base().Equal(other) || other.Equal(base()) {
			t.Errorf("another %s makes no difference", typ.Field(i).Name)
		}
	}
}

func TestRecurrence_Certain(t *testing.T) {
	for c, want := range map[handrail.Certainty]bool{handrail.CertaintySaid: true, handrail.CertaintyRead: true, handrail.CertaintyGuessed: false} {
		if got := (handrail.Recurrence{Certainty: c}).Certain(); got != want {
			t.Errorf("%q is certain: %v", c, got)
		}
	}
}

func TestRecurrence_T6_Location(t *testing.T) {
	for name, want := range map[string]string{"": "Europe/London", "Europe/London": "Europe/London", "Asia/Tokyo": "Asia/Tokyo", "UTC": "UTC"} {
		loc, err := handrail.Recurrence{Zone: name}.Location()
		if err != nil || loc.String() != want {
			t.Errorf("%q is %v, %v", name, loc, err)
		}
	}
	for _, name := range []string{"Local", "Mars/Olympus", "../../etc/passwd", "/etc/localtime"} {
		if loc, err := (handrail.Recurrence{Zone: name}).Location(); err == nil {
			t.Errorf("%q was taken for %s", name, loc)
		}
	}
}

func TestOccurrence_Date(t *testing.T) {
	for local, want := range map[string]handrail.Date{"2026-11-24T10:00": "2026-11-24", "": "", "2026-11-24": ""} {
		if got := (handrail.Occurrence{Local: local}).Date(); got != want {
			t.Errorf("the date of %q is %q", local, got)
		}
	}
}
