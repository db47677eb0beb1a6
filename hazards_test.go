package handrail_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each hazard of the log is held by a test, and each test that the log names is there (G13).
func TestHazards_G13(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("docs", "hazards.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := testNames(t)
	links, wrong := hazards(string(raw), there)
	for _, w := range wrong {
		t.Error(w)
	}
	for n := 1; n <= 18; n++ {
		if len(links["H"+strconv.Itoa(n)]) == 0 {
			t.Errorf("H%d is not in the log", n)
		}
	}
	// The check itself can say no.
	for _, bad := range []string{"## H1: x\n\nTests: `TestNoSuchThing`\n", "## H1: x\n\nno test\n", "## H1: x\n\nTests: `TestHazards_G13`\n\n## H1: y\n\nTests: `TestHazards_G13`\n"} {
		if _, wrong := hazards(bad, there); len(wrong) == 0 {
			t.Errorf("%q is let pass", bad)
		}
	}
}

// hazards reads the log: the tests of each hazard, and what is wrong with it.
func hazards(log string, there map[string]bool) (links map[string][]string, wrong []string) {
	links = map[string][]string{}
	for i, part := range strings.Split("\n"+log, "\n## ") {
		if i == 0 {
			continue
		}
		id, _, _ := strings.Cut(part, ":")
		if _, twice := links[id]; twice {
			wrong = append(wrong, id+" is there twice")
		}
		_, tests, _ := strings.Cut(part, "\nTests:")
		names := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`").FindAllStringSubmatch(tests, -1)
		if len(names) == 0 {
			wrong = append(wrong, id+" has no test")
		}
		for _, n := range names {
			links[id] = append(links[id], n[1])
			if !there[n[1]] {
				wrong = append(wrong, id+" names "+n[1]+", which is nowhere")
			}
		}
	}
	return links, wrong
}

// testNames are the tests of the whole module.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	find := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules"}, d.Name())) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range find.FindAllStringSubmatch(string(raw), -1) {
			names[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
