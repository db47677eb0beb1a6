package feeds_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/directory/feeds"
	"handrail/directory/sources"
)

// stream serves items as an RPDE feed does: in the order of modified, then id.
type stream struct {
	items   []rpdeItem
	perPage int
	asked   []string
	before  func(w http.ResponseWriter, r *http.Request, n int) bool
}

type rpdeItem struct {
	State    string          `json:"state"`
	Kind     string          `json:"kind"`
	ID       string          `json:"id"`
	Modified int64           `json:"modified"`
	Data     json.RawMessage `json:"data,omitempty"`
}

func (s *stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.URL.RequestURI())
	if s.before != nil && s.before(w, r, len(s.asked)) {
		return
	}
	q := r.URL.Query()
	var after int64
	fmt.Sscan(q.Get("afterTimestamp"), &after)
	var page []rpdeItem
	for _, i := range s.items {
		if (i.Modified > after || i.Modified == after && i.ID > q.Get("afterId")) && len(page) < s.perPage {
			page = append(page, i)
		}
	}
	next := "http://" + r.Host + r.URL.RequestURI()
	if n := len(page); n > 0 {
		next = fmt.Sprintf("http://%s%s?afterTimestamp=%d&afterId=%s", r.Host, r.URL.Path, page[n-1].Modified, page[n-1].ID)
	}
	if page == nil {
		page = []rpdeItem{}
	}
	json.NewEncoder(w).Encode(map[string]any{"next": next, "items": page, "license": "https://creativecommons.org/licenses/by/4.0/"})
}

// put is a change at the publisher's.
func (s *stream) put(i rpdeItem) {
	s.items = slices.DeleteFunc(s.items, func(o rpdeItem) bool { return o.ID == i.ID && o.Kind == i.Kind })
	s.items = append(s.items, i)
	slices.SortFunc(s.items, func(a, b rpdeItem) int {
		if a.Modified != b.Modified {
			return int(a.Modified - b.Modified)
		}
		return strings.Compare(a.ID, b.ID)
	})
}

func seriesItem(n int, modified int64) rpdeItem {
	return rpdeItem{"updated", "SessionSeries", fmt.Sprintf("series-%03d", n), modified, json.RawMessage(fmt.Sprintf(`{"@type":"SessionSeries","@id":"https://p.example/series-%03d","name":"Series %d","ageRange":{"minValue":16}}`, n, n))}
}

func sessionItem(n int, modified int64) rpdeItem {
	return rpdeItem{"updated", "ScheduledSession", fmt.Sprintf("session-%03d", n), modified, json.RawMessage(fmt.Sprintf(
		`{"@type":"ScheduledSession","superEvent":"https://p.example/series-%03d","startDate":"2026-12-%02dT10:00:00Z","duration":"PT1H","remainingAttendeeCapacity":%d}`, n, n%28+1, n))}
}

// pair is a publisher with its two feeds.
func pair(t testing.TB, n int) (series, sessions *stream, f feeds.Feed) {
	t.Helper()
	series, sessions = &stream{perPage: 7}, &stream{perPage: 5}
	for i := range n {
		series.put(seriesItem(i, int64(1000+i/3))) // three share a time, so that afterId counts
		sessions.put(sessionItem(i, int64(2000+i/3)))
	}
	return series, sessions, feeds.Feed{Name: "leisure", Format: sources.RPDE, URL: serve(t, series) + "/series", Sessions: serve(t, sessions) + "/sessions"}
}

