package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"handrail"
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
	// Label names it in a sentence: "LU1 2AB", "the middle of LU1", "Bury Park". For a full postcode it is personal.
	Label string
	// Note says what the person should know of how the spot was found, one sentence, or is empty: "That postcode is no
	// longer in use, so I used where it was."
	Note      string
	Precision Precision
}

// Exact reports whether distances from the spot can be told without "about".
func (s Spot) Exact() bool { return s.Precision == PrecisionFull }

// Place is a named place that the gazetteer knows besides postcodes: a neighbourhood, a town, a landmark.
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

// NewGazetteer makes a gazetteer over a store of postcodes, and places where there are any.
func NewGazetteer(p Postcodes, places ...Place) *Gazetteer {
	g := &Gazetteer{postcodes: p, places: make(map[string][]Place, len(places))}
	for _, place := range places {
		key := placeKey(place.Name)
		g.places[key] = append(g.places[key], place)
	}
	return g
}

// PlaceNames lists the known places as people would type them, lower case; package meaning reads them out of a text.
func (g *Gazetteer) PlaceNames() []string {
	out := make([]string, 0, len(g.places))
	for key := range g.places {
		out = append(out, key)
	}
	return out
}

// Locate finds the place somebody named: a postcode, a sector, an outcode, or a known place, with other words around it
// or not. A postcode that is not in the list falls back to its sector and then its outcode, and the Spot's Note says so.
// The error carries a sentence for the person: KindInvalid asks for something else or for one of several, KindNotFound
// says that it is not known. It never guesses between two places (B26).
func (g *Gazetteer) Locate(ctx context.Context, where string) (Spot, error) {
	code, err := theOnlyPostcode(where)
	if err != nil {
		return Spot{}, err
	}
	if code.Kind == postcode.Unknown {
		return g.place(where)
	}
	switch {
	case code.Kind == postcode.Forces:
		return Spot{}, handrail.Errorf(handrail.KindInvalid,
			"That is a forces address, which is not on the map. Which town or postcode should I look around?",
			"locate: forces address")
	case code.Kind == postcode.NoFixedAbode:
		return Spot{}, handrail.Errorf(handrail.KindInvalid,
			"That code means no fixed address, which is fine. Which town or part of town should I look around?",
			"locate: no fixed abode")
	case code.Kind == postcode.NoPlace:
		return Spot{}, handrail.Errorf(handrail.KindInvalid,
			"That is a postcode for mail only, not a place. Which town or postcode should I look around?",
			"locate: postcode without a place")
	}
	return g.locate(ctx, code)
}

// maxWhere is how much text is taken for the name of a place, in bytes.
const maxWhere = 300

// theOnlyPostcode returns the one postcode in a text, the zero Code when there is none.
func theOnlyPostcode(where string) (postcode.Code, error) {
	if len(where) > maxWhere {
		return postcode.Code{}, handrail.Errorf(handrail.KindInvalid,
			"That is too long for a place. A postcode is best, and the first half of one will do.", "locate: %d bytes", len(where))
	}
	if strings.TrimSpace(where) == "" {
		return postcode.Code{}, handrail.Errorf(handrail.KindInvalid,
			"Where should I look? A postcode is best, and the first half of one will do.", "locate: no place given")
	}
	code, err := postcode.Parse(where)
	switch {
	case err == nil:
		return code, nil
	case errors.Is(err, postcode.ErrUnsure):
		return postcode.Code{}, handrail.Errorf(handrail.KindInvalid,
			"I am not sure which postcode you mean. Please type it once more.", "locate: postcode unsure")
	}
	var only postcode.Code
	for _, found := range postcode.Find(where) {
		if only.Kind != postcode.Unknown && only.Text != found.Text {
			// "LU1, LU1 2AB" is one place said twice; anything else is two.
			if only.Kind == postcode.Outcode && found.Outcode() == only.Text {
				only = found.Code
				continue
			}
			if found.Kind == postcode.Outcode && only.Outcode() == found.Text {
				continue
			}
			return postcode.Code{}, handrail.Errorf(handrail.KindInvalid,
				"There is more than one postcode there. Which one should I look around?", "locate: several postcodes")
		}
		only = found.Code
	}
	return only, nil
}

func (g *Gazetteer) locate(ctx context.Context, code postcode.Code) (Spot, error) {
	for _, step := range []struct {
		text      string
		precision Precision
	}{{full(code), PrecisionFull}, {code.Sector(), PrecisionSector}, {code.Outcode(), PrecisionOutcode}} {
		if step.text == "" {
			continue
		}
		p, ok, err := g.postcodes.Postcode(ctx, step.text)
		if err != nil {
			return Spot{}, fmt.Errorf("locate: look up postcode: %w", err)
		}
		if !ok {
			continue
		}
		spot := Spot{At: p.At, Label: step.text, Precision: step.precision}
		if step.precision != PrecisionFull {
			spot.Label = "the middle of " + step.text
		}
		switch {
		case step.precision == PrecisionFull && p.Terminated:
			spot.Note = "That postcode is no longer in use, so I looked around where it was."
		case step.text != code.Text:
			spot.Note = "I do not know that exact postcode, so I looked around the middle of " + step.text + "."
		case code.Corrected:
			spot.Note = "I read that as " + code.Text + "."
		}
		if code.Corrected && spot.Note != "" && step.text != code.Text {
			spot.Note = "I read that as " + code.Text + ". " + spot.Note
		}
		return spot, nil
	}
	say := "I do not know that postcode. Please check it, or give me the first half of one nearby."
	switch {
	case code.CrownDependency():
		say = "I have no map of the Channel Islands or the Isle of Man. Is there a UK postcode I should look around?"
	case code.NorthernIreland():
		say = "I have no map of that part of Northern Ireland yet. Is there another postcode I should look around?"
	}
	return Spot{}, handrail.Errorf(handrail.KindNotFound, say, "locate: postcode not known")
}

func full(c postcode.Code) string {
	if c.Kind == postcode.Full {
		return c.Text
	}
	return ""
}

func (g *Gazetteer) place(where string) (Spot, error) {
	places := g.places[placeKey(where)]
	if len(places) == 0 {
		// "Bury Park, Luton": the most specific name first.
		first, town, ok := strings.Cut(where, ",")
		if ok {
			for _, p := range g.places[placeKey(first)] {
				if p.Town == "" || placeKey(p.Town) == placeKey(town) {
					places = append(places, p)
				}
			}
			if len(places) == 0 {
				return g.place(town)
			}
		}
	}
	switch len(places) {
	case 0:
		return Spot{}, handrail.Errorf(handrail.KindNotFound,
			"I do not know that place. A postcode is best, and the first half of one will do.", "locate: place not known")
	case 1:
		return Spot{At: places[0].At, Label: places[0].Name, Precision: PrecisionPlace}, nil
	default:
		towns := make([]string, len(places))
		for i, p := range places {
			towns[i] = p.Town
		}
		return Spot{}, handrail.Errorf(handrail.KindInvalid,
			"There is more than one place of that name ("+strings.Join(towns, ", ")+"). Which one, or which postcode?",
			"locate: %d places of that name", len(places))
	}
}

// placeKey makes "Bury  Park," and "bury park" the same.
func placeKey(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
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
