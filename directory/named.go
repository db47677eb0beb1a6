package directory

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"handrail"
	"handrail/directory/places"
)

// named is a place with a name, the deployment's own or one of package places.
type named struct {
	name   string
	label  string   // as it is told: "Ashford, Kent", "Luton"
	area   string   // what tells it from its namesakes; may be empty for the deployment's own
	areas  []string // the keys of all that may be said after its name
	at     handrail.Point
	people int
	own    bool
	word   bool // the name is a word as well
}

func ownPlace(p Place) named {
	return named{name: p.Name, label: p.Name, area: p.Town, areas: []string{places.Key(p.Town)}, at: p.At, own: true}
}

func tablePlace(p places.Place) named {
	return named{name: p.Name, label: p.String(), area: p.Area(), at: p.At, people: p.People, word: p.Wordlike,
		areas: []string{places.Key(p.Area()), places.Key(p.Near), places.Key(p.County), places.Key(p.Nation)}}
}

// answer is what to say to mean this place and none of its namesakes.
func (n named) answer() string {
	if n.area == "" {
		return n.name
	}
	return n.name + ", " + n.area
}

// cityPeople is from how many people a place needs no asking after: nobody says Manchester and means another.
const cityPeople = 100_000

// here answers "near me", "near us", and no fixed address said in words.
func here(key string, near *handrail.Point) (Spot, bool, error) {
	for _, tail := range []string{" please", " pls", " thanks"} {
		key = strings.TrimSuffix(key, tail)
	}
	for _, head := range []string{"somewhere ", "near to ", "near ", "close to ", "local to ", "round ", "around ", "at ", "in ", "by "} {
		key = strings.TrimPrefix(key, head)
	}
	switch key {
	case "us", "the practice", "our practice", "practice", "the surgery", "our surgery", "surgery", "the gp", "gp", "work":
		if near == nil {
			return Spot{}, false, ask(handrail.KindInvalid, "I do not know where the practice is. Which town or postcode should I look around?", "practice without a position")
		}
		return Spot{At: *near, Label: "the practice", Precision: PrecisionPlace}, true, nil
	case "me", "near", "nearby", "here", "home", "my home", "my house", "local", "locally", "close", "my area", "where i live", "not far", "not too far", "walking distance":
		return Spot{}, false, ask(handrail.KindInvalid, "I cannot see where that is. Which town or postcode should I look around? The first half of a postcode will do.", "near me")
	case "nfa", "no fixed abode", "no fixed address", "homeless", "street homeless", "rough sleeping", "rough sleeper", "sofa surfing", "no address", "no postcode":
		return Spot{}, false, ask(handrail.KindInvalid, "That is fine. Which town or part of town should I look around?", "no fixed abode")
	case "jersey", "guernsey", "alderney", "sark", "isle of man", "the isle of man", "channel islands", "the channel islands":
		return Spot{}, false, ask(handrail.KindNotFound, crownSay, "Crown dependency")
	}
	return Spot{}, false, nil
}

// maxParts is how many parts between commas are looked at: an address has no more.
const maxParts = 6

// place finds a place by its name.
func (g *Gazetteer) place(where, key string, near *handrail.Point) (Spot, error) {
	if spot, known, err := g.known(key, near); known {
		return spot, err
	}
	// "14 High Street, Luton": a part that is known will do, and the note says that it is only that.
	parts := strings.Split(where, ",")
	for i := 1; i < len(parts) && i < maxParts; i++ {
		spot, known, err := g.known(places.Key(strings.Join(parts[i:], " ")), near)
		switch {
		case err != nil:
			return Spot{}, err
		case known:
			return partly(spot), nil
		}
	}
	if spot, ok := g.ending(key, near); ok {
		return spot, nil
	}
	for _, k := range trimmed(key) {
		if largeArea(k) {
			return Spot{}, ask(handrail.KindInvalid, "That is a large area. Which town or postcode in it should I look around?", "a county")
		}
	}
	if found := g.alike(key, near); len(found) > 0 {
		return Spot{}, which("I do not know that place.", found, near)
	}
	return Spot{}, ask(handrail.KindNotFound, "I do not know that place. A postcode is best, and the first half of one will do.", "place not known")
}

// known finds a name as it stands, without the words around it, or with the area it is in; the error asks which of
// several is meant.
func (g *Gazetteer) known(key string, near *handrail.Point) (_ Spot, known bool, _ error) {
	for _, k := range trimmed(key) {
		if found := g.named(k); len(found) > 0 {
			spot, err := choose(found, near, false)
			return spot, true, err
		}
	}
	for _, k := range trimmed(key) {
		switch found, sure := g.within(k); {
		case len(found) == 0:
		case !sure:
			return Spot{}, true, which("I am not sure which place that is.", found, near)
		default:
			spot, err := choose(found, near, true)
			return spot, true, err
		}
	}
	return Spot{}, false, nil
}

