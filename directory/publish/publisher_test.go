package publish_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/directory/publish"
)

func TestPublisher_Pages(t *testing.T) {
	var all []handrail.Activity
	for i := range 7 {
		all = append(all, group(fmt.Sprintf("00000000-0000-4000-8000-00000000000%d", i), fmt.Sprintf("Group %d", i)))
	}
	r := newRig(t, all...)
	for _, c := range []struct {
		target, names           string
		pages, number, size     int
		first, last, empty, one bool
		link                    string
	}{
		{target: "/services", names: "0123456", pages: 1, number: 1, size: 7, first: true, last: true, link: `<?page=1>; rel="first", <?page=1>; rel="last"`},
		{target: "/services/?per_page=3", names: "012", pages: 3, number: 1, size: 3, first: true, link: `<?page=1&per_page=3>; rel="first", <?page=2&per_page=3>; rel="next", <?page=3&per_page=3>; rel="last"`},
		{target: "/services?per_page=3&page=3&utm=x%20y", names: "6", pages: 3, number: 3, size: 1, last: true, link: `<?page=1&per_page=3&utm=x+y>; rel="first", <?page=2&per_page=3&utm=x+y>; rel="prev", <?page=3&per_page=3&utm=x+y>; rel="last"`},
		{target: "/services?per_page=3&page=9", names: "", pages: 3, number: 9, last: true, empty: true, link: `<?page=1&per_page=3>; rel="first", <?page=3&per_page=3>; rel="prev", <?page=3&per_page=3>; rel="last"`},
		{target: "/services?per_page=999999", names: "0123456", pages: 1, number: 1, size: 7, first: true, last: true, link: `<?page=1&per_page=999999>; rel="first", <?page=1&per_page=999999>; rel="last"`},
		{target: "/services?search=nothing", names: "", pages: 0, number: 1, first: true, last: true, empty: true, link: `<?page=1&search=nothing>; rel="first", <?page=1&search=nothing>; rel="last"`},
	} {
		w := r.ask("GET", c.target)
		p := read[page](t, w.Body.Bytes())
		got := strings.ReplaceAll(strings.Join(names(t, w.Body.Bytes()), ""), "Group ", "")
		if got != c.names || p.TotalPages != c.pages || p.PageNumber != c.number || p.Size != c.size || p.FirstPage != c.first || p.LastPage != c.last || p.Empty != c.empty {
			t.Errorf("%s: %q %+v", c.target, got, p)
		}
		if link := w.Header().Get("Link"); link != c.link {
			t.Errorf("%s: %s", c.target, link)
		}
	}
}

// per_page has a bound, however much is asked for, and minimal=true a far higher one.
func TestPublisher_PageBound(t *testing.T) {
	r := newRig(t, edinburgh(t)...)
	if p := read[page](t, r.get("/services?per_page=1000")); p.Size != 200 || p.TotalPages != 6 {
		t.Errorf("%d of %d pages", p.Size, p.TotalPages)
	}
	p := read[page](t, r.get("/services?minimal=true"))
	if p.Size != 1150 || string(p.Contents[0]) == "" || len(read[map[string]string](t, p.Contents[0])) != 2 {
		t.Errorf("%d, %s", p.Size, p.Contents[0])
	}
}

func filterable() []handrail.Activity {
	at := handrail.At
	old, lately := noon.AddDate(0, -6, 0), noon.AddDate(0, 0, -1)
	allotment := group("a", "Allotment")
	allotment.Description = "We grow beans"
	allotment.Topics = []string{"Gardening"}
	allotment.Times = []handrail.Recurrence{{Day: time.Tuesday, Start: at(10, 0), End: at(12, 0)}, {Day: time.Friday, Start: at(18, 0)}}
	allotment.Venue = handrail.Venue{Name: "Plot 3", Postcode: "LU1 1AB", At: &handrail.Point{Lat: 51.885, Lon: -0.42}}
	allotment.UpdatedAt = &old
	allotment.Organiser = handrail.Organiser{ID: "growers", Name: "The Growers"}

	youth := group("b", "Youth café")
	youth.MinAge, youth.MaxAge = 13, 18
	youth.Topics = []string{"bereavement", "Coffee & cake"}
	youth.Times = []handrail.Recurrence{{Freq: handrail.Monthly, Nth: -1, Day: time.Tuesday, Start: at(16, 30), End: at(18, 0)}}
	youth.Venue = handrail.Venue{Name: "Town Hall", Town: "Luton", At: &handrail.Point{Lat: 51.9, Lon: -0.42}}
	youth.UpdatedAt = &lately

	seniors := group("c", "Seniors")
	seniors.MinAge = 65
	seniors.Times = []handrail.Recurrence{{Day: time.Tuesday, Start: at(9, 0), End: at(10, 0), Certainty: handrail.CertaintyGuessed}, {Freq: handrail.OnDates, Also: []handrail.Date{"2026-12-02"}, Start: at(11, 0), End: at(12, 0)}}
	seniors.Venue = handrail.Venue{Name: "Somewhere"}
	seniors.For = handrail.SexWomen
	return []handrail.Activity{allotment, youth, seniors}
}

