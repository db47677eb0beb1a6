package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/bot/web"
)

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   string
}

func do(t testing.TB, r *rig, req *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	r.ch.Handler().ServeHTTP(w, req)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func get(t testing.TB, r *rig, path string) answer {
	t.Helper()
	return do(t, r, httptest.NewRequest("GET", "http://localhost:8642"+path, nil))
}

func post(t testing.TB, r *rig, path, body string) answer {
	t.Helper()
	req := httptest.NewRequest("POST", "http://localhost:8642"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", "http://localhost:8642")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return do(t, r, req)
}

func send(t testing.TB, r *rig, body string) answer {
	t.Helper()
	return post(t, r, "/api/send", body)
}

// id makes the nth UUID.
func id(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func typed(chat string, n int, text string) string {
	raw, _ := json.Marshal(map[string]string{"chat": chat, "id": id(n), "text": text}) // strings: cannot fail
	return string(raw)
}

func pressed(chat string, n int, choice string) string {
	return fmt.Sprintf(`{"chat":%q,"id":%q,"choice":%q}`, chat, id(n), choice)
}

type state struct {
	Run     string
	Last    string
	People  []struct{ Chat, Name, Role string }
	Clock   clockAnswer
	Entries []stateEntry
}

type clockAnswer struct {
	Text  string
	Moves bool
	Next  *struct{ What, Text string }
}

type stateEntry struct {
	N, Order  int64
	Chat, ID  string
	Day, Time string
	Said      *struct {
		Kind, Text, Picked string
		On                 int64
		Answers            []struct{ Label, Value string }
	}
	Message *struct {
		Text    bot.Text
		Options []struct{ Label, Choice, Link string }
		Files   []struct {
			Name, URL, Size string
			Image           bool
		}
		Place *struct{ Where, URL string }
	}
}

func getState(t testing.TB, r *rig) state {
	t.Helper()
	a := get(t, r, "/api/state")
	var s state
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status != 200 {
		t.Fatalf("%d %v", a.status, err)
	}
	return s
}

func TestPage_Headers(t *testing.T) {
	r := newRig(t, t.TempDir())
	a := get(t, r, "/")
	csp := a.header.Get("Content-Security-Policy")
	for _, d := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
		"form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp+";", d+";") {
			t.Errorf("the policy lacks %q: %s", d, csp)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("an unsafe policy: %s", csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache", "Content-Type": "text/html; charset=utf-8"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, bad := range []string{"http://", "https://", "<style", "style=", "onclick", "<script>"} {
		if strings.Contains(a.body, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	req := httptest.NewRequest("GET", "http://localhost/", nil)
	req.Header.Set("If-None-Match", a.header.Get("ETag"))
	if again := do(t, r, req); again.status != http.StatusNotModified {
		t.Errorf("asked again: %d", again.status)
	}
	for _, path := range []string{"/nothing", "/assets/none.js", "/assets/..%2fpage.go", "/api/file?n=1&i=0", "/api/transcript?chat=x"} {
		if got := get(t, r, path); got.status != 404 || got.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// TestPage_EveryAssetIsServed: what the page names is there, and nothing that is there goes unnamed.
func TestPage_EveryAssetIsServed(t *testing.T) {
	r := newRig(t, t.TempDir())
	for path, want := range map[string]string{"app.js": "text/javascript; charset=utf-8", "chat.js": "text/javascript; charset=utf-8", "wire.js": "text/javascript; charset=utf-8",
		"message.js": "text/javascript; charset=utf-8", "form.js": "text/javascript; charset=utf-8", "check.js": "text/javascript; charset=utf-8",
		"dom.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"} {
		a := get(t, r, "/assets/"+path)
		if a.status != 200 || a.header.Get("Content-Type") != want || len(a.body) == 0 {
			t.Errorf("%s: %d %s", path, a.status, a.header.Get("Content-Type"))
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"} {
			if strings.Contains(a.body, bad) {
				t.Errorf("%s uses %s", path, bad)
			}
		}
	}
}

func TestHost_OnlyOurNames(t *testing.T) {
	st := newStage()
	ch, err := web.New(web.Options{Dir: t.TempDir(), People: people(), Practice: "hilltop", Clock: st.Now, Zone: london(t), Hosts: []string{"Demo.example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	r := &rig{ch: ch}
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8642": 200, "LOCALHOST": 200, "localhost.": 200, "127.0.0.1:1": 200, "127.9.9.9": 200, "[::1]:8642": 200, "[::1]": 200,
		"demo.example.org": 200, "demo.example.org:443": 200,
		"evil.example": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "10.0.0.1": 421, "example.org": 421, "": 421,
	} {
		for _, path := range []string{"/", "/api/state"} {
			req := httptest.NewRequest("GET", path, nil)
			req.Host = host
			if got := do(t, r, req); got.status != want {
				t.Errorf("host %q, %s: %d, want %d", host, path, got.status, want)
			}
		}
	}
}

func TestPost_OnlyFromThePage(t *testing.T) {
	r := newRig(t, t.TempDir())
	for _, path := range []string{"/api/send", "/api/clock", "/api/reset"} {
		for _, tt := range []struct {
			name, header, value string
			want                int
		}{
			{"another site", "Sec-Fetch-Site", "cross-site", 403},
			{"a neighbour", "Sec-Fetch-Site", "same-site", 403},
			{"another origin", "Origin", "http://evil.example", 403},
			{"another port", "Origin", "http://localhost:9999", 403},
			{"no origin at all", "Origin", "null", 403},
			{"a form", "Content-Type", "application/x-www-form-urlencoded", 415},
			{"plain text", "Content-Type", "text/plain", 415},
			{"no kind", "Content-Type", "", 415},
		} {
			t.Run(path+" "+tt.name, func(t *testing.T) {
				req := httptest.NewRequest("POST", "http://localhost:8642"+path, strings.NewReader(typed("gp", 1, "hello")))
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set(tt.header, tt.value)
				if got := do(t, r, req); got.status != tt.want {
					t.Errorf("%d, want %d", got.status, tt.want)
				}
			})
		}
	}
	if len(r.house.updates()) != 0 || r.stage.resets != 0 || !r.stage.Now().Equal(start) {
		t.Error("something happened all the same")
	}
}

func TestSendText(t *testing.T) {
	r := newRig(t, t.TempDir())
	if a := send(t, r, typed("gp", 1, "hello")); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	got := r.house.updates()
	if len(got) != 1 {
		t.Fatalf("%d updates", len(got))
	}
	u := got[0]
	if u.ID != id(1) || u.From != addr("gp") || u.Kind != bot.UpdateText || u.Text != "hello" || !u.At.Equal(start) {
		t.Errorf("%+v", u)
	}
	s := getState(t, r)
	// The house answered inside Deliver, before the words were written down; they stand above its answer all the same.
	if len(s.Entries) != 2 || s.Entries[0].Message == nil || s.Entries[1].Said == nil || s.Entries[1].Order >= s.Entries[0].Order {
		t.Errorf("%+v", s.Entries)
	}
	if e := s.Entries[1]; e.Said.Text != "hello" || e.Day != "Monday 2 November 2026" || e.Time != "9:00am" || e.ID != id(1) {
		t.Errorf("%+v", e)
	}
}

// TestSend_B15_Duplicate: a second try with the same id is taken and changes nothing, also after a restart.
func TestSend_B15_Duplicate(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if a := send(t, r, typed("gp", 1, "hello")); a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	wg.Wait()
	r.stop()
	if err := r.ch.Close(); err != nil {
		t.Fatal(err)
	}
	again := newRig(t, dir)
	if a := send(t, again, typed("gp", 1, "hello")); a.status != 200 || !strings.Contains(a.body, `"duplicate":true`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := send(t, again, typed("frank", 1, "hello")); a.status != 409 {
		t.Errorf("the id of another chat: %d %s", a.status, a.body)
	}
	if n := len(r.house.updates()) + len(again.house.updates()); n != 1 {
		t.Errorf("the houses saw %d updates", n)
	}
	if s := getState(t, again); len(s.Entries) != 2 {
		t.Errorf("%d entries, want the words and the answer", len(s.Entries))
	}
}

// TestSend_NotShownBeforeItIsTaken: an update that could not be committed is not on the phone, and the same id is
// delivered when it is tried again.
func TestSend_NotShownBeforeItIsTaken(t *testing.T) {
	r := newRig(t, t.TempDir())
	for _, err := range []error{errAway, handrail.Errorf(handrail.KindUnavailable, "The records are away for a moment.", "ping: %w", errAway)} {
		r.house.setAway(err)
		a := send(t, r, typed("gp", 1, "hello"))
		if a.status != 503 || a.header.Get("Retry-After") == "" {
			t.Errorf("%d %s", a.status, a.body)
		}
		if strings.Contains(a.body, "ping") || strings.Contains(a.body, "the records are away") {
			t.Errorf("the cause is shown: %s", a.body)
		}
	}
	if s := getState(t, r); len(s.Entries) != 0 {
		t.Errorf("shown all the same: %+v", s.Entries)
	}
	r.house.setAway(nil)
	if a := send(t, r, typed("gp", 1, "hello")); a.status != 200 || strings.Contains(a.body, "duplicate") {
		t.Errorf("%d %s", a.status, a.body)
	}
	r.stop()
	if a := send(t, r, typed("gp", 2, "hello")); a.status != 503 {
		t.Errorf("when Run has ended: %d", a.status)
	}
}

func TestSend_BadInputs(t *testing.T) {
	r := newRig(t, t.TempDir())
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"not JSON", "hello", 400},
		{"nothing", "", 400},
		{"two values", typed("gp", 1, "a") + typed("gp", 1, "b"), 400},
		{"an unknown key", `{"chat":"gp","id":"` + id(1) + `","text":"a","admin":true}`, 400},
		{"two things", `{"chat":"gp","id":"` + id(1) + `","text":"a","choice":"b"}`, 400},
		{"no thing", `{"chat":"gp","id":"` + id(1) + `"}`, 400},
		{"fields without a form", `{"chat":"gp","id":"` + id(1) + `","text":"a","fields":{}}`, 400},
		{"no id", `{"chat":"gp","text":"a"}`, 400},
		{"an id that is no UUID", `{"chat":"gp","id":"1; DROP TABLE","text":"a"}`, 400},
		{"nobody", typed("stranger", 1, "a"), 404},
		{"B2 empty", typed("gp", 1, ""), 422},
		{"B14 a payload longer than any", pressed("gp", 1, strings.Repeat("x", 65)), 422},
		{"an empty payload", pressed("gp", 1, ""), 422},
		{"a form that is not there", `{"chat":"gp","id":"` + id(1) + `","form":"none","fields":{}}`, 404},
		{"no place to share", `{"chat":"gp","id":"` + id(1) + `","place":true}`, 422},
		{"B1 more than 1 MB", typed("gp", 1, strings.Repeat("x", 1<<20+1)), 413},
		{"C11 more than the wire takes", typed("gp", 1, strings.Repeat("x", 2<<20)), 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := send(t, r, tt.body)
			if a.status != tt.want {
				t.Errorf("%d, want %d: %s", a.status, tt.want, a.body)
			}
			var f struct{ Say string }
			if err := json.Unmarshal([]byte(a.body), &f); err != nil || !strings.HasSuffix(f.Say, ".") {
				t.Errorf("says %q (%v)", f.Say, err)
			}
		})
	}
	if n := len(r.house.updates()); n != 0 {
		t.Errorf("%d updates were delivered", n)
	}
}

// TestSend_VerbatimTexts: what people write arrives as it is and is shown as it is (B1, B2, B3, B5, B18, B19).
func TestSend_VerbatimTexts(t *testing.T) {
	r := newRig(t, t.TempDir())
	texts := []string{
		strings.Repeat("long ", 1<<20/5), strings.Repeat("line\n", 10000), " ", "\n", "\x00", "💊🔪😭", "👨‍👩‍👧", "\u202egnp.exe", "سلام",
		"'; DROP TABLE patients; --", "%00", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd", "<script>alert(1)</script>", "</script><!--", "&lt;b&gt;", `\"`,
	}
	for i, text := range texts {
		if a := send(t, r, typed("maya", i, text)); a.status != 200 {
			t.Fatalf("%.20q: %d %s", text, a.status, a.body)
		}
	}
	var shown []string
	for _, e := range getState(t, r).Entries {
		if e.Said != nil {
			shown = append(shown, e.Said.Text)
		}
	}
	got := r.house.updates()
	for i, text := range texts {
		if got[i].Text != text || shown[i] != text {
			t.Errorf("%.20q arrived as %.20q and shows as %.20q", text, got[i].Text, shown[i])
		}
	}
	// A lone surrogate cannot be said in UTF-8; it becomes the replacement character.
	if a := send(t, r, `{"chat":"maya","id":"`+id(99)+`","text":"a\ud800b"}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if u := r.house.updates(); u[len(u)-1].Text != "a\ufffdb" {
		t.Errorf("%q", u[len(u)-1].Text)
	}
}

func TestSend_PressForm_Place(t *testing.T) {
	r := newRig(t, t.TempDir())
	send(t, r, typed("gp", 1, "what's on near LU1 2AB"))
	if a := send(t, r, pressed("gp", 2, "refer")); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	form := func(n int, fields string) string {
		return `{"chat":"gp","id":"` + id(n) + `","form":"form-1","fields":` + fields + `}`
	}
	a := send(t, r, form(3, `{"name":"A name that is much too long for the forty characters","birth_year":"1851","buddy":"maybe"}`))
	var f struct {
		Say      string
		Problems map[string]string
	}
	if err := json.Unmarshal([]byte(a.body), &f); err != nil || a.status != 422 {
		t.Fatalf("%d %v %s", a.status, err, a.body)
	}
	want := map[string]string{
		"name": "Please use 40 characters or fewer.", "birth_year": "Please write a year from 1900 to 2020.",
		"buddy": "Please pick one of the answers.", "agreed": "Please tick this box to go on.",
	}
	if fmt.Sprint(f.Problems) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", f.Problems, want)
	}
	if a := send(t, r, form(3, `{"name":"Frank","birth_year":" 1951 ","buddy":"y","agreed":"yes","smuggled":"x"}`)); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := send(t, r, `{"chat":"frank","id":"`+id(4)+`","place":true}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := send(t, r, pressed("gp", 5, "refer")); a.status != 200 { // the old button again, now two questions up
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := send(t, r, pressed("gp", 6, "forged")); a.status != 200 { // for the house to refuse
		t.Fatalf("%d %s", a.status, a.body)
	}
	got := r.house.updates()
	if u := got[1]; u.Kind != bot.UpdatePress || u.Choice != "refer" || u.Text != "" {
		t.Errorf("%+v", u)
	}
	if u := got[2]; u.Kind != bot.UpdateForm || u.Form != "form-1" || fmt.Sprint(u.Fields) != "map[agreed:yes birth_year:1951 buddy:y name:Frank]" {
		t.Errorf("%+v", u)
	}
	if u := got[3]; u.Kind != bot.UpdatePlace || *u.Near != (handrail.Point{Lat: 51.88, Lon: -0.42}) {
		t.Errorf("the place is not coarse: %+v", u.Near)
	}
	said := map[string]stateEntry{}
	for _, e := range getState(t, r).Entries {
		said[e.ID] = e
	}
	if e := said[id(2)]; e.Said.Picked != "Refer somebody" || e.Said.On != 1 {
		t.Errorf("%+v", e.Said)
	}
	if e := said[id(5)]; e.Said.On != 1 {
		t.Errorf("the old button: %+v", e.Said)
	}
	if e := said[id(6)]; e.Said.On != 0 || e.Said.Picked != "a button" {
		t.Errorf("the forged button: %+v", e.Said)
	}
	if e := said[id(3)]; fmt.Sprint(e.Said.Answers) != "[{First name Frank} {Year of birth 1951} {Would somebody to go with help? Yes} {They agree to hear from us Yes}]" {
		t.Errorf("%+v", e.Said.Answers)
	}
}

func TestFiles_NothingInThemRuns(t *testing.T) {
	r := newRig(t, t.TempDir())
	m := bot.Message{Files: []bot.File{
		{Name: "door.png", MIME: "image/png", Data: door()},
		{Name: "../../etc/evil.html", MIME: "text/html", Data: []byte("<script>alert(1)</script>")},
		{Name: "drawing.svg", MIME: "image/svg+xml", Data: []byte("<svg/>")},
		{Name: "naïve \"plan\"\r\nX: y.txt", MIME: "text/plain", Data: []byte("x")},
	}}
	if _, err := r.ch.Send(t.Context(), addr("gp"), m); err != nil {
		t.Fatal(err)
	}
	files := getState(t, r).Entries[0].Message.Files
	for i, want := range []struct {
		kind, disposition string
		image             bool
	}{
		{"image/png", "inline", true},
		{"application/octet-stream", `attachment; filename=evil.html`, false},
		{"application/octet-stream", `attachment; filename=drawing.svg`, false},
		{"application/octet-stream", `attachment; filename*=utf-8''na%C3%AFve%20%22plan%22%0D%0AX%3A%20y.txt`, false},
	} {
		a := get(t, r, files[i].URL)
		if a.status != 200 || a.body != string(m.Files[i].Data) || a.header.Get("Content-Type") != want.kind ||
			a.header.Get("Content-Disposition") != want.disposition || files[i].Image != want.image || !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %d %v", files[i].Name, a.status, a.header)
		}
	}
	for _, path := range []string{"&n=1&i=4", "&n=1&i=-1", "&n=0&i=0", "&n=2&i=0", "&n=x&i=0"} {
		if a := get(t, r, "/api/file?run="+getState(t, r).Run+path); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestSafeLink_B23(t *testing.T) {
	for link, want := range map[string]string{
		"https://example.org/a?b=c#d": "https://example.org/a?b=c#d", "http://example.org": "http://example.org", "#join=Ab-9_": "#join=Ab-9_",
		"": "", "javascript:alert(1)": "", "JaVaScRiPt:alert(1)": "", "\tjavascript:alert(1)": "", "data:text/html,x": "", "//evil.example": "", "/api/reset": "",
		"#join=": "", "#join=a b": "", "#join=" + strings.Repeat("a", 65): "", "#other": "", "mailto:a@example.org": "", "https:": "", "file:///etc/passwd": "",
	} {
		if got := web.SafeLink(link); got != want {
			t.Errorf("%q became %q, want %q", link, got, want)
		}
	}
}

func FuzzSend(f *testing.F) {
	for _, s := range []string{typed("gp", 1, "hello"), pressed("gp", 1, "x"), `{"chat":"frank","id":"` + id(1) + `","place":true}`, `{"fields":{"a":"b"},"form":"f"}`, "[", "nul", `{"chat":"gp","id":"` + id(2) + `","text":"\ud800"}`} {
		f.Add(s)
	}
	r := newRig(f, f.TempDir())
	f.Fuzz(func(t *testing.T, body string) {
		a := send(t, r, body)
		if a.status >= 500 || !json.Valid([]byte(a.body)) {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

func BenchmarkSendText(b *testing.B) {
	r := newRig(b, b.TempDir())
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if a := send(b, r, typed("gp", n, "echo")); a.status != 200 {
			b.Fatal(a.body)
		}
	}
}
