package feeds_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/directory/feeds"
	"handrail/directory/sources"
)

func TestPull_PagedV3(t *testing.T) {
	p := &publisher{services: someServices(95), modified: true}
	f := publish(t, p)
	c := newClient(t)
	got, s := pull(t, c, f, feeds.State{}, monday)
	if len(got.Activities) != 95 || !got.Full || got.Pages != 10 || got.Bytes == 0 || len(got.Notes) != 0 {
		t.Fatalf("%d activities, full %v, %d pages, %v", len(got.Activities), got.Full, got.Pages, got.Notes)
	}
	if a := got.Activities[0]; a.Source != "oruk:test" || len(a.Times) != 1 {
		t.Errorf("%+v", a)
	}
	// An hour later only what was modified is asked for.
	p.requests()
	p.change(func() { p.services[7]["last_modified"] = monday.Add(30 * time.Minute).Format(time.RFC3339) })
	got, s = pull(t, c, f, s, monday.Add(time.Hour))
	if got.Full || got.Pages != 1 || len(got.Activities) == 0 || len(got.Activities) > 3 {
		t.Errorf("%d activities, full %v", len(got.Activities), got.Full)
	}
	if asked := p.requests(); len(asked) != 1 || !strings.Contains(asked[0], "modified_after=2026-10-28T03") {
		t.Errorf("%v", asked)
	}
	// A day later every page is, since nothing else tells of deletions.
	p.change(func() { p.services = slices.Delete(p.services, 3, 5) })
	got, _ = pull(t, c, f, s, monday.Add(25*time.Hour))
	if !got.Full || len(got.Activities) != 93 {
		t.Errorf("%d activities, full %v", len(got.Activities), got.Full)
	}
}

func TestPull_FeedThatIgnoresModifiedAfter(t *testing.T) {
	p := &publisher{services: someServices(300)}
	f := publish(t, p)
	f.PerPage = 100
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	got, s := pull(t, c, f, s, monday.Add(time.Hour))
	if !s.IgnoresModified || !got.Full || len(got.Activities) != 300 {
		t.Errorf("ignores %v, full %v, %d", s.IgnoresModified, got.Full, len(got.Activities))
	}
	p.requests()
	pull(t, c, f, s, monday.Add(2*time.Hour))
	if asked := p.requests(); strings.Contains(strings.Join(asked, " "), "modified_after") {
		t.Errorf("asked again: %v", asked)
	}
}

func TestPull_Shallow(t *testing.T) {
	p := &publisher{services: someServices(45), shallow: true, single: true, modified: true}
	f := publish(t, p)
	waits := &pauses{}
	c := newClient(t, func(o *feeds.ClientOptions) { o.Wait = waits.wait })
	f.Rate = 4
	got, s := pull(t, c, f, feeds.State{}, monday)
	if len(got.Activities) != 45 || !got.Full || got.Pages != 5+45 {
		t.Fatalf("%d activities, full %v, %d pages", len(got.Activities), got.Full, got.Pages)
	}
	for i, a := range got.Activities {
		if len(a.Times) != 1 || a.Organiser.Phone == "" || string(a.ID) != fmt.Sprintf("service-%04d", i) {
			t.Fatalf("a summary in place of a service: %+v", a)
		}
	}
	if len(waits.all) != 49 || waits.longest() != 250*time.Millisecond {
		t.Errorf("%d pauses, the longest %v", len(waits.all), waits.longest())
	}
	// One that went between the list and its own page is left out; one that cannot be read is not taken to be gone.
	p.change(func() {
		p.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			switch r.URL.Path {
			case "/v3/services/service-0007":
				http.NotFound(w, r)
				return true
			case "/v3/services/service-0009":
				fmt.Fprint(w, `{"id":"another","name":"Not asked for"}`)
				return true
			}
			return false
		}
	})
	got, s2 := pull(t, c, f, s, monday.Add(26*time.Hour))
	if len(got.Activities) != 43 || got.Full || !slices.Contains(got.Gone, "service-0007") || slices.Contains(got.Gone, "service-0009") || len(got.Notes) != 1 {
		t.Errorf("%d activities, full %v, gone %v, %v", len(got.Activities), got.Full, got.Gone, got.Notes)
	}
	if len(got.Problems) == 0 || got.Problems[0].ID != "service-0009" {
		t.Errorf("%+v", got.Problems)
	}
	// Where it stays so, it does go.
	if got, _ = pull(t, c, f, s2, monday.Add(52*time.Hour)); !got.Full || len(got.Activities) != 43 {
		t.Errorf("%d activities, full %v", len(got.Activities), got.Full)
	}
	// When the services fall over one after the other, the pull fails and what we have stays.
	p.change(func() {
		p.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if strings.HasPrefix(r.URL.Path, "/v3/services/") {
				http.Error(w, "no", http.StatusForbidden)
				return true
			}
			return false
		}
	})
	fails(t, c, f, s2, monday.Add(52*time.Hour), "does not let us read it")
}

