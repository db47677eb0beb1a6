package sources

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"handrail"
)

// rowsOf reads a CSV text into its rows; a row that cannot be read is "!" and its reason.
func rowsOf(t testing.TB, text string) (rows [][]string, lines []int) {
	t.Helper()
	in := newCSVRows(strings.NewReader(text))
	for {
		line, cells, err := in.next()
		var bad rowError
		switch {
		case errors.Is(err, io.EOF):
			return rows, lines
		case errors.As(err, &bad):
			cells = []string{"!" + bad.Error()}
		case err != nil:
			t.Fatalf("%q: %v", text, err)
		}
		rows, lines = append(rows, slices.Clone(cells)), append(lines, line)
	}
}

func TestCSV_AsPeopleWriteIt(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a,b\n1,2\n", "a|b/1|2"},
		{"a,b\r\n1,2\r\n", "a|b/1|2"},
		{"a,b\r1,2\r", "a|b/1|2"},
		{"a,b\n1,2", "a|b/1|2"},
		{"a;b\n1,5;2\n", "a|b/1,5|2"},
		{"a\tb\n1, x\t2\n", "a|b/1, x|2"},
		{"a|b|c\n1|2|3\n", "a¦b¦c/1¦2¦3"},
		{"sep=;\na;b,c\n", "a|b,c"},
		{"\"a\",\"b\"\n\"x\ny\",\"say \"\"hi\"\"\"\n", "a|b/x\ny|say \"hi\""},
		{"a,b\n 'x', \"q,r\" ,z\n", "a|b/ 'x'|q,r|z"},
		{"a,b\n\"The \"Bell\" Inn\",x\n", "a|b/The \"Bell\" Inn|x"},
		{"a,b\n5\" pipe,x\n", "a|b/5\" pipe|x"},
		{"a,b,c\n1\n1,2,3,4\n,,\n", "a|b|c/1/1|2|3|4/||"},
		{"a,b\n=cmd|' /C calc'!A0,x\n", "a|b/=cmd|' /C calc'!A0|x"},
		{"\xef\xbb\xbfa,b\n1,2\n", "a|b/1|2"},
		{"a,b\ncaf\xe9,\x80\x92\n", "a|b/café|€’"},
		{"a,b\ncafé,caf\xe9\n", "a|b/café|café"},
		{"a,b\ncafÃ©,itâ€™s\n", "a|b/café|it’s"},
		{"a,b\nCHÂTEAU,Â\n", "a|b/CHÂTEAU|Â"},
	} {
		rows, _ := rowsOf(t, c.text)
		var got []string
		for _, row := range rows {
			got = append(got, strings.Join(row, "|"))
		}
		if text := strings.Join(got, "/"); text != strings.ReplaceAll(c.want, "¦", "|") {
			t.Errorf("%q: %q, want %q", c.text, text, c.want)
		}
	}
}

func TestCSV_UTF16(t *testing.T) {
	for name, e := range map[string]interface {
		String(string) (string, error)
	}{
		"little, marked": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(),
		"big, marked":    unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(),
		"little":         unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(),
		"big":            unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder(),
	} {
		text, err := e.String("Name,Cost\nCafé,£2\n")
		if err != nil {
			t.Fatal(err)
		}
		if rows, _ := rowsOf(t, text); len(rows) != 2 || rows[1][0] != "Café" || rows[1][1] != "£2" {
			t.Errorf("%s: %q", name, rows)
		}
	}
}

