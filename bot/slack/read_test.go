package slack_test

import (
	"strings"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
)

// What people do in Slack, and what the engine hears of it.
func TestRead(t *testing.T) {
	room := "C0STAFF"
	own := func(w *world) bot.Update { return bot.Update{From: w.address(), Kind: bot.UpdateText} }
	type act func(w *world) <-chan struct{}
	for name, c := range map[string]struct {
		act  act
		want func(w *world) *bot.Update // nil: nothing
	}{
		"words": {func(w *world) <-chan struct{} { return w.rao.Say("badminton near LS9 & <b>") },
			func(w *world) *bot.Update { u := own(w); u.Text = "badminton near LS9 & <b>"; return &u }},
		"in a thread": {func(w *world) <-chan struct{} { return w.rao.SayIn("1795340000.000001", "closer") },
			func(w *world) *bot.Update { u := own(w); u.Text = "closer"; return &u }},
		"emoji by name": {func(w *world) <-chan struct{} {
			return w.rao.Post("", map[string]any{"text": "yes :+1::skin-tone-4: :not-one: 10:30", "blocks": []any{map[string]any{"type": "rich_text", "elements": []any{
				map[string]any{"type": "rich_text_section", "elements": []any{map[string]any{"type": "emoji", "name": "+1", "unicode": "1f44d-1f3fd", "skin_tone": 4}}}}}}})
		}, func(w *world) *bot.Update { u := own(w); u.Text = "yes 👍🏽 :not-one: 10:30"; return &u }},
		"links, names and channels": {func(w *world) <-chan struct{} {
			return w.rao.Post("", map[string]any{"text": "see <https://a.example/?b=1&amp;c=2> and <https://b.example|their page>, <@U0OTHER>, <#C1|general>, <!here>, <!subteam^S1|@team>, <tel:01632960001|01632 960001> a &lt; b"})
		}, func(w *world) *bot.Update {
			u := own(w)
			u.Text = "see https://a.example/?b=1&c=2 and their page, @someone, #general, @here, @team, 01632 960001 a < b"
			return &u
		}},
		"a file with words": {func(w *world) <-chan struct{} {
			return w.rao.Post("look at this", map[string]any{"subtype": "file_share", "files": []any{map[string]any{"id": "F1"}}})
		}, func(w *world) *bot.Update { u := own(w); u.Kind, u.Text = bot.UpdateUnread, "look at this"; return &u }},
		"a file": {func(w *world) <-chan struct{} {
			return w.rao.Post("", map[string]any{"files": []any{map[string]any{"id": "F1"}}})
		}, func(w *world) *bot.Update { u := own(w); u.Kind = bot.UpdateUnread; return &u }},
		"called by name": {func(w *world) <-chan struct{} {
			return w.rao.Mention(w.team.Room(room, true, w.rao), "walking football", nil)
		}, func(w *world) *bot.Update { u := own(w); u.From = w.in(room); u.Text = "walking football"; return &u }},
		"called by name and nothing else": {func(w *world) <-chan struct{} {
			return w.rao.Mention(w.team.Room(room, true, w.rao), "", nil)
		}, func(w *world) *bot.Update { u := own(w); u.From = w.in(room); u.Text = "help"; return &u }},
		"called by an outsider": {func(w *world) <-chan struct{} {
			return w.rao.Mention(w.team.Room(room, true, w.rao), "walking football", map[string]any{"user_team": "T0OTHER", "team": "T0OTHER"})
		}, nil},
		"an outsider's message": {func(w *world) <-chan struct{} { return w.rao.Post("hello", map[string]any{"team": "T0OTHER"}) }, nil},
		"a bot's message": {func(w *world) <-chan struct{} {
			return w.rao.Post("hello", map[string]any{"subtype": "bot_message", "bot_id": "B1"})
		}, nil},
		"our own message":         {func(w *world) <-chan struct{} { return w.rao.Post("hello", map[string]any{"user": w.team.Bot()}) }, nil},
		"a bot without a subtype": {func(w *world) <-chan struct{} { return w.rao.Post("hello", map[string]any{"bot_id": "B1"}) }, nil},
		"somebody joined":         {func(w *world) <-chan struct{} { return w.rao.Post("hello", map[string]any{"subtype": "channel_join"}) }, nil},
		"a deleted message": {func(w *world) <-chan struct{} {
			return w.rao.Post("", map[string]any{"subtype": "message_deleted", "deleted_ts": "1.2"})
		}, nil},
		"a channel's message": {func(w *world) <-chan struct{} {
			return w.rao.Post("talk among people", map[string]any{"channel": room, "channel_type": "channel"})
		}, nil},
		"a message of several": {func(w *world) <-chan struct{} { return w.rao.Post("hello", map[string]any{"channel_type": "mpim"}) }, nil},
		"a picture of a page": {func(w *world) <-chan struct{} {
			return w.team.Raw(map[string]any{"type": "message", "subtype": "message_changed", "channel_type": "im", "channel": w.rao.Own(), "ts": "1.2",
				"message": map[string]any{"user": "U0RAO", "text": "same"}, "previous_message": map[string]any{"user": "U0RAO", "text": "same"}})
		}, nil},
		"the app's own edit": {func(w *world) <-chan struct{} {
			return w.team.Raw(map[string]any{"type": "message", "subtype": "message_changed", "channel_type": "im", "channel": w.rao.Own(), "ts": "1.2",
				"message": map[string]any{"user": w.team.Bot(), "bot_id": "B0TEST", "text": "new"}, "previous_message": map[string]any{"text": "old"}})
		}, nil},
		"something newer": {func(w *world) <-chan struct{} {
			return w.team.Raw(map[string]any{"type": "of_the_future", "user": "U0RAO", "channel": 7})
		}, nil},
		"an account closed": {func(w *world) <-chan struct{} { return w.rao.Deactivate() },
			func(w *world) *bot.Update { u := own(w); u.Kind = bot.UpdateLeft; return &u }},
		"an account renamed": {func(w *world) <-chan struct{} {
			return w.team.Raw(map[string]any{"type": "user_change", "user": map[string]any{"id": "U0RAO", "team_id": "T0HILLTOP", "deleted": false}})
		}, nil},
		"a channel archived": {func(w *world) <-chan struct{} { return w.team.Room(room, true, w.rao).Archive() }, nil},
		"/whatson": {func(w *world) <-chan struct{} { return w.rao.Command(nil, "/whatson", "badminton LS9").Acked },
			func(w *world) *bot.Update { u := own(w); u.Text = "/find badminton LS9"; return &u }},
		"/whatson in a channel": {func(w *world) <-chan struct{} {
			return w.rao.Command(w.team.Room(room, false, w.rao), "/whatson", "").Acked
		}, func(w *world) *bot.Update { u := own(w); u.From, u.Text = w.in(room), "/find"; return &u }},
		"/refer":              {func(w *world) <-chan struct{} { return w.rao.Command(nil, "/refer", "").Acked }, func(w *world) *bot.Update { u := own(w); u.Text = "/refer"; return &u }},
		"/declined":           {func(w *world) <-chan struct{} { return w.rao.Command(nil, "/declined", "").Acked }, func(w *world) *bot.Update { u := own(w); u.Text = "/declined"; return &u }},
		"/mypatients":         {func(w *world) <-chan struct{} { return w.rao.Command(nil, "/mypatients", "").Acked }, func(w *world) *bot.Update { u := own(w); u.Text = "/my patients"; return &u }},
		"/handrail":           {func(w *world) <-chan struct{} { return w.rao.Command(nil, "/handrail", "").Acked }, func(w *world) *bot.Update { u := own(w); u.Text = "help"; return &u }},
		"/handrail and words": {func(w *world) <-chan struct{} { return w.rao.Command(nil, "/handrail", "today").Acked }, func(w *world) *bot.Update { u := own(w); u.Text = "today"; return &u }},
		"shortcut":            {func(w *world) <-chan struct{} { return w.rao.Shortcut("find", "").Acked }, func(w *world) *bot.Update { u := own(w); u.Text = "/find"; return &u }},
		"find something for this": {func(w *world) <-chan struct{} {
			return w.rao.Shortcut("find_for_this", "she likes\nknitting & tea").Acked
		}, func(w *world) *bot.Update { u := own(w); u.Text = "/find she likes knitting & tea"; return &u }},
	} {
		for way, overHTTP := range ways() {
			t.Run(name+"/"+way, func(t *testing.T) {
				w := newWorld(t, overHTTP, slackapi.Options{})
				in := &rig.Inbox{}
				w.run(in)
				w.done("the acknowledgement", c.act(w))
				got := in.All()
				if c.want == nil {
					if len(got) != 0 {
						t.Fatalf("delivered: %+v", got)
					}
					return
				}
				want := *c.want(w)
				if len(got) != 1 {
					t.Fatalf("%d updates; the log says:\n%s", len(got), w.log)
				}
				u := got[0]
				if u.ID == "" || u.At.IsZero() || time.Since(u.At) > time.Minute && u.At.Unix() != 1 || u.At.Location() != time.UTC {
					t.Errorf("id %q at %v", u.ID, u.At)
				}
				if posted := strings.HasPrefix(u.ID, "event:") && u.Kind != bot.UpdateLeft; posted != strings.Contains(string(u.Ref), "/") {
					t.Errorf("the reference of what was written is %q", u.Ref)
				}
				if u.From != want.From || u.Kind != want.Kind || u.Text != want.Text || u.Choice != "" || u.Danger != "" || len(u.Fields) != 0 {
					t.Errorf("got %+v, kind %q, %q\nwant kind %q, %q", u.From == want.From, u.Kind, u.Text, want.Kind, want.Text)
				}
			})
		}
	}
}

