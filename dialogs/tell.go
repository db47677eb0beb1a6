package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// tellDialog is staff writing to each other about a patient: the referrer to the link worker, and back. What is said stands in
// the record; the post names initials and a reference (G12).
func (k *kit) tellDialog() bot.Dialog {
	return bot.Dialog{Name: "tell", Title: "tell.title", Opens: "tell.opens", May: staffOnly, Light: true, Script: k.tellScript}
}

func (k *kit) tellScript(t *bot.Talk) error {
	who, id, to := t.Who(), handrail.ReferralID(t.Subject()), t.Pressed()
	if to == "" || id == "me" {
		mine, ok := k.whichOwn(t, "about", t.Words("tell.which"), t.Words("tell.none"), func(context.Context, handrail.Case) (bool, error) { return true, nil })
		if !ok {
			return nil
		}
		id, to = mine.Referral, "carer"
	}
	type about struct{ Who, To string }
	a := bot.Look(t, "to", func(ctx context.Context) (about, error) {
		r, p, err := k.openCase(ctx, who, id)
		if err != nil {
			return about{}, err
		}
		staff, err := k.tellWhom(ctx, who, r, to)
		if err != nil || len(staff) == 0 {
			return about{Who: k.shortName(handrail.Case{Referral: r, Patient: p})}, err
		}
		return about{Who: k.shortName(handrail.Case{Referral: r, Patient: p}), To: staff[0].Name}, nil
	})
	if a.To == "" {
		t.Say(t.Words("tell.nobody"))
		return nil
	}
	words := t.TextOr("words", bot.Message{Text: t.Words("tell.ask", "to", a.To, "who", a.Who), Private: true}, k.brief(t, 600))
	now := t.Now()
	bot.Do(t, "tell", "tell.undo", func(ctx context.Context) (bool, error) {
		r, _, err := k.openCase(ctx, who, id)
		if err != nil {
			return false, err
		}
		staff, err := k.tellWhom(ctx, who, r, to)
		if err != nil {
			return false, err
		}
		if err := k.note(ctx, who, id, handrail.NoteMessage, words, now); err != nil {
			return false, err
		}
		// Who answers writes back to whoever wrote.
		back := "referrer"
		if to == "referrer" {
			back = "carer"
		}
		m := bot.Message{Text: append(k.words("tell.post", "from", who.Name, "who", a.Who), bot.Para(words)...), Options: []bot.Option{
			withStyle(press(k.line("tell.reply"), "tell", string(id), back), "main"), press(k.line("record.open"), "record", string(id), "open"),
		}}
		return true, k.tell(ctx, staff, "tell:"+string(id)+":"+who.ID+":"+stamp(now), bot.ClassNotice, "", now, m)
	})
	t.Say(t.Words("tell.sent", "to", a.To))
	return nil
}

// tellWhom are those whom a message goes to: the referrer, or whoever looks after the patient.
func (k *kit) tellWhom(ctx context.Context, who bot.Who, r handrail.Referral, to string) ([]handrail.Staff, error) {
	if to != "referrer" {
		staff, err := k.linkWorkers(ctx, who.Practice, r.LinkWorker)
		return without(staff, who), err
	}
	s, err := k.Records.Staff(ctx, who.Practice, r.By)
	if handrail.IsKind(err, handrail.KindNotFound) || err == nil && (!s.Active || s.Address.IsZero()) {
		return nil, nil
	}
	return without([]handrail.Staff{s}, who), err
}

// advice asks for supervision of a hard case in one tap: those who supervise get initials and a reference, and the button
// that opens the record for those who may.
func (k *kit) advice() bot.Dialog {
	return bot.Dialog{Name: "advice", May: carers, Script: func(t *bot.Talk) error {
		who, id, now := t.Who(), handrail.ReferralID(t.Subject()), t.Now()
		n := bot.Do(t, "advice", "advice.undo", func(ctx context.Context) (int, error) { return k.askAdvice(ctx, who, id, now) })
		if n == 0 {
			t.Say(t.Words("advice.nobody"))
		} else {
			t.Say(t.Words("advice.done"))
		}
		return nil
	}}
}

func (k *kit) askAdvice(ctx context.Context, who bot.Who, id handrail.ReferralID, now time.Time) (told int, err error) {
	r, p, err := k.openCase(ctx, who, id)
	if err != nil {
		return 0, err
	}
	seen := map[handrail.StaffID]bool{handrail.StaffID(who.ID): true}
	var to []handrail.Staff
	for _, role := range []handrail.Role{handrail.RoleCoordinator, handrail.RoleManager} {
		staff, err := k.Records.StaffWith(ctx, who.Practice, role)
		if err != nil {
			return 0, err
		}
		for _, s := range staff {
			if !seen[s.ID] && !s.Address.IsZero() {
				seen[s.ID], to = true, append(to, s)
			}
		}
	}
	if len(to) == 0 {
		return 0, nil
	}
	if err := k.note(ctx, who, id, handrail.NoteAdvice, "", now); err != nil {
		return 0, err
	}
	for _, s := range to {
		m := bot.Message{Text: k.words("advice.task", "name", who.Name, "who", k.shortName(handrail.Case{Referral: r, Patient: p}))}
		if s.MayOpen(r) {
			m.Options = []bot.Option{press(k.line("record.open"), "record", string(id), "open"), press(k.line("tell.reply"), "tell", string(id), "carer")}
		}
		if err := k.tell(ctx, []handrail.Staff{s}, "advice:"+string(id)+":"+stamp(now), bot.ClassNotice, "", now, m); err != nil {
			return 0, err
		}
	}
	return len(to), nil
}
