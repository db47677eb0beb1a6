package directory

import (
	"context"
	"errors"
	"strings"
	"testing"

	"handrail"
)

func gazetteer() *Gazetteer {
	p := func(code string, lat float64, ended bool) handrail.PostcodePoint {
		return handrail.PostcodePoint{Postcode: code, At: handrail.Point{Lat: lat, Lon: -0.4}, Terminated: ended, Points: 1}
	}
	return NewGazetteer(
		NewTable([]handrail.PostcodePoint{p("LU1 2AB", 51.1, false), p("LU1 9ZZ", 51.2, true), p("LU1 2", 51.3, false), p("LU1", 51.4, false), p("CR0 2AB", 51.5, false), p("TD15", 55.7, false)}),
		Place{Name: "Bury Park", Town: "Luton", At: handrail.Point{Lat: 52}}, Place{Name: "High Town", Town: "Luton"}, Place{Name: "High Town", Town: "Hereford"},
		Place{Name: "Luton", At: handrail.Point{Lat: 53}})
}

func TestLocate_B26(t *testing.T) {
	for _, c := range []struct {
		where, label string
		precision    Precision
		note         string
	}{
		{"lu1 2ab", "LU1 2AB", PrecisionFull, ""},
		{"LU12AB.", "LU1 2AB", PrecisionFull, ""},
		{"she lives at LU1 2AB I think", "LU1 2AB", PrecisionFull, ""},
		{"LU1, LU1 2AB", "LU1 2AB", PrecisionFull, ""},
		{"LUI 2AB", "LU1 2AB", PrecisionFull, "I read that as LU1 2AB."},
		{"CRO 2AB", "CR0 2AB", PrecisionFull, "I read that as CR0 2AB."},
		{"LU1 9ZZ", "LU1 9ZZ", PrecisionFull, "That postcode is no longer in use, so I looked around where it was."},
		{"LU1 2XX", "the middle of LU1 2", PrecisionSector, "I do not know that exact postcode, so I looked around the middle of LU1 2."},
		{"LU1 7XX", "the middle of LU1", PrecisionOutcode, "I do not know that exact postcode, so I looked around the middle of LU1."},
		{"LU1 2", "the middle of LU1 2", PrecisionSector, ""},
		{"LU1", "the middle of LU1", PrecisionOutcode, ""},
		{"TD15 9ZZ", "the middle of TD15", PrecisionOutcode, "I do not know that exact postcode, so I looked around the middle of TD15."},
		{"bury park", "Bury Park", PrecisionPlace, ""},
		{"Bury Park, Luton", "Bury Park", PrecisionPlace, ""},
		{"Nowhere, Luton", "Luton", PrecisionPlace, "I do not know the first part of that, so I looked around the middle of Luton."},
	} {
		s, err := gazetteer().Locate(t.Context(), c.where)
		if err != nil || s.Label != c.label || s.Precision != c.precision || s.Note != c.note {
			t.Errorf("%q: %+v, %v", c.where, s, err)
		}
	}
}

func TestLocate_B26_AsksRatherThanGuesses(t *testing.T) {
	for where, c := range map[string]struct {
		kind handrail.Kind
		say  string
	}{
		"":                         {handrail.KindInvalid, "Where should I look"},
		"LU1 2AB or LU2 7AA":       {handrail.KindInvalid, "more than one postcode"},
		"BFPO 58":                  {handrail.KindInvalid, "forces"},
		"ZZ99 3VZ":                 {handrail.KindInvalid, "no fixed address"},
		"GIR 0AA":                  {handrail.KindInvalid, "mail only"},
		"BX1 1LT":                  {handrail.KindInvalid, "mail only"},
		"JE2 3AB":                  {handrail.KindNotFound, "Channel Islands"},
		"IM1 1AA":                  {handrail.KindNotFound, "Isle of Man"},
		"BT1 5GS":                  {handrail.KindNotFound, "Northern Ireland"},
		"LU8 2AB":                  {handrail.KindNotFound, "do not know that postcode"},
		"near me":                  {handrail.KindInvalid, "cannot see where that is"},
		"high town":                {handrail.KindInvalid, "Luton, Hereford"},
		"Shangri-La":               {handrail.KindNotFound, "do not know that place"},
		strings.Repeat("x,", 5000): {handrail.KindInvalid, "too long"},
		strings.Repeat("x,", 100):  {handrail.KindNotFound, "do not know that place"},
	} {
		s, err := gazetteer().Locate(t.Context(), where)
		say, _ := handrail.Sentence(err)
		if !handrail.IsKind(err, c.kind) || !strings.Contains(say, c.say) {
			t.Errorf("%.40q: %+v, %v, %q", where, s, err, say)
		}
		if err != nil && strings.Contains(err.Error(), "LU") && strings.Contains(where, "LU") {
			t.Errorf("%q: the error's text for the log names the postcode", where)
		}
	}
}

type away struct{}

func (away) Postcode(context.Context, string) (handrail.PostcodePoint, bool, error) {
	return handrail.PostcodePoint{}, false, errAway
}

var errAway = errors.New("the store is away")

func TestLocate_StoreAway(t *testing.T) {
	if _, err := NewGazetteer(away{}).Locate(t.Context(), "LU1 2AB"); !errors.Is(err, errAway) {
		t.Errorf("%v", err)
	}
}

func TestFillPositions(t *testing.T) {
	g := gazetteer()
	table, _ := g.postcodes.(Table)
	all := []handrail.Activity{
		{ID: "has", Venue: handrail.Venue{Postcode: "LU1 2AB", At: &handrail.Point{Lat: 1}}},
		{ID: "gets", Venue: handrail.Venue{Postcode: "lu12ab"}},
		{ID: "sector only", Venue: handrail.Venue{Postcode: "LU1 2XX"}},
		{ID: "none"},
	}
	n, err := FillPositions(t.Context(), table, all)
	if err != nil || n != 1 || all[0].Venue.At.Lat != 1 || all[1].Venue.At == nil || all[2].Venue.At != nil || all[3].Venue.At != nil {
		t.Errorf("%d, %v, %+v", n, err, all)
	}
	if _, err := FillPositions(t.Context(), away{}, all); !errors.Is(err, errAway) {
		t.Errorf("%v", err)
	}
}
