package dialogs

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail"
)

// What a GP types behind "refer" fills the form in; what is doubtful stays in the note, where a person sees it.
func TestReadLine(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for typed, want := range map[string]oneLine{
		"JB 1952 LU1 2AB walking group":             {Name: "J", Surname: "B", BirthYear: "1952", Postcode: "LU1 2AB", Rest: "walking group"},
		"J.B. 1952":                                 {Name: "J", Surname: "B", BirthYear: "1952"},
		"J B, LU3, lonely":                          {Name: "J", Surname: "B", Postcode: "LU3", Rest: "lonely"},
		"Frank Reed 1951 lu1 2ab agreed, lonely":    {Name: "Frank", Surname: "Reed", BirthYear: "1951", Postcode: "LU1 2AB", Agreed: true, Rest: "lonely"},
		"Mrs Ann Cole-Smith b. 1944 has consented":  {Name: "Ann", Surname: "Cole-Smith", BirthYear: "1944", Agreed: true},
		"Reed, 1951, he has not agreed yet":         {Name: "Reed", BirthYear: "1951", Rest: "he has not yet"},
		"Siân O'Neill 1960 didn't consent":          {Name: "Siân", Surname: "O'Neill", BirthYear: "1960", Rest: "didn't"},
		"walking group for a widower of 74":         {Rest: "walking group for a widower of 74"},
		"somebody in flat 1950, phone 07700 900123": {BirthYear: "1950", Rest: "somebody in flat, phone 07700 900123"},
		"mrs smith":             {Surname: "Smith"},
		"Mr. Reed 1951 LU1 2AB": {Surname: "Reed", BirthYear: "1951", Postcode: "LU1 2AB"},
		"dr":                    {},
		"Ng 1999":               {Name: "Ng", BirthYear: "1999"},
		"李 小龙 1950":             {Name: "李", Surname: "小龙", BirthYear: "1950"},
		"":                      {},
		"1890 1950":             {BirthYear: "1950", Rest: "1890"},
		"JB 2031":               {Name: "J", Surname: "B", Rest: "2031"},
		"Una Hart 1970 LU1 low mood since her dad died, said yes and wants walks": {Name: "Una", Surname: "Hart", BirthYear: "1970", Postcode: "LU1", Agreed: true, Rest: "low mood since her dad died, and wants walks"},
	} {
		if got := readLine(typed, now); got != want {
			t.Errorf("%q\n  is %+v\nwant %+v", typed, got, want)
		}
	}
}

// Whatever is typed, no character of it is invented, a consent is only there where a word of it is, and the postcode and
// year stand in what was typed (B18).
func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"JB 1952 LU1 2AB walking", "agreed", "\x00", "'; DROP TABLE x --", "{{7*7}}", strings.Repeat("A ", 400), "\xff\xfe", "J.B.", "not agreed 1950"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, typed string) {
		got := readLine(typed, now)
		low := strings.ToLower(typed)
		squeezed := strings.ReplaceAll(strings.ToUpper(strings.Join(strings.Fields(typed), "")), "\x00", "")
		switch {
		case got.Agreed && !strings.Contains(low, "agreed") && !strings.Contains(low, "consent") && !strings.Contains(low, "yes") && !strings.Contains(low, "happy"):
			t.Errorf("%q: a consent from nowhere", typed)
		case got.BirthYear != "" && !strings.Contains(typed, got.BirthYear):
			t.Errorf("%q: a year from nowhere: %q", typed, got.BirthYear)
		case got.Postcode != "" && !strings.Contains(squeezed, strings.ReplaceAll(got.Postcode, " ", "")):
			t.Errorf("%q: a postcode from nowhere: %q", typed, got.Postcode)
		case utf8.ValidString(typed) && !utf8.ValidString(got.Name+got.Surname+got.Rest):
			t.Errorf("%q was cut within a character: %+v", typed, got)
		}
	})
}

