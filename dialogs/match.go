package dialogs

import (
	"context"
	"slices"
	"time"

	"handrail"
	"handrail/bot"
)

// companions is what accompaniment asks of the records.
type companions interface {
	AddAccompaniment(ctx context.Context, a handrail.Accompaniment, by handrail.Actor) (handrail.Accompaniment, error)
	AccompanimentsIn(ctx context.Context, practice handrail.PracticeID, states ...handrail.AccompanimentState) ([]handrail.Accompaniment, error)
	Accompaniment(ctx context.Context, practice handrail.PracticeID, id handrail.AccompanimentID) (handrail.Accompaniment, error)
	ChangeAccompaniment(ctx context.Context, practice handrail.PracticeID, id handrail.AccompanimentID, by handrail.Actor, change func(*handrail.Accompaniment) error) (handrail.Accompaniment, error)
	Buddies(ctx context.Context, practice handrail.PracticeID, state handrail.BuddyState) ([]handrail.Buddy, error)
	Buddy(ctx context.Context, practice handrail.PracticeID, id handrail.BuddyID) (handrail.Buddy, error)
	AddBuddy(ctx context.Context, b handrail.Buddy, by handrail.Actor) (handrail.Buddy, error)
	ChangeBuddy(ctx context.Context, practice handrail.PracticeID, id handrail.BuddyID, by handrail.Actor, change func(*handrail.Buddy) error) (handrail.Buddy, error)
}

// wantCompany tells the link workers that somebody would like company, with the button to match.
func (k *kit) wantCompany(ctx context.Context, a handrail.Accompaniment, v handrail.Visit, key string, now time.Time) error {
	return k.tellCarer(ctx, v.Patient, key, now, func(ref handrail.Referral) bot.Message {
		return bot.Message{
			Text: k.words("match.wanted", "who", v.Patient.Initials(), "ref", ref.Ref,
				"group", v.Activity.Name, "when", k.dayTime(v.Attendance.Occurrence.Start, now)),
			Options: []bot.Option{withStyle(press(k.line("match.button"), "match", string(a.ID), "ask"), "main")},
		}
	})
}

// candidate is a buddy who may be asked.
type candidate struct {
	ID       handrail.BuddyID `json:"id"`
	Name     string           `json:"name"`
	Postcode string           `json:"postcode"`
}

// match is a link worker choosing which cleared buddy to ask. A buddy who said no to this visit isn't offered again.
func (k *kit) match() bot.Dialog {
	return bot.Dialog{Name: "match", Title: "match.title", May: carers, Script: k.matchScript}
}

func (k *kit) matchScript(t *bot.Talk) error {
	who, id, now := t.Who(), handrail.AccompanimentID(t.Subject()), t.Now()
	type seen struct {
		Open, Permitted bool
		Who             string
		Buddies         []candidate
	}
	s := bot.Look(t, "buddies", func(ctx context.Context) (seen, error) {
		a, err := k.Records.Accompaniment(ctx, who.Practice, id)
		if err != nil {
			return seen{}, err
		}
		v, err := k.Records.Visit(ctx, who.Practice, a.Attendance)
		if err != nil {
			return seen{}, err
		}
		ahead := v.Attendance.State.Ahead() && now.Before(v.Attendance.Occurrence.Start)
		permitted, err := k.Records.Permitted(ctx, who.Practice, a.Patient, handrail.PurposeBuddy)
		if err != nil {
			return seen{}, err
		}
		cleared, err := k.Records.Buddies(ctx, who.Practice, handrail.BuddyCleared)
		if err != nil {
			return seen{}, err
		}
		out := seen{Open: ahead && a.State == handrail.AccompanimentWanted, Permitted: permitted, Who: v.Patient.Initials()}
		for _, b := range cleared {
			if !slices.Contains(a.Refused, b.ID) && !b.Address.IsZero() {
				out.Buddies = append(out.Buddies, candidate{ID: b.ID, Name: b.Name, Postcode: b.Postcode})
			}
		}
		return out, nil
	})
	switch {
	case !s.Open:
		t.Say(t.Words("match.over"))
		return nil
	case !s.Permitted:
		t.Say(t.Words("match.nopermission", "who", s.Who))
		return nil
	case len(s.Buddies) == 0:
		t.Say(t.Words("match.none"))
		return nil
	}
	options := make([]bot.Option, 0, len(s.Buddies)+1)
	for _, b := range s.Buddies[:min(len(s.Buddies), 8)] {
		label := b.Name
		if b.Postcode != "" {
			label += ", near " + b.Postcode
		}
		options = append(options, bot.Option{Answer: string(b.ID), Label: label})
	}
	options = append(options, bot.Option{Answer: "back", Label: t.Line("match.back")})
	pick := t.Choose("who", t.Words("match.which"), options...)
	if pick == "back" {
		return nil
	}
	name := bot.Do(t, "ask", "match.undo", func(ctx context.Context) (string, error) {
		b, err := k.Records.Buddy(ctx, who.Practice, handrail.BuddyID(pick))
		if err != nil {
			return "", err
		}
		a, err := k.Records.ChangeAccompaniment(ctx, who.Practice, id, actor(who), func(a *handrail.Accompaniment) error {
			return a.Ask(b, handrail.StaffID(who.ID), now)
		})
		if err != nil {
			return "", err
		}
		return b.Name, k.askBuddy(ctx, a, b, now)
	})
	k.refresh(t)
	t.Say(t.Words("match.asked", "buddy", name))
	return nil
}

