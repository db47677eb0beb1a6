package dialogs

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"handrail"
	"handrail/bot"
)

// remit is what speaks for thinking twice before a referral is sent: none of it blocks. Each has a line that says where
// else to go, "refer.remit.young" and so on.
type remit string

// What the check looks for.
const (
	remitYoung   remit = "young"   // under 18: the year of birth alone can be off by one, in their favour
	remitSevere  remit = "severe"  // words for what needs a clinician first
	remitConsent remit = "consent" // nobody said that they agreed
)

// checkRemit looks at the form.
func (k *kit) checkRemit(v map[string]string, year, now int) []remit {
	var out []remit
	if now-year < adult {
		out = append(out, remitYoung)
	}
	if k.severe(v["note"]) {
		out = append(out, remitSevere)
	}
	if v["agreed"] != "yes" {
		out = append(out, remitConsent)
	}
	return out
}

// severe reports whether a note has one of the words of the catalogue, as whole words.
func (k *kit) severe(note string) bool {
	folded := " " + strings.Join(strings.FieldsFunc(strings.ToLower(note), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	}), " ") + " "
	for _, w := range strings.Split(k.line("refer.remit.severe.words"), "|") {
		if w = strings.Join(strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' }), " "); w != "" && strings.Contains(folded, " "+w+" ") {
			return true
		}
	}
	return false
}

// remitAsked shows what speaks against, where else to go, and takes the answer: on with a reason, or not.
func (k *kit) remitAsked(t *bot.Talk, found []remit) (reason string, agreed, on bool) {
	if len(found) == 0 {
		return "", true, true
	}
	route := bot.Look(t, "route", func(ctx context.Context) (string, error) {
		p, err := k.Records.Practice(ctx, t.Who().Practice)
		if p.UrgentRoute == "" {
			p.UrgentRoute = k.line("guard.urgent.staff.none")
		}
		return p.UrgentRoute, err
	})
	agreed = !slices.Contains(found, remitConsent)
	body := t.Words("refer.remit")
	for _, r := range found {
		item := t.Words("refer.remit."+string(r), "route", route)
		item[0].Item = true
		body = append(body, item...)
	}
	var options []bot.Option
	if !agreed {
		options = append(options, bot.Option{Answer: "agreed", Label: t.Line("refer.remit.agreed"), Style: "main"})
	}
	options = append(options, bot.Option{Answer: "on", Label: t.Line("refer.remit.on")}, bot.Option{Answer: "leave", Label: t.Line("refer.remit.leave")})
	pick := t.ChooseFrom("remit", bot.Message{Text: body, Options: options, Private: true})
	if pick == "agreed" {
		if agreed = true; len(found) == 1 {
			return "", true, true
		}
		pick = "on"
	}
	if pick != "on" {
		return "", agreed, false
	}
	return t.Text("remit-why", t.Words("refer.remit.why"), k.brief(t, 300)), agreed, true
}

// remitNote is how the reason stands in the record.
func (k *kit) remitNote(found []remit, reason string, agreed bool) string {
	var over []string
	for _, r := range found {
		if r != remitConsent || !agreed {
			over = append(over, k.line("refer.remit."+string(r)+".short"))
		}
	}
	if len(over) == 0 {
		return ""
	}
	return strings.Join(over, ", ") + ": " + reason
}

// remitKept writes the reason with the referral, where there was something to give one for.
func (k *kit) remitKept(ctx context.Context, who bot.Who, r handrail.Referral, words string) error {
	if words == "" {
		return nil
	}
	return k.note(ctx, who, r.ID, handrail.NoteRemit, words, r.OfferedAt)
}
