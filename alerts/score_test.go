package alerts_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"handrail"
)

// Nobody is graded: no table has a column for it, an alert no field, and no text shows one (K16).
func TestAlerts_K16_NoGrade(t *testing.T) {
	grade := regexp.MustCompile(`(?i)\b\w*(risk|severity|grade|triage|urgency|danger_level|likelihood)\w*\b`)
	files, err := filepath.Glob("../store/records/migrations/*.sql")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			line, _, _ = strings.Cut(line, "--")
			if bad := grade.FindString(line); bad != "" {
				t.Errorf("%s has %q", filepath.Base(f), bad)
			}
		}
	}
	a := reflect.TypeFor[handrail.Alert]()
	for i := range a.NumField() {
		name := a.Field(i).Name
		if grade.MatchString(name) || name == "Score" || name == "Level" {
			t.Errorf("an alert has a field %s", name)
		}
	}
	texts, err := os.ReadFile("../dialogs/text/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?i)risk (score|level|grade|rating)|(high|medium|low|moderate) risk|severity`)
	if bad := shown.FindString(string(texts)); bad != "" {
		t.Errorf("somebody reads %q", bad)
	}
	if grade.FindString("risk_score BIGINT") == "" || shown.FindString("high risk") == "" {
		t.Error("this test cannot fail")
	}
}
