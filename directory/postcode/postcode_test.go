package postcode

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse_B26(t *testing.T) {
	for _, c := range []struct {
		in, want string
		kind     Kind
		fixed    bool
	}{
		{"ls9 7tf", "LS9 7TF", Full, false},
		{"LS97TF", "LS9 7TF", Full, false},
		{"LS9 7TF.", "LS9 7TF", Full, false},
		{" lu1\u00a02ab ", "LU1 2AB", Full, false},
		{"LU12AB", "LU1 2AB", Full, false},
		{"ＬＵ１ ２ＡＢ", "LU1 2AB", Full, false},
		{"lu1\u200b2ab", "LU1 2AB", Full, false},
		{"l s 9 7 t f", "LS9 7TF", Full, false},
		{"lu1", "LU1", Outcode, false},
		{"LU 1", "LU1", Outcode, false},
		{"LU1 2", "LU1 2", Sector, false},
		{"LU12", "LU12", Outcode, false},
		{"W1A 1AA", "W1A 1AA", Full, false},
		{"w1a", "W1A", Outcode, false},
		{"W1A 1", "W1A 1", Sector, false},
		{"EC1A 1BB", "EC1A 1BB", Full, false},
		{"SW1A1AA", "SW1A 1AA", Full, false},
		{"CR0 2AB", "CR0 2AB", Full, false},
		{"DN55 1PT", "DN55 1PT", Full, false},
		{"M1 1AE", "M1 1AE", Full, false},
		{"N1P 2AB", "N1P 2AB", Full, false},
		// Slips that can only mean one thing.
		{"LS9 7TF", "LS9 7TF", Full, false},
		{"LUI 2AB", "LU1 2AB", Full, true},
		{"LU1 ZAB", "", Unknown, false},
		{"BS1O OAA", "BS10 0AA", Full, true},
		{"0X1 2JD", "OX1 2JD", Full, true},
		{"P016 7GZ", "PO16 7GZ", Full, true},
		{"Y01 7HH", "YO1 7HH", Full, true},
		{"EI 6AN", "E1 6AN", Full, true},
		{"WIA 1AA", "W1A 1AA", Full, true},
		{"1P1 2AB", "IP1 2AB", Full, true},
		{"CRO 2AB", "CR0 2AB", Full, true},
		// Special ones.
		{"GIR 0AA", "GIR 0AA", NoPlace, false},
		{"gir oaa", "GIR 0AA", NoPlace, true},
		{"BX1 1LT", "BX1 1LT", NoPlace, false},
		{"bfpo 58", "BFPO 58", Forces, false},
		{"BFPO c/o 58", "BFPO 58", Forces, false},
		{"BF1 2AB", "BF1 2AB", Forces, false},
		{"ZZ99 3VZ", "ZZ99 3VZ", NoFixedAbode, false},
		{"zz993cz", "ZZ99 3CZ", NoFixedAbode, false},
		{"JE2 3AB", "JE2 3AB", Full, false},
		{"IM1 1AA", "IM1 1AA", Full, false},
		{"BT1 5GS", "BT1 5GS", Full, false},
		// Not postcodes.
		{"", "", Unknown, false},
		{"near me", "", Unknown, false},
		{"QX1 1AA", "", Unknown, false},
		{"LU1 2CI", "", Unknown, false},
		{"LU00 2AB", "", Unknown, false},
		{"E1X 6AN", "", Unknown, false},
		{"LU1 2AB LU2 7AA", "", Unknown, false},
		{"12345", "", Unknown, false},
		{"LÜ1 2AB", "", Unknown, false},
		{strings.Repeat("LU1", 100), "", Unknown, false},
	} {
		got, err := Parse(c.in)
		if got.Text != c.want || got.Kind != c.kind || got.Corrected != c.fixed {
			t.Errorf("Parse(%q) = %+v, %v; want %q %v corrected=%v", c.in, got, err, c.want, c.kind, c.fixed)
		}
		if (err == nil) != (c.want != "") {
			t.Errorf("Parse(%q): error %v", c.in, err)
		}
	}
}

func TestParse_B26_NeverGuesses(t *testing.T) {
	// S0 1 could be SO1 or a slip of S01; PO1O and P010 could only be PO10. A text with two mendings is refused.
	for _, s := range []string{"OO1 1AA", "IOI OII"} {
		if c, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", s, c)
		} else if !errors.Is(err, ErrNone) && !errors.Is(err, ErrUnsure) {
			t.Errorf("Parse(%q): unexpected error %v", s, err)
		}
	}
}

