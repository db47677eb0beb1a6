package house_test

import (
	"strings"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/house"
	"handrail/house/housetest"
)

// TestStranger_C7_OneLineAndNothingElse: a colleague who is nobody here, or has no role, reads who can add them, whatever
// they write, press or open, and no word of it does anything. Danger is answered all the same, and their one-time link works.
func TestStranger_C7_OneLineAndNothingElse(t *testing.T) {
	d := newDesk(t, housetest.Options{Workplace: true})
	a := d.enlist(practiceA)
	ctx := t.Context()
	manager := handrail.Staff{ID: "sta_mgr", Practice: practiceA, Name: "Mo Manager", Roles: []handrail.Role{handrail.RoleAdministrator}, Address: handrail.Address{Practice: practiceA, Channel: housetest.Channel, Chat: "mgr"}, Active: true}
	norole := handrail.Staff{ID: "sta_none", Practice: practiceA, Name: "Nat", Address: handrail.Address{Practice: practiceA, Channel: housetest.Channel, Chat: "nat"}, Active: true}
	for _, s := range []handrail.Staff{manager, norole} {
		if err := d.Rec.SaveStaff(ctx, s, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
	}
	d.refer(a)
	record := d.sealed(a.stranger, "record", "x", "open")
	before := d.ask("SELECT count(*) FROM audit")
	for _, who := range []handrail.Address{a.stranger, norole.Address} {
		for _, u := range []bot.Update{
			{Kind: bot.UpdateText, Text: "hello"}, {Kind: bot.UpdateText, Text: "find gardening near LU1 2AB"}, {Kind: bot.UpdateText, Text: "help"},
			{Kind: bot.UpdateText, Text: "I could come along"}, {Kind: bot.UpdateText, Text: "my patients"}, {Kind: bot.UpdateText, Text: "who are you"},
			{Kind: bot.UpdatePress, Choice: record}, {Kind: bot.UpdateForm, Form: "x", Fields: map[string]string{"name": "y"}}, {Kind: bot.UpdateUnread},
		} {
			u.From = who
			shown := d.deliver(u)
			if len(shown) != 1 || !strings.HasPrefix(shown[0].Message.Text.Plain(), "You are not set up here yet") || !strings.Contains(shown[0].Message.Text.Plain(), "ask Mo Manager to add you") || len(shown[0].Message.Options) != 0 {
				t.Errorf("%s %q: %+v", u.Kind, u.Text, shown)
			}
		}
		home, err := d.House.Home(ctx, who)
		if err != nil || !strings.HasPrefix(home.Text.Plain(), "You are not set up here yet") || len(home.Options)+len(home.Cards) != 0 {
			t.Errorf("the home shows %+v, %v", home, err)
		}
	}
	if after := d.ask("SELECT count(*) FROM audit"); after != before {
		t.Errorf("something was done: %s rows of the audit trail, before %s", after, before)
	}
	if shown := d.say(a.stranger, "i want to kill myself"); len(shown) == 0 || !strings.Contains(shown[0].Message.Text.Plain(), "999") {
		t.Errorf("danger: %+v", shown)
	}
	code, err := d.Rec.NewStaffInvite(ctx, practiceA, "sta_none", 1<<40, handrail.ActorSystem)
	if err != nil {
		t.Fatal(err)
	}
	if shown := d.say(a.stranger, "/start staff-"+code); len(shown) == 0 || strings.Contains(shown[0].Message.Text.Plain(), "not set up") {
		t.Errorf("with a link: %+v", shown)
	}
}

// Where patients write too, somebody unknown is greeted as a patient may be.
func TestStranger_ElsewhereGreeted(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	at := handrail.Address{Practice: house.CastPractice, Channel: housetest.Channel, Chat: "somebody"}
	if shown := d.say(at, "hello"); len(shown) != 1 || !strings.HasPrefix(shown[0].Message.Text.Plain(), "Hello.") {
		t.Errorf("shown: %+v", shown)
	}
}
