package directory

import (
	"strings"
	"testing"
	"time"

	"handrail"
)

func TestWhenText(t *testing.T) {
	w := func(d time.Weekday, from, to handrail.Clock, every int) handrail.Recurrence {
		return handrail.Recurrence{Day: d, Start: from, End: to, Every: every}
	}
	at := handrail.At
	for want, times := range map[string][]handrail.Recurrence{
		"Tuesdays, 10am to 12 noon":                                          {w(2, at(10, 0), at(12, 0), 0)},
		"Tuesdays and Thursdays, 2pm to 3.30pm":                              {w(4, at(14, 0), at(15, 30), 1), w(2, at(14, 0), at(15, 30), 0)},
		"Mondays to Fridays, 9am to 5pm":                                     {w(1, at(9, 0), at(17, 0), 0), w(2, at(9, 0), at(17, 0), 0), w(3, at(9, 0), at(17, 0), 0), w(4, at(9, 0), at(17, 0), 0), w(5, at(9, 0), at(17, 0), 0)},
		"every day, 7.05pm":                                                  {w(0, at(19, 5), 0, 0), w(1, at(19, 5), 0, 0), w(2, at(19, 5), 0, 0), w(3, at(19, 5), 0, 0), w(4, at(19, 5), 0, 0), w(5, at(19, 5), 0, 0), w(6, at(19, 5), 0, 0)},
		"Sundays, 12 noon":                                                   {w(0, at(12, 0), 0, 0)},
		"Wednesdays, 6pm to 7pm, every other week":                           {w(3, at(18, 0), at(19, 0), 2)},
		"Wednesdays, 6pm to 7pm, every 4 weeks":                              {w(3, at(18, 0), at(19, 0), 4)},
		"Mondays, 10am to 11am; Fridays, 1pm to 2pm":                         {w(5, at(13, 0), at(14, 0), 0), w(1, at(10, 0), at(11, 0), 0)},
		"Saturdays and Sundays, 12.30am to 1am":                              {w(0, at(0, 30), at(1, 0), 0), w(6, at(0, 30), at(1, 0), 0)},
		"Mondays, 9am; Tuesdays, 10am; Wednesdays, 11am; and at other times": {w(1, at(9, 0), 0, 0), w(2, at(10, 0), 0, 0), w(3, at(11, 0), 0, 0), w(4, at(12, 0), 0, 0), w(5, at(13, 0), 0, 0)},
	} {
		if got := WhenText(handrail.Activity{Times: times}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := WhenText(handrail.Activity{WhenText: " First Monday\n of the month "}); got != "First Monday of the month" {
		t.Errorf("its own words: %q", got)
	}
	if got := WhenText(handrail.Activity{}); got != "times not said" {
		t.Errorf("nothing known: %q", got)
	}
	if got := WhenText(handrail.Activity{WhenText: strings.Repeat("long ", 50)}); len(got) > 125 || !strings.HasSuffix(got, "...") {
		t.Errorf("too long: %q", got)
	}
}

func TestDistanceText(t *testing.T) {
	exact := Spot{Label: "LU1 2AB", Precision: PrecisionFull}
	rough := Spot{Label: "the middle of LU1", Precision: PrecisionOutcode}
	for _, c := range []struct {
		metres float64
		from   Spot
		want   string
	}{
		{0, exact, "less than a quarter of a mile"},
		{402, exact, "less than a quarter of a mile"},
		{965, exact, "0.6 miles"},
		{1609, exact, "1 mile"},
		{3219, exact, "2 miles"},
		{15900, exact, "9.9 miles"},
		{16090, exact, "10 miles"},
		{20000, exact, "12 miles"},
		{965, rough, "about 0.6 miles, from the middle of LU1"},
		{100, rough, "less than a quarter of a mile, from the middle of LU1"},
	} {
		if got := DistanceText(c.metres, c.from); got != c.want {
			t.Errorf("%v metres: %q, want %q", c.metres, got, c.want)
		}
	}
}

func TestCheckedText(t *testing.T) {
	for days, want := range map[int]string{0: "checked today", 1: "checked yesterday", 12: "checked 12 days ago", 28: "checked 4 weeks ago",
		60: "checked 8 weeks ago", 61: "checked 2 months ago", 200: "checked 6 months ago", 366: "not checked lately", 4000: "not checked lately", -30: "never checked"} {
		if got := CheckedText(daysAgo(days), now); got != want {
			t.Errorf("%d days ago: %q, want %q", days, got, want)
		}
	}
	if got := CheckedText(nil, now); got != "never checked" {
		t.Errorf("never: %q", got)
	}
}

func TestCostAndAccessText(t *testing.T) {
	for want, c := range map[string]handrail.Cost{
		"free": {Known: true}, "£2.50": {Known: true, Pence: 250}, "£3": {Known: true, Pence: 300}, "50p": {Known: true, Pence: 50},
		"cost not said": {}, "a small charge": {Text: "a small  charge"}, "£1.05": {Known: true, Pence: 105},
	} {
		if got := CostText(c); got != want {
			t.Errorf("%+v: %q, want %q", c, got, want)
		}
	}
	for want, a := range map[string]handrail.Access{
		"step-free access not said":                    {},
		"not step-free, parking":                       {StepFree: handrail.No, Parking: handrail.Yes},
		"step-free, accessible toilet":                 {StepFree: handrail.Yes, Toilet: handrail.Yes},
		"step-free access not said, accessible toilet": {Toilet: handrail.Yes, Parking: handrail.No},
	} {
		if got := AccessText(a); got != want {
			t.Errorf("%+v: %q, want %q", a, got, want)
		}
	}
}