func TestReadDay(t *testing.T) {
	const from = handrail.Date("2026-11-05") // a Thursday
	for typed, want := range map[string]handrail.Date{
		"today": "2026-11-05", "Tomorrow.": "2026-11-06", "thursday": "2026-11-05", "Mon": "2026-11-09", "1 December": "2026-12-01", "1st Dec": "2026-12-01",
		"2 may": "2027-05-02", "2026-12-24": "2026-12-24", "24/12": "2026-12-24", "24/12/2026": "2026-12-24", "5 November": "2026-11-05", "4 November": "2027-11-04",
		"29 feb": "2028-02-29", "yesterday": "", "31 november": "", "soon": "", "": "",
	} {
		if got, ok := readDay(typed, from); got != want || ok != (want != "") {
			t.Errorf("%q is %q %v, want %q", typed, got, ok, want)
		}
	}
}

// What needs a person is told from what is nobody's work: the order is that of the list.
func TestNeedOf(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	visit := func(days int, s handrail.AttendanceState) handrail.Attendance {
		return handrail.Attendance{State: s, Occurrence: handrail.Occurrence{Start: ago(days)}}
	}
	base := func(change func(*handrail.Case)) handrail.Case {
		c := handrail.Case{Referral: handrail.Referral{State: handrail.ReferralActive, OfferedAt: ago(20)}, Joined: true}
		change(&c)
		return c
	}
	rung := ago(2)
	for name, c := range map[string]struct {
		c              handrail.Case
		alert, company bool
		want           need
	}{
		"danger goes first": {base(func(c *handrail.Case) { c.Referral.State = handrail.ReferralSent }), true, true, needAlert},
		"to accept":         {base(func(c *handrail.Case) { c.Referral.State = handrail.ReferralSent }), false, true, needAccept},
		"company":           {base(func(*handrail.Case) {}), false, true, needCompany},
		"missed the last":   {base(func(c *handrail.Case) { c.Visits = []handrail.Attendance{visit(9, "came"), visit(2, "missed")} }), false, false, needMissed},
		"missed, and rung since": {base(func(c *handrail.Case) {
			c.Visits = []handrail.Attendance{visit(2, "missed")}
			c.Referral.ContactedAt = &rung
		}), false, false, needNobody},
		"missed, another is planned": {base(func(c *handrail.Case) { c.Visits = []handrail.Attendance{visit(2, "missed"), visit(-5, "planned")} }), false, false, needNobody},
		"came since":                 {base(func(c *handrail.Case) { c.Visits = []handrail.Attendance{visit(9, "missed"), visit(2, "came")} }), false, false, needNobody},
		"not in the chat":            {base(func(c *handrail.Case) { c.Joined = false }), false, false, needJoin},
		"not in the chat for a day":  {base(func(c *handrail.Case) { c.Joined, c.Referral.OfferedAt = false, ago(1) }), false, false, needNobody},
		"nothing chosen":             {base(func(*handrail.Case) {}), false, false, needChoice},
		"stopped is nobody's work":   {base(func(c *handrail.Case) { c.Patient.Halt = &handrail.Halt{}; c.Joined = false }), false, true, needNobody},
		"stopped, and in danger":     {base(func(c *handrail.Case) { c.Patient.Halt = &handrail.Halt{} }), true, false, needAlert},
	} {
		if got := needOf(c.c, c.alert, c.company, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got.key(), c.want.key())
		}
	}
}

func TestFound(t *testing.T) {
	c := handrail.Case{Referral: handrail.Referral{Ref: "R-7KQ2"}, Patient: handrail.Patient{Name: "Siân", Surname: "O'Neill"}}
	for typed, want := range map[string]bool{
		"R-7KQ2": true, "7kq2": true, "r7kq2": true, "so": true, "S.O.": true, "sian": false, "Siân": true, "si": true, "o'n": true, "oneill": true, "siân o'neill": true,
		"o": false, "neill": false, "": false, "..": false, "R-7KQ": false,
	} {
		if found(c, typed) != want {
			t.Errorf("%q: %v, want %v", typed, !want, want)
		}
	}
}
