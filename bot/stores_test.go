package bot_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

var errCrash = errors.New("the process was killed here")

func text(id, words string) bot.Update {
	return bot.Update{ID: id, Kind: bot.UpdateText, Text: words}
}

func heard(t *testing.T, h *bottest.House, want ...string) {
	t.Helper()
	got := h.Heard()
	if !slices.Equal(got, want) {
		t.Fatalf("people were shown\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const (
	lostLine  = "-> PATIENT: I have lost my place in what we were doing. Please start again."
	whomLine  = "-> PATIENT: Tell whom?"
	whatLine  = "-> PATIENT: Tell Joan what?"
	dontKnow  = "-> PATIENT: I did not understand that."
	stopped   = "-> PATIENT: Stopped."
	movedOn   = "-> PATIENT: That has moved on."
	broken    = "-> PATIENT: Something went wrong here. Please say it again."
	rescue    = "-> PATIENT: Ring 999."
	told      = "-> PATIENT: Your surgery was told."
	patient   = "PATIENT"
	buttonsIn = "-> PATIENT: Press when you like.\n[I come] [Ask me] [Staff only]"
)

// The state store may lose everything. The person hears so in one sentence if a dialog was open, and what they wrote is
// never read as an answer; what opens a dialog by its own words still does.
func TestTurn_F3_StateLost(t *testing.T) {
	conversation := bottest.ConversationOf(bottest.Address(patient))
	lose := map[string]func(*bottest.MemoryStates){
		"gone":             func(s *bottest.MemoryStates) { s.Lose() },
		"back by a second": func(s *bottest.MemoryStates) { s.Rollback() },
		"not JSON":         func(s *bottest.MemoryStates) { s.Set(conversation, []byte("{")) },
		"of another version": func(s *bottest.MemoryStates) {
			s.Set(conversation, slices.Concat([]byte(`{"v":2`), s.Raw(conversation)[len(`{"v":1`):]))
		},
	}
	for name, lose := range lose {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, bottest.Roomy(), nil)
			h.Say(patient, "1", "tell")
			h.States.Mark()
			h.Say(patient, "2", "Joan")
			h.Heard()
			lose(h.States)
			h.Say(patient, "3", "a secret for Joan")
			heard(t, h, lostLine)
			h.Say(patient, "4", "tell")
			heard(t, h, whomLine)
			lose(h.States)
			h.Say(patient, "5", "tell")
			heard(t, h, lostLine, whomLine)
		})
	}
}

// Nothing is said of a lost place when nothing was open, or when stop had closed it.
func TestTurn_F3_NothingToLose(t *testing.T) {
	for name, words := range map[string][]string{
		"nothing open": {"hello"}, "ended": {"tell", "Joan", "hi"}, "stopped": {"tell", "Joan", "stop"}, "cancelled": {"tell", "cancel"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, bottest.Roomy(), nil)
			for i, w := range words {
				h.Say(patient, "a"+string(rune('0'+i)), w)
			}
			h.Heard()
			h.States.Lose()
			h.Say(patient, "b", "good morning")
			heard(t, h, dontKnow)
		})
	}
}

// A button that works on its own works with the state lost, and the person hears of the loss too.
func TestTurn_F3_PressWithStateLost(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	h.Say(patient, "1", "buttons")
	h.Say(patient, "2", "tell")
	press := h.Channel.Shown(bottest.Address(patient))[0].Message.Options[0].Payload
	h.Heard()
	h.States.Lose()
	h.Happen(patient, bot.Update{ID: "3", Kind: bot.UpdatePress, Choice: press})
	heard(t, h, lostLine, "-> PATIENT: Noted.")
	if got := h.Ledger.Notes(); !slices.Equal(got, []string{"visit v1 yes"}) {
		t.Fatalf("records are %q", got)
	}
}

