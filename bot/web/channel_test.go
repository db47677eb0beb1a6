package web_test

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/bot/web"
)

func TestNew_SaysEveryMistake(t *testing.T) {
	dir := t.TempDir()
	now := newStage().Now
	for _, tt := range []struct {
		name string
		o    web.Options
		want []string
	}{
		{"no people", web.Options{Dir: dir, Clock: now}, []string{"no people"}},
		{"no clock", web.Options{Dir: dir, People: people()}, []string{"no clock"}},
		{"no directory", web.Options{Clock: now, People: people()}, []string{"no directory"}},
		{"two mistakes at once", web.Options{Dir: dir, Clock: now, People: []web.Person{
			{Chat: "a", Name: "A", Role: "GP", Joins: true}, {Chat: "a", Name: "B", Role: "buddy", Joins: true}, {Chat: "c", Name: "C", Role: "G-P"}, {Chat: "d"},
		}}, []string{"person 2 has the chat", "person 3 has the role", "person 4 needs", "more than one person opens"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := web.New(tt.o)
			if err == nil {
				t.Fatal("made a channel")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v; want it to say %q", err, w)
				}
			}
		})
	}
}

func TestChannel_LimitsAndName(t *testing.T) {
	r := newRig(t, t.TempDir())
	want := bot.Limits{TextChars: 4096, Options: 13, LabelChars: 64, PayloadBytes: 64, Forms: true, Files: true, Places: true}
	if r.ch.Name() != "web" || r.ch.Limits() != want {
		t.Errorf("%s %+v", r.ch.Name(), r.ch.Limits())
	}
}

func TestSend_Refusals(t *testing.T) {
	r := newRig(t, t.TempDir())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		to   handrail.Address
		want bot.Outcome
	}{
		{"nobody of that chat", t.Context(), addr("stranger"), bot.OutcomeRefused},
		{"another practice (C8)", t.Context(), handrail.Address{Practice: "valley", Channel: "web", Chat: "gp"}, bot.OutcomeRefused},
		{"another channel", t.Context(), handrail.Address{Practice: "hilltop", Channel: "post", Chat: "gp"}, bot.OutcomeRefused},
		{"stopped before it began", gone, addr("gp"), bot.OutcomeRetry},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.ch.Send(tt.ctx, tt.to, bot.Message{Text: bot.Para("hello")})
			if got, _ := bot.OutcomeOf(err); err == nil || got != tt.want {
				t.Errorf("%v: outcome %q, want %q", err, got, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "stranger") {
				t.Errorf("the error names a chat: %v", err)
			}
		})
	}
	r.stop()
	if err := r.ch.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ch.Send(t.Context(), addr("gp"), bot.Message{Text: bot.Para("late")}); err == nil {
		t.Error("sent after Close")
	} else if got, _ := bot.OutcomeOf(err); got != bot.OutcomeRetry {
		t.Errorf("after Close: %q", got)
	}
	if err := r.ch.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if err := r.ch.Reset(); err == nil {
		t.Error("reset after Close")
	}
}

// TestSend_FromManyGoroutines: every message is kept once, under its own reference, before Send returns.
func TestSend_FromManyGoroutines(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	const each = 25
	refs := make(chan bot.Ref, 4*each)
	var wg sync.WaitGroup
	for _, p := range people() {
		wg.Go(func() {
			for range each {
				ref, err := r.ch.Send(t.Context(), addr(p.Chat), bot.Message{Text: bot.Para("for " + p.Chat)})
				if err != nil {
					t.Error(err)
				}
				refs <- ref
			}
		})
	}
	wg.Wait()
	close(refs)
	seen := map[bot.Ref]bool{}
	for ref := range refs {
		seen[ref] = true
	}
	if len(seen) != 4*each {
		t.Errorf("%d references for %d messages", len(seen), 4*each)
	}
	if lines := strings.Count(readFile(t, filepath.Join(dir, web.FileName)), "\n"); lines != 4*each+1 {
		t.Errorf("%d lines in the file, want %d", lines, 4*each+1)
	}
	if got := len(getState(t, r).Entries); got != 4*each {
		t.Errorf("the page shows %d", got)
	}
}

