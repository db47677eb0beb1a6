package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

// Every way in which a post can go wrong, and what is known of it afterwards.
func TestSend_F10_Failures(t *testing.T) {
	hang := slackapi.Fault{Method: "chat.postMessage", Hang: true}
	for name, c := range map[string]struct {
		fault   slackapi.Fault
		outcome bot.Outcome
		after   time.Duration
	}{
		"too many":               {slackapi.Fault{Status: 429, Error: "ratelimited", RetryAfter: 7}, bot.OutcomeRetry, 7 * time.Second},
		"too many, no words":     {slackapi.Fault{Status: 429, Body: "slow down", RetryAfter: 3}, bot.OutcomeRetry, 3 * time.Second},
		"too many, no time":      {slackapi.Fault{Status: 429, Error: "rate_limited"}, bot.OutcomeRetry, time.Second},
		"no such conversation":   {slackapi.Fault{Error: "channel_not_found"}, bot.OutcomeGone, 0},
		"archived":               {slackapi.Fault{Error: "is_archived"}, bot.OutcomeGone, 0},
		"person deactivated":     {slackapi.Fault{Error: "user_disabled"}, bot.OutcomeGone, 0},
		"not in the channel":     {slackapi.Fault{Error: "not_in_channel"}, bot.OutcomeGone, 0},
		"no such person":         {slackapi.Fault{Error: "user_not_found"}, bot.OutcomeGone, 0},
		"messages turned off":    {slackapi.Fault{Error: "messages_tab_disabled"}, bot.OutcomeGone, 0},
		"token revoked":          {slackapi.Fault{Error: "token_revoked"}, bot.OutcomeRetry, 5 * time.Minute},
		"invalid token":          {slackapi.Fault{Error: "invalid_auth"}, bot.OutcomeRetry, 5 * time.Minute},
		"the app's account gone": {slackapi.Fault{Error: "account_inactive"}, bot.OutcomeRetry, 5 * time.Minute},
		"a scope is missing":     {slackapi.Fault{Error: "missing_scope"}, bot.OutcomeRetry, 5 * time.Minute},
		"the workspace moves":    {slackapi.Fault{Error: "team_added_to_org"}, bot.OutcomeRetry, 0},
		"blocks not taken":       {slackapi.Fault{Error: "invalid_blocks"}, bot.OutcomeRefused, 0},
		"too long":               {slackapi.Fault{Error: "msg_too_long"}, bot.OutcomeRefused, 0},
		"something new":          {slackapi.Fault{Error: "of_the_future"}, bot.OutcomeRefused, 0},
		"broke over there":       {slackapi.Fault{Error: "internal_error"}, bot.OutcomeUnknown, 0},
		"broke badly":            {slackapi.Fault{Error: "fatal_error"}, bot.OutcomeUnknown, 0},
		"500":                    {slackapi.Fault{Status: 500, Body: "<html>oops</html>"}, bot.OutcomeUnknown, 0},
		"500 with an answer":     {slackapi.Fault{Status: 500, Error: "channel_not_found"}, bot.OutcomeUnknown, 0},
		"502":                    {slackapi.Fault{Status: 502, Body: "<html>bad gateway</html>"}, bot.OutcomeUnknown, 0},
		"504":                    {slackapi.Fault{Status: 504, Body: ""}, bot.OutcomeUnknown, 0},
		"503":                    {slackapi.Fault{Status: 503, Body: "<html>away</html>"}, bot.OutcomeRetry, 0},
		"a page instead":         {slackapi.Fault{Status: 200, Body: "<html>log in to the wifi</html>"}, bot.OutcomeUnknown, 0},
		"an empty answer":        {slackapi.Fault{Status: 200, Body: ""}, bot.OutcomeUnknown, 0},
		"another JSON":           {slackapi.Fault{Status: 200, Body: "[1,2]"}, bot.OutcomeUnknown, 0},
		"a redirect":             {slackapi.Fault{Status: 302, Body: ""}, bot.OutcomeUnknown, 0},
		"hung up, nothing done":  {slackapi.Fault{Drop: slackapi.DropBefore}, bot.OutcomeUnknown, 0},
		"hung up, done (F2)":     {slackapi.Fault{Drop: slackapi.DropAfter}, bot.OutcomeUnknown, 0},
		"no answer in time":      {hang, bot.OutcomeUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true, slackapi.Options{}, func(o *slack.Options) {
				o.Client = &http.Client{Timeout: 300 * time.Millisecond, Transport: &http.Transport{}}
			})
			w.run(rig.Drop{})
			const canary = "CANARY-words-of-a-person"
			if c.fault.Method == "" {
				c.fault.Method = "chat.postMessage"
			}
			w.until("the start", func() bool { return len(w.api.Calls("auth.test")) > 0 })
			w.api.Faults(c.fault)
			_, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para(canary)})
			outcome, after := bot.OutcomeOf(err)
			if err == nil || outcome != c.outcome || after != c.after {
				t.Fatalf("outcome %q after %v (%v), want %q after %v", outcome, after, err, c.outcome, c.after)
			}
			for _, secret := range []string{canary, w.team.Token(), "U0RAO", "T0HILLTOP", "html"} {
				if strings.Contains(err.Error()+w.log.String(), secret) {
					t.Errorf("%q is in the error or the log: %v\n%s", secret, err, w.log)
				}
			}
		})
	}
}

