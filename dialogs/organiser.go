package dialogs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// groupsOf is what an organiser's own conversations ask of the records.
type groupsOf interface {
	OrganiserPerson(ctx context.Context, practice handrail.PracticeID, id handrail.OrganiserPersonID) (handrail.OrganiserPerson, error)
	ChangeOrganiser(ctx context.Context, practice handrail.PracticeID, id handrail.OrganiserPersonID, by handrail.Actor, change func(*handrail.OrganiserPerson) error) (handrail.OrganiserPerson, error)
	AddOrganiser(ctx context.Context, o handrail.OrganiserPerson, by handrail.Actor) (handrail.OrganiserPerson, error)
	// NewOrganiserInvite makes the one-time code that binds an organiser's chat to them; TryOrganiserInvite uses it.
	NewOrganiserInvite(ctx context.Context, practice handrail.PracticeID, id handrail.OrganiserPersonID, life time.Duration, by handrail.Actor) (code string, err error)
	TryOrganiserInvite(ctx context.Context, practice handrail.PracticeID, code string, from handrail.Address) (handrail.InviteOutcome, handrail.OrganiserPerson, error)
}

// asked takes an organiser's answer to "is it still on?".
func (k *kit) asked() bot.Dialog {
	return bot.Dialog{Name: "asked", Title: "asked.title", May: organiserOnly, Script: func(t *bot.Talk) error {
		who, id, now := t.Who(), handrail.AskID(t.Subject()), t.Now()
		answer := handrail.AskAnswer(t.Pressed())
		words := ""
		if answer == handrail.AskChanged {
			words = t.Text("words", t.Words("asked.changed.what"), k.brief(t, 500))
		}
		if answer == handrail.AskClosed && !t.Confirm("sure", t.Words("asked.closed.sure")) {
			t.Say(t.Words("asked.closed.kept"))
			return nil
		}
		already := bot.Do(t, "answer", "asked.undo", func(ctx context.Context) (bool, error) {
			mine, err := k.ownGroup(ctx, who, id)
			if err != nil || !mine {
				return true, err
			}
			return k.answered(ctx, id, answer, words, "chat", actor(who), now)
		})
		if already {
			t.Say(t.Words("asked.already"))
			return nil
		}
		t.Say(t.Words("asked.said." + string(answer)))
		return nil
	}}
}

