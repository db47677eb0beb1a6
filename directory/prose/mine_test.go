package prose_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"handrail"
	"handrail/directory/prose"
)

func TestMine_Table(t *testing.T) {
	tuesdays := []handrail.Recurrence{{Day: time.Tuesday, Start: handrail.At(9, 0)}}
	for _, c := range []struct {
		name            string
		a               handrail.Activity
		certain, all    string
		cost            handrail.Cost
		postcode, words string
	}{
		{"all from the description", handrail.Activity{Description: "We meet on Tuesdays, 10am - 12 noon, at the hall, BS34 5LP. £2.50 per session."},
			"Tue 10:00-12:00", "Tue 10:00-12:00", handrail.Cost{Known: true, Pence: 250, Text: "£2.50 per session"}, "BS34 5LP", "Tuesdays, 10am - 12 noon"},
		{"its own words first", handrail.Activity{WhenText: "Mondays 2-4", Description: "Tuesdays 10am - 12 noon"}, "Mon 14:00-16:00", "Mon 14:00-16:00", handrail.Cost{}, "", "Mondays 2-4"},
		{"its own words name none", handrail.Activity{WhenText: "Various meeting times", Description: "Tuesdays 10am - 12 noon"}, "", "Tue 10:00-12:00", handrail.Cost{}, "", "Various meeting times"},
		{"days only are left", handrail.Activity{WhenText: "Mondays"}, "", "", handrail.Cost{}, "", "Mondays"},
		{"what it has stays", handrail.Activity{Times: tuesdays, WhenText: "Mondays 2-4", Cost: handrail.Cost{Known: true, Text: "free"}, Venue: handrail.Venue{Postcode: "LU1 2AB"}, Description: "£4, BS34 5LP"},
			"Tue 09:00", "Tue 09:00", handrail.Cost{Known: true, Text: "free"}, "LU1 2AB", "Mondays 2-4"},
		{"its own words of the cost", handrail.Activity{Cost: handrail.Cost{Text: "£3 members, £4 others"}, Description: "Free"}, "", "", handrail.Cost{Known: true, Pence: 400, Text: "£3 members, £4 others"}, "", ""},
		{"no one price", handrail.Activity{Description: "£20 a year"}, "", "", handrail.Cost{Text: "£20 a year"}, "", ""},
		{"two postcodes", handrail.Activity{Description: "At LU1 2AB and at LU2 7XX"}, "", "", handrail.Cost{}, "", ""},
		{"the same one twice", handrail.Activity{Description: "At LU1 2AB. Parking behind (lu1 2ab)."}, "", "", handrail.Cost{}, "LU1 2AB", ""},
		{"where letters go", handrail.Activity{Description: "Write to us at PO Box 5, LU1 2AB"}, "", "", handrail.Cost{}, "", ""},
		{"half a postcode", handrail.Activity{Description: "Around LU1"}, "", "", handrail.Cost{}, "", ""},
		{"a slip is not mended", handrail.Activity{Description: "At LUI 2AB"}, "", "", handrail.Cost{}, "", ""},
		{"nothing", handrail.Activity{}, "", "", handrail.Cost{}, "", ""},
	} {
		a := c.a
		prose.Mine(&a)
		var certain, all []string
		for _, r := range a.Times {
			n := notation(prose.Time{Recurrence: r})
			all = append(all, n)
			if r.Certain() {
				certain = append(certain, n)
			}
		}
		if strings.Join(certain, "; ") != c.certain || strings.Join(all, "; ") != c.all || a.Cost != c.cost || a.Venue.Postcode != c.postcode || a.WhenText != c.words {
			t.Errorf("%s: %q of %q, %+v, %q, %q", c.name, certain, all, a.Cost, a.Venue.Postcode, a.WhenText)
		}
	}
}

// pieces are what drawn texts are made of.
func pieces() []string {
	out := []string{" ", " ", ", ", ". ", "\n", " - ", "–", " to ", " and ", "10", "2", "7.30", "10am", "2pm", "12 noon", "9:00", "Tuesday", "Mondays", "Sat", "last", "1st", "every other", "of the month",
		"term time only", "except", "bank holidays", "closed", "not", "from 5 January 2027", "until 31 March 2027", "5 Jan", "£2.50", "free", "per session", "a year", "LU1 2AB", "evening", "fortnightly", "or", "the hall", "\u200b", "é", "\xff", "?", ":", "/", "(", ")"}
	for _, p := range append(heldOut(), asked()...) {
		out = append(out, p.text)
	}
	return out
}

