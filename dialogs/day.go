package dialogs

import (
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// whichDay asks for one of some meetings, under the name "date": a button, or words that mean one of them.
func (k *kit) whichDay(t *bot.Talk, ask bot.Text, dates []handrail.Occurrence) (int, error) {
	options, starts := make([]bot.Option, len(dates)), make([]time.Time, len(dates))
	for i, d := range dates {
		options[i] = bot.Option{Answer: "date-" + strconv.Itoa(i), Label: k.dayTimeIn(t.Who().Language, d.Start, t.Now())}
		starts[i] = d.Start.In(k.Zone)
	}
	return strconv.Atoi(strings.TrimPrefix(t.ChooseDate("date", ask, starts, options...), "date-"))
}
