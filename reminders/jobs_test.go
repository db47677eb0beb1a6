package reminders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
)

// What changed between a reminder's putting and its sending is seen at the last moment, and the old thing is not said.
func TestReminders_T5_ChangedAfterPutting(t *testing.T) {
	at := func(w *world, local string) func(a *handrail.Attendance) error {
		return func(a *handrail.Attendance) error {
			start := when(w.t, strings.Replace(local, "T", " ", 1))
			a.Occurrence.Local, a.Occurrence.Start, a.Occurrence.End = local, start, start.Add(time.Hour)
			return nil
		}
	}
	type scene struct {
		w       *world
		visit   handrail.Attendance
		company handrail.Accompaniment
		buddy   handrail.Buddy
	}
	for _, c := range []struct {
		name           string
		change         func(s scene)
		patient, buddy string // the reasons; "" is sent
	}{
		{"nothing", func(scene) {}, "", ""},
		{"the patient says they are going", func(s scene) {
			s.w.change(s.visit.ID, func(a *handrail.Attendance) error { return a.Going(s.w.clock.Now()) })
		}, "", ""},
		{"cancelled", func(s scene) {
			s.w.change(s.visit.ID, func(a *handrail.Attendance) error { return a.Cancel(s.w.clock.Now()) })
		}, "answered", "answered"},
		{"moved by an hour", func(s scene) { s.w.change(s.visit.ID, at(s.w, "2026-11-25T15:00")) }, "moved", "moved"},
		{"moved by a week", func(s scene) { s.w.change(s.visit.ID, at(s.w, "2026-12-02T14:00")) }, "moved", "moved"},
		{"the buddy can't come", func(s scene) {
			_, err := s.w.ChangeAccompaniment(s.w.ctx, practice, s.company.ID, by, func(a *handrail.Accompaniment) error { return a.Decline(s.w.clock.Now()) })
			s.w.ok(err)
		}, "other buddy", "other buddy"},
		{"another buddy comes", func(s scene) {
			_, err := s.w.ChangeAccompaniment(s.w.ctx, practice, s.company.ID, by, func(a *handrail.Accompaniment) error { return a.Decline(s.w.clock.Now()) })
			s.w.ok(err)
			cleared := s.w.clock.Now()
			b, err := s.w.AddBuddy(s.w.ctx, handrail.Buddy{Practice: practice, Name: "Amir", Address: chat("amir"), State: handrail.BuddyCleared, ClearedBy: worker, ClearedAt: &cleared}, by)
			s.w.ok(err)
			s.w.match(s.company.ID, b)
		}, "other buddy", "other buddy"},
		{"stopped", func(s scene) { s.w.ok(s.w.Stop(s.w.ctx, practice, s.visit.Patient, by)) }, "stopped", "stopped"},
		{"resting", func(s scene) {
			s.w.ok(s.w.Pause(s.w.ctx, practice, s.visit.Patient, s.w.clock.Now().AddDate(0, 0, 14), by))
		}, "paused", ""},
		{"died", func(s scene) {
			_, err := s.w.ChangePatient(s.w.ctx, practice, s.visit.Patient, by, "died", func(p *handrail.Patient) error { p.Deceased = true; return nil })
			s.w.ok(err)
		}, "deceased", ""},
		{"no leave to tell the buddy", func(s scene) {
			s.w.ok(s.w.WithdrawPermission(s.w.ctx, practice, s.visit.Patient, handrail.PurposeBuddy, by))
		}, "", "no_permission"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-23 09:00")
			to := w.phones()
			pr := w.process(to)
			pr.live(w.clock.Now())
			a := w.planned("2026-11-25T14:00", 60)
			company, buddy := w.company(a, "Joan")
			pr.live(when(t, "2026-11-24 09:59"))
			patientKey := "daybefore:" + string(a.ID) + ":2026-11-25T14:00"
			buddyKey := fmt.Sprintf("buddyday:%s:%s:2026-11-25T14:00", company.ID, buddy.ID)
			for _, key := range []string{patientKey, buddyKey} {
				if s, err := w.Settled(w.ctx, key); err != nil || s.State != bot.SendQueued {
					t.Fatalf("%s is %q, error %v", key, s.State, err)
				}
			}
			c.change(scene{w, a, company, buddy})
			pr.live(when(t, "2026-11-24 10:04"))
			for key, reason := range map[string]string{patientKey: c.patient, buddyKey: c.buddy} {
				want := bot.SendSent
				if reason != "" {
					want = bot.SendSuppressed
				}
				if s, err := w.Settled(w.ctx, key); err != nil || s.State != want || s.Reason != reason {
					t.Errorf("%s is %q (%q), error %v, want %q (%q)", key, s.State, s.Reason, err, want, reason)
				}
			}
			// Where the company or the hour changed, a reminder that is right takes the place of the one that was put.
			p, err := w.Patient(w.ctx, practice, a.Patient)
			w.ok(err)
			want := 0
			hour := "2pm"
			if c.patient == "" || c.patient == "other buddy" {
				want = 1
			}
			if c.name == "moved by an hour" {
				want, hour = 1, "3pm"
			}
			if n, _ := to.count(p.Address, "tomorrow"); n != want {
				t.Errorf("the patient was reminded %d times, want %d", n, want)
			}
			if n, _ := to.count(p.Address, hour); n != want {
				t.Errorf("the patient was told of %s %d times, want %d", hour, n, want)
			}
			if n, _ := to.count(p.Address, "Joan will"); n != 0 && c.patient == "other buddy" {
				t.Error("the patient was promised somebody who does not come")
			}
		})
	}
}