// With the state store away, guards still answer and other updates wait; then they go on where they were.
func TestTurn_F3_StateStoreAway(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	h.Say(patient, "1", "tell")
	heard(t, h, whomLine)
	h.States.Away(true)
	h.Say(patient, "2", "Joan")
	heard(t, h)
	h.Say(patient, "3", "there is danger here")
	heard(t, h, rescue, told)
	h.Clock.Advance(time.Minute)
	h.Say(patient, "4", "come at nine")
	heard(t, h)
	h.States.Away(false)
	if err := h.Advance(t.Context(), h.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	heard(t, h, whatLine, "-> PATIENT: Told Joan: come at nine")
}

// Stop takes effect at once, out of its turn: what was written before it and could not be thought yet is no answer any
// more.
func TestTurn_B16_StopOvertakes(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	h.Say(patient, "1", "tell")
	h.Heard()
	h.States.Away(true)
	h.Say(patient, "2", "Joan")
	h.Say(patient, "3", "STOP")
	heard(t, h, stopped)
	h.States.Away(false)
	if err := h.Advance(t.Context(), h.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	heard(t, h, dontKnow)
}

// Nothing can be committed: the fixed card goes out past every store, once however often the network tries, and the
// adapter is told to keep the update.
func TestDeliver_K4_LedgerAway(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	away := errors.New("no space left")
	h.Ledger.FailWith(func(point string) error { return away })
	deliver := func(u bot.Update) error { return h.Deliver(t.Context(), patient, u) }
	if err := deliver(text("1", "hello")); !errors.Is(err, away) {
		t.Fatalf("deliver: got %v, want the ledger's error", err)
	}
	heard(t, h)
	for range 3 {
		if err := deliver(text("2", "I am in danger")); !errors.Is(err, away) {
			t.Fatalf("deliver: got %v, want the ledger's error", err)
		}
	}
	heard(t, h, rescue)
	if err := deliver(bot.Update{ID: "3", Kind: bot.UpdateForm, Fields: map[string]string{"why": "danger"}}); err == nil {
		t.Fatal("deliver: no error")
	}
	heard(t, h, rescue)
	h.Ledger.FailWith(nil)
	h.Happen(patient, text("2", "I am in danger"))
	heard(t, h, rescue, told)
}

// The card is tried again when the network refused it.
func TestDeliver_K4_CardRefusedOnce(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	h.Ledger.FailWith(func(string) error { return errors.New("away") })
	h.Channel.Fail(bottest.Fault{Outcome: bot.OutcomeRetry})
	for range 3 {
		if err := h.Deliver(t.Context(), patient, text("1", "danger")); err == nil {
			t.Fatal("deliver: no error")
		}
	}
	heard(t, h, rescue)
}

// The alert cannot be committed although the update was: the card goes out, once, and the guard is asked again until
// the alert is written.
func TestGuard_K4_EffectFails(t *testing.T) {
	for _, broken := range []string{"once", "who"} { // what the guard writes, and who it is about
		t.Run(broken, func(t *testing.T) {
			h := newHouse(t, bottest.Roomy(), nil)
			h.Ledger.FailWith(func(point string) error {
				if point == broken {
					return errors.New("read only")
				}
				return nil
			})
			h.Say(patient, "1", "danger")
			if err := h.Advance(t.Context(), h.Now().Add(10*time.Second)); err != nil {
				t.Fatal(err)
			}
			heard(t, h, rescue)
			h.Ledger.FailWith(nil)
			if err := h.Advance(t.Context(), h.Now().Add(10*time.Second)); err != nil {
				t.Fatal(err)
			}
			heard(t, h, rescue, told)
			if got := h.Ledger.Notes(); !slices.Equal(got, []string{"alert"}) {
				t.Fatalf("records are %q, want one alert", got)
			}
		})
	}
}

// A script that always fails is given up after five tries; the person hears something, later turns flow, and so do other
// people's meanwhile.
func TestTurn_F12_Poison(t *testing.T) {
	for name, script := range map[string]func(*bot.Talk) error{
		"error":      func(*bot.Talk) error { return errors.New("always") },
		"panic":      func(*bot.Talk) error { panic("always") },
		"name twice": func(t *bot.Talk) error { t.Seeded("a"); t.Seeded("a"); return nil },
		"loop":       func(t *bot.Talk) error { return t.Then("poison", nil) },
		"bad button": func(t *bot.Talk) error {
			t.Send(bot.Message{Options: []bot.Option{{Label: "x", Press: &bot.Press{Dialog: "a~b"}}}})
			return nil
		},
		"broken look": func(t *bot.Talk) error {
			bot.Look(t, "a", func(context.Context) (chan int, error) { return nil, nil })
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
				o.Dialogs = append(o.Dialogs, bot.Dialog{Name: "poison", Opens: "poison", Script: script})
			})
			h.Say(patient, "1", "poison")
			h.Say(patient, "2", "tell")
			h.Say("GP", "3", "tell")
			heard(t, h, "-> GP: Tell whom?")
			if err := h.Advance(t.Context(), h.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			heard(t, h, broken, whomLine)
			if n := h.Ledger.Waiting(); n != 0 {
				t.Fatalf("%d rows wait", n)
			}
		})
	}
}

