package records_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// A listing whose postcode a person edits has its position in the records: whoever reads them next finds it there.
func TestEditActivity_Postcode(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		here := handrail.Point{Lat: 51.879, Lon: -0.417}
		if err := w.PutPostcodes(w.ctx, []handrail.PostcodePoint{{Postcode: "LU1 2AB", At: here}, {Postcode: "LU1 2", At: here}, {Postcode: "LU1", At: here}}); err != nil {
			t.Fatal(err)
		}
		for code, want := range map[string]*handrail.Point{"LU1 2AB": &here, "LU1 2": nil, "LU1": nil, "ZZ1 1ZZ": nil} {
			_, edits := must2(w.EditActivity(w.ctx, "g", by, w.clock.Now(), func(a *handrail.Activity) error {
				a.Venue.Postcode, a.Venue.At = code, nil
				return nil
			}))(t)
			if got := w.listing("g").Venue.At; (got == nil) != (want == nil) || got != nil && *got != *want || len(edits) == 0 {
				t.Errorf("%s: at %v, want %v", code, got, want)
			}
		}
	})
}

func TestEditActivity(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		before := w.listing("g")
		at := w.clock.Add(time.Hour)
		a, edits := must2(w.EditActivity(w.ctx, "g", by, at, func(a *handrail.Activity) error {
			a.Organiser.Phone, a.Cost = "01632 960009", handrail.Cost{Known: true, Pence: 250, Text: "for tea"}
			a.Times[0].Start = handrail.At(9, 30)
			return nil
		}))(t)
		var said []string
		for _, e := range edits {
			said = append(said, fmt.Sprintf("%s: %s -> %s", e.Field, e.Was, e.Became))
			if e.ID == "" || e.Activity != "g" || !e.At.Equal(at) || e.By != by || e.UndoneAt != nil {
				t.Errorf("edit: %+v", e)
			}
		}
		want := []string{"phone: 01632 960001 -> 01632 960009", "times: Tuesdays 10:00 to 12:00 -> Tuesdays 09:30 to 12:00", "cost:  -> £2.50, for tea"}
		if !slices.Equal(said, want) {
			t.Errorf("edits: %q", said)
		}
		if a.Organiser.Phone != "01632 960009" || a.Times[0].Start != handrail.At(9, 30) || !a.Standing.ModifiedAt.Equal(at) || !a.Standing.CreatedAt.Equal(before.Standing.CreatedAt) {
			t.Errorf("edited: %+v", a)
		}
		if got := w.listing("g"); !reflect.DeepEqual(got, a) {
			t.Errorf("stored: %+v", got)
		}
		if got := must(w.Edits(w.ctx, "g"))(t); len(got) != 3 || !slices.ContainsFunc(got, func(e handrail.Edit) bool { return reflect.DeepEqual(e, edits[0]) }) {
			t.Errorf("history: %+v", got)
		}
		audit := must(w.Audits(w.ctx, "", "activity", "g"))(t)
		if last := audit[len(audit)-1]; last.Action != "edited: cost, phone, times" || last.Actor != by {
			t.Errorf("audit: %+v", last)
		}
		// The next import changes the rest and leaves what was edited.
		w.take(handrail.Imported{Changed: 1}, "s", whole(with(gardeners("g"), func(a *handrail.Activity) {
			a.Name, a.Cost, a.Organiser.Phone = "Gardeners", handrail.Cost{Known: true}, "01632 960007"
		})))
		if a := w.listing("g"); a.Name != "Gardeners" || a.Cost.Pence != 250 || a.Organiser.Phone != "01632 960009" {
			t.Errorf("after the import: %+v", a)
		}
		w.holds(0)
		// Undone, the field is the source's again; a telephone number goes back to what it was, and what the source made of it
		// meanwhile is held (H18).
		for _, e := range edits {
			a = must(w.UndoEdit(w.ctx, e.ID, by, w.clock.Now()))(t)
			if _, err := w.UndoEdit(w.ctx, e.ID, by, w.clock.Now()); !handrail.IsKind(err, handrail.KindConflict) {
				t.Errorf("undone twice: %v", err)
			}
		}
		if !a.Cost.Free() || a.Organiser.Phone != "01632 960001" || a.Times[0].Start != handrail.At(10, 0) {
			t.Errorf("undone: %+v", a)
		}
		w.holds(1)
		for _, e := range must(w.Edits(w.ctx, "g"))(t) {
			if e.UndoneAt == nil {
				t.Errorf("%s is not shown as undone", e.Field)
			}
		}
		if _, err := w.UndoEdit(w.ctx, "none", by, at); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
	})
}

