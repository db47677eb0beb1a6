package dialogs

import (
	"context"
	"strings"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// volunteer is somebody offering to go along. Nothing is kept before they say that it may be.
func (k *kit) volunteer() bot.Dialog {
	return bot.Dialog{
		Name: "volunteer", Title: "volunteer.title", Opens: "volunteer.opens",
		May:    func(who bot.Who) bool { return who.Kind == bot.WhoUnknown || who.Kind == bot.WhoBuddy },
		Script: k.volunteerScript,
	}
}

func (k *kit) volunteerScript(t *bot.Talk) error {
	if t.Who().Kind == bot.WhoBuddy {
		t.Say(t.Words("volunteer.already"))
		return nil
	}
	t.Say(t.Words("volunteer.intro"))
	lead := t.Line("volunteer.name.lead")
	name := firstName(t.Text("name", t.Words("volunteer.name"), func(s string) bot.Text {
		if n := utf8.RuneCountInString(firstName(s, lead)); n == 0 || n > 70 {
			return t.Words("volunteer.name.check")
		}
		return nil
	}), lead)
	postcode := t.Text("postcode", t.Words("volunteer.postcode"), func(s string) bot.Text {
		if !looksLikePostcode(s) {
			return t.Words("volunteer.postcode.check")
		}
		return nil
	})
	about := t.TextOr("about", bot.Message{Text: t.Words("volunteer.about"), Options: []bot.Option{{Answer: "-", Label: t.Line("bot.skip")}}})
	if about == "-" {
		about = ""
	}
	if !t.Permit("keep", t.Words("volunteer.keep")) {
		t.Say(t.Words("volunteer.no"))
		return nil
	}
	who, now, from := t.Who(), t.Now(), t.From()
	bot.Do(t, "offer", "volunteer.undo", func(ctx context.Context) (bool, error) {
		b, err := k.Records.AddBuddy(ctx, handrail.Buddy{
			Practice: who.Practice, Name: name, Postcode: strings.ToUpper(strings.TrimSpace(postcode)), About: about, Address: from, State: handrail.BuddyApplied,
		}, "buddy:new")
		if err != nil {
			return false, err
		}
		staff, err := k.coordinators(ctx, who.Practice)
		if err != nil {
			return false, err
		}
		return true, k.tell(ctx, staff, "clear:"+string(b.ID), bot.ClassNotice, "", now, bot.Message{
			Text: k.words("volunteer.task", "name", b.Name, "where", b.Postcode),
			Options: []bot.Option{
				withStyle(press(k.line("volunteer.clear"), "clear", string(b.ID), "clear"), "main"),
				press(k.line("volunteer.refuse"), "clear", string(b.ID), "refuse"),
			},
		})
	})
	t.Say(t.Words("volunteer.done", "name", name))
	return nil
}

// firstName is the first name in an answer to "What is your first name?": without "my name is" before it, and without the
// surname behind it, which nobody here needs to know (V2, G12). lead is what may stand before a name, apart by "|".
func firstName(said, lead string) string {
	said = strings.Join(strings.Fields(said), " ")
	for _, w := range strings.Split(lead, "|") {
		if len(said) > len(w) && strings.EqualFold(said[:len(w)], w) && said[len(w)] == ' ' {
			said = said[len(w)+1:]
			break
		}
	}
	name, _, _ := strings.Cut(said, " ")
	return strings.Trim(name, ".,!:;")
}

// looksLikePostcode accepts a whole postcode or its first half.
func looksLikePostcode(s string) bool {
	s = strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(s), " ", ""))
	if len(s) < 2 || len(s) > 7 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	digits := strings.ContainsAny(s, "0123456789")
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return digits
}

// coordinators clear buddies; where a practice has none, its link workers do.
func (k *kit) coordinators(ctx context.Context, practice handrail.PracticeID) ([]handrail.Staff, error) {
	staff, err := k.Records.StaffWith(ctx, practice, handrail.RoleCoordinator)
	if err != nil {
		return nil, err
	}
	var reachable []handrail.Staff
	for _, s := range staff {
		if !s.Address.IsZero() {
			reachable = append(reachable, s)
		}
	}
	if len(reachable) > 0 {
		return reachable, nil
	}
	return k.linkWorkers(ctx, practice, "")
}

// clear is a named coordinator clearing a volunteer (V1), or not taking them on.
func (k *kit) clear() bot.Dialog {
	return bot.Dialog{Name: "clear", Title: "clear.title", May: carers, Script: func(t *bot.Talk) error {
		who, id, now, clear := t.Who(), handrail.BuddyID(t.Subject()), t.Now(), t.Pressed() == "clear"
		if clear {
			b := bot.Look(t, "buddy", func(ctx context.Context) (candidate, error) { return k.applicant(ctx, who, id) })
			if b.ID == "" {
				t.Say(t.Words("clear.over"))
				return nil
			}
			if !t.Confirm("sure", t.Words("clear.ask", "name", b.Name)) {
				return nil
			}
		}
		// Whether it is settled already is asked within the Do: a Look in the same turn would see what the Do has done when
		// the turn is played again after a crash.
		b := bot.Do(t, "clear", "clear.undo", func(ctx context.Context) (candidate, error) {
			b, err := k.applicant(ctx, who, id)
			if err != nil || b.ID == "" {
				return b, err
			}
			changed, err := k.Records.ChangeBuddy(ctx, who.Practice, id, actor(who), func(b *handrail.Buddy) error {
				if clear {
					return b.Clear(handrail.StaffID(who.ID), now)
				}
				return b.Refuse()
			})
			if err != nil {
				return candidate{}, err
			}
			words := k.words("clear.sorry", "name", changed.Name)
			if clear {
				words = k.words("clear.welcome", "name", changed.Name)
			}
			return b, k.Post.Post(ctx, bot.Envelope{
				Key: "cleared:" + string(id), To: changed.Address, Class: bot.ClassNotice, NotBefore: now, Message: bot.Message{Text: words},
			})
		})
		if b.ID == "" {
			t.Say(t.Words("clear.over"))
			return nil
		}
		k.refresh(t)
		if clear {
			t.Say(t.Words("clear.done", "name", b.Name))
		} else {
			t.Say(t.Words("clear.refused", "name", b.Name))
		}
		return nil
	}}
}

// applicant is a volunteer who waits to be cleared; the zero candidate when that is settled.
func (k *kit) applicant(ctx context.Context, who bot.Who, id handrail.BuddyID) (candidate, error) {
	b, err := k.Records.Buddy(ctx, who.Practice, id)
	if err != nil || b.State != handrail.BuddyApplied {
		return candidate{}, err
	}
	return candidate{ID: b.ID, Name: b.Name}, nil
}
