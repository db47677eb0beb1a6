package records

import (
	"context"
	"slices"

	"handrail"
)

// neighbour is a listing of another source that a new one is compared with.
type neighbour struct {
	id, key, text string
	a             *handrail.Activity // once it was read
}

// neighbours are the listings of other sources around the new ones, by postcode and by cell of the map.
type neighbours struct {
	byPostcode, byCell map[string][]*neighbour
}

func (r *Records) neighbours(ctx context.Context, source string, part []incoming) (*neighbours, error) {
	var postcodes, bare, around []string // bare: cells in which only listings without a postcode count
	for _, x := range part {
		if key := postcodeKey(x.a.Venue.Postcode); key != "" {
			postcodes = append(postcodes, key)
			bare = append(bare, cellsAround(x.a.Venue.At)...)
		} else {
			around = append(around, cellsAround(x.a.Venue.At)...)
		}
	}
	type row struct {
		at string
		*neighbour
	}
	read := func(keys []string, at, where string) (map[string][]*neighbour, error) {
		all, err := batch(ctx, r, "look for the same group", func(s scanner) (row, error) {
			out := row{neighbour: &neighbour{}}
			return out, s.Scan(&out.at, &out.id, &out.key, &out.text)
		}, keys, func(marks string) string {
			return "SELECT " + at + ", id, name_key, listing FROM activities a WHERE " + at + " IN (" + marks + ") AND " + at + ` <> '' AND status = 'active'
				AND same_as = ''` + where + ` AND NOT EXISTS (SELECT 1 FROM listing_copies c WHERE c.activity = a.id AND c.source = $1)`
		}, source)
		out := map[string][]*neighbour{}
		for _, n := range all {
			out[n.at] = append(out[n.at], n.neighbour)
		}
		return out, err
	}
	n := &neighbours{}
	var err error
	if n.byPostcode, err = read(postcodes, "postcode", ""); err != nil {
		return nil, err
	}
	if n.byCell, err = read(bare, "cell", " AND postcode = ''"); err != nil {
		return nil, err
	}
	all, err := read(around, "cell", "")
	for cell, list := range all {
		n.byCell[cell] = list
	}
	return n, err
}

// match finds the listing that is most like a new one. Of equals the one with the lower id counts.
func (n *neighbours) match(a handrail.Activity) (best handrail.Merge, certain bool, err error) {
	post := postcodeKey(a.Venue.Postcode)
	near := slices.Clone(n.byPostcode[post])
	for _, cell := range cellsAround(a.Venue.At) {
		near = append(near, n.byCell[cell]...)
	}
	key := nameKey(a.Name)
	for _, b := range near {
		if likeness(key, b.key) < nameAlike {
			continue
		}
		if b.a == nil {
			read, err := decodeListing(b.text)
			if err != nil {
				return best, false, err
			}
			b.a = &read
		}
		if post != "" && postcodeKey(b.a.Venue.Postcode) != "" && post != postcodeKey(b.a.Venue.Postcode) {
			continue // found by the cell of another new one
		}
		score, sure := alike(a, *b.a)
		if score < suggestFrom && !sure {
			continue
		}
		if best.A == "" || sure && !certain || sure == certain && (score > best.Score || score == best.Score && b.id < string(best.A)) {
			best = handrail.Merge{A: handrail.ActivityID(b.id), B: a.ID, NameA: b.a.Name, NameB: a.Name, Score: score}
			certain = sure
		}
	}
	return best, certain, nil
}
