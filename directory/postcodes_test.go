package directory

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"handrail"
)

func readAll(t testing.TB, r io.Reader) (map[string]handrail.PostcodePoint, Report, error) {
	t.Helper()
	got := map[string]handrail.PostcodePoint{}
	report, err := ReadPostcodesFrom(t.Context(), r, func(batch []handrail.PostcodePoint) error {
		for _, p := range batch {
			got[p.Postcode] = p
		}
		return nil
	})
	return got, report, err
}

const onspd = "\ufeffPCD7,PCD8,PCDS,dointr,DOTERM,osgrdind,LAT,LONG\r\n" +
	`"LU1 2AB","LU1  2AB","LU1 2AB",198001,,1,51.87934,-0.41637` + "\r\n" +
	`"LU1 2AD","LU1  2AD","LU1 2AD",198001,199912,1,51.88,-0.41` + "\r\n" +
	`"LU1 3AA","LU1  3AA","LU1 3AA",198001,,1,51.87,-0.42` + "\r\n" +
	`"LU1 4AA","LU1  4AA","LU1 4AA",198001,,9,99.999999,0.000000` + "\r\n" +
	`"JE2 3AB","JE2  3AB","JE2 3AB",198001,,9,99.999999,0.000000` + "\r\n" +
	"nonsense,x,nonsense,198001,,1,51,0\r\n" +
	"LU1 5AA,x,LU1 5AA,198001,,1,fifty,0\r\n" +
	"LU1 6AA,x,LU1 6AA,198001,,1,5.1,0\r\n" +
	"short\r\n" +
	"\r\n"

func TestReadPostcodes_ONSPD(t *testing.T) {
	got, r, err := readAll(t, strings.NewReader(onspd))
	if err != nil {
		t.Fatal(err)
	}
	if r.Postcodes != 3 || r.Terminated != 1 || r.NoPosition != 2 || r.Bad != 4 || r.Sectors != 2 || r.Outcodes != 1 {
		t.Errorf("%+v", r)
	}
	if len(r.FirstBad) != 4 || r.FirstBad[0].Line != 7 || r.FirstBad[3].Line != 10 {
		t.Errorf("bad lines: %+v", r.FirstBad)
	}
	if p := got["LU1 2AB"]; p.At != (handrail.Point{Lat: 51.87934, Lon: -0.41637}) || p.Terminated || p.Points != 1 {
		t.Errorf("%+v", p)
	}
	if !got["LU1 2AD"].Terminated {
		t.Error("LU1 2AD is no longer in use")
	}
	if p := got["LU1 2"]; p.At != got["LU1 2AB"].At || p.Points != 1 {
		t.Errorf("a postcode no longer in use pulls at the middle: %+v", p)
	}
	if p := got["LU1"]; p.Points != 2 || p.At.Lat < 51.87 || p.At.Lat > 51.88 {
		t.Errorf("%+v", p)
	}
}

