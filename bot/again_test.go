package bot_test

import (
	"strings"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest"
)

// A long question that is asked again at once, because it could not take an answer or something was answered beside it, is asked
// in few words with the same buttons; after a step back it is said in full.
func TestAgain_ShortAtOnce(t *testing.T) {
	long := bot.Message{Text: bot.Para("All there is to know. Which?"), Again: bot.Para("Just above. Which?"), Options: []bot.Option{{Answer: "a", Label: "A"}, {Answer: "b", Label: "B"}},
		Files: []bot.File{{Name: "p.png", MIME: "image/png", Data: []byte("x")}}}
	h := bottest.NewHouse(t, bottest.HouseOptions{
		Dialogs: []bot.Dialog{
			{Name: "go", Opens: "go", Script: func(t *bot.Talk) error {
				pick := t.ChooseFrom("which", long)
				t.Say(bot.Para("You chose " + pick))
				if t.Confirm("sure", bot.Para("Sure?")) {
					t.Say(bot.Para("Done"))
				}
				return nil
			}},
			{Name: "aside", Light: true, Interrupts: func(u bot.Update, _ bot.Who) (bot.Answers, bool) { return nil, u.Text == "afraid" },
				Script: func(t *bot.Talk) error { t.Say(bot.Para("That is fine")); return nil }},
		},
		Words: map[string]string{"go": "go"}, People: map[string]bot.Who{"ANN": {Kind: bot.WhoPatient, ID: "x", Practice: "practice"}},
	})
	for i, c := range []struct {
		says, want string
		full       bool
	}{
		{"go", "All there is to know. Which?", true},
		{"afraid", "That is fine|Just above. Which?", false},
		{"what", "*|Just above. Which?", false},
		{"b", "You chose b|Sure?", false},
		{"back", "All there is to know. Which?", true},
		{"a", "You chose a|Sure?", false},
	} {
		before := len(h.Channel.Shown(bottest.Address("ANN")))
		if err := h.Deliver(t.Context(), "ANN", bot.Update{ID: c.says, At: h.Now(), Kind: bot.UpdateText, Text: c.says}); err != nil {
			t.Fatal(err)
		}
		if err := h.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		shown := h.Channel.Shown(bottest.Address("ANN"))[before:]
		want := strings.Split(c.want, "|")
		if len(shown) != len(want) {
			t.Fatalf("%d, %q: %d messages, want %d", i, c.says, len(shown), len(want))
		}
		for j, s := range shown {
			if got := s.Message.Text.Plain(); want[j] != "*" && got != want[j] {
				t.Errorf("%d, %q: %q, want %q", i, c.says, got, want[j])
			}
		}
		last := shown[len(shown)-1].Message
		if len(last.Options) != 2 || (len(last.Files) > 0) != c.full {
			t.Errorf("%d, %q: %d buttons and %d files", i, c.says, len(last.Options), len(last.Files))
		}
	}
}
