package directory

import (
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"handrail"
	"handrail/directory/places"
	"handrail/directory/postcode"
)

// The surgery of these tests is in Luton; Leeds is 220 km away.
func surgery() *handrail.Point { return &handrail.Point{Lat: 51.88, Lon: -0.41} }

func lutonGazetteer() *Gazetteer {
	var all []handrail.PostcodePoint
	add := func(lat, lon float64, codes ...string) {
		for _, c := range codes {
			all = append(all, handrail.PostcodePoint{Postcode: c, At: handrail.Point{Lat: lat, Lon: lon}, Points: 10})
		}
	}
	add(51.88, -0.42, "LU1", "LU1 2", "LU1 2AB", "LU2", "LU2 7", "LU2 7AA", "LU3", "LU3 2AB", "LU3 2", "LU4", "LU4 2AB", "LU5", "LU5 2AB", "LU6", "LU6 2AB")
	add(53.80, -1.55, "LS1", "LS1 4", "LS1 4AP", "LS9", "LS9 7", "LS9 7TF", "LS1 2")
	add(50.90, -1.40, "SO14", "SO14 0", "SO14 0AA")
	add(57.9, -5.1, "IV27", "IV27 4AA")
	add(58.2, -5.3, "IV27 4")
	add(58.5, -4.2, "IV27 5")
	add(55.77, -2.01, "TD15", "TD15 1", "TD15 1AA")
	add(54.60, -5.93, "BT1")
	all = append(all, handrail.PostcodePoint{Postcode: "LU1 9ZZ", At: handrail.Point{Lat: 51.88, Lon: -0.42}, Terminated: true, Points: 1})
	return NewGazetteer(NewTable(all), Place{Name: "Bury Park", Town: "Luton", At: handrail.Point{Lat: 51.885, Lon: -0.43}})
}

func TestLocateNear_B26(t *testing.T) {
	g := lutonGazetteer()
	const far = " That is about 141 miles from the practice."
	for _, c := range []struct{ where, label, note string }{
		{"lu1 2ab", "LU1 2AB", ""},
		{"LS97TF", "LS9 7TF", strings.TrimSpace(far)},
		{"LS9 7TF.", "LS9 7TF", strings.TrimSpace(far)},
		{"ls9", "the middle of LS9", strings.TrimSpace(far)},
		{"LSI 4AP", "LS1 4AP", "I read that as LS1 4AP." + far},
		{"S0 14", "the middle of SO14", "I read that as SO14. That is about 80 miles from the practice."},
		{"LU1 9ZZ", "LU1 9ZZ", "That postcode is no longer in use, so I looked around where it was."},
		{"LU1 2XX", "the middle of LU1 2", "I do not know that exact postcode, so I looked around the middle of LU1 2."},
		{"LU1 2AC", "the middle of LU1 2", "That is not a whole postcode, so I looked around the middle of LU1 2."},
		{"TD15 1AA", "TD15 1AA", "That is about 277 miles from the practice."},
		{"Luton", "Luton", ""},
		{"near Luton please", "Luton", ""},
		{"luton town centre", "Luton", ""},
		{"bury park", "Bury Park", ""},
		{"Bury Park Luton", "Bury Park", ""},
		{"in Bury Park, Luton", "Bury Park", ""},
		{"14 High Street, Luton", "Luton", "I do not know the first part of that, so I looked around the middle of Luton."},
		{"Lewsey Farm Luton", "Luton", "I do not know the first part of that, so I looked around the middle of Luton."},
		{"flat 3, LU1 2AB", "LU1 2AB", ""},
		{"near the surgery", "the practice", ""},
		{"near us", "the practice", ""},
		{"Bedford", "Bedford", ""},
		{"Reading", "Reading", "That is about 38 miles from the practice."},
		{"Manchester", "Manchester", "That is about 135 miles from the practice."},
		{"Ashford, Kent", "Ashford, Kent", "That is about 75 miles from the practice."},
		{"ashford kent", "Ashford, Kent", "That is about 75 miles from the practice."},
		{"Ashford in Surrey", "Ashford, Surrey", ""},
		{"Newport Isle of Wight", "Newport, Isle of Wight", "That is about 90 miles from the practice."},
		{"Newport, Wales", "", ""}, // two of them
		{"Whitchurch, Cardiff", "Whitchurch, Cardiff", "That is about 123 miles from the practice."},
		{"Kensington, London", "Kensington, Greater London", ""},
		{"Lewes, Sussex", "Lewes, East Sussex", "That is about 72 miles from the practice."},
		{"Caerdydd", "Cardiff", "That is about 122 miles from the practice."},
	} {
		s, err := g.LocateNear(t.Context(), c.where, surgery())
		if c.label == "" {
			if err == nil {
				t.Errorf("%q: %+v, want a question", c.where, s)
			}
			continue
		}
		if err != nil || s.Label != c.label || s.Note != c.note {
			t.Errorf("%q: %q, %q, %v", c.where, s.Label, s.Note, err)
		}
	}
}

