package dialogs

import (
	"context"
	"fmt"
	"strings"

	"handrail"
	"handrail/bot"
)

// near is a patient looking round by themselves: what's on near me, near a postcode or the place they share, in their own
// words. Nothing is declined by leaving it.
func (k *kit) near() bot.Dialog {
	return bot.Dialog{
		Name: "near", Title: "near.title", Opens: "near.opens", May: patientOnly, Light: true,
		Seed: func(rest string) bot.Answers {
			rest = strings.TrimSpace(rest)
			if rest == "" || k.hereWords(rest) {
				return nil
			}
			return bot.Answers{"ask": rest}
		},
		Hears:  k.nearHears,
		Script: k.nearScript,
	}
}

// nearHears takes a place that was shared when nothing was asked, and a sentence that says "near me".
func (k *kit) nearHears(u bot.Update, _ bot.Who) (bot.Answers, bool) {
	if u.Kind == bot.UpdatePlace && u.Near != nil {
		return bot.Answers{"at": fmt.Sprintf("%.3f %.3f", u.Near.Lat, u.Near.Lon)}, true
	}
	said := " " + tidy(u.Text) + " "
	for w := range strings.SplitSeq(k.line("near.hears"), "|") {
		if strings.Contains(said, " "+w+" ") {
			return bot.Answers{"ask": strings.TrimSpace(u.Text)}, true
		}
	}
	return nil, false
}

// hereWords reports whether words say no more than "near me".
func (k *kit) hereWords(rest string) bool {
	for w := range strings.SplitSeq(k.line("near.hears"), "|") {
		if tidy(rest) == w {
			return true
		}
	}
	return false
}

func (k *kit) nearScript(t *bot.Talk) error {
	who := t.Who()
	me := bot.Look(t, "me", func(ctx context.Context) (chooser, error) {
		c, err := k.chooser(ctx, who, t.Now())
		c.Search, c.First, c.By = true, "", ""
		return c, err
	})
	where, asked := bot.Where{Words: me.Postcode}, ""
	var at handrail.Point
	if n, err := fmt.Sscanf(t.Seeded("at"), "%f %f", &at.Lat, &at.Lon); err == nil && n == 2 {
		where = bot.Where{Near: &at}
	} else if said := t.Place("ask", t.Words("near.ask")); said.Near != nil {
		where = said
	} else {
		asked = said.Words
	}
	found := k.suggested(t, me, where, asked)
	if len(found.Groups) == 0 {
		t.Say(t.Words("near.none"))
		return nil
	}
	g, ok, err := k.pickGroup(t, me, found)
	if !ok {
		return err
	}
	return k.enrol(t, me, g)
}
