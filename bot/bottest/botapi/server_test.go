package botapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/bot/bottest/botapi"
)

// witness is a test that only notes what was said against the bot.
type witness struct {
	mu   sync.Mutex
	said []string
}

func (*witness) Helper() {}
func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *witness) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.said)
}

type answer struct {
	OK          bool
	Result      json.RawMessage
	Code        int `json:"error_code"`
	Description string
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		Migrated   int64 `json:"migrate_to_chat_id"`
	}
}

func call(t *testing.T, s *botapi.Server, method, body string) answer {
	t.Helper()
	return post(t, s.URL()+"/bot"+s.Token()+"/"+method, "application/json", strings.NewReader(body))
}

func post(t *testing.T, address, kind string, body io.Reader) answer {
	t.Helper()
	resp, err := http.Post(address, kind, body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a answer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	if !a.OK && a.Code != resp.StatusCode {
		t.Errorf("answered %d and says %d", resp.StatusCode, a.Code)
	}
	return a
}

func newServer(t *testing.T, o botapi.Options) (*botapi.Server, *witness) {
	w := &witness{}
	s := botapi.New(w, o)
	t.Cleanup(s.Close)
	s.Person(1)
	return s, w
}

// What Telegram refuses is refused as Telegram does it; what no careful bot does is also held against the bot.
func TestCalls(t *testing.T) {
	key := func(buttons string) string {
		return `{"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[` + buttons + `]]}}`
	}
	tests := []struct {
		name, method, body string
		code               int // 0: it is fine
		has                string
		held               bool // against the bot
	}{
		{name: "fine", method: "sendMessage", body: `{"chat_id": 1, "text": "x"}`},
		{name: "fine with everything", method: "sendMessage", body: `{"chat_id": 1, "text": "<b>x</b> &lt;", "parse_mode": "HTML", "link_preview_options": {"is_disabled": true}, "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b", "style": "danger"}, {"text": "a", "url": "https://x.example"}]]}}`},
		{name: "unknown method", method: "sendThought", body: `{}`, code: 404, held: true},
		{name: "unknown parameter", method: "sendMessage", body: `{"chat_id": 1, "text": "x", "txet": "y"}`, code: 400, held: true},
		{name: "missing parameter", method: "sendMessage", body: `{"chat_id": 1}`, code: 400, held: true},
		{name: "wrong type", method: "sendMessage", body: `{"chat_id": 1, "text": 5}`, code: 400, held: true},
		{name: "wrong type within", method: "sendMessage", body: `{"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": "yes"}}`, code: 400, held: true},
		{name: "unknown field within", method: "sendMessage", body: key(`{"text": "a", "callback_data": "b", "colour": "red"}`), code: 400, held: true},
		{name: "not one of the words", method: "sendMessage", body: `{"chat_id": 1, "text": "x", "parse_mode": "Html"}`, code: 400, held: true},
		{name: "not JSON", method: "sendMessage", body: `{`, code: 400, held: true},
		{name: "two actions", method: "sendMessage", body: key(`{"text": "a", "callback_data": "b", "copy_text": {"text": ""}}`), code: 400, held: true},
		{name: "no action", method: "sendMessage", body: key(`{"text": "a"}`), code: 400, held: true},
		{name: "65 bytes", method: "sendMessage", body: key(`{"text": "a", "callback_data": "` + strings.Repeat("é", 32) + `x"}`), code: 400, has: "BUTTON_DATA_INVALID"},
		{name: "64 bytes", method: "sendMessage", body: key(`{"text": "a", "callback_data": "` + strings.Repeat("é", 32) + `"}`)},
		{name: "a button without words", method: "sendMessage", body: key(`{"text": " ", "callback_data": "b"}`), code: 400},
		{name: "101 buttons", method: "sendMessage", body: key(strings.Repeat(`{"text": "a", "callback_data": "b"},`, 100) + `{"text": "a", "callback_data": "b"}`), code: 400, has: "too long"},
		{name: "4096", method: "sendMessage", body: `{"chat_id": 1, "text": "` + strings.Repeat("é", 4096) + `"}`},
		{name: "4097", method: "sendMessage", body: `{"chat_id": 1, "text": "` + strings.Repeat("é", 4097) + `"}`, code: 400, has: "too long"},
		{name: "4098 units", method: "sendMessage", body: `{"chat_id": 1, "text": "` + strings.Repeat("😭", 2049) + `"}`, code: 400, has: "too long"},
		{name: "4096 beneath markup", method: "sendMessage", body: `{"chat_id": 1, "parse_mode": "HTML", "text": "<b>` + strings.Repeat("x", 4096) + `</b>"}`},
		{name: "empty", method: "sendMessage", body: `{"chat_id": 1, "text": " \n "}`, code: 400, has: "empty"},
		{name: "unsupported tag", method: "sendMessage", body: `{"chat_id": 1, "text": "<script>", "parse_mode": "HTML"}`, code: 400, has: "can't parse entities"},
		{name: "unclosed", method: "sendMessage", body: `{"chat_id": 1, "text": "<b>x", "parse_mode": "HTML"}`, code: 400, has: "can't parse entities"},
		{name: "crossed", method: "sendMessage", body: `{"chat_id": 1, "text": "<b><i>x</b></i>", "parse_mode": "HTML"}`, code: 400, has: "can't parse entities"},
		{name: "a lone <", method: "sendMessage", body: `{"chat_id": 1, "text": "a < b", "parse_mode": "HTML"}`, code: 400, has: "can't parse entities"},
		{name: "no such chat", method: "sendMessage", body: `{"chat_id": 2, "text": "x"}`, code: 400, has: "chat not found"},
		{name: "no such message", method: "editMessageText", body: `{"chat_id": 1, "message_id": 5, "text": "x"}`, code: 400, has: "to edit not found"},
		{name: "no such press", method: "answerCallbackQuery", body: `{"callback_query_id": "5"}`, code: 400, has: "query is too old"},
		{name: "a pin without a name", method: "sendVenue", body: `{"chat_id": 1, "latitude": 51.8, "longitude": 0, "title": "", "address": "x"}`, code: 400},
		{name: "a command in capitals", method: "setMyCommands", body: `{"commands": [{"command": "Help", "description": "x"}]}`, code: 400, has: "BOT_COMMAND_INVALID"},
		{name: "a description too long", method: "setMyDescription", body: `{"description": "` + strings.Repeat("x", 513) + `"}`, code: 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, w := newServer(t, botapi.Options{})
			a := call(t, s, test.method, test.body)
			if a.Code != test.code || a.OK != (test.code == 0) || !strings.Contains(a.Description, test.has) {
				t.Errorf("answered %d %q, want %d %q", a.Code, a.Description, test.code, test.has)
			}
			if held := w.count() > 0; held != test.held {
				t.Errorf("held against the bot: %q", w.said)
			}
		})
	}
}