// Nobody there: certainly not sent.
func TestSend_NoConnection(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	w.until("the start", func() bool { return len(w.api.Calls("auth.test")) > 0 })
	if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("one")}); err != nil {
		t.Fatal(err)
	}
	w.api.Close()
	_, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("two")})
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRetry && outcome != bot.OutcomeUnknown {
		t.Errorf("%v", err)
	}
	_, err = w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("three")})
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRetry {
		t.Errorf("%v", err)
	}
}

// While Slack asks to wait, no request is made at all (L6).
func TestSend_L6_NoRequestInsideTheWait(t *testing.T) {
	now := time.Now()
	clock := rig.NewMoved(now)
	w := newWorld(t, true, slackapi.Options{Now: clock.Now}, func(o *slack.Options) { o.Clock = clock })
	w.run(rig.Drop{})
	send := func() (bot.Outcome, time.Duration) {
		_, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("x")})
		if err == nil {
			return "", 0
		}
		return bot.OutcomeOf(err)
	}
	if o, _ := send(); o != "" {
		t.Fatal(o)
	}
	w.api.Faults(slackapi.Fault{Method: "chat.postMessage", Status: 429, Error: "ratelimited", RetryAfter: 30})
	if o, after := send(); o != bot.OutcomeRetry || after != 30*time.Second {
		t.Fatal(o, after)
	}
	before := len(w.api.Calls("chat.postMessage"))
	clock.Set(now.Add(20 * time.Second))
	if o, after := send(); o != bot.OutcomeRetry || after != 10*time.Second {
		t.Error(o, after)
	}
	if n := len(w.api.Calls("chat.postMessage")); n != before {
		t.Errorf("%d requests were made inside the wait", n-before)
	}
	clock.Set(now.Add(30 * time.Second))
	if o, _ := send(); o != "" {
		t.Error(o)
	}
}

// A method's own rate is kept to: of chat.update fifty a minute.
func TestSend_MethodRates(t *testing.T) {
	clock := rig.NewMoved(time.Now())
	w := newWorld(t, true, slackapi.Options{Now: clock.Now}, func(o *slack.Options) { o.Clock = clock })
	w.run(rig.Drop{})
	ref, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("digest")})
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for range 60 {
		err := w.channel.Edit(t.Context(), w.address(), ref, bot.Message{Text: bot.Para("digest")})
		if outcome, after := bot.OutcomeOf(err); err != nil {
			if outcome != bot.OutcomeRetry || after != 0 { // an After would hold back every post, alerts too
				t.Fatal(err)
			}
			held++
		}
	}
	if n := len(w.api.Calls("chat.update")); n > 50 || n+held != 60 {
		t.Errorf("%d calls in one moment, %d held back", n, held)
	}
	clock.Set(clock.Now().Add(time.Minute))
	if err := w.channel.Edit(t.Context(), w.address(), ref, bot.Message{Text: bot.Para("digest")}); err != nil {
		t.Error(err)
	}
}

