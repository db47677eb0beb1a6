package sources

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"handrail"
)

// workbook makes a workbook of sheets of rows.
func workbook(t testing.TB, sheets map[string][][]any, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	var names []string
	for name := range sheets {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i == 0 {
			must(t, f.SetSheetName("Sheet1", name))
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for n, row := range sheets[name] {
			must(t, f.SetSheetRow(name, fmt.Sprintf("A%d", n+1), &row))
		}
	}
	if change != nil {
		change(f)
	}
	var out bytes.Buffer
	must(t, f.Write(&out))
	return out.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readBook(t testing.TB, raw []byte, m Mapping) (Result, error) {
	t.Helper()
	return ReadXLSX(t.Context(), bytes.NewReader(raw), int64(len(raw)), "xlsx:test", m)
}

func TestReadXLSX(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Groups": {
		{"Groups in Northgate"},
		{},
		{"Group Name", "Day", "Start", "Ends", "Venue", "Post Code", "Tel", "Cost", "Last checked", "Members", "Start date"},
		{"Tuesday Gardeners", "Tuesday", 10.0 / 24, 0.5, "Allotment Hut, Kings Way", "lu1 1hr", 1582555010, 0, time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), 12, 46100},
		{"Chess", "Mon & Thu", "7pm", "9pm", "=cmd|' /C calc'!A0", "LU2 7AA", "01582 555 011", 2.5, "12/10/2026", nil, nil},
		{nil},
		{"Yoga", "Friday", 0.4375, 0.5, "Hall", "LU1 2NG", nil, "£3", nil, nil, nil},
	}}, func(f *excelize.File) {
		dates, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		times, err := f.NewStyle(&excelize.Style{NumFmt: 20})
		must(t, err)
		words := "dddd d mmmm yyyy"
		long, err := f.NewStyle(&excelize.Style{CustomNumFmt: &words})
		must(t, err)
		must(t, f.SetCellStyle("Groups", "I4", "I4", dates))
		must(t, f.SetCellStyle("Groups", "C4", "D4", times))
		must(t, f.SetCellStyle("Groups", "K4", "K4", long))
		must(t, f.SetCellFormula("Groups", "J4", "SUM(1,2)"))
	})
	sample, err := SampleXLSX(t.Context(), bytes.NewReader(raw), int64(len(raw)))
	if err != nil || sample.Line != 3 || len(sample.Headings) != 11 || len(sample.Rows) != 3 {
		t.Fatalf("%v %+v", err, sample)
	}
	r, err := readBook(t, raw, Mapping{})
	if err != nil || len(r.Activities) != 3 || len(r.Problems) != 0 {
		t.Fatalf("%v %+v", err, r)
	}
	checkResult(t, r)
	a := r.Activities[0]
	if len(a.Times) != 1 || a.Times[0].Day != time.Tuesday || a.Times[0].Start != handrail.At(10, 0) || a.Times[0].End != handrail.At(12, 0) || a.Times[0].From != "2026-03-19" || a.Times[0].Certainty != handrail.CertaintySaid {
		t.Errorf("%+v", a.Times)
	}
	if a.CheckedAt == nil || a.CheckedAt.Format(time.DateOnly) != "2026-11-03" || a.Organiser.Phone != "01582555010" || !a.Cost.Free() || a.Venue.Line() != "Allotment Hut, Kings Way, LU1 1HR" {
		t.Errorf("%+v", a)
	}
	b := r.Activities[1]
	if len(b.Times) != 2 || b.Times[1].Start != handrail.At(19, 0) || b.Venue.Street != "=cmd|' /C calc'!A0" || b.Cost.Text != "£2.50" || b.CheckedAt == nil {
		t.Errorf("%+v", b)
	}
	if c := r.Activities[2]; len(c.Times) != 1 || c.Times[0].Start != handrail.At(10, 30) || c.Cost.Pence != 300 {
		t.Errorf("%+v", c)
	}
	viaReader, err := readXLSX(t.Context(), bytes.NewReader(raw), "xlsx:test")
	if err != nil || len(viaReader.Activities) != 3 {
		t.Errorf("%v", err)
	}
}

