package records_test

import (
	"context"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// Taking a permission back suppresses what waits and rests on it, and nothing else (G2).
func TestTakeBack_G2_SuppressesWhatRestsOnIt(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		by := handrail.Actor("patient:" + w.patient.ID)
		must(w.AnswerPermission(w.ctx, "a", w.patient.ID, handrail.PurposeBuddy, "buddy/1", "May we?", true, by))(t)
		resting, other := w.envelope("resting", bot.ClassReminder), w.envelope("other", bot.ClassReminder)
		resting.Permission, other.Permission = handrail.PurposeBuddy, handrail.PurposeChat
		w.put(resting, other)
		for range 2 { // safe to call twice
			w.ok(w.TakeBack(w.ctx, "a", w.patient.ID, handrail.PurposeBuddy, by))
		}
		if s := w.state("resting"); s.State != bot.SendSuppressed || s.Reason != records.ReasonNoPermission {
			t.Errorf("what rests on it is %+v", s)
		}
		if s := w.state("other"); s.State != bot.SendQueued {
			t.Errorf("what does not is %+v", s)
		}
		w.ok(w.TakeBack(w.ctx, "a", w.patient.ID, handrail.PurposeChat, by))
		if s := w.state("other"); s.State != bot.SendSuppressed || s.Reason != "stopped" {
			t.Errorf("after taking the chat back it is %+v", s)
		}
		if err := w.TakeBack(w.ctx, "b", w.patient.ID, handrail.PurposeBuddy, by); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice: %v (C8)", err)
		}
	})
}

// A message about a visit that is called off is taken back, whatever its job; alerts and answers are not.
func TestSuppressSubject(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		a, b, alert := w.envelope("a", bot.ClassReminder), w.envelope("b", bot.ClassNudge), w.envelope("alert", bot.ClassAlert)
		a.Subject, b.Subject, alert.Subject = "att_1", "att_2", "att_1"
		w.put(a, b, alert)
		if n := must(w.SuppressSubject(w.ctx, "a", "att_1", "stopped"))(t); n != 1 {
			t.Errorf("%d taken back", n)
		}
		if w.state("b").State != bot.SendQueued || w.state("alert").State != bot.SendQueued {
			t.Error("more than that was taken back")
		}
		if _, err := w.SuppressSubject(w.ctx, "a", "", "x"); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("no subject: %v", err)
		}
	})
}

// Everything that is held about somebody is shown to them, but the practice's note; another practice finds nobody; and
// the look is in the audit trail (G6, G10, C8).
func TestPersonalData_G6(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		d := must(w.PersonalData(w.ctx, "a", w.patient.ID, "patient:x"))(t)
		if d.Patient.Name != "Frank" || len(d.Referrals) != 1 || len(d.Permissions) != 1 || len(d.Enrolments) != 1 || len(d.Visits) != 1 || len(d.Alerts) != 1 ||
			d.Visits[0].Feedback == nil || d.Visits[0].Feedback.Words != "lovely" {
			t.Errorf("%+v", d)
		}
		if !d.Noted || d.Referrals[0].Note != "" {
			t.Errorf("the note: said to be there %v, shown %q", d.Noted, d.Referrals[0].Note)
		}
		if got := w.actions("patient", string(w.patient.ID)); got[len(got)-1] != "read" {
			t.Errorf("audit %q", got)
		}
		if _, err := w.PersonalData(w.ctx, "b", w.patient.ID, "x"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice: %v", err)
		}
	})
}

