package dialogs

import (
	"context"
	"strings"
	"unicode"

	"handrail"
	"handrail/bot"
)

// unmet is what noting a gap asks of the records.
type unmet interface {
	AddUnmet(ctx context.Context, u handrail.UnmetNeed, by handrail.Actor) error
}

// noteUnmet records that there was nothing for a need in an area: the first half of a postcode, a word of the closed list
// of needs, and a date. Nothing of it is about a person.
func (k *kit) noteUnmet(t *bot.Talk, found Found) {
	who, now := t.Who(), t.Now()
	need := "other"
	if len(found.Needs) > 0 {
		need = found.Needs[0]
	}
	bot.Do(t, "unmet", "find.unmet.undo", func(ctx context.Context) (bool, error) {
		return true, k.Records.AddUnmet(ctx, handrail.UnmetNeed{
			Practice: who.Practice, Outcode: outcode(found.Area), Need: need, At: handrail.DateOf(now, k.Zone),
		}, actor(who))
	})
	t.Say(t.Words("find.unmet.done"))
}

// outcode is the first half of a postcode that was found; empty for any other place.
func outcode(area string) string {
	area, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(area)), " ")
	if len(area) < 2 || len(area) > 4 || !unicode.IsLetter(rune(area[0])) || !strings.ContainsAny(area, "0123456789") {
		return ""
	}
	return area
}
