package model_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/meaning/model"
)

// With no model configured nothing is dialled, whatever is asked, and the reading is that of the rules. The environment
// names a proxy, which is the listener of this test; a client that used the network by any way would come by.
func TestClient_M1_OffDialsNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var dials atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			dials.Add(1)
			conn.Close()
		}
	}()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "OPENAI_BASE_URL", "OPENAI_API_BASE"} {
		t.Setenv(name, "http://"+l.Addr().String())
	}
	c := client(t, "", nil)
	v := vocabulary(t)
	ctx := context.Background()
	for _, text := range []string{unsureNote, "", "xyzzy", "72F LU1 knitting", strings.Repeat("a ", 5000)} {
		r := c.Read(ctx, "gp", text)
		if want := v.Understand(text); !reflect.DeepEqual(r.Understood, want) || r.Added != nil || r.Err != nil || r.Cost.Asked {
			t.Errorf("a client that is off reads %+v and not %+v", r, want)
		}
	}
	note := redact(t, c, unsureNote)
	if _, _, err := c.Understand(ctx, "gp", note); !errors.Is(err, model.ErrOff) {
		t.Errorf("understand: %v", err)
	}
	if _, _, err := c.Summary(ctx, "lw", permitted(), []model.Redacted{note}); !errors.Is(err, model.ErrOff) {
		t.Errorf("summary: %v", err)
	}
	if _, _, err := c.Plain(ctx, "lw", model.Listing{Name: "Knit", Description: "We knit."}); !errors.Is(err, model.ErrOff) {
		t.Errorf("plain: %v", err)
	}
	if _, err := model.Evaluate(ctx, strings.NewReader(""), c); !errors.Is(err, model.ErrOff) {
		t.Errorf("evaluate: %v", err)
	}
	l.Close()
	<-done
	if n := dials.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestNew_M12_Endpoints(t *testing.T) {
	for _, row := range []struct {
		url   string
		allow []string
		ok    bool
	}{
		{"http://127.0.0.1:11434/v1", nil, true},
		{"http://localhost:8080/v1", nil, true},
		{"http://[::1]:8080/v1", nil, true},
		{"https://models.example/v1", []string{"models.example"}, true},
		{"https://MODELS.example:8443/v1", []string{"models.example"}, true},
		{"https://models.example/v1", nil, false},
		{"https://models.example.evil.example/v1", []string{"models.example"}, false},
		{"https://evil.example/models.example", []string{"models.example"}, false},
		{"http://models.example/v1", []string{"models.example"}, false},
		{"http://10.0.0.7:8080/v1", []string{"10.0.0.7"}, false},
		{"http://127.0.0.1.nip.example/v1", nil, false},
		{"http://localhost.example/v1", nil, false},
		{"https://user:secret@models.example/v1", []string{"models.example"}, false},
		{"https://models.example/v1?key=secret", []string{"models.example"}, false},
		{"ftp://127.0.0.1/", nil, false},
		{"file:///etc/passwd", nil, false},
		{"127.0.0.1:8080", nil, false},
		{"https://", nil, false},
		{"http://127.0.0.1:x/\x7fsecret", nil, false},
	} {
		c, err := model.New(model.Settings{BaseURL: row.url, Allow: row.allow, Name: "m", Vocabulary: vocabulary(t), Clock: newClock(), Log: slog.New(slog.DiscardHandler)})
		if (err == nil) != row.ok {
			t.Errorf("%s with %v: %v", row.url, row.allow, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error repeats a secret: %v", row.url, err)
		}
		if c != nil {
			c.Close()
		}
	}
	if _, err := model.New(model.Settings{BaseURL: "http://127.0.0.1/", Vocabulary: vocabulary(t), Clock: newClock(), Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a model without a name was accepted")
	}
	for name, ok := range map[string]bool{"small-instruct": true, "big:120b-cloud": false, "big:cloud": false, "cloudy": true} {
		c, err := model.New(model.Settings{BaseURL: "http://127.0.0.1:11434/v1", Name: name, Vocabulary: vocabulary(t), Clock: newClock(), Log: quiet()})
		if (err == nil) != ok {
			t.Errorf("the model %s: %v", name, err)
		}
		if c != nil {
			c.Close()
		}
	}
	if _, err := model.New(model.Settings{}); err == nil {
		t.Error("settings without anything were accepted")
	}
}

// Whatever an endpoint does wrong, the reading is that of the rules, and no word of the question or the answer is in the
// error or the log.
func TestClient_F16_WrongAnswers(t *testing.T) {
	good := `{"found":[{"key":"needs","quote":"hubby passed","value":"bereavement"}]}`
	const canary = "Zebulon"
	json200 := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
	}
	for name, row := range map[string]struct {
		h    http.HandlerFunc
		want error
	}{
		"500": {func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			w.WriteHeader(500)
			w.Write(b)
		}, model.ErrAway},
		"500 that is JSON": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, `{"error":{"message":"`+canary+`"}}`)
		}, model.ErrAway},
		"401":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401); io.WriteString(w, envelope(good)) }, model.ErrAway},
		"204":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, model.ErrAway},
		"HTML":             {json200("<html><body>" + canary + "</body></html>"), model.ErrAway},
		"nothing":          {json200(""), model.ErrAway},
		"half an envelope": {json200(envelope(good)[:80]), model.ErrAway},
		"wrong JSON":       {json200(`{"answer":"` + canary + `"}`), model.ErrAway},
		"an array":         {json200(`[1,2,3]`), model.ErrAway},
		"two choices":      {json200(strings.Replace(envelope(good), `"choices":[`, `"choices":[{"index":1,"finish_reason":"stop","message":{"role":"assistant","content":"{}"}},`, 1)), model.ErrAway},
		"10 MB":            {json200(envelope(strings.Repeat("x", 10<<20))), model.ErrAway},
		"10 MB of spaces":  {json200(strings.Repeat(" ", 10<<20) + envelope(good)), model.ErrAway},
		"10 MB of header": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			io.WriteString(w, envelope(good))
		}, model.ErrAway},
		"cut short":               {json200(strings.Replace(envelope(good), `"stop"`, `"length"`, 1)), model.ErrDiscarded},
		"filtered":                {json200(strings.Replace(envelope(good), `"stop"`, `"content_filter"`, 1)), model.ErrDiscarded},
		"a tool call":             {json200(strings.Replace(envelope(good), `"role":"assistant"`, `"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"consent","arguments":"{}"}}]`, 1)), model.ErrDiscarded},
		"an old tool call":        {json200(strings.Replace(envelope(good), `"role":"assistant"`, `"role":"assistant","function_call":{"name":"consent","arguments":"{}"}`, 1)), model.ErrDiscarded},
		"a refusal":               {json200(strings.Replace(envelope(good), `"role":"assistant"`, `"role":"assistant","refusal":"no"`, 1)), model.ErrDiscarded},
		"as the user":             {json200(strings.Replace(envelope(good), `"role":"assistant"`, `"role":"user"`, 1)), model.ErrDiscarded},
		"an empty answer":         {json200(envelope("")), model.ErrDiscarded},
		"prose":                   {json200(envelope("Certainly, " + canary + " is bereaved.")), model.ErrDiscarded},
		"prose before":            {json200(envelope("Here you are: " + good)), model.ErrDiscarded},
		"prose after":             {json200(envelope(good + "\nHope this helps " + canary)), model.ErrDiscarded},
		"a fence":                 {json200(envelope("```json\n" + good + "\n```")), model.ErrDiscarded},
		"twice":                   {json200(envelope(good + good)), model.ErrDiscarded},
		"another language":        {json200(envelope("Wdowa, lubi szydełkować")), model.ErrDiscarded},
		"a field more":            {json200(envelope(strings.Replace(good, `{"found"`, `{"consent":true,"found"`, 1))), model.ErrDiscarded},
		"a field more below":      {json200(envelope(strings.Replace(good, `"key"`, `"urgent":false,"key"`, 1))), model.ErrDiscarded},
		"a field twice":           {json200(envelope(`{"found":[],"found":[]}`)), model.ErrDiscarded},
		"a field in capitals":     {json200(envelope(strings.Replace(good, "found", "Found", 1))), model.ErrDiscarded},
		"null":                    {json200(envelope(`{"found":null}`)), model.ErrDiscarded},
		"only null":               {json200(envelope(`null`)), model.ErrDiscarded},
		"no field":                {json200(envelope(`{}`)), model.ErrDiscarded},
		"another type":            {json200(envelope(`{"found":"bereavement"}`)), model.ErrDiscarded},
		"too deep":                {json200(envelope(`{"found":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`)), model.ErrDiscarded},
		"off the list":            {json200(envelope(strings.Replace(good, `"bereavement"`, `"suicide_risk"`, 1))), model.ErrDiscarded},
		"a key off the list":      {json200(envelope(strings.Replace(good, `"needs"`, `"risk"`, 1))), model.ErrDiscarded},
		"a made-up quote":         {json200(envelope(strings.Replace(good, `hubby passed`, canary+` died`, 1))), model.ErrDiscarded},
		"too many":                {json200(envelope(`{"found":[` + strings.Repeat(`{"key":"needs","quote":"hubby passed","value":"bereavement"},`, 40) + `{"key":"needs","quote":"hubby passed","value":"bereavement"}]}`)), model.ErrDiscarded},
		"one right and one wrong": {json200(envelope(`{"found":[{"key":"needs","quote":"hubby passed","value":"bereavement"},{"key":"postcode","quote":"LU3","value":"SW1A 1AA"}]}`)), model.ErrDiscarded},
		"10 MB after it":          {json200(envelope(good) + strings.Repeat(" ", 10<<20)), model.ErrAway},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			for spaces := bytes.Repeat([]byte(" "), 64<<10); r.Context().Err() == nil; {
				if _, err := w.Write(spaces); err != nil {
					return
				}
			}
		}, model.ErrAway},
		"a redirect with an answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusTemporaryRedirect)
			io.WriteString(w, envelope(good))
		}, model.ErrAway},
		"202": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, envelope(good))
		}, model.ErrAway},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				t.Error("the redirect was followed")
			}
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, model.ErrAway},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, model.ErrAway},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked.Add(1); row.h(w, r) }))
			defer s.Close()
			var logged bytes.Buffer
			c := client(t, s.URL+"/v1", func(set *model.Settings) {
				set.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			rules := vocabulary(t).Understand(unsureNote)
			begun := time.Now()
			r := c.Read(context.Background(), "gp", unsureNote)
			if took := time.Since(begun); took > 2500*time.Millisecond {
				t.Errorf("it was listened to for %s", took)
			}
			if !errors.Is(r.Err, row.want) {
				t.Errorf("the error is %v and not %v", r.Err, row.want)
			}
			if !reflect.DeepEqual(r.Understood, rules) || len(r.Added) > 0 {
				t.Errorf("the reading is not that of the rules: %+v", r)
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("asked %d times", n)
			}
			for _, word := range []string{"hubby", "crochet", canary, "bereavement"} {
				if strings.Contains(logged.String(), word) || r.Err != nil && strings.Contains(r.Err.Error(), word) {
					t.Errorf("the log or the error tells %q: %v\n%s", word, r.Err, logged.String())
				}
			}
		})
	}
}

