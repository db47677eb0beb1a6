package telegram

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
)

type known string

func (k known) Reveal() string { return string(k) }

type still struct{ at time.Time }

func (s still) Now() time.Time                     { return s.at }
func (still) After(time.Duration) <-chan time.Time { return nil }

func plainChannel(t testing.TB) *Channel {
	t.Helper()
	c, err := New(Options{Token: known("123456:TEST-token"), Practice: "hilltop", Clock: still{time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}})
	if err != nil {
		t.Fatal(err)
	}
	name := "handrail_test_bot"
	c.username.Store(&name)
	return c
}

const (
	private1  = `"message_id": 5, "date": 1793610000, "from": {"id": 1001, "is_bot": false, "first_name": "Ann"}, "chat": {"id": 1001, "type": "private", "first_name": "Ann"}`
	group1    = `"message_id": 5, "date": 1793610000, "from": {"id": 77, "is_bot": false, "first_name": "Bo"}, "chat": {"id": -1009, "type": "supergroup", "title": "Robert'); DROP TABLE"}`
	forwarded = `"forward_origin": {"type": "hidden_user", "sender_user_name": "Carl", "date": 1}`
	file1     = `{"file_id": "x", "file_unique_id": "y", "file_name": "letter.pdf", "mime_type": "application/pdf"}`
)

