package telegram_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest/botapi"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
)

// Order within a chat holds although chats are delivered side by side and the inbox refuses some; nothing is confirmed
// before it is delivered, and nothing lost (F7).
func TestOrder_F7(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webhook, botapi.Options{})
			// Each is refused twice at most: every third of all would, when three are left, be the same one for ever.
			n, refused := 0, map[string]int{}
			in := &rig.Inbox{Fail: func(u bot.Update) bool {
				if n++; n%3 != 0 || refused[u.ID] == 2 {
					return false
				}
				refused[u.ID]++
				return true
			}}
			const chats, each = 20, 15
			var acks []<-chan struct{}
			for i := range each {
				for c := range chats {
					acks = append(acks, w.api.Person(int64(2000+c)).Send(fmt.Sprint(i)))
				}
			}
			w.run(in)
			for _, a := range acks {
				w.done("every update", a)
			}
			// The inbox of this test keeps duplicates, which a poller gives after a failure: the first of each counts.
			next := map[string]int{}
			seen := map[string]bool{}
			for _, u := range in.All() {
				if seen[u.ID] {
					continue
				}
				seen[u.ID] = true
				if u.Text != fmt.Sprint(next[u.From.Chat]) {
					t.Fatalf("message %s came when %d was next", u.Text, next[u.From.Chat])
				}
				next[u.From.Chat]++
			}
			if len(seen) != chats*each {
				t.Errorf("%d of %d were delivered", len(seen), chats*each)
			}
		})
	}
}

// An update that cannot be read is left out with a word to the operator; it must not stop what is behind it.
func TestPoll_Unreadable(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.done("the odd one", w.ann.Raw("message", `["`+canary+`"]`))
	w.done("the one behind it", w.ann.Send("hello"))
	if all := in.All(); len(all) != 1 || all[0].Text != "hello" {
		t.Errorf("%d were delivered", len(in.All()))
	}
	silent(t, w, nil)
}

// Two pollers, as during a deploy: Telegram sends the elder away; nothing is lost, and neither goes mad.
func TestPoll_TwoPollers(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.done("a first word", w.ann.Send("0"))
	second, err := telegram.New(telegram.Options{Token: rig.Secret(w.api.Token()), APIURL: w.api.URL(), Practice: practice, Clock: rig.Hurried{}, PollTime: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	two := &world{t: t, channel: second, api: w.api, log: w.log}
	stop := two.start(in)
	for i := 1; i < 50; i++ {
		w.done("every update", w.ann.Send(fmt.Sprint(i)))
	}
	stop()
	w.done("the last", w.ann.Send("50"))
	var texts []string
	ids := map[string]bool{}
	for _, u := range in.All() {
		if !ids[u.ID] {
			ids[u.ID] = true
			texts = append(texts, u.Text)
		}
	}
	if len(texts) != 51 || !slices.IsSortedFunc(texts, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }) {
		t.Errorf("delivered were %q", texts)
	}
	// A pause of five seconds (of which this test's clock makes 50 ms) lies between two tries of the one sent away.
	if n := len(w.api.Calls("getUpdates")); n > 51*4+200 {
		t.Errorf("%d polls", n)
	}
}

// Somebody sets a webhook on a bot that polls: the settings win.
func TestPoll_WebhookSetBehindOurBack(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.done("a first word", w.ann.Send("one"))
	resp, err := http.PostForm(w.api.URL()+"/bot"+w.api.Token()+"/setWebhook", map[string][]string{"url": {"http://127.0.0.1:1/"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	w.done("the next word", w.ann.Send("two"))
}

// The token is revoked and given back: one line to the operator, nothing lost, and it goes on by itself (F9).
func TestToken_F9(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	in := &rig.Inbox{}
	w.run(in)
	w.done("a first word", w.ann.Send("one"))
	w.api.Revoke(true)
	for range 5 {
		if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("hello")}); err == nil {
			t.Fatal("it was sent")
		}
	}
	done := w.ann.Send("two")
	w.api.Revoke(false)
	w.done("the next word", done)
	w.until("a word that it works again", func() bool { return w.log.Count("takes the bot's token again") == 1 })
	if n := w.log.Count("refuses the bot's token"); n != 1 {
		t.Errorf("the operator was told %d times", n)
	}
}

// Telegram is away when the channel starts, in every way, and comes back.
func TestStart_TelegramAway(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webhook, botapi.Options{})
			method := "deleteWebhook"
			if webhook {
				method = "setWebhook"
			}
			w.api.Faults(
				botapi.Fault{Method: method, Drop: botapi.DropBefore}, botapi.Fault{Method: method, Status: 502, Body: "<html>"},
				botapi.Fault{Method: method, Status: 429, RetryAfter: 1}, botapi.Fault{Method: "getUpdates", Drop: botapi.DropAfter},
				botapi.Fault{Method: "getUpdates", Status: 500, Description: canary}, botapi.Fault{Method: "getMe", Drop: botapi.DropBefore},
			)
			in := &rig.Inbox{}
			w.run(in)
			w.done("a first word", w.ann.Send("one"))
			w.done("the next word", w.ann.Send("two"))
			if n := len(w.api.Calls(method)); n < 4 {
				t.Errorf("%d tries", n)
			}
			silent(t, w, nil)
		})
	}
}