// A good answer of the same endpoint is used; without this the test above could not fail.
func TestClient_AddsWhatIsGrounded(t *testing.T) {
	url, got := serve(t, always(`{"found":[{"key":"needs","quote":"sits staring at four walls","value":"loneliness"},{"key":"postcode","quote":"LU3","value":"LU3"}]}`))
	c := client(t, url, nil)
	for range 3 {
		r := c.Read(context.Background(), "gp", unsureNote)
		if r.Err != nil || !pairs(t, r.Understood)["needs=loneliness"] || len(r.Added) != 1 || r.Added[0].Quote != "sits staring at four walls" {
			t.Fatalf("%+v", r)
		}
		if pairs(t, r.Rules)["needs=loneliness"] {
			t.Fatal("the rules know it by themselves now; the test needs another note")
		}
	}
	if n := len(got.all()); n != 1 {
		t.Errorf("the same note was sent %d times", n)
	}
	c.Forget()
	c.Read(context.Background(), "gp", unsureNote)
	if n := len(got.all()); n != 2 {
		t.Errorf("a forgotten answer was remembered")
	}
}

// Notes that the rules are sure of are not sent.
func TestClient_AsksOnlyWhereUnsure(t *testing.T) {
	url, got := serve(t, always(`{"found":[]}`))
	c := client(t, url, nil)
	for _, note := range []string{"72F LU1 knitting, free", "gardening near LU3", "", "   ", "walking group tuesday morning"} {
		if r := c.Read(context.Background(), "gp", note); r.Err != nil || r.Cost.Asked {
			t.Errorf("%q: %+v", note, r)
		}
	}
	if n := len(got.all()); n != 0 {
		t.Errorf("%d notes were sent", n)
	}
}

