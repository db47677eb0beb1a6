package alerts

import (
	"context"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// chat calls staff in chat: initials and a reference, never the words of the person (K6, G12).
func (l *Ladder) chat(ctx context.Context, r round, staff []handrail.Staff) error {
	a := r.alert
	task, err := l.task(ctx, r)
	if err != nil {
		return err
	}
	m := bot.Message{Text: task, Private: true, Options: []bot.Option{{
		Label: l.line("guard.urgent.ack"), Style: "urgent", Press: &bot.Press{Dialog: "alert", Subject: string(a.ID), Answer: "ack"},
	}}}
	envs := make([]bot.Envelope, 0, len(staff))
	for _, s := range staff {
		envs = append(envs, bot.Envelope{
			Key: "alert:" + string(a.ID) + ":" + r.key + ":" + string(s.ID), To: s.Address, Patient: a.Patient, Class: bot.ClassAlert,
			Job: jobCall, Subject: string(a.ID), NotBefore: r.now, Message: m,
		})
	}
	return l.o.Post.Post(ctx, envs...)
}

// task is what staff read.
func (l *Ladder) task(ctx context.Context, r round) (bot.Text, error) {
	a, now := r.alert, r.now
	var out bot.Text
	if r.again {
		out = append(out, l.words("ladder.again", "when", l.when(a, now))...)
	}
	if a.Patient == "" {
		out = append(out, l.words("ladder.task.unknown")...)
	} else {
		p, err := l.o.Records.Patient(ctx, a.Practice, a.Patient)
		if err != nil {
			return nil, err
		}
		ref, err := l.ref(ctx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, l.words("ladder.task", "who", p.Initials(), "ref", ref)...)
		if p.Deceased {
			out = append(out, l.words("ladder.task.died")...)
		}
		if a.Kind == "abuse" {
			out = append(out, l.words("ladder.task.mind")...) // whoever hurts them may answer (H5)
		}
		visit, err := l.visit(ctx, a, now)
		if err != nil {
			return nil, err
		}
		out = append(out, visit...)
	}
	if !l.open(now) {
		out = append(out, l.words("ladder.closed")...)
		if l.mails() {
			out = append(out, l.words("ladder.closed.mail")...)
		}
	}
	return out, nil
}

// visit asks whether the next planned visit goes ahead: the machine does not decide that (K8).
func (l *Ladder) visit(ctx context.Context, a handrail.Alert, now time.Time) (bot.Text, error) {
	planned, err := l.o.Records.VisitsOf(ctx, a.Practice, a.Patient)
	if err != nil {
		return nil, err
	}
	for _, v := range planned {
		if v.Attendance.State.Ahead() && v.Attendance.Occurrence.Start.After(now) {
			return l.words("ladder.visit", "when", text.DayTime(v.Attendance.Occurrence.Start, now, l.o.Zone)), nil
		}
	}
	return nil, nil
}

// ref is what staff find the person by: the referral's reference, or the end of the alert's id.
func (l *Ladder) ref(ctx context.Context, a handrail.Alert) (string, error) {
	if a.Patient != "" {
		ref, err := l.o.Records.OpenReferral(ctx, a.Practice, a.Patient)
		if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
			return "", err
		}
		if ref.Ref != "" {
			return ref.Ref, nil
		}
	}
	id := string(a.ID)
	return "A-" + strings.ToUpper(id[max(0, len(id)-4):]), nil
}

// mail puts the fixed e-mail for an alert: no name, no initials, none of the person's words (K6).
func (l *Ladder) mail(ctx context.Context, r round, job string, from time.Time) error {
	a := r.alert
	ref, err := l.ref(ctx, a)
	if err != nil {
		return err
	}
	m := bot.Message{Private: true, Text: l.words("ladder.mail", "ref", ref, "when", l.when(a, r.now), "now", l.stamp(from))}
	if !l.open(r.now) {
		m.Text = append(m.Text, l.words("ladder.closed")...)
	}
	envs := make([]bot.Envelope, 0, len(l.o.To))
	for i, to := range l.o.To {
		envs = append(envs, bot.Envelope{
			Key: "alert:" + string(a.ID) + ":" + r.key + ":mail:" + strconv.Itoa(i),
			To:  handrail.Address{Practice: a.Practice, Channel: handrail.ChannelEmail, Chat: to}, Class: bot.ClassAlert,
			Job: job, Subject: string(a.ID), NotBefore: from, Message: m,
		})
	}
	return l.o.Post.Post(ctx, envs...)
}

func (l *Ladder) words(key string, args ...string) bot.Text {
	return l.o.Words.Text("en", key, args...)
}

func (l *Ladder) line(key string, args ...string) string { return l.o.Words.Line("en", key, args...) }

// stamp is a moment in full, so that no two e-mails about one person read the same.
func (l *Ladder) stamp(t time.Time) string {
	return t.In(l.o.Zone).Format("Monday 2 January 2006, 15:04")
}
