package dialogs

import (
	"context"
	"slices"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// mine shows a patient everything that is held about them, in plain words, kind by kind. Each part begins with a sentence
// that may stand on a locked phone (G4).
func (k *kit) mine() bot.Dialog {
	return bot.Dialog{Name: "mine", Title: "mine.title", Opens: "mine.opens", May: patientOnly, Light: true, Interrupts: k.wished(wishShow), Script: k.mineScript}
}

func (k *kit) mineScript(t *bot.Talk) error {
	who, now := t.Who(), t.Now()
	parts := bot.Look(t, "data", func(ctx context.Context) ([]bot.Text, error) {
		d, err := k.Records.PersonalData(ctx, who.Practice, handrail.PatientID(who.ID), actor(who))
		if err != nil {
			return nil, err
		}
		s := shower{kit: k, t: k.in(who.Language), d: d, now: now}
		if s.carer, err = k.carerName(ctx, who.Practice, d.Patient.ID); err != nil {
			return nil, err
		}
		if n := len(d.Referrals); n > 0 {
			if by, err := k.Records.Staff(ctx, who.Practice, d.Referrals[n-1].By); err == nil {
				s.by = by.Name
			}
		}
		s.names = map[handrail.ActivityID]string{}
		for _, e := range d.Enrolments {
			a, err := k.Finder.Activity(ctx, e.Activity)
			if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
				return nil, err
			}
			s.names[e.Activity] = a.Name
		}
		return s.parts(), nil
	})
	for i, p := range parts {
		head := t.Words("mine.part", "i", strconv.Itoa(i+1), "of", strconv.Itoa(len(parts)))
		m := bot.Message{Text: append(head, p...)}
		if i == len(parts)-1 {
			m.Options = []bot.Option{
				press(t.Line("mine.correct"), "correct", "me", "open"), press(t.Line("mine.permits"), "permits", "me", "open"),
				press(t.Line("mine.delete"), "stop", "me", "delete"),
			}
		}
		t.Send(m)
	}
	return nil
}

// shower puts what is held into words.
type shower struct {
	*kit
	t         tongue
	d         handrail.PersonalData
	now       time.Time
	by, carer string
	names     map[handrail.ActivityID]string // of the groups they chose, as far as they are known
}

func (s shower) day(at time.Time) string { return s.dayIn(s.t.lang, at, s.now) }

// parts are the kinds that there is something of, each with its heading.
func (s shower) parts() []bot.Text {
	var out []bot.Text
	for _, p := range []bot.Text{s.who(), s.told(), s.life(), s.referred(), s.visits(), s.helped(), s.readers(), s.kept()} {
		if len(p) > 1 {
			out = append(out, p)
		}
	}
	return out
}

// item is one line of a list.
func (s shower) item(key string, args ...string) bot.Text {
	line := s.t.words(key, args...)
	for i := range line {
		line[i].Item = true
	}
	return line
}

func (s shower) who() bot.Text {
	p := s.d.Patient
	out := s.t.words("mine.who")
	year := ""
	if p.BirthYear > 0 {
		year = strconv.Itoa(p.BirthYear)
	}
	for _, f := range [][2]string{{"name", p.Name}, {"surname", p.Surname}, {"birth_year", year}, {"postcode", p.Postcode}, {"language", s.language(p.Language)}} {
		if f[1] != "" {
			out = append(out, s.item("mine.who."+f[0], "value", f[1])...)
		}
	}
	if p.Short {
		out = append(out, s.item("mine.who.short")...)
	}
	for _, t := range s.d.Trusted {
		if t.State == handrail.TrustedEnded {
			out = append(out, s.item("mine.who.trusted.ended", "date", s.day(t.ChangedAt))...)
			continue
		}
		out = append(out, s.item("mine.who.trusted", "name", t.Name)...)
	}
	for _, c := range s.d.Corrections {
		if c.SettledAt != nil {
			out = append(out, s.item("mine.who.corrected", "date", s.day(c.AskedAt), "what", s.t.line("correct."+string(c.Field)))...)
			continue
		}
		out = append(out, s.item("mine.who.correction", "date", s.day(c.AskedAt))...)
		out = append(out, s.item("mine.who.correction.words", "words", c.Value)...)
	}
	out = append(out, s.item("mine.who.chat")...)
	if p.Stopped != nil {
		out = append(out, s.item("mine.who.stopped", "date", s.day(*p.Stopped))...)
	}
	if p.PausedUntil != nil && p.PausedUntil.After(s.now) {
		out = append(out, s.item("mine.who.paused", "date", s.day(*p.PausedUntil))...)
	}
	if p.Halt != nil {
		out = append(out, s.item("mine.who.halted", "date", s.day(p.Halt.At), "link_worker", s.carer)...)
	}
	return out
}

func (s shower) told() bot.Text {
	out := s.t.words("mine.told")
	if m := s.d.Patient.Matters; m != "" {
		out = append(out, s.item("mine.told.matters", "words", m)...)
	}
	for _, p := range s.d.Permissions {
		out = append(out, s.item("mine.told.permission", "wording", p.Wording, "state", s.t.line("permits.state."+string(p.State), "date", s.day(p.ChangedAt)))...)
	}
	return out
}

