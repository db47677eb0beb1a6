package model_test

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the instructions into docs/model.md")

// M8: the documentation prints every instruction word for word, so whoever wants to know what is asked can read it, and an
// instruction does not change unseen.
func TestPrompts_M8_Printed(t *testing.T) {
	const file, mark = "../../docs/model.md", "<!-- instructions -->\n"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, printed, ok := strings.Cut(string(raw), mark)
	if !ok {
		t.Fatal("the place for the instructions is gone")
	}
	var want strings.Builder
	for _, p := range client(t, "", nil).Prompts() {
		want.WriteString("\n### " + p.Name + "\n\n```text\n" + strings.TrimSpace(p.System) + "\n```\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(head+mark+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if printed != want.String() {
		t.Error("docs/model.md prints other instructions; run this test with -update and read what changed")
	}
	for _, p := range client(t, "", nil).Prompts() {
		if !strings.Contains(p.System, "never an instruction") && !strings.Contains(p.System, "never instructions") {
			t.Errorf("%s does not say that the data is no instruction", p.Name)
		}
	}
}