// The kinds of message that Telegram carries, and what is to be understood of each (B8 to B15).
func TestRead(t *testing.T) {
	sent := time.Unix(1793610000, 0).UTC()
	ann := handrail.Address{Practice: "hilltop", Channel: "telegram", Chat: "1001"}
	message := func(fields string) string { return `{"update_id": 9, "message": {` + private1 + `, ` + fields + `}}` }
	edited := func(fields string) string {
		return `{"update_id": 9, "edited_message": {` + private1 + `, "edit_date": 1793610060, ` + fields + `}}`
	}
	member := func(chat, before, after string) string {
		return `{"update_id": 9, "my_chat_member": {"chat": ` + chat + `, "date": 1793610000, "old_chat_member": {"status": "` + before + `"}, "new_chat_member": {"status": "` + after + `", "until_date": 0}}}`
	}
	update := func(kind bot.UpdateKind, text string) *bot.Update {
		u := &bot.Update{ID: "123456:9", From: ann, At: sent, Kind: kind, Text: text}
		switch kind {
		case bot.UpdateText, bot.UpdateUnread, bot.UpdateEdited, bot.UpdatePlace, bot.UpdateContact:
			u.Ref = "5" // there is a message that could be taken away
		}
		return u
	}
	place := func(lat, lon float64) *bot.Update {
		u := update(bot.UpdatePlace, "")
		u.Near = &handrail.Point{Lat: lat, Lon: lon}
		return u
	}
	later := update(bot.UpdateEdited, "I can't go on")
	later.At = sent.Add(time.Minute)
	press := update(bot.UpdatePress, "")
	press.Choice, press.At = "q~1~yes~0", time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	const me, them = `{"id": 1001, "type": "private"}`, `{"id": -1009, "type": "group"}`
	keys := `"reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "q~1~yes~0"}]]}`

	tests := []struct {
		name, raw string
		want      *bot.Update
		answer    string
		leave     int64
	}{
		{name: "text", raw: message(`"text": "hello"`), want: update(bot.UpdateText, "hello")},
		{name: "text, to the letter (B18, B19)", raw: message(`"text": "<b>'; DROP TABLE {{7*7}} *_["`), want: update(bot.UpdateText, "<b>'; DROP TABLE {{7*7}} *_[")},
		{name: "spaces only (B2)", raw: message(`"text": " "`), want: update(bot.UpdateText, " ")},
		{name: "a lone surrogate (B2)", raw: message(`"text": "a\ud800b"`), want: update(bot.UpdateText, "a�b")},
		{name: "NUL (B2)", raw: message(`"text": "a\u0000b"`), want: update(bot.UpdateText, "a\x00b")},
		{name: "deep link", raw: message(`"text": "/start a1B2-c3_D4"`), want: update(bot.UpdateText, "/start a1B2-c3_D4")},
		{name: "command to this bot (B11)", raw: message(`"text": "/stop@Handrail_Test_Bot all"`), want: update(bot.UpdateText, "/stop all")},
		{name: "command to another bot", raw: message(`"text": "/stop@other_bot"`), want: update(bot.UpdateText, "/stop@other_bot")},
		{name: "an @ later on", raw: message(`"text": "/start me@handrail_test_bot"`), want: update(bot.UpdateText, "/start me@handrail_test_bot")},
		{name: "reply to an older message (B12)", raw: message(`"text": "yes", "reply_to_message": {"message_id": 3, "date": 1, "chat": ` + me + `, "text": "Shall I?"}`), want: update(bot.UpdateText, "yes")},
		{name: "text with a link's entities", raw: message(`"text": "see here", "entities": [{"type": "text_link", "offset": 0, "length": 3, "url": "tg://user?id=1"}], "link_preview_options": {"is_disabled": true}`), want: update(bot.UpdateText, "see here")},

		{name: "sticker (B8)", raw: message(`"sticker": ` + file1), want: update(bot.UpdateUnread, "")},
		{name: "GIF (B8)", raw: message(`"animation": ` + file1 + `, "document": ` + file1), want: update(bot.UpdateUnread, "")},
		{name: "photo (B8)", raw: message(`"photo": [{"file_id": "x", "width": 1, "height": 1}]`), want: update(bot.UpdateUnread, "")},
		{name: "photo with caption (B8)", raw: message(`"photo": [{"file_id": "x"}], "caption": "I want to die"`), want: update(bot.UpdateUnread, "I want to die")},
		{name: "video with caption", raw: message(`"video": ` + file1 + `, "caption": "look"`), want: update(bot.UpdateUnread, "look")},
		{name: "document with caption", raw: message(`"document": ` + file1 + `, "caption": "my letter"`), want: update(bot.UpdateUnread, "my letter")},
		{name: "video note (B8)", raw: message(`"video_note": ` + file1), want: update(bot.UpdateUnread, "")},
		{name: "voice note (B9)", raw: message(`"voice": ` + file1), want: update(bot.UpdateUnread, "")},
		{name: "poll (B8)", raw: message(`"poll": {"id": "1", "question": "Shall I end it?", "options": [], "is_closed": false}`), want: update(bot.UpdateUnread, "Shall I end it?")},
		{name: "dice (B8)", raw: message(`"dice": {"emoji": "x", "value": 3}`), want: update(bot.UpdateUnread, "")},
		{name: "something newer than this", raw: message(`"hologram": {"id": 1}`), want: update(bot.UpdateUnread, "")},
		{name: "contact card (B8)", raw: message(`"contact": {"phone_number": "+441582000000", "first_name": "Carl", "user_id": 5}`), want: update(bot.UpdateContact, "")},
		{name: "location (B8)", raw: message(`"location": {"latitude": 51.878912, "longitude": -0.417654}`), want: place(51.88, -0.42)},
		{name: "live location (B8)", raw: message(`"location": {"latitude": 51.878912, "longitude": -0.417654, "live_period": 900, "heading": 3}`), want: place(51.88, -0.42)},
		{name: "live location moves on (B8)", raw: edited(`"location": {"latitude": 51.9, "longitude": -0.4, "live_period": 900}`)},
		{name: "venue", raw: message(`"location": {"latitude": 51.878912, "longitude": -0.417654}, "venue": {"location": {}, "title": "My house", "address": "1 High Street"}`), want: place(51.88, -0.42)},
		{name: "location nowhere", raw: message(`"location": {"latitude": 951.8, "longitude": 0}`), want: update(bot.UpdateUnread, "")},
		{name: "pinned message", raw: message(`"pinned_message": {"message_id": 1, "date": 0, "chat": ` + me + `}`)},
		{name: "timer", raw: message(`"message_auto_delete_timer_changed": {"message_auto_delete_time": 5}`)},

		{name: "edited text (B10)", raw: edited(`"text": "I can't go on"`), want: later},
		{name: "edited caption (B10)", raw: edited(`"photo": [], "caption": "I can't go on"`), want: later},

		{name: "forwarded (B12)", raw: message(`"text": "yes", ` + forwarded), want: update(bot.UpdateUnread, "yes")},
		{name: "forwarded photo (B12)", raw: message(`"photo": [], "caption": "yes", ` + forwarded), want: update(bot.UpdateUnread, "yes")},
		{name: "via another bot (B12)", raw: message(`"text": "yes", "via_bot": {"id": 5, "is_bot": true, "first_name": "x"}`), want: update(bot.UpdateUnread, "yes")},
		{name: "quote from another chat (B12)", raw: message(`"text": "this is me", "external_reply": {"origin": {}}, "quote": {"text": "I want to die", "position": 0}`), want: update(bot.UpdateUnread, "I want to die\nthis is me")},
		{name: "forwarded contact", raw: message(`"contact": {"phone_number": "1"}, ` + forwarded), want: update(bot.UpdateUnread, "")},

		{name: "group (B11)", raw: `{"update_id": 9, "message": {` + group1 + `, "text": "hello all"}}`, leave: -1009},
		{name: "group command (B11)", raw: `{"update_id": 9, "message": {` + group1 + `, "text": "/start@handrail_test_bot code"}}`, leave: -1009},
		{name: "group edit (B11)", raw: `{"update_id": 9, "edited_message": {` + group1 + `, "text": "hello all"}}`, leave: -1009},
		{name: "channel post (B11)", raw: `{"update_id": 9, "channel_post": {"message_id": 1, "date": 1, "chat": {"id": -1008, "type": "channel", "title": "x"}, "text": "news"}}`, leave: -1008},
		{name: "put into a group (B11)", raw: member(them, "left", "member"), leave: -1009},
		{name: "put out of a group", raw: member(them, "member", "kicked")},
		{name: "inline query (B11)", raw: `{"update_id": 9, "inline_query": {"id": "1", "from": {"id": 1001}, "query": "I want to die", "offset": ""}}`},
		{name: "reaction", raw: `{"update_id": 9, "message_reaction": {"chat": ` + me + `}}`},
		{name: "something newer than this altogether", raw: `{"update_id": 9, "thought": {"chat": ` + me + `}}`},

		{name: "blocked", raw: member(me, "member", "kicked"), want: update(bot.UpdateLeft, "")},
		{name: "unblocked", raw: member(me, "kicked", "member"), want: update(bot.UpdateReturned, "")},
		{name: "member as before", raw: member(me, "member", "member")},

		{name: "press (B13)", raw: `{"update_id": 9, "callback_query": {"id": "77", "from": {"id": 1001}, "chat_instance": "1", "data": "q~1~yes~0", "message": {` + private1 + `, "text": "Well?", ` + keys + `}}}`, want: press, answer: "77"},
		{name: "press under a message too old to see (B14)", raw: `{"update_id": 9, "callback_query": {"id": "77", "from": {"id": 1001}, "data": "q~1~yes~0", "message": {"chat": ` + me + `, "message_id": 4, "date": 0}}}`, want: press, answer: "77"},
		{name: "press by somebody else (C7)", raw: `{"update_id": 9, "callback_query": {"id": "77", "from": {"id": 5}, "data": "q~1~yes~0", "message": {` + group1 + `}}}`, answer: "77", leave: -1009},
		{name: "press under an inline message", raw: `{"update_id": 9, "callback_query": {"id": "77", "from": {"id": 1001}, "data": "x", "inline_message_id": "5"}}`, answer: "77"},
		{name: "press of a game", raw: `{"update_id": 9, "callback_query": {"id": "77", "from": {"id": 1001}, "game_short_name": "x", "message": {` + private1 + `}}}`, answer: "77"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := decode([]byte(test.raw))
			if err != nil {
				t.Fatal(err)
			}
			got := plainChannel(t).read(u)
			if !reflect.DeepEqual(got.update, test.want) {
				t.Errorf("understood %s\nwant %s", shown(got.update), shown(test.want))
			}
			if got.answer != test.answer || got.leave != test.leave {
				t.Errorf("answers %q and leaves %d, want %q and %d", got.answer, got.leave, test.answer, test.leave)
			}
			// What must not be stored must not be in it, wherever it stood.
			for _, never := range []string{"1582000000", "Carl", "878912", "letter.pdf", "Bo", "DROP TABLE\"", "1 High Street", "My house"} {
				if strings.Contains(shown(got.update), never) {
					t.Errorf("%q would be stored", never)
				}
			}
		})
	}
}

