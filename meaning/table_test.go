package meaning

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestVocabulary_Table(t *testing.T) {
	v := vocabulary(t)
	rows := v.Table()
	if !slices.Contains(rows, Row{"interest", "tai_chi", "tai chi", 2}) || !slices.Contains(rows, Row{"need", "caring", "=carer", 2}) {
		t.Error("tai chi and carer are not in the table")
	}
	names := map[string]bool{}
	for _, r := range rows {
		names[r.Kind+" "+r.Name] = true
	}
	for _, n := range v.Needs() {
		if !names["need "+n] {
			t.Errorf("the table has no phrase for the need %s", n)
		}
	}
	for _, n := range v.Interests() {
		if !names["interest "+n] {
			t.Errorf("the table has no phrase for the interest %s", n)
		}
	}
}

func TestVocabulary_WithTable(t *testing.T) {
	v := vocabulary(t)
	own, err := v.WithTable(strings.NewReader(`
[interests.dance]
means = ["cossack prancing"]
without = ["salsa"]
[needs.caring]
means = ["guardian angel duty"]
search = ["angels"]
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := own.Understand("cossack prancing, salsa, guardian angel duty"); !slices.Equal(got.Interests, []string{"dance"}) || !slices.Equal(got.Needs, []string{"caring"}) {
		t.Errorf("the own table is not read: %+v", got)
	}
	if got := own.Understand("salsa"); got.Interests != nil {
		t.Errorf("a phrase that was taken away is read as %v", got.Interests)
	}
	if got := own.WordsFor("caring"); !slices.Equal(got, []string{"angels"}) {
		t.Errorf("words to search for: %v", got)
	}
	if got := v.Understand("cossack prancing, salsa"); !slices.Equal(got.Interests, []string{"dance"}) || v.Understand("cossack prancing").Interests != nil {
		t.Errorf("the first vocabulary changed: %+v", got)
	}
}

func TestVocabulary_WithTable_EveryMistakeAtOnce(t *testing.T) {
	_, err := vocabulary(t).WithTable(strings.NewReader(`
[interests.drama]
means = ["acting"]
[interests.dance]
means = ["..."]
without = ["no such phrase"]
[needs.hunger]
means = ["starving"]
`))
	if err == nil {
		t.Fatal("a table full of mistakes was taken")
	}
	for _, want := range []string{"interests.drama", "interests.dance: the phrase", `"no such phrase"`, "needs.hunger"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
	if _, err := vocabulary(t).WithTable(strings.NewReader("[interests.dance]\nmeens = ['x']\n")); err == nil || !strings.Contains(err.Error(), "meens") {
		t.Errorf("a misspelled key: %v", err)
	}
	if _, err := vocabulary(t).WithTable(strings.NewReader("[interests")); err == nil {
		t.Error("no TOML at all was taken")
	}
}

func TestUnderstood_Parts(t *testing.T) {
	u := vocabulary(t).Understand("F 72, LU3, gardening or knitting, not keen on singing, weekday am, free, no car, 2 miles, widow")
	var labels []string
	for _, p := range u.Parts() {
		labels = append(labels, p.Label)
	}
	want := []string{"near LU3", "within 2 miles", "age 72", "a woman", "gardening", "knitting or sewing", "a bereavement", "no singing", "weekdays", "mornings", "free", "without a car"}
	if !slices.Equal(labels, want) {
		t.Errorf("parts\n%q, want\n%q", labels, want)
	}
	less := u.Without(Part{Key: "interests", Value: "knitting_sewing"})
	if !slices.Equal(less.Interests, []string{"gardening"}) || !slices.Equal(u.Interests, []string{"gardening", "knitting_sewing"}) {
		t.Errorf("without knitting: %v; before: %v", less.Interests, u.Interests)
	}
}

// Taken away one after the other, in any order, the parts leave nothing, and each takes away itself alone.
func TestUnderstood_Without(t *testing.T) {
	v := vocabulary(t)
	lines := blindTexts(t)
	rapid.Check(t, func(t *rapid.T) {
		u := v.Understand(rapid.SampledFrom(lines).Draw(t, "text"))
		for len(u.Parts()) > 0 {
			parts := u.Parts()
			i := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
			u = u.Without(parts[i])
			if got, want := u.Parts(), slices.Delete(slices.Clone(parts), i, i+1); len(got) != len(want) && parts[i].Key != "days" {
				t.Fatalf("without %+v: %+v, want %+v", parts[i], got, want)
			} else if slices.Contains(got, parts[i]) {
				t.Fatalf("%+v is still there", parts[i])
			}
		}
		u.Identifiers = nil
		if !reflect.DeepEqual(u, Understood{}) {
			t.Fatalf("no part is left, yet %+v", u)
		}
	})
}

func FuzzWithTable(f *testing.F) {
	for _, s := range []string{"[interests.dance]\nmeans = ['x']", "[needs.x]", "[interests.dance]\nwithout = ['salsa']", "[flags.job]\nmeans = ['=']", "\xff"} {
		f.Add(s)
	}
	v := vocabulary(f)
	f.Fuzz(func(t *testing.T, table string) {
		if own, err := v.WithTable(strings.NewReader(table)); err == nil {
			own.Understand("a salsa class for a widow")
		}
	})
}

func TestUnderstood_Words_LetterBeyondASCII(t *testing.T) {
	if got := (Understood{Place: "école valley"}).Words(); got != "near École Valley" {
		t.Errorf("told as %q", got)
	}
}
