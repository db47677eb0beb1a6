package bot_test

import (
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

// stored is the one row that a delivery left behind.
func stored(t *testing.T, h *bottest.House) (u bot.Update) {
	t.Helper()
	if err := json.Unmarshal([]byte(h.Ledger.Stored()), &u); err != nil {
		t.Fatalf("what is stored is not one row: %v", err)
	}
	return u
}

// B1, B2, B4: whatever bytes come in, what is stored is bounded and valid, and danger at the very end is seen.
func TestDeliver_B1_B2_AnyBytes(t *testing.T) {
	for name, words := range map[string]string{
		"1 MB":          strings.Repeat("word ", 200_000) + "danger",
		"10,000 lines":  strings.Repeat("\n", 10_000) + "danger",
		"NUL":           "a\x00b\x00danger",
		"invalid UTF-8": "a\xff\xfe\xc3(danger",
		"cut in a rune": strings.Repeat("é", 4001) + "xdanger",
		"surrogate":     "\xed\xa0\x80danger",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, bottest.Roomy(), nil)
			for id, u := range map[string]bot.Update{
				"text": text("1", words), "caption": {ID: "2", Kind: bot.UpdateUnread, Text: words}, "edited": {ID: "3", Kind: bot.UpdateEdited, Text: words},
				"form": {ID: "4", Kind: bot.UpdateForm, Form: words, Fields: map[string]string{"a": "fine", words: words}}, "press": {ID: "5", Kind: bot.UpdatePress, Choice: words, Text: words},
			} {
				if err := h.Deliver(t.Context(), patient, u); err != nil {
					t.Fatalf("%s: %v", id, err)
				}
				u := stored(t, h)
				if u.Danger != "danger" {
					t.Errorf("%s: danger was not seen", id)
				}
				all := []string{u.Text, u.Choice, u.Form}
				for k, v := range u.Fields {
					all = append(all, k, v)
				}
				for _, s := range all {
					if len(s) > 8000 || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
						t.Errorf("%s: %d bytes are stored, valid: %v", id, len(s), utf8.ValidString(s))
					}
				}
				if err := h.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			heard(t, h, slices.Repeat([]string{rescue, told}, 5)...)
		})
	}
}

func TestDeliver_B2_Nothing(t *testing.T) {
	for _, words := range []string{"", " ", "\n", "\x00", "\u200b", "👨‍👩‍👧", "💊"} {
		h := newHouse(t, bottest.Roomy(), nil)
		h.Say(patient, "1", words)
		heard(t, h, dontKnow)
		h.Say(patient, "2", "menu")
		h.Heard()
		h.Say(patient, "3", words)
		if got := h.Heard(); len(got) != 2 || got[0] != "-> PATIENT: Please pick one of these." {
			t.Errorf("%q at a question: %q", words, got)
		}
	}
}

// B8, B11: what must never be stored is not.
func TestDeliver_B8_B11_NeverStored(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	if err := h.Deliver(t.Context(), patient, bot.Update{ID: "1", Kind: bot.UpdateGroup, Text: "secret of the group"}); err != nil {
		t.Fatal(err)
	}
	if got := h.Ledger.Stored(); got != "" {
		t.Errorf("a group's message is stored: %s", got)
	}
	contact := bot.Update{ID: "2", Kind: bot.UpdateContact, Text: "my sister", Fields: map[string]string{"phone": "07700 900000"}, Near: &handrail.Point{Lat: 1, Lon: 2}}
	if err := h.Deliver(t.Context(), patient, contact); err != nil {
		t.Fatal(err)
	}
	if u := stored(t, h); u.Kind != bot.UpdateUnread || u.Fields != nil || u.Near != nil || u.Text != "my sister" {
		t.Errorf("a contact card is stored as %+v", u)
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	near := &handrail.Point{Lat: 51.887766, Lon: -0.421188}
	if err := h.Deliver(t.Context(), patient, bot.Update{ID: "3", Kind: bot.UpdatePlace, Near: near, Handle: "trigger-1"}); err != nil {
		t.Fatal(err)
	}
	if u := stored(t, h); u.Near == nil || *u.Near != (handrail.Point{Lat: 51.89, Lon: -0.42}) || u.Handle != "" {
		t.Errorf("a place is stored as %+v", u.Near)
	}
	if *near != (handrail.Point{Lat: 51.887766, Lon: -0.421188}) {
		t.Error("the adapter's own update was changed")
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, p := range []handrail.Point{{Lat: math.NaN()}, {Lon: math.Inf(1)}, {Lat: 91}, {Lon: -181}} {
		h.Happen(patient, bot.Update{ID: "bad" + string(rune('0'+i)), Kind: bot.UpdatePlace, Near: &p})
	}
	if n := h.Ledger.Waiting(); n != 0 {
		t.Errorf("%d rows wait", n)
	}
}

// What staff type is masked before it is stored, and the scan saw it whole.
func TestDeliver_Mask(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
		o.Mask = func(s string) string {
			return strings.NewReplacer("943 476 5919", "(hidden)", "danger", "(hidden)").Replace(s)
		}
	})
	u := bot.Update{ID: "1", Kind: bot.UpdateForm, Text: "943 476 5919", Fields: map[string]string{"why": "943 476 5919 danger"}}
	if err := h.Deliver(t.Context(), "GP", u); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, h); got.Text != "(hidden)" || got.Fields["why"] != "(hidden) (hidden)" || got.Danger != "danger" {
		t.Errorf("stored is %+v", got)
	}
	if u.Fields["why"] != "943 476 5919 danger" {
		t.Error("the adapter's own fields were changed")
	}
}

