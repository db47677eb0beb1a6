package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"handrail/bot"
)

// BenchmarkRender lays out a search's answer of eight cards, and writes it.
func BenchmarkRender(b *testing.B) {
	c := newBare(b)
	m := bot.Message{Text: bot.Para("Eight groups near LS9 on weekday mornings."), Private: true}
	for i := range 8 {
		m.Cards = append(m.Cards, bot.Card{
			Text: bot.Text{{Spans: []bot.Span{{Text: fmt.Sprintf("Walking football %d", i), Strong: true}}}, {Spans: []bot.Span{{Text: "Tuesdays 10am, 0.4 miles (by the postcode), free, step-free. Checked in October. Because: mornings, gentle."}}}},
			Options: []bot.Option{
				{Label: "Refer", Payload: "q~1z141z3~1wqo2vs~" + strconv.Itoa(i), Style: "main"}, {Label: "Send to patient", Payload: "q~a"}, {Label: "More", Payload: "q~b"},
				{Label: "Map", Link: "https://www.openstreetmap.org/"}, {Label: "It has closed", Payload: "q~c"},
			},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, part := range bot.Fit(m, c.Limits()) {
			if _, err := json.Marshal(c.blocks(part, "")); err != nil {
				b.Fatal(err)
			}
		}
	}
}

type gone struct{}

func (gone) Deliver(context.Context, bot.Update) error { return nil }

// BenchmarkReceive takes a signed event from its first byte to its answer, with an inbox that costs nothing.
func BenchmarkReceive(b *testing.B) {
	c := newBare(b)
	c.single.learn("T1", "UBOT")
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, gone{}) }()
	for {
		if _, _, giveBack, ok := c.running.Borrow(); ok {
			giveBack()
			break
		}
	}
	body := `{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"message","channel_type":"im","channel":"DU1","user":"U1","text":"badminton near LS9 on weekday mornings","ts":"1795340000.000100"}}`
	stamp := "1795340000"
	h := c.Handler()
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest(http.MethodPost, "/slack/events", strings.NewReader(body))
		req.Header = http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {Sign("secret", stamp, []byte(body))}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
	stop()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// BenchmarkReceivePress is the same of a press.
func BenchmarkReceivePress(b *testing.B) {
	payload := `{"type":"block_actions","trigger_id":"1.2.a","team":{"id":"T1"},"user":{"id":"U1","team_id":"T1"},"container":{"type":"message","message_ts":"1.2","channel_id":"DU1"},"actions":[{"type":"button","action_id":"option-0","block_id":"buttons-1@","value":"q~1~a~0","action_ts":"3.4"}]}`
	raw := []byte(url.Values{"payload": {payload}}.Encode())
	c := newBare(b)
	in := Installation{Team: "T1", Practice: "hilltop", BotUser: "UBOT"}
	b.ReportAllocs()
	for b.Loop() {
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			b.Fatal(err)
		}
		var x wireInteraction
		if decode([]byte(form.Get("payload")), &x) != nil || c.readInteraction(in, x).update == nil {
			b.Fatal("not read")
		}
	}
}