func TestPull_SummariesAreAllThereIs(t *testing.T) {
	for _, n := range []int{3, 45} {
		p := &publisher{services: someServices(n), shallow: true}
		f := publish(t, p)
		got, _ := pull(t, newClient(t), f, feeds.State{}, monday)
		if len(got.Activities) != n || !got.Full || len(got.Gone) != 0 || len(got.Notes) != 1 || got.Pages > 5+10 {
			t.Errorf("%d of %d, full %v, gone %v, %v, %d pages", len(got.Activities), n, got.Full, got.Gone, got.Notes, got.Pages)
		}
	}
}

func TestPull_BareList(t *testing.T) {
	for _, body := range []string{`[{"id":"a","name":"A","contacts":[]},{"id":"b","name":"B","contacts":[]}]`, `{"services":[{"id":"a","name":"A","contacts":[]},{"id":"b","name":"B","contacts":[]}]}`} {
		for _, perPage := range []int{1, 10} { // in the first case it gives more than was asked for, and the same again
			f := feeds.Feed{Name: "x", Format: sources.OpenReferral3, PerPage: perPage, URL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))}
			got, _ := pull(t, newClient(t), f, feeds.State{}, monday)
			if !got.Full || len(got.Activities) != 2 {
				t.Errorf("%d a page: full %v, %d", perPage, got.Full, len(got.Activities))
			}
		}
	}
}

func TestPull_B25_PagesThatRepeat(t *testing.T) {
	p := &publisher{services: someServices(95)}
	f := publish(t, p)
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	p.change(func() {
		p.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			q := r.URL.Query()
			if n := q.Get("page"); n > "3" || len(n) > 1 { // after the third comes the second, for ever
				q.Set("page", "2")
				r.URL.RawQuery = q.Encode()
			}
			return false
		}
	})
	p.requests()
	fails(t, c, f, s, monday.Add(8*24*time.Hour), "repeat")
	if n := len(p.requests()); n != 4 {
		t.Errorf("%d requests to see it", n)
	}
}

func TestPull_B25_ListThatDoesNotEnd(t *testing.T) {
	n := 0
	f := feeds.Feed{Name: "x", Format: sources.OpenReferral3, PerPage: 1, URL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		fmt.Fprintf(w, `{"contents":[{"id":"%d","name":"N","contacts":[]}],"last_page":false}`, n)
	}))}
	fails(t, newClient(t), f, feeds.State{}, monday, "does not end")
	if n > 2001 {
		t.Errorf("%d requests", n)
	}
}