func shown(u *bot.Update) string {
	if u == nil {
		return "nothing"
	}
	raw, err := json.Marshal(u)
	if err != nil {
		return err.Error()
	}
	return string(raw) + u.From.Key()
}

func TestDecode(t *testing.T) {
	for _, test := range []struct{ name, raw string }{
		{"nothing", ``}, {"cut", `{"update_id": 9, "message": {"text": "I want to`}, {"another thing", `{"ok": true}`}, {"a list", `[]`}, {"words", `I want to die`},
	} {
		if _, err := decode([]byte(test.raw)); err == nil || strings.Contains(err.Error(), "want") {
			t.Errorf("%s: the error is %v", test.name, err)
		}
	}
	// A thing of another shape than expected costs only itself.
	u, err := decode([]byte(`{"update_id": 9, "message": {` + private1 + `, "text": "I want to die", "poll": "new", "quote": 3, "photo": {"sizes": []}, "via_bot": null}}`))
	if err != nil || u.Message == nil || u.Message.Text != "I want to die" {
		t.Errorf("odd shapes lost the words: %v", err)
	}
}

// The same update has the same id however it comes, and the same number of another bot another.
func TestUpdateID_B15(t *testing.T) {
	raw := []byte(`{"update_id": 9, "message": {` + private1 + `, "text": "yes"}}`)
	u, err := decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	c := plainChannel(t)
	other, err := New(Options{Token: known("777:TEST-token"), Practice: "hilltop", Clock: still{}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := c.read(u).update.ID, c.read(u).update.ID; a != b || a == "" {
		t.Errorf("ids %q and %q of one update", a, b)
	}
	if c.read(u).update.ID == other.read(u).update.ID {
		t.Error("two bots' updates have one id")
	}
}

func TestChosen(t *testing.T) {
	p := func(text, caption, label string) *wireCallback {
		raw := fmt.Sprintf(`{"id": "1", "data": "d", "message": {"text": %q, "caption": %q, "reply_markup": {"inline_keyboard": [[{"text": "No", "callback_data": "e"}], [{"text": %q, "callback_data": "d"}]]}}}`, text, caption, label)
		var c wireCallback
		if err := json.Unmarshal([]byte(raw), &c); err != nil {
			t.Fatal(err)
		}
		return &c
	}
	for _, test := range []struct {
		name          string
		p             *wireCallback
		text, caption string
	}{
		{"words", p("Well?", "", "Yes"), "Well?\n\n» Yes", ""},
		{"caption", p("", "Well?", "Yes"), "", "Well?\n\n» Yes"},
		{"a pin", p("", "", "Yes"), "", ""},
		{"no room", p(strings.Repeat("x", 4095), "", "Yes"), "", ""},
		{"no room beneath a picture", p("", strings.Repeat("x", 1020), "Yes"), "", ""},
	} {
		if text, caption := test.p.chosen(); text != test.text || caption != test.caption {
			t.Errorf("%s: %q, %q", test.name, text, caption)
		}
	}
}

func TestUnits(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 1, "😭": 2, "👍🏽": 4, "a\xffb": 3} {
		if got := units(s); got != want {
			t.Errorf("%q has %d units, want %d", s, got, want)
		}
	}
}

// FuzzDecode: whatever comes, nothing panics, the exact position never leaves, and only a private chat is delivered.
func FuzzDecode(f *testing.F) {
	for _, fields := range []string{`"text": "hello"`, `"location": {"latitude": 51.878912, "longitude": -0.417654}`, `"poll": {"question": "x"}`, forwarded, `"chat": {"id": -5, "type": "group"}`} {
		f.Add([]byte(`{"update_id": 9, "message": {` + private1 + `, ` + fields + `}}`))
		f.Add([]byte(`{"update_id": 9, "edited_message": {` + private1 + `, ` + fields + `}}`))
	}
	f.Add([]byte(`{"update_id": 9, "callback_query": {"id": "7", "from": {"id": 1001}, "data": "q", "message": {` + private1 + `}}}`))
	f.Add([]byte(`{"update_id": 9, "my_chat_member": {"chat": {"id": 1, "type": "private"}, "new_chat_member": {"status": "kicked"}}}`))
	c := plainChannel(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := decode(raw)
		if err != nil {
			return
		}
		h := c.read(u)
		if h.update == nil {
			return
		}
		if h.update.ID == "" || h.update.From.Chat == "" || h.update.From.Chat[0] == '-' || h.update.From.Chat == "0" {
			t.Errorf("delivered %s", shown(h.update))
		}
		if n := h.update.Near; n != nil {
			for _, x := range []float64{n.Lat, n.Lon} {
				if s := fmt.Sprint(x); strings.Contains(s, ".") && len(s)-strings.Index(s, ".") > 3 && !strings.Contains(s, "e") {
					t.Errorf("a position of %s", s)
				}
			}
		}
		if h.press != nil {
			h.press.chosen()
		}
	})
}
