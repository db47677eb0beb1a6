package house_test

import (
	"strings"
	"testing"
	"time"

	"handrail/bot"
	"handrail/house"
	"handrail/house/housetest"
)

// A home is made for who looks at it: its buttons work on their own for that address and for no other, and somebody
// unknown sees nobody.
func TestHome_C7(t *testing.T) {
	w := housetest.New(t)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	if err := w.Start(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	signer, err := bot.NewSigner(housetest.Key())
	if err != nil {
		t.Fatal(err)
	}
	gp, maya := house.CastAddress(housetest.Channel, house.ChatGP), house.CastAddress(housetest.Channel, house.ChatLinkWorker)
	m, err := w.House.Home(t.Context(), gp)
	if err != nil || len(m.Choices()) == 0 {
		t.Fatalf("%+v %v", m, err)
	}
	for _, o := range m.Choices() {
		if o.Press == nil {
			continue
		}
		if _, err := signer.Open(o.Payload, gp, at); err != nil {
			t.Errorf("%s does not work: %v", o.Label, err)
		}
		if _, err := signer.Open(o.Payload, maya, at); err == nil {
			t.Errorf("%s works for somebody else", o.Label)
		}
	}
	theirs, err := w.House.Home(t.Context(), maya)
	if err != nil || theirs.Text.Plain() == m.Text.Plain() {
		t.Errorf("the link worker sees %q, %v", theirs.Text.Plain(), err)
	}
	stranger, err := w.House.Home(t.Context(), house.CastAddress(housetest.Channel, "stranger"))
	if err != nil || len(stranger.Cards) > 0 || strings.Contains(stranger.Text.Plain(), "referred") {
		t.Errorf("a stranger sees %q, %v", stranger.Text.Plain(), err)
	}
}
