package handrail_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"handrail"
)

func TestPatient_Reachable(t *testing.T) {
	now := noon()
	before, after := now.Add(-time.Minute), now.Add(time.Minute)
	chat := handrail.Address{Practice: "pra_a", Channel: "web", Chat: "1"}
	for _, c := range []struct {
		name   string
		p      handrail.Patient
		reason string
	}{
		{"in reach", handrail.Patient{Address: chat}, ""},
		{"no chat", handrail.Patient{}, "no_chat"},
		{"stopped", handrail.Patient{Address: chat, Stopped: &before}, "stopped"},
		{"stopped, though the clock went back", handrail.Patient{Address: chat, Stopped: &after}, "stopped"},
		{"held", handrail.Patient{Address: chat, HeldSince: &before}, "held"},
		{"resting", handrail.Patient{Address: chat, PausedUntil: &after}, "paused"},
		{"the rest ends now", handrail.Patient{Address: chat, PausedUntil: &now}, ""},
		{"the rest is over", handrail.Patient{Address: chat, PausedUntil: &before}, ""},
		{"deceased", handrail.Patient{Address: chat, Deceased: true}, "deceased"},
		{"deceased outweighs all", handrail.Patient{Address: chat, Deceased: true, Stopped: &before, HeldSince: &before, PausedUntil: &after}, "deceased"},
		{"stopped outweighs held", handrail.Patient{Address: chat, Stopped: &before, HeldSince: &before, PausedUntil: &after}, "stopped"},
		{"held outweighs resting", handrail.Patient{Address: chat, HeldSince: &before, PausedUntil: &after}, "held"},
		{"resting without a chat", handrail.Patient{PausedUntil: &after}, "paused"},
	} {
		if ok, reason := c.p.Reachable(now); ok != (c.reason == "") || reason != c.reason {
			t.Errorf("%s: %v, %q, want the reason %q", c.name, ok, reason, c.reason)
		}
	}
}

func TestPatient_B27_Initials(t *testing.T) {
	for _, c := range []struct{ name, surname, want string }{
		{"Sam", "Reed", "S.R."},
		{"Siobhán", "O'Neill", "S.O."},
		{"Mei", "Ng", "M.N."},
		{"Jo", "Null", "J.N."},
		{"null", "undefined", "N.U."},
		{"Þóra", "Ægisdóttir", "Þ.Æ."},
		{"þóra", "", "Þ."},
		{"Cher", "", "C."},
		{"", "Okafor", "O."},
		{"", "", ""},
		{"   ", "\t", ""},
		{"  anne-marie ", " de la Cruz", "A.D."},
		{"😀 Bob", "", "😀."},
		{"李", "小龙", "李.小."},
		{"محمد", "علي", "م.ع."},
		{strings.Repeat("x", 70), strings.Repeat("y", 70), "X.Y."},
		{"Test", "Patient", "T.P."},
	} {
		if got := (handrail.Patient{Name: c.name, Surname: c.surname}).Initials(); got != c.want {
			t.Errorf("the initials of %q %q are %q, want %q", c.name, c.surname, got, c.want)
		}
	}
}

// Initials never hold more of a name than its first character, whatever the name is (G12).
func TestPatient_G12_Initials(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := handrail.Patient{Name: rapid.String().Draw(t, "name"), Surname: rapid.String().Draw(t, "surname")}
		got := p.Initials()
		if n := utf8.RuneCountInString(got); n > 4 || !utf8.ValidString(got) {
			t.Fatalf("%d characters in %q", n, got)
		}
	})
}

