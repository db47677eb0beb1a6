package bot_test

import (
	"slices"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest"
)

// Several processes take turns in one conversation. Each remembers the state that it saved last, and none may think from
// that where another has been faster (F4), nor where the store has lost it all (F3).
func TestRecent_F4_AnotherProcessWasFaster(t *testing.T) {
	said := []string{"tell", "Joan", "come at ten", "tell", "Sam", "back", "Ann", "bring a coat", "tell"}
	play := func(processes int) []string {
		var options bot.Options
		h := newHouse(t, bottest.Roomy(), func(o *bot.Options) { options = *o })
		bots := []*bot.Bot{h.Bot}
		for len(bots) < processes {
			b, err := bot.New(options)
			if err != nil {
				t.Fatal(err)
			}
			bots = append(bots, b)
		}
		var heard []string
		for i, words := range said {
			h.Bot = bots[i%processes]
			h.Say(patient, string(rune('a'+i)), words)
			heard = append(heard, h.Heard()...)
		}
		h.States.Lose()
		h.Say(patient, "lost", "not an answer")
		return append(heard, h.Heard()...)
	}
	one := play(1)
	if !slices.Contains(one, lostLine) {
		t.Errorf("a lost state was made up for: %q", one)
	}
	for processes := 2; processes <= 4; processes++ {
		if many := play(processes); !slices.Equal(many, one) {
			t.Errorf("%d processes said %q\none said %q", processes, many, one)
		}
	}
}
