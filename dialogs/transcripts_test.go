package dialogs_test

import (
	"path/filepath"
	"strings"
	"testing"

	"handrail/bot/bottest"
	"handrail/house/housetest"
)

// TestTranscripts plays every conversation in testdata on the whole house: real records, engine, outbox, reminders and
// directory. Each turn is played twice, and the state goes through JSON between any two.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no transcripts")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, file, housetest.New(t))
		})
	}
}