func TestPull_RPDE_Pair(t *testing.T) {
	series, sessions, f := pair(t, 30)
	c := newClient(t)
	got, s := pull(t, c, f, feeds.State{}, monday)
	if !got.Full || len(got.Activities) != 30 || got.License == "" || len(got.Places) != 30 || got.Activities[29].Source != "rpde:leisure" {
		t.Fatalf("full %v, %d", got.Full, len(got.Activities))
	}
	for _, a := range got.Activities {
		if len(a.Times) != 1 || a.Times[0].Freq != handrail.OnDates {
			t.Fatalf("a series without its session: %+v", a)
		}
	}
	series.asked, sessions.asked = nil, nil
	got, s = pull(t, c, f, s, monday.Add(time.Hour))
	if got.Full || len(got.Activities)+len(got.Gone) != 0 || len(series.asked)+len(sessions.asked) != 2 {
		t.Errorf("nothing happened: %+v, asked %v %v", got, series.asked, sessions.asked)
	}
	series.put(rpdeItem{State: "deleted", Kind: "SessionSeries", ID: "series-004", Modified: 5000})
	series.put(seriesItem(40, 5001))
	sessions.put(sessionItem(40, 5000))
	sessions.put(rpdeItem{State: "deleted", Kind: "ScheduledSession", ID: "session-009", Modified: 5001})
	got, _ = pull(t, c, f, s, monday.Add(2*time.Hour))
	if got.Full || len(got.Activities) != 2 || !slices.Equal(got.Gone, []handrail.ActivityID{"series-004"}) {
		t.Errorf("%+v", got)
	}
}

// It resumes after any page: the connection breaks after each request in turn, and what is listed at the end is the same.
func TestPull_RPDE_ResumesAfterEachPage(t *testing.T) {
	for broken := 1; broken <= 12; broken++ {
		series, sessions, f := pair(t, 30)
		n := 0
		at := broken
		breaks := func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			if n++; n == at { // in the middle of an answer
				fmt.Fprint(w, `{"items":[`)
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
			return false
		}
		series.before, sessions.before = breaks, breaks
		c := newClient(t)
		s := fails(t, c, f, feeds.State{}, monday, "")
		before := len(series.asked) + len(sessions.asked)
		got, s := pull(t, c, f, s, monday.Add(time.Hour))
		if !got.Full || len(got.Activities) != 30 {
			t.Fatalf("broken at %d: full %v, %d", broken, got.Full, len(got.Activities))
		}
		if again := len(series.asked) + len(sessions.asked) - before; broken > 2 && again > 13-broken+2 {
			t.Errorf("broken at %d: %d pages read again", broken, again)
		}
		// Once it is whole, what comes before a break is given although the pull fails.
		for i := range 8 {
			series.put(seriesItem(100+i, int64(9000+i)))
		}
		n, at = 0, 2
		part, s, err := c.Pull(t.Context(), f, s, monday.Add(2*time.Hour))
		if err == nil || len(part.Activities) != 7 || part.Full {
			t.Fatalf("%v: %d", err, len(part.Activities))
		}
		if rest, _ := pull(t, c, f, through(t, s), monday.Add(3*time.Hour)); len(rest.Activities) != 1 {
			t.Errorf("the rest: %d", len(rest.Activities))
		}
	}
}

func TestPull_RPDE_AwayTooLong(t *testing.T) {
	series, _, f := pair(t, 10)
	c := newClient(t)
	_, s := pull(t, c, f, feeds.State{}, monday)
	series.items = slices.DeleteFunc(series.items, func(i rpdeItem) bool { return i.ID == "series-003" }) // deleted, and the deletion forgotten
	if got, _ := pull(t, c, f, s, monday.Add(6*24*time.Hour)); got.Full {
		t.Error("it started again too early")
	}
	got, _ := pull(t, c, f, s, monday.Add(7*24*time.Hour+time.Minute))
	if !got.Full || len(got.Activities) != 9 {
		t.Errorf("full %v, %d", got.Full, len(got.Activities))
	}
}

