package calendar_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/directory/calendar"
)

func TestParseRule_Table(t *testing.T) {
	at := handrail.At
	like := handrail.Recurrence{Start: at(10, 0), End: at(12, 0)}
	from := func(d handrail.Date) handrail.Recurrence {
		r := like
		r.From = d
		return r
	}
	type list = []handrail.Recurrence
	on := func(day time.Weekday, r handrail.Recurrence, more ...func(*handrail.Recurrence)) handrail.Recurrence {
		r.Day = day
		for _, m := range more {
			m(&r)
		}
		return r
	}
	monthly := func(nth, day int) func(*handrail.Recurrence) {
		return func(r *handrail.Recurrence) { r.Freq, r.Nth, r.MonthDay = handrail.Monthly, nth, day }
	}
	until := func(d handrail.Date) func(*handrail.Recurrence) { return func(r *handrail.Recurrence) { r.Until = d } }
	every := func(n int) func(*handrail.Recurrence) { return func(r *handrail.Recurrence) { r.Every = n } }
	for _, c := range []struct {
		rule string
		like handrail.Recurrence
		want list // nil is a refusal
	}{
		{"FREQ=WEEKLY;BYDAY=TU,TH", like, list{on(time.Tuesday, like), on(time.Thursday, like)}},
		{"RRULE:FREQ=WEEKLY;BYDAY=TU;", like, list{on(time.Tuesday, like)}},
		{" rrule:freq=weekly;byday=su ", like, list{on(time.Sunday, like)}},
		{"FREQ=WEEKLY;BYDAY=TU,TU", like, list{on(time.Tuesday, like)}},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", from("2027-03-22"), list{on(time.Monday, from("2027-03-22"), every(2))}},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU", from("2027-03-22"), nil},
		{"FREQ=WEEKLY;BYDAY=MO;WKST=SU", like, list{on(time.Monday, like)}},
		{"FREQ=WEEKLY", from("2027-03-25"), list{on(time.Thursday, from("2027-03-25"))}},
		{"FREQ=WEEKLY", like, nil},
		{"FREQ=DAILY", like, list{on(1, like), on(2, like), on(3, like), on(4, like), on(5, like), on(6, like), on(0, like)}},
		{"FREQ=DAILY;BYDAY=SA,SU", like, list{on(6, like), on(0, like)}},
		{"FREQ=DAILY;INTERVAL=14", from("2027-03-25"), list{on(time.Thursday, from("2027-03-25"), every(2))}},
		{"FREQ=DAILY;INTERVAL=7", from("2027-03-25"), list{on(time.Thursday, from("2027-03-25"))}},
		{"FREQ=DAILY;INTERVAL=2", from("2027-03-25"), nil},
		{"FREQ=MONTHLY;BYDAY=-1TH", like, list{on(time.Thursday, like, monthly(-1, 0))}},
		{"FREQ=MONTHLY;BYDAY=1FR,3FR", like, list{on(time.Friday, like, monthly(1, 0)), on(time.Friday, like, monthly(3, 0))}},
		{"FREQ=MONTHLY;BYDAY=FR;BYSETPOS=2,-1", like, list{on(time.Friday, like, monthly(2, 0)), on(time.Friday, like, monthly(-1, 0))}},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", like, nil},
		{"FREQ=MONTHLY;BYDAY=TU", like, nil},
		{"FREQ=MONTHLY;BYMONTHDAY=15,-1", like, list{on(0, like, monthly(0, 15)), on(0, like, monthly(0, -1))}},
		{"FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=8,9,10,11,12,13,14", like, nil},
		{"FREQ=MONTHLY", from("2027-03-25"), list{on(0, from("2027-03-25"), monthly(0, 25))}},
		{"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", from("2027-03-25"), list{on(0, from("2027-03-25"), monthly(0, 1), every(3))}},
		{"FREQ=MONTHLY;BYDAY=6MO", like, nil},
		{"FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", like, nil},
		{"FREQ=HOURLY", like, nil},
		{"FREQ=WEEKLY;BYDAY=MO;BYMONTH=6,7", like, nil},
		{"FREQ=WEEKLY;BYDAY=1MO", like, nil},
		{"FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,14", like, nil},
		{"FREQ=WEEKLY;BYDAY=MO;BYHOUR=14;BYMINUTE=30", like, list{on(time.Monday, like, func(r *handrail.Recurrence) { r.Start, r.End = at(14, 30), 0 })}},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20270331", like, list{on(time.Monday, like, until("2027-03-31"))}},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20270331T235959Z", like, list{on(time.Monday, like, until("2027-03-31"))}}, // 00:59 in London on 1 April, too early for ten o'clock
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20270331T090000Z", like, list{on(time.Monday, like, until("2027-03-31"))}},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20270331T085959Z", like, list{on(time.Monday, like, until("2027-03-30"))}},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=soon", like, nil},
		{"FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", from("2027-03-22"), list{on(time.Monday, from("2027-03-22"), until("2027-03-29")), on(time.Wednesday, from("2027-03-22"), until("2027-03-29"))}},
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", like, nil},
		{"DTSTART;TZID=Asia/Tokyo:20270105T140000\r\nDTEND;TZID=Asia/Tokyo:20270105T153000\r\nRRULE:FREQ=WEEKLY;BYDAY=TU\r\nEXDATE;TZID=Asia/Tokyo:20270112T1\r\n 40000,20270119T140000\r\nRDATE:20270113", handrail.Recurrence{},
			list{{Day: time.Tuesday, Start: at(14, 0), End: at(15, 30), Zone: "Asia/Tokyo", From: "2027-01-05", Except: []handrail.Date{"2027-01-12", "2027-01-19"}, Also: []handrail.Date{"2027-01-13"}}}},
		{"DTSTART:20270705T090000Z\nRRULE:FREQ=WEEKLY", handrail.Recurrence{}, list{{Day: time.Monday, Start: at(10, 0), From: "2027-07-05"}}}, // a London summer
		{"RDATE:20270105,20270209", like, list{on(0, like, func(r *handrail.Recurrence) {
			r.Freq, r.Also = handrail.OnDates, []handrail.Date{"2027-01-05", "2027-02-09"}
		})}},
		{"DTSTART;TZID=Mars/Olympus:20270105T140000\nRRULE:FREQ=WEEKLY", like, nil},
		{"DTSTART;TZID=Local:20270105T140000\nRRULE:FREQ=WEEKLY", like, nil},
		{"", like, nil},
		{"weekly", like, nil},
		{"FREQ=", like, nil},
		{"FREQ=WEEKLY;BYDAY=XX", like, nil},
		{"FREQ=WEEKLY;INTERVAL=99999999999999999999", like, nil},
		{"FREQ=WEEKLY;BYDAY=MO;INTERVAL=-1", like, nil},
		{"RRULE:FREQ=WEEKLY;BYDAY=MO\nEXRULE:FREQ=MONTHLY;BYDAY=1MO", like, nil},
		{"RRULE:FREQ=WEEKLY;BYDAY=MO\nRRULE:FREQ=WEEKLY;BYDAY=TU", like, nil},
		{"EXDATE:" + strings.Repeat("20270105,", 6000), like, nil},
	} {
		got, err := calendar.ParseRule(c.rule, c.like)
		name := c.rule[:min(len(c.rule), 80)]
		if (err == nil) != (c.want != nil) || err != nil && !errors.Is(err, calendar.ErrRule) {
			t.Errorf("%q: %v, %v", name, got, err)
			continue
		}
		if !slices.EqualFunc(got, c.want, handrail.Recurrence.Equal) {
			t.Errorf("%q:\n%+v, want\n%+v", name, got, c.want)
		}
	}
}