// Erasing takes words, chat, permissions and what waits, keeps the care record, and is safe to call twice (G7).
func TestErase_G7(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		by := handrail.Actor("patient:" + w.patient.ID)
		must(w.AddCorrection(w.ctx, handrail.Correction{Practice: "a", Patient: w.patient.ID, Field: handrail.CorrectName, Value: "Francis"}, by))(t)
		tp, code, err := w.AddTrusted(w.ctx, handrail.Trusted{Practice: "a", Patient: w.patient.ID, Name: "Ann"}, time.Hour, by)
		w.ok(err)
		invite := must(w.NewInvite(w.ctx, "a", w.patient.ID, time.Hour, by))(t)
		w.put(w.envelope("waits", bot.ClassReminder), w.envelope("sent", bot.ClassReply))
		for _, p := range w.claim(time.Minute, 10) {
			if p.Envelope.Key == "sent" {
				w.ok(w.Sending(w.ctx, p.Envelope.Key, p.Epoch, w.clock.Now(), time.Minute))
				w.ok(w.Settle(w.ctx, p.Envelope.Key, p.Epoch, bot.Settlement{State: bot.SendSent, Ref: "r"}))
			}
		}
		must(w.Once(w.ctx, w.ConversationKey(w.patient.Address)+":1:0", "k", func(context.Context) ([]byte, error) { return []byte("fishing"), nil }))(t)
		must(w.States().Save(w.ctx, w.ConversationKey(w.patient.Address), []byte("{}"), 0, time.Hour))(t)
		for range 2 {
			w.ok(w.Erase(w.ctx, "a", w.patient.ID, by))
		}
		p := must(w.Patient(w.ctx, "a", w.patient.ID))(t)
		if p.Matters != "" || !p.Address.IsZero() || p.Stopped == nil || p.ErasedAt == nil || p.Name != "Frank" || p.BirthYear != 1950 {
			t.Errorf("the patient is %+v", p)
		}
		if v := must(w.Visit(w.ctx, "a", w.attendance.ID))(t); v.Feedback == nil || v.Feedback.Words != "" || v.Feedback.Verdict != handrail.VerdictGood {
			t.Errorf("the feedback is %+v", v.Feedback)
		}
		if s := w.state("waits"); s.State != bot.SendSuppressed {
			t.Errorf("what waited is %+v", s)
		}
		if m := must(w.Posting(w.ctx, "sent"))(t).Envelope.Message; len(m.Text) != 0 {
			t.Errorf("what was sent still says %q", m.Text.Plain())
		}
		if got := must(w.Once(w.ctx, w.ConversationKey(w.patient.Address)+":1:0", "k", nil))(t); len(got) != 0 {
			t.Errorf("a dialog's effect still says %q", got)
		}
		if state, _, err := w.States().Load(w.ctx, w.ConversationKey(w.patient.Address)); err != nil || state != nil {
			t.Errorf("where the chat stands: %q %v", state, err)
		}
		if got := must(w.InviteStatus(w.ctx, "a", invite))(t); got == handrail.InviteOK {
			t.Error("an older code still works")
		}
		if o, _, err := w.JoinTrusted(w.ctx, "a", code, chat("a", "ann")); err != nil || o != handrail.InviteUnknown {
			t.Errorf("the trusted person's code: %s %v", o, err)
		}
		if got, err := w.TrustedPerson(w.ctx, "a", tp.ID); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("the trusted person is %+v, %v", got, err)
		}
		fresh := must(w.NewInvite(w.ctx, "a", w.patient.ID, time.Hour, by))(t)
		if try := must(w.TryInvite(w.ctx, "a", fresh, 1950, chat("a", "frank")))(t); try.Outcome != handrail.InviteOK {
			t.Errorf("a new code: %s", try.Outcome)
		}
		if err := w.Erase(w.ctx, "b", w.patient.ID, by); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice: %v (C8)", err)
		}
	})
}

// A correction waits for a person, who changes the record or leaves it, once; the words are forgotten then (C9).
func TestCorrections_C9(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		add := func(field handrail.CorrectionField, value string) handrail.Correction {
			return must(w.AddCorrection(w.ctx, handrail.Correction{Practice: "a", Patient: w.patient.ID, Field: field, Value: value}, "patient:x"))(t)
		}
		old, c := add(handrail.CorrectName, "Fran"), add(handrail.CorrectName, "Francis")
		if _, err := w.Correction(w.ctx, "a", old.ID); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("the older word still waits: %v", err)
		}
		if got := must(w.Correction(w.ctx, "a", c.ID))(t); got.Value != "Francis" {
			t.Errorf("%+v", got)
		}
		if p := must(w.Patient(w.ctx, "a", w.patient.ID))(t); p.Name != "Frank" {
			t.Errorf("nobody has looked, and the name is %q", p.Name)
		}
		if _, err := w.Correction(w.ctx, "b", c.ID); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("another practice: %v (C8)", err)
		}
		must(w.SettleCorrection(w.ctx, "a", c.ID, true, w.worker.ID))(t)
		if p := must(w.Patient(w.ctx, "a", w.patient.ID))(t); p.Name != "Francis" {
			t.Errorf("the name is %q", p.Name)
		}
		if got := must(w.Correction(w.ctx, "a", c.ID))(t); got.Value != "" || !got.Taken || got.SettledBy != w.worker.ID {
			t.Errorf("settled: %+v", got)
		}
		if _, err := w.SettleCorrection(w.ctx, "a", c.ID, false, w.worker.ID); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("settled twice: %v", err)
		}
		year := add(handrail.CorrectBirthYear, "not a year")
		if _, err := w.SettleCorrection(w.ctx, "a", year.ID, true, w.worker.ID); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("no year: %v", err)
		}
		if got := must(w.Correction(w.ctx, "a", year.ID))(t); got.SettledAt != nil {
			t.Error("it failed, and is settled")
		}
		must(w.SettleCorrection(w.ctx, "a", year.ID, false, w.worker.ID))(t)
	})
}

