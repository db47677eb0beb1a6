package house_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs"
	catalogue "handrail/dialogs/text"
	"handrail/house/housetest"
)

// entry is one button that works on its own, as somebody might forge it: signed for them, about somebody's record.
type entry struct {
	subject string // the kind of record it is about; "me" for none
	answers []string
	may     []handrail.Role // who may use it about a record of their own practice that they did not make themselves
}

var (
	everyRole = handrail.Roles()
	carers    = []handrail.Role{handrail.RoleLinkWorker, handrail.RoleCoordinator}
	clinical  = []handrail.Role{handrail.RoleGP, handrail.RoleNurse, handrail.RolePharmacist, handrail.RoleLinkWorker, handrail.RoleCoordinator}
	halting   = []handrail.Role{handrail.RoleGP, handrail.RoleNurse, handrail.RolePharmacist, handrail.RoleReceptionist, handrail.RoleLinkWorker, handrail.RoleCoordinator, handrail.RoleManager}
)

// staffEntries are the buttons of staff's conversations about a referral.
func staffEntries() map[string]entry {
	return map[string]entry{
		"accept":     {subject: "referral", answers: []string{"yes", "over"}, may: carers},
		"contacted":  {subject: "referral", answers: []string{"yes"}, may: carers},
		"plan":       {subject: "referral", answers: []string{"ask"}, may: carers},
		"advice":     {subject: "referral", answers: []string{"ask"}, may: carers},
		"record":     {subject: "referral", answers: []string{"open"}, may: clinical},
		"mattered":   {subject: "referral", answers: []string{"ask"}, may: carers},
		"invite":     {subject: "referral", answers: []string{"new"}, may: clinical},
		"tell":       {subject: "referral", answers: []string{"carer", "referrer"}, may: clinical},
		"lift":       {subject: "referral", answers: []string{"ask"}, may: clinical},
		"halt":       {subject: "referral", answers: []string{"ask"}, may: halting},
		"match":      {subject: "accompaniment", answers: []string{"ask"}, may: carers},
		"clear":      {subject: "buddy", answers: []string{"clear"}, may: carers},
		"alert":      {subject: "alert", answers: []string{"ack", "resume"}, may: everyRole},
		"offday":     {subject: "attendance", answers: []string{"all"}, may: carers},
		"correction": {subject: "correction", answers: []string{"open"}, may: carers},
		"miss":       {subject: "me", answers: []string{"open"}, may: everyRole},
		"cases":      {subject: "me", answers: []string{"open"}, may: halting},
		"patients":   {subject: "me", answers: []string{"open", "earlier"}, may: everyRole},
		"today":      {subject: "me", answers: []string{"open"}, may: carers},
		"away":       {subject: "me", answers: []string{"open"}, may: carers},
		"staff":      {subject: "me", answers: []string{"open"}, may: []handrail.Role{handrail.RoleAdministrator}},
		"refer":      {subject: "me", answers: []string{"open"}, may: everyRole},
		"declined":   {subject: "me", answers: []string{"open"}, may: everyRole},
		"find":       {subject: "me", answers: []string{"open"}, may: everyRole},
	}
}

