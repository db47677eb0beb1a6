package dialogs

import (
	"context"
	"strconv"
	"strings"

	"handrail"
	"handrail/bot"
)

// measures is what asking how life is going needs of the records.
type measures interface {
	// AddMeasure adds what was answered, once for each instrument and round.
	AddMeasure(ctx context.Context, m handrail.Measure, by handrail.Actor) (added bool, err error)
	// Measured reports whether an instrument was answered in a round.
	Measured(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, i handrail.Instrument, round handrail.Round) (bool, error)
}

// instruments are what is asked, in order.
func instruments() []handrail.Instrument {
	return []handrail.Instrument{handrail.InstrumentONS4, handrail.InstrumentLoneliness}
}

// survey asks how life is going, in the exact words of the publisher, with a permission of its own. Each question can be
// skipped, and leaving it half-way is fine. Nothing is added up and nobody is graded.
func (k *kit) survey() bot.Dialog {
	return bot.Dialog{Name: "survey", Title: "survey.title", May: patientOnly, Script: k.surveyScript}
}

func (k *kit) surveyScript(t *bot.Talk) error {
	who, patient, round := t.Who(), handrail.PatientID(t.Who().ID), handrail.Round(t.Subject())
	left := bot.Look(t, "left", func(ctx context.Context) ([]handrail.Instrument, error) {
		var out []handrail.Instrument
		for _, i := range instruments() {
			have, err := k.Records.Measured(ctx, who.Practice, patient, i, round)
			if err != nil {
				return nil, err
			}
			if !have {
				out = append(out, i)
			}
		}
		return out, nil
	})
	if len(left) == 0 {
		t.Say(t.Words("survey.already"))
		return nil
	}
	if !k.mayMeasure(t, round) {
		t.Say(t.Words("survey.fine"))
		return nil
	}
	for _, i := range left {
		k.instrument(t, i, round)
	}
	t.Send(bot.Message{Text: t.Words("survey.thanks"), Options: []bot.Option{k.urgentTo(t.Who().Language)}})
	return nil
}

// mayMeasure takes the answer to whether these questions may be asked at all. The first time, the message that brought the
// buttons asked for the permission in its own words; three months later it is asked for again only where it was taken back.
func (k *kit) mayMeasure(t *bot.Talk, round handrail.Round) bool {
	who, patient := t.Who(), handrail.PatientID(t.Who().ID)
	if yes := t.Pressed() == "yes"; !yes || round == handrail.RoundStart {
		return bot.Do(t, "answered", "join.permission_undo", func(ctx context.Context) (bool, error) {
			wording := t.Words("permission.measures").Plain()
			_, err := k.Records.AnswerPermission(ctx, who.Practice, patient, handrail.PurposeMeasures, t.Line("permission.measures.version"), wording, yes, actor(who))
			return yes, err
		})
	}
	given := bot.Look(t, "given", func(ctx context.Context) (bool, error) {
		return k.Records.Permitted(ctx, who.Practice, patient, handrail.PurposeMeasures)
	})
	return given || k.permission(t, who.Practice, patient, handrail.PurposeMeasures)
}

// instrument asks the questions of one instrument and keeps the answers.
func (k *kit) instrument(t *bot.Talk, i handrail.Instrument, round handrail.Round) {
	key := "measure." + string(i)
	lead := t.Words(key + ".intro")
	if i == handrail.InstrumentLoneliness && !k.Unverified {
		lead = t.Words(key + ".lead") // the publisher's own lead speaks of four questions
	}
	var answers []handrail.MeasureAnswer
	for _, item := range i.Items() {
		if item.Unverified && !k.Unverified {
			continue
		}
		a := k.ask(t, i, item, lead)
		answers, lead = append(answers, a), t.Words("survey.next") // the question itself is not for a locked phone
	}
	who, now := t.Who(), t.Now()
	bot.Do(t, "kept-"+string(i), "survey.undo", func(ctx context.Context) (bool, error) {
		return k.Records.AddMeasure(ctx, handrail.Measure{
			Practice: who.Practice, Patient: handrail.PatientID(who.ID), Instrument: i, Version: t.Line(key + ".version"), Round: round, Answers: answers, At: now,
		}, actor(who))
	})
}

// ask asks one question. Numbers are buttons where the channel has room for them all, and else they are typed: in a list
// that numbers 0 as 1, a typed 7 would be taken for 6.
func (k *kit) ask(t *bot.Talk, i handrail.Instrument, item handrail.Item, lead bot.Text) handrail.MeasureAnswer {
	name := string(i) + "-" + item.Name
	body := append(lead[:len(lead):len(lead)], t.Words("measure."+string(i)+"."+item.Name)...)
	skip := bot.Option{Answer: "-", Label: t.Line("bot.skip")}
	var options []bot.Option
	for code := item.Min; code <= item.Max; code++ {
		label := strconv.Itoa(code)
		if item.Labels {
			label = t.Line(codeKey(i, item, code))
		}
		options = append(options, bot.Option{Answer: "code-" + strconv.Itoa(code), Label: label})
	}
	number := t.Words("survey.type", "min", strconv.Itoa(item.Min), "max", strconv.Itoa(item.Max))
	var said string
	if item.Labels {
		said = t.Choose(name, body, append(options, skip)...)
	} else {
		m := bot.Message{Text: body, Options: append(options, skip)}
		if t.Limits().Options < len(m.Options) {
			m = bot.Message{Text: append(body, number...)}
		}
		said = t.TextOr(name, m, func(s string) bot.Text {
			n, err := strconv.Atoi(strings.Trim(s, " ."))
			if tidy(s) == tidy(skip.Label) || tidy(s) == "skip" || err == nil && n >= item.Min && n <= item.Max {
				return nil
			}
			return number
		})
	}
	code, err := strconv.Atoi(strings.TrimPrefix(strings.Trim(said, " ."), "code-"))
	return handrail.MeasureAnswer{Item: item.Name, Code: code, Skipped: err != nil}
}

// codeKey names what an answer says: of the question itself where it has answers of its own.
func codeKey(i handrail.Instrument, item handrail.Item, code int) string {
	if item.Max == 3 {
		return "measure." + string(i) + ".often." + strconv.Itoa(code)
	}
	return "measure." + string(i) + ".direct." + strconv.Itoa(code)
}
