package bot

import (
	"encoding/json"
	"testing"
)

// A conversation whose day was chosen by an older version keeps its answer (F13).
func TestTypedDate_F13_OlderAnswer(t *testing.T) {
	for raw, want := range map[string]typedDate{
		`"date-0"`:                              {Answer: "date-0"},
		`{"answer":"date-1"}`:                   {Answer: "date-1"},
		`{"answer":"date-1","label":"Tuesday"}`: {Answer: "date-1", Label: "Tuesday"},
	} {
		var d typedDate
		if err := json.Unmarshal([]byte(raw), &d); err != nil || d != want {
			t.Errorf("%s: %+v, %v", raw, d, err)
		}
	}
}
