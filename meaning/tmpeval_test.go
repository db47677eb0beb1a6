package meaning

import (
	"os"
	"strings"
	"testing"
)

func TestTmpEval(t *testing.T) {
	file := os.Getenv("EVAL")
	if file == "" {
		t.Skip()
	}
	f, _ := os.Open(file)
	v := vocabulary(t)
	r, err := EvaluateQueries(f, func(s string) Understood { return Understand(s, v) })
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r.String())
	for _, w := range r.Wrong {
		t.Logf("+[%s] -[%s]  %s", strings.Join(w.Extra, " "), strings.Join(w.Missed, " "), w.Text)
	}
}

func TestTmpRef(t *testing.T) {
	file := os.Getenv("REF")
	if file == "" {
		t.Skip()
	}
	f, _ := os.Open(file)
	v := vocabulary(t)
	r, err := EvaluateRefusals(f, v.Refusal)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r.String())
	for _, w := range r.Wrong {
		t.Logf("want %s got %s  %s", w.Want, w.Got, w.Text)
	}
}
