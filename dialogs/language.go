package dialogs

import (
	"context"
	"slices"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// language lets a patient say which language they would rather read. Where its words have not been checked by a native
// reader it says so plainly in both, goes on in English, and asks the link worker to offer an interpreter.
func (k *kit) pickLanguage() bot.Dialog {
	return bot.Dialog{Name: "language", Title: "language.title", Opens: "language.opens", May: patientOnly, Light: true,
		Interrupts: k.wished(wishLanguage), Script: k.languageScript}
}

func (k *kit) languageScript(t *bot.Talk) error {
	named := tokens(t.Seeded("name"))
	options := make([]bot.Option, 0, len(k.Languages)+1)
	for _, l := range k.Languages {
		label := l.Name
		if l.English != l.Name {
			label += " (" + l.English + ")"
		}
		options = append(options, bot.Option{Answer: l.Tag, Label: label})
	}
	tag := ""
	for _, l := range k.Languages {
		if len(named) == 1 && (named[0] == folded(l.Name) || named[0] == folded(l.English)) {
			tag = l.Tag
		}
	}
	if tag == "" {
		tag = t.Choose("which", t.Words("language.which"), append(options, bot.Option{Answer: "other", Label: t.Line("language.other")})...)
	}
	i := slices.IndexFunc(k.Languages, func(l text.Language) bool { return l.Tag == tag })
	if i < 0 {
		k.askInterpreter(t, t.Text("name-it", t.Words("language.other.ask")))
		t.Send(bot.Message{Text: t.Words("language.other.done"), Options: []bot.Option{k.urgentTo(t.Who().Language)}})
		return nil
	}
	l, who := k.Languages[i], t.Who()
	bot.Do(t, "keep", "language.undo", func(ctx context.Context) (bool, error) {
		_, err := k.Records.ChangePatient(ctx, who.Practice, handrail.PatientID(who.ID), actor(who), "language: "+l.Tag, func(p *handrail.Patient) error {
			p.Language = l.Tag
			return nil
		})
		return true, err
	})
	if l.Ready {
		t.Say(k.in(l.Tag).words("language.done"))
		return nil
	}
	k.askInterpreter(t, l.English)
	in := k.in(text.Fallback)
	t.Send(bot.Message{
		Text:    append(slices.Clone(l.NotReady), in.words("language.not_ready", "language", l.English)...),
		Options: []bot.Option{k.urgentTo(t.Who().Language)},
	})
	return nil
}

// askInterpreter leaves a task with the link worker.
func (k *kit) askInterpreter(t *bot.Talk, language string) {
	who, now := t.Who(), t.Now()
	bot.Do(t, "interpreter", "language.undo", func(ctx context.Context) (bool, error) {
		p, err := k.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return false, err
		}
		return true, k.tellCarer(ctx, p, "language:"+string(p.ID)+":"+now.UTC().Format("20060102T150405"), now, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: k.words("language.task", "who", p.Initials(), "ref", ref.Ref, "language", language)}
		})
	})
}

// reading lets a patient say that they would rather have one thing at a time, in fewer words.
func (k *kit) reading() bot.Dialog {
	return bot.Dialog{Name: "reading", Title: "reading.title", Opens: "reading.opens", May: patientOnly, Light: true,
		Interrupts: k.wished(wishReading), Script: k.readingScript}
}

func (k *kit) readingScript(t *bot.Talk) error {
	who := t.Who()
	short := t.Choose("which", t.Words("reading.which"),
		bot.Option{Answer: "short", Label: t.Line("reading.short")}, bot.Option{Answer: "full", Label: t.Line("reading.full")}) == "short"
	bot.Do(t, "keep", "reading.undo", func(ctx context.Context) (bool, error) {
		_, err := k.Records.ChangePatient(ctx, who.Practice, handrail.PatientID(who.ID), actor(who), "how they read", func(p *handrail.Patient) error {
			p.Short = short
			return nil
		})
		return true, err
	})
	if short {
		t.Say(t.Words("reading.done.short"))
	} else {
		t.Say(t.Words("reading.done.full"))
	}
	return nil
}

// spoken is a catalogue that knows how dates are said in every language.
type spoken interface {
	Day(lang string, t, now time.Time, zone *time.Location) string
	DayTime(lang string, t, now time.Time, zone *time.Location) string
}

// dayIn is a date as it is said in a language.
func (k *kit) dayIn(lang string, t, now time.Time) string {
	if s, ok := k.Words.(spoken); ok {
		return s.Day(lang, t, now, k.Zone)
	}
	return k.day(t, now)
}

// dayTimeIn is a date and a time as they are said in a language.
func (k *kit) dayTimeIn(lang string, t, now time.Time) string {
	if s, ok := k.Words.(spoken); ok {
		return s.DayTime(lang, t, now, k.Zone)
	}
	return k.dayTime(t, now)
}