// Still says why, job by job, and "gone" of what is not there any more.
func TestReminders_T5_Still(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:00")
	p, _ := w.planner()
	_, _, e := w.patient()
	ahead := w.visit(e, "2026-11-25T14:00", 60, w.clock.Now())
	cancelled, missed, came := w.planned("2026-11-25T14:00", 60), w.planned("2026-11-24T08:00", 60), w.planned("2026-11-24T08:00", 60)
	w.change(cancelled.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })
	w.missed(missed.ID)
	w.came(came.ID)
	ended := w.planned("2026-11-24T08:00", 60)
	w.missed(ended.ID)
	_, err := w.ChangeEnrolment(w.ctx, practice, ended.Enrolment, by, func(e *handrail.Enrolment) error { return e.End("not_for_me", w.clock.Now()) })
	w.ok(err)
	agreed, _ := w.company(ahead, "Joan")
	askedFor := w.planned("2026-11-26T14:00", 60)
	asked, joan := w.company(askedFor, "Amir")
	_, err = w.ChangeAccompaniment(w.ctx, practice, asked.ID, by, func(a *handrail.Accompaniment) error {
		if err := a.Decline(w.clock.Now()); err != nil {
			return err
		}
		joan.ID = "bud_new"
		a.Buddy = agreed.Buddy
		a.State = handrail.AccompanimentAsked
		return nil
	})
	w.ok(err)
	nowhere, _, _ := w.patient()
	for _, c := range []struct {
		job, subject, key, want string
	}{
		{"daybefore", string(ahead.ID), "daybefore:x:2026-11-25T14:00", ""},
		{"daybefore", string(ahead.ID), "daybefore:x:2026-11-25T13:00", "moved"},
		{"daybefore", string(cancelled.ID), "daybefore:x:2026-11-25T14:00", "answered"},
		{"sameday", string(ahead.ID), "sameday:x:2026-11-25T14:00", ""},
		{"sameday", string(ahead.ID), "sameday:x:2026-11-24T14:00", "moved"},
		{"sameday", string(came.ID), "sameday:x:2026-11-24T08:00", "answered"},
		{"how", string(ahead.ID), "", ""},
		{"how", string(came.ID), "", "answered"},
		{"how", string(missed.ID), "", "answered"},
		{"how", string(cancelled.ID), "", "answered"},
		{"nudge", string(missed.ID), "", ""},
		{"nudge", string(came.ID), "", "answered"},
		{"nudge", string(ended.ID), "", "answered"},
		{"buddy", string(agreed.ID), "", ""},
		{"buddy", string(asked.ID), "", "moved on"},
		{"ask", string(asked.ID), "", ""},
		{"ask", string(agreed.ID), "", "moved on"},
		{"again", string(nowhere.ID), "", ""},
		{"again", string(ahead.Patient), "", "answered"},
		{"daybefore", "att_none", "", "gone"}, {"sameday", "att_none", "", "gone"}, {"how", "att_none", "", "gone"},
		{"nudge", "att_none", "", "gone"}, {"buddy", "acc_none", "", "gone"}, {"ask", "acc_none", "", "gone"},
		{"digest", "", "", ""}, {"gpnote", string(came.ID), "", ""}, {"a job of an older version", "x", "", ""}, {"", "", "", ""},
	} {
		got, err := p.Still(w.ctx, bot.Envelope{Job: c.job, Subject: c.subject, Key: c.key, To: chat("x"), Class: bot.ClassReminder})
		if err != nil || got != c.want {
			t.Errorf("%s of %q: %q, error %v, want %q", c.job, c.subject, got, err, c.want)
		}
	}
	// Another practice's record is not there (C8).
	if got, err := p.Still(w.ctx, bot.Envelope{Job: "how", Subject: string(ahead.ID), To: handrail.Address{Practice: "pra_other", Channel: "web", Chat: "1"}}); err != nil || got != "gone" {
		t.Errorf("another practice's visit: %q, error %v", got, err)
	}
}