// An identifier is neither put together from pieces when what no store takes is dropped, nor left in half where a long text
// is cut; and the update says that something was taken out.
func TestDeliver_Mask_PiecesAndHalves(t *testing.T) {
	for name, words := range map[string]string{
		"pieces": "943\x00 476\xff 5919 lonely", "cut in it": strings.Repeat("x", 7995) + " 943 476 5919", "whole": "943 476 5919",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
				o.Mask = func(s string) string { return strings.ReplaceAll(s, "943 476 5919", "(hidden)") }
			})
			u := bot.Update{ID: "1", Kind: bot.UpdateText, Text: words, Fields: map[string]string{"note": words}}
			if err := h.Deliver(t.Context(), "GP", u); err != nil {
				t.Fatal(err)
			}
			got := stored(t, h)
			if !got.Masked || strings.Contains(got.Text+got.Fields["note"], "943") {
				t.Errorf("stored is %.40q and %.40q, masked: %v", got.Text, got.Fields["note"], got.Masked)
			}
		})
	}
}

// Whoever sent an identifier is told so before anything else is said, once, also where a guard answers them, and after the
// guard's own words, which may be the way to help.
func TestMasked_TheSenderIsWarned(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
		o.Mask = func(s string) string { return strings.ReplaceAll(s, "943 476 5919", "(hidden)") }
		o.Masked = func(u bot.Update, who bot.Who) []bot.Message {
			return []bot.Message{{Text: bot.Para("warned " + string(u.Ref)), Options: []bot.Option{{Label: "Delete it", Press: &bot.Press{Dialog: "tell", Subject: string(u.Ref), Answer: "yes"}}}}}
		}
	})
	say := func(id, words string) []string {
		t.Helper()
		if err := h.Deliver(t.Context(), patient, bot.Update{ID: id, Kind: bot.UpdateText, Text: words, Ref: bot.Ref("m" + id)}); err != nil {
			t.Fatal(err)
		}
		if err := h.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, s := range h.Channel.Shown(bottest.Address(patient)) {
			out = append(out, s.Message.Text.Plain())
		}
		return out
	}
	said := say("1", "tell")
	if slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "warned") }) {
		t.Fatalf("nothing was taken out, and %q was said", said)
	}
	n := len(said)
	said = say("2", "Joan 943 476 5919")[n:]
	if len(said) < 2 || said[0] != "warned m2" {
		t.Errorf("said: %q", said)
	}
	n += len(said)
	said = say("3", "danger 943 476 5919")[n:]
	if len(said) < 2 || said[len(said)-1] != "warned m3" {
		t.Errorf("with a guard: %q", said)
	}
}

// B15: an update that is delivered again changes nothing, also long after it was finished.
func TestDeliver_B15_Again(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	h.Say(patient, "1", "tell")
	h.Say(patient, "2", "Joan")
	h.Heard()
	h.Say(patient, "1", "tell")
	h.Clock.Advance(time.Hour)
	h.Say(patient, "2", "Joan")
	heard(t, h)
}

// B14, C7: a payload that was changed, is somebody else's, or is of a button nobody made does nothing.
func TestPress_B14_Payloads(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	h.Say("GP", "0", "buttons")
	gps := h.Channel.Shown(bottest.Address("GP"))[0].Message.Options[0].Payload
	h.Say(patient, "1", "buttons")
	own := h.Channel.Shown(bottest.Address(patient))[0].Message.Options[0].Payload
	h.Say(patient, "2", "tell")
	h.Heard()
	for i, payload := range []string{
		gps, strings.Replace(own, "yes", "no", 1), own[:len(own)-1], own + "x", own[:len(own)-11] + strings.Repeat("A", 11), strings.Repeat("p~", 32) + "x",
		"p~", "p~visit~v1~yes~0~", "q~", "q~1~", "q~zz~zz~9999999999999999999", "q~1~1~-1", "l~", "l~1~yes", "c~", "c~1~0", "c~1~0~x", "", "~", "x", "\xff",
	} {
		h.Happen(patient, bot.Update{ID: "p" + string(rune('A'+i)), Kind: bot.UpdatePress, Choice: payload})
		h.Clock.Advance(time.Minute)
		heard(t, h, movedOn, whomLine)
	}
	if got := h.Ledger.Notes(); len(got) != 0 {
		t.Errorf("records are %q", got)
	}
	h.Happen(patient, bot.Update{ID: "own", Kind: bot.UpdatePress, Choice: own})
	heard(t, h, "-> PATIENT: Noted.", whomLine)
}