func TestLocateNear_B26_Asks(t *testing.T) {
	g := lutonGazetteer()
	for _, c := range []struct {
		where      string
		near       bool
		kind       handrail.Kind
		say        string
		candidates []string
	}{
		// Slips are asked about, and only about what is in the area of the practice.
		{"UL1 2AB", true, handrail.KindInvalid, "Did you mean LU1 2AB?", []string{"LU1 2AB"}},
		{"UL1 2AB", false, handrail.KindNotFound, "do not know that postcode", nil},
		{"LY1 2AB", true, handrail.KindInvalid, "Did you mean LU1 2AB?", []string{"LU1 2AB"}},
		{"LU7 2AB", true, handrail.KindInvalid, "Did you mean LU6 2AB?", []string{"LU6 2AB"}},
		{"LU9 2AB", true, handrail.KindNotFound, "do not know that postcode", nil}, // five are as likely as one another
		{"LS1 2AB", true, handrail.KindInvalid, "Did you mean LU1 2AB or the middle of LS1?", []string{"LU1 2AB", "LS1"}},
		{"LSI 2AB", true, handrail.KindInvalid, "Did you mean LS1 2AB?", []string{"LS1 2AB"}},
		{"LX9 7TF", true, handrail.KindNotFound, "do not know that postcode", nil}, // LS9 7TF is at the other end of the country
		{"QX1 1AA", true, handrail.KindNotFound, "do not know that postcode", nil},
		{"LU1 2AB or LU2 7AA", true, handrail.KindInvalid, "more than one postcode", []string{"LU1 2AB", "LU2 7AA"}},
		{"LU1 LU2", true, handrail.KindInvalid, "more than one postcode", []string{"LU1", "LU2"}},
		// Codes that are no place.
		{"BFPO 58", true, handrail.KindInvalid, "forces", nil},
		{"ZZ99 3VZ", true, handrail.KindInvalid, "no fixed address, which is fine", nil},
		{"she has ZZ99 3VZ on the record", true, handrail.KindInvalid, "no fixed address, which is fine", nil},
		{"no fixed abode", true, handrail.KindInvalid, "That is fine", nil},
		{"NFA", true, handrail.KindInvalid, "That is fine", nil},
		{"GIR 0AA", true, handrail.KindInvalid, "mail only", nil},
		{"BX1 1LT", true, handrail.KindInvalid, "mail only", nil},
		{"PO Box 71, LU1 2AB", true, handrail.KindInvalid, "PO box", nil},
		{"JE2 3AB", true, handrail.KindNotFound, "Channel Islands", nil},
		{"GY1 1AA", true, handrail.KindNotFound, "Channel Islands", nil},
		{"IMI 1AA", true, handrail.KindNotFound, "Isle of Man", nil},
		{"Jersey", true, handrail.KindNotFound, "Channel Islands", nil},
		{"BT2 5GS", true, handrail.KindNotFound, "Northern Ireland", nil},
		// Names.
		{"near me", true, handrail.KindInvalid, "cannot see where", nil},
		{"near us", false, handrail.KindInvalid, "where the practice is", nil},
		{"Ashford", false, handrail.KindInvalid, "(Kent, Surrey)", []string{"Ashford, Kent", "Ashford, Surrey"}},
		{"Newtown", true, handrail.KindInvalid, "", nil},
		{"Portree", true, handrail.KindInvalid, "The only place of that name I know is Portree, Highland, about 446 miles from the practice", []string{"Portree, Highland"}},
		{"Lutn", true, handrail.KindInvalid, "Did you mean Luton?", []string{"Luton"}},
		{"Lutn", false, handrail.KindNotFound, "do not know that place", nil},
		{"Kent", true, handrail.KindInvalid, "large area", nil},
		{"Yorkshire", true, handrail.KindInvalid, "large area", nil},
		{"Scotland", true, handrail.KindInvalid, "large area", nil},
		{"Shangri-La", true, handrail.KindNotFound, "do not know that place", nil},
		{"the old Bath", true, handrail.KindNotFound, "do not know that place", nil},
		{"14 High Street, Ashford", false, handrail.KindInvalid, "(Kent, Surrey)", []string{"Ashford, Kent", "Ashford, Surrey"}},
		{strings.Repeat("x,", 140), true, handrail.KindNotFound, "do not know that place", nil},
		{"reading group", true, handrail.KindNotFound, "do not know that place", nil},
		{"trio", true, handrail.KindNotFound, "do not know that place", nil},
		{"", true, handrail.KindInvalid, "Where should I look", nil},
		{"  ,", true, handrail.KindInvalid, "Where should I look", nil},
	} {
		var near *handrail.Point
		if c.near {
			near = surgery()
		}
		s, err := g.LocateNear(t.Context(), c.where, near)
		var a *Ask
		if !errors.As(err, &a) {
			t.Errorf("%q: %+v, %v: want a question", c.where, s, err)
			continue
		}
		say, _ := handrail.Sentence(err)
		if !handrail.IsKind(err, c.kind) || a.Say != say || !strings.Contains(say, c.say) {
			t.Errorf("%q: %q, %v", c.where, say, err)
		}
		if c.say != "" && !slices.Equal(a.Candidates, c.candidates) {
			t.Errorf("%q: candidates %q, want %q", c.where, a.Candidates, c.candidates)
		}
		for _, word := range []string{"LU", "LS9", "Ashford", "Portree"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("%q: the log would name the place: %v", c.where, err)
			}
		}
	}
}

