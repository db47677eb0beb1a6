package meaning

import (
	"bufio"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

var leaveOut = flag.Bool("leave-out", false, "read each set of refusals by what the other sets teach, and print how many are right for several weights of the signs")

// TestRefusal_LeaveOneOut measures how well a set is read that the sentences it is learned from do not hold: a set at a
// time. The phrases of the table were partly written from the older sets, so only the later ones say how new words are read.
func TestRefusal_LeaveOneOut(t *testing.T) {
	if !*leaveOut {
		t.Skip("takes a few seconds and asserts nothing: run it with -leave-out when the weights are chosen")
	}
	files, err := filepath.Glob("testdata/*refusals_*.tsv")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sets: %v", err)
	}
	c := mustCode()
	var f struct{ Refusals map[string]reason }
	if err := toml.Unmarshal(reasonsTOML, &f); err != nil {
		t.Fatal(err)
	}
	said, err := saidOf(c.refusals.names)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		lines := refusalLines(t, file)
		var rest [][]string
		for _, list := range said {
			rest = append(rest, slices.DeleteFunc(slices.Clone(list), func(s string) bool {
				return slices.ContainsFunc(lines, func(l [2]string) bool { return strings.EqualFold(l[1], s) })
			}))
		}
		c.learn(f.Refusals, rest)
		for _, weight := range []float64{0, 0.25, 0.5, 0.75, 1} {
			right := 0
			for _, l := range lines {
				if got, _ := c.refusal(l[1], weight); got == l[0] {
					right++
				}
			}
			t.Logf("%-34s signs at %.2f: %d of %d, %.3f", filepath.Base(file), weight, right, len(lines), float64(right)/float64(len(lines)))
		}
	}
}

// refusalLines are the reasons and the words of a set.
func refusalLines(t testing.TB, file string) (out [][2]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		reason, text, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			t.Fatalf("%s: a line without a tab", file)
		}
		out = append(out, [2]string{reason, text})
	}
	return out
}