func TestRun_OnlyOnceAtATime(t *testing.T) {
	r := newRig(t, t.TempDir())
	if err := r.ch.Run(t.Context(), r.house); err == nil {
		t.Error("ran twice")
	}
	r.stop()
	stop := run(t, r.ch, r.house) // but again afterwards
	if s := send(t, r, typed("gp", 1, "hello")); s.status != 200 {
		t.Errorf("in the second run: %d", s.status)
	}
	stop()
}

// TestPhones_F1_TornAnywhere cuts the file at every byte of its last line, as a crash in the middle of a write would.
func TestPhones_F1_TornAnywhere(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	// The torn line is longer than the one written after it, so that what is left of it would show.
	for _, text := range []string{"one", "two", strings.Repeat("three ", 20)} {
		if _, err := r.ch.Send(t.Context(), addr("gp"), bot.Message{Text: bot.Para(text)}); err != nil {
			t.Fatal(err)
		}
	}
	r.stop()
	whole := readFile(t, filepath.Join(dir, web.FileName))
	last := strings.LastIndex(whole[:len(whole)-1], "\n") + 1
	for cut := last; cut < len(whole); cut++ {
		torn := filepath.Join(t.TempDir(), "torn")
		if err := os.MkdirAll(torn, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(torn, web.FileName)
		if err := os.WriteFile(path, []byte(whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		ch, err := web.New(web.Options{Dir: torn, People: people(), Practice: "hilltop", Clock: r.stage.Now, Zone: london(t)})
		if err != nil {
			t.Fatalf("cut at %d of %d: %v", cut, len(whole), err)
		}
		if _, err := ch.Send(t.Context(), addr("gp"), bot.Message{Text: bot.Para("after the crash")}); err != nil {
			t.Fatal(err)
		}
		if err := ch.Close(); err != nil {
			t.Fatal(err)
		}
		if file := readFile(t, path); !strings.HasSuffix(file, "}\n") {
			t.Errorf("cut at %d: half a line is left behind the new one", cut)
		}
		again, err := web.New(web.Options{Dir: torn, People: people(), Practice: "hilltop", Clock: r.stage.Now, Zone: london(t)})
		if err != nil {
			t.Fatalf("cut at %d, then written to: %v", cut, err)
		}
		var b strings.Builder
		if err := again.WriteTranscript(&b, "gp", ""); err != nil {
			t.Fatal(err)
		}
		want := "-> GP: one\n-> GP: two\n-> GP: after the crash\n"
		if !strings.HasSuffix(b.String(), want) {
			t.Errorf("cut at %d:\n%s", cut, b.String())
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPhones_DamageIsSaid(t *testing.T) {
	head := `{"run":"R"}` + "\n"
	line := func(n string) string {
		return `{"n":` + n + `,"order":1,"at":"2026-11-02T09:00:00Z","chat":"gp","said":{"kind":"text","text":"x"}}` + "\n"
	}
	for _, tt := range []struct{ name, file, want string }{
		{"a broken line in the middle", head + line("1") + "{oops\n" + line("2"), "line 3"},
		{"a line is missing", head + line("2") + line("3"), "line 2"},
		{"neither said nor shown", head + `{"n":1}` + "\n" + line("2"), "line 2"},
		{"another file", "hello\nworld\n", "line 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, web.FileName), []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := web.New(web.Options{Dir: dir, People: people(), Practice: "hilltop", Clock: newStage().Now, Zone: london(t)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v; want it to name %s", err, tt.want)
			}
			if got := readFile(t, filepath.Join(dir, web.FileName)); got != tt.file {
				t.Error("the file was changed")
			}
		})
	}
	for _, file := range []string{"", `{"ru`} { // torn in the very first line: nothing was ever kept
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, web.FileName), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		ch, err := web.New(web.Options{Dir: dir, People: people(), Practice: "hilltop", Clock: newStage().Now, Zone: london(t)})
		if err != nil {
			t.Fatalf("file %q: %v", file, err)
		}
		if err := ch.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPhones_RestartChangesNothing: whatever was said, a channel made anew on the same directory says the same.
func TestPhones_RestartChangesNothing(t *testing.T) {
	zone := london(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "chats")
		if err != nil {
			rt.Fatal(err)
		}
		st := newStage()
		open := func() *web.Channel {
			ch, err := web.New(web.Options{Dir: dir, People: people(), Practice: "hilltop", Zone: zone, Clock: st.Now})
			if err != nil {
				rt.Fatal(err)
			}
			return ch
		}
		tell := func(ch *web.Channel) string {
			var b strings.Builder
			if err := ch.WriteTranscript(&b, "", ""); err != nil {
				rt.Fatal(err)
			}
			return b.String()
		}
		ch := open()
		for range rapid.IntRange(0, 12).Draw(rt, "steps") {
			if rapid.IntRange(0, 9).Draw(rt, "reset") == 0 {
				if err := ch.Reset(); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			m := bot.Message{Text: bot.Para(rapid.String().Draw(rt, "text"))}
			if rapid.Bool().Draw(rt, "options") {
				m.Options = []bot.Option{{Label: rapid.String().Draw(rt, "label"), Payload: "p"}}
			}
			if _, err := ch.Send(t.Context(), addr(rapid.SampledFrom([]string{"gp", "frank", "joan", "maya"}).Draw(rt, "chat")), m); err != nil {
				rt.Fatal(err)
			}
		}
		before := tell(ch)
		if err := ch.Close(); err != nil {
			rt.Fatal(err)
		}
		ch = open()
		if after := tell(ch); after != before {
			rt.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		if err := ch.Close(); err != nil {
			rt.Fatal(err)
		}
		for line := range lines(rt, before) {
			if strings.ContainsAny(line, "\x00\x1b\r") {
				rt.Errorf("a control character in %q", line)
			}
		}
	})
}

func lines(t rapid.TB, s string) func(func(string) bool) {
	t.Helper()
	return func(yield func(string) bool) {
		sc := bufio.NewScanner(strings.NewReader(s))
		for sc.Scan() {
			if !yield(sc.Text()) {
				return
			}
		}
	}
}

func TestReset_EmptiesPhonesAndFile(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	send(t, r, typed("gp", 1, "hello"))
	before := getState(t, r)
	if len(before.Entries) != 2 {
		t.Fatalf("%d entries", len(before.Entries))
	}
	if s := post(t, r, "/api/reset", "{}"); s.status != 200 {
		t.Fatalf("%d %s", s.status, s.body)
	}
	after := getState(t, r)
	if len(after.Entries) != 1 || after.Run == before.Run || r.stage.resets != 1 {
		t.Errorf("%d entries, the stage was reset %d times", len(after.Entries), r.stage.resets)
	}
	if got := readFile(t, filepath.Join(dir, web.FileName)); strings.Contains(got, "hello") {
		t.Error("the words are still in the file")
	}
	// The same id in the new story is a new message.
	if s := send(t, r, typed("gp", 1, "hello again")); s.status != 200 || strings.Contains(s.body, "duplicate") {
		t.Errorf("%d %s", s.status, s.body)
	}
}

func BenchmarkSend(b *testing.B) {
	r := newRig(b, b.TempDir())
	m := bot.Message{Text: bot.Para(strings.Repeat("words ", 40)), Options: []bot.Option{{Label: "Yes", Payload: "y"}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.ch.Send(b.Context(), addr("frank"), m); err != nil {
			b.Fatal(err)
		}
	}
}