func TestToken(t *testing.T) {
	s, w := newServer(t, botapi.Options{})
	if a := post(t, s.URL()+"/bot1:wrong/getMe", "application/json", strings.NewReader("{}")); a.Code != 401 {
		t.Errorf("a wrong token was answered %d", a.Code)
	}
	s.Revoke(true)
	if a := call(t, s, "getMe", "{}"); a.Code != 401 {
		t.Errorf("a revoked token was answered %d", a.Code)
	}
	s.Revoke(false)
	if a := call(t, s, "getMe", "{}"); !a.OK || w.count() != 0 {
		t.Errorf("the token was answered %d: %q", a.Code, w.said)
	}
}

// The same call as JSON, as a form, and as a form with a file.
func TestForms(t *testing.T) {
	s, w := newServer(t, botapi.Options{})
	at := s.URL() + "/bot" + s.Token()
	form := url.Values{"chat_id": {"1"}, "text": {"123"}, "reply_markup": {`{"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}`}}
	if a := post(t, at+"/sendMessage", "application/x-www-form-urlencoded", strings.NewReader(form.Encode())); !a.OK {
		t.Error(a.Description)
	}
	for _, direct := range []bool{true, false} {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		field := "document"
		if !direct {
			field = "part"
			m.WriteField("document", "attach://part")
		}
		m.WriteField("chat_id", "1")
		m.WriteField("caption", "true")
		f, err := m.CreateFormFile(field, "a.ics")
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("BEGIN"))
		m.Close()
		if a := post(t, at+"/sendDocument", m.FormDataContentType(), &b); !a.OK {
			t.Error(a.Description)
		}
	}
	seen := s.Person(1).Seen()
	if len(seen) != 3 || seen[0].Text != "123" || len(seen[0].Keys) != 1 || seen[1].File == nil || seen[1].File.Name != "a.ics" || seen[2].Text != "true" || w.count() != 0 {
		t.Errorf("the person sees %+v; %q", seen, w.said)
	}
}

