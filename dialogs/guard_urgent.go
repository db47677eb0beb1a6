package dialogs

import (
	"context"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// Cards are the fixed texts for somebody who may be in danger. Package urgent has them; no model and no catalogue does.
type Cards interface {
	// Card is the text for a kind of danger. told says that a person has been told, and only then does the text say so
	// (K7).
	Card(kind string, told bool) bot.Text
	// Short is what somebody gets who had the card a short while ago (K10).
	Short(kind string) bot.Text
	// Safe follows the abuse card when the person answered that it is safe to chat.
	Safe() bot.Text
}

// abuse is the kind whose card asks "Reply SAFE or LATER".
const abuse = "abuse"

// safeGuard takes the answer to the abuse card. The two words mean it only while such an alert is open; the card itself
// keeps no state, so that it works when every other store is away.
type safeGuard struct{ *kit }

// Name implements bot.Guard.
func (g *safeGuard) Name() string { return "safe" }

// Sees implements bot.Guard.
func (g *safeGuard) Sees(u bot.Update, who bot.Who) bool {
	return who.Kind == bot.WhoPatient && u.Kind == bot.UpdateText && (tidy(u.Text) == "safe" || tidy(u.Text) == "later")
}

// Act implements bot.Guard.
func (g *safeGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	open, err := g.Records.OpenAlerts(ctx, who.Practice)
	if err != nil {
		return bot.Verdict{}, err
	}
	for _, a := range open {
		if a.Patient != handrail.PatientID(who.ID) || a.Kind != abuse {
			continue
		}
		card := g.Cards.Short(abuse)
		if tidy(u.Text) == "safe" {
			card = g.Cards.Safe()
		}
		return bot.Verdict{Reply: []bot.Message{{Text: card}}, Class: bot.ClassCard}, nil
	}
	return bot.Verdict{Pass: true}, nil
}

// shortFor is how long after the card the short form is enough.
const shortFor = 30 * time.Minute

// urgentGuard answers danger, first of all guards, in every state and with every store but the records away. Staff who
// write about a patient get a quiet line with their practice's route instead: no card, no alert.
type urgentGuard struct{ *kit }

// Name implements bot.Guard.
func (g *urgentGuard) Name() string { return "urgent" }

// Sees implements bot.Guard: words that mean danger, or the button "Urgent help", however old.
func (g *urgentGuard) Sees(u bot.Update, who bot.Who) bool {
	return u.Danger != "" || strings.HasPrefix(u.Choice, "p~urgent~") || (u.Kind == bot.UpdateText && equalFold(u.Text, g.line("help.urgent")))
}

// Act implements bot.Guard: the alert, the word to staff and the card commit together, so the card says that somebody
// was told only when it is true.
func (g *urgentGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if who.Kind == bot.WhoStaff {
		return g.quietLine(ctx, u, who)
	}
	kind := u.Danger
	if kind == "" {
		kind = "general"
	}
	patient := handrail.PatientID("")
	if who.Kind == bot.WhoPatient {
		patient = handrail.PatientID(who.ID)
	}
	a, fresh, err := g.Records.RaiseAlert(ctx, who.Practice, patient, kind, handrail.Actor(string(who.Kind)+":"+who.ID))
	if err != nil {
		return bot.Verdict{}, err
	}
	told, err := g.tellStaff(ctx, a, fresh, who, u.At)
	if err != nil {
		return bot.Verdict{}, err
	}
	card := g.Cards.Card(kind, told)
	if patient != "" && !fresh && u.At.Sub(a.RaisedAt) < shortFor {
		card = g.Cards.Short(kind)
	}
	return bot.Verdict{Reply: []bot.Message{{Text: card}}, Class: bot.ClassCard}, nil
}

// Rescue implements bot.Rescuer: with no store to tell anybody by, the card does not claim it.
func (g *urgentGuard) Rescue(u bot.Update) []bot.Message {
	kind := u.Danger
	if kind == "" {
		kind = "general"
	}
	return []bot.Message{{Text: g.Cards.Card(kind, false)}}
}

// tellStaff puts the alert before the link workers and whoever referred: initials and a reference, never the words
// (K6). It reports whether there was anybody to tell.
func (g *urgentGuard) tellStaff(ctx context.Context, a handrail.Alert, fresh bool, who bot.Who, at time.Time) (bool, error) {
	words := g.words("guard.urgent.task.unknown")
	var staff []handrail.Staff
	var err error
	if a.Patient == "" {
		if staff, err = g.linkWorkers(ctx, who.Practice, ""); err != nil {
			return false, err
		}
	} else {
		p, err := g.Records.Patient(ctx, a.Practice, a.Patient)
		if err != nil {
			return false, err
		}
		ref, err := g.Records.OpenReferral(ctx, a.Practice, a.Patient)
		if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
			return false, err
		}
		words = g.words("guard.urgent.task", "who", p.Initials(), "ref", ref.Ref)
		planned, err := g.Records.VisitsOf(ctx, a.Practice, a.Patient)
		if err != nil {
			return false, err
		}
		for _, v := range planned {
			if v.Attendance.State.Ahead() && v.Attendance.Occurrence.Start.After(at) {
				words = append(words, g.words("guard.urgent.task.visit", "when", g.dayTime(v.Attendance.Occurrence.Start, at))...)
				break
			}
		}
		// Everybody who looks after referrals, not only the one who accepted: one of them is at work (K6).
		if staff, err = g.linkWorkers(ctx, who.Practice, ""); err != nil {
			return false, err
		}
	}
	if len(staff) == 0 {
		return false, nil
	}
	m := bot.Message{Text: words, Options: []bot.Option{withStyle(press(g.line("guard.urgent.ack"), "alert", string(a.ID), "ack"), "urgent")}}
	// One post for an alert in half an hour, however many messages it gathers. Later ones are told anew: the card says
	// that they are passed on (K7), and whoever took the first one may have gone home.
	key := "alert:" + string(a.ID)
	if !fresh && at.Sub(a.RaisedAt) >= shortFor {
		key += ":" + at.UTC().Truncate(shortFor).Format("20060102T1504")
	}
	return true, g.tell(ctx, staff, key, bot.ClassAlert, a.Patient, at, m)
}

// quietLine gives staff their practice's urgent route and lets what they typed go on to its dialog.
func (g *urgentGuard) quietLine(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	p, err := g.Records.Practice(ctx, who.Practice)
	if err != nil {
		return bot.Verdict{}, err
	}
	route := p.UrgentRoute
	if route == "" {
		route = g.line("guard.urgent.staff.none")
	}
	err = g.Post.Post(ctx, bot.Envelope{
		Key: "route:" + u.From.Channel + ":" + u.ID, To: u.From, Class: bot.ClassReply, NotBefore: u.At,
		Message: bot.Message{Text: g.words("guard.urgent.staff", "route", route), Private: true},
	})
	return bot.Verdict{Pass: true}, err
}
