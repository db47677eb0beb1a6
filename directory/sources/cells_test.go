package sources

import (
	"testing"
	"time"

	"handrail"
)

func TestReadHours(t *testing.T) {
	const said, read, guessed = handrail.CertaintySaid, handrail.CertaintyRead, handrail.CertaintyGuessed
	for _, c := range []struct {
		start, end string
		want       string // "10:00-12:00"; empty for what cannot be read
		certain    handrail.Certainty
	}{
		{"10:00", "12:00", "10:00-12:00", said},
		{"10.30am", "1pm", "10:30-13:00", said},
		{"10 - 12", "", "10:00-12:00", said},
		{"2-4pm", "", "14:00-16:00", said},
		{"10-2pm", "", "10:00-14:00", said},
		{"11 to 1pm", "", "11:00-13:00", said},
		{"10am – 12 noon", "", "10:00-12:00", said},
		{"9.30am-11", "", "09:30-11:00", said},
		{"9.30am-1", "", "09:30-13:00", said},
		{"7pm", "9", "19:00-21:00", said},
		{"2pm until 4", "", "14:00-16:00", said},
		{"19:00", "20:30", "19:00-20:30", said},
		{"07:00", "08:30", "07:00-08:30", said},
		{"12:00:00", "", "12:00-00:00", said},
		{"1:30:00", "", "01:30-00:00", said}, // seconds are the 24-hour clock
		{"0.4375", "0.5", "10:30-12:00", said},
		{"1899-12-30 10:30:00", "30/12/1899 12:00", "10:30-12:00", said},
		{"noon", "2pm", "12:00-14:00", said},
		{"1030", "1130", "10:30-11:30", said},
		{"10.30hrs", "", "10:30-00:00", said},
		{"10 a.m.", "12 p.m.", "10:00-12:00", said},
		{"2.00", "4.00", "14:00-16:00", read},
		{"1", "", "13:00-00:00", read},
		{"10", "2", "10:00-14:00", said},
		{"9:00", "13:00", "09:00-13:00", said},
		{"8", "12", "08:00-12:00", read},
		{"7.00", "8.30", "07:00-08:30", guessed},
		{"7:30", "", "07:30-00:00", guessed},
		{"2:00", "16:00", "14:00-16:00", guessed},
		{"14:00", "13:00", "14:00-00:00", said}, // an end before the start is no end
		{"hh:mm:ss", "", "", ""},
		{"morning", "", "", ""},
		{"10", "late", "", ""},
		{"25:00", "", "", ""}, {"10:75", "", "", ""}, {"13pm", "", "", ""}, {"10-11-12", "", "", ""}, {"", "", "", ""},
	} {
		start, end, certain, ok := readHours(c.start, c.end)
		got := start.String() + "-" + end.String()
		if !ok {
			got = ""
		}
		if got != c.want || ok && certain != c.certain {
			t.Errorf("%q %q: %q %q, want %q %q", c.start, c.end, got, certain, c.want, c.certain)
		}
	}
}