type got struct {
	ID      int64 `json:"update_id"`
	Message *struct{ Text string }
}

func updates(t *testing.T, a answer) []got {
	t.Helper()
	var out []got
	if err := json.Unmarshal(a.Result, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// An update comes again until an offset beyond it confirms it, and not after.
func TestOffset(t *testing.T) {
	s, _ := newServer(t, botapi.Options{})
	ann := s.Person(1)
	var acks []<-chan struct{}
	for i := range 5 {
		acks = append(acks, ann.Send(fmt.Sprint(i)))
	}
	confirmed := func() (out []bool) {
		for _, a := range acks {
			select {
			case <-a:
				out = append(out, true)
			default:
				out = append(out, false)
			}
		}
		return out
	}
	first := updates(t, call(t, s, "getUpdates", `{}`))
	again := updates(t, call(t, s, "getUpdates", `{}`))
	if len(first) != 5 || len(again) != 5 || first[0].ID != again[0].ID || slices.Contains(confirmed(), true) {
		t.Fatalf("first %d, then %d, confirmed %v", len(first), len(again), confirmed())
	}
	rest := updates(t, call(t, s, "getUpdates", fmt.Sprintf(`{"offset": %d, "limit": 2}`, first[2].ID)))
	if len(rest) != 2 || rest[0].Message.Text != "2" || !slices.Equal(confirmed(), []bool{true, true, false, false, false}) {
		t.Errorf("the rest is %v, confirmed %v", rest, confirmed())
	}
	// An older offset brings nothing back.
	if old := updates(t, call(t, s, "getUpdates", fmt.Sprintf(`{"offset": %d}`, first[0].ID))); len(old) != 3 {
		t.Errorf("%d came back", len(old))
	}
	if last := updates(t, call(t, s, "getUpdates", `{"offset": -1}`)); len(last) != 1 || last[0].Message.Text != "4" || s.Waiting() != 1 {
		t.Errorf("the last is %v, waiting are %d", last, s.Waiting())
	}
}

// A poll waits for what comes; a second poll sends the first away; a webhook forbids both.
func TestPolls(t *testing.T) {
	s, _ := newServer(t, botapi.Options{})
	one := make(chan answer, 1)
	go func() { one <- call(t, s, "getUpdates", `{"timeout": 20}`) }()
	waiting := func(n int) bool { return len(s.Calls("getUpdates")) == n }
	s.Until(time.Second, func() bool { return waiting(1) })
	s.Person(1).Send("x")
	if a := <-one; len(updates(t, a)) != 1 {
		t.Errorf("a waiting poll was answered %s", a.Result)
	}
	call(t, s, "getUpdates", `{"offset": 700000002}`)
	go func() { one <- call(t, s, "getUpdates", `{"timeout": 20}`) }()
	s.Until(time.Second, func() bool { return waiting(3) })
	two := make(chan answer, 1)
	go func() { two <- call(t, s, "getUpdates", `{"timeout": 20}`) }()
	if a := <-one; a.Code != 409 || !strings.Contains(a.Description, "terminated by other") {
		t.Errorf("the elder was answered %d %q", a.Code, a.Description)
	}
	hook := httptest.NewServer(http.NotFoundHandler())
	defer hook.Close()
	call(t, s, "setWebhook", `{"url": "`+hook.URL+`"}`)
	if a := <-two; a.Code != 409 {
		t.Errorf("a poll was answered %d when a webhook was set", a.Code)
	}
	if a := call(t, s, "getUpdates", `{}`); a.Code != 409 || !strings.Contains(a.Description, "webhook") {
		t.Errorf("a poll beside a webhook was answered %d %q", a.Code, a.Description)
	}
}

// Kinds that were not asked for don't come, and what waited for a day is gone.
func TestAllowedAndOld(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s, _ := newServer(t, botapi.Options{Now: func() time.Time { return now }})
	ann := s.Person(1)
	ann.Raw("message_reaction", `{}`) // not by default
	ann.Raw("inline_query", `{"id": "1"}`)
	if n := s.Waiting(); n != 1 {
		t.Errorf("%d wait", n)
	}
	call(t, s, "getUpdates", `{"allowed_updates": ["message"]}`)
	ann.Raw("inline_query", `{"id": "2"}`)
	ann.Send("hello")
	if n := s.Waiting(); n != 2 { // the old one was there before the bot said what it wants
		t.Errorf("%d wait", n)
	}
	now = now.Add(24*time.Hour + time.Second)
	ann.Send("later")
	if n := len(updates(t, call(t, s, "getUpdates", `{}`))); n != 1 || s.Expired() != 2 {
		t.Errorf("%d came, %d were too old", n, s.Expired())
	}
}

// A webhook is tried until it says 200, in order within a chat, with the secret; a call in its answer is made.
func TestWebhook(t *testing.T) {
	s, w := newServer(t, botapi.Options{Retry: time.Millisecond})
	var mu sync.Mutex
	var texts []string
	n := 0
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var u got
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil || r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != "s" {
			t.Errorf("posted was %v with the secret %q", err, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
		}
		if n++; n%3 != 0 {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		texts = append(texts, u.Message.Text)
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(rw, `{"method": "sendMessage", "chat_id": 1, "text": "got %s"}`, u.Message.Text)
	}))
	defer hook.Close()
	defer s.Close()
	ann := s.Person(1)
	ann.Send("0")
	call(t, s, "setWebhook", `{"url": "`+hook.URL+`", "secret_token": "s", "max_connections": 1}`)
	ann.Send("1")
	<-ann.Send("2")
	seen := ann.Seen()
	if strings.Join(texts, "") != "012" || s.HookTries() != 9 || len(seen) != 3 || seen[2].Text != "got 2" || w.count() != 0 {
		t.Errorf("texts %q, %d tries, the person sees %d; %q", texts, s.HookTries(), len(seen), w.said)
	}
	call(t, s, "deleteWebhook", `{}`)
	ann.Send("3")
	if len(updates(t, call(t, s, "getUpdates", `{}`))) != 1 {
		t.Error("after the webhook nothing comes by polling")
	}
}

// The limits of speed hold in any stretch of a second.
func TestSpeed(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s, _ := newServer(t, botapi.Options{PerSecond: 3, PerChat: 1, Now: func() time.Time { return now }})
	for i := range int64(5) {
		s.Person(i + 1)
	}
	send := func(chat int) int {
		return call(t, s, "sendMessage", fmt.Sprintf(`{"chat_id": %d, "text": "x"}`, chat)).Code
	}
	got := []int{send(1), send(1), send(2), send(3), send(4)}
	now = now.Add(999 * time.Millisecond)
	got = append(got, send(5))
	now = now.Add(time.Millisecond)
	got = append(got, send(1))
	if want := []int{0, 429, 0, 0, 429, 429, 0}; !slices.Equal(got, want) || s.TooFast() != 3 {
		t.Errorf("answered %v, want %v", got, want)
	}
	s.Faults(botapi.Fault{Method: "sendMessage", Status: 429, RetryAfter: 7})
	if a := call(t, s, "sendMessage", `{"chat_id": 1, "text": "x"}`); a.Parameters.RetryAfter != 7 {
		t.Errorf("asked to wait %d", a.Parameters.RetryAfter)
	}
}

// A lost reply was acted on, a broken connection was not (F2).
func TestDrops(t *testing.T) {
	s, _ := newServer(t, botapi.Options{})
	send := func() error {
		resp, err := http.Post(s.URL()+"/bot"+s.Token()+"/sendMessage", "application/json", strings.NewReader(`{"chat_id": 1, "text": "x"}`))
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	s.Faults(botapi.Fault{Drop: botapi.DropBefore}, botapi.Fault{Method: "sendMessage", Drop: botapi.DropAfter})
	for i, want := range []int{0, 1} {
		if err := send(); err == nil || len(s.Person(1).Seen()) != want {
			t.Errorf("drop %d: %v, the person sees %d", i, err, len(s.Person(1).Seen()))
		}
	}
	if err := send(); err != nil || len(s.Person(1).Seen()) != 2 {
		t.Errorf("a fault was used twice: %v", err)
	}
}
