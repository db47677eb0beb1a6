package dialogs

import (
	"context"
	"strconv"
	"strings"

	"handrail"
	"handrail/bot"
)

// invitations is what joining asks of the records.
type invitations interface {
	// InviteStatus looks at a code without using it up.
	InviteStatus(ctx context.Context, practice handrail.PracticeID, code string) (handrail.InviteOutcome, error)
	// TryInvite uses the code with the year of birth; when it fits, the address is the patient's from then on.
	TryInvite(ctx context.Context, practice handrail.PracticeID, code string, birthYear int, from handrail.Address) (handrail.InviteTry, error)
}

// permissions is what asking for permissions needs of the records.
type permissions interface {
	AnswerPermission(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, purpose handrail.Purpose, version, wording string, yes bool, by handrail.Actor) (handrail.Permission, error)
	Permitted(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, purpose handrail.Purpose) (bool, error)
}

// join is a patient opening their one-time link: the code, a second fact that is easy for them and of little worth to
// others, who reads this and what it is not, and then each permission by itself.
func (k *kit) join() bot.Dialog {
	return bot.Dialog{
		Name: "join", Title: "join.title", Opens: "join.opens",
		May: func(who bot.Who) bool { return who.Kind != bot.WhoStaff },
		Seed: func(rest string) bot.Answers {
			if rest == "" {
				return nil
			}
			return bot.Answers{"code": rest}
		},
		Script: k.joinScript,
	}
}

func (k *kit) joinScript(t *bot.Talk) error {
	code := strings.TrimSpace(t.Text("code", t.Words("join.code")))
	practice, from := t.Who().Practice, t.From()
	if organiser, ok := strings.CutPrefix(strings.ToLower(code), organiserCode); ok {
		return k.joinOrganiser(t, organiser)
	}
	if trusted, ok := strings.CutPrefix(strings.ToLower(code), trustedCode); ok {
		return k.joinTrusted(t, trusted)
	}
	if staff, ok := strings.CutPrefix(strings.ToLower(code), staffCode); ok {
		return k.joinStaff(t, staff)
	}
	// The person becomes a patient by this very dialog, so who they are is read once and kept.
	start := bot.Look(t, "start", func(ctx context.Context) (string, error) {
		if t.Who().Kind == bot.WhoPatient {
			return "known", nil
		}
		status, err := k.Records.InviteStatus(ctx, practice, code)
		return string(status), err
	})
	if start == "known" {
		t.Say(t.Words("join.known"))
		return nil
	}
	if handrail.InviteOutcome(start) != handrail.InviteOK {
		t.Say(t.Words("join." + start))
		return nil
	}
	if k.closed(t) {
		return nil
	}
	joined, ok := k.tryCode(t, code, practice, from)
	if !ok {
		return nil
	}
	t.Send(bot.Message{Text: t.Words("join.hello", "name", joined.Name, "link_worker", joined.LinkWorker), Options: []bot.Option{k.urgentTo(t.Who().Language)}})
	if !k.permission(t, practice, joined.Patient, handrail.PurposeChat) {
		now := t.Now()
		bot.Do(t, "refused", "join.permission_undo", func(ctx context.Context) (bool, error) {
			p, err := k.Records.Patient(ctx, practice, joined.Patient)
			if err != nil {
				return false, err
			}
			return true, k.tellCarer(ctx, p, "refused:"+string(p.ID), now, func(ref handrail.Referral) bot.Message {
				return bot.Message{Text: k.words("referral.refused", "who", p.Initials(), "ref", ref.Ref)}
			})
		})
		t.Say(t.Words("join.goodbye"))
		return nil
	}
	k.permission(t, practice, joined.Patient, handrail.PurposeFeedback)
	t.Say(t.Words("join.done"))
	return t.Then("matters", nil)
}

// joinOrganiser is somebody who runs a group opening their one-time link. They prove no more than that they hold it, and
// may do no more than speak for their groups.
func (k *kit) joinOrganiser(t *bot.Talk, code string) error {
	practice, from := t.Who().Practice, t.From()
	name, ok := openLink(t, "organiser", func(ctx context.Context) (handrail.InviteOutcome, string, error) {
		outcome, who, err := k.Records.TryOrganiserInvite(ctx, practice, code, from)
		return outcome, who.Name, err
	})
	if ok {
		t.Say(t.Words("join.organiser", "name", name))
	}
	return nil
}

