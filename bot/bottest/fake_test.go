package bottest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest"
)

// Each way of failing is what it says, and only the lost reply was seen by the person.
func TestFake_Faults(t *testing.T) {
	to := bottest.Address("patient")
	hello := bot.Message{Text: bot.Para("hello")}
	for name, c := range map[string]struct {
		fault bottest.Fault
		want  bot.Outcome
		shown int
	}{
		"fine":         {bottest.Fault{}, "", 1},
		"later":        {bottest.Fault{Outcome: bot.OutcomeRetry, After: 30 * time.Second}, bot.OutcomeRetry, 0},
		"refused":      {bottest.Fault{Outcome: bot.OutcomeRefused}, bot.OutcomeRefused, 0},
		"gone":         {bottest.Fault{Outcome: bot.OutcomeGone}, bot.OutcomeGone, 0},
		"request lost": {bottest.Fault{Outcome: bot.OutcomeUnknown}, bot.OutcomeUnknown, 0},
		"reply lost":   {bottest.Fault{Outcome: bot.OutcomeUnknown, Accepted: true}, bot.OutcomeUnknown, 1},
		"careless":     {bottest.Fault{Outcome: bot.OutcomeRetry, Bare: true}, bot.OutcomeUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := bottest.NewFake(t, "fake", bottest.Roomy())
			f.Fail(c.fault)
			_, err := f.Send(t.Context(), to, hello)
			if (err == nil) != (c.want == "") {
				t.Fatalf("send: %v", err)
			}
			if outcome, after := bot.OutcomeOf(err); err != nil && (outcome != c.want || after != c.fault.After) {
				t.Errorf("got %q after %v, want %q after %v", outcome, after, c.want, c.fault.After)
			}
			if n := len(f.Shown(to)); n != c.shown {
				t.Errorf("%d messages were seen, want %d", n, c.shown)
			}
			if _, err := f.Send(t.Context(), to, hello); err != nil {
				t.Errorf("the send after the fault: %v", err)
			}
		})
	}
}

// A send that sleeps ends with its context, and nobody can know whether it arrived.
func TestFake_Sleeps(t *testing.T) {
	f := bottest.NewFake(t, "fake", bottest.Roomy())
	awake := make(chan struct{})
	f.Fail(bottest.Fault{Wait: awake}, bottest.Fault{Wait: awake})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := f.Send(ctx, bottest.Address("patient"), bot.Message{Text: bot.Para("hello")})
		done <- err
	}()
	cancel()
	if outcome, _ := bot.OutcomeOf(<-done); outcome != bot.OutcomeUnknown {
		t.Errorf("got %q, want unknown", outcome)
	}
	close(awake)
	if _, err := f.Send(t.Context(), bottest.Address("patient"), bot.Message{Text: bot.Para("hello")}); err != nil {
		t.Error(err)
	}
}

func TestMisfit(t *testing.T) {
	l := bot.Limits{TextChars: 5, Options: 1, LabelChars: 3, PayloadBytes: 4}
	ok := bot.Option{Label: "abc", Payload: "abcd"}
	for name, m := range map[string]bot.Message{
		"nothing": {}, "too long": {Text: bot.Para("123456")}, "two options": {Options: []bot.Option{ok, ok}}, "no label": {Options: []bot.Option{{Payload: "a"}}},
		"long label": {Options: []bot.Option{{Label: "abcd", Payload: "a"}}}, "long payload": {Options: []bot.Option{{Label: "a", Payload: "abcde"}}},
		"dead button": {Options: []bot.Option{{Label: "a"}}}, "form": {Form: &bot.Form{Token: "a"}}, "place": {Place: &bot.Place{}}, "file": {Files: []bot.File{{}}},
	} {
		if bottest.Misfit(m, l) == nil {
			t.Errorf("%s fits", name)
		}
	}
	if err := bottest.Misfit(bot.Message{Text: bot.Para("ééééé"), Options: []bot.Option{ok}}, l); err != nil {
		t.Errorf("what fits does not: %v", err)
	}
}

// An effect that fails leaves nothing behind; one that is done is not done again.
func TestLedger_OnceRollsBack(t *testing.T) {
	l := bottest.NewLedger()
	no := errors.New("no")
	effect := func(err error) ([]byte, error) {
		return l.Once(t.Context(), "run", "key", func(ctx context.Context) ([]byte, error) {
			l.Note(ctx, "done")
			l.Put(ctx, bot.Envelope{Key: "k"})
			return []byte("1"), err
		})
	}
	if _, err := effect(no); !errors.Is(err, no) || len(l.Notes()) != 0 || len(l.Out()) != 0 {
		t.Errorf("after a failure: %v, %q, %d envelopes", err, l.Notes(), len(l.Out()))
	}
	for range 2 {
		if _, err := effect(nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.Notes()) != 1 || len(l.Out()) != 1 {
		t.Errorf("after two: %q, %d envelopes", l.Notes(), len(l.Out()))
	}
}

func TestClock(t *testing.T) {
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	c := bottest.NewClock(start)
	soon, now := c.After(time.Minute), c.After(0)
	if at := <-now; !at.Equal(start) {
		t.Errorf("at once came at %v", at)
	}
	c.Advance(59 * time.Second)
	select {
	case <-soon:
		t.Error("too early")
	default:
	}
	c.Advance(time.Second)
	if at := <-soon; !at.Equal(start.Add(time.Minute)) || !c.Now().Equal(at) {
		t.Errorf("came at %v", at)
	}
}
