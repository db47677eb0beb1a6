package dialogs

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"

	"handrail"
	"handrail/bot"
)

// inviteLife is how long a one-time code works (requirement C9: at most 7 days).
const inviteLife = 7 * 24 * time.Hour

// adult is the age from which the service is for somebody; a year of birth alone can be off by one, in their favour.
const adult = 18

// referrals is what refer and the caseload ask of the records.
type referrals interface {
	AddPatient(ctx context.Context, p handrail.Patient, by handrail.Actor) (handrail.Patient, error)
	Patient(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID) (handrail.Patient, error)
	FindPatients(ctx context.Context, practice handrail.PracticeID, name string, birthYear int) ([]handrail.Patient, error)
	AddReferral(ctx context.Context, r handrail.Referral, by handrail.Actor) (handrail.Referral, error)
	Referral(ctx context.Context, practice handrail.PracticeID, id handrail.ReferralID) (handrail.Referral, error)
	ChangeReferral(ctx context.Context, practice handrail.PracticeID, id handrail.ReferralID, by handrail.Actor, change func(*handrail.Referral) error) (handrail.Referral, error)
	OpenReferral(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (handrail.Referral, error)
	CasesBy(ctx context.Context, practice handrail.PracticeID, staff handrail.StaffID, since time.Time) ([]handrail.Case, error)
	NewInvite(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, life time.Duration, by handrail.Actor) (code string, err error)
}

// sentReferral is what a referral leaves to say.
type sentReferral struct {
	Ref        string `json:"ref"`
	Name       string `json:"name"`
	Code       string `json:"code"`
	LinkWorker string `json:"link_worker"`
	Again      bool   `json:"again,omitempty"`
	Nobody     bool   `json:"nobody,omitempty"`
}

// refer passes a patient on to the link worker: one form of seven fields, done in half a minute.
func (k *kit) refer() bot.Dialog {
	return bot.Dialog{Name: "refer", Title: "refer.title", Opens: "refer.opens", May: staffOnly, Script: k.referScript}
}

func (k *kit) referScript(t *bot.Talk) error {
	group := t.Seeded("group")
	intro := t.Words("refer.intro")
	if group != "" {
		name := bot.Look(t, "group-name", func(ctx context.Context) (string, error) {
			a, err := k.Finder.Activity(ctx, handrail.ActivityID(group))
			return a.Name, err
		})
		intro = t.Words("refer.intro.group", "group", name)
	}
	v := t.Form("form", intro, k.referForm(t))
	year, _ := strconv.Atoi(v["birth_year"]) // the form checked it
	if t.Now().Year()-year < adult {
		t.Say(t.Words("refer.young"))
		return nil
	}
	who := t.Who()
	now := t.Now()
	sent := bot.Do(t, "send", "refer.undo", func(ctx context.Context) (sentReferral, error) {
		return k.sendReferral(ctx, who, now, handrail.Patient{
			Practice: who.Practice, Name: v["name"], Surname: v["surname"], BirthYear: year, Postcode: v["postcode"],
		}, handrail.Referral{
			Practice: who.Practice, By: handrail.StaffID(who.ID), State: handrail.ReferralOffered, Need: v["need"],
			Note: v["note"], Suggested: handrail.ActivityID(group),
		})
	})
	switch {
	case sent.Nobody:
		t.Say(t.Words("refer.nobody"))
		return nil
	case sent.Again:
		t.Say(t.Words("refer.again", "name", sent.Name, "ref", sent.Ref))
	default:
		t.Say(t.Words("refer.done", "ref", sent.Ref, "link_worker", sent.LinkWorker))
	}
	link := k.Invitation(sent.Code)
	card := k.Words.Text("en", "refer.card", "name", sent.Name, "code", sent.Code, "link", link)
	t.Send(bot.Message{
		Text:    t.Words("refer.done.code", "name", sent.Name),
		Options: []bot.Option{{Label: t.Line("refer.link", "name", sent.Name), Link: link}},
		Files: []bot.File{{
			Name: t.Line("refer.card.file", "name", fileName(sent.Name)) + ".txt", MIME: "text/plain; charset=utf-8", Data: []byte(card.Plain() + "\n"),
			Alt: t.Line("refer.card.file", "name", sent.Name),
		}},
		Private: true,
	})
	return nil
}

func (k *kit) referForm(t *bot.Talk) bot.Form {
	needs := []string{"loneliness", "bereavement", "low_mood", "anxiety", "debt", "housing", "caring", "inactivity",
		"long_term_condition", "employment", "new_to_area", "other"}
	options := make([]bot.Option, len(needs))
	for i, n := range needs {
		options[i] = bot.Option{Answer: n, Label: t.Line("needs." + n)}
	}
	return bot.Form{
		Title: t.Line("refer.form"), Submit: t.Line("refer.submit"),
		Fields: append(personFields(t), []bot.Field{
			{Name: "postcode", Label: t.Line("refer.postcode"), Hint: t.Line("refer.postcode.hint"), Kind: bot.FieldLine, MaxChars: 10,
				Pattern: `(?i)[a-z]{1,2}[0-9][a-z0-9]?( ?[0-9][a-z]{2})?`, Wrong: t.Line("refer.postcode.wrong")},
			{Name: "need", Label: t.Line("refer.need"), Kind: bot.FieldChoice, Required: true, Options: options},
			{Name: "note", Label: t.Line("refer.note"), Hint: t.Line("refer.note.hint"), Kind: bot.FieldWords, MaxChars: 1000},
			{Name: "agreed", Label: t.Line("refer.agreed"), Kind: bot.FieldTick, Required: true},
		}...),
	}
}

// personFields ask who a patient is: as little as tells two patients of one practice apart.
func personFields(t *bot.Talk) []bot.Field {
	return []bot.Field{
		{Name: "name", Label: t.Line("refer.name"), Kind: bot.FieldLine, Required: true, MaxChars: 70},
		{Name: "surname", Label: t.Line("refer.surname"), Kind: bot.FieldLine, MaxChars: 70},
		{Name: "birth_year", Label: t.Line("refer.birth_year"), Kind: bot.FieldNumber, Required: true,
			Min: t.Now().Year() - 120, Max: t.Now().Year(), Wrong: t.Line("refer.birth_year.wrong")},
	}
}

// fileName keeps what is a letter, a digit or a space: a name may hold anything (B27), a file's may not.
func fileName(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' {
			return r
		}
		return -1
	}, s))
}