func TestEditActivity_Refusals(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		last := must(w.LastActivityChange(w.ctx))(t)
		for name, change := range map[string]func(*handrail.Activity) error{
			"its own error": func(*handrail.Activity) error { return errBoom },
			"no name":       func(a *handrail.Activity) error { a.Name = ""; return nil },
			"another id":    func(a *handrail.Activity) error { a.ID = "h"; return nil },
		} {
			if _, _, err := w.EditActivity(w.ctx, "g", by, w.clock.Now(), change); err == nil || name == "its own error" && !errors.Is(err, errBoom) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := w.EditActivity(w.ctx, "none", by, w.clock.Now(), nil); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
		_, edits := must2(w.EditActivity(w.ctx, "g", by, w.clock.Now(), func(a *handrail.Activity) error {
			a.Standing.Paused = true // not this way
			return nil
		}))(t)
		if len(edits) != 0 || must(w.LastActivityChange(w.ctx))(t) != last || w.listing("g").Standing.Paused {
			t.Error("nothing was to change")
		}
		if _, err := w.SetActivityStatus(w.ctx, "g", "nonsense", by); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("nonsense: %v", err)
		}
	})
}

func TestUndoEdit_InOrder(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		name := func(s string) handrail.EditID {
			_, edits := must2(w.EditActivity(w.ctx, "g", by, w.clock.Now(), func(a *handrail.Activity) error { a.Name = s; return nil }))(t)
			return edits[0].ID
		}
		one, two := name("One"), name("Two")
		if _, err := w.UndoEdit(w.ctx, one, by, w.clock.Now()); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("a later edit stands: %v", err)
		} else if say, ok := handrail.Sentence(err); !ok || say == "" {
			t.Error("no sentence for the person")
		}
		if a := must(w.UndoEdit(w.ctx, two, by, w.clock.Now()))(t); a.Name != "One" {
			t.Errorf("back to the earlier edit: %q", a.Name)
		}
		three := name("Tuesday Gardeners") // what the source says: it is the source's again
		w.take(handrail.Imported{Changed: 1}, "s", whole(with(gardeners("g"), func(a *handrail.Activity) { a.Name = "Wednesday Gardeners" })))
		if a := w.listing("g"); a.Name != "Wednesday Gardeners" {
			t.Errorf("given back to the source: %q", a.Name)
		}
		must(w.UndoEdit(w.ctx, three, by, w.clock.Now()))(t)
		if a := must(w.UndoEdit(w.ctx, one, by, w.clock.Now()))(t); a.Name != "Wednesday Gardeners" {
			t.Errorf("all undone: %q", a.Name)
		}
	})
}

func TestSetActivityStatus(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 2}, "s", whole(gardeners("g"), walk(1)))
		before := must(w.SetActivityStatus(w.ctx, "g", handrail.ActivityDefunct, by))(t)
		if before.Status != handrail.ActivityActive || w.listing("g").Status != handrail.ActivityDefunct || w.live() != 1 {
			t.Errorf("closed: %+v", before)
		}
		if again := must(w.SetActivityStatus(w.ctx, "g", handrail.ActivityDefunct, by))(t); again.Status != handrail.ActivityDefunct {
			t.Errorf("closed twice: %+v", again)
		}
		w.take(handrail.Imported{Changed: 1, Same: 1}, "s", whole(with(gardeners("g"), func(a *handrail.Activity) { a.Name = "Gardeners" }), walk(1)))
		if w.live() != 1 {
			t.Error("the next import opens it again")
		}
		must(w.SetActivityStatus(w.ctx, "g", handrail.ActivityActive, by))(t)
		w.take(handrail.Imported{Same: 1, Removed: 1}, "s", whole(walk(1)), records.Force)
		if w.live() != 1 {
			t.Error("opened again, it is the source's: what it removes is gone")
		}
		if got := must(w.Edits(w.ctx, "g"))(t); len(got) != 2 || got[0].Was != "defunct" || got[0].Became != "active" {
			t.Errorf("history: %+v", got)
		}
	})
}

