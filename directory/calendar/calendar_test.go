package calendar_test

import (
	"cmp"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests, like the program, need no zone data of the system

	"pgregory.net/rapid"

	"handrail"
	"handrail/directory/calendar"
	"handrail/internal/walltime"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// A group keeps its wall time over the changes of the clocks, and none of its meetings is lost or made up (T3).
func TestMeetings_T3_Weekly(t *testing.T) {
	cal := calendar.New(calendar.WithHolidays(calendar.Holidays{}))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"", "", "Europe/London", "Pacific/Auckland", "Asia/Tokyo"}).Draw(t, "zone")
		loc, err := time.LoadLocation(cmp.Or(name, "Europe/London"))
		if err != nil {
			t.Fatal(err)
		}
		w := handrail.Recurrence{Day: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")), Zone: name}
		w.Start = handrail.Clock(5 * rapid.IntRange(0, 287).Draw(t, "start"))
		w.End = min(w.Start+handrail.Clock(rapid.SampledFrom([]int{0, 30, 90}).Draw(t, "length")), handrail.At(23, 59))
		from := walltime.Draw(t)
		to := from.Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(t, "minutes")) * time.Minute)
		got, err := cal.Meetings(handrail.Activity{ID: "act_1", Times: []handrail.Recurrence{w}}, from, to)
		if err != nil {
			t.Fatal(err)
		}
		// By the calendar alone: every date of that weekday, at that wall time, whose instant lies in [from, to).
		var want []string
		for day := from.AddDate(0, 0, -2); day.Before(to.AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
			if day.Weekday() != w.Day {
				continue
			}
			at := handrail.WallTime(day.Year(), day.Month(), day.Day(), w.Start, loc)
			if !at.Before(from) && at.Before(to) {
				want = append(want, day.Format("2006-01-02T")+w.Start.String())
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d meetings from %s to %s, want %d", len(got), from, to, len(want))
		}
		for i, o := range got {
			if o.Local != want[i] {
				t.Fatalf("meeting %d is at %s, want %s", i, o.Local, want[i])
			}
			wall, err := time.Parse(handrail.LocalLayout, o.Local)
			if err != nil {
				t.Fatal(err)
			}
			if there := len(walltime.Instants(wall, loc)) > 0; there && o.Start.In(loc).Format(handrail.LocalLayout) != o.Local {
				t.Fatalf("the meeting of %s is at %s", o.Local, o.Start.In(loc))
			}
			if o.End.Before(o.Start) || o.End.Sub(o.Start) > 150*time.Minute {
				t.Fatalf("the meeting of %s lasts %s", o.Local, o.End.Sub(o.Start))
			}
		}
	})
}

// meetsOn says by counting alone, a day at a time and without any rule, whether a recurrence means a date.
func meetsOn(r handrail.Recurrence, day time.Time) bool {
	d := handrail.Date(day.Format(time.DateOnly))
	if slices.Contains(r.Except, d) {
		return false
	}
	if slices.Contains(r.Also, d) {
		return true
	}
	if r.From != "" && d < r.From || r.Until != "" && d > r.Until {
		return false
	}
	every := max(r.Every, 1)
	first := day
	if r.From != "" {
		first, _ = time.Parse(time.DateOnly, string(r.From))
	}
	switch r.Freq {
	case handrail.Weekly:
		if day.Weekday() != r.Day {
			return false
		}
		// Count the Mondays passed since the first date.
		weeks := 0
		for at := first; at.Before(day); at = at.AddDate(0, 0, 1) {
			if at.AddDate(0, 0, 1).Weekday() == time.Monday {
				weeks++
			}
		}
		return weeks%every == 0
	case handrail.Monthly:
		if months := (day.Year()-first.Year())*12 + int(day.Month()-first.Month()); months%every != 0 {
			return false
		}
		length := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if r.Nth == 0 {
			return day.Day() == r.MonthDay || r.MonthDay < 0 && day.Day() == length+1+r.MonthDay
		}
		if day.Weekday() != r.Day {
			return false
		}
		if r.Nth > 0 {
			return (day.Day()-1)/7+1 == r.Nth
		}
		return (length-day.Day())/7+1 == -r.Nth
	}
	return false
}

