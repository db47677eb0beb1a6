package dialogs

import (
	"context"
	"slices"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// controls is what the patient's say over it all asks of the records.
type controls interface {
	Permissions(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Permission, error)
	// TakeBack withdraws a permission and takes back what waits and rests on it, in one transaction.
	TakeBack(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, purpose handrail.Purpose, by handrail.Actor) error
	// SuppressSubject takes back every message that waits and speaks of this visit.
	SuppressSubject(ctx context.Context, practice handrail.PracticeID, subject, reason string) (int, error)
	PersonalData(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) (handrail.PersonalData, error)
	// Erase deletes what a patient may have deleted without a person.
	Erase(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error
	AddCorrection(ctx context.Context, c handrail.Correction, by handrail.Actor) (handrail.Correction, error)
	Correction(ctx context.Context, practice handrail.PracticeID, id handrail.CorrectionID) (handrail.Correction, error)
	// CloseChat makes a chat nobody's, and takes back what waits for it.
	CloseChat(ctx context.Context, addr handrail.Address, reason string) error
	trustedPeople
	SettleCorrection(ctx context.Context, practice handrail.PracticeID, id handrail.CorrectionID, taken bool, by handrail.StaffID) (handrail.Correction, error)
}

// wished makes the Interrupts of a conversation that answers a wish: it is heard at every step.
func (k *kit) wished(w wish) func(bot.Update, bot.Who) (bot.Answers, bool) {
	return func(u bot.Update, _ bot.Who) (bot.Answers, bool) {
		s, ok := k.wishes.read(u.Text)
		if !ok || s.wish != w {
			return nil, false
		}
		if s.name == "" {
			return nil, true
		}
		return bot.Answers{"name": s.name}, true
	}
}

// in speaks a language: for what is said to a patient where no conversation with them is under way.
func (k *kit) in(lang string) tongue { return tongue{k.Words, lang} }

// tongue is the words in one language.
type tongue struct {
	all  bot.Words
	lang string
}

func (t tongue) words(key string, args ...string) bot.Text { return t.all.Text(t.lang, key, args...) }

func (t tongue) line(key string, args ...string) string { return t.all.Line(t.lang, key, args...) }

// goingTo is something that a patient goes to.
type goingTo struct {
	ID   handrail.EnrolmentID `json:"id"`
	Name string               `json:"name"`
}

// leave takes a patient off one group, and asks no more than which.
func (k *kit) leave() bot.Dialog {
	return bot.Dialog{Name: "leave", Title: "leave.title", May: patientOnly, Light: true, Interrupts: k.wished(wishGroup), Script: k.leaveScript}
}

func (k *kit) leaveScript(t *bot.Talk) error {
	who, now, named := t.Who(), t.Now(), t.Seeded("name")
	all := bot.Look(t, "groups", func(ctx context.Context) ([]goingTo, error) { return k.goesTo(ctx, who) })
	if len(all) == 0 {
		t.Say(t.Words("leave.none"))
		return nil
	}
	if fits := namedLike(all, named); len(fits) > 0 {
		all = fits
	}
	pick := all[0]
	if len(all) == 1 {
		if !t.Confirm("sure", t.Words("leave.sure", "group", pick.Name)) {
			t.Say(t.Words("leave.kept"))
			return nil
		}
	} else {
		options := make([]bot.Option, 0, len(all)+1)
		for _, g := range all {
			options = append(options, bot.Option{Answer: string(g.ID), Label: g.Name})
		}
		id := t.Choose("which", t.Words("leave.which"), append(options, bot.Option{Answer: "none", Label: t.Line("leave.no")})...)
		i := slices.IndexFunc(all, func(g goingTo) bool { return string(g.ID) == id })
		if i < 0 {
			t.Say(t.Words("leave.kept"))
			return nil
		}
		pick = all[i]
	}
	bot.Do(t, "leave", "leave.undo", func(ctx context.Context) (bool, error) { return true, k.takeOff(ctx, who, pick, now) })
	t.Say(t.Words("leave.done"))
	return nil
}

// goesTo is what a patient goes to, or has put down.
func (k *kit) goesTo(ctx context.Context, who bot.Who) ([]goingTo, error) {
	all, err := k.Records.Enrolments(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return nil, err
	}
	var out []goingTo
	for _, e := range all {
		if e.State == handrail.EnrolmentEnded {
			continue
		}
		a, err := k.Finder.Activity(ctx, e.Activity)
		if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
			return nil, err
		}
		name := a.Name
		if name == "" {
			name = k.in(who.Language).line("leave.unnamed")
		}
		out = append(out, goingTo{ID: e.ID, Name: name})
	}
	return out, nil
}

// namedLike are those whose names have every word that was said, small words aside.
func namedLike(all []goingTo, said string) []goingTo {
	words := tokens(said)
	if len(words) == 0 {
		return nil
	}
	var out []goingTo
	for _, g := range all {
		have := tokens(g.Name)
		fits := true
		for _, w := range words {
			fits = fits && slices.ContainsFunc(have, func(h string) bool {
				return alike(w, h) || len(w) >= 4 && len(h) >= 4 && w[:4] == h[:4] // gardening, gardeners
			})
		}
		if fits {
			out = append(out, g)
		}
	}
	return out
}

// takeOff ends what they go to: visits ahead are cancelled, a buddy hears "not this time", what waits about them is taken
// back, and the link worker knows.
func (k *kit) takeOff(ctx context.Context, who bot.Who, g goingTo, now time.Time) error {
	p, err := k.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return err
	}
	done, err := k.endOne(ctx, who, p, g.ID, "stopped", now)
	if err != nil || !done {
		return err
	}
	return k.tellCarer(ctx, p, "leave:"+string(g.ID), now, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: k.words("leave.task", "who", p.Initials(), "ref", ref.Ref, "group", g.Name)}
	})
}