// The question comes half an hour after the end, and never between 20:00 and 09:00 by the patient's wall clock.
func TestHow_T7_Table(t *testing.T) {
	w := newWorld(t, "2026-01-02 09:00")
	for _, c := range []struct {
		start   string
		minutes int
		want    string
		words   string
	}{
		{"2026-11-24T10:30", 90, "2026-11-24 12:30:00", "today"},
		{"2026-11-24T18:00", 89, "2026-11-24 19:59:00", "today"},
		{"2026-11-24T18:00", 90, "2026-11-25 09:30:00", "on Tuesday"}, // 20:00 is quiet
		{"2026-11-24T19:00", 120, "2026-11-25 09:30:00", "on Tuesday"},
		{"2026-11-24T21:00", 170, "2026-11-25 09:30:00", "on Tuesday"}, // ends at 23:50: half an hour on is another date
		{"2026-11-24T07:00", 60, "2026-11-24 09:30:00", "today"},       // 08:30 is quiet
		{"2026-11-24T07:00", 89, "2026-11-24 09:30:00", "today"},
		{"2026-11-24T07:30", 60, "2026-11-24 09:00:00", "today"},       // 09:00 is not
		{"2027-03-27T19:00", 60, "2027-03-28 09:30:00", "on Saturday"}, // the clocks go forward in between
		{"2027-03-28T19:00", 60, "2027-03-29 09:30:00", "on Sunday"},
		{"2027-03-28T00:30", 120, "2027-03-28 09:30:00", "today"}, // through the gap
		{"2027-10-30T19:00", 60, "2027-10-31 09:30:00", "on Saturday"},
		{"2027-10-31T18:00", 60, "2027-10-31 19:30:00", "today"},
		{"2028-03-25T20:30", 60, "2028-03-26 09:30:00", "on Saturday"},
		{"2028-10-28T20:30", 60, "2028-10-29 09:30:00", "on Saturday"},
		{"2026-12-31T20:30", 60, "2027-01-01 09:30:00", "on Thursday"},
	} {
		a := w.planned(c.start, c.minutes)
		end := a.Occurrence.End
		got := about(w.due("how", end.Add(-time.Hour), end.Add(24*time.Hour), end), string(a.ID))
		if len(got) != 1 || w.wall(got[0].NotBefore) != c.want || !got[0].NotAfter.Equal(got[0].NotBefore.Add(24*time.Hour)) {
			t.Errorf("%s for %d minutes: %d questions, %+v, want one at %s", c.start, c.minutes, len(got), got, c.want)
			continue
		}
		if words := got[0].Message.Text.Plain(); !strings.Contains(words, c.words) || len(got[0].Message.Options) != 6 {
			t.Errorf("%s: it says %q with %d buttons, want %q", c.start, words, len(got[0].Message.Options), c.words)
		}
		w.came(a.ID)
		if got := about(w.due("how", end.Add(-time.Hour), end.Add(24*time.Hour), end), string(a.ID)); len(got) != 0 {
			t.Errorf("%s: they said so already, and are asked: %+v", c.start, got)
		}
	}
}

