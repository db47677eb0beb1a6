package dialogs

import (
	"context"
	"slices"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// typed hears what a patient types when nothing is asked of them in the chat: mostly it is the answer to the last reminder,
// or to how it was, from somebody who would rather type than press. Exact words are taken; anything longer is asked about.
func (k *kit) typed() bot.Dialog {
	return bot.Dialog{
		Name: "typed", Title: "going.title", May: patientOnly, Light: true, Script: k.typedScript,
		Hears: func(u bot.Update, _ bot.Who) (bot.Answers, bool) {
			words := strings.TrimSpace(u.Text)
			return bot.Answers{"said": words}, words != "" && u.Kind == bot.UpdateText
		},
	}
}

const (
	// answerableFor is how long after the end of a visit typed words may say how it was.
	answerableFor = 48 * time.Hour
	// answerableBefore is how long before its start they may say whether they go.
	answerableBefore = 48 * time.Hour
)

// openQuestion is what a patient was asked last, and has not answered.
type openQuestion struct {
	Kind string                `json:"kind,omitempty"` // "how", "going", or none
	ID   handrail.AttendanceID `json:"id,omitempty"`
	When string                `json:"when,omitempty"`
}

func (k *kit) typedScript(t *bot.Talk) error {
	who, now, said := t.Who(), t.Now(), t.Seeded("said")
	if k.isOne(said, "typed.thanks") {
		t.Say(t.Words("typed.welcome"))
		return nil
	}
	// In a Do, so that what follows in the same turn does not change what a second play finds.
	q := bot.Do(t, "asked", "", func(ctx context.Context) (openQuestion, error) {
		all, err := k.Records.VisitsOf(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return openQuestion{}, err
		}
		q := asked(all, now)
		for _, v := range all {
			if v.Attendance.ID == q.ID {
				q.When = k.dayTimeIn(who.Language, v.Attendance.Occurrence.Start, now)
			}
		}
		return q, nil
	})
	switch q.Kind {
	case "how":
		verdicts := []handrail.Verdict{handrail.VerdictGood, handrail.VerdictOK, handrail.VerdictNotForMe, handrail.VerdictMissed, handrail.VerdictClosed}
		for _, v := range verdicts {
			if k.isOne(said, "typed."+string(v)) {
				return k.saidHow(t, q.ID, v, "")
			}
		}
		if len(strings.Fields(said)) < 3 {
			break
		}
		options := make([]bot.Option, 0, len(verdicts)+1)
		for _, v := range verdicts {
			options = append(options, bot.Option{Answer: string(v), Label: t.Line("how." + string(v))})
		}
		options = append(options, bot.Option{Answer: "other", Label: t.Line("typed.other")})
		if v := handrail.Verdict(t.Choose("which", t.Words("typed.which"), options...)); slices.Contains(verdicts, v) {
			return k.saidHow(t, q.ID, v, said)
		}
	case "going":
		for _, answer := range []string{"yes", "no", "unsure"} {
			if k.isOne(said, "typed."+answer) {
				return k.saidGoing(t, q.ID, answer)
			}
		}
		// "Yes, I will be there" is taken. A no would call the visit off, and "yes but not Tuesday" is both: those are asked.
		switch t.YesNo(said) {
		case bot.SaidYes:
			return k.saidGoing(t, q.ID, "yes")
		case bot.SaidNo, bot.SaidBoth:
			pick := t.Choose("going", t.Words("typed.going", "when", q.When),
				bot.Option{Answer: "yes", Label: t.Line("going.yes"), Style: "main"}, bot.Option{Answer: "no", Label: t.Line("going.no")},
				bot.Option{Answer: "unsure", Label: t.Line("going.unsure")}, bot.Option{Answer: "other", Label: t.Line("typed.other")})
			if pick != "other" {
				return k.saidGoing(t, q.ID, pick)
			}
		}
	}
	t.Say(t.Words("bot.not_understood"))
	return nil
}

// asked is the newest question that is open: of a visit that is over, or else of one that is near.
func asked(all []handrail.Visit, now time.Time) openQuestion {
	var q openQuestion
	for _, v := range all { // in order of their start
		o := v.Attendance.Occurrence
		switch {
		case !v.Attendance.State.Ahead():
		case now.After(o.End) && now.Before(o.End.Add(answerableFor)):
			q = openQuestion{Kind: "how", ID: v.Attendance.ID}
		case q.Kind == "" && now.Before(o.Start) && o.Start.Before(now.Add(answerableBefore)):
			q = openQuestion{Kind: "going", ID: v.Attendance.ID}
		}
	}
	return q
}

// isOne reports whether words are one of a list of the catalogue.
func (k *kit) isOne(said, key string) bool {
	return slices.Contains(strings.Split(k.line(key), "|"), tidy(said))
}