// Whatever the rule, the dates are those that counting finds (T3).
func TestMeetings_T3_EveryRule(t *testing.T) {
	cal := calendar.New(calendar.WithHolidays(calendar.Holidays{}))
	london := zone(t, "Europe/London")
	rapid.Check(t, func(t *rapid.T) {
		date := func(name string, spread int) handrail.Date {
			return handrail.Date(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(-spread, spread).Draw(t, name)).Format(time.DateOnly))
		}
		r := handrail.Recurrence{
			Freq: rapid.SampledFrom([]handrail.Frequency{handrail.Weekly, handrail.Monthly, handrail.Monthly, handrail.OnDates}).Draw(t, "freq"),
			Day:  time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")), Every: rapid.IntRange(0, 6).Draw(t, "every"),
			From: date("first", 900), Start: handrail.At(rapid.IntRange(3, 23).Draw(t, "hour"), 30),
		}
		if r.Freq == handrail.Monthly {
			r.Nth = rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, -1, -2}).Draw(t, "nth")
			r.MonthDay = rapid.SampledFrom([]int{1, 15, 28, 29, 30, 31, -1, -3}).Draw(t, "month day")
		}
		if rapid.Bool().Draw(t, "ends") {
			r.Until = date("last", 900)
		}
		for range rapid.IntRange(0, 3).Draw(t, "dates") {
			r.Except, r.Also = append(r.Except, date("except", 100)), append(r.Also, date("also", 100))
		}
		begin := time.Date(2027, 1, 1, 0, 0, 0, 0, london).AddDate(0, 0, rapid.IntRange(-300, 300).Draw(t, "begin"))
		end := begin.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "days"))
		got, err := cal.Meetings(handrail.Activity{ID: "act_1", Times: []handrail.Recurrence{r}}, begin, end)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for day := time.Date(begin.Year(), begin.Month(), begin.Day(), 0, 0, 0, 0, time.UTC); day.Format(time.DateOnly) < end.Format(time.DateOnly); day = day.AddDate(0, 0, 1) {
			if meetsOn(r, day) {
				want = append(want, day.Format("2006-01-02T")+r.Start.String())
			}
		}
		if locals := localsOf(got); !slices.Equal(locals, want) {
			t.Fatalf("%+v\n%v, want\n%v", r, locals, want)
		}
	})
}

func localsOf(all []handrail.Occurrence) []string {
	var locals []string
	for _, o := range all {
		locals = append(locals, o.Local)
	}
	return locals
}

