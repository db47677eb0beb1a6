package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/web"
)

// chromeless lends the channel and its page to the suite: it sends what the page sends, again and again with one id until
// it is taken, and reads what the page would draw.
type chromeless struct {
	t       *testing.T
	channel *web.Channel
	page    http.Handler
	ids     atomic.Int64
}

func (b *chromeless) Channel() bot.Channel      { return b.channel }
func (b *chromeless) Address() handrail.Address { return addr("frank") }

func (b *chromeless) send(body map[string]any) <-chan struct{} {
	body["chat"], body["id"] = "frank", fmt.Sprintf("00000000-0000-4000-8000-%012d", b.ids.Add(1))
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	taken := make(chan struct{})
	ctx := b.t.Context()
	go func() {
		for ctx.Err() == nil {
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/api/send", bytes.NewReader(raw))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			b.page.ServeHTTP(w, r)
			if w.Code == http.StatusOK {
				close(taken)
				return
			}
			if w.Code < 500 {
				b.t.Errorf("the page was answered %d: %s", w.Code, w.Body)
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return taken
}

func (b *chromeless) Text(words string) <-chan struct{} { return b.send(map[string]any{"text": words}) }

func (b *chromeless) Press(ref bot.Ref, i int) <-chan struct{} {
	return b.send(map[string]any{"choice": b.drawn(ref).Options[i].Payload})
}

func (b *chromeless) Submit(ref bot.Ref, fields map[string]string) <-chan struct{} {
	return b.send(map[string]any{"form": b.drawn(ref).Form.Token, "fields": fields})
}

func (b *chromeless) drawn(ref bot.Ref) bot.Message {
	for n, m := range b.state() {
		if fmt.Sprint(n) == string(ref) {
			return m
		}
	}
	b.t.Fatal("the page has no such message")
	return bot.Message{}
}

func (b *chromeless) Shown() []bot.Message {
	state := b.state()
	var out []bot.Message
	for n := int64(1); len(out) < len(state); n++ {
		if m, ok := state[n]; ok {
			out = append(out, m)
		}
	}
	return out
}

// state is what the page is given to draw for the person, by number.
func (b *chromeless) state() map[int64]bot.Message {
	w := httptest.NewRecorder()
	b.page.ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "http://localhost/api/state", nil))
	var state struct {
		Entries []struct {
			N       int64  `json:"n"`
			Chat    string `json:"chat"`
			Message *struct {
				Text    bot.Text `json:"text"`
				Options []struct{ Label, Choice, Link string }
				Form    *bot.Form
				Files   []struct{ Name, Alt string }
				Place   *struct{ Name, Address string }
			} `json:"message"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &state); err != nil {
		b.t.Fatalf("the page was given %d: %v", w.Code, err)
	}
	out := map[int64]bot.Message{}
	for _, e := range state.Entries {
		if e.Message == nil || e.Chat != "frank" {
			continue
		}
		m := bot.Message{Text: e.Message.Text, Form: e.Message.Form}
		for _, o := range e.Message.Options {
			m.Options = append(m.Options, bot.Option{Label: o.Label, Payload: o.Choice, Link: o.Link})
		}
		for _, f := range e.Message.Files {
			m.Files = append(m.Files, bot.File{Name: f.Name, Alt: f.Alt})
		}
		if p := e.Message.Place; p != nil {
			m.Place = &bot.Place{Name: p.Name, Address: p.Address}
		}
		out[e.N] = m
	}
	return out
}

func TestChannel_Conforms(t *testing.T) {
	bottest.Channels(t, func(t *testing.T) bottest.Network {
		ch, err := web.New(web.Options{Dir: t.TempDir(), People: people(), Practice: "hilltop", Zone: london(t), Clock: func() time.Time { return start }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := ch.Close(); err != nil {
				t.Error(err)
			}
		})
		return &chromeless{t: t, channel: ch, page: ch.Handler()}
	})
}

// sharedPlace is how the page writes a place that was shared; the runner reads it and writes "(near ...)".
var sharedPlace = regexp.MustCompile(`(?m)^([A-Z]+): \(place: ([-0-9.]+), ([-0-9.]+)\)$`)

// What the page saves is what the transcript runner reads and writes, to the letter but for places that were shared.
func TestTranscript_RunnerReadsIt(t *testing.T) {
	for _, file := range bottest.Files(t, "testdata/*.txt") {
		saved := readFile(t, file)
		entries, err := bottest.Parse(strings.NewReader(saved))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var again bytes.Buffer
		if err := bottest.Write(&again, entries); err != nil {
			t.Fatal(err)
		}
		if saved = sharedPlace.ReplaceAllString(saved, "$1: (near $2,$3)"); again.String() != saved {
			t.Errorf("%s is written in another way:\n%s", file, bottest.Diff(file, saved, again.String()))
		}
	}
}