// endOne ends one enrolment and takes back what waits about its visits; false when it was ended before.
func (k *kit) endOne(ctx context.Context, who bot.Who, p handrail.Patient, id handrail.EnrolmentID, reason string, now time.Time) (bool, error) {
	all, err := k.Records.Enrolments(ctx, who.Practice, p.ID)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(all, func(e handrail.Enrolment) bool { return e.ID == id && e.State != handrail.EnrolmentEnded })
	if i < 0 {
		return false, nil
	}
	if err := k.endEnrolment(ctx, actor(who), handrail.Visit{Patient: p, Enrolment: all[i]}, reason, now); err != nil {
		return false, err
	}
	visits, err := k.Records.VisitsOf(ctx, who.Practice, p.ID)
	if err != nil {
		return false, err
	}
	for _, v := range visits {
		if v.Enrolment.ID != id || v.Attendance.State != handrail.AttendanceCancelled {
			continue
		}
		if _, err := k.Records.SuppressSubject(ctx, who.Practice, string(v.Attendance.ID), "stopped"); err != nil {
			return false, err
		}
	}
	return true, nil
}

// worried answers somebody who says that they are afraid of going, at whatever question: kindly, once, and without
// persuading. The question is asked again after it, and every way out of it stands.
func (k *kit) worried() bot.Dialog {
	return bot.Dialog{Name: "worried", Title: "choose.title", May: patientOnly, Light: true, Interrupts: k.wished(wishWorried), Script: func(t *bot.Talk) error {
		t.Send(bot.Message{Text: t.Words("worried.say"), Options: []bot.Option{k.urgentTo(t.Who().Language)}})
		return nil
	}}
}

// permits shows each permission with its wording and its date, and a button to take it back or give it.
func (k *kit) permits() bot.Dialog {
	return bot.Dialog{Name: "permits", Title: "permits.title", Opens: "permits.opens", May: patientOnly, Light: true,
		Interrupts: k.wished(wishPermits), Script: k.permitsScript}
}

// shownAlways are the purposes that are shown whether or not they were ever asked about.
func shownAlways(p handrail.Purpose) bool {
	return p == handrail.PurposeChat || p == handrail.PurposeFeedback || p == handrail.PurposeBuddy
}

func (k *kit) permitsScript(t *bot.Talk) error {
	who, now := t.Who(), t.Now()
	all := bot.Look(t, "permissions", func(ctx context.Context) ([]handrail.Permission, error) {
		have, err := k.Records.Permissions(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return nil, err
		}
		var out []handrail.Permission
		for _, purpose := range k.purposes() {
			i := slices.IndexFunc(have, func(p handrail.Permission) bool { return p.Purpose == purpose })
			switch {
			case i >= 0:
				out = append(out, have[i])
				have = slices.Delete(have, i, i+1)
			case shownAlways(purpose), purpose == handrail.PurposeModel:
				out = append(out, handrail.Permission{Purpose: purpose})
			}
		}
		return append(out, have...), nil
	})
	carer := bot.Look(t, "carer", func(ctx context.Context) (string, error) {
		return k.carerName(ctx, who.Practice, handrail.PatientID(who.ID))
	})
	t.Say(t.Words("permits.head", "link_worker", carer))
	for _, p := range all {
		body, button := bot.Para(p.Wording), press(t.Line("permits.give"), "permit", string(p.Purpose), "give")
		if p.Wording == "" {
			body = t.Words("permission." + string(p.Purpose))
		}
		if p.Live() {
			button = press(t.Line("permits.take"), "permit", string(p.Purpose), "take")
		}
		state := "permits.state." + string(p.State)
		if p.State == "" {
			state = "permits.state.asked"
		}
		t.Send(bot.Message{Text: append(body, t.Words(state, "date", k.dayIn(who.Language, p.ChangedAt, now))...), Options: []bot.Option{button}})
	}
	return nil
}