// Of two places of one name the near one is taken only where the other is out of the question.
func TestLocateNear_B26_Namesakes(t *testing.T) {
	g := lutonGazetteer()
	for _, c := range []struct {
		near  handrail.Point
		label string // empty: asks
	}{
		{handrail.Point{Lat: 51.15, Lon: 0.87}, "Ashford, Kent"},    // in Ashford in Kent
		{handrail.Point{Lat: 51.43, Lon: -0.46}, "Ashford, Surrey"}, // in Ashford in Surrey
		{handrail.Point{Lat: 51.30, Lon: 0.25}, ""},                 // between the two
		{handrail.Point{Lat: 55.95, Lon: -3.19}, ""},                // far from both
	} {
		s, err := g.LocateNear(t.Context(), "Ashford", &c.near)
		if s.Label != c.label || (err == nil) != (c.label != "") {
			t.Errorf("%v: %+v, %v", c.near, s, err)
		}
	}
}

func TestRead_B26(t *testing.T) {
	g := lutonGazetteer()
	for _, c := range []struct {
		text, label, say string
	}{
		{"F 72 recently widowed, near LU1 2AB, likes gardening", "LU1 2AB", ""},
		{"F 72 recently widowed, LU1, likes gardening", "", ""}, // for package meaning: M61 is a man
		{"M61 lonely", "", ""},
		{"likes gardening", "", ""},
		{"F 72 zz993vz lunch clubs", "", "no fixed address"},
		{"posted abroad, BFPO 58", "", "forces"},
		{"walks near LU1 2CC", "the middle of LU1 2", ""},
		{"walks near LU1 2pm or 3pm", "", ""},
		{"walks near QX1 1AA", "", "do not know that postcode"},
		{"from LU1 2AB to LU2 7AA", "", "more than one"},
		{"", "", ""},
		{strings.Repeat("nothing here ", 1000), "", ""},
	} {
		s, found, err := g.Read(t.Context(), c.text, surgery())
		say, _ := handrail.Sentence(err)
		if s.Label != c.label || found != (c.label != "") || (err != nil) != (c.say != "") || !strings.Contains(say, c.say) {
			t.Errorf("%.50q: %+v, %v, %v", c.text, s, found, err)
		}
	}
}

func TestSpot_PrecisionText(t *testing.T) {
	g := lutonGazetteer()
	for where, want := range map[string]string{
		"LU1 2AB":       "exact to about 100 metres",
		"LU1 2":         "half of the addresses there are within about 0.5 miles of it",
		"LU1":           "half of the addresses there are within about 0.9 miles of it",
		"IV27":          "half of the addresses there are within about 22 miles of it",
		"Luton":         "half of the people there live within about 2 miles of it",
		"near us":       "",
		"Newport, Fife": "", // not known by this name
	} {
		s, err := g.LocateNear(t.Context(), where, surgery())
		if err != nil {
			continue
		}
		if got := s.PrecisionText(); got != want {
			t.Errorf("%q: %q, want %q", where, got, want)
		}
	}
}

