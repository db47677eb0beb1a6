package house

import (
	"time"

	"handrail/bot"
	"handrail/meaning"
)

// ear is how the house understands what people type to a question: by the rules of package meaning, in the zone that
// times are told in.
type ear struct{ zone *time.Location }

// YesNo implements bot.Ear.
func (ear) YesNo(text string) bot.Said {
	switch answer, sure := meaning.YesNo(text); {
	case sure && answer == meaning.Yes:
		return bot.SaidYes
	case sure && answer == meaning.No:
		return bot.SaidNo
	case answer != meaning.Neither:
		return bot.SaidBoth
	}
	return bot.SaidNothing
}

// When implements bot.Ear.
func (e ear) When(text string, now time.Time) bot.When {
	m, words, sure := meaning.TimeWords(text, now, e.zone)
	return bot.When{Date: m.Date, Clock: m.Clock, Timed: m.Timed, Words: words, Sure: sure}
}