func TestChangeStanding(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		created := w.clock.Now()
		now := w.clock.Add(time.Hour)
		var full handrail.Standing
		fillIn(reflect.ValueOf(&full).Elem())
		full.CreatedAt, full.ModifiedAt = now, now // not the caller's to say
		at := func(h int) *time.Time { t := now.Add(time.Duration(h) * time.Hour); return &t }
		full.Assured.At, full.AskedAt, full.AnsweredAt, full.ReportedClosed, full.AttendedAt = now, at(1), at(2), at(3), at(4)
		full.Cancelled[0].At = now
		a := must(w.ChangeStanding(w.ctx, "g", by, func(s *handrail.Standing) error { *s = full; return nil }))(t)
		full.CreatedAt, full.ModifiedAt = created, now
		if !reflect.DeepEqual(a.Standing, full) {
			t.Errorf("want %+v\ngot  %+v", full, a.Standing)
		}
		if got := w.listing("g"); !reflect.DeepEqual(got, a) {
			t.Errorf("stored: %+v", got)
		}
		last := must(w.LastActivityChange(w.ctx))(t)
		must(w.ChangeStanding(w.ctx, "g", by, func(s *handrail.Standing) error { s.ModifiedAt = *at(9); return nil }))(t)
		if must(w.LastActivityChange(w.ctx))(t) != last {
			t.Error("a change of nothing is a change")
		}
		if _, err := w.ChangeStanding(w.ctx, "g", by, func(s *handrail.Standing) error { s.Answers = 99; return errBoom }); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		if _, err := w.ChangeStanding(w.ctx, "none", by, nil); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
		// An import leaves it alone, and does not take what the copy pretends.
		w.take(handrail.Imported{Changed: 1}, "s", whole(with(gardeners("g"), func(a *handrail.Activity) {
			a.Description = "New words."
			a.Standing = handrail.Standing{Assured: &handrail.Assurance{By: handrail.AssurerOrganiser}, Answers: 99}
		})))
		if got := w.listing("g"); !reflect.DeepEqual(got.Standing, full) {
			t.Errorf("after an import: %+v", got.Standing)
		}
	})
}

// TestListingsToAsk asks for what is due, at any moment, and compares it with what each listing says of itself.
func TestListingsToAsk(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 6}, "s", whole(walks(0, 6)...))
		rapid.Check(t, func(rt *rapid.T) {
			w.clock.Add(time.Duration(rapid.IntRange(0, 30).Draw(rt, "days")) * 24 * time.Hour)
			now := w.clock.Now()
			id := handrail.ActivityID(fmt.Sprintf("act%02d", rapid.IntRange(0, 5).Draw(rt, "which")))
			must(w.ChangeStanding(w.ctx, id, by, func(s *handrail.Standing) error {
				switch rapid.IntRange(0, 4).Draw(rt, "what") {
				case 0:
					s.Asked(now)
				case 1:
					s.Answered(handrail.AskYes, "chat", now)
				case 2:
					s.Answered(handrail.AskChanged, "chat", now)
				case 3:
					s.Reported(now)
				case 4:
					s.Assured = &handrail.Assurance{At: now, By: handrail.AssurerStaff}
				}
				return nil
			}))(t)
			at := now.Add(time.Duration(rapid.IntRange(0, 80*24).Draw(rt, "hours")) * time.Hour)
			want := map[handrail.ActivityID]bool{}
			for _, a := range must(w.Activities(w.ctx))(t) {
				if a.Standing.Due(at) {
					want[a.ID] = true
				}
			}
			got := must(w.ListingsToAsk(w.ctx, at, 10))(t)
			for _, a := range got {
				if !want[a.ID] {
					rt.Errorf("%s is not due: %+v", a.ID, a.Standing)
				}
			}
			if len(got) != len(want) {
				rt.Errorf("%d are due, %d were found", len(want), len(got))
			}
			if some := must(w.ListingsToAsk(w.ctx, at, 2))(t); len(some) != min(2, len(got)) || len(some) > 0 && some[0].ID != got[0].ID {
				rt.Errorf("%d of %d", len(some), len(got))
			}
		})
	})
}

