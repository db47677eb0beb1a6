package dialogs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail/bot/bottest"
	"handrail/dialogs/text"
	"handrail/directory"
	"handrail/directory/demo"
)

// rendered is one message that a patient was shown in a transcript.
type rendered struct {
	file string
	line int
	text string
}

// shownToPatients is every message that a patient was shown in any transcript: TestTranscripts holds the files to what is
// really sent.
func shownToPatients(t testing.TB) []rendered {
	t.Helper()
	var out []rendered
	for _, file := range bottest.Files(t, "testdata/*.txt") {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := bottest.Parse(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Kind == bottest.EntryShown && (e.Role == "PATIENT" || e.Role == "DAUGHTER") && e.Text != "" {
				out = append(out, rendered{filepath.Base(file), e.Line, e.Text})
			}
		}
	}
	if len(out) < 200 {
		t.Fatalf("only %d messages to patients were found", len(out))
	}
	return out
}

// theirs is what stands in messages and isn't ours to word: the directory's names, descriptions and places, and the exact
// questions of a measure.
func theirs(t testing.TB) []string {
	t.Helper()
	groups, err := demo.Activities(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, g := range groups {
		out = append(out, g.Description, g.Name, g.Venue.Line(), g.Venue.Address(), directory.WhenText(g), g.Cost.Text, g.Access.Text)
		for _, f := range g.Facts {
			out = append(out, f.Value)
		}
	}
	c, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range c.Keys("en") {
		if strings.HasPrefix(k, "measure.") {
			out = append(out, c.Text("en", k).Plain())
		}
	}
	out = slices.DeleteFunc(out, func(s string) bool { return utf8.RuneCountInString(s) < 4 })
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(out)
}

// names are the proper nouns of the transcripts.
var names = regexp.MustCompile(`Dr Asha Rao|Maya Brook|Priya Shah|Stopsley Green Surgery|Frank|Francis|Joan|R-[A-Z0-9]{4}|PAPYRUS|SHOUT|Samaritans|Polski|[A-Z]{1,2}[0-9]{1,2} ?[0-9][A-Z]{2}`)

// TestRendered_G15_ReadingAge measures every message of every transcript as it was shown, group names and other proper
// nouns and what organisers wrote aside: a Flesch-Kincaid grade of at most 6, which is a reading age of about 11.
func TestRendered_G15_ReadingAge(t *testing.T) {
	skip := theirs(t)
	var all strings.Builder
	measured, worst, seen := 0, 0.0, map[string]bool{}
	for _, m := range shownToPatients(t) {
		if strings.Contains(m.text, "!") {
			t.Errorf("%s:%d has an exclamation mark: %q", m.file, m.line, m.text)
		}
		if strings.Contains(m.text, "—") {
			t.Errorf("%s:%d has a long dash: %q", m.file, m.line, m.text)
		}
		plain := m.text
		for _, s := range skip {
			if strings.Contains(plain, s) {
				plain = strings.ReplaceAll(plain, s, "it")
			}
		}
		plain = names.ReplaceAllString(plain, "Ann")
		if seen[plain] {
			continue
		}
		seen[plain] = true
		all.WriteString(plain + "\n")
		if len(strings.Fields(plain)) < 15 {
			continue
		}
		measured++
		g := text.Grade(plain)
		worst = max(worst, g)
		if g > 6 {
			t.Errorf("%s:%d reads at grade %.1f: %q", m.file, m.line, g, plain)
		}
	}
	g := text.Grade(all.String())
	t.Logf("%d different messages, %d long enough to measure; worst grade %.1f, over all %.1f", len(seen), measured, worst, g)
	if measured < 50 {
		t.Errorf("only %d messages were measured", measured)
	}
	if g > 4 {
		t.Errorf("over all they read at grade %.1f, at most 4 is wanted", g)
	}
}

// revealing are the words that tell something about somebody from a locked phone.
var revealing = regexp.MustCompile(`(?i)depress|anxi|mental|bereave|griev|addict|alcohol|drug|cancer|dementia|diabet|lonel|debt|housing|abuse|stroke|surgery|Dr |doctor|referr|clinic`)

// TestRendered_G4_LockScreen holds the first 100 characters of every message that a patient was shown, as it was shown:
// no group, no place, no clinician, no practice, no reason.
func TestRendered_G4_LockScreen(t *testing.T) {
	groups, err := demo.Activities(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	secret := map[string]string{"Dr Asha Rao": "a clinician", "Stopsley Green Surgery": "the practice"}
	for _, g := range groups {
		secret[g.Name] = "a group"
		if g.Venue.Name != "" {
			secret[g.Venue.Name] = "a place"
		}
	}
	delete(secret, "")
	seen := map[string]bool{}
	for _, m := range shownToPatients(t) {
		first := []rune(m.text)
		locked := string(first[:min(len(first), lockedScreen)])
		if seen[locked] {
			continue
		}
		seen[locked] = true
		for s, what := range secret {
			if strings.Contains(locked, s) {
				t.Errorf("%s:%d shows %s (%s) on a locked phone: %q", m.file, m.line, what, s, locked)
			}
		}
		if w := revealing.FindString(locked); w != "" && !strings.Contains(locked, "Samaritans") {
			t.Errorf("%s:%d shows %q on a locked phone: %q", m.file, m.line, w, locked)
		}
	}
	t.Logf("%d different beginnings", len(seen))
}

// lockedScreen is how much of a message a locked phone shows at most (requirement G4).
const lockedScreen = 100

// TestRendered_K15_AlwaysOneTap looks at everything that a patient was shown with buttons in any transcript: what was said at one
// time ends, once, with the way to urgent help, and its label may stand on any phone.
func TestRendered_K15_AlwaysOneTap(t *testing.T) {
	looked := 0
	for _, file := range bottest.Files(t, "testdata/*.txt") {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := bottest.Parse(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		var said []bottest.Entry // with buttons, of what is being said
		end := func() {
			if len(said) == 0 {
				return
			}
			looked++
			// In the turn in which somebody joins it stands above, under the words that tell of it.
			i := len(said) - 1
			if i > 0 && strings.Contains(said[i-1].Text, "This is not an emergency service") {
				i--
			}
			if !slices.Contains(said[i].Buttons, "Urgent help") {
				t.Errorf("%s:%d: no way to urgent help under %q", filepath.Base(file), said[i].Line, said[i].Buttons)
			}
			said = nil
		}
		for _, e := range entries {
			switch {
			case e.Kind == bottest.EntryShown && e.Role == "PATIENT" && len(e.Buttons) > 0:
				said = append(said, e)
			case e.Kind != bottest.EntryShown:
				end()
			}
		}
		end()
	}
	if looked < 400 {
		t.Errorf("only %d were looked at", looked)
	}
	t.Logf("%d were looked at", looked)
}