// drawRecurrence draws one that can be told as a rule.
func drawRecurrence(t *rapid.T) handrail.Recurrence {
	date := func(name string) handrail.Date {
		return handrail.Date(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(-400, 400).Draw(t, name)).Format(time.DateOnly))
	}
	r := handrail.Recurrence{Start: handrail.Clock(rapid.IntRange(0, 1438).Draw(t, "start")), Zone: rapid.SampledFrom([]string{"", "Asia/Tokyo", "America/New_York"}).Draw(t, "zone")}
	if rapid.Bool().Draw(t, "has an end") {
		r.End = handrail.Clock(rapid.IntRange(int(r.Start)+1, 1439).Draw(t, "end"))
	}
	r.From = date("from")
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		r.Freq, r.MonthDay = handrail.Monthly, rapid.SampledFrom([]int{1, 28, 31, -1}).Draw(t, "month day")
	case 1:
		r.Freq, r.Nth = handrail.Monthly, rapid.SampledFrom([]int{1, 2, 3, 4, 5, -1, -2}).Draw(t, "nth")
		r.Day = time.Weekday(rapid.IntRange(0, 6).Draw(t, "day"))
	default:
		r.Day = time.Weekday(rapid.IntRange(0, 6).Draw(t, "day"))
	}
	r.Every = rapid.SampledFrom([]int{0, 0, 2, 3, 6}).Draw(t, "every")
	if rapid.Bool().Draw(t, "ends") {
		r.Until = date("until")
	}
	for range rapid.IntRange(0, 2).Draw(t, "dates") {
		r.Except, r.Also = append(r.Except, date("except")), append(r.Also, date("also"))
	}
	for _, list := range []*[]handrail.Date{&r.Except, &r.Also} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return r
}

