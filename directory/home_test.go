package directory

import (
	"testing"

	"handrail"
)

func TestHomely(t *testing.T) {
	for _, c := range []struct {
		name, text     string
		remote, visits bool
	}{
		{"Telephone befriending", "", true, false},
		{"Online choir", "", true, false},
		{"Craft chat on Zoom", "", true, false},
		{"Luton online group", "", true, false},
		{"Book club", "We meet online every second Monday.", true, false},
		{"Friends", "A weekly phone call from a volunteer.", true, false},
		{"Good neighbours", "Our volunteers visit you at home or take you out.", false, true},
		{"Home befriending", "", false, true},
		{"Library service", "Home visits can be arranged.", false, true},
		{"Tea dance", "Book online or by telephone.", false, false},
		{"Beginners IT - computing and online", "Doing things online.", false, false},
		{"Online safety", "", false, false},
		{"Bodypump", "Virtual class", false, false},
		{"Advice", "We do not offer home visits.", false, false},
		{"Advice", "Sorry, we are unable to do any home visits. We meet at the hall.", false, false},
		{"Tenancy support", "For people living in their own homes.", false, false},
		{"Walks", "We are not a helpline. We visit you at home.", false, true},
	} {
		remote, visits := homely(&handrail.Activity{Name: c.name, Description: c.text})
		if remote != c.remote || visits != c.visits {
			t.Errorf("%s, %s: remote %v, visits %v", c.name, c.text, remote, visits)
		}
	}
}
