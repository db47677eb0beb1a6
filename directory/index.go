package directory

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"handrail"
)

// Index finds activities around a place. It is made once of all activities and never changes, so it is safe for use by
// any number of goroutines; an import makes a new one and swaps it in (Finder.Swap).
//
// Inside, activities are sorted by the cell of a fine grid, so that those around a place are a few spans of
// neighbouring numbers, and every word has the sorted numbers of the activities that use it. A search that names words
// walks the words' numbers inside the spans; one that does not walks the spans.
type Index struct {
	docs  []doc
	cells []uint64             // per doc, its cell; docs are sorted by it; those without a position come last
	posts map[string][]posting // by stem, and by pair of neighbouring stems ("tai chi")
	stem  *stemmer
	pool  sync.Pool // of *scratch
}

// doc is an activity with all that filtering and ranking need close together.
type doc struct {
	a         *handrail.Activity
	x, y, z   float64 // on the unit sphere
	slots     uint32  // bit day*3+part: when it meets
	flags     uint8
	minAge    uint8
	maxAge    uint8 // 0: none
	organiser uint32
	name      uint32
}

const (
	flagPlaced uint8 = 1 << iota
	flagFree
	flagStepFree
	flagWomen
	flagMen
	flagOpen // its status lets people come
	flagPaid // it is known to cost something
)

// posting says that a word stands in the parts of one activity that mask names.
type posting struct {
	doc  uint32
	mask uint8
}

const (
	inName uint8 = 1 << iota
	inTopics
	inText
	inVenue
)

// earthRadius is the mean radius in metres.
const earthRadius = 6_371_008.8

// cellDegrees is the size of a grid cell: about 1.1 km from north to south, and 0.7 km from west to east in the UK.
const cellDegrees = 0.01