// Dates, times and prices come as they are shown, whichever way the sheet shows them.
func TestReadXLSX_NumberFormats(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Groups": {
		{"Group Name", "Phone", "Latitude", "Longitude", "Cost", "Last checked", "Start", "Day"},
		{"Chess", 441582555010, 51.876543210987654, -0.42, 2.5, 46329, 46329.4375, 46329},
		{"Bowls", 1582555010, 51.1, -0.1, 2.5, 46329.5, 0.4375, 46329},
		{"Darts", "01582 555 012", 51.2, -0.2, 2.5, 46329, 0.4375, "Tuesday"},
	}}, func(f *excelize.File) {
		show := func(cell string, style excelize.Style) {
			id, err := f.NewStyle(&style)
			must(t, err)
			must(t, f.SetCellStyle("Groups", cell, cell, id))
		}
		for cell, format := range map[string]string{"E2": "[$£-809]#,##0.00", "F2": "dd/mm/yyyy", "H2": "ddd", "H3": "dddd", "F4": `[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`} {
			show(cell, excelize.Style{CustomNumFmt: &format})
		}
		show("F3", excelize.Style{NumFmt: 22})
		show("G2", excelize.Style{NumFmt: 22})
		show("G3", excelize.Style{NumFmt: 18})
		show("G4", excelize.Style{NumFmt: 20})
	})
	r, err := readBook(t, raw, Mapping{})
	if err != nil || len(r.Activities) != 3 || len(r.Problems) != 0 {
		t.Fatalf("%v %+v", err, r)
	}
	for _, a := range r.Activities {
		if a.CheckedAt == nil || a.CheckedAt.Format(time.DateOnly) != "2026-11-03" || len(a.Times) != 1 || a.Times[0].Day != time.Tuesday || a.Times[0].Start != handrail.At(10, 30) ||
			a.Cost.Pence != 250 || a.Venue.At == nil || len(a.Organiser.Phone) < 11 {
			t.Errorf("%+v", a)
		}
	}
	if a := r.Activities[0]; a.Organiser.Phone != "+441582555010" || a.Venue.At.Lat < 51.8765 || a.Cost.Text != "£2.50" {
		t.Errorf("%+v", a)
	}
}

// Only the value that was saved with a formula is read; without one there is none.
func TestReadXLSX_FormulasAreNotWorkedOut_B24(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Groups": {{"Group Name", "Cost", "Phone"}, {"Chess", nil, "01582 555 011"}, {"Bowls", 1, "01582 555 012"}}}, func(f *excelize.File) {
		must(t, f.SetCellFormula("Groups", "B2", "1+1"))
		must(t, f.SetCellFormula("Groups", "B3", "2*100"))
	})
	r, err := readBook(t, raw, Mapping{})
	if err != nil || len(r.Activities) != 2 || r.Activities[0].Cost.Known || r.Activities[1].Cost.Pence > 100 {
		t.Errorf("%v %+v", err, r.Activities)
	}
}

func TestReadXLSX_DatesFrom1904(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Groups": {{"Group Name", "Last checked"}, {"Chess", 44867}, {"Bowls", 44867}}}, func(f *excelize.File) {
		yes := true
		must(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
		dates, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellStyle("Groups", "B3", "B3", dates))
	})
	r, err := readBook(t, raw, Mapping{})
	if err != nil || len(r.Activities) != 2 {
		t.Fatalf("%v %+v", err, r)
	}
	for _, a := range r.Activities { // as a bare number and as a date
		if a.CheckedAt == nil || a.CheckedAt.Format(time.DateOnly) != "2026-11-03" {
			t.Errorf("%s: %v", a.Name, a.CheckedAt)
		}
	}
}

