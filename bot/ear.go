package bot

import (
	"encoding/json"
	"strings"
	"time"

	"handrail"
)

// Ear understands what people type where a question was asked, and never guesses: what can be read in two ways is asked
// again. It is pure. Without one (Options.Ear) only buttons, labels and the catalogue's words for yes and no count.
type Ear interface {
	// YesNo reads the answer to a question that asks for yes or no: "no worries yes", "go on then". What is bound to
	// something ("yes but not Tuesday", "if it is free") is SaidBoth.
	YesNo(text string) Said
	// When reads a date and a time as people in the UK write them: "next Friday", "3/4" (the third of April), "half 2".
	// now is the time of asking.
	When(text string, now time.Time) When
}

// Said is what words answer to a question that asks for yes or no.
type Said int

// The answers. Only SaidYes and SaidNo may be acted on.
const (
	SaidNothing Said = iota // no answer at all
	SaidYes
	SaidNo
	SaidBoth // an answer that must be asked about
)

// When is a date, a time of day, or both, that somebody wrote.
type When struct {
	Date  handrail.Date  // empty where none was said
	Clock handrail.Clock // only with Timed
	Timed bool
	// Words tell it back: "Friday 27 November 2026 at half past 2 in the afternoon". Empty where nothing was read.
	Words string
	// Sure is false where it can be read in two ways.
	Sure bool
}

// YesNo is what words that were typed to a question of yes or no answer. Exact words of the catalogue count without an
// ear too.
func (t *Talk) YesNo(text string) Said {
	said := fold(text)
	switch {
	case said == "":
		return SaidNothing
	case oneOf(said, t.Line("bot.words.yes")):
		return SaidYes
	case oneOf(said, t.Line("bot.words.no")):
		return SaidNo
	case t.bot.ear == nil:
		return SaidNothing
	}
	return t.bot.ear.YesNo(text)
}

// Confirm asks yes or no. A button counts, an exact word, and words that plainly say the one and not the other; anything
// else is asked about (B17). Where somebody's permission hangs on it, use Permit.
func (t *Talk) Confirm(name string, ask Text) bool {
	return question(t, name, Message{Text: ask, Options: []Option{t.yes(), t.no()}}, readYesNo) == "yes"
}

// Permit asks for a permission. Only a button or an exact word is a yes (M5, B17): nobody agrees by a turn of phrase.
func (t *Talk) Permit(name string, ask Text) bool {
	return question(t, name, Message{Text: ask, Options: []Option{t.yes(), t.no()}}, readPlainly) == "yes"
}

func readPlainly(t *Talk, m Message, u *Update) (string, string, Text) {
	answer, shown, wrong := t.readOption(m, u, numbersShown)
	if wrong != nil && u.Kind == UpdateText {
		wrong = t.Words("bot.wrong.permit")
	}
	return answer, shown, wrong
}

func readYesNo(t *Talk, m Message, u *Update) (string, string, Text) {
	answer, shown, wrong := t.readOption(m, u, numbersShown)
	if wrong == nil || u.Kind != UpdateText {
		return answer, shown, wrong
	}
	switch t.YesNo(u.Text) {
	case SaidYes:
		return "yes", t.Line("bot.yes"), nil
	case SaidNo:
		return "no", t.Line("bot.no"), nil
	case SaidBoth:
		return "", "", t.Words("bot.wrong.yesno")
	}
	return "", "", wrong
}

// heardOption is the option for yes, or for no, where typed words plainly say so.
func (t *Talk) heardOption(options []Option, text string) (Option, bool) {
	want := ""
	if t.bot.ear != nil {
		switch t.bot.ear.YesNo(text) {
		case SaidYes:
			want = "yes"
		case SaidNo:
			want = "no"
		}
	}
	for _, o := range options {
		if want != "" && o.Answer == want && o.Press == nil && o.Link == "" {
			return o, true
		}
	}
	return Option{}, false
}

