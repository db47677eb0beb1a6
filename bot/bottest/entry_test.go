package bottest_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"

	"pgregory.net/rapid"
)

// anyText draws a text that a line of a file can show: no spaces at the ends of lines.
func anyText(t *rapid.T, label string, lines bool) string {
	word := rapid.OneOf(
		rapid.SampledFrom([]string{".", `\`, "[x]", "[", "{form: a | b}", "(place: a)", "(file: b)", "(old)", "twice", "-> GP: x", "GP: x", "== y", "#", "records:", "- item", "}", ";", "=", "a=b", "🙂", "\u200fשלום", "é"}),
		rapid.StringMatching(`[a-z\[\]{}()\\;=|.,:#>-]{1,8}`),
	)
	joint := " "
	if lines {
		joint = rapid.SampledFrom([]string{" ", "\n", "\n\n", "  "}).Draw(t, label+" joint")
	}
	words := rapid.SliceOfN(word, 1, 6).Draw(t, label)
	return strings.Join(words, joint)
}

func anyEntry(t *rapid.T) bottest.Entry {
	role := rapid.SampledFrom([]string{"GP", "PATIENT", "BUDDY", "LINKWORKER", "GP2"}).Draw(t, "role")
	one := func(label string) string { return strings.Join(strings.Fields(anyText(t, label, false)), " ") }
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0:
		return bottest.Entry{Kind: bottest.EntryBlank}
	case 1:
		return bottest.Entry{Kind: bottest.EntryComment, Text: " " + one("comment")}
	case 2:
		return bottest.Entry{Kind: bottest.EntryClock, Text: one("clock")}
	case 3:
		return bottest.Entry{Kind: bottest.EntrySaid, Role: role, Update: bot.UpdateText, Text: anyText(t, "typed", true)}
	case 4:
		return bottest.Entry{Kind: bottest.EntrySaid, Role: role, Update: bot.UpdatePress, Press: one("label"), Old: rapid.Bool().Draw(t, "old"), Twice: rapid.Bool().Draw(t, "twice")}
	case 5:
		e := bottest.Entry{Kind: bottest.EntrySaid, Role: role, Update: bot.UpdateForm}
		for range rapid.IntRange(0, 3).Draw(t, "fields") {
			e.Fields = append(e.Fields, bottest.Pair{Name: rapid.StringMatching(`[a-z_]{1,6}`).Draw(t, "name"), Value: anyText(t, "value", true)})
		}
		return e
	case 6:
		return bottest.Entry{Kind: bottest.EntrySaid, Role: role, Update: bot.UpdatePlace, Near: &handrail.Point{
			Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lon: rapid.Float64Range(-180, 180).Draw(t, "lon"),
		}}
	case 7:
		kind := rapid.SampledFrom([]bot.UpdateKind{bot.UpdateEdited, bot.UpdateUnread, bot.UpdateGroup}).Draw(t, "update")
		return bottest.Entry{Kind: bottest.EntrySaid, Role: role, Update: kind, Text: anyText(t, "words", true)}
	}
	e := bottest.Entry{Kind: bottest.EntryShown, Role: role}
	if rapid.Bool().Draw(t, "has text") {
		e.Text = anyText(t, "shown", true)
	}
	for range rapid.IntRange(0, 2).Draw(t, "buttons") {
		e.Buttons = append(e.Buttons, one("button"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "files") {
		e.Files = append(e.Files, one("file"))
	}
	if rapid.Bool().Draw(t, "has place") {
		e.Place = one("place")
	}
	if rapid.Bool().Draw(t, "has form") {
		e.Form = &bottest.FormLine{Title: one("title"), Fields: []string{"name", "birth_year"}}
	}
	return e
}

// What is written is read again as it was.
func TestTranscript_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []bottest.Entry
		for range rapid.IntRange(1, 6).Draw(t, "n") {
			want = append(want, anyEntry(t))
		}
		if rapid.Bool().Draw(t, "records") {
			want = append(want, bottest.Entry{Kind: bottest.EntryRecords, Records: []string{"one", "", "  two"}})
		}
		var file bytes.Buffer
		if err := bottest.Write(&file, want); err != nil {
			t.Fatal(err)
		}
		got, err := bottest.Parse(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, file.String())
		}
		for i := range got {
			if got[i].Line == 0 {
				t.Fatalf("entry %d has no line", i)
			}
			got[i].Line = 0
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("read\n%#v\nwrote\n%#v\nin\n%s", got, want, file.String())
		}
	})
}

// Whatever can be read is written so that it is read the same.
func FuzzParse(f *testing.F) {
	f.Add("# c\n== Monday 2 November 2026, 09:00\nGP: [A] (old) twice\n-> GP: a\n    .\n    (place: b, c)  (file: d)\n    {form: e | f, g}\n    [h] [i]\nGP: {a=b; c=d\\;}\nGP: (near 51.88,-0.42)\nGP: \\(x\n    y\n\nrecords:\n    z\n")
	f.Add("GP: (edited) a\n    \\b\n-> GP:\n    [A]\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := bottest.Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		var file bytes.Buffer
		if err := bottest.Write(&file, first); err != nil {
			t.Fatal(err)
		}
		again, err := bottest.Parse(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatalf("%v in\n%q", err, file.String())
		}
		var twice bytes.Buffer
		if err := bottest.Write(&twice, again); err != nil {
			t.Fatal(err)
		}
		if file.String() != twice.String() {
			t.Fatalf("wrote\n%q\nthen\n%q", file.String(), twice.String())
		}
	})
}

func TestParse_Mistakes(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"GP hello", `line 1: want "ROLE: words"`},
		{"gp: hello", "line 1: want"},
		{"# a\n    b", "line 1: an indented line belongs under"},
		{"GP: [A", "line 1: a press wants a closing bracket"},
		{"GP: [A] thrice", `line 1: " thrice" does not belong behind a press`},
		{"GP: {a=b", "line 1: a form is not closed"},
		{"GP: {a}", `line 1: want "{field=value; field=value}"`},
		{"GP: (nera 1,2)", `line 1: a person cannot do "nera 1,2"`},
		{"GP: (near 1)", `line 1: want "(near 51.88,-0.42)"`},
		{"records:\n    a\nGP: b", "line 3: nothing comes after the records"},
	} {
		_, err := bottest.Parse(strings.NewReader(c.file))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.file, err, c.want)
		}
	}
}