// What somebody changes after they sent it is read for danger and never acted upon (B10).
func TestEdit_B10(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.done("the message", w.rao.Say("I am fine"))
	w.done("its edit", w.rao.Edit("I am not fine"))
	got := in.All()
	if len(got) != 2 || got[1].Kind != bot.UpdateEdited || got[1].Text != "I am not fine" || got[1].ID == got[0].ID {
		t.Errorf("%+v", got)
	}
}

// A press brings its payload back, from a button as from a list; a link that was opened answers nothing; an outsider who
// presses a forwarded button does nothing (C7).
func TestPress_C7(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	m := bot.Message{Text: bot.Para("Which?"), Options: []bot.Option{
		{Label: "This", Payload: "p~find~1~go~abc~mac"}, {Label: "Their page", Link: "https://group.example"}, {Label: "Nothing"},
	}}
	if _, err := w.channel.Send(t.Context(), w.address(), m); err != nil {
		t.Fatal(err)
	}
	for range 28 {
		m.Options = append(m.Options, bot.Option{Label: "Number " + strings.Repeat("x", len(m.Options)), Payload: "q~" + strings.Repeat("x", len(m.Options))})
	}
	if _, err := w.channel.Send(t.Context(), w.address(), m); err != nil {
		t.Fatal(err)
	}
	seen := w.rao.Seen()
	if got := seen[0].Buttons(); len(got) != 2 {
		t.Fatalf("buttons %q", got)
	}
	w.done("the press", w.rao.Press(seen[0], "This").Acked)
	w.done("the link", w.rao.Press(seen[0], "Their page").Acked)
	w.done("the pick", w.rao.Press(seen[1], "Number "+strings.Repeat("x", 10)).Acked)
	stranger := w.api.Team("T0OTHER").Person("U0OUTSIDE")
	w.done("an outsider's press", stranger.Press(seen[0], "This").Acked)
	got := in.All()
	if len(got) != 2 || got[0].Choice != "p~find~1~go~abc~mac" || got[0].Kind != bot.UpdatePress || got[0].From != w.address() || got[1].Choice != "q~"+strings.Repeat("x", 10) {
		t.Errorf("%+v", got)
	}
	if seen[1].Blocks[1].Elements[0].Type != "static_select" || len(seen[1].Blocks) != 3 {
		t.Errorf("more than 25 buttons are laid out as %+v", seen[1].Blocks)
	}
}