// ownGroup reports whether a question is about a listing that the organiser answers for.
func (k *kit) ownGroup(ctx context.Context, who bot.Who, id handrail.AskID) (bool, error) {
	ask, err := k.Records.Ask(ctx, id)
	if handrail.IsKind(err, handrail.KindNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o, ok, err := k.Records.OrganiserOf(ctx, ask.Activity)
	return ok && o.ID == handrail.OrganiserPersonID(who.ID), err
}

// brief is a check that words fit into so many letters.
func (k *kit) brief(t *bot.Talk, most int) func(string) bot.Text {
	return func(s string) bot.Text {
		if utf8.RuneCountInString(s) > most {
			return t.Words("bot.form.long", "max", strconv.Itoa(most))
		}
		return nil
	}
}

// groups is an organiser looking after what they run: it is fine, it is off one day, it has changed, it takes nobody new,
// it has ended.
func (k *kit) groups() bot.Dialog {
	return bot.Dialog{Name: "groups", Title: "groups.title", Opens: "groups.opens", May: organiserOnly, Script: k.groupsScript}
}

func (k *kit) groupsScript(t *bot.Talk) error {
	who := t.Who()
	type mine struct {
		ID     handrail.ActivityID
		Name   string
		When   string
		Venue  string
		Paused bool
	}
	all := bot.Look(t, "mine", func(ctx context.Context) ([]mine, error) {
		o, err := k.Records.OrganiserPerson(ctx, who.Practice, handrail.OrganiserPersonID(who.ID))
		if err != nil {
			return nil, err
		}
		var out []mine
		for _, id := range o.Groups {
			a, err := k.Finder.Activity(ctx, id)
			if err != nil {
				return nil, err
			}
			if a.Status == handrail.ActivityActive {
				out = append(out, mine{a.ID, a.Name, k.When(a), a.Venue.Line(), a.Standing.Paused})
			}
		}
		return out, nil
	})
	if len(all) == 0 {
		t.Say(t.Words("groups.none"))
		return nil
	}
	g := all[0]
	if len(all) > 1 {
		options := make([]bot.Option, len(all))
		for i, m := range all {
			options[i] = bot.Option{Answer: "group-" + strconv.Itoa(i), Label: m.Name}
		}
		n, err := strconv.Atoi(strings.TrimPrefix(t.Choose("group", t.Words("groups.which"), options...), "group-"))
		if err != nil {
			return err
		}
		g = all[n]
	}
	pause := bot.Option{Answer: "paused", Label: t.Line("asked.paused")}
	if g.Paused {
		pause = bot.Option{Answer: "yes", Label: t.Line("groups.unpause")}
	}
	what := t.Choose("what", t.Words("groups.card", "group", g.Name, "when", g.When, "venue", g.Venue),
		bot.Option{Answer: "yes", Label: t.Line("asked.yes"), Style: "main"},
		bot.Option{Answer: "off", Label: t.Line("groups.off")},
		bot.Option{Answer: "changed", Label: t.Line("asked.changed")},
		pause,
		bot.Option{Answer: "closed", Label: t.Line("asked.closed")})
	if what == "off" {
		return k.dayOff(t, g.ID)
	}
	answer, words, now := handrail.AskAnswer(what), "", t.Now()
	switch answer {
	case handrail.AskChanged:
		words = t.Text("words", t.Words("asked.changed.what"), k.brief(t, 500))
	case handrail.AskClosed:
		if !t.Confirm("sure", t.Words("asked.closed.sure")) {
			t.Say(t.Words("asked.closed.kept"))
			return nil
		}
	}
	bot.Do(t, "said", "asked.undo", func(ctx context.Context) (bool, error) {
		if err := k.stillTheirs(ctx, who, g.ID); err != nil {
			return false, err
		}
		// Said without being asked: a question and its answer in one.
		ask := handrail.Ask{ID: handrail.NewAskID(g.ID, handrail.Date(now.UTC().Format(time.RFC3339Nano))), Activity: g.ID, Practice: who.Practice, AskedAt: now}
		if err := k.Records.PutAsk(ctx, ask, actor(who)); err != nil {
			return false, err
		}
		return k.answered(ctx, ask.ID, answer, words, "chat", actor(who), now)
	})
	t.Say(t.Words("asked.said." + what))
	return nil
}

// stillTheirs refuses an organiser who was taken off a group while they talked about it (C7). Staff pass.
func (k *kit) stillTheirs(ctx context.Context, who bot.Who, id handrail.ActivityID) error {
	if who.Kind != bot.WhoOrganiser {
		return nil
	}
	o, err := k.Records.OrganiserPerson(ctx, who.Practice, handrail.OrganiserPersonID(who.ID))
	if err == nil && !slices.Contains(o.Groups, id) {
		err = handrail.Errorf(handrail.KindNotFound, k.line("groups.none"), "a group that the organiser no longer answers for")
	}
	return err
}

// dayOff calls one day of a group off, whoever says so.
func (k *kit) dayOff(t *bot.Talk, id handrail.ActivityID) error {
	who, now := t.Who(), t.Now()
	const weeks = 6
	dates := bot.Look(t, "dates", func(ctx context.Context) ([]handrail.Occurrence, error) {
		a, err := k.Finder.Activity(ctx, id)
		if err != nil {
			return nil, err
		}
		all, err := k.Finder.Meetings(a, now, now.AddDate(0, 0, 7*weeks))
		return all[:min(len(all), weeks)], err
	})
	if len(dates) == 0 {
		t.Say(t.Words("groups.off.none"))
		return nil
	}
	n, err := k.whichDay(t, t.Words("groups.off.which"), dates)
	if err != nil {
		return err
	}
	reason := t.TextOr("reason", bot.Message{
		Text: t.Words("groups.off.why"), Options: []bot.Option{{Answer: "-", Label: t.Line("bot.skip")}},
	}, k.brief(t, 200))
	if reason == "-" {
		reason = ""
	}
	day := k.day(dates[n].Start, now)
	if !t.Confirm("sure", t.Words("groups.off.sure", "day", day)) {
		t.Say(t.Words("groups.off.kept"))
		return nil
	}
	said := t.Now()
	told := bot.Do(t, "off", "groups.off.undo", func(ctx context.Context) (int, error) {
		if err := k.stillTheirs(ctx, who, id); err != nil {
			return 0, err
		}
		return k.cancelMeeting(ctx, id, handrail.DateOf(dates[n].Start, k.Zone), reason, actor(who), said)
	})
	t.Say(k.toldOff(t, told, day))
	return nil
}
