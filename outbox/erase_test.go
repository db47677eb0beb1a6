package outbox_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records/recordstest"
)

// slate is a chat where what a person wrote can be taken away.
type slate struct {
	*chat
	posts  []string
	erased []string
	fails  []bot.Outcome
}

func (s *slate) Send(_ context.Context, _ handrail.Address, m bot.Message) (bot.Ref, error) {
	s.posts = append(s.posts, m.Text.Plain())
	return "x", nil
}

func (s *slate) Erase(_ context.Context, _ handrail.Address, ref bot.Ref) error {
	s.erased = append(s.erased, string(ref))
	if len(s.fails) > 0 {
		o := s.fails[0]
		s.fails = s.fails[1:]
		return &bot.SendError{Outcome: o, Err: errors.New("it said no")}
	}
	return nil
}

// What a person wrote is taken away before they are told so; that is tried until it is known, and what can never be taken
// away is owned up to.
func TestErases(t *testing.T) {
	const done, kept = "It is gone.", "(masked.kept)"
	for name, c := range map[string]struct {
		cannot bool
		fails  []bot.Outcome
		tries  int
		said   []string
	}{
		"taken away":           {tries: 1, said: []string{done}},
		"the answer is lost":   {fails: []bot.Outcome{bot.OutcomeUnknown}, tries: 2, said: []string{done}},
		"the network is away":  {fails: []bot.Outcome{bot.OutcomeRetry, bot.OutcomeRetry}, tries: 3, said: []string{done}},
		"too old":              {fails: []bot.Outcome{bot.OutcomeRefused}, tries: 1, said: []string{kept}},
		"the person has left":  {fails: []bot.Outcome{bot.OutcomeGone}, tries: 1},
		"a channel that can't": {cannot: true, said: []string{kept}},
	} {
		t.Run(name, func(t *testing.T) {
			clock, db, fake, o := onRecords(t, recordstest.Memory)
			s := &slate{chat: fake, fails: c.fails}
			o.Channels = map[string]bot.Channel{"fake": s}
			if c.cannot {
				o.Channels = map[string]bot.Channel{"fake": struct{ bot.Channel }{s}}
			}
			e := bot.Envelope{Key: "1", To: to("1"), Class: bot.ClassReply, NotBefore: clock.Now(), Message: bot.Message{Text: bot.Para(done), Erases: "m7"}}
			if _, err := db.Put(context.Background(), e); err != nil {
				t.Fatal(err)
			}
			rest(t, o, clock, clock.Now().Add(time.Hour))
			if !slices.Equal(s.posts, c.said) || len(s.erased) != c.tries || c.tries > 0 && s.erased[0] != "m7" {
				t.Errorf("said %q after %q", s.posts, s.erased)
			}
		})
	}
}
