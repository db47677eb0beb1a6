package sources

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"pgregory.net/rapid"

	"handrail"
)

// mappings draws mappings that a person could have confirmed.
func mappings() *rapid.Generator[Mapping] {
	return rapid.Custom(func(t *rapid.T) Mapping {
		m := Mapping{Version: 1, Columns: map[Field][]string{}, Confirmed: rapid.Bool().Draw(t, "confirmed")}
		heading := rapid.StringMatching(`[A-Za-z0-9é£&/"\\][A-Za-z0-9é£&/"\\ ]{0,20}`)
		for _, info := range fieldInfos() {
			if !rapid.Bool().Draw(t, string(info.field)) {
				continue
			}
			n := 1
			if info.many {
				n = rapid.IntRange(1, 3).Draw(t, "columns")
			}
			m.Columns[info.field] = rapid.SliceOfN(heading, n, n).Draw(t, "headings")
			if !m.Confirmed && rapid.Bool().Draw(t, "doubt") {
				m.Doubts = append(m.Doubts, info.field)
			}
		}
		return m
	})
}

func TestMapping_SavedAndReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := mappings().Draw(t, "mapping")
		raw, err := m.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseMapping(raw)
		if err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		if !reflect.DeepEqual(again, m) {
			t.Fatalf("%+v\n%+v", m, again)
		}
		if twice, err := again.JSON(); err != nil || !bytes.Equal(twice, raw) {
			t.Fatalf("%v\n%s\n%s", err, raw, twice)
		}
		text, err := toml.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var fromTOML Mapping
		if err := toml.Unmarshal(text, &fromTOML); err != nil || !reflect.DeepEqual(fromTOML, m) {
			t.Fatalf("%v\n%s\n%+v", err, text, fromTOML)
		}
	})
}

// The keys are in files that people keep: this one must always read.
func TestMapping_StableKeys(t *testing.T) {
	raw, err := os.ReadFile("testdata/tables/mapping.json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping(raw)
	if err != nil {
		t.Fatal(err)
	}
	if m.Columns[FieldName][0] != "Description" || m.Columns[FieldWednesday][0] != "Wednesday" || !m.Confirmed || len(m.Columns) != 15 {
		t.Errorf("%+v", m)
	}
	if again, err := m.JSON(); err != nil || !bytes.Equal(again, raw) {
		t.Errorf("%v: it is written otherwise:\n%s", err, again)
	}
	if len(Fields()) != len(fieldInfos()) || FieldName.Words() != "the name of the group" || Field("x").Words() != "" {
		t.Errorf("fields: %v", Fields())
	}
}

func TestParseMapping_Refuses(t *testing.T) {
	for text, say := range map[string]string{
		``:                                          "not a column mapping",
		`[]`:                                        "not a column mapping",
		`{"columns":{"name":["A"]}} {}`:             "not a column mapping",
		`{"colums":{"name":["A"]}}`:                 "not a column mapping",
		`{"columns":{"postcod":["A"]}}`:             `I do not know: "postcod"`,
		`{"columns":{"name":["A","B"]}}`:            "exactly one column for the name of the group",
		`{"columns":{"name":[]}}`:                   "exactly one column for the name of the group",
		`{"columns":{"name":[""]}}`:                 "cannot be one",
		`{"version":2,"columns":{"name":["A"]}}`:    "later version",
		`{"columns":{"name":["A"]},"doubts":["x"]}`: "do not know",
		`{"columns":{"name":["` + strings.Repeat("x", 400) + `"]}}`: "cannot be one",
		strings.Repeat(" ", maxMapping) + "{}":                      "too large",
	} {
		_, err := ParseMapping([]byte(text))
		if !handrail.IsKind(err, handrail.KindInvalid) || !strings.Contains(sayOf(err), say) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

func TestReadCSV_RefusesADoubtfulName(t *testing.T) {
	const text = "Description,Start Time,Monday\nAquafit Mon,10:00:00,1\nZumba Mon,11:00:00,1\nYoga Mon,12:00:00,1\n"
	_, err := ReadCSV(t.Context(), strings.NewReader(text), "csv:x", Mapping{})
	if !handrail.IsKind(err, handrail.KindInvalid) || !strings.Contains(sayOf(err), `not sure that the column "Description"`) {
		t.Fatalf("%v", err)
	}
	sample, err := SampleCSV(t.Context(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	m, guesses := sample.Guess()
	if !guesses[0].Doubtful() || guesses[0].Field != FieldName || !strings.HasSuffix(guesses[0].Say, "Please check it.") {
		t.Errorf("%+v", guesses[0])
	}
	for _, good := range []Mapping{m.Confirm(), m.With(FieldName, "description")} {
		r, err := ReadCSV(t.Context(), strings.NewReader(text), "csv:x", good)
		if err != nil || len(r.Activities) != 3 || r.Activities[0].Name != "Aquafit Mon" || len(r.Activities[0].Times) != 1 {
			t.Errorf("%v: %+v", err, r)
		}
	}
	if m.With(FieldName).Columns[FieldName] != nil || len(m.Columns[FieldName]) != 1 {
		t.Error("With changed the mapping that it was asked of")
	}
	if _, err := ReadCSV(t.Context(), strings.NewReader("1,2\n3,4\n"), "csv:x", Mapping{}); !strings.Contains(sayOf(err), "cannot tell which column") {
		t.Errorf("%v", err)
	}
}

func TestReadCSV_MappingOfAnotherTable(t *testing.T) {
	m := Mapping{Columns: map[Field][]string{FieldName: {"Group"}, FieldPhone: {"Tel"}, FieldCost: {"Price"}}, Confirmed: true}
	r, err := ReadCSV(t.Context(), strings.NewReader("tel :,GROUP\n01582 555 010,Chess\n"), "csv:x", m)
	if err != nil || len(r.Activities) != 1 || r.Activities[0].Organiser.Phone != "01582 555 010" {
		t.Fatalf("%v: %+v", err, r)
	}
	if len(r.Problems) != 1 || r.Problems[0].Reason != `a column of the mapping is not there ("Price")` || !r.Problems[0].Kept {
		t.Errorf("%+v", r.Problems)
	}
	_, err = ReadCSV(t.Context(), strings.NewReader("Tel,Club\n01582 555 010,Chess\n"), "csv:x", m)
	if !strings.Contains(sayOf(err), `has no column "Group"`) {
		t.Errorf("%v", err)
	}
}

func FuzzParseMapping(f *testing.F) {
	f.Add([]byte(`{"version":1,"columns":{"name":["A"]},"confirmed":true}`))
	f.Add([]byte(`{"columns":{"name":["A"],"phone":["B","C"]},"doubts":["name"]}`))
	f.Add([]byte(`{"columns":{"name":["\u0000"]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseMapping(raw)
		if err != nil {
			if sayOf(err) == "" {
				t.Errorf("nothing to say: %v", err)
			}
			return
		}
		again, err := m.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := ParseMapping(again); err != nil || len(twice.Columns) != len(m.Columns) {
			t.Fatalf("%v: %s", err, again)
		}
		_, _ = ReadCSV(t.Context(), strings.NewReader("A,B,C\nx,y,z\n"), "csv:x", m)
	})
}

// sayOf is the sentence for a person that an error holds.
func sayOf(err error) string {
	say, _ := handrail.Sentence(err)
	return say
}
