package urgent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// measured are the sets and what is held on each. The blind sets' figures on their first, unseen run are in
// testdata/README.md; here they only keep what was learnt from them.
func TestSets_K1_K2(t *testing.T) {
	for _, set := range []struct {
		file           string
		recall, alarms float64
	}{
		{"testdata/blind1.tsv", 0.98, 0.02},
		{"testdata/blind2.tsv", 0.97, 0.04},
		{"testdata/blind3.tsv", 0.95, 0.03},
		{"testdata/blind4.tsv", 0.95, 0.03},
		{"testdata/blind5.tsv", 0.95, 0.14},
		{"testdata/blind6.tsv", 0.95, 0.04},
		{"testdata/blind7.tsv", 0.98, 0.06},
		{"testdata/blind8.tsv", 0.93, 0.06},
		{"testdata/blind9.tsv", 0.96, 0.04},
		{"testdata/blind10.tsv", 0.94, 0.04},
		{"testdata/blind11.tsv", 0.96, 0.04},
		{"testdata/blind12.tsv", 0.95, 0.05},
		{"testdata/blind13.tsv", 0.98, 0.02},
		{"testdata/blind14.tsv", 0.98, 0.02},
		{"testdata/blind15.tsv", 0.97, 0.02},
		{"testdata/wordings.tsv", 0.95, 0.20},
		{"../../shared/evaluation/crisis.dev.tsv", 0.97, 0.03},
	} {
		t.Run(filepath.Base(set.file), func(t *testing.T) {
			f, err := os.Open(set.file)
			if err != nil {
				t.Skipf("the set is not here: %s", set.file)
			}
			defer f.Close()
			report, err := Evaluate(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range report.Misses {
				t.Logf("line %d, %s, %s %q: %s", m.Line, m.Label, m.Found.Kind, m.Found.Category, m.Text)
			}
			t.Logf("recall %.3f of %d, false alarms %.3f of %d", report.Recall(), report.Crisis, report.FalseAlarms(), report.None)
			if report.Recall() < set.recall || report.FalseAlarms() > set.alarms {
				t.Errorf("recall %.3f, false alarms %.3f", report.Recall(), report.FalseAlarms())
			}
		})
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
		found, _ := Scan(row[1])
		got := string(found.Kind)
		if got == "" {
			got = "none"
		}
		if got != row[0] {
			t.Errorf("%s (%s), want %s: %s", got, found.Category, row[0], row[1])
		}
	}
}

func TestScan_B4_B6_Disguised(t *testing.T) {
	for name, text := range map[string]string{
		"zero-width space":    "I want to k\u200bill my\u200bself",
		"soft hyphens":        "sui\u00adci\u00addal",
		"byte order mark":     "\ufeffsuicidal",
		"Cyrillic":            "ѕuісіdаl",
		"full width":          "ｋｉｌｌ ｍｙｓｅｌｆ",
		"mathematical bold":   "𝐤𝐢𝐥𝐥 𝐦𝐲𝐬𝐞𝐥𝐟",
		"combining marks":     "k" + strings.Repeat("\u0335", 40) + "i\u0336ll m\u0301yself",
		"digits for letters":  "su1c1de",
		"more digits":         "k1ll mys3lf",
		"ones for ls":         "ki11 myself",
		"signs for letters":   "$uicid@l",
		"an exclamation mark": "k!ll myself",
		"spelt with spaces":   "k i l l m y s e l f",
		"without spaces":      "iwanttodie",
		"without a space":     "killmyself",
		"spelt with dots":     "s.u.i.c.i.d.a.l",
		"spelt with hyphens":  "k-i-l-l m-y-s-e-l-f",
		"letters held":        "i want to dieeeeee",
		"letters held, l":     "killlll myself",
		"capitals":            "I WANT TO DIE",
		"curly apostrophe":    "I don’t want to be here anymore",
		"no apostrophe":       "i dont want to be here anymore",
		"apart":               "I don t want to wake up",
		"right to left":       "\u202eI want to die\u202c",
		"invalid UTF-8":       "\xff\xfeI want to die\x80",
		"NUL":                 "I want\x00to die",
		"emoji between":       "want 😭 to 😭 die",
		"after much else":     strings.Repeat("The weather is lovely. ", 5000) + "I want to die",
		"before much else":    "I want to die. " + strings.Repeat("The weather is lovely. ", 5000),
		"ten thousand lines":  strings.Repeat("ok\n", 10000) + "kms\n",
	} {
		if _, ok := Scan(text); !ok {
			t.Errorf("%s: missed", name)
		}
	}
}

func TestScan_B2_NothingToFind(t *testing.T) {
	for _, text := range []string{"", " ", "\n", "\x00", "\xff", "\ud7ff", "👍", "👨‍👩‍👧", "💊", "2", "...", "!!!!", "@", "مرحبا", "a\u0300"} {
		if found, ok := Scan(text); ok {
			t.Errorf("%q: %s", text, found.Kind)
		}
	}
}

func TestScan_B7_Linear(t *testing.T) {
	// Sixteen times the text: a little more than sixteen times the work, where going back and forth would take 256 times.
	for name, piece := range map[string]string{
		"gaps":      "he keeps says wants tried threatening ",
		"one token": "x",
		"held":      "iii",
		"zalgo":     "a\u0301\u0302\u0303",
		"letters":   "k i l l ",
		"ligatures": "\ufdfa",
		"danger":    "I want to die ",
		"idioms":    "dying for a cuppa, ",
	} {
		took := func(n int) time.Duration {
			text, least := strings.Repeat(piece, n/len(piece)+1), time.Hour
			for range 9 {
				began := time.Now()
				Scan(text)
				least = min(least, time.Since(began))
			}
			return least
		}
		small, large := took(8<<10), took(128<<10)
		if large > 80*small {
			t.Errorf("%s: %v for sixteen times the text that took %v", name, large, small)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add("I want to die")
	f.Add("k\u200bi\u0301ll\xff 1 $ @ ! | s.u.i.c.i.d.e")
	f.Fuzz(func(t *testing.T, text string) {
		found, ok := Scan(text)
		if ok != (found.Kind != "") {
			t.Error("found and not found")
		}
		// What is added in another sentence takes nothing away.
		if ok {
			if _, still := Scan(text + "\n\nhello there\n"); !still {
				t.Error("another sentence took the danger away")
			}
		}
	})
}

func BenchmarkScan_L12(b *testing.B) {
	rows := heard(b)
	Scan("") // read the table first
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		Scan(rows[n%len(rows)][1])
		n++
	}
}