func TestPublisher_Filters(t *testing.T) {
	r := newRig(t, filterable()...)
	terms := map[string]string{}
	for _, c := range read[page](t, r.get("/taxonomy_terms")).Contents {
		x := read[struct {
			ID, Name   string
			TaxonomyID string `json:"taxonomy_id"`
			URI        string `json:"term_uri"`
		}](t, c)
		terms[x.URI], terms[x.URI+" of"] = x.ID, x.TaxonomyID
	}
	if len(terms) != 2*4 {
		t.Errorf("terms: %v", terms)
	}
	growers := read[struct{ Organization struct{ ID string } }](t, read[page](t, r.get("/services?search=allotment")).Contents[0]).Organization.ID
	for query, want := range map[string]string{
		"":                                    "Allotment, Seniors, Youth café",
		"search=BEANS":                        "Allotment",
		"search=caf%C3%A9":                    "Youth café",
		"search=luton+hall":                   "Youth café",
		"search=beans+hall":                   "",
		"search=growers":                      "Allotment",
		"minimum_age=13":                      "Seniors, Youth café",
		"minimum_age=14":                      "Seniors",
		"maximum_age=18":                      "Youth café",
		"maximum_age=17.5":                    "",
		"day=TU":                              "Allotment, Youth café",
		"day=tuesday&start_time=11:00":        "Youth café",
		"day=FR,MO":                           "Allotment",
		"day=WE":                              "Seniors",
		"start_time=17:00:00":                 "Allotment",
		"end_time=12:00":                      "Allotment, Seniors",
		"start_time=10:30&end_time=12:00":     "Seniors",
		"modified_after=2026-11-01":           "Seniors, Youth café",
		"modified_after=2026-11-21T12:00:01Z": "Seniors",
		"modified_after=2026-11-21T13:00:00+01:00":                                                                           "Seniors, Youth café",
		"taxonomy_term_id=" + terms["handrail:interest:gardening"]:                                                           "Allotment",
		"taxonomy_term_id=" + strings.ToUpper(terms["handrail:need:bereavement"]):                                            "Youth café",
		"taxonomy_term_id=" + terms["handrail:subject:coffee_&_cake"]:                                                        "Youth café",
		"taxonomy_term_id=" + terms["esdCircumstance:Gender_Female"]:                                                         "Seniors",
		"taxonomy_id=" + terms["handrail:interest:gardening of"]:                                                             "Allotment",
		"taxonomy_id=" + terms["handrail:interest:gardening of"] + "&taxonomy_term_id=" + terms["handrail:need:bereavement"]: "",
		"taxonomy_id=nobody's":                        "",
		"organization_id=" + growers:                  "Allotment",
		"organization_id=growers":                     "Allotment",
		"organization_id=others":                      "",
		"postcode=lu1+1aa&proximity=1000":             "Allotment",
		"postcode=LU11AA&proximity=3000":              "Allotment, Youth café",
		"postcode=LU1+1AA":                            "Allotment, Youth café, Seniors",
		"postcode=LU1+1AA&proximity=1000&search=hall": "",
		"unheard_of=1":                                "Allotment, Seniors, Youth café",
	} {
		for _, list := range []string{"/services", "/service_at_locations"} {
			got := names(t, r.get(list+"?"+query))
			if !strings.HasPrefix(query, "postcode") {
				slices.Sort(got) // the order is that of ids
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s?%s: %q, want %q", list, query, got, want)
			}
		}
	}
}

