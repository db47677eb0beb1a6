package dialogs

import (
	"strings"

	"handrail/bot"
)

// Masked is what somebody is told whose message an identifier was taken out of, before it was stored or handed on: that it
// is gone here, and how it goes from their own screen, where it still stands. Where the channel can take their message
// away, a button does it.
func Masked(d Deps) func(u bot.Update, who bot.Who) []bot.Message {
	k := &kit{Deps: d}
	return func(u bot.Update, who bot.Who) []bot.Message {
		key := "masked.theirs"
		if who.Kind == bot.WhoStaff {
			key = "masked.staff"
		}
		m := bot.Message{Text: k.words(key), Private: true}
		if u.Ref == "" || k.Erase == nil {
			return []bot.Message{m}
		}
		switch can, how := k.Erase(u.From.Channel); {
		case can:
			m.Options = []bot.Option{press(k.line("masked.erase"), "unsay", string(u.Ref), "yes")}
		case how != "":
			m.Text = append(m.Text, bot.Para(how)...)
		}
		return []bot.Message{m}
	}
}

// unsay takes away a message that somebody wrote, from its button. The button is signed for their chat, and what it names
// is in that chat.
func (k *kit) unsay() bot.Dialog {
	return bot.Dialog{Name: "unsay", Light: true, Script: func(t *bot.Talk) error {
		if t.Subject() == "" || t.Pressed() != "yes" {
			t.Say(t.Words("bot.moved_on"))
			return nil
		}
		t.Send(bot.Message{Text: t.Words("masked.erased"), Erases: bot.Ref(t.Subject())})
		return nil
	}}
}

// unmasked are words without what stands for an identifier that was taken out: nothing is to be read from that.
func (k *kit) unmasked(words string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(words, k.line("guard.masked"), " ")), " ")
}
