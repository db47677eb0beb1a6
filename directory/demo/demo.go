// Package demo is a directory to try Handrail with: about 150 groups in and around Luton. Every one of them is
// fictional, as are their organisers, venues and streets; the telephone numbers are those that Ofcom keeps for drama and
// every address is under example.org. Only the postcodes, the names of towns and the coordinates are real, so that
// distances make sense.
//
// The groups are in groups.json, in Open Referral UK v3, so that the demo goes through the same importer as any feed; it
// is meant to be edited by hand. Its dates are written as if today were Reference and are moved to the day on which the
// demo runs: a group checked six days ago stays checked six days ago.
//
//	activities, err := demo.Activities(clock.Now())
//	points, err := demo.Postcodes()
//	finder := directory.NewFinder(
//		directory.NewGazetteer(directory.NewTable(points), demo.Places()...),
//		directory.NewIndex(activities))
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"handrail"
	"handrail/directory"
	"handrail/directory/picture"
	"handrail/directory/sources"
)

//go:embed groups.json
var groups []byte

//go:embed postcodes.csv
var postcodes []byte

// Source is the source of every activity of the demo.
const Source = "demo:groups.json"

// Reference is the day as of which groups.json is written: its dates are so many days before it.
func Reference() time.Time { return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) }

// Activities returns the demo's groups as they would be found at now: CheckedAt and UpdatedAt are moved with it. An
// error means that groups.json was edited into something that the importer does not accept whole.
func Activities(now time.Time) ([]handrail.Activity, error) {
	r, err := sources.Read(context.Background(), bytes.NewReader(groups), Source)
	if err != nil {
		return nil, fmt.Errorf("read the demo's groups: %w", err)
	}
	if len(r.Problems) > 0 {
		p := r.Problems[0]
		return nil, fmt.Errorf("read the demo's groups: line %d: %s", p.Line, p.Reason)
	}
	days := int(now.Sub(Reference()).Hours() / 24)
	for i := range r.Activities {
		a := &r.Activities[i]
		a.CheckedAt = moved(a.CheckedAt, days)
		a.UpdatedAt = moved(a.UpdatedAt, days)
		if name, ok := drawings()[a.ID]; ok {
			a.Facts = append(a.Facts, handrail.Fact{
				Kind: handrail.FactPhoto, Value: picture.DrawnScheme + name, On: handrail.DateOf(now, time.UTC), SaidBy: "organiser",
			})
		}
	}
	return r.Activities, nil
}

// drawings are the groups that have a picture, and what is drawn for each: a photograph of something else would not be true.
func drawings() map[handrail.ActivityID]string {
	return map[handrail.ActivityID]string{
		"demo-doorstep-diggers": "growing", "demo-tuesday-growers": "growing", "demo-lantern-coffee-morning": "tea", "demo-daytime-singers": "singing",
		"demo-good-morning-walk": "walking",
	}
}

func moved(t *time.Time, days int) *time.Time {
	if t == nil {
		return nil
	}
	there := t.AddDate(0, 0, days)
	return &there
}

// Postcodes returns real postcodes of the area with their positions: those of the venues and a few of every sector, and
// the middles of the sectors and outcodes. Others fall back to those middles.
func Postcodes() ([]handrail.PostcodePoint, error) {
	rows, err := csv.NewReader(bytes.NewReader(postcodes)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the demo's postcodes: %w", err)
	}
	out := make([]handrail.PostcodePoint, 0, len(rows))
	for i, row := range rows[1:] {
		lat, err1 := strconv.ParseFloat(row[1], 64)
		lon, err2 := strconv.ParseFloat(row[2], 64)
		points, err3 := strconv.Atoi(row[3])
		if err1 != nil || err2 != nil || err3 != nil {
			return nil, fmt.Errorf("read the demo's postcodes: line %d is not postcode, lat, lon, points", i+2)
		}
		out = append(out, handrail.PostcodePoint{Postcode: row[0], At: handrail.Point{Lat: lat, Lon: lon}, Points: points})
	}
	return out, nil
}

// Places returns the neighbourhoods, towns and villages that people of the demo may name instead of a postcode. The
// positions are the middles as one would point at them on a map.
func Places() []directory.Place {
	place := func(name, town string, lat, lon float64) directory.Place {
		return directory.Place{Name: name, Town: town, At: handrail.Point{Lat: lat, Lon: lon}}
	}
	return []directory.Place{
		place("Luton", "", 51.8787, -0.4200),
		place("Luton town centre", "Luton", 51.8790, -0.4165),
		place("Bury Park", "Luton", 51.8860, -0.4310),
		place("Marsh Farm", "Luton", 51.9165, -0.4470),
		place("Farley Hill", "Luton", 51.8715, -0.4325),
		place("Leagrave", "Luton", 51.9030, -0.4620),
		place("Leagrave Station", "Luton", 51.9052, -0.4586),
		place("Limbury", "Luton", 51.9030, -0.4460),
		place("Sundon Park", "Luton", 51.9190, -0.4730),
		place("Lewsey Farm", "Luton", 51.9000, -0.4900),
		place("Stopsley", "Luton", 51.9005, -0.3950),
		place("Round Green", "Luton", 51.8930, -0.3995),
		place("High Town", "Luton", 51.8850, -0.4110),
		place("Park Town", "Luton", 51.8725, -0.4085),
		place("Wigmore", "Luton", 51.8880, -0.3680),
		place("Warden Hill", "Luton", 51.9110, -0.4150),
		place("Dunstable", "", 51.8860, -0.5210),
		place("Houghton Regis", "", 51.9040, -0.5240),
		place("Caddington", "", 51.8650, -0.4580),
		place("Slip End", "", 51.8500, -0.4150),
		place("Toddington", "", 51.9490, -0.5330),
		place("Barton-le-Clay", "", 51.9650, -0.4260),
		place("Leighton Buzzard", "", 51.9165, -0.6610),
		place("Harpenden", "", 51.8175, -0.3565),
	}
}