func TestPull_B25_Redirects(t *testing.T) {
	hits := 0
	mux := http.NewServeMux()
	to := func(path, where string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			hits++
			w.Header().Set("Location", where)
			w.WriteHeader(http.StatusMovedPermanently)
		})
	}
	to("/self", "/self?page=1&per_page=100")
	to("/a", "/b")
	to("/b", "/a?page=1&per_page=100")
	for i := range 9 {
		to(fmt.Sprintf("/far%d", i), fmt.Sprintf("/far%d", i+1))
	}
	to("/near", "/list")
	to("/file", "file:///etc/passwd")
	to("/private", "http://169.254.169.254/latest/meta-data")
	to("/nowhere", "")
	mux.HandleFunc("/list", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[{"id":"a","name":"A","contacts":[]}]`) })
	base := serve(t, mux)
	c := newClient(t)
	for path, say := range map[string]string{"/self": "circle", "/a": "circle", "/far0": "leads on too often", "/file": "begin with https", "/private": "private network", "/nowhere": "circle"} {
		hits = 0
		fails(t, c, feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: base + path + "?key=secret"}, feeds.State{}, monday, say)
		if hits > 6 {
			t.Errorf("%s: %d requests", path, hits)
		}
	}
	if got, _ := pull(t, c, feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: base + "/near"}, feeds.State{}, monday); !got.Full {
		t.Error("a redirect was not followed")
	}
}

// The feed says "not modified" whatever happens. It is believed for a week.
func TestPull_B25_ETagLies(t *testing.T) {
	p := &publisher{services: someServices(25), etags: true}
	f := publish(t, p)
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	s.IgnoresModified = true
	honest := s
	p.change(func() {
		p.services[3]["name"] = "Renamed"
		p.services = p.services[:20]
		p.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return true
			}
			return false
		}
	})
	for day := 1; day < 7; day++ {
		var got feeds.Pulled
		if got, s = pull(t, c, f, s, monday.AddDate(0, 0, day)); len(got.Activities) != 0 || got.Full || got.Pages != 3 || !s.OKAt.Equal(monday.AddDate(0, 0, day)) {
			t.Fatalf("day %d: %+v", day, got)
		}
	}
	got, _ := pull(t, c, f, s, monday.AddDate(0, 0, 7))
	if !got.Full || len(got.Activities) != 20 || got.Activities[3].Name != "Renamed" {
		t.Errorf("after a week: full %v, %d", got.Full, len(got.Activities))
	}
	// An honest feed of which everything changed, and the next day one page: the list is read whole.
	p.change(func() { p.before = nil })
	got, honest = pull(t, c, f, honest, monday.AddDate(0, 0, 1))
	if !got.Full || len(got.Activities) != 20 {
		t.Errorf("full %v, %d", got.Full, len(got.Activities))
	}
	p.change(func() { p.services[13]["name"] = "Renamed too" })
	if got, _ = pull(t, c, f, honest, monday.AddDate(0, 0, 2)); !got.Full || len(got.Activities) != 20 || got.Activities[13].Name != "Renamed too" || got.Pages != 4 {
		t.Errorf("full %v, %d, %d pages", got.Full, len(got.Activities), got.Pages)
	}
}

func TestPull_B25_NoData(t *testing.T) {
	for body, say := range map[string]string{
		"<!DOCTYPE html><html>Database error</html>": "web page",
		"\n  <html>":                                           "web page",
		`{"error":"the database is down"}`:                     "not the data that was expected",
		`{"contents":[{"id":"a","name":"A"}`:                   "not the data that was expected",
		`{"contents":[{"id":"a","name":"A"}],"last_page":true`: "not the data that was expected",
		"":                      "not the data that was expected",
		"\x1f\x8b\x08 not gzip": "not the data that was expected",
	} {
		base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		s := feeds.State{OKAt: monday.AddDate(0, 0, -3)}
		for _, format := range []string{sources.OpenReferral3, sources.OpenReferral1, sources.RPDE} {
			after := fails(t, newClient(t), feeds.Feed{Name: "x", Format: format, URL: base + "/?key=secret"}, s, monday, say)
			fails(t, newClient(t), feeds.Feed{Name: "x", Format: format, URL: base + "/?key=secret"}, after, monday.Add(time.Hour), say)
		}
	}
	for code, say := range map[int]string{401: "does not let us", 403: "does not let us", 404: "no longer at its address", 410: "no longer", 500: "an error (500)", 503: "an error (503)", 204: "an error (204)", 429: "left alone"} {
		base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		fails(t, newClient(t), feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: base}, feeds.State{}, monday, say)
	}
}

func TestPull_AsksAgainWhenTold(t *testing.T) {
	p := &publisher{services: someServices(25)}
	f := publish(t, p)
	waits := &pauses{}
	c := newClient(t, func(o *feeds.ClientOptions) { o.Wait = waits.wait })
	p.before = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n != 2 {
			return false
		}
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	if got, _ := pull(t, c, f, feeds.State{}, monday); !got.Full || waits.longest() != 30*time.Second {
		t.Errorf("full %v, waited %v", got.Full, waits.longest())
	}
	// What takes longer is not waited for: the feed is asked again when it says, and not before.
	p.change(func() {
		p.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
	})
	s := fails(t, c, f, feeds.State{}, monday, "503")
	if !s.NotBefore.Equal(monday.Add(2 * time.Hour)) {
		t.Errorf("not before %v", s.NotBefore)
	}
}

func TestPull_B25_ExpiredCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[]`) }))
	cert, pool := certificate(t, "127.0.0.1", monday.AddDate(-2, 0, 0), monday.AddDate(-1, 0, 0))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	defer server.Close()
	f := feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: server.URL}
	fails(t, newClient(t, func(o *feeds.ClientOptions) { o.Roots = pool }), f, feeds.State{}, monday, "certificate has expired")
	fails(t, newClient(t, func(o *feeds.ClientOptions) { o.Roots = x509.NewCertPool() }), f, feeds.State{}, monday, "certificate")
}

