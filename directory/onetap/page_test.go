package onetap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
)

var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

const base = "https://handrail.example/still-on"

// desk keeps questions and listings, and takes answers as the records do: each question is settled once.
type desk struct {
	mu      sync.Mutex
	asks    map[handrail.AskID]handrail.Ask
	group   handrail.Activity
	err     error
	answers []string // what followed, once each
}

func (d *desk) Ask(_ context.Context, id handrail.AskID) (handrail.Ask, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := d.asks[id]
	if !ok {
		return a, handrail.Errorf(handrail.KindNotFound, "", "no such question")
	}
	return a, d.err
}

func (d *desk) Activity(_ context.Context, id handrail.ActivityID) (handrail.Activity, error) {
	if id != d.group.ID {
		return handrail.Activity{}, handrail.Errorf(handrail.KindNotFound, "", "no such listing")
	}
	return d.group, nil
}

func (d *desk) answer(_ context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, now time.Time) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return false, d.err
	}
	a := d.asks[id]
	if a.AnsweredAt != nil {
		return true, nil
	}
	if err := a.Settle(answer, words, now); err != nil {
		return false, err
	}
	d.asks[id] = a
	d.answers = append(d.answers, fmt.Sprintf("%s %q", answer, words))
	return false, nil
}

type hand struct{ t time.Time }

func (h *hand) Now() time.Time { return h.t }

type rig struct {
	t     testing.TB
	desk  *desk
	clock *hand
	links *Links
	page  *Page
	ask   handrail.Ask
	log   strings.Builder
	token string
}

func newRig(t testing.TB) *rig {
	t.Helper()
	ask := handrail.Ask{ID: handrail.NewAskID("gardeners", "2026-11-23"), Activity: "gardeners", Practice: "hatters", AskedAt: noon, Link: true}
	r := &rig{t: t, clock: &hand{noon.Add(time.Hour)}, ask: ask, desk: &desk{asks: map[handrail.AskID]handrail.Ask{ask.ID: ask}, group: handrail.Activity{
		ID: "gardeners", Name: "Tuesday Gardeners", Sensitive: true, Status: handrail.ActivityActive, WhenText: "Tuesdays, more or less",
		Times: []handrail.Recurrence{{Day: time.Tuesday, Start: handrail.At(10, 0), End: handrail.At(12, 0)}, {Day: time.Friday, Start: handrail.At(3, 0), Certainty: handrail.CertaintyGuessed}},
		Venue: handrail.Venue{Name: "The Walled Garden", Street: "Farley Ride", Town: "Luton", Postcode: "LU1 4BH"},
	}}}
	var err error
	if r.links, err = NewLinks([]byte(strings.Repeat("k", 32)), base); err != nil {
		t.Fatal(err)
	}
	r.page, err = New(Options{Links: r.links, Records: r.desk, Answer: r.desk.answer, Clock: r.clock, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
		Asker: func(p handrail.PracticeID) string {
			return map[handrail.PracticeID]string{"hatters": "Hatters Surgery"}[p]
		}})
	if err != nil {
		t.Fatal(err)
	}
	address, err := r.links.Address(ask)
	if err != nil {
		t.Fatal(err)
	}
	r.token = strings.TrimPrefix(address, base)
	return r
}

func (r *rig) send(method, path, kind, body string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequest(method, "/", strings.NewReader(body))
	req.URL = &url.URL{Path: path}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	r.page.ServeHTTP(w, req)
	return w
}

const formKind = "application/x-www-form-urlencoded"

func (r *rig) get() *httptest.ResponseRecorder { return r.send("GET", r.token, "", "") }

func (r *rig) post(body string) *httptest.ResponseRecorder {
	return r.send("POST", r.token, formKind, body)
}

func has(t *testing.T, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%d, want %d: %s", w.Code, status, w.Body)
	}
	for _, s := range words {
		if !strings.Contains(w.Body.String(), s) {
			t.Errorf("no %q in %s", s, w.Body)
		}
	}
}