func TestLocate_StoreAwayEverywhere(t *testing.T) {
	g := NewGazetteer(away{})
	for _, where := range []string{"LU1 2AB", "LU1", "LUI 2AB", "LU1 2AC", "LUU1 2AB"} {
		if _, err := g.LocateNear(t.Context(), where, surgery()); !errors.Is(err, errAway) {
			t.Errorf("%q: %v", where, err)
		}
	}
}

func TestTownNames(t *testing.T) {
	sure, wordlike := lutonGazetteer().TownNames()
	if len(sure) < 4000 || len(wordlike) < 100 || !slices.Contains(sure, "milton keynes") || !slices.Contains(wordlike, "reading") ||
		slices.Contains(sure, "reading") || slices.Contains(sure, "hope") || !slices.Contains(sure, "king's lynn") || !slices.Contains(sure, "caerdydd") {
		t.Errorf("%d sure names, %d words", len(sure), len(wordlike))
	}
	if got := lutonGazetteer().PlaceNames(); !slices.Equal(got, []string{"bury park"}) {
		t.Errorf("%q", got)
	}
}

// Every name in the table, asked for from two ends of the country and from nowhere: what is far away says so or asks,
// and what is offered on a button leads to one place, and to the one that the button names.
func TestLocateNear_B26_CandidatesAreAnswers(t *testing.T) {
	g := lutonGazetteer()
	nears := []*handrail.Point{nil, surgery(), {Lat: 54.98, Lon: -1.61}}
	last := ""
	for p := range places.All() {
		if p.Name == last {
			continue
		}
		last = p.Name
		for _, near := range nears {
			spot, err := g.LocateNear(t.Context(), p.Name, near)
			if err == nil {
				if near != nil && Metres(spot.At, *near) > farMetres && !strings.Contains(spot.Note, "from the practice") {
					t.Errorf("%q is far away and nothing says so: %+v", p.Name, spot)
				}
				continue
			}
			var a *Ask
			if !errors.As(err, &a) || len(a.Candidates) == 0 {
				t.Errorf("%q: a known name, and nothing is offered: %v", p.Name, err)
				continue
			}
			for _, c := range a.Candidates {
				spot, err := g.LocateNear(t.Context(), c, near)
				if say, _ := handrail.Sentence(err); err != nil {
					t.Errorf("%q offers %q, which asks again: %s", p.Name, c, say)
				} else if name, _, _ := strings.Cut(c, ","); !strings.HasPrefix(spot.Label, name) {
					t.Errorf("%q offers %q, which is %s", p.Name, c, spot.Label)
				}
			}
		}
	}
}