// The small functions of a dialog may panic too.
func TestTurn_F12_PanicInHears(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
		o.Dialogs = append(o.Dialogs, bot.Dialog{Name: "poison", Script: o.Dialogs[0].Script, Hears: func(u bot.Update, _ bot.Who) (bot.Answers, bool) {
			if u.Text == "boo" {
				panic("always")
			}
			return nil, false
		}})
	})
	h.Say(patient, "1", "boo")
	if err := h.Advance(t.Context(), h.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	heard(t, h, broken)
}

// A store that is away is not the turn's fault: it is never given up.
func TestTurn_F12_AwayIsNoPoison(t *testing.T) {
	away := true
	h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
		o.Dialogs = append(o.Dialogs, bot.Dialog{Name: "search", Opens: "search", Script: func(t *bot.Talk) error {
			t.Say(bot.Para(bot.Look(t, "a", func(context.Context) (string, error) {
				if away {
					return "", handrail.Errorf(handrail.KindUnavailable, "Not now.", "away")
				}
				return "Found.", nil
			})))
			return nil
		}})
	})
	h.Say(patient, "1", "search")
	if err := h.Advance(t.Context(), h.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	heard(t, h)
	away = false
	if err := h.Advance(t.Context(), h.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	heard(t, h, "-> PATIENT: Found.")
}

// A worker that fell asleep with a turn in hand wakes when others have finished it and gone on. It must not save the
// old place over the new one, for the state it reads is the newest.
func TestTurn_F5_SleeperWakes(t *testing.T) {
	for _, point := range []string{"leased", "thought", "saved"} {
		t.Run(point, func(t *testing.T) {
			ctx := t.Context()
			var h *bottest.House
			asleep := false
			h = newHouse(t, bottest.Roomy(), func(o *bot.Options) {
				o.Fail = func(p string) error {
					if p != point || asleep {
						return nil
					}
					asleep = true
					// The lease runs out; another worker does this turn and the next.
					h.Clock.Advance(time.Minute)
					if err := h.Deliver(ctx, patient, text("2", "Joan")); err != nil {
						return err
					}
					return h.Settle(ctx)
				}
			})
			if err := h.Deliver(ctx, patient, text("1", "tell")); err != nil {
				t.Fatal(err)
			}
			if err := h.Settle(ctx); err != nil {
				t.Fatal(err)
			}
			heard(t, h, whomLine, whatLine)
			h.Say(patient, "3", "hi")
			heard(t, h, "-> PATIENT: Told Joan: hi")
			if n := h.Ledger.Waiting(); n != 0 {
				t.Fatalf("%d rows wait", n)
			}
		})
	}
}

// The records were restored from a backup and are older than the state: that is a lost place, and the conversation goes
// on.
func TestTurn_F15_RecordsBehind(t *testing.T) {
	h := newHouse(t, bottest.Roomy(), nil)
	conversation := bottest.ConversationOf(bottest.Address(patient))
	for i, w := range []string{"tell", "Joan", "hi", "tell"} {
		h.Say(patient, string(rune('0'+i)), w)
	}
	ahead := h.States.Raw(conversation)
	h = newHouse(t, bottest.Roomy(), nil)
	h.Clock.Advance(time.Hour)
	h.Say(patient, "5", "tell")
	h.States.Set(conversation, ahead)
	h.Heard()
	h.Say(patient, "6", "Joan")
	heard(t, h)
	if err := h.Advance(t.Context(), h.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	heard(t, h, lostLine)
	// A number that happens to be the same is not taken for "thought already" either.
	h.States.Set(conversation, []byte(strings.Replace(string(ahead), `"applied":4`, `"applied":3`, 1)))
	h.Say(patient, "7", "hello")
	heard(t, h, dontKnow)
}

// A half-finished conversation of an older house goes on: what it has is kept, what is new is asked, and a dialog that
// is no more is a lost place.
func TestTurn_ChangedScript(t *testing.T) {
	conversation := bottest.ConversationOf(bottest.Address(patient))
	for file, want := range map[string]string{
		"testdata/old/asked_less.json": "-> PATIENT: What colour, Joan?",
		"testdata/old/gone.json":       lostLine,
		"testdata/old/asked_more.json": "-> PATIENT: Joan, red, big",
	} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
			o.Dialogs = append(o.Dialogs, bot.Dialog{Name: "paint", Opens: "paint", Script: func(t *bot.Talk) error {
				t.Say(bot.Para("Let us paint."))
				who := t.Text("who", bot.Para("Who are you?"))
				colour := t.Text("colour", bot.Para("What colour, "+who+"?")) // new since
				size := t.Text("size", bot.Para("How big?"))
				t.Say(bot.Para(who + ", " + colour + ", " + size))
				return nil
			}})
		})
		h.Say(patient, "1", "paint")
		h.States.Set(conversation, raw)
		h.Heard()
		h.Happen(patient, bot.Update{ID: "2", Kind: bot.UpdatePress, Choice: "q~1~0~0"})
		got := h.Heard()
		if len(got) == 0 || got[len(got)-1] != want || slices.Contains(got, "-> PATIENT: Let us paint.") {
			t.Errorf("%s: shown %q, want %q last and nothing of before", file, got, want)
		}
	}
}

