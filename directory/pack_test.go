package directory

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
)

// fill draws a value of any type that a listing is made of, so that a field of tomorrow is tested too.
func fill(t *rapid.T, v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "sec"), rapid.Int64Range(0, 999_999_999).Draw(t, "nano")).UTC()))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if rapid.Bool().Draw(t, "set") {
				fill(t, v.Field(i))
			}
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case v.Kind() == reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "len")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case v.Kind() == reflect.String:
		v.SetString(rapid.String().Draw(t, "text"))
	case v.Kind() == reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case v.CanFloat():
		v.SetFloat(rapid.Float64().Draw(t, "float"))
	case v.CanInt():
		v.SetInt(rapid.Int64Range(-1<<(v.Type().Bits()-1), 1<<(v.Type().Bits()-1)-1).Draw(t, "int"))
	case v.CanUint():
		v.SetUint(rapid.Uint64Range(0, 1<<v.Type().Bits()-1).Draw(t, "uint"))
	default:
		t.Fatalf("a listing has a %v", v.Type())
	}
}

// Whatever a listing says comes out of the archive as it went in.
func TestArchive_Property_KeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ar := archive{packer: newPacker(reflect.TypeFor[handrail.Activity]())}
		all := make([]handrail.Activity, rapid.IntRange(1, 4).Draw(t, "n"))
		var at []archived
		for i := range all {
			fill(t, reflect.ValueOf(&all[i]).Elem())
			at = append(at, ar.keep(&all[i]))
		}
		for i := range all {
			if got := ar.listing(at[i]); !reflect.DeepEqual(got, all[i]) {
				t.Fatalf("it went in as\n%#v\nand came out as\n%#v", all[i], got)
			}
			if got := ar.id(at[i]); got != all[i].ID {
				t.Fatalf("the id went in as %q and came out as %q", all[i].ID, got)
			}
		}
	})
}

// A listing as large as a piece of memory, and many that fill several pieces, come out as they went in.
func TestArchive_ManyPieces(t *testing.T) {
	ar := archive{packer: newPacker(reflect.TypeFor[handrail.Activity]())}
	long := make([]byte, chunkSize+17)
	for i := range long {
		long[i] = byte('a' + i%26)
	}
	var at []archived
	for i := range 9 {
		a := handrail.Activity{ID: handrail.ActivityID(string(rune('a' + i))), Description: string(long[:len(long)/(i%3*5+1)])}
		at = append(at, ar.keep(&a))
	}
	for i, where := range at {
		a := ar.listing(where)
		if a.ID != handrail.ActivityID(string(rune('a'+i))) || a.Description != string(long[:len(long)/(i%3*5+1)]) {
			t.Errorf("listing %d came out as %q with %d bytes", i, a.ID, len(a.Description))
		}
	}
}

// What a listing should never have is found out at once and not when a search loses it.
func TestPacker_RefusesWhatItCannotKeep(t *testing.T) {
	for name, v := range map[string]any{"a map": struct{ M map[string]int }{}, "a hidden field": struct{ hidden int }{1}, "an interface": struct{ E error }{}} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was taken")
				}
			}()
			newPacker(reflect.TypeOf(v))
		})
	}
}