// life is what they answered of how life is going: the publisher's questions, and their own answers.
func (s shower) life() bot.Text {
	out := s.t.words("mine.life")
	for _, m := range s.d.Measures {
		out = append(out, s.item("mine.life.when", "date", s.day(m.At))...)
		items := m.Instrument.Items()
		for _, a := range m.Answers {
			said := s.t.line("mine.life.skipped")
			i := slices.IndexFunc(items, func(i handrail.Item) bool { return i.Name == a.Item })
			switch {
			case a.Skipped:
			case i >= 0 && items[i].Labels:
				said = s.t.line(codeKey(m.Instrument, items[i], a.Code))
			default:
				said = strconv.Itoa(a.Code)
			}
			out = append(out, s.item("mine.life.answer", "question", s.t.line("measure."+string(m.Instrument)+"."+a.Item), "answer", said)...)
		}
	}
	return out
}

func (s shower) referred() bot.Text {
	out := s.t.words("mine.referred")
	for i, r := range s.d.Referrals {
		by := s.by
		if i < len(s.d.Referrals)-1 || by == "" {
			by = s.t.line("mine.referred.practice")
		}
		out = append(out, s.item("mine.referred.line", "by", by, "date", s.day(r.OfferedAt), "ref", r.Ref)...)
		if r.Need != "" {
			out = append(out, s.item("mine.referred.need", "need", s.t.line("needs."+r.Need))...)
		}
		if r.Reason.Valid() {
			out = append(out, s.item("mine.referred.no", "reason", s.t.line("reason."+string(r.Reason)))...)
		}
	}
	if s.d.Noted {
		out = append(out, s.item("mine.referred.note", "link_worker", s.carer)...)
	}
	return out
}

func (s shower) visits() bot.Text {
	out := s.t.words("mine.visits")
	for _, v := range s.d.Visits {
		state := string(v.Attendance.State)
		if v.Attendance.State.Ahead() && v.Attendance.Occurrence.Start.Before(s.now) {
			state = "unsaid"
		}
		line := s.item("mine.visits.line", "when", s.day(v.Attendance.Occurrence.Start), "group", v.Activity.Name, "state", s.t.line("mine.visits."+state))
		if v.Accompaniment != nil && v.Buddy != nil && v.Accompaniment.State != handrail.AccompanimentCancelled {
			line = append(line, s.item("mine.visits.buddy", "buddy", v.Buddy.Name)...)
		}
		if f := v.Feedback; f != nil {
			line = append(line, s.item("mine.visits.said", "verdict", s.t.line("how."+string(f.Verdict)))...)
			if f.Words != "" {
				line = append(line, s.item("mine.visits.words", "words", f.Words)...)
			}
		}
		out = append(out, line...)
	}
	return append(out, s.chosen()...)
}

// chosen are the groups of which there is no visit to show.
func (s shower) chosen() (out bot.Text) {
	for _, e := range s.d.Enrolments {
		if slices.ContainsFunc(s.d.Visits, func(v handrail.Visit) bool { return v.Enrolment.ID == e.ID }) {
			continue
		}
		name := s.names[e.Activity]
		if name == "" {
			name = s.t.line("leave.unnamed")
		}
		out = append(out, s.item("mine.visits.chosen", "when", s.day(e.ChosenAt), "group", name)...)
	}
	return out
}

func (s shower) helped() bot.Text {
	out := s.t.words("mine.help")
	for _, a := range s.d.Alerts {
		out = append(out, s.item("mine.help.line", "date", s.day(a.RaisedAt))...)
	}
	return out
}

func (s shower) readers() bot.Text {
	out := s.t.words("mine.readers")
	out = append(out, s.item("mine.readers.carer", "link_worker", s.carer)...)
	permitted := func(p handrail.Purpose) bool {
		return slices.ContainsFunc(s.d.Permissions, func(x handrail.Permission) bool { return x.Purpose == p && x.Live() })
	}
	if permitted(handrail.PurposeFeedback) {
		by := s.by
		if by == "" {
			by = s.t.line("mine.referred.practice")
		}
		out = append(out, s.item("mine.readers.by", "by", by)...)
	}
	if permitted(handrail.PurposeBuddy) {
		out = append(out, s.item("mine.readers.buddy")...)
	}
	if permitted(handrail.PurposeTrusted) && slices.ContainsFunc(s.d.Trusted, func(t handrail.Trusted) bool { return t.State != handrail.TrustedEnded }) {
		out = append(out, s.item("mine.readers.trusted")...)
	}
	return out
}

// kept is what is kept beside what can be read: mostly numbers.
func (s shower) kept() bot.Text {
	out := append(s.t.words("mine.kept"), s.item("mine.kept.typed")...)
	for _, c := range []struct {
		key string
		n   int
	}{{"sent", s.d.Sent}, {"came", s.d.Received}, {"first", s.d.Contacts}, {"answered", s.d.Answered}, {"invites", s.d.Invites}, {"logged", s.d.Logged}} {
		if c.n > 0 {
			out = append(out, s.item("mine.kept."+c.key, "n", strconv.Itoa(c.n))...)
		}
	}
	return out
}

// language is the name of a language as those who speak it call it; empty for English, which needs no word.
func (k *kit) language(tag string) string {
	if i := slices.IndexFunc(k.Languages, func(l text.Language) bool { return l.Tag == tag }); i >= 0 && tag != text.Fallback {
		return k.Languages[i].Name
	}
	return ""
}