// ending is the place at the end of "Lewsey Farm Luton", where there is no comma to go by: only if it is no word, and not
// far from the practice.
func (g *Gazetteer) ending(key string, near *handrail.Point) (Spot, bool) {
	words := strings.Fields(key)
	if near == nil || len(words) > 10 {
		return Spot{}, false
	}
	for i := 1; i < len(words); i++ {
		found := g.named(strings.Join(words[i:], " "))
		if len(found) == 0 || found[0].word {
			continue
		}
		if spot, err := choose(found, near, false); err == nil && Metres(spot.At, *near) <= farMetres {
			return partly(spot), true
		}
	}
	return Spot{}, false
}

// partly notes that only a part of what was said is known.
func partly(spot Spot) Spot {
	spot.Note = sentences("I do not know the first part of that, so I looked around the middle of "+spot.Label+".", spot.Note)
	return spot
}

// trimmed is a key and what is left of it without the words that people put around a place.
func trimmed(key string) []string {
	out := []string{key}
	for {
		before := key
		for _, head := range []string{"near to ", "near ", "close to ", "next to ", "around ", "in ", "at ", "by ", "nr ", "just outside ", "outside ", "somewhere in ", "from ", "central ", "the "} {
			key = strings.TrimPrefix(key, head)
		}
		for _, tail := range []string{" please", " pls", " area", " town centre", " city centre", " centre", " town", " city", " uk"} {
			key = strings.TrimSuffix(key, tail)
		}
		if key == before || key == "" {
			return out
		}
		out = append(out, key)
	}
}

// named is every place of a name. What the deployment has itself is not taken a second time from the table.
func (g *Gazetteer) named(key string) []named {
	var out []named
	for _, p := range g.places[key] {
		out = append(out, ownPlace(p))
	}
	own := len(out)
	for _, p := range places.Named(key) {
		if !slices.ContainsFunc(out[:own], func(o named) bool { return Metres(o.at, p.At) < 5000 }) {
			out = append(out, tablePlace(p))
		}
	}
	return out
}

// within reads "Ashford Kent" and "Bury Park, Luton": a name and where that is. sure is false where the name is known and
// the rest is not, as of "Ashford Middlesex".
func (g *Gazetteer) within(key string) (found []named, sure bool) {
	words := strings.Fields(key)
	if len(words) > 10 {
		return nil, false
	}
	var unsure []named
	for i := len(words) - 1; i > 0; i-- {
		all := g.named(strings.Join(words[:i], " "))
		area := strings.TrimPrefix(strings.Join(words[i:], " "), "in ")
		var fit []named
		closest := looseFit
		for _, n := range all {
			switch how := n.isIn(area, g); {
			case how == noFit || how > closest:
			case how < closest:
				closest, fit = how, append(fit[:0:0], n)
			default:
				fit = append(fit, n)
			}
		}
		if len(fit) > 0 {
			return fit, true
		}
		// The rest may be a county that has gone, or an error. A word that is a place as well is not worth a question.
		if len(all) > 0 && unsure == nil && (areaWord(words[len(words)-1]) || len(g.named(area)) > 0) {
			unsure = all
		}
	}
	return unsure, false
}

// areaWord reports whether a word is the last of a county's name.
func areaWord(w string) bool {
	return strings.HasSuffix(w, "shire") || slices.Contains([]string{"middlesex", "sussex", "essex", "kent", "surrey", "salop", "durham", "cleveland", "humberside",
		"avon", "gwent", "dyfed", "clwyd", "glamorgan", "antrim", "down", "tyrone", "fermanagh", "armagh", "wales", "scotland", "england", "ireland"}, w)
}

// fit is how well a place answers what was said after its name, the best first.
type fit uint8

const (
	noFit    fit = iota
	exactFit     // its county, its nation, or the town that was given with it
	wordFit      // a word of its county: "Sussex" of "East Sussex"
	looseFit     // a larger place no more than 25 km away
)

// isIn says how a place is in what was said after its name.
func (n named) isIn(area string, g *Gazetteer) fit {
	if area == "" {
		return noFit
	}
	bare := strings.TrimPrefix(strings.TrimPrefix(area, "county "), "co ")
	how := noFit
	for _, a := range n.areas {
		switch {
		case a == area, a == bare && a != "":
			return exactFit
		case bare != "" && strings.HasSuffix(a, " "+bare):
			how = wordFit
		}
	}
	if how != noFit {
		return how
	}
	if n.own && n.area == "" && areaWord(area) || slices.ContainsFunc(g.named(area), func(o named) bool {
		return (n.own || o.people > n.people) && Metres(o.at, n.at) < 25_000
	}) {
		return looseFit
	}
	return noFit
}

