package feeds_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/directory/feeds"
	"handrail/directory/sources"
)

var monday = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

func loopback(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }

// pauses remembers how long a client would have waited.
type pauses struct {
	mu  sync.Mutex
	all []time.Duration
}

func (p *pauses) wait(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, d)
	return ctx.Err()
}

func (p *pauses) longest() (d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.all {
		d = max(d, one)
	}
	return d
}

func newClient(t testing.TB, change ...func(*feeds.ClientOptions)) *feeds.Client {
	t.Helper()
	o := feeds.ClientOptions{Allow: loopback, Wait: new(pauses).wait, Timeout: 20 * time.Second}
	for _, c := range change {
		c(&o)
	}
	c := feeds.NewClient(o)
	t.Cleanup(c.CloseIdle)
	return c
}

// publisher serves services as an Open Referral feed does.
type publisher struct {
	mu       sync.Mutex
	services []map[string]any // in the order of the list
	v1       bool
	shallow  bool // the list gives summaries
	single   bool // services can be asked for one by one
	etags    bool
	modified bool   // understands modified_after
	most     int    // records in one page, whatever is asked for
	base     string // the path of the list
	asked    []string
	before   func(w http.ResponseWriter, r *http.Request, n int) bool // true when it has answered; n counts from 1
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.URL.RequestURI())
	if p.before != nil && p.before(w, r, len(p.asked)) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	id, one := strings.CutPrefix(r.URL.Path, p.base+"/")
	switch {
	case one && p.single:
		for _, s := range p.services {
			if s["id"] == id {
				json.NewEncoder(w).Encode(s)
				return
			}
		}
		http.NotFound(w, r)
	case r.URL.Path == p.base:
		p.list(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (p *publisher) list(w http.ResponseWriter, r *http.Request) {
	list := p.services
	if after := r.URL.Query().Get("modified_after"); after != "" && p.modified {
		from, _ := time.Parse(time.RFC3339, after)
		list = nil
		for _, s := range p.services {
			if at, err := time.Parse(time.RFC3339, fmt.Sprint(s["last_modified"])); err == nil && !at.Before(from) {
				list = append(list, s)
			}
		}
	}
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	if p.most > 0 {
		size = min(size, p.most)
	}
	number = max(number, 1)
	size = max(size, 1)
	pages := max((len(list)+size-1)/size, 1)
	from, to := min((number-1)*size, len(list)), min(number*size, len(list))
	contents := []map[string]any{}
	for _, s := range list[from:to] {
		if p.shallow {
			s = map[string]any{"id": s["id"], "name": s["name"], "last_modified": s["last_modified"]}
		}
		contents = append(contents, s)
	}
	body := map[string]any{"total_items": len(list), "total_pages": pages, "page_number": number, "size": len(contents),
		"first_page": number == 1, "last_page": number >= pages, "empty": len(contents) == 0, "contents": contents}
	if p.v1 {
		body = map[string]any{"totalElements": len(list), "totalPages": pages, "number": number, "size": len(contents),
			"first": number == 1, "last": number >= pages, "empty": len(contents) == 0, "content": contents}
	}
	raw, _ := json.Marshal(body)
	if p.etags {
		sum := sha256.Sum256(raw)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Write(raw)
}

// requests are those since the last call.
func (p *publisher) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// change does something to the publisher between requests.
func (p *publisher) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// someServices makes n services.
func someServices(n int) []map[string]any {
	var list []map[string]any
	for i := range n {
		list = append(list, map[string]any{
			"id": fmt.Sprintf("service-%04d", i), "name": fmt.Sprintf("Group %d", i), "status": "active",
			"last_modified": monday.AddDate(0, 0, -30).Add(time.Duration(i) * time.Hour).Format(time.RFC3339),
			"schedules":     []map[string]any{{"freq": "WEEKLY", "byday": "TU", "opens_at": "10:00", "closes_at": "12:00"}},
			"contacts":      []map[string]any{{"phones": []map[string]any{{"number": "01632 960101"}}}},
		})
	}
	return list
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// publish starts a publisher and gives its feed.
func publish(t testing.TB, p *publisher) feeds.Feed {
	t.Helper()
	p.base = "/v3/services"
	f := feeds.Feed{Name: "test", Format: sources.OpenReferral3, URL: serve(t, p) + p.base, PerPage: 10}
	if p.v1 {
		f.Format = sources.OpenReferral1
	}
	return f
}

// realServices reads the shared services.
func realServices(t testing.TB) []map[string]any {
	t.Helper()
	raw, err := os.ReadFile("../../../shared/data/derived/oruk-v3-services.json")
	if err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	var page struct {
		Contents []map[string]any `json:"contents"`
	}
	if err := json.Unmarshal(raw, &page); err != nil {
		t.Fatal(err)
	}
	return page.Contents
}

// pull pulls and must succeed.
func pull(t testing.TB, c *feeds.Client, f feeds.Feed, s feeds.State, now time.Time) (feeds.Pulled, feeds.State) {
	t.Helper()
	p, s, err := c.Pull(t.Context(), f, s, now)
	if err != nil {
		t.Fatalf("pull: %v", err)
	}
	return p, through(t, s)
}

// through takes a state through the records' form and back, as between any two pulls.
func through(t testing.TB, s feeds.State) feeds.State {
	t.Helper()
	stored, err := s.Stored("test")
	if err != nil {
		t.Fatal(err)
	}
	back, err := feeds.StateOf(stored)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// fails pulls and must fail with a sentence and without anything to take or to remove.
func fails(t testing.TB, c *feeds.Client, f feeds.Feed, s feeds.State, now time.Time, say string) feeds.State {
	t.Helper()
	p, after, err := c.Pull(t.Context(), f, s, now)
	said, _ := handrail.Sentence(err)
	if err == nil || !strings.Contains(said, say) || after.Problem != said || after.Failures != s.Failures+1 {
		t.Fatalf("pull: %v, says %q, want %q; state %+v", err, said, say, after)
	}
	if len(p.Activities)+len(p.Gone) > 0 || p.Full {
		t.Fatalf("a failed pull gives something: %+v", p)
	}
	if !after.OKAt.Equal(s.OKAt) || !after.TriedAt.Equal(now) {
		t.Fatalf("times after a failure: tried %v, went well %v", after.TriedAt, after.OKAt)
	}
	if u, perr := url.Parse(f.URL); perr == nil && u.RawQuery != "" && strings.Contains(err.Error(), u.RawQuery) {
		t.Fatalf("the error holds the query: %v", err)
	}
	return through(t, after)
}