// B13: the same button twice within seconds, from two devices, is one press; another button of the same question has
// moved on.
func TestPress_B13_TwoDevices(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	for i, w := range []string{"trip Leeds", "1", "-"} {
		h.Say(patient, string(rune('0'+i)), w)
	}
	shown := h.Channel.Shown(bottest.Address(patient))
	sure := shown[len(shown)-1].Message.Options
	h.Heard()
	for i, o := range []bot.Option{sure[0], sure[0], sure[1]} {
		u := bot.Update{ID: "p" + string(rune('0'+i)), Kind: bot.UpdatePress, Choice: o.Payload}
		if err := h.Deliver(t.Context(), patient, u); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	form := "-> PATIENT: For the ticket:\n{form: Ticket | name, seats, class, terms}"
	heard(t, h, "-> PATIENT: Booked, number 7.", form, movedOn, form)
	if got := h.Ledger.Notes(); len(got) != 1 {
		t.Errorf("records are %q, want one booking", got)
	}
}

// A form that was refused comes back filled in with what was sent.
func TestForm_ComesBackFilledIn(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	for i, w := range []string{"trip Leeds", "1", "-", "yes"} {
		h.Say(patient, string(rune('0'+i)), w)
	}
	form := func() *bot.Form {
		shown := h.Channel.Shown(bottest.Address(patient))
		return shown[len(shown)-1].Message.Form
	}
	if got := form().Fields[0].Value; got != "Frank" {
		t.Errorf("the name is filled in with %q, want Frank", got)
	}
	h.Happen(patient, bot.Update{ID: "f", Kind: bot.UpdateForm, Form: form().Token, Fields: map[string]string{"name": "Þóra", "seats": "9", "terms": "yes"}})
	for i, want := range []string{"Þóra", "9", "", "yes"} {
		if got := form().Fields[i].Value; got != want {
			t.Errorf("field %d came back with %q, want %q", i, got, want)
		}
	}
	h.Heard()
	h.Happen(patient, bot.Update{ID: "g", Kind: bot.UpdateForm, Form: "q~1~other~0", Fields: map[string]string{"name": "x", "terms": "yes"}})
	if got := h.Heard(); len(got) != 2 || got[0] != movedOn {
		t.Errorf("another form's token: %q", got)
	}
}

// What goes to staff is marked as private, and a patient's envelope says whose business it is.
func TestEnvelopes(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	h.Say("GP", "1", "secret")
	h.Say(patient, "2", "hello")
	h.Say("NOBODY", "3", "danger")
	out := h.Ledger.Out()
	if !out[0].Message.Private || out[0].Patient != "" || out[0].Class != bot.ClassReply {
		t.Errorf("to staff: %+v", out[0])
	}
	if out[1].Message.Private || out[1].Patient != "p1" {
		t.Errorf("to a patient: %+v", out[1])
	}
	if out[2].Class != bot.ClassCard || out[2].Patient != "" {
		t.Errorf("the card: %+v", out[2])
	}
	keys := map[string]bool{}
	for _, e := range out {
		if keys[e.Key] || strings.Contains(e.Key, "gp") || strings.Contains(e.Key, "patient") {
			t.Errorf("the key %q is used twice or holds an address", e.Key)
		}
		keys[e.Key] = true
	}
}

// A programmer's mistakes are told at start.
func TestNew_Mistakes(t *testing.T) {
	script := func(*bot.Talk) error { return nil }
	for want, dialogs := range map[string][]bot.Dialog{
		"used twice": {{Name: "a", Script: script}, {Name: "a", Script: script}},
		"no script":  {{Name: "a"}},
		"1 to 10":    {{Name: "a~b", Script: script}},
	} {
		_, err := bot.New(bot.Options{
			Ledger: bottest.NewLedger(), States: bottest.NewMemoryStates(), Words: bottest.NewWords(nil), Scanner: bottest.Calm{},
			Clock: bottest.NewClock(time.Time{}), Log: slog.New(slog.DiscardHandler), Dialogs: dialogs,
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := bot.New(bot.Options{}); err == nil {
		t.Error("a bot of nothing: no error")
	}
}

// A bot without a key signs nothing and trusts nothing.
func TestSigner_ZeroIsNoKey(t *testing.T) {
	var s bot.Signer
	to := bottest.Address(patient)
	if _, err := s.Payload(bot.Press{Dialog: "visit", Subject: "v1", Answer: "yes"}, to, signedAt()); err == nil {
		t.Error("signed without a key")
	}
	if _, err := s.Open("p~visit~v1~yes~0~AAAAAAAAAAA", to, signedAt()); err == nil {
		t.Error("opened without a key")
	}
}