func TestPull_RPDE_GoneIsNotAskedAgain(t *testing.T) {
	for _, code := range []int{404, 410} {
		series, _, f := pair(t, 10)
		c := newClient(t)
		_, s := pull(t, c, f, feeds.State{}, monday)
		series.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool { w.WriteHeader(code); return true }
		series.asked = nil
		s = fails(t, c, f, s, monday.Add(time.Hour), "no longer at its address") // the page where we were
		if s.Stopped {
			t.Fatal("stopped before the first page was asked for")
		}
		s = fails(t, c, f, s, monday.Add(2*time.Hour), "no longer at its address") // the first page
		if !s.Stopped {
			t.Fatal("not stopped")
		}
		fails(t, c, f, s, monday.Add(3*time.Hour), "no longer at its address")
		if len(series.asked) != 2 || series.asked[0] == series.asked[1] {
			t.Errorf("asked %v", series.asked)
		}
		series.before = nil
		f.URL += "?moved=1"
		if got, s := pull(t, c, f, s, monday.Add(4*time.Hour)); !got.Full || s.Stopped {
			t.Error("another address is not asked")
		}
	}
}

func TestPull_RPDE_BadNext(t *testing.T) {
	for name, c := range map[string]struct{ next, say string }{
		"to itself with items": {"/series", "circle"},
		"to another host":      {"http://127.0.0.2/series?x=1", "another site"},
		"to a private host":    {"http://169.254.169.254/", "another site"},
		"to a file":            {"file:///etc/passwd", "https://"},
		"no address":           {"http://[", "cannot be read"},
		"none":                 {"", "not the data"},
	} {
		raw, _ := json.Marshal(map[string]any{"next": c.next, "items": []any{seriesItem(1, 1)}})
		base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(raw) }))
		t.Run(name, func(t *testing.T) {
			fails(t, newClient(t), feeds.Feed{Name: "x", Format: sources.RPDE, URL: base + "/series"}, feeds.State{}, monday, c.say)
		})
	}
	// A circle of three pages.
	n := 0
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		fmt.Fprintf(w, `{"next":"/series?p=%d","items":[]}`, n%3)
	}))
	fails(t, newClient(t), feeds.Feed{Name: "x", Format: sources.RPDE, URL: base + "/series?p=0"}, feeds.State{}, monday, "circle")
	if n > 4 {
		t.Errorf("%d pages", n)
	}
}

// The four real pages, as a feed serves them: the third changes what the first two said.
func TestPull_RPDE_RealPages(t *testing.T) {
	f, asked := realFeed(t)
	c := newClient(t)
	got, s := pull(t, c, f, feeds.State{}, time.Date(2014, 9, 8, 0, 0, 0, 0, time.UTC))
	if !got.Full || len(got.Activities) != 359 || got.Pages != 4 || len(got.Reasons) != 0 || !strings.Contains(got.License, "open-government") {
		t.Fatalf("full %v, %d of 359, %d pages, %+v", got.Full, len(got.Activities), got.Pages, got.Reasons)
	}
	*asked = nil
	got, _ = pull(t, c, f, s, time.Date(2014, 9, 8, 1, 0, 0, 0, time.UTC))
	if len(got.Activities)+len(got.Gone) != 0 || len(*asked) != 1 || !strings.Contains((*asked)[0], "afterId=f52e1e79") {
		t.Errorf("%d, asked %v", len(got.Activities), *asked)
	}
}

// realFeed serves the shared pages: each under the address that the one before it names.
func realFeed(t testing.TB) (feeds.Feed, *[]string) {
	t.Helper()
	pages := map[string]string{}
	key := ""
	for _, n := range []string{"1", "2", "3", "4-last"} {
		raw, err := os.ReadFile("../../../shared/data/derived/openactive-rpde-page" + n + ".json")
		if err != nil {
			t.Skipf("the shared data are not beside the repository: %v", err)
		}
		pages[key] = string(raw)
		var page struct{ Next string }
		if err := json.Unmarshal(raw, &page); err != nil {
			t.Fatal(err)
		}
		_, key, _ = strings.Cut(page.Next, "?")
	}
	asked := &[]string{}
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.RawQuery)
		page, ok := pages[r.URL.RawQuery]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(page, "https://example.org/edinburgh-leisure/rpde/session-series?", "http://"+r.Host+"/series?"))
	}))
	return feeds.Feed{Name: "edinburgh-leisure", Format: sources.RPDE, URL: base + "/series"}, asked
}