func TestCode_Parts(t *testing.T) {
	c, err := Parse("sw1a 1aa")
	if err != nil {
		t.Fatal(err)
	}
	if c.Outcode() != "SW1A" || c.Sector() != "SW1A 1" || c.Area() != "SW" {
		t.Errorf("parts of %q: %q %q %q", c.Text, c.Outcode(), c.Sector(), c.Area())
	}
	for s, want := range map[string]bool{"JE2 3AB": true, "GY1 1AA": true, "IM1": true, "LU1": false, "G1 1AA": false} {
		c, err := Parse(s)
		if err != nil || c.CrownDependency() != want {
			t.Errorf("CrownDependency(%q) = %v, %v", s, c.CrownDependency(), err)
		}
	}
	if c, _ := Parse("BT1"); !c.NorthernIreland() {
		t.Error("BT1 is in Northern Ireland")
	}
}

func TestFind_B26(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"something near LU1 2AB please", []string{"LU1 2AB"}},
		{"moved from ls97tf to LU1", []string{"LS9 7TF", "LU1"}},
		{"b138la 69 female lonely", []string{"B13 8LA"}},
		{"F 33, NR2.", []string{"NR2"}},
		{"DA1 2EF, zimmer", []string{"DA1 2EF"}},
		{"walks in LU1 2 miles", []string{"LU1"}},
		{"two: LU1 2AB or LU2 7AA?", []string{"LU1 2AB", "LU2 7AA"}},
		{"LU1 2AB/LU2 7AA", []string{"LU1 2AB", "LU2 7AA"}},
		{"LU 1 2AB", []string{"LU1 2AB"}},
		{"LS9-7TF", []string{"LS9 7TF"}},
		{"lui 2ab", []string{"LU1 2AB"}},
		{"bfpo 58 posted", []string{"BFPO 58"}},
		{"ZZ99 3VZ homeless", []string{"ZZ99 3VZ"}},
		{"disc L4/L5", nil},
		{"couch to 5k", nil},
		{"so 10am is fine", nil},
		{"lives in 2 bed flat", nil},
		{"in SE1 7PB", []string{"SE1 7PB"}},
		{"LU1\n2AB", []string{"LU1"}},
		{"", nil},
	} {
		var got []string
		for _, f := range Find(c.in) {
			got = append(got, f.Text)
			if f.Start < 0 || f.End > len(c.in) || f.Start >= f.End {
				t.Errorf("Find(%q): bad span %d..%d", c.in, f.Start, f.End)
			}
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("Find(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// A normal form is its own normal form, however it is spaced and cased.
func TestParse_Property_Idempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[A-Za-z]{1,2}[0-9]{1,2}[A-Za-z]? ?[0-9][A-Za-z]{2}`).Draw(t, "postcode")
		c, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(strings.ToLower(strings.ReplaceAll(c.Text, " ", "")))
		if err != nil || again.Text != c.Text || again.Corrected {
			t.Fatalf("%q gave %q, and that gave %q, %v", s, c.Text, again.Text, err)
		}
	})
}

// A mended slip differs from what was typed only in O, 0, I and 1.
func TestParse_Property_MendsOnlySlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[A-Z01]{1,2}[0-9OI]{1,2} [0-9OI][A-Z01]{2}`).Draw(t, "typed")
		c, err := Parse(s)
		if err != nil {
			return
		}
		fold := strings.NewReplacer("O", "0", "I", "1", " ", "")
		if fold.Replace(s) != fold.Replace(c.Text) {
			t.Fatalf("%q became %q", s, c.Text)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"LU1 2AB", "gir0aa", "BFPO 1", "ZZ993VZ", "0X1 2JD", "\xff", "W1A", "LU1 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := Parse(s); err == nil {
			again, err := Parse(c.Text)
			if err != nil || again.Text != c.Text {
				t.Errorf("Parse(%q) = %q, which gives %q, %v", s, c.Text, again.Text, err)
			}
		}
		for _, found := range Find(s) {
			if found.Start < 0 || found.End > len(s) || found.Start >= found.End {
				t.Errorf("Find(%q): span %d..%d", s, found.Start, found.End)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	const text = "F 72 recently widowed, likes gardening, free, Tuesday mornings, near LU1 2AB, no car"
	b.ReportAllocs()
	for b.Loop() {
		Find(text)
	}
}
