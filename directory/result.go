package directory

import (
	"strings"

	"handrail"
)

// result puts a hit into words.
func (ix *Index) result(h hit, q Query, wishes []wish) Result {
	a := *ix.docs[h.doc].a
	r := Result{
		Activity:    a,
		Name:        a.NeutralName(),
		When:        WhenText(a),
		CostText:    CostText(a.Cost),
		AccessText:  AccessText(a.Access),
		CheckedText: CheckedText(a.CheckedAt, q.Now),
		Score:       float64(h.score),
		Parts:       h.parts,
	}
	if q.Near != nil {
		r.Metres = float64(h.metres)
		r.DistanceText = DistanceText(r.Metres, *q.Near)
	}
	r.Why = ix.why(h, q, wishes, r)
	return r
}

// why gives the real reasons in one line, the most telling first, and leaves out what the other lines say already. Of a sensitive group it names no need, since the line
// may end up on a lock screen (G4).
func (ix *Index) why(h hit, q Query, wishes []wish, r Result) string {
	var reasons []string
	a := r.Activity
	if len(wishes) > 0 {
		var fits []string
		for _, w := range wishes {
			if (a.Sensitive || q.NeedsUnsaid) && w.kind == wishNeed || a.Sensitive && w.kind != wishInterest {
				continue
			}
			if ix.has(w, h.doc) {
				fits = append(fits, w.name)
			}
		}
		if len(fits) > 0 {
			reasons = append(reasons, "fits "+list(fits))
		}
	}
	if f := wanted(q.Days, q.Times); f != 0 && ix.docs[h.doc].slots&f != 0 {
		reasons = append(reasons, "meets "+askedTime(q))
	}
	switch a.For {
	case handrail.SexWomen:
		reasons = append(reasons, "women only")
	case handrail.SexMen:
		reasons = append(reasons, "men only")
	}
	if q.Language != "" {
		reasons = append(reasons, "in "+titled(q.Language))
	}
	if len(reasons) == 0 && q.Near != nil && h.metres < 1000 {
		reasons = append(reasons, "close by")
	}
	if len(reasons) == 0 && strings.HasPrefix(r.CheckedText, "checked") {
		reasons = append(reasons, r.CheckedText)
	}
	if len(reasons) == 0 {
		return "the nearest that fits what you asked"
	}
	return strings.Join(reasons, ", ")
}

// has reports whether a document answers a wish.
func (ix *Index) has(w wish, d uint32) bool {
	for _, t := range w.terms {
		mask := uint8(0xFF)
		for _, stem := range t.stems {
			mask &= maskOf(ix.posts[stem], d)
		}
		if mask != 0 {
			return true
		}
	}
	return false
}

// askedTime tells the times asked for: "on Tuesday mornings", "in the evening", "on Mondays and Fridays".
func askedTime(q Query) string {
	var parts []string
	for _, t := range q.Times {
		parts = append(parts, string(t))
	}
	if len(q.Days) == 0 {
		return "in the " + list(parts)
	}
	var days []string
	for i := range 7 {
		for _, d := range q.Days {
			if (int(d)+6)%7 == i {
				name := d.String()
				if len(parts) == 1 {
					name += " " + parts[0] + "s"
				} else {
					name += "s"
				}
				days = append(days, name)
				break
			}
		}
	}
	return "on " + list(days)
}