// A slow endpoint, then one that hangs, on every message: the rules' reading comes within the timeout, the breaker opens,
// and no goroutine stays behind.
func TestClient_L8_HangingEndpoint(t *testing.T) {
	release := make(chan struct{})
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		io.Copy(io.Discard, r.Body) // only then does the server see that the client went away
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(release)
	now := newClock()
	const timeout = 150 * time.Millisecond
	c := client(t, s.URL+"/v1", func(set *model.Settings) { set.Timeout, set.AtOnce, set.Clock = timeout, 4, now })
	rules := vocabulary(t).Understand(unsureNote)
	before := runtime.NumGoroutine()
	var (
		wg      sync.WaitGroup
		resting atomic.Int32
		slowest atomic.Int64
	)
	for range 200 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			begun := time.Now()
			r := c.Read(context.Background(), "gp", unsureNote)
			took := time.Since(begun)
			for old := slowest.Load(); int64(took) > old && !slowest.CompareAndSwap(old, int64(took)); old = slowest.Load() {
			}
			if !reflect.DeepEqual(r.Understood, rules) {
				t.Error("not the rules' reading")
			}
			switch {
			case errors.Is(r.Err, model.ErrResting), errors.Is(r.Err, model.ErrBusy):
				resting.Add(1)
			case !errors.Is(r.Err, model.ErrAway):
				t.Errorf("error %v", r.Err)
			}
		}()
	}
	wg.Wait()
	if n := asked.Load(); n > 8 {
		t.Errorf("the endpoint was asked %d times", n)
	}
	if resting.Load() < 190 {
		t.Errorf("only %d messages were spared", resting.Load())
	}
	if took := time.Duration(slowest.Load()); took > timeout+2*time.Second {
		t.Errorf("a message took %s", took)
	}
	// Once more in a row, so that the breaker has had enough for certain.
	for range 3 {
		c.Read(context.Background(), "gp", unsureNote)
	}
	was := asked.Load()
	if r := c.Read(context.Background(), "gp", unsureNote); !errors.Is(r.Err, model.ErrResting) || asked.Load() != was {
		t.Errorf("the breaker is closed: %v", r.Err)
	}
	c.Close()
	deadline := time.After(5 * time.Second)
	for runtime.NumGoroutine() > before+2 {
		select {
		case <-deadline:
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		default:
			runtime.Gosched()
		}
	}
}

