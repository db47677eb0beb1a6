package bottest_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

// story is a house with one dialog that uses every kind of message, and reminds a week later.
func story(t testing.TB) *bottest.House {
	var h *bottest.House
	join := bot.Dialog{Name: "join", Opens: "hello|start", Script: func(t *bot.Talk) error {
		name := t.TextOr("name", bot.Message{Text: bot.Para("What is your name?"), Options: []bot.Option{{Answer: "Somebody", Label: "Rather not say"}}})
		form := t.Form("more", bot.Para("A little more about you."), bot.Form{Title: "About you", Submit: "Send", Fields: []bot.Field{
			{Name: "year", Label: "Year of birth", Kind: bot.FieldNumber, Required: true, Min: 1900, Max: 2010},
			{Name: "likes", Label: "What you like", Kind: bot.FieldWords},
		}})
		where := t.Place("where", bot.Para("Where are you?"))
		near := where.Words
		if where.Near != nil {
			near = "a place"
		}
		bot.Do(t, "join", "", func(ctx context.Context) (bool, error) {
			h.Ledger.Note(ctx, name+" of "+form["year"]+" likes "+strings.ReplaceAll(form["likes"], "\n", ", "))
			h.Ledger.Put(ctx, bot.Envelope{
				Key: "well:" + name, To: bottest.Address("PATIENT"), Class: bot.ClassNudge, NotBefore: t.Now().AddDate(0, 0, 7).Add(time.Hour),
				Message: bot.Message{Text: bot.Para("Is all well, " + name + "?"), Options: []bot.Option{
					{Label: "Yes", Press: &bot.Press{Dialog: "well", Subject: "1", Answer: "yes"}},
				}},
			})
			return true, nil
		})
		t.Say(append(bot.Para("Welcome, "+name+"."), bot.Block{Item: true, Spans: []bot.Span{{Text: "tea"}}}, bot.Block{Item: true, Spans: []bot.Span{{Text: "a chat"}}}))
		t.Send(bot.Message{Text: bot.Para("Here, near " + near + "."), Place: &bot.Place{Name: "The hall", Address: "1 High Street (back door)", At: handrail.Point{Lat: 51.88, Lon: -0.42}},
			Files:   []bot.File{{Name: "map.pdf", MIME: "application/pdf"}},
			Options: []bot.Option{{Label: "Bring a friend", Link: "https://t.example/bot?start=FRIEND"}}})
		return nil
	}}
	well := bot.Dialog{Name: "well", Script: func(t *bot.Talk) error {
		bot.Do(t, "well", "", func(ctx context.Context) (bool, error) {
			h.Ledger.Note(ctx, "answered "+t.Pressed())
			return true, nil
		})
		t.Say(bot.Para("Good."))
		return nil
	}}
	h = bottest.NewHouse(t, bottest.HouseOptions{Dialogs: []bot.Dialog{join, well}, People: map[string]bot.Who{"PATIENT": {Kind: bot.WhoPatient, ID: "p1"}}})
	return h
}

func TestRun(t *testing.T) {
	for _, file := range bottest.Files(t, "testdata/*.txt") {
		t.Run(filepath.Base(file), func(t *testing.T) { bottest.Run(t, file, story(t)) })
	}
}

// What Play writes is what it reads: a second play changes nothing, and so does one of the file in absolute times, as
// the demo saves it.
func TestPlay_FixedPoint(t *testing.T) {
	for _, file := range bottest.Files(t, "testdata/*.txt") {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var saved []string
		for l := range strings.SplitSeq(string(raw), "\n") {
			if !strings.HasSuffix(l, " later") && !strings.HasPrefix(l, "== next") && !strings.HasPrefix(l, "== tomorrow") {
				saved = append(saved, l)
			}
		}
		want := strings.Join(saved, "\n")
		got, err := bottest.Play(t.Context(), strings.NewReader(want), story(t))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("the same story in absolute times differs:\n%s", bottest.Diff(file, want, string(got)))
		}
	}
}

// A message that the file does not have, one that it has too many, and other words are all shown by line.
func TestPlay_Differences(t *testing.T) {
	const start = "== Monday 2 November 2026, 09:00\nPATIENT: hello\n"
	const right = start + "-> PATIENT: What is your name?\n    [Rather not say]\n"
	for _, c := range []struct{ name, file, want string }{
		{"missing", start, "f:3: + -> PATIENT: What is your name?"},
		{"other words", start + "-> PATIENT: Who are you?\n    [Rather not say]\n", "f:3: - -> PATIENT: Who are you?"},
		{"too many", right + "-> GP: A patient came.\n", "f:5: - -> GP: A patient came."},
		{"other button", start + "-> PATIENT: What is your name?\n    [Skip]\n", "f:5: +     [Rather not say]"},
		{"records", right + "records:\n    somebody\n", "f:6: -     somebody"},
		{"a comment keeps its place", start + "# why\n" + right[len(start):] + "# then\n", ""},
	} {
		got, err := bottest.Play(t.Context(), strings.NewReader(c.file), story(t))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		diff := bottest.Diff("f", c.file, string(got))
		if (c.want == "") != (diff == "") || !strings.Contains(diff, c.want) {
			t.Errorf("%s: got\n%s\nwant a line %q", c.name, diff, c.want)
		}
	}
}

func TestPlay_Mistakes(t *testing.T) {
	const start = "== Monday 2 November 2026, 09:00\n"
	for _, c := range []struct{ file, want string }{
		{"PATIENT: hello\n", "line 1: the story has no time yet"},
		{"== Tuesday 2 November 2026, 09:00\n", `line 1: "Tuesday 2 November 2026, 09:00" is really "Monday 2 November 2026, 09:00"`},
		{"== 2 hours later\n", "line 1: the first clock line must be a time"},
		{start + "== soon\n", `line 2: "soon" is no move of the clock`},
		{start + "== next event\n", "line 2: nothing is planned"},
		{start + "PATIENT: hello\nPATIENT: [No]\n", "line 3: PATIENT was shown no button [No]; there are [Rather not say]"},
		{start + "PATIENT: {a=b}\n", "line 2: PATIENT was shown no form"},
		{start + "PATIENT: hello\nPATIENT: Frank\nPATIENT: {a=b}\n", `line 4: the form has no field "a"`},
	} {
		_, err := bottest.Play(t.Context(), strings.NewReader(c.file), story(t))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.file, err, c.want)
		}
	}
}

// A saved chat may have spaces and line ends of another system.
func TestPlay_OtherLineEnds(t *testing.T) {
	raw, err := os.ReadFile("testdata/join.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, err := bottest.Play(t.Context(), bytes.NewReader(bytes.ReplaceAll(raw, []byte("\n"), []byte("  \r\n"))), story(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, raw) {
		t.Error(bottest.Diff("join.txt", string(raw), string(got)))
	}
}