func TestMeetings_T3_Table(t *testing.T) {
	london := zone(t, "Europe/London")
	tuesdays := handrail.Recurrence{Day: time.Tuesday, Start: handrail.At(14, 0), End: handrail.At(15, 0)}
	fridays := handrail.Recurrence{Day: time.Friday, Start: handrail.At(10, 0)}
	fortnightly := handrail.Recurrence{Day: time.Monday, Start: handrail.At(10, 0), Every: 2}
	with := func(r handrail.Recurrence, change func(*handrail.Recurrence)) []handrail.Recurrence {
		change(&r)
		return []handrail.Recurrence{r}
	}
	monthly := handrail.Recurrence{Freq: handrail.Monthly, Start: handrail.At(10, 0)}
	first := time.Date(2027, 3, 23, 14, 0, 0, 0, london)
	year := time.Date(2027, 1, 1, 0, 0, 0, 0, london)
	for _, c := range []struct {
		name     string
		times    []handrail.Recurrence
		from, to time.Time
		want     []string
	}{
		{"no times", nil, first, first.AddDate(0, 1, 0), nil},
		{"from is part of it, to is not", []handrail.Recurrence{tuesdays}, first, first.AddDate(0, 0, 7), []string{"2027-03-23T14:00"}},
		{"a moment later", []handrail.Recurrence{tuesdays}, first.Add(time.Second), first.AddDate(0, 0, 7).Add(time.Second), []string{"2027-03-30T14:00"}},
		{"in order", []handrail.Recurrence{fridays, tuesdays}, first, first.AddDate(0, 0, 8), []string{"2027-03-23T14:00", "2027-03-26T10:00", "2027-03-30T14:00"}},
		{"every other week without a first date says nothing", []handrail.Recurrence{fortnightly}, first, first.AddDate(0, 2, 0), nil},
		{"every other week from a first date", with(fortnightly, func(r *handrail.Recurrence) { r.From = "2027-03-22" }), first, first.AddDate(0, 1, 10),
			[]string{"2027-04-05T10:00", "2027-04-19T10:00", "2027-05-03T10:00"}},
		{"every other week, counted in weeks from Monday", with(fortnightly, func(r *handrail.Recurrence) { r.From = "2027-03-23" }), first, first.AddDate(0, 1, 0),
			[]string{"2027-04-05T10:00", "2027-04-19T10:00"}},
		{"nothing in an empty span", []handrail.Recurrence{tuesdays}, first, first, nil},
		{"nothing in a span turned round", []handrail.Recurrence{tuesdays}, first, first.AddDate(0, 0, -7), nil},
		{"a leap day", []handrail.Recurrence{tuesdays}, time.Date(2028, 2, 28, 0, 0, 0, 0, london), time.Date(2028, 3, 1, 0, 0, 0, 0, london), []string{"2028-02-29T14:00"}},
		{"a guess is no meeting", with(tuesdays, func(r *handrail.Recurrence) { r.Certainty = handrail.CertaintyGuessed }), first, first.AddDate(0, 1, 0), nil},
		{"what prose says plainly is", with(tuesdays, func(r *handrail.Recurrence) { r.Certainty = handrail.CertaintyRead }), first, first.AddDate(0, 0, 7), []string{"2027-03-23T14:00"}},
		{"between its first and last date", with(tuesdays, func(r *handrail.Recurrence) { r.From, r.Until = "2027-03-30", "2027-04-06" }), first, first.AddDate(0, 2, 0), []string{"2027-03-30T14:00", "2027-04-06T14:00"}},
		{"without one, and on another day besides", with(tuesdays, func(r *handrail.Recurrence) {
			r.Except, r.Also = []handrail.Date{"2027-03-30"}, []handrail.Date{"2027-03-31", "2027-04-06"}
		}), first, first.AddDate(0, 0, 15), []string{"2027-03-23T14:00", "2027-03-31T14:00", "2027-04-06T14:00"}},
		{"the last Thursday", with(monthly, func(r *handrail.Recurrence) { r.Day, r.Nth = time.Thursday, -1 }), year, year.AddDate(0, 4, 0),
			[]string{"2027-01-28T10:00", "2027-02-25T10:00", "2027-03-25T10:00", "2027-04-29T10:00"}},
		{"a fifth Friday, where there is one", with(monthly, func(r *handrail.Recurrence) { r.Day, r.Nth = time.Friday, 5 }), year, year.AddDate(0, 5, 0), []string{"2027-01-29T10:00", "2027-04-30T10:00"}},
		{"the 31st, where there is one", with(monthly, func(r *handrail.Recurrence) { r.MonthDay = 31 }), year, year.AddDate(0, 4, 0), []string{"2027-01-31T10:00", "2027-03-31T10:00"}},
		{"the last day of the month", with(monthly, func(r *handrail.Recurrence) { r.MonthDay = -1 }), year, year.AddDate(0, 3, 0), []string{"2027-01-31T10:00", "2027-02-28T10:00", "2027-03-31T10:00"}},
		{"29 February", with(monthly, func(r *handrail.Recurrence) { r.MonthDay, r.Every, r.From = 29, 12, "2024-02-01" }), year, year.AddDate(3, 0, 0), []string{"2028-02-29T10:00"}},
		{"every third month", with(monthly, func(r *handrail.Recurrence) { r.MonthDay, r.Every, r.From = 2, 3, "2026-11-30" }), year, year.AddDate(0, 9, 0), []string{"2027-02-02T10:00", "2027-05-02T10:00", "2027-08-02T10:00"}},
		{"a month without a day says nothing", []handrail.Recurrence{monthly}, year, year.AddDate(1, 0, 0), nil},
		{"dates alone", with(handrail.Recurrence{Freq: handrail.OnDates, Start: handrail.At(9, 30), Day: time.Tuesday}, func(r *handrail.Recurrence) {
			r.Also = []handrail.Date{"2027-12-24", "2027-02-29", "soon", "2027-06-24"}
		}), year, year.AddDate(1, 0, 0), []string{"2027-06-24T09:30", "2027-12-24T09:30"}},
		{"the fourth and the last Tuesday once", []handrail.Recurrence{
			{Freq: handrail.Monthly, Day: time.Tuesday, Nth: 4, Start: handrail.At(10, 0)}, {Freq: handrail.Monthly, Day: time.Tuesday, Nth: -1, Start: handrail.At(10, 0)},
		}, year.AddDate(0, 1, 0), year.AddDate(0, 3, 0), []string{"2027-02-23T10:00", "2027-03-23T10:00", "2027-03-30T10:00"}},
		{"a first date that is none", with(tuesdays, func(r *handrail.Recurrence) { r.From = "soon" }), first, first.AddDate(0, 1, 0), nil},
		{"a last date that is none", with(tuesdays, func(r *handrail.Recurrence) { r.Until = "zzz" }), first, first.AddDate(0, 1, 0), nil},
		{"a frequency that is none", with(tuesdays, func(r *handrail.Recurrence) { r.Freq = "hourly" }), first, first.AddDate(0, 1, 0), nil},
		{"a time that is none", with(tuesdays, func(r *handrail.Recurrence) { r.Start = handrail.At(25, 0) }), first, first.AddDate(0, 1, 0), nil},
		{"an old first date", with(fortnightly, func(r *handrail.Recurrence) { r.From = "0001-01-01" }), first, first.AddDate(0, 0, 14), []string{"2027-03-29T10:00"}},
	} {
		got, err := calendar.New().Meetings(handrail.Activity{ID: "act_1", Times: c.times}, c.from, c.to)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if locals := localsOf(got); !slices.Equal(locals, c.want) {
			t.Errorf("%s: %v, want %v", c.name, locals, c.want)
		}
	}
	for _, name := range []string{"Mars/Olympus", "Local"} {
		a := handrail.Activity{ID: "act_1", Times: with(tuesdays, func(r *handrail.Recurrence) { r.Zone = name })}
		if got, err := calendar.New().Meetings(a, first, first.AddDate(0, 1, 0)); err == nil {
			t.Errorf("in zone %s it meets at %v", name, got)
		}
	}
}

