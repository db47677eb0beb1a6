package house_test

import (
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/house"
	"handrail/house/housetest"
)

// The morning's list stays one post: as things on it are done it is changed in place, down to "nothing needs you", and no
// second list is sent. A post of yesterday is left as it was.
func TestDigest_ChangesInPlace(t *testing.T) {
	d := newDesk(t, housetest.Options{Edits: true})
	ctx := t.Context()
	for _, name := range []string{"Una", "Vic"} {
		p, err := d.Rec.AddPatient(ctx, handrail.Patient{Practice: house.CastPractice, Name: name, Surname: "Hart", BirthYear: 1950}, handrail.ActorSystem)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Rec.AddReferral(ctx, handrail.Referral{Practice: house.CastPractice, Patient: p.ID, By: house.CastGP, State: handrail.ReferralSent}, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
	}
	d.until(time.Date(2026, 11, 3, 8, 30, 0, 0, time.UTC))
	worker := house.CastAddress(housetest.Channel, house.ChatLinkWorker)
	lists := func() (out []bottestSeen) {
		for _, s := range d.Channel.Shown(worker) {
			if strings.Contains(s.Message.Text.Plain(), "This needs a person") {
				out = append(out, bottestSeen{s.Ref, s.Message})
			}
		}
		return out
	}
	morning := lists()
	if len(morning) != 1 || len(morning[0].Message.Cards) != 2 {
		t.Fatalf("the morning's list: %+v", morning)
	}
	ref := morning[0].Ref
	take := func(card int) {
		t.Helper()
		d.choice(worker, morning[0].Message.Cards[card].Options[0].Payload)
		d.Clock.Advance(time.Minute)
	}
	take(0)
	edits := d.Edits(ref)
	if len(edits) != 1 || len(edits[0].Cards) != 1 || !strings.Contains(edits[0].Text.Plain(), "1 to accept: ") || !edits[0].Private {
		t.Fatalf("after the first: %+v", edits)
	}
	// A button of the changed post works as those of the first do.
	d.choice(worker, edits[0].Cards[0].Options[0].Payload)
	if edits = d.Edits(ref); len(edits) != 2 || edits[1].Text.Plain() != "Nothing needs you now." || len(edits[1].Cards) != 0 {
		t.Fatalf("after the last: %+v", edits)
	}
	if n := len(lists()); n != 1 {
		t.Errorf("%d lists were sent", n)
	}
	d.until(time.Date(2026, 11, 4, 10, 0, 0, 0, time.UTC)) // a quiet morning
	d.choice(worker, morning[0].Message.Cards[0].Options[1].Payload)
	if n := len(d.Edits(ref)); n != 2 {
		t.Errorf("yesterday's list was changed %d times", n-2)
	}
}

// Everybody who has this morning's list has it changed, whoever saw to it: a colleague of theirs, or a GP who stops
// everything for a patient. Whoever has none, and another practice's, get nothing; no second list is sent to anybody.
func TestDigest_ChangesForEverybodyWhoHasIt(t *testing.T) {
	d := newDesk(t, housetest.Options{Edits: true})
	ctx := t.Context()
	a, b := d.enlist(practiceA), d.enlist(practiceB)
	second := handrail.Staff{ID: "sta_second", Practice: practiceA, Name: "Sue", Roles: []handrail.Role{handrail.RoleLinkWorker}, Address: handrail.Address{Practice: practiceA, Channel: housetest.Channel, Chat: "second"}, Active: true}
	away := handrail.Staff{ID: "sta_away", Practice: practiceA, Name: "Abe", Roles: []handrail.Role{handrail.RoleLinkWorker}, Active: true} // never opened their link
	for _, s := range []handrail.Staff{second, away} {
		if err := d.Rec.SaveStaff(ctx, s, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
	}
	var refs []handrail.Referral
	for _, c := range []cast{a, a, b} {
		p, err := d.Rec.AddPatient(ctx, handrail.Patient{Practice: c.practice, Name: "Una", Surname: "Hart", BirthYear: 1950}, handrail.ActorSystem)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Rec.AddReferral(ctx, handrail.Referral{Practice: c.practice, Patient: p.ID, By: handrail.StaffID("sta_" + c.letter + "gp"), State: handrail.ReferralSent}, handrail.ActorSystem)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r)
	}
	d.until(time.Date(2026, 11, 3, 8, 30, 0, 0, time.UTC))
	morning := func(who handrail.Address) bot.Ref {
		t.Helper()
		var found []bot.Ref
		for _, s := range d.Channel.Shown(who) {
			if strings.Contains(s.Message.Text.Plain(), "This needs a person") {
				found = append(found, s.Ref)
			}
		}
		if len(found) != 1 {
			t.Fatalf("%s has %d lists", who.Chat, len(found))
		}
		return found[0]
	}
	mine, hers, theirs := morning(a.linkWorker), morning(second.Address), morning(b.linkWorker)
	last := func(ref bot.Ref, n int) string {
		t.Helper()
		edits := d.Edits(ref)
		if len(edits) != n {
			t.Fatalf("%s was changed %d times, want %d", ref, len(edits), n)
		}
		if n == 0 {
			return ""
		}
		return edits[n-1].Text.Plain()
	}
	d.choice(a.linkWorker, d.sealed(a.linkWorker, "accept", string(refs[0].ID), "yes"))
	for _, ref := range []bot.Ref{mine, hers} {
		if got := last(ref, 1); !strings.Contains(got, "1 to accept: ") || strings.Contains(got, refs[0].Ref) || !strings.Contains(got, refs[1].Ref) {
			t.Errorf("after a colleague's press: %q", got)
		}
	}
	last(theirs, 0)
	d.choice(a.gp, d.sealed(a.gp, "halt", string(refs[1].ID), "ask"))
	d.press(a.gp, "They have died")
	for _, ref := range []bot.Ref{mine, hers} {
		if got := last(ref, 2); got != "Nothing needs you now." {
			t.Errorf("after a GP's stop: %q", got)
		}
	}
	last(theirs, 0)
	morning(a.linkWorker)
	morning(second.Address)
}

// bottestSeen is a post with its reference.
type bottestSeen struct {
	Ref     bot.Ref
	Message bot.Message
}

// Where a channel cannot change a post, nothing is sent in its stead.
func TestDigest_NoSecondList(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	p, err := d.Rec.AddPatient(t.Context(), handrail.Patient{Practice: house.CastPractice, Name: "Una", BirthYear: 1950}, handrail.ActorSystem)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Rec.AddReferral(t.Context(), handrail.Referral{Practice: house.CastPractice, Patient: p.ID, By: house.CastGP, State: handrail.ReferralSent}, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	d.until(time.Date(2026, 11, 3, 8, 30, 0, 0, time.UTC))
	worker := house.CastAddress(housetest.Channel, house.ChatLinkWorker)
	before := len(d.Channel.Shown(worker))
	shown := d.press(worker, "Accept")
	if len(shown) != 1 || len(d.Channel.Shown(worker)) != before+1 || !strings.Contains(shown[0].Message.Text.Plain(), "is yours now") {
		t.Errorf("%+v", shown)
	}
}
