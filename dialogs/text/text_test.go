package text_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/dialogs/text"
)

func load(t *testing.T) *text.Catalogues {
	t.Helper()
	c, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A value that has markup in it stays as it is (B18 to B20).
func TestText_B18_ValuesAreNeverMarkup(t *testing.T) {
	c := load(t)
	for _, name := range []string{"*Ann*", "[x](tg://user?id=1)", "{other}", "a\n\n- b", "<b>", "_`"} {
		got := c.Text("en", "join.hello", "name", name, "link_worker", "Maya")
		if want := "Thank you, " + name + "."; got[0].Spans[0].Text != want {
			t.Errorf("name %q came out as %q", name, got[0].Spans[0].Text)
		}
		for _, b := range got[:1] {
			for _, s := range b.Spans {
				if s.Strong || s.Link != "" {
					t.Errorf("name %q was read as markup", name)
				}
			}
		}
	}
}

// Every catalogue key that the code names is there, and every key that is there is named by the code.
func TestText_EveryKeyIsThereAndUsed(t *testing.T) {
	c := load(t)
	var source strings.Builder
	for _, dir := range []string{"../../bot", "..", "../../reminders", "../../outbox", "../../house", "../../alerts"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(raw)
		}
	}
	code := source.String()
	groups := map[string]bool{}
	for _, k := range c.Keys("en") {
		group, _, _ := strings.Cut(k, ".")
		groups[group] = true
	}
	for _, m := range regexp.MustCompile(`"([a-z_]+\.[a-z0-9_.]+)"`).FindAllStringSubmatch(code, -1) {
		group, _, _ := strings.Cut(m[1], ".")
		if groups[group] && !strings.HasSuffix(m[1], ".") && !c.Has(m[1]) && !prefixOfKeys(c, m[1]) && !strings.HasSuffix(m[1], ".txt") {
			t.Errorf("the code names %q, which no catalogue has", m[1])
		}
	}
	for _, k := range c.Keys("en") {
		if !strings.Contains(code, `"`+k+`"`) && !builtKey(code, k) {
			t.Errorf("nothing uses the words %q", k)
		}
	}
}

func prefixOfKeys(c *text.Catalogues, p string) bool {
	return slices.ContainsFunc(c.Keys("en"), func(k string) bool { return strings.HasPrefix(k, p+".") })
}

// builtKey reports whether some code builds the key from a prefix, as in "needs." + name or key+".version".
func builtKey(code, key string) bool {
	for i := range key {
		if key[i] == '.' && (strings.Contains(code, `"`+key[:i+1]+`"`) || strings.Contains(code, `"`+key[i:]+`"`) || strings.Contains(code, `+ "`+key[i:]) || strings.Contains(code, `+= "`+key[i:])) {
			return true
		}
	}
	return false
}

// Patients' words have a reading age of 9 to 11: a Flesch-Kincaid grade of at most 6, text by text where it is long
// enough for the measure, and over all. No exclamation marks (G15, the project's rules of wording).
func TestText_G15_ReadingAge(t *testing.T) {
	c := load(t)
	var all strings.Builder
	keys := text.PatientKeys(c)
	if len(keys) < 60 {
		t.Fatalf("only %d texts for patients were found", len(keys))
	}
	for _, k := range keys {
		plain := c.Text("en", k).Plain()
		if strings.Contains(plain, "!") {
			t.Errorf("%s has an exclamation mark", k)
		}
		words := strings.Fields(plain)
		if len(words) >= 12 {
			if g := text.Grade(plain); g > 6.5 {
				t.Errorf("%s reads at grade %.1f: %q", k, g, plain)
			}
		}
		all.WriteString(plain + "\n\n")
	}
	g := text.Grade(all.String())
	t.Logf("%d texts for patients, Flesch-Kincaid grade %.1f over all", len(keys), g)
	if g > 5 {
		t.Errorf("patients' words read at grade %.1f over all, at most 5 is wanted", g)
	}
}

// G4: the first 100 characters of what may stand on a locked phone name no group, place, doctor, practice or illness.
func TestText_G4_LockScreen(t *testing.T) {
	c := load(t)
	canaries := map[string]string{"group": "CANARY", "venue": "CANARY", "by": "CANARY", "buddy": "Joan", "name": "Sam", "day": "tomorrow (Tue)", "time": "2pm", "link_worker": "CANARY", "about": "x"}
	for _, k := range []string{"remind.daybefore", "remind.sameday", "how.ask", "how.ask.yesterday", "nudge.ask", "agree.patient"} {
		var args []string
		for name, v := range canaries {
			args = append(args, name, v)
		}
		first := c.Text("en", k, args...).Plain()
		first = first[:min(100, len(first))]
		if strings.Contains(first, "CANARY") {
			t.Errorf("%s shows on a lock screen: %q", k, first)
		}
		for _, bad := range []string{"support", "depress", "anxi", "mental", "doctor", "surgery", "practice", "GP", "referred", "lonel"} {
			if strings.Contains(strings.ToLower(first), strings.ToLower(bad)) {
				t.Errorf("%s says %q on a lock screen: %q", k, bad, first)
			}
		}
	}
}

func TestWhen(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, london)
	at := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, london) }
	for _, c := range []struct{ got, want string }{
		{text.DayTime(at(24, 10, 0), now, london), "Tuesday 24 November at 10am"},
		{text.Time(at(2, 14, 30), london), "2.30pm"},
		{text.Time(at(2, 12, 0), london), "12 noon"},
		{text.Time(at(2, 0, 0), london), "midnight"},
		{text.Time(at(2, 12, 5), london), "12.05pm"},
		{text.Near(at(2, 23, 0), now, london), "today"},
		{text.Near(at(3, 0, 30), now, london), "tomorrow"},
		{text.Near(at(1, 23, 0), now, london), "yesterday"},
		{text.Near(at(6, 9, 0), now, london), "Friday"},
		{text.Near(at(20, 9, 0), now, london), "Friday 20 November"},
		{text.Day(now.AddDate(1, 0, 0), now, london), "Tuesday 2 November 2027"},
		{text.List([]string{"a"}), "a"},
		{text.List([]string{"a", "b", "c"}), "a, b and c"},
		{text.List([]string{"a", "b", "c", "d", "e", "f", "g"}), "a, b, c, d, e and 2 more"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