func TestReadXLSX_MergedCells(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Groups": {
		{"Name", "Contact", nil, "Venue", "Day"},
		{nil, "Phone", "Email"},
		{"Chess", "01582 555 011", "chess@northgate.org.uk", "Library", "Monday"},
		{"Bowls", nil, "bowls@northgate.org.uk", nil, "Tuesday"},
		{nil, nil, nil, nil, nil},
		{"Darts", "01582 555 012", nil, "The Bell", "Friday"},
	}}, func(f *excelize.File) {
		must(t, f.MergeCell("Groups", "A1", "A2"))
		must(t, f.MergeCell("Groups", "B1", "C1"))
		must(t, f.MergeCell("Groups", "D3", "D5"))
		must(t, f.MergeCell("Groups", "B3", "B4"))
	})
	r, err := readBook(t, raw, Mapping{})
	if err != nil || len(r.Activities) != 3 {
		t.Fatalf("%v %+v", err, r)
	}
	if b := r.Activities[1]; b.Venue.Name != "Library" || b.Organiser.Phone != "01582 555 011" || b.Organiser.Email != "bowls@northgate.org.uk" {
		t.Errorf("%+v", b)
	}
	if d := r.Activities[2]; d.Venue.Name != "The Bell" {
		t.Errorf("%+v", d)
	}
}

func TestReadXLSX_Sheets(t *testing.T) {
	rows := func(name string) [][]any { return [][]any{{"Group Name", "Postcode"}, {name, "LU1 2NG"}} }
	raw := workbook(t, map[string][][]any{"1 Read me": {{"This list is kept by the library."}, {"Ask us."}}, "2 North": rows("Chess"), "3 South": append(rows("Bowls"), []any{nil, "LU1 2NG"}),
		"4 Old": rows("Darts"), "5 Prices": {{"Room", "Rate"}, {"Hall", "£10"}}, "6 Empty": {}}, func(f *excelize.File) {
		must(t, f.SetSheetVisible("4 Old", false))
	})
	r, err := readBook(t, raw, Mapping{})
	if err != nil || len(r.Activities) != 2 || r.Activities[0].Name != "Chess" || r.Activities[1].Name != "Bowls" || r.Rejected() != 1 {
		t.Fatalf("%v %+v", err, r)
	}
	var got []string
	for _, p := range r.Problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.Reason))
	}
	slices.Sort(got)
	if want := []string{`1 a sheet has not the columns of the table, so it is left out (in the sheet "1 Read me")`, `1 a sheet has not the columns of the table, so it is left out (in the sheet "5 Prices")`,
		`1 a sheet is hidden, so it is left out (in the sheet "4 Old")`, `3 it has no name (in the sheet "3 South")`}; !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// zipEntry writes an archive of entries, each with the text given.