func TestReadPostcodes_Headers(t *testing.T) {
	for header, row := range map[string]string{
		"postcode,lat,lon":                  "LU1 2AB,51.9,-0.4",
		"Postcode,Latitude,Longitude":       "lu12ab,51.9,-0.4",
		"pcd,pcd2,pcds,doterm,lat,long,imd": "LU1 2AB,x,LU1 2AB,,51.9,-0.4,77",
		"lon,lat,PCD8":                      "-0.4,51.9,LU1  2AB",
	} {
		got, _, err := readAll(t, strings.NewReader(header+"\n"+row))
		if err != nil || got["LU1 2AB"].At.Lat != 51.9 {
			t.Errorf("%s: %v, %v", header, got, err)
		}
	}
	for _, bad := range []string{"", "\n", "a,b,c\nLU1 2AB,51,0", "LU1 2AB,51.9,-0.4\n", strings.Repeat("x", 100_000)} {
		if _, _, err := readAll(t, strings.NewReader(bad)); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestReadPostcodes_LongLinesCostOneLine(t *testing.T) {
	got, r, err := readAll(t, strings.NewReader("postcode,lat,lon\n"+`"`+strings.Repeat("x", 1<<20)+"\nLU1 2AB,51.9,-0.4\n"))
	if err != nil || len(got) != 3 || r.Bad != 1 || r.FirstBad[0].Line != 2 {
		t.Errorf("%d, %+v, %v", len(got), r, err)
	}
}

func TestReadPostcodes_StopsWhenAsked(t *testing.T) {
	stop := errors.New("enough")
	_, err := ReadPostcodesFrom(t.Context(), strings.NewReader(onspd), func([]handrail.PostcodePoint) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

func TestReadPostcodes_StraySectorsDoNotMoveAnOutcode(t *testing.T) {
	csv := "postcode,lat,lon\n"
	for i := range 20 {
		csv += fmt.Sprintf("LU1 2A%c,51.88,-0.41\n", "ABDEFGHJLNPQRSTUWXYZ"[i])
	}
	got, _, err := readAll(t, strings.NewReader(csv+"LU1 9AA,55.9,-3.2\n"))
	if err != nil || got["LU1"].At.Lat < 51.87 || got["LU1"].At.Lat > 51.89 {
		t.Errorf("%+v, %v", got["LU1"], err)
	}
}

func writeZip(t *testing.T, files map[string]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "nspl.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for n, text := range files {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(n, "bomb") {
			newLines(t, w)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

// newLines writes 80 MB of empty lines and spaces that pack into next to nothing.
func newLines(t *testing.T, w io.Writer) {
	t.Helper()
	chunk := bytes.Repeat([]byte(strings.Repeat(" ", 8191)+"\n"), 128)
	for range 80 {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadPostcodes_Zip_B24(t *testing.T) {
	none := func([]handrail.PostcodePoint) error { return nil }
	name := writeZip(t, map[string]string{
		"Data/NSPL.csv": onspd, "Documents/Names.csv": strings.Repeat("a,b\n", 1000), "../../escape.txt": "x",
		"Data/multi_csv/NSPL_LU.csv": strings.Repeat("postcode,lat,lon\n", 500),
	})
	if r, err := ReadPostcodes(t.Context(), name, none); err != nil || r.Postcodes != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := ReadPostcodes(t.Context(), writeZip(t, map[string]string{"a.txt": "x"}), none); !handrail.IsKind(err, handrail.KindInvalid) {
		t.Errorf("without a CSV: %v", err)
	}
	files := map[string]string{}
	for i := range maxEntries + 1 {
		files[fmt.Sprint(i, ".csv")] = ""
	}
	if _, err := ReadPostcodes(t.Context(), writeZip(t, files), none); !handrail.IsKind(err, handrail.KindInvalid) {
		t.Errorf("too many entries: %v", err)
	}
	if _, err := ReadPostcodes(t.Context(), writeZip(t, map[string]string{"bomb.csv": "postcode,lat,lon\n"}), none); !handrail.IsKind(err, handrail.KindInvalid) {
		t.Errorf("a bomb: %v", err)
	}
	if _, err := ReadPostcodes(t.Context(), filepath.Join(t.TempDir(), "none"), none); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestReadPostcodes_Gzip_B24(t *testing.T) {
	pack := func(text string) *bytes.Buffer {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err1 := io.WriteString(z, text)
		if !strings.Contains(text, ".") {
			newLines(t, z)
		}
		if err := errors.Join(err1, z.Close()); err != nil {
			t.Fatal(err)
		}
		return &b
	}
	if got, _, err := readAll(t, pack(onspd)); err != nil || len(got) != 6 {
		t.Errorf("%v, %v", got, err)
	}
	if _, _, err := readAll(t, pack("postcode,lat,lon\n")); !handrail.IsKind(err, handrail.KindInvalid) {
		t.Errorf("a bomb: %v", err)
	}
	whole := pack("postcode,lat,lon\n" + strings.Repeat("LU1 2AB,51.9,-0.4\n", 50_000)).Bytes()
	if _, _, err := readAll(t, bytes.NewReader(whole[:len(whole)/2])); !handrail.IsKind(err, handrail.KindInvalid) {
		t.Errorf("cut off: %v", err)
	}
}

const edinburgh = "../../shared/data/postcodes/nspl-2025-05-eh.csv.gz"

func TestReadPostcodes_RealEdinburgh(t *testing.T) {
	if _, err := os.Stat(edinburgh); err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	n := 0
	r, err := ReadPostcodes(t.Context(), edinburgh, func(b []handrail.PostcodePoint) error { n += len(b); return nil })
	if err != nil || r.Postcodes != 33479 || r.Bad != 0 || n != r.Postcodes+r.Sectors+r.Outcodes {
		t.Errorf("%+v, %v", r, err)
	}
}

// The whole country in a few seconds, and in memory that does not grow with the file.
func TestReadPostcodes_WholeCountry(t *testing.T) {
	const file = "../../shared/data/postcodes/nspl-2025-05-gb.csv.gz"
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	if testing.Short() {
		t.Skip("reads 2.6 million rows")
	}
	var before, m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most, batches := uint64(0), 0
	r, err := ReadPostcodes(t.Context(), file, func([]handrail.PostcodePoint) error {
		if batches++; batches%20 == 0 {
			runtime.ReadMemStats(&m)
			most = max(most, max(m.HeapInuse, before.HeapInuse)-before.HeapInuse)
		}
		return nil
	})
	if err != nil || r.Postcodes != 2_628_269 || r.Bad != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	t.Logf("%+v; heap grew by at most %d MB", r, most>>20)
	if most > 64<<20 {
		t.Errorf("the heap grew by %d MB", most>>20)
	}
}

func BenchmarkReadPostcodes_Edinburgh(b *testing.B) {
	if _, err := os.Stat(edinburgh); err != nil {
		b.Skipf("the shared data are not beside the repository: %v", err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadPostcodes(b.Context(), edinburgh, func([]handrail.PostcodePoint) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
