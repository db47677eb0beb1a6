package slack_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
	"handrail/outbox"
	"handrail/store/records"
)

const lostPost = "chat.postMessage"

// A post of which nobody knows whether it arrived is found again by its mark (F2).
func TestRecall_F2(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	words := bot.Message{Text: bot.Para("x")}
	send := func(mark string) error {
		_, err := w.channel.SendMarked(t.Context(), w.address(), mark, words)
		return err
	}
	w.api.Faults(slackapi.Fault{Method: lostPost, Drop: slackapi.DropAfter}, slackapi.Fault{Method: lostPost, Drop: slackapi.DropBefore})
	for _, mark := range []string{"reply:c:1:0#0", "reply:c:2:0#0"} {
		if outcome, _ := bot.OutcomeOf(send(mark)); outcome != bot.OutcomeUnknown {
			t.Fatal(outcome)
		}
	}
	if err := send("reply:c:3:0#0"); err != nil {
		t.Fatal(err)
	}
	for mark, want := range map[string]bot.Recalled{
		"reply:c:1:0#0": bot.RecallArrived, "reply:c:2:0#0": bot.RecallAbsent, "reply:c:3:0#0": bot.RecallArrived, "reply:c:1:0#1": bot.RecallAbsent, "": bot.RecallUnclear,
	} {
		found, ref, err := w.channel.Recall(t.Context(), w.address(), mark, words, time.Now())
		if err != nil || found != want || (found == bot.RecallArrived) != strings.HasPrefix(string(ref), w.rao.Own()+"/") {
			t.Errorf("%s: %q, %q, %v; want %q", mark, found, ref, err, want)
		}
	}
	for _, c := range w.api.Calls(lostPost) {
		if strings.Contains(string(c.Params["metadata"]), "reply:") {
			t.Errorf("Slack was told the key: %s", c.Params["metadata"])
		}
	}
}