// askBuddy asks a buddy to go along. They see a first name, a public place and a time: nothing more (V2).
func (k *kit) askBuddy(ctx context.Context, a handrail.Accompaniment, b handrail.Buddy, now time.Time) error {
	v, err := k.Records.Visit(ctx, a.Practice, a.Attendance)
	if err != nil {
		return err
	}
	body := k.words("agree.ask", "name", v.Patient.Name, "when", k.dayTime(v.Attendance.Occurrence.Start, now))
	body = append(body, k.words("agree.what", "group", v.Activity.NeutralName(), "venue", v.Activity.Venue.Line())...)
	return k.Post.Post(ctx, bot.Envelope{
		Key: "ask:" + string(a.ID) + ":" + string(b.ID), To: b.Address, Patient: a.Patient, Class: bot.ClassNotice,
		Permission: handrail.PurposeBuddy, Job: "ask", Subject: string(a.ID), NotBefore: now, NotAfter: v.Attendance.Occurrence.Start,
		Message: bot.Message{Text: body, Options: []bot.Option{
			withStyle(press(k.line("agree.yes"), "agree", string(a.ID), "yes"), "main"),
			press(k.line("agree.no"), "agree", string(a.ID), "no"),
		}},
	})
}

// agree is a buddy saying whether they can come.
func (k *kit) agree() bot.Dialog {
	return bot.Dialog{Name: "agree", Title: "agree.title", May: buddyOnly, Script: k.agreeScript}
}

func (k *kit) agreeScript(t *bot.Talk) error {
	who, id, now, yes := t.Who(), handrail.AccompanimentID(t.Subject()), t.Now(), t.Pressed() == "yes"
	type result struct {
		Name string
		Over bool
		Pin  *bot.Place
	}
	r := bot.Do(t, "answer", "agree.undo", func(ctx context.Context) (result, error) {
		a, err := k.Records.Accompaniment(ctx, who.Practice, id)
		if err != nil {
			return result{}, err
		}
		fits := a.State == handrail.AccompanimentAsked || (!yes && a.State == handrail.AccompanimentAgreed)
		promised := a.State == handrail.AccompanimentAgreed
		if a.Buddy != handrail.BuddyID(who.ID) || !fits {
			return result{Over: true}, nil
		}
		v, err := k.Records.Visit(ctx, who.Practice, a.Attendance)
		if err != nil {
			return result{}, err
		}
		if !v.Attendance.State.Ahead() || !now.Before(v.Attendance.Occurrence.Start) {
			return result{Over: true}, nil
		}
		// The patient may have taken the permission back since the buddy was asked: then their name is said no more (G1).
		permitted, err := k.Records.Permitted(ctx, who.Practice, a.Patient, handrail.PurposeBuddy)
		if err != nil {
			return result{}, err
		}
		if yes && !permitted {
			return result{Over: true}, nil
		}
		b, err := k.Records.Buddy(ctx, who.Practice, a.Buddy)
		if err != nil {
			return result{}, err
		}
		a, err = k.Records.ChangeAccompaniment(ctx, who.Practice, id, actor(who), func(a *handrail.Accompaniment) error {
			if yes {
				return a.Agree(now)
			}
			return a.Decline(now)
		})
		if err != nil {
			return result{}, err
		}
		out := result{Name: v.Patient.Name}
		if yes {
			out.Pin = pinOf(v.Activity)
		}
		return out, k.tellOfBuddy(ctx, a, b, v, yes, promised, now)
	})
	switch {
	case r.Over:
		t.Say(t.Words("agree.over"))
	case yes:
		t.Send(bot.Message{Text: t.Words("agree.said.yes", "name", r.Name), Place: r.Pin})
	default:
		t.Say(t.Words("agree.said.no"))
	}
	return nil
}

