package slack_test

import (
	"strings"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
)

// formMessage asks for a name and more.
func formMessage() bot.Message {
	return bot.Message{Text: bot.Para("Who is it?"), Private: true, Form: &bot.Form{
		Token: "q~1~form~0", Title: "Refer somebody", Submit: "Refer", Fields: []bot.Field{
			{Name: "name", Label: "Name", Kind: bot.FieldLine, Required: true, MaxChars: 20, Pattern: "[A-Z].*", Wrong: "Please begin with a capital.", Value: "Sam"},
			{Name: "note", Label: "Anything else?", Hint: "For the link worker.", Kind: bot.FieldWords, MaxChars: 500},
			{Name: "year", Label: "Year of birth", Kind: bot.FieldNumber, Min: 1900, Max: 2010},
			{Name: "day", Label: "Day", Kind: bot.FieldChoice, Value: "wed", Options: []bot.Option{{Answer: "tue", Label: "Tuesday"}, {Answer: "wed", Label: "Wednesday"}}},
			{Name: "agree", Label: "They agree", Kind: bot.FieldTick, Required: true},
		},
	}}
}

// openForm presses the button under the last message and returns the modal that opens.
func (w *world) openForm() slackapi.View {
	w.t.Helper()
	seen := w.rao.Seen()
	w.done("the press", w.rao.Press(seen[len(seen)-1], "Open the form").Acked)
	var v slackapi.View
	w.until("the form", func() (open bool) { v, open = w.rao.View(); return open })
	return v
}

func question() *rig.Inbox {
	return &rig.Inbox{Asks: func(handrail.Address) (bot.Message, bool) { return formMessage(), true }}
}

// Within three seconds of a press or a command a form opens by itself; later a button opens it.
func TestForm_OpensAtOnce(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, overHTTP, slackapi.Options{})
			w.run(question())
			w.done("the command", w.rao.Command(nil, "/refer", "").Acked)
			ref, err := w.channel.Send(t.Context(), w.address(), formMessage())
			if err != nil || !strings.HasPrefix(string(ref), "view/") {
				t.Fatalf("sent as %q: %v", ref, err)
			}
			v, open := w.rao.View()
			if !open || v.Title != "Refer somebody" || v.Submit != "Refer" || len(w.rao.Seen()) != 0 {
				t.Fatalf("open %v, %+v, and %d messages", open, v, len(w.rao.Seen()))
			}
			if v.Blocks[0].Text != "Who is it?" || v.Blocks[1].Elements[0].Initial != "Sam" || v.Blocks[4].Elements[0].Initial != "wed" || !v.Blocks[2].Optional || v.Blocks[1].Optional {
				t.Errorf("the form is not filled in as it was given: %+v", v.Blocks)
			}
			// A trigger is good once: the next form comes with a button.
			ref, err = w.channel.Send(t.Context(), w.address(), formMessage())
			if err != nil || strings.HasPrefix(string(ref), "view/") || len(w.rao.Seen()) != 1 {
				t.Errorf("the second is %q: %v", ref, err)
			}
		})
	}
}

// A trigger that Slack does not take any more costs nothing: the button comes instead.
func TestForm_TriggerTooOld(t *testing.T) {
	for _, code := range []string{"expired_trigger_id", "invalid_trigger_id", "exchanged_trigger_id", "internal_error"} {
		w := newWorld(t, true, slackapi.Options{})
		w.run(question())
		w.done("the command", w.rao.Command(nil, "/refer", "").Acked)
		w.api.Faults(slackapi.Fault{Method: "views.open", Error: code})
		ref, err := w.channel.Send(t.Context(), w.address(), formMessage())
		if err != nil || !strings.HasPrefix(string(ref), "D") {
			t.Fatalf("%s: sent as %q: %v", code, ref, err)
		}
		if v := w.openForm(); v.Title != "Refer somebody" {
			t.Errorf("%s: %+v", code, v)
		}
	}
}

// What is wrong is said in the form before it is acknowledged, by the form's own checks, also after a deploy: nothing but
// the form itself is asked.
func TestForm_InlineErrors(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, overHTTP, slackapi.Options{})
			in := question()
			stop := w.start(in)
			if _, err := w.channel.Send(t.Context(), w.address(), formMessage()); err != nil {
				t.Fatal(err)
			}
			v := w.openForm()
			stop() // a deploy: another process, which knows nothing of this form
			in = &rig.Inbox{}
			w.until("the old connections to end", func() bool { return w.api.Sockets() == 0 })
			w.restart()
			w.run(in)
			w.until("a connection", func() bool { return overHTTP || w.api.Sockets() > 0 })
			d := w.rao.Submit(v, map[string]string{"field:name": "sam", "field:year": "1850", "field:note": strings.Repeat("x", 501)})
			got := d.Errors()
			want := map[string]string{
				"field:name": "Please begin with a capital.", "field:note": "Please keep this under 500 characters.",
				"field:year": "Please give a whole number.", "field:agree": "Please fill this in.",
			}
			for block, words := range want {
				if got[block] != words {
					t.Errorf("%s: %q, want %q", block, got[block], words)
				}
			}
			if len(got) != len(want) || len(in.All()) != 0 {
				t.Errorf("%v, and %d updates", got, len(in.All()))
			}
			right := map[string]string{"field:name": "Sam", "field:year": "1951", "field:day": "tue", "field:agree": "yes"}
			if d := w.rao.Submit(v, right); d.Errors() != nil || d.Failed() {
				t.Fatalf("not taken: %v", d.Errors())
			}
			// Sent in twice, it is one form (its view is the same).
			w.done("the second submission", w.rao.Submit(v, right).Acked)
			all := in.All()
			if len(all) != 2 || all[0].ID != all[1].ID || all[0].ID == "" {
				t.Fatalf("%+v", all)
			}
			u := all[0]
			if u.Kind != bot.UpdateForm || u.Form != "q~1~form~0" || u.Fields["name"] != "Sam" || u.Fields["day"] != "tue" || u.Fields["agree"] != "yes" || u.From != w.address() {
				t.Errorf("%+v", u)
			}
		})
	}
}

