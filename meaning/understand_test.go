package meaning

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
)

func vocabulary(t testing.TB) *Vocabulary {
	t.Helper()
	v, err := NewVocabulary("bury park", "marsh farm", "farley hill", "leagrave station")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// pairs are the (key, value) pairs that are compared; each member of a list is one.
func pairs(t *testing.T, raw []byte) map[string]bool {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for k, v := range m {
		var list []string
		if json.Unmarshal(v, &list) == nil {
			for _, s := range list {
				out[k+"="+s] = true
			}
			continue
		}
		out[k+"="+strings.Trim(string(v), `"`)] = true
	}
	return out
}

// TestUnderstand_DevelopmentSet measures; the measure that counts is taken on lines that nobody here has seen.
func TestUnderstand_DevelopmentSet(t *testing.T) {
	f, err := os.Open("../../shared/evaluation/queries.dev.jsonl")
	if err != nil {
		t.Skipf("the development set is not beside the repository: %v", err)
	}
	defer f.Close()
	v := vocabulary(t)
	type score struct{ hit, extra, missed int }
	per := map[string]*score{}
	all := score{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var line struct {
			Text       string          `json:"text"`
			Understood json.RawMessage `json:"understood"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(Understand(line.Text, v))
		if err != nil {
			t.Fatal(err)
		}
		g, w := pairs(t, got), pairs(t, line.Understood)
		var wrong []string
		count := func(pair string, add func(*score)) {
			key, _, _ := strings.Cut(pair, "=")
			if per[key] == nil {
				per[key] = &score{}
			}
			add(per[key])
			add(&all)
		}
		for p := range g {
			if w[p] {
				count(p, func(s *score) { s.hit++ })
			} else {
				count(p, func(s *score) { s.extra++ })
				wrong = append(wrong, "+"+p)
			}
		}
		for p := range w {
			if !g[p] {
				count(p, func(s *score) { s.missed++ })
				wrong = append(wrong, "-"+p)
			}
		}
		if len(wrong) > 0 && testing.Verbose() {
			sort.Strings(wrong)
			t.Logf("%v  %s", wrong, line.Text)
		}
	}
	f1 := func(s score) float64 { return 2 * float64(s.hit) / float64(max(1, 2*s.hit+s.extra+s.missed)) }
	var keys []string
	for k := range per {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var report strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&report, "\n%-12s F1 %.3f  right %3d  too many %2d  missed %2d", k, f1(*per[k]), per[k].hit, per[k].extra, per[k].missed)
	}
	t.Logf("F1 %.3f, precision %.3f, recall %.3f%s", f1(all), float64(all.hit)/float64(all.hit+all.extra),
		float64(all.hit)/float64(all.hit+all.missed), report.String())
	if f1(all) < 0.90 {
		t.Errorf("F1 %.3f is below the floor of 0.90", f1(all))
	}
}
