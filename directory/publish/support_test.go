package publish_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/directory/demo"
	"handrail/directory/publish"
	"handrail/directory/sources"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// shelf is a source that a test can change.
type shelf struct {
	mu   sync.Mutex
	snap publish.Snapshot
	err  error
}

func (s *shelf) Listings(context.Context) (publish.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snap, s.err
}

func (s *shelf) put(version string, all ...handrail.Activity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snap, s.err = publish.Snapshot{Version: version, Activities: all}, nil
}

type hand struct {
	mu sync.Mutex
	t  time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.t
}

func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.t = h.t.Add(d)
}

// towns knows two postcodes.
type towns struct{ err error }

func (p towns) Locate(_ context.Context, code string) (handrail.Point, bool, error) {
	switch strings.ReplaceAll(strings.ToUpper(code), " ", "") {
	case "LU11AA":
		return handrail.Point{Lat: 51.88, Lon: -0.42}, true, p.err
	case "EH66AA":
		return handrail.Point{Lat: 55.97, Lon: -3.17}, true, p.err
	}
	return handrail.Point{}, false, p.err
}

type rig struct {
	t     testing.TB
	shelf *shelf
	clock *hand
	api   *publish.Publisher
}

func newRig(t testing.TB, all ...handrail.Activity) *rig {
	t.Helper()
	r := &rig{t: t, shelf: &shelf{}, clock: &hand{t: noon}}
	r.shelf.put("1", all...)
	api, err := publish.New(publish.Options{Source: r.shelf, Clock: r.clock, Places: towns{},
		Interests: []string{"gardening", "arts_crafts"}, Needs: []string{"bereavement"}})
	if err != nil {
		t.Fatal(err)
	}
	r.api = api
	return r
}

func (r *rig) ask(method, target string, header ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.api.ServeHTTP(w, req)
	return w
}

func (r *rig) get(target string) []byte {
	r.t.Helper()
	w := r.ask(http.MethodGet, target)
	if w.Code != http.StatusOK {
		r.t.Fatalf("GET %s: %d %s", target, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

type page struct {
	TotalItems int               `json:"total_items"`
	TotalPages int               `json:"total_pages"`
	PageNumber int               `json:"page_number"`
	Size       int               `json:"size"`
	FirstPage  bool              `json:"first_page"`
	LastPage   bool              `json:"last_page"`
	Empty      bool              `json:"empty"`
	Contents   []json.RawMessage `json:"contents"`
}

func read[T any](t testing.TB, raw []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %.200s", err, raw)
	}
	return v
}

// names are the names of the services on a page, or of the services at its locations.
func names(t testing.TB, raw []byte) []string {
	t.Helper()
	out := []string{}
	for _, c := range read[page](t, raw).Contents {
		s := read[struct {
			Name    string
			Service struct{ Name string }
		}](t, c)
		out = append(out, s.Name+s.Service.Name)
	}
	return out
}

func demoGroups(t testing.TB) []handrail.Activity {
	t.Helper()
	all, err := demo.Activities(noon)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// edinburgh is 1,150 real services of a council's open data, read once: no test may change them.
func edinburgh(t testing.TB) []handrail.Activity {
	t.Helper()
	all, err := council()
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the shared data is not beside the checkout: derived/oruk-v3-services.json")
	}
	if err != nil || len(all) != 1150 {
		t.Fatalf("%d services, %v", len(all), err)
	}
	return all
}

var council = sync.OnceValues(func() ([]handrail.Activity, error) {
	f, err := os.Open(filepath.Join(shared, "derived", "oruk-v3-services.json"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := sources.Read(context.Background(), f, "oruk:edinburgh")
	return r.Activities, err
})

const shared = "../../../shared/data"

func group(id, name string) handrail.Activity {
	return handrail.Activity{ID: handrail.ActivityID(id), Source: "test", Name: name, Status: handrail.ActivityActive}
}