// What a look can tell, and what it owns up to not telling.
func TestRecall_F2_WhatCanBeSeen(t *testing.T) {
	picture := bot.File{Name: "weeks.png", MIME: "image/png", Data: []byte("png"), Alt: "Weeks"}
	words := bot.Message{Text: bot.Para("Here:")}
	files := bot.Message{Text: bot.Para("Here:"), Files: []bot.File{picture}}
	lose := func(method string, when slackapi.Drop) slackapi.Fault {
		return slackapi.Fault{Method: method, Drop: when}
	}
	for name, c := range map[string]struct {
		m      bot.Message
		fault  slackapi.Fault
		room   bool   // asked in a channel
		gone   bool   // which the app is not in
		thread string // in which the person wrote last
		older  int    // messages that the conversation has already
		newer  int    // and after it
		page   int    // the most that a page has
		want   bot.Recalled
	}{
		"words":                               {m: words, fault: lose(lostPost, slackapi.DropAfter), want: bot.RecallArrived},
		"words, not there":                    {m: words, fault: lose(lostPost, slackapi.DropBefore), want: bot.RecallAbsent},
		"after much":                          {m: words, fault: lose(lostPost, slackapi.DropBefore), older: 120, want: bot.RecallAbsent},
		"before much, page by page":           {m: words, fault: lose(lostPost, slackapi.DropAfter), newer: 40, page: 15, want: bot.RecallArrived},
		"further back than a look goes":       {m: words, fault: lose(lostPost, slackapi.DropAfter), newer: 61, page: 15, want: bot.RecallUnclear},
		"more to see than a look does":        {m: words, fault: lose(lostPost, slackapi.DropBefore), newer: 61, page: 15, want: bot.RecallUnclear},
		"in a thread":                         {m: words, fault: lose(lostPost, slackapi.DropAfter), thread: "1795340000.000001", want: bot.RecallArrived},
		"in a thread, not there":              {m: words, fault: lose(lostPost, slackapi.DropBefore), thread: "1795340000.000001", want: bot.RecallAbsent},
		"whispered":                           {m: words, fault: lose("chat.postEphemeral", slackapi.DropAfter), room: true, want: bot.RecallUnclear},
		"whispered, not there":                {m: words, fault: lose("chat.postEphemeral", slackapi.DropBefore), room: true, want: bot.RecallUnclear},
		"said privately, where it can't be":   {m: words, fault: lose(lostPost, slackapi.DropAfter), room: true, gone: true, want: bot.RecallArrived},
		"a form's button":                     {m: formMessage(), fault: lose(lostPost, slackapi.DropAfter), want: bot.RecallArrived},
		"a form, which may have opened":       {m: formMessage(), fault: lose(lostPost, slackapi.DropBefore), want: bot.RecallUnclear},
		"words and files":                     {m: files, fault: lose("files.completeUploadExternal", slackapi.DropAfter), want: bot.RecallArrived},
		"words without their files":           {m: files, fault: lose("files.completeUploadExternal", slackapi.DropBefore), want: bot.RecallUnclear},
		"neither words nor files":             {m: files, fault: lose(lostPost, slackapi.DropBefore), want: bot.RecallAbsent},
		"files alone":                         {m: bot.Message{Files: []bot.File{picture}}, fault: lose("files.completeUploadExternal", slackapi.DropAfter), want: bot.RecallUnclear},
		"words whose files didn't come later": {m: files, fault: lose("files.completeUploadExternal", slackapi.DropBefore), older: 3, want: bot.RecallUnclear},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true, slackapi.Options{MostHistory: c.page})
			w.run(rig.Drop{})
			other := func(m bot.Message, n int) {
				for i := range n {
					if _, err := w.channel.SendMarked(t.Context(), w.address(), fmt.Sprint("other", i, n), m); err != nil {
						t.Fatal(err)
					}
				}
			}
			other(files, min(c.older, 1)) // the same files, of another message before it
			other(words, c.older)
			to := w.address()
			if c.room {
				to = w.in(w.team.Room("C0TEAM", !c.gone, w.rao).ID())
			}
			if c.thread != "" {
				w.done("a message in a thread", w.rao.SayIn(c.thread, "closer"))
			}
			w.api.Faults(c.fault)
			_, err := w.channel.SendMarked(t.Context(), to, "k#0", c.m)
			if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeUnknown {
				t.Fatalf("%v, not in doubt", err)
			}
			other(words, c.newer)
			found, ref, err := w.channel.Recall(t.Context(), to, "k#0", c.m, time.Now())
			if err != nil || found != c.want || (found == bot.RecallArrived) != (ref != "") {
				t.Errorf("%q, %q, %v; want %q", found, ref, err, c.want)
			}
		})
	}
}