func TestPublisher_RefusesInWords(t *testing.T) {
	r := newRig(t, filterable()...)
	for target, status := range map[string]int{
		"/nothing": 404,
		"/services/00000000-0000-4000-8000-000000000000": 404,
		"/services/a":                                               404, // the feed's id is not ours
		"/services/a/b":                                             404,
		"/services/%2e%2e":                                          404,
		"/service_at_locations/x":                                   404,
		"/taxonomies/x":                                             404,
		"/taxonomy_terms/x":                                         404,
		"/services?page=0":                                          400,
		"/services?page=-1":                                         400,
		"/services?page=99999999999999999999":                       400,
		"/services?page=two":                                        400,
		"/services?per_page=0":                                      400,
		"/taxonomies?per_page=x":                                    400,
		"/services?minimum_age=old":                                 400,
		"/services?minimum_age=NaN":                                 400,
		"/services?maximum_age=-5":                                  400,
		"/services?start_time=25:00":                                400,
		"/services?end_time=noon":                                   400,
		"/services?day=T":                                           400,
		"/services?day=MO,,TU":                                      400,
		"/services?day=MO,TU,WE,TH,FR,SA,SU,MO":                     400,
		"/services?modified_after=yesterday":                        400,
		"/services?full=perhaps":                                    400,
		"/services?format=xml":                                      400,
		"/services?search=" + strings.Repeat("x", 201):              400,
		"/service_at_locations?proximity=100":                       400,
		"/service_at_locations?postcode=ZZ1+1ZZ":                    400,
		"/service_at_locations?postcode=" + strings.Repeat("L", 99): 400,
		"/service_at_locations?postcode=LU1+1AA&proximity=0":        400,
		"/service_at_locations?postcode=LU1+1AA&proximity=NaN":      400,
		"/service_at_locations?postcode=LU1+1AA&proximity=far":      400,
		"/services?search=" + strings.Repeat("y", 5000):             414,
	} {
		w := r.ask("GET", target)
		f := read[struct {
			Status int
			Error  string
		}](t, w.Body.Bytes())
		if w.Code != status || f.Status != status || !strings.HasSuffix(f.Error, ".") || w.Header().Get("Content-Type") != "application/json" ||
			w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Access-Control-Allow-Origin") != "*" || strings.Contains(f.Error, "%!") {
			t.Errorf("%.80s: %d %s %v", target, w.Code, w.Body, w.Header())
		}
	}
}

func TestPublisher_Methods(t *testing.T) {
	r := newRig(t, filterable()...)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE"} {
		if w := r.ask(method, "/services"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
	if w := r.ask("OPTIONS", "/services"); w.Code != 204 || w.Header().Get("Access-Control-Allow-Methods") == "" || w.Body.Len() != 0 {
		t.Errorf("OPTIONS: %d %v", w.Code, w.Header())
	}
	for _, target := range []string{"/", "/services", "/services?format=ndjson", "/services?page=0"} {
		get, head := r.ask("GET", target), r.ask("HEAD", target)
		if head.Code != get.Code || head.Body.Len() != 0 || fmt.Sprint(head.Header()) != fmt.Sprint(get.Header()) {
			t.Errorf("HEAD %s: %d %v, GET %d %v", target, head.Code, head.Header(), get.Code, get.Header())
		}
	}
}

func TestPublisher_ETag(t *testing.T) {
	r := newRig(t, filterable()...)
	tag := r.ask("GET", "/services").Header().Get("ETag")
	for _, have := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		if w := r.ask("GET", "/services", "If-None-Match", have); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("ETag") != tag || w.Header().Get("Cache-Control") == "" {
			t.Errorf("%s: %d", have, w.Code)
		}
	}
	if w := r.ask("GET", "/services?page=2", "If-None-Match", tag); w.Code != 200 {
		t.Errorf("another page: %d", w.Code)
	}
	// Another process with the same listings gives the same tag, whatever its versions are called.
	again := newRig(t)
	again.shelf.put("2026", filterable()...)
	if w := again.ask("GET", "/services", "If-None-Match", tag); w.Code != 304 {
		t.Errorf("after a restart: %d", w.Code)
	}
	changed := filterable()
	changed[0].Name = "Allotment (moved)"
	r.shelf.put("2", changed...)
	if w := r.ask("GET", "/services", "If-None-Match", tag); w.Code != 200 {
		t.Errorf("after a change: %d", w.Code)
	}
}