// joined is what the dialog keeps of a code that fitted.
type joined struct {
	Outcome    handrail.InviteOutcome `json:"outcome"`
	Left       int                    `json:"left,omitempty"`
	Patient    handrail.PatientID     `json:"patient,omitempty"`
	Name       string                 `json:"name,omitempty"`
	LinkWorker string                 `json:"link_worker,omitempty"`
}

// tryCode asks for the year of birth until it fits or the code is locked.
func (k *kit) tryCode(t *bot.Talk, code string, practice handrail.PracticeID, from handrail.Address) (joined, bool) {
	ask := t.Words("join.year")
	for i := 1; ; i++ {
		n := strconv.Itoa(i)
		year := t.Text("year-"+n, ask, func(s string) bot.Text {
			if y, err := strconv.Atoi(strings.Trim(s, " .")); err != nil || y < 1850 || y > 2100 {
				return t.Words("join.year.check")
			}
			return nil
		})
		born, _ := strconv.Atoi(strings.Trim(year, " .")) // checked above
		now := t.Now()
		j := bot.Do(t, "try-"+n, "join.undo", func(ctx context.Context) (joined, error) {
			try, err := k.Records.TryInvite(ctx, practice, code, born, from)
			if err != nil {
				return joined{}, err
			}
			out := joined{Outcome: try.Outcome, Left: try.TriesLeft}
			if try.Outcome != handrail.InviteOK {
				return out, nil
			}
			out.Patient, out.Name = try.Patient.ID, try.Patient.Name
			if out.LinkWorker, err = k.carerName(ctx, practice, try.Patient.ID); err != nil {
				return joined{}, err
			}
			return out, k.tellCarer(ctx, try.Patient, "joined:"+string(try.Patient.ID)+":"+code[:min(4, len(code))], now, func(ref handrail.Referral) bot.Message {
				return bot.Message{Text: k.words("referral.joined", "who", try.Patient.Initials(), "ref", ref.Ref)}
			})
		})
		switch {
		case j.Outcome == handrail.InviteOK:
			return j, true
		case j.Outcome == handrail.InviteWrongYear && j.Left > 0:
			ask = t.Words("join.year.wrong", "left", t.Line("join.tries", "n", strconv.Itoa(j.Left)))
		case j.Outcome == handrail.InviteWrongYear:
			t.Say(t.Words("join.locked"))
			return joined{}, false
		default:
			t.Say(t.Words("join." + string(j.Outcome)))
			return joined{}, false
		}
	}
}

// permission asks for one purpose in plain English and keeps the wording and its version with the answer. Only a
// button or an exact word is a yes.
func (k *kit) permission(t *bot.Talk, practice handrail.PracticeID, patient handrail.PatientID, purpose handrail.Purpose) bool {
	key := "permission." + string(purpose)
	wording := t.Words(key)
	yes := t.Permit("permit-"+string(purpose), wording)
	return bot.Do(t, "permitted-"+string(purpose), "join.permission_undo", func(ctx context.Context) (bool, error) {
		by := handrail.Actor("patient:" + string(patient))
		_, err := k.Records.AnswerPermission(ctx, practice, patient, purpose, t.Line(key+".version"), wording.Plain(), yes, by)
		return yes, err
	})
}

// matters asks what matters to the person, in their own words; never for a diagnosis.
func (k *kit) matters() bot.Dialog {
	return bot.Dialog{Name: "matters", Title: "matters.title", Opens: "matters.opens", May: patientOnly, Script: func(t *bot.Talk) error {
		who := t.Who()
		words := t.TextOr("words", bot.Message{Text: t.Words("matters.ask"), Options: []bot.Option{{Answer: "-", Label: t.Line("bot.skip")}}})
		switch {
		case words == "-":
		case k.isOne(words, "matters.nothing.words"):
			t.Say(t.Words("matters.nothing"))
		default:
			bot.Do(t, "save", "matters.undo", func(ctx context.Context) (bool, error) {
				_, err := k.Records.ChangePatient(ctx, who.Practice, handrail.PatientID(who.ID), actor(who), "said what matters",
					func(p *handrail.Patient) error {
						p.Matters = words
						return nil
					})
				return true, err
			})
			t.Say(t.Words("matters.thanks"))
		}
		return t.Then("choose", nil)
	}}
}