// Scanners and previews open links: that changes nothing, however often.
func TestPage_LookingChangesNothing(t *testing.T) {
	r := newRig(t)
	for range 3 {
		has(t, r.get(), 200, "<h1>Is Tuesday Gardeners still on?</h1>", "<li>Tuesdays, 10am to 12 noon</li>", "<li>The Walled Garden, Farley Ride, Luton, LU1 4BH</li>", "Hatters Surgery asks",
			`value="yes"`, `value="paused"`, `value="changed"`, `value="closed"`)
		if strings.Contains(r.get().Body.String(), "3am") {
			t.Error("a guessed time is told as a fact")
		}
		head := r.send("HEAD", r.token, "", "")
		if get := r.get(); head.Code != 200 || head.Body.Len() != 0 || fmt.Sprint(head.Header()) != fmt.Sprint(get.Header()) {
			t.Errorf("HEAD: %d, %v", head.Code, head.Header())
		}
	}
	req := httptest.NewRequest("GET", "/", nil)
	req.URL = &url.URL{Path: r.token, RawQuery: "answer=closed"}
	r.page.ServeHTTP(httptest.NewRecorder(), req)
	if len(r.desk.answers) != 0 {
		t.Errorf("%q", r.desk.answers)
	}
}

func TestPage_Answers(t *testing.T) {
	for body, want := range map[string]struct{ done, told string }{
		"answer=yes":                                {`yes ""`, "it is still on."},
		"answer=paused&words=ignored":               {`paused ""`, "it is still on, with no new people for now."},
		"answer=closed":                             {`closed ""`, "it has closed."},
		"answer=changed&words=Now+at+2pm%0D%0Abye ": {`changed "Now at 2pm\nbye"`, "something has changed."},
		"answer=changed&words=%E2%80%AEx%00%FFy":    {`changed "xy"`, "something has changed."},
		"answer=changed&words=" + url.QueryEscape(strings.Repeat("é", 500)): {fmt.Sprintf("changed %q", strings.Repeat("é", 500)), "something has changed."},
	} {
		r := newRig(t)
		w := r.post(body)
		if w.Code != 303 || w.Header().Get("Location") != "."+r.token {
			t.Errorf("%.40s: %d %v", body, w.Code, w.Header())
		}
		has(t, r.get(), 200, "Thank you", "We have your answer: "+want.told)
		// Pressed again, sent again, or by somebody else with the link: once.
		has(t, r.post("answer=closed"), 409, "Thank you", "answered before, so nothing was changed just now", want.told)
		if len(r.desk.answers) != 1 || r.desk.answers[0] != want.done {
			t.Errorf("%.40s: %q", body, r.desk.answers)
		}
		if strings.Contains(r.get().Body.String(), "2pm") {
			t.Error("the words of the answer are shown to whoever has the link")
		}
	}
}

// Only the form counts: what a link carries behind its path answers nothing.
func TestPage_QueryIsNoAnswer(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		query, body string
		want        int
	}{
		{"answer=closed", "", 400},
		{"answer=closed&words=x", "answer=yes", 303}, // it uses the link up
	} {
		req := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		req.URL = &url.URL{Path: r.token, RawQuery: c.query}
		req.Header.Set("Content-Type", formKind)
		w := httptest.NewRecorder()
		r.page.ServeHTTP(w, req)
		if w.Code != c.want {
			t.Errorf("%q: %d", c.body, w.Code)
		}
	}
	if len(r.desk.answers) != 1 || r.desk.answers[0] != `yes ""` {
		t.Errorf("%q", r.desk.answers)
	}
}

// Two presses at once: one is taken, the other is told so.
func TestPage_AtOnce_B13(t *testing.T) {
	r := newRig(t)
	codes := make(chan int, 20)
	var all sync.WaitGroup
	for range cap(codes) {
		all.Go(func() { codes <- r.post("answer=yes").Code })
	}
	all.Wait()
	close(codes)
	count := map[int]int{}
	for c := range codes {
		count[c]++
	}
	if count[303] != 1 || count[409] != 19 || len(r.desk.answers) != 1 {
		t.Errorf("%v, %q", count, r.desk.answers)
	}
}

