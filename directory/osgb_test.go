package directory

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"handrail"
)

// Four postcodes whose grid references and positions are both published.
func TestFromNationalGrid(t *testing.T) {
	for _, c := range []struct{ east, north, lat, lon float64 }{
		{529090, 179645, 51.50101, -0.141563},     // SW1A 1AA
		{551626, 170342, 51.411831, 0.178871},     // BR8 7RE
		{294478, 112252, 50.90006, -3.50197},      // EX16 5BL
		{451034, 206852, 51.758038, -1.26201},     // OX1 2JD
		{651409.903, 313177.27, 52.6580, 1.71605}, // the example of the Ordnance Survey's guide, on WGS84
	} {
		got := fromNationalGrid(c.east, c.north)
		if m := Metres(got, handrail.Point{Lat: c.lat, Lon: c.lon}); m > 10 {
			t.Errorf("%.0f %.0f: %v, %.1f m off", c.east, c.north, got, m)
		}
	}
}

// The grid and the globe agree on how far apart two places are, to the 0.15 % that the grid's scale varies by.
func TestFromNationalGrid_Property_KeepsDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		east, north := rapid.Float64Range(100_000, 640_000).Draw(t, "east"), rapid.Float64Range(20_000, 1_200_000).Draw(t, "north")
		de, dn := rapid.Float64Range(-5000, 5000).Draw(t, "de"), rapid.Float64Range(-5000, 5000).Draw(t, "dn")
		want := math.Hypot(de, dn)
		got := Metres(fromNationalGrid(east, north), fromNationalGrid(east+de, north+dn))
		if math.Abs(got-want) > 1+0.006*want { // the sphere that Metres measures on differs by up to 0.5 %
			t.Fatalf("%.0f m on the grid are %.0f m", want, got)
		}
	})
}

func BenchmarkFromNationalGrid(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fromNationalGrid(529090, 179645)
	}
}
