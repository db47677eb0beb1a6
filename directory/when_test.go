package directory

import (
	"testing"

	"handrail"
)

func TestWhenText_LessRegularTimes(t *testing.T) {
	at := handrail.At
	thursday := handrail.Recurrence{Freq: handrail.Monthly, Day: 4, Nth: -1, Start: at(14, 0)}
	friday := func(nth int) handrail.Recurrence {
		return handrail.Recurrence{Freq: handrail.Monthly, Day: 5, Nth: nth, Start: at(10, 0), End: at(12, 0)}
	}
	for want, times := range map[string][]handrail.Recurrence{
		"the last Thursday of the month, 2pm":                         {thursday},
		"the first and third Fridays of the month, 10am to 12 noon":   {friday(3), friday(1)},
		"the second and last Fridays of the month, 10am to 12 noon":   {friday(-1), friday(2)},
		"the 15th of the month, 2pm":                                  {{Freq: handrail.Monthly, MonthDay: 15, Start: at(14, 0)}},
		"the 1st, 22nd and last day of every other month, 2pm":        {{Freq: handrail.Monthly, MonthDay: 22, Every: 2, Start: at(14, 0)}, {Freq: handrail.Monthly, MonthDay: -1, Every: 2, Start: at(14, 0)}, {Freq: handrail.Monthly, MonthDay: 1, Every: 2, Start: at(14, 0)}},
		"the first Monday of every 3rd month, 9am":                    {{Freq: handrail.Monthly, Day: 1, Nth: 1, Every: 3, Start: at(9, 0)}},
		"Tuesdays, 10am to 11am, in term time":                        {{Day: 2, Start: at(10, 0), End: at(11, 0), TermOnly: true}},
		"Tuesdays, 10am, until 18 December 2026":                      {{Day: 2, Start: at(10, 0), Until: "2026-12-18"}},
		"Tuesdays":                                                    {{Day: 2}},
		"Tuesdays, 10am; the last Thursday of the month, 2pm":         {thursday, {Day: 2, Start: at(10, 0)}},
		"on 3 December 2026 and 10 December 2026, 10am":               {{Freq: handrail.OnDates, Also: []handrail.Date{"2026-12-10", "2026-12-03"}, Start: at(10, 0)}},
		"on 1 December 2026, 2 December 2026 and 2 other dates, 10am": {{Freq: handrail.OnDates, Also: []handrail.Date{"2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"}, Start: at(10, 0)}},
		"on some dates, 10am":                                         {{Freq: handrail.OnDates, Start: at(10, 0)}},
		"Mondays, 10am":                                               {{Day: 1, Start: at(10, 0)}, {Day: 2, Start: at(9, 0), Certainty: handrail.CertaintyGuessed}},
	} {
		if got := WhenText(handrail.Activity{Times: times}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	guessed := handrail.Activity{Times: []handrail.Recurrence{{Day: 2, Start: at(7, 0), Certainty: handrail.CertaintyGuessed}}, WhenText: "Tuesdays 7-9"}
	if got := WhenText(guessed); got != "Tuesdays 7-9" {
		t.Errorf("a guess: %q", got)
	}
}
