package bot_test

import (
	"strings"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

// The open question is there to be drawn again: as it was asked, with its payloads; and looking changes nothing.
func TestQuestion(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	at := bottest.Address(patient)
	question := func() (bot.Message, bool) {
		t.Helper()
		m, ok, err := h.Bot.Question(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return m, ok
	}
	if m, ok := question(); ok {
		t.Errorf("nothing is open and the question is %+v", m)
	}
	for i, words := range []string{"trip", "York", "0", "Nobody else", "yes"} {
		h.Say(patient, strings.Repeat("i", i+1), words)
	}
	shown := h.Heard()
	before := h.States.Raw(bottest.ConversationOf(at))
	m, ok := question()
	if !ok || m.Form == nil || m.Form.Title != "Ticket" || !strings.HasPrefix(m.Form.Token, "q~") || m.Form.Fields[0].Value != "Frank" {
		t.Fatalf("%v %+v\nafter\n%s", ok, m, strings.Join(shown, "\n"))
	}
	again, _ := question()
	if again.Form.Token != m.Form.Token || string(h.States.Raw(bottest.ConversationOf(at))) != string(before) || len(h.Heard()) != 0 {
		t.Error("looking at the question changed something")
	}
	// What changes nothing leaves it open: an edit, and a double tap, have nothing to say themselves.
	if err := h.Bot.Deliver(t.Context(), bot.Update{ID: "edit", From: at, Kind: bot.UpdateEdited, Text: "York!"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, ok = question(); !ok || m.Form == nil {
		t.Errorf("after an edit the question is %+v", m)
	}
	// The token is the one that the form is taken by.
	fields := map[string]string{"name": "Frank", "seats": "2", "terms": "yes"}
	if err := h.Bot.Deliver(t.Context(), bot.Update{ID: "form", From: at, Kind: bot.UpdateForm, Form: m.Form.Token, Fields: fields}); err != nil {
		t.Fatal(err)
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, ok = question(); !ok || m.Form != nil || len(m.Options) != 2 {
		t.Errorf("after the form the question is %+v", m)
	}
	h.Say(patient, "cancel", "cancel")
	if m, ok = question(); ok {
		t.Errorf("after cancelling the question is %+v", m)
	}
	h.States.Lose()
	if _, ok := question(); ok {
		t.Error("the state is lost and a question is open")
	}
	if _, ok, err := h.Bot.Question(t.Context(), handrail.Address{Practice: "practice", Channel: "fake", Chat: "nobody"}); ok || err != nil {
		t.Errorf("nobody has a question: %v, %v", ok, err)
	}
}