// pinOf is where a listing is; nil when nobody knows.
func pinOf(a handrail.Activity) *bot.Place {
	if a.Venue.At == nil {
		return nil
	}
	name := a.Venue.Name
	if name == "" {
		name = a.NeutralName()
	}
	return &bot.Place{Name: name, Address: a.Venue.Address(), At: *a.Venue.At}
}

// tellOfBuddy tells the link worker what the buddy said, and the patient when somebody will come with them, or when
// somebody who had promised to cannot after all (V8).
func (k *kit) tellOfBuddy(ctx context.Context, a handrail.Accompaniment, b handrail.Buddy, v handrail.Visit, yes, promised bool, now time.Time) error {
	when := k.dayTime(v.Attendance.Occurrence.Start, now)
	key := "match.declined"
	if yes {
		key = "match.agreed"
	}
	turn := a.ChangedAt.UTC().Format("20060102T150405")
	err := k.tellCarer(ctx, v.Patient, key+":"+string(a.ID)+":"+string(b.ID)+":"+turn, now, func(ref handrail.Referral) bot.Message {
		m := bot.Message{Text: k.words(key, "buddy", b.Name, "who", v.Patient.Initials(), "ref", ref.Ref, "when", when)}
		if !yes {
			m.Options = []bot.Option{withStyle(press(k.line("match.button"), "match", string(a.ID), "ask"), "main")}
		}
		return m
	})
	if err != nil || (!yes && !promised) {
		return err
	}
	in := k.in(v.Patient.Language)
	when = k.dayTimeIn(v.Patient.Language, v.Attendance.Occurrence.Start, now)
	job, body := "buddy", in.words("agree.patient", "when", when, "buddy", b.Name)
	if yes {
		if b.About != "" {
			body = append(body, in.words("agree.patient.about", "buddy", b.Name, "about", b.About)...)
		}
		body = append(body, in.words("agree.patient.meet", "buddy", b.Name)...)
	} else {
		job, body = "", in.words("agree.patient.off", "when", when, "buddy", b.Name)
	}
	return k.Post.Post(ctx, bot.Envelope{
		Key: "buddy:" + string(a.ID) + ":" + string(b.ID) + ":" + turn, To: v.Patient.Address, Patient: v.Patient.ID, Class: bot.ClassNotice,
		Permission: handrail.PurposeChat, Job: job, Subject: string(a.ID), NotBefore: now, NotAfter: v.Attendance.Occurrence.Start,
		Message: bot.Message{Text: body, Options: k.comeOptions(v, yes)},
	})
}

// comeOptions lets a patient whose company fell through say whether they still go.
func (k *kit) comeOptions(v handrail.Visit, company bool) []bot.Option {
	if company {
		return nil
	}
	id, in := string(v.Attendance.ID), k.in(v.Patient.Language)
	return []bot.Option{press(in.line("going.yes"), "going", id, "yes"), press(in.line("going.no"), "going", id, "no"), k.urgentTo(v.Patient.Language)}
}
