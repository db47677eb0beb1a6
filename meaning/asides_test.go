package meaning

import (
	"os"
	"strings"
	"testing"
)

func asides(t testing.TB) *Asides {
	t.Helper()
	a, err := NewAsides()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// asideLines are the lines of a set.
func asideLines(t testing.TB, file string) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(raw)), "\n")
}

// M6: a hundred medical questions are seen, and fifty that look like it are not. B29 and B30 likewise. The sets were
// written before the table; what was read of them at first is in testdata/README.md.
func TestAsides_M6_B29_B30(t *testing.T) {
	a := asides(t)
	for _, c := range []struct {
		name      string
		found     func(string) bool
		yes, no   string
		nYes, nNo int
	}{
		{"medical", a.Medical, "medical_yes.txt", "medical_no.txt", 100, 50},
		{"abuse", a.Abusive, "abuse_yes.txt", "abuse_no.txt", 30, 30},
		{"young", a.Young, "young_yes.txt", "young_no.txt", 25, 30},
	} {
		yes, no := asideLines(t, c.yes), asideLines(t, c.no)
		if len(yes) < c.nYes || len(no) < c.nNo {
			t.Fatalf("%s: %d and %d lines", c.name, len(yes), len(no))
		}
		missed, wrong := 0, 0
		for _, line := range yes {
			if !c.found(line) {
				missed++
				t.Errorf("%s: not seen: %s", c.name, line)
			}
		}
		for _, line := range no {
			if c.found(line) {
				wrong++
				t.Errorf("%s: seen where it is not: %s", c.name, line)
			}
		}
		t.Logf("%s: %d of %d seen, %d of %d others taken for it", c.name, len(yes)-missed, len(yes), wrong, len(no))
	}
}

// M6 once more, on a set that was read only after the reader had been measured on it, and on one of questions about coming
// with an illness, which are none.
func TestAsides_M6_Second(t *testing.T) {
	a := asides(t)
	count := map[string]int{}
	for _, line := range asideLines(t, "medical_2.tsv") {
		label, text, ok := strings.Cut(line, "\t")
		if !ok || label != "medical" && label != "none" {
			t.Fatalf("%q has no label", line)
		}
		count[label]++
		if a.Medical(text) != (label == "medical") {
			count["wrong "+label]++
			t.Logf("%s read wrongly: %s", label, text)
		}
	}
	if count["medical"] < 75 || count["none"] < 55 || count["wrong medical"]*20 > count["medical"] || count["wrong none"]*20 > count["none"] {
		t.Errorf("%v", count)
	}
}