func TestPage_WordsAreNeeded(t *testing.T) {
	r := newRig(t)
	for _, body := range []string{"answer=changed", "answer=changed&words=+%0A+", "answer=changed&words=%00"} {
		has(t, r.post(body), 422, "Please write what has changed", `aria-invalid="true"`, "<details open>")
	}
	long := strings.Repeat("<b>&", 126)
	has(t, r.post("answer=changed&words="+url.QueryEscape(long)), 422, "too long", strings.Repeat("&lt;b&gt;&amp;", 126)+"</textarea>")
	if len(r.desk.answers) != 0 {
		t.Errorf("%q", r.desk.answers)
	}
}

func TestPage_BadRequests(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		method, kind, body string
		status             int
	}{
		{"POST", "", "answer=yes", 415},
		{"POST", "application/json", `{"answer":"yes"}`, 415},
		{"POST", "multipart/form-data; boundary=x", "--x--", 415},
		{"POST", formKind + "; charset=utf-8", "answer=maybe", 400},
		{"POST", formKind, "", 400},
		{"POST", formKind, "answer=yes&answer=closed", 400},
		{"POST", formKind, "answer=%zz", 400},
		{"POST", formKind, "answer=changed&words=" + strings.Repeat("x", 9<<10), 413},
		{"PUT", formKind, "answer=yes", 405},
		{"DELETE", "", "", 405},
		{"OPTIONS", "", "", 405},
		{"get", "", "", 405},
	} {
		w := r.send(c.method, r.token, c.kind, c.body)
		has(t, w, c.status, "<h1>")
		if (c.status == 405) != (w.Header().Get("Allow") == "GET, HEAD, POST") {
			t.Errorf("%s: %v", c.method, w.Header())
		}
	}
	if len(r.desk.answers) != 0 {
		t.Errorf("%q", r.desk.answers)
	}
}

// Every link that cannot be used shows the same page, to the byte: nobody learns which guess was near.
func TestPage_NoOracle_B14(t *testing.T) {
	r := newRig(t)
	good, err := r.links.Address(r.ask)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewLinks([]byte(strings.Repeat("j", 32)), base)
	if err != nil {
		t.Fatal(err)
	}
	forged, _ := other.Address(r.ask)
	late, _ := r.links.Address(handrail.Ask{ID: r.ask.ID, AskedAt: noon.Add(-Life)})
	unknown, _ := r.links.Address(handrail.Ask{ID: handrail.NewAskID("others", "2026-11-23"), AskedAt: noon})
	path := func(address string) string { return strings.TrimPrefix(address, base) }
	var first string
	for name, p := range map[string]string{
		"none": "/", "root": "", "word": "/hello", "slash": path(good) + "/", "twice": path(good) + path(good), "cut": path(good)[:30], "padded": path(good) + "=",
		"space": path(good) + " ", "forged": path(forged), "late": path(late), "unknown": path(unknown), "huge": "/" + strings.Repeat("A", 100_000), "dots": "/../" + path(good),
	} {
		for _, method := range []string{"GET", "POST"} {
			w := r.send(method, p, formKind, "answer=closed")
			if w.Code != 404 {
				t.Errorf("%s %s: %d", method, name, w.Code)
			}
			got := fmt.Sprint(w.Header(), w.Body)
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s %s differs:\n%s\n%s", method, name, got, first)
			}
		}
	}
	if len(r.desk.answers) != 0 {
		t.Errorf("%q", r.desk.answers)
	}
	// A listing that is there no more.
	r.desk.group.ID = "another"
	if w := r.get(); fmt.Sprint(w.Header(), w.Body) != first {
		t.Errorf("a lost listing: %d", w.Code)
	}
}

