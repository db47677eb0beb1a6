package sources

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"handrail"
)

// packageFiles is a small package with what publishers do to them: both names of a file, rows in any order, a row that
// belongs to nothing.
func packageFiles() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"services.csv": "id,organization_id,name,description,status,minimum_age,assured_date\n" +
			"s1,o1,Tuesday Gardeners,\"Digging,\nand tea\",active,18,2026-10-01\n,o1,No id,,active,,\ns2,o9,Film Club,,active,-1,\n",
		"organizations.csv":       "id,name,website\no1,Northgate Trust,http://northgate.org.uk\n",
		"service_at_location.csv": "id,service_id,location_id\na1,s1,l1\n",
		"locations.csv":           "id,name,latitude,longitude\nl1,Bury Park Community Centre,51.88,-0.42\nl2,Nowhere,0,0\n",
		"address.csv":             "id,location_id,address_1,city,postal_code\nx1,l1,161 Dallow Road,Luton,LU1 1HR\n",
		"addresses.csv":           "id,location_id,address_1,city,postal_code\nx1,l1,161 Dallow Road,Luton,LU1 1HR\n",
		"schedules.csv": "id,service_id,service_at_location_id,freq,byday,opens_at,closes_at\n" +
			"t1,s1,a1,WEEKLY,TU,10:00,12:00\nt2,,a1,WEEKLY,TH,10:00,12:00\nt3,s2,,WEEKLY,FR,19:00,\n",
		"contacts.csv":       "id,service_id,name\nc1,s1,Ann Persona\n",
		"phones.csv":         "id,contact_id,number\np1,c1,\"\"\"+44 1582 555010\"\"\"\n",
		"cost_options.csv":   "id,service_id,option,amount\nk1,s1,Everybody,2.50\n",
		"languages.csv":      "id,service_id,code\ng1,s1,pl\n",
		"attributes.csv":     "id,link_id,taxonomy_term_id\nb1,s1,term1\n",
		"taxonomy_terms.csv": "id,name\nterm1,Gardening\n",
		"empty.csv":          "",
		"funding.csv":        "",
		"phone.csv":          "",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func checkPackage(t *testing.T, r Result, err error) {
	t.Helper()
	if err != nil || len(r.Activities) != 2 || r.Records != 3 {
		t.Fatalf("%v %+v", err, r)
	}
	a := r.Activities[0]
	if a.ID != "s1" || a.Organiser.Name != "Northgate Trust" || a.Organiser.Phone != "+44 1582 555010" || a.Venue.Line() != "Bury Park Community Centre, 161 Dallow Road, Luton, LU1 1HR" ||
		a.Venue.At == nil || len(a.Times) != 2 || a.Times[0].Day != time.Tuesday || a.Times[1].Day != time.Thursday || a.Cost.Pence != 250 || a.MinAge != 18 ||
		len(a.Topics) != 1 || a.Topics[0] != "Gardening" || len(a.Languages) != 1 || a.Languages[0] != "Polish" || a.CheckedAt == nil || a.Standing.Assured != nil {
		t.Errorf("%+v", a)
	}
	if b := r.Activities[1]; b.Organiser.Name != "" || len(b.Times) != 1 || b.Times[0].Day != time.Friday {
		t.Errorf("%+v", b)
	}
	if len(r.Problems) != 1 || r.Problems[0].Line != 4 || !strings.Contains(r.Problems[0].Reason, "no id") {
		t.Errorf("%+v", r.Problems)
	}
}

func zipOf(t testing.TB, files fs.FS, folder string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		f, err := w.Create(folder + name)
		if err != nil {
			return err
		}
		_, err = f.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadTabular(t *testing.T) {
	r, err := ReadTabular(t.Context(), packageFiles(), "hsds:x")
	checkPackage(t, r, err)
	for _, folder := range []string{"", "export-2026/"} {
		raw := zipOf(t, packageFiles(), folder)
		r, err = ReadTabularZip(t.Context(), bytes.NewReader(raw), int64(len(raw)), "hsds:x")
		checkPackage(t, r, err)
		r, err = readTabularZip(t.Context(), bytes.NewReader(raw), "hsds:x")
		checkPackage(t, r, err)
	}
	files := packageFiles()
	files["services.csv"].Data = append(files["services.csv"].Data, "s1,o1,Twice,,active,,\n"...)
	r, err = ReadTabular(t.Context(), files, "hsds:x")
	if err != nil || r.Rejected() != 2 || r.Problems[1].Line != 6 || !strings.HasSuffix(r.Problems[1].Reason, "(at line 2)") {
		t.Errorf("%v %+v", err, r.Problems)
	}
	delete(files, "services.csv")
	if _, err = ReadTabular(t.Context(), files, "hsds:x"); !strings.Contains(sayOf(err), "no services.csv") {
		t.Errorf("%v", err)
	}
}

// The example of the UK profile, whose places and postcodes are of no country.
func TestReadTabular_RealExample(t *testing.T) {
	const folder = "../../../shared/data/open-referral-uk/hsds-uk-csv-example"
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	r, err := ReadTabular(t.Context(), os.DirFS(folder), "hsds:example")
	if err != nil || len(r.Activities) != 1 {
		t.Fatalf("%v %+v", err, r)
	}
	a := r.Activities[0]
	if a.Name != "Community Counselling" || a.Organiser.Name != "Example Organization Inc." || a.Organiser.Phone != "+44 1234 234567" || a.MinAge != 12 || !a.Sensitive ||
		a.Venue.Name != "MyCity Civic Center" || a.Venue.At != nil || a.CheckedAt == nil || a.Status != handrail.ActivityActive || a.Access.StepFree != handrail.Yes {
		t.Errorf("%+v", a)
	}
	if !strings.Contains(a.WhenText, "10 am to 6pm weekdays") || !a.Cost.Known || a.Cost.Pence != 3500 {
		t.Errorf("%q %+v", a.WhenText, a.Cost)
	}
	found := false
	for _, p := range r.Problems {
		found = found || p.Line == 2 && p.Kept && strings.Contains(p.Reason, "position")
	}
	if !found {
		t.Errorf("the position of 100, 101 was not reported: %+v", r.Problems)
	}
}

func FuzzReadTabular(f *testing.F) {
	f.Add("id,name\ns1,A\n", "id,service_id,opens_at\nx,s1,10:00\n")
	f.Add("id,name,organization_id\ns1,\"A\nB\",o\n,,\n", "id,service_id\n\"\n")
	f.Add("", "a")
	f.Fuzz(func(t *testing.T, services, schedules string) {
		files := fstest.MapFS{"services.csv": {Data: []byte(services)}, "schedules.csv": {Data: []byte(schedules)}}
		r, _ := ReadTabular(t.Context(), files, "hsds:x")
		checkResult(t, r)
	})
}