// A trusted person joins by their code, once, is reminded while the patient permits it and could hear of it, and either
// of the two can end it.
func TestTrusted(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		by := handrail.Actor("patient:" + w.patient.ID)
		p, code, err := w.AddTrusted(w.ctx, handrail.Trusted{Practice: "a", Patient: w.patient.ID, Name: "Ann"}, time.Hour, by)
		w.ok(err)
		if o, _, err := w.JoinTrusted(w.ctx, "a", code, w.patient.Address); o == handrail.InviteOK || !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("the patient's own chat: %s %v", o, err)
		}
		if o, _, err := w.JoinTrusted(w.ctx, "b", code, chat("b", "ann")); err != nil || o != handrail.InviteUnknown {
			t.Errorf("another practice: %s %v (C8)", o, err)
		}
		if o, got, err := w.JoinTrusted(w.ctx, "a", code, chat("a", "ann")); err != nil || o != handrail.InviteOK || got.Name != "Ann" {
			t.Fatalf("%s %+v %v", o, got, err)
		}
		if o, _, err := w.JoinTrusted(w.ctx, "a", code, chat("a", "bob")); err != nil || o != handrail.InviteUnknown {
			t.Errorf("the code again: %s %v", o, err)
		}
		if who := must(w.Who(w.ctx, chat("a", "ann")))(t); who.Kind != bot.WhoTrusted || who.Name != "Ann" {
			t.Errorf("who writes: %+v", who)
		}
		e := to(w.envelope("remind", bot.ClassReminder), "ann")
		e.Permission = handrail.PurposeTrusted
		may := func(want string) {
			t.Helper()
			if got := must(w.MaySend(w.ctx, e))(t); got != want {
				t.Errorf("may send: %q, want %q", got, want)
			}
		}
		may(records.ReasonNoPermission)
		must(w.AnswerPermission(w.ctx, "a", w.patient.ID, handrail.PurposeTrusted, "trusted/1", "May we?", true, by))(t)
		may("")
		w.ok(w.Pause(w.ctx, "a", w.patient.ID, w.clock.Now().Add(time.Hour), by))
		may("paused")
		w.ok(w.Resume(w.ctx, "a", w.patient.ID, by))
		w.put(e)
		for range 2 {
			w.ok(w.EndTrusted(w.ctx, "a", p.ID, "trusted:x"))
		}
		if s := w.state("remind"); s.State != bot.SendSuppressed {
			t.Errorf("what waited is %+v", s)
		}
		if who := must(w.Who(w.ctx, chat("a", "ann")))(t); who.Kind != bot.WhoUnknown {
			t.Errorf("who writes: %+v", who)
		}
		if got := must(w.TrustedOf(w.ctx, "a", w.patient.ID))(t); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		_, late, err := w.AddTrusted(w.ctx, handrail.Trusted{Practice: "a", Patient: w.patient.ID, Name: "Cy"}, time.Hour, by)
		w.ok(err)
		w.clock.Add(2 * time.Hour)
		if o, _, err := w.JoinTrusted(w.ctx, "a", late, chat("a", "cy")); err != nil || o != handrail.InviteExpired {
			t.Errorf("a late code: %s %v", o, err)
		}
	})
}
