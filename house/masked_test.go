package house_test

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house/housetest"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"
	"handrail/store/records"
)

// digitsOf an NHS number are looked for with anything between them that is no letter: however it was typed, and in JSON.
var digitsOf = regexp.MustCompile(`9(?:\\u00a0|[^0-9a-zA-Z]){0,3}4(?:\\u00a0|[^0-9a-zA-Z]){0,3}3(?:\\u00a0|[^0-9a-zA-Z]){0,3}4(?:\\u00a0|[^0-9a-zA-Z]){0,3}7(?:\\u00a0|[^0-9a-zA-Z]){0,3}6(?:\\u00a0|[^0-9a-zA-Z]){0,3}5(?:\\u00a0|[^0-9a-zA-Z]){0,3}9(?:\\u00a0|[^0-9a-zA-Z]){0,3}1(?:\\u00a0|[^0-9a-zA-Z]){0,3}9`)

// TestFind_G3_NHSNumberNowhere types an NHS number wherever staff can type: into a search, to narrow it, as the place, on the
// line behind "refer", into its form and its note, before a sentence about danger, into a message that was changed. After
// each it is looked for in the database's files as they lie on disk, in Redis, in the log, in what the model was asked, in
// every form and message that anybody was shown. The sender is told, once, each time.
func TestFind_G3_NHSNumberNowhere(t *testing.T) {
	server := redistest.Start(t)
	m := newModelServer(t, map[string]string{"query": `{}`})
	o := m.options(t)
	log := &logbook{}
	o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.States = func(*records.Records) bot.States {
		store, err := conversations.Open(t.Context(), server.URL())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	d := newDesk(t, o)
	a := d.enlist(practiceA)
	const number = "943 476 5919"
	look := func(when string) {
		t.Helper()
		where := map[string]string{"Redis": server.Everything(), "the log": log.all(), "what the model was asked": strings.Join(m.all(), "\n")}
		for name, data := range files(t, d.dir()) {
			where["the file "+name] = data
		}
		for _, s := range d.Channel.All() {
			raw, err := json.Marshal(s.Message)
			if err != nil {
				t.Fatal(err)
			}
			where["a message"] += string(raw)
		}
		for name, all := range where {
			if at := digitsOf.FindStringIndex(all); at != nil {
				t.Errorf("%s: the number is in %s: ...%q...", when, name, all[max(0, at[0]-80):min(len(all), at[1]+40)])
			}
		}
	}
	warned := func(shown []bottest.Seen, when string) {
		t.Helper()
		n := 0
		for _, s := range shown {
			if strings.Contains(s.Message.Text.Plain(), "I took it out before anything was kept") && s.To == a.gp {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: the sender was told %d times", when, n)
		}
		look(when)
	}
	for _, typed := range []string{
		"find gardening for 943 476 5919 near LU1 2AB", "knitting LU1 2AB NHS9434765919", "closer 9434765919", "943-476-5919",
		"somewhere quiet 943\u00a0476\u00a05919", "find", number, number, "near LU1 2AB, " + number,
		"/whatson chair yoga LU1 2AB " + strings.Repeat("padding ", 1000) + number,
	} {
		shown := d.say(a.gp, typed)
		if strings.ContainsAny(typed, "9") {
			warned(shown, "after "+typed[:min(len(typed), 40)])
		}
	}
	shown := d.say(a.gp, "refer Una Hart 1951 LU1 2AB lonely "+number)
	warned(shown, "on the line behind refer")
	form := shown[len(shown)-1].Message.Form
	if form == nil || form.Fields[0].Value != "Una" {
		t.Fatalf("no form was filled in: %+v", form)
	}
	warned(d.deliver(bot.Update{From: a.gp, Kind: bot.UpdateForm, Form: form.Token, Fields: map[string]string{
		"name": "Una " + number, "surname": "Hart", "birth_year": "1951", "postcode": "LU1 2AB", "need": "loneliness", "note": "NHS no " + number, "agreed": "yes",
	}}), "in the form")
	warned(d.say(a.gp, number+" says she wants to kill herself"), "about danger")
	warned(d.deliver(bot.Update{From: a.gp, Kind: bot.UpdateEdited, Text: "gardening " + number}), "in a message that was changed")
	warned(d.deliver(bot.Update{From: a.gp, Kind: bot.UpdateUnread, Text: "her letter, " + number}), "under a file")
	d.say(a.linkWorker, "today")
	d.press(a.linkWorker, "Open the record") // the note is in it
	look("in the record")
	// The search must have been one: what is looked through is all that ever was.
	if len(m.all()) == 0 || len(server.Keys()) == 0 || !strings.Contains(strings.Join(d.everyFile(), ""), "SQLite format 3") {
		t.Fatal("there is little to look through")
	}
	// What is looked for can be found: had it been stored, this would see it.
	if !digitsOf.MatchString(`{"text":"943\u00a0476-5919"}`) || !digitsOf.MatchString("9434765919") {
		t.Fatal("the number would not be found")
	}
}

// all is everything that was logged.
func (l *logbook) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// dir is where the desk's database lies.
func (d *desk) dir() string {
	return filepath.Dir(d.ask("SELECT file FROM pragma_database_list WHERE name = 'main'"))
}

func (d *desk) everyFile() (out []string) {
	for _, data := range files(d.t, d.dir()) {
		out = append(out, data)
	}
	return out
}

// all is everything that the model was asked.
func (s *modelServer) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Where the channel can take away what somebody wrote, a button does so, for their own message alone; a patient is told in
// words of their own.
func TestMasked_TakenAway(t *testing.T) {
	d := newDesk(t, housetest.Options{Edits: true})
	a := d.enlist(practiceA)
	shown := d.deliver(bot.Update{From: a.gp, Kind: bot.UpdateText, Text: "gardening LU1 2AB 943 476 5919", Ref: "m17"})
	if len(shown) < 2 || len(shown[0].Message.Options) != 1 || shown[0].Message.Options[0].Label != "Delete my message" {
		t.Fatalf("shown: %+v", shown)
	}
	button := shown[0].Message.Options[0].Payload
	shown = d.choice(a.linkWorker, button) // somebody else's press does nothing
	if len(d.Erased()) != 0 || len(shown) != 1 || !strings.Contains(shown[0].Message.Text.Plain(), "moved on") {
		t.Fatalf("somebody else took it away: %v", d.Erased())
	}
	d.choice(a.gp, button)
	d.choice(a.gp, button) // impatience
	if got := d.Erased(); len(got) == 0 || slices.ContainsFunc(got, func(r bot.Ref) bool { return r != "m17" }) {
		t.Errorf("taken away: %v", got)
	}
	if s := d.Channel.Shown(a.gp); !strings.Contains(s[len(s)-2].Message.Text.Plain()+s[len(s)-1].Message.Text.Plain(), "Your message is deleted.") {
		t.Errorf("said: %q", s[len(s)-1].Message.Text.Plain())
	}
	d.main(a)
	shown = d.deliver(bot.Update{From: a.patient, Kind: bot.UpdateText, Text: "my number is 943 476 5919", Ref: "m18"})
	if len(shown) == 0 || !strings.HasPrefix(shown[0].Message.Text.Plain(), "You sent an NHS") {
		t.Errorf("a patient reads: %+v", shown)
	}
	// Without a reference, of a form or a command that nobody saw, there is nothing to take away.
	shown = d.deliver(bot.Update{From: a.gp, Kind: bot.UpdateText, Text: "find 943 476 5919"})
	if len(shown) == 0 || len(shown[0].Message.Options) != 0 {
		t.Errorf("shown: %+v", shown)
	}
}