func zipEntry(t testing.TB, entries map[string]io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range entries {
		f, err := w.Create(name)
		must(t, err)
		_, err = io.Copy(f, text)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

// rezip changes the parts of a workbook; nil drops one.
func rezip(t testing.TB, raw []byte, change map[string]func([]byte) []byte) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	must(t, err)
	entries := map[string]io.Reader{}
	for _, f := range archive.File {
		part, err := readEntry(f, 1<<30)
		must(t, err)
		if do := change[f.Name]; do != nil {
			part = do(part)
		}
		if part != nil {
			entries[f.Name] = bytes.NewReader(part)
		}
	}
	return zipEntry(t, entries)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Whatever comes, it is refused with a sentence, soon, and without unpacking it.
func TestReadXLSX_Bombs_B24(t *testing.T) {
	good := workbook(t, map[string][][]any{"Groups": {{"Group Name", "Postcode"}, {"Chess", "LU1 2NG"}, {"Bowls", "LU2 7AA"}}}, nil)
	const sheet = "xl/worksheets/sheet1.xml"
	bomb := zipEntry(t, map[string]io.Reader{sheet: io.LimitReader(zeros{}, 1<<27)})
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	replaced := func(old, text string) func([]byte) []byte {
		return func(part []byte) []byte { return bytes.Replace(part, []byte(old), []byte(text), 1) }
	}
	many := func() []byte { // a directory of a million entries, which share one
		one := zipEntry(t, map[string]io.Reader{"a": strings.NewReader("")})
		start := bytes.Index(one, []byte("PK\x01\x02"))
		end := bytes.Index(one, []byte("PK\x05\x06"))
		out := slices.Concat(one[:start], bytes.Repeat(one[start:end], 1<<20), one[end:])
		return out
	}()
	lying := slices.Clone(bomb) // says that what unpacks to a lot is small
	for at := 0; ; {
		next := bytes.Index(lying[at:], []byte("PK\x01\x02"))
		if next < 0 {
			break
		}
		at += next
		binary.LittleEndian.PutUint32(lying[at+24:], 1000)
		at += 4
	}
	for name, c := range map[string]struct {
		raw []byte
		say string
	}{
		"empty":                          {nil, "not whole"},
		"not a zip":                      {[]byte("Name,Postcode\nChess,LU1 2NG\n"), "not whole"},
		"a folder":                       {zipEntry(t, map[string]io.Reader{"a/": strings.NewReader("")}), "not an Excel workbook"},
		"a disc full of noughts":         {bomb, "too large"},
		"which lies":                     {lying, "not"},
		"a million entries":              {many, "far too many parts"},
		"two million bytes of ?":         {bytes.Repeat([]byte("PK\x05\x06"), 500_000), ""},
		"cut off":                        {good[:len(good)-30], "not whole"},
		"entities":                       {rezip(t, good, map[string]func([]byte) []byte{sheet: replaced("<worksheet", `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet`)}), "not an Excel workbook"},
		"entities in the list of sheets": {rezip(t, good, map[string]func([]byte) []byte{"xl/workbook.xml": replaced("<workbook", `<!DOCTYPE x [<!ENTITY a "a">]><workbook`)}), "not an Excel workbook"},
		"a sheet that is cut off":        {rezip(t, good, map[string]func([]byte) []byte{sheet: func(part []byte) []byte { return part[:bytes.Index(part, []byte("</sheetData>"))] }}), "not whole"},
		"a sheet with a hole":            {rezip(t, good, map[string]func([]byte) []byte{sheet: replaced(`<row r="3"`, `<row r=3`)}), ""},
		"a sheet of bad XML":             {rezip(t, good, map[string]func([]byte) []byte{sheet: replaced(`<row r="2">`, `<row r="2"><&>`)}), "cannot be read to its end"},
		"no list of sheets":              {rezip(t, good, map[string]func([]byte) []byte{"xl/workbook.xml": func([]byte) []byte { return nil }}), "not an Excel workbook"},
		"an archive in an archive":       {zipEntry(t, map[string]io.Reader{"xl/workbook.xml": bytes.NewReader(bomb), "inner.zip": bytes.NewReader(bomb)}), "not an Excel workbook"},
		"a path out of it":               {zipEntry(t, map[string]io.Reader{"../../../etc/passwd": strings.NewReader("x")}), "not an Excel workbook"},
		"texts without end":              {rezip(t, good, map[string]func([]byte) []byte{"xl/sharedStrings.xml": func([]byte) []byte { return []byte("<sst>" + strings.Repeat("<si><t>a</t></si>", 100)) }}), "not whole"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			r, err := readBook(t, c.raw, Mapping{})
			runtime.ReadMemStats(&after)
			if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; taken > 64 {
				t.Errorf("it took %d MB", taken)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			if c.say == "" {
				checkResult(t, r)
				return
			}
			if !handrail.IsKind(err, handrail.KindInvalid) || !strings.Contains(sayOf(err), c.say) {
				t.Errorf("%v: %q", err, sayOf(err))
			}
			if strings.Contains(fmt.Sprint(err), "Chess") {
				t.Errorf("the error tells what was in it: %v", err)
			}
		})
	}
	if _, err := ReadTabularZip(t.Context(), bytes.NewReader(bomb), int64(len(bomb)), "hsds:x"); !strings.Contains(sayOf(err), "too large") {
		t.Errorf("the tabular package: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "excelize-*"))
	if err != nil || len(left) > 0 && os.Getenv("TMPDIR") != "" {
		t.Errorf("%v: temporary files are left: %d", err, len(left))
	}
}

// Rows far down and cells far out cost nothing: neither is made up for the gap.
func TestReadXLSX_FarCells_B24(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Groups": {{"Group Name", "Postcode"}, {"Chess", "LU1 2NG"}}}, func(f *excelize.File) {
		must(t, f.SetCellStr("Groups", "XFD3", "out"))
	})
	raw = rezip(t, raw, map[string]func([]byte) []byte{"xl/worksheets/sheet1.xml": func(part []byte) []byte {
		return bytes.Replace(part, []byte("</sheetData>"), []byte(`<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>Far</t></is></c></row><row r="2000000000"/></sheetData>`), 1)
	}})
	began := time.Now()
	r, err := readBook(t, raw, Mapping{})
	if err != nil || len(r.Activities) != 1 || r.Rejected() != 1 || r.Problems[0].Reason != tooManyCells {
		t.Errorf("%v %+v", err, r)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestReadXLSX_Cancelled(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Groups": {{"Group Name"}, {"Chess"}}}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadXLSX(ctx, bytes.NewReader(raw), int64(len(raw)), "x", Mapping{}); err == nil || handrail.IsKind(err, handrail.KindInvalid) {
		t.Errorf("%v", err)
	}
}

func FuzzReadXLSX(f *testing.F) {
	const sheet = "xl/worksheets/sheet1.xml"
	good := workbook(f, map[string][][]any{"Groups": {{"Group Name", "Day", "Start"}, {"Chess", "Monday", 0.5}, {"Bowls", "Tuesday", "2pm"}}}, func(book *excelize.File) {
		must(f, book.MergeCell("Groups", "B2", "B3"))
	})
	archive, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	must(f, err)
	for _, part := range archive.File {
		if part.Name == sheet {
			raw, err := readEntry(part, 1<<20)
			must(f, err)
			f.Add(raw, false)
		}
	}
	f.Add(good, true)
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row><row r="1"><c r="ZZZ9" t="s"><v>99</v></c></row></sheetData></worksheet>`), false)
	f.Add([]byte(`<worksheet><sheetData><row r="2000000000"/><row><c r="-1"/></row></sheetData><mergeCell ref="A1:A9999999"/></worksheet>`), false)
	f.Fuzz(func(t *testing.T, raw []byte, whole bool) {
		if !whole {
			raw = rezip(t, good, map[string]func([]byte) []byte{sheet: func([]byte) []byte { return raw }})
		}
		r, _ := readBook(t, raw, Mapping{Columns: map[Field][]string{FieldName: {"Group Name"}, FieldWeekday: {"Day"}, FieldStart: {"Start"}}})
		checkResult(t, r)
	})
}

func BenchmarkReadXLSX(b *testing.B) {
	rows := [][]any{{"Group Name", "Day", "Start", "Venue", "Postcode", "Phone"}}
	for i := range 1000 {
		rows = append(rows, []any{fmt.Sprint("Group ", i), "Tuesday", "10:00", "Hall", "LU1 2NG", "01582 555 010"})
	}
	raw := workbook(b, map[string][][]any{"Groups": rows}, nil)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadXLSX(b.Context(), bytes.NewReader(raw), int64(len(raw)), "x", Mapping{}); err != nil {
			b.Fatal(err)
		}
	}
}
