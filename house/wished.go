package house

import (
	"cmp"

	"handrail/dialogs"
	"handrail/meaning"
)

// wished reads what a patient would like: what they typed just now, or else what matters to them and what their referrer
// named. A place in what they typed becomes where to look.
func (f *Finder) wished(wish *dialogs.Wish) meaning.Understood {
	if wish.Asked != "" {
		u := f.Understand(wish.Asked)
		if place := cmp.Or(u.Postcode, u.Place); place != "" && place != "surgery" && !wish.Placed {
			wish.Where.Words, wish.Where.Near = place, nil
		}
		u.Postcode, u.Place = "", ""
		if u.Age == 0 {
			u.Age = wish.Age
		}
		if len(u.Interests)+len(u.Needs)+len(u.Days)+len(u.Times) > 0 || u.When != "" {
			return u
		}
	}
	u := f.Understand(wish.Words)
	u.Needs, u.Postcode, u.Place, u.Age = nil, "", "", wish.Age
	if wish.Need != "" && wish.Need != "other" {
		u.Needs = []string{wish.Need}
	}
	return u
}
