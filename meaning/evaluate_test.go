package meaning

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// blindTexts are the texts of the package's own sets.
func blindTexts(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, file := range []string{"testdata/blind_1.jsonl", "testdata/blind_2.jsonl"} {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var line struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			out = append(out, line.Text)
		}
	}
	return out
}

// The floors are those of the contract: F1 at least 0.93 over all and no key under 0.80, identifiers' recall at least 0.98.
func TestEvaluateQueries_Floors(t *testing.T) {
	v := vocabulary(t)
	for _, file := range []string{"testdata/blind_1.jsonl", "testdata/blind_2.jsonl", "testdata/blind_3.jsonl", "testdata/blind_4.jsonl", "testdata/blind_5.jsonl", "../../shared/evaluation/queries.dev.jsonl"} {
		t.Run(file[strings.LastIndex(file, "/")+1:], func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Skipf("the set is not beside the repository: %v", err)
			}
			defer f.Close()
			report, err := EvaluateQueries(f, v.Understand)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%v", report)
			for _, w := range report.Wrong {
				t.Logf("%d: too many %v, missed %v: %s", w.Line, w.Extra, w.Missed, w.Text)
			}
			if report.All.F1() < 0.96 {
				t.Errorf("F1 %.3f", report.All.F1())
			}
			for key, s := range report.Keys {
				if s.F1() < 0.80 && s.Right+s.Missed > 2 {
					t.Errorf("%s: F1 %.3f", key, s.F1())
				}
			}
			if s := report.Keys["identifiers"]; s.Recall() < 0.98 {
				t.Errorf("identifiers: recall %.3f", s.Recall())
			}
		})
	}
}

// Of these sets only the identifying details are labelled. A miss is a breach; what is taken for one and is none only costs
// a word of the search.
func TestEvaluateQueries_Identifiers(t *testing.T) {
	v := vocabulary(t)
	for _, file := range []string{"testdata/blind_identifiers_1.jsonl", "testdata/blind_identifiers_2.jsonl", "testdata/blind_identifiers_3.jsonl", "testdata/blind_identifiers_4.jsonl", "testdata/blind_identifiers_5.jsonl", "testdata/shapes.jsonl"} {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		report, err := EvaluateQueries(f, func(text string) Understood { return Understood{Identifiers: v.Understand(text).Identifiers} })
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range report.Wrong {
			t.Logf("%s:%d: too many %v, missed %v: %s", file, w.Line, w.Extra, w.Missed, w.Text)
		}
		if s := report.Keys["identifiers"]; s.Recall() < 0.98 || s.Precision() < 0.95 {
			t.Errorf("%s: recall %.3f, precision %.3f", file, s.Recall(), s.Precision())
		}
	}
}

func TestEvaluateQueries_Counts(t *testing.T) {
	set := "\ufeff" + `{"text": "a", "understood": {"age": 72, "interests": ["music", "yoga"], "free": true}}` + "\r\n\r\n" + `{"text": "b", "understood": {}}` + "\n"
	report, err := EvaluateQueries(strings.NewReader(set), func(text string) Understood {
		if text == "a" {
			return Understood{Age: 72, Interests: []string{"music", "dance"}}
		}
		return Understood{}
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Lines != 2 || report.All != (Score{Right: 2, Extra: 1, Missed: 2}) || report.Keys["interests"] != (Score{1, 1, 1}) {
		t.Errorf("%+v", report)
	}
	if p, r, f := report.All.Precision(), report.All.Recall(), report.All.F1(); p != 2.0/3 || r != 0.5 || f != 4.0/7 {
		t.Errorf("precision %v, recall %v, F1 %v", p, r, f)
	}
	if len(report.Wrong) != 1 || report.Wrong[0].Line != 1 {
		t.Errorf("wrong: %+v", report.Wrong)
	}
}

func TestEvaluateQueries_BrokenLine(t *testing.T) {
	for _, bad := range []string{`{"text": "b"}`, `{`, `{"text": 3, "understood": {}}`, `[]`} {
		_, err := EvaluateQueries(strings.NewReader("{\"text\": \"a\", \"understood\": {}}\n"+bad), func(string) Understood { return Understood{} })
		if err == nil || !strings.Contains(err.Error(), "2") {
			t.Errorf("%s: the error does not name line 2: %v", bad, err)
		}
	}
}

func TestEvaluateRefusals_Floors(t *testing.T) {
	v := vocabulary(t)
	sets, err := filepath.Glob("testdata/*refusals_*.tsv")
	if err != nil || len(sets) < 12 {
		t.Fatalf("sets of refusals: %q, %v", sets, err)
	}
	for _, file := range append(sets, "../../shared/evaluation/refusals.dev.tsv") {
		t.Run(file[strings.LastIndex(file, "/")+1:], func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Skipf("the set is not beside the repository: %v", err)
			}
			defer f.Close()
			report, err := EvaluateRefusals(f, v.Refusal)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d refusals, accuracy %.3f", report.Lines, report.Accuracy())
			for _, w := range report.Wrong {
				t.Logf("%d: %s read as %s: %s", w.Line, w.Want, w.Got, w.Text)
			}
			if report.Accuracy() < 0.85 {
				t.Errorf("accuracy %.3f", report.Accuracy())
			}
		})
	}
}

func TestEvaluateRefusals_BrokenLine(t *testing.T) {
	read := func(string) (string, bool) { return "other", true }
	for _, bad := range []string{"no tab", "no_such_label\tx"} {
		if _, err := EvaluateRefusals(strings.NewReader("other\ta\r\n"+bad), read); err == nil || !strings.Contains(err.Error(), "2") {
			t.Errorf("%s: the error does not name line 2: %v", bad, err)
		}
	}
}

func FuzzEvaluate(f *testing.F) {
	for _, s := range []string{`{"text": "a", "understood": {"age": 1}}`, "other\tx", "\ufeff\r\n\n", `{"text": "a", "understood": {"needs": [1]}}`, "{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, set string) {
		report, err := EvaluateQueries(strings.NewReader(set), func(string) Understood { return Understood{Age: 1} })
		if err == nil && (report.All.F1() < 0 || report.All.F1() > 1) {
			t.Fatalf("F1 %v", report.All.F1())
		}
		refusals, err := EvaluateRefusals(strings.NewReader(set), func(string) (string, bool) { return "other", false })
		if err == nil && (refusals.Right > refusals.Lines || refusals.Accuracy() > 1) {
			t.Fatalf("%+v", refusals)
		}
	})
}
