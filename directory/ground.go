package directory

import (
	"math"
	"slices"

	"handrail"
)

// earthRadius is the mean radius in metres.
const earthRadius = 6_371_008.8

// cellDegrees is the size of a grid cell: about 1.1 km from north to south, and 0.7 km from west to east in the UK.
const cellDegrees = 0.01

// onSphere is a place as a unit vector: the straight distance of two such points compares like the distance over
// ground, without any trigonometry while searching.
func onSphere(p handrail.Point) (x, y, z float64) {
	lat, lon := p.Lat*math.Pi/180, p.Lon*math.Pi/180
	return math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)
}

// Metres is the distance over ground between two places, as the crow flies.
func Metres(a, b handrail.Point) float64 {
	ax, ay, az := onSphere(a)
	bx, by, bz := onSphere(b)
	return metresOfChord(chord2(ax, ay, az, bx, by, bz))
}

// chord2 is the square of the straight distance between two points of the unit sphere.
func chord2(ax, ay, az, bx, by, bz float64) float64 {
	dx, dy, dz := ax-bx, ay-by, az-bz
	return dx*dx + dy*dy + dz*dz
}

// metresOfChord is the arc over a chord whose square is given. For short ones a series stands in for the arc sine, which
// costs as much as all the rest of a candidate's score; over 100 miles the two differ by less than a millimetre.
func metresOfChord(c2 float64) float64 {
	c := math.Sqrt(c2)
	if c2 < 0.0009 {
		return earthRadius * c * (1 + c2/24 + 3*c2*c2/640)
	}
	return 2 * earthRadius * math.Asin(min(1, c/2))
}

// chordOfMetres is the square of the chord under a distance over ground.
func chordOfMetres(m float64) float64 {
	c := 2 * math.Sin(min(m/(2*earthRadius), math.Pi/2))
	return c * c
}

// noCell is the cell of what has no position: after all others.
const noCell = math.MaxUint32

// gridColumns is how many cells there are around the world.
const gridColumns = 360/cellDegrees + 1

// cellOf numbers the grid's cells row by row from the south, west to east within a row.
func cellOf(p *handrail.Point) uint32 {
	if p == nil || math.IsNaN(p.Lat) || math.IsNaN(p.Lon) {
		return noCell
	}
	return cell(rowOf(p.Lat), columnOf(p.Lon))
}

func cell(row, column uint32) uint32 { return row*gridColumns + column }

func rowOf(lat float64) uint32    { return uint32((max(-90, min(90, lat)) + 90) / cellDegrees) }
func columnOf(lon float64) uint32 { return uint32((max(-180, min(180, lon)) + 180) / cellDegrees) }

// run is a run of neighbouring documents, [from, to).
type run struct{ from, to uint32 }

// around appends the runs of documents whose cells touch the box around a circle, in order. The box never misses a
// document of the circle; the caller still checks the distance.
func around(cells []uint32, p handrail.Point, metres float64, into []run) []run {
	dLat := metres / earthRadius * 180 / math.Pi
	cos := math.Cos(min(89.9, math.Abs(p.Lat)+dLat) * math.Pi / 180)
	dLon := min(180, dLat/cos)
	west, east := columnOf(p.Lon-dLon), columnOf(p.Lon+dLon)
	at := 0
	for row := rowOf(p.Lat - dLat); row <= rowOf(p.Lat+dLat); row++ {
		from, _ := slices.BinarySearch(cells[at:], cell(row, west))
		from += at
		to, _ := slices.BinarySearch(cells[from:], cell(row, east)+1)
		to += from
		at = to
		if from < to {
			into = append(into, run{uint32(from), uint32(to)})
		}
		if at == len(cells) || cells[at] == noCell {
			break
		}
		// Rows without any document are skipped in one step: the next document's own row.
		if next := cells[at] / gridColumns; next > row+1 {
			row = next - 1
		}
	}
	return into
}
