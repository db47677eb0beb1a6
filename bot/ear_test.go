package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

// earOf is an ear that knows a few lines by heart.
type earOf struct{}

func (earOf) YesNo(text string) bot.Said {
	switch text {
	case "go on then":
		return bot.SaidYes
	case "not for me":
		return bot.SaidNo
	case "yes but not Tuesday":
		return bot.SaidBoth
	}
	return bot.SaidNothing
}

func (earOf) When(text string, _ time.Time) bot.When {
	switch text {
	case "the 10th":
		return bot.When{Date: "2026-11-10", Words: "Tuesday 10 November 2026", Sure: true}
	case "next Tuesday":
		return bot.When{Date: "2026-11-10", Words: "Tuesday 10 November 2026"}
	case "half 2":
		return bot.When{Clock: handrail.At(14, 30), Timed: true, Words: "half past 2", Sure: true}
	}
	return bot.When{}
}

func asking(limits bot.Limits, ear bot.Ear, t *testing.T, script func(*bot.Talk) error) *bottest.House {
	return bottest.NewHouse(t, bottest.HouseOptions{
		Dialogs: []bot.Dialog{{Name: "ask", Opens: "ask", Script: script}}, Limits: limits,
		Words: map[string]string{
			"bot.wrong.yesno": "Is that a yes or a no?", "bot.wrong.permit": "A plain yes or no, please.", "bot.wrong.date": "Which day?", "bot.date.right": "That is {date}?",
		},
		People: map[string]bot.Who{"PATIENT": {Kind: bot.WhoPatient, ID: "p1", Practice: "practice"}},
		Change: func(o *bot.Options) { o.Ear = ear },
	})
}

// B17: a plain yes is a yes to a question, what answers both ways is asked about, and a permission needs the exact word.
func TestEar_B17_ConfirmAndPermit(t *testing.T) {
	for _, c := range []struct {
		name, said string
		ear        bot.Ear
		permit     bool
		want       string
	}{
		{"plain yes", "go on then", earOf{}, false, "true"},
		{"plain no", "not for me", earOf{}, false, "false"},
		{"both", "yes but not Tuesday", earOf{}, false, "Is that a yes or a no?"},
		{"neither", "what?", earOf{}, false, "Please pick one of these."},
		{"without an ear", "go on then", nil, false, "Please pick one of these."},
		{"exact word without an ear", "yes", nil, false, "true"},
		{"permission in a turn of phrase", "go on then", earOf{}, true, "A plain yes or no, please."},
		{"permission refused in one", "not for me", earOf{}, true, "A plain yes or no, please."},
		{"permission in the exact word", "yes", earOf{}, true, "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := asking(bottest.Roomy(), c.ear, t, func(t *bot.Talk) error {
				ask := t.Confirm
				if c.permit {
					ask = t.Permit
				}
				got := "false"
				if ask("sure", bot.Para("Shall I?")) {
					got = "true"
				}
				t.Say(bot.Para(got))
				return nil
			})
			h.Say("PATIENT", "1", "ask")
			h.Heard()
			h.Say("PATIENT", "2", c.said)
			if got := h.Heard(); len(got) == 0 || got[0] != "-> PATIENT: "+c.want {
				t.Errorf("%q is answered %q, want %q", c.said, got, c.want)
			}
		})
	}
}

// B28: a date that is typed is told back before it counts, and one that may be either is asked about.
func TestEar_B28_Dates(t *testing.T) {
	at := []time.Time{time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 10, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 12, 14, 30, 0, 0, time.UTC)}
	for said, want := range map[string][]string{
		"the 10th":     {"That is the second?"},
		"half 2":       {"That is the third?"},
		"next Tuesday": {"Please pick one of these.", "Which?"},
		"2":            {"b"},
	} {
		h := asking(bottest.Roomy(), earOf{}, t, func(t *bot.Talk) error {
			t.Say(bot.Para(t.ChooseDate("date", bot.Para("Which?"), at, bot.Option{Answer: "a", Label: "the first"}, bot.Option{Answer: "b", Label: "the second"},
				bot.Option{Answer: "c", Label: "the third"})))
			return nil
		})
		h.Say("PATIENT", "1", "ask")
		h.Heard()
		h.Say("PATIENT", "2", said)
		got := h.Heard()
		for i, w := range want {
			if i >= len(got) || !strings.HasPrefix(got[i], "-> PATIENT: "+w) {
				t.Errorf("%q is answered %q, want %q", said, got, want)
				break
			}
		}
		if strings.HasPrefix(want[0], "That is") {
			h.Say("PATIENT", "3", "yes")
			if got := h.Heard(); len(got) != 1 || !slices.Contains([]string{"-> PATIENT: b", "-> PATIENT: c"}, got[0]) {
				t.Errorf("%q and yes: %q", said, got)
			}
		}
	}
}

func TestEar_B28_DateIsConfirmed(t *testing.T) {
	h := asking(bottest.Roomy(), earOf{}, t, func(t *bot.Talk) error {
		t.Say(bot.Para(string(t.Date("day", bot.Para("Which day?")))))
		return nil
	})
	for i, step := range [][2]string{
		{"ask", "Which day?"}, {"whenever", "Which day?"}, {"next Tuesday", "That is Tuesday 10 November 2026?"}, {"no", "Which day?"}, {"the 10th", "That is Tuesday 10 November 2026?"}, {"yes", "2026-11-10"},
	} {
		h.Say("PATIENT", string(rune('a'+i)), step[0])
		if got := h.Heard(); len(got) == 0 || !strings.HasPrefix(got[0], "-> PATIENT: "+step[1]) {
			t.Fatalf("%q is answered %q, want %q", step[0], got, step[1])
		}
	}
}
