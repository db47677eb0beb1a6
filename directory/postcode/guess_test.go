package postcode

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReadings_B26(t *testing.T) {
	for in, want := range map[string][]string{
		"S0 14":     {"SO14"},
		"LSI 4AP":   {"LS1 4AP"},
		"lu1 2ab":   {"LU1 2AB"},
		"BS1O OAA":  {"BS10 0AA"},
		"zz99 3vz":  {"ZZ99 3VZ"},
		"WI1 1AA":   {"W11 1AA"},
		"nowhere":   nil,
		"":          nil,
		"LU1 2AB !": nil,
	} {
		var got []string
		for _, c := range Readings(in) {
			got = append(got, c.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestGuesses_B26(t *testing.T) {
	for _, c := range []struct {
		typed, meant string
		likely       bool
	}{
		{"UL1 2AB", "LU1 2AB", true},  // swapped
		{"LY1 2AB", "LU1 2AB", true},  // the next key
		{"LU11 2AB", "LU1 2AB", true}, // pressed twice
		{"LUU1 2AB", "LU1 2AB", true},
		{"LU8 2AB", "LU1 2AB", false},
		{"LU8 2AB", "LU7 2AB", true},
		{"LU 2AB", "LU1 2AB", false}, // left out
		{"LU1 2QAB", "LU1 2AB", false},
		{"LS1 2AB", "LU1 2AB", false},
		{"EH5 6LT", "EH6 5LT", true}, // swapped across the space
	} {
		i := slices.IndexFunc(Guesses(c.typed), func(g Guess) bool { return g.Text == c.meant })
		if i < 0 || Guesses(c.typed)[i].Likely != c.likely {
			t.Errorf("%q: %q at %d", c.typed, c.meant, i)
		}
	}
	for _, in := range []string{"", "x", "LU1", strings.Repeat("LU1 2AB", 9), "LÜ1 2AB"} {
		if g := Guesses(in); in != "LU1" && g != nil {
			t.Errorf("%q: %v", in, g)
		}
	}
	if slices.ContainsFunc(Guesses("LU1 2AB"), func(g Guess) bool { return strings.HasPrefix(g.Text, "LU1 2") }) {
		t.Error("a neighbour in the same sector is no guess")
	}
}

func TestTrunk(t *testing.T) {
	for in, want := range map[string]string{
		"LU1 2AC": "LU1 2", "lu12ac": "LU1 2", "LU1 2A": "LU1 2", "LU1 2a.": "LU1 2", "LU12A": "", "SW1A 1CC": "SW1A 1",
		"QX1 2AC": "", "LU1": "", "": "", "hello": "",
	} {
		if c, ok := Trunk(in); c.Text != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", in, c.Text, ok)
		}
	}
}

func TestFindAlmost_B26(t *testing.T) {
	for in, want := range map[string]string{
		"near QX1 1AA please": "QX1 1AA",
		"LU1 2AC, gardening":  "LU1 2AC",
		"lu12ac":              "lu12ac",
		"LUU1 2AB":            "LUU1 2AB",
		"near LU1 2AB":        "",
		"so 10am is fine":     "",
		"walks at 2pm":        "",
		"in LU1 2pm or later": "",
		"a 72yo man, 2nd try": "",
		"":                    "",
	} {
		if got, ok := FindAlmost(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
}

// Whatever one slip does to a postcode outside its last two letters, the postcode is among the guesses.
func TestGuesses_Property_FindTheOneMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		meant := rapid.SampledFrom([]string{"LU1 2AB", "SW1A 1AA", "M1 1AE", "EH16 6UR", "CR0 2AB"}).Draw(t, "meant")
		flat := strings.ReplaceAll(meant, " ", "")
		i := rapid.IntRange(0, len(flat)-3).Draw(t, "at")
		c := string(rapid.RuneFrom([]rune(alphabet)).Draw(t, "character"))
		typed := flat[:i] + c + flat[i+1:]
		if typed == flat {
			return
		}
		if !slices.ContainsFunc(Guesses(typed), func(g Guess) bool { return g.Text == meant }) {
			t.Fatalf("%q is not among the guesses for %q", meant, typed)
		}
	})
}

func FuzzGuesses(f *testing.F) {
	for _, s := range []string{"LU1 2AB", "LU8 2AB", "QX1 1AA", "\xff", "W1A", "LU1 2A", "ZZ99 3VZ", "BFPO 5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, g := range Guesses(s) {
			if c, err := Parse(g.Text); err != nil || c.Text != g.Text {
				t.Errorf("%q gives the guess %q, which is %q, %v", s, g.Text, c.Text, err)
			}
		}
		for _, c := range Readings(s) {
			if again, err := Parse(c.Text); err != nil || again.Text != c.Text {
				t.Errorf("%q reads as %q, which is %q, %v", s, c.Text, again.Text, err)
			}
		}
		if c, ok := Trunk(s); ok && c.Sector() == "" && c.Kind == Sector {
			t.Errorf("%q has the trunk %+v", s, c)
		}
		if piece, ok := FindAlmost(s); ok && !strings.Contains(s, piece) {
			t.Errorf("%q does not hold %q", s, piece)
		}
	})
}

func BenchmarkGuesses(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Guesses("LU8 2AB")
	}
}
