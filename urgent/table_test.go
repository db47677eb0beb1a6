package urgent

import (
	"slices"
	"strings"
	"testing"
)

func TestTable_EveryRuleIsReviewable(t *testing.T) {
	for _, row := range Table() {
		if row.Category == "" || row.Why == "" || len(row.Patterns) == 0 {
			t.Errorf("%s: a rule says what it is, why, and how it is put", row.Source)
		}
	}
}

// What a rule says of itself holds for the whole table: its yes is found (of a calm rule: is no danger), its no is not.
func TestTable_Examples(t *testing.T) {
	for _, row := range Table() {
		for _, text := range row.Yes {
			f, ok := Scan(text)
			if danger := row.Kind != ""; ok != danger {
				t.Errorf("%s (%s): %q: found %v (%s)", row.Source, row.Category, text, ok, f.Category)
			}
		}
		for _, text := range row.No {
			if f, ok := Scan(text); ok {
				t.Errorf("%s (%s): %q is found by %s", row.Source, row.Category, text, f.Category)
			}
		}
	}
}

// Words alone never show a card, and everyday words never take away what two plain signs say.
func TestCompany_OnlyShifts(t *testing.T) {
	table := theTable()
	if most := table.sum.start + table.company.most; most >= table.sum.at {
		t.Errorf("words alone come to %d of %d", most, table.sum.at)
	}
	if table.company.least >= 0 || table.company.least < -table.sum.at {
		t.Errorf("everyday words take away %d", table.company.least)
	}
	for _, everyday := range []string{"Thanks for the reminder about the choir on Tuesday, the bus is fine, ", "See you at bingo next week, love to all at the club, "} {
		for _, plain := range []string{"I want to kill myself", "I've taken an overdose", "I don't want to be alive any more and I've saved up my tablets"} {
			if _, ok := Scan(everyday + plain); !ok {
				t.Errorf("missed: %s%s", everyday, plain)
			}
		}
	}
}

func TestTable_IsACopy(t *testing.T) {
	a := Table()
	a[0].Patterns[0].Find, a[0].Why = "", ""
	if b := Table(); b[0].Why == "" || b[0].Patterns[0].Find == "" {
		t.Error("the caller's change is everybody's")
	}
}

func TestRead_SaysWhatIsWrong(t *testing.T) {
	base := theTableParts(t)
	for name, text := range map[string]string{
		"no such kind":                "rule wrong: x\n",
		"a rule is written":           "rule general\n",
		"no such flag":                "rule general loud: x\n",
		"no such line":                "rule general: x\n  because y\n",
		"a phrase begins with a word": "rule general: x\n  find *3 word\n",
		"a phrase ends with a word":   "rule general: x\n  find word *3\n",
		"a gap is":                    "rule general: x\n  find word *99 word\n",
		"no group":                    "rule general: x\n  find @nobody-wrote-this\n",
		"too short":                   "rule general: x\n  find ab~\n",
		"no word that must be there":  "rule general: x\n  find word?\n",
		"an unless belongs":           "rule general: x\n  unless word\n",
		"is there already":            "group not\n  never\n",
		"belongs to nothing":          "find word\n",
		"not a plain word":            "group emptyone\n  word /  / \n",
		"there is one company":        "company: another\n",
		"danger is weighed once":      "weigh danger: again\n",
		"what counts is the name":     "weigh general: x\n  counts nobody-wrote-this 4\n",
		"start is a number":           "weigh general: x\n  start soon\n",
	} {
		_, err := read(append(slices.Clone(base), part{"zz.txt", text}))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "zz.txt, line") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func theTableParts(t *testing.T) (parts []part) {
	t.Helper()
	names, err := files.ReadDir("table")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := files.ReadFile("table/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n >= 600 {
			t.Errorf("%s has %d lines", name.Name(), n)
		}
		parts = append(parts, part{name.Name(), string(text)})
	}
	return parts
}

func BenchmarkRead(b *testing.B) {
	names, _ := files.ReadDir("table")
	var parts []part
	for _, name := range names {
		text, _ := files.ReadFile("table/" + name.Name())
		parts = append(parts, part{name.Name(), string(text)})
	}
	for b.Loop() {
		if _, err := read(parts); err != nil {
			b.Fatal(err)
		}
	}
}
