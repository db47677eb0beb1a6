package directory

import (
	"strconv"
	"strings"
	"time"

	"handrail"
)

// Result is one group that fits, with everything that is said about it already in words.
type Result struct {
	Activity handrail.Activity
	// Name is what may be shown anywhere: the activity's own name, or a neutral one when the activity is sensitive (G4).
	Name   string
	Metres float64 // from Query.Near; 0 without one, and where the group has no place
	// The sentences a person reads, each without a full stop. DistanceText is empty without Query.Near.
	DistanceText string // "about 0.6 miles, from the middle of LU1"; "about 15 minutes' walk" where Query.Travel is known
	When         string // "Tuesdays, 10am to 12 noon"
	CostText     string // "free", "£2.50", "cost not said"
	AccessText   string // "step-free, accessible toilet", "step-free access not said"
	CheckedText  string // "checked 12 days ago by the organiser", "not checked lately", "never checked"
	// Warning is what to know before anybody is sent there, a whole sentence with its full stop, or empty.
	Warning string
	// Why is one line of the real reasons this one is shown. For a sensitive activity it names no need.
	Why string
	// Score is what the results are ordered by, and Parts is what it is made of: their points, added up in their order, are
	// the score exactly. They say nothing about a person. Explain prints them.
	Score float64
	Parts Parts
}

// teller puts hits into words.
type teller struct {
	ix      *Index
	q       *Query
	wishes  []wish
	demands demands
	ranker  *ranker
}

func (t *teller) result(h chosen) Result {
	sh := t.ix.shelves()[h.shelf]
	d := &sh.docs[h.doc]
	a := sh.listing(h.doc)
	r := Result{
		Activity:    a,
		Name:        a.NeutralName(),
		When:        WhenText(a),
		CostText:    CostText(a.Cost),
		AccessText:  AccessText(a.Access),
		CheckedText: FreshText(a, t.q.Now),
		Warning:     warning(&a, d, t.q.Now, t.ix.zone),
		Metres:      h.metres,
		Score:       h.score,
		Parts:       t.ranker.parts(d, h),
	}
	if t.q.Near != nil && d.flags&flagPlaced != 0 {
		if travel := t.q.travel(); travel.Known() {
			r.DistanceText = TravelText(r.Metres, travel, *t.q.Near)
		} else {
			r.DistanceText = DistanceText(r.Metres, *t.q.Near)
		}
	}
	r.Why = t.why(h, d, &r)
	return r
}

// why gives the real reasons in one line, the most telling first, and leaves out what the other lines say already. Of a
// sensitive group it names no need, since the line may end up on a lock screen (G4).
func (t *teller) why(h chosen, d *doc, r *Result) string {
	var reasons []string
	q, a := t.q, &r.Activity
	var fits []string
	if len(t.demands) > 0 && !a.Sensitive {
		fits = append(fits, strings.Join(q.Words, " "))
	}
	for i := range t.wishes {
		w := &t.wishes[i]
		if (a.Sensitive || q.NeedsUnsaid) && w.kind == wishNeed || a.Sensitive && w.kind != wishInterest {
			continue
		}
		if w.kind == wishSaid {
			continue
		}
		if t.ix.answers(w, int(h.shelf), h.doc) > 0 {
			fits = append(fits, w.name)
		}
	}
	if len(fits) == 0 && !a.Sensitive {
		fits = t.said(h)
	}
	if len(fits) > 0 {
		reasons = append(reasons, "fits "+list(fits))
	}
	switch f := q.wanted(); {
	case len(q.On) > 0:
		reasons = append(reasons, "meets on the day you asked for")
	case f != 0 && d.slots&f != 0:
		reasons = append(reasons, "meets "+askedTime(q, d.slots&f))
	}
	switch {
	case q.Home && d.flags&flagVisits != 0:
		reasons = append(reasons, "somebody comes to the home")
	case q.Home:
		reasons = append(reasons, "online or by telephone")
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
	if len(reasons) == 0 && q.Near != nil && d.flags&flagPlaced != 0 && h.metres < 1000 {
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

// askedTime tells when a group meets of the times asked for: "on Tuesday mornings", "in the evening", "on Mondays and
// Fridays". met are the slots that are asked for and that it has.
func askedTime(q *Query, met uint32) string {
	var parts []string
	for _, t := range q.Times {
		parts = append(parts, string(t))
	}
	if len(q.Days) == 0 {
		return "in the " + list(parts)
	}
	var days []string
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		if met>>(uint32(d)*partBits)&partAny == 0 {
			continue
		}
		name := d.String()
		if len(parts) == 1 {
			name += " " + parts[0]
		}
		days = append(days, name+"s")
	}
	if len(days) > 4 {
		return "on the days you asked for"
	}
	return "on " + list(days)
}

// said are the first few of the typed words that a group uses.
func (t *teller) said(h chosen) []string {
	var out []string
	for i := range t.wishes {
		if w := &t.wishes[i]; w.kind == wishSaid && len(out) < 3 && t.ix.answers(w, int(h.shelf), h.doc) > 0 {
			out = append(out, strconv.Quote(w.name))
		}
	}
	return out
}