// restart makes the channel anew, as a deploy does.
func (w *world) restart() { w.channel = w.make() }

// A form whose question is no longer open says so to the one person, and opens nothing.
func TestForm_MovedOn(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	if _, err := w.channel.Send(t.Context(), w.address(), formMessage()); err != nil {
		t.Fatal(err)
	}
	w.done("the press", w.rao.Press(w.rao.Seen()[0], "Open the form").Acked)
	w.until("a word", func() bool { return len(w.rao.Seen()) == 2 })
	if said := w.rao.Seen()[1]; !strings.Contains(said.Notice, "moved on") || !said.Whispered {
		t.Errorf("%+v", said)
	}
	if _, open := w.rao.View(); open || len(in.All()) != 0 {
		t.Errorf("a form is open, or something was delivered: %+v", in.All())
	}
}

// A form that was closed without an answer leaves its button behind.
func TestForm_ClosedIsOfferedAgain(t *testing.T) {
	w := newWorld(t, false, slackapi.Options{})
	in := question()
	w.run(in)
	w.done("the command", w.rao.Command(nil, "/refer", "").Acked)
	if _, err := w.channel.Send(t.Context(), w.address(), formMessage()); err != nil {
		t.Fatal(err)
	}
	v, _ := w.rao.View()
	w.done("the form is closed", w.rao.Dismiss(v).Acked)
	w.until("the button", func() bool { return len(w.rao.Seen()) == 1 })
	if got := w.rao.Seen()[0].Buttons(); len(got) != 1 || got[0] != "Open the form" {
		t.Errorf("%q", got)
	}
	if again := w.openForm(); again.Title != "Refer somebody" {
		t.Errorf("%+v", again)
	}
}

// A form in a channel: its answer comes back to the conversation that asked, not to the person's own.
func TestForm_InAChannel(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := question()
	w.run(in)
	room := w.team.Room("C0STAFF", true, w.rao)
	w.done("the command", w.rao.Command(room, "/refer", "").Acked)
	if _, err := w.channel.Send(t.Context(), w.in("C0STAFF"), formMessage()); err != nil {
		t.Fatal(err)
	}
	v, open := w.rao.View()
	if !open {
		t.Fatal("no form opened")
	}
	w.done("the form", w.rao.Submit(v, map[string]string{"field:name": "Sam", "field:agree": "yes"}).Acked)
	all := in.All()
	if len(all) != 2 || all[0].From != w.in("C0STAFF") || all[1].From != w.in("C0STAFF") {
		t.Errorf("%+v", all)
	}
}

// The largest form there may be, and a crooked one, are within Slack's limits: the local Slack holds to them.
func TestForm_Limits(t *testing.T) {
	long := strings.Repeat("long ", 500)
	f := bot.Form{Token: "q~1~form~0", Title: long, Submit: long}
	for i := range 7 {
		kinds := []bot.FieldKind{bot.FieldLine, bot.FieldWords, bot.FieldNumber, bot.FieldChoice, bot.FieldTick}
		x := bot.Field{Name: strings.Repeat("n", i+1), Label: long, Hint: long, Kind: kinds[i%5], Value: long, MaxChars: 9000, Pattern: long, Wrong: long, Max: 10}
		for j := range 250 {
			x.Options = append(x.Options, bot.Option{Answer: strings.Repeat("a", j%100+1) + "-" + strings.Repeat("b", j/100), Label: long})
		}
		f.Fields = append(f.Fields, x)
	}
	f.Fields[6].Label, f.Fields[6].Options = "", nil
	f.Fields[6].Kind = bot.FieldLine
	w := newWorld(t, true, slackapi.Options{})
	w.run(&rig.Inbox{Asks: func(handrail.Address) (bot.Message, bool) {
		return bot.Message{Text: bot.Para(long), Form: &f}, true
	}})
	if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("x"), Form: &f}); err != nil {
		t.Fatal(err)
	}
	if v := w.openForm(); len(v.Blocks) != 9 {
		t.Errorf("%d blocks", len(v.Blocks))
	}
}
