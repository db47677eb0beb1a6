package dialogs

import (
	"context"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
)

// aheadOf is how far ahead a patient may say that a meeting is off: what they heard of is the next one or two.
const aheadOf = 15 * 24 * time.Hour

// off is a patient who heard that a meeting does not happen. It is taken out of their plans at once; whether others are
// told is for a person to say, since one may have misheard.
func (k *kit) off() bot.Dialog {
	return bot.Dialog{Name: "off", Title: "going.title", Opens: "itsoff.opens", May: patientOnly, Light: true, Script: k.offScript}
}

// aheadVisit is a visit ahead, as it is asked about.
type aheadVisit struct {
	ID   handrail.AttendanceID `json:"id"`
	When string                `json:"when"`
}

func (k *kit) offScript(t *bot.Talk) error {
	who, now := t.Who(), t.Now()
	plans := bot.Look(t, "plans", func(ctx context.Context) ([]aheadVisit, error) {
		all, err := k.Records.VisitsOf(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return nil, err
		}
		var out []aheadVisit
		for _, v := range all {
			o := v.Attendance.Occurrence
			if v.Attendance.State.Ahead() && now.Before(o.End) && o.Start.Before(now.Add(aheadOf)) && len(out) < 6 {
				out = append(out, aheadVisit{v.Attendance.ID, k.dayTimeIn(who.Language, o.Start, now)})
			}
		}
		return out, nil
	})
	if len(plans) == 0 {
		t.Say(t.Words("next.none"))
		return nil
	}
	one := plans[0]
	if len(plans) > 1 {
		options := make([]bot.Option, len(plans))
		for i, p := range plans {
			options[i] = bot.Option{Answer: "visit-" + strconv.Itoa(i), Label: p.When}
		}
		pick := t.Choose("which", t.Words("itsoff.which"), options...)
		for i, p := range plans {
			if pick == "visit-"+strconv.Itoa(i) {
				one = p
			}
		}
	}
	if !t.Confirm("sure", t.Words("itsoff.sure", "when", one.When)) {
		t.Say(t.Words("itsoff.kept"))
		return nil
	}
	said := t.Now()
	next := bot.Do(t, "off", "going.undo", func(ctx context.Context) (string, error) { return k.heardOff(ctx, who, one.ID, said) })
	body := t.Words("itsoff.done")
	if next != "" {
		body = append(body, t.Words("going.said.no.next", "when", next)...)
	}
	t.Say(body)
	return nil
}

// heardOff cancels the visit and tells the link workers, once for each meeting, with a button that tells everybody else.
func (k *kit) heardOff(ctx context.Context, who bot.Who, id handrail.AttendanceID, now time.Time) (next string, err error) {
	v, err := k.ownVisit(ctx, who, id)
	if err != nil || !v.Attendance.State.Ahead() {
		return "", err
	}
	if next, err = k.cannotCome(ctx, who, v, now); err != nil {
		return "", err
	}
	on := v.Attendance.Occurrence.Date()
	return next, k.tellCarer(ctx, v.Patient, "heardoff:"+string(who.Practice)+":"+string(v.Activity.ID)+":"+string(on), now, func(ref handrail.Referral) bot.Message {
		return bot.Message{
			Text:    k.words("itsoff.task", "who", v.Patient.Initials(), "ref", ref.Ref, "group", v.Activity.Name, "day", k.day(v.Attendance.Occurrence.Start, now)),
			Options: []bot.Option{press(k.line("itsoff.all"), "offday", string(id), "all")},
		}
	})
}

// offDay is a link worker who has looked into it, and tells everybody who had that day planned.
func (k *kit) offDay() bot.Dialog {
	return bot.Dialog{Name: "offday", Title: "listing.title", May: carers, Script: func(t *bot.Talk) error {
		who, id := t.Who(), handrail.AttendanceID(t.Subject())
		type meeting struct {
			Activity handrail.ActivityID
			On       handrail.Date
			Day      string
			Already  bool
		}
		m := bot.Look(t, "meeting", func(ctx context.Context) (meeting, error) {
			v, err := k.Records.Visit(ctx, who.Practice, id)
			if err != nil {
				return meeting{}, err
			}
			o := v.Attendance.Occurrence
			out := meeting{Activity: v.Activity.ID, On: o.Date(), Day: k.day(o.Start, t.Now()), Already: !t.Now().Before(o.End)}
			for _, c := range v.Activity.Standing.Cancelled {
				out.Already = out.Already || c.On == out.On
			}
			return out, nil
		})
		if m.Already {
			t.Say(t.Words("going.off"))
			return nil
		}
		if !t.Confirm("sure", t.Words("groups.off.sure", "day", m.Day)) {
			t.Say(t.Words("groups.off.kept"))
			return nil
		}
		said := t.Now()
		told := bot.Do(t, "off", "groups.off.undo", func(ctx context.Context) (int, error) {
			return k.cancelMeeting(ctx, m.Activity, m.On, "", actor(who), said)
		})
		t.Say(k.toldOff(t, told, m.Day))
		return nil
	}}
}

// toldOff says how many had a day planned that was called off.
func (k *kit) toldOff(t *bot.Talk, told int, day string) bot.Text {
	switch told {
	case 0:
		return t.Words("groups.off.done.nobody", "day", day)
	case 1:
		return t.Words("groups.off.done.one", "day", day)
	}
	return t.Words("groups.off.done", "day", day, "n", strconv.Itoa(told))
}
