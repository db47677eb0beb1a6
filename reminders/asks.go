package reminders

import (
	"context"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// asks is the question to organisers whether their groups still run, each on its own schedule (handrail.Standing.Due):
// in the chat they have, or else by a one-tap link that a link worker hands on.
func (k *kit) asks() Job {
	return Job{Name: "asks", Spec: "30 10 * * MON-FRI", AtTick: true,
		Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
			all, err := k.dueAsks(ctx, s)
			if err != nil {
				return nil, err
			}
			return k.askEnvelopes(ctx, all)
		},
		Keep: func(ctx context.Context, s Span) error {
			all, err := k.dueAsks(ctx, s)
			if err != nil {
				return err
			}
			for _, d := range all {
				if d.silent {
					_, err = k.Facts.ChangeStanding(ctx, d.Activity.ID, handrail.ActorSystem, func(st *handrail.Standing) error {
						st.Silent()
						return nil
					})
				} else {
					err = k.Facts.PutAsk(ctx, d.ask, handrail.ActorSystem)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
		Still: func(ctx context.Context, e bot.Envelope) (string, error) {
			if e.Subject == "" {
				return "", nil // to a link worker
			}
			ask, err := k.Facts.Ask(ctx, handrail.AskID(e.Subject))
			if err == nil && ask.AnsweredAt != nil {
				return "answered", nil
			}
			return "", err
		},
	}
}

// dueAsk is one question that is due, or the last one before it that nobody answered.
type dueAsk struct {
	handrail.AskedListing
	ask    handrail.Ask
	silent bool // the third silence: no further question, a person looks
}

// asksAtOnce bounds how many questions go out on one morning, so that a fresh import of a thousand listings does not
// become a thousand questions.
const asksAtOnce = 50

func (k *kit) dueAsks(ctx context.Context, s Span) ([]dueAsk, error) {
	all, err := k.Facts.AskedListings(ctx, s.Now, asksAtOnce)
	if err != nil {
		return nil, err
	}
	var out []dueAsk
	linked := map[handrail.PracticeID]int{}
	for _, l := range all {
		d := dueAsk{AskedListing: l, ask: handrail.Ask{
			ID: handrail.NewAskID(l.Activity.ID, handrail.DateOf(s.Now, k.Zone)), Activity: l.Activity.ID, Practice: l.Practice, AskedAt: s.Now,
			Link: l.Organiser == nil || l.Organiser.Address.IsZero(),
		}}
		if st := l.Activity.Standing; st.Exhausted(s.Now) {
			d.silent, d.ask.ID = true, handrail.NewAskID(l.Activity.ID, handrail.DateOf(*st.AskedAt, k.Zone))
		} else if d.ask.Link {
			if linked[l.Practice]++; linked[l.Practice] > maxButtons {
				continue // tomorrow: nobody hands fifty links on in a morning
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// askEnvelopes are the questions themselves, and for each practice one message with the links to hand on.
func (k *kit) askEnvelopes(ctx context.Context, all []dueAsk) ([]bot.Envelope, error) {
	var out []bot.Envelope
	links := map[handrail.PracticeID][]dueAsk{}
	var practices []handrail.PracticeID
	for _, d := range all {
		if d.silent {
			more, err := k.toCarers(ctx, d.Practice, "silent:"+string(d.ask.ID), d.ask.AskedAt, bot.Message{
				Text:    k.words("listing.task.silent", "group", d.Activity.Name, "n", strconv.Itoa(handrail.SilencesBeforeWarning)),
				Options: []bot.Option{press(k.line("listing.task.edit"), "listing", string(d.ask.ID), "edit")},
			})
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
			continue
		}
		if !d.ask.Link {
			out = append(out, k.StillOn(d.Activity, d.ask, d.Organiser.Address))
			continue
		}
		if links[d.Practice] == nil {
			practices = append(practices, d.Practice)
		}
		links[d.Practice] = append(links[d.Practice], d)
	}
	for _, p := range practices {
		more, err := k.linkMessage(ctx, p, links[p])
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// linkMessage is the one message of a morning that hands a practice's link workers the links for those without a chat.
func (k *kit) linkMessage(ctx context.Context, practice handrail.PracticeID, due []dueAsk) ([]bot.Envelope, error) {
	m := bot.Message{Text: k.words("listing.task.links")}
	for _, d := range due {
		m.Text = append(m.Text, bot.Text{{Item: true, Spans: []bot.Span{
			{Text: d.Activity.Name, Strong: true}, {Text: " " + text.Join(d.Activity.Organiser.Phone, d.Activity.Organiser.Email)},
		}}}...)
		if link := k.AskLink(d.ask); link != "" {
			m.Options = append(m.Options, bot.Option{Label: d.Activity.Name, Link: link})
		}
	}
	return k.toCarers(ctx, practice, "links:"+string(due[0].ask.ID), due[0].ask.AskedAt, m)
}

// toCarers is one message for each link worker of a practice.
func (k *kit) toCarers(ctx context.Context, practice handrail.PracticeID, key string, at time.Time, m bot.Message) ([]bot.Envelope, error) {
	staff, err := k.Facts.StaffWith(ctx, practice, handrail.RoleLinkWorker)
	if err != nil {
		return nil, err
	}
	return k.toStaff(ctx, practice, staff, key, at, m)
}