// sendReferral writes the referral and tells the link workers, in the transaction of the Do that calls it. A patient
// with an open referral gets a new code and nothing else: a referral typed twice is one referral.
func (k *kit) sendReferral(ctx context.Context, who bot.Who, now time.Time, p handrail.Patient, r handrail.Referral) (sentReferral, error) {
	by := actor(who)
	staff, err := k.linkWorkers(ctx, who.Practice, "")
	if err != nil {
		return sentReferral{}, err
	}
	if len(staff) == 0 {
		return sentReferral{Nobody: true}, nil
	}
	known, open, err := k.samePatient(ctx, p)
	if err != nil {
		return sentReferral{}, err
	}
	if known != nil {
		p = *known
	} else if p, err = k.Records.AddPatient(ctx, p, by); err != nil {
		return sentReferral{}, err
	}
	code, err := k.Records.NewInvite(ctx, who.Practice, p.ID, inviteLife, by)
	if err != nil {
		return sentReferral{}, err
	}
	if open != nil {
		return sentReferral{Ref: open.Ref, Name: p.Name, Code: code, Again: true}, nil
	}
	r.Patient, r.OfferedAt = p.ID, now
	if r, err = k.Records.AddReferral(ctx, r, by); err != nil {
		return sentReferral{}, err
	}
	r, err = k.Records.ChangeReferral(ctx, who.Practice, r.ID, by, func(r *handrail.Referral) error { return r.Send() })
	if err != nil {
		return sentReferral{}, err
	}
	m, err := k.referralCard(ctx, r, p)
	if err != nil {
		return sentReferral{}, err
	}
	if err := k.tell(ctx, staff, "referral:"+string(r.ID), bot.ClassNotice, p.ID, now, m); err != nil {
		return sentReferral{}, err
	}
	return sentReferral{Ref: r.Ref, Name: p.Name, Code: code, LinkWorker: staff[0].Name}, nil
}

// samePatient finds somebody of the same full name and year of birth, and their open referral.
func (k *kit) samePatient(ctx context.Context, p handrail.Patient) (*handrail.Patient, *handrail.Referral, error) {
	same, err := k.Records.FindPatients(ctx, p.Practice, p.Name, p.BirthYear)
	if err != nil {
		return nil, nil, err
	}
	for i := range same {
		if !equalFold(same[i].Surname, p.Surname) || same[i].Deceased {
			continue
		}
		open, err := k.Records.OpenReferral(ctx, p.Practice, same[i].ID)
		if handrail.IsKind(err, handrail.KindNotFound) {
			return &same[i], nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		return &same[i], &open, nil
	}
	return nil, nil, nil
}

// referralCard is how a link worker first sees a referral: initials and a reference, not a name (G12).
func (k *kit) referralCard(ctx context.Context, r handrail.Referral, p handrail.Patient) (bot.Message, error) {
	by := ""
	if s, err := k.Records.Staff(ctx, r.Practice, r.By); err == nil {
		by = s.Name
	} else if !handrail.IsKind(err, handrail.KindNotFound) {
		return bot.Message{}, err
	}
	body := k.words("referral.new", "who", p.Initials(), "ref", r.Ref, "by", by)
	if r.Need != "" {
		body = append(body, k.words("referral.need", "need", k.line("needs."+r.Need))...)
	}
	if r.Note != "" {
		body = append(body, k.words("referral.note", "note", r.Note)...)
	}
	if r.Suggested != "" {
		a, err := k.Finder.Activity(ctx, r.Suggested)
		if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
			return bot.Message{}, err
		}
		if err == nil {
			body = append(body, k.words("referral.group", "group", a.Name)...)
		}
	}
	return bot.Message{
		Text: body, Private: true,
		Options: []bot.Option{
			withStyle(press(k.line("referral.accept"), "accept", string(r.ID), "yes"), "main"),
			press(k.line("referral.contact"), "contacted", string(r.ID), "yes"),
		},
	}, nil
}

func withStyle(o bot.Option, style string) bot.Option {
	o.Style = style
	return o
}