// choose decides between namesakes, or asks. told says that their area was named, so that being far is no doubt.
func choose(found []named, near *handrail.Point, told bool) (Spot, error) {
	away := func(n named) float64 {
		if near == nil {
			return 0
		}
		return Metres(n.at, *near)
	}
	// The deployment's own places come before others of their name, as long as they are where the person is.
	if own := slices.DeleteFunc(slices.Clone(found), func(n named) bool { return !n.own || away(n) > areaMetres }); len(own) > 0 {
		found = own
	}
	if len(found) > 1 && near != nil {
		around := slices.DeleteFunc(slices.Clone(found), func(n named) bool { return away(n) > areaMetres })
		between := slices.ContainsFunc(found, func(n named) bool { return away(n) > areaMetres && away(n) <= farMetres })
		if len(around) == 1 && !between {
			found = around
		}
	}
	switch n := found[0]; {
	case len(found) > 1:
		return Spot{}, which("", found, near)
	case away(n) > farMetres && !told && !n.own && n.people < cityPeople:
		return Spot{}, ask(handrail.KindInvalid,
			"The only place of that name I know is "+n.label+", about "+milesText(away(n))+" from the practice. Is it that one? If not, which postcode?",
			"the only place of that name is far away", n.answer())
	default:
		return farAway(Spot{At: n.at, Label: n.label, Precision: PrecisionPlace, ErrorMetres: n.spread()}, near), nil
	}
}

// spread is about how far half of the people of a place live from its middle, from how many they are: 3,500 to a square
// kilometre, as in a British town. It is our estimate, and half a kilometre where nothing is known.
func (n named) spread() float64 {
	if n.own {
		return 500
	}
	return max(500, 1000*math.Sqrt(float64(n.people)/2/3500/math.Pi))
}

// maxNamesakes is how many places of one name are told.
const maxNamesakes = 6

// which asks which of several places is meant, the nearest first, or the largest where nothing is known of where the
// person is.
func which(what string, found []named, near *handrail.Point) error {
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b named) int {
		if near != nil {
			return cmp.Compare(Metres(a.at, *near), Metres(b.at, *near))
		}
		return cmp.Compare(b.people, a.people)
	})
	more := len(found) > maxNamesakes
	if more {
		found = found[:maxNamesakes]
	}
	var told, answers []string
	same := !slices.ContainsFunc(found, func(n named) bool { return n.name != found[0].name })
	for _, n := range found {
		answer := n.answer()
		switch {
		case slices.Contains(answers, answer):
			continue
		case same && n.area != "":
			told = append(told, n.area)
		default:
			told = append(told, answer) // "Newcastle" may be upon Tyne or under Lyme
		}
		answers = append(answers, answer)
	}
	if what != "" {
		return ask(handrail.KindInvalid, what+" Did you mean "+either(answers)+"?", "place unsure", answers...)
	}
	separator, others := ", ", ""
	if !same {
		separator = "; "
	}
	if more {
		others = " and others"
	}
	return ask(handrail.KindInvalid, "There is more than one place of that name ("+strings.Join(told, separator)+others+"). Which one, or which postcode?",
		"several places of that name", answers...)
}

// largeArea reports whether a key is a county, a part of one's name, or a nation.
func largeArea(key string) bool {
	return places.IsCounty(key) || areaWord(key) || slices.Contains([]string{"uk", "the uk", "britain", "great britain", "united kingdom", "northern ireland",
		"yorkshire", "cornwall", "devon", "norfolk", "suffolk", "dorset", "midlands", "west midlands", "east midlands", "the north", "the south", "london"}, key)
}

// alike is the places whose name is one slip of the finger from a key and that lie not far from where the person is:
// elsewhere there is always one.
func (g *Gazetteer) alike(key string, near *handrail.Point) []named {
	if near == nil || len(key) < 4 {
		return nil
	}
	var out []named
	for name, own := range g.places {
		if places.Slipped(key, name) {
			for _, p := range own {
				out = append(out, ownPlace(p))
			}
		}
	}
	for _, p := range places.Alike(key) {
		if Metres(p.At, *near) <= areaMetres {
			n := tablePlace(p)
			if len(g.named(p.Key())) == 1 {
				n.area = "" // its name will do
			}
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b named) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.area, b.area)) })
	if len(out) > maxNamesakes {
		return nil
	}
	return out
}