// permit gives or takes back one permission, by a button below its wording.
func (k *kit) permit() bot.Dialog {
	return bot.Dialog{Name: "permit", Title: "permits.title", May: patientOnly, Light: true, Script: func(t *bot.Talk) error {
		who, now, purpose, give := t.Who(), t.Now(), handrail.Purpose(t.Subject()), t.Pressed() == "give"
		if !slices.Contains(k.purposes(), purpose) && (give || purpose != handrail.PurposeModel) { // it can always be taken back
			t.Say(t.Words("bot.moved_on"))
			return nil
		}
		key := "permission." + string(purpose)
		bot.Do(t, "answer", "permits.undo", func(ctx context.Context) (bool, error) {
			patient := handrail.PatientID(who.ID)
			if give {
				_, err := k.Records.AnswerPermission(ctx, who.Practice, patient, purpose, t.Line(key+".version"), t.Words(key).Plain(), true, actor(who))
				return true, err
			}
			if err := k.Records.TakeBack(ctx, who.Practice, patient, purpose, actor(who)); err != nil || purpose != handrail.PurposeBuddy {
				return true, err
			}
			return true, k.sendBuddiesHome(ctx, who, now)
		})
		switch {
		case give:
			t.Say(t.Words("permits.given"))
		case purpose == handrail.PurposeChat:
			t.Send(bot.Message{Text: t.Words("guard.stop"), Options: []bot.Option{k.urgentTo(t.Who().Language)}})
		default:
			t.Say(t.Words("permits.taken"))
		}
		return nil
	}}
}

// sendBuddiesHome tells every volunteer who would have come along "not this time": the patient no longer wants them told
// anything, and nobody shall wait at a door.
func (k *kit) sendBuddiesHome(ctx context.Context, who bot.Who, now time.Time) error {
	visits, err := k.Records.VisitsOf(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return err
	}
	for _, v := range visits {
		ahead := v.Attendance.State.Ahead() && v.Attendance.Occurrence.Start.After(now)
		if !ahead || v.Accompaniment == nil || !v.Accompaniment.State.Open() {
			continue
		}
		if err := k.callOff(ctx, actor(who), v, now); err != nil {
			return err
		}
	}
	return nil
}

// delete is the wish to be forgotten, in two steps that need no conversation state: the first says what goes and what
// stays, the second, by a button or the same words typed, does it. It is for the stop guard.
func (g *stopGuard) delete(ctx context.Context, u bot.Update, who bot.Who, step string) (bot.Verdict, error) {
	in := g.in(who.Language)
	carer, err := g.carerName(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return bot.Verdict{}, err
	}
	switch step {
	case "delete-no":
		return bot.Verdict{Reply: []bot.Message{{Text: in.words("delete.kept")}}}, nil
	case "delete-yes":
		if err := g.erase(ctx, u, who); err != nil {
			return bot.Verdict{}, err
		}
		return bot.Verdict{Reply: []bot.Message{{Text: in.words("delete.done", "link_worker", carer), Options: []bot.Option{g.urgentTo(who.Language)}}}, Close: true, Forget: true}, nil
	}
	return bot.Verdict{Reply: []bot.Message{{
		Text: in.words("delete.sure", "link_worker", carer),
		Options: []bot.Option{
			press(in.line("delete.yes"), "stop", "me", "delete-yes"), press(in.line("delete.no"), "stop", "me", "delete-no"),
		},
	}}}, nil
}

// erase calls off what is planned, deletes what may be deleted, and tells the link worker, who sees to the rest.
func (g *stopGuard) erase(ctx context.Context, u bot.Update, who bot.Who) error {
	p, err := g.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return err
	}
	all, err := g.Records.Enrolments(ctx, who.Practice, p.ID)
	if err != nil {
		return err
	}
	for _, e := range all {
		if _, err := g.endOne(ctx, who, p, e.ID, "erased", u.At); err != nil {
			return err
		}
	}
	if err := g.Records.Erase(ctx, who.Practice, p.ID, actor(who)); err != nil {
		return err
	}
	// After the stop, which takes back everything about them that waits.
	return g.tellCarer(ctx, p, "forget:"+string(p.ID)+":"+u.At.UTC().Format("20060102T1504"), u.At, func(ref handrail.Referral) bot.Message {
		return bot.Message{Text: g.words("delete.task", "who", p.Initials(), "ref", ref.Ref)}
	})
}

// folded is a label or what was typed, ready to be compared.
func folded(s string) string { return strings.Join(tokens(s), " ") }
