package dialogs

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"handrail"
	"handrail/bot"
)

func entryOf(t testing.TB, f bot.File) *ics.VEvent {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSuffix(string(f.Data), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
			t.Fatalf("line %d of %q is no line of RFC 5545", i, f.Data)
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(f.Data))
	if err != nil {
		t.Fatalf("another reader refuses it: %v\n%s", err, f.Data)
	}
	if all := cal.Events(); len(all) == 1 {
		return all[0]
	}
	t.Fatalf("it has %d entries:\n%s", len(cal.Events()), f.Data)
	return nil
}

func visitAt(local string, start time.Time, name string, sensitive bool) handrail.Visit {
	return handrail.Visit{
		Attendance: handrail.Attendance{ID: "att_1", Occurrence: handrail.Occurrence{Local: local, Zone: "Europe/London", Start: start, End: start.Add(2 * time.Hour)}},
		Activity: handrail.Activity{Name: name, Sensitive: sensitive,
			Venue: handrail.Venue{Name: "The Old Hall; Room 2", Street: "14, Hatters Row", Town: "Luton", Postcode: "LU1 2EX"}},
	}
}

// Another reader of calendars reads what we write: the same instants on both sides of a change of the clocks, and nothing
// of a sensitive group's name or place.
func TestCalendarFile_T3_G4(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		local, utc, title string
		sensitive         bool
	}{
		{"2026-11-10T10:00", "2026-11-10T10:00:00Z", "Tuesday Growers", false},
		{"2027-03-30T10:00", "2027-03-30T09:00:00Z", "Tuesday Growers", false}, // summer time
		{"2027-10-31T14:00", "2027-10-31T14:00:00Z", "Tuesday Growers", false}, // the day on which it ends
		{"2027-03-30T10:00", "2027-03-30T09:00:00Z", "A local group", true},
	} {
		start, err := time.ParseInLocation(handrail.LocalLayout, c.local, london)
		if err != nil {
			t.Fatal(err)
		}
		v := visitAt(c.local, start.UTC(), "Tuesday Growers", c.sensitive)
		f := calendarFile(v, capital(v.Activity.NeutralName()), now)
		e := entryOf(t, f)
		from, err1 := e.GetStartAt()
		to, err2 := e.GetEndAt()
		if err1 != nil || err2 != nil || from.UTC().Format(time.RFC3339) != c.utc || to.Sub(from) != 2*time.Hour {
			t.Errorf("%s: from %v to %v (%v, %v), want %s", c.local, from, to, err1, err2, c.utc)
		}
		if got := e.GetProperty(ics.ComponentPropertySummary).Value; got != c.title {
			t.Errorf("it is called %q, want %q", got, c.title)
		}
		place := e.GetProperty(ics.ComponentPropertyLocation)
		switch {
		case c.sensitive && (place != nil || bytes.Contains(f.Data, []byte("Hall")) || bytes.Contains(f.Data, []byte("Growers"))):
			t.Errorf("a sensitive group is named:\n%s", f.Data)
		case !c.sensitive && (place == nil || ics.FromText(place.Value) != v.Activity.Venue.Line()):
			t.Errorf("the place is %v, want %q", place, v.Activity.Venue.Line())
		}
		if again := calendarFile(v, c.title, now.Add(time.Hour)); entryOf(t, again).Id() != e.Id() {
			t.Error("a second file makes a second entry")
		}
	}
	open := visitAt("2026-11-10T10:00", now, "Walk", false)
	open.Attendance.Occurrence.End = open.Attendance.Occurrence.Start
	if f := calendarFile(open, "Walk", now); bytes.Contains(f.Data, []byte("DTEND")) {
		t.Errorf("nobody said when it ends:\n%s", f.Data)
	}
}

// FuzzCalendarFile: whatever a listing is called, it is one entry with one title, and no line of it becomes a property.
func FuzzCalendarFile(f *testing.F) {
	for _, s := range []string{"", "Tea; cake, and \\ more", "A\r\nBEGIN:VALARM\r\nEND:VALARM", "Ž" + strings.Repeat("é", 80), "\xff\x00a\tb\n", strings.Repeat("a", 300), "😀" + strings.Repeat("😀", 40)} {
		f.Add(s, s)
	}
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, venue string) {
		v := visitAt("2026-11-10T10:00", now, name, false)
		v.Activity.Venue = handrail.Venue{Name: venue}
		file := calendarFile(v, name, now)
		e := entryOf(t, file)
		if n := bytes.Count(file.Data, []byte("\r\nBEGIN:")); n != 1 {
			t.Fatalf("%d things begin in\n%s", n+1, file.Data)
		}
		clean := strings.Map(func(r rune) rune {
			if r == '\n' || r >= ' ' && r != 0x7f {
				return r
			}
			return -1
		}, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(name, "")))
		summary := e.GetProperty(ics.ComponentPropertySummary)
		if summary == nil || summary.Value != clean && ics.FromText(summary.Value) != clean {
			t.Fatalf("%q is called %+v", clean, summary)
		}
	})
}