// A look that cannot be made says so, and when it can.
func TestRecall_F2_CannotLook(t *testing.T) {
	for name, c := range map[string]struct {
		fault slackapi.Fault
		want  bot.Outcome
	}{
		"too many": {slackapi.Fault{Status: 429, Error: "ratelimited", RetryAfter: 60}, bot.OutcomeRetry},
		"away":     {slackapi.Fault{Status: 503, Body: ""}, bot.OutcomeRetry},
		"broken":   {slackapi.Fault{Error: "internal_error"}, bot.OutcomeRetry},
		"lost":     {slackapi.Fault{Drop: slackapi.DropAfter}, bot.OutcomeRetry},
		"a page":   {slackapi.Fault{Status: 200, Body: "<html>"}, bot.OutcomeRetry},
		"gone":     {slackapi.Fault{Error: "channel_not_found"}, bot.OutcomeGone},
	} {
		w := newWorld(t, true, slackapi.Options{})
		w.run(rig.Drop{})
		c.fault.Method = "conversations.history"
		w.api.Faults(c.fault)
		found, _, err := w.channel.Recall(t.Context(), w.address(), "k#0", bot.Message{Text: bot.Para("x")}, time.Now())
		if outcome, _ := bot.OutcomeOf(err); found != "" || err == nil || outcome != c.want {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
}

// The whole way, with the records on disk: whatever the class, a post whose answer was lost arrives once. An answer
// that was whispered cannot be looked for and goes by the rule of its class.
func TestSlack_F2_ReplyLost(t *testing.T) {
	all := []bot.Class{bot.ClassCard, bot.ClassAlert, bot.ClassReply, bot.ClassReminder, bot.ClassNudge, bot.ClassNotice, bot.ClassDigest, bot.ClassNote}
	for _, c := range []struct {
		name    string
		drop    slackapi.Drop
		whisper bool
		away    int // how often a look fails first
	}{
		{name: "arrived", drop: slackapi.DropAfter},
		{name: "never arrived", drop: slackapi.DropBefore},
		{name: "arrived, and Slack is away then", drop: slackapi.DropAfter, away: 2},
		{name: "whispered", drop: slackapi.DropAfter, whisper: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := rig.NewMoved(time.Now().UTC().Truncate(time.Second))
			w := newWorld(t, true, slackapi.Options{Now: clock.Now}, func(o *slack.Options) { o.Clock = clock })
			w.run(rig.Drop{})
			rec, err := records.Open(t.Context(), records.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "handrail.db"), Now: clock.Now, Key: []byte("a key for the test of lost answers, no secret")})
			if err != nil {
				t.Fatal(err)
			}
			defer rec.Close()
			if err := rec.SavePractice(t.Context(), handrail.Practice{ID: practice, Name: "Hilltop", Zone: "Europe/London"}, handrail.ActorSystem); err != nil {
				t.Fatal(err)
			}
			if err := rec.SaveStaff(t.Context(), handrail.Staff{
				ID: "sta_rao", Practice: practice, Name: "Dr Rao", Roles: []handrail.Role{handrail.RoleGP}, Address: w.address(), Active: true,
			}, handrail.ActorSystem); err != nil {
				t.Fatal(err)
			}
			sender, err := outbox.New(outbox.Options{Store: rec, Channels: map[string]bot.Channel{slack.Name: w.channel}, Words: bottest.NewWords(nil), Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			w.until("the start", func() bool { return len(w.api.Calls("auth.test")) > 0 })
			room := w.team.Room("C0TEAM", true, w.rao).ID()
			for i, class := range all {
				key, method, to, want := fmt.Sprintf("%d", i), lostPost, w.address(), 1
				if c.whisper {
					if class != bot.ClassCard && class != bot.ClassReply {
						continue // only an answer has a place
					}
					method, to, want = "chat.postEphemeral", w.in(room), 2
				}
				w.api.Faults(slackapi.Fault{Method: method, Drop: c.drop})
				alerting := class == bot.ClassCard || class == bot.ClassAlert
				for range c.away {
					if !alerting { // these do not wait for a look
						w.api.Faults(slackapi.Fault{Method: "conversations.history", Status: 503})
					}
				}
				env := bot.Envelope{Key: key, To: to, Class: class, NotBefore: clock.Now(), NotAfter: clock.Now().Add(3 * time.Hour), Message: bot.Message{Text: bot.Para("about " + key)}}
				if _, err := rec.Put(t.Context(), env); err != nil {
					t.Fatal(err)
				}
				settle(t, sender, clock, 2*time.Hour)
				arrived := 0
				for _, m := range w.rao.Seen() {
					if m.Words() == "about "+key {
						arrived++
					}
				}
				got, err := rec.Settled(t.Context(), key)
				if err != nil || got.State != bot.SendSent || arrived != want {
					t.Errorf("%s: arrived %d times, want %d; %s (%s), %v", class, arrived, want, got.State, got.Reason, err)
				}
				if got.Ref == "" {
					t.Errorf("%s: nobody knows what it became", class)
				}
			}
		})
	}
}

// settle moves the clock from event to event until the outbox is at rest or the time is over.
func settle(t *testing.T, s *outbox.Sender, clock *rig.Moved, most time.Duration) {
	t.Helper()
	end := clock.Now().Add(most)
	for range 10_000 {
		if _, err := s.Step(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		next, ok, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !ok || next.After(end) {
			return
		}
		if next.After(clock.Now()) {
			clock.Set(next)
		}
	}
	t.Fatal("the outbox never comes to rest")
}