func drawText(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces()), 0, 25).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
}

// check holds what is true of the times of any text.
func check(t interface {
	Fatalf(string, ...any)
}, text string, all []prose.Time) {
	for _, x := range all {
		r := x.Recurrence
		certain := r.Certainty == handrail.CertaintyRead
		switch {
		case !certain && r.Certainty != handrail.CertaintyGuessed:
			t.Fatalf("%q: a certainty of %q", text, r.Certainty)
		case certain != (x.Why == "") || certain != (x.Confidence >= 0.8) || x.Confidence <= 0 || x.Confidence > 1:
			t.Fatalf("%q: %q, %v, because %q", text, r.Certainty, x.Confidence, x.Why)
		case certain && x.NoClock:
			t.Fatalf("%q: days without a time are certain", text)
		case x.Start < 0 || x.End < x.Start || x.End > len(text) || !utf8.ValidString(x.Text):
			t.Fatalf("%q: the words are %d to %d, %q", text, x.Start, x.End, x.Text)
		case r.Start < 0 || r.Start >= handrail.At(24, 0) || r.End < 0 || r.End >= handrail.At(24, 0) || r.End != 0 && r.End <= r.Start:
			t.Fatalf("%q: from %d to %d", text, r.Start, r.End)
		case r.Freq == handrail.OnDates && len(r.Also) != 1 || r.Every < 0 || r.Day < 0 || r.Day > 6:
			t.Fatalf("%q: %+v", text, r)
		case certain && r.Freq == handrail.Monthly && r.Nth == 0:
			t.Fatalf("%q: a month without a day is certain", text)
		}
		for _, d := range slices.Concat([]handrail.Date{r.From, r.Until}, r.Except, r.Also) {
			if _, err := handrail.ParseDate(string(d)); err != nil && d != "" && certain {
				t.Fatalf("%q: the date %q", text, d)
			}
		}
	}
}

// A second call changes nothing, and what the listing said of itself stays.
func TestMine_Idempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := handrail.Activity{ID: "act_1", Description: drawText(t)}
		if rapid.Bool().Draw(t, "has words") {
			a.WhenText = drawText(t)
		}
		if rapid.Bool().Draw(t, "has a price") {
			a.Cost.Text = drawText(t)
		}
		before := a
		prose.Mine(&a)
		if a.Description != before.Description || before.WhenText != "" && strings.TrimSpace(before.WhenText) != "" && a.WhenText != before.WhenText || strings.TrimSpace(before.Cost.Text) != "" && a.Cost.Text != before.Cost.Text {
			t.Fatalf("its words were changed: %+v", a)
		}
		once := a
		once.Times = slices.Clone(a.Times)
		prose.Mine(&a)
		if !reflect.DeepEqual(a, once) {
			t.Fatalf("a second time:\n%+v\n%+v", a, once)
		}
	})
}

// A word in front that casts doubt never makes anything more certain.
func TestTimes_DoubtOnlyTakesAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		all := prose.Times(text)
		check(t, text, all)
		doubted := "This group is suspended until further notice.\n" + text
		for _, x := range prose.Times(doubted) {
			if x.Recurrence.Certain() {
				t.Fatalf("%q: tells %s", doubted, notation(x))
			}
		}
	})
}

func FuzzTimes_B23(f *testing.F) {
	for _, p := range append(heldOut(), asked()...) {
		f.Add(p.text)
	}
	for _, text := range traps() {
		f.Add(text[:min(len(text), 200)])
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, text, prose.Times(text)) })
}

func FuzzPrices_B23(f *testing.F) {
	for _, s := range []string{"£2.50 per session", "free, donations welcome", "£3 members £4 others", "50p", "£", "£1,000", "£2.", "free of", "£1\xff", "no charge for"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := prose.Prices(text)
		if c.Pence < 0 || c.Pence > 100_00 || !c.Known && c.Pence != 0 || ok != (c.Text != "") || !utf8.ValidString(c.Text) || !ok && c.Known {
			t.Fatalf("%q: %+v, %v", text, c, ok)
		}
	})
}