// A script that reads the world outside Look is found by the second play.
func TestPlayTwice_FindsImpureScript(t *testing.T) {
	n := 0
	h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
		o.Dialogs = append(o.Dialogs, bot.Dialog{Name: "dice", Opens: "dice", Script: func(t *bot.Talk) error {
			n++
			t.Say(bot.Para(strings.Repeat("x", n)))
			return nil
		}})
	})
	if err := h.Deliver(t.Context(), patient, text("1", "dice")); err != nil {
		t.Fatal(err)
	}
	if did, err := h.Bot.Step(t.Context()); !did || err == nil || !strings.Contains(err.Error(), "second play") {
		t.Fatalf("step: got %v, %v; want an error about the second play", did, err)
	}
}

// A script may share its options with other conversations: the engine writes nothing into them.
func TestTurn_LeavesTheScriptsOptionsAlone(t *testing.T) {
	shared := []bot.Option{{Answer: "a", Label: "A"}, {Label: "B", Press: &bot.Press{Dialog: "visit", Subject: "v", Answer: "yes"}}}
	h := newHouse(t, bottest.Roomy(), func(o *bot.Options) {
		o.Dialogs = append(o.Dialogs, bot.Dialog{Name: "share", Opens: "share", Script: func(t *bot.Talk) error {
			t.Send(bot.Message{Text: bot.Para("Look."), Options: shared[1:]})
			t.Choose("pick", bot.Para("Pick."), shared...)
			return nil
		}})
	})
	h.Say(patient, "1", "share")
	heard(t, h, "-> PATIENT: Look.\n[B]", "-> PATIENT: Pick.\n[A] [B]")
	for _, o := range shared {
		if o.Payload != "" {
			t.Errorf("the script's option %s carries a payload now", o.Label)
		}
	}
}