// Wherever the clock stands when somebody asks, neither a question nor its lateness falls into the quiet hours (T7).
func TestReminders_T7_Property(t *testing.T) {
	w := newWorld(t, "2025-12-01 09:00")
	rapid.Check(t, func(t *rapid.T) {
		session := drawSession(t)
		_, _, e := w.patient()
		a := w.visit(e, session.Format(handrail.LocalLayout), rapid.IntRange(0, 180).Draw(t, "minutes"), w.clock.Now())
		defer w.change(a.ID, func(a *handrail.Attendance) error { return a.Came(w.clock.Now()) })
		end := a.Occurrence.End
		now := end.Add(time.Duration(rapid.IntRange(-60, 40*60).Draw(t, "asked after")) * time.Minute)
		for _, got := range about(w.due("how", end.Add(-time.Hour), end.Add(40*time.Hour), now), string(a.ID)) {
			if s := got.NotBefore.In(w.london).Format("15:04"); s < "09:00" || s >= "20:00" {
				t.Fatalf("asked at %s, it would come at %s", w.wall(now), w.wall(got.NotBefore))
			}
			if !got.NotBefore.Before(got.NotAfter) || got.NotBefore.Before(end.Add(30*time.Minute)) {
				t.Fatalf("from %s to %s after an end at %s", w.wall(got.NotBefore), w.wall(got.NotAfter), w.wall(end))
			}
		}
	})
}

func TestNudge(t *testing.T) {
	w := newWorld(t, "2026-11-20 09:00")
	p, out := w.planner()
	w.step(p)
	kept, ended := w.planned("2026-11-23T14:00", 60), w.planned("2026-11-23T14:00", 60)
	came, sorry := w.planned("2026-11-23T14:00", 60), w.planned("2026-11-23T14:00", 60)
	w.run(p, when(t, "2026-11-23 16:00"))
	for _, a := range []handrail.Attendance{kept, ended, sorry} {
		w.missed(a.ID)
	}
	w.came(came.ID)
	_, err := w.ChangeEnrolment(w.ctx, practice, ended.Enrolment, by, func(e *handrail.Enrolment) error { return e.End("not_for_me", w.clock.Now()) })
	w.ok(err)
	w.run(p, when(t, "2026-11-24 09:00"))
	w.came(sorry.ID) // they told us afterwards
	w.run(p, when(t, "2026-11-27 09:00"))
	if got := keys(out.posted, "nudge:"); !slices.Equal(got, []string{"nudge:" + string(kept.ID)}) {
		t.Fatalf("%v", got)
	}
	e := w.outbox()["nudge:"+string(kept.ID)]
	if w.wall(e.NotBefore) != "2026-11-24 11:00:00" || w.wall(e.NotAfter) != "2026-11-25 11:00:00" || e.Class != bot.ClassNudge || e.Permission != handrail.PurposeChat || e.Job != "nudge" {
		t.Errorf("%+v", e)
	}
	if words := e.Message.Text.Plain(); !strings.Contains(words, "no worries about yesterday") || len(e.Message.Options) != 6 {
		t.Errorf("it says %q with %d buttons", words, len(e.Message.Options))
	}
}

