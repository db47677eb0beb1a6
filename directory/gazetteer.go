package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"handrail"
	"handrail/directory/places"
	"handrail/directory/postcode"
)

// Postcodes is all that a Gazetteer asks of a store of postcodes.
type Postcodes interface {
	// Postcode returns where a full postcode, a sector or an outcode in normal form is, and whether it is known.
	Postcode(ctx context.Context, normal string) (handrail.PostcodePoint, bool, error)
}

// Precision says how closely a Spot is known.
type Precision string

const (
	// PrecisionFull is a full postcode: typically within 100 metres of the address.
	PrecisionFull Precision = "full"
	// PrecisionSector is the middle of a sector: half of its addresses lie within about 0.7 km of it, in towns.
	PrecisionSector Precision = "sector"
	// PrecisionOutcode is the middle of an outcode: half of its addresses lie within about 1.4 km of it, in towns.
	PrecisionOutcode Precision = "outcode"
	// PrecisionPlace is the middle of a named place.
	PrecisionPlace Precision = "place"
)

// Spot is a place to search around.
type Spot struct {
	At handrail.Point
	// Label names it in a sentence: "LU1 2AB", "the middle of LU1", "Bury Park", "Ashford, Kent". For a full postcode it
	// is personal.
	Label string
	// Note says what the person should know of how the spot was found, one sentence, or is empty: "That postcode is no
	// longer in use, so I used where it was."
	Note      string
	Precision Precision
	// ErrorMetres is about how far the spot may be from what was meant: half of the addresses that it stands for lie
	// nearer to it than that. 0 where it is exact for all that matters, or where somebody's own position is shared.
	ErrorMetres float64
}

// Exact reports whether distances from the spot can be told without "about".
func (s Spot) Exact() bool { return s.Precision == PrecisionFull }

// PrecisionText says in words how closely the spot is known, one clause without a full stop: "exact to about 100 metres",
// "half of the addresses there are within about 0.9 miles of it". It is empty where the spot is somebody's own position.
func (s Spot) PrecisionText() string {
	switch {
	case s.Precision == PrecisionFull:
		return "exact to about 100 metres"
	case s.ErrorMetres <= 0:
		return ""
	case s.Precision == PrecisionPlace:
		return "half of the people there live within " + roughMiles(s.ErrorMetres) + " of it"
	default:
		return "half of the addresses there are within " + roughMiles(s.ErrorMetres) + " of it"
	}
}

// Place is a named place that a deployment knows besides postcodes and the towns of package places: a neighbourhood, a
// landmark.
type Place struct {
	Name string // as it is printed: "Bury Park"
	Town string // where there may be another of the same name: "Luton"; may be empty
	At   handrail.Point
}

// Gazetteer turns what somebody calls a place into a Spot. It is safe for use by several goroutines at once when its
// Postcodes is.
type Gazetteer struct {
	postcodes Postcodes
	places    map[string][]Place
}

// NewGazetteer makes a gazetteer over a store of postcodes, and places of the deployment's own where there are any.
func NewGazetteer(p Postcodes, own ...Place) *Gazetteer {
	g := &Gazetteer{postcodes: p, places: make(map[string][]Place, len(own))}
	for _, place := range own {
		key := places.Key(place.Name)
		g.places[key] = append(g.places[key], place)
	}
	return g
}

// PlaceNames lists the deployment's own places in lower case, sorted; package meaning reads them out of a text.
func (g *Gazetteer) PlaceNames() []string {
	out := make([]string, 0, len(g.places))
	for _, all := range g.places {
		out = append(out, strings.ToLower(all[0].Name))
	}
	slices.Sort(out)
	return out
}

// TownNames lists the names of package places in lower case, each once: the sure ones, and those that are words or first
// names as well ("reading", "hope", "shirley"), which in a sentence need more than their letters to be taken for a place.
// LocateNear knows them all. Some five thousand are sure; it takes a few milliseconds.
func (g *Gazetteer) TownNames() (sure, wordlike []string) {
	last := ""
	for p := range places.All() {
		if p.Key() == last {
			continue
		}
		last = p.Key()
		name := strings.ToLower(p.Name)
		if places.Key(name) != p.Key() {
			name = p.Key() // its second name: "hull", "caerdydd"
		}
		if p.Wordlike {
			wordlike = append(wordlike, name)
		} else {
			sure = append(sure, name)
		}
	}
	return sure, wordlike
}

// Table is a Postcodes held in memory: for the demo and for tests. It is immutable, so safe to share.
type Table map[string]handrail.PostcodePoint

// NewTable makes a Table of points in normal form.
func NewTable(points []handrail.PostcodePoint) Table {
	t := make(Table, len(points))
	for _, p := range points {
		t[p.Postcode] = p
	}
	return t
}

// Postcode looks a postcode, sector or outcode up. It never fails.
func (t Table) Postcode(_ context.Context, normal string) (handrail.PostcodePoint, bool, error) {
	p, ok := t[normal]
	return p, ok, nil
}

// FillPositions gives every activity without coordinates the position of its venue's postcode, in place, and returns
// how many it filled. Only a full postcode counts: the middle of a sector is no place to send somebody.
func FillPositions(ctx context.Context, p Postcodes, activities []handrail.Activity) (int, error) {
	filled := 0
	for i := range activities {
		v := &activities[i].Venue
		if v.At != nil || v.Postcode == "" {
			continue
		}
		code, err := postcode.Parse(v.Postcode)
		if err != nil || code.Kind != postcode.Full || code.Corrected {
			continue
		}
		point, ok, err := p.Postcode(ctx, code.Text)
		if err != nil {
			return filled, fmt.Errorf("fill positions: look up postcode: %w", err)
		}
		if ok {
			at := point.At
			v.At = &at
			filled++
		}
	}
	return filled, nil
}
