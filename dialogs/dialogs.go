package dialogs

import (
	"context"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// Deps is what the conversations need of the rest of the house.
type Deps struct {
	Records Records
	Finder  Finder
	Post    Post
	Words   bot.Words
	Cards   Cards
	// Alarm calls staff to an alert.
	Alarm Alarm
	// Closed reports whether nobody new may join, since the numbers on the cards were not checked for half a year (K5).
	Closed func(now time.Time) bool
	// Invitation makes the address of a one-time code for a channel, to be opened on the patient's phone.
	Invitation func(code string) string
	// Zone is the wall clock of the people who are written to.
	Zone *time.Location
	// When says when a group meets, in words.
	When func(a handrail.Activity) string
	// AskLink makes the one-tap address of a question to an organiser who has no chat; empty where no public address is set.
	AskLink func(ask handrail.Ask) string
	// InviteCard makes a one-time link into files to hand over: a QR picture and a card to print. Nil makes a plain card of
	// words instead.
	InviteCard func(name, code, link string) ([]bot.File, error)
	// Chart draws how many visits there were in each of some weeks, with what it shows in words; nil draws nothing.
	Chart func(weeks []handrail.WeekCount) (bot.File, error)
	// Picture is what is at a picture's address, small, with words for those who cannot see it; nil while there is none. It
	// never waits. The func itself may be nil.
	Picture func(address, alt string) *bot.File
	// Unverified asks the questions of a measure too whose exact words were not read at their source (handrail.Item).
	Unverified bool
	// Editable says whether a channel can change what it sent; nil is none.
	Editable func(channel string) bool
	// Workplace says whether only a practice's own people can write to a channel; nil is none.
	Workplace func(channel string) bool
	// Erase says whether a channel can take away what somebody wrote to it, and where it cannot how they do it themselves,
	// in one sentence; nil is no and nothing.
	Erase func(channel string) (can bool, how string)
	// Digest makes the link worker's list of what needs a person, as of now.
	Digest func(ctx context.Context, staff handrail.Staff, now time.Time) (bot.Message, error)
	// Digests makes those of several link workers of one practice, in their order.
	Digests func(ctx context.Context, practice handrail.PracticeID, staff []handrail.Staff, now time.Time) ([]bot.Message, error)
	// Writer is the language model for what a person looks at; nil is none, and then nothing offers it.
	Writer Writer
	// Asides finds what is answered with fixed words; nil finds nothing.
	Asides Asides
	// Has111 says that NHS 111 is rung where this runs; YoungLines are who a young person can ring, a line each.
	Has111     bool
	YoungLines []string
	// Languages are those a patient may ask for, whether or not their words are ready.
	Languages []text.Language
}

// Records is everything the conversations ask of the records; each file declares its own part.
type Records interface {
	referrals
	declines
	invitations
	permissions
	choices
	visits
	endings
	measures
	companions
	alerts
	callers
	stops
	listings
	groupsOf
	edits
	feedChanges
	unmet
	controls
	team
	cases
	posted
	asiders
}

// Post puts envelopes in the outbox, each once by its key. Within a Do it takes part in the transaction.
type Post interface {
	Post(ctx context.Context, envs ...bot.Envelope) error
}

// All lists every conversation, in the order in which they may take a message.
func All(d Deps) []bot.Dialog {
	k := &kit{Deps: d, wishes: newWishes(d.Words)}
	k.all = []bot.Dialog{
		// staff
		k.refer(), k.declined(), k.patients(), k.today(), k.caseload(), k.tellDialog(), k.away(), k.staffing(),
		k.record(), k.mattered(), k.invite(), k.halt(), k.lift(), k.plan(), k.advice(),
		k.accept(), k.contacted(), k.match(), k.clear(), k.alert(), k.miss(), k.listing(), k.held(), k.offDay(), k.correction(),
		// patients
		k.join(), k.matters(), k.choose(), k.next(), k.going(), k.how(), k.nudge(),
		k.late(), k.off(), k.ending(), k.survey(), k.near(),
		k.leave(), k.mine(), k.correct(), k.permits(), k.permit(), k.pickLanguage(), k.reading(), k.trusted(), k.worried(),
		// buddies
		k.volunteer(), k.agree(),
		// organisers
		k.asked(), k.groups(),
		// everybody
		k.unsay(),
		// last, since they hear whatever patients and staff type
		k.typed(), k.find(),
	}
	return k.all
}

// Guards lists what runs before any conversation, in order: danger first.
func Guards(d Deps) []bot.Guard {
	k := &kit{Deps: d, wishes: newWishes(d.Words)}
	return []bot.Guard{&urgentGuard{k}, &safeGuard{k}, &misreadGuard{k}, &leftGuard{k}, &stopGuard{k}, &strangerGuard{k}, &unreadGuard{k}, &youngGuard{k}, &medicalGuard{k}, &abuseGuard{k}, &thanksGuard{k}, &helpGuard{k}}
}

// kit is Deps with the small things that several conversations share.
type kit struct {
	Deps
	wishes *wishes      // of All and Guards
	all    []bot.Dialog // of All
}

// staffOnly is everybody who has a role in the practice; who has none gets no answer.
func staffOnly(who bot.Who) bool { return who.Kind == bot.WhoStaff && len(who.Roles) > 0 }

func patientOnly(who bot.Who) bool { return who.Kind == bot.WhoPatient }

func organiserOnly(who bot.Who) bool { return who.Kind == bot.WhoOrganiser }

func buddyOnly(who bot.Who) bool { return who.Kind == bot.WhoBuddy }

// carers are the staff who look after referred patients.
func carers(who bot.Who) bool {
	if who.Kind != bot.WhoStaff {
		return false
	}
	s := handrail.Staff{Roles: who.Roles}
	return s.Is(handrail.RoleLinkWorker, handrail.RoleCoordinator)
}

// actor is how the audit trail names whoever is talking.
func actor(who bot.Who) handrail.Actor { return handrail.Actor(string(who.Kind) + ":" + who.ID) }

func (k *kit) dayTime(t, now time.Time) string { return text.DayTime(t, now, k.Zone) }

func (k *kit) day(t, now time.Time) string { return text.Day(t, now, k.Zone) }

func (k *kit) words(key string, args ...string) bot.Text { return k.Words.Text("en", key, args...) }

func (k *kit) line(key string, args ...string) string { return k.Words.Line("en", key, args...) }

// press makes a button that works on its own.
func press(label, dialog, subject, answer string) bot.Option {
	return bot.Option{Label: label, Press: &bot.Press{Dialog: dialog, Subject: subject, Answer: answer}}
}

// callers finds the staff to be told.
type callers interface {
	Staff(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID) (handrail.Staff, error)
	StaffWith(ctx context.Context, practice handrail.PracticeID, role handrail.Role) ([]handrail.Staff, error)
	Practice(ctx context.Context, id handrail.PracticeID) (handrail.Practice, error)
}

// linkWorkers are those to tell about a referral: the one who accepted it, or else all of the practice's; for those who
// are away, whoever covers.
func (k *kit) linkWorkers(ctx context.Context, practice handrail.PracticeID, accepted handrail.StaffID) ([]handrail.Staff, error) {
	if accepted != "" {
		if s, err := k.Records.Staff(ctx, practice, accepted); err == nil && s.Active && !s.Address.IsZero() {
			return k.covered(ctx, practice, []handrail.Staff{s})
		}
	}
	all, err := k.Records.StaffWith(ctx, practice, handrail.RoleLinkWorker)
	if err != nil {
		return nil, err
	}
	reachable := all[:0]
	for _, s := range all {
		if !s.Address.IsZero() {
			reachable = append(reachable, s)
		}
	}
	return k.covered(ctx, practice, reachable)
}

// tell puts one message for each of the staff into the outbox.
func (k *kit) tell(ctx context.Context, staff []handrail.Staff, key string, class bot.Class, patient handrail.PatientID, now time.Time, m bot.Message) error {
	m.Private = true
	envs := make([]bot.Envelope, 0, len(staff))
	for _, s := range staff {
		envs = append(envs, bot.Envelope{
			Key: key + ":" + string(s.ID), To: s.Address, Patient: patient, Class: class, NotBefore: now, Message: m,
		})
	}
	return k.Post.Post(ctx, envs...)
}

// tellCarer tells the link worker of a patient's open referral.
func (k *kit) tellCarer(ctx context.Context, p handrail.Patient, key string, now time.Time, m func(ref handrail.Referral) bot.Message) error {
	ref, err := k.Records.OpenReferral(ctx, p.Practice, p.ID)
	if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
		return err
	}
	staff, err := k.linkWorkers(ctx, p.Practice, ref.LinkWorker)
	if err != nil {
		return err
	}
	return k.tell(ctx, staff, key, bot.ClassNotice, p.ID, now, m(ref))
}

// carerName is how the patient knows their link worker.
func (k *kit) carerName(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (string, error) {
	ref, err := k.Records.OpenReferral(ctx, practice, patient)
	if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
		return "", err
	}
	staff, err := k.linkWorkers(ctx, practice, ref.LinkWorker)
	if err != nil {
		return "", err
	}
	if len(staff) == 0 {
		return k.line("dialogs.link_worker"), nil
	}
	return staff[0].Name, nil
}