// What is told as a rule and as lines is read again as the same.
func TestRule_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecurrence(t)
		like := r
		like.Freq, like.Day, like.Nth, like.MonthDay, like.Every, like.Until = handrail.Weekly, 0, 0, 0, 0, ""
		got, err := calendar.ParseRule(calendar.Rule(r), like)
		if err != nil || len(got) != 1 || !got[0].Equal(r) {
			t.Fatalf("%q is %+v, %v, want %+v", calendar.Rule(r), got, err, r)
		}
		lines := calendar.Lines(r, r.From)
		got, err = calendar.ParseRule(strings.Join(lines, "\r\n"), handrail.Recurrence{})
		if err != nil || len(got) != 1 || !got[0].Equal(r) {
			t.Fatalf("%q is %+v, %v, want %+v", lines, got, err, r)
		}
	})
	// An hour that the clocks skip that night.
	skipped := handrail.Recurrence{Freq: handrail.Monthly, MonthDay: 1, Start: handrail.At(1, 15), End: handrail.At(1, 45), From: "2027-03-28", Until: "2028-03-26"}
	again, err := calendar.ParseRule(strings.Join(calendar.Lines(skipped, skipped.From), "\n"), handrail.Recurrence{})
	if err != nil || len(again) != 1 || !again[0].Equal(skipped) {
		t.Errorf("%+v, %v, want %+v", again, err, skipped)
	}
	dates := handrail.Recurrence{Freq: handrail.OnDates, Start: handrail.At(9, 0), From: "2027-01-05", Also: []handrail.Date{"2027-01-05", "2027-03-02"}}
	if rule := calendar.Rule(dates); rule != "" {
		t.Errorf("dates alone have the rule %q", rule)
	}
	got, err := calendar.ParseRule(strings.Join(calendar.Lines(dates, "2027-01-05"), "\n"), handrail.Recurrence{})
	if err != nil || len(got) != 1 || !got[0].Equal(dates) {
		t.Errorf("%+v, %v, want %+v", got, err, dates)
	}
}

