package house_test

import (
	"testing"

	"handrail/bot"
	catalogues "handrail/dialogs/text"
)

// The messages that speak of a group begin with words that may stand on a locked phone, for every group of the demo's
// directory, those about illness and grief among them (G4).
func TestHouse_G4_EveryGroupInEveryReply(t *testing.T) {
	words, err := catalogues.Load()
	if err != nil {
		t.Fatal(err)
	}
	messages := [][]string{
		{"choose.card", "choose.card.name", "choose.card.where"}, {"choose.head", "choose.by", "choose.card.name"}, {"choose.others", "choose.card.name"},
		{"choose.done", "choose.done.group"}, {"next.line"}, {"leave.sure"}, {"off.day", "off.day.what", "off.day.why"}, {"off.ended", "off.ended.what"},
		{"remind.daybefore", "remind.open", "remind.daybefore.what"}, {"remind.sameday", "remind.open", "remind.sameday.what"},
		{"ending.soon", "ending.soon.what"}, {"idea.patient", "idea.patient.what"}, {"trusted.remind", "trusted.remind.open", "trusted.remind.where"},
		{"mine.part", "mine.visits", "mine.visits.line"}, {"mine.part", "mine.referred", "mine.referred.line", "mine.referred.need"},
		{"mine.part", "mine.told", "mine.told.matters"}, {"agree.patient", "agree.patient.about"},
	}
	n := 0
	for _, g := range everyGroup(t) {
		args := []string{
			"group", g.Name, "venue", g.Venue.Line(), "by", "Dr Asha Rao", "link_worker", "Maya Brook", "when", "Tue 3 May at 9am", "day", "today", "time", "9am",
			"reason", "anxiety", "need", "depression", "words", "cancer", "state", "going", "i", "1", "of", "5", "date", "1 May", "ref", "R-1", "patient", "Al", "buddy", "Jo", "about", "green scarf",
		}
		for _, m := range messages {
			var body bot.Text
			for i, key := range m {
				name := "Al" // the patient's, which is short so that as much as can be stands on the screen
				if i > 0 && key != "trusted.remind.open" || key == "next.line" {
					name = g.Name
				}
				body = append(body, words.Text("en", key, append([]string{"name", name}, args...)...)...)
			}
			n++
			if shows := lockScreenRule(lockScreen(bot.Message{Text: body}), g, "Dr Asha Rao"); shows != "" {
				t.Errorf("%v for %s shows %q: %q", m, g.Name, shows, lockScreen(bot.Message{Text: body}))
			}
		}
	}
	if n < 1500 {
		t.Errorf("only %d messages were looked at", n)
	}
}
