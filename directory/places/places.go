// Package places knows the names of the towns, villages and suburbs of the United Kingdom, and tells namesakes apart. It
// holds no streets and no buildings, and not every hamlet: what it does not know is asked for as a postcode.
//
//	for _, p := range places.Named("Ashford") {
//		fmt.Println(p, p.At) // "Ashford, Kent" first, since it is the largest, then "Ashford, Surrey"
//	}
//
// # Source and licence
//
// The table is made from GeoNames (https://www.geonames.org), which is licensed under the Creative Commons Attribution
// 4.0 licence (https://creativecommons.org/licenses/by/4.0/). It was changed: the places of the United Kingdom were
// chosen, doubles merged, the names of counties put in plain words, and short and Welsh names added. gen.go says from
// which files and how.
//
// The table is embedded as text, sorted, and searched where it lies: nothing is decoded when a program starts.
package places

import (
	_ "embed"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"handrail"
)

//go:generate go run gen.go -in=$PLACES_SOURCES

//go:embed places.tsv
var table string

// Place is a town, a village or a suburb.
type Place struct {
	Name   string // as it is printed: "Ashford"
	County string // or the council's area, as people say it: "Kent", "Leeds"; in a few cases empty
	Nation string // "England", "Scotland", "Wales" or "Northern Ireland"
	// Near is a larger place nearby, given where two namesakes are in one county.
	Near string
	At   handrail.Point // somewhere in its middle
	// People is about how many live there; 0 when the source does not say.
	People int
	// Wordlike marks a name that is a word or a first name as well ("Reading", "Deal", "Shirley"): in a sentence it
	// needs more than its letters to be taken for the place.
	Wordlike bool

	key string
}

// Area tells the place from its namesakes: "Kent", "near Dursley", "Wales" where the county has the place's own name.
func (p Place) Area() string {
	switch {
	case p.Near != "":
		return "near " + p.Near
	case p.County != "" && Key(p.County) != Key(p.Name):
		return p.County
	default:
		return p.Nation
	}
}

// String is the name with its area, "Ashford, Kent"; the name alone where the area is named after it.
func (p Place) String() string {
	if p.Near == "" && Key(p.County) == Key(p.Name) {
		return p.Name
	}
	return p.Name + ", " + p.Area()
}

// Key is the form under which a place is found: "King's Lynn", "kings lynn" and "Kings-Lynn" are one, and so are
// "Saint Ives" and "St. Ives".
func Key(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	gap := false
	for _, r := range name {
		switch {
		case r == '\'' || r == '’' || r == '‘' || r == '`' || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
			continue
		case r == '&':
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("and")
			gap = true
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(plain(unicode.ToLower(r)))
	}
	key := b.String()
	if strings.Contains(key, "saint") {
		words := strings.Fields(key)
		for i, w := range words {
			if w == "saint" {
				words[i] = "st"
			}
		}
		key = strings.Join(words, " ")
	}
	return key
}

// plain takes the accents off the letters that Welsh, Gaelic and Irish names have.
func plain(r rune) rune {
	if r < 0x80 {
		return r
	}
	switch r {
	case 'à', 'á', 'â', 'ä':
		return 'a'
	case 'è', 'é', 'ê', 'ë':
		return 'e'
	case 'ì', 'í', 'î', 'ï':
		return 'i'
	case 'ò', 'ó', 'ô', 'ö':
		return 'o'
	case 'ù', 'ú', 'û', 'ü':
		return 'u'
	case 'ŵ':
		return 'w'
	case 'ŷ', 'ý', 'ÿ':
		return 'y'
	}
	return r
}

// Named returns the places of a name, the largest first. The name may be written in any way that Key takes for the same.
func Named(name string) []Place {
	key := Key(name)
	if key == "" {
		return nil
	}
	// The lines are sorted by key: find the first one whose key is not before the one sought.
	low, high := body(), len(table)
	for low < high {
		middle := strings.LastIndexByte(table[:low+(high-low)/2], '\n') + 1
		if middle < low {
			middle = low
		}
		end := middle + strings.IndexByte(table[middle:], '\n') + 1
		if keyOf(table[middle:end-1]) < key {
			low = end
		} else {
			high = middle
		}
	}
	var out []Place
	areas := areas()
	for line := range strings.Lines(table[low:]) {
		if keyOf(strings.TrimSuffix(line, "\n")) != key {
			break
		}
		out = append(out, read(line, areas))
	}
	return out
}

// Alike returns the places whose name is one slip of the finger from a name: a letter wrong, missing or too many, or two
// neighbours swapped. In the whole country there is nearly always one, so it is for asking, and about what is near.
func Alike(name string) []Place {
	key := Key(name)
	var out []Place
	areas := areas()
	for line := range strings.Lines(table[body():]) {
		// The name as it is printed is at most a few signs longer than its key; a second name is looked at in any case.
		printed := strings.IndexByte(line, '\t')
		if second := strings.Count(line, "\t") == columns-1; !second && (printed < len(key)-1 || printed > len(key)+8) {
			continue
		}
		if Slipped(key, keyOf(strings.TrimSuffix(line, "\n"))) {
			out = append(out, read(line, areas))
		}
	}
	return out
}

// Slipped reports whether two keys differ by one letter, wrong, missing, too many, or swapped with its neighbour.
func Slipped(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// All goes through every place, in the order of their keys; the names are as many as the lines of the table, some six
// thousand.
func All() iter.Seq[Place] {
	return func(yield func(Place) bool) {
		areas := areas()
		for line := range strings.Lines(table[body():]) {
			if !yield(read(line, areas)) {
				return
			}
		}
	}
}

// Key is the form under which this place was found. It is another than that of its name where it has a second one.
func (p Place) Key() string { return p.key }

// IsCounty reports whether something is the name of a county, or of a council's area, in the table.
func IsCounty(name string) bool {
	key := Key(name)
	return slices.ContainsFunc(areas(), func(a string) bool {
		county, _, _ := strings.Cut(a, "/")
		return county != "" && Key(county) == key
	})
}

const comment = "# "

// body is where the lines begin, after the comments.
func body() int {
	at := 0
	for strings.HasPrefix(table[at:], comment) {
		at += strings.IndexByte(table[at:], '\n') + 1
	}
	return at
}

// areas are the counties with their nations, "Kent/England": the last comment of the table.
func areas() []string {
	head := strings.TrimSuffix(table[:body()], "\n")
	return strings.Split(head[strings.LastIndex(head, "\n"+comment)+1+len(comment):], ";")
}

// keyOf is the key of a line without its end.
func keyOf(line string) string {
	if i := strings.LastIndexByte(line, '\t'); strings.Count(line, "\t") == columns-1 {
		return line[i+1:]
	}
	name, _, _ := strings.Cut(line, "\t")
	return Key(name)
}

// columns of a line with a second name; the others have one fewer.
const columns = 8

func read(line string, areas []string) Place {
	line = strings.TrimSuffix(line, "\n")
	f := strings.Split(line, "\t")
	if len(f) < columns-1 {
		return Place{}
	}
	county, nation, _ := strings.Cut(areas[whole(f[1])], "/")
	return Place{
		Name: f[0], County: county, Nation: nation, At: handrail.Point{Lat: float64(whole(f[2])) / 1e4, Lon: float64(whole(f[3])) / 1e4},
		People: whole(f[4]), Wordlike: f[5] == "w", Near: f[6], key: keyOf(line),
	}
}

// whole reads a number of the table, which its test has read from end to end.
func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
