package dialogs

import (
	"context"
	"slices"
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
	ID         handrail.ReferralID `json:"id"`
	Ref        string              `json:"ref"`
	Name       string              `json:"name"`
	Code       string              `json:"code,omitempty"`
	LinkWorker string              `json:"link_worker"`
	State      string              `json:"state,omitempty"`
	Again      bool                `json:"again,omitempty"`
	Nobody     bool                `json:"nobody,omitempty"`
	Halted     string              `json:"halted,omitempty"` // why nothing is sent to them
}

// refer passes a patient on to the link worker: one line typed and one button, or one form of seven fields; half a minute
// either way.
func (k *kit) refer() bot.Dialog {
	return bot.Dialog{
		Name: "refer", Title: "refer.title", Opens: "refer.opens", May: staffOnly,
		Seed:   func(rest string) bot.Answers { return bot.Answers{"line": rest} },
		Script: k.referScript,
	}
}

func (k *kit) referScript(t *bot.Talk) error {
	group, line, query := t.Seeded("group"), t.Seeded("line"), t.Seeded("query")
	intro := t.Words("refer.intro")
	if group != "" {
		name := bot.Look(t, "group-name", func(ctx context.Context) (string, error) {
			a, err := k.Finder.Activity(ctx, handrail.ActivityID(group))
			return a.Name, err
		})
		intro = t.Words("refer.intro.group", "group", name)
	}
	v := t.Form("form", intro, k.referForm(t, k.prefilled(t, k.unmasked(line), k.unmasked(query))))
	year, _ := strconv.Atoi(v["birth_year"]) // the form checked it
	found := k.checkRemit(v, year, t.Now().Year())
	reason, agreed, on := k.remitAsked(t, found)
	if !on {
		t.Say(t.Words("refer.left"))
		return nil
	}
	who := t.Who()
	now := t.Now()
	sent := bot.Do(t, "send", "refer.undo", func(ctx context.Context) (sentReferral, error) {
		return k.sendReferral(ctx, who, now, handrail.Patient{
			Practice: who.Practice, Name: v["name"], Surname: v["surname"], BirthYear: year, Postcode: spaced(v["postcode"]),
		}, handrail.Referral{
			Practice: who.Practice, By: handrail.StaffID(who.ID), State: handrail.ReferralOffered, Need: v["need"],
			Note: v["note"], Suggested: handrail.ActivityID(group),
		}, agreed, k.remitNote(found, reason, agreed))
	})
	switch {
	case sent.Nobody:
		t.Say(t.Words("refer.nobody"))
		return nil
	case sent.Halted != "":
		t.Say(t.Words("refer.halted", "reason", t.Line("halt.reason."+sent.Halted)))
		return nil
	case sent.Again:
		t.Send(bot.Message{Text: t.Words("refer.again", "name", sent.Name, "ref", sent.Ref, "state", sent.State), Private: true, Options: []bot.Option{
			press(t.Line("record.open"), "record", string(sent.ID), "open"), press(t.Line("record.invite"), "invite", string(sent.ID), "new"),
			press(t.Line("record.tell"), "tell", string(sent.ID), "carer"),
		}})
		return nil
	}
	t.Say(t.Words("refer.done", "ref", sent.Ref, "link_worker", sent.LinkWorker))
	if sent.Code == "" {
		t.Say(t.Words("refer.done.nocode"))
		return nil
	}
	k.giveInvite(t, sent.Name, sent.Code)
	return nil
}

// prefilled is what the form can be filled in with: from the line behind "refer", or from the search that led here.
func (k *kit) prefilled(t *bot.Talk, line, query string) map[string]string {
	read := readLine(line, t.Now())
	from := line
	if line == "" {
		from = query
		read.Postcode = readLine(query, t.Now()).Postcode
	}
	v := map[string]string{
		"name": read.Name, "surname": read.Surname, "birth_year": read.BirthYear, "postcode": read.Postcode, "note": read.Rest,
	}
	if read.Agreed {
		v["agreed"] = "yes"
	}
	v["need"] = bot.Look(t, "need", func(context.Context) (string, error) {
		for _, need := range k.Finder.ReadNeeds(from) {
			if slices.Contains(referNeeds(), need) {
				return need, nil
			}
		}
		return "", nil
	})
	return v
}

// referNeeds are the needs of the form, in the order in which they are offered.
func referNeeds() []string {
	return []string{"loneliness", "bereavement", "low_mood", "anxiety", "debt", "housing", "caring", "inactivity",
		"long_term_condition", "employment", "new_to_area", "other"}
}

