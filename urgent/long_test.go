package urgent

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// longTexts are megabytes, some made to cost as much as can be.
func longTexts() map[string]string {
	rng := rand.New(rand.NewPCG(1, 2))
	table := theTable().words.sorted
	of := func(word func() string) string {
		var b strings.Builder
		for b.Len() < 1<<20 {
			b.WriteString(word())
			b.WriteByte(' ')
			if rng.IntN(30) == 0 {
				b.WriteString(". ")
			}
		}
		return b.String()
	}
	common := strings.Fields("he keeps says wants tried threatening my i me her not dont want to the take all tablets hurt home and with when if in on it this do life live end")
	return map[string]string{
		"plain":  strings.Repeat("The walking group meets on Tuesday at ten, my husband and I would like to come. ", 1<<20/80),
		"worst":  strings.Repeat("he keeps says wants tried threatening ", 1<<20/38),
		"words":  of(func() string { return strings.TrimSuffix(table[rng.IntN(len(table))], "~") }),
		"common": of(func() string { return common[rng.IntN(len(common))] }),
		"slips": of(func() string {
			return strings.TrimSuffix(table[rng.IntN(len(table))], "~") + string([]byte{byte('a' + rng.IntN(26)), byte('a' + rng.IntN(26))})
		}),
		"letters": of(func() string { return string(rune('a' + rng.IntN(26))) }),
	}
}

// What is made to cost too much is not read to its end, and is answered as danger; what people send is always read.
func TestScan_B1_B7_MoreThanCanBeRead(t *testing.T) {
	for name, text := range longTexts() {
		s := theTable().scan(text, true)
		if s.steps > maxSteps+20_000 {
			t.Errorf("%s: %d steps", name, s.steps)
		}
		if s.full && len(s.found) == 0 {
			t.Errorf("%s: not read to its end, and no danger", name)
		}
		if name == "plain" && (s.full || len(s.found) > 0) {
			t.Errorf("plain: %v", s.found)
		}
		// As much as a chat takes is always read, whatever it is.
		if s := theTable().scan(text[:4096], true); s.full {
			t.Errorf("%s: 4,096 bytes are too much: %d steps", name, s.steps)
		}
	}
}

// Danger is found wherever it stands in a megabyte: among sentences, in a text without a full stop, and across the places
// where its parts meet; and a medical emergency still goes first.
func TestScan_B1_MegabyteStartMiddleEnd(t *testing.T) {
	const size = 1 << 20
	for name, filler := range map[string]string{
		"sentences":    "The walking group meets on Tuesday at ten, my husband and I would like to come. ",
		"no full stop": "the walking group meets on tuesday at ten and my husband would like to come ",
		"no gaps":      "xyzzyplugh",
	} {
		text := strings.Repeat(filler, size/len(filler)+1)
		for _, at := range []int{0, 1, partText - 20, partText - 3, partText, 2*partText - 30, size / 2, size - 10, size} {
			for words, want := range map[string]Kind{"I want to kill myself": General, "crushing chest pain and I can't breathe": Medical} {
				at := strings.LastIndexByte(" "+text[:at], ' ')
				f, ok := Scan(text[:at] + "\n" + words + ".\n" + text[at:])
				if !ok || f.Kind != want {
					t.Errorf("%s, %q at %d: %v %s (%s)", name, words, at, ok, f.Kind, f.Category)
				}
				if f.Kind == General && (f.From < at || f.To > at+len(words)+2) {
					t.Errorf("%s, %q at %d is found at %d to %d", name, words, at, f.From, f.To)
				}
			}
			if f, ok := Scan(text[:at] + " I want to kill myself " + text[at:]); !ok || f.Kind != General {
				t.Errorf("%s, in a sentence at %d: %v %s", name, at, ok, f.Kind)
			}
		}
		if f, ok := Scan(text[:size/2] + "\nI want to die.\n" + text[size/2:] + "\nhe has collapsed and isn't breathing\n"); !ok || f.Kind != Medical {
			t.Errorf("%s: %v %s", name, ok, f.Kind)
		}
	}
}

func BenchmarkScanMegabyte_B1(b *testing.B) {
	for name, text := range longTexts() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Scan(text)
			}
		})
	}
}

// Every message of danger in another language is found, or its writer is told that it cannot be read and is shown the card;
// eight in ten are found (K14). No native reader has checked the messages or the rules.
func TestLanguages_K14(t *testing.T) {
	data, err := os.ReadFile("testdata/languages.tsv")
	if err != nil {
		t.Fatal(err)
	}
	type count struct{ crisis, found int }
	counts := map[string]*count{}
	for row := range strings.Lines(string(data)) {
		label, text, ok := strings.Cut(strings.TrimSpace(row), "\t")
		if !ok || row[0] == '#' {
			continue
		}
		label, language, _ := strings.Cut(label, "/")
		c := counts[language]
		if c == nil {
			c = &count{}
			counts[language] = c
		}
		f, found := Scan(text)
		switch {
		case label == "none" && found:
			t.Errorf("%s: %q is found by %s", language, text, f.Category)
		case label == "none":
		default:
			c.crisis++
			if found {
				c.found++
			} else if !Unreadable(text) {
				t.Errorf("%s: %q is neither found nor unreadable", language, text)
			}
		}
	}
	if len(counts) != 7 {
		t.Errorf("%d languages", len(counts))
	}
	for language, c := range counts {
		t.Logf("%s: %d of %d", language, c.found, c.crisis)
		if c.found*10 < c.crisis*8 {
			t.Errorf("%s: %d of %d", language, c.found, c.crisis)
		}
	}
}
