package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"handrail"
	"handrail/directory/places"
	"handrail/directory/postcode"
)

// What is near a practice and what is far from it, in metres. Where somebody says less than a whole address, what they
// mean lies in the area they live in: a guess is offered only inside of it, and what lies far outside is told or asked.
const (
	areaMetres = 30_000
	farMetres  = 60_000
	// maxWhere is how much text is taken for the name of a place, in bytes.
	maxWhere = 300
	// maxCandidates is how many postcodes are offered; with more of them the question is to type it again.
	maxCandidates = 4
	// The typical error of the middle of a sector and of an outcode, measured over 2.69 million postcodes (medians of
	// 741 and 1,431 metres).
	sectorError  = 750
	outcodeError = 1400
)

// Locate is LocateNear where nothing is known of where the person is.
func (g *Gazetteer) Locate(ctx context.Context, where string) (Spot, error) {
	return g.LocateNear(ctx, where, nil)
}

// LocateNear finds the place somebody named: a postcode, a sector, an outcode, or a place by its name, with a few words
// around it or not. near is the practice, or wherever else the person is known to be about; it may be nil. It decides
// between namesakes only where one is within 30 km of it and all others are beyond 60 km, and it never makes a postcode
// out of another one unasked (B26).
//
// A postcode that is not in the list falls back to its sector and then its outcode; the letter O for nought and I for
// one, and the other way round, are put right where exactly one postcode comes of it that exists. The Spot's Note says
// so, and it says so when the spot is far from near.
//
// The error is an *Ask, or one of the store.
func (g *Gazetteer) LocateNear(ctx context.Context, where string, near *handrail.Point) (Spot, error) {
	key := places.Key(where)
	switch {
	case len(where) > maxWhere:
		return Spot{}, ask(handrail.KindInvalid, "That is too long for a place. A postcode is best, and the first half of one will do.",
			strconv.Itoa(len(where))+" bytes")
	case key == "":
		return Spot{}, ask(handrail.KindInvalid, "Where should I look? A postcode is best, and the first half of one will do.", "no place given")
	}
	if strings.Contains(" "+key+" ", " po box ") {
		return Spot{}, ask(handrail.KindInvalid, "A PO box is for mail only and is no place. Which town or part of town should I look around?", "PO box")
	}
	if isPostcode(where) {
		return g.postcode(ctx, where, near)
	}
	if spot, found, err := g.postcodeIn(ctx, where, near, postcode.Find(where)); found || err != nil {
		return spot, err
	}
	if spot, found, err := here(key, near); found || err != nil {
		return spot, err
	}
	return g.place(where, key, near)
}

// Read looks through a longer text for where to look: a full postcode, a code that stands for no place, or something
// plainly meant for a postcode that is none. Then it is LocateNear of that, with its questions; otherwise found is false.
// It does not read an outcode by itself, since M61 may be a man of 61, nor a place's name: those are for package meaning
// to tell, and for LocateNear to find.
//
//	spot, found, err := g.Read(ctx, "F 72 ZZ99 3VZ, likes gardening", practice.At) // err asks for a town
func (g *Gazetteer) Read(ctx context.Context, text string, near *handrail.Point) (spot Spot, found bool, err error) {
	codes := postcode.Find(text)
	if !slices.ContainsFunc(codes, func(f postcode.Found) bool { return f.Kind != postcode.Outcode }) {
		codes = nil
	}
	return g.postcodeIn(ctx, text, near, codes)
}

// isPostcode reports whether a text is a postcode or a part of one and nothing else. Without a figure it takes more than
// a slip put right to be one: "trio" is not TR10.
func isPostcode(text string) bool {
	readings := postcode.Readings(text)
	return len(readings) > 0 && (!readings[0].Corrected || strings.ContainsAny(text, "0123456789"))
}

// postcodeIn finds the one postcode of a text, of which codes are all.
func (g *Gazetteer) postcodeIn(ctx context.Context, text string, near *handrail.Point, codes []postcode.Found) (Spot, bool, error) {
	whole := slices.ContainsFunc(codes, func(f postcode.Found) bool { return f.Kind != postcode.Outcode })
	if piece, ok := postcode.FindAlmost(text); ok && !whole {
		spot, err := g.almost(ctx, piece, near) // "LU1 2AC" is more than LU1
		return spot, err == nil, err
	}
	if len(codes) > 0 {
		only, err := theOnly(codes)
		if err != nil {
			return Spot{}, false, err
		}
		spot, err := g.postcode(ctx, text[only.Start:only.End], near)
		return spot, err == nil, err
	}
	return Spot{}, false, nil
}

// theOnly returns the one postcode of several found. "LU1, LU1 2AB" is one place said twice; anything else is two.
func theOnly(codes []postcode.Found) (postcode.Found, error) {
	only := codes[0]
	texts := []string{only.Text}
	for _, found := range codes[1:] {
		switch {
		case found.Text == only.Text, found.Kind == postcode.Outcode && only.Outcode() == found.Text:
		case only.Kind == postcode.Outcode && found.Outcode() == only.Text:
			only, texts = found, append(texts[:len(texts)-1], found.Text)
		case !slices.Contains(texts, found.Text):
			texts = append(texts, found.Text)
		}
	}
	if len(texts) == 1 {
		return only, nil
	}
	if len(texts) > maxCandidates {
		texts = nil
	}
	return postcode.Found{}, ask(handrail.KindInvalid, "There is more than one postcode there. Which one should I look around?", "several postcodes", texts...)
}