// Cancelled days, bank holidays and school holidays, by where the group meets (T3).
func TestMeetings_T3_DaysOff(t *testing.T) {
	monday := handrail.Recurrence{Day: time.Monday, Start: handrail.At(10, 0)}
	saturday := handrail.Recurrence{Day: time.Saturday, Start: handrail.At(10, 0)}
	terms := calendar.WithTerms(calendar.Term{From: "2027-04-12", Until: "2027-05-28"}, calendar.Term{From: "2027-01-04", Until: "2027-03-25"})
	with := func(r handrail.Recurrence, change func(*handrail.Recurrence)) handrail.Recurrence {
		change(&r)
		return r
	}
	notOn := func(r *handrail.Recurrence) { r.Holidays = handrail.No }
	on := func(r *handrail.Recurrence) { r.Holidays = handrail.Yes }
	inTerm := func(r *handrail.Recurrence) { r.TermOnly, r.Holidays = true, handrail.Yes }
	for _, c := range []struct {
		name      string
		r         handrail.Recurrence
		postcode  string
		cancelled []handrail.Date
		from      handrail.Date
		weeks     int
		want      string // dates, with a ? where there is a doubt
		options   []calendar.Option
	}{
		{"Easter Monday in England", with(monday, notOn), "LU1 2AB", nil, "2027-03-22", 3, "2027-03-22 2027-04-05", nil},
		{"Easter Monday in Scotland is no holiday", with(monday, notOn), "EH6 4HF", nil, "2027-03-22", 3, "2027-03-22 2027-03-29 2027-04-05", nil},
		{"Easter Monday nobody knows where", with(monday, notOn), "", nil, "2027-03-22", 3, "2027-03-22 2027-04-05", nil},
		{"Easter Monday and nothing said", monday, "LU1 2AB", nil, "2027-03-22", 3, "2027-03-22 2027-03-29? 2027-04-05", nil},
		{"Easter Monday as ever", with(monday, on), "LU1 2AB", nil, "2027-03-22", 3, "2027-03-22 2027-03-29 2027-04-05", nil},
		{"the August holiday in Scotland", with(monday, notOn), "G1 1AA", nil, "2027-08-02", 2, "2027-08-09", nil},
		{"the Twelfth in Belfast", with(monday, notOn), "BT1 1AA", nil, "2027-07-05", 3, "2027-07-05 2027-07-19", nil},
		{"the Twelfth in London", with(monday, notOn), "SE1 7PB", nil, "2027-07-05", 3, "2027-07-05 2027-07-12 2027-07-19", nil},
		{"Christmas Day although its holiday is on Monday", with(saturday, notOn), "SE1 7PB", nil, "2027-12-18", 3, "2027-12-18", nil},
		{"Christmas Day and nothing said", saturday, "SE1 7PB", nil, "2027-12-18", 3, "2027-12-18 2027-12-25? 2028-01-01?", nil},
		{"Christmas Day in a year nobody knows yet", with(with(monday, notOn), func(r *handrail.Recurrence) { r.Day = time.Thursday }), "SE1 7PB", nil, "2031-12-18", 3, "2031-12-18", nil},
		{"cancelled", monday, "LU1 2AB", []handrail.Date{"2027-03-01", "2027-03-02"}, "2027-02-22", 3, "2027-02-22 2027-03-08", nil},
		{"a date said one by one is held on a holiday too", with(monday, func(r *handrail.Recurrence) { r.Holidays, r.Also = handrail.No, []handrail.Date{"2027-03-29"} }), "LU1 2AB", nil, "2027-03-22", 3, "2027-03-22 2027-03-29 2027-04-05", nil},
		{"unless it was cancelled", with(monday, func(r *handrail.Recurrence) { r.Also = []handrail.Date{"2027-03-31"} }), "EH6 4HF", []handrail.Date{"2027-03-31"}, "2027-03-22", 3, "2027-03-22 2027-03-29 2027-04-05", nil},
		{"holidays that somebody imported", with(monday, notOn), "LU1 2AB", nil, "2027-03-22", 3, "2027-03-22 2027-03-29 2027-04-05", []calendar.Option{calendar.WithHolidays(calendar.Holidays{})}},
		{"terms that are known", with(monday, inTerm), "LU1 2AB", nil, "2027-03-15", 6, "2027-03-15 2027-03-22 2027-04-12 2027-04-19", []calendar.Option{terms}},
		{"after the terms that are known", with(monday, inTerm), "LU1 2AB", nil, "2027-05-24", 3, "2027-05-24 2027-05-31? 2027-06-07", []calendar.Option{terms}},
		{"a summer in England without terms", with(monday, inTerm), "LU1 2AB", nil, "2027-07-05", 10, "2027-07-05 2027-07-12? 2027-07-19? 2027-07-26? 2027-08-30? 2027-09-06?", nil},
		{"a summer in Scotland without terms", with(monday, inTerm), "EH6 4HF", nil, "2027-06-14", 11, "2027-06-14 2027-06-21? 2027-06-28? 2027-08-16? 2027-08-23?", nil},
		{"a summer in Belfast without terms", with(monday, inTerm), "BT1 1AA", nil, "2027-06-21", 12, "2027-06-21 2027-06-28? 2027-08-30? 2027-09-06", nil},
		{"Easter without terms", with(monday, inTerm), "LU1 2AB", nil, "2028-03-20", 8, "2028-03-20 2028-03-27 2028-04-03? 2028-04-10? 2028-04-17? 2028-04-24? 2028-05-01? 2028-05-08", nil},
		{"Christmas without terms", with(monday, inTerm), "LU1 2AB", nil, "2026-12-14", 5, "2026-12-14 2026-12-21? 2027-01-04? 2027-01-11", nil},
		{"half-term without terms", with(monday, inTerm), "LU1 2AB", nil, "2027-02-01", 4, "2027-02-01 2027-02-08? 2027-02-15? 2027-02-22?", nil},
	} {
		a := handrail.Activity{ID: "act_1", Venue: handrail.Venue{Postcode: c.postcode}, Times: []handrail.Recurrence{c.r}}
		for _, d := range c.cancelled {
			a.Standing.Cancelled = append(a.Standing.Cancelled, handrail.Cancellation{On: d})
		}
		from := c.from.At(0, zone(t, "Europe/London"))
		got, err := calendar.New(c.options...).Meetings(a, from, from.AddDate(0, 0, 7*c.weeks))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var dates []string
		for _, o := range got {
			d := string(o.Date())
			if o.Doubt != handrail.DoubtNone {
				d += "?"
			}
			dates = append(dates, d)
		}
		// Early May is a bank holiday, and one of these meets on it and says so.
		if s := strings.Join(dates, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

// elsewhere is set in a run of this test binary inside itself.
const elsewhere = "HANDRAIL_TEST_ELSEWHERE"

// The same meetings come out in another part of the world, in the C locale and without zone data of the system (T6).
func TestMeetings_T6_Elsewhere(t *testing.T) {
	if os.Getenv(elsewhere) != "" {
		t.Skip("this is the run elsewhere")
	}
	for _, tz := range []string{"Asia/Tokyo", "Pacific/Auckland", "America/New_York"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=Meetings|Rule|Example")
		cmd.Env = []string{elsewhere + "=1", "TZ=" + tz, "LANG=C", "LC_ALL=C", "HOME=" + t.TempDir(), "GOROOT=/nowhere"}
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestMeetings_T3_EveryRule") || !strings.Contains(string(out), "--- PASS: ExampleCalendar_Meetings") {
			t.Errorf("%s: %v\n%s", tz, err, out)
		}
	}
}

func benchmark(b *testing.B, r handrail.Recurrence, want int) {
	b.Helper()
	cal := calendar.New()
	a := handrail.Activity{ID: "act_1", Venue: handrail.Venue{Postcode: "LU1 2AB"}, Times: []handrail.Recurrence{r}}
	b.ReportAllocs()
	for b.Loop() {
		if all, err := cal.Meetings(a, noon(), noon().AddDate(0, 0, 21)); err != nil || len(all) != want {
			b.Fatal(len(all), err)
		}
	}
}

// BenchmarkMeetings is three weeks of one group, as a search and a choice ask for them.
func BenchmarkMeetings(b *testing.B) {
	benchmark(b, handrail.Recurrence{Day: time.Tuesday, Start: handrail.At(14, 0), End: handrail.At(15, 0)}, 3)
}

func BenchmarkMeetings_Fortnightly(b *testing.B) {
	benchmark(b, handrail.Recurrence{Day: time.Tuesday, Start: handrail.At(14, 0), Every: 2, From: "2015-01-06"}, 2)
}

func BenchmarkMeetings_Monthly(b *testing.B) {
	benchmark(b, handrail.Recurrence{Freq: handrail.Monthly, Day: time.Thursday, Nth: -1, Start: handrail.At(14, 0)}, 1)
}