func TestPull_B25_ListThatShrinksWhileItIsRead(t *testing.T) {
	p := &publisher{services: someServices(95)}
	f := publish(t, p)
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	p.requests()
	p.change(func() {
		p.before = func(_ http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 5 { // what moves up to page four is never seen
				p.services = slices.Delete(p.services, 0, 3)
			}
			return false
		}
	})
	got, after := pull(t, c, f, s, monday.AddDate(0, 0, 8))
	if got.Full || len(got.Activities) == 0 || len(got.Notes) == 0 || !strings.Contains(got.Notes[0], "changed while it was read") {
		t.Errorf("full %v, %d, %v", got.Full, len(got.Activities), got.Notes)
	}
	if !after.FullAt.Equal(s.FullAt) {
		t.Error("half a list counts as a whole one")
	}
	// Shorter than it says, without saying so.
	p.change(func() {
		p.before = func(_ http.ResponseWriter, r *http.Request, _ int) bool {
			if q := r.URL.Query(); q.Get("page") == "4" {
				q.Set("page", "99")
				r.URL.RawQuery = q.Encode()
			}
			return false
		}
	})
	if got, _ = pull(t, c, f, s, monday.AddDate(0, 0, 8)); got.Full || len(got.Notes) == 0 {
		t.Errorf("full %v, %v", got.Full, got.Notes)
	}
	// The next time, when it holds still, it is whole.
	p.change(func() { p.before = nil })
	if got, _ = pull(t, c, f, after, monday.AddDate(0, 0, 8)); !got.Full || len(got.Activities) != 92 {
		t.Errorf("full %v, %d", got.Full, len(got.Activities))
	}
}

func TestPull_RecordsThatBreakAreNotGone(t *testing.T) {
	p := &publisher{services: someServices(30)}
	f := publish(t, p)
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	p.change(func() { p.services[4]["name"] = "" })
	got, s := pull(t, c, f, s, monday.AddDate(0, 0, 1))
	if got.Full || len(got.Activities) != 29 || len(got.Reasons) != 1 || got.Reasons[0] != (sources.ReasonCount{Reason: "it has no name", N: 1}) {
		t.Errorf("full %v, %d, %+v", got.Full, len(got.Activities), got.Reasons)
	}
	if got, _ = pull(t, c, f, s, monday.AddDate(0, 0, 2)); !got.Full {
		t.Error("it stays broken and is still waited for")
	}
}

func TestPull_AnotherAddressBeginsAnew(t *testing.T) {
	p := &publisher{services: someServices(5), modified: true}
	f := publish(t, p)
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	f.URL += "?"
	if got, _ := pull(t, c, f, s, monday.Add(time.Hour)); !got.Full {
		t.Error("the state of one address was used for another")
	}
}

func TestPull_StopsWhenToldTo(t *testing.T) {
	p := &publisher{services: someServices(95), shallow: true, single: true}
	f := publish(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	p.before = func(_ http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 20 {
			cancel()
		}
		return false
	}
	_, s, err := newClient(t).Pull(ctx, f, feeds.State{}, monday)
	if err == nil || s.Failures != 0 || s.Problem != "" {
		t.Errorf("%v %+v", err, s)
	}
}

func TestPull_RealV3(t *testing.T) {
	for _, shallow := range []bool{false, true} {
		p := &publisher{services: realServices(t), shallow: shallow, single: true, modified: true}
		f := publish(t, p)
		f.PerPage = 100
		got, _ := pull(t, newClient(t), f, feeds.State{}, monday)
		if len(got.Activities) != 1150 || !got.Full {
			t.Fatalf("shallow %v: %d, full %v, %v", shallow, len(got.Activities), got.Full, got.Notes)
		}
		placed := 0
		for _, a := range got.Activities {
			if a.Venue.At != nil {
				placed++
			}
		}
		if placed != 1115 {
			t.Errorf("shallow %v: %d have a position", shallow, placed)
		}
	}
}

func TestPull_RealV1(t *testing.T) {
	f := feeds.Feed{Name: "v1", Format: sources.OpenReferral1, PerPage: 500, URL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := os.ReadFile("../../../shared/data/derived/oruk-v1-services-page" + r.URL.Query().Get("page") + ".json")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Write(raw)
	}))}
	if _, err := os.Stat("../../../shared/data/derived"); err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	got, s := pull(t, newClient(t), f, feeds.State{}, monday)
	ids := map[handrail.ActivityID]bool{}
	for _, a := range got.Activities {
		ids[a.ID] = true
	}
	if len(ids) != 1150 || !got.Full || got.Pages != 3 || !s.OKAt.Equal(monday) {
		t.Errorf("%d, full %v, %d pages", len(ids), got.Full, got.Pages)
	}
}
