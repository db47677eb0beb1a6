package directory

import "slices"

// part is a part of a score, in the order in which they are added up and told.
type part int

const (
	partFit part = iota
	partDistance
	partFresh
	partTime
	partSuits
	partVisited
	partAnswers
	partQuality
	partPlain
	partCost
	partAccess
	partSilent
	partOver
	partUnfunded
	partClosed
	partOthers
	partAlike
	allParts
)

// weigh says what a part is called and what it weighs. Those above zero add up to 1: fit and distance decide; the others
// settle what is nearly equal, and freshness may move a stale listing below a checked one that is a little further away.
// Those below zero are warnings. That somebody found it closed weighs as much as all that can speak for it, so it comes
// after everything else that fits; it stays in the list, with its warning, since the report may be wrong.
func (p part) weigh() (name string, weight float64) {
	switch p {
	case partFit:
		return "fit", 0.43
	case partDistance:
		return "distance", 0.21
	case partFresh:
		return "fresh", 0.15
	case partTime:
		return "time", 0.05
	case partSuits:
		return "suits", 0.03
	case partVisited:
		return "visited", 0.03
	case partAnswers:
		return "answers", 0.03
	case partQuality:
		return "quality", 0.02
	case partPlain:
		return "plain name", 0.02
	case partCost:
		return "cost", 0.015
	case partAccess:
		return "access", 0.015
	case partSilent:
		return "silent", -0.15
	case partOver:
		return "over", -0.60
	case partUnfunded:
		return "unfunded", -0.40
	case partClosed:
		return "closed", -1
	case partOthers:
		return "for others", -0.15
	default:
		return "alike", -1
	}
}

// ranker scores what passed the filters.
type ranker struct {
	weights [allParts]float64
	decay   *decay
	asked   bool
	said    audience // whom the query names
	whom    audience // and who else would not be out of place
	family  bool     // it is about a family, so children's groups are not a mistake
	placed  bool
	home    bool
	travel  Travel
	now     minute
	today   day
	q       *Query
}

// newRanker makes a ranker. asked says that something remains of the words asked for (of "group" nothing does, and then
// everything fits alike).
func newRanker(q *Query, t *tools, asked bool) ranker {
	r := ranker{decay: t.decay, asked: asked, placed: q.Near != nil, home: q.Home, travel: q.travel(), now: minuteOf(&q.Now), q: q,
		today: dayIn(q.Now.In(t.zone)), family: slices.Contains(q.Needs, "parenting")}
	r.said, r.whom = q.audiences()
	for p := range allParts {
		_, r.weights[p] = p.weigh()
	}
	return r
}

// shares fills in the share of every part, from 0 to 1, but for being alike, which is not known yet.
func (r *ranker) shares(d *doc, metres float64, fit float32, to *[allParts]float64) {
	*to = [allParts]float64{partFit: float64(fit), partDistance: 1, partTime: 0.4}
	if !r.asked {
		to[partFit] = 0.5
	}
	if r.q.Age == 0 && d.maxAge != 0 && d.maxAge < 18 && !r.family {
		to[partFit] *= 0.5 // a children's group, and nobody said that it is for a child
	}
	if r.placed && !r.home {
		to[partDistance] = r.travel.share(metres)
	}
	to[partFresh] = r.decay.fresh(d, r.now)
	if d.flags&flagTimes != 0 {
		to[partTime] = 1
	}
	to[partSuits] = r.suits(d)
	if left, ok := r.decay.after(d.attended, r.now, freshHalf/visitHalf); ok {
		to[partVisited] = left
	}
	to[partAnswers] = float64(d.answers) / 255
	to[partQuality] = float64(d.quality) / 255
	to[partCost] = float64(d.cost) / 255
	to[partAccess] = float64(d.access) / 255
	if d.flags&flagPlain != 0 {
		to[partPlain] = 1
	}
	to[partOthers] = r.others(d)
	if d.doubts&doubtSilent != 0 {
		to[partSilent] = 1
	}
	if d.doubts&doubtClosed != 0 {
		to[partClosed] = 1
	}
	if d.over(r.today) {
		to[partOver] = 1
	}
	if d.unfunded(r.today, r.now) {
		to[partUnfunded] = 1
	}
}

// others is how much a group is meant for other people. Where nobody said whether this is a man or a woman, a group for one
// sex only is as likely the wrong one.
func (r *ranker) others(d *doc) float64 {
	const sexes = forWomen | forMen
	if d.audience&^sexes != 0 && d.audience&^sexes&r.whom == 0 {
		return 1
	}
	if d.audience&sexes != 0 && d.audience&r.whom&sexes == 0 {
		if r.whom&sexes != 0 {
			return 1
		}
		return 0.3
	}
	return 0
}

// suits is how much a group is meant for somebody like this: of their age, of their sex.
func (r *ranker) suits(d *doc) float64 {
	share := 0.4
	if r.q.Age != 0 && (d.minAge != 0 || d.maxAge != 0) {
		share += 0.3
	}
	if r.q.Gender != "" && d.flags&(flagWomen|flagMen) != 0 {
		share += 0.3
	}
	if d.audience&r.said != 0 {
		share = 1
	}
	return share
}

// score adds up the parts in their order, so that whoever adds them up again from what is told gets the same sum.
func (r *ranker) score(d *doc, metres float64, fit float32) float64 {
	var shares [allParts]float64
	r.shares(d, metres, fit, &shares)
	sum := 0.0
	for p, share := range shares {
		sum += points(r.weights[p], share)
	}
	return sum
}

// points is what a part adds to a score. It is rounded by itself, on every kind of machine: some would otherwise multiply
// and add in one step, and the sum that is told would not be the score.
func points(weight, share float64) float64 { return float64(weight * share) }

// parts tells a score by its parts, as Result.Parts.
func (r *ranker) parts(d *doc, h chosen) Parts {
	var shares [allParts]float64
	r.shares(d, h.metres, h.fit, &shares)
	shares[partAlike] = h.alike
	out := make(Parts, 0, allParts)
	for p, share := range shares {
		name, weight := part(p).weigh()
		out = append(out, Part{Name: name, Share: share, Weight: weight, Points: points(weight, share)})
	}
	return out
}