// postcode finds what was typed as a postcode and can be read as one.
func (g *Gazetteer) postcode(ctx context.Context, typed string, near *handrail.Point) (Spot, error) {
	readings := postcode.Readings(typed)
	if len(readings) == 0 {
		return Spot{}, notKnown(postcode.Code{})
	}
	if err := noPlace(readings[0]); err != nil {
		return Spot{}, err
	}
	var known []postcode.Code
	var points []handrail.PostcodePoint
	for _, code := range readings {
		p, ok, err := g.look(ctx, code.Text)
		if err != nil {
			return Spot{}, err
		}
		if ok {
			known, points = append(known, code), append(points, p)
		}
	}
	first := readings[0]
	switch {
	case len(known) > 0 && !known[0].Corrected, len(known) == 1 && first.Corrected:
		spot, err := g.spot(ctx, known[0], points[0])
		if known[0].Corrected {
			spot.Note = sentences("I read that as "+known[0].Text+".", spot.Note)
		}
		return farAway(spot, near), err
	case len(known) > 0:
		return Spot{}, didYouMean("I am not sure which postcode that is.", texts(known))
	case first.Corrected:
		// A slip put right, and what came of it is not known: two doubts are one too many.
		if first.CrownDependency() || len(readings) > maxCandidates {
			return Spot{}, notKnown(first)
		}
		if _, ok, err := g.trunk(ctx, first); err != nil || !ok {
			return Spot{}, cmp.Or(err, notKnown(first))
		}
		return Spot{}, didYouMean("I do not know that postcode as it is.", texts(readings))
	}
	return g.unknown(ctx, first, typed, near)
}

// unknown is a postcode that can be one and is not in the list: new, or mistyped.
func (g *Gazetteer) unknown(ctx context.Context, code postcode.Code, typed string, near *handrail.Point) (Spot, error) {
	if code.CrownDependency() {
		return Spot{}, notKnown(code)
	}
	spot, ok, err := g.trunk(ctx, code)
	if err != nil {
		return Spot{}, err
	}
	if near != nil && code.Kind == postcode.Full && (!ok || Metres(spot.At, *near) > areaMetres) {
		guesses, err := g.guesses(ctx, typed, *near)
		if err != nil {
			return Spot{}, err
		}
		if len(guesses) > 0 {
			if ok {
				guesses = append(guesses, code.Outcode())
			}
			return Spot{}, didYouMean("I do not know that postcode.", guesses)
		}
	}
	if !ok {
		return Spot{}, notKnown(code)
	}
	spot.Note = "I do not know that exact postcode, so I looked around " + spot.Label + "."
	return farAway(spot, near), nil
}

// almost is a piece of text that was meant for a postcode and cannot be one.
func (g *Gazetteer) almost(ctx context.Context, piece string, near *handrail.Point) (Spot, error) {
	if near != nil {
		guesses, err := g.guesses(ctx, piece, *near)
		if err != nil {
			return Spot{}, err
		}
		if len(guesses) > 0 {
			return Spot{}, didYouMean("I do not know that postcode.", guesses)
		}
	}
	if code, ok := postcode.Trunk(piece); ok && noPlace(code) == nil {
		spot, ok, err := g.trunk(ctx, code)
		if err != nil {
			return Spot{}, err
		}
		if ok {
			spot.Note = "That is not a whole postcode, so I looked around " + spot.Label + "."
			return farAway(spot, near), nil
		}
	}
	return Spot{}, notKnown(postcode.Code{})
}

// guesses are the postcodes in the area around near that what was typed may have been meant for: the likely ones, or all
// where none is likely; none at all where they are too many to ask.
func (g *Gazetteer) guesses(ctx context.Context, typed string, near handrail.Point) ([]string, error) {
	around := map[string]bool{}
	var likely, other []string
	for _, guess := range postcode.Guesses(typed) {
		if noPlace(guess.Code) != nil {
			continue
		}
		out := guess.Outcode()
		within, asked := around[out]
		if !asked {
			p, ok, err := g.look(ctx, out)
			if err != nil {
				return nil, err
			}
			// The middle of an outcode may be outside of the area and a part of it inside.
			within = ok && Metres(p.At, near) < 2*areaMetres
			around[out] = within
		}
		if !within {
			continue
		}
		p, ok, err := g.look(ctx, guess.Text)
		if err != nil {
			return nil, err
		}
		switch {
		case !ok || p.Terminated || Metres(p.At, near) > areaMetres:
		case guess.Likely:
			likely = append(likely, guess.Text)
		default:
			other = append(other, guess.Text)
		}
	}
	if len(likely) > 0 {
		other = likely
	}
	if len(other) > maxCandidates {
		return nil, nil
	}
	return other, nil
}

