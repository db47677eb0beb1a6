package web_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

// TestTranscript_Golden holds the format that the transcript runner reads.
func TestTranscript_Golden(t *testing.T) {
	r := newRig(t, t.TempDir())
	sends := []string{
		typed("gp", 1, "what's on near LU1 2AB"),
		pressed("gp", 2, "refer"),
		`{"chat":"gp","id":"` + id(3) + `","form":"form-1","fields":{"name":"Frank; the \\ one}","birth_year":"1951","why":"Company.\nGetting out.","buddy":"y","agreed":"yes"}}`,
		typed("frank", 4, "/start a1B2-c3_D4"),
		pressed("frank", 5, "yes"),
		typed("frank", 6, "when is it?"),
		typed("frank", 7, "two lines\n\nand a gap\x1b[31m\r\nend"),
		typed("frank", 8, "[Yes, that's fine]"),
		typed("frank", 9, `{name=x}`),
		typed("frank", 10, `\o/`),
		`{"chat":"frank","id":"` + id(11) + `","place":true}`,
	}
	for _, s := range sends {
		if a := send(t, r, s); a.status != 200 {
			t.Fatalf("%s: %d %s", s, a.status, a.body)
		}
	}
	r.stage.set(start.Add(26 * time.Hour))
	for _, m := range []bot.Message{
		{Text: bot.Text{{Item: true, Spans: []bot.Span{{Text: "a list"}}}, {Item: true, Spans: []bot.Span{{Text: "and nothing else"}}}}},
		{Files: []bot.File{{Name: "a.ics"}, {Name: "b.ics"}}, Place: &bot.Place{Name: "Here", Address: "1 High Street,\nLuton", At: handrail.Point{Lat: 51, Lon: 0}}, Options: []bot.Option{{Label: "One"}, {Label: "Two\nlines"}}},
		{Text: bot.Para("== Monday 1 January 2001, 00:00\n-> GP: not really\n# nor this")},
	} {
		if _, err := r.ch.Send(t.Context(), addr("maya"), m); err != nil {
			t.Fatal(err)
		}
	}
	for chat, file := range map[string]string{"": "story", "gp": "gp", "frank": "patient"} {
		a := get(t, r, "/api/transcript?chat="+chat)
		if a.status != 200 || a.header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment; filename=handrail-"+file) {
			t.Errorf("%s: %d %v", file, a.status, a.header)
		}
		golden := "testdata/" + file + ".txt"
		if bottest.Updating() {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(a.body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := readFile(t, golden); a.body != want {
			t.Errorf("%s: got\n%s\nwant\n%s", file, a.body, want)
		}
	}
}
