package house_test

import (
	"strings"
	"testing"
	"time"

	"handrail/internal/aimock"
)

// G1, M2: the two buttons that use the model work with a server that somebody else wrote: what mattered to a patient before the
// first meeting, and plainer words for a listing, which a person approves. Of the patient nothing reaches it but their words.
func TestWriter_M2_RealServer(t *testing.T) {
	const plain = "Come and look after the planters on the roof. The work is light, and the pots are at table height."
	base := aimock.Start(t, aimock.Fixtures(
		aimock.Answer("I miss my garden", `{"points":[{"quote":"I miss my garden","theme":"enjoys"}]}`),
		aimock.Answer("planters outside the hub", `{"plain":"`+plain+`"}`),
	))
	d := newDesk(t, modelAt(t, base))
	c := d.enlist(practiceA)
	d.joined(c, "my name is "+c.word("Nam")+" and I miss my garden since my wife died")
	for _, s := range d.say(c.patient, "my permissions") {
		if strings.Contains(s.Message.Text.Plain(), "computer program") {
			d.choice(c.patient, s.Message.Options[0].Payload)
		}
	}
	if asked := aimock.Asked(t, base); strings.Contains(asked, "I miss my garden") {
		t.Fatal("the model was asked before anybody pressed")
	}
	if labels := d.recordButtons(c); !d.offers(labels, "What mattered") {
		t.Fatalf("it is not offered: %q", labels)
	}
	said := ""
	for _, s := range d.press(c.linkWorker, "What mattered") {
		if s.To == c.linkWorker {
			said += s.Message.Text.Plain()
		}
	}
	if !strings.Contains(said, "Enjoys: I miss my garden") {
		t.Errorf("it says %q", said)
	}

	g, err := d.Rec.ActivitiesNamed(t.Context(), "Doorstep Diggers", 1)
	if err != nil || len(g) != 1 {
		t.Fatal(g, err)
	}
	d.Clock.Advance(time.Minute)
	d.say(c.linkWorker, "listing Doorstep Diggers")
	d.press(c.linkWorker, "Doorstep Diggers")
	shown := d.press(c.linkWorker, "Suggest plainer words")
	if said := shown[len(shown)-1].Message.Text.Plain(); !strings.Contains(said, plain) {
		t.Errorf("it shows %q", said)
	}
	if now, err := d.Rec.Activity(t.Context(), g[0].ID); err != nil || now.Description != g[0].Description {
		t.Fatal("the listing was changed before anybody approved", err)
	}
	d.press(c.linkWorker, "Use the suggestion")
	if now, err := d.Rec.Activity(t.Context(), g[0].ID); err != nil || now.Description != plain {
		t.Errorf("the description is now %q, %v", now.Description, err)
	}

	asked := aimock.Asked(t, base)
	if !strings.Contains(asked, "I miss my garden") || !strings.Contains(asked, "planters outside the hub") {
		t.Fatal("the server does not keep what it was asked, so this says nothing")
	}
	for _, word := range []string{c.word("Nam"), c.word("Sur"), "LU1 2AB", "1951", c.letter + "pa"} {
		if strings.Contains(asked, word) {
			t.Errorf("%q left the house", word)
		}
	}
}