func TestSend_NotOurAddress_C8(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	for name, to := range map[string]handrail.Address{
		"none":             {},
		"another channel":  {Practice: practice, Channel: "telegram", Chat: "T0HILLTOP/U0RAO"},
		"another practice": {Practice: "meadow", Channel: "slack", Chat: "T0HILLTOP/U0RAO"},
		"no workspace":     {Practice: practice, Channel: "slack", Chat: "U0RAO"},
		"no id":            {Practice: practice, Channel: "slack", Chat: "T0HILLTOP/../U0RAO"},
		"a channel":        {Practice: practice, Channel: "slack", Chat: "T0HILLTOP/U0RAO", Thread: "C0STAFF!"},
	} {
		_, err := w.channel.Send(t.Context(), to, bot.Message{Text: bot.Para("x")})
		if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.OutcomeRefused {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.channel.Edit(t.Context(), to, "D1/1.2", bot.Message{Text: bot.Para("x")}); err == nil {
			t.Errorf("%s: edited", name)
		}
	}
	// A workspace that has no app: what is to be sent waits.
	_, err := w.channel.Send(t.Context(), slack.Address(practice, "T0NOBODY", "U1"), bot.Message{Text: bot.Para("x")})
	if outcome, after := bot.OutcomeOf(err); outcome != bot.OutcomeRetry || after < time.Minute {
		t.Errorf("a workspace without the app: %v", err)
	}
	if n := len(w.api.Calls("chat.postMessage", "chat.postEphemeral", "chat.update")); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// What is said in a channel is seen by the one person; where that is impossible, they get it in their own conversation.
// The local Slack fails the test of whatever is posted where others read it.
func TestSend_C10_NothingInPublic(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	ann := w.team.Person("U0ANN")
	open := w.team.Room("C0OPEN", true, w.rao, ann)
	w.team.Room("C0NOAPP", false, w.rao, ann)
	w.team.Room("C0NOTRAO", true, ann)
	w.team.Room("C0GONE", true, w.rao).Archive()
	private := bot.Message{Text: bot.Para("P.S. (R-17) has not come twice."), Private: true, Options: []bot.Option{{Label: "See", Payload: "q~1~a~0"}},
		Files: nil, Place: &bot.Place{Name: "Hall", Address: "1 High Street"}}
	for _, room := range []string{"C0OPEN", "C0NOAPP", "C0NOTRAO", "C0GONE", "C0NEVER"} {
		if _, err := w.channel.Send(t.Context(), w.in(room), private); err != nil {
			t.Errorf("%s: %v", room, err)
		}
	}
	seen := w.rao.Seen()
	if len(seen) != 5 || seen[0].Channel != open.ID() || !seen[0].Whispered {
		t.Fatalf("%+v", seen)
	}
	for _, m := range seen[1:] {
		if m.Whispered || m.Channel != w.rao.Own() {
			t.Errorf("in place of a whisper: %+v", m)
		}
	}
	if len(ann.Seen()) != 0 {
		t.Errorf("somebody else saw %+v", ann.Seen())
	}
	for _, m := range seen {
		if strings.Contains(m.Notice, "R-17") || strings.Contains(m.Notice, "P.S.") {
			t.Errorf("a notification shows %q", m.Notice)
		}
	}
	// The answer to a button that ended up elsewhere still goes to the conversation that asked.
	in := &rig.Inbox{}
	w2 := newWorld(t, true, slackapi.Options{})
	w2.run(in)
	w2.team.Room("C0NOAPP", false, w2.rao)
	if _, err := w2.channel.Send(t.Context(), w2.in("C0NOAPP"), private); err != nil {
		t.Fatal(err)
	}
	w2.done("the press", w2.rao.Press(w2.rao.Seen()[0], "See").Acked)
	if got := in.All(); len(got) != 1 || got[0].From != w2.in("C0NOAPP") {
		t.Errorf("%+v", got)
	}
	// Files never go into a channel.
	private.Files = []bot.File{{Name: "week.png", MIME: "image/png", Data: []byte("png"), Alt: "Attendance: 3 of 4 weeks"}}
	if _, err := w.channel.Send(t.Context(), w.in("C0OPEN"), private); err != nil {
		t.Fatal(err)
	}
	seen = w.rao.Seen()
	last := seen[len(seen)-1]
	if last.Channel != w.rao.Own() || len(last.Files) != 1 || last.Files[0].Alt != "Attendance: 3 of 4 weeks" {
		t.Errorf("%+v", last)
	}
}

// Whatever somebody wrote pings nobody and passes for no link (B20). The local Slack fails the test of what would.
func TestSend_B20_PingsNobody(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	for _, s := range []string{
		"<!channel> <!here> <!everyone>", "@here @channel @everyone", "<@U123ABC>", "<!subteam^S123>", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;",
		"<https://evil.example|https://nhs.uk>", "[nhs.uk](https://evil.example)", "*bold* _it_ ~gone~ `code`", "> quote", ":rotating_light:", "'; DROP TABLE x; --",
		"{{7*7}} ${jndi:ldap://x}", "a\x00b\xff",
	} {
		m := bot.Message{
			Text:    bot.Text{{Spans: []bot.Span{{Text: s}, {Text: s, Strong: true}, {Text: s, Link: "https://group.example"}, {Text: s, Link: "javascript:alert(1)"}}}, {Item: true, Spans: []bot.Span{{Text: s}}}},
			Options: []bot.Option{{Label: s, Payload: "q~1~a~0"}}, Place: &bot.Place{Name: s, Address: s + " 1"},
			Cards: []bot.Card{{Text: bot.Para(s), Options: []bot.Option{{Label: s, Payload: "q~1~a~1"}}}},
		}
		if _, err := w.channel.Send(t.Context(), w.address(), m); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		seen := w.rao.Seen()
		clean := strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
		if got := seen[len(seen)-1]; !strings.HasPrefix(got.Blocks[0].Text, clean) || strings.Count(got.Words(), clean) != 8 {
			t.Errorf("%q is shown as %q", clean, got.Words())
		}
	}
}

// Cards: one below the other, each with its own buttons.
func TestSend_Cards(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	m := bot.Message{Text: bot.Para("Ten groups near LS9."), Options: []bot.Option{{Label: "More", Payload: "q~1~more~0"}}, Place: &bot.Place{Name: "Hall", Address: "Street", At: handrail.Point{Lat: 53.8, Lon: -1.5}},
		Form: formMessage().Form}
	for i := range 10 {
		m.Cards = append(m.Cards, bot.Card{Text: bot.Para(fmt.Sprintf("Group %d", i)), Options: []bot.Option{
			{Label: "Refer", Payload: fmt.Sprintf("p~refer~%d~x~y~z", i), Style: "main"}, {Label: "Map", Link: "https://www.openstreetmap.org/"},
		}})
	}
	for _, part := range bot.Fit(m, w.channel.Limits()) {
		if _, err := w.channel.Send(t.Context(), w.address(), part); err != nil {
			t.Fatal(err)
		}
	}
	seen := w.rao.Seen()
	if len(seen) != 1 || len(seen[0].Blocks) > 50 {
		t.Fatalf("%d messages, the first of %d blocks", len(seen), len(seen[0].Blocks))
	}
	if got := len(seen[0].Buttons()); got != 10*2+1+1+1 {
		t.Errorf("%d buttons", got)
	}
}

// Edit replaces a post in its place; what cannot be changed is refused, so that a new one is sent instead.
func TestEdit(t *testing.T) {
	clock := rig.NewMoved(time.Now())
	w := newWorld(t, true, slackapi.Options{Now: clock.Now}, func(o *slack.Options) { o.Clock = clock })
	w.run(rig.Drop{})
	ref, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("3 things need you")})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.channel.Edit(t.Context(), w.address(), ref, bot.Message{Text: bot.Para("2 things need you"), Options: []bot.Option{{Label: "Done", Payload: "p~x~1~a~b~c"}}}); err != nil {
			t.Fatal(err)
		}
	}
	seen := w.rao.Seen()
	if len(seen) != 1 || seen[0].Words() != "2 things need you" || len(seen[0].Buttons()) != 1 {
		t.Errorf("%+v", seen)
	}
	w.team.Room("C0OPEN", true, w.rao)
	whisper, err := w.channel.Send(t.Context(), w.in("C0OPEN"), bot.Message{Text: bot.Para("psst")})
	if err != nil {
		t.Fatal(err)
	}
	for name, ref := range map[string]bot.Ref{"a whisper": whisper, "a view": "view/V1", "none": "", "one that is not there": "DU0RAO/1795340000.999999", "no time": "DU0RAO/x"} {
		err := w.channel.Edit(t.Context(), w.address(), ref, bot.Message{Text: bot.Para("x")})
		if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.OutcomeRefused {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.api.Faults(slackapi.Fault{Method: "chat.update", Status: 429, Error: "ratelimited", RetryAfter: 1})
	err = w.channel.Edit(t.Context(), w.address(), ref, bot.Message{Text: bot.Para("x")})
	if outcome, after := bot.OutcomeOf(err); outcome != bot.OutcomeRetry || after != 0 {
		t.Errorf("too many changes keep the posts back for %v: %v", after, err)
	}
	clock.Set(clock.Now().Add(time.Second))
	w.api.Faults(slackapi.Fault{Method: "chat.update", Drop: slackapi.DropAfter})
	err = w.channel.Edit(t.Context(), w.address(), ref, bot.Message{Text: bot.Para("1 thing needs you")})
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRetry {
		t.Errorf("an edit whose answer was lost can be made again: %v", err)
	}
}

// Files: nobody sees what was not handed over; a failure after the words is in doubt.
func TestSend_Files(t *testing.T) {
	letter := bot.File{Name: `C:\x\../letter.pdf`, MIME: "application/pdf", Data: []byte("%PDF-1.4\n"), Alt: "A letter"}
	chart := bot.File{Name: "weeks.png", MIME: "image/png", Data: []byte("png"), Alt: strings.Repeat("week ", 300)}
	for name, c := range map[string]struct {
		fault slackapi.Fault
		want  bot.Outcome
		seen  int
	}{
		"no room":             {slackapi.Fault{Method: "files.getUploadURLExternal", Error: "internal_error"}, bot.OutcomeRetry, 0},
		"not taken":           {slackapi.Fault{Method: "upload", Status: 500, Body: "x"}, bot.OutcomeRetry, 0},
		"not handed over":     {slackapi.Fault{Method: "files.completeUploadExternal", Status: 429, Error: "ratelimited", RetryAfter: 1}, bot.OutcomeUnknown, 1},
		"the answer was lost": {slackapi.Fault{Method: "files.completeUploadExternal", Drop: slackapi.DropAfter}, bot.OutcomeUnknown, 2},
		"the words were not":  {slackapi.Fault{Method: "chat.postMessage", Status: 503, Body: ""}, bot.OutcomeRetry, 0},
	} {
		w := newWorld(t, true, slackapi.Options{})
		w.run(rig.Drop{})
		w.api.Faults(c.fault)
		_, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("Here:"), Files: []bot.File{letter}})
		if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != c.want || len(w.rao.Seen()) != c.seen {
			t.Errorf("%s: %v, and %d messages", name, err, len(w.rao.Seen()))
		}
	}
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	ref, err := w.channel.Send(t.Context(), w.address(), bot.Message{Files: []bot.File{letter, chart}, Cards: []bot.Card{{Text: bot.Para("Weeks"), Picture: &chart}}})
	if err != nil || ref == "" {
		t.Fatal(err)
	}
	seen := w.rao.Seen()
	if len(seen) != 2 || len(seen[1].Files) != 3 || seen[1].Files[1].Name != "letter.pdf" || seen[1].Files[1].Alt != "" || len([]rune(seen[1].Files[2].Alt)) > 1000 || seen[1].Files[2].Alt == "" {
		t.Errorf("%+v", seen)
	}
}