// What the bot says of itself is set at the start, and not again when it is so already.
func TestProfile(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	setters := []string{"setMyCommands", "setMyDescription", "setMyShortDescription"}
	getters := []string{"getMyCommands", "getMyDescription", "getMyShortDescription"}
	stop := w.start(&rig.Inbox{})
	w.until("the profile", func() bool {
		calls := w.api.Calls(setters...)
		return len(calls) == 3 && !slices.ContainsFunc(calls, func(c botapi.Call) bool { return c.Status != http.StatusOK })
	})
	stop()
	description := w.api.Profile("description", "")
	for _, say := range []string{"automated", "not an emergency service", "999", "111"} {
		if !strings.Contains(description, say) {
			t.Errorf("the description does not say %q", say)
		}
	}
	if !strings.Contains(w.api.Profile("commands", ""), `"urgent"`) {
		t.Error("urgent help is not in the menu")
	}
	w.run(&rig.Inbox{})
	w.until("a second look", func() bool { return len(w.api.Calls(getters...)) == 6 })
	if n := len(w.api.Calls(setters...)); n != 3 {
		t.Errorf("%d were set in all", n)
	}
}

// A block and its end reach the inbox; what is sent in between is gone.
func TestBlock_F8(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webhook, botapi.Options{})
			in := &rig.Inbox{}
			w.run(in)
			w.done("the block", w.ann.Block())
			if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("hello")}); err == nil {
				t.Error("it was sent")
			} else if outcome, _ := bot.OutcomeOf(err); outcome != bot.OutcomeGone {
				t.Errorf("it is %q", outcome)
			}
			w.done("its end", w.ann.Unblock())
			if _, err := w.channel.Send(t.Context(), w.address(), bot.Message{Text: bot.Para("hello")}); err != nil {
				t.Error(err)
			}
			var kinds []bot.UpdateKind
			for _, u := range in.All() {
				kinds = append(kinds, u.Kind)
			}
			if !slices.Equal(kinds, []bot.UpdateKind{bot.UpdateLeft, bot.UpdateReturned}) {
				t.Errorf("delivered were %q", kinds)
			}
		})
	}
}

// Ten pictures at once are one thing that cannot be read; words beneath one of them are read all the same (B8).
func TestAlbum_B8(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webhook, botapi.Options{})
			fails := 1
			in := &rig.Inbox{Fail: func(bot.Update) bool { fails--; return fails == 0 }}
			w.run(in)
			var last <-chan struct{}
			for i := range 10 {
				caption := ""
				if i == 7 {
					caption = `, "caption": "I want to die"`
				}
				last = w.ann.Post(`{"media_group_id": "77", "photo": [{"file_id": "x", "width": 1, "height": 1}]` + caption + `}`)
			}
			w.done("the last picture", last)
			w.done("another album", w.ann.Post(`{"media_group_id": "78", "photo": []}`))
			var texts []string
			for _, u := range in.All() {
				texts = append(texts, string(u.Kind)+":"+u.Text)
			}
			if strings.Join(texts, " ") != "unread: unread:I want to die unread:" {
				t.Errorf("delivered were %q", texts)
			}
		})
	}
}

func TestLink_C9(t *testing.T) {
	w := newWorld(t, false, botapi.Options{})
	code := "abcDEF012_-abcDEF012_-"
	if link := w.channel.Link(code); link != "" {
		t.Errorf("before the name is known the link is %q", link)
	}
	w.run(&rig.Inbox{})
	w.until("the name", func() bool { return w.channel.Link(code) != "" })
	if link := w.channel.Link(code); link != "https://t.me/handrail_test_bot?start="+code {
		t.Errorf("the link is %q", link)
	}
	for _, bad := range []string{"", "a b", "a&b", strings.Repeat("x", 65), "é"} {
		if w.channel.Link(bad) != "" {
			t.Errorf("a link carries %q", bad)
		}
	}
}