// TestMatrix_C7_C8 lets every role, of this practice and of another, press every staff button. About a record of another
// practice the answer is, word for word, that of a record that never was; a role that may not use a button hears no more
// than that it no longer works; and neither changes anything.
func TestMatrix_C7_C8(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a, b := d.enlist(practiceA), d.enlist(practiceB)
	d.main(a)
	d.main(b)
	d.say(a.patient, "i want to kill myself")
	d.say(b.patient, "i want to kill myself")
	for _, c := range []cast{a, b} {
		d.press(c.linkWorker, "I'm dealing with this") // or the ladder would be heard between the presses
	}
	d.until(d.Now().Add(time.Hour))
	for _, p := range []handrail.PracticeID{practiceA, practiceB} {
		if _, err := d.Rec.AddBuddy(t.Context(), handrail.Buddy{ID: handrail.BuddyID("bud_new_" + p), Practice: p, Name: "New", State: handrail.BuddyApplied}, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
		patient := handrail.PatientID(d.ask("SELECT id FROM patients WHERE practice = $1", string(p)))
		if _, err := d.Rec.AddCorrection(t.Context(), handrail.Correction{Practice: p, Patient: patient, Field: handrail.CorrectOther, Value: "x"}, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
	}
	id := func(kind string, p handrail.PracticeID) string {
		switch kind {
		case "me":
			return "me"
		case "buddy":
			return "bud_new_" + string(p)
		}
		return d.ask("SELECT id FROM "+kind+"s WHERE practice = $1 LIMIT 1", string(p))
	}
	missing := map[string]string{"referral": "ref_0000000000000000", "accompaniment": "acc_0000000000000000", "buddy": "bud_0000000000000000", "attendance": "att_0000000000000000", "correction": "cor_0000000000000000", "alert": "ale_0000000000000000"}
	signer, err := bot.NewSigner(housetest.Key())
	if err != nil {
		t.Fatal(err)
	}
	words, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	refused := []string{words.Line("en", "bot.moved_on"), "I can't find that referral.", words.Line("en", "help.stranger", "who", "Role")} // the last: no role at all
	// press is what somebody is told for a button, all of it, without what ended a conversation that was open.
	press := func(from handrail.Address, p bot.Press) string {
		payload, err := signer.Payload(p, from, d.Now())
		if err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(time.Minute)
		var said []string
		for _, s := range d.choice(from, payload) {
			if s.To != from {
				said = append(said, "(somebody else hears of it)")
			}
			said = append(said, everything(s.Message))
		}
		d.say(from, "cancel") // whatever question it opened
		return strings.Join(said, "\n")
	}
	staff := func(role handrail.Role) handrail.Address {
		at := handrail.Address{Practice: practiceA, Channel: housetest.Channel, Chat: "role-" + string(role)}
		s := handrail.Staff{ID: handrail.StaffID("sta_m_" + string(role)), Practice: practiceA, Name: "Role", Address: at, Active: true}
		if role != "" {
			s.Roles = []handrail.Role{role}
		}
		if err := d.Rec.SaveStaff(t.Context(), s, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
		return at
	}
	entries := staffEntries()
	tried := 0
	for _, role := range append(handrail.Roles(), "") {
		from := staff(role)
		for dialog, e := range entries {
			for _, answer := range e.answers {
				what := string(role) + " " + dialog + "/" + answer
				before := d.state()
				if e.subject != "me" {
					theirs := press(from, bot.Press{Dialog: dialog, Subject: id(e.subject, practiceB), Answer: answer})
					never := press(from, bot.Press{Dialog: dialog, Subject: missing[e.subject], Answer: answer})
					if theirs != never {
						t.Errorf("%s: another practice's is answered\n%s\nand one that never was\n%s", what, theirs, never)
					}
					if after := d.state(); after != before {
						t.Errorf("%s about another practice did something: %s", what, strings.TrimPrefix(after, before))
					}
				}
				got := press(from, bot.Press{Dialog: dialog, Subject: id(e.subject, practiceA), Answer: answer})
				may := slices.Contains(e.may, role)
				no := slices.Contains(refused, strings.TrimSpace(got))
				if may && (no || got == "") || !may && !no {
					t.Errorf("%s: may %v, and is told %q", what, may, got)
				}
				if after := d.state(); !may && after != before {
					t.Errorf("%s did something: %s", what, strings.TrimPrefix(after, before))
				}
				tried++
			}
		}
	}
	for _, from := range []handrail.Address{a.patient, a.buddy, a.stranger, b.patient} {
		for dialog, e := range entries {
			before := d.state()
			got := press(from, bot.Press{Dialog: dialog, Subject: id(e.subject, practiceA), Answer: e.answers[0]})
			if d.state() != before || strings.Contains(got, "R-") || strings.Contains(got, "somebody else") {
				t.Errorf("%s of %s by %s: %q", dialog, e.answers[0], from.Chat, got)
			}
			tried++
		}
	}
	t.Logf("%d presses", tried)
}

// TestMatrix_NothingIsLeftOut compares the matrix with the list of conversations: a new one of staff must be put there.
func TestMatrix_NothingIsLeftOut(t *testing.T) {
	words, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	// Those that go by the listing and not by a patient, and those of patients, buddies and organisers, are in
	// TestHouse_C7_C8_SignedForAnother and in the tests beside them.
	elsewhere := []string{"listing", "held"}
	entries := staffEntries()
	for _, d := range dialogs.All(dialogs.Deps{Words: words}) {
		forStaff := d.May != nil && d.May(bot.Who{Kind: bot.WhoStaff, Roles: handrail.Roles()}) && !d.May(bot.Who{Kind: bot.WhoPatient})
		if _, there := entries[d.Name]; forStaff && !there && !slices.Contains(elsewhere, d.Name) {
			t.Errorf("the conversation %q is for staff and not in the matrix", d.Name)
		}
		if forStaff && d.May(bot.Who{Kind: bot.WhoStaff}) {
			t.Errorf("somebody without a role may open %q", d.Name)
		}
	}
}