func TestSend_Nothing(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	_, err := w.channel.Send(t.Context(), w.address(), bot.Message{})
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeRefused {
		t.Errorf("%v", err)
	}
}

// An answer belongs in the thread in which it was asked, for as long as the person is looking there.
func TestSend_InTheThread(t *testing.T) {
	clock := rig.NewMoved(time.Now())
	w := newWorld(t, true, slackapi.Options{Now: clock.Now}, func(o *slack.Options) { o.Clock = clock })
	w.run(&rig.Inbox{})
	say := func() slackapi.Seen {
		if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("x")}); err != nil {
			t.Fatal(err)
		}
		seen := w.rao.Seen()
		return seen[len(seen)-1]
	}
	w.done("the message", w.rao.SayIn("1795340000.000001", "closer"))
	if m := say(); m.Thread != "1795340000.000001" {
		t.Errorf("the answer is in thread %q", m.Thread)
	}
	clock.Set(clock.Now().Add(time.Minute))
	if m := say(); m.Thread != "" {
		t.Errorf("a reminder is in thread %q", m.Thread)
	}
}

// kinds is a message of each kind.
func kinds() map[string]bot.Message {
	return map[string]bot.Message{
		"words": {Text: bot.Text{
			{Spans: []bot.Span{{Text: "Walking football", Strong: true}, {Text: " & tea, <3 miles. "}, {Text: "Their page", Link: "https://group.example/?a=1&b=2"}}},
			{Item: true, Spans: []bot.Span{{Text: "Tuesdays 2pm"}}}, {Item: true, Spans: []bot.Span{{Text: "Free"}}}, {Spans: []bot.Span{{Text: "Shall I?"}}},
		}},
		"options": {Text: bot.Para("Which?"), Private: true, Options: []bot.Option{
			{Label: "Yes", Payload: "q~1~a~0", Style: "main"}, {Label: "Not now", Payload: "q~1~a~1"}, {Label: "Urgent help", Payload: "p~urgent~me~open~k~m", Style: "urgent"},
			{Label: "Their page", Link: "https://group.example"},
		}},
		"cards": {Text: bot.Para("2 groups near LS9."), Options: []bot.Option{{Label: "More", Payload: "q~1~m~2"}}, Cards: []bot.Card{
			{Text: bot.Text{{Spans: []bot.Span{{Text: "Bell ringing", Strong: true}}}, {Spans: []bot.Span{{Text: "Wed 7pm, 0.4 miles"}}}}, Options: []bot.Option{{Label: "Refer", Payload: "q~1~m~0", Style: "main"}}},
			{Text: bot.Para("Chess"), Options: []bot.Option{{Label: "Refer", Payload: "q~1~m~1"}}},
		}},
		"pictures": {Text: bot.Para("Two with a picture."), Files: []bot.File{{Name: "hall.jpg", MIME: "image/jpeg", Alt: "The hall", Link: "https://h.example/pictures/h.jpg"}}, Cards: []bot.Card{
			{Text: bot.Text{{Spans: []bot.Span{{Text: "Growers", Strong: true}}}, {Spans: []bot.Span{{Text: "Tuesdays. *Free*"}}}, {Spans: []bot.Span{{Text: "Checked 3 days ago."}}}, {Spans: []bot.Span{{Text: "Ring first.", Strong: true}}}},
				Picture: &bot.File{Name: "a.jpg", MIME: "image/jpeg", Alt: "A picture of Growers", Link: "https://h.example/pictures/a.jpg"}},
			{Text: bot.Text{{Spans: []bot.Span{{Text: "Walkers", Strong: true}}}}, Picture: &bot.File{Name: "b.jpg", MIME: "image/jpeg", Link: "https://h.example/pictures/b.jpg"}},
		}},
		"place_said": {Text: bot.Para("1 High Street, Luton"), Options: []bot.Option{{Label: "Yes", Payload: "q~1"}}, Place: &bot.Place{Name: "Hall", Address: "1 High Street, Luton", At: handrail.Point{Lat: 51.88, Lon: -0.42}}},
		"place":      {Text: bot.Para("It is here:"), Place: &bot.Place{Name: "St Mary's <Hall>", Address: "1 High Street & Co, Luton", At: handrail.Point{Lat: 51.88, Lon: -0.42}}},
		"form":       formMessage(),
	}
}

// Each kind of message as it goes over the wire.
func TestSend_Golden(t *testing.T) {
	for name, m := range kinds() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true, slackapi.Options{})
			w.run(question())
			if _, err := w.channel.Send(t.Context(), w.address(), m); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", w.api.Calls("chat.postMessage")[0].Params)
			if m.Form != nil {
				w.openForm()
				golden(t, name+".modal.json", w.api.Calls("views.open")[0].Params["view"])
			}
		})
	}
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name)
	if flag.Lookup("update").Value.String() == "true" { // the transcripts' flag
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// A send whose context ended is not a success, and says why.
func TestSend_GivenUp(t *testing.T) {
	w := newWorld(t, true, slackapi.Options{})
	w.run(rig.Drop{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.channel.Send(ctx, w.address(), bot.Message{Text: bot.Para("x")})
	if !errors.Is(err, context.Canceled) && err == nil {
		t.Errorf("%v", err)
	}
}
