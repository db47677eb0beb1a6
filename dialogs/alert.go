package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
)

// alerts is what looking after an urgent alert asks of the records.
type alerts interface {
	alarms
	OpenAlerts(ctx context.Context, practice handrail.PracticeID) ([]handrail.Alert, error)
	Alert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID) (handrail.Alert, error)
	ChangeAlert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, by handrail.Actor, change func(*handrail.Alert) error) (handrail.Alert, error)
	ResolveAlert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, by handrail.StaffID) (handrail.Alert, error)
	// TellMiss notes that a message meant danger and raised nothing, and never what it said.
	TellMiss(ctx context.Context, practice handrail.PracticeID, by handrail.StaffID) error
}

// alert is a member of staff taking an urgent alert on, deciding about the visit that is planned, and later saying that
// ordinary messages may go on. Only a person does any of that (K6, K8).
func (k *kit) alert() bot.Dialog {
	return bot.Dialog{Name: "alert", May: staffOnly, Script: func(t *bot.Talk) error {
		switch t.Pressed() {
		case "resume":
			return k.settleAlert(t)
		case "visit":
			return k.alertVisit(t)
		}
		return k.takeAlert(t)
	}}
}

// takeAlert is "I'm dealing with this".
func (k *kit) takeAlert(t *bot.Talk) error {
	who, id, now := t.Who(), handrail.AlertID(t.Subject()), t.Now()
	type taken struct {
		By    string // somebody else who has it; "-" when it is settled
		Visit bool   // the patient has one planned
	}
	r := bot.Do(t, "ack", "", func(ctx context.Context) (taken, error) {
		a, err := k.Records.Alert(ctx, who.Practice, id)
		if err != nil {
			return taken{}, err
		}
		switch a.State {
		case handrail.AlertResolved:
			return taken{By: "-"}, nil
		case handrail.AlertAcknowledged:
			s, err := k.Records.Staff(ctx, who.Practice, a.AcknowledgedBy)
			return taken{By: s.Name}, err
		}
		_, err = k.Records.ChangeAlert(ctx, who.Practice, id, actor(who), func(a *handrail.Alert) error {
			return a.Acknowledge(handrail.StaffID(who.ID), now)
		})
		if err != nil {
			return taken{}, err
		}
		_, planned, err := k.plannedVisit(ctx, who.Practice, a.Patient, now)
		return taken{Visit: planned}, err
	})
	switch r.By {
	case "":
		k.refresh(t)
		m := bot.Message{Text: t.Words("alert.acked"), Private: true,
			Options: []bot.Option{press(t.Line("guard.urgent.resume"), "alert", string(id), "resume")}}
		if r.Visit {
			m.Options = append(m.Options, press(t.Line("alert.visit.button"), "alert", string(id), "visit"))
		}
		t.Send(m)
	case "-":
		t.Say(t.Words("alert.gone"))
	default:
		t.Say(t.Words("alert.already", "name", r.By))
	}
	return nil
}

// settleAlert lets ordinary messages go on, and asks whether it was right to raise the alert: wrong ones teach whoever looks
// after the words that mean danger (K17).
func (k *kit) settleAlert(t *bot.Talk) error {
	who, id := t.Who(), handrail.AlertID(t.Subject())
	done := bot.Do(t, "resume", "", func(ctx context.Context) (bool, error) {
		a, err := k.Records.Alert(ctx, who.Practice, id)
		if err != nil || a.State == handrail.AlertResolved {
			return false, err
		}
		_, err = k.Records.ResolveAlert(ctx, who.Practice, id, handrail.StaffID(who.ID))
		return err == nil, err
	})
	if !done {
		t.Say(t.Words("alert.gone"))
		return nil
	}
	k.refresh(t)
	t.Say(t.Words("alert.resolved"))
	mark := t.Choose("mark", t.Words("alert.mark"),
		bot.Option{Answer: string(handrail.AlertRight), Label: t.Line("alert.mark.right")},
		bot.Option{Answer: string(handrail.AlertWrong), Label: t.Line("alert.mark.wrong")},
		bot.Option{Answer: "-", Label: t.Line("bot.skip")})
	if mark != "-" {
		bot.Do(t, "marked", "", func(ctx context.Context) (bool, error) {
			_, err := k.Records.ChangeAlert(ctx, who.Practice, id, actor(who), func(a *handrail.Alert) error { return a.MarkAs(handrail.AlertMark(mark)) })
			return true, err
		})
		t.Say(t.Words("alert.marked"))
	}
	return nil
}

// plannedVisit is the next visit of a patient that is still planned.
func (k *kit) plannedVisit(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, now time.Time) (handrail.Visit, bool, error) {
	if patient == "" {
		return handrail.Visit{}, false, nil
	}
	all, err := k.Records.VisitsOf(ctx, practice, patient)
	if err != nil {
		return handrail.Visit{}, false, err
	}
	for _, v := range all {
		if v.Attendance.State.Ahead() && v.Attendance.Occurrence.Start.After(now) {
			return v, true, nil
		}
	}
	return handrail.Visit{}, false, nil
}

// alertVisit calls a planned visit off, or lets it stand, by a person's word.
func (k *kit) alertVisit(t *bot.Talk) error {
	who, id, now := t.Who(), handrail.AlertID(t.Subject()), t.Now()
	type planned struct {
		ID   handrail.AttendanceID
		When string
	}
	next := bot.Look(t, "visit", func(ctx context.Context) (planned, error) {
		a, err := k.Records.Alert(ctx, who.Practice, id)
		if err != nil {
			return planned{}, err
		}
		v, ok, err := k.plannedVisit(ctx, who.Practice, a.Patient, now)
		if err != nil || !ok {
			return planned{}, err
		}
		return planned{v.Attendance.ID, k.dayTime(v.Attendance.Occurrence.Start, now)}, nil
	})
	if next.ID == "" {
		t.Say(t.Words("alert.visit.none"))
		return nil
	}
	if t.Choose("visit-goes", t.Words("alert.visit", "when", next.When),
		bot.Option{Answer: "on", Label: t.Line("alert.visit.on")}, bot.Option{Answer: "off", Label: t.Line("alert.visit.off")}) == "on" {
		t.Say(t.Words("alert.visit.stands", "when", next.When))
		return nil
	}
	off := bot.Do(t, "visit-off", "", func(ctx context.Context) (bool, error) {
		v, err := k.Records.Visit(ctx, who.Practice, next.ID)
		if err != nil || !v.Attendance.State.Ahead() {
			return false, err
		}
		_, err = k.cancelVisit(ctx, v, actor(who), now)
		return err == nil, err
	})
	if off {
		t.Say(t.Words("alert.visit.gone", "when", next.When))
	} else {
		t.Say(t.Words("alert.visit.none"))
	}
	return nil
}

// miss is staff telling that a message meant danger and raised nothing. It is counted; the words stay where they are (K17).
func (k *kit) miss() bot.Dialog {
	return bot.Dialog{Name: "miss", Title: "alert.miss.title", Opens: "alert.miss.opens", May: staffOnly, Script: func(t *bot.Talk) error {
		if !t.Confirm("sure", t.Words("alert.miss.ask")) {
			t.Say(t.Words("alert.miss.no"))
			return nil
		}
		who := t.Who()
		bot.Do(t, "miss", "", func(ctx context.Context) (bool, error) {
			return true, k.Records.TellMiss(ctx, who.Practice, handrail.StaffID(who.ID))
		})
		t.Say(t.Words("alert.miss.thanks"))
		return nil
	}}
}
