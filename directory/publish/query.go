package publish

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// The sizes of pages.
const (
	pageDefault = 50
	pageMost    = 200
	minimalMost = 100_000 // minimal=true is meant to give all in one call
	pageLast    = 1_000_000
	searchMost  = 200 // characters
	ageMost     = 150
)

// query is what a client asks for. Zero fields ask for nothing.
type query struct {
	page, size    int
	full, minimal bool
	lines         bool // format=ndjson
	words         []string
	termID        string
	taxonomyID    string
	organization  uuid
	byOrg         bool
	minAge        int
	maxAge        int // -1 for none
	days          []time.Weekday
	from, to      handrail.Clock // -1 for none
	after         time.Time
	near          *handrail.Point
	metresMost    float64 // 0 for any distance
}

// refusal is a request that cannot be answered: a status and a sentence.
type refusal struct {
	status int
	say    string
}

func (r *refusal) Error() string { return r.say }

func bad(format string, args ...any) error {
	return &refusal{status: 400, say: fmt.Sprintf(format, args...)}
}

// readPage reads page and per_page alone: the taxonomies have no other parameters.
func readPage(v url.Values) (q query, err error) {
	q = query{maxAge: -1, from: -1, to: -1}
	if q.page, err = whole(v, "page", 1, pageLast, 1); err != nil {
		return q, err
	}
	if q.size, err = whole(v, "per_page", 1, math.MaxInt32, pageDefault); err != nil {
		return q, err
	}
	q.size = min(q.size, pageMost)
	return q, nil
}

// readQuery reads all parameters of a list of services. Unknown ones are left alone: clients add their own.
func (p *Publisher) readQuery(ctx context.Context, v url.Values) (query, error) {
	q, err := readPage(v)
	if err != nil {
		return q, err
	}
	for name, into := range map[string]*bool{"full": &q.full, "minimal": &q.minimal} {
		if *into, err = yes(v, name); err != nil {
			return q, err
		}
	}
	if q.minimal {
		if q.size, err = whole(v, "per_page", 1, math.MaxInt32, minimalMost); err != nil {
			return q, err
		}
		q.size = min(q.size, minimalMost)
	}
	switch v.Get("format") {
	case "", "json":
	case "ndjson":
		q.lines = true
	default:
		return q, bad(sayFormat)
	}
	if s := v.Get("search"); len(s) > 4*searchMost || len([]rune(s)) > searchMost {
		return q, bad(sayLongSearch)
	} else if s != "" {
		q.words = strings.Fields(strings.ToLower(s))
	}
	q.termID, q.taxonomyID = strings.ToLower(v.Get("taxonomy_term_id")), strings.ToLower(v.Get("taxonomy_id"))
	if id := v.Get("organization_id"); id != "" {
		q.organization, q.byOrg = idOf("organization", id), true
	}
	if q.minAge, err = age(v, "minimum_age", 0); err != nil {
		return q, err
	}
	if q.maxAge, err = age(v, "maximum_age", -1); err != nil {
		return q, err
	}
	if q.from, err = clock(v, "start_time"); err != nil {
		return q, err
	}
	if q.to, err = clock(v, "end_time"); err != nil {
		return q, err
	}
	if q.days, err = weekdays(v.Get("day")); err != nil {
		return q, err
	}
	if q.after, err = moment(v.Get("modified_after")); err != nil {
		return q, err
	}
	return q, p.around(ctx, v, &q)
}

// around reads postcode and proximity. The specification has them for /service_at_locations alone; clients of v1 send
// them to /services too, and there they mean the same.
func (p *Publisher) around(ctx context.Context, v url.Values, q *query) error {
	code, metres := strings.TrimSpace(v.Get("postcode")), v.Get("proximity")
	if code == "" {
		if metres != "" {
			return bad(sayNeedsPostcode)
		}
		return nil
	}
	if metres != "" {
		m, err := strconv.ParseFloat(metres, 64)
		if err != nil || !(m > 0) || math.IsInf(m, 0) {
			return bad(sayMetres)
		}
		q.metresMost = m
	}
	if p.o.Places == nil {
		return bad(sayNoPlaces)
	}
	if len(code) > 16 {
		return bad(sayNoSuchPostcode)
	}
	at, ok, err := p.o.Places.Locate(ctx, code)
	switch {
	case err != nil:
		return fmt.Errorf("locate a postcode: %w", err)
	case !ok:
		return bad(sayNoSuchPostcode)
	}
	q.near = &at
	return nil
}

func whole(v url.Values, name string, low, high, otherwise int) (int, error) {
	s := v.Get(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, bad(sayWhole, name, low, high)
	}
	return n, nil
}

func yes(v url.Values, name string) (bool, error) {
	if !v.Has(name) {
		return false, nil
	}
	switch strings.ToLower(v.Get(name)) {
	case "", "true", "1", "yes":
		return true, nil
	case "false", "0", "no":
		return false, nil
	}
	return false, bad(sayBool, name)
}

func age(v url.Values, name string, otherwise int) (int, error) {
	s := v.Get(name)
	if s == "" {
		return otherwise, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f <= ageMost) {
		return 0, bad(sayAge, name)
	}
	return int(f), nil
}