func TestPublisher_Lines(t *testing.T) {
	r := newRig(t, edinburgh(t)...)
	w := r.ask("GET", "/services?format=ndjson&day=TU")
	lines := strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
	want := read[page](t, r.get("/services?day=TU")).TotalItems
	if w.Header().Get("Content-Type") != "application/x-ndjson" || len(lines) != want || want < 20 {
		t.Fatalf("%d lines, want %d", len(lines), want)
	}
	for _, l := range lines {
		if s := read[struct{ ID, Name string }](t, []byte(l)); s.ID == "" || s.Name == "" {
			t.Errorf("%.100s", l)
		}
	}
}

// A feed that is down: the last good copy stays (B26).
func TestPublisher_SourceAway(t *testing.T) {
	r := newRig(t, filterable()...)
	fail := func() {
		r.shelf.mu.Lock()
		r.shelf.err = errors.New("the disk is full at /secret")
		r.shelf.mu.Unlock()
	}
	fail()
	w := r.ask("GET", "/services")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := r.ask("GET", "/"); w.Code != 200 {
		t.Errorf("/ needs no listings: %d", w.Code)
	}
	r.shelf.put("1", filterable()...)
	before := string(r.get("/services"))
	fail()
	if after := string(r.get("/services")); after != before {
		t.Error("the last good copy is not served on")
	}
}