// A caller with less patience than the client finds out as much about a hanging endpoint.
func TestClient_L8_CallersDeadlineCounts(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(release)
	c := client(t, s.URL+"/v1", nil)
	for _, want := range []error{model.ErrAway, model.ErrAway, model.ErrAway, model.ErrResting} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		if r := c.Read(ctx, "gp", unsureNote); !errors.Is(r.Err, want) {
			t.Errorf("%v, want %v", r.Err, want)
		}
		cancel()
	}
}

func TestSettings_M7_TimeoutIsCapped(t *testing.T) {
	t.Parallel()
	if model.MaxTimeout > 3*time.Second {
		t.Fatal("a question may take three seconds at most")
	}
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(release)
	c := client(t, s.URL+"/v1", func(set *model.Settings) { set.Timeout = time.Hour })
	begun := time.Now()
	r := c.Read(context.Background(), "gp", unsureNote)
	if took := time.Since(begun); !errors.Is(r.Err, model.ErrAway) || took > 4*time.Second || took < 2*time.Second {
		t.Errorf("%v after %s", r.Err, took)
	}
}

// The breaker lets one trial through after its rest, rests longer when that fails, and closes when it works. A person who
// goes away in the middle does not count.
func TestClient_M7_Breaker(t *testing.T) {
	var broken atomic.Bool
	var asked atomic.Int32
	broken.Store(true)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if broken.Load() {
			w.WriteHeader(503)
			return
		}
		io.WriteString(w, envelope(`{"found":[]}`))
	}))
	defer s.Close()
	now := newClock()
	c := client(t, s.URL+"/v1", func(set *model.Settings) { set.Clock = now })
	try := func(want error, n int32) {
		t.Helper()
		c.Forget()
		if r := c.Read(context.Background(), "gp", unsureNote); !errors.Is(r.Err, want) || asked.Load() != n {
			t.Fatalf("%v after %d questions, want %v after %d", r.Err, asked.Load(), want, n)
		}
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for range 5 {
		if r := c.Read(gone, "gp", unsureNote); !errors.Is(r.Err, context.Canceled) {
			t.Fatalf("%v", r.Err)
		}
	}
	try(model.ErrAway, 1)
	try(model.ErrAway, 2)
	try(model.ErrAway, 3)
	try(model.ErrResting, 3)
	now.advance(29 * time.Second)
	try(model.ErrResting, 3)
	now.advance(2 * time.Second)
	try(model.ErrAway, 4)
	now.advance(31 * time.Second)
	try(model.ErrResting, 4)
	now.advance(30 * time.Second)
	broken.Store(false)
	try(nil, 5)
	try(nil, 6)
}