// NewIndex makes an index. The activities are not copied deeply and must not be changed afterwards. One without a
// position can be found only by a query without a place; give it one first with FillPositions.
func NewIndex(activities []handrail.Activity) *Index {
	ix := &Index{
		docs:  make([]doc, 0, len(activities)),
		posts: make(map[string][]posting, 4*len(activities)),
		stem:  &stemmer{memo: make(map[string]string, 4096)},
	}
	own := slices.Clone(activities)
	slices.SortStableFunc(own, func(a, b handrail.Activity) int {
		if c := cmp.Compare(cellOf(a.Venue.At), cellOf(b.Venue.At)); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	b := builder{ix: ix, names: map[string]uint32{}, masks: map[string]uint8{}}
	for i := range own {
		b.add(&own[i])
	}
	n := len(own)
	ix.pool.New = func() any { return &scratch{fit: make([]float32, n)} }
	return ix
}

// Len is how many activities there are, whatever their status.
func (ix *Index) Len() int { return len(ix.docs) }

// builder holds what is needed only while an index is made.
type builder struct {
	ix    *Index
	names map[string]uint32 // organisers and names seen, as small numbers
	masks map[string]uint8  // the words of the activity being added
	words []string
}

func (b *builder) add(a *handrail.Activity) {
	ix := b.ix
	n := uint32(len(ix.docs))
	d := doc{a: a, slots: slotsOf(a.Times), minAge: ageByte(a.MinAge), maxAge: ageByte(a.MaxAge)}
	if a.Venue.At != nil {
		d.flags |= flagPlaced
		d.x, d.y, d.z = onSphere(*a.Venue.At)
	}
	if a.Cost.Free() {
		d.flags |= flagFree
	}
	if a.Cost.Known && a.Cost.Pence > 0 {
		d.flags |= flagPaid
	}
	if a.Access.StepFree == handrail.Yes {
		d.flags |= flagStepFree
	}
	switch a.For {
	case handrail.SexWomen:
		d.flags |= flagWomen
	case handrail.SexMen:
		d.flags |= flagMen
	}
	if a.Status == handrail.ActivityActive || a.Status == "" {
		d.flags |= flagOpen
	}
	d.name = b.number("n:" + strings.ToLower(a.Name))
	if who := cmp.Or(string(a.Organiser.ID), a.Organiser.Name); who != "" {
		d.organiser = b.number("o:" + strings.ToLower(who))
	}
	ix.docs = append(ix.docs, d)
	ix.cells = append(ix.cells, cellOf(a.Venue.At))

	b.text(a.Name, inName)
	for _, t := range a.Topics {
		b.text(t, inTopics)
	}
	b.text(a.Description, inText)
	b.text(a.WhenText, inText)
	b.text(a.Organiser.Name, inVenue)
	b.text(a.Venue.Name, inVenue)
	for word, mask := range b.masks {
		ix.posts[word] = append(ix.posts[word], posting{n, mask})
	}
	clear(b.masks)
}

// text notes the words of one part of an activity, and its pairs of neighbouring words.
func (b *builder) text(text string, part uint8) {
	b.words = tokens(text, b.words[:0])
	before := ""
	for _, w := range b.words {
		if empty(w) {
			continue
		}
		stem := b.ix.stem.stem(w)
		if !generic(w) {
			b.masks[stem] |= part
		}
		if before != "" {
			b.masks[before+" "+stem] |= part
		}
		before = stem
	}
}

// number gives equal strings equal numbers, from 1.
func (b *builder) number(s string) uint32 {
	n, ok := b.names[s]
	if !ok {
		n = uint32(len(b.names) + 1)
		b.names[s] = n
	}
	return n
}

func ageByte(age int) uint8 {
	return uint8(max(0, min(age, 255)))
}

// longSession is the length from which a time is read as opening hours ("10am to 8pm: drop in") rather than as a class.
const longSession = 180

// slotsOf marks the days and parts of day at which somebody could come. A class counts where it begins: who can only
// do afternoons cannot come at 11. Opening hours count wherever they leave an hour.
func slotsOf(times []handrail.Recurrence) uint32 {
	var slots uint32
	for _, t := range times {
		day := uint32(t.Day) * 3
		if t.End-t.Start <= longSession {
			slots |= 1 << (day + partBit(t.Start))
			continue
		}
		for part, span := range [3][2]handrail.Clock{
			{0, handrail.At(12, 0)}, {handrail.At(12, 0), handrail.At(17, 0)}, {handrail.At(17, 0), handrail.At(24, 0)},
		} {
			if min(t.End, span[1])-max(t.Start, span[0]) >= 60 {
				slots |= 1 << (day + uint32(part))
			}
		}
	}
	return slots
}

func partBit(c handrail.Clock) uint32 {
	switch partOf(c) {
	case Morning:
		return 0
	case Afternoon:
		return 1
	default:
		return 2
	}
}

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

func metresOfChord(c2 float64) float64 {
	return 2 * earthRadius * math.Asin(min(1, math.Sqrt(c2)/2))
}

// chordOfMetres is the square of the chord under a distance over ground.
func chordOfMetres(m float64) float64 {
	c := 2 * math.Sin(min(m/(2*earthRadius), math.Pi/2))
	return c * c
}

// noCell is the cell of what has no position: after all others.
const noCell = math.MaxUint64

// cellOf numbers the grid's cells row by row from the south, west to east within a row.
func cellOf(p *handrail.Point) uint64 {
	if p == nil || math.IsNaN(p.Lat) || math.IsNaN(p.Lon) {
		return noCell
	}
	return cell(rowOf(p.Lat), columnOf(p.Lon))
}

func cell(row, column uint32) uint64 { return uint64(row)<<32 | uint64(column) }

func rowOf(lat float64) uint32    { return uint32((max(-90, min(90, lat)) + 90) / cellDegrees) }
func columnOf(lon float64) uint32 { return uint32((max(-180, min(180, lon)) + 180) / cellDegrees) }

// span is a run of neighbouring documents, [from, to).
type span32 struct{ from, to uint32 }

// around appends the spans of documents whose cells touch the box around a circle. The box never misses a document of
// the circle; the caller still checks the distance.
func (ix *Index) around(p handrail.Point, metres float64, into []span32) []span32 {
	dLat := metres / earthRadius * 180 / math.Pi
	cos := math.Cos(min(89.9, math.Abs(p.Lat)+dLat) * math.Pi / 180)
	dLon := min(180, dLat/cos)
	west, east := columnOf(p.Lon-dLon), columnOf(p.Lon+dLon)
	at := 0
	for row := rowOf(p.Lat - dLat); row <= rowOf(p.Lat+dLat); row++ {
		from, _ := slices.BinarySearch(ix.cells[at:], cell(row, west))
		from += at
		to, _ := slices.BinarySearch(ix.cells[from:], cell(row, east)+1)
		to += from
		at = to
		if from < to {
			into = append(into, span32{uint32(from), uint32(to)})
		}
		if at == len(ix.cells) {
			break
		}
		// Rows without any document are skipped in one step: the next document's own row.
		if next := uint32(ix.cells[at] >> 32); next > row+1 {
			row = next - 1
		}
	}
	return into
}