// A quotation mark that is never closed costs its own line, not the rest of the file.
func TestCSV_OpenQuote_B23(t *testing.T) {
	for _, four := range []string{`4`, "\"4\n4\""} { // never closed at all, and closed by the marks of a later row
		rows, lines := rowsOf(t, "name,x,y\none,1,\n\"two,2,\nthree,3,\nfour,,"+four+"\nfive,5,\n")
		last := len(rows) - 1
		if got := fmt.Sprint(last, rows[2], lines[2], rows[3], lines[3], rows[last]); got != "5 [!a quotation mark in it is never closed] 3 [three 3 ] 4 [five 5 ]" {
			t.Errorf("%q: %s", four, got)
		}
	}
	// Many of them, each of which makes the reader look far ahead, end it soon.
	bad := "name,x\n" + strings.Repeat(`,"a`+"\n", 300_000)
	r, err := ReadCSV(t.Context(), strings.NewReader(bad), "csv:x", Mapping{})
	if !handrail.IsKind(err, handrail.KindInvalid) || r.Records > maxOpenQuotes {
		t.Errorf("%v after %d", err, r.Records)
	}
}

func TestCSV_Bounds_B24(t *testing.T) {
	long := strings.Repeat("x", maxRowBytes+10)
	rows, _ := rowsOf(t, "name,x\n"+long+",1\ntwo,2\n"+strings.Repeat(",", maxCells+1)+"\nthree,3")
	if got := fmt.Sprint(len(rows), rows[1], rows[2], rows[3], rows[4]); got != "5 [!a quotation mark in it is never closed] [two 2] [!the row has more cells than a table can have] [three 3]" &&
		got != "5 [!the row is too long] [two 2] [!the row has more cells than a table can have] [three 3]" {
		t.Errorf("%.300s", got)
	}
	for text, say := range map[string]string{"": "empty", "PK\x03\x04xx": "not a CSV", "%PDF-1.7": "not a CSV"} {
		if _, err := ReadCSV(t.Context(), strings.NewReader(text), "", Mapping{}); !strings.Contains(sayOf(err), say) {
			t.Errorf("%q: %v", text, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadCSV(ctx, strings.NewReader("Name\nA\n"), "", Mapping{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	broken := io.MultiReader(strings.NewReader("Name,Cost\nA,1\n"), errReader{})
	r, err := ReadCSV(t.Context(), broken, "", Mapping{})
	if err == nil || !errors.Is(err, errBroken) {
		t.Errorf("%v, %+v", err, r)
	}
}

var errBroken = errors.New("the line is broken")

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errBroken }

// The sample of the format: titles above the headings, two rows of headings, headings again, cells that say nothing.
func TestReadCSV_Sample(t *testing.T) {
	raw, err := os.ReadFile("testdata/tables/groups.csv")
	if err != nil {
		t.Fatal(err)
	}
	sample, err := SampleCSV(t.Context(), bytes.NewReader(raw))
	if err != nil || sample.Line != 4 {
		t.Fatalf("%v: headings at line %d: %q", err, sample.Line, sample.Headings)
	}
	r, err := ReadCSV(t.Context(), bytes.NewReader(raw), "csv:groups", Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range r.Activities {
		var times []string
		for _, w := range a.Times {
			times = append(times, fmt.Sprintf("%.3s %s-%s%s", w.Day, w.Start, w.End, w.Certainty))
		}
		checked := ""
		if a.CheckedAt != nil {
			checked = a.CheckedAt.Format("2006-01-02")
		}
		if a.Standing.Assured != nil || a.Source != "csv:groups" || a.Status != handrail.ActivityActive {
			t.Errorf("%+v", a)
		}
		got = append(got, strings.Join([]string{a.Name, a.Venue.Line(), a.Organiser.Phone, a.Organiser.Email, strings.Join(times, " "), a.WhenText, fmt.Sprint(a.Cost.Known, a.Cost.Pence), checked}, "|"))
	}
	want := []string{
		"Tuesday Gardeners|Bury Park Community Centre, 161 Dallow Road, LU1 1HR|01582 555 010|gardeners@northgate.example.org|Tue 10:00-12:00||true 0|2026-11-03",
		"Knit & Natter|Library, St George's Square, LU1 2NG|||Wed 14:00-16:00||true 150|2026-10-12",
		"Walking Football|Sports Ground, Kings Way, LU2 7AA|01582555011|football@northgate.example.org|Mon 07:00-08:30guessed Thu 07:00-08:30guessed|Mon & Thu, 7.00 - 8.30|false 0|",
		"Film Club|Library, St George's Square, LU1 2NG|01582 555 012|||First Friday, 2pm|false 0|2026-09-30",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if len(r.Problems) != 1 || r.Problems[0].Line != 7 || r.Problems[0].Reason != "its telephone number cannot be read, so it is left out" || r.Records != 4 {
		t.Errorf("%d records, %+v", r.Records, r.Problems)
	}
}

func TestReadCSV_BadRowsDoNotCostTheOthers_B23(t *testing.T) {
	r, err := ReadCSV(t.Context(), strings.NewReader(`ID,Name,Postcode,Lat,Long,Phone,Website,Age from,Age to,Last checked,Description
1,Good,LU1 2NG,51.88,-0.42,01582 555 010,http://x.org.uk,18,65,2026-01-02,Fine
2,,LU1 2NG,,,,,,,,No name
3,Swapped,LU1 2NG,-0.42,51.88,,,,,,
4,Nought,,0,0,,,,,,
5,Bad parts,LUTON,,,call Sue,javascript:alert(1),900,,0000-00-00,<script>x</script><b>Bold</b> &amp; plain
1,Twice,LU9 9ZZ,,,,,,,,Other words
6,Upside down,,51.88,,,,60,50,9999-12-31,
7,Postcode in name,LU1 2NG LU3 1AA,,,,,,,,
`), "csv:x", Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range r.Problems {
		got = append(got, fmt.Sprintf("%d %s %v", p.Line, p.Reason, p.Kept))
	}
	want := []string{
		"3 it has no name false",
		"4 latitude and longitude look swapped, so the position is left out true",
		"5 its position is 0,0, so it is left out true",
		"6 its telephone number cannot be read, so it is left out true",
		"6 its web address cannot be read, so it is left out true",
		"6 its postcode cannot be read, so it is left out true",
		"6 an age of it cannot be read, so it is left out true",
		"7 it names a further place, which is left out true",
		"7 it is the same group as an earlier row, so the two are one listing (at line 2) true",
		"8 half of its position is missing, so it is left out true",
		"8 its lowest age is above its highest, so both are left out true",
		"9 its postcode cannot be read, so it is left out true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if r.Records != 7 || r.Rejected() != 1 || r.Activities[3].Description != "Bold & plain" || r.Activities[0].Description != "Fine\nOther words" {
		t.Errorf("%d records, %d rejected, %+v", r.Records, r.Rejected(), r.Activities)
	}
}

func TestReadCSV_PrivateThingsStayPrivate(t *testing.T) {
	r, err := ReadCSV(t.Context(), strings.NewReader(`name,contact_visible,contact_email,contact_phone,visible,location_name,location_address_1,location_city,location_postcode,location_latitude,location_longitude,mask_exact_address,location_visible
Refuge,FALSE,a@b.org.uk,01582 555 010,TRUE,The House,1 Secret Street,Luton,LU1 2NG,51.88,-0.42,TRUE,TRUE
Hidden,TRUE,a@b.org.uk,01582 555 010,FALSE,Hall,1 Street,Luton,LU1 2NG,51.88,-0.42,FALSE,FALSE
`), "csv:x", Mapping{})
	if err != nil || len(r.Activities) != 2 {
		t.Fatalf("%v %+v", err, r)
	}
	a, b := r.Activities[0], r.Activities[1]
	if a.Organiser.Phone != "" || a.Organiser.Email != "" || a.Venue != (handrail.Venue{Town: "Luton", Postcode: "LU1"}) || a.Status != handrail.ActivityActive {
		t.Errorf("%+v", a)
	}
	if b.Status != handrail.ActivityInactive || b.Venue.Line() != "Luton, LU1" || b.Organiser.Phone == "" {
		t.Errorf("%+v", b)
	}
}

func TestReadCSV_Times(t *testing.T) {
	for _, c := range []struct{ row, times, words string }{
		{"Tuesday,10:00,12:00,,,,,", "Tue 10:00-12:00", ""},
		{"Mon & Wed,2pm,,90,,,,", "Mon 14:00-15:30 Wed 14:00-15:30", ""},
		{"Tuesday,10:00,12:00,,weekly,2026-01-06,30/06/2026,", "Tue 10:00-12:00 from 2026-01-06 until 2026-06-30", ""},
		{"Tuesday,10:00,12:00,,fortnightly,2026-01-06,,", "Tue 10:00-12:00 every 2 from 2026-01-06", ""},
		{"Tuesday,10:00,12:00,,fortnightly,,,", "", "Tuesday, 10:00 to 12:00 (fortnightly)"},
		{"Tuesday,10:00,12:00,,Monthly,,,", "", "Tuesday, 10:00 to 12:00 (monthly)"},
		{"Tuesday,10:00,12:00,,Term time only,,,", "Tue 10:00-12:00 term", ""},
		{"First Tuesday,10:00,12:00,,,,,", "", "First Tuesday, 10:00 to 12:00"},
		{"Tuesday,mornings,,,,,,", "", "Tuesday, mornings"},
		{"Tuesday,,,,,,,", "", "Tuesday"},
		{"Tuesday,10:00,12:00,,,30/06/2026,06/01/2026,", "Tue 10:00-12:00", ""},
		{"Tuesday,10:00,12:00,,,,30/12/1899,not in August", "Tue 10:00-12:00", "not in August"},
		{",10:00,12:00,,,,,", "", "10:00 to 12:00"},
	} {
		text := "Name,Day,Start,End,Duration,Frequency,Start date,End date,When\nA," + c.row + "\nB,Monday,09:00,10:00,,,,,\n"
		m, _ := GuessMapping(strings.Split("Name,Day,Start,End,Duration,Frequency,Start date,End date,When", ","), nil)
		r, err := ReadCSV(t.Context(), strings.NewReader(text), "csv:x", m)
		if err != nil || len(r.Activities) != 2 {
			t.Fatalf("%s: %v %+v", c.row, err, r)
		}
		var times []string
		for _, w := range r.Activities[0].Times {
			s := fmt.Sprintf("%.3s %s-%s", w.Day, w.Start, w.End)
			if w.Every > 1 {
				s += fmt.Sprint(" every ", w.Every)
			}
			if w.From != "" {
				s += " from " + string(w.From)
			}
			if w.Until != "" {
				s += " until " + string(w.Until)
			}
			if w.TermOnly {
				s += " term"
			}
			if w.Certainty != handrail.CertaintySaid {
				t.Errorf("%s: %s", c.row, w.Certainty)
			}
			times = append(times, s)
		}
		if got := strings.Join(times, " "); got != c.times || r.Activities[0].WhenText != c.words {
			t.Errorf("%s: %q and %q", c.row, got, r.Activities[0].WhenText)
		}
	}
	r, err := ReadCSV(t.Context(), strings.NewReader("Event,Date,Time\nTea dance,24/11/2026,14:00\nBingo,25/11/2026,19:00\n"), "csv:x", Mapping{})
	if err != nil || len(r.Activities) != 2 {
		t.Fatalf("%v %+v", err, r)
	}
	if w := r.Activities[0].Times; len(w) != 1 || w[0].Freq != handrail.OnDates || len(w[0].Also) != 1 || w[0].Also[0] != "2026-11-24" || w[0].Start != handrail.At(14, 0) {
		t.Errorf("%+v", w)
	}
}

// An id is the group's and not the row's: it stays when rows are moved, and when words, times and prices change.
func TestReadCSV_StableIDs(t *testing.T) {
	ids := func(text string) map[string]handrail.ActivityID {
		r, err := ReadCSV(t.Context(), strings.NewReader(text), "csv:x", Mapping{})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]handrail.ActivityID{}
		for _, a := range r.Activities {
			out[a.Name+a.Venue.Postcode+fmt.Sprint(len(a.Times))] = a.ID
		}
		return out
	}
	before := ids("Name,Postcode,Day,Start,Cost\nChess,LU1 2NG,Tuesday,10:00,Free\nBowls,LU1 2NG,Monday,10:00,Free\nChess,LU3 1AA,Tuesday,10:00,Free\nChess,LU1 2NG,Friday,10:00,Free\n")
	after := ids("Cost,Name,Postcode,Day,Start\n£1,Bowls,lu12ng,Mon,11:00\n£1,Chess,LU3 1AA,Tuesdays,11:00\n£1,CHESS.,LU1 2NG,Fri,10:00\n£1,Chess,LU1 2NG,Tuesday,11:00\n£1,chess,LU1 2NG,Tuesday,15:00\n")
	if len(before) != 3 && len(before) != 4 {
		t.Fatalf("%v", before)
	}
	if before["BowlsLU1 2NG1"] != after["BowlsLU1 2NG1"] || before["ChessLU3 1AA1"] != after["ChessLU3 1AA1"] || after["ChessLU1 2NG2"] == "" || after["CHESS.LU1 2NG1"] == "" {
		t.Errorf("%v\n%v", before, after)
	}
	seen := map[handrail.ActivityID]bool{}
	for name, id := range after {
		if seen[id] || !strings.HasPrefix(string(id), "row-") || len(id) != 24 {
			t.Errorf("%s: %s", name, id)
		}
		seen[id] = true
	}
}

func TestReadCSV_RowsMoveAndIDsStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-zé' ]{3,20}[a-z]`)
		rows := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string {
			return name.Draw(t, "name") + "," + rapid.SampledFrom([]string{"LU1 2NG", "LU3 1AA", ""}).Draw(t, "postcode") + "," + rapid.SampledFrom([]string{"Monday", "Tuesday"}).Draw(t, "day") + ",10:00"
		}), 3, 12, rapid.ID[string]).Draw(t, "rows")
		read := func(rows []string) []string {
			r, err := ReadCSV(context.Background(), strings.NewReader("Name,Postcode,Day,Start\n"+strings.Join(rows, "\n")), "csv:x",
				Mapping{Columns: map[Field][]string{FieldName: {"Name"}, FieldPostcode: {"Postcode"}, FieldWeekday: {"Day"}, FieldStart: {"Start"}}})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, a := range r.Activities {
				ids = append(ids, string(a.ID))
			}
			slices.Sort(ids)
			return ids
		}
		if before, after := read(rows), read(rapid.Permutation(rows).Draw(t, "moved")); !slices.Equal(before, after) {
			t.Fatalf("%v\n%v", before, after)
		}
	})
}

// The Outpost layout: rows that belong to another row add their times, prices and places to it.
func TestReadCSV_RowsThatGoOn(t *testing.T) {
	const text = "import_id,import_id_reference,name,contact_phone,contact_visible,cost_amount,schedules_opens_at,schedules_closes_at,scheduled_weekday,location_postcode\n" +
		"1,,Chess,,,2,10:00:00,12:00:00,monday,LU1 2NG\n2,1,,01582 555 010,FALSE,,,,,\n3,1,,01582 555 011,TRUE,,,,,\n4,1,,,,3.50,14:00:00,,tuesday,LU3 1AA\n5,9,,,,,,,,\n6,,Bowls,,,,,,,\n"
	check := func(r Result, list []handrail.Activity) {
		t.Helper()
		if len(list) != 2 || r.Records != 3 || len(list[0].Times) != 2 || list[0].Organiser.Phone != "01582 555 011" || list[0].Cost.Pence != 350 || list[0].Venue.Postcode != "LU1 2NG" {
			t.Errorf("%+v", list)
		}
		if len(r.Problems) != 2 || r.Problems[0].Reason != "it names a further place, which is left out" || r.Problems[1].Reason != "the row that it belongs to was not read" {
			t.Errorf("%+v", r.Problems)
		}
	}
	r, err := ReadCSV(t.Context(), strings.NewReader(text), "csv:x", Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	check(r, r.Activities)
	var list []handrail.Activity
	r, err = ScanCSV(t.Context(), strings.NewReader(text), "csv:x", Mapping{}, func(a handrail.Activity) error { list = append(list, a); return nil })
	if err != nil || len(r.Activities) != 0 {
		t.Fatal(err, r.Activities)
	}
	check(r, list)
}

func TestScanCSV(t *testing.T) {
	const text = "ID,Name,Day,Start\n1,A,Mon,10:00\n1,A,Tue,10:00\n2,B,Mon,10:00\n1,A,Wed,10:00\n"
	var got []string
	r, err := ScanCSV(t.Context(), strings.NewReader(text), "csv:x", Mapping{}, func(a handrail.Activity) error {
		got = append(got, fmt.Sprint(a.Name, len(a.Times)))
		return nil
	})
	if err != nil || strings.Join(got, " ") != "A2 B1" || r.Records != 3 || len(r.Problems) != 2 || r.Problems[1].Kept || !strings.HasPrefix(r.Problems[1].Reason, "it goes on with an earlier row") {
		t.Errorf("%v %v %+v", err, got, r)
	}
	_, err = ScanCSV(t.Context(), strings.NewReader(text), "csv:x", Mapping{}, func(handrail.Activity) error { return errBroken })
	if !errors.Is(err, errBroken) {
		t.Errorf("%v", err)
	}
}

func TestCSVWriter_NoFormulas_B22(t *testing.T) {
	for _, cell := range []string{"=1+1", "+441582", "-5 stairs", "@SUM(A1)", "\tx", "\r=1", " =1", "＝1", "＋1", "'=1", "''=1", "\n=1", "\u200b=1", `=cmd|' /C calc'!A0`} {
		if safe := SafeCell(cell); !strings.HasPrefix(safe, "'") {
			t.Errorf("%q is written as %q", cell, safe)
		}
	}
	for _, cell := range []string{"", "Chess", "5-a-side", "a=b", "'quoted'", "O'Neill", "£3 + tea"} {
		if SafeCell(cell) != cell {
			t.Errorf("%q is changed", cell)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`['=+\-@＝ ]{0,4}[a-z",;\n]{0,6}`)), 2, 6).Draw(t, "cells")
		for i := range cells { // what CSV itself cannot keep
			cells[i] = strings.NewReplacer("\r", "", "\x00", "").Replace(cells[i])
		}
		cells = append(cells, "end")
		var file bytes.Buffer
		w := NewCSVWriter(&file)
		for _, row := range [][]string{{"Name", "Cost", "Phone"}, cells, cells} {
			if err := w.Write(row...); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		in := newCSVRows(&file)
		in.begun, in.separator = true, ','
		for n := range 3 {
			_, got, err := in.next()
			if err != nil {
				t.Fatal(err)
			}
			for i, cell := range got {
				if needsQuote(cell) && !strings.HasPrefix(cell, "'") {
					t.Fatalf("%q is a formula", cell)
				}
				if n > 0 && restoreCell(cell) != cells[i] {
					t.Fatalf("%q came back as %q", cells[i], restoreCell(cell))
				}
			}
		}
	})
}

