package reminders

import (
	"context"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// dayBeforeAt is when, on the day before, a visit is reminded of.
const dayBeforeAt = handrail.Clock(10 * 60)

// dayBefore reminds the patient, and the buddy who agreed to come, at ten on the day before. Somebody who chose after
// that moment was just told, and isn't reminded of it. "Tomorrow" must not be read on the day itself, so what could not
// be said to the patient before midnight is left to the word on the day; the buddy gets none of those, and is told late.
func (k *kit) dayBefore() Job {
	return Job{Name: "daybefore", Spec: often, Still: k.dayBeforeStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		visits, err := k.around(ctx, s)
		if err != nil {
			return nil, err
		}
		days := k.daily(visits)
		var out []bot.Envelope
		for _, v := range visits {
			start := v.Attendance.Occurrence.Start
			at := k.at(start, -1, dayBeforeAt)
			if !v.Attendance.State.Ahead() || !s.Holds(at) || v.Attendance.PlannedAt.After(at) {
				continue
			}
			from := k.late(at, s)
			if midnight := k.at(start, 0, 0); from.Before(midnight) && alone(days, v, at, k.Zone, true) {
				e := k.dayBeforePatient(v, from, midnight)
				e.Key = "daybefore:" + string(v.Attendance.ID) + changedSince(v, at) + ":" + v.Attendance.Occurrence.Local
				out = append(out, e)
			}
			if agreed(v) && from.Before(start) {
				out = append(out, k.dayBeforeBuddy(v, from))
			}
		}
		return out, nil
	}}
}

func (k *kit) dayBeforePatient(v handrail.Visit, at, until time.Time) bot.Envelope {
	start := v.Attendance.Occurrence.Start
	body := k.to(v.Patient).words("remind.daybefore", "name", v.Patient.Name, "day", text.Near(start, at, k.Zone)+start.In(k.Zone).Format(" (Mon)"), "time", text.Time(start, k.Zone))
	body = append(body, k.to(v.Patient).words("remind.open")...)
	body = append(body, k.to(v.Patient).words("remind.daybefore.what", "group", v.Activity.Name, "venue", v.Activity.Venue.Line())...)
	switch {
	case agreed(v):
		body = append(body, k.to(v.Patient).words("remind.daybefore.buddy", "buddy", v.Buddy.Name, "about", about(v.Buddy.About))...)
	case v.Accompaniment != nil && v.Accompaniment.State.Open():
		body = append(body, k.to(v.Patient).words("remind.daybefore.wanted")...)
	}
	body = append(body, k.to(v.Patient).words("remind.daybefore.ask")...)
	id := string(v.Attendance.ID)
	return bot.Envelope{
		Key: "daybefore:" + id + ":" + v.Attendance.Occurrence.Local, To: v.Patient.Address, Patient: v.Patient.ID,
		Class: bot.ClassReminder, Permission: handrail.PurposeChat, Subject: id, NotBefore: at, NotAfter: until,
		Message: bot.Message{Text: body, Options: []bot.Option{
			press(k.to(v.Patient).line("going.yes"), "going", id, "yes"),
			press(k.to(v.Patient).line("going.no"), "going", id, "no"),
			press(k.to(v.Patient).line("going.unsure"), "going", id, "unsure"),
			press(k.to(v.Patient).line("going.place"), "going", id, "where"),
			k.urgent(v.Patient),
		}},
	}
}

// about is how a buddy will be known, as the end of a sentence.
func about(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return "at the door."
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return "and says: " + s
}

// dayBeforeBuddy reminds the buddy: a first name, a public place and a time (V2).
func (k *kit) dayBeforeBuddy(v handrail.Visit, at time.Time) bot.Envelope {
	start := v.Attendance.Occurrence.Start
	return bot.Envelope{
		Key: "buddyday:" + string(v.Accompaniment.ID) + ":" + string(v.Buddy.ID) + ":" + v.Attendance.Occurrence.Local,
		To:  v.Buddy.Address, Patient: v.Patient.ID, Class: bot.ClassReminder, Permission: handrail.PurposeBuddy,
		Subject: string(v.Attendance.ID), NotBefore: at, NotAfter: start,
		Message: bot.Message{
			Text: k.words("remind.buddy.day", "name", v.Patient.Name, "day", text.Near(start, at, k.Zone), "time", text.Time(start, k.Zone), "venue", v.Activity.Venue.Line()),
			Options: []bot.Option{
				press(k.line("agree.no"), "agree", string(v.Accompaniment.ID), "no"),
			},
		},
	}
}

// dayBeforeStill also looks whether the buddy who is reminded is still the one, and whether what the patient is told of
// their company is still so.
func (k *kit) dayBeforeStill(ctx context.Context, e bot.Envelope) (string, error) {
	v, err := k.Facts.Visit(ctx, e.To.Practice, handrail.AttendanceID(e.Subject))
	if err != nil {
		return "", err
	}
	switch {
	case !strings.HasPrefix(e.Key, "buddyday:"):
		if k.promisesAnother("remind.daybefore.buddy", v, e) {
			return "other buddy", nil
		}
	case !agreed(v) || v.Buddy.Address != e.To:
		return "other buddy", nil
	}
	return k.stillAhead(ctx, e)
}

// promisesAnother reports whether a message to a patient says, in the catalogue's words, that somebody will be there who
// will not.
func (k *kit) promisesAnother(key string, v handrail.Visit, e bot.Envelope) bool {
	const gap = "\x00"
	// Without the marks that keep a name's direction apart.
	bare := strings.NewReplacer("\u2068", "", "\u2069", "")
	said := bare.Replace(e.Message.Text.Plain())
	sentence := func(buddy string) string {
		return bare.Replace(k.to(v.Patient).line(key, "buddy", buddy, "about", gap))
	}
	for _, part := range strings.Split(sentence(gap), gap) {
		if !strings.Contains(said, strings.TrimSpace(part)) {
			return false // nobody is promised
		}
	}
	if !agreed(v) {
		return true
	}
	with, _, _ := strings.Cut(sentence(v.Buddy.Name), gap)
	return !strings.Contains(said, with)
}

// changedSince marks the key of a reminder whose company changed after it may have been put ahead of its time: the first
// one says what is no longer so and stays unsent, and this one takes its place. Later changes are told when they happen,
// and need no second reminder.
func changedSince(v handrail.Visit, at time.Time) string {
	if v.Accompaniment == nil || v.Accompaniment.ChangedAt.After(at) || v.Accompaniment.ChangedAt.Before(at.Add(-2*ahead)) {
		return ""
	}
	return ":" + v.Accompaniment.ChangedAt.UTC().Format("150405")
}