func TestLines_Table(t *testing.T) {
	r := handrail.Recurrence{Day: time.Tuesday, Start: handrail.At(9, 5), End: handrail.At(10, 0), Until: "2027-07-27", Except: []handrail.Date{"2027-06-01", "soon"}}
	want := []string{
		"DTSTART;TZID=Europe/London:20270105T090500", "DTEND;TZID=Europe/London:20270105T100000",
		"RRULE:FREQ=WEEKLY;UNTIL=20270727T080500Z;BYDAY=TU", "EXDATE;TZID=Europe/London:20270601T090500",
	}
	if got := calendar.Lines(r, "2027-01-05"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for name, change := range map[string]func(*handrail.Recurrence){
		"no frequency there is": func(r *handrail.Recurrence) { r.Freq = "hourly" },
		"a month without a day": func(r *handrail.Recurrence) { r.Freq = handrail.Monthly },
		"no zone there is":      func(r *handrail.Recurrence) { r.Zone = "Mars/Olympus" },
		"no date there is":      func(r *handrail.Recurrence) { r.Until = "soon" },
	} {
		bad := r
		change(&bad)
		if got, rule := calendar.Lines(bad, "2027-01-05"), calendar.Rule(bad); got != nil || rule != "" {
			t.Errorf("%s: %q, %q", name, got, rule)
		}
	}
	if got := calendar.Lines(r, ""); got != nil {
		t.Errorf("without a first date: %q", got)
	}
}

// Whatever a feed calls a rule, it is refused or can be expanded, and told again as the same.
func FuzzParseRule_B23(f *testing.F) {
	for _, s := range []string{
		"FREQ=WEEKLY;BYDAY=TU,TH", "FREQ=MONTHLY;BYDAY=-1TH;COUNT=5", "RRULE:FREQ=DAILY;UNTIL=20270331T000000Z", "FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=7",
		"DTSTART;TZID=Europe/London:20270105T100000\nRRULE:FREQ=WEEKLY;INTERVAL=2\nEXDATE:20270119T100000", "RDATE:20270105", "FREQ=YEARLY;BYEASTER=1", "FREQ=WEEKLY;BYHOUR=25",
		"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "FREQ=WEEKLY;BYDAY=+1MO", "FREQ=SECONDLY;COUNT=1000", "EXDATE:00010101", "\nDTSTART\n:::;;;===", "FREQ=MONTHLY;BYMONTHDAY=30;INTERVAL=12;COUNT=9",
	} {
		f.Add(s)
	}
	cal := calendar.New()
	begin := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, rule string) {
		all, err := calendar.ParseRule(rule, handrail.Recurrence{Start: handrail.At(10, 0), From: "2027-02-28"})
		if err != nil {
			if !errors.Is(err, calendar.ErrRule) || all != nil {
				t.Fatalf("%v with %v", err, all)
			}
			return
		}
		if len(all) == 0 {
			t.Fatal("neither times nor an error")
		}
		if _, err := cal.Meetings(handrail.Activity{ID: "act_1", Times: all}, begin, begin.AddDate(1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			again, err := calendar.ParseRule(strings.Join(calendar.Lines(r, r.From), "\n"), handrail.Recurrence{})
			if err != nil || len(again) != 1 {
				t.Fatalf("%+v told as %q is %+v, %v", r, calendar.Lines(r, r.From), again, err)
			}
			again[0].End, r.End = 0, 0 // an end before the start is none
			if !again[0].Equal(r) {
				t.Fatalf("%+v told as %q is %+v", r, calendar.Lines(r, r.From), again)
			}
		}
	})
}

func BenchmarkParseRule(b *testing.B) {
	like := handrail.Recurrence{Start: handrail.At(10, 0)}
	for b.Loop() {
		if all, err := calendar.ParseRule("FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20271231", like); err != nil || len(all) != 2 {
			b.Fatal(all, err)
		}
	}
}

// A field that is added to Recurrence must be thought of here: can a rule say it?
func TestRule_KnowsTheFields(t *testing.T) {
	const known = "Freq Day Nth MonthDay Every Start End Zone From Until Except Also Holidays TermOnly Certainty"
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[handrail.Recurrence]()) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != known {
		t.Errorf("Recurrence has %s: see to ParseRule, Rule, Lines and Meetings", got)
	}
}