func TestClient_M7_Budget(t *testing.T) {
	url, got := serve(t, always(`{"found":[]}`))
	now := newClock()
	c := client(t, url, func(set *model.Settings) { set.Clock, set.Budget = now, model.NewAllowance(2, 3) })
	ask := func(who string, i int, want error) {
		t.Helper()
		note := fmt.Sprintf("%d yr old lady, sits staring at four walls, LU3", 60+i)
		if r := c.Read(context.Background(), who, note); !errors.Is(r.Err, want) {
			t.Errorf("%s: %v, want %v", who, r.Err, want)
		}
	}
	ask("a", 1, nil)
	ask("a", 1, nil) // remembered, so free
	ask("a", 2, nil)
	ask("a", 3, model.ErrBudget)
	ask("b", 4, nil)
	ask("b", 5, model.ErrBudget) // everybody's
	if n := len(got.all()); n != 3 {
		t.Errorf("%d questions", n)
	}
	now.advance(-48 * time.Hour)
	ask("b", 6, model.ErrBudget)
	now.advance(72 * time.Hour)
	ask("b", 7, nil)
	// No name of who asks is sent.
	for _, body := range got.all() {
		if q := decode(t, body); q.MaxTokens != 600 {
			t.Errorf("max_tokens is %d", q.MaxTokens)
		}
	}
}

// failing is a budget whose store is away.
type failing struct{}

func (failing) Take(context.Context, string, time.Time) (bool, error) {
	return false, errors.New("away")
}

func TestClient_M7_BudgetAwayIsNoLeave(t *testing.T) {
	url, got := serve(t, always(`{"found":[]}`))
	c := client(t, url, func(set *model.Settings) { set.Budget = failing{} })
	for range 10 {
		if r := c.Read(context.Background(), "gp", unsureNote); r.Err == nil || errors.Is(r.Err, model.ErrResting) {
			t.Fatalf("%v", r.Err)
		}
	}
	if len(got.all()) != 0 {
		t.Error("it was asked without leave")
	}
}

// The memory of answers is bounded in number and in time.
func TestClient_CacheIsBounded(t *testing.T) {
	url, got := serve(t, always(`{"found":[]}`))
	now := newClock()
	c := client(t, url, func(set *model.Settings) { set.Clock = now })
	ask := func(i int) {
		t.Helper()
		note := fmt.Sprintf("%d yr old lady, sits staring at four walls, LU%d", 20+i%70, 1+i/70)
		if _, _, err := c.Understand(context.Background(), "gp", redact(t, c, note)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 513 {
		ask(i)
	}
	ask(512)
	if n := len(got.all()); n != 513 {
		t.Errorf("%d questions", n)
	}
	ask(0) // the oldest went
	if n := len(got.all()); n != 514 {
		t.Errorf("%d questions after the oldest", n)
	}
	now.advance(time.Hour)
	ask(512)
	if n := len(got.all()); n != 515 {
		t.Errorf("%d questions after an hour", n)
	}
}

// A certificate that nobody vouches for is no endpoint, on this machine either.
func TestClient_M12_CertificatesAreChecked(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	c := client(t, s.URL+"/v1", nil)
	if r := c.Read(context.Background(), "gp", unsureNote); !errors.Is(r.Err, model.ErrAway) {
		t.Errorf("%v", r.Err)
	}
}

// The key goes into the header and nowhere else, and no prompt holds it (M8).
func TestClient_M8_KeyStaysInTheHeader(t *testing.T) {
	const key = "sk-canary-key"
	var header atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if bytes.Contains(b, []byte(key)) || strings.Contains(r.URL.String(), key) {
			t.Error("the key is in the body or the address")
		}
		header.Store(r.Header.Get("Authorization"))
		w.WriteHeader(403)
		io.WriteString(w, `{"error":{"message":"bad key `+key+`"}}`)
	}))
	defer s.Close()
	var logged bytes.Buffer
	c := client(t, s.URL+"/v1", func(set *model.Settings) { set.Key, set.Log = key, slog.New(slog.NewTextHandler(&logged, nil)) })
	r := c.Read(context.Background(), "gp", unsureNote)
	if header.Load() != "Bearer "+key || r.Err == nil {
		t.Errorf("header %v, error %v", header.Load(), r.Err)
	}
	if strings.Contains(logged.String()+r.Err.Error()+fmt.Sprint(c.Prompts()), key) {
		t.Error("the key is told")
	}
}