// Used buttons go, and what was chosen stands in their place; those that work on their own stay.
func TestPress_UsedButtonsGo(t *testing.T) {
	w := newWorld(t, false, slackapi.Options{})
	w.run(&rig.Inbox{})
	_, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("Which?"), Options: []bot.Option{
		{Label: "One <1>", Payload: "q~1~a~0"}, {Label: "Two", Payload: "q~1~a~1"}, {Label: "Urgent help", Payload: "p~urgent~1~a~b~c", Style: "urgent"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.done("the press", w.rao.Press(w.rao.Seen()[0], "One <1>").Acked)
	w.until("the edit", func() bool { return w.rao.Seen()[0].Edits == 1 })
	m := w.rao.Seen()[0]
	if got := m.Buttons(); len(got) != 1 || got[0] != "Urgent help" {
		t.Errorf("buttons %q are left", got)
	}
	if m.Words() != "Which?\n\nYou chose: One <1>" {
		t.Errorf("it says %q", m.Words())
	}
}

// One person's messages stay in their order, whatever the network does to others.
func TestOrder_F7(t *testing.T) {
	w := newWorld(t, false, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.until("the connections", func() bool { return w.api.Sockets() > 0 })
	const many = 60
	var last <-chan struct{}
	for i := range many {
		last = w.rao.Say(strings.Repeat("x", i+1))
		w.done("the acknowledgement", last)
	}
	got := in.All()
	if len(got) != many {
		t.Fatalf("%d updates", len(got))
	}
	for i, u := range got {
		if len(u.Text) != i+1 {
			t.Fatalf("update %d is %d long", i, len(u.Text))
		}
	}
}