func TestAsks(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("g")))
		now := w.clock.Now()
		ask := handrail.Ask{ID: handrail.NewAskID("g", "2026-11-24"), Activity: "g", Practice: "a", AskedAt: now, Link: true}
		for range 2 {
			w.ok(w.PutAsk(w.ctx, ask, by))
		}
		if got := must(w.Ask(w.ctx, ask.ID))(t); !reflect.DeepEqual(got, ask) {
			t.Errorf("ask: %+v", got)
		}
		if s := w.listing("g").Standing; s.AskedAt == nil || !s.AskedAt.Equal(now) || s.Silences != 0 {
			t.Errorf("standing: %+v", s)
		}
		if _, _, err := w.AnswerAsk(w.ctx, ask.ID, "perhaps", "", now, by); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("no answer: %v", err)
		}
		got, already, err := w.AnswerAsk(w.ctx, ask.ID, handrail.AskChanged, "we moved", now, by)
		if err != nil || already || got.Answer != handrail.AskChanged {
			t.Fatalf("%+v %v %v", got, already, err)
		}
		for _, answer := range []handrail.AskAnswer{handrail.AskClosed, "nonsense"} {
			got, already, err = w.AnswerAsk(w.ctx, ask.ID, answer, "", now, by)
			if err != nil || !already || got.Answer != handrail.AskChanged || got.Words != "we moved" || !got.AnsweredAt.Equal(now) {
				t.Errorf("answered twice: %+v %v %v", got, already, err)
			}
		}
		if got := w.actions("ask", string(ask.ID)); !slices.Equal(got, []string{"answered: changed"}) {
			t.Errorf("audit: %v", got)
		}
		ask.ID, ask.Activity = "other", "none"
		if err := w.PutAsk(w.ctx, ask, by); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("no such listing: %v", err)
		}
		if _, _, err := w.AnswerAsk(w.ctx, "none", handrail.AskYes, "", now, by); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("no such question: %v", err)
		}
		// A second answer in a transaction of somebody else's does not spoil it.
		w.ok(w.InTx(w.ctx, func(ctx context.Context) error {
			_, _, err := w.AnswerAsk(ctx, got.ID, handrail.AskYes, "", now, by)
			return err
		}))
	})
}

