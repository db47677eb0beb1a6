package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"handrail"
)

func read(t *testing.T, text string, opts ...Option) Result {
	t.Helper()
	r, err := Read(t.Context(), strings.NewReader(text), "oruk:test", opts...)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return r
}

// one reads a single service whose fields are given as JSON.
func oneService(t *testing.T, fields string) (handrail.Activity, []Problem) {
	t.Helper()
	r := read(t, `[{"id":"x","name":"N",`+fields+`}]`)
	if len(r.Activities) != 1 {
		t.Fatalf("%s: %+v", fields, r.Problems)
	}
	return r.Activities[0], r.Problems
}

func TestRead_Shapes(t *testing.T) {
	const two = `{"id":"a","name":"A"},{"id":"b","name":"B"}`
	for _, text := range []string{
		`[` + two + `]`,
		"\xef\xbb\xbf[" + two + "]",
		`{"contents":[` + two + `]}`,
		`{"total_items":2,"links":{"next":["x"],"s":"]}\""},"empty":false,"contents":[` + two + `],"after":1}`,
		`{"content":[` + two + `]}`,
		"\n\n{ \"services\" :\n [" + two + " , ]}",
	} {
		if r := read(t, text); len(r.Activities) != 2 || r.Activities[1].Name != "B" || r.Activities[0].Source != "oruk:test" {
			t.Errorf("%s: %+v", text, r)
		}
	}
	for _, text := range []string{"", "null", "<html>503</html>", `{"a":1}`, `{"contents":{}}`, "\x00"} {
		if _, err := Read(t.Context(), strings.NewReader(text), ""); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRead_BadRecordsDoNotCostTheOthers_B23(t *testing.T) {
	r := read(t, `{"contents":[
{"id":"1","name":"Good"},
{"name":"No id"},
{"id":"3"},
{"id":"4","name":"NaN","x":NaN},
{"id":"1","name":"Twice"},
"text",
{"id":6,"name":"A number for an id"},
{"id":"7","name":"Trailing",},
{"id":"8","name":"`+"\xff\xfe"+`Wrong bytes"},
`+strings.Repeat(`{"a":`, 100_000)+"1"+strings.Repeat("}", 100_000)+`,
{"id":"10","name":"Last"}
]}`)
	var got []string
	for _, a := range r.Activities {
		got = append(got, string(a.ID)+" "+a.Name)
	}
	if want := "1 Good|6 A number for an id|8 Wrong bytes|10 Last"; strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
	lines := map[int]string{}
	for _, p := range r.Problems {
		lines[p.Line] = p.Reason
	}
	for line, want := range map[int]string{3: "no id", 4: "no name", 5: "not valid JSON", 6: "same id came before (at line 2)", 7: "not an object", 9: "not valid JSON", 11: "nested too deeply"} {
		if !strings.Contains(lines[line], want) {
			t.Errorf("line %d: %q, want %q", line, lines[line], want)
		}
	}
	if r.Records != 11 || r.Rejected() != 7 {
		t.Errorf("%d records, %d rejected", r.Records, r.Rejected())
	}
}

func TestRead_CutOff_B23(t *testing.T) {
	for _, text := range []string{`[{"id":"a","name":"A"},{"id":"b","na`, `[{"id":"a","name":"A"}`, `{"contents":[{"id":"a","name":"A"},`} {
		r, err := Read(t.Context(), strings.NewReader(text), "")
		if !handrail.IsKind(err, handrail.KindInvalid) || len(r.Activities) != 1 {
			t.Errorf("%q: %v, %d read", text, err, len(r.Activities))
		}
	}
}

func TestRead_Bounds_B23(t *testing.T) {
	huge := `[{"id":"a","name":"A"},{"id":"b","name":"B","description":"` + strings.Repeat("x", maxRecord) + `"},{"id":"c","name":"C"}]`
	if r := read(t, huge); len(r.Activities) != 2 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "larger") {
		t.Errorf("%d, %+v", len(r.Activities), r.Problems)
	}
	many := "[" + strings.Repeat(`{},`, 3000) + "]"
	if r := read(t, many); len(r.Problems) != maxProblems || r.More != 2000 {
		t.Errorf("%d problems and %d more", len(r.Problems), r.More)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, strings.NewReader("[{}]"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRead_Cost(t *testing.T) {
	for fields, want := range map[string]handrail.Cost{
		`"cost_options":[{"option":"Free","amount":0}]`:                                         {Known: true, Text: "Free"},
		`"cost_options":[{"amount":0.0,"option":"0.00"}],"fees":"0.00"`:                         {Known: true},
		`"cost_options":[{"amount":2.5,"option":"Each"}]`:                                       {Known: true, Pence: 250, Text: "Each"},
		`"cost_options":[{"amount":1,"option":"Concession"},{"amount":"4.10","option":"Full"}]`: {Known: true, Pence: 410, Text: "Concession; Full"},
		`"fees":"Free"`:                        {Known: true, Text: "Free"},
		`"fees":"No charge"`:                   {Known: true, Text: "No charge"},
		`"fees":"Free to members"`:             {Text: "Free to members"},
		`"fees":"First session free, then £4"`: {Text: "First session free, then £4"},
		`"fees":"Not free"`:                    {Text: "Not free"},
		`"fees":"£3"`:                          {Text: "£3"},
		`"fees":"donation"`:                    {Text: "donation"},
		`"fees":"0"`:                           {Known: true},
		`"fees":null`:                          {},
		`"cost_options":[{"amount":0,"option":"£3 a session"}]`:                {Text: "£3 a session"},
		`"cost_options":[{"amount":-5}]`:                                       {},
		`"cost_options":[{"amount":1e300}]`:                                    {},
		`"cost_options":[{"amount":5,"currency":"EUR","option":"Five euros"}]`: {Text: "Five euros"},
		`"cost_options":{"amount":3}`:                                          {Known: true, Pence: 300},
		`"cost_options":"free"`:                                                {},
	} {
		if a, _ := oneService(t, fields); a.Cost != want {
			t.Errorf("%s: %+v, want %+v", fields, a.Cost, want)
		}
	}
}

func TestRead_Position_B23(t *testing.T) {
	for position, c := range map[string]struct {
		kept   bool
		reason string
	}{
		`"latitude":51.88,"longitude":-0.42`:     {true, ""},
		`"latitude":"51.88","longitude":"-0.42"`: {true, ""},
		`"latitude":-0.42,"longitude":51.88`:     {false, "swapped"},
		`"latitude":0,"longitude":0`:             {false, "0,0"},
		`"latitude":40.7,"longitude":-74`:        {false, "not in the United Kingdom"},
		`"latitude":51.88`:                       {false, "half"},
		`"latitude":null,"longitude":null`:       {false, ""},
		`"latitude":"NaN","longitude":"1"`:       {false, "half"},
	} {
		a, problems := oneService(t, `"service_at_locations":[{"location":{"location_type":"physical","name":"Hall",`+position+`,"addresses":[{"address_1":"1 Row","city":"Luton","postal_code":"lu12ab"}]}}]`)
		if (a.Venue.At != nil) != c.kept {
			t.Errorf("%s: %+v", position, a.Venue.At)
		}
		if c.reason == "" != (len(problems) == 0) || (c.reason != "" && !(problems[0].Kept && strings.Contains(problems[0].Reason, c.reason))) {
			t.Errorf("%s: %+v", position, problems)
		}
		if a.Venue.Postcode != "LU1 2AB" || a.Venue.Name != "Hall" || a.Venue.Street != "1 Row" || a.Venue.Town != "Luton" {
			t.Errorf("%+v", a.Venue)
		}
	}
	a, _ := oneService(t, `"service_at_locations":[{"location":{"location_type":"virtual","name":"Zoom"}},{"location":{"name":"A"}},{"location":{"name":"B","latitude":51,"longitude":-1}}]`)
	if a.Venue.Name != "B" {
		t.Errorf("the first place with a position: %+v", a.Venue)
	}
}

func TestRead_Contacts(t *testing.T) {
	a, _ := oneService(t, `"url":"javascript:alert(1)","email":"Unknown-12@noemail.invalid","assurer_email":"a.person@council.example",
"organization":{"id":"o1","name":"Org &amp; Co","website":"http://org.example.net","email":"hello@org.example.net"},
"contacts":[{"phones":[{"number":"call Sue"},{"number":"Bristol Youth MAPS: 0117 332 7111"}]}]`)
	if a.Organiser != (handrail.Organiser{ID: "o1", Name: "Org & Co", Website: "http://org.example.net", Email: "hello@org.example.net", Phone: "0117 332 7111"}) {
		t.Errorf("%+v", a.Organiser)
	}
	raw, err := json.Marshal(a)
	if err != nil || bytes.Contains(raw, []byte("a.person")) || bytes.Contains(raw, []byte("javascript")) {
		t.Errorf("%s %v", raw, err)
	}
	for in, want := range map[string]string{
		"01632 960101": "01632 960101", "+44 (0)1632 960101": "+44 (0)1632 960101", "(01632) 960101 ext 4": "(01632) 960101",
		"0909 879 0000": "", "+44 909 879 0000": "", "118 118": "", "999": "", "call Sue": "", "": "", "room 12, 01632960101": "01632960101",
	} {
		if got := phoneNumber(in); got != want {
			t.Errorf("phone %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"https://a.org/x": "https://a.org/x", "www.a.org": "https://www.a.org", "ftp://a.org": "", "http://www.example.com": "",
		"JavaScript:x//a.org": "", "http://": "", "https://nhs.uk@evil.example": "", "http://a.org/\" onclick": "", "data:text/html,x": "",
	} {
		if got := webAddress(in); got != want {
			t.Errorf("web %q: %q, want %q", in, got, want)
		}
	}
}

func TestRead_AgesStatusDates(t *testing.T) {
	for fields, want := range map[string][2]int{
		`"minimum_age":-1,"maximum_age":-1`: {0, 0}, `"minimum_age":18`: {18, 0}, `"minimum_age":"60","maximum_age":120`: {60, 0},
		`"minimum_age":50,"maximum_age":20`: {0, 0}, `"minimum_age":900`: {0, 0}, `"maximum_age":16`: {0, 16},
		`"eligibilitys":[{"minimum_age":55}]`: {55, 0}, `"minimum_age":{}`: {0, 0},
	} {
		if a, _ := oneService(t, fields); a.MinAge != want[0] || a.MaxAge != want[1] {
			t.Errorf("%s: %d to %d", fields, a.MinAge, a.MaxAge)
		}
	}
	for status, want := range map[string]handrail.ActivityStatus{"active": "active", "Active": "active", "": "active", "temporarily closed": "temporarily closed",
		"defunct": "defunct", "inactive": "inactive", "perhaps": "inactive"} {
		if a, _ := oneService(t, `"status":"`+status+`"`); a.Status != want {
			t.Errorf("status %q: %q", status, a.Status)
		}
	}
	a, _ := oneService(t, `"assured_date":"2025-11-01","last_modified":"2025-12-01T10:00:00.000"`)
	if a.CheckedAt == nil || a.CheckedAt.Format("2006-01-02") != "2025-11-01" || a.UpdatedAt == nil {
		t.Errorf("%v %v", a.CheckedAt, a.UpdatedAt)
	}
	// Freshness comes from the assured date only.
	if a, _ := oneService(t, `"last_modified":"2025-12-01T10:00:00Z"`); a.CheckedAt != nil || a.UpdatedAt == nil {
		t.Errorf("%v %v", a.CheckedAt, a.UpdatedAt)
	}
	for _, d := range []string{"0000-00-00", "9999-12-31", "soon", "2025-02-31"} {
		if a, p := oneService(t, `"assured_date":"`+d+`"`); a.CheckedAt != nil || len(p) != 1 {
			t.Errorf("%s: %v %v", d, a.CheckedAt, p)
		}
	}
}

func TestRead_WhoAndAccess(t *testing.T) {
	for fields, want := range map[string]handrail.Sex{
		`"description":"A women-only swim"`: "women", `"description":"for men only"`: "men", `"description":"For men and women"`: "",
		`"description":"Everybody"`: "", `"attributes":[{"taxonomy_term":{"name":"x","term_uri":"esdCircumstance:Gender_Female"}}]`: "women",
		`"pc_targetAudience":[{"audienceType":"Women only"}]`: "women",
	} {
		if a, _ := oneService(t, fields); a.For != want {
			t.Errorf("%s: %q", fields, a.For)
		}
	}
	for name, want := range map[string]handrail.Sex{"Ladies' Swim": "women", "Women's Group": "women", "Men's Shed": "", "Women and men sing": ""} {
		if a := read(t, `[{"id":"x","name":"`+name+`"}]`).Activities[0]; a.For != want {
			t.Errorf("%s: %q", name, a.For)
		}
	}
	for text, want := range map[string]handrail.Tri{
		"Step-free with a ramp": handrail.Yes, "Wheelchair accessible": handrail.Yes, "Disabled access": handrail.Yes, "Not wheelchair accessible": handrail.No,
		"No step-free access": handrail.No, "": handrail.NotSaid, "Partial wheelchair access": handrail.NotSaid, "Level access, but no lift": handrail.NotSaid,
	} {
		if a, _ := oneService(t, `"description":"`+text+`"`); a.Access.StepFree != want {
			t.Errorf("%q: %d", text, a.Access.StepFree)
		}
	}
	a, _ := oneService(t, `"languages":[{"name":"Urdu"},{"code":"pl"},{"name":"English"},{"language":"bn"},{"name":"Urdu"}]`)
	if !slices.Equal(a.Languages, []string{"Urdu", "Polish", "Bengali"}) {
		t.Errorf("%v", a.Languages)
	}
	for name, want := range map[string]bool{"Memory cafe": true, "Carers' lunch": true, "Bereavement group": true, "Chess club": false, "Walking football": false} {
		if a := read(t, `[{"id":"x","name":"`+name+`"}]`).Activities[0]; a.Sensitive != want {
			t.Errorf("%s: sensitive %v", name, a.Sensitive)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"<h1>Tea</h1><p>Every&nbsp;day &amp; night</p>":    "Tea\nEvery day & night",
		"<ul><li>one</li><li>two</li></ul>":                "- one\n- two",
		"under < 5 people > 3":                             "under < 5 people > 3",
		"a<script>alert('x')</script>b<style>p{}</style>c": "abc",
		"<img src=x onerror=\"a>b\">text":                  "text",
		"<!-- hidden -->shown":                             "shown",
		"a<br/>b<br >c":                                    "a\nb\nc",
		"  plain   text ":                                  "plain text",
		"&lt;b&gt;":                                        "<b>",
		"a\u202eb\x00c\u200bd":                             "abcd",
		"<p unclosed":                                      "",
	} {
		if got := plain(in, 100); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := plain("<scr<script>ipt>x</script>y", 100); strings.Contains(strings.ToLower(got), "<script") {
		t.Errorf("a tag inside a tag: %q", got)
	}
	if got := plain(strings.Repeat("é ", 500), 100); len([]rune(got)) > 101 {
		t.Errorf("%d characters", len([]rune(got)))
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{`[{"id":"a","name":"A"}]`, `{"contents":[{"id":1,"name":"<b>x","schedules":[{"byday":"1MO","opens_at":"10"}]}]}`, `[{`, "\xef\xbb\xbf[]",
		`[{"id":"a","name":"A","service_at_locations":[{"location":{"latitude":51,"longitude":0}}],"cost_options":[{"amount":1}]}]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Read(context.Background(), strings.NewReader(s), "fuzz")
		if err != nil && !handrail.IsKind(err, handrail.KindInvalid) {
			t.Fatalf("%v", err)
		}
		for _, a := range r.Activities {
			if a.ID == "" || a.Name == "" {
				t.Fatalf("%+v", a)
			}
			if a.Venue.At != nil && !inUK(a.Venue.At.Lat, a.Venue.At.Lon) {
				t.Fatalf("at %v", a.Venue.At)
			}
			for _, w := range a.Times {
				if w.Start < 0 || w.Start >= 24*60 || w.End < 0 || w.End >= 24*60 || w.Day < 0 || w.Day > 6 {
					t.Fatalf("%+v", w)
				}
			}
		}
	})
}

func FuzzPlain(f *testing.F) {
	f.Add("<p>x</p>")
	f.Add("<!--")
	f.Add("<a href='>")
	f.Fuzz(func(t *testing.T, s string) {
		if got := plain(s, 200); len([]rune(got)) > 600 {
			t.Fatalf("%d characters of %d", len([]rune(got)), len(s))
		}
	})
}

func BenchmarkRead_RealServices(b *testing.B) {
	raw, err := os.ReadFile("../../../shared/data/derived/oruk-v3-services.json")
	if err != nil {
		b.Skipf("the shared data are not beside the repository: %v", err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(b.Context(), bytes.NewReader(raw), "bench"); err != nil {
			b.Fatal(err)
		}
	}
}

// endless gives n services and never the whole at once.
type endless struct {
	n    int
	buf  bytes.Buffer
	most uint64 // the largest heap seen
}

func (e *endless) Read(p []byte) (int, error) {
	for e.buf.Len() < len(p) && e.n > 0 {
		if e.n--; e.n%2000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			e.most = max(e.most, m.HeapInuse)
		}
		fmt.Fprintf(&e.buf, `{"id":"","name":"rejected","description":"%s"},`, strings.Repeat("x", 1000))
		if e.n == 0 {
			e.buf.WriteString("]")
		}
	}
	n, err := e.buf.Read(p)
	if errors.Is(err, io.EOF) {
		return n, io.EOF
	}
	return n, nil
}

func TestRead_L10_MemoryDoesNotGrowWithTheFile(t *testing.T) {
	const records = 10_000 // 10 MB
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	feed := &endless{n: records}
	r, err := Read(t.Context(), io.MultiReader(strings.NewReader("["), feed), "")
	if grown := max(feed.most, before.HeapInuse) - before.HeapInuse; grown > 8<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
	if err != nil || r.Records != records || len(r.Problems) != maxProblems {
		t.Fatalf("%d, %v", r.Records, err)
	}
}