// The day after is the date after, at eleven by the wall clock, through both changes of the clocks (T2).
func TestNudge_T2_Table(t *testing.T) {
	w := newWorld(t, "2026-01-02 09:00")
	for _, c := range []struct{ missed, want string }{
		{"2026-11-24 16:00", "2026-11-25 11:00:00"}, {"2026-11-24 00:00", "2026-11-25 11:00:00"}, {"2026-11-24 23:59", "2026-11-25 11:00:00"},
		{"2027-03-27 23:59", "2027-03-28 11:00:00"}, {"2027-03-28 00:10", "2027-03-29 11:00:00"}, {"2027-03-28 23:59", "2027-03-29 11:00:00"},
		{"2027-10-30 00:00", "2027-10-31 11:00:00"}, {"2027-10-31 00:10", "2027-11-01 11:00:00"}, {"2027-10-31 23:59", "2027-11-01 11:00:00"},
	} {
		w.clock.Set(when(t, "2026-01-02 09:00"))
		a := w.planned("2026-01-03T14:00", 60)
		w.clock.Set(when(t, c.missed))
		w.missed(a.ID)
		want := when(t, c.want[:16])
		// Asked as the planner asks just before the time, and 15 minutes early as it does then.
		got := about(w.due("nudge", want.Add(-time.Hour), want.Add(time.Second), want.Add(-14*time.Minute)), string(a.ID))
		if len(got) != 1 || w.wall(got[0].NotBefore) != c.want {
			t.Errorf("missed at %s: %+v, want %s", c.missed, got, c.want)
		}
	}
}

func TestAgain(t *testing.T) {
	w := newWorld(t, "2026-11-14 09:00")
	p, out := w.planner()
	w.step(p)
	resting := func(until string) handrail.Patient {
		x, _, _ := w.patient()
		w.ok(w.Pause(w.ctx, practice, x.ID, when(t, until), by))
		return x
	}
	morning, noonish := resting("2026-11-16 09:00"), resting("2026-11-16 12:00")
	exact, chose := resting("2026-11-17 10:00"), resting("2026-11-16 09:00")
	back := resting("2026-11-16 09:00")
	w.ok(w.Resume(w.ctx, practice, back.ID, by))
	all, err := w.Enrolments(w.ctx, practice, chose.ID)
	w.ok(err)
	w.visit(all[0], "2026-12-01T14:00", 60, w.clock.Now())
	w.run(p, when(t, "2026-11-19 09:00"))
	want := []string{"again:" + string(morning.ID) + ":2026-11-16", "again:" + string(noonish.ID) + ":2026-11-17", "again:" + string(exact.ID) + ":2026-11-17"}
	slices.Sort(want)
	if got := keys(out.posted, "again:"); !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for _, e := range out.posted {
		if e.Job == "again" && e.NotBefore.In(w.london).Format("15:04") != "10:00" {
			t.Errorf("asked again at %s", w.wall(e.NotBefore))
		}
	}
}

