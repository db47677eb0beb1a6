package dialogs_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/dialogs"
	"handrail/house"
	"handrail/house/housetest"
)

// answers are how each wish is answered: the reply that stands once among those it gets.
func answers() map[string][]string {
	return map[string][]string{
		"stop":     {"OK, I've stopped."},
		"pause":    {"OK, no messages until"},
		"delete":   {"Before I do that, this is what happens."},
		"group":    {"That is fine, and you need not say why.", "You have nothing planned with me", "That is fine. Which one"},
		"show":     {"Part 1 of"},
		"correct":  {"What shall we put right?"},
		"permits":  {"These are the other things I asked you about."},
		"language": {"Which language would you like to read?", "in it"},
		"reading":  {"How would you like my messages?"},
		"trusted":  {"I can remind somebody you trust", "I remind", "You asked me to remind"},
		"worried":  {"Thank you for saying so. Many people feel like that"},
	}
}

// patient is where the story's patient writes from.
func patient() handrail.Address {
	return handrail.Address{Practice: house.CastPractice, Channel: housetest.Channel, Chat: house.ChatPatient}
}

// state is a place that a transcript comes to: the story up to one of its lines.
func state(rt *rapid.T, t testing.TB) (name string, story []bottest.Entry) {
	file := rapid.SampledFrom(bottest.Files(t, "testdata/*.txt")).Draw(rt, "transcript")
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries, err := bottest.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	var ends []int // behind something the patient did
	for i, e := range entries {
		if e.Kind == bottest.EntrySaid && e.Role == "PATIENT" {
			ends = append(ends, i+1)
		}
	}
	if len(ends) == 0 {
		return "", nil
	}
	end := rapid.SampledFrom(ends).Draw(rt, "line")
	return file, entries[:end]
}

// play brings a new world to a state; false when the patient is not known there yet.
func play(t *testing.T, story []bottest.Entry) (*housetest.World, bool) {
	t.Helper()
	var script bytes.Buffer
	if err := bottest.Write(&script, story); err != nil {
		t.Fatal(err)
	}
	w := housetest.New(t)
	if _, err := bottest.Play(t.Context(), &script, w); err != nil {
		t.Skipf("a transcript cannot be played: %v", err) // TestTranscripts tells of it
	}
	w.Sent()
	who, err := w.Rec.Who(t.Context(), patient())
	if err != nil {
		t.Fatal(err)
	}
	return w, who.Kind == bot.WhoPatient
}

// say has the patient say something and returns what they were shown for it.
func say(t *testing.T, w *housetest.World, id, words string) []string {
	t.Helper()
	if err := w.Deliver(t.Context(), "PATIENT", bot.Update{ID: id, Kind: bot.UpdateText, Text: words, At: w.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return shown(w)
}

func shown(w *housetest.World) []string {
	var out []string
	for _, s := range w.Sent() {
		if s.Role == "PATIENT" {
			out = append(out, s.Message.Text.Plain())
		}
	}
	return out
}

// TestWishes_B16_EveryState says every wish in every state that a transcript comes to, in any of the ways to say it: it
// is answered at once and confirmed once, whatever question stood open. A stop ends what was open and nothing comes after
// it; the light ones leave the question that was open standing.
func TestWishes_B16_EveryState(t *testing.T) {
	most, done := 30, 0
	if testing.Short() {
		most = 8
	}
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		file, story := state(rt, t)
		wish := rapid.SampledFrom([]string{"stop", "stop", "pause", "delete", "group", "show", "correct", "permits", "reading", "worried"}).Draw(rt, "wish")
		words := rapid.SampledFrom(strings.Split(dialogs.WishPhrases()[wish], "/")).Draw(rt, "words")
		if story == nil || done >= most {
			return // a world takes a while; this many are enough
		}
		w, known := play(t, story)
		if !known {
			return
		}
		done++
		seen[wish]++
		at := file + " after " + story[len(story)-1].Text + story[len(story)-1].Press
		got := say(t, w, "wish", words)
		if danger(got) {
			return // danger comes before every wish
		}
		n := 0
		for _, m := range got {
			if slices.ContainsFunc(answers()[wish], func(a string) bool { return strings.Contains(m, a) }) {
				n++
			}
		}
		if n != 1 {
			rt.Fatalf("%s: %q was answered %d times: %q", at, words, n, got)
		}
		if wish != "stop" {
			return
		}
		if len(got) != 1 {
			rt.Fatalf("%s: a stop was answered with %q", at, got)
		}
		p, err := w.Rec.Who(t.Context(), patient())
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := w.Rec.Permitted(t.Context(), house.CastPractice, handrail.PatientID(p.ID), handrail.PurposeChat); err != nil || ok {
			rt.Fatalf("%s: after %q the chat is permitted: %v %v", at, words, ok, err)
		}
		if err := w.Advance(t.Context(), w.Now().Add(15*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if later := shown(w); len(later) > 0 {
			rt.Fatalf("%s: after a stop came %q (G2)", at, later)
		}
	})
	t.Logf("%d states: %v", done, seen)
	if done < most/2 {
		t.Errorf("only %d states were reached", done)
	}
}

// danger reports whether the answer is the card.
func danger(got []string) bool {
	return slices.ContainsFunc(got, func(m string) bool {
		return strings.Contains(m, "116 123") || strings.Contains(m, "Is it safe to chat here")
	})
}

// TestWishes_B16_OpenQuestionStands puts a wish that changes nothing after everything the patient does in the main path:
// the open question is asked again after it, and the story goes on to the same records.
func TestWishes_B16_OpenQuestionStands(t *testing.T) {
	for _, file := range []string{"testdata/choose_no.txt", "testdata/terse.txt", "testdata/missed.txt"} {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txt"), func(t *testing.T) {
			t.Parallel()
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			entries, err := bottest.Parse(f)
			if err != nil {
				t.Fatal(err)
			}
			plain, put := ends(t, entries), entries[:0:0]
			n := 0
			for _, e := range entries {
				if e.Kind == bottest.EntryShown {
					continue
				}
				put = append(put, e)
				if e.Kind == bottest.EntrySaid && e.Role == "PATIENT" {
					n++
					put = append(put, bottest.Entry{Kind: bottest.EntrySaid, Role: "PATIENT", Text: "what do you know about me?"},
						bottest.Entry{Kind: bottest.EntrySaid, Role: "PATIENT", Text: "my permissions"})
				}
			}
			if got := ends(t, put); !slices.Equal(got, plain) {
				t.Errorf("with %d wishes in between the records are\n%s\nand not\n%s", 2*n, strings.Join(got, "\n"), strings.Join(plain, "\n"))
			}
		})
	}
}

// ends plays a story and returns where the records stand at its end.
func ends(t *testing.T, story []bottest.Entry) []string {
	t.Helper()
	story = slices.DeleteFunc(slices.Clone(story), func(e bottest.Entry) bool { return e.Kind == bottest.EntryRecords || e.Kind == bottest.EntryShown })
	var script bytes.Buffer
	if err := bottest.Write(&script, story); err != nil {
		t.Fatal(err)
	}
	w := housetest.New(t)
	if _, err := bottest.Play(t.Context(), &script, w); err != nil {
		t.Fatal(err)
	}
	out, err := w.Records(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}
