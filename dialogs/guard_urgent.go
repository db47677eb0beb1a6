package dialogs

import (
	"context"
	"slices"
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
	// Unreadable reports whether a text is in a language or letters in which danger could not be seen (K14).
	Unreadable(text string) bool
}

// Alarm calls staff to an alert. Package alerts implements it.
type Alarm interface {
	// Raise calls the first of the ladder within the caller's transaction, where that was not done yet, and reports whether
	// there is anybody to tell: only then may the person be told that it is passed on (K7).
	Raise(ctx context.Context, a handrail.Alert, at time.Time) (told bool, err error)
	// Direct tells past every store that a message could not be committed; once in a while for one sender.
	Direct(ctx context.Context, u bot.Update)
}

// alarms is what raising an alert asks of the records.
type alarms interface {
	RaiseAlert(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, kind string, by handrail.Actor) (handrail.Alert, bool, error)
	// ConversationKey stands for an address where the address must not be.
	ConversationKey(addr handrail.Address) string
}

// abuse is the kind whose card asks "Reply SAFE or LATER".
const abuse = "abuse"

// shortFor is how long after the card the short form is enough.
const shortFor = 30 * time.Minute

// urgentGuard answers danger, first of all guards, in every state and with every store but the records away. Staff who
// write about a patient get a quiet line with their practice's route instead: no card, no alert.
type urgentGuard struct{ *kit }

// Name implements bot.Guard.
func (g *urgentGuard) Name() string { return "urgent" }

// Sees implements bot.Guard: words that mean danger, or the button "Urgent help", however old, or its words.
func (g *urgentGuard) Sees(u bot.Update, who bot.Who) bool {
	return u.Danger != "" || strings.HasPrefix(u.Choice, "p~urgent~") || u.Kind == bot.UpdateText && g.said(u, who, "guard.urgent.words")
}

// Act implements bot.Guard: the alert, the word to staff and the card commit together, so the card says that somebody
// was told only when it is true. Somebody whom no practice knows gets the card without that line: staff are called all the
// same, but they are not that person's team.
func (g *urgentGuard) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	if who.Kind == bot.WhoStaff {
		return g.quietLine(ctx, u, who)
	}
	kind := kindOf(u)
	patient, by := handrail.PatientID(""), actor(who)
	switch {
	case who.Kind == bot.WhoPatient:
		patient = handrail.PatientID(who.ID)
	case who.ID == "":
		by = handrail.Actor(string(who.Kind) + ":" + g.Records.ConversationKey(u.From))
	}
	a, fresh, err := g.Records.RaiseAlert(ctx, who.Practice, patient, kind, by)
	if err != nil {
		return bot.Verdict{}, err
	}
	told, err := g.Alarm.Raise(ctx, a, later(u.At, a.CalledAt))
	if err != nil {
		return bot.Verdict{}, err
	}
	theirs, err := g.theirTeam(ctx, who.Practice, patient)
	if err != nil {
		return bot.Verdict{}, err
	}
	// Another kind of card says something else, so it is said in full.
	if !fresh && kind == a.Kind && u.At.Sub(a.CardAt) < shortFor {
		return bot.Verdict{Reply: []bot.Message{{Text: g.Cards.Short(kind)}}, Class: bot.ClassCard}, nil
	}
	if !fresh {
		_, err := g.Records.ChangeAlert(ctx, who.Practice, a.ID, handrail.ActorSystem, func(a *handrail.Alert) error {
			a.Kind, a.CardAt = kind, later(u.At, a.CardAt)
			return nil
		})
		if err != nil {
			return bot.Verdict{}, err
		}
	}
	return bot.Verdict{Reply: []bot.Message{{Text: g.Cards.Card(kind, told && theirs)}}, Class: bot.ClassCard}, nil
}

// theirTeam reports whether those who are called are known to be the team of whoever writes. Somebody whom no practice knows
// has none; and from the chat of a patient who is recorded as having died somebody else may write (B27).
func (g *urgentGuard) theirTeam(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (bool, error) {
	if patient == "" {
		return false, nil
	}
	p, err := g.Records.Patient(ctx, practice, patient)
	return err == nil && !p.Deceased, err
}

func kindOf(u bot.Update) string {
	if u.Danger == "" {
		return "general"
	}
	return u.Danger
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Rescue implements bot.Rescuer: with no store to tell anybody by, the card does not claim it.
func (g *urgentGuard) Rescue(u bot.Update) []bot.Message {
	return []bot.Message{{Text: g.Cards.Card(kindOf(u), false)}}
}

// Raise implements bot.Raiser.
func (g *urgentGuard) Raise(ctx context.Context, u bot.Update) { g.Alarm.Direct(ctx, u) }

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

// said reports whether somebody typed just one of a list of words, in their language or in English.
func (k *kit) said(u bot.Update, who bot.Who, key string) bool {
	said := tidy(u.Text)
	return slices.Contains(strings.Split(k.line(key), "|"), said) || slices.Contains(strings.Split(k.in(who.Language).line(key), "|"), said)
}
