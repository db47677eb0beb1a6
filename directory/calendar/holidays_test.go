package calendar_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/directory/calendar"
)

// The table in the product is what GOV.UK says, no more and no less.
func TestKnownHolidays_T3_AreGovUK(t *testing.T) {
	f, err := os.Open(filepath.FromSlash("../../../shared/data/bank-holidays/bank-holidays.json"))
	if err != nil {
		t.Skip("the bank holidays of GOV.UK are not here:", err)
	}
	defer f.Close()
	official, err := calendar.ReadHolidays(f)
	if err != nil {
		t.Fatal(err)
	}
	known := calendar.KnownHolidays()
	if known.KnownUntil() != "2028-12-31" || official.KnownUntil() < known.KnownUntil() {
		t.Errorf("known until %s, officially until %s", known.KnownUntil(), official.KnownUntil())
	}
	count := 0
	for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		on := handrail.Date(day.Format(time.DateOnly))
		for _, d := range calendar.Divisions() {
			want, wantOK := official.Name(on, d)
			got, ok := known.Name(on, d)
			if ok != wantOK || got != strings.ReplaceAll(want, "’", "'") {
				t.Errorf("%s in %s is %q, and %q officially", on, d, got, want)
			}
			if ok {
				count++
			}
		}
	}
	if count < 80 {
		t.Errorf("only %d holidays were compared", count)
	}
}

func TestHolidays_Name(t *testing.T) {
	known := calendar.KnownHolidays()
	for _, c := range []struct {
		on    handrail.Date
		where calendar.Division
		want  string
	}{
		{"2027-03-29", calendar.EnglandAndWales, "Easter Monday"}, {"2027-03-29", calendar.Scotland, ""}, {"2027-03-29", calendar.NorthernIreland, "Easter Monday"},
		{"2027-03-29", "", "Easter Monday"}, {"2026-06-15", "", "World Cup bank holiday"}, {"2026-06-15", calendar.EnglandAndWales, ""},
		{"2026-11-30", calendar.Scotland, "St Andrew's Day"}, {"2027-12-25", calendar.Scotland, ""}, {"2027-12-27", calendar.Scotland, "Christmas Day"},
		{"2027-03-30", "", ""}, {"", "", ""}, {"soon", calendar.Scotland, ""}, {"2027-03-29", "cornwall", ""}, {"2029-12-25", "", ""},
	} {
		got, ok := known.Name(c.on, c.where)
		if got != c.want || ok != (c.want != "") || ok != known.OnHoliday(c.on, c.where) {
			t.Errorf("%s in %q is %q, want %q", c.on, c.where, got, c.want)
		}
	}
	if none := (calendar.Holidays{}); none.OnHoliday("2027-12-25", "") || none.KnownUntil() != "" {
		t.Error("no holidays are some")
	}
}

func TestDivisionOf(t *testing.T) {
	for text, want := range map[string]calendar.Division{
		"LU1 2AB": calendar.EnglandAndWales, "CF10 1AA": calendar.EnglandAndWales, "SY20 8AA": calendar.EnglandAndWales, "CA1 1AA": calendar.EnglandAndWales,
		"eh64hf": calendar.Scotland, "G1 1AA": calendar.Scotland, "ZE1 0AA": calendar.Scotland, "HS1 2AA": calendar.Scotland, "DG16 5AA": calendar.Scotland, "AB10": calendar.Scotland,
		"TD9 0AA": calendar.Scotland, "TD15 1AA": calendar.EnglandAndWales, "TD15": calendar.EnglandAndWales, "TD12 4AA": "",
		"GL1 1AA": calendar.EnglandAndWales, "GU1 1AA": calendar.EnglandAndWales, "KT1 1AA": calendar.EnglandAndWales, "PO1 1AA": calendar.EnglandAndWales,
		"BT1 1AA": calendar.NorthernIreland, "IM1 1AA": "", "JE2 3AB": "", "GY1 1AA": "", "BFPO 58": "", "ZZ99 3VZ": "", "": "", "Leith": "", "EH6 or LU1": "",
	} {
		got, ok := calendar.DivisionOf(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q is in %q, want %q", text, got, want)
		}
	}
}

func file(events string) string {
	return `{"england-and-wales":{"events":[` + events + `]},"scotland":{"events":[` + events + `]},"northern-ireland":{"division":"northern-ireland","events":[` + events + `]}}`
}

func TestReadHolidays_B23(t *testing.T) {
	one := `{"title":"A day","date":"2030-05-06","notes":"","bunting":true}`
	h, err := calendar.ReadHolidays(strings.NewReader(file(one)))
	if err != nil || h.KnownUntil() != "2030-12-31" || !h.OnHoliday("2030-05-06", calendar.Scotland) {
		t.Errorf("%v, %v", h, err)
	}
	if h, err := calendar.ReadHolidays(strings.NewReader(file(`{"title":" ","date":"2030-05-06"}`))); err != nil {
		t.Error(err)
	} else if name, _ := h.Name("2030-05-06", ""); name == "" {
		t.Error("a holiday without a title was lost")
	}
	for name, text := range map[string]string{
		"empty": "", "no JSON": "<html>Not found</html>", "cut off": file(one)[:60], "no events": file(""), "a list": "[]", "null": "null",
		"a date that is none": file(`{"title":"A day","date":"2030-02-30"}`), "a British date": file(`{"title":"A day","date":"06/05/2030"}`),
		"one division": `{"england-and-wales":{"events":[` + one + `]}}`, "too long": file(one) + strings.Repeat(" ", 1<<20),
		"deep": strings.Repeat("[", 100_000), "a number": file(`{"title":"A day","date":20300506}`),
	} {
		if h, err := calendar.ReadHolidays(strings.NewReader(text)); err == nil || h.KnownUntil() != "" {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzReadHolidays_B23(f *testing.F) {
	f.Add(file(`{"title":"A day","date":"2030-05-06"}`))
	f.Add(`{}`)
	f.Add(`{"scotland":{"events":null}}`)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := calendar.ReadHolidays(strings.NewReader(text))
		if err == nil && (h.KnownUntil() == "" || !json.Valid([]byte(text))) {
			t.Fatalf("read holidays until %q", h.KnownUntil())
		}
	})
}
