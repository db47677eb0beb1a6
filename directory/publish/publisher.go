package publish

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"handrail"
)

// Snapshot is the whole directory at one moment.
type Snapshot struct {
	// Version is another one whenever anything in Activities is. It is compared with the one before and with nothing else.
	Version string
	// Activities are never changed once they are given; they may be those of the snapshot before, too.
	Activities []handrail.Activity
}

// Source gives the listings that are published.
type Source interface {
	// Listings is called for each request: it should hand over what it holds and not gather it anew. With an error the last
	// good snapshot is served on.
	Listings(ctx context.Context) (Snapshot, error)
}

// Places knows where a postcode is.
type Places interface {
	// Locate gives the middle of a postcode, and false when it knows none.
	Locate(ctx context.Context, postcode string) (handrail.Point, bool, error)
}

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Options is what a Publisher needs. Source and Clock must be there.
type Options struct {
	Source Source
	Clock  Clock
	// Places is for postcode and proximity; without it they are refused.
	Places Places
	// Log takes what went wrong; nil for nowhere. No request's words are written to it.
	Log *slog.Logger
	// Interests and Needs are closed lists ("gardening", "arts_crafts"): topics among them become terms of their own
	// taxonomies.
	Interests, Needs []string
	// Allow says whether a request may be answered now; nil lets all in. A refused one gets 429.
	Allow func(*http.Request) bool
}

func (o Options) kinds() map[string]string {
	out := make(map[string]string, len(o.Interests)+len(o.Needs))
	for _, n := range o.Needs {
		out[topicKey(n)] = needs
	}
	for _, n := range o.Interests {
		out[topicKey(n)] = interests
	}
	return out
}

// Publisher is the API. It is safe for use by several goroutines at once.
type Publisher struct {
	o    Options
	zone *time.Location
	log  *slog.Logger

	mu  sync.Mutex
	now *edition
}

// New makes a Publisher. It reads nothing before the first request.
func New(o Options) (*Publisher, error) {
	if o.Source == nil || o.Clock == nil {
		return nil, errors.New("publish: a source and a clock are needed")
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("publish: load zone: %w", err)
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Publisher{o: o, zone: zone, log: log}, nil
}

// edition is the directory as it is now, or as it was when it could last be read. It is made anew when its version or
// the day is another.
func (p *Publisher) edition(ctx context.Context) (*edition, error) {
	snap, err := p.o.Source.Listings(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		if p.now == nil {
			return nil, fmt.Errorf("read the listings: %w", err)
		}
		p.log.Warn("publish the last good listings", "error", err)
		return p.now, nil
	}
	now := p.o.Clock.Now()
	if p.now == nil || p.now.version != snap.Version || p.now.today != handrail.DateOf(now, p.zone) {
		p.now = newEdition(snap, p.now, p.o, now, p.zone)
	}
	return p.now, nil
}

// longestURI is far above what any client of the specification sends.
const longestURI = 4096

// ServeHTTP answers GET, HEAD and OPTIONS. Mount it with http.StripPrefix where it is not at the root.
func (p *Publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Link")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	switch {
	case r.Method == http.MethodOptions: // a browser asks before it sends If-None-Match
		h.Set("Allow", "GET, HEAD, OPTIONS")
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "If-None-Match, Accept")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		p.refuse(w, r, &refusal{http.StatusMethodNotAllowed, sayReadOnly})
		return
	case p.o.Allow != nil && !p.o.Allow(r):
		p.refuse(w, r, &refusal{http.StatusTooManyRequests, sayTooOften})
		return
	case len(r.URL.Path)+len(r.URL.RawQuery) > longestURI:
		p.refuse(w, r, &refusal{http.StatusRequestURITooLong, sayLongQuery})
		return
	}
	if err := p.answer(w, r); err != nil {
		p.refuse(w, r, err)
	}
}

// answer finds what a path means. An error means that nothing was written yet.
func (p *Publisher) answer(w http.ResponseWriter, r *http.Request) error {
	list, id, deep := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	if strings.Contains(id, "/") {
		return &refusal{http.StatusNotFound, sayNoSuchPath}
	}
	switch list {
	case "":
		return p.write(w, r, details{Version: "HSDS-UK-3.0", Profile: "https://github.com/OpenReferralUK/uk-profile/blob/main/docs/index.md",
			OpenAPI: "https://docs.openreferraluk.org/en/latest/openapi30.json"})
	case "services", "service_at_locations", "taxonomies", "taxonomy_terms":
	default:
		return &refusal{http.StatusNotFound, sayNoSuchPath}
	}
	e, err := p.edition(r.Context())
	if err != nil {
		return err
	}
	if deep {
		return p.one(w, r, e, list, id)
	}
	if list == "taxonomies" || list == "taxonomy_terms" {
		return p.terms(w, r, e, list)
	}
	return p.list(w, r, e, list == "service_at_locations")
}

// details is what / gives.
type details struct {
	Version string `json:"version"`
	Profile string `json:"profile"`
	OpenAPI string `json:"openapi_url"`
}

// one is a single record, nested.
func (p *Publisher) one(w http.ResponseWriter, r *http.Request, e *edition, list, id string) error {
	u, _ := parseUUID(id) // the zero one is nobody's
	switch list {
	case "services":
		if i, ok := e.at[u]; ok {
			return p.write(w, r, e.full(&e.entries[i]))
		}
		return &refusal{http.StatusNotFound, sayNoSuchService}
	case "service_at_locations":
		if i, ok := e.byPlace[u]; ok {
			return p.write(w, r, e.located(&e.entries[i], true))
		}
		return &refusal{http.StatusNotFound, sayNoSuchPlace}
	case "taxonomies":
		for _, t := range taxonomies() {
			if t.ID != u.String() {
				continue
			}
			for _, w := range e.words.all {
				if w.TaxonomyID == t.ID {
					t.Terms = append(t.Terms, *w)
				}
			}
			return p.write(w, r, t)
		}
		return &refusal{http.StatusNotFound, sayNoSuchTaxonomy}
	default:
		if t := e.words.byID[u.String()]; t != nil {
			return p.write(w, r, t)
		}
		return &refusal{http.StatusNotFound, sayNoSuchTerm}
	}
}

