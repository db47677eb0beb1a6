package house

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What danger costs each message before anything else is done with it: the finder, and whether it can be read at all, over the
// development set a hundred times (L12).
func TestScanner_L12_Cost(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "shared", "evaluation", "crisis.dev.tsv"))
	if err != nil {
		t.Skip("the development set of the evaluation is not here")
	}
	var texts []string
	for line := range strings.Lines(string(raw)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) > 1 {
			texts = append(texts, f[len(f)-1])
		}
	}
	cards, err := NewCards("england")
	if err != nil {
		t.Fatal(err)
	}
	Scanner{}.Scan("") // reads the table, as a start does
	took := make([]time.Duration, 0, 100*len(texts))
	for range 100 {
		for _, s := range texts {
			at := time.Now()
			Scanner{}.Scan(s)
			cards.Unreadable(s)
			took = append(took, time.Since(at))
		}
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("%d messages: half within %v, 99 of 100 within %v, the slowest %v", len(took), p50, p99, took[len(took)-1])
	if p99 > 5*time.Millisecond {
		t.Errorf("99 of 100 messages take %v, at most 5 ms is wanted", p99)
	}
}