// realPostcodes is the Edinburgh area in full, and the sectors and outcodes of the whole country.
func realPostcodes(t testing.TB) Table {
	t.Helper()
	table := Table{}
	for _, file := range []string{"outcodes.csv", "sectors.csv"} {
		f, err := os.Open("../../shared/data/postcodes/" + file)
		if err != nil {
			t.Skipf("the shared data are not beside the repository: %v", err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			lat, _ := strconv.ParseFloat(row[1], 64)
			lon, _ := strconv.ParseFloat(row[2], 64)
			n, _ := strconv.Atoi(row[3])
			table[row[0]] = handrail.PostcodePoint{Postcode: row[0], At: handrail.Point{Lat: lat, Lon: lon}, Points: n}
		}
	}
	_, err := ReadPostcodes(t.Context(), edinburgh, func(all []handrail.PostcodePoint) error {
		for _, p := range all {
			if strings.Contains(p.Postcode, " ") && len(p.Postcode) > 6 {
				table[p.Postcode] = p
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// A slip in an Edinburgh postcode, typed in Edinburgh, never ends silently in another part of the country.
func TestLocateNear_B26_Property_NeverSilentlyFarAway(t *testing.T) {
	table := realPostcodes(t)
	g := NewGazetteer(table)
	near := handrail.Point{Lat: 55.95, Lon: -3.19}
	var known []string
	for code := range table {
		if c, err := postcode.Parse(code); err == nil && c.Kind == postcode.Full && c.Area() == "EH" {
			known = append(known, code)
		}
	}
	slices.Sort(known)
	const keys = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	rapid.Check(t, func(t *rapid.T) {
		typed := []byte(rapid.SampledFrom(known).Draw(t, "meant"))
		i := rapid.IntRange(0, len(typed)-2).Draw(t, "at")
		if rapid.Bool().Draw(t, "swap") {
			typed[i], typed[i+1] = typed[i+1], typed[i]
		} else {
			typed[i] = rapid.SampledFrom([]byte(keys)).Draw(t, "key")
		}
		spot, err := g.LocateNear(t.Context(), string(typed), &near)
		var a *Ask
		switch {
		case err != nil && !errors.As(err, &a):
			t.Fatal(err)
		case err == nil && Metres(spot.At, near) > farMetres && !strings.Contains(spot.Note, "from the practice"):
			t.Fatalf("%q: %+v", typed, spot)
		}
	})
}

// O for 0 and I for 1, in every postcode of the Edinburgh area that has one of the four: each is read as itself.
func TestLocate_B26_SlipsInRealPostcodes(t *testing.T) {
	table := realPostcodes(t)
	g := NewGazetteer(table)
	slip := map[byte]byte{'0': 'O', '1': 'I', 'O': '0', 'I': '1'}
	n := 0
	for code := range table {
		c, err := postcode.Parse(code)
		if err != nil || c.Kind != postcode.Full {
			continue
		}
		for i := range len(code) {
			other, ok := slip[code[i]]
			if !ok {
				continue
			}
			n++
			typed := code[:i] + string(other) + code[i+1:]
			spot, err := g.Locate(t.Context(), typed)
			if err != nil || spot.Label != code || spot.Note != "I read that as "+code+"." {
				t.Errorf("%q: %+v, %v, want %q", typed, spot, err, code)
			}
		}
	}
	if n < 10_000 {
		t.Errorf("only %d slips", n)
	}
}

// How wide an outcode is comes near what was measured of its postcodes.
func TestSpread_RealOutcodes(t *testing.T) {
	g := NewGazetteer(realPostcodes(t))
	f, err := os.Open("../../shared/data/postcodes/outcodes.csv")
	if err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	good, all := 0, 0
	for _, row := range rows[1:] {
		measured, _ := strconv.ParseFloat(row[4], 64)
		p, _, _ := g.postcodes.Postcode(t.Context(), row[0])
		if p.Points < 100 {
			continue
		}
		told, err := g.spread(t.Context(), row[0], p.At)
		if err != nil {
			t.Fatal(err)
		}
		if all++; told >= measured/2 && told <= max(measured*2, 2*outcodeError) {
			good++
		}
	}
	t.Logf("%d of %d outcodes within a factor of two of their measured error", good, all)
	if 10*good < 9*all {
		t.Errorf("only %d of %d", good, all)
	}
}

func FuzzLocate(f *testing.F) {
	for _, s := range []string{"LU1 2AB", "near luton", "Ashford, Kent", "S0 14", "zz99 3vz", "PO Box 1", ",,,", "\xff", "LU1 2AB LU2", "newport isle of wight", "QX1 1AA"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	g := lutonGazetteer()
	f.Fuzz(func(t *testing.T, where string, near bool) {
		var at *handrail.Point
		if near {
			at = surgery()
		}
		spot, err := g.LocateNear(t.Context(), where, at)
		var a *Ask
		switch {
		case err == nil && (spot.Label == "" || spot.Precision == "" || near && Metres(spot.At, *at) > farMetres && !strings.Contains(spot.Note, "from the practice")):
			t.Errorf("%q: %+v", where, spot)
		case err != nil && (!errors.As(err, &a) || a.Say == ""):
			t.Errorf("%q: %v", where, err)
		}
		if _, _, err := g.Read(t.Context(), where, at); err != nil && !errors.As(err, &a) {
			t.Errorf("read %q: %v", where, err)
		}
	})
}

func BenchmarkLocateNear(b *testing.B) {
	g := lutonGazetteer()
	for _, where := range []string{"LU1 2AB", "LU1", "UL1 2AB", "Ashford, Kent", "Lutn"} {
		b.Run(strings.ReplaceAll(where, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = g.LocateNear(b.Context(), where, surgery())
			}
		})
	}
}