// However an address is printed, the chat in it is not (G3).
func TestAddress_G3_Hides(t *testing.T) {
	a := handrail.Address{Practice: "pra_secret", Channel: "web", Chat: "canary-4711", Thread: "thread-0815"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "to", a, "also", &a)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "to", a, "also", &a)
	for _, s := range []string{
		a.String(), fmt.Sprint(a), fmt.Sprint(&a), fmt.Sprintf("%v %+v %#v %s %q", a, a, a, a, a), fmt.Sprintf("%+v", &a), fmt.Sprintf("%#v", &a),
		fmt.Sprintf("%v %+v", struct{ To handrail.Address }{a}, []handrail.Address{a}), fmt.Sprintf("%#v", struct{ To handrail.Address }{a}),
		fmt.Errorf("send to %v: away", a).Error(), log.String(),
	} {
		for _, canary := range []string{"canary", "4711", "thread", "0815", "pra_secret"} {
			if strings.Contains(s, canary) {
				t.Errorf("%q holds %q", s, canary)
			}
		}
	}
	if !strings.Contains(a.String(), "web") {
		t.Errorf("%q does not name the channel", a)
	}
}

func TestAddress_KeyAndZero(t *testing.T) {
	if !(handrail.Address{}).IsZero() {
		t.Error("the zero address is not zero")
	}
	seen := map[string]handrail.Address{}
	for _, a := range []handrail.Address{
		{}, {Practice: "a"}, {Channel: "a"}, {Chat: "a"}, {Thread: "a"}, {Practice: "a", Channel: "a"}, {Practice: "aa"}, {Channel: "a", Chat: "a"},
		{Practice: "a", Channel: "b", Chat: "c", Thread: "d"}, {Practice: "a", Channel: "b", Chat: "cd"}, {Practice: "ab", Chat: "c", Thread: "d"},
	} {
		if other, twice := seen[a.Key()]; twice {
			t.Errorf("%#v and %#v have one key", []string{string(a.Practice), a.Channel, a.Chat, a.Thread}, []string{string(other.Practice), other.Channel, other.Chat, other.Thread})
		}
		seen[a.Key()] = a
		if a.IsZero() != (a == handrail.Address{}) {
			t.Errorf("%q: zero is %v", a.Key(), a.IsZero())
		}
	}
}

// What hides an address from a log must not hide it from a store.
func TestAddress_JSON(t *testing.T) {
	a := handrail.Address{Practice: "pra_a", Channel: "web", Chat: "1", Thread: "2"}
	text, err := json.Marshal(a)
	if err != nil || string(text) != `{"practice":"pra_a","channel":"web","chat":"1","thread":"2"}` {
		t.Fatalf("%s, %v", text, err)
	}
	var back handrail.Address
	if err := json.Unmarshal(text, &back); err != nil || back != a {
		t.Fatalf("it came back as %q, %v", back.Key(), err)
	}
}

func TestStaff_Is(t *testing.T) {
	s := handrail.Staff{Roles: []handrail.Role{handrail.RoleLinkWorker, handrail.RoleCoordinator}}
	for _, c := range []struct {
		roles []handrail.Role
		want  bool
	}{
		{[]handrail.Role{handrail.RoleCoordinator}, true},
		{[]handrail.Role{handrail.RoleGP, handrail.RoleLinkWorker}, true},
		{[]handrail.Role{handrail.RoleGP, handrail.RoleNurse}, false},
		{nil, false},
	} {
		if s.Is(c.roles...) != c.want {
			t.Errorf("is it any of %v: %v", c.roles, !c.want)
		}
	}
}

func TestActivity_G4_NeutralName(t *testing.T) {
	a := handrail.Activity{Name: "Depression support", Venue: handrail.Venue{Name: "The Loft", Town: "Luton", Postcode: "LU1 2EX"}}
	if got := a.NeutralName(); got != a.Name {
		t.Errorf("%q", got)
	}
	a.Sensitive = true
	if got := a.NeutralName(); strings.Contains(got, "epression") || got == "" {
		t.Errorf("a sensitive group is called %q", got)
	}
	if a.Venue.Line() != "The Loft, Luton, LU1 2EX" || a.Venue.Address() != "Luton, LU1 2EX" || (handrail.Venue{}).Line() != "" {
		t.Errorf("%q, %q", a.Venue.Line(), a.Venue.Address())
	}
}
