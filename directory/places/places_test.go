package places

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNamed(t *testing.T) {
	for name, want := range map[string][]string{
		"ashford":             {"Ashford, Kent", "Ashford, Surrey"},
		"Luton":               {"Luton"},
		"kings lynn":          {"King's Lynn, Norfolk"},
		"KING’S LYNN":         {"King's Lynn, Norfolk"},
		"Saint Albans":        {"St Albans, Hertfordshire"},
		"st. albans":          {"St Albans, Hertfordshire"},
		"stratford upon avon": {"Stratford-upon-Avon, Warwickshire"},
		"Caerdydd":            {"Cardiff"},
		"hull":                {"Kingston upon Hull, Hull"},
		"bradford":            {"Bradford"},
		"Shangri-La":          nil,
		"":                    nil,
		"-":                   nil,
		"\xff\xfe":            nil,
	} {
		var got []string
		for _, p := range Named(name) {
			got = append(got, p.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if n := len(Named("newport")); n < 5 {
		t.Errorf("%d places are called Newport", n)
	}
	if ps := Named("Reading"); len(ps) != 1 || !ps[0].Wordlike || ps[0].People < 100_000 {
		t.Errorf("%+v", ps)
	}
}

func TestAlike(t *testing.T) {
	for typed, meant := range map[string]string{
		"lutn": "Luton", "Lutton": "Luton", "ulton": "Luton", "birmingam": "Birmingham", "kings lyn": "King's Lynn, Norfolk",
		"stratford upn avon": "Stratford-upon-Avon, Warwickshire", "caerdyd": "Cardiff", "st albns": "St Albans, Hertfordshire",
	} {
		if !slices.ContainsFunc(Alike(typed), func(p Place) bool { return p.String() == meant }) {
			t.Errorf("%q is like %v", typed, Alike(typed))
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{{"luton", "luton", false}, {"luton", "lutno", true}, {"luton", "lotun", false}, {"", "a", true}, {"", "", false}, {"ab", "abcd", false}} {
		if Slipped(c.a, c.b) != c.want || Slipped(c.b, c.a) != c.want {
			t.Errorf("%q and %q", c.a, c.b)
		}
	}
}

// Every line of the table is whole, sorted, in the United Kingdom, told apart from its namesakes, and found.
func TestAll_TableIsSound(t *testing.T) {
	last, n := "", 0
	seen := map[string]bool{}
	for p := range All() {
		n++
		switch {
		case p.Name == "" || p.Nation == "" || p.Key() == "" || strings.ContainsAny(p.Name, "\t;"):
			t.Errorf("%+v is not whole", p)
		case p.Key() < last:
			t.Errorf("%q stands after %q", p.Key(), last)
		case p.At.Lat < 49 || p.At.Lat > 61 || p.At.Lon < -9 || p.At.Lon > 2:
			t.Errorf("%s is not in the United Kingdom: %v", p, p.At)
		case p.People < 0 || p.People > 10_000_000:
			t.Errorf("%s has %d people", p, p.People)
		case seen[p.Key()+"\t"+p.Area()+"\t"+p.Name]:
			t.Errorf("%s is there twice", p)
		case !slices.ContainsFunc(Named(p.Key()), func(o Place) bool { return o == p }):
			t.Errorf("%s is not found by %q", p, p.Key())
		}
		seen[p.Key()+"\t"+p.Area()+"\t"+p.Name] = true
		last = p.Key()
	}
	if n < 5000 || len(table) > 400<<10 {
		t.Errorf("%d places in %d bytes", n, len(table))
	}
}

// What is a word as well is marked, so that nobody is sent to Reading for reading.
func TestWordlike_B26(t *testing.T) {
	for _, name := range []string{"Reading", "Bath", "March", "Hope", "Rugby", "Sale", "Deal", "Street", "Wells", "Ware", "Battle", "Beer", "Eye", "Diss", "Shirley", "Ash"} {
		for _, p := range Named(name) {
			if !p.Wordlike {
				t.Errorf("%s is a word as well", p)
			}
		}
		if Named(name) == nil {
			t.Errorf("%s is not known", name)
		}
	}
	for _, name := range []string{"Luton", "Birmingham", "Milton Keynes"} {
		if p := Named(name); len(p) == 0 || p[0].Wordlike {
			t.Errorf("%s is no word", name)
		}
	}
}

func TestKey_Property_Idempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "name")
		if k := Key(s); Key(k) != k {
			t.Fatalf("%q gives %q, which gives %q", s, k, Key(k))
		}
	})
}

func FuzzNamed(f *testing.F) {
	for _, s := range []string{"Ashford", "king's lynn", "Ynys Môn", "\t", "#", "zzz", "a", "St. Ives & more"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range Named(s) {
			if p.Key() != Key(s) {
				t.Errorf("%q found %s under %q", s, p, p.Key())
			}
		}
	})
}

func BenchmarkNamed(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Named("Stratford-upon-Avon")
	}
}

func BenchmarkAlike(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Alike("Lutn")
	}
}

func BenchmarkAll(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for p := range All() {
			_ = p
		}
	}
}