// ChooseDate is Choose among meetings: at are their starts, one for each of the first options, in the zone in which they
// are told. A date or a time that is typed counts where it means one of them and no other, and is told back to be
// confirmed (B28).
func (t *Talk) ChooseDate(name string, ask Text, at []time.Time, options ...Option) string {
	pick := question(t, name, Message{Text: ask, Options: options}, func(t *Talk, m Message, u *Update) (typedDate, string, Text) {
		answer, shown, wrong := readOption(t, m, u)
		if wrong == nil || u.Kind != UpdateText || t.bot.ear == nil {
			return typedDate{Answer: answer}, shown, wrong
		}
		i, ok := oneOfDates(t.bot.ear.When(u.Text, t.now), at[:min(len(at), len(m.Options))])
		if !ok {
			return typedDate{}, "", wrong
		}
		return typedDate{m.Options[i].Answer, m.Options[i].Label}, m.Options[i].Label, nil
	})
	if pick.Label == "" || t.Confirm(name+".right", t.Words("bot.date.right", "date", pick.Label)) {
		return pick.Answer
	}
	return t.Choose(name+".again", ask, options...)
}

// typedDate is an answer to ChooseDate; the label stands only where a date was typed.
type typedDate struct {
	Answer string `json:"answer"`
	Label  string `json:"label,omitempty"`
}

// MarshalJSON writes the answer of a button as it always was, so that an older version can read it.
func (d typedDate) MarshalJSON() ([]byte, error) {
	type plain typedDate
	if d.Label == "" {
		return json.Marshal(d.Answer)
	}
	return json.Marshal(plain(d))
}

// UnmarshalJSON reads what it writes, and what an older version wrote.
func (d *typedDate) UnmarshalJSON(raw []byte) error {
	type plain typedDate
	if len(raw) > 0 && raw[0] == '"' {
		*d = typedDate{}
		return json.Unmarshal(raw, &d.Answer)
	}
	return json.Unmarshal(raw, (*plain)(d))
}

// oneOfDates is the only one of some starts that a date or a time means.
func oneOfDates(w When, at []time.Time) (int, bool) {
	if w.Words == "" || !w.Sure {
		return 0, false
	}
	meant := -1
	for i, start := range at {
		if w.Date != "" && handrail.Date(start.Format(time.DateOnly)) != w.Date || w.Timed && handrail.At(start.Hour(), start.Minute()) != w.Clock {
			continue
		}
		if meant >= 0 {
			return 0, false // it may be either
		}
		meant = i
	}
	return meant, meant >= 0
}

// Date asks for a day and tells it back in words to be confirmed, however it was written (B28). A check returns the words
// to complain with, or nil; checks are pure. Without an ear only 2026-11-27 and 27/11/2026 are read.
func (t *Talk) Date(name string, ask Text, checks ...func(handrail.Date) Text) handrail.Date {
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = "-" + string(rune('0'+n))
		}
		w := question(t, name+suffix, Message{Text: ask}, func(t *Talk, _ Message, u *Update) (When, string, Text) {
			if u.Kind != UpdateText {
				return When{}, "", t.Words("bot.wrong.date")
			}
			w := t.when(u.Text)
			if w.Date == "" {
				return When{}, "", t.Words("bot.wrong.date")
			}
			for _, check := range checks {
				if wrong := check(w.Date); wrong != nil {
					return When{}, "", wrong
				}
			}
			return w, w.Words, nil
		})
		if n > 8 || t.Confirm(name+".right"+suffix, t.Words("bot.date.right", "date", w.Words)) {
			return w.Date
		}
	}
}

// when reads a date with the ear, or without one only where it can mean nothing else.
func (t *Talk) when(text string) When {
	if t.bot.ear != nil {
		return t.bot.ear.When(text, t.now)
	}
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.DateOnly, "2/1/2006"} {
		if d, err := time.Parse(layout, text); err == nil {
			return When{Date: handrail.Date(d.Format(time.DateOnly)), Words: d.Format("Monday 2 January 2006"), Sure: true}
		}
	}
	return When{}
}