func TestOrganisers(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 3}, "s", whole(gardeners("g"), walk(1), walk(2)))
		o := must(w.AddOrganiser(w.ctx, handrail.OrganiserPerson{Practice: "a", Name: "Sue", Groups: []handrail.ActivityID{"g", "act01", "g"}}, by))(t)
		if o.ID == "" || !slices.Equal(o.Groups, []handrail.ActivityID{"act01", "g"}) {
			t.Errorf("added: %+v", o)
		}
		second := must(w.AddOrganiser(w.ctx, handrail.OrganiserPerson{Practice: "a", Name: "Bob", Address: chat("a", "bob"), Groups: []handrail.ActivityID{"g"}}, by))(t)
		for _, want := range []handrail.OrganiserPerson{o, second} {
			if got := must(w.OrganiserPerson(w.ctx, "a", want.ID))(t); !reflect.DeepEqual(got, want) {
				t.Errorf("want %+v, got %+v", want, got)
			}
		}
		if got := must(w.Organisers(w.ctx, "a"))(t); len(got) != 2 {
			t.Errorf("all: %+v", got)
		}
		if _, err := w.OrganiserPerson(w.ctx, "b", o.ID); !handrail.IsKind(err, handrail.KindNotFound) { // C8
			t.Errorf("another practice's: %v", err)
		}
		// Who has a chat comes before who has none, and nobody answers for a group that has nobody.
		if got, ok, err := w.OrganiserOf(w.ctx, "g"); err != nil || !ok || got.ID != second.ID {
			t.Errorf("of the gardeners: %+v %v %v", got, ok, err)
		}
		if got, ok, err := w.OrganiserOf(w.ctx, "act01"); err != nil || !ok || got.ID != o.ID {
			t.Errorf("of the walk: %+v %v %v", got, ok, err)
		}
		for _, id := range []handrail.ActivityID{"act02", "none"} {
			if _, ok, err := w.OrganiserOf(w.ctx, id); err != nil || ok {
				t.Errorf("of %s: %v %v", id, ok, err)
			}
		}
		who := must(w.Who(w.ctx, chat("a", "bob")))(t)
		if who.Kind != bot.WhoOrganiser || who.ID != string(second.ID) || who.Name != "Bob" || who.Practice != "a" {
			t.Errorf("who: %+v", who)
		}
		if got, ok, err := w.OrganiserByAddress(w.ctx, chat("a", "bob")); err != nil || !ok || got.ID != second.ID {
			t.Errorf("by address: %+v %v %v", got, ok, err)
		}
		if _, ok, err := w.OrganiserByAddress(w.ctx, w.patient.Address); err != nil || ok {
			t.Errorf("a patient's address: %v %v", ok, err)
		}
		for name, bad := range map[string]handrail.OrganiserPerson{
			"a patient's chat": {Practice: "a", Name: "X", Address: w.patient.Address},
			"another's chat":   {Practice: "a", Name: "X", Address: chat("a", "bob")},
			"no such group":    {Practice: "a", Name: "X", Groups: []handrail.ActivityID{"none"}},
			"no such practice": {Practice: "none", Name: "X"},
		} {
			if _, err := w.AddOrganiser(w.ctx, bad, by); !handrail.IsKind(err, handrail.KindConflict) && !handrail.IsKind(err, handrail.KindNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		left := must(w.ChangeOrganiser(w.ctx, "a", second.ID, by, func(p *handrail.OrganiserPerson) error {
			p.Address, p.Groups = handrail.Address{}, nil
			return nil
		}))(t)
		if who := must(w.Who(w.ctx, chat("a", "bob")))(t); who.Kind != bot.WhoUnknown || len(left.Groups) != 0 {
			t.Errorf("who left: %+v", who)
		}
		if got := w.actions("organiser", string(second.ID)); !slices.Equal(got, []string{"added", "changed"}) {
			t.Errorf("audit: %v", got)
		}
	})
}

func TestOrganiserInvite(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.fill("b")
		o := must(w.AddOrganiser(w.ctx, handrail.OrganiserPerson{Practice: "a", Name: "Sue"}, by))(t)
		try := func(want handrail.InviteOutcome, practice handrail.PracticeID, code, from string) {
			t.Helper()
			got, who, err := w.TryOrganiserInvite(w.ctx, practice, code, chat(practice, from))
			if err != nil || got != want || (who.ID == o.ID) != (want == handrail.InviteOK) {
				t.Errorf("want %s, got %s %+v %v", want, got, who, err)
			}
		}
		old := must(w.NewOrganiserInvite(w.ctx, "a", o.ID, time.Hour, by))(t)
		code := must(w.NewOrganiserInvite(w.ctx, "a", o.ID, time.Hour, by))(t)
		try(handrail.InviteUnknown, "a", "nonsense", "sue")
		try(handrail.InviteUnknown, "b", code, "sue") // C8
		try(handrail.InviteExpired, "a", old, "sue")
		if _, _, err := w.TryOrganiserInvite(w.ctx, "a", code, w.patient.Address); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("a patient's chat: %v", err)
		}
		try(handrail.InviteOK, "a", code, "sue")
		try(handrail.InviteUsed, "a", code, "eve")
		if who := must(w.Who(w.ctx, chat("a", "sue")))(t); who.Kind != bot.WhoOrganiser || who.ID != string(o.ID) {
			t.Errorf("who: %+v", who)
		}
		late := must(w.NewOrganiserInvite(w.ctx, "a", o.ID, time.Hour, by))(t)
		w.clock.Add(time.Hour)
		try(handrail.InviteExpired, "a", late, "sue")
		if _, err := w.NewOrganiserInvite(w.ctx, "b", o.ID, time.Hour, by); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice's: %v", err)
		}
	})
}

