package urgent

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

func TestDevelopmentSet(t *testing.T) {
	f, err := os.Open("../../shared/evaluation/crisis.dev.tsv")
	if err != nil {
		t.Skip("the development set is not here: ../../shared/evaluation/crisis.dev.tsv")
	}
	defer f.Close()
	var crisis, none, missed, alarms int
	for lines := bufio.NewScanner(f); lines.Scan(); {
		label, text, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			continue
		}
		found, line := theList().scan(text)
		switch label {
		case "crisis":
			crisis++
			if found.Kind == "" {
				missed++
				t.Logf("missed: %s", text)
			} else if testing.Verbose() {
				t.Logf("%s: %s (line %d)", found.Kind, text, line)
			}
		case "none":
			none++
			if found.Kind != "" {
				alarms++
				t.Logf("false alarm (line %d, %s): %s", line, found.Kind, text)
			}
		}
	}
	recall, false_ := 1-float64(missed)/float64(crisis), float64(alarms)/float64(none)
	t.Logf("recall %.3f of %d, false alarms %.3f of %d", recall, crisis, false_, none)
	if recall < 0.9 || false_ > 0.08 {
		t.Errorf("recall %.3f, false alarms %.3f", recall, false_)
	}
}

// heard reads testdata/heard.tsv.
func heard(t testing.TB) (rows [][2]string) {
	t.Helper()
	data, err := os.ReadFile("testdata/heard.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if label, text, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && line[0] != '#' {
			rows = append(rows, [2]string{label, text})
		}
	}
	return rows
}

func TestHeard(t *testing.T) {
	for _, row := range heard(t) {
		found, line := theList().scan(row[1])
		got := string(found.Kind)
		if got == "" {
			got = "none"
		}
		if got != row[0] {
			t.Errorf("%s (line %d), want %s: %s", got, line, row[0], row[1])
		}
	}
}
