package model_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail"
	"handrail/meaning"
	"handrail/meaning/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// wall is the machine's clock, for tests that measure.
type wall struct{}

func (wall) Now() time.Time { return time.Now().UTC() }

var vocabularyOnce = sync.OnceValues(func() (*meaning.Vocabulary, error) {
	return meaning.NewVocabulary("bury park", "marsh farm", "kempston", "luton", "leeds", "st helens", "beeston")
})

func vocabulary(t testing.TB) *meaning.Vocabulary {
	t.Helper()
	v, err := vocabularyOnce()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// message is a message of a question as it went over the wire.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// question is the body of a request; strict, so that a field that nobody meant to send fails the test.
type question struct {
	Model          string    `json:"model"`
	Messages       []message `json:"messages"`
	MaxTokens      int       `json:"max_tokens"`
	Temperature    float64   `json:"temperature"`
	Stream         bool      `json:"stream"`
	Seed           int       `json:"seed"`
	ResponseFormat struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Name   string          `json:"name"`
			Schema json.RawMessage `json:"schema"`
			Strict bool            `json:"strict"`
		} `json:"json_schema"`
	} `json:"response_format"`
}

// decode reads a body as a question.
func decode(t testing.TB, body []byte) question {
	t.Helper()
	var q question
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		t.Fatalf("a request holds what it must not: %v", err)
	}
	return q
}

// envelope wraps the text of an answer as an endpoint does.
func envelope(content string) string {
	raw, _ := json.Marshal(content)
	return `{"id":"x","object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":` + string(raw) + `}}],"usage":{"prompt_tokens":11,"completion_tokens":7}}`
}

// captured keeps every byte that arrived.
type captured struct {
	mu     sync.Mutex
	bodies [][]byte
}

func (c *captured) add(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies = append(c.bodies, b)
}

func (c *captured) all() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bodies
}

// serve starts an endpoint that answers a request's body with a body of its own, and keeps what arrived.
func serve(t testing.TB, answer func(body []byte) string) (url string, got *captured) {
	t.Helper()
	got = &captured{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.add(body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, answer(body))
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1", got
}

// client makes a client that is closed with the test; change may be nil.
func client(t testing.TB, url string, change func(*model.Settings)) *model.Client {
	t.Helper()
	s := model.Settings{BaseURL: url, Name: "test-model", Vocabulary: vocabulary(t), Clock: newClock(), Log: quiet(), Budget: model.NewAllowance(1<<30, 1<<30)}
	if change != nil {
		change(&s)
	}
	c, err := model.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// always answers every question with the same text.
func always(content string) func([]byte) string {
	return func([]byte) string { return envelope(content) }
}

// redact is a text that is known to be fit to send.
func redact(t testing.TB, c *model.Client, text string) model.Redacted {
	t.Helper()
	r, err := c.Redact(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return r
}

func permitted() handrail.Permission {
	return handrail.Permission{Purpose: handrail.PurposeModel, State: handrail.PermissionGiven}
}

// pairs takes a reading apart into "key=value".
func pairs(t testing.TB, u meaning.Understood) map[string]bool {
	t.Helper()
	raw, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for k, v := range object {
		if list, ok := v.([]any); ok {
			for _, one := range list {
				out[k+"="+one.(string)] = true
			}
			continue
		}
		raw, _ := json.Marshal(v)
		out[k+"="+strings.Trim(string(raw), `"`)] = true
	}
	return out
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

const unsureNote = "74F LU3, hubby passed in the spring, used to love her crochet, sits staring at four walls"
