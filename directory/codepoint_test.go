package directory

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"handrail"
	"handrail/directory/postcode"
)

// As the Ordnance Survey writes it: no header, every text in quotes, postcodes in seven characters.
const codePointSW = `"SW1A1AA",10,529090,179645,"E92000001","E19000003","E18000007","","E09000033","E05013806"` + "\r\n" +
	`"SW1A2AA",10,530047,179951,"E92000001","E19000003","E18000007","","E09000033","E05013806"` + "\r\n" +
	`"SW1A0AA",90,0,0,"E92000001","","","","",""` + "\r\n" +
	`"SW1A3AA",10,9000000,179645,"E92000001","","","","",""`

const codePointE = `"E1  6AN",10,533500,181800,"E92000001","E19000003","E18000007","","E09000030","E05009317"` + "\r\n" +
	`"nonsense",10,533500,181800,"E92000001","","","","",""` + "\r\n"

func TestReadPostcodes_CodePointOpen(t *testing.T) {
	name := writeZip(t, map[string]string{
		"codepo_gb/Data/CSV/sw.csv": codePointSW, "codepo_gb/Data/CSV/e.csv": codePointE,
		"codepo_gb/Doc/Code-Point_Open_Column_Headers.csv": "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\nPostcode,Positional_quality_indicator,Eastings,Northings\n",
		"codepo_gb/Doc/licence.txt":                        "x",
	})
	got := map[string]handrail.PostcodePoint{}
	r, err := ReadPostcodes(t.Context(), name, func(all []handrail.PostcodePoint) error {
		for _, p := range all {
			got[p.Postcode] = p
		}
		return nil
	})
	if err != nil || r.Postcodes != 3 || r.NoPosition != 1 || r.Bad != 2 || r.Sectors != 3 || r.Outcodes != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	if m := Metres(got["SW1A 1AA"].At, handrail.Point{Lat: 51.50101, Lon: -0.141563}); m > 10 {
		t.Errorf("SW1A 1AA is %.1f m off", m)
	}
	if _, ok := got["E1 6AN"]; !ok {
		t.Errorf("%v", got)
	}
}

func TestReadPostcodes_CodePointOpen_OneFile(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(codePointSW)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"plain": codePointSW, "packed": packed.String(), "with a mark at its beginning": "\ufeff" + codePointSW,
		"with the headings put on top": "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\n" + codePointSW,
		"with the long headings":       "Postcode,Positional_quality_indicator,Eastings,Northings,Country_code\n" + codePointSW,
	} {
		got, r, err := readAll(t, strings.NewReader(in))
		if err != nil || r.Postcodes != 2 || got["SW1A 1AA"].At.Lat < 51.5 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	// Northern Ireland's eastings are of another grid.
	_, r, err := readAll(t, strings.NewReader("pcds,oseast1m,osnrth1m\nBT1 5GS,333000,374000\nE1 6AN,533500,181800\n"))
	if err != nil || r.Postcodes != 1 || r.NoPosition != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// sound checks what a reader handed over and counted.
func sound(t *testing.T, in string) {
	t.Helper()
	handed := 0
	r, err := ReadPostcodesFrom(t.Context(), strings.NewReader(in), func(all []handrail.PostcodePoint) error {
		handed += len(all)
		for _, p := range all {
			c, err := postcode.Parse(p.Postcode)
			if err != nil || c.Text != p.Postcode {
				t.Errorf("%q is no postcode in normal form: %v", p.Postcode, err)
			}
			if math.IsNaN(p.At.Lat+p.At.Lon) || p.At.Lat < 49 || p.At.Lat > 61.5 || p.At.Lon < -9 || p.At.Lon > 2.5 || p.Points < 1 {
				t.Errorf("%+v", p)
			}
		}
		return nil
	})
	if err != nil && !handrail.IsKind(err, handrail.KindInvalid) && !errors.Is(err, t.Context().Err()) {
		t.Errorf("%v", err)
	}
	if err == nil && handed != r.Postcodes+r.Sectors+r.Outcodes || len(r.FirstBad) > badLinesTold {
		t.Errorf("%d handed over, %+v", handed, r)
	}
}

func FuzzReadPostcodes(f *testing.F) {
	for _, s := range []string{
		onspd, "postcode,lat,lon\nLU1 2AB,51.9,-0.4\n", "", "\x1f\x8b", "\ufeffpostcode,lat,lon\r\n\"LU1 2AB\",51.9,-0.4", "postcode,lat,lon\nLU1 2AB,NaN,Inf\n",
		"postcode,lat,lon\nGIR 0AA,53.4,-2.9\nBX1 1LT,51,0\nZZ99 3VZ,51,0\nBFPO 1,51,0\n", "lat,lon,pcd\n\"51,5\",0,LU1 2AB",
	} {
		f.Add(s)
	}
	f.Fuzz(sound)
}

func FuzzReadPostcodes_CodePoint(f *testing.F) {
	f.Add("SW1A1AA", "10", "529090", "179645")
	f.Add("E1  6AN", "90", "0", "0")
	f.Add("BT1 5GS", "", "-1", "1e999")
	f.Add("ZZ993VZ\"", "x", "NaN", "Inf")
	f.Fuzz(func(t *testing.T, code, quality, east, north string) {
		sound(t, codePointE+fmt.Sprintf("%q,%s,%s,%s,a,b,c,d,e,f\n", code, quality, east, north))
	})
}
