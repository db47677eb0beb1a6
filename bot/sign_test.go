package bot_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"

	"pgregory.net/rapid"
)

func signedAt() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }

func TestSigner_B14_RoundTrip(t *testing.T) {
	s := bottest.TestSigner(t)
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[A-Za-z0-9_.-]{0,15}`)
		p := bot.Press{Dialog: rapid.StringMatching(`[a-z]{1,10}`).Draw(t, "dialog"), Subject: part.Draw(t, "subject"), Answer: part.Draw(t, "answer")}
		to := bottest.Address("patient")
		payload, err := s.Payload(p, to, signedAt())
		if err != nil {
			if len("p~"+p.Dialog+p.Subject+p.Answer) < 44 {
				t.Fatalf("%+v cannot be signed: %v", p, err)
			}
			return
		}
		if len(payload) > 64 {
			t.Fatalf("the payload has %d bytes", len(payload))
		}
		later := signedAt().Add(time.Duration(rapid.Int64Range(0, int64(bot.PressLife-24*time.Hour)).Draw(t, "later")))
		if got, err := s.Open(payload, to, later); err != nil || got != p {
			t.Fatalf("got %+v, %v; want %+v", got, err, p)
		}
		// Any other byte, address, key or age is refused.
		i := rapid.IntRange(0, len(payload)-1).Draw(t, "i")
		changed := []byte(payload)
		changed[i] ^= byte(rapid.IntRange(1, 127).Draw(t, "bits"))
		for what, try := range map[string]func() (bot.Press, error){
			"changed":        func() (bot.Press, error) { return s.Open(string(changed), to, later) },
			"somebody else":  func() (bot.Press, error) { return s.Open(payload, bottest.Address("gp"), later) },
			"other practice": func() (bot.Press, error) { a := to; a.Practice = "other"; return s.Open(payload, a, later) },
			"other thread":   func() (bot.Press, error) { a := to; a.Thread = "1"; return s.Open(payload, a, later) },
			"too old":        func() (bot.Press, error) { return s.Open(payload, to, signedAt().Add(bot.PressLife+time.Hour)) },
			"too long":       func() (bot.Press, error) { return s.Open(payload+strings.Repeat("A", 64), to, later) },
		} {
			if got, err := try(); !errors.Is(err, bot.ErrPayload) || got != (bot.Press{}) {
				t.Fatalf("%s: got %+v, %v; want ErrPayload", what, got, err)
			}
		}
	})
}

func TestSigner_Refuses(t *testing.T) {
	s := bottest.TestSigner(t)
	for name, p := range map[string]bot.Press{
		"a separator": {Dialog: "a", Subject: "b~c", Answer: "d"}, "too long": {Dialog: "a", Subject: strings.Repeat("b", 60)},
	} {
		if payload, err := s.Payload(p, bottest.Address("gp"), signedAt()); err == nil {
			t.Errorf("%s: got %q, want an error", name, payload)
		}
	}
	if _, err := bot.NewSigner(make([]byte, 31)); err == nil {
		t.Error("a key of 31 bytes: no error")
	}
}

// A key that the caller reuses its slice of does not change the signer.
func TestSigner_KeepsItsKey(t *testing.T) {
	key := []byte("another key for tests, no secret")
	s, err := bot.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	p, to := bot.Press{Dialog: "a", Subject: "b", Answer: "c"}, bottest.Address("gp")
	payload, err := s.Payload(p, to, signedAt())
	if err != nil {
		t.Fatal(err)
	}
	clear(key)
	if _, err := s.Open(payload, to, signedAt()); err != nil {
		t.Error(err)
	}
}

// Nobody without the key makes a payload that opens.
func FuzzSigner(f *testing.F) {
	s := bottest.TestSigner(f)
	to := handrail.Address{Practice: "practice", Channel: "fake", Chat: "gp"}
	p := bot.Press{Dialog: "visit", Subject: "v1", Answer: "yes"}
	real, err := s.Payload(p, to, signedAt())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{real, real[:len(real)-1], "p~visit~v1~yes~0~", "p~~~~~", "~", "", "p~visit~v1~no" + real[strings.LastIndex(real, "~yes")+4:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		if got, err := s.Open(payload, to, signedAt()); err == nil && (payload != real || got != p) {
			t.Fatalf("%q opens as %+v", payload, got)
		}
	})
}