// Whatever a listing is called, and whatever is typed, it does nothing in the page (B18, B19).
func TestPage_Escapes_B19(t *testing.T) {
	r := newRig(t)
	r.desk.group.Name = `<script>alert(1)</script>{{.W}}`
	r.desk.group.Venue.Name = `"><img src=x onerror=alert(2)>`
	for _, w := range []*httptest.ResponseRecorder{r.get(), r.post("answer=changed&words=" + url.QueryEscape("</textarea><script>"+strings.Repeat("x", 500)))} {
		if body := w.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, "<img") || strings.Count(body, "</textarea>") != 1 || !strings.Contains(body, "&lt;script&gt;alert(1)&lt;/script&gt;{{.W}}") {
			t.Error(body)
		}
	}
}

func TestPage_Headers(t *testing.T) {
	r := newRig(t)
	for _, w := range []*httptest.ResponseRecorder{r.get(), r.post("answer=yes"), r.get(), r.send("GET", "/x", "", ""), r.send("PUT", "/x", "", "")} {
		h := w.Header()
		if h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("X-Frame-Options") != "DENY" || h.Get("X-Robots-Tag") != "noindex, nofollow" || len(h.Values("Set-Cookie")) > 0 {
			t.Errorf("%d: %v", w.Code, h)
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'sha256-"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%q lacks %s", csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
			t.Error(csp)
		}
	}
	for _, outside := range []string{"http:", "https:", "src=", "url(", "@import", r.token[1:]} {
		if strings.Contains(r.get().Body.String(), outside) {
			t.Errorf("the page holds %q", outside)
		}
	}
}

func TestPage_RecordsAway(t *testing.T) {
	r := newRig(t)
	r.desk.err = errors.New("the disk is full")
	for _, w := range []*httptest.ResponseRecorder{r.get(), r.post("answer=yes")} {
		has(t, w, 503, "Nothing was changed", "<h1>Please try again</h1>")
		if w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%v %s", w.Header(), w.Body)
		}
	}
	if l := r.log.String(); !strings.Contains(l, "disk") || strings.Contains(l, r.token[1:]) || strings.Contains(l, "Gardeners") {
		t.Errorf("the log: %s", l)
	}
	r.desk.err = nil
	if w := r.post("answer=yes"); w.Code != 303 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

// What the records call a conflict is an answer that came before.
func TestPage_Conflict(t *testing.T) {
	r := newRig(t)
	r.page.o.Answer = func(ctx context.Context, id handrail.AskID, _ handrail.AskAnswer, _ string, now time.Time) (bool, error) {
		if _, err := r.desk.answer(ctx, id, handrail.AskYes, "", now); err != nil {
			return false, err
		}
		return false, handrail.Errorf(handrail.KindConflict, "", "somebody was quicker")
	}
	has(t, r.post("answer=closed"), 409, "it is still on")
}

func TestPage_Allow(t *testing.T) {
	r := newRig(t)
	r.page.o.Allow = func(*http.Request) bool { return false }
	w := r.post("answer=yes")
	has(t, w, 429, "wait")
	if w.Header().Get("Retry-After") == "" || len(r.desk.answers) != 0 {
		t.Errorf("%v %q", w.Header(), r.desk.answers)
	}
}

func TestPage_When(t *testing.T) {
	r := newRig(t)
	r.desk.group.Times = r.desk.group.Times[1:] // the guess alone
	has(t, r.get(), 200, "<li>Tuesdays, more or less</li>")
	r.desk.group.WhenText, r.desk.group.Venue = "", handrail.Venue{}
	if body := r.get().Body.String(); strings.Contains(body, "<ul") || strings.Contains(body, "not said") {
		t.Error(body)
	}
	r.page.o.Asker = nil
	has(t, r.get(), 200, "Your local surgery asks")
}

func TestNew_Needs(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("nothing given, no error")
	}
}

func BenchmarkPage(b *testing.B) {
	r := newRig(b)
	req := httptest.NewRequest("GET", r.token, nil)
	for b.Loop() {
		w := httptest.NewRecorder()
		r.page.ServeHTTP(w, req)
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
		_, _ = io.Copy(io.Discard, w.Body)
	}
}