func TestReadWeekdays(t *testing.T) {
	for text, want := range map[string]string{
		"Tuesday": "2", "tuesdays": "2", "Tues.": "2", "Mon & Wed": "13", "Tue/Thu": "24", "Mon-Fri": "12345", "Monday to Thursday": "1234",
		"Fri – Mon": "5601", "Every Wednesday": "3", "MO,WE": "13", "weekdays": "12345", "Daily": "1234560", "Every day": "1234560",
		"Monday, Tuesday and Friday": "125", "Wednesday's": "3", "Sat, Sun": "60", "Weekends": "60", "Mon, Mon": "1",
		"": "", "First Monday": "", "alternate Tuesdays": "", "Tuesday mornings": "", "2nd & 4th Wed": "", "Fortnightly Monday": "", "Mon-": "", "s": "", "and": "", "M": "",
	} {
		got := ""
		if days, ok := readWeekdays(text); ok {
			for _, d := range days {
				got += string(rune('0' + d))
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestReadDate(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-03": "2026-11-03", "03/11/2026": "2026-11-03", "3/11/26": "2026-11-03", "3.11.2026": "2026-11-03", "3 Nov 2026": "2026-11-03",
		"3rd November 2026": "2026-11-03", "Tuesday 3 November 2026": "2026-11-03", "3-Nov-26": "2026-11-03", "03/11/2026 14:00": "2026-11-03",
		"46329": "2026-11-03", "November 2026": "2026-11-01", "2026-11-03T10:00:00Z": "2026-11-03", "20261103": "2026-11-03",
		"31/11/2026": "", "11/30/2026": "", "0000-00-00": "", "9999-12-31": "", "soon": "", "12": "", "30/12/1899": "",
	} {
		got := ""
		if d := readDate(text, false); d != nil {
			got = d.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if d := readDate("44867", true); d == nil || d.Format(time.DateOnly) != "2026-11-03" {
		t.Errorf("counted from 1904: %v", d)
	}
}

func TestReadMinutes(t *testing.T) {
	for text, want := range map[string]int{"60": 60, "90 mins": 90, "1.5 hours": 90, "1 hour": 60, "2": 120, "1:30": 90, "01:30:00": 0, "45m": 45, "0": 0, "long": 0, "5000": 0, "": 0} {
		if got, ok := readMinutes(text); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d %v", text, got, ok)
		}
	}
}

func TestReadAges(t *testing.T) {
	for text, want := range map[string][2]int{
		"50+": {50, 0}, "18 plus": {18, 0}, "over 65": {65, 0}, "Over 60s": {60, 0}, "16-25": {16, 25}, "16 to 25 years": {16, 25}, "Ages 5 - 11": {5, 11},
		"Adults": {18, 0}, "All ages": {0, 0}, "under 25": {0, 24}, "Up to 18": {0, 18}, "55 and over": {55, 0}, "18-100": {18, 0}, "Aged 50 and above": {50, 0}, "65 years+": {65, 0}, "adults aged 18+": {18, 0},
	} {
		low, high, ok := readAges(text)
		if !ok || low != want[0] || high != want[1] {
			t.Errorf("%q: %d %d %v, want %v", text, low, high, ok, want)
		}
	}
	for _, text := range []string{"", "young people", "25-16", "18+ (carers 16+)", "900", "older people", "year 7", "over 18 unless with a parent"} {
		if low, high, ok := readAges(text); ok {
			t.Errorf("%q: %d %d", text, low, high)
		}
	}
}

func TestReadCost(t *testing.T) {
	for _, c := range []struct {
		cell  string
		known bool
		pence int
	}{
		{"Free", true, 0}, {"Nil", true, 0}, {"0", true, 0}, {"£0.00", true, 0}, {"No charge", true, 0}, {"3.50", true, 350}, {"£3.50", true, 350}, {"£2 per session", true, 200},
		{"50p", true, 50}, {"£1 including tea and biscuits", true, 100}, {"£4 each", true, 400}, {"3", true, 300},
		{"£3, first session free", false, 0}, {"£5 / £3 concessions", false, 0}, {"£20 a year membership", false, 0}, {"Donation", false, 0}, {"Free parking", false, 0},
		{"Varies", false, 0}, {"", false, 0}, {"from £2", false, 0}, {"£1,200", false, 0}, {"12 pm", false, 0},
	} {
		if got := readCost(c.cell); got.Known != c.known || got.Pence != c.pence {
			t.Errorf("%q: %+v", c.cell, got)
		}
	}
}

func TestReadContacts(t *testing.T) {
	for _, c := range []struct {
		read       func(string) string
		cell, want string
	}{
		{readWebsite, `<a href="http://www.number6.org.uk/">Number 6</a>`, "http://www.number6.org.uk/"},
		{readWebsite, `<a href = ' https://x.org.uk/a?b=1 '>x</a>`, "https://x.org.uk/a?b=1"},
		{readWebsite, "northgate.org.uk", "https://northgate.org.uk"},
		{readWebsite, "See www.northgate.org.uk.", "https://www.northgate.org.uk."},
		{readWebsite, `<a href="javascript:alert(1)">x</a>`, ""},
		{readWebsite, "javascript:alert(1)", ""}, {readWebsite, "none", ""}, {readWebsite, "a@b.org.uk", ""},
		{readEmail, "Sue: sue@northgate.org.uk", "sue@northgate.org.uk"}, {readEmail, "MAILTO:a@b.org.uk", "a@b.org.uk"},
		{readEmail, "a@b.org.uk; c@d.org.uk", "a@b.org.uk"}, {readEmail, `<a href="mailto:a@b.org.uk">a@b.org.uk</a>`, "a@b.org.uk"}, {readEmail, "a at b", ""}, {readEmail, "ring @ Sue", ""},
		{readPhone, "1582555010", "01582555010"}, {readPhone, `http://<a href="tel:+441315295500">0131 529 5500</a>`, "0131 529 5500"},
		{readPhone, "call Sue", ""}, {readPhone, "0906 123 4567", ""}, {readPhone, "01582 555 010 / 07700 900123", "01582 555 010"},
	} {
		if got := c.read(c.cell); got != c.want {
			t.Errorf("%q: %q, want %q", c.cell, got, c.want)
		}
	}
}

func TestBlank(t *testing.T) {
	for _, s := range []string{"", " ", "-", "n/a", "N/A", "None", "TBC", "[personal e-mail removed]", "#N/A", "..."} {
		if !blank(s) {
			t.Errorf("%q says something", s)
		}
	}
	for _, s := range []string{"0", "No", "a", "[A] Street", "-5 stairs"} {
		if blank(s) {
			t.Errorf("%q says nothing", s)
		}
	}
}