// trunk is the middle of a code's sector or, failing that, of its outcode.
func (g *Gazetteer) trunk(ctx context.Context, code postcode.Code) (Spot, bool, error) {
	for _, part := range []postcode.Code{{Text: code.Sector(), Kind: postcode.Sector}, {Text: code.Outcode(), Kind: postcode.Outcode}} {
		if part.Text == "" {
			continue
		}
		p, ok, err := g.look(ctx, part.Text)
		if err != nil {
			return Spot{}, false, err
		}
		if ok {
			spot, err := g.spot(ctx, part, p)
			return spot, true, err
		}
	}
	return Spot{}, false, nil
}

// spot is a code that the store knows, as a place to look around.
func (g *Gazetteer) spot(ctx context.Context, code postcode.Code, p handrail.PostcodePoint) (Spot, error) {
	if code.Kind == postcode.Full {
		spot := Spot{At: p.At, Label: code.Text, Precision: PrecisionFull}
		if p.Terminated {
			spot.Note = "That postcode is no longer in use, so I looked around where it was."
		}
		return spot, nil
	}
	wide, err := g.spread(ctx, code.Outcode(), p.At)
	if code.Kind == postcode.Sector {
		return Spot{At: p.At, Label: "the middle of " + code.Text, Precision: PrecisionSector, ErrorMetres: wide * sectorError / outcodeError}, err
	}
	return Spot{At: p.At, Label: "the middle of " + code.Text, Precision: PrecisionOutcode, ErrorMetres: wide}, err
}

// spread is how wide an outcode is: about how far half of its addresses lie from the middle. It is read off how far its
// sectors lie apart: in the Highlands that is 20 miles, in towns less than what is typical of all.
func (g *Gazetteer) spread(ctx context.Context, outcode string, middle handrail.Point) (float64, error) {
	type ring struct {
		metres float64
		points int
	}
	var rings []ring
	all := 0
	for digit := range 10 {
		p, ok, err := g.look(ctx, outcode+" "+strconv.Itoa(digit))
		if err != nil {
			return 0, err
		}
		if ok && !p.Terminated {
			rings = append(rings, ring{Metres(p.At, middle), p.Points})
			all += p.Points
		}
	}
	slices.SortFunc(rings, func(a, b ring) int { return cmp.Compare(a.metres, b.metres) })
	seen := 0
	for _, r := range rings {
		if seen += r.points; 2*seen >= all {
			return max(outcodeError, r.metres), nil
		}
	}
	return outcodeError, nil
}

func (g *Gazetteer) look(ctx context.Context, normal string) (handrail.PostcodePoint, bool, error) {
	p, ok, err := g.postcodes.Postcode(ctx, normal)
	if err != nil {
		return p, false, fmt.Errorf("locate: look up postcode: %w", err)
	}
	return p, ok, nil
}

// noPlace asks for a place in words where a code stands for none.
func noPlace(code postcode.Code) error {
	switch code.Kind {
	case postcode.Forces:
		return ask(handrail.KindInvalid, "That is a forces address, which is not on the map. Which town or postcode should I look around?", "forces address")
	case postcode.NoFixedAbode:
		return ask(handrail.KindInvalid, "That code means no fixed address, which is fine. Which town or part of town should I look around?", "no fixed abode")
	case postcode.NoPlace:
		return ask(handrail.KindInvalid, "That is a postcode for mail only, not a place. Which town or part of town should I look around?", "postcode without a place")
	}
	return nil
}

func notKnown(code postcode.Code) error {
	switch {
	case code.CrownDependency():
		return ask(handrail.KindNotFound, crownSay, "Crown dependency")
	case code.NorthernIreland():
		return ask(handrail.KindNotFound,
			"I have no map of that part of Northern Ireland yet. Which town, or which other postcode, should I look around?", "postcode not known")
	}
	return ask(handrail.KindNotFound, "I do not know that postcode. Please check it, or give me the first half of one nearby.", "postcode not known")
}

const crownSay = "I have no map of the Channel Islands or the Isle of Man. Is there a UK town or postcode I should look around?"

// didYouMean offers candidates; those that are the first half of a postcode are told as what they are.
func didYouMean(what string, candidates []string) error {
	told := slices.Clone(candidates)
	for i, c := range told {
		if !strings.Contains(c, " ") {
			told[i] = "the middle of " + c
		}
	}
	return ask(handrail.KindInvalid, what+" Did you mean "+either(told)+"?", "postcode unsure", candidates...)
}

// farAway notes how far a spot is from where the person is, where that is far.
func farAway(spot Spot, near *handrail.Point) Spot {
	if near == nil {
		return spot
	}
	if m := Metres(spot.At, *near); m > farMetres {
		spot.Note = sentences(spot.Note, "That is about "+milesText(m)+" from the practice.")
	}
	return spot
}

func texts(codes []postcode.Code) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = c.Text
	}
	return out
}

// sentences joins those that are not empty.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}