func FuzzMine_B23(f *testing.F) {
	f.Add("Tuesdays 10-12, LU1 2AB, £2", "Mondays", "free")
	f.Fuzz(func(t *testing.T, description, when, cost string) {
		a := handrail.Activity{Description: description, WhenText: when, Cost: handrail.Cost{Text: cost}}
		prose.Mine(&a)
		once := a
		prose.Mine(&a)
		if !reflect.DeepEqual(a, once) {
			t.Fatalf("a second time:\n%+v\n%+v", a, once)
		}
	})
}

// hostile are texts that are slow for those who look back (B7).
func hostile() map[string]string {
	const mega = 1 << 20
	rep := func(s string) string { return strings.Repeat(s, mega/len(s)) }
	return map[string]string{
		"one long word": strings.Repeat("a", 5000), "a megabyte of one word": rep("a"), "digits": rep("1"), "times": rep("10-12 "), "bare pairs": rep("1-2, "), "days": rep("Tuesday "), "days and signs": rep("Tuesday, "),
		"firsts": rep("first "), "firsts and commas": rep("1st, "), "nots": rep("not "), "excepts": rep("except on the "), "every": rep("every "), "dashes": rep("-"), "brackets": rep("(("), "stops": rep("."),
		"lines": rep("\n"), "pounds": rep("£"), "pounds and numbers": rep("£1 "), "free": rep("free "), "free-": rep("free-"), "marks": rep("\u0301"), "nothing to be seen": rep("\u200b"), "colons": rep("10:10:"), "points": rep("1.1."),
		"am": rep("a.m."), "links": rep("a@b."), "dates": rep("5 January "), "from": rep("from 5 January 2027 to "), "days and times": rep("Mon 10am "), "times and days": rep("10am Mon 11am "), "sentences": rep("Mon 10am-11am. "),
		"postcodes": rep("LU1 2AB "), "half past": rep("half past "), "broken": rep("\xff"), "headings": rep("Office:\n"), "questions": rep("Mon 10?"),
	}
}

// No text takes long: a megabyte of anything is done in a blink, since only its beginning is read and that in one pass.
// The bar leaves room for a busy machine and the race detector; a step that looked back would miss it by far.
func TestTimes_B7_Linear(t *testing.T) {
	for name, text := range hostile() {
		began := time.Now()
		all := prose.Times(text)
		prose.Prices(text)
		prose.Mine(&handrail.Activity{Description: text})
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if len(all) > 200 {
			t.Errorf("%s: %d times", name, len(all))
		}
		check(t, text, all)
	}
}

func BenchmarkTimes(b *testing.B) {
	text := "A friendly group for anybody who likes gardens. We meet on Tuesdays and Thursdays from 10.30am - 2pm at the Community Centre, BS34 5LP (term time only). £2.50 per session, new people welcome."
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if all := prose.Times(text); len(all) != 2 {
			b.Fatal(all)
		}
	}
}

func BenchmarkTimes_Nothing(b *testing.B) {
	text := "A friendly group for anybody who likes gardens, whether or not they have one. New people are welcome, and there is always somebody to show you round."
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if all := prose.Times(text); len(all) != 0 {
			b.Fatal(all)
		}
	}
}

func BenchmarkPrices(b *testing.B) {
	text := "A friendly group for anybody who likes gardens. £2.50 per session, new people welcome."
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if c, ok := prose.Prices(text); !ok || c.Pence != 250 {
			b.Fatal(c)
		}
	}
}

func BenchmarkMine(b *testing.B) {
	text := "We meet on Tuesdays and Thursdays from 10.30am - 2pm at the Community Centre, BS34 5LP. £2.50 per session."
	b.ReportAllocs()
	for b.Loop() {
		a := handrail.Activity{Description: text}
		if prose.Mine(&a); len(a.Times) != 2 || a.Venue.Postcode == "" || !a.Cost.Known {
			b.Fatal(a)
		}
	}
}