// The referrer hears once of a referral, whether they went and how it was, by leave of the patient, and never their words.
func TestGPNote_G1(t *testing.T) {
	for _, c := range []struct {
		name  string
		leave func(w *world, p handrail.PatientID)
		state bot.SendState
		why   string
	}{
		{"given", func(w *world, p handrail.PatientID) {
			_, err := w.AnswerPermission(w.ctx, practice, p, handrail.PurposeFeedback, "gp/1", "May I?", true, handrail.Actor("patient:"+p))
			w.ok(err)
		}, bot.SendSent, ""},
		{"never asked", func(*world, handrail.PatientID) {}, bot.SendSuppressed, "no_permission"},
		{"refused", func(w *world, p handrail.PatientID) {
			_, err := w.AnswerPermission(w.ctx, practice, p, handrail.PurposeFeedback, "gp/1", "May I?", false, handrail.Actor("patient:"+p))
			w.ok(err)
		}, bot.SendSuppressed, "no_permission"},
		{"taken back", func(w *world, p handrail.PatientID) {
			_, err := w.AnswerPermission(w.ctx, practice, p, handrail.PurposeFeedback, "gp/1", "May I?", true, handrail.Actor("patient:"+p))
			w.ok(err)
			w.ok(w.WithdrawPermission(w.ctx, practice, p, handrail.PurposeFeedback, handrail.Actor("patient:"+p)))
		}, bot.SendSuppressed, "no_permission"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-23 09:00")
			to := w.phones()
			pr := w.process(to)
			pr.live(w.clock.Now())
			p, r, e := w.patient()
			first, second, third := w.visit(e, "2026-11-23T14:00", 60, w.clock.Now()), w.visit(e, "2026-11-26T14:00", 60, w.clock.Now()), w.visit(e, "2026-11-24T14:00", 60, w.clock.Now())
			c.leave(w, p.ID)
			const canary = "my late wife Doreen and the tablets"
			said := func(a handrail.Attendance, at string) {
				pr.live(when(t, at))
				w.came(a.ID)
				w.ok(w.AddFeedback(w.ctx, handrail.Feedback{Practice: practice, Patient: p.ID, Attendance: a.ID, Verdict: handrail.VerdictGood, Words: canary}, by))
			}
			said(first, "2026-11-23 16:00")
			pr.live(when(t, "2026-11-24 12:29"))
			if n, _ := to.count(chat("gp"), ""); n != 0 {
				t.Error("it came before half past twelve")
			}
			said(third, "2026-11-24 16:00")
			said(second, "2026-11-26 16:00")
			pr.live(when(t, "2026-11-27 13:00"))
			s, err := w.Settled(w.ctx, "gpnote:"+string(r.ID)+":1")
			if err != nil || s.State != c.state || s.Reason != c.why {
				t.Fatalf("it is %q (%q), error %v", s.State, s.Reason, err)
			}
			n, at := to.count(chat("gp"), "They said it was good")
			if all, _ := to.count(chat("gp"), ""); (n == 1) != (c.state == bot.SendSent) || all != n {
				t.Fatalf("it came %d times, and in all %d messages", n, all)
			}
			for _, a := range to.got {
				if a.to != p.Address && (strings.Contains(a.text, "Doreen") || strings.Contains(a.text, "Okafor") || strings.Contains(a.text, "Frank")) {
					t.Errorf("it holds words or names: %q", a.text)
				}
			}
			if n == 1 && w.wall(at) != "2026-11-24 12:30:00" {
				t.Errorf("it came at %s", w.wall(at))
			}
		})
	}
}

// A visit of which nothing was said, or that was missed, makes no note; nor does a referrer without a chat.
func TestGPNote_Nothing(t *testing.T) {
	w := newWorld(t, "2026-11-23 09:00")
	silent, missed := w.planned("2026-11-23T10:00", 60), w.planned("2026-11-23T10:00", 60)
	w.came(silent.ID)
	w.missed(missed.ID)
	w.ok(w.AddFeedback(w.ctx, handrail.Feedback{Practice: practice, Patient: missed.Patient, Attendance: missed.ID, Verdict: handrail.VerdictMissed}, by))
	look := func() []bot.Envelope {
		return w.due("gpnote", w.clock.Now().Add(-time.Hour), w.clock.Now().Add(time.Hour), w.clock.Now().Add(time.Hour))
	}
	if got := look(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	w.ok(w.AddFeedback(w.ctx, handrail.Feedback{Practice: practice, Patient: silent.Patient, Attendance: silent.ID, Verdict: handrail.VerdictOK}, by))
	if got := look(); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	w.ok(w.CloseChat(w.ctx, chat("gp"), "gone"))
	if got := look(); len(got) != 0 {
		t.Errorf("to a GP without a chat: %+v", got)
	}
}
