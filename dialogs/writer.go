package dialogs

import (
	"context"
	"errors"
	"slices"

	"handrail"
	"handrail/bot"
)

// Writer is the language model for two small jobs at which a person looks. Without one (nil, the default) nothing offers
// them. Whatever goes wrong with it comes back as an error, and then there is nothing to show.
type Writer interface {
	// Plain suggests a plainer wording of a listing. It is nobody's words until somebody approves it.
	Plain(ctx context.Context, who, name, description string) (string, error)
	// Mattered picks out of a patient's own words what seemed to matter to them, in their words. The permission is theirs
	// for handrail.PurposeModel, as it stands now (G1).
	Mattered(ctx context.Context, who string, permission handrail.Permission, said []string) ([]Mattered, error)
}

// Mattered is one thing that seemed to matter to a patient: a theme of a closed list, and their own words.
type Mattered struct {
	Theme string `json:"theme"`
	Quote string `json:"quote"`
}

// purposes are what a patient can be asked for here: a model only where there is one.
func (k *kit) purposes() []handrail.Purpose {
	if k.Writer == nil {
		return handrail.Purposes()
	}
	return append(handrail.Purposes(), handrail.PurposeModel)
}

// plainer shows a suggested wording beside the listing's own, and puts it in only when a person says so.
func (k *kit) plainer(t *bot.Talk, l listed) error {
	who, now := t.Who(), t.Now()
	type draft struct{ Old, New string }
	d := bot.Look(t, "draft", func(ctx context.Context) (draft, error) {
		a, err := k.Finder.Activity(ctx, l.ID)
		if err != nil || k.Writer == nil {
			return draft{}, err
		}
		words, err := k.Writer.Plain(ctx, who.ID, a.Name, a.Description)
		if err != nil {
			words = "" // the model said no, or nothing of use: the reason is in its log
		}
		return draft{a.Description, words}, nil
	})
	if d.New == "" {
		t.Say(t.Words("writer.none"))
		return nil
	}
	body := append(t.Words("writer.now"), bot.Para(d.Old)...)
	body = append(append(body, t.Words("writer.suggested")...), bot.Para(d.New)...)
	pick := t.Choose("approve", append(body, t.Words("writer.approve")...),
		bot.Option{Answer: "use", Label: t.Line("writer.use"), Style: "main"}, bot.Option{Answer: "leave", Label: t.Line("writer.leave")})
	if pick != "use" {
		t.Say(t.Words("writer.left"))
		return nil
	}
	moved := bot.Do(t, "change", "listing.undo", func(ctx context.Context) (bool, error) {
		_, _, err := k.Records.EditActivity(ctx, l.ID, actor(who), now, func(a *handrail.Activity) error {
			if a.Description != d.Old {
				return errMovedOn // the draft is void
			}
			a.Description = d.New
			return nil
		})
		if errors.Is(err, errMovedOn) {
			return true, nil
		}
		return false, err
	})
	if moved {
		t.Say(t.Words("bot.moved_on"))
		return nil
	}
	t.Say(t.Words("listing.change.done", "group", l.Name))
	return nil
}

var errMovedOn = errors.New("the listing was changed meanwhile")

// mattered shows the link worker what seemed to matter to a patient, before the first meeting. It is made when they ask,
// shown once and kept nowhere; the patient's own words stand in the record beside it.
func (k *kit) mattered() bot.Dialog {
	return bot.Dialog{Name: "mattered", Title: "writer.mattered.title", May: carers, Script: func(t *bot.Talk) error {
		who, id := t.Who(), handrail.ReferralID(t.Subject())
		type found struct {
			Who    string     `json:"who"`
			Points []Mattered `json:"points"`
		}
		f := bot.Look(t, "points", func(ctx context.Context) (found, error) {
			r, p, err := k.openCase(ctx, who, id)
			if err != nil {
				return found{}, err
			}
			out := found{Who: k.shortName(handrail.Case{Referral: r, Patient: p})}
			permission, may, err := k.modelPermission(ctx, who.Practice, p.ID)
			if err != nil || !may {
				return out, err
			}
			said, err := k.ownWords(ctx, p)
			if err != nil || len(said) == 0 {
				return out, err
			}
			if out.Points, err = k.Writer.Mattered(ctx, who.ID, permission, said); err != nil {
				out.Points = nil // what it said is of no use: the reason is in the log
			}
			return out, nil
		})
		bot.Do(t, "read", "", func(ctx context.Context) (bool, error) {
			r, err := k.Records.Referral(ctx, who.Practice, id)
			if err != nil {
				return false, err
			}
			return true, k.Records.NoteRead(ctx, who.Practice, actor(who), "patient", string(r.Patient))
		})
		if len(f.Points) == 0 {
			t.Say(t.Words("writer.none"))
			return nil
		}
		body := t.Words("writer.mattered", "who", f.Who)
		for _, p := range f.Points {
			item := t.Words("writer.point", "theme", t.Line("writer.theme."+p.Theme), "quote", p.Quote)
			item[0].Item = true
			body = append(body, item...)
		}
		t.Send(bot.Message{Text: append(body, t.Words("writer.mattered.note")...), Private: true})
		return nil
	}}
}

// modelPermission is a patient's permission for a model as it stands now, and whether it may be used.
func (k *kit) modelPermission(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (handrail.Permission, bool, error) {
	if k.Writer == nil {
		return handrail.Permission{}, false, nil
	}
	all, err := k.Records.Permissions(ctx, practice, patient)
	if err != nil {
		return handrail.Permission{}, false, err
	}
	i := slices.IndexFunc(all, func(p handrail.Permission) bool { return p.Purpose == handrail.PurposeModel && p.Live() })
	if i < 0 {
		return handrail.Permission{}, false, nil
	}
	return all[i], true, nil
}

// ownWords are the words that a patient wrote and that are kept: what matters to them, and how visits were.
func (k *kit) ownWords(ctx context.Context, p handrail.Patient) ([]string, error) {
	var out []string
	if p.Matters != "" {
		out = append(out, p.Matters)
	}
	visits, err := k.Records.VisitsOf(ctx, p.Practice, p.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range visits {
		if v.Feedback != nil && v.Feedback.Words != "" {
			out = append(out, v.Feedback.Words)
		}
	}
	return out, nil
}

// mayPickOut says whether the record offers it: to a link worker, while the patient's permission stands and there is
// something to read.
func (k *kit) mayPickOut(ctx context.Context, me handrail.Staff, p handrail.Patient) (bool, error) {
	if k.Writer == nil || !me.Carer() || p.Matters == "" {
		return false, nil
	}
	_, may, err := k.modelPermission(ctx, p.Practice, p.ID)
	return may, err
}