func TestPublisher_PlacesAwayAndNone(t *testing.T) {
	shelf := &shelf{}
	shelf.put("1", filterable()...)
	var log strings.Builder
	for _, c := range []struct {
		places publish.Places
		status int
	}{{nil, 400}, {towns{err: errors.New("gone")}, 503}} {
		api, err := publish.New(publish.Options{Source: shelf, Clock: &hand{t: noon}, Places: c.places, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/service_at_locations?postcode=LU1+1AA", nil))
		if w.Code != c.status {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if strings.Contains(log.String(), "LU1") || !strings.Contains(log.String(), "gone") {
		t.Errorf("the log: %s", log.String())
	}
}

func TestPublisher_Allow(t *testing.T) {
	shelf := &shelf{}
	left := 2
	api, err := publish.New(publish.Options{Source: shelf, Clock: &hand{t: noon}, Allow: func(*http.Request) bool { left--; return left >= 0 }})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{200, 200, 429} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/services", nil))
		if w.Code != want || (want == 429) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%d, want %d", w.Code, want)
		}
	}
	if _, err := publish.New(publish.Options{Clock: &hand{}}); err == nil {
		t.Error("no source, no error")
	}
}

// A client that asks for one page after the other gets each service exactly once while listings come, change, move and go.
func TestPublisher_WalkWhileItChanges(t *testing.T) {
	var all []handrail.Activity
	for i := range 40 {
		a := group(fmt.Sprintf("g-%02d", i), fmt.Sprintf("Group %02d", i))
		a.Venue.Name = "Hall"
		all = append(all, a)
	}
	for _, list := range []string{"/services", "/service_at_locations"} {
		r := newRig(t, all...)
		seen := map[string]int{}
		now := slices.Clone(all)
		for n := 1; ; n++ {
			raw := r.get(fmt.Sprintf("%s?per_page=7&page=%d", list, n))
			for _, c := range read[page](t, raw).Contents {
				s := read[struct{ ID string }](t, c)
				seen[s.ID]++
			}
			if read[page](t, raw).LastPage {
				break
			}
			if n > 40 {
				t.Fatalf("%s has no end", list)
			}
			// Between any two pages one goes (a different one each time), one comes, and all the rest are edited and shuffled.
			now = append(now[1:], group(fmt.Sprintf("a-new-%02d", n), "New"))
			now[len(now)-1].Venue.Name = "Hall"
			slices.Reverse(now)
			for i := range now {
				now[i].Description = fmt.Sprint("edited ", n)
			}
			r.shelf.put(fmt.Sprint("after page ", n), slices.Clone(now)...)
			r.clock.move(time.Minute)
		}
		if len(seen) < 40 {
			t.Errorf("%s: %d services", list, len(seen))
		}
		for id, times := range seen {
			if times != 1 {
				t.Errorf("%s: %s came %d times", list, id, times)
			}
		}
	}
}

// What is taken away is told for a day as defunct, without a word of what it was, and then no more; put back, it is there.
func TestPublisher_Gone(t *testing.T) {
	r := newRig(t, group("keep", "Kept"), group("drop", "Dropped for good reason"))
	var id string
	for _, c := range read[page](t, r.get("/services?search=dropped")).Contents {
		id = read[struct{ ID string }](t, c).ID
	}
	r.clock.move(time.Hour)
	r.shelf.put("2", group("keep", "Kept"))
	s := string(r.get("/services/" + id))
	if want := `{"id":"` + id + `","name":"No longer listed","status":"defunct","last_modified":"2026-11-22T13:00:00Z"}` + "\n"; s != want {
		t.Errorf("%s", s)
	}
	for query, want := range map[string]int{"": 2, "modified_after=2026-11-22T12:30:00Z": 2, "modified_after=2026-11-22T13:30:00Z": 1, "search=listed": 0, "minimal=true": 2} {
		if n := read[page](t, r.get("/services?"+query)).TotalItems; n != want {
			t.Errorf("%q: %d, want %d", query, n, want)
		}
	}
	r.shelf.put("3", group("drop", "Back"), group("keep", "Kept"))
	if s := string(r.get("/services/" + id)); !strings.Contains(s, "Back") {
		t.Errorf("%s", s)
	}
	r.shelf.put("4", group("keep", "Kept"))
	r.get("/services")
	r.clock.move(26 * time.Hour)
	r.shelf.put("5", group("keep", "Kept"))
	if w := r.ask("GET", "/services/"+id); w.Code != 404 {
		t.Errorf("a day later: %d", w.Code)
	}
}

// Whatever is asked: no panic, an answer in JSON, and a status that we know.
func FuzzPublisher(f *testing.F) {
	r := newRig(f, append(filterable(), odd()...)...)
	for _, q := range []string{"page=2&per_page=1", "postcode=LU1+1AA&proximity=1e308", "day=tu,we&start_time=09:00", "modified_after=2026-01-01T00:00:00 01:00", "full=1&minimal", "%", ";", "search=%ff%00&format=ndjson", "page=1000000&per_page=2147483647"} {
		f.Add("services", q)
	}
	f.Add("taxonomies/%2f", "page=1")
	f.Fuzz(func(t *testing.T, path, query string) {
		req := httptest.NewRequest("GET", "/", nil)
		req.URL = &url.URL{Path: "/" + path, RawQuery: query}
		w := httptest.NewRecorder()
		r.api.ServeHTTP(w, req)
		switch w.Code {
		case 200, 400, 404, 414:
		default:
			t.Fatalf("%d", w.Code)
		}
		if w.Header().Get("Content-Type") == "application/json" {
			read[map[string]any](t, w.Body.Bytes())
		}
	})
}

func BenchmarkPublisher(b *testing.B) {
	all := edinburgh(b)
	for name, target := range map[string]string{
		"page of 50": "/services?per_page=50&page=7", "full page of 50": "/services?full=true&per_page=50&page=7",
		"near a postcode": "/service_at_locations?postcode=EH6+6AA&proximity=2000", "search": "/services?search=lunch", "one service": "",
	} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, all...)
			if target == "" {
				target = "/services/" + read[struct{ ID string }](b, read[page](b, r.get("/services")).Contents[0]).ID
			}
			req := httptest.NewRequest("GET", target, nil)
			b.ReportAllocs()
			for b.Loop() {
				w := &discard{header: http.Header{}}
				r.api.ServeHTTP(w, req)
				if w.status != 200 {
					b.Fatal(w.status)
				}
			}
		})
	}
	b.Run("a changed directory", func(b *testing.B) {
		r := newRig(b, all...)
		for i := 0; b.Loop(); i++ {
			r.shelf.put(fmt.Sprint(i), all...)
			r.get("/services?per_page=1")
		}
	})
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }

// However far one looks, what has no position is near nothing.
func TestPublisher_ProximityEdge(t *testing.T) {
	r := newRig(t, filterable()...)
	if got := names(t, r.get("/service_at_locations?postcode=LU1+1AA&proximity=1e308")); len(got) != 2 {
		t.Errorf("%q", got)
	}
}