func clock(v url.Values, name string) (handrail.Clock, error) {
	s := v.Get(name)
	if s == "" {
		return -1, nil
	}
	for _, layout := range []string{"15:04", time.TimeOnly, "15:04Z", "15:04:05Z"} {
		if t, err := time.Parse(layout, s); err == nil {
			return handrail.At(t.Hour(), t.Minute()), nil
		}
	}
	return -1, bad(sayTime, name)
}

// weekdays reads "TU", "Tuesday", or several with commas.
func weekdays(s string) ([]time.Weekday, error) {
	if s == "" {
		return nil, nil
	}
	var out []time.Weekday
	for part := range strings.SplitSeq(s, ",") {
		part = strings.ToLower(strings.TrimSpace(part))
		found := false
		for d := time.Sunday; d <= time.Saturday; d++ {
			if len(part) >= 2 && strings.HasPrefix(strings.ToLower(d.String()), part) {
				out, found = append(out, d), true
			}
		}
		if !found || len(out) > 7 {
			return nil, bad(sayDay)
		}
	}
	return out, nil
}

// moment reads a date or a time; without a zone it is UTC. A plus that was sent as it is arrives as a space.
func moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if cut := strings.LastIndexByte(s, ' '); cut > len(time.DateOnly) {
		s = s[:cut] + "+" + s[cut+1:]
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly, "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, bad(sayDate)
}

// filtered reports whether a query asks for anything but all services.
func (q query) filtered() bool {
	return len(q.words) > 0 || q.termID != "" || q.taxonomyID != "" || q.byOrg || q.minAge > 0 || q.maxAge >= 0 ||
		len(q.days) > 0 || q.from >= 0 || q.to >= 0 || q.near != nil
}

// wants reports whether an entry is among the answers. Of one that is gone nothing is known but when it went: it is told
// to those who ask for all, or for all that changed.
func (q query) wants(e *edition, en *entry) bool {
	if en.isGone() {
		return !q.filtered() && !en.gone.Before(q.after)
	}
	a := en.a
	if !q.after.IsZero() {
		// When nobody knows when it changed, it may have.
		if m := modified(a); !m.IsZero() && m.Before(q.after) {
			return false
		}
	}
	return a.MinAge >= q.minAge && (q.maxAge < 0 || a.MaxAge > 0 && a.MaxAge <= q.maxAge) &&
		(!q.byOrg || a.Organiser.Name != "" && organizationID(a) == q.organization) &&
		q.meets(a) && q.about(e, a) && q.close(en) && q.says(a)
}

// meets reports whether one of the times that are certain is on the days and between the hours.
func (q query) meets(a *handrail.Activity) bool {
	if len(q.days) == 0 && q.from < 0 && q.to < 0 {
		return true
	}
	for _, r := range a.Times {
		if !r.Certain() || r.Start < q.from || q.to >= 0 && (r.End <= r.Start || r.End > q.to) {
			continue
		}
		if len(q.days) == 0 {
			return true
		}
		for _, d := range q.days {
			if on(r, d) {
				return true
			}
		}
	}
	return false
}

// on reports whether a recurrence is on that day of the week every time, or on one of its single dates.
func on(r handrail.Recurrence, d time.Weekday) bool {
	if r.Freq == handrail.Weekly || r.Freq == handrail.Monthly && r.Nth != 0 {
		if r.Day == d {
			return true
		}
	}
	for _, date := range r.Also {
		if t, err := time.Parse(time.DateOnly, string(date)); err == nil && t.Weekday() == d {
			return true
		}
	}
	return false
}

func (q query) about(e *edition, a *handrail.Activity) bool {
	if q.termID == "" && q.taxonomyID == "" {
		return true
	}
	term, taxonomy := q.termID == "", q.taxonomyID == ""
	for _, t := range e.words.of(a) {
		term = term || t.ID == q.termID
		taxonomy = taxonomy || t.TaxonomyID == q.taxonomyID
	}
	return term && taxonomy
}

func (q query) close(en *entry) bool {
	return q.near == nil || q.metresMost <= 0 || q.metres(en) <= q.metresMost
}

// metres is how far an entry is; infinite when nobody knows where it is.
func (q query) metres(en *entry) float64 {
	if en.isGone() || en.a.Venue.At == nil {
		return math.Inf(1)
	}
	return metres(*q.near, *en.a.Venue.At)
}

// metres is the way as the crow flies: the haversine on a sphere of 6,371 km, within 0.5 % of the truth in this country.
func metres(a, b handrail.Point) float64 {
	const radius, degree = 6_371_000, math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*degree/2, (b.Lon-a.Lon)*degree/2
	h := math.Pow(math.Sin(dLat), 2) + math.Cos(a.Lat*degree)*math.Cos(b.Lat*degree)*math.Pow(math.Sin(dLon), 2)
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}

// says reports whether all words are somewhere in a listing's text.
func (q query) says(a *handrail.Activity) bool {
	if len(q.words) == 0 {
		return true
	}
	text := strings.ToLower(strings.Join([]string{a.Name, a.Organiser.Name, a.Venue.Line(), strings.Join(a.Topics, "\n"), a.Description}, "\n"))
	for _, w := range q.words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
