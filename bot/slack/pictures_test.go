package slack_test

import (
	"fmt"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest/slackapi"
)

// pictured is a message with so many cards, each with a picture that has an address.
func pictured(n int) bot.Message {
	m := bot.Message{Text: bot.Para("Found:")}
	for i := range n {
		m.Cards = append(m.Cards, bot.Card{
			Text:    bot.Text{{Spans: []bot.Span{{Text: "Group", Strong: true}}}, {Spans: []bot.Span{{Text: "Tuesdays"}}}, {Spans: []bot.Span{{Text: "Ring first", Strong: true}}}},
			Options: []bot.Option{{Label: "Refer", Payload: fmt.Sprintf("q~%d", i)}},
			Picture: &bot.File{Name: "a.jpg", MIME: "image/jpeg", Data: []byte("x"), Alt: "A garden", Link: "https://h.example/a.jpg"},
		})
	}
	return m
}

// A picture with an address stands inside its card, with its words for those who cannot see it, and nothing is uploaded.
// Where Slack cannot get one it takes the message without; where they would make it too long they are left out.
func TestSend_PicturesInCards(t *testing.T) {
	for name, c := range map[string]struct {
		cards, want int
		fault       []slackapi.Fault
	}{
		"inside":         {cards: 3, want: 3},
		"none to be had": {cards: 3, fault: []slackapi.Fault{{Method: "chat.postMessage", Error: "invalid_blocks"}}},
		"too many":       {cards: 10},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true, slackapi.Options{})
			w.api.Faults(c.fault...)
			if _, err := w.channel.Send(t.Context(), w.address(), pictured(c.cards)); err != nil {
				t.Fatal(err)
			}
			seen := w.rao.Seen()
			if len(seen) != 1 || len(w.api.Calls("files.getUploadURLExternal")) != 0 {
				t.Fatalf("%d messages, %d uploads", len(seen), len(w.api.Calls("files.getUploadURLExternal")))
			}
			pictures, buttons := 0, 0
			for _, b := range seen[0].Blocks {
				buttons += len(b.Elements)
				if b.Picture != "" {
					if pictures++; b.Picture != "https://h.example/a.jpg" || b.Alt != "A garden" || b.Text != "Tuesdays" {
						t.Errorf("%+v", b)
					}
				}
			}
			if pictures != c.want || buttons != c.cards {
				t.Errorf("%d pictures, %d buttons", pictures, buttons)
			}
		})
	}
	t.Run("refused for another reason", func(t *testing.T) {
		w := newWorld(t, true, slackapi.Options{})
		w.api.Faults(slackapi.Fault{Method: "chat.postMessage", Error: "msg_too_long"})
		if _, err := w.channel.Send(t.Context(), w.address(), pictured(1)); err == nil || len(w.api.Calls("chat.postMessage")) != 1 {
			t.Errorf("%v after %d calls", err, len(w.api.Calls("chat.postMessage")))
		}
	})
}
