package model

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"handrail/meaning"
)

// noon is a clock that stands still.
type noon struct{}

func (noon) Now() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func offClient(t testing.TB) *Client {
	t.Helper()
	v, err := meaning.NewVocabulary("bury park", "luton")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Settings{Vocabulary: v, Clock: noon{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// FuzzStrictly: what is accepted is one object with the fields of the schema and nothing else, which says itself again.
func FuzzStrictly(f *testing.F) {
	for _, s := range []string{``, `{}`, `{"found":[]}`, `{"found":[],"found":[]}`, `{"Found":[]}`, `{"found":null}`, `{"found":[{"key":"needs","quote":"a","value":"b"}]}`,
		`{"found":[{"key":"needs","quote":"a","value":"b","x":1}]} `, `[]`, `nul`, `{"found":[]}{`, "\xff", `{"found":` + strings.Repeat("[", 99), `{"found":[{"key":"\ud800"}]}`, `"x"`, `{"found":[[]]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var a struct {
			Found *Findings `json:"found"`
		}
		if strictly(raw, &a) != nil {
			return
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(raw), &object); err != nil {
			t.Fatalf("accepted what is no object: %q", raw)
		}
		for key := range object {
			if key != "found" {
				t.Fatalf("accepted the field %q", key)
			}
		}
		again, err := json.Marshal(a)
		if err != nil || a.Found != nil && strictly(string(again), &a) != nil {
			t.Fatalf("%q is not accepted again: %v", again, err)
		}
	})
}

// FuzzGrounded: a finding that is grounded quotes words that stand in the note side by side, and says no number of its own.
func FuzzGrounded(f *testing.F) {
	f.Add("74F LU3 likes knitting", "age", "74", "74F")
	f.Add("lady near Bury Park", "place", "bury park", "near Bury Park")
	f.Add("moved to LU1", "postcode", "LU1", "LU1")
	f.Add("[name] sits alone", "needs", "loneliness", "sits alone")
	f.Add("a\xff[b", "must", "free", "[b")
	f.Add("\u0661\u0662 years", "age", "12", "\u0661\u0662")
	c := offClient(f)
	f.Fuzz(func(t *testing.T, note, key, value, quote string) {
		if len(note) > 4000 || c.grounded(note, Finding{key, value, quote}) != nil {
			return
		}
		in := words(note)
		for _, w := range words(quote) {
			if !slices.Contains(in, w) {
				t.Fatalf("%q is not a word of %q", w, note)
			}
		}
		if key == keyPostcode && !strings.Contains(strings.ToUpper(strings.ReplaceAll(note, " ", "")), strings.ReplaceAll(value, " ", "")) && !strings.ContainsAny(note, "oOiIlL0123456789") {
			t.Fatalf("%s is not in %q", value, note)
		}
		found := Findings{{key, value, quote}}
		rules := c.vocabulary.Understand(note)
		both, added := found.AddTo(c.vocabulary, rules)
		if len(added) == 0 && both.Words() != rules.Words() {
			t.Fatal("nothing was added and the reading changed")
		}
	})
}

// FuzzFaithful: a rewrite that passes holds no digits that the listing has not, no mark of markup and no address.
func FuzzFaithful(f *testing.F) {
	f.Add("We meet on Tuesdays at 10.30am. Not step-free.", "You can meet us on Tuesdays at 10.30am. It is not step-free.")
	f.Add("Free tea.", "There is free tea for you and for all.")
	f.Add("0", "A@")
	f.Add("[contact 1]", "Call [contact 1] if you can come to it.")
	f.Add("a", "")
	f.Add("\xff", "It is for you \xff and me")
	f.Fuzz(func(t *testing.T, source, plain string) {
		if faithful(source, plain, 1) != nil {
			return
		}
		if strings.ContainsAny(plain, "!<>{}`*_#|\\@") || strings.Contains(plain, "://") {
			t.Fatalf("%q passed", plain)
		}
		// Three digits and more come from no word.
		for _, run := range regexp.MustCompile(`[0-9]{3,}`).FindAllString(plain, -1) {
			if n := strings.TrimLeft(run, "0"); len(n) > 2 && !strings.Contains(source, n) && !strings.ContainsFunc(source, func(r rune) bool { return r > 0x7f && unicode.IsDigit(r) }) {
				t.Fatalf("%q from %q", plain, source)
			}
		}
	})
}

// FuzzRedact: what may be sent has no handle, no address, no long number, and nothing that cannot be seen.
func FuzzRedact(f *testing.F) {
	for _, s := range []string{"", "74F LU3 likes knitting", "Mrs Quillfeather 07700 900123", "a@b.example", "www.evil.example", "٠٧٧٠٠٩٠٠١٢٣", "0\u200b7700 900123", "NHS 943 476 5919",
		"seven seven oh oh", "\xff\xfe", "@zebedee123", "LU1 2AB", "l u 1 2 a b", "\u202e321009 00770", "[name] [07700]"} {
		f.Add(s)
	}
	c := offClient(f)
	f.Fuzz(func(t *testing.T, typed string) {
		safe, err := c.Redact(typed)
		if err != nil {
			if safe.text != "" {
				t.Fatal("a text came with the error")
			}
			return
		}
		if len(safe.text) > maxSent || strings.ContainsAny(safe.text, "@\n\u200b\u202e") || longNumber(safe.text) >= 7 {
			t.Fatalf("%q became %q", typed, safe.text)
		}
		Unsure(c.vocabulary, typed)
	})
}

// FuzzSeal: what is sealed and put back is the listing again, brackets apart, and what was sealed is not in what is sent.
func FuzzSeal(f *testing.F) {
	for _, s := range []string{"Call Sue on 01582 490123 or walk@example.org", "https://walk.example/join?a=[b] LU1 2AB", "", "[contact 1] 01582 490123", "\xff@", "www.a.uk,www.b.uk"} {
		f.Add(s)
	}
	c := offClient(f)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4000 {
			return
		}
		var k contacts
		sent := k.seal(c.vocabulary, s)
		round := strings.NewReplacer("[", "(", "]", ")")
		if got := round.Replace(k.unseal(sent)); got != round.Replace(s) {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func BenchmarkRead_Off(b *testing.B) {
	c := offClient(b)
	for b.Loop() {
		c.Read(b.Context(), "gp", "74F LU3, hubby passed in the spring, used to love her crochet, sits staring at four walls")
	}
}

func BenchmarkUnsure(b *testing.B) {
	c := offClient(b)
	for b.Loop() {
		Unsure(c.vocabulary, "74F LU3, hubby passed in the spring, used to love her crochet, weekday mornings, free, no car")
	}
}

func BenchmarkRedact(b *testing.B) {
	c := offClient(b)
	for b.Loop() {
		c.Redact("74F LU3, hubby passed in the spring, used to love her crochet, sits staring at four walls")
	}
}

func BenchmarkFaithful(b *testing.B) {
	for b.Loop() {
		faithful("Participants convene on Tuesdays at 10.30am by the library. Not step-free.", "You can meet us by the library on Tuesdays at 10.30am. It is not step-free.", 0)
	}
}
