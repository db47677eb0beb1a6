package text

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/bidi"
	"pgregory.net/rapid"

	"handrail/bot/bottest"
)

func drafts(t testing.TB) *Catalogues {
	t.Helper()
	c, err := LoadDrafts()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A draft is not used until somebody has checked it, and its one sentence that it is not ready always is.
func TestLanguages_DraftsAreNotUsed(t *testing.T) {
	used, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	all := drafts(t)
	if got := used.Languages()[0]; got.Tag != Fallback || !got.Checked || !got.Ready {
		t.Errorf("the first language is %+v", got)
	}
	var tags []string
	for i, l := range used.Languages() {
		tags = append(tags, l.Tag)
		if l.Ready != l.Checked || !all.Languages()[i].Ready {
			t.Errorf("%s: ready %v, checked %v, in the drafts ready %v", l.Tag, l.Ready, l.Checked, all.Languages()[i].Ready)
		}
		if l.Tag == Fallback {
			continue
		}
		if len(l.NotReady) == 0 {
			t.Errorf("%s does not say in it that it is not ready", l.Tag)
		}
		if !l.Checked {
			if got, want := used.Line(l.Tag, "bot.yes"), used.Line(Fallback, "bot.yes"); got != want {
				t.Errorf("%s is a draft, and yet %q is used", l.Tag, got)
			}
		}
		if got, english := all.Line(l.Tag, "guard.stop"), all.Line(Fallback, "guard.stop"); got == english {
			t.Errorf("%s: with drafts, %q is still English", l.Tag, got)
		}
	}
	slices.Sort(tags)
	if want := []string{"bn", "cy", "en", "pa", "pl", "ro", "ur"}; !slices.Equal(tags, want) {
		t.Errorf("languages %v, want %v", tags, want)
	}
}

// What a person types is understood in English too, and a stop in every language.
func TestLanguages_B16_ListsHoldEnglishToo(t *testing.T) {
	c := drafts(t)
	for _, l := range c.Languages() {
		if !slices.Contains(strings.Split(c.Line(l.Tag, "bot.words.yes"), "|"), "yes") {
			t.Errorf("%s does not understand yes", l.Tag)
		}
	}
	used, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(used.Everywhere("wish.stop")); got != len(c.Languages()) {
		t.Errorf("stop is known in %d of %d languages", got, len(c.Languages()))
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// Every catalogue has every text that a patient reads, or is a draft that names what it lacks (-update writes that down);
// the same placeholders, no exclamation marks, and nothing that nobody uses (issue 5, Words).
func TestLanguages_Catalogues(t *testing.T) {
	c := drafts(t)
	keys := PatientKeys(c)
	for _, l := range c.Languages() {
		if l.Tag == Fallback {
			continue
		}
		have := c.byLang[l.Tag]
		lacks := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { _, ok := have[k]; return ok })
		named := namedAsLacking(t, l.Tag, lacks)
		for _, k := range lacks {
			if l.Checked || !slices.Contains(named, k) {
				t.Errorf("%s lacks %s = %q, and does not say so", l.Tag, k, c.byLang[Fallback][k].raw)
			}
		}
		for _, k := range named {
			if !slices.Contains(lacks, k) {
				t.Errorf("%s says that it lacks %s, which it has or nobody uses", l.Tag, k)
			}
		}
		if len(lacks) > len(keys)/10 {
			t.Errorf("%s lacks %d of %d texts: that is no draft any more", l.Tag, len(lacks), len(keys))
		}
		for k, e := range have {
			english, ok := c.byLang[Fallback][k]
			if strings.HasSuffix(k, ".own") {
				continue
			}
			if base, _, is := cutLast(k); !ok && is && c.byLang[Fallback][base+"."+pluralOther].raw != "" {
				english, ok = c.byLang[Fallback][base+"."+pluralOther], true // a form that English has not
			}
			if !ok && !strings.HasPrefix(k, "when.") {
				t.Errorf("%s has %s, which English has not", l.Tag, k)
				continue
			}
			if strings.Contains(e.raw, "!") {
				t.Errorf("%s: %s has an exclamation mark", l.Tag, k)
			}
			want, got := placeholder.FindAllString(english.raw, -1), placeholder.FindAllString(e.raw, -1)
			slices.Sort(want)
			slices.Sort(got)
			if _, form, _ := cutLast(k); form != "one" && form != "two" && form != "zero" && !IsList(k) && !strings.HasPrefix(k, "when.") && !slices.Equal(slices.Compact(want), slices.Compact(got)) {
				t.Errorf("%s: %s has the placeholders %v, want %v", l.Tag, k, got, want)
			}
		}
		if c.days[l.Tag].day == "" {
			t.Errorf("%s does not say how dates are said", l.Tag)
		}
		t.Logf("%s (%s): %d texts, %d of %d for patients lacking, checked %v", l.Tag, l.English, len(have), len(lacks), len(keys), l.Checked)
	}
}

// namedAsLacking is what a draft says that it lacks. With -update the file is made to say what it does.
func namedAsLacking(t *testing.T, tag string, lacks []string) []string {
	t.Helper()
	file := tag + ".toml"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bottest.Updating() {
		cat, err := read(tag, raw)
		if err != nil {
			t.Fatal(err)
		}
		return cat.lacks
	}
	line := ""
	if len(lacks) > 0 {
		line = "lacks = [\"" + strings.Join(lacks, "\", \"") + "\"]\n"
	}
	old := regexp.MustCompile(`(?m)^lacks = .*\n`).ReplaceAll(raw, nil)
	is := regexp.MustCompile(`(?m)^checked = .*\n`).ReplaceAllFunc(old, func(m []byte) []byte { return slices.Concat(m, []byte(line)) })
	if string(is) != string(raw) {
		if err := os.WriteFile(file, is, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return lacks
}

// Numbers take the form that the language has for them.
func TestLanguages_Plurals(t *testing.T) {
	c := drafts(t)
	for _, x := range []struct{ lang, n, want string }{
		{"en", "1", "one try"}, {"en", "4", "4 tries"},
		{"pl", "1", "jedna próba"}, {"pl", "3", "3 próby"}, {"pl", "5", "5 prób"}, {"pl", "22", "22 próby"}, {"pl", "112", "112 prób"}, {"pl", "322", "322 próby"},
		{"cy", "2", "2 gynnig"}, {"ro", "2", "2 încercări"}, {"ro", "20", "20 de încercări"},
	} {
		if got := c.Line(x.lang, "join.tries", "n", x.n); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.lang, x.n, got, x.want)
		}
	}
}

// Dates are said in the language.
func TestLanguages_Dates(t *testing.T) {
	c := drafts(t)
	at := time.Date(2026, 11, 24, 10, 30, 0, 0, time.UTC)
	for _, x := range []struct{ lang, day, next string }{
		{"en", "Tuesday 24 November at 10.30am", "Tuesday 24 November 2026 at 10.30am"},
		{"pl", "wtorek 24 listopada o 10:30", "wtorek 24 listopada 2026 o 10:30"},
		{"cy", "dydd Mawrth 24 Tachwedd am 10:30", "dydd Mawrth 24 Tachwedd 2026 am 10:30"},
	} {
		if got := c.DayTime(x.lang, at, at, time.UTC); got != x.day {
			t.Errorf("%s: %q, want %q", x.lang, got, x.day)
		}
		if got := c.DayTime(x.lang, at, at.AddDate(1, 0, 0), time.UTC); got != x.next {
			t.Errorf("%s: %q, want %q", x.lang, got, x.next)
		}
	}
}

// A value never turns the text around it: what comes before and after it stands in the order in which it was written,
// whatever the value holds, in a text of either direction (B5).
func TestText_B5_Isolates(t *testing.T) {
	c := drafts(t)
	for _, v := range []string{"محمد", "שרה", "Ann", "\u202eAnn", "a\u2069b", "\u2066x", "Ann محمد", "\u200fAnn"} {
		for _, lang := range []string{"en", "ur"} {
			got := c.Line(lang, "leave.sure", "group", v)
			open, closed := 0, 0
			for _, r := range got {
				switch r {
				case '\u2066', '\u2067', '\u2068':
					open++
				case '\u2069':
					closed++
				}
			}
			if open != closed || open > 1 {
				t.Errorf("%s with %q: %d isolates open, %d close", lang, v, open, closed)
			}
			if (lang == "ur" || turns(v)) && open != 1 {
				t.Errorf("%s with %q is not isolated", lang, v)
			}
		}
	}
	if got := c.Line("en", "leave.sure", "group", "Ann"); strings.ContainsAny(got, "\u2068\u2069") {
		t.Error("a plain name in English is isolated")
	}
	if got := c.Text("ur", "find.card", "link", "https://x.example"); len(got) > 0 && strings.Contains(fmt.Sprint(got), "\u2068https") {
		t.Error("an address has an isolate in it")
	}
	rapid.Check(t, func(rt *rapid.T) {
		v := rapid.StringOfN(rapid.RuneFrom([]rune("aא1ع \u202e\u202b\u2066\u2067\u2068\u2069\u200f.!")), 1, 12, -1).Draw(rt, "value")
		text := "left " + isolate(v, false) + " right"
		var p bidi.Paragraph
		if _, err := p.SetString(text, bidi.DefaultDirection(bidi.LeftToRight)); err != nil {
			rt.Fatal(err)
		}
		o, err := p.Order()
		if err != nil {
			rt.Fatal(err)
		}
		shown := ""
		for i := range o.NumRuns() {
			r := o.Run(i)
			s := r.String()
			if r.Direction() == bidi.RightToLeft {
				s = bidi.ReverseString(s)
			}
			shown += s
		}
		if !strings.HasPrefix(shown, "left ") || !strings.HasSuffix(shown, " right") {
			rt.Fatalf("%q is shown as %q", text, shown)
		}
	})
}
