package directory

import (
	"cmp"
	"slices"
	"strings"

	"handrail"
)

// middles gathers what is needed for the middles of sectors and outcodes: one small sum for each of the 12,000 sectors.
type middles map[string]*sum

type sum struct {
	lat, lon float64
	n        int
	live     bool // of postcodes in use; the old ones count only where there are no others
}

func (m middles) add(p handrail.PostcodePoint) {
	sector := p.Postcode[:len(p.Postcode)-2]
	s := m[sector]
	switch {
	case s == nil:
		s = &sum{live: !p.Terminated}
		m[strings.Clone(sector)] = s
	case s.live && p.Terminated:
		return
	case !s.live && !p.Terminated:
		*s = sum{live: true}
	}
	s.lat += p.At.Lat
	s.lon += p.At.Lon
	s.n++
}

// strayMetres is how far a sector may lie from the middle one of its outcode and still count: sectors of large mail
// users sit at a mail centre, sometimes in another town.
const strayMetres = 30_000

// points makes the middles: of a sector the mean of its postcodes, of an outcode the mean of its sectors' postcodes
// without the strays. They come sorted.
func (m middles) points() []handrail.PostcodePoint {
	var out []handrail.PostcodePoint
	byOutcode := map[string][]handrail.PostcodePoint{}
	for sector, s := range m {
		p := handrail.PostcodePoint{Postcode: sector, At: handrail.Point{Lat: s.lat / float64(s.n), Lon: s.lon / float64(s.n)}, Points: s.n, Terminated: !s.live}
		out = append(out, p)
		outcode, _, _ := strings.Cut(sector, " ")
		byOutcode[outcode] = append(byOutcode[outcode], p)
	}
	for outcode, sectors := range byOutcode {
		out = append(out, middleOf(outcode, sectors))
	}
	slices.SortFunc(out, func(a, b handrail.PostcodePoint) int { return cmp.Compare(a.Postcode, b.Postcode) })
	return out
}

func middleOf(outcode string, sectors []handrail.PostcodePoint) handrail.PostcodePoint {
	live := slices.ContainsFunc(sectors, func(p handrail.PostcodePoint) bool { return !p.Terminated })
	if live {
		sectors = slices.DeleteFunc(slices.Clone(sectors), func(p handrail.PostcodePoint) bool { return p.Terminated })
	}
	middle := handrail.Point{
		Lat: median(sectors, func(p handrail.Point) float64 { return p.Lat }),
		Lon: median(sectors, func(p handrail.Point) float64 { return p.Lon }),
	}
	out := handrail.PostcodePoint{Postcode: outcode, Terminated: !live}
	for _, s := range sectors {
		if Metres(s.At, middle) > strayMetres && len(sectors) > 1 {
			continue
		}
		out.At.Lat += s.At.Lat * float64(s.Points)
		out.At.Lon += s.At.Lon * float64(s.Points)
		out.Points += s.Points
	}
	if out.Points == 0 { // two sectors at two ends of the country: neither is a stray
		out.At, out.Points = sectors[0].At, sectors[0].Points
		return out
	}
	out.At.Lat /= float64(out.Points)
	out.At.Lon /= float64(out.Points)
	return out
}

// median weighs each sector by its postcodes.
func median(sectors []handrail.PostcodePoint, of func(handrail.Point) float64) float64 {
	sorted := slices.SortedFunc(slices.Values(sectors), func(a, b handrail.PostcodePoint) int { return cmp.Compare(of(a.At), of(b.At)) })
	total := 0
	for _, s := range sorted {
		total += s.Points
	}
	seen := 0
	for _, s := range sorted {
		if seen += s.Points; 2*seen >= total {
			return of(s.At)
		}
	}
	return 0
}
