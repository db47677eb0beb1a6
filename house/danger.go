package house

import (
	"fmt"

	"handrail/bot"
	"handrail/urgent"
)

// Scanner lets the engine ask package urgent for words that mean danger.
type Scanner struct{}

// Scan implements bot.Scanner.
func (Scanner) Scan(text string) string {
	f, ok := urgent.Scan(text)
	if !ok {
		return ""
	}
	return string(f.Kind)
}

// Cards are the fixed urgent-help texts of one nation, as messages.
type Cards struct{ nation urgent.Nation }

// NewCards refuses a nation that has no cards: a start must fail for that, never a person in danger.
func NewCards(nation urgent.Nation) (Cards, error) {
	if _, ok := urgent.Card(urgent.General, nation, false); !ok {
		return Cards{}, fmt.Errorf("there are no urgent-help cards for %q", nation)
	}
	return Cards{nation}, nil
}

// Card implements dialogs.Cards. A kind without a card of its own gets the general one.
func (c Cards) Card(kind string, told bool) bot.Text {
	paras, ok := urgent.Card(urgent.Kind(kind), c.nation, told)
	if !ok {
		paras, _ = urgent.Card(urgent.General, c.nation, told) // NewCards saw that it is there
	}
	return paragraphs(paras)
}

// Short implements dialogs.Cards.
func (c Cards) Short(kind string) bot.Text {
	paras, ok := urgent.Short(urgent.Kind(kind), c.nation)
	if !ok {
		return c.Card(kind, false)
	}
	return paragraphs(paras)
}

// Safe implements dialogs.Cards.
func (c Cards) Safe() bot.Text {
	paras, _ := urgent.Safe(c.nation) // there for every nation that has cards
	return paragraphs(paras)
}

// Unreadable implements dialogs.Cards.
func (c Cards) Unreadable(text string) bool { return urgent.Unreadable(text) }

func paragraphs(all []string) bot.Text {
	var t bot.Text
	for _, p := range all {
		t = append(t, bot.Para(p)...)
	}
	return t
}