// bigCSV is a table of so many rows, made as it is read.
func bigCSV(rows int) io.Reader {
	in, out := io.Pipe()
	go func() {
		w := bufio.NewWriterSize(out, 1<<16)
		fmt.Fprintln(w, "ID,Name,Description,Venue,Street,Town,Postcode,Day,Start,End,Cost,Phone,Email,Website,Last checked")
		days := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"}
		prose := strings.Repeat("A friendly group for anybody who would like some company, with tea. ", 5)
		for i := range rows {
			fmt.Fprintf(w, "g%d,Group %d,\"%s\",Hall %d,%d High Street,Luton,LU%d %d%c%c,%s,10:00,12:00,£%d.50,01582 555 %03d,g%d@groups.org.uk,https://groups.org.uk/%d,%02d/10/2026\n",
				i, i, prose, i%900, i%200+1, i%4+1, i%9+1, "ABDEFGHJ"[i%8], "LNPQR"[i%5], days[i%5], i%7, i%1000, i, i, i%28+1)
		}
		_ = out.CloseWithError(w.Flush())
	}()
	return in
}

// 100,000 rows and 50 MB pass through in a bounded heap (L10). The heap is measured and not the process's memory, which
// the collector gives back when it likes; it is measured while the file is read, at every thousandth row.
func TestScanCSV_BoundedMemory_L10(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 50 MB")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	runtime.GC()
	before := heap()
	counted := &countingReader{r: bigCSV(100_000)}
	rows, most := 0, before
	r, err := ScanCSV(t.Context(), counted, "csv:big", Mapping{}, func(a handrail.Activity) error {
		if rows++; rows%1000 == 0 {
			most = max(most, heap())
		}
		if a.Venue.Postcode == "" || len(a.Times) != 1 || !a.Cost.Known {
			return fmt.Errorf("row %d was read otherwise", rows)
		}
		return nil
	})
	if err != nil || rows != 100_000 || r.Rejected() != 100_000 || len(r.Problems) != 0 {
		t.Fatalf("%v after %d rows: %+v", err, rows, r.Reasons)
	}
	t.Logf("%d MB read; the heap rose by %d MB", counted.n/1_000_000, (most-before)>>20)
	if counted.n < 50_000_000 {
		t.Errorf("the file has only %d bytes", counted.n)
	}
	if most-before > 150<<20 {
		t.Errorf("the heap rose by %d MB", (most-before)>>20)
	}
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("Name,Postcode,Day,Start\nChess,LU1 2NG,Tuesday,10:00\n"))
	f.Add([]byte("sep=;\nName;Cost\n\"a\nb\";=1+1\n"))
	f.Add([]byte("\xff\xfeN\x00a\x00m\x00e\x00,\x00b\x00\n\x00x\x00,\x00y\x00\n\x00"))
	f.Add([]byte("import_id,import_id_reference,name\n1,,A\n2,1,\n1,1,B\n"))
	f.Add([]byte("\"Name\r\rx\t\"\"\"\r\n\"\"\"\"\"\n\"Name"))
	f.Add([]byte("Name,Monday,Date,Ages\nA,\"9-10,25-26\",30/12/1899,18-\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		sample, err := SampleCSV(t.Context(), bytes.NewReader(raw))
		if err != nil {
			return
		}
		m, guesses := sample.Guess()
		if len(guesses) != len(sample.Headings) {
			t.Fatalf("%d guesses of %d columns", len(guesses), len(sample.Headings))
		}
		if m.check() != nil && len(m.Columns) > 0 {
			t.Fatalf("the guess cannot be used: %v: %+v", m.check(), m)
		}
		r, _ := ReadCSV(t.Context(), bytes.NewReader(raw), "csv:x", m.Confirm())
		checkResult(t, r)
	})
}

// checkResult checks what holds of every import, whatever was imported.
func checkResult(t testing.TB, r Result) {
	t.Helper()
	if r.Rejected() < 0 || len(r.Problems) > maxProblems {
		t.Fatalf("%d records, %d activities", r.Records, len(r.Activities))
	}
	seen := map[handrail.ActivityID]bool{}
	for _, a := range r.Activities {
		if a.ID == "" || a.Name == "" || seen[a.ID] || a.Standing.Assured != nil || strings.ContainsAny(a.Name, "\n\x00") || len(a.Times) > maxTimes || a.MaxAge < 0 {
			t.Fatalf("%+v", a)
		}
		seen[a.ID] = true
		for _, w := range a.Times {
			if w.Start < 0 || w.Start >= 24*60 || w.End != 0 && w.End <= w.Start {
				t.Fatalf("%+v", w)
			}
		}
	}
}

func BenchmarkReadCSV(b *testing.B) {
	raw, err := io.ReadAll(bigCSV(2000))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadCSV(b.Context(), bytes.NewReader(raw), "csv:x", Mapping{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGuessMapping(b *testing.B) {
	sample, err := SampleCSV(b.Context(), bigCSV(200))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		sample.Guess()
	}
}