func TestBookedOn(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.take(handrail.Imported{Added: 1}, "s", whole(gardeners("walk")))
		v := w.fill("b")
		from := w.clock.Now().Add(24 * time.Hour)
		got := must(w.BookedOn(w.ctx, "walk", from, from.Add(24*time.Hour)))(t)
		if len(got) != 2 || got[0].Patient.Address.IsZero() || got[0].Enrolment.ID == "" || got[0].Accompaniment == nil || got[0].Activity.Name != "Tuesday Gardeners" {
			t.Fatalf("booked: %+v", got)
		}
		must(w.ChangeAttendance(w.ctx, "b", v.attendance.ID, by, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) }))(t)
		if got := must(w.BookedOn(w.ctx, "walk", from, from.Add(24*time.Hour)))(t); len(got) != 1 || got[0].Patient.ID != w.patient.ID {
			t.Errorf("one cancelled: %+v", got)
		}
		if got := must(w.BookedOn(w.ctx, "walk", from.Add(24*time.Hour), from.Add(48*time.Hour)))(t); len(got) != 0 {
			t.Errorf("another day: %+v", got)
		}
		if got := must(w.Enrolled(w.ctx, "walk"))(t); len(got) != 2 || got[0].Patient.Name != "Frank" || got[0].Attendance.ID != "" {
			t.Errorf("enrolled: %+v", got)
		}
		must(w.ChangeEnrolment(w.ctx, "a", w.enrolment.ID, by, func(e *handrail.Enrolment) error { return e.End("stopped", w.clock.Now()) }))(t)
		if got := must(w.Enrolled(w.ctx, "walk"))(t); len(got) != 1 || got[0].Patient.ID != v.patient.ID {
			t.Errorf("one stopped: %+v", got)
		}
		if _, err := w.BookedOn(w.ctx, "none", from, from); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
		if _, err := w.Enrolled(w.ctx, "none"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("none: %v", err)
		}
	})
}

func TestUnmetCounts_G11(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		add := func(n int, u handrail.UnmetNeed) {
			for range n {
				w.ok(w.AddUnmet(w.ctx, u, by))
			}
		}
		add(5, handrail.UnmetNeed{Practice: "a", Outcode: "LU1", Need: "loneliness", At: "2026-11-02"})
		add(2, handrail.UnmetNeed{Practice: "a", Outcode: "LU1", Need: "loneliness", At: "2026-11-30"})
		add(4, handrail.UnmetNeed{Practice: "a", Outcode: "LU2", Need: "debt", At: "2026-11-30"})
		add(3, handrail.UnmetNeed{Practice: "b", Outcode: "LU2", Need: "debt", At: "2026-11-30"})
		add(9, handrail.UnmetNeed{Practice: "a", Outcode: "LU2", Need: "debt", At: "2026-12-01"})
		got := must(w.UnmetCounts(w.ctx, "a", "2026-11-01", "2026-11-30"))(t)
		want := []handrail.UnmetCount{{Outcode: "LU1", Need: "loneliness", Month: "2026-11", N: 7}, {Outcode: "LU2", Need: "debt", Month: "2026-11"}}
		if !reflect.DeepEqual(got, want) || got[0].Text() != "7" || got[1].Text() != "fewer than 5" {
			t.Errorf("%+v", got)
		}
		if got := must(w.UnmetCounts(w.ctx, "", "2026-11-30", "2026-12-31"))(t); len(got) != 3 || got[1].N != 7 || got[2].N != 9 {
			t.Errorf("all practices: %+v", got)
		}
		if err := w.AddUnmet(w.ctx, handrail.UnmetNeed{Practice: "a"}, by); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("nothing: %v", err)
		}
		for _, a := range must(w.Audits(w.ctx, "a", "unmet need", ""))(t) {
			if a.Action != "counted" || a.ID != "" {
				t.Errorf("the trail says too much: %+v", a)
			}
		}
	})
}
