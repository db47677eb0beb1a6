package handrail_test

import (
	"testing"

	"handrail"
)

func fact(kind handrail.FactKind, value string) handrail.Fact {
	return handrail.Fact{Kind: kind, Value: value, On: "2026-11-01"}
}

func TestActivity_LastDay(t *testing.T) {
	until := func(d handrail.Date) handrail.Recurrence { return handrail.Recurrence{Until: d} }
	for _, c := range []struct {
		name  string
		a     handrail.Activity
		want  handrail.Date
		paid  string
		wants handrail.Date // with the last day that is paid for
	}{
		{"no times", handrail.Activity{}, "", "2027-01-31", "2027-01-31"},
		{"goes on", handrail.Activity{Times: []handrail.Recurrence{until("")}}, "", "2027-01-31", "2027-01-31"},
		{"one of two goes on", handrail.Activity{Times: []handrail.Recurrence{until("2026-12-20"), until("")}}, "", "rubbish", ""},
		{"one goes on, first", handrail.Activity{Times: []handrail.Recurrence{until(""), until("2026-12-20")}}, "", "", ""},
		{"the later end", handrail.Activity{Times: []handrail.Recurrence{until("2026-12-20"), until("2027-02-20")}}, "2027-02-20", "2027-01-31", "2027-01-31"},
		{"paid for longer", handrail.Activity{Times: []handrail.Recurrence{until("2026-12-20")}}, "2026-12-20", "2027-01-31", "2026-12-20"},
		{"once more after it", handrail.Activity{Times: []handrail.Recurrence{{Until: "2026-12-20", Also: []handrail.Date{"2027-01-10"}}}}, "2027-01-10", "", "2027-01-10"},
		{"only on dates", handrail.Activity{Times: []handrail.Recurrence{{Freq: handrail.OnDates, Also: []handrail.Date{"2027-03-01", "2027-01-10"}}}}, "2027-03-01", "", "2027-03-01"},
		{"on no dates", handrail.Activity{Times: []handrail.Recurrence{{Freq: handrail.OnDates}}}, "", "", ""},
	} {
		if got, ends := c.a.LastDay(); got != c.want || ends != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", c.name, got, ends, c.want)
		}
		c.a.Facts = []handrail.Fact{fact(handrail.FactFundingEnd, c.paid)}
		if got, ends := c.a.LastDay(); got != c.wants || ends != (c.wants != "") {
			t.Errorf("%s, paid for until %q: %q %v, want %q", c.name, c.paid, got, ends, c.wants)
		}
	}
}

func TestActivity_LastDayFrom(t *testing.T) {
	meetings := []handrail.Occurrence{{Local: "2026-11-03T10:00"}, {Local: "2026-11-10T10:00"}, {Local: "2026-11-17T10:00"}}
	for _, c := range []struct {
		sessions, paid string
		want           handrail.Date
	}{
		{"2", "", "2026-11-10"}, {" 3 ", "", "2026-11-17"}, {"1", "", "2026-11-03"},
		{"4", "", ""}, // more than are known: nobody can say when
		{"4", "2026-12-01", "2026-12-01"},
		{"3", "2026-11-12", "2026-11-12"}, {"2", "2026-11-12", "2026-11-10"},
		{"six", "", ""}, {"0", "", ""}, {"-2", "", ""}, {"201", "", ""}, {"", "2026-11-12", "2026-11-12"},
	} {
		a := handrail.Activity{Facts: []handrail.Fact{fact(handrail.FactFundingEnd, c.paid)}}
		if c.sessions != "" {
			a.Facts = append(a.Facts, fact(handrail.FactSessions, c.sessions))
		}
		if got, ends := a.LastDayFrom(meetings); got != c.want || ends != (c.want != "") {
			t.Errorf("%q sessions, paid until %q: %q %v, want %q", c.sessions, c.paid, got, ends, c.want)
		}
	}
}