// terms is a page of taxonomies or of their terms.
func (p *Publisher) terms(w http.ResponseWriter, r *http.Request, e *edition, list string) error {
	q, err := readPage(r.URL.Query())
	if err != nil {
		return err
	}
	var all []any
	if list == "taxonomies" {
		for _, t := range taxonomies() {
			all = append(all, t)
		}
	} else {
		for _, t := range e.words.all {
			all = append(all, t)
		}
	}
	return p.page(w, r, q, len(all), func(i int) any { return all[i] })
}

// list is a page of services, or of services at their locations, or all of them line by line.
func (p *Publisher) list(w http.ResponseWriter, r *http.Request, e *edition, atPlaces bool) error {
	q, err := p.readQuery(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	found := e.pick(q, atPlaces)
	item := func(i int) any {
		en := found[i]
		switch {
		case q.minimal:
			return minimalOf(en, atPlaces)
		case atPlaces:
			return e.located(en, q.full || q.lines)
		case q.full, q.lines:
			return e.full(en)
		default:
			return e.shallow(en)
		}
	}
	if q.lines {
		p.lines(w, r, len(found), item)
		return nil
	}
	return p.page(w, r, q, len(found), item)
}

func minimalOf(en *entry, atPlaces bool) minimal {
	m := minimal{ID: en.id.String(), Modified: stamp(en.gone)}
	if !en.isGone() {
		m.Modified = stamp(modified(en.a))
	}
	if atPlaces {
		m.ID = placeID(en.id).String()
	}
	return m
}

// wrapper is the page of the specification. Size is how many records this page has.
type wrapper struct {
	TotalItems int   `json:"total_items"`
	TotalPages int   `json:"total_pages"`
	PageNumber int   `json:"page_number"`
	Size       int   `json:"size"`
	FirstPage  bool  `json:"first_page"`
	LastPage   bool  `json:"last_page"`
	Empty      bool  `json:"empty"`
	Contents   []any `json:"contents"`
}

// page writes one page. One past the end is empty and the last: a client that goes on until it is empty stops there.
func (p *Publisher) page(w http.ResponseWriter, r *http.Request, q query, total int, item func(int) any) error {
	pages := (total + q.size - 1) / q.size
	from := min((q.page-1)*q.size, total)
	to := min(from+q.size, total)
	out := wrapper{TotalItems: total, TotalPages: pages, PageNumber: q.page, Size: to - from,
		FirstPage: q.page == 1, LastPage: q.page >= pages, Empty: to == from, Contents: make([]any, 0, to-from)}
	for i := from; i < to; i++ {
		out.Contents = append(out.Contents, item(i))
	}
	w.Header().Set("Link", links(r.URL.Query(), q.page, max(pages, 1)))
	return p.write(w, r, out)
}

// links are the pages around, as RFC 8288 has them, relative to this one.
func links(v url.Values, page, pages int) string {
	var out []string
	add := func(rel string, n int) {
		v.Set("page", strconv.Itoa(n))
		out = append(out, fmt.Sprintf(`<?%s>; rel=%q`, v.Encode(), rel))
	}
	add("first", 1)
	if page > 1 {
		add("prev", min(page-1, pages))
	}
	if page < pages {
		add("next", page+1)
	}
	add("last", pages)
	return strings.Join(out, ", ")
}

// write answers with a record. The tag is made of what is written, so that it stays the same over a restart.
func (p *Publisher) write(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=60") // a group that closed should not be found for long
	if known(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	send(w, r, http.StatusOK, body)
	return nil
}

// known reports whether one of the client's tags is this one.
func known(headers []string, tag string) bool {
	for _, h := range headers {
		for t := range strings.SplitSeq(h, ",") {
			if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
				return true
			}
		}
	}
	return false
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is told to be JSON, and nosniff
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write a record: %w", err)
	}
	return b.Bytes(), nil
}

func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone
	}
}

// lines streams all records, one a line.
func (p *Publisher) lines(w http.ResponseWriter, r *http.Request, n int, item func(int) any) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	out := bufio.NewWriterSize(w, 32<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for i := range n {
		if err := enc.Encode(item(i)); err != nil { // the client is gone, or a record of 50,000 cannot be written
			p.log.Warn("publish line by line", "error", err)
			return
		}
	}
	_ = out.Flush() // the client may be gone
}

// fault is the body of a refusal.
type fault struct {
	Status int    `json:"status"`
	Error  string `json:"error"`
}

// refuse answers what cannot be answered otherwise. What is ours goes to the log and is not told.
func (p *Publisher) refuse(w http.ResponseWriter, r *http.Request, err error) {
	no := &refusal{http.StatusServiceUnavailable, sayAway}
	if !errors.As(err, &no) && r.Context().Err() == nil {
		p.log.Error("publish the directory", "error", err)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Del("Link")
	if no.status == http.StatusServiceUnavailable || no.status == http.StatusTooManyRequests {
		h.Set("Retry-After", "60")
	}
	body, err := encode(fault{no.status, no.say})
	if err != nil {
		p.log.Error("publish a refusal", "error", err)
	}
	send(w, r, no.status, body)
}
