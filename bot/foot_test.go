package bot_test

import (
	"context"
	"slices"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest"
)

// asks is a guard that asks with buttons.
type asks struct{}

func (asks) Name() string                      { return "asks" }
func (asks) Sees(u bot.Update, _ bot.Who) bool { return u.Text == "guarded" }
func (asks) Act(context.Context, bot.Update, bot.Who) (bot.Verdict, error) {
	return bot.Verdict{Reply: []bot.Message{{Text: bot.Para("Sure?"), Options: []bot.Option{{Label: "Yes", Press: &bot.Press{Dialog: "x", Subject: "me", Answer: "y"}}}}}}, nil
}

// What stands below stands last, under the last message with buttons of a turn, once; not where nothing can be pressed, and not
// where one button more would turn them all into numbers; for those it is for; and it works (K15).
func TestBelow_K15(t *testing.T) {
	below := bot.Option{Label: "Help now", Press: &bot.Press{Dialog: "help", Subject: "me", Answer: "now"}, Style: "urgent"}
	two := []bot.Option{{Answer: "a", Label: "A"}, {Answer: "b", Label: "B"}}
	pressing := bot.Option{Label: "P", Press: &bot.Press{Dialog: "help", Subject: "me", Answer: "p"}}
	for _, c := range []struct {
		name, says string
		who        bot.WhoKind
		limits     bot.Limits
		script     func(*bot.Talk) error
		want       [][]string // the labels under each message
	}{
		{"a question", "go", bot.WhoPatient, bottest.Roomy(), func(t *bot.Talk) error { t.Choose("q", bot.Para("Which?"), two...); return nil }, [][]string{{"A", "B", "Help now"}}},
		{"words alone", "go", bot.WhoPatient, bottest.Roomy(), func(t *bot.Talk) error { t.Say(bot.Para("Hello")); return nil }, [][]string{nil}},
		{"the last of three", "go", bot.WhoPatient, bottest.Roomy(), func(t *bot.Talk) error {
			t.Send(bot.Message{Text: bot.Para("One"), Options: []bot.Option{pressing}})
			t.Send(bot.Message{Text: bot.Para("Two"), Options: []bot.Option{pressing}})
			t.Say(bot.Para("Three"))
			return nil
		}, [][]string{{"P"}, {"P", "Help now"}, nil}},
		{"there already", "go", bot.WhoPatient, bottest.Roomy(), func(t *bot.Talk) error {
			t.Send(bot.Message{Text: bot.Para("One"), Options: []bot.Option{below}})
			return nil
		}, [][]string{{"Help now"}}},
		{"as many as there is room for", "go", bot.WhoPatient, bot.Limits{TextChars: 1000, Options: 2, LabelChars: 20, PayloadBytes: 64}, func(t *bot.Talk) error {
			t.Choose("q", bot.Para("Which?"), two...)
			return nil
		}, [][]string{{"A", "B"}}},
		{"words are typed", "go", bot.WhoPatient, bottest.Bare(), func(t *bot.Talk) error { t.Choose("q", bot.Para("Which?"), two...); return nil }, [][]string{nil}},
		{"staff", "go", bot.WhoStaff, bottest.Roomy(), func(t *bot.Talk) error { t.Choose("q", bot.Para("Which?"), two...); return nil }, [][]string{{"A", "B"}}},
		{"a guard", "guarded", bot.WhoPatient, bottest.Roomy(), func(*bot.Talk) error { return nil }, [][]string{{"Yes", "Help now"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			helped := 0
			h := bottest.NewHouse(t, bottest.HouseOptions{
				Dialogs: []bot.Dialog{
					{Name: "go", Opens: "go", Script: c.script},
					{Name: "help", Script: func(t *bot.Talk) error { helped++; t.Say(bot.Para("Here")); return nil }},
				},
				Words: map[string]string{"go": "go"}, Guards: []bot.Guard{asks{}}, Limits: c.limits,
				People: map[string]bot.Who{"ANN": {Kind: c.who, ID: "x", Practice: "practice"}},
				Change: func(o *bot.Options) {
					o.Below = func(who bot.Who) []bot.Option {
						if who.Kind != bot.WhoPatient {
							return nil
						}
						return []bot.Option{below}
					}
				},
			})
			deliver := func(u bot.Update) {
				t.Helper()
				u.At = h.Now()
				if err := h.Deliver(t.Context(), "ANN", u); err != nil {
					t.Fatal(err)
				}
				if err := h.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			deliver(bot.Update{ID: "1", Kind: bot.UpdateText, Text: c.says})
			var got [][]string
			payload := ""
			for _, s := range h.Channel.Shown(bottest.Address("ANN")) {
				var labels []string
				for _, o := range s.Message.Options {
					labels = append(labels, o.Label)
					if o.Label == "Help now" {
						payload = o.Payload
					}
				}
				got = append(got, labels)
			}
			if !slices.EqualFunc(got, c.want, slices.Equal[[]string]) {
				t.Fatalf("shown %q, want %q", got, c.want)
			}
			if payload == "" {
				return
			}
			if deliver(bot.Update{ID: "2", Kind: bot.UpdatePress, Choice: payload}); helped == 0 {
				t.Error("the button does nothing")
			}
		})
	}
}