func (k *kit) referForm(t *bot.Talk, v map[string]string) bot.Form {
	needs := referNeeds()
	options := make([]bot.Option, len(needs))
	for i, n := range needs {
		options[i] = bot.Option{Answer: n, Label: t.Line("needs." + n)}
	}
	f := bot.Form{
		Title: t.Line("refer.form"), Submit: t.Line("refer.submit"),
		Fields: append(personFields(t), []bot.Field{
			{Name: "postcode", Label: t.Line("refer.postcode"), Hint: t.Line("refer.postcode.hint"), Kind: bot.FieldLine, MaxChars: 10,
				Pattern: `(?i)[a-z]{1,2}[0-9][a-z0-9]?( ?[0-9][a-z]{2})?`, Wrong: t.Line("refer.postcode.wrong")},
			{Name: "need", Label: t.Line("refer.need"), Kind: bot.FieldChoice, Required: true, Options: options},
			{Name: "note", Label: t.Line("refer.note"), Hint: t.Line("refer.note.hint"), Kind: bot.FieldWords, MaxChars: 1000},
			// Not required: without it the check says what to do, and nobody loses what they typed.
			{Name: "agreed", Label: t.Line("refer.agreed"), Kind: bot.FieldTick},
		}...),
	}
	for i := range f.Fields {
		// A guess that the field would refuse is no help.
		if value := v[f.Fields[i].Name]; f.Fields[i].Check(value) == bot.ProblemNone {
			f.Fields[i].Value = value
		}
	}
	return f
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
// with an open referral gets nothing new, and the sender sees where it stands: one person has one open episode. Without a
// yes to being contacted no code is made.
func (k *kit) sendReferral(ctx context.Context, who bot.Who, now time.Time, p handrail.Patient, r handrail.Referral, agreed bool, remit string) (sentReferral, error) {
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
	if known != nil && known.Deceased {
		return sentReferral{Halted: string(handrail.HaltDied)}, nil
	}
	if known != nil && open == nil && known.Halt != nil {
		// Who is referred anew after they moved away is back; anything else is for a person to undo first.
		if known.Halt.Reason != handrail.HaltMoved || !asStaff(who).MayLift(handrail.HaltMoved) {
			return sentReferral{Halted: string(known.Halt.Reason)}, nil
		}
		if _, err := k.Records.LiftHalt(ctx, who.Practice, known.ID, handrail.StaffID(who.ID)); err != nil {
			return sentReferral{}, err
		}
	}
	if known != nil {
		p = *known
	} else if p, err = k.Records.AddPatient(ctx, p, by); err != nil {
		return sentReferral{}, err
	}
	if open != nil {
		state := k.caseState(handrail.Case{Referral: *open, Patient: p, Joined: !p.Address.IsZero()}, false)
		return sentReferral{ID: open.ID, Ref: open.Ref, Name: p.Name, State: state, Again: true}, nil
	}
	code := ""
	if agreed {
		if code, err = k.Records.NewInvite(ctx, who.Practice, p.ID, inviteLife, by); err != nil {
			return sentReferral{}, err
		}
	}
	r.Patient, r.OfferedAt = p.ID, now
	if r, err = k.Records.AddReferral(ctx, r, by); err != nil {
		return sentReferral{}, err
	}
	r, err = k.Records.ChangeReferral(ctx, who.Practice, r.ID, by, func(r *handrail.Referral) error { return r.Send() })
	if err != nil {
		return sentReferral{}, err
	}
	if err := k.remitKept(ctx, who, r, remit); err != nil {
		return sentReferral{}, err
	}
	m, err := k.referralCard(ctx, r, p, remit)
	if err != nil {
		return sentReferral{}, err
	}
	if err := k.tell(ctx, staff, "referral:"+string(r.ID), bot.ClassNotice, p.ID, now, m); err != nil {
		return sentReferral{}, err
	}
	return sentReferral{ID: r.ID, Ref: r.Ref, Name: p.Name, Code: code, LinkWorker: staff[0].Name}, nil
}

// samePatient finds somebody of the same full name and year of birth, and their open referral.
func (k *kit) samePatient(ctx context.Context, p handrail.Patient) (*handrail.Patient, *handrail.Referral, error) {
	same, err := k.Records.FindPatients(ctx, p.Practice, p.Name, p.BirthYear)
	if err != nil {
		return nil, nil, err
	}
	for i := range same {
		if !equalFold(same[i].Surname, p.Surname) {
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
func (k *kit) referralCard(ctx context.Context, r handrail.Referral, p handrail.Patient, remit string) (bot.Message, error) {
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
	if remit != "" {
		body = append(body, k.words("referral.remit", "remit", remit)...)
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
			press(k.line("record.open"), "record", string(r.ID), "open"),
		},
	}, nil
}

func withStyle(o bot.Option, style string) bot.Option {
	o.Style = style
	return o
}
