package dialogs

import (
	"context"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// record shows what is kept of one patient, to those who may see it, in private; that it was opened is written down before
// anything is shown (G10).
func (k *kit) record() bot.Dialog {
	return bot.Dialog{Name: "record", May: staffOnly, Script: func(t *bot.Talk) error {
		who, id := t.Who(), handrail.ReferralID(t.Subject())
		bot.Do(t, "read", "", func(ctx context.Context) (bool, error) {
			_, p, err := k.openCase(ctx, who, id)
			if err != nil {
				return false, err
			}
			return true, k.Records.NoteRead(ctx, who.Practice, actor(who), "patient", string(p.ID))
		})
		now := t.Now()
		t.Send(bot.Look(t, "record", func(ctx context.Context) (bot.Message, error) { return k.recordMessage(ctx, who, id, now) }))
		return nil
	}}
}

// notesShown is how many of the newest notes and visits a record shows.
const notesShown = 8

func (k *kit) recordMessage(ctx context.Context, who bot.Who, id handrail.ReferralID, now time.Time) (bot.Message, error) {
	r, p, err := k.openCase(ctx, who, id)
	if err != nil {
		return bot.Message{}, err
	}
	me := asStaff(who)
	names, err := k.staffNames(ctx, who.Practice)
	if err != nil {
		return bot.Message{}, err
	}
	told, err := k.Records.Permitted(ctx, who.Practice, p.ID, handrail.PurposeFeedback)
	if err != nil {
		return bot.Message{}, err
	}
	chat, err := k.Records.Permitted(ctx, who.Practice, p.ID, handrail.PurposeChat)
	if err != nil {
		return bot.Message{}, err
	}
	visits, err := k.Records.VisitsOf(ctx, who.Practice, p.ID)
	if err != nil {
		return bot.Message{}, err
	}
	c := handrail.Case{Referral: r, Patient: p, Joined: !p.Address.IsZero()}
	for _, v := range visits {
		c.Visits = append(c.Visits, v.Attendance)
	}
	body := k.words("record.head", "name", joinWords(p.Name, p.Surname), "ref", r.Ref)
	body = append(body, k.words("record.born", "year", strconv.Itoa(p.BirthYear), "postcode", orElse(p.Postcode, k.line("record.nofixed")))...)
	if p.Halt != nil {
		body = append(body, k.words("record.halted", "reason", k.line("halt.reason."+string(p.Halt.Reason)), "by", orElse(names[p.Halt.By], k.line("record.themselves")), "day", k.day(p.Halt.At, now))...)
	}
	body = append(body, k.words("record.by", "by", orElse(names[r.By], k.line("record.nobody")), "day", k.day(r.OfferedAt, now), "state", k.caseState(c, told || me.Carer()))...)
	if r.LinkWorker != "" {
		body = append(body, k.words("record.carer", "name", names[r.LinkWorker])...)
	}
	if r.Need != "" {
		body = append(body, k.words("referral.need", "need", k.line("needs."+r.Need))...)
	}
	if r.Note != "" {
		body = append(body, k.words("referral.note", "note", r.Note)...)
	}
	if me.Carer() && p.Matters != "" {
		body = append(body, k.words("record.matters", "words", p.Matters)...)
	}
	reachable, _ := p.Reachable(now)
	body = append(body, k.words("record.chat."+strconv.FormatBool(chat && reachable))...)
	switch {
	case told || me.Carer():
		body = append(body, k.recordVisits(visits, me.Carer(), now)...)
	case len(visits) > 0:
		body = append(body, k.words("record.private")...)
	}
	notes, err := k.recordNotes(ctx, r, names, now)
	if err != nil {
		return bot.Message{}, err
	}
	options := k.recordOptions(me, r, p)
	if may, err := k.mayPickOut(ctx, me, p); err != nil {
		return bot.Message{}, err
	} else if may {
		options = append(options, press(k.line("record.mattered"), "mattered", string(r.ID), "ask"))
	}
	return bot.Message{Text: append(body, notes...), Private: true, Options: options}, nil
}

// recordVisits are the newest visits and how they were; the patient's own words are for those who look after them.
func (k *kit) recordVisits(visits []handrail.Visit, words bool, now time.Time) bot.Text {
	var out bot.Text
	for _, v := range visits[max(0, len(visits)-notesShown):] {
		state := k.line("record.visit." + string(v.Attendance.State))
		if v.Feedback != nil {
			state = text.Join(state, k.line("record.said."+string(v.Feedback.Verdict)))
		}
		item := k.words("record.visit", "when", k.dayTime(v.Attendance.Occurrence.Start, now), "group", v.Activity.Name, "state", state)
		if words && v.Feedback != nil && v.Feedback.Words != "" {
			item[0].Spans = append(item[0].Spans, bot.Span{Text: " " + k.line("record.words", "words", v.Feedback.Words)})
		}
		item[0].Item = true
		out = append(out, item...)
	}
	return out
}

// recordNotes are the newest case notes.
func (k *kit) recordNotes(ctx context.Context, r handrail.Referral, names map[handrail.StaffID]string, now time.Time) (bot.Text, error) {
	notes, err := k.Records.Notes(ctx, r.Practice, r.ID)
	if err != nil || len(notes) == 0 {
		return nil, err
	}
	out := k.words("record.notes")
	for _, n := range notes[max(0, len(notes)-notesShown):] {
		item := k.words("record.note", "day", k.day(n.At, now), "by", names[n.By], "kind", k.line("record.note."+string(n.Kind)), "words", n.Words)
		item[0].Item = true
		out = append(out, item...)
	}
	return out, nil
}

// recordOptions are what this person may do from the record. Each is looked at again when it is pressed (C7).
func (k *kit) recordOptions(me handrail.Staff, r handrail.Referral, p handrail.Patient) []bot.Option {
	id := string(r.ID)
	var out []bot.Option
	add := func(ok bool, key, dialog, answer string) {
		if ok {
			out = append(out, press(k.line(key), dialog, id, answer))
		}
	}
	alive := !p.Deceased && p.Halt == nil
	add(me.Carer() && r.State == handrail.ReferralSent && alive, "referral.accept", "accept", "yes")
	add(me.Carer() && r.State.Open() && r.State != handrail.ReferralSent && r.LinkWorker != me.ID && alive, "record.takeover", "accept", "over")
	add(me.Carer() && r.State.Open() && alive, "referral.contact", "contacted", "yes")
	add(me.Carer() && r.State.Open() && alive, "record.plan", "plan", "ask")
	add(me.Carer() && r.State.Open(), "record.advice", "advice", "ask")
	add(r.State.Open() && alive, "record.invite", "invite", "new")
	add(r.By == me.ID || !me.Carer(), "record.tell", "tell", "carer")
	add(me.Carer() && r.By != me.ID, "record.tell.referrer", "tell", "referrer")
	add(me.MayHalt() && p.Halt == nil && !p.Deceased, "record.halt", "halt", "ask")
	add(p.Halt != nil && me.MayLift(p.Halt.Reason), "record.lift", "lift", "ask")
	return out
}

func joinWords(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
